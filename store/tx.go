package store

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"
)

// maxRetries is how often a transaction that lost against another is tried
// again.
const maxRetries = 3

// InTx runs fn in one writing transaction, and commits when it returns nil;
// else, and when it panics, nothing of it stays. fn may run up to four times
// (a deadlock or serialisation failure is tried again three times), so it must
// change nothing outside its transaction but variables that it sets anew. It
// must not call InTx itself: on SQLite it would wait for itself. It reads a
// query's rows to their end before its next statement: a connection of
// PostgreSQL does one thing at a time, and a prepared statement is one. Nor
// does it wait for another InTx to return: on SQLite those that queue are
// committed together (writer).
//
// Waiting for the writer ends with ctx. Errors come back translated
// (Translate): Conflict/Busy when the retries did not help.
func (db *DB) InTx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	var err error
	for try := range 1 + maxRetries {
		if try > 0 && !pause(ctx, try) {
			break
		}
		var tx transaction
		if tx, err = db.begin(ctx); err != nil {
			break // the wait for the writer was the attempt
		}
		if err = db.run(ctx, tx, fn); err == nil || !mayRetry(err) {
			break
		}
	}
	return Translate(err)
}

func (db *DB) run(ctx context.Context, tx transaction, fn func(tx *gorm.DB) error) error {
	defer func() { _ = tx.Rollback() }() // after a commit there is nothing to undo
	if err := fn(db.session(ctx, tx)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err // who asked is gone, and will be told nothing
	}
	return tx.Commit()
}

// pause waits a little before another attempt, longer each time and by chance,
// so that two who met do not meet again; false when ctx ended.
func pause(ctx context.Context, try int) bool {
	longest := 5 * time.Millisecond << (2 * try)
	t := time.NewTimer(longest/2 + rand.N(longest/2)) //nolint:gosec // no secret: a pause
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Read runs fn on one snapshot: what others commit meanwhile is not seen, and
// no writer is waited for. Writing in it fails. On SQLite the end of ctx is
// seen between statements; a long list is streamed from Reader. Errors come
// back translated.
func (db *DB) Read(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return Translate(db.read(ctx, fn))
}

func (db *DB) read(ctx context.Context, fn func(tx *gorm.DB) error) error {
	if db.snapshots != nil {
		return db.snapshots.read(ctx, func(t *readTx) error { return fn(db.session(ctx, t)) })
	}
	tx, err := db.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it only read
	return fn(db.session(ctx, tx))
}

// Reader is for single queries without a transaction: each sees the newest
// state. Writing through it fails. Errors are gorm's and the database's own:
// Translate them (First does).
func (db *DB) Reader(ctx context.Context) *gorm.DB {
	return db.gorm.WithContext(ctx)
}

// session is gorm on one transaction.
func (db *DB) session(ctx context.Context, pool gorm.ConnPool) *gorm.DB {
	s := db.gorm.WithContext(ctx)
	s.Statement.ConnPool = pool
	return s
}

type transaction interface {
	gorm.ConnPool
	gorm.TxCommitter
}

func (db *DB) begin(ctx context.Context) (transaction, error) {
	if db.writer != nil {
		t, err := db.writer.begin(ctx)
		if err != nil {
			return nil, err // never a nil *writeTx in the interface
		}
		return t, nil
	}
	return db.writers.BeginTx(ctx, nil)
}

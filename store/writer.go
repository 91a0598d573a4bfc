package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"time"
)

// busyStep is how long SQLite itself waits for another process's write; it
// cannot be interrupted there, so the wait is made of such steps.
const busyStep = 200 * time.Millisecond

// busyLimit is how long a transaction waits in all for another process's.
const busyLimit = 5 * time.Second

var errClosed = errors.New("store: the store is closed")

// writer is SQLite's one writing connection with its prepared statements. It
// keeps one *sql.Conn for life, because statements prepared within a sql.Tx
// end with it and those prepared on a pool of one would wait for themselves.
type writer struct {
	pool   *sql.DB
	token  chan struct{} // holds one token: who has it owns the fields below
	closed chan struct{}
	waits  atomic.Int64

	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func newWriter(pool *sql.DB) *writer {
	w := &writer{pool: pool, token: make(chan struct{}, 1), closed: make(chan struct{})}
	w.token <- struct{}{}
	return w
}

// begin waits for the connection and for SQLite's write lock, both as long as
// ctx allows.
func (w *writer) begin(ctx context.Context) (*writeTx, error) {
	select {
	case <-w.token:
	default:
		w.waits.Add(1)
		select {
		case <-w.token:
		case <-w.closed:
			return nil, errClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	t := &writeTx{w: w, ctx: context.WithoutCancel(ctx)}
	if err := w.beginHere(ctx, t.ctx); err != nil {
		w.token <- struct{}{}
		return nil, err
	}
	return t, nil
}

func (w *writer) beginHere(ctx, lasting context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.conn == nil {
		conn, err := w.pool.Conn(ctx)
		if err != nil {
			return err
		}
		w.conn, w.statements = conn, map[string]*sql.Stmt{}
	}
	err := w.run(lasting, beginStatement)
	if err == nil || !isBusy(err) {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, busyLimit)
	defer cancel()
	for isBusy(err) && waiting.Err() == nil {
		err = w.run(lasting, beginStatement)
	}
	if isBusy(err) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// The texts that frame a transaction; prepared like the rest.
const (
	beginStatement    = "BEGIN IMMEDIATE"
	commitStatement   = "COMMIT"
	rollbackStatement = "ROLLBACK"
)

func (w *writer) run(ctx context.Context, query string) error {
	s, err := w.prepare(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx)
	return err
}

func (w *writer) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := w.statements[query]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if len(w.statements) >= maxStatements {
		for text, old := range w.statements {
			if text != beginStatement && text != commitStatement && text != rollbackStatement {
				delete(w.statements, text)
				_ = old.Close()
				break
			}
		}
	}
	w.statements[query] = s
	return s, nil
}

// drop gives the connection up; the next transaction opens a new one.
func (w *writer) drop() {
	for _, s := range w.statements {
		_ = s.Close()
	}
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it
	w.conn, w.statements = nil, nil
}

// close waits for the transaction that runs, and lets none begin.
func (w *writer) close() error {
	<-w.token
	close(w.closed)
	if w.conn != nil {
		for _, s := range w.statements {
			_ = s.Close()
		}
		_ = w.conn.Close()
	}
	return w.pool.Close()
}

// writeTx is gorm's connection within a writing transaction on SQLite.
// Statements do not watch the context while they run (a goroutine each, for
// microseconds); it is looked at between them and before the commit.
type writeTx struct {
	w     *writer
	ctx   context.Context
	ended bool
}

var errEnded = errors.New("store: the transaction has ended")

func (t *writeTx) ready(ctx context.Context) error {
	if t.ended {
		return errEnded
	}
	return ctx.Err()
}

// PrepareContext is part of gorm's connection; the statement lives as long as
// its caller wants.
func (t *writeTx) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	return t.w.conn.PrepareContext(t.ctx, query)
}

func (t *writeTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	if !worthPreparing(query) {
		return t.w.conn.ExecContext(t.ctx, query, args...)
	}
	s, err := t.w.prepare(t.ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

func (t *writeTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	if !worthPreparing(query) {
		return t.w.conn.QueryContext(t.ctx, query, args...)
	}
	s, err := t.w.prepare(t.ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

func (t *writeTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if t.ready(ctx) == nil && worthPreparing(query) {
		if s, err := t.w.prepare(t.ctx, query); err == nil {
			return s.QueryRowContext(t.ctx, args...)
		}
	}
	if t.ended { // a Row carries its error; only a finished context makes one
		done, cancel := context.WithCancel(t.ctx)
		cancel()
		return t.w.pool.QueryRowContext(done, query, args...)
	}
	return t.w.conn.QueryRowContext(ctx, query, args...)
}

// Commit makes gorm see a transaction, so that a nested one is a savepoint.
func (t *writeTx) Commit() error {
	if t.ended {
		return errEnded
	}
	if err := t.w.run(t.ctx, commitStatement); err != nil {
		t.abandon()
		return err
	}
	t.ended = true
	t.w.token <- struct{}{}
	return nil
}

// Rollback undoes the transaction; once it has ended there is nothing to undo.
func (t *writeTx) Rollback() error {
	if !t.ended {
		t.abandon()
	}
	return nil
}

// abandon rolls back. SQLite may have done so itself (a full disk); a
// connection that cannot is not used again.
func (t *writeTx) abandon() {
	t.ended = true
	if err := t.w.run(t.ctx, rollbackStatement); err != nil {
		t.w.drop()
	}
	t.w.token <- struct{}{}
}

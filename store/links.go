package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// link is one connection to SQLite with the statements that were prepared on
// it. Who holds it is alone with it. Statements on it do not watch their
// context while they run (the driver and database/sql would each start a
// goroutine for it, twice the cost of finding a row): it is looked at before
// each, and while waiting for the link.
type link struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt // for gorm
	directs    map[string]direct    // for row, rows and exec
	count      *atomic.Int64        // statements that were run; the store's
	bound      []driver.NamedValue  // bind's
	found      []driver.Value       // room's
}

func (l *link) open(ctx context.Context, pool *sql.DB) error {
	if l.conn != nil {
		return nil
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	l.conn, l.statements, l.directs = conn, map[string]*sql.Stmt{}, map[string]direct{}
	return nil
}

func (l *link) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := l.statements[query]; s != nil {
		return s, nil
	}
	s, err := l.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	remember(l.statements, query, s)
	return s, nil
}

func (l *link) run(ctx context.Context, query string) error {
	_, err := l.exec(ctx, query, nil)
	return err
}

// drop gives the connection up; open makes a new one.
func (l *link) drop() {
	for _, s := range l.statements {
		_ = s.Close()
	}
	l.closeDirects()
	_ = l.conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it
	l.conn, l.statements = nil, nil
}

func (l *link) close() {
	if l.conn == nil {
		return
	}
	for _, s := range l.statements {
		_ = s.Close()
	}
	l.closeDirects()
	_ = l.conn.Close()
	l.conn, l.statements = nil, nil
}

// linkTx is gorm's connection within a transaction on a link.
type linkTx struct {
	link    *link
	lasting context.Context // without an end
	ended   bool
	undone  error // after it SQLite may have undone the whole transaction
}

// note remembers an error with which SQLite may end a transaction by itself;
// what came after it would be kept at once, each statement alone.
func (t *linkTx) note(err error) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY:
			t.undone = err
		}
	}
}

var errEnded = errors.New("store: the transaction has ended")

func (t *linkTx) ready(ctx context.Context) error {
	if t.ended {
		return errEnded
	}
	if t.undone != nil {
		return t.undone
	}
	return ctx.Err()
}

// PrepareContext is part of gorm's connection; the statement lives as long as
// its caller wants.
func (t *linkTx) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	return t.link.conn.PrepareContext(t.lasting, query)
}

// ExecContext is part of gorm's connection.
func (t *linkTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	t.link.count.Add(1)
	if !worthPreparing(query) {
		res, err := t.link.conn.ExecContext(t.lasting, query, args...)
		t.note(err)
		return res, err
	}
	s, err := t.link.prepare(t.lasting, query)
	if err != nil {
		return nil, err
	}
	res, err := s.ExecContext(t.lasting, args...)
	t.note(err)
	return res, err
}

// QueryContext is part of gorm's connection.
func (t *linkTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	t.link.count.Add(1)
	if !worthPreparing(query) {
		return t.link.conn.QueryContext(t.lasting, query, args...)
	}
	s, err := t.link.prepare(t.lasting, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(t.lasting, args...)
	t.note(err)
	return rows, err
}

// QueryRowContext is part of gorm's connection.
func (t *linkTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if t.ready(ctx) != nil {
		return refusing.QueryRowContext(ctx, query)
	}
	t.link.count.Add(1)
	if worthPreparing(query) {
		if s, err := t.link.prepare(t.lasting, query); err == nil {
			return s.QueryRowContext(t.lasting, args...)
		}
	}
	return t.link.conn.QueryRowContext(t.lasting, query, args...)
}

// refusing makes rows that are only an error: the context's, or errEnded.
var refusing = sql.OpenDB(refuser{})

type refuser struct{}

func (refuser) Connect(context.Context) (driver.Conn, error) { return nil, errEnded }
func (refuser) Driver() driver.Driver                        { return nil }

// directTx is a transaction with a way around database/sql.
type directTx interface {
	row(ctx context.Context, query string, args, to []any) error
	exec(ctx context.Context, query string, args []any) (driver.Result, error)
}

func (t *linkTx) row(ctx context.Context, query string, args, to []any) error {
	if err := t.ready(ctx); err != nil {
		return err
	}
	err := t.link.row(t.lasting, query, args, to)
	t.note(err)
	return err
}

func (t *linkTx) exec(ctx context.Context, query string, args []any) (driver.Result, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	result, err := t.link.exec(t.lasting, query, args)
	t.note(err)
	return result, err
}

// snapshots are SQLite's links for Read and Row.
type snapshots struct {
	pool    *sql.DB
	lasting context.Context // without an end
	free    chan *link
	closed  chan struct{}
	waits   atomic.Int64
}

func newSnapshots(lasting context.Context, pool *sql.DB, size int, count *atomic.Int64) *snapshots {
	s := &snapshots{pool: pool, lasting: lasting, free: make(chan *link, size), closed: make(chan struct{})}
	for range size {
		s.free <- &link{count: count}
	}
	return s
}

// take waits for a free link as long as ctx allows; give returns it.
func (s *snapshots) take(ctx context.Context) (*link, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var l *link
	select {
	case l = <-s.free:
	default:
		s.waits.Add(1)
		select {
		case l = <-s.free:
		case <-s.closed:
			return nil, errClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err := l.open(ctx, s.pool); err != nil {
		s.give(l)
		return nil, err
	}
	return l, nil
}

func (s *snapshots) give(l *link) { s.free <- l }

// read runs fn in a transaction of one link: what it reads first fixes the
// moment that it sees.
func (s *snapshots) read(ctx context.Context, fn func(*readTx) error) error {
	l, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer s.give(l)
	if err := l.run(s.lasting, snapshotStatement); err != nil {
		return err
	}
	t := &readTx{linkTx{link: l, lasting: s.lasting}}
	defer func() {
		t.ended = true
		if l.run(s.lasting, rollbackStatement) != nil { // it only read
			l.drop()
		}
	}()
	return fn(t)
}

// row reads one row.
func (s *snapshots) row(ctx context.Context, query string, args []any, to []any) error {
	l, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer s.give(l)
	return l.row(s.lasting, query, args, to)
}

// rows reads a short list.
func (s *snapshots) rows(ctx context.Context, query string, args []any, each func(Rows) error) error {
	l, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer s.give(l)
	return l.rows(s.lasting, query, args, each)
}

// close waits for the snapshots that are read, though not for ever: one may
// stream to somebody who has stopped reading.
func (s *snapshots) close() error {
	waiting, cancel := context.WithTimeout(s.lasting, busyLimit)
	defer cancel()
	for range cap(s.free) {
		select {
		case l := <-s.free:
			l.close()
		case <-waiting.Done():
		}
	}
	close(s.closed)
	return s.pool.Close()
}

// readTx is gorm's connection within a snapshot.
type readTx struct{ linkTx }

var errNotYours = errors.New("store: a snapshot ends when its function returns")

// Commit only makes gorm take a nested transaction as a savepoint.
func (*readTx) Commit() error { return errNotYours }

// Rollback is as Commit.
func (*readTx) Rollback() error { return errNotYours }

package store

import (
	"context"
	"database/sql"
	"io"
	"strings"
	"sync"
	"sync/atomic"
)

// maxStatements bounds the prepared statements of one pool, some kilobytes per
// connection each; lists of varying length (`IN (?, ?, …)`) make a text per
// length.
const maxStatements = 256

// worthPreparing tells a statement that comes again from one of a migration or
// a pragma.
func worthPreparing(query string) bool {
	verb, _, _ := strings.Cut(strings.TrimLeft(query, " \t\n("), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
		return true
	}
	return false
}

// remember keeps a statement under its text; when there are too many, another
// goes: any one, the hot ones come back.
func remember[S io.Closer](kept map[string]S, query string, s S) {
	if len(kept) >= maxStatements {
		for text, old := range kept {
			delete(kept, text)
			_ = old.Close()
			break
		}
	}
	kept[query] = s
}

// readPool is gorm's connection pool over SQLite's readers (Reader, Query),
// with each statement prepared once per connection.
type readPool struct {
	*sql.DB
	count      *atomic.Int64 // statements that were run
	mu         sync.RWMutex
	statements map[string]*sql.Stmt
}

func newReadPool(db *sql.DB, count *atomic.Int64) *readPool {
	return &readPool{DB: db, count: count, statements: map[string]*sql.Stmt{}}
}

// GetDBConn is for gorm's DB().
func (p *readPool) GetDBConn() (*sql.DB, error) { return p.DB, nil }

func (p *readPool) known(query string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.statements[query]
}

// prepare remembers query; nil when it is not worth it or fails, and then it
// is run as it is.
func (p *readPool) prepare(ctx context.Context, query string) *sql.Stmt {
	if s := p.known(query); s != nil || !worthPreparing(query) {
		return s
	}
	// ctx bounds the preparing only: the statement outlives the request that
	// brings it first.
	made, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.statements[query]; s != nil {
		_ = made.Close()
		return s
	}
	remember(p.statements, query, made)
	return made
}

func (p *readPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	p.count.Add(1)
	return p.DB.ExecContext(ctx, query, args...)
}

func (p *readPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	p.count.Add(1)
	if s := p.prepare(ctx, query); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, query, args...)
}

func (p *readPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	p.count.Add(1)
	if s := p.prepare(ctx, query); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}

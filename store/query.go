package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"
)

// QueryRow reads one row by SQL of one's own, prepared once and without gorm:
// for measured hot paths only. The SQL has ? for each value on both databases
// (and so no ? in a text). Scan's error is the database's own: Translate it;
// sql.ErrNoRows is NotFound/Missing there.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if db.prepared != nil {
		return db.prepared.QueryRowContext(ctx, query, args...)
	}
	return db.readers.QueryRowContext(ctx, db.numbered.of(query), args...)
}

// Query is as QueryRow, for several rows; the caller closes them.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if db.prepared != nil {
		return db.prepared.QueryContext(ctx, query, args...)
	}
	return db.readers.QueryContext(ctx, db.numbered.of(query), args...)
}

// numbered remembers PostgreSQL's form of a query ($1, $2, …). The queries are
// constants of the program, so it does not grow.
type numbered struct{ texts sync.Map }

func (n *numbered) of(query string) string {
	if text, ok := n.texts.Load(query); ok {
		return text.(string) //nolint:forcetypeassert // only strings are stored below
	}
	var b strings.Builder
	for i, part := range strings.Split(query, "?") {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	n.texts.Store(query, b.String())
	return b.String()
}

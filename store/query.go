package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// Row reads one row into to (pointers, as for sql.Row.Scan), by SQL of one's
// own, prepared once and without gorm: for measured hot paths only, and by a
// key, since on SQLite the end of ctx does not stop it once it runs. The SQL
// has ? for each value on both databases (and so no ? in a text). Errors come
// back translated: NotFound/Missing when there is no row.
func (db *DB) Row(ctx context.Context, query string, args []any, to ...any) error {
	if db.snapshots != nil {
		return Translate(db.snapshots.row(ctx, query, args, to))
	}
	return Translate(db.readers.QueryRowContext(ctx, db.numbered.of(query), args...).Scan(to...))
}

// Rows is Row for a short list: each is called once with the open rows. It is
// for lists that a key and a LIMIT keep short, for the reasons that Row gives.
func (db *DB) Rows(ctx context.Context, query string, args []any, each func(*sql.Rows) error) error {
	if db.snapshots != nil {
		return Translate(db.snapshots.rows(ctx, query, args, each))
	}
	rows, err := db.readers.QueryContext(ctx, db.numbered.of(query), args...)
	if err != nil {
		return Translate(err)
	}
	return Translate(eachOf(rows, each))
}

// eachOf closes the rows, whatever comes.
func eachOf(rows *sql.Rows, each func(*sql.Rows) error) error {
	defer func() { _ = rows.Close() }()
	if err := each(rows); err != nil {
		return err
	}
	return rows.Err()
}

// RowIn is Row in a transaction that InTx or Read has begun.
func RowIn(tx *gorm.DB, query string, args []any, to ...any) error {
	if tx.Name() == Postgres {
		query = texts.of(query)
	}
	return Translate(tx.Statement.ConnPool.QueryRowContext(tx.Statement.Context, query, args...).Scan(to...))
}

// texts are the queries of RowIn on PostgreSQL.
var texts numbered

// Query reads rows by SQL of one's own as Row does, and may be a long one: it
// ends with ctx. The caller closes the rows; errors are the database's own.
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
		return text.(string) // only strings are stored, below
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

package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"

	"gorm.io/gorm"

	"loket/store/fault"
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
func (db *DB) Rows(ctx context.Context, query string, args []any, each func(Rows) error) error {
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
func eachOf(rows *sql.Rows, each func(Rows) error) error {
	defer func() { _ = rows.Close() }()
	if err := each(rows); err != nil {
		return err
	}
	return rows.Err()
}

// RowIn is Row in a transaction that InTx or Read has begun.
func RowIn(tx *gorm.DB, query string, args []any, to ...any) error {
	pool, ctx := tx.Statement.ConnPool, tx.Statement.Context
	if t, ok := pool.(directTx); ok {
		return Translate(t.row(ctx, query, args, to))
	}
	if tx.Name() == Postgres {
		query = texts.of(query)
	}
	return Translate(pool.QueryRowContext(ctx, query, args...).Scan(to...))
}

// ExecIn runs a statement in a transaction that InTx has begun, in the way of
// Row, and tells how many rows it changed.
func ExecIn(tx *gorm.DB, query string, args ...any) (int64, error) {
	result, err := execIn(tx, query, args)
	if err != nil {
		return 0, Translate(err)
	}
	n, err := result.RowsAffected()
	return n, Translate(err)
}

// InsertIn is ExecIn for an INSERT of one row, without a RETURNING, into a
// table whose integer primary key the database gives: key is its name and the
// answer its value, 0 when nothing was inserted (ON CONFLICT DO NOTHING).
// SQLite keeps what RETURNING gives in a table of its own, made for each
// statement, which costs as much as the row.
func InsertIn(tx *gorm.DB, query, key string, args ...any) (int64, error) {
	if tx.Name() == Postgres {
		var id int64
		err := RowIn(tx, query+" RETURNING "+key, args, &id)
		if err != nil && fault.ReasonOf(err) == fault.Missing {
			err = nil
		}
		return id, err
	}
	result, err := execIn(tx, query, args)
	if err != nil {
		return 0, Translate(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return 0, Translate(err)
	}
	id, err := result.LastInsertId()
	return id, Translate(err)
}

func execIn(tx *gorm.DB, query string, args []any) (sql.Result, error) {
	pool, ctx := tx.Statement.ConnPool, tx.Statement.Context
	if t, ok := pool.(directTx); ok {
		return t.exec(ctx, query, args)
	}
	if tx.Name() == Postgres {
		query = texts.of(query)
	}
	return pool.ExecContext(ctx, query, args...)
}

// texts are the queries of RowIn and ExecIn on PostgreSQL.
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

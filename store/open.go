package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"
)

// Options say which database, and how.
type Options struct {
	Path    string       // SQLite: the file; its folder must be there
	URL     string       // PostgreSQL: postgres://user:password@host:port/name; wins over Path
	Sync    string       // SQLite: "full" (default; a commit survives power loss) or "normal" (may lose the last commits then)
	Readers int          // connections that read; 0 is twice the processors, at least 4
	Logger  *slog.Logger // nil is slog.Default()
}

// DB is an open store; it is safe for concurrent use.
type DB struct {
	dialect    string
	gorm       *gorm.DB // on the readers
	readers    *sql.DB
	snapshots  *snapshots // SQLite
	prepared   *readPool  // SQLite
	writer     *writer    // SQLite
	writers    *sql.DB    // PostgreSQL
	numbered   numbered   // PostgreSQL
	path       string     // SQLite
	statements atomic.Int64
	closing    sync.Once
	closed     error
}

// Open opens the store and looks at once whether it answers and, on SQLite,
// whether each setting took hold (a misspelt pragma does nothing, silently).
// It makes no tables: Migrate does.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Readers <= 0 {
		o.Readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	switch {
	case o.URL != "":
		return openPostgres(ctx, o)
	case o.Path != "":
		return openSQLite(ctx, o)
	}
	return nil, errors.New("store: neither a database file nor an address is given")
}

// open puts gorm on the readers.
func (db *DB) open(o Options, dialector gorm.Dialector) error {
	g, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,  // InTx is the transaction
		PrepareStmt:            false, // statements.go says why
		DisableAutomaticPing:   true,
		Logger:                 gormLog{log: o.Logger, slow: slow},
		NowFunc:                noTime,
	})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	db.gorm = g
	return nil
}

// Dialect is SQLite or Postgres.
func (db *DB) Dialect() string { return db.dialect }

// Ping tells whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	err := db.readers.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM loket_migrations LIMIT 1) AS one").Scan(&one)
	return Translate(err)
}

// Statements is how many statements were run since the store was opened, those
// that frame a transaction too.
func (db *DB) Statements() int64 { return db.statements.Load() }

// Stats are the connections' figures: "reader", "writer" and, on SQLite,
// "snapshot".
func (db *DB) Stats() map[string]sql.DBStats {
	stats := map[string]sql.DBStats{"reader": db.readers.Stats()}
	if db.writer == nil {
		stats["writer"] = db.writers.Stats()
		return stats
	}
	figures := func(size, free int, waits int64) sql.DBStats {
		return sql.DBStats{MaxOpenConnections: size, OpenConnections: size, InUse: size - free, Idle: free, WaitCount: waits}
	}
	stats["writer"] = figures(1, len(db.writer.token), db.writer.waits.Load())
	stats["snapshot"] = figures(cap(db.snapshots.free), len(db.snapshots.free), db.snapshots.waits.Load())
	return stats
}

// Close waits for the writing transaction that runs, then closes everything;
// closing again does nothing.
func (db *DB) Close() error {
	db.closing.Do(func() {
		if db.writer == nil {
			db.closed = errors.Join(db.readers.Close(), db.writers.Close())
			return
		}
		// The writer last: the last connection moves the log into the file.
		db.closed = errors.Join(db.snapshots.close(), db.readers.Close(), db.writer.close())
	})
	return db.closed
}

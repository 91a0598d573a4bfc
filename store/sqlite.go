package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gorm.io/driver/sqlite"
)

// setting is a pragma of the address, with the value that it must read as.
type setting struct{ pragma, value, reads string }

// openSQLite opens the file three times: one connection that writes, one pool
// that reads for Reader, whose connections gorm gives back when it likes, and
// one for snapshots, whose connections are held by a function.
func openSQLite(ctx context.Context, o Options) (*DB, error) {
	keepMapped()
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fmt.Errorf("store: the database file %s: %w", o.Path, err)
	}
	sync := map[string]setting{
		"": {"synchronous", "FULL", "2"}, "full": {"synchronous", "FULL", "2"}, "normal": {"synchronous", "NORMAL", "1"},
	}
	level, ok := sync[strings.ToLower(o.Sync)]
	if !ok {
		return nil, fmt.Errorf("store: sync is %q; it must be full or normal", o.Sync)
	}
	// Made here, for the owner alone: it holds people's data. The files beside
	// it get the same rights from SQLite.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: the database file cannot be opened: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("store: the database file cannot be opened: %w", err)
	}
	writing := []setting{
		{"busy_timeout", strconv.FormatInt(busyStep.Milliseconds(), 10), ""},
		{"journal_mode", "WAL", "wal"},
		{"foreign_keys", "1", ""},
		level,
		{"journal_size_limit", "67108864", ""}, // the log shrinks again after a burst
		// A statement that can fail half-way (a foreign key) keeps what it needs to
		// undo itself in pieces of 1 kB, not of 64 kB that are mapped anew each time.
		{"temp_store", "2", ""},
	}
	reading := []setting{{"busy_timeout", "5000", ""}, {"query_only", "1", ""}, {"foreign_keys", "1", ""}}

	write, err := openPool(ctx, path, "_txlock=immediate", writing, 1)
	if err != nil {
		return nil, err
	}
	read, err := openPool(ctx, path, "", reading, o.Readers)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	snapshot, err := openPool(ctx, path, "", reading, o.Readers)
	if err != nil {
		return nil, errors.Join(err, read.Close(), write.Close())
	}
	lasting := context.WithoutCancel(ctx)
	db := &DB{dialect: SQLite, path: path, readers: read}
	db.prepared = newReadPool(read, &db.statements)
	db.snapshots = newSnapshots(lasting, snapshot, o.Readers, &db.statements)
	db.writer = newWriter(lasting, write, &db.statements)
	if err := db.open(o, sqliteDialector{sqlite.Dialector{DriverName: "sqlite", Conn: db.prepared}}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func sqliteAddress(path, lock string, settings []setting) string {
	parts := make([]string, 0, len(settings)+1)
	if lock != "" {
		parts = append(parts, lock)
	}
	for _, s := range settings {
		parts = append(parts, "_pragma="+s.pragma+"("+s.value+")")
	}
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + strings.Join(parts, "&")
}

func openPool(ctx context.Context, path, lock string, settings []setting, size int) (*sql.DB, error) {
	pool, err := sql.Open("sqlite", sqliteAddress(path, lock, settings))
	if err != nil {
		return nil, fmt.Errorf("store: the database file %s: %w", path, err)
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	if err := readBack(ctx, pool, settings); err != nil {
		return nil, errors.Join(fmt.Errorf("store: the database file %s: %w", path, err), pool.Close())
	}
	return pool, nil
}

// readBack asks each setting of a connection. Another program that starts at
// the same time holds the file for a moment (changing it to the write-ahead
// log does not wait by SQLite's own timeout), so it is tried again.
func readBack(ctx context.Context, pool *sql.DB, settings []setting) error {
	waiting, cancel := context.WithTimeout(ctx, busyLimit)
	defer cancel()
	for try := 1; ; try++ {
		err := readSettings(ctx, pool, settings)
		if !isBusy(err) || waiting.Err() != nil || !pause(waiting, min(try, 3)) {
			return err
		}
	}
}

func readSettings(ctx context.Context, pool *sql.DB, settings []setting) error {
	for _, s := range settings {
		want := s.reads
		if want == "" {
			want = s.value
		}
		var got string
		if err := pool.QueryRowContext(ctx, "PRAGMA "+s.pragma).Scan(&got); err != nil {
			return fmt.Errorf("read %s back: %w", s.pragma, err)
		}
		if got != want {
			return fmt.Errorf("%s is %s and cannot be set to %s here (is the file on a network share?)", s.pragma, got, want)
		}
	}
	return nil
}

// noTime stands for gorm's clock: rows get their times from the use case's.
func noTime() time.Time { return time.Time{} }

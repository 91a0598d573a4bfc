package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the database to a new file while others
// read and write; the copy is a whole SQLite database to put in the place of
// the old one. A file that is there already is refused, and nothing
// half-written stays. PostgreSQL has its own program for this.
func (db *DB) Backup(ctx context.Context, path string) error {
	if db.dialect == Postgres {
		return errors.New("store: a PostgreSQL database is backed up with pg_dump (pg_dump --format=custom --file=FILE ADDRESS), restored with pg_restore")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("store: the backup %s: %w", path, err)
	}
	// The empty file is taken by SQLite, and is the owner's alone.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("store: %s is there already; a backup overwrites nothing", path)
	}
	if err != nil {
		return fmt.Errorf("store: the backup cannot be written: %w", err)
	}
	if err := errors.Join(db.vacuumInto(ctx, path), f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("store: the backup %s: %w", path, err), os.Remove(path))
	}
	return syncFolder(filepath.Dir(path))
}

// vacuumInto uses a connection of its own: the readers may not write at all,
// and the writer must not wait for a long copy.
func (db *DB) vacuumInto(ctx context.Context, path string) error {
	pool, err := sql.Open("sqlite", sqliteAddress(db.path, "", []setting{{"busy_timeout", "5000", ""}}))
	if err != nil {
		return err
	}
	_, err = pool.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(err, pool.Close())
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("store: the folder of the backup: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("store: the folder of the backup: %w", err)
	}
	return nil
}

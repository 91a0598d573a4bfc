package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"loket/store/fault"
)

// Migration is one step of the store's form. Up runs once, in the transaction
// of all steps; it holds frozen structs (CreateTables) or SQL, so that what it
// does never changes.
type Migration struct {
	ID string // "<room>-<four digits>", as "capo-0001"
	Up func(tx *gorm.DB) error
}

// ErrNewer is in the error of Migrate when the store was made by a newer
// program.
var ErrNewer = errors.New("the store is newer than this program")

type migrationRow struct {
	ID        string `gorm:"primaryKey"`
	AppliedAt Time   `gorm:"not null"`
}

func (migrationRow) TableName() string { return "loket_migrations" }

// migrationLock is the key of PostgreSQL's advisory lock ("loket" in ASCII).
const migrationLock = 0x6c6f6b6574

// Migrate brings the store to the form that this program needs: the steps that
// were not yet applied, in the given order, all in one transaction under a
// lock, so that of two programs that start at once one does it and the other
// finds it done, and a step that fails leaves nothing. A store with a step
// that this program does not know is refused (ErrNewer).
//
// These lines stand here instead of gormigrate: it offers the one transaction
// and a check for unknown steps, but no lock, so that two instances would both
// run the steps, and no time of each; with those around it, it would do nothing.
func (db *DB) Migrate(ctx context.Context, ms []Migration) error {
	known := make(map[string]bool, len(ms))
	for _, m := range ms {
		if m.ID == "" || known[m.ID] {
			return fmt.Errorf("store: migration %q stands twice or has no name", m.ID)
		}
		known[m.ID] = true
	}
	// Most starts find nothing to do, and then need not wait for a writer.
	var applied map[string]bool
	err := db.Read(ctx, func(tx *gorm.DB) (err error) {
		applied, err = appliedMigrations(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("store: read the applied migrations: %w", err)
	}
	if len(applied) >= len(ms) && refuseNewer(applied, known) == nil {
		return nil
	}
	// Another program may take longer over its steps than a write may wait.
	for range migrationWaits {
		err = db.InTx(ctx, func(tx *gorm.DB) error { return db.migrate(tx, ms, known) })
		if fault.ReasonOf(err) != fault.Busy {
			break
		}
	}
	return err
}

// migrationWaits is how often a start waits busyLimit for another program's
// migrations: five minutes.
const migrationWaits = 60

func (db *DB) migrate(tx *gorm.DB, ms []Migration, known map[string]bool) error {
	if db.dialect == Postgres {
		if err := tx.Exec("SET LOCAL lock_timeout = '5min'").Error; err != nil {
			return fmt.Errorf("store: lock for migrations: %w", err)
		}
		if err := tx.Exec("SELECT pg_advisory_xact_lock(?)", int64(migrationLock)).Error; err != nil {
			return fmt.Errorf("store: lock for migrations: %w", err)
		}
	}
	if !tx.Migrator().HasTable(&migrationRow{}) {
		if err := CreateTables(tx, &migrationRow{}); err != nil {
			return err
		}
	}
	applied, err := appliedMigrations(tx)
	if err != nil {
		return fmt.Errorf("store: read the applied migrations: %w", err)
	}
	if err := refuseNewer(applied, known); err != nil {
		return err
	}
	record := "INSERT INTO loket_migrations (id, applied_at) VALUES (?, strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')"
	if db.dialect == Postgres {
		record = "INSERT INTO loket_migrations (id, applied_at) VALUES (?, now())"
	}
	for _, m := range ms {
		if applied[m.ID] {
			continue
		}
		if err := m.Up(tx); err != nil {
			return fmt.Errorf("store: migration %s: %w", m.ID, err)
		}
		if err := tx.Exec(record, m.ID).Error; err != nil {
			return fmt.Errorf("store: record migration %s: %w", m.ID, err)
		}
	}
	return nil
}

func appliedMigrations(tx *gorm.DB) (map[string]bool, error) {
	if !tx.Migrator().HasTable(&migrationRow{}) {
		return map[string]bool{}, nil
	}
	var ids []string
	if err := tx.Model(&migrationRow{}).Order("id").Pluck("id", &ids).Error; err != nil {
		return nil, err
	}
	applied := make(map[string]bool, len(ids))
	for _, id := range ids {
		applied[id] = true
	}
	return applied, nil
}

func refuseNewer(applied, known map[string]bool) error {
	for id := range applied {
		if !known[id] {
			return fmt.Errorf("%w: it holds the migration %q; run the newer program, or restore a backup of before its upgrade", ErrNewer, id)
		}
	}
	return nil
}

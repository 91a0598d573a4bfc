package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/storetest"
)

func TestMigrateOnceAndTogether(t *testing.T) {
	o := storetest.Options(t)
	var lock sync.Mutex
	runs := 0
	ms := []store.Migration{
		{ID: "test-0001", Up: func(tx *gorm.DB) error {
			lock.Lock()
			defer lock.Unlock()
			runs++
			return store.CreateTables(tx, &account{})
		}},
		{ID: "other-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, &booking{}) }},
	}
	err := errors.Join(together(4, func(int) error {
		db, err := store.Open(t.Context(), o)
		if err != nil {
			return err
		}
		return errors.Join(db.Migrate(t.Context(), ms), db.Close())
	})...)
	if err != nil {
		t.Fatal(err)
	}
	if runs != 1 {
		t.Errorf("the step ran %d times", runs)
	}
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	var applied struct {
		ID        string
		AppliedAt store.Time
	}
	if err := db.Reader(t.Context()).Table("loket_migrations").Where("id = ?", "other-0001").Take(&applied).Error; err != nil {
		t.Fatal(err)
	}
	if age := time.Since(applied.AppliedAt.Time); age < -time.Minute || age > time.Minute {
		t.Errorf("applied %v ago", age)
	}
}

func TestMigrateRefusesANewerStore(t *testing.T) {
	db := storetest.Open(t, migrations(), []store.Migration{{ID: "test-0002", Up: func(*gorm.DB) error { return nil }}})
	err := db.Migrate(t.Context(), migrations())
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "test-0002") {
		t.Errorf("Migrate = %v, want %v with the step's name", err, store.ErrNewer)
	}
	// Also when this program has steps that the store does not know.
	err = db.Migrate(t.Context(), append(migrations(), store.Migration{ID: "test-0003", Up: func(*gorm.DB) error { return nil }}))
	if !errors.Is(err, store.ErrNewer) {
		t.Errorf("Migrate = %v, want %v", err, store.ErrNewer)
	}
}

func TestAFailedMigrationLeavesNothing(t *testing.T) {
	db := storetest.Open(t)
	ms := migrations()
	bad := append(migrations(), store.Migration{ID: "test-0002", Up: func(*gorm.DB) error { return errors.New("no") }})
	if err := db.Migrate(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "test-0002") {
		t.Errorf("Migrate = %v, want the step's name", err)
	}
	if db.Reader(t.Context()).Migrator().HasTable(&account{}) {
		t.Error("the first step stayed")
	}
	if err := db.Migrate(t.Context(), ms); err != nil {
		t.Errorf("Migrate after a failure: %v", err)
	}
	if err := db.Migrate(t.Context(), append(ms, ms...)); err == nil {
		t.Error("a step that stands twice is taken")
	}
}

func TestCreateTablesRefusesGoTimes(t *testing.T) {
	type bad struct {
		ID string `gorm:"primaryKey"`
		At time.Time
	}
	db := storetest.Open(t)
	err := db.InTx(t.Context(), func(tx *gorm.DB) error { return store.CreateTables(tx, &bad{}) })
	if err == nil || !strings.Contains(err.Error(), "At") {
		t.Errorf("CreateTables = %v, want the field's name", err)
	}
}

func TestCreateTablesMakesDefaultsAndChecks(t *testing.T) {
	type stage struct {
		ID    string `gorm:"primaryKey;size:24"`
		State string `gorm:"type:text;not null;default:new;check:state <> ''"`
		Tries int    `gorm:"not null;default:3"`
		Open  bool   `gorm:"not null;default:true"`
	}
	db := storetest.Open(t)
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if err := store.CreateTables(tx, &stage{}); err != nil {
			return err
		}
		return tx.Exec("INSERT INTO stages (id) VALUES ('a')").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	row, err := store.First[stage](db.Reader(t.Context()), "id = ?", "a")
	if err != nil || *row != (stage{"a", "new", 3, true}) {
		t.Errorf("row %+v, %v", row, err)
	}
	if err := db.InTx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("UPDATE stages SET state = ''").Error }); err == nil {
		t.Error("the check is not there")
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]store.Options{
		"neither":       {},
		"no folder":     {Path: filepath.Join(dir, "none", "loket.db")},
		"a folder":      {Path: dir},
		"no database":   {Path: filepath.Join(dir, "text")},
		"a wrong sync":  {Path: filepath.Join(dir, "loket.db"), Sync: "fast"},
		"no address":    {URL: "postgres://user:geheim@host:port/name"},
		"nobody there":  {URL: "postgres://user:geheim@127.0.0.1:1/name?connect_timeout=2"},
		"no such field": {URL: "postgres://user:geheim@127.0.0.1:1/name?sslmode=perhaps"},
	} {
		db, err := store.Open(t.Context(), o)
		if err == nil {
			t.Errorf("%s: opened", name)
			_ = db.Close()
			continue
		}
		if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error shows the password or is longer than a line: %v", name, err)
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	// The path is part of an address; its signs must not be taken for one's.
	path := filepath.Join(t.TempDir(), "a b?c#d%41.db")
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want its owner's alone", info, err)
	}
	if db.Dialect() != store.SQLite {
		t.Errorf("dialect %s", db.Dialect())
	}
	err = db.InTx(t.Context(), func(tx *gorm.DB) error {
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
			var got string
			if err := tx.Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil || got != want {
				t.Errorf("%s is %q, %v; want %s", pragma, got, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBackupWhileWriting(t *testing.T) {
	o := storetest.Options(t, migrations())
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	target := filepath.Join(t.TempDir(), "copy.db")
	if db.Dialect() == store.Postgres {
		if err := db.Backup(t.Context(), target); err == nil || !strings.Contains(err.Error(), "pg_dump") {
			t.Errorf("Backup = %v, want it to name pg_dump", err)
		}
		return
	}
	// Each transaction writes a row and its booking: a copy has both or neither.
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	wrote, enough := 0, make(chan struct{})
	group.Go(func() {
		for ctx.Err() == nil {
			id := time.Now().Format(time.RFC3339Nano)
			err := db.InTx(ctx, func(tx *gorm.DB) error {
				if err := tx.Create(&account{ID: id, Name: id, Made: store.At(at)}).Error; err != nil {
					return err
				}
				return tx.Create(&booking{Account: id, Amount: 1}).Error
			})
			if err != nil && ctx.Err() == nil {
				t.Errorf("write beside a backup: %v", err)
				return
			}
			if wrote++; wrote == 50 {
				close(enough)
			}
		}
	})
	<-enough
	if err := db.Backup(t.Context(), target); err != nil {
		t.Errorf("Backup: %v", err)
	}
	stop()
	group.Wait()
	if err := db.Backup(t.Context(), target); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("Backup onto a file = %v, want a refusal", err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v, %v; want its owner's alone", info, err)
	}
	restored, err := store.Open(t.Context(), store.Options{Path: target})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = restored.Close() }()
	if err := restored.Migrate(t.Context(), migrations()); err != nil {
		t.Errorf("the copy's migrations: %v", err)
	}
	var accounts, bookings int64
	err = restored.Read(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(tx.Model(&account{}).Count(&accounts).Error, tx.Model(&booking{}).Count(&bookings).Error)
	})
	if err != nil || accounts < 50 || accounts != bookings {
		t.Errorf("the copy has %d rows and %d bookings, %v", accounts, bookings, err)
	}
	insert(t, restored, &account{ID: "new", Name: "new", Made: store.At(at)})
}

func TestAFailedBackupLeavesNothing(t *testing.T) {
	db := storetest.Open(t, migrations())
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(ctx, filepath.Join(dir, "copy.db")); err == nil {
		t.Error("Backup of an ended context succeeds")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v stays, %v", left, err)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	o := storetest.Options(t, migrations())
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if s := db.Stats(); s["reader"].MaxOpenConnections != 4 || s["writer"].MaxOpenConnections < 1 {
		t.Errorf("stats %+v", s)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.InTx(t.Context(), func(*gorm.DB) error { return nil }); err == nil {
		t.Error("InTx after Close succeeds")
	}
	if err := db.Reader(t.Context()).Take(&account{}).Error; err == nil {
		t.Error("Reader after Close succeeds")
	}
	if err := db.Ping(t.Context()); err == nil {
		t.Error("Ping after Close succeeds")
	}
}

// Values are people's data and tokens' hashes: they stay out of the log.
func TestLogHasNoValues(t *testing.T) {
	var log bytes.Buffer
	db := storetest.Open(t, migrations())
	db.LogSlow(slog.New(slog.NewTextHandler(&log, nil)), 0)
	insert(t, db, &account{ID: "a", Name: "geheim", Made: store.At(at)})
	_ = db.InTx(t.Context(), func(tx *gorm.DB) error {
		return tx.Create(&account{ID: "b", Name: "geheim", Made: store.At(at)}).Error
	})
	_, _ = store.First[account](db.Reader(t.Context()), "name = ?", "geheim")
	var ids []string
	if err := db.Reader(t.Context()).Raw("SELECT id FROM account WHERE name = ?", "geheim").Scan(&ids).Error; err != nil {
		t.Fatal(err)
	}
	got := log.String()
	if strings.Contains(got, "geheim") || strings.Count(got, "slow statement") != 4 {
		t.Errorf("the log is %s; want four statements without their values", got)
	}
}

// A connection whose transaction is gone (SQLite undoes one itself on a full
// disk) is replaced, not used on.
func TestABrokenTransaction(t *testing.T) {
	db := storetest.Open(t, migrations())
	if db.Dialect() == store.Postgres {
		return // database/sql sees to it
	}
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Create(&account{ID: "a", Name: "A", Made: store.At(at)}).Error; err != nil {
			return err
		}
		return tx.Exec("ROLLBACK").Error
	})
	if err == nil {
		t.Error("a transaction that was undone counts as committed")
	}
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	if n := db.Stats()["writer"].InUse; n != 0 {
		t.Errorf("%d writers in use", n)
	}
}

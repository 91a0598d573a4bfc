// Package storetest opens real databases for tests: SQLite by default, a copy
// of one migrated file per test; PostgreSQL when LOKET_TEST_POSTGRES holds the
// address of a server where databases may be made (`scripts/services.sh`
// starts one), a database per test. Only tests import it.
package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"loket/store"
)

// Open gives a migrated, empty store that is closed and removed after the
// test. Each ms is a room's Migrations().
func Open(t testing.TB, ms ...[]store.Migration) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), Options(t, ms...))
	if err != nil {
		t.Fatalf("open the test's store: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the test's store: %v", err)
		}
	})
	return db
}

// Options make a migrated, empty database of the test's own, removed after it,
// and say how to open it: once, twice for two programs on one database, or by
// a program that the test starts.
func Options(t testing.TB, ms ...[]store.Migration) store.Options {
	t.Helper()
	all := slices.Concat(ms...)
	o := store.Options{Sync: "normal", Readers: 4, Logger: slog.New(slog.DiscardHandler)}
	if server := os.Getenv("LOKET_TEST_POSTGRES"); server != "" {
		o.URL = postgresDatabase(t, server, all)
		return o
	}
	o.Path = filepath.Join(t.TempDir(), "loket.db")
	if err := os.WriteFile(o.Path, sqliteTemplate(t, all), 0o600); err != nil {
		t.Fatalf("copy the migrated file: %v", err)
	}
	return o
}

// key tells sets of migrations apart.
func key(ms []store.Migration) string {
	h := sha256.New()
	for _, m := range ms {
		h.Write([]byte(m.ID + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

var (
	templatesLock sync.Mutex
	templates     = map[string][]byte{} // migrated files, by key
)

// sqliteTemplate is the file after the migrations; made once per test program.
func sqliteTemplate(t testing.TB, ms []store.Migration) []byte {
	t.Helper()
	templatesLock.Lock()
	defer templatesLock.Unlock()
	k := key(ms)
	if file, made := templates[k]; made {
		return file
	}
	o := store.Options{Path: filepath.Join(t.TempDir(), "template.db"), Sync: "normal", Readers: 1, Logger: slog.New(slog.DiscardHandler)}
	migrate(t, o, ms)
	file, err := os.ReadFile(o.Path) // closing moved the log into it
	if err != nil {
		t.Fatalf("read the migrated file: %v", err)
	}
	templates[k] = file
	return file
}

func migrate(t testing.TB, o store.Options, ms []store.Migration) {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the template: %v", err)
	}
	if err := db.Migrate(t.Context(), ms); err != nil {
		_ = db.Close()
		t.Fatalf("migrate the template: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatalf("close the template: %v", err)
	}
}

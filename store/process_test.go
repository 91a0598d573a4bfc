package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/storetest"
)

// childPath and childURL make the test program a second process that writes
// into the named database and ends.
const (
	childPath = "LOKET_STORE_TEST_PATH"
	childURL  = "LOKET_STORE_TEST_URL"
)

func TestMain(m *testing.M) {
	o := store.Options{Path: os.Getenv(childPath), URL: os.Getenv(childURL), Readers: 2, Logger: slog.New(slog.DiscardHandler)}
	if o.Path == "" && o.URL == "" {
		os.Exit(m.Run())
	}
	if err := addHundred(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func addHundred(ctx context.Context, o store.Options) error {
	db, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx, migrations()); err != nil {
		return err
	}
	for range 100 {
		err := db.InTx(ctx, func(tx *gorm.DB) error {
			row, err := store.First[account](store.Lock(tx), "id = ?", "a")
			if err != nil {
				return err
			}
			row.Balance++
			return store.Update(tx, row)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Commands write beside a running server.
func TestThreeProcesses(t *testing.T) {
	o := storetest.Options(t, migrations())
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range together(3, func(i int) error {
		if i == 0 {
			return addHundred(t.Context(), o)
		}
		child := exec.CommandContext(t.Context(), program)
		child.Env = append(os.Environ(), childPath+"="+o.Path, childURL+"="+o.URL)
		if out, err := child.CombinedOutput(); err != nil {
			return fmt.Errorf("the other process: %w: %s", err, out)
		}
		return nil
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if row, err := store.First[account](db.Reader(t.Context()), "id = ?", "a"); err != nil || row.Balance != 300 {
		t.Errorf("row %+v, %v; want 300 of three processes", row, err)
	}
}

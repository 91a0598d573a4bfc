package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
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
	// childEndless makes it write until it is killed.
	childEndless = "LOKET_STORE_TEST_ENDLESS"
)

func TestMain(m *testing.M) {
	o := store.Options{Path: os.Getenv(childPath), URL: os.Getenv(childURL), Readers: 2, Logger: slog.New(slog.DiscardHandler)}
	if o.Path == "" && o.URL == "" {
		os.Exit(m.Run())
	}
	work := addHundred
	if os.Getenv(childEndless) != "" {
		work = writeEndlessly
	}
	if err := work(context.Background(), o); err != nil {
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

// writeEndlessly has eight writers at once, who print the id of each row once
// they were told that it is kept.
func writeEndlessly(ctx context.Context, o store.Options) error {
	o.Sync = "full"
	db, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(together(8, func(i int) error {
		for n := 0; ; n++ {
			id := fmt.Sprintf("%d-%06d", i, n)
			err := db.InTx(ctx, func(tx *gorm.DB) error {
				if err := tx.Create(&account{ID: id, Name: id, Made: store.At(at)}).Error; err != nil {
					return err
				}
				return tx.Create(&booking{Account: id, Amount: 1}).Error
			})
			if err != nil {
				return err
			}
			if _, err := os.Stdout.WriteString(id + "\n"); err != nil {
				return err
			}
		}
	})...)
}

// What was answered is kept, and nothing by halves, however the process ends.
func TestKilledWhileWriting(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, lines := range []int{1, 10, 100, 250, 777} {
		o := storetest.Options(t, migrations())
		child := exec.CommandContext(t.Context(), program)
		child.Env = append(os.Environ(), childPath+"="+o.Path, childURL+"="+o.URL, childEndless+"=1")
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		var told []string
		for scan := bufio.NewScanner(out); scan.Scan(); {
			if len(scan.Text()) == len("0-000000") { // the last may be cut off
				told = append(told, scan.Text())
			}
			if len(told) == lines {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // killed
		if len(told) < lines {
			t.Fatalf("the process ended after %d rows", len(told))
		}
		checkKept(t, o, told)
	}
}

func checkKept(t *testing.T, o store.Options, told []string) {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var kept, booked []string
	err = db.Read(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(tx.Model(&account{}).Order("id").Pluck("id", &kept).Error, tx.Model(&booking{}).Order("account").Pluck("account", &booked).Error)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(kept, booked) {
		t.Errorf("%d rows and %d bookings: one was kept by halves", len(kept), len(booked))
	}
	for _, id := range told {
		if _, found := slices.BinarySearch(kept, id); !found {
			t.Errorf("%s was told and is not kept", id)
		}
	}
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

package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/storetest"
)

// queue runs first in a transaction, and while it runs lets the others queue
// behind it; it gives all errors, first's first. Who waits is counted just
// before it stands in the queue, so seldom one comes late, into another group:
// the tests below hold then too.
func queue(t *testing.T, db *store.DB, first func(tx *gorm.DB) error, others ...func(tx *gorm.DB) error) []error {
	t.Helper()
	waiting := func() int { return int(db.Stats()["writer"].WaitCount) }
	before := waiting()
	outcome := make([]chan error, len(others))
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		for i, fn := range others {
			outcome[i] = make(chan error, 1)
			go func() {
				defer func() {
					if p := recover(); p != nil {
						outcome[i] <- fmt.Errorf("panic: %v", p)
					}
				}()
				outcome[i] <- db.InTx(t.Context(), fn)
			}()
			for waiting() < before+i+1 {
				runtime.Gosched()
			}
		}
		return first(tx)
	})
	errs := []error{err}
	for _, o := range outcome {
		errs = append(errs, <-o)
	}
	return errs
}

func add(id string) func(tx *gorm.DB) error {
	return func(tx *gorm.DB) error {
		return tx.Create(&account{ID: id, Name: id, Made: store.At(at)}).Error
	}
}

func wantIDs(t *testing.T, db *store.DB, want ...string) {
	t.Helper()
	var ids []string
	if err := db.Reader(t.Context()).Model(&account{}).Order("id").Pluck("id", &ids).Error; err != nil || fmt.Sprint(ids) != fmt.Sprint(want) {
		t.Errorf("rows %q, %v; want %q", ids, err, want)
	}
}

// openGroups opens SQLite; PostgreSQL groups its commits itself.
func openGroups(t *testing.T) (*store.DB, bool) {
	t.Helper()
	db := storetest.Open(t, migrations())
	return db, db.Dialect() == store.SQLite
}

func TestThoseWhoQueueShareACommit(t *testing.T) {
	db, ok := openGroups(t)
	if !ok {
		return
	}
	const rounds = 20
	var want []string
	before := db.Commits()
	for i := range rounds {
		ids := []string{fmt.Sprintf("%02da", i), fmt.Sprintf("%02db", i), fmt.Sprintf("%02dc", i), fmt.Sprintf("%02dd", i)}
		if err := errors.Join(queue(t, db, add(ids[0]), add(ids[1]), add(ids[2]), add(ids[3]))...); err != nil {
			t.Fatal(err)
		}
		want = append(want, ids...)
	}
	if n := db.Commits() - before; n > 2*rounds {
		t.Errorf("%d commits for %d times four", n, rounds)
	}
	wantIDs(t, db, want...)
}

func TestOneOfAGroupFails(t *testing.T) {
	db, ok := openGroups(t)
	if !ok {
		return
	}
	no := errors.New("no")
	errs := queue(t, db, add("a"),
		func(tx *gorm.DB) error { return errors.Join(add("b")(tx), no) },
		add("c"),
		func(tx *gorm.DB) error { _ = add("d")(tx); panic("no") },
		func(tx *gorm.DB) error { // fails within, and goes on
			if err := tx.Transaction(add("a")); err == nil {
				t.Error("a second a")
			}
			return add("e")(tx)
		},
		add("a"),
	)
	wantFault(t, errs[6-1], fault.Conflict, fault.Duplicate)
	if errs[0] != nil || !errors.Is(errs[1], no) || errs[2] != nil || errs[3] == nil || errs[4] != nil {
		t.Errorf("errors %q", errs)
	}
	wantIDs(t, db, "a", "c", "e")
}

func TestTheFirstOfAGroupFails(t *testing.T) {
	db, ok := openGroups(t)
	if !ok {
		return
	}
	no := errors.New("no")
	errs := queue(t, db, func(tx *gorm.DB) error { return errors.Join(add("a")(tx), no) }, add("b"), add("c"))
	if !errors.Is(errs[0], no) || errs[1] != nil || errs[2] != nil {
		t.Errorf("errors %q", errs)
	}
	wantIDs(t, db, "b", "c")
}

// When SQLite undoes the whole transaction (a full disk), nobody of the group
// may be told that it succeeded.
func TestAGroupThatIsUndone(t *testing.T) {
	db, ok := openGroups(t)
	if !ok {
		return
	}
	undone := 0
	for i := range 20 {
		a, b, c := fmt.Sprintf("%02da", i), fmt.Sprintf("%02db", i), fmt.Sprintf("%02dc", i)
		undo := func(tx *gorm.DB) error { return errors.Join(add(c)(tx), tx.Exec("ROLLBACK").Error) }
		for n, err := range queue(t, db, add(a), add(b), undo) {
			_, missing := store.First[account](db.Reader(t.Context()), "id = ?", []string{a, b, c}[n])
			if (err == nil) != (missing == nil) {
				t.Errorf("told %v, and reading gives %v", err, missing)
			}
			if err != nil {
				wantFault(t, err, fault.Unavailable, fault.StoreUnavailable)
				undone++
			}
		}
	}
	if undone <= 20 {
		t.Errorf("%d failed: no group was undone", undone)
	}
	insert(t, db, &account{ID: "d", Name: "d", Made: store.At(at)})
}

func TestWhoGivesUpWaitingHoldsNobodyUp(t *testing.T) {
	db, ok := openGroups(t)
	if !ok {
		return
	}
	gone := make(chan error, 1)
	errs := queue(t, db, func(tx *gorm.DB) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		go func() { gone <- db.InTx(ctx, add("gone")) }()
		if err := <-gone; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who gave up got %v", err)
		}
		return add("a")(tx)
	}, add("b"))
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	wantIDs(t, db, "a", "b")
}

func TestAGroupIsBounded(t *testing.T) {
	db, ok := openGroups(t)
	if !ok {
		return
	}
	before := db.Commits()
	err := errors.Join(together(500, func(i int) error { return db.InTx(t.Context(), add(fmt.Sprintf("%03d", i))) })...)
	if err != nil {
		t.Fatal(err)
	}
	if n := db.Commits() - before; n < 500/64 || n > 500 {
		t.Errorf("%d commits for 500", n)
	}
	var n int64
	if err := db.Reader(t.Context()).Model(&account{}).Count(&n).Error; err != nil || n != 500 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestCloseCommitsWhatHasFinished(t *testing.T) {
	o := storetest.Options(t, migrations())
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if db.Dialect() != store.SQLite {
		_ = db.Close()
		return
	}
	closed := make(chan error, 1)
	errs := queue(t, db, func(tx *gorm.DB) error {
		go func() { closed <- db.Close() }()
		return add("a")(tx)
	}, add("b"))
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if errs[0] != nil {
		t.Errorf("what had finished: %v", errs[0])
	}
	again, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	var ids []string
	if err := again.Reader(t.Context()).Model(&account{}).Order("id").Pluck("id", &ids).Error; err != nil {
		t.Fatal(err)
	}
	if kept := len(ids) == 2; ids[0] != "a" || kept != (errs[1] == nil) {
		t.Errorf("rows %q, while the second was told %v", ids, errs[1])
	}
}

// A function that goes on after a full disk is not committed by halves.
func TestAFullDisk(t *testing.T) {
	db, ok := openGroups(t)
	if !ok {
		return
	}
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	fill := func(tx *gorm.DB) error {
		// The limit is the connection's, and at least the pages that there are.
		return tx.Exec("PRAGMA max_page_count = 1").Error
	}
	var full error
	for _, swallow := range []bool{true, false} {
		err := db.InTx(t.Context(), func(tx *gorm.DB) error {
			if err := fill(tx); err != nil {
				return err
			}
			for i := 0; full == nil; i++ {
				id := fmt.Sprintf("%t%d", swallow, i)
				full = tx.Create(&account{ID: id, Name: id + strings.Repeat("x", 10_000), Made: store.At(at)}).Error
			}
			if swallow {
				_ = add("after")(tx)
				return nil
			}
			return full
		})
		wantFault(t, err, fault.Unavailable, fault.StoreUnavailable)
		wantFault(t, store.Translate(full), fault.Unavailable, fault.StoreUnavailable)
		wantIDs(t, db, "a")
		full = nil
	}
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec("PRAGMA max_page_count = 100000").Error; err != nil {
			return err
		}
		return add("b")(tx)
	})
	if err != nil {
		t.Errorf("once there is room again: %v", err)
	}
	wantIDs(t, db, "a", "b")
}

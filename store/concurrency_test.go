package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/storetest"
)

// together runs n functions at once and gives their errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	group.Wait()
	return errs
}

func TestThirtyTwoAddExactly(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	errs := together(32, func(i int) error {
		return db.InTx(t.Context(), func(tx *gorm.DB) error {
			row, err := store.First[account](store.Lock(tx), "id = ?", "a")
			if err != nil {
				return err
			}
			row.Balance += int64(i)
			return store.Update(tx, row)
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Errorf("adding under a lock fails: %v", err)
	}
	row, err := store.First[account](db.Reader(t.Context()), "id = ?", "a")
	if err != nil || row.Balance != 31*32/2 || row.Version != 32 {
		t.Errorf("row %+v, %v; want the exact sum and 32 versions", row, err)
	}
}

func TestThirtyTwoWithOneVersion(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	read, err := store.First[account](db.Reader(t.Context()), "id = ?", "a")
	if err != nil {
		t.Fatal(err)
	}
	won := 0
	for _, err := range together(32, func(i int) error {
		mine := *read
		mine.Balance = int64(i + 1)
		return db.InTx(t.Context(), func(tx *gorm.DB) error { return store.Update(tx, &mine) })
	}) {
		switch {
		case err == nil:
			won++
		case fault.ReasonOf(err) != fault.Stale:
			t.Errorf("error %v, want %s", err, fault.Stale)
		}
	}
	if won != 1 {
		t.Errorf("%d of 32 won, want one", won)
	}
}

func TestThirtyTwoTakeOneName(t *testing.T) {
	db := storetest.Open(t, migrations())
	won := 0
	for _, err := range together(32, func(i int) error {
		return db.InTx(t.Context(), func(tx *gorm.DB) error {
			return tx.Create(&account{ID: fmt.Sprint(i), Name: "the one", Made: store.At(at)}).Error
		})
	}) {
		switch {
		case err == nil:
			won++
		case fault.ReasonOf(err) != fault.Duplicate:
			t.Errorf("error %v, want %s", err, fault.Duplicate)
		}
	}
	if won != 1 {
		t.Errorf("%d of 32 took the name, want one", won)
	}
}

// Two transactions that lock two rows crosswise: on PostgreSQL a deadlock that
// is tried again, on SQLite one after the other.
func TestInTxTriesAgain(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)}, &account{ID: "b", Name: "B", Made: store.At(at)})
	var runs atomic.Int64
	meet := make(chan struct{}, 2)
	errs := together(2, func(i int) error {
		ids := []string{"a", "b"}
		if i == 1 {
			slices.Reverse(ids)
		}
		return db.InTx(t.Context(), func(tx *gorm.DB) error {
			first := runs.Add(1) <= 2
			for n, id := range ids {
				row, err := store.First[account](store.Lock(tx), "id = ?", id)
				if err != nil {
					return err
				}
				row.Balance++
				if err := store.Update(tx, row); err != nil {
					return err
				}
				if n == 0 && first && db.Dialect() == store.Postgres {
					meet <- struct{}{}
					for len(meet) < 2 { // both hold one row
						time.Sleep(time.Millisecond)
					}
				}
			}
			return nil
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if db.Dialect() == store.Postgres && runs.Load() != 3 {
		t.Errorf("%d runs, want three: the deadlock's loser once more", runs.Load())
	}
	for _, id := range []string{"a", "b"} {
		if row, err := store.First[account](db.Reader(t.Context()), "id = ?", id); err != nil || row.Balance != 2 {
			t.Errorf("row %+v, %v; want the sum of both", row, err)
		}
	}
}

func TestReadSeesOneMoment(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	count := func(tx *gorm.DB) (n int64) {
		if err := tx.Model(&account{}).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	for range 2 { // once with statements that are new, once with prepared ones
		err := db.Read(t.Context(), func(tx *gorm.DB) error {
			before := count(tx)
			insert(t, db, &account{ID: fmt.Sprint(before), Name: fmt.Sprint(before), Made: store.At(at)})
			if n := count(tx); n != before {
				t.Errorf("the snapshot saw %d rows, then %d", before, n)
			}
			if n := count(db.Reader(t.Context())); n != before+1 {
				t.Errorf("Reader sees %d rows, want the newest %d", n, before+1)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// All readers are in snapshots while each brings statements that are new: it
// must not wait for a connection while holding one.
func TestSnapshotsDoNotWaitForEachOther(t *testing.T) {
	db := storetest.Open(t, migrations())
	err := errors.Join(together(32, func(i int) error {
		return db.Read(t.Context(), func(tx *gorm.DB) error {
			var n int64
			return tx.Model(&account{}).Where(fmt.Sprintf("%d = %d", i, i)).Count(&n).Error
		})
	})...)
	if err != nil {
		t.Error(err)
	}
}

func TestWaitingForTheWriterEnds(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if _, err := store.First[account](store.Lock(tx), "id = ?", "a"); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := db.InTx(ctx, func(tx *gorm.DB) error {
			_, err := store.First[account](store.Lock(tx), "id = ?", "a")
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting gave %v, want the context's end", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	insert(t, db, &account{ID: "b", Name: "B", Made: store.At(at)}) // the writer is free again
}

func TestACancelledTransactionLeavesNothing(t *testing.T) {
	db := storetest.Open(t, migrations())
	ctx, cancel := context.WithCancel(t.Context())
	err := db.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&account{ID: "a", Name: "A", Made: store.At(at)}).Error; err != nil {
			return err
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("InTx = %v, want the context's end", err)
	}
	_, err = store.First[account](db.Reader(t.Context()), "id = ?", "a")
	wantFault(t, err, fault.NotFound, fault.Missing)
	if err := db.InTx(ctx, func(*gorm.DB) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("InTx with an ended context = %v", err)
	}
}

func TestAPanicLeavesNothing(t *testing.T) {
	db := storetest.Open(t, migrations())
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.InTx(t.Context(), func(tx *gorm.DB) error {
			if err := tx.Create(&account{ID: "a", Name: "A", Made: store.At(at)}).Error; err != nil {
				return err
			}
			panic("no")
		})
	}()
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
}

func TestANestedTransactionIsASavepoint(t *testing.T) {
	db := storetest.Open(t, migrations())
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Create(&account{ID: "a", Name: "A", Made: store.At(at)}).Error; err != nil {
			return err
		}
		inner := tx.Transaction(func(tx *gorm.DB) error {
			if err := tx.Create(&account{ID: "b", Name: "B", Made: store.At(at)}).Error; err != nil {
				return err
			}
			return errors.New("no")
		})
		if inner == nil {
			t.Error("the inner transaction's error is lost")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	if err := db.Reader(t.Context()).Model(&account{}).Pluck("id", &ids).Error; err != nil || !slices.Equal(ids, []string{"a"}) {
		t.Errorf("rows %q, %v; want only the outer one", ids, err)
	}
}

// A command beside a running server: two handles on one database.
func TestTwoHandlesOnOneDatabase(t *testing.T) {
	o := storetest.Options(t, migrations())
	var dbs [2]*store.DB
	for i := range dbs {
		db, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}()
		dbs[i] = db
	}
	insert(t, dbs[0], &account{ID: "a", Name: "A", Made: store.At(at)})
	errs := together(32, func(i int) error {
		return dbs[i%2].InTx(t.Context(), func(tx *gorm.DB) error {
			row, err := store.First[account](store.Lock(tx), "id = ?", "a")
			if err != nil {
				return err
			}
			row.Balance++
			return store.Update(tx, row)
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Errorf("adding through two handles fails: %v", err)
	}
	for _, db := range dbs {
		if row, err := store.First[account](db.Reader(t.Context()), "id = ?", "a"); err != nil || row.Balance != 32 {
			t.Errorf("row %+v, %v; want 32", row, err)
		}
	}
	// While one writes, the other's context ends its wait and its reads go on.
	err := dbs[0].InTx(t.Context(), func(tx *gorm.DB) error {
		if _, err := store.First[account](store.Lock(tx), "id = ?", "a"); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		err := dbs[1].InTx(ctx, func(tx *gorm.DB) error {
			_, err := store.First[account](store.Lock(tx), "id = ?", "a")
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for the other handle gave %v, want the context's end", err)
		}
		_, err = store.First[account](dbs[1].Reader(t.Context()), "id = ?", "a")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWritersWithReadersBeside(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	err := errors.Join(together(32, func(i int) error {
		for n := range 20 {
			if i%2 == 0 {
				if _, err := store.First[account](db.Reader(t.Context()), "id = ?", "a"); err != nil {
					return err
				}
				continue
			}
			err := db.InTx(t.Context(), func(tx *gorm.DB) error {
				return tx.Create(&booking{Account: "a", Amount: int64(n)}).Error
			})
			if err != nil {
				return err
			}
		}
		return nil
	})...)
	if err != nil {
		t.Error(err)
	}
	var n int64
	if err := db.Reader(t.Context()).Model(&booking{}).Count(&n).Error; err != nil || n != 16*20 {
		t.Errorf("%d bookings, %v; want %d", n, err, 16*20)
	}
}

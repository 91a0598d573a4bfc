package store_test

import (
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/storetest"
)

type account struct {
	ID      string `gorm:"primaryKey"`
	Name    string `gorm:"not null;uniqueIndex"`
	Balance int64  `gorm:"not null"`
	Rate    float64
	Open    bool       `gorm:"not null"`
	Made    store.Time `gorm:"not null;index"`
	Closed  store.NullTime
	Due     store.Date `gorm:"not null"`
	Version int64      `gorm:"not null"`
}

func (account) TableName() string { return "account" }

type booking struct {
	ID      int64  `gorm:"primaryKey"`
	Account string `gorm:"not null;index" references:"account(id)"`
	Amount  int64  `gorm:"not null"`
}

func (booking) TableName() string { return "booking" }

func migrations() []store.Migration {
	return []store.Migration{{ID: "test-0001", Up: func(tx *gorm.DB) error {
		return store.CreateTables(tx, &account{}, &booking{})
	}}}
}

var at = time.Date(2022, 7, 8, 6, 40, 25, 123456789, time.UTC)

func insert(t *testing.T, db *store.DB, rows ...any) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		for _, row := range rows {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("insert: %v", err)
	}
}

func wantFault(t *testing.T, err error, kind fault.Kind, reason fault.Reason) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.ReasonOf(err) != reason || err == nil {
		t.Errorf("error = %v, want %v/%v", err, kind, reason)
	}
}

func TestInTxKeepsOrUndoes(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	failed := errors.New("no")
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Create(&account{ID: "b", Name: "B"}).Error; err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("InTx = %v, want the function's own error", err)
	}
	var n int64
	if err := db.Reader(t.Context()).Model(&account{}).Count(&n).Error; err != nil || n != 1 {
		t.Errorf("%d rows, %v; want the one that was committed", n, err)
	}
	_, err = store.First[account](db.Reader(t.Context()), "id = ?", "b")
	wantFault(t, err, fault.NotFound, fault.Missing)
}

func TestReadersCannotWrite(t *testing.T) {
	db := storetest.Open(t, migrations())
	if err := db.Reader(t.Context()).Create(&account{ID: "a"}).Error; err == nil {
		t.Error("Reader wrote")
	}
	if err := db.Read(t.Context(), func(tx *gorm.DB) error { return tx.Create(&account{ID: "a"}).Error }); err == nil {
		t.Error("Read wrote")
	}
}

func TestUpdate(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Balance: 7, Open: true, Made: store.At(at)}, &account{ID: "b", Name: "B", Balance: 9, Made: store.At(at)})
	read, err := store.First[account](db.Reader(t.Context()), "id = ?", "a")
	if err != nil {
		t.Fatal(err)
	}
	old := *read
	read.Balance, read.Open = 0, false
	if err := db.InTx(t.Context(), func(tx *gorm.DB) error { return store.Update(tx, read) }); err != nil {
		t.Fatal(err)
	}
	if read.Version != 1 {
		t.Errorf("version %d, want 1", read.Version)
	}
	got, err := store.First[account](db.Reader(t.Context()), "id = ?", "a")
	if err != nil || *got != *read {
		t.Errorf("row %+v, %v; want %+v: zero values are written", got, err, read)
	}
	err = db.InTx(t.Context(), func(tx *gorm.DB) error { return store.Update(tx, &old) })
	wantFault(t, err, fault.Conflict, fault.Stale)
	if old.Version != 0 {
		t.Errorf("a refused update left version %d", old.Version)
	}
	if b, err := store.First[account](db.Reader(t.Context()), "id = ?", "b"); err != nil || b.Balance != 9 {
		t.Errorf("the other row is %+v, %v", b, err)
	}
	if err := db.InTx(t.Context(), func(tx *gorm.DB) error { return store.Update(tx, &account{}) }); err == nil {
		t.Error("Update took a row without its key")
	}
}

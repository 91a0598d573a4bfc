package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"loket/store"
)

// benchStore is as in service: FULL sync.
func benchStore(b *testing.B) *store.DB {
	b.Helper()
	db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "loket.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	if err := db.Migrate(b.Context(), migrations()); err != nil {
		b.Fatal(err)
	}
	return db
}

func write(ctx context.Context, db *store.DB, i int) error {
	id := fmt.Sprintf("%024d", i)
	return db.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&account{ID: id, Name: id, Made: store.At(at)}).Error; err != nil {
			return err
		}
		if err := tx.Create(&booking{Account: id, Amount: 1}).Error; err != nil {
			return err
		}
		return tx.Create(&booking{Account: id, Amount: 2}).Error
	})
}

func BenchmarkThreeInserts(b *testing.B) {
	db := benchStore(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		if err := write(b.Context(), db, i); err != nil {
			b.Fatal(err)
		}
	}
}

// Sixteen at once share commits.
func BenchmarkThreeInsertsCrowd(b *testing.B) {
	db := benchStore(b)
	var n atomic.Int64
	b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := write(b.Context(), db, int(n.Add(1))); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkReadOne(b *testing.B) {
	db := benchStore(b)
	if err := write(b.Context(), db, 1); err != nil {
		b.Fatal(err)
	}
	id := fmt.Sprintf("%024d", 1)
	for way, read := range map[string]func() error{
		"Reader": func() error {
			_, err := store.First[account](db.Reader(b.Context()), "id = ?", id)
			return err
		},
		"Read": func() error {
			return db.Read(b.Context(), func(tx *gorm.DB) error {
				_, err := store.First[account](tx, "id = ?", id)
				return err
			})
		},
		"Row": func() error {
			var a account
			return db.Row(b.Context(), "SELECT id, name, balance, rate, open, made, closed, due, version FROM account WHERE id = ?", []any{id},
				&a.ID, &a.Name, &a.Balance, &a.Rate, &a.Open, &a.Made, &a.Closed, &a.Due, &a.Version)
		},
		"RowOfOneColumn": func() error {
			var name string
			return db.Row(b.Context(), "SELECT name FROM account WHERE id = ?", []any{id}, &name)
		},
	} {
		b.Run(way, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := read(); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

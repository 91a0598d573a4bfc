package store_test

import (
	"context"
	"fmt"
	"path/filepath"
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

func BenchmarkReadOne(b *testing.B) {
	db := benchStore(b)
	if err := write(b.Context(), db, 1); err != nil {
		b.Fatal(err)
	}
	id := fmt.Sprintf("%024d", 1)
	for _, way := range []string{"Reader", "Read"} {
		b.Run(way, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					var err error
					if way == "Reader" {
						_, err = store.First[account](db.Reader(b.Context()), "id = ?", id)
					} else {
						err = db.Read(b.Context(), func(tx *gorm.DB) error {
							_, err := store.First[account](tx, "id = ?", id)
							return err
						})
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// Package settings keeps the few facts that a store has about itself: that the
// demo filled it, a key that was made once. It imports store; main and the
// stores of APIs may import it.
package settings

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
)

type settingRow struct {
	Name  string `gorm:"primaryKey"`
	Value string `gorm:"not null"`
}

func (settingRow) TableName() string { return "setting" }

// Migrations are the steps of this room.
func Migrations() []store.Migration {
	return []store.Migration{
		{ID: "settings-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, &settingRow{}) }},
	}
}

// Get reads a setting; "" when it was never set.
func Get(ctx context.Context, db *store.DB, name string) (string, error) {
	row, err := store.First[settingRow](db.Reader(ctx), "name = ?", name)
	if fault.KindOf(err) == fault.NotFound && err != nil {
		return "", nil //nolint:nilerr // never set is empty
	}
	if err != nil {
		return "", err
	}
	return row.Value, nil
}

// Put sets a setting, whatever it was.
func Put(ctx context.Context, db *store.DB, name, value string) error {
	return db.InTx(ctx, func(tx *gorm.DB) error {
		return store.Translate(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&settingRow{name, value}).Error)
	})
}

// Once sets a setting that was never set, and returns what it then is: of two
// programs that start at once both get the same.
func Once(ctx context.Context, db *store.DB, name, value string) (string, error) {
	err := db.InTx(ctx, func(tx *gorm.DB) error {
		return store.Translate(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&settingRow{name, value}).Error)
	})
	if err != nil {
		return "", err
	}
	return Get(ctx, db, name)
}

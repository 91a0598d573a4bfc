package vemapdb

import (
	"gorm.io/gorm"

	"loket/store"
)

// Migrations are VEMAP's steps. vemap-0001 makes the tables of rows.go; the
// golden of TestSchema freezes what it makes, so a row that changes gets a step
// of its own, and the struct that vemap-0001 needs is first copied here.
func Migrations() []store.Migration {
	return []store.Migration{
		{ID: "vemap-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, rows()...) }},
	}
}

package geverdb

import (
	"slices"

	"gorm.io/gorm"

	"loket/store"
)

// peopleMigrations are the steps of tokens and of people.
func peopleMigrations() []store.Migration {
	return []store.Migration{
		{ID: "gever-people-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, tokenRows()...) }},
		{ID: "gever-people-0002", Up: func(tx *gorm.DB) error {
			if err := store.CreateTables(tx, groupRows()...); err != nil {
				return err
			}
			kind := "numeric" // as gorm has it on SQLite
			if tx.Name() == store.Postgres {
				kind = "boolean"
			}
			if err := tx.Exec("ALTER TABLE gever_objects ADD COLUMN blocked " + kind + " NOT NULL DEFAULT false").Error; err != nil {
				return err
			}
			return tx.Exec("CREATE INDEX gever_objects_blocked ON gever_objects (parent_id) WHERE blocked").Error
		}},
		{ID: "gever-people-0003", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, &responseRow{}) }},
		{ID: "gever-people-0004", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, &participationRow{}, &journalRow{}) }},
	}
}

// peopleRows are the rows that these steps make.
func peopleRows() []any {
	return slices.Concat(tokenRows(), groupRows(), []any{&responseRow{}, &participationRow{}, &journalRow{}})
}

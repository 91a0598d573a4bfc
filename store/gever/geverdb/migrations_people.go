package geverdb

import (
	"gorm.io/gorm"

	"loket/store"
)

// peopleMigrations are the steps of tokens and of people.
func peopleMigrations() []store.Migration {
	return []store.Migration{
		{ID: "gever-people-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, tokenRows()...) }},
	}
}

// peopleRows are the rows that these steps make.
func peopleRows() []any { return tokenRows() }

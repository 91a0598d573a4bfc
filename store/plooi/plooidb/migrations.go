package plooidb

import (
	"gorm.io/gorm"

	"loket/store"
)

// Migrations are PLOOI's steps. plooi-0001 makes the tables of rows.go; a row
// that changes gets a step of its own, and the struct that plooi-0001 needs is
// first copied here.
func Migrations() []store.Migration {
	return []store.Migration{
		{ID: "plooi-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, rows()...) }},
		{ID: "plooi-0002", Up: createIndex},
	}
}

// createIndex makes the full text: rows by the publication's nr, over text that
// plooi.Vouw made, which both databases split at its spaces.
func createIndex(tx *gorm.DB) error {
	statements := []string{
		`CREATE VIRTUAL TABLE plooi_zoek USING fts5(tekst, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0')`,
	}
	if tx.Name() == store.Postgres {
		statements = []string{
			`CREATE TABLE plooi_zoek (nr bigint PRIMARY KEY, tekst tsvector NOT NULL)`,
			`CREATE INDEX idx_plooi_zoek_tekst ON plooi_zoek USING gin (tekst)`,
		}
	}
	for _, s := range statements {
		if err := tx.Exec(s).Error; err != nil {
			return err
		}
	}
	return nil
}

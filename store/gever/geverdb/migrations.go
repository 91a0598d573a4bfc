package geverdb

import (
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Migrations are GEVER's steps. gever-0001 makes the tables of rows.go and the
// site; a row that changes gets a step of its own, and the struct that
// gever-0001 needs is first copied here.
func Migrations() []store.Migration {
	return append([]store.Migration{{ID: "gever-0001", Up: func(tx *gorm.DB) error {
		if err := store.CreateTables(tx, firstRows()...); err != nil {
			return err
		}
		at := store.At(time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC))
		err := tx.Create(&objectRow{
			ID: siteID, UID: "00000000000000000000000000000001", Type: gever.SiteType, State: "site", Fields: "{}",
			CreatedAt: at, ModifiedAt: at, ChangedAt: at, Touched: "2016-01-01", Revision: 1, Version: 1,
		}).Error
		if err == nil && tx.Name() == store.Postgres {
			// A number that was given does not move the sequence.
			err = tx.Exec("SELECT setval(pg_get_serial_sequence('gever_objects', 'id'), 1)").Error
		}
		return err
	}}}, peopleMigrations()...)
}

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
		if err := store.CreateTables(tx, append([]any{&object0001{}}, firstRows()...)...); err != nil {
			return err
		}
		at := store.At(time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC))
		err := tx.Create(&object0001{
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

// object0001 is objectRow as gever-0001 made it.
type object0001 struct {
	ID          int64  `gorm:"primaryKey;autoIncrement"`
	UID         string `gorm:"column:uid;not null;uniqueIndex"`
	ParentID    int64  `gorm:"not null;uniqueIndex:gever_objects_name,priority:1;index:gever_objects_place,priority:1"`
	Name        string `gorm:"not null;uniqueIndex:gever_objects_name,priority:2;index"`
	Path        string `gorm:"not null;uniqueIndex"`
	Type        string `gorm:"not null"`
	Title       string `gorm:"not null"`
	Description string `gorm:"not null"`
	State       string `gorm:"not null"`
	Position    int64  `gorm:"not null;index:gever_objects_place,priority:2"`
	Children    int64  `gorm:"not null"`
	Folders     int64  `gorm:"not null"`
	FirstFolder bool   `gorm:"not null"`
	Sequence    int64  `gorm:"not null"`
	Part        string `gorm:"not null"`
	Reference   string `gorm:"not null"`
	Highest     int64  `gorm:"not null"`
	LastPrefix  string `gorm:"not null"`
	LastDossier int64  `gorm:"not null"`
	Fields      string `gorm:"not null"`
	Creator     string `gorm:"not null"`

	CreatedAt  store.Time `gorm:"not null;autoCreateTime:false"`
	ModifiedAt store.Time `gorm:"not null"`
	ChangedAt  store.Time `gorm:"not null"`
	Touched    string     `gorm:"not null"`

	CheckedOutBy string         `gorm:"not null"`
	BeforeFile   string         `gorm:"not null"`
	LockToken    string         `gorm:"not null"`
	LockedBy     string         `gorm:"not null"`
	LockedAt     store.NullTime `gorm:""`
	LockTimeout  int64          `gorm:"not null"`
	Versions     int64          `gorm:"not null"`
	Revision     int64          `gorm:"not null"`
	Version      int64          `gorm:"not null"`
}

func (object0001) TableName() string { return "gever_objects" }

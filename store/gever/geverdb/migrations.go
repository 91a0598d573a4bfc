package geverdb

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Migrations are GEVER's steps. gever-0001 makes the first tables and the
// site; a row that changes gets a step of its own, and the struct that an
// older step needs is first copied here. What comes after the index changes no
// column that it reads.
func Migrations() []store.Migration {
	return slices.Concat([]store.Migration{
		{ID: "gever-0001", Up: makeTables},
		{ID: "gever-0011", Up: addTrash},
		{ID: "gever-0012", Up: addMoves},
		{ID: "gever-0013", Up: addUploads},
	}, peopleMigrations(), protectionMigrations(), []store.Migration{
		{ID: "gever-0031", Up: createIndex},
		{ID: "gever-private-0001", Up: addQuotas},
		{ID: "gever-portal-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, portalRows()...) }},
	})
}

func makeTables(tx *gorm.DB) error {
	err := store.CreateTables(tx, &objectRow0001{}, &relationRow{}, &referenceRow{}, &counterRow{}, &historyRow{}, &versionRow{}, &blobRow0001{}, &userRow{}, &roleRow0001{})
	if err != nil {
		return err
	}
	at := store.At(time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC))
	err = tx.Create(&objectRow0001{
		ID: siteID, UID: "00000000000000000000000000000001", Type: gever.SiteType, State: "site", Fields: "{}",
		CreatedAt: at, ModifiedAt: at, ChangedAt: at, Touched: "2016-01-01", Revision: 1, Version: 1,
	}).Error
	if err == nil && tx.Name() == store.Postgres {
		// A number that was given does not move the sequence.
		err = tx.Exec("SELECT setval(pg_get_serial_sequence('gever_objects', 'id'), 1)").Error
	}
	return err
}

// addTrash adds what the trash keeps of an object.
func addTrash(tx *gorm.DB) error {
	for _, column := range []string{"Trashed", "TrashedWith"} {
		if err := tx.Migrator().AddColumn(&objectRow0011{}, column); err != nil {
			return err
		}
	}
	return nil
}

type objectRow0011 struct {
	Trashed     bool  `gorm:"not null;default:false"`
	TrashedWith int64 `gorm:"not null;default:0"`
}

func (objectRow0011) TableName() string { return "gever_objects" }

// addMoves lets several objects need the same bytes, and keeps where objects
// were.
func addMoves(tx *gorm.DB) error {
	if err := store.CreateTables(tx, &blobRow0012{}, &redirectRow0012{}); err != nil {
		return err
	}
	for _, statement := range []string{
		"INSERT INTO gever_needed_blobs (blob_key, object_id) SELECT blob_key, object_id FROM gever_blobs", "DROP TABLE gever_blobs",
	} {
		if err := tx.Exec(statement).Error; err != nil {
			return err
		}
	}
	return nil
}

type blobRow0012 struct {
	BlobKey  string `gorm:"primaryKey"`
	ObjectID int64  `gorm:"primaryKey;autoIncrement:false;index"`
}

func (blobRow0012) TableName() string { return "gever_needed_blobs" }

// addUploads makes the tables of files that come in parts.
func addUploads(tx *gorm.DB) error {
	return store.CreateTables(tx, &uploadRow0013{}, &partRow0013{})
}

type uploadRow0013 struct {
	ID           string     `gorm:"primaryKey"`
	ObjectID     int64      `gorm:"not null;index"`
	Replaces     bool       `gorm:"not null"`
	Principal    string     `gorm:"not null"`
	Type         string     `gorm:"not null"`
	Filename     string     `gorm:"not null"`
	DocumentDate string     `gorm:"not null"`
	Length       int64      `gorm:"not null"`
	Received     int64      `gorm:"not null"`
	ResultID     int64      `gorm:"not null"`
	ExpiresAt    store.Time `gorm:"not null;index"`
}

func (uploadRow0013) TableName() string { return "gever_uploads" }

type partRow0013 struct {
	UploadID string `gorm:"primaryKey"`
	Begin    int64  `gorm:"primaryKey;autoIncrement:false"`
	Size     int64  `gorm:"not null"`
	BlobKey  string `gorm:"not null;index"`
}

func (partRow0013) TableName() string { return "gever_upload_parts" }

type redirectRow0012 struct {
	Path     string `gorm:"primaryKey"`
	ObjectID int64  `gorm:"not null;index"`
}

func (redirectRow0012) TableName() string { return "gever_redirects" }

type blobRow0001 struct {
	BlobKey  string `gorm:"primaryKey"`
	ObjectID int64  `gorm:"not null;index"`
}

func (blobRow0001) TableName() string { return "gever_blobs" }

type objectRow0001 struct {
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

func (objectRow0001) TableName() string { return "gever_objects" }

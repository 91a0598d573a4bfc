package geverdb

import (
	"slices"

	"loket/store"
)

// siteID is the root of the tree; the migration makes it.
const siteID int64 = 1

// objectRow is one object. Its fields' values are one JSON text, because they
// are read and written whole and differ between types; what is asked for by
// column has a column.
type objectRow struct {
	ID          int64  `gorm:"primaryKey;autoIncrement"`
	UID         string `gorm:"column:uid;not null;uniqueIndex"`
	ParentID    int64  `gorm:"not null;uniqueIndex:gever_objects_name,priority:1;index:gever_objects_place,priority:1"`
	Name        string `gorm:"not null;uniqueIndex:gever_objects_name,priority:2;index"` // its id within the parent
	Path        string `gorm:"not null;uniqueIndex"`                                     // ids from the site, without a slash at the start
	Type        string `gorm:"not null"`
	Title       string `gorm:"not null"`
	Description string `gorm:"not null"`
	State       string `gorm:"not null"`
	Position    int64  `gorm:"not null;index:gever_objects_place,priority:2"` // among its siblings, from 0, without gaps
	Children    int64  `gorm:"not null"`
	Folders     int64  `gorm:"not null"` // children that are repository folders
	FirstFolder bool   `gorm:"not null"` // the first child is a repository folder
	Sequence    int64  `gorm:"not null"`
	Part        string `gorm:"not null"`               // own part of the reference number; "" is none
	Reference   string `gorm:"not null"`               // the whole number; "" is none
	Blocked     bool   `gorm:"not null;default:false"` // takes no roles from above (migration: gever_objects_blocked)
	Highest     int64  `gorm:"not null"`               // the highest number that a child folder was given
	LastPrefix  string `gorm:"not null"`               // the last number that a child folder was given
	LastDossier int64  `gorm:"not null"`               // the last number that a dossier in it was given
	Fields      string `gorm:"not null"`               // JSON
	Creator     string `gorm:"not null"`

	CreatedAt  store.Time `gorm:"not null;autoCreateTime:false"`
	ModifiedAt store.Time `gorm:"not null"`
	ChangedAt  store.Time `gorm:"not null"`
	Touched    string     `gorm:"not null"` // date

	CheckedOutBy string         `gorm:"not null"`
	BeforeFile   string         `gorm:"not null"` // JSON: the file at checkout
	LockToken    string         `gorm:"not null"`
	LockedBy     string         `gorm:"not null"`
	LockedAt     store.NullTime `gorm:""`
	LockTimeout  int64          `gorm:"not null"` // seconds
	Versions     int64          `gorm:"not null"` // how many there are
	Revision     int64          `gorm:"not null"` // counts changes of the object itself: its ETag
	Version      int64          `gorm:"not null"`

	Trashed     bool  `gorm:"not null;default:false"` // see trash.go; such a child is not counted, its position is where it stood
	TrashedWith int64 `gorm:"not null;default:0"`     // the object whose trashing took it along, its own id when that was itself
	Hides       bool  `gorm:"->;-:migration"`         // a child is Blocked; only where spots reads it
}

func (objectRow) TableName() string { return "gever_objects" }

// relationRow says that a field of one object names another.
type relationRow struct {
	FromID   int64  `gorm:"primaryKey;autoIncrement:false"`
	Field    string `gorm:"primaryKey"`
	Position int    `gorm:"primaryKey;autoIncrement:false"`
	ToID     int64  `gorm:"not null;index"`
}

func (relationRow) TableName() string { return "gever_relations" }

// referenceRow keeps each number that was ever given in a parent: it never
// goes to another object (gever.md 2.9).
type referenceRow struct {
	ParentID int64  `gorm:"primaryKey;autoIncrement:false"`
	Kind     string `gorm:"primaryKey"` // "folder" or "dossier"
	Number   string `gorm:"primaryKey"`
	ObjectID int64  `gorm:"not null"`
}

func (referenceRow) TableName() string { return "gever_references" }

// counterRow is a site-wide sequence.
type counterRow struct {
	Name  string `gorm:"primaryKey"`
	Value int64  `gorm:"not null"`
}

func (counterRow) TableName() string { return "gever_counters" }

type historyRow struct {
	ID       int64      `gorm:"primaryKey;autoIncrement"`
	ObjectID int64      `gorm:"not null;index"`
	Action   string     `gorm:"not null"` // "" is the creation
	Actor    string     `gorm:"not null"`
	Comments string     `gorm:"not null"`
	State    string     `gorm:"not null"`
	Title    string     `gorm:"not null"` // of the transition
	At       store.Time `gorm:"not null"`
}

func (historyRow) TableName() string { return "gever_history" }

type versionRow struct {
	ObjectID int64      `gorm:"primaryKey;autoIncrement:false"`
	Number   int64      `gorm:"primaryKey;autoIncrement:false"`
	Actor    string     `gorm:"not null"`
	Comments string     `gorm:"not null"`
	At       store.Time `gorm:"not null"`
	File     string     `gorm:"not null"` // JSON; "" is none
}

func (versionRow) TableName() string { return "gever_versions" }

// blobRow says that an object needs the bytes: its file, one of before a
// checkout, or a version's. Copies of an object share them.
type blobRow struct {
	BlobKey  string `gorm:"primaryKey"`
	ObjectID int64  `gorm:"primaryKey;autoIncrement:false;index"`
	Holder   int64  `gorm:"not null;default:0"` // the private folder in which it counts (migration: gever_needed_blobs_holder); 0 is none
	Size     int64  `gorm:"not null;default:0"` // bytes; 0 too where it was kept before there were private folders
}

func (blobRow) TableName() string { return "gever_needed_blobs" }

// redirectRow says where an object once was. What stands below it was there
// too, and where something is now, that counts.
type redirectRow struct {
	Path     string `gorm:"primaryKey"`
	ObjectID int64  `gorm:"not null;index"`
}

func (redirectRow) TableName() string { return "gever_redirects" }

// uploadRow is a file that comes in parts.
type uploadRow struct {
	ID           string     `gorm:"primaryKey"`     // 32 hex digits
	ObjectID     int64      `gorm:"not null;index"` // the container, or the document whose file is replaced
	Replaces     bool       `gorm:"not null"`
	Principal    string     `gorm:"not null"` // who sends it
	Type         string     `gorm:"not null"` // of the new object
	Filename     string     `gorm:"not null"`
	DocumentDate string     `gorm:"not null"`
	Length       int64      `gorm:"not null"` // bytes
	Received     int64      `gorm:"not null"` // bytes that are safe
	ResultID     int64      `gorm:"not null"` // the object that it became; 0 before
	ExpiresAt    store.Time `gorm:"not null;index"`
}

func (uploadRow) TableName() string { return "gever_uploads" }

// partRow is one part of a file, until all of them are one blob.
type partRow struct {
	UploadID string `gorm:"primaryKey"`
	Begin    int64  `gorm:"primaryKey;autoIncrement:false"` // where it stands in the file
	Size     int64  `gorm:"not null"`
	BlobKey  string `gorm:"not null;index"`
}

func (partRow) TableName() string { return "gever_upload_parts" }

type userRow struct {
	ID        string `gorm:"primaryKey"`
	Login     string `gorm:"not null;uniqueIndex"`
	Firstname string `gorm:"not null"`
	Lastname  string `gorm:"not null"`
	Email     string `gorm:"not null"`
	Hash      string `gorm:"not null"` // of the password; "" lets nobody in
	Active    bool   `gorm:"not null"`
	Version   int64  `gorm:"not null"`
}

func (userRow) TableName() string { return "gever_users" }

// roleRow gives a principal (a user, or "group:" and a group) a role at an
// object and everything below it that is not Blocked; the site's rows are those
// of the whole installation.
type roleRow struct {
	ObjectID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Principal string `gorm:"primaryKey;index"`
	Role      string `gorm:"primaryKey"`
	Given     int64  `gorm:"not null;default:1"` // by what: byHand, byProtection, or both added
}

func (roleRow) TableName() string { return "gever_local_roles" }

// rows lists every row, for the drift test.
func rows() []any {
	return slices.Concat([]any{
		&objectRow{}, &relationRow{}, &referenceRow{}, &counterRow{}, &historyRow{}, &versionRow{}, &blobRow{}, &userRow{}, &roleRow{},
		&redirectRow{}, &uploadRow{}, &partRow{}, &approvalRow{},
	}, peopleRows(), portalRows())
}

package konovadb

import (
	"gorm.io/gorm"

	"loket/store"
)

// Migrations are this room's steps. They hold structs of their own, so that
// they stay as they are when the rows change.
func Migrations() []store.Migration {
	return []store.Migration{
		{ID: "konova-0001", Up: konova0001},
		{ID: "konova-0002", Up: konova0002},
	}
}

type user0001 struct {
	ID        int64      `gorm:"primaryKey;autoIncrement"`
	Name      string     `gorm:"not null;uniqueIndex"`
	Groups    string     `gorm:"not null"`
	CreatedAt store.Time `gorm:"not null"`
	Version   int64      `gorm:"not null"`
}

func (user0001) TableName() string { return "konova_users" }

type token0001 struct {
	ID          int64      `gorm:"primaryKey;autoIncrement"`
	UserID      int64      `gorm:"not null;index" references:"konova_users(id)"`
	TokenSHA256 string     `gorm:"column:token_sha256;not null;uniqueIndex"`
	CreatedAt   store.Time `gorm:"not null"`
	ConfirmedAt store.NullTime
	ValidUntil  store.Date `gorm:"not null"`
	RevokedAt   store.NullTime
	Version     int64 `gorm:"not null"`
}

func (token0001) TableName() string { return "konova_tokens" }

type code0001 struct {
	List       string `gorm:"primaryKey"`
	ID         int64  `gorm:"primaryKey;autoIncrement:false"`
	LongName   string `gorm:"not null"`
	ShortName  *string
	Selectable bool `gorm:"not null"`
	Archived   bool `gorm:"not null"`
}

func (code0001) TableName() string { return "konova_codes" }

type codeUse0001 struct {
	List     string `gorm:"primaryKey"`
	CodeID   int64  `gorm:"primaryKey;autoIncrement:false"`
	EntryNum int64  `gorm:"primaryKey;autoIncrement:false;index"`
}

func (codeUse0001) TableName() string { return "konova_code_uses" }

type entry0001 struct {
	Num             int64      `gorm:"primaryKey;autoIncrement"`
	ID              string     `gorm:"not null;uniqueIndex"`
	Kind            string     `gorm:"not null"`
	Identifier      *string    `gorm:"uniqueIndex"`
	Title           string     `gorm:"not null"`
	CreatedOn       store.Time `gorm:"not null"`
	ModifiedOn      store.Time `gorm:"not null"`
	DeletedOn       store.NullTime
	CheckedOn       store.NullTime
	CheckedBy       string `gorm:"not null"`
	InterventionNum *int64 `gorm:"index"`
	AccountNum      *int64 `gorm:"index"`
	Surface         string `gorm:"not null"`
	Content         string `gorm:"not null"`
	Coordinates     string `gorm:"not null"`
	MinLon          *float64
	MinLat          *float64
	MaxLon          *float64
	MaxLat          *float64
	Version         int64 `gorm:"not null"`
}

func (entry0001) TableName() string { return "konova_entries" }

type document0001 struct {
	Num      int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_entries(num)"`
	Rev      int64  `gorm:"not null"`
	Split    int    `gorm:"not null"`
	Document []byte `gorm:"not null"`
	Flat     []byte `gorm:"not null"`
}

func (document0001) TableName() string { return "konova_documents" }

type share0001 struct {
	EntryNum  int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_entries(num)"`
	UserID    int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_users(id)"`
	Kind      string `gorm:"not null"`
	CreatedMs int64  `gorm:"not null"`
	EntryID   string `gorm:"not null"`
	Hidden    int    `gorm:"not null"`
}

func (share0001) TableName() string { return "konova_shares" }

type order0001 struct {
	UserID     int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_users(id)"`
	Kind       string `gorm:"primaryKey"`
	Generation int64  `gorm:"not null"`
}

func (order0001) TableName() string { return "konova_orders" }

type state0001 struct {
	Name       string `gorm:"primaryKey"`
	Generation int64  `gorm:"not null"`
}

func (state0001) TableName() string { return "konova_state" }

func konova0001(tx *gorm.DB) error {
	if err := store.CreateTables(tx, &user0001{}, &token0001{}, &code0001{}, &entry0001{}, &document0001{}, &state0001{}); err != nil {
		return err
	}
	if err := store.CreateKeyedTables(tx, &codeUse0001{}, &share0001{}, &order0001{}); err != nil {
		return err
	}
	for _, statement := range []string{
		"INSERT INTO konova_state (name, generation) VALUES ('codes', 1)",
		// No index is partial: SQLite would look at the values of each query to
		// see whether it applies, and prepare the statement anew every time.
		// The order of each user's lists; it covers the search for a page's keys.
		"CREATE INDEX konova_shares_page ON konova_shares (user_id, kind, hidden, created_ms, entry_id, entry_num)",
		// The search by box reads nothing but this.
		"CREATE INDEX konova_entries_box ON konova_entries (kind, min_lon, max_lon, min_lat, max_lat, deleted_on, num)",
	} {
		if err := tx.Exec(statement).Error; err != nil {
			return err
		}
	}
	return nil
}

// konova0002 takes away what said which entry shows which code: it was asked
// only when a code list changes, and the entries say it themselves.
func konova0002(tx *gorm.DB) error { return tx.Exec("DROP TABLE konova_code_uses").Error }

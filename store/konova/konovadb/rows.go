package konovadb

import (
	"encoding/json"
	"fmt"
	"strings"

	"loket/store"
	"loket/store/konova"
)

type userRow struct {
	ID        int64      `gorm:"primaryKey;autoIncrement"`
	Name      string     `gorm:"not null;uniqueIndex"`
	Groups    string     `gorm:"not null"` // joined by commas
	CreatedAt store.Time `gorm:"not null"`
	Version   int64      `gorm:"not null"`
}

func (userRow) TableName() string { return "konova_users" }

func (r userRow) fromDB() konova.User {
	u := konova.User{ID: r.ID, Name: r.Name}
	for g := range strings.SplitSeq(r.Groups, ",") {
		if g != "" {
			u.Groups = append(u.Groups, konova.Group(g))
		}
	}
	return u
}

type tokenRow struct {
	ID          int64      `gorm:"primaryKey;autoIncrement"`
	UserID      int64      `gorm:"not null;index" references:"konova_users(id)"`
	TokenSHA256 string     `gorm:"column:token_sha256;not null;uniqueIndex"` // lower-case hex
	CreatedAt   store.Time `gorm:"not null"`
	ConfirmedAt store.NullTime
	ValidUntil  store.Date `gorm:"not null"` // last day, in UTC; "" is without end
	RevokedAt   store.NullTime
	Version     int64 `gorm:"not null"`
}

func (tokenRow) TableName() string { return "konova_tokens" }

type codeRow struct {
	List       string `gorm:"primaryKey"`
	ID         int64  `gorm:"primaryKey;autoIncrement:false"`
	LongName   string `gorm:"not null"`
	ShortName  *string
	Selectable bool `gorm:"not null"`
	Archived   bool `gorm:"not null"`
}

func (codeRow) TableName() string { return "konova_codes" }

func (r codeRow) fromDB() konova.Code {
	return konova.Code{
		CodeKey:  konova.CodeKey{List: konova.List(r.List), ID: r.ID},
		LongName: r.LongName, ShortName: r.ShortName, Selectable: r.Selectable, Archived: r.Archived,
	}
}

type entryRow struct {
	Num             int64      `gorm:"primaryKey;autoIncrement"`
	ID              string     `gorm:"not null;uniqueIndex"`
	Kind            string     `gorm:"not null"`
	Identifier      *string    `gorm:"uniqueIndex"` // a deduction has none
	Title           string     `gorm:"not null"`
	CreatedOn       store.Time `gorm:"not null"`
	ModifiedOn      store.Time `gorm:"not null"`
	DeletedOn       store.NullTime
	CheckedOn       store.NullTime // of an intervention: passed the check, and unchanged since
	CheckedBy       string         `gorm:"not null"`
	InterventionNum *int64         `gorm:"index"` // of compensations and deductions
	AccountNum      *int64         `gorm:"index"` // of deductions
	Surface         string         `gorm:"not null"`
	Content         string         `gorm:"not null"` // konova.Entry as JSON
	Coordinates     string         `gorm:"not null"` // the geometry's text; "" is none
	MinLon          *float64
	MinLat          *float64
	MaxLon          *float64
	MaxLat          *float64
	Version         int64 `gorm:"not null"`
}

func (entryRow) TableName() string { return "konova_entries" }

func (r *entryRow) summary() konova.Summary {
	s := konova.Summary{ID: r.ID, Title: r.Title}
	if r.Identifier != nil {
		s.Identifier = *r.Identifier
	}
	return s
}

// toDB puts what a client wrote into the row; references are the caller's.
func (r *entryRow) toDB(e *konova.Entry) error {
	content, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("konovadb: content: %w", err)
	}
	r.Kind, r.Title, r.Surface, r.Content = string(e.Kind), e.Title, string(e.Surface), string(content)
	r.Coordinates, r.MinLon, r.MinLat, r.MaxLon, r.MaxLat = "", nil, nil, nil, nil
	if !e.Geometry.Empty() {
		b := e.Geometry.Bound()
		r.Coordinates = string(e.Geometry.Text())
		r.MinLon, r.MinLat, r.MaxLon, r.MaxLat = &b.Min[0], &b.Min[1], &b.Max[0], &b.Max[1]
	}
	return nil
}

// fromDB is what toDB wrote; the references' uuids are not in it.
func (r *entryRow) fromDB() (konova.Entry, error) {
	e := konova.Entry{}
	if err := json.Unmarshal([]byte(r.Content), &e); err != nil {
		return e, fmt.Errorf("konovadb: content of entry %d: %w", r.Num, err)
	}
	e.Kind, e.Title, e.Surface = konova.Kind(r.Kind), r.Title, konova.Decimal(r.Surface)
	if r.Coordinates != "" {
		g, err := konova.KnownGeometry([]byte(r.Coordinates))
		if err != nil {
			return e, fmt.Errorf("konovadb: entry %d: %w", r.Num, err)
		}
		e.Geometry = g
	}
	return e, nil
}

type documentRow struct {
	Num      int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_entries(num)"`
	Rev      int64  `gorm:"not null"` // counts the changes of document
	Split    int    `gorm:"not null"` // konova.Document
	Document []byte `gorm:"not null"` // keyed
	Flat     []byte `gorm:"not null"`
}

func (documentRow) TableName() string { return "konova_documents" }

// shareRow: Hidden is 1 for a deleted entry, so that who saw it is still known.
type shareRow struct {
	EntryNum  int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_entries(num)"`
	UserID    int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_users(id)"`
	Kind      string `gorm:"not null"`
	CreatedMs int64  `gorm:"not null"`
	EntryID   string `gorm:"not null"`
	Hidden    int    `gorm:"not null"`
}

func (shareRow) TableName() string { return "konova_shares" }

type orderRow struct {
	UserID     int64  `gorm:"primaryKey;autoIncrement:false" references:"konova_users(id)"`
	Kind       string `gorm:"primaryKey"`
	Generation int64  `gorm:"not null"`
}

func (orderRow) TableName() string { return "konova_orders" }

// stateRow counts the changes of something that programs keep in memory.
type stateRow struct {
	Name       string `gorm:"primaryKey"`
	Generation int64  `gorm:"not null"`
}

func (stateRow) TableName() string { return "konova_state" }

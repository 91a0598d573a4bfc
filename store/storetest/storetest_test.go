package storetest

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"loket/store"
)

type parent struct {
	ID string `gorm:"primaryKey"`
}

func (parent) TableName() string { return "parent" }

type then struct {
	ID     string `gorm:"primaryKey"`
	Parent string `gorm:"not null" references:"parent(id)"`
	Name   string `gorm:"not null;index"`
	Count  int64
	Gone   string
}

func (then) TableName() string { return "thing" }

type today struct {
	ID     string `gorm:"primaryKey"`
	Parent string `gorm:"not null;index" references:"parent(id)"`
	Name   string `gorm:"uniqueIndex:idx_thing_name"`
	Count  string
	Made   store.Time `gorm:"not null"`
}

func (today) TableName() string { return "thing" }

func made() []store.Migration {
	return []store.Migration{{ID: "thing-0001", Up: func(tx *gorm.DB) error {
		return store.CreateTables(tx, &parent{}, &then{})
	}}}
}

func TestDriftFindsNothing(t *testing.T) {
	Drift(t, made(), &parent{}, &then{})
}

func TestDriftFinds(t *testing.T) {
	found := strings.Join(drift(t, made(), &parent{}, &today{}), "\n")
	for _, part := range []string{"thing.name:", "thing.count:", "thing.gone:", "thing.made:", "index idx_thing_name as", "index idx_thing_parent as nothing"} {
		if !strings.Contains(found, part) {
			t.Errorf("drift does not find %q in:\n%s", part, found)
		}
	}
	if strings.Contains(found, "thing.id") || strings.Contains(found, "parent:") {
		t.Errorf("drift finds what is right:\n%s", found)
	}
}

type loose struct {
	ID     string `gorm:"primaryKey"`
	Parent string `gorm:"not null"`
}

func (loose) TableName() string { return "child" }

type bound struct {
	ID     string `gorm:"primaryKey"`
	Parent string `gorm:"not null" references:"parent(id)"`
}

func (bound) TableName() string { return "child" }

func TestDriftFindsForeignKeys(t *testing.T) {
	found := drift(t, []store.Migration{{ID: "loose-0001", Up: func(tx *gorm.DB) error {
		return store.CreateTables(tx, &parent{}, &loose{})
	}}}, &parent{}, &bound{})
	if len(found) != 1 || !strings.Contains(found[0], "foreign key parent") {
		t.Errorf("drift finds %q, want the foreign key", found)
	}
}

func TestDatabasesAreApart(t *testing.T) {
	a, b := Open(t, made()), Open(t, made())
	if err := a.InTx(t.Context(), func(tx *gorm.DB) error { return tx.Create(&parent{ID: "a"}).Error }); err != nil {
		t.Fatal(err)
	}
	var n int64
	if err := b.Reader(t.Context()).Model(&parent{}).Count(&n).Error; err != nil || n != 0 {
		t.Errorf("the other database has %d rows, %v", n, err)
	}
}

package geverdb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// owned are the rows that go with their object: the table, and the column that
// names it. Numbers that it was given stay reserved.
var owned = []struct {
	row    any
	column string
}{
	{&relationRow{}, "from_id"},
	{&relationRow{}, "to_id"},
	{&historyRow{}, "object_id"},
	{&versionRow{}, "object_id"},
	{&blobRow{}, "object_id"},
	{&roleRow{}, "object_id"},
	{&responseRow{}, "object_id"},
	{&participationRow{}, "object_id"},
	{&journalRow{}, "object_id"},
	{&redirectRow{}, "object_id"},
	{&approvalRow{}, "object_id"},
	{&uploadRow{}, "object_id"}, // its parts go with the next sweep
	{&uploadRow{}, "result_id"},
}

// Delete removes an object and everything in it for good (gever.md 3.6); its
// bytes go with the next sweep. Faults: Missing, Unauthorized for who may not
// see it, DeleteRefused, Locked.
func (d *DB) Delete(ctx context.Context, user, path string) error {
	return d.turn(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		c, err := d.content(tx, s)
		if err != nil {
			return err
		}
		if err := gever.CheckDelete(s.place(), c); err != nil {
			return err
		}
		return d.remove(tx, s)
	})
}

func (d *DB) remove(tx *gorm.DB, s *spot) error {
	for _, o := range owned {
		if err := tx.Where(o.column+" IN (?)", s.tree(tx).Select("id")).Delete(o.row).Error; err != nil {
			return store.Translate(err)
		}
	}
	if err := s.tree(tx).Delete(&objectRow{}).Error; err != nil {
		return store.Translate(err)
	}
	// What is gone is gone: no older object answers at its address.
	path := s.self().Path
	if err := tx.Where("path = ? OR ("+belowPath+")", path, path+"/", path+"0").Delete(&redirectRow{}).Error; err != nil {
		return store.Translate(err)
	}
	return left(tx, s.self())
}

package geverdb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Trash puts an object into the trash, with what is in it: it is read at its
// address as before, and no list shows it. Faults: Missing, Unauthorized,
// BadRequest for what cannot be trashed now.
func (d *DB) Trash(ctx context.Context, user, path string) error {
	return d.turn(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		c, err := d.content(tx, s)
		if err != nil {
			return err
		}
		// Here a lock counts whoever holds it.
		c.Locked = c.Locked || s.self().lock(d.Now()) != nil
		if err := gever.CheckTrash(s.place(), c); err != nil {
			return err
		}
		taken := d.touch(map[string]any{"trashed": true, "trashed_with": s.self().ID, "children": 0})
		if err := s.tree(tx).Where(untrashed).Updates(taken).Error; err != nil {
			return store.Translate(err)
		}
		return left(tx, s.self())
	})
}

// Untrash takes an object out of the trash, with what went there with it: back
// to where it stood among its siblings. Nothing happens to what is not there.
// Faults: Missing, Unauthorized, BadRequest while its parent is trashed.
func (d *DB) Untrash(ctx context.Context, user, path string) error {
	return d.turn(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		if err := gever.CheckUntrash(s.place()); err != nil || !s.self().Trashed {
			return err
		}
		above := s.above()
		place, err := back(tx, &above[len(above)-1], s.self())
		if err != nil {
			return err
		}
		found := s.tree(tx).Where("trashed_with = ?", s.self().ID)
		if err := found.Updates(d.touch(map[string]any{"trashed": false, "trashed_with": 0})).Error; err != nil {
			return store.Translate(err)
		}
		err = tx.Model(&objectRow{}).Where("id = ?", s.self().ID).Update("position", place).Error
		if err == nil {
			err = s.tree(tx).Update("children", gorm.Expr(
				"(SELECT count(*) FROM gever_objects c WHERE c.parent_id = gever_objects.id AND NOT c.trashed)")).Error
		}
		return store.Translate(err)
	})
}

// turn runs what takes an object, with everything in it, out of the tree or
// back into it.
func (d *DB) turn(ctx context.Context, user, path string, fn func(tx *gorm.DB, s *spot) error) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := shape(tx, alone); err != nil {
			return err
		}
		spots, err := d.held(tx, user, path)
		if err != nil {
			return err
		}
		return fn(tx, spots[0])
	})
}

// touch adds to a change of many rows what each change does.
func (d *DB) touch(change map[string]any) map[string]any {
	change["modified_at"] = store.At(d.Now())
	change["revision"], change["version"] = gorm.Expr("revision + 1"), gorm.Expr("version + 1")
	return change
}

package geverdb

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// untrashed is the condition of what lists and searches show.
const untrashed = "NOT trashed"

// shared and alone are how a use case takes part in the form of the tree.
const (
	shared = false
	alone  = true
)

// shape holds the form of the tree until the transaction ends. Who adds one
// object shares it; who changes many paths or flags at once has it alone, for
// what is being added below them meanwhile would not be seen. It comes before
// every lock of rows. SQLite has one writer and needs nothing.
func shape(tx *gorm.DB, mode bool) error {
	if tx.Name() != store.Postgres {
		return nil
	}
	lock := "pg_advisory_xact_lock_shared"
	if mode {
		lock = "pg_advisory_xact_lock"
	}
	return store.Translate(tx.Exec("SELECT " + lock + "(hashtextextended('gever tree', 0))").Error)
}

// parentPath is the path of what stands above; "" is the site.
func parentPath(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return ""
}

// held locks objects with what each stands in, the dossiers and the private
// folder above, in the order of ids, and reads those that the caller may see,
// as they were given.
func (d *DB) held(tx *gorm.DB, user string, paths ...string) ([]*spot, error) {
	var exact, above []string
	for _, p := range paths {
		exact = append(exact, p, parentPath(p))
		above = append(above, prefixes(p)...)
	}
	var rows []objectRow
	err := store.Lock(tx).Select("id", "path").Where("path IN ? OR (path IN ? AND type IN ?)", exact, above, lockedAbove).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	spots := make([]*spot, len(paths))
	for i, p := range paths {
		if !slices.ContainsFunc(rows, func(r objectRow) bool { return r.Path == p }) {
			return nil, d.nothing(tx, user, p)
		}
		if spots[i], err = d.visible(tx, user, p); err != nil {
			return nil, err
		}
	}
	return spots, nil
}

// tree is the query for an object and everything below it.
func (s *spot) tree(tx *gorm.DB) *gorm.DB {
	path := s.self().Path
	return tx.Model(&objectRow{}).Where("(path = ? OR ("+belowPath+"))", path, path+"/", path+"0")
}

// secret are the paths in an object that the caller sees, of what is kept from
// him; what stands in those is too.
func (s *spot) secret(tx *gorm.DB) (paths []string, err error) {
	if s.sight.Past {
		return nil, nil
	}
	err = s.tree(keptFrom(tx, s.user)).Pluck("path", &paths).Error
	return paths, store.Translate(err)
}

// without leaves out of rows what stands at one of the paths or below it.
func without(rows []objectRow, paths []string) []objectRow {
	return slices.DeleteFunc(rows, func(r objectRow) bool {
		return slices.ContainsFunc(paths, func(p string) bool { return r.Path == p || strings.HasPrefix(r.Path, p+"/") })
	})
}

// content is what the rules of whole parts need to know; trashed objects count
// as filling their container, and for nothing else.
func (d *DB) content(tx *gorm.DB, s *spot) (gever.Content, error) {
	var c gever.Content
	filled, err := exists(tx, "parent_id = ? AND id <> ?", s.self().ID, siteID)
	if err != nil {
		return c, err
	}
	c.Filled = filled
	var rows []objectRow
	err = s.tree(tx).Where(untrashed+" AND (type IN ? OR checked_out_by <> '' OR lock_token <> '')", append([]string{gever.FolderType}, gever.DossierTypes...)).
		Select("path", "type", "checked_out_by", "lock_token", "locked_by", "locked_at", "lock_timeout").Order("path").Find(&rows).Error
	if err != nil {
		return c, store.Translate(err)
	}
	dossiers, folders := map[string]int{}, map[string]int{} // levels from the object down to a path
	for i := range rows {
		r := &rows[i]
		c.CheckedOut = c.CheckedOut || r.CheckedOutBy != ""
		if l := r.lock(d.Now()); l != nil && l.By != s.user {
			c.Locked = true
		}
		switch {
		case gever.TypeOf(r.Type).Dossierish():
			dossiers[r.Path] = dossiers[parentPath(r.Path)] + 1
			c.Dossiers = max(c.Dossiers, dossiers[r.Path])
		case r.Type == gever.FolderType:
			folders[r.Path] = folders[parentPath(r.Path)] + 1
			c.Folders = max(c.Folders, folders[r.Path])
		}
	}
	return c, nil
}

// left closes the gap that a child leaves among its siblings; the parent's row
// is locked. A trashed child has left already, unless it was taken along: then
// it leaves those that come back with it.
func left(tx *gorm.DB, child *objectRow) error {
	if child.TrashedWith == child.ID {
		return nil
	}
	folders := 0
	if child.Type == gever.FolderType {
		folders = 1
	}
	err := tx.Exec("UPDATE gever_objects SET position = position - 1 WHERE parent_id = ? AND position > ? AND id <> ? AND trashed_with = ?",
		child.ParentID, child.Position, child.ID, child.TrashedWith).Error
	if err == nil && !child.Trashed {
		err = tx.Exec(`UPDATE gever_objects SET children = children - 1, folders = folders - ?, first_folder = EXISTS (
SELECT 1 FROM gever_objects c WHERE c.parent_id = ? AND c.position = 0 AND c.id <> ? AND c.type = ?) WHERE id = ?`,
			folders, child.ParentID, child.ID, gever.FolderType, child.ParentID).Error
	}
	return store.Translate(err)
}

// back makes room among the siblings for a child that comes out of the trash,
// and gives its place: where it stood, or the end.
func back(tx *gorm.DB, parent, child *objectRow) (int64, error) {
	place := min(child.Position, parent.Children)
	err := tx.Exec("UPDATE gever_objects SET position = position + 1 WHERE parent_id = ? AND position >= ? AND id <> ? AND "+untrashed,
		parent.ID, place, child.ID).Error
	if err == nil {
		err = tx.Exec("UPDATE gever_objects SET children = children + 1 WHERE id = ?", parent.ID).Error
	}
	return place, store.Translate(err)
}

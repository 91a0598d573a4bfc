package geverdb

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Patch changes the named values of an object. match is the If-Match header,
// "" for none: Changed when the object has another ETag.
//
// Faults: Missing, Unauthorized (also for an object whose state forbids it),
// Locked by another, NotCheckedOut for the file of a document, Inputs,
// Invariant and the others of a body.
//
// It gives the ETag after the change.
func (d *DB) Patch(ctx context.Context, user, path, match string, b Body) (string, error) {
	t, err := d.typeAt(ctx, path)
	if fault.ReasonOf(err) == fault.Missing {
		_, err = d.Look(ctx, user, path) // who may not know of it is told so
	}
	if err != nil {
		return "", err
	}
	files, err := d.keep(ctx, t, b.Values)
	if err != nil {
		return "", err
	}
	tag := ""
	err = d.DB.InTx(ctx, func(tx *gorm.DB) (err error) {
		tag, err = d.patch(tx, user, path, match, b)
		return err
	})
	if err != nil {
		d.dropBlobs(ctx, files.keys)
	}
	return tag, err
}

// PatchPublicTrial changes whether an object is public and why, also where it
// is closed or final; other values have no effect. Faults: those of Patch, and
// Missing for a type that is never public.
//
// It gives the ETag after the change.
func (d *DB) PatchPublicTrial(ctx context.Context, user, path string, values map[string]any) (tag string, err error) {
	only := map[string]any{}
	for _, name := range []string{"public_trial", "public_trial_statement"} {
		if v, given := values[name]; given {
			only[name] = v
		}
	}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.locked(tx, user, path)
		switch {
		case err != nil:
			return err
		case s.kind().Field("public_trial") == nil:
			return gever.Missing()
		case !s.place().MayPublish():
			return gever.Unauthorized()
		}
		tag, err = d.patchAt(tx, s, "", Body{Values: only})
		return err
	})
	return tag, err
}

// typeAt is the type of the object at a path.
func (d *DB) typeAt(ctx context.Context, path string) (*gever.Type, error) {
	var names []string
	if err := d.DB.Reader(ctx).Model(&objectRow{}).Where("path = ?", path).Pluck("type", &names).Error; err != nil {
		return nil, store.Translate(err)
	}
	if len(names) == 0 {
		return nil, gever.Missing()
	}
	return gever.TypeOf(names[0]), nil
}

// ETag is the state of an object's own attributes.
func (o *Object) ETag() string { return etag(o.UID, o.Revision) }

func etag(uid string, revision int64) string {
	return `"` + uid[:min(8, len(uid))] + "-" + strconv.FormatInt(revision, 10) + `"`
}

// matches reads If-Match (RFC 9110 13.1.1): a list of strong tags, or "*".
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || part == tag {
			return true
		}
	}
	return false
}

func (d *DB) patch(tx *gorm.DB, user, path, match string, b Body) (string, error) {
	for _, name := range []string{"reference_number_prefix", "reference_number_addendum"} {
		if _, is := b.Values[name]; !is {
			continue
		}
		// Every number below may change.
		if err := shape(tx, alone); err != nil {
			return "", err
		}
	}
	s, err := d.writable(tx, user, path)
	if err != nil {
		return "", err
	}
	return d.patchAt(tx, s, match, b)
}

// patchAt changes an object that the caller may change.
func (d *DB) patchAt(tx *gorm.DB, s *spot, match string, b Body) (string, error) {
	row, t, user := s.self(), s.kind(), s.user
	if match != "" && !matches(match, etag(row.UID, row.Revision)) {
		return "", fault.New(fault.PreconditionFailed, gever.Changed, "The object was changed in between.")
	}
	if l := row.lock(d.Now()); l != nil && l.By != user {
		return "", fault.New(fault.Forbidden, gever.Locked, "msg_resource_locked")
	}
	if _, file := b.Values[t.File]; file && t.File != "" && row.CheckedOutBy != user {
		return "", fault.New(fault.Forbidden, gever.NotCheckedOut, "msg_not_checked_out_by_current_user")
	}
	var failed error
	draft, err := d.Settings.Patch(t, s.mine(), b.Values, d.writing(tx, s, &failed))
	switch {
	case failed != nil:
		return "", failed
	case err != nil:
		return "", err
	case b.Strict:
		if err := draft.Strict(); err != nil {
			return "", err
		}
	}
	if err := d.order(tx, row, b.Values["ordering"]); err != nil {
		return "", err
	}
	err = d.change(tx, s, draft)
	return etag(row.UID, row.Revision), err
}

// change writes what the draft changed; a draft that changes nothing leaves
// `modified` alone.
func (d *DB) change(tx *gorm.DB, s *spot, draft *gever.Draft) error {
	row, t, now := s.self(), s.kind(), d.Now()
	targets, err := d.resolve(tx, s.user, t, draft.Refs)
	if err != nil {
		return err
	}
	related, err := d.changedRelations(tx, row, targets)
	if err != nil {
		return err
	}
	if !draft.Changed && !related {
		return nil
	}
	d.files(draft, now)
	if t.Name == gever.FolderType {
		if err := d.renumber(tx, s, draft); err != nil {
			return err
		}
	}
	addendum := draft.Values.Text("reference_number_addendum") != s.mine().Text("reference_number_addendum")
	was, is := gever.ProtectionOf(s.mine()), gever.ProtectionOf(draft.Values)
	shield(row, was, is)
	d.fill(row, draft)
	row.ModifiedAt, row.ChangedAt, row.Touched = store.At(now), store.At(now), d.Settings.Today(now)
	row.Revision++
	if err := store.Update(tx, row); err != nil {
		return err
	}
	err = d.afford(tx, s, func() error {
		if err := release(tx, s, draft); err != nil {
			return err
		}
		return d.belongings(tx, s, row, draft, targets)
	})
	if err != nil {
		return err
	}
	if err := protect(tx, row.ID, was, is); err != nil {
		return err
	}
	if addendum {
		return d.readdend(tx, s, draft)
	}
	return nil
}

// release forgets the bytes of files that are replaced or taken away, unless a
// checkout may bring them back or a version holds them.
func release(tx *gorm.DB, s *spot, draft *gever.Draft) error {
	fields := slices.Clone(draft.Drops)
	for name := range draft.Uploads {
		fields = append(fields, name)
	}
	for _, name := range fields {
		old, err := spare(tx, s, name)
		if err == nil && old != nil {
			err = store.Translate(tx.Where("blob_key = ? AND object_id = ?", old.Blob, s.self().ID).Delete(&blobRow{}).Error)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// spare is the file of a field when nothing else needs its bytes: neither a
// checkout, that may bring them back, nor a version.
func spare(tx *gorm.DB, s *spot, field string) (*gever.Stored, error) {
	old := s.mine().StoredOf(field)
	if old == nil || strings.Contains(s.self().BeforeFile, old.Blob) {
		return nil, nil
	}
	var versions int64
	err := tx.Model(&versionRow{}).Where("object_id = ? AND file LIKE ?", s.self().ID, "%"+old.Blob+"%").Count(&versions).Error
	if err != nil || versions > 0 {
		return nil, store.Translate(err)
	}
	return old, nil
}

func (d *DB) changedRelations(tx *gorm.DB, row *objectRow, targets map[string][]int64) (bool, error) {
	changed := false
	for field, ids := range targets {
		var old []int64
		err := tx.Model(&relationRow{}).Where("from_id = ? AND field = ?", row.ID, field).Order("position").Pluck("to_id", &old).Error
		if err != nil {
			return false, store.Translate(err)
		}
		changed = changed || !slices.Equal(old, ids)
	}
	return changed, nil
}

// renumber gives a folder another number, and everything below it with it.
func (d *DB) renumber(tx *gorm.DB, s *spot, draft *gever.Draft) error {
	row := s.self()
	if draft.Values.Text("reference_number_prefix") == row.Part {
		return nil
	}
	parent := s.above()[len(s.above())-1]
	if err := d.prefix(tx, &parent, draft, row); err != nil {
		return err
	}
	if err := d.numbered(tx, s.kind(), row); err != nil {
		return err
	}
	figures := map[string]any{"last_prefix": row.Part}
	if n, err := strconv.ParseInt(row.Part, 10, 64); err == nil && n > parent.Highest {
		figures["highest"] = n
	}
	if err := tx.Model(&objectRow{}).Where("id = ?", parent.ID).Updates(figures).Error; err != nil {
		return store.Translate(err)
	}
	old := row.Reference
	above := *s
	above.chain, above.values = s.above(), s.values[:len(s.values)-1]
	row.Reference = d.reference(&above, s.kind(), row.Part)
	return rewrite(tx, row.Path, old, row.Reference)
}

// readdend rewrites every number below a root whose addendum changed.
func (d *DB) readdend(tx *gorm.DB, s *spot, draft *gever.Draft) error {
	begin := func(v gever.Values) string {
		if a := v.Text("reference_number_addendum"); a != "" {
			return d.Settings.Abbreviation + " " + a + " "
		}
		return d.Settings.Abbreviation + " "
	}
	return rewrite(tx, s.self().Path, begin(s.mine()), begin(draft.Values))
}

// rewrite replaces the beginning of every reference number below a path, in
// one statement.
func rewrite(tx *gorm.DB, path, before, after string) error {
	n := len([]rune(before))
	err := tx.Exec("UPDATE gever_objects SET reference = ? || substr(reference, ?) WHERE "+belowPath+" AND substr(reference, 1, ?) = ?",
		after, n+1, path+"/", path+"0", n, before).Error
	if err != nil {
		return store.Translate(err)
	}
	return reindex(tx, path)
}

// order puts a child in another place (gever.md 1.5). Positions stay without
// gaps: what lies between moves by one, in one statement.
func (d *DB) order(tx *gorm.DB, row *objectRow, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	id, _ := m["obj_id"].(string)
	child, err := store.First[objectRow](tx, "parent_id = ? AND name = ? AND "+untrashed, row.ID, id)
	if err != nil {
		return badOrder(err, "no object %q here", id)
	}
	steps, err := d.subset(tx, row, m["subset_ids"])
	if err != nil {
		return err
	}
	to, err := target(child, row.Children, m["delta"], steps)
	if err != nil || to == child.Position {
		return err
	}
	shift, from, until := -1, child.Position+1, to
	if to < child.Position {
		shift, from, until = 1, to, child.Position-1
	}
	err = tx.Exec("UPDATE gever_objects SET position = position + ? WHERE parent_id = ? AND position BETWEEN ? AND ? AND "+untrashed, shift, row.ID, from, until).Error
	if err == nil {
		err = tx.Exec("UPDATE gever_objects SET position = ? WHERE id = ?", to, child.ID).Error
	}
	if err == nil && (to == 0 || child.Position == 0) {
		err = tx.Exec(`UPDATE gever_objects SET first_folder = EXISTS (
SELECT 1 FROM gever_objects c WHERE c.parent_id = ? AND c.position = 0 AND c.type = ?) WHERE id = ?`, row.ID, gever.FolderType, row.ID).Error
	}
	if err != nil {
		return store.Translate(err)
	}
	fresh, err := store.First[objectRow](tx, "id = ?", row.ID)
	if err == nil {
		row.FirstFolder = fresh.FirstFolder
	}
	return err
}

func badOrder(err error, detail string, args ...any) error {
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return fault.New(fault.Invalid, gever.BadRequest, detail, args...)
}

// subset are the positions of the listed children: the client counts steps
// among them alone. Nil when it lists none.
func (d *DB) subset(tx *gorm.DB, row *objectRow, v any) ([]int64, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, nil
	}
	var children []objectRow
	err := tx.Select("name", "position").Where("parent_id = ? AND name IN ? AND "+untrashed, row.ID, list).Order("position").Find(&children).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	positions := make([]int64, len(children))
	for i, c := range children {
		if i >= len(list) || list[i] != c.Name {
			return nil, badOrder(nil, "Client/server ordering mismatch")
		}
		positions[i] = c.Position
	}
	if len(children) != len(list) {
		return nil, badOrder(nil, "Client/server ordering mismatch")
	}
	return positions, nil
}

// target is where a child goes.
func target(child *objectRow, children int64, delta any, steps []int64) (int64, error) {
	switch delta {
	case "top":
		return 0, nil
	case "bottom":
		return children - 1, nil
	}
	n, ok := wholeOf(delta)
	if !ok {
		return 0, badOrder(nil, "delta must be top, bottom or a whole number")
	}
	if steps == nil {
		return min(max(child.Position+n, 0), children-1), nil
	}
	at := slices.Index(steps, child.Position)
	if at < 0 {
		return 0, badOrder(nil, "obj_id is not among subset_ids")
	}
	return steps[min(max(at+int(n), 0), len(steps)-1)], nil
}

func wholeOf(v any) (int64, bool) {
	switch n := v.(type) {
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	case int64:
		return n, true
	case float64:
		return int64(n), true
	case string:
		i, err := strconv.ParseInt(n, 10, 32)
		return i, err == nil
	default:
		return 0, false
	}
}

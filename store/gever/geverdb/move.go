package geverdb

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Moved tells where an object was, or was copied from, and where it is.
type Moved struct{ From, To string }

// Move brings objects, with everything in them, into a container: all of them
// or none. Each gets a number of its new place, or the one that it had there
// before; its old address leads to the new one (Redirect). What stands in the
// container already stays.
//
// Faults: Missing, Unauthorized for the container; Inputs for a source that is
// nowhere; MoveRefused, Locked.
func (d *DB) Move(ctx context.Context, user, target string, sources []gever.Ref) ([]Moved, error) {
	return d.relocate(ctx, user, target, sources, d.moveOne)
}

// relocate runs fn for each source with the container as the one before left
// it; everything is locked.
func (d *DB) relocate(ctx context.Context, user, target string, sources []gever.Ref, fn func(tx *gorm.DB, s, into *spot) (Moved, error)) ([]Moved, error) {
	var out []Moved
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		out = []Moved{}
		if err := shape(tx, alone); err != nil {
			return err
		}
		if _, err := d.visible(tx, user, target); err != nil {
			return err
		}
		rows, err := d.sources(tx, user, sources)
		if err != nil {
			return err
		}
		paths := []string{target}
		for _, r := range rows {
			paths = append(paths, r.Path)
		}
		spots, err := d.held(tx, user, paths...)
		if err != nil {
			return err
		}
		for _, r := range rows {
			into, err := d.again(tx, user, spots[0].self().ID)
			if err != nil {
				return err
			}
			s, err := d.again(tx, user, r.ID)
			if err != nil {
				return err
			}
			moved, err := fn(tx, s, into)
			if err != nil {
				return err
			}
			moved.From = r.Path // as it was before any of them moved
			out = append(out, moved)
		}
		return nil
	})
	return out, err
}

// again reads an object that is locked, wherever it is now.
func (d *DB) again(tx *gorm.DB, user string, id int64) (*spot, error) {
	row, err := store.First[objectRow](tx.Select("path"), "id = ?", id)
	if err != nil {
		return nil, err
	}
	return d.visible(tx, user, row.Path)
}

// sources finds the objects that the caller names and may see, each once.
func (d *DB) sources(tx *gorm.DB, user string, refs []gever.Ref) ([]*objectRow, error) {
	var rows []*objectRow
	var faults []fault.Field
	for _, ref := range refs {
		row, err := d.find(tx, ref)
		if err != nil {
			return nil, err
		}
		if row == nil || row.ID == siteID || !d.mayRelate(tx, user, &gever.Field{}, row) {
			faults = append(faults, ref.Unresolvable("source"))
			continue
		}
		if !slices.ContainsFunc(rows, func(r *objectRow) bool { return r.ID == row.ID }) {
			rows = append(rows, row)
		}
	}
	return rows, gever.InputsNotValid(faults)
}

// goal is the container as the rules see it.
func goal(s, into *spot) gever.Target {
	from, to := s.self().Path, into.self().Path
	return gever.Target{Place: into.place(), Inside: into.inside(), Itself: to == from || strings.HasPrefix(to, from+"/")}
}

func (d *DB) moveOne(tx *gorm.DB, s, into *spot) (Moved, error) {
	row, old := s.self(), *s.self()
	from := &spot{chain: slices.Clone(s.chain)} // row will be where it goes
	if row.ParentID == into.self().ID {
		return Moved{old.Path, old.Path}, nil
	}
	c, err := d.content(tx, s)
	if err != nil {
		return Moved{}, err
	}
	if err := d.Settings.CheckMove(s.place(), c, goal(s, into)); err != nil {
		return Moved{}, err
	}
	if err := left(tx, &old); err != nil {
		return Moved{}, err
	}
	row.ParentID, row.Position = into.self().ID, into.self().Children
	if err := d.nameThere(tx, into, row); err != nil {
		return Moved{}, err
	}
	values := s.mine()
	restored, err := d.numberThere(tx, into, s.kind(), row, values)
	if err != nil {
		return Moved{}, err
	}
	if s.kind().Dossierish() && old.Reference != "" && old.Reference != row.Reference {
		values["former_reference_number"] = old.Reference
	}
	if err := d.rehold(tx, from, into); err != nil {
		return Moved{}, err
	}
	now := d.Now()
	row.Fields, row.ModifiedAt, row.ChangedAt, row.Touched = textOf(values), store.At(now), store.At(now), d.Settings.Today(now)
	row.Revision++
	if err := d.carry(tx, &old, row); err != nil {
		return Moved{}, err
	}
	if err := store.Update(tx, row); err != nil {
		return Moved{}, err
	}
	if err := d.renumberBelow(tx, s.user, &old, row); err != nil {
		return Moved{}, err
	}
	if err := d.numbered(tx, s.kind(), row); err != nil {
		return Moved{}, err
	}
	if err := reindex(tx, row.Path); err != nil {
		return Moved{}, err
	}
	count(into.self(), s.kind(), row, restored)
	if err := figures(tx, into.self()); err != nil {
		return Moved{}, err
	}
	return Moved{old.Path, row.Path}, redirect(tx, old.Path, row)
}

// nameThere keeps the object's id, with a number behind it where it is taken,
// and gives it its path.
func (d *DB) nameThere(tx *gorm.DB, into *spot, row *objectRow) error {
	base := row.Name
	for i := 1; i < maxTries; i++ {
		taken, err := exists(tx, "parent_id = ? AND name = ?", into.self().ID, row.Name)
		if err != nil {
			return err
		}
		if !taken && (into.self().ID != siteID || !gever.Reserved(row.Name)) {
			row.Path = childPath(into.self(), row.Name)
			return nil
		}
		row.Name = base + "-" + strconv.Itoa(i)
	}
	return fault.New(fault.Invalid, gever.BadID, "The id %q is already in use.", base)
}

func childPath(parent *objectRow, name string) string {
	if parent.Path == "" {
		return name
	}
	return parent.Path + "/" + name
}

// numberThere gives the object its number in the container: the one that it
// once had there (restored), or the next (gever.md 2.9).
func (d *DB) numberThere(tx *gorm.DB, into *spot, t *gever.Type, row *objectRow, values gever.Values) (restored bool, err error) {
	var had []string
	err = tx.Model(&referenceRow{}).Where("parent_id = ? AND object_id = ?", into.self().ID, row.ID).Pluck("number", &had).Error
	if err != nil {
		return false, store.Translate(err)
	}
	delete(values, "reference_number_prefix")
	if len(had) > 0 {
		// A folder may have had several: the latest counted on.
		row.Part = slices.MaxFunc(had, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
		if t.Name == gever.FolderType {
			values["reference_number_prefix"] = row.Part
		}
		row.Reference = d.reference(into, t, row.Part)
		return true, nil
	}
	return false, d.number(tx, into, t, &gever.Draft{Values: values}, row)
}

// count adds a child to its parent's figures.
func count(parent *objectRow, t *gever.Type, child *objectRow, restored bool) {
	if t.Name == gever.FolderType {
		parent.Folders++
		parent.FirstFolder = parent.FirstFolder || child.Position == 0
		if n, err := strconv.ParseInt(child.Part, 10, 64); err == nil {
			parent.Highest = max(parent.Highest, n)
		}
		if !restored {
			parent.LastPrefix = child.Part
		}
	}
	parent.Children++
}

// figures writes what a parent says of its children; its row is locked.
func figures(tx *gorm.DB, p *objectRow) error {
	return store.Translate(tx.Model(&objectRow{}).Where("id = ?", p.ID).Updates(map[string]any{
		"children": p.Children, "folders": p.Folders, "first_folder": p.FirstFolder,
		"highest": p.Highest, "last_prefix": p.LastPrefix, "last_dossier": p.LastDossier,
	}).Error)
}

// carry gives everything below the object its new path, and where the object
// had a number and has one, that as the beginning of theirs: in one statement.
// The numbers that dossiers lose are kept.
func (d *DB) carry(tx *gorm.DB, old, row *objectRow) error {
	from, until := old.Path+"/", old.Path+"0"
	if old.Reference != row.Reference {
		err := tx.Exec(former[tx.Name()]+belowPath+" AND type IN ? AND reference <> ''", from, until, gever.DossierTypes).Error
		if err != nil {
			return store.Translate(err)
		}
	}
	before, after := old.Reference, row.Reference
	if before == "" || after == "" {
		before, after = "", "" // renumberBelow does it
	}
	n := len([]rune(before))
	err := tx.Exec(`UPDATE gever_objects SET path = ? || substr(path, ?), revision = revision + 1, version = version + 1,
reference = CASE WHEN substr(reference, 1, ?) = ? THEN ? || substr(reference, ?) ELSE reference END WHERE `+belowPath,
		row.Path, len(old.Path)+1, n, before, after, n+1, from, until).Error
	return store.Translate(err)
}

// former is the statement that keeps the numbers which dossiers lose.
var former = map[string]string{
	store.SQLite:   "UPDATE gever_objects SET fields = json_set(fields, '$.former_reference_number', reference) WHERE ",
	store.Postgres: "UPDATE gever_objects SET fields = jsonb_set(fields::jsonb, '{former_reference_number}', to_jsonb(reference))::text WHERE ",
}

// renumberBelow gives what stands below a moved object the numbers of the new
// place where carry could not: each is made anew.
func (d *DB) renumberBelow(tx *gorm.DB, user string, old, row *objectRow) error {
	if old.Reference != "" && row.Reference != "" {
		return nil
	}
	s, err := d.spot(tx, user, row.Path)
	if err != nil {
		return err
	}
	var rows []objectRow
	err = tx.Where(belowPath, row.Path+"/", row.Path+"0").Select("id", "path", "type", "part", "sequence", "reference").Order("path").Find(&rows).Error
	if err != nil {
		return store.Translate(err)
	}
	chains := map[string][]gever.RefNode{row.Path: s.refs()}
	for i := range rows {
		r := &rows[i]
		if r.Part == "" && gever.TypeOf(r.Type).Documentish() {
			r.Part = strconv.FormatInt(r.Sequence, 10) // the page's, which never had a number
		}
		above := chains[parentPath(r.Path)]
		chain := append(above[:len(above):len(above)], gever.RefNode{Type: gever.TypeOf(r.Type), Part: r.Part})
		chains[r.Path] = chain
		number, _ := d.Settings.Reference(chain)
		if number == r.Reference {
			continue
		}
		if err := tx.Model(&objectRow{}).Where("id = ?", r.ID).Updates(map[string]any{"reference": number, "part": r.Part}).Error; err != nil {
			return store.Translate(err)
		}
	}
	return nil
}

// redirect remembers where an object was.
func redirect(tx *gorm.DB, from string, row *objectRow) error {
	err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&redirectRow{Path: from, ObjectID: row.ID}).Error
	if err == nil {
		err = tx.Where("path = ?", row.Path).Delete(&redirectRow{}).Error
	}
	return store.Translate(err)
}

// maxRedirects is how many moves after each other are followed: an object out
// of a folder that was moved itself, and so on.
const maxRedirects = 20

// Redirect tells where the object is that was once at a path, or below one
// that was moved; false when there is none, something else is there now, or
// the caller may not see it.
func (d *DB) Redirect(ctx context.Context, user, path string) (to string, found bool, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		to, found = path, false
		taken, err := exists(tx, "path = ?", path)
		if err != nil || taken {
			return err
		}
		seen := map[string]bool{}
		for range maxRedirects {
			next, err := follow(tx, to, seen)
			if err != nil || next == "" {
				return err
			}
			to = next
			switch _, err := d.visible(tx, user, to); fault.ReasonOf(err) {
			case "":
				found = err == nil
				return err
			case fault.Missing: // moved again, from there
			case gever.NotAllowed:
				return nil
			default:
				return err
			}
		}
		return nil
	})
	return to, found, err
}

// follow takes the longest part of a path that an object was moved from, and
// puts the object's path in its place; "" when there is none.
func follow(tx *gorm.DB, path string, seen map[string]bool) (string, error) {
	var steps []struct{ Was, Now string }
	err := tx.Raw(`SELECT r.path AS was, o.path AS now FROM gever_redirects r JOIN gever_objects o ON o.id = r.object_id
WHERE r.path IN ? ORDER BY length(r.path) DESC`, prefixes(path)).Scan(&steps).Error
	for _, s := range steps {
		if next := s.Now + strings.TrimPrefix(path, s.Was); !seen[next] && next != path {
			seen[next] = true
			return next, nil
		}
	}
	return "", store.Translate(err)
}

// Copy makes copies of objects in a container, with everything in them that
// the caller may see and that is not trashed: all of them or none. They are new
// objects of the caller: with new ids and numbers, in the first state of their
// workflow, without versions, history and roles; a copy of what takes no roles
// from above takes none either, and the caller keeps his there; a copy of a
// protected dossier is protected as it is. A document that
// is checked out is copied as it was before. Faults as Move's.
func (d *DB) Copy(ctx context.Context, user, target string, sources []gever.Ref) ([]Moved, error) {
	return d.relocate(ctx, user, target, sources, d.copyOne)
}

func (d *DB) copyOne(tx *gorm.DB, s, into *spot) (Moved, error) {
	c, err := d.content(tx, s)
	if err != nil {
		return Moved{}, err
	}
	if err := d.Settings.CheckCopy(s.place(), c, goal(s, into)); err != nil {
		return Moved{}, err
	}
	k := &copier{d: d, tx: tx, children: map[int64][]*objectRow{}, made: map[int64]int64{}}
	var rows []objectRow
	err = s.tree(tx).Where(untrashed+" AND state NOT IN ?", []string{gever.DocumentRemoved, gever.MailRemoved}).Order("parent_id, position").Find(&rows).Error
	if err != nil {
		return Moved{}, store.Translate(err)
	}
	secret, err := s.secret(tx)
	if err != nil {
		return Moved{}, err
	}
	rows = without(rows, secret)
	var root *objectRow
	for i := range rows {
		if r := &rows[i]; r.ID == s.self().ID {
			root = r
		} else {
			k.children[r.ParentID] = append(k.children[r.ParentID], r)
		}
	}
	if root == nil {
		return Moved{}, gever.Missing() // removed, and only for those who restore it
	}
	var row *objectRow
	err = d.afford(tx, into, func() (err error) {
		row, err = k.copy(into, root, true)
		return err
	})
	if err != nil {
		return Moved{}, err
	}
	if err := figures(tx, into.self()); err != nil {
		return Moved{}, err
	}
	return Moved{s.self().Path, row.Path}, k.relate(rows)
}

// copier copies one subtree.
type copier struct {
	d        *DB
	tx       *gorm.DB
	children map[int64][]*objectRow // by parent, in their order
	made     map[int64]int64        // copies by what they were made of
}

// copy makes the copy of one object and of what is in it. The container's
// figures are counted in its row, not yet written.
func (k *copier) copy(into *spot, of *objectRow, root bool) (*objectRow, error) {
	d, t, now := k.d, gever.TypeOf(of.Type), store.At(k.d.Now())
	values, err := copied(t, of, root && of.ParentID == into.self().ID)
	if err != nil {
		return nil, err
	}
	if root {
		delete(values, "reference_number_prefix")
	}
	row := &objectRow{
		UID: newUID(), ParentID: into.self().ID, Type: t.Name, Name: of.Name, Blocked: of.Blocked, State: t.Flow(into.place().InWorkspace()).Initial,
		Position: into.self().Children, Creator: into.user, Description: of.Description, Title: d.Settings.TitleOfValues(t, values),
		CreatedAt: now, ModifiedAt: now, ChangedAt: now, Touched: d.Settings.Today(now.Time), Revision: 1, Version: 1,
	}
	draft := &gever.Draft{Values: values, Title: row.Title}
	if err := d.queue(k.tx, into, draft, row); err != nil {
		return nil, err
	}
	if t.Sequence != "" || root {
		if err := d.name(k.tx, into, t, draft, row, nil); err != nil {
			return nil, err
		}
	}
	row.Path = childPath(into.self(), row.Name)
	if err := d.number(k.tx, into, t, draft, row); err != nil {
		return nil, err
	}
	row.Fields = textOf(values)
	if err := k.tx.Create(row).Error; err != nil {
		return nil, store.Translate(err)
	}
	k.made[of.ID] = row.ID
	protection := gever.ProtectionOf(values)
	if err := protect(k.tx, row.ID, gever.Protection{}, protection); err != nil {
		return nil, err
	}
	if row.Blocked && !protection.Blocks() {
		if err := d.keepRoles(k.tx, into.user, into.roles, row); err != nil {
			return nil, err
		}
	}
	if err := k.belongings(into, t, row, values); err != nil {
		return nil, err
	}
	count(into.self(), t, row, false)
	inner := &spot{chain: append(slices.Clone(into.chain), *row), values: append(slices.Clone(into.values), values), user: into.user, roles: into.roles}
	for _, child := range k.children[of.ID] {
		if _, err := k.copy(inner, child, false); err != nil {
			return nil, err
		}
	}
	if len(k.children[of.ID]) == 0 {
		return row, nil
	}
	return row, figures(k.tx, inner.self())
}

// belongings writes the copy's first line of history, its number, and which
// bytes it shares.
func (k *copier) belongings(into *spot, t *gever.Type, row *objectRow, values gever.Values) error {
	entry := historyRow{ObjectID: row.ID, Actor: into.user, State: row.State, Title: "Erstellt", At: row.CreatedAt}
	if err := k.tx.Create(&entry).Error; err != nil {
		return store.Translate(err)
	}
	if err := k.d.numbered(k.tx, t, row); err != nil {
		return err
	}
	for _, field := range t.FileFields() {
		f := values.StoredOf(field)
		if f == nil {
			continue
		}
		shares := &blobRow{BlobKey: f.Blob, ObjectID: row.ID, Holder: into.holder(), Size: f.Size}
		if err := k.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(shares).Error; err != nil {
			return store.Translate(err)
		}
	}
	return nil
}

// relate copies the relations: within what was copied they lead to the copies.
func (k *copier) relate(rows []objectRow) error {
	for part := range slices.Chunk(rows, 500) {
		ids := make([]int64, len(part))
		for i := range part {
			ids[i] = part[i].ID
		}
		var old []relationRow
		if err := k.tx.Where("from_id IN ?", ids).Order("from_id, field, position").Find(&old).Error; err != nil {
			return store.Translate(err)
		}
		for _, r := range old {
			r.FromID = k.made[r.FromID]
			if to, within := k.made[r.ToID]; within {
				r.ToID = to
			}
			if err := k.tx.Create(&r).Error; err != nil {
				return store.Translate(err)
			}
		}
	}
	return nil
}

// copied are the values of a copy; beside shows that it stands in the same
// container.
func copied(t *gever.Type, of *objectRow, beside bool) (gever.Values, error) {
	old, err := valuesOf(of.Fields)
	if err != nil {
		return nil, err
	}
	values := maps.Clone(old)
	delete(values, "former_reference_number")
	if of.CheckedOutBy != "" {
		if delete(values, t.File); of.BeforeFile != "" {
			before, err := valuesOf(of.BeforeFile)
			if err != nil {
				return nil, err
			}
			values[t.File] = map[string]any(before)
		}
	}
	if beside {
		gever.CopyTitles(t, values)
	}
	if f := values.StoredOf(t.File); t.Documentish() && f != nil {
		f.Name = gever.FileName(values.Text("title"), gever.Extension(f.Name))
		values[t.File] = f
	}
	return values, nil
}

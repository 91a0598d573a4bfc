package geverdb

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Window is a part of the children. Size 0 is none of them.
type Window struct{ Start, Size int64 }

// View is an object with what its answer shows besides.
type View struct {
	*Object
	Above    []*Object // outermost (the site) first
	Children []*Object // the window's, in their order
	Related  map[string][]*Object
	Back     []*Object // what names it as related
	Next     *Object
	Previous *Object
	Users    map[string]User // those whom it names
	Caller   string
	Roles    gever.Roles
	Place    gever.Place
	Said     []Response // of a task, oldest first
	// Succeeded tells of a subtask of a sequential task that another comes
	// after it.
	Succeeded bool

	sight gever.Sight
}

// Parent is what it stands in; nil for the site.
func (v *View) Parent() *Object {
	if len(v.Above) == 0 {
		return nil
	}
	return v.Above[len(v.Above)-1]
}

// Get reads an object with a window of its children: as many queries at any
// depth and for any window. Missing when nothing is there, Unauthorized when
// the caller may not see it.
func (d *DB) Get(ctx context.Context, user, path string, w Window) (*View, error) {
	var v *View
	err := d.DB.Read(ctx, func(tx *gorm.DB) (err error) {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		v, err = d.view(tx, s, w)
		return err
	})
	return v, err
}

func (d *DB) view(tx *gorm.DB, s *spot, w Window) (*View, error) {
	v, err := d.bare(tx, s, w)
	if err != nil {
		return nil, err
	}
	return v, d.complete(tx, []*View{v})
}

// bare is view without what completes it.
func (d *DB) bare(tx *gorm.DB, s *spot, w Window) (*View, error) {
	v := &View{Caller: s.user, Roles: s.roles, Place: s.place(), sight: s.sight}
	for i := range s.chain {
		o, err := objectOf(&s.chain[i], d.Now())
		if err != nil {
			return nil, err
		}
		if i > 0 {
			o.stands(gever.TypeOf(s.chain[i-1].Type))
		}
		if i == len(s.chain)-1 {
			v.Object = o
		} else {
			v.Above = append(v.Above, o)
		}
	}
	var err error
	if v.Children, err = d.shown(tx, v, w); err != nil {
		return nil, err
	}
	for _, c := range v.Children {
		c.stands(v.Type)
	}
	return v, nil
}

// Whole makes views of objects that were found, each complete but for its
// children, in their order: their neighbours are a query or two for each,
// everything else is as many for any number of them.
func (d *DB) Whole(ctx context.Context, user string, found []*View) ([]*View, error) {
	var out []*View
	paths := make([]string, len(found))
	for i, v := range found {
		paths[i] = v.Path
	}
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		out = nil
		spots, err := d.spots(tx, user, paths...)
		if err != nil || len(paths) == 0 {
			return err
		}
		for _, path := range paths {
			s := spots[path]
			if s == nil || !s.place().MayView() {
				continue // gone meanwhile
			}
			v, err := d.bare(tx, s, Window{})
			if err != nil {
				return err
			}
			if err := d.neighbours(tx, []*View{v}); err != nil {
				return err
			}
			out = append(out, v)
		}
		return d.belonging(tx, out)
	})
	return out, err
}

// children are a window of an object's children; positions have no gaps, so
// nothing is skipped over.
func (d *DB) children(tx *gorm.DB, parent int64, w Window) ([]*Object, error) {
	if w.Size <= 0 {
		return nil, nil
	}
	var rows []objectRow
	err := tx.Where("parent_id = ? AND position >= ? AND position < ? AND id <> ? AND "+untrashed, parent, w.Start, w.Start+w.Size, siteID).
		Order("position").Find(&rows).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	return d.objects(rows)
}

// stands notes in what the object stands.
func (o *Object) stands(parent *gever.Type) {
	o.Subdossier = o.Type.Dossierish() && parent.Dossierish()
}

// placed tells for objects whose parents were not read which of them are
// subdossiers: what their summaries say (gever.md 1.7). One query for any
// number of them, none when there is no dossier among them.
func placed(tx *gorm.DB, list []*Object) error {
	dossiers := map[int64]*Object{}
	for _, o := range list {
		if o.Type.Dossierish() {
			dossiers[o.IntID] = o
		}
	}
	if len(dossiers) == 0 {
		return nil
	}
	var subs []int64
	err := tx.Table("gever_objects o").Joins("JOIN gever_objects p ON p.id = o.parent_id").
		Where("o.id IN ? AND p.type IN ?", slices.Collect(maps.Keys(dossiers)), gever.DossierTypes).Pluck("o.id", &subs).Error
	for _, id := range subs {
		dossiers[id].Subdossier = true
	}
	return store.Translate(err)
}

// keptFrom are the objects that are kept from a user who sees what they stand
// in.
func keptFrom(tx *gorm.DB, user string) *gorm.DB {
	return notOf(tx, user).Where("blocked")
}

// notOf are the objects at which a user was given no role to see them.
func notOf(tx *gorm.DB, user string) *gorm.DB {
	return tx.Model(&objectRow{}).Where("NOT id IN (SELECT object_id FROM gever_local_roles WHERE role IN ? AND "+mine+")",
		gever.Viewing(), user, string(everybody.Principal), user)
}

// hiding are the positions of children that are kept from the caller,
// ascending: few, as most children take what is given above them. Trashed ones
// are not among them: they are listed for nobody, and another child may stand
// at the position that one of them had.
type hiding []int64

// hiding reads them; none where no child is Blocked, without a query. Of private
// folders everybody sees his own.
func (d *DB) hiding(tx *gorm.DB, parent *Object, v *View) (h hiding, err error) {
	var from *gorm.DB
	switch private := parent.Type.Name == gever.PrivateRootType; {
	case private && !v.sight.Everything:
		from = notOf(tx, v.Caller)
	case parent.Hides && !v.sight.Past && !private:
		from = keptFrom(tx, v.Caller)
	default:
		return nil, nil
	}
	err = from.Where("parent_id = ? AND "+untrashed, parent.IntID).Order("position").Pluck("position", &h).Error
	return h, store.Translate(err)
}

func (h hiding) has(position int64) bool {
	_, found := slices.BinarySearch(h, position)
	return found
}

// at is the position of the n-th child that is shown, from 0.
func (h hiding) at(n int64) int64 {
	for _, p := range h {
		if p > n {
			break
		}
		n++
	}
	return n
}

// next goes from a position by steps of 1 or -1 to the next that is shown.
func (h hiding) next(position, step int64) int64 {
	for position += step; h.has(position); {
		position += step
	}
	return position
}

// between are the children from one position up to another, without what is
// hidden.
func (d *DB) between(tx *gorm.DB, parent, from, to int64, h hiding) ([]*Object, error) {
	list, err := d.children(tx, parent, Window{Start: from, Size: to - from})
	return slices.DeleteFunc(list, func(o *Object) bool { return h.has(o.Position) }), err
}

// shown are a window of the children that the caller may see; it sets how many
// these are.
func (d *DB) shown(tx *gorm.DB, v *View, w Window) ([]*Object, error) {
	h, err := d.hiding(tx, v.Object, v)
	if err != nil {
		return nil, err
	}
	v.Object.Children -= int64(len(h))
	return d.between(tx, v.IntID, h.at(w.Start), h.at(w.Start+w.Size), h)
}

func (d *DB) objects(rows []objectRow) ([]*Object, error) {
	out := make([]*Object, len(rows))
	for i := range rows {
		o, err := objectOf(&rows[i], d.Now())
		if err != nil {
			return nil, err
		}
		out[i] = o
	}
	return out, nil
}

// Full makes views of an object's children, for answers that show them whole:
// as many queries for any number of them.
func (d *DB) Full(ctx context.Context, v *View) ([]*View, error) {
	views := v.Bare()
	err := d.DB.Read(ctx, func(tx *gorm.DB) error { return d.complete(tx, views) })
	return views, err
}

// complete reads what the answers of these views need: neighbours, relations,
// users. The views are of one parent.
func (d *DB) complete(tx *gorm.DB, views []*View) error {
	if len(views) == 0 {
		return nil
	}
	if err := d.neighbours(tx, views); err != nil {
		return err
	}
	return d.belonging(tx, views)
}

// belonging reads what they name, and what was said of them; the views may
// stand anywhere.
func (d *DB) belonging(tx *gorm.DB, views []*View) error {
	if len(views) == 0 {
		return nil
	}
	if err := d.relations(tx, views); err != nil {
		return err
	}
	if err := d.inLine(tx, views); err != nil {
		return err
	}
	if err := d.said(tx, views); err != nil {
		return err
	}
	return d.named(tx, views)
}

// shows tells whether answers of any of the views have a computed key.
func (d *DB) shows(views []*View, key string) bool {
	return slices.ContainsFunc(views, func(v *View) bool {
		return slices.Contains(v.Type.Computed, key) || slices.Contains(v.Type.Only[d.Settings.Contract], key)
	})
}

func (d *DB) neighbours(tx *gorm.DB, views []*View) error {
	parent := views[0].Parent()
	if parent == nil || !d.shows(views, "next_item") {
		return nil
	}
	if views[0].Trashed {
		return nil // it stands among nobody
	}
	h, err := d.hiding(tx, parent, views[0])
	if err != nil {
		return err
	}
	first, last := h.next(views[0].Position, -1), h.next(views[len(views)-1].Position, 1)
	around, err := d.between(tx, parent.IntID, max(first, 0), last+1, h)
	if err != nil {
		return err
	}
	next := map[int64]*Object{} // by id
	for i, o := range around {
		if i > 0 {
			next[around[i-1].IntID] = o
		}
	}
	previous := map[int64]*Object{}
	for i, o := range around[:max(len(around)-1, 0)] {
		previous[around[i+1].IntID] = o
	}
	for _, v := range views {
		v.Previous, v.Next = previous[v.IntID], next[v.IntID]
	}
	return nil
}

// relatedRow is an object with the relation that leads to it.
type relatedRow struct {
	Row    objectRow `gorm:"embedded"`
	Anchor int64     // the object that asks
	Field  string    // "" when the relation points at it
}

// related reads what the objects name, and what names them, in one query.
const related = `
SELECT o.*, r.from_id AS anchor, r.field AS field, r.position AS place
FROM gever_relations r JOIN gever_objects o ON o.id = r.to_id WHERE r.from_id IN ?
UNION ALL
SELECT o.*, r.to_id AS anchor, '' AS field, 0 AS place
FROM gever_relations r JOIN gever_objects o ON o.id = r.from_id WHERE r.to_id IN ? AND r.field IN ('relatedItems', 'relatedDossier')
ORDER BY anchor, field, place, id`

func (d *DB) relations(tx *gorm.DB, views []*View) error {
	ids, byID := make([]int64, len(views)), map[int64]*View{}
	for i, v := range views {
		ids[i], byID[v.IntID] = v.IntID, v
		v.Related = map[string][]*Object{}
	}
	var rows []relatedRow
	if err := tx.Raw(related, ids, ids).Scan(&rows).Error; err != nil {
		return store.Translate(err)
	}
	objects := make([]*Object, len(rows))
	for i := range rows {
		o, err := objectOf(&rows[i].Row, d.Now())
		if err != nil {
			return err
		}
		objects[i] = o
	}
	seen, err := d.readable(tx, views[0].Caller, objects)
	if err != nil {
		return err
	}
	for i, o := range objects {
		if !slices.Contains(seen, o) {
			continue
		}
		v := byID[rows[i].Anchor]
		if field := rows[i].Field; field != "" {
			v.Related[field] = append(v.Related[field], o)
		} else {
			v.Back = append(v.Back, o)
		}
	}
	return placed(tx, seen)
}

// named reads the users whose names the answers show.
func (d *DB) named(tx *gorm.DB, views []*View) error {
	var ids []string
	for _, v := range views {
		ids = append(ids, v.CheckedOutBy)
		for _, field := range v.Type.Named(d.Settings.Contract) {
			ids = append(ids, v.Values.Users(field)...)
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	users, err := d.usersOf(tx, ids)
	if err != nil {
		return err
	}
	for _, v := range views {
		v.Users = users
	}
	return nil
}

// Types are all types, and which of them the caller may create in a container.
func (d *DB) Types(ctx context.Context, user, path string) (map[string]bool, error) {
	addable := map[string]bool{}
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		for _, t := range gever.Types() {
			addable[t.Name] = d.Settings.CheckAdd(s.place(), t, s.inside()) == nil
		}
		return nil
	})
	return addable, err
}

// Bare are the children as views without what completes them: enough for
// summaries.
func (v *View) Bare() []*View {
	views := make([]*View, len(v.Children))
	for i, c := range v.Children {
		place := v.Place
		place.Chain = append(slices.Clone(place.Chain), gever.Node{Type: c.Type, State: c.State, Trashed: c.Trashed})
		views[i] = &View{Object: c, Above: append(slices.Clone(v.Above), v.Object), Caller: v.Caller, Roles: v.Roles, Place: place, sight: v.sight}
	}
	return views
}

// Look reads an object alone, for those who may see it.
func (d *DB) Look(ctx context.Context, user, path string) (*Object, error) {
	var o *Object
	err := d.DB.Read(ctx, func(tx *gorm.DB) (err error) {
		_, o, err = d.seen(tx, user, path)
		return err
	})
	return o, err
}

// seen is visible with the object as it is shown.
func (d *DB) seen(tx *gorm.DB, user, path string) (*spot, *Object, error) {
	s, err := d.visible(tx, user, path)
	if err != nil {
		return nil, nil, err
	}
	o, err := objectOf(s.self(), d.Now())
	return s, o, err
}

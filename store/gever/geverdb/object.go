package geverdb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Object is one object as it is kept.
type Object struct {
	IntID        int64
	UID          string
	Path         string // ids from the site, "" for the site
	Name         string // its id
	Type         *gever.Type
	Title        string
	Description  string
	State        string
	Creator      string
	Position     int64
	Children     int64
	FirstFolder  bool // the first child is a repository folder
	Subdossier   bool // a dossier in a dossier; lists of hits ask for it with placed
	Trashed      bool
	Sequence     int64
	Reference    string // "" when it has none
	Values       gever.Values
	CreatedAt    time.Time
	ModifiedAt   time.Time
	ChangedAt    time.Time
	Touched      string
	CheckedOutBy string
	Lock         *Lock // nil when nobody holds one
	Versions     int64
	Revision     int64
	Blocked      bool // takes no roles from above
	Hides        bool // a child is Blocked, so that not everybody sees all of them
}

// Lock is a lock on an object; it ends by itself.
type Lock struct {
	Token   string
	By      string
	At      time.Time
	Timeout int64 // seconds
}

// objectOf reads a row; now ends locks.
func objectOf(r *objectRow, now time.Time) (*Object, error) {
	t := gever.TypeOf(r.Type)
	if t == nil {
		return nil, fmt.Errorf("geverdb: object %d has the unknown type %q", r.ID, r.Type)
	}
	values, err := valuesOf(r.Fields)
	if err != nil {
		return nil, err
	}
	return &Object{
		IntID: r.ID, UID: r.UID, Path: r.Path, Name: r.Name, Type: t, Title: r.Title, Description: r.Description, State: r.State,
		Creator: r.Creator, Position: r.Position, Children: r.Children, FirstFolder: r.FirstFolder, Trashed: r.Trashed, Sequence: r.Sequence, Reference: r.Reference,
		Values: values, CreatedAt: r.CreatedAt.Time, ModifiedAt: r.ModifiedAt.Time, ChangedAt: r.ChangedAt.Time, Touched: r.Touched,
		CheckedOutBy: r.CheckedOutBy, Lock: r.lock(now), Versions: r.Versions, Revision: r.Revision, Blocked: r.Blocked, Hides: r.Hides,
	}, nil
}

// lock is the lock that holds now.
func (r *objectRow) lock(now time.Time) *Lock {
	at := r.LockedAt.Ptr()
	if r.LockToken == "" || at == nil || !now.Before(at.Add(time.Duration(r.LockTimeout)*time.Second)) {
		return nil
	}
	return &Lock{Token: r.LockToken, By: r.LockedBy, At: *at, Timeout: r.LockTimeout}
}

func (r *objectRow) dossierish() bool { return gever.TypeOf(r.Type).Dossierish() }

func valuesOf(text string) (gever.Values, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	v := gever.Values{}
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("geverdb: broken values in the store: %w", err)
	}
	return v, nil
}

func textOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("geverdb: %T cannot be kept: %v", v, err)) // plain JSON values: cannot fail
	}
	return string(b)
}

// spot is an object with everything above it and the caller's roles there.
type spot struct {
	chain  []objectRow // outermost (the site) first, itself last
	values []gever.Values
	user   string
	roles  gever.Roles
	sight  gever.Sight
}

func (s *spot) self() *objectRow   { return &s.chain[len(s.chain)-1] }
func (s *spot) mine() gever.Values { return s.values[len(s.values)-1] }
func (s *spot) kind() *gever.Type  { return gever.TypeOf(s.self().Type) }
func (s *spot) above() []objectRow { return s.chain[:len(s.chain)-1] }
func (s *spot) place() gever.Place {
	p := gever.Place{Roles: s.roles}
	for i := range s.chain {
		t := gever.TypeOf(s.chain[i].Type)
		n := gever.Node{Type: t, State: s.chain[i].State, Trashed: s.chain[i].Trashed}
		if t.Name == gever.FolderType {
			n.Open = !s.values[i].Flag("respect_max_subdossier_depth_restriction")
		}
		p.Chain = append(p.Chain, n)
	}
	return p
}

// inside is what containment needs to know of the children.
func (s *spot) inside() gever.Inside { return gever.Inside{Folders: s.self().Folders > 0} }

// prefixes are the paths from the site down to path.
func prefixes(path string) []string {
	out := []string{""}
	for i := range len(path) {
		if path[i] == '/' {
			out = append(out, path[:i])
		}
	}
	if path != "" {
		out = append(out, path)
	}
	return out
}

// spot reads the object at a path: one query for it and what is above it, one
// for the roles. Missing when there is none.
func (d *DB) spot(tx *gorm.DB, user, path string) (*spot, error) {
	found, err := d.spots(tx, user, path)
	if err == nil && found[path] == nil {
		err = d.nothing(tx, user, path)
	}
	return found[path], err
}

// nothing is the refusal where nothing is: Missing; below private folders that
// are not the caller's Unauthorized, as if there were something.
func (d *DB) nothing(tx *gorm.DB, user, path string) error {
	above := prefixes(path)
	found, err := d.spots(tx, user, above...)
	if err != nil {
		return err
	}
	for i, p := range slices.Backward(above) {
		s := found[p]
		if s == nil {
			continue
		}
		own := i+1 < len(above) && strings.TrimPrefix(above[i+1], p+"/") == user
		if s.place().Private() && !s.place().MayView() || s.kind().Name == gever.PrivateRootType && !s.sight.Everything && !own {
			return gever.Unauthorized()
		}
		break
	}
	return gever.Missing()
}

// hides tells of an object whose child is Blocked.
const hides = "*, EXISTS (SELECT 1 FROM gever_objects c WHERE c.parent_id = gever_objects.id AND c.blocked) AS hides"

// mine are the rows of gever_local_roles that speak of a user; its parameters
// are his id, gever.Everybody as a principal, and his id again.
const mine = "(principal = ? OR principal = ? OR principal IN (SELECT principal FROM gever_members WHERE user_id = ?))"

// spots is spot for several paths, in two queries; what is not there is not in
// the map.
func (d *DB) spots(tx *gorm.DB, user string, paths ...string) (map[string]*spot, error) {
	var wanted []string
	for _, path := range paths {
		wanted = append(wanted, prefixes(path)...)
	}
	slices.Sort(wanted)
	var rows []objectRow
	if err := tx.Select(hides).Where("path IN ?", slices.Compact(wanted)).Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	byPath, ids := make(map[string]*objectRow, len(rows)), make([]int64, len(rows))
	for i := range rows {
		byPath[rows[i].Path], ids[i] = &rows[i], rows[i].ID
	}
	var given []roleRow
	err := tx.Where("object_id IN ? AND "+mine, ids, user, string(gever.GroupPrincipal(gever.Everybody)), user).
		Order("object_id, role").Find(&given).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	out := make(map[string]*spot, len(paths))
	for _, path := range paths {
		if out[path], err = d.assemble(user, path, byPath, given); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// assemble puts a spot together; nil when its object is not there.
func (d *DB) assemble(user, path string, byPath map[string]*objectRow, given []roleRow) (*spot, error) {
	s := &spot{user: user}
	for _, p := range prefixes(path) {
		row := byPath[p]
		if row == nil {
			return nil, nil
		}
		v, err := valuesOf(row.Fields)
		if err != nil {
			return nil, err
		}
		s.chain, s.values = append(s.chain, *row), append(s.values, v)
	}
	roles := givenAt(s.chain, given)
	s.roles, s.sight = append(gever.InForce(roles, s.walls()), d.ofTask(s)...), gever.SightOf(roles)
	return s, nil
}

// givenAt are the rows that stand on a chain, with their places in it.
func givenAt(chain []objectRow, rows []roleRow) []gever.Given {
	var out []gever.Given
	for i := range chain {
		for _, r := range rows {
			if r.ObjectID == chain[i].ID {
				out = append(out, gever.Given{At: i, Role: gever.Role(r.Role)})
			}
		}
	}
	return out
}

// ofTask are the roles that follow from a task itself.
func (d *DB) ofTask(s *spot) gever.Roles {
	var out gever.Roles
	for i := range s.chain {
		if !gever.TypeOf(s.chain[i].Type).Tasklike || s.user == "" {
			continue
		}
		if s.values[i].Text("issuer") == s.user {
			out = append(out, gever.Issuer)
		}
		if user, own := d.Settings.OwnUser(s.values[i].Text("responsible")); own && user == s.user {
			out = append(out, gever.Responsible)
		}
	}
	return out
}

// visible is spot for an object that the caller may read; Unauthorized when
// not.
func (d *DB) visible(tx *gorm.DB, user, path string) (*spot, error) {
	s, err := d.spot(tx, user, path)
	if err != nil {
		return nil, err
	}
	if !s.place().MayView() {
		return nil, gever.Unauthorized()
	}
	return s, nil
}

// readable are those of the objects that the caller may see, in their order.
func (d *DB) readable(tx *gorm.DB, user string, list []*Object) ([]*Object, error) {
	if len(list) == 0 {
		return list, nil
	}
	paths := make([]string, len(list))
	for i, o := range list {
		paths[i] = o.Path
	}
	found, err := d.spots(tx, user, paths...)
	return slices.DeleteFunc(slices.Clone(list), func(o *Object) bool {
		return found[o.Path] == nil || !found[o.Path].place().MayView()
	}), err
}

// lockedAbove are the types of what is locked above an object that changes.
var lockedAbove = slices.Concat(gever.DossierTypes, gever.PrivateTypes)

// locked is visible with the object's row, and those of the dossiers and the
// private folder above it, locked until the end of the transaction: closing a
// dossier waits for what is being added below it, and the other way round; and
// what comes into a private folder comes one after the other, so that each
// counts the bytes of the one before.
func (d *DB) locked(tx *gorm.DB, user, path string) (*spot, error) {
	var rows []objectRow
	err := store.Lock(tx).Select("id", "path").Where("path = ? OR (path IN ? AND type IN ?)", path, prefixes(path), lockedAbove).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	if !slices.ContainsFunc(rows, func(r objectRow) bool { return r.Path == path }) {
		return nil, d.nothing(tx, user, path)
	}
	return d.visible(tx, user, path)
}

// writable is locked for an object that the caller may change now.
func (d *DB) writable(tx *gorm.DB, user, path string) (*spot, error) {
	s, err := d.locked(tx, user, path)
	if err != nil {
		return nil, err
	}
	if !s.place().MayModify() {
		return nil, gever.Unauthorized()
	}
	return s, nil
}

package geverdb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
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
		CheckedOutBy: r.CheckedOutBy, Lock: r.lock(now), Versions: r.Versions, Revision: r.Revision,
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
// for the roles.
func (d *DB) spot(tx *gorm.DB, user, path string) (*spot, error) {
	paths := prefixes(path)
	s := &spot{user: user}
	if err := tx.Where("path IN ?", paths).Order("length(path)").Find(&s.chain).Error; err != nil {
		return nil, store.Translate(err)
	}
	if len(s.chain) != len(paths) {
		return nil, gever.Missing()
	}
	ids := make([]int64, len(s.chain))
	for i := range s.chain {
		ids[i] = s.chain[i].ID
		v, err := valuesOf(s.chain[i].Fields)
		if err != nil {
			return nil, err
		}
		s.values = append(s.values, v)
	}
	var roles []string
	if err := tx.Model(&roleRow{}).Where("principal = ? AND object_id IN ?", user, ids).Distinct().Pluck("role", &roles).Error; err != nil {
		return nil, store.Translate(err)
	}
	for _, r := range roles {
		s.roles = append(s.roles, gever.Role(r))
	}
	s.roles = append(s.roles, d.ofTask(s)...)
	return s, nil
}

// ofTask are the roles that follow from a task itself.
func (d *DB) ofTask(s *spot) gever.Roles {
	var out gever.Roles
	for i := range s.chain {
		if s.chain[i].Type != gever.TaskType || s.user == "" {
			continue
		}
		if s.values[i].Text("issuer") == s.user {
			out = append(out, gever.Issuer)
		}
		if s.values[i].Text("responsible") == d.Settings.AdminUnit+":"+s.user {
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

// locked is visible with the object's row, and those of the dossiers above it,
// locked until the end of the transaction: closing a dossier waits for what is
// being added below it, and the other way round.
func (d *DB) locked(tx *gorm.DB, user, path string) (*spot, error) {
	var rows []objectRow
	err := store.Lock(tx).Select("id", "path").Where("path = ? OR (path IN ? AND type = ?)", path, prefixes(path), gever.DossierType).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	if !slices.ContainsFunc(rows, func(r objectRow) bool { return r.Path == path }) {
		return nil, gever.Missing()
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

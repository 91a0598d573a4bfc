package geverdb

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Sharing is who has which role at an object.
type Sharing struct {
	Object  *Object
	Entries []SharingEntry // of the window
	Total   int64          // of all entries
	May     bool           // the caller may change it
}

// SharingEntry is one principal with his roles at the object.
type SharingEntry struct {
	Person

	Local    []gever.Role // given here
	Acquired []gever.Role // given above
}

// Sharing reads who has which of the roles that can be shared (gever.Shared)
// at an object: those who have one, and everybody. A search adds the users and
// groups that it finds; a window cuts the list.
func (d *DB) Sharing(ctx context.Context, user, path, search string, w Window) (*Sharing, error) {
	var out *Sharing
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, o, err := d.seen(tx, user, path)
		if err != nil {
			return err
		}
		entries, err := d.entries(tx, s, search)
		if err != nil {
			return err
		}
		total := int64(len(entries))
		out = &Sharing{Object: o, Entries: entries[min(w.Start, total):min(w.Start+w.Size, total)], Total: total, May: s.place().MayShare()}
		return nil
	})
	return out, err
}

func (d *DB) entries(tx *gorm.DB, s *spot, search string) ([]SharingEntry, error) {
	held, err := d.holders(tx, s)
	if err != nil {
		return nil, err
	}
	ids := []gever.Principal{gever.GroupPrincipal(gever.Everybody)}
	for p := range held {
		ids = append(ids, p)
	}
	people, err := d.people(tx, ids)
	if err != nil {
		return nil, err
	}
	if search != "" {
		found, err := d.findPeople(tx, search)
		if err != nil {
			return nil, err
		}
		people = append(people, found...)
	}
	var out []SharingEntry
	for _, p := range people {
		if !slices.ContainsFunc(out, func(e SharingEntry) bool { return e.Principal == p.Principal }) {
			e := held[p.Principal]
			out = append(out, SharingEntry{Person: p, Local: e.Local, Acquired: e.Acquired})
		}
	}
	return out, nil
}

// holders are the roles that principals have at a place, without those that only
// the operator gives.
func (d *DB) holders(tx *gorm.DB, s *spot) (map[gever.Principal]SharingEntry, error) {
	ids := make([]int64, len(s.chain))
	for i := range s.chain {
		ids[i] = s.chain[i].ID
	}
	shared := make([]string, len(gever.Shared))
	for i, r := range gever.Shared {
		shared[i] = string(r.Role)
	}
	var rows []roleRow
	if err := tx.Where("object_id IN ? AND role IN ?", ids, shared).Order("principal, role").Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := map[gever.Principal]SharingEntry{}
	for _, r := range rows {
		p, role := gever.Principal(r.Principal), gever.Role(r.Role)
		e := out[p]
		switch {
		case r.ObjectID == s.self().ID:
			e.Local = append(e.Local, role)
		case len(gever.InForce(givenAt(s.chain, []roleRow{r}), s.walls())) == 0:
			continue
		case !slices.Contains(e.Acquired, role):
			e.Acquired = append(e.Acquired, role)
		}
		out[p] = e
	}
	return out, nil
}

// walls are the nearest objects in the chain that take nothing from above.
func (s *spot) walls() (w gever.Walls) {
	for i := range s.chain {
		if s.chain[i].Blocked {
			w.Blocked = i
		}
		if gever.TypeOf(s.chain[i].Type).Private() {
			w.Private = i
		}
	}
	return w
}

// Share gives and takes roles at an object, and lets it take those from above
// or not. Who ends that keeps his own roles.
//
// Faults: Missing, Unauthorized, Inputs for somebody who is not there, and for
// inheritance of what cannot end it, or is protected. What protection gives
// (Protection) stays.
func (d *DB) Share(ctx context.Context, user, path string, c gever.SharingChange) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.locked(tx, user, path)
		if err != nil {
			return err
		}
		if !s.place().MayShare() {
			return gever.Unauthorized()
		}
		if err := d.known(tx, c.Entries); err != nil {
			return err
		}
		for _, e := range c.Entries {
			if err := d.share(tx, s.self().ID, e); err != nil {
				return err
			}
		}
		if c.Inherit == nil || *c.Inherit != s.self().Blocked {
			return nil
		}
		return d.inherit(tx, s, *c.Inherit)
	})
}

// known refuses entries of nobody.
func (d *DB) known(tx *gorm.DB, entries []gever.SharingEntry) error {
	ids := make([]gever.Principal, len(entries))
	for i, e := range entries {
		ids[i] = e.Principal
	}
	people, err := d.people(tx, ids)
	if err != nil {
		return err
	}
	var faults []fault.Field
	for _, id := range ids {
		if !slices.ContainsFunc(people, func(p Person) bool { return p.Principal == id }) {
			name := cmp.Or(groupOf(id), string(id))
			faults = append(faults, gever.FieldFault("entries", "reference", "There is no user or group "+name+"."))
		}
	}
	return gever.InputsNotValid(faults)
}

// share gives a principal the roles of an entry, and no others that can be
// shared. What protection gives him is his already: who sends back what he
// read does not make it last longer than the protection.
func (d *DB) share(tx *gorm.DB, object int64, e gever.SharingEntry) error {
	for _, shared := range gever.Shared {
		var err error
		if slices.Contains(e.Roles, shared.Role) {
			row := roleRow{ObjectID: object, Principal: string(e.Principal), Role: string(shared.Role), Given: byHand}
			err = store.Translate(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
		} else {
			err = take(tx, byHand, "object_id = ? AND principal = ? AND role = ?", object, string(e.Principal), string(shared.Role))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inherit lets roles from above in again, or keeps them out.
func (d *DB) inherit(tx *gorm.DB, s *spot, on bool) error {
	if !on && !s.kind().MayBlock() {
		return gever.InputsNotValid([]fault.Field{gever.FieldFault("inherit", "constraint", "Only containers can end the inheritance of roles.")})
	}
	if gever.ProtectionOf(s.mine()).Blocks() {
		return gever.InputsNotValid([]fault.Field{gever.FieldFault("inherit", "constraint", "The dossier is protected: reading and reading_and_writing must be empty first.")})
	}
	row := s.self()
	row.Blocked = !on
	row.Revision++
	if err := store.Update(tx, row); err != nil || on {
		return err
	}
	return d.keepRoles(tx, s.user, s.roles, row)
}

// keepRoles gives a user those of his roles at an object that ended when it
// took none from above any more.
func (d *DB) keepRoles(tx *gorm.DB, user string, roles gever.Roles, row *objectRow) error {
	after, err := d.spot(tx, user, row.Path)
	if err != nil {
		return err
	}
	for _, role := range roles {
		if slices.Contains(gever.AllRoles, role) && !slices.Contains(after.roles, role) {
			if err := giveRole(tx, row.ID, user, role); err != nil {
				return err
			}
		}
	}
	return nil
}

// Allowed are the roles that let see an object, and the principals who may see
// it by one of them; sorted.
func (d *DB) Allowed(ctx context.Context, user, path string) (roles []string, principals []gever.Principal, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		ids := make([]int64, len(s.chain))
		for i := range s.chain {
			ids[i] = s.chain[i].ID
		}
		var rows []roleRow
		if err := tx.Where("object_id IN ? AND role IN ?", ids, gever.Viewing()).Order("principal").Find(&rows).Error; err != nil {
			return store.Translate(err)
		}
		given := map[string][]gever.Given{}
		for _, r := range rows {
			given[r.Principal] = append(given[r.Principal], givenAt(s.chain, []roleRow{r})...)
		}
		for p, g := range given {
			if len(gever.InForce(g, s.walls())) > 0 {
				principals = append(principals, gever.Principal(p))
			}
		}
		for _, id := range d.taskPeople(s) {
			principals = append(principals, gever.Principal(id))
		}
		return nil
	})
	slices.Sort(principals)
	roles = gever.Viewing()
	slices.Sort(roles)
	return roles, slices.Compact(principals), err
}

// taskPeople are the users who may see a place by a task above it, or by it.
func (d *DB) taskPeople(s *spot) []string {
	var out []string
	for i := range s.chain {
		if gever.TypeOf(s.chain[i].Type).Tasklike {
			out = append(out, s.values[i].Text("issuer"))
			if user, ok := d.Settings.OwnUser(s.values[i].Text("responsible")); ok {
				out = append(out, user)
			}
		}
	}
	return out
}

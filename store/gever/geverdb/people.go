package geverdb

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/gever"
)

// Person is a user or a group.
type Person struct {
	Principal gever.Principal
	ID        string
	Title     string // "Lastname Firstname", or the group's
	Login     string // of a user
	Active    bool
	User      *User // nil for a group
}

// Group is a group of users.
type Group struct {
	ID    string
	Title string
}

// groupOf is the id of a principal that is a group; "" for a user.
func groupOf(p gever.Principal) string {
	if id, is := p.Group(); is {
		return id
	}
	return ""
}

// everybody is the group that holds all users.
var everybody = Person{Principal: gever.GroupPrincipal(gever.Everybody), ID: gever.Everybody, Title: "Angemeldete Benutzer", Active: true}

func personOfUser(r *userRow) Person {
	u := userOf(r)
	return Person{Principal: gever.Principal(u.ID), ID: u.ID, Title: u.Fullname(), Login: u.Login, Active: r.Active, User: &u}
}

func personOfGroup(r *groupRow) Person {
	return Person{Principal: gever.GroupPrincipal(r.ID), ID: r.ID, Title: cmp.Or(r.Title, r.ID), Active: true}
}

// people finds principals: groups first, each sorted by title; who is not
// there is not among them.
func (d *DB) people(tx *gorm.DB, ids []gever.Principal) ([]Person, error) {
	var users, groups []string
	var out []Person
	for _, id := range ids {
		switch group, is := id.Group(); {
		case group == gever.Everybody:
			out = []Person{everybody}
		case is:
			groups = append(groups, group)
		default:
			users = append(users, string(id))
		}
	}
	found, err := d.peopleOf(tx, tx.Where("id IN ?", groups), tx.Where("id IN ?", users))
	return append(out, found...), err
}

func (d *DB) peopleOf(tx *gorm.DB, groups, users *gorm.DB) ([]Person, error) {
	var (
		groupRows []groupRow
		userRows  []userRow
	)
	if err := tx.Where(groups).Find(&groupRows).Error; err != nil {
		return nil, store.Translate(err)
	}
	if err := tx.Where(users).Find(&userRows).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]Person, 0, len(groupRows)+len(userRows))
	for i := range groupRows {
		out = append(out, personOfGroup(&groupRows[i]))
	}
	for i := range userRows {
		out = append(out, personOfUser(&userRows[i]))
	}
	slices.SortStableFunc(out, func(a, b Person) int {
		if a.User == nil != (b.User == nil) {
			return map[bool]int{true: -1, false: 1}[a.User == nil]
		}
		return cmp.Or(strings.Compare(gever.Folded(a.Title), gever.Folded(b.Title)), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// findPeople finds active users and groups by id, name or address.
func (d *DB) findPeople(tx *gorm.DB, search string) ([]Person, error) {
	all, err := d.peopleOf(tx, tx.Where("id <> ''"), tx.Where("active"))
	return slices.DeleteFunc(all, func(p Person) bool {
		texts := []string{p.ID, p.Title}
		if p.User != nil {
			texts = append(texts, p.Login, p.User.Email, p.User.Firstname+" "+p.User.Lastname)
		}
		return !gever.Matches(search, texts...)
	}), err
}

// NewGroup is what a group is made of.
type NewGroup struct {
	Group

	Members []string // ids of users; all of them
	Roles   []gever.Role
	Path    string // where it has the roles; "" is everywhere
}

// CreateGroup makes a group, or gives one that is there another title, other
// members and more roles. Missing when a member or the path is not there.
func (d *DB) CreateGroup(ctx context.Context, n NewGroup) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&groupRow{ID: n.ID, Title: n.Title}).Error; err != nil {
			return store.Translate(err)
		}
		principal := string(gever.GroupPrincipal(n.ID))
		if err := tx.Where("principal = ?", principal).Delete(&memberRow{}).Error; err != nil {
			return store.Translate(err)
		}
		for _, id := range n.Members {
			if _, err := store.First[userRow](tx, "id = ?", id); err != nil {
				return err
			}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&memberRow{Principal: principal, UserID: id}).Error; err != nil {
				return store.Translate(err)
			}
		}
		return giveRoles(tx, n.Path, principal, n.Roles)
	})
}

// giveRoles gives a principal roles at a path.
func giveRoles(tx *gorm.DB, path, principal string, roles []gever.Role) error {
	at, err := store.First[objectRow](tx, "path = ?", path)
	if err != nil {
		return err
	}
	for _, r := range roles {
		if err := giveRole(tx, at.ID, principal, r); err != nil {
			return err
		}
	}
	return nil
}

func giveRole(tx *gorm.DB, object int64, principal string, role gever.Role) error {
	return give(tx, object, principal, role, byHand)
}

// groupRow is a group of users.
type groupRow struct {
	ID    string `gorm:"primaryKey"`
	Title string `gorm:"not null"`
}

func (groupRow) TableName() string { return "gever_groups" }

// memberRow puts a user into a group.
type memberRow struct {
	Principal string `gorm:"primaryKey"` // the group's, as in roleRow
	UserID    string `gorm:"primaryKey;index"`
}

func (memberRow) TableName() string { return "gever_members" }

// groupRows are the rows of this file, for their migration.
func groupRows() []any { return []any{&groupRow{}, &memberRow{}} }

// Account is a user with his groups and his roles at the root.
type Account struct {
	User

	Active bool
	Groups []Group
	Roles  []string // those that his groups give him too
}

// Account reads a user; Missing when there is none. But for the directory only
// the user himself and who administers may read it: everybody else gets
// Unauthorized, whether there is such a user or not.
func (d *DB) Account(ctx context.Context, caller, id string, directory bool) (*Account, error) {
	var a *Account
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		if !directory && caller != id {
			root, err := d.spot(tx, caller, "")
			if err != nil {
				return err
			}
			if !root.roles.MayAdminister() {
				return gever.Unauthorized()
			}
		}
		row, err := store.First[userRow](tx, "id = ?", id)
		if err != nil {
			return err
		}
		a = &Account{User: userOf(row), Active: row.Active}
		var groups []groupRow
		err = tx.Where("'group:' || id IN (SELECT principal FROM gever_members WHERE user_id = ?)", id).Order("title, id").Find(&groups).Error
		for i := range groups {
			g := personOfGroup(&groups[i])
			a.Groups = append(a.Groups, Group{ID: g.ID, Title: g.Title})
		}
		if err != nil {
			return store.Translate(err)
		}
		a.Roles, err = atRoot(tx, mine, id, string(everybody.Principal), id)
		return err
	})
	return a, err
}

// atRoot are the roles that some principals have at the root, sorted.
func atRoot(tx *gorm.DB, of string, args ...any) (roles []string, err error) {
	err = tx.Model(&roleRow{}).Where("object_id = ?", siteID).Where(of, args...).Distinct().Order("role").Pluck("role", &roles).Error
	return roles, store.Translate(err)
}

// Members is a group with a window of its users' ids, and its roles at the
// root.
type Members struct {
	Group

	Users []string
	Total int64
	Roles []string
}

// Members reads a group; Missing when there is none.
func (d *DB) Members(ctx context.Context, id string, w Window) (*Members, error) {
	var m *Members
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		row, err := store.First[groupRow](tx, "id = ?", id)
		if err != nil {
			return err
		}
		p := personOfGroup(row)
		m = &Members{Group: Group{ID: p.ID, Title: p.Title}}
		users := func() *gorm.DB { return tx.Model(&memberRow{}).Where("principal = ?", string(p.Principal)) }
		if err := users().Count(&m.Total).Error; err != nil {
			return store.Translate(err)
		}
		if err := users().Order("user_id").Offset(int(w.Start)).Limit(int(w.Size)).Pluck("user_id", &m.Users).Error; err != nil {
			return store.Translate(err)
		}
		m.Roles, err = atRoot(tx, "principal = ?", string(p.Principal))
		return err
	})
	return m, err
}

// The kinds of actors.
const (
	ActorUser    = "user"
	ActorGroup   = "group"
	ActorInbox   = "inbox"
	ActorContact = "contact"
	ActorNull    = "null"
)

// Actor is who stands behind an id.
type Actor struct {
	ID              string
	Kind            string
	Label           string
	Active          bool
	Representatives []string // ids of users who act for him
}

// Actors tells who stands behind ids, in their order: a user or else a group,
// an inbox of an organisational unit, a contact ("contact:<id>"), or nobody
// (ActorNull). The group "<unit>_inbox_users" empties an inbox.
func (d *DB) Actors(ctx context.Context, ids []string) (out []Actor, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		out, err = d.actors(tx, ids)
		return err
	})
	return out, err
}

func (d *DB) actors(tx *gorm.DB, ids []string) ([]Actor, error) {
	var (
		wanted           []gever.Principal
		groups, contacts []string
	)
	for _, id := range ids {
		wanted = append(wanted, gever.Principal(id), gever.GroupPrincipal(d.Settings.GroupOf(id)))
		if name, is := gever.ContactActor(id); is {
			contacts = append(contacts, name)
		}
	}
	people, err := d.people(tx, wanted)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.User == nil {
			groups = append(groups, string(p.Principal))
		}
	}
	var members []memberRow
	err = tx.Where("principal IN ? AND user_id IN (SELECT id FROM gever_users WHERE active)", groups).Order("principal, user_id").Find(&members).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	titles, err := contactTitles(tx, contacts)
	if err != nil {
		return nil, err
	}
	out := make([]Actor, len(ids))
	for i, id := range ids {
		out[i] = d.actor(id, people, members)
		if name, _ := gever.ContactActor(id); titles[name] != "" {
			out[i].Kind, out[i].Label, out[i].Active = ActorContact, titles[name], true
		}
	}
	return out, nil
}

// contactTitles are the names of contacts, by their ids; contacts are an
// address book for everybody who has logged in.
func contactTitles(tx *gorm.DB, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []objectRow
	if err := tx.Select("name", "title").Where("name IN ? AND type = ?", ids, gever.ContactType).Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	for _, r := range rows {
		out[r.Name] = r.Title
	}
	return out, nil
}

func (d *DB) actor(id string, people []Person, members []memberRow) Actor {
	find := func(p gever.Principal) *Person {
		if i := slices.IndexFunc(people, func(x Person) bool { return x.Principal == p }); i >= 0 {
			return &people[i]
		}
		return nil
	}
	if u := find(gever.Principal(id)); u != nil {
		return Actor{ID: id, Kind: ActorUser, Label: u.User.Label(), Active: u.Active, Representatives: []string{id}}
	}
	group := gever.GroupPrincipal(d.Settings.GroupOf(id))
	a := Actor{ID: id, Kind: ActorNull, Label: id}
	if title, ok := d.Settings.Inbox(id); ok {
		a.Kind, a.Label, a.Active = ActorInbox, gever.InboxTitle+": "+title, true
	} else if g := find(group); g != nil {
		a.Kind, a.Label, a.Active = ActorGroup, g.Title, true
	}
	for _, m := range members {
		if m.Principal == string(group) && a.Kind != ActorNull {
			a.Representatives = append(a.Representatives, m.UserID)
		}
	}
	return a
}

// Label is the name with the login, as lists of people show it.
func (u User) Label() string { return u.Fullname() + " (" + u.Login + ")" }

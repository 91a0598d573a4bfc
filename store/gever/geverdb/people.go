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
		return cmp.Or(strings.Compare(a.Title, b.Title), strings.Compare(a.ID, b.ID))
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
	row := roleRow{ObjectID: object, Principal: principal, Role: string(role)}
	return store.Translate(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
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

package geverdb

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Search is what a source of users is asked for: a text that stands in an id,
// a login or a name, or one token. Exactly one of them is given.
type Search struct{ Query, Token string }

// Terms finds the values of a field that names users: of a field of the
// object's own type, or of a type that is to be created there. Missing when
// there is no such field; QuerySource unless query or token is given, not both.
func (d *DB) Terms(ctx context.Context, user, path, kind, field string, q Search) ([]gever.Term, error) {
	var out []gever.Term
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		t := s.kind()
		if kind != "" {
			t = gever.TypeOf(kind)
		}
		if t == nil || t.Field(field) == nil || !t.Field(field).Kind.OfUsers() {
			return gever.Missing()
		}
		if err := q.check(); err != nil {
			return err
		}
		users, err := active(tx)
		if err != nil {
			return err
		}
		groups, err := groupTerms(tx, t.Field(field).Groups)
		if err != nil {
			return err
		}
		out = d.terms(users, groups, t.Field(field).Kind == gever.TaskUser, q)
		return nil
	})
	return out, err
}

func (q Search) check() error {
	switch {
	case q.Query == "" && q.Token == "":
		return fault.New(fault.Invalid, gever.QuerySource,
			"Enumerating querysources is not supported. Please search the source using the ?query= QS parameter")
	case q.Query != "" && q.Token != "":
		return fault.New(fault.Invalid, gever.QuerySource, "Please only search by ?query= or filter by ?token=, not by both")
	}
	return nil
}

// active are the users who may log in, by name.
func active(tx *gorm.DB) ([]User, error) {
	var rows []userRow
	if err := tx.Omit("hash").Where("active").Order("lastname, firstname, id").Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]User, len(rows))
	for i := range rows {
		out[i] = userOf(&rows[i])
	}
	return out, nil
}

// groupTerms are the groups, by title, where the field takes them.
func groupTerms(tx *gorm.DB, taken bool) ([]gever.Term, error) {
	if !taken {
		return nil, nil
	}
	var rows []groupRow
	if err := tx.Order("title, id").Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]gever.Term, len(rows))
	for i := range rows {
		out[i] = gever.Term{Token: string(gever.GroupPrincipal(rows[i].ID)), Title: personOfGroup(&rows[i]).Title}
	}
	return out, nil
}

// terms are the matching users and groups; a task may also go to the inbox of the unit.
// Case is folded here: the databases fold it differently.
func (d *DB) terms(users []User, groups []gever.Term, ofTask bool, q Search) []gever.Term {
	var all []gever.Term
	prefix := ""
	if ofTask {
		prefix = d.Settings.AdminUnit + ":"
		all = append(all, gever.Term{
			Token: "inbox:" + d.Settings.AdminUnit, Title: gever.InboxTitle + " " + d.Settings.AdminUnitTitle,
			Fr: gever.Titled("fr", gever.InboxTitle) + " " + d.Settings.AdminUnitTitle, En: gever.Titled("en", gever.InboxTitle) + " " + d.Settings.AdminUnitTitle,
		})
	}
	for _, u := range users {
		all = append(all, gever.Term{Token: prefix + u.ID, Title: u.Fullname() + " (" + u.Login + ")"})
	}
	all = append(all, groups...)
	text := strings.ToLower(q.Query)
	return slices.DeleteFunc(all, func(t gever.Term) bool {
		if q.Token != "" {
			return t.Token != q.Token
		}
		return !strings.Contains(strings.ToLower(t.Token+" "+t.Title), text)
	})
}

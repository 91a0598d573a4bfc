package gever

import "slices"

// protecting are the fields that say who alone uses a dossier, with the roles
// that each gives there (gever.md 2.4): each line gives more than the one
// before, so the last that names somebody counts.
var protecting = []struct {
	Field string
	Roles []Role
}{
	{"reading", []Role{Reader}},
	{"reading_and_writing", []Role{Reader, Contributor, Editor, Reviewer}},
	{managerField, []Role{Reader, Contributor, Editor, Reviewer, DossierManager}},
}

const managerField = "dossier_manager"

// Protection is what the values of a dossier say about who uses it. The zero
// value is that of a dossier for whoever has a role above it.
type Protection struct {
	On      bool // somebody is named who may read, or read and write
	Extends bool // what is given above the dossier counts beside it
	Roles   map[Principal][]Role
}

// ProtectionOf reads it. The dossier manager alone protects nothing: who else
// reads has to be said.
func ProtectionOf(v Values) Protection {
	p := Protection{On: v.Protected(), Roles: map[Principal][]Role{}}
	if !p.On {
		return p
	}
	p.Extends = v.Flag("extend_local_roles")
	for _, f := range protecting {
		for _, id := range v.names(f.Field) {
			p.Roles[id] = f.Roles
		}
	}
	return p
}

// Protected tells whether the values protect their dossier.
func (v Values) Protected() bool {
	return len(v.names("reading"))+len(v.names("reading_and_writing")) > 0
}

// Blocks tells whether roles from above end at the dossier.
func (p Protection) Blocks() bool { return p.On && !p.Extends }

// Same tells whether two protections have the same effect.
func (p Protection) Same(other Protection) bool {
	if p.On != other.On || p.Extends != other.Extends || len(p.Roles) != len(other.Roles) {
		return false
	}
	for id, roles := range p.Roles {
		if !slices.Equal(roles, other.Roles[id]) {
			return false
		}
	}
	return true
}

// names are the principals that a field names, one or a list of them.
func (v Values) names(field string) []Principal {
	var out []Principal
	list, ok := v[field].([]any)
	if !ok {
		list = []any{v[field]}
	}
	for _, one := range list {
		if id, ok := one.(string); ok && id != "" {
			out = append(out, Principal(id))
		}
	}
	return out
}

// managed gives a dossier that its writer protects a manager: himself, where
// he names nobody. Somebody must be able to end the protection.
func managed(t *Type, d *Draft, w Writing) {
	if t.Field(managerField) != nil && w.Roles.May(Protect) && d.Values.Protected() && d.Values.Text(managerField) == "" {
		d.Values[managerField] = w.User
	}
}

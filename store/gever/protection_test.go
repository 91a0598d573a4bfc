package gever_test

import (
	"testing"

	"loket/store/gever"
)

// TestProtectionOf: who is named in several fields has the roles of the one
// that gives most, and only reading and writing protect.
func TestProtectionOf(t *testing.T) {
	list := func(ids ...any) []any { return ids }
	writing := []gever.Role{gever.Reader, gever.Contributor, gever.Editor, gever.Reviewer}
	managing := append(writing[:4:4], gever.DossierManager)
	for name, c := range map[string]struct {
		values gever.Values
		want   gever.Protection
		blocks bool
	}{
		"none":            {gever.Values{}, gever.Protection{}, false},
		"a manager alone": {gever.Values{"dossier_manager": "a", "extend_local_roles": true}, gever.Protection{}, false},
		"empty lists":     {gever.Values{"reading": list(), "reading_and_writing": list()}, gever.Protection{}, false},
		"reading": {gever.Values{"reading": list("a", "group:b")}, gever.Protection{On: true, Roles: map[gever.Principal][]gever.Role{
			"a": {gever.Reader}, "group:b": {gever.Reader},
		}}, true},
		"all": {
			gever.Values{"reading": list("a", "b", "c"), "reading_and_writing": list("b", "c"), "dossier_manager": "c"},
			gever.Protection{On: true, Roles: map[gever.Principal][]gever.Role{"a": {gever.Reader}, "b": writing, "c": managing}}, true,
		},
		"extends": {
			gever.Values{"reading_and_writing": list("b"), "extend_local_roles": true},
			gever.Protection{On: true, Extends: true, Roles: map[gever.Principal][]gever.Role{"b": writing}}, false,
		},
	} {
		if got := gever.ProtectionOf(c.values); !got.Same(c.want) || got.Blocks() != c.blocks {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	// Same tells every difference.
	base := gever.Protection{On: true, Roles: map[gever.Principal][]gever.Role{"a": {gever.Reader}}}
	for name, other := range map[string]gever.Protection{
		"off": {}, "extends": {On: true, Extends: true, Roles: base.Roles}, "roles": {On: true, Roles: map[gever.Principal][]gever.Role{"a": writing}},
		"who": {On: true, Roles: map[gever.Principal][]gever.Role{"b": {gever.Reader}}}, "more": {On: true, Roles: map[gever.Principal][]gever.Role{"a": {gever.Reader}, "b": nil}},
	} {
		if base.Same(other) || other.Same(base) {
			t.Errorf("%s: the same", name)
		}
	}
}

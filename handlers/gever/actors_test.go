package gever_test

import (
	"fmt"
	"strings"
	"testing"

	"loket/handlers/apitest"
	rules "loket/store/gever"
	"loket/store/gever/geverdb"
)

const siteURL = "http://" + apitest.Host + base

// TestActors: who stands behind the ids that answers show.
func TestActors(t *testing.T) { inBoth(t, testActors) }

func testActors(t *testing.T, open opener) {
	r := open(t)
	creator := r.get(r.make(fuehrung, dossierType, dossier()) + "/@workflow")["history"].([]any)[0].(map[string]any)["actor"]
	want(t, r.by(jane).get(base+"/@actors/"+creator.(string)), object{
		"@id": siteURL + "/@actors/john.doe", "@type": "virtual.ogds.actor", "active": true, "actor_type": "user", "identifier": john, "label": "Doe John (john.doe)",
		"portrait_url": nil, "representatives": []any{object{"@id": siteURL + "/@actors/john.doe", "identifier": john}}, "represents": object{"@id": siteURL + "/@ogds-users/john.doe"},
	})
	for id, values := range map[string]object{
		"fd_users":  {"actor_type": "group", "label": "Finanzdirektion", "active": true, "represents": object{"@id": siteURL + "/@groups/fd_users"}},
		"inbox:fd":  {"actor_type": "inbox", "label": "Eingangskorb: Finanzdirektion", "represents": nil, "representatives": []any{object{"@id": siteURL + "/@actors/john.doe", "identifier": john}}},
		"inbox:xx":  {"actor_type": "null", "label": "inbox:xx", "active": false, "represents": nil, "representatives": []any{}},
		"niemand":   {"actor_type": "null", "label": "niemand"},
		"Jürg Ä":    {"actor_type": "null", "identifier": "Jürg Ä"},
		"group:x":   {"actor_type": "null"},
		"team:1":    {"actor_type": "null"},
		"john.doe ": {"actor_type": "null"},
	} {
		want(t, r.get(base+"/@actors/"+strings.ReplaceAll(id, " ", "%20")), values)
	}
	// Whatever the id is, the address is a URI that leads to it again; only a
	// slash, which no id has, parts paths.
	for _, id := range []string{"Jürg Ä", "€😀中", "50%25", `"?x#y`, "inbox:fd"} {
		one := r.ask(200, "POST", base+"/@actors", object{"actor_ids": []any{id}}).Object(t)["items"].([]any)[0].(map[string]any)
		at := one["@id"].(string)
		if strings.ContainsFunc(at, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"<>?#`, c) }) {
			t.Errorf("%q is no URI", at)
		}
		if got := r.get(strings.TrimPrefix(at, strings.TrimSuffix(siteURL, base))); !same(got, one) || got["identifier"] != id {
			t.Errorf("%s shows %v, not %s", at, got, id)
		}
	}
	if n := len(r.get(base + "/@actors/fd_users")["representatives"].([]any)); n != 3 {
		t.Errorf("%d", n)
	}
	for id, values := range map[string]object{john: {"userid": john, "lastname": "Doe"}, "fd_users": {"id": "fd_users", "title": "Finanzdirektion"}} {
		want(t, r.get(base + "/@actors/" + id + "?full_representation=true")["represents"].(map[string]any), values)
	}
	got := r.ask(200, "POST", base+"/@actors", object{"actor_ids": []any{"fd_users", john, "niemand", john}}).Object(t)
	var kinds []string
	for _, one := range got["items"].([]any) {
		kinds = append(kinds, one.(map[string]any)["actor_type"].(string))
	}
	if fmt.Sprint(kinds) != "[group user null user]" || got["@id"] != siteURL+"/@actors" {
		t.Errorf("%v", got)
	}
	full := r.ask(200, "POST", base+"/@actors", object{"actor_ids": []any{jane}, "full_representation": true}).Object(t)["items"].([]any)[0].(map[string]any)
	want(t, full["represents"].(map[string]any), object{"email": "jane.leser@demo.example"})
	want(t, r.ask(200, "POST", base+"/@actors", object{"actor_ids": []any{}}).Object(t), object{"items": []any{}})
	if p := r.refusedAB(400, "BadRequest", "POST", base+"/@actors", object{}); p.fields() != "actor_ids" {
		t.Errorf("%+v", p)
	}
	r.refusedAB(400, "BadRequest", "POST", base+"/@actors", object{"actor_ids": []any{5}})
}

// TestUsers: the own account, that of others for who administers, and the
// directory for all.
func TestUsers(t *testing.T) { inBoth(t, testUsers) }

func testUsers(t *testing.T, open opener) {
	r := open(t)
	want(t, r.by(jane).get(base+"/@users/"+jane), object{
		"@id": siteURL + "/@users/jane.leser", "id": jane, "username": jane, "fullname": "Leser Jane", "email": "jane.leser@demo.example", "roles": []any{"Reader"},
		"groups": object{"@id": siteURL + "/@users/jane.leser", "items": []any{object{"id": "fd_users", "title": "Finanzdirektion"}}, "items_total": 1},
	})
	want(t, r.get(base+"/@users/"+peter), object{"roles": []any{"Contributor", "Editor", "Reader", "Reviewer"}})
	for _, id := range []string{john, "niemand"} {
		r.by(jane).refusedAB(401, "Unauthorized", "GET", base+"/@users/"+id, nil)
	}
	r.refusedAB(404, "NotFound", "GET", base+"/@users/niemand", nil)

	want(t, r.by(jane).get(base+"/@ogds-users/"+john), object{
		"@id": siteURL + "/@ogds-users/john.doe", "@type": "virtual.ogds.user", "active": true, "email": "john.doe@demo.example", "firstname": "John", "lastname": "Doe",
		"fullname": "Doe John", "title": "Doe John (john.doe)", "userid": john, "username": john,
		"groups": []any{
			object{"@id": siteURL + "/@groups/fd_inbox_users", "@type": "virtual.ogds.group", "active": true, "groupid": "fd_inbox_users", "title": "Eingangskorb der Finanzdirektion"},
			object{"@id": siteURL + "/@groups/fd_users", "@type": "virtual.ogds.group", "active": true, "groupid": "fd_users", "title": "Finanzdirektion"},
		},
	})
	r.person("anna")
	want(t, r.get(base+"/@ogds-users/anna"), object{"email": nil, "firstname": nil, "lastname": nil, "fullname": "anna", "groups": []any{}})
	r.refusedAB(404, "NotFound", "GET", base+"/@ogds-users/niemand", nil)
}

// TestGroups: a group, its users by pages, and what being in it gives.
func TestGroups(t *testing.T) { inBoth(t, testGroups) }

func testGroups(t *testing.T, open opener) {
	r := open(t)
	want(t, r.by(jane).get(base+"/@groups/fd_users"), object{
		"@id": siteURL + "/@groups/fd_users", "id": "fd_users", "groupname": "fd_users", "title": "Finanzdirektion", "roles": []any{},
		"users": object{"@id": siteURL + "/@groups/fd_users", "items": []any{jane, john, peter}, "items_total": 3},
	})
	users := r.get(base + "/@groups/fd_users?b_size=2")["users"].(map[string]any)
	want(t, users, object{"items": []any{jane, john}, "items_total": 3})
	want(t, users["batching"].(map[string]any), object{"next": siteURL + "/@groups/fd_users?b_start=2&b_size=2"})
	r.refusedAB(404, "NotFound", "GET", base+"/@groups/nichts", nil)
	r.refusedAB(404, "NotFound", "GET", base+"/@groups/"+john, nil)

	anna := r.person("anna")
	anna.ask(401, "GET", fuehrung, nil)
	group := geverdb.NewGroup{Group: geverdb.Group{ID: "leser"}, Members: []string{"anna"}, Roles: []rules.Role{rules.Reader}}
	if err := r.db.CreateGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	anna.get(document)
	want(t, anna.get(base+"/@users/anna"), object{"roles": []any{"Reader"}})
	want(t, r.get(base+"/@groups/leser"), object{"title": "leser", "roles": []any{"Reader"}})
	if group.Members = nil; r.db.CreateGroup(t.Context(), group) != nil {
		t.Fatal("the group cannot be emptied")
	}
	anna.ask(401, "GET", document, nil)
}

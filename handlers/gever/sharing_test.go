package gever_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/handlers/apitest"
	rules "loket/store/gever"
	"loket/store/gever/geverdb"
)

// person makes a user without any role, and gives his own room.
func (r *room) person(id string) *room {
	r.t.Helper()
	r.withRole(id, base)
	return r.by(id)
}

// share posts to @sharing.
func (r *room) share(path string, body object) {
	r.t.Helper()
	if got := r.ask(204, "POST", path+"/@sharing", body); len(got.Body) != 0 {
		r.t.Errorf("%s", got.Body)
	}
}

func entry(kind, id string, roles ...string) object {
	given := object{}
	for _, name := range roles {
		name, off := strings.CutPrefix(name, "-")
		given[name] = !off
	}
	return object{"id": id, "type": kind, "roles": given}
}

// entries are the ids of an answer's entries, in their order.
func ids(list any) string {
	var out []string
	for _, one := range list.([]any) {
		out = append(out, one.(map[string]any)["id"].(string))
	}
	return strings.Join(out, " ")
}

func rolesOf(t testing.TB, list any, id string) map[string]any {
	t.Helper()
	for _, one := range list.([]any) {
		if m := one.(map[string]any); m["id"] == id {
			return m["roles"].(map[string]any)
		}
	}
	t.Fatalf("no entry of %s in %v", id, list)
	return nil
}

// TestSharing: roles are given and taken at an object, and hold below it.
func TestSharing(t *testing.T) { inBoth(t, testSharing) }

func testSharing(t *testing.T, open opener) {
	r := open(t)
	anna := r.person("anna")
	anna.ask(401, "GET", fuehrung, nil)
	got := r.get(dossier23 + "/@sharing")
	want(t, got, object{"inherit": true})
	if ids(got["entries"]) != "AuthenticatedUsers jane.leser peter.muster" || len(got) != 3 || ids(got["available_roles"]) != "Reader Contributor Editor Reviewer DossierManager" {
		t.Errorf("%v", got)
	}
	want(t, rolesOf(t, got["entries"], jane), object{"Reader": "acquired", "Editor": false})
	want(t, got["entries"].([]any)[0].(map[string]any), object{"type": "group", "login": nil, "title": "Angemeldete Benutzer", "disabled": false})

	// A role holds here and below, not above.
	r.share(dossier23, object{"entries": []any{entry("user", "anna", "Reader")}})
	anna.get(document)
	anna.ask(401, "GET", fuehrung, nil)
	anna.ask(401, "PATCH", document, object{"title": "x"})
	want(t, rolesOf(t, anna.get(dossier23 + "/@sharing")["entries"], "anna"), object{"Reader": true})
	if !anna.get(dossier23 + "/@sharing")["entries"].([]any)[0].(map[string]any)["disabled"].(bool) {
		t.Error("who may change nothing is told so")
	}
	// An entry is all of somebody's roles; who is not named keeps his.
	r.share(dossier23, object{"entries": []any{entry("group", "fd_users", "Reader"), object{"id": jane, "type": "user", "roles": object{"Reader": "acquired", "Editor": nil}}}})
	r.share(dossier23, object{"entries": []any{entry("user", "anna", "Editor", "-Reviewer")}})
	entries := r.get(dossier23 + "/@sharing")["entries"]
	want(t, rolesOf(t, entries, "anna"), object{"Reader": false, "Editor": true})
	want(t, rolesOf(t, entries, "fd_users"), object{"Reader": true})
	want(t, rolesOf(t, entries, jane), object{"Reader": "acquired"})
	want(t, rolesOf(t, r.get(document + "/@sharing")["entries"], "anna"), object{"Editor": "acquired"})
	anna.patch(document, object{"title": "Von Anna"})
	anna.ask(401, "POST", dossier23+"/@sharing", object{"entries": []any{entry("user", "anna", "Reviewer")}})
	r.share(dossier23, object{"entries": []any{entry("user", "anna")}})
	anna.ask(401, "GET", dossier23, nil)
	// Everybody who has logged in.
	r.share(fuehrung, object{"entries": []any{entry("group", "AuthenticatedUsers", "Reader")}})
	anna.get(document)
	// An Editor may not share; a closed dossier's roles can still be changed.
	r.by(peter).ask(401, "POST", dossier23+"/@sharing", object{})
	r.share(dossier22, object{"entries": []any{entry("user", "anna", "Reader")}})
	r.share(dossier22, object{})
	anna.get(dossier22)
}

// TestSharingRefused: what is wrong is named, all at once, and nothing changes.
func TestSharingRefused(t *testing.T) { inBoth(t, testSharingRefused) }

func testSharingRefused(t *testing.T, open opener) {
	r := open(t)
	before := r.get(dossier23 + "/@sharing")
	for name, c := range map[string]struct {
		body   any
		fields string
	}{
		"no list":               {object{"entries": "x"}, "entries"},
		"no entry":              {object{"entries": []any{"x"}}, "entries"},
		"no id":                 {object{"entries": []any{object{"type": "user", "roles": object{}}}}, "entries"},
		"other type":            {object{"entries": []any{entry("team", jane, "Reader")}}, "entries"},
		"nobody":                {object{"entries": []any{entry("user", jane, "Editor"), entry("user", "niemand", "Reader"), entry("group", "keine", "Reader")}}, "entries entries"},
		"a group is not a user": {object{"entries": []any{entry("user", "fd_users", "Reader")}}, "entries"},
		"Manager":               {object{"entries": []any{entry("user", jane, "Manager")}}, "entries"},
		"unknown role":          {object{"entries": []any{entry("user", jane, "König"), entry("user", peter, "Kaiser")}}, "entries entries"},
		"no bool":               {object{"entries": []any{object{"id": jane, "type": "user", "roles": object{"Reader": "ja"}}}}, "entries"},
		"a number":              {object{"entries": []any{object{"id": jane, "type": "user", "roles": object{"Reader": 1}}}}, "entries"},
		"inherit":               {object{"inherit": "nein"}, "inherit"},
	} {
		if p := r.refusedAB(400, "BadRequest", "POST", dossier23+"/@sharing", c.body); p.fields() != c.fields {
			t.Errorf("%s: %+v, want %s", name, p, c.fields)
		}
	}
	for _, path := range []string{document, task1} {
		if p := r.refusedAB(400, "BadRequest", "POST", path+"/@sharing", object{"inherit": false}); p.fields() != "inherit" {
			t.Errorf("%+v", p)
		}
	}
	if after := r.get(dossier23 + "/@sharing"); !same(before, after) {
		t.Errorf("%v", after)
	}
	for _, path := range []string{base + "/nichts", fuehrung + "/nichts"} {
		r.refusedAB(404, "NotFound", "GET", path+"/@sharing", nil)
		r.refusedAB(404, "NotFound", "POST", path+"/@sharing", object{})
		r.refusedAB(404, "NotFound", "GET", path+"/@allowed-roles-and-principals", nil)
	}
	r.refusedAB(400, "BadRequest", "GET", dossier23+"/@sharing?search=", nil)
	r.refusedAB(400, "BadRequest", "GET", dossier23+"/@sharing?b_size=0", nil)
}

// TestSharingSearch: a search adds users and groups, seitenweise.
func TestSharingSearch(t *testing.T) { inBoth(t, testSharingSearch) }

func testSharingSearch(t *testing.T, open opener) {
	r := open(t)
	r.person("mueller")
	if err := r.db.CreateUser(t.Context(), geverdb.NewUser{User: geverdb.User{ID: "m2", Lastname: "Müller", Firstname: "Änne", Email: "aenne@demo.example"}, Password: "Nur-hier-1!"}); err != nil {
		t.Fatal(err)
	}
	got := r.get(dossier23 + "/@sharing?search=m%C3%BCller")
	if ids(got["items"]) != "AuthenticatedUsers jane.leser peter.muster mueller m2" || got["items_total"] != 5.0 || got["entries"] != nil {
		t.Errorf("%v", got)
	}
	for search, id := range map[string]string{"AENNE@": "m2", "finanzdir": "fd_inbox_users fd_users", "john doe": john, "doe john": john} {
		if got := r.get(dossier23 + "/@sharing?search=" + strings.ReplaceAll(search, " ", "%20")); !strings.HasSuffix(ids(got["items"]), " "+id) {
			t.Errorf("%s: %s", search, ids(got["items"]))
		}
	}
	page := r.get(dossier23 + "/@sharing?search=mueller&b_size=2&b_start=2")
	if ids(page["items"]) != "peter.muster mueller" || page["@id"] != "http://loket.test"+dossier23+"/@sharing?search=mueller" {
		t.Errorf("%v", page)
	}
	want(t, page["batching"].(map[string]any), object{"next": "http://loket.test" + dossier23 + "/@sharing?b_start=4&search=mueller&b_size=2"})
}

// TestBlockedInheritance: who has his roles from above alone sees nothing of
// an object that does not take them: not itself, not what is in it, not among
// its siblings, not through what names it.
func TestBlockedInheritance(t *testing.T) { inBoth(t, testBlockedInheritance) }

func testBlockedInheritance(t *testing.T, open opener) {
	r := open(t)
	for i := range 3 {
		r.make(fuehrung, dossierType, dossier(object{"title": fmt.Sprintf("D %d", i)})) // 24, 25, 26
	}
	dossier24, dossier25 := fuehrung+"/dossier-24", fuehrung+"/dossier-25"
	r.patch(dossier25, object{"relatedDossier": []any{"/ordnungssystem/fuehrung/dossier-24", "/ordnungssystem/fuehrung/dossier-26"}})
	related := r.make(dossier25, documentType, object{"title": "x"})
	doc := r.make(dossier24, documentType, object{"title": "geheim", "relatedItems": []any{strings.TrimPrefix(related, base)}})
	r.share(dossier24, object{"inherit": false})
	r.share(dossier42, object{"inherit": false})
	r.share(dossier42, object{"inherit": false}) // twice is once
	want(t, r.get(dossier24+"/@sharing"), object{"inherit": false})

	j := r.by(jane)
	for _, path := range []string{dossier24, doc, doc + "/@sharing", dossier24 + "/@workflow"} {
		j.refusedAB(401, "Unauthorized", "GET", path, nil)
		r.get(path)
	}
	r.by(peter).refusedAB(401, "Unauthorized", "PATCH", dossier24, object{"title": "x"})
	r.by(peter).refusedAB(401, "Unauthorized", "POST", dossier24, object{"title": "x"}.of(documentType))
	names := func(u *room, query string) string {
		t.Helper()
		var out []string
		for _, one := range u.get(fuehrung + query)["items"].([]any) {
			id := one.(map[string]any)["@id"].(string)
			out = append(out, id[strings.LastIndexByte(id, '-')+1:])
		}
		return strings.Join(out, " ")
	}
	for query, want := range map[string]string{
		"": "23 25 26", "?b_size=2": "23 25", "?b_size=2&b_start=2": "26", "?fullobjects": "23 25 26", "?b_start=3": "",
	} {
		if got := names(j, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	want(t, j.get(fuehrung), object{"items_total": 3})
	want(t, r.get(fuehrung), object{"items_total": 5})
	want(t, j.get(fuehrung+"?include_items=false"), object{"items_total": 3})
	if got := names(r, ""); got != "23 42 24 25 26" {
		t.Error(got)
	}
	// Nor is it found, or counted, by whom it is kept from.
	for _, path := range []string{base + "/@search?SearchableText=geheim", fuehrung + "/@listing?name=documents&search=geheim", fuehrung + "/@search?path=/ordnungssystem/fuehrung/dossier-24"} {
		if n := r.get(path)["items_total"]; n == 0.0 {
			t.Errorf("john finds nothing by %s", path)
		}
		want(t, j.get(path), object{"items_total": 0})
	}
	// What names it, and what it names.
	if list := j.get(dossier25)["relatedDossier"].([]any); len(list) != 1 || list[0].(map[string]any)["title"] != "D 2" {
		t.Errorf("%v", list)
	}
	if list := r.get(dossier25)["relatedDossier"].([]any); len(list) != 2 {
		t.Errorf("%v", list)
	}
	want(t, j.get(related), object{"back_references_relatedItems": []any{}})
	if p := r.by(peter).refusedAB(400, "BadRequest", "PATCH", dossier25, object{"relatedDossier": []any{"/ordnungssystem/fuehrung/dossier-24"}}); p.fields() != "relatedDossier" {
		t.Errorf("%+v", p)
	}
	// Neighbours pass it over.
	neighbours := func(u *room, path string) string {
		t.Helper()
		got := u.get(path)
		id := func(key string) string {
			v, _ := got[key].(map[string]any)["@id"].(string)
			return v[strings.LastIndexByte(v, '/')+1:]
		}
		return id("previous_item") + " " + id("next_item")
	}
	inside := r.make(dossier25, taskType, object{"title": "1", "issuer": john, "task_type": "information", "responsible": "fd:" + john})
	sub := r.make(dossier25, dossierType, dossier())
	last := r.make(dossier25, documentType, object{"title": "2"})
	r.share(sub, object{"inherit": false})
	for path, c := range map[string][2]string{inside: {"document-261 dossier-27", "document-261 document-263"}, last: {"dossier-27 ", "task-2 "}} {
		if got := neighbours(r, path); got != c[0] {
			t.Errorf("%s for john: %s", path, got)
		}
		if got := neighbours(j, path); got != c[1] {
			t.Errorf("%s for jane: %s", path, got)
		}
	}
	for _, one := range j.get(dossier25 + "?fullobjects")["items"].([]any) {
		m := one.(map[string]any)
		if m["id"] == "task-2" {
			want(t, m["next_item"].(map[string]any), object{"title": "2"})
		}
	}
	// A role of his own, or of his group, lets him in again.
	r.share(dossier24, object{"entries": []any{entry("group", "fd_users", "Reader")}})
	j.get(doc)
	want(t, j.get(fuehrung), object{"items_total": 4})
	r.share(dossier24, object{"entries": []any{entry("group", "fd_users")}, "inherit": true})
	j.get(doc)
	entries := r.get(dossier24 + "/@sharing")["entries"]
	want(t, rolesOf(t, entries, jane), object{"Reader": "acquired"})
	if strings.Contains(ids(entries), "fd_users") || strings.Contains(ids(r.get(dossier42 + "/@sharing")["entries"]), jane) {
		t.Errorf("%v", ids(entries))
	}
	// Nor can anything be done to it.
	bulk := func() string {
		return string(r.by(peter).ask(200, "GET", rechnungen+"/@workflow-bulk-transition", nil).Body)
	}
	before := bulk()
	r.share(dossier21, object{"inherit": false})
	if after := bulk(); !strings.Contains(before, "dossier-transition-resolve") || strings.Contains(after, "dossier-transition-resolve") {
		t.Errorf("%s, then %s", before, after)
	}
	r.share(dossier21, object{"inherit": true})
	// Folders show it.
	r.share(rechnungen, object{"inherit": false})
	for _, u := range []*room{r, j} {
		body := string(u.ask(200, "GET", fuehrung+"/@navigation", nil).Body)
		if strings.Contains(body, "rechnungswesen") != (u == r) || !strings.Contains(body, "finanzen") {
			t.Errorf("%s navigates in %s", u.user, body)
		}
	}
	want(t, r.get(rechnungen), object{"blocked_local_roles": true})
	want(t, r.get(fuehrung), object{"blocked_local_roles": false})
	// A task's people see it wherever it stands.
	r.by(peter).get(task1)
	r.by(peter).refusedAB(401, "Unauthorized", "GET", dossier21, nil)
}

// TestHiddenAndTrashed: pages are whole where some children are hidden, some
// trashed and some both, and where these come back.
func TestHiddenAndTrashed(t *testing.T) { inBoth(t, testHiddenAndTrashed) }

func testHiddenAndTrashed(t *testing.T, open opener) {
	r := open(t)
	workspace, folder := r.workspace()
	reader := r.person("leser")
	r.withRole("leser", workspace, rules.Reader)
	all, shown, both := []string{}, []string{}, []string{} // titles: all, of those in no trash, and shown to the reader too
	trashed := []string{}
	for i := range 24 {
		title, kind := fmt.Sprintf("%02d", i), documentType
		if i%4 >= 2 {
			kind = workspaceFolderType
		}
		path := r.make(folder, kind, object{"title": title})
		if i%4 >= 2 {
			r.share(path, object{"inherit": false})
		}
		all = append(all, title)
		switch i % 4 {
		case 0:
			shown, both = append(shown, title), append(both, title)
		case 2:
			shown = append(shown, title)
		default:
			trashed = append(trashed, path)
		}
	}
	for _, path := range trashed {
		r.ask(204, "POST", path+"/@trash", nil)
	}
	lists := func(u *room, titles []string) {
		t.Helper()
		for _, size := range []int{1, 4, 5, 50} {
			got := []string{}
			for start := 0; start < len(titles)+size; start += size {
				page := u.titles(fmt.Sprintf("%s?b_size=%d&b_start=%d", folder, size, start))
				if n := max(min(size, len(titles)-start), 0); len(page) != n {
					t.Errorf("%s: %d of a page of %d from %d, want %d", u.user, len(page), size, start, n)
				}
				got = append(got, page...)
			}
			if !same(got, titles) {
				t.Errorf("%s sees %v in pages of %d, want %v", u.user, got, size, titles)
			}
		}
		want(t, u.get(folder), object{"items_total": len(titles)})
	}
	lists(r, shown)
	lists(reader, both)
	for i, one := range reader.get(folder + "?fullobjects&b_start=1&b_size=2")["items"].([]any) {
		want(t, one.(map[string]any), object{"title": both[i+1]})
		for key, title := range map[string]string{"previous_item": both[i], "next_item": both[i+2]} {
			if next, known := one.(map[string]any)[key].(map[string]any); known {
				want(t, next, object{"title": title})
			}
		}
	}
	for i := range slices.Backward(trashed) {
		r.ask(204, "POST", trashed[i]+"/@untrash", nil)
	}
	lists(r, all)
	both = slices.DeleteFunc(slices.Clone(all), func(title string) bool {
		var i int
		_, _ = fmt.Sscan(strings.TrimPrefix(title, "0"), &i)
		return i%4 >= 2
	})
	lists(reader, both)
}

// TestCopyLeavesHidden: a copy is of what the copier sees, and what was kept
// from others stays kept from them.
func TestCopyLeavesHidden(t *testing.T) { inBoth(t, testCopyLeavesHidden) }

func testCopyLeavesHidden(t *testing.T, open opener) {
	r := open(t)
	p, j := r.by(peter), r.by(jane)
	d := r.make(fuehrung, dossierType, dossier())
	sub := func(in, title string) string { return r.make(in, dossierType, dossier(object{"title": title})) }
	sub(d, "offen")
	secret, his := sub(d, "geheim"), sub(d, "seines")
	below := r.make(secret, taskType, object{"title": "seine", "issuer": john, "task_type": "information", "responsible": "fd:" + peter})
	doc := r.make(secret, documentType, object{"title": "Akte", "file": textFile("x.txt", "geheim")})
	named := r.make(his, documentType, object{"title": "Verweis", "relatedItems": []any{strings.TrimPrefix(doc, base)}})
	r.make(secret, documentType, object{"title": "Rückverweis", "relatedItems": []any{strings.TrimPrefix(named, base)}})
	for _, path := range []string{secret, his} {
		r.share(path, object{"inherit": false})
	}
	r.share(his, object{"entries": []any{entry("user", peter, "Reader")}})
	p.refusedAB(401, "Unauthorized", "GET", secret, nil)
	p.get(below)

	got := p.move("@copy", rechnungen, absolute(d))[0]
	if titles := r.titles(got); !same(titles, []string{"offen", "seines"}) {
		t.Errorf("the copy has %v", titles)
	}
	items := r.get(got)["items"].([]any)
	path := strings.TrimPrefix(items[1].(map[string]any)["@id"].(string), "http://"+apitest.Host)
	want(t, p.get(path), object{"items_total": 1})
	want(t, r.get(path+"/@sharing"), object{"inherit": false})
	p.patch(path, object{"title": "seines, neu"}) // as everywhere in his copy
	j.refusedAB(401, "Unauthorized", "GET", path, nil)
	if titles := j.titles(got); !same(titles, []string{"offen"}) {
		t.Errorf("jane sees %v", titles)
	}
	// What he sees himself is his to copy, wherever it stands; the rest is not.
	p.move("@copy", dossier21, absolute(below))
	if e := p.refusedAB(400, "BadRequest", "POST", rechnungen+"/@copy", object{"source": absolute(secret)}); e.fields() != "source" {
		t.Errorf("%+v", e)
	}
	// Who sees everything copies everything.
	if titles := r.titles(r.move("@copy", rechnungen, absolute(d))[0]); !same(titles, []string{"offen", "geheim", "seines"}) {
		t.Errorf("the copy has %v", titles)
	}
}

// TestBlockingKeepsOwnRoles: who ends the inheritance does not lock himself
// out.
func TestBlockingKeepsOwnRoles(t *testing.T) { inBoth(t, testBlockingKeepsOwnRoles) }

func testBlockingKeepsOwnRoles(t *testing.T, open opener) {
	r := open(t)
	anna := r.person("anna")
	r.withRole("anna", fuehrung, rules.Administrator, rules.Reviewer)
	anna.share(dossier23, object{"inherit": false})
	anna.patch(dossier23, object{"title": "x"})
	want(t, rolesOf(t, anna.get(dossier23 + "/@sharing")["entries"], "anna"), object{"Reviewer": true})
	anna.share(dossier23, object{"inherit": true})
}

// TestAllowedRolesAndPrincipals: who sees an object, by which roles.
func TestAllowedRolesAndPrincipals(t *testing.T) { inBoth(t, testAllowedRolesAndPrincipals) }

func testAllowedRolesAndPrincipals(t *testing.T, open opener) {
	r := open(t)
	r.person("anna")
	r.share(dossier21, object{"entries": []any{entry("group", "fd_users", "Reader"), entry("user", "anna", "Editor")}})
	principals := func(path string) string {
		t.Helper()
		got := r.get(path + "/@allowed-roles-and-principals")
		if !strings.Contains(fmt.Sprint(got["roles"]), "Administrator Contributor DossierManager Editor") || got["@id"] != "http://loket.test"+path+"/@allowed-roles-and-principals" {
			t.Errorf("%v", got)
		}
		return fmt.Sprint(got["principals"])
	}
	for path, want := range map[string]string{
		fuehrung: "[jane.leser john.doe peter.muster]", dossier21: "[anna group:fd_users jane.leser john.doe peter.muster]",
	} {
		if got := principals(path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	r.share(dossier21, object{"inherit": false})
	if got := principals(dossier21); got != "[anna group:fd_users john.doe]" {
		t.Error(got)
	}
	if got := principals(task1); got != "[anna group:fd_users john.doe peter.muster]" {
		t.Error(got)
	}
	r.by("anna").refusedAB(401, "Unauthorized", "GET", fuehrung+"/@allowed-roles-and-principals", nil)
	r.by("anna").refusedAB(401, "Unauthorized", "GET", fuehrung+"/@sharing", nil)
}

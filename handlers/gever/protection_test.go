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

// may are the things that protection gives and takes, as requests and the
// status of who may.
var may = []struct {
	name   string
	status int
	do     func(r *room, at string) int
}{
	{"read", 200, func(r *room, at string) int { return r.do("GET", at, nil).Status }},
	{"edit", 204, func(r *room, at string) int {
		return r.do("PATCH", at, object{"comments": r.user, "keywords": []any{r.user}}).Status
	}},
	{"add", 201, func(r *room, at string) int { return r.do("POST", at, object{"title": "x"}.of(documentType)).Status }},
	{"review", 200, func(r *room, at string) int {
		got := r.do("GET", at+"/@workflow", nil)
		if got.Status == 200 && !strings.Contains(string(got.Body), "dossier-transition-resolve") {
			return 403
		}
		return got.Status
	}},
	{"share", 204, func(r *room, at string) int { return r.do("POST", at+"/@sharing", object{}).Status }},
}

// can are the names of what somebody may do at a dossier.
func (r *room) can(user, at string) string {
	r.t.Helper()
	var out []string
	for _, m := range may {
		if m.do(r.by(user), at) == m.status {
			out = append(out, m.name)
		}
	}
	return strings.Join(out, " ")
}

const (
	reads   = "read"
	writes  = "read edit add review"
	manages = "read edit add review share"
	nothing = ""
)

// TestProtection: reading, reading_and_writing and dossier_manager give rights
// to those whom they name, at the dossier and below it, and take them from
// everybody else but who administers; each row is one body.
func TestProtection(t *testing.T) { inBoth(t, testProtection) }

func testProtection(t *testing.T, open opener) {
	r := open(t)
	for _, id := range []string{"anna", "bruno", "clara"} {
		r.person(id)
	}
	r.withRole("admin", base, rules.Administrator)
	r.withRole("oben", fuehrung, rules.Manager) // of the folder, which the dossier may keep out
	group := geverdb.NewGroup{Group: geverdb.Group{ID: "team_a", Title: "Team A"}, Members: []string{"bruno"}}
	if err := r.db.CreateGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	before := map[string]string{"anna": nothing, "bruno": nothing, jane: reads, peter: writes, "oben": manages, "admin": manages, john: manages}
	for name, c := range map[string]struct {
		body object
		can  map[string]string // who is not named can what he could before, or nothing
		open bool              // what is given above still counts
		on   bool              // is_protected
	}{
		"nobody":                  {object{"reading": []any{}}, nil, true, false},
		"reading":                 {object{"reading": []any{"anna"}}, map[string]string{"anna": reads}, false, true},
		"reading, who writes":     {object{"reading": []any{peter}}, map[string]string{peter: reads}, false, true},
		"reading, a group":        {object{"reading": []any{"team_a"}}, map[string]string{"bruno": reads}, false, true},
		"reading, group:":         {object{"reading": []any{"group:team_a", jane}}, map[string]string{"bruno": reads, jane: reads}, false, true},
		"reading, everybody":      {object{"reading": []any{"group:AuthenticatedUsers"}}, map[string]string{"anna": reads, "bruno": reads, jane: reads, peter: reads, "oben": reads}, false, true},
		"reading_and_writing":     {object{"reading_and_writing": []any{jane}}, map[string]string{jane: writes}, false, true},
		"reading_and_writing, in": {object{"reading_and_writing": []any{"group:team_a"}, "reading": []any{"bruno", "anna"}}, map[string]string{"bruno": writes, "anna": reads}, false, true},
		"dossier_manager":         {object{"reading": []any{jane}, "dossier_manager": "anna"}, map[string]string{jane: reads, "anna": manages}, false, true},
		"dossier_manager, group":  {object{"reading": []any{jane}, "dossier_manager": "team_a"}, map[string]string{jane: reads, "bruno": manages}, false, true},
		"dossier_manager, who is": {object{"reading": []any{"anna"}, "dossier_manager": "anna"}, map[string]string{"anna": manages}, false, true},
		"dossier_manager alone":   {object{"dossier_manager": "anna"}, nil, true, false},
		"extend_local_roles":      {object{"reading": []any{"anna"}, "extend_local_roles": true}, map[string]string{"anna": reads}, true, true},
		"extends, writing":        {object{"reading_and_writing": []any{jane}, "extend_local_roles": true}, map[string]string{jane: writes}, true, true},
		"extends nothing":         {object{"extend_local_roles": true}, nil, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := *r
			r.t = t
			check := func(what, at string, can map[string]string, open bool) {
				t.Helper()
				for user, was := range before {
					wanted, named := can[user]
					if !named && (open || user == "admin" || user == john) {
						wanted = was
					}
					if got := r.can(user, at); got != wanted {
						t.Errorf("%s: %s can %q, want %q", what, user, got, wanted)
					}
				}
			}
			protected := func(at string, on, open bool) {
				t.Helper()
				if r.live {
					want(t, r.raw(at), object{"is_protected": on, "blocked_local_roles": !open})
				}
				want(t, r.get(at+"/@sharing"), object{"inherit": open})
			}
			at := r.make(fuehrung, dossierType, dossier())
			sub := r.make(at, dossierType, dossier())
			check("before", at, nil, true)
			r.patch(at, c.body)
			check("at it", at, c.can, c.open)
			check("below", sub, c.can, c.open)
			protected(at, c.on, c.open)
			// Made protected, it is the same.
			check("made", r.make(fuehrung, dossierType, dossier(c.body)), c.can, c.open)
			r.patch(at, object{"reading": nil, "reading_and_writing": nil, "dossier_manager": nil, "extend_local_roles": false})
			check("after", at, nil, true)
			check("below, after", sub, nil, true)
			protected(at, false, true)
		})
	}
}

// TestProtectionFields: who may set them, what they become, and what of them
// is refused.
func TestProtectionFields(t *testing.T) { inBoth(t, testProtectionFields) }

func testProtectionFields(t *testing.T, open opener) {
	r := open(t)
	at := r.make(fuehrung, dossierType, dossier())
	r.withRole("schutz", fuehrung, rules.Editor, rules.DossierManager)
	r.withRole("admin", fuehrung, rules.Administrator)
	r.withRole("limited", fuehrung, rules.LimitedAdmin)

	// Without the right the keys are passed over, and named where that is asked for.
	for _, user := range []string{peter, "limited"} {
		r.by(user).patch(at, object{"reading": []any{jane}})
		p := r.by(user).refusedAB(400, "BadRequest", "PATCH", at, object{"reading": []any{jane}, "extend_local_roles": true}, "Prefer", "handling=strict")
		if p.fields() != "extend_local_roles reading" {
			t.Errorf("%s: %+v", user, p)
		}
	}
	want(t, r.get(at), object{"reading": []any{}, "dossier_manager": nil})

	// Who protects and names no manager becomes it, again when it is taken away.
	for _, user := range []string{"schutz", "admin"} {
		u := r.by(user)
		u.patch(at, object{"reading": []any{jane, "fd_users"}})
		want(t, u.get(at), object{"reading": []any{jane, "group:fd_users"}, "dossier_manager": user})
		u.patch(at, object{"dossier_manager": nil})
		want(t, u.get(at), object{"dossier_manager": user})
		u.patch(at, object{"reading": nil, "dossier_manager": nil})
		want(t, r.get(at), object{"reading": []any{}, "dossier_manager": nil})
	}
	// A change of something else is no protection; who edits gets no more.
	r.patch(at, object{"reading_and_writing": []any{peter}})
	r.by(peter).patch(at, object{"title": "Neu", "reading_and_writing": nil, "dossier_manager": peter})
	want(t, r.get(at), object{"title": "Neu", "reading_and_writing": []any{peter}, "dossier_manager": john})

	for name, c := range map[string]struct {
		body   object
		fields string
	}{
		"nobody":          {object{"reading": []any{"niemand"}}, "reading"},
		"no group":        {object{"reading_and_writing": []any{"group:niemand"}}, "reading_and_writing"},
		"empty group":     {object{"dossier_manager": "group:"}, "dossier_manager"},
		"no list":         {object{"reading": 1}, "reading"},
		"no flag":         {object{"extend_local_roles": "ja"}, "extend_local_roles"},
		"all of them":     {object{"reading": []any{"x"}, "reading_and_writing": []any{"y"}, "dossier_manager": "z"}, "dossier_manager reading reading_and_writing"},
		"a group informs": {object{"responsible": "group:fd_users"}, "responsible"},
	} {
		if p := r.refusedAB(400, "BadRequest", "PATCH", at, c.body); p.fields() != c.fields {
			t.Errorf("%s: %+v", name, p)
		}
	}
	want(t, r.get(at), object{"reading_and_writing": []any{peter}})

	// Groups are among the values of these fields.
	found := r.get(at + "/@querysources/reading?query=team")["items_total"]
	if err := r.db.CreateGroup(t.Context(), geverdb.NewGroup{Group: geverdb.Group{ID: "team_a", Title: "Team A"}}); err != nil {
		t.Fatal(err)
	}
	got := r.get(at + "/@querysources/reading?query=team")
	if found != 0.0 || !same(got["items"], []any{object{"title": "Team A", "token": "group:team_a"}}) {
		t.Errorf("%v, %v", found, got)
	}
}

// TestProtectionSharing: @sharing shows what protection gave, leaves it where
// it is, and does not open what it closes.
func TestProtectionSharing(t *testing.T) { inBoth(t, testProtectionSharing) }

func testProtectionSharing(t *testing.T, open opener) {
	r := open(t)
	r.person("anna")
	at := r.make(fuehrung, dossierType, dossier())
	r.share(at, object{"entries": []any{entry("user", "anna", "Reader", "Editor")}})
	r.patch(at, object{"reading": []any{jane, "anna"}, "reading_and_writing": []any{peter}})
	roles := func(id string) map[string]any { return rolesOf(t, r.get(at + "/@sharing")["entries"], id) }
	want(t, roles(jane), object{"Reader": true, "Contributor": false, "Editor": false, "Reviewer": false, "DossierManager": false})
	want(t, roles(peter), object{"Reader": true, "Contributor": true, "Editor": true, "Reviewer": true, "DossierManager": false})
	want(t, roles(john), object{"Reader": true, "Editor": true, "DossierManager": true})
	want(t, roles("anna"), object{"Reader": true, "Editor": true}) // given by hand stays

	// What it shows can be sent back; what protection gave is not taken, the
	// rest is.
	r.share(at, object{"inherit": false, "entries": r.get(at + "/@sharing")["entries"]})
	r.share(at, object{"entries": []any{entry("user", jane), entry("user", "anna")}})
	want(t, roles(jane), object{"Reader": true})
	want(t, roles("anna"), object{"Reader": true, "Editor": false})
	if p := r.refusedAB(400, "BadRequest", "POST", at+"/@sharing", object{"inherit": true}); p.fields() != "inherit" {
		t.Errorf("%+v", p)
	}
	r.by(jane).get(at)
	r.by(peter).get(at)
	got := r.get(at + "/@allowed-roles-and-principals")["principals"]
	if !same(got, []any{"anna", jane, john, peter}) {
		t.Errorf("%v", got)
	}
	// What was given by hand before stays when it ends, what was sent back does
	// not.
	r.share(at, object{"entries": []any{entry("user", "anna", "Reader", "Reviewer")}})
	r.patch(at, object{"reading": nil, "reading_and_writing": nil})
	want(t, roles("anna"), object{"Reader": false, "Reviewer": true})
	r.share(at, object{"entries": []any{entry("user", "anna", "Reader")}})
	r.patch(at, object{"reading": []any{"anna"}})
	r.patch(at, object{"reading": nil})
	want(t, roles("anna"), object{"Reader": true})
	want(t, roles(peter), object{"Reader": "acquired", "DossierManager": false})
	r.share(at, object{"inherit": false})
	r.share(at, object{"inherit": true})
	// Beside what is given above, inherit is free.
	r.patch(at, object{"reading": []any{jane}, "extend_local_roles": true})
	r.share(at, object{"inherit": false})
	r.by(peter).refusedAB(401, "Unauthorized", "GET", at, nil)
	r.patch(at, object{"extend_local_roles": false})
	r.patch(at, object{"reading": nil})
	r.by(peter).get(at) // the end of protection lets roles in again
}

// TestProtectionFinding: whom a dossier is kept from finds neither it nor what
// is in it, by no way of finding; whom it names does, though nothing was given
// to him above.
func TestProtectionFinding(t *testing.T) { inBoth(t, testProtectionFinding) }

func testProtectionFinding(t *testing.T, open opener) {
	r := open(t)
	r.person("anna")
	at := r.make(fuehrung, dossierType, dossier(object{"title": "Quitte"}))
	sub := r.make(at, dossierType, dossier(object{"title": "Quitte unten"}))
	r.make(sub, documentType, object{"title": "Quitte Blatt"})
	other := r.make(fuehrung, dossierType, dossier(object{"title": "Quitte offen", "relatedDossier": []any{strings.TrimPrefix(at, base)}}))
	ways := []struct {
		name, query string
		items       func(map[string]any) int
	}{
		{"@search", base + "/@search?SearchableText=quitte", func(o map[string]any) int { return len(o["items"].([]any)) }},
		{"@search, total", base + "/@search?SearchableText=quitte&b_size=1", func(o map[string]any) int { return int(o["items_total"].(float64)) }},
		{"@listing", base + "/@listing?name=dossiers&search=quitte", func(o map[string]any) int { return int(o["items_total"].(float64)) }},
		{"@solrsearch", base + "/@solrsearch?q=quitte", func(o map[string]any) int { return int(o["items_total"].(float64)) }},
		{"@navigation", base + "/@navigation?content_interfaces=" + dossierType + "&content_interfaces:list=" + folderType, func(o map[string]any) int {
			return strings.Count(fmt.Sprint(o), "text:Quitte")
		}},
		{"items", fuehrung, func(o map[string]any) int { return strings.Count(fmt.Sprint(o["items"]), "Quitte") }},
		{"relations", other, func(o map[string]any) int { list, _ := o["relatedDossier"].([]any); return len(list) }},
	}
	check := func(when, user string, wanted ...int) {
		t.Helper()
		var got []int
		for _, w := range ways {
			answer := r.by(user).do("GET", w.query, nil)
			if answer.Status != 200 {
				got = append(got, -1)
				continue
			}
			got = append(got, w.items(answer.Object(t)))
		}
		if !slices.Equal(got, wanted) {
			t.Errorf("%s %s: %v, want %v", when, user, got, wanted)
		}
	}
	everything := []int{4, 4, 3, 4, 3, 2, 1}
	check("before", jane, everything...)
	check("before", "anna", 0, 0, 0, 0, 0, -1, -1)
	r.patch(at, object{"reading": []any{"anna"}})
	check("protected", jane, 1, 1, 1, 1, 1, 1, 0)
	check("protected", "anna", 3, 3, 2, 3, 0, -1, -1)
	check("protected", john, everything...)
	for _, path := range []string{at, sub} {
		for _, end := range []string{"", "/@search", "/@listing?name=dossiers", "/@navigation", "/@breadcrumbs", "/@sharing"} {
			r.by(jane).refusedAB(401, "Unauthorized", "GET", path+end, nil)
		}
		r.by("anna").get(path)
	}
	// A subdossier may be protected in itself, and lets nobody of the upper in.
	r.patch(sub, object{"reading": []any{jane}})
	check("twice", "anna", 1, 1, 1, 1, 0, -1, -1)
	check("twice", jane, 3, 3, 2, 3, 2, 1, 0)
	r.by(jane).get(sub)
	r.by(jane).refusedAB(401, "Unauthorized", "GET", at, nil)
	r.patch(sub, object{"reading": nil})
	r.patch(at, object{"reading": nil})
	check("after", jane, everything...)
	check("after", "anna", 0, 0, 0, 0, 0, -1, -1)
}

// TestProtectionMoves: protection goes along when the dossier is moved, and is
// the copy's too.
func TestProtectionMoves(t *testing.T) { inBoth(t, testProtectionMoves) }

func testProtectionMoves(t *testing.T, open opener) {
	r := open(t)
	r.person("anna")
	to := r.make(base+"/ordnungssystem", folderType, object{"title_de": "Ziel"})
	at := r.make(fuehrung, dossierType, dossier(object{"reading": []any{"anna"}, "reading_and_writing": []any{peter}}))
	r.make(at, dossierType, dossier())
	places := func(r *room, name string) []string {
		t.Helper()
		var out []string
		var list []map[string]any
		r.ask(200, "POST", to+"/@"+name, object{"source": strings.TrimPrefix(at, base)}).JSON(t, &list)
		for _, one := range list {
			out = append(out, strings.TrimPrefix(one["target"].(string), "http://"+apitest.Host))
		}
		return out
	}
	check := func(at string) {
		t.Helper()
		for user, wanted := range map[string]string{"anna": reads, peter: writes, jane: nothing, john: manages} {
			if got := r.can(user, at); got != wanted {
				t.Errorf("%s at %s: %q, want %q", user, at, got, wanted)
			}
		}
		want(t, r.get(at), object{"reading": []any{"anna"}, "reading_and_writing": []any{peter}, "dossier_manager": john})
	}
	copied := places(r, "copy")[0]
	check(copied)
	if got := r.can("anna", copied+"/"+r.firstChild(copied)); got != reads {
		t.Errorf("in the copy: %s", got)
	}
	// Whoever copies gets no more than he had.
	check(places(r.by(peter), "copy")[0])
	check(places(r, "move")[0])
	if p := r.by(jane).refusedAB(400, "BadRequest", "POST", to+"/@copy", object{"source": r.get(copied)["UID"]}); p.fields() != "source" {
		t.Errorf("%+v", p)
	}
}

func (r *room) firstChild(path string) string {
	r.t.Helper()
	id := r.get(path)["items"].([]any)[0].(map[string]any)["@id"].(string)
	return id[strings.LastIndexByte(id, '/')+1:]
}

// TestProtectedAway: who keeps a dossier from himself has done so, and gets an
// answer without it.
func TestProtectedAway(t *testing.T) { inBoth(t, testProtectedAway) }

func testProtectedAway(t *testing.T, open opener) {
	r := open(t)
	r.withRole("schutz", fuehrung, rules.Editor, rules.DossierManager)
	u := r.by("schutz")
	body := dossier(object{"reading": []any{jane}, "dossier_manager": peter})
	made := u.ask(201, "POST", fuehrung, body.of(dossierType), "Prefer", "return=representation, handling=strict")
	if string(made.Body) != "null" || made.Header.Get("Preference-Applied") != "handling=strict" || made.Header.Get("Content-Location") != "" {
		t.Errorf("%q %v", made.Body, made.Header)
	}
	at := strings.TrimPrefix(made.Header.Get("Location"), "http://"+apitest.Host)
	u.refusedAB(401, "Unauthorized", "GET", at, nil)
	want(t, r.get(at), object{"dossier_manager": peter})
	r.patch(at, object{"dossier_manager": "schutz"})
	for path, body := range map[string]any{fuehrung: dossier().of(dossierType), at: object{"title": "Neu"}} {
		method := map[bool]string{true: "POST", false: "PATCH"}[path == fuehrung]
		shown := r.do(method, path, body, "Prefer", "return=representation")
		if id, _ := shown.Object(t)["@id"].(string); id == "" || shown.Header.Get("Content-Location") != id {
			t.Errorf("%s: %v", method, shown.Header)
		}
	}
	got := u.ask(204, "PATCH", at, object{"dossier_manager": peter}, "Prefer", "return=representation")
	if len(got.Body) != 0 || got.Header.Get("Preference-Applied") != "" {
		t.Errorf("%q %v", got.Body, got.Header)
	}
	u.refusedAB(401, "Unauthorized", "GET", at, nil)
}

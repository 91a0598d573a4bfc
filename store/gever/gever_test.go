package gever_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loket/store/fault"
	"loket/store/gever"
)

func TestSlug(t *testing.T) {
	for title, want := range map[string]string{
		"Führung": "fuehrung", "Größe & Länge: Übersicht": "groesse-laenge-uebersicht", "  A  B ": "a-b", "Élan": "elan", "日本": "item", "": "item",
		"1.1 Verträge": "1-1-vertraege", "A-B_C.d": "a-b-c-d",
	} {
		if got := gever.Slug(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.String().Draw(t, "title")
		if s := gever.Slug(title); !gever.ValidID(s) || len(s) > 60 || strings.HasSuffix(s, "-") {
			t.Errorf("%q makes %q", title, s)
		}
	})
}

func TestFileName(t *testing.T) {
	for title, want := range map[string]string{
		"Sanierung Bärengraben 2016": "Sanierung Baerengraben 2016.txt", "a/b\\c:d": "a-b-c-d.txt", "  .. ": "Dokument.txt", "x\ny": "x-y.txt", "日本": "日本.txt",
	} {
		if got := gever.FileName(title, ".txt"); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	for name, want := range map[string][2]string{
		"Mein Text.TXT": {".txt", "Mein Text"}, "x": {"", "x"}, ".htaccess": {"", ".htaccess"}, "a.b.c": {".c", "a.b"}, `C:\x\y.pdf`: {".pdf", "y"}, "x.": {"", "x."},
	} {
		if e, title := gever.Extension(name), gever.TitleOf(name); e != want[0] || title != want[1] {
			t.Errorf("%q: %q %q, want %q", name, e, title, want)
		}
	}
}

func TestFolderNumber(t *testing.T) {
	for reference, want := range map[string]string{"": "", "FD 1": "1", "FD ZZ 10a.1.2": "10a.1.2"} {
		if got := gever.FolderNumber(reference); got != want {
			t.Errorf("%q: %q, want %q", reference, got, want)
		}
	}
}

// TestTerms: every value has a title in each language, numbers the same in all;
// a token that is none any more is its own title.
func TestTerms(t *testing.T) {
	s := gever.DefaultSettings()
	for _, kind := range gever.Types() {
		for _, f := range kind.Fields {
			for _, term := range s.Terms(f.Vocabulary) {
				number := term.Title == term.Token
				if term.Title == "" || !number && f.Vocabulary != "org_units" && (term.Fr == "" || term.En == "") {
					t.Errorf("%s: %+v", f.Vocabulary, term)
				}
			}
		}
	}
	secret := s.TermOf("classification", "classified")
	for language, want := range map[string]string{"de": "Geheim", "fr": "Secret", "en": "Classified", "it": "Geheim"} {
		if got := secret.In(language); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
	}
	if got := s.TermOf("retention_period", "7"); got.Token != "7" || got.In("fr") != "7" {
		t.Errorf("%+v", got)
	}
}

// TestContracts: what the type table says of one contract alone.
func TestContracts(t *testing.T) {
	dossier := gever.TypeOf(gever.DossierType)
	for key, want := range map[string][2]bool{ // page, live
		"comments": {true, false}, "title": {true, true}, "responsible_actor": {false, true}, "@components": {false, true}, "version": {false, true},
	} {
		for i, c := range gever.Contracts {
			if got := slices.Contains(dossier.Keys(c, []string{"de"}), key); got != want[i] {
				t.Errorf("%s in %s: %v", key, c, got)
			}
		}
	}
	if f := dossier.Field("relatedDossier"); f.Unset(gever.PageContract) != nil || f.Unset(gever.LiveContract) == nil {
		t.Error("an unset relatedDossier is null on the page and [] in the running system")
	}
	cassation := dossier.Field("date_of_cassation")
	for _, c := range []struct {
		contract gever.Contract
		role     gever.Role
		want     bool
	}{{gever.PageContract, gever.Reader, false}, {gever.LiveContract, gever.Administrator, true}, {gever.LiveContract, gever.Manager, false}} {
		if got := cassation.Secret(c.contract, gever.Roles{c.role}); got != c.want {
			t.Errorf("date_of_cassation is secret to %s in %s: %v", c.role, c.contract, got)
		}
	}
	v := gever.Values{"a": "fd:john.doe", "b": []any{"x", "y"}, "c": "z", "d": ""}
	for field, want := range map[string][]string{"a": {"john.doe"}, "b": {"x", "y"}, "c": {"z"}, "d": nil, "e": nil} {
		if got := v.Users(field); !slices.Equal(got, want) {
			t.Errorf("%s: %v", field, got)
		}
	}
}

func TestNextPrefix(t *testing.T) {
	for _, c := range []struct {
		highest int64
		last    string
		want    string
	}{{0, "", "1"}, {3, "3", "4"}, {12, "7", "13"}, {3, "10a", "11a"}, {0, "a9b9", "a9b10"}, {0, "x", ""}, {9, "A-99", "A-100"}} {
		s := gever.DefaultSettings()
		if got := s.NextPrefix(c.highest, c.last); got != c.want {
			t.Errorf("%d %q: %q, want %q", c.highest, c.last, got, c.want)
		}
		s.FirstPrefix = "01"
		if got := s.NextPrefix(c.highest, c.last); c.last == "" && got != "01" || c.last != "" && got != c.want {
			t.Errorf("first 01, %d %q: %q", c.highest, c.last, got)
		}
	}
	for number, valid := range map[string]bool{"0": true, "10": true, "A1": true, "": false, "A": false, "1 2": false, strings.Repeat("1", 33): false} {
		if gever.ValidFirstPrefix(number) != valid {
			t.Errorf("%q: %t", number, !valid)
		}
	}
}

func TestReference(t *testing.T) {
	s := gever.DefaultSettings()
	s.Abbreviation = "Client1"
	node := func(name, part string) gever.RefNode { return gever.RefNode{Type: gever.TypeOf(name), Part: part} }
	site, root := node(gever.SiteType, ""), node(gever.RootType, "")
	chain := []gever.RefNode{site, root, node(gever.FolderType, "1"), node(gever.FolderType, "1")}
	for _, c := range []struct {
		more []gever.RefNode
		want string
	}{
		{nil, "Client1 1.1"},
		{[]gever.RefNode{node(gever.DossierType, "1")}, "Client1 1.1 / 1"},
		{[]gever.RefNode{node(gever.DossierType, "5"), node(gever.DossierType, "1")}, "Client1 1.1 / 5.1"},
		{[]gever.RefNode{node(gever.DossierType, "5"), node(gever.DossierType, "1"), node(gever.DocumentType, "28")}, "Client1 1.1 / 5.1 / 28"},
		{[]gever.RefNode{node(gever.DossierType, "5"), node(gever.TaskType, ""), node(gever.DocumentType, "28")}, "Client1 1.1 / 5 / 28"},
		{[]gever.RefNode{node(gever.DossierType, "5"), node(gever.TaskType, "")}, ""},
		{[]gever.RefNode{node(gever.DossierType, ""), node(gever.DocumentType, "28")}, ""}, // its dossier was never given one
	} {
		if got, ok := s.Reference(append(slices.Clone(chain), c.more...)); got != c.want || ok != (c.want != "") {
			t.Errorf("%q, %v, want %q", got, ok, c.want)
		}
	}
	own := []gever.RefNode{site, node(gever.PrivateRootType, ""), node(gever.PrivateFolderType, "john.doe")}
	private := func(grouped bool, want string, more ...gever.RefNode) {
		s.GroupedByThree = grouped
		if got, ok := s.Reference(append(slices.Clone(own), more...)); got != want || !ok {
			t.Errorf("private: %q, %v, want %q", got, ok, want)
		}
	}
	dossiers := []gever.RefNode{node(gever.PrivateDossierType, "1"), node(gever.PrivateDossierType, "2"), node(gever.DocumentType, "42")}
	private(false, "P Client1-john.doe")
	private(false, "P Client1-john.doe / 1", dossiers[0])
	private(false, "P Client1-john.doe / 1.2 / 42", dossiers...)
	private(true, "P Client1-john.doe-1.2-42", dossiers...)
	s.GroupedByThree = true
	deep := []gever.RefNode{site, root}
	for _, part := range strings.Split("01012343", "") {
		deep = append(deep, node(gever.FolderType, part))
	}
	for want, more := range map[string][]gever.RefNode{
		"Client1 010.123.43":       nil,
		"Client1 010.123.43-1.1-7": {node(gever.DossierType, "1"), node(gever.DossierType, "1"), node(gever.DocumentType, "7")},
	} {
		if got, _ := s.Reference(append(slices.Clone(deep), more...)); got != want {
			t.Errorf("grouped: %q, want %q", got, want)
		}
	}
	s.GroupedByThree = false
	if got, _ := s.Reference([]gever.RefNode{site, {Type: gever.TypeOf(gever.RootType), Addendum: "ZZ"}, node(gever.FolderType, "3")}); got != "Client1 ZZ 3" {
		t.Errorf("with an addendum: %q", got)
	}
}

// TestTypes: the table holds together.
func TestTypes(t *testing.T) {
	s := gever.DefaultSettings()
	for _, k := range append(gever.Types(), gever.TypeOf(gever.SiteType)) {
		for _, child := range k.Contains {
			if gever.TypeOf(child) == nil {
				t.Errorf("%s contains the unknown %s", k.Name, child)
			}
		}
		if k.Folderish != (len(k.Contains) > 0) {
			t.Errorf("%s: folderish and what it contains differ", k.Name)
		}
		for i := range k.Fields {
			f := &k.Fields[i]
			choice := f.Kind == gever.Choice || f.Kind == gever.IntChoice
			if choice != (f.Vocabulary != "") || choice && len(s.Terms(f.Vocabulary)) == 0 {
				t.Errorf("%s.%s: kind and vocabulary differ", k.Name, f.Name)
			}
			if f.Title == "" || f.ReadOnly && f.Required {
				t.Errorf("%s.%s: %+v", k.Name, f.Name, f)
			}
		}
		checkWorkflow(t, k)
	}
}

// checkWorkflow: every transition leads between states that are there, and no
// two have one name from one state.
func checkWorkflow(t *testing.T, k *gever.Type) {
	t.Helper()
	for _, w := range []*gever.Workflow{k.Flow(false), k.Flow(true)} {
		seen := map[string]bool{}
		if !slices.Contains(w.States, w.Initial) {
			t.Errorf("%s begins in the unknown state %s", k.Name, w.Initial)
		}
		for _, x := range w.Transitions {
			if !slices.Contains(w.States, x.From) || !slices.Contains(w.States, x.To) || len(x.Who) == 0 || seen[x.Name+x.From] {
				t.Errorf("%s: %+v", k.Name, x)
			}
			seen[x.Name+x.From] = true
		}
		for _, state := range slices.Concat(w.Closed, w.Frozen) {
			if !slices.Contains(w.States, state) {
				t.Errorf("%s: unknown state %s", k.Name, state)
			}
		}
	}
}

// TestTransitions goes over the whole product of states and roles: what is
// open is exactly what the table says, and a Manager can leave every state
// that has a way out.
func TestTransitions(t *testing.T) {
	for _, k := range gever.Types() {
		w := k.Workflow
		for _, state := range w.States {
			for _, role := range append(slices.Clone(gever.AllRoles), gever.Issuer, gever.Responsible) {
				open := w.Open(state, gever.Roles{role})
				if !slices.IsSortedFunc(open, func(a, b gever.Transition) int { return strings.Compare(a.Name, b.Name) }) {
					t.Errorf("%s %s: not sorted", k.Name, state)
				}
				for _, x := range w.Transitions {
					want := x.From == state && slices.Contains(x.Who, role)
					if got := slices.ContainsFunc(open, func(o gever.Transition) bool { return o.Name == x.Name && o.From == x.From }); got != want {
						t.Errorf("%s %s %s %s: open %v, want %v", k.Name, state, role, x.Name, got, want)
					}
				}
				if role == gever.Reader && len(open) > 0 {
					t.Errorf("a Reader may %v", open)
				}
			}
		}
	}
}

// TestPermissions is the table of roles (gever.md 2.3, 2.4).
func TestPermissions(t *testing.T) {
	for _, c := range []struct {
		role                                                      gever.Role
		view, modify, content, folder, root, lifecycle, cassation bool
	}{
		{role: gever.Reader, view: true},
		{role: gever.Contributor, view: true, content: true},
		{role: gever.Editor, view: true, modify: true, content: true},
		{role: gever.Reviewer, view: true},
		{role: gever.LimitedAdmin, view: true, modify: true, content: true, lifecycle: true},
		{role: gever.Administrator, view: true, modify: true, content: true, folder: true, lifecycle: true},
		{role: gever.Manager, view: true, modify: true, content: true, folder: true, root: true, lifecycle: true, cassation: true},
	} {
		r := gever.Roles{c.role}
		for p, want := range map[gever.Permission]bool{
			gever.View: c.view, gever.Modify: c.modify, gever.AddContent: c.content, gever.AddFolder: c.folder, gever.AddRoot: c.root,
			gever.EditLifecycle: c.lifecycle, gever.EditCassation: c.cassation, gever.EditAddendum: c.cassation,
		} {
			if got := r.May(p); got != want {
				t.Errorf("%s, permission %d: %v, want %v", c.role, p, got, want)
			}
		}
	}
}

// TestAnyBody: no body, however strange, breaks the reading of it; it gives
// values or faults of fields.
func TestAnyBody(t *testing.T) {
	s := gever.DefaultSettings()
	w := gever.Writing{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Roles: gever.Roles{gever.Manager}, KnownUser: func(n string) (string, bool) { return n, n == "john.doe" }}
	value := rapid.Custom(func(t *rapid.T) any {
		return rapid.OneOf(
			rapid.Just[any](nil), rapid.Custom(func(t *rapid.T) any { return rapid.String().Draw(t, "s") }), rapid.Custom(func(t *rapid.T) any { return rapid.Float64().Draw(t, "f") }),
			rapid.Custom(func(t *rapid.T) any { return rapid.Bool().Draw(t, "b") }), rapid.Just[any]([]any{"x", 1.0, nil}), rapid.Just[any](map[string]any{"token": "unchecked"}),
			rapid.Just[any](map[string]any{"data": "x", "filename": "x.txt"}), rapid.Just[any]("2026-01-01"), rapid.Just[any]("john.doe"),
		).Draw(t, "v")
	})
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom(gever.Types()).Draw(t, "type")
		body := map[string]any{"unknown": 1}
		for i := range k.Fields {
			if rapid.Bool().Draw(t, "given") {
				body[k.Fields[i].Name] = value.Draw(t, k.Fields[i].Name)
			}
		}
		d, err := s.Create(k, body, w)
		if err == nil {
			if d.Title == "" || !slices.Contains(d.Ignored, "unknown") {
				t.Errorf("%s: %+v", k.Name, d)
			}
			again, err := s.Patch(k, d.Values, map[string]any{}, w)
			if err != nil || again.Changed {
				t.Errorf("%s: an empty change of what was just made: %v, changed %v", k.Name, err, again != nil && again.Changed)
			}
			return
		}
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", k.Name, err)
		}
	})
}

// TestWalls: what takes nothing from above keeps out whoever was given a role
// there, but for those whom it does not.
func TestWalls(t *testing.T) {
	at := func(n int, roles ...gever.Role) (out []gever.Given) {
		for _, r := range roles {
			out = append(out, gever.Given{At: n, Role: r})
		}
		return out
	}
	for _, c := range []struct {
		given []gever.Given
		walls gever.Walls
		want  string
	}{
		{at(0, gever.AllRoles...), gever.Walls{}, "Reader Contributor Editor Reviewer DossierManager LimitedAdmin Administrator Manager"},
		{at(0, gever.AllRoles...), gever.Walls{Blocked: 2}, "LimitedAdmin Administrator Manager"},
		{at(1, gever.AllRoles...), gever.Walls{Blocked: 2}, ""},
		{at(2, gever.Reader), gever.Walls{Blocked: 2}, "Reader"},
		{at(0, gever.AllRoles...), gever.Walls{Private: 2}, "Manager"},
		{at(1, gever.AllRoles...), gever.Walls{Private: 2}, ""},
		{at(2, gever.OwnRoles...), gever.Walls{Private: 2}, "Contributor Editor Reviewer Owner"},
		{at(3, gever.Reader), gever.Walls{Private: 2}, "Reader"},
		{at(2, gever.Owner), gever.Walls{Private: 2, Blocked: 3}, ""},
		{at(0, gever.Administrator, gever.Manager), gever.Walls{Private: 2, Blocked: 3}, "Manager"},
	} {
		var got []string
		for _, r := range gever.InForce(c.given, c.walls) {
			got = append(got, string(r))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v behind %+v: %v, want %q", c.given, c.walls, got, c.want)
		}
	}
	for role, want := range map[gever.Role]gever.Sight{
		gever.Reader: {}, gever.Editor: {}, gever.Impersonator: {}, gever.LimitedAdmin: {Past: true}, gever.Administrator: {Past: true}, gever.Manager: {Past: true, Everything: true},
	} {
		if got := gever.SightOf(at(0, role)); got != want {
			t.Errorf("%s at the root sees %+v", role, got)
		}
		if got := gever.SightOf(at(1, role)); got != (gever.Sight{}) {
			t.Errorf("%s below the root sees %+v", role, got)
		}
	}
}

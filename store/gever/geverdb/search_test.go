package geverdb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// all is a page that holds everything.
var all = geverdb.Window{Size: 1000}

// find gives the titles of what a search finds, sorted unless it sorts.
func (b *bench) find(t testing.TB, user string, in geverdb.Sought) string {
	t.Helper()
	if in.Size == 0 {
		in.Window = all
	}
	found, err := b.Search(t.Context(), user, in)
	if err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, v := range found.Views {
		titles = append(titles, v.Title)
	}
	if in.Sort == nil && in.First == nil {
		slices.Sort(titles)
	}
	if in.Window == all && int(found.Total) != len(titles) {
		t.Errorf("%d are counted, %d found", found.Total, len(titles))
	}
	return strings.Join(titles, ", ")
}

func query(t testing.TB, text string, g gever.Grammar) *gever.Query {
	t.Helper()
	q, err := gever.ParseQuery(text, g)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

func attribute(t testing.TB, name string) *gever.Attribute {
	t.Helper()
	a, err := gever.AttributeOf(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// texts are what the hits of TestHits are looked for in: title, description,
// foreign_reference.
var texts = [][3]string{
	{"Straße zum Löwen", "", ""},
	{"Strasse zum Loewen", "", ""},
	{"STRASSE ZUM LÖWEN", "", ""},
	{"Ein ﬁeser Trick", "mit Ligatur", ""},
	{"Naïve Übergröße", "", ""},
	{"Bau der Brücke", "Der Plan des Baus", "Ref-2026/17"},
	{"Brücke", "Bau", ""},
	{"Plan A", "Brücke der Bau", ""},
	{"Æsir og Ørsted", "", ""},
	{"Łódź", "", ""},
	{"数学 と 物理", "", ""},
	{"ΣΊΣΥΦΟΣ", "", ""},
	{"O'Reilly & Söhne", "AG", "x_y z.w"},
	{"2026", "Jahr", "007"},
	{"Das \"Zitat\" -- (Klammer) AND NOT OR NEAR *", "", ""},
	{"'; DROP TABLE gever_objects; --", "", ""},
	{"İstanbul", "ı", ""},
	{"e\u0301te\u0301", "zerlegt", ""},
	{"Wort Trenner\u00adSilbe", "", ""},
}

// hits are queries with what each finds, the same on both databases.
var hits = []struct{ query, want string }{
	{"strasse", "STRASSE ZUM LÖWEN, Strasse zum Loewen, Straße zum Löwen"},
	{"STRAßE löwen", "STRASSE ZUM LÖWEN, Straße zum Löwen"},
	{"loewen", "Strasse zum Loewen"},
	{"fieser", "Ein ﬁeser Trick"},
	{"ﬁes*", "Ein ﬁeser Trick"},
	{"naive ubergrosse", "Naïve Übergröße"},
	{"brucke", "Bau der Brücke, Brücke, Plan A"},
	{"Bau Brücke", "Bau der Brücke, Brücke, Plan A"},
	{"\"bau der brücke\"", "Bau der Brücke"},
	{"\"der bau\"", "Plan A"},
	{"\"brücke bau\"", ""}, // no phrase reaches from the title into the description
	{"\"brücke der bau\"", "Plan A"},
	{"\"brücke der b\"*", "Plan A"},
	{"brücke NOT plan", "Brücke"},
	{"brücke -plan", "Brücke"},
	{"brücke - plan", "Bau der Brücke, Plan A"},
	{"brücke !\"der bau\" -\"des baus\"", "Brücke"},
	{"brücke (ref OR jahr)", "Bau der Brücke"},
	{"jahr OR łódź", "2026, Łódź"},
	{"jahr || lodz", "2026, Łódź"},
	{"ref AND 2026", "Bau der Brücke"},
	{"2026/17", "Bau der Brücke"},
	{"17/2026", ""},
	{"202*", "2026, Bau der Brücke"},
	{"007", "2026"},
	{"7", ""},
	{"aesir orsted", "Æsir og Ørsted"},
	{"数学", "数学 と 物理"},
	{"σίσυφος", "ΣΊΣΥΦΟΣ"},
	{"o'reilly", "O'Reilly & Söhne"},
	{"reilly o", "O'Reilly & Söhne"},
	{"\"söhne ag\"", ""},
	{"x_y", "O'Reilly & Söhne"},
	{"z.w", "O'Reilly & Söhne"},
	{"zitat klammer near", "Das \"Zitat\" -- (Klammer) AND NOT OR NEAR *"},
	{"'; DROP TABLE gever_objects; --", "'; DROP TABLE gever_objects; --"},
	{"istanbul", "İstanbul"},
	{"été", "été"},
	{"eté", "été"},
	{"silbe", ""},
	{"trennersilbe", "Wort Trenner\u00adSilbe"},
	{"nichts davon", ""},
	{"-- !!", ""},
	{"\ue000", ""},
	{"(bau OR jahr) -(plan OR 007)", "Brücke"},
	{"NOT (bau OR jahr) strasse loewen", "Strasse zum Loewen"},
	{"-strasse zum", ""},
	{"bau OR -bau 2026", "2026, Bau der Brücke, Brücke, Plan A"},
}

// TestHits holds a table of texts and queries; it runs on both databases.
func TestHits(t *testing.T) {
	b := open(t)
	dossier := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "Texte", "responsible": john})
	for _, text := range texts {
		b.make(t, dossier, gever.DocumentType, map[string]any{"title": text[0], "description": text[1], "foreign_reference": text[2]})
	}
	for _, h := range hits {
		want := strings.Split(h.want, ", ")
		slices.Sort(want)
		// What JSON takes apart stays apart in the title.
		wanted := strings.ReplaceAll(strings.Join(want, ", "), "été", "e\u0301te\u0301")
		if got := b.find(t, john, geverdb.Sought{Path: dossier, Below: true, Query: query(t, h.query, gever.Grammar{})}); got != wanted {
			t.Errorf("%s finds %s, want %s", h.query, got, wanted)
		}
		if got := b.find(t, john, geverdb.Sought{Types: []string{gever.DocumentType}, Query: query(t, h.query, gever.Grammar{})}); got != wanted {
			t.Errorf("%s finds %s from the root, want %s", h.query, got, wanted)
		}
	}
}

// TestIndexFollows: what is written is found, what is no longer there is not,
// in the same transaction; a failed one leaves nothing in the index.
func TestIndexFollows(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	found := func(text string) string {
		t.Helper()
		return b.find(t, john, geverdb.Sought{Query: query(t, text, gever.Grammar{Fields: true})})
	}
	path := b.make(t, "ordnungssystem/fuehrung/dossier-23", gever.DocumentType, map[string]any{
		"title": "Erster", "description": "Anfang", "keywords": []any{"Rot", "Blau"}, "file": map[string]any{"data": "x", "filename": "alt.txt"},
	})
	for text, want := range map[string]string{
		"erster anfang": "Erster", "rot": "Erster", "keywords:Rot": "Erster", "keywords:rot": "", "file_extension:.txt": "Erster", "document-261": "Erster",
		"keywords:(Rot AND Blau)": "Erster", "Title:anfang": "", "Description:anfang": "Erster", "mimetype:text*": "Erster", "filesize:1": "Erster", "filesize:[2 TO *]": "",
	} {
		if got := found(text); got != want {
			t.Errorf("%s finds %q, want %q", text, got, want)
		}
	}
	patch := func(values map[string]any) error {
		_, err := b.Patch(ctx, john, path, "", geverdb.Body{Values: values})
		return err
	}
	if err := patch(map[string]any{"title": "Zweiter", "keywords": []any{"Blau"}}); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"erster": "", "zweiter": "Zweiter", "anfang": "Zweiter", "keywords:Rot": "", "keywords:Blau": "Zweiter"} {
		if got := found(text); got != want {
			t.Errorf("after the change %s finds %q, want %q", text, got, want)
		}
	}
	if err := patch(map[string]any{"title": "Dritter", "document_date": "1800-01-01"}); err == nil {
		t.Fatal("a date of 1800 was taken")
	}
	if got := found("zweiter OR dritter"); got != "Zweiter" {
		t.Errorf("after a refused change: %q", got)
	}
	// Another number of the folder is another number of what is in it.
	in := b.make(t, "ordnungssystem/finanzen/rechnungswesen/dossier-21", gever.DocumentType, map[string]any{"title": "Im Finanzwesen"})
	if _, err := b.Patch(ctx, john, "ordnungssystem/finanzen", "", geverdb.Body{Values: map[string]any{"reference_number_prefix": "77"}}); err != nil {
		t.Fatal(err)
	}
	if got := found("\"FD 77.1 / 1\" finanzwesen"); got != "Im Finanzwesen" {
		t.Errorf("by its new number: %q (%s)", got, in)
	}
	if got := found("\"FD 2.1 / 1\" finanzwesen"); got != "" {
		t.Errorf("by its old number: %q", got)
	}
	// A row that goes takes its words along.
	err := b.store.InTx(ctx, func(tx *gorm.DB) error { return tx.Exec("DELETE FROM gever_objects WHERE path = ?", path).Error })
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]int64{}
	err = b.store.Read(ctx, func(tx *gorm.DB) error {
		for _, table := range []string{"gever_objects", "gever_sorting", "gever_text"} {
			var n int64
			if err := tx.Table(table).Count(&n).Error; err != nil {
				return err
			}
			left[table] = n
		}
		return nil
	})
	if err != nil || left["gever_sorting"] != left["gever_text"] || left["gever_objects"]-1 != left["gever_sorting"] {
		t.Errorf("rows: %v, %v", left, err)
	}
	if got := found("zweiter OR keywords:Blau"); got != "" {
		t.Errorf("what is gone is found: %q", got)
	}
}

// TestMigrationFillsIndex: what a store held before there was an index is
// found after the upgrade.
func TestMigrationFillsIndex(t *testing.T) {
	b := open(t)
	err := b.store.InTx(t.Context(), func(tx *gorm.DB) error {
		drop := []string{"DROP TABLE gever_terms", "DROP TABLE gever_sorting", "DROP TABLE gever_text", "DROP INDEX gever_objects_listed", "DROP INDEX gever_objects_modified", "DROP INDEX gever_objects_created", "DROP INDEX gever_objects_removed"}
		for _, s := range drop {
			if err := tx.Exec(s).Error; err != nil {
				return err
			}
		}
		return geverdb.CreateIndex(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.find(t, john, geverdb.Sought{Query: query(t, "weiteres dokument", gever.Grammar{})}); got != "Ein weiteres Dokument" {
		t.Errorf("found %q", got)
	}
	if got := b.find(t, john, geverdb.Sought{Query: query(t, "start:2016-01-08 responsible:peter.muster", gever.Grammar{Fields: true})}); got != "Jahresrechnung, Jahresrechnung 2015" {
		t.Errorf("found %q", got)
	}
}

// TestLongTexts: an object of more words than a database takes is kept, found
// by what was taken of it, and the same on both: also by phrases around a word
// that it says too often.
func TestLongTexts(t *testing.T) {
	b := open(t)
	long := strings.Repeat("immer ", 300) + "zuletzt " + strings.Repeat("x", 900) + " ende"
	b.make(t, "ordnungssystem/fuehrung/dossier-23", gever.DocumentType, map[string]any{"title": "Lang", "description": long})
	var many strings.Builder
	for i := range 17_000 {
		fmt.Fprintf(&many, "w%d ", i)
	}
	b.make(t, "ordnungssystem/fuehrung/dossier-23", gever.DocumentType, map[string]any{"title": "Viele", "description": strings.TrimSpace(many.String()[:99_000])})
	for text, want := range map[string]string{
		"immer": "Lang", "\"lang immer\"": "", "\"immer zuletzt\"": "", "\"immer immer\"": "Lang", "zuletzt": "Lang", "ende": "Lang",
		strings.Repeat("x", 100): "Lang", strings.Repeat("x", 150): "Lang", strings.Repeat("x", 99): "", "w0": "Viele", "w14990": "Viele", "w16100": "",
		"\"w14000 w14001\"": "Viele",
	} {
		if got := b.find(t, john, geverdb.Sought{Query: query(t, text, gever.Grammar{})}); got != want {
			t.Errorf("%.20s finds %q, want %q", text, got, want)
		}
	}
}

// user makes a user with a role at each place.
func (b *bench) user(t testing.TB, id string, role gever.Role, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if err := b.CreateUser(t.Context(), geverdb.NewUser{User: geverdb.User{ID: id}, Hash: "x", Roles: []gever.Role{role}, Path: p}); err != nil {
			t.Fatal(err)
		}
	}
}

// personnel is a folder of secrets, see secrets.
const personnel = "ordnungssystem/personal"

// secrets makes what takes no roles from above, one in the other, with people
// who have roles there: themselves, by a group, by a task.
func (b *bench) secrets(t *testing.T) {
	t.Helper()
	ctx, no := t.Context(), false
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	folder := func(in, title string) string {
		return b.make(t, in, gever.FolderType, map[string]any{"title": title})
	}
	dossier := func(in, title string) string {
		return b.make(t, in, gever.DossierType, map[string]any{"title": title, "responsible": john})
	}
	document := func(in, title string) string {
		return b.make(t, in, gever.DocumentType, map[string]any{"title": title})
	}
	removed := func(in, title string) {
		_, _, err := b.Transition(ctx, john, document(in, title), "document-transition-remove", geverdb.Change{})
		must(err)
	}
	wages := folder(folder("ordnungssystem", "Personal"), "Löhne")
	open := dossier(wages, "Offen")
	inner := dossier(open, "Innen")
	removed(open, "Offen gelöscht")
	document(inner, "Innerstes")
	removed(inner, "Innen gelöscht")
	task := func(title, responsible string) string {
		return b.make(t, inner, gever.TaskType, map[string]any{"title": title, "issuer": john, "task_type": "information", "responsible": "fd:" + responsible})
	}
	document(task("Aufgabe", "auftrag"), "Dazu")
	task("Frage", "jane.leser")
	document(dossier(open, "Aussen"), "Notiz")
	closed := dossier("ordnungssystem/finanzen/rechnungswesen", "Verschlossen")
	removed(closed, "Verwahrt")
	for _, path := range []string{personnel, inner, closed} {
		must(b.Share(ctx, john, path, gever.SharingChange{Inherit: &no}))
	}
	for _, user := range []string{"gruppe", "lohnbuero", "alle", "eingeweiht", "innen"} {
		must(b.CreateUser(ctx, geverdb.NewUser{User: geverdb.User{ID: user}, Hash: "x"}))
	}
	must(b.CreateGroup(ctx, geverdb.NewGroup{Group: geverdb.Group{ID: "a"}, Members: []string{"gruppe", "alle"}, Roles: []gever.Role{gever.Reader}, Path: "ordnungssystem/fuehrung"}))
	must(b.CreateGroup(ctx, geverdb.NewGroup{Group: geverdb.Group{ID: "b"}, Members: []string{"lohnbuero"}, Roles: []gever.Role{gever.Administrator}, Path: wages}))
	must(b.CreateGroup(ctx, geverdb.NewGroup{Group: geverdb.Group{ID: "c"}, Members: []string{"alle"}, Roles: []gever.Role{gever.Manager}}))
	b.user(t, "eingeweiht", gever.Reader, open)
	b.user(t, "innen", gever.Reader, "", inner)
	b.user(t, "lohnbuero", gever.Reader, inner)
	everybody := gever.SharingEntry{Principal: gever.GroupPrincipal(gever.Everybody), Roles: []gever.Role{gever.Reader}}
	must(b.Share(ctx, john, "ordnungssystem/fuehrung/dossier-42", gever.SharingChange{Entries: []gever.SharingEntry{everybody}}))
}

// private makes private folders, each with a dossier that holds a document,
// and one that was removed.
func (b *bench) private(t *testing.T, users ...string) {
	t.Helper()
	b.make(t, "", gever.PrivateRootType, map[string]any{"title": "Privat"})
	for _, user := range users {
		own := b.make(t, "private", gever.PrivateFolderType, map[string]any{"title": "Ablage", "userid": user})
		dossier := b.make(t, own, gever.PrivateDossierType, map[string]any{"title": "Entwürfe von " + user})
		b.make(t, dossier, gever.DocumentType, map[string]any{"title": "x eigenes"})
		removed := b.make(t, dossier, gever.DocumentType, map[string]any{"title": "x weg"})
		if _, _, err := b.Transition(t.Context(), john, removed, "document-transition-remove", geverdb.Change{}); err != nil {
			t.Fatal(err)
		}
	}
}

// inPersonnel is what they see of it.
var inPersonnel = map[string]string{
	john:         "Aufgabe, Aussen, Dazu, Frage, Innen, Innen gelöscht, Innerstes, Löhne, Notiz, Offen, Offen gelöscht, Personal",
	"alle":       "Aufgabe, Aussen, Dazu, Frage, Innen, Innen gelöscht, Innerstes, Löhne, Notiz, Offen, Offen gelöscht, Personal",
	"lohnbuero":  "Aufgabe, Aussen, Dazu, Frage, Innen, Innerstes, Löhne, Notiz, Offen, Offen gelöscht",
	"eingeweiht": "Aussen, Notiz, Offen",
	"innen":      "Aufgabe, Dazu, Frage, Innen, Innerstes",
	"auftrag":    "Aufgabe, Dazu",
	"jane.leser": "Frage",
	"amt":        "Aufgabe, Aussen, Dazu, Frage, Innen, Innen gelöscht, Innerstes, Löhne, Notiz, Offen, Offen gelöscht, Personal",
	"teil":       "Aufgabe, Aussen, Dazu, Frage, Innen, Innerstes, Löhne, Notiz, Offen, Personal",
}

// inPrivate is how much each sees in private folders, of which five hold four
// objects; inWords how many documents in them.
var (
	inPrivate = map[string]int{john: 20, "alle": 20, "peter.muster": 3, "jane.leser": 3, "auftrag": 3, "nur.dossier": 3, "amt": 3 + 4, "mitleser": 2}
	inWords   = map[string]int{john: 10, "alle": 10, "peter.muster": 1, "jane.leser": 1, "auftrag": 1, "nur.dossier": 1, "amt": 1 + 2, "mitleser": 1}
)

// first is the id of an object's first child.
func (b *bench) first(t *testing.T, path string) string {
	t.Helper()
	v, err := b.Get(t.Context(), john, path, geverdb.Window{Size: 1})
	if err != nil || len(v.Children) == 0 {
		t.Fatal(err)
	}
	return v.Children[0].Name
}

// TestReach: a search finds what GET shows, and nothing else, whoever asks;
// what it does not find it does not count.
func TestReach(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	removed := b.make(t, "ordnungssystem/finanzen/rechnungswesen/dossier-21", gever.DocumentType, map[string]any{"title": "Entfernt"})
	if _, _, err := b.Transition(ctx, john, removed, "document-transition-remove", geverdb.Change{}); err != nil {
		t.Fatal(err)
	}
	b.make(t, "ordnungssystem/finanzen/rechnungswesen/dossier-21/task-1", gever.DocumentType, map[string]any{"title": "In der Aufgabe"})
	b.user(t, "ganz.aussen", gever.Reader)
	b.user(t, "nur.dossier", gever.Reader, "ordnungssystem/fuehrung/dossier-23", "ordnungssystem/fuehrung/dossier-42", "ordnungssystem/fuehrung/dossier-23/document-259")
	b.user(t, "leitung", gever.Administrator, "ordnungssystem/finanzen/rechnungswesen")
	b.user(t, "leitung", gever.Reader, "")
	b.user(t, "auftrag", gever.Contributor, "ordnungssystem/fuehrung")
	var many []string
	for i := range 300 {
		many = append(many, b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": fmt.Sprintf("Viele %d", i), "responsible": john}))
	}
	b.user(t, "viele.orte", gever.Reader, many...)
	b.make(t, "ordnungssystem/finanzen/rechnungswesen/dossier-21", gever.TaskType, map[string]any{
		"title": "Für den Auftrag", "issuer": john, "task_type": "information", "responsible": "fd:auftrag",
	})
	b.secrets(t)
	b.user(t, "amt", gever.Administrator, "")
	b.user(t, "teil", gever.LimitedAdmin, "")
	b.private(t, "peter.muster", "jane.leser", "amt", "auftrag", "nur.dossier")
	// What was given in a folder counts; above it nothing does but at the root.
	b.user(t, "anlage", gever.Manager, "private")
	b.user(t, "mitleser", gever.Reader, "", "private/jane.leser/"+b.first(t, "private/jane.leser"))
	b.user(t, "amt", gever.Administrator, "private/nur.dossier")
	var paths []string
	err := b.store.Read(ctx, func(tx *gorm.DB) error {
		return tx.Table("gever_objects").Where("path <> ''").Order("path").Pluck("path", &paths).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{john, "peter.muster", "jane.leser", "ganz.aussen", "nur.dossier", "leitung", "auftrag", "viele.orte", "gruppe", "alle", "lohnbuero", "eingeweiht", "innen", "niemand", "amt", "teil", "anlage", "mitleser"} {
		var want []string
		for _, p := range paths {
			if _, err := b.Look(ctx, user, p); err == nil {
				want = append(want, p)
			} else if fault.ReasonOf(err) != gever.NotAllowed {
				t.Fatal(err)
			}
		}
		found, err := b.Search(ctx, user, geverdb.Sought{Window: all})
		if err != nil {
			t.Fatal(err)
		}
		var got, secrets []string
		own := 0
		for _, v := range found.Views {
			if strings.HasPrefix(v.Path, "private/") {
				own++
			}
			if got = append(got, v.Path); geverdb.Within(v.Path, personnel) {
				secrets = append(secrets, v.Title)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || int(found.Total) != len(want) {
			t.Errorf("%s finds %d of %d that he may read:\n%v\n%v", user, found.Total, len(want), got, want)
		}
		if own != inPrivate[user] {
			t.Errorf("%s finds %d in private folders, want %d", user, own, inPrivate[user])
		}
		text := query(t, "x", gever.Grammar{})
		if words, err := b.Search(ctx, user, geverdb.Sought{Query: text, Window: all}); err != nil || int(words.Total) != inWords[user] || len(words.Views) != inWords[user] {
			t.Errorf("%s finds %d (%d) by a word, want %d; %v", user, words.Total, len(words.Views), inWords[user], err)
		}
		slices.Sort(secrets)
		if titles := strings.Join(secrets, ", "); titles != inPersonnel[user] {
			t.Errorf("%s finds of what is kept: %s", user, titles)
		}
	}
	for user, want := range map[string]string{
		john: "Entfernt, Jahresrechnung", "jane.leser": "Jahresrechnung", "leitung": "Entfernt, Jahresrechnung", "auftrag": "", "niemand": "",
	} {
		if got := b.find(t, user, geverdb.Sought{Query: query(t, "entfernt OR jahresrechnung -2015 -prüfen", gever.Grammar{})}); got != want {
			t.Errorf("%s finds %q, want %q", user, got, want)
		}
	}
	if _, err := b.Search(ctx, "nur.dossier", geverdb.Sought{Path: "ordnungssystem", Window: all}); fault.ReasonOf(err) != gever.NotAllowed {
		t.Errorf("a search in a place that is not his: %v", err)
	}
	if _, err := b.Search(ctx, john, geverdb.Sought{Path: "nichts", Window: all}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a search in no place: %v", err)
	}
}

// TestScope: the place itself, its depth, types; orders; pages.
func TestScope(t *testing.T) {
	b := open(t)
	for i, in := range []struct {
		in   geverdb.Sought
		want string
	}{
		{geverdb.Sought{Path: "ordnungssystem/fuehrung"}, "Dossier 42, Ein Dokument, Ein Geschäftsdossier, Ein weiteres Dokument, Führung"},
		{geverdb.Sought{Path: "ordnungssystem/fuehrung", Below: true}, "Dossier 42, Ein Dokument, Ein Geschäftsdossier, Ein weiteres Dokument"},
		{geverdb.Sought{Path: "ordnungssystem/fuehrung", Below: true, Depth: 1}, "Dossier 42, Ein Geschäftsdossier"},
		{geverdb.Sought{Path: "ordnungssystem", Depth: 1}, "Finanzen, Führung, Ordnungssystem"},
		{geverdb.Sought{Depth: 1}, "Ordnungssystem"},
		{geverdb.Sought{Depth: 2}, "Finanzen, Führung, Ordnungssystem"},
		{geverdb.Sought{Types: []string{gever.FolderType, gever.TaskType}}, "Finanzen, Führung, Jahresrechnung prüfen, Rechnungswesen"},
		{geverdb.Sought{Types: []string{}}, ""},
		{
			geverdb.Sought{Types: []string{gever.FolderType, gever.DossierType}, Sort: []gever.Order{{By: attribute(t, "title")}}},
			"Dossier 42, Ein Geschäftsdossier, Finanzen, Führung, Jahresrechnung, Jahresrechnung 2015, Rechnungswesen",
		},
		{
			geverdb.Sought{Types: []string{gever.FolderType, gever.DossierType}, Sort: []gever.Order{{By: attribute(t, "title"), Desc: true}}, First: []string{gever.FolderType}},
			"Rechnungswesen, Führung, Finanzen, Jahresrechnung 2015, Jahresrechnung, Ein Geschäftsdossier, Dossier 42",
		},
		{
			geverdb.Sought{Types: []string{gever.DossierType}, Sort: []gever.Order{{By: attribute(t, "responsible"), Desc: true}, {By: attribute(t, "title")}}},
			"Jahresrechnung, Jahresrechnung 2015, Dossier 42, Ein Geschäftsdossier",
		},
		{
			geverdb.Sought{Types: []string{gever.DossierType}, Sort: []gever.Order{{By: attribute(t, "sequence_number")}}},
			"Jahresrechnung, Jahresrechnung 2015, Ein Geschäftsdossier, Dossier 42",
		},
		{
			geverdb.Sought{Types: []string{gever.DossierType, gever.FolderType}, Sort: []gever.Order{{By: attribute(t, "path")}}, Window: geverdb.Window{Start: 1, Size: 3}},
			"Rechnungswesen, Jahresrechnung, Jahresrechnung 2015",
		},
		{
			geverdb.Sought{Query: query(t, "jahresrechnung OR fd", gever.Grammar{}), Sort: []gever.Order{{}}, Window: geverdb.Window{Size: 4}},
			"Jahresrechnung 2015, Jahresrechnung prüfen, Jahresrechnung, Rechnungswesen",
		},
		{
			geverdb.Sought{Query: query(t, "jahresrechnung OR fd", gever.Grammar{}), Sort: []gever.Order{{}}, Window: geverdb.Window{Start: 2, Size: 2}},
			"Jahresrechnung, Rechnungswesen",
		},
		{
			geverdb.Sought{Query: query(t, "jahresrechnung OR fd", gever.Grammar{}), Sort: []gever.Order{{}}, Window: geverdb.Window{Start: 9, Size: 9}}, "",
		},
		{
			geverdb.Sought{Query: query(t, "jahresrechnung OR fd", gever.Grammar{}), Sort: []gever.Order{{}}, Window: geverdb.Window{Start: 4, Size: 9}},
			"Finanzen, Führung",
		},
	} {
		if got := b.find(t, john, in.in); got != in.want {
			t.Errorf("%d: %s\nwant %s", i, got, in.want)
		}
	}
}

// TestReferenceOrder: numbers sort as people count.
func TestReferenceOrder(t *testing.T) {
	b := open(t)
	for i := range 12 {
		b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": fmt.Sprintf("D%d", i+1), "responsible": john})
	}
	got := b.find(t, john, geverdb.Sought{Query: query(t, "Title:d*", gever.Grammar{Fields: true}), Types: []string{gever.DossierType}, Sort: []gever.Order{{By: attribute(t, "reference")}}})
	if got != "Dossier 42, D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, D12" {
		t.Error(got)
	}
}

// TestConditions: one line for each sort of attribute, as filters and raw
// queries ask for them.
func TestConditions(t *testing.T) {
	b := open(t)
	sub := b.make(t, "ordnungssystem/fuehrung/dossier-23", gever.DossierType, map[string]any{"title": "Sub", "responsible": john, "start": "2025-02-01"})
	b.make(t, sub, gever.DocumentType, map[string]any{"title": "Akte", "document_type": "contract", "receipt_date": "2025-03-31", "file": map[string]any{"data": "12345", "filename": "a.pdf"}})
	for text, want := range map[string]string{
		"portal_type:opengever.task.task":                                       "Jahresrechnung prüfen",
		"@type:(opengever.task.task OR opengever.repository.repositoryroot)":    "Jahresrechnung prüfen, Ordnungssystem",
		"review_state:dossier-state-resolved":                                   "Jahresrechnung 2015",
		"-review_state:dossier-state-active portal_type:opengever.dossier.*":    "Jahresrechnung 2015",
		"responsible:peter.muster":                                              "Jahresrechnung, Jahresrechnung 2015, Jahresrechnung prüfen",
		"responsible:\"fd:peter.muster\" issuer:john.doe":                       "Jahresrechnung prüfen",
		"start:[2025-01-01 TO 2025-12-31]":                                      "Sub",
		"start:[* TO 2020-01-01] responsible:john.doe":                          "Dossier 42, Ein Geschäftsdossier",
		"start:2025-01-01TO* portal_type:opengever.dossier.businesscasedossier": "Sub",
		"receipt_date:*": "Akte",
		"created:[2026-03-02 TO 2026-03-02] document_type:contract":          "Akte",
		"created:[2026-03-02T09:00:00Z TO *] portal_type:opengever.dossier*": "Sub",
		"created:2026-03-03": "",
		"modified:[2016-01-19T11:15:22+01:00 TO 2016-01-19T10:15:22Z]": "Ein Geschäftsdossier",
		"touched:2016-01-19":         "Ein Geschäftsdossier",
		"filesize:[5 TO 5]":          "Akte",
		"sequence_number:[40 TO 50]": "Dossier 42",
		"retention_period:5 -portal_type:opengever.dossier* Title:f*": "Finanzen, Führung",
		"is_subdossier:true":                       "Sub",
		"is_folderish:false Title:a*":              "Akte",
		"trashed:true":                             "",
		"path:/ordnungssystem/fuehrung/dossier-42": "Dossier 42",
		"path_parent:\"http://loket.example/api/gever/ordnungssystem/fuehrung/dossier-42\"": "Dossier 42",
		"UID:66395be6595b4db29a3282749ed50302":                                              "Ein Geschäftsdossier",
		"reference:\"FD 2*\"":                                                               "",
		"reference:\"FD 2\"*":                                                               "Finanzen, Jahresrechnung, Jahresrechnung 2015, Rechnungswesen",
		"id:dossier-21 OR Title:sub":                                                        "Jahresrechnung, Sub",
		"title:jahres* AND NOT review_state:dossier-state-resolved":                         "Jahresrechnung, Jahresrechnung prüfen",
		"public_trial:limited-public":                                                       "",
		"preserved_as_paper:true document_type:*":                                           "Akte",
	} {
		if got := b.find(t, john, geverdb.Sought{Query: query(t, text, gever.Grammar{Fields: true})}); got != want {
			t.Errorf("%s finds %s, want %s", text, got, want)
		}
	}
}

// TestSums: facets and statistics count what was found, not more.
func TestSums(t *testing.T) {
	b := open(t)
	for i, size := range []string{"1", "22", "4444"} {
		b.make(t, "ordnungssystem/fuehrung/dossier-23", gever.DocumentType, map[string]any{
			"title": "Akte", "keywords": []any{"A", fmt.Sprint(i % 2)}, "receipt_date": fmt.Sprintf("2025-01-0%d", i+1), "file": map[string]any{"data": size, "filename": "a.pdf"},
		})
	}
	in := geverdb.Sought{
		Path: "ordnungssystem/fuehrung", Below: true, Window: geverdb.Window{Size: 1}, Types: []string{gever.DocumentType},
		Facets: []*gever.Attribute{attribute(t, "keywords"), attribute(t, "review_state"), attribute(t, "is_subdossier"), attribute(t, "filesize"), attribute(t, "responsible")},
		Stats:  []*gever.Attribute{attribute(t, "filesize"), attribute(t, "receipt_date"), attribute(t, "sequence_number"), attribute(t, "created")},
	}
	for _, text := range []string{"", "akte OR dokument", "akte OR id:document-259 OR id:document-260"} {
		in.Query = query(t, text, gever.Grammar{Fields: true})
		found, err := b.Search(t.Context(), john, in)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(found.Total, found.Facets, found.Stats["filesize"], found.Stats["receipt_date"], found.Stats["sequence_number"], found.Stats["created"].Count)
		want := "5 map[filesize:[{1 1} {2 1} {4 1}] is_subdossier:[{false 5}] keywords:[{A 3} {0 2} {1 1}] responsible:[] review_state:[{document-state-draft 5}]]" +
			" {3 2 1 4 7} {3 2 2025-01-01 2025-01-03 0} {5 0 259 263 1305} 5"
		if got != want {
			t.Errorf("%s:\n%s\n%s", text, got, want)
		}
	}
}

// TestSearchQueries: a search is as many queries for one hit as for many, at
// any depth.
func TestSearchQueries(t *testing.T) {
	b := open(t)
	deep := "ordnungssystem/finanzen/rechnungswesen/dossier-21"
	for range 40 {
		b.make(t, deep, gever.DocumentType, map[string]any{"title": "viele"})
	}
	b.make(t, "ordnungssystem/fuehrung/dossier-23", gever.DocumentType, map[string]any{"title": "einer"})
	count := func(user, text string) int {
		return b.queries(t, func() {
			b.find(t, user, geverdb.Sought{Path: "ordnungssystem", Query: query(t, text, gever.Grammar{}), Sort: []gever.Order{{}}, Window: geverdb.Window{Size: 25}})
		})
	}
	one, many := count(john, "einer"), count(john, "viele")
	if one != many || one > 9 {
		t.Errorf("%d queries for one hit, %d for a page of 25", one, many)
	}
}

// TestPlans: whatever way is taken through the index, the answer is the same:
// among a few objects and among many.
func TestPlans(t *testing.T) {
	const reader = "leserin"
	b := open(t)
	b.at.Add(int64(time.Hour))
	few := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "Wenige", "responsible": john})
	many := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "Viele", "responsible": john})
	b.fill(t, many, 3000)
	b.at.Add(int64(time.Hour))
	for i := range 3 {
		b.at.Add(int64(time.Second))
		b.make(t, few, gever.DocumentType, map[string]any{"title": fmt.Sprintf("x e%d", i)})
	}
	err := b.store.InTx(t.Context(), func(tx *gorm.DB) error { return geverdb.Reindex(tx, many) })
	if err != nil {
		t.Fatal(err)
	}
	if b.store.Dialect() == store.Postgres {
		if err := b.store.InTx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("ANALYZE").Error }); err != nil {
			t.Fatal(err)
		}
	}
	// The few are kept from whoever is no Manager, and the text counts them off.
	no := false
	if err := b.Share(t.Context(), john, few, gever.SharingChange{Inherit: &no}); err != nil {
		t.Fatal(err)
	}
	b.user(t, reader, gever.Reader, "")
	b.user(t, "amt", gever.Administrator, "")
	documents := []string{gever.DocumentType}
	type plan struct {
		in    geverdb.Sought
		total int64
		first string
	}
	run := func(name, user string, c plan) {
		t.Helper()
		var seen []int64
		c.in.Size = 400
		for c.in.Start = 0; c.in.Start < c.total; c.in.Start += c.in.Size {
			found, err := b.Search(t.Context(), user, c.in)
			if err != nil {
				t.Fatal(err)
			}
			if found.Total != c.total || c.in.Start == 0 && found.Views[0].Title != c.first {
				t.Errorf("%s: %d found, %q first; want %d, %q", name, found.Total, found.Views[0].Title, c.total, c.first)
			}
			for _, v := range found.Views {
				seen = append(seen, v.IntID)
			}
		}
		slices.Sort(seen)
		if n := len(slices.Compact(slices.Clone(seen))); n != len(seen) || int64(n) != c.total {
			t.Errorf("%s: the pages show %d objects, %d different ones, of %d", name, len(seen), n, c.total)
		}
	}
	for name, c := range map[string]plan{
		"all by a reader":       {geverdb.Sought{}, 3012, "x"},
		"text by a reader":      {geverdb.Sought{Query: query(t, "x", gever.Grammar{})}, 3000, "x"},
		"relevance by a reader": {geverdb.Sought{Query: query(t, "x", gever.Grammar{}), Sort: []gever.Order{{}}}, 3000, "x"},
		"types by a reader":     {geverdb.Sought{Types: documents}, 3002, "x"},
		"all":                   {geverdb.Sought{}, 3016, "x e2"},
		"text":                  {geverdb.Sought{Query: query(t, "x", gever.Grammar{})}, 3003, "x e2"},
		"relevance":             {geverdb.Sought{Query: query(t, "x", gever.Grammar{}), Sort: []gever.Order{{}}}, 3003, "x e2"},
		"few":                   {geverdb.Sought{Path: few, Query: query(t, "x", gever.Grammar{})}, 3, "x e2"},
		"many":                  {geverdb.Sought{Path: many, Below: true, Types: documents}, 3000, "x"},
		"types":                 {geverdb.Sought{Types: documents}, 3005, "x e2"},
		"by title":              {geverdb.Sought{Types: documents, Sort: []gever.Order{{By: attribute(t, "title"), Desc: true}}}, 3005, "x e2"},
		"by title, text":        {geverdb.Sought{Query: query(t, "x OR ein", gever.Grammar{}), Sort: []gever.Order{{By: attribute(t, "title")}}}, 3006, "Ein Dokument"},
		"by creation":           {geverdb.Sought{Types: documents, Sort: []gever.Order{{By: attribute(t, "created"), Desc: true}}}, 3005, "x e2"},
		"not x":                 {geverdb.Sought{Query: query(t, "-x", gever.Grammar{})}, 13, "Viele"},
		"text and field":        {geverdb.Sought{Query: query(t, "x (e1 OR review_state:nichts)", gever.Grammar{Fields: true})}, 1, "x e1"},
		"with a condition":      {geverdb.Sought{Query: query(t, "x document_date:2026-03-02", gever.Grammar{Fields: true})}, 3003, "x e2"},
	} {
		user := john
		if strings.HasSuffix(name, "by a reader") {
			user = reader
		}
		run(name, user, c)
	}
	// Private folders: the text counts what is somebody's own, and no other's.
	b.at.Add(int64(time.Hour))
	b.private(t, reader, "amt", "peter.muster")
	text := func() geverdb.Sought { return geverdb.Sought{Query: query(t, "x", gever.Grammar{})} }
	run("private text by a Manager", john, plan{text(), 3003 + 6, "x weg"})
	run("private text by a reader", reader, plan{text(), 3000 + 1, "x eigenes"})
	run("private text by an Administrator", "amt", plan{text(), 3003 + 1, "x eigenes"})
	run("private relevance by a reader", reader, plan{geverdb.Sought{Query: query(t, "x", gever.Grammar{}), Sort: []gever.Order{{}}}, 3000 + 1, "x eigenes"})
	run("private area by a reader", reader, plan{geverdb.Sought{Path: "private"}, 4, "x eigenes"})
}

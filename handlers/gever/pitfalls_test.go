package gever_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"loket/store/gever/geverdb"

	rules "loket/store/gever"
)

// pitfalls are what integrators depend on (gever.md 5), by number.
var pitfalls = map[int]struct {
	name string
	test func(*testing.T)
}{
	1:  {"no Accept is JSON", noAccept},
	2:  {"file needs a checkout, metadata does not", fileNeedsCheckout},
	3:  {"a wrong lock holder is 403 B", wrongLockHolder},
	4:  {"title and file name are coupled", coupledTitle},
	5:  {"extensions are checked", extensions},
	6:  {"items by 25", itemsBy25},
	7:  {"titles of folders", titlesOfFolders},
	8:  {"enabled languages", enabledLanguages},
	9:  {"years before 1900", years},
	10: {"responsible is an id or a login name", responsible},
	11: {"responsible of a task", responsibleOfTask},
	12: {"fields without permission are silent", silentFields},
	13: {"401 and 403", unauthorizedAndForbidden},
	14: {"types and message ids", typesAndMessages},
	15: {"@id keeps the query", idKeepsQuery},
	16: {"choices are objects and can be sent back", choicesAreObjects},
	17: {"periods are texts in answers", periodsAreTexts},
	18: {"Location is final", locationIsFinal},
	19: {"null", nulls},
	20: {"trashed documents vanish and can be read", trashedDocuments},
	21: {"only listed transitions work", listedTransitions},
	22: {"resolve and reactivate are recursive", recursiveTransitions},
	23: {"numbers are never given again", numbersOnce},
	24: {"touched, changed, modified", touchedChangedModified},
	25: {"relations by path need no way there", relationByPath},
	26: {"quota in the private area", quotaExceeded},
	27: {"breaking marks of the changelog", breakingMarks},
	28: {"nothing becomes only stricter downwards", looserDownwards},
	29: {"examples with missing or trailing commas", brokenExamples},
	30: {"states are written with hyphens", hyphens},
}

// TestPitfalls runs each under its number.
func TestPitfalls(t *testing.T) {
	for number, p := range pitfalls {
		t.Run(fmt.Sprintf("%02d %s", number, p.name), p.test)
	}
}

func noAccept(t *testing.T) {
	r := open(t)
	got := r.ask(200, "GET", dossier23, nil, "Accept", "")
	if got.Header.Get("Content-Type") != "application/json" || got.Object(t)["title"] != "Ein Geschäftsdossier" {
		t.Errorf("%v %s", got.Header, got.Body)
	}
	r.refusedAB(406, "NotAcceptable", "GET", dossier23, nil, "Accept", "text/html")
	if text := string(r.ask(200, "GET", base+"/documentation.json", nil).Body); !strings.Contains(text, "## Accept") {
		t.Error("the documentation says nothing about Accept")
	}
}

func fileNeedsCheckout(t *testing.T) {
	r := open(t)
	path := r.make(dossier23, documentType, object{"title": "x", "file": textFile("x.txt", "eins")})
	if p := r.refusedAB(403, "Forbidden", "PATCH", path, object{"file": textFile("x.txt", "zwei")}); p.Message != "msg_not_checked_out_by_current_user" {
		t.Errorf("%+v", p)
	}
	r.patch(path, object{"description": "geht"})
	r.by(peter).ask(204, "POST", path+"/@checkout", nil)
	r.refusedAB(403, "Forbidden", "PATCH", path, object{"file": textFile("x.txt", "zwei")}) // not his own checkout
	r.by(peter).patch(path, object{"file": textFile("x.txt", "zwei")})
}

func wrongLockHolder(t *testing.T) {
	r := open(t)
	r.ask(200, "POST", document+"/@lock", nil)
	p := r.by(peter).refusedAB(403, "Forbidden", "PATCH", document, object{"title": "x"}, "Accept-Language", "en")
	if p.Message != "msg_resource_locked" || p.Translated != "Resource is locked." || p.Metadata == nil {
		t.Errorf("%+v", p)
	}
}

func coupledTitle(t *testing.T) {
	r := open(t)
	path := r.make(dossier23, documentType, object{"file": textFile("Mein Text.txt", "x")})
	want(t, r.get(path), object{"title": "Mein Text"})
	r.patch(path, object{"title": "Sanierung Bärengraben 2016"})
	want(t, r.get(path)["file"].(map[string]any), object{"filename": "Sanierung Baerengraben 2016.txt"})
	r.ask(204, "POST", path+"/@checkout", nil)
	r.patch(path, object{"title": "", "file": textFile("Neu.md", "x")})
	want(t, r.get(path), object{"title": "Neu"})
	want(t, r.get(path)["file"].(map[string]any), object{"filename": "Neu.md"})
}

func extensions(t *testing.T) {
	r := open(t, func(s *rules.Settings) { s.Blocked = []string{"EXE", ".bat"} })
	for _, name := range []string{"x.eml", "x.MSG", "x.P7M", "x.exe", "x.EXE", "x.bat", "x.Bat"} {
		p := r.refusedAB(400, "BadRequest", "POST", dossier23, object{"file": textFile(name, "x")}.of(documentType))
		if p.Translated == "" || p.fields() != "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	r.make(dossier23, documentType, object{"file": textFile("x.txt", "x")})
}

func itemsBy25(t *testing.T) {
	r := open(t)
	path := r.make(fuehrung, dossierType, dossier())
	for range 60 {
		r.make(path, documentType, object{"title": "x"})
	}
	seen, next := map[string]bool{}, path
	for next != "" {
		got := r.get(next)
		items := got["items"].([]any)
		if len(items) > 25 {
			t.Fatalf("%d items on a page", len(items))
		}
		for _, one := range items {
			seen[one.(map[string]any)["@id"].(string)] = true
		}
		next, _ = got["batching"].(map[string]any)["next"].(string)
	}
	if len(seen) != 60 {
		t.Errorf("%d of 60 documents were seen", len(seen))
	}
}

func titlesOfFolders(t *testing.T) {
	live, page := openLive(t), open(t)
	want(t, live.raw(dossier23)["parent"].(map[string]any), object{"title": "1. Führung"})
	want(t, live.raw(fuehrung), object{"title_de": "Führung"})
	if _, there := live.raw(fuehrung)["title"]; there {
		t.Error("the folder has a title in the live contract")
	}
	want(t, page.raw(dossier23)["parent"].(map[string]any), object{"title": "Führung"})
	want(t, page.raw(fuehrung), object{"title": "Führung", "title_de": "Führung"})
}

func enabledLanguages(t *testing.T) {
	inBoth(t, func(t *testing.T, open opener) {
		r := open(t, func(s *rules.Settings) { s.Languages = []string{"de", "fr"} })
		root := base + "/ordnungssystem"
		if p := r.refusedAB(400, "BadRequest", "POST", root, object{"title_de": "x"}.of(folderType)); p.fields() != "title_fr" {
			t.Errorf("%+v", p)
		}
		got := r.get(r.make(root, folderType, object{"title_de": "Bildung", "title_fr": "Formation", "title_en": "Education"}))
		want(t, got, object{"title_de": "Bildung", "title_fr": "Formation"})
		if _, there := got["title_en"]; there {
			t.Error("title_en is not enabled and serialized")
		}
	})
}

func years(t *testing.T) {
	r := open(t)
	for _, field := range []string{"start", "end", "date_of_submission"} {
		p := r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{field: "1899-12-31"})
		if p.fields() != field || !strings.Contains(p.Message, "year=1899 is invalid. Year must be >= 1900.") {
			t.Errorf("%+v", p)
		}
	}
	r.patch(dossier23, object{"start": "1900-01-01"})
}

func responsible(t *testing.T) {
	inBoth(t, func(t *testing.T, open opener) {
		r := open(t)
		err := r.db.CreateUser(t.Context(), geverdb.NewUser{User: geverdb.User{ID: "u-17", Login: "anna.muster", Firstname: "Anna", Lastname: "Muster"}, Password: "Demo-Anna-1!"})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"u-17", "anna.muster"} {
			r.patch(dossier23, object{"responsible": "john.doe"})
			r.patch(dossier23, object{"responsible": name})
			want(t, r.get(dossier23), object{"responsible": "u-17"})
		}
		if p := r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{"responsible": "niemand"}); p.fields() != "responsible" {
			t.Errorf("%+v", p)
		}
	})
}

func responsibleOfTask(t *testing.T) {
	r := open(t)
	want(t, r.get(task1), object{"responsible": "fd:peter.muster"})
	for _, body := range []object{{"responsible": "fd:john.doe"}, {"responsible_client": "fd"}} {
		if p := r.refusedAB(400, "BadRequest", "PATCH", task1, body); p.Message != "change_responsible_not_allowed" {
			t.Errorf("%+v", p)
		}
	}
	if p := r.refusedAB(400, "BadRequest", "PATCH", task1, object{"is_private": true}); p.Message != "change_is_private_not_allowed" {
		t.Errorf("%+v", p)
	}
	r.ask(200, "POST", task1+"/@workflow/task-transition-reassign", object{"responsible": "fd:john.doe"})
	want(t, r.get(task1), object{"responsible": "fd:john.doe"})
}

func silentFields(t *testing.T) {
	r := open(t)
	p := r.by(peter)
	p.patch(dossier23, object{"title": "Neu", "archival_value": "prompt", "date_of_cassation": "2040-01-01", "reading": []any{"jane.leser"}})
	want(t, r.get(dossier23), object{"title": "Neu", "archival_value": "not archival worthy", "date_of_cassation": nil, "reading": []any{}})
	a := r.adminOf(base + "/ordnungssystem")
	a.patch(base+"/ordnungssystem", object{"reference_number_addendum": "X", "valid_from": "2020-01-01"})
	want(t, r.get(base+"/ordnungssystem"), object{"reference_number_addendum": nil, "valid_from": "2020-01-01"})
}

// adminOf is an Administrator.
func (r *room) adminOf(path string) *room {
	r.t.Helper()
	passwords["adi.admin"] = "Nur-hier-1!"
	err := r.db.CreateUser(r.t.Context(), geverdb.NewUser{
		User: geverdb.User{ID: "adi.admin", Login: "adi.admin"}, Password: passwords["adi.admin"], Roles: []rules.Role{rules.Administrator},
		Path: strings.TrimPrefix(path, base+"/"),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.by("adi.admin")
}

func unauthorizedAndForbidden(t *testing.T) {
	r := open(t)
	r.refusedAB(401, "Unauthorized", "GET", dossier23, nil, "Authorization", "")
	r.by(jane).refusedAB(401, "Unauthorized", "PATCH", dossier23, object{"title": "x"}) // logged in
	r.by(jane).refusedC(403, "Forbidden", "POST", fuehrung, dossier().of(dossierType))
	r.refusedC(403, "Forbidden", "POST", fuehrung, object{"title": "x"}.of(documentType))
}

func typesAndMessages(t *testing.T) {
	r := open(t)
	r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{"title": nil})
	r.refusedC(400, "Bad Request", "POST", dossier23+"/@workflow/nichts", nil)
	for language, text := range map[string]string{"de": "Das Dokument kann nicht eingecheckt werden.", "fr": "Le document ne peut pas être rendu.", "en": "Checkin is not allowed."} {
		p := r.refusedAB(403, "Forbidden", "POST", document+"/@checkin", nil, "Accept-Language", language)
		if p.Message != "msg_checkin_disallowed" || p.Translated != text {
			t.Errorf("%s: %+v", language, p)
		}
	}
}

func idKeepsQuery(t *testing.T) {
	r := open(t)
	for query, left := range map[string]string{
		"?expand=main-dossier": "?expand=main-dossier", "?b_size=1&b_start=1&expand=main-dossier&sort_on=title&x=1": "?expand=main-dossier&x=1", "?b_size=2": "",
	} {
		want(t, r.get(dossier23+query), object{"@id": "http://loket.test" + dossier23 + left})
	}
}

func choicesAreObjects(t *testing.T) {
	r := openLive(t)
	before := r.raw(dossier23)
	want(t, before, object{"classification": object{"token": "unprotected", "title": "Nicht klassifiziert"}})
	r.patch(dossier23, before)
	if !same(before, r.raw(dossier23)) {
		t.Error("sending back what GET gives changed something")
	}
}

func periodsAreTexts(t *testing.T) {
	r := openLive(t)
	for _, written := range []any{30, "30", object{"token": "30"}} {
		r.patch(dossier23, object{"custody_period": 0})
		r.patch(dossier23, object{"custody_period": written})
		want(t, r.raw(dossier23), object{"custody_period": object{"token": "30", "title": "30"}, "retention_period": object{"token": "5", "title": "5"}})
	}
}

func locationIsFinal(t *testing.T) {
	r := open(t)
	for container, c := range map[string]struct {
		body object
		id   string
	}{
		fuehrung:                 {dossier().of(dossierType), "dossier-24"},
		base + "/ordnungssystem": {object{"title_de": "Größe"}.of(folderType), "groesse"},
		dossier23:                {object{"title": "x"}.of(documentType), "document-261"},
	} {
		location := r.ask(201, "POST", container, c.body).Header.Get("Location")
		if location != "http://loket.test"+container+"/"+c.id {
			t.Errorf("Location %s", location)
		}
		want(t, r.get(location), object{"@id": location, "id": c.id})
	}
}

func nulls(t *testing.T) {
	r := open(t)
	for _, field := range []string{"title", "responsible", "classification", "custody_period"} {
		p := r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{field: nil})
		if p.fields() != field || !strings.Contains(p.Message, "Required input is missing.") {
			t.Errorf("%+v", p)
		}
	}
	r.patch(dossier23, object{"end": "2030-01-01", "container_type": "box", "keywords": []any{"a"}, "number_of_containers": 1})
	r.patch(dossier23, object{"end": nil, "container_type": nil, "keywords": nil, "number_of_containers": nil})
	want(t, r.get(dossier23), object{"end": nil, "container_type": nil, "keywords": []any{}, "number_of_containers": nil})
}

func listedTransitions(t *testing.T) {
	r := open(t)
	listed := transitions(r.get(dossier23 + "/@workflow"))
	if listed != "dossier-transition-deactivate dossier-transition-resolve" {
		t.Errorf("listed: %s", listed)
	}
	for _, name := range []string{"offer", "archive", "offered-to-resolved", "offered-to-inactive", "activate", "reactivate"} {
		r.refusedC(400, "Bad Request", "POST", dossier23+"/@workflow/dossier-transition-"+name, nil)
	}
	want(t, r.get(dossier23), object{"review_state": "dossier-state-active"})
}

func recursiveTransitions(t *testing.T) {
	r := open(t)
	path := r.make(fuehrung, dossierType, dossier())
	sub := r.make(path, dossierType, dossier())
	r.transition(path, "dossier-transition-resolve", object{"include_children": false})
	want(t, r.get(sub), object{"review_state": "dossier-state-resolved"})
	r.refusedC(400, "Bad Request", "POST", path+"/@workflow/dossier-transition-reactivate", object{"include_children": false})
	r.transition(path, "dossier-transition-reactivate", nil)
	want(t, r.get(sub), object{"review_state": "dossier-state-active"})
}

func numbersOnce(t *testing.T) { inBoth(t, testNumbersOnce) }

func testNumbersOnce(t *testing.T, open opener) {
	r := open(t)
	first := r.get(r.make(rechnungen, dossierType, dossier()))
	r.refusedAB(400, "BadRequest", "POST", rechnungen, dossier(object{"responsible": "niemand"}).of(dossierType)) // may leave a gap
	second := r.get(r.make(rechnungen, dossierType, dossier()))
	if first["sequence_number"].(float64) >= second["sequence_number"].(float64) {
		t.Errorf("%v, then %v", first["sequence_number"], second["sequence_number"])
	}
	want(t, first, object{"reference_number": "FD 2.1 / 3"})
	want(t, second, object{"reference_number": "FD 2.1 / 4"})
	// What moves away leaves its number behind for good, and what comes back has
	// it again.
	number := func(path string) string { return fmt.Sprint(r.get(path)["reference_number"]) }
	source := func(path string) string { return strings.TrimPrefix(path, base) }
	mover := r.make(rechnungen, dossierType, dossier())
	doc := r.make(mover, documentType, object{"title": "x"})
	given := map[string]string{number(mover): mover}
	away := r.move("@move", fuehrung, source(mover))[0]
	want(t, r.get(away), object{"reference_number": "FD 1 / 1", "former_reference_number": "FD 2.1 / 5"})
	for _, path := range []string{r.make(rechnungen, dossierType, dossier()), r.move("@copy", rechnungen, source(away))[0]} {
		if other := given[number(path)]; other != "" {
			t.Errorf("%s has the number of %s", path, other)
		}
		given[number(path)] = path
	}
	back := r.move("@move", rechnungen, source(away))[0]
	want(t, r.get(back), object{"reference_number": "FD 2.1 / 5", "former_reference_number": "FD 1 / 1"})
	want(t, r.get(strings.Replace(doc, mover, back, 1)), object{"reference_number": "FD 2.1 / 5 / 261"})
	want(t, r.get(r.make(fuehrung, dossierType, dossier())), object{"reference_number": "FD 1 / 2"})
	// A document has its own number wherever it is.
	moved := r.move("@move", dossier21, source(strings.Replace(doc, mover, back, 1)))[0]
	want(t, r.get(moved), object{"reference_number": "FD 2.1 / 1 / 261"})
	// What is deleted keeps its number from others; so does what stood in a
	// folder that moved.
	r.ask(204, "DELETE", back, nil)
	if again := number(r.make(rechnungen, dossierType, dossier())); again == "FD 2.1 / 5" || given[again] != "" {
		t.Errorf("%s was given again", again)
	}
	folder := r.make(base+"/ordnungssystem/finanzen", folderType, object{"title": "Wandert"})
	inside := r.make(folder, dossierType, dossier())
	had := number(inside)
	folder = r.move("@move", base+"/ordnungssystem", source(folder))[0]
	if now := number(folder + inside[strings.LastIndexByte(inside, '/'):]); now == had {
		t.Errorf("%s moved with its folder", now)
	}
	next := r.make(base+"/ordnungssystem/finanzen", folderType, object{"title": "Folgt"})
	if number(r.make(next, dossierType, dossier())) == had {
		t.Errorf("%s was given again", had)
	}
	// A folder that takes another number keeps the old one from others.
	r.patch(fuehrung, object{"reference_number_prefix": "9"})
	if p := r.refusedAB(400, "BadRequest", "POST", base+"/ordnungssystem", object{"title_de": "x", "reference_number_prefix": "1"}.of(folderType)); p.fields() != "reference_number" {
		t.Errorf("%+v", p)
	}
}

func trashedDocuments(t *testing.T) { inBoth(t, testTrashedDocuments) }

func testTrashedDocuments(t *testing.T, open opener) {
	r := open(t)
	want(t, r.get(document), object{"trashed": false})
	found := base + "/@search?SearchableText=dokument&portal_type=" + documentType
	lists := []string{dossier23, found, base + "/@listing?name=documents", dossier23 + "/@listing?name=folder_contents", base + "/@solrsearch?q=dokument&fq=portal_type:" + documentType}
	totals := map[string]float64{}
	for _, list := range lists {
		totals[list] = r.get(list)["items_total"].(float64)
	}
	r.ask(204, "POST", document+"/@trash", nil)
	for _, list := range lists {
		got := r.get(list)
		if same(got["items_total"], totals[list]) || strings.Contains(fmt.Sprint(got["items"]), "document-259") {
			t.Errorf("%s still shows it: %v", list, got["items"])
		}
	}
	want(t, r.get(document), object{"trashed": true, "title": "Ein Dokument", "review_state": "document-state-draft"})
	want(t, r.by(jane).get(document), object{"trashed": true})
	want(t, r.get(found+"&trashed=true"), object{"items_total": 1})
	r.ask(204, "POST", document+"/@untrash", nil)
	for _, list := range lists {
		want(t, r.get(list), object{"items_total": totals[list]})
	}
	want(t, r.get(document), object{"trashed": false})
}

func quotaExceeded(t *testing.T) { inBoth(t, testQuotaExceeded) }

func testQuotaExceeded(t *testing.T, open opener) {
	r := quota(t, open)
	dossier := r.privateDossier(peter)
	p := r.by(peter)
	p.make(dossier, documentType, object{"title": "Fast voll", "file": bytesFile(99)})
	blobs := r.blobs()
	for language, text := range map[string]string{
		"de": "Die private Ablage ist voll: sie fasst 100 Bytes, 99 sind belegt.", "fr": "L'espace privé est plein : il contient au plus 100 octets, 99 sont occupés.",
		"en": "The quota of the private folder is exceeded: it may hold 100 bytes, 99 are in use.",
	} {
		got := p.refusedAB(403, "Forbidden", "POST", dossier, object{"title": "Zu viel", "file": bytesFile(2)}.of(documentType), "Accept-Language", language)
		if got.Translated != text || got.Metadata == nil || got.fields() != "" {
			t.Errorf("%s: %+v", language, got)
		}
	}
	want(t, p.get(dossier), object{"items_total": 1})
	if now := r.blobs(); now != blobs {
		t.Errorf("%d blobs of %d", now, blobs)
	}
	p.make(dossier, documentType, object{"title": "Passt", "file": bytesFile(1)})
	p.make(dossier23, documentType, object{"title": "Anderswo", "file": bytesFile(1000)}) // the private area alone
}

func touchedChangedModified(t *testing.T) {
	inBoth(t, func(t *testing.T, open opener) {
		r := open(t)
		path := r.make(fuehrung, dossierType, dossier())
		first := r.get(path)
		r.Clock.Advance(24 * 3600e9)
		r.transition(path, "dossier-transition-deactivate", nil)
		moved := r.get(path)
		want(t, moved, object{"changed": first["changed"], "touched": "2026-03-03"})
		if moved["modified"] == first["modified"] {
			t.Error("modified stays after a transition")
		}
		r.transition(path, "dossier-transition-activate", nil)
		r.patch(path, object{"title": "Anders"})
		if got := r.get(path); got["changed"] == first["changed"] || got["modified"] != got["changed"] {
			t.Errorf("changed %v, modified %v", got["changed"], got["modified"])
		}
		if !regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(first["touched"].(string)) {
			t.Errorf("touched %v", first["touched"])
		}
	})
}

func relationByPath(t *testing.T) {
	r := open(t)
	r.user2("nur.hier", dossier23)
	r.user2("nur.hier", fuehrung+"/dossier-42")
	n := r.by("nur.hier")
	n.refusedAB(401, "Unauthorized", "GET", fuehrung, nil)
	n.patch(dossier23, object{"relatedDossier": "/ordnungssystem/fuehrung/dossier-42"})
	if got := titles(n.get(dossier23)["relatedDossier"]); got != "Dossier 42" {
		t.Errorf("relatedDossier: %s", got)
	}
}

func breakingMarks(t *testing.T) {
	r := openLive(t)
	properties := object{"default": object{"art": object{"token": "a", "title": "A"}}}
	r.patch(dossier23, object{"custom_properties": properties})
	got := r.raw(dossier23)
	want(t, got, object{"custom_properties": properties, "created": "2016-01-08T08:51:40+00:00"})
	if _, there := got["comments"]; there {
		t.Error("comments are there")
	}
	task := r.make(dossier21, taskType, object{"title": "x", "issuer": john, "task_type": "report", "responsible": "fd:john.doe", "text": object{"data": "<b>x</b>"}})
	want(t, r.raw(task), object{"text": object{"data": "<b>x</b>", "content-type": "text/html", "encoding": "utf8"}, "is_completed": false})
	if _, there := r.raw(task)["completed"]; there {
		t.Error("completed is there")
	}
	if keys := keysOf(r.raw(fuehrung)); strings.Contains(keys, "title_fr") || strings.Contains(keys, "title_en") {
		t.Errorf("keys %s", keys)
	}
	if p := r.refusedAB(403, "Forbidden", "POST", document+"/@checkin", nil); !strings.HasPrefix(p.Message, "msg_") || p.Translated == p.Message {
		t.Errorf("%+v", p)
	}
}

func looserDownwards(t *testing.T) {
	r := open(t)
	r.patch(fuehrung, object{"classification": "classified", "privacy_layer": "privacy_layer_yes", "custody_period": 150, "archival_value": "prompt"})
	looser := object{"classification": "unprotected", "privacy_layer": "privacy_layer_no", "custody_period": 0, "archival_value": "unchecked"}
	want(t, r.get(r.make(fuehrung, dossierType, dossier(looser))), looser)
}

func brokenExamples(t *testing.T) {
	r := open(t)
	for _, body := range []string{`{"title": "x",}`, `{"title": "x" "description": "y"}`, "{\"title\": \"x\",\n}", `{'title': 'x'}`} {
		if message, _ := r.refusedC(400, "DeserializationError", "PATCH", dossier23, []byte(body)); message != "No JSON object could be decoded" {
			t.Errorf("%s: %s", body, message)
		}
	}
	want(t, r.get(dossier23), object{"title": "Ein Geschäftsdossier"})
}

func hyphens(t *testing.T) {
	r := open(t)
	want(t, r.get(document), object{"review_state": "document-state-draft"})
	if got := r.do(http.MethodPost, document+"/@workflow/document_transition_finalize", nil); got.Status != 400 {
		t.Errorf("%d: %s", got.Status, got.Body)
	}
	for _, kind := range rules.Types() {
		for _, flow := range []*rules.Workflow{kind.Flow(false), kind.Flow(true)} {
			if slices.ContainsFunc(flow.States, func(s string) bool { return strings.Contains(s, "_state_") }) {
				t.Errorf("%s has the states %v", kind.Name, flow.States)
			}
		}
	}
}

package gever_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"loket/handlers/apitest"

	rules "loket/store/gever"
)

// keys of a summary in page form (gever.md 0.1 rule 6).
func fourKeys(t *testing.T, v any) {
	t.Helper()
	m, _ := v.(map[string]any)
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if got := strings.Join(keys, " "); got != "@id @type description title" {
		t.Errorf("a summary has the keys %s", got)
	}
}

func titles(v any) string {
	var out []string
	list, _ := v.([]any)
	for _, one := range list {
		m, _ := one.(map[string]any)
		out = append(out, fmt.Sprint(m["title"]))
	}
	return strings.Join(out, ", ")
}

func TestReadTree(t *testing.T) {
	r := open(t)
	site := r.get(base)
	want(t, site, object{"@type": "Plone Site", "@id": "http://" + apitest.Host + base, "title": "Finanzdirektion", "items_total": 1})
	fourKeys(t, site["items"].([]any)[0])
	root := r.get(base + "/ordnungssystem")
	want(t, root, object{
		"@type": rootType, "title": "Ordnungssystem", "title_de": "Ordnungssystem", "review_state": "repositoryroot-state-active",
		"items_total": 2, "version": nil, "next_item": object{}, "relative_path": "ordnungssystem",
	})
	want(t, root["parent"].(map[string]any), object{"@type": "Plone Site", "title": "Finanzdirektion", "description": nil})
	fourKeys(t, root["parent"])
	if _, there := root["title_fr"]; there {
		t.Error("a language that is not enabled is serialized")
	}
	if got := titles(root["items"]); got != "Führung, Finanzen" {
		t.Errorf("items: %s", got)
	}
	folder := r.get(fuehrung + "/")
	want(t, folder, object{
		"title": "Führung", "is_leafnode": true, "reference_number": "FD 1", "reference_number_prefix": "1", "items_total": 2, "description": "",
		"@context": "http://www.w3.org/ns/hydra/context.jsonld", "previous_item": object{},
	})
	want(t, folder["next_item"].(map[string]any), object{"title": "Finanzen"})
	want(t, r.get(base+"/ordnungssystem/finanzen"), object{"is_leafnode": false, "reference_number": "FD 2"})
	want(t, r.get(dossier21), object{"reference_number": "FD 2.1 / 1", "responsible": "peter.muster", "review_state": "dossier-state-active"})
	want(t, r.get(dossier22), object{"reference_number": "FD 2.1 / 2", "review_state": "dossier-state-resolved"})
	want(t, r.get(task1), object{
		"issuer": "john.doe", "responsible": "fd:peter.muster", "task_type": "direct-execution", "review_state": "task-state-open", "is_completed": false,
	})
	want(t, r.get(document), object{
		"reference_number": nil, "review_state": "document-state-draft", "file": nil, "digitally_available": false, "version": "current", "sequence_number": 259,
	})
	want(t, r.get(document)["containing_dossier"].(map[string]any), object{"title": "Ein Geschäftsdossier"})
}

// TestPaths: slashes count the same plain and as %2F, and in every mixture; a
// slash at the end changes nothing (gever.md 0.1 rule 12).
func TestPaths(t *testing.T) { inBoth(t, testPaths) }

func testPaths(t *testing.T, open opener) {
	r := open(t)
	plain := r.ask(200, "GET", dossier23, nil)
	for _, path := range []string{
		dossier23 + "/", base + "/ordnungssystem%2Ffuehrung%2Fdossier-23", base + "/ordnungssystem/fuehrung%2fdossier-23", base + "/ordnungssystem%2Ffuehrung/dossier-23/",
		base + "/ordnungssystem/fuehrung/dossier%2D23", base + "/++api++/ordnungssystem/fuehrung/dossier-23", base + "/%2B%2Bapi%2B%2B/ordnungssystem%2Ffuehrung/dossier-23/",
	} {
		if got := r.ask(200, "GET", path, nil); string(got.Body) != string(plain.Body) {
			t.Errorf("%s answers otherwise: %s", path, got.Body)
		}
	}
	r.ask(200, "GET", base+"/ordnungssystem%2Ffuehrung%2Fdossier-23/@workflow", nil)
	want(t, r.get(base+"/++api++"), object{"@id": absolute(base)})
	want(t, r.get(base+"/++api++/@search"), object{"@id": absolute(base + "/@search")})
	if at := r.ask(201, "POST", base+"/++api++/ordnungssystem/fuehrung", dossier().of(dossierType)).Header.Get("Location"); !strings.HasPrefix(at, absolute(fuehrung+"/dossier-")) {
		t.Errorf("made at %s", at)
	}
	for _, path := range []string{
		"/ordnungssystem/nichts", "/ordnungssystem//fuehrung", "/ordnungssystem/./fuehrung", "/ordnungssystem/../ordnungssystem", "/ordnungssystem/%00",
		"/ordnungssystem/%2e%2e/ordnungssystem", "/ordnungssystem/@nichts", "/@workflow", "/ordnungssystem/@login", "/ordnungssystem/@types/x/y/z", "/documentation/nichts",
		"/ordnungssystem%252Ffuehrung", "/ordnungssystem/++api++", "/++api++ordnungssystem", "/++api++/++api++/ordnungssystem", "/++api++/nichts",
	} {
		p := r.refusedAB(404, "NotFound", "GET", base+path, nil)
		if !strings.HasPrefix(p.Message, "Resource not found: http://"+apitest.Host+base+"/") {
			t.Errorf("%s: %s", path, p.Message)
		}
	}
	for path, allow := range map[string]string{
		dossier23: "DELETE, GET, HEAD, OPTIONS, PATCH, POST", dossier23 + "/@checkout": "OPTIONS, POST", base + "/@login": "OPTIONS, POST", base: "GET, HEAD, OPTIONS, POST",
	} {
		got := r.ask(405, "PUT", path, nil)
		if got.Header.Get("Allow") != allow {
			t.Errorf("%s: Allow %q, want %q", path, got.Header.Get("Allow"), allow)
		}
		if got := r.ask(204, "OPTIONS", path, nil); got.Header.Get("Allow") != allow {
			t.Errorf("OPTIONS %s: %q", path, got.Header.Get("Allow"))
		}
	}
	if got := r.ask(200, "HEAD", dossier23, nil); len(got.Body) != 0 || got.Header.Get("ETag") == "" {
		t.Errorf("HEAD: %v %q", got.Header, got.Body)
	}
	r.ask(302, "GET", base+"/documentation", nil)
	r.ask(302, "GET", base+"/reference", nil)
	r.ask(200, "GET", base+"/documentation.json", nil)
}

// TestAccept: none, */*, a range or a list that lets JSON in are served; what
// excludes it is 406 (gever.md 0.1 rule 11).
func TestAccept(t *testing.T) {
	r := open(t)
	for _, accept := range []string{"", "*/*", "application/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json;version=1, text/html"} {
		if got := r.ask(200, "GET", dossier23, nil, "Accept", accept); got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%q: %s", accept, got.Header.Get("Content-Type"))
		}
	}
	for _, method := range []string{"GET", "POST", "PATCH"} {
		var body any
		if method != "GET" {
			body = object{"title": "x"}
		}
		p := r.refusedAB(406, "NotAcceptable", method, dossier23, body, "Accept", "text/html")
		if !strings.Contains(p.Message, "Accept: application/json") {
			t.Errorf("%s: %s", method, p.Message)
		}
	}
	// A body is JSON whatever its type says.
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=iso-8859-1"} {
		r.ask(204, "PATCH", dossier23, `{"title": "Ein Geschäftsdossier"}`, "Content-Type", contentType)
	}
	// Keys are sorted and indented by two, umlauts stand as they are.
	text := string(r.ask(200, "GET", fuehrung, nil).Body)
	if !strings.HasPrefix(text, "{\n  \"@context\": ") || !strings.Contains(text, `"title": "Führung"`) || strings.HasSuffix(text, "\n") {
		t.Errorf("form of the answer: %s", text)
	}
}

func TestCreateDossier(t *testing.T) { inBoth(t, testCreateDossier) }

func testCreateDossier(t *testing.T, open opener) {
	r := open(t)
	path := r.make(fuehrung, dossierType, dossier())
	got := r.get(path)
	want(t, got, object{
		"title": "Ein Dossier", "description": "", "start": "2026-03-02", "end": nil, "keywords": []any{}, "archival_value": "unchecked", "classification": "unprotected",
		"custody_period": 30, "retention_period": 5, "privacy_layer": "privacy_layer_no", "public_trial": "unchecked", "public_trial_statement": nil,
		"relatedDossier": nil, "review_state": "dossier-state-active", "is_subdossier": false, "items": []any{}, "items_total": 0, "comments": nil,
		"reading": []any{}, "extend_local_roles": false, "sequence_number": 24, "reference_number": "FD 1 / 1", "touched": "2026-03-02",
	})
	hour, zone := "2026-03-02T10:0", "+01:00"
	if r.live {
		hour, zone = "2026-03-02T09:0", "+00:00"
	}
	if created := got["created"].(string); !strings.HasPrefix(created, hour) || !strings.HasSuffix(created, zone) {
		t.Errorf("created %s", created)
	}
	if uid := got["UID"].(string); len(uid) != 32 {
		t.Errorf("UID %q", uid)
	}
	// With Prefer the answer is the object.
	answer := r.ask(201, "POST", fuehrung, dossier().of(dossierType), "Prefer", "return=representation, handling=lenient")
	want(t, answer.Object(t), object{"@type": dossierType, "id": "dossier-25", "reference_number": "FD 1 / 2"})
	if answer.Header.Get("Preference-Applied") != "return=representation, handling=lenient" || answer.Header.Get("ETag") == "" {
		t.Errorf("headers %v", answer.Header)
	}
	if got := r.ask(201, "POST", fuehrung, dossier().of(dossierType), "Prefer", "return=minimal"); string(got.Body) != "null" {
		t.Errorf("%s", got.Body)
	}
	sub := r.make(path, dossierType, dossier(object{"title": "Sub"}))
	want(t, r.get(sub), object{"is_subdossier": true, "reference_number": "FD 1 / 1.1"})
	doc := r.make(sub, documentType, object{"title": "Notiz"})
	want(t, r.get(doc), object{
		"id": "document-261", "reference_number": "FD 1 / 1.1 / 261", "containing_subdossier": "Sub", "document_date": "2026-03-02",
		"containing_subdossier_url": "http://" + apitest.Host + sub, "preserved_as_paper": true, "description": nil,
	})
	// Below dossier-23, which was never given a number, there is none either.
	want(t, r.get(r.make(dossier23, documentType, object{"title": "x"})), object{"id": "document-262", "reference_number": nil})
	r.refusedC(403, "Forbidden", "POST", sub, dossier().of(dossierType)) // one level only
}

// TestSequences: site-wide, never given twice, passing over ids that are there
// (gever.md 2.9).
func TestSequences(t *testing.T) { inBoth(t, testSequences) }

func testSequences(t *testing.T, open opener) {
	r := open(t)
	seen := map[string]bool{}
	last := ""
	for range 20 {
		last = r.make(fuehrung, dossierType, dossier())
		id := last[strings.LastIndexByte(last, '/')+1:]
		if seen[id] {
			t.Errorf("%s was given twice", id)
		}
		seen[id] = true
	}
	// 24 to 41, then 43: dossier-42 is there.
	if seen["dossier-42"] || !strings.HasSuffix(last, "/dossier-44") {
		t.Errorf("the last is %s", last)
	}
	path := r.make(rechnungen, dossierType, dossier(object{"id": "Mein.Dossier_1"}))
	want(t, r.get(path), object{"id": "Mein.Dossier_1", "sequence_number": 45, "reference_number": "FD 2.1 / 3"})
	for _, id := range []string{"Mein.Dossier_1", "a/b", ".x", "-x", "ü", "@x", "a b", strings.Repeat("x", 200)} {
		r.refusedAB(400, "BadRequest", "POST", rechnungen, dossier(object{"id": id}).of(dossierType))
	}
	for _, id := range []string{"documentation", "documentation.json", "openapi.json", "workflows.yaml", "reference", "portal", "Portal"} {
		r.refusedAB(400, "BadRequest", "POST", base, object{"title": "x", "id": id}.of(rootType))
	}
	// A refused creation leaves nothing behind but perhaps a gap.
	r.refusedAB(400, "BadRequest", "POST", fuehrung, dossier(object{"responsible": "niemand"}).of(dossierType))
	want(t, r.get(fuehrung), object{"items_total": 22})
}

func TestFoldersAndNumbers(t *testing.T) { inBoth(t, testFoldersAndNumbers) }

func testFoldersAndNumbers(t *testing.T, open opener) {
	r := open(t)
	folder := func(container string, values object) map[string]any {
		t.Helper()
		return r.get(r.make(container, folderType, values))
	}
	root := base + "/ordnungssystem"
	third := folder(root, object{"title_de": "Größe & Länge: Übersicht"})
	want(t, third, object{"id": "groesse-laenge-uebersicht", "reference_number": "FD 3", "reference_number_prefix": "3", "title": "Größe & Länge: Übersicht"})
	want(t, folder(root, object{"title": "Führung"}), object{"id": "fuehrung-1", "title_de": "Führung", "reference_number": "FD 4"})
	want(t, folder(root, object{"title_de": "A", "title": "B", "reference_number_prefix": "10a"}), object{"title": "A", "reference_number": "FD 10a"})
	want(t, folder(root, object{"title_de": "B"}), object{"reference_number": "FD 11a"})
	for _, taken := range []string{"1", "10a"} {
		p := r.refusedAB(400, "BadRequest", "POST", root, object{"title_de": "x", "reference_number_prefix": taken}.of(folderType))
		if p.fields() != "reference_number" {
			t.Errorf("%s: %+v", taken, p)
		}
	}
	// A new number reaches everything below, and the old one stays reserved.
	dossier := r.make(fuehrung, dossierType, dossier())
	doc := r.make(dossier, documentType, object{"title": "x"})
	r.patch(fuehrung, object{"reference_number_prefix": "7"})
	want(t, r.get(doc), object{"reference_number": "FD 7 / 1 / 261"})
	r.refusedAB(400, "BadRequest", "POST", root, object{"title_de": "x", "reference_number_prefix": "1"}.of(folderType))
	r.patch(fuehrung, object{"reference_number_prefix": "1"})
	want(t, r.get(doc), object{"reference_number": "FD 1 / 1 / 261"})
	// The root's addendum too; it is the Manager's alone.
	r.patch(root, object{"reference_number_addendum": "ZZ"})
	want(t, r.get(doc), object{"reference_number": "FD ZZ 1 / 1 / 261"})
	want(t, r.get(dossier21), object{"reference_number": "FD ZZ 2.1 / 1"})
	r.patch(root, object{"reference_number_addendum": nil})
	want(t, r.get(fuehrung), object{"reference_number": "FD 1"})
	p := r.refusedAB(400, "BadRequest", "POST", root, object{"description": "x"}.of(folderType))
	if p.fields() != "title_de" || !strings.Contains(p.Message, "{'field': 'title_de', 'message': u'Required input is missing.', 'error': 'ValidationError'}") {
		t.Errorf("%+v", p)
	}
}

// TestInheritance: the nearest value above is taken on creation and kept
// (gever.md 2.11).
func TestInheritance(t *testing.T) { inBoth(t, testInheritance) }

func testInheritance(t *testing.T, open opener) {
	r := open(t)
	r.patch(fuehrung, object{"classification": "confidential", "privacy_layer": "privacy_layer_yes", "archival_value": "prompt", "retention_period": 25, "custody_period": 150, "public_trial": "public"})
	path := r.make(fuehrung, dossierType, dossier())
	inherited := object{
		"classification": "confidential", "privacy_layer": "privacy_layer_yes", "archival_value": "prompt", "retention_period": 25, "custody_period": 150,
		"public_trial": "unchecked", // not inherited
	}
	want(t, r.get(path), inherited)
	r.patch(fuehrung, object{"classification": "unprotected", "retention_period": 5})
	want(t, r.get(path), inherited)
	doc := r.make(path, documentType, object{"title": "x"})
	want(t, r.get(doc), object{"classification": "confidential", "privacy_layer": "privacy_layer_yes"})
	want(t, r.get(r.make(fuehrung, dossierType, dossier(object{"classification": "classified"}))), object{"classification": "classified", "privacy_layer": "privacy_layer_yes"})
}

// TestValues: how values may be written, and what they then are (2.1).
func TestValues(t *testing.T) { inBoth(t, testValues) }

func testValues(t *testing.T, open opener) {
	r := open(t)
	for _, c := range []struct {
		name         string
		write, shown any
	}{
		{"archival_value", object{"token": "prompt", "title": "Anbieten"}, "prompt"},
		{"custody_period", "100", 100},
		{"custody_period", object{"token": "0"}, 0},
		{"retention_period", 10, 10},
		{"retention_period", 15.0, 15},
		{"responsible", object{"token": "peter.muster"}, "peter.muster"},
		{"keywords", []any{"a", object{"token": "b"}, "a", "Größe"}, []any{"a", "b", "Größe"}},
		{"keywords", []any{}, []any{}},
		{"keywords", nil, []any{}},
		{"start", "1900-01-01", "1900-01-01"},
		{"end", "2999-12-31", "2999-12-31"},
		{"end", nil, nil},
		{"description", "a\nb", "a\nb"},
		{"description", nil, ""},
		{"comments", "", nil},
		{"number_of_containers", 3, 3},
		{"container_type", "box", "box"},
		{"container_type", nil, nil},
		{"checklist", object{"items": []any{object{"title": "x", "state": "open"}}}, object{"items": []any{object{"title": "x", "state": "open"}}}},
		{"extend_local_roles", true, true},
		{"reading", []any{"jane.leser"}, []any{"jane.leser"}},
		{"date_of_cassation", "2040-01-01", "2040-01-01"},
		{"title", "  Mit Rand ", "  Mit Rand "},
	} {
		r.patch(dossier23, object{c.name: c.write})
		want(t, r.get(dossier23), object{c.name: c.shown})
	}
	before := r.get(dossier23)
	for _, c := range []struct {
		name    string
		write   any
		message string
	}{
		{"title", nil, "Required input is missing."},
		{"title", "   ", "Required input is missing."},
		{"title", 5, "Object is of wrong type."},
		{"title", "a\nb", "Constraint not satisfied"},
		{"title", strings.Repeat("x", 1025), "Value is too long"},
		{"responsible", "niemand", "Constraint not satisfied"},
		{"responsible", nil, "Required input is missing."},
		{"archival_value", "bogus", "Constraint not satisfied"},
		{"archival_value", nil, "Required input is missing."},
		{"custody_period", 31, "Constraint not satisfied"},
		{"custody_period", "x", "Constraint not satisfied"},
		{"custody_period", true, "Object is of wrong type."},
		{"start", "1899-12-31", "year=1899 is invalid. Year must be >= 1900."},
		{"start", "2026-02-30", "The date must have the form YYYY-MM-DD."},
		{"start", 5, "Object is of wrong type."},
		{"keywords", "x", "Object is of wrong type."},
		{"keywords", []any{5}, "Object is of wrong type."},
		{"number_of_containers", "x", "Object is of wrong type."},
		{"number_of_containers", 1.5, "Object is of wrong type."},
		{"extend_local_roles", "true", "Object is of wrong type."},
		{"checklist", "x", "Object is of wrong type."},
		{"relatedDossier", "/ordnungssystem/nichts", "Could not resolve object for path=/ordnungssystem/nichts"},
		{"relatedDossier", "ffffffffffffffffffffffffffffffff", "Could not resolve object for UID=ffffffffffffffffffffffffffffffff"},
		{"relatedDossier", 999999, "Could not resolve object for intid=999999"},
		{"relatedDossier", "fd:999999", "Could not resolve object for oguid=fd:999999"},
		{"relatedDossier", "/ordnungssystem/fuehrung", "Could not resolve object for path=/ordnungssystem/fuehrung"}, // no dossier
		{"relatedDossier", true, "Object is of wrong type."},
	} {
		p := r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{c.name: c.write}, "Accept-Language", "en")
		if p.fields() != c.name || !strings.Contains(p.Message, "'message': u'"+c.message+"'") || p.Translated != "Inputs not valid" {
			t.Errorf("%s = %v: %+v", c.name, c.write, p)
		}
	}
	if !same(before, r.get(dossier23)) {
		t.Error("a refused change changed something")
	}
	p := r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{"start": "2030-01-02", "end": "2030-01-01"})
	if p.Message != "The start date must be before the end date." || p.Translated != "Das Startdatum muss vor dem Enddatum liegen." || p.Metadata == nil {
		t.Errorf("%+v", p)
	}
}

func TestRelations(t *testing.T) { inBoth(t, testRelations) }

func testRelations(t *testing.T, open opener) {
	r := open(t)
	d42 := r.get(fuehrung + "/dossier-42")
	for _, ref := range []any{
		d42["UID"], d42["oguid"], "/ordnungssystem/fuehrung/dossier-42", d42["@id"], object{"@id": d42["@id"]}, []any{d42["@id"], d42["UID"]},
		strings.TrimPrefix(d42["oguid"].(string), "fd:"),
	} {
		r.patch(dossier23, object{"relatedDossier": nil})
		want(t, r.get(dossier23), object{"relatedDossier": nil})
		r.patch(dossier23, object{"relatedDossier": ref})
		got := r.get(dossier23)["relatedDossier"].([]any)
		if len(got) != 1 {
			t.Fatalf("%v: %v", ref, got)
		}
		if !r.live {
			fourKeys(t, got[0])
		}
		want(t, got[0].(map[string]any), object{"@id": d42["@id"], "title": "Dossier 42"})
	}
	r.patch(document, object{"relatedItems": []any{"/ordnungssystem/fuehrung/dossier-23/document-260"}})
	if got := titles(r.get(document)["relatedItems"]); got != "Ein weiteres Dokument" {
		t.Errorf("relatedItems: %s", got)
	}
	if got := titles(r.get(dossier23 + "/document-260")["back_references_relatedItems"]); got != "Ein Dokument" {
		t.Errorf("back_references_relatedItems: %s", got)
	}
}

// TestPatch: only the named keys change; what is unknown, read-only or not the
// writer's is passed over silently, or named with handling=strict (1.5).
func TestPatch(t *testing.T) { inBoth(t, testPatch) }

func testPatch(t *testing.T, open opener) {
	r := open(t)
	before := r.get(dossier23)
	r.patch(dossier23, object{"title": before["title"], "unknown": 1, "created": "2020-01-01", "UID": "x", "review_state": "x", "items": []any{}, "@id": "x", "@type": "x", "reference_number": "x", "sequence_number": 1})
	if !same(before, r.get(dossier23)) {
		t.Errorf("a change of nothing changed something: %v", r.get(dossier23))
	}
	r.Clock.Advance(3600e9)
	r.patch(dossier23, object{"external_reference": "Neu"})
	after := r.get(dossier23)
	if after["modified"] == before["modified"] {
		t.Error("modified stays after a change")
	}
	for k, v := range before {
		if !slices.Contains([]string{"modified", "changed", "touched", "external_reference"}, k) && !same(v, after[k]) {
			t.Errorf("%s was not named, and changed from %v to %v", k, v, after[k])
		}
	}
	// peter is an Editor: what needs more is silent.
	p := r.by(peter)
	silent := object{"archival_value": "prompt", "date_of_cassation": "2040-01-01", "date_of_submission": "2040-01-01", "reading": []any{"jane.leser"}, "custody_period": 150}
	p.patch(dossier23, silent)
	if !same(after, r.get(dossier23)) {
		t.Errorf("a silent key changed something: %v", r.get(dossier23))
	}
	p.patch(dossier23, object{"title": "Von Peter", "public_trial": "public", "archival_value": "prompt"})
	want(t, r.get(dossier23), object{"title": "Von Peter", "public_trial": "public", "archival_value": "not archival worthy"})
	silent["unknown"], silent["title"] = 1, "Strikt"
	refused := p.refusedAB(400, "BadRequest", "PATCH", dossier23, silent, "Prefer", "handling=strict")
	if got := refused.fields(); got != "archival_value custody_period date_of_cassation date_of_submission reading unknown" {
		t.Errorf("strict names %s", got)
	}
	want(t, r.get(dossier23), object{"title": "Von Peter"})
	p.refusedAB(400, "BadRequest", "POST", fuehrung, dossier(object{"custody_period": 0}).of(dossierType), "Prefer", "handling=strict")
	created := p.make(fuehrung, dossierType, dossier(object{"custody_period": 0}))
	want(t, p.get(created), object{"custody_period": 30})
	if got := r.ask(200, "PATCH", dossier23, object{"title": "A"}, "Prefer", "handling=strict, return=representation"); got.Object(t)["title"] != "A" || got.Object(t)["UID"] == nil {
		t.Errorf("%s", got.Body)
	}
}

func TestIfMatch(t *testing.T) { inBoth(t, testIfMatch) }

func testIfMatch(t *testing.T, open opener) {
	r := open(t)
	tag := r.ask(200, "GET", dossier23, nil).Header.Get("ETag")
	r.refusedC(412, "Precondition Failed", "PATCH", dossier23, object{"title": "x"}, "If-Match", `"other"`)
	r.refusedC(412, "Precondition Failed", "PATCH", dossier23, object{"title": "x"}, "If-Match", "W/"+tag)
	next := r.ask(204, "PATCH", dossier23, object{"title": "x"}, "If-Match", `"other", `+tag).Header.Get("ETag")
	if next == "" || next == tag {
		t.Errorf("ETag after the change: %q, before: %q", next, tag)
	}
	r.refusedC(412, "Precondition Failed", "PATCH", dossier23, object{"title": "y"}, "If-Match", tag)
	// A new child is no change of the object itself.
	r.make(dossier23, documentType, object{"title": "x"})
	r.ask(204, "PATCH", dossier23, object{"title": "z"}, "If-Match", next)
	r.ask(204, "PATCH", dossier23, object{"title": "z"}, "If-Match", "*")
}

// TestErrors: bodies that are none, and types that are none (gever.md 3.2).
func TestErrors(t *testing.T) { inBoth(t, testErrors) }

func testErrors(t *testing.T, open opener) {
	r := open(t)
	for _, method := range []string{"POST", "PATCH"} {
		for body, message := range map[string]string{"": "No JSON object could be decoded", "{": "No JSON object could be decoded", "[]": "Malformed body", "[1, 2]": "Malformed body", `"x"`: "Malformed body", `{"a":1,"a":2}`: "No JSON object could be decoded"} {
			if got, _ := r.refusedC(400, "DeserializationError", method, dossier23, []byte(body)); got != message {
				t.Errorf("%s %q: %s", method, body, got)
			}
		}
	}
	if p := r.refusedAB(400, "BadRequest", "POST", fuehrung, object{"title": "x"}); p.Message != "Property '@type' is required" {
		t.Errorf("%+v", p)
	}
	for _, kind := range []any{"x", "", nil, 5, "Plone Site"} {
		r.refusedAB(400, "BadRequest", "POST", fuehrung, object{"@type": kind, "title": "x"})
	}
	p := r.refusedAB(400, "BadRequest", "POST", fuehrung, object{}.of(dossierType))
	if p.fields() != "title responsible" && p.fields() != "responsible title" {
		t.Errorf("%+v", p)
	}
	if p.Translated != "Eingaben sind ungültig" {
		t.Errorf("%+v", p)
	}
	r.refusedAB(400, "BadRequest", "GET", base+"?b_start=x", nil)
	p = r.refusedAB(400, "BadRequest", "GET", dossier23+"?b_size=-1", nil)
	if p.fields() != "b_size" {
		t.Errorf("%+v", p)
	}
}

// TestContainment: the matrix of 2.8; a refusal says what is allowed.
func TestContainment(t *testing.T) { inBoth(t, testContainment) }

func testContainment(t *testing.T, open opener) {
	r := open(t)
	workspaces := r.make(base, "opengever.workspace.root", object{"title_de": "Teamräume"})
	workspace := r.make(workspaces, "opengever.workspace.workspace", object{"title": "Projekt"})
	wfolder := r.make(workspace, "opengever.workspace.folder", object{"title": "Ordner"})
	contacts := r.make(base, "opengever.contact.contactfolder", object{"title_de": "Kontakte"})
	contact := r.make(contacts, "opengever.contact.contact", object{"lastname": "Meier", "firstname": "Franz"})
	for path, ids := range map[string]string{workspaces: "workspaces", workspace: "workspace-1", wfolder: "folder-1", contacts: "kontakte", contact: "meier-franz"} {
		want(t, r.get(path), object{"id": ids})
	}
	want(t, r.get(contact), object{"title": "Meier Franz", "review_state": "contact-state-active", "email": nil, "picture": nil})
	want(t, r.get(workspace), object{"review_state": "opengever_workspace--STATUS--active", "can_manage_participants": true})
	want(t, r.get(r.make(workspace, documentType, object{"title": "x"})), object{"review_state": "opengever_workspace_document--STATUS--active", "reference_number": nil})
	private := r.make(base, privateRootType, object{"title_de": "Private Ablage"})
	own := r.make(private, privateFolderType, object{"title": "Ablage"})
	mine := r.make(own, privateDossierType, object{"title": "Entwürfe"})
	below := r.make(mine, privateDossierType, object{"title": "Teil"})
	deep := r.make(rechnungen, folderType+"", object{"title_de": "Tief"}) // third level
	inactive := r.make(base+"/ordnungssystem", folderType, object{"title_de": "Alt"})
	r.ask(200, "POST", inactive+"/@workflow/repositoryfolder-transition-inactivate", nil)
	bodies := map[string]object{
		"opengever.contact.contact": {"lastname": "x", "firstname": "y"},
		dossierType:                 {"title": "x", "responsible": "john.doe"},
		"ftw.mail.mail":             {"message": textFile("x.eml", "Subject: x\n\n")},
		taskType:                    {"title": "x", "issuer": "john.doe", "task_type": "information", "responsible": "fd:peter.muster"},
	}
	all := []string{
		rootType, folderType, dossierType, documentType, "ftw.mail.mail", taskType, "opengever.contact.contactfolder", "opengever.contact.contact",
		"opengever.workspace.root", "opengever.workspace.workspace", "opengever.workspace.folder", privateRootType, privateFolderType, privateDossierType,
	}
	for path, allowed := range map[string][]string{
		base:                              rules.TypeOf(rules.SiteType).Contains,
		base + "/ordnungssystem":          {folderType},
		fuehrung:                          {folderType, dossierType},
		base + "/ordnungssystem/finanzen": {folderType},
		deep:                              {dossierType}, // the deepest level of folders
		dossier23:                         {dossierType, documentType, "ftw.mail.mail", taskType},
		dossier22:                         {}, // resolved
		task1:                             {documentType, "ftw.mail.mail", taskType},
		workspace:                         rules.TypeOf(rules.WorkspaceType).Contains,
		wfolder:                           {documentType, "ftw.mail.mail", "opengever.workspace.folder"},
		contacts:                          {"opengever.contact.contact"},
		workspaces:                        {"opengever.workspace.workspace"},
		private:                           {privateFolderType},
		own:                               {privateDossierType},
		mine:                              {privateDossierType, documentType, "ftw.mail.mail"},
		below:                             {documentType, "ftw.mail.mail"}, // the deepest level of dossiers
	} {
		for _, kind := range all {
			if slices.Contains(allowed, kind) {
				continue // after all refusals: a folder would change what is allowed
			}
			body := bodies[kind]
			if body == nil {
				body = object{"title": "x"}
			}
			message, inner := r.refusedC(403, "Forbidden", "POST", path, body.of(kind))
			metadata, _ := inner["additional_metadata"].(map[string]any)
			list, _ := metadata["allowed"].([]any)
			if message != "Disallowed subobject type: "+kind || len(list) != len(allowed) {
				t.Errorf("%s in %s: %s, allowed %v, want %v", kind, path, message, list, allowed)
			}
		}
	}
	for path, allowed := range map[string][]string{dossier23: {documentType, "ftw.mail.mail", taskType, dossierType}, task1: {documentType, "ftw.mail.mail", taskType}, wfolder: {documentType, "ftw.mail.mail", "opengever.workspace.folder"}} {
		for _, kind := range allowed {
			body := bodies[kind]
			if body == nil {
				body = object{"title": "x"}
			}
			r.make(path, kind, body)
		}
	}
	// Nobody adds in an inactive folder; what has no children is 405.
	r.refusedC(403, "Forbidden", "POST", inactive, dossier().of(dossierType))
	for _, path := range []string{document, contact} {
		got := r.ask(405, "POST", path, dossier().of(dossierType))
		if got.Header.Get("Allow") != "DELETE, GET, HEAD, OPTIONS, PATCH" {
			t.Errorf("Allow %q", got.Header.Get("Allow"))
		}
	}
	// Without a limit in the folder, subdossiers nest deeper.
	r.patch(fuehrung, object{"respect_max_subdossier_depth_restriction": false})
	sub := r.make(r.make(dossier23, dossierType, dossier()), dossierType, dossier())
	want(t, r.get(sub), object{"is_subdossier": true})
}

// TestPermissions by role (2.3, 2.4, 3.1).
func TestPermissions(t *testing.T) { inBoth(t, testPermissions) }

func testPermissions(t *testing.T, open opener) {
	r := open(t)
	j, p := r.by(jane), r.by(peter)
	j.get(dossier23)
	j.refusedAB(401, "Unauthorized", "PATCH", dossier23, object{"title": "x"})
	if message, _ := j.refusedC(403, "Forbidden", "POST", fuehrung, dossier().of(dossierType)); message != "Cannot create "+dossierType {
		t.Error(message)
	}
	p.make(fuehrung, dossierType, dossier())
	p.refusedC(403, "Forbidden", "POST", base+"/ordnungssystem", object{"title_de": "x"}.of(folderType))
	p.refusedC(403, "Forbidden", "POST", base, object{"title_de": "x"}.of(rootType))
	r.make(base, rootType, object{"title_de": "Zweites"})
	// In a closed dossier nobody changes anything, not even a Manager.
	r.refusedAB(401, "Unauthorized", "PATCH", dossier22, object{"title": "x"})
	// A user without any role sees nothing; with a local role, what is below.
	r.user2("nina.neu", fuehrung)
	n := r.by("nina.neu")
	n.refusedAB(401, "Unauthorized", "GET", base+"/ordnungssystem", nil)
	n.refusedAB(401, "Unauthorized", "GET", dossier21, nil)
	n.get(dossier23)
	n.patch(document, object{"title": "Von Nina"})
	n.refusedAB(404, "NotFound", "GET", fuehrung+"/nichts", nil)
	if p := n.refusedAB(400, "BadRequest", "PATCH", document, object{"relatedItems": []any{"/ordnungssystem/finanzen/rechnungswesen/dossier-21/task-1"}}); p.fields() != "relatedItems" {
		t.Errorf("%+v", p)
	}
}

// TestLanguages: each enabled language needs its title and is serialized; all
// may be written (pitfall 8). The first is the preferred one.
func TestLanguages(t *testing.T) { inBoth(t, testLanguages) }

func testLanguages(t *testing.T, open opener) {
	r := open(t, func(s *rules.Settings) { s.Languages = []string{"fr", "de"} })
	root := base + "/ordnungssystem"
	if p := r.refusedAB(400, "BadRequest", "POST", root, object{"title_de": "Bildung"}.of(folderType)); p.fields() != "title_fr" {
		t.Errorf("%+v", p)
	}
	path := r.make(root, folderType, object{"title_de": "Bildung", "title": "Formation générale", "title_en": "Education"})
	got := r.get(path)
	want(t, got, object{"id": "formation-generale", "title": "Formation générale", "title_fr": "Formation générale", "title_de": "Bildung"})
	if _, there := got["title_en"]; there {
		t.Error("title_en is not enabled and serialized")
	}
	r.patch(path, object{"title_fr": "Écoles"})
	want(t, r.get(path), object{"title": "Écoles"})
	want(t, r.get(root), object{"title_fr": nil, "title_de": "Ordnungssystem"})
}

// TestZone: date-times stand in the installation's zone, with summer time, and
// today is its date (gever.md 0.1 rule 9).
func TestZone(t *testing.T) {
	r := open(t)
	r.Clock.Advance((4*30*24 + 13) * 3600e9) // into July, late in the evening of UTC
	now := r.Clock.Now()
	got := r.get(r.make(fuehrung, dossierType, dossier()))
	zone := rules.DefaultSettings().Zone
	if created := got["created"].(string); !strings.HasSuffix(created, "+02:00") {
		t.Errorf("created %s", created)
	}
	if date := now.In(zone).Format("2006-01-02"); now.Format("2006-01-02") == date || got["start"] != date {
		t.Errorf("start %v, the date in the zone is %s, in UTC %s", got["start"], date, now)
	}
}

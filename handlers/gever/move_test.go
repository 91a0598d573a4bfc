package gever_test

import (
	"fmt"
	"strings"
	"testing"

	"loket/handlers/apitest"
	rules "loket/store/gever"
)

// absolute is the address of a path.
func absolute(path string) string { return "http://" + apitest.Host + path }

// move moves or copies sources and gives where they are.
func (r *room) move(endpoint, target string, sources ...string) []string {
	r.t.Helper()
	var source any = append([]string{}, sources...)
	if len(sources) == 1 {
		source = sources[0]
	}
	var out []string
	for i, m := range r.ask(200, "POST", target+"/"+endpoint, object{"source": source}).List(r.t) {
		if i < len(sources) && strings.HasPrefix(sources[i], "http") && m["source"] != sources[i] {
			r.t.Errorf("source %v, want %v", m["source"], sources[i])
		}
		out = append(out, strings.TrimPrefix(m["target"].(string), "http://"+apitest.Host))
	}
	return out
}

// leads fails unless the request is led to another address.
func (r *room) leads(status int, method, from, to string) {
	r.t.Helper()
	got := r.ask(status, method, from, nil)
	if l := got.Header.Get("Location"); l != absolute(to) || len(got.Body) != 0 {
		r.t.Errorf("%s %s leads to %q, want %q", method, from, l, absolute(to))
	}
}

// TestMove: a dossier with what is in it gets a number of its new place, keeps
// its old one for good, and its old addresses lead to the new ones.
func TestMove(t *testing.T) { inBoth(t, testMove) }

func testMove(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	d := r.make(fuehrung, dossierType, dossier())
	sub := r.make(d, dossierType, dossier(object{"title": "Teil"}))
	doc := r.make(sub, documentType, object{"title": "Text", "file": textFile("x.txt", "eins")})
	name := strings.TrimPrefix(d, fuehrung+"/")
	number := strings.TrimPrefix(fmt.Sprint(r.get(doc)["reference_number"]), "FD 1 / 1.1 / ")
	want(t, r.get(d), object{"reference_number": "FD 1 / 1"})
	tag := r.ask(200, "GET", doc, nil).Header.Get("ETag")

	got := p.move("@move", rechnungen, absolute(d))
	moved := rechnungen + "/" + name
	if len(got) != 1 || got[0] != moved {
		t.Fatalf("moved to %v", got)
	}
	want(t, r.get(moved), object{"reference_number": "FD 2.1 / 3", "former_reference_number": "FD 1 / 1", "relative_path": strings.TrimPrefix(moved, base+"/")})
	want(t, r.get(moved+strings.TrimPrefix(sub, d)), object{"reference_number": "FD 2.1 / 3.1", "former_reference_number": "FD 1 / 1.1"})
	there := moved + strings.TrimPrefix(doc, d)
	want(t, r.get(there), object{"reference_number": "FD 2.1 / 3.1 / " + number})
	if r.ask(200, "GET", there, nil).Header.Get("ETag") == tag {
		t.Error("the document's ETag stayed, its number did not")
	}
	if body := r.ask(200, "GET", there+"/@@download/file", nil).Body; string(body) != "eins" {
		t.Errorf("%q", body)
	}
	want(t, r.get(fuehrung), object{"items_total": 2})
	want(t, r.get(rechnungen), object{"items_total": 3})

	// Old addresses, with all that comes after them.
	r.leads(301, "GET", d, moved)
	r.leads(301, "GET", doc, there)
	r.leads(301, "HEAD", doc, there)
	r.leads(301, "GET", doc+"/@workflow?x=%C3%A4", there+"/@workflow?x=%C3%A4")
	r.leads(301, "GET", doc+"/@@download/file/a%20b.txt", there+"/@@download/file/a%20b.txt")
	r.leads(301, "GET", base+"/"+strings.ReplaceAll(strings.TrimPrefix(d, base+"/"), "/", "%2F")+"/@types", moved+"/@types")
	r.leads(301, "GET", base+"/++api++"+strings.TrimPrefix(doc, base)+"/@types?x=1", there+"/@types?x=1")
	r.leads(308, "POST", doc+"/@checkout", there+"/@checkout")
	r.refusedAB(404, "NotFound", "GET", d+"/nichts", nil)
	r.by("").refusedAB(401, "Unauthorized", "GET", d, nil)

	// Back again: the old number, and no redirect to itself.
	if got := r.move("@move", fuehrung, moved[len(base):]); got[0] != d {
		t.Fatalf("back to %v", got)
	}
	want(t, r.get(d), object{"reference_number": "FD 1 / 1", "former_reference_number": "FD 2.1 / 3"})
	want(t, r.get(doc), object{"reference_number": "FD 1 / 1.1 / " + number})
	r.leads(301, "GET", there, doc)
	want(t, r.get(r.make(rechnungen, dossierType, dossier())), object{"reference_number": "FD 2.1 / 4"})
	want(t, r.get(r.make(fuehrung, dossierType, dossier())), object{"reference_number": "FD 1 / 2"})

	// Where it stands already, nothing happens.
	if got := r.move("@move", fuehrung, d[len(base):]); got[0] != d {
		t.Errorf("%v", got)
	}
	want(t, r.get(d), object{"reference_number": "FD 1 / 1"})
}

// TestMoveChain: an object that moved several times, with a folder that moved
// too, is found from each address that it had; a new object at an old address
// counts before what was there.
func TestMoveChain(t *testing.T) { inBoth(t, testMoveChain) }

func testMoveChain(t *testing.T, open opener) {
	r := open(t)
	a, b := r.make(rechnungen, folderType, object{"title": "A"}), r.make(base+"/ordnungssystem/finanzen", folderType, object{"title": "B"})
	d := r.make(a, dossierType, dossier())
	name := strings.TrimPrefix(d, a)
	doc := r.make(d, documentType, object{"title": "x"})
	want(t, r.get(d), object{"reference_number": "FD 2.1.1 / 1"})
	a2 := r.move("@move", b, a[len(base):])[0]
	want(t, r.get(a2), object{"reference_number": "FD 2.2.1", "reference_number_prefix": "1", "title": "A"})
	want(t, r.get(a2+name), object{"reference_number": "FD 2.2.1 / 1", "former_reference_number": "FD 2.1.1 / 1"})
	d2 := r.move("@move", fuehrung, absolute(a2+name))[0]
	want(t, r.get(d2), object{"reference_number": "FD 1 / 1", "former_reference_number": "FD 2.2.1 / 1"})
	for _, old := range []string{d, a2 + name} {
		r.leads(301, "GET", old, d2)
	}
	r.leads(301, "GET", doc, d2+strings.TrimPrefix(doc, d))
	r.leads(301, "GET", a, a2)

	// A new folder takes the old place: it is what stands there, and what once
	// stood below is still found. When it goes, nothing answers for it.
	again := r.make(rechnungen, folderType, object{"title": "A"})
	if again != a {
		t.Fatalf("%s is not %s", again, a)
	}
	uid := r.get(again)["UID"]
	want(t, r.get(again), object{"reference_number": "FD 2.1.2", "items_total": 0})
	if uid == r.get(a2)["UID"] {
		t.Error("the old object answers")
	}
	r.leads(301, "GET", d, d2)
	moved := r.move("@move", b, absolute(again))[0]
	if moved != b+"/a-1" {
		t.Errorf("the id that was taken became %s", moved)
	}
	r.leads(301, "GET", a, moved)
	r.move("@move", rechnungen, absolute(moved))
	r.ask(204, "DELETE", rechnungen+"/a-1", nil)
	r.refusedAB(404, "NotFound", "GET", a, nil)
	r.refusedAB(404, "NotFound", "GET", moved, nil)
}

// TestMoveNumberless: the page's dossier gets its first number when it moves
// (gever.md 0.1 rule 8), and its documents theirs.
func TestMoveNumberless(t *testing.T) { inBoth(t, testMoveNumberless) }

func testMoveNumberless(t *testing.T, open opener) {
	r := open(t)
	moved := r.move("@move", rechnungen, "66395be6595b4db29a3282749ed50302")[0]
	want(t, r.get(moved), object{"reference_number": "FD 2.1 / 3", "former_reference_number": nil})
	want(t, r.get(moved+"/document-259"), object{"reference_number": "FD 2.1 / 3 / 259"})
	// A document alone takes only its dossier's part.
	doc := r.move("@move", dossier21, absolute(moved+"/document-259"))[0]
	want(t, r.get(doc), object{"reference_number": "FD 2.1 / 1 / 259"})
	// A task takes its documents along.
	task := r.make(moved, taskType, object{"title": "x", "issuer": john, "task_type": "information", "responsible": "fd:peter.muster"})
	beilage := r.make(task, documentType, object{"title": "x"})
	task2 := r.move("@move", dossier21, absolute(task))[0]
	want(t, r.get(task2+strings.TrimPrefix(beilage, task)), object{"reference_number": "FD 2.1 / 1 / " + beilage[strings.LastIndexByte(beilage, '-')+1:]})
}

// TestMoveRules: what may not move, and where to; nothing has changed then.
func TestMoveRules(t *testing.T) { inBoth(t, testMoveRules) }

func testMoveRules(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	refused := func(who *room, message, target, source string) {
		t.Helper()
		who.refusedRule(message, "POST", target+"/@move", object{"source": absolute(source)})
	}
	d := r.make(fuehrung, dossierType, dossier())
	sub := r.make(d, dossierType, dossier())
	refused(r, rules.MsgMoveItself, sub, d)
	refused(r, rules.MsgMoveItself, d, d)
	refused(r.by(jane), rules.MsgMoveRight, rechnungen, d)
	refused(r, rules.MsgMoveContainer, dossier23, d) // a level too deep
	refused(r, rules.MsgMoveContainer, base+"/ordnungssystem", d)
	refused(r, rules.MsgMoveContainer, document, d)
	refused(r, rules.MsgMoveContainer, dossier22, d) // closed
	refused(r, rules.MsgMoveClosed, dossier23, r.closedDocument())
	deep := r.make(base+"/ordnungssystem", folderType, object{"title": "Zwei Stufen"})
	r.make(deep, folderType, object{"title": "Unten"})
	refused(r, rules.MsgMoveContainer, rechnungen, deep) // four levels
	refused(p, rules.MsgMoveAdd, base+"/ordnungssystem", deep+"/unten")
	r.ask(200, "POST", rechnungen+"/@workflow/repositoryfolder-transition-inactivate", object{})
	refused(r, rules.MsgMoveAdd, rechnungen, d)
	r.ask(200, "POST", rechnungen+"/@workflow/repositoryfolder-transition-activate", object{})

	inTask := r.make(task1, documentType, object{"title": "x"})
	refused(r, rules.MsgMoveTask, dossier21, inTask)
	doc := r.make(d, documentType, object{"title": "x"})
	r.ask(204, "POST", doc+"/@checkout", nil)
	refused(r, rules.MsgMoveCheckin, rechnungen, d)
	r.ask(204, "POST", doc+"/@checkin", object{})
	p.ask(200, "POST", doc+"/@lock", object{})
	refused(r, "msg_resource_locked", rechnungen, d)
	p.ask(200, "POST", doc+"/@unlock", object{})
	r.ask(204, "POST", doc+"/@trash", nil)
	refused(r, rules.MsgMoveTrash, dossier23, doc)
	r.refusedRule(rules.MsgMoveTrash, "POST", dossier23+"/@copy", object{"source": absolute(doc)})
	r.ask(204, "POST", doc+"/@untrash", nil)
	_, folder := r.workspace()
	refused(r, rules.MsgMoveArea, folder, doc)

	// All or none, and every fault of the sources.
	e := r.refusedAB(400, "BadRequest", "POST", rechnungen+"/@move", object{"source": []any{absolute(d), "/nichts", "0123456789abcdef0123456789abcdef"}})
	if e.fields() != "source source" {
		t.Errorf("%+v", e)
	}
	r.refusedRule(rules.MsgMoveContainer, "POST", dossier23+"/@move", object{"source": []any{absolute(doc), absolute(d)}})
	want(t, r.get(doc), object{"parent": r.get(doc)["parent"], "relative_path": strings.TrimPrefix(doc, base+"/")})
	for _, body := range []object{{}, {"source": nil}} {
		if e := r.refusedAB(400, "BadRequest", "POST", rechnungen+"/@move", body); e.Message != "Property 'source' is required" && e.fields() != "source" {
			t.Errorf("%v: %+v", body, e)
		}
	}
	if e := r.refusedAB(400, "BadRequest", "POST", rechnungen+"/@copy", object{}); e.Message != "Property 'source' is required" {
		t.Errorf("%+v", e)
	}
	r.refusedAB(400, "BadRequest", "POST", rechnungen+"/@move", object{"source": true})
	if got := r.move("@move", rechnungen); len(got) != 0 {
		t.Errorf("%v", got)
	}
	r.refusedAB(404, "NotFound", "POST", fuehrung+"/nichts/@move", object{"source": "/x"})
	r.refusedAB(404, "NotFound", "POST", fuehrung+"/nichts/@copy", object{"source": "/x"})
	// A list, a parent and what is in it: each comes to the target.
	got := r.move("@move", rechnungen, absolute(d), absolute(sub), absolute(d))
	if len(got) != 2 || strings.TrimPrefix(got[1], rechnungen) != strings.TrimPrefix(sub, d) {
		t.Errorf("%v", got)
	}
	// Whoever sees only one place is told of nothing elsewhere.
	r.user2("nur.hier", dossier21)
	if e := r.by("nur.hier").refusedAB(400, "BadRequest", "POST", dossier21+"/@move", object{"source": absolute(document)}); e.fields() != "source" {
		t.Errorf("%+v", e)
	}
}

// TestCopy: copies are new objects of the caller.
func TestCopy(t *testing.T) { inBoth(t, testCopy) }

func testCopy(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	d := r.make(fuehrung, dossierType, dossier(object{"description": "Beschrieb"}))
	sub := r.make(d, dossierType, dossier(object{"title": "Teil"}))
	one := r.make(d, documentType, object{"title": "Eins", "file": textFile("x.txt", "eins")})
	two := r.make(sub, documentType, object{"title": "Zwei", "relatedItems": []any{absolute(one), absolute(document)}})
	trashed := r.make(d, documentType, object{"title": "weg"})
	r.ask(204, "POST", trashed+"/@trash", nil)
	r.ask(204, "POST", one+"/@checkout", nil)
	r.patch(one, object{"file": textFile("x.txt", "in Arbeit")})

	got := p.move("@copy", rechnungen, absolute(d))[0]
	want(t, r.get(got), object{
		"title": "Ein Dossier", "description": "Beschrieb", "reference_number": "FD 2.1 / 3", "former_reference_number": nil, "items_total": 2,
		"review_state": "dossier-state-active",
	})
	if id := r.get(got)["id"]; id == r.get(d)["id"] || !strings.HasPrefix(fmt.Sprint(id), "dossier-") {
		t.Errorf("id %v", id)
	}
	items := r.get(got)["items"].([]any)
	path := func(i int) string {
		return strings.TrimPrefix(items[i].(map[string]any)["@id"].(string), "http://"+apitest.Host)
	}
	want(t, r.get(path(0)), object{"title": "Teil", "reference_number": "FD 2.1 / 3.1", "items_total": 1})
	copied := r.get(path(1))
	want(t, copied, object{"title": "Eins", "checked_out": nil, "current_version_id": 0, "creator": object{"@id": absolute(base + "/@actors/" + peter), "identifier": peter}})
	if fmt.Sprint(copied["id"]) == "document-264" || copied["sequence_number"] == r.get(one)["sequence_number"] {
		t.Errorf("the copy has the id %v", copied["id"])
	}
	if body := r.ask(200, "GET", path(1)+"/@@download/file", nil).Body; string(body) != "eins" {
		t.Errorf("the copy of a checked-out document has %q", body)
	}
	inner := r.get(r.get(path(0))["items"].([]any)[0].(map[string]any)["@id"].(string))
	related := inner["relatedItems"].([]any)
	if len(related) != 2 || related[0].(map[string]any)["@id"] != absolute(path(1)) || related[1].(map[string]any)["@id"] != absolute(document) {
		t.Errorf("relations lead to %v", related)
	}
	// The bytes are shared, and stay while one needs them.
	r.ask(204, "POST", one+"/@cancelcheckout", nil)
	r.ask(204, "DELETE", one, nil)
	if body := r.ask(200, "GET", path(1)+"/@@download/file", nil).Body; string(body) != "eins" {
		t.Errorf("%q", body)
	}

	// Beside the original it is called after it.
	beside := r.move("@copy", d, absolute(sub))[0]
	want(t, r.get(beside), object{"title": "Copy of Teil", "reference_number": "FD 1 / 1.2"})
	doc := r.move("@copy", sub, absolute(two))[0]
	want(t, r.get(doc), object{"title": "Copy of Zwei", "file": nil})
	file := r.make(sub, documentType, object{"file": textFile("Text.txt", "x")})
	want(t, r.get(r.move("@copy", sub, absolute(file))[0])["file"].(map[string]any), object{"filename": "Copy of Text.txt"})
	folder := r.move("@copy", base+"/ordnungssystem", absolute(fuehrung))[0]
	if folder != base+"/ordnungssystem/copy-of-fuehrung" {
		t.Errorf("the folder's copy is at %s", folder)
	}
	want(t, r.get(folder), object{"title": "Copy of Führung", "title_de": "Copy of Führung", "reference_number": "FD 3", "reference_number_prefix": "3"})
	want(t, r.get(r.make(folder, dossierType, dossier())), object{"reference_number": fmt.Sprintf("FD 3 / %v", r.get(fuehrung)["items_total"].(float64)+1)})

	r.refusedRule(rules.MsgMoveItself, "POST", sub+"/@copy", object{"source": absolute(d)})
	r.refusedRule(rules.MsgMoveContainer, "POST", dossier22+"/@copy", object{"source": absolute(two)})
	r.by(jane).refusedRule(rules.MsgMoveAdd, "POST", dossier23+"/@copy", object{"source": absolute(two)})
}

// TestRedirects: every operation that has the path of an object leads on when
// the object has moved. A new operation declares it, as all others do.
func TestRedirects(t *testing.T) { inBoth(t, testRedirects) }

func testRedirects(t *testing.T, open opener) {
	r := open(t)
	moved := r.move("@move", rechnungen, absolute(dossier23))[0]
	operations, err := r.APIs[0].Document().Operations()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"type": documentType, "field": "file", "transition": "x", "version": "0", "filename": "x.txt"}
	for _, o := range operations {
		if !strings.HasPrefix(o.Path, "/{path}") {
			continue
		}
		rest := strings.TrimPrefix(o.Path, "/{path}")
		for _, p := range o.Parameters() {
			value, known := values[p.Name]
			if !known {
				value = p.Example
			}
			rest = strings.ReplaceAll(rest, "{"+p.Name+"}", value)
		}
		if o.ID == "listObjects" {
			rest += "?name=dossiers"
		}
		var body any
		header := []string{}
		switch {
		case o.TakesBody():
			body = object{"@type": documentType, "title": "x", "version": 0, "source": "/x", "comment": "x", "text": "x", "participant_id": jane, "roles": []any{"regard"}, "old_userid": john, "new_userid": peter}
		case o.ID == "xhrUpload":
			body, header = []byte("--x--\r\n"), []string{"Content-Type", "multipart/form-data; boundary=x"}
		case strings.HasPrefix(o.ID, "tus"):
			body = []byte("x")
			header = []string{
				"Content-Type", octets, "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Upload-Length", "1", "Upload-Metadata", metadata("filename", "x.txt"),
			}
		}
		status := 308
		if o.Method == "GET" || o.Method == "HEAD" {
			status = 301
		}
		got := r.ask(status, o.Method, dossier23+rest, body, header...)
		if l := got.Header.Get("Location"); l != absolute(moved+rest) {
			t.Errorf("%s leads to %q", o.ID, l)
		}
	}
}

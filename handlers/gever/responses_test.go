package gever_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"loket/handlers/apitest"
	rules "loket/store/gever"
	"loket/store/gever/geverdb"
)

// comment adds a comment and gives its path.
func (r *room) comment(path, text string) string {
	r.t.Helper()
	got := r.ask(201, "POST", path+"/@responses", object{"text": text})
	location := strings.TrimPrefix(got.Header.Get("Location"), strings.TrimSuffix(siteURL, base))
	if !same(got.Object(r.t), r.get(location)) {
		r.t.Errorf("the answer is not what %s shows", location)
	}
	return location
}

// TestComments: dossiers and tasks take comments; only these are changed, and
// by whom they are.
func TestComments(t *testing.T) { inBoth(t, testComments) }

func testComments(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	one := p.comment(dossier42, "Erster <b>Satz</b>.\nZweiter & letzter.")
	want(t, r.get(one), object{
		"@id": strings.TrimSuffix(siteURL, base) + one, "response_type": "comment", "creator": object{"token": peter, "title": "Muster Peter (peter.muster)"}, "modified": nil, "modifier": nil,
		"text": "Erster <b>Satz</b>.\nZweiter & letzter.", "rendered_text": "Erster &lt;b&gt;Satz&lt;/b&gt;.<br />Zweiter &amp; letzter.", "mimetype": "text/plain",
		"transition": nil, "changes": []any{}, "related_items": []any{}, "added_objects": []any{}, "approved_documents": []any{}, "subtask": nil,
		"successor_oguid": nil, "additional_data": object{},
	})
	two := r.comment(dossier42, "Antwort")
	list := r.get(dossier42 + "/@responses")
	want(t, list, object{"@id": siteURL + strings.TrimPrefix(dossier42, base) + "/@responses", "items_total": 2})
	if items := list["items"].([]any); !same(items[0], r.get(one)) || !same(items[1], r.get(two)) {
		t.Errorf("%v", items)
	}
	page := r.get(dossier42 + "/@responses?b_size=1&b_start=1")
	if items := page["items"].([]any); len(items) != 1 || !same(items[0], r.get(two)) || page["batching"] == nil {
		t.Errorf("%v", page)
	}
	// Own comments are changed by their authors, all by who administers.
	if got := p.ask(204, "PATCH", one, object{"text": "Neu"}); len(got.Body) != 0 {
		t.Errorf("%s", got.Body)
	}
	changed := r.get(one)
	want(t, changed, object{"text": "Neu", "modifier": peter})
	if at, err := time.Parse(time.RFC3339, fmt.Sprint(changed["modified"])); err != nil || at.Before(r.Clock.Now().Add(-time.Minute)) {
		t.Errorf("%v", changed["modified"])
	}
	p.refusedAB(401, "Unauthorized", "PATCH", two, object{"text": "x"})
	p.refusedAB(401, "Unauthorized", "DELETE", two, nil)
	r.ask(204, "PATCH", one, object{"text": "Von oben"})
	want(t, r.get(one), object{"modifier": john, "creator": object{"token": peter, "title": "Muster Peter (peter.muster)"}})
	r.ask(204, "DELETE", one, nil)
	for _, method := range []string{"GET", "DELETE"} {
		r.refusedAB(404, "NotFound", method, one, nil)
	}
	r.refusedAB(404, "NotFound", "PATCH", one, object{"text": "x"})
	// Who only reads says nothing.
	j := r.by(jane)
	j.get(two)
	j.refusedAB(401, "Unauthorized", "POST", dossier42+"/@responses", object{"text": "x"})
	j.refusedAB(401, "Unauthorized", "PATCH", two, object{"text": "x"})
	// A comment belongs to its object.
	r.refusedAB(404, "NotFound", "GET", strings.Replace(two, "dossier-42", "dossier-23", 1), nil)
	r.refusedAB(404, "NotFound", "PATCH", strings.Replace(two, "dossier-42", "dossier-23", 1), object{"text": "x"})
	// Documents and folders have none, a closed dossier takes none.
	for _, path := range []string{document, fuehrung, base + "/nichts"} {
		r.refusedAB(404, "NotFound", "GET", path+"/@responses", nil)
		r.refusedAB(404, "NotFound", "GET", path+"/@responses/1", nil)
		r.refusedAB(404, "NotFound", "POST", path+"/@responses", object{"text": "x"})
	}
	r.refusedAB(401, "Unauthorized", "POST", dossier22+"/@responses", object{"text": "x"})
	for _, body := range []object{{}, {"text": nil}, {"text": " \n"}} {
		if p := r.refusedAB(400, "BadRequest", "POST", dossier42+"/@responses", body); p.Message != "Property 'text' is required" {
			t.Errorf("%+v", p)
		}
		r.refusedAB(400, "BadRequest", "PATCH", two, body)
	}
	for _, text := range []any{5, strings.Repeat("x", 10_001)} {
		if p := r.refusedAB(400, "BadRequest", "POST", dossier42+"/@responses", object{"text": text}); p.fields() != "text" {
			t.Errorf("%+v", p)
		}
	}
	r.comment(dossier42, strings.Repeat("ä", 10_000))
	r.refusedAB(400, "BadRequest", "GET", dossier42+"/@responses/0", nil)
	r.refusedAB(400, "BadRequest", "GET", dossier42+"/@responses?b_start=-1", nil)
}

// last is a task's newest response.
func (r *room) last(path string) map[string]any {
	r.t.Helper()
	list := r.get(path)["responses"].([]any)
	if got := r.get(path + "/@responses"); !same(got["items"], list) {
		r.t.Errorf("@responses and responses differ: %v, %v", got["items"], list)
	}
	return list[len(list)-1].(map[string]any)
}

// TestTaskResponses: each transition of a task with what it changed is one of
// its responses, and what is made in it (2.6, 3.5).
func TestTaskResponses(t *testing.T) { inBoth(t, testTaskResponses) }

func testTaskResponses(t *testing.T, open opener) {
	r := open(t)
	want(t, r.get(task1), object{"responses": []any{}})
	r.transition(task1, "task-transition-reassign", object{"responsible": "fd:jane.leser", "text": "Bitte"})
	reassigned := r.last(task1)
	want(t, reassigned, object{
		"response_type": "default", "transition": "task-transition-reassign", "text": "Bitte", "creator": object{"token": john, "title": "Doe John (john.doe)"},
		"changes": []any{object{"field_id": "responsible", "field_title": "Auftragnehmer", "before": "fd:peter.muster", "after": "fd:jane.leser"}},
	})
	r.transition(task1, "task-transition-modify-deadline", object{"new_deadline": "2030-01-01", "text": "Es eilt nicht"})
	want(t, r.last(task1), object{
		"transition": "task-transition-modify-deadline", "text": "Es eilt nicht",
		"changes": []any{object{"field_id": "deadline", "field_title": "Zu erledigen bis", "before": "2016-01-15", "after": "2030-01-01"}},
	})
	j := r.by(jane) // a Reader, but responsible
	j.transition(task1, "task-transition-open-in-progress", object{"text": "Fange an"})
	want(t, r.last(task1), object{"transition": "task-transition-open-in-progress", "text": "Fange an", "changes": []any{}, "creator": object{"token": jane, "title": "Leser Jane (jane.leser)"}})
	j.comment(task1, "Eine Frage")
	// No response but a comment is changed, by nobody.
	path := strings.TrimPrefix(reassigned["@id"].(string), strings.TrimSuffix(siteURL, base))
	if p := r.refusedAB(403, "Forbidden", "PATCH", path, object{"text": "x"}); p.Translated != "Nur Kommentare können geändert werden." {
		t.Errorf("%+v", p)
	}
	r.refusedAB(403, "Forbidden", "DELETE", path, nil)

	sub := r.make(task1, taskType, object{"title": "Teil", "issuer": john, "task_type": "information", "responsible": "fd:" + john})
	want(t, r.last(task1), object{"transition": "transition-add-subtask"})
	summarized(t, r.last(task1)["subtask"], sub, "Teil")
	doc := r.make(task1, documentType, object{"title": "Beleg"})
	want(t, r.last(task1), object{"transition": "transition-add-document"})
	summarized(t, r.last(task1)["added_objects"].([]any)[0], doc, "Beleg")
	// A removed document is shown to nobody who may not see it.
	r.transition(doc, "document-transition-remove", nil)
	want(t, j.last(task1), object{"transition": "transition-add-document", "added_objects": []any{}})

	// The client may stand by itself.
	r.transition(task1, "task-transition-reassign", object{"responsible": "peter.muster", "responsible_client": object{"token": "fd"}})
	want(t, r.get(task1), object{"responsible": "fd:peter.muster", "responsible_client": "fd"})
	if p := r.refusedAB(400, "BadRequest", "POST", task1+"/@workflow/task-transition-reassign", object{"responsible": john, "responsible_client": "xx"}); p.fields() != "responsible_client" {
		t.Errorf("%+v", p)
	}
	r.transition(task1, "task-transition-reassign", object{"responsible": "fd:jane.leser"})

	// What a refused transition would have said is not kept.
	n := len(r.get(task1)["responses"].([]any))
	r.refusedAB(400, "BadRequest", "POST", task1+"/@workflow/task-transition-modify-deadline", object{"new_deadline": "bald"})
	r.refusedAB(400, "BadRequest", "POST", task1+"/@workflow/task-transition-modify-deadline", object{"text": "x"})
	r.refusedAB(400, "BadRequest", "POST", task1+"/@workflow/task-transition-reassign", object{"responsible": "fd:niemand"})
	if len(r.get(task1)["responses"].([]any)) != n {
		t.Error("a refused transition has left a response")
	}
	// Closing the dossier closes its tasks, and says so.
	r.transition(dossier21, "dossier-transition-resolve", object{"auto_close_tasks": true})
	want(t, r.last(task1), object{"transition": "task-transition-in-progress-tested-and-closed"})
	j.refusedAB(401, "Unauthorized", "POST", task1+"/@responses", object{"text": "zu spät"})
	// Whole children have theirs.
	for _, one := range r.get(dossier21 + "?fullobjects")["items"].([]any) {
		if len(one.(map[string]any)["responses"].([]any)) != n+1 {
			t.Errorf("%v", one)
		}
	}
}

// TestApproval: who resolves a task that asks for approval says which of its
// documents are approved (3.5).
func TestApproval(t *testing.T) { inBoth(t, testApproval) }

func testApproval(t *testing.T, open opener) {
	r := open(t)
	uid := func(path string) string { return r.get(path)["UID"].(string) }
	related, other := document, dossier23+"/document-260"
	values := object{"title": "Genehmigen", "issuer": john, "task_type": "approval", "responsible": "fd:" + peter, "relatedItems": []any{uid(related)}}
	task := r.make(dossier23, taskType, values)
	inside := r.make(task, documentType, object{"title": "Beilage"})
	p, resolve := r.by(peter), task+"/@workflow/task-transition-open-resolved"
	for _, wrong := range []any{uid(other), "niemals", uid(dossier23), "/ordnungssystem/nichts"} {
		got := p.refusedAB(400, "BadRequest", "POST", resolve, object{"approved_documents": []any{uid(inside), wrong}})
		if got.fields() != "approved_documents" || !strings.Contains(got.Message, "Could not resolve object") {
			t.Errorf("%+v", got)
		}
	}
	p.refusedAB(400, "BadRequest", "POST", resolve, object{"approved_documents": uid(inside)})
	// Another transition and another type of task approve nothing.
	p.refusedAB(400, "BadRequest", "POST", task+"/@workflow/task-transition-open-in-progress", object{"approved_documents": []any{uid(inside)}})
	p.refusedAB(400, "BadRequest", "POST", task1+"/@workflow/task-transition-open-resolved", object{"approved_documents": []any{}})
	if r.state(task) != "task-state-open" || r.state(task1) != "task-state-open" {
		t.Error("a refusal has changed the state")
	}
	p.transition(task, "task-transition-open-resolved", object{"text": "Einverstanden", "approved_documents": []any{uid(inside), object{"@id": strings.TrimSuffix(siteURL, base) + related}}})
	got := r.last(task)
	want(t, got, object{"text": "Einverstanden", "transition": "task-transition-open-resolved"})
	if list := got["approved_documents"].([]any); len(list) != 2 || list[0].(map[string]any)["title"] != "Beilage" || list[1].(map[string]any)["title"] != "Ein Dokument" {
		t.Errorf("%v", got["approved_documents"])
	}
	// The documents remember it, for who may see them.
	for _, path := range []string{inside, related} {
		got := r.get(path + "/@approvals")
		want(t, got, object{"@id": "http://" + apitest.Host + path + "/@approvals"})
		items := got["items"].([]any)
		if len(items) != 1 {
			t.Fatalf("%v", got)
		}
		approval := items[0].(map[string]any)
		want(t, approval, object{"version_id": 0, "approver": object{"@id": "http://" + apitest.Host + base + "/@actors/" + peter, "identifier": peter}})
		want(t, approval["task"].(map[string]any), object{"@id": "http://" + apitest.Host + task, "title": "Genehmigen"})
	}
	if got := r.get(other + "/@approvals"); !same(got["items"], []any{}) {
		t.Errorf("%v", got)
	}
	r.by(r.person("anna").user).refusedAB(401, "Unauthorized", "GET", inside+"/@approvals", nil)
	r.ask(204, "DELETE", inside, nil)
	// Without a word on documents a task is resolved all the same.
	second := r.make(dossier23, taskType, values)
	p.transition(second, "task-transition-open-in-progress", nil)
	p.transition(second, "task-transition-in-progress-resolved", object{"approved_documents": nil})
	want(t, r.last(second), object{"approved_documents": []any{}})
}

// TestResponsesOfSomebodyGone: a name is not needed to show what was said.
func TestResponsesOfSomebodyGone(t *testing.T) { inBoth(t, testResponsesOfSomebodyGone) }

func testResponsesOfSomebodyGone(t *testing.T, open opener) {
	r := open(t)
	if err := r.db.CreateUser(t.Context(), geverdb.NewUser{User: geverdb.User{ID: "anna"}, Hash: "x", Roles: []rules.Role{rules.Editor}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.db.Respond(t.Context(), "anna", strings.TrimPrefix(dossier23, base+"/"), "Hallo"); err != nil {
		t.Fatal(err)
	}
	want(t, r.get(dossier23 + "/@responses?b_start=1")["items"].([]any)[0].(map[string]any), object{"creator": object{"token": "anna", "title": "anna (anna)"}})
}

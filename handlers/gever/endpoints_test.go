package gever_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"loket/handlers/apitest"
)

// TestCookieLogin: @login with set_cookie (3.1). The cookie opens what a token
// opens, counts only without Authorization, and not for what another site's
// page asks to change.
func TestCookieLogin(t *testing.T) { inBoth(t, testCookieLogin) }

func testCookieLogin(t *testing.T, open opener) {
	r := open(t)
	body := object{"login": peter, "password": passwords[peter], "set_cookie": true}
	got := r.Want(t, 200, apitest.Request{Method: "POST", Path: base + "/@login", Body: body})
	if text := got.Object(t); !same(text, object{"userid": peter, "fullname": "Muster Peter"}) {
		t.Errorf("%v", text)
	}
	cookie, err := http.ParseSetCookie(got.Header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if cookie.Name != "__ac" || strings.Count(cookie.Value, ".") != 2 || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode ||
		cookie.Path != base || cookie.MaxAge != 12*3600 || cookie.Secure {
		t.Errorf("%+v", cookie)
	}
	ask := func(status int, method, path string, body any, header ...string) *apitest.Response {
		t.Helper()
		return r.ask(status, method, path, body, append([]string{"Authorization", "", "Cookie", "__ac=" + cookie.Value}, header...)...)
	}
	ask(200, "GET", dossier23, nil)
	ask(200, "GET", dossier23, nil, "Sec-Fetch-Site", "cross-site") // reads change nothing
	ask(204, "PATCH", dossier23, object{"title": "Mit Cookie"}, "Sec-Fetch-Site", "same-origin")
	ask(204, "PATCH", dossier23, object{"title": "Mit Cookie"}, "Origin", "http://"+apitest.Host)
	ask(401, "PATCH", dossier23, object{"title": "x"}, "Sec-Fetch-Site", "cross-site")
	ask(401, "PATCH", dossier23, object{"title": "x"}, "Origin", "https://anderswo.example")
	ask(401, "GET", dossier23, nil, "Authorization", "Basic !!!")
	ask(401, "GET", dossier23, nil, "Cookie", "__ac=x")
	r.Clock.Advance(12 * 3600e9)
	want(t, ask(401, "GET", dossier23, nil).Object(t), object{"error": "invalid_token", "error_description": "Access token expired"})
	for _, plain := range []any{false, nil} {
		body["set_cookie"] = plain
		if got := r.Want(t, 200, apitest.Request{Method: "POST", Path: base + "/@login", Body: body}); got.Header.Get("Set-Cookie") != "" || got.Object(t)["token"] == nil {
			t.Errorf("set_cookie %v: %v %s", plain, got.Header, got.Body)
		}
	}
	if strings.Contains(r.LogText(), cookie.Value) {
		t.Error("the token stands in the log")
	}
}

// TestGetLock: the state of a lock, for whoever may see the object (3.4).
func TestGetLock(t *testing.T) { inBoth(t, testGetLock) }

func testGetLock(t *testing.T, open opener) {
	r := open(t)
	free := object{"locked": false, "stealable": true}
	if got := r.get(document + "/@lock"); !same(got, free) {
		t.Errorf("%v", got)
	}
	lock := r.ask(200, "POST", document+"/@lock", object{"timeout": 30}).Object(t)
	for _, user := range []string{john, peter, jane} {
		if got := r.by(user).get(document + "/@lock"); !same(got, lock) {
			t.Errorf("%s sees %v, want %v", user, got, lock)
		}
	}
	r.Clock.Advance(31e9)
	if got := r.get(document + "/@lock"); !same(got, free) {
		t.Errorf("after its end: %v", got)
	}
	r.refusedAB(404, "NotFound", "GET", base+"/nichts/@lock", nil)
}

// TestWorkflowSchema: what the request of an open transition may carry (3.5).
func TestWorkflowSchema(t *testing.T) { inBoth(t, testWorkflowSchema) }

func testWorkflowSchema(t *testing.T, open opener) {
	r := open(t)
	at := func(path, name string) string { return path + "/@workflow-schema/" + name }
	for name, c := range map[string]struct{ path, fields, required string }{
		"dossier-transition-resolve":             {dossier23, "comment auto_close_tasks", ""},
		"dossier-transition-deactivate":          {dossier23, "comment", ""},
		"dossier-transition-reactivate":          {dossier22, "comment include_children", ""},
		"document-transition-finalize":           {document, "comment", ""},
		"task-transition-open-in-progress":       {task1, "text comment", ""},
		"task-transition-modify-deadline":        {task1, "new_deadline text comment", "new_deadline"},
		"task-transition-reassign":               {task1, "responsible responsible_client text comment", "responsible"},
		"task-transition-delegate":               {task1, "responsible responsible_client title deadline text comment", "responsible"},
		"repositoryfolder-transition-inactivate": {fuehrung, "comment", ""},
	} {
		got := r.get(at(c.path, name))
		fieldset := got["fieldsets"].([]any)[0].(map[string]any)
		if f := words(fieldset["fields"]); f != c.fields || words(got["required"]) != c.required || len(got["properties"].(map[string]any)) != len(strings.Fields(c.fields)) {
			t.Errorf("%s: %v", name, got)
		}
	}
	responsible := r.get(at(task1, "task-transition-reassign"))["properties"].(map[string]any)["responsible"]
	want(t, responsible.(map[string]any), object{"type": "string", "querysource": object{"@id": "http://" + apitest.Host + task1 + "/@querysources/responsible"}})
	if message, _ := r.refusedC(400, "Bad Request", "GET", dossier23+"/@workflow-schema", nil); message != "Missing transition" {
		t.Error(message)
	}
	if message, _ := r.refusedC(400, "Bad Request", "GET", at(dossier23, "dossier-transition-activate"), nil); !strings.HasPrefix(message, "Invalid transition 'dossier-transition-activate'.\nValid transitions are:\ndossier-transition-deactivate") {
		t.Error(message)
	}
	r.by(jane).refusedC(400, "Bad Request", "GET", at(dossier23, "dossier-transition-resolve"), nil) // not open to her
	for _, path := range []string{"/nichts/@workflow-schema", "/nichts/@workflow-schema/x"} {
		r.refusedAB(404, "NotFound", "GET", base+path, nil)
	}
}

func words(v any) string {
	var out []string
	list, _ := v.([]any)
	for _, one := range list {
		s, _ := one.(string)
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// TestBulkTransitions: what can be done to the children of a page (3.5).
func TestBulkTransitions(t *testing.T) { inBoth(t, testBulkTransitions) }

func testBulkTransitions(t *testing.T, open opener) {
	r := open(t)
	ids := func(r *room, path string) string {
		t.Helper()
		var out []any
		for _, one := range r.get(path)["transitions"].([]any) {
			out = append(out, one.(map[string]any)["transition_id"])
		}
		return words(out)
	}
	got := r.get(rechnungen + "/@workflow-bulk-transition")
	want(t, got, object{"@id": "http://" + apitest.Host + rechnungen + "/@workflow-bulk-transition"})
	want(t, got["transitions"].([]any)[0].(map[string]any), object{
		"source_state_id": "dossier-state-active", "target_state_id": "dossier-state-inactive", "transition_id": "dossier-transition-deactivate",
		"workflow_id": "opengever_dossier_workflow",
	})
	if s := ids(r, rechnungen+"/@workflow-bulk-transition"); s != "dossier-transition-deactivate dossier-transition-resolve dossier-transition-reactivate repositoryfolder-transition-inactivate" {
		t.Error(s)
	}
	if s := ids(r, rechnungen+"/@workflow-bulk-transition?b_size=1"); s != "dossier-transition-deactivate dossier-transition-resolve repositoryfolder-transition-inactivate" {
		t.Errorf("the first child: %s", s)
	}
	// peter is responsible for the task below; jane may nothing.
	if s := ids(r.by(peter), dossier21+"/@workflow-bulk-transition"); !strings.Contains(s, "task-transition-open-in-progress") || strings.Contains(s, "task-transition-open-planned") {
		t.Error(s)
	}
	if s := ids(r.by(jane), dossier21+"/@workflow-bulk-transition"); s != "" {
		t.Error(s)
	}
	if s := ids(r, document+"/@workflow-bulk-transition"); !strings.HasPrefix(s, "document-transition-draft-signing document-transition-finalize") {
		t.Error(s)
	}
	// Someone with a role at one child only has its transitions, no others.
	r.user2("nina.neu", document)
	if s := ids(r.by("nina.neu"), document+"/@workflow-bulk-transition"); s != "document-transition-draft-signing document-transition-finalize" {
		t.Error(s)
	}
	r.refusedAB(404, "NotFound", "GET", base+"/nichts/@workflow-bulk-transition", nil)
}

// TestQuerysources: users are searched, never listed (3.7).
func TestQuerysources(t *testing.T) { inBoth(t, testQuerysources) }

func testQuerysources(t *testing.T, open opener) {
	r := open(t)
	tokens := func(path string) string {
		t.Helper()
		var out []any
		for _, one := range r.get(path)["items"].([]any) {
			out = append(out, one.(map[string]any)["token"])
		}
		return words(out)
	}
	of := func(path string) string { return path + "/@querysources/" }
	for path, tokensOf := range map[string]string{
		of(dossier23) + "responsible?query=PETER":                         "peter.muster",
		of(dossier23) + "responsible?query=e.":                            "jane.leser",
		of(dossier23) + "reading?query=.":                                 "john.doe jane.leser peter.muster",
		of(dossier23) + "responsible?token=john.doe":                      "john.doe",
		of(dossier23) + "responsible?token=john":                          "",
		of(fuehrung) + dossierType + "/responsible?query=doe":             "john.doe",
		of(dossier23) + taskType + "/responsible?query=fd":                "inbox:fd fd:john.doe fd:jane.leser fd:peter.muster",
		of(dossier23) + taskType + "/issuer?query=leser":                  "jane.leser",
		of(task1) + "responsible?token=fd:john.doe":                       "fd:john.doe",
		of(base) + "opengever.workspace.workspace/responsible?query=john": "john.doe",
	} {
		if got := tokens(path); got != tokensOf {
			t.Errorf("%s: %s, want %s", path, got, tokensOf)
		}
	}
	got := r.get(of(dossier23) + "reading?query=.&b_size=1&b_start=1")
	want(t, got, object{
		"@id": "http://" + apitest.Host + of(dossier23) + "reading", "items_total": 3, "items": []any{object{"title": "Leser Jane (jane.leser)", "token": "jane.leser"}},
	})
	for query, message := range map[string]string{
		"":                 "Enumerating querysources is not supported. Please search the source using the ?query= QS parameter",
		"?query=a&token=b": "Please only search by ?query= or filter by ?token=, not by both",
	} {
		if got, _ := r.refusedC(400, "Bad Request", "GET", of(dossier23)+"responsible"+query, nil); got != message {
			t.Error(got)
		}
	}
	for _, path := range []string{
		of(dossier23) + "title?query=x", of(dossier23) + "nichts?query=x", of(dossier23) + "nichts/responsible?query=x", of(base) + "x/y?query=x", of(base+"/nichts") + "responsible?query=x",
	} {
		r.refusedAB(404, "NotFound", "GET", path, nil)
	}
	// The schema says where to search.
	for path, source := range map[string]string{
		dossier23 + "/@schema":               of(dossier23) + "responsible",
		fuehrung + "/@schema/" + dossierType: of(fuehrung) + dossierType + "/responsible",
	} {
		property := r.get(path)["properties"].(map[string]any)["responsible"].(map[string]any)
		want(t, property, object{"querysource": object{"@id": "http://" + apitest.Host + source}})
	}
	want(t, r.get(base+"/@schema"), object{"title": "GEVER", "type": "object"})
}

// TestDelegate: a part of a task becomes a subtask, the task keeps its state.
func TestDelegate(t *testing.T) { inBoth(t, testDelegate) }

func testDelegate(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter) // he is responsible
	delegate := task1 + "/@workflow/task-transition-delegate"
	if got := p.refusedAB(400, "BadRequest", "POST", delegate, object{"text": "x"}); got.fields() != "responsible" {
		t.Errorf("%+v", got)
	}
	if got := p.refusedAB(400, "BadRequest", "POST", delegate, object{"responsible": "fd:niemand"}); got.fields() != "responsible" {
		t.Errorf("%+v", got)
	}
	done := p.transition(task1, "task-transition-delegate", object{"responsible": "fd:jane.leser", "text": "Bitte"})
	want(t, done, object{"action": "task-transition-delegate", "review_state": "task-state-open", "comments": "Bitte"})
	task := r.get(task1)
	want(t, task, object{"review_state": "task-state-open", "responsible": "fd:peter.muster", "items_total": 1})
	want(t, r.get(task1+"/task-2"), object{
		"title": "Jahresrechnung prüfen", "issuer": peter, "responsible": "fd:jane.leser", "deadline": "2016-01-15", "task_type": "direct-execution", "review_state": "task-state-open",
	})
	p.transition(task1, "task-transition-delegate", object{"responsible": "fd:john.doe", "title": "Teil 2", "deadline": "2030-01-01"})
	want(t, r.get(task1+"/task-3"), object{"title": "Teil 2", "responsible": "fd:john.doe", "deadline": "2030-01-01"})
	r.by(jane).refusedC(400, "Bad Request", "POST", delegate, object{"responsible": "fd:john.doe"})
}

// TestWorkflowRefusals: the other refusals of transitions (3.2, 3.5).
func TestWorkflowRefusals(t *testing.T) { inBoth(t, testWorkflowRefusals) }

func testWorkflowRefusals(t *testing.T, open opener) {
	r := open(t)
	resolve := dossier21 + "/@workflow/dossier-transition-resolve"
	r.transition(task1, "task-transition-open-planned", nil)
	r.refusedC(400, "PreconditionsViolated", "POST", resolve, nil)
	r.refusedC(400, "AutoCloseTasksNotPossible", "POST", resolve, object{"auto_close_tasks": true})
	r.transition(task1, "task-transition-planned-open", nil)
	sub := r.make(dossier21, dossierType, dossier())
	doc := r.make(sub, documentType, object{"title": "x"})
	r.ask(204, "POST", doc+"/@checkout", nil)
	r.refusedC(400, "WorkflowException", "POST", doc+"/@workflow/document-transition-finalize", nil)
	r.ask(204, "POST", doc+"/@cancelcheckout", nil)
	r.transition(dossier21, "dossier-transition-resolve", object{"auto_close_tasks": true})
	// Below a closed dossier nothing moves, its subdossiers neither.
	for path, name := range map[string]string{
		sub: "dossier-transition-reactivate", doc: "document-transition-finalize", task1: "task-transition-cancelled-open",
	} {
		if s := transitions(r.get(path + "/@workflow")); s != "" {
			t.Errorf("%s: %s", path, s)
		}
		r.refusedC(400, "Bad Request", "POST", path+"/@workflow/"+name, nil)
	}
	r.refusedC(400, "Bad Request", "POST", dossier21+"/@workflow/dossier-transition-reactivate", object{"include_children": false})
}

// TestPublicTrialStatus: whether something is public can be said where nothing
// else can be changed any more, by who could change it before.
func TestPublicTrialStatus(t *testing.T) { inBoth(t, testPublicTrialStatus) }

func testPublicTrialStatus(t *testing.T, open opener) {
	r := open(t)
	dossierAt := r.make(fuehrung, dossierType, dossier())
	path := r.make(dossierAt, documentType, object{"title": "Protokoll"})
	said := object{"public_trial": "limited-public", "public_trial_statement": "Auf Anfrage."}
	with := func(more object) object {
		b := maps.Clone(said)
		maps.Copy(b, more)
		return b
	}
	r.ask(200, "POST", path+"/@workflow/document-transition-finalize", object{})
	r.ask(200, "POST", dossierAt+"/@workflow/dossier-transition-resolve", object{})
	r.refusedAB(401, "Unauthorized", "PATCH", path, said)
	for _, at := range []string{path, dossierAt} {
		before := r.get(at)
		r.ask(204, "PATCH", at+"/@public-trial-status", with(object{"title": "Neu", "foreign_reference": "x"}))
		after := r.asPage(r.get(at))
		want(t, after, said)
		want(t, after, object{"title": before["title"]})
		r.ask(204, "PATCH", at+"/@public-trial-status", object{"public_trial_statement": nil})
		want(t, r.asPage(r.get(at)), object{"public_trial": "limited-public", "public_trial_statement": nil})
		r.by(jane).refusedAB(401, "Unauthorized", "PATCH", at+"/@public-trial-status", said)
	}
	r.ask(400, "PATCH", path+"/@public-trial-status", object{"public_trial": "secret"})
	r.ask(404, "PATCH", base+"/ordnungssystem/@public-trial-status", said)

	loose := r.make(r.make(fuehrung, dossierType, dossier()), documentType, object{"title": "Gesperrt"})
	r.ask(200, "POST", loose+"/@lock", object{})
	r.by(peter).refusedAB(403, "Forbidden", "PATCH", loose+"/@public-trial-status", said)
	r.ask(200, "POST", loose+"/@unlock", object{})
	r.by(peter).ask(204, "PATCH", loose+"/@public-trial-status", said)
	r.ask(204, "POST", loose+"/@trash", nil)
	r.refusedAB(401, "Unauthorized", "PATCH", loose+"/@public-trial-status", said)
}

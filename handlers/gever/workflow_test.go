package gever_test

import (
	"strings"
	"testing"

	rules "loket/store/gever"
)

func (r *room) transition(path, name string, body any) map[string]any {
	r.t.Helper()
	return r.ask(200, "POST", path+"/@workflow/"+name, body).Object(r.t)
}

func (r *room) state(path string) string {
	r.t.Helper()
	return r.get(path)["review_state"].(string)
}

func transitions(v map[string]any) string {
	var out []string
	for _, one := range v["transitions"].([]any) {
		id := one.(map[string]any)["@id"].(string)
		out = append(out, id[strings.LastIndexByte(id, '/')+1:])
	}
	return strings.Join(out, " ")
}

func TestWorkflowOfDossiers(t *testing.T) { inBoth(t, testWorkflowOfDossiers) }

func testWorkflowOfDossiers(t *testing.T, open opener) {
	r := open(t)
	sub := r.make(dossier21, "opengever.dossier.businesscasedossier", dossier(object{"start": "2026-01-01"}))
	doc := r.make(sub, documentType, object{"title": "x", "document_date": "2026-05-05"})
	got := r.get(dossier21 + "/@workflow")
	if transitions(got) != "dossier-transition-deactivate dossier-transition-resolve" {
		t.Errorf("%v", got["transitions"])
	}
	want(t, got["history"].([]any)[0].(map[string]any), object{"action": nil, "actor": "john.doe", "review_state": "dossier-state-active", "title": "Aktiv"})

	// Unknown, not open, archive-related: all the same (pitfall 21).
	for _, name := range []string{"nichts", "dossier-transition-activate", "dossier-transition-offer", "dossier-transition-archive"} {
		message, _ := r.refusedC(400, "Bad Request", "POST", dossier21+"/@workflow/"+name, nil)
		if message != "Invalid transition '"+name+"'.\nValid transitions are:\ndossier-transition-deactivate\ndossier-transition-resolve" {
			t.Error(message)
		}
	}
	resolve := dossier21 + "/@workflow/dossier-transition-resolve"
	r.ask(204, "POST", doc+"/@checkout", nil)
	message, inner := r.refusedC(400, "PreconditionsViolated", "POST", resolve, object{"comment": "x"})
	if list := inner["errors"].([]any); len(list) != 2 || inner["has_not_closed_tasks"] != true || message == "" {
		t.Errorf("%v", inner)
	}
	r.ask(204, "POST", doc+"/@cancelcheckout", nil)
	r.refusedC(400, "PreconditionsViolated", "POST", resolve, object{})
	done := r.transition(dossier21, "dossier-transition-resolve", object{"comment": "Fertig", "auto_close_tasks": true})
	want(t, done, object{"action": "dossier-transition-resolve", "actor": "john.doe", "comments": "Fertig", "review_state": "dossier-state-resolved", "title": "Erledigt"})
	if r.state(sub) != "dossier-state-resolved" || r.state(task1) != "task-state-cancelled" {
		t.Errorf("sub %s, task %s", r.state(sub), r.state(task1))
	}
	// An unset end is the latest date of what is in it.
	want(t, r.get(dossier21), object{"end": "2026-05-05"})
	want(t, r.get(sub), object{"end": "2026-05-05"})
	// Closed: nothing is added or changed, below neither.
	r.refusedAB(401, "Unauthorized", "PATCH", doc, object{"title": "y"})
	r.refusedC(403, "Forbidden", "POST", sub, object{"title": "x"}.of(documentType))
	r.refusedAB(403, "Forbidden", "POST", doc+"/@checkout", nil)
	// Reactivating goes all the way; a Reviewer may not.
	r.by(peter).refusedC(400, "Bad Request", "POST", dossier21+"/@workflow/dossier-transition-reactivate", nil)
	r.refusedC(400, "Bad Request", "POST", dossier21+"/@workflow/dossier-transition-reactivate", object{"include_children": false})
	r.transition(dossier21, "dossier-transition-reactivate", object{"include_children": true})
	if r.state(sub) != "dossier-state-active" || r.state(dossier21) != "dossier-state-active" {
		t.Error("reactivating stopped half-way")
	}
	r.by(peter).transition(dossier21, "dossier-transition-deactivate", nil)
	r.transition(dossier21, "dossier-transition-activate", nil)
	if history := r.get(dossier21 + "/@workflow")["history"].([]any); len(history) != 5 {
		t.Errorf("history: %v", history)
	}
	r.by(jane).refusedC(400, "Bad Request", "POST", resolve, nil)
}

func TestWorkflowsOfOthers(t *testing.T) { inBoth(t, testWorkflowsOfOthers) }

func testWorkflowsOfOthers(t *testing.T, open opener) {
	r := open(t)
	r.transition(fuehrung, "repositoryfolder-transition-inactivate", nil)
	r.transition(fuehrung, "repositoryfolder-transition-activate", nil)
	r.transition(document, "document-transition-finalize", nil)
	r.refusedAB(401, "Unauthorized", "PATCH", document, object{"title": "x"})
	r.refusedAB(403, "Forbidden", "POST", document+"/@checkout", nil)
	r.transition(document, "document-transition-reopen", nil)
	r.transition(document, "document-transition-remove", nil)
	r.by(peter).refusedAB(401, "Unauthorized", "GET", document, nil)
	r.transition(document, "document-transition-restore", nil)
	r.ask(204, "POST", document+"/@checkout", nil)
	r.refusedC(400, "WorkflowException", "POST", document+"/@workflow/document-transition-finalize", nil)

	// Tasks: issuer and responsible have their parts.
	p := r.by(peter)
	got := p.get(task1 + "/@workflow")
	if s := transitions(got); !strings.Contains(s, "task-transition-open-in-progress") || !strings.Contains(s, "task-transition-reassign") {
		t.Error(s)
	}
	want(t, p.get(task1), object{"is_current_user_responsible": true})
	if p := r.refusedAB(400, "BadRequest", "PATCH", task1, object{"responsible": "fd:jane.leser"}); p.Message != "change_responsible_not_allowed" {
		t.Errorf("%+v", p)
	}
	r.refusedAB(400, "BadRequest", "PATCH", task1, object{"is_private": true})
	r.patch(task1, object{"is_private": false, "text": "<p>Neu</p>", "expectedDuration": 1.5})
	want(t, r.get(task1), object{"text": object{"data": "<p>Neu</p>", "content-type": "text/html", "encoding": "utf8"}, "expectedDuration": 1.5})
	if p := r.refusedAB(400, "BadRequest", "POST", task1+"/@workflow/task-transition-reassign", object{}); p.fields() != "responsible" {
		t.Errorf("%+v", p)
	}
	r.transition(task1, "task-transition-reassign", object{"responsible": object{"token": "fd:jane.leser"}, "text": "Bitte"})
	want(t, r.get(task1), object{"responsible": "fd:jane.leser", "responsible_client": "fd", "review_state": "task-state-open"})
	r.transition(task1, "task-transition-modify-deadline", object{"new_deadline": "2030-01-01"})
	want(t, r.get(task1), object{"deadline": "2030-01-01"})
	r.by(jane).transition(task1, "task-transition-open-in-progress", nil)
	r.refusedAB(401, "Unauthorized", "PATCH", task1, object{"title": "x"}) // only open tasks are edited
	r.by(jane).transition(task1, "task-transition-in-progress-resolved", object{"comment": "fertig"})
	want(t, r.get(task1), object{"is_completed": true})
	r.transition(task1, "task-transition-resolved-tested-and-closed", nil)
	r.transition(task1, "task-transition-tested-and-closed-in-progress", nil)
}

// TestResolvePreconditions: an end that was given must not lie before what is in the
// dossier; with strict filing everything stands in subdossiers.
func TestResolvePreconditions(t *testing.T) { inBoth(t, testResolvePreconditions) }

func testResolvePreconditions(t *testing.T, open opener) {
	r := open(t, func(s *rules.Settings) { s.StrictFiling = true })
	path := r.make(fuehrung, dossierType, dossier(object{"start": "2026-01-01", "end": "2026-02-01"}))
	doc := r.make(path, documentType, object{"title": "x", "document_date": "2026-03-01"})
	resolve := path + "/@workflow/dossier-transition-resolve"
	_, inner := r.refusedC(400, "PreconditionsViolated", "POST", resolve, nil)
	want(t, inner, object{"errors": []any{"the dossier Ein Dossier has an invalid end date"}, "has_not_closed_tasks": false})
	r.patch(doc, object{"document_date": "2026-01-15"})
	r.make(path, dossierType, dossier())
	r.patch(path, object{"end": nil})
	_, inner = r.refusedC(400, "PreconditionsViolated", "POST", resolve, nil)
	want(t, inner, object{"errors": []any{"not all documents and tasks are stored in subdossiers"}})
}

func TestCreateTask(t *testing.T) { inBoth(t, testCreateTask) }

func testCreateTask(t *testing.T, open opener) {
	r := open(t)
	body := object{"title": "Prüfen", "issuer": "john.doe", "task_type": "approval"}
	with := func(more object) object {
		out := object{}
		for k, v := range body {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	got := r.get(r.make(dossier23, taskType, with(object{"responsible": "fd:peter.muster"})))
	// Monday, 2 March 2026, and five working days.
	want(t, got, object{
		"id": "task-2", "responsible": "fd:peter.muster", "responsible_client": "fd", "deadline": "2026-03-09", "is_private": false, "revoke_permissions": true,
		"review_state": "task-state-open", "items": []any{}, "creator": object{"@id": "http://loket.test/api/gever/@actors/john.doe", "identifier": "john.doe"},
	})
	for _, ok := range []object{
		{"responsible": "peter.muster", "responsible_client": "fd"}, {"responsible": "inbox:fd"}, {"responsible": "team:1"},
		{"responsible": object{"token": "fd:jane.leser"}, "deadline": "2030-01-01", "informed_principals": []any{"jane.leser"}},
	} {
		r.make(dossier23, taskType, with(ok))
	}
	for field, bad := range map[string]object{
		"responsible":         {"responsible": "xx:peter.muster"},
		"task_type":           {"responsible": "fd:peter.muster", "task_type": "nichts"},
		"issuer":              {"responsible": "fd:peter.muster", "issuer": "niemand"},
		"title":               {"responsible": "fd:peter.muster", "title": strings.Repeat("x", 257)},
		"informed_principals": {"responsible": "fd:peter.muster", "informed_principals": []any{"niemand"}},
	} {
		if p := r.refusedAB(400, "BadRequest", "POST", dossier23, with(bad).of(taskType)); p.fields() != field {
			t.Errorf("%s: %+v", field, p)
		}
	}
	if p := r.refusedAB(400, "BadRequest", "POST", dossier23, body.of(taskType)); p.fields() != "responsible" {
		t.Errorf("%+v", p)
	}
}

package gever_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func titlesOf(v map[string]any) []string {
	var out []string
	for _, one := range v["items"].([]any) {
		out = append(out, one.(map[string]any)["title"].(string))
	}
	return out
}

// sameInstant compares times in any zone.
func sameInstant(t *testing.T, got any, want string) {
	t.Helper()
	a, err1 := time.Parse(time.RFC3339, fmt.Sprint(got))
	b, err2 := time.Parse(time.RFC3339, want)
	if err1 != nil || err2 != nil || !a.Equal(b) {
		t.Errorf("%v, want %s", got, want)
	}
}

// summarized wants the summary of an object, in either contract.
func summarized(t *testing.T, summary any, path, title string) {
	t.Helper()
	m, _ := summary.(map[string]any)
	want(t, m, object{"@id": strings.TrimSuffix(siteURL, base) + path, "title": title})
}

// TestJournal: what happened in a dossier, newest first, with what somebody
// wrote by hand.
func TestJournal(t *testing.T) { inBoth(t, testJournal) }

func testJournal(t *testing.T, open opener) {
	r := open(t)
	path := r.make(fuehrung, dossierType, dossier(object{"title": "Bau"}))
	doc := r.make(path, documentType, object{"title": "Plan"})
	task := r.make(path, taskType, object{"title": "Prüfen", "issuer": john, "task_type": "information", "responsible": "fd:" + peter})
	inside := r.make(task, documentType, object{"title": "Notiz"})
	sub := r.make(path, dossierType, dossier(object{"title": "Unter"}))
	r.make(sub, documentType, object{"title": "Anderswo"})
	r.by(peter).transition(task, "task-transition-open-in-progress", object{"text": "Mache ich"})
	at := path + "/@journal"
	r.by(peter).ask(204, "POST", at, object{"comment": "Frau Meier rief an.", "category": "phone-call", "related_documents": []any{strings.TrimPrefix(doc, base)}})
	r.ask(204, "POST", at, object{"comment": "War früher.", "time": "2016-01-01T10:00:00+01:00", "category": nil})
	got := r.get(at)
	want(t, got, object{"@id": siteURL + strings.TrimPrefix(at, base), "items_total": 7})
	if titles := fmt.Sprint(titlesOf(got)); titles != "[Manueller Eintrag: Telefongespräch In Arbeit nehmen: Prüfen Erstellt: Notiz Erstellt: Prüfen Erstellt: Plan Erstellt: Bau Manueller Eintrag]" {
		t.Error(titles)
	}
	items := got["items"].([]any)
	first, second := items[0].(map[string]any), items[1].(map[string]any)
	want(t, first, object{
		"action": "manually_added", "actor": object{"@id": siteURL + "/@actors/peter.muster", "identifier": peter}, "actor_fullname": "Muster Peter",
		"category": object{"token": "phone-call", "title": "Telefongespräch"}, "comment": "Frau Meier rief an.", "is_editable": true,
	})
	summarized(t, first["related_documents"].([]any)[0], doc, "Plan")
	want(t, second, object{"action": "task-transition-open-in-progress", "comment": "Mache ich", "category": nil, "is_editable": false, "related_documents": []any{}})
	want(t, items[5].(map[string]any), object{"action": "created", "actor_fullname": "Doe John"})
	want(t, items[6].(map[string]any), object{"category": nil})
	sameInstant(t, items[6].(map[string]any)["time"], "2016-01-01T10:00:00+01:00")
	if second["@id"] != nil {
		t.Errorf("%v", second)
	}
	page := r.get(at + "?b_size=2&b_start=4")
	if fmt.Sprint(titlesOf(page)) != "[Erstellt: Plan Erstellt: Bau]" || page["batching"] == nil {
		t.Errorf("%v", page)
	}
	// Who reads edits nothing, and hears nothing of what is removed.
	j := r.by(jane)
	want(t, j.get(at)["items"].([]any)[0].(map[string]any), object{"is_editable": false})
	r.transition(inside, "document-transition-remove", nil)
	if s := fmt.Sprint(titlesOf(j.get(at))); strings.Contains(s, "Notiz") {
		t.Error(s)
	}
	if s := fmt.Sprint(titlesOf(r.get(at))); !strings.Contains(s, "Entfernen: Notiz Manueller") {
		t.Error(s)
	}

	mine := strings.TrimPrefix(first["@id"].(string), strings.TrimSuffix(siteURL, base))
	r.by(peter).ask(204, "PATCH", mine, object{"category": "meeting"})
	r.ask(204, "PATCH", mine, object{"related_documents": []any{}, "comment": "Frau Meier war da.", "time": "2026-03-01T08:00:00Z"})
	var changed map[string]any
	for _, one := range r.get(at)["items"].([]any) {
		if m := one.(map[string]any); m["@id"] == first["@id"] {
			changed = m
		}
	}
	want(t, changed, object{
		"comment": "Frau Meier war da.", "category": object{"token": "meeting", "title": "Sitzung"}, "related_documents": []any{},
		"actor_fullname": "Muster Peter",
	})
	sameInstant(t, changed["time"], "2026-03-01T09:00:00+01:00")
	other := strings.TrimSuffix(mine, mine[strings.LastIndexByte(mine, '/'):]) + "/3"
	r.by(peter).refusedAB(401, "Unauthorized", "PATCH", other, object{"comment": "x"})
	r.by(peter).refusedAB(401, "Unauthorized", "DELETE", other, nil)
	j.refusedAB(401, "Unauthorized", "POST", at, object{"comment": "x"})
	r.ask(204, "DELETE", mine, nil)
	r.refusedAB(404, "NotFound", "DELETE", mine, nil)
	r.refusedAB(404, "NotFound", "PATCH", mine, object{"comment": "x"})
	r.refusedAB(404, "NotFound", "PATCH", dossier23+"/@journal/2", object{"comment": "x"})
	for _, elsewhere := range []string{document, fuehrung, base + "/nichts"} {
		r.refusedAB(404, "NotFound", "GET", elsewhere+"/@journal", nil)
		r.refusedAB(404, "NotFound", "POST", elsewhere+"/@journal", object{"comment": "x"})
	}
	r.refusedAB(401, "Unauthorized", "POST", dossier22+"/@journal", object{"comment": "x"})
	r.get(dossier22 + "/@journal")
	total := r.get(at)["items_total"]
	for name, c := range map[string]struct {
		body   object
		fields string
	}{
		"nothing":  {object{}, "comment"},
		"null":     {object{"comment": nil}, "comment"},
		"blank":    {object{"comment": " "}, "comment"},
		"number":   {object{"comment": 5}, "comment"},
		"long":     {object{"comment": strings.Repeat("x", 10_001)}, "comment"},
		"category": {object{"comment": "x", "category": "nichts"}, "category"},
		"time":     {object{"comment": "x", "time": "1899-12-31T00:00:00Z"}, "time"},
		"no time":  {object{"comment": "x", "time": "gestern"}, "time"},
		"all":      {object{"category": "x"}, "comment category"},
		"a folder": {object{"comment": "x", "related_documents": []any{"/ordnungssystem/fuehrung", "niemals"}}, "related_documents related_documents"},
	} {
		if p := r.refusedAB(400, "BadRequest", "POST", at, c.body); p.fields() != c.fields {
			t.Errorf("%s: %+v, want %s", name, p, c.fields)
		}
	}
	r.refusedAB(400, "BadRequest", "PATCH", other, object{"comment": nil})
	r.refusedAB(400, "BadRequest", "GET", at+"?b_size=0", nil)
	if after := r.get(at)["items_total"]; after != total {
		t.Errorf("%v entries, before %v", after, total)
	}
}

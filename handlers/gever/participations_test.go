package gever_test

import (
	"fmt"
	"strings"
	"testing"

	rules "loket/store/gever"
)

func participants(v map[string]any) string {
	var out []string
	for _, one := range v["items"].([]any) {
		m := one.(map[string]any)
		out = append(out, fmt.Sprint(m["participant_id"], m["roles"]))
	}
	return strings.Join(out, " ")
}

// TestParticipations: who takes part in a dossier, and as what.
func TestParticipations(t *testing.T) { inBoth(t, testParticipations) }

func testParticipations(t *testing.T, open opener) {
	r := open(t)
	at := dossier42 + "/@participations"
	got := r.get(at)
	want(t, got, object{"@id": siteURL + strings.TrimPrefix(at, base), "items": []any{}, "items_total": 0})
	if len(got["available_roles"].([]any)) != 3 {
		t.Errorf("%v", got)
	}
	contacts := r.make(base, "opengever.contact.contactfolder", object{"title": "Kontakte"})
	r.make(contacts, "opengever.contact.contact", object{"lastname": "Meier", "firstname": "Franz"})
	p := r.by(peter)
	for _, body := range []object{
		{"participant_id": jane, "roles": []any{"regard"}}, {"participant_id": object{"token": "contact:meier-franz"}, "roles": []any{object{"token": "participation"}, "final-drawing", "participation"}},
		{"participant_id": "inbox:fd", "roles": []any{"regard"}},
	} {
		if got := p.ask(204, "POST", at, body); len(got.Body) != 0 {
			t.Errorf("%s", got.Body)
		}
	}
	if got := participants(r.get(at)); got != "inbox:fd[regard] jane.leser[regard] contact:meier-franz[final-drawing participation]" {
		t.Error(got)
	}
	page := r.get(at + "?b_size=1&b_start=1")
	if participants(page) != "jane.leser[regard]" || page["items_total"] != 3.0 || page["batching"] == nil {
		t.Errorf("%v", page)
	}
	want(t, r.by(jane).get(at+"/contact:meier-franz"), object{
		"@id": siteURL + strings.TrimPrefix(at, base) + "/contact:meier-franz", "participant_id": "contact:meier-franz", "participant_title": "Meier Franz",
		"participant_actor": object{"@id": siteURL + "/@actors/contact:meier-franz", "identifier": "contact:meier-franz"}, "roles": []any{"final-drawing", "participation"},
	})
	want(t, r.get(base+"/@actors/contact:meier-franz"), object{"actor_type": "contact", "label": "Meier Franz", "active": true, "represents": nil})
	want(t, r.get(base+"/@actors/contact:niemand"), object{"actor_type": "null"})
	p.ask(204, "PATCH", at+"/"+jane, object{"roles": []any{"final-drawing", "regard"}})
	want(t, r.get(at+"/"+jane), object{"participant_title": "Leser Jane (jane.leser)", "roles": []any{"final-drawing", "regard"}})
	p.ask(204, "DELETE", at+"/"+jane, nil)
	for _, method := range []string{"GET", "DELETE"} {
		r.refusedAB(404, "NotFound", method, at+"/"+jane, nil)
	}
	r.refusedAB(404, "NotFound", "PATCH", at+"/"+jane, object{"roles": []any{"regard"}})

	before := participants(r.get(at))
	for name, c := range map[string]struct {
		body   object
		fields string
	}{
		"nobody":       {object{"roles": []any{"regard"}}, "participant_id"},
		"empty":        {object{"participant_id": "", "roles": []any{"regard"}}, "participant_id"},
		"unknown":      {object{"participant_id": "niemand", "roles": []any{"regard"}}, "participant_id"},
		"a group":      {object{"participant_id": "fd_users", "roles": []any{"regard"}}, "participant_id"},
		"twice":        {object{"participant_id": "inbox:fd", "roles": []any{"regard"}}, "participant_id"},
		"no roles":     {object{"participant_id": jane}, "roles"},
		"empty roles":  {object{"participant_id": jane, "roles": []any{}}, "roles"},
		"other roles":  {object{"participant_id": jane, "roles": []any{"König", "regard", "Kaiser"}}, "roles roles"},
		"one role":     {object{"participant_id": jane, "roles": "regard"}, "roles"},
		"not an actor": {object{"participant_id": 5, "roles": []any{"regard"}}, "participant_id"},
	} {
		if p := r.refusedAB(400, "BadRequest", "POST", at, c.body); p.fields() != c.fields {
			t.Errorf("%s: %+v, want %s", name, p, c.fields)
		}
	}
	r.refusedAB(400, "BadRequest", "PATCH", at+"/inbox:fd", object{"roles": nil})
	if after := participants(r.get(at)); after != before {
		t.Error(after)
	}
	j := r.by(jane)
	body := object{"participant_id": jane, "roles": []any{"regard"}}
	j.refusedAB(401, "Unauthorized", "POST", at, body)
	j.refusedAB(401, "Unauthorized", "PATCH", at+"/inbox:fd", body)
	j.refusedAB(401, "Unauthorized", "DELETE", at+"/inbox:fd", nil)
	r.refusedAB(401, "Unauthorized", "POST", dossier22+"/@participations", body)
	for _, path := range []string{document, fuehrung, base + "/nichts"} {
		r.refusedAB(404, "NotFound", "GET", path+"/@participations", nil)
		r.refusedAB(404, "NotFound", "GET", path+"/@participations/"+jane, nil)
		r.refusedAB(404, "NotFound", "POST", path+"/@participations", body)
	}
	r.refusedAB(400, "BadRequest", "GET", at+"?b_size=0", nil)
}

// TestTransferDossier: what somebody is responsible for goes to another.
func TestTransferDossier(t *testing.T) { inBoth(t, testTransferDossier) }

func testTransferDossier(t *testing.T, open opener) {
	r := open(t)
	main := r.make(fuehrung, dossierType, dossier())
	sub, other, closed := r.make(main, dossierType, dossier()), r.make(main, dossierType, dossier(object{"responsible": jane})), r.make(main, dossierType, dossier())
	r.transition(closed, "dossier-transition-resolve", nil)
	responsible := func() (out []any) {
		for _, path := range []string{main, sub, other, closed} {
			out = append(out, r.get(path)["responsible"])
		}
		return out
	}
	at := main + "/@transfer-dossier"
	r.ask(204, "POST", at, object{"old_userid": john, "new_userid": peter, "recursive": false})
	if got := responsible(); !same(got, []any{peter, john, jane, john}) {
		t.Errorf("%v", got)
	}
	if got := r.ask(204, "POST", at, object{"old_userid": object{"token": john}, "new_userid": peter}); len(got.Body) != 0 {
		t.Errorf("%s", got.Body)
	}
	if got := responsible(); !same(got, []any{peter, peter, jane, john}) {
		t.Errorf("%v", got)
	}
	// A subdossier that is kept from who does it stays as it is.
	r.share(other, object{"inherit": false})
	r.person("anna")
	r.withRole("anna", main, rules.Administrator)
	r.by("anna").ask(204, "POST", at, object{"old_userid": jane, "new_userid": peter})
	if got := responsible(); !same(got, []any{peter, peter, jane, john}) {
		t.Errorf("%v", got)
	}
	for fields, body := range map[string]object{
		"old_userid new_userid": {}, "new_userid": {"old_userid": peter, "new_userid": "niemand"}, "old_userid": {"new_userid": john},
	} {
		if p := r.refusedAB(400, "BadRequest", "POST", at, body); p.fields() != fields {
			t.Errorf("%+v, want %s", p, fields)
		}
	}
	r.refusedAB(400, "BadRequest", "POST", at, object{"old_userid": peter, "new_userid": peter})
	body := object{"old_userid": peter, "new_userid": john}
	r.by(peter).refusedAB(401, "Unauthorized", "POST", at, body)
	r.refusedAB(401, "Unauthorized", "POST", closed+"/@transfer-dossier", body)
	r.refusedAB(404, "NotFound", "POST", document+"/@transfer-dossier", body)
}

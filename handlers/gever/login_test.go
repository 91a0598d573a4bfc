package gever_test

import (
	"strings"
	"testing"

	"loket/handlers/apitest"
)

// TestLogin: Basic, the token of @login, and what neither is (3.1).
func TestLogin(t *testing.T) { inBoth(t, testLogin) }

func testLogin(t *testing.T, open opener) {
	r := open(t)
	login := func(status int, body any) map[string]any {
		t.Helper()
		r.Clock.Advance(100e6)
		return r.Want(t, status, apitest.Request{Method: "POST", Path: base + "/@login", Body: body}).Object(t)
	}
	for _, body := range []object{{}, {"login": john}, {"password": "x"}, {"login": "", "password": ""}, {"login": 5, "password": "x"}} {
		if body["login"] == 5 {
			r.Want(t, 400, apitest.Request{Method: "POST", Path: base + "/@login", Body: body})
			continue
		}
		want(t, login(400, body), object{"error": object{"type": "Missing credentials", "message": "Login and password must be provided in body."}})
	}
	r.Want(t, 400, apitest.Request{Method: "POST", Path: base + "/@login"})
	for _, body := range []object{{"login": john, "password": "falsch"}, {"login": "niemand", "password": "Demo-Gever-1!"}} {
		want(t, login(401, body), object{"error": object{"type": "Invalid credentials", "message": "Wrong login and/or password."}})
	}
	token, _ := login(200, object{"login": john, "password": passwords[john]})["token"].(string)
	if strings.Count(token, ".") != 2 {
		t.Fatalf("token %q", token)
	}
	ask := func(status int, authorization string) *apitest.Response {
		t.Helper()
		r.Clock.Advance(2e9) // past every cache
		return r.ask(status, "GET", dossier23, nil, "Authorization", authorization)
	}
	ask(200, "Bearer "+token)
	ask(200, "bearer "+token)
	for _, wrong := range []string{"", "Bearer", "Bearer x", "Bearer " + token + "x", "Basic", "Basic !!!", "Basic " + token, "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJqb2huLmRvZSIsImV4cCI6OTk5OTk5OTk5OX0."} {
		got := ask(401, wrong)
		want(t, got.Object(t), object{"type": "Unauthorized", "message": "You are not authorized to access this resource."})
		if got.Header.Get("WWW-Authenticate") != `Basic realm="gever", charset="UTF-8"` {
			t.Errorf("%v", got.Header)
		}
	}
	r.Clock.Advance(12 * 3600e9)
	want(t, ask(401, "Bearer "+token).Object(t), object{"error": "invalid_token", "error_description": "Access token expired"})
	// Nothing secret is logged.
	for _, secret := range []string{token, passwords[john]} {
		if strings.Contains(r.LogText(), secret) {
			t.Error("a secret stands in the log")
		}
	}
}

// TestTypes: what can be created where, and with which values (3.7).
func TestTypes(t *testing.T) { inBoth(t, testTypes) }

func testTypes(t *testing.T, open opener) {
	r := open(t)
	addable := func(path, user string) string {
		t.Helper()
		var out []string
		for _, one := range r.by(user).ask(200, "GET", path+"/@types", nil).List(t) {
			if one["addable"] == true {
				id := one["@id"].(string)
				if !strings.HasPrefix(id, "http://"+apitest.Host+path+"/@types/") {
					t.Errorf("@id %s", id)
				}
				out = append(out, id[strings.LastIndexByte(id, '.')+1:])
			}
		}
		return strings.Join(out, " ")
	}
	for path, users := range map[string]map[string]string{
		base:                              {john: "contactfolder templatefolder container inbox root repositoryroot root", peter: "", jane: ""},
		fuehrung:                          {john: "businesscasedossier repositoryfolder", peter: "businesscasedossier", jane: ""},
		base + "/ordnungssystem/finanzen": {john: "repositoryfolder", peter: ""},
		dossier23:                         {john: "mail document businesscasedossier task", peter: "mail document businesscasedossier task", jane: ""},
		dossier22:                         {john: ""}, document: {john: ""},
	} {
		for user, types := range users {
			if got := addable(path, user); got != types {
				t.Errorf("%s for %s: %q, want %q", path, user, got, types)
			}
		}
	}
	schema := r.get(fuehrung + "/@types/" + dossierType)
	if !same(schema, r.get(fuehrung+"/@schema/"+dossierType)) {
		t.Error("@types and @schema differ")
	}
	properties := schema["properties"].(map[string]any)
	classification := properties["classification"].(map[string]any)
	source := classification["vocabulary"].(map[string]any)["@id"].(string)
	if source != "http://"+apitest.Host+fuehrung+"/@sources/"+dossierType+"/classification" {
		t.Errorf("source %s", source)
	}
	want(t, schema, object{"title": "Geschäftsdossier", "type": "object"})
	want(t, properties["custody_period"].(map[string]any), object{"type": "integer", "enum": []any{0, 30, 100, 150}, "default": 30})
	values := object{"items_total": 3, "items": []any{
		object{"title": "Nicht klassifiziert", "token": "unprotected"}, object{"title": "Vertraulich", "token": "confidential"}, object{"title": "Geheim", "token": "classified"},
	}}
	want(t, r.get(source), values)
	want(t, r.get(strings.Replace(source, "@sources", "@vocabularies", 1)), values)
	for _, path := range []string{dossier23 + "/@vocabularies/classification", dossier23 + "/@sources/classification", base + "/@sources/" + dossierType + "/classification", base + "/@vocabularies/" + dossierType + "/classification"} {
		want(t, r.get(path), values)
		want(t, r.get(path+"?b_size=2&b_start=2"), object{"items": []any{object{"title": "Geheim", "token": "classified"}}, "items_total": 3})
	}
	own := r.get(dossier23 + "/@schema")["properties"].(map[string]any)["classification"].(map[string]any)
	want(t, own["vocabulary"].(map[string]any), object{"@id": "http://" + apitest.Host + dossier23 + "/@sources/classification"})
	r.get(base + "/@types/" + rootType)
	r.get(base + "/@schema/" + rootType)
	for _, path := range []string{
		fuehrung + "/@types/nichts", fuehrung + "/@schema/nichts", base + "/@types/nichts", base + "/@schema/nichts", dossier23 + "/@vocabularies/title", dossier23 + "/@sources/nichts",
		fuehrung + "/@vocabularies/nichts/title", fuehrung + "/@sources/" + dossierType + "/title", base + "/@vocabularies/x/y", base + "/@sources/x/y",
		base + "/nichts/@types", base + "/nichts/@schema", base + "/nichts/@workflow", base + "/nichts/@history",
	} {
		r.refusedAB(404, "NotFound", "GET", path, nil)
	}
	for _, path := range []string{"/@workflow/x", "/@lock", "/@refresh-lock", "/@unlock"} {
		r.refusedAB(404, "NotFound", "POST", base+"/nichts"+path, nil)
	}
	r.refusedAB(404, "NotFound", "POST", base+"/nichts", dossier().of(dossierType))
	r.refusedAB(404, "NotFound", "PATCH", base+"/nichts", object{"title": "x"})
}

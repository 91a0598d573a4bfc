package vemap_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sample is one operation of the page with its JSON samples, as they stand.
type sample struct {
	method, path string
	objects      []map[string]any
}

var (
	heading  = regexp.MustCompile(`Section titled “(GET|POST|PATCH|DELETE) (/v1/[^”]*)”`)
	trailing = regexp.MustCompile(`,(\s*})`) // I3: one example has a trailing comma
	opening  = regexp.MustCompile(`\{ "`)
)

// page reads the page itself: a copy, not a retelling.
func page(t *testing.T) []sample {
	t.Helper()
	raw, err := os.ReadFile("../../openapi/testdata/seeds/vemap.txt")
	if err != nil {
		t.Fatal(err)
	}
	content := string(raw)
	var out []sample
	heads := heading.FindAllStringSubmatchIndex(content, -1)
	for i, h := range heads {
		end := len(content)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		s := sample{method: content[h[2]:h[3]], path: content[h[4]:h[5]]}
		rest := trailing.ReplaceAllString(content[h[1]:end], "$1")
		for {
			at := opening.FindStringIndex(rest)
			if at == nil {
				break
			}
			d := json.NewDecoder(strings.NewReader(rest[at[0]:]))
			var o map[string]any
			if err := d.Decode(&o); err != nil {
				t.Fatalf("%s %s: %v", s.method, s.path, err)
			}
			s.objects = append(s.objects, o)
			rest = rest[at[0]+int(d.InputOffset()):]
		}
		out = append(out, s)
	}
	return out
}

// added are the keys that apis/vemap.md adds to the page's answers (I30).
var added = map[string][]string{
	"GET /v1/{tenant_id}/files/{file_id}": {".data.presigned_url"},
	"POST /v1/{tenant_id}/files":          {".data.presigned_url"},
}

// free are objects whose keys are data: tenant ids, and a template's blocks.
var free = regexp.MustCompile(`(\.Tenants|\.template_data(\.[^.]+)?(\.data.*)?)$`)

// shape lists the places of a value with their JSON kinds. Elements of a list
// stand under one place; a list that mixes shapes (I41) gives the places of all.
func shape(place string, v any, out map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		out[place] = "object"
		if free.MatchString(place) {
			return
		}
		for k, e := range v {
			shape(place+"."+k, e, out)
		}
	case []any:
		out[place] = "array"
		for _, e := range v {
			shape(place+"[]", e, out)
		}
	case string:
		out[place] = "string"
	case float64:
		out[place] = "number"
	case bool:
		out[place] = "boolean"
	case nil:
		out[place] = "null"
	}
}

// TestPage holds the answers of all 39 operations against the page: keys,
// kinds, status, and message. The world that it asks is the page's own.
func TestPage(t *testing.T) {
	samples := page(t)
	if len(samples) != 39 {
		t.Fatalf("the page has %d operations", len(samples))
	}
	w := newPageWorld(t)
	for _, s := range samples {
		name := s.method + " " + s.path
		t.Run(name, func(t *testing.T) {
			ask, ok := w.asks[name]
			if !ok {
				t.Fatal("nobody asks this")
			}
			var body map[string]any
			answers := s.objects
			if _, isAnswer := answers[0]["data"]; !isAnswer && answers[0]["createdCount"] == nil {
				body, answers = answers[0], answers[1:]
			}
			for i, want := range answers {
				got := ask(t, i, body)
				compare(t, name, want, got)
			}
		})
	}
}

func compare(t *testing.T, name string, want, got map[string]any) {
	t.Helper()
	for _, key := range []string{"status", "message"} {
		if fmt.Sprint(got[key]) != fmt.Sprint(want[key]) {
			t.Errorf("%s is %v, on the page %v", key, got[key], want[key])
		}
	}
	is, page := map[string]string{}, map[string]string{}
	shape("", got, is)
	shape("", want, page)
	for place, kind := range page {
		if is[place] != kind {
			t.Errorf("%s is %q, on the page %q", place, is[place], kind)
		}
	}
	for place := range is {
		if page[place] == "" && !slices.Contains(added[name], place) {
			t.Errorf("%s is not on the page", place)
		}
	}
}

// pageWorld asks each operation so that every list of its answer has an
// element. The bodies are the page's, with the ids of this world in them.
type pageWorld struct {
	*room
	asks map[string]func(t *testing.T, answer int, body map[string]any) map[string]any
}

func newPageWorld(t *testing.T) *pageWorld {
	w := &pageWorld{room: open(t)}
	m, o, a := w.manager(), w.organisation(), w.admin()
	project, closure := w.alpha()
	plan := w.plan()
	// One of each, for the lists.
	w.ask(200, m, "PATCH", "/files/"+plan, map[string]any{"status": "final"})
	tmpl := text(t, w.rows(m, "/mail/templates")[0]["id"])
	w.ask(200, m, "POST", "/mail/"+closure, mailBody(tmpl, "john@example.com"))
	spare := w.storedFile(m, project, closure, "document.pdf", "support", 10)
	w.put(200, w.logo(), 10, "image/png")
	recipients := objects(t, w.data(200, m, "GET", "/projects/"+project+"/recipients", nil)["recipients"])

	in := func(u user, want int, method, path string, change func(map[string]any)) func(*testing.T, int, map[string]any) map[string]any {
		return func(t *testing.T, _ int, body map[string]any) map[string]any {
			if change != nil {
				change(body)
			}
			var send any
			if body != nil {
				send = body
			}
			return w.ask(want, u, method, path, send).Object(t)
		}
	}
	outside := func(want int, path string, header map[string]string, change func(map[string]any)) func(*testing.T, int, map[string]any) map[string]any {
		return func(t *testing.T, _ int, body map[string]any) map[string]any {
			var send any
			if body != nil {
				change(body)
				send = body
			}
			return w.request(want, "POST", path, header, send).Object(t)
		}
	}
	const auth, tenant = "/v1/authentication/", "/v1/{tenant_id}"
	leaving := w.login("lezer@demo.example", "Demo-Lezer-1!")
	ids := func(key string, values ...string) func(map[string]any) {
		return func(b map[string]any) { b[key] = values }
	}
	victim := w.newUser(o, "slachtoffer@demo.example", "ROLE_MANAGER")
	doomed := w.newTenant("ten-onder@demo.example")
	w.asks = map[string]func(*testing.T, int, map[string]any) map[string]any{
		"POST " + auth + "login": func(t *testing.T, answer int, _ map[string]any) map[string]any {
			if answer == 0 {
				return w.request(200, "POST", auth+"login", basic("organisatie@demo.example", "Demo-Organisatie-1!"), nil).Object(t)
			}
			return w.request(302, "POST", auth+"login", basic("nieuw@demo.example", "Demo-Tijdelijk-1!"), nil).Object(t)
		},
		"POST " + auth + "challenge": func(t *testing.T, _ int, body map[string]any) map[string]any {
			data := object(t, w.request(302, "POST", auth+"login", basic("nieuw@demo.example", "Demo-Tijdelijk-1!"), nil).Object(t)["data"])
			body["username"], body["newPassword"] = "nieuw@demo.example", "N"+text(t, body["newPassword"])
			return w.request(200, "POST", auth+"challenge", bearer(text(t, data["Session"])), body).Object(t)
		},
		"POST " + auth + "refresh": outside(200, auth+"refresh", bearer(o.refresh), nil),
		"POST " + auth + "logout":  outside(200, auth+"logout", bearer(leaving.access), nil),
		"POST " + auth + "forgot-password": outside(302, auth+"forgot-password", nil, func(b map[string]any) {
			b["username"] = "lezer@demo.example"
		}),
		"POST " + auth + "reset-password": outside(302, auth+"reset-password", nil, func(b map[string]any) {
			b["username"], b["confirmationCode"] = "lezer@demo.example", sixDigits.FindString(w.deliver()["lezer@demo.example"])
		}),
		"GET " + tenant + "/users":                         in(o, 200, "GET", "/users", nil),
		"POST " + tenant + "/users":                        in(o, 200, "POST", "/users", nil),
		"PATCH " + tenant + "/users/{user_id}":             in(o, 200, "PATCH", "/users/"+victim.id, nil),
		"DELETE " + tenant + "/users/{user_id}":            in(o, 200, "DELETE", "/users/"+victim.id, nil),
		"GET " + tenant + "/tenants":                       in(w.phoned(), 200, "GET", "/tenants", nil),
		"POST " + tenant + "/tenants":                      in(a, 201, "POST", "/tenants", nil),
		"DELETE " + tenant + "/tenants/{target_tenant_id}": in(a, 200, "DELETE", "/tenants/"+doomed.tenant, nil),
		"GET " + tenant + "/projects":                      in(m, 200, "GET", "/projects", nil),
		"POST " + tenant + "/projects": in(m, 201, "POST", "/projects", func(b map[string]any) {
			b["tenant_id"], b["created_by_user_id"] = m.tenant, m.id
			objects(t, b["managers"])[0]["id"] = m.id
		}),
		"PATCH " + tenant + "/projects/{project_id}":                            in(m, 200, "PATCH", "/projects/"+project, ids("managers", m.id, o.id)),
		"GET " + tenant + "/projects/{project_id}/recipients":                   in(m, 200, "GET", "/projects/"+project+"/recipients", nil),
		"POST " + tenant + "/projects/{project_id}/recipients":                  in(m, 200, "POST", "/projects/"+project+"/recipients", nil),
		"DELETE " + tenant + "/projects/{project_id}/recipients/{recipient_id}": in(m, 200, "DELETE", "/projects/"+project+"/recipients/"+text(t, recipients[0]["id"]), nil),
		"GET " + tenant + "/projects/{project_id}/closure-references":           in(m, 200, "GET", "/projects/"+project+"/closure-references", nil),
		"GET " + tenant + "/projects/{project_id}/closures":                     in(m, 200, "GET", "/projects/"+project+"/closures", nil),
		"GET " + tenant + "/closures/{closure_id}":                              in(m, 200, "GET", "/closures/"+closure, nil),
		"POST " + tenant + "/closures": in(m, 201, "POST", "/closures", func(b map[string]any) {
			b["projectId"], b["stakeholders"] = project, []string{w.stakeholder().id}
		}),
		"POST " + tenant + "/closures/{closure_id}/stakeholders":                    in(m, 200, "POST", "/closures/"+closure+"/stakeholders", ids("stakeholders", w.reader().id, o.id)),
		"DELETE " + tenant + "/closures/{closure_id}/stakeholders/{stakeholder_id}": in(m, 200, "DELETE", "/closures/"+closure+"/stakeholders/"+o.id, nil),
		"GET " + tenant + "/closures/{closure_id}/comments":                         in(m, 200, "GET", "/closures/"+closure+"/comments", nil),
		"POST " + tenant + "/closures/{closure_id}/comments": in(m, 201, "POST", "/closures/"+closure+"/comments", func(b map[string]any) {
			b["vkmPlanId"], b["projectId"] = plan, project
		}),
		"GET " + tenant + "/closures/{closure_id}/files": in(m, 200, "GET", "/closures/"+closure+"/files", nil),
		"GET " + tenant + "/files/{file_id}":             in(m, 200, "GET", "/files/"+spare, nil),
		"POST " + tenant + "/files": in(m, 201, "POST", "/files", func(b map[string]any) {
			b["projectId"], b["closureId"], b["version"] = project, closure, 1.1
		}),
		"PATCH " + tenant + "/files/{file_id}":             in(m, 200, "PATCH", "/files/"+spare, nil),
		"DELETE " + tenant + "/files/{file_id}":            in(m, 200, "DELETE", "/files/"+spare, nil),
		"POST " + tenant + "/mail/{closure_id}":            in(m, 200, "POST", "/mail/"+closure, func(b map[string]any) { b["templateId"] = tmpl }),
		"POST " + tenant + "/mail/recipients/{project_id}": in(m, 201, "POST", "/mail/recipients/"+project+"?closure_id="+closure, nil),
		"DELETE " + tenant + "/mail/recipients/{project_id}/{closure_id}/{recipient_id}": in(m, 200, "DELETE",
			"/mail/recipients/"+project+"/"+closure+"/"+text(t, recipients[1]["id"]), nil),
		"GET " + tenant + "/mail/templates": in(m, 200, "GET", "/mail/templates", nil),
		"POST " + tenant + "/mail/templates": in(m, 201, "POST", "/mail/templates", func(b map[string]any) {
			b["templateName"] = "closure_notification_2" // the page's own name is the demo's
		}),
	}
	// A stakeholder of this closure only: the page's list has one shape.
	w.asks["GET "+tenant+"/stakeholders/{user_id}/closures"] = func(t *testing.T, _ int, _ map[string]any) map[string]any {
		one := w.newUser(o, "een@demo.example", "ROLE_STAKEHOLDER")
		w.ask(200, m, "POST", "/closures/"+closure+"/stakeholders", map[string]any{"stakeholders": []string{one.id}})
		spare := w.storedFile(m, project, closure, "steun.pdf", "support", 10)
		defer w.ask(200, m, "DELETE", "/files/"+spare, nil)
		return w.ask(200, one, "GET", "/stakeholders/"+one.id+"/closures", nil).Object(t)
	}
	w.asks["GET "+tenant+"/closures/{closure_id}/events"] = func(t *testing.T, _ int, _ map[string]any) map[string]any {
		answer := w.ask(200, m, "GET", "/closures/"+closure+"/events", nil).Object(t)
		// The page shows a stakeholder who is still there.
		data := object(t, answer["data"])
		data["stakeholder_events"] = data["stakeholder_events"].([]any)[:1]
		return answer
	}
	return w
}

// plan is the demo's vkm-plan.
func (r *room) plan() string {
	r.t.Helper()
	_, closure := r.alpha()
	return text(r.t, objects(r.t, r.data(200, r.manager(), "GET", "/closures/"+closure+"/files?type=vkm-plan", nil)["files"])[0]["id"])
}

// logo announces a logo for a new tenant and gives its upload address.
func (r *room) logo() string {
	r.t.Helper()
	body := tenantBody("logo@demo.example")
	body["logoMetadata"] = map[string]any{"fileName": "logo.png", "fileType": "image/png", "fileSize": 10}
	return text(r.t, object(r.t, object(r.t, r.data(201, r.admin(), "POST", "/tenants", body)["tenant"])["logo_upload"])["presigned_url"])
}

// phoned is the administrator of a tenant with all that the page's tenant has.
func (r *room) phoned() user {
	r.t.Helper()
	body := tenantBody("telefoon@demo.example")
	body["phone"] = "+31612345678"
	r.ask(201, r.admin(), "POST", "/tenants", body)
	u := r.confirm("telefoon@demo.example", temporary)
	r.ask(200, u, "POST", "/users", userBody("beheert@demo.example", "ROLE_MANAGER"))
	return u
}

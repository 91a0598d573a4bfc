package konova_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/handlers/apitest"
	"loket/store/konova"
	"loket/store/konova/konovadb"
)

func TestMain(m *testing.M) { apitest.Main(m, "konova") }

// The demo's objects.
const (
	root   = "/api/konova"
	v1     = root + "/api/v1"
	iv     = v1 + "/intervention"
	iv1    = "bd7673cb-aac1-42ba-9521-4e8143a82bb3"
	iv2    = "e4e5197f-fe6c-49f6-93d0-8034d0592c1f"
	iv3    = "97d7cce8-83e9-4043-bc76-317caf983a41"
	komp   = "71a0d04e-8d6a-4d95-845a-6889d920b5f6"
	konto  = "3e7acd84-bb67-408d-886e-91004c319f38"
	abzug  = "f784e131-afb7-4e15-ad57-0b2469f5e967"
	nobody = "00000000-0000-4000-8000-000000000000"
)

func ksp(user, token string) map[string]string {
	return map[string]string{"Kspuser": user, "Ksptoken": token}
}

var (
	demo = ksp("demo", "demo-ksp-token")
	gast = ksp("gast", "demo-ksp-gast")
	// ohne has a token and no group at all.
	ohne = ksp("ohne", "ohne-ksp-token")
)

// room is a server with the demo data.
type room struct {
	*apitest.Server
	t  testing.TB
	db *konovadb.DB // beside the server, as the commands are
}

func serve(tb testing.TB, options ...apitest.Option) *apitest.Server {
	tb.Helper()
	s := apitest.New(tb, append(options, apitest.Demo())...)
	db := beside(s)
	if _, _, err := db.CreateToken(tb.Context(), konovadb.CreateTokenInput{User: "ohne", Confirmed: true, Token: "ohne-ksp-token"}); err != nil {
		tb.Fatal(err)
	}
	return s
}

func beside(s *apitest.Server) *konovadb.DB {
	return konovadb.New(konovadb.Deps{DB: s.DB, Now: s.Clock.Now, Entropy: rand.Reader, Log: slog.New(slog.DiscardHandler)})
}

func open(tb testing.TB, options ...apitest.Option) *room {
	tb.Helper()
	s := serve(tb, options...)
	return &room{Server: s, t: tb, db: beside(s)}
}

// ask sends a request and wants a status; the clock moves on, so that no limit
// is met by accident.
func (r *room) ask(status int, method, path string, header map[string]string, body any) *apitest.Response {
	r.t.Helper()
	r.Clock.Advance(1e9)
	return r.Want(r.t, status, apitest.Request{Method: method, Path: path, Header: header, Body: body})
}

func (r *room) get(path string) *apitest.Response {
	r.t.Helper()
	return r.ask(http.StatusOK, http.MethodGet, path, demo, nil)
}

func (r *room) post(kind, body string) string {
	r.t.Helper()
	got := r.ask(http.StatusCreated, http.MethodPost, v1+"/"+kind, demo, body)
	return got.Object(r.t)["id"].(string)
}

// properties of an entry as GET shows it.
func (r *room) properties(kind, id string) map[string]any {
	r.t.Helper()
	var e struct {
		Results map[string]map[string]any
	}
	r.get(v1+"/"+kind+"/"+id).JSON(r.t, &e)
	if kind == "deduction" {
		return e.Results[id]
	}
	return e.Results[id]["properties"].(map[string]any)
}

// places are the pointers and parameters of a refusal, with its code.
func places(tb testing.TB, r *apitest.Response) string {
	tb.Helper()
	var p struct {
		Errors []struct{ Detail, Pointer, Parameter string }
	}
	r.JSON(tb, &p)
	var l []string
	for _, e := range p.Errors {
		if e.Detail == "" {
			tb.Errorf("a fault without words: %s", r.Body)
		}
		l = append(l, e.Pointer+e.Parameter)
	}
	return strings.Join(l, " ")
}

func titled(title string) string { return fmt.Sprintf(`{"properties":{"title":%q}}`, title) }

func deduct(account, intervention, surface string) string {
	return fmt.Sprintf(`{"eco_account":%q,"intervention":%q,"surface":%s}`, account, intervention, surface)
}

// envelope is a page with its results in the order in which they stand.
type envelope struct {
	RPP, P int
	Next   *string
	IDs    []string
	Raw    map[string]json.RawMessage
}

func parse(tb testing.TB, r *apitest.Response) envelope {
	tb.Helper()
	var e struct {
		RPP, P  int
		Next    *string
		Results json.RawMessage
	}
	r.JSON(tb, &e)
	out := envelope{RPP: e.RPP, P: e.P, Next: e.Next, IDs: []string{}}
	if err := json.Unmarshal(e.Results, &out.Raw); err != nil {
		tb.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(e.Results)))
	_, _ = d.Token()
	for d.More() {
		key, _ := d.Token()
		out.IDs = append(out.IDs, key.(string))
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			tb.Fatal(err)
		}
	}
	return out
}

// page reads the page's own examples out of the copy in testdata.
func page(t *testing.T) (list, single map[string]json.RawMessage) {
	t.Helper()
	text, err := os.ReadFile("testdata/seeds/konova.txt")
	if err != nil {
		t.Fatal(err)
	}
	all, one, ok := strings.Cut(string(text), "GET einzeln")
	if !ok {
		t.Fatal("the page has no GET einzeln")
	}
	_, all, _ = strings.Cut(all, "Beispiel Response\n")
	_, one, _ = strings.Cut(one, "Beispiel Response\n")
	all = regexp.MustCompile(`,\s*\.\.\.\s*\}\s*$`).ReplaceAllString(all, "}")
	for text, to := range map[string]*map[string]json.RawMessage{all: &list, one: &single} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatalf("read the page: %v in %s", err, text)
		}
	}
	return list, single
}

// plain decodes with numbers as texts, so that 1.0 is not 1.
func plain(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// keys lists the members of all objects of a document in the order in which
// they stand, so that the page's order can be compared.
func keys(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(raw)))
	var out []string
	var walk func()
	walk = func() {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		delim, ok := token.(json.Delim)
		if !ok {
			return
		}
		for d.More() {
			if delim == '{' {
				key, _ := d.Token()
				out = append(out, key.(string))
			}
			walk()
		}
		_, _ = d.Token()
	}
	walk()
	return out
}

// TestThePagesEntries: the three examples come back equal to the page, member
// by member, digit by digit, in the page's order of members.
func TestThePagesEntries(t *testing.T) {
	r := open(t)
	list, single := page(t)
	if len(list) != 2 || len(single) != 1 {
		t.Fatalf("the page has %d and %d examples", len(list), len(single))
	}
	all := parse(t, r.get(iv))
	for _, examples := range []map[string]json.RawMessage{list, single} {
		for id, want := range examples {
			one := parse(t, r.get(iv+"/"+id))
			for place, got := range map[string]json.RawMessage{"list": all.Raw[id], "single": one.Raw[id]} {
				if diff := cmp.Diff(plain(t, want), plain(t, got)); diff != "" {
					t.Errorf("%s, %s (-page +ours):\n%s", id, place, diff)
				}
				if diff := cmp.Diff(keys(t, want), keys(t, got)); diff != "" {
					t.Errorf("%s, %s: order of members (-page +ours):\n%s", id, place, diff)
				}
			}
		}
	}
}

// TestEverywhere drives what is the same for all operations.
func TestEverywhere(t *testing.T) {
	apitest.Everywhere{
		API: "konova", Header: demo, Other: ohne,
		Params: map[string]string{"id": iv3, "collectionId": "intervention", "featureId": iv3},
		Bodies: map[string]string{
			"createIntervention": titled("T"), "replaceIntervention": titled("T"),
			"createCompensation": `{"properties":{"title":"T","intervention":"` + iv3 + `"}}`, "replaceCompensation": `{"properties":{"title":"T","intervention":"` + iv3 + `"}}`,
			"createEcoAccount": titled("T"), "replaceEcoAccount": titled("T"), "createEma": titled("T"), "replaceEma": titled("T"),
			"createDeduction": deduct(konto, iv3, "1"), "replaceDeduction": deduct(konto, iv3, "1"),
			"replaceInterventionShare": `{"users":["demo"]}`, "replaceCompensationShare": `{"users":["demo"]}`,
			"replaceEcoAccountShare": `{"users":["demo"]}`, "replaceEmaShare": `{"users":["demo"]}`,
		},
		New: func(tb testing.TB) *apitest.Server { return serve(tb) },
	}.Run(t)
}

// sample are sound bodies of each kind, and an entry of each that the demo, or
// the test, has.
func (r *room) samples() map[string]struct{ body, id string } {
	return map[string]struct{ body, id string }{
		"intervention": {titled("T"), iv1},
		"compensation": {`{"properties":{"title":"T","intervention":"` + iv1 + `"}}`, komp},
		"ecoaccount":   {`{"properties":{"title":"T","deductable_surface":5000,"after_states":[{"surface":5000}]}}`, konto},
		"ema":          {titled("T"), r.post("ema", titled("EMA"))},
		"deduction":    {deduct(konto, iv1, "10"), abzug},
	}
}

// TestEveryKind: each kind is read, written, changed and removed alike
// (decisions 11 to 14, 18 to 20, 34).
func TestEveryKind(t *testing.T) {
	r := open(t)
	for kind, sample := range r.samples() {
		t.Run(kind, func(t *testing.T) {
			r.t = t
			base := v1 + "/" + kind
			// 3, 12: wrong parameters and ids.
			r.ask(http.StatusBadRequest, http.MethodGet, base+"?rpp=0", demo, nil)
			for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
				body := any(nil)
				if method == http.MethodPut {
					body = sample.body
				}
				r.ask(http.StatusBadRequest, method, base+"/keine-uuid", demo, body)
				// 13, 14: unknown, and not shared, alike but for the path.
				unknown := r.ask(http.StatusNotFound, method, base+"/"+nobody, demo, body)
				hidden := r.ask(http.StatusNotFound, method, base+"/"+sample.id, gast, body)
				if a, b := strings.ReplaceAll(string(unknown.Body), nobody, ""), strings.ReplaceAll(string(hidden.Body), sample.id, ""); a != b && method != http.MethodPut {
					t.Errorf("unknown %s\nhidden %s", a, b)
				}
			}
			// 18: POST.
			got := r.ask(http.StatusCreated, http.MethodPost, base, demo, sample.body)
			id := got.Object(t)["id"].(string)
			if want := "http://" + apitest.Host + base + "/" + id; got.Header.Get("Location") != want {
				t.Errorf("Location %q, want %q", got.Header.Get("Location"), want)
			}
			r.ask(http.StatusBadRequest, http.MethodPost, base, demo, `{"unbekannt":1}`)
			// 11: one entry in the envelope; 34: ETag.
			one := r.get(base + "/" + id)
			e := parse(t, one)
			if e.RPP != 5 || e.P != 1 || e.Next != nil || !slices.Equal(e.IDs, []string{id}) {
				t.Errorf("envelope %+v", e)
			}
			tag := one.Header.Get("ETag")
			with := func(name, value string) map[string]string {
				return map[string]string{"Kspuser": "demo", "Ksptoken": "demo-ksp-token", name: value}
			}
			same := r.ask(http.StatusNotModified, http.MethodGet, base+"/"+id, with("If-None-Match", `"x", `+tag), nil)
			if len(same.Body) > 0 || same.Header.Get("ETag") != tag {
				t.Errorf("304 with %q and %q", same.Body, same.Header.Get("ETag"))
			}
			list := r.get(base)
			r.ask(http.StatusNotModified, http.MethodGet, base, with("If-None-Match", list.Header.Get("ETag")), nil)
			// 19: PUT, and what GET gives may be sent back.
			put := r.ask(http.StatusOK, http.MethodPut, base+"/"+strings.ToUpper(id), with("If-Match", tag), string(e.Raw[id]))
			if put.Object(t)["id"] != id {
				t.Errorf("PUT answers %s", put.Body)
			}
			r.ask(http.StatusBadRequest, http.MethodPut, base+"/"+id, demo, `{"unbekannt":1}`)
			if kind != "deduction" {
				r.ask(http.StatusPreconditionFailed, http.MethodPut, base+"/"+id, with("If-Match", tag), sample.body)
				r.ask(http.StatusOK, http.MethodPut, base+"/"+id, with("If-Match", put.Header.Get("ETag")), sample.body)
				r.ask(http.StatusNotModified, http.MethodGet, base+"/"+id, with("If-None-Match", r.get(base+"/"+id).Header.Get("ETag")), nil)
			}
			r.ask(http.StatusPreconditionFailed, http.MethodPut, base+"/"+id, with("If-Match", `"0-0"`), sample.body)
			// 20: DELETE.
			r.ask(http.StatusPreconditionFailed, http.MethodDelete, base+"/"+id, with("If-Match", `"0-0"`), nil)
			gone := r.ask(http.StatusOK, http.MethodDelete, base+"/"+id, with("If-Match", "*"), nil)
			if strings.TrimSpace(string(gone.Body)) != `{"success":true}` {
				t.Errorf("DELETE answers %s", gone.Body)
			}
			r.ask(http.StatusNotFound, http.MethodGet, base+"/"+id, demo, nil)
			r.ask(http.StatusNotFound, http.MethodDelete, base+"/"+id, demo, nil)
		})
	}
}

// TestSharing: decision 39, for each kind that is shared.
func TestSharing(t *testing.T) {
	r := open(t)
	for kind, sample := range r.samples() {
		if kind == "deduction" {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			r.t = t
			at := v1 + "/" + kind + "/" + sample.id + "/share"
			want := func(users string) {
				t.Helper()
				if got := strings.TrimSpace(string(r.get(at).Body)); got != `{"next":null,"p":1,"results":{"users":[`+users+`]},"rpp":5}` {
					t.Errorf("share is %s", got)
				}
			}
			want(`"demo"`)
			r.ask(http.StatusBadRequest, http.MethodGet, v1+"/"+kind+"/x/share", demo, nil)
			r.ask(http.StatusNotFound, http.MethodGet, at, gast, nil)
			r.ask(http.StatusNotFound, http.MethodPut, at, gast, `{"users":["gast"]}`)
			refused := r.ask(http.StatusBadRequest, http.MethodPut, at, demo, `{"users":["demo","niemand"]}`)
			if got := places(t, refused); got != "#/users/1" {
				t.Errorf("unknown user at %s", got)
			}
			r.ask(http.StatusOK, http.MethodPut, at, demo, `{"users":["gast","demo"]}`)
			want(`"demo","gast"`)
			no := r.ask(http.StatusForbidden, http.MethodPut, at, gast, `{"users":["gast"]}`)
			if no.Code() != "entfernen_nicht_erlaubt" {
				t.Errorf("code %q", no.Code())
			}
			want(`"demo","gast"`)
			r.ask(http.StatusOK, http.MethodPut, at, demo, `{"users":["demo"]}`)
			want(`"demo"`)
		})
	}
}

// TestCheck: decisions 33 and 40.
func TestCheck(t *testing.T) {
	r := open(t)
	got := r.get(iv + "/" + iv3 + "/check").Object(t)
	details := got["details"].(map[string]any)
	if got["success"] != false || len(got) != 2 || len(details["compensations"].([]any)) != 6 {
		t.Errorf("check of the third: %v", got)
	}
	if e := details["intervention"].(map[string]any); e["id"] != iv3 || len(e["errors"].([]any)) != 0 {
		t.Errorf("the intervention: %v", e)
	}
	body := strings.TrimSpace(string(r.get(iv + "/" + iv1 + "/check").Body))
	if body != `{"details":{"compensations":[],"intervention":{"errors":[],"id":"`+iv1+`"}},"success":true}` {
		t.Errorf("check of the first: %s", body)
	}
	id := r.post("intervention", titled("leer"))
	details = r.get(iv + "/" + id + "/check").Object(t)["details"].(map[string]any)
	if n := len(details["intervention"].(map[string]any)["errors"].([]any)); n != 12 {
		t.Errorf("an empty intervention has %d errors: %v", n, details)
	}
	r.ask(http.StatusBadRequest, http.MethodGet, iv+"/x/check", demo, nil)
	r.ask(http.StatusNotFound, http.MethodGet, iv+"/"+nobody+"/check", demo, nil)
	r.ask(http.StatusForbidden, http.MethodGet, iv+"/"+iv1+"/check", gast, nil)
}

func basic(user, token string) map[string]string {
	return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+token))}
}

// TestAccess: decisions 15 and 16, and HTTP Basic for GIS programs.
func TestAccess(t *testing.T) {
	r := open(t)
	for name, header := range map[string]map[string]string{
		"nothing": {}, "only the token": {"Ksptoken": "demo-ksp-token"}, "only the user": {"Kspuser": "demo"},
		"another's token": ksp("gast", "demo-ksp-token"), "a wrong token": ksp("demo", "demo-ksp-token2"), "an unknown user": ksp("x", "y"),
		"Basic without GIS": basic("demo", "demo-ksp-token"), "Bearer": {"Authorization": "Bearer demo-ksp-token"},
	} {
		got := r.ask(http.StatusUnauthorized, http.MethodGet, iv, header, nil)
		if c := got.Header.Values("WWW-Authenticate"); !slices.Equal(c, []string{`Ksptoken realm="Konova"`}) || got.Code() != "nicht_authentifiziert" {
			t.Errorf("%s: challenge %q, code %q", name, c, got.Code())
		}
	}
	if got := r.ask(http.StatusForbidden, http.MethodGet, iv, ohne, nil); got.Code() != "gruppe_fehlt" {
		t.Errorf("without Standard: %s", got.Body)
	}
	r.ask(http.StatusOK, http.MethodGet, iv, map[string]string{"KSPTOKEN": "demo-ksp-token", "kspuser": "demo"}, nil)

	gis := basic("demo", "demo-ksp-token")
	for _, path := range []string{iv + "?f=geojson", iv + "?f=geojsonseq", iv + "/" + iv1 + "?f=geojson", root + "/ogc", root + "/ogc/collections/intervention/items"} {
		r.ask(http.StatusOK, http.MethodGet, path, gis, nil)
		refused := r.ask(http.StatusUnauthorized, http.MethodGet, path, basic("demo", "x"), nil)
		if c := refused.Header.Values("WWW-Authenticate"); len(c) != 2 || !strings.HasPrefix(c[1], "Basic ") {
			t.Errorf("%s: challenge %q", path, c)
		}
	}
	r.ask(http.StatusOK, http.MethodGet, iv, map[string]string{"Authorization": gis["Authorization"], "Accept": "application/geo+json"}, nil)
	r.ask(http.StatusUnauthorized, http.MethodPost, iv+"?f=geojson", gis, titled("T"))

	// A token that is not confirmed, or has run out, opens nothing.
	made, token, err := r.db.CreateToken(t.Context(), konovadb.CreateTokenInput{User: "neu", Groups: []konova.Group{konova.Standard}})
	if err != nil {
		t.Fatal(err)
	}
	r.ask(http.StatusUnauthorized, http.MethodGet, iv, ksp("neu", token), nil)
	if err := r.db.ConfirmToken(t.Context(), made.ID, "2026-03-02"); err != nil {
		t.Fatal(err)
	}
	r.ask(http.StatusOK, http.MethodGet, iv, ksp("neu", token), nil)
	r.Clock.Advance(24 * 3600e9)
	r.ask(http.StatusUnauthorized, http.MethodGet, iv, ksp("neu", token), nil)
	if strings.Contains(r.LogText(), token) || strings.Contains(r.LogText(), "demo-ksp-token") {
		t.Error("a token stands in the log")
	}
}

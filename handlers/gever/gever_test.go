package gever_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/handlers/gever"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/store/gever/geverdb"
	"loket/store/password"

	rules "loket/store/gever"
)

func TestMain(m *testing.M) {
	if raced { // inBoth leaves the live form out
		apitest.Main(m, "gever")
	}
	apitest.Main(m, "gever", liveAPI)
}

// liveAPI is GEVER in the form of the running system, without a store.
func liveAPI() mount.API {
	settings := rules.DefaultSettings()
	settings.Contract = rules.LiveContract
	return gever.New(gever.Deps{DB: geverdb.New(geverdb.Deps{Settings: settings})})
}

// The demo's users and objects (demo data).
const (
	john  = "john.doe"
	peter = "peter.muster"
	jane  = "jane.leser"

	base       = "/api/gever"
	fuehrung   = base + "/ordnungssystem/fuehrung"
	dossier23  = fuehrung + "/dossier-23"
	dossier42  = fuehrung + "/dossier-42"
	document   = dossier23 + "/document-259"
	rechnungen = base + "/ordnungssystem/finanzen/rechnungswesen"
	dossier21  = rechnungen + "/dossier-21"
	dossier22  = rechnungen + "/dossier-22"
	task1      = dossier21 + "/task-1"

	dossierType  = "opengever.dossier.businesscasedossier"
	documentType = "opengever.document.document"
	taskType     = "opengever.task.task"
	folderType   = "opengever.repository.repositoryfolder"
	rootType     = "opengever.repository.repositoryroot"
)

var passwords = map[string]string{john: "Demo-Gever-1!", peter: "Demo-Muster-1!", jane: "Demo-Leser-1!"}

// passwordsOf remembers for all tests whose password was right: hashing is
// slow on purpose.
var passwordsOf = password.New()

// as is the header of a demo user.
func as(user string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, passwords[user])
	return r.Header.Get("Authorization")
}

// room is a server with the demo data; each request moves the clock on, so
// that no limit is met by accident.
type room struct {
	*apitest.Server

	t    testing.TB
	db   *geverdb.DB
	user string
	live bool
}

// opener opens a room in one of the contracts.
type opener func(t testing.TB, change ...func(*rules.Settings)) *room

// inBoth runs a test of what both contracts have: in the live one, get and
// make give objects as the page would have them (asPage), so that a test says
// what it wants once.
func inBoth(t *testing.T, test func(*testing.T, opener)) {
	t.Helper()
	t.Run("page", func(t *testing.T) { test(t, open) })
	if !raced { // who runs beside whom is the same in both
		t.Run("live", func(t *testing.T) { test(t, openLive) })
	}
}

// openLive opens a room that answers as the running system does.
func openLive(t testing.TB, change ...func(*rules.Settings)) *room {
	t.Helper()
	r := open(t, append(change, func(s *rules.Settings) { s.Contract = rules.LiveContract })...)
	r.live = true
	return r
}

// asPage takes an object of the running system back to the page's form.
func asPage(o map[string]any) map[string]any {
	for key, v := range o {
		o[key] = bare(key, v)
	}
	if _, there := o["title"]; !there {
		for _, language := range []string{"title_fr", "title_de"} {
			if title, ok := o[language].(string); ok {
				o["title"] = title
				break
			}
		}
	}
	switch o["@type"] {
	case dossierType:
		o["comments"] = nil
		if same(o["relatedDossier"], []any{}) {
			o["relatedDossier"] = nil
		}
	case documentType, mailType:
		if o["description"] == "" {
			o["description"] = nil
		}
	}
	return o
}

// bare is the token of a choice.
func bare(key string, v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = bare(key, v[i])
		}
	case map[string]any:
		token, isChoice := v["token"].(string)
		if _, titled := v["title"].(string); !isChoice || !titled || len(v) != 2 {
			return v
		}
		if n, err := strconv.Atoi(token); err == nil && strings.HasSuffix(key, "_period") {
			return n
		}
		return token
	}
	return v
}

func open(t testing.TB, change ...func(*rules.Settings)) *room {
	t.Helper()
	r := &room{t: t, user: john}
	r.Server = apitest.New(t, apitest.Demo(), apitest.APIs(func(d handlers.Deps) []mount.API {
		settings := rules.DefaultSettings()
		for _, c := range change {
			c(&settings)
		}
		r.db = geverdb.New(geverdb.Deps{DB: d.DB, Blobs: d.Blobs, Now: d.Clock, Log: d.Log, Settings: settings, Passwords: passwordsOf})
		return []mount.API{gever.New(gever.Deps{DB: r.db, Limits: limit.Rates{}})}
	}))
	return r
}

// by is the same room for another user.
func (r *room) by(user string) *room {
	other := *r
	other.user = user
	return &other
}

func (r *room) do(method, path string, body any, header ...string) *apitest.Response {
	r.t.Helper()
	r.Clock.Advance(100e6)
	h := map[string]string{"Authorization": as(r.user), "Accept": "application/json"}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	if o, is := body.(object); is && o == nil {
		body = nil // of a table that has none
	}
	return r.Do(r.t, apitest.Request{Method: method, Path: path, Header: h, Body: body})
}

func (r *room) ask(want int, method, path string, body any, header ...string) *apitest.Response {
	r.t.Helper()
	got := r.do(method, path, body, header...)
	if got.Status != want {
		r.t.Fatalf("%s %s by %s = %d, want %d: %s", method, path, r.user, got.Status, want, got.Body)
	}
	return got
}

func (r *room) get(path string) map[string]any {
	r.t.Helper()
	return r.asPage(r.ask(http.StatusOK, http.MethodGet, path, nil).Object(r.t))
}

// asPage is an object of an answer in the page's form.
func (r *room) asPage(v any) map[string]any {
	o, _ := v.(map[string]any)
	if _, whole := o["UID"]; r.live && whole {
		return asPage(o)
	}
	return o
}

// make creates an object and gives its path.
func (r *room) make(container, kind string, values object) string {
	r.t.Helper()
	got := r.ask(http.StatusCreated, http.MethodPost, container, values.of(kind))
	if !r.live && string(got.Body) != "null" {
		r.t.Errorf("the answer to POST is %q, want the four bytes null", got.Body)
	}
	if r.live {
		want(r.t, got.Object(r.t), object{"@id": got.Header.Get("Location"), "@type": kind})
	}
	return strings.TrimPrefix(got.Header.Get("Location"), "http://"+apitest.Host)
}

func (r *room) patch(path string, values object) {
	r.t.Helper()
	if got := r.ask(http.StatusNoContent, http.MethodPatch, path, values); len(got.Body) != 0 {
		r.t.Errorf("the answer to PATCH has a body: %q", got.Body)
	}
}

// object is a body.
type object map[string]any

func (o object) of(kind string) object {
	out := object{"@type": kind}
	for k, v := range o {
		out[k] = v
	}
	return out
}

func dossier(more ...object) object {
	o := object{"title": "Ein Dossier", "responsible": "john.doe"}
	for _, m := range more {
		for k, v := range m {
			o[k] = v
		}
	}
	return o
}

func textFile(name, content string) object {
	return object{"data": content, "filename": name, "content-type": "text/plain"}
}

// same compares values as JSON.
func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// want fails unless the object has these values.
func want(t testing.TB, got map[string]any, values object) {
	t.Helper()
	for k, v := range values {
		value, there := got[k]
		if !there {
			t.Errorf("there is no %q", k)
		} else if !same(value, v) {
			t.Errorf("%s is %v, want %v", k, value, v)
		}
	}
}

// The three shapes of errors (gever.md 3.2).

type problem struct {
	Type, Message string
	Translated    string `json:"translated_message"`
	Metadata      *struct {
		Fields []struct {
			Field, Type string
			Translated  string `json:"translated_message"`
		}
	} `json:"additional_metadata"`
}

func (p problem) fields() string {
	var out []string
	if p.Metadata != nil {
		for _, f := range p.Metadata.Fields {
			out = append(out, f.Field)
		}
	}
	return strings.Join(out, " ")
}

// refusedAB asks for something that is answered in form A or B.
func (r *room) refusedAB(status int, kind, method, path string, body any, header ...string) problem {
	r.t.Helper()
	var p problem
	r.ask(status, method, path, body, header...).JSON(r.t, &p)
	if p.Type != kind {
		r.t.Errorf("%s %s: type %q, want %q (%s)", method, path, p.Type, kind, p.Message)
	}
	return p
}

// refusedC asks for something that is answered in form C.
func (r *room) refusedC(status int, kind, method, path string, body any, header ...string) (message string, inner map[string]any) {
	r.t.Helper()
	got := r.ask(status, method, path, body, header...).Object(r.t)
	inner, _ = got["error"].(map[string]any)
	if inner["type"] != kind {
		r.t.Errorf("%s %s: %v, want error.type %q", method, path, got, kind)
	}
	return fmt.Sprint(inner["message"]), inner
}

// TestEverywhere drives what is the same for all operations.
func TestEverywhere(t *testing.T) { inBoth(t, testEverywhere) }

func testEverywhere(t *testing.T, open opener) {
	apitest.Everywhere{
		API:    "gever",
		Header: map[string]string{"Authorization": as(john)},
		Params: map[string]string{
			"path": strings.TrimPrefix(dossier23, base+"/"), "type": dossierType, "field": "classification", "transition": "dossier-transition-resolve",
			"version": "0", "filename": "x.txt", "name": "documents", "actor": jane, "user": jane, "group": "fd_users", "response_id": "1", "participant": peter, "entry": "1",
		},
		Bodies: map[string]string{
			"createInSite":       `{"@type":"opengever.repository.repositoryroot","title":"x"}`,
			"createObject":       `{"@type":"opengever.document.document","title":"x"}`,
			"patchObject":        `{"title":"x"}`,
			"revert":             `{"version":0}`,
			"share":              `{"entries":[]}`,
			"addParticipation":   `{"participant_id":"john.doe","roles":["regard"]}`,
			"patchParticipation": `{"roles":["regard"]}`,
			"addJournalEntry":    `{"comment":"x"}`,
			"patchJournalEntry":  `{"comment":"x"}`,
			"transferDossier":    `{"old_userid":"john.doe","new_userid":"jane.leser"}`,
			"addResponse":        `{"text":"x"}`,
			"patchResponse":      `{"text":"x"}`,
			"getActors":          `{"actor_ids":["john.doe"]}`,
			"solrSearchBy":       `{}`, "solrSearchSiteBy": `{}`,
			"login":       `{"login":"john.doe","password":"Demo-Gever-1!"}`,
			"portalLogin": `{"username":"john.doe","password":"Demo-Gever-1!"}`,
			"casLogin":    `{"ticket":"ST-x","service":"x"}`,
		},
		New: func(tb testing.TB) *apitest.Server { return open(tb).Server },
		// What only a token opens, and what is no JSON: token_test.go. What
		// only the portal's session opens: portal_test.go.
		Skip: []string{
			"portalLogin 401", "casLogin 401", "portalTicket 406", "portalTicket 413", "portalTicket 500",
			"login 401", "renewLogin 406", "renewLogin 500", "logout 500", "oauth2Token 500",
		},
	}.Run(t)
}

// TestPathsTooLong: what breaks the schema of the path is 400 in the shape of
// field errors, on every operation that has one.
func TestPathsTooLong(t *testing.T) { inBoth(t, testPathsTooLong) }

func testPathsTooLong(t *testing.T, open opener) {
	r := open(t)
	operations, err := r.APIs[0].Document().Operations()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range operations {
		path := base + o.Path
		long := strings.Repeat("x", 2100)
		replaced := strings.NewReplacer("{path}", long, "{type}", long, "{field}", long, "{transition}", long, "{version}", "x", "{filename}", long, "{actor}", long, "{user}", long, "{group}", long, "{response_id}", "x", "{participant}", long, "{entry}", "x").Replace(path)
		if replaced == path {
			continue
		}
		var body any
		if o.TakesBody() {
			body = object{"@type": documentType, "version": 0, "actor_ids": []any{}}
		}
		if o.Method == http.MethodHead { // its answer has no body
			r.ask(http.StatusBadRequest, o.Method, replaced, nil)
			continue
		}
		if p := r.refusedAB(http.StatusBadRequest, "BadRequest", o.Method, replaced, body); p.fields() == "" {
			t.Errorf("%s: no fields", o.ID)
		}
	}
}

// user2 makes an Editor of one place and what is below it.
func (r *room) user2(id, path string) {
	r.t.Helper()
	r.withRole(id, path, rules.Editor)
}

// hashed is the password of everyone whom withRole makes.
var hashed string

// withRole makes a user with these roles, at one place and below it.
func (r *room) withRole(id, path string, roles ...rules.Role) {
	r.t.Helper()
	passwords[id] = "Nur-hier-1!"
	if hashed == "" {
		var err error
		if hashed, err = passwordsOf.Hash(r.t.Context(), passwords[id]); err != nil {
			r.t.Fatal(err)
		}
	}
	err := r.db.CreateUser(r.t.Context(), geverdb.NewUser{
		User: geverdb.User{ID: id, Login: id}, Hash: hashed, Roles: roles, Path: strings.Trim(strings.TrimPrefix(path, base), "/"),
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

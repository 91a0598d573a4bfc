package vemap_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/handlers/mount"
	vemapapi "loket/handlers/vemap"
	"loket/store/mail"
	"loket/store/outbox"
	"loket/store/password"
	"loket/store/vemap/vemapdb"
)

func TestMain(m *testing.M) { apitest.Main(m, "vemap") }

const base = "/api/vemap"

// room is a server with the demo data, its outbox, and steps as methods. Each
// step moves the clock on, so that no limit is met by accident.
type room struct {
	*apitest.Server
	t       *testing.T
	db      *vemapdb.DB
	worker  *outbox.Worker
	mailbox string
	users   map[string]user
}

// user is somebody who has logged in.
type user struct{ id, role, tenant, access, refresh string }

// key signs in tests: two servers of one test know each other's tokens.
const key = "a key of the tests, of more than 32 bytes"

// hasher is shared: it remembers what it has compared, so that the demo's users
// log in quickly.
var hasher = password.New()

// setting changes how the room is made.
type setting func(*vemapapi.Deps)

func open(t *testing.T, settings ...setting) *room {
	t.Helper()
	return openWith(t, nil, settings...)
}

func openWith(t *testing.T, options []apitest.Option, settings ...setting) *room {
	t.Helper()
	r := &room{t: t, users: map[string]user{}, mailbox: t.TempDir()}
	r.Server = apitest.New(t, append(options, apitest.APIs(func(d handlers.Deps) []mount.API {
		r.db = vemapdb.New(vemapdb.Deps{
			DB: d.DB, Blobs: d.Blobs, Now: d.Clock, Entropy: rand.Reader, Hasher: hasher, Log: d.Log, Key: key,
		})
		deps := vemapapi.Deps{DB: r.db, Now: d.Clock, Limits: vemapapi.Rates}
		for _, set := range settings {
			set(&deps)
		}
		return []mount.API{vemapapi.New(deps)}
	}))...)
	if err := r.db.Demo(t.Context()); err != nil {
		t.Fatalf("load the demo data: %v", err)
	}
	from, err := mail.ParseFrom("VEMAP <noreply@loket.example>")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := mail.NewFolder(r.mailbox, from)
	if err != nil {
		t.Fatal(err)
	}
	r.worker = outbox.NewWorker(r.DB, folder, r.Clock.Now, r.Log)
	return r
}

// deliver sends all that is queued and gives the mails by recipient.
func (r *room) deliver() map[string]string {
	r.t.Helper()
	for {
		n, err := r.worker.Once(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	out := map[string]string{}
	files, err := filepath.Glob(filepath.Join(r.mailbox, "*.eml"))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			r.t.Fatal(err)
		}
		m := readMail(r.t, raw)
		out[m.to] += m.subject + "\n" + m.text + "\n" + m.html
	}
	return out
}

// request is one request below the API's base.
func (r *room) request(want int, method, path string, header map[string]string, body any) *apitest.Response {
	r.t.Helper()
	r.Clock.Advance(100e6)
	if !strings.HasPrefix(path, "http") {
		path = base + path
	}
	got := r.Do(r.t, apitest.Request{Method: method, Path: path, Header: header, Body: body})
	if got.Status != want {
		r.t.Fatalf("%s %s = %d, want %d: %s", method, path, got.Status, want, got.Body)
	}
	return got
}

// headers are those with which a user acts.
func (u user) headers() map[string]string {
	return map[string]string{"Authorization": "Bearer " + u.access, "X-User-Id": u.id, "X-User-Role": u.role}
}

// ask acts as a user in his tenant.
func (r *room) ask(want int, u user, method, path string, body any) *apitest.Response {
	r.t.Helper()
	return r.request(want, method, "/v1/"+u.tenant+path, u.headers(), body)
}

// data is the `data` of an answer to ask.
func (r *room) data(want int, u user, method, path string, body any) map[string]any {
	r.t.Helper()
	return object(r.t, r.ask(want, u, method, path, body).Object(r.t)["data"])
}

// rows is the `data` of an answer that is a list.
func (r *room) rows(u user, path string) []map[string]any {
	r.t.Helper()
	return objects(r.t, r.ask(200, u, "GET", path, nil).Object(r.t)["data"])
}

func object(t *testing.T, v any) map[string]any {
	t.Helper()
	o, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("%v is no object", v)
	}
	return o
}

func objects(t *testing.T, v any) []map[string]any {
	t.Helper()
	list, ok := v.([]any)
	if !ok {
		t.Fatalf("%v is no list", v)
	}
	out := make([]map[string]any, len(list))
	for i, e := range list {
		out[i] = object(t, e)
	}
	return out
}

func text(t *testing.T, v any) string {
	t.Helper()
	s, ok := v.(string)
	if !ok {
		t.Fatalf("%v is no text", v)
	}
	return s
}

func basic(email, password string) map[string]string {
	return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(email+":"+password))}
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// login logs in, and picks the first tenant with its first role.
func (r *room) login(email, password string) user {
	r.t.Helper()
	return r.loggedIn(r.request(200, "POST", "/v1/authentication/login", basic(email, password), nil))
}

func (r *room) loggedIn(answer *apitest.Response) user {
	r.t.Helper()
	var a struct {
		Data struct {
			AuthenticationResult struct{ AccessToken, RefreshToken string }
			Tenants              map[string][]string
		}
	}
	answer.JSON(r.t, &a)
	u := user{access: a.Data.AuthenticationResult.AccessToken, refresh: a.Data.AuthenticationResult.RefreshToken}
	u.id = claims(r.t, u.access)["sub"].(string)
	for tenant, roles := range a.Data.Tenants {
		u.tenant, u.role = tenant, roles[0]
	}
	return u
}

func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// demo is a user of the demo data, logged in once a test.
func (r *room) demo(who string) user {
	r.t.Helper()
	if u, ok := r.users[who]; ok {
		return u
	}
	for _, d := range vemapdb.DemoUsers {
		if strings.HasPrefix(d.Email, who+"@") {
			r.users[who] = r.login(d.Email, d.Password)
			return r.users[who]
		}
	}
	r.t.Fatalf("the demo has no %s", who)
	return user{}
}

func (r *room) admin() user        { r.t.Helper(); return r.demo("admin") }
func (r *room) organisation() user { r.t.Helper(); return r.demo("organisatie") }
func (r *room) manager() user      { r.t.Helper(); return r.demo("manager") }
func (r *room) stakeholder() user  { r.t.Helper(); return r.demo("stakeholder") }
func (r *room) reader() user       { r.t.Helper(); return r.demo("lezer") }

// newUser makes a user of u's tenant who has chosen his password.
func (r *room) newUser(u user, email, role string) user {
	r.t.Helper()
	r.ask(200, u, "POST", "/users", userBody(email, role))
	return r.confirm(email, temporary)
}

const (
	temporary = "Tijdelijk-123!"
	chosen    = "Eigen-Keuze-456!"
)

// confirm meets the challenge of a first login.
func (r *room) confirm(email, password string) user {
	r.t.Helper()
	data := object(r.t, r.request(302, "POST", "/v1/authentication/login", basic(email, password), nil).Object(r.t)["data"])
	return r.loggedIn(r.request(200, "POST", "/v1/authentication/challenge", bearer(text(r.t, data["Session"])),
		map[string]any{"challengeName": "NEW_PASSWORD_REQUIRED", "username": email, "newPassword": chosen}))
}

func userBody(email, role string) map[string]any {
	return map[string]any{"email": email, "fullName": "Naam van " + email, "authorisation": role, "organisationName": "Voorbeeld", "phone": "+31612345678", "password": temporary}
}

func tenantBody(email string) map[string]any {
	return map[string]any{"companyName": "Bedrijf van " + email, "contactName": "Contact " + email, "contactEmail": email, "description": "Een omgeving", "tempPassword": temporary}
}

// newTenant makes a tenant and logs its administrator in.
func (r *room) newTenant(email string) user {
	r.t.Helper()
	r.ask(201, r.admin(), "POST", "/tenants", tenantBody(email))
	return r.confirm(email, temporary)
}

func projectBody(u user, name string, managers ...string) map[string]any {
	list := []any{}
	for _, m := range managers {
		list = append(list, map[string]any{"id": m, "name": "genegeerd"})
	}
	return map[string]any{
		"name": name, "description": "Beschrijving", "contracting_authority": "Rijkswaterstaat", "road_numbers": "A1, A2", "start_date": "01-15-2024",
		"end_date": "12-31-2024", "tenant_id": u.tenant, "created_by_user_id": u.id, "managers": list, "phase_number": "1",
	}
}

// newProject makes a project and gives its id.
func (r *room) newProject(u user, name string, managers ...string) string {
	r.t.Helper()
	return text(r.t, r.data(201, u, "POST", "/projects", projectBody(u, name, managers...))["project_id"])
}

func closureBody(project string, stakeholders ...string) map[string]any {
	if stakeholders == nil {
		stakeholders = []string{}
	}
	return map[string]any{
		"projectId": project, "closureName": "Nachtafsluiting A1", "closureDescription": "Onderhoud", "closureType": "nacht", "startDate": "01-15-2024",
		"endDate": "01-20-2024", "stakeholders": stakeholders, "status": "open", "roadsegment": "A1 km 10-15",
	}
}

func (r *room) newClosure(u user, project string, stakeholders ...string) string {
	r.t.Helper()
	return text(r.t, r.data(201, u, "POST", "/closures", closureBody(project, stakeholders...))["id"])
}

func fileBody(project, closure, name, kind string, size int) map[string]any {
	return map[string]any{"name": name, "type": kind, "fileType": "application/pdf", "projectId": project, "closureId": closure, "size": size}
}

// newFile announces a file and gives its id and upload address.
func (r *room) newFile(u user, body map[string]any) (id, upload string) {
	r.t.Helper()
	data := r.data(201, u, "POST", "/files", body)
	return text(r.t, data["id"]), text(r.t, data["presigned_url"])
}

// put sends n bytes to an upload address.
func (r *room) put(want int, address string, n int, contentType string) *apitest.Response {
	r.t.Helper()
	return r.request(want, "PUT", address, map[string]string{"Content-Type": contentType}, []byte(strings.Repeat("x", n)))
}

// storedFile announces a file and brings its bytes.
func (r *room) storedFile(u user, project, closure, name, kind string, size int) string {
	r.t.Helper()
	id, upload := r.newFile(u, fileBody(project, closure, name, kind, size))
	r.put(200, upload, size, "application/pdf")
	return id
}

// alpha is the demo's project and closure.
func (r *room) alpha() (project, closure string) {
	r.t.Helper()
	project = text(r.t, r.rows(r.manager(), "/projects")[0]["project_id"])
	return project, text(r.t, r.rows(r.manager(), "/projects/"+project+"/closures")[0]["id"])
}

// message is the `message` of an error.
func (r *room) message(answer *apitest.Response) string {
	r.t.Helper()
	return text(r.t, answer.Object(r.t)["message"])
}

func (r *room) equal(what string, got, want any) {
	r.t.Helper()
	a, err1 := json.Marshal(got)
	b, err2 := json.Marshal(want)
	if err1 != nil || err2 != nil || string(a) != string(b) {
		r.t.Errorf("%s is %s, want %s", what, a, b)
	}
}

func fileExists(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, name))
	return err == nil
}

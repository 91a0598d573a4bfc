package capo_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"loket/handlers/apitest"
)

func TestMain(m *testing.M) { apitest.Main(m, "capo") }

// The demo's objects and tokens (demo data).
const (
	p1 = "/api/capo/project/62c7d0a1eb277e1b79161401"
	p2 = "/api/capo/project/62c7d0a1eb277e1b79161402"
	p3 = "/api/capo/project/62c7d0a1eb277e1b79161403"
	a1 = "62c7d159eb277e1b79161430"
	a2 = "62c7d159eb277e1b79161431"
	a3 = "62c7d159eb277e1b79161432"
	a4 = "62c7d159eb277e1b79161433"
	a5 = "62c7d159eb277e1b79161434"
	a6 = "62c7d159eb277e1b79161435"

	own = "/api/capo/bijlageassigned"

	nbE    = "demo-capo-nb-e"
	nbG    = "demo-capo-nb-g"
	nbW    = "demo-capo-nb-w"
	aan1   = "demo-capo-aan-1"
	aan2   = "demo-capo-aan-2"
	combi  = "demo-capo-combi-1"
	buiten = "demo-capo-buiten"
	dsp    = "demo-dsp-only"
)

// room is a server with the demo data and the page's steps as methods. Each
// step moves the clock on, so that no limit is met by accident.
type room struct {
	*apitest.Server
	t *testing.T
}

func open(t *testing.T, options ...apitest.Option) *room {
	t.Helper()
	return &room{apitest.New(t, append([]apitest.Option{apitest.Demo("capo")}, options...)...), t}
}

func (r *room) ask(want int, method, path, token string, body any) *apitest.Response {
	r.t.Helper()
	r.Clock.Advance(100e6)
	got := r.Do(r.t, apitest.Request{Method: method, Path: path, Token: token, Body: body})
	if got.Status != want {
		r.t.Fatalf("%s %s = %d, want %d: %s", method, path, got.Status, want, got.Body)
	}
	return got
}

// refused asks for something that is answered with this status and code.
func (r *room) refused(status int, code, method, path, token string, body any) *apitest.Response {
	r.t.Helper()
	got := r.ask(status, method, path, token, body)
	if got.Code() != code {
		r.t.Errorf("%s %s: code %q, want %q: %s", method, path, got.Code(), code, got.Body)
	}
	return got
}

func (r *room) get(path, token string) *apitest.Response {
	r.t.Helper()
	return r.ask(http.StatusOK, http.MethodGet, path, token, nil)
}

// container is one of the caller's view of a project's containers.
func (r *room) container(project, id, token string) map[string]any {
	r.t.Helper()
	for _, c := range r.get(project+"/bijlageassigned?geannuleerd=true", token).List(r.t) {
		if c["bijlageAssignedId"] == id {
			return c
		}
	}
	r.t.Fatalf("%s has no container %s", project, id)
	return nil
}

// make asks for an upload address under the container.
func (r *room) make(project, container, token, name string) map[string]any {
	r.t.Helper()
	return r.ask(http.StatusCreated, http.MethodPost, files(project, container), token, map[string]any{"bestandsnaam": name}).Object(r.t)
}

func files(project, container string) string {
	return project + "/bijlageassigned/" + container + "/bijlage"
}

// put sends the bytes to an upload address.
func (r *room) put(want int, url any, content string) *apitest.Response {
	r.t.Helper()
	return r.ask(want, http.MethodPut, url.(string), "", []byte(content))
}

// upload makes a file, sends its bytes and says so; it returns the file's id.
func (r *room) upload(project, container, token, name, content string) string {
	r.t.Helper()
	f := r.make(project, container, token, name)
	r.put(http.StatusOK, f["url"], content)
	id := f["bijlageId"].(string)
	r.ask(http.StatusOK, http.MethodPatch, project+"/bijlage/"+id, token, map[string]any{"status": "uploaded"})
	return id
}

// status asks for a step of the container.
func (r *room) status(want int, project, container, token, status string, reden ...string) *apitest.Response {
	r.t.Helper()
	return r.ask(want, http.MethodPatch, project+"/bijlageassigned/"+container, token, step(status, reden...))
}

func (r *room) statusRefused(status int, code, project, container, token, to string, reden ...string) *apitest.Response {
	r.t.Helper()
	return r.refused(status, code, http.MethodPatch, project+"/bijlageassigned/"+container, token, step(to, reden...))
}

func step(status string, reden ...string) map[string]any {
	body := map[string]any{"status": status}
	if len(reden) > 0 {
		body["reden"] = reden[0]
	}
	return body
}

// places are the pointers and parameters of a refusal.
func places(t *testing.T, r *apitest.Response) string {
	t.Helper()
	var p struct {
		Errors []struct{ Detail, Pointer, Parameter string }
	}
	r.JSON(t, &p)
	var l []string
	for _, e := range p.Errors {
		if e.Detail == "" {
			t.Errorf("a fault without words: %s", r.Body)
		}
		l = append(l, e.Pointer+e.Parameter)
	}
	return strings.Join(l, " ")
}

func ids(list []map[string]any, key string) string {
	var l []string
	for _, m := range list {
		l = append(l, fmt.Sprint(m[key]))
	}
	return strings.Join(l, " ")
}

// TestEverywhere drives what is the same for all operations.
func TestEverywhere(t *testing.T) {
	apitest.Everywhere{
		API:    "capo",
		Header: map[string]string{"Authorization": "Bearer " + aan1},
		Other:  map[string]string{"Authorization": "Bearer " + dsp},
		Params: map[string]string{"projectId": strings.TrimPrefix(p1, "/api/capo/project/"), "bijlageAssignedId": a1, "bijlageId": a1},
		Bodies: map[string]string{
			"createBijlage": `{"bestandsnaam":"tekening.pdf"}`,
			"patchBijlage":  `{"status":"uploaded"}`,
			"patch_project__projectId__bijlageassigned__bijlageAssignedId_": `{"status":"done"}`,
			"createActiviteit": `{"type":"Extra werkvoorbereiding","opleverdatum":"2030-01-10"}`,
			"createMic":        `{"meeInCombi":true}`,
		},
		New: func(tb testing.TB) *apitest.Server { return apitest.New(tb, apitest.Demo("capo")) },
	}.Run(t)
}

package mount_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"loket/handlers/limit"
	"loket/handlers/mount"
)

const tree = `
openapi: 3.0.3
info: {title: Tree, version: 1.0.0}
paths:
  /:
    get: {operationId: top, responses: {'200': {description: ok}}}
  /{path}:
    parameters: [{name: path, in: path, required: true, schema: {type: string, maxLength: 30}}]
    get: {operationId: read, responses: {'200': {description: ok}}}
    patch: {operationId: change, responses: {'200': {description: ok}}}
  /{path}/@end/{name}:
    parameters:
      - {name: path, in: path, required: true, schema: {type: string}}
      - {name: name, in: path, required: true, schema: {type: string}}
    get: {operationId: end, responses: {'200': {description: ok}}}
`

// TestSpanning: one parameter takes slashes, plain and as %2F; everything else
// is as with other routers: HEAD, 405 with Allow, 404, the document's rules.
func TestSpanning(t *testing.T) {
	e := echo.New()
	api := &mount.API{Name: "tree", YAML: []byte(tree), Rooted: true}
	table := api.Errors
	e.HTTPErrorHandler = func(err error, c echo.Context) { table.Handle(c, err) }
	router := mount.NewRouter(e, api, api.Document(), mount.House{Limiter: limit.NewMemory(time.Now)})
	s := router.Spanning(func(path string) (mount.Match, bool) {
		if path == "/" {
			return mount.Match{Route: "/"}, true
		}
		if object, name, ok := strings.Cut(path[1:], "/@end/"); ok {
			return mount.Match{Route: "/:path/@end/:name", Params: []string{object, name}}, true
		}
		return mount.Match{Route: "/:path", Params: []string{path[1:]}}, path != "/nowhere"
	})
	answer := func(c echo.Context) error {
		return c.String(http.StatusOK, c.Param("path")+"|"+c.Param("name"))
	}
	s.GET("/", answer)
	s.GET("/:path", answer)
	s.PATCH("/:path", answer)
	s.GET("/:path/@end/:name", answer)
	if got := strings.Join(s.Routes(), " "); got != "/ /:path /:path/@end/:name" {
		t.Errorf("routes %s", got)
	}
	for _, c := range []struct {
		method, path string
		status       int
		body, allow  string
	}{
		{"GET", "/api/tree", 200, "|", ""},
		{"GET", "/api/tree/", 200, "|", ""},
		{"GET", "/api/tree/a", 200, "a|", ""},
		{"GET", "/api/tree/a/b/c", 200, "a%2Fb%2Fc|", ""}, // as echo gives it: the generated code unescapes
		{"GET", "/api/tree/a%2Fb/c/", 200, "a%2Fb%2Fc|", ""},
		{"GET", "/api/tree/a%252Fb", 200, "a%252Fb|", ""},
		{"GET", "/api/tree/a/b/@end/x", 200, "a%2Fb|x", ""},
		{"PATCH", "/api/tree/a/b", 200, "a%2Fb|", ""},
		{"HEAD", "/api/tree/a/b", 200, "", ""},
		{"GET", "/api/tree/nowhere", 404, "-", ""},
		{"GET", "/api/tree/" + strings.Repeat("x", 31), 400, "-", ""},
		{"DELETE", "/api/tree/a/b", 405, "-", "GET, HEAD, OPTIONS, PATCH"},
		{"POST", "/api/tree", 405, "-", "GET, HEAD, OPTIONS"},
		{"OPTIONS", "/api/tree/a/b", 204, "", "GET, HEAD, OPTIONS, PATCH"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, "/", http.NoBody)
		r.URL.Path, r.URL.RawPath = unescaped(c.path)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code != c.status || (c.body != "-" && w.Body.String() != c.body) || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s = %d %q, Allow %q; want %d %q %q", c.method, c.path, w.Code, w.Body, w.Header().Get("Allow"), c.status, c.body, c.allow)
		}
	}
}

// unescaped sets a path as net/http reads it from the wire.
func unescaped(path string) (plain, raw string) {
	r, err := http.NewRequest(http.MethodGet, "http://x"+path, http.NoBody)
	if err != nil {
		return path, path
	}
	return r.URL.Path, r.URL.RawPath
}

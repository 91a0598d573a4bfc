// Package docs serves an API's document and its workflows as JSON and YAML, and
// two views of the document: Swagger UI, to try it out, and Redoc, to read it.
// Their assets are embedded and stand under pages of our own, because what comes
// with them has inline script and style, which no strict Content-Security-Policy
// allows. It may import handlers/mount and handlers/limit; no API, no store.
package docs

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	swagger "github.com/swaggest/swgui/v5/static"

	"loket/handlers/limit"
	"loket/handlers/mount"
)

//go:embed static
var static embed.FS

// redoc is made by scripts/redoc; its version and licences stand beside it.
//
//go:embed redoc/redoc.standalone.js.gz
var redoc embed.FS

var pages = template.Must(template.ParseFS(static, "static/*.html"))

// view is one way to look at a document: a page at its place under the API,
// with its assets beside it.
type view struct {
	place  string // "documentation"; also the name of its page in static
	policy string // Content-Security-Policy; NONCE stands for a word that holds for one answer
	assets []string
}

// nonce is replaced in a view's policy.
const nonce = "NONCE"

// views with what each needs and no more; form-action and the two behind it do
// not fall back to default-src. Redoc writes its styles while it runs, hence
// the nonce; before it knows the nonce it writes one sheet, first empty, hence
// the two hashes. It searches in a worker that it makes of a blob.
var views = []view{
	{
		place: "documentation",
		policy: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		assets: []string{"swagger-ui-bundle.js", "swagger-ui.css", "frame.css", "documentation.js", "documentation.css"},
	},
	{
		place: "reference",
		policy: "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "' " +
			"'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='; " +
			"img-src 'self' data:; connect-src 'self'; worker-src blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
		assets: []string{"redoc.standalone.js", "frame.css", "reference.js", "reference.css"},
	},
}

// words of the pages around the views.
type words struct{ Documentation, Reference, Home, Elsewhere, NoScript, Workflows string }

var languages = map[string]words{
	"nl": {"documentatie", "naslag", "Alle API's", "Elders", "Deze pagina heeft JavaScript nodig. Het document zelf is er als JSON en YAML.", "Stap voor stap (Arazzo)"},
	"de": {"Dokumentation", "Referenz", "Alle APIs", "Weitere Seiten", "Diese Seite braucht JavaScript. Das Dokument selbst gibt es als JSON und YAML.", "Schritt für Schritt (Arazzo)"},
	"en": {"documentation", "reference", "All APIs", "Elsewhere", "This page needs JavaScript. The document itself is there as JSON and YAML.", "Step by step (Arazzo)"},
}

// Rates is the wide limit by address: a browser asks for a page and its assets
// by six connections at once, so nothing is counted in flight.
var Rates = limit.Rates{PerSecond: 50, Burst: 300}

// site is one API's documentation.
type site struct {
	api     *mount.API
	limiter limit.Limiter
	rates   limit.Rates
}

// Mount registers the documentation of an API with echo. A request is counted
// by address against rates.
func Mount(e *echo.Echo, api *mount.API, l limit.Limiter, rates limit.Rates) {
	s := &site{api: api, limiter: l, rates: rates}
	base := api.Base()
	if len(api.JSON) > 0 {
		document := s.counted(newFile(api.JSON, "application/json; charset=utf-8").serve)
		for _, name := range []string{"/documentation.json", "/documentation.JSON", "/openapi.json"} {
			s.get(e, base+name, document)
		}
	}
	yaml := s.counted(newFile(api.YAML, "application/yaml; charset=utf-8").serve)
	s.get(e, base+"/documentation.yaml", yaml)
	s.get(e, base+"/openapi.yaml", yaml)
	s.workflows(e)
	entrances := []string{"", "/", "/documentation"}
	if api.Rooted {
		entrances = []string{"/documentation"}
	}
	for _, from := range entrances {
		s.get(e, base+from, s.counted(func(c echo.Context) error {
			return c.Redirect(http.StatusFound, base+"/documentation/")
		}))
	}
	s.get(e, base+"/reference", s.counted(func(c echo.Context) error {
		return c.Redirect(http.StatusFound, base+"/reference/")
	}))
	for _, v := range views {
		at := base + "/" + v.place + "/"
		s.get(e, at, s.counted(s.page(v)))
		for _, name := range v.assets {
			s.get(e, at+name, s.counted(asset(name)))
		}
	}
}

func (s *site) get(e *echo.Echo, path string, h echo.HandlerFunc) {
	e.GET(path, h)
	e.HEAD(path, h)
}

func (s *site) counted(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		release, err := mount.Count(c, s.limiter, s.rates)
		defer release()
		if err != nil {
			return err
		}
		return h(c)
	}
}

func (s *site) page(v view) echo.HandlerFunc {
	language := s.api.Language
	if _, ok := languages[language]; !ok {
		language = "en"
	}
	return func(c echo.Context) error {
		once := rand.Text()
		var b bytes.Buffer
		err := pages.ExecuteTemplate(&b, v.place+".html", map[string]any{
			"Language": language, "Title": s.api.Title, "Words": languages[language], "Version": version(), "Nonce": once,
			"Workflows": len(s.api.WorkflowsYAML) > 0,
		})
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set("Content-Security-Policy", strings.ReplaceAll(v.policy, nonce, once))
		h.Set("Cache-Control", "no-store")
		return send(c, b.Bytes(), "text/html; charset=utf-8")
	}
}

// send answers 200; HEAD gets the headers only.
func send(c echo.Context, text []byte, contentType string) error {
	h := c.Response().Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(text)
	return err
}

// types of the assets, by extension.
var types = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
}

// packed are the assets that come with gzip, and where from; the others are
// static's.
var packed = map[string]func() ([]byte, error){
	"swagger-ui-bundle.js": func() ([]byte, error) { return swagger.FS.ReadFile("swagger-ui-bundle.js.gz") },
	"swagger-ui.css":       func() ([]byte, error) { return swagger.FS.ReadFile("swagger-ui.css.gz") },
	"redoc.standalone.js":  func() ([]byte, error) { return redoc.ReadFile("redoc/redoc.standalone.js.gz") },
}

func readAsset(name string) (*file, error) {
	contentType := types[path.Ext(name)]
	if read, ok := packed[name]; ok {
		text, err := read()
		if err != nil {
			return nil, err
		}
		return packedFile(text, contentType)
	}
	text, err := static.ReadFile("static/" + name)
	if err != nil {
		return nil, err
	}
	return newFile(text, contentType), nil
}

// asset is kept by browsers for a year when it is asked for by the version
// that the page gives; a new build has another.
func asset(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		f := assets()[name]
		if c.QueryParam("v") == version() {
			c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			return f.send(c)
		}
		return f.serve(c)
	}
}

func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.TrimSpace(name)
		if strings.EqualFold(name, coding) || name == "*" {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

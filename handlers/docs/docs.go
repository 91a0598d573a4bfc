// Package docs serves an API's document and its workflows as JSON and YAML, and Swagger UI on
// it: embedded assets under a page of our own, because the one that comes with
// them has inline script and style, which no strict Content-Security-Policy
// allows. It may import handlers/mount and handlers/limit; no API, no store.
package docs

import (
	"bytes"
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

var page = template.Must(template.ParseFS(static, "static/page.html"))

// policy is what Swagger UI 5 needs and no more; form-action and the two
// behind it do not fall back to default-src.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// words of the page around Swagger UI, which itself speaks English.
type words struct{ Documentation, Home, Elsewhere, NoScript, Workflows string }

var languages = map[string]words{
	"nl": {"documentatie", "Alle API's", "Elders", "Deze pagina heeft JavaScript nodig. Het document zelf is er als JSON en YAML.", "Stap voor stap (Arazzo)"},
	"de": {"Dokumentation", "Alle APIs", "Weitere Seiten", "Diese Seite braucht JavaScript. Das Dokument selbst gibt es als JSON und YAML.", "Schritt für Schritt (Arazzo)"},
	"en": {"documentation", "All APIs", "Elsewhere", "This page needs JavaScript. The document itself is there as JSON and YAML.", "Step by step (Arazzo)"},
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
	s.get(e, base+"/documentation/", s.counted(s.page))
	for name := range assetNames {
		s.get(e, base+"/documentation/"+name, s.counted(asset(name)))
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

func (s *site) page(c echo.Context) error {
	language := s.api.Language
	if _, ok := languages[language]; !ok {
		language = "en"
	}
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{
		"Language": language, "Title": s.api.Title, "Words": languages[language], "Version": version(),
		"Workflows": len(s.api.WorkflowsYAML) > 0,
	})
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-cache")
	return send(c, b.Bytes(), "text/html; charset=utf-8")
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

// assetNames are what the page asks for: two of Swagger UI, packed already,
// and two of our own.
var assetNames = map[string]bool{"swagger-ui-bundle.js": true, "swagger-ui.css": true, "start.js": false, "start.css": false}

func readAsset(name string) (*file, error) {
	contentType := types[path.Ext(name)]
	if assetNames[name] {
		packed, err := swagger.FS.ReadFile(name + ".gz")
		if err != nil {
			return nil, err
		}
		return packedFile(packed, contentType)
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

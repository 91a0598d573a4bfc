// Package gever serves GEVER's operations: each handler converts, calls one
// use case of geverdb, and converts back by the type table of store/gever.
// Faults rise untouched to handlers/problem; errors.go holds the three shapes
// that GEVER shows of them. Only the list of APIs imports it.
package gever

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	api "loket/gen/gever"
	"loket/handlers/auth"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/handlers/page"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// basePath is where GEVER stands.
const basePath = "/api/gever"

// bodyLimit is the largest JSON body in bytes; a file in base64 is part of it.
const bodyLimit = 32 << 20

// Rates are our own: the page names none.
var Rates = limit.Rates{PerSecond: 50, Burst: 200, InFlight: 20}

// Deps is what GEVER's handlers need.
type Deps struct {
	DB     *geverdb.DB
	Limits limit.Rates
}

type server struct {
	db        *geverdb.DB
	settings  *gever.Settings
	contract  *contract
	members   map[*gever.Type][]member
	languages languages
}

var _ api.StrictServerInterface = (*server)(nil)

// New makes GEVER as the house mounts it.
func New(d Deps) mount.API {
	set := &d.DB.Settings
	s := &server{db: d.DB, settings: set, contract: contracts[set.Contract], members: membersOf(set), languages: newLanguages(set.Languages[0])}
	return mount.API{
		Name: "gever", Title: "GEVER", Language: "de",
		Summary: "Ordnungssystem mit Dossiers, Dokumenten und Aufgaben: lesen, anlegen und ändern über Pfade, mit Workflow, Dateien und Versionen.",
		Form:    s.contract.form, YAML: s.contract.yaml, JSON: s.contract.json,
		WorkflowsYAML: s.contract.workflows.yaml, WorkflowsJSON: s.contract.workflows.json,
		Errors:  table(s.languages),
		Schemes: map[string]auth.Authenticator{"basicAuth": s.basic, "bearerAuth": s.bearer, "cookieAuth": s.cookie, "portalSession": s.portal},
		Limits:  d.Limits, BodyLimit: bodyLimit, AnyJSON: true, Rooted: true,
		Demo:       d.DB.Demo,
		Identities: identities(),
		Hint:       "curl -u 'john.doe:Demo-Gever-1!' " + mount.Origin + basePath + "/ordnungssystem/fuehrung/dossier-23",
		Register: func(r *mount.Router) {
			var paths resolver
			spanning := r.Spanning(paths.find)
			api.RegisterHandlers(spanning, api.NewStrictHandler(s, []api.StrictMiddlewareFunc{
				s.redirecting, withRequest, mount.KeepLength[api.StrictHandlerFunc]("TusUploadAppend", "TusReplaceAppend"),
			}))
			paths = newResolver(spanning.Routes())
		},
	}
}

func identities() []mount.Identity {
	out := make([]mount.Identity, len(geverdb.DemoIdentities))
	for i, d := range geverdb.DemoIdentities {
		out[i] = mount.Identity{Name: d.ID, Secret: d.Password, Note: d.Note}
	}
	return out
}

type requestKey struct{}

// withRequest puts the request into the context: links of batching keep its
// query.
func withRequest(next api.StrictHandlerFunc, _ string) api.StrictHandlerFunc {
	return func(c echo.Context, in any) (any, error) {
		r := c.Request()
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), requestKey{}, r)))
		return next(c, in)
	}
}

func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// caller is the id of the user who asks.
func caller(ctx context.Context) string {
	u, _ := auth.From(ctx).Value.(geverdb.User)
	return u.ID
}

// address is the absolute address of a path; "" is the site.
func address(ctx context.Context, path string) string {
	if path == "" {
		return page.Origin(ctx) + basePath
	}
	return page.Origin(ctx) + basePath + "/" + path
}

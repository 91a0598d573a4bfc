// Package konova serves the Konova register: each handler asks one use case of
// konovadb and sends what it rendered. Faults rise untouched to
// handlers/problem; errors.go holds what Konova shows of them. Only the list of
// APIs imports it.
package konova

import (
	"context"
	"time"

	api "loket/gen/konova"
	"loket/handlers/auth"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/handlers/page"
	"loket/openapi"
	"loket/store/konova"
	"loket/store/konova/konovadb"
)

// basePath is where Konova stands; the documented paths follow it.
const basePath = "/api/konova"

// bodyLimit is the largest body in bytes (decision 35).
const bodyLimit = 5 << 20

// Rates are what one token may ask. The page names no limit; these let a GIS
// program load its tiles and stop a loop that has run wild.
var Rates = limit.Rates{PerSecond: 50, Burst: 100, InFlight: 20}

// Deps is what Konova's handlers need.
type Deps struct {
	DB     *konovadb.DB
	Now    func() time.Time
	Limits limit.Rates
	// StandardRPP and MaxRPP are the results of a page where a client says
	// nothing, and at most; 5 and 1000 when zero (decisions 1 and 2).
	StandardRPP, MaxRPP int
}

type server struct{ Deps }

var _ api.StrictServerInterface = (*server)(nil)

// New makes Konova as the house mounts it.
func New(d Deps) mount.API {
	if d.StandardRPP <= 0 {
		d.StandardRPP = konova.DefaultRPP
	}
	if d.MaxRPP <= 0 {
		d.MaxRPP = konova.MaxRPP
	}
	s := &server{d}
	return mount.API{
		Name: konovadb.API, Title: "Konova", Language: "de",
		Summary: "Kompensationsverzeichnis: Eingriffe, Kompensationen, Ökokonten und Abbuchungen als GeoJSON, lesbar und schreibbar.",
		YAML:    openapi.Konova, JSON: api.Documentation,
		WorkflowsYAML: openapi.KonovaWorkflows, WorkflowsJSON: api.Workflows,
		Errors:  table(),
		Schemes: s.schemes(),
		Limits:  d.Limits, BodyLimit: bodyLimit,
		// Decisions 10 and 35: with and without a slash at the end, and a body
		// without Content-Type is JSON. Unknown parameters are passed over (8).
		EitherSlash: true, MediaType: "application/json",
		Demo:       d.DB.Demo,
		Identities: identities(),
		Register: func(r *mount.Router) {
			strict := api.NewStrictHandler(s, []api.StrictMiddlewareFunc{withCall, patient})
			api.RegisterHandlers(r, strict)
		},
	}
}

// identities are the demo's, for the landing page.
func identities() []mount.Identity {
	var out []mount.Identity
	for _, i := range konovadb.DemoIdentities {
		out = append(out, mount.Identity{Name: i.User, Secret: i.Token, Note: i.Note})
	}
	return out
}

// caller is the user who asks.
func caller(ctx context.Context) konova.User {
	if user, ok := auth.From(ctx).Value.(*konova.User); ok {
		return *user
	}
	return konova.User{}
}

// here is the public address of a path of this API.
func here(ctx context.Context, path string) string { return page.Origin(ctx) + basePath + path }

// Package vemap serves VEMAP's operations: each handler converts, calls one use
// case of vemapdb, and converts back. Faults rise untouched to
// handlers/problem; errors.go holds what VEMAP shows of them. Only the list of
// APIs imports it.
package vemap

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	api "loket/gen/vemap"
	"loket/handlers/auth"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/handlers/page"
	"loket/handlers/validate"
	"loket/openapi"
	"loket/store/vemap"
	"loket/store/vemap/vemapdb"
)

// basePath is where VEMAP stands.
const basePath = "/api/vemap"

// bodyLimit is the largest JSON body in bytes (apis/vemap.md 6).
const bodyLimit = 1 << 20

// Rates are for each user, and for each address that has not logged in
// (apis/vemap.md 6).
var Rates = limit.Rates{PerSecond: 50, Burst: 100}

// Deps is what VEMAP's handlers need.
type Deps struct {
	DB     *vemapdb.DB
	Now    func() time.Time
	Limits limit.Rates
	// ChallengeHTTP200 answers with HTTP status 200 where the page has 302, for
	// intermediaries that choke on a 302 without Location (I1). The body says
	// 302 all the same.
	ChallengeHTTP200 bool
}

type server struct {
	db  *vemapdb.DB
	now func() time.Time
}

var _ api.StrictServerInterface = (*server)(nil)

// New makes VEMAP as the house mounts it.
func New(d Deps) mount.API {
	s := &server{db: d.DB, now: d.Now}
	middlewares := []api.StrictMiddlewareFunc{withRequest}
	if d.ChallengeHTTP200 {
		middlewares = append(middlewares, challengeHTTP200)
	}
	return mount.API{
		Name: vemapdb.API, Title: "VEMAP", Language: "nl",
		Summary: "Afsluitingen van wegen: projecten, stakeholders, verkeersmaatregelenplannen met versies, mail en wat er gebeurde.",
		YAML:    openapi.VEMAP, JSON: api.Documentation,
		WorkflowsYAML: openapi.VEMAPWorkflows, WorkflowsJSON: api.Workflows,
		Errors:  table(d.Now),
		Schemes: s.schemes(),
		Formats: map[string]validate.Format{
			"instant-seconds": vemap.IsSeconds, "instant-micros": vemap.IsMicros, "instant-space": vemap.IsSpace,
			"date-mdy": vemap.IsMDY, "date-midnight": vemap.IsMidnight, "file-name": vemap.ValidFileName,
		},
		Limits: d.Limits, BodyLimit: bodyLimit, StrictQuery: true,
		Demo: s.demo, Identities: identities(),
		Hint: "curl -X POST -u organisatie@demo.example:Demo-Organisatie-1! " + mount.Origin + basePath + "/v1/authentication/login",
		Register: func(r *mount.Router) {
			api.RegisterHandlers(r, api.NewStrictHandler(s, middlewares))
		},
	}
}

func (s *server) demo(ctx context.Context) error { return s.db.Demo(ctx) }

// identities are the demo's, for the landing page.
func identities() []mount.Identity {
	return list(vemapdb.DemoUsers, func(u vemapdb.DemoUser) mount.Identity {
		return mount.Identity{Name: u.Email, Secret: u.Password, Note: u.Note}
	})
}

type requestKey struct{}

type request struct {
	id     string // as the header X-Request-Id says it
	length int64  // Content-Length; -1 when unknown
}

// withRequest hands over what the generated request objects lack.
func withRequest(next api.StrictHandlerFunc, _ string) api.StrictHandlerFunc {
	return func(c echo.Context, in any) (any, error) {
		r := c.Request()
		of := request{id: c.Response().Header().Get(echo.HeaderXRequestID), length: r.ContentLength}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), requestKey{}, of)))
		return next(c, in)
	}
}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// requestID and stamp are the tail of every envelope.
func requestID(ctx context.Context) string { return requestOf(ctx).id }

func (s *server) stamp() string { return vemap.Seconds(s.now()) }

// address makes a link absolute.
func address(ctx context.Context, l *vemapdb.Link) string {
	if l == nil {
		return ""
	}
	return page.Origin(ctx) + basePath + l.Path
}

func actor(ctx context.Context) vemap.Actor {
	a, _ := auth.From(ctx).Value.(vemap.Actor)
	return a
}

// Package plooi serves PLOOI's operations: each handler converts, calls one use
// case of plooidb, and converts back. Faults rise untouched to
// handlers/problem; errors.go holds what the two services of PLOOI show of
// them. Only the list of APIs imports it.
package plooi

import (
	"context"
	"time"

	api "loket/gen/plooi"
	"loket/handlers/auth"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/handlers/validate"
	"loket/openapi"
	"loket/store/accounts"
	"loket/store/plooi"
	"loket/store/plooi/plooidb"
)

// basePath is where PLOOI stands; v0 are its documented paths behind it.
const (
	basePath = "/api/plooi"
	v0       = basePath + "/overheid/openbaarmaken/api/v0"
)

// bodyLimit is the largest JSON body in bytes; the page names none.
const bodyLimit = 1 << 20

// Rates are none: the page knows no limits (D48). An administrator may set
// some.
var Rates = limit.Rates{}

// Deps is what PLOOI's handlers need.
type Deps struct {
	DB       *plooidb.DB
	Accounts *accounts.Store
	Limits   limit.Rates
}

type server struct {
	db *plooidb.DB
}

var _ api.StrictServerInterface = (*server)(nil)

// headers are those of every answer (1.9 and D42), instead of the house's.
var headers = map[string]string{
	"Cache-Control":           "no-store",
	"Content-Language":        "nl",
	"X-Frame-Options":         "SAMEORIGIN",
	"X-Content-Type-Options":  "nosniff",
	"Content-Security-Policy": "default-src self; frame-ancestors self;",
	"Referrer-Policy":         "same-origin",
}

// New makes PLOOI as the house mounts it.
func New(d Deps) mount.API {
	s := &server{db: d.DB}
	aanmelding := authenticators{db: d.DB, accounts: d.Accounts}
	return mount.API{
		Name: plooidb.API, Title: "PLOOI Aanlever-API", Language: "nl",
		Summary: "Documenten aanleveren voor actieve openbaarmaking: metadata, bestand, verwerking, wijzigen en intrekken.",
		YAML:    openapi.PLOOI, JSON: api.Documentation,
		WorkflowsYAML: openapi.PLOOIWorkflows, WorkflowsJSON: api.Workflows,
		Errors:  table(),
		Schemes: map[string]auth.Authenticator{"bearerAuth": aanmelding.bearer, "accessToken": aanmelding.accessToken},
		Formats: formats(d.DB.Lijsten()),
		Limits:  d.Limits, BodyLimit: bodyLimit, AnyAccept: true, Options: true, Headers: headers,
		// Open to all, so no client to count: what is public, and what a token begins with.
		Uncounted: map[string]bool{
			"getWaardelijst": true, "getTesttoken": true, "getSleutels": true, "getPublicatie": true, "getPublicatieBestand": true, "zoekPortaal": true,
		},
		Demo: d.DB.Demo,
		Identities: []mount.Identity{
			{Name: plooidb.DemoOrganisatie, Secret: "/token/test", Note: "heeft twee gepubliceerde documenten en een ingetrokken; elke organisatie uit de waardelijsten kan een token krijgen"},
		},
		Hint: "curl '" + mount.Origin + basePath + "/token/test?org=gemeente%20Alkmaar&role=Publisher%20Basis'",
		Register: func(r *mount.Router) {
			api.RegisterHandlers(r, api.NewStrictHandler(s, []api.StrictMiddlewareFunc{mount.KeepLength[api.StrictHandlerFunc]("CreateDocument", "UpdateDocument")}))
		},
	}
}

// formats are the value lists as forms of a text: a map answers, where an enum
// would be walked value by value. uri is the original's (D38).
func formats(l *plooi.Lijsten) map[string]validate.Format {
	return map[string]validate.Format{
		"uri":           plooi.IsURI,
		"kenmerk":       plooi.IsKenmerk,
		"organisatie":   l.HeeftOrganisatie,
		"taal":          l.Heeft(plooi.Talen),
		"documentsoort": l.Heeft(plooi.Documentsoorten),
		"thema":         l.Heeft(plooi.Toplijst),
		"filetype":      l.Heeft(plooi.Filetypes),
		"handeling":     l.Heeft(plooi.Documenthandelingen),
		"soort": func(soort string) bool {
			_, ok := l.Lijst(soort)
			return ok
		},
	}
}

// caller is who asks.
func caller(ctx context.Context) plooi.Aanroeper {
	a, _ := auth.From(ctx).Value.(plooi.Aanroeper)
	return a
}

// instant is a moment of the status: RFC 3339 in UTC with milliseconds.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

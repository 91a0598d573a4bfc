// Package capo serves CAPO's operations: each handler converts, calls one use
// case of capodb, and converts back. Faults rise untouched to handlers/problem;
// errors.go holds what CAPO shows of them. Only the list of APIs imports it.
package capo

import (
	"time"

	api "loket/gen/capo"
	"loket/handlers/auth"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/openapi"
	"loket/store/accounts"
	"loket/store/capo/capodb"
)

// basePath is where CAPO stands.
const basePath = "/api/capo"

// bodyLimit is the largest JSON body in bytes (contract 3.1).
const bodyLimit = 64 << 10

// Rates are the page's figures: 20 requests a second on average, a burst of
// 30, 3 in flight (seed, "Limiet aantal verzoeken").
var Rates = limit.Rates{PerSecond: 20, Burst: 30, InFlight: 3}

// Deps is what CAPO's handlers need.
type Deps struct {
	DB       *capodb.DB
	Accounts *accounts.Store
	Now      func() time.Time
	Limits   limit.Rates
}

type server struct {
	db  *capodb.DB
	now func() time.Time
}

var _ api.StrictServerInterface = (*server)(nil)

// New makes CAPO as the house mounts it.
func New(d Deps) mount.API {
	s := &server{db: d.DB, now: d.Now}
	return mount.API{
		Name: "capo", Title: "CAPO", Language: "nl",
		Summary: "Gezamenlijke aansluitprojecten van netbeheerders en aannemers: toegewezen bijlagen, beoordeling, quickscan.",
		YAML:    openapi.CAPO, JSON: api.Documentation,
		WorkflowsYAML: openapi.CAPOWorkflows, WorkflowsJSON: api.Workflows,
		Errors:  table(),
		Schemes: map[string]auth.Authenticator{"bearerAuth": auth.Bearer(d.Accounts, capodb.API)},
		Limits:  d.Limits, BodyLimit: bodyLimit, StrictQuery: true,
		// The upload address stands for a storage beside the services (contract 2.6).
		Uncounted:  map[string]bool{"upload": true},
		Demo:       d.DB.Demo,
		Identities: identities(),
		Hint:       "curl -H 'Authorization: Bearer demo-capo-aan-1' " + mount.Origin + basePath + "/bijlageassigned",
		Register: func(r *mount.Router) {
			strict := api.NewStrictHandler(s, []api.StrictMiddlewareFunc{mount.KeepLength[api.StrictHandlerFunc]("Upload")})
			api.RegisterHandlers(r, strict)
		},
	}
}

// identities are the demo's, for the landing page.
func identities() []mount.Identity {
	return list(capodb.DemoIdentities, func(i capodb.DemoIdentity) mount.Identity {
		return mount.Identity{Name: i.Naam, Secret: i.Token, Note: i.Uitleg}
	})
}

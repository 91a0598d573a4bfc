// Package handlers is the HTTP side: the order in which a request goes through
// the house, the APIs in their places, and the pages around them. main imports
// it; it imports its own rooms, openapi, and the stores that it hands to them.
// No gorm here, and no time.Now: the clock is given.
package handlers

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"loket/handlers/docs"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/handlers/problem"
	"loket/handlers/validate"
	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/objectid"
	"loket/store/plooi/plooidb"
)

// Deps is everything that the HTTP side needs. All is required but Registry,
// Metrics and Health, which are made when nil.
type Deps struct {
	DB       *store.DB
	Accounts *accounts.Store
	Blobs    blobs.Blobs
	Tickets  *blobs.Tickets
	IDs      *objectid.Generator
	Limiter  limit.Limiter
	Clock    func() time.Time
	Log      *slog.Logger
	Registry *prometheus.Registry
	Metrics  *Metrics
	Health   *Health
	Mailed   func() // hears that mail was queued, to wake the outbox's worker; may be nil
	Config   Config
	APIs     []mount.API // as APIs(d) gives them
}

// Config is what an administrator may say. The zero value serves.
type Config struct {
	PublicURL       string         // origin of addresses that are handed out, "https://loket.example"; "": what the request says
	TrustedProxies  []netip.Prefix // only they may send X-Forwarded-For, -Proto and -Host
	CORSOrigins     []string       // origins that may call the APIs from a browser; "*" is every one
	SecurityContact string         // e-mail address or URL for security.txt; "": there is none
	CheckResponses  bool           // hold every answer against its document; faults go to the log and the metrics
	Demo            bool           // the store holds the demo data: the landing page shows its identities

	Limits        map[string]limit.Rates // per API, instead of its own figures
	Documentation limit.Rates            // per address, for documentation and unknown paths; zero is docs.Rates
	UploadValid   time.Duration          // life of an upload address; zero is the API's own
	VEMAP         VEMAPConfig
	PLOOI         plooidb.Instellingen
	Konova        KonovaConfig
	GEVER         gever.Settings // the zero value is the page's

	// OnViolation hears of answers that break their document, instead of the
	// log; it turns CheckResponses on. OnAnswer hears of every answer of an
	// operation. Both are for tests.
	OnViolation func(mount.Violation)
	OnAnswer    func(api string, o *validate.Operation, status int)
}

// KonovaConfig is what an administrator may say about Konova; zero is the
// API's own.
type KonovaConfig struct {
	RPP, MaxRPP int // results of a page where a client says nothing, and at most
}

// VEMAPConfig is what an administrator may say about VEMAP.
type VEMAPConfig struct {
	Key              string // signs tokens and addresses, at least 32 bytes; "": the store's own, made once
	ChallengeHTTP200 bool   // HTTP status 200 where the page has 302 without Location
}

// house is what all requests share.
type house struct {
	Deps
	log     *slog.Logger
	apis    map[string]*mounted
	root    problem.Table
	origins origins
	cors    cors
}

// mounted is one API in its place.
type mounted struct {
	mount.API
	doc     *validate.Document
	version []string // value of the API-Version header
	own     http.Header
}

// New makes the server's handler. It parses no document: each is read when its
// API is first asked for, or in the background after Health.Started.
func New(d Deps) *echo.Echo {
	h := newHouse(d)
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = h.origins.extractor()
	e.HTTPErrorHandler = func(err error, c echo.Context) { h.table(c).Handle(c, err) }
	e.Use(h.around)
	for i := range d.APIs {
		h.mount(e, d.APIs[i])
	}
	h.pages(e)
	return e
}

func newHouse(d Deps) *house {
	if d.Registry == nil {
		d.Registry = prometheus.NewRegistry()
	}
	if d.Metrics == nil {
		d.Metrics = NewMetrics(d.Registry)
	}
	if d.Health == nil {
		d.Health = NewHealth()
	}
	if d.Config.Documentation == (limit.Rates{}) {
		d.Config.Documentation = docs.Rates
	}
	if d.Config.OnViolation != nil {
		d.Config.CheckResponses = true
	}
	d.Metrics.watch(d.DB)
	return &house{
		Deps: d, log: d.Log,
		apis:    map[string]*mounted{},
		root:    problem.Table{Language: "en", Log: d.Log, Count: d.Metrics.reject},
		origins: newOrigins(d.Config),
		cors:    newCORS(d.Config.CORSOrigins),
	}
}

// mount puts one API in its place: its operations and its documentation.
func (h *house) mount(e *echo.Echo, api mount.API) {
	if rates, ok := h.Config.Limits[api.Name]; ok {
		api.Limits = rates
	}
	api.Errors.Log, api.Errors.Count = h.log, h.Metrics.reject
	m := &mounted{API: api, doc: api.Document(), version: []string{api.Version()}, own: http.Header{}}
	for name, value := range api.Headers {
		m.own.Set(name, value)
	}
	h.apis[api.Name] = m
	h.Health.onStart(api.Name, m.doc.Load)
	m.Register(mount.NewRouter(e, &m.API, m.doc, mount.House{
		Limiter: h.Limiter, Check: h.Config.CheckResponses, OnViolation: h.violation, OnAnswer: h.Config.OnAnswer,
	}))
	docs.Mount(e, &m.API, h.Limiter, h.Config.Documentation)
}

func (h *house) violation(v mount.Violation) {
	h.Metrics.violation(v.API, v.Operation)
	if h.Config.OnViolation != nil {
		h.Config.OnViolation(v)
		return
	}
	h.log.Error("answer breaks its document", "api", v.API, "operation", v.Operation, "route", v.Route, "status", v.Status, "wrong", v.Wrong)
}

// table is how the API of a path shows failures; the house's own elsewhere.
func (h *house) table(c echo.Context) problem.Table {
	if m := h.apiOf(c.Request().URL.Path); m != nil {
		return m.Errors
	}
	return h.root
}

// apiOf finds the API under which a path stands.
func (h *house) apiOf(path string) *mounted {
	const prefix = "/api/"
	if len(path) <= len(prefix) || path[:len(prefix)] != prefix {
		return nil
	}
	name := path[len(prefix):]
	for i := range len(name) {
		if name[i] == '/' {
			name = name[:i]
			break
		}
	}
	return h.apis[name]
}

// unmatched counts a request that met no operation against its address: else
// guessing paths would cost nothing.
func (h *house) unmatched(c echo.Context, err error) error {
	if h.apiOf(c.Request().URL.Path) == nil || !isUnmatched(err) {
		return err
	}
	release, refused := mount.Count(c, h.Limiter, h.Config.Documentation)
	defer release()
	if refused != nil {
		return refused
	}
	return err
}

func isUnmatched(err error) bool {
	e, ok := err.(*echo.HTTPError) //nolint:errorlint // echo's router gives it bare; a use case's cause must not count
	return ok && (e.Code == http.StatusNotFound || e.Code == http.StatusMethodNotAllowed)
}

// notFound is for pages that are there only when configured.
func notFound() error { return fault.New(fault.NotFound, fault.NoRoute, "") }

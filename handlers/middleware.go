package handlers

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"loket/handlers/auth"
	"loket/handlers/mount"
	"loket/handlers/page"
	"loket/handlers/problem"
)

// around is what every request goes through: request id, place for the log and
// the metrics, headers, CORS, recover, and last the log line. It is one
// function, not eight: echo wraps each middleware anew for every request.
func (h *house) around(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := h.Clock()
		r := c.Request()
		m := h.apiOf(r.URL.Path)
		t := &mount.Trace{}
		if m != nil {
			t.API = m.Name
		}
		id := requestID(r)
		ctx := mount.WithTrace(auth.Room(page.WithOrigin(r.Context(), h.origins.of(r))), t)
		c.SetRequest(r.WithContext(ctx))
		h.headers(c.Response().Header(), m, id)
		h.Metrics.inFlight.Inc()
		// Deferred, because an answer that cannot be finished leaves as a
		// panic (http.ErrAbortHandler).
		defer func() {
			h.Metrics.inFlight.Dec()
			h.finish(ctx, c, t, id, start)
		}()
		if h.cors.answer(c) {
			return nil
		}
		if err := h.guard(c, next); err != nil {
			h.table(c).Handle(c, h.unmatched(c, err))
		}
		return nil
	}
}

// guard turns a panic into an error; net/http's own way to break off stays.
func (h *house) guard(c echo.Context, next echo.HandlerFunc) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares in the same way
				panic(v)
			}
			err = problem.Recovered(v, debug.Stack())
		}
	}()
	return next(c)
}

// finish counts the request and writes its line. The line has no query and no
// header: they may hold what is secret or personal.
func (h *house) finish(ctx context.Context, c echo.Context, t *mount.Trace, id string, start time.Time) {
	ended, status := h.Clock(), c.Response().Status
	took := ended.Sub(start)
	h.Metrics.observe(t, status, took)
	level := slog.LevelInfo
	if t.API == "" {
		level = slog.LevelDebug // probes, favicons
	}
	if !h.log.Enabled(ctx, level) {
		return
	}
	// A record of our own: the logger would look up the line of code, for nobody.
	line := slog.NewRecord(ended, level, "request", 0)
	line.AddAttrs(
		slog.String("request_id", id),
		slog.String("method", c.Request().Method),
		slog.String("path", problem.Place(c)),
		slog.String("operation", t.Operation),
		slog.Int("status", status),
		slog.Int64("bytes", c.Response().Size),
		slog.Duration("took", took),
		slog.String("client", t.Client))
	_ = h.log.Handler().Handle(ctx, line) // as the logger: there is nobody to tell
}

// requestID takes the client's own X-Request-Id when it is fit for a log: up
// to 128 letters, digits, dots, hyphens and underscores. It is no secret.
func requestID(r *http.Request) string {
	if given := r.Header.Get(echo.HeaderXRequestID); given != "" && len(given) <= 128 && sane(given) {
		return given
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], rand.Uint64()) //nolint:gosec // see above
	return hex.EncodeToString(b[:6])                // as long as VEMAP's page shows its request_id
}

func sane(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// The headers of every answer (../shared conventions: Dutch API Design Rules,
// transport/security-headers). A page that needs more sets its own. The slices
// are shared: nobody appends to a header in place.
var (
	noStore     = []string{"no-store"}
	apiPolicy   = []string{"default-src 'none'; frame-ancestors 'none'"}
	noSniff     = []string{"nosniff"}
	deny        = []string{"DENY"}
	noReferrer  = []string{"no-referrer"}
	strictly    = []string{"max-age=31536000"}
	varyOrigin  = []string{"Origin"}
	exposedToJS = []string{"API-Version, Content-Disposition, Content-Location, ETag, Location, Preference-Applied, RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, Upload-Length, Upload-Offset, X-Request-Id, X-Session-ID, X-Total-Count"}
)

func (h *house) headers(header http.Header, m *mounted, id string) {
	header[echo.HeaderXRequestID] = []string{id}
	header["Cache-Control"] = noStore
	header["Content-Security-Policy"] = apiPolicy
	header["X-Content-Type-Options"] = noSniff
	header["X-Frame-Options"] = deny
	header["Referrer-Policy"] = noReferrer
	if h.origins.tls {
		header["Strict-Transport-Security"] = strictly
	}
	if m != nil {
		header["Api-Version"] = m.version
		for name, values := range m.own {
			header[name] = values
		}
	}
}

// cors lets browsers of the configured origins call the APIs. Documentation is
// open to all and says so itself.
type cors struct {
	all     bool
	origins map[string]bool
}

func newCORS(origins []string) cors {
	c := cors{origins: map[string]bool{}}
	for _, o := range origins {
		c.all = c.all || o == "*"
		c.origins[strings.TrimSuffix(o, "/")] = true
	}
	return c
}

// answer sets the headers for an origin that may, and answers a preflight.
func (x cors) answer(c echo.Context) bool {
	if len(x.origins) == 0 {
		return false
	}
	r, header := c.Request(), c.Response().Header()
	header["Vary"] = varyOrigin
	origin := r.Header.Get(echo.HeaderOrigin)
	if origin == "" || !x.all && !x.origins[origin] {
		return false
	}
	header.Set(echo.HeaderAccessControlAllowOrigin, origin)
	header[echo.HeaderAccessControlExposeHeaders] = exposedToJS
	if r.Method != http.MethodOptions || r.Header.Get(echo.HeaderAccessControlRequestMethod) == "" {
		return false
	}
	header.Set(echo.HeaderAccessControlAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE")
	header.Set(echo.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, If-Match, If-None-Match, Kspuser, Ksptoken, Lock-Token, Prefer, Tus-Resumable, Upload-Length, Upload-Metadata, Upload-Offset, X-Access-Token, X-CSRFToken, X-Request-Id, X-Auth-Token, X-Session-ID, X-User-Id, X-User-Role")
	header.Set(echo.HeaderAccessControlMaxAge, "600")
	c.Response().WriteHeader(http.StatusNoContent)
	return true
}

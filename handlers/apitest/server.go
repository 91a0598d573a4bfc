// Package apitest runs the whole house over real stores for the tests of the
// APIs: every answer is held against the document, and which answers were seen
// is counted. Only tests import it.
package apitest

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"loket/handlers"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/handlers/validate"
	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/fault"
	"loket/store/objectid"
	"loket/store/storetest"
)

// Start is what a new server's clock says.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Host is the origin under which requests arrive.
const Host = "loket.test"

// Server is a house of one test. What it uses may be used beside it.
type Server struct {
	handlers.Deps
	Clock   *Clock
	Handler *echo.Echo
	Rooms   []handlers.Room

	tb     testing.TB
	log    *buffer
	refuse atomic.Pointer[fault.Reason]
}

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time of the test.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on. Credentials are cached for up to a second of it.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Option changes a server before it is made.
type Option func(*setup)

type setup struct {
	demo   bool
	demos  []string // of these APIs; none is all
	change []func(*handlers.Deps)
	apis   func(handlers.Deps) []mount.API
}

// Demo loads the demo data: of these APIs, or of all when none is named.
func Demo(apis ...string) Option { return func(s *setup) { s.demo, s.demos = true, apis } }

// With changes what the house is made of: other blobs, another config. It is
// called before the APIs are made.
func With(change func(*handlers.Deps)) Option {
	return func(s *setup) { s.change = append(s.change, change) }
}

// APIs mounts these instead of the real ones.
func APIs(list func(handlers.Deps) []mount.API) Option {
	return func(s *setup) { s.apis = list }
}

// New makes a server over an empty migrated store (SQLite, or PostgreSQL when
// LOKET_TEST_POSTGRES is set) with ids that are the same in each run. An
// answer that breaks its document fails the test.
func New(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	var o setup
	for _, option := range options {
		option(&o)
	}
	s := &Server{tb: tb, Clock: &Clock{now: Start}, log: &buffer{}}
	s.Deps = s.deps(tb, storetest.Open(tb, handlers.Migrations()))
	for _, change := range o.change {
		change(&s.Deps)
	}
	if o.apis != nil {
		s.APIs = o.apis(s.Deps)
	} else {
		s.Rooms = handlers.Rooms(s.Deps)
		for _, r := range s.Rooms {
			s.APIs = append(s.APIs, r.API)
		}
	}
	if o.demo {
		s.Config.Demo = true
		wanted := slices.DeleteFunc(slices.Clone(s.APIs), func(a mount.API) bool { return len(o.demos) > 0 && !slices.Contains(o.demos, a.Name) })
		if err := handlers.LoadDemo(tb.Context(), wanted); err != nil {
			tb.Fatalf("load the demo data: %v", err)
		}
	}
	s.Handler = handlers.New(s.Deps)
	return s
}

func (s *Server) deps(tb testing.TB, db *store.DB) handlers.Deps {
	tb.Helper()
	disk, err := blobs.OpenDisk(tb.TempDir())
	if err != nil {
		tb.Fatalf("open the test's blobs: %v", err)
	}
	ids := objectid.New(s.Clock.Now, strings.NewReader("loketids"))
	return handlers.Deps{
		DB: db, Accounts: accounts.New(db, s.Clock.Now, ids), Blobs: disk, Tickets: blobs.NewTickets(db, s.Clock.Now),
		IDs: ids, Limiter: limiter{s, limit.NewMemory(s.Clock.Now)}, Clock: s.Clock.Now,
		Log:    slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Health: handlers.NewHealth(), Registry: prometheus.NewRegistry(),
		Config: handlers.Config{
			OnViolation: func(v mount.Violation) {
				tb.Errorf("%s %s (%s) answered %d, which breaks its document: %s", v.Method, v.Route, v.Operation, v.Status, strings.Join(v.Wrong, "; "))
			},
			OnAnswer: func(api string, o *validate.Operation, status int) { seen.add(s.document(api), o.ID, status) },
		},
	}
}

// document is an API's name, with the form of its document.
func (s *Server) document(name string) string {
	for _, a := range s.APIs {
		if a.Name == name {
			return documentOf(a)
		}
	}
	return name
}

func documentOf(a mount.API) string {
	if a.Form == "" {
		return a.Name
	}
	return a.Name + "-" + a.Form
}

// Token makes a credential that opens these APIs and gives its token.
func (s *Server) Token(tb testing.TB, organisation string, apis ...string) string {
	tb.Helper()
	_, token, err := s.Accounts.CreateCredential(tb.Context(), accounts.CreateCredentialInput{Organisation: organisation, Label: "test", APIs: apis})
	if err != nil {
		tb.Fatalf("make a credential: %v", err)
	}
	return token
}

// Refuse makes the limiter refuse everything for this reason; "" lets it
// decide again.
func (s *Server) Refuse(reason fault.Reason) {
	if reason == "" {
		s.refuse.Store(nil)
		return
	}
	s.refuse.Store(&reason)
}

// LogText is what was logged so far, a line of JSON each.
func (s *Server) LogText() string { return s.log.String() }

// limiter counts as the real one does, unless the test wants a refusal.
type limiter struct {
	s *Server
	limit.Limiter
}

func (l limiter) Take(ctx context.Context, key string, r limit.Rates) (limit.Decision, func()) {
	d, release := l.Limiter.Take(ctx, key, r)
	if reason := l.s.refuse.Load(); reason != nil {
		d.OK, d.Reason, d.RetryAfter = false, *reason, time.Second
	}
	return d, release
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

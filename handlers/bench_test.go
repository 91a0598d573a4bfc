package handlers_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/handlers/limit"
	"loket/handlers/mount"
)

// sink is a ResponseWriter that costs nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// asked gives a function that sends the same request again and again.
func asked(tb testing.TB, method, path, body string) func() {
	tb.Helper()
	x := &example{}
	s := apitest.New(tb, apitest.APIs(func(d handlers.Deps) []mount.API {
		a := x.api(d)
		a.Limits = limit.Rates{PerSecond: 1e9, Burst: 1e9, InFlight: 100}
		return []mount.API{a}
	}), apitest.With(func(d *handlers.Deps) {
		d.Config.OnViolation, d.Config.OnAnswer = nil, nil
		d.Config.Documentation = limit.Rates{PerSecond: 1e9, Burst: 1e9}
		d.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // writing the line is part of what is measured
	}))
	token := s.Token(tb, "Tester", "house")
	w := &sink{header: http.Header{}}
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	return func() {
		clear(w.header)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		}
		s.Handler.ServeHTTP(w, r)
	}
}

func benchmark(b *testing.B, method, path, body string) {
	ask := asked(b, method, path, body)
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// The goal is 60 allocations for a small GET and 400 for a POST, the store
// included (performance.md); the house must leave most of it to the store.
func TestAllocations(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, body string
		most               float64
	}{
		"small":    {"GET", "/api/house/thing/00ff", "", 35},
		"list":     {"GET", "/api/house/thing?limit=3", "", 40},
		"post":     {"POST", "/api/house/thing", `{"name":"something","size":12}`, 80},
		"document": {"GET", "/api/house/documentation.json", "", 20},
	} {
		ask := asked(t, c.method, c.path, c.body)
		ask()
		if got := testing.AllocsPerRun(100, ask); got > c.most {
			t.Errorf("%s: %.0f allocations, at most %.0f", name, got, c.most)
		}
	}
}

// The house around a handler that writes one small object: who, how much,
// what, log, metrics.
func BenchmarkSmall(b *testing.B) { benchmark(b, "GET", "/api/house/thing/00ff", "") }

func BenchmarkList(b *testing.B) { benchmark(b, "GET", "/api/house/thing?limit=3", "") }

func BenchmarkPost(b *testing.B) {
	benchmark(b, "POST", "/api/house/thing", `{"name":"something","size":12}`)
}

func BenchmarkRefused(b *testing.B) { benchmark(b, "GET", "/api/house/thing/zz", "") }

func BenchmarkDocument(b *testing.B) { benchmark(b, "GET", "/api/house/documentation.json", "") }

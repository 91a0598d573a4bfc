package konova_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/handlers/limit"
)

// quiet is a whole house for benchmarks, without the network and without the
// checks of tests.
func quiet() apitest.Option {
	return apitest.With(func(d *handlers.Deps) {
		d.Config.OnViolation, d.Config.OnAnswer = nil, nil
		d.Config.Limits = map[string]limit.Rates{"konova": {}}
		d.Limiter = limit.NewMemory(time.Now)
		d.Log = slog.New(slog.DiscardHandler)
	})
}

// BenchmarkRequest are the requests of the performance goals: at most 60
// allocations for one entry, 400 for a new one.
func BenchmarkRequest(b *testing.B) {
	r := open(b, quiet())
	r.generate(1000)
	for _, c := range []struct{ name, path, body string }{
		{"konova/entry", iv + "/" + iv3, ""}, {"konova/page5", iv + "?rpp=5", ""}, {"konova/page50", iv + "?rpp=50", ""},
		{"konova/page500", iv + "?rpp=500", ""}, {"konova/deep", iv + "?rpp=5&p=190", ""},
		{"konova/create", iv, geometry(`[[[` + pageRing + `]]]`)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := &counter{header: http.Header{}}
				q := httptest.NewRequestWithContext(b.Context(), http.MethodGet, c.path, nil)
				if c.body != "" {
					q = httptest.NewRequestWithContext(b.Context(), http.MethodPost, c.path, strings.NewReader(c.body))
					q.Header.Set("Content-Type", "application/json")
				}
				q.Header.Set("Kspuser", "demo")
				q.Header.Set("Ksptoken", "demo-ksp-token")
				if r.Handler.ServeHTTP(w, q); w.status > http.StatusCreated {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// counter is a response that keeps no body.
type counter struct {
	header http.Header
	status int
}

func (c *counter) Header() http.Header         { return c.header }
func (c *counter) WriteHeader(status int)      { c.status = status }
func (c *counter) Write(p []byte) (int, error) { return len(p), nil }

package konova_test

import (
	"io"
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

// requests are those of the performance goals, by name.
var requests = []struct{ name, path, body string }{
	{"konova/entry", iv + "/" + iv3, ""}, {"konova/page5", iv + "?rpp=5", ""}, {"konova/page50", iv + "?rpp=50", ""},
	{"konova/page500", iv + "?rpp=500", ""}, {"konova/deep", iv + "?rpp=5&p=190", ""},
	{"konova/create", iv, geometry(`[[[` + pageRing + `]]]`)},
}

// asked gives a function that sends the same request again and again.
func (r *room) asked(path, body string) func() {
	w := &counter{header: http.Header{}}
	q := httptest.NewRequest(http.MethodGet, path, nil)
	if body != "" {
		q = httptest.NewRequest(http.MethodPost, path, nil)
		q.Header.Set("Content-Type", "application/json")
	}
	q.Header.Set("Kspuser", "demo")
	q.Header.Set("Ksptoken", "demo-ksp-token")
	return func() {
		r.Clock.Advance(1e6) // new entries stand behind each other
		clear(w.header)
		if body != "" {
			q.Body, q.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		}
		if r.Handler.ServeHTTP(w, q); w.status > http.StatusCreated {
			r.t.Fatal(w.status)
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	r := open(b, quiet())
	r.generate(1000)
	for _, c := range requests {
		ask := r.asked(c.path, c.body)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
		})
	}
}

// TestAllocations: 60 for one entry and 400 for a new one, the house included
// (performance.md); a page costs the same wherever it lies, and little for
// each row.
func TestAllocations(t *testing.T) {
	r := open(t, quiet())
	if r.DB.Dialect() != "sqlite" {
		return // the goals are SQLite's; another driver allocates as it likes
	}
	r.generate(1000)
	got := map[string]float64{}
	for _, c := range requests {
		ask := r.asked(c.path, c.body)
		ask()
		got[c.name] = testing.AllocsPerRun(50, ask)
		t.Logf("%s: %.0f", c.name, got[c.name])
	}
	for name, most := range map[string]float64{
		"konova/entry": 60, "konova/create": 400, "konova/deep": got["konova/page5"] + 20, "konova/page500": got["konova/page5"] + 4*500,
	} {
		if got[name] > most {
			t.Errorf("%s: %.0f allocations, at most %.0f", name, got[name], most)
		}
	}
}

// TestQueriesOfAPage: however long a page is, wherever it lies and however full
// the register, it takes the same few statements.
func TestQueriesOfAPage(t *testing.T) {
	paths := []string{iv + "/" + iv3}
	for _, query := range []string{"?rpp=1", "?rpp=5", "?rpp=50", "?rpp=500", "?rpp=5&p=2", "?rpp=5&p=190", "?rpp=1&p=950"} {
		paths = append(paths, iv+query)
	}
	counted := map[int]map[string]int64{}
	for _, entries := range []int{1000, 2500} {
		r := open(t, quiet())
		r.generate(entries)
		counted[entries] = map[string]int64{}
		for _, path := range paths {
			ask := r.asked(path, "")
			ask() // once before: the credential and the page's place are remembered
			before := r.DB.Statements()
			ask()
			counted[entries][path] = r.DB.Statements() - before
		}
	}
	for _, path := range paths {
		if n := counted[1000][path]; n < 1 || n > 2 || counted[2500][path] != n {
			t.Errorf("%s takes %d statements, and %d in a fuller register; want one or two in both", path, n, counted[2500][path])
		}
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

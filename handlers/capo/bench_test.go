package capo_test

import (
	"fmt"
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

// benchServer is the house as it serves, but for the network and the log.
func benchServer(b *testing.B) *apitest.Server {
	return apitest.New(b, apitest.Demo(), apitest.With(func(d *handlers.Deps) {
		d.Config.OnViolation, d.Config.OnAnswer = nil, nil
		d.Config.Limits = map[string]limit.Rates{"capo": {}}
		d.Limiter = limit.NewMemory(time.Now)
		d.Log = slog.New(slog.DiscardHandler)
	}))
}

// BenchmarkProject is the small object of the performance goals: one project,
// through the whole house with credentials and limits, without the network.
func BenchmarkProject(b *testing.B) {
	s := benchServer(b)
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, p1, nil)
	r.Header.Set("Authorization", "Bearer "+aan1)
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
	}
}

// BenchmarkMake is the write of the performance goals: a file with its upload
// address, in one transaction with full sync.
func BenchmarkMake(b *testing.B) {
	s := benchServer(b)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, files(p1, a1), strings.NewReader(fmt.Sprintf(`{"bestandsnaam":"f%d.pdf"}`, n)))
		r.Header.Set("Authorization", "Bearer "+aan1)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code, w.Body)
		}
	}
}

package capo_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/handlers/limit"
)

// BenchmarkProject is the small object of the performance goals: one project,
// through the whole house with credentials and limits, without the network.
func BenchmarkProject(b *testing.B) {
	s := apitest.New(b, apitest.Demo(), apitest.With(func(d *handlers.Deps) {
		d.Config.OnViolation, d.Config.OnAnswer = nil, nil
		d.Config.Limits = map[string]limit.Rates{"capo": {}}
		d.Limiter = limit.NewMemory(time.Now)
		d.Log = slog.New(slog.DiscardHandler)
	}))
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

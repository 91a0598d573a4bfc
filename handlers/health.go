package handlers

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
)

// Health is where the server stands in its life. main tells it; readyz shows
// it.
type Health struct {
	draining atomic.Bool
	started  sync.Once
	read     chan struct{}

	mu      sync.Mutex
	loads   []load
	failing map[string]bool
}

type load struct {
	name string
	do   func() error
}

// NewHealth is a server that has not started.
func NewHealth() *Health { return &Health{read: make(chan struct{}), failing: map[string]bool{}} }

// SetDraining makes readyz say 503, so that a balancer sends nothing more;
// what runs may finish.
func (h *Health) SetDraining() { h.draining.Store(true) }

// Draining tells whether SetDraining was called.
func (h *Health) Draining() bool { return h.draining.Load() }

// Started is called once the server listens: the documents are read now, one
// after the other in the background, so that they neither delay the start nor
// the first request to each API. The channel closes when all were read.
func (h *Health) Started() <-chan struct{} {
	h.started.Do(func() {
		go func() {
			defer close(h.read)
			for _, l := range h.loads {
				h.report(l.name, l.do())
			}
		}()
	})
	return h.read
}

func (h *Health) onStart(name string, do func() error) {
	h.loads = append(h.loads, load{name, do})
}

func (h *Health) report(name string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failing[name] = err != nil
}

// Failing tells whether an API's document could not be read.
func (h *Health) Failing(api string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failing[api]
}

// healthz says that the process answers.
func (h *house) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// probe is how long a store may take to answer readyz.
const probe = 2 * time.Second

// readyz says whether requests can be served: not while draining, and not
// while a store does not answer. It names what fails, not how.
func (h *house) readyz(c echo.Context) error {
	var failing []string
	if h.Health.Draining() {
		failing = append(failing, "draining")
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), probe)
	defer cancel()
	for _, s := range []struct {
		name string
		ping func(context.Context) error
	}{{"database", h.DB.Ping}, {"blobs", h.Blobs.Ping}} {
		if err := s.ping(ctx); err != nil {
			h.log.WarnContext(ctx, "not ready", "store", s.name, "error", err)
			failing = append(failing, s.name)
		}
	}
	for name := range h.apis {
		if h.Health.Failing(name) {
			failing = append(failing, "document "+name)
		}
	}
	if len(failing) > 0 {
		return c.JSON(http.StatusServiceUnavailable, map[string]any{"status": "unavailable", "failing": failing})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

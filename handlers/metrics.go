package handlers

import (
	"maps"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"loket/handlers/mount"
	"loket/store"
	"loket/store/fault"
)

// Metrics are the house's own figures.
type Metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	rejected   *prometheus.CounterVec
	violations *prometheus.CounterVec
	inFlight   prometheus.Gauge
	degraded   prometheus.Gauge
	series     atomic.Pointer[map[seriesKey]series]
}

// seriesKey and series are what one answer counts in. They are remembered:
// finding them by their labels costs more than counting.
type seriesKey struct {
	api, operation string
	status         int
}

type series struct {
	answered prometheus.Counter
	took     prometheus.Observer
}

// NewMetrics registers the figures, with those of Go and of the process. One
// registry takes them once.
func NewMetrics(r *prometheus.Registry) *Metrics {
	m := &Metrics{
		registry: r,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_http_requests_total", Help: "Answered requests.",
		}, []string{"api", "operation", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "loket_http_request_duration_seconds", Help: "Time from the first line of a request to its last byte.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"api", "operation"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_http_rejected_total", Help: "Requests that were refused or failed, by reason.",
		}, []string{"reason"}),
		violations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "loket_http_response_violations_total", Help: "Answers that break their OpenAPI document (only with LOKET_CHECK_RESPONSES).",
		}, []string{"api", "operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "loket_http_in_flight", Help: "Requests being answered now.",
		}),
		degraded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "loket_limiter_degraded", Help: "1 while Redis is away and each instance counts for itself.",
		}),
	}
	m.series.Store(&map[seriesKey]series{})
	r.MustRegister(m.requests, m.durations, m.rejected, m.violations, m.inFlight, m.degraded,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// WatchOutbox shows how many mails wait; NaN says that the store did not tell.
func (m *Metrics) WatchOutbox(depth func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "loket_outbox_depth", Help: "Mails that wait to be sent, those between two attempts too.",
	}, depth))
}

// Handler serves the figures, on a listener of its own.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// LimiterDegraded is for limit.NewRedis.
func (m *Metrics) LimiterDegraded(yes bool) {
	m.degraded.Set(0)
	if yes {
		m.degraded.Set(1)
	}
}

// observe counts by operation, never by path: what strangers ask for must not
// make new series.
func (m *Metrics) observe(t *mount.Trace, status int, took time.Duration) {
	s := m.seriesOf(seriesKey{t.API, t.Operation, status})
	s.answered.Inc()
	s.took.Observe(took.Seconds())
}

func (m *Metrics) seriesOf(k seriesKey) series {
	known := m.series.Load()
	s, ok := (*known)[k]
	if ok {
		return s
	}
	s = series{
		answered: m.requests.WithLabelValues(k.api, k.operation, strconv.Itoa(k.status)),
		took:     m.durations.WithLabelValues(k.api, k.operation),
	}
	more := maps.Clone(*known)
	more[k] = s
	m.series.CompareAndSwap(known, &more) // who loses finds it again next time
	return s
}

func (m *Metrics) reject(r fault.Reason) { m.rejected.WithLabelValues(string(r)).Inc() }

func (m *Metrics) violation(api, operation string) {
	m.violations.WithLabelValues(api, operation).Inc()
}

// watch adds the database's connections; nil adds nothing.
func (m *Metrics) watch(db *store.DB) {
	if db != nil {
		m.registry.MustRegister(pools{db}, prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "loket_db_statements_total", Help: "Statements that the database was asked to run.",
		}, func() float64 { return float64(db.Statements()) }))
	}
}

var (
	poolOpen = prometheus.NewDesc("loket_db_connections", "Open connections to the database.", []string{"pool"}, nil)
	poolBusy = prometheus.NewDesc("loket_db_connections_in_use", "Connections in use.", []string{"pool"}, nil)
	poolWait = prometheus.NewDesc("loket_db_waits_total", "Times that a connection was waited for.", []string{"pool"}, nil)
	poolTime = prometheus.NewDesc("loket_db_wait_seconds_total", "Time spent waiting for a connection.", []string{"pool"}, nil)
)

// pools collects the database's figures when they are asked for.
type pools struct{ db *store.DB }

func (p pools) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolOpen, poolBusy, poolWait, poolTime} {
		ch <- d
	}
}

func (p pools) Collect(ch chan<- prometheus.Metric) {
	for name, s := range p.db.Stats() {
		ch <- prometheus.MustNewConstMetric(poolOpen, prometheus.GaugeValue, float64(s.OpenConnections), name)
		ch <- prometheus.MustNewConstMetric(poolBusy, prometheus.GaugeValue, float64(s.InUse), name)
		ch <- prometheus.MustNewConstMetric(poolWait, prometheus.CounterValue, float64(s.WaitCount), name)
		ch <- prometheus.MustNewConstMetric(poolTime, prometheus.CounterValue, s.WaitDuration.Seconds(), name)
	}
}

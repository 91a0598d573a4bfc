package limit

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds what a crowd of addresses can make Memory hold, about 20 MB.
// Above it an idle client is forgotten although its bucket is not full.
const maxKeys = 1 << 16

// idleTime is how long a full bucket is kept: making it anew for each request
// of a calm client would cost more than it takes.
const idleTime = 10 * time.Second

// Memory counts within this process. It is safe for concurrent use.
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	clients map[client]*entry
	ring    []*entry // every entry once, for the hand that looks for idle ones
	hand    int
	most    int // entries at the map's largest
}

// client is the key with its figures; comparable, so that looking it up
// allocates nothing.
type client struct {
	key   string
	rates Rates
}

type entry struct {
	client   client
	bucket   *rate.Limiter // nil without a limit of the rate
	inFlight int
	last     time.Time // of its last request
}

// NewMemory counts with the time that now tells, which must not go back:
// time.Now does not, by its monotonic reading.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, clients: map[client]*entry{}}
}

// Take counts a request; see Limiter.
func (m *Memory) Take(_ context.Context, key string, r Rates) (Decision, func()) {
	if r.PerSecond <= 0 && r.InFlight <= 0 {
		return Decision{OK: true}, nothing
	}
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.entry(client{key, r}, now)
	e.last = now
	rateOK, tokens := e.take(now)
	if !rateOK || r.InFlight <= 0 {
		return decide(r, tokens, rateOK, true), nothing
	}
	if e.inFlight >= r.InFlight {
		return decide(r, tokens, true, false), nothing
	}
	e.inFlight++
	return decide(r, tokens, true, true), m.release(e)
}

func (m *Memory) release(e *entry) func() {
	held := true
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if held {
			held = false
			e.inFlight--
		}
	}
}

// entry finds or makes the client's counters, and moves the hand: one entry a
// request, two when one is added, so that idle ones go faster than new ones
// come. Full buckets without requests say nothing that new ones would not.
func (m *Memory) entry(c client, now time.Time) *entry {
	m.evict(now)
	e := m.clients[c]
	if e != nil {
		return e
	}
	m.evict(now)
	e = &entry{client: c}
	if c.rates.PerSecond > 0 {
		e.bucket = rate.NewLimiter(rate.Limit(c.rates.PerSecond), c.rates.burst())
	}
	m.clients[c] = e
	m.ring = append(m.ring, e)
	m.most = max(m.most, len(m.ring))
	return e
}

// evict looks at the entry under the hand and drops it when it may go.
func (m *Memory) evict(now time.Time) {
	if len(m.ring) == 0 {
		return
	}
	m.hand %= len(m.ring)
	e := m.ring[m.hand]
	if e.inFlight > 0 || (!e.idle(now) && len(m.ring) < maxKeys) {
		m.hand++
		return
	}
	delete(m.clients, e.client)
	last := len(m.ring) - 1
	m.ring[m.hand], m.ring[last] = m.ring[last], nil
	m.ring = m.ring[:last]
	m.shrink()
}

// shrink gives memory back after a crowd: Go's maps and slices never do.
func (m *Memory) shrink() {
	if m.most < 1024 || len(m.ring) > m.most/8 {
		return
	}
	m.ring = append(make([]*entry, 0, 2*len(m.ring)), m.ring...)
	m.clients = make(map[client]*entry, 2*len(m.ring))
	for _, e := range m.ring {
		m.clients[e.client] = e
	}
	m.most = len(m.ring)
}

// take asks the bucket for one token and tells what it holds then.
func (e *entry) take(now time.Time) (ok bool, tokens float64) {
	if e.bucket == nil {
		return true, 0
	}
	ok = e.bucket.AllowN(now, 1)
	return ok, e.bucket.TokensAt(now)
}

// idle tells that nothing would be forgotten with e.
func (e *entry) idle(now time.Time) bool {
	full := e.bucket == nil || e.bucket.TokensAt(now) >= float64(e.client.rates.burst())
	return full && now.Sub(e.last) >= idleTime
}

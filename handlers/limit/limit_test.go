package limit

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"loket/store/fault"
)

// The page's figures (apis/capo.md 2.6).
var page = Rates{PerSecond: 20, Burst: 30, InFlight: 3}

// clock is a clock that stands still until it is told.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) Advance(d time.Duration) { c.at.Add(int64(d)) }

// implementation makes a limiter that counts with the clock.
type implementation func(t *testing.T, c *clock) Limiter

func implementations(t *testing.T) map[string]implementation {
	t.Helper()
	all := map[string]implementation{
		"memory": func(_ *testing.T, c *clock) Limiter { return NewMemory(c.Now) },
	}
	all["redis"] = func(t *testing.T, c *clock) Limiter { return openRedis(t, sharedRedis(t), c.Now, nil) }
	return all
}

// each runs a test over all implementations; name is a key nobody else uses.
func each(t *testing.T, fn func(t *testing.T, l Limiter, c *clock, name string)) {
	t.Helper()
	for which, open := range implementations(t) {
		t.Run(which, func(t *testing.T) {
			c := newClock()
			fn(t, open(t, c), c, unique(t))
		})
	}
}

// ended takes and gives back at once; it tells the decision.
func ended(t *testing.T, l Limiter, key string, r Rates) Decision {
	t.Helper()
	d, release := l.Take(t.Context(), key, r)
	release()
	return d
}

func passes(t *testing.T, l Limiter, key string, r Rates, n int) {
	t.Helper()
	for i := range n {
		if d := ended(t, l, key, r); !d.OK {
			t.Fatalf("request %d of %d refused: %+v", i+1, n, d)
		}
	}
}

func refused(t *testing.T, l Limiter, key string, r Rates, why fault.Reason) Decision {
	t.Helper()
	d := ended(t, l, key, r)
	if d.OK || d.Reason != why {
		t.Fatalf("got %+v, want a refusal for %s", d, why)
	}
	if d.RetryAfter < time.Second || d.RetryAfter%time.Second != 0 {
		t.Fatalf("RetryAfter is %v, want whole seconds, at least one", d.RetryAfter)
	}
	return d
}

// S22: the first 30 at one instant pass, the 31st does not; 20 more after one
// second; another client is unaffected.
func TestBurstAndAverage(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, c *clock, name string) {
		passes(t, l, name, page, 30)
		refused(t, l, name, page, fault.RateExceeded)
		passes(t, l, name+"-other", page, 30)
		c.Advance(time.Second)
		passes(t, l, name, page, 20)
		refused(t, l, name, page, fault.RateExceeded)
		c.Advance(50 * time.Millisecond)
		passes(t, l, name, page, 1)
		refused(t, l, name, page, fault.RateExceeded)
		c.Advance(time.Hour)
		passes(t, l, name, page, 30)
		refused(t, l, name, page, fault.RateExceeded)
	})
}

func TestDecisionTellsTheBucket(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, _ *clock, name string) {
		d := ended(t, l, name, page)
		if want := (Decision{OK: true, Limit: 30, Remaining: 29, Reset: 50 * time.Millisecond}); d != want {
			t.Errorf("first: got %+v, want %+v", d, want)
		}
		passes(t, l, name, page, 28)
		if d = ended(t, l, name, page); d.Remaining != 0 || d.Reset != 1500*time.Millisecond {
			t.Errorf("last of the bucket: %+v", d)
		}
		d = refused(t, l, name, page, fault.RateExceeded)
		if d.Remaining != 0 || d.Reset != 1500*time.Millisecond || d.RetryAfter != time.Second || d.Limit != 30 {
			t.Errorf("refusal: %+v", d)
		}
	})
}

func TestRetryAfterOfASlowBucket(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, c *clock, name string) {
		r := Rates{PerSecond: 0.1, Burst: 1}
		passes(t, l, name, r, 1)
		if d := refused(t, l, name, r, fault.RateExceeded); d.RetryAfter != 10*time.Second {
			t.Errorf("RetryAfter is %v, want 10s", d.RetryAfter)
		}
		c.Advance(9500 * time.Millisecond)
		if d := refused(t, l, name, r, fault.RateExceeded); d.RetryAfter != time.Second {
			t.Errorf("RetryAfter is %v, want 1s", d.RetryAfter)
		}
		c.Advance(500 * time.Millisecond)
		passes(t, l, name, r, 1)
	})
}

// S23: the 4th in flight is refused, and passes when one ended. It pays a
// token, because the bucket comes first.
func TestInFlight(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, _ *clock, name string) {
		var releases []func()
		for range 3 {
			d, release := l.Take(t.Context(), name, page)
			if !d.OK {
				t.Fatalf("refused: %+v", d)
			}
			releases = append(releases, release)
		}
		if d := refused(t, l, name, page, fault.TooManyInFlight); d.Remaining != 26 || d.RetryAfter != time.Second {
			t.Errorf("the refusal is %+v, want 26 remaining, retry after 1s", d)
		}
		passes(t, l, name+"-other", page, 1)
		releases[0]()
		releases[0]() // the second call does nothing
		passes(t, l, name, page, 1)
		d, release := l.Take(t.Context(), name, page)
		defer release()
		if !d.OK {
			t.Errorf("place given back, but refused: %+v", d)
		}
		refused(t, l, name, page, fault.TooManyInFlight)
		releases[1]()
		releases[2]()
	})
}

func TestRefusalsHoldNoPlace(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, c *clock, name string) {
		r := Rates{PerSecond: 1, Burst: 2, InFlight: 1}
		_, first := l.Take(t.Context(), name, r)
		_, second := l.Take(t.Context(), name, r) // in flight
		_, third := l.Take(t.Context(), name, r)  // rate
		second()
		third()
		c.Advance(2 * time.Second)
		refused(t, l, name, r, fault.TooManyInFlight)
		first()
		passes(t, l, name, r, 1)
	})
}

func TestNoLimit(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, _ *clock, name string) {
		passes(t, l, name, Rates{}, 1000)
		d, release := l.Take(t.Context(), name, Rates{InFlight: 1})
		defer release()
		if want := (Decision{OK: true}); d != want {
			t.Errorf("without a rate: %+v", d)
		}
		refused(t, l, name, Rates{InFlight: 1}, fault.TooManyInFlight)
		for range 50 { // none is given back
			if d, _ := l.Take(t.Context(), name, Rates{PerSecond: 1, Burst: 50, InFlight: -1}); !d.OK {
				t.Fatalf("without a limit in flight: %+v", d)
			}
		}
		refused(t, l, name, Rates{PerSecond: 1, Burst: 50, InFlight: -1}, fault.RateExceeded)
	})
}

func TestBurstLeftOut(t *testing.T) {
	for _, c := range []struct {
		r    Rates
		want int
	}{
		{Rates{PerSecond: 20}, 20},
		{Rates{PerSecond: 2.5}, 3},
		{Rates{PerSecond: 0.001}, 1},
		{Rates{PerSecond: 20, Burst: -1}, 20},
		{Rates{PerSecond: 20, Burst: 30}, 30},
	} {
		if got := c.r.burst(); got != c.want {
			t.Errorf("%+v: %d, want %d", c.r, got, c.want)
		}
	}
}

// The same figures are one bucket, over all services; others are another.
func TestFiguresOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, _ *clock, name string) {
		wide := Rates{PerSecond: 100, Burst: 200, InFlight: 20}
		passes(t, l, name, page, 30)
		refused(t, l, name, page, fault.RateExceeded)
		passes(t, l, name, wide, 200)
		refused(t, l, name, wide, fault.RateExceeded)
	})
}

// However many ask at once, no more than the bucket passes, and never more
// than three are inside.
func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, l Limiter, c *clock, name string) {
		var inside, most, granted atomic.Int64
		var wait sync.WaitGroup
		for range 32 {
			wait.Go(func() {
				for range 10 {
					d, release := l.Take(t.Context(), name, page)
					if d.OK {
						granted.Add(1)
						n := inside.Add(1)
						for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
						}
						inside.Add(-1)
					}
					release()
				}
			})
		}
		wait.Wait()
		if granted.Load() > 30 || granted.Load() == 0 || most.Load() > 3 {
			t.Errorf("%d passed (at most 30), %d at once (at most 3)", granted.Load(), most.Load())
		}
		c.Advance(time.Minute)
		passes(t, l, name, page, 30) // every place came back
	})
}

func TestMemoryForgetsIdleClients(t *testing.T) {
	c := newClock()
	m := NewMemory(c.Now)
	_, busy := m.Take(t.Context(), "busy", page)
	for i := range 5000 {
		ended(t, m, fmt.Sprint("client-", i), page)
	}
	if len(m.ring) != 5001 || len(m.clients) != 5001 {
		t.Fatalf("%d and %d entries, want 5001", len(m.ring), len(m.clients))
	}
	c.Advance(time.Minute)
	for range 5100 {
		ended(t, m, "calm", Rates{PerSecond: 1e9, Burst: 10})
	}
	if len(m.ring) != 2 || len(m.clients) != 2 {
		t.Errorf("%d and %d entries are left, want the busy and the calm one", len(m.ring), len(m.clients))
	}
	if m.most >= 1024 {
		t.Errorf("the map was not made smaller: it had %d", m.most)
	}
	if e := m.clients[client{"busy", page}]; e == nil || e.inFlight != 1 {
		t.Errorf("the busy client was forgotten: %+v", e)
	}
	busy()
}

// A crowd of addresses at one instant cannot make it grow without end.
func TestMemoryIsBounded(t *testing.T) {
	m := NewMemory(newClock().Now)
	passes(t, m, "first", page, 5)
	for i := range maxKeys + 5000 {
		ended(t, m, fmt.Sprint(i), page)
	}
	if len(m.ring) > maxKeys || len(m.clients) != len(m.ring) {
		t.Errorf("%d entries in the ring, %d in the map, want %d at most", len(m.ring), len(m.clients), maxKeys)
	}
}

func TestMemoryAllocations(t *testing.T) {
	m := NewMemory(newClock().Now)
	wide := Rates{PerSecond: 1e9, Burst: 1e9, InFlight: 1000}
	n := testing.AllocsPerRun(1000, func() {
		_, release := m.Take(context.TODO(), "credential:0123456789", wide)
		release()
	})
	if n > 2 {
		t.Errorf("%v allocations a request, want 2 at most", n)
	}
}

func BenchmarkMemory(b *testing.B) {
	m := NewMemory(time.Now)
	wide := Rates{PerSecond: 1e9, Burst: 1e9, InFlight: 1000}
	b.ReportAllocs()
	for b.Loop() {
		_, release := m.Take(b.Context(), "credential:0123456789", wide)
		release()
	}
}

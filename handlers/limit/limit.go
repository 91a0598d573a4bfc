// Package limit counts the requests of each client: a token bucket for the
// rate and a counter for what is in flight. It knows neither echo nor any API;
// it imports only store/fault and its two libraries, and any room of handlers
// may import it.
//
// A client's buckets are kept per key and figures: services that are given the
// same figures share one bucket and one counter (apis/capo.md 2.6: "per client
// over all services together"), services with figures of their own have their
// own.
package limit

import (
	"context"
	"math"
	"time"

	"loket/store/fault"
)

// Rates are the figures of one client at one or more services.
type Rates struct {
	PerSecond float64 // tokens a second; zero or less: no limit of the rate
	Burst     int     // size of the bucket; below 1 it is one second's tokens, at least 1
	InFlight  int     // requests at once; zero or less: no limit
}

// Decision says whether a request may go on, and what its headers tell.
type Decision struct {
	OK         bool
	Reason     fault.Reason  // RateExceeded or TooManyInFlight; "" when OK
	RetryAfter time.Duration // whole seconds, at least one, when refused; else zero
	Limit      int           // size of the bucket; zero when the rate has no limit (then there are no RateLimit headers)
	Remaining  int           // whole tokens left
	Reset      time.Duration // until the bucket is full again; round up for a header
}

// Limiter counts a request of the client key.
//
// The bucket is asked first, then the counter (apis/capo.md 2.6), so a request
// that is refused as one too many in flight has used up a token: a client that
// keeps knocking pays for it.
//
// release is never nil, does nothing when called again, and is called when the
// answer is fully written, whatever the decision was.
type Limiter interface {
	Take(ctx context.Context, key string, r Rates) (d Decision, release func())
}

// burst is the size of the bucket.
func (r Rates) burst() int {
	if r.Burst > 0 {
		return r.Burst
	}
	return max(1, int(math.Ceil(r.PerSecond)))
}

func nothing() {}

// decide words what the two counters said. tokens is what the bucket holds
// after this request, meaningless without a limit of the rate.
func decide(r Rates, tokens float64, rateOK, roomOK bool) Decision {
	d := Decision{OK: rateOK && roomOK}
	if r.PerSecond > 0 {
		d.Limit = r.burst()
		// A bucket refilled by fractions may stand a hair below the whole
		// token that it gives out.
		d.Remaining = min(d.Limit, int(max(0, tokens)+1e-6))
		d.Reset = max(0, seconds((float64(d.Limit)-tokens)/r.PerSecond))
	}
	switch {
	case !rateOK:
		d.Reason = fault.RateExceeded
		d.RetryAfter = max(time.Second, seconds(math.Ceil((1-tokens)/r.PerSecond-1e-6)))
	case !roomOK:
		// Nobody knows when the others end; a second is the least that the
		// header can say.
		d.Reason = fault.TooManyInFlight
		d.RetryAfter = time.Second
	}
	return d
}

// seconds converts without overflow: figures such as one token a century are
// allowed.
func seconds(s float64) time.Duration {
	const most = float64(math.MaxInt64) / float64(time.Second) / 2
	return time.Duration(min(s, most) * float64(time.Second))
}

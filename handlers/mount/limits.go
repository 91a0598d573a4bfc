package mount

import (
	"math"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"loket/handlers/limit"
	"loket/store/fault"
)

// rates are an API's figures with the headers that never change.
type rates struct {
	limit.Rates
	policy []string // RateLimit-Policy
	size   []string // RateLimit-Limit
}

// The headers as net/http keeps them; the spelling of RateLimit is the draft's
// (case does not matter on the wire).
const (
	headerLimit     = "Ratelimit-Limit"
	headerRemaining = "Ratelimit-Remaining"
	headerReset     = "Ratelimit-Reset"
	headerPolicy    = "Ratelimit-Policy"
)

// newRates writes the policy as apis/capo.md 3.1 has it: "20;w=1;burst=30".
func newRates(r limit.Rates) rates {
	per := strconv.FormatFloat(r.PerSecond, 'f', -1, 64)
	return rates{
		Rates:  r,
		policy: []string{per + ";w=1;burst=" + strconv.Itoa(r.Burst)},
		size:   []string{strconv.Itoa(r.Burst)},
	}
}

// take counts a request and writes the RateLimit headers; err is the refusal.
// release is never nil.
func (r rates) take(c echo.Context, l limit.Limiter, key string) (release func(), err error) {
	d, release := l.Take(c.Request().Context(), key, r.Rates)
	if d.Limit > 0 {
		h := c.Response().Header()
		h[headerLimit], h[headerPolicy] = r.size, r.policy
		if d.Limit != r.Burst {
			h[headerLimit] = []string{strconv.Itoa(d.Limit)}
		}
		values := [2]string{strconv.Itoa(d.Remaining), strconv.Itoa(wholeSeconds(d.Reset))}
		h[headerRemaining], h[headerReset] = values[:1:1], values[1:]
	}
	if d.OK {
		return release, nil
	}
	f := fault.New(fault.Limited, d.Reason, "")
	f.RetryAfter = d.RetryAfter
	return release, f
}

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// Count takes one request of an address outside the operations (a path that
// does not exist, documentation); err is the refusal. release is never nil.
func Count(c echo.Context, l limit.Limiter, r limit.Rates) (release func(), err error) {
	d, release := l.Take(c.Request().Context(), "address:"+c.RealIP(), r)
	if d.OK {
		return release, nil
	}
	f := fault.New(fault.Limited, d.Reason, "")
	f.RetryAfter = d.RetryAfter
	return release, f
}

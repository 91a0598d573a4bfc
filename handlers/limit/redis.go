package limit

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// The times of Redis. A request waits for patience at most, once: the first
// failure opens the circuit, and then memory counts until a probe succeeds.
const (
	patience   = 100 * time.Millisecond
	probeEvery = 250 * time.Millisecond
	probeTime  = time.Second
	leaseTime  = 30 * time.Second
	renewEvery = 10 * time.Second
)

// maxReturns bounds what is remembered, while Redis is away, to be given back
// to it; what does not fit runs out by itself.
const maxReturns = 10_000

//go:embed take.lua
var takeText string

//go:embed renew.lua
var renewText string

var (
	takeScript  = redis.NewScript(takeText)
	renewScript = redis.NewScript(renewText)
)

// The library writes each failed connection to standard error, past our log;
// while the server is away that is four lines a second that say nothing new.
func init() { redis.SetLogger(silent{}) }

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Redis counts over all instances that share a server. Requests in flight are
// leases that run out half a minute after their instance died. While the
// server is away, hangs or refuses, memory counts, each instance for itself;
// it comes back by itself.
//
// The scripts are our own because redis_rate counts by GCRA, which cannot tell
// what a bucket holds, and knows nothing of requests in flight: it would be
// two round trips instead of one.
type Redis struct {
	client     *redis.Client
	fallback   *Memory
	now        func() time.Time
	log        *slog.Logger
	onDegraded func(bool)
	patience   time.Duration
	instance   string
	count      atomic.Uint64
	stop       context.CancelFunc
	done       sync.WaitGroup
	wake       chan struct{}

	degraded atomic.Bool
	mu       sync.Mutex
	held     map[*lease]struct{}
	returns  []ref
}

// ref is where a lease stands on the server.
type ref struct{ set, name string }

type lease struct {
	ref
	old bool // it was there when leases were last renewed
}

// NewRedis counts at the server that url names (redis://user:password@host:port/db,
// rediss:// with TLS). fallback counts while that is away, also when it is
// away now: only a wrong url is an error. now is nil for the server's own
// clock, which is the right one when several instances share it. onDegraded,
// which may be nil, is called at each change, never twice at once, and must
// return soon: true when memory takes over, false when the server is back. Close ends it; so does the
// end of ctx.
func NewRedis(ctx context.Context, url string, fallback *Memory, now func() time.Time, log *slog.Logger, onDegraded func(bool)) (*Redis, error) {
	return newRedis(ctx, url, fallback, now, log, onDegraded, patience)
}

func newRedis(ctx context.Context, url string, fallback *Memory, now func() time.Time, log *slog.Logger, onDegraded func(bool), patience time.Duration) (*Redis, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		// The library's text repeats parts of the url, which has a password.
		return nil, errors.New("limits: the address of Redis has the form redis://user:password@host:port/number (rediss:// with TLS)")
	}
	impatient(o, patience)
	ctx, stop := context.WithCancel(ctx)
	l := &Redis{
		client: redis.NewClient(o), fallback: fallback, now: now, log: log, onDegraded: onDegraded, patience: patience,
		instance: rand.Text(), stop: stop, wake: make(chan struct{}, 1), held: map[*lease]struct{}{},
	}
	if err := l.probe(ctx); err != nil {
		l.degrade(err)
	}
	l.done.Go(func() { l.recover(ctx) })
	l.done.Go(func() { l.renew(ctx) })
	return l, nil
}

// impatient makes the client give up instead of trying again: memory is better
// than waiting.
func impatient(o *redis.Options, patience time.Duration) {
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = patience, patience, patience, patience
	o.MaxRetries, o.DialerRetries = -1, 1
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// Close stops the work in the background and the connections.
func (l *Redis) Close() error {
	l.stop()
	l.done.Wait()
	return l.client.Close()
}

// Degraded tells whether memory counts at the moment.
func (l *Redis) Degraded() bool { return l.degraded.Load() }

// Take counts a request; see Limiter.
func (l *Redis) Take(ctx context.Context, key string, r Rates) (Decision, func()) {
	if r.PerSecond <= 0 && r.InFlight <= 0 {
		return Decision{OK: true}, nothing
	}
	if l.degraded.Load() {
		return l.fallback.Take(ctx, key, r)
	}
	stem := place(key, r)
	at := ref{set: stem + ":flight", name: l.instance + "-" + strconv.FormatUint(l.count.Add(1), 36)}
	d, err := l.ask(ctx, stem+":bucket", at, r)
	if err != nil {
		// The server may have counted it all the same, and only its answer
		// was lost.
		l.giveBackLater(at, r)
		l.degrade(err)
		return l.fallback.Take(ctx, key, r)
	}
	if !d.OK || r.InFlight <= 0 {
		return d, nothing
	}
	return d, l.release(ctx, l.hold(at))
}

// place is the stem of a client's keys. The braces keep both on one node of a
// cluster.
func place(key string, r Rates) string {
	return "loket:limit:{" + key + "|" + figure(r.PerSecond) + "|" + strconv.Itoa(r.burst()) + "|" + strconv.Itoa(max(0, r.InFlight)) + "}"
}

func figure(f float64) string { return strconv.FormatFloat(max(0, f), 'g', -1, 64) }

func (l *Redis) ask(ctx context.Context, bucket string, at ref, r Rates) (Decision, error) {
	// A client that hangs up must not look like a server that does not answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.patience)
	defer cancel()
	keys := []string{bucket, at.set}
	answer, err := takeScript.Run(ctx, l.client, keys,
		figure(r.PerSecond), r.burst(), max(0, r.InFlight), at.name, leaseTime.Microseconds(), l.micros()).Int64Slice()
	if err != nil {
		return Decision{}, err
	}
	if len(answer) != 2 {
		return Decision{}, errors.New("limits: the script's answer has another form")
	}
	return decide(r, float64(answer[1])/1e6, answer[0] != 2, answer[0] != 3), nil
}

// micros is the time handed to the scripts; "" lets the server take its own.
func (l *Redis) micros() any {
	if l.now == nil {
		return ""
	}
	return l.now().UnixMicro()
}

func (l *Redis) hold(at ref) *lease {
	h := &lease{ref: at}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[h] = struct{}{}
	return h
}

// release gives the lease back before the client can send its next request,
// therefore not in the background.
func (l *Redis) release(ctx context.Context, h *lease) func() {
	return func() {
		l.mu.Lock()
		_, held := l.held[h]
		delete(l.held, h)
		l.mu.Unlock()
		if !held {
			return
		}
		if !l.degraded.Load() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.patience)
			defer cancel()
			err := l.client.ZRem(ctx, h.set, h.name).Err()
			if err == nil {
				return
			}
			l.degrade(err)
		}
		l.giveBackLater(h.ref, Rates{InFlight: 1})
	}
}

// giveBackLater remembers a lease that the server may hold, so that a short
// absence does not cost its client half a minute of refusals.
func (l *Redis) giveBackLater(at ref, r Rates) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.InFlight > 0 && len(l.returns) < maxReturns {
		l.returns = append(l.returns, at)
	}
}

// degrade lets memory count, and says so once.
func (l *Redis) degrade(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.degraded.Swap(true) {
		return
	}
	l.log.Warn("limits: Redis is away, each instance counts for itself", "error", err)
	l.tell(true)
	select {
	case l.wake <- struct{}{}:
	default: // it is awake
	}
}

func (l *Redis) restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log.Info("limits: Redis is back, all instances count together")
	l.degraded.Store(false)
	l.tell(false)
}

func (l *Redis) tell(degraded bool) {
	if l.onDegraded != nil {
		l.onDegraded(degraded)
	}
}

// recover sleeps until memory counts, then asks the server until it is back.
func (l *Redis) recover(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		}
		if !l.await(ctx) {
			return
		}
		l.restore()
	}
}

// await returns true when the server works again, false when ctx ended.
func (l *Redis) await(ctx context.Context) bool {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
		if l.probe(ctx) == nil && l.giveBack(ctx) == nil {
			return true
		}
	}
}

// probe writes: a server that is full, read-only or still loading answers a
// PING all the same.
func (l *Redis) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return l.client.Set(ctx, "loket:limit:probe", l.instance, time.Minute).Err()
}

// giveBack returns the leases whose requests ended meanwhile.
func (l *Redis) giveBack(ctx context.Context) error {
	l.mu.Lock()
	returns := l.returns
	l.mu.Unlock()
	if len(returns) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	_, err := l.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, at := range returns {
			p.ZRem(ctx, at.set, at.name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.returns = append([]ref(nil), l.returns[len(returns):]...)
	l.mu.Unlock()
	return nil
}

// renew keeps the leases of requests that run longer than a lease.
func (l *Redis) renew(ctx context.Context) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := l.renewHeld(ctx); err != nil && ctx.Err() == nil {
			l.degrade(err)
		}
	}
}

// renewHeld renews what was there the last time already, so that short
// requests, nearly all, cost nothing: a lease is renewed at the latest after
// two rounds, 20 seconds. Nothing is done while memory counts: the leases of
// that time are not the server's.
func (l *Redis) renewHeld(ctx context.Context) error {
	if l.degraded.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	for _, h := range l.due() {
		err := renewScript.Run(ctx, l.client, []string{h.set}, h.name, leaseTime.Microseconds(), l.micros()).Err()
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Redis) due() []*lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	var due []*lease
	for h := range l.held {
		if h.old {
			due = append(due, h)
		}
		h.old = true
	}
	return due
}

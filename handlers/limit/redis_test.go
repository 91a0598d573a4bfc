package limit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"loket/store/fault"
)

// server is a redis-server of the test's own, on a port of its own.
type server struct {
	t    *testing.T
	bin  string
	port string
	dir  string
	cmd  *exec.Cmd
}

// findServer is the path of the binary; "" when there is none.
func findServer() string {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		return ""
	}
	return bin
}

// absent skips a test for which there is no Redis; where everything is to be
// tested it fails instead.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("no Redis to test against: " + what)
	}
	t.Skip("no Redis to test against: " + what)
}

func startServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, bin: findServer(), port: freePort(t), dir: t.TempDir()}
	if s.bin == "" {
		absent(t, "put redis-server on the PATH")
	}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (s *server) url() string { return "redis://127.0.0.1:" + s.port + "/0" }

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.bin, "--port", s.port, "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "no", "--logfile", "redis.log")
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	c := plainClient(s.t, s.url())
	eventually(s.t, "the server answers", func() bool { return c.Ping(context.Background()).Err() == nil })
}

func (s *server) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGCONT)
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait() // says "killed"
	s.cmd = nil
}

// sharedRedis is the server of LOKET_TEST_REDIS, or one that lives as long as
// the test.
func sharedRedis(t *testing.T) string {
	t.Helper()
	if url := os.Getenv("LOKET_TEST_REDIS"); url != "" {
		return url
	}
	if findServer() == "" {
		absent(t, "set LOKET_TEST_REDIS=redis://host:port/0, or put redis-server on the PATH")
	}
	return startServer(t).url()
}

func plainClient(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// eventually waits for something that another process does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(10 * time.Second); !done(); {
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("not within 10 s: " + what)
		}
	}
}

func unique(t *testing.T) string {
	t.Helper()
	return strings.ReplaceAll(t.Name(), "/", "-") + "-" + rand.Text()
}

// openRedis waits for the server as long as a busy machine may take: where
// Redis is to count, memory must not take over.
func openRedis(t *testing.T, url string, now func() time.Time, onDegraded func(bool)) *Redis {
	t.Helper()
	return openPatient(t, url, now, onDegraded, 5*time.Second)
}

func openPatient(t *testing.T, url string, now func() time.Time, onDegraded func(bool), patience time.Duration) *Redis {
	t.Helper()
	fallback := now
	if fallback == nil {
		fallback = time.Now
	}
	l, err := newRedis(t.Context(), url, NewMemory(fallback), now, slog.New(slog.DiscardHandler), onDegraded, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestRedisWrongAddress(t *testing.T) {
	for _, url := range []string{"", "localhost:6379", "http://user:geheim@localhost/0", "redis://user:geheim@localhost/zero"} {
		_, err := NewRedis(t.Context(), url, NewMemory(time.Now), nil, slog.New(slog.DiscardHandler), nil)
		if err == nil || strings.Contains(err.Error(), "geheim") || !strings.Contains(err.Error(), "redis://") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Two instances of the program share what they count.
func TestRedisInstancesShare(t *testing.T) {
	url, c, name := sharedRedis(t), newClock(), unique(t)
	one, two := openRedis(t, url, c.Now, nil), openRedis(t, url, c.Now, nil)
	_, a := one.Take(t.Context(), name, page)
	_, b := two.Take(t.Context(), name, page)
	_, d := one.Take(t.Context(), name, page)
	refused(t, two, name, page, fault.TooManyInFlight)
	refused(t, one, name, page, fault.TooManyInFlight)
	a()
	passes(t, two, name, page, 1)
	b()
	d()
	passes(t, one, name, page, 12)
	passes(t, two, name, page, 12)
	refused(t, one, name, page, fault.RateExceeded)
	refused(t, two, name, page, fault.RateExceeded)
	if one.Degraded() || two.Degraded() {
		t.Error("memory counted")
	}
}

// The server's own clock: no instance needs to know the time.
func TestRedisServersClock(t *testing.T) {
	url, name := sharedRedis(t), unique(t)
	l := openRedis(t, url, nil, nil)
	r := Rates{PerSecond: 0.01, Burst: 5, InFlight: 2}
	passes(t, l, name, r, 5)
	if d := refused(t, l, name, r, fault.RateExceeded); d.RetryAfter < 99*time.Second || d.RetryAfter > 100*time.Second {
		t.Errorf("%+v", d)
	}
	c := plainClient(t, url)
	if ttl := c.PTTL(t.Context(), place(name, r)+":bucket").Val(); ttl < 400*time.Second || ttl > 502*time.Second {
		t.Errorf("the bucket is kept for %v, want until it is full", ttl)
	}
	if l.Degraded() {
		t.Error("memory counted")
	}
}

// The server's clock may be put back; its clients must not be locked out until
// it has caught up.
func TestRedisClockGoesBack(t *testing.T) {
	c, name := newClock(), unique(t)
	l := openRedis(t, sharedRedis(t), c.Now, nil)
	passes(t, l, name, page, 30)
	c.Advance(-time.Hour)
	refused(t, l, name, page, fault.RateExceeded)
	c.Advance(time.Second)
	passes(t, l, name, page, 20)
	refused(t, l, name, page, fault.RateExceeded)
}

// What an instance held when it died runs out; what a living one holds does
// not, however long its request runs.
func TestRedisLeases(t *testing.T) {
	url, c, name := sharedRedis(t), newClock(), unique(t)
	r := Rates{InFlight: 2}
	dead, alive := openRedis(t, url, c.Now, nil), openRedis(t, url, c.Now, nil)
	dead.Take(t.Context(), name, r)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	_, release := alive.Take(t.Context(), name, r)
	refused(t, alive, name, r, fault.TooManyInFlight)
	for range 2 {
		c.Advance(renewEvery)
		if err := alive.renewHeld(t.Context()); err != nil {
			t.Fatal(err)
		}
		refused(t, alive, name, r, fault.TooManyInFlight)
	}
	c.Advance(renewEvery)
	passes(t, alive, name, r, 1)
	d, second := alive.Take(t.Context(), name, r)
	if !d.OK {
		t.Fatalf("the dead instance still counts: %+v", d)
	}
	refused(t, alive, name, r, fault.TooManyInFlight) // the living one's was renewed
	release()
	second()
	if err := alive.renewHeld(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := plainClient(t, url).ZCard(t.Context(), place(name, r)+":flight").Val(); n != 0 {
		t.Errorf("%d leases are left", n)
	}
}

// A lease that was given back does not rise again by a late renewal.
func TestRedisLateRenewal(t *testing.T) {
	url, c, name := sharedRedis(t), newClock(), unique(t)
	l := openRedis(t, url, c.Now, nil)
	_, release := l.Take(t.Context(), name, Rates{InFlight: 1})
	l.due()
	held := l.due()
	if len(held) != 1 {
		t.Fatalf("%d leases are due, want 1", len(held))
	}
	release()
	if err := renewScript.Run(t.Context(), l.client, []string{held[0].set}, held[0].name, leaseTime.Microseconds(), l.micros()).Err(); err != nil {
		t.Fatal(err)
	}
	passes(t, l, name, Rates{InFlight: 1}, 1)
}

// changes collects what a limiter says about its server.
type changes chan bool

func (c changes) next(t *testing.T) bool {
	t.Helper()
	select {
	case b := <-c:
		return b
	case <-time.After(10 * time.Second):
		t.Fatal("nothing changed within 10 s")
		return false
	}
}

// quick fails when a request waits for the server, which here never answers.
func quick(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("a request waits for a server that is away")
	}
}

// The server is stopped, hangs, and comes back: memory takes over at once,
// each change is told once, and places held meanwhile are given back.
func TestRedisAway(t *testing.T) {
	for _, c := range []struct {
		how      string
		away     func(s *server)
		back     func(s *server)
		remember bool // the server still knows what it counted
	}{
		{"stopped", func(s *server) { s.stop() }, func(s *server) { s.start() }, false},
		{"hanging", func(s *server) { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }, func(s *server) { _ = s.cmd.Process.Signal(syscall.SIGCONT) }, true},
	} {
		t.Run(c.how, func(t *testing.T) {
			s, fake, name, told := startServer(t), newClock(), unique(t), make(changes, 8)
			l := openPatient(t, s.url(), fake.Now, func(b bool) { told <- b }, patience)
			_, early := l.Take(t.Context(), name, page)
			passes(t, l, name, page, 25)
			c.away(s)
			quick(t, func() { passes(t, l, name, page, 1) })
			if !told.next(t) || !l.Degraded() {
				t.Fatal("nobody was told that memory counts")
			}
			quick(t, func() { passes(t, l, name, page, 29) })
			refused(t, l, name, page, fault.RateExceeded)
			_, late := l.Take(t.Context(), name+"-late", page)
			quick(t, early)
			c.back(s)
			if told.next(t) || l.Degraded() {
				t.Fatal("nobody was told that the server is back")
			}
			if c.remember {
				// 26 counted before, and the one whose answer was lost.
				passes(t, l, name, page, 3)
				refused(t, l, name, page, fault.RateExceeded)
			} else {
				passes(t, l, name, page, 30)
			}
			late() // was memory's
			fake.Advance(time.Minute)
			for range 3 {
				if d, _ := l.Take(t.Context(), name, page); !d.OK {
					t.Errorf("a place was lost: %+v", d)
				}
			}
			refused(t, l, name, page, fault.TooManyInFlight)
			if len(told) != 0 {
				t.Errorf("%d more changes were told", len(told))
			}
		})
	}
}

// A server that is away when the program starts is no reason not to start.
func TestRedisAwayAtStart(t *testing.T) {
	s, c, name, told := startServer(t), newClock(), unique(t), make(changes, 8)
	s.stop()
	l := openRedis(t, s.url(), c.Now, func(b bool) { told <- b })
	if !told.next(t) {
		t.Fatal("nobody was told that memory counts")
	}
	passes(t, l, name, page, 30)
	s.start()
	if told.next(t) {
		t.Fatal("nobody was told that the server is back")
	}
	passes(t, l, name, page, 30)
}

// A server that answers but cannot count is as good as away.
func TestRedisRefuses(t *testing.T) {
	s, c, name, told := startServer(t), newClock(), unique(t), make(changes, 8)
	l := openRedis(t, s.url(), c.Now, func(b bool) { told <- b })
	admin := plainClient(t, s.url())
	if err := admin.ReplicaOf(t.Context(), "127.0.0.1", "1").Err(); err != nil { // read-only from now on
		t.Fatal(err)
	}
	passes(t, l, name, page, 30)
	if !told.next(t) {
		t.Fatal("nobody was told that memory counts")
	}
	if err := l.probe(t.Context()); err == nil {
		t.Error("the probe takes a read-only server for a working one")
	}
	if err := admin.ReplicaOf(t.Context(), "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	if told.next(t) {
		t.Fatal("nobody was told that the server is back")
	}
	passes(t, l, name, page, 1)
}

// A client that hangs up says nothing about the server.
func TestRedisClientHangsUp(t *testing.T) {
	l := openRedis(t, sharedRedis(t), nil, nil)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("gone"))
	d, release := l.Take(ctx, unique(t), page)
	release()
	if !d.OK || l.Degraded() {
		t.Errorf("%+v, degraded %v", d, l.Degraded())
	}
}

// One log line at each change, without the address and its password.
func TestRedisLogsOnce(t *testing.T) {
	var mu sync.Mutex
	var text strings.Builder
	log := slog.New(slog.NewTextHandler(writer(func(p []byte) { mu.Lock(); defer mu.Unlock(); text.Write(p) }), nil))
	l, err := NewRedis(t.Context(), "redis://user:geheim@127.0.0.1:"+freePort(t)+"/0", NewMemory(time.Now), nil, log, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		passes(t, l, fmt.Sprint(i), page, 1)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if n := strings.Count(text.String(), "Redis is away"); n != 1 || strings.Contains(text.String(), "geheim") {
		t.Errorf("%d lines: %s", n, text.String())
	}
}

type writer func(p []byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

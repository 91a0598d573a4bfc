package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"loket/handlers"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/store/blobs"
	"loket/store/mail"
	"loket/store/outbox"
)

// The times of the server that nobody needs to set.
const (
	headerTimeout = 10 * time.Second // for the head of a request
	idleTimeout   = 2 * time.Minute  // between the requests of a connection
	sweepEvery    = time.Hour
	sweepGrace    = time.Hour // longer than any upload with its transaction takes
)

// server is a program that serves: what was opened, and what runs beside the
// requests.
type server struct {
	config  *Config
	serving func() // sets the collector when all is read
	log     *slog.Logger
	stores  *stores
	deps    handlers.Deps
	rooms   []handlers.Room
	http    *http.Server
	metrics *http.Server
	outbox  *outbox.Worker
	workers sync.WaitGroup
	closers []func() error
}

// serve runs the server until ctx ends, then drains it: readyz turns 503,
// requests finish, workers stop, the stores close.
func serve(ctx context.Context, c call) (err error) {
	serving := tuneMemory(c.env)
	log, flush := newServerLogger(c.config, c.err)
	defer func() { err = errors.Join(err, flush()) }()
	s := &server{config: c.config, log: log, serving: serving}
	for _, name := range unknown(c.env) {
		s.log.Warn("nobody reads this variable; `loket help` lists those that are", "name", name)
	}
	if s.stores, err = openStores(ctx, c.config, s.log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stores.db.Close()) }()
	demo, err := s.stores.allowed(ctx, c.config)
	if err != nil {
		return err
	}
	if err := s.build(ctx, demo); err != nil {
		return err
	}
	defer func() {
		for _, closer := range s.closers {
			err = errors.Join(err, closer())
		}
	}()
	if demo {
		if err := s.stores.loadDemo(ctx, s.rooms); err != nil {
			return err
		}
	}
	return s.listen(ctx, c.out, demo)
}

// build wires the handler with everything that it needs.
func (s *server) build(ctx context.Context, demo bool) error {
	c := s.config
	plooiSet, err := c.PLOOI.settings(c.Addr)
	if err != nil {
		return err
	}
	s.deps = handlers.Deps{
		DB: s.stores.db, Accounts: s.stores.accounts, Blobs: s.stores.blobs, Tickets: s.stores.tickets, IDs: s.stores.ids,
		Clock: time.Now, Log: s.log, Registry: prometheus.NewRegistry(), Health: handlers.NewHealth(),
		Config: handlers.Config{
			PublicURL: c.PublicURL, CORSOrigins: c.CORSOrigins, SecurityContact: c.SecurityContact, CheckResponses: c.CheckResponses,
			Demo: demo, UploadValid: c.CAPO.UploadValid,
			Limits: map[string]limit.Rates{
				"capo":   {PerSecond: c.CAPO.Rate, Burst: c.CAPO.Burst, InFlight: c.CAPO.InFlight},
				"vemap":  {PerSecond: c.VEMAP.Rate, Burst: c.VEMAP.Burst, InFlight: c.VEMAP.InFlight},
				"plooi":  {PerSecond: c.PLOOI.Rate, Burst: c.PLOOI.Burst, InFlight: c.PLOOI.InFlight},
				"gever":  {PerSecond: c.GEVER.Rate, Burst: c.GEVER.Burst, InFlight: c.GEVER.InFlight},
				"konova": {PerSecond: c.Konova.Rate, Burst: c.Konova.Burst, InFlight: c.Konova.InFlight},
			},
			GEVER:         c.GEVER.settings(),
			PLOOI:         plooiSet,
			Konova:        handlers.KonovaConfig{RPP: c.Konova.RPP, MaxRPP: c.Konova.MaxRPP},
			VEMAP:         handlers.VEMAPConfig{Key: c.VEMAP.Key, ChallengeHTTP200: c.VEMAP.ChallengeHTTP200},
			Documentation: limit.Rates{PerSecond: c.DocumentationRate, Burst: c.DocumentationBurst},
		},
	}
	for _, n := range c.TrustedProxies {
		s.deps.Config.TrustedProxies = append(s.deps.Config.TrustedProxies, netip.MustParsePrefix(n)) // Validate has parsed it
	}
	s.deps.Metrics = handlers.NewMetrics(s.deps.Registry)
	if err := s.limiter(ctx); err != nil {
		return err
	}
	if err := s.mailer(); err != nil {
		return err
	}
	s.rooms = handlers.Rooms(s.deps)
	for _, r := range s.rooms {
		s.deps.APIs = append(s.deps.APIs, r.API)
	}
	s.http = &http.Server{
		Handler: handlers.New(s.deps), ReadHeaderTimeout: headerTimeout, ReadTimeout: c.ReadTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	if c.MetricsAddr != "" {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", s.deps.Metrics.Handler())
		s.metrics = &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout, ErrorLog: s.http.ErrorLog}
	}
	return nil
}

// limiter counts in memory, or in Redis for several instances.
func (s *server) limiter(ctx context.Context) error {
	memory := limit.NewMemory(time.Now)
	s.deps.Limiter = memory
	if s.config.RedisURL == "" {
		return nil
	}
	r, err := limit.NewRedis(context.WithoutCancel(ctx), s.config.RedisURL, memory, nil, s.log, s.deps.Metrics.LimiterDegraded)
	if err != nil {
		return usagef("%v", err)
	}
	s.deps.Limiter = r
	s.closers = append(s.closers, r.Close)
	return nil
}

// mailer sends what the rooms queue: over SMTP, or into the folder mail/.
func (s *server) mailer() error {
	sender, err := mail.Open(s.config.SMTPURL, filepath.Join(s.config.Data, "mail"), s.config.MailFrom)
	if err != nil {
		return usagef("%v", err)
	}
	s.outbox = outbox.NewWorker(s.stores.db, sender, time.Now, s.log)
	s.deps.Mailed = s.outbox.Wake
	s.deps.Metrics.WatchOutbox(func() float64 {
		n, err := outbox.Depth(context.Background(), s.stores.db)
		if err != nil {
			return math.NaN()
		}
		return float64(n)
	})
	return nil
}

// listen serves until ctx ends or a listener fails.
func (s *server) listen(ctx context.Context, out io.Writer, demo bool) error {
	l, err := listenOn(s.config.Addr, "--addr (LOKET_ADDR)")
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- s.http.Serve(l) }()
	if s.metrics != nil {
		m, err := listenOn(s.config.MetricsAddr, "LOKET_METRICS_ADDR")
		if err != nil {
			return errors.Join(err, s.http.Close())
		}
		go func() { failed <- s.metrics.Serve(m) }()
		s.log.Info("metrics", "address", "http://"+m.Addr().String()+"/metrics")
	}
	read := s.deps.Health.Started()
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.workers.Go(func() {
		select {
		case <-read:
			s.serving()
		case <-work.Done():
		}
	})
	s.sweep(work)
	s.workers.Go(func() { s.outbox.Run(work) })
	for _, r := range s.rooms {
		if r.Work != nil {
			s.workers.Go(func() { r.Work(work) })
		}
	}
	s.log.Info("listening", "settings", s.config)
	announce(out, "http://"+l.Addr().String(), s.deps.APIs, demo)
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = s.drain()
	}
	stop()
	s.workers.Wait()
	return err
}

// listenOn says what to do when an address is taken.
func listenOn(addr, setting string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, usagef("%s is in use by another program: stop that, or choose another address with %s", addr, setting)
	case errors.Is(err, syscall.EACCES):
		return nil, usagef("%s may not be used by this user: choose a port above 1023 with %s", addr, setting)
	case err != nil:
		return nil, usagef("%s cannot be listened on: %v; choose another with %s", addr, err, setting)
	}
	return l, nil
}

// drain lets requests finish. What goes on longer than the drain timeout is
// cut off, and reported.
func (s *server) drain() error {
	s.deps.Health.SetDraining()
	s.log.Info("stopping: requests may finish", "at_most", s.config.DrainTimeout)
	time.Sleep(s.config.DrainDelay)
	ctx, cancel := context.WithTimeout(context.Background(), s.config.DrainTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.Join(fmt.Errorf("requests were still running after %v and were cut off", s.config.DrainTimeout), s.http.Close())
	}
	if s.metrics != nil {
		err = errors.Join(err, s.metrics.Close())
	}
	return err
}

// sweep forgets, now and each hour, what has run out in the rooms and in the
// blobs.
func (s *server) sweep(ctx context.Context) {
	var owners []blobs.Owner
	for _, r := range s.rooms {
		if r.Owner != nil {
			owners = append(owners, r.Owner)
		}
	}
	sweeper := blobs.NewSweeper(s.stores.blobs, owners, time.Now, s.log, sweepGrace).WithTickets(s.stores.tickets)
	s.workers.Go(func() { sweeper.Run(ctx) })
	s.workers.Go(func() {
		tick := time.NewTicker(sweepEvery)
		defer tick.Stop()
		for {
			s.sweepRooms(ctx)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

func (s *server) sweepRooms(ctx context.Context) {
	for _, r := range s.rooms {
		if r.Sweep == nil {
			continue
		}
		n, err := r.Sweep(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("sweep: the next one tries again", "api", r.API.Name, "error", err)
		} else if n > 0 {
			s.log.Info("sweep: removed what ran out", "api", r.API.Name, "removed", n)
		}
	}
}

// announce tells a person what to open. Programs read the log.
func announce(w io.Writer, origin string, apis []mount.API, demo bool) {
	fmt.Fprintf(w, "\nLoket serves at %s/\n", origin)
	for _, a := range apis {
		fmt.Fprintf(w, "\n%s\n  try it out    %s%s/documentation/\n  document      %s%s/documentation.json\n", a.Title, origin, a.Base(), origin, a.Base())
		if !demo || len(a.Identities) == 0 {
			continue
		}
		fmt.Fprintln(w, "  identities of the demo (public knowledge; they exist in this store only):")
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, i := range a.Identities {
			fmt.Fprintf(t, "    %s\t%s\t%s\n", i.Secret, i.Name, i.Note)
		}
		_ = t.Flush()
		if a.Hint != "" {
			fmt.Fprintf(w, "  try: %s\n", strings.ReplaceAll(a.Hint, mount.Origin, origin))
		}
	}
	fmt.Fprint(w, "\nStop with Ctrl-C.\n\n")
}

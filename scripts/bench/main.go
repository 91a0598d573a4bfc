// Command bench measures Loket as its users run it (a process of its own, with
// credentials, limits, log and FULL sync) against a bare net/http handler that
// writes the same bytes, in turn, and prints ratios: times alone mean nothing,
// machines differ and move. It is no test: nothing fails for being slow, but
// what falls short of its goal is marked. Nothing imports it.
//
//	go run ./scripts/bench [--short] [--only TEXT] [--rounds N] [--seconds S]
//
// It needs bin/loket, and takes wrk when that is there. With LOKET_TEST_POSTGRES
// set (an empty database) it measures on PostgreSQL after SQLite. The whole
// table goes to scripts/bench.txt, unless only a part was measured.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// api is what one API brings to the bench.
type api struct {
	name string
	// fill puts rows of its own into the store of a Loket that does not run
	// yet, and gives the headers that open its operations. large tells whether
	// it is the store of the growth laws, with a hundred times the rows beside
	// those that the requests ask for.
	fill func(ctx context.Context, s *server, large bool) (header map[string]string, err error)
	env  []string // raises its limits: they count, and refuse nobody
	rows []row
	// growth names rows that must cost the same in both stores.
	growth []string
	// deep are requests far into the large store, and what they may cost.
	deep []deep
	// first is asked once after each start: what the first request to the API takes.
	first string
}

// row is one request and what it must reach.
type row struct {
	name   string
	goal   float64 // least part of the bare handler's rate; 0 is for information
	method string
	path   string
	body   string
	gzip   bool // asks for gzip
	status int  // that every answer must have
	// lua is a wrk script for requests that differ, and vary the same for the
	// load generator of our own; number counts up, and is never used twice.
	lua  string
	vary func(number int64) (path, body string)
}

// deep is a request that may cost at most goal times what another costs.
type deep struct {
	name, path, first string
	goal              float64
}

// apis are all that take part; another adds its line.
var apis = []api{capo, konova, apiGEVER}

// The goals that are not ratios to the bare handler (performance.md).
const (
	goalGrowth = 1.3
	goalStart  = 150 * time.Millisecond
	goalFirst  = 500 * time.Millisecond
)

type options struct {
	short   bool
	only    string
	rounds  int
	seconds float64
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == floorWord {
		exit(serveFloor(os.Args[2]))
	}
	var o options
	flag.BoolVar(&o.short, "short", false, "one short round, to see that it runs")
	flag.StringVar(&o.only, "only", "", "rows whose name holds this text")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of each row")
	flag.Float64Var(&o.seconds, "seconds", 0, "seconds of load, each time; 0 fits them into the bench's time")
	flag.Parse()
	if o.short {
		o.rounds, o.seconds = 1, 0.5
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(ctx context.Context, o options) (err error) {
	work, err := os.MkdirTemp("", "loket-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	binary, err := filepath.Abs("bin/loket")
	if err == nil {
		_, err = os.Stat(binary)
	}
	if err != nil {
		return errors.New("bin/loket is missing: run `make build` first, in the project's folder")
	}
	databases := []database{{name: "SQLite, sync FULL"}}
	if url := os.Getenv("LOKET_TEST_POSTGRES"); url != "" {
		databases = append(databases, database{name: "PostgreSQL", url: url})
	}
	if o.seconds == 0 {
		o.seconds = o.fit(len(databases))
	}
	var kept bytes.Buffer
	b := &bench{options: o, work: work, binary: binary, out: io.MultiWriter(os.Stdout, &kept), load: generator(work)}
	began := time.Now()
	b.head(ctx)
	for _, d := range databases {
		if err := b.database(ctx, d); err != nil {
			return err
		}
	}
	if err := b.allocations(ctx); err != nil {
		return err
	}
	if text := b.shared(); text != "" {
		b.printf("\n%s\n", text)
	}
	b.printf("\n%s\n", b.verdict())
	fmt.Printf("took %v\n", time.Since(began).Round(time.Second))
	if o.short || o.only != "" {
		return nil
	}
	return os.WriteFile("scripts/bench.txt", kept.Bytes(), 0o600)
}

// fit shares the time for load, four minutes, among all stretches: each row
// drives Loket and the bare handler in each round on each database. wrk knows
// whole seconds only.
func (o options) fit(databases int) float64 {
	rows := 0
	for _, a := range apis {
		rows += len(a.rows)
	}
	const all = 240
	return float64(min(2, max(1, all/(2*rows*o.rounds*databases))))
}

// bench is one run.
type bench struct {
	options
	work    string
	binary  string
	out     io.Writer
	load    load
	missed  []string
	headers map[string]map[string]string // by API
	spent   time.Duration                // processor time of the bench's processes under load
	had     time.Duration                // and of the whole machine meanwhile
}

type database struct{ name, url string }

func (b *bench) printf(format string, args ...any) { fmt.Fprintf(b.out, format, args...) }

func (b *bench) head(ctx context.Context) {
	revision := "unknown"
	if out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output(); err == nil {
		revision = strings.TrimSpace(string(out))
	}
	b.printf("Loket %s, %s, %d cores, %s; %d connections; log to a file, limits counted, credentials checked\n",
		revision, runtime.Version(), runtime.NumCPU(), b.load.name(), connections)
	b.printf("ratio: Loket's rate over that of a bare net/http handler that writes the same bytes; median of %d rounds in turn\n"+
		"cpu: the same ratio by processor time, load generator included; it holds beside other work too, but not for waiting\n", b.rounds)
}

// miss marks what falls short.
func (b *bench) miss(ok bool, what string) string {
	if ok {
		return ""
	}
	b.missed = append(b.missed, what)
	return "  <-- falls short"
}

func (b *bench) verdict() string {
	if len(b.missed) == 0 {
		return "every goal is reached"
	}
	return "falls short: " + strings.Join(b.missed, "; ")
}

// database measures everything on one of the two.
func (b *bench) database(ctx context.Context, d database) error {
	b.printf("\n%s\n", d.name)
	b.headers = map[string]map[string]string{}
	small, err := b.server(ctx, d, "small", false)
	if err != nil {
		return err
	}
	if err := b.starts(ctx, small); err != nil {
		return err
	}
	if err := small.start(ctx); err != nil {
		return err
	}
	defer small.stop()
	rows, err := b.measured(ctx, small)
	if err != nil {
		return err
	}
	if err := b.rowsTable(ctx, small, rows); err != nil {
		return err
	}
	b.printf("\nmemory: %s resident at most (VmHWM) after all of that\n", small.memory())
	if d.url != "" { // one empty database is given, so there is no second store
		return nil
	}
	return b.growthTable(ctx, d, small, rows)
}

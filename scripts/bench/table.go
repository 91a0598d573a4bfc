package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// measuredRow is a row with what the bare handler has to write for it.
type measuredRow struct {
	row

	api    string
	header map[string]string
	floor  floorAnswer
}

// measured asks each row once, for the bytes of the bare handler.
func (b *bench) measured(ctx context.Context, s *server) ([]measuredRow, error) {
	var list []measuredRow
	for _, a := range apis {
		for i, r := range a.rows {
			if !strings.Contains(r.name, b.only) {
				continue
			}
			header := maps.Clone(b.headers[a.name])
			if r.body != "" {
				header["Content-Type"] = "application/json"
			}
			if r.gzip {
				header["Accept-Encoding"] = "gzip"
			}
			path, body := r.path, r.body
			if r.vary != nil {
				path, body = r.vary(0)
			}
			text, got, err := ask(ctx, r.method, "http://"+s.addr+path, body, header, r.status)
			if err != nil {
				return nil, err
			}
			list = append(list, measuredRow{row: r, api: a.name, header: header, floor: floorAnswer{
				Path: fmt.Sprintf("/%s/%d", a.name, i), Status: r.status, Body: text,
				ContentType: got.Get("Content-Type"), ContentEncoding: got.Get("Content-Encoding"),
			}})
		}
	}
	return list, nil
}

// rowsTable drives Loket and the bare handler in turn.
func (b *bench) rowsTable(ctx context.Context, s *server, rows []measuredRow) error {
	if len(rows) == 0 {
		return nil
	}
	answers := make([]floorAnswer, len(rows))
	for i, r := range rows {
		answers[i] = r.floor
	}
	floor, stop, err := b.floor(ctx, answers)
	if err != nil {
		return err
	}
	defer stop()
	b.printf("\n%-34s %7s  %-13s %6s %6s %9s %9s %10s\n", "request", "ratio", "min-max", "goal", "cpu", "per s", "p99", "bytes")
	for _, r := range rows {
		bare := r.row
		bare.path, bare.lua, bare.vary = r.floor.Path, "", nil
		var ratios, costs, rates, p99s []float64
		for range b.rounds {
			ours, err := b.stretch(ctx, process{s.addr, s.cmd.Process.Pid}, r.row, r.header)
			if err != nil {
				return err
			}
			theirs, err := b.stretch(ctx, floor, bare, r.header)
			if err != nil {
				return err
			}
			ratios, costs = append(ratios, ours.rate/theirs.rate), append(costs, theirs.cost/ours.cost)
			rates, p99s = append(rates, ours.rate), append(p99s, float64(ours.p99))
		}
		goal, mark := "-", ""
		if r.goal > 0 {
			goal = fmt.Sprintf("%.2f", r.goal)
			mark = b.miss(median(ratios) >= r.goal, fmt.Sprintf("%s %.3f of %.2f", r.name, median(ratios), r.goal))
		}
		b.printf("%-34s %7.3f  %.3f-%.3f   %6s %6.3f %9.0f %9v %10d%s\n", r.api+" "+r.name, median(ratios), slices.Min(ratios), slices.Max(ratios), goal,
			median(costs), median(rates), time.Duration(median(p99s)).Round(10*time.Microsecond), len(r.floor.Body), mark)
	}
	return nil
}

// growthTable drives the same page in two stores in turn.
func (b *bench) growthTable(ctx context.Context, d database, small *server, rows []measuredRow) error {
	var growing []measuredRow
	for _, a := range apis {
		for _, r := range rows {
			if r.api == a.name && slices.Contains(a.growth, r.name) {
				growing = append(growing, r)
			}
		}
	}
	if b.short || len(growing) == 0 { // filling the large store takes longer than the rest of a short run
		return nil
	}
	large, err := b.server(ctx, d, "large", true)
	if err != nil {
		return err
	}
	if err := large.start(ctx); err != nil {
		return err
	}
	defer large.stop()
	b.printf("\n%-34s %7s  %-13s %6s\n", "cost in 100,000 rows over 1,000", "times", "min-max", "goal")
	for _, r := range growing {
		header := maps.Clone(r.header)
		maps.Copy(header, b.headers[r.api]) // the credentials of the large store
		var ratios []float64
		for range b.rounds {
			few, err := b.load.drive(ctx, small.addr, r.row, r.header, b.seconds/2)
			if err != nil {
				return err
			}
			many, err := b.load.drive(ctx, large.addr, r.row, header, b.seconds/2)
			if err != nil {
				return err
			}
			ratios = append(ratios, few.rate/many.rate)
		}
		b.printf("%-34s %7.2f  %.2f-%.2f     %6.1f%s\n", r.api+" "+r.name, median(ratios), slices.Min(ratios), slices.Max(ratios), goalGrowth,
			b.miss(median(ratios) <= goalGrowth, fmt.Sprintf("growth of %s: %.2f, at most %.1f", r.name, median(ratios), goalGrowth)))
	}
	if err := b.deepRows(ctx, large); err != nil {
		return err
	}
	large.stop()
	return b.startsOf(ctx, large, "start on it")
}

// starts measures how soon Loket answers after its start.
func (b *bench) starts(ctx context.Context, s *server) error {
	b.printf("\n%-34s %9s  %-19s %8s\n", "start", "median", "min-max", "goal")
	return b.startsOf(ctx, s, "start")
}

func (b *bench) startsOf(ctx context.Context, s *server, name string) error {
	var up []float64
	first := map[string][]float64{}
	for range b.rounds {
		began := time.Now()
		if err := s.start(ctx); err != nil {
			return err
		}
		for _, path := range append([]string{"/"}, documentation()...) {
			if err := get(ctx, "http://"+s.addr+path, nil); err != nil {
				return err
			}
		}
		up = append(up, time.Since(began).Seconds()*1000)
		for _, a := range apis {
			began = time.Now()
			if err := get(ctx, "http://"+s.addr+a.first, b.headers[a.name]); err != nil {
				return err
			}
			first[a.name] = append(first[a.name], time.Since(began).Seconds()*1000)
		}
		s.stop()
	}
	b.startLine(name+": health, pages, documents", up, goalStart)
	for _, a := range apis {
		b.startLine("then the first request to "+a.name, first[a.name], goalFirst)
	}
	return nil
}

// deepRows compares requests far into the large store with those at its front.
func (b *bench) deepRows(ctx context.Context, large *server) error {
	for _, a := range apis {
		for _, p := range a.deep {
			var ratios []float64
			for range b.rounds {
				near, err := b.load.drive(ctx, large.addr, row{name: p.name, method: http.MethodGet, path: p.first, status: http.StatusOK}, b.headers[a.name], b.seconds/2)
				if err != nil {
					return err
				}
				far, err := b.load.drive(ctx, large.addr, row{name: p.name, method: http.MethodGet, path: p.path, status: http.StatusOK}, b.headers[a.name], b.seconds/2)
				if err != nil {
					return err
				}
				ratios = append(ratios, near.rate/far.rate)
			}
			b.printf("%-34s %7.2f  %.2f-%.2f     %6.1f%s\n", a.name+" "+p.name, median(ratios), slices.Min(ratios), slices.Max(ratios), p.goal,
				b.miss(median(ratios) <= p.goal, fmt.Sprintf("%s: %.2f times the first, at most %.1f", p.name, median(ratios), p.goal)))
		}
	}
	return nil
}

func documentation() (paths []string) {
	for _, a := range apis {
		paths = append(paths, "/api/"+a.name+"/documentation/", "/api/"+a.name+"/documentation.json")
	}
	return paths
}

func (b *bench) startLine(name string, ms []float64, goal time.Duration) {
	atMost := float64(goal.Milliseconds())
	b.printf("%-34s %6.0f ms  %.0f-%.0f ms %17s%s\n", name, median(ms), slices.Min(ms), slices.Max(ms), "< "+goal.String(),
		b.miss(median(ms) <= atMost, fmt.Sprintf("%s: %.0f ms, at most %.0f", name, median(ms), atMost)))
}

var benchLine = regexp.MustCompile(`(?m)^Benchmark([A-Za-z/]+)\S*\s+\d+\s.*?(\d+) allocs/op`)

// goalAllocs is how many allocations a request may take (performance.md).
var goalAllocs = map[string]int{"CAPO/small": 60, "CAPO/write": 400}

// allocations come from the benchmarks of package handlers.
func (b *bench) allocations(ctx context.Context) error {
	if b.short || b.only != "" {
		return nil
	}
	out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", "1s", "./handlers").CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test -bench: %w: %s", err, out)
	}
	b.printf("\n%-34s %7s %8s\n", "allocations a request", "number", "goal")
	for _, m := range benchLine.FindAllStringSubmatch(string(out), -1) {
		n, err := strconv.Atoi(m[2])
		if err != nil {
			return err
		}
		name, goal, mark := strings.TrimPrefix(m[1], "Request/"), "-", ""
		if most, ok := goalAllocs[name]; ok {
			goal, mark = "<= "+strconv.Itoa(most), b.miss(n <= most, fmt.Sprintf("allocations of %s: %d, at most %d", name, n, most))
		}
		b.printf("%-34s %7d %8s%s\n", name, n, goal, mark)
	}
	return nil
}

func median(l []float64) float64 {
	s := slices.Sorted(slices.Values(l))
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}

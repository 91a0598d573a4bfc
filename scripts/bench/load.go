package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connections that ask at the same time, over as many threads as cores.
const (
	connections = 8
	threads     = 2
)

// result is one stretch of load.
type result struct {
	rate  float64 // answers a second
	p99   time.Duration
	spent time.Duration // processor time of the load generator itself
	cost  float64       // seconds of processor time of an answer; see stretch
}

// load drives one request for a while.
type load interface {
	name() string
	drive(ctx context.Context, addr string, r row, header map[string]string, seconds float64) (result, error)
}

// generator is wrk where it is installed.
func generator(work string) load {
	if path, err := exec.LookPath("wrk"); err == nil {
		return &wrk{path: path, work: work}
	}
	return &goLoad{}
}

type wrk struct {
	path, work string
	runs       int
}

func (*wrk) name() string { return "wrk" }

var (
	wrkRate   = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrk99     = regexp.MustCompile(`(?m)^\s+99%\s+([0-9.]+[a-z]+)`)
	wrkBroken = regexp.MustCompile(`(?m)^.*(Non-2xx|Socket errors).*$`)
)

// drive gives wrk a script that sets method, body and headers, and for requests
// that differ the row's own; RUN is another number each time.
func (l *wrk) drive(ctx context.Context, addr string, r row, header map[string]string, seconds float64) (result, error) {
	l.runs++
	var script strings.Builder
	fmt.Fprintf(&script, "RUN = %d\nwrk.method = %q\nwrk.body = %s\n", l.runs, r.method, luaText(r.body))
	for k, v := range header {
		fmt.Fprintf(&script, "wrk.headers[%q] = %q\n", k, v)
	}
	script.WriteString(r.lua)
	file := filepath.Join(l.work, "wrk.lua")
	if err := os.WriteFile(file, []byte(script.String()), 0o600); err != nil {
		return result{}, err
	}
	whole := max(1, int(seconds+0.5)) // wrk knows whole seconds only
	cmd := exec.CommandContext(ctx, l.path, "-t", strconv.Itoa(threads), "-c", strconv.Itoa(connections), "-d", strconv.Itoa(whole)+"s",
		"--latency", "--timeout", "10s", "-s", file, "http://"+addr+r.path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	if m := wrkBroken.Find(out); m != nil {
		return result{}, fmt.Errorf("%s: %s", r.name, m)
	}
	rate, p99 := wrkRate.FindSubmatch(out), wrk99.FindSubmatch(out)
	if rate == nil || p99 == nil {
		return result{}, fmt.Errorf("wrk wrote something unknown: %s", out)
	}
	res := result{spent: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if res.rate, err = strconv.ParseFloat(string(rate[1]), 64); err != nil {
		return result{}, err
	}
	res.p99, err = time.ParseDuration(string(p99[1]))
	return res, err
}

func luaText(s string) string {
	if s == "" {
		return "nil"
	}
	return strconv.Quote(s)
}

// goLoad is for machines without wrk. It takes more of the machine than wrk
// does, so ratios come out higher.
type goLoad struct{ number atomic.Int64 }

func (*goLoad) name() string { return "load generator in Go (wrk is missing: ratios come out higher)" }

func (l *goLoad) drive(ctx context.Context, addr string, r row, header map[string]string, seconds float64) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var took []time.Duration
	var broken error
	var workers sync.WaitGroup
	began, before := time.Now(), cpuOf(os.Getpid())
	for range connections {
		workers.Go(func() {
			own, err := l.one(ctx, client, "http://"+addr, r, header)
			mu.Lock()
			defer mu.Unlock()
			took, broken = append(took, own...), errors.Join(broken, err)
		})
	}
	workers.Wait()
	if broken != nil || len(took) == 0 {
		return result{}, errors.Join(fmt.Errorf("%s: no load", r.name), broken)
	}
	slices.Sort(took)
	return result{
		rate: float64(len(took)) / time.Since(began).Seconds(), p99: took[len(took)*99/100], spent: cpuOf(os.Getpid()) - before,
	}, nil
}

func (l *goLoad) one(ctx context.Context, client *http.Client, origin string, r row, header map[string]string) (took []time.Duration, err error) {
	for ctx.Err() == nil {
		path, body := r.path, r.body
		if r.vary != nil {
			path, body = r.vary(l.number.Add(1))
		}
		req, err := http.NewRequestWithContext(ctx, r.method, origin+path, strings.NewReader(body))
		if err != nil {
			return took, err
		}
		for k, v := range header {
			req.Header.Set(k, v)
		}
		began := time.Now()
		res, err := client.Do(req)
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			err = errors.Join(err, res.Body.Close())
		}
		switch {
		case ctx.Err() != nil:
			return took, nil //nolint:nilerr // the time is over: the last request does not count
		case err != nil:
			return took, err
		case res.StatusCode != r.status:
			return took, fmt.Errorf("%s: %s", r.name, res.Status)
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

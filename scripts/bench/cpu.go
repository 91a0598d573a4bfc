package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/PID/stat on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpuOf is the processor time that a process has taken so far; 0 where that
// cannot be read.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	var all time.Duration
	for _, f := range fields[11:13] { // utime, stime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0
		}
		all += time.Duration(n) * tick
	}
	return all
}

// process is something that answers.
type process struct {
	addr string
	pid  int
}

// stretch is one stretch of load with what it cost: processor time of the
// process and of the load generator together. Where both cores are busy, the
// ratio of two costs is what the ratio of the rates would be on a machine that
// does nothing else; beside other work only this one can be relied on.
func (b *bench) stretch(ctx context.Context, p process, r row, header map[string]string) (result, error) {
	before, began := cpuOf(p.pid), time.Now()
	res, err := b.load.drive(ctx, p.addr, r, header, b.seconds)
	if err != nil {
		return result{}, err
	}
	took := time.Since(began)
	spent := cpuOf(p.pid) - before + res.spent
	res.cost = spent.Seconds() / (res.rate * took.Seconds())
	b.spent += spent
	b.had += took * time.Duration(runtime.NumCPU())
	return res, nil
}

// shared says how much of the machine the bench had.
func (b *bench) shared() string {
	part := 100 * b.spent.Seconds() / b.had.Seconds()
	if b.had == 0 || part > 85 {
		return ""
	}
	return fmt.Sprintf("the bench had %.0f %% of the processors: other work ran beside it, or answers waited for the disk; compare by cpu", part)
}

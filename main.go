// Loket brings documented public-sector APIs to life as real, stateful
// systems. This package wires the rooms together: settings, stores, workers,
// the server, and the commands of an operator. Nothing imports it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the rules of the Netherlands' days need zones, also where the machine has none
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// The exit codes.
const (
	exitFailure = 1 // it did not work
	exitUsage   = 2 // it was asked for in a wrong way; the line says what to do
)

// usageError is a mistake of who started the program.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// run is the program: it returns the exit code, and ends early when ctx does.
func run(ctx context.Context, args, environ []string, s streams) int {
	err := dispatch(ctx, args, environ, s)
	if err == nil {
		return 0
	}
	fmt.Fprintln(s.err, "loket: "+err.Error())
	var u usageError
	if errors.As(err, &u) {
		return exitUsage
	}
	return exitFailure
}

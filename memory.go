package main

import (
	"runtime/debug"
	"slices"
	"strings"
)

// The collector runs when the heap has grown by so much. Starting leaves much
// behind (five documents are parsed, demo data is loaded), which would set the
// peak of the whole life; what a request leaves is little, and what lives,
// mostly the parsed documents, is walked through at every collection.
const (
	startingPercent = 50
	servingPercent  = 800
)

// From here on the collector runs as often as it must to stay below, whatever
// the percentage; bytes. It is no bound for what lives.
const softLimit = 192 << 20

// tuneMemory sets the collector for starting, and gives what sets it for
// serving. GOGC and GOMEMLIMIT win.
func tuneMemory(environ []string) (serving func()) {
	given := func(name string) bool {
		return slices.ContainsFunc(environ, func(e string) bool { return strings.HasPrefix(e, name+"=") })
	}
	if !given("GOMEMLIMIT") {
		debug.SetMemoryLimit(softLimit)
	}
	if given("GOGC") {
		return func() {}
	}
	debug.SetGCPercent(startingPercent)
	return func() { debug.SetGCPercent(servingPercent) }
}

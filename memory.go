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

// tuneMemory sets the collector for starting, and gives what sets it for
// serving. GOGC wins.
func tuneMemory(environ []string) (serving func()) {
	if slices.ContainsFunc(environ, func(e string) bool { return strings.HasPrefix(e, "GOGC=") }) {
		return func() {}
	}
	debug.SetGCPercent(startingPercent)
	return func() { debug.SetGCPercent(servingPercent) }
}

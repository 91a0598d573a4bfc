package main

import (
	"runtime/debug"
	"slices"
	"strings"
)

// gcPercent lets the heap grow to three times what lives before it is
// collected. What lives is mostly the parsed documents, which every collection
// walks through again; what a request leaves is small. GOGC wins.
const gcPercent = 200

func tuneMemory(environ []string) {
	if !slices.ContainsFunc(environ, func(e string) bool { return strings.HasPrefix(e, "GOGC=") }) {
		debug.SetGCPercent(gcPercent)
	}
}

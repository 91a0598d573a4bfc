// Package objectid makes identifiers in the layout of MongoDB's ObjectId, as
// CAPO shows them: 24 lower-case hex digits of 4 bytes seconds since 1970, 5
// random bytes of the process, and a counter of 3 bytes (apis/capo.md 3.4;
// the page's 62c7d159eb277e1b79161430 decodes to 2022-07-08). Any room of the
// store may import it.
package objectid

import (
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"sync/atomic"
	"time"
)

// Generator makes identifiers; it is safe for concurrent use.
type Generator struct {
	now     func() time.Time
	process [5]byte
	counter atomic.Uint32
}

// New reads eight bytes of entropy (crypto/rand.Reader; a fixed source in
// tests) for the process part and the counter's start. It panics when the
// source fails: without randomness no identifier is safe to give out.
func New(now func() time.Time, entropy io.Reader) *Generator {
	var seed [8]byte
	if _, err := io.ReadFull(entropy, seed[:]); err != nil {
		panic("objectid: no entropy: " + err.Error())
	}
	g := &Generator{now: now}
	copy(g.process[:], seed[:5])
	g.counter.Store(uint32(seed[5])<<16 | uint32(seed[6])<<8 | uint32(seed[7]))
	return g
}

// Next makes an identifier that this generator has not made before (within
// 2^24 of one second).
func (g *Generator) Next() string {
	var id [12]byte
	binary.BigEndian.PutUint32(id[0:4], uint32(g.now().Unix())) //nolint:gosec // the layout has 32 bits of seconds; it wraps in 2106
	copy(id[4:9], g.process[:])
	n := g.counter.Add(1)
	id[9], id[10], id[11] = byte(n>>16), byte(n>>8), byte(n) //nolint:gosec // the low 24 bits, as the layout has it
	return hex.EncodeToString(id[:])
}

// Valid tells whether s has the form of an identifier, in either case.
func Valid(s string) bool {
	if len(s) != 24 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// Normalize gives the stored form: lower case.
func Normalize(s string) string { return strings.ToLower(s) }

// Package konovadb keeps the Konova register and runs its use cases: one
// exported method is one transaction, in which the rules of package konova
// decide. handlers/konova and the commands import it.
//
// # What is kept
//
// konova_entries is the truth: one row per entry of any kind. What rules and
// queries ask for is in columns (references, surfaces, the box around the
// geometry); what is only ever replaced and shown as a whole (offices, dates,
// payments, states, ...) is one JSON of ids (content), so that a write is few
// statements and nothing of it can be half there.
//
// konova_documents is a projection: the JSON that GET sends, rendered in the
// transaction that changes the entry or anything that it shows. Check rebuilds
// and compares.
//
// konova_shares says who sees an entry, and is the order of each user's lists
// at the same time: (user, kind, created_on, id) is its index. A deduction is
// seen by who sees its intervention.
//
// # Paging
//
// A page costs the same wherever it lies: anchors (anchors.go) lead near its
// first key, from there it is read in order. They hold as long as the order's
// generation in konova_orders stays; every change but an append counts it up.
//
// # Locks
//
// A use case locks the entries that it changes, in the order of num, before it
// reads what its rule needs: the account and the intervention of a deduction,
// the intervention of a compensation. Inserts into an order lock the order's
// row, so that two of them cannot both believe to be the last.
package konovadb

import (
	"io"
	"log/slog"
	"sync"
	"time"

	"loket/store"
)

// API is the name under which Konova stands.
const API = "konova"

// Deps is what the use cases need from the house.
type Deps struct {
	DB      *store.DB
	Now     func() time.Time
	Entropy io.Reader // crypto/rand.Reader; a fixed source in tests
	Log     *slog.Logger
}

// DB runs Konova's use cases; it is safe for concurrent use.
type DB struct {
	Deps
	tokens  tokenCache
	anchors anchorCache
	lists   lists
}

// New makes the use cases over the house's store.
func New(d Deps) *DB {
	d.Entropy = &shared{from: d.Entropy}
	return &DB{Deps: d}
}

// shared is a source of randomness for several at once.
type shared struct {
	lock sync.Mutex
	from io.Reader
}

func (s *shared) Read(p []byte) (int, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return io.ReadFull(s.from, p)
}

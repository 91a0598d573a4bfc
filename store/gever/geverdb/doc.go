// Package geverdb keeps GEVER's tree and runs its use cases: one exported
// method is one transaction, in which the rules of package gever decide. It
// may be imported by handlers/gever and by commands.
//
// # The tree
//
// An object is one row; its path is a column, so an object with everything
// above it is one query at any depth, and moving a subtree is one statement
// over the paths that begin with the old one. Children are numbered without
// gaps (position), so a page of them is found without counting or skipping,
// and their number stands in the parent's row.
//
// The root that a use case locks is the parent for what happens among its
// children (ids, positions, reference numbers) and the object for itself; the
// site-wide sequences come after, so the order is always the same.
package geverdb

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"loket/store"
	"loket/store/blobs"
	"loket/store/gever"
	"loket/store/password"
)

// API is the name of the API.
const API = "gever"

// Deps is what the use cases need from the house.
type Deps struct {
	DB        *store.DB
	Blobs     blobs.Blobs
	Now       func() time.Time
	Log       *slog.Logger
	Settings  gever.Settings
	Passwords *password.Hasher // nil makes one
}

// DB runs GEVER's use cases.
type DB struct {
	Deps

	users fresh[*userRow]
	keys  fresh[*gever.ServiceKey]
	ended fresh[bool] // tokens, by their id
	key   jwtKey
}

// New makes the use cases over the house's store.
func New(d Deps) *DB {
	if d.Passwords == nil {
		d.Passwords = password.New()
	}
	if d.Settings.Zone == nil {
		d.Settings = gever.DefaultSettings()
	}
	return &DB{Deps: d}
}

type jwtKey struct {
	mu  sync.Mutex
	key []byte
}

// dropBlobs removes bytes that no row will ever name. It goes on when the
// client has left; what it cannot remove, the sweep will.
func (d *DB) dropBlobs(ctx context.Context, keys []string) {
	for _, key := range keys {
		if err := d.Blobs.Delete(context.WithoutCancel(ctx), key); err != nil {
			d.Log.WarnContext(ctx, "blob left for the sweep", "key", key, "error", err)
		}
	}
}

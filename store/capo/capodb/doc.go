// Package capodb keeps CAPO's objects and runs its use cases: one exported
// method is one transaction, in which the rules of package capo decide. It may
// be imported by handlers/capo and by the commands that import data.
//
// The root that a use case locks: the container for its steps and files, the
// project for the quickscan and what the planned date moves. So sums, "first
// of" and closing rules hold on PostgreSQL as they do on SQLite.
package capodb

import (
	"context"
	"log/slog"
	"time"

	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/objectid"
)

// API is the name under which CAPO's tickets are kept and credentials granted.
const API = "capo"

// upload is the purpose of CAPO's tickets.
const upload = "upload"

// Deps is what the use cases need from the house.
type Deps struct {
	DB       *store.DB
	Accounts *accounts.Store
	Blobs    blobs.Blobs
	Tickets  *blobs.Tickets
	IDs      *objectid.Generator
	Now      func() time.Time
	Log      *slog.Logger
	// UploadGeldig is how long an upload address is good; 15 minutes when zero.
	UploadGeldig time.Duration
}

// DB runs CAPO's use cases.
type DB struct {
	Deps
}

// New makes the use cases over the house's store.
func New(d Deps) *DB {
	if d.UploadGeldig == 0 {
		d.UploadGeldig = 15 * time.Minute
	}
	return &DB{Deps: d}
}

// dropBlob removes bytes that no row will ever name. It goes on when the
// client has left; what it cannot remove, the sweep will.
func (d *DB) dropBlob(ctx context.Context, key string) {
	if err := d.Blobs.Delete(context.WithoutCancel(ctx), key); err != nil {
		d.Log.WarnContext(ctx, "blob left for the sweep", "key", key, "error", err)
	}
}

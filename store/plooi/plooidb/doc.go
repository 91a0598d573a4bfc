// Package plooidb keeps PLOOI's documents and runs its use cases: one exported
// method is one transaction, in which the rules of package plooi decide. The
// worker (Work) publishes what was delivered. It may be imported by
// handlers/plooi and by the commands of an operator.
//
// The root that a use case locks is the document.
package plooidb

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"loket/store"
	"loket/store/blobs"
	"loket/store/objectid"
	"loket/store/plooi"
	"loket/store/scan"
)

// API is the name under which PLOOI is mounted.
const API = "plooi"

// Instellingen is what an administrator may say.
type Instellingen struct {
	// PidPrefix stands before the uuid in a pid, fixed at the registration;
	// "": the public origin with /api/plooi/documenten/ (D1).
	PidPrefix string
	// LocatiePrefix stands before the uuid in Location; "": the public origin
	// with the path of the upload.
	LocatiePrefix string
	// MaxGrootte is the most bytes of a file; zero is 2 GiB (D19).
	MaxGrootte int64
	// Vertraging is how long a delivery waits before it is processed; zero is
	// 2 s, less than zero at once (D27).
	Vertraging time.Duration
	// Sleutel signs tokens: an RSA private key in PEM; "": the store's own,
	// made when it is first needed.
	Sleutel string
	// Scanner looks for viruses; nil is none (D52).
	Scanner scan.Scanner
	// AanleverToken takes sandbox tokens of `loket credential create` too (D12).
	AanleverToken bool
	// DemoOrigin stands in the pids of the demo data; "" is
	// http://127.0.0.1:8080.
	DemoOrigin string
}

// Deps is what the use cases need from the house.
type Deps struct {
	DB    *store.DB
	Blobs blobs.Blobs
	IDs   *objectid.Generator
	Now   func() time.Time
	Log   *slog.Logger
	Instellingen

	NieuweUUID    func() string                   // nil is a random one
	NieuweSleutel func() (*rsa.PrivateKey, error) // nil is 2048 bits
}

// DB runs PLOOI's use cases.
type DB struct {
	Deps

	lijsten  *plooi.Lijsten
	sleutels sleutels
	wake     chan struct{}
	naam     string // of the worker
}

// The defaults of Instellingen.
const (
	defaultVertraging = 2 * time.Second
	defaultOrigin     = "http://127.0.0.1:8080"
)

// New makes the use cases over the house's store.
func New(d Deps) *DB {
	if d.MaxGrootte == 0 {
		d.MaxGrootte = plooi.MaxGrootte
	}
	if d.Vertraging == 0 {
		d.Vertraging = defaultVertraging
	}
	if d.DemoOrigin == "" {
		d.DemoOrigin = defaultOrigin
	}
	if d.NieuweUUID == nil {
		d.NieuweUUID = uuid.NewString
	}
	if d.NieuweSleutel == nil {
		d.NieuweSleutel = func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }
	}
	return &DB{Deps: d, lijsten: plooi.LeesLijsten(), wake: make(chan struct{}, 1), naam: rand.Text()}
}

// Lijsten are the value lists.
func (d *DB) Lijsten() *plooi.Lijsten { return d.lijsten }

// dropBlob removes bytes that no row will ever name. It goes on when the
// client has left; what it cannot remove, the sweep will.
func (d *DB) dropBlob(ctx context.Context, key string) {
	if err := d.Blobs.Delete(context.WithoutCancel(ctx), key); err != nil {
		d.Log.WarnContext(ctx, "blob left for the sweep", "key", key, "error", err)
	}
}

// Package blobstest has what tests of and with blobs need: one suite that
// every kind of Blobs must pass, and Blobs that fail where a test says. Only
// tests import it.
package blobstest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"

	"loket/store/blobs"
	"loket/store/fault"
)

// Failing passes everything on to the Blobs within and fails where it is told.
// Its fields may be changed between calls, not during one.
type Failing struct {
	blobs.Blobs

	// After fails each Put when that many bytes were written, as a disk does
	// that is full by then; a Put of fewer bytes succeeds. Nil never fails.
	After *int64
	// AfterPut fails each Put when the blob is there whole, as a connection
	// does that breaks before the answer; what is there is an orphan.
	AfterPut bool
	// These fail at once.
	NoOpen, NoDelete, NoWalk, NoPing bool
	// Err is the cause; nil is ENOSPC.
	Err error

	puts atomic.Int64
}

// Full fails each Put after n bytes.
func Full(b blobs.Blobs, n int64) *Failing { return &Failing{Blobs: b, After: &n} }

// Puts is how often Put was called.
func (f *Failing) Puts() int64 { return f.puts.Load() }

func (f *Failing) cause() error {
	if f.Err != nil {
		return f.Err
	}
	return fmt.Errorf("write: %w", syscall.ENOSPC)
}

func (f *Failing) fail() error {
	return fault.Wrap(f.cause(), fault.Unavailable, fault.StoreUnavailable, "")
}

// errFull is what the Blobs within sees; the caller sees a fault.
var errFull = errors.New("blobstest: full")

// Put fails as After and AfterPut say.
func (f *Failing) Put(ctx context.Context, r io.Reader, limit int64) (blobs.Info, error) {
	f.puts.Add(1)
	if f.After != nil {
		r = &bounded{r: r, left: *f.After}
	}
	info, err := f.Blobs.Put(ctx, r, limit)
	if errors.Is(err, errFull) || (err == nil && f.AfterPut) {
		return blobs.Info{}, f.fail()
	}
	return info, err
}

// Open fails when NoOpen says so.
func (f *Failing) Open(ctx context.Context, key string) (io.ReadSeekCloser, blobs.Info, error) {
	if f.NoOpen {
		return nil, blobs.Info{}, f.fail()
	}
	return f.Blobs.Open(ctx, key)
}

// Delete fails when NoDelete says so.
func (f *Failing) Delete(ctx context.Context, key string) error {
	if f.NoDelete {
		return f.fail()
	}
	return f.Blobs.Delete(ctx, key)
}

// Walk fails when NoWalk says so.
func (f *Failing) Walk(ctx context.Context, fn func(blobs.Info) error) error {
	if f.NoWalk {
		return f.fail()
	}
	return f.Blobs.Walk(ctx, fn)
}

// Ping fails when NoPing says so.
func (f *Failing) Ping(ctx context.Context) error {
	if f.NoPing {
		return f.fail()
	}
	return f.Blobs.Ping(ctx)
}

// bounded gives left bytes of r, and fails when there are more.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	// One byte more is asked for, so that a body of exactly left bytes ends
	// well.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		return int(b.left), errFull
	}
	b.left -= int64(n)
	return n, err
}

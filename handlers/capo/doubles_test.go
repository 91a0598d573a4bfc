package capo_test

import (
	"context"
	"io"
	"sync/atomic"

	"loket/store/blobs"
)

// gate holds every reader of a blob at the door while it is closed.
type gate struct {
	blobs.Blobs

	closed         atomic.Bool
	entered, leave chan struct{}
}

func (g *gate) Open(ctx context.Context, key string) (io.ReadSeekCloser, blobs.Info, error) {
	if g.closed.Load() {
		g.entered <- struct{}{}
		<-g.leave
	}
	return g.Blobs.Open(ctx, key)
}

// afterDemo puts into full blobs once now is set.
type afterDemo struct {
	blobs.Blobs

	full blobs.Blobs
	now  atomic.Bool
}

func (a *afterDemo) Put(ctx context.Context, r io.Reader, limit int64) (blobs.Info, error) {
	if a.now.Load() {
		return a.full.Put(ctx, r, limit)
	}
	return a.Blobs.Put(ctx, r, limit)
}

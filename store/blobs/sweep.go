package blobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Owner knows which blobs an API's rows refer to.
type Owner interface {
	// References tells which of the keys the rows refer to; a key that is
	// absent or false is not needed by this owner.
	References(ctx context.Context, keys []string) (map[string]bool, error)
}

// Sweeper removes what nobody needs any more: blobs that were put, but whose
// transaction then failed or whose rows are gone, files that a crash left
// half-written, and tickets a day after they ran out.
type Sweeper struct {
	blobs   Blobs
	owners  []Owner
	tickets *Tickets
	now     func() time.Time
	log     *slog.Logger
	grace   time.Duration
}

const (
	sweepEvery = time.Hour
	sweepBatch = 500 // keys asked for at once
)

// NewSweeper sweeps blobs that are older than grace and that none of the
// owners refers to. Grace must be longer than the slowest upload with its
// transaction takes, because until then no row refers to the blob. Every room
// that keeps keys must be among the owners; without any, no blob is removed.
func NewSweeper(b Blobs, owners []Owner, now func() time.Time, log *slog.Logger, grace time.Duration) *Sweeper {
	return &Sweeper{blobs: b, owners: owners, now: now, log: log, grace: grace}
}

// WithTickets sweeps those too, and returns s.
func (s *Sweeper) WithTickets(t *Tickets) *Sweeper {
	s.tickets = t
	return s
}

// Run sweeps now and each hour until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		removed, err := s.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error("sweep: not all could be removed; the next one tries again", "removed", removed, "error", err)
		case removed > 0:
			s.log.Info("sweep: removed what nobody needs", "removed", removed)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once sweeps and tells how many blobs, half-written files and tickets it
// removed. A part that fails does not keep the others.
func (s *Sweeper) Once(ctx context.Context) (removed int, err error) {
	before := s.now().Add(-s.grace)
	orphans, err := s.orphans(ctx, before)
	leftovers, leftoversErr := s.leftovers(ctx, before)
	tickets, ticketsErr := s.expired(ctx)
	return orphans + leftovers + tickets, errors.Join(err, leftoversErr, ticketsErr)
}

func (s *Sweeper) orphans(ctx context.Context, before time.Time) (removed int, err error) {
	if len(s.owners) == 0 {
		return 0, nil
	}
	var keys []string
	flush := func() error {
		n, err := s.removeOrphans(ctx, keys)
		removed += n
		keys = keys[:0]
		return err
	}
	err = s.blobs.Walk(ctx, func(info Info) error {
		if !info.ModifiedAt.Before(before) {
			return nil
		}
		keys = append(keys, info.Key)
		if len(keys) < sweepBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	return removed, err
}

// removeOrphans removes those of the keys that no owner knows. When one owner
// cannot say, none is removed.
func (s *Sweeper) removeOrphans(ctx context.Context, keys []string) (removed int, err error) {
	if len(keys) == 0 {
		return 0, nil
	}
	needed := map[string]bool{}
	for _, o := range s.owners {
		known, err := o.References(ctx, keys)
		if err != nil {
			return 0, fmt.Errorf("ask who needs the blobs: %w", err)
		}
		for key, yes := range known {
			needed[key] = needed[key] || yes
		}
	}
	for _, key := range keys {
		if needed[key] {
			continue
		}
		if err := s.blobs.Delete(ctx, key); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// leftovers concerns Disk; S3 has none, see there.
func (s *Sweeper) leftovers(ctx context.Context, before time.Time) (int, error) {
	if d, ok := s.blobs.(*Disk); ok {
		return d.removeLeftovers(ctx, before)
	}
	return 0, nil
}

func (s *Sweeper) expired(ctx context.Context) (int, error) {
	if s.tickets == nil {
		return 0, nil
	}
	return s.tickets.removeExpired(ctx)
}

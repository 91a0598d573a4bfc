package outbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/mail"
)

// How the worker works. The lease is longer than an attempt can take, so that
// only the mails of a worker that died are taken over.
const (
	claimed    = 8 // at once
	lease      = time.Minute
	attempt    = 30 * time.Second
	pollPeriod = time.Second
)

// backoff is the wait after each failed attempt; after the last the mail has
// failed for good.
var backoff = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}

// failureSize bounds what is kept of an error, in bytes.
const failureSize = 500

// Worker sends what is queued. Several may run on one database, in one program
// or more.
type Worker struct {
	db     *store.DB
	sender mail.Sender
	now    func() time.Time
	log    *slog.Logger
	name   string
	wake   chan struct{}
}

// NewWorker makes a worker; Run starts it.
func NewWorker(db *store.DB, sender mail.Sender, now func() time.Time, log *slog.Logger) *Worker {
	return &Worker{db: db, sender: sender, now: now, log: log, name: rand.Text(), wake: make(chan struct{}, 1)}
}

// Wake makes Run look now instead of at its next poll.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends. Attempts that are under way then are finished (at
// most half a minute), and their outcome is recorded; nothing new is begun.
//
// On SQLite one program serves, so what is leased when Run begins was leased by
// one that died, and is due at once. On PostgreSQL another may be at it: there
// the lease has to run out.
func (w *Worker) Run(ctx context.Context) {
	if w.db.Dialect() == store.SQLite {
		if err := w.release(ctx); err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "outbox", slog.Any("error", err))
		}
	}
	poll := time.NewTicker(pollPeriod)
	defer poll.Stop()
	for {
		n, err := w.Once(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "outbox", slog.Any("error", err))
		}
		if n == claimed && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		case <-w.wake:
		}
	}
}

// Once claims what is due, at most a handful, tries each once, and tells how
// many it tried.
func (w *Worker) Once(ctx context.Context) (int, error) {
	rows, err := w.claim(ctx)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	// Begun is finished: half a mail helps nobody.
	ctx = context.WithoutCancel(ctx)
	results := make([]error, len(rows))
	var wg sync.WaitGroup
	for i, r := range rows {
		wg.Go(func() {
			c, cancel := context.WithTimeout(ctx, attempt)
			defer cancel()
			results[i] = w.sender.Send(c, r.message())
		})
	}
	wg.Wait()
	return len(rows), w.record(ctx, rows, results)
}

func (r row) message() mail.Message {
	return mail.Message{ID: r.ID, To: r.Recipient, ToName: r.Name, Subject: r.Subject, Text: r.Text, HTML: r.HTML, QueuedAt: r.QueuedAt.Time}
}

// claim takes a lease on the mails that wait longest. The due time moves to the
// end of the lease: if this worker dies, they are due again then.
func (w *Worker) claim(ctx context.Context) ([]row, error) {
	var rows []row
	now := w.now()
	// Most looks find nothing, and then need no writer.
	var due []string
	err := w.db.Reader(ctx).Model(&row{}).Where("state = ? AND due_at <= ?", queued, store.At(now)).Limit(1).Pluck("id", &due).Error
	if err != nil || len(due) == 0 {
		return nil, store.Translate(err)
	}
	err = w.db.InTx(ctx, func(tx *gorm.DB) error {
		rows = nil
		err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked}).
			Where("state = ? AND due_at <= ?", queued, store.At(now)).Order("due_at, id").Limit(claimed).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		return tx.Model(&row{}).Where("id IN ?", ids(rows)).
			Updates(map[string]any{"lease": w.name, "due_at": store.At(now.Add(lease))}).Error
	})
	if err != nil {
		return nil, fmt.Errorf("outbox: claim: %w", err)
	}
	return rows, nil
}

// release makes what anybody has a lease on due now.
func (w *Worker) release(ctx context.Context) error {
	err := w.db.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&row{}).Where("state = ? AND lease <> ''", queued).
			Updates(map[string]any{"lease": "", "due_at": store.At(w.now())}).Error
	})
	if err != nil {
		return fmt.Errorf("outbox: release: %w", err)
	}
	return nil
}

func ids(rows []row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.ID
	}
	return out
}

// record writes the outcomes. A row whose lease went to another meanwhile is
// left to that one. What was sent keeps no content.
func (w *Worker) record(ctx context.Context, rows []row, results []error) error {
	now := w.now()
	err := w.db.InTx(ctx, func(tx *gorm.DB) error {
		for i, r := range rows {
			changes := outcome(r, results[i], now)
			if err := tx.Model(&row{}).Where("id = ? AND lease = ?", r.ID, w.name).Updates(changes).Error; err != nil {
				return err
			}
		}
		return nil
	})
	for i, r := range rows {
		if results[i] != nil {
			w.log.WarnContext(ctx, "mail not sent", slog.String("mail", r.ID), slog.Int64("attempt", r.Attempts+1), slog.Any("error", results[i]))
		}
	}
	if err != nil {
		return fmt.Errorf("outbox: record: %w", err)
	}
	return nil
}

func outcome(r row, err error, now time.Time) map[string]any {
	c := map[string]any{"lease": "", "attempts": r.Attempts + 1, "failure": ""}
	switch {
	case err == nil:
		c["state"], c["finished_at"], c["text"], c["html"] = sent, store.At(now), "", ""
	case int(r.Attempts) < len(backoff):
		c["due_at"] = store.At(now.Add(backoff[r.Attempts]))
	default:
		c["state"], c["finished_at"], c["text"], c["html"] = failed, store.At(now), "", ""
	}
	if err != nil {
		text := err.Error()
		c["failure"] = strings.ToValidUTF8(text[:min(len(text), failureSize)], "")
	}
	return c
}

// Depth is how many mails wait, for the metrics.
func Depth(ctx context.Context, db *store.DB) (int64, error) {
	var n int64
	err := db.Reader(ctx).Model(&row{}).Where("state = ?", queued).Count(&n).Error
	return n, store.Translate(err)
}

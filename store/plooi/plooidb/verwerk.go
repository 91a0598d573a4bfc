package plooidb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/plooi"
	"loket/store/scan"
)

// How the worker works. A lease is renewed while its task is worked on (a scan
// of 2 GiB takes minutes), so that it can be short: after a crash another
// worker takes over when it ends.
const (
	perKeer    = 16
	lease      = 15 * time.Second
	pollPeriod = 500 * time.Millisecond
)

// wachttijden are the pauses after an attempt that did not end; the last one
// holds for all that follow.
var wachttijden = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute}

// Wake makes Work look now instead of at its next poll.
func (d *DB) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Work processes what was delivered until ctx ends. Several may run on one
// database, in one program or more. What it has in hand at the end is taken up
// again when its lease runs out.
func (d *DB) Work(ctx context.Context) {
	poll := time.NewTicker(pollPeriod)
	defer poll.Stop()
	for {
		n, err := d.Verwerk(ctx)
		if err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "plooi: processing; the next attempt follows", "error", err)
		}
		if n > 0 && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		case <-d.wake:
		}
	}
}

// Verwerk claims what is due, at most a handful, works on each once, and tells
// how many it had.
func (d *DB) Verwerk(ctx context.Context) (int, error) {
	tasks, err := d.claim(ctx)
	if err != nil || len(tasks) == 0 {
		return 0, err
	}
	stop := d.verleng(ctx, tasks)
	defer stop()
	var failures []error
	for i := range tasks {
		if err := d.verwerkTaak(ctx, &tasks[i]); err != nil {
			failures = append(failures, fmt.Errorf("document %s: %w", tasks[i].DocumentID, err))
		}
	}
	return len(tasks), errors.Join(failures...)
}

func (d *DB) claim(ctx context.Context) ([]taakRow, error) {
	now := store.At(d.Now())
	// Most looks find nothing, and then need no writer.
	var due []string
	err := d.DB.Reader(ctx).Model(&taakRow{}).Where("due_at <= ?", now).Limit(1).Pluck("document_id", &due).Error
	if err != nil || len(due) == 0 {
		return nil, store.Translate(err)
	}
	var tasks []taakRow
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		tasks = nil
		err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked}).
			Where("due_at <= ?", now).Order("due_at, document_id, volgnr").Limit(perKeer).Find(&tasks).Error
		if err != nil {
			return err
		}
		for i := range tasks {
			tasks[i].Lease, tasks[i].DueAt = d.naam, store.At(d.Now().Add(lease))
			if err := upsert(tx, tasks[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return tasks, err
}

// verleng renews the leases until stop is called.
func (d *DB) verleng(ctx context.Context, tasks []taakRow) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
				return tx.Model(&taakRow{}).Where("lease = ?", d.naam).Update("due_at", store.At(d.Now().Add(lease))).Error
			})
			if err != nil && ctx.Err() == nil {
				d.Log.WarnContext(ctx, "plooi: the leases of tasks were not renewed", "tasks", len(tasks), "error", err)
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// verwerkTaak scans what waits for it, outside any transaction, and publishes.
func (d *DB) verwerkTaak(ctx context.Context, t *taakRow) error {
	keuring, diagnose, err := d.keurTaak(ctx, t)
	if err != nil {
		return err
	}
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		g, err := load(tx, store.Lock(tx), t.DocumentID)
		if err != nil {
			return err
		}
		// Delivered anew or withdrawn meanwhile: that has its own task, or none.
		if held, err := d.heeft(tx, t); err != nil || !held {
			return err
		}
		v := g.versie(t.Volgnr)
		switch {
		case v == nil || v.Bestand == nil:
			return laatLos(tx, t)
		case v.Bestand.Keuring == plooi.Wacht && keuring == plooi.Wacht:
			return d.laatWachten(tx, t, diagnose)
		case v.Bestand.Keuring == plooi.Wacht:
			v.Bestand.Keuring = keuring
		}
		return d.maakAf(tx, g, v, t)
	})
}

func (g *geladen) versie(volgnr int) *plooi.Versie {
	if volgnr < 1 || volgnr > len(g.Versies) {
		return nil
	}
	return &g.Versies[volgnr-1]
}

// heeft tells whether the task is still this worker's.
func (d *DB) heeft(tx *gorm.DB, t *taakRow) (bool, error) {
	var n int64
	err := tx.Model(&taakRow{}).Where("document_id = ? AND volgnr = ? AND lease = ?", t.DocumentID, t.Volgnr, d.naam).Count(&n).Error
	return n > 0, store.Translate(err)
}

func laatLos(tx *gorm.DB, t *taakRow) error {
	return store.Translate(tx.Where("document_id = ? AND volgnr = ?", t.DocumentID, t.Volgnr).Delete(&taakRow{}).Error)
}

// keurTaak scans the task's file when it waits for that.
func (d *DB) keurTaak(ctx context.Context, t *taakRow) (plooi.Keuring, plooi.Diagnose, error) {
	var b bestandRow
	res := d.DB.Reader(ctx).Where("blob_key = (SELECT blob_key FROM plooi_versies WHERE document_id = ? AND volgnr = ?)", t.DocumentID, t.Volgnr).Limit(1).Find(&b)
	if res.Error != nil {
		return "", plooi.Diagnose{}, store.Translate(res.Error)
	}
	if res.RowsAffected == 0 || plooi.Keuring(b.Keuring) != plooi.Wacht || d.Scanner == nil {
		return plooi.NietGekeurd, plooi.Diagnose{}, nil // no scanner any more: the operator does without
	}
	content, _, err := d.Blobs.Open(ctx, b.BlobKey)
	if err != nil {
		return "", plooi.Diagnose{}, err
	}
	defer content.Close()
	found, err := d.Scanner.Scan(ctx, content)
	switch {
	case err != nil && ctx.Err() != nil:
		return "", plooi.Diagnose{}, fmt.Errorf("scan: %w", ctx.Err())
	case errors.Is(err, scan.ErrTooLarge):
		return plooi.Wacht, plooi.ScannerGrens, nil
	case err != nil:
		d.Log.WarnContext(ctx, "virus scanner: the document waits", "document", t.DocumentID, "error", err)
		return plooi.Wacht, plooi.ScannerWeg, nil
	case found.Infected:
		d.Log.WarnContext(ctx, "virus scanner: found", "document", t.DocumentID, "name", found.Name)
		return plooi.Besmet, plooi.Diagnose{}, nil
	default:
		return plooi.Schoon, plooi.Diagnose{}, nil
	}
}

// laatWachten gives the task back for later. One line of the status says that
// it waits; each attempt renews it.
func (d *DB) laatWachten(tx *gorm.DB, t *taakRow, diagnose plooi.Diagnose) error {
	id := t.VerwerkingID
	if id == "" {
		id = d.IDs.Next()
	}
	id, err := d.meldAls(tx, id, t.ProcesID, t.DocumentID, plooi.Ingress, []plooi.Diagnose{diagnose})
	if err != nil {
		return err
	}
	wait := wachttijden[min(t.Attempts, len(wachttijden)-1)]
	return upsert(tx, taakRow{
		DocumentID: t.DocumentID, Volgnr: t.Volgnr, ProcesID: t.ProcesID, DueAt: store.At(d.Now().Add(wait)), Attempts: t.Attempts + 1, VerwerkingID: id,
	})
}

// maakAf publishes a version, or says why not, and ends its task.
func (d *DB) maakAf(tx *gorm.DB, g *geladen, v *plooi.Versie, t *taakRow) error {
	if v.Bestand.Keuring == plooi.Besmet {
		if err := g.save(tx); err != nil {
			return err
		}
		if err := d.meld(tx, t.ProcesID, g.ID, plooi.Process, plooi.VirusGevonden); err != nil {
			return err
		}
		return laatLos(tx, t)
	}
	now := d.Now()
	v.VerwerktOp = &now
	e, err := plooi.Verrijk(d.lijsten, v.Metadata)
	if err != nil {
		return err
	}
	if err := g.save(tx); err != nil {
		return err
	}
	if err := d.publiceer(tx, g, v, e); err != nil {
		return err
	}
	stage := plooi.Process
	if v.Oorzaak == plooi.Herpublicatie {
		stage = plooi.Undelete
	}
	if err := d.meld(tx, t.ProcesID, g.ID, stage, e.Diagnoses...); err != nil {
		return err
	}
	return laatLos(tx, t)
}

// Herpubliceer shows a version again: the last one when nummer is 0, which only
// a withdrawn document allows. It is an operator's, without a caller.
func (d *DB) Herpubliceer(ctx context.Context, documentID string, nummer int, reden string) error {
	err := d.bestuur(ctx, documentID, func(tx *gorm.DB, g *geladen) error {
		v, err := g.Herpubliceer(d.Now(), nummer, reden)
		if err != nil {
			return err
		}
		sessie, err := d.proces(tx, "", g.ID)
		if err != nil {
			return err
		}
		return d.aanbieden(tx, g, v, sessie)
	})
	d.Wake()
	return err
}

// Blokkeer adds blocks to a document, "-naam" takes one away; a blocked one is
// shown to nobody. It is an operator's.
func (d *DB) Blokkeer(ctx context.Context, documentID string, namen ...string) error {
	return d.bestuur(ctx, documentID, func(tx *gorm.DB, g *geladen) error {
		if err := g.Blokkeer(namen...); err != nil {
			return err
		}
		return d.herzie(tx, g)
	})
}

// StelUit makes a document visible from a moment on; nil is at once. It is an
// operator's.
func (d *DB) StelUit(ctx context.Context, documentID string, vanaf *time.Time) error {
	return d.bestuur(ctx, documentID, func(tx *gorm.DB, g *geladen) error {
		g.StelUit(vanaf)
		return d.herzie(tx, g)
	})
}

func (d *DB) bestuur(ctx context.Context, documentID string, do func(*gorm.DB, *geladen) error) error {
	id, err := plooi.DocumentID(documentID)
	if err != nil {
		return err
	}
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		g, err := load(tx, store.Lock(tx), id)
		if err != nil {
			return err
		}
		return do(tx, g)
	})
}

// herzie saves and renews the publication, when there is one.
func (d *DB) herzie(tx *gorm.DB, g *geladen) error {
	if err := g.save(tx); err != nil {
		return err
	}
	v := g.Gepubliceerd()
	if v == nil || g.Ingetrokken() {
		return nil
	}
	e, err := plooi.Verrijk(d.lijsten, v.Metadata)
	if err != nil {
		return err
	}
	return d.publiceer(tx, g, v, e)
}

func isMissing(err error) bool { return err != nil && fault.KindOf(err) == fault.NotFound }

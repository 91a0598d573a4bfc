package plooidb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
	"loket/store/fault"
	"loket/store/plooi"
	"loket/store/scan"
)

// Levering is a file that comes in.
type Levering struct {
	DocumentID string // as in the path
	Sessie     string // "" when none was given
	Lengte     int64  // Content-Length; -1 when there is none
	Bytes      io.Reader
	Vervang    bool // PUT: a new version
}

// Ontvangst is the answer to a file.
type Ontvangst struct {
	Pid, Sessie string
	Op          time.Time
}

// LeverBestand takes a file in (E4, E6). What can be refused is refused before
// the body is read: its announced length, the id, its first four bytes, the
// document, its owner. The bytes go to the blobs before the transaction; what
// fails then leaves nothing. Faults: BodyTooLarge, IdentifierOnjuist,
// BestandstypeFout, Missing, NietEigenaar, BrokenBody.
func (d *DB) LeverBestand(ctx context.Context, a plooi.Aanroeper, l Levering) (*Ontvangst, error) {
	if l.Lengte > d.MaxGrootte {
		return nil, fault.New(fault.TooLarge, fault.BodyTooLarge, "")
	}
	id, err := plooi.DocumentID(l.DocumentID)
	if err != nil {
		return nil, err
	}
	kop, soort, err := leesKop(l.Bytes)
	if err != nil {
		return nil, err
	}
	if err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		_, err := leverbaar(tx, tx, a, id, l.Vervang)
		return err
	}); err != nil {
		return nil, err
	}
	info, err := d.Blobs.Put(ctx, io.MultiReader(bytes.NewReader(kop), l.Bytes), d.MaxGrootte)
	if err != nil {
		return nil, err
	}
	out, kept, err := d.neemAan(ctx, a, id, l, plooi.Bestand{Blob: info.Key, SHA256: info.SHA256, Type: soort, Grootte: info.Size})
	if !kept {
		d.dropBlob(ctx, info.Key)
	}
	return out, err
}

// leesKop reads the four bytes that tell a file's type.
func leesKop(r io.Reader) (kop []byte, soort string, err error) {
	kop = make([]byte, 4)
	n, err := io.ReadFull(r, kop)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
	}
	soort, err = plooi.Soort(kop[:n])
	return kop[:n], soort, err
}

// leverbaar finds the document of a file and says whether it may come.
func leverbaar(tx, root *gorm.DB, a plooi.Aanroeper, id string, vervang bool) (*geladen, error) {
	g, err := load(tx, root, id)
	if err != nil {
		return nil, err
	}
	if err := g.MagWijzigen(a); err != nil {
		return nil, err
	}
	if vervang {
		return g, g.MagBestandVervangen()
	}
	return g, g.MagBestandLeveren()
}

// neemAan looks for viruses and makes the version; kept tells whether a row
// names the blob.
func (d *DB) neemAan(ctx context.Context, a plooi.Aanroeper, id string, l Levering, b plooi.Bestand) (out *Ontvangst, kept bool, err error) {
	if b.Keuring, err = d.keur(ctx, b.Blob); err != nil {
		return nil, false, err
	}
	if b.Keuring == plooi.Besmet {
		return nil, false, fault.New(fault.Invalid, plooi.BestandstypeFout, "")
	}
	var old string
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		out, old, kept, err = d.verwerkLevering(tx, a, id, l, b)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if old != "" && old != b.Blob {
		d.dropBlob(ctx, old)
	}
	d.Wake()
	return out, kept, nil
}

func (d *DB) verwerkLevering(tx *gorm.DB, a plooi.Aanroeper, id string, l Levering, b plooi.Bestand) (out *Ontvangst, old string, kept bool, err error) {
	g, err := leverbaar(tx, store.Lock(tx), a, id, l.Vervang)
	if err != nil {
		return nil, "", false, err
	}
	sessie, err := d.proces(tx, l.Sessie, id)
	if err != nil {
		return nil, "", false, err
	}
	now := d.Now()
	out = &Ontvangst{Pid: g.Pid, Sessie: sessie, Op: now}
	lever := g.LeverBestand
	if l.Vervang {
		lever = g.VervangBestand
	} else if was := g.Laatste().Bestand; was != nil {
		old = was.Blob
	}
	v, err := lever(now, b)
	switch {
	case err != nil:
		return nil, "", false, err
	case v == nil:
		return out, "", false, d.meld(tx, sessie, id, plooi.Process, plooi.Ongewijzigd)
	}
	if err := d.aanbieden(tx, g, v, sessie); err != nil {
		return nil, "", false, err
	}
	if old == "" {
		return out, "", true, nil
	}
	return out, old, true, store.Translate(tx.Where("blob_key = ?", old).Delete(&bestandRow{}).Error)
}

// aanbieden saves a version and puts it before the worker.
func (d *DB) aanbieden(tx *gorm.DB, g *geladen, v *plooi.Versie, sessie string) error {
	if err := g.save(tx); err != nil {
		return err
	}
	if err := d.meld(tx, sessie, g.ID, plooi.Ingress); err != nil {
		return err
	}
	return upsert(tx, taakRow{DocumentID: g.ID, Volgnr: v.Volgnr, ProcesID: sessie, DueAt: store.At(d.Now().Add(max(0, d.Vertraging)))})
}

// keur asks the scanner. One that does not answer, or does not take the size,
// leaves the file waiting: it is taken in, and tried again before it is
// published.
func (d *DB) keur(ctx context.Context, key string) (plooi.Keuring, error) {
	if d.Scanner == nil {
		return plooi.NietGekeurd, nil
	}
	content, _, err := d.Blobs.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer content.Close()
	found, err := d.Scanner.Scan(ctx, content)
	switch {
	case err != nil && ctx.Err() != nil:
		return "", fmt.Errorf("scan: %w", ctx.Err())
	case err != nil:
		d.Log.WarnContext(ctx, "virus scanner: the file waits", "error", err, "too_large", errors.Is(err, scan.ErrTooLarge))
		return plooi.Wacht, nil
	case found.Infected:
		d.Log.WarnContext(ctx, "virus scanner: found", "name", found.Name)
		return plooi.Besmet, nil
	default:
		return plooi.Schoon, nil
	}
}

// Bestand is a file to send.
type Bestand struct {
	Inhoud  io.ReadSeekCloser
	Type    string
	Grootte int64
}

// Bestand opens the file that the caller may read (E5). Faults:
// IdentifierOnjuist, Missing.
func (d *DB) Bestand(ctx context.Context, a plooi.Aanroeper, documentID string) (*Bestand, error) {
	id, err := plooi.DocumentID(documentID)
	if err != nil {
		return nil, err
	}
	var b *plooi.Bestand
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		g, err := load(tx, tx, id)
		if err != nil {
			return err
		}
		v, err := g.TeDownloaden(d.Now(), a)
		if err != nil {
			return err
		}
		b = v.Bestand
		return nil
	})
	if err != nil {
		return nil, err
	}
	return d.open(ctx, b.Blob, b.Type)
}

func (d *DB) open(ctx context.Context, key, soort string) (*Bestand, error) {
	content, info, err := d.Blobs.Open(ctx, key)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		// The row promises it: this is our loss, not the client's mistake.
		return nil, fault.Wrap(err, fault.Internal, fault.InternalError, "")
	}
	if err != nil {
		return nil, err
	}
	return &Bestand{Inhoud: content, Type: soort, Grootte: info.Size}, nil
}

// TrekIn withdraws a publication (E7), at once, and returns the process's id.
// Faults: IdentifierOnjuist, Missing, NietEigenaar.
func (d *DB) TrekIn(ctx context.Context, a plooi.Aanroeper, documentID string) (sessie string, err error) {
	id, err := plooi.DocumentID(documentID)
	if err != nil {
		return "", err
	}
	sessie = d.NieuweUUID()
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		g, err := load(tx, store.Lock(tx), id)
		if err != nil {
			return err
		}
		if err := g.MagWijzigen(a); err != nil {
			return err
		}
		if err := g.TrekIn(d.Now()); err != nil {
			return err
		}
		if err := g.save(tx); err != nil {
			return err
		}
		if err := verbergen(tx, id); err != nil {
			return err
		}
		if err := tx.Where("document_id = ?", id).Delete(&taakRow{}).Error; err != nil {
			return store.Translate(err)
		}
		if err := d.nieuwProces(tx, sessie, id, procesIntrekken); err != nil {
			return err
		}
		return d.meld(tx, sessie, id, plooi.Delete)
	})
	return sessie, err
}

// References tells which of the blobs are a file's; the sweep removes others.
func (d *DB) References(ctx context.Context, keys []string) (map[string]bool, error) {
	var found []string
	if err := d.DB.Reader(ctx).Model(&bestandRow{}).Where("blob_key IN ?", keys).Pluck("blob_key", &found).Error; err != nil {
		return nil, store.Translate(err)
	}
	set := make(map[string]bool, len(found))
	for _, k := range found {
		set[k] = true
	}
	return set, nil
}

var _ blobs.Owner = (*DB)(nil)

package plooidb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/plooi"
)

// Origins are the addresses that are handed out.
const (
	pidPad     = "/api/plooi/documenten/"
	locatiePad = "/api/plooi/overheid/openbaarmaken/api/v0/documenten/"
)

// Registratie is the answer to metadata.
type Registratie struct {
	Metadata []byte
	Locatie  string // where the file goes
	Sessie   string // process id
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (d *DB) locatie(origin, id string) string {
	return orElse(d.LocatiePrefix, origin+locatiePad) + id
}

func (d *DB) pid(origin, id string) string {
	prefix := orElse(d.PidPrefix, origin+pidPad)
	if prefix[len(prefix)-1] != '/' {
		prefix += "/"
	}
	return prefix + id
}

// Registreer begins a delivery (E1) with a text that has passed the schema.
// Faults: ScriptGevonden, BeleidGeweigerd.
func (d *DB) Registreer(ctx context.Context, a plooi.Aanroeper, origin string, tekst []byte) (*Registratie, error) {
	m, err := plooi.LeesMetadata(tekst)
	if err != nil {
		return nil, err
	}
	if err := a.MagAanleveren(m); err != nil {
		return nil, err
	}
	id, now := d.NieuweUUID(), d.Now()
	document, err := plooi.Registreer(now, id, d.pid(origin, id), m)
	if err != nil {
		return nil, err
	}
	out := &Registratie{Metadata: document.Versies[0].Metadata, Locatie: d.locatie(origin, id), Sessie: d.NieuweUUID()}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&documentRow{
			DocumentID: id, Pid: document.Pid, Publisher: document.Publisher, Relaties: string(document.Relaties), AangemaaktOp: store.At(now), Version: 1,
		}).Error; err != nil {
			return store.Translate(err)
		}
		row := versieToDB(id, &document.Versies[0])
		if err := tx.Create(&row).Error; err != nil {
			return store.Translate(err)
		}
		if r, doel, ok := document.EigenRelatie(); ok {
			if err := tx.Create(&relatieRow{DocumentID: id, Doel: doel, Relation: r.Relation, Role: r.Role}).Error; err != nil {
				return store.Translate(err)
			}
		}
		return d.nieuwProces(tx, out.Sessie, id, procesAanlevering)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Metadata reads the text that the caller may see (E2), with the relations of
// the registration. Faults: IdentifierOnjuist, Missing.
func (d *DB) Metadata(ctx context.Context, a plooi.Aanroeper, documentID string) (text []byte, err error) {
	id, err := plooi.DocumentID(documentID)
	if err != nil {
		return nil, err
	}
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		g, err := load(tx, tx, id)
		if err != nil {
			return err
		}
		v, err := g.TeLezen(d.Now(), a)
		if err != nil {
			return err
		}
		text, err = plooi.MetRelaties(v.Metadata, g.Relaties)
		return err
	})
	return text, err
}

// VervangMetadata is E3. The id is not checked for its form: what is no uuid is
// no document. The faults are ScriptGevonden, Missing, and those of
// plooi.Document.VervangMetadata.
func (d *DB) VervangMetadata(ctx context.Context, a plooi.Aanroeper, origin, documentID string, tekst []byte) (*Registratie, error) {
	m, err := plooi.LeesMetadata(tekst)
	if err != nil {
		return nil, err
	}
	id := plooi.UitDcnID(documentID)
	out := &Registratie{Metadata: tekst, Locatie: d.locatie(origin, id), Sessie: d.NieuweUUID()}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		g, err := load(tx, store.Lock(tx), id)
		if err != nil {
			return err
		}
		v, err := g.VervangMetadata(d.Now(), a, m)
		if err != nil {
			return err
		}
		if err := d.nieuwProces(tx, out.Sessie, id, procesAanlevering); err != nil {
			return err
		}
		switch {
		case v == nil:
			return d.meld(tx, out.Sessie, id, plooi.Process, plooi.Ongewijzigd)
		case v.Bestand != nil && !g.Ingetrokken():
			return d.aanbieden(tx, g, v, out.Sessie)
		}
		return g.save(tx)
	})
	if err != nil {
		return nil, err
	}
	d.Wake()
	return out, nil
}

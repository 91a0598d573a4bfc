package plooidb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/plooi"
)

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// publiceer makes, or renews, what the public sees. A version that was
// overtaken by a later one changes nothing.
func (d *DB) publiceer(tx *gorm.DB, g *geladen, v *plooi.Versie, e *plooi.Verrijkt) error {
	row, err := store.First[publicatieRow](tx, "document_id = ?", g.ID)
	switch {
	case isMissing(err):
		row = &publicatieRow{DocumentID: g.ID}
	case err != nil:
		return err
	case row.Volgnr > v.Volgnr:
		return nil
	}
	record, err := json.Marshal(g.Record(v, e, sum))
	if err != nil {
		return fmt.Errorf("write the record of %s: %w", g.ID, err)
	}
	row.Volgnr, row.Code, row.Titel, row.TitelGevouwen = v.Volgnr, plooi.Code(g.Publisher), e.Titel, " "+plooi.Vouw(e.Titel)+" "
	row.Record, row.Openbaarmaking, row.Wijziging, row.Mutatie = string(record), v.Openbaarmaking, v.Wijziging, store.At(v.Mutatie)
	row.Geblokkeerd, row.ZichtbaarVanaf, row.BlobKey = len(v.Blokkades) > 0, store.NullAt(v.ZichtbaarVanaf), v.Bestand.Blob
	if row.Nr == 0 {
		err = tx.Create(row).Error
	} else {
		err = tx.Model(row).Select("*").Updates(row).Error
	}
	if err != nil {
		return store.Translate(err)
	}
	return d.indexeer(tx, row.Nr, e)
}

// indexeer makes the publication found by its words and terms.
func (d *DB) indexeer(tx *gorm.DB, nr int64, e *plooi.Verrijkt) error {
	if err := vergeet(tx, nr); err != nil {
		return err
	}
	var terms []termRow
	for _, t := range e.Termen {
		if row := (termRow{Nr: nr, Soort: t.Soort, Waarde: t.Waarde}); !slices.Contains(terms, row) {
			terms = append(terms, row)
		}
	}
	if len(terms) > 0 {
		if err := tx.CreateInBatches(terms, 100).Error; err != nil {
			return store.Translate(err)
		}
	}
	insert := "INSERT INTO plooi_zoek (rowid, tekst) VALUES (?, ?)"
	if d.DB.Dialect() == store.Postgres {
		insert = "INSERT INTO plooi_zoek (nr, tekst) VALUES (?, array_to_tsvector(array_remove(string_to_array(?, ' '), '')))"
	}
	return store.Translate(tx.Exec(insert, nr, e.Tekst).Error)
}

func vergeet(tx *gorm.DB, nr int64) error {
	if err := tx.Where("nr = ?", nr).Delete(&termRow{}).Error; err != nil {
		return store.Translate(err)
	}
	remove := "DELETE FROM plooi_zoek WHERE rowid = ?"
	if tx.Name() == store.Postgres {
		remove = "DELETE FROM plooi_zoek WHERE nr = ?"
	}
	return store.Translate(tx.Exec(remove, nr).Error)
}

// verbergen takes a document out of what the public sees.
func verbergen(tx *gorm.DB, documentID string) error {
	row, err := store.First[publicatieRow](tx, "document_id = ?", documentID)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := vergeet(tx, row.Nr); err != nil {
		return err
	}
	return store.Translate(tx.Delete(row).Error)
}

// openbaar narrows to what everybody may see now.
func openbaar(q *gorm.DB, now time.Time) *gorm.DB {
	return q.Where("NOT geblokkeerd AND (zichtbaar_vanaf IS NULL OR zichtbaar_vanaf <= ?)", store.At(now))
}

// Publicatie is the record of a published document, for everybody. Faults:
// IdentifierOnjuist, Missing.
func (d *DB) Publicatie(ctx context.Context, documentID string) (record []byte, err error) {
	id, err := plooi.DocumentID(documentID)
	if err != nil {
		return nil, err
	}
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		var row publicatieRow
		if err := openbaar(tx, d.Now()).Where("document_id = ?", id).Take(&row).Error; err != nil {
			return store.Translate(err)
		}
		all, err := d.records(tx, []publicatieRow{row})
		if err != nil {
			return err
		}
		record = all[0]
		return nil
	})
	return record, err
}

// PublicatieBestand opens the file of a published document, for everybody.
// Faults as Publicatie.
func (d *DB) PublicatieBestand(ctx context.Context, documentID string) (*Bestand, error) {
	id, err := plooi.DocumentID(documentID)
	if err != nil {
		return nil, err
	}
	var b bestandRow
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		var row publicatieRow
		if err := openbaar(tx, d.Now()).Where("document_id = ?", id).Take(&row).Error; err != nil {
			return store.Translate(err)
		}
		return store.Translate(tx.Where("blob_key = ?", row.BlobKey).Take(&b).Error)
	})
	if err != nil {
		return nil, err
	}
	return d.open(ctx, b.BlobKey, b.Type)
}

// records completes records with what changes without them: whether they are
// visible yet, and their relations.
func (d *DB) records(tx *gorm.DB, rows []publicatieRow) ([]json.RawMessage, error) {
	relaties, err := d.relaties(tx, rows)
	if err != nil {
		return nil, err
	}
	out, now := make([]json.RawMessage, len(rows)), d.Now()
	for i, row := range rows {
		var r plooi.Record
		if err := json.Unmarshal([]byte(row.Record), &r); err != nil {
			return nil, fmt.Errorf("read the record of %s: %w", row.DocumentID, err)
		}
		if vanaf := row.ZichtbaarVanaf.Ptr(); vanaf != nil && vanaf.After(now) {
			r.PlooiIntern.Publicatiestatus = plooi.StatusLater
		}
		if r.Documentrelaties = relaties[row.DocumentID]; r.Documentrelaties == nil {
			r.Documentrelaties = []plooi.Relatie{}
		}
		if out[i], err = json.Marshal(r); err != nil {
			return nil, fmt.Errorf("write the record of %s: %w", row.DocumentID, err)
		}
	}
	return out, nil
}

// relaties are, by document, its own relation and those that point to it, of
// documents that everybody may see (D44).
func (d *DB) relaties(tx *gorm.DB, rows []publicatieRow) (map[string][]plooi.Relatie, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.DocumentID
	}
	var own []relatieRow
	if len(ids) == 0 {
		return nil, nil
	}
	if err := tx.Where("document_id IN ?", ids).Order("document_id").Find(&own).Error; err != nil {
		return nil, store.Translate(err)
	}
	var doelen []string
	for _, r := range own {
		doelen = append(doelen, r.Doel)
	}
	var titels []publicatieRow
	if len(doelen) > 0 {
		if err := openbaar(tx, d.Now()).Select("document_id", "titel").Where("document_id IN ?", doelen).Find(&titels).Error; err != nil {
			return nil, store.Translate(err)
		}
	}
	out := map[string][]plooi.Relatie{}
	for _, r := range own {
		shown := plooi.Relatie{Relation: r.Relation, Role: r.Role}
		for _, t := range titels {
			if t.DocumentID == r.Doel {
				shown.Titel = t.Titel
			}
		}
		out[r.DocumentID] = append(out[r.DocumentID], shown)
	}
	var inverse []struct{ Doel, Pid, Titel string }
	err := tx.Raw(`SELECT r.doel, d.pid, p.titel FROM plooi_relaties r
		JOIN plooi_publicaties p ON p.document_id = r.document_id AND NOT p.geblokkeerd AND (p.zichtbaar_vanaf IS NULL OR p.zichtbaar_vanaf <= ?)
		JOIN plooi_documenten d ON d.document_id = r.document_id
		WHERE r.doel IN ? ORDER BY r.doel, d.aangemaakt_op, d.document_id LIMIT 1000`, store.At(d.Now()), ids).Scan(&inverse).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	for _, r := range inverse {
		out[r.Doel] = append(out[r.Doel], plooi.Relatie{Relation: r.Pid, Role: plooi.HeeftBijlage, Titel: r.Titel})
	}
	return out, nil
}

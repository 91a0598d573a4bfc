package plooidb

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/plooi"
)

// Gevonden is a part of what was found.
type Gevonden struct {
	Totaal     int64
	Resultaten []json.RawMessage
}

// eigenPerKeer is the page size of the own documents (E8).
const eigenPerKeer = 25

// ZoekEigen lists the documents of the caller's organisations, published or
// visible later, the latest change first (D31).
func (d *DB) ZoekEigen(ctx context.Context, a plooi.Aanroeper, start int64) (*Gevonden, error) {
	if len(a.Org) == 0 {
		return &Gevonden{}, nil
	}
	return d.zoek(ctx, start, eigenPerKeer, func(tx *gorm.DB) *gorm.DB {
		return tx.Where("code IN ? AND NOT geblokkeerd", a.Org)
	}, "mutatie DESC, document_id")
}

func (d *DB) zoek(ctx context.Context, start int64, limit int, narrow func(*gorm.DB) *gorm.DB, order string) (*Gevonden, error) {
	out := &Gevonden{}
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		if err := narrow(tx.Model(&publicatieRow{})).Count(&out.Totaal).Error; err != nil {
			return store.Translate(err)
		}
		if limit == 0 || start >= out.Totaal {
			return nil
		}
		var rows []publicatieRow
		if err := narrow(tx.Model(&publicatieRow{})).Order(order).Offset(int(start)).Limit(limit).Find(&rows).Error; err != nil {
			return store.Translate(err)
		}
		var err error
		out.Resultaten, err = d.records(tx, rows)
		return err
	})
	return out, err
}

// ZoekPortaal searches what everybody may see: all words must be in the titles
// and metadata.
func (d *DB) ZoekPortaal(ctx context.Context, z plooi.Zoekvraag) (*Gevonden, error) {
	if err := z.Controleer(); err != nil {
		return nil, err
	}
	woorden := plooi.Woorden(z.Zoektekst)
	if z.VindtNiets() || (len(woorden) == 0 && strings.TrimSpace(z.Zoektekst) != "") {
		return &Gevonden{}, nil
	}
	return d.zoek(ctx, z.Start, z.Aantal, func(tx *gorm.DB) *gorm.DB {
		return d.filter(openbaar(tx, d.Now()), z, woorden)
	}, volgorde(z, woorden))
}

func (d *DB) filter(q *gorm.DB, z plooi.Zoekvraag, woorden []string) *gorm.DB {
	if len(woorden) > 0 {
		q = d.metWoorden(q, woorden)
	}
	for soort, waarden := range z.Termen {
		if len(waarden) > 0 {
			q = q.Where("nr IN (SELECT nr FROM plooi_termen WHERE soort = ? AND waarde IN ?)", soort, waarden)
		}
	}
	for _, id := range []string{z.ID, z.ExtID} {
		if id != "" {
			q = q.Where("document_id = ?", plooi.UitDcnID(id))
		}
	}
	if z.MutatieVan != nil {
		q = q.Where("mutatie >= ?", store.At(*z.MutatieVan))
	}
	if z.MutatieTot != nil {
		q = q.Where("mutatie <= ?", store.At(*z.MutatieTot))
	}
	if z.OpenbaarVan != "" {
		q = q.Where("openbaarmaking >= ?", z.OpenbaarVan)
	}
	if z.OpenbaarTot != "" {
		q = q.Where("openbaarmaking <= ?", z.OpenbaarTot)
	}
	return q
}

// metWoorden asks the index. The words are letters and digits only, so quoting
// them is enough.
func (d *DB) metWoorden(q *gorm.DB, woorden []string) *gorm.DB {
	if d.DB.Dialect() == store.Postgres {
		return q.Where("nr IN (SELECT nr FROM plooi_zoek WHERE tekst @@ ?::tsquery)", "'"+strings.Join(woorden, "' & '")+"'")
	}
	return q.Where("nr IN (SELECT rowid FROM plooi_zoek WHERE plooi_zoek MATCH ?)", `"`+strings.Join(woorden, `" AND "`)+`"`)
}

// volgorde is the order of the answer. Relevance is how many of the words stand
// in the official title, the same on both databases; then the latest change.
func volgorde(z plooi.Zoekvraag, woorden []string) string {
	column, richting := z.Volgorde()
	if column != "" {
		return column + " " + richting + ", document_id"
	}
	order := ""
	for _, w := range woorden { // letters and digits only
		order += fmt.Sprintf("CASE WHEN titel_gevouwen LIKE '%% %s %%' THEN 1 ELSE 0 END + ", w)
	}
	if order != "" {
		order = strings.TrimSuffix(order, " + ") + " DESC, "
	}
	return order + "mutatie DESC, document_id"
}

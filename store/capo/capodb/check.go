package capodb

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
)

// Check renders the document of every project anew and compares, then reads
// the bytes of every file and compares them with the hash that was kept when
// they came in. It returns a line for each that differs, is damaged or gone,
// and how many files were read.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rows []bijlageRow
	err = d.DB.Read(ctx, func(tx *gorm.DB) (err error) {
		if damage, err = staleDocuments(tx); err != nil {
			return err
		}
		return store.Translate(tx.Select("bijlage_id", "blob_key", "sha256", "grootte").Where("blob_key <> ''").Order("bijlage_id").Find(&rows).Error)
	})
	if err != nil {
		return nil, 0, err
	}
	kept := make([]blobs.Kept, len(rows))
	for i, r := range rows {
		kept[i] = blobs.Kept{Name: "capo: file " + r.BijlageID, Key: r.BlobKey, Size: r.Grootte, SHA256: r.SHA256}
	}
	damaged, checked, err := blobs.Check(ctx, d.Blobs, kept, progress)
	return append(damage, damaged...), checked, err
}

func staleDocuments(tx *gorm.DB) (stale []string, err error) {
	var rows []struct {
		Row  projectRow `gorm:"embedded"`
		Naam string
	}
	err = tx.Table("capo_projecten AS p").Select("p.*, g.naam AS naam").
		Joins("JOIN capo_gebieden AS g ON g.gebied_id = p.gebied_id").Order("p.project_id").Scan(&rows).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	for i := range rows {
		r := &rows[i].Row
		p, err := projectFromDB(r)
		if err != nil {
			return nil, err
		}
		now, err := p.Document(rows[i].Naam, planning(r.GeplandDatum, r.GeplandHerkomst))
		if err != nil {
			return nil, err
		}
		if now != r.Document {
			stale = append(stale, fmt.Sprintf("capo: project %s: its document is not what its columns say", r.ProjectID))
		}
	}
	return stale, nil
}

package capodb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"gorm.io/gorm"

	"loket/store"
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
	for i := range rows {
		if wrong := d.damaged(ctx, &rows[i]); wrong != "" {
			damage = append(damage, fmt.Sprintf("capo: file %s: %s", rows[i].BijlageID, wrong))
		}
		progress(i+1, len(rows))
		if err := ctx.Err(); err != nil {
			return damage, i + 1, err
		}
	}
	return damage, len(rows), nil
}

func (d *DB) damaged(ctx context.Context, r *bijlageRow) string {
	content, _, err := d.Blobs.Open(ctx, r.BlobKey)
	if err != nil {
		return err.Error()
	}
	defer content.Close()
	h := sha256.New()
	n, err := io.Copy(h, content)
	switch {
	case err != nil:
		return err.Error()
	case n != r.Grootte:
		return fmt.Sprintf("has %d bytes, %d came in", n, r.Grootte)
	case hex.EncodeToString(h.Sum(nil)) != r.SHA256:
		return "its bytes changed"
	}
	return ""
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

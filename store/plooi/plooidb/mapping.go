package plooidb

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/plooi"
)

// geladen is a document with the version of its row and what its manifest had.
type geladen struct {
	*plooi.Document

	row      documentRow
	versies  []versieRow
	bekenden map[string]bestandRow // files that have a row
}

// load reads a document; the query that is given reads its row, so that it can
// be locked. NotFound when there is none.
func load(tx, root *gorm.DB, documentID string) (*geladen, error) {
	r, err := store.First[documentRow](root, "document_id = ?", documentID)
	if err != nil {
		return nil, err
	}
	g := &geladen{row: *r, bekenden: map[string]bestandRow{}}
	if err := tx.Where("document_id = ?", documentID).Order("volgnr").Find(&g.versies).Error; err != nil {
		return nil, store.Translate(err)
	}
	var keys []string
	for _, v := range g.versies {
		if v.BlobKey != "" && !slices.Contains(keys, v.BlobKey) {
			keys = append(keys, v.BlobKey)
		}
	}
	var files []bestandRow
	if len(keys) > 0 {
		if err := tx.Where("blob_key IN ?", keys).Find(&files).Error; err != nil {
			return nil, store.Translate(err)
		}
	}
	for _, f := range files {
		g.bekenden[f.BlobKey] = f
	}
	g.Document = documentFromDB(g)
	return g, nil
}

func documentFromDB(g *geladen) *plooi.Document {
	d := &plooi.Document{ID: g.row.DocumentID, Pid: g.row.Pid, Publisher: g.row.Publisher, AangemaaktOp: g.row.AangemaaktOp.Time}
	if g.row.Relaties != "" {
		d.Relaties = []byte(g.row.Relaties)
	}
	files := map[string]*plooi.Bestand{}
	for key, f := range g.bekenden {
		files[key] = &plooi.Bestand{Blob: f.BlobKey, SHA256: f.SHA256, Type: f.Type, Grootte: f.Grootte, Keuring: plooi.Keuring(f.Keuring)}
	}
	for _, r := range g.versies {
		v := plooi.Versie{
			Volgnr: r.Volgnr, Nummer: r.Nummer, Oorzaak: plooi.Oorzaak(r.Oorzaak), Reden: r.Reden, Openbaarmaking: r.Openbaarmaking,
			Wijziging: r.Wijziging, Mutatie: r.Mutatie.Time, ZichtbaarVanaf: r.ZichtbaarVanaf.Ptr(), Metadata: []byte(r.Metadata),
			NieuweMetadata: r.NieuweMetadata, Bestand: files[r.BlobKey], NieuwBestand: r.NieuwBestand, VerwerktOp: r.VerwerktOp.Ptr(),
		}
		if r.Blokkades != "" {
			v.Blokkades = strings.Split(r.Blokkades, ",")
		}
		d.Versies = append(d.Versies, v)
	}
	return d
}

func versieToDB(documentID string, v *plooi.Versie) versieRow {
	r := versieRow{
		DocumentID: documentID, Volgnr: v.Volgnr, Nummer: v.Nummer, Oorzaak: string(v.Oorzaak), Reden: v.Reden, Openbaarmaking: v.Openbaarmaking,
		Wijziging: v.Wijziging, Mutatie: store.At(v.Mutatie), Blokkades: strings.Join(v.Blokkades, ","), ZichtbaarVanaf: store.NullAt(v.ZichtbaarVanaf),
		Metadata: string(v.Metadata), NieuweMetadata: v.NieuweMetadata, NieuwBestand: v.NieuwBestand, VerwerktOp: store.NullAt(v.VerwerktOp),
	}
	if v.Bestand != nil {
		r.BlobKey = v.Bestand.Blob
	}
	return r
}

func bestandToDB(b *plooi.Bestand) bestandRow {
	return bestandRow{BlobKey: b.Blob, SHA256: b.SHA256, Type: b.Type, Grootte: b.Grootte, Keuring: string(b.Keuring)}
}

// save writes what a rule changed: new versions and files, and those that
// became different. The row of the document counts up, so that of two who read
// the same one loses.
func (g *geladen) save(tx *gorm.DB) error {
	for i := range g.Versies {
		v := &g.Versies[i]
		if b := v.Bestand; b != nil && g.bekenden[b.Blob] != bestandToDB(b) {
			if err := upsert(tx, bestandToDB(b)); err != nil {
				return err
			}
			g.bekenden[b.Blob] = bestandToDB(b)
		}
		row := versieToDB(g.ID, v)
		if i < len(g.versies) && row == g.versies[i] {
			continue
		}
		if err := upsert(tx, row); err != nil {
			return err
		}
	}
	return store.Update(tx, &g.row)
}

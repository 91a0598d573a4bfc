package geverdb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// What Generate makes, so that others can ask for it.
const (
	GeneratedRoot = "registratur"
	// GeneratedDossier is the first dossier; it holds GeneratedPer documents.
	GeneratedDossier = GeneratedRoot + "/bereich-1/gruppe-1/dossier-100000"
	GeneratedPer     = 50
	// GeneratedWord stands in the titles of GeneratedHits documents, however
	// many there are; GeneratedCommon in every one.
	GeneratedWord   = "Seltenheit"
	GeneratedHits   = 40
	GeneratedCommon = "Akte"
)

// generatedFolders is how many folders each of the two levels has.
const generatedFolders = 10

// generatedFirst is the first number of the generated dossiers and documents.
const generatedFirst = 100_000

// Generate fills a store with documents for measurements: the same ones for
// the same number and seed, in dossiers of 50, in a hundred folders, with
// titles and descriptions of words of which some are frequent and most are
// rare. It leaves out what only the use cases write, histories and reserved
// numbers.
func (d *DB) Generate(ctx context.Context, documents int, seed uint64) error {
	g := &generator{d: d, rand: rand.New(rand.NewPCG(seed, 0)), at: store.At(d.Now())} //nolint:gosec // no secret: the same data each time
	for i := range 3000 {
		g.words = append(g.words, g.word(i))
	}
	dossiers := (documents + GeneratedPer - 1) / GeneratedPer
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error { return g.folders(tx, dossiers) })
	for i := 0; i < dossiers && err == nil; i += generatedBatch {
		err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
			return g.dossiers(tx, i, min(dossiers, i+generatedBatch), documents)
		})
	}
	return err
}

// generatedBatch is how many dossiers one transaction writes.
const generatedBatch = 100

type generator struct {
	d       *DB
	rand    *rand.Rand
	at      store.Time
	words   []string
	groups  []objectRow
	written int
}

// word is one that a person could say.
func (g *generator) word(n int) string {
	const consonants, vowels = "bdfgklmnprstvwz", "aeiouäöü"
	v := []rune(vowels)
	var b strings.Builder
	for n += 100; n > 0; n /= len(consonants) * len(v) {
		b.WriteByte(consonants[n%len(consonants)])
		b.WriteRune(v[n/len(consonants)%len(v)])
	}
	return b.String() + "n"
}

// some are words of which the first are the most frequent.
func (g *generator) some(n int) string {
	var out []string
	for range n {
		x := g.rand.Float64()
		out = append(out, g.words[int(x*x*x*float64(len(g.words)))])
	}
	return strings.Join(out, " ")
}

func (g *generator) row(parent *objectRow, kind, name, title string, values gever.Values) objectRow {
	g.written++
	path := name
	if parent.Path != "" {
		path = parent.Path + "/" + name
	}
	at := store.At(g.at.Add(-g.ago()))
	return objectRow{
		UID: fmt.Sprintf("%032x", generatedFirst+g.written), ParentID: parent.ID, Name: name, Path: path, Type: kind, Title: title,
		State: gever.TypeOf(kind).Workflow.Initial, Fields: textOf(values), Creator: DemoIdentities[g.written%len(DemoIdentities)].ID,
		Description: values.Text("description"), CreatedAt: at, ModifiedAt: at, ChangedAt: at, Touched: g.d.Settings.Today(at.Time), Revision: 1, Version: 1,
	}
}

// write keeps rows and indexes them together.
func (g *generator) write(tx *gorm.DB, rows []objectRow) error {
	if err := tx.Session(&gorm.Session{SkipHooks: true}).CreateInBatches(rows, 20).Error; err != nil {
		return store.Translate(err)
	}
	entries := make([]*entry, len(rows))
	for i := range rows {
		var err error
		if entries[i], err = entryOf(&rows[i]); err != nil {
			return err
		}
	}
	return remember(tx, entries)
}

func (g *generator) folders(tx *gorm.DB, dossiers int) error {
	site, err := store.First[objectRow](tx, "id = ?", siteID)
	if err != nil {
		return err
	}
	root := g.row(site, gever.RootType, GeneratedRoot, "Registratur", gever.Values{"title_de": "Registratur"})
	root.Position, root.Children, root.Folders, root.FirstFolder = site.Children, generatedFolders, generatedFolders, true
	if err := g.write(tx, []objectRow{root}); err != nil {
		return err
	}
	if err := tx.Model(&objectRow{}).Where("id = ?", siteID).Update("children", site.Children+1).Error; err != nil {
		return store.Translate(err)
	}
	above, err := store.First[objectRow](tx, "path = ?", GeneratedRoot)
	if err != nil {
		return err
	}
	for i := range generatedFolders {
		n := strconv.Itoa(i + 1)
		area := g.row(above, gever.FolderType, "bereich-"+n, "Bereich "+g.some(1), demoFolder("Bereich "+n, n))
		area.Position, area.Children, area.Folders, area.FirstFolder = int64(i), generatedFolders, generatedFolders, true
		area.Part, area.Reference = n, g.d.Settings.Abbreviation+" "+n
		if err := g.write(tx, []objectRow{area}); err != nil {
			return err
		}
		parent, err := store.First[objectRow](tx, "path = ?", area.Path)
		if err != nil {
			return err
		}
		groups := make([]objectRow, generatedFolders)
		for j := range groups {
			m, k := strconv.Itoa(j+1), i*generatedFolders+j
			groups[j] = g.row(parent, gever.FolderType, "gruppe-"+m, "Gruppe "+g.some(2), demoFolder("Gruppe "+m, m))
			groups[j].Position, groups[j].Part, groups[j].Reference = int64(j), m, parent.Reference+"."+m
			groups[j].Children = int64((dossiers + generatedFolders*generatedFolders - 1 - k) / (generatedFolders * generatedFolders))
		}
		if err := g.write(tx, groups); err != nil {
			return err
		}
	}
	return store.Translate(tx.Where("path LIKE ? AND path LIKE '%/gruppe-%'", GeneratedRoot+"/%").Order("id").Find(&g.groups).Error)
}

// dossiers writes those from one number to another with their documents.
func (g *generator) dossiers(tx *gorm.DB, from, to, documents int) error {
	rows := make([]objectRow, 0, to-from)
	for i := from; i < to; i++ {
		group := &g.groups[i%len(g.groups)]
		number := strconv.Itoa(generatedFirst + i)
		values := demoDossier(g.some(3), DemoIdentities[i%len(DemoIdentities)].ID, "unchecked")
		row := g.row(group, gever.DossierType, "dossier-"+number, values.Text("title"), values)
		row.Position, row.Sequence = int64(i/len(g.groups)), int64(generatedFirst+i)
		row.Part = strconv.Itoa(i/len(g.groups) + 1)
		row.Reference = group.Reference + " / " + row.Part
		row.Children = int64(min(GeneratedPer, documents-i*GeneratedPer))
		rows = append(rows, row)
	}
	if err := g.write(tx, rows); err != nil {
		return err
	}
	var all []objectRow
	for r := range rows {
		for j := range int(rows[r].Children) {
			n := (from+r)*GeneratedPer + j
			title := GeneratedCommon + " " + g.some(3)
			if n%(documents/GeneratedHits) == 0 && n/(documents/GeneratedHits) < GeneratedHits {
				title += " " + GeneratedWord
			}
			values := demoDocument(title)
			values["description"] = g.some(6)
			values["keywords"] = []any{g.words[n%50]}
			number := strconv.Itoa(generatedFirst + n)
			row := g.row(&rows[r], gever.DocumentType, "document-"+number, title, values)
			row.Position, row.Sequence, row.Part = int64(j), int64(generatedFirst+n), number
			row.Reference = rows[r].Reference + " / " + number
			all = append(all, row)
		}
	}
	return g.write(tx, all)
}

// ago is how long ago something was changed: within the last three years.
func (g *generator) ago() time.Duration {
	return time.Duration(g.rand.IntN(3*365*24*3600)) * time.Second
}

package geverdb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Entry is one line of a dossier's journal.
type Entry struct {
	ID        int64  // of an entry by hand; 0 for what the system saw
	Action    string // "created", a transition, or ManualEntry
	Title     string
	Actor     string
	Fullname  string
	Comment   string
	Category  string // token; "" is none
	At        time.Time
	Documents []*Object // those that the caller may see
	Editable  bool
}

// The actions that are no transitions.
const (
	ManualEntry  = "manually_added"
	CreatedEntry = "created"
)

// journalRow is an entry by hand.
type journalRow struct {
	ID        int64      `gorm:"primaryKey;autoIncrement"`
	ObjectID  int64      `gorm:"not null;index"`
	Category  string     `gorm:"not null"`
	Comment   string     `gorm:"not null"`
	Actor     string     `gorm:"not null"`
	At        store.Time `gorm:"not null"`
	Documents string     `gorm:"not null"` // JSON: int ids
}

func (journalRow) TableName() string { return "gever_journal" }

// journalled is what the journal's query gives.
type journalled struct {
	ID        int64 // 0 for what the system saw
	Action    string
	What      string // title of the transition, or of the object
	Object    string
	Actor     string
	Comment   string
	Category  string
	At        store.Time
	Documents string
}

// inDossier are a dossier and what is in it, without its subdossiers. Its
// parameters are the dossier's id, the types of dossiers, 1 to see removed
// documents and mails too or else 0, and the states of those.
const inDossier = `WITH RECURSIVE inside(id, title) AS (
SELECT id, title FROM gever_objects WHERE id = ?
UNION ALL
SELECT o.id, o.title FROM gever_objects o JOIN inside i ON o.parent_id = i.id WHERE o.type NOT IN ? AND (1 = ? OR o.state NOT IN (?, ?)))
`

// journal is all that happened in a dossier; its parameters are those of
// inDossier, and the dossier's id.
const journal = inDossier + `SELECT 0 AS id, h.action AS action, h.title AS what, i.title AS object, h.actor AS actor, h.comments AS comment, '' AS category,
h.at AS at, '[]' AS documents, h.id AS place FROM gever_history h JOIN inside i ON i.id = h.object_id
UNION ALL
SELECT id, '', '', '', actor, comment, category, at, documents, id FROM gever_journal WHERE object_id = ?`

// Journal is a window of what happened in a dossier, newest first, and how
// many entries there are.
func (d *DB) Journal(ctx context.Context, user, path string, w Window) (list []Entry, total int64, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := ofDossier(d.visible(tx, user, path))
		if err != nil {
			return err
		}
		removed := 0
		if s.roles.SeesRemoved() {
			removed = 1
		}
		args := []any{s.self().ID, gever.DossierTypes, removed, gever.DocumentRemoved, gever.MailRemoved, s.self().ID}
		if err := tx.Raw("SELECT count(*) FROM ("+journal+") AS j", args...).Scan(&total).Error; err != nil {
			return store.Translate(err)
		}
		var rows []journalled
		err = tx.Raw("SELECT * FROM ("+journal+") AS j ORDER BY at DESC, place DESC, id DESC LIMIT ? OFFSET ?", append(args, w.Size, w.Start)...).Scan(&rows).Error
		if err != nil {
			return store.Translate(err)
		}
		list, err = d.journal(tx, s, rows)
		return err
	})
	return list, total, err
}

// journal completes entries with names and documents.
func (d *DB) journal(tx *gorm.DB, s *spot, rows []journalled) ([]Entry, error) {
	var (
		names     []string
		all       []int64
		documents = make([][]int64, len(rows))
	)
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.Documents), &documents[i]); err != nil {
			return nil, fmt.Errorf("geverdb: broken journal entry %d in the store: %w", r.ID, err)
		}
		names, all = append(names, r.Actor), append(all, documents[i]...)
	}
	users, err := d.usersOf(tx, names)
	if err != nil {
		return nil, err
	}
	objects, err := d.byID(tx, s.user, all)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		e := Entry{ID: r.ID, Action: cmp.Or(r.Action, CreatedEntry), Title: r.What + ": " + r.Object, Actor: r.Actor, Comment: r.Comment, At: r.At.Time, Fullname: r.Actor}
		if u, known := users[r.Actor]; known {
			e.Fullname = u.Fullname()
		}
		if r.ID != 0 {
			term, _ := gever.FindTerm(gever.JournalCategories, r.Category)
			e.Action, e.Title, e.Category = ManualEntry, "Manueller Eintrag", r.Category
			if term.Title != "" {
				e.Title += ": " + term.Title
			}
			e.Documents, e.Editable = pick(objects, documents[i]), s.place().MayEditEntry(r.Actor == s.user)
		}
		out[i] = e
	}
	return out, nil
}

// WriteJournal adds an entry by hand.
//
// Faults: Missing, Unauthorized, Inputs for documents that are not there.
func (d *DB) WriteJournal(ctx context.Context, user, path string, c gever.JournalChange) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := ofDossier(d.locked(tx, user, path))
		if err != nil {
			return err
		}
		if !s.place().MayRespond() {
			return gever.Unauthorized()
		}
		row := journalRow{ObjectID: s.self().ID, Actor: user, At: store.At(d.Now()), Documents: "[]"}
		if err := d.edit(tx, s, &row, c); err != nil {
			return err
		}
		return store.Translate(tx.Create(&row).Error)
	})
}

// edit takes a change into an entry.
func (d *DB) edit(tx *gorm.DB, s *spot, row *journalRow, c gever.JournalChange) error {
	if c.Comment != nil {
		row.Comment = *c.Comment
	}
	if c.Category != nil {
		row.Category = *c.Category
	}
	if c.At != nil {
		row.At = store.At(*c.At)
	}
	if c.Documents == nil {
		return nil
	}
	ids, faults := []int64{}, []fault.Field{}
	for _, ref := range c.Documents {
		found, err := d.find(tx, ref)
		if err != nil {
			return err
		}
		if found == nil || !gever.TypeOf(found.Type).Documentish() || !d.mayRelate(tx, s.user, &gever.Field{}, found) {
			faults = append(faults, ref.Unresolvable("related_documents"))
			continue
		}
		if !slices.Contains(ids, found.ID) {
			ids = append(ids, found.ID)
		}
	}
	row.Documents = textOf(ids)
	return gever.InputsNotValid(faults)
}

// EditJournal changes an entry by hand; nil removes it.
//
// Faults: Missing, Unauthorized, Inputs.
func (d *DB) EditJournal(ctx context.Context, user, path string, id int64, c *gever.JournalChange) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := ofDossier(d.locked(tx, user, path))
		if err != nil {
			return err
		}
		row, err := store.First[journalRow](tx, "id = ? AND object_id = ?", id, s.self().ID)
		if err != nil {
			return err
		}
		if !s.place().MayEditEntry(row.Actor == user) {
			return gever.Unauthorized()
		}
		if c == nil {
			return store.Translate(tx.Delete(row).Error)
		}
		if err := d.edit(tx, s, row, *c); err != nil {
			return err
		}
		return store.Translate(tx.Model(row).Select("*").Updates(row).Error)
	})
}

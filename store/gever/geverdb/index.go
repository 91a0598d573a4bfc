package geverdb

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// # The index
//
// What objects are found, sorted and counted by stands beside them: the words
// of their text in gever_text (FTS5, or a tsvector), their values in
// gever_terms, their keys of order in gever_sorting. All follow from an
// object's own row, so it does not matter how a row comes to be written: a
// hook of gorm brings them up to date in the row's own transaction, and a row
// that goes takes them with it. Statements that change paths or reference
// numbers of many objects at once, which no hook sees, are followed by reindex;
// Check finds what is not as its row says.
//
// Beside its words an object's text has marks, which nobody can type: one for
// each place that it is in, and one for its type. So the full text by itself
// counts what it finds below a place, however much that is.

// sortingRow holds the keys by which objects are put in order, and a digest of
// everything that the index holds of the object.
type sortingRow struct {
	ObjectID  int64  `gorm:"primaryKey;autoIncrement:false" references:"gever_objects(id) ON DELETE CASCADE"`
	Digest    string `gorm:"not null"`
	Title     string `gorm:"not null;index"` // in words
	Reference string `gorm:"not null;index"` // with padded numbers
}

func (sortingRow) TableName() string { return "gever_sorting" }

// termRow is one value that an object is found by.
type termRow struct {
	ObjectID int64  `gorm:"primaryKey;autoIncrement:false;index:gever_terms_value,priority:3" references:"gever_objects(id) ON DELETE CASCADE"`
	Name     string `gorm:"primaryKey;index:gever_terms_value,priority:1"`
	Value    string `gorm:"primaryKey;index:gever_terms_value,priority:2"`
}

func (termRow) TableName() string { return "gever_terms" }

// createIndex makes the index, with what the tables of objects need to be
// listed by: every answer of a list comes from an index alone, but for the
// page that it shows.
func createIndex(tx *gorm.DB) error {
	if err := store.CreateTables(tx, &sortingRow{}, &termRow{}); err != nil {
		return err
	}
	statements := []string{
		`CREATE INDEX gever_objects_listed ON gever_objects (type, path, state)`,
		`CREATE INDEX gever_objects_modified ON gever_objects (modified_at, id, type, state, path)`,
		`CREATE INDEX gever_objects_created ON gever_objects (created_at, id)`,
		`CREATE INDEX gever_objects_removed ON gever_objects (id) WHERE state IN ('document-state-removed', 'mail-state-removed')`,
	}
	if tx.Name() == store.Postgres {
		statements = append(statements,
			`CREATE TABLE gever_text (object_id bigint PRIMARY KEY REFERENCES gever_objects (id) ON DELETE CASCADE, words tsvector NOT NULL)`,
			`CREATE INDEX gever_text_words ON gever_text USING gin (words)`)
	} else {
		// The words come folded and apart: the tokenizer has only to split at
		// spaces, and to leave all other letters alone.
		statements = append(statements,
			`CREATE VIRTUAL TABLE gever_text USING fts5(title, description, rest, content='', contentless_delete=1, tokenize='ascii')`,
			`CREATE TRIGGER gever_text_gone AFTER DELETE ON gever_sorting BEGIN DELETE FROM gever_text WHERE rowid = old.object_id; END`)
	}
	for _, s := range statements {
		if err := tx.Exec(s).Error; err != nil {
			return err
		}
	}
	return reindex(tx, "")
}

// AfterSave is gorm's hook: whoever writes a whole row keeps the index true.
func (r *objectRow) AfterSave(tx *gorm.DB) error {
	if r.ID == 0 || r.Fields == "" { // a change of single columns, none of which is indexed
		return nil
	}
	return index(tx.Session(&gorm.Session{NewDB: true}), r)
}

// entry is everything that the index holds of an object.
type entry struct {
	sorting sortingRow
	terms   []termRow
	text    gever.Searchable
	marks   []string
}

// mark is a word of the index's own: its first letter is not one of any text
// (gever.Words drops it).
func mark(kind, of string) string {
	sum := sha256.Sum256([]byte(of))
	return "\ue001" + kind + hex.EncodeToString(sum[:8])
}

func placeMark(path string) string { return mark("p", path) }
func typeMark(name string) string  { return mark("t", name) }

// entryOf gathers it; nil for the site, which nobody has to look for.
func entryOf(r *objectRow) (*entry, error) {
	if r.ID == siteID {
		return nil, nil
	}
	t := gever.TypeOf(r.Type)
	values, err := valuesOf(r.Fields)
	if err != nil || t == nil {
		return nil, err
	}
	e := &entry{text: gever.SearchText(t, r.Title, r.Description, values, r.Name, r.Reference)}
	for _, p := range prefixes(r.Path)[1:] {
		e.marks = append(e.marks, placeMark(p))
	}
	e.marks = append(e.marks, typeMark(r.Type))
	key := strings.Join(e.text.Title, " ")
	e.sorting = sortingRow{ObjectID: r.ID, Title: strings.ToValidUTF8(key[:min(len(key), maxSorting)], ""), Reference: gever.SortKeyAt(t.Documentish(), r.Path, r.Reference)}
	h := sha256.New()
	part := func(texts ...string) {
		for _, s := range texts {
			h.Write([]byte(s))
			h.Write([]byte{0})
		}
		h.Write([]byte{1})
	}
	part(e.text.Title...)
	part(e.text.Description...)
	part(e.text.Rest...)
	part(e.marks...)
	part(e.sorting.Reference)
	for _, term := range gever.TermsOf(t, values) {
		e.terms = append(e.terms, termRow{r.ID, term.Name, term.Value})
		part(term.Name, term.Value)
	}
	e.sorting.Digest = hex.EncodeToString(h.Sum(nil)[:16])
	return e, nil
}

// maxSorting is how much of a title puts it in order, in bytes; words are
// ASCII for the most part, and what is cut is cut on both databases alike.
const maxSorting = 200

// index brings what is known of an object up to date; an object whose words and
// values are as they were costs one statement.
func index(tx *gorm.DB, r *objectRow) error {
	e, err := entryOf(r)
	if err != nil || e == nil {
		return err
	}
	var old []string
	if err := tx.Model(&sortingRow{}).Where("object_id = ?", r.ID).Pluck("digest", &old).Error; err != nil {
		return store.Translate(err)
	}
	if len(old) > 0 {
		if old[0] == e.sorting.Digest {
			return nil
		}
		if err := forget(tx, r.ID); err != nil {
			return err
		}
	}
	return remember(tx, []*entry{e})
}

// forget takes objects out of the index.
func forget(tx *gorm.DB, ids ...int64) error {
	if err := tx.Where("object_id IN ?", ids).Delete(&termRow{}).Error; err != nil {
		return store.Translate(err)
	}
	if tx.Name() == store.Postgres {
		if err := tx.Exec("DELETE FROM gever_text WHERE object_id IN ?", ids).Error; err != nil {
			return store.Translate(err)
		}
	}
	// On SQLite its trigger takes the words along.
	return store.Translate(tx.Where("object_id IN ?", ids).Delete(&sortingRow{}).Error)
}

// remember puts objects into the index that are not there.
func remember(tx *gorm.DB, entries []*entry) error {
	sorting, terms, text := rowsOf{"gever_sorting (object_id, digest, title, reference)", "(?,?,?,?)", nil},
		rowsOf{"gever_terms (object_id, name, value)", "(?,?,?)", nil}, rowsOf{"gever_text (rowid, title, description, rest)", "(?,?,?,?)", nil}
	if tx.Name() == store.Postgres {
		text = rowsOf{"gever_text (object_id, words)", "(?,?::tsvector)", nil}
	}
	for _, e := range entries {
		sorting.add(e.sorting.ObjectID, e.sorting.Digest, e.sorting.Title, e.sorting.Reference)
		for _, t := range e.terms {
			terms.add(t.ObjectID, t.Name, t.Value)
		}
		if tx.Name() == store.Postgres {
			text.add(e.sorting.ObjectID, vector(e.text, e.marks))
		} else {
			text.add(e.sorting.ObjectID, strings.Join(e.text.Title, " "), strings.Join(e.text.Description, " "),
				strings.Join(slices.Concat(e.text.Rest, e.marks), " "))
		}
	}
	for _, r := range []rowsOf{sorting, terms, text} {
		if err := r.insert(tx); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf are rows to be inserted: thousands when a store is indexed anew,
// where gorm's way of reading structs would be most of the work.
type rowsOf struct {
	into, form string
	rows       [][]any
}

func (r *rowsOf) add(values ...any) { r.rows = append(r.rows, values) }

// inserted is how many rows one statement writes.
const inserted = 50

func (r *rowsOf) insert(tx *gorm.DB) error {
	for list := range slices.Chunk(r.rows, inserted) {
		text := "INSERT INTO " + r.into + " VALUES " + strings.Repeat(r.form+",", len(list)-1) + r.form
		if err := tx.Exec(text, slices.Concat(list...)...).Error; err != nil {
			return store.Translate(err)
		}
	}
	return nil
}

// vector writes words as PostgreSQL reads them: 'word':3A, with their places
// and their part. Words are letters and digits, so nothing needs escaping. One
// place lies between the parts, so that no phrase reaches over.
func vector(t gever.Searchable, marks []string) string {
	var b strings.Builder
	at := 0
	for _, part := range []struct {
		words  []string
		weight string
	}{{t.Title, "A"}, {t.Description, "B"}, {t.Rest, ""}} {
		for _, w := range part.words {
			if at++; w == gever.Repeated {
				continue
			}
			b.WriteString("'" + w + "':" + strconv.Itoa(at) + part.weight + " ")
		}
		at++
	}
	for _, m := range marks {
		b.WriteString("'" + m + "' ")
	}
	return b.String()
}

// reindexed is how many objects are indexed at once.
const reindexed = 500

// indexed are the columns that the index follows from.
const indexed = "id, path, type, name, title, description, reference, fields"

// reindex indexes the object at a path and everything below it anew.
func reindex(tx *gorm.DB, path string) error {
	for last := int64(0); ; {
		q := tx.Select(indexed).Where("id > ?", last).Order("id").Limit(reindexed)
		if path != "" {
			q = q.Where("(path = ? OR ("+belowPath+"))", path, path+"/", path+"0")
		}
		var rows []objectRow
		if err := q.Find(&rows).Error; err != nil || len(rows) == 0 {
			return store.Translate(err)
		}
		last = rows[len(rows)-1].ID
		ids, entries := make([]int64, len(rows)), []*entry{}
		for i := range rows {
			ids[i] = rows[i].ID
			e, err := entryOf(&rows[i])
			if err != nil {
				return err
			}
			if e != nil {
				entries = append(entries, e)
			}
		}
		if err := forget(tx, ids...); err != nil {
			return err
		}
		if err := remember(tx, entries); err != nil {
			return err
		}
	}
}

// unindexed finds objects whose entry in the index is not what their row says.
func unindexed(tx *gorm.DB) (wrong []string, err error) {
	for last := int64(0); ; {
		var rows []struct {
			Row    objectRow `gorm:"embedded"`
			Digest string
		}
		err := tx.Table("gever_objects o").Joins("LEFT JOIN gever_sorting s ON s.object_id = o.id").
			Select("o.id, o.path, o.type, o.name, o.title, o.description, o.reference, o.fields, COALESCE(s.digest, '') AS digest").
			Where("o.id > ?", last).Order("o.id").Limit(reindexed).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return wrong, store.Translate(err)
		}
		last = rows[len(rows)-1].Row.ID
		for i := range rows {
			e, err := entryOf(&rows[i].Row)
			if err != nil {
				return wrong, err
			}
			if e != nil && e.sorting.Digest != rows[i].Digest {
				wrong = append(wrong, fmt.Sprintf("gever: /%s is not in the index as it is", rows[i].Row.Path))
			}
		}
	}
}

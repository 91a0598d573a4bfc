package konovadb

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/konova"
)

// CodesReport says what an import of codes did.
type CodesReport struct {
	Added, Changed, Unchanged int
	Rendered                  int // entries that showed a changed code
}

// codeRecord is a code in a file. JSON: a list of such objects. CSV: the same
// names in the first line, in any order; empty selectable is true, empty
// archived is false.
type codeRecord struct {
	List       string  `json:"list"`
	ID         int64   `json:"id"`
	LongName   string  `json:"long_name"`
	ShortName  *string `json:"short_name"`
	Selectable *bool   `json:"selectable"`
	Archived   bool    `json:"archived"`
}

// ImportCodes reads code lists: JSON when the first sign is `[`, else CSV with
// commas (UTF-8). What is there already is brought to what the file says;
// codes that the file does not name stay, for entries may show them. Doing it
// twice changes nothing. Entries that show a changed code are rendered in the
// same transaction. An error names the line or the place and leaves
// everything as it was.
func (d *DB) ImportCodes(ctx context.Context, r io.Reader) (CodesReport, error) {
	records, err := readCodes(r)
	if err != nil {
		return CodesReport{}, err
	}
	var report CodesReport
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		report = CodesReport{}
		return d.putCodes(tx.Set(changesCodes, true).Session(&gorm.Session{}), records, &report)
	})
	return report, err
}

func (d *DB) putCodes(tx *gorm.DB, records []codeRecord, report *CodesReport) error {
	changed := map[konova.CodeKey]bool{}
	for _, rec := range records {
		row := rec.toDB()
		var old codeRow
		err := store.Lock(tx).Where("list = ? AND id = ?", row.List, row.ID).Take(&old).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			report.Added++
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		case old.equal(row):
			report.Unchanged++
			continue
		}
		report.Changed++
		if err := tx.Select("*").Where("list = ? AND id = ?", row.List, row.ID).Updates(&row).Error; err != nil {
			return err
		}
		changed[old.fromDB().CodeKey] = true
	}
	if err := tx.Exec("UPDATE konova_state SET generation = generation + 1 WHERE name = 'codes'").Error; err != nil {
		return err
	}
	stale, err := withCodes(tx, changed)
	if err != nil {
		return err
	}
	report.Rendered = len(stale)
	return d.render(tx, stale...)
}

// withCodes are the entries that show one of the codes. It reads all of them:
// that is rare, while an index of codes would cost each new entry a page for
// each code that it shows, a fifth of what writing it takes.
func withCodes(tx *gorm.DB, codes map[konova.CodeKey]bool) (nums []int64, err error) {
	if len(codes) == 0 {
		return nil, nil
	}
	ids := map[string]bool{}
	for c := range codes {
		ids[strconv.FormatInt(c.ID, 10)] = true
	}
	rows, err := tx.Model(&entryRow{}).Select("num", "content").Order("num").Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row entryRow
		if err := rows.Scan(&row.Num, &row.Content); err != nil {
			return nil, err
		}
		if !holdsNumber(row.Content, ids) {
			continue
		}
		e, err := row.fromDB()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(e.Codes(), func(u konova.CodeUse) bool { return codes[u.CodeKey] }) {
			nums = append(nums, row.Num)
		}
	}
	return nums, rows.Err()
}

// holdsNumber tells whether one of the numbers stands in a text between other
// signs than digits. Most entries need no parsing then.
func holdsNumber(text string, numbers map[string]bool) bool {
	for number := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '-' && (r < '0' || r > '9') }) {
		if numbers[number] {
			return true
		}
	}
	return false
}

// codeLists are all codes. Nobody changes them.
type codeLists map[konova.CodeKey]konova.Code

// lists are all codes, kept in memory as of a generation.
type lists struct {
	lock       sync.Mutex
	generation int64
	codes      codeLists
}

// codes gives all lists as the transaction sees them.
// They are some thousand codes that an import changes once in a while; whether
// it has, one row says.
func (d *DB) codes(tx *gorm.DB) (codeLists, error) {
	var generation int64
	if err := store.RowIn(tx, "SELECT generation FROM konova_state WHERE name = 'codes'", nil, &generation); err != nil {
		return nil, err
	}
	d.lists.lock.Lock()
	defer d.lists.lock.Unlock()
	if d.lists.generation == generation {
		return d.lists.codes, nil
	}
	var rows []codeRow
	if err := tx.Find(&rows).Error; err != nil {
		return nil, err
	}
	known := make(codeLists, len(rows))
	for _, r := range rows {
		c := r.fromDB()
		known[c.CodeKey] = c
	}
	// What a transaction changed itself must not outlive it if it is undone.
	if !d.changing(tx) {
		d.lists.generation, d.lists.codes = generation, known
	}
	return known, nil
}

// changesCodes marks the transactions of ImportCodes.
const changesCodes = "konova:changes_codes"

func (d *DB) changing(tx *gorm.DB) bool {
	_, ok := tx.Get(changesCodes)
	return ok
}

func (c codeRecord) toDB() codeRow {
	return codeRow{
		List: c.List, ID: c.ID, LongName: c.LongName, ShortName: c.ShortName,
		Selectable: c.Selectable == nil || *c.Selectable, Archived: c.Archived,
	}
}

func (r codeRow) equal(o codeRow) bool {
	same := (r.ShortName == nil) == (o.ShortName == nil) && (r.ShortName == nil || *r.ShortName == *o.ShortName)
	return same && r.LongName == o.LongName && r.Selectable == o.Selectable && r.Archived == o.Archived
}

func (c codeRecord) check() error {
	if _, ok := konova.Lists[konova.List(c.List)]; !ok {
		return fmt.Errorf("there is no list %q", c.List)
	}
	if c.ID < 0 {
		return errors.New("the id is negative")
	}
	if strings.TrimSpace(c.LongName) == "" {
		return errors.New("long_name is empty")
	}
	return nil
}

func readCodes(r io.Reader) ([]codeRecord, error) {
	in := bufio.NewReader(r)
	if bom, err := in.Peek(3); err == nil && string(bom) == "\ufeff" {
		_, _ = in.Discard(3) // it was peeked
	}
	for {
		b, err := in.Peek(1)
		if err != nil {
			return nil, errors.New("the file is empty")
		}
		if !strings.ContainsRune(" \t\r\n", rune(b[0])) {
			break
		}
		_, _ = in.Discard(1) // it was peeked
	}
	if b, _ := in.Peek(1); b[0] == '[' {
		return readCodesJSON(in)
	}
	return readCodesCSV(in)
}

func readCodesJSON(in io.Reader) ([]codeRecord, error) {
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	var records []codeRecord
	if err := d.Decode(&records); err != nil {
		return nil, fmt.Errorf("no list of codes: %w", err)
	}
	for i, rec := range records {
		if err := rec.check(); err != nil {
			return nil, fmt.Errorf("code %d: %w", i+1, err)
		}
	}
	return records, nil
}

func readCodesCSV(in io.Reader) ([]codeRecord, error) {
	c := csv.NewReader(in)
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	column := map[string]int{}
	for i, name := range head {
		name = strings.TrimSpace(name)
		if !slices.Contains([]string{"list", "id", "long_name", "short_name", "selectable", "archived"}, name) {
			return nil, fmt.Errorf("line 1: there is no column %q", name)
		}
		column[name] = i
	}
	for _, name := range []string{"list", "id", "long_name"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("line 1: the column %s is missing", name)
		}
	}
	var records []codeRecord
	for {
		fields, err := c.Read()
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, err // it names the line
		}
		line, _ := c.FieldPos(0)
		rec, err := csvCode(func(name string) string {
			if i, ok := column[name]; ok {
				return strings.TrimSpace(fields[i])
			}
			return ""
		})
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		records = append(records, rec)
	}
}

func csvCode(field func(name string) string) (codeRecord, error) {
	rec := codeRecord{List: field("list"), LongName: field("long_name")}
	var err error
	if rec.ID, err = strconv.ParseInt(field("id"), 10, 64); err != nil {
		return rec, errors.New("the id is no number")
	}
	if s := field("short_name"); s != "" {
		rec.ShortName = &s
	}
	if s := field("selectable"); s != "" {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return rec, errors.New("selectable is neither true nor false")
		}
		rec.Selectable = &b
	}
	if s := field("archived"); s != "" {
		if rec.Archived, err = strconv.ParseBool(s); err != nil {
			return rec, errors.New("archived is neither true nor false")
		}
	}
	return rec, rec.check()
}

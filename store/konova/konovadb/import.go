package konovadb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/konova"
)

// importBatch is how many entries are written together; it bounds the memory.
const importBatch = 200

// maxImportErrors is how many faulty entries a report names; all are counted.
const maxImportErrors = 1000

// ImportOptions say how a file is read.
type ImportOptions struct {
	Kind     konova.Kind          // one with a geometry
	Users    []string             // who sees the entries; they must exist
	Promote  bool                 // a Polygon passes as a MultiPolygon of one (decision 22)
	Partial  bool                 // keep what is sound; else one faulty entry keeps all out
	Progress func(r ImportReport) // called after each batch; may be nil
}

// ImportReport says what became of a file.
type ImportReport struct {
	Read   int // entries in the file, so far
	Added  int // 0 when nothing was kept
	Failed int
	Errors []ImportError // the first thousand
}

// ImportError is a faulty entry.
type ImportError struct {
	Index  int    // from 1, in the order of the file
	ID     string // "" when it has none that can be read
	Reason []string
}

// errFaulty undoes an import of which an entry was faulty.
var errFaulty = errors.New("faulty entries")

// Import reads entries from a FeatureCollection, from the page's own map of
// uuid to entry, or from the whole envelope of an answer, and adds them in one
// transaction. The file is read as a stream: memory does not grow with it. id,
// identifier, created_on and modified_on of the file are kept, so that another
// register can be taken over; an id or identifier that is already there makes
// the entry faulty. Lists of others (compensations, deductions) and the flat
// names of an exported Feature are passed over.
//
// A file that cannot be read as JSON, or of another form, is an error; faulty
// entries are in the report and no error.
func (d *DB) Import(ctx context.Context, file io.ReadSeeker, o ImportOptions) (ImportReport, error) {
	if !o.Kind.HasGeometry() {
		return ImportReport{}, fmt.Errorf("konovadb: entries of kind %q cannot be imported", o.Kind)
	}
	var report ImportReport
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		report = ImportReport{}
		i := importer{d: d, tx: tx, o: o, report: &report}
		if err := i.prepare(); err != nil {
			return err
		}
		if err := eachEntry(file, i.add); err != nil {
			return err
		}
		if err := i.flush(); err != nil {
			return err
		}
		if report.Failed > 0 && !o.Partial {
			return errFaulty
		}
		return moveOrders(tx, string(o.Kind), i.users)
	})
	if errors.Is(err, errFaulty) {
		report.Added = 0
		return report, nil
	}
	return report, err
}

// importer adds entries in batches.
type importer struct {
	d       *DB
	tx      *gorm.DB
	o       ImportOptions
	report  *ImportReport
	users   []int64
	codes   map[konova.CodeKey]konova.Code
	pending []pending
}

type pending struct {
	index  int
	entry  konova.Entry
	origin konova.Origin
	row    entryRow
}

func (i *importer) prepare() error {
	var err error
	if i.users, err = usersByName(i.tx, i.o.Users); err != nil {
		return fmt.Errorf("konovadb: a user to share with is unknown: %w", err)
	}
	if err := lockOrders(i.tx, i.o.Kind, i.users); err != nil {
		return err
	}
	i.codes, err = i.d.codes(i.tx)
	return err
}

// add takes one entry of the file; key is its name in a map, or "".
func (i *importer) add(key string, raw json.RawMessage) error {
	i.report.Read++
	e, origin, err := konova.ParseImported(i.o.Kind, raw, i.o.Promote)
	if err != nil {
		i.fail(i.report.Read, key, err)
		return nil
	}
	if id, ok := konova.ParseID(key); ok {
		if origin.ID != "" && origin.ID != id {
			i.failText(i.report.Read, key, "/properties/id: Die Id ist nicht der Schlüssel des Eintrags.")
			return nil
		}
		origin.ID = id
	}
	if faults := e.CheckCodes(func(k konova.CodeKey) (konova.Code, bool) { c, ok := i.codes[k]; return c, ok }); len(faults) > 0 {
		i.fail(i.report.Read, origin.ID, fault.New(fault.Invalid, konova.BadEntry, "").With(faults...))
		return nil
	}
	i.pending = append(i.pending, pending{index: i.report.Read, entry: e, origin: origin})
	if len(i.pending) < importBatch {
		return nil
	}
	return i.flush()
}

func (i *importer) fail(index int, id string, err error) {
	var reasons []string
	for _, f := range fault.From(err).Fields {
		reasons = append(reasons, strings.TrimSpace(f.Pointer+": "+f.Detail))
	}
	if len(reasons) == 0 {
		reasons = []string{err.Error()}
	}
	i.failText(index, id, reasons...)
}

func (i *importer) failText(index int, id string, reasons ...string) {
	i.report.Failed++
	if len(i.report.Errors) < maxImportErrors {
		i.report.Errors = append(i.report.Errors, ImportError{Index: index, ID: id, Reason: reasons})
	}
}

// flush writes the pending entries.
func (i *importer) flush() error {
	if err := i.tx.Statement.Context.Err(); err != nil {
		return err
	}
	if err := i.place(); err != nil {
		return err
	}
	if len(i.pending) > 0 {
		if err := i.write(); err != nil {
			return err
		}
	}
	i.report.Added += len(i.pending)
	i.pending = i.pending[:0]
	if i.o.Progress != nil {
		i.o.Progress(*i.report)
	}
	return nil
}

// place gives each pending entry its id, identifier, moments and references,
// and drops those whose are taken or unknown.
func (i *importer) place() error {
	taken, err := i.taken()
	if err != nil {
		return err
	}
	references, err := i.references()
	if err != nil {
		return err
	}
	kept := i.pending[:0]
	for n := range i.pending {
		p := i.pending[n]
		reason := ""
		switch {
		case p.origin.ID != "" && taken[p.origin.ID]:
			reason = "/properties/id: Einen Eintrag mit dieser Id gibt es schon."
		case p.origin.Identifier != "" && taken[p.origin.Identifier]:
			reason = "/properties/identifier: Einen Eintrag mit dieser Kennung gibt es schon."
		case i.o.Kind == konova.Compensation && references[p.entry.InterventionID] == 0:
			reason = "/properties/intervention: Diesen Eintrag gibt es nicht."
		}
		if reason != "" {
			i.failText(p.index, p.origin.ID, reason)
			continue
		}
		if err := i.fill(&p, references); err != nil {
			return err
		}
		taken[p.row.ID], taken[p.origin.Identifier] = true, true
		kept = append(kept, p)
	}
	i.pending = kept
	return i.identify(taken)
}

// identify draws an identifier for each pending entry that brought none.
// 40,000 of one month make it likely that two are alike (2 × 10⁹ there are), so
// what is drawn is held against the register, and drawn again (decision 32).
func (i *importer) identify(taken map[string]bool) error {
	for range maxIdentifiers {
		var drawn []string
		for n := range i.pending {
			row := &i.pending[n].row
			if row.Identifier != nil {
				continue
			}
			identifier, err := konova.NewIdentifier(i.o.Kind, row.CreatedOn.Time, i.d.Entropy)
			if err != nil {
				return err
			}
			if !taken[identifier] {
				taken[identifier] = true
				drawn = append(drawn, identifier)
				row.Identifier = &identifier
			}
		}
		var found []string
		if len(drawn) > 0 {
			if err := i.tx.Model(&entryRow{}).Where("identifier IN ?", drawn).Pluck("identifier", &found).Error; err != nil {
				return err
			}
		}
		open := false
		for n := range i.pending {
			row := &i.pending[n].row
			if row.Identifier != nil && i.pending[n].origin.Identifier == "" && slices.Contains(found, *row.Identifier) {
				row.Identifier = nil
			}
			open = open || row.Identifier == nil
		}
		if !open {
			return nil
		}
	}
	return errors.New("konovadb: no free identifier")
}

func (i *importer) fill(p *pending, references map[string]int64) error {
	if err := p.row.toDB(&p.entry); err != nil {
		return err
	}
	now := i.d.Now()
	created, modified := p.origin.CreatedOn, p.origin.ModifiedOn
	if created.IsZero() {
		created = now
	}
	if modified.Before(created) {
		modified = created
	}
	p.row.CreatedOn, p.row.ModifiedOn, p.row.Version = store.At(konova.Moment(created)), store.At(konova.Moment(modified)), 1
	if num := references[p.entry.InterventionID]; num != 0 {
		p.row.InterventionNum = &num
	}
	var err error
	if p.row.ID = p.origin.ID; p.row.ID == "" {
		if p.row.ID, err = konova.NewID(i.d.Entropy); err != nil {
			return err
		}
	}
	if p.origin.Identifier != "" {
		p.row.Identifier = &p.origin.Identifier
	}
	return nil
}

// taken finds the ids and identifiers of the batch that are in the register.
func (i *importer) taken() (map[string]bool, error) {
	var ids, identifiers []string
	for _, p := range i.pending {
		if p.origin.ID != "" {
			ids = append(ids, p.origin.ID)
		}
		if p.origin.Identifier != "" {
			identifiers = append(identifiers, p.origin.Identifier)
		}
	}
	taken := map[string]bool{}
	for _, q := range []struct {
		column string
		values []string
	}{{"id", ids}, {"identifier", identifiers}} {
		if len(q.values) == 0 {
			continue
		}
		var found []string
		if err := i.tx.Model(&entryRow{}).Where(q.column+" IN ?", q.values).Pluck(q.column, &found).Error; err != nil {
			return nil, err
		}
		for _, f := range found {
			taken[f] = true
		}
	}
	return taken, nil
}

// references finds the interventions of a batch of compensations, by uuid.
func (i *importer) references() (map[string]int64, error) {
	found := map[string]int64{}
	if i.o.Kind != konova.Compensation {
		return found, nil
	}
	var ids []string
	for _, p := range i.pending {
		ids = append(ids, p.entry.InterventionID)
	}
	var rows []part
	err := i.tx.Model(&entryRow{}).Where("id IN ? AND kind = ? AND deleted_on IS NULL", ids, string(konova.Intervention)).Find(&rows).Error
	for _, r := range rows {
		found[r.ID] = r.Num
	}
	return found, err
}

// write inserts the batch: rows, documents, shares.
func (i *importer) write() error {
	rows, entries := make([]entryRow, len(i.pending)), make([]konova.Entry, len(i.pending))
	for n, p := range i.pending {
		rows[n], entries[n] = p.row, p.entry
	}
	if err := i.tx.Create(&rows).Error; err != nil {
		return err
	}
	documents, err := i.d.renderRows(i.tx, rows, entries)
	if err != nil {
		return err
	}
	if err := i.tx.Create(&documents).Error; err != nil {
		return err
	}
	var shares []shareRow
	var others []int64
	for n := range rows {
		row := &rows[n]
		for _, u := range i.users {
			shares = append(shares, shareRow{EntryNum: row.Num, UserID: u, Kind: row.Kind, CreatedMs: row.CreatedOn.UnixMilli(), EntryID: row.ID})
		}
		others = append(others, shown(row)[1:]...)
	}
	if len(shares) > 0 {
		if err := i.tx.CreateInBatches(shares, 500).Error; err != nil {
			return err
		}
	}
	return i.d.render(i.tx, others...)
}

// eachEntry walks a file of any of the three forms.
func eachEntry(r io.Reader, visit func(key string, raw json.RawMessage) error) error {
	d := json.NewDecoder(r)
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := name(d)
		if err != nil {
			return err
		}
		switch _, isID := konova.ParseID(key); {
		case key == "features":
			err = eachOf(d, '[', func() error { return decodeTo(d, "", visit) })
		case key == "results":
			err = eachOf(d, '{', func() error {
				id, err := name(d)
				if err != nil {
					return err
				}
				return decodeTo(d, id, visit)
			})
		case isID:
			err = decodeTo(d, key, visit)
		default:
			err = skip(d, key)
		}
		if err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return unreadable(d, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the file goes on after its end, at byte %d", d.InputOffset())
	}
	return nil
}

func unreadable(d *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the file is no JSON from byte %d on: %w", d.InputOffset(), err)
}

func expect(d *json.Decoder, delim json.Delim) error {
	t, err := d.Token()
	if err != nil {
		return unreadable(d, err)
	}
	if t != delim {
		return fmt.Errorf("byte %d: %v is expected; the file is a FeatureCollection or a map of uuid to entry", d.InputOffset(), delim)
	}
	return nil
}

func name(d *json.Decoder) (string, error) {
	t, err := d.Token()
	if err != nil {
		return "", unreadable(d, err)
	}
	key, _ := t.(string) // an object's keys are texts
	return key, nil
}

func eachOf(d *json.Decoder, open json.Delim, item func() error) error {
	if err := expect(d, open); err != nil {
		return err
	}
	for d.More() {
		if err := item(); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return unreadable(d, err)
	}
	return nil
}

func decodeTo(d *json.Decoder, key string, visit func(string, json.RawMessage) error) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return unreadable(d, err)
	}
	return visit(key, raw)
}

// crs84 are the names under which files call the one system that is taken.
var crs84 = []string{"CRS84", "EPSG::4326", "EPSG:4326"}

// skip passes over a member, but not over another reference system.
func skip(d *json.Decoder, key string) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return unreadable(d, err)
	}
	if key == "crs" && string(raw) != "null" && !slices.ContainsFunc(crs84, func(s string) bool { return strings.Contains(string(raw), s) }) {
		return errors.New("the file has another reference system than CRS84 (EPSG:4326)")
	}
	return nil
}

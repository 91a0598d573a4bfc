package konovadb

import (
	"slices"
	"strconv"

	"gorm.io/gorm"

	"loket/store/konova"
)

// renderBatch is how many documents are made at once: what they show is read
// by a few queries for all of them.
const renderBatch = 200

// render makes the documents of entries anew, in the caller's transaction. It
// locks the entries, so that two who change what one document shows do it one
// after the other. Deleted entries keep their last document, which nobody sees.
func (d *DB) render(tx *gorm.DB, nums ...int64) error {
	slices.Sort(nums)
	nums = slices.Compact(nums)
	for len(nums) > 0 {
		n := min(renderBatch, len(nums))
		made, err := d.documentsOf(tx, nums[:n])
		if err != nil {
			return err
		}
		for i := range made {
			if err := keep(tx, &made[i]); err != nil {
				return err
			}
		}
		nums = nums[n:]
	}
	return nil
}

// renderNew makes the document of a new entry, which shows nothing that could
// have changed meanwhile, and renders what shows the entry.
func (d *DB) renderNew(tx *gorm.DB, row *entryRow, e *konova.Entry, codes codeLists) error {
	others := shown(row)[1:]
	if len(others) > 0 {
		return d.render(tx, append(others, row.Num)...)
	}
	s := &scene{summaries: map[int64]konova.Summary{}, codes: codes}
	doc := e.Render(s.view(row))
	return keep(tx, &documentRow{Num: row.Num, Split: doc.Split, Document: keyed(row.ID, doc.JSON), Flat: doc.Flat})
}

// keep writes a document; one that did not change keeps its rev, and so its
// ETag.
func keep(tx *gorm.DB, r *documentRow) error {
	return run(tx, `INSERT INTO konova_documents (num, rev, split, document, flat) VALUES (?, 1, ?, ?, ?)
		ON CONFLICT (num) DO UPDATE SET rev = konova_documents.rev + 1, split = excluded.split, document = excluded.document, flat = excluded.flat
		WHERE konova_documents.document <> excluded.document OR konova_documents.flat <> excluded.flat`, r.Num, r.Split, r.Document, r.Flat)
}

// documentsOf renders entries from the rows, without writing.
func (d *DB) documentsOf(tx *gorm.DB, nums []int64) ([]documentRow, error) {
	rows, err := rowsOf(tx, nums)
	if err != nil {
		return nil, err
	}
	entries := make([]konova.Entry, len(rows))
	for i := range rows {
		e, err := rows[i].fromDB()
		if err != nil {
			return nil, err
		}
		entries[i] = e
	}
	return d.renderRows(tx, rows, entries)
}

// renderRows renders rows whose contents are at hand.
func (d *DB) renderRows(tx *gorm.DB, rows []entryRow, entries []konova.Entry) ([]documentRow, error) {
	s, err := d.gather(tx, rows, entries)
	if err != nil {
		return nil, err
	}
	out := make([]documentRow, len(rows))
	for i := range rows {
		doc := entries[i].Render(s.view(&rows[i]))
		out[i] = documentRow{Num: rows[i].Num, Rev: 1, Split: doc.Split, Document: keyed(rows[i].ID, doc.JSON), Flat: doc.Flat}
		if out[i].Flat == nil {
			out[i].Flat = []byte{} // a deduction has none
		}
	}
	return out, nil
}

// scene is everything that a batch of documents shows.
type scene struct {
	codes         codeLists
	summaries     map[int64]konova.Summary   // by num
	compensations map[int64][]konova.Summary // by intervention
	deductions    map[int64][]entryRow       // by intervention and by account
}

// part is what a document shows of another entry.
type part struct {
	Num             int64
	ID              string
	Kind            string
	Identifier      *string
	Title           string
	InterventionNum *int64
	AccountNum      *int64
	Surface         string
}

func (p part) row() entryRow {
	return entryRow{
		Num: p.Num, ID: p.ID, Kind: p.Kind, Identifier: p.Identifier, Title: p.Title,
		InterventionNum: p.InterventionNum, AccountNum: p.AccountNum, Surface: p.Surface,
	}
}

func (d *DB) gather(tx *gorm.DB, rows []entryRow, entries []konova.Entry) (*scene, error) {
	s := &scene{
		summaries:     map[int64]konova.Summary{},
		compensations: map[int64][]konova.Summary{}, deductions: map[int64][]entryRow{},
	}
	var roots, wanted []int64
	for i := range rows {
		row, e := &rows[i], &entries[i]
		s.summaries[row.Num] = row.summary()
		if e.Kind == konova.Intervention || e.Kind == konova.EcoAccount {
			roots = append(roots, row.Num)
		}
		wanted = append(wanted, shown(row)[1:]...)
	}
	var err error
	if s.codes, err = d.codes(tx); err != nil {
		return nil, err
	}
	more, err := s.parts(tx, roots)
	if err != nil {
		return nil, err
	}
	return s, s.summarise(tx, append(wanted, more...))
}

// parts reads the compensations and deductions of interventions and accounts,
// in the order in which they came into the register (the page's third example
// has no other), and gives what those refer to.
func (s *scene) parts(tx *gorm.DB, roots []int64) (wanted []int64, err error) {
	if len(roots) == 0 {
		return nil, nil
	}
	var found []part
	err = tx.Model(&entryRow{}).Where("(intervention_num IN ? OR account_num IN ?) AND deleted_on IS NULL", roots, roots).Order("num").Find(&found).Error
	for _, p := range found {
		row := p.row()
		if p.Kind == string(konova.Compensation) {
			s.compensations[*p.InterventionNum] = append(s.compensations[*p.InterventionNum], row.summary())
			continue
		}
		for _, side := range []*int64{p.InterventionNum, p.AccountNum} {
			s.deductions[*side] = append(s.deductions[*side], row)
			wanted = append(wanted, *side)
		}
	}
	return wanted, err
}

// summarise reads the short forms that are not known yet.
func (s *scene) summarise(tx *gorm.DB, wanted []int64) error {
	slices.Sort(wanted)
	wanted = slices.DeleteFunc(slices.Compact(wanted), func(n int64) bool { _, known := s.summaries[n]; return known })
	for len(wanted) > 0 {
		n := min(renderBatch, len(wanted))
		var found []part
		if err := tx.Model(&entryRow{}).Where("num IN ?", wanted[:n]).Find(&found).Error; err != nil {
			return err
		}
		for _, p := range found {
			row := p.row()
			s.summaries[p.Num] = row.summary()
		}
		wanted = wanted[n:]
	}
	return nil
}

func (s *scene) view(row *entryRow) konova.View {
	v := konova.View{
		ID: row.ID, Identifier: row.summary().Identifier, CreatedOn: row.CreatedOn.Time, ModifiedOn: row.ModifiedOn.Time,
		Compensations: s.compensations[row.Num],
		Code: func(k konova.CodeKey) konova.Code {
			if c, ok := s.codes[k]; ok {
				return c
			}
			// No import removes a code; a list that somebody edited by hand may lack one.
			return konova.Code{CodeKey: k, LongName: konova.Lists[k.List] + " " + strconv.FormatInt(k.ID, 10)}
		},
	}
	if row.InterventionNum != nil {
		v.Intervention = s.summaries[*row.InterventionNum]
	}
	deductions := s.deductions[row.Num]
	if row.Kind == string(konova.Deduction) {
		deductions = []entryRow{*row}
	}
	for i := range deductions {
		p := &deductions[i]
		v.Deductions = append(v.Deductions, konova.DeductionView{
			ID: p.ID, Surface: konova.Decimal(p.Surface),
			EcoAccount: s.summaries[*p.AccountNum], Intervention: s.summaries[*p.InterventionNum],
		})
	}
	return v
}

package konovadb

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/konova"
)

// Written is what a write made: the entry's id and the state of its document.
type Written struct {
	ID       string
	Num, Rev int64
}

// Match tells whether a state of a document is the one that If-Match names;
// nil takes any.
type Match func(num, rev int64) bool

// Create adds an entry, shared with the user (a deduction with who sees its
// intervention). Faults: Invalid/BadEntry for codes and references; of a
// deduction also Conflict/AccountOverdrawn.
func (d *DB) Create(ctx context.Context, user konova.User, e konova.Entry) (Written, error) {
	return d.create(ctx, user, e, konova.Origin{})
}

// create adds an entry with the id and the moment of origin, where it has them.
func (d *DB) create(ctx context.Context, user konova.User, e konova.Entry, origin konova.Origin) (Written, error) {
	var w Written
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		codes, err := d.codes(tx)
		if err != nil {
			return err
		}
		row, err := newRow(tx, user, &e, codes)
		if err != nil {
			return err
		}
		users, err := holders(tx, user, row)
		if err != nil {
			return err
		}
		if err := lockOrders(tx, e.Kind, users); err != nil {
			return err
		}
		if err := d.place(row, origin); err != nil {
			return err
		}
		if err := d.insert(tx, row); err != nil {
			return err
		}
		if err := share(tx, row, users); err != nil {
			return err
		}
		if e.Kind == konova.Deduction {
			if err := uncheck(tx, row.InterventionNum); err != nil {
				return err
			}
		}
		w = Written{ID: row.ID, Num: row.Num, Rev: 1}
		return d.renderNew(tx, row, &e, codes)
	})
	return w, err
}

// place gives a row its id and its moment. The orders are locked already, so
// that moments are given in the order in which entries come in.
func (d *DB) place(row *entryRow, origin konova.Origin) error {
	created := origin.CreatedOn
	if created.IsZero() {
		created = d.Now()
	}
	row.CreatedOn = store.At(konova.Moment(created))
	row.ModifiedOn, row.ID = row.CreatedOn, origin.ID
	if row.ID != "" {
		return nil
	}
	var err error
	row.ID, err = konova.NewID(d.Entropy)
	return err
}

// newRow checks what other rows decide, locks those, and makes the row of a
// write without its place in the register.
func newRow(tx *gorm.DB, user konova.User, e *konova.Entry, codes codeLists) (*entryRow, error) {
	row := &entryRow{Version: 1}
	if err := row.toDB(e); err != nil {
		return nil, err
	}
	if err := checkCodes(e, codes); err != nil {
		return nil, err
	}
	return row, refer(tx, user, e, row)
}

// refer resolves the references of a body (decision 14: unknown or unshared is
// 400 at the member, one text for both), locks what they point at, and checks
// a deduction's account.
func refer(tx *gorm.DB, user konova.User, e *konova.Entry, row *entryRow) error {
	type reference struct {
		kind konova.Kind
		id   string
		at   string
		to   **int64
	}
	var refs []reference
	switch e.Kind {
	case konova.Compensation:
		refs = []reference{{konova.Intervention, e.InterventionID, "/properties/intervention", &row.InterventionNum}}
	case konova.Deduction:
		refs = []reference{
			{konova.Intervention, e.InterventionID, "/intervention", &row.InterventionNum},
			{konova.EcoAccount, e.EcoAccountID, "/eco_account", &row.AccountNum},
		}
	case konova.Intervention, konova.EcoAccount, konova.EMA:
		return nil
	}
	var faults []fault.Field
	for _, r := range refs {
		num, err := visible(tx, user, r.kind, r.id)
		switch {
		case fault.KindOf(err) == fault.NotFound && err != nil:
			faults = append(faults, fault.Field{In: fault.InBody, Pointer: r.at, Rule: "reference", Detail: "Diesen Eintrag gibt es nicht."})
		case err != nil:
			return err
		default:
			*r.to = &num
		}
	}
	if len(faults) > 0 {
		return fault.New(fault.Invalid, konova.BadEntry, "").With(faults...)
	}
	locked, err := lock(tx, row.InterventionNum, row.AccountNum, rowNum(row))
	if err != nil || e.Kind != konova.Deduction {
		return err
	}
	return checkAccount(tx, locked[*row.AccountNum], row.Num, e.Surface)
}

func rowNum(row *entryRow) *int64 {
	if row.Num == 0 {
		return nil
	}
	return &row.Num
}

// checkAccount refuses to overdraw (decision 31). The account is locked; except
// is the deduction that is being replaced.
func checkAccount(tx *gorm.DB, account *entryRow, except int64, more konova.Decimal) error {
	e, err := account.fromDB()
	if err != nil {
		return err
	}
	sum, err := deducted(tx, account.Num, except)
	if err != nil {
		return err
	}
	return konova.CheckOverdraw(e.Deductable(), konova.Sum(sum, more))
}

// deducted is the sum of an account's deductions.
func deducted(tx *gorm.DB, account, except int64) (konova.Decimal, error) {
	var all []konova.Decimal
	err := tx.Model(&entryRow{}).Where("account_num = ? AND num <> ? AND deleted_on IS NULL", account, except).Pluck("surface", &all).Error
	return konova.Sum(all...), err
}

// visible finds the number of an entry that the user sees.
func visible(tx *gorm.DB, user konova.User, kind konova.Kind, id string) (int64, error) {
	var nums []int64
	err := tx.Raw(`SELECT e.num FROM konova_entries e JOIN konova_shares s ON s.entry_num = e.num AND s.user_id = ? AND s.hidden = 0
		WHERE e.id = ? AND s.kind = ?`, user.ID, id, string(kind)).Scan(&nums).Error
	if err == nil && len(nums) == 0 {
		err = fault.New(fault.NotFound, fault.Missing, "")
	}
	if err != nil {
		return 0, err
	}
	return nums[0], nil
}

// lock locks entries in the order of num and reads them as they are then; what
// was deleted meanwhile is Conflict/Stale. Nil is passed over.
func lock(tx *gorm.DB, nums ...*int64) (map[int64]*entryRow, error) {
	var wanted []int64
	for _, n := range nums {
		if n != nil && !slices.Contains(wanted, *n) {
			wanted = append(wanted, *n)
		}
	}
	var rows []entryRow
	if err := store.Lock(tx).Where("num IN ? AND deleted_on IS NULL", wanted).Order("num").Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) < len(wanted) {
		return nil, fault.New(fault.Conflict, fault.Stale, "")
	}
	found := make(map[int64]*entryRow, len(rows))
	for i := range rows {
		found[rows[i].Num] = &rows[i]
	}
	return found, nil
}

// maxIdentifiers is how often an identifier is drawn (decision 32): 2 × 10⁹ of
// them a month make the second draw a rarity.
const maxIdentifiers = 8

const insertQuery = `INSERT INTO konova_entries (id, kind, identifier, title, created_on, modified_on, checked_by, intervention_num, account_num,
		surface, content, coordinates, min_lon, min_lat, max_lon, max_lat, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (identifier) DO NOTHING`

// insert gives the row its identifier and its number. A taken identifier
// inserts nothing, and another is drawn.
func (d *DB) insert(tx *gorm.DB, row *entryRow) error {
	kind := konova.Kind(row.Kind)
	for range maxIdentifiers {
		if kind.HasGeometry() {
			identifier, err := konova.NewIdentifier(kind, row.CreatedOn.Time, d.Entropy)
			if err != nil {
				return err
			}
			row.Identifier = &identifier
		}
		num, err := store.InsertIn(tx, insertQuery, "num",
			row.ID, row.Kind, row.Identifier, row.Title, row.CreatedOn, row.ModifiedOn, row.CheckedBy, row.InterventionNum, row.AccountNum,
			row.Surface, row.Content, row.Coordinates, row.MinLon, row.MinLat, row.MaxLon, row.MaxLat, row.Version)
		if row.Num = num; err != nil || num > 0 {
			return err
		}
	}
	return errors.New("konovadb: no free identifier")
}

// holders are the users who see a new entry.
func holders(tx *gorm.DB, user konova.User, row *entryRow) ([]int64, error) {
	if row.Kind != string(konova.Deduction) {
		return []int64{user.ID}, nil
	}
	var users []int64
	err := tx.Model(&shareRow{}).Where("entry_num = ? AND hidden = 0", *row.InterventionNum).Order("user_id").Pluck("user_id", &users).Error
	return users, err
}

// run runs a statement without gorm: a new entry takes five of them. One that
// changes nothing is fine.
func run(tx *gorm.DB, statement string, args ...any) error {
	_, err := store.ExecIn(tx, statement, args...)
	return err
}

// lockOrders locks the lists into which an entry is going to be put. On SQLite
// the transaction is alone anyway, and a page less is written.
func lockOrders(tx *gorm.DB, kind konova.Kind, users []int64) error {
	if tx.Name() == store.SQLite {
		return nil
	}
	for _, u := range users { // in the order of their ids
		err := run(tx, `INSERT INTO konova_orders (user_id, kind, generation) VALUES (?, ?, 0)
			ON CONFLICT (user_id, kind) DO UPDATE SET generation = konova_orders.generation`, u, string(kind))
		if err != nil {
			return err
		}
	}
	return nil
}

// share puts an entry into the lists of users, whose orders are locked. What is
// not an append moves the order.
func share(tx *gorm.DB, row *entryRow, users []int64) error {
	if len(users) == 0 {
		return nil
	}
	ms := row.CreatedOn.UnixMilli()
	for _, u := range users {
		var later int64
		err := store.RowIn(tx, `SELECT count(*) FROM (SELECT 1 FROM konova_shares WHERE user_id = ? AND kind = ? AND hidden = 0
			AND (created_ms, entry_id) > (?, ?) LIMIT 1) later`, []any{u, row.Kind, ms, row.ID}, &later)
		if err != nil {
			return err
		}
		if later > 0 {
			if err := moveOrders(tx, row.Kind, []int64{u}); err != nil {
				return err
			}
		}
		err = run(tx, `INSERT INTO konova_shares (entry_num, user_id, kind, created_ms, entry_id, hidden) VALUES (?, ?, ?, ?, ?, 0)
			ON CONFLICT (entry_num, user_id) DO UPDATE SET hidden = 0`, row.Num, u, row.Kind, ms, row.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// moveOrders says that keys of these lists have moved.
func moveOrders(tx *gorm.DB, kind string, users []int64) error {
	for _, u := range users {
		err := run(tx, `INSERT INTO konova_orders (user_id, kind, generation) VALUES (?, ?, 1)
			ON CONFLICT (user_id, kind) DO UPDATE SET generation = konova_orders.generation + 1`, u, kind)
		if err != nil {
			return err
		}
	}
	return nil
}

// hide takes entries out of all lists.
func hide(tx *gorm.DB, row *entryRow) error {
	var users []int64
	if err := tx.Model(&shareRow{}).Where("entry_num = ? AND hidden = 0", row.Num).Order("user_id").Pluck("user_id", &users).Error; err != nil {
		return err
	}
	if err := moveOrders(tx, row.Kind, users); err != nil {
		return err
	}
	return tx.Exec("UPDATE konova_shares SET hidden = 1 WHERE entry_num = ?", row.Num).Error
}

func written(tx *gorm.DB, row *entryRow) (Written, error) {
	w := Written{ID: row.ID, Num: row.Num}
	return w, tx.Model(&documentRow{}).Where("num = ?", row.Num).Pluck("rev", &w.Rev).Error
}

// open finds an entry that the user sees, locks it, and holds it against
// If-Match: NotFound/Missing, PreconditionFailed.
func open(tx *gorm.DB, user konova.User, kind konova.Kind, id string, match Match) (*entryRow, error) {
	num, err := visible(tx, user, kind, id)
	if err != nil {
		return nil, err
	}
	row, err := store.First[entryRow](store.Lock(tx), "num = ? AND deleted_on IS NULL", num)
	if err != nil || match == nil {
		return row, err
	}
	w, err := written(tx, row)
	if err == nil && !match(w.Num, w.Rev) {
		err = fault.New(fault.PreconditionFailed, konova.PreconditionFailed, "")
	}
	return row, err
}

// Replace puts another content in the place of an entry's (decision 19). Faults
// as Create, and NotFound/Missing, PreconditionFailed, and Conflict/
// AccountOverdrawn for an account that would fall under its deductions.
func (d *DB) Replace(ctx context.Context, user konova.User, id string, e konova.Entry, match Match) (Written, error) {
	var w Written
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		row, err := open(tx, user, e.Kind, id, match)
		if err != nil {
			return err
		}
		before := *row
		codes, err := d.codes(tx)
		if err != nil {
			return err
		}
		if err := checkCodes(&e, codes); err != nil {
			return err
		}
		if err := row.toDB(&e); err != nil {
			return err
		}
		if err := refer(tx, user, &e, row); err != nil {
			return err
		}
		if e.Kind == konova.EcoAccount {
			if err := checkAccount(tx, row, 0, konova.Sum()); err != nil {
				return err
			}
		}
		row.ModifiedOn = store.At(konova.Moment(d.Now()))
		row.CheckedOn, row.CheckedBy = store.NullTime{}, ""
		if err := store.Update(tx, row); err != nil {
			return err
		}
		if err := d.afterReplace(tx, &before, row); err != nil {
			return err
		}
		w, err = written(tx, row)
		return err
	})
	return w, err
}

// afterReplace brings everything else in line: a deduction that went to another
// intervention has other holders, checks are reset, documents rendered.
func (d *DB) afterReplace(tx *gorm.DB, before, row *entryRow) error {
	if row.Kind == string(konova.Deduction) {
		if err := uncheck(tx, before.InterventionNum, row.InterventionNum); err != nil {
			return err
		}
		if *before.InterventionNum != *row.InterventionNum {
			if err := follow(tx, row); err != nil {
				return err
			}
		}
	}
	nums := append(shown(before), shown(row)...)
	if before.Title != row.Title {
		more, err := showing(tx, row)
		if err != nil {
			return err
		}
		nums = append(nums, more...)
	}
	return d.render(tx, nums...)
}

// uncheck says that interventions must be checked again (2.6).
func uncheck(tx *gorm.DB, nums ...*int64) error {
	for _, n := range nums {
		if n == nil {
			continue
		}
		err := tx.Exec("UPDATE konova_entries SET checked_on = NULL, checked_by = '', version = version + 1 WHERE num = ? AND checked_on IS NOT NULL", *n).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// follow makes a deduction seen by exactly who sees its intervention.
func follow(tx *gorm.DB, row *entryRow) error {
	if err := hide(tx, row); err != nil {
		return err
	}
	users, err := holders(tx, konova.User{}, row)
	if err != nil {
		return err
	}
	if err := lockOrders(tx, konova.Deduction, users); err != nil {
		return err
	}
	return share(tx, row, users)
}

// shown are the entries whose documents show that this one is there, and the
// entry itself.
func shown(row *entryRow) []int64 {
	nums := []int64{row.Num}
	for _, n := range []*int64{row.InterventionNum, row.AccountNum} {
		if n != nil {
			nums = append(nums, *n)
		}
	}
	return nums
}

// showing are the entries whose documents show this one's title.
func showing(tx *gorm.DB, row *entryRow) ([]int64, error) {
	var found []struct {
		Num             int64
		InterventionNum *int64
		AccountNum      *int64
	}
	err := tx.Model(&entryRow{}).Where("(intervention_num = ? OR account_num = ?) AND deleted_on IS NULL", row.Num, row.Num).Find(&found).Error
	nums := make([]int64, 0, len(found))
	for _, f := range found {
		nums = append(nums, f.Num)
		// A deduction is shown on its other side too.
		for _, other := range []*int64{f.InterventionNum, f.AccountNum} {
			if other != nil {
				nums = append(nums, *other)
			}
		}
	}
	return nums, err
}

// Delete removes an entry softly (decision 20): an intervention takes its
// compensations along and frees its deductions; an account with deductions
// stays, Conflict/AccountInUse.
func (d *DB) Delete(ctx context.Context, user konova.User, kind konova.Kind, id string, match Match) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		row, err := open(tx, user, kind, id, match)
		if err != nil {
			return err
		}
		gone := []entryRow{*row}
		switch kind {
		case konova.EcoAccount:
			var used int64
			if err := tx.Model(&entryRow{}).Where("account_num = ? AND deleted_on IS NULL", row.Num).Count(&used).Error; err != nil {
				return err
			}
			if used > 0 {
				return fault.New(fault.Conflict, konova.AccountInUse, "Von dem Ökokonto gehen noch Abbuchungen ab.")
			}
		case konova.Intervention:
			var parts []entryRow
			if err := store.Lock(tx).Where("intervention_num = ? AND deleted_on IS NULL", row.Num).Order("num").Find(&parts).Error; err != nil {
				return err
			}
			gone = append(gone, parts...)
		case konova.Deduction:
			if err := uncheck(tx, row.InterventionNum); err != nil {
				return err
			}
		case konova.Compensation, konova.EMA:
		}
		return d.remove(tx, gone, d.Now())
	})
}

// remove marks entries as deleted, takes them out of the lists, and renders
// what showed them.
func (d *DB) remove(tx *gorm.DB, gone []entryRow, now time.Time) error {
	var nums []int64
	dead := map[int64]bool{}
	for i := range gone {
		row := &gone[i]
		row.DeletedOn = store.NullAt(&now)
		if err := store.Update(tx, row); err != nil {
			return err
		}
		if err := hide(tx, row); err != nil {
			return err
		}
		dead[row.Num] = true
		nums = append(nums, shown(row)...)
	}
	nums = slices.DeleteFunc(nums, func(n int64) bool { return dead[n] })
	return d.render(tx, nums...)
}

// checkCodes holds the codes of a body against the lists.
func checkCodes(e *konova.Entry, known codeLists) error {
	faults := e.CheckCodes(func(k konova.CodeKey) (konova.Code, bool) { c, ok := known[k]; return c, ok })
	if len(faults) > 0 {
		return fault.New(fault.Invalid, konova.BadEntry, "").With(faults...)
	}
	return nil
}

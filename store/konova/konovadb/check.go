package konovadb

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/konova"
)

// CheckIntervention looks for logical errors in an intervention and its
// compensations (apis/konova.md 2.6). Without any it counts as checked, by this
// user, until it or a deduction of it changes. Faults: Forbidden/NoGroup,
// NotFound/Missing.
func (d *DB) CheckIntervention(ctx context.Context, user konova.User, id string) (konova.CheckResult, error) {
	var result konova.CheckResult
	if err := user.MayCheck(); err != nil {
		return result, err
	}
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		row, err := open(tx, user, konova.Intervention, id, nil)
		if err != nil {
			return err
		}
		var parts []entryRow
		if err := tx.Where("intervention_num = ? AND deleted_on IS NULL", row.Num).Order("num").Find(&parts).Error; err != nil {
			return err
		}
		if result, err = check(row, parts); err != nil || !result.Success() || row.CheckedOn.Valid {
			return err
		}
		now := d.Now()
		row.CheckedOn, row.CheckedBy = store.NullAt(&now), user.Name
		return store.Update(tx, row)
	})
	return result, err
}

func check(row *entryRow, parts []entryRow) (konova.CheckResult, error) {
	var result konova.CheckResult
	e, err := row.fromDB()
	if err != nil {
		return result, err
	}
	deductions := 0
	for i := range parts {
		part, err := parts[i].fromDB()
		if err != nil {
			return result, err
		}
		if part.Kind == konova.Deduction {
			deductions++
			continue
		}
		result.Compensations = append(result.Compensations, konova.Checked{ID: parts[i].ID, Errors: part.CheckCompensation()})
	}
	result.Intervention = konova.Checked{ID: row.ID, Errors: e.CheckIntervention(len(result.Compensations), deductions)}
	return result, nil
}

// IsChecked tells whether an intervention passed the check and did not change
// since.
func (d *DB) IsChecked(ctx context.Context, id string) (bool, error) {
	row, err := store.First[entryRow](d.DB.Reader(ctx), "id = ? AND kind = ?", id, string(konova.Intervention))
	if err != nil {
		return false, err
	}
	return row.CheckedOn.Valid, nil
}

// Verified is what Verify found.
type Verified struct {
	Entries int64
	Wrong   []string // ids of entries whose document is not what their rows say; the first thousand
	Count   int64    // how many there are
}

// Verify renders every document anew and compares (`loket check`); with repair
// it writes what differed. It goes in batches, each of one state.
func (d *DB) Verify(ctx context.Context, repair bool) (Verified, error) {
	var v Verified
	after := int64(0)
	for {
		var n int
		var found []string
		var last int64
		in := d.DB.Read
		if repair {
			in = d.DB.InTx
		}
		err := in(ctx, func(tx *gorm.DB) error {
			var err error
			n, last, found, err = d.verifyBatch(tx, after, repair)
			return err
		})
		if err != nil || n == 0 {
			return v, err
		}
		after = last
		v.Entries, v.Count = v.Entries+int64(n), v.Count+int64(len(found))
		v.Wrong = append(v.Wrong, found[:min(len(found), 1000-len(v.Wrong))]...)
	}
}

func (d *DB) verifyBatch(tx *gorm.DB, after int64, repair bool) (n int, last int64, wrong []string, err error) {
	var rows []struct {
		Num int64
		ID  string
	}
	err = tx.Model(&entryRow{}).Where("num > ? AND deleted_on IS NULL", after).Order("num").Limit(renderBatch).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, 0, nil, err
	}
	nums := make([]int64, len(rows))
	for i, r := range rows {
		nums[i] = r.Num
	}
	var kept []documentRow
	if err := tx.Where("num IN ?", nums).Find(&kept).Error; err != nil {
		return 0, 0, nil, err
	}
	made, err := d.documentsOf(unlocked(tx, repair), nums)
	if err != nil {
		return 0, 0, nil, err
	}
	for i := range made {
		at := slices.IndexFunc(kept, func(k documentRow) bool { return k.Num == made[i].Num })
		if at >= 0 && kept[at].Split == made[i].Split && bytes.Equal(kept[at].Document, made[i].Document) && bytes.Equal(kept[at].Flat, made[i].Flat) {
			continue
		}
		wrong = append(wrong, rows[i].ID)
		if repair {
			if err := d.render(tx, made[i].Num); err != nil {
				return 0, 0, nil, err
			}
		}
	}
	return len(rows), nums[len(nums)-1], wrong, nil
}

// unlocked keeps a snapshot from asking for locks, which PostgreSQL refuses in
// a transaction that only reads.
func unlocked(tx *gorm.DB, writing bool) *gorm.DB {
	if writing {
		return tx
	}
	return tx.Set(readOnly, true).Session(&gorm.Session{})
}

const readOnly = "konova:read_only"

// rowsOf reads entries that are there, in order; locked where the transaction
// writes.
func rowsOf(tx *gorm.DB, nums []int64) ([]entryRow, error) {
	query := tx
	if _, only := tx.Get(readOnly); !only {
		query = store.Lock(tx)
	}
	var rows []entryRow
	if err := query.Where("num IN ? AND deleted_on IS NULL", nums).Order("num").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("konovadb: entries: %w", err)
	}
	return rows, nil
}

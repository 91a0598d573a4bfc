package konovadb

import (
	"context"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"loket/store/fault"
	"loket/store/konova"
)

// Sharing gives the names of the users who see an entry, in ascending order.
func (d *DB) Sharing(ctx context.Context, user konova.User, kind konova.Kind, id string) ([]string, error) {
	var names []string
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		num, err := visible(tx, user, kind, id)
		if err != nil {
			return err
		}
		shared, err := sharedWith(tx, num)
		names = namesOf(shared)
		return err
	})
	return names, err
}

func sharedWith(tx *gorm.DB, num int64) ([]userRow, error) {
	var users []userRow
	err := tx.Raw(`SELECT u.* FROM konova_users u JOIN konova_shares s ON s.user_id = u.id
		WHERE s.entry_num = ? AND s.hidden = 0 ORDER BY u.name`, num).Scan(&users).Error
	return users, err
}

func namesOf(users []userRow) []string {
	names := make([]string, len(users))
	for i, u := range users {
		names[i] = u.Name
	}
	return names
}

// SetSharing makes an entry seen by exactly the named users (decision 39).
// Faults: NotFound/Missing; Invalid/BadEntry for a name that is no user;
// Forbidden/RemovalNotAllowed.
func (d *DB) SetSharing(ctx context.Context, user konova.User, kind konova.Kind, id string, names []string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		row, err := open(tx, user, kind, id, nil)
		if err != nil {
			return err
		}
		after, err := usersByName(tx, names)
		if err != nil {
			return err
		}
		before, err := sharedWith(tx, row.Num)
		if err != nil {
			return err
		}
		if err := user.MayShare(namesOf(before), names); err != nil {
			return err
		}
		return d.setShares(tx, row, after)
	})
}

func usersByName(tx *gorm.DB, names []string) ([]int64, error) {
	var users []userRow
	if err := tx.Where("name IN ?", names).Order("id").Find(&users).Error; err != nil {
		return nil, err
	}
	known := namesOf(users)
	refused := fault.New(fault.Invalid, konova.BadEntry, "")
	for i, name := range names {
		if !slices.Contains(known, name) {
			refused = refused.With(fault.Field{
				In: fault.InBody, Pointer: "/users/" + strconv.Itoa(i), Rule: "user", Detail: "Diesen Benutzer gibt es nicht.",
			})
		}
	}
	if len(refused.Fields) > 0 {
		return nil, refused
	}
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return ids, nil
}

// setShares brings an entry's shares to the given users; an intervention's
// deductions follow.
func (d *DB) setShares(tx *gorm.DB, row *entryRow, users []int64) error {
	rows := []entryRow{*row}
	if row.Kind == string(konova.Intervention) {
		var deductions []entryRow
		err := tx.Where("intervention_num = ? AND kind = ? AND deleted_on IS NULL", row.Num, string(konova.Deduction)).Order("num").Find(&deductions).Error
		if err != nil {
			return err
		}
		rows = append(rows, deductions...)
	}
	for i := range rows {
		if err := changeShares(tx, &rows[i], users); err != nil {
			return err
		}
	}
	return nil
}

func changeShares(tx *gorm.DB, row *entryRow, users []int64) error {
	var present []int64
	if err := tx.Model(&shareRow{}).Where("entry_num = ? AND hidden = 0", row.Num).Order("user_id").Pluck("user_id", &present).Error; err != nil {
		return err
	}
	added := slices.DeleteFunc(slices.Clone(users), func(u int64) bool { return slices.Contains(present, u) })
	removed := slices.DeleteFunc(present, func(u int64) bool { return slices.Contains(users, u) })
	if len(removed) > 0 {
		if err := moveOrders(tx, row.Kind, removed); err != nil {
			return err
		}
		if err := tx.Where("entry_num = ? AND user_id IN ?", row.Num, removed).Delete(&shareRow{}).Error; err != nil {
			return err
		}
	}
	if err := lockOrders(tx, konova.Kind(row.Kind), added); err != nil {
		return err
	}
	return share(tx, row, added)
}

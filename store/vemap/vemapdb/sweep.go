package vemapdb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/vemap"
)

// Sweep forgets sessions, challenges, codes, and attempts that have run out,
// and tells how many.
func (d *DB) Sweep(ctx context.Context) (int, error) {
	now := d.Now()
	gone := 0
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		gone = 0
		for _, old := range []struct {
			row   any
			where string
			at    store.Time
		}{
			{&sessionRow{}, "expires_at <= ?", store.At(now)},
			{&challengeRow{}, "expires_at <= ?", store.At(now)},
			{&codeRow{}, "expires_at <= ?", store.At(now.Add(-vemap.CodeLifetime))}, // "expired" is said for a while
			{&attemptRow{}, "at <= ?", store.At(now.Add(-max(vemap.CodeWindow, vemap.LoginWindow)))},
		} {
			res := tx.Where(old.where, old.at).Delete(old.row)
			if res.Error != nil {
				return res.Error
			}
			gone += int(res.RowsAffected)
		}
		return nil
	})
	return gone, err
}

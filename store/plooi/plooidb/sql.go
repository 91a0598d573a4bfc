package plooidb

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
)

// upsert writes a whole row, whether or not it was there.
func upsert[T any](tx *gorm.DB, row T) error {
	return store.Translate(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error)
}

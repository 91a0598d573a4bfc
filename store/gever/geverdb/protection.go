package geverdb

import (
	"errors"
	"maps"
	"slices"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// By what a role is given at an object; both may give the same.
const (
	byHand       int64 = 1 // @sharing, or the operator
	byProtection int64 = 2 // the values of a protected dossier
)

// give gives a principal a role at an object.
func give(tx *gorm.DB, object int64, principal string, role gever.Role, by int64) error {
	return store.Translate(tx.Exec(`INSERT INTO gever_local_roles (object_id, principal, role, given) VALUES (?, ?, ?, ?)
ON CONFLICT (object_id, principal, role) DO UPDATE SET given = gever_local_roles.given | excluded.given`, object, principal, string(role), by).Error)
}

// take ends what gave roles; what is given by the other too stays.
func take(tx *gorm.DB, by int64, where string, args ...any) error {
	if err := tx.Where("given = ?", by).Where(where, args...).Delete(&roleRow{}).Error; err != nil {
		return store.Translate(err)
	}
	err := tx.Model(&roleRow{}).Where("given = ?", byHand|byProtection).Where(where, args...).Update("given", byHand|byProtection-by).Error
	return store.Translate(err)
}

// shield lets the row of a dossier take roles from above, or not, when its
// protection becomes another. Decided: where protection ends, they count again,
// whatever @sharing had said before.
func shield(row *objectRow, was, is gever.Protection) {
	if (was.On || is.On) && !was.Same(is) {
		row.Blocked = is.Blocks()
	}
}

// protect gives at a dossier, whose row is written, the roles of its
// protection, and ends those of the one before.
func protect(tx *gorm.DB, dossier int64, was, is gever.Protection) error {
	if was.Same(is) {
		return nil
	}
	if err := take(tx, byProtection, "object_id = ?", dossier); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(is.Roles)) {
		for _, role := range is.Roles[id] {
			if err := give(tx, dossier, string(id), role, byProtection); err != nil {
				return err
			}
		}
	}
	return nil
}

// knownGroup tells for one transaction whether there is a group.
func knownGroup(tx *gorm.DB, failed *error) func(string) bool {
	return func(id string) bool {
		if id == gever.Everybody {
			return true
		}
		err := tx.Where("id = ?", id).Take(&groupRow{}).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			*failed = store.Translate(err)
		}
		return err == nil
	}
}

// protectionMigrations are the steps of protected dossiers, and of approvals.
func protectionMigrations() []store.Migration {
	return []store.Migration{
		{ID: "gever-protection-0001", Up: func(tx *gorm.DB) error { return tx.Migrator().AddColumn(&roleRowProtection{}, "Given") }},
		{ID: "gever-approvals-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, &approvalRow{}) }},
	}
}

type roleRowProtection struct {
	Given int64 `gorm:"not null;default:1"`
}

func (roleRowProtection) TableName() string { return "gever_local_roles" }

type roleRow0001 struct {
	ObjectID  int64  `gorm:"primaryKey;autoIncrement:false"`
	Principal string `gorm:"primaryKey;index"`
	Role      string `gorm:"primaryKey"`
}

func (roleRow0001) TableName() string { return "gever_local_roles" }

package store

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store/fault"
)

// Lock adds FOR UPDATE to a query: the rows it finds are locked until the
// transaction ends. A use case locks the root of what it changes before it
// reads the rest, several roots in the order of their ids. On SQLite it does
// nothing: the transaction is the only one that writes.
func Lock(tx *gorm.DB) *gorm.DB {
	return tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// First reads the one row that the conditions name, in gorm's form
// (`store.First[row](tx, "id = ?", id)`, or conditions on tx); NotFound/Missing
// when there is none.
func First[T any](tx *gorm.DB, where ...any) (*T, error) {
	if len(where) == 1 {
		// gorm takes a single text as SQL: an id passed so would be injected.
		if _, text := where[0].(string); text {
			return nil, errors.New(`store: First needs a condition with its value, as ("id = ?", id)`)
		}
	}
	row := new(T)
	if err := tx.Take(row, where...).Error; err != nil {
		return nil, Translate(err)
	}
	return row, nil
}

// Update writes the whole row, zero values too, if it still has the version
// that it was read with, and counts its field Version up by one; Conflict/Stale
// when somebody changed or removed it in between (the row is then unchanged).
func Update[T any](tx *gorm.DB, row *T) error {
	stmt := &gorm.Statement{DB: tx}
	if err := stmt.Parse(row); err != nil {
		return fmt.Errorf("store: %T: %w", row, err)
	}
	version := stmt.Schema.LookUpField("Version")
	if version == nil || version.FieldType.Kind() != reflect.Int64 {
		return fmt.Errorf("store: %T has no field Version of int64", row)
	}
	ctx, value := tx.Statement.Context, reflect.ValueOf(row).Elem()
	for _, key := range stmt.Schema.PrimaryFields {
		// gorm leaves a zero key out of the condition and would change other rows.
		if _, zero := key.ValueOf(ctx, value); zero {
			return fmt.Errorf("store: %T has no %s", row, strings.ToLower(key.Name))
		}
	}
	field := version.ReflectValueOf(ctx, value)
	old := field.Int()
	field.SetInt(old + 1)
	res := tx.Session(&gorm.Session{}).Select("*").Where(clause.Eq{Column: clause.Column{Name: version.DBName}, Value: old}).Updates(row)
	if res.Error != nil {
		field.SetInt(old)
		return Translate(res.Error)
	}
	if res.RowsAffected == 0 {
		field.SetInt(old)
		return fault.New(fault.Conflict, fault.Stale, "")
	}
	return nil
}

package store

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
)

// The dialects.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// textC makes PostgreSQL compare and sort by bytes, as SQLite does and
// whatever locale the database has.
const textC = `text COLLATE "C"`

// CreateTables makes the tables and indexes of row structs, for migrations:
//
//   - text columns compare by bytes on both databases, and have no length (the
//     contract's maxLength says it);
//   - float64 is double precision on PostgreSQL;
//   - a field's own tag `references:"capo_project(id) ON DELETE CASCADE"` makes
//     a foreign key, so that rows need no associations;
//   - time.Time is refused: Time and NullTime keep moments; so are deferred
//     foreign keys.
//
// A migration is frozen: it gives structs of its own, not the rows of today.
func CreateTables(tx *gorm.DB, rows ...any) error {
	for _, row := range rows {
		if err := checkRow(tx, row); err != nil {
			return err
		}
		if err := tx.Migrator().CreateTable(row); err != nil {
			return fmt.Errorf("store: create the table of %T: %w", row, err)
		}
	}
	return nil
}

// CreateKeyedTables is CreateTables for small rows that are found by their
// primary key of several columns: SQLite keeps such a table in the order of the
// key (WITHOUT ROWID), so that a new row is one page less to write.
func CreateKeyedTables(tx *gorm.DB, rows ...any) error {
	if tx.Name() == SQLite {
		tx = tx.Set("gorm:table_options", " WITHOUT ROWID")
	}
	return CreateTables(tx, rows...)
}

func checkRow(tx *gorm.DB, row any) error {
	stmt := &gorm.Statement{DB: tx}
	if err := stmt.Parse(row); err != nil {
		return fmt.Errorf("store: %T: %w", row, err)
	}
	for _, f := range stmt.Schema.Fields {
		if f.DBName != "" && f.IndirectFieldType == reflect.TypeFor[time.Time]() {
			return fmt.Errorf("store: %T.%s is a time.Time; rows keep moments as store.Time", row, f.Name)
		}
		// It would be found out at the commit, which others share (writer).
		if strings.Contains(strings.ToUpper(references(f)), "DEFERR") {
			return fmt.Errorf("store: the foreign key of %T.%s is deferred; it must be checked at once", row, f.Name)
		}
	}
	return nil
}

// references is the foreign key that a field's tag asks for.
func references(f *schema.Field) string {
	if to := f.Tag.Get("references"); to != "" {
		return " REFERENCES " + to
	}
	return ""
}

// The dialects differ from gorm's in two ways: the migrator knows references
// and the types above, and Explain, which gorm calls to show a statement in the
// log (and for each Scan, logged or not), leaves the values out. The migrators
// need gorm's own Explain for the text of defaults.
type sqliteDialector struct{ sqlite.Dialector }

func (sqliteDialector) Explain(sql string, _ ...any) string { return sql }

func (d sqliteDialector) Migrator(db *gorm.DB) gorm.Migrator {
	return sqliteMigrator{sqlite.Migrator{Migrator: migrator.Migrator{Config: migrator.Config{
		DB: db, Dialector: d.Dialector, CreateIndexAfterCreateTable: true,
	}}}}
}

type sqliteMigrator struct{ sqlite.Migrator }

func (m sqliteMigrator) FullDataTypeOf(f *schema.Field) clause.Expr {
	e := m.Migrator.FullDataTypeOf(f)
	e.SQL += references(f)
	return e
}

type postgresDialector struct{ postgresTypes }

func (postgresDialector) Explain(sql string, _ ...any) string { return sql }

func (d postgresDialector) Migrator(db *gorm.DB) gorm.Migrator {
	return postgresMigrator{postgres.Migrator{Migrator: migrator.Migrator{Config: migrator.Config{
		DB: db, Dialector: d.postgresTypes, CreateIndexAfterCreateTable: true,
	}}}}
}

type postgresTypes struct{ postgres.Dialector }

func (d postgresTypes) DataTypeOf(f *schema.Field) string {
	switch t := d.Dialector.DataTypeOf(f); {
	case t == "text", strings.HasPrefix(t, "varchar"):
		return textC
	case t == "decimal":
		return "double precision"
	default:
		return t
	}
}

type postgresMigrator struct{ postgres.Migrator }

func (m postgresMigrator) FullDataTypeOf(f *schema.Field) clause.Expr {
	e := m.Migrator.FullDataTypeOf(f)
	e.SQL += references(f)
	return e
}

package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"gorm.io/gorm"

	"loket/store"
)

// Drift fails when the tables that the migrations make are not those that the
// row structs of today describe: a column that one of them lacks, another
// type, collation, default or nullability, another primary key, an index or
// foreign key of the structs that the migrations do not make. Indexes that
// only the migrations make are fine: tags cannot say them all.
//
// Both are made for real, in two databases, and their catalogues compared.
func Drift(t *testing.T, migrations []store.Migration, rows ...any) {
	t.Helper()
	for _, d := range drift(t, migrations, rows...) {
		t.Error(d)
	}
}

func drift(t *testing.T, migrations []store.Migration, rows ...any) []string {
	t.Helper()
	migrated := Open(t, migrations)
	// Templates are told apart by these names.
	described := Open(t, []store.Migration{{ID: fmt.Sprintf("drift-%s-%s", t.Name(), types(rows)), Up: func(tx *gorm.DB) error {
		return store.CreateTables(tx, rows...)
	}}})
	var found []string
	for _, row := range rows {
		table := tableName(t, described, row)
		is, want := tableOf(t, migrated, table), tableOf(t, described, table)
		for _, name := range union(is.columns, want.columns) {
			if is.columns[name] != want.columns[name] {
				found = append(found, fmt.Sprintf("%s.%s: the migrations make %s, %T says %s", table, name, orNone(is.columns[name]), row, orNone(want.columns[name])))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(want.indexes)) {
			if is.indexes[name] != want.indexes[name] {
				found = append(found, fmt.Sprintf("%s: the migrations make the index %s as %s, %T says %s", table, name, orNone(is.indexes[name]), row, want.indexes[name]))
			}
		}
		for _, key := range want.foreign {
			if !slices.Contains(is.foreign, key) {
				found = append(found, fmt.Sprintf("%s: the migrations do not make the foreign key %s of %T", table, key, row))
			}
		}
	}
	return found
}

func union(a, b map[string]string) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func orNone(s string) string {
	if s == "" {
		return "nothing"
	}
	return "(" + s + ")"
}

// table is what the catalogue says, in words that can be compared.
type table struct {
	columns map[string]string
	indexes map[string]string
	foreign []string
}

func tableName(t *testing.T, db *store.DB, row any) string {
	t.Helper()
	stmt := &gorm.Statement{DB: db.Reader(t.Context())}
	if err := stmt.Parse(row); err != nil {
		t.Fatalf("%T: %v", row, err)
	}
	return stmt.Schema.Table
}

func tableOf(t *testing.T, db *store.DB, name string) table {
	t.Helper()
	columns, indexes, foreign := sqliteColumns, sqliteIndexes, sqliteForeign
	if db.Dialect() == store.Postgres {
		columns, indexes, foreign = postgresColumns, postgresIndexes, postgresForeign
	}
	of := table{columns: map[string]string{}, indexes: map[string]string{}}
	for _, pair := range catalogue(t, db, columns, name) {
		of.columns[pair.Name] = pair.Is
	}
	for _, pair := range catalogue(t, db, indexes, name) {
		of.indexes[pair.Name] = pair.Is
	}
	for _, pair := range catalogue(t, db, foreign, name) {
		of.foreign = append(of.foreign, pair.Name+" "+pair.Is)
	}
	return of
}

type pair struct{ Name, Is string }

func catalogue(t *testing.T, db *store.DB, query, name string) []pair {
	t.Helper()
	var pairs []pair
	if err := db.Reader(t.Context()).Raw(query, name).Scan(&pairs).Error; err != nil {
		t.Fatalf("read the catalogue: %v", err)
	}
	return pairs
}

const (
	sqliteColumns = `SELECT name, lower(type) || CASE WHEN "notnull" OR pk > 0 THEN ' not null' ELSE '' END
		|| coalesce(' default ' || dflt_value, '') || CASE WHEN pk > 0 THEN ' key ' || pk ELSE '' END AS "is"
		FROM pragma_table_info(?)`
	sqliteIndexes = `SELECT l.name, CASE WHEN l."unique" THEN 'unique ' ELSE '' END || CASE WHEN l.partial THEN 'partial ' ELSE '' END
		|| (SELECT group_concat(coalesce(name, 'expression') || CASE WHEN "desc" THEN ' desc' ELSE '' END, ', ')
			FROM (SELECT name, "desc" FROM pragma_index_xinfo(l.name) WHERE key ORDER BY seqno)) AS "is"
		FROM pragma_index_list(?) l WHERE l.origin <> 'pk'`
	sqliteForeign = `SELECT "from" AS name, 'references ' || "table" || '(' || coalesce("to", 'key') || ') on delete ' || lower(on_delete) AS "is"
		FROM pragma_foreign_key_list(?)`

	postgresColumns = `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod)
		|| CASE WHEN c.collname IS NULL OR c.collname = 'default' THEN '' ELSE ' collate ' || c.collname END
		|| CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
		|| coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
		|| coalesce(' key ' || array_position(p.conkey, a.attnum), '') AS "is"
		FROM pg_attribute a
		LEFT JOIN pg_collation c ON c.oid = a.attcollation
		LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
		LEFT JOIN pg_constraint p ON p.conrelid = a.attrelid AND p.contype = 'p'
		WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped`
	postgresIndexes = `SELECT c.relname AS name, CASE WHEN i.indisunique THEN 'unique ' ELSE '' END || CASE WHEN i.indpred IS NOT NULL THEN 'partial ' ELSE '' END
		|| (SELECT string_agg(pg_get_indexdef(i.indexrelid, k, true) || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' desc' ELSE '' END, ', ' ORDER BY k)
			FROM generate_series(1, i.indnkeyatts::int) k) AS "is"
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = to_regclass(?) AND NOT i.indisprimary`
	postgresForeign = `SELECT (SELECT string_agg(attname, ', ' ORDER BY array_position(o.conkey, attnum)) FROM pg_attribute WHERE attrelid = o.conrelid AND attnum = ANY(o.conkey)) AS name,
		pg_get_constraintdef(o.oid) AS "is"
		FROM pg_constraint o WHERE o.conrelid = to_regclass(?) AND o.contype = 'f'`
)

func types(rows []any) string {
	names := ""
	for _, row := range rows {
		names += fmt.Sprintf("%T ", row)
	}
	return names
}

package store_test

import (
	"testing"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/storetest"
)

// TestPlainStatements: what goes around gorm writes and reads the same values
// on both databases, within and without a transaction.
func TestPlainStatements(t *testing.T) {
	db := storetest.Open(t, migrations())
	const put = `INSERT INTO account (id, name, balance, rate, open, made, closed, due, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		for _, c := range []struct {
			id, name string
			want     int64
		}{{"a", "A", 1}, {"b", "A", 0}, {"c", "C", 1}} {
			n, err := store.ExecIn(tx, put, c.id, c.name, int64(7), 2.5, true, store.At(at), store.NullTime{}, store.Date("2022-07-08"), 1)
			if err != nil || n != c.want {
				t.Errorf("%s changed %d rows (%v), want %d", c.id, n, err, c.want)
			}
		}
		n, err := store.ExecIn(tx, "UPDATE account SET balance = balance + 1")
		if err != nil || n != 2 {
			t.Errorf("%d rows changed (%v), want 2", n, err)
		}
		var balance int
		return store.RowIn(tx, "SELECT balance FROM account WHERE id = ?", []any{"c"}, &balance)
	})
	if err != nil {
		t.Fatal(err)
	}
	type name string
	var (
		got             account
		id              name
		closed, missing *string
		there           *string
		bytes           []byte
		rate            float64
	)
	err = db.Row(t.Context(), `SELECT id, name, balance, rate, open, made, closed, due, NULL, name, CAST(NULL AS TEXT), version FROM account WHERE id = ?`, []any{"a"},
		&id, &got.Name, &got.Balance, &rate, &got.Open, &got.Made, &got.Closed, &got.Due, &closed, &there, &missing, &got.Version)
	if err != nil {
		t.Fatal(err)
	}
	if id != "a" || got.Name != "A" || got.Balance != 8 || rate != 2.5 || !got.Open || !got.Made.Equal(store.At(at).Time) || got.Closed.Valid ||
		got.Due != "2022-07-08" || closed != nil || missing != nil || there == nil || *there != "A" || got.Version != 1 {
		t.Errorf("read %q %+v %v %v %v", id, got, closed, there, missing)
	}
	if err := db.Row(t.Context(), "SELECT name FROM account WHERE id = ?", []any{"a"}, &bytes); err != nil || string(bytes) != "A" {
		t.Errorf("%q, %v", bytes, err)
	}
	var names []string
	err = db.Rows(t.Context(), "SELECT name FROM account WHERE balance >= ? ORDER BY id", []any{8}, func(rows store.Rows) error {
		for rows.Next() {
			var n string
			if err := rows.Scan(&n); err != nil {
				return err
			}
			names = append(names, n)
		}
		return rows.Err()
	})
	if err != nil || len(names) != 2 || names[0] != "A" || names[1] != "C" {
		t.Errorf("%v, %v", names, err)
	}
}

// TestPlainStatementsFail: what cannot be is an error, and the connection goes
// on being good.
func TestPlainStatementsFail(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	var n int64
	var s string
	for what, err := range map[string]error{
		"too few places":   db.Row(t.Context(), "SELECT id, name FROM account WHERE id = ?", []any{"a"}, &s),
		"text in a number": db.Row(t.Context(), "SELECT name FROM account WHERE id = ?", []any{"a"}, &n),
		"null in a number": db.Row(t.Context(), "SELECT CAST(NULL AS integer) FROM account WHERE id = ?", []any{"a"}, &n),
		"no such column":   db.Row(t.Context(), "SELECT nothing FROM account WHERE id = ?", []any{"a"}, &n),
		"a strange value":  db.Row(t.Context(), "SELECT id FROM account WHERE id = ?", []any{struct{}{}}, &s),
	} {
		if err == nil {
			t.Errorf("%s is not refused", what)
		}
	}
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		_, err := store.ExecIn(tx, "INSERT INTO account (id, name, balance, open, made, due, version) VALUES (?, ?, 0, ?, ?, '', 1)", "b", "A", false, store.At(at))
		return err
	})
	wantFault(t, err, fault.Conflict, fault.Duplicate)
	if err := db.Row(t.Context(), "SELECT id FROM account WHERE name = ?", []any{"A"}, &s); err != nil || s != "a" {
		t.Errorf("%q, %v", s, err)
	}
}

// TestPanicInAList: what is in hand when who reads a list panics is good
// afterwards.
func TestPanicInAList(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	for range 20 { // more often than there are connections
		func() {
			defer func() {
				if got := recover(); got != "no" {
					t.Errorf("it panics with %v", got)
				}
			}()
			_ = db.Rows(t.Context(), "SELECT name FROM account WHERE id = ?", []any{"a"}, func(rows store.Rows) error {
				rows.Next()
				panic("no")
			})
		}()
	}
	var name string
	if err := db.Row(t.Context(), "SELECT name FROM account WHERE id = ?", []any{"a"}, &name); err != nil || name != "A" {
		t.Errorf("%q, %v", name, err)
	}
}

// TestInsertIn gives the key, or 0 where nothing was inserted.
func TestInsertIn(t *testing.T) {
	type numbered struct {
		Num  int64  `gorm:"primaryKey;autoIncrement"`
		Name string `gorm:"not null;uniqueIndex"`
	}
	db := storetest.Open(t, []store.Migration{{ID: "test-insert-in", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, &numbered{}) }}})
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		for _, c := range []struct {
			name string
			want bool
		}{{"a", true}, {"a", false}, {"b", true}} {
			n, err := store.InsertIn(tx, "INSERT INTO numbereds (name) VALUES (?) ON CONFLICT (name) DO NOTHING", "num", c.name)
			if err != nil || n > 0 != c.want {
				t.Errorf("%s: %d, %v", c.name, n, err)
			}
			var found int64
			if err := store.RowIn(tx, "SELECT num FROM numbereds WHERE name = ?", []any{c.name}, &found); err != nil || c.want && found != n {
				t.Errorf("%s stands at %d (%v), want %d", c.name, found, err, n)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

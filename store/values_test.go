package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/storetest"
)

func TestTimesRoundTripAndSort(t *testing.T) {
	db := storetest.Open(t, migrations())
	amsterdam := time.FixedZone("CEST", 2*60*60)
	times := []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2022, 7, 8, 6, 40, 25, 0, time.UTC),
		time.Date(2022, 7, 8, 8, 40, 25, 123456789, amsterdam), // 06:40:25.123456 UTC
		time.Date(2022, 7, 8, 6, 40, 25, 900000000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	}
	for i := len(times) - 1; i >= 0; i-- {
		closed := times[i]
		row := account{ID: string(rune('a' + i)), Name: string(rune('a' + i)), Made: store.At(times[i]), Closed: store.NullAt(&closed), Due: store.DateOf(times[i])}
		if i == 0 {
			row.Closed = store.NullAt(nil)
		}
		insert(t, db, &row)
	}
	var rows []account
	if err := db.Reader(t.Context()).Order("made").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		want := times[i].Truncate(time.Microsecond)
		if !row.Made.Equal(want) || row.Made.Location() != time.UTC {
			t.Errorf("place %d is %v, want %v", i, row.Made, want)
		}
		if closed := row.Closed.Ptr(); i == 0 && closed != nil || i > 0 && (closed == nil || !closed.Equal(want)) {
			t.Errorf("place %d closed at %v", i, closed)
		}
		if row.Due != store.DateOf(times[i]) {
			t.Errorf("place %d due %q, want %q", i, row.Due, store.DateOf(times[i]))
		}
	}
	var n int64
	err := db.Reader(t.Context()).Model(&account{}).Where("made < ? AND closed >= ?", store.At(times[4]), store.At(times[2])).Count(&n).Error
	if err != nil || n != 2 {
		t.Errorf("%d rows between, %v; want 2", n, err)
	}
	var raw struct{ Made store.Time }
	if err := db.Reader(t.Context()).Raw("SELECT max(made) AS made FROM account").Scan(&raw).Error; err != nil || !raw.Made.Equal(times[5].Truncate(time.Microsecond)) {
		t.Errorf("the latest is %v, %v", raw.Made, err)
	}
	far := account{ID: "z", Name: "z", Made: store.Time{Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}}
	if err := db.InTx(t.Context(), func(tx *gorm.DB) error { return tx.Create(&far).Error }); err == nil {
		t.Error("the year 10000 was kept")
	}
}

func TestDate(t *testing.T) {
	if d, err := store.Date("2029-12-17").Time(); err != nil || store.DateOf(d) != "2029-12-17" {
		t.Errorf("Date.Time = %v, %v", d, err)
	}
	if _, err := store.Date("2029-13-17").Time(); err == nil {
		t.Error("a thirteenth month is taken")
	}
}

// Text sorts by its bytes on both databases, whatever their locale.
func TestTextSortsByBytes(t *testing.T) {
	db := storetest.Open(t, migrations())
	names := []string{"", " x", "Zebra", "_", "aap", "a-b", "ab", "Äpfel", "ß", "zebra", "é", "日本", "😀"}
	for _, name := range names {
		insert(t, db, &account{ID: name + ".", Name: name, Made: store.At(at)})
	}
	slices.Sort(names) // Go sorts by bytes
	var got []string
	if err := db.Reader(t.Context()).Model(&account{}).Order("name").Pluck("name", &got).Error; err != nil || !slices.Equal(got, names) {
		t.Errorf("sorted %q, %v; want %q", got, err, names)
	}
	var above []string
	if err := db.Reader(t.Context()).Model(&account{}).Where("name > ?", "a").Order("name").Pluck("name", &above).Error; err != nil {
		t.Fatal(err)
	}
	i, _ := slices.BinarySearch(names, "a")
	if !slices.Equal(above, names[i:]) {
		t.Errorf("above a: %q, want %q", above, names[i:])
	}
}

func TestFloatsKeepTheirBits(t *testing.T) {
	db := storetest.Open(t, migrations())
	for i, rate := range []float64{0.1, 1e-300, 1.7976931348623157e308, 123456789.123456789} {
		id := string(rune('a' + i))
		insert(t, db, &account{ID: id, Name: id, Rate: rate, Made: store.At(at)})
		if row, err := store.First[account](db.Reader(t.Context()), "id = ?", id); err != nil || row.Rate != rate {
			t.Errorf("%g came back as %+v, %v", rate, row, err)
		}
	}
}

func TestTranslate(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)}, &booking{Account: "a", Amount: 1})
	do := func(fn func(tx *gorm.DB) error) error { return db.InTx(t.Context(), fn) }

	wantFault(t, do(func(tx *gorm.DB) error { return tx.Create(&account{ID: "a", Name: "B", Made: store.At(at)}).Error }), fault.Conflict, fault.Duplicate)
	wantFault(t, do(func(tx *gorm.DB) error { return tx.Create(&account{ID: "b", Name: "A", Made: store.At(at)}).Error }), fault.Conflict, fault.Duplicate)
	wantFault(t, do(func(tx *gorm.DB) error { return tx.Create(&booking{Account: "b", Amount: 1}).Error }), fault.Conflict, fault.Stale)
	wantFault(t, do(func(tx *gorm.DB) error { return tx.Delete(&account{ID: "a"}).Error }), fault.Conflict, fault.Stale)
	wantFault(t, do(func(tx *gorm.DB) error { return tx.Exec("SELECT nonsense FROM nowhere").Error }), fault.Internal, fault.InternalError)
	wantFault(t, do(func(tx *gorm.DB) error { return tx.Take(&account{}, "id = ?", "z").Error }), fault.NotFound, fault.Missing)
	wantFault(t, do(func(tx *gorm.DB) error { return tx.Exec("INSERT INTO account (id) VALUES ('n')").Error }), fault.Internal, fault.InternalError)

	own := fault.New(fault.Forbidden, "own", "")
	if err := do(func(*gorm.DB) error { return own }); !errors.Is(err, own) {
		t.Errorf("a fault came back as %v", err)
	}
	if store.Translate(nil) != nil {
		t.Error("Translate(nil) is an error")
	}
}

func TestFirstTakesNoBareText(t *testing.T) {
	db := storetest.Open(t, migrations())
	insert(t, db, &account{ID: "a", Name: "A", Made: store.At(at)})
	if row, err := store.First[account](db.Reader(t.Context()), "1 = 1"); err == nil {
		t.Errorf("a text was run as SQL and found %+v", row)
	}
	if row, err := store.First[account](db.Reader(t.Context()).Where("name = ?", "A")); err != nil || row.ID != "a" {
		t.Errorf("conditions on the query found %+v, %v", row, err)
	}
}

// gorm sets fields of these names by itself, from a clock of its own.
func TestGormSetsNoTimes(t *testing.T) {
	type stamped struct {
		ID        string     `gorm:"primaryKey"`
		CreatedAt store.Time `gorm:"not null"`
		UpdatedAt store.NullTime
		DeletedAt store.NullTime
		Version   int64 `gorm:"not null"`
	}
	db := storetest.Open(t)
	moment := at
	row := stamped{ID: "a", UpdatedAt: store.NullAt(&moment)}
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if err := store.CreateTables(tx, &stamped{}); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		row.Version = 0
		return store.Update(tx, &row)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := store.First[stamped](db.Reader(t.Context()), "id = ?", "a")
	if err != nil || *got != (stamped{ID: "a", UpdatedAt: store.NullAt(&moment), Version: 1}) {
		t.Errorf("row %+v, %v", got, err)
	}
	err = db.InTx(t.Context(), func(tx *gorm.DB) error { return tx.Delete(got).Error })
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.First[stamped](db.Reader(t.Context()), "id = ?", "a")
	wantFault(t, err, fault.NotFound, fault.Missing)
}

func TestQueryWithoutGorm(t *testing.T) {
	db := storetest.Open(t, migrations())
	for _, id := range []string{"a", "b", "c"} {
		insert(t, db, &account{ID: id, Name: id, Balance: 7, Made: store.At(at)})
	}
	for range 2 { // the second time prepared
		var row account
		err := db.Row(t.Context(), "SELECT id, made, closed FROM account WHERE id = ? AND made = ? AND balance = ?",
			[]any{"b", store.At(at), 7}, &row.ID, &row.Made, &row.Closed)
		if err != nil || row.ID != "b" || row.Made != store.At(at) || row.Closed.Valid {
			t.Errorf("row %+v, %v", row, err)
		}
		wantFault(t, db.Row(t.Context(), "SELECT id FROM account WHERE id = ?", []any{"z"}, &row.ID), fault.NotFound, fault.Missing)

		rows, err := db.Query(t.Context(), "SELECT id FROM account WHERE id > ? ORDER BY id LIMIT ?", "a", 5)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Error(err)
			}
			ids = append(ids, id)
		}
		if err := rows.Err(); err != nil || !slices.Equal(ids, []string{"b", "c"}) {
			t.Errorf("rows %q, %v", ids, err)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := db.Query(t.Context(), "DELETE FROM account"); err == nil {
		t.Error("Query wrote")
	}
}

package store

import (
	"database/sql/driver"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// timeLayout has a fixed width, so that text sorts as time does on SQLite.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// Time is a moment, in UTC and whole microseconds (what PostgreSQL keeps). On
// SQLite it is text of the fixed form 2006-01-02T15:04:05.000000Z, on
// PostgreSQL timestamptz; its zero value is the year 1. Use it in rows and as
// a parameter of conditions (`due_at < ?`, store.At(now)), never time.Time:
// the driver of SQLite writes that in Go's debug form.
type Time struct{ time.Time }

// At makes a Time of t, cut to microseconds.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Microsecond)} }

// Value is the fixed text; PostgreSQL reads it as timestamptz. The year must
// lie between 0 and 9999.
func (t Time) Value() (driver.Value, error) {
	u := t.UTC()
	if y := u.Year(); y < 0 || y > 9999 {
		return nil, fmt.Errorf("store: the year %d cannot be kept", y)
	}
	return u.Format(timeLayout), nil
}

// Scan reads what Value wrote, or PostgreSQL's timestamptz.
func (t *Time) Scan(v any) error {
	switch v := v.(type) {
	case time.Time:
		*t = At(v)
		return nil
	case string:
		return t.parse(v)
	case []byte:
		return t.parse(string(v))
	default:
		return fmt.Errorf("store: cannot read a time from %T", v)
	}
}

func (t *Time) parse(s string) error {
	p, err := time.Parse(timeLayout, s)
	if err != nil {
		return fmt.Errorf("store: not a time: %w", err)
	}
	t.Time = p
	return nil
}

// GormDataType names the type for gorm.
func (Time) GormDataType() string { return "loket_time" }

// GormDBDataType is the column's type.
func (Time) GormDBDataType(db *gorm.DB, _ *schema.Field) string { return timeType(db) }

func timeType(db *gorm.DB) string {
	if db.Name() == Postgres {
		return "timestamptz"
	}
	return "text"
}

// NullTime is a Time or nothing (NULL).
type NullTime struct {
	Time  time.Time
	Valid bool
}

// NullAt makes a NullTime of t; nil is nothing.
func NullAt(t *time.Time) NullTime {
	if t == nil {
		return NullTime{}
	}
	return NullTime{Time: At(*t).Time, Valid: true}
}

// Ptr is the moment, or nil for nothing.
func (t NullTime) Ptr() *time.Time {
	if !t.Valid {
		return nil
	}
	at := t.Time
	return &at
}

// Value is as Time's; nil for nothing.
func (t NullTime) Value() (driver.Value, error) {
	if !t.Valid {
		return nil, nil // driver.Valuer says NULL in this way
	}
	return Time{t.Time}.Value()
}

// Scan is as Time's; NULL is nothing.
func (t *NullTime) Scan(v any) error {
	if v == nil {
		*t = NullTime{}
		return nil
	}
	var at Time
	if err := at.Scan(v); err != nil {
		return err
	}
	*t = NullTime{Time: at.Time, Valid: true}
	return nil
}

// GormDataType names the type for gorm.
func (NullTime) GormDataType() string { return "loket_time" }

// GormDBDataType is the column's type.
func (NullTime) GormDBDataType(db *gorm.DB, _ *schema.Field) string { return timeType(db) }

// Date is a day without a place on the clock, "YYYY-MM-DD" (text on both
// databases); "" is no day.
type Date string

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Time is the day's midnight in UTC.
func (d Date) Time() (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("store: not a date: %w", err)
	}
	return t, nil
}

// Value is the text.
func (d Date) Value() (driver.Value, error) { return string(d), nil }

// Scan reads the text; NULL is "".
func (d *Date) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*d = ""
	case string:
		*d = Date(v)
	case []byte:
		*d = Date(v)
	default:
		return fmt.Errorf("store: cannot read a date from %T", v)
	}
	return nil
}

// GormDataType names the type for gorm.
func (Date) GormDataType() string { return string(schema.String) }

// GormDBDataType is the column's type.
func (Date) GormDBDataType(db *gorm.DB, _ *schema.Field) string {
	if db.Name() == Postgres {
		return textC
	}
	return "text"
}

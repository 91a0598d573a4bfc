package vemap

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"time"
)

// The five forms of time that the page shows (I13). All are UTC.
const (
	layoutSeconds = "2006-01-02T15:04:05Z"
	layoutMicros  = "2006-01-02T15:04:05.000000Z"
	layoutSpace   = "2006-01-02 15:04:05"
	layoutMDY     = "01-02-2006"
	layoutDMY     = "02-01-2006"
	layoutDate    = "2006-01-02"
)

// Seconds is the form of envelopes, comments, files, and events.
func Seconds(t time.Time) string { return t.UTC().Format(layoutSeconds) }

// Micros is the form of users and tenants.
func Micros(t time.Time) string { return t.UTC().Format(layoutMicros) }

// Space is the form of projects and closures.
func Space(t time.Time) string { return t.UTC().Format(layoutSpace) }

// IsSeconds tells whether a text has the form of Seconds; this and the next four
// are the document's named formats.
func IsSeconds(s string) bool { return has(layoutSeconds, s) }

// IsMicros tells whether a text has that of Micros.
func IsMicros(s string) bool { return has(layoutMicros, s) }

// IsSpace tells whether a text has that of Space.
func IsSpace(s string) bool { return has(layoutSpace, s) }

// IsMDY tells whether a text has that of Date.MDY, of a day that exists.
func IsMDY(s string) bool { return has(layoutMDY, s) }

// IsMidnight tells whether a text has that of Date.Midnight.
func IsMidnight(s string) bool {
	t, err := time.Parse(layoutSeconds, s)
	return err == nil && t.Format(layoutSeconds) == s && t.Truncate(24*time.Hour).Equal(t)
}

func has(layout, s string) bool {
	t, err := time.Parse(layout, s)
	return err == nil && t.Format(layout) == s
}

// Date is a day without time or zone, as YYYY-MM-DD: its order is the order of
// its text.
type Date string

// ParseMDY reads MM-DD-YYYY, month first (I14); anything else is false.
func ParseMDY(s string) (Date, bool) {
	t, err := time.Parse(layoutMDY, s)
	if err != nil || t.Format(layoutMDY) != s {
		return "", false
	}
	return Date(t.Format(layoutDate)), true
}

// MDY is the form of projects and closures.
func (d Date) MDY() string { return d.as(layoutMDY) }

// DMY is the form in mail, which people in the Netherlands read.
func (d Date) DMY() string { return d.as(layoutDMY) }

// Midnight is the form of the stakeholder's view (33).
func (d Date) Midnight() string { return string(d) + "T00:00:00Z" }

func (d Date) as(layout string) string {
	t, err := time.Parse(layoutDate, string(d))
	if err != nil {
		return ""
	}
	return t.Format(layout)
}

// Version is major.minor counted in tenths: 10 is 1.0, and 2.0 follows 1.9
// (4.7).
type Version int

// The first version, and the highest that can be given.
const (
	FirstVersion Version = 10
	LastVersion  Version = 99999
)

// ParseVersion reads a JSON number that is a positive multiple of 0.1, in
// whatever notation (1, 1.0, 1.10, 11e-1).
func ParseVersion(n json.Number) (Version, bool) {
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return 0, false
	}
	r.Mul(r, big.NewRat(10, 1))
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	v := r.Num().Int64()
	return Version(v), v > 0 && v <= int64(LastVersion)
}

// String is the text form, "1.0".
func (v Version) String() string { return fmt.Sprintf("%d.%d", int(v)/10, int(v)%10) }

// Label is the form of closures, "v1.0".
func (v Version) Label() string { return "v" + v.String() }

// Number is the JSON number with its decimal, 1.0 and never 1 (I21).
func (v Version) Number() json.Number { return json.Number(v.String()) }

// Size is the text form of a number of bytes with base 1024: bytes whole,
// larger units with one decimal (I18): "0 B", "1000.0 KB", "2.5 MB".
func Size(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f := float64(n) / 1024
	for _, unit := range []string{"KB", "MB", "GB"} {
		// What would round to 1024.0 belongs to the next unit.
		if f < 1023.95 {
			return fmt.Sprintf("%.1f %s", f, unit)
		}
		f /= 1024
	}
	return fmt.Sprintf("%.1f TB", f)
}

// GivenVersion reads the version of a body at pointer; Invalid when it is none.
func GivenVersion(pointer string, n json.Number) (Version, error) {
	v, ok := ParseVersion(n)
	if !ok {
		return 0, Invalid(Field(pointer, "must be a multiple of 0.1 from 0.1 to 9999.9"))
	}
	return v, nil
}

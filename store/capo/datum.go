package capo

import (
	"fmt"
	"time"
)

// Datum is a day of the calendar, "YYYY-MM-DD"; "" is no day. Days sort as
// their text does.
type Datum string

// amsterdam is where CAPO's days begin and end.
var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic("capo: " + err.Error())
	}
	return l
}()

// Vandaag is the day that it is at the given instant in the Netherlands.
func Vandaag(now time.Time) Datum { return Datum(now.In(amsterdam).Format(time.DateOnly)) }

// ParseDatum reads "YYYY-MM-DD"; the day must exist.
func ParseDatum(s string) (Datum, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("%q is geen datum (JJJJ-MM-DD)", s)
	}
	return Datum(s), nil
}

func (d Datum) time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		panic("capo: a Datum was made without ParseDatum: " + string(d))
	}
	return t
}

// Plus is the day that many days later.
func (d Datum) Plus(days int) Datum {
	return Datum(d.time().AddDate(0, 0, days).Format(time.DateOnly))
}

// Tot is the number of days from d to e.
func (d Datum) Tot(e Datum) int { return int(e.time().Sub(d.time()).Hours() / 24) }

// Week is a week of ISO 8601 in the page's form, "2025-W02"; "" is no week.
type Week string

// ParseWeek reads "YYYY-Www" with a capital W; the week must exist.
func ParseWeek(s string) (Week, error) {
	var year, week int
	if n, err := fmt.Sscanf(s, "%4d-W%2d", &year, &week); n != 2 || err != nil || len(s) != len("2025-W02") {
		return "", fmt.Errorf("%q is geen week (JJJJ-Www)", s)
	}
	w := Week(s)
	if y, n := w.Maandag().time().ISOWeek(); y != year || n != week {
		return "", fmt.Errorf("%q is geen bestaande week", s)
	}
	return w, nil
}

// Maandag is the first day of the week.
func (w Week) Maandag() Datum {
	var year, week int
	if _, err := fmt.Sscanf(string(w), "%4d-W%2d", &year, &week); err != nil {
		panic("capo: a Week was made without ParseWeek: " + string(w))
	}
	// 4 January is always in week 1.
	t := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	back := (int(t.Weekday()) + 6) % 7
	return Datum(t.AddDate(0, 0, (week-1)*7-back).Format(time.DateOnly))
}

package objectid_test

import (
	"bytes"
	"testing"
	"time"

	"loket/store/objectid"
)

func TestLayout(t *testing.T) {
	at := time.Date(2022, 7, 8, 6, 40, 25, 0, time.UTC)
	g := objectid.New(func() time.Time { return at }, bytes.NewReader([]byte{0xeb, 0x27, 0x7e, 0x1b, 0x79, 0x16, 0x14, 0x2f}))
	if got, want := g.Next(), "62c7d159eb277e1b79161430"; got != want {
		t.Errorf("Next() = %s, want the page's own %s", got, want)
	}
	seen := map[string]bool{}
	for range 10_000 {
		id := g.Next()
		if seen[id] || !objectid.Valid(id) {
			t.Fatalf("Next() = %s: seen before or not valid", id)
		}
		seen[id] = true
	}
}

func TestValid(t *testing.T) {
	for s, want := range map[string]bool{
		"62c7d159eb277e1b79161430": true, "62C7D159EB277E1B79161430": true,
		"": false, "xyz": false, "62c7d159eb277e1b7916143": false, "62c7d159eb277e1b7916143g": false,
	} {
		if objectid.Valid(s) != want {
			t.Errorf("Valid(%q) = %v", s, !want)
		}
	}
}

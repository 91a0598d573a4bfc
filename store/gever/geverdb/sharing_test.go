package geverdb_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// TestHiding: whatever is hidden, the n-th child that is shown is the n-th of
// those that are left, and going on passes over the hidden ones.
func TestHiding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(0, 30).Draw(t, "children")
		var h geverdb.Hiding
		var left []int64
		for p := range total {
			if rapid.Bool().Draw(t, "hidden") {
				h = append(h, p)
			} else {
				left = append(left, p)
			}
		}
		for n, p := range left {
			if got := h.At(int64(n)); got != p {
				t.Fatalf("the %d. of %v without %v is %d, want %d", n, total, h, got, p)
			}
			after, before := total, int64(-1)
			if n+1 < len(left) {
				after = left[n+1]
			}
			if n > 0 {
				before = left[n-1]
			}
			if h.Next(p, 1) != after || h.Next(p, -1) != before {
				t.Fatalf("beside %d without %v: %d and %d", p, h, h.Next(p, -1), h.Next(p, 1))
			}
		}
		if got := h.At(int64(len(left))); got < total {
			t.Fatalf("behind the last of %d without %v: %d", total, h, got)
		}
	})
}

// TestHiddenPages: among dossiers of which some are kept from a
// reader, a page is as many queries as any other, and all pages together are
// what he may see.
func TestHiddenPages(t *testing.T) {
	b := open(t)
	dossier := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "x", "responsible": john})
	var hidden []string
	no := false
	for i := range 60 {
		sub := b.make(t, dossier, gever.DossierType, map[string]any{"title": "x", "responsible": john})
		if i%7 == 0 || i > 50 {
			hidden = append(hidden, sub)
			if err := b.Share(t.Context(), john, sub, gever.SharingChange{Inherit: &no}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var seen []string
	most := 0
	for start := int64(0); start < 60; start += 10 {
		most = max(most, b.queries(t, func() {
			v, err := b.Get(t.Context(), "jane.leser", dossier, geverdb.Window{Start: start, Size: 10})
			if err != nil {
				t.Fatal(err)
			}
			if v.Object.Children != int64(60-len(hidden)) {
				t.Errorf("%d children", v.Object.Children)
			}
			for _, c := range v.Children {
				seen = append(seen, c.Path)
			}
		}))
	}
	if most > 6 {
		t.Errorf("%d queries", most)
	}
	if len(seen) != 60-len(hidden) || slices.ContainsFunc(seen, func(p string) bool { return slices.Contains(hidden, p) }) {
		t.Errorf("%d of %d are listed: %v", len(seen), 60-len(hidden), seen)
	}
}

// TestParticipateOnce: 32 that come at once with the same person are one
// participation, and 31 refusals.
func TestParticipateOnce(t *testing.T) {
	b := open(t)
	const dossier = "ordnungssystem/fuehrung/dossier-42"
	var (
		wg   sync.WaitGroup
		done atomic.Int64
	)
	for range 32 {
		wg.Go(func() {
			switch err := b.Participate(t.Context(), john, dossier, "jane.leser", []string{"regard"}); {
			case err == nil:
				done.Add(1)
			case fault.ReasonOf(err) != gever.Inputs:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list, total, err := b.Participations(t.Context(), john, dossier, geverdb.Window{Size: 5}); done.Load() != 1 || total != 1 || err != nil {
		t.Errorf("%d done, %v, %v", done.Load(), list, err)
	}
}

package geverdb_test

import (
	"sync"
	"testing"

	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// TestProtectAtOnce: while a dossier is protected and opened again from many
// sides, with sharing beside, it ends as its values say, and nothing that
// protection gave is left over.
func TestProtectAtOnce(t *testing.T) {
	b := open(t)
	dossier := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "x", "responsible": john})
	people := []string{"jane.leser", "peter.muster"}
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			values := map[string]any{"reading": []any{people[i%2]}, "reading_and_writing": []any{people[(i/2)%2]}, "extend_local_roles": i%3 == 0}
			if i%4 == 0 {
				values = map[string]any{"reading": nil, "reading_and_writing": nil}
			}
			if _, err := b.Patch(t.Context(), john, dossier, "", geverdb.Body{Values: values}); err != nil {
				t.Error(err)
			}
			change := gever.SharingChange{Entries: []gever.SharingEntry{{Principal: gever.Principal(people[i%2]), Roles: []gever.Role{gever.Reviewer}}}}
			if err := b.Share(t.Context(), john, dossier, change); err != nil {
				t.Error(err)
			}
			if _, err := b.Get(t.Context(), people[i%2], dossier, geverdb.Window{}); err != nil && fault.ReasonOf(err) != gever.NotAllowed {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	held := func() map[string][]gever.Role {
		s, err := b.Sharing(t.Context(), john, dossier, "", geverdb.Window{Size: 100})
		if err != nil {
			t.Fatal(err)
		}
		out := map[string][]gever.Role{}
		for _, e := range s.Entries {
			out[e.ID] = e.Local
		}
		return out
	}
	v, err := b.Get(t.Context(), john, dossier, geverdb.Window{})
	if err != nil {
		t.Fatal(err)
	}
	now := gever.ProtectionOf(v.Values)
	if v.Blocked != now.Blocks() {
		t.Errorf("blocked %t, protected %+v", v.Blocked, now)
	}
	for id, roles := range now.Roles {
		if got := gever.Roles(held()[string(id)]); len(got) < len(roles) {
			t.Errorf("%s has %v, want %v", id, got, roles)
		}
	}
	if _, err := b.Patch(t.Context(), john, dossier, "", geverdb.Body{Values: map[string]any{"reading": nil, "reading_and_writing": nil, "dossier_manager": nil}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(people, john) {
		for _, role := range held()[id] {
			if role != gever.Reviewer {
				t.Errorf("%s still has %v", id, held()[id])
			}
		}
	}
}

// TestProtectedQueries: a change of something else asks for nothing more at a
// protected dossier than at any other.
func TestProtectedQueries(t *testing.T) {
	b := open(t)
	patch := func(dossier, title string) int {
		return b.queries(t, func() {
			if _, err := b.Patch(t.Context(), john, dossier, "", geverdb.Body{Values: map[string]any{"title": title}}); err != nil {
				t.Fatal(err)
			}
		})
	}
	plain := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "x", "responsible": john})
	guarded := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "x", "responsible": john, "reading": []any{"jane.leser"}})
	if a, b := patch(plain, "y"), patch(guarded, "y"); a != b {
		t.Errorf("%d and %d queries", a, b)
	}
}

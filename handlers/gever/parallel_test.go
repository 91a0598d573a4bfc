package gever_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestParallelCreations: 200 at once in one folder share no id and no
// reference number, none is lost, none fails; changes of one object meanwhile
// lose nothing either.
func TestParallelCreations(t *testing.T) { inBoth(t, testParallelCreations) }

func testParallelCreations(t *testing.T, open opener) {
	r := open(t)
	const n = 200
	var (
		wg        sync.WaitGroup
		mu        sync.Mutex
		locations = map[string]bool{}
	)
	for i := range n {
		wg.Go(func() {
			got := r.do("POST", fuehrung, dossier(object{"title": fmt.Sprintf("D %d", i)}).of(dossierType))
			if got.Status != 201 {
				t.Errorf("%d: %s", got.Status, got.Body)
			}
			mu.Lock()
			defer mu.Unlock()
			locations[got.Header.Get("Location")] = true
		})
	}
	for i := range 20 {
		wg.Go(func() {
			if got := r.do("PATCH", dossier23, object{"title": fmt.Sprintf("T %d", i)}); got.Status != 204 {
				t.Errorf("%d: %s", got.Status, got.Body)
			}
		})
	}
	wg.Wait()
	if len(locations) != n {
		t.Errorf("%d addresses of %d objects", len(locations), n)
	}
	folder := r.get(fuehrung)
	want(t, folder, object{"items_total": n + 2})
	seen := map[string]map[any]bool{"@id": {}, "UID": {}, "reference_number": {}, "sequence_number": {}, "title": {}}
	total := 0
	for start := 0; start < n+2; start += 50 {
		page := r.get(fmt.Sprintf("%s?b_start=%d&b_size=50&metadata_fields=UID&metadata_fields=reference_number&metadata_fields=sequence_number", fuehrung, start))
		for _, one := range page["items"].([]any) {
			m := one.(map[string]any)
			if title := m["title"].(string); !strings.HasPrefix(title, "D ") {
				continue // the demo's own
			}
			total++
			for key, values := range seen {
				if values[m[key]] {
					t.Errorf("%s %v stands twice", key, m[key])
				}
				values[m[key]] = true
			}
		}
	}
	if total != n {
		t.Errorf("%d of %d are listed", total, n)
	}
	if !seen["reference_number"]["FD 1 / 1"] || !seen["reference_number"][fmt.Sprintf("FD 1 / %d", n)] {
		t.Error("the reference numbers have gaps")
	}
}

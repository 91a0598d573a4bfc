package konova

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// TestLargeRing: the search for self-intersections compares no edge with all
// others. Counted are comparisons, on a ring with as many corners as the field
// has at most.
func TestLargeRing(t *testing.T) {
	const corners = 20_000
	ring := make(orb.Ring, 0, corners+1)
	for i := range corners {
		angle := 2 * math.Pi * float64(i) / corners
		r := 0.1 + 0.0001*float64(i%2)
		ring = append(ring, orb.Point{7 + r*math.Cos(angle), 50 + r*math.Sin(angle)})
	}
	ring = append(ring, ring[0])
	if selfIntersects(ring) {
		t.Error("the ring does not meet itself")
	}
	pairs := 0
	sweep(edges([]orb.Ring{ring}), func(_, _ *edge) bool { pairs++; return false })
	if pairs > 20*corners {
		t.Errorf("%d comparisons for %d edges", pairs, corners)
	}
}

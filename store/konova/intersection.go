package konova

import (
	"math"
	"math/big"
	"slices"

	"github.com/paulmach/orb"
)

// edge is a side of a ring, with the place that it has in the shape.
type edge struct {
	a, b           orb.Point
	ring, at, last int // number of the ring; of the edge in it; of its last edge
	minX, maxX     float64
	minY, maxY     float64
}

// edges lists the sides of rings; positions that repeat their forerunner make
// none.
func edges(rings []orb.Ring) []edge {
	var out []edge
	for r, ring := range rings {
		first := len(out)
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if a == b {
				continue
			}
			out = append(out, edge{
				a: a, b: b, ring: r, at: len(out) - first,
				minX: math.Min(a[0], b[0]), maxX: math.Max(a[0], b[0]),
				minY: math.Min(a[1], b[1]), maxY: math.Max(a[1], b[1]),
			})
		}
		for i := first; i < len(out); i++ {
			out[i].last = len(out) - first - 1
		}
	}
	return out
}

// sweep calls pair for all edges whose boxes meet, until it says true: sorted
// by their left end, each is held against those that have not ended yet.
func sweep(all []edge, pair func(a, b *edge) bool) bool {
	slices.SortFunc(all, func(a, b edge) int {
		switch {
		case a.minX < b.minX:
			return -1
		case a.minX > b.minX:
			return 1
		}
		return 0
	})
	open := make([]int, 0, 64)
	for i := range all {
		e, kept := &all[i], open[:0]
		for _, j := range open {
			o := &all[j]
			if o.maxX < e.minX {
				continue
			}
			kept = append(kept, j)
			if o.minY <= e.maxY && o.maxY >= e.minY && pair(o, e) {
				return true
			}
		}
		open = append(kept, i)
	}
	return false
}

// selfIntersects tells whether two edges of a closed ring meet anywhere but at
// the corner between neighbours. A ring that folds back on itself, or has no
// area at all, does.
func selfIntersects(ring orb.Ring) bool {
	all := edges([]orb.Ring{ring})
	if len(all) < 3 {
		return true
	}
	return sweep(all, func(a, b *edge) bool {
		if a.at > b.at {
			a, b = b, a
		}
		switch {
		case b.at == a.at+1:
			return folds(a.a, a.b, b.b)
		case a.at == 0 && b.at == b.last:
			return folds(b.a, b.b, a.b)
		}
		return meet(a.a, a.b, b.a, b.b)
	})
}

// folds tells whether the way from b to c goes back over the way from a to b.
func folds(a, b, c orb.Point) bool {
	if orientation(a, b, c) != 0 {
		return false
	}
	return (a[0]-b[0])*(c[0]-b[0])+(a[1]-b[1])*(c[1]-b[1]) > 0
}

// crosses tells whether two different rings of the shape cross. Rings that
// only touch do not.
func crosses(shape orb.MultiPolygon) bool {
	var rings []orb.Ring
	for _, polygon := range shape {
		rings = append(rings, polygon...)
	}
	if len(rings) < 2 {
		return false
	}
	return sweep(edges(rings), func(a, b *edge) bool {
		if a.ring == b.ring {
			return false
		}
		return orientation(a.a, a.b, b.a)*orientation(a.a, a.b, b.b) < 0 &&
			orientation(b.a, b.b, a.a)*orientation(b.a, b.b, a.b) < 0
	})
}

// meet tells whether the closed segments ab and cd have a point in common.
func meet(a, b, c, d orb.Point) bool {
	abc, abd := orientation(a, b, c), orientation(a, b, d)
	cda, cdb := orientation(c, d, a), orientation(c, d, b)
	if abc*abd < 0 && cda*cdb < 0 {
		return true
	}
	return (abc == 0 && between(a, b, c)) || (abd == 0 && between(a, b, d)) ||
		(cda == 0 && between(c, d, a)) || (cdb == 0 && between(c, d, b))
}

// between tells whether p, on the line through a and b, lies on the segment.
func between(a, b, p orb.Point) bool {
	return math.Min(a[0], b[0]) <= p[0] && p[0] <= math.Max(a[0], b[0]) &&
		math.Min(a[1], b[1]) <= p[1] && p[1] <= math.Max(a[1], b[1])
}

// orientation is 1 when a, b, c turn left, -1 right, 0 when they lie on one
// line; exact. The error bound is Shewchuk's for the plain formula ("Adaptive
// Precision Floating-Point Arithmetic", 1997); what falls below it is worked
// out in fractions.
func orientation(a, b, c orb.Point) int {
	left := (a[0] - c[0]) * (b[1] - c[1])
	right := (a[1] - c[1]) * (b[0] - c[0])
	det := left - right
	const bound = 3.3306690738754716e-16 // (3 + 16ε)ε
	if limit := bound * (math.Abs(left) + math.Abs(right)); det > limit || -det > limit {
		if det > 0 {
			return 1
		}
		return -1
	}
	return exactOrientation(a, b, c)
}

func exactOrientation(a, b, c orb.Point) int {
	diff := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	left := new(big.Rat).Mul(diff(a[0], c[0]), diff(b[1], c[1]))
	right := new(big.Rat).Mul(diff(a[1], c[1]), diff(b[0], c[0]))
	return left.Cmp(right)
}

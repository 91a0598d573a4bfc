package konova_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/store/konova"
)

// pageRing is the ring of the page's three examples.
const pageRing = `[7.593955993652341,50.36244809879689],[7.592582702636717,50.36023051515941],[7.601766586303708,50.35823186336356],[7.603225708007811,50.3628587510637],[7.599148750305174,50.362557606415464],[7.596273422241207,50.362612360130036],[7.593955993652341,50.36244809879689]`

func TestGeometryRules(t *testing.T) {
	const square = `[7,50],[7.001,50],[7.001,50.001],[7,50.001],[7,50]`
	for _, c := range []struct{ name, in, at string }{
		{"the page's ring", `[[[` + pageRing + `]]]`, ""},
		{"empty", `[]`, ""},
		{"null", `null`, ""},
		{"clockwise is kept", `[[[[7,50],[7,50.001],[7.001,50.001],[7.001,50],[7,50]]]]`, ""},
		{"a repeated position", `[[[[7,50],[7.001,50],[7.001,50],[7.001,50.001],[7,50]]]]`, ""},
		{"a hole", `[[[` + square + `],[[7.0002,50.0002],[7.0008,50.0002],[7.0005,50.0008],[7.0002,50.0002]]]]`, ""},
		{"a hole that touches the shell", `[[[` + square + `],[[7,50.0005],[7.0008,50.0002],[7.0008,50.0008],[7,50.0005]]]]`, ""},
		{"two polygons that touch", `[[[` + square + `]],[[[7.001,50],[7.002,50],[7.002,50.001],[7.001,50]]]]`, ""},
		{"no list", `7`, "/coordinates"},
		{"a polygon's coordinates", `[[` + square + `]]`, "/coordinates/0/0/0"},
		{"too deep", `[[[[[7,50]]]]]`, "/coordinates/0/0/0"},
		{"no ring", `[[]]`, "/coordinates/0"},
		{"an empty ring", `[[[]]]`, "/coordinates/0/0"},
		{"open", `[[[[7,50],[7.001,50],[7.001,50.001],[7,50.001]]]]`, "/coordinates/0/0"},
		{"three positions", `[[[[7,50],[7.001,50],[7,50]]]]`, "/coordinates/0/0"},
		{"three numbers", `[[[[7,50,1],[7.001,50],[7.001,50.001],[7,50,1]]]]`, "/coordinates/0/0/0"},
		{"one number", `[[[[7],[7.001,50],[7.001,50.001],[7]]]]`, "/coordinates/0/0/0"},
		{"text", `[[[["7",50],[7.001,50],[7.001,50.001],["7",50]]]]`, "/coordinates/0/0/0"},
		{"infinite", `[[[[1e400,50],[7.001,50],[7.001,50.001],[1e400,50]]]]`, "/coordinates/0/0/0"},
		{"longitude", `[[[[180.1,50],[7.001,50],[7.001,50.001],[180.1,50]]]]`, "/coordinates/0/0/0"},
		{"latitude", `[[[[7,50],[7.001,50],[7.001,-90.001],[7,50]]]]`, "/coordinates/0/0/2"},
		{"a bow", `[[[[7,50],[7.001,50.001],[7.001,50],[7,50.001],[7,50]]]]`, "/coordinates/0/0"},
		{"touches itself", `[[[[7,50],[7.002,50],[7.002,50.001],[7.001,50],[7,50.001],[7,50]]]]`, "/coordinates/0/0"},
		{"a spike", `[[[[7,50],[7.001,50],[7.002,50],[7.001,50],[7.001,50.001],[7,50]]]]`, "/coordinates/0/0"},
		{"no area", `[[[[7,50],[7.001,50],[7.002,50],[7,50]]]]`, "/coordinates/0/0"},
		{"a point, often", `[[[[7,50],[7,50],[7,50],[7,50]]]]`, "/coordinates/0/0"},
		{"under 1 m²", `[[[[7,50],[7.00001,50],[7.00001,50.000001],[7,50]]]]`, "/coordinates/0"},
		{"the second under 1 m²", `[[[` + square + `]],[[[8,50],[8.00001,50],[8.00001,50.000001],[8,50]]]]`, "/coordinates/1"},
		{"a hole outside", `[[[` + square + `],[[8,50],[8.001,50],[8,50.001],[8,50]]]]`, "/coordinates/0/1"},
		{"a hole across the shell", `[[[` + square + `],[[7.0005,50.0002],[7.0015,50.0005],[7.0005,50.0008],[7.0005,50.0002]]]]`, "/coordinates"},
		{"two polygons that cross", `[[[` + square + `]],[[[7.0005,50.0005],[7.0015,50.0005],[7.0005,50.0015],[7.0005,50.0005]]]]`, "/coordinates"},
	} {
		g, faults := konova.ParseGeometry([]byte(c.in), "/coordinates")
		got := ""
		if len(faults) > 0 {
			got = faults[0].Pointer
			if faults[0].Detail == "" || faults[0].Rule != "geometry" || !g.Empty() {
				t.Errorf("%s: %+v", c.name, faults[0])
			}
		}
		if got != c.at {
			t.Errorf("%s: fault at %q, want %q (%v)", c.name, got, c.at, faults)
		}
	}
}

func TestGeometryKeepsItsText(t *testing.T) {
	in := "[ [[ [7.00, 50.0],\n[7.001000000000000000001,50],[7.001,50.0010],[7E0,50.0] ] ] ]"
	g, faults := konova.ParseGeometry([]byte(in), "")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if want := "[[[[7.00,50.0],[7.001000000000000000001,50],[7.001,50.0010],[7E0,50.0]]]]"; string(g.Text()) != want {
		t.Errorf("text = %s", g.Text())
	}
	again, err := konova.KnownGeometry(g.Text())
	if err != nil || again.Bound() != g.Bound() {
		t.Errorf("KnownGeometry: %v", err)
	}
	if s := string((konova.Geometry{}).Text()); s != "[]" {
		t.Errorf("no geometry is %s", s)
	}
}

func TestManyFaultsAreBounded(t *testing.T) {
	g, faults := konova.ParseGeometry([]byte("[[["+strings.Repeat("[200,50],", 5000)+"[200,50]]]]"), "")
	if len(faults) != 50 || !g.Empty() {
		t.Errorf("%d faults", len(faults))
	}
	if _, faults := konova.ParseGeometry([]byte("[[["+strings.Repeat("[7,50],", 60_000)+"[7,50]]]]"), "/c"); len(faults) != 1 || faults[0].Pointer != "/c" {
		t.Errorf("too many positions: %v", faults)
	}
}

func TestBbox(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want konova.Bbox
		ok   bool
	}{
		{[]float64{7, 50, 8, 51}, konova.Bbox{MinLon: 7, MinLat: 50, MaxLon: 8, MaxLat: 51}, true},
		{[]float64{7, 50, -100, 8, 51, 100}, konova.Bbox{MinLon: 7, MinLat: 50, MaxLon: 8, MaxLat: 51}, true},
		{[]float64{170, 50, -170, 51}, konova.Bbox{MinLon: 170, MinLat: 50, MaxLon: -170, MaxLat: 51}, true},
		{[]float64{7, 50, 8}, konova.Bbox{}, false},
		{[]float64{7, 50, 8, 51, 1}, konova.Bbox{}, false},
		{[]float64{7, 51, 8, 50}, konova.Bbox{}, false},
		{[]float64{-181, 50, 8, 51}, konova.Bbox{}, false},
		{[]float64{7, 50, 8, 91}, konova.Bbox{}, false},
		{[]float64{math.NaN(), 50, 8, 51}, konova.Bbox{}, false},
	} {
		got, err := konova.ParseBbox(c.in)
		if (err == nil) != c.ok || (c.ok && got != c.want) {
			t.Errorf("ParseBbox(%v) = %v, %v", c.in, got, err)
		}
	}
	if s := (konova.Bbox{MinLon: 7.5, MinLat: 50, MaxLon: 8, MaxLat: 51.25}).String(); s != "7.5,50,8,51.25" {
		t.Error(s)
	}
}

func TestIntersects(t *testing.T) {
	// An L: its box is 7..7.003, but the upper right of that is empty.
	g, faults := konova.ParseGeometry([]byte(`[[[[7,50],[7.003,50],[7.003,50.001],[7.001,50.001],[7.001,50.003],[7,50.003],[7,50]],[[7.0002,50.0002],[7.0008,50.0002],[7.0008,50.0008],[7.0002,50.0008],[7.0002,50.0002]]]]`), "")
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got []bool
	boxes := []konova.Bbox{
		{MinLon: 6, MinLat: 49, MaxLon: 8, MaxLat: 51},                     // around all
		{MinLon: 7.0012, MinLat: 50.0005, MaxLon: 7.0014, MaxLat: 50.0006}, // inside
		{MinLon: 7.002, MinLat: 50.002, MaxLon: 7.0025, MaxLat: 50.0025},   // in the empty corner
		{MinLon: 7.0004, MinLat: 50.0004, MaxLon: 7.0006, MaxLat: 50.0006}, // in the hole
		{MinLon: 7.0025, MinLat: 49.9, MaxLon: 7.0026, MaxLat: 50.1},       // across
		{MinLon: 7.003, MinLat: 50.001, MaxLon: 8, MaxLat: 51},             // touches a corner
		{MinLon: 8, MinLat: 50, MaxLon: 9, MaxLat: 51},                     // beside
		{MinLon: 170, MinLat: 49, MaxLon: 7.0001, MaxLat: 51},              // around the world from the east
		{MinLon: 170, MinLat: 49, MaxLon: -170, MaxLat: 51},                // only the antimeridian
	}
	for _, b := range boxes {
		got = append(got, g.Intersects(b))
	}
	if diff := cmp.Diff([]bool{true, true, false, false, true, true, false, true, false}, got); diff != "" {
		t.Error(diff)
	}
}

package konova

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/planar"

	"loket/store/fault"
)

// Bounds of a geometry. maxPositions keeps the search for self-intersections
// short whatever is sent; the largest real areas have a few thousand.
const (
	maxPositions = 50_000
	minArea      = 1.0 // m² of each polygon, on the ground (decision 24)
)

// Geometry is an entry's MultiPolygon in EPSG:4326: the JSON text of its
// coordinates as it came, without white space, so that every digit comes back;
// numbers are for the rules only. The zero value is no geometry.
type Geometry struct {
	text  []byte
	shape orb.MultiPolygon
}

// Empty tells whether there is no geometry.
func (g Geometry) Empty() bool { return len(g.shape) == 0 }

// Text is the coordinates' JSON; `[]` without a geometry.
func (g Geometry) Text() []byte {
	if g.Empty() {
		return []byte("[]")
	}
	return g.text
}

// Bound is the box around the geometry; meaningless when it is empty.
func (g Geometry) Bound() orb.Bound { return g.shape.Bound() }

// Intersects tells whether the geometry and the box have a point in common.
func (g Geometry) Intersects(b Bbox) bool {
	for _, box := range b.boxes() {
		if intersects(g.shape, box) {
			return true
		}
	}
	return false
}

// KnownGeometry reads a geometry that the store kept; its rules held when it
// was written.
func KnownGeometry(text []byte) (Geometry, error) {
	p := coordinates{text: text}
	shape := p.multiPolygon()
	if len(p.faults) > 0 {
		return Geometry{}, fmt.Errorf("konova: stored geometry: %s", p.faults[0].Detail)
	}
	return Geometry{text: text, shape: shape}, nil
}

// ParseGeometry reads `coordinates` (raw JSON; nil when absent) and holds them
// against the rules: closed rings of at least four positions, numbers finite
// and in range, no self-intersection, at least 1 m² (decisions 21 to 24).
// Winding is kept as it is. All faults come back, with pointers below at.
func ParseGeometry(raw json.RawMessage, at string) (Geometry, []fault.Field) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return Geometry{}, nil
	}
	var text bytes.Buffer
	if err := json.Compact(&text, raw); err != nil {
		return Geometry{}, []fault.Field{geometryFault(at, "Das ist kein JSON.")}
	}
	p := coordinates{text: text.Bytes(), at: at}
	shape := p.multiPolygon()
	if len(p.faults) == 0 {
		p.faults = checkShape(shape, at)
	}
	if len(p.faults) > 0 {
		return Geometry{}, p.faults
	}
	return Geometry{text: text.Bytes(), shape: shape}, nil
}

func geometryFault(at, format string, args ...any) fault.Field {
	return fault.Field{In: fault.InBody, Pointer: at, Rule: "geometry", Detail: fmt.Sprintf(format, args...)}
}

// coordinates reads the text of a MultiPolygon's coordinates. The text is
// valid JSON without white space.
type coordinates struct {
	text      []byte
	pos       int
	positions int
	at        string
	faults    []fault.Field
}

// maxFaults bounds what one geometry can say about itself.
const maxFaults = 50

func (p *coordinates) fail(at, format string, args ...any) {
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, geometryFault(at, format, args...))
	}
}

// array calls item for each element of an array; false stops everything.
func (p *coordinates) array(at, what string, item func(at string) bool) bool {
	if p.pos >= len(p.text) || p.text[p.pos] != '[' {
		p.fail(at, "Hier wird %s erwartet, als Liste.", what)
		return false
	}
	p.pos++
	for i := 0; p.text[p.pos] != ']'; i++ {
		if p.text[p.pos] == ',' {
			p.pos++
		}
		if !item(at + "/" + strconv.Itoa(i)) {
			return false
		}
	}
	p.pos++
	return true
}

func (p *coordinates) multiPolygon() orb.MultiPolygon {
	var shape orb.MultiPolygon
	p.array(p.at, "ein MultiPolygon", func(at string) bool {
		var polygon orb.Polygon
		ok := p.array(at, "ein Polygon", func(at string) bool {
			ring, ok := p.ring(at)
			polygon = append(polygon, ring)
			return ok
		})
		if ok && len(polygon) == 0 {
			p.fail(at, "Ein Polygon braucht mindestens einen Ring.")
		}
		shape = append(shape, polygon)
		return ok
	})
	return shape
}

func (p *coordinates) ring(at string) (orb.Ring, bool) {
	ring := make(orb.Ring, 0, 16)
	if p.pos >= len(p.text) || p.text[p.pos] != '[' {
		p.fail(at, "Hier wird ein Ring erwartet, als Liste.")
		return nil, false
	}
	p.pos++
	for p.text[p.pos] != ']' {
		if p.text[p.pos] == ',' {
			p.pos++
		}
		point, ok := p.position(at, len(ring))
		if !ok {
			return nil, false
		}
		ring = append(ring, point)
	}
	p.pos++
	return ring, true
}

// position reads `[lon,lat]`; its pointer is only made when it is at fault.
func (p *coordinates) position(ring string, index int) (point orb.Point, ok bool) {
	at := func() string { return ring + "/" + strconv.Itoa(index) }
	if p.positions++; p.positions > maxPositions {
		p.fail(p.at, "Eine Geometrie hat höchstens %d Positionen.", maxPositions)
		return point, false
	}
	if p.pos >= len(p.text) || p.text[p.pos] != '[' {
		p.fail(at(), "Hier wird eine Position erwartet, als Liste aus Länge und Breite.")
		return point, false
	}
	p.pos++
	n := 0
	for p.text[p.pos] != ']' {
		if p.text[p.pos] == ',' {
			p.pos++
		}
		start := p.pos
		for p.text[p.pos] != ',' && p.text[p.pos] != ']' {
			p.pos++
			if p.pos == len(p.text) {
				p.fail(at(), "Eine Position besteht aus Zahlen.")
				return point, false
			}
		}
		v, err := strconv.ParseFloat(string(p.text[start:p.pos]), 64)
		if err != nil && !math.IsInf(v, 0) {
			p.fail(at(), "Eine Position besteht aus Zahlen.")
			return point, false
		}
		if n < 2 {
			point[n] = v
		}
		n++
	}
	p.pos++
	if n != 2 {
		p.fail(at(), "Eine Position hat genau zwei Zahlen, Länge und Breite.")
	} else if math.Abs(point.Lon()) > 180 || math.Abs(point.Lat()) > 90 {
		p.fail(at(), "Die Länge liegt zwischen -180 und 180, die Breite zwischen -90 und 90.")
	}
	return point, true
}

// checkShape holds a MultiPolygon against the rules.
func checkShape(shape orb.MultiPolygon, at string) []fault.Field {
	var faults []fault.Field
	for i, polygon := range shape {
		faults = append(faults, checkPolygon(polygon, at+"/"+strconv.Itoa(i))...)
		if len(faults) >= maxFaults {
			return faults[:maxFaults]
		}
	}
	if len(faults) == 0 && crosses(shape) {
		faults = append(faults, geometryFault(at, "Ringe schneiden einander."))
	}
	return faults
}

func checkPolygon(polygon orb.Polygon, at string) []fault.Field {
	var faults []fault.Field
	for i, ring := range polygon {
		ringAt := at + "/" + strconv.Itoa(i)
		switch {
		case len(ring) < 4:
			faults = append(faults, geometryFault(ringAt, "Ein Ring hat mindestens vier Positionen."))
		case !ring.Closed():
			faults = append(faults, geometryFault(ringAt, "Der Ring ist nicht geschlossen: die letzte Position ist nicht die erste."))
		case selfIntersects(ring):
			faults = append(faults, geometryFault(ringAt, "Der Ring schneidet oder berührt sich selbst."))
		}
	}
	if len(faults) > 0 {
		return faults
	}
	for i, hole := range polygon[1:] {
		if !within(hole, polygon[0]) {
			faults = append(faults, geometryFault(at+"/"+strconv.Itoa(i+1), "Das Loch liegt nicht im Polygon."))
		}
	}
	if area := geo.Area(polygon); len(faults) == 0 && area < minArea {
		faults = append(faults, geometryFault(at, "Das Polygon ist kleiner als 1 m²."))
	}
	return faults
}

// within tells whether a hole lies in its shell: one of its corners inside is
// enough, as crossing rings are refused on their own; corners on the shell say
// nothing.
func within(hole, shell orb.Ring) bool {
	for _, p := range hole {
		if !onRing(shell, p) {
			return planar.RingContains(shell, p)
		}
	}
	return false
}

func onRing(ring orb.Ring, p orb.Point) bool {
	for i := 1; i < len(ring); i++ {
		if orientation(ring[i-1], ring[i], p) == 0 && between(ring[i-1], ring[i], p) {
			return true
		}
	}
	return false
}

// Bbox is a box in CRS84; MinLon > MaxLon spans the antimeridian.
type Bbox struct{ MinLon, MinLat, MaxLon, MaxLat float64 }

// ParseBbox reads four numbers, or six with heights that do not count. A
// number beyond the reference system, or a box upside down, is refused.
func ParseBbox(v []float64) (Bbox, error) {
	var b Bbox
	switch len(v) {
	case 4:
		b = Bbox{v[0], v[1], v[2], v[3]}
	case 6:
		b = Bbox{v[0], v[1], v[3], v[4]}
	default:
		return b, bboxFault("bbox hat vier Zahlen, oder sechs mit Höhen.")
	}
	for _, x := range []float64{b.MinLon, b.MaxLon} {
		if !(math.Abs(x) <= 180) {
			return b, bboxFault("Die Längen in bbox liegen zwischen -180 und 180.")
		}
	}
	if !(math.Abs(b.MinLat) <= 90 && math.Abs(b.MaxLat) <= 90 && b.MinLat <= b.MaxLat) {
		return b, bboxFault("Die Breiten in bbox liegen zwischen -90 und 90, die kleinere zuerst.")
	}
	return b, nil
}

func bboxFault(detail string) error {
	return fault.New(fault.Invalid, fault.BadQuery, "").
		With(fault.Field{In: fault.InQuery, Name: "bbox", Rule: "bbox", Detail: detail})
}

// boxes are the one or two boxes that do not span the antimeridian.
func (b Bbox) boxes() []orb.Bound {
	box := func(minLon, maxLon float64) orb.Bound {
		return orb.Bound{Min: orb.Point{minLon, b.MinLat}, Max: orb.Point{maxLon, b.MaxLat}}
	}
	if b.MinLon <= b.MaxLon {
		return []orb.Bound{box(b.MinLon, b.MaxLon)}
	}
	return []orb.Bound{box(b.MinLon, 180), box(-180, b.MaxLon)}
}

// intersects is exact: an edge meets the box, or the box lies inside.
func intersects(shape orb.MultiPolygon, box orb.Bound) bool {
	corners := box.ToRing()
	for _, polygon := range shape {
		if !polygon.Bound().Intersects(box) {
			continue
		}
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				if box.Contains(ring[i-1]) {
					return true
				}
				for c := 1; c < len(corners); c++ {
					if meet(ring[i-1], ring[i], corners[c-1], corners[c]) {
						return true
					}
				}
			}
		}
		if planar.PolygonContains(polygon, box.Min) {
			return true
		}
	}
	return false
}

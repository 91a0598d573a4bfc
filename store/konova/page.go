package konova

import (
	"strconv"
	"strings"
)

// DefaultRPP and MaxRPP are the page's sizes where nothing else is configured
// (decisions 1 and 2).
const (
	DefaultRPP = 5
	MaxRPP     = 1000
)

// Page is what a client asks of a list, made effective.
type Page struct {
	RPP, P int64
}

// NewPage takes rpp and p as given (nil is absent) and the configured sizes.
// A larger rpp than max becomes max: following next still gets all.
func NewPage(rpp, p *int32, standard, most int) Page {
	page := Page{RPP: int64(standard), P: 1}
	if rpp != nil {
		page.RPP = min(int64(*rpp), int64(most))
	}
	if p != nil {
		page.P = int64(*p)
	}
	return page
}

// Offset is how many entries stand before the page.
func (p Page) Offset() int64 { return (p.P - 1) * p.RPP }

// Next is the address of the following page as the page prints it: path with a
// slash, rpp first, then p, then further filters (`bbox=1,2,3,4`).
func (p Page) Next(base string, filters ...string) string {
	return base + "/?" + p.query(p.P+1, filters)
}

// Self is the address of this page in the same form.
func (p Page) Self(base string, filters ...string) string {
	return base + "/?" + p.query(p.P, filters)
}

func (p Page) query(n int64, filters []string) string {
	parts := append([]string{"rpp=" + strconv.FormatInt(p.RPP, 10), "p=" + strconv.FormatInt(n, 10)}, filters...)
	return strings.Join(parts, "&")
}

// AppendHead begins the envelope of a GET: all up to the first result; next is
// "" when there is no further page.
func (p Page) AppendHead(b []byte, next string) []byte {
	b = strconv.AppendInt(append(b, `{"rpp":`...), p.RPP, 10)
	b = strconv.AppendInt(append(b, `,"p":`...), p.P, 10)
	b = append(b, `,"next":`...)
	if next == "" {
		b = append(b, `null`...)
	} else {
		b = AppendString(b, next)
	}
	return append(b, `,"results":`...)
}

// AppendFeature appends an entry as a GeoJSON Feature, from its rendered
// document. links is a JSON list, or nothing.
func AppendFeature(b []byte, id string, d Document, links []byte) []byte {
	b = append(append(append(b, `{"type":"Feature","id":"`...), id...), `","geometry":`...)
	b = append(append(b, d.JSON[:d.Split]...), `},"properties":`...)
	// Without the closing braces of the properties and the entry.
	b = append(b, d.JSON[d.Split+len(propertiesHead):len(d.JSON)-2]...)
	b = append(append(b, d.Flat...), '}')
	if len(links) > 0 {
		b = append(append(b, `,"links":`...), links...)
	}
	return append(b, '}')
}

// String is the box as a client writes it.
func (b Bbox) String() string {
	var out []string
	for _, x := range []float64{b.MinLon, b.MinLat, b.MaxLon, b.MaxLat} {
		out = append(out, strconv.FormatFloat(x, 'f', -1, 64))
	}
	return strings.Join(out, ",")
}

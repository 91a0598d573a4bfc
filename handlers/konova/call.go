package konova

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	api "loket/gen/konova"
	"loket/store/fault"
	"loket/store/konova"
)

// call is what a handler needs of the request beyond what the generated code
// binds.
type call struct {
	form  form
	asked string // the parameter f
	body  []byte // as it came: coordinates keep every digit
}

type callKey struct{}

// withCall hands the call to the handlers. The validator has read the body and
// left it to be read again.
func withCall(next api.StrictHandlerFunc, _ string) api.StrictHandlerFunc {
	return func(c echo.Context, request any) (any, error) {
		r := c.Request()
		k := &call{}
		if r.URL.RawQuery != "" {
			k.asked = c.QueryParam("f")
		}
		k.form = formOf(k.asked, r.Header.Get("Accept"))
		if r.Method == http.MethodPost || r.Method == http.MethodPut {
			if seeker, ok := r.Body.(io.Seeker); ok {
				if _, err := seeker.Seek(0, io.SeekStart); err != nil {
					return nil, fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
				}
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
			}
			k.body = body
		}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), callKey{}, k)))
		return next(c, request)
	}
}

func callOf(ctx context.Context) *call {
	k, _ := ctx.Value(callKey{}).(*call)
	return k
}

// form is the shape of an answer with entries.
type form uint8

const (
	envelope form = iota
	geoJSON
	sequence
)

// The media types of the forms, in the order of preference where Accept weighs
// them alike.
var mediaTypes = [3]string{envelope: "application/json", geoJSON: "application/geo+json", sequence: "application/geo+json-seq"}

// formOf chooses the form: f goes before Accept (apis/konova.md 5). What Accept
// excludes, the validator has refused.
func formOf(f, accept string) form {
	switch f {
	case "json":
		return envelope
	case "geojson":
		return geoJSON
	case "geojsonseq":
		return sequence
	}
	if !strings.Contains(accept, "geo+json") {
		return envelope
	}
	best, chosen := 0.0, envelope
	for i, mediaType := range mediaTypes {
		if q := quality(accept, mediaType); q > best {
			best, chosen = q, form(i)
		}
	}
	return chosen
}

// quality is the weight of a type in an Accept header (RFC 9110 12.5.1): of the
// most exact range that holds it.
func quality(accept, mediaType string) float64 {
	exactness, weight := 0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		level := map[string]int{mediaType: 3, "application/*": 2, "*/*": 1}[strings.ToLower(strings.TrimSpace(name))]
		if level <= exactness {
			continue
		}
		exactness, weight = level, 1
		for p := range strings.SplitSeq(params, ";") {
			if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "q") {
				weight, _ = strconv.ParseFloat(v, 64) // what is no number weighs nothing
			}
		}
	}
	return weight
}

// bboxOf reads the parameter; nil when it is absent.
func bboxOf(values *[]float64) (*konova.Bbox, error) {
	if values == nil {
		return nil, nil //nolint:nilnil // no box is asked for
	}
	b, err := konova.ParseBbox(*values)
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// filters are the known parameters that go on into the next page's address.
func (k *call) filters(b *konova.Bbox) []string {
	var out []string
	if b != nil {
		out = append(out, "bbox="+b.String())
	}
	if k.asked != "" {
		out = append(out, "f="+k.asked)
	}
	return out
}

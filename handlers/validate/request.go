package validate

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"loket/store/fault"
)

// Request holds a request against its operation. The order is the same
// everywhere (apis/capo.md 2.1): the form of the path, then what can be
// answered (406), the body's media type (415), its size (413), whether it is
// JSON, then everything that the schemas say about query, headers and body.
// Each step gives all of its faults at once; a fault of the path brings along
// those of query and headers, which cost nothing more, but the body is not
// read for it.
//
// After it the body's decoded value, defaults filled in, is on the request
// (Body.ValidatedValue): the generated code binds that, by exact names, and
// decodes nothing again.
func (o *Operation) Request(c echo.Context) error {
	faults, err := o.parameters(c)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(faults, func(f fault.Field) bool { return f.In == fault.InPath }) {
		return refuse(faults)
	}
	r := c.Request()
	if !o.doc.o.AnyAccept && !o.accepts(r.Header["Accept"]) {
		return fault.New(fault.NotAcceptable, fault.NothingAccepted, "")
	}
	if o.body != nil {
		body, err := o.requestBody(r)
		if err != nil {
			return err
		}
		faults = append(faults, body...)
	}
	return refuse(faults)
}

func (o *Operation) accepts(headers []string) bool {
	switch len(headers) {
	case 0:
		return true
	case 1:
		return acceptable(headers[0], o.produces)
	default:
		return acceptable(strings.Join(headers, ","), o.produces)
	}
}

// refuse makes one error of all faults; the first place in the order path,
// query, headers, body gives it its reason.
func refuse(faults []fault.Field) error {
	if len(faults) == 0 {
		return nil
	}
	reason := fault.BadBody
	for _, place := range []struct {
		in     string
		reason fault.Reason
	}{{fault.InPath, fault.BadPath}, {fault.InQuery, fault.BadQuery}, {fault.InHeader, fault.BadHeader}} {
		if slices.ContainsFunc(faults, func(f fault.Field) bool { return f.In == place.in }) {
			reason = place.reason
			break
		}
	}
	if reason == fault.BadBody && len(faults) == 1 && faults[0].Pointer == "" && faults[0].Rule == "type" {
		reason = fault.BadJSON // not even the right sort of value
	}
	return fault.New(fault.Invalid, reason, "").With(faults...)
}

// requestBody checks media type, size, JSON and schema. A body that is not
// JSON stays a stream that the use case reads and limits.
func (o *Operation) requestBody(r *http.Request) ([]fault.Field, error) {
	name, params := mediaType(r.Header.Get("Content-Type"))
	if name == "" {
		name = o.doc.o.MediaType
	}
	declared, ok := o.mediaFor(name)
	if o.doc.o.AnyJSON && len(o.media) == 1 && isJSON(o.media[0].name) {
		declared, ok = o.media[0], true
		name, params = declared.name, ""
	}
	if ok && !isJSON(declared.name) {
		if strings.HasPrefix(name, "multipart/") && parameter(params, "boundary") == "" {
			return nil, o.otherMedia() // nobody could read it
		}
		return nil, nil
	}
	if !ok && name != "" && !o.TakesBody() {
		return nil, o.otherMedia() // files only: nothing of a strange one is read
	}
	text, err := read(r, o.doc.o.BodyLimit)
	switch {
	case err == nil && len(text) == 0:
		return nil, o.absent(r)
	case !ok, charset(params) != "" && charset(params) != "utf-8":
		return nil, o.otherMedia()
	case err != nil:
		return nil, err
	}
	v, bad := decode(text)
	if bad != nil {
		return nil, fault.New(fault.Invalid, fault.BadJSON, "").With(*bad)
	}
	var faults []fault.Field
	if declared.schema != nil {
		faults = fields(declared.schema.VisitJSON(v, o.asRequest...), fault.InBody, "")
	}
	// The generated code compares the start of this header with the lower
	// case name.
	if params != "" {
		name += "; " + params
	}
	r.Header["Content-Type"] = []string{name}
	r.Body, r.ContentLength = &Body{Reader: bytes.NewReader(text), value: v}, int64(len(text))
	return faults, nil
}

func (o *Operation) otherMedia() error {
	return fault.New(fault.UnsupportedMedia, fault.MediaType, "").
		With(fault.Field{In: fault.InHeader, Name: "Content-Type", Rule: "enum", Limit: o.takes()})
}

func (o *Operation) takes() []any {
	out := make([]any, len(o.media))
	for i, m := range o.media {
		out[i] = m.name
	}
	return out
}

// mediaFor finds the declared type for a request's. Where anything is taken,
// no type at all is taken too.
func (o *Operation) mediaFor(name string) (media, bool) {
	main, _, _ := strings.Cut(name, "/")
	for _, m := range o.media {
		if m.name == name || m.name == "*/*" || (name != "" && m.name == main+"/*") {
			return m, true
		}
	}
	return media{}, false
}

// absent is for a request without a body: fine where none is asked for.
func (o *Operation) absent(r *http.Request) error {
	if o.body.Required {
		return fault.New(fault.Invalid, fault.BadJSON, "").With(fault.Field{In: fault.InBody, Rule: "required"})
	}
	r.Body, r.ContentLength = http.NoBody, 0
	r.Header.Del("Content-Type")
	return nil
}

// read takes at most limit bytes: a longer body is refused by what it
// announces, or as soon as one byte too many has come.
func read(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	size := max(r.ContentLength+bytes.MinRead, bytes.MinRead)
	buf := bytes.NewBuffer(make([]byte, 0, size))
	n, err := buf.ReadFrom(io.LimitReader(r.Body, limit+1))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over), err == nil && n > limit:
		return nil, tooLarge(limit)
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
	}
	return buf.Bytes(), nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, fault.BodyTooLarge, "").
		With(fault.Field{In: fault.InBody, Rule: "maxBytes", Limit: limit})
}

// Body is a request's body after validation.
type Body struct {
	*bytes.Reader
	value any
}

// ValidatedValue is the decoded value; the generated code asks for it.
func (b *Body) ValidatedValue() any { return b.value }

// Close does nothing: the bytes are in memory.
func (b *Body) Close() error { return nil }

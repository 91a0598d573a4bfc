package validate

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Response tells what in an answer the document does not promise: the status,
// the media type, a header, the body. body is nil when it is no JSON, or was
// not kept. It is for tests and for LOKET_CHECK_RESPONSES; its texts name
// places and rules, no values.
func (o *Operation) Response(status int, header http.Header, body []byte) []string {
	declared := o.declared(status)
	if declared == nil {
		return []string{fmt.Sprintf("status %d is not declared", status)}
	}
	wrong := o.headers(declared, header)
	name, _ := mediaType(header.Get("Content-Type"))
	if len(declared.Content) == 0 {
		if len(body) > 0 {
			wrong = append(wrong, "a body where none is declared")
		}
		return wrong
	}
	schema, ok := contentFor(declared.Content, name)
	switch {
	case !ok:
		return append(wrong, fmt.Sprintf("media type %q is not declared for status %d", name, status))
	case body == nil || !isJSON(name) || o.Method == http.MethodHead:
		return wrong
	}
	v, bad := decode(body)
	if bad != nil {
		return append(wrong, fmt.Sprintf("the body is no sound JSON: %s at %q", bad.Rule, bad.Pointer))
	}
	if schema == nil {
		return wrong
	}
	for _, f := range fields(schema.VisitJSON(v, o.asAnswer...), "body", "") {
		wrong = append(wrong, fmt.Sprintf("#%s breaks %s %v", f.Pointer, f.Rule, f.Limit))
	}
	return wrong
}

// declared finds the answer of a status: its own, its range's, the default.
func (o *Operation) declared(status int) *openapi3.Response {
	responses := o.Route.Operation.Responses
	for _, key := range []string{strconv.Itoa(status), strconv.Itoa(status/100) + "XX", "default"} {
		if ref := responses.Value(key); ref != nil && ref.Value != nil {
			return ref.Value
		}
	}
	return nil
}

// headers checks the declared headers: the required stand there, and those of
// one plain type have it.
func (o *Operation) headers(declared *openapi3.Response, header http.Header) []string {
	var wrong []string
	for name, ref := range declared.Headers {
		values := header.Values(name)
		switch h := ref.Value; {
		case h == nil:
		case len(values) == 0:
			if h.Required {
				wrong = append(wrong, fmt.Sprintf("header %s is missing", name))
			}
		case h.Schema != nil:
			if kind, array := scalar(h.Schema.Value); kind != "" && !array {
				v, ok := parse(values[0], kind)
				if !ok || h.Schema.Value.VisitJSON(v, o.asAnswer...) != nil {
					wrong = append(wrong, fmt.Sprintf("header %s breaks its schema", name))
				}
			}
		}
	}
	return sorted(wrong)
}

func contentFor(content openapi3.Content, name string) (*openapi3.Schema, bool) {
	main, _, _ := strings.Cut(name, "/")
	for _, want := range []string{name, main + "/*", "*/*"} {
		for key, m := range content {
			if key, _ = mediaType(key); key == want {
				if m.Schema == nil {
					return nil, true
				}
				return m.Schema.Value, true
			}
		}
	}
	return nil, false
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

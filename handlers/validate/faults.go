package validate

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"loket/store/fault"
)

// pointer is the JSON Pointer (RFC 6901) of a path of keys and indexes.
func pointer(path []string) string {
	if len(path) == 0 {
		return ""
	}
	var b strings.Builder
	for _, key := range path {
		b.WriteByte('/')
		b.WriteString(escape.Replace(key))
	}
	return b.String()
}

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// fields walks kin-openapi's error types and gives each fault once, with its
// place below base, in the order in which they were found. Its texts are never
// used: they hold the schema and the value.
func fields(err error, in, name string) []fault.Field {
	w := walker{in: in, name: name}
	w.walk(err)
	return w.out
}

type walker struct {
	in, name string
	out      []fault.Field
}

func (w *walker) add(path []string, rule string, limit any) {
	f := fault.Field{In: w.in, Name: w.name, Rule: rule, Limit: limit}
	if w.in == fault.InBody {
		f.Pointer = pointer(path)
	}
	for _, known := range w.out {
		if known.Pointer == f.Pointer && known.Rule == f.Rule {
			return
		}
	}
	w.out = append(w.out, f)
}

func (w *walker) walk(err error) {
	switch e := err.(type) { //nolint:errorlint // a tree is walked: each node is asked what it is, not what it holds
	case nil:
	case openapi3.MultiError:
		for _, inner := range e {
			w.walk(inner)
		}
	case *openapi3.SchemaError:
		w.schema(e)
	default:
		w.add(nil, "type", nil)
	}
}

func (w *walker) schema(e *openapi3.SchemaError) {
	path := e.JSONPointer()
	switch e.SchemaField {
	case "allOf":
		w.branches(e)
	case "oneOf":
		w.oneOf(e, path)
	case "discriminator":
		w.discriminator(e, path)
	case "properties":
		w.unknown(e, path)
	case "nullable":
		w.add(path, "type", typeOf(e.Schema))
	case "enum":
		if e.Value == nil {
			w.add(path, "type", typeOf(e.Schema))
			return
		}
		w.add(path, "enum", e.Schema.Enum)
	default:
		w.add(path, e.SchemaField, limitOf(e.Schema, e.SchemaField))
	}
}

// branches gives what the parts of an allOf or a oneOf found.
func (w *walker) branches(e *openapi3.SchemaError) {
	var many openapi3.MultiError
	if !asMulti(e.Origin, &many) {
		w.add(e.JSONPointer(), e.SchemaField, nil)
		return
	}
	for _, inner := range many {
		w.walk(inner)
	}
}

// oneOf tells the faults of the branch that was meant, where that is plain:
// the only one that was tried (a discriminator chose it), or the only one of
// which the value has the type and the marking property. Else it says that no
// branch fits.
func (w *walker) oneOf(e *openapi3.SchemaError, path []string) {
	var many openapi3.MultiError
	if asMulti(e.Origin, &many) {
		if len(many) == 1 {
			w.walk(many[0])
			return
		}
		meant := slices.DeleteFunc(slices.Clone(many), func(branch error) bool { return otherKind(branch, len(path)) })
		if len(meant) == 1 {
			w.walk(meant[0])
			return
		}
	}
	w.add(path, "oneOf", nil)
}

// otherKind tells whether a branch failed because the value is something else
// altogether: another type, or another value where the branch allows just one.
func otherKind(branch error, depth int) bool {
	for _, e := range flatten(branch) {
		at := len(e.JSONPointer()) - depth
		if at == 0 && (e.SchemaField == "type" || e.SchemaField == "nullable") {
			return true
		}
		if at == 1 && e.SchemaField == "enum" && len(e.Schema.Enum) == 1 {
			return true
		}
	}
	return false
}

func flatten(err error) []*openapi3.SchemaError {
	switch e := err.(type) { //nolint:errorlint // as in walk
	case openapi3.MultiError:
		var out []*openapi3.SchemaError
		for _, inner := range e {
			out = append(out, flatten(inner)...)
		}
		return out
	case *openapi3.SchemaError:
		return []*openapi3.SchemaError{e}
	default:
		return nil
	}
}

// asMulti finds the MultiError that kin-openapi wraps in its own unexported
// types; errors.As would go into its members.
func asMulti(err error, out *openapi3.MultiError) bool {
	for err != nil {
		if many, ok := err.(openapi3.MultiError); ok { //nolint:errorlint // see above
			*out = many
			return true
		}
		err = errors.Unwrap(err)
	}
	return false
}

func (w *walker) discriminator(e *openapi3.SchemaError, path []string) {
	d := e.Schema.Discriminator
	path = append(slices.Clone(path), d.PropertyName)
	switch {
	case e.Value == nil:
		w.add(path, "required", nil)
	case len(d.Mapping) > 0:
		names := slices.Sorted(maps.Keys(d.Mapping))
		allowed := make([]any, len(names))
		for i, n := range names {
			allowed[i] = n
		}
		w.add(path, "enum", allowed)
	default:
		w.add(path, "type", "string")
	}
}

// unknown gives each property that the schema does not have, at its own place.
func (w *walker) unknown(e *openapi3.SchemaError, path []string) {
	object, _ := e.Value.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if _, known := e.Schema.Properties[key]; !known {
			w.add(append(slices.Clone(path), key), "unknown", nil)
		}
	}
}

func typeOf(s *openapi3.Schema) any {
	if s == nil || s.Type == nil {
		return nil
	}
	return strings.Join(s.Type.Slice(), ", ")
}

// limitOf is the value of the keyword that was broken.
func limitOf(s *openapi3.Schema, keyword string) any {
	if s == nil {
		return nil
	}
	switch keyword {
	case "type":
		return typeOf(s)
	case "format":
		return s.Format
	case "pattern":
		return s.Pattern
	case "minLength":
		return s.MinLength
	case "maxLength":
		return deref(s.MaxLength)
	case "minItems":
		return s.MinItems
	case "maxItems":
		return deref(s.MaxItems)
	case "minProperties":
		return s.MinProps
	case "maxProperties":
		return deref(s.MaxProps)
	case "minimum", "exclusiveMinimum":
		return number(s.Min)
	case "maximum", "exclusiveMaximum":
		return number(s.Max)
	case "multipleOf":
		return number(s.MultipleOf)
	default:
		return nil
	}
}

func deref(n *uint64) any {
	if n == nil {
		return nil
	}
	return *n
}

// number is written without an exponent: it is read by people.
func number(f *float64) any {
	if f == nil {
		return nil
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

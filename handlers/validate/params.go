package validate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"loket/store/fault"
)

// param is one parameter with all that can be worked out beforehand. The
// plain ones (a scalar, an array of scalars) are decoded here: kin-openapi's
// decoder takes "T" for a boolean, drops what is repeated, and allocates much.
// What is rarer (objects, content parameters, cookies) it decodes.
type param struct {
	name     string
	in       string
	header   string // canonical key of a header
	required bool
	empty    bool           // allowEmptyValue
	kind     string         // JSON type; "" is left to kin-openapi
	item     string         // of an array's items
	comma    bool           // an array in one value, by commas
	pattern  *regexp.Regexp // all that the schema asks for, when it is a text with just a pattern
	schema   *openapi3.Schema
	defaults []string // what an absent query or header parameter becomes
	kin      *openapi3.Parameter
}

func (o *Operation) addParams(ofPath, ofOperation openapi3.Parameters) error {
	for _, ref := range ofPath {
		if ofOperation.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			if err := o.addParam(ref.Value); err != nil {
				return err
			}
		}
	}
	for _, ref := range ofOperation {
		if err := o.addParam(ref.Value); err != nil {
			return err
		}
	}
	return nil
}

func (o *Operation) addParam(p *openapi3.Parameter) error {
	one := param{
		name: p.Name, in: p.In, header: http.CanonicalHeaderKey(p.Name),
		required: p.Required, empty: p.AllowEmptyValue, kin: p,
	}
	switch p.In {
	case openapi3.ParameterInHeader:
		// OpenAPI 3.0.3, 4.7.12.1: such definitions are to be ignored.
		if one.header == "Accept" || one.header == "Content-Type" || one.header == "Authorization" {
			return nil
		}
	case openapi3.ParameterInQuery:
		o.query, o.known[p.Name] = true, true
	}
	if p.Schema != nil {
		one.schema = p.Schema.Value
		if err := one.plan(); err != nil {
			return fmt.Errorf("parameter %q: %w", p.Name, err)
		}
	}
	o.params = append(o.params, one)
	return nil
}

// plan finds out how the parameter is decoded.
func (p *param) plan() error {
	method, err := p.kin.SerializationMethod()
	if err != nil {
		return err
	}
	plain := method.Style == openapi3.SerializationForm || method.Style == openapi3.SerializationSimple
	kind, array := scalar(p.schema)
	if p.in == openapi3.ParameterInCookie || !plain || kind == "" {
		return nil
	}
	p.kind = kind
	if array {
		p.kind, p.item = "array", kind
		p.comma = method.Style == openapi3.SerializationSimple || !method.Explode
	}
	p.pattern, err = onlyPattern(p.schema)
	if d := defaultOf(p.schema); d != nil && p.in != openapi3.ParameterInPath {
		p.defaults = p.encode(d)
	}
	return err
}

// onlyPattern gives the pattern of a schema that asks for nothing else: most
// identifiers in paths, on the hottest road.
func onlyPattern(s *openapi3.Schema) (*regexp.Regexp, error) {
	if !s.Type.Is("string") || s.Pattern == "" || s.Format != "" || s.MinLength != 0 || s.MaxLength != nil ||
		len(s.Enum)+len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil {
		return nil, nil
	}
	return regexp.Compile(s.Pattern)
}

// scalar is the JSON type of a schema, or of its items; "" when that is not
// one plain type.
func scalar(s *openapi3.Schema) (kind string, array bool) {
	switch {
	case s == nil:
		return "", false
	case s.Type.Is("array"):
		if s.Items == nil {
			return "", false
		}
		kind, nested := scalar(s.Items.Value)
		if nested {
			return "", false
		}
		return kind, true
	case s.Type.Is("string"), s.Type.Is("integer"), s.Type.Is("number"), s.Type.Is("boolean"):
		return s.Type.Slice()[0], false
	case len(s.AllOf) > 0:
		return scalar(s.AllOf[0].Value)
	default:
		return "", false
	}
}

func defaultOf(s *openapi3.Schema) any {
	if s.Default != nil {
		return s.Default
	}
	for _, part := range s.AllOf {
		if part.Value != nil && part.Value.Default != nil {
			return part.Value.Default
		}
	}
	return nil
}

func (p *param) encode(v any) []string {
	many, ok := v.([]any)
	if !ok {
		return []string{plainText(v)}
	}
	out := make([]string, len(many))
	for i, one := range many {
		out[i] = plainText(one)
	}
	if p.comma {
		return []string{strings.Join(out, ",")}
	}
	return out
}

func plainText(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// parameters checks path, query and headers, and puts defaults where the
// generated code looks for them. All faults are found.
func (o *Operation) parameters(c echo.Context) ([]fault.Field, error) {
	var faults []fault.Field
	var query url.Values
	if o.query || (o.doc.o.StrictQuery && c.Request().URL.RawQuery != "") {
		query = c.QueryParams()
		faults = append(faults, o.strange(c.Request().URL, query)...)
	}
	for i := range o.params {
		p := &o.params[i]
		values, found, err := p.raw(c, query)
		if err != nil {
			return nil, err
		}
		switch {
		case p.kind == "":
			faults = append(faults, o.rare(c, p)...)
		case !found && p.required:
			faults = append(faults, p.fault("required", nil))
		case !found && p.defaults != nil:
			p.fill(c, query)
		case found:
			faults = append(faults, o.check(p, values)...)
		}
	}
	return faults, nil
}

// strange finds unknown query parameters, and a query that cannot be read.
func (o *Operation) strange(u *url.URL, query url.Values) []fault.Field {
	var faults []fault.Field
	if strings.ContainsAny(u.RawQuery, "%;") {
		if _, err := url.ParseQuery(u.RawQuery); err != nil {
			faults = append(faults, fault.Field{In: fault.InQuery, Rule: ruleSyntax})
		}
	}
	if !o.doc.o.StrictQuery {
		return faults
	}
	var unknown []string
	for name := range query {
		if !o.known[name] && !o.deep(name) {
			unknown = append(unknown, name)
		}
	}
	for _, name := range sorted(unknown) {
		faults = append(faults, fault.Field{In: fault.InQuery, Name: name, Rule: "unknown"})
	}
	return faults
}

// deep tells whether name is a part of a deepObject parameter: filter[name].
func (o *Operation) deep(name string) bool {
	base, _, ok := strings.Cut(name, "[")
	return ok && o.known[base]
}

// raw gives the values as they stand. A path parameter that holds a slash is
// no such path: echo gives the last parameter all that is left.
func (p *param) raw(c echo.Context, query url.Values) (values []string, found bool, err error) {
	switch p.in {
	case openapi3.ParameterInPath:
		v := c.Param(p.name)
		if strings.IndexByte(v, '/') >= 0 {
			return nil, false, echo.ErrNotFound
		}
		if c.Request().URL.RawPath != "" {
			if v, err = url.PathUnescape(v); err != nil {
				return nil, false, echo.ErrNotFound
			}
		}
		return []string{v}, v != "", nil
	case openapi3.ParameterInQuery:
		values, found = query[p.name]
		return values, found, nil
	case openapi3.ParameterInHeader:
		values, found = c.Request().Header[p.header]
		return values, found, nil
	default:
		return nil, false, nil
	}
}

func (p *param) fill(c echo.Context, query url.Values) {
	if p.in == openapi3.ParameterInQuery {
		query[p.name] = p.defaults
		return
	}
	c.Request().Header[p.header] = p.defaults
}

func (p *param) fault(rule string, limit any) fault.Field {
	return fault.Field{In: p.in, Name: p.name, Rule: rule, Limit: limit}
}

// check decodes the values and holds them against the schema.
func (o *Operation) check(p *param, values []string) []fault.Field {
	for _, v := range values {
		if rule := unkeepable(v); rule != "" {
			return []fault.Field{p.fault(rule, nil)}
		}
	}
	if p.kind != "array" {
		if len(values) > 1 {
			return []fault.Field{p.fault(ruleDuplicate, p.name)}
		}
		if p.pattern != nil && p.pattern.MatchString(values[0]) {
			return nil
		}
		if values[0] == "" && p.empty {
			return nil
		}
		v, ok := parse(values[0], p.kind)
		if !ok {
			return []fault.Field{p.fault("type", p.kind)}
		}
		return o.visit(p, v)
	}
	if p.comma {
		values = strings.Split(strings.Join(values, ","), ",")
	}
	many := make([]any, len(values))
	for i, text := range values {
		v, ok := parse(strings.TrimSpace(text), p.item)
		if !ok {
			return []fault.Field{p.fault("type", p.item)}
		}
		many[i] = v
	}
	return o.visit(p, many)
}

// unkeepable is the rule that a text breaks which no store may be given: the
// databases do not agree on what to do with it.
func unkeepable(s string) string {
	switch {
	case strings.IndexByte(s, 0) >= 0:
		return ruleNUL
	case !utf8.ValidString(s):
		return ruleUTF8
	}
	return ""
}

func (o *Operation) visit(p *param, v any) []fault.Field {
	if err := p.schema.VisitJSON(v, o.asRequest...); err != nil {
		return fields(err, p.in, p.name)
	}
	return nil
}

// parse reads a scalar as JSON would: no "+5", no "T", no " 5", no "0x5".
func parse(text, kind string) (any, bool) {
	switch kind {
	case "string":
		return text, true
	case "boolean":
		return text == "true", text == "true" || text == "false"
	default:
		v, f := decode([]byte(text))
		n, ok := v.(json.Number)
		if f != nil || !ok || len(text) != len(strings.TrimSpace(text)) {
			return nil, false
		}
		if _, err := strconv.ParseInt(string(n), 10, 64); kind == "integer" && err != nil {
			return nil, false
		}
		return n, true
	}
}

// rare leaves decoding to kin-openapi; of its error only the type is used.
func (o *Operation) rare(c echo.Context, p *param) []fault.Field {
	in := &openapi3filter.RequestValidationInput{
		Request: c.Request(), Route: o.Route, PathParams: map[string]string{},
		Options: &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true, SchemaValidationOptions: o.asRequest},
	}
	for i, name := range c.ParamNames() {
		in.PathParams[name] = c.ParamValues()[i]
	}
	err := openapi3filter.ValidateParameter(context.WithoutCancel(c.Request().Context()), in, p.kin)
	var refused *openapi3filter.RequestError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		return []fault.Field{p.fault("required", nil)}
	case errors.As(err, &refused):
		return fields(refused.Err, p.in, p.name)
	default:
		return []fault.Field{p.fault("type", typeOf(p.schema))}
	}
}

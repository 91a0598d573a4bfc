// Package validate holds a request, and where asked an answer, against the
// API's OpenAPI document. The document is read once, when it is first needed;
// an operation is found by the route that echo has already matched, never by
// routing again. It may import store/fault and its libraries; no API, no
// store.
package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Options are what an API says about its document.
type Options struct {
	Base        string // stands before each path of the document: "/api/capo"
	JSON        []byte // the document; JSON is read much faster than YAML
	YAML        []byte // read when JSON is empty
	Formats     map[string]Format
	BodyLimit   int64  // bytes of a JSON body; zero is DefaultBodyLimit
	StrictQuery bool   // unknown query parameters are refused
	AnyAccept   bool   // Accept is not looked at: an answer has the media type that it has
	AnyJSON     bool   // a body declared as JSON is read as JSON whatever its Content-Type says
	MediaType   string // of a body that does not name its own; "" refuses such a body
}

// DefaultBodyLimit is the most bytes of a JSON body where an API says nothing.
const DefaultBodyLimit = 1 << 20

// Document is one API's document; it is safe for concurrent use.
type Document struct {
	o    Options
	once sync.Once

	err        error
	spec       *openapi3.T
	operations map[string]*Operation // by method, space, echo's path
	ordered    []*Operation
}

// New keeps the bytes; nothing is parsed yet.
func New(o Options) *Document {
	if o.BodyLimit <= 0 {
		o.BodyLimit = DefaultBodyLimit
	}
	return &Document{o: o}
}

// Load reads the document unless that was done, and tells what is wrong with
// it. It takes tens to hundreds of milliseconds the first time.
func (d *Document) Load() error {
	d.once.Do(func() { d.err = d.load() })
	return d.err
}

// Operation finds the operation of an echo route: its method and its path as
// registered ("/api/capo/project/:projectId").
func (d *Document) Operation(method, path string) (*Operation, error) {
	if err := d.Load(); err != nil {
		return nil, err
	}
	o, ok := d.operations[method+" "+path]
	if !ok {
		return nil, fmt.Errorf("validate: the document has no %s %s", method, path)
	}
	return o, nil
}

// Operations lists all operations by path and method.
func (d *Document) Operations() ([]*Operation, error) {
	err := d.Load()
	return d.ordered, err
}

// Spec is the parsed document; nobody may change it.
func (d *Document) Spec() (*openapi3.T, error) {
	err := d.Load()
	return d.spec, err
}

func (d *Document) load() error {
	text := d.o.JSON
	if len(text) == 0 {
		text = d.o.YAML
	}
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return fmt.Errorf("validate: the OpenAPI document cannot be read: %w", err)
	}
	if err := d.checkFormats(spec); err != nil {
		return err
	}
	d.spec, d.operations = spec, map[string]*Operation{}
	formats := openapi3.WithStringFormatValidators(validators(d.o.Formats))
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			o, err := d.operation(method, path, item, op, formats)
			if err != nil {
				return err
			}
			d.operations[method+" "+d.o.Base+echoPath(path)] = o
			d.ordered = append(d.ordered, o)
		}
	}
	slices.SortFunc(d.ordered, func(a, b *Operation) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return nil
}

// checkFormats refuses a document that uses a format nobody defined.
func (d *Document) checkFormats(spec *openapi3.T) error {
	unknown := map[string]bool{}
	err := spec.WalkSchemas(func(_ string, ref *openapi3.SchemaRef) error {
		f := ref.Value.Format
		if f == "" || numeric[f] || house[f] != nil || d.o.Formats[f] != nil {
			return nil
		}
		unknown[f] = true
		return nil
	})
	var errs []error
	for f := range unknown {
		errs = append(errs, fmt.Errorf("validate: the document uses format %q, which nobody defines", f))
	}
	return errors.Join(append(errs, err)...)
}

// echoPath turns {name} into :name.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// Operation is one operation of a document, with all that can be worked out
// beforehand.
type Operation struct {
	ID       string // operationId
	Method   string
	Path     string // as in the document, without the base
	Route    *routers.Route
	Security openapi3.SecurityRequirements // the operation's, or else the document's; empty means open to all

	doc       *Document
	params    []param
	known     map[string]bool // names of query parameters
	query     bool            // whether there are any
	body      *openapi3.RequestBody
	media     []media
	produces  []string
	asRequest []openapi3.SchemaValidationOption
	asAnswer  []openapi3.SchemaValidationOption
}

// media is one declared type of the request's body.
type media struct {
	name   string // lower case, without parameters; may end in /*
	schema *openapi3.Schema
}

func (d *Document) operation(method, path string, item *openapi3.PathItem, op *openapi3.Operation, formats openapi3.SchemaValidationOption) (*Operation, error) {
	o := &Operation{
		ID: op.OperationID, Method: method, Path: path, doc: d,
		Route: &routers.Route{Spec: d.spec, Path: path, PathItem: item, Method: method, Operation: op},
		known: map[string]bool{},
		// The formats are the API's own, so they travel with each check
		// instead of standing in kin-openapi's global table.
		asRequest: []openapi3.SchemaValidationOption{openapi3.VisitAsRequest(), openapi3.MultiErrors(), formats, openapi3.DefaultsSet(func() {})},
		asAnswer:  []openapi3.SchemaValidationOption{openapi3.VisitAsResponse(), openapi3.MultiErrors(), formats},
	}
	o.Security = d.spec.Security
	if op.Security != nil {
		o.Security = *op.Security
	}
	if err := o.addParams(item.Parameters, op.Parameters); err != nil {
		return nil, fmt.Errorf("validate: %s %s: %w", method, path, err)
	}
	if op.RequestBody != nil {
		o.body = op.RequestBody.Value
		o.addMedia()
	}
	o.addProduces(op)
	return o, nil
}

func (o *Operation) addMedia() {
	for name, m := range o.body.Content {
		name, _ = mediaType(name)
		one := media{name: name}
		if m.Schema != nil {
			one.schema = m.Schema.Value
		}
		o.media = append(o.media, one)
	}
	// Exact names first, then type/*, then */*: the first that fits is the
	// nearest.
	slices.SortFunc(o.media, func(a, b media) int {
		if d := strings.Count(a.name, "*") - strings.Count(b.name, "*"); d != 0 {
			return d
		}
		return strings.Compare(a.name, b.name)
	})
}

func (o *Operation) addProduces(op *openapi3.Operation) {
	for status, response := range op.Responses.Map() {
		if !strings.HasPrefix(status, "2") || response.Value == nil {
			continue
		}
		for name := range response.Value.Content {
			name, _ = mediaType(name)
			o.produces = append(o.produces, name)
		}
	}
	slices.Sort(o.produces)
	o.produces = slices.Compact(o.produces) // empty where no success has a body: then anything is acceptable
}

// Statuses lists the declared statuses as in the document: "200", "4XX",
// "default".
func (o *Operation) Statuses() []string {
	out := make([]string, 0, o.Route.Operation.Responses.Len())
	for status := range o.Route.Operation.Responses.Map() {
		out = append(out, status)
	}
	slices.Sort(out)
	return out
}

// TakesBody tells whether the operation declares a body of JSON.
func (o *Operation) TakesBody() bool {
	return slices.ContainsFunc(o.media, func(m media) bool { return isJSON(m.name) })
}

// Check reads the document and judges it by the rules of OpenAPI. It is for
// tests: at start the document is taken as it was committed.
func (d *Document) Check(ctx context.Context) error {
	if err := d.Load(); err != nil {
		return err
	}
	if err := d.spec.Validate(ctx); err != nil {
		return fmt.Errorf("validate: the OpenAPI document breaks the rules: %w", err)
	}
	return nil
}

// Parameter is a parameter as tests need it.
type Parameter struct {
	In, Name string
	Required bool
	Example  string // of the parameter or its schema; "" when there is none
}

// Parameters lists the operation's parameters, those of its path included.
func (o *Operation) Parameters() []Parameter {
	out := make([]Parameter, 0, len(o.params))
	for _, p := range o.params {
		one := Parameter{In: p.in, Name: p.name, Required: p.required}
		switch {
		case p.kin.Example != nil:
			one.Example = plainText(p.kin.Example)
		case p.schema != nil && p.schema.Example != nil:
			one.Example = plainText(p.schema.Example)
		}
		out = append(out, one)
	}
	return out
}

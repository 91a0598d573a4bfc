package openapi_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"loket/gen/gever"
	"loket/openapi"
)

// contract says what a document is and where its page differs from the house.
type contract struct {
	api        string // "" is the document's own name
	yaml       []byte
	operations int      // how many it has, so that a slip of the pen in a path is seen
	errors     string   // media type of its error bodies
	formats    []string // those that its room defines beside the house's
	open       bool     // its page's answers may hold more than their schemas name
	notAccept  bool     // 406 is declared wherever JSON is answered
	free       []string // schemas that may hold any value, or members beyond those they name
	bare       []string // "operationId status" of refusals without a body
	fileTypes  bool     // files of named types only: other types are 415
	foreign    []string // schemas of somebody else's documents, with all that is in them
	unlocated  bool     // its page's 201 have no Location
	lenient    bool     // its page passes over unknown keys of a body, and reads it as JSON whatever its type says
	crowd      bool     // 429 is declared for who has not logged in too
}

// contracts are all embedded documents; a sixth API adds its line here.
var contracts = map[string]contract{
	"capo": {yaml: openapi.CAPO, operations: 16, errors: "application/problem+json", notAccept: true},
	// Its results are maps by uuid, and a Feature holds what its kind has.
	"konova": {
		yaml: openapi.Konova, operations: 40, errors: "application/problem+json", open: true, notAccept: true,
		free: []string{"CodeInput", "ListedCodeInput", "ReferenceInput"}, // one of several forms
	},
	"vemap": {
		yaml: openapi.VEMAP, operations: 41, errors: "application/json", notAccept: true,
		formats: []string{"instant-seconds", "instant-micros", "instant-space", "date-mdy", "date-midnight", "file-name"},
		free:    []string{"CustomData", "Tenants"},
		foreign: []string{"TemplateData"}, fileTypes: true, unlocated: true, crowd: true,
	},
	// Unknown keys of a body are passed over, and a body is JSON whatever its
	// type says.
	"gever": {yaml: openapi.GEVER, operations: 106, errors: "application/json", open: true, notAccept: true, crowd: true, lenient: true, formats: []string{"password"}},
	// The same under its overlay (gen/gever).
	"gever-live": {
		api: "gever", yaml: gever.Live, operations: 106, errors: "application/json", open: true, notAccept: true, crowd: true, lenient: true,
		formats: []string{"password"},
	},
	"plooi": {
		yaml: openapi.PLOOI, operations: 19, errors: "application/json", fileTypes: true,
		formats: []string{"kenmerk", "organisatie", "taal", "documentsoort", "thema", "filetype", "handeling", "soort"},
		free:    []string{"Document", "Documentrelatie", "Geldigheid", "Waarde", "WaardeInLijst", "VerrijktDocument", "Melding"},
		bare:    []string{"zoekEigen 400", "getWaardelijst 400", "checkToken 401", "decidePolicy 401"},
	},
}

// formats are those that handlers/validate defines for every API. kin-openapi
// takes anything for a format that it does not know.
var formats = []string{"", "date", "date-time", "uuid", "email", "uri", "binary", "int32", "int64", "float", "double"}

func load(t *testing.T, data []byte) *openapi3.T {
	t.Helper()
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = false // self-contained
	doc, err := loader.LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func eachDocument(t *testing.T, f func(t *testing.T, name string, doc *openapi3.T)) {
	t.Helper()
	for name, c := range contracts {
		t.Run(name, func(t *testing.T) { f(t, name, load(t, c.yaml)) })
	}
}

type operation struct {
	name string // "GET /path"
	path string
	item *openapi3.PathItem
	*openapi3.Operation
}

func operations(doc *openapi3.T) []operation {
	var all []operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			all = append(all, operation{name: method + " " + path, path: path, item: item, Operation: op})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.name, b.name) })
	return all
}

// TestDocumentIsValid also holds every example against its schema.
func TestDocumentIsValid(t *testing.T) {
	eachDocument(t, func(t *testing.T, name string, doc *openapi3.T) {
		for _, f := range contracts[name].formats {
			openapi3.DefineStringFormatValidator(f, openapi3.NewCallbackValidator(func(string) error { return nil }))
		}
		err := doc.Validate(t.Context(),
			openapi3.EnableExamplesValidation(),
			openapi3.EnableSchemaFormatValidation(),
			openapi3.EnableSchemaPatternValidation())
		if err != nil {
			t.Error(err)
		}
		if doc.OpenAPI != "3.0.3" {
			t.Errorf("openapi is %s: old generators know 3.0 only", doc.OpenAPI)
		}
		if n := len(operations(doc)); n != contracts[name].operations {
			t.Errorf("%d operations, want %d", n, contracts[name].operations)
		}
	})
}

var semver = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`)

// TestInfo asks what the Dutch API design rules ask of the head of a document.
func TestInfo(t *testing.T) {
	eachDocument(t, func(t *testing.T, name string, doc *openapi3.T) {
		if !semver.MatchString(doc.Info.Version) {
			t.Errorf("version %q is no semantic version", doc.Info.Version)
		}
		if doc.Info.Description == "" {
			t.Error("no description")
		}
		if c := doc.Info.Contact; c == nil || c.Name == "" || c.URL == "" || c.Email == "" {
			t.Error("contact needs name, url and email")
		}
		if api := contracts[name].api; api != "" {
			name = api
		}
		if len(doc.Servers) != 1 || doc.Servers[0].URL != "/api/"+name {
			t.Errorf("servers must be the one relative address /api/%s", name)
		}
	})
}

// TestOperations holds each operation against the house rules.
func TestOperations(t *testing.T) {
	eachDocument(t, func(t *testing.T, name string, doc *openapi3.T) {
		seen := map[string]string{}
		for _, op := range operations(doc) {
			for _, problem := range operationProblems(contracts[name], doc, op) {
				t.Errorf("%s: %s", op.name, problem)
			}
			if other, found := seen[op.OperationID]; found {
				t.Errorf("%s: operationId %s is that of %s", op.name, op.OperationID, other)
			}
			seen[op.OperationID] = op.name
		}
	})
}

func operationProblems(c contract, doc *openapi3.T, op operation) []string {
	var bad []string
	add := func(when bool, format string, args ...any) {
		if when {
			bad = append(bad, fmt.Sprintf(format, args...))
		}
	}
	add(op.OperationID == "", "no operationId")
	add(op.Summary == "", "no summary")
	add(op.Description == "", "no description")
	add(op.Deprecated, "deprecated")
	add(strings.HasSuffix(op.path, "/") && op.path != "/", "trailing slash")
	add(len(op.Tags) == 0, "no tag")
	for _, tag := range op.Tags {
		add(doc.Tags.Get(tag) == nil, "tag %q is not described", tag)
	}

	origin, _ := op.Extensions["x-origin"].(string)
	reason, _ := op.Extensions["x-origin-reason"].(string)
	add(origin != "documented" && origin != "decided", "x-origin is %q", origin)
	add(origin == "decided" && reason == "", "decided without x-origin-reason")

	for _, p := range append(slices.Clone(op.item.Parameters), op.Parameters...) {
		add(p.Value.Description == "", "parameter %s has no description", p.Value.Name)
		// Swagger UI fills examples in; filled-in filters would hide what one looks for.
		add(p.Value.In == "path" && p.Value.Example == nil && len(p.Value.Examples) == 0, "parameter %s has no example", p.Value.Name)
	}
	if op.RequestBody != nil {
		body := op.RequestBody.Value
		add(body.Description == "", "request body without description")
		bad = append(bad, contentProblems("request body", body.Content)...)
	}
	for status, response := range op.Responses.Map() {
		add(response.Value.Description == nil || *response.Value.Description == "", "%s has no description", status)
		bad = append(bad, contentProblems(status, response.Value.Content)...)
		bad = append(bad, statusProblems(c, op.OperationID+" "+status, status, response.Value)...)
	}
	return append(bad, declaredProblems(c, doc, op)...)
}

// contentProblems: whoever reads the document sees a whole example of each body.
func contentProblems(where string, content openapi3.Content) []string {
	var bad []string
	for mediaType, m := range content {
		if m.Example == nil && len(m.Examples) == 0 {
			bad = append(bad, where+" "+mediaType+" has no example")
		}
		if m.Schema == nil {
			bad = append(bad, where+" "+mediaType+" has no schema")
		}
		for name, e := range m.Examples {
			if e.Value.Summary == "" {
				bad = append(bad, where+" example "+name+" has no summary")
			}
		}
	}
	return bad
}

// always are the headers on every answer.
var always = []string{"X-Request-Id", "API-Version"}

func statusProblems(c contract, name, status string, r *openapi3.Response) []string {
	var bad []string
	needs := slices.Clone(always)
	switch status {
	case "201":
		if !c.unlocated {
			needs = append(needs, "Location")
		}
	case "401":
		needs = append(needs, "WWW-Authenticate")
	case "429":
		needs = append(needs, "Retry-After")
	}
	for _, h := range needs {
		if ref := r.Headers[h]; ref == nil || !ref.Value.Required {
			bad = append(bad, status+" does not promise the header "+h)
		}
	}
	if slices.Contains(c.bare, name) {
		if len(r.Content) > 0 {
			bad = append(bad, status+" has a body")
		}
		return bad
	}
	if status >= "400" && (len(r.Content) != 1 || r.Content[c.errors] == nil) {
		bad = append(bad, status+" is not "+c.errors)
	}
	return bad
}

// declaredProblems: the statuses that follow from the shape of an operation are
// declared exactly when they can happen.
func declaredProblems(c contract, doc *openapi3.T, op operation) []string {
	security := doc.Security
	if op.Security != nil {
		security = *op.Security
	}
	_, takesJSON := requestSchemas(op)["application/json"]
	parameters := len(op.Parameters) + len(op.item.Parameters)
	answersJSON := false
	for status, r := range op.Responses.Map() {
		answersJSON = answersJSON || status < "300" && r.Value.Content.Get("application/json") != nil && r.Value.Content["*/*"] == nil
	}
	var bad []string
	for status, want := range map[string]bool{
		"400": parameters > 0 || op.RequestBody != nil,
		"401": len(security) > 0,
		"406": answersJSON && c.notAccept,
		"415": takesJSON && !c.lenient || (c.fileTypes || c.lenient && !takesJSON) && op.RequestBody != nil,
		"429": len(security) > 0 || c.crowd,
		"500": true,
	} {
		if got := op.Responses.Value(status) != nil; got != want {
			bad = append(bad, fmt.Sprintf("%s declared: %v, want %v", status, got, want))
		}
	}
	if takesJSON && op.Responses.Value("413") == nil {
		bad = append(bad, "413 is not declared")
	}
	return bad
}

func requestSchemas(op operation) map[string]*openapi3.SchemaRef {
	schemas := map[string]*openapi3.SchemaRef{}
	if op.RequestBody == nil {
		return schemas
	}
	for mediaType, m := range op.RequestBody.Value.Content {
		schemas[mediaType] = m.Schema
	}
	return schemas
}

// TestTagsAreUsed: a described tag without operations is a dead entry in Swagger UI.
func TestTagsAreUsed(t *testing.T) {
	eachDocument(t, func(t *testing.T, _ string, doc *openapi3.T) {
		used := map[string]bool{}
		for _, op := range operations(doc) {
			for _, tag := range op.Tags {
				used[tag] = true
			}
		}
		seen := map[string]bool{}
		for _, tag := range doc.Tags {
			if tag.Description == "" {
				t.Errorf("tag %q has no description", tag.Name)
			}
			if !used[tag.Name] {
				t.Errorf("tag %q is not used", tag.Name)
			}
			if seen[tag.Name] {
				t.Errorf("tag %q is described twice", tag.Name)
			}
			seen[tag.Name] = true
		}
	})
}

// TestSchemas walks every schema of the document: components, parameters,
// headers, bodies.
func TestSchemas(t *testing.T) {
	eachDocument(t, func(t *testing.T, name string, doc *openapi3.T) {
		c := contracts[name]
		requests := map[*openapi3.Schema]bool{}
		for _, op := range operations(doc) {
			for _, s := range requestSchemas(op) {
				walk("", s, func(_ string, s *openapi3.Schema) { requests[s] = true })
			}
		}
		free := map[*openapi3.Schema]bool{}
		for _, name := range c.free {
			for _, s := range append(openapi3.SchemaRefs{doc.Components.Schemas[name]}, doc.Components.Schemas[name].Value.AnyOf...) {
				free[s.Value] = true
				if s.Value.Items != nil {
					free[s.Value.Items.Value] = true
				}
			}
		}
		foreign := map[*openapi3.Schema]bool{}
		for _, name := range c.foreign {
			walk("", doc.Components.Schemas[name], func(_ string, s *openapi3.Schema) { foreign[s] = true })
		}
		eachSchema(doc, func(where string, s *openapi3.Schema) {
			if foreign[s] {
				return
			}
			if !slices.Contains(formats, s.Format) && !slices.Contains(c.formats, s.Format) {
				t.Errorf("%s: format %q is not one that the house defines", where, s.Format)
			}
			if s.Type == nil {
				if !free[s] && len(s.OneOf)+len(s.AnyOf) == 0 {
					t.Errorf("%s: no type", where)
				}
				return
			}
			closed := (requests[s] && !c.lenient || !c.open) && !free[s]
			if s.Type.Is("object") && closed && (s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has) {
				t.Errorf("%s: additionalProperties is not false", where)
			}
			if s.Type.Is("array") && s.Items == nil {
				t.Errorf("%s: no items", where)
			}
			for _, name := range s.Required {
				if s.Properties[name] == nil {
					t.Errorf("%s: required %q is no property", where, name)
				}
			}
			if requests[s] && s.Default != nil && !s.Type.Is("object") {
				t.Errorf("%s: a default in a request body hides whether the client gave the value", where)
			}
		})
	})
}

func eachSchema(doc *openapi3.T, f func(where string, s *openapi3.Schema)) {
	for name, s := range doc.Components.Schemas {
		walk("schema "+name, s, f)
	}
	for name, p := range doc.Components.Parameters {
		walk("parameter "+name, p.Value.Schema, f)
	}
	for name, h := range doc.Components.Headers {
		walk("header "+name, h.Value.Schema, f)
	}
	for _, op := range operations(doc) {
		for _, p := range append(slices.Clone(op.item.Parameters), op.Parameters...) {
			walk(op.name+" "+p.Value.Name, p.Value.Schema, f)
		}
		for _, s := range requestSchemas(op) {
			walk(op.name, s, f)
		}
		for status, r := range op.Responses.Map() {
			for _, m := range r.Value.Content {
				walk(op.name+" "+status, m.Schema, f)
			}
			for name, h := range r.Value.Headers {
				walk(op.name+" "+status+" "+name, h.Value.Schema, f)
			}
		}
	}
}

func walk(where string, ref *openapi3.SchemaRef, f func(where string, s *openapi3.Schema)) {
	const deep = 400 // a schema may hold itself
	if ref == nil || ref.Value == nil || len(where) > deep {
		return
	}
	s := ref.Value
	f(where, s)
	walk(where+"[]", s.Items, f)
	for name, p := range s.Properties {
		walk(where+"."+name, p, f)
	}
	for _, list := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf, s.OneOf} {
		for _, sub := range list {
			walk(where, sub, f)
		}
	}
	walk(where+".*", s.AdditionalProperties.Schema, f)
}

// TestComponentsAreUsed: what nothing points to is out of date before long.
func TestComponentsAreUsed(t *testing.T) {
	eachDocument(t, func(t *testing.T, name string, doc *openapi3.T) {
		text := string(contracts[name].yaml)
		rendered, err := doc.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var parts struct {
			Components map[string]map[string]json.RawMessage
		}
		if err := json.Unmarshal(rendered, &parts); err != nil {
			t.Fatal(err)
		}
		delete(parts.Components, "securitySchemes") // named, not pointed to
		for kind, entries := range parts.Components {
			for entry := range entries {
				if !strings.Contains(text, "'#/components/"+kind+"/"+entry+"'") {
					t.Errorf("%s/%s is not used", kind, entry)
				}
			}
		}
	})
}

// TestCAPOPage holds what the page of CAPO says word for word.
func TestCAPOPage(t *testing.T) {
	doc := load(t, openapi.CAPO)

	documented := []string{
		"GET /bijlageassigned",
		"GET /project/{projectId}/bijlage",
		"GET /project/{projectId}/bijlageassigned",
		"PATCH /project/{projectId}/bijlage/{bijlageId}",
		"PATCH /project/{projectId}/bijlageassigned/{bijlageAssignedId}",
		"POST /project/{projectId}/activiteit",
		"POST /project/{projectId}/bijlageassigned/{bijlageAssignedId}/bijlage",
		"POST /project/{projectId}/hoofdleiding-aanleggen",
		"POST /project/{projectId}/mic",
	}
	var got []string
	for _, op := range operations(doc) {
		if op.Extensions["x-origin"] == "documented" {
			got = append(got, op.name)
		}
	}
	if !slices.Equal(got, documented) {
		t.Errorf("documented operations:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(documented, "\n"))
	}

	// The page prints a link to this operation: …/documentation/#/<tag>/<operationId>.
	step := doc.Paths.Value("/project/{projectId}/bijlageassigned/{bijlageAssignedId}").Patch
	if step.OperationID != "patch_project__projectId__bijlageassigned__bijlageAssignedId_" {
		t.Errorf("operationId of the status step is %s", step.OperationID)
	}
	if !slices.Equal(step.Tags, []string{"project type Hoofdleiding"}) {
		t.Errorf("tags of the status step are %v", step.Tags)
	}

	ids := regexp.MustCompile(`Id$`)
	for _, op := range operations(doc) {
		for _, p := range append(slices.Clone(op.item.Parameters), op.Parameters...) {
			if p.Value.In == "path" && ids.MatchString(p.Value.Name) && p.Value.Schema.Value.Pattern != "^[0-9a-fA-F]{24}$" {
				t.Errorf("%s: %s is not 24 hexadecimal digits", op.name, p.Value.Name)
			}
		}
	}
}

package gever_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	api "loket/gen/gever"
	"loket/openapi"
	rules "loket/store/gever"
)

// documents are those of the contracts.
var documents = map[rules.Contract][]byte{rules.PageContract: openapi.GEVER, rules.LiveContract: api.Live}

func load(t *testing.T, data []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// compare fails unless two sets of names are the same.
func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if got, want := strings.Join(slices.Compact(got), " "), strings.Join(slices.Compact(want), " "); got != want {
		t.Errorf("%s\nin the document: %s\nin the table:    %s", what, got, want)
	}
}

// TestDocumentAndTable: the hand-written document and the table of types say
// the same of every type in either contract: what answers show, what may be
// written, which values there are.
func TestDocumentAndTable(t *testing.T) {
	for contract, data := range documents {
		t.Run(string(contract), func(t *testing.T) { compareDocument(t, contract, load(t, data)) })
	}
}

func compareDocument(t *testing.T, c rules.Contract, doc *openapi3.T) {
	schemas := doc.Components.Schemas
	mapping := schemas["Object"].Value.Discriminator.Mapping
	var names []string
	for _, kind := range rules.Types() {
		names = append(names, kind.Name)
		ref := strings.TrimPrefix(mapping[kind.Name].Ref, "#/components/schemas/")
		t.Run(ref, func(t *testing.T) { compareType(t, c, schemas, ref, kind) })
	}
	compare(t, "types", slices.Collect(maps.Keys(mapping)), names)
	compareType(t, c, schemas, "Site", rules.TypeOf(rules.SiteType))
}

// beside are the keys that depend on the request.
var beside = map[rules.Contract][]string{rules.PageContract: {"@context", "@components"}}

func compareType(t *testing.T, c rules.Contract, schemas openapi3.Schemas, name string, kind *rules.Type) {
	t.Helper()
	read := schemas[name].Value
	shown := append(kind.Keys(c, []string{"de", "fr", "en"}), beside[c]...)
	if kind.Folderish {
		shown = append(shown, "batching")
	}
	compare(t, "read", slices.Collect(maps.Keys(read.Properties)), shown)
	// Which languages are enabled is the installation's; items may be left out,
	// and so is what only some may see.
	always := slices.DeleteFunc(slices.Clone(kind.Keys(c, []string{"de"})), func(k string) bool {
		f := kind.Field(k)
		return k == "items" || strings.HasPrefix(k, "title_") || f != nil && f.Secret(c, nil)
	})
	compare(t, "always there", slices.Clone(read.Required), always)
	if name == "Site" {
		return
	}
	create, patch := []string{"@type", "id"}, []string{"layout"}
	if kind.Folderish {
		patch = append(patch, "ordering")
	}
	if kind.Localized() {
		create, patch = append(create, "title"), append(patch, "title")
	}
	for i := range kind.Fields {
		f := &kind.Fields[i]
		if f.ReadOnly || !f.In(c) {
			continue
		}
		create = append(create, f.Name)
		if !f.OnCreate {
			patch = append(patch, f.Name)
		}
		compareVocabulary(t, schemas[name+"Create"].Value.Properties[f.Name], f)
		if p := read.Properties[f.Name]; p != nil {
			compareVocabulary(t, p, f)
		}
	}
	compare(t, "create", slices.Collect(maps.Keys(schemas[name+"Create"].Value.Properties)), create)
	compare(t, "patch", slices.Collect(maps.Keys(schemas[name+"Patch"].Value.Properties)), patch)
}

// compareVocabulary holds every enum of a field, with its titles, against the
// vocabulary.
func compareVocabulary(t *testing.T, ref *openapi3.SchemaRef, f *rules.Field) {
	t.Helper()
	settings := rules.DefaultSettings()
	for _, s := range append(append(openapi3.SchemaRefs{ref}, ref.Value.AnyOf...), tokenOf(ref)...) {
		var enum, titles, tokens, words []string
		for _, v := range s.Value.Enum {
			if v != nil {
				enum = append(enum, fmt.Sprint(v))
			}
		}
		if len(enum) == 0 {
			continue
		}
		if list, ok := s.Value.Extensions["x-enum-titles"].([]any); ok {
			for _, v := range list {
				if v != "" {
					titles = append(titles, fmt.Sprint(v))
				}
			}
		}
		for _, term := range settings.Terms(f.Vocabulary) {
			tokens, words = append(tokens, term.Token), append(words, term.Title)
		}
		compare(t, f.Name+" values", enum, tokens)
		if titles != nil {
			compare(t, f.Name+" titles", titles, words)
		}
	}
}

// tokenOf is the schema of a choice's token, in the live contract.
func tokenOf(ref *openapi3.SchemaRef) openapi3.SchemaRefs {
	if token := ref.Value.Properties["token"]; token != nil {
		return openapi3.SchemaRefs{token}
	}
	return nil
}

// TestDocumentedOperations: exactly the three of the page's table are marked
// as its own.
func TestDocumentedOperations(t *testing.T) {
	var printed, documented []string
	for _, m := range regexp.MustCompile(`(?m)^(GET|POST|PATCH) \| /\{(?:path|container)\} \|`).FindAllStringSubmatch(page(t), -1) {
		printed = append(printed, m[1]+" /{path}")
	}
	for path, item := range load(t, openapi.GEVER).Paths.Map() {
		for method, op := range item.Operations() {
			if op.Extensions["x-origin"] == "documented" {
				documented = append(documented, method+" "+path)
			}
		}
	}
	if len(printed) != 3 {
		t.Fatalf("the page names %v", printed)
	}
	compare(t, "documented operations", documented, printed)
}

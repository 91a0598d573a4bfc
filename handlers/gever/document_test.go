package gever_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"loket/openapi"
	rules "loket/store/gever"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.GEVER)
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
// the same of every type: what answers show, what may be written, which values
// there are.
func TestDocumentAndTable(t *testing.T) {
	doc := load(t)
	schemas := doc.Components.Schemas
	mapping := schemas["Object"].Value.Discriminator.Mapping
	var names []string
	for _, kind := range rules.Types() {
		names = append(names, kind.Name)
		ref := strings.TrimPrefix(mapping[kind.Name].Ref, "#/components/schemas/")
		t.Run(ref, func(t *testing.T) { compareType(t, schemas, ref, kind) })
	}
	compare(t, "types", slices.Collect(maps.Keys(mapping)), names)
	compareType(t, schemas, "Site", rules.TypeOf(rules.SiteType))
}

func compareType(t *testing.T, schemas openapi3.Schemas, name string, kind *rules.Type) {
	t.Helper()
	read := schemas[name].Value
	shown := append(kind.Keys(rules.PageContract, []string{"de", "fr", "en"}), "@context", "@components")
	if kind.Folderish {
		shown = append(shown, "batching")
	}
	compare(t, "read", slices.Collect(maps.Keys(read.Properties)), shown)
	// Which languages are enabled is the installation's; items may be left out.
	always := slices.DeleteFunc(kind.Keys(rules.PageContract, []string{"de"}), func(k string) bool { return k == "items" || strings.HasPrefix(k, "title_") })
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
		if f.ReadOnly {
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
	for _, s := range append(openapi3.SchemaRefs{ref}, ref.Value.AnyOf...) {
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

// TestDocumentedOperations: exactly the three of the page's table are marked
// as its own.
func TestDocumentedOperations(t *testing.T) {
	var printed, documented []string
	for _, m := range regexp.MustCompile(`(?m)^(GET|POST|PATCH) \| /\{(?:path|container)\} \|`).FindAllStringSubmatch(page(t), -1) {
		printed = append(printed, m[1]+" /{path}")
	}
	for path, item := range load(t).Paths.Map() {
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

package gever_test

import (
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"loket/gen/gever"
	"loket/openapi"
)

// TestDocumentationIsTheDocument: what is served as JSON says exactly what the
// hand-written YAML says.
func TestDocumentationIsTheDocument(t *testing.T) {
	for name, c := range map[string]struct{ yaml, json []byte }{
		"documentation.json": {openapi.GEVER, gever.Documentation}, "documentation-live.json": {gever.Live, gever.LiveDocumentation},
	} {
		if diff := cmp.Diff(content(t, c.yaml), content(t, c.json)); diff != "" {
			t.Errorf("%s differs from its YAML; run scripts/generate (-yaml +json):\n%s", name, diff)
		}
	}
}

// content loads a document in either form and gives its plain content; kin-openapi
// keeps extensions and unknown members.
func content(t *testing.T, data []byte) (v any) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	out, err := doc.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

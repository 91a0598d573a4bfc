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
	if diff := cmp.Diff(content(t, openapi.GEVER), content(t, gever.Documentation)); diff != "" {
		t.Errorf("documentation.json differs from gever.yaml; run scripts/generate (-yaml +json):\n%s", diff)
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

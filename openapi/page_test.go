package openapi_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"loket/openapi"
)

// onPage finds an operation as the pages write it: a method and a path. A word
// may stand right before the method ("viaGET /bijlageassigned").
var onPage = regexp.MustCompile(`(GET|POST|PUT|PATCH|DELETE) '?(/[A-Za-z0-9_{}/-]*[A-Za-z0-9_}])`)

// TestPageAndDocument: an operation is marked documented when the page names
// it, and only then. The pages in testdata are copies of what was published.
func TestPageAndDocument(t *testing.T) {
	for name, document := range map[string][]byte{
		"capo":  openapi.CAPO,
		"plooi": openapi.PLOOI,
		"vemap": openapi.VEMAP,
	} {
		t.Run(name, func(t *testing.T) {
			page, err := os.ReadFile(filepath.Join("testdata", "seeds", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			var named []string
			for _, m := range onPage.FindAllStringSubmatch(string(page), -1) {
				named = append(named, m[1]+" "+m[2])
			}
			documented := documentedOperations(t, document)
			for _, o := range documented {
				if !slices.Contains(named, o) {
					t.Errorf("%s is marked documented, but the page does not name it", o)
				}
			}
			for _, o := range named {
				if !slices.Contains(documented, o) {
					t.Errorf("the page names %s; the document has no such operation marked documented", o)
				}
			}
		})
	}
}

func documentedOperations(t *testing.T, document []byte) (list []string) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Extensions["x-origin"] == "documented" {
				list = append(list, strings.ToUpper(method)+" "+path)
			}
		}
	}
	return list
}

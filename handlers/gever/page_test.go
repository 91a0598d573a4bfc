package gever_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"loket/handlers/apitest"
)

// The page prints its requests and answers on one line each, and shows Python
// samples of them. Both are replayed on the demo data.
var (
	printedRequest  = regexp.MustCompile(`(?m)^(GET|POST|PATCH) (/\S*) HTTP/1\.1 Accept: (\S+)(?: (\{.*\}))?$`)
	printedResponse = regexp.MustCompile(`(?m)^HTTP/1\.1 (\d{3}) (?:OK|Created|No Content)(?: Content-Type: (\S+))?(?: Location: (\S+))? (\{.*\}|null)$`)
	pythonData      = regexp.MustCompile(`(?s)dossier_data = (\{.*?\n\})`)
	pythonCall      = regexp.MustCompile(`url = '(\S+)'\nresponse = session\.(get|post|patch)\(url`)
)

const pageOrigin = "https://example.org"

// here is an address of the page as this server has it, and back.
var (
	here  = strings.NewReplacer(pageOrigin+"/", "http://"+apitest.Host+base+"/")
	there = strings.NewReplacer("http://"+apitest.Host+base+"/", pageOrigin+"/")
)

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../openapi/testdata/seeds/gever.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPage: every request that the page prints gets the answer that it prints.
func TestPage(t *testing.T) {
	text := page(t)
	requests, responses := printedRequest.FindAllStringSubmatch(text, -1), printedResponse.FindAllStringSubmatch(text, -1)
	if len(requests) != 3 || len(responses) != 3 || strings.Count(text, "Beispiel-Request") != 3 {
		t.Fatalf("the page has %d requests and %d responses, want 3 of each", len(requests), len(responses))
	}
	r := open(t)
	for i, q := range requests {
		method, path, accept, body := q[1], q[2], q[3], q[4]
		a := responses[i]
		header := map[string]string{"Authorization": as(john), "Accept": accept}
		request := apitest.Request{Method: method, Path: base + path, Header: header}
		if body != "" {
			request.Body = []byte(body) // the page sends no Content-Type
		}
		status, _ := strconv.Atoi(a[1])
		got := r.Want(t, status, request)
		if a[2] != "" && got.Header.Get("Content-Type") != a[2] {
			t.Errorf("%s: Content-Type %q, want %q", method, got.Header.Get("Content-Type"), a[2])
		}
		if location := there.Replace(got.Header.Get("Location")); location != a[3] {
			t.Errorf("%s: Location %q, want %q", method, location, a[3])
		}
		switch {
		case status == http.StatusNoContent: // HTTP forbids a body; the page's null is notation (gever.md 0.1 rule 1)
			if len(got.Body) != 0 {
				t.Errorf("%s: body %q", method, got.Body)
			}
		case a[4] == "null":
			if string(got.Body) != "null" {
				t.Errorf("%s: body %q, want null", method, got.Body)
			}
		default:
			comparePage(t, a[4], there.Replace(string(got.Body)))
		}
	}
	want(t, r.get(fuehrung+"/dossier-24"), object{
		"title": "Ein umbenanntes Dossier", "reference_number": "FD 1 / 1", "responsible": "john.doe", "sequence_number": 24,
	})
}

// comparePage asks for each value of the page; further keys are allowed beside
// them (gever.md 0.1 rule 4), but not in the summaries.
func comparePage(t *testing.T, printed, got string) {
	t.Helper()
	var p, g map[string]any
	if err := json.Unmarshal([]byte(printed), &p); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatal(err)
	}
	if len(p) < 30 {
		t.Fatalf("the page's object has only %d keys", len(p))
	}
	want(t, g, p)
}

// TestPageSamples runs the page's Python samples by their meaning.
func TestPageSamples(t *testing.T) {
	text := page(t)
	calls, data := pythonCall.FindAllStringSubmatch(text, -1), pythonData.FindAllStringSubmatch(text, -1)
	if len(calls) != 3 || len(data) != 2 {
		t.Fatalf("the page has %d calls and %d bodies, want 3 and 2", len(calls), len(data))
	}
	r, next := open(t), 0
	for _, c := range calls {
		method := strings.ToUpper(c[2])
		request := apitest.Request{Method: method, Path: here.Replace(c[1]), Header: map[string]string{"Authorization": as(john), "Accept": "application/json"}}
		if method != http.MethodGet {
			// A Python literal of texts and numbers is JSON but for the last comma.
			request.Body = regexp.MustCompile(`,\s*\}`).ReplaceAllString(data[next][1], "}")
			next++
		}
		got := r.Do(t, request)
		switch method {
		case http.MethodGet:
			if title := got.Object(t)["title"]; got.Status != http.StatusOK || title != "Führung" {
				t.Errorf("%d, title %v", got.Status, title)
			}
		case http.MethodPost:
			if location := there.Replace(got.Header.Get("Location")); got.Status != http.StatusCreated || location != pageOrigin+"/ordnungssystem/fuehrung/dossier-24" {
				t.Errorf("%d, new_dossier_url %q", got.Status, location)
			}
		default:
			if got.Status != http.StatusNoContent {
				t.Errorf("%d: %s", got.Status, got.Body)
			}
		}
	}
	want(t, r.get(fuehrung+"/dossier-42"), object{"title": "Neuer Titel"})
	want(t, r.get(fuehrung+"/dossier-24"), object{"title": "Ein neues Dossier via API", "responsible": "peter.muster", "retention_period": 10})
}

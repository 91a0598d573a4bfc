package konova_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/store/konova"
	"loket/store/konova/konovadb"
)

// pageRing is the ring of the page's examples.
const pageRing = `[7.593955993652341,50.36244809879689],[7.592582702636717,50.36023051515941],[7.601766586303708,50.35823186336356],[7.603225708007811,50.3628587510637],[7.599148750305174,50.362557606415464],[7.596273422241207,50.362612360130036],[7.593955993652341,50.36244809879689]`

// TestDecisions holds the decision table of apis/konova.md, line by line. What
// is the same for every kind stands in TestEveryKind (11 to 14, 18 to 20, 34),
// TestSharing (39), TestCheck (33, 40), TestAccess (15, 16); the concurrent
// half of 31 and 32 in konovadb.
func TestDecisions(t *testing.T) {
	for _, d := range []struct {
		name string
		test func(*testing.T, *room)
	}{
		{"01 default rpp and p", decide01}, {"02 largest rpp", decide02}, {"03 wrong rpp and p", decide03},
		{"04 order", decide04}, {"05 order of keys", decide05}, {"06 past the end", decide06}, {"07 empty store", decide07},
		{"08 next", decide08}, {"09 origin of next", decide09}, {"10 trailing slash", decide10}, {"11 single GET", decide11},
		{"12 letters of a uuid", decide12}, {"14 references", decide14}, {"17 demo", decide17}, {"19 replacement", decide19},
		{"20 deletion", decide20}, {"21 no geometry", decide21}, {"22 polygon", decide22}, {"23 rings", decide23}, {"24 area", decide24},
		{"25 unknown code", decide25}, {"26 forms of codes", decide26}, {"27 dates", decide27}, {"28 payments", decide28},
		{"29 payments and compensations", decide29}, {"30 modified_on", decide30}, {"31 deductions", decide31},
		{"32 identifiers", decide32}, {"35 methods and media types", decide35}, {"36 language", decide36}, {"37 problem", decide37}, {"38 strict JSON", decide38},
	} {
		t.Run(d.name, func(t *testing.T) { d.test(t, open(t)) })
	}
}

func decide01(t *testing.T, r *room) {
	for range 5 {
		r.post("ema", titled("E"))
	}
	e := parse(t, r.get(v1+"/ema"))
	if e.RPP != 5 || e.P != 1 || len(e.IDs) != 5 || e.Next != nil {
		t.Errorf("%+v", e)
	}
	r.post("ema", titled("E"))
	if e := parse(t, r.get(v1+"/ema")); len(e.IDs) != 5 || e.Next == nil {
		t.Errorf("%+v", e)
	}
}

func decide02(t *testing.T, r *room) {
	r.generate(1005)
	e := parse(t, r.get(iv+"?rpp=5000"))
	if e.RPP != 1000 || len(e.IDs) != 1000 || e.Next == nil || !strings.Contains(*e.Next, "rpp=1000&p=2") {
		t.Fatalf("rpp %d, %d results, next %v", e.RPP, len(e.IDs), e.Next)
	}
	rest := parse(t, r.get(*e.Next))
	if len(rest.IDs) != 8 || rest.Next != nil {
		t.Errorf("following next: %d", len(rest.IDs))
	}
	if e := parse(t, r.get(iv+"?rpp=2147483647&p=2147483647")); e.RPP != 1000 || e.P != 2147483647 || len(e.IDs) != 0 {
		t.Errorf("the largest numbers: %+v", e)
	}
}

func decide03(t *testing.T, r *room) {
	for _, bad := range []string{"0", "-1", "x", "1.5", "", "2147483648", "99999999999999999999", "+1", "0x1", "1e400", "%20", "1&rpp=1"} {
		got := r.ask(http.StatusBadRequest, http.MethodGet, iv+"?p=0&rpp="+bad, demo, nil)
		if at := places(t, got); at != "rpp p" || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("rpp=%s: %s (%s)", bad, at, got.Body)
		}
	}
}

func decide04(t *testing.T, r *room) {
	before := parse(t, r.get(iv)).IDs
	if diff := cmp.Diff([]string{iv3, iv1, iv2}, before); diff != "" {
		t.Errorf("by created_on: %s", diff)
	}
	id := r.post("intervention", titled("N"))
	if diff := cmp.Diff(append(before, id), parse(t, r.get(iv)).IDs); diff != "" {
		t.Errorf("after an insertion: %s", diff)
	}
	// The same moment: by id.
	var same []string
	for range 4 {
		got := r.Want(t, http.StatusCreated, apitest.Request{Method: http.MethodPost, Path: v1 + "/ema", Header: demo, Body: titled("E")})
		same = append(same, got.Object(t)["id"].(string))
	}
	slices.Sort(same)
	if diff := cmp.Diff(same, parse(t, r.get(v1+"/ema")).IDs); diff != "" {
		t.Error(diff)
	}
}

func decide05(t *testing.T, r *room) {
	ids := r.generate(40)
	if diff := cmp.Diff(ids, parse(t, r.get(iv+"?rpp=100")).IDs); diff != "" {
		t.Error(diff)
	}
	if slices.IsSorted(ids) {
		t.Error("the order shows nothing")
	}
}

func decide06(t *testing.T, r *room) {
	body := string(r.get(iv + "?p=100&rpp=7").Body)
	if body != `{"rpp":7,"p":100,"next":null,"results":{}}` {
		t.Error(body)
	}
}

func decide07(t *testing.T, r *room) {
	body := string(r.ask(http.StatusOK, http.MethodGet, iv, gast, nil).Body)
	if body != `{"rpp":5,"p":1,"next":null,"results":{}}` {
		t.Error(body)
	}
}

func decide08(t *testing.T, r *room) {
	got := r.get(iv + "?p=2&unbekannt=1&rpp=1&bbox=7,50,8,51")
	if want := `"next":"http://loket.test/api/konova/api/v1/intervention/?rpp=1&p=3&bbox=7,50,8,51"`; !bytes.Contains(got.Body, []byte(want)) {
		t.Errorf("%s is not in %.200s", want, got.Body)
	}
	got = r.get(iv + "?rpp=2")
	if want := `{"rpp":2,"p":1,"next":"http://loket.test/api/konova/api/v1/intervention/?rpp=2&p=2","results":{`; !bytes.HasPrefix(got.Body, []byte(want)) {
		t.Errorf("%.200s", got.Body)
	}
	// Following next visits everything once.
	r.generate(150)
	seen := map[string]bool{}
	for next := iv + "?rpp=7"; ; {
		e := parse(t, r.get(next))
		for _, id := range e.IDs {
			if seen[id] {
				t.Fatalf("%s comes twice", id)
			}
			seen[id] = true
		}
		if e.Next == nil {
			break
		}
		next = *e.Next
	}
	if len(seen) != 153 {
		t.Errorf("%d seen", len(seen))
	}
}

func decide09(t *testing.T, r *room) {
	forged := map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
	for k, v := range demo {
		forged[k] = v
	}
	e := parse(t, r.ask(http.StatusOK, http.MethodGet, iv+"?rpp=1", forged, nil))
	if !strings.HasPrefix(*e.Next, "http://loket.test/") {
		t.Errorf("next %s", *e.Next)
	}
	public := open(t, apitest.With(func(d *handlers.Deps) { d.Config.PublicURL = "https://konova.example" }))
	if e := parse(t, public.get(iv+"?rpp=1")); *e.Next != "https://konova.example/api/konova/api/v1/intervention/?rpp=1&p=2" {
		t.Errorf("next %s", *e.Next)
	}
}

func decide10(t *testing.T, r *room) {
	got := r.ask(http.StatusCreated, http.MethodPost, v1+"/ema/", demo, titled("E"))
	id := got.Object(t)["id"].(string)
	r.get(v1 + "/ema/")
	r.get(v1 + "/ema/" + id + "/")
	r.get(v1 + "/ema/" + id + "/share/")
	r.get(root + "/ogc/")
	r.ask(http.StatusOK, http.MethodPut, v1+"/ema/"+id+"/", demo, titled("F"))
	r.ask(http.StatusOK, http.MethodHead, v1+"/ema/"+id+"/", demo, nil)
	r.ask(http.StatusOK, http.MethodDelete, v1+"/ema/"+id+"/", demo, nil)
	if e := parse(t, r.get(iv+"/?rpp=1")); *e.Next != "http://loket.test"+iv+"/?rpp=1&p=2" {
		t.Errorf("next %s", *e.Next)
	}
}

func decide11(t *testing.T, r *room) {
	if e := parse(t, r.get(iv+"/"+iv1+"?rpp=7&p=3")); e.RPP != 7 || e.P != 3 || e.Next != nil || len(e.IDs) != 1 {
		t.Errorf("%+v", e)
	}
	got := r.ask(http.StatusBadRequest, http.MethodGet, iv+"/"+iv1+"?rpp=x", demo, nil)
	if places(t, got) != "rpp" {
		t.Error(string(got.Body))
	}
}

func decide12(t *testing.T, r *room) {
	if e := parse(t, r.get(iv+"/"+strings.ToUpper(iv1))); !slices.Equal(e.IDs, []string{iv1}) {
		t.Errorf("%v", e.IDs)
	}
	r.ask(http.StatusBadRequest, http.MethodGet, iv+"/{"+iv1+"}", demo, nil)
}

func decide14(t *testing.T, r *room) {
	// As references, unknown and unshared are 400 with one text.
	id := r.ask(http.StatusCreated, http.MethodPost, iv, gast, titled("von gast")).Object(t)["id"].(string)
	var texts []string
	for _, intervention := range []string{nobody, id} {
		got := r.ask(http.StatusBadRequest, http.MethodPost, v1+"/deduction", demo, deduct(konto, intervention, "1"))
		if at := places(t, got); at != "#/intervention" {
			t.Errorf("at %s", at)
		}
		texts = append(texts, string(got.Body))
	}
	if texts[0] != texts[1] {
		t.Errorf("unknown %s, unshared %s", texts[0], texts[1])
	}
	got := r.ask(http.StatusBadRequest, http.MethodPost, v1+"/compensation", demo, `{"properties":{"title":"K","intervention":"`+id+`"}}`)
	if at := places(t, got); at != "#/properties/intervention" {
		t.Errorf("at %s", at)
	}
}

func decide17(t *testing.T, r *room) {
	p := r.properties("ecoaccount", konto)
	if p["identifier"] != "OEK-12022-TW4ECJ" || p["created_on"] != "2022-01-12T11:37:31.580Z" || p["deductable_surface"] != 10000.0 {
		t.Errorf("%v", p)
	}
	body := string(r.get(v1 + "/ecoaccount/" + konto).Body)
	for _, part := range []string{`"deductable_surface":10000.0`, `"surface":10000.0`, `"id":136156,"long_name":"Biotoptyp 136156","short_name":null`, `"coordinates":[]`} {
		if !strings.Contains(body, part) {
			t.Errorf("%s is not in %s", part, body)
		}
	}
	p = r.properties("compensation", komp)
	if p["identifier"] != "KOM-012022-2OOT0W" || p["created_on"] != "2022-01-24T15:18:00.258Z" || p["intervention"].(map[string]any)["id"] != iv3 {
		t.Errorf("%v", p)
	}
	// The real API's bodies can be posted.
	r.post("intervention", `{"type":"MultiPolygon","coordinates":[[[`+pageRing+`]]],"properties":{"title":"Test_intervention",
		"responsible":{"registration_office":1764986,"registration_file_number":"123","conservation_office":710138,"conservation_file_number":"5664","handler":{"type":"710185","detail":"TEST HANDLER"}},
		"legal":{"registration_date":"2021-12-27","binding_date":null,"process_type":"626841266","laws":["710067"]}}}`)
}

func decide19(t *testing.T, r *room) {
	// What is missing becomes null, empty or false.
	r.ask(http.StatusOK, http.MethodPut, iv+"/"+iv1, demo, titled("nur der Titel"))
	p := r.properties("intervention", iv1)
	want := map[string]any{
		"responsible": map[string]any{
			"registration_office": nil, "registration_file_number": nil, "conservation_office": nil, "conservation_file_number": nil,
			"handler": map[string]any{"type": nil, "detail": nil},
		},
		"legal": map[string]any{"registration_date": nil, "binding_date": nil, "process_type": nil, "laws": []any{}}, "payments": []any{},
	}
	for name, v := range want {
		if diff := cmp.Diff(v, p[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if p["identifier"] != "EIV-012022-B9E08J" || p["created_on"] != "2022-01-24T15:18:00.258Z" {
		t.Errorf("what the register gives has changed: %v", p)
	}
	for kind, body := range map[string]string{
		"intervention": `{"properties":{}}`, "compensation": `{"properties":{"title":"K"}}`, "deduction": `{"surface":1}`, "ema": `{}`,
	} {
		r.ask(http.StatusBadRequest, http.MethodPost, v1+"/"+kind, demo, body)
	}
	got := r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, `{"properties":{"title":"T","Title":"x","legal":{"law":[1]}},"name":1}`)
	if at := strings.Fields(places(t, got)); len(at) != 3 || !slices.Contains(at, "#/properties/legal/law") {
		t.Errorf("unknown names at %v", at)
	}
}

func decide20(t *testing.T, r *room) {
	r.ask(http.StatusConflict, http.MethodDelete, v1+"/ecoaccount/"+konto, demo, nil)
	r.ask(http.StatusOK, http.MethodDelete, v1+"/compensation/"+komp, demo, nil)
	if n := len(r.properties("intervention", iv3)["compensations"].([]any)); n != 5 {
		t.Errorf("%d compensations are shown", n)
	}
	r.ask(http.StatusOK, http.MethodDelete, iv+"/"+iv3, demo, nil)
	if e := parse(t, r.get(v1+"/compensation?rpp=10")); len(e.IDs) != 0 {
		t.Errorf("compensations stay: %v", e.IDs)
	}
	r.ask(http.StatusNotFound, http.MethodGet, v1+"/deduction/"+abzug, demo, nil)
	r.ask(http.StatusOK, http.MethodDelete, v1+"/ecoaccount/"+konto, demo, nil)
}

func decide21(t *testing.T, r *room) {
	for _, head := range []string{``, `"coordinates":[],`, `"coordinates":null,`, `"type":null,"coordinates":null,`, `"type":"MultiPolygon",`, `"type":"MultiPolygon","coordinates":[],`} {
		id := r.post("ema", `{`+head+`"properties":{"title":"E"}}`)
		if body := string(r.get(v1 + "/ema/" + id).Body); !strings.Contains(body, `{"type":"MultiPolygon","coordinates":[],"properties":`) {
			t.Errorf("%s gives %s", head, body)
		}
	}
}

func decide22(t *testing.T, r *room) {
	got := r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, `{"type":"Polygon","coordinates":[[`+pageRing+`]],"properties":{"title":"T"}}`)
	if at := places(t, got); !strings.Contains(at, "#/type") || !strings.Contains(string(got.Body), "MultiPolygon") {
		t.Errorf("%s", got.Body)
	}
}

func geometry(coordinates string) string {
	return `{"type":"MultiPolygon","coordinates":` + coordinates + `,"properties":{"title":"G"}}`
}

func decide23(t *testing.T, r *room) {
	for name, c := range map[string]struct{ coordinates, at string }{
		"open":              {`[[[[7,50],[7.001,50],[7.001,50.001],[7,50.001]]]]`, "#/coordinates/0/0"},
		"three positions":   {`[[[[7,50],[7.001,50],[7,50]]]]`, "#/coordinates/0/0"},
		"longitude":         {`[[[[181,50],[7.001,50],[7.001,50.001],[181,50]]]]`, "#/coordinates/0/0/0"},
		"latitude":          {`[[[[7,91],[7.001,50],[7.001,50.001],[7,91]]]]`, "#/coordinates/0/0/0"},
		"three numbers":     {`[[[[7,50,1],[7.001,50],[7.001,50.001],[7,50]]]]`, "#/coordinates/0/0/0"},
		"not finite":        {`[[[[1e999,50],[7.001,50],[7.001,50.001],[1e999,50]]]]`, "#/coordinates/0/0/0"},
		"self-intersection": {`[[[[7,50],[7.001,50.001],[7.001,50],[7,50.001],[7,50]]]]`, "#/coordinates/0/0"},
	} {
		got := r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, geometry(c.coordinates))
		if at := places(t, got); !strings.HasPrefix(at, c.at) {
			t.Errorf("%s: at %s: %s", name, at, got.Body)
		}
	}
	// Both windings come back as they came, with every digit and sign.
	for _, coordinates := range []string{
		`[[[[7.00,50],[7.0010000000000000001,50.0],[7.001,50.001],[7.0e0,50]]]]`, `[[[[7,50],[7.001,50.001],[7.001,50],[7,50]]]]`,
	} {
		id := r.post("intervention", geometry(coordinates))
		if body := string(r.get(iv + "/" + id).Body); !strings.Contains(body, `"coordinates":`+coordinates+`,`) {
			t.Errorf("%s became %s", coordinates, body)
		}
	}
}

func decide24(t *testing.T, r *room) {
	got := r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, geometry(`[[[[7,50],[7.00001,50],[7.00001,50.000001],[7,50]]]]`))
	if got.Code() != "geometrie" || !strings.Contains(string(got.Body), "1 m²") {
		t.Error(string(got.Body))
	}
}

func decide25(t *testing.T, r *room) {
	got := r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, `{"properties":{"title":"T","legal":{"laws":[684,123],"process_type":1}}}`)
	if at := places(t, got); at != "#/properties/legal/process_type #/properties/legal/laws/1" || !strings.Contains(string(got.Body), "law (Rechtsgrundlage)") {
		t.Error(string(got.Body))
	}
}

func decide26(t *testing.T, r *room) {
	id := r.post("intervention", `{"properties":{"title":"T","legal":{"laws":[684,"684",{"id":684,"long_name":"x","short_name":null}]}}}`)
	laws := r.properties("intervention", id)["legal"].(map[string]any)["laws"].([]any)
	if len(laws) != 3 || laws[1].(map[string]any)["id"] != 684.0 || laws[2].(map[string]any)["long_name"] != "Bauordnung von Rheinland-Pfalz" {
		t.Errorf("%v", laws)
	}
	for _, bad := range []string{`"68 4"`, `-684`, `684.5`, `true`, `[684]`, `{"long_name":"x"}`} {
		r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, `{"properties":{"title":"T","legal":{"process_type":`+bad+`}}}`)
	}
}

func decide27(t *testing.T, r *room) {
	for _, bad := range []string{"2022-1-1", "2022-02-30", "01.01.2022", "2022-01-01T00:00:00Z", ""} {
		r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, `{"properties":{"title":"T","legal":{"binding_date":"`+bad+`"}}}`)
	}
	id := r.post("intervention", `{"properties":{"title":"T","legal":{"registration_date":"2022-02-01","binding_date":"2022-01-01"}}}`)
	details := r.get(iv + "/" + id + "/check").Object(t)["details"].(map[string]any)
	if errs := fmt.Sprint(details["intervention"]); !strings.Contains(errs, "liegt vor dem Datum der Zulassung") {
		t.Errorf("%v", errs)
	}
}

func decide28(t *testing.T, r *room) {
	id := r.post("intervention", `{"properties":{"title":"T","payments":[{"amount":1},{"amount":1.50,"due_on":null,"comment":null},{"amount":1e2},{"amount":0.1,"comment":"x"}]}}`)
	body := string(r.get(iv + "/" + id).Body)
	want := `"payments":[{"amount":1.0,"due_on":null,"comment":""},{"amount":1.5,"due_on":null,"comment":""},{"amount":100.0,"due_on":null,"comment":""},{"amount":0.1,"due_on":null,"comment":"x"}]`
	if !strings.Contains(body, want) {
		t.Error(body)
	}
	for _, bad := range []string{"-1", "1e400", `"1"`, "null"} {
		r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, `{"properties":{"title":"T","payments":[{"amount":`+bad+`}]}}`)
	}
}

func decide29(t *testing.T, r *room) {
	r.post("compensation", `{"properties":{"title":"K","intervention":"`+iv1+`"}}`)
	p := r.properties("intervention", iv1)
	if len(p["payments"].([]any)) != 1 || len(p["compensations"].([]any)) != 1 {
		t.Errorf("%v", p)
	}
}

func decide30(t *testing.T, r *room) {
	modified := func() any { return r.properties("intervention", iv2)["modified_on"] }
	before := modified()
	r.ask(http.StatusOK, http.MethodPut, iv+"/"+iv2+"/share", demo, `{"users":["demo","gast"]}`)
	r.get(iv + "/" + iv2 + "/check")
	r.post("deduction", deduct(konto, iv2, "1"))
	r.post("compensation", `{"properties":{"title":"K","intervention":"`+iv2+`"}}`)
	if modified() != before {
		t.Errorf("%v became %v", before, modified())
	}
	r.ask(http.StatusOK, http.MethodPut, iv+"/"+iv2, demo, titled("T"))
	if modified() == before {
		t.Error("a PUT of the entry itself must count")
	}
	id := r.post("ema", titled("E"))
	if p := r.properties("ema", id); p["created_on"] != p["modified_on"] {
		t.Errorf("%v", p)
	}
}

func decide31(t *testing.T, r *room) {
	put := func(status int, kind, id, body, code string) {
		t.Helper()
		if got := r.ask(status, http.MethodPut, v1+"/"+kind+"/"+id, demo, body); got.Code() != code {
			t.Errorf("code %q, want %q", got.Code(), code)
		}
	}
	account := func(deductable, after string) string {
		return `{"properties":{"title":"K","deductable_surface":` + deductable + `,"after_states":[{"surface":` + after + `}]}}`
	}
	for _, bad := range []string{"0", "-1", "null", `"1"`} {
		r.ask(http.StatusBadRequest, http.MethodPost, v1+"/deduction", demo, deduct(konto, iv1, bad))
	}
	got := r.ask(http.StatusConflict, http.MethodPost, v1+"/deduction", demo, deduct(konto, iv1, "9000.01"))
	if got.Code() != "konto_ueberzogen" {
		t.Error(string(got.Body))
	}
	r.post("deduction", deduct(konto, iv1, "9000"))
	put(http.StatusConflict, "deduction", abzug, deduct(konto, iv3, "1000.5"), "konto_ueberzogen")
	put(http.StatusOK, "deduction", abzug, deduct(konto, iv1, "1000"), "")
	if n := len(r.properties("intervention", iv3)["deductions"].([]any)); n != 0 {
		t.Errorf("moved, and %d are still shown", n)
	}
	put(http.StatusConflict, "ecoaccount", konto, account("9999", "10000"), "konto_ueberzogen")
	put(http.StatusConflict, "ecoaccount", konto, titled("ohne Fläche"), "konto_ueberzogen")
	put(http.StatusOK, "ecoaccount", konto, account("10000", "10000"), "")
	beyond := r.ask(http.StatusBadRequest, http.MethodPost, v1+"/ecoaccount", demo, account("10", "9.99"))
	if at := places(t, beyond); at != "#/properties/deductable_surface" {
		t.Error(string(beyond.Body))
	}
	r.post("ecoaccount", account("null", "9"))

	// Through HTTP too, 32 at once never overdraw.
	id := r.post("ecoaccount", account("100", "100"))
	var made atomic.Int64
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			r.Clock.Advance(1e9)
			for {
				switch got := r.Do(t, apitest.Request{Method: http.MethodPost, Path: v1 + "/deduction", Header: demo, Body: deduct(id, iv2, "7.5")}); got.Status {
				case http.StatusCreated:
					made.Add(1)
				case http.StatusTooManyRequests:
					r.Clock.Advance(1e9)
					continue
				case http.StatusConflict:
				default:
					t.Errorf("%d: %s", got.Status, got.Body)
				}
				return
			}
		})
	}
	group.Wait()
	if made.Load() != 13 {
		t.Errorf("%d deductions of 7.5 m² were taken from 100 m²", made.Load())
	}
}

func decide32(t *testing.T, r *room) {
	seen := map[string]bool{}
	for range 30 {
		identifier := r.properties("ema", r.post("ema", titled("E")))["identifier"].(string)
		if !konova.ValidIdentifier(konova.EMA, identifier) || !strings.HasPrefix(identifier, "EMA-032026-") || seen[identifier] {
			t.Errorf("identifier %s", identifier)
		}
		seen[identifier] = true
	}
}

func decide35(t *testing.T, r *room) {
	got := r.ask(http.StatusMethodNotAllowed, http.MethodPatch, iv+"/"+iv1, demo, titled("T"))
	if allow := got.Header.Get("Allow"); !strings.Contains(allow, "PUT") || !strings.Contains(allow, "HEAD") {
		t.Errorf("Allow %q", allow)
	}
	as := func(contentType string) map[string]string {
		return map[string]string{"Kspuser": "demo", "Ksptoken": "demo-ksp-token", "Content-Type": contentType}
	}
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8", "application/geo+json", ""} {
		r.ask(http.StatusCreated, http.MethodPost, iv, as(contentType), titled("T"))
	}
	for _, contentType := range []string{"text/plain", "application/xml", "application/json; charset=latin1"} {
		r.ask(http.StatusUnsupportedMediaType, http.MethodPost, iv, as(contentType), titled("T"))
	}
	r.ask(http.StatusRequestEntityTooLarge, http.MethodPost, iv, demo, `{"properties":{"title":"`+strings.Repeat("x", 5<<20)+`"}}`)
	accept := func(accept string) map[string]string {
		return map[string]string{"Kspuser": "demo", "Ksptoken": "demo-ksp-token", "Accept": accept}
	}
	r.ask(http.StatusNotAcceptable, http.MethodGet, iv, accept("text/html"), nil)
	for header, want := range map[string]string{
		"": "application/json", "*/*": "application/json", "application/*": "application/json", "application/geo+json": "application/geo+json",
		"application/geo+json;q=0.5, application/json": "application/json", "application/json;q=0.5, application/geo+json": "application/geo+json",
		"text/html, application/geo+json-seq": "application/geo+json-seq", "text/html,*/*;q=0.8": "application/json",
		"application/geo+json, application/json": "application/json",
	} {
		if got := r.ask(http.StatusOK, http.MethodGet, iv, accept(header), nil); got.Header.Get("Content-Type") != want || got.Header.Get("Vary") == "" {
			t.Errorf("Accept %q gives %s, Vary %q", header, got.Header.Get("Content-Type"), got.Header.Values("Vary"))
		}
	}
}

func decide36(t *testing.T, r *room) {
	got := r.ask(http.StatusNotFound, http.MethodGet, iv+"/"+nobody, demo, nil)
	if !strings.Contains(string(got.Body), "Diesen Eintrag gibt es nicht") || got.Code() != "nicht_gefunden" {
		t.Error(string(got.Body))
	}
}

func decide37(t *testing.T, r *room) {
	got := r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, `{"properties":{"title":""}}`)
	p := got.Object(t)
	if got.Header.Get("Content-Type") != "application/problem+json" || p["status"] != 400.0 || p["title"] == "" || p["detail"] == "" || len(p["errors"].([]any)) == 0 {
		t.Errorf("%v", p)
	}
}

func decide38(t *testing.T, r *room) {
	for _, bad := range []string{
		`{"properties":{"title":"a","title":"b"}}`, `{"properties":{"title":"a"}} x`, "\ufeff" + titled("a"), `{"properties":{"title":NaN}}`,
		`{"properties":{"title":"a"}`, ``, `[]`, `null`, `"x"`,
	} {
		r.ask(http.StatusBadRequest, http.MethodPost, iv, demo, bad)
	}
}

// generate imports n entries for demo and gives the ids of all interventions
// in order.
func (r *room) generate(n int) []string {
	r.t.Helper()
	var file bytes.Buffer
	if err := konovadb.Generate(&file, n, 7); err != nil {
		r.t.Fatal(err)
	}
	report, err := r.db.Import(r.t.Context(), bytes.NewReader(file.Bytes()), konovadb.ImportOptions{Kind: konova.Intervention, Users: []string{"demo"}})
	if err != nil || report.Failed > 0 {
		r.t.Fatalf("%+v, %v", report, err)
	}
	user, err := r.db.UserByName(r.t.Context(), "demo")
	if err != nil {
		r.t.Fatal(err)
	}
	var ids []string
	if err := r.db.List(r.t.Context(), user, konova.Intervention, konovadb.Query{Limit: 1 << 30}, func(row *konovadb.Row) error {
		ids = append(ids, row.ID)
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
	return ids
}

// TestLargePages: a page of more than fits into memory comfortably is the same
// bytes, streamed.
func TestLargePages(t *testing.T) {
	r := open(t)
	var ring strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&ring, "[%s,50.000000000000001],", strconv.FormatFloat(7+float64(i)*1e-6, 'f', 15, 64))
	}
	body := geometry(`[[[` + ring.String() + `[7.009,50.1],[7.000000000000000,50.000000000000001]]]]`)
	for range 12 {
		r.post("ema", body)
	}
	e := parse(t, r.get(v1+"/ema?rpp=11"))
	if len(e.IDs) != 11 || e.Next == nil {
		t.Errorf("%d results, next %v", len(e.IDs), e.Next)
	}
	if e := parse(t, r.get(*e.Next)); len(e.IDs) != 1 || e.Next != nil {
		t.Errorf("%d results, next %v", len(e.IDs), e.Next)
	}
	var c struct {
		NumberReturned, NumberMatched int
		Features                      []json.RawMessage
	}
	got := r.get(v1 + "/ema?rpp=12&f=geojson")
	got.JSON(t, &c)
	if len(got.Body) < 4<<20 || c.NumberReturned != 12 || c.NumberMatched != 12 || len(c.Features) != 12 {
		t.Errorf("%d bytes, %d, %d, %d", len(got.Body), c.NumberReturned, c.NumberMatched, len(c.Features))
	}
}

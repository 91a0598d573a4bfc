package konova_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/store/fault"
	"loket/store/konova"
)

func TestIdentifier(t *testing.T) {
	got, err := konova.NewIdentifier(konova.Intervention, time.Date(2022, 1, 31, 23, 30, 0, 0, time.FixedZone("", -7200)), bytes.NewReader([]byte{0, 255, 252, 25, 26, 35, 36, 251}))
	if err != nil || got != "EIV-022022-AZ09A9" {
		t.Errorf("NewIdentifier = %q, %v", got, err)
	}
	if _, err := konova.NewIdentifier(konova.EMA, time.Now(), bytes.NewReader(nil)); err == nil {
		t.Error("an identifier without randomness")
	}
	// All that is known from the pages.
	for _, known := range []string{
		"EIV-012022-B9E08J", "EIV-012022-GPFPQF", "EIV-12022-B6XGM9", "EIV-012022-30X31E", "KOM-012022-13A8HK", "KOM-012022-2OOT0W",
		"KOM-012022-EG28XU", "KOM-012022-NN28UL", "KOM-012022-UL356G", "KOM-12022-W3VTY1", "OEK-12022-TW4ECJ",
	} {
		kind := map[string]konova.Kind{"EIV": konova.Intervention, "KOM": konova.Compensation, "OEK": konova.EcoAccount}[known[:3]]
		if !konova.ValidIdentifier(kind, known) || konova.ValidIdentifier(konova.EMA, known) {
			t.Errorf("ValidIdentifier(%s)", known)
		}
	}
	for _, kind := range konova.GeometryKinds {
		if id, _ := konova.NewIdentifier(kind, time.Now(), rand.Reader); !konova.ValidIdentifier(kind, id) {
			t.Errorf("%s: %q is not valid", kind, id)
		}
	}
}

func TestParseID(t *testing.T) {
	for in, want := range map[string]string{
		"97d7cce8-83e9-4043-bc76-317caf983a41": "97d7cce8-83e9-4043-bc76-317caf983a41",
		"97D7CCE8-83E9-4043-BC76-317CAF983A41": "97d7cce8-83e9-4043-bc76-317caf983a41",
		"97d7cce883e94043bc76317caf983a41":     "", "{97d7cce8-83e9-4043-bc76-317caf983a41}": "", "": "", "x": "",
		"urn:uuid:97d7cce8-83e9-4043-bc76-317caf983a41": "", "97d7cce8-83e9-4043-bc76-317caf983a4g": "",
	} {
		if got, ok := konova.ParseID(in); got != want || ok != (want != "") {
			t.Errorf("ParseID(%q) = %q, %v", in, got, ok)
		}
	}
}

func user(groups ...konova.Group) konova.User { return konova.User{ID: 1, Name: "a", Groups: groups} }

func TestAccess(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want fault.Reason
	}{
		{"use, Standard", user(konova.Standard).MayUse(), ""},
		{"use, office without Standard", user(konova.RegistrationOffice).MayUse(), konova.NoGroup},
		{"use, nothing", user().MayUse(), konova.NoGroup},
		{"check, registration", user(konova.RegistrationOffice).MayCheck(), ""},
		{"check, conservation", user(konova.Standard, konova.ConservationOffice).MayCheck(), konova.NoGroup},
		{"share, add", user(konova.Standard).MayShare([]string{"a"}, []string{"a", "b"}), ""},
		{"share, same", user(konova.Standard).MayShare([]string{"a", "b"}, []string{"b", "a"}), ""},
		{"share, remove", user(konova.Standard).MayShare([]string{"a", "b"}, []string{"a", "c"}), konova.RemovalNotAllowed},
		{"share, remove, registration", user(konova.Standard, konova.RegistrationOffice).MayShare([]string{"a", "b"}, nil), ""},
		{"share, remove, conservation", user(konova.Standard, konova.ConservationOffice).MayShare([]string{"a", "b"}, []string{"a"}), ""},
	} {
		if got := fault.ReasonOf(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPage(t *testing.T) {
	n := func(v int32) *int32 { return &v }
	for _, c := range []struct {
		rpp, p *int32
		want   konova.Page
		next   string
	}{
		{nil, nil, konova.Page{RPP: 5, P: 1}, "http://example.org/api/v1/xyz/?rpp=5&p=2"},
		{n(50), n(3), konova.Page{RPP: 50, P: 3}, "http://example.org/api/v1/xyz/?rpp=50&p=4"},
		{n(5000), nil, konova.Page{RPP: 1000, P: 1}, "http://example.org/api/v1/xyz/?rpp=1000&p=2"},
		{n(1), n(2147483647), konova.Page{RPP: 1, P: 2147483647}, "http://example.org/api/v1/xyz/?rpp=1&p=2147483648"},
	} {
		got := konova.NewPage(c.rpp, c.p, 5, 1000)
		if got != c.want || got.Next("http://example.org/api/v1/xyz") != c.next {
			t.Errorf("%+v: %s", got, got.Next("http://example.org/api/v1/xyz"))
		}
	}
	page := konova.Page{RPP: 2147483647, P: 2147483647}
	if page.Offset() < 0 {
		t.Error("the offset ran over")
	}
	head := konova.Page{RPP: 5, P: 1}.AppendHead(nil, "http://h/?rpp=5&p=2")
	if want := `{"rpp":5,"p":1,"next":"http://h/?rpp=5&p=2","results":`; string(head) != want {
		t.Errorf("head = %s", head)
	}
	if s := (konova.Page{RPP: 5, P: 2}).Next("/x", "bbox=1,2,3,4"); s != "/x/?rpp=5&p=3&bbox=1,2,3,4" {
		t.Error(s)
	}
}

func TestAppendString(t *testing.T) {
	for _, s := range []string{"", "a&b<c>", `"\/`, "\x00\x1f\n\r\t", "äöü€😀", "\u2028", "a\xffb", "\xff"} {
		got := konova.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(got, &back); err != nil {
			t.Errorf("%q: %s: %v", s, got, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); back != want {
			t.Errorf("%q came back as %q", s, back)
		}
	}
	if got := string(konova.AppendString(nil, "a&b")); got != `"a&b"` {
		t.Error(got)
	}
}

func ptr[T any](v T) *T { return &v }

// full is an intervention with nothing missing.
func full(t *testing.T) konova.Entry {
	t.Helper()
	e, err := konova.Parse(konova.Intervention, []byte(`{"type":"MultiPolygon","coordinates":[[[`+pageRing+`]]],"properties":{"title":"T",
		"responsible":{"registration_office":1,"registration_file_number":"1","conservation_office":"2","conservation_file_number":"2","handler":{"type":{"id":3,"long_name":"x","short_name":null},"detail":"d"}},
		"legal":{"registration_date":"2022-01-01","binding_date":"2022-01-02","process_type":4,"laws":[5,"6"]},
		"payments":[{"amount":1,"due_on":null,"comment":null}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestCheck(t *testing.T) {
	e := full(t)
	if got := e.CheckIntervention(0, 0); len(got) != 0 {
		t.Errorf("nothing is missing: %v", got)
	}
	e.Legal.BindingDate = ptr("2021-12-31")
	if got := e.CheckIntervention(0, 0); len(got) != 1 || !strings.Contains(got[0], "vor dem") {
		t.Errorf("binding before registration: %v", got)
	}
	e.Legal.BindingDate, e.Payments = ptr("2022-01-02"), nil
	for _, n := range [][2]int{{0, 0}, {1, 0}, {0, 1}} {
		if got := e.CheckIntervention(n[0], n[1]); (len(got) == 1) != (n[0]+n[1] == 0) {
			t.Errorf("%v: %v", n, got)
		}
	}
	if got := (&konova.Entry{Kind: konova.Intervention}).CheckIntervention(0, 0); len(got) != 12 {
		t.Errorf("an empty entry has %d errors: %v", len(got), got)
	}
	if got := (&konova.Entry{Kind: konova.Compensation}).CheckCompensation(); len(got) != 3 {
		t.Errorf("an empty compensation: %v", got)
	}
}

func TestCodes(t *testing.T) {
	e := full(t)
	var uses []string
	for _, u := range e.Codes() {
		uses = append(uses, string(u.List)+" "+u.Pointer)
	}
	want := []string{
		"registration_office /properties/responsible/registration_office", "conservation_office /properties/responsible/conservation_office",
		"handler_type /properties/responsible/handler/type", "process_type /properties/legal/process_type",
		"law /properties/legal/laws/0", "law /properties/legal/laws/1",
	}
	if diff := cmp.Diff(want, uses); diff != "" {
		t.Error(diff)
	}
	faults := e.CheckCodes(func(k konova.CodeKey) (konova.Code, bool) {
		c := konova.Code{CodeKey: k, Selectable: k.ID != 2, Archived: k.ID == 4}
		return c, k.ID != 6
	})
	var at []string
	for _, f := range faults {
		at = append(at, f.Pointer)
	}
	want = []string{"/properties/responsible/conservation_office", "/properties/legal/process_type", "/properties/legal/laws/1"}
	if diff := cmp.Diff(want, at); diff != "" {
		t.Error(diff)
	}
	if d := faults[2].Detail; d != "Der Code 6 gibt es nicht in der Liste law (Rechtsgrundlage)." && !strings.Contains(d, "law") {
		t.Error(d)
	}
}

// fields gives "pointer rule" of each fault.
func fields(err error) []string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return nil
	}
	var out []string
	for _, one := range f.Fields {
		out = append(out, one.Pointer+" "+one.Rule)
	}
	return out
}

func TestParseFaults(t *testing.T) {
	const id = "97d7cce8-83e9-4043-bc76-317caf983a41"
	for _, c := range []struct {
		name string
		kind konova.Kind
		body string
		want []string
	}{
		{"only a title", konova.Intervention, `{"properties":{"title":"T"}}`, nil},
		{"nulls", konova.Intervention, `{"type":null,"coordinates":null,"properties":{"title":"T","responsible":null,"legal":null,"payments":null}}`, nil},
		{"no object", konova.Intervention, `[]`, []string{" type"}},
		{"no properties", konova.Intervention, `{}`, []string{"/properties required"}},
		{"no title", konova.EMA, `{"properties":{}}`, []string{"/properties/title required"}},
		{"blank title", konova.EMA, `{"properties":{"title":"  "}}`, []string{"/properties/title minLength"}},
		{"all at once", konova.Intervention, `{"typ":1,"properties":{"title":1,"Titel":"x","legal":{"registration_date":"2022-02-30","laws":{}},"responsible":{"handler":"Stadt"},"payments":[{"amount":-1},{}]}}`,
			[]string{"/properties/title type", "/properties/responsible/handler type", "/properties/legal/registration_date format", "/properties/legal/laws type", "/properties/payments/0/amount number", "/properties/payments/1/amount required", "/properties/Titel unknown", "/typ unknown"}},
		{"codes", konova.Intervention, `{"properties":{"title":"T","legal":{"laws":[1,"2",{"id":3},{"id":"4","long_name":"x"},-1,"x",1.5,null,{"x":1},true]}}}`,
			[]string{"/properties/legal/laws/4 code", "/properties/legal/laws/5 code", "/properties/legal/laws/6 code", "/properties/legal/laws/7 code", "/properties/legal/laws/8 code", "/properties/legal/laws/9 code"}},
		{"a polygon", konova.Intervention, `{"type":"Polygon","coordinates":[],"properties":{"title":"T"}}`, []string{"/type enum"}},
		{"coordinates without type", konova.Intervention, `{"coordinates":[[[` + pageRing + `]]],"properties":{"title":"T"}}`, []string{"/type required"}},
		{"read-only members", konova.Intervention, `{"properties":{"title":"T","id":"x","identifier":1,"created_on":null,"modified_on":"x","compensations":[1],"deductions":{}}}`, nil},
		{"compensation", konova.Compensation, `{"properties":{"title":"T","intervention":"` + id + `","is_cef":null}}`, nil},
		{"compensation of a summary", konova.Compensation, `{"properties":{"title":"T","intervention":{"id":"` + id + `","identifier":"x","title":"y"}}}`, nil},
		{"compensation of nothing", konova.Compensation, `{"properties":{"title":"T","is_cef":1}}`, []string{"/properties/is_cef type", "/properties/intervention required"}},
		{"an intervention's member", konova.Compensation, `{"properties":{"title":"T","intervention":"` + id + `","payments":[]}}`, []string{"/properties/payments unknown"}},
		{"account in its states", konova.EcoAccount, `{"properties":{"title":"T","deductable_surface":0.3,"after_states":[{"surface":0.1},{"surface":0.2},{}]}}`, nil},
		{"account beyond its states", konova.EcoAccount, `{"properties":{"title":"T","deductable_surface":10,"after_states":[{"surface":9.999}]}}`, []string{"/properties/deductable_surface maximum"}},
		{"deduction", konova.Deduction, `{"intervention":"` + id + `","eco_account":"` + strings.ToUpper(id) + `","surface":1,"id":"x"}`, nil},
		{"deduction without all", konova.Deduction, `{}`, []string{"/intervention required", "/eco_account required", "/surface required"}},
		{"deduction of nothing", konova.Deduction, `{"intervention":"x","eco_account":{"id":"` + id + `"},"surface":0}`, []string{"/intervention format", "/surface exclusiveMinimum"}},
		{"actions and deadlines", konova.EMA, `{"properties":{"title":"T","actions":[{"action_types":[1],"amount":"x","units":"qm"}],"deadlines":[{"date":"x"}]}}`,
			[]string{"/properties/actions/0/amount number", "/properties/actions/0/units unknown", "/properties/deadlines/0/date format"}},
		{"a title of NUL", konova.EMA, `{"properties":{"title":"a\u0000"}}`, []string{"/properties/title pattern"}},
	} {
		_, err := konova.Parse(c.kind, []byte(c.body))
		if diff := cmp.Diff(c.want, fields(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	_, err := konova.Parse(konova.Intervention, []byte(`{"type":"MultiPolygon","coordinates":[[]],"properties":{"title":"T"}}`))
	if fault.ReasonOf(err) != konova.BadGeometry {
		t.Errorf("only the geometry: %v", err)
	}
}

func TestParseImported(t *testing.T) {
	body := `{"type":"Feature","id":"x","geometry":{"type":"Polygon","coordinates":[[` + pageRing + `]]},"properties":{"title":"T",
		"id":"BD7673CB-aac1-42ba-9521-4e8143a82bb3","identifier":"EIV-12022-B9E08J","created_on":"2022-01-24T15:18:00.258Z","modified_on":"2022-01-27T15:18:43.221+01:00","law_names":"flat"}}`
	if _, _, err := konova.ParseImported(konova.Intervention, []byte(body), false); len(fields(err)) != 1 {
		t.Errorf("a Polygon without leave: %v", err)
	}
	e, o, err := konova.ParseImported(konova.Intervention, []byte(body), true)
	if err != nil {
		t.Fatal(err)
	}
	if string(e.Geometry.Text()) != "[[["+pageRing+"]]]" {
		t.Errorf("promoted to %s", e.Geometry.Text())
	}
	want := konova.Origin{
		ID: "bd7673cb-aac1-42ba-9521-4e8143a82bb3", Identifier: "EIV-12022-B9E08J",
		CreatedOn: time.Date(2022, 1, 24, 15, 18, 0, 258e6, time.UTC), ModifiedOn: time.Date(2022, 1, 27, 14, 18, 43, 221e6, time.UTC),
	}
	if diff := cmp.Diff(want.ModifiedOn.UTC(), o.ModifiedOn.UTC()); diff != "" || o.ID != want.ID || o.Identifier != want.Identifier || !o.CreatedOn.Equal(want.CreatedOn) {
		t.Errorf("origin %+v", o)
	}
	for name, body := range map[string]string{
		"twice":         `{"properties":{"title":"a","legal":{},"title":"b"}}`,
		"twice, nested": `{"properties":{"title":"a","payments":[{"amount":1,"amount":2}]}}`,
	} {
		if _, _, err := konova.ParseImported(konova.Intervention, []byte(body), false); len(fields(err)) != 1 || !strings.HasSuffix(fields(err)[0], "duplicate") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := konova.ParseImported(konova.Intervention, []byte(`{"properties":{"title":"a","payments":[{"amount":1,"comment":"amount"},{"amount":1}],"legal":{"laws":["a"]}}}`), false); len(fields(err)) != 1 {
		t.Errorf("nothing stands twice: %v", err)
	}
}

func TestRender(t *testing.T) {
	e := full(t)
	at := time.Date(2022, 1, 24, 15, 18, 0, 258e6, time.UTC)
	v := konova.View{
		ID: "i", Identifier: "EIV-1", CreatedOn: at, ModifiedOn: at.In(time.FixedZone("", 3600)),
		Code:          func(k konova.CodeKey) konova.Code { return konova.Code{CodeKey: k, LongName: string(k.List)} },
		Compensations: []konova.Summary{{ID: "c", Identifier: "KOM-1", Title: `"`}},
		Deductions:    []konova.DeductionView{{ID: "d", Surface: "1000.0"}},
	}
	d := e.Render(v)
	var got struct {
		Type, Coordinates any
		Properties        map[string]any
	}
	if err := json.Unmarshal(d.JSON, &got); err != nil {
		t.Fatalf("%v in %s", err, d.JSON)
	}
	for _, part := range []string{
		`"created_on":"2022-01-24T15:18:00.258Z","modified_on":"2022-01-24T15:18:00.258Z"`, `"amount":1.0,"due_on":null,"comment":""`,
		`"handler":{"type":{"id":3,"long_name":"handler_type","short_name":null},"detail":"d"}`, `"laws":[{"id":5,"long_name":"law","short_name":null},{"id":6,`,
		`"compensations":[{"id":"c","identifier":"KOM-1","title":"\""}]`, `"surface":1000.0`,
	} {
		if !bytes.Contains(d.JSON, []byte(part)) {
			t.Errorf("%s is not in %s", part, d.JSON)
		}
	}
	feature := konova.AppendFeature(nil, "i", d, []byte(`[]`))
	var f struct {
		Type, ID   string
		Geometry   struct{ Type string }
		Properties map[string]any
		Links      []any
	}
	if err := json.Unmarshal(feature, &f); err != nil {
		t.Fatalf("%v in %s", err, feature)
	}
	if f.Geometry.Type != "MultiPolygon" || f.Properties["law_names"] != "law; law" || f.Properties["title"] != "T" || f.Links == nil {
		t.Errorf("feature %+v", f)
	}
	for _, kind := range konova.Kinds {
		e := konova.Entry{Kind: kind, Title: "x"}
		d := e.Render(v)
		if !json.Valid(d.JSON) {
			t.Errorf("%s: %s", kind, d.JSON)
		}
		if kind.HasGeometry() && !json.Valid(konova.AppendFeature(nil, "i", d, nil)) {
			t.Errorf("%s: %s", kind, konova.AppendFeature(nil, "i", d, nil))
		}
	}
}

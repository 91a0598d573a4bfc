package validate_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"loket/handlers/validate"
	"loket/store/fault"
)

//go:embed testdata/mini.yaml
var mini []byte

var document = validate.New(validate.Options{Base: "/api/mini", YAML: mini, BodyLimit: 4096, StrictQuery: true})

// ask sends a request through echo's router to the operation of the matched
// route and gives what the validator says, and the context as the handler
// would see it.
func ask(t *testing.T, r *http.Request) (echo.Context, error) {
	t.Helper()
	operations, err := document.Operations()
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	var (
		seen   echo.Context
		result error
	)
	for _, o := range operations {
		e.Add(o.Method, "/api/mini"+strings.NewReplacer("{", ":", "}", "").Replace(o.Path), func(c echo.Context) error {
			found, err := document.Operation(c.Request().Method, c.Path())
			if err != nil {
				return err
			}
			seen, result = c, found.Request(c)
			return nil
		})
	}
	e.HTTPErrorHandler = func(err error, _ echo.Context) { t.Errorf("%s %s: %v", r.Method, r.URL, err) }
	e.ServeHTTP(httptest.NewRecorder(), r)
	return seen, result
}

func request(method, path, body string, header ...string) *http.Request {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "/api/mini"+path, in)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// short writes a field as one line: "body /a/0 enum" or "query limit minimum".
func short(err error) []string {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return nil
	}
	out := []string{string(f.Reason)}
	for _, field := range f.Fields {
		out = append(out, field.In+" "+field.Pointer+field.Name+" "+field.Rule)
	}
	return out
}

func TestBodies(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"sound":               {`{"name":"ab","count":1e0,"note":null,"a/b~c":true}`, nil},
		"empty object":        {`{}`, []string{"bad_body", "body /name required"}},
		"all at once":         {`{"kind":"huge","note":5,"count":0,"tags":["a","a","B"],"nme":1}`, []string{"bad_body", "body /count minimum", "body /kind enum", "body /nme unknown", "body /note type", "body /tags uniqueItems", "body /tags/2 pattern", "body /name required"}},
		"null":                {`{"name":null}`, []string{"bad_body", "body /name type"}},
		"null for an enum":    {`{"name":"ab","kind":null}`, []string{"bad_body", "body /kind type"}},
		"escaped pointer":     {`{"name":"ab","a/b~c":1}`, []string{"bad_body", "body /a~1b~0c type"}},
		"wrong case":          {`{"NAME":"ab"}`, []string{"bad_body", "body /NAME unknown", "body /name required"}},
		"formats":             {`{"name":"ab","day":"2026-02-30","at":"2026-01-01 10:00","key":"x","mail":"a@@b"}`, []string{"bad_body", "body /at format", "body /day format", "body /key format", "body /mail format"}},
		"int32":               {`{"name":"ab","count":3000000000}`, []string{"bad_body", "body /count format"}},
		"a fraction":          {`{"name":"ab","count":1.5}`, []string{"bad_body", "body /count type"}},
		"too large a number":  {`{"name":"ab","ratio":1e999}`, []string{"bad_body", "body /ratio type"}},
		"readOnly":            {`{"name":"ab","id":"1"}`, []string{"bad_body", "body /id readOnly"}},
		"discriminator":       {`{"name":"ab","shape":{"form":"circle"}}`, []string{"bad_body", "body /shape/radius required"}},
		"no discriminator":    {`{"name":"ab","shape":{}}`, []string{"bad_body", "body /shape/form required"}},
		"wrong discriminator": {`{"name":"ab","shape":{"form":"line"}}`, []string{"bad_body", "body /shape/form enum"}},
		"anyOf":               {`{"name":"ab","size":true}`, []string{"bad_body", "body /size anyOf"}},
		"allOf":               {`{"name":"ab","owner":{"first":1}}`, []string{"bad_body", "body /owner/first type", "body /owner/last required"}},
		"no object":           {`[]`, []string{"bad_json", "body  type"}},
		"not JSON":            {`{`, []string{"bad_json", "body  syntax"}},
		"trailing":            {`{"name":"ab"} {}`, []string{"bad_json", "body  trailing"}},
		"duplicate":           {`{"name":"ab","owner":{"first":"a","first":"b"}}`, []string{"bad_json", "body /owner/first duplicate"}},
		"deep":                {strings.Repeat("[", 70) + strings.Repeat("]", 70), []string{"bad_json", "body " + strings.Repeat("/0", 64) + " depth"}},
		"broken UTF-8":        {"{\"name\":\"a\xff\"}", []string{"bad_json", "body /name utf8"}},
		"lone surrogate":      {`{"name":"\ud800x"}`, []string{"bad_json", "body /name utf8"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ask(t, request("POST", "/thing", c.body))
			if diff := cmp.Diff(c.want, short(err)); diff != "" {
				t.Errorf("%s: %s", c.body, diff)
			}
		})
	}
}

func TestMediaTypesAndSizes(t *testing.T) {
	sound := `{"name":"ab"}`
	for name, c := range map[string]struct {
		r    *http.Request
		want []string
	}{
		"upper case":          {request("POST", "/thing", sound, "Content-Type", "Application/JSON; charset=UTF-8"), nil},
		"suffix":              {request("POST", "/thing", sound, "Content-Type", "application/merge-patch+json"), nil},
		"undeclared suffix":   {request("POST", "/thing", sound, "Content-Type", "application/vnd.x+json"), []string{"media_type", "header Content-Type enum"}},
		"text":                {request("POST", "/thing", sound, "Content-Type", "text/plain"), []string{"media_type", "header Content-Type enum"}},
		"none":                {request("POST", "/thing", sound, "Content-Type", ""), []string{"media_type", "header Content-Type enum"}},
		"charset":             {request("POST", "/thing", sound, "Content-Type", "application/json; charset=latin1"), []string{"media_type", "header Content-Type enum"}},
		"no body":             {request("POST", "/thing", ""), []string{"bad_json", "body  required"}},
		"too large":           {request("POST", "/thing", `{"name":"`+strings.Repeat("a", 5000)+`"}`), []string{"body_too_large", "body  maxBytes"}},
		"too large, wrong":    {request("POST", "/thing", strings.Repeat("a", 5000), "Content-Type", "text/plain"), []string{"media_type", "header Content-Type enum"}},
		"optional, none":      {request("PUT", "/thing/00ff", ""), nil},
		"optional, type only": {request("PUT", "/thing/00ff", "", "Content-Type", "text/plain"), nil},
		"optional, wrong":     {request("PUT", "/thing/00ff", `{"x":1}`), []string{"bad_body", "body /x unknown"}},
		"binary":              {request("PUT", "/file/x", strings.Repeat("a", 9000), "Content-Type", "application/json"), nil},
		"binary, no type":     {request("PUT", "/file/x", "abc", "Content-Type", ""), nil},
		"id before type":      {request("PUT", "/thing/zz", "x", "Content-Type", "text/plain"), []string{"bad_path", "path thingId pattern"}},
		"accept json":         {request("POST", "/thing", sound, "Accept", "text/html, application/*;q=0.5"), nil},
		"accept nothing":      {request("POST", "/thing", sound, "Accept", "text/html"), []string{"nothing_accepted"}},
		"accept but json":     {request("POST", "/thing", sound, "Accept", "*/*, application/json;q=0"), []string{"nothing_accepted"}},
		"accept, no content":  {request("PUT", "/thing/00ff", "", "Accept", "text/html"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ask(t, c.r)
			if diff := cmp.Diff(c.want, short(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A body of unknown length is refused when one byte too many has come, and a
// chunked body of nothing is no body.
func TestChunked(t *testing.T) {
	r := request("POST", "/thing", `{"name":"`+strings.Repeat("a", 5000)+`"}`)
	r.ContentLength = -1
	if _, err := ask(t, r); fault.ReasonOf(err) != fault.BodyTooLarge {
		t.Errorf("too large: %v", err)
	}
	r = httptest.NewRequest("PUT", "/api/mini/thing/00ff", io.NopCloser(bytes.NewReader(nil)))
	r.ContentLength = -1
	if _, err := ask(t, r); err != nil {
		t.Errorf("nothing: %v", err)
	}
	r = httptest.NewRequest("POST", "/api/mini/thing", io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{})))
	r.Header.Set("Content-Type", "application/json")
	r.ContentLength = 100
	if _, err := ask(t, r); fault.ReasonOf(err) != fault.BrokenBody {
		t.Errorf("broken off: %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestParameters(t *testing.T) {
	for query, want := range map[string][]string{
		"":                                 nil,
		"limit=10&open=true&tag=a":         nil,
		"limit=":                           {"bad_query", "query limit type"},
		"limit=0&open=yes&kind=x":          {"bad_query", "query limit minimum", "query open type", "query kind enum"},
		"limit=%2B5":                       {"bad_query", "query limit type"},
		"limit=1.5":                        {"bad_query", "query limit type"},
		"limit=1&limit=2":                  {"bad_query", "query limit duplicate"},
		"open=1":                           {"bad_query", "query open type"},
		"tag=a&tag=a":                      {"bad_query", "query tag uniqueItems"},
		"ids=1,2,3":                        nil,
		"ids=1,x":                          {"bad_query", "query ids type"},
		"since=2026-02-29":                 {"bad_query", "query since format"},
		"filter[name]=abc":                 nil,
		"filter[name]=abcd":                {"bad_query", "query filter maxLength"},
		"Limit=1&zz=2":                     {"bad_query", "query Limit unknown", "query zz unknown"},
		"limit=%zz":                        {"bad_query", "query  syntax"},
		"limit=11&tag=a&tag=b&tag=c&tag=d": {"bad_query", "query limit maximum", "query tag maxItems"},
	} {
		_, err := ask(t, request("GET", "/thing?"+query, ""))
		if diff := cmp.Diff(want, short(err)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	_, err := ask(t, request("GET", "/thing?limit=0", "", "X-Depth", "9"))
	if diff := cmp.Diff([]string{"bad_query", "query limit minimum", "header X-Depth maximum"}, short(err)); diff != "" {
		t.Error(diff)
	}
	_, err = ask(t, request("DELETE", "/thing/00FF", ""))
	if diff := cmp.Diff([]string{"bad_query", "query force required"}, short(err)); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultsAndValueReachTheHandler(t *testing.T) {
	c, err := ask(t, request("GET", "/thing", ""))
	if err != nil || c.QueryParams().Get("limit") != "5" {
		t.Errorf("limit = %q, %v", c.QueryParams().Get("limit"), err)
	}
	c, err = ask(t, request("POST", "/thing", `{"name":"ab"}`))
	if err != nil {
		t.Fatal(err)
	}
	body, ok := c.Request().Body.(interface{ ValidatedValue() any })
	if !ok {
		t.Fatalf("the body is a %T", c.Request().Body)
	}
	text, err := json.Marshal(body.ValidatedValue())
	if err != nil || string(text) != `{"count":1,"name":"ab"}` {
		t.Errorf("value = %s, %v", text, err)
	}
}

// A path parameter is one segment: what is left of a longer path is no value.
func TestSlashInTheLastParameter(t *testing.T) {
	_, err := ask(t, request("GET", "/thing/00ff/more", ""))
	if !errors.Is(err, echo.ErrNotFound) {
		t.Errorf("err = %v", err)
	}
	_, err = ask(t, request("GET", "/thing/00%2Fff", ""))
	if fault.ReasonOf(err) != fault.BadPath {
		t.Errorf("escaped slash: %v", err)
	}
}

func TestResponses(t *testing.T) {
	o, err := document.Operation("GET", "/api/mini/thing")
	if err != nil {
		t.Fatal(err)
	}
	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		want   int
	}{
		"sound":            {200, header("Content-Type", "application/json", "X-Total-Count", "1"), `[{"name":"ab","id":"1"}]`, 0},
		"status":           {418, header(), ``, 1},
		"type":             {200, header("Content-Type", "text/html", "X-Total-Count", "1"), `x`, 1},
		"header missing":   {200, header("Content-Type", "application/json"), `[]`, 1},
		"header wrong":     {200, header("Content-Type", "application/json", "X-Total-Count", "x"), `[]`, 1},
		"body":             {200, header("Content-Type", "application/json", "X-Total-Count", "1"), `[{"name":"a"},{"x":1,"name":"ab"}]`, 2},
		"writeOnly":        {200, header("Content-Type", "application/json", "X-Total-Count", "1"), `[{"name":"ab","secret":"x"}]`, 1},
		"no JSON":          {200, header("Content-Type", "application/json", "X-Total-Count", "1"), `[`, 1},
		"problem":          {400, header("Content-Type", "application/problem+json"), `{"type":"a","title":"b","status":400,"detail":"c","instance":"/","code":"d"}`, 0},
		"problem, lacking": {400, header("Content-Type", "application/problem+json"), `{}`, 6},
	} {
		if wrong := o.Response(c.status, c.header, []byte(c.body)); len(wrong) != c.want {
			t.Errorf("%s: %q", name, wrong)
		}
	}
	deleted, err := document.Operation("DELETE", "/api/mini/thing/:thingId")
	if err != nil {
		t.Fatal(err)
	}
	if wrong := deleted.Response(204, header(), []byte("x")); len(wrong) != 1 {
		t.Errorf("a body with 204: %q", wrong)
	}
}

func TestDocumentIsChecked(t *testing.T) {
	if err := document.Check(t.Context()); err != nil {
		t.Error(err)
	}
	odd := bytes.Replace(mini, []byte("format: uuid"), []byte("format: odd"), 1)
	err := validate.New(validate.Options{YAML: odd}).Load()
	if err == nil || !strings.Contains(err.Error(), `"odd"`) {
		t.Errorf("unknown format: %v", err)
	}
	own := validate.Options{YAML: odd, Formats: map[string]validate.Format{"odd": func(string) bool { return true }}}
	if err := validate.New(own).Load(); err != nil {
		t.Errorf("own format: %v", err)
	}
	if err := validate.New(validate.Options{YAML: []byte("{")}).Load(); err == nil {
		t.Error("a broken document was taken")
	}
}

// TestAnyJSON: with it a body declared as JSON is JSON whatever its type says;
// a body with several types still is what it says it is.
func TestAnyJSON(t *testing.T) {
	const text = `
openapi: 3.0.3
info: {title: Any, version: 1.0.0}
paths:
  /a:
    post:
      operationId: a
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [x], properties: {x: {type: integer}}}}}}
      responses: {'200': {description: ok}}
  /b:
    post:
      operationId: b
      requestBody: {content: {application/json: {schema: {type: object}}, text/plain: {schema: {type: string}}}}
      responses: {'200': {description: ok}}
`
	for _, any := range []bool{true, false} {
		d := validate.New(validate.Options{Base: "/api/any", YAML: []byte(text), AnyJSON: any})
		for _, c := range []struct{ path, contentType, body, with, without string }{
			{"/a", "text/plain", `{"x":1}`, "", "media_type"},
			{"/a", "", `{"x":1}`, "", "media_type"},
			{"/a", "application/json; charset=latin1", `{"x":1}`, "", "media_type"},
			{"/a", "text/plain", `{"x":"1"}`, "bad_body", "media_type"},
			{"/a", "text/plain", `x`, "bad_json", "media_type"},
			{"/b", "text/html", `{}`, "media_type", "media_type"},
		} {
			o, err := d.Operation(http.MethodPost, "/api/any"+c.path)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "/api/any"+c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.contentType)
			want := c.without
			if any {
				want = c.with
			}
			if got := fault.ReasonOf(o.Request(echo.New().NewContext(r, httptest.NewRecorder()))); string(got) != want {
				t.Errorf("AnyJSON %v: %s %q %s = %q, want %q", any, c.path, c.contentType, c.body, got, want)
			}
		}
	}
}

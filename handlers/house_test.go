package handlers_test

import (
	"bufio"
	"compress/gzip"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/handlers/auth"
	"loket/handlers/limit"
	"loket/handlers/mount"
	"loket/handlers/page"
	"loket/handlers/problem"
	"loket/store/fault"
)

//go:embed testdata/house.yaml
var houseYAML []byte

var houseJSON = sync.OnceValue(func() []byte {
	spec, err := openapi3.NewLoader().LoadFromData(houseYAML)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(spec)
	if err != nil {
		panic(err)
	}
	return text
})

var rates = limit.Rates{PerSecond: 20, Burst: 30, InFlight: 3}

// example is a small API with every sort of ending.
type example struct {
	slow chan struct{} // the slow operation waits for it
	in   chan struct{} // and says here that it has begun
}

func (x *example) api(d handlers.Deps) mount.API {
	return mount.API{
		Name: "house", Title: "House", Summary: "An API for tests.", Language: "en", YAML: houseYAML, JSON: houseJSON(),
		WorkflowsYAML: []byte("arazzo: 1.0.1\n"), WorkflowsJSON: []byte(`{"arazzo":"1.0.1"}`),
		Errors:  problem.Table{Language: "en", Challenge: `Bearer realm="house"`},
		Schemes: map[string]auth.Authenticator{"bearer": auth.Bearer(d.Accounts, "house")},
		Limits:  rates, BodyLimit: 1000, StrictQuery: true, Uncounted: map[string]bool{"upload": true},
		Identities: []mount.Identity{{Name: "Tester", Secret: "house-token", Note: "may all"}},
		Register: func(r *mount.Router) {
			r.GET("/thing", func(c echo.Context) error { return c.JSON(200, []string{c.QueryParam("limit")}) })
			r.POST("/thing", func(c echo.Context) error {
				return c.JSON(201, c.Request().Body.(interface{ ValidatedValue() any }).ValidatedValue())
			})
			r.GET("/thing/:thingId", func(c echo.Context) error {
				if c.Param("thingId") == "0000" {
					return fault.New(fault.NotFound, fault.Missing, "")
				}
				return c.JSON(200, map[string]any{"name": "thing"})
			})
			r.GET("/boom", func(echo.Context) error { panic("secret text of the inside") })
			r.GET("/nothing", func(echo.Context) error { return nil })
			r.GET("/wrong", func(c echo.Context) error { return c.JSON(200, map[string]any{"odd": true}) })
			r.GET("/slow", func(c echo.Context) error {
				x.in <- struct{}{}
				select {
				case <-x.slow:
					return c.NoContent(204)
				case <-c.Request().Context().Done():
					return c.Request().Context().Err()
				}
			})
			r.GET("/open", func(c echo.Context) error {
				return c.JSON(200, auth.From(c.Request().Context()).OrganisationName+"@"+page.Origin(c.Request().Context()))
			})
			r.PUT("/file/:token", func(c echo.Context) error {
				if c.Param("token") == "used" {
					return fault.New(fault.Conflict, fault.AddressUsed, "")
				}
				_, err := io.Copy(io.Discard, c.Request().Body)
				return errors.Join(err, c.NoContent(204))
			})
			r.GET("/file/:token", func(c echo.Context) error {
				if c.Param("token") == "half" {
					return c.Stream(200, "text/plain", io.MultiReader(strings.NewReader("byt"), brokenReader{}))
				}
				return c.Stream(200, "text/plain", strings.NewReader("bytes"))
			})
		},
	}
}

// brokenReader is a disk that fails.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("disk failure") }

func newHouse(t *testing.T, options ...apitest.Option) (*apitest.Server, *example) {
	t.Helper()
	x := &example{slow: make(chan struct{}), in: make(chan struct{}, 10)}
	options = append(options, apitest.APIs(func(d handlers.Deps) []mount.API { return []mount.API{x.api(d)} }))
	return apitest.New(t, options...), x
}

func TestOneRequest(t *testing.T) {
	s, _ := newHouse(t)
	token := s.Token(t, "Tester", "house")
	got := s.Want(t, 200, apitest.Request{Path: "/api/house/thing?limit=7", Token: token, Header: map[string]string{"X-Request-Id": "abc-1"}})
	if string(got.Body) != "[\"7\"]\n" {
		t.Errorf("body = %s", got.Body)
	}
	want := map[string]string{
		"Api-Version": "4.5.6", "X-Request-Id": "abc-1", "Content-Type": "application/json", "Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Ratelimit-Limit":         "30", "Ratelimit-Remaining": "29", "Ratelimit-Reset": "1", "Ratelimit-Policy": "20;w=1;burst=30",
		"Strict-Transport-Security": "", "Access-Control-Allow-Origin": "",
	}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s = %q, want %q", name, got.Header.Get(name), value)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	s, _ := newHouse(t)
	seen := map[string]bool{}
	for _, given := range []string{"", "with space", "<script>", strings.Repeat("a", 129), "\x01"} {
		id := s.Do(t, apitest.Request{Path: "/healthz", Header: map[string]string{"X-Request-Id": given}}).Header.Get("X-Request-Id")
		if id == given || len(id) != 12 || seen[id] {
			t.Errorf("X-Request-Id %q became %q", given, id)
		}
		seen[id] = true
	}
}

// refusal asks and compares status, code, and the places of the faults.
func refusal(t *testing.T, s *apitest.Server, r apitest.Request, status int, code string, places ...string) *apitest.Response {
	t.Helper()
	got := s.Want(t, status, r)
	if r.Method == http.MethodHead {
		return got
	}
	var p struct {
		Type, Title, Detail, Instance, Code string
		Status                              int
		Errors                              []struct{ Detail, Pointer, Parameter string }
	}
	got.JSON(t, &p)
	if p.Code != code || p.Status != status || p.Type != "about:blank" || p.Title == "" || p.Detail == "" {
		t.Errorf("%s %s: %s", r.Method, r.Path, got.Body)
	}
	found := []string{}
	for _, e := range p.Errors {
		found = append(found, e.Pointer+e.Parameter+": "+e.Detail)
	}
	if places != nil {
		if diff := cmp.Diff(places, found); diff != "" {
			t.Error(diff)
		}
	}
	if got.Header.Get("X-Request-Id") == "" || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("headers: %v", got.Header)
	}
	return got
}

func TestRefusals(t *testing.T) {
	s, _ := newHouse(t)
	token, other := s.Token(t, "Tester", "house"), s.Token(t, "Other", "elsewhere")
	const at = "/api/house"
	type R = apitest.Request
	got := refusal(t, s, R{Path: at + "/thing"}, 401, "unauthenticated")
	if got.Header.Get("WWW-Authenticate") != `Bearer realm="house"` || got.Header.Get("RateLimit-Remaining") != "29" {
		t.Errorf("401: %v", got.Header)
	}
	refusal(t, s, R{Path: at + "/thing", Token: "nonsense"}, 401, "unauthenticated")
	refusal(t, s, R{Path: at + "/thing", Token: other}, 403, "forbidden")
	refusal(t, s, R{Path: at + "/thing/zz", Token: token}, 400, "invalid_path", "thingId: thingId does not match the pattern ^[0-9a-f]{4}$.")
	refusal(t, s, R{Path: at + "/thing/0000", Token: token}, 404, "not_found")
	refusal(t, s, R{Path: at + "/thing/00ff/x", Token: token}, 404, "not_found")
	refusal(t, s, R{Path: at + "/thing?limit=99&x=1", Token: token}, 400, "invalid_parameter", "x: x is not a known parameter.", "limit: limit may be at most 10.")
	refusal(t, s, R{Method: "POST", Path: at + "/thing", Token: token, Body: `{"name":"a","nme":1,"size":1.5}`}, 400, "validation",
		"#/name: name must have at least 2 characters.", "#/nme: nme is not a known field.", "#/size: size must be a whole number.")
	refusal(t, s, R{Method: "POST", Path: at + "/thing", Token: token, Body: `{`}, 400, "invalid_json", "#: The body cannot be read at this place.")
	refusal(t, s, R{Method: "POST", Path: at + "/thing", Token: token}, 400, "invalid_json", "#: The body is required.")
	refusal(t, s, R{Method: "POST", Path: at + "/thing", Token: token, Body: "x", Header: map[string]string{"Content-Type": "text/plain"}}, 415, "media_type")
	refusal(t, s, R{Method: "POST", Path: at + "/thing", Token: token, Body: strings.Repeat(" ", 1001)}, 413, "too_large", "#: The body may be at most 1000 bytes.")
	refusal(t, s, R{Path: at + "/thing", Token: token, Header: map[string]string{"Accept": "text/html"}}, 406, "not_acceptable")
	refusal(t, s, R{Path: at + "/none"}, 404, "not_found")
	got = refusal(t, s, R{Method: "DELETE", Path: at + "/thing"}, 405, "method_not_allowed")
	if got.Header.Get("Allow") != "OPTIONS, GET, HEAD, POST" || got.Header.Get("API-Version") != "4.5.6" {
		t.Errorf("405: %v", got.Header)
	}
	refusal(t, s, R{Path: "/none"}, 404, "not_found")
	refusal(t, s, R{Path: "/api/none/thing"}, 404, "not_found")
	if got := s.Want(t, 204, R{Method: "OPTIONS", Path: at + "/thing"}); got.Header.Get("Allow") == "" || got.Header.Get("API-Version") == "" {
		t.Errorf("OPTIONS: %v", got.Header)
	}
}

func TestHead(t *testing.T) {
	s, _ := newHouse(t)
	token := s.Token(t, "Tester", "house")
	for path, status := range map[string]int{"/thing": 200, "/thing/0000": 404, "/thing/zz": 400, "/file/x": 200, "/boom": 500, "/nix": 404, "/documentation.json": 200, "/documentation/": 200, "/reference/": 200, "/reference/redoc.standalone.js": 200} {
		got := s.Want(t, status, apitest.Request{Method: "HEAD", Path: "/api/house" + path, Token: token})
		if len(got.Body) > 0 || got.Header.Get("Content-Type") == "" {
			t.Errorf("HEAD %s: %v %q", path, got.Header, got.Body)
		}
	}
	s.Want(t, 401, apitest.Request{Method: "HEAD", Path: "/api/house/thing"})
	s.Want(t, 200, apitest.Request{Method: "HEAD", Path: "/"})
	s.Want(t, 405, apitest.Request{Method: "DELETE", Path: "/api/house/thing"})
}

func TestInternalErrorsSayNothing(t *testing.T) {
	s, _ := newHouse(t)
	token := s.Token(t, "Tester", "house")
	for path, logged := range map[string]string{"/boom": "secret text of the inside", "/nothing": "operation nothing gave no answer"} {
		got := refusal(t, s, apitest.Request{Path: "/api/house" + path, Token: token}, 500, "internal_error")
		if strings.Contains(string(got.Body), "inside") || strings.Contains(string(got.Body), "operation") || strings.Contains(string(got.Body), "goroutine") {
			t.Errorf("%s: %s", path, got.Body)
		}
		log := s.LogText()
		if strings.Count(log, logged) != 1 || !strings.Contains(log, got.Header.Get("X-Request-Id")) {
			t.Errorf("%s: the cause stands %d times in the log", path, strings.Count(log, logged))
		}
	}
}

// An answer that fails on its way must not look whole to its reader.
func TestHalfAnAnswer(t *testing.T) {
	s, _ := newHouse(t)
	got := s.Want(t, 200, apitest.Request{Path: "/api/house/file/half", Token: s.Token(t, "Tester", "house")})
	if !got.Broken || string(got.Body) != "byt" {
		t.Errorf("broken %v, %q", got.Broken, got.Body)
	}
	log := s.LogText()
	if !strings.Contains(log, "disk failure") || !strings.Contains(log, `"operation":"download"`) {
		t.Error(log)
	}
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	s, _ := newHouse(t)
	token := s.Token(t, "Tester", "house")
	s.Want(t, 200, apitest.Request{Path: "/api/house/thing?limit=3", Token: token})
	s.Want(t, 400, apitest.Request{Path: "/api/house/thing?secretvalue=1", Token: token})
	s.Want(t, 401, apitest.Request{Path: "/api/house/thing", Token: "wrongtoken"})
	s.Want(t, 204, apitest.Request{Method: "PUT", Path: "/api/house/file/theticket", Body: "x"})
	got := s.Want(t, 409, apitest.Request{Method: "PUT", Path: "/api/house/file/used", Body: "x"})
	if got.Object(t)["instance"] != "/api/house/file/..." {
		t.Errorf("instance = %v", got.Object(t)["instance"])
	}
	log := s.LogText()
	for _, secret := range []string{token, "wrongtoken", "secretvalue", "theticket", "limit=3"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, told := range []string{`"operation":"listThings"`, `"status":400`, `"client":"credential:`, `"path":"/api/house/file/..."`, `"client":"address:192.0.2.1"`} {
		if !strings.Contains(log, told) {
			t.Errorf("the log lacks %s", told)
		}
	}
}

func TestRateLimit(t *testing.T) {
	s, _ := newHouse(t)
	token, second := s.Token(t, "Tester", "house"), s.Token(t, "Second", "house")
	ask := apitest.Request{Path: "/api/house/thing/00ff", Token: token}
	for i := range 30 {
		if got := s.Want(t, 200, ask); got.Header.Get("RateLimit-Remaining") != fmt.Sprint(29-i) {
			t.Errorf("remaining = %s", got.Header.Get("RateLimit-Remaining"))
		}
	}
	got := refusal(t, s, ask, 429, "too_many_requests")
	if got.Header.Get("Retry-After") != "1" || got.Header.Get("RateLimit-Limit") != "30" {
		t.Errorf("429: %v", got.Header)
	}
	s.Want(t, 429, apitest.Request{Path: "/api/house/thing", Token: token})
	s.Want(t, 200, apitest.Request{Path: "/api/house/thing", Token: second})
	s.Want(t, 401, apitest.Request{Path: "/api/house/thing"})
	s.Clock.Advance(time.Second)
	for range 20 {
		s.Want(t, 200, ask)
	}
	s.Want(t, 429, ask)
}

// Addresses are counted where nobody is known; knocking with wrong tokens and
// guessing paths included. What is not counted has no headers.
func TestLimitByAddress(t *testing.T) {
	s, _ := newHouse(t, apitest.With(func(d *handlers.Deps) { d.Config.Documentation = limit.Rates{PerSecond: 1, Burst: 5} }))
	for i := range 30 {
		s.Want(t, 401, apitest.Request{Path: "/api/house/thing", Token: fmt.Sprint("guess", i)})
	}
	s.Want(t, 429, apitest.Request{Path: "/api/house/thing", Token: "guess"})
	s.Want(t, 401, apitest.Request{Path: "/api/house/thing", From: "198.51.100.7:99"})
	for range 5 {
		s.Want(t, 404, apitest.Request{Path: "/api/house/none"})
	}
	s.Want(t, 429, apitest.Request{Path: "/api/house/none"})
	s.Want(t, 429, apitest.Request{Method: "DELETE", Path: "/api/house/thing"})
	s.Want(t, 429, apitest.Request{Path: "/api/house/documentation.json"})
	for range 50 {
		got := s.Want(t, 204, apitest.Request{Method: "PUT", Path: "/api/house/file/x", Body: "x"})
		if got.Header.Get("RateLimit-Limit") != "" {
			t.Fatalf("an uncounted operation has RateLimit headers")
		}
		s.Want(t, 200, apitest.Request{Path: "/healthz"})
	}
}

func TestInFlight(t *testing.T) {
	s, x := newHouse(t)
	token := s.Token(t, "Tester", "house")
	ask := apitest.Request{Path: "/api/house/slow", Token: token}
	var ended sync.WaitGroup
	for range 3 {
		ended.Go(func() { s.Want(t, 204, ask) })
	}
	for range 3 {
		<-x.in
	}
	refusal(t, s, apitest.Request{Path: "/api/house/thing", Token: token}, 429, "too_many_in_flight")
	close(x.slow)
	ended.Wait()
	s.Want(t, 200, apitest.Request{Path: "/api/house/thing", Token: token})
}

// A client that goes away gives its place back, and is no error of ours.
func TestClientGone(t *testing.T) {
	s, x := newHouse(t)
	token := s.Token(t, "Tester", "house")
	origin := s.Listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", origin+"/api/house/slow", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	failed := make(chan error)
	go func() {
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			err = errors.Join(res.Body.Close(), errors.New("an answer came"))
		}
		failed <- err
	}()
	<-x.in
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	eventually(t, "the request ends", func() bool { return strings.Contains(s.LogText(), `"status":499`) })
	if strings.Contains(s.LogText(), `"level":"ERROR"`) {
		t.Error(s.LogText())
	}
}

func TestOptionalCredential(t *testing.T) {
	s, _ := newHouse(t)
	token := s.Token(t, "Tester", "house")
	for given, want := range map[string]string{"": "@http://loket.test", "wrong": "@http://loket.test", token: "Tester@http://loket.test"} {
		var got string
		s.Want(t, 200, apitest.Request{Path: "/api/house/open", Token: given}).JSON(t, &got)
		if got != want {
			t.Errorf("with %q: %q", given, got)
		}
	}
}

func TestOrigins(t *testing.T) {
	proxies := apitest.With(func(d *handlers.Deps) {
		d.Config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	})
	forwarded := map[string]string{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "public.example", "X-Forwarded-For": "203.0.113.9, 10.9.9.9"}
	for name, c := range map[string]struct {
		options []apitest.Option
		from    string
		want    string
		client  string
	}{
		"not trusted":   {nil, "10.0.0.1:5", "@http://loket.test", "address:10.0.0.1"},
		"trusted":       {[]apitest.Option{proxies}, "10.0.0.1:5", "@https://public.example", "address:203.0.113.9"},
		"trusted, IPv6": {[]apitest.Option{proxies}, "[fd00::1]:5", "@https://public.example", "address:203.0.113.9"},
		"another":       {[]apitest.Option{proxies}, "192.0.2.7:5", "@http://loket.test", "address:192.0.2.7"},
		"public URL": {[]apitest.Option{proxies, apitest.With(func(d *handlers.Deps) { d.Config.PublicURL = "https://fixed.example/" })},
			"10.0.0.1:5", "@https://fixed.example", "address:203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newHouse(t, c.options...)
			var got string
			answer := s.Want(t, 200, apitest.Request{Path: "/api/house/open", From: c.from, Header: forwarded})
			answer.JSON(t, &got)
			if got != c.want || !strings.Contains(s.LogText(), `"client":"`+c.client+`"`) {
				t.Errorf("origin %q, log %s", got, s.LogText())
			}
			if hsts := answer.Header.Get("Strict-Transport-Security") != ""; hsts != strings.Contains(c.want, "fixed") {
				t.Errorf("HSTS = %v", hsts)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	s, _ := newHouse(t, apitest.With(func(d *handlers.Deps) { d.Config.CORSOrigins = []string{"https://app.example"} }))
	token := s.Token(t, "Tester", "house")
	preflight := map[string]string{"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}
	got := s.Want(t, 204, apitest.Request{Method: "OPTIONS", Path: "/api/house/thing", Header: preflight})
	if got.Header.Get("Access-Control-Allow-Origin") != "https://app.example" || !strings.Contains(got.Header.Get("Access-Control-Allow-Headers"), "Authorization") ||
		!strings.Contains(got.Header.Get("Access-Control-Allow-Methods"), "PATCH") {
		t.Errorf("preflight: %v", got.Header)
	}
	got = s.Want(t, 200, apitest.Request{Path: "/api/house/thing", Token: token, Header: map[string]string{"Origin": "https://app.example"}})
	if got.Header.Get("Access-Control-Allow-Origin") != "https://app.example" || got.Header.Get("Vary") != "Origin" ||
		!strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), "RateLimit-Remaining") {
		t.Errorf("answer: %v", got.Header)
	}
	got = s.Want(t, 200, apitest.Request{Path: "/api/house/thing", Token: token, Header: map[string]string{"Origin": "https://evil.example"}})
	if got.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: %v", got.Header)
	}
	got = s.Want(t, 200, apitest.Request{Path: "/api/house/documentation.json", Header: map[string]string{"Origin": "https://evil.example"}})
	if got.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("documentation: %v", got.Header)
	}
}

// TestCORSHeaders: a browser may send every header that a document asks for.
func TestCORSHeaders(t *testing.T) {
	s := apitest.New(t, apitest.With(func(d *handlers.Deps) { d.Config.CORSOrigins = []string{"*"} }))
	preflight := map[string]string{"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
	got := s.Want(t, 204, apitest.Request{Method: "OPTIONS", Path: "/api/gever", Header: preflight})
	allowed := strings.Split(strings.ToLower(got.Header.Get("Access-Control-Allow-Headers")), ", ")
	for _, api := range s.APIs {
		operations, err := api.Document().Operations()
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range operations {
			for _, p := range o.Parameters() {
				if p.In == fault.InHeader && !slices.Contains(allowed, strings.ToLower(p.Name)) {
					t.Errorf("%s %s: %s is not among %v", api.Name, o.ID, p.Name, allowed)
				}
			}
		}
	}
}

func TestDocuments(t *testing.T) {
	s, _ := newHouse(t)
	for path, want := range map[string][]byte{
		"documentation.json": houseJSON(), "openapi.json": houseJSON(), "documentation.yaml": houseYAML, "openapi.yaml": houseYAML,
		"workflows.json": []byte(`{"arazzo":"1.0.1"}`), "workflows.yaml": []byte("arazzo: 1.0.1\n"),
	} {
		at := apitest.Request{Path: "/api/house/" + path}
		got := s.Want(t, 200, at)
		etag := got.Header.Get("ETag")
		if got.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s is not open to every origin: %v", path, got.Header)
		}
		if diff := cmp.Diff(string(want), string(got.Body)); diff != "" || etag == "" || got.Header.Get("Vary") != "Accept-Encoding" || got.Header.Get("API-Version") != "4.5.6" {
			t.Errorf("%s: %v %s", path, got.Header, diff)
		}
		at.Header = map[string]string{"If-None-Match": `"other", W/` + etag}
		if got := s.Want(t, 304, at); len(got.Body) != 0 || got.Header.Get("ETag") != etag {
			t.Errorf("%s: 304 %v", path, got.Header)
		}
		at.Header = map[string]string{"Accept-Encoding": "br, gzip;q=0.5"}
		got = s.Want(t, 200, at)
		if got.Header.Get("Content-Encoding") != "gzip" || got.Header.Get("ETag") == etag || got.Header.Get("Content-Length") != fmt.Sprint(len(got.Body)) {
			t.Errorf("%s: gzip %v", path, got.Header)
		}
		if diff := cmp.Diff(string(want), unzip(t, got.Body)); diff != "" {
			t.Error(diff)
		}
		at.Header = map[string]string{"Accept-Encoding": "gzip;q=0"}
		if got := s.Want(t, 200, at); got.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip although refused", path)
		}
	}
}

// An API without workflows says nothing of them.
func TestNoWorkflows(t *testing.T) {
	s := apitest.New(t, apitest.APIs(func(d handlers.Deps) []mount.API {
		api := (&example{}).api(d)
		api.WorkflowsYAML, api.WorkflowsJSON = nil, nil
		return []mount.API{api}
	}))
	for _, path := range []string{"/api/house/workflows.yaml", "/api/house/workflows.json"} {
		s.Want(t, 404, apitest.Request{Path: path})
	}
	for _, path := range []string{"/", "/api/house/documentation/"} {
		if got := s.Want(t, 200, apitest.Request{Path: path}); strings.Contains(string(got.Body), "workflows") {
			t.Errorf("%s speaks of workflows", path)
		}
	}
}

func unzip(t *testing.T, packed []byte) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(string(packed)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestViews(t *testing.T) {
	s, _ := newHouse(t)
	for from, to := range map[string]string{"": "documentation", "/": "documentation", "/documentation": "documentation", "/reference": "reference"} {
		if got := s.Want(t, 302, apitest.Request{Path: "/api/house" + from}); got.Header.Get("Location") != "/api/house/"+to+"/" {
			t.Errorf("%s leads to %s", from, got.Header.Get("Location"))
		}
	}
	others := map[string]string{"documentation": "reference", "reference": "documentation"}
	for place, other := range others {
		at := "/api/house/" + place + "/"
		got := s.Want(t, 200, apitest.Request{Path: at})
		text := string(got.Body)
		policy := got.Header.Get("Content-Security-Policy")
		if got.Header.Get("Content-Type") != "text/html; charset=utf-8" || got.Header.Get("API-Version") != "4.5.6" {
			t.Errorf("%s: %v", place, got.Header)
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || !strings.Contains(policy, "default-src 'none'") ||
			!strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "blob:") != (place == "reference") {
			t.Errorf("%s: %s", place, policy)
		}
		for _, part := range []string{`<html lang="en">`, `<meta charset="utf-8">`, `href="../` + other + `/"`, `href="../documentation.json"`, `href="../documentation.yaml"`, `href="../workflows.yaml"`, `href="/"`} {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %s", place, part)
			}
		}
		if strings.Contains(text, "<style") || strings.Contains(text, "//") {
			t.Errorf("%s: %s", place, text)
		}
		if n := checkAssets(t, s, at, text); n < 4 {
			t.Errorf("%s asks for %d assets only", place, n)
		}
	}
	start := s.Want(t, 200, apitest.Request{Path: "/api/house/documentation/documentation.js"})
	for _, option := range []string{"deepLinking", "showExtensions", "displayRequestDuration", "persistAuthorization", "tryItOutEnabled"} {
		if !strings.Contains(string(start.Body), option+": true") {
			t.Errorf("documentation.js lacks %s", option)
		}
	}
}

// checkAssets fetches what a page asks for, packed, and tells how much it is.
func checkAssets(t *testing.T, s *apitest.Server, at, text string) int {
	t.Helper()
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		for _, attribute := range []string{`src="`, `href="`} {
			_, rest, ok := strings.Cut(line, attribute)
			address, _, _ := strings.Cut(rest, `"`)
			if !ok || !strings.Contains(address, "?v=") {
				continue
			}
			n++
			got := s.Want(t, 200, apitest.Request{Path: at + address, Header: map[string]string{"Accept-Encoding": "gzip"}})
			if !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || got.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(got.Header.Get("Content-Type"), "charset=utf-8") {
				t.Errorf("%s: %v", address, got.Header)
			}
		}
	}
	return n
}

// TestNonce: the reference's styles are allowed by a word that the page and
// its policy share and that no other answer has.
func TestNonce(t *testing.T) {
	s, _ := newHouse(t)
	seen := map[string]bool{}
	for range 2 {
		got := s.Want(t, 200, apitest.Request{Path: "/api/house/reference/"})
		_, rest, _ := strings.Cut(got.Header.Get("Content-Security-Policy"), "style-src 'self' 'nonce-")
		nonce, _, _ := strings.Cut(rest, "'")
		if len(nonce) < 26 || seen[nonce] || !strings.Contains(string(got.Body), ` nonce="`+nonce+`"`) || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("nonce %q: %v\n%s", nonce, got.Header, got.Body)
		}
		seen[nonce] = true
	}
}

func TestLanding(t *testing.T) {
	s, _ := newHouse(t)
	got := s.Want(t, 200, apitest.Request{Path: "/"})
	text := string(got.Body)
	for _, part := range []string{`<html lang="en">`, "<h1>", "/api/house/documentation/", "/api/house/reference/", "/api/house/documentation.json", "/api/house/documentation.yaml", "/api/house/workflows.yaml", "available", "4.5.6"} {
		if !strings.Contains(text, part) {
			t.Errorf("the landing page lacks %s", part)
		}
	}
	if strings.Contains(text, "house-token") || strings.Contains(text, "<style") || strings.Contains(text, "://") {
		t.Error(text)
	}
	demo, _ := newHouse(t, apitest.Demo())
	if text := string(demo.Want(t, 200, apitest.Request{Path: "/"}).Body); !strings.Contains(text, "house-token") {
		t.Error("the demo's identities are not shown")
	}
	for path, contentType := range map[string]string{"/loket.css": "text/css; charset=utf-8", "/favicon.svg": "image/svg+xml", "/favicon.ico": "image/svg+xml"} {
		if got := s.Want(t, 200, apitest.Request{Path: path}); got.Header.Get("Content-Type") != contentType {
			t.Errorf("%s: %v", path, got.Header)
		}
	}
}

func TestHealth(t *testing.T) {
	s, x := newHouse(t)
	token := s.Token(t, "Tester", "house")
	s.Want(t, 200, apitest.Request{Path: "/healthz"})
	s.Want(t, 200, apitest.Request{Path: "/readyz"})
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Want(t, 204, apitest.Request{Path: "/api/house/slow", Token: token})
	}()
	<-x.in
	s.Health.SetDraining()
	if got := s.Want(t, 503, apitest.Request{Path: "/readyz"}); !strings.Contains(string(got.Body), "draining") {
		t.Errorf("%s", got.Body)
	}
	s.Want(t, 200, apitest.Request{Path: "/healthz"})
	close(x.slow)
	<-done
	away, _ := newHouse(t)
	if err := away.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if got := away.Want(t, 503, apitest.Request{Path: "/readyz"}); !strings.Contains(string(got.Body), "database") || strings.Contains(string(got.Body), "sql") {
		t.Errorf("%s", got.Body)
	}
}

func TestStartedReadsDocuments(t *testing.T) {
	broken := apitest.APIs(func(handlers.Deps) []mount.API {
		return []mount.API{{Name: "house", YAML: []byte("openapi: ["), Register: func(*mount.Router) {}}}
	})
	s := apitest.New(t, broken)
	s.Health.Started()
	<-s.Health.Started()
	if got := s.Want(t, 503, apitest.Request{Path: "/readyz"}); !strings.Contains(string(got.Body), "document house") {
		t.Errorf("%s", got.Body)
	}
}

func TestSecurityText(t *testing.T) {
	s, _ := newHouse(t)
	s.Want(t, 404, apitest.Request{Path: "/.well-known/security.txt"})
	s, _ = newHouse(t, apitest.With(func(d *handlers.Deps) {
		d.Config.SecurityContact, d.Config.PublicURL = "security@loket.example", "https://loket.example"
	}))
	got := s.Want(t, 200, apitest.Request{Path: "/.well-known/security.txt"})
	want := "Contact: mailto:security@loket.example\nExpires: 2026-08-29T00:00:00Z\nPreferred-Languages: nl, de, en\nCanonical: https://loket.example/.well-known/security.txt\n"
	if string(got.Body) != want || got.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%s", got.Body)
	}
}

func TestMetrics(t *testing.T) {
	var metrics *handlers.Metrics
	s, _ := newHouse(t, apitest.With(func(d *handlers.Deps) {
		d.Metrics = handlers.NewMetrics(d.Registry)
		metrics = d.Metrics
	}))
	s.Want(t, 401, apitest.Request{Path: "/api/house/thing"})
	s.Want(t, 404, apitest.Request{Path: "/api/house/xyz"})
	metrics.LimiterDegraded(true)
	text := scrape(t, metrics)
	for _, line := range []string{
		`loket_http_requests_total{api="house",operation="listThings",status="401"} 1`,
		`loket_http_requests_total{api="house",operation="",status="404"} 1`,
		`loket_http_request_duration_seconds_count{api="house",operation="listThings"} 1`,
		`loket_http_rejected_total{reason="no_credential"} 1`,
		`loket_http_in_flight 0`, `loket_limiter_degraded 1`, `loket_db_connections{pool="writer"}`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no line %s", line)
		}
	}
	metrics.LimiterDegraded(false)
	if !strings.Contains(scrape(t, metrics), "loket_limiter_degraded 0") {
		t.Error("the limiter stays degraded")
	}
}

func TestViolations(t *testing.T) {
	var seen []mount.Violation
	s, _ := newHouse(t, apitest.With(func(d *handlers.Deps) {
		d.Config.OnViolation = func(v mount.Violation) { seen = append(seen, v) }
	}))
	s.Want(t, 200, apitest.Request{Path: "/api/house/wrong", Token: s.Token(t, "Tester", "house")})
	if len(seen) != 1 || seen[0].Operation != "wrong" || len(seen[0].Wrong) != 2 {
		t.Errorf("%+v", seen)
	}
	s, _ = newHouse(t, apitest.With(func(d *handlers.Deps) { d.Config.OnViolation, d.Config.CheckResponses = nil, true }))
	s.Want(t, 200, apitest.Request{Path: "/api/house/wrong", Token: s.Token(t, "Tester", "house")})
	if !strings.Contains(s.LogText(), "answer breaks its document") {
		t.Error("the log says nothing")
	}
}

// Broken requests on a raw connection: nothing but HTTP errors comes back.
func TestBrokenBody(t *testing.T) {
	s, _ := newHouse(t)
	token := s.Token(t, "Tester", "house")
	origin := s.Listen(t)
	conn := dial(t, strings.TrimPrefix(origin, "http://"))
	fmt.Fprintf(conn, "POST /api/house/thing HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{", token)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 400 {
		t.Errorf("status = %d", res.StatusCode)
	}
}

package problem_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"loket/handlers/problem"
	"loket/store/fault"
)

// handle answers with err on a fresh context.
func handle(t *testing.T, table problem.Table, method string, err error) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequest(method, "/api/x/y?q=1", nil), w)
	table.Handle(c, err)
	return w
}

func TestEveryReasonHasWordsInEveryLanguage(t *testing.T) {
	kinds := map[fault.Reason]fault.Kind{
		fault.BadJSON: fault.Invalid, fault.BadBody: fault.Invalid, fault.BadPath: fault.Invalid, fault.BadQuery: fault.Invalid, fault.BadHeader: fault.Invalid,
		fault.MediaType: fault.UnsupportedMedia, fault.NothingAccepted: fault.NotAcceptable, fault.NoRoute: fault.NotFound, fault.NoMethod: fault.MethodNotAllowed,
		fault.NoCredential: fault.Unauthenticated, fault.NoGrant: fault.Forbidden, fault.RateExceeded: fault.Limited, fault.TooManyInFlight: fault.Limited,
		fault.BodyTooLarge: fault.TooLarge, fault.NoLength: fault.LengthRequired, fault.EmptyBody: fault.Invalid, fault.BrokenBody: fault.Invalid,
		fault.Missing: fault.NotFound, fault.Duplicate: fault.Conflict, fault.Stale: fault.Conflict, fault.Busy: fault.Conflict,
		fault.AddressInvalid: fault.Forbidden, fault.AddressUsed: fault.Conflict, fault.StoreUnavailable: fault.Unavailable, fault.InternalError: fault.Internal,
		"own_reason": fault.PreconditionFailed, "other_reason": fault.Unprocessable, "third_reason": fault.Gone,
	}
	for _, language := range []string{"nl", "de", "en"} {
		for reason, kind := range kinds {
			p := problem.Table{Language: language}.Of(fault.New(kind, reason, ""), "/")
			if p.Status < 400 || p.Code == "" || p.Title == "" || p.Detail == "" || strings.Contains(p.Detail, "%!") {
				t.Errorf("%s %s: %+v", language, reason, p)
			}
		}
	}
	if p := (problem.Table{Language: "nl"}).Of(fault.New(fault.Conflict, "eigen_reden", "Dat gaat niet."), "/"); p.Code != "eigen_reden" || p.Detail != "Dat gaat niet." || p.Status != 409 {
		t.Errorf("%+v", p)
	}
}

func TestEveryRuleHasASentence(t *testing.T) {
	rules := map[string]any{
		"required": nil, "unknown": nil, "duplicate": "x", "type": "integer, string", "format": "date", "pattern": "^a$", "minLength": uint64(2), "maxLength": uint64(2),
		"minimum": "1", "maximum": "1", "exclusiveMinimum": "1", "exclusiveMaximum": "1", "multipleOf": "5", "minItems": uint64(1), "maxItems": uint64(1), "uniqueItems": nil,
		"minProperties": uint64(1), "maxProperties": uint64(1), "readOnly": nil, "oneOf": nil, "anyOf": nil, "not": nil,
		"syntax": 4, "trailing": 4, "depth": 64, "utf8": 4, "nul": 4, "maxBytes": int64(10), "blank": nil, "enum": []any{"a", "b"},
	}
	for language, wrong := range map[string]string{"nl": "is onjuist", "de": "ist falsch", "en": "is wrong"} {
		for rule, limit := range rules {
			for _, in := range []string{fault.InBody, fault.InQuery} {
				f := fault.New(fault.Invalid, fault.BadBody, "").With(fault.Field{In: in, Pointer: "/a", Name: "a", Rule: rule, Limit: limit})
				got := problem.Table{Language: language}.Of(f, "/").Errors[0].Detail
				if strings.Contains(got, wrong) || strings.Contains(got, "%!") || !strings.HasPrefix(got, "a ") || !strings.HasSuffix(got, ".") {
					t.Errorf("%s %s %s: %q", language, in, rule, got)
				}
			}
		}
	}
}

func TestSentences(t *testing.T) {
	for want, c := range map[string]struct {
		language string
		field    fault.Field
	}{
		"adres.regels[0] is verplicht.":                                     {"nl", fault.Field{In: fault.InBody, Pointer: "/adres/regels/0", Rule: "required"}},
		"status moet een van uploaded, review of done zijn.":                {"nl", fault.Field{In: fault.InBody, Pointer: "/status", Rule: "enum", Limit: []any{"uploaded", "review", "done"}}},
		"status moet uploaded zijn.":                                        {"nl", fault.Field{In: fault.InBody, Pointer: "/status", Rule: "enum", Limit: []any{"uploaded"}}},
		"opleverdatum moet een bestaande datum in de vorm JJJJ-MM-DD zijn.": {"nl", fault.Field{In: fault.InBody, Pointer: "/opleverdatum", Rule: "format", Limit: "date"}},
		"limit moet een geheel getal zijn.":                                 {"nl", fault.Field{In: fault.InQuery, Name: "limit", Rule: "type", Limit: "integer"}},
		"foo is geen bekende parameter.":                                    {"nl", fault.Field{In: fault.InQuery, Name: "foo", Rule: "unknown"}},
		"De inhoud is verplicht.":                                           {"nl", fault.Field{In: fault.InBody, Rule: "required"}},
		"x muss eine ganze Zahl oder ein Text sein.":                        {"de", fault.Field{In: fault.InBody, Pointer: "/x", Rule: "type", Limit: "integer, string"}},
		"a/b~c is not a known field.":                                       {"en", fault.Field{In: fault.InBody, Pointer: "/a~1b~0c", Rule: "unknown"}},
		"x is wrong.":                                                       {"en", fault.Field{In: fault.InBody, Pointer: "/x", Rule: "newKeyword"}},
		"my own words":                                                      {"en", fault.Field{In: fault.InBody, Pointer: "/x", Rule: "enum", Detail: "my own words"}},
		"x must be \"odd\".":                                                {"en", fault.Field{In: fault.InBody, Pointer: "/x", Rule: "format", Limit: "odd"}},
	} {
		got := problem.Table{Language: c.language}.Of(fault.New(fault.Invalid, fault.BadBody, "").With(c.field), "/").Errors[0].Detail
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTableGoesOverTheDefaults(t *testing.T) {
	table := problem.Table{Language: "nl", Entries: map[fault.Reason]problem.Entry{
		fault.BadPath:          {Code: "ongeldig_id"},
		fault.StoreUnavailable: {Status: 500, Code: "interne_fout", Title: "Interne fout", Detail: "Er ging iets mis."},
	}}
	p := table.Of(fault.New(fault.Invalid, fault.BadPath, ""), "/x")
	if p.Code != "ongeldig_id" || p.Status != 400 || p.Title != "Ongeldig adres" || p.Instance != "/x" {
		t.Errorf("%+v", p)
	}
	p = table.Of(fault.New(fault.Unavailable, fault.StoreUnavailable, "tell nobody"), "/x")
	if p.Status != 500 || p.Detail != "Er ging iets mis." {
		t.Errorf("%+v", p)
	}
}

func TestErrorsOfOthers(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		reason fault.Reason
	}{
		{echo.ErrNotFound, 404, fault.NoRoute},
		{echo.ErrMethodNotAllowed, 405, fault.NoMethod},
		{echo.NewHTTPError(400, "Invalid format for parameter projectId: secret"), 400, fault.BadBody},
		{echo.NewHTTPError(401, "x"), 401, fault.NoCredential},
		{echo.NewHTTPError(403, "x"), 403, fault.NoGrant},
		{echo.NewHTTPError(406, "x"), 406, fault.NothingAccepted},
		{echo.ErrStatusRequestEntityTooLarge, 413, fault.BodyTooLarge},
		{echo.ErrUnsupportedMediaType, 415, fault.MediaType},
		{echo.ErrTooManyRequests, 429, fault.RateExceeded},
		{echo.ErrServiceUnavailable, 503, fault.StoreUnavailable},
		{echo.NewHTTPError(418, "secret"), 500, fault.InternalError},
		{&http.MaxBytesError{Limit: 1}, 413, fault.BodyTooLarge},
		{context.DeadlineExceeded, 503, fault.StoreUnavailable},
		{errors.New("secret"), 500, fault.InternalError},
		{fmt.Errorf("secret: %w", fault.New(fault.Gone, "x", "")), 410, "x"},
	} {
		w := handle(t, problem.Table{Language: "en", Log: slog.New(slog.DiscardHandler)}, "GET", c.err)
		if w.Code != c.status || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%v: %d %s", c.err, w.Code, w.Body)
		}
		if p := (problem.Table{}).Of(c.err, "/"); p.Fault.Reason != c.reason {
			t.Errorf("%v: reason %s", c.err, p.Fault.Reason)
		}
	}
}

func TestBody(t *testing.T) {
	f := fault.New(fault.Conflict, "own", "No.").With(fault.Field{In: fault.InBody, Pointer: "/a", Rule: "required"}, fault.Field{In: fault.InQuery, Name: "b", Rule: "required"})
	f.Data = map[string]any{"extra": 1, "status": "not this"}
	f.RetryAfter = 1500 * time.Millisecond
	w := handle(t, problem.Table{Language: "en", Challenge: "Bearer"}, "GET", f)
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"type": "about:blank", "title": "Not possible in this state", "status": 409.0, "detail": "No.", "instance": "/api/x/y", "code": "own", "extra": 1.0,
		"errors": []any{map[string]any{"detail": "a is required.", "pointer": "#/a"}, map[string]any{"detail": "b is required.", "parameter": "b"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if w.Header().Get("Retry-After") != "2" || w.Header().Get("WWW-Authenticate") != "" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%v", w.Header())
	}
	w = handle(t, problem.Table{Language: "en", Challenge: "Bearer"}, "GET", fault.New(fault.Unauthenticated, fault.NoCredential, ""))
	if w.Header().Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%v", w.Header())
	}
}

func TestHeadCommittedAndOwnShape(t *testing.T) {
	if w := handle(t, problem.Table{}, "HEAD", echo.ErrNotFound); w.Code != 404 || w.Body.Len() > 0 {
		t.Errorf("HEAD: %d %s", w.Code, w.Body)
	}
	own := problem.Table{Render: func(c echo.Context, p problem.Problem) error {
		return c.JSON(p.Status, map[string]string{"message": p.Title})
	}}
	if w := handle(t, own, "GET", echo.ErrNotFound); w.Body.String() != "{\"message\":\"Not found\"}\n" {
		t.Errorf("own shape: %s", w.Body)
	}
	if w := handle(t, own, "HEAD", echo.ErrNotFound); w.Body.Len() > 0 || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("own shape, HEAD: %v %s", w.Header(), w.Body)
	}
	var log strings.Builder
	w := httptest.NewRecorder()
	c := echo.New().NewContext(httptest.NewRequest("GET", "/", nil), w)
	if err := c.String(200, "begun"); err != nil {
		t.Fatal(err)
	}
	problem.Table{Log: slog.New(slog.NewTextHandler(&log, nil))}.Handle(c, errors.New("disk"))
	if w.Body.String() != "begun" || !strings.Contains(log.String(), "disk") {
		t.Errorf("an answer that has begun: %s, log %s", w.Body, &log)
	}
}

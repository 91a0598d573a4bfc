// Package problem turns every failure into a status and a body, in one place.
// An API hands it a Table with what its page says differently; everything else
// has the house's defaults. It may import store/fault; no API, no store.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"loket/store/fault"
)

// Entry is how an API shows one reason. What is left empty comes from the
// house's defaults: the status of the fault's Kind, code and title in the
// table's language; a Detail of "" shows the fault's own.
type Entry struct {
	Status              int
	Code, Title, Detail string
}

// Table is how one API shows failures.
type Table struct {
	Language  string // "nl", "de" or "en" (default): wording of the defaults and of the Field rules
	Entries   map[fault.Reason]Entry
	Challenge string // WWW-Authenticate on 401
	// Render writes the body where the API has a shape of its own; nil is
	// RFC 9457 (application/problem+json). What it writes as a body does not
	// reach a HEAD.
	Render func(c echo.Context, p Problem) error
	// Count hears of every refusal, for the metrics; the house sets it.
	Count func(reason fault.Reason)
	// Log gets what has a status of 500 or more, with its cause; the house
	// sets it. Nil is slog.Default.
	Log *slog.Logger
}

// Problem is a failure as it may be shown.
type Problem struct {
	Status   int
	Type     string // "about:blank"
	Title    string
	Detail   string
	Instance string // path of the request
	Code     string // stable, for programs
	Errors   []Item
	Fault    *fault.Error // never show its cause
}

// Item is one fault of the input.
type Item struct {
	Detail    string // a sentence in the table's language, beginning with the field's name
	Pointer   string // "#/a/0" in the body; "" elsewhere
	Parameter string // name of a path, query or header parameter
}

// statusClosed is what the log shows when the client went away; nothing is
// sent. It is nginx's number, which log readers know.
const statusClosed = 499

// Of says how err is shown for a request path, without writing anything.
func (t Table) Of(err error, path string) Problem {
	f := normalize(err)
	d := t.entry(f)
	p := Problem{Status: d.Status, Type: "about:blank", Title: d.Title, Detail: d.Detail, Instance: path, Code: d.Code, Fault: f}
	if p.Detail == "" && p.Status < http.StatusInternalServerError {
		p.Detail = f.Detail
	}
	if p.Detail == "" {
		p.Detail = d.fallback
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, t.item(field))
	}
	return p
}

// Handle answers with err. It logs a status of 500 or more once, with the
// cause and the request id; it writes nothing when an answer has begun, and no
// body for HEAD. An Allow header that echo has set stays.
func (t Table) Handle(c echo.Context, err error) {
	if err == nil {
		return
	}
	p := t.Of(err, Place(c))
	if Gone(c, err) {
		// Nobody is there to read it; the status is for the log.
		if !c.Response().Committed {
			c.Response().Status, c.Response().Committed = statusClosed, true
		}
		return
	}
	if t.Count != nil {
		t.Count(p.Fault.Reason)
	}
	if p.Status >= http.StatusInternalServerError || c.Response().Committed {
		t.log(c, p, err)
	}
	if c.Response().Committed {
		return
	}
	t.headers(c, p)
	if err := t.write(c, p); err != nil {
		t.log(c, p, fmt.Errorf("problem: the answer could not be written: %w", err))
	}
}

// Place is the request's path as it may be shown and logged: a path parameter
// called token is a secret that opens something, so it becomes "...".
func Place(c echo.Context) string {
	path, route := c.Request().URL.Path, c.Path()
	if !strings.Contains(route, "/:token") {
		return path
	}
	shown := strings.Split(path, "/")
	for i, part := range strings.Split(route, "/") {
		if part == ":token" && i < len(shown) {
			shown[i] = "..."
		}
	}
	return strings.Join(shown, "/")
}

// Gone tells that the request failed because its client has closed the
// connection: in the middle of the work, or of an answer that had begun.
func Gone(c echo.Context, err error) bool {
	return errors.Is(c.Request().Context().Err(), context.Canceled) &&
		(c.Response().Committed || errors.Is(err, context.Canceled))
}

func (t Table) headers(c echo.Context, p Problem) {
	h := c.Response().Header()
	if p.Status == http.StatusUnauthorized && t.Challenge != "" {
		h.Set(echo.HeaderWWWAuthenticate, t.Challenge)
	}
	if wait := p.Fault.RetryAfter; wait > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	}
	// What a handler prepared for the success that did not come.
	for _, name := range []string{echo.HeaderContentLength, "ETag", echo.HeaderLastModified, echo.HeaderContentDisposition} {
		h.Del(name)
	}
}

func (t Table) write(c echo.Context, p Problem) error {
	if c.Request().Method == http.MethodHead {
		c.Response().Writer = bodiless{c.Response().Writer}
	}
	if t.Render != nil {
		return t.Render(c, p)
	}
	return Write(c, p)
}

// bodiless lets an answer to HEAD have the headers of its body only.
type bodiless struct{ http.ResponseWriter }

func (b bodiless) Write(p []byte) (int, error) { return len(p), nil }
func (b bodiless) Unwrap() http.ResponseWriter { return b.ResponseWriter }

const contentType = "application/problem+json"

type body struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	Code     string `json:"code"`
	Errors   []item `json:"errors,omitempty"`
}

type item struct {
	Detail    string `json:"detail"`
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
}

// Write answers with RFC 9457; the fault's Data become further members.
func Write(c echo.Context, p Problem) error {
	b := body{Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail, Instance: p.Instance, Code: p.Code}
	for _, e := range p.Errors {
		b.Errors = append(b.Errors, item(e))
	}
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if len(p.Fault.Data) > 0 {
		if text, err = extend(text, p.Fault.Data); err != nil {
			return err
		}
	}
	return c.Blob(p.Status, contentType, text)
}

// extend adds members; those of RFC 9457 keep their values.
func extend(text []byte, data map[string]any) ([]byte, error) {
	all := map[string]any{}
	for k, v := range data {
		all[k] = v
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

func (t Table) log(c echo.Context, p Problem, err error) {
	log := t.Log
	if log == nil {
		log = slog.Default()
	}
	log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed",
		slog.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)),
		slog.String("method", c.Request().Method),
		slog.String("route", c.Path()),
		slog.Int("status", p.Status),
		slog.String("reason", string(p.Fault.Reason)),
		slog.Any("error", err))
}

// normalize finds the fault behind err: the use case's own, or what the
// generated code, echo and net/http mean by theirs. Their texts are never
// shown.
func normalize(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		return ofStatus(h.Code, err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Wrap(err, fault.TooLarge, fault.BodyTooLarge, "")
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		f := fault.Wrap(err, fault.Unavailable, fault.StoreUnavailable, "")
		f.RetryAfter = time.Second
		return f
	}
	return fault.From(err)
}

// Recovered is the error of a panic; the stack is for the log only.
func Recovered(v any, stack []byte) error {
	return fault.Wrap(fmt.Errorf("panic: %v\n%s", v, stack), fault.Internal, fault.InternalError, "")
}

func ofStatus(status int, err error) *fault.Error {
	switch status {
	case http.StatusBadRequest:
		return fault.Wrap(err, fault.Invalid, fault.BadBody, "")
	case http.StatusUnauthorized:
		return fault.Wrap(err, fault.Unauthenticated, fault.NoCredential, "")
	case http.StatusForbidden:
		return fault.Wrap(err, fault.Forbidden, fault.NoGrant, "")
	case http.StatusNotFound:
		return fault.Wrap(err, fault.NotFound, fault.NoRoute, "")
	case http.StatusMethodNotAllowed:
		return fault.Wrap(err, fault.MethodNotAllowed, fault.NoMethod, "")
	case http.StatusNotAcceptable:
		return fault.Wrap(err, fault.NotAcceptable, fault.NothingAccepted, "")
	case http.StatusRequestEntityTooLarge:
		return fault.Wrap(err, fault.TooLarge, fault.BodyTooLarge, "")
	case http.StatusUnsupportedMediaType:
		return fault.Wrap(err, fault.UnsupportedMedia, fault.MediaType, "")
	case http.StatusTooManyRequests:
		return fault.Wrap(err, fault.Limited, fault.RateExceeded, "")
	case http.StatusServiceUnavailable:
		return fault.Wrap(err, fault.Unavailable, fault.StoreUnavailable, "")
	default:
		return fault.Wrap(err, fault.Internal, fault.InternalError, "")
	}
}

package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Request is one request of a test.
type Request struct {
	Method string // "" is GET
	// Path is a path with its query, or an address that the server gave out.
	Path   string
	Token  string            // sent as Authorization: Bearer
	Header map[string]string // goes over what the other fields set
	// Body is sent as it is when it is a string, []byte or io.Reader; anything
	// else is sent as JSON. A body of JSON, and a string, have Content-Type
	// application/json unless Header says otherwise.
	Body any
	// Length is the Content-Length; 0 is that of the body, -1 none (chunked).
	Length int64
	// From is the client's address with port; "" is 192.0.2.1:1234.
	From string
}

// Response is an answer that was held against the document.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Broken bool // the server broke off the connection in the middle of the answer
}

// Do sends a request through the whole house.
func (s *Server) Do(tb testing.TB, r Request) *Response {
	tb.Helper()
	w := httptest.NewRecorder()
	broken := serve(s.Handler, w, r.http(tb))
	return &Response{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes(), Broken: broken}
}

// serve does as net/http with a handler that gives up.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (broken bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			broken = true
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

// Want sends a request and fails the test unless it is answered with status.
func (s *Server) Want(tb testing.TB, status int, r Request) *Response {
	tb.Helper()
	got := s.Do(tb, r)
	if got.Status != status {
		tb.Fatalf("%s %s = %d, want %d: %s", r.method(), r.Path, got.Status, status, got.Body)
	}
	return got
}

// Listen serves the house on a port of its own until the test ends, for what
// needs a connection; it gives the origin.
func (s *Server) Listen(tb testing.TB) string {
	tb.Helper()
	server := httptest.NewServer(s.Handler)
	tb.Cleanup(server.Close)
	return server.URL
}

func (r Request) method() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}

func (r Request) http(tb testing.TB) *http.Request {
	tb.Helper()
	body, contentType := r.body(tb)
	out := httptest.NewRequestWithContext(tb.Context(), r.method(), strings.TrimPrefix(r.Path, "http://"+Host), body)
	out.Host = Host
	if contentType != "" {
		out.Header.Set("Content-Type", contentType)
	}
	if r.Token != "" {
		out.Header.Set("Authorization", "Bearer "+r.Token)
	}
	for k, v := range r.Header {
		if v == "" {
			out.Header.Del(k)
			continue
		}
		out.Header.Set(k, v)
	}
	if r.Length != 0 {
		out.ContentLength = r.Length
	}
	if r.From != "" {
		out.RemoteAddr = r.From
	}
	return out
}

func (r Request) body(tb testing.TB) (io.Reader, string) {
	tb.Helper()
	const asJSON = "application/json"
	switch b := r.Body.(type) {
	case nil:
		return nil, ""
	case string:
		return strings.NewReader(b), asJSON
	case []byte:
		return bytes.NewReader(b), ""
	case io.Reader:
		return b, ""
	default:
		text, err := json.Marshal(b)
		if err != nil {
			tb.Fatalf("write the body as JSON: %v", err)
		}
		return bytes.NewReader(text), asJSON
	}
}

// JSON reads the body into v.
func (r *Response) JSON(tb testing.TB, v any) {
	tb.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		tb.Fatalf("read the answer %d as JSON: %v: %s", r.Status, err, r.Body)
	}
}

// Object is the body as a JSON object.
func (r *Response) Object(tb testing.TB) map[string]any {
	tb.Helper()
	var v map[string]any
	r.JSON(tb, &v)
	return v
}

// List is the body as an array of JSON objects.
func (r *Response) List(tb testing.TB) []map[string]any {
	tb.Helper()
	var v []map[string]any
	r.JSON(tb, &v)
	return v
}

// Code is the `code` of a problem; "" when there is none.
func (r *Response) Code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(r.Body, &p) // no problem has no code
	return p.Code
}

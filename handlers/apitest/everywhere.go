package apitest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"loket/handlers/mount"
	"loket/handlers/validate"
	"loket/store/fault"
)

// Everywhere is what the answers that are the same for all operations need to
// know about an API.
type Everywhere struct {
	API string // "capo"
	// Header opens the API; Other belongs to a known client that it does not
	// open (nil: there is no such thing).
	Header, Other map[string]string
	// Params are values of path and required query parameters by name; what
	// is not here comes from the document's examples.
	Params map[string]string
	// Bodies are sound bodies by operationId, for what happens behind the
	// validator; what is not here is sent without one.
	Bodies map[string]string
	// New makes a server that the headers open.
	New func(testing.TB) *Server
	// Skip names pairs "operationId status" that cannot come about in this
	// way; the API's own tests produce them.
	Skip []string
}

// Run drives every operation that declares the status into 401, 403, 406,
// 413, 415, 429 and 500 (or 503, where a document has that for a store that
// does not answer).
func (e Everywhere) Run(t *testing.T) {
	s := e.New(t)
	i := slices.IndexFunc(s.APIs, func(a mount.API) bool { return a.Name == e.API })
	if i < 0 {
		t.Fatalf("there is no API %q", e.API)
	}
	api := s.APIs[i]
	operations, err := api.Document().Operations()
	if err != nil {
		t.Fatal(err)
	}
	each := func(name string, statuses []string, s *Server, ask func(*validate.Operation) *Request) {
		t.Run(name, func(t *testing.T) {
			for _, o := range operations {
				status, ok := e.declared(o, statuses)
				r := ask(o)
				if !ok || r == nil {
					continue
				}
				if got := s.Do(t, *r); got.Status != status {
					t.Errorf("%s (%s %s) = %d, want %d: %s", o.ID, r.Method, r.Path, got.Status, status, got.Body)
				}
				// So that no operation finds the bucket empty.
				s.Clock.Advance(60e9)
			}
		})
	}
	each("no credential", []string{"401"}, s, func(o *validate.Operation) *Request { return e.request(api, o, nil) })
	each("no grant", []string{"403"}, s, func(o *validate.Operation) *Request {
		if e.Other == nil || len(o.Security) == 0 {
			return nil
		}
		return e.request(api, o, e.Other)
	})
	each("nothing acceptable", []string{"406"}, s, func(o *validate.Operation) *Request { return e.with(api, o, "Accept", "model/vrml", "") })
	each("media type", []string{"415"}, s, func(o *validate.Operation) *Request {
		return e.with(api, o, "Content-Type", "model/vrml", "x")
	})
	each("body too large", []string{"413"}, s, func(o *validate.Operation) *Request {
		if !o.TakesBody() {
			return nil
		}
		return e.with(api, o, "", "", `{"x":"`+strings.Repeat("x", int(max(api.BodyLimit, validate.DefaultBodyLimit)))+`"}`)
	})
	s.Refuse(fault.RateExceeded)
	each("too many", []string{"429"}, s, func(o *validate.Operation) *Request { return e.request(api, o, e.Header) })
	broken := e.New(t)
	if err := broken.DB.Close(); err != nil {
		t.Fatal(err)
	}
	each("store away", []string{"503", "500"}, broken, func(o *validate.Operation) *Request {
		r := e.request(api, o, e.Header)
		if body := e.Bodies[o.ID]; body != "" {
			r.Body = body
		}
		return r
	})
}

// declared is the first of statuses that the operation declares.
func (e Everywhere) declared(o *validate.Operation, statuses []string) (int, bool) {
	for _, status := range statuses {
		if slices.Contains(o.Statuses(), status) && !slices.Contains(e.Skip, o.ID+" "+status) {
			n := 0
			for _, digit := range status {
				n = n*10 + int(digit-'0')
			}
			return n, true
		}
	}
	return 0, false
}

// request is one that the operation's path and required parameters allow.
func (e Everywhere) request(api mount.API, o *validate.Operation, header map[string]string) *Request {
	r := Request{Method: o.Method, Header: map[string]string{}}
	for k, v := range header {
		r.Header[k] = v
	}
	path, query := api.Base()+o.Path, []string{}
	for _, p := range o.Parameters() {
		value, ok := e.Params[p.Name]
		if !ok {
			value = p.Example
		}
		switch p.In {
		case fault.InPath:
			path = strings.ReplaceAll(path, "{"+p.Name+"}", value)
		case fault.InQuery:
			if p.Required {
				query = append(query, p.Name+"="+value)
			}
		case fault.InHeader:
			if p.Required {
				r.Header[p.Name] = value
			}
		}
	}
	if r.Path = path; len(query) > 0 {
		r.Path += "?" + strings.Join(query, "&")
	}
	return &r
}

func (e Everywhere) with(api mount.API, o *validate.Operation, name, value, body string) *Request {
	r := e.request(api, o, e.Header)
	if body != "" {
		if o.Method == http.MethodGet {
			return nil
		}
		r.Body = body
	}
	if name != "" {
		r.Header[name] = value
	}
	return r
}

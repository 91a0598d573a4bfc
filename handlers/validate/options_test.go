package validate_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"loket/handlers/validate"
	"loket/store/fault"
)

const files = `
openapi: 3.0.3
info: {title: files, version: 1.0.0}
paths:
  /file:
    put:
      operationId: put
      requestBody:
        required: true
        content:
          application/pdf: {schema: {type: string, format: binary}}
      responses:
        '200': {description: done, content: {application/json: {schema: {type: string}}}}
`

// unread fails the test when a byte of it is asked for.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, errors.New("not to be read")
}

func TestFilesOfNamedTypes(t *testing.T) {
	for _, anyAccept := range []bool{false, true} {
		o, err := validate.New(validate.Options{YAML: []byte(files), AnyAccept: anyAccept}).Operation(http.MethodPut, "/file")
		if err != nil {
			t.Fatal(err)
		}
		do := func(body any, header ...string) fault.Reason {
			r := httptest.NewRequest(http.MethodPut, "/file", nil)
			switch b := body.(type) {
			case unread:
				r = httptest.NewRequest(http.MethodPut, "/file", b)
				r.ContentLength = 10
			case string:
				r = httptest.NewRequest(http.MethodPut, "/file", strings.NewReader(b))
			}
			for i := 0; i+1 < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			return fault.ReasonOf(o.Request(echo.New().NewContext(r, httptest.NewRecorder())))
		}
		accept := fault.NothingAccepted
		if anyAccept {
			accept = ""
		}
		for _, c := range []struct {
			name   string
			body   any
			header []string
			want   fault.Reason
		}{
			{"its type", unread{t}, []string{"Content-Type", "application/pdf"}, ""},
			{"another type", unread{t}, []string{"Content-Type", "text/plain"}, fault.MediaType},
			{"another type, no body", nil, []string{"Content-Type", "text/plain"}, fault.MediaType},
			{"no type", "x", nil, fault.MediaType},
			{"nothing at all", nil, nil, fault.BadJSON},
			{"strange Accept", unread{t}, []string{"Content-Type", "application/pdf", "Accept", "image/png"}, accept},
		} {
			if got := do(c.body, c.header...); got != c.want {
				t.Errorf("%s (any Accept: %v): %q, want %q", c.name, anyAccept, got, c.want)
			}
		}
	}
}

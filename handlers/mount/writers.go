package mount

import (
	"errors"
	"mime"
	"net/http"
	"strings"
)

// errHead ends a handler that would go on to write a body that nobody gets;
// a download is not read to its end for a HEAD.
var errHead = errors.New("mount: HEAD has no body")

// headWriter lets headers pass and stops at the first byte of the body.
type headWriter struct{ http.ResponseWriter }

func (w *headWriter) Write([]byte) (int, error)   { return 0, errHead }
func (w *headWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// maxKept is how much of an answer is kept for the check of it.
const maxKept = 16 << 20

// recorder keeps an answer of JSON beside sending it; streams and files pass
// untouched.
type recorder struct {
	http.ResponseWriter
	body    []byte
	decided bool
	keep    bool
}

func (r *recorder) Write(p []byte) (int, error) {
	if !r.decided {
		r.decided = true
		name, _, err := mime.ParseMediaType(r.Header().Get("Content-Type"))
		r.keep = err == nil && (name == "application/json" || strings.HasSuffix(name, "+json"))
	}
	if r.keep {
		if r.body = append(r.body, p...); len(r.body) > maxKept {
			r.keep, r.body = false, nil
		}
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// kept is the whole body, or nil when it was not kept.
func (r *recorder) kept() []byte {
	if r.decided && !r.keep {
		return nil
	}
	return r.body
}

package mount

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"loket/handlers/limit"
	"loket/handlers/validate"
)

// House is what all operations share.
type House struct {
	Limiter limit.Limiter
	// Check holds each answer against the document and tells OnViolation. It
	// costs a second pass over every JSON body.
	Check       bool
	OnViolation func(Violation)
	// OnAnswer hears of each answer of an operation (not of HEAD); tests
	// count with it what was seen.
	OnAnswer func(api string, o *validate.Operation, status int)
}

// Violation is an answer that breaks the API's document.
type Violation struct {
	API       string
	Operation string
	Method    string
	Route     string
	Status    int
	Wrong     []string // places and rules, no values
}

// Router registers an API's operations with echo, each within the house's
// chain, and a HEAD beside each GET, which echo has not. It has the methods of
// the generated EchoRouter, and takes paths with the API's base or without.
type Router struct {
	echo  *echo.Echo
	api   *API
	doc   *validate.Document
	house House
	rates rates

	allowed map[string][]string // methods by path, for OPTIONS
}

// NewRouter prepares the routes of one API.
func NewRouter(e *echo.Echo, api *API, doc *validate.Document, house House) *Router {
	return &Router{echo: e, api: api, doc: doc, house: house, rates: newRates(api.Limits)}
}

func (r *Router) add(method, path string, h echo.HandlerFunc, m []echo.MiddlewareFunc) *echo.Route {
	for i := len(m) - 1; i >= 0; i-- {
		h = m[i](h)
	}
	full := path
	if !strings.HasPrefix(path, r.api.Base()+"/") {
		full = r.api.Base() + path
	}
	o := &operation{router: r, method: method, path: full, handler: h}
	if r.api.EitherSlash {
		r.route(method, full+"/", o)
	}
	return r.route(method, full, o)
}

func (r *Router) route(method, full string, o *operation) *echo.Route {
	if method == http.MethodGet {
		r.echo.Add(http.MethodHead, full, o.head)
	}
	if r.api.Options {
		r.allow(method, full)
	}
	return r.echo.Add(method, full, o.serve)
}

// allow lets OPTIONS on the path name one method more.
func (r *Router) allow(method, full string) {
	if r.allowed == nil {
		r.allowed = map[string][]string{}
	}
	if r.allowed[full] == nil {
		r.allowed[full] = []string{http.MethodOptions}
		r.echo.OPTIONS(full, func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderAllow, strings.Join(r.allowed[full], ", "))
			return c.NoContent(http.StatusOK)
		})
	}
	r.allowed[full] = append(r.allowed[full], method)
	if method == http.MethodGet {
		r.allowed[full] = append(r.allowed[full], http.MethodHead)
	}
}

// CONNECT registers an operation.
func (r *Router) CONNECT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodConnect, path, h, m)
}

// DELETE registers an operation.
func (r *Router) DELETE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodDelete, path, h, m)
}

// GET registers an operation, and HEAD on the same path.
func (r *Router) GET(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodGet, path, h, m)
}

// HEAD registers an operation.
func (r *Router) HEAD(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodHead, path, h, m)
}

// OPTIONS registers an operation.
func (r *Router) OPTIONS(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodOptions, path, h, m)
}

// PATCH registers an operation.
func (r *Router) PATCH(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodPatch, path, h, m)
}

// POST registers an operation.
func (r *Router) POST(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodPost, path, h, m)
}

// PUT registers an operation.
func (r *Router) PUT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodPut, path, h, m)
}

// TRACE registers an operation.
func (r *Router) TRACE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return r.add(http.MethodTrace, path, h, m)
}

package mount

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// Spanning registers operations whose first parameter may hold slashes, which
// echo's routes cannot express: it takes the generated code's registrations
// (it has the methods of its EchoRouter), puts one route over everything below
// the API's base, and finds the operation by a resolver of the API's own.
// Each operation keeps the house's chain and the generated wrapper, so binding
// and validation stay the document's.
type Spanning struct {
	router *Router
	routes map[string]map[string]*operation // by path as registered, by method
	find   func(path string) (Match, bool)
}

// maxParams is the most parameters that one path has.
const maxParams = 8

// Match is where a path leads.
type Match struct {
	Route  string   // as registered, without the base: "/:path/@types/:type"
	Params []string // values of its parameters in their order, not escaped
}

// Spanning opens the route. find gets the path below the base, unescaped,
// without a slash at its end ("/" is the base itself), with every %2F as a
// slash; false is 404.
func (r *Router) Spanning(find func(path string) (Match, bool)) *Spanning {
	s := &Spanning{router: r, routes: map[string]map[string]*operation{}, find: find}
	// echo sizes its contexts by the routes it knows; these it does not know.
	r.echo.NewContext(nil, nil).SetParamNames(make([]string, maxParams)...)
	for _, path := range []string{"", "/", "/*"} {
		r.echo.Any(r.api.Base()+path, s.serve)
	}
	return s
}

// serve finds the operation and hands over to its chain.
func (s *Spanning) serve(c echo.Context) error {
	r := c.Request()
	path, ok := s.path(r.URL)
	if !ok {
		return echo.ErrNotFound
	}
	m, ok := s.find(path)
	methods := s.routes[m.Route]
	if !ok || methods == nil {
		return echo.ErrNotFound
	}
	o := methods[r.Method]
	head := o == nil && r.Method == http.MethodHead
	if head {
		o = methods[http.MethodGet]
	}
	if o == nil {
		return notAllowed(c, methods)
	}
	s.bind(c, o, m)
	if head {
		return o.head(c)
	}
	return o.serve(c)
}

// path is the request's path below the base, each byte unescaped once.
func (s *Spanning) path(u *url.URL) (string, bool) {
	path, err := url.PathUnescape(strings.TrimPrefix(u.EscapedPath(), s.router.api.Base()))
	if err != nil {
		return "", false
	}
	if path = strings.TrimSuffix(path, "/"); path == "" {
		path = "/"
	}
	return path, true
}

// bind sets the parameters as echo would from a path that was escaped: the
// validator and the generated code both unescape them.
func (s *Spanning) bind(c echo.Context, o *operation, m Match) {
	values := make([]string, len(m.Params))
	for i, v := range m.Params {
		values[i] = url.PathEscape(v)
	}
	r := c.Request()
	u := *r.URL
	u.RawPath = u.EscapedPath()
	c.SetRequest(r.WithContext(r.Context()))
	c.Request().URL = &u
	c.SetPath(o.path)
	c.SetParamNames(names(m.Route)...)
	c.SetParamValues(values...)
}

func names(route string) []string {
	var out []string
	for part := range strings.SplitSeq(route, "/") {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			out = append(out, name)
		}
	}
	return out
}

// notAllowed names what the path can do; OPTIONS asks for just that.
func notAllowed(c echo.Context, methods map[string]*operation) error {
	allow := slices.Collect(maps.Keys(methods))
	allow = append(allow, http.MethodOptions)
	if methods[http.MethodGet] != nil {
		allow = append(allow, http.MethodHead)
	}
	slices.Sort(allow)
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(allow, ", "))
	if c.Request().Method == http.MethodOptions {
		return c.NoContent(http.StatusNoContent)
	}
	return echo.ErrMethodNotAllowed
}

// Routes are the registered paths without the base.
func (s *Spanning) Routes() []string { return slices.Sorted(maps.Keys(s.routes)) }

func (s *Spanning) add(method, path string, h echo.HandlerFunc, m []echo.MiddlewareFunc) *echo.Route {
	for i := len(m) - 1; i >= 0; i-- {
		h = m[i](h)
	}
	full := s.router.api.Base() + path
	if s.routes[path] == nil {
		s.routes[path] = map[string]*operation{}
	}
	s.routes[path][method] = &operation{router: s.router, method: method, path: full, handler: h}
	return &echo.Route{Method: method, Path: full}
}

// CONNECT registers an operation.
func (s *Spanning) CONNECT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodConnect, path, h, m)
}

// DELETE registers an operation.
func (s *Spanning) DELETE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodDelete, path, h, m)
}

// GET registers an operation; it answers HEAD too.
func (s *Spanning) GET(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodGet, path, h, m)
}

// HEAD registers an operation.
func (s *Spanning) HEAD(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodHead, path, h, m)
}

// OPTIONS registers an operation.
func (s *Spanning) OPTIONS(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodOptions, path, h, m)
}

// PATCH registers an operation.
func (s *Spanning) PATCH(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodPatch, path, h, m)
}

// POST registers an operation.
func (s *Spanning) POST(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodPost, path, h, m)
}

// PUT registers an operation.
func (s *Spanning) PUT(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodPut, path, h, m)
}

// TRACE registers an operation.
func (s *Spanning) TRACE(path string, h echo.HandlerFunc, m ...echo.MiddlewareFunc) *echo.Route {
	return s.add(http.MethodTrace, path, h, m)
}

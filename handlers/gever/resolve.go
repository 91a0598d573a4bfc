package gever

import (
	"strings"

	"loket/handlers/mount"
)

// resolver finds the operation of a path. An object's path is all segments up
// to the first that begins with '@' (no id does); that one names an endpoint,
// and what follows it are its parameters. It knows the registered routes
// only: which endpoints there are is the document's to say. Those that are no
// endpoint of an object, the portal's, are found whole.
type resolver struct {
	routes map[place]string
	whole  map[string]bool
}

// place tells routes apart: whether they stand at an object or at the site,
// their endpoint, and how many parameters follow it.
type place struct {
	object    bool
	endpoint  string
	following int
}

func newResolver(routes []string) resolver {
	r := resolver{map[place]string{}, map[string]bool{}}
	for _, route := range routes {
		if route != "/" && route[1] != '@' && route[1] != ':' {
			r.whole[route] = true
			continue
		}
		parts := strings.Split(strings.Trim(route, "/"), "/")
		p := place{object: parts[0] == ":path"}
		if p.object {
			parts = parts[1:]
		}
		if len(parts) > 0 {
			p.endpoint, p.following = parts[0], len(parts)-1
		}
		r.routes[p] = route
	}
	return r
}

// apiMark stands before a path in the running system to say that a program
// asks; here nobody else does. No id looks like it.
const apiMark = "/++api++"

// unmarked is a path below the base without the mark.
func unmarked(path string) string {
	rest, found := strings.CutPrefix(path, apiMark)
	switch {
	case found && rest == "":
		return "/"
	case found && rest[0] == '/':
		return rest
	}
	return path
}

// find takes a path as mount.Spanning gives it. Segments that are empty, "."
// or "..", or hold a NUL, lead nowhere (gever.md 0.1 rule 12).
func (r *resolver) find(path string) (mount.Match, bool) {
	path = unmarked(path)
	if path == "/" {
		route, ok := r.routes[place{}]
		return mount.Match{Route: route}, ok
	}
	if r.whole[path] {
		return mount.Match{Route: path}, true
	}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	end := len(segments)
	for i, s := range segments {
		if s == "" || s == "." || s == ".." || strings.IndexByte(s, 0) >= 0 {
			return mount.Match{}, false
		}
		if s[0] == '@' && end == len(segments) {
			end = i
		}
	}
	p, m := place{object: end > 0}, mount.Match{}
	if p.object {
		m.Params = append(m.Params, strings.Join(segments[:end], "/"))
	}
	if end < len(segments) {
		p.endpoint, p.following = segments[end], len(segments)-end-1
		m.Params = append(m.Params, segments[end+1:]...)
	}
	var ok bool
	m.Route, ok = r.routes[p]
	return m, ok
}

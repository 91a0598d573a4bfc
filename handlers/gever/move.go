package gever

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	api "loket/gen/gever"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// MoveObjects brings objects into a container.
func (s *server) MoveObjects(ctx context.Context, r api.MoveObjectsRequestObject) (api.MoveObjectsResponseObject, error) {
	sources, err := gever.Sources(*r.Body)
	if err != nil {
		return nil, err
	}
	return movedToAPI(ctx)(s.db.Move(ctx, caller(ctx), r.Path, sources))
}

// CopyObjects makes copies of objects in a container.
func (s *server) CopyObjects(ctx context.Context, r api.CopyObjectsRequestObject) (api.CopyObjectsResponseObject, error) {
	sources, err := gever.Sources(*r.Body)
	if err != nil {
		return nil, err
	}
	return movedToAPI(ctx)(s.db.Copy(ctx, caller(ctx), r.Path, sources))
}

func movedToAPI(ctx context.Context) func([]geverdb.Moved, error) (*answer, error) {
	return func(moved []geverdb.Moved, err error) (*answer, error) {
		if err != nil {
			return nil, err
		}
		out := []any{}
		for _, m := range moved {
			out = append(out, map[string]any{"source": address(ctx, m.From), "target": address(ctx, m.To)})
		}
		return ok(out)
	}
}

// redirecting answers 301 or 308 where nothing is any more, but an object was
// that has moved (gever.md 3.2).
func (s *server) redirecting(next api.StrictHandlerFunc, _ string) api.StrictHandlerFunc {
	return func(c echo.Context, in any) (any, error) {
		out, err := next(c, in)
		if fault.KindOf(err) != fault.NotFound {
			return out, err
		}
		path, bad := url.PathUnescape(c.Param("path"))
		if bad != nil || path == "" {
			return out, err
		}
		ctx := c.Request().Context()
		to, found, failed := s.db.Redirect(ctx, caller(ctx), path)
		switch {
		case failed != nil:
			return nil, failed
		case !found:
			return out, err
		}
		return movedAnswer(c.Request(), path, to), nil
	}
}

// movedAnswer leads the same request, whatever endpoint it is for, to the
// object's address of today.
func movedAnswer(r *http.Request, path, to string) *answer {
	a := &answer{status: http.StatusPermanentRedirect, bare: true}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		a.status = http.StatusMovedPermanently
	}
	asked, _ := url.PathUnescape(r.URL.EscapedPath()) // it was found by this path
	rest := strings.TrimPrefix(unmarked(strings.TrimPrefix(asked, basePath)), "/"+path)
	location := address(r.Context(), to) + (&url.URL{Path: rest}).EscapedPath()
	if r.URL.RawQuery != "" {
		location += "?" + r.URL.RawQuery
	}
	a.header = map[string]string{"Location": location}
	return a
}

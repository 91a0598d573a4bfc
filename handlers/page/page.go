// Package page holds what answers need to speak of places: the public origin
// for absolute addresses, and windows on lists. It imports only the standard
// library; any room of handlers may import it.
package page

import (
	"context"
	"net/url"
	"strconv"
)

// TotalCount is the header that tells how many rows the whole list has.
const TotalCount = "X-Total-Count"

type key struct{}

// WithOrigin puts the public origin into the context; the house does.
func WithOrigin(ctx context.Context, origin string) context.Context {
	return context.WithValue(ctx, key{}, origin)
}

// Origin is scheme, host and port under which the client reaches Loket,
// without a slash at the end: LOKET_PUBLIC_URL, or what the request says. ""
// outside a request.
func Origin(ctx context.Context) string {
	origin, _ := ctx.Value(key{}).(string)
	return origin
}

// Window is a part of a list. Limit 0 is all of it.
type Window struct{ Limit, Offset int }

// Of takes the optional query parameters limit and offset; without a limit it
// is otherwise. Both were validated against the document.
func Of(limit, offset *int, otherwise int) Window {
	w := Window{Limit: otherwise}
	if limit != nil {
		w.Limit = *limit
	}
	if offset != nil {
		w.Offset = *offset
	}
	return w
}

// Cut gives the window's rows of a list that is held as a whole.
func Cut[T any](rows []T, w Window) []T {
	from := min(w.Offset, len(rows))
	to := len(rows)
	if w.Limit > 0 {
		to = min(from+w.Limit, len(rows))
	}
	return rows[from:to]
}

// Next is the address of the following window: the origin, the request's own
// path and query with offset moved on. "" when this window reaches the end.
func Next(ctx context.Context, path string, query url.Values, w Window, total int) string {
	if w.Limit <= 0 || w.Offset+w.Limit >= total {
		return ""
	}
	q := url.Values{}
	for k, v := range query {
		q[k] = v
	}
	q.Set("limit", strconv.Itoa(w.Limit))
	q.Set("offset", strconv.Itoa(w.Offset+w.Limit))
	return Origin(ctx) + path + "?" + q.Encode()
}

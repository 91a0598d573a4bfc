package mount

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"
)

type lengthKey struct{}

// KeepLength is a strict middleware that hands the Content-Length to these
// operations (Go names), which read it with Length: the generated request
// object has only type and bytes, and a file's length is judged before they
// are read. H is the StrictHandlerFunc of the API's generated package.
func KeepLength[H ~func(echo.Context, any) (any, error)](operations ...string) func(H, string) H {
	return func(next H, operation string) H {
		if !slices.Contains(operations, operation) {
			return next
		}
		return func(c echo.Context, request any) (any, error) {
			r := c.Request()
			c.SetRequest(r.WithContext(context.WithValue(r.Context(), lengthKey{}, r.ContentLength)))
			return next(c, request)
		}
	}
}

// Length is the request's Content-Length in bytes; -1 when it has none, or
// KeepLength does not stand before the operation.
func Length(ctx context.Context) int64 {
	if n, ok := ctx.Value(lengthKey{}).(int64); ok {
		return n
	}
	return -1
}

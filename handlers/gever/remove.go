package gever

import (
	"context"

	api "loket/gen/gever"
)

// DeleteObject removes an object for good.
func (s *server) DeleteObject(ctx context.Context, r api.DeleteObjectRequestObject) (api.DeleteObjectResponseObject, error) {
	return done(s.db.Delete(ctx, caller(ctx), r.Path))
}

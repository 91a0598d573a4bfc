package gever

import (
	"context"

	api "loket/gen/gever"
)

// Trash puts an object into the trash.
func (s *server) Trash(ctx context.Context, r api.TrashRequestObject) (api.TrashResponseObject, error) {
	return done(s.db.Trash(ctx, caller(ctx), r.Path))
}

// Untrash takes an object out of the trash.
func (s *server) Untrash(ctx context.Context, r api.UntrashRequestObject) (api.UntrashResponseObject, error) {
	return done(s.db.Untrash(ctx, caller(ctx), r.Path))
}

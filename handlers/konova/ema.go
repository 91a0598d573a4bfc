package konova

import (
	"context"

	api "loket/gen/konova"
	"loket/store/konova"
)

func (s *server) ListEmas(ctx context.Context, r api.ListEmasRequestObject) (api.ListEmasResponseObject, error) {
	return s.list(ctx, konova.EMA, r.Params.Rpp, r.Params.P, r.Params.Bbox, r.Params.IfNoneMatch)
}

func (s *server) GetEma(ctx context.Context, r api.GetEmaRequestObject) (api.GetEmaResponseObject, error) {
	return s.get(ctx, konova.EMA, r.ID, r.Params.Rpp, r.Params.P, r.Params.IfNoneMatch)
}

func (s *server) CreateEma(ctx context.Context, _ api.CreateEmaRequestObject) (api.CreateEmaResponseObject, error) {
	w, err := s.create(ctx, konova.EMA)
	return api.CreateEma201JSONResponse{CreatedJSONResponse: w}, err
}

func (s *server) ReplaceEma(ctx context.Context, r api.ReplaceEmaRequestObject) (api.ReplaceEmaResponseObject, error) {
	w, err := s.replace(ctx, konova.EMA, r.ID, r.Params.IfMatch)
	return api.ReplaceEma200JSONResponse{ReplacedJSONResponse: w}, err
}

func (s *server) DeleteEma(ctx context.Context, r api.DeleteEmaRequestObject) (api.DeleteEmaResponseObject, error) {
	done, err := s.delete(ctx, konova.EMA, r.ID, r.Params.IfMatch)
	return api.DeleteEma200JSONResponse{SuccessJSONResponse: done}, err
}

func (s *server) GetEmaShare(ctx context.Context, r api.GetEmaShareRequestObject) (api.GetEmaShareResponseObject, error) {
	users, err := s.sharing(ctx, konova.EMA, r.ID)
	return api.GetEmaShare200JSONResponse(users), err
}

func (s *server) ReplaceEmaShare(ctx context.Context, r api.ReplaceEmaShareRequestObject) (api.ReplaceEmaShareResponseObject, error) {
	done, err := s.share(ctx, konova.EMA, r.ID, r.Body.Users)
	return api.ReplaceEmaShare200JSONResponse{SuccessJSONResponse: done}, err
}

package konova

import (
	"context"

	api "loket/gen/konova"
	"loket/store/konova"
)

func (s *server) ListCompensations(ctx context.Context, r api.ListCompensationsRequestObject) (api.ListCompensationsResponseObject, error) {
	return s.list(ctx, konova.Compensation, r.Params.Rpp, r.Params.P, r.Params.Bbox, r.Params.IfNoneMatch)
}

func (s *server) GetCompensation(ctx context.Context, r api.GetCompensationRequestObject) (api.GetCompensationResponseObject, error) {
	return s.get(ctx, konova.Compensation, r.ID, r.Params.Rpp, r.Params.P, r.Params.IfNoneMatch)
}

func (s *server) CreateCompensation(ctx context.Context, _ api.CreateCompensationRequestObject) (api.CreateCompensationResponseObject, error) {
	w, err := s.create(ctx, konova.Compensation)
	return api.CreateCompensation201JSONResponse{CreatedJSONResponse: w}, err
}

func (s *server) ReplaceCompensation(ctx context.Context, r api.ReplaceCompensationRequestObject) (api.ReplaceCompensationResponseObject, error) {
	w, err := s.replace(ctx, konova.Compensation, r.ID, r.Params.IfMatch)
	return api.ReplaceCompensation200JSONResponse{ReplacedJSONResponse: w}, err
}

func (s *server) DeleteCompensation(ctx context.Context, r api.DeleteCompensationRequestObject) (api.DeleteCompensationResponseObject, error) {
	done, err := s.delete(ctx, konova.Compensation, r.ID, r.Params.IfMatch)
	return api.DeleteCompensation200JSONResponse{SuccessJSONResponse: done}, err
}

func (s *server) GetCompensationShare(ctx context.Context, r api.GetCompensationShareRequestObject) (api.GetCompensationShareResponseObject, error) {
	users, err := s.sharing(ctx, konova.Compensation, r.ID)
	return api.GetCompensationShare200JSONResponse(users), err
}

func (s *server) ReplaceCompensationShare(ctx context.Context, r api.ReplaceCompensationShareRequestObject) (api.ReplaceCompensationShareResponseObject, error) {
	done, err := s.share(ctx, konova.Compensation, r.ID, r.Body.Users)
	return api.ReplaceCompensationShare200JSONResponse{SuccessJSONResponse: done}, err
}

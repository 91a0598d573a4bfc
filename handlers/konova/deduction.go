package konova

import (
	"context"

	api "loket/gen/konova"
	"loket/store/konova"
)

func (s *server) ListDeductions(ctx context.Context, r api.ListDeductionsRequestObject) (api.ListDeductionsResponseObject, error) {
	return s.list(ctx, konova.Deduction, r.Params.Rpp, r.Params.P, nil, r.Params.IfNoneMatch)
}

func (s *server) GetDeduction(ctx context.Context, r api.GetDeductionRequestObject) (api.GetDeductionResponseObject, error) {
	return s.get(ctx, konova.Deduction, r.ID, r.Params.Rpp, r.Params.P, r.Params.IfNoneMatch)
}

func (s *server) CreateDeduction(ctx context.Context, _ api.CreateDeductionRequestObject) (api.CreateDeductionResponseObject, error) {
	w, err := s.create(ctx, konova.Deduction)
	return api.CreateDeduction201JSONResponse{CreatedJSONResponse: w}, err
}

func (s *server) ReplaceDeduction(ctx context.Context, r api.ReplaceDeductionRequestObject) (api.ReplaceDeductionResponseObject, error) {
	w, err := s.replace(ctx, konova.Deduction, r.ID, r.Params.IfMatch)
	return api.ReplaceDeduction200JSONResponse{ReplacedJSONResponse: w}, err
}

func (s *server) DeleteDeduction(ctx context.Context, r api.DeleteDeductionRequestObject) (api.DeleteDeductionResponseObject, error) {
	done, err := s.delete(ctx, konova.Deduction, r.ID, r.Params.IfMatch)
	return api.DeleteDeduction200JSONResponse{SuccessJSONResponse: done}, err
}

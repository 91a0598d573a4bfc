package konova

import (
	"context"
	"strings"

	api "loket/gen/konova"
	"loket/store/konova"
)

func (s *server) ListInterventions(ctx context.Context, r api.ListInterventionsRequestObject) (api.ListInterventionsResponseObject, error) {
	return s.list(ctx, konova.Intervention, r.Params.Rpp, r.Params.P, r.Params.Bbox, r.Params.IfNoneMatch)
}

func (s *server) GetIntervention(ctx context.Context, r api.GetInterventionRequestObject) (api.GetInterventionResponseObject, error) {
	return s.get(ctx, konova.Intervention, r.ID, r.Params.Rpp, r.Params.P, r.Params.IfNoneMatch)
}

func (s *server) CreateIntervention(ctx context.Context, _ api.CreateInterventionRequestObject) (api.CreateInterventionResponseObject, error) {
	w, err := s.create(ctx, konova.Intervention)
	return api.CreateIntervention201JSONResponse{CreatedJSONResponse: w}, err
}

func (s *server) ReplaceIntervention(ctx context.Context, r api.ReplaceInterventionRequestObject) (api.ReplaceInterventionResponseObject, error) {
	w, err := s.replace(ctx, konova.Intervention, r.ID, r.Params.IfMatch)
	return api.ReplaceIntervention200JSONResponse{ReplacedJSONResponse: w}, err
}

func (s *server) DeleteIntervention(ctx context.Context, r api.DeleteInterventionRequestObject) (api.DeleteInterventionResponseObject, error) {
	done, err := s.delete(ctx, konova.Intervention, r.ID, r.Params.IfMatch)
	return api.DeleteIntervention200JSONResponse{SuccessJSONResponse: done}, err
}

func (s *server) GetInterventionShare(ctx context.Context, r api.GetInterventionShareRequestObject) (api.GetInterventionShareResponseObject, error) {
	users, err := s.sharing(ctx, konova.Intervention, r.ID)
	return api.GetInterventionShare200JSONResponse(users), err
}

func (s *server) ReplaceInterventionShare(ctx context.Context, r api.ReplaceInterventionShareRequestObject) (api.ReplaceInterventionShareResponseObject, error) {
	done, err := s.share(ctx, konova.Intervention, r.ID, r.Body.Users)
	return api.ReplaceInterventionShare200JSONResponse{SuccessJSONResponse: done}, err
}

func (s *server) CheckIntervention(ctx context.Context, r api.CheckInterventionRequestObject) (api.CheckInterventionResponseObject, error) {
	result, err := s.DB.CheckIntervention(ctx, caller(ctx), strings.ToLower(r.ID))
	return api.CheckIntervention200JSONResponse(checkToAPI(result)), err
}

package capo

import (
	"context"

	api "loket/gen/capo"
	"loket/store/capo"
)

func (s *server) ListBijlageAssigned(ctx context.Context, r api.ListBijlageAssignedRequestObject) (api.ListBijlageAssignedResponseObject, error) {
	views, total, err := s.db.Toegewezen(ctx, caller(ctx), filterFromAPI(r.Params))
	return api.ListBijlageAssigned200JSONResponse{
		Body: list(views, bijlageAssignedToAPI(s.now())), Headers: api.ListBijlageAssigned200ResponseHeaders{XTotalCount: total},
	}, err
}

func (s *server) ListProjectBijlageAssigned(ctx context.Context, r api.ListProjectBijlageAssignedRequestObject) (api.ListProjectBijlageAssignedResponseObject, error) {
	views, err := s.db.VanProject(ctx, caller(ctx), id(r.ProjectID), orZero(r.Params.Geannuleerd))
	return api.ListProjectBijlageAssigned200JSONResponse(list(views, bijlageAssignedToAPI(s.now()))), err
}

func (s *server) PatchBijlageAssigned(ctx context.Context, r api.PatchBijlageAssignedRequestObject) (api.PatchBijlageAssignedResponseObject, error) {
	v, err := s.db.ZetStatus(ctx, caller(ctx), id(r.ProjectID), id(r.BijlageAssignedID), capo.Status(r.Body.Status), r.Body.Reden)
	if err != nil {
		return nil, err
	}
	return api.PatchBijlageAssigned200JSONResponse(bijlageAssignedToAPI(s.now())(*v)), nil
}

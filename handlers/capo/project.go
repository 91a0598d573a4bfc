package capo

import (
	"context"

	api "loket/gen/capo"
	"loket/handlers/auth"
	"loket/handlers/page"
	"loket/store/capo"
	"loket/store/capo/capodb"
)

// projectenLimit is how many projects a list has when nobody says (contract 3.4).
const projectenLimit = 100

func (s *server) ListProjects(ctx context.Context, r api.ListProjectsRequestObject) (api.ListProjectsResponseObject, error) {
	w := page.Of(r.Params.Limit, r.Params.Offset, projectenLimit)
	projecten, total, err := s.db.Projecten(ctx, caller(ctx), capodb.ProjectFilter{
		Processtap: capo.Processtap(orZero(r.Params.Processtap)), Gebied: orZero(r.Params.Gebied),
		Type: capo.Projecttype(orZero(r.Params.Type)), Limit: w.Limit, Offset: w.Offset,
	})
	return api.ListProjects200JSONResponse{
		Body: list(projecten, projectToAPI), Headers: api.ListProjects200ResponseHeaders{XTotalCount: total},
	}, err
}

func (s *server) GetProject(ctx context.Context, r api.GetProjectRequestObject) (api.GetProjectResponseObject, error) {
	p, err := s.db.Project(ctx, caller(ctx), id(r.ProjectID))
	if err != nil {
		return nil, err
	}
	return api.GetProject200JSONResponse(projectToAPI(*p)), nil
}

// caller is the organisation that asks.
func caller(ctx context.Context) string { return auth.From(ctx).OrganisationID }

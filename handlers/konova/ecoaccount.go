package konova

import (
	"context"

	api "loket/gen/konova"
	"loket/store/konova"
)

func (s *server) ListEcoAccounts(ctx context.Context, r api.ListEcoAccountsRequestObject) (api.ListEcoAccountsResponseObject, error) {
	return s.list(ctx, konova.EcoAccount, r.Params.Rpp, r.Params.P, r.Params.Bbox, r.Params.IfNoneMatch)
}

func (s *server) GetEcoAccount(ctx context.Context, r api.GetEcoAccountRequestObject) (api.GetEcoAccountResponseObject, error) {
	return s.get(ctx, konova.EcoAccount, r.ID, r.Params.Rpp, r.Params.P, r.Params.IfNoneMatch)
}

func (s *server) CreateEcoAccount(ctx context.Context, _ api.CreateEcoAccountRequestObject) (api.CreateEcoAccountResponseObject, error) {
	w, err := s.create(ctx, konova.EcoAccount)
	return api.CreateEcoAccount201JSONResponse{CreatedJSONResponse: w}, err
}

func (s *server) ReplaceEcoAccount(ctx context.Context, r api.ReplaceEcoAccountRequestObject) (api.ReplaceEcoAccountResponseObject, error) {
	w, err := s.replace(ctx, konova.EcoAccount, r.ID, r.Params.IfMatch)
	return api.ReplaceEcoAccount200JSONResponse{ReplacedJSONResponse: w}, err
}

func (s *server) DeleteEcoAccount(ctx context.Context, r api.DeleteEcoAccountRequestObject) (api.DeleteEcoAccountResponseObject, error) {
	done, err := s.delete(ctx, konova.EcoAccount, r.ID, r.Params.IfMatch)
	return api.DeleteEcoAccount200JSONResponse{SuccessJSONResponse: done}, err
}

func (s *server) GetEcoAccountShare(ctx context.Context, r api.GetEcoAccountShareRequestObject) (api.GetEcoAccountShareResponseObject, error) {
	users, err := s.sharing(ctx, konova.EcoAccount, r.ID)
	return api.GetEcoAccountShare200JSONResponse(users), err
}

func (s *server) ReplaceEcoAccountShare(ctx context.Context, r api.ReplaceEcoAccountShareRequestObject) (api.ReplaceEcoAccountShareResponseObject, error) {
	done, err := s.share(ctx, konova.EcoAccount, r.ID, r.Body.Users)
	return api.ReplaceEcoAccountShare200JSONResponse{SuccessJSONResponse: done}, err
}

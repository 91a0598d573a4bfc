package plooi

import (
	"context"

	api "loket/gen/plooi"
	"loket/store/fault"
	"loket/store/plooi"
)

// GetTesttoken gives a token, in a store with demo data only (D13).
func (s *server) GetTesttoken(ctx context.Context, r api.GetTesttokenRequestObject) (api.GetTesttokenResponseObject, error) {
	token, err := s.db.Testtoken(ctx, r.Params.Org, r.Params.Role)
	return api.GetTesttoken200JSONResponse{AccessToken: token}, err
}

// CheckToken says that a token is good: one that is not does not come here.
func (s *server) CheckToken(context.Context, api.CheckTokenRequestObject) (api.CheckTokenResponseObject, error) {
	return api.CheckToken200Response{}, nil
}

// DecidePolicy says whether a handling is allowed.
func (s *server) DecidePolicy(ctx context.Context, r api.DecidePolicyRequestObject) (api.DecidePolicyResponseObject, error) {
	x := r.Body.Attributes
	if !caller(ctx).Beslis(r.Body.Action, x.OrganisatieID, x.Documentsoorten) {
		return nil, fault.New(fault.Unauthenticated, plooi.BeleidGeweigerd, "")
	}
	return api.DecidePolicy200Response{}, nil
}

// GetSleutels gives the public keys of tokens.
func (s *server) GetSleutels(ctx context.Context, _ api.GetSleutelsRequestObject) (api.GetSleutelsResponseObject, error) {
	keys, err := s.db.Sleutels(ctx)
	return api.GetSleutels200JSONResponse{Keys: sleutelsToAPI(keys)}, err
}

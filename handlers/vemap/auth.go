package vemap

import (
	"context"
	"net/http"
	"strings"

	"loket/handlers/auth"
	"loket/handlers/mount"
	"loket/store/vemap"
)

// schemes are the document's security schemes. Who may do what by token,
// headers, and path alone is settled here, before anything of the request is
// validated (apis/vemap.md 4.2).
func (s *server) schemes() map[string]auth.Authenticator {
	return map[string]auth.Authenticator{
		"basic":        basic,
		"session":      token,
		"refreshToken": token,
		"accessToken":  s.accessToken,
	}
}

// credentials are what a Basic header said; whether they hold is the use
// case's to say, for every failure counts there.
type credentials struct{ email, password string }

func basic(_ context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	email, password, ok := r.BasicAuth()
	if !ok {
		return nil, vemap.RefusedLogin()
	}
	return &auth.Principal{Value: credentials{email, password}}, nil
}

// bearer is a token that the use case verifies: of a challenge, or to refresh.
type bearer string

func token(_ context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	t, ok := bearerOf(r)
	if !ok {
		return nil, vemap.Unauthorized()
	}
	return &auth.Principal{Value: bearer(t)}, nil
}

func bearerOf(r *http.Request) (string, bool) {
	scheme, t, found := strings.Cut(r.Header.Get("Authorization"), " ")
	t = strings.TrimSpace(t)
	return t, found && t != "" && strings.EqualFold(scheme, "Bearer")
}

// accessToken names the user, and within a tenant the actor that he is there.
// With a fault about the rest of 4.2 the Principal comes too: it is known whose
// request it is.
func (s *server) accessToken(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	t, ok := bearerOf(r)
	if !ok {
		return nil, vemap.Unauthorized()
	}
	account, err := s.db.Account(ctx, t)
	if err != nil {
		return nil, err
	}
	p := &auth.Principal{Client: "vemap-user:" + account.UserID, Value: account}
	tenant, ok := tenantOf(r)
	if !ok {
		return p, nil
	}
	actor, err := account.Act(tenant, r.Header.Get("X-User-Id"), vemap.Role(r.Header.Get("X-User-Role")))
	if err != nil {
		return p, err
	}
	if _, member := account.Tenants[tenant]; !member {
		if err := s.db.KnownTenant(ctx, tenant); err != nil {
			return p, err
		}
	}
	p.Value = actor
	return p, actor.May(vemap.Operation(mount.TraceOf(ctx).Operation))
}

// tenantOf is the acting tenant of the path; false for the operations of
// authentication.
func tenantOf(r *http.Request) (string, bool) {
	rest, found := strings.CutPrefix(r.URL.Path, basePath+"/v1/")
	if !found {
		return "", false
	}
	tenant, _, _ := strings.Cut(rest, "/")
	return tenant, tenant != "authentication"
}

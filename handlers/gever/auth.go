package gever

import (
	"context"
	"net/http"
	"strings"

	"loket/handlers/auth"
	"loket/store/fault"
	"loket/store/gever/geverdb"
)

func nobody() error { return fault.New(fault.Unauthenticated, fault.NoCredential, "") }

// basic takes a login name and a password with each request.
func (s *server) basic(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	login, password, ok := r.BasicAuth()
	if !ok || login == "" {
		return nil, nobody()
	}
	u, err := s.db.Authenticate(ctx, login, password)
	if err != nil {
		return nil, err
	}
	return principal(u), nil
}

// bearer takes a token of @login.
func (s *server) bearer(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return nil, nobody()
	}
	u, err := s.db.Token(ctx, strings.TrimSpace(token))
	if err != nil {
		return nil, err
	}
	return principal(u), nil
}

func principal(u geverdb.User) *auth.Principal {
	return &auth.Principal{Client: "gever:" + u.ID, Value: u}
}

package konova

import (
	"context"
	"net/http"
	"strings"

	"loket/handlers/auth"
	"loket/store/fault"
)

// The headers of every request (apis/konova.md 2.2).
const (
	headerToken = "Ksptoken"
	headerUser  = "Kspuser"
)

// schemes are the document's security schemes. Ksptoken and Kspuser are asked
// together: the first does the work, the second only must be there.
func (s *server) schemes() map[string]auth.Authenticator {
	return map[string]auth.Authenticator{
		headerToken: func(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
			return s.authenticate(ctx, r.Header.Get(headerUser), r.Header.Get(headerToken))
		},
		headerUser: func(_ context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
			if r.Header.Get(headerUser) == "" {
				return nil, fault.New(fault.Unauthenticated, fault.NoCredential, "")
			}
			return nil, nil //nolint:nilnil // who it is, Ksptoken has said
		},
		"KspBasic": func(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
			user, token, ok := r.BasicAuth()
			if !ok || !forGIS(r) {
				return nil, fault.New(fault.Unauthenticated, fault.NoCredential, "")
			}
			return s.authenticate(ctx, user, token)
		},
	}
}

func (s *server) authenticate(ctx context.Context, user, token string) (*auth.Principal, error) {
	if user == "" || token == "" {
		return nil, fault.New(fault.Unauthenticated, fault.NoCredential, "")
	}
	a, err := s.DB.Authenticate(ctx, user, token)
	if err != nil {
		return nil, err
	}
	return &auth.Principal{Client: a.Client, Value: &a.User}, a.User.MayUse()
}

// forGIS tells the requests that take HTTP Basic: those that GIS programs send,
// for GeoJSON or within the OGC facade.
func forGIS(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, basePath+"/ogc") {
		return true
	}
	f := r.URL.Query().Get("f")
	return f == "geojson" || f == "geojsonseq" || (f == "" && strings.Contains(r.Header.Get("Accept"), "geo+json"))
}

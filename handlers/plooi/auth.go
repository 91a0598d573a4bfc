package plooi

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"loket/handlers/auth"
	"loket/store/accounts"
	"loket/store/fault"
	"loket/store/plooi"
	"loket/store/plooi/plooidb"
)

type authenticators struct {
	db       *plooidb.DB
	accounts *accounts.Store
}

// bearer takes the JWT of `Authorization: Bearer `, spelled so. None, or
// another scheme, is 403; one that is not good is 401 (D11).
func (x authenticators) bearer(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	header := r.Header.Get("Authorization")
	if header == "" && x.db.AanleverToken && r.Header.Get("Aanlever-Token") != "" {
		return x.sandbox(ctx, r.Header.Get("Aanlever-Token"))
	}
	token, ok := strings.CutPrefix(header, "Bearer ")
	if token = strings.TrimSpace(token); !ok || token == "" {
		return nil, fault.New(fault.Forbidden, plooi.GeenToken, "")
	}
	return x.jwt(ctx, token)
}

// accessToken takes the JWT of `x-access-token`, as the IAM service does.
func (x authenticators) accessToken(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	token := strings.TrimSpace(r.Header.Get("X-Access-Token"))
	if token == "" {
		return nil, fault.New(fault.Unauthenticated, fault.NoCredential, "")
	}
	return x.jwt(ctx, token)
}

func (x authenticators) jwt(ctx context.Context, token string) (*auth.Principal, error) {
	a, err := x.db.Controleer(ctx, token)
	if err != nil {
		return nil, err
	}
	return principal(a), nil
}

// opaque is the form of a sandbox token.
var opaque = regexp.MustCompile(`^[A-Za-z0-9_-]{8,200}$`)

// sandbox takes a credential of the house (D12): its organisation's name is
// that of a value list. It has no role beyond the basic one.
func (x authenticators) sandbox(ctx context.Context, token string) (*auth.Principal, error) {
	if !opaque.MatchString(token) {
		return nil, fault.New(fault.Invalid, plooi.TokenOngeldig, "")
	}
	c, err := x.accounts.Authenticate(ctx, token)
	if err != nil {
		return nil, err
	}
	a := plooi.Aanroeper{Rollen: []string{plooi.RolBasis}}
	if code, ok := x.db.Lijsten().CodeVan(c.OrganisationName); ok {
		a.Org = []string{code}
	}
	if !c.Opens(plooidb.API) {
		return principal(a), fault.New(fault.Forbidden, fault.NoGrant, "")
	}
	return principal(a), nil
}

func principal(a plooi.Aanroeper) *auth.Principal {
	return &auth.Principal{Client: "plooi:" + strings.Join(a.Org, ","), Value: a}
}

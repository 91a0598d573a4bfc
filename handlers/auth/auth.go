// Package auth says who asks. The house calls the authenticators that an
// operation's `security` names in its document, and puts the Principal into
// the context; handlers read it with From.
package auth

import (
	"context"
	"net/http"
	"strings"

	"loket/store/accounts"
	"loket/store/fault"
)

// Principal is the client behind a request.
type Principal struct {
	Client           string // key of its limits, "credential:<id>"; "" is nobody
	OrganisationID   string
	OrganisationName string
	Value            any // an API's own: its user, its roles
}

// Authenticator names the client of a request by one security scheme, or says
// why not: Unauthenticated (fault.NoCredential) when there is no valid
// credential, Forbidden (fault.NoGrant) when it does not open this API; then
// the Principal is returned beside the error, so that limits count the client.
type Authenticator func(ctx context.Context, r *http.Request, scopes []string) (*Principal, error)

type key struct{}

// Room makes room in the context for a Principal, who is known later: another
// context then, and so another request, would be a copy more for each.
func Room(ctx context.Context) context.Context {
	return context.WithValue(ctx, key{}, new(*Principal))
}

// Put puts p into the context's room. Without room it is forgotten.
func Put(ctx context.Context, p *Principal) {
	if room, ok := ctx.Value(key{}).(**Principal); ok {
		*room = p
	}
}

// From is the request's client; a Principal of nobody when there is none.
func From(ctx context.Context) *Principal {
	if room, ok := ctx.Value(key{}).(**Principal); ok && *room != nil {
		return *room
	}
	return &Principal{}
}

// Bearer takes an organisation's token from `Authorization: Bearer <token>`
// (RFC 6750; the scheme in any case) and asks that it opens the API.
func Bearer(a *accounts.Store, api string) Authenticator {
	return func(ctx context.Context, r *http.Request, _ []string) (*Principal, error) {
		scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
		token = strings.TrimSpace(token)
		if !found || !strings.EqualFold(scheme, "Bearer") || token == "" {
			return nil, fault.New(fault.Unauthenticated, fault.NoCredential, "")
		}
		c, err := a.Authenticate(ctx, token)
		if err != nil {
			return nil, err
		}
		p := &Principal{Client: "credential:" + c.ID, OrganisationID: c.OrganisationID, OrganisationName: c.OrganisationName}
		if !c.Opens(api) {
			return p, fault.New(fault.Forbidden, fault.NoGrant, "")
		}
		return p, nil
	}
}

package gever

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	api "loket/gen/gever"
	"loket/handlers/mount"
	"loket/store/fault"
	"loket/store/gever"
)

// tokenEndpoint is where services get their tokens; its refusals have the form
// of OAuth 2.
const tokenEndpoint = "/@@oauth2-token"

// formLimit is the largest form of the token endpoint in bytes.
const formLimit = 64 << 10

// Oauth2Token gives a service a token for its assertion.
func (s *server) Oauth2Token(ctx context.Context, r api.Oauth2TokenRequestObject) (api.Oauth2TokenResponseObject, error) {
	assertion, err := assertionFromAPI(r.Body)
	if err != nil {
		return nil, err
	}
	token, err := s.db.Grant(ctx, assertion, mount.TraceOf(ctx).Address)
	if err != nil {
		return nil, err
	}
	return &answer{
		status: http.StatusOK,
		header: map[string]string{"Cache-Control": "no-store", "Pragma": "no-cache"},
		value:  map[string]any{"access_token": token, "expires_in": int(gever.AccessLife.Seconds()), "token_type": "Bearer"},
	}, nil
}

// assertionFromAPI reads the form of RFC 7523 2.1; no parameter may stand
// twice (RFC 6749 3.2).
func assertionFromAPI(body io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(body, formLimit+1))
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
	}
	if len(text) > formLimit {
		return "", fault.New(fault.TooLarge, fault.BodyTooLarge, "")
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return "", gever.BadRequestOf("The body is no form.")
	}
	for _, name := range []string{"grant_type", "assertion"} {
		switch {
		case len(form[name]) > 1:
			return "", gever.BadRequestOf("The parameter %s stands twice.", name)
		case form.Get(name) == "":
			return "", gever.BadRequestOf("The parameter %s is missing.", name)
		}
	}
	if form.Get("grant_type") != gever.JWTBearer {
		return "", gever.BadRequestOf("The grant_type must be %s.", gever.JWTBearer)
	}
	return form.Get("assertion"), nil
}

// RenewLogin gives another token for the caller's, where that came from.
func (s *server) RenewLogin(ctx context.Context, _ api.RenewLoginRequestObject) (api.RenewLoginResponseObject, error) {
	old, inCookie := carried(requestOf(ctx))
	token, u, err := s.db.Renew(ctx, old)
	if err != nil {
		return nil, err
	}
	return loggedIn(ctx, token, u, inCookie), nil
}

// Logout ends the caller's token.
func (s *server) Logout(ctx context.Context, _ api.LogoutRequestObject) (api.LogoutResponseObject, error) {
	token, inCookie := carried(requestOf(ctx))
	if err := s.db.Logout(ctx, token); err != nil {
		return nil, err
	}
	a, err := none()
	if inCookie {
		gone := cookieOf(ctx, "") //nolint:gosec // as cookieOf says
		gone.MaxAge = -1
		a.header = map[string]string{"Set-Cookie": gone.String()}
	}
	return a, err
}

// carried is the token with which a request came in: in its header, or in the
// cookie.
func carried(r *http.Request) (token string, inCookie bool) {
	if token, found := bearerOf(r); found {
		return token, false
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value, true
	}
	return "", false
}

// bearerOf is the token in a request's header.
func bearerOf(r *http.Request) (string, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), found && strings.EqualFold(scheme, "Bearer")
}

func (a *answer) VisitLogoutResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitOauth2TokenResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitRenewLoginResponse(w http.ResponseWriter) error { return a.write(w) }

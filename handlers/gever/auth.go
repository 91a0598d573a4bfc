package gever

import (
	"context"
	"net/http"
	"strings"
	"time"

	api "loket/gen/gever"
	"loket/handlers/auth"
	"loket/handlers/mount"
	"loket/handlers/page"
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

// bearer takes a token of @login or @@oauth2-token.
func (s *server) bearer(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	token, found := bearerOf(r)
	if !found {
		return nil, nobody()
	}
	u, err := s.db.Token(ctx, token, mount.TraceOf(ctx).Address)
	if err != nil {
		return nil, err
	}
	return principal(u), nil
}

// cookieName is the running system's.
const cookieName = "__ac"

// crossOrigin knows requests that a browser sends from another site's page.
var crossOrigin = http.NewCrossOriginProtection()

// cookie takes the token of @login from its cookie. A browser sends that by
// itself, so it counts only without Authorization, and for nothing that
// another site's page asks to change.
func (s *server) cookie(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	c, err := r.Cookie(cookieName)
	if err != nil || r.Header.Get("Authorization") != "" || crossOrigin.Check(r) != nil {
		return nil, nobody()
	}
	u, err := s.db.Token(ctx, c.Value, mount.TraceOf(ctx).Address)
	if err != nil {
		return nil, err
	}
	return principal(u), nil
}

// Login gives a token, in the body or in a cookie.
func (s *server) Login(ctx context.Context, r api.LoginRequestObject) (api.LoginResponseObject, error) {
	var login, password string
	var inCookie bool
	if r.Body != nil {
		login, _ = (*r.Body)["login"].(string)
		password, _ = (*r.Body)["password"].(string)
		inCookie, _ = (*r.Body)["set_cookie"].(bool)
	}
	token, u, err := s.db.Login(ctx, login, password)
	if err != nil {
		return nil, err
	}
	return loggedIn(ctx, token, u, inCookie), nil
}

// loggedIn hands a token out.
func loggedIn(ctx context.Context, token string, u geverdb.User, inCookie bool) *answer {
	if !inCookie {
		return &answer{status: http.StatusOK, value: map[string]any{"token": token}}
	}
	return &answer{
		status: http.StatusOK, cookie: []*http.Cookie{cookieOf(ctx, token)},
		value: map[string]any{"userid": u.ID, "fullname": u.Fullname()},
	}
}

// cookieOf carries a token, out of the reach of scripts and of other sites.
func cookieOf(ctx context.Context, token string) *http.Cookie {
	return secretCookie(ctx, cookieName, token, basePath, geverdb.TokenLife)
}

// secretCookie goes back to a path of this site only, and no script reads it.
func secretCookie(ctx context.Context, name, value, path string, life time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure where the origin is: without TLS a browser would not send it back
		Name: name, Value: value, Path: path, MaxAge: int(life.Seconds()), HttpOnly: true,
		Secure: strings.HasPrefix(page.Origin(ctx), "https://"), SameSite: http.SameSiteStrictMode,
	}
}

func principal(u geverdb.User) *auth.Principal {
	return &auth.Principal{Client: "gever:" + u.ID, Value: u}
}

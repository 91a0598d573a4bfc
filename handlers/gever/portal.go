package gever

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	api "loket/gen/gever"
	"loket/handlers/auth"
	"loket/handlers/page"
	"loket/store/fault"
	"loket/store/gever"
)

// portalPath is where the portal stands; its session goes nowhere else.
const portalPath = basePath + "/portal"

// Cookies of the portal, as in the running system.
const (
	sessionCookie = "sessionid"
	csrfCookie    = "csrftoken"
)

// noStore keeps answers with secrets out of caches.
var noStore = map[string]string{"Cache-Control": "no-store"}

// portal takes a session of the portal from its cookie.
func (s *server) portal(ctx context.Context, r *http.Request, _ []string) (*auth.Principal, error) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil, nobody()
	}
	u, err := s.db.PortalUser(ctx, c.Value)
	if err != nil {
		return nil, err
	}
	return principal(u), nil
}

// PortalLogin opens a session, in cookies.
func (s *server) PortalLogin(ctx context.Context, r api.PortalLoginRequestObject) (api.PortalLoginResponseObject, error) {
	if crossOrigin.Check(requestOf(ctx)) != nil {
		return nil, csrfFailed("Origin")
	}
	var login, password string
	if r.Body != nil {
		login, password = textOf(*r.Body, "username"), textOf(*r.Body, "password")
	}
	session, u, err := s.db.PortalLogin(ctx, login, password)
	if err != nil {
		return nil, err
	}
	csrf := secretCookie(ctx, csrfCookie, session.CSRF, "/", gever.SessionLife) //nolint:gosec // as secretCookie says
	csrf.HttpOnly = false                                                       // scripts repeat it in X-CSRFToken; alone it opens nothing
	return &answer{
		status: http.StatusOK, header: noStore, value: map[string]any{"username": u.Login, "state": "logged_in"},
		cookie: []*http.Cookie{secretCookie(ctx, sessionCookie, session.ID, portalPath, gever.SessionLife), csrf},
	}, nil
}

// PortalTicket gives the session's user a ticket for this site.
func (s *server) PortalTicket(ctx context.Context, r api.PortalTicketRequestObject) (api.PortalTicketResponseObject, error) {
	session, csrf, err := sessionOf(ctx, requestOf(ctx))
	if err != nil {
		return nil, err
	}
	var service string
	if r.Body != nil {
		service = textOf(*r.Body, "service")
	}
	switch {
	case service == "":
		return nil, fault.New(fault.Invalid, gever.NoCredentials, "Service must be provided in body.")
	case strings.TrimSuffix(service, "/") != address(ctx, ""):
		return nil, fault.New(fault.Invalid, gever.BadRequest, "Property 'service' must be %s", address(ctx, ""))
	}
	ticket, err := s.db.Ticket(ctx, session, csrf, service)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, header: noStore, value: map[string]any{"ticket": ticket, "service": service}}, nil
}

// CasLogin gives a token for a ticket.
func (s *server) CasLogin(ctx context.Context, r api.CasLoginRequestObject) (api.CasLoginResponseObject, error) {
	var ticket, service string
	if r.Body != nil {
		ticket, service = textOf(*r.Body, "ticket"), textOf(*r.Body, "service")
	}
	token, err := s.db.CasLogin(ctx, ticket, service)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, header: noStore, value: map[string]any{"token": token}}, nil
}

// sessionOf is the session of a request and the token that it repeats, unless
// another site's page may have sent it.
func sessionOf(ctx context.Context, r *http.Request) (session, csrf string, err error) {
	if crossOrigin.Check(r) != nil {
		return "", "", csrfFailed("Origin")
	}
	if from := r.Referer(); from != "" {
		u, err := url.Parse(from)
		if err != nil || u.Scheme+"://"+u.Host != page.Origin(ctx) {
			return "", "", csrfFailed("Referer")
		}
	}
	csrf = r.Header.Get("X-CSRFToken")
	c, err := r.Cookie(csrfCookie)
	if err != nil || csrf == "" || subtle.ConstantTimeCompare([]byte(c.Value), []byte(csrf)) != 1 {
		return "", "", csrfFailed("X-CSRFToken")
	}
	if c, err = r.Cookie(sessionCookie); err != nil {
		return "", "", nobody()
	}
	return c.Value, csrf, nil
}

func csrfFailed(header string) error {
	return fault.New(fault.Forbidden, gever.CSRFFailed, "CSRF Failed: %s missing or incorrect.", header)
}

// textOf is a text of a body; "" when there is none.
func textOf(body map[string]any, name string) string {
	text, _ := body[name].(string)
	return text
}

func (a *answer) VisitCasLoginResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitPortalLoginResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitPortalTicketResponse(w http.ResponseWriter) error { return a.write(w) }

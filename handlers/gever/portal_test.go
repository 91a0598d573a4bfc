package gever_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"loket/handlers/apitest"
)

const (
	portalLogin  = base + "/portal/api/login"
	portalTicket = base + "/portal/api/cas/tickets"
	casLogin     = base + "/@caslogin"
)

// session is what a browser holds of the portal.
type session struct{ id, csrf string }

// header is that of a request of this session, with others.
func (s session) header(more ...string) []string {
	return append([]string{"Authorization", "", "Cookie", "sessionid=" + s.id + "; csrftoken=" + s.csrf, "X-CSRFToken", s.csrf}, more...)
}

// atPortal logs in at the portal, and says what it got.
func (r *room) atPortal(user string) (session, map[string]*http.Cookie) {
	r.t.Helper()
	got := r.ask(200, "POST", portalLogin, object{"username": user, "password": passwords[user]}, "Authorization", "")
	if body := got.Object(r.t); !same(body, object{"username": user, "state": "logged_in"}) {
		r.t.Errorf("%v", body)
	}
	if got.Header.Get("Cache-Control") != "no-store" {
		r.t.Errorf("%v", got.Header)
	}
	cookies := map[string]*http.Cookie{}
	for _, line := range got.Header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			r.t.Fatal(err)
		}
		cookies[c.Name] = c
	}
	if len(cookies) != 2 || cookies["sessionid"] == nil || cookies["csrftoken"] == nil {
		r.t.Fatalf("%v", cookies)
	}
	return session{cookies["sessionid"].Value, cookies["csrftoken"].Value}, cookies
}

// ticket gets a ticket for a service.
func (r *room) ticket(s session, service string) string {
	r.t.Helper()
	got := r.ask(200, "POST", portalTicket, object{"service": service}, s.header()...)
	body := got.Object(r.t)
	ticket, _ := body["ticket"].(string)
	if len(body) != 2 || body["service"] != service || !strings.HasPrefix(ticket, "ST-") || got.Header.Get("Cache-Control") != "no-store" {
		r.t.Errorf("%v %v", body, got.Header)
	}
	return ticket
}

// cas hands a ticket in.
func (r *room) cas(status int, ticket, service string) map[string]any {
	r.t.Helper()
	return r.ask(status, "POST", casLogin, object{"ticket": ticket, "service": service}, "Authorization", "").Object(r.t)
}

var noTicket = object{"error": object{"type": "Invalid credentials", "message": "The ticket is not valid for this service."}}

// TestPortal: from the portal's login to an object (3.1).
func TestPortal(t *testing.T) { inBoth(t, testPortal) }

func testPortal(t *testing.T, open opener) {
	r := open(t)
	s, cookies := r.atPortal(peter)
	id, csrf := cookies["sessionid"], cookies["csrftoken"]
	if len(id.Value) != 43 || !id.HttpOnly || id.SameSite != http.SameSiteStrictMode || id.Path != base+"/portal" || id.MaxAge != 3600 || id.Secure {
		t.Errorf("%+v", id)
	}
	if len(csrf.Value) != 43 || csrf.HttpOnly || csrf.SameSite != http.SameSiteStrictMode || csrf.Path != "/" || csrf.MaxAge != 3600 || csrf.Value == id.Value {
		t.Errorf("%+v", csrf)
	}
	ticket := r.ticket(s, siteURL)
	got := r.cas(200, ticket, siteURL)
	token, _ := got["token"].(string)
	if len(got) != 1 || strings.Count(token, ".") != 2 {
		t.Fatalf("%v", got)
	}
	// The token is its user, and as one of @login: it can be renewed and ends.
	bearer := "Bearer " + token
	want(t, r.ask(200, "GET", task1, nil, "Authorization", bearer).Object(t), object{"is_current_user_responsible": true})
	r.ask(200, "POST", base+"/@login-renew", nil, "Authorization", bearer)
	r.ask(204, "POST", base+"/@logout", nil, "Authorization", bearer)
	r.ask(401, "GET", task1, nil, "Authorization", bearer)
	// A session gives many tickets, each its own; a slash at the end is another
	// name of this site.
	first, second := r.ticket(s, siteURL), r.ticket(s, siteURL+"/")
	if first == second {
		t.Error("two tickets are the same")
	}
	r.cas(200, second, siteURL+"/")
	r.cas(200, first, siteURL)
	// From this site's own page, and to a path with a slash or a mark.
	r.ask(200, "POST", portalTicket+"/", object{"service": siteURL}, s.header("Referer", siteURL+"/documentation/", "Origin", "http://"+apitest.Host)...)
	r.ask(200, "POST", base+"/++api++/portal/api/cas/tickets", object{"service": siteURL}, s.header("Sec-Fetch-Site", "same-origin")...)
	for _, secret := range []string{id.Value, csrf.Value, ticket, token, passwords[peter]} {
		if strings.Contains(r.LogText(), secret) {
			t.Error("a secret stands in the log")
		}
	}
	// None of them is kept as it is.
	r.ticket(s, siteURL)
	for _, table := range []string{"gever_portal_sessions", "gever_portal_tickets"} {
		var kept []string
		if err := r.DB.Reader(t.Context()).Table(table).Pluck("id", &kept).Error; err != nil {
			t.Fatal(err)
		}
		for _, one := range kept {
			if len(one) != 64 || one == id.Value || one == first {
				t.Errorf("%s keeps %s", table, one)
			}
		}
		if len(kept) == 0 {
			t.Errorf("%s is empty", table)
		}
	}
}

// TestPortalLoginRefused: each refusal of the portal's login.
func TestPortalLoginRefused(t *testing.T) { inBoth(t, testPortalLoginRefused) }

func testPortalLoginRefused(t *testing.T, open opener) {
	r := open(t)
	for name, c := range map[string]struct {
		status int
		kind   string
		body   object
	}{
		"no body":        {400, "Missing credentials", nil},
		"empty":          {400, "Missing credentials", object{}},
		"no password":    {400, "Missing credentials", object{"username": john}},
		"no name":        {400, "Missing credentials", object{"password": "x"}},
		"login's member": {400, "Missing credentials", object{"login": john, "password": passwords[john]}},
		"wrong password": {401, "Invalid credentials", object{"username": john, "password": "falsch"}},
		"unknown user":   {401, "Invalid credentials", object{"username": "niemand", "password": passwords[john]}},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.ask(c.status, "POST", portalLogin, c.body, "Authorization", "")
			if inner, _ := got.Object(t)["error"].(map[string]any); inner["type"] != c.kind || got.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s %v", got.Body, got.Header)
			}
		})
	}
	sound := object{"username": john, "password": passwords[john]}
	t.Run("another site's page", func(t *testing.T) {
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://anderswo.example"}} {
			p := r.refusedAB(403, "Forbidden", "POST", portalLogin, sound, append(header, "Authorization", "")...)
			if p.Message != "CSRF Failed: Origin missing or incorrect." {
				t.Error(p.Message)
			}
		}
	})
	t.Run("wrong type", func(t *testing.T) {
		r.ask(400, "POST", portalLogin, object{"username": 5, "password": "x"}, "Authorization", "")
	})
	t.Run("no GET", func(t *testing.T) {
		r.refusedAB(405, "MethodNotAllowed", "GET", portalLogin, nil)
		r.refusedAB(404, "NotFound", "GET", base+"/portal", nil)
		r.refusedAB(404, "NotFound", "GET", base+"/portal/api", nil)
	})
}

// TestPortalTicketRefused: each refusal of a ticket.
func TestPortalTicketRefused(t *testing.T) { inBoth(t, testPortalTicketRefused) }

func testPortalTicketRefused(t *testing.T, open opener) {
	r := open(t)
	s, _ := r.atPortal(john)
	other, _ := r.atPortal(john)
	sound := object{"service": siteURL}
	header := func(id, cookie, csrf string, more ...string) []string {
		return append([]string{"Authorization", "", "Cookie", "sessionid=" + id + "; csrftoken=" + cookie, "X-CSRFToken", csrf}, more...)
	}
	for name, h := range map[string][]string{
		"no session":       {"Authorization", ""},
		"only a password":  {},
		"unknown session":  header("x", s.csrf, s.csrf),
		"empty session":    header("", s.csrf, s.csrf),
		"csrf as session":  header(s.csrf, s.csrf, s.csrf),
		"session as token": {"Authorization", "Bearer " + s.id},
	} {
		t.Run(name, func(t *testing.T) { r.refusedAB(401, "Unauthorized", "POST", portalTicket, sound, h...) })
	}
	for name, c := range map[string]struct {
		header []string
		word   string
	}{
		"no X-CSRFToken":        {[]string{"Authorization", "", "Cookie", "sessionid=" + s.id + "; csrftoken=" + s.csrf}, "X-CSRFToken"},
		"no csrf cookie":        {[]string{"Authorization", "", "Cookie", "sessionid=" + s.id, "X-CSRFToken", s.csrf}, "X-CSRFToken"},
		"both empty":            {header(s.id, "", ""), "X-CSRFToken"},
		"another than cookie":   {header(s.id, s.csrf, other.csrf), "X-CSRFToken"},
		"of another session":    {header(s.id, other.csrf, other.csrf), "X-CSRFToken"},
		"made up, both same":    {header(s.id, "x", "x"), "X-CSRFToken"},
		"another site's Origin": {s.header("Origin", "https://anderswo.example"), "Origin"},
		"cross-site":            {s.header("Sec-Fetch-Site", "cross-site"), "Origin"},
		"another Referer":       {s.header("Referer", "https://anderswo.example/"), "Referer"},
		"Referer begins alike":  {s.header("Referer", "http://"+apitest.Host+".anderswo.example/"), "Referer"},
		"Referer is no address": {s.header("Referer", "://"), "Referer"},
	} {
		t.Run(name, func(t *testing.T) {
			p := r.refusedAB(403, "Forbidden", "POST", portalTicket, sound, c.header...)
			if p.Message != "CSRF Failed: "+c.word+" missing or incorrect." {
				t.Error(p.Message)
			}
		})
	}
	for name, body := range map[string]object{"no body": nil, "no service": {}, "empty service": {"service": ""}, "null service": {"service": nil}} {
		t.Run(name, func(t *testing.T) {
			if name == "null service" {
				r.ask(400, "POST", portalTicket, body, s.header()...)
				return
			}
			r.refusedC(400, "Missing credentials", "POST", portalTicket, body, s.header()...)
		})
	}
	for name, service := range map[string]string{
		"elsewhere": "https://anderswo.example/api/gever", "the host": "http://" + apitest.Host, "an object": dossier23, "two slashes": siteURL + "//", "a query": siteURL + "?x", "begins alike": siteURL + "x",
	} {
		t.Run("service "+name, func(t *testing.T) {
			if p := r.refusedAB(400, "BadRequest", "POST", portalTicket, object{"service": service}, s.header()...); p.Message != "Property 'service' must be "+siteURL {
				t.Error(p.Message)
			}
		})
	}
	t.Run("not acceptable", func(t *testing.T) { r.ask(406, "POST", portalTicket, sound, s.header("Accept", "text/html")...) })
	t.Run("too large", func(t *testing.T) {
		r.ask(413, "POST", portalTicket, object{"service": strings.Repeat("x", 33<<20)}, s.header()...)
	})
	t.Run("opens nothing else", func(t *testing.T) { r.ask(401, "GET", dossier23, nil, s.header()...) })
	t.Run("other APIs' tokens are no session", func(t *testing.T) {
		login := r.ask(200, "POST", base+"/@login", object{"login": john, "password": passwords[john]}).Object(t)
		r.ask(401, "POST", portalTicket, sound, header(fmt.Sprint(login["token"]), s.csrf, s.csrf)...)
	})
	t.Run("expired", func(t *testing.T) {
		late, _ := r.atPortal(john)
		r.Clock.Advance(time.Hour - 2*time.Second)
		r.ticket(late, siteURL) // its last moments
		r.Clock.Advance(2 * time.Second)
		r.refusedAB(401, "Unauthorized", "POST", portalTicket, sound, late.header()...)
		r.atPortal(peter)
		if n := r.kept("gever_portal_sessions"); n != 1 {
			t.Errorf("%d sessions are kept", n)
		}
	})
}

// TestCasLoginRefused: each ticket that gives no token.
func TestCasLoginRefused(t *testing.T) { inBoth(t, testCasLoginRefused) }

func testCasLoginRefused(t *testing.T, open opener) {
	r := open(t)
	s, _ := r.atPortal(john)
	for name, body := range map[string]object{
		"no body": nil, "empty": {}, "no service": {"ticket": "ST-x"}, "no ticket": {"service": siteURL}, "empty ticket": {"ticket": "", "service": siteURL},
		"empty service": {"ticket": "ST-x", "service": ""},
	} {
		t.Run(name, func(t *testing.T) {
			message, _ := r.refusedC(400, "Missing credentials", "POST", casLogin, body, "Authorization", "")
			if message != "Ticket and service must be provided in body." {
				t.Error(message)
			}
		})
	}
	t.Run("wrong type", func(t *testing.T) { r.ask(400, "POST", casLogin, object{"ticket": 5, "service": siteURL}) })
	t.Run("used", func(t *testing.T) {
		ticket := r.ticket(s, siteURL)
		r.cas(200, ticket, siteURL)
		want(t, r.cas(401, ticket, siteURL), noTicket)
	})
	t.Run("unknown", func(t *testing.T) {
		want(t, r.cas(401, "ST-x", siteURL), noTicket)
		want(t, r.cas(401, s.id, siteURL), noTicket)
	})
	for name, service := range map[string]string{
		"another service": "https://anderswo.example/api/gever", "with a slash": siteURL + "/", "other case": strings.ToUpper(siteURL),
	} {
		t.Run(name, func(t *testing.T) {
			ticket := r.ticket(s, siteURL)
			want(t, r.cas(401, ticket, service), noTicket)
			want(t, r.cas(401, ticket, siteURL), noTicket) // it is used up
		})
	}
	t.Run("expired", func(t *testing.T) {
		first, last := r.ticket(s, siteURL), r.ticket(s, siteURL)
		r.Clock.Advance(59 * time.Second)
		r.cas(200, first, siteURL)
		r.Clock.Advance(time.Second)
		want(t, r.cas(401, last, siteURL), noTicket)
	})
	t.Run("swept", func(t *testing.T) {
		r.ticket(s, siteURL)
		r.Clock.Advance(time.Minute)
		r.ticket(s, siteURL)
		if n := r.kept("gever_portal_tickets"); n != 1 {
			t.Errorf("%d tickets are kept", n)
		}
	})
}

// TestPortalStoreAway: a store that does not answer is no refusal.
func TestPortalStoreAway(t *testing.T) { inBoth(t, testPortalStoreAway) }

func testPortalStoreAway(t *testing.T, open opener) {
	r := open(t)
	s, _ := r.atPortal(john)
	ticket := r.ticket(s, siteURL)
	if err := r.DB.Close(); err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(time.Minute)
	r.ask(500, "POST", portalTicket, object{"service": siteURL}, s.header()...)
	r.cas(500, ticket, siteURL)
}

// kept counts what a table keeps.
func (r *room) kept(table string) int64 {
	r.t.Helper()
	var n int64
	if err := r.DB.Reader(r.t.Context()).Table(table).Count(&n).Error; err != nil {
		r.t.Fatal(err)
	}
	return n
}

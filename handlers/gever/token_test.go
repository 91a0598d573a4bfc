package gever_test

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"loket/handlers/apitest"
	rules "loket/store/gever"
	"loket/store/gever/geverdb"
)

// signer is a private key that all tests share: making one takes long.
var signer = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

const tokenURI = "http://" + apitest.Host + base + "/@@oauth2-token"

// service makes a service key; ranges may be "".
func (r *room) service(user, ranges string) *rules.ServiceKey {
	r.t.Helper()
	key, err := r.db.CreateServiceKey(r.t.Context(), geverdb.NewServiceKey{
		User: user, Title: "Fachanwendung", TokenURI: tokenURI, IPRanges: ranges, Public: &signer().PublicKey,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return key
}

// sound are the claims that give a token.
func (r *room) sound(k *rules.ServiceKey) jwt.MapClaims {
	now := r.Clock.Now()
	return jwt.MapClaims{"iss": k.ClientID, "aud": tokenURI, "sub": k.User, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
}

func (r *room) signed(c jwt.MapClaims) string {
	r.t.Helper()
	text, err := jwt.NewWithClaims(jwt.SigningMethodRS256, c).SignedString(signer())
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

const asForm = "application/x-www-form-urlencoded"

// tokenCall sends a form to the token endpoint.
func (r *room) tokenCall(status int, form string, header ...string) *apitest.Response {
	r.t.Helper()
	r.Clock.Advance(100e6)
	h := map[string]string{"Content-Type": asForm}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	return r.Want(r.t, status, apitest.Request{Method: "POST", Path: base + "/@@oauth2-token", Header: h, Body: []byte(form)})
}

func grantForm(assertion string) string {
	return url.Values{"grant_type": {rules.JWTBearer}, "assertion": {assertion}}.Encode()
}

// accessToken gets a token for sound claims.
func (r *room) accessToken(c jwt.MapClaims) string {
	r.t.Helper()
	got := r.tokenCall(200, grantForm(r.signed(c)))
	token, _ := got.Object(r.t)["access_token"].(string)
	return token
}

// refusedToken asks for a token and wants none.
func (r *room) refusedToken(kind, word, form string) {
	r.t.Helper()
	got := r.tokenCall(400, form).Object(r.t)
	if text, _ := got["error_description"].(string); got["error"] != kind || !strings.Contains(text, word) || len(got) != 2 {
		r.t.Errorf("%v, want %s with %q", got, kind, word)
	}
}

// TestServiceToken: the row of 3.1 on service keys, as far as it gives tokens.
func TestServiceToken(t *testing.T) { inBoth(t, testServiceToken) }

func testServiceToken(t *testing.T, open opener) {
	r := open(t)
	key := r.service(peter, "")
	got := r.tokenCall(200, grantForm(r.signed(r.sound(key))), "Accept", "application/json")
	body := got.Object(t)
	want(t, body, object{"expires_in": 3600, "token_type": "Bearer"})
	if len(body) != 3 || got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Pragma") != "no-cache" {
		t.Errorf("%v %v", body, got.Header)
	}
	token, _ := body["access_token"].(string)
	bearer := "Bearer " + token
	// The token is its user: what he may and what he may not.
	want(t, r.ask(200, "GET", task1, nil, "Authorization", bearer).Object(t), object{"is_current_user_responsible": true})
	r.ask(403, "POST", base, object{"title": "x"}.of(rootType), "Authorization", bearer)
	// An audience may be a list; iat may be a moment ahead; a day is the most.
	c := r.sound(key)
	c["aud"], c["iat"], c["exp"] = []string{"https://anderswo.example", tokenURI}, r.Clock.Now().Add(20*time.Second).Unix(), r.Clock.Now().Add(24*time.Hour).Unix()
	r.accessToken(c)
	c = r.sound(key)
	c["iat"], c["exp"] = r.Clock.Now().Add(-24*time.Hour+time.Minute).Unix(), r.Clock.Now().Add(time.Minute/2).Unix()
	r.accessToken(c)
	// The same assertion gives a token again, unless it names itself.
	again := r.signed(r.sound(key))
	r.tokenCall(200, grantForm(again))
	r.tokenCall(200, grantForm(again))
	c = r.sound(key)
	c["jti"] = "einmal"
	once := grantForm(r.signed(c))
	r.tokenCall(200, once)
	r.refusedToken("invalid_grant", "used before", once)
	// After an hour it has expired; the service gets another and repeats.
	r.Clock.Advance(time.Hour)
	want(t, r.ask(401, "GET", dossier23, nil, "Authorization", bearer).Object(t), object{"error": "invalid_token", "error_description": "Access token expired"})
	r.ask(200, "GET", dossier23, nil, "Authorization", "Bearer "+r.accessToken(r.sound(key)))
	// What is remembered of assertions ends with them.
	r.Clock.Advance(2 * time.Hour)
	c["iat"], c["exp"] = r.Clock.Now().Unix(), r.Clock.Now().Add(time.Hour).Unix()
	r.accessToken(c)
	for _, secret := range []string{token, again} {
		if strings.Contains(r.LogText(), secret) {
			t.Error("a secret stands in the log")
		}
	}
}

// TestServiceTokenRefused: each refusal of 3.1.
func TestServiceTokenRefused(t *testing.T) { inBoth(t, testServiceTokenRefused) }

func testServiceTokenRefused(t *testing.T, open opener) {
	r := open(t)
	key := r.service(peter, "")
	good := r.signed(r.sound(key))
	for name, c := range map[string]struct{ form, word string }{
		"nothing":            {"", "grant_type is missing"},
		"no grant_type":      {url.Values{"assertion": {good}}.Encode(), "grant_type is missing"},
		"no assertion":       {url.Values{"grant_type": {rules.JWTBearer}}.Encode(), "assertion is missing"},
		"empty assertion":    {grantForm(""), "assertion is missing"},
		"another grant_type": {url.Values{"grant_type": {"password"}, "assertion": {good}}.Encode(), rules.JWTBearer},
		"twice":              {grantForm(good) + "&assertion=x", "assertion stands twice"},
		"no form":            {"a=%zz", "no form"},
	} {
		t.Run(name, func(t *testing.T) {
			q := *r
			q.t = t
			q.refusedToken("invalid_request", c.word, c.form)
		})
	}
	hour, now := time.Hour, r.Clock.Now()
	for name, c := range map[string]struct {
		change jwt.MapClaims // nil removes
		word   string
	}{
		"unknown iss":         {jwt.MapClaims{"iss": "nichts"}, "claim iss"},
		"no iss":              {jwt.MapClaims{"iss": nil}, "claim iss"},
		"no sub":              {jwt.MapClaims{"sub": nil}, "sub is missing"},
		"another user":        {jwt.MapClaims{"sub": john}, "no Impersonator"},
		"unknown user":        {jwt.MapClaims{"sub": "niemand"}, "iss and sub"},
		"wrong aud":           {jwt.MapClaims{"aud": "https://anderswo.example/@@oauth2-token"}, "token_uri"},
		"no aud":              {jwt.MapClaims{"aud": nil}, "token_uri"},
		"no iat":              {jwt.MapClaims{"iat": nil}, "iat is missing"},
		"iat in the future":   {jwt.MapClaims{"iat": now.Add(5 * time.Minute).Unix()}, "future"},
		"old iat":             {jwt.MapClaims{"iat": now.Add(-25 * hour).Unix()}, "24 hours back"},
		"no exp":              {jwt.MapClaims{"exp": nil}, "exp is missing"},
		"expired":             {jwt.MapClaims{"exp": now.Unix()}, "expired"},
		"exp after a day":     {jwt.MapClaims{"exp": now.Add(25 * hour).Unix()}, "24 hours after"},
		"nbf":                 {jwt.MapClaims{"nbf": now.Unix()}, "nbf"},
		"scope":               {jwt.MapClaims{"scope": "alles"}, "scope"},
		"iat of another sort": {jwt.MapClaims{"iat": "heute"}, "no valid JWT"},
	} {
		t.Run(name, func(t *testing.T) {
			q := *r
			q.t = t
			claims := q.sound(key)
			maps.Copy(claims, c.change)
			for k, v := range claims {
				if v == nil {
					delete(claims, k)
				}
			}
			q.refusedToken("invalid_grant", c.word, grantForm(q.signed(claims)))
		})
	}
	// Signed otherwise: with a secret (the public key, known to all), not at
	// all, with another key, or changed on the way.
	other, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(m jwt.SigningMethod, k any) string {
		text, err := jwt.NewWithClaims(m, r.sound(key)).SignedString(k)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, bad := range []string{
		sign(jwt.SigningMethodHS256, signer().N.Bytes()), sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		sign(jwt.SigningMethodRS512, signer()), sign(jwt.SigningMethodPS256, signer()), sign(jwt.SigningMethodRS256, other),
	} {
		r.refusedToken("invalid_grant", "RS256", grantForm(bad))
	}
	r.refusedToken("invalid_grant", "no valid JWT", grantForm("x.y.z"))
	r.refusedToken("invalid_grant", "no valid JWT", grantForm("nichts"))
	// A token of ours is no assertion.
	r.refusedToken("invalid_grant", "RS256", grantForm(r.accessToken(r.sound(key))))

	// What the house refuses has the form of OAuth too.
	oauth := func(got *apitest.Response) {
		t.Helper()
		if body := got.Object(t); body["error"] != "invalid_request" || body["error_description"] == "" || len(body) != 2 {
			t.Errorf("%v", body)
		}
	}
	oauth(r.tokenCall(415, grantForm(good), "Content-Type", "application/json"))
	oauth(r.tokenCall(406, grantForm(good), "Accept", "text/html"))
	oauth(r.tokenCall(413, grantForm(strings.Repeat("x", 70_000))))
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
		got := r.Want(t, 405, apitest.Request{Method: method, Path: base + "/@@oauth2-token"})
		oauth(r.Want(t, 405, apitest.Request{Method: method, Path: base + "/++api++/@@oauth2-token"}))
		oauth(got)
		if got.Header.Get("Allow") != "OPTIONS, POST" {
			t.Errorf("Allow %q", got.Header.Get("Allow"))
		}
	}
	form := strings.NewReader(grantForm(good))
	if err := r.DB.Close(); err != nil {
		t.Fatal(err)
	}
	r.Want(t, 500, apitest.Request{Method: "POST", Path: base + "/@@oauth2-token", Header: map[string]string{"Content-Type": asForm}, Body: form})
}

// TestImpersonation: a key whose user is an Impersonator gives tokens for
// others (3.1).
func TestImpersonation(t *testing.T) { inBoth(t, testImpersonation) }

func testImpersonation(t *testing.T, open opener) {
	r := open(t)
	if err := r.db.CreateUser(t.Context(), geverdb.NewUser{User: geverdb.User{ID: "portal"}, Password: "Nur-hier-1!", Roles: []rules.Role{rules.Impersonator}}); err != nil {
		t.Fatal(err)
	}
	key := r.service("portal", "")
	c := r.sound(key)
	own := "Bearer " + r.accessToken(c)
	r.ask(401, "GET", dossier23, nil, "Authorization", own) // the role alone opens nothing
	c["sub"] = peter
	other := "Bearer " + r.accessToken(c)
	path := r.ask(201, "POST", fuehrung, dossier().of(dossierType), "Authorization", other, "Prefer", "return=representation").Object(t)["relative_path"].(string)
	// What he does is done by whom he acts for; who he is stands in the log.
	history := r.get(base + "/" + path + "/@workflow")["history"].([]any)
	want(t, history[0].(map[string]any), object{"actor": peter})
	if log := r.LogText(); !strings.Contains(log, key.ID) || !strings.Contains(log, `"for":"peter.muster"`) {
		t.Error("the log does not say who acts for whom")
	}
}

// TestServiceKeyEnds: a revoked key and its tokens are refused within a
// second; from outside its networks it is no key.
func TestServiceKeyEnds(t *testing.T) { inBoth(t, testServiceKeyEnds) }

func testServiceKeyEnds(t *testing.T, open opener) {
	r := open(t)
	key := r.service(peter, "192.0.2.0/24, 2001:db8::/32")
	form := grantForm(r.signed(r.sound(key)))
	token := "Bearer " + r.accessToken(r.sound(key))
	from := func(address, path, auth string, status int) {
		t.Helper()
		r.Clock.Advance(1e9)
		request := apitest.Request{Path: path, From: address, Header: map[string]string{"Authorization": auth}}
		if auth == "" {
			request.Method, request.Header, request.Body = "POST", map[string]string{"Content-Type": asForm}, []byte(form)
		}
		r.Want(t, status, request)
	}
	for address, inside := range map[string]bool{"192.0.2.7:5000": true, "[2001:db8::1]:5000": true, "198.51.100.1:5000": false, "[2001:db9::1]:5000": false} {
		if inside {
			from(address, dossier23, token, 200)
			from(address, base+"/@@oauth2-token", "", 200)
		} else {
			from(address, dossier23, token, 401)
			from(address, base+"/@@oauth2-token", "", 400)
		}
	}
	r.ask(200, "GET", dossier23, nil, "Authorization", token)
	if err := r.db.RevokeServiceKey(t.Context(), key.ID); err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(time.Second)
	r.ask(401, "GET", dossier23, nil, "Authorization", token)
	r.refusedToken("invalid_grant", "claim iss", form)
}

// TestLoginRenewAndLogout: a token of @login is renewed by itself and ends when
// its user says so.
func TestLoginRenewAndLogout(t *testing.T) { inBoth(t, testLoginRenewAndLogout) }

func testLoginRenewAndLogout(t *testing.T, open opener) {
	r := open(t)
	login := r.Want(t, 200, apitest.Request{Method: "POST", Path: base + "/@login", Body: object{"login": john, "password": passwords[john]}}).Object(t)
	first := "Bearer " + login["token"].(string)
	post := func(status int, path, auth string) *apitest.Response {
		t.Helper()
		return r.ask(status, "POST", base+path, nil, "Authorization", auth)
	}
	second := "Bearer " + post(200, "/@login-renew", first).Object(t)["token"].(string)
	if second == first {
		t.Fatal("the new token is the old one")
	}
	r.Clock.Advance(11 * time.Hour)
	third := "Bearer " + post(200, "/@login-renew", second).Object(t)["token"].(string)
	r.Clock.Advance(2 * time.Hour)
	want(t, post(401, "/@login-renew", first).Object(t), object{"error": "invalid_token"})
	r.ask(200, "GET", dossier23, nil, "Authorization", third)
	// Basic names nobody here; a service's token is not renewed.
	post(401, "/@login-renew", as(john))
	post(401, "/@logout", as(john))
	key := r.service(peter, "")
	access := "Bearer " + r.accessToken(r.sound(key))
	want(t, post(401, "/@login-renew", access).Object(t), object{"error": object{"type": "Invalid or expired authentication token", "message": "The authentication token is invalid."}})
	// Logging out ends that token alone, at once.
	fourth := "Bearer " + post(200, "/@login-renew", third).Object(t)["token"].(string)
	if got := post(204, "/@logout", third); len(got.Body) != 0 {
		t.Errorf("%s", got.Body)
	}
	post(204, "/@logout", access)
	for _, ended := range []string{third, access} {
		r.ask(401, "GET", dossier23, nil, "Authorization", ended)
		post(401, "/@logout", ended)
		post(401, "/@login-renew", ended)
	}
	r.ask(200, "GET", dossier23, nil, "Authorization", fourth)
	// In a cookie it is renewed there, and the cookie ends with it.
	cookie := func(status int, method, path, value string) *apitest.Response {
		t.Helper()
		return r.ask(status, method, base+path, nil, "Authorization", "", "Cookie", value)
	}
	fresh := cookie(200, "POST", "/@login-renew", "__ac="+strings.TrimPrefix(fourth, "Bearer "))
	want(t, fresh.Object(t), object{"userid": john, "fullname": "Doe John"})
	value, _, _ := strings.Cut(fresh.Header.Get("Set-Cookie"), ";")
	cookie(200, "GET", strings.TrimPrefix(dossier23, base), value)
	if gone := cookie(204, "POST", "/@logout", value).Header.Get("Set-Cookie"); !strings.HasPrefix(gone, "__ac=;") || !strings.Contains(gone, "Max-Age=0") {
		t.Error(gone)
	}
	cookie(401, "GET", strings.TrimPrefix(dossier23, base), value)
	// A token whose user is gone is nobody's: here, of another store.
	if got := open(t).do("GET", dossier23, nil, "Authorization", fourth); got.Status != 401 {
		t.Errorf("%d", got.Status)
	}
}

// TestTokensStoreAway: a store that does not answer is no refusal.
func TestTokensStoreAway(t *testing.T) { inBoth(t, testTokensStoreAway) }

func testTokensStoreAway(t *testing.T, open opener) {
	r := open(t)
	login := r.Want(t, 200, apitest.Request{Method: "POST", Path: base + "/@login", Body: object{"login": john, "password": passwords[john]}}).Object(t)
	token := "Bearer " + login["token"].(string)
	r.ask(406, "POST", base+"/@login-renew", nil, "Authorization", token, "Accept", "text/html")
	if err := r.DB.Close(); err != nil {
		t.Fatal(err)
	}
	r.Clock.Advance(time.Minute)
	r.ask(500, "POST", base+"/@login-renew", nil, "Authorization", token)
	r.ask(500, "POST", base+"/@logout", nil, "Authorization", token)
}

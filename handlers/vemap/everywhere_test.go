package vemap_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"loket/handlers/apitest"
	"loket/store/vemap"
)

// lasting is an access token of u's session that outlives the hour: the tables
// below move the clock a minute for each operation.
func (r *room) lasting(u user) string {
	r.t.Helper()
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte("loket/vemap tokens"))
	c := vemap.Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: u.id}, Kind: vemap.AccessToken, SessionID: text(r.t, claims(r.t, u.access)["sid"])}
	token, err := vemap.Sign(m.Sum(nil), c, r.Clock.Now(), 30*24*time.Hour)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// TestEverywhere drives what is the same for all operations.
func TestEverywhere(t *testing.T) {
	first := open(t)
	o := first.admin()
	servers := []*apitest.Server{first.Server}
	apitest.Everywhere{
		API:    "vemap",
		Header: bearer(first.lasting(o)),
		Params: map[string]string{"tenant_id": o.tenant, "x-user-id": o.id, "x-user-role": o.role},
		Bodies: map[string]string{
			"forgotPassword": `{"username":"x@example.com"}`,
			"resetPassword":  `{"username":"x@example.com","confirmationCode":"123456","password":"Eigen-Keuze-456!"}`,
		},
		New: func(testing.TB) *apitest.Server {
			if len(servers) == 0 {
				return open(t).Server
			}
			s := servers[0]
			servers = servers[1:]
			return s
		},
		Skip: []string{
			"login 401", "login 406", "login 500", // Basic, see TestLoginEverywhere
			"challenge 500", "refresh 500", // other kinds of token, see there
			"upload 413", "upload 415", // behind the signature, see TestUploadAddress
		},
	}.Run(t)
}

func TestLoginEverywhere(t *testing.T) {
	r := open(t)
	login := basic("manager@demo.example", "Demo-Manager-1!")
	u := r.manager()
	session := text(t, object(t, r.request(302, "POST", "/v1/authentication/login", basic("nieuw@demo.example", "Demo-Tijdelijk-1!"), nil).Object(t)["data"])["Session"])
	login["Accept"] = "model/vrml"
	r.request(406, "POST", "/v1/authentication/login", login, nil)
	delete(login, "Accept")
	if err := r.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for path, header := range map[string]map[string]string{"login": login, "refresh": bearer(u.refresh)} {
		got := r.request(500, "POST", "/v1/authentication/"+path, header, nil)
		r.equal("message", r.message(got), "Internal server error")
	}
	r.request(500, "POST", "/v1/authentication/challenge", bearer(session),
		map[string]any{"challengeName": "NEW_PASSWORD_REQUIRED", "username": "nieuw@demo.example", "newPassword": chosen})
}

// TestEveryOperationWithinATenant: 4.2 comes before everything else. A tenant
// that is not there is told to ROLE_ADMIN only, and a request without the
// headers is a bad one whatever it asks.
func TestEveryOperationWithinATenant(t *testing.T) {
	r := open(t)
	a := r.admin()
	nowhere, unnamed := a, a
	nowhere.tenant, unnamed.id = "tenant-onbekend", ""
	w := world{tenant: "t", project: "p", closure: "c", plan: "p", file: "f", recipient: "r", template: "t", user: "u", stakeholder: "s"}
	for _, row := range vemap.Rights {
		method, path, body := w.call(row.Operation, a, "vers")
		got := r.ask(404, nowhere, method, path, body)
		r.equal("message", r.message(got), "Tenant not found")
		got = r.ask(400, unnamed, method, path, body)
		if !strings.Contains(string(got.Body), "x-user-id") {
			t.Errorf("%s does not say which header is missing: %s", row.Operation, got.Body)
		}
	}
}

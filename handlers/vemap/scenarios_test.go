package vemap_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/handlers/mount"
	vemapapi "loket/handlers/vemap"
)

// The scenarios of apis/vemap.md 7, through HTTP.

func TestV1FirstLogin(t *testing.T) {
	r := open(t)
	body := tenantBody("jane.smith@newcompany.example")
	body["logoMetadata"] = map[string]any{"fileName": "company-logo.png", "fileType": "image/png", "status": "pending", "fileSize": 1024000, "version": "1.0"}
	tenant := object(t, r.data(201, r.admin(), "POST", "/tenants", body)["tenant"])
	logo := object(t, tenant["logo_upload"])
	r.equal("file_type", logo["file_type"], "image/png")

	login := basic("Jane.Smith@newcompany.example", temporary) // whatever the case
	got := r.request(302, "POST", "/v1/authentication/login", login, nil)
	if location, there := got.Header["Location"]; there {
		t.Errorf("Location is %v", location)
	}
	answer := got.Object(t)
	r.equal("status", answer["status"], 302)
	data := object(t, answer["data"])
	r.equal("ChallengeName", data["ChallengeName"], "NEW_PASSWORD_REQUIRED")

	got = r.request(200, "POST", "/v1/authentication/challenge", bearer(text(t, data["Session"])),
		map[string]any{"challengeName": "NEW_PASSWORD_REQUIRED", "username": "jane.smith@newcompany.example", "newPassword": chosen})
	data = object(t, got.Object(t)["data"])
	r.equal("Tenants", data["Tenants"], map[string]any{text(t, tenant["id"]): []string{"ROLE_ORGANISATION"}})
	if _, there := data["LogoUrl"]; there {
		t.Error("the challenge answers a LogoUrl")
	}
	data = object(t, r.request(200, "POST", "/v1/authentication/login", basic("jane.smith@newcompany.example", chosen), nil).Object(t)["data"])
	r.equal("LogoUrl", data["LogoUrl"], "")

	welcome := r.deliver()["jane.smith@newcompany.example"]
	if !strings.Contains(welcome, "Contact jane.smith@newcompany.example") || strings.Contains(welcome, temporary) {
		t.Errorf("the welcome mail is %q", welcome)
	}
}

func TestV2Session(t *testing.T) {
	r := open(t)
	session := func() string {
		data := object(t, r.request(302, "POST", "/v1/authentication/login", basic("nieuw@demo.example", "Demo-Tijdelijk-1!"), nil).Object(t)["data"])
		return text(t, data["Session"])
	}
	challenge := func(want int, session, name, password string) *apitest.Response {
		return r.request(want, "POST", "/v1/authentication/challenge", bearer(session),
			map[string]any{"challengeName": "NEW_PASSWORD_REQUIRED", "username": name, "newPassword": password})
	}
	one := session()
	challenge(401, one, "manager@demo.example", chosen)
	challenge(400, one, "nieuw@demo.example", "zwak")
	challenge(400, one, "nieuw@demo.example", "Demo-Tijdelijk-1!")
	r.request(400, "POST", "/v1/authentication/challenge", bearer(one),
		map[string]any{"challengeName": "SMS_MFA", "username": "nieuw@demo.example", "newPassword": chosen})
	r.request(401, "GET", "/v1/tenant-x/users", map[string]string{"Authorization": "Bearer " + one, "x-user-id": "user-x", "x-user-role": "ROLE_USER"}, nil)
	late := session()
	challenge(200, one, "nieuw@demo.example", chosen)
	challenge(401, one, "nieuw@demo.example", chosen)
	challenge(401, late, "nieuw@demo.example", chosen) // the password that opened it is gone

	r = open(t)
	old := session()
	r.Clock.Advance(10 * time.Minute)
	challenge(401, old, "nieuw@demo.example", chosen)
	r.Clock.Advance(7 * 24 * time.Hour)
	r.request(401, "POST", "/v1/authentication/login", basic("nieuw@demo.example", "Demo-Tijdelijk-1!"), nil)
}

func TestV3Refresh(t *testing.T) {
	r := open(t)
	u := r.manager()
	r.Clock.Advance(time.Hour)
	r.ask(401, u, "GET", "/users", nil)
	v := r.loggedIn(r.request(200, "POST", "/v1/authentication/refresh", bearer(u.refresh), nil))
	if v.refresh != u.refresh || v.access == u.access {
		t.Error("refresh must keep the refresh token and give a new access token")
	}
	r.request(401, "POST", "/v1/authentication/refresh", bearer(v.access), nil)
	r.request(401, "POST", "/v1/authentication/logout", bearer(v.refresh), nil)
	r.ask(200, v, "GET", "/users", nil)
	r.request(200, "POST", "/v1/authentication/logout", bearer(v.access), nil)
	r.ask(401, v, "GET", "/users", nil)
	r.request(401, "POST", "/v1/authentication/refresh", bearer(v.refresh), nil)
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

func TestV4ForgotAndReset(t *testing.T) {
	r := open(t)
	u := r.manager()
	forgot := func(name string) *apitest.Response {
		return r.request(302, "POST", "/v1/authentication/forgot-password", nil, map[string]any{"username": name})
	}
	reset := func(want int, code, password string) *apitest.Response {
		return r.request(want, "POST", "/v1/authentication/reset-password", nil,
			map[string]any{"username": "manager@demo.example", "confirmationCode": code, "password": password})
	}
	code := func() string { return sixDigits.FindString(r.deliver()["manager@demo.example"]) }

	forgot("manager@demo.example")
	right := code()
	if right == "" {
		t.Fatal("no code was mailed")
	}
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	said := r.message(reset(400, wrong, chosen))
	reset(400, right, "zwak")
	r.ask(200, u, "GET", "/users", nil)
	reset(302, right, chosen)
	r.ask(401, u, "GET", "/users", nil)
	r.request(401, "POST", "/v1/authentication/login", basic("manager@demo.example", "Demo-Manager-1!"), nil)
	r.login("manager@demo.example", chosen)
	reset(400, right, chosen)

	a, b := forgot("manager@demo.example").Object(t), forgot("niemand@demo.example").Object(t)
	for _, o := range []map[string]any{a, b} {
		delete(o, "request_id")
		delete(o, "timestamp")
	}
	r.equal("the answer to an unknown user", b, a)
	mails := r.deliver()
	if _, there := mails["niemand@demo.example"]; there {
		t.Error("an unknown user got mail")
	}
	forgot("nieuw@demo.example")
	if _, there := r.deliver()["nieuw@demo.example"]; there {
		t.Error("an account that was not confirmed got mail")
	}

	r = open(t)
	forgot("manager@demo.example")
	old := code()
	r.Clock.Advance(time.Hour)
	if expired := r.message(reset(400, old, chosen)); expired == said {
		t.Errorf("an expired code is refused in the words of a wrong one: %q", expired)
	}
}

func TestCodeIsGuessedFiveTimes(t *testing.T) {
	r := open(t)
	r.request(302, "POST", "/v1/authentication/forgot-password", nil, map[string]any{"username": "manager@demo.example"})
	right := sixDigits.FindString(r.deliver()["manager@demo.example"])
	guess := func(want int, code string) {
		t.Helper()
		r.request(want, "POST", "/v1/authentication/reset-password", nil,
			map[string]any{"username": "manager@demo.example", "confirmationCode": code, "password": chosen})
	}
	for range 5 {
		guess(400, "abcdef")
	}
	guess(400, right)
	r.request(400, "POST", "/v1/authentication/reset-password", nil,
		map[string]any{"username": "niemand@demo.example", "confirmationCode": right, "password": chosen})
}

func TestForgotIsAskedFiveTimes(t *testing.T) {
	r := open(t)
	for _, name := range []string{"manager@demo.example", "niemand@demo.example"} {
		for range 5 {
			r.request(302, "POST", "/v1/authentication/forgot-password", nil, map[string]any{"username": name})
		}
		r.request(429, "POST", "/v1/authentication/forgot-password", nil, map[string]any{"username": name})
	}
	r.Clock.Advance(time.Hour)
	r.request(302, "POST", "/v1/authentication/forgot-password", nil, map[string]any{"username": "manager@demo.example"})
	r.request(400, "POST", "/v1/authentication/forgot-password", nil, map[string]any{"username": "geen adres"})
}

func TestV5LoginFailures(t *testing.T) {
	r := open(t)
	got := r.request(401, "POST", "/v1/authentication/login", nil, nil)
	if c := got.Header.Get("WWW-Authenticate"); !strings.HasPrefix(c, "Basic ") {
		t.Errorf("WWW-Authenticate is %q", c)
	}
	said := r.message(got)
	for _, name := range []string{"manager@demo.example", "niemand@demo.example"} {
		for range 5 {
			r.equal("message", r.message(r.request(401, "POST", "/v1/authentication/login", basic(name, "fout"), nil)), said)
		}
		got = r.request(429, "POST", "/v1/authentication/login", basic(name, "Demo-Manager-1!"), nil)
		r.equal("Retry-After", got.Header.Get("Retry-After"), "900")
	}
	r.Clock.Advance(15 * time.Minute)
	r.login("manager@demo.example", "Demo-Manager-1!")
	got = r.request(401, "GET", "/v1/tenant-x/users", nil, nil)
	if c := got.Header.Get("WWW-Authenticate"); !strings.HasPrefix(c, "Bearer ") {
		t.Errorf("WWW-Authenticate is %q", c)
	}
}

var micros = regexp.MustCompile(`^[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z$`)

func TestV6Users(t *testing.T) {
	r := open(t)
	o := r.organisation()
	made := r.data(200, o, "POST", "/users", userBody("v6@demo.example", "ROLE_MANAGER"))
	r.equal("company_name", made["company_name"], "Voorbeeld")
	id := text(t, made["user_id"])
	var found map[string]any
	for _, u := range objects(t, r.data(200, o, "GET", "/users", nil)["users"]) {
		if u["id"] == id {
			found = u
		}
	}
	r.equal("authorisation", found["authorisation"], "ROLE_MANAGER")
	changed := r.data(200, o, "PATCH", "/users/"+id, map[string]any{"company": "Andere"})
	if !micros.MatchString(text(t, changed["last_modified"])) {
		t.Errorf("last_modified is %v", changed["last_modified"])
	}
	r.ask(400, o, "PATCH", "/users/"+id, map[string]any{"phoneNumber": "+31612345678"})
	r.ask(400, o, "PATCH", "/users/"+id, map[string]any{})
	r.equal("phone_number", r.data(200, o, "PATCH", "/users/"+id, map[string]any{"phone_number": nil})["phone_number"], nil)
	r.equal("message", r.message(r.ask(409, o, "POST", "/users", userBody("V6@demo.example", "ROLE_MANAGER"))), "User already exists")
	r.ask(409, o, "PATCH", "/users/"+id, map[string]any{"email": "manager@demo.example"})
	r.ask(400, o, "POST", "/users", userBody("v6b@demo.example", "ROLE_USER"))
	weak := userBody("v6c@demo.example", "ROLE_MANAGER")
	weak["password"] = "zwak"
	r.ask(400, o, "POST", "/users", weak)
	r.equal("data", r.data(200, o, "DELETE", "/users/"+id, nil), map[string]any{})
	r.ask(404, o, "DELETE", "/users/"+id, nil)
	r.ask(404, o, "PATCH", "/users/"+id, map[string]any{"name": "Weg"})

	// Administrators are for ROLE_ADMIN only (4.3).
	r.ask(403, o, "POST", "/users", userBody("v6d@demo.example", "ROLE_ADMIN"))
	r.ask(403, o, "PATCH", "/users/"+r.admin().id, map[string]any{"name": "Ander"})
	r.ask(403, o, "DELETE", "/users/"+r.admin().id, nil)
	r.ask(200, r.admin(), "POST", "/users", userBody("v6d@demo.example", "ROLE_ADMIN"))

	// Everybody else changes his own name and telephone number.
	m := r.manager()
	r.equal("name", r.data(200, m, "PATCH", "/users/"+m.id, map[string]any{"name": "Nieuwe Naam"})["name"], "Nieuwe Naam")
	r.ask(403, m, "PATCH", "/users/"+m.id, map[string]any{"company": "Ander"})
	r.ask(403, m, "PATCH", "/users/"+o.id, map[string]any{"name": "Ander"})
}

func TestRoleChangeEndsSessionsAndPlaces(t *testing.T) {
	r := open(t)
	o := r.organisation()
	u := r.newUser(o, "wisselt@demo.example", "ROLE_MANAGER")
	project := r.newProject(o, "Wissel", u.id)
	r.ask(409, o, "PATCH", "/users/"+u.id, map[string]any{"authorisation": "ROLE_STAKEHOLDER"})
	r.ask(409, o, "DELETE", "/users/"+u.id, nil)
	r.ask(200, o, "PATCH", "/projects/"+project, map[string]any{"managers": []string{r.manager().id}})
	r.ask(200, u, "GET", "/projects", nil)
	r.ask(200, o, "PATCH", "/users/"+u.id, map[string]any{"authorisation": "ROLE_STAKEHOLDER"})
	r.ask(401, u, "GET", "/projects", nil)
	r.request(401, "POST", "/v1/authentication/refresh", bearer(u.refresh), nil)
	for _, p := range r.rows(o, "/projects") {
		if p["project_id"] == project {
			r.equal("managers", len(objects(t, p["managers"])), 1)
		}
	}
	// A name alone ends nothing.
	m := r.manager()
	r.ask(200, o, "PATCH", "/users/"+m.id, map[string]any{"name": "Zelfde Rol", "authorisation": "ROLE_MANAGER"})
	r.ask(200, m, "GET", "/projects", nil)
	gone := r.newUser(o, "gaat@demo.example", "ROLE_STAKEHOLDER")
	r.ask(200, o, "DELETE", "/users/"+gone.id, nil)
	r.ask(401, gone, "GET", "/stakeholders/"+gone.id+"/closures", nil)
	r.request(401, "POST", "/v1/authentication/refresh", bearer(gone.refresh), nil)
}

func TestV7Headers(t *testing.T) {
	r := open(t)
	u := r.manager()
	with := func(want int, change map[string]string, tenant string) *apitest.Response {
		h := u.headers()
		for k, v := range change {
			h[k] = v
		}
		return r.request(want, "GET", "/v1/"+tenant+"/users", h, nil)
	}
	got := with(400, map[string]string{"X-User-Id": ""}, u.tenant).Object(t)
	errors := objects(t, object(t, got["data"])["errors"])
	r.equal("field", errors[0]["field"], "x-user-id")
	with(400, map[string]string{"X-User-Role": ""}, u.tenant)
	with(403, map[string]string{"X-User-Id": r.admin().id}, u.tenant)
	with(403, map[string]string{"X-User-Role": "ROLE_ADMIN"}, u.tenant)
	with(403, map[string]string{"X-User-Role": "ROLE_BAAS"}, u.tenant)
	other := r.newTenant("v7@ander.example")
	with(403, nil, other.tenant)
	with(403, nil, "tenant-onbekend")
	r.ask(404, r.organisation(), "PATCH", "/users/"+other.id, map[string]any{"name": "Ander"})

	// ROLE_ADMIN acts everywhere, and is told of a tenant that is not there.
	a := r.admin()
	a.tenant = other.tenant
	r.ask(200, a, "GET", "/users", nil)
	a.tenant = "tenant-onbekend"
	r.equal("message", r.message(r.ask(404, a, "GET", "/users", nil)), "Tenant not found")
}

func TestV8Logo(t *testing.T) {
	r := open(t)
	body := tenantBody("v8@logo.example")
	body["logoMetadata"] = map[string]any{"fileName": "logo.png", "fileType": "image/png", "fileSize": 10}
	logo := object(t, object(t, r.data(201, r.admin(), "POST", "/tenants", body)["tenant"])["logo_upload"])
	upload := text(t, logo["presigned_url"])
	if !strings.HasPrefix(upload, "http://"+apitest.Host+base+"/upload/") {
		t.Errorf("presigned_url is %s", upload)
	}
	r.put(415, upload, 10, "image/jpeg")
	r.put(400, upload, 9, "image/png")
	r.put(403, strings.Replace(upload, "signature=", "signature=A", 1), 10, "image/png")
	r.put(200, upload, 10, "image/png")
	r.put(409, upload, 10, "image/png")
	r.confirm("v8@logo.example", temporary)
	data := object(t, r.request(200, "POST", "/v1/authentication/login", basic("v8@logo.example", chosen), nil).Object(t)["data"])
	url := text(t, data["LogoUrl"])
	got := r.request(200, "GET", url, nil, nil)
	r.equal("the logo", string(got.Body), "xxxxxxxxxx")
	r.equal("Content-Type", got.Header.Get("Content-Type"), "image/png")
	if d := got.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "inline") {
		t.Errorf("Content-Disposition is %q", d)
	}
	r.request(200, "HEAD", url, nil, nil)
	r.request(200, "GET", url, nil, nil) // again, until it runs out
	r.request(403, "GET", strings.Replace(url, "action=view", "action=download", 1), nil, nil)
	r.request(403, "GET", strings.Replace(url, "expires=1", "expires=2", 1), nil, nil)
	r.Clock.Advance(time.Hour)
	r.request(403, "GET", url, nil, nil)
	bad := tenantBody("v8b@logo.example")
	bad["logoMetadata"] = map[string]any{"fileName": "logo.gif", "fileType": "image/gif", "fileSize": 10}
	a := r.login("admin@demo.example", "Demo-Admin-1!")
	r.ask(400, a, "POST", "/tenants", bad)
	r.ask(409, a, "POST", "/tenants", tenantBody("V8@logo.example"))
	weak := tenantBody("v8c@logo.example")
	weak["tempPassword"] = "zwak"
	r.ask(400, a, "POST", "/tenants", weak)
}

func TestV9DeleteTenant(t *testing.T) {
	r := open(t)
	o := r.newTenant("v9@weg.example")
	for i := range 4 {
		r.ask(200, o, "POST", "/users", userBody(fmt.Sprintf("v9-%d@weg.example", i), "ROLE_MANAGER"))
	}
	for i := range 3 {
		p := r.newProject(o, fmt.Sprintf("P%d", i), o.id)
		c := r.newClosure(o, p, o.id)
		for j := range 4 {
			r.storedFile(o, p, c, fmt.Sprintf("f%d.pdf", j), "support", 5)
		}
		r.ask(201, o, "POST", "/mail/recipients/"+p+"?closure_id="+c, map[string]any{"recipients": []any{map[string]any{"email": "a@weg.example", "name": "A"}}})
	}
	tmpl := text(t, r.data(201, o, "POST", "/mail/templates", templateBody("weg"))["template_id"])
	c := text(t, r.rows(o, "/projects/"+text(t, r.rows(o, "/projects")[0]["project_id"])+"/closures")[0]["id"])
	r.ask(200, o, "POST", "/mail/"+c, mailBody(tmpl, "a@weg.example"))

	a := r.admin()
	r.ask(403, o, "DELETE", "/tenants/"+o.tenant, nil)
	r.ask(409, a, "DELETE", "/tenants/"+a.tenant, nil)
	r.ask(404, a, "DELETE", "/tenants/tenant-onbekend", nil)
	guest := a
	guest.tenant = o.tenant // from elsewhere it would take his own account with it
	r.ask(409, guest, "DELETE", "/tenants/"+a.tenant, nil)
	r.equal("data", r.data(200, a, "DELETE", "/tenants/"+o.tenant, nil), map[string]any{
		"message": "Tenant deleted successfully", "tenant_id": o.tenant, "deleted_users_count": 5, "deleted_files_count": 12,
		"deleted_tenant_count": 1, "s3_deleted_files_count": 12, "status": "deleted",
	})
	r.request(401, "POST", "/v1/authentication/login", basic("v9@weg.example", chosen), nil)
	r.ask(401, o, "GET", "/users", nil)
	for _, row := range r.rows(a, "/tenants") {
		if row["id"] == o.tenant {
			t.Error("the tenant is still listed")
		}
	}
	if left := r.deliver(); len(left) != 0 {
		t.Errorf("mail of the tenant still goes: %v", left)
	}
	r.ask(404, a, "DELETE", "/tenants/"+o.tenant, nil)
}

func TestV10Project(t *testing.T) {
	r := open(t)
	m, o := r.manager(), r.organisation()
	p := r.data(201, m, "POST", "/projects", projectBody(m, "Beta", m.id))
	r.equal("storage_used", p["storage_used"], 0)
	r.equal("closures", p["closures"], 0)
	r.equal("managers", objects(t, p["managers"])[0]["email"], "manager@demo.example")
	answer := r.ask(200, m, "GET", "/projects", nil).Object(t)
	if _, there := answer["request_id"]; there {
		t.Error("the list of projects has a request_id")
	}
	refused := func(u user, change map[string]any) {
		t.Helper()
		b := projectBody(u, "Beta", u.id)
		for k, v := range change {
			b[k] = v
		}
		r.ask(400, u, "POST", "/projects", b)
	}
	refused(m, map[string]any{"tenant_id": "tenant-ander"})
	refused(m, map[string]any{"created_by_user_id": o.id})
	refused(m, map[string]any{"start_date": "2024-01-15"})
	refused(m, map[string]any{"start_date": "13-01-2024"})
	refused(m, map[string]any{"start_date": "02-30-2024"})
	refused(m, map[string]any{"end_date": "01-14-2024"})
	refused(m, map[string]any{"managers": []any{}})
	refused(m, map[string]any{"managers": []any{map[string]any{"id": m.id}, map[string]any{"id": "user-onbekend"}}})
	refused(m, map[string]any{"managers": []any{map[string]any{"id": o.id}}}) // not himself
	refused(o, map[string]any{"managers": []any{map[string]any{"id": r.stakeholder().id}}})
	refused(o, map[string]any{"startDate": "01-15-2024"})
	r.ask(201, m, "POST", "/projects", projectBody(m, "April 3?", m.id))
	b := projectBody(m, "4 maart", m.id)
	b["start_date"], b["end_date"] = "03-04-2024", "03-04-2024"
	r.ask(201, m, "POST", "/projects", b)
}

func TestV11Managers(t *testing.T) {
	r := open(t)
	o, m := r.organisation(), r.manager()
	p := r.newProject(o, "V11", m.id)
	add := func(want, count int, ids ...string) {
		t.Helper()
		got := r.ask(want, m, "PATCH", "/projects/"+p, map[string]any{"managers": ids})
		if want == 200 {
			r.equal("data", got.Object(t)["data"], map[string]any{"project_id": p, "managers_count": count, "status": "updated"})
		}
	}
	add(200, 2, m.id, o.id)
	add(200, 2, m.id, o.id, o.id)
	add(400, 0, "user-onbekend", r.admin().id)
	add(400, 0, r.stakeholder().id)
	add(200, 2, m.id)
	r.ask(400, m, "PATCH", "/projects/"+p, map[string]any{"name": "Ander"})
}

func recipientsBody(pairs ...string) map[string]any {
	list := []any{}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, map[string]any{"email": pairs[i], "name": pairs[i+1], "organisationName": "Example Corp"})
	}
	return map[string]any{"recipients": list}
}

func TestV12Recipients(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := "/projects/" + r.newProject(m, "V12", m.id) + "/recipients"
	got := r.data(200, m, "POST", p, recipientsBody("john@example.com", "John Doe", "jane@example.com", "Jane Smith"))
	r.equal("created", got["created_count"], 2)
	r.equal("updated", got["updated_count"], 0)
	r.equal("total", got["total_count"], 2)
	got = r.data(200, m, "POST", p, recipientsBody("john@example.com", "Eerst", "JOHN@example.com", "John Nieuw"))
	r.equal("created", got["created_count"], 0)
	r.equal("updated", got["updated_count"], 1)
	r.equal("total", got["total_count"], 1)
	r.equal("name", objects(t, got["recipients"])[0]["name"], "John Nieuw")
	list := objects(t, r.data(200, m, "GET", p, nil)["recipients"])
	if len(list) != 2 || list[0]["name"] != "John Nieuw" || !strings.Contains(p, text(t, list[0]["project_id"])) {
		t.Errorf("recipients are %v", list)
	}
	id := text(t, list[0]["id"])
	r.equal("data", r.data(200, m, "DELETE", p+"/"+id, nil), map[string]any{"recipient_id": id, "status": "deleted"})
	r.ask(404, m, "DELETE", p+"/"+id, nil)
	r.ask(400, m, "POST", p, map[string]any{"recipients": []any{map[string]any{"email": "geen adres", "name": "X", "organisationName": "Y"}}})
}

func TestV13Closure(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := r.newProject(m, "V13", m.id)
	c := r.data(201, m, "POST", "/closures", closureBody(p, r.stakeholder().id))
	r.equal("vkm_plan", c["vkm_plan"], map[string]any{})
	r.equal("storage_used", c["storage_used"], "0 B")
	r.equal("closure_file_count", c["closure_file_count"], 0)
	for _, path := range []string{"/closures/" + text(t, c["id"]), "/projects/" + p + "/closures", "/projects/" + p + "/closure-references"} {
		answer := r.ask(200, m, "GET", path, nil).Object(t)
		if len(answer) != 3 {
			t.Errorf("GET %s has %v", path, answer)
		}
	}
	ref := r.rows(m, "/projects/"+p+"/closure-references")[0]
	r.equal("roadsegment", ref["roadsegment"], "A1 km 10-15")
	r.equal("stakeholder_count", ref["stakeholder_count"], 1)
	r.equal("vkm_version", ref["vkm_version"], "")
	for _, row := range r.rows(m, "/projects") {
		if row["project_id"] == p {
			r.equal("closures", row["closures"], 1)
		}
	}
	least := map[string]any{"projectId": p, "closureName": "Kort", "closureType": "dag", "startDate": "01-15-2024", "endDate": "01-15-2024"}
	c = r.data(201, m, "POST", "/closures", least)
	r.equal("status", c["status"], "open")
	r.equal("description", c["description"], "")
	refused := func(want int, field string, value any) {
		t.Helper()
		b := closureBody(p)
		b[field] = value
		r.ask(want, m, "POST", "/closures", b)
	}
	refused(404, "projectId", "proj-onbekend")
	refused(400, "endDate", "01-14-2024")
	refused(400, "startDate", "01-14-2024")
	refused(400, "endDate", "01-01-2025")
	refused(400, "startDate", "2024-01-15")
	refused(400, "stakeholders", []string{"user-onbekend"})
	refused(400, "closureType", "")
	refused(400, "closure_name", "stijl")
	r.equal("message", r.message(r.ask(404, m, "GET", "/closures/closure-onbekend", nil)), "Closure not found")
}

func TestV14Stakeholders(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := r.newProject(m, "V14", m.id)
	u1, u2 := r.stakeholder().id, r.reader().id
	c := "/closures/" + r.newClosure(m, p, u1)
	answer := r.ask(200, m, "POST", c+"/stakeholders", map[string]any{"stakeholders": []string{u1, u2}}).Object(t)
	data := object(t, answer["data"])
	r.equal("stakeholders_added", data["stakeholders_added"], 1)
	r.equal("total_stakeholders", data["total_stakeholders"], 2)
	r.equal("keys", len(answer), 3)
	got := r.ask(400, m, "POST", c+"/stakeholders", map[string]any{"stakeholders": []string{"user-onbekend", u2}})
	if !strings.Contains(string(got.Body), "user-onbekend") {
		t.Errorf("the answer does not name who is unknown: %s", got.Body)
	}
	r.equal("status", r.data(200, m, "DELETE", c+"/stakeholders/"+u2, nil)["status"], "removed")
	r.equal("message", r.message(r.ask(404, m, "DELETE", c+"/stakeholders/"+u2, nil)), "Stakeholder not found")
	events := func() []map[string]any {
		return objects(t, r.data(200, m, "GET", c+"/events", nil)["stakeholder_events"])
	}
	last := events()[1]
	r.equal("is_deleted", last["is_deleted"], true)
	if last["deleted_at"] == nil {
		t.Error("deleted_at is null")
	}
	r.ask(200, m, "POST", c+"/stakeholders", map[string]any{"stakeholders": []string{u2}})
	if e := events(); len(e) != 3 || e[2]["is_deleted"] != false || e[2]["deleted_at"] != nil {
		t.Errorf("events are %v", e)
	}
	// Who is deleted stays in the events by name.
	o := r.organisation()
	gone := r.newUser(o, "v14@demo.example", "ROLE_STAKEHOLDER")
	r.ask(200, m, "POST", c+"/stakeholders", map[string]any{"stakeholders": []string{gone.id}})
	r.ask(200, o, "DELETE", "/users/"+gone.id, nil)
	e := events()[3]
	r.equal("stakeholder_name", e["stakeholder_name"], "Naam van v14@demo.example")
	r.equal("is_deleted", e["is_deleted"], true)
}

func TestV15Files(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := r.newProject(m, "V15", m.id)
	c := r.newClosure(m, p)
	got := r.ask(201, m, "POST", "/files", fileBody(p, c, "document.pdf", "support", 1024000))
	if !strings.Contains(string(got.Body), `"version":1.0}`) {
		t.Errorf("the version is not printed as 1.0: %s", got.Body)
	}
	data := object(t, got.Object(t)["data"])
	r.equal("in_s3", data["in_s3"], false)
	r.equal("status", data["status"], "concept")
	r.equal("file_type_category", data["file_type_category"], "document")
	r.equal("s3_path", data["s3_path"], "/files/document.pdf")
	id := text(t, data["id"])
	r.equal("presigned_url", r.data(200, m, "GET", "/files/"+id, nil)["presigned_url"], nil)
	r.put(200, text(t, data["presigned_url"]), 1024000, "application/pdf; charset=binary")

	file := r.data(200, m, "GET", "/files/"+id+"?action=download", nil)
	r.equal("in_s3", file["in_s3"], true)
	bytes := r.request(200, "GET", text(t, file["presigned_url"]), nil, nil)
	r.equal("size", len(bytes.Body), 1024000)
	if d := bytes.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || !strings.Contains(d, "document.pdf") {
		t.Errorf("Content-Disposition is %q", d)
	}
	r.equal("storage_used", object(t, r.ask(200, m, "GET", "/closures/"+c, nil).Object(t)["data"])["storage_used"], "1000.0 KB")
	for _, row := range r.rows(m, "/projects") {
		if row["project_id"] == p {
			r.equal("storage_used", row["storage_used"], 1024000)
		}
	}
	renamed := r.data(200, m, "PATCH", "/files/"+id, map[string]any{"name": "nieuwe_naam.pdf", "metadata": map[string]any{"description": "Nieuw", "tags": []string{"pdf"}}})
	r.equal("s3_path", renamed["s3_path"], "/files/nieuwe_naam.pdf")
	gone := r.ask(200, m, "DELETE", "/files/"+id, nil).Object(t)
	r.equal("message", gone["message"], "File deleted successfully")
	r.equal("inner", object(t, gone["data"])["message"], "File successfully deleted")
	r.ask(404, m, "GET", "/files/"+id, nil)
	r.request(404, "GET", text(t, file["presigned_url"]), nil, nil)
	r.equal("storage_used", object(t, r.ask(200, m, "GET", "/closures/"+c, nil).Object(t)["data"])["storage_used"], "0 B")
	events := objects(t, r.data(200, m, "GET", "/closures/"+c+"/events", nil)["file_events"])
	r.equal("file_events", events[0]["name"], "document.pdf")

	for field, value := range map[string]any{
		"projectId": "proj-ander", "size": 104857601, "name": "a/b.pdf", "version": 1.05, "isCurrentVersion": false, "type": "logo", "file_type": "x",
	} {
		b := fileBody(p, c, "fout.pdf", "support", 5)
		b[field] = value
		r.ask(400, m, "POST", "/files", b)
	}
	b := fileBody(p, "closure-onbekend", "fout.pdf", "support", 5)
	r.ask(404, m, "POST", "/files", b)
	r.ask(400, m, "PATCH", "/files/"+id, map[string]any{})
}

func TestUploadAddress(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := r.newProject(m, "Upload", m.id)
	c := r.newClosure(m, p)
	id, upload := r.newFile(m, fileBody(p, c, "a.pdf", "support", 10))
	r.put(415, upload, 10, "text/plain")
	r.put(415, upload, 10, "")
	r.put(400, upload, 11, "application/pdf")
	send := func(want int, n, length int64) {
		t.Helper()
		r.Clock.Advance(100e6)
		got := r.Do(t, apitest.Request{Method: "PUT", Path: upload, Header: map[string]string{"Content-Type": "application/pdf"},
			Body: strings.NewReader(strings.Repeat("x", int(n))), Length: length})
		if got.Status != want {
			t.Errorf("PUT of %d bytes announced as %d = %d, want %d: %s", n, length, got.Status, want, got.Body)
		}
	}
	send(413, 10, 104857601)
	send(400, 11, -1)
	send(400, 9, -1)
	r.put(403, strings.Replace(upload, id, "file-onbekend", 1), 10, "application/pdf")
	r.request(400, "PUT", strings.Split(upload, "?")[0], map[string]string{"Content-Type": "application/pdf"}, []byte("x"))
	r.request(400, "GET", "/download/"+id, nil, nil)
	r.equal("in_s3", r.data(200, m, "GET", "/files/"+id, nil)["in_s3"], false)
	r.Clock.Advance(15 * time.Minute)
	r.put(403, upload, 10, "application/pdf")
	_, fresh := r.newFile(m, fileBody(p, c, "b.pdf", "support", 10))
	upload = fresh
	send(200, 10, -1)
	gone, address := r.newFile(m, fileBody(p, c, "c.pdf", "support", 10))
	r.ask(200, m, "DELETE", "/files/"+gone, nil)
	r.put(404, address, 10, "application/pdf")
}

func TestV16Versions(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := r.newProject(m, "V16", m.id)
	c := r.newClosure(m, p, r.stakeholder().id)
	one := r.storedFile(m, p, c, "plan.pdf", "vkm-plan", 5)
	two, upload := r.newFile(m, fileBody(p, c, "plan-nieuw.pdf", "vkm-plan", 6))
	r.equal("1.0 is current", r.data(200, m, "GET", "/files/"+one, nil)["is_current_version"], false)
	got := r.ask(200, m, "GET", "/files/"+two, nil)
	if !strings.Contains(string(got.Body), `"version":1.1`) {
		t.Errorf("the second version is %s", got.Body)
	}
	closure := object(t, r.ask(200, m, "GET", "/closures/"+c, nil).Object(t)["data"])
	r.equal("vkm_plan.version", object(t, closure["vkm_plan"])["version"], "v1.1")
	r.equal("closure_file_count", closure["closure_file_count"], 1)
	seen := objects(t, r.ask(200, r.stakeholder(), "GET", "/stakeholders/"+r.stakeholder().id+"/closures", nil).Object(t)["data"])
	r.equal("version in 33", object(t, seen[len(seen)-1]["vkm_plan"])["version"], "1.1")
	low := fileBody(p, c, "plan.pdf", "vkm-plan", 5)
	low["version"] = 1.0
	r.ask(409, m, "POST", "/files", low)
	final := map[string]any{"status": "final"}
	r.ask(409, m, "PATCH", "/files/"+two, final) // no bytes
	r.put(200, upload, 6, "application/pdf")
	r.ask(200, m, "PATCH", "/files/"+two, final)
	events := r.data(200, m, "GET", "/closures/"+c+"/events", nil)
	r.equal("final_vkm.version", object(t, events["final_vkm"])["version"], "1.1")
	r.ask(409, m, "PATCH", "/files/"+two, map[string]any{"name": "ander.pdf"})
	r.ask(409, m, "DELETE", "/files/"+two, nil)
	r.ask(200, m, "PATCH", "/files/"+one, final) // frees the other
	r.equal("the former final", r.data(200, m, "GET", "/files/"+two, nil)["status"], "active")
	r.ask(200, r.organisation(), "DELETE", "/files/"+one, nil)
	r.equal("final_vkm", r.data(200, m, "GET", "/closures/"+c+"/events", nil)["final_vkm"], nil)

	// Deleting the current version makes the next highest current.
	nine := fileBody(p, c, "steun.pdf", "support", 5)
	nine["version"] = 1.9
	r.newFile(m, nine)
	ten, _ := r.newFile(m, fileBody(p, c, "steun.pdf", "support", 5))
	got = r.ask(200, m, "GET", "/files/"+ten, nil)
	if !strings.Contains(string(got.Body), `"version":2.0`) {
		t.Errorf("after 1.9 comes %s", got.Body)
	}
	r.ask(200, m, "DELETE", "/files/"+ten, nil)
	files := objects(t, r.data(200, m, "GET", "/closures/"+c+"/files?type=support", nil)["files"])
	if len(files) != 1 {
		t.Errorf("support files are %v", files)
	}
	other, _ := r.newFile(m, fileBody(p, c, "ander.pdf", "support", 5))
	r.ask(409, m, "PATCH", "/files/"+other, map[string]any{"name": "steun.pdf"})
	r.ask(409, m, "PATCH", "/files/"+other, final)
	direct := fileBody(p, c, "direct.pdf", "vkm-plan", 5)
	direct["status"] = "final"
	r.ask(409, m, "POST", "/files", direct)

	// Archived is a status and a mark in one.
	r.ask(200, m, "PATCH", "/files/"+other, map[string]any{"status": "archived"})
	r.equal("is_archived", r.data(200, m, "GET", "/files/"+other, nil)["is_archived"], true)
	archived := r.ask(200, m, "GET", "/closures/"+c+"/files?status=archived", nil)
	r.equal("X-Total-Count", archived.Header.Get("X-Total-Count"), "1")
	old := fileBody(p, c, "oud.pdf", "support", 5)
	old["isArchived"] = true
	r.equal("status", r.data(201, m, "POST", "/files", old)["status"], "archived")
	r.ask(400, m, "GET", "/closures/"+c+"/files?status=weg", nil)
	r.ask(400, m, "GET", "/closures/"+c+"/files?limit=201", nil)
}

func TestV17Comments(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := r.newProject(m, "V17", m.id)
	c := r.newClosure(m, p, r.stakeholder().id)
	plan := r.storedFile(m, p, c, "plan.pdf", "vkm-plan", 5)
	body := func(message string) map[string]any {
		return map[string]any{"vkmPlanId": plan, "version": "1.0", "userName": "Evil", "type": "COMMENT", "message": message, "projectId": p}
	}
	at := "/closures/" + c + "/comments"
	made := r.data(201, m, "POST", at, body("een"))
	r.equal("user_name", made["user_name"], "Demo Manager")
	r.equal("project_id", made["project_id"], p)
	r.equal("closure_id", made["closure_id"], c)
	r.equal("tenant_id", made["tenant_id"], m.tenant)
	r.Clock.Advance(time.Second)
	r.ask(201, r.stakeholder(), "POST", at, body("twee"))
	r.Clock.Advance(time.Second)
	plain := body("drie")
	delete(plain, "userName")
	delete(plain, "type")
	r.ask(201, m, "POST", at, plain)
	order := func(query string) string {
		var texts []string
		got := r.ask(200, m, "GET", at+query, nil)
		r.equal("X-Total-Count", got.Header.Get("X-Total-Count"), "3")
		for _, row := range objects(t, got.Object(t)["data"]) {
			texts = append(texts, text(t, row["message"]))
		}
		return strings.Join(texts, " ")
	}
	r.equal("default", order(""), "drie twee een")
	r.equal("second page", order("?limit=1&offset=1"), "twee")
	r.equal("asc", order("?sort_order=asc"), "een twee drie")
	r.equal("by name", strings.Fields(order("?sort_by=user_name&sort_order=desc"))[0], "twee")
	for _, query := range []string{"?limit=0", "?limit=201", "?offset=-1", "?sort_by=message", "?sort_order=up", "?page=1"} {
		r.ask(400, m, "GET", at+query, nil)
	}
	other := r.newClosure(m, p)
	r.ask(400, m, "POST", "/closures/"+other+"/comments", body("plan van een ander"))
	for field, value := range map[string]any{"version": "1.1", "projectId": "proj-ander", "type": "klein", "message": "", "vkmPlanId": "file-onbekend"} {
		b := body("fout")
		b[field] = value
		r.ask(400, m, "POST", at, b)
	}
}

func TestV18Stakeholder(t *testing.T) {
	r := open(t)
	m, s := r.manager(), r.stakeholder()
	project, closure := r.alpha()
	rows := objects(t, r.ask(200, s, "GET", "/stakeholders/"+s.id+"/closures", nil).Object(t)["data"])
	r.equal("closures", len(rows), 1)
	r.equal("start_date", rows[0]["start_date"], "2024-01-15T00:00:00Z")
	r.equal("comments", len(objects(t, rows[0]["comments"])), 2)
	r.equal("support_files", len(objects(t, rows[0]["support_files"])), 1)
	r.ask(403, s, "GET", "/stakeholders/"+m.id+"/closures", nil)
	r.ask(200, s, "GET", "/closures/"+closure, nil)
	other := r.newClosure(m, project)
	r.ask(404, s, "GET", "/closures/"+other, nil)
	r.ask(403, s, "POST", "/closures", closureBody(project))
	r.ask(404, r.organisation(), "GET", "/stakeholders/user-onbekend/closures", nil)
	// A manager sees those of his own projects only.
	o := r.organisation()
	elsewhere := r.newClosure(o, r.newProject(o, "Elders", o.id), s.id)
	count := func(u user) int {
		return len(objects(t, r.ask(200, u, "GET", "/stakeholders/"+s.id+"/closures", nil).Object(t)["data"]))
	}
	r.equal("for the manager", count(m), 1)
	r.equal("for the organisation", count(o), 2)
	r.equal("for himself", count(s), 2)
	r.ask(200, o, "DELETE", "/closures/"+elsewhere+"/stakeholders/"+s.id, nil)
	r.equal("after the end", count(s), 1)
	r.ask(404, s, "GET", "/closures/"+elsewhere, nil)
}

func templateBody(name string) map[string]any {
	return map[string]any{"templateName": name, "templateData": map[string]any{
		"root":    map[string]any{"type": "EmailLayout", "data": map[string]any{"backdropColor": "#FFFFFF", "childrenIds": []string{"block-1"}}},
		"block-1": map[string]any{"type": "Text", "data": map[string]any{"style": map[string]any{"fontSize": 14}, "props": map[string]any{"text": "Beste {NAAM_STAKEHOLDER}, zie {PROJECT_NAAM} {PROJECT_NAME} {ONBEKEND}", "eigen": []any{1.5, nil}}}},
	}}
}

func mailBody(template string, emails ...string) map[string]any {
	list := []any{}
	for _, e := range emails {
		list = append(list, map[string]any{"email": e, "name": "Naam <b>" + e + "</b>"})
	}
	return map[string]any{"recipients": list, "templateId": template, "subject": "VKM Plan {VKM_VERSIE} beschikbaar", "customData": map[string]any{"projectName": "Alpha & Beta"}}
}

func TestV19Templates(t *testing.T) {
	r := open(t)
	m := r.manager()
	body := templateBody("eigen")
	id := r.data(201, m, "POST", "/mail/templates", body)["template_id"]
	list := r.rows(m, "/mail/templates")
	last := list[len(list)-1]
	r.equal("id", last["id"], id)
	r.equal("template_data", last["template_data"], body["templateData"])
	r.equal("message", r.message(r.ask(409, m, "POST", "/mail/templates", body)), "Template already exists")
	refused := func(what string, change func(doc map[string]any)) {
		t.Helper()
		b := templateBody("fout " + what)
		change(b["templateData"].(map[string]any))
		r.ask(400, m, "POST", "/mail/templates", b)
	}
	block := func(doc map[string]any, id string) map[string]any { return doc[id].(map[string]any) }
	refused("child", func(d map[string]any) { block(d, "root")["data"].(map[string]any)["childrenIds"] = []string{"weg"} })
	refused("root", func(d map[string]any) { delete(d, "root") })
	refused("root type", func(d map[string]any) { block(d, "root")["type"] = "Text" })
	refused("type", func(d map[string]any) { block(d, "block-1")["type"] = "Script" })
	refused("data", func(d map[string]any) { delete(block(d, "block-1"), "data") })
	refused("twice", func(d map[string]any) {
		block(d, "root")["data"].(map[string]any)["childrenIds"] = []string{"block-1", "block-1"}
	})
	refused("cycle", func(d map[string]any) {
		d["block-1"] = map[string]any{"type": "Container", "data": map[string]any{"props": map[string]any{"childrenIds": []string{"block-2"}}}}
		d["block-2"] = map[string]any{"type": "Container", "data": map[string]any{"props": map[string]any{"childrenIds": []string{"block-1"}}}}
	})
	big := templateBody("groot")
	block(big["templateData"].(map[string]any), "block-1")["data"] = map[string]any{"props": map[string]any{"text": strings.Repeat("x", 256<<10)}}
	r.ask(413, m, "POST", "/mail/templates", big)
}

func TestV20Mail(t *testing.T) {
	r := open(t)
	m := r.manager()
	_, c := r.alpha()
	tmpl := text(t, r.data(201, m, "POST", "/mail/templates", templateBody("v20"))["template_id"])
	body := mailBody(tmpl, "john@example.com", "jane@example.com", "JOHN@example.com")
	answer := r.ask(200, m, "POST", "/mail/"+c, body).Object(t)
	r.equal("message", answer["message"], "Email queued successfully")
	service := object(t, object(t, answer["data"])["microserviceData"])
	r.equal("total_recipients", service["total_recipients"], 2)
	r.equal("status", objects(t, service["sent_messages"])[0]["status"], "sent")
	status := func() any {
		events := objects(t, r.data(200, m, "GET", "/closures/"+c+"/events", nil)["email_events"])
		r.equal("mail_type", events[0]["mail_type"], "v20")
		return events[0]["status"]
	}
	r.equal("status", status(), "queued")
	mails := r.deliver()
	r.equal("mails", len(mails), 2)
	jane := mails["jane@example.com"]
	for _, want := range []string{"VKM Plan 1.0 beschikbaar", "Naam &lt;b&gt;jane@example.com&lt;/b&gt;", "Alpha &amp; Beta", "{ONBEKEND}"} {
		if !strings.Contains(jane, want) {
			t.Errorf("the mail lacks %q:\n%s", want, jane)
		}
	}
	r.equal("status", status(), "sent")
	refused := func(want int, field string, value any) {
		t.Helper()
		b := mailBody(tmpl, "john@example.com")
		b[field] = value
		r.ask(want, m, "POST", "/mail/"+c, b)
	}
	refused(400, "recipients", []any{})
	refused(400, "recipients", []any{map[string]any{"email": "geen adres", "name": "X"}})
	refused(400, "subject", "regel\r\nBcc: x@example.com")
	refused(400, "customData", map[string]any{"a": []string{"b"}})
	refused(404, "templateId", "tmpl-onbekend")
	other := r.newTenant("v20@ander.example")
	theirs := text(t, r.data(201, other, "POST", "/mail/templates", templateBody("hun"))["template_id"])
	refused(404, "templateId", theirs)
	r.ask(404, m, "POST", "/mail/closure-onbekend", mailBody(tmpl, "john@example.com"))
}

func TestV21MailingList(t *testing.T) {
	r := open(t)
	m := r.manager()
	p := r.newProject(m, "V21", m.id)
	c := r.newClosure(m, p)
	body := map[string]any{
		"recipients": []any{
			map[string]any{"email": "john@example.com", "name": "John Doe", "role": "stakeholder"},
			map[string]any{"email": "manager@demo.example", "name": "Jane Smith", "role": "reviewer"},
		},
		"template_id": "closure_notification", "subject": "Nieuwe closure beschikbaar", "message": "Er is een nieuwe closure beschikbaar voor review.",
	}
	got := r.ask(201, m, "POST", "/mail/recipients/"+p+"?closure_id="+c, body).Object(t)
	r.equal("keys", len(got), 6)
	r.equal("createdCount", got["createdCount"], 2)
	r.equal("addedToMailingList", got["addedToMailingList"], 2)
	list := text(t, got["mailingListId"])
	recipients := objects(t, got["recipients"])
	r.equal("organisation of nobody", recipients[0]["organisation_name"], "")
	r.equal("organisation of a user", recipients[1]["organisation_name"], "Demo Verkeer")
	got = r.ask(201, m, "POST", "/mail/recipients/"+p+"?closure_id="+c, body).Object(t)
	r.equal("updatedCount", got["updatedCount"], 2)
	r.equal("addedToMailingList", got["addedToMailingList"], 0)
	r.equal("mailingListId", got["mailingListId"], list)
	got = r.ask(201, m, "POST", "/mail/recipients/"+p, body).Object(t)
	r.equal("mailingListId", got["mailingListId"], nil)
	events := func() []map[string]any {
		return objects(t, r.data(200, m, "GET", "/closures/"+c+"/events", nil)["mailing_list_events"])
	}
	e := events()
	r.equal("events", len(e), 3)
	r.equal("recipients_count", e[0]["recipients_count"], 2)
	r.equal("first recipient", e[1]["email"], "john@example.com")
	john := text(t, recipients[0]["id"])
	off := "/mail/recipients/" + p + "/" + c + "/" + john
	r.equal("data", r.data(200, m, "DELETE", off, nil), map[string]any{"recipient_id": john, "status": "deleted"})
	r.ask(404, m, "DELETE", off, nil)
	r.equal("still with the project", len(objects(t, r.data(200, m, "GET", "/projects/"+p+"/recipients", nil)["recipients"])), 2)
	r.equal("recipients_count", events()[0]["recipients_count"], 1)
	r.ask(200, m, "DELETE", "/projects/"+p+"/recipients/"+text(t, recipients[1]["id"]), nil)
	r.equal("recipients_count", events()[0]["recipients_count"], 0)
	r.equal("still with the project", len(objects(t, r.data(200, m, "GET", "/projects/"+p+"/recipients", nil)["recipients"])), 1)
	body["template_id"] = "onbekend"
	r.ask(400, m, "POST", "/mail/recipients/"+p, body)
	body["template_id"] = "closure_notification"
	r.ask(404, m, "POST", "/mail/recipients/"+p+"?closure_id=closure-onbekend", body)
	_, elsewhere := r.alpha()
	r.ask(404, m, "POST", "/mail/recipients/"+p+"?closure_id="+elsewhere, body)
	r.ask(404, m, "DELETE", "/mail/recipients/"+p+"/"+elsewhere+"/"+john, nil)
}

func TestV22ManagerIsolation(t *testing.T) {
	r := open(t)
	o, m := r.organisation(), r.manager()
	b := r.newProject(o, "Van een ander", o.id)
	for _, p := range r.rows(m, "/projects") {
		if p["project_id"] == b {
			t.Error("the project of another is listed")
		}
	}
	r.equal("message", r.message(r.ask(404, m, "GET", "/projects/"+b+"/closures", nil)), "Project not found")
	r.ask(404, m, "POST", "/closures", closureBody(b))
	c := r.newClosure(o, b)
	id := r.storedFile(o, b, c, "plan.pdf", "vkm-plan", 5)
	r.ask(404, m, "GET", "/files/"+id, nil)
	r.ask(404, m, "PATCH", "/files/"+id, map[string]any{"status": "active"})
	r.ask(404, m, "DELETE", "/files/"+id, nil)
	r.ask(404, m, "POST", "/files", fileBody(b, c, "x.pdf", "support", 5))
}

func TestV23Refusals(t *testing.T) {
	r := open(t)
	m := r.manager()
	_, c := r.alpha()
	got := r.ask(405, m, "PUT", "/closures/"+c, map[string]any{})
	if got.Header.Get("Allow") == "" {
		t.Error("405 without Allow")
	}
	for _, path := range []string{"/v1/" + m.tenant + "/onbekend/pad", "/v2"} {
		o := r.request(404, "GET", path, nil, nil).Object(t)
		r.equal("keys", len(o), 5)
		r.equal("status", o["status"], 404)
	}
	h := m.headers()
	h["Content-Type"] = "text/plain"
	r.request(415, "POST", "/v1/"+m.tenant+"/closures", h, "{}")
	r.request(400, "POST", "/v1/"+m.tenant+"/closures", m.headers(), "{")
	h = m.headers()
	h["Content-Type"] = "text/plain" // not looked at without a body (I39)
	r.request(200, "GET", "/v1/"+m.tenant+"/users", h, nil)
	// Nor is a body that nobody asked for.
	r.request(200, "POST", "/v1/authentication/login", basic("lezer@demo.example", "Demo-Lezer-1!"), map[string]any{})
	r.request(200, "POST", "/v1/authentication/refresh", bearer(m.refresh), map[string]any{})
	r.equal("message", r.message(r.ask(404, m, "DELETE", "/files/"+strings.Repeat("f", 100), map[string]any{})), "File not found")
}

func TestV24RestartSendsWhatWasQueued(t *testing.T) {
	r := open(t)
	m := r.manager()
	_, c := r.alpha()
	tmpl := text(t, r.data(201, m, "POST", "/mail/templates", templateBody("v24"))["template_id"])
	service := object(t, r.data(200, m, "POST", "/mail/"+c, mailBody(tmpl, "een@example.com", "twee@example.com"))["microserviceData"])
	// Nothing is in memory: another worker on the same store sends it, under the
	// ids that were answered.
	r.deliver()
	for _, s := range objects(t, service["sent_messages"]) {
		if !fileExists(r.mailbox, text(t, s["message_id"])+".eml") {
			t.Errorf("%v was not sent under its message id", s)
		}
	}
}

func TestV25Races(t *testing.T) {
	r := open(t)
	o, m := r.organisation(), r.manager()
	p := r.newProject(m, "V25", m.id)
	c := r.newClosure(m, p)
	r.newFile(m, fileBody(p, c, "plan.pdf", "vkm-plan", 5))
	both := func(u user, path string, body any) []int {
		var wg sync.WaitGroup
		out := make([]int, 2)
		for i := range out {
			wg.Go(func() {
				out[i] = r.Do(t, apitest.Request{Method: http.MethodPost, Path: base + "/v1/" + u.tenant + path, Header: u.headers(), Body: body}).Status
			})
		}
		wg.Wait()
		return out
	}
	if got := both(o, "/users", userBody("v25@demo.example", "ROLE_MANAGER")); got[0]+got[1] != 609 {
		t.Errorf("two equal users give %v, want 200 and 409", got)
	}
	if got := both(m, "/files", fileBody(p, c, "plan.pdf", "vkm-plan", 5)); got[0] != 201 || got[1] != 201 {
		t.Errorf("two plans give %v", got)
	}
	events := objects(t, r.data(200, m, "GET", "/closures/"+c+"/events", nil)["file_events"])
	versions := map[any]bool{}
	for _, e := range events {
		versions[e["version"]] = true
	}
	if len(events) != 3 || !versions["1.1"] || !versions["1.2"] {
		t.Errorf("versions are %v", versions)
	}
	got := r.ask(200, m, "GET", "/closures/"+c+"/files", nil)
	r.equal("current files", got.Header.Get("X-Total-Count"), "1")
}

func TestV26LastAdministrator(t *testing.T) {
	r := open(t)
	o := r.newTenant("v26@laatste.example")
	r.ask(409, o, "DELETE", "/users/"+o.id, nil)
	r.ask(409, o, "PATCH", "/users/"+o.id, map[string]any{"authorisation": "ROLE_MANAGER"})
	a := r.admin()
	a.tenant = o.tenant
	r.ask(409, a, "DELETE", "/users/"+o.id, nil)
	second := r.newUser(o, "v26b@laatste.example", "ROLE_ORGANISATION")
	r.ask(409, second, "DELETE", "/users/"+second.id, nil) // nobody himself
	r.ask(200, second, "DELETE", "/users/"+o.id, nil)
}

func TestChallengeHTTP200(t *testing.T) {
	violations := 0
	options := []apitest.Option{apitest.With(func(d *handlers.Deps) { d.Config.OnViolation = func(mount.Violation) { violations++ } })}
	r := openWith(t, options, func(d *vemapapi.Deps) { d.ChallengeHTTP200 = true })
	got := r.request(200, "POST", "/v1/authentication/login", basic("nieuw@demo.example", "Demo-Tijdelijk-1!"), nil).Object(t)
	r.equal("status", got["status"], 302)
	got = r.request(200, "POST", "/v1/authentication/forgot-password", nil, map[string]any{"username": "x@example.com"}).Object(t)
	r.equal("status", got["status"], 302)
	r.login("manager@demo.example", "Demo-Manager-1!")
}

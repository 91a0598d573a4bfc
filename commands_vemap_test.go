package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// vemapUser is somebody who has logged in at VEMAP.
type vemapUser struct{ origin, token, id, tenant, role string }

func vemapLogin(t *testing.T, origin, email, password string) vemapUser {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+"/api/vemap/v1/authentication/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(email, password)
	u := vemapUser{origin: origin}
	var a struct {
		Data struct {
			AuthenticationResult struct{ AccessToken string }
			Tenants              map[string][]string
		}
	}
	vemapDo(t, r, &a)
	u.token = a.Data.AuthenticationResult.AccessToken
	for tenant, roles := range a.Data.Tenants {
		u.tenant, u.role = tenant, roles[0]
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(u.token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Sub string }
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	u.id = claims.Sub
	return u
}

// ask acts within the tenant and reads the answer into v.
func (u vemapUser) ask(t *testing.T, method, path string, body, v any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, u.origin+"/api/vemap/v1/"+u.tenant+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	r.Header.Set("Authorization", "Bearer "+u.token)
	r.Header.Set("X-User-Id", u.id)
	r.Header.Set("X-User-Role", u.role)
	r.Header.Set("Content-Type", "application/json")
	vemapDo(t, r, v)
}

func vemapDo(t *testing.T, r *http.Request, v any) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s %s = %d: %s", r.Method, r.URL.Path, answer.StatusCode, raw)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
}

// TestMailSurvivesKill: 500 mails were answered for, the program is killed in
// the middle of sending, and the next one sends the rest: each under the id that
// was answered, none lost (V24).
func TestMailSurvivesKill(t *testing.T) {
	const all = 500
	data := t.TempDir()
	p := spawn(t, nil, "--demo", "--data", data)
	u := vemapLogin(t, p.origin, "manager@demo.example", "Demo-Manager-1!")
	var list struct{ Data []map[string]any }
	u.ask(t, http.MethodGet, "/projects", nil, &list)
	u.ask(t, http.MethodGet, "/projects/"+list.Data[0]["project_id"].(string)+"/closures", nil, &list)
	closure := list.Data[0]["id"].(string)
	u.ask(t, http.MethodGet, "/mail/templates", nil, &list)
	var recipients []map[string]string
	for i := range all {
		recipients = append(recipients, map[string]string{"email": fmt.Sprintf("r%d@example.com", i), "name": "R"})
	}
	var sent struct {
		Data struct {
			MicroserviceData struct {
				SentMessages []map[string]string `json:"sent_messages"`
			}
		}
	}
	u.ask(t, http.MethodPost, "/mail/"+closure, map[string]any{"recipients": recipients, "templateId": list.Data[0]["id"], "subject": "S"}, &sent)
	mails := func() int {
		found, err := filepath.Glob(filepath.Join(data, "mail", "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	waitUntil(t, func() bool { return mails() > 0 })
	p.kill()
	if n := mails(); n >= all {
		t.Fatalf("all %d were sent before the kill", n)
	}
	spawn(t, nil, "--data", data)
	waitUntil(t, func() bool { return mails() == all })
	for _, m := range sent.Data.MicroserviceData.SentMessages {
		if _, err := os.Stat(filepath.Join(data, "mail", m["message_id"]+".eml")); err != nil {
			t.Error(err)
		}
	}
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
		<-tick.C
	}
}

// TestUserAddVEMAP: the first administrator comes in by command, and logs in.
func TestUserAddVEMAP(t *testing.T) {
	data := t.TempDir()
	add := func(password string, more ...string) (int, string) {
		t.Helper()
		var out, log bytes.Buffer
		args := append([]string{"user", "add", "vemap", "--data", data}, more...)
		code := run(t.Context(), args, nil, streams{strings.NewReader(password + "\n"), &out, &log})
		return code, out.String() + log.String()
	}
	who := []string{"--email", "baas@example.nl", "--name", "De Baas", "--tenant", "Wegbeheer"}
	for _, c := range []struct {
		password string
		args     []string
		code     int
		want     string
	}{
		{"zwak", who, exitUsage, "the password must"},
		{"Lang-Genoeg-1!", who, 0, "ROLE_ADMIN in tenant"},
		{"Lang-Genoeg-1!", who, exitFailure, "User already exists"},
		{"Lang-Genoeg-1!", []string{"--email", "geen", "--name", "N", "--tenant", "T"}, exitUsage, "--email"},
		{"Lang-Genoeg-1!", []string{"--email", "a@example.nl"}, exitUsage, "--name"},
		{"Lang-Genoeg-1!", append([]string{"--role", "BAAS"}, who...), exitUsage, "--role"},
	} {
		if code, out := add(c.password, c.args...); code != c.code || !strings.Contains(out, c.want) || strings.Contains(out, c.password) {
			t.Errorf("%v: %d %s", c.args, code, out)
		}
	}
	s := startServer(t, nil, "--data", data)
	u := vemapLogin(t, s.origin, "baas@example.nl", "Lang-Genoeg-1!")
	var list struct{ Data []map[string]any }
	u.ask(t, http.MethodGet, "/tenants", nil, &list)
	if len(list.Data) != 1 || list.Data[0]["name"] != "Wegbeheer" || list.Data[0]["created_by"].(map[string]any)["user_id"] != u.id {
		t.Errorf("tenants are %v", list.Data)
	}
	s.end(t)
}

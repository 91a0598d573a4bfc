package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const plooiV0 = "/api/plooi/overheid/openbaarmaken/api/v0"

// plooiClient is a municipality's supplier.
type plooiClient struct {
	t      *testing.T
	origin string
	token  string
}

func newPLOOI(t *testing.T, origin string) *plooiClient {
	t.Helper()
	c := &plooiClient{t: t, origin: origin}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	status, text := c.ask(http.MethodGet, "/api/plooi/token/test?org=gemeente%20Alkmaar&role=Publisher%20Basis", "", nil, -1)
	if err := json.Unmarshal([]byte(text), &token); status != http.StatusOK || err != nil {
		t.Fatalf("a token: %d %s", status, text)
	}
	c.token = token.AccessToken
	return c
}

func (c *plooiClient) ask(method, path, contentType string, body io.Reader, length int64) (int, string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.origin+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Bearer "+c.token)
	if length >= 0 {
		r.ContentLength = length
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// register makes a document and gives its id.
func (c *plooiClient) register() string {
	c.t.Helper()
	const metadata = `{"document":{"publisher":{"id":"https://identifier.overheid.nl/tooi/id/gemeente/gm0361"},"identifiers":[],
		"language":{"id":"http://publications.europa.eu/resource/authority/language/NLD"},"titelcollectie":{"officieleTitel":"Groot"},
		"classificatiecollectie":{"documentsoorten":[{"id":"https://identifier.overheid.nl/tooi/def/thes/kern/c_3d782f30"}],
		"themas":[{"id":"https://identifier.overheid.nl/tooi/def/thes/top/c_391585db"}]},"documenthandelingen":[]}}`
	status, text := c.ask(http.MethodPost, plooiV0+"/metadata", "application/json", strings.NewReader(metadata), -1)
	var made struct{ Document struct{ Pid string } }
	if err := json.Unmarshal([]byte(text), &made); status != http.StatusCreated || err != nil {
		c.t.Fatalf("register: %d %s", status, text)
	}
	return made.Document.Pid[strings.LastIndexByte(made.Document.Pid, '/')+1:]
}

// published waits until the document is there for everybody.
func (c *plooiClient) published(id string, atMost time.Duration) {
	c.t.Helper()
	deadline := time.After(atMost)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if status, _ := c.ask(http.MethodGet, "/api/plooi/documenten/"+id, "", nil, -1); status == http.StatusOK {
			return
		}
		select {
		case <-deadline:
			c.t.Fatalf("document %s is not published", id)
		case <-tick.C:
		}
	}
}

// waitAtMost is for the worker.
const waitAtMost = 20 * time.Second

// TestPLOOICommands: tokens for a server without a demo, and what an operator
// does to a document.
func TestPLOOICommands(t *testing.T) {
	data := t.TempDir()
	ok := func(want string, args ...string) string {
		t.Helper()
		code, out, errs := loket(t, nil, append(args, "--data", data)...)
		if code != 0 || !strings.Contains(out+errs, want) {
			t.Errorf("%v: %d %s%s, want %q", args, code, out, errs, want)
		}
		return strings.TrimSpace(out)
	}
	fails := func(want string, args ...string) {
		t.Helper()
		code, out, errs := loket(t, nil, append(args, "--data", data)...)
		if code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%v: %d %s%s, want %q", args, code, out, errs, want)
		}
	}
	token := ok("gm0361, gm0344", "credential", "plooi", "--organisation", "gemeente Alkmaar,gemeente Utrecht", "--role", "Publisher KST", "--valid", "48h")
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	var claims struct{ Org, Roles []string }
	if err != nil || json.Unmarshal(payload, &claims) != nil || strings.Join(claims.Org, " ") != "gm0361 gm0344" || strings.Join(claims.Roles, " ") != "Publisher KST" {
		t.Errorf("the token says %s, %v", payload, err)
	}
	fails("Nergenshuizen", "credential", "plooi", "--organisation", "Nergenshuizen")
	fails("--organisation", "credential", "plooi")
	fails("--valid", "credential", "plooi", "--organisation", "gemeente Alkmaar", "--valid", "-1h")

	s := startServer(t, []string{"LOKET_PLOOI_DELAY=0s"}, "--data", data)
	c := &plooiClient{t: t, origin: s.origin, token: token}
	if status, _ := c.ask(http.MethodGet, "/api/plooi/token/test?org=gemeente%20Alkmaar&role=x", "", nil, -1); status != http.StatusNotFound {
		t.Errorf("a token for everybody outside the demo: %d", status)
	}
	id := c.register()
	if status, text := c.ask(http.MethodPost, plooiV0+"/documenten/"+id, "application/pdf", strings.NewReader("%PDF-1.7"), -1); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, text)
	}
	c.published(id, waitAtMost)
	public := func(want int) {
		t.Helper()
		if status, text := c.ask(http.MethodGet, "/api/plooi/documenten/"+id, "", nil, -1); status != want {
			t.Errorf("the public read is %d, want %d: %s", status, want, text)
		}
	}
	ok("", "plooi", "block", id, "privacy")
	public(http.StatusNotFound)
	ok("", "plooi", "unblock", id, "privacy")
	public(http.StatusOK)
	ok("", "plooi", "defer", id, "2099-01-01T00:00:00Z")
	public(http.StatusNotFound)
	ok("", "plooi", "defer", id, "now")
	public(http.StatusOK)
	if status, text := c.ask(http.MethodDelete, plooiV0+"/documenten/"+id, "", nil, -1); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	ok("", "plooi", "republish", id, "--reason", "vergissing")
	c.published(id, waitAtMost)
	ok("1 files are as they were delivered", "check")
	s.end(t)

	fails("no such object", "plooi", "block", "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01", "privacy")
	fails("uuid", "plooi", "block", "x", "privacy")
	fails("uuid", "plooi", "unblock", "x", "privacy")
	fails("uuid", "plooi", "republish", "x")
	fails("uuid", "plooi", "defer", "x", "now")
	fails("no moment", "plooi", "defer", id, "tomorrow")
	fails("alleen letters", "plooi", "block", id, "a1")
	fails("the form is", "plooi", "block", id)
}

func TestPLOOISettings(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(bad, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"LOKET_PLOOI_KEY_FILE=" + bad: "LOKET_PLOOI_KEY_FILE", "LOKET_PLOOI_KEY_FILE=/nowhere": "LOKET_PLOOI_KEY_FILE",
		"LOKET_PLOOI_CLAMD=localhost": "LOKET_PLOOI_CLAMD", "LOKET_PLOOI_MAX_FILE=0": "LOKET_PLOOI_MAX_FILE", "LOKET_PLOOI_DELAY=-1s": "LOKET_PLOOI_DELAY",
	} {
		code, _, errs := loket(t, []string{setting}, "serve", "--addr", "127.0.0.1:0", "--data", t.TempDir())
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", setting, code, errs)
		}
	}
}

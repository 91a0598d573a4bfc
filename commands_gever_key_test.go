package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"loket/store/gever"
)

// TestGEVERServiceKeys: the file that a service needs is printed once, the
// list shows the key without its halves, and a revoked key stays in the list.
func TestGEVERServiceKeys(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	call := func(code int, in string, args ...string) (string, string) {
		t.Helper()
		var out, err bytes.Buffer
		if got := run(t.Context(), append(args, "--data", data), nil, streams{in: strings.NewReader(in), out: &out, err: &err}); got != code {
			t.Fatalf("%v: %d %s%s", args, got, &out, &err)
		}
		return out.String(), err.String()
	}
	call(0, "Lang-Genug-1!", "user", "add", "gever", "--id", "fach", "--role", "Editor,Impersonator")
	for want, args := range map[string][]string{
		"--user is needed":  {"--url", "https://gever.example.ch"},
		"--url is needed":   {"--user", "fach"},
		"must be an origin": {"--user", "fach", "--url", "gever.example.ch"},
		"an origin: https":  {"--user", "fach", "--url", "https://gever.example.ch/api"},
		"--title":           {"--nichts"},
	} {
		if _, text := call(2, "", append([]string{"credential", "gever", "create"}, args...)...); !strings.Contains(text, want) {
			t.Errorf("%v: %s, want %q", args, text, want)
		}
	}
	if _, text := call(1, "", "credential", "gever", "create", "--user", "niemand", "--url", "https://gever.example.ch"); !strings.Contains(text, "no such") {
		t.Error(text)
	}
	if _, text := call(1, "", "credential", "gever", "create", "--user", "fach", "--url", "https://gever.example.ch", "--ip-range", "10.0.0.0/8,überall"); !strings.Contains(text, `"überall" is no address`) {
		t.Error(text)
	}
	out, told := call(0, "", "credential", "gever", "create", "--user", "fach", "--title", "Fachanwendung", "--url", "https://gever.example.ch/", "--ip-range", "10.1.2.3/8,192.0.2.1")
	if strings.Contains(told, "PRIVATE") {
		t.Error("the private key stands among the messages")
	}
	var file gever.KeyFile
	if err := json.Unmarshal([]byte(out), &file); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(file.PrivateKey))
	if block == nil || block.Type != "RSA PRIVATE KEY" {
		t.Fatalf("%+v", file)
	}
	if private, err := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil || private.N.BitLen() != serviceKeyBits {
		t.Errorf("%v", err)
	}
	if file.UserID != "fach" || file.TokenURI != "https://gever.example.ch/api/gever/@@oauth2-token" || len(file.KeyID) != 32 || len(file.ClientID) != 32 || !strings.HasSuffix(file.Issued, "Z") {
		t.Errorf("%+v", file)
	}
	list, _ := call(0, "", "credential", "gever", "list")
	if !strings.Contains(list, file.KeyID) || !strings.Contains(list, "10.0.0.0/8,192.0.2.1/32") || strings.Contains(list, "KEY-----") || !strings.HasSuffix(list, "  -\n") {
		t.Error(list)
	}
	call(2, "", "credential", "gever", "revoke")
	call(1, "", "credential", "gever", "revoke", "nichts")
	call(0, "", "credential", "gever", "revoke", file.KeyID)
	call(0, "", "credential", "gever", "revoke", file.KeyID)
	if list, _ = call(0, "", "credential", "gever", "list"); strings.HasSuffix(list, "  -\n") || !strings.Contains(list, file.KeyID) {
		t.Error(list)
	}
}

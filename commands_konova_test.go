package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/store/konova/konovadb"
)

// TestKonovaCommands walks an administrator's way: lists, a user with a token,
// the register of another, and the check.
func TestKonovaCommands(t *testing.T) {
	data, folder := t.TempDir(), t.TempDir()
	ok := func(want string, args ...string) string {
		t.Helper()
		code, out, errs := loket(t, nil, append(args, "--data", data)...)
		if code != 0 || !strings.Contains(out+errs, want) {
			t.Fatalf("%v: %d %s %s", args, code, out, errs)
		}
		return strings.TrimSpace(out)
	}
	fails := func(want string, args ...string) {
		t.Helper()
		code, out, errs := loket(t, nil, append(args, "--data", data)...)
		if code == 0 || !strings.Contains(out+errs, want) {
			t.Errorf("%v: %d %s %s", args, code, out, errs)
		}
	}
	file := func(name string, content []byte) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	demo := func(name string) string {
		t.Helper()
		content, err := konovadb.DemoFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return file(name, content)
	}
	ok("codes are new", "import", "konova-codes", demo("codes.csv"))
	ok("0 codes are new, 0 changed", "import", "konova-codes", demo("codes.csv"))
	fails("line 2", "import", "konova-codes", file("bad.csv", []byte("list,id,long_name\nx,1,y\n")))
	fails("cannot be read", "import", "konova-codes", filepath.Join(folder, "none.csv"))

	token := ok("confirm 1", "credential", "konova", "create", "--user", "amt", "--group", "Standard,Eintragungsstelle")
	ok("amt", "credential", "konova", "list")
	ok("", "credential", "konova", "confirm", "1", "--valid-until", "2099-12-31")
	fails("no group", "credential", "konova", "create", "--user", "x", "--group", "Admin")
	fails("--user is needed", "credential", "konova", "create")
	fails("no number", "credential", "konova", "confirm", "x")
	fails("no such object", "credential", "konova", "revoke", "99")

	fails("--user is needed", "import", "konova", demo("interventions.json"))
	fails("--kind", "import", "konova", demo("interventions.json"), "--user", "amt", "--kind", "deduction")
	fails("Diesen Benutzer gibt es nicht", "import", "konova", demo("interventions.json"), "--user", "niemand")
	ok("3 of 3 entries", "import", "konova", demo("interventions.json"), "--user", "amt")
	fails("nothing was taken in", "import", "konova", demo("interventions.json"), "--user", "amt")
	ok("6 of 6 entries", "import", "konova", demo("compensations.json"), "--user", "amt", "--kind", "compensation")
	half := file("half.json", []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"title":"a"}},{"type":"Feature","geometry":null,"properties":{}}]}`))
	fails("/properties/title", "import", "konova", half, "--user", "amt")
	ok("1 of 2 entries", "import", "konova", half, "--user", "amt", "--partial")
	var many bytes.Buffer
	if err := konovadb.Generate(&many, 400, 1); err != nil {
		t.Fatal(err)
	}
	ok("400 of 400 entries", "import", "konova", file("many.json", many.Bytes()), "--user", "amt")
	ok("410 documents of Konova", "check")
	ok("410 documents of Konova", "check", "--repair")

	s := startServer(t, nil, "--data", data)
	defer s.end(t)
	header := http.Header{"Kspuser": {"amt"}, "Ksptoken": {token}}
	if code, text := get(t, s.origin+"/api/konova/api/v1/intervention?rpp=2&p=3", header); code != http.StatusOK || !strings.Contains(text, `"next":"`+s.origin+`/api/konova/api/v1/intervention/?rpp=2&p=4"`) {
		t.Errorf("%d %s", code, text)
	}
	ok("", "credential", "konova", "revoke", "1")
}

// get asks with headers of the test's own.
func get(t *testing.T, url string, header http.Header) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(w.Body); err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, text.String()
}

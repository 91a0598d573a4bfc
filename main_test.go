package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"loket/handlers"
	"loket/store/capo"
	"loket/store/capo/capodb"
	"loket/store/vemap"
)

// asProgram makes the test binary be Loket itself, for tests that need a
// process of its own.
const asProgram = "LOKET_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		_ = os.Unsetenv(asProgram)
		main()
	}
	os.Exit(m.Run())
}

const bearer = "Bearer demo-capo-aan-1"

// output is what a command writes; it can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// loket runs a command to its end.
func loket(t *testing.T, environ []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e output
	code = run(t.Context(), args, environ, streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// served is a server in this process.
type served struct {
	origin   string
	out, log *output
	stop     context.CancelFunc
	ended    chan int
}

var originLine = regexp.MustCompile(`Loket serves at (http://\S+)/`)

// startServer serves with these flags until stop; it waits until it serves.
func startServer(t *testing.T, environ []string, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	s := &served{out: &output{}, log: &output{}, stop: stop, ended: make(chan int, 1)}
	r, w := io.Pipe()
	go func() {
		code := run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), environ, streams{strings.NewReader(""), io.MultiWriter(w, s.out), s.log})
		_ = w.Close()
		s.ended <- code
	}()
	t.Cleanup(func() { stop(); _ = r.Close() })
	s.origin = findOrigin(t, r, s.log)
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return s
}

func findOrigin(t *testing.T, r io.Reader, log fmt.Stringer) string {
	t.Helper()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := originLine.FindStringSubmatch(lines.Text()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("it does not serve: %s", log)
	return ""
}

func (s *served) end(t *testing.T) {
	t.Helper()
	s.stop()
	if code := <-s.ended; code != 0 {
		t.Errorf("exit code %d: %s", code, s.log)
	}
}

func ask(t *testing.T, method, address, token string, body io.Reader) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	if body != nil && method != http.MethodPut {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// TestServe starts on a free port with the demo data, reads each document,
// and ends cleanly.
func TestServe(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, nil, "--demo", "--data", data)
	for _, path := range []string{"/healthz", "/readyz", "/"} {
		if code, text := ask(t, http.MethodGet, s.origin+path, "", nil); code != http.StatusOK {
			t.Errorf("%s: %d %s", path, code, text)
		}
	}
	for _, name := range handlers.Names() {
		code, text := ask(t, http.MethodGet, s.origin+"/api/"+name+"/documentation.json", "", nil)
		var doc struct{ OpenAPI string }
		if err := json.Unmarshal([]byte(text), &doc); code != http.StatusOK || err != nil || doc.OpenAPI != "3.0.3" {
			t.Errorf("%s: %d, %v, OpenAPI %q", name, code, err, doc.OpenAPI)
		}
	}
	if code, text := ask(t, http.MethodGet, s.origin+"/api/capo/bijlageassigned", bearer, nil); code != http.StatusOK || !strings.Contains(text, "62c7d159eb277e1b79161430") {
		t.Errorf("%d %s", code, text)
	}
	for _, i := range capodb.DemoIdentities {
		if !strings.Contains(s.out.String(), i.Token) {
			t.Errorf("the identity %s is not printed", i.Token)
		}
	}
	s.end(t)
	// A filled store is left alone, and stays a demo store.
	again := startServer(t, nil, "--demo", "--data", data)
	if code, _ := ask(t, http.MethodGet, again.origin+"/api/capo/bijlageassigned", bearer, nil); code != http.StatusOK {
		t.Errorf("after a restart: %d", code)
	}
	again.end(t)
	code, _, errs := loket(t, nil, "serve", "--addr", "0.0.0.0:0", "--data", data)
	if code != exitUsage || !strings.Contains(errs, "--demo-anywhere") {
		t.Errorf("a demo store is shown to the network: %d %s", code, errs)
	}
}

// TestServeEmpty: without --demo there is nobody.
func TestServeEmpty(t *testing.T) {
	s := startServer(t, nil, "--data", t.TempDir())
	if code, _ := ask(t, http.MethodGet, s.origin+"/api/capo/bijlageassigned", bearer, nil); code != http.StatusUnauthorized {
		t.Errorf("a demo token opens an empty store: %d", code)
	}
	if strings.Contains(s.out.String(), "demo-capo") {
		t.Error("demo identities are printed")
	}
	s.end(t)
}

// TestDrain: after the signal readyz is 503 and a request that runs finishes.
func TestDrain(t *testing.T) {
	s := startServer(t, []string{"LOKET_DRAIN_DELAY=300ms"}, "--demo", "--data", t.TempDir())
	slow, finish := io.Pipe()
	_, text := ask(t, http.MethodPost, s.origin+"/api/capo/project/62c7d0a1eb277e1b79161401/bijlageassigned/62c7d159eb277e1b79161430/bijlage",
		bearer, strings.NewReader(`{"bestandsnaam":"traag.pdf"}`))
	var f struct{ URL string }
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, f.URL, slow)
		r.ContentLength = 8
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			answered <- 0
			return
		}
		_ = res.Body.Close()
		answered <- res.StatusCode
	}()
	if _, err := finish.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	s.stop()
	// readyz can still be asked during the delay; it turns 503 at once.
	for {
		if code, _ := ask(t, http.MethodGet, s.origin+"/readyz", "", nil); code == http.StatusServiceUnavailable {
			break
		}
	}
	if _, err := finish.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	_ = finish.Close()
	if code := <-answered; code != http.StatusOK {
		t.Errorf("the request that ran was answered with %d", code)
	}
	s.end(t)
}

// TestCredentials works on the store beside a running server.
func TestCredentials(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, nil, "--data", data)
	own := s.origin + "/api/capo/bijlageassigned"
	code, token, errs := loket(t, nil, "credential", "create", "--organisation", "Gemeente Proef", "--label", "test", "--data", data)
	token = "Bearer " + strings.TrimSpace(token)
	if code != 0 || len(token) != len("Bearer ")+43 {
		t.Fatalf("%d %q %s", code, token, errs)
	}
	if code, _ := ask(t, http.MethodGet, own, token, nil); code != http.StatusForbidden {
		t.Errorf("not granted: %d", code)
	}
	code, list, _ := loket(t, nil, "credential", "list", "--data", data)
	id := strings.Fields(strings.Split(list, "\n")[1])[0]
	if code != 0 || !strings.Contains(list, "Gemeente Proef") || strings.Contains(list, strings.TrimPrefix(token, "Bearer ")) {
		t.Errorf("%d %s", code, list)
	}
	until := func(want int) {
		t.Helper()
		for range 1000 { // what is cached is at most a second old
			if code, _ := ask(t, http.MethodGet, own, token, nil); code == want {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatalf("never answered with %d", want)
	}
	if code, _, errs := loket(t, nil, "credential", "grant", id, "capo", "--data", data); code != 0 {
		t.Errorf("%d %s", code, errs)
	}
	until(http.StatusOK)
	if code, _, errs := loket(t, nil, "credential", "revoke", id, "--data", data); code != 0 {
		t.Errorf("%d %s", code, errs)
	}
	until(http.StatusUnauthorized)
	s.end(t)
	if strings.Contains(s.log.String(), strings.TrimPrefix(token, "Bearer ")) {
		t.Error("the token is in the log")
	}
	for _, args := range [][]string{{"credential", "create"}, {"credential", "grant", id, "nergens"}, {"credential", "revoke"}} {
		if code, _, errs := loket(t, nil, append(args, "--data", data)...); code != exitUsage || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: %d %q", args, code, errs)
		}
	}
	if code, _, errs := loket(t, nil, "credential", "revoke", "62c7d159eb277e1b79161430", "--data", data); code != exitFailure || errs == "" {
		t.Errorf("an unknown credential: %d %q", code, errs)
	}
}

// TestImport reads the example of the format, twice, and says what is wrong
// with a bad file.
func TestImport(t *testing.T) {
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "capo.json")
	if err := os.WriteFile(file, capodb.DemoJSON(), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if code, out, errs := loket(t, nil, "import", "capo", file, "--data", data); code != 0 || !strings.Contains(out, "3 projects") || !strings.Contains(errs, "3 of 3 projects") {
			t.Errorf("%d %s %s", code, out, errs)
		}
	}
	for text, want := range map[string]string{
		"{\n  \"projecten\": [\n{]": "line 3", `{"projekten":[]}`: "projekten", `{"projecten":[{"projectId":"x"}]}`: "/projecten/0/projectId", `{} {}`: "more after the end",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := loket(t, nil, "import", "capo", file, "--data", data); code != exitFailure || !strings.Contains(errs, want) || !strings.Contains(errs, "nothing was taken in") {
			t.Errorf("%s: %d %s", text, code, errs)
		}
	}
}

// TestBackup copies a store that is being written to, restores it as the
// README says, and finds every file as it was delivered.
func TestBackup(t *testing.T) {
	data, restored, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "loket.tar")
	s := startServer(t, []string{"LOKET_CAPO_RATE=0", "LOKET_CAPO_IN_FLIGHT=0"}, "--demo", "--data", data)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					deliver(t, s.origin, fmt.Sprintf("w%d-%d.txt", w, i))
				}
			}
		})
	}
	deliver(t, s.origin, "vooraf.txt")
	code, out, errs := loket(t, nil, "backup", file, "--data", data)
	close(stop)
	writers.Wait()
	s.end(t)
	if code != 0 || !strings.Contains(out, "tar -xf") {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	if text, err := exec.CommandContext(t.Context(), "tar", "-xf", file, "-C", restored).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, text)
	}
	if code, out, errs := loket(t, nil, "check", "--data", restored); code != 0 {
		t.Errorf("check: %d %s %s", code, out, errs)
	}
	again := startServer(t, nil, "--data", restored)
	_, list := ask(t, http.MethodGet, again.origin+"/api/capo/project/62c7d0a1eb277e1b79161401/bijlage", bearer, nil)
	if !strings.Contains(list, "vooraf.txt") {
		t.Errorf("what was delivered before is not in the backup: %s", list)
	}
	again.end(t)
	if code, _, errs := loket(t, nil, "backup", file, "--data", data); code != exitUsage || !strings.Contains(errs, "overwrites nothing") {
		t.Errorf("%d %s", code, errs)
	}
}

// deliver walks the page's steps 3 to 5 for one file under the demo's A1.
func deliver(t *testing.T, origin, name string) {
	t.Helper()
	base := origin + "/api/capo/project/62c7d0a1eb277e1b79161401"
	code, text := ask(t, http.MethodPost, base+"/bijlageassigned/62c7d159eb277e1b79161430/bijlage", bearer, strings.NewReader(`{"bestandsnaam":"`+name+`"}`))
	var f struct{ URL, BijlageID string }
	if err := json.Unmarshal([]byte(text), &f); err != nil || code != http.StatusCreated {
		t.Errorf("%d %s", code, text)
		return
	}
	if code, text := ask(t, http.MethodPut, f.URL, "", strings.NewReader("inhoud van "+name)); code != http.StatusOK {
		t.Errorf("%d %s", code, text)
	}
	if code, text := ask(t, http.MethodPatch, base+"/bijlage/"+f.BijlageID, bearer, strings.NewReader(`{"status":"uploaded"}`)); code != http.StatusOK {
		t.Errorf("%d %s", code, text)
	}
}

// TestCheckFindsDamage: a file whose bytes changed on disk is named.
func TestCheckFindsDamage(t *testing.T) {
	data := t.TempDir()
	s := startServer(t, nil, "--demo", "--data", data)
	s.end(t)
	found, err := filepath.Glob(filepath.Join(data, "blobs", "*", "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%v %v", found, err)
	}
	if err := os.WriteFile(found[0], []byte(strings.Repeat("x", 59)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := loket(t, nil, "check", "--data", data); code != exitFailure || !strings.Contains(out, "file") {
		t.Errorf("%d %s", code, out)
	}
}

// TestUsage: a mistake of who starts it is one line that says what to do, and
// exit code 2.
func TestUsage(t *testing.T) {
	taken := startServer(t, nil, "--data", t.TempDir())
	addr := strings.TrimPrefix(taken.origin, "http://")
	notADir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notADir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		environ []string
		args    []string
		want    string
	}{
		"taken port":        {nil, []string{"serve", "--addr", addr, "--data", t.TempDir()}, "in use by another program"},
		"data is a file":    {nil, []string{"serve", "--addr", "127.0.0.1:0", "--data", notADir}, "--data"},
		"unknown command":   {nil, []string{"sevre"}, "loket help"},
		"unknown flag":      {nil, []string{"serve", "--adr", "x"}, "the form is"},
		"no port":           {nil, []string{"serve", "--addr", "localhost"}, "LOKET_ADDR"},
		"bool":              {[]string{"LOKET_DEMO=ja"}, []string{"serve"}, "LOKET_DEMO must be true or false"},
		"duration":          {[]string{"LOKET_CAPO_UPLOAD_VALID=15"}, []string{"serve"}, "LOKET_CAPO_UPLOAD_VALID must be a time"},
		"two at once":       {[]string{"LOKET_CAPO_BURST=x", "LOKET_DEMO=x"}, []string{"serve"}, "LOKET_CAPO_BURST must be a whole number"},
		"database address":  {[]string{"LOKET_DATABASE_URL=mysql://x"}, []string{"serve"}, "LOKET_DATABASE_URL must be postgres://"},
		"blobs address":     {[]string{"LOKET_BLOBS_URL=/x"}, []string{"serve"}, "LOKET_BLOBS_URL must be s3://"},
		"public url":        {[]string{"LOKET_PUBLIC_URL=https://x.example/pad"}, []string{"serve"}, "LOKET_PUBLIC_URL must be an origin"},
		"proxies":           {[]string{"LOKET_TRUSTED_PROXIES=10.0.0.1"}, []string{"serve"}, "LOKET_TRUSTED_PROXIES must be networks"},
		"log level":         {[]string{"LOKET_LOG_LEVEL=loud"}, []string{"serve"}, "LOKET_LOG_LEVEL must be debug"},
		"demo on the net":   {nil, []string{"serve", "--demo", "--addr", "0.0.0.0:0", "--data", t.TempDir()}, "--demo-anywhere"},
		"import of nothing": {nil, []string{"import", "capo", filepath.Join(t.TempDir(), "no.json"), "--data", t.TempDir()}, "cannot be read"},
	} {
		code, _, errs := loket(t, c.environ, c.args...)
		if code != exitUsage || !strings.Contains(errs, c.want) || strings.Count(strings.TrimSpace(errs), "\n") != 0 {
			t.Errorf("%s: %d %q", name, code, errs)
		}
	}
	taken.end(t)
	if code, out, _ := loket(t, nil, "help"); code != 0 || !strings.Contains(out, "LOKET_ADDR") || !strings.Contains(out, "credential revoke") {
		t.Errorf("help: %d %s", code, out)
	}
	if code, out, _ := loket(t, nil, "version"); code != 0 || !strings.HasPrefix(out, "loket ") {
		t.Errorf("version: %d %s", code, out)
	}
}

// TestSecretsStayOut: the settings go to the log without passwords.
func TestSecretsStayOut(t *testing.T) {
	c, err := Load([]string{"LOKET_DATABASE_URL=postgres://u:geheim@db/x", "LOKET_BLOBS_URL=s3://k:geheim@s3/b", "LOKET_REDIS_URL=redis://:geheim@r/0"})
	if err != nil {
		t.Fatal(err)
	}
	if text := c.LogValue().String(); strings.Contains(text, "geheim") || !strings.Contains(text, "postgres://db/x") {
		t.Error(text)
	}
}

// TestReadme: every variable and the state machine stand in the README as the
// program has them.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variables() {
		row := "| `" + v.Name + "` | "
		if v.Default != "" {
			row += "`" + v.Default + "`"
		}
		if !strings.Contains(string(text), row) {
			t.Errorf("README has no row %q with its default", row)
		}
	}
	if want := "<!-- capo-states -->\n```mermaid\n" + capo.Mermaid() + "```\n<!-- /capo-states -->"; !strings.Contains(string(text), want) {
		t.Errorf("README does not show the states of a toegewezen bijlage as they are:\n%s", want)
	}
	if want := "<!-- vemap-rights -->\n" + vemap.Matrix() + "<!-- /vemap-rights -->"; !strings.Contains(string(text), want) {
		t.Errorf("README does not show VEMAP's rights as they are:\n%s", want)
	}
}

// process is Loket in a process of its own.
type process struct {
	cmd    *exec.Cmd
	origin string
	log    *output
}

func spawn(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	p := &process{log: &output{}}
	p.cmd = exec.CommandContext(t.Context(), os.Args[0], append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1"), environ...)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.kill() })
	p.origin = findOrigin(t, out, p.log)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p
}

// kill ends the process without a word to it.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	_ = p.cmd.Wait()
}

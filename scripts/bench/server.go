package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// server is a Loket process over a filled store.
type server struct {
	binary string
	dir    string
	url    string // of PostgreSQL; "" is SQLite
	env    []string
	addr   string
	cmd    *exec.Cmd
}

// server fills a store; nothing runs yet.
func (b *bench) server(ctx context.Context, d database, name string, large bool) (*server, error) {
	s := &server{binary: b.binary, url: d.url, dir: filepath.Join(b.work, strings.Fields(d.name)[0]+name)}
	s.env = append(os.Environ(), "LOKET_DATA="+filepath.Join(s.dir, "data"), "LOKET_DATABASE_URL="+d.url,
		"LOKET_DOCUMENTATION_RATE=10000000", "LOKET_DOCUMENTATION_BURST=10000000")
	if err := os.MkdirAll(s.dir, 0o750); err != nil {
		return nil, err
	}
	for _, a := range apis {
		s.env = append(s.env, a.env...)
		header, err := a.fill(ctx, s, large)
		if err != nil {
			return nil, fmt.Errorf("fill %s: %w", a.name, err)
		}
		b.headers[a.name] = header
	}
	return s, nil
}

// command runs another command over the server's store and gives its output.
func (s *server) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env = s.env
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("loket %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return string(out), nil
}

// spawn starts the process and returns at once.
func (s *server) spawn(ctx context.Context) error {
	addr, err := freeAddr(ctx)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	s.addr = addr
	s.cmd = exec.CommandContext(ctx, s.binary, "serve", "--addr", addr)
	s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = s.env, log, log
	return errors.Join(s.cmd.Start(), log.Close())
}

// start also waits until it answers.
func (s *server) start(ctx context.Context) error {
	if err := s.spawn(ctx); err != nil {
		return err
	}
	return s.answers(ctx, "/healthz")
}

// answers asks until the path is there, without pauses worth measuring.
func (s *server) answers(ctx context.Context, path string) error {
	end := time.Now().Add(30 * time.Second)
	for {
		err := get(ctx, "http://"+s.addr+path, nil)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if time.Now().After(end) {
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("loket does not answer: %w; its log: %s", err, text)
		}
		time.Sleep(500 * time.Microsecond)
	}
}

// stop ends the process in the orderly way; again does nothing.
func (s *server) stop() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		_ = s.cmd.Wait()
	}
}

// memory is what the process held at most.
func (s *server) memory() string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if kb, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				var n int
				if _, err := fmt.Sscanf(kb, "%d", &n); err == nil {
					return fmt.Sprintf("%d MB", n/1024)
				}
			}
		}
	}
	return "unknown (" + runtime.GOOS + ")"
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// get asks once, on a connection of its own.
func get(ctx context.Context, url string, header map[string]string) error {
	_, _, err := ask(ctx, http.MethodGet, url, "", header, http.StatusOK)
	return err
}

// ask gives the answer's body, as it came over the wire, and its header.
func ask(ctx context.Context, method, url, body string, header map[string]string, status int) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}, Timeout: time.Minute}
	res, err := client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != status {
		err = fmt.Errorf("%s %s: %s: %s", method, url, res.Status, text)
	}
	return text, res.Header, err
}

// floorWord starts this program as the bare handler.
const floorWord = "floor"

// floorAnswer is what the bare handler writes on a path.
type floorAnswer struct {
	Path, ContentType, ContentEncoding string
	Status                             int
	Body                               []byte
}

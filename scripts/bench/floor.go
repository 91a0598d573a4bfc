package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// serveFloor is the bare handler: it reads the request's body and writes bytes
// that it holds. The file lists its answers, after the address.
func serveFloor(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var f floorFile
	if err := json.Unmarshal(text, &f); err != nil {
		return err
	}
	answers := map[string]floorAnswer{}
	for _, a := range f.Answers {
		answers[a.Path] = a
	}
	return http.ListenAndServe(f.Addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // loopback, for the minutes of the bench; time limits would cost
		a := answers[r.URL.Path]
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", a.ContentType)
		if a.ContentEncoding != "" {
			w.Header().Set("Content-Encoding", a.ContentEncoding)
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body)
	}))
}

type floorFile struct {
	Addr    string
	Answers []floorAnswer
}

// floor starts the bare handler as a process of its own, with the same
// variables, so the same GOMAXPROCS.
func (b *bench) floor(ctx context.Context, answers []floorAnswer) (p process, stop func(), err error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return process{}, nil, err
	}
	text, err := json.Marshal(floorFile{Addr: addr, Answers: answers})
	if err != nil {
		return process{}, nil, err
	}
	file := filepath.Join(b.work, "floor.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return process{}, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return process{}, nil, err
	}
	cmd := exec.CommandContext(ctx, self, floorWord, file)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return process{}, nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for range 2000 {
		_, _, err = ask(ctx, answers[0].method(), "http://"+addr+answers[0].Path, "", nil, answers[0].Status)
		if err == nil {
			return process{addr, cmd.Process.Pid}, stop, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	return process{}, nil, errors.Join(errors.New("the bare handler does not answer"), err)
}

func (floorAnswer) method() string { return http.MethodPost } // any will do: it looks at the path alone

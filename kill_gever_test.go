package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// geverUser is the header of the demo's Manager.
var geverUser = "Basic " + base64.StdEncoding.EncodeToString([]byte("john.doe:Demo-Gever-1!"))

// answered is what tells of an upload: none of its answers has a body.
type answered struct {
	StatusCode int
	Header     http.Header
}

// tus sends a request of GEVER's uploads in parts; nil when nothing answers.
func tus(ctx context.Context, t *testing.T, method, address string, body io.Reader, length int64, header ...string) *answered {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = length
	r.Header.Set("Authorization", geverUser)
	r.Header.Set("Tus-Resumable", "1.0.0")
	r.Header.Set("Content-Type", "application/offset+octet-stream")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil
	}
	_ = res.Body.Close()
	return &answered{res.StatusCode, res.Header}
}

const geverDossier = "/api/gever/ordnungssystem/fuehrung/dossier-23"

// announceUpload gives the path of a new upload.
func announceUpload(t *testing.T, origin, name string, size int64) string {
	t.Helper()
	res := tus(t.Context(), t, http.MethodPost, origin+geverDossier+"/@tus-upload", nil, 0, "Content-Type", "",
		"Upload-Length", strconv.FormatInt(size, 10), "Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name)))
	if res == nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("announce: %v", res)
	}
	return strings.TrimPrefix(res.Header.Get("Location"), origin)
}

// pseudo is a file that is the same in each run.
func pseudo(size int64) io.Reader { return io.LimitReader(mathrand.NewChaCha8([32]byte{8}), size) }

// cut calls fn once, when that many bytes were read.
type cut struct {
	io.Reader

	left int64
	fn   func()
}

func (c *cut) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.left -= int64(n); c.left <= 0 && c.fn != nil {
		go c.fn()
		c.fn = nil
	}
	return n, err
}

// TestKillUpload kills a real process in the middle of the parts of a file:
// what was answered with an offset is there, what comes after is only ever
// more, and the file that is put together in the end is the one that was sent.
func TestKillUpload(t *testing.T) {
	const size, kills = 96 << 20, 3
	data := t.TempDir()
	p := spawn(t, nil, "--demo", "--data", data)
	at := announceUpload(t, p.origin, "gross.bin", size)
	safe, grew := int64(0), false
	var done *answered
	for round := 0; done == nil; round++ {
		res := tus(t.Context(), t, http.MethodHead, p.origin+at, nil, 0)
		if res == nil || res.StatusCode != http.StatusOK {
			t.Fatalf("HEAD: %v %s", res, p.log)
		}
		offset, err := strconv.ParseInt(res.Header.Get("Upload-Offset"), 10, 64)
		if err != nil || offset < safe || offset > size {
			t.Fatalf("offset %d (%v), %d were answered", offset, err, safe)
		}
		grew = grew || offset > safe
		safe = offset
		dead, victim := make(chan struct{}), p
		kill := sync.OnceFunc(func() { victim.kill(); close(dead) })
		rest := pseudo(size)
		if _, err := io.CopyN(io.Discard, rest, offset); err != nil {
			t.Fatal(err)
		}
		send := int64(size) - offset
		if round < kills {
			// A first part that is answered, then one that the kill interrupts.
			first := min(int64(1)<<20, send)
			res := tus(t.Context(), t, http.MethodPatch, p.origin+at, io.LimitReader(rest, first), first, "Upload-Offset", strconv.FormatInt(offset, 10))
			if res == nil || res.StatusCode != http.StatusNoContent {
				t.Fatalf("PATCH: %v %s", res, p.log)
			}
			safe = offset + first
			rest, send = &cut{rest, 24 << 20, kill}, send-first
		}
		res = tus(t.Context(), t, http.MethodPatch, p.origin+at, rest, send, "Upload-Offset", strconv.FormatInt(safe, 10))
		switch {
		case round >= kills && (res == nil || res.StatusCode != http.StatusNoContent):
			t.Fatalf("the last part: %v %s", res, p.log)
		case round >= kills:
			done = res
		default:
			kill() // should it have been quicker
			<-dead
			p = spawn(t, nil, "--data", data)
		}
	}
	if !grew {
		t.Error("of a part that was interrupted nothing was ever kept")
	}
	text := download(t, p.origin+strings.TrimPrefix(done.Header.Get("Location"), p.origin)+"/@@download/file")
	want := sha256.New()
	if _, err := io.Copy(want, pseudo(size)); err != nil {
		t.Fatal(err)
	}
	if text != hex.EncodeToString(want.Sum(nil)) {
		t.Error("the file is not the one that was sent")
	}
	_, body := ask(t, http.MethodGet, p.origin+geverDossier, geverUser, nil)
	var dossier struct {
		Total int `json:"items_total"`
	}
	if err := json.Unmarshal([]byte(body), &dossier); err != nil || dossier.Total != 3 {
		t.Errorf("%d objects, want the demo's 2 and the new one: %v", dossier.Total, err)
	}
	p.kill()
	if code, out, errs := loket(t, nil, "check", "--data", data); code != 0 {
		t.Errorf("check: %s%s", out, errs)
	}
}

// download gives the SHA-256 of a file.
func download(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", geverUser)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", res.StatusCode, err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

//go:build linux && !race

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hugeVariable lets TestPLOOIUploadMemory send the page's 2 GiB; it takes a
// minute and as much room on the disk.
const hugeVariable = "LOKET_TEST_HUGE"

// zip is size bytes that begin as an archive does.
func zip(size int64) io.Reader {
	return io.MultiReader(strings.NewReader("PK\x03\x04"), io.LimitReader(endless{}, size-4))
}

// TestPLOOIUploadMemory: a file is streamed, so a fresh process stays under
// 80 MB of resident memory, and an upload that breaks off leaves nothing.
func TestPLOOIUploadMemory(t *testing.T) {
	size := int64(64 << 20)
	if os.Getenv(hugeVariable) != "" {
		size = 2 << 30
	}
	data := t.TempDir()
	p := spawn(t, []string{"LOKET_READ_TIMEOUT=30m"}, "--demo", "--data", data)
	c := newPLOOI(t, p.origin)
	before := kept(t, data)
	broken := c.register()
	if status, _ := c.ask(http.MethodPost, plooiV0+"/documenten/"+broken, "application/zip", io.MultiReader(zip(8<<20), breaking{}), 16<<20); status != 0 {
		t.Errorf("an upload that breaks off is answered with %d", status)
	}
	id := c.register()
	start := time.Now()
	if status, text := c.ask(http.MethodPost, plooiV0+"/documenten/"+id, "application/zip", zip(size), size); status != http.StatusAccepted {
		t.Fatalf("%d bytes: %d %s", size, status, text)
	}
	took := time.Since(start)
	if status, text := c.ask(http.MethodPut, plooiV0+"/documenten/"+id, "application/zip", zip(1<<20), 2<<30+1); status != http.StatusRequestEntityTooLarge && status != 0 {
		t.Errorf("one byte too many: %d %s", status, text)
	}
	c.published(id, 20*time.Second)
	got := peak(t, p)
	if got >= 80<<20 {
		t.Errorf("%d MB resident at the peak", got>>20)
	}
	if after := kept(t, data); after != before+1 {
		t.Errorf("%d files are kept, had %d", after, before)
	}
	t.Logf("%d MB in %v, peak %d MB", size>>20, took.Round(time.Millisecond), got>>20)
}

// breaking is a client that goes away.
type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, fmt.Errorf("the client goes away") }

// kept counts the files of the blobs, also what is half written.
func kept(t *testing.T, data string) (n int) {
	t.Helper()
	for _, pattern := range []string{"blobs/tmp/*", "blobs/??/*"} {
		found, err := filepath.Glob(filepath.Join(data, pattern))
		if err != nil {
			t.Fatal(err)
		}
		n += len(found)
	}
	return n
}

// TestPLOOIKill: kill -9 between the 202 and the processing; the document is
// published after the restart.
func TestPLOOIKill(t *testing.T) {
	data := t.TempDir()
	p := spawn(t, nil, "--demo", "--data", data)
	c := newPLOOI(t, p.origin)
	id := c.register()
	content := append([]byte("%PDF-1.7 "), bytes.Repeat([]byte("x"), 100_000)...)
	if status, text := c.ask(http.MethodPost, plooiV0+"/documenten/"+id, "application/pdf", bytes.NewReader(content), -1); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, text)
	}
	p.kill()
	p = spawn(t, nil, "--data", data)
	c.origin = p.origin
	c.published(id, 30*time.Second)
	if status, text := c.ask(http.MethodGet, "/api/plooi/documenten/"+id+"/file", "", nil, -1); status != http.StatusOK || text != string(content) {
		t.Errorf("its file: %d, %d bytes", status, len(text))
	}
	if status, text := c.ask(http.MethodGet, plooiV0+"/metadata/"+id, "", nil, -1); status != http.StatusOK {
		t.Errorf("the token of before: %d %s", status, text)
	}
}

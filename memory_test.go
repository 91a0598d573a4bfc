//go:build linux && !race

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestUploadMemory: files are streamed. A fresh process stays under 80 MB of
// resident memory over an upload of 50 MB, and ten at once add less than 16 MB.
// The race detector multiplies memory, so this is not for it.
func TestUploadMemory(t *testing.T) {
	p := spawn(t, []string{"LOKET_CAPO_RATE=0", "LOKET_CAPO_IN_FLIGHT=0"}, "--demo", "--data", t.TempDir())
	upload(t, p.origin, "een.bin")
	one := peak(t, p)
	if one >= 80<<20 {
		t.Errorf("one upload: %d MB resident at the peak", one>>20)
	}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() { upload(t, p.origin, fmt.Sprintf("tien%d.bin", i)) })
	}
	all.Wait()
	if ten := peak(t, p); ten-one >= 16<<20 {
		t.Errorf("ten uploads at once took the peak from %d to %d MB", one>>20, ten>>20)
	} else {
		t.Logf("peak after one upload %d MB, after ten at once %d MB", one>>20, ten>>20)
	}
}

// upload sends the largest file that is allowed.
func upload(t *testing.T, origin, name string) {
	t.Helper()
	base := origin + "/api/capo/project/62c7d0a1eb277e1b79161401/bijlageassigned/62c7d159eb277e1b79161430/bijlage"
	_, text := ask(t, http.MethodPost, base, bearer, strings.NewReader(`{"bestandsnaam":"`+name+`"}`))
	var f struct{ URL string }
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Errorf("%v: %s", err, text)
		return
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, f.URL, io.LimitReader(endless{}, 52_428_800))
	if err != nil {
		t.Error(err)
		return
	}
	r.ContentLength = 52_428_800
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: %d", name, res.StatusCode)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// peak is the process's VmHWM in bytes.
func peak(t *testing.T, p *process) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("no VmHWM")
	return 0
}

//go:build linux && !race

package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestUploadMemoryGEVER: files of 200 MB, in parts that are put together, as a
// form, and as mails that are read for their attachments, add less than 16 MB
// to what the program takes anyway; so do four at once.
func TestUploadMemoryGEVER(t *testing.T) {
	const size = 200 << 20
	p := spawn(t, nil, "--demo", "--data", t.TempDir())
	send := func(name string) {
		at := announceUpload(t, p.origin, name, size)
		head := "Subject: Gross\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n"
		res := tus(t.Context(), t, http.MethodPatch, p.origin+at, io.LimitReader(io.MultiReader(strings.NewReader(head), endless{}), size), size, "Upload-Offset", "0")
		if res == nil || res.StatusCode != http.StatusNoContent || res.Header.Get("Location") == "" {
			t.Errorf("%s: %v", name, res)
		}
	}
	form := func(name string) {
		begin := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n"
		body := io.MultiReader(strings.NewReader(begin), io.LimitReader(endless{}, size), bytes.NewReader([]byte("\r\n--x--\r\n")))
		res := tus(t.Context(), t, http.MethodPost, p.origin+geverDossier+"/@xhr-upload", body, -1, "Content-Type", "multipart/form-data; boundary=x")
		if res == nil || res.StatusCode != http.StatusCreated {
			t.Errorf("%s: %v", name, res)
		}
	}
	// The first request reads the document and hashes the password, which takes
	// 19 MB by itself.
	announceUpload(t, p.origin, "klein.bin", 1)
	before := peak(t, p)
	send("eins.bin")
	form("zwei.bin")
	send("drei.eml")
	one := peak(t, p)
	if one-before >= 16<<20 {
		t.Errorf("one upload at a time took the peak from %d to %d MB", before>>20, one>>20)
	}
	var all sync.WaitGroup
	for i := range 2 {
		all.Go(func() { send(fmt.Sprintf("vier%d.eml", i)) })
		all.Go(func() { form(fmt.Sprintf("vier%d.bin", i)) })
	}
	all.Wait()
	if four := peak(t, p); four-one >= 16<<20 {
		t.Errorf("four at once took the peak from %d to %d MB", one>>20, four>>20)
	} else {
		t.Logf("peak before %d MB, after one at a time %d MB, after four at once %d MB", before>>20, one>>20, four>>20)
	}
}

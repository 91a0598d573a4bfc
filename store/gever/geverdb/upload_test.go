package geverdb_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/store/blobs"
	"loket/store/blobs/blobstest"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

const dossier23 = "ordnungssystem/fuehrung/dossier-23"

// announce begins an upload in the page's dossier.
func (b *bench) announce(t *testing.T, length int64) geverdb.UploadAt {
	t.Helper()
	u, err := b.BeginUpload(t.Context(), john, dossier23, gever.NewUpload{Length: length, Filename: "x.bin"})
	if err != nil {
		t.Fatal(err)
	}
	return geverdb.UploadAt{Path: dossier23, ID: u.ID}
}

// keys are those of every blob, and how many of them somebody needs.
func (b *bench) keys(t *testing.T) (all []string, needed int) {
	t.Helper()
	if err := b.disk.Walk(t.Context(), func(i blobs.Info) error { all = append(all, i.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	held, err := b.References(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	return all, len(held)
}

// TestUploadAtOnce: 32 requests send the same file side by side; each byte is
// taken once, one object is made, and nothing is left over.
func TestUploadAtOnce(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	content := make([]byte, 400_000)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	at := b.announce(t, int64(len(content)))
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := map[string]bool{}
	for i := range 32 {
		r := rand.New(rand.NewPCG(2, uint64(i)))
		wg.Go(func() {
			for {
				u, err := b.Upload(ctx, john, at)
				if err != nil {
					t.Error(err)
					return
				}
				end := min(u.Offset+1+int64(r.IntN(60_000)), u.Length)
				u, err = b.Append(ctx, john, at, geverdb.Part{Offset: u.Offset, Length: -1, Bytes: bytes.NewReader(content[u.Offset:end])})
				if err != nil && fault.ReasonOf(err) != gever.BadUpload {
					t.Error(err)
					return
				}
				if err == nil && u.Path != "" {
					mu.Lock()
					made[u.Path] = true
					mu.Unlock()
					return
				}
			}
		})
	}
	wg.Wait()
	v, err := b.Get(ctx, john, dossier23, geverdb.Window{Size: 10})
	if err != nil || len(made) != 1 || len(v.Children) != 3 {
		t.Fatalf("made %v, %d children, %v", made, len(v.Children), err)
	}
	r, stored, err := b.File(ctx, john, v.Children[2].Path, "file")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) || stored.Size != int64(len(content)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if all, needed := b.keys(t); len(all) != 1 || needed != 1 {
		t.Errorf("%d blobs, %d needed", len(all), needed)
	}
	b.sound(t)
}

// TestUploadSwept: parts are needed until their upload has run out, or its
// container is gone; then the sweep takes them.
func TestUploadSwept(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	late := b.announce(t, 10)
	dossier := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "x", "responsible": john})
	u, err := b.BeginUpload(ctx, john, dossier, gever.NewUpload{Length: 10, Filename: "x.bin"})
	if err != nil {
		t.Fatal(err)
	}
	gone := geverdb.UploadAt{Path: dossier, ID: u.ID}
	for _, at := range []geverdb.UploadAt{late, gone} {
		if _, err := b.Append(ctx, john, at, geverdb.Part{Length: 3, Bytes: strings.NewReader("abc")}); err != nil {
			t.Fatal(err)
		}
	}
	left := func(blobs, swept int) {
		t.Helper()
		n, err := b.Sweep(ctx)
		all, needed := b.keys(t)
		if err != nil || n != swept || len(all) != blobs || needed != blobs {
			t.Errorf("%d swept, %d blobs of which %d are needed, %v; want %d and %d", n, len(all), needed, err, swept, blobs)
		}
	}
	left(2, 0)
	if err := b.Delete(ctx, john, dossier); err != nil {
		t.Fatal(err)
	}
	left(1, 0)
	b.at.Add(int64(24*time.Hour - 1))
	left(1, 0)
	if _, err := b.Upload(ctx, john, late); err != nil {
		t.Error(err)
	}
	b.at.Add(1)
	if _, err := b.Upload(ctx, john, late); fault.ReasonOf(err) != fault.Missing {
		t.Error(err)
	}
	left(0, 1)
}

// TestUploadDiskFull: a part that cannot be kept is not told of; the next one
// goes on where the last sound one ended.
func TestUploadDiskFull(t *testing.T) {
	var full int64
	var failing *blobstest.Failing
	b := open(t, func(inner blobs.Blobs) blobs.Blobs {
		failing = &blobstest.Failing{Blobs: inner}
		return failing
	})
	ctx := t.Context()
	at := b.announce(t, 8)
	send := func(offset int64, text string) (*geverdb.Upload, error) {
		return b.Append(ctx, john, at, geverdb.Part{Offset: offset, Length: int64(len(text)), Bytes: strings.NewReader(text)})
	}
	if _, err := send(0, "abcd"); err != nil {
		t.Fatal(err)
	}
	full = 1
	failing.After = &full
	if _, err := send(4, "ef"); fault.ReasonOf(err) != fault.StoreUnavailable {
		t.Errorf("a full disk: %v", err)
	}
	failing.After = nil
	if _, err := send(4, "ef"); err != nil {
		t.Fatal(err)
	}
	// The whole does not fit: the parts stay, and it is tried again.
	full = 7
	failing.After = &full
	if _, err := send(6, "gh"); fault.ReasonOf(err) != fault.StoreUnavailable {
		t.Errorf("a full disk at the end: %v", err)
	}
	if u, err := b.Upload(ctx, john, at); err != nil || u.Offset != 8 || u.Path != "" {
		t.Errorf("%+v %v", u, err)
	}
	failing.After = nil
	if u, err := send(8, ""); err != nil || u.Path == "" {
		t.Fatalf("%+v %v", u, err)
	}
	if all, needed := b.keys(t); len(all) != 1 || needed != 1 {
		t.Errorf("%d blobs, %d needed", len(all), needed)
	}
}

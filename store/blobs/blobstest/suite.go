package blobstest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"loket/store/blobs"
	"loket/store/fault"
)

// Bytes are n bytes that look random and are the same for each seed.
func Bytes(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// Keys are the keys of all blobs.
func Keys(t testing.TB, b blobs.Blobs) []string {
	t.Helper()
	keys := []string{}
	if err := b.Walk(t.Context(), func(i blobs.Info) error { keys = append(keys, i.Key); return nil }); err != nil {
		t.Fatalf("walk: %v", err)
	}
	return keys
}

// Put keeps content, or ends the test.
func Put(t testing.TB, b blobs.Blobs, content []byte) blobs.Info {
	t.Helper()
	info, err := b.Put(t.Context(), bytes.NewReader(content), 0)
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	return info
}

// Get reads a blob, or ends the test.
func Get(t testing.TB, b blobs.Blobs, key string) []byte {
	t.Helper()
	r, _, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer func() { _ = r.Close() }()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return got
}

// Suite is what every kind of Blobs must do; open gives an empty one.
func Suite(t *testing.T, open func(t *testing.T) blobs.Blobs) {
	for name, test := range map[string]func(*testing.T, blobs.Blobs){
		"round trip":       roundTrip,
		"limit":            limit,
		"broken body":      brokenBody,
		"context":          contextEnds,
		"missing":          missing,
		"delete":           deletes,
		"seek":             seeks,
		"walk":             walks,
		"same bytes twice": twice,
		"many at once":     manyAtOnce,
		"many blobs":       manyBlobs,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func roundTrip(t *testing.T, b blobs.Blobs) {
	if err := b.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
	start := time.Now().Add(-2 * time.Second) // S3 tells whole seconds
	for _, n := range []int{0, 1, 1000, 128 << 10, 128<<10 + 1, 6 << 20} {
		content := Bytes(uint64(n), n)
		info := Put(t, b, content)
		sum := sha256.Sum256(content)
		if info.Size != int64(n) || info.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%d bytes: %+v", n, info)
		}
		if info.ModifiedAt.Before(start) || info.ModifiedAt.After(time.Now().Add(2*time.Second)) {
			t.Errorf("%d bytes: put at %v", n, info.ModifiedAt)
		}
		r, opened, err := b.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: read %d others, %v", n, len(got), err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if opened != info {
			t.Errorf("opened %+v, put %+v", opened, info)
		}
	}
}

func wantFault(t *testing.T, err error, kind fault.Kind, reason fault.Reason) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.ReasonOf(err) != reason {
		t.Errorf("got %v, want %v (%s)", err, kind, reason)
	}
}

func wantEmpty(t *testing.T, b blobs.Blobs) {
	t.Helper()
	if keys := Keys(t, b); len(keys) != 0 {
		t.Errorf("%d blobs stay", len(keys))
	}
}

func limit(t *testing.T, b blobs.Blobs) {
	const most = 200_000
	for _, n := range []int{most + 1, most + 500_000} {
		_, err := b.Put(t.Context(), bytes.NewReader(Bytes(1, n)), most)
		wantFault(t, err, fault.TooLarge, fault.BodyTooLarge)
	}
	// More may never come: the answer must not wait for it.
	_, err := b.Put(t.Context(), io.MultiReader(bytes.NewReader(Bytes(1, most+1)), never{t}), most)
	wantFault(t, err, fault.TooLarge, fault.BodyTooLarge)
	wantEmpty(t, b)
	if info, err := b.Put(t.Context(), bytes.NewReader(Bytes(1, most)), most); err != nil || info.Size != most {
		t.Errorf("of exactly the limit: %+v, %v", info, err)
	}
}

type never struct{ t *testing.T }

func (n never) Read([]byte) (int, error) {
	n.t.Error("read on above the limit")
	return 0, io.EOF
}

func brokenBody(t *testing.T, b blobs.Blobs) {
	cut := func(err error) io.Reader {
		return io.MultiReader(bytes.NewReader(Bytes(1, 300_000)), iotest.ErrReader(err))
	}
	_, err := b.Put(t.Context(), cut(io.ErrUnexpectedEOF), 0)
	wantFault(t, err, fault.Invalid, fault.BrokenBody)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the cause is lost: %v", err)
	}
	_, err = b.Put(t.Context(), iotest.ErrReader(errors.New("connection reset")), 0)
	wantFault(t, err, fault.Invalid, fault.BrokenBody)
	_, err = b.Put(t.Context(), cut(fmt.Errorf("%w: EOF", io.EOF)), 0)
	wantFault(t, err, fault.Invalid, fault.BrokenBody)
	_, err = b.Put(t.Context(), cut(&http.MaxBytesError{Limit: 300_000}), 0)
	wantFault(t, err, fault.TooLarge, fault.BodyTooLarge)
	_, err = b.Put(t.Context(), cut(fmt.Errorf("read: %w", fault.New(fault.Unprocessable, "own", ""))), 0)
	wantFault(t, err, fault.Unprocessable, "own")
	wantEmpty(t, b)
}

func contextEnds(t *testing.T, b blobs.Blobs) {
	ctx, cancel := context.WithCancel(t.Context())
	endless := &endless{at: 1 << 20, then: cancel}
	_, err := b.Put(ctx, endless, 0)
	wantFault(t, err, fault.Invalid, fault.BrokenBody)
	ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	_, err = b.Put(ctx, strings.NewReader("x"), 0)
	wantFault(t, err, fault.Unavailable, fault.StoreUnavailable)
	wantEmpty(t, b)
	Put(t, b, []byte("x"))
	if err := b.Walk(ctx, func(blobs.Info) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("walk: %v", err)
	}
}

// endless never ends; at some byte it does something.
type endless struct {
	at   int
	then func()
}

func (e *endless) Read(p []byte) (int, error) {
	e.at -= len(p)
	if e.at <= 0 {
		e.then()
	}
	return len(p), nil
}

func missing(t *testing.T, b blobs.Blobs) {
	key := Put(t, b, []byte("x")).Key
	other := strings.Repeat("0", len(key))
	for _, key := range []string{
		"", "x", "../" + key, key[:len(key)-1], key + "0", strings.ToUpper(key[:10]) + "AB" + key[12:],
		strings.Repeat(".", len(key)), strings.Repeat("/", len(key)), other,
	} {
		_, _, err := b.Open(t.Context(), key)
		wantFault(t, err, fault.NotFound, fault.Missing)
		if err := b.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
	}
	if len(Keys(t, b)) != 1 {
		t.Error("the blob is gone")
	}
}

func deletes(t *testing.T, b blobs.Blobs) {
	stays, goes := Put(t, b, []byte("stays")), Put(t, b, []byte("goes"))
	for range 2 {
		if err := b.Delete(t.Context(), goes.Key); err != nil {
			t.Error(err)
		}
	}
	_, _, err := b.Open(t.Context(), goes.Key)
	wantFault(t, err, fault.NotFound, fault.Missing)
	if got := Get(t, b, stays.Key); string(got) != "stays" {
		t.Errorf("%q", got)
	}
}

func seeks(t *testing.T, b blobs.Blobs) {
	content := Bytes(1, 1<<20)
	r, info, err := b.Open(t.Context(), Put(t, b, content).Key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for _, c := range []struct {
		offset int64
		whence int
		at     int64
	}{
		{0, io.SeekEnd, 1 << 20}, {0, io.SeekStart, 0}, {500_000, io.SeekStart, 500_000},
		{-100, io.SeekEnd, 1<<20 - 100}, {-1000, io.SeekCurrent, 1<<20 - 1100 + 50}, {1 << 20, io.SeekStart, 1 << 20}, {2 << 20, io.SeekStart, 2 << 20},
	} {
		at, err := r.Seek(c.offset, c.whence)
		if err != nil || at != c.at {
			t.Fatalf("seek %d from %d: at %d, %v, want %d", c.offset, c.whence, at, err, c.at)
		}
		want := content[min(at, info.Size):min(at+50, info.Size)]
		got := make([]byte, 50)
		n, err := io.ReadFull(r, got)
		if !bytes.Equal(got[:n], want) || (len(want) == 50 && err != nil) || (len(want) == 0 && !errors.Is(err, io.EOF)) {
			t.Errorf("at %d: read %d other bytes, %v", at, n, err)
		}
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Error("sought before the start")
	}
	if _, err := r.Seek(0, 7); err == nil {
		t.Error("sought from nowhere")
	}
}

func walks(t *testing.T, b blobs.Blobs) {
	want := map[string]blobs.Info{}
	for i := range 20 {
		info := Put(t, b, Bytes(1, i))
		want[info.Key] = info
	}
	var keys []string
	got := map[string]blobs.Info{}
	err := b.Walk(t.Context(), func(i blobs.Info) error {
		keys = append(keys, i.Key)
		got[i.Key] = i
		return nil
	})
	if err != nil || !slices.IsSorted(keys) || len(keys) != 20 {
		t.Errorf("%d blobs, sorted: %t, %v", len(keys), slices.IsSorted(keys), err)
	}
	if !maps.EqualFunc(got, want, func(a, b blobs.Info) bool {
		// S3 lists with fractions of a second and answers a HEAD without.
		return a.Key == b.Key && a.Size == b.Size && a.SHA256 == b.SHA256 && a.ModifiedAt.Sub(b.ModifiedAt).Abs() < time.Second
	}) {
		t.Errorf("walked over %v, want %v", got, want)
	}
	enough := errors.New("enough")
	n := 0
	if err := b.Walk(t.Context(), func(blobs.Info) error { n++; return enough }); !errors.Is(err, enough) || n != 1 {
		t.Errorf("stopped after %d: %v", n, err)
	}
}

func twice(t *testing.T, b blobs.Blobs) {
	one, two := Put(t, b, []byte("same")), Put(t, b, []byte("same"))
	if one.Key == two.Key || one.SHA256 != two.SHA256 {
		t.Errorf("%+v, %+v", one, two)
	}
	if err := b.Delete(t.Context(), one.Key); err != nil {
		t.Error(err)
	}
	if got := Get(t, b, two.Key); string(got) != "same" {
		t.Errorf("%q", got)
	}
}

func manyAtOnce(t *testing.T, b blobs.Blobs) {
	var wait sync.WaitGroup
	for i := range 32 {
		wait.Go(func() {
			content := Bytes(uint64(i), 200_000+i)
			info, err := b.Put(t.Context(), iotest.HalfReader(bytes.NewReader(content)), 0)
			if err != nil {
				t.Errorf("put: %v", err)
				return
			}
			r, _, err := b.Open(t.Context(), info.Key)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			defer func() { _ = r.Close() }()
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
				t.Errorf("blob %d has others' bytes: %v", i, err)
			}
		})
	}
	wait.Wait()
	if n := len(Keys(t, b)); n != 32 {
		t.Errorf("%d blobs, want 32", n)
	}
}

// manyBlobs needs more than one page of S3's list, and folders that exist.
func manyBlobs(t *testing.T, b blobs.Blobs) {
	const n = 1100
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range n / 4 {
				if _, err := b.Put(t.Context(), strings.NewReader("x"), 0); err != nil {
					t.Errorf("put: %v", err)
				}
			}
		})
	}
	wait.Wait()
	if got := len(Keys(t, b)); got != n {
		t.Errorf("%d blobs, want %d", got, n)
	}
}

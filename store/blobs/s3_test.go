package blobs_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"loket/store/blobs"
	"loket/store/blobs/blobstest"
	"loket/store/fault"
)

// Errors name what is wrong, and never the secret.
func TestOpenS3Refuses(t *testing.T) {
	_, address := fakeS3(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ address, want string }{
		{"s3://KEY:geheim@" + u.Host + "/another?secure=false&region=us-east-1", "no bucket another"},
		{"s3://KEY:geheim@" + u.Host + "/?secure=false", "missing"},
		{"s3://" + u.Host + "/loket?secure=false", "missing"},
		{"s3://KEY@" + u.Host + "/loket", "missing"},
		{"https://KEY:geheim@" + u.Host + "/loket", "s3://"},
		{"s3://KEY:geh%eim@" + u.Host + "/loket", "percent-encoded"},
		{"s3://KEY:geheim@" + u.Host + "/loket?secure=no", "true or false"},
		{"s3://KEY:geheim@" + u.Host + "/loket?regoin=x", "regoin"},
		{"s3://KEY:geheim@" + u.Host + "/Loket_?secure=false", "Loket_"},
		{"s3://KEY:geheim@127.0.0.1:1/loket?secure=false&region=us-east-1", "bucket loket at 127.0.0.1:1"},
	} {
		_, err := blobs.OpenS3(t.Context(), c.address)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "geh%eim") {
			t.Errorf("%s: %v, want a text with %q", c.address, err, c.want)
		}
	}
}

func TestS3Metadata(t *testing.T) {
	backend, address := fakeS3(t)
	b, err := blobs.Open(t.Context(), address, "")
	if err != nil {
		t.Fatal(err)
	}
	info := blobstest.Put(t, b, []byte("content"))
	o, err := backend.GetObject("loket", info.Key, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Contents.Close() }()
	if got := o.Metadata["X-Amz-Meta-Sha256"]; got != info.SHA256 {
		t.Errorf("metadata %v, want the hash %s", o.Metadata, info.SHA256)
	}
}

// proxy stands before the server and fails when it is told.
type proxy struct {
	fail atomic.Value // func(w, r) bool: true when it answered itself
	next http.Handler
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if fail, ok := p.fail.Load().(func(http.ResponseWriter, *http.Request) bool); ok && fail(w, r) {
		return
	}
	p.next.ServeHTTP(w, r)
}

func (p *proxy) when(method string, do http.HandlerFunc) {
	p.fail.Store(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method && method != "" {
			return false
		}
		do(w, r)
		return true
	})
}

func (p *proxy) never() {
	p.fail.Store(func(http.ResponseWriter, *http.Request) bool { return false })
}

func openProxied(t *testing.T) (*proxy, *blobs.S3) {
	t.Helper()
	_, address := fakeS3(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{next: httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: u.Host})}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	b, err := blobs.OpenS3(t.Context(), strings.Replace(address, u.Host, strings.TrimPrefix(s.URL, "http://"), 1)+"&spool="+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return p, b
}

func refuse(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func TestS3Fails(t *testing.T) {
	p, b := openProxied(t)
	info := blobstest.Put(t, b, []byte("before"))
	wantUnavailable := func(t *testing.T, err error) {
		t.Helper()
		if fault.KindOf(err) != fault.Unavailable || fault.ReasonOf(err) != fault.StoreUnavailable || fault.From(err).Detail != "" {
			t.Errorf("got %v", err)
		}
	}
	content := blobstest.Bytes(1, 1<<20)
	for name, do := range map[string]http.HandlerFunc{
		"refused": refuse(http.StatusForbidden),
		"cut": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, 100_000)
			panic(http.ErrAbortHandler)
		},
		"answered": func(w http.ResponseWriter, r *http.Request) {
			p.next.ServeHTTP(httptest.NewRecorder(), r)
			w.WriteHeader(http.StatusConflict)
		},
	} {
		t.Run("put "+name, func(t *testing.T) {
			p.when(http.MethodPut, do)
			_, err := b.Put(t.Context(), bytes.NewReader(content), 0)
			wantUnavailable(t, err)
			p.never()
			if keys := blobstest.Keys(t, b); len(keys) != 1 {
				t.Errorf("%d blobs, want the one of before", len(keys))
			}
		})
	}
	t.Run("hash asked for in vain", func(t *testing.T) {
		p.when(http.MethodHead, refuse(http.StatusForbidden))
		_, err := b.Put(t.Context(), bytes.NewReader(content), 0)
		wantUnavailable(t, err)
		_, _, err = b.Open(t.Context(), info.Key)
		wantUnavailable(t, err)
		wantUnavailable(t, b.Ping(t.Context()))
		p.never()
		if keys := blobstest.Keys(t, b); len(keys) != 1 {
			t.Errorf("%d blobs, want the one of before", len(keys))
		}
	})
	t.Run("delete", func(t *testing.T) {
		p.when(http.MethodDelete, refuse(http.StatusForbidden))
		wantUnavailable(t, b.Delete(t.Context(), info.Key))
		p.never()
	})
	t.Run("get", func(t *testing.T) {
		r, _, err := b.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		p.when(http.MethodGet, refuse(http.StatusForbidden))
		_, err = io.ReadAll(r)
		wantUnavailable(t, err)
		wantUnavailable(t, b.Walk(t.Context(), func(blobs.Info) error { return nil }))
		p.when(http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "6")
			w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT")
			_, _ = w.Write([]byte("bef"))
			panic(http.ErrAbortHandler)
		})
		_, err = io.ReadAll(r)
		wantUnavailable(t, err)
		p.never()
	})
	t.Run("deleted while open", func(t *testing.T) {
		r, _, err := b.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Close() }()
		if err := b.Delete(t.Context(), info.Key); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Read(make([]byte, 1)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
	})
}

// Nothing that is refused or broken is sent at all.
func TestS3SeesOnlyWhole(t *testing.T) {
	p, b := openProxied(t)
	p.when("", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked: %s", r.Method) })
	if _, err := b.Put(t.Context(), bytes.NewReader(make([]byte, 11)), 10); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("got %v", err)
	}
	broken := io.MultiReader(bytes.NewReader(make([]byte, 11)), iotest.ErrReader(errors.New("reset")))
	if _, err := b.Put(t.Context(), broken, 0); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestS3Spool(t *testing.T) {
	_, address := fakeS3(t)
	dir := t.TempDir()
	b, err := blobs.OpenS3(t.Context(), address+"&spool="+dir)
	if err != nil {
		t.Fatal(err)
	}
	blobstest.Put(t, b, []byte("x"))
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(t.Context(), strings.NewReader("x"), 0); fault.ReasonOf(err) != fault.StoreUnavailable {
		t.Errorf("got %v", err)
	}
	if err := b.Ping(t.Context()); fault.ReasonOf(err) != fault.StoreUnavailable {
		t.Errorf("got %v", err)
	}
}

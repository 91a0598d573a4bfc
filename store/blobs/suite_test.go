package blobs_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"loket/store/blobs"
	"loket/store/blobs/blobstest"
)

func openDisk(t *testing.T) blobs.Blobs {
	t.Helper()
	d, err := blobs.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fakeS3 is a server in this process with the bucket "loket"; it gives its
// address.
func fakeS3(t *testing.T) (*s3mem.Backend, string) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("loket"); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(s.Close)
	return backend, "s3://KEY:geheim@" + strings.TrimPrefix(s.URL, "http://") + "/loket?secure=false&region=us-east-1"
}

func openS3(t *testing.T) blobs.Blobs {
	t.Helper()
	_, address := fakeS3(t)
	b, err := blobs.Open(t.Context(), address, "")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openS3Prefix(t *testing.T) blobs.Blobs {
	t.Helper()
	_, address := fakeS3(t)
	b, err := blobs.OpenS3(t.Context(), strings.Replace(address, "/loket?", "/loket/some/where/?", 1)+"&spool="+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDisk(t *testing.T)     { blobstest.Suite(t, openDisk) }
func TestS3(t *testing.T)       { blobstest.Suite(t, openS3) }
func TestS3Prefix(t *testing.T) { blobstest.Suite(t, openS3Prefix) }

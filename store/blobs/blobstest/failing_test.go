package blobstest_test

import (
	"bytes"
	"errors"
	"syscall"
	"testing"

	"loket/store/blobs"
	"loket/store/blobs/blobstest"
	"loket/store/fault"
)

func open(t *testing.T) blobs.Blobs {
	t.Helper()
	d, err := blobs.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A Failing that is not told to fail is as good as what is within.
func TestNotFailing(t *testing.T) {
	blobstest.Suite(t, func(t *testing.T) blobs.Blobs { return &blobstest.Failing{Blobs: open(t)} })
}

func TestFull(t *testing.T) {
	f := blobstest.Full(open(t), 1000)
	for _, n := range []int{1001, 5_000_000} {
		_, err := f.Put(t.Context(), bytes.NewReader(make([]byte, n)), 0)
		if fault.KindOf(err) != fault.Unavailable || fault.ReasonOf(err) != fault.StoreUnavailable || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if keys := blobstest.Keys(t, f); len(keys) != 0 {
		t.Errorf("%d blobs stay", len(keys))
	}
	if got := blobstest.Get(t, f, blobstest.Put(t, f, make([]byte, 1000)).Key); len(got) != 1000 {
		t.Errorf("%d bytes, want 1000", len(got))
	}
	if f.Puts() != 3 {
		t.Errorf("%d puts counted, want 3", f.Puts())
	}
}

func TestAfterPut(t *testing.T) {
	own := errors.New("own")
	f := &blobstest.Failing{Blobs: open(t), AfterPut: true, Err: own}
	if _, err := f.Put(t.Context(), bytes.NewReader(nil), 0); !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
	if keys := blobstest.Keys(t, f); len(keys) != 1 {
		t.Errorf("%d blobs, want the orphan", len(keys))
	}
}

func TestOthers(t *testing.T) {
	f := &blobstest.Failing{Blobs: open(t), NoOpen: true, NoDelete: true, NoWalk: true, NoPing: true}
	_, _, opened := f.Open(t.Context(), "")
	for what, err := range map[string]error{
		"open": opened, "delete": f.Delete(t.Context(), ""), "walk": f.Walk(t.Context(), nil), "ping": f.Ping(t.Context()),
	} {
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", what, err)
		}
	}
}

package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"loket/store/blobs"
	"loket/store/blobs/blobstest"
	"loket/store/fault"
)

// owner refers to its keys.
type owner struct {
	keys map[string]bool
	err  error
	most int // keys asked for at once
}

func (o *owner) References(_ context.Context, keys []string) (map[string]bool, error) {
	o.most = max(o.most, len(keys))
	known := map[string]bool{}
	for _, k := range keys {
		if o.keys[k] {
			known[k] = true
		}
	}
	return known, o.err
}

func owns(infos ...blobs.Info) *owner {
	o := &owner{keys: map[string]bool{}}
	for _, i := range infos {
		o.keys[i.Key] = true
	}
	return o
}

func later(d time.Duration) func() time.Time {
	return func() time.Time { return time.Now().Add(d) }
}

var quiet = slog.New(slog.DiscardHandler)

// kinds runs a test over all kinds of blobs.
func kinds(t *testing.T, test func(t *testing.T, b blobs.Blobs)) {
	t.Helper()
	t.Run("disk", func(t *testing.T) { test(t, openDisk(t)) })
	t.Run("s3", func(t *testing.T) { test(t, openS3(t)) })
}

func TestSweepOrphans(t *testing.T) {
	kinds(t, func(t *testing.T, b blobs.Blobs) {
		one, two := blobstest.Put(t, b, []byte("one")), blobstest.Put(t, b, []byte("two"))
		blobstest.Put(t, b, []byte("orphan"))
		owners := []blobs.Owner{owns(one), owns(two)}
		n, err := blobs.NewSweeper(b, owners, time.Now, quiet, time.Hour).Once(t.Context())
		if n != 0 || err != nil {
			t.Errorf("removed %d young ones, %v", n, err)
		}
		n, err = blobs.NewSweeper(b, owners, later(2*time.Hour), quiet, time.Hour).Once(t.Context())
		if n != 1 || err != nil {
			t.Errorf("removed %d, %v, want the orphan", n, err)
		}
		for _, i := range []blobs.Info{one, two} {
			blobstest.Get(t, b, i.Key)
		}
		if keys := blobstest.Keys(t, b); len(keys) != 2 {
			t.Errorf("%d are left", len(keys))
		}
	})
}

func TestSweepManyOrphans(t *testing.T) {
	b := openDisk(t)
	var kept []blobs.Info
	for i := range 1203 {
		if info := blobstest.Put(t, b, nil); i%3 == 0 {
			kept = append(kept, info)
		}
	}
	o := owns(kept...)
	n, err := blobs.NewSweeper(b, []blobs.Owner{o}, later(2*time.Hour), quiet, time.Hour).Once(t.Context())
	if n != 802 || err != nil || o.most != 500 {
		t.Errorf("removed %d, %v, asked for %d at once", n, err, o.most)
	}
	if keys := blobstest.Keys(t, b); len(keys) != len(kept) {
		t.Errorf("%d are left, want %d", len(keys), len(kept))
	}
}

// Who cannot be asked might need them all.
func TestSweepRemovesNothingInDoubt(t *testing.T) {
	b := openDisk(t)
	blobstest.Put(t, b, []byte("x"))
	down := errors.New("database away")
	for name, owners := range map[string][]blobs.Owner{
		"no owner":       nil,
		"an owner fails": {owns(), &owner{err: down}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := blobs.NewSweeper(b, owners, later(2*time.Hour), quiet, time.Hour).Once(t.Context())
			if n != 0 || (len(owners) > 0 && !errors.Is(err, down)) {
				t.Errorf("removed %d, %v", n, err)
			}
			if len(blobstest.Keys(t, b)) != 1 {
				t.Error("the blob is gone")
			}
		})
	}
}

func TestSweepBlobsFail(t *testing.T) {
	f := &blobstest.Failing{Blobs: openDisk(t), NoDelete: true}
	blobstest.Put(t, f, []byte("x"))
	s := blobs.NewSweeper(f, []blobs.Owner{owns()}, later(2*time.Hour), quiet, time.Hour)
	if n, err := s.Once(t.Context()); n != 0 || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("removed %d, %v", n, err)
	}
	f.NoDelete, f.NoWalk = false, true
	if n, err := s.Once(t.Context()); n != 0 || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("removed %d, %v", n, err)
	}
	f.NoWalk = false
	if n, err := s.Once(t.Context()); n != 1 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
}

// What a crash left half-written goes, and expired tickets a day later.
func TestSweepLeftoversAndTickets(t *testing.T) {
	db, ts, c := openTickets(t)
	dir := t.TempDir()
	b, err := blobs.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "tmp", "put-half")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(half, time.Time{}, c.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	ticket := func(d time.Duration) string {
		return issue(t, db, ts, blobs.Ticket{API: "capo", Purpose: "upload", Subject: "x", ExpiresAt: c.Now().Add(d)})
	}
	old, recent, valid := ticket(-25*time.Hour), ticket(-23*time.Hour), ticket(time.Hour)
	n, err := blobs.NewSweeper(b, nil, c.Now, quiet, time.Hour).WithTickets(ts).Once(t.Context())
	if n != 2 || err != nil {
		t.Errorf("removed %d, %v, want the half file and the old ticket", n, err)
	}
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the half file: %v", err)
	}
	if _, err := ts.Look(t.Context(), "capo", "upload", valid); err != nil {
		t.Errorf("the valid ticket: %v", err)
	}
	var left int64
	if err := db.Reader(t.Context()).Table("blob_tickets").Count(&left).Error; err != nil || left != 2 {
		t.Errorf("%d tickets are left of %q, %q, %q, %v", left, old, recent, valid, err)
	}
}

// At the start, then each hour, until the context ends; a failure is logged
// and does not end it.
func TestSweepRun(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		disk, err := blobs.OpenDisk(dir)
		if err != nil {
			t.Fatal(err)
		}
		b := &sulking{Blobs: disk}
		var text safeBuilder
		orphan := func() { blobstest.Put(t, b, []byte("x")) }
		count := func() int { return len(blobstest.Keys(t, b.Blobs)) }
		now := func() time.Time { return time.Now().Add(100 * 365 * 24 * time.Hour) } // the bubble's clock starts in 2000
		s := blobs.NewSweeper(b, []blobs.Owner{owns()}, now, slog.New(slog.NewTextHandler(&text, nil)), time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		orphan()
		wait.Go(func() { s.Run(ctx) })
		synctest.Wait()
		if count() != 0 {
			t.Error("not swept at the start")
		}
		orphan()
		time.Sleep(59 * time.Minute)
		synctest.Wait()
		if count() != 1 {
			t.Error("swept before the hour")
		}
		b.on.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if !strings.Contains(text.String(), "level=ERROR") {
			t.Errorf("the failure is not in the log: %s", text.String())
		}
		b.on.Store(false)
		time.Sleep(time.Hour)
		synctest.Wait()
		if count() != 0 {
			t.Error("not swept in the hour after the failure")
		}
		cancel()
		wait.Wait()
	})
}

// sulking fails each Walk while it is on; it may be switched at any time.
type sulking struct {
	blobs.Blobs

	on atomic.Bool
}

func (s *sulking) Walk(ctx context.Context, fn func(blobs.Info) error) error {
	if s.on.Load() {
		return errors.New("sulking")
	}
	return s.Blobs.Walk(ctx, fn)
}

type safeBuilder struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safeBuilder) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuilder) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestCopy(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) blobs.Blobs{"disk": openDisk, "s3": openS3} {
		t.Run("to "+name, func(t *testing.T) {
			kinds(t, func(t *testing.T, from blobs.Blobs) {
				to, ok := open(t).(blobs.Target)
				if !ok {
					t.Fatal("no target")
				}
				for i := range 20 {
					blobstest.Put(t, from, blobstest.Bytes(uint64(i), i*1000))
				}
				c, err := blobs.Copy(t.Context(), from, to)
				if want := (blobs.Copied{Blobs: 20, Bytes: 190_000}); c != want || err != nil {
					t.Errorf("copied %+v, %v, want %+v", c, err, want)
				}
				for _, key := range blobstest.Keys(t, from) {
					if !bytes.Equal(blobstest.Get(t, to, key), blobstest.Get(t, from, key)) {
						t.Errorf("%s has other bytes", key)
					}
				}
				blobstest.Put(t, from, []byte("new"))
				c, err = blobs.Copy(t.Context(), from, to)
				if want := (blobs.Copied{Blobs: 1, Bytes: 3, Present: 20}); c != want || err != nil {
					t.Errorf("copied %+v, %v, want %+v", c, err, want)
				}
			})
		})
	}
}

// A damaged blob is told, not copied, and does not keep the others.
func TestCopyDamaged(t *testing.T) {
	dir := t.TempDir()
	from, err := blobs.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	to, err := blobs.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		blobstest.Put(t, from, []byte("content"))
	}
	bad := blobstest.Keys(t, from)[0]
	if err := os.WriteFile(filepath.Join(dir, bad[:2], bad), []byte("CONTENT"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := blobs.Copy(t.Context(), from, to)
	if want := (blobs.Copied{Blobs: 2, Bytes: 14, Damaged: 1}); c != want || err == nil || !strings.Contains(err.Error(), bad) {
		t.Errorf("copied %+v, %v, want %+v and the name of %s", c, err, want, bad)
	}
	if keys := blobstest.Keys(t, to); len(keys) != 2 {
		t.Errorf("%d are there", len(keys))
	}
}

func TestCopyFails(t *testing.T) {
	from := openDisk(t)
	blobstest.Put(t, from, []byte("x"))
	to, err := blobs.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blobs.Copy(t.Context(), &blobstest.Failing{Blobs: from, NoOpen: true}, to); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}

func TestOpenChooses(t *testing.T) {
	dir := t.TempDir()
	b, err := blobs.Open(t.Context(), "", dir)
	if _, ok := b.(*blobs.Disk); !ok || err != nil {
		t.Errorf("%T, %v", b, err)
	}
}

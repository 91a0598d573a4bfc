package blobs

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"loket/store/fault"
)

// faulty is a file on a disk that fails.
type faulty struct {
	*os.File
	writes           int64 // bytes until the disk is full
	noSync, badClose bool
}

func (f *faulty) Write(p []byte) (int, error) {
	if f.writes -= int64(len(p)); f.writes < 0 {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return f.File.Write(p)
}

func (f *faulty) Sync() error {
	if f.noSync {
		return syscall.EIO
	}
	return f.File.Sync()
}

func (f *faulty) Close() error {
	if err := f.File.Close(); err != nil || !f.badClose {
		return err
	}
	return syscall.EIO
}

// files are all files below dir.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A disk that fails at any step is a fault of ours, leaves nothing, and harms
// nothing that is there.
func TestDiskFails(t *testing.T) {
	const all = 1 << 40
	for name, create := range map[string]func(*os.File) (file, error){
		"no file":      func(f *os.File) (file, error) { _ = f.Close(); _ = os.Remove(f.Name()); return nil, syscall.ENOSPC },
		"full at once": func(f *os.File) (file, error) { return &faulty{File: f}, nil },
		"full midway":  func(f *os.File) (file, error) { return &faulty{File: f, writes: 300_000}, nil },
		"sync":         func(f *os.File) (file, error) { return &faulty{File: f, writes: all, noSync: true}, nil },
		"close":        func(f *os.File) (file, error) { return &faulty{File: f, writes: all, badClose: true}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			d, err := OpenDisk(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			before, err := d.Put(t.Context(), strings.NewReader("before"), 0)
			if err != nil {
				t.Fatal(err)
			}
			d.create = func(dir string) (file, error) {
				f, err := os.CreateTemp(dir, "put-*")
				if err != nil {
					return nil, err
				}
				return create(f)
			}
			_, err = d.Put(t.Context(), bytes.NewReader(make([]byte, 1<<20)), 0)
			if fault.KindOf(err) != fault.Unavailable || fault.ReasonOf(err) != fault.StoreUnavailable {
				t.Errorf("got %v", err)
			}
			if detail := fault.From(err).Detail; detail != "" {
				t.Errorf("a client sees %q", detail)
			}
			if left := files(t, d.dir); len(left) != 1 || filepath.Base(left[0]) != before.Key {
				t.Errorf("left: %v", left)
			}
			d.create = createFile
			if _, err := d.Put(t.Context(), strings.NewReader("after"), 0); err != nil {
				t.Errorf("after it: %v", err)
			}
		})
	}
}

// The name of a blob cannot be given.
func TestDiskCannotName(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 256 { // files where folders are needed
		if err := os.WriteFile(filepath.Join(d.dir, string("0123456789abcdef"[i/16])+string("0123456789abcdef"[i%16])), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err = d.Put(t.Context(), strings.NewReader("x"), 0)
	if fault.ReasonOf(err) != fault.StoreUnavailable {
		t.Errorf("got %v", err)
	}
	if left := files(t, filepath.Join(d.dir, tmpDir)); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestDiskFullPing(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d.create = func(dir string) (file, error) {
		f, err := os.CreateTemp(dir, "put-*")
		return &faulty{File: f}, err
	}
	if err := d.Ping(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	if left := files(t, d.dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestOpenDiskRefuses(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", taken, filepath.Join(taken, "below")} {
		if _, err := OpenDisk(dir); err == nil {
			t.Errorf("%q was taken", dir)
		}
	}
}

// Nothing can be seen under a key before it is whole.
func TestDiskShowsOnlyWhole(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { _, err := d.Put(context.WithoutCancel(t.Context()), r, 0); done <- err }()
	if _, err := w.Write(make([]byte, 1<<20)); err != nil { // returns when all was read
		t.Fatal(err)
	}
	if err := d.Walk(t.Context(), func(i Info) error { t.Errorf("there is %+v", i); return nil }); err != nil {
		t.Error(err)
	}
	if n := len(files(t, d.dir)); n != 1 {
		t.Errorf("%d files while writing, want the temporary one", n)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What is no blob of ours is neither told nor removed.
func TestDiskPassesOverOthers(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	info, err := d.Put(t.Context(), strings.NewReader("x"), 0)
	if err != nil {
		t.Fatal(err)
	}
	wrongShard := "00"
	if info.Key[:2] == wrongShard {
		wrongShard = "01"
	}
	if err := os.MkdirAll(filepath.Join(d.dir, wrongShard), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"README", "lost+found", wrongShard + "/" + info.Key, info.Key[:2] + "/note.txt"} {
		if err := os.WriteFile(filepath.Join(d.dir, path), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	if err := d.Walk(t.Context(), func(i Info) error {
		n++
		if i != info {
			t.Errorf("%+v", i)
		}
		return nil
	}); err != nil || n != 1 {
		t.Errorf("%d blobs, %v", n, err)
	}
}

func TestRemoveLeftovers(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, age := range map[string]time.Duration{"put-old": 2 * time.Hour, "put-young": time.Minute} {
		path := filepath.Join(d.dir, tmpDir, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	n, err := d.removeLeftovers(t.Context(), now.Add(-time.Hour))
	if left := files(t, d.dir); n != 1 || err != nil || len(left) != 1 || filepath.Base(left[0]) != "put-young" {
		t.Errorf("removed %d, %v, left %v", n, err, left)
	}
}

// 50 MB cost a buffer and some names.
func TestDiskMemory(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const size = 50 << 20
	put := func() {
		info, err := d.Put(t.Context(), io.LimitReader(zeros{}, size), size)
		if err != nil || info.Size != size {
			t.Fatalf("%+v, %v", info, err)
		}
		if err := d.Delete(t.Context(), info.Key); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	put()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 2*bufferSize {
		t.Errorf("allocated %d bytes for a file of %d, want %d at most", used, size, 2*bufferSize)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTransferReadsNothingMore(t *testing.T) {
	r := &counting{left: 10}
	size, _, err := transfer(t.Context(), io.Discard, r, 10)
	if size != 10 || err != nil {
		t.Errorf("%d, %v", size, err)
	}
	if r.after != 1 {
		t.Errorf("read %d times at the end, want once", r.after)
	}
}

type counting struct{ left, after int }

func (c *counting) Read(p []byte) (int, error) {
	if c.left == 0 {
		c.after++
		return 0, io.EOF
	}
	n := min(c.left, len(p))
	c.left -= n
	return n, nil
}

package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Disk keeps blobs as files in a folder:
//
//	tmp/…          being written, of no meaning after a crash
//	3f/3f2a…       one file a blob, its name the key, 256 folders
//
// The folder may be copied while the program runs, and put back as it is.
type Disk struct {
	dir    string
	create func(dir string) (file, error) // a file with a new name in dir
}

// file is what Put needs of *os.File; tests put failing ones in its place.
type file interface {
	io.Writer
	Name() string
	Sync() error
	Close() error
}

const tmpDir = "tmp"

// OpenDisk keeps blobs in dir, which is made when missing. It fails when
// nothing can be written there.
func OpenDisk(dir string) (*Disk, error) {
	if dir == "" {
		return nil, errors.New("blobs: a folder is needed")
	}
	d := &Disk{dir: filepath.Clean(dir), create: createFile}
	if err := os.MkdirAll(filepath.Join(d.dir, tmpDir), 0o700); err != nil {
		return nil, fmt.Errorf("blobs: cannot make the folder for files: %w", err)
	}
	if err := d.try(); err != nil {
		return nil, fmt.Errorf("blobs: cannot write in the folder for files: %w", err)
	}
	return d, nil
}

func createFile(dir string) (file, error) { return os.CreateTemp(dir, "put-*") }

// Put writes under a temporary name, and gives the key's name to what is whole
// and on the disk. See Blobs.
func (d *Disk) Put(ctx context.Context, r io.Reader, limit int64) (Info, error) {
	return d.put(ctx, r, limit, newKey)
}

func (d *Disk) put(ctx context.Context, r io.Reader, limit int64, name namer) (_ Info, err error) {
	f, err := d.create(filepath.Join(d.dir, tmpDir))
	if err != nil {
		return Info{}, unavailable(err, "making a file")
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first failure counts; the sweep takes what stays
		}
	}()
	size, sum, err := fill(ctx, f, r, limit)
	if err != nil {
		return Info{}, err
	}
	key, err := name(sum)
	if err != nil {
		return Info{}, err
	}
	at, err := d.publish(f.Name(), key)
	if err != nil {
		_ = os.Remove(d.path(key))
		return Info{}, unavailable(err, "naming a file")
	}
	return Info{Key: key, Size: size, SHA256: sumOf(key), ModifiedAt: at}, nil
}

// fill writes r to f, whole and on the disk, and closes it in any case.
func fill(ctx context.Context, f file, r io.Reader, limit int64) (int64, []byte, error) {
	size, sum, err := transfer(ctx, f, r, limit)
	if err != nil {
		_ = f.Close()
		return 0, nil, err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return 0, nil, unavailable(err, "writing")
	}
	if err := f.Close(); err != nil {
		return 0, nil, unavailable(err, "writing")
	}
	return size, sum, nil
}

// publish moves the file to its key and tells its time. A name is safe against
// a power cut when the folder that holds it is, and a new folder when its
// parent is.
func (d *Disk) publish(from, key string) (time.Time, error) {
	to := d.path(key)
	shard := filepath.Dir(to)
	switch err := os.Mkdir(shard, 0o700); {
	case err == nil:
		if err := syncDir(d.dir); err != nil {
			return time.Time{}, err
		}
	case !errors.Is(err, fs.ErrExist):
		return time.Time{}, err
	}
	if err := os.Rename(from, to); err != nil {
		return time.Time{}, err
	}
	stat, err := os.Stat(to)
	if err != nil {
		return time.Time{}, err
	}
	return stat.ModTime().UTC(), syncDir(shard)
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}

func (d *Disk) path(key string) string { return filepath.Join(d.dir, filepath.FromSlash(Path(key))) }

// Path is where a disk keeps a blob, below its folder and with slashes; a
// backup that keeps to it can be unpacked in place.
func Path(key string) string { return key[:2] + "/" + key }

// Open reads a blob; see Blobs. The reader is an *os.File, so that a server
// can hand it to the kernel.
func (d *Disk) Open(_ context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if !validKey(key) {
		return nil, Info{}, missing()
	}
	f, err := os.Open(d.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Info{}, missing()
	}
	if err != nil {
		return nil, Info{}, unavailable(err, "opening")
	}
	stat, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, Info{}, unavailable(err, "opening")
	}
	return f, infoOf(key, stat), nil
}

func infoOf(key string, stat fs.FileInfo) Info {
	return Info{Key: key, Size: stat.Size(), SHA256: sumOf(key), ModifiedAt: stat.ModTime().UTC()}
}

// Delete forgets a blob; see Blobs.
func (d *Disk) Delete(_ context.Context, key string) error {
	if !validKey(key) {
		return nil
	}
	if err := os.Remove(d.path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable(err, "deleting")
	}
	return nil
}

// Walk tells of every blob; see Blobs. Files that are not ours are passed
// over.
func (d *Disk) Walk(ctx context.Context, fn func(Info) error) error {
	shards, err := os.ReadDir(d.dir)
	if err != nil {
		return unavailable(err, "listing")
	}
	for _, shard := range shards {
		if !shard.IsDir() || len(shard.Name()) != 2 {
			continue
		}
		if err := d.walkShard(ctx, shard.Name(), fn); err != nil {
			return err
		}
	}
	return nil
}

func (d *Disk) walkShard(ctx context.Context, shard string, fn func(Info) error) error {
	files, err := os.ReadDir(filepath.Join(d.dir, shard))
	if err != nil {
		return unavailable(err, "listing")
	}
	for _, f := range files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !validKey(f.Name()) || f.Name()[:2] != shard {
			continue
		}
		stat, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return unavailable(err, "listing")
		}
		if err := fn(infoOf(f.Name(), stat)); err != nil {
			return err
		}
	}
	return nil
}

// Ping makes a file and removes it.
func (d *Disk) Ping(context.Context) error {
	if err := d.try(); err != nil {
		return unavailable(err, "trying the folder")
	}
	return nil
}

func (d *Disk) try() error {
	f, err := d.create(filepath.Join(d.dir, tmpDir))
	if err != nil {
		return err
	}
	_, err = f.Write([]byte{0}) // a full disk still makes empty files
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// removeLeftovers removes what a crash left half-written. A file that is being
// written is younger than before, because each write makes it young again.
func (d *Disk) removeLeftovers(ctx context.Context, before time.Time) (int, error) {
	tmp := filepath.Join(d.dir, tmpDir)
	files, err := os.ReadDir(tmp)
	if err != nil {
		return 0, unavailable(err, "listing")
	}
	removed := 0
	for _, f := range files {
		if ctx.Err() != nil {
			return removed, context.Cause(ctx)
		}
		stat, err := f.Info()
		if err != nil || !stat.ModTime().Before(before) {
			continue // finished meanwhile, or still young
		}
		if err := os.Remove(filepath.Join(tmp, f.Name())); err == nil {
			removed++
		}
	}
	return removed, nil
}

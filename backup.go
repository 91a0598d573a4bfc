package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"loket/store/blobs"
	"loket/store/fault"
)

// backup writes a tar that, unpacked into an empty data folder, is the store:
// loket.db first, then blobs/. The database is copied in one moment; the blobs
// that it refers to were whole before and are never changed, so they can follow
// while others write.
func backup(ctx context.Context, c call) (err error) {
	if err := c.want(1, "backup FILE.tar"); err != nil {
		return err
	}
	file := c.args[0]
	if _, err := os.Stat(file); err == nil {
		return usagef("%s is there already; a backup overwrites nothing", file)
	}
	return withStores(ctx, c, func(s *stores) error {
		temp, err := os.MkdirTemp(filepath.Dir(file), ".backup-*")
		if err != nil {
			return usagef("the backup cannot be written (%v)", reason(err))
		}
		defer os.RemoveAll(temp)
		database := filepath.Join(temp, "loket.db")
		if err := s.db.Backup(ctx, database); err != nil {
			return err
		}
		count, err := writeBackup(ctx, c, s.blobs, database, filepath.Join(temp, "backup.tar"))
		if err != nil {
			return err
		}
		if err := os.Link(filepath.Join(temp, "backup.tar"), file); err != nil {
			return fmt.Errorf("the backup %s: %w", file, err)
		}
		fmt.Fprintf(c.out, "%s holds the database and %d blobs; to restore: stop loket, then tar -xf %s -C an empty data folder\n", file, count, file)
		return syncDir(filepath.Dir(file))
	})
}

func writeBackup(ctx context.Context, c call, b blobs.Blobs, database, file string) (count int, err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("the backup cannot be written: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := tar.NewWriter(f)
	d, err := os.Open(database)
	if err != nil {
		return 0, err
	}
	defer d.Close()
	stat, err := d.Stat()
	if err != nil {
		return 0, err
	}
	if err := entry(w, "loket.db", stat.Size(), stat.ModTime(), d); err != nil {
		return 0, err
	}
	p := newProgress(c.err, "blobs")
	err = b.Walk(ctx, func(i blobs.Info) error {
		r, info, err := b.Open(ctx, i.Key)
		if err != nil && fault.KindOf(err) == fault.NotFound {
			return nil // the sweep took it: no row needs it
		}
		if err != nil {
			return err
		}
		defer r.Close()
		count++
		p.show(count, count)
		return entry(w, "blobs/"+blobs.Path(i.Key), info.Size, info.ModifiedAt, r)
	})
	p.end()
	return count, errors.Join(err, w.Close(), f.Sync())
}

func entry(w *tar.Writer, name string, size int64, modified time.Time, r io.Reader) error {
	if err := w.WriteHeader(&tar.Header{Name: name, Size: size, ModTime: modified, Mode: 0o600, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(ignoreInvalid(d.Sync()), d.Close())
}

// ignoreInvalid passes over file systems that cannot sync a folder.
func ignoreInvalid(err error) error {
	if errors.Is(err, fs.ErrInvalid) {
		return nil
	}
	return err
}

// check reads every blob that a row refers to and compares it with the row.
func check(ctx context.Context, c call) error {
	return withStores(ctx, c, func(s *stores) error {
		documents, err := s.plooi(c.config)
		if err != nil {
			return err
		}
		var damage []string
		checked := 0
		for _, room := range []func(context.Context, func(done, total int)) ([]string, int, error){s.capo().Check, s.vemap().Check, documents.Check, s.gever(c.config).Check} {
			p := newProgress(c.err, "files")
			found, n, err := room(ctx, p.show)
			p.end()
			if err != nil {
				return err
			}
			damage, checked = append(damage, found...), checked+n
		}
		for _, d := range damage {
			fmt.Fprintln(c.out, d)
		}
		if len(damage) > 0 {
			return fmt.Errorf("%d of %d files are damaged", len(damage), checked)
		}
		fmt.Fprintf(c.out, "%d files are as they were delivered\n", checked)
		return s.checkKonova(ctx, c)
	})
}

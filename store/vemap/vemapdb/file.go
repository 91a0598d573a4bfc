package vemapdb

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/vemap"
)

// Link is a signed address, relative to the API's base: path and query.
type Link struct{ Path string }

func (d *DB) upload(f vemap.File, now time.Time) *Link {
	a := vemap.Address{Method: "PUT", FileID: f.ID, Type: f.FileType, Size: f.Size, Expires: now.Add(vemap.AddressLifetime)}
	q := url.Values{"expires": {strconv.FormatInt(a.Expires.Unix(), 10)}, "signature": {a.Signature(d.keys.address)}}
	return &Link{Path: "/upload/" + f.ID + "?" + q.Encode()}
}

func (d *DB) download(f vemap.File, action string, expires time.Time) *Link {
	a := vemap.Address{Method: "GET", FileID: f.ID, Type: f.FileType, Size: f.Size, Action: action, Expires: expires}
	q := url.Values{"action": {action}, "expires": {strconv.FormatInt(expires.Unix(), 10)}, "signature": {a.Signature(d.keys.address)}}
	return &Link{Path: "/download/" + f.ID + "?" + q.Encode()}
}

// FilePage is how files are asked for; empty Type and Status are all.
type FilePage struct {
	Type, Status  string
	Limit, Offset int
}

// Files are the current files of a closure, archived ones only when asked for
// (4.7), and how many there are without the page.
func (d *DB) Files(ctx context.Context, a vemap.Actor, closureID string, p FilePage) ([]vemap.File, int64, error) {
	var out []vemap.File
	var total int64
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		c, err := closure(tx, a, vemap.GetFiles, closureID)
		if err != nil {
			return err
		}
		q := tx.Model(&fileRow{}).Where("closure_id = ? AND deleted_at IS NULL", c.ID)
		if p.Status == vemap.StatusArchived {
			q = q.Where("archived")
		} else {
			q = q.Where("current AND NOT archived")
			if p.Status != "" {
				q = q.Where("status = ?", p.Status)
			}
		}
		if p.Type != "" {
			q = q.Where("type = ?", p.Type)
		}
		q = q.Session(&gorm.Session{})
		if err := q.Count(&total).Error; err != nil {
			return err
		}
		var rs []fileRow
		if err := q.Order("created_at, id").Limit(p.Limit).Offset(p.Offset).Find(&rs).Error; err != nil {
			return err
		}
		out, err = fromFiles(rs)
		return err
	})
	return out, total, err
}

func fromFiles(rs []fileRow) ([]vemap.File, error) {
	out := make([]vemap.File, len(rs))
	for i, r := range rs {
		f, err := r.fromDB()
		if err != nil {
			return nil, err
		}
		out[i] = f
	}
	return out, nil
}

// File is one file, and the address of its bytes once they are there.
func (d *DB) File(ctx context.Context, a vemap.Actor, id, action string) (vemap.File, *Link, error) {
	if err := d.ready(ctx); err != nil {
		return vemap.File{}, nil, err
	}
	_, f, err := file(d.DB.Reader(ctx), a, vemap.GetFile, id)
	if err != nil || !f.Stored {
		return f, nil, err
	}
	return f, d.download(f, action, d.Now().Add(vemap.AddressLifetime)), nil
}

// CreateFile announces a file and gives the address for its bytes (operation
// 30). NotFound for a closure out of reach; see NewFile.Announce for the rest.
// A version that becomes current puts the former one out.
func (d *DB) CreateFile(ctx context.Context, a vemap.Actor, n vemap.NewFile) (vemap.File, *Link, error) {
	if err := d.ready(ctx); err != nil {
		return vemap.File{}, nil, err
	}
	now := d.Now()
	var out vemap.File
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		c, err := lockClosure(tx, a, vemap.CreateFile, n.ClosureID)
		if err != nil {
			return err
		}
		siblings, err := versions(tx, vemap.File{ClosureID: c.ID, Type: n.Type, Name: n.Name})
		if err != nil {
			return err
		}
		f, err := n.Announce(c, siblings, a, now)
		if err != nil {
			return err
		}
		f.ID = d.id(vemap.PrefixFile)
		if f.Current {
			if err := versionsOf(tx, f).Where("current").Updates(map[string]any{"current": false, "version": gorm.Expr("version + 1")}).Error; err != nil {
				return err
			}
		}
		r, err := toDB(f, fileRow{})
		if err != nil {
			return err
		}
		if err := tx.Create(&r).Error; err != nil {
			return err
		}
		out = f
		e := fileEventRow{ClosureID: c.ID, Name: f.Name, Type: f.Type, Number: int64(f.Version), CreatedBy: a.UserID, UserName: a.Name, CreatedAt: store.At(now)}
		return tx.Create(&e).Error
	})
	if err != nil {
		return vemap.File{}, nil, err
	}
	return out, d.upload(out, now), nil
}

// versionsOf are the versions of a file, itself too (vemap.File.SameFile).
func versionsOf(tx *gorm.DB, f vemap.File) *gorm.DB {
	q := tx.Model(&fileRow{}).Where("closure_id = ? AND type = ? AND deleted_at IS NULL", f.ClosureID, f.Type)
	if f.Type != vemap.TypePlan {
		q = q.Where("name = ?", f.Name)
	}
	return q
}

func versions(tx *gorm.DB, f vemap.File) ([]vemap.File, error) {
	var rs []fileRow
	if err := versionsOf(tx, f).Order("number").Find(&rs).Error; err != nil {
		return nil, err
	}
	return fromFiles(rs)
}

// UpdateFile changes a file (operation 31). Versions keep together: a new name
// goes to all versions of a support file, and Conflict is the answer to one
// that another file of the closure has. A former final plan becomes active.
func (d *DB) UpdateFile(ctx context.Context, a vemap.Actor, id string, c vemap.FileChange) (vemap.File, error) {
	now := d.Now()
	var out vemap.File
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		r, f, err := d.lockFile(tx, a, vemap.UpdateFile, id)
		if err != nil {
			return err
		}
		before := f
		if err := f.Change(c, a, now); err != nil {
			return err
		}
		if f.Status == vemap.StatusFinal {
			if err := freeFinal(tx, f, now); err != nil {
				return err
			}
		}
		if f.Name != before.Name && f.Type == vemap.TypeSupport {
			if err := renameVersions(tx, before, f.Name); err != nil {
				return err
			}
		}
		row, err := toDB(f, *r)
		if err != nil {
			return err
		}
		out = f
		return store.Update(tx, &row)
	})
	return out, err
}

// lockFile finds a file and locks its closure, then reads it as it is now.
func (d *DB) lockFile(tx *gorm.DB, a vemap.Actor, op vemap.Operation, id string) (*fileRow, vemap.File, error) {
	_, f, err := file(tx, a, op, id)
	if err != nil {
		return nil, vemap.File{}, err
	}
	if f.ClosureID == "" {
		return file(store.Lock(tx), a, op, id)
	}
	if _, err := lockClosure(tx, a, op, f.ClosureID); err != nil {
		return nil, vemap.File{}, missing(err, "File")
	}
	return file(tx, a, op, id)
}

// freeFinal makes the closure's former final plan active again: there is one.
func freeFinal(tx *gorm.DB, f vemap.File, now time.Time) error {
	return tx.Model(&fileRow{}).
		Where("closure_id = ? AND type = ? AND status = ? AND id <> ? AND deleted_at IS NULL", f.ClosureID, vemap.TypePlan, vemap.StatusFinal, f.ID).
		Updates(map[string]any{"status": vemap.StatusActive, "updated_at": store.At(now), "version": gorm.Expr("version + 1")}).Error
}

// renameVersions gives the other versions of a support file its new name.
func renameVersions(tx *gorm.DB, before vemap.File, name string) error {
	others, err := versions(tx, vemap.File{ClosureID: before.ClosureID, Type: before.Type, Name: name})
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return vemap.NameTaken()
	}
	var rs []fileRow
	if err := versionsOf(tx, before).Where("id <> ?", before.ID).Find(&rs).Error; err != nil {
		return err
	}
	for _, r := range rs {
		f, err := r.fromDB()
		if err != nil {
			return err
		}
		f.Rename(name)
		row, err := toDB(f, r)
		if err != nil {
			return err
		}
		if err := store.Update(tx, &row); err != nil {
			return err
		}
	}
	return nil
}

// DeleteFile removes a file version: the record stays for what names it, the
// bytes go after the commit, and of what is left the highest version becomes
// current (4.7).
func (d *DB) DeleteFile(ctx context.Context, a vemap.Actor, id string) (vemap.File, error) {
	now := d.Now()
	var out vemap.File
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		r, f, err := d.lockFile(tx, a, vemap.DeleteFile, id)
		if err != nil {
			return err
		}
		if err := f.MayDelete(a); err != nil {
			return err
		}
		out = f
		r.DeletedAt, r.BlobKey, r.Current = store.NullAt(&now), nil, false
		if err := store.Update(tx, r); err != nil {
			return err
		}
		if !f.Current || f.ClosureID == "" {
			return nil
		}
		var next []fileRow
		if err := versionsOf(tx, f).Order("number DESC").Limit(1).Find(&next).Error; err != nil || len(next) == 0 {
			return err
		}
		next[0].Current = true
		return store.Update(tx, &next[0])
	})
	if err != nil {
		return vemap.File{}, err
	}
	if out.BlobKey != "" {
		d.dropBlobs(ctx, out.BlobKey)
	}
	return out, nil
}

// Signed is what a signed address carries in its query.
type Signed struct{ Action, Expires, Signature string }

func (s Signed) address(method string, f vemap.File) vemap.Address {
	at, err := strconv.ParseInt(s.Expires, 10, 64)
	if err != nil || strconv.FormatInt(at, 10) != s.Expires {
		at = 0 // long gone
	}
	return vemap.Address{Method: method, FileID: f.ID, Type: f.FileType, Size: f.Size, Action: s.Action, Expires: time.Unix(at, 0)}
}

// signedFile is the file behind an address. An address of nothing is as good as
// an altered one: Forbidden, unless its signature was ours once.
func (d *DB) signedFile(ctx context.Context, method, id string, s Signed) (vemap.File, error) {
	if err := d.ready(ctx); err != nil {
		return vemap.File{}, err
	}
	r, err := store.First[fileRow](d.DB.Reader(ctx), "id = ?", id)
	if err != nil {
		if fault.ReasonOf(err) == fault.Missing {
			return vemap.File{}, fault.New(fault.Forbidden, vemap.AddressRefused, "This address is not valid, or no longer")
		}
		return vemap.File{}, err
	}
	f, err := r.fromDB()
	if err != nil {
		return vemap.File{}, err
	}
	if err := s.address(method, f).Check(d.keys.address, s.Signature, d.Now()); err != nil {
		return vemap.File{}, err
	}
	if r.DeletedAt.Valid {
		return vemap.File{}, vemap.Missing("File")
	}
	return f, nil
}

// Upload is what comes to a signed upload address.
type Upload struct {
	FileID, ContentType string
	Length              int64 // -1: not announced
	Body                io.Reader
	Signed              Signed
}

// Receive takes the bytes of an announced file, once. Forbidden for an address
// that was altered or has run out, Conflict when the bytes are there,
// UnsupportedMedia and Invalid for another type or size than announced,
// TooLarge above 100 MiB; then nothing stays.
func (d *DB) Receive(ctx context.Context, u Upload) (vemap.File, error) {
	f, err := d.signedFile(ctx, "PUT", u.FileID, u.Signed)
	if err != nil {
		return vemap.File{}, err
	}
	if err := f.Accept(u.ContentType, u.Length); err != nil {
		return vemap.File{}, err
	}
	info, err := d.Blobs.Put(ctx, u.Body, f.Size)
	if fault.ReasonOf(err) == fault.BodyTooLarge {
		return vemap.File{}, vemap.OtherSize(f.Size)
	}
	if err != nil {
		return vemap.File{}, err
	}
	if info.Size != f.Size {
		d.dropBlobs(ctx, info.Key)
		return vemap.File{}, vemap.OtherSize(f.Size)
	}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		r, err := store.First[fileRow](store.Lock(tx), "id = ? AND deleted_at IS NULL", f.ID)
		if err != nil {
			return missing(err, "File")
		}
		if f, err = r.fromDB(); err != nil {
			return err
		}
		if err := f.Receive(info.Key, info.SHA256, d.Now()); err != nil {
			return err
		}
		row, err := toDB(f, *r)
		if err != nil {
			return err
		}
		return store.Update(tx, &row)
	})
	if err != nil {
		d.dropBlobs(ctx, info.Key)
		return vemap.File{}, err
	}
	return f, nil
}

// Fetch opens the bytes behind a signed download address; the caller closes
// them.
func (d *DB) Fetch(ctx context.Context, id string, s Signed) (vemap.File, io.ReadSeekCloser, error) {
	f, err := d.signedFile(ctx, "GET", id, s)
	if err != nil {
		return vemap.File{}, nil, err
	}
	body, _, err := d.Blobs.Open(ctx, f.BlobKey)
	if err != nil {
		return vemap.File{}, nil, missing(err, "File")
	}
	return f, body, nil
}

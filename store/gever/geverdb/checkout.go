package geverdb

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"time"

	"crypto/rand"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// document is writable for documents and mails; another type has no such
// endpoint.
func (d *DB) document(tx *gorm.DB, user, path string) (*spot, error) {
	s, err := d.locked(tx, user, path)
	if err != nil {
		return nil, err
	}
	if !s.kind().Documentish() {
		return nil, gever.Missing()
	}
	return s, nil
}

func (d *DB) onDocument(ctx context.Context, user, path string, fn func(tx *gorm.DB, s *spot) error) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.document(tx, user, path)
		if err != nil {
			return err
		}
		return fn(tx, s)
	})
}

// Checkout gives a document to its editor; CheckoutRefused when another has it
// or it may not be changed.
func (d *DB) Checkout(ctx context.Context, user, path string) error {
	return d.onDocument(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		row := s.self()
		held := row.lock(d.Now())
		if row.CheckedOutBy != "" || !s.place().MayModify() || (held != nil && held.By != user) || s.kind().Name != gever.DocumentType {
			return fault.New(fault.Forbidden, gever.CheckoutRefused, "msg_checkout_disallowed")
		}
		row.CheckedOutBy = user
		if f := s.mine().StoredOf(s.kind().File); f != nil {
			row.BeforeFile = textOf(f)
		} else {
			row.BeforeFile = ""
		}
		return store.Update(tx, row)
	})
}

// Checkin gives a document back and makes a version; the first makes also
// version 0, of how the document was before.
func (d *DB) Checkin(ctx context.Context, user, path, comment string) error {
	return d.onDocument(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		row := s.self()
		if row.CheckedOutBy != user || !s.place().MayModify() {
			return fault.New(fault.Forbidden, gever.CheckinRefused, "msg_checkin_disallowed")
		}
		if row.Versions == 0 {
			first := versionRow{ObjectID: row.ID, Actor: row.Creator, At: row.CreatedAt, File: row.BeforeFile}
			if err := tx.Create(&first).Error; err != nil {
				return store.Translate(err)
			}
			row.Versions = 1
		}
		row.CheckedOutBy, row.BeforeFile = "", ""
		return d.version(tx, s, user, comment)
	})
}

// version writes the document as it is now as the next version.
func (d *DB) version(tx *gorm.DB, s *spot, user, comment string) error {
	row, now := s.self(), store.At(d.Now())
	v := versionRow{ObjectID: row.ID, Number: row.Versions, Actor: user, Comments: comment, At: now}
	if f := s.mine().StoredOf(s.kind().File); f != nil {
		v.File = textOf(f)
	}
	if err := tx.Create(&v).Error; err != nil {
		return store.Translate(err)
	}
	row.Versions++
	row.Revision++
	row.ModifiedAt, row.ChangedAt = now, now
	return store.Update(tx, row)
}

// CancelCheckout gives a document back as it was before.
func (d *DB) CancelCheckout(ctx context.Context, user, path string) error {
	return d.onDocument(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		row := s.self()
		if row.CheckedOutBy == "" || (row.CheckedOutBy != user && !s.roles.MayAdminister()) {
			return fault.New(fault.Forbidden, gever.CancelRefused, "msg_cancel_checkout_disallowed")
		}
		values, file := s.mine(), s.kind().File
		now := values.StoredOf(file)
		delete(values, file)
		if row.BeforeFile != "" {
			before, err := valuesOf(row.BeforeFile)
			if err != nil {
				return err
			}
			values[file] = map[string]any(before)
		}
		if then := values.StoredOf(file); now != nil && (then == nil || then.Blob != now.Blob) {
			if err := tx.Where("blob_key = ? AND object_id = ?", now.Blob, row.ID).Delete(&blobRow{}).Error; err != nil {
				return store.Translate(err)
			}
		}
		// The title may have changed meanwhile; the name of the file goes with it.
		if f := values.StoredOf(file); f != nil {
			f.Name = gever.FileName(row.Title, gever.Extension(f.Name))
			values[file] = f
		}
		row.Fields, row.CheckedOutBy, row.BeforeFile = textOf(values), "", ""
		row.Revision++
		return store.Update(tx, row)
	})
}

// lockTimeout is how long a lock holds when the client does not say.
const lockTimeout = 600

// Lock locks an object, or renews the caller's own lock; Locked when another
// has it.
func (d *DB) Lock(ctx context.Context, user, path string, timeout int64) (*Lock, error) {
	return d.hold(ctx, user, path, timeout, true)
}

// RefreshLock renews the caller's own lock. Without one it does nothing and
// gives nil, as the running system does; Locked when another has it.
func (d *DB) RefreshLock(ctx context.Context, user, path string, timeout int64) (*Lock, error) {
	return d.hold(ctx, user, path, timeout, false)
}

func (d *DB) hold(ctx context.Context, user, path string, timeout int64, fresh bool) (*Lock, error) {
	var l *Lock
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.writable(tx, user, path)
		if err != nil {
			return err
		}
		row, now := s.self(), d.Now()
		held := row.lock(now)
		if held != nil && held.By != user {
			return fault.New(fault.Forbidden, gever.Locked, "msg_resource_locked")
		}
		if l = nil; held == nil && !fresh {
			return nil
		}
		if held == nil {
			row.LockToken = lockToken(now)
		}
		if row.LockTimeout = timeout; timeout <= 0 {
			row.LockTimeout = lockTimeout
		}
		row.LockedBy, row.LockedAt = user, store.NullAt(&now)
		l = row.lock(now)
		return store.Update(tx, row)
	})
	return l, err
}

// lockToken is a token in the form of the running system: random, and the
// time.
func lockToken(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:]) + ":" + strconv.FormatInt(now.Unix(), 10)
}

// LockOf is the lock that holds now on an object; nil when nobody has one.
func (d *DB) LockOf(ctx context.Context, user, path string) (*Lock, error) {
	o, err := d.Look(ctx, user, path)
	if err != nil {
		return nil, err
	}
	return o.Lock, nil
}

// Unlock ends the caller's own lock. Another's stays and is returned; nil when
// the object is free.
func (d *DB) Unlock(ctx context.Context, user, path string) (*Lock, error) {
	var other *Lock
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.locked(tx, user, path)
		if err != nil {
			return err
		}
		row := s.self()
		if other = row.lock(d.Now()); other != nil && other.By != user {
			return nil
		}
		other = nil
		if row.LockToken == "" {
			return nil
		}
		row.LockToken, row.LockedBy, row.LockedAt = "", "", store.NullTime{}
		return store.Update(tx, row)
	})
	return other, err
}

// Version is one version of a document.
type Version struct {
	Number   int64
	Actor    string
	Comments string
	At       time.Time
	File     *gever.Stored
}

// Versions lists a document's versions, newest first, with how many there are.
func (d *DB) Versions(ctx context.Context, user, path string, w Window) ([]Version, int64, bool, error) {
	var out []Version
	var total int64
	may := false
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		if !s.kind().Documentish() {
			return gever.Missing()
		}
		total, may = s.self().Versions, s.mayRevert()
		var rows []versionRow
		// Numbers have no gaps, so a page needs no skipping.
		err = tx.Where("object_id = ? AND number <= ? AND number > ?", s.self().ID, total-1-w.Start, total-1-w.Start-w.Size).
			Order("number DESC").Find(&rows).Error
		if err != nil {
			return store.Translate(err)
		}
		out, err = versions(rows)
		return err
	})
	return out, total, may, err
}

func (s *spot) mayRevert() bool {
	return s.place().MayModify() && s.self().CheckedOutBy == ""
}

func versions(rows []versionRow) ([]Version, error) {
	out := make([]Version, len(rows))
	for i, r := range rows {
		out[i] = Version{Number: r.Number, Actor: r.Actor, Comments: r.Comments, At: r.At.Time}
		if r.File != "" {
			v, err := valuesOf(r.File)
			if err != nil {
				return nil, err
			}
			out[i].File = gever.Values{"file": map[string]any(v)}.StoredOf("file")
		}
	}
	return out, nil
}

// VersionView is a document with the file of a version.
func (d *DB) VersionView(ctx context.Context, user, path string, number int64) (*View, error) {
	var v *View
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		version, err := d.versionOf(tx, s, number)
		if err != nil {
			return err
		}
		if v, err = d.view(tx, s, Window{}); err != nil {
			return err
		}
		if delete(v.Values, v.Type.File); version.File != nil {
			v.Values[v.Type.File] = version.File
		}
		return nil
	})
	return v, err
}

func (d *DB) versionOf(tx *gorm.DB, s *spot, number int64) (*Version, error) {
	row, err := store.First[versionRow](tx, "object_id = ? AND number = ?", s.self().ID, number)
	if err != nil {
		return nil, err
	}
	all, err := versions([]versionRow{*row})
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// Event is one line of @history: a transition or a version.
type Event struct {
	Step
	Version   *int64 // of versions
	MayRevert bool
}

// History lists transitions and versions, newest first.
func (d *DB) History(ctx context.Context, user, path string) (*Object, []Event, map[string]User, error) {
	var o *Object
	var events []Event
	var users map[string]User
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, seen, err := d.seen(tx, user, path)
		if err != nil {
			return err
		}
		o = seen
		if events, err = d.events(tx, s); err != nil {
			return err
		}
		ids := make([]string, len(events))
		for i, e := range events {
			ids[i] = e.Actor
		}
		users, err = d.usersOf(tx, ids)
		return err
	})
	return o, events, users, err
}

func (d *DB) events(tx *gorm.DB, s *spot) ([]Event, error) {
	steps, err := history(tx, s.self().ID)
	if err != nil {
		return nil, err
	}
	var out []Event
	for _, step := range steps {
		out = append(out, Event{Step: step})
	}
	var rows []versionRow
	if err := tx.Where("object_id = ?", s.self().ID).Order("number").Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	for _, r := range rows {
		n := r.Number
		out = append(out, Event{Step: Step{Action: "edited", Actor: r.Actor, Comments: r.Comments, Title: "Bearbeitet", At: r.At.Time}, Version: &n, MayRevert: s.mayRevert()})
	}
	slices.SortStableFunc(out, func(a, b Event) int { return b.At.Compare(a.At) })
	return out, nil
}

// Revert restores the file of a version, not the metadata, and makes a version
// of it. NotCheckedOut when somebody has the document checked out.
func (d *DB) Revert(ctx context.Context, user, path string, number int64) (string, error) {
	message := ""
	err := d.onDocument(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		if !s.place().MayModify() {
			return gever.Unauthorized()
		}
		row, file := s.self(), s.kind().File
		if row.CheckedOutBy != "" {
			return fault.New(fault.Forbidden, gever.Locked, "msg_resource_locked")
		}
		version, err := d.versionOf(tx, s, number)
		if err != nil {
			return err
		}
		values := s.mine()
		if delete(values, file); version.File != nil {
			f := *version.File
			f.Name = gever.FileName(row.Title, gever.Extension(f.Name))
			values[file] = &f
		}
		row.Fields = textOf(values)
		message = reverted(row.Title, number)
		return d.version(tx, s, user, message)
	})
	return message, err
}

// File opens a file of an object; the caller closes it.
func (d *DB) File(ctx context.Context, user, path, field string) (io.ReadSeekCloser, *gever.Stored, error) {
	var f *gever.Stored
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		if !slices.Contains(s.kind().FileFields(), field) {
			return gever.Missing()
		}
		if f = s.mine().StoredOf(field); f == nil {
			return gever.Missing()
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	r, _, err := d.Blobs.Open(ctx, f.Blob)
	return r, f, err
}

// References tells which blobs the objects, and the files that are still
// coming, need.
func (d *DB) References(ctx context.Context, keys []string) (map[string]bool, error) {
	out := make(map[string]bool, len(keys))
	// Parts first: what becomes an object's meanwhile is found there.
	for _, row := range []any{&partRow{}, &blobRow{}} {
		var held []string
		if err := d.DB.Reader(ctx).Model(row).Where("blob_key IN ?", keys).Pluck("blob_key", &held).Error; err != nil {
			return nil, store.Translate(err)
		}
		for _, k := range held {
			out[k] = true
		}
	}
	return out, nil
}

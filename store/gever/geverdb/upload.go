package geverdb

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
	"loket/store/fault"
	"loket/store/gever"
)

// An upload that comes in parts keeps each part as a blob with a row of its
// own, and its row tells how many bytes are safe: no more is ever answered, and
// whatever ends the program or the connection, the client goes on from there.
// The last part makes one blob of all and the object of it.

// uploadValid is how long an upload is kept after its last part.
const uploadValid = 24 * time.Hour

// partSize is how much of one request's body becomes safe at a time, in bytes.
const partSize = 8 << 20

// Upload is how far an upload is.
type Upload struct {
	ID        string
	Length    int64 // bytes
	Offset    int64 // bytes that are safe
	ExpiresAt time.Time
	Path      string // of the object that it has become; "" before
}

// BeginUpload announces a file that will make a new document or mail in a
// container; everything that is known by now is checked. Faults: those of
// Create; Missing for what is no container.
func (d *DB) BeginUpload(ctx context.Context, user, container string, n gever.NewUpload) (*Upload, error) {
	row := &uploadRow{Principal: user, Filename: n.Filename, DocumentDate: n.DocumentDate, Length: n.Length}
	err := d.begin(ctx, row, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, container)
		if err != nil {
			return err
		}
		t := gever.TypeOfUpload(n.Type, n.Filename)
		if t == nil {
			return gever.BadUploadf("Invalid Upload-Metadata header: @type")
		}
		row.ObjectID, row.Type = s.self().ID, t.Name
		return d.wouldCreate(tx, s, t, row)
	})
	return uploadOf(row, ""), err
}

// wouldCreate tells what stands against making the object of an upload.
func (d *DB) wouldCreate(tx *gorm.DB, s *spot, t *gever.Type, row *uploadRow) error {
	if len(s.kind().Contains) == 0 {
		return gever.Missing()
	}
	if err := d.Settings.CheckAdd(s.place(), t, s.inside()); err != nil {
		return err
	}
	var failed error
	_, err := d.Settings.Create(t, row.body(t, &gever.Upload{Name: row.Filename}).Values, d.writing(tx, s, &failed))
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return err
	}
	return d.fits(tx, s, row.Length, 0)
}

// body is what a POST with the file would be.
func (r *uploadRow) body(t *gever.Type, file *gever.Upload) Body {
	values := map[string]any{"@type": t.Name, t.File: file}
	if r.DocumentDate != "" {
		values["document_date"] = r.DocumentDate
	}
	if t.Name == gever.MailType {
		values["message_source"] = "upload"
	}
	return Body{Values: values}
}

// BeginReplace announces a file that will replace a document's. token is the
// Lock-Token. Faults: Missing for what is no document; Unauthorized, NoReplace,
// Locked; ExtensionRefused and MailAsDocument.
func (d *DB) BeginReplace(ctx context.Context, user, path, token string, n gever.NewUpload) (*Upload, error) {
	row := &uploadRow{Principal: user, Replaces: true, Filename: n.Filename, Length: n.Length}
	err := d.begin(ctx, row, func(tx *gorm.DB) error {
		s, err := d.replaceable(tx, user, path, token)
		if err != nil {
			return err
		}
		row.ObjectID, row.Type = s.self().ID, s.kind().Name
		if err := d.Settings.CheckExtension(s.kind(), n.Filename); err != nil {
			return err
		}
		old, err := spare(tx, s, s.kind().File)
		if err != nil {
			return err
		}
		var less int64
		if old != nil {
			less = old.Size
		}
		return d.fits(tx, s, n.Length, less)
	})
	return uploadOf(row, ""), err
}

// replaceable is writable for a document whose file the caller may replace.
func (d *DB) replaceable(tx *gorm.DB, user, path, token string) (*spot, error) {
	s, err := d.writable(tx, user, path)
	if err != nil {
		return nil, err
	}
	if s.kind().Name != gever.DocumentType {
		return nil, gever.Missing()
	}
	lock := ""
	if l := s.self().lock(d.Now()); l != nil {
		lock = l.Token
	}
	return s, gever.CheckReplace(s.mine().StoredOf(s.kind().File) != nil, s.self().CheckedOutBy == user, lock, token)
}

func (d *DB) begin(ctx context.Context, row *uploadRow, check func(tx *gorm.DB) error) error {
	row.ID, row.ExpiresAt = newUID(), store.At(d.Now().Add(uploadValid))
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := check(tx); err != nil {
			return err
		}
		return store.Translate(tx.Create(row).Error)
	})
}

func uploadOf(r *uploadRow, path string) *Upload {
	return &Upload{ID: r.ID, Length: r.Length, Offset: r.Received, ExpiresAt: r.ExpiresAt.Time, Path: path}
}

// UploadAt names an upload at its address.
type UploadAt struct {
	Path     string // of the container or document
	ID       string
	Replaces bool
}

// Upload tells how far an upload is; Missing when the caller has none there, or
// it has run out.
func (d *DB) Upload(ctx context.Context, user string, at UploadAt) (*Upload, error) {
	var u *Upload
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		row, err := d.upload(tx, user, at)
		if err != nil {
			return err
		}
		u, err = d.uploadNow(tx, row)
		return err
	})
	return u, err
}

func (d *DB) upload(tx *gorm.DB, user string, at UploadAt) (*uploadRow, error) {
	s, err := d.visible(tx, user, at.Path)
	if err != nil {
		return nil, err
	}
	row, err := store.First[uploadRow](tx, "id = ? AND object_id = ? AND replaces = ? AND principal = ?", at.ID, s.self().ID, at.Replaces, user)
	if err != nil {
		return nil, err
	}
	if !d.Now().Before(row.ExpiresAt.Time) {
		return nil, gever.Missing()
	}
	return row, nil
}

// uploadNow is how far it is, with the path of what it has become.
func (d *DB) uploadNow(tx *gorm.DB, row *uploadRow) (*Upload, error) {
	if row.ResultID == 0 {
		return uploadOf(row, ""), nil
	}
	made, err := store.First[objectRow](tx.Select("path"), "id = ?", row.ResultID)
	if err != nil {
		return nil, err
	}
	return uploadOf(row, made.Path), nil
}

// Part is what one request brings of a file.
type Part struct {
	Offset int64 // where it stands in the file
	Length int64 // bytes that are announced; -1 when none are
	Token  string
	Bytes  io.Reader
}

// Append takes a part. What came of it stays, whatever ends it: the client, the
// connection or the program. The last one makes the object, or replaces the
// file; once more at the end it tells of it again.
//
// Faults: Missing; BadUpload for another offset than the one that is next, and
// for more bytes than were announced; BrokenBody for a body that ends too
// early; at the end those of Create or of BeginReplace.
func (d *DB) Append(ctx context.Context, user string, at UploadAt, p Part) (*Upload, error) {
	var row *uploadRow
	var u *Upload
	err := d.DB.Read(ctx, func(tx *gorm.DB) (err error) {
		if row, err = d.upload(tx, user, at); err == nil {
			u, err = d.uploadNow(tx, row)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case p.Offset != row.Received:
		return nil, otherOffset(row.Received)
	case p.Length > row.Length-row.Received:
		return nil, tooMuch(row.Length)
	case u.Path != "":
		return u, nil
	}
	if err := d.receive(context.WithoutCancel(ctx), row, p.Bytes); err != nil {
		return nil, err
	}
	if row.Received < row.Length {
		return uploadOf(row, ""), nil
	}
	return d.finish(ctx, user, at, row, p.Token)
}

func otherOffset(next int64) error {
	return gever.BadUploadf("Missing or invalid Upload-Offset header: %d bytes have come", next)
}

func tooMuch(length int64) error {
	return gever.BadUploadf("More bytes than the %d of Upload-Length", length)
}

// receive makes parts of the bytes until they end. Its ctx goes on when the
// client has left: what he sent is kept.
func (d *DB) receive(ctx context.Context, row *uploadRow, from io.Reader) error {
	body := bufio.NewReader(from)
	for row.Received < row.Length {
		if _, err := body.Peek(1); errors.Is(err, io.EOF) {
			return nil
		}
		part := &patient{from: io.LimitReader(body, min(partSize, row.Length-row.Received))}
		info, err := d.Blobs.Put(ctx, part, 0)
		if err != nil {
			return err
		}
		if info.Size > 0 {
			err = d.received(ctx, row, info)
		}
		if err != nil || info.Size == 0 {
			d.dropBlobs(ctx, []string{info.Key})
		}
		if err != nil {
			return err
		}
		if part.err != nil {
			return fault.Wrap(part.err, fault.Invalid, fault.BrokenBody, "")
		}
	}
	if _, err := body.Peek(1); err == nil {
		return tooMuch(row.Length)
	}
	return nil
}

// patient ends where its source fails, and remembers why: what came before is
// a sound part.
type patient struct {
	from io.Reader
	err  error
}

func (p *patient) Read(b []byte) (int, error) {
	n, err := p.from.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		p.err, err = err, io.EOF
	}
	return n, err
}

// received keeps a part, unless another request has brought one in between.
func (d *DB) received(ctx context.Context, row *uploadRow, info blobs.Info) error {
	expires := store.At(d.Now().Add(uploadValid))
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		next := tx.Model(&uploadRow{}).Where("id = ? AND received = ?", row.ID, row.Received).
			Updates(map[string]any{"received": row.Received + info.Size, "expires_at": expires})
		if next.Error != nil {
			return store.Translate(next.Error)
		}
		if next.RowsAffected != 1 {
			return gever.BadUploadf("Another request has sent the bytes from %d", row.Received)
		}
		return store.Translate(tx.Create(&partRow{UploadID: row.ID, Begin: row.Received, Size: info.Size, BlobKey: info.Key}).Error)
	})
	if err == nil {
		row.Received, row.ExpiresAt = row.Received+info.Size, expires
	}
	return err
}

// finish makes one blob of the parts, and of that the object or its new file.
// When it fails, the parts stay, and the client may ask again; where a private
// folder has no room for them, they go.
func (d *DB) finish(ctx context.Context, user string, at UploadAt, row *uploadRow, token string) (*Upload, error) {
	var parts []partRow
	if err := d.DB.Reader(ctx).Where("upload_id = ?", row.ID).Order("begin").Find(&parts).Error; err != nil {
		return nil, store.Translate(err)
	}
	file, err := d.join(ctx, row, parts)
	switch {
	case fault.ReasonOf(err) == fault.Missing, err == nil && file.Kept.Size != row.Length:
		if len(parts) != 1 {
			d.dropBlobs(ctx, []string{file.Kept.Blob})
		}
		return nil, gever.BadUploadf("Another request has sent the last bytes")
	case err != nil:
		return nil, err
	}
	t := gever.TypeOf(row.Type)
	body := row.body(t, file)
	var u *Upload
	if err = d.readMail(ctx, t, file, body.Values); err == nil {
		u, err = d.settle(ctx, user, at, row, file, body, token)
	}
	var unneeded []string
	for _, p := range parts {
		if p.BlobKey != file.Kept.Blob && err == nil {
			unneeded = append(unneeded, p.BlobKey)
		}
	}
	if err != nil && len(parts) != 1 {
		unneeded = []string{file.Kept.Blob}
	}
	d.dropBlobs(ctx, unneeded)
	d.giveUp(ctx, row, parts, err)
	return u, err
}

// settle makes of an upload what it is to be, and forgets its parts.
func (d *DB) settle(ctx context.Context, user string, at UploadAt, row *uploadRow, file *gever.Upload, body Body, token string) (u *Upload, err error) {
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := shape(tx, shared); err != nil {
			return err
		}
		now, err := store.First[uploadRow](store.Lock(tx), "id = ?", row.ID)
		if err != nil {
			return err
		}
		if now.ResultID != 0 {
			return gever.BadUploadf("Another request has sent the last bytes")
		}
		if now.ResultID, err = d.result(tx, user, at, now, file, body, token); err != nil {
			return err
		}
		if err := tx.Model(&uploadRow{}).Where("id = ?", row.ID).Update("result_id", now.ResultID).Error; err != nil {
			return store.Translate(err)
		}
		if err := tx.Where("upload_id = ?", row.ID).Delete(&partRow{}).Error; err != nil {
			return store.Translate(err)
		}
		u, err = d.uploadNow(tx, now)
		return err
	})
	return u, err
}

// join streams the parts into one blob; one part is that already.
func (d *DB) join(ctx context.Context, row *uploadRow, parts []partRow) (*gever.Upload, error) {
	file := &gever.Upload{Name: row.Filename}
	var info blobs.Info
	var err error
	if len(parts) == 1 {
		var r io.ReadSeekCloser
		if r, info, err = d.Blobs.Open(ctx, parts[0].BlobKey); err == nil {
			_ = r.Close() // it was not read
		}
	} else {
		from := &joined{ctx: ctx, blobs: d.Blobs, parts: parts}
		info, err = d.Blobs.Put(ctx, from, 0)
		from.close()
	}
	file.Kept = gever.Stored{Blob: info.Key, Size: info.Size, SHA256: info.SHA256}
	return file, err
}

// joined reads parts one after the other.
type joined struct {
	ctx   context.Context //nolint:containedctx // of one reading
	blobs blobs.Blobs
	parts []partRow
	open  io.ReadCloser
}

func (j *joined) Read(b []byte) (int, error) {
	for {
		if j.open == nil {
			if len(j.parts) == 0 {
				return 0, io.EOF
			}
			r, _, err := j.blobs.Open(j.ctx, j.parts[0].BlobKey)
			if err != nil {
				return 0, err
			}
			j.open, j.parts = r, j.parts[1:]
		}
		n, err := j.open.Read(b)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		j.close()
		if n > 0 {
			return n, nil
		}
	}
}

func (j *joined) close() {
	if j.open != nil {
		_ = j.open.Close() // it was only read
		j.open = nil
	}
}

// result makes the object, or replaces the file, and gives the object's id.
func (d *DB) result(tx *gorm.DB, user string, at UploadAt, row *uploadRow, file *gever.Upload, body Body, token string) (int64, error) {
	if row.Replaces {
		s, err := d.replaceable(tx, user, at.Path, token)
		if err != nil {
			return 0, err
		}
		return s.self().ID, d.replace(tx, s, file)
	}
	t := gever.TypeOf(row.Type)
	made, err := d.create(tx, user, at.Path, t, body)
	if err != nil {
		return 0, err
	}
	object, err := store.First[objectRow](tx.Select("id"), "path = ?", made.Path)
	if err != nil {
		return 0, err
	}
	return object.ID, nil
}

// replace gives a document another file.
func (d *DB) replace(tx *gorm.DB, s *spot, file *gever.Upload) error {
	var failed error
	draft, err := d.Settings.Patch(s.kind(), s.mine(), map[string]any{s.kind().File: file}, d.writing(tx, s, &failed))
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return err
	}
	return d.change(tx, s, draft)
}

// Sweep removes uploads that have run out, with their parts, and parts whose
// upload is gone; it tells how many uploads.
func (d *DB) Sweep(ctx context.Context) (int, error) {
	var removed int64
	var keys []string
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		keys = nil
		gone := tx.Where("expires_at <= ?", store.At(d.Now())).Delete(&uploadRow{})
		removed = gone.RowsAffected
		if gone.Error != nil {
			return store.Translate(gone.Error)
		}
		const orphans = "upload_id NOT IN (SELECT id FROM gever_uploads)"
		if err := tx.Model(&partRow{}).Where(orphans).Pluck("blob_key", &keys).Error; err != nil {
			return store.Translate(err)
		}
		return store.Translate(tx.Where(orphans).Delete(&partRow{}).Error)
	})
	if err == nil {
		d.dropBlobs(ctx, keys)
	}
	return int(removed), err
}

// maxTitle is how many bytes of a form's title are read; more than a title can
// have is refused as such.
const maxTitle = 8 << 10

// UploadForm makes a document or mail of a form's `file`, with its `title`
// when there is one. Other fields are passed over. Faults: those of Create;
// Missing for what is no container, BadRequest without a file, TooLarge,
// BrokenBody.
func (d *DB) UploadForm(ctx context.Context, user, container string, form *multipart.Reader) (made Created, err error) {
	f := &uploadForm{d: d, row: &uploadRow{Principal: user}}
	defer func() {
		if err != nil {
			d.dropBlobs(ctx, f.keys)
		}
	}()
	if err := f.read(ctx, container, form); err != nil {
		return Created{}, err
	}
	if f.file == nil {
		if _, err := d.Look(ctx, user, container); err != nil {
			return Created{}, err
		}
		return Created{}, fault.New(fault.Invalid, gever.BadRequest, `Property "file" is required`)
	}
	body := f.row.body(f.kind, f.file)
	if err := d.readMail(ctx, f.kind, f.file, body.Values); err != nil {
		return Created{}, err
	}
	if f.title != "" {
		body.Values["title"] = f.title
	}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) (err error) {
		made, err = d.create(tx, user, container, f.kind, body)
		return err
	})
	return made, err
}

// uploadForm is what came of a form so far.
type uploadForm struct {
	d     *DB
	row   *uploadRow
	kind  *gever.Type
	file  *gever.Upload
	title string
	keys  []string
}

func (f *uploadForm) read(ctx context.Context, container string, form *multipart.Reader) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
		}
		switch part.FormName() {
		case "file":
			err = f.keep(ctx, container, part)
		case "title":
			var text []byte
			if text, err = io.ReadAll(io.LimitReader(part, maxTitle)); err != nil {
				err = fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
			}
			f.title = string(text)
		}
		if err != nil {
			return err
		}
	}
}

// keep takes the file, when it may come here at all; of several the last.
func (f *uploadForm) keep(ctx context.Context, container string, part *multipart.Part) error {
	f.row.Filename = part.FileName()
	if f.row.Filename == "" {
		return fault.New(fault.Invalid, gever.BadRequest, `Property "file" is required`)
	}
	f.kind = gever.TypeOfUpload("", f.row.Filename)
	err := f.d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := f.d.visible(tx, f.row.Principal, container)
		if err != nil {
			return err
		}
		return f.d.wouldCreate(tx, s, f.kind, f.row)
	})
	if err != nil {
		return err
	}
	info, err := f.d.Blobs.Put(ctx, part, f.d.Settings.MaxUpload)
	if err != nil {
		return err
	}
	f.d.dropBlobs(ctx, f.keys)
	f.keys = []string{info.Key}
	f.file = &gever.Upload{Name: f.row.Filename, Kept: gever.Stored{Blob: info.Key, Size: info.Size, SHA256: info.SHA256}}
	return nil
}

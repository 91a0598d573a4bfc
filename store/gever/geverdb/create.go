package geverdb

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Body is a request's JSON object, and how it is to be taken.
type Body struct {
	Values map[string]any
	Strict bool // keys without effect are refused
}

// kept are files whose bytes are safe before the transaction begins.
type kept struct{ keys []string }

// keep puts the files of a body; they are dropped when the transaction fails.
func (d *DB) keep(ctx context.Context, t *gever.Type, body map[string]any) (kept, error) {
	var k kept
	for _, u := range gever.Files(t, body) {
		info, err := d.Blobs.Put(ctx, bytes.NewReader(u.Data), 0)
		if err != nil {
			d.dropBlobs(ctx, k.keys)
			return kept{}, err
		}
		u.Kept = gever.Stored{Blob: info.Key, Size: info.Size, SHA256: info.SHA256}
		k.keys = append(k.keys, info.Key)
		if t.Name == gever.MailType && u == body[t.File] {
			err = d.readMail(ctx, t, u, body)
		}
		if err != nil {
			d.dropBlobs(ctx, k.keys)
			return kept{}, err
		}
	}
	return k, nil
}

// readMail reads what a file that is kept says of itself when it is a mail, and
// fills the body with it.
func (d *DB) readMail(ctx context.Context, t *gever.Type, u *gever.Upload, body map[string]any) error {
	if !gever.HoldsMail(t, u.Name) {
		return nil
	}
	r, _, err := d.Blobs.Open(ctx, u.Kept.Blob)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // it was only read
	if u.Mail, err = gever.ReadMail(r); err == nil {
		d.Settings.Fill(body, u.Mail)
	}
	return err
}

// Created is a new object.
type Created struct{ Path, ETag string }

// Create makes an object in a container.
//
// Faults: Missing, Unauthorized for a container that the caller may not see;
// NoContainer, Disallowed (with what is allowed), CannotCreate; NoType,
// Inputs, Invariant, BadID and the others of a body.
func (d *DB) Create(ctx context.Context, user, container string, b Body) (Created, error) {
	name, _ := b.Values["@type"].(string)
	t := gever.TypeOf(name)
	if t == nil || t.Name == gever.SiteType {
		return Created{}, noType(b.Values["@type"])
	}
	files, err := d.keep(ctx, t, b.Values)
	if err != nil {
		return Created{}, err
	}
	var made Created
	err = d.DB.InTx(ctx, func(tx *gorm.DB) (err error) {
		made, err = d.create(tx, user, container, t, b)
		return err
	})
	if err != nil {
		d.dropBlobs(ctx, files.keys)
	}
	return made, err
}

func noType(given any) error {
	if given == nil {
		return fault.New(fault.Invalid, gever.NoType, "Property '@type' is required")
	}
	return fault.New(fault.Invalid, gever.NoType, "Property '@type' is no type that can be created")
}

func (d *DB) create(tx *gorm.DB, user, container string, t *gever.Type, b Body) (Created, error) {
	if err := shape(tx, shared); err != nil {
		return Created{}, err
	}
	s, err := d.locked(tx, user, container)
	if err != nil {
		return Created{}, err
	}
	return d.createAt(tx, s, t, b)
}

// createAt makes an object in a container that is locked.
func (d *DB) createAt(tx *gorm.DB, s *spot, t *gever.Type, b Body) (Created, error) {
	if err := d.Settings.CheckAdd(s.place(), t, s.inside()); err != nil {
		return Created{}, err
	}
	now := d.Now()
	var failed error
	draft, err := d.Settings.Create(t, b.Values, d.writing(tx, s, &failed))
	if failed != nil {
		return Created{}, failed
	}
	if err != nil {
		return Created{}, err
	}
	row := &objectRow{
		UID: newUID(), ParentID: s.self().ID, Type: t.Name, State: t.Flow(s.place().InWorkspace()).Initial, Position: s.self().Children, Creator: s.user,
		CreatedAt: store.At(now), ModifiedAt: store.At(now), ChangedAt: store.At(now), Touched: d.Settings.Today(now), Revision: 1, Version: 1,
	}
	if err := d.queue(tx, s, draft, row); err != nil {
		return Created{}, err
	}
	if b.Strict {
		if err := draft.Strict(); err != nil {
			return Created{}, err
		}
	}
	return d.insert(tx, s, t, draft, row, b.Values["id"])
}

// insert gives the new object its id and numbers, and writes it with all that
// belongs to it.
func (d *DB) insert(tx *gorm.DB, s *spot, t *gever.Type, draft *gever.Draft, row *objectRow, id any) (Created, error) {
	if err := d.name(tx, s, t, draft, row, id); err != nil {
		return Created{}, err
	}
	if row.Path = row.Name; s.self().Path != "" {
		row.Path = s.self().Path + "/" + row.Name
	}
	if err := d.number(tx, s, t, draft, row); err != nil {
		return Created{}, err
	}
	targets, err := d.resolve(tx, s.user, t, draft.Refs)
	if err != nil {
		return Created{}, err
	}
	d.files(draft, row.CreatedAt.Time)
	d.fill(row, draft)
	protection := gever.ProtectionOf(draft.Values)
	shield(row, gever.Protection{}, protection)
	if err := tx.Create(row).Error; err != nil {
		return Created{}, store.Translate(err)
	}
	if err := protect(tx, row.ID, gever.Protection{}, protection); err != nil {
		return Created{}, err
	}
	if err := d.afford(tx, s, func() error { return d.belongings(tx, s, row, draft, targets) }); err != nil {
		return Created{}, err
	}
	if err := d.entrust(tx, t, row, draft); err != nil {
		return Created{}, err
	}
	if err := d.numbered(tx, t, row); err != nil {
		return Created{}, err
	}
	entry := historyRow{ObjectID: row.ID, Actor: s.user, State: row.State, Title: "Erstellt", At: row.CreatedAt}
	if err := tx.Create(&entry).Error; err != nil {
		return Created{}, store.Translate(err)
	}
	if err := d.addedToTask(tx, s, row); err != nil {
		return Created{}, err
	}
	return Created{row.Path, etag(row.UID, row.Revision)}, d.grown(tx, s, t, row)
}

// grown brings the parent's figures up to date; its row is locked.
func (d *DB) grown(tx *gorm.DB, s *spot, t *gever.Type, row *objectRow) error {
	p := s.self()
	change := map[string]any{"children": p.Children + 1}
	if t.Name == gever.FolderType {
		change["folders"], change["last_prefix"] = p.Folders+1, row.Part
		if n, err := strconv.ParseInt(row.Part, 10, 64); err == nil && n > p.Highest {
			change["highest"] = n
		}
		if row.Position == 0 {
			change["first_folder"] = true
		}
	}
	if t.Dossierish() {
		change["last_dossier"] = p.LastDossier
	}
	return store.Translate(tx.Model(&objectRow{}).Where("id = ?", p.ID).Updates(change).Error)
}

// entrust gives what is private to whom it belongs.
func (d *DB) entrust(tx *gorm.DB, t *gever.Type, row *objectRow, draft *gever.Draft) error {
	if !t.Private() {
		return nil
	}
	for _, role := range gever.OwnRoles {
		if err := giveRole(tx, row.ID, draft.Values.Text(t.Owner), role); err != nil {
			return err
		}
	}
	return nil
}

func newUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// inherited is the value of the nearest object above that has the field.
func (s *spot) inherited(name string) any {
	for i := range slices.Backward(s.chain) {
		if gever.TypeOf(s.chain[i].Type).Field(name) != nil && s.values[i][name] != nil {
			return s.values[i][name]
		}
	}
	return nil
}

// fill takes the draft's values into the row.
func (d *DB) fill(row *objectRow, draft *gever.Draft) {
	row.Title, row.Description = draft.Title, draft.Values.Text("description")
	row.Fields = textOf(draft.Values)
}

// files gives the values of files that came.
func (d *DB) files(draft *gever.Draft, now time.Time) {
	for name, u := range draft.Uploads {
		f := u.Kept
		f.Name, f.ContentType, f.ModifiedAt = u.Name, u.Type(), now
		draft.Values[name] = &f
		if u.Mail != nil {
			draft.Values["attachments"] = append([]gever.Attachment{}, u.Mail.Attachments...)
		}
	}
}

// belongings writes the relations and the names of the blobs. s is the object
// or what it stands in.
func (d *DB) belongings(tx *gorm.DB, s *spot, row *objectRow, draft *gever.Draft, targets map[string][]int64) error {
	for field, ids := range targets {
		if err := tx.Where("from_id = ? AND field = ?", row.ID, field).Delete(&relationRow{}).Error; err != nil {
			return store.Translate(err)
		}
		for i, id := range ids {
			if err := tx.Create(&relationRow{FromID: row.ID, Field: field, Position: i, ToID: id}).Error; err != nil {
				return store.Translate(err)
			}
		}
	}
	for _, u := range draft.Uploads {
		if err := tx.Create(&blobRow{BlobKey: u.Kept.Blob, ObjectID: row.ID, Holder: s.holder(), Size: u.Kept.Size}).Error; err != nil {
			return store.Translate(err)
		}
	}
	return nil
}

// maxTries is how many numbers of a sequence, or endings of a title, are tried
// until one is free.
const maxTries = 10_000

// name finds the object's id: the client's, the next of its sequence, or one
// made of its title (gever.md 1.4, 2.9).
func (d *DB) name(tx *gorm.DB, s *spot, t *gever.Type, draft *gever.Draft, row *objectRow, id any) error {
	if t.Sequence != "" {
		n, err := nextFree(tx, t.Sequence)
		if err != nil {
			return err
		}
		row.Sequence = n
	}
	chosen, ok := id.(string)
	switch {
	case t.Once:
		row.Name = strings.Join(baseOf(t, draft), "")
		if ok && chosen != row.Name {
			return fault.New(fault.Invalid, gever.BadID, "The id %q cannot be used.", chosen)
		}
		return d.mayBe(tx, s, row.Name)
	case ok && chosen != "":
		row.Name = chosen
		return d.mayBe(tx, s, chosen)
	}
	if t.Sequence != "" {
		row.Name = t.Sequence + "-" + strconv.FormatInt(row.Sequence, 10)
		return nil
	}
	return d.slug(tx, s, t, draft, row)
}

func (d *DB) mayBe(tx *gorm.DB, s *spot, id string) error {
	if !gever.ValidID(id) || (s.self().ID == siteID && gever.Reserved(id)) {
		return fault.New(fault.Invalid, gever.BadID, "The id %q cannot be used.", id)
	}
	taken, err := exists(tx, "parent_id = ? AND name = ?", s.self().ID, id)
	if err == nil && taken {
		err = fault.New(fault.Invalid, gever.BadID, "The id %q is already in use.", id)
	}
	return err
}

func exists(tx *gorm.DB, where string, args ...any) (bool, error) {
	var ids []int64
	err := tx.Model(&objectRow{}).Where(where, args...).Limit(1).Pluck("id", &ids).Error
	return len(ids) > 0, store.Translate(err)
}

// baseOf are the words of which an id is made.
func baseOf(t *gever.Type, draft *gever.Draft) []string {
	switch {
	case t.FixedID != "":
		return []string{t.FixedID}
	case len(t.IDFields) == 0:
		return []string{draft.Title}
	}
	var words []string
	for _, f := range t.IDFields {
		words = append(words, draft.Values.Text(f))
	}
	return words
}

func (d *DB) slug(tx *gorm.DB, s *spot, t *gever.Type, draft *gever.Draft, row *objectRow) error {
	base := gever.Slug(strings.Join(baseOf(t, draft), " "))
	row.Name = base
	for i := 1; i < maxTries; i++ {
		taken, err := exists(tx, "parent_id = ? AND name = ?", s.self().ID, row.Name)
		if err != nil {
			return err
		}
		if !taken && (s.self().ID != siteID || !gever.Reserved(row.Name)) {
			return nil
		}
		row.Name = base + "-" + strconv.Itoa(i)
	}
	return fault.New(fault.Invalid, gever.BadID, "The id %q is already in use.", base)
}

// next takes the next number of a site-wide sequence; the row stays locked
// until the transaction ends.
func next(tx *gorm.DB, name string) (int64, error) {
	var n int64
	err := tx.Raw(`INSERT INTO gever_counters (name, value) VALUES (?, 1)
ON CONFLICT (name) DO UPDATE SET value = gever_counters.value + 1 RETURNING value`, name).Scan(&n).Error
	return n, store.Translate(err)
}

// nextFree passes over numbers whose id is taken already.
func nextFree(tx *gorm.DB, sequence string) (int64, error) {
	for range maxTries {
		n, err := next(tx, sequence)
		if err != nil {
			return 0, err
		}
		taken, err := exists(tx, "name = ?", sequence+"-"+strconv.FormatInt(n, 10))
		if err != nil || !taken {
			return n, err
		}
	}
	return 0, fault.New(fault.Conflict, fault.Busy, "")
}

// number gives the object its part of the reference number, and the whole.
func (d *DB) number(tx *gorm.DB, s *spot, t *gever.Type, draft *gever.Draft, row *objectRow) error {
	switch {
	case t.Name == gever.FolderType:
		if err := d.prefix(tx, s.self(), draft, row); err != nil {
			return err
		}
	case t.Private():
		row.Part = row.Name
	case t.Dossierish():
		s.self().LastDossier++
		row.Part = strconv.FormatInt(s.self().LastDossier, 10)
	case t.Documentish():
		row.Part = strconv.FormatInt(row.Sequence, 10)
	}
	row.Reference = d.reference(s, t, row.Part)
	return nil
}

// reference is the whole number of an object in this place; "" when it has
// none.
func (d *DB) reference(s *spot, t *gever.Type, part string) string {
	number, _ := d.Settings.Reference(append(s.refs(), gever.RefNode{Type: t, Part: part}))
	return number
}

// refs is the way to the object as reference numbers see it.
func (s *spot) refs() []gever.RefNode {
	var chain []gever.RefNode
	for i := range s.chain {
		chain = append(chain, gever.RefNode{
			Type: gever.TypeOf(s.chain[i].Type), Addendum: s.values[i].Text("reference_number_addendum"), Part: s.chain[i].Part,
		})
	}
	return chain
}

// prefix is a folder's number: the one that was given, or the next. A number
// that was ever given here to another folder is refused (gever.md 2.3).
func (d *DB) prefix(tx *gorm.DB, parent *objectRow, draft *gever.Draft, row *objectRow) error {
	number := strings.TrimSpace(draft.Values.Text("reference_number_prefix"))
	if number == "" {
		number = d.Settings.NextPrefix(parent.Highest, parent.LastPrefix)
	}
	if number == "" {
		return gever.InputsNotValid([]fault.Field{gever.FieldFault("reference_number_prefix", "required", "Required input is missing.")})
	}
	if strings.ContainsFunc(number, unicode.IsSpace) {
		return gever.InputsNotValid([]fault.Field{gever.FieldFault("reference_number_prefix", "constraint", "Constraint not satisfied")})
	}
	var holder []int64
	err := tx.Model(&referenceRow{}).Where("parent_id = ? AND kind = 'folder' AND number = ?", parent.ID, number).Pluck("object_id", &holder).Error
	if err != nil {
		return store.Translate(err)
	}
	if len(holder) > 0 && holder[0] != row.ID {
		return gever.InputsNotValid([]fault.Field{gever.FieldFault("reference_number", "unique", "A sibling with the same reference number exists.")})
	}
	row.Part, draft.Values["reference_number_prefix"] = number, number
	return nil
}

// numbered reserves the object's number for good.
func (d *DB) numbered(tx *gorm.DB, t *gever.Type, row *objectRow) error {
	var kind string
	switch {
	case t.Name == gever.FolderType:
		kind = "folder"
	case t.Dossierish():
		kind = "dossier"
	default:
		return nil
	}
	taken := tx.Where("parent_id = ? AND kind = ? AND number = ?", row.ParentID, kind, row.Part).Limit(1).Find(&referenceRow{})
	if taken.Error != nil || taken.RowsAffected > 0 {
		return store.Translate(taken.Error)
	}
	return store.Translate(tx.Create(&referenceRow{ParentID: row.ParentID, Kind: kind, Number: row.Part, ObjectID: row.ID}).Error)
}

// resolve finds the objects that relations name.
func (d *DB) resolve(tx *gorm.DB, user string, t *gever.Type, refs map[string][]gever.Ref) (map[string][]int64, error) {
	out := map[string][]int64{}
	var faults []fault.Field
	for field, list := range refs {
		ids := []int64{}
		for _, ref := range list {
			row, err := d.find(tx, ref)
			if err != nil {
				return nil, err
			}
			if row == nil || !d.mayRelate(tx, user, t.Field(field), row) {
				faults = append(faults, ref.Unresolvable(field))
				continue
			}
			if !slices.Contains(ids, row.ID) {
				ids = append(ids, row.ID)
			}
		}
		out[field] = ids
	}
	return out, gever.InputsNotValid(faults)
}

// mayRelate tells whether the object is of a type that the field takes, and
// the caller's to see: its title will be shown.
func (d *DB) mayRelate(tx *gorm.DB, user string, f *gever.Field, row *objectRow) bool {
	if len(f.Types) > 0 && !slices.Contains(f.Types, row.Type) {
		return false
	}
	_, err := d.visible(tx, user, row.Path)
	return err == nil
}

// find reads the object of one of its names; nil when there is none.
func (d *DB) find(tx *gorm.DB, ref gever.Ref) (*objectRow, error) {
	var q *gorm.DB
	switch ref.Kind {
	case gever.RefUID:
		q = tx.Where("uid = ?", ref.Value)
	case gever.RefIntID:
		q = tx.Where("id = ?", number(ref.Value))
	case gever.RefOGUID:
		unit, id, _ := strings.Cut(ref.Value, ":")
		if unit != d.Settings.AdminUnit {
			return nil, nil
		}
		q = tx.Where("id = ?", number(id))
	case gever.RefPath:
		q = tx.Where("path = ?", strings.Trim(ref.Value, "/"))
	case gever.RefURL:
		path, ok := pathOf(ref.Value)
		if !ok {
			return nil, nil
		}
		q = tx.Where("path = ?", path)
	default:
		return nil, nil
	}
	var rows []objectRow
	if err := q.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, store.Translate(err)
	}
	return &rows[0], nil
}

// base stands before each path in addresses.
const base = "/api/" + API

// pathOf is the path of an object's address on any host: the same store may be
// reached by several names.
func pathOf(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	return strings.Trim(strings.TrimPrefix(u.Path, base), "/"), true
}

// number reads an int id; 0, which nothing has, when it is too large.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

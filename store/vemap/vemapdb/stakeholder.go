package vemapdb

import (
	"context"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/outbox"
	"loket/store/vemap"
)

// StakeholderClosure is a closure as a stakeholder sees it (operation 33).
type StakeholderClosure struct {
	vemap.Closure
	ProjectName string
	Managers    []vemap.Person
	Support     []vemap.File
	Comments    []vemap.Comment
}

// StakeholderClosures are the closures where a user is stakeholder, in the
// order in which they were made. A stakeholder may ask for himself only
// (Forbidden); a manager sees those of his projects; NotFound for who is no
// user of the tenant. The number of queries does not grow with the closures.
func (d *DB) StakeholderClosures(ctx context.Context, a vemap.Actor, userID string) ([]StakeholderClosure, error) {
	if a.Reach(vemap.GetStakeholderClosures) == vemap.ReachSelf && userID != a.UserID {
		return nil, vemap.Forbidden()
	}
	var out []StakeholderClosure
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		if _, _, err := member(tx, a, userID); err != nil {
			return err
		}
		which := `SELECT c.id FROM vemap_closures c JOIN vemap_stakeholders s ON s.closure_id = c.id AND s.deleted_at IS NULL
			WHERE c.tenant_id = ? AND s.user_id = ?`
		args := []any{a.TenantID, userID}
		if a.Reach(vemap.GetStakeholderClosures) == vemap.ReachManaged {
			which += " AND c.project_id IN (SELECT project_id FROM vemap_project_managers WHERE user_id = ?)"
			args = append(args, a.UserID)
		}
		var err error
		out, err = stakeholderClosures(tx, which, args)
		return err
	})
	return out, err
}

func stakeholderClosures(tx *gorm.DB, which string, args []any) ([]StakeholderClosure, error) {
	var rs []struct {
		Row         closureRow `gorm:"embedded"`
		ProjectName string
	}
	err := tx.Table("vemap_closures").Select("vemap_closures.*, p.name AS project_name").
		Joins("JOIN vemap_projects p ON p.id = vemap_closures.project_id").
		Where("vemap_closures.id IN ("+which+")", args...).Order("vemap_closures.created_at, vemap_closures.id").Find(&rs).Error
	if err != nil {
		return nil, err
	}
	cs := make([]vemap.Closure, len(rs))
	for i, r := range rs {
		cs[i] = r.Row.fromDB()
	}
	if err := fillClosures(tx, cs, which, args...); err != nil {
		return nil, err
	}
	managers, err := projectManagers(tx, "p.id IN (SELECT project_id FROM vemap_closures WHERE id IN ("+which+"))", args...)
	if err != nil {
		return nil, err
	}
	support, err := supportFiles(tx, which, args)
	if err != nil {
		return nil, err
	}
	comments, err := commentsByClosure(tx, which, args)
	if err != nil {
		return nil, err
	}
	out := make([]StakeholderClosure, len(rs))
	for i, c := range cs {
		out[i] = StakeholderClosure{Closure: c, ProjectName: rs[i].ProjectName, Managers: managers[c.ProjectID], Support: support[c.ID], Comments: comments[c.ID]}
	}
	return out, nil
}

func supportFiles(tx *gorm.DB, which string, args []any) (map[string][]vemap.File, error) {
	var rs []fileRow
	err := tx.Where("type = ? AND current AND NOT archived AND deleted_at IS NULL AND closure_id IN ("+which+")", append([]any{vemap.TypeSupport}, args...)...).
		Order("created_at, id").Find(&rs).Error
	if err != nil {
		return nil, err
	}
	fs, err := fromFiles(rs)
	out := make(map[string][]vemap.File)
	for _, f := range fs {
		out[f.ClosureID] = append(out[f.ClosureID], f)
	}
	return out, err
}

func commentsByClosure(tx *gorm.DB, which string, args []any) (map[string][]vemap.Comment, error) {
	var rs []commentRow
	if err := tx.Where("closure_id IN ("+which+")", args...).Order("created_at, id").Find(&rs).Error; err != nil {
		return nil, err
	}
	out := make(map[string][]vemap.Comment)
	for _, r := range rs {
		out[r.ClosureID] = append(out[r.ClosureID], r.fromDB())
	}
	return out, nil
}

// Events is everything that happened to a closure (operation 34), each list
// with the newest last.
type Events struct {
	Closure      vemap.Closure
	Files        []FileEvent
	Stakeholders []StakeholderEvent
	Comments     []vemap.Comment
	List         *MailingList // nil: none was made yet
	Members      []Member
	Mails        []MailEvent
	Final        *vemap.File
}

// FileEvent tells that a version of a file was announced.
type FileEvent struct {
	ClosureID, Name, Type, CreatedBy, UserName string
	Version                                    vemap.Version
	CreatedAt                                  time.Time
}

// StakeholderEvent tells that a user became stakeholder, and when that ended.
type StakeholderEvent struct {
	ClosureID, UserID, UserName, CreatedBy, CreatedByName string
	CreatedAt                                             time.Time
	DeletedAt                                             *time.Time
}

// MailingList is a closure's mailing list.
type MailingList struct {
	ID, ClosureID, CreatedBy string
	CreatedAt, UpdatedAt     time.Time
	Active                   int // members
}

// Member is a recipient's place on a mailing list.
type Member struct {
	RecipientID, Email, Name, Organisation, AddedBy string
	Active                                          bool
	AddedAt                                         time.Time
}

// MailEvent tells of one e-mail to several recipients.
type MailEvent struct {
	CreatedBy, Status, Type, Subject string
	CreatedAt                        time.Time
}

// Events tells all that happened to a closure.
func (d *DB) Events(ctx context.Context, a vemap.Actor, closureID string) (Events, error) {
	var out Events
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		c, err := closure(tx, a, vemap.GetEvents, closureID)
		if err != nil {
			return err
		}
		out = Events{Closure: c}
		for _, read := range []func(*gorm.DB, string, *Events) error{fileEvents, stakeholderEvents, commentEvents, listEvents, mailEvents, finalPlan} {
			if err := read(tx, c.ID, &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func fileEvents(tx *gorm.DB, closureID string, out *Events) error {
	var rs []fileEventRow
	err := tx.Where("closure_id = ?", closureID).Order("created_at, id").Find(&rs).Error
	for _, r := range rs {
		out.Files = append(out.Files, FileEvent{
			ClosureID: r.ClosureID, Name: r.Name, Type: r.Type, CreatedBy: r.CreatedBy, UserName: r.UserName,
			Version: vemap.Version(r.Number), CreatedAt: r.CreatedAt.Time,
		})
	}
	return err
}

func stakeholderEvents(tx *gorm.DB, closureID string, out *Events) error {
	var rs []stakeholderRow
	err := tx.Where("closure_id = ?", closureID).Order("created_at, id").Find(&rs).Error
	for _, r := range rs {
		out.Stakeholders = append(out.Stakeholders, StakeholderEvent{
			ClosureID: r.ClosureID, UserID: r.UserID, UserName: r.UserName, CreatedBy: r.CreatedBy, CreatedByName: r.CreatedByName,
			CreatedAt: r.CreatedAt.Time, DeletedAt: r.DeletedAt.Ptr(),
		})
	}
	return err
}

func commentEvents(tx *gorm.DB, closureID string, out *Events) error {
	var rs []commentRow
	err := tx.Where("closure_id = ?", closureID).Order("created_at, id").Find(&rs).Error
	for _, r := range rs {
		out.Comments = append(out.Comments, r.fromDB())
	}
	return err
}

func listEvents(tx *gorm.DB, closureID string, out *Events) error {
	var lists []mailingListRow
	if err := tx.Where("closure_id = ?", closureID).Find(&lists).Error; err != nil || len(lists) == 0 {
		return err
	}
	l := lists[0]
	out.List = &MailingList{ID: l.ID, ClosureID: l.ClosureID, CreatedBy: l.CreatedBy, CreatedAt: l.CreatedAt.Time, UpdatedAt: l.UpdatedAt.Time}
	var rs []memberRow
	err := tx.Where("list_id = ?", l.ID).Order("added_at, id").Find(&rs).Error
	for _, r := range rs {
		if r.Active {
			out.List.Active++
		}
		out.Members = append(out.Members, Member{
			RecipientID: r.RecipientID, Email: r.Email, Name: r.Name, Organisation: r.Organisation, AddedBy: r.AddedBy, Active: r.Active, AddedAt: r.AddedAt.Time,
		})
	}
	return err
}

func mailEvents(tx *gorm.DB, closureID string, out *Events) error {
	var rs []mailJobRow
	if err := tx.Where("closure_id = ?", closureID).Order("created_at, id").Find(&rs).Error; err != nil {
		return err
	}
	ids := make([]string, len(rs))
	for i, r := range rs {
		ids[i] = r.ID
	}
	progress, err := outbox.ProgressOf(tx, API, ids)
	for _, r := range rs {
		out.Mails = append(out.Mails, MailEvent{
			CreatedBy: r.CreatedBy, Status: status(progress[r.ID]), Type: r.TemplateName, Subject: r.Subject, CreatedAt: r.CreatedAt.Time,
		})
	}
	return err
}

// status of a whole e-mail: queued while one message waits, failed when one
// never arrived, else sent.
func status(p outbox.Progress) string {
	switch {
	case p.Queued > 0:
		return vemap.MailQueued
	case p.Failed > 0:
		return vemap.MailFailed
	}
	return vemap.MailSent
}

func finalPlan(tx *gorm.DB, closureID string, out *Events) error {
	var rs []fileRow
	err := tx.Where("closure_id = ? AND type = ? AND status = ? AND deleted_at IS NULL", closureID, vemap.TypePlan, vemap.StatusFinal).Find(&rs).Error
	if err != nil || len(rs) == 0 {
		return err
	}
	f, err := rs[0].fromDB()
	out.Final = &f
	return err
}

// Templates are those of the acting tenant, in the order in which they were
// made.
func (d *DB) Templates(ctx context.Context, a vemap.Actor) ([]vemap.Template, error) {
	var rs []templateRow
	if err := d.DB.Reader(ctx).Where("tenant_id = ?", a.TenantID).Order("created_at, id").Find(&rs).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]vemap.Template, len(rs))
	for i, r := range rs {
		t, err := r.fromDB()
		if err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

package geverdb

import (
	"context"
	"strconv"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Approval says that somebody approved a document by resolving a task.
type Approval struct {
	Approver string
	At       time.Time
	Version  int64   // of the document, as it was then
	Task     *Object // nil when it is gone, or the caller may not see it
}

// approvalRow is one approval of a document.
type approvalRow struct {
	ID         int64      `gorm:"primaryKey;autoIncrement"`
	ObjectID   int64      `gorm:"not null;index"` // the document
	TaskRef    int64      `gorm:"not null"`       // the task's int id; it may be gone
	Approver   string     `gorm:"not null"`
	ApprovedAt store.Time `gorm:"not null"`
	Version    int64      `gorm:"not null"`
}

func (approvalRow) TableName() string { return "gever_approvals" }

// keepApprovals remembers at each document that a task's resolution approved it.
func (d *DB) keepApprovals(tx *gorm.DB, user string, task int64, documents []int64) error {
	for _, id := range documents {
		row, err := store.First[objectRow](tx, "id = ?", id)
		if err != nil {
			return err
		}
		err = tx.Create(&approvalRow{ObjectID: id, TaskRef: task, Approver: user, ApprovedAt: store.At(d.Now()), Version: max(row.Versions-1, 0)}).Error
		if err != nil {
			return store.Translate(err)
		}
	}
	return nil
}

// Approvals are those of a document, oldest first. Missing for what is none.
func (d *DB) Approvals(ctx context.Context, user, path string) ([]Approval, error) {
	var out []Approval
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		if !s.kind().Documentish() {
			return gever.Missing()
		}
		var rows []approvalRow
		if err := tx.Where("object_id = ?", s.self().ID).Order("id").Find(&rows).Error; err != nil {
			return store.Translate(err)
		}
		ids := make([]int64, len(rows))
		for i := range rows {
			ids[i] = rows[i].TaskRef
		}
		tasks, err := d.byID(tx, user, ids)
		out = make([]Approval, len(rows))
		for i, r := range rows {
			out[i] = Approval{Approver: r.Approver, At: r.ApprovedAt.Time, Version: r.Version, Task: tasks[r.TaskRef]}
		}
		return err
	})
	return out, err
}

// Predecessor is the task that a task names as its predecessor; nil when it
// names none of this installation, or one that the caller may not see. Missing
// for what is no task.
func (d *DB) Predecessor(ctx context.Context, user, path string) (*Object, error) {
	var out *Object
	err := d.ofTasks(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		ref, ok := gever.RefOf(s.mine()["predecessor"])
		if !ok || ref.Kind != gever.RefOGUID {
			return nil
		}
		row, err := d.find(tx, ref)
		if err != nil || row == nil || row.Type != gever.TaskType {
			return err
		}
		found, err := d.byID(tx, user, []int64{row.ID})
		out = found[row.ID]
		return err
	})
	return out, err
}

// Successors are the tasks that name a task as their predecessor and that the
// caller may see, oldest first. Missing for what is no task.
func (d *DB) Successors(ctx context.Context, user, path string) ([]*Object, error) {
	var out []*Object
	err := d.ofTasks(ctx, user, path, func(tx *gorm.DB, s *spot) error {
		var ids []int64
		err := tx.Model(&termRow{}).Where("name = 'predecessor' AND value = ?", d.Settings.AdminUnit+":"+strconv.FormatInt(s.self().ID, 10)).
			Order("object_id").Pluck("object_id", &ids).Error
		if err != nil {
			return store.Translate(err)
		}
		found, err := d.byID(tx, user, ids)
		out = pick(found, ids)
		return err
	})
	return out, err
}

// ofTasks runs fn for a task that the caller may see.
func (d *DB) ofTasks(ctx context.Context, user, path string, fn func(*gorm.DB, *spot) error) error {
	return d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		if s.kind().Name != gever.TaskType {
			return gever.Missing()
		}
		return fn(tx, s)
	})
}

package geverdb

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Response is a comment, or what happened to a task.
type Response struct {
	ID         int64
	Kind       string // gever.CommentResponse or DefaultResponse
	Transition string
	Text       string
	Creator    User
	CreatedAt  time.Time
	Modifier   string     // "" when it was never changed
	ModifiedAt *time.Time // nil when it was never changed
	Changes    []gever.FieldChange
	Added      []*Object // those of these objects that the caller may see
	Approved   []*Object
	Subtask    *Object
}

// responseRow is one response.
type responseRow struct {
	ID         int64          `gorm:"primaryKey;autoIncrement"`
	ObjectID   int64          `gorm:"not null;index"`
	Kind       string         `gorm:"not null"`
	Transition string         `gorm:"not null"`
	Text       string         `gorm:"not null"`
	Creator    string         `gorm:"not null"`
	CreatedAt  store.Time     `gorm:"not null;autoCreateTime:false"`
	Modifier   string         `gorm:"not null"`
	ModifiedAt store.NullTime `gorm:""`
	Details    string         `gorm:"not null"` // JSON: gever.ResponseDetails
}

func (responseRow) TableName() string { return "gever_responses" }

// Responses are a window of an object's responses, oldest first, and how many
// there are. Missing for what has none.
func (d *DB) Responses(ctx context.Context, user, path string, w Window) (list []Response, total int64, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.responding(d.visible(tx, user, path))
		if err != nil {
			return err
		}
		of := func() *gorm.DB { return tx.Model(&responseRow{}).Where("object_id = ?", s.self().ID) }
		if err := of().Count(&total).Error; err != nil {
			return store.Translate(err)
		}
		var rows []responseRow
		if err := of().Order("id").Offset(int(w.Start)).Limit(int(w.Size)).Find(&rows).Error; err != nil {
			return store.Translate(err)
		}
		list, err = d.responses(tx, user, rows)
		return err
	})
	return list, total, err
}

// responding is a spot whose object has responses.
func (d *DB) responding(s *spot, err error) (*spot, error) {
	if err == nil && !s.kind().Responds() {
		err = gever.Missing()
	}
	return s, err
}

// Response is one of an object's responses.
func (d *DB) Response(ctx context.Context, user, path string, id int64) (*Response, error) {
	var out *Response
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.responding(d.visible(tx, user, path))
		if err != nil {
			return err
		}
		row, err := store.First[responseRow](tx, "id = ? AND object_id = ?", id, s.self().ID)
		if err != nil {
			return err
		}
		list, err := d.responses(tx, user, []responseRow{*row})
		if err == nil {
			out = &list[0]
		}
		return err
	})
	return out, err
}

// responses reads what rows name: users, and the objects that the caller may
// see; in as many queries for any number of rows.
func (d *DB) responses(tx *gorm.DB, user string, rows []responseRow) ([]Response, error) {
	var (
		ids     []int64
		names   []string
		details = make([]gever.ResponseDetails, len(rows))
	)
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.Details), &details[i]); err != nil {
			return nil, fmt.Errorf("geverdb: broken response %d in the store: %w", r.ID, err)
		}
		names = append(names, r.Creator)
		ids = slices.Concat(ids, details[i].Added, details[i].Approved, []int64{details[i].Subtask})
	}
	users, err := d.usersOf(tx, names)
	if err != nil {
		return nil, err
	}
	objects, err := d.byID(tx, user, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Response, len(rows))
	for i, r := range rows {
		creator, known := users[r.Creator]
		if !known {
			creator = User{ID: r.Creator, Login: r.Creator}
		}
		out[i] = Response{
			ID: r.ID, Kind: r.Kind, Transition: r.Transition, Text: r.Text, Creator: creator, CreatedAt: r.CreatedAt.Time, Modifier: r.Modifier,
			ModifiedAt: r.ModifiedAt.Ptr(), Changes: details[i].Changes, Added: pick(objects, details[i].Added),
			Approved: pick(objects, details[i].Approved), Subtask: objects[details[i].Subtask],
		}
	}
	return out, nil
}

// byID reads those of some objects that the caller may see.
func (d *DB) byID(tx *gorm.DB, user string, ids []int64) (map[int64]*Object, error) {
	ids = slices.DeleteFunc(ids, func(id int64) bool { return id == 0 })
	out := map[int64]*Object{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []objectRow
	if err := tx.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	list, err := d.objects(rows)
	if err == nil {
		list, err = d.readable(tx, user, list)
	}
	for _, o := range list {
		out[o.IntID] = o
	}
	return out, err
}

func pick(objects map[int64]*Object, ids []int64) []*Object {
	var out []*Object
	for _, id := range ids {
		if o := objects[id]; o != nil {
			out = append(out, o)
		}
	}
	return out
}

// said reads the responses of views that show them.
func (d *DB) said(tx *gorm.DB, views []*View) error {
	if !d.shows(views, "responses") {
		return nil
	}
	ids, byID := make([]int64, len(views)), map[int64]*View{}
	for i, v := range views {
		ids[i], byID[v.IntID] = v.IntID, v
	}
	var rows []responseRow
	if err := tx.Where("object_id IN ?", ids).Order("id").Find(&rows).Error; err != nil {
		return store.Translate(err)
	}
	list, err := d.responses(tx, views[0].Caller, rows)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if v := byID[r.ObjectID]; v.Type.Responds() {
			v.Said = append(v.Said, list[i])
		}
	}
	return nil
}

// Respond adds a comment and gives its number.
//
// Faults: Missing (also for what has no responses), Unauthorized.
func (d *DB) Respond(ctx context.Context, user, path, text string) (int64, error) {
	row := responseRow{Kind: gever.CommentResponse, Text: text, Creator: user, Details: "{}"}
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.responding(d.locked(tx, user, path))
		if err != nil {
			return err
		}
		if !s.place().MayRespond() {
			return gever.Unauthorized()
		}
		row.ID, row.ObjectID, row.CreatedAt = 0, s.self().ID, store.At(d.Now())
		return store.Translate(tx.Create(&row).Error)
	})
	return row.ID, err
}

// EditResponse gives a comment another text; nil removes it.
//
// Faults: Missing, Unauthorized, ResponseFixed for what is no comment.
func (d *DB) EditResponse(ctx context.Context, user, path string, id int64, text *string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.responding(d.locked(tx, user, path))
		if err != nil {
			return err
		}
		row, err := store.First[responseRow](tx, "id = ? AND object_id = ?", id, s.self().ID)
		if err != nil {
			return err
		}
		if err := s.place().MayEditResponse(row.Kind, row.Creator == user); err != nil {
			return err
		}
		if text == nil {
			return store.Translate(tx.Delete(&responseRow{}, "id = ?", id).Error)
		}
		return store.Translate(tx.Model(&responseRow{}).Where("id = ?", id).Updates(map[string]any{
			"text": *text, "modifier": user, "modified_at": store.At(d.Now()),
		}).Error)
	})
}

// happened keeps what happened to a task.
func (d *DB) happened(tx *gorm.DB, task int64, user, transition, text string, details gever.ResponseDetails) error {
	return store.Translate(tx.Create(&responseRow{
		ObjectID: task, Kind: gever.DefaultResponse, Transition: transition, Text: text, Creator: user, CreatedAt: store.At(d.Now()), Details: textOf(details),
	}).Error)
}

// addedToTask keeps what was made in a task; its row is locked.
func (d *DB) addedToTask(tx *gorm.DB, s *spot, row *objectRow) error {
	switch {
	case !s.kind().Tasklike:
		return nil
	case row.Type == gever.TaskType:
		return d.happened(tx, s.self().ID, s.user, gever.SubtaskAdded, "", gever.ResponseDetails{Subtask: row.ID})
	default:
		return d.happened(tx, s.self().ID, s.user, gever.DocumentAdded, "", gever.ResponseDetails{Added: []int64{row.ID}})
	}
}

// approved reads which documents a transition approves: those in the task, and
// those that it names.
func (d *DB) approved(tx *gorm.DB, s *spot, t gever.Transition, c Change) (gever.ResponseDetails, error) {
	const field = "approved_documents"
	list, given := c.Fields[field].([]any)
	if !given || s.kind().Name != gever.TaskType {
		return gever.ResponseDetails{}, nil
	}
	if !gever.Approves(s.mine(), t) {
		return gever.ResponseDetails{}, gever.InputsNotValid([]fault.Field{
			gever.FieldFault(field, "constraint", "Only resolving a task that asks for approval approves documents."),
		})
	}
	var (
		out    gever.ResponseDetails
		faults []fault.Field
	)
	for _, v := range list {
		ref, _ := gever.RefOf(v)
		row, err := d.find(tx, ref)
		if err != nil {
			return out, err
		}
		ours := false
		if row != nil && gever.TypeOf(row.Type).Documentish() {
			if ours, err = d.ofThisTask(tx, s.self(), row); err != nil {
				return out, err
			}
		}
		if !ours {
			faults = append(faults, ref.Unresolvable(field))
			continue
		}
		out.Approved = append(out.Approved, row.ID)
	}
	return out, gever.InputsNotValid(faults)
}

// ofThisTask tells whether a document stands in a task, or the task names it.
func (d *DB) ofThisTask(tx *gorm.DB, task, document *objectRow) (bool, error) {
	if document.ParentID == task.ID {
		return true, nil
	}
	var n int64
	err := tx.Model(&relationRow{}).Where("from_id = ? AND to_id = ? AND field = 'relatedItems'", task.ID, document.ID).Count(&n).Error
	return n > 0, store.Translate(err)
}

package vemapdb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/vemap"
)

// Closures are those of a project with all that is counted, in the order in
// which they were made. It takes five queries, however many there are.
func (d *DB) Closures(ctx context.Context, a vemap.Actor, op vemap.Operation, projectID string) ([]vemap.Closure, error) {
	var out []vemap.Closure
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		p, err := project(tx, a, op, projectID)
		if err != nil {
			return err
		}
		var rs []closureRow
		if err := closures(tx, a, op).Where("project_id = ?", p.ID).Order("created_at, id").Find(&rs).Error; err != nil {
			return err
		}
		out = make([]vemap.Closure, len(rs))
		for i, r := range rs {
			out[i] = r.fromDB()
		}
		return fillClosures(tx, out, "SELECT id FROM vemap_closures WHERE project_id = ?", p.ID)
	})
	return out, err
}

// Closure is one closure with all that is counted.
func (d *DB) Closure(ctx context.Context, a vemap.Actor, id string) (vemap.Closure, error) {
	var out vemap.Closure
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		c, err := closure(tx, a, vemap.GetClosure, id)
		if err != nil {
			return err
		}
		out, err = filled(tx, c)
		return err
	})
	return out, err
}

func filled(tx *gorm.DB, c vemap.Closure) (vemap.Closure, error) {
	one := []vemap.Closure{c}
	err := fillClosures(tx, one, "SELECT id FROM vemap_closures WHERE id = ?", c.ID)
	return one[0], err
}

// fillClosures adds stakeholders, files, and plans. which is the query that
// gives the ids: a list of them would grow with the list.
func fillClosures(tx *gorm.DB, cs []vemap.Closure, which string, args ...any) error {
	at := make(map[string]*vemap.Closure, len(cs))
	for i := range cs {
		at[cs[i].ID] = &cs[i]
	}
	var stakeholders []struct{ ClosureID, ID, Name string }
	err := tx.Raw(`SELECT s.closure_id, s.user_id AS id, coalesce(u.name, s.user_name) AS name FROM vemap_stakeholders s
		LEFT JOIN vemap_users u ON u.id = s.user_id
		WHERE s.deleted_at IS NULL AND s.closure_id IN (`+which+`) ORDER BY s.id`, args...).Scan(&stakeholders).Error
	if err != nil {
		return err
	}
	for _, s := range stakeholders {
		if c := at[s.ClosureID]; c != nil {
			c.Stakeholders = append(c.Stakeholders, vemap.Person{ID: s.ID, Name: s.Name})
		}
	}
	var sums []struct {
		ClosureID string
		Bytes     int64
		N         int
	}
	err = tx.Raw(`SELECT closure_id, sum(CASE WHEN stored THEN size ELSE 0 END) AS bytes, sum(CASE WHEN current AND NOT archived THEN 1 ELSE 0 END) AS n
		FROM vemap_files WHERE deleted_at IS NULL AND closure_id IN (`+which+`) GROUP BY closure_id`, args...).Scan(&sums).Error
	if err != nil {
		return err
	}
	for _, s := range sums {
		if c := at[s.ClosureID]; c != nil {
			c.StorageUsed, c.FileCount = s.Bytes, s.N
		}
	}
	var plans []fileRow
	err = tx.Where("type = ? AND current AND deleted_at IS NULL AND closure_id IN ("+which+")", append([]any{vemap.TypePlan}, args...)...).Find(&plans).Error
	if err != nil {
		return err
	}
	for _, p := range plans {
		f, err := p.fromDB()
		if err != nil {
			return err
		}
		if c := at[f.ClosureID]; c != nil {
			c.Plan = &f
		}
	}
	return nil
}

// CreateClosure makes a closure in a project that the actor may reach (4.6):
// NotFound for another project, Invalid for dates or stakeholders that do not
// fit.
func (d *DB) CreateClosure(ctx context.Context, a vemap.Actor, n vemap.NewClosure) (vemap.Closure, error) {
	now := d.Now()
	var out vemap.Closure
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, a.TenantID); err != nil {
			return err
		}
		p, err := project(tx, a, vemap.CreateClosure, n.ProjectID)
		if err != nil {
			return err
		}
		users, err := roles(tx, a.TenantID, n.Stakeholders)
		if err != nil {
			return err
		}
		start, end, err := n.Check(p.Start, p.End, users)
		if err != nil {
			return err
		}
		r := closureRow{
			ID: d.id(vemap.PrefixClosure), TenantID: a.TenantID, ProjectID: p.ID, Name: n.Name, Description: n.Description, Type: n.Type,
			Status: n.Status, RoadSegment: n.RoadSegment, StartDate: store.Date(start), EndDate: store.Date(end),
			CreatedBy: a.UserID, CreatedByName: a.Name, CreatedAt: store.At(now), UpdatedAt: store.At(now),
		}
		if r.Status == "" {
			r.Status = vemap.StatusOpen
		}
		if err := tx.Create(&r).Error; err != nil {
			return err
		}
		if _, err := d.addStakeholders(tx, a, r.ID, n.Stakeholders); err != nil {
			return err
		}
		out, err = filled(tx, r.fromDB())
		return err
	})
	return out, err
}

// addStakeholders adds who is not there yet and gives how many that were.
func (d *DB) addStakeholders(tx *gorm.DB, a vemap.Actor, closureID string, ids []string) (int, error) {
	var present []string
	if err := tx.Model(&stakeholderRow{}).Where("closure_id = ? AND deleted_at IS NULL", closureID).Pluck("user_id", &present).Error; err != nil {
		return 0, err
	}
	there := make(map[string]bool, len(present))
	for _, id := range present {
		there[id] = true
	}
	names, err := people(tx, ids)
	if err != nil {
		return 0, err
	}
	var fresh []stakeholderRow
	for _, id := range vemap.Distinct(ids) {
		if !there[id] {
			fresh = append(fresh, stakeholderRow{
				ClosureID: closureID, UserID: id, UserName: names[id].Name, CreatedBy: a.UserID, CreatedByName: a.Name, CreatedAt: store.At(d.Now()),
			})
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	return len(fresh), tx.CreateInBatches(fresh, 50).Error
}

// AddStakeholders adds users of the tenant to a closure, all or none (Invalid
// names who is unknown), and gives how many are new and how many there are.
func (d *DB) AddStakeholders(ctx context.Context, a vemap.Actor, closureID string, ids []string) (added, total int, err error) {
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, a.TenantID); err != nil {
			return err
		}
		c, err := lockClosure(tx, a, vemap.AddStakeholders, closureID)
		if err != nil {
			return err
		}
		users, err := roles(tx, a.TenantID, ids)
		if err != nil {
			return err
		}
		if err := vemap.CheckStakeholders(ids, users); err != nil {
			return err
		}
		if added, err = d.addStakeholders(tx, a, c.ID, ids); err != nil {
			return err
		}
		var n int64
		if err := tx.Model(&stakeholderRow{}).Where("closure_id = ? AND deleted_at IS NULL", c.ID).Count(&n).Error; err != nil {
			return err
		}
		total = int(n)
		return d.touch(tx, c.ID)
	})
	return added, total, err
}

// RemoveStakeholder ends a user's part in a closure; the event stays. NotFound
// when he has none.
func (d *DB) RemoveStakeholder(ctx context.Context, a vemap.Actor, closureID, userID string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		c, err := lockClosure(tx, a, vemap.RemoveStakeholder, closureID)
		if err != nil {
			return err
		}
		ended := tx.Model(&stakeholderRow{}).Where("closure_id = ? AND user_id = ? AND deleted_at IS NULL", c.ID, userID).
			Update("deleted_at", store.At(d.Now()))
		if ended.Error != nil {
			return ended.Error
		}
		if ended.RowsAffected == 0 {
			return vemap.Missing("Stakeholder")
		}
		return d.touch(tx, c.ID)
	})
}

func (d *DB) touch(tx *gorm.DB, closureID string) error {
	return tx.Model(&closureRow{}).Where("id = ?", closureID).Update("updated_at", store.At(d.Now())).Error
}

// CommentPage is how comments are asked for.
type CommentPage struct {
	Limit, Offset int
	SortBy        string // created_at, user_name, type, or version
	Ascending     bool
}

// commentOrder are the columns by which comments may be sorted.
var commentOrder = map[string]string{"created_at": "created_at", "user_name": "user_name", "type": "type", "version": "number"}

// Comments are those of a closure, and how many there are without the page.
func (d *DB) Comments(ctx context.Context, a vemap.Actor, closureID string, p CommentPage) ([]vemap.Comment, int64, error) {
	var out []vemap.Comment
	var total int64
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		c, err := closure(tx, a, vemap.GetComments, closureID)
		if err != nil {
			return err
		}
		if err := tx.Model(&commentRow{}).Where("closure_id = ?", c.ID).Count(&total).Error; err != nil {
			return err
		}
		column, way := commentOrder[p.SortBy], " DESC"
		if column == "" {
			column = "created_at"
		}
		if p.Ascending {
			way = ""
		}
		var rs []commentRow
		if err := tx.Where("closure_id = ?", c.ID).Order(column + way + ", id" + way).Limit(p.Limit).Offset(p.Offset).Find(&rs).Error; err != nil {
			return err
		}
		out = make([]vemap.Comment, len(rs))
		for i, r := range rs {
			out[i] = r.fromDB()
		}
		return nil
	})
	return out, total, err
}

// CreateComment makes a comment on a version of the closure's plan (4.7).
func (d *DB) CreateComment(ctx context.Context, a vemap.Actor, closureID string, n vemap.NewComment) (vemap.Comment, error) {
	var out vemap.Comment
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		c, err := lockClosure(tx, a, vemap.CreateComment, closureID)
		if err != nil {
			return err
		}
		plan, err := planOf(tx, c.ID, n.PlanID)
		if err != nil {
			return err
		}
		if err := n.Check(c, plan); err != nil {
			return err
		}
		r := commentRow{
			ID: d.id(vemap.PrefixComment), TenantID: a.TenantID, ProjectID: c.ProjectID, ClosureID: c.ID, FileID: plan.ID, Number: n.Version,
			UserID: a.UserID, UserName: a.Name, Type: n.Type, Message: n.Message, CreatedAt: store.At(d.Now()),
		}
		if r.Type == "" {
			r.Type = vemap.CommentType
		}
		out = r.fromDB()
		return tx.Create(&r).Error
	})
	return out, err
}

// planOf is a file of the closure, or nil.
func planOf(tx *gorm.DB, closureID, id string) (*vemap.File, error) {
	var rs []fileRow
	if err := tx.Where("id = ? AND closure_id = ? AND deleted_at IS NULL", id, closureID).Find(&rs).Error; err != nil || len(rs) == 0 {
		return nil, err
	}
	f, err := rs[0].fromDB()
	return &f, err
}

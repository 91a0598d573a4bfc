package vemapdb

import (
	"gorm.io/gorm"

	"loket/store"
	"loket/store/vemap"
)

// projects are those of the tenant that the actor may reach with op.
func projects(tx *gorm.DB, a vemap.Actor, op vemap.Operation) *gorm.DB {
	q := tx.Model(&projectRow{}).Where("vemap_projects.tenant_id = ?", a.TenantID)
	switch a.Reach(op) {
	case vemap.ReachTenant, vemap.ReachPlatform:
		return q
	case vemap.ReachManaged:
		return q.Where("EXISTS (SELECT 1 FROM vemap_project_managers m WHERE m.project_id = vemap_projects.id AND m.user_id = ?)", a.UserID)
	case vemap.ReachNone, vemap.ReachSelf, vemap.ReachAssigned:
	}
	return q.Where("1 = 0")
}

// project is one of them, or NotFound.
func project(tx *gorm.DB, a vemap.Actor, op vemap.Operation, id string) (vemap.Project, error) {
	r, err := store.First[projectRow](projects(tx, a, op), "vemap_projects.id = ?", id)
	if err != nil {
		return vemap.Project{}, missing(err, "Project")
	}
	return r.fromDB(), nil
}

// closures are those of the tenant that the actor may reach with op.
func closures(tx *gorm.DB, a vemap.Actor, op vemap.Operation) *gorm.DB {
	q := tx.Model(&closureRow{}).Where("vemap_closures.tenant_id = ?", a.TenantID)
	switch a.Reach(op) {
	case vemap.ReachTenant, vemap.ReachPlatform:
		return q
	case vemap.ReachManaged:
		return q.Where("EXISTS (SELECT 1 FROM vemap_project_managers m WHERE m.project_id = vemap_closures.project_id AND m.user_id = ?)", a.UserID)
	case vemap.ReachAssigned:
		return q.Where("EXISTS (SELECT 1 FROM vemap_stakeholders s WHERE s.closure_id = vemap_closures.id AND s.user_id = ? AND s.deleted_at IS NULL)", a.UserID)
	case vemap.ReachNone, vemap.ReachSelf:
	}
	return q.Where("1 = 0")
}

// closure is one of them, or NotFound.
func closure(tx *gorm.DB, a vemap.Actor, op vemap.Operation, id string) (vemap.Closure, error) {
	r, err := store.First[closureRow](closures(tx, a, op), "vemap_closures.id = ?", id)
	if err != nil {
		return vemap.Closure{}, missing(err, "Closure")
	}
	return r.fromDB(), nil
}

// lockClosure is closure, locked until the transaction ends.
func lockClosure(tx *gorm.DB, a vemap.Actor, op vemap.Operation, id string) (vemap.Closure, error) {
	return closure(store.Lock(tx), a, op, id)
}

// files are those that the actor may reach with op: of closures that he may
// reach, and logos for administrators (4.7).
func files(tx *gorm.DB, a vemap.Actor, op vemap.Operation) *gorm.DB {
	ids := closures(tx.Session(&gorm.Session{NewDB: true}), a, op).Select("vemap_closures.id")
	q := tx.Model(&fileRow{}).Where("vemap_files.tenant_id = ? AND vemap_files.deleted_at IS NULL", a.TenantID)
	if a.VisibleLogo() {
		return q.Where("vemap_files.closure_id IS NULL OR vemap_files.closure_id IN (?)", ids)
	}
	return q.Where("vemap_files.closure_id IN (?)", ids)
}

// file is the row of one of them, or NotFound.
func file(tx *gorm.DB, a vemap.Actor, op vemap.Operation, id string) (*fileRow, vemap.File, error) {
	r, err := store.First[fileRow](files(tx, a, op), "vemap_files.id = ?", id)
	if err != nil {
		return nil, vemap.File{}, missing(err, "File")
	}
	f, err := r.fromDB()
	return r, f, err
}

// roles are those of the users of the tenant among ids.
func roles(tx *gorm.DB, tenantID string, ids []string) (map[string]vemap.Role, error) {
	var ms []membershipRow
	if err := tx.Where("tenant_id = ? AND user_id IN ?", tenantID, ids).Find(&ms).Error; err != nil {
		return nil, err
	}
	out := make(map[string]vemap.Role, len(ms))
	for _, m := range ms {
		out[m.UserID] = vemap.Role(m.Role)
	}
	return out, nil
}

// people are users by id, as other objects show them.
func people(tx *gorm.DB, ids []string) (map[string]vemap.Person, error) {
	var us []userRow
	if err := tx.Select("id, name, email").Where("id IN ?", ids).Find(&us).Error; err != nil {
		return nil, err
	}
	out := make(map[string]vemap.Person, len(us))
	for _, u := range us {
		out[u.ID] = vemap.Person{ID: u.ID, Name: u.Name, Email: u.Email}
	}
	return out, nil
}

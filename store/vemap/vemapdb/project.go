package vemapdb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/vemap"
)

// Projects are those that the actor may see, with managers and sums, in the
// order in which they were made. It takes four queries, however many there are.
func (d *DB) Projects(ctx context.Context, a vemap.Actor) ([]vemap.Project, error) {
	var out []vemap.Project
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		var rs []projectRow
		if err := projects(tx, a, vemap.GetProjects).Order("created_at, id").Find(&rs).Error; err != nil {
			return err
		}
		out = make([]vemap.Project, len(rs))
		for i, r := range rs {
			out[i] = r.fromDB()
		}
		return fillProjects(tx, a.TenantID, out)
	})
	return out, err
}

// fillProjects adds what is counted. Everything of the tenant is counted in one
// go: a list of ids would grow with the list.
func fillProjects(tx *gorm.DB, tenantID string, ps []vemap.Project) error {
	managers, err := projectManagers(tx, "p.tenant_id = ?", tenantID)
	if err != nil {
		return err
	}
	closures, err := counts(tx, "SELECT project_id AS id, count(*) AS n FROM vemap_closures WHERE tenant_id = ? GROUP BY project_id", tenantID)
	if err != nil {
		return err
	}
	var used []struct {
		ProjectID string
		Bytes     int64
	}
	err = tx.Raw(`SELECT project_id, sum(size) AS bytes FROM vemap_files
		WHERE tenant_id = ? AND project_id IS NOT NULL AND deleted_at IS NULL AND stored GROUP BY project_id`, tenantID).Scan(&used).Error
	if err != nil {
		return err
	}
	bytes := make(map[string]int64, len(used))
	for _, u := range used {
		bytes[u.ProjectID] = u.Bytes
	}
	for i := range ps {
		ps[i].Managers, ps[i].Closures, ps[i].StorageUsed = managers[ps[i].ID], closures[ps[i].ID], bytes[ps[i].ID]
	}
	return nil
}

// projectManagers are managers by project, in the order in which they came.
func projectManagers(tx *gorm.DB, where string, args ...any) (map[string][]vemap.Person, error) {
	var rs []struct{ ProjectID, ID, Name, Email string }
	err := tx.Raw(`SELECT m.project_id, u.id, u.name, u.email FROM vemap_project_managers m
		JOIN vemap_projects p ON p.id = m.project_id JOIN vemap_users u ON u.id = m.user_id
		WHERE `+where+` ORDER BY m.project_id, m.position, u.id`, args...).Scan(&rs).Error
	if err != nil {
		return nil, err
	}
	out := make(map[string][]vemap.Person)
	for _, r := range rs {
		out[r.ProjectID] = append(out[r.ProjectID], vemap.Person{ID: r.ID, Name: r.Name, Email: r.Email})
	}
	return out, nil
}

// CreateProject makes a project (4.6). Invalid for dates that are none or stand
// in the wrong order, a tenant or maker other than the acting ones, and
// managers who are none.
func (d *DB) CreateProject(ctx context.Context, a vemap.Actor, n vemap.NewProject) (vemap.Project, error) {
	n.Managers = vemap.Distinct(n.Managers)
	now := d.Now()
	var out vemap.Project
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, a.TenantID); err != nil {
			return err
		}
		members, err := roles(tx, a.TenantID, n.Managers)
		if err != nil {
			return err
		}
		start, end, err := n.Check(a, members)
		if err != nil {
			return err
		}
		r := projectRow{
			ID: d.id(vemap.PrefixProject), TenantID: a.TenantID, Name: n.Name, Description: n.Description,
			ContractingAuthority: n.ContractingAuthority, RoadNumbers: n.RoadNumbers, StartDate: store.Date(start), EndDate: store.Date(end),
			PhaseNumber: n.PhaseNumber, CreatedBy: a.UserID, CreatedAt: store.At(now), UpdatedAt: store.At(now),
		}
		if err := tx.Create(&r).Error; err != nil {
			return err
		}
		if err := addManagers(tx, r.ID, 0, n.Managers); err != nil {
			return err
		}
		managers, err := projectManagers(tx, "p.id = ?", r.ID)
		out = r.fromDB()
		out.Managers = managers[r.ID]
		return err
	})
	return out, err
}

func addManagers(tx *gorm.DB, projectID string, after int, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	rs := make([]managerRow, len(ids))
	for i, id := range ids {
		rs[i] = managerRow{ProjectID: projectID, UserID: id, Position: int64(after + i + 1)}
	}
	return tx.Create(&rs).Error
}

// AddManagers adds managers to a project, and gives how many there are then
// (I16). Invalid when one of them can be none; then nobody is added.
func (d *DB) AddManagers(ctx context.Context, a vemap.Actor, projectID string, ids []string) (int, error) {
	total := 0
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, a.TenantID); err != nil {
			return err
		}
		p, err := project(tx, a, vemap.UpdateProject, projectID)
		if err != nil {
			return err
		}
		members, err := roles(tx, a.TenantID, ids)
		if err != nil {
			return err
		}
		if err := vemap.CheckManagers(ids, members); err != nil {
			return err
		}
		var present []managerRow
		if err := tx.Where("project_id = ?", p.ID).Order("position").Find(&present).Error; err != nil {
			return err
		}
		last := 0
		there := make(map[string]bool, len(present))
		for _, m := range present {
			there[m.UserID] = true
			last = int(m.Position)
		}
		var fresh []string
		for _, id := range vemap.Distinct(ids) {
			if !there[id] {
				fresh = append(fresh, id)
			}
		}
		total = len(present) + len(fresh)
		if err := addManagers(tx, p.ID, last, fresh); err != nil {
			return err
		}
		return tx.Model(&projectRow{}).Where("id = ?", p.ID).Update("updated_at", store.At(d.Now())).Error
	})
	return total, err
}

// Recipients are those of a project, in the order in which they came.
func (d *DB) Recipients(ctx context.Context, a vemap.Actor, projectID string) ([]vemap.Recipient, error) {
	var out []vemap.Recipient
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		p, err := project(tx, a, vemap.GetProjectRecipients, projectID)
		if err != nil {
			return err
		}
		var rs []recipientRow
		if err := tx.Where("project_id = ?", p.ID).Order("position, id").Find(&rs).Error; err != nil {
			return err
		}
		out = make([]vemap.Recipient, len(rs))
		for i, r := range rs {
			out[i] = r.fromDB()
		}
		return nil
	})
	return out, err
}

func (r recipientRow) fromDB() vemap.Recipient {
	return vemap.Recipient{ID: r.ID, ProjectID: r.ProjectID, Email: r.Email, Name: r.Name, Organisation: r.Organisation}
}

// SavedRecipients tells what became of the recipients of a request (4.8).
type SavedRecipients struct {
	Created, Updated int
	Recipients       []vemap.Recipient
	ListID           string // "" without a mailing list
	AddedToList      int
}

// SaveRecipients makes or updates recipients of a project by e-mail address
// (operation 18).
func (d *DB) SaveRecipients(ctx context.Context, a vemap.Actor, projectID string, rs []vemap.NewRecipient) (SavedRecipients, error) {
	var out SavedRecipients
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		p, err := project(store.Lock(tx), a, vemap.CreateProjectRecipients, projectID)
		if err != nil {
			return err
		}
		out, err = d.saveRecipients(tx, a, p.ID, vemap.DistinctRecipients(rs))
		return err
	})
	return out, err
}

// saveRecipients writes distinct recipients of a locked project, in a number of
// queries that does not grow but for what changes.
func (d *DB) saveRecipients(tx *gorm.DB, a vemap.Actor, projectID string, rs []vemap.NewRecipient) (SavedRecipients, error) {
	keys := make([]string, len(rs))
	for i, r := range rs {
		keys[i] = vemap.FoldEmail(r.Email)
	}
	var present []recipientRow
	if err := tx.Where("project_id = ? AND email_key IN ?", projectID, keys).Find(&present).Error; err != nil {
		return SavedRecipients{}, err
	}
	known := make(map[string]recipientRow, len(present))
	for _, r := range present {
		known[r.EmailKey] = r
	}
	organisations, err := organisationsOf(tx, a.TenantID, keys)
	if err != nil {
		return SavedRecipients{}, err
	}
	var last int64
	if err := tx.Raw("SELECT coalesce(max(position), 0) FROM vemap_recipients WHERE project_id = ?", projectID).Scan(&last).Error; err != nil {
		return SavedRecipients{}, err
	}
	out := SavedRecipients{Recipients: make([]vemap.Recipient, len(rs))}
	var fresh []recipientRow
	for i, n := range rs {
		r, there := known[keys[i]]
		r.Email, r.Name = n.Email, n.Name
		switch {
		case n.Organisation != nil:
			r.Organisation = *n.Organisation
		case r.Organisation == "":
			r.Organisation = organisations[keys[i]] // I36
		}
		if there {
			out.Updated++
			err := tx.Model(&recipientRow{}).Where("id = ?", r.ID).
				Updates(map[string]any{"email": r.Email, "name": r.Name, "organisation": r.Organisation}).Error
			if err != nil {
				return SavedRecipients{}, err
			}
		} else {
			out.Created++
			last++
			r.ID, r.TenantID, r.ProjectID, r.EmailKey = d.id(vemap.PrefixRecipient), a.TenantID, projectID, keys[i]
			r.Position, r.CreatedAt = last, store.At(d.Now())
			fresh = append(fresh, r)
		}
		out.Recipients[i] = r.fromDB()
	}
	if len(fresh) > 0 {
		err = tx.CreateInBatches(fresh, 50).Error
	}
	return out, err
}

// organisationsOf finds the organisation of addresses that the tenant knows:
// of another project's recipient, or of a user (I36).
func organisationsOf(tx *gorm.DB, tenantID string, keys []string) (map[string]string, error) {
	var rs []struct{ EmailKey, Organisation string }
	err := tx.Raw(`SELECT email_key, organisation FROM vemap_recipients WHERE tenant_id = @t AND email_key IN @k AND organisation <> ''
		UNION ALL SELECT u.email_key, u.company FROM vemap_users u JOIN vemap_memberships m ON m.user_id = u.id AND m.tenant_id = @t
		WHERE u.email_key IN @k AND u.company <> '' ORDER BY email_key, organisation`, map[string]any{"t": tenantID, "k": keys}).Scan(&rs).Error
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rs))
	for _, r := range rs {
		if out[r.EmailKey] == "" {
			out[r.EmailKey] = r.Organisation
		}
	}
	return out, nil
}

// DeleteRecipient removes a recipient from a project and from its mailing lists
// (I38).
func (d *DB) DeleteRecipient(ctx context.Context, a vemap.Actor, projectID, id string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		p, err := project(store.Lock(tx), a, vemap.DeleteProjectRecipient, projectID)
		if err != nil {
			return err
		}
		gone := tx.Where("id = ? AND project_id = ?", id, p.ID).Delete(&recipientRow{})
		if gone.Error != nil {
			return gone.Error
		}
		if gone.RowsAffected == 0 {
			return vemap.Missing("Recipient")
		}
		return tx.Model(&memberRow{}).Where("recipient_id = ? AND active", id).Update("active", false).Error
	})
}

// MailingRequest is what operation 36 asks.
type MailingRequest struct {
	ProjectID, ClosureID       string // ClosureID "": no mailing list
	Recipients                 []vemap.NewRecipient
	Template, Subject, Message *string
}

// SaveMailing makes or updates recipients of a project, and with a closure puts
// them on its mailing list, which is made at first use (4.8). Nothing is sent
// (I37). NotFound for a closure of another project, Invalid for a template that
// the tenant has neither as id nor as name (I51).
func (d *DB) SaveMailing(ctx context.Context, a vemap.Actor, in MailingRequest) (SavedRecipients, error) {
	rs := vemap.DistinctRecipients(in.Recipients)
	var out SavedRecipients
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		p, err := project(store.Lock(tx), a, vemap.CreateMailRecipients, in.ProjectID)
		if err != nil {
			return err
		}
		if in.ClosureID != "" {
			c, err := lockClosure(tx, a, vemap.CreateMailRecipients, in.ClosureID)
			if err != nil {
				return err
			}
			if c.ProjectID != p.ID {
				return vemap.Missing("Closure")
			}
		}
		template, err := templateID(tx, a.TenantID, in.Template)
		if err != nil {
			return err
		}
		if out, err = d.saveRecipients(tx, a, p.ID, rs); err != nil || in.ClosureID == "" {
			return err
		}
		return d.enlist(tx, a, in, template, rs, &out)
	})
	return out, err
}

func templateID(tx *gorm.DB, tenantID string, idOrName *string) (string, error) {
	if idOrName == nil {
		return "", nil
	}
	t, err := store.First[templateRow](tx, "tenant_id = ? AND (id = ? OR name = ?)", tenantID, *idOrName, *idOrName)
	if fault.ReasonOf(err) == fault.Missing {
		return "", vemap.Invalid(vemap.Field("/template_id", "is no template of this tenant"))
	}
	if err != nil {
		return "", err
	}
	return t.ID, nil
}

// enlist puts recipients on the closure's mailing list.
func (d *DB) enlist(tx *gorm.DB, a vemap.Actor, in MailingRequest, template string, rs []vemap.NewRecipient, out *SavedRecipients) error {
	now := d.Now()
	l, err := store.First[mailingListRow](tx, "closure_id = ?", in.ClosureID)
	switch {
	case fault.ReasonOf(err) == fault.Missing:
		l = &mailingListRow{ID: d.id(vemap.PrefixMailingList), ClosureID: in.ClosureID, CreatedBy: a.UserID, CreatedAt: store.At(now), UpdatedAt: store.At(now)}
		if err := tx.Create(l).Error; err != nil {
			return err
		}
	case err != nil:
		return err
	}
	changes := map[string]any{"updated_at": store.At(now)}
	if template != "" {
		changes["template"] = template
	}
	for column, text := range map[string]*string{"subject": in.Subject, "message": in.Message} {
		if text != nil {
			changes[column] = *text
		}
	}
	if err := tx.Model(&mailingListRow{}).Where("id = ?", l.ID).Updates(changes).Error; err != nil {
		return err
	}
	var on []string
	if err := tx.Model(&memberRow{}).Where("list_id = ? AND active", l.ID).Pluck("recipient_id", &on).Error; err != nil {
		return err
	}
	there := make(map[string]bool, len(on))
	for _, id := range on {
		there[id] = true
	}
	var fresh []memberRow
	for i, r := range out.Recipients {
		if !there[r.ID] {
			fresh = append(fresh, memberRow{
				ListID: l.ID, RecipientID: r.ID, Email: r.Email, Name: r.Name, Organisation: r.Organisation, Role: rs[i].Role,
				Active: true, AddedBy: a.UserID, AddedAt: store.At(now),
			})
		}
	}
	out.ListID, out.AddedToList = l.ID, len(fresh)
	if len(fresh) == 0 {
		return nil
	}
	return tx.CreateInBatches(fresh, 50).Error
}

// DeleteMailRecipient takes a recipient off the mailing list of a closure; he
// stays with the project (I38). NotFound when he is not on it.
func (d *DB) DeleteMailRecipient(ctx context.Context, a vemap.Actor, projectID, closureID, id string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		p, err := project(tx, a, vemap.DeleteMailRecipient, projectID)
		if err != nil {
			return err
		}
		c, err := lockClosure(tx, a, vemap.DeleteMailRecipient, closureID)
		if err != nil {
			return err
		}
		if c.ProjectID != p.ID {
			return vemap.Missing("Closure")
		}
		off := tx.Model(&memberRow{}).Where("recipient_id = ? AND active AND list_id IN (SELECT id FROM vemap_mailing_lists WHERE closure_id = ?)", id, c.ID).
			Update("active", false)
		if off.Error != nil {
			return off.Error
		}
		if off.RowsAffected == 0 {
			return vemap.Missing("Recipient")
		}
		return tx.Model(&mailingListRow{}).Where("closure_id = ?", c.ID).Update("updated_at", store.At(d.Now())).Error
	})
}

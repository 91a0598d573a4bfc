package vemapdb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/mail"
	"loket/store/outbox"
	"loket/store/vemap"
)

// Tenants are all for ROLE_ADMIN, else the acting one, with live counts.
func (d *DB) Tenants(ctx context.Context, a vemap.Actor) ([]vemap.Tenant, error) {
	var out []vemap.Tenant
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		var rs []tenantRow
		q := tx.Order("created_at, id")
		if a.Reach(vemap.GetTenants) != vemap.ReachPlatform {
			q = q.Where("id = ?", a.TenantID)
		}
		if err := q.Find(&rs).Error; err != nil {
			return err
		}
		users, err := counts(tx, "SELECT tenant_id AS id, count(*) AS n FROM vemap_memberships GROUP BY tenant_id")
		if err != nil {
			return err
		}
		projects, err := counts(tx, "SELECT tenant_id AS id, count(*) AS n FROM vemap_projects GROUP BY tenant_id")
		if err != nil {
			return err
		}
		closures, err := counts(tx, "SELECT tenant_id AS id, count(*) AS n FROM vemap_closures GROUP BY tenant_id")
		if err != nil {
			return err
		}
		managers, err := tenantManagers(tx)
		if err != nil {
			return err
		}
		out = make([]vemap.Tenant, len(rs))
		for i, r := range rs {
			out[i] = vemap.Tenant{
				ID: r.ID, Name: r.Name, Description: r.Description, ContactName: r.ContactName, ContactEmail: r.ContactEmail,
				ContactPhone: r.ContactPhone, CreatedBy: r.CreatedBy, CreatedByName: r.CreatedByName, CreatedAt: r.CreatedAt.Time,
				UpdatedAt: r.UpdatedAt.Time, Active: true, Users: users[r.ID], Projects: projects[r.ID], Closures: closures[r.ID],
				Managers: managers[r.ID],
			}
		}
		return nil
	})
	return out, err
}

func counts(tx *gorm.DB, query string, args ...any) (map[string]int, error) {
	var rs []struct {
		ID string
		N  int
	}
	if err := tx.Raw(query, args...).Scan(&rs).Error; err != nil {
		return nil, err
	}
	out := make(map[string]int, len(rs))
	for _, r := range rs {
		out[r.ID] = r.N
	}
	return out, nil
}

func tenantManagers(tx *gorm.DB) (map[string][]vemap.Person, error) {
	var rs []struct{ TenantID, ID, Name string }
	err := tx.Raw(`SELECT m.tenant_id, u.id, u.name FROM vemap_memberships m JOIN vemap_users u ON u.id = m.user_id
		WHERE m.role = ? ORDER BY m.added_at, u.id`, vemap.RoleManager).Scan(&rs).Error
	if err != nil {
		return nil, err
	}
	out := make(map[string][]vemap.Person)
	for _, r := range rs {
		out[r.TenantID] = append(out[r.TenantID], vemap.Person{ID: r.ID, Name: r.Name})
	}
	return out, nil
}

// NewTenant is what makes a tenant.
type NewTenant struct {
	Name, Description         string
	ContactName, ContactEmail string
	Phone                     *string
	Password                  string
	Logo                      *vemap.Logo
}

// CreatedTenant is a tenant that was made, and where its logo goes.
type CreatedTenant struct {
	Tenant vemap.Tenant
	Logo   *vemap.File // nil: none was announced
	Upload *Link
}

// CreateTenant makes a tenant, its contact person as first administrator with a
// temporary password, a welcome mail, and the record of its logo (4.4). Invalid
// for a password against the policy, Conflict for an e-mail address in use.
func (d *DB) CreateTenant(ctx context.Context, a vemap.Actor, n NewTenant) (CreatedTenant, error) {
	if err := d.ready(ctx); err != nil {
		return CreatedTenant{}, err
	}
	fs := vemap.PasswordFaults("/tempPassword", n.Password)
	if n.Logo != nil {
		fs = append(fs, n.Logo.Faults("/logoMetadata")...)
	}
	if err := vemap.Invalid(fs...); err != nil {
		return CreatedTenant{}, err
	}
	hash, err := d.Hasher.Hash(ctx, n.Password)
	if err != nil {
		return CreatedTenant{}, err
	}
	now := d.Now()
	t := tenantRow{
		ID: d.id(vemap.PrefixTenant), Name: n.Name, Description: n.Description, ContactName: n.ContactName, ContactEmail: n.ContactEmail,
		ContactPhone: n.Phone, CreatedBy: a.UserID, CreatedByName: a.Name, CreatedAt: store.At(now), UpdatedAt: store.At(now),
	}
	user := d.newUser(NewUser{Email: n.ContactEmail, Name: n.ContactName, Company: n.Name, Phone: n.Phone}, hash, true, now)
	welcome := mail.Message{ID: d.id(vemap.PrefixMessage), To: n.ContactEmail, ToName: n.ContactName, QueuedAt: now}
	welcome.Subject, welcome.Text = vemap.Welcome(n.ContactName, n.Name)
	out := CreatedTenant{Tenant: vemap.Tenant{ID: t.ID, Name: t.Name, Description: t.Description, ContactName: t.ContactName, ContactEmail: t.ContactEmail}}
	if n.Logo != nil {
		logo := n.Logo.AnnounceLogo(t.ID, a, now)
		logo.ID = d.id(vemap.PrefixFile)
		out.Logo, out.Upload = &logo, d.upload(logo, now)
	}
	err = d.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&t).Error; err != nil {
			return err
		}
		if err := addUser(tx, user, t.ID, vemap.RoleOrganisation, now); err != nil {
			return err
		}
		if out.Logo != nil {
			r, err := toDB(*out.Logo, fileRow{})
			if err != nil {
				return err
			}
			if err := tx.Create(&r).Error; err != nil {
				return err
			}
		}
		return d.queue(tx, outbox.Mail{API: API, Reference: t.ID, Message: welcome})
	})
	return out, err
}

// DeletedTenant counts what went with a tenant (I47).
type DeletedTenant struct{ Users, Files, Stored int }

// DeleteTenant removes a tenant and all that is its own, in one transaction;
// users who are in another tenant too only leave it. Conflict for the acting
// tenant and for one of the actor's own, NotFound for one that is not there. The bytes go after the commit.
func (d *DB) DeleteTenant(ctx context.Context, a vemap.Actor, id string) (DeletedTenant, error) {
	if id == a.TenantID {
		return DeletedTenant{}, vemap.OwnTenantFault()
	}
	var out DeletedTenant
	var keys []string
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, id); err != nil {
			return err
		}
		// Nor a tenant of one's own in which one does not act just now: it would
		// take the account with it.
		var own int64
		if err := tx.Model(&membershipRow{}).Where("tenant_id = ? AND user_id = ?", id, a.UserID).Count(&own).Error; err != nil {
			return err
		}
		if own > 0 {
			return vemap.OwnTenantFault()
		}
		var files []fileRow
		if err := tx.Select("id, stored, blob_key").Where("tenant_id = ? AND deleted_at IS NULL", id).Find(&files).Error; err != nil {
			return err
		}
		var users []string
		if err := tx.Model(&membershipRow{}).Where("tenant_id = ?", id).Order("user_id").Pluck("user_id", &users).Error; err != nil {
			return err
		}
		out, keys = DeletedTenant{Users: len(users), Files: len(files)}, nil
		for _, f := range files {
			if f.Stored {
				out.Stored++
				keys = append(keys, value(f.BlobKey))
			}
		}
		return removeTenant(tx, id)
	})
	if err != nil {
		return DeletedTenant{}, err
	}
	d.dropBlobs(ctx, keys...)
	return out, nil
}

// removeTenant deletes what points at a thing before the thing.
func removeTenant(tx *gorm.DB, id string) error {
	closures := "SELECT id FROM vemap_closures WHERE tenant_id = @t"
	jobs := "SELECT id FROM vemap_mail_jobs WHERE closure_id IN (" + closures + ")"
	lists := "SELECT id FROM vemap_mailing_lists WHERE closure_id IN (" + closures + ")"
	members := "SELECT user_id FROM vemap_memberships WHERE tenant_id = @t"
	only := members + " AND NOT EXISTS (SELECT 1 FROM vemap_memberships o WHERE o.user_id = vemap_memberships.user_id AND o.tenant_id <> @t)"
	var references, gone []string
	at := map[string]any{"t": id}
	if err := tx.Raw(only, at).Scan(&gone).Error; err != nil {
		return err
	}
	if err := tx.Raw(jobs, at).Scan(&references).Error; err != nil {
		return err
	}
	// Mail to the tenant itself and codes for its users are under their ids.
	if err := outbox.Remove(tx, API, append(append(references, gone...), id)); err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM vemap_mails WHERE job_id IN (" + jobs + ")",
		"DELETE FROM vemap_mail_jobs WHERE closure_id IN (" + closures + ")",
		"DELETE FROM vemap_mailing_list_members WHERE list_id IN (" + lists + ")",
		"DELETE FROM vemap_mailing_lists WHERE closure_id IN (" + closures + ")",
		"DELETE FROM vemap_comments WHERE tenant_id = @t",
		"DELETE FROM vemap_file_events WHERE closure_id IN (" + closures + ")",
		"DELETE FROM vemap_files WHERE tenant_id = @t",
		"DELETE FROM vemap_stakeholders WHERE closure_id IN (" + closures + ")",
		"DELETE FROM vemap_closures WHERE tenant_id = @t",
		"DELETE FROM vemap_recipients WHERE tenant_id = @t",
		"DELETE FROM vemap_project_managers WHERE project_id IN (SELECT id FROM vemap_projects WHERE tenant_id = @t)",
		"DELETE FROM vemap_projects WHERE tenant_id = @t",
		"DELETE FROM vemap_templates WHERE tenant_id = @t",
		"DELETE FROM vemap_sessions WHERE user_id IN (" + members + ")",
		"DELETE FROM vemap_memberships WHERE tenant_id = @t",
		"DELETE FROM vemap_tenants WHERE id = @t",
	} {
		if err := tx.Exec(statement, at).Error; err != nil {
			return err
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return tx.Where("id IN ?", gone).Delete(&userRow{}).Error
}

package vemapdb

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/vemap"
)

// Users are those of the acting tenant, in the order in which they came.
func (d *DB) Users(ctx context.Context, a vemap.Actor) ([]vemap.User, error) {
	var out []vemap.User
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		var rs []struct {
			Row  userRow `gorm:"embedded"`
			Role string
		}
		err := tx.Table("vemap_users").Select("vemap_users.*, m.role").
			Joins("JOIN vemap_memberships m ON m.user_id = vemap_users.id AND m.tenant_id = ?", a.TenantID).
			Order("m.added_at, vemap_users.id").Find(&rs).Error
		if err != nil {
			return err
		}
		out = make([]vemap.User, len(rs))
		for i, r := range rs {
			out[i] = r.Row.fromDB(a.TenantID, r.Role)
		}
		return nil
	})
	return out, err
}

// NewUser is what makes a user.
type NewUser struct {
	Email, Name, Company string
	Phone                *string
	Role                 vemap.Role
	Password             string
}

// CreateUser makes a user of the acting tenant with a temporary password.
// Forbidden for a role that the actor may not give, Invalid for a password
// against the policy, Conflict for an e-mail address in use anywhere.
func (d *DB) CreateUser(ctx context.Context, a vemap.Actor, n NewUser) (vemap.User, error) {
	if err := a.MayGive(n.Role); err != nil {
		return vemap.User{}, err
	}
	if err := vemap.Invalid(vemap.PasswordFaults("/password", n.Password)...); err != nil {
		return vemap.User{}, err
	}
	hash, err := d.Hasher.Hash(ctx, n.Password)
	if err != nil {
		return vemap.User{}, err
	}
	now := d.Now()
	r := d.newUser(n, hash, true, now)
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, a.TenantID); err != nil {
			return err
		}
		return addUser(tx, r, a.TenantID, n.Role, now)
	})
	return r.fromDB(a.TenantID, string(n.Role)), err
}

func (d *DB) newUser(n NewUser, hash string, temporary bool, now time.Time) userRow {
	return userRow{
		ID: d.id(vemap.PrefixUser), EmailKey: vemap.FoldEmail(n.Email), Email: n.Email, Name: n.Name, Company: n.Company, Phone: n.Phone,
		PasswordHash: hash, Temporary: temporary, PasswordAt: store.At(now), CreatedAt: store.At(now), UpdatedAt: store.At(now),
	}
}

func addUser(tx *gorm.DB, r userRow, tenantID string, role vemap.Role, now time.Time) error {
	if err := tx.Create(&r).Error; err != nil {
		return taken(err, vemap.UserTaken())
	}
	return tx.Create(&membershipRow{TenantID: tenantID, UserID: r.ID, Role: string(role), AddedAt: store.At(now)}).Error
}

// UpdateUser changes a user (operation 9). A role other than before ends his
// sessions; ROLE_STAKEHOLDER ends his places as manager too.
func (d *DB) UpdateUser(ctx context.Context, a vemap.Actor, id string, c vemap.UserChange) (vemap.User, error) {
	if a.Reach(vemap.UpdateUser) == vemap.ReachSelf {
		if err := a.MayChange(&vemap.User{ID: id}, c); err != nil {
			return vemap.User{}, err
		}
	}
	var out vemap.User
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, a.TenantID); err != nil {
			return err
		}
		r, user, err := member(tx, a, id)
		if err != nil {
			return err
		}
		if err := a.MayChange(&user, c); err != nil {
			return err
		}
		before := user
		if user.Change(c, d.Now()) {
			if err := changeRole(tx, before, user.Role); err != nil {
				return err
			}
		}
		r.EmailKey, r.Email, r.Name, r.Company, r.Phone = vemap.FoldEmail(user.Email), user.Email, user.Name, user.Company, user.Phone
		r.UpdatedAt = store.At(user.UpdatedAt)
		out = user
		return taken(store.Update(tx, r), vemap.UserTaken())
	})
	return out, err
}

// member is a user of the acting tenant, or NotFound.
func member(tx *gorm.DB, a vemap.Actor, id string) (*userRow, vemap.User, error) {
	m, err := store.First[membershipRow](tx, "tenant_id = ? AND user_id = ?", a.TenantID, id)
	if err != nil {
		return nil, vemap.User{}, missing(err, "User")
	}
	r, err := store.First[userRow](tx, "id = ?", id)
	if err != nil {
		return nil, vemap.User{}, missing(err, "User")
	}
	return r, r.fromDB(a.TenantID, m.Role), nil
}

func changeRole(tx *gorm.DB, before vemap.User, role vemap.Role) error {
	if err := keepsOrganiser(tx, before); err != nil {
		return err
	}
	if !role.CanManage() {
		if err := endManaging(tx, before); err != nil {
			return err
		}
	}
	err := tx.Model(&membershipRow{}).Where("tenant_id = ? AND user_id = ?", before.TenantID, before.ID).Update("role", string(role)).Error
	return errors.Join(err, endSessions(tx, before.ID))
}

func keepsOrganiser(tx *gorm.DB, u vemap.User) error {
	var others int64
	err := tx.Model(&membershipRow{}).Where("tenant_id = ? AND role = ? AND user_id <> ?", u.TenantID, vemap.RoleOrganisation, u.ID).Count(&others).Error
	if err != nil {
		return err
	}
	return vemap.KeepsOrganiser(u, others)
}

// endManaging takes the user out of the projects of his tenant; Conflict when
// one would have no manager left.
func endManaging(tx *gorm.DB, u vemap.User) error {
	var alone []string
	err := tx.Raw(`SELECT m.project_id FROM vemap_project_managers m JOIN vemap_projects p ON p.id = m.project_id
		WHERE m.user_id = ? AND p.tenant_id = ?
		AND NOT EXISTS (SELECT 1 FROM vemap_project_managers o WHERE o.project_id = m.project_id AND o.user_id <> m.user_id)`,
		u.ID, u.TenantID).Scan(&alone).Error
	if err != nil {
		return err
	}
	if err := vemap.KeepsManagers(alone); err != nil {
		return err
	}
	return tx.Where("user_id = ? AND project_id IN (SELECT id FROM vemap_projects WHERE tenant_id = ?)", u.ID, u.TenantID).Delete(&managerRow{}).Error
}

// DeleteUser removes a user of the acting tenant with his sessions; his places
// as stakeholder end and stay as events. A user who is in another tenant too
// only leaves this one.
func (d *DB) DeleteUser(ctx context.Context, a vemap.Actor, id string) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := lockTenant(tx, a.TenantID); err != nil {
			return err
		}
		_, user, err := member(tx, a, id)
		if err != nil {
			return err
		}
		if err := a.MayRemove(user); err != nil {
			return err
		}
		if err := keepsOrganiser(tx, user); err != nil {
			return err
		}
		if err := endManaging(tx, user); err != nil {
			return err
		}
		err = tx.Model(&stakeholderRow{}).
			Where("user_id = ? AND deleted_at IS NULL AND closure_id IN (SELECT id FROM vemap_closures WHERE tenant_id = ?)", id, a.TenantID).
			Update("deleted_at", store.At(d.Now())).Error
		if err != nil {
			return err
		}
		if err := tx.Where("tenant_id = ? AND user_id = ?", a.TenantID, id).Delete(&membershipRow{}).Error; err != nil {
			return err
		}
		if err := endSessions(tx, id); err != nil {
			return err
		}
		return tx.Where("id = ? AND NOT EXISTS (SELECT 1 FROM vemap_memberships m WHERE m.user_id = vemap_users.id)", id).Delete(&userRow{}).Error
	})
}

// AddUser is what `loket user add vemap` asks.
type AddUser struct {
	Email, Name, Company string
	Role                 vemap.Role
	Tenant               string // id or name; a name that is not there yet makes the tenant
	Password             string
}

// AddedUser tells what AddUser did.
type AddedUser struct {
	UserID, TenantID string
	NewTenant        bool
}

// AddUser makes a user with a password of his own, for the operator's command:
// so the first administrator comes in (section 6, bootstrapping), who is then
// also the maker of the platform's tenant. Invalid for a password against the
// policy, Conflict for an address in use.
func (d *DB) AddUser(ctx context.Context, in AddUser) (AddedUser, error) {
	if err := vemap.Invalid(vemap.PasswordFaults("/password", in.Password)...); err != nil {
		return AddedUser{}, err
	}
	hash, err := d.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return AddedUser{}, err
	}
	return d.addUserWith(ctx, hash, in)
}

func (d *DB) addUserWith(ctx context.Context, hash string, in AddUser) (AddedUser, error) {
	now := d.Now()
	r := d.newUser(NewUser{Email: in.Email, Name: in.Name, Company: in.Company}, hash, false, now)
	out := AddedUser{UserID: r.ID}
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		out.NewTenant = false
		t, err := store.First[tenantRow](tx.Order("created_at, id").Limit(1), "id = ? OR name = ?", in.Tenant, in.Tenant)
		if fault.ReasonOf(err) == fault.Missing {
			out.NewTenant = true
			t = &tenantRow{
				ID: d.id(vemap.PrefixTenant), Name: in.Tenant, ContactName: in.Name, ContactEmail: in.Email,
				CreatedBy: r.ID, CreatedByName: r.Name, CreatedAt: store.At(now), UpdatedAt: store.At(now),
			}
			err = tx.Create(t).Error
		}
		if err != nil {
			return err
		}
		out.TenantID = t.ID
		return addUser(tx, r, t.ID, in.Role, now)
	})
	return out, err
}

// Used tells whether anybody has made something here yet: the demo is loaded
// into an unused store only.
func (d *DB) Used(ctx context.Context) (bool, error) {
	var n int64
	err := d.DB.Reader(ctx).Model(&tenantRow{}).Limit(1).Count(&n).Error
	return n > 0, store.Translate(err)
}

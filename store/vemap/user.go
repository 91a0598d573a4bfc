package vemap

import (
	"slices"
	"time"

	"loket/store/fault"
)

// User is a person with his place in one tenant.
type User struct {
	ID, Name, Email, Company string
	Phone                    *string
	TenantID                 string
	Role                     Role
	CreatedAt, UpdatedAt     time.Time
}

// UserChange is what a PATCH asks; nil leaves a value as it is. Phone nil in a
// set PhoneChange removes the number.
type UserChange struct {
	Name, Email, Company *string
	Role                 *Role
	Phone                PhoneChange
}

// PhoneChange is a change of a value that can be taken away.
type PhoneChange struct {
	Set   bool
	Value *string
}

// MayGive checks that the actor may give role to somebody: only ROLE_ADMIN
// makes another (4.3).
func (a Actor) MayGive(role Role) error {
	if role == RoleAdmin && a.Role != RoleAdmin {
		return Forbidden()
	}
	return nil
}

// MayChange checks 4.3, row 9: administrators change all of a user, except that
// ROLE_ORGANISATION neither touches nor makes a ROLE_ADMIN; everybody else
// changes his own name and telephone number. user nil stands for one that was
// not looked up, because it is not the actor himself.
func (a Actor) MayChange(user *User, c UserChange) error {
	if a.Reach(UpdateUser) == ReachSelf {
		if user == nil || user.ID != a.UserID || c.Email != nil || c.Company != nil || c.Role != nil {
			return Forbidden()
		}
		return nil
	}
	if user.Role == RoleAdmin && a.Role != RoleAdmin {
		return Forbidden()
	}
	if c.Role != nil {
		return a.MayGive(*c.Role)
	}
	return nil
}

// Change applies a change at now and tells whether the role is another one,
// which ends the user's sessions (4.1).
func (u *User) Change(c UserChange, now time.Time) (roleChanged bool) {
	for _, f := range []struct{ to, from *string }{{&u.Name, c.Name}, {&u.Email, c.Email}, {&u.Company, c.Company}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if c.Phone.Set {
		u.Phone = c.Phone.Value
	}
	if c.Role != nil && *c.Role != u.Role {
		u.Role = *c.Role
		roleChanged = true
	}
	u.UpdatedAt = now
	return roleChanged
}

// MayRemove checks who may delete whom: nobody himself (Conflict), and
// ROLE_ORGANISATION no ROLE_ADMIN (Forbidden).
func (a Actor) MayRemove(user User) error {
	if user.Role == RoleAdmin && a.Role != RoleAdmin {
		return Forbidden()
	}
	if user.ID == a.UserID {
		return fault.New(fault.Conflict, OwnAccount, "Nobody deletes his own account")
	}
	return nil
}

// KeepsOrganiser checks that a tenant does not lose its last ROLE_ORGANISATION
// (4.5); others counts those beside the user.
func KeepsOrganiser(user User, others int64) error {
	if user.Role == RoleOrganisation && others == 0 {
		return fault.New(fault.Conflict, LastOrganiser, "The last administrator of a tenant stays")
	}
	return nil
}

// KeepsManagers checks that no project loses its last manager (4.5); alone are
// the projects that have no other.
func KeepsManagers(alone []string) error {
	if len(alone) > 0 {
		return fault.New(fault.Conflict, LastManager, "The last manager of a project stays")
	}
	return nil
}

// UserTaken is the fault of an e-mail address in use, anywhere (4.5).
func UserTaken() *fault.Error { return fault.New(fault.Conflict, UserExists, "User already exists") }

// Tenant is an organisation's environment, with its live counts (4.4).
type Tenant struct {
	ID, Name, Description     string
	ContactName, ContactEmail string
	ContactPhone              *string
	CreatedBy, CreatedByName  string
	CreatedAt, UpdatedAt      time.Time
	Active                    bool
	Users, Projects, Closures int
	Managers                  []Person
}

// Person is a user as other objects show him.
type Person struct{ ID, Name, Email string }

// LogoTypes are the media types of a logo; its bytes are at most MaxLogo (4.4).
var LogoTypes = []string{"image/png", "image/jpeg", "image/svg+xml", "image/webp"}

// Sizes that are not exceeded, in bytes.
const (
	MaxLogo = 5 << 20
	MaxFile = 100 << 20
)

// Logo is the announcement of a logo.
type Logo struct {
	FileName, FileType string
	Size               int64
	Version            Version
}

// Faults tells what an announcement of a logo has wrong.
func (l Logo) Faults(pointer string) []fault.Field {
	var fs []fault.Field
	if !slices.Contains(LogoTypes, l.FileType) {
		fs = append(fs, Field(pointer+"/fileType", "must be an image type of a logo"))
	}
	if l.Size < 1 || l.Size > MaxLogo {
		fs = append(fs, Field(pointer+"/fileSize", "must be 1 to 5242880"))
	}
	if !ValidFileName(l.FileName) {
		fs = append(fs, Field(pointer+"/fileName", "must be a file name"))
	}
	return fs
}

// OwnTenantFault is the fault of deleting the tenant in which one acts, or has
// a place.
func OwnTenantFault() *fault.Error {
	return fault.New(fault.Conflict, OwnTenant, "Your own tenant cannot be deleted")
}

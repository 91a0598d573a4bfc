package vemap

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a user is within a tenant.
type Role string

// The five roles. RoleUser reads only and is not given out through the API (I4).
const (
	RoleAdmin        Role = "ROLE_ADMIN"
	RoleOrganisation Role = "ROLE_ORGANISATION"
	RoleManager      Role = "ROLE_MANAGER"
	RoleStakeholder  Role = "ROLE_STAKEHOLDER"
	RoleUser         Role = "ROLE_USER"
)

// Roles are all roles, in the order of the table in 4.3.
var Roles = []Role{RoleAdmin, RoleOrganisation, RoleManager, RoleStakeholder, RoleUser}

// Reach is how far a role's right to an operation goes. The store filters its
// queries by it, so that what is out of reach is never read.
type Reach uint8

// The reaches, from nothing to everything.
const (
	ReachNone     Reach = iota // the operation is forbidden
	ReachSelf                  // the caller's own account
	ReachAssigned              // closures where the caller is stakeholder
	ReachManaged               // projects where the caller is manager
	ReachTenant                // everything of the acting tenant
	ReachPlatform              // every tenant
)

var reachNames = [...]string{"–", "self", "where stakeholder", "own projects", "tenant", "all tenants"}

func (r Reach) String() string { return reachNames[r] }

// Operation is an operation's id in the document.
type Operation string

// The operations that act within a tenant.
const (
	GetUsers                Operation = "getUsers"
	CreateUser              Operation = "createUser"
	UpdateUser              Operation = "updateUser"
	DeleteUser              Operation = "deleteUser"
	GetTenants              Operation = "getTenants"
	CreateTenant            Operation = "createTenant"
	DeleteTenant            Operation = "deleteTenant"
	GetProjects             Operation = "getProjects"
	CreateProject           Operation = "createProject"
	UpdateProject           Operation = "updateProject"
	GetProjectRecipients    Operation = "getProjectRecipients"
	CreateProjectRecipients Operation = "createProjectRecipients"
	DeleteProjectRecipient  Operation = "deleteProjectRecipient"
	GetClosureReferences    Operation = "getClosureReferences"
	GetClosures             Operation = "getClosures"
	GetClosure              Operation = "getClosure"
	CreateClosure           Operation = "createClosure"
	AddStakeholders         Operation = "addStakeholders"
	RemoveStakeholder       Operation = "removeStakeholder"
	GetComments             Operation = "getComments"
	CreateComment           Operation = "createComment"
	GetFiles                Operation = "getFiles"
	GetFile                 Operation = "getFile"
	CreateFile              Operation = "createFile"
	UpdateFile              Operation = "updateFile"
	DeleteFile              Operation = "deleteFile"
	GetStakeholderClosures  Operation = "getStakeholderClosures"
	GetEvents               Operation = "getEvents"
	SendMail                Operation = "sendMail"
	CreateMailRecipients    Operation = "createMailRecipients"
	DeleteMailRecipient     Operation = "deleteMailRecipient"
	GetTemplates            Operation = "getTemplates"
	CreateTemplate          Operation = "createTemplate"
)

// Right is one row of the table: an operation and each role's reach, in the
// order of Roles.
type Right struct {
	Number    int // its number in apis/vemap.md, section 2
	Operation Operation
	Reach     [5]Reach
}

// Rights is the table of 4.3. The check, the filters of the store, and the
// matrix in the README come from it.
var Rights = []Right{
	{7, GetUsers, [5]Reach{ReachTenant, ReachTenant, ReachTenant, ReachNone, ReachNone}},
	{8, CreateUser, [5]Reach{ReachTenant, ReachTenant, ReachNone, ReachNone, ReachNone}},
	{9, UpdateUser, [5]Reach{ReachTenant, ReachTenant, ReachSelf, ReachSelf, ReachSelf}},
	{10, DeleteUser, [5]Reach{ReachTenant, ReachTenant, ReachNone, ReachNone, ReachNone}},
	{11, GetTenants, [5]Reach{ReachPlatform, ReachTenant, ReachTenant, ReachNone, ReachNone}},
	{12, CreateTenant, [5]Reach{ReachPlatform, ReachNone, ReachNone, ReachNone, ReachNone}},
	{13, DeleteTenant, [5]Reach{ReachPlatform, ReachNone, ReachNone, ReachNone, ReachNone}},
	{14, GetProjects, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachTenant}},
	{15, CreateProject, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{16, UpdateProject, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{17, GetProjectRecipients, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachTenant}},
	{18, CreateProjectRecipients, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{19, DeleteProjectRecipient, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{20, GetClosureReferences, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachTenant}},
	{21, GetClosures, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachTenant}},
	{22, GetClosure, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachAssigned, ReachTenant}},
	{23, CreateClosure, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{24, AddStakeholders, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{25, RemoveStakeholder, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{26, GetComments, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachAssigned, ReachTenant}},
	{27, CreateComment, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachAssigned, ReachNone}},
	{28, GetFiles, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachAssigned, ReachTenant}},
	{29, GetFile, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachAssigned, ReachTenant}},
	{30, CreateFile, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{31, UpdateFile, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{32, DeleteFile, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{33, GetStakeholderClosures, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachSelf, ReachNone}},
	{34, GetEvents, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{35, SendMail, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{36, CreateMailRecipients, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{37, DeleteMailRecipient, [5]Reach{ReachTenant, ReachTenant, ReachManaged, ReachNone, ReachNone}},
	{38, GetTemplates, [5]Reach{ReachTenant, ReachTenant, ReachTenant, ReachNone, ReachNone}},
	{39, CreateTemplate, [5]Reach{ReachTenant, ReachTenant, ReachTenant, ReachNone, ReachNone}},
}

var reachOf = func() map[Operation]map[Role]Reach {
	m := make(map[Operation]map[Role]Reach, len(Rights))
	for _, r := range Rights {
		m[r.Operation] = make(map[Role]Reach, len(Roles))
		for i, role := range Roles {
			m[r.Operation][role] = r.Reach[i]
		}
	}
	return m
}()

// ReachOf is how far role may go with op; ReachNone for what the table does not know.
func ReachOf(op Operation, role Role) Reach { return reachOf[op][role] }

// Matrix is the table of rights in Markdown, for the README.
func Matrix() string {
	var b strings.Builder
	b.WriteString("| nr | operation |")
	for _, r := range Roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|---|---|---|---|---|---|\n")
	for _, r := range Rights {
		fmt.Fprintf(&b, "| %d | %s |", r.Number, r.Operation)
		for _, reach := range r.Reach {
			fmt.Fprintf(&b, " %s |", reach)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Account is a user with his roles, as a valid access token finds him.
type Account struct {
	UserID, Name, Email string
	SessionID           string
	Tenants             map[string][]Role // by tenant id
}

// Actor is an account in the role and tenant in which it acts now.
type Actor struct {
	UserID, Name, Email string
	TenantID            string
	Role                Role
}

// Act checks 4.2, steps 2 to 4: both headers are there (Invalid), x-user-id is
// the token's own user, and x-user-role is one of his roles in the tenant;
// ROLE_ADMIN, held anywhere, counts in every tenant (Forbidden).
func (a Account) Act(tenantID, userID string, role Role) (Actor, error) {
	if userID == "" {
		return Actor{}, missingHeader("x-user-id")
	}
	if role == "" {
		return Actor{}, missingHeader("x-user-role")
	}
	if userID != a.UserID || !a.holds(tenantID, role) {
		return Actor{}, Forbidden()
	}
	return Actor{UserID: a.UserID, Name: a.Name, Email: a.Email, TenantID: tenantID, Role: role}, nil
}

func missingHeader(name string) error {
	e := Invalid(Header(name, "is required"))
	return e
}

func (a Account) holds(tenantID string, role Role) bool {
	if slices.Contains(a.Tenants[tenantID], role) {
		return true
	}
	if role != RoleAdmin {
		return false
	}
	for _, roles := range a.Tenants {
		if slices.Contains(roles, RoleAdmin) {
			return true
		}
	}
	return false
}

// May checks 4.2, step 6: Forbidden when the role has no reach at all.
func (a Actor) May(op Operation) error {
	if ReachOf(op, a.Role) == ReachNone {
		return Forbidden()
	}
	return nil
}

// Reach is how far the actor may go with op.
func (a Actor) Reach(op Operation) Reach { return ReachOf(op, a.Role) }

// Assignable tells whether a role can be given out through the API: ROLE_USER
// cannot (I4).
func (r Role) Assignable() bool { return r != RoleUser && slices.Contains(Roles, r) }

// CanManage tells whether a user of this role can be a manager of a project (4.6).
func (r Role) CanManage() bool {
	return r == RoleManager || r == RoleOrganisation || r == RoleAdmin
}

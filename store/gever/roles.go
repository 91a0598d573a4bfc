package gever

import "slices"

// Role is what a user is at a place and below it.
type Role string

// The roles (gever.md 2.3, 2.4). Issuer and Responsible follow from a task.
const (
	Reader      Role = "Reader"
	Contributor Role = "Contributor"
	Editor      Role = "Editor"
	Reviewer    Role = "Reviewer"
	// DossierManager decides who else uses a dossier (protecting).
	DossierManager Role = "DossierManager"
	LimitedAdmin   Role = "LimitedAdmin"
	Administrator  Role = "Administrator"
	Manager        Role = "Manager"
	Issuer         Role = "Issuer"
	Responsible    Role = "Responsible"
	// Owner is whose private folder it is.
	Owner Role = "Owner"
	// Impersonator lets a service key give tokens for other users (3.1).
	Impersonator Role = "Impersonator"
)

// AllRoles can be given to a user at a place.
var AllRoles = []Role{Reader, Contributor, Editor, Reviewer, DossierManager, LimitedAdmin, Administrator, Manager}

// OperatorRoles are what the operator can give: AllRoles, and Impersonator.
var OperatorRoles = append(slices.Clone(AllRoles), Impersonator)

// OwnRoles are what the owner of a private folder is there.
var OwnRoles = []Role{Contributor, Editor, Reviewer, Owner}

// Roles are those of one user at one object: his local roles there and at
// everything above it.
type Roles []Role

// Any tells whether one of them is among these.
func (r Roles) Any(of []Role) bool {
	return slices.ContainsFunc(of, func(x Role) bool { return slices.Contains(r, x) })
}

// grants says which roles have a permission.
var grants = [permissions][]Role{
	View:           {Reader, Contributor, Editor, Reviewer, DossierManager, LimitedAdmin, Administrator, Manager, Issuer, Responsible},
	Modify:         {Editor, LimitedAdmin, Administrator, Manager},
	AddRoot:        {Manager},
	AddFolder:      {Administrator, Manager},
	AddContent:     {Contributor, Editor, LimitedAdmin, Administrator, Manager},
	EditLifecycle:  {LimitedAdmin, Administrator, Manager, Owner},
	EditSubmission: {Administrator, Manager},
	EditCassation:  {Manager},
	EditAddendum:   {Manager},
	Protect:        {DossierManager, Administrator, Manager},
	Administer:     {Administrator, Manager},
	AddPrivate:     {Reader, Contributor, Editor, Reviewer, LimitedAdmin, Administrator, Manager},
	Entrust:        {Manager},
}

// May tells whether the roles give a permission, whatever the object's state.
func (r Roles) May(p Permission) bool { return r.Any(grants[p]) }

// Removed are the states of documents that are for those who can restore them.
var Removed = []string{DocumentRemoved, MailRemoved}

// SeesRemoved tells whether the roles show removed documents.
func (r Roles) SeesRemoved() bool { return r.Any(managers) }

// SeeingRemoved are the roles that do, as texts.
func SeeingRemoved() []string { return textsOf(managers) }

// MayAdminister tells whether the roles let act for others: end their checkouts,
// change what they wrote, read their accounts.
func (r Roles) MayAdminister() bool { return r.May(Administer) }

// Place is an object as permissions see it: itself and what is above it,
// outermost first.
type Place struct {
	Chain []Node
	Roles Roles
}

// Node is one object on the way from the site.
type Node struct {
	Type    *Type
	State   string
	Open    bool // respect_max_subdossier_depth_restriction is off
	Trashed bool
}

// Self is the object itself.
func (p Place) Self() Node { return p.Chain[len(p.Chain)-1] }

// InWorkspace tells whether the object stands in a workspace.
func (p Place) InWorkspace() bool {
	return slices.ContainsFunc(p.Chain, func(n Node) bool { return n.Type.Name == WorkspaceType })
}

// Private tells whether the object stands in a private folder, or is one.
func (p Place) Private() bool {
	return slices.ContainsFunc(p.Chain, func(n Node) bool { return n.Type.Private() })
}

// closed tells whether the object or something above it is closed, or lies in
// the trash: nothing there may be added or changed, not even by a Manager
// (gever.md 2.4).
func (p Place) closed() bool { return p.shut() || p.trashed() }

// shut is closed without regard to the trash.
func (p Place) shut() bool {
	return slices.ContainsFunc(p.Chain, func(n Node) bool { return slices.Contains(n.Type.Workflow.Closed, n.State) })
}

// trashed tells whether the object or something above it lies in the trash.
func (p Place) trashed() bool {
	return slices.ContainsFunc(p.Chain, func(n Node) bool { return n.Trashed })
}

// Flow is the workflow of the object.
func (p Place) Flow() *Workflow { return p.Self().Type.Flow(p.InWorkspace()) }

// Open are the transitions that the caller may take now, by name. Below
// something closed there are none: a subdossier is opened again with its
// dossier. In the trash there are none either.
func (p Place) Open() []Transition {
	if p.Above().shut() || p.trashed() {
		return nil
	}
	return p.Flow().Open(p.Self().State, p.Roles)
}

// Above is what the object stands in.
func (p Place) Above() Place { return Place{Chain: p.Chain[:len(p.Chain)-1], Roles: p.Roles} }

// Within tells whether something above the object is of a type.
func (p Place) Within(kind string) bool { return p.Above().count(kind) > 0 }

// MayView tells whether the object may be read. A removed document is for
// those who can restore it.
func (p Place) MayView() bool {
	if slices.Contains(Removed, p.Self().State) {
		return p.Roles.SeesRemoved()
	}
	return p.Roles.May(View)
}

// MayModify tells whether the object may be changed now.
func (p Place) MayModify() bool {
	return p.Roles.May(Modify) && !p.closed() && !slices.Contains(p.Flow().Frozen, p.Self().State)
}

// MayPublish tells whether the caller may say now whether the object is public:
// wherever he could change it, closed or not (gever.md 3.7).
func (p Place) MayPublish() bool { return p.Roles.May(Modify) && !p.trashed() }

// MayAdd tells whether the caller may add an object of a type here, whatever
// containment says. In an inactive folder nobody may (gever.md 2.3, 2.4).
func (p Place) MayAdd(t *Type) bool {
	inactive := slices.ContainsFunc(p.Chain, func(n Node) bool { return n.State == FolderInactive })
	return p.Roles.May(t.Add) && !p.closed() && !inactive
}

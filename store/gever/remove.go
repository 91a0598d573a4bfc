package gever

import (
	"slices"

	"loket/store/fault"
)

// deletion says who may delete objects of some types, and when.
type deletion struct {
	types   []string // none: every other type
	inside  string   // only below an object of this type
	who     []Role   // none: nobody ever
	empty   bool     // only when nothing is in it, nothing trashed either
	trashed bool     // only out of the trash
	state   string   // only in this state
}

// deletions is the table of gever.md 3.6; the first line that fits decides.
var deletions = []deletion{
	// A private folder stays, that no number of what was in it is given again.
	{types: []string{SiteType, RootType, PrivateFolderType}},
	{types: []string{DocumentType}, inside: TemplateFolderType, who: editors},
	{types: []string{FolderType, DossierType, ContactFolderType, WorkspaceRootType, PrivateRootType}, who: managers, empty: true},
	{types: []string{InboxContainerType, InboxType, YearFolderType, TemplateFolderType}, who: managers, empty: true},
	{types: []string{PrivateDossierType}, who: owners, empty: true},
	{types: []string{ContactType}, who: editors},
	{types: []string{WorkspaceType}, who: managers, state: WorkspaceInactive},
	{inside: WorkspaceType, who: editors, trashed: true},
	{inside: PrivateFolderType, who: owners, trashed: true},
	{who: []Role{Manager}},
}

// The refusals of a deletion.
const (
	MsgDeleteNever   = "Objects of this type cannot be deleted."
	MsgDeleteRight   = "You are not allowed to delete this object."
	MsgDeleteClosed  = "Nothing can be deleted in a closed dossier or workspace."
	MsgDeleteFilled  = "Only an empty object can be deleted."
	MsgDeleteTrash   = "The object must be trashed before it can be deleted."
	MsgDeleteState   = "The workspace must be deactivated before it can be deleted."
	MsgDeleteCheckin = "A checked-out document cannot be deleted."
)

// Content is what deleting, trashing, moving and copying need to know of what
// is in an object, and of itself.
type Content struct {
	Filled     bool // it holds something, be it trashed
	CheckedOut bool // it or something in it is checked out
	Locked     bool // somebody else has locked it or something in it
	Dossiers   int  // levels of dossiers, itself one of them
	Folders    int  // levels of repository folders
}

// CheckDelete says whether the caller may delete the object in this place: 403
// for whoever sees it (gever.md 3.6).
func CheckDelete(p Place, c Content) error {
	self := p.Self()
	i := slices.IndexFunc(deletions, func(d deletion) bool {
		return (len(d.types) == 0 || slices.Contains(d.types, self.Type.Name)) && (d.inside == "" || p.Within(d.inside))
	})
	d := deletions[i] // the last line fits everything
	switch {
	case len(d.who) == 0:
		return deleteRefused(MsgDeleteNever)
	case !p.Roles.Any(d.who):
		return deleteRefused(MsgDeleteRight)
	case p.Above().shut():
		return deleteRefused(MsgDeleteClosed)
	case d.empty && c.Filled:
		return deleteRefused(MsgDeleteFilled)
	case d.trashed && !self.Trashed:
		return deleteRefused(MsgDeleteTrash)
	case d.state != "" && self.State != d.state:
		return deleteRefused(MsgDeleteState)
	case c.CheckedOut:
		return deleteRefused(MsgDeleteCheckin)
	case c.Locked:
		return resourceLocked()
	}
	return nil
}

func deleteRefused(message string) error {
	return fault.New(fault.Forbidden, DeleteRefused, "%s", message)
}

func resourceLocked() error { return fault.New(fault.Forbidden, Locked, "msg_resource_locked") }

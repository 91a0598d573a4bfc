package gever

import "loket/store/fault"

// Trashable tells of objects that go to the trash before they are deleted.
func (t *Type) Trashable() bool { return t.Documentish() || t.Trash }

// CheckTrash says whether the caller may put the object into the trash, with
// what is in it (gever.md 3.6).
func CheckTrash(p Place, c Content) error {
	switch {
	case !p.Self().Type.Trashable():
		return badTrash("Object is not trashable")
	case !p.Roles.May(Modify):
		return Unauthorized()
	case p.Self().Trashed:
		return badTrash("Already trashed")
	case !p.MayModify():
		return Unauthorized()
	case c.CheckedOut:
		return badTrash("Cannot trash a checked-out document")
	case c.Locked:
		return badTrash("Cannot trash a locked document")
	}
	return nil
}

// CheckUntrash says whether the caller may take the object out of the trash.
// What is not in it may stay where it is.
func CheckUntrash(p Place) error {
	self := p.Self()
	out := Place{Chain: append(p.Above().Chain[:len(p.Chain)-1:len(p.Chain)-1], Node{Type: self.Type, State: self.State}), Roles: p.Roles}
	switch above := p.Above(); {
	case !self.Type.Trashable():
		return badTrash("Object is not trashable")
	case above.Self().Trashed:
		return badTrash("Cannot untrash an object whose parent is trashed")
	case !out.MayModify():
		return Unauthorized()
	}
	return nil
}

func badTrash(message string) error { return fault.New(fault.Invalid, BadRequest, "%s", message) }

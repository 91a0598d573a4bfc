package konova

import (
	"slices"

	"loket/store/fault"
)

// Group is a right of a user (apis/konova.md 2.2).
type Group string

// The groups.
const (
	Standard           Group = "Standard"
	RegistrationOffice Group = "Zulassungsbehörde"
	ConservationOffice Group = "Eintragungsstelle"
)

// Groups are all groups.
var Groups = []Group{Standard, RegistrationOffice, ConservationOffice}

// User is who asks.
type User struct {
	ID     int64
	Name   string
	Groups []Group
}

// Has tells whether the user is in the group.
func (u User) Has(g Group) bool { return slices.Contains(u.Groups, g) }

// MayUse refuses a user without the group Standard (2.2: "at least Standard to
// use the API at all"): Forbidden/NoGroup.
func (u User) MayUse() error {
	if u.Has(Standard) {
		return nil
	}
	return fault.New(fault.Forbidden, NoGroup, "Die API verlangt die Gruppe Standard.")
}

// MayCheck refuses who is not in the registration office's group (2.6):
// Forbidden/NoGroup.
func (u User) MayCheck() error {
	if u.Has(RegistrationOffice) {
		return nil
	}
	return fault.New(fault.Forbidden, NoGroup, "Die Prüfung verlangt die Gruppe Zulassungsbehörde.")
}

// MayShare refuses a list that leaves out somebody, unless the user is in one
// of the offices' groups (2.2; decision 39): Forbidden/RemovalNotAllowed.
func (u User) MayShare(before, after []string) error {
	if u.Has(RegistrationOffice) || u.Has(ConservationOffice) {
		return nil
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			return fault.New(fault.Forbidden, RemovalNotAllowed,
				"Benutzer von der Freigabe zu nehmen verlangt die Gruppe Zulassungsbehörde oder Eintragungsstelle.")
		}
	}
	return nil
}

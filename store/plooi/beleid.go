package plooi

import (
	"slices"
	"strings"

	"loket/store/fault"
)

// Aanroeper is what a token says about who asks.
type Aanroeper struct {
	Org    []string // organisation codes
	Rollen []string
}

// Namens tells whether the caller acts for an organisation code.
func (a Aanroeper) Namens(code string) bool { return slices.Contains(a.Org, code) }

// MagSoorten is policy (b): a kamerstuk asks for its role. Identifiers are
// compared without regard to case.
func (a Aanroeper) MagSoorten(documentsoorten []string) bool {
	kamerstuk := slices.ContainsFunc(documentsoorten, func(s string) bool { return strings.EqualFold(s, Kamerstuk) })
	return !kamerstuk || slices.Contains(a.Rollen, RolKamerstuk)
}

// Beslis answers whether a handling is allowed. One that no policy matches is.
func (a Aanroeper) Beslis(handeling, code string, documentsoorten []string) bool {
	return handeling != HandelingCRUD || (a.Namens(code) && a.MagSoorten(documentsoorten))
}

// MagAanleveren is the policy on a new delivery; BeleidGeweigerd (D9).
func (a Aanroeper) MagAanleveren(m *Metadata) error {
	if !a.Beslis(HandelingCRUD, Code(m.Publisher), m.Documentsoorten) {
		return fault.New(fault.Unauthenticated, BeleidGeweigerd, "")
	}
	return nil
}

func geweigerd() error { return fault.New(fault.Forbidden, NietEigenaar, "") }

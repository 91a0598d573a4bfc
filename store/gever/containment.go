package gever

import (
	"slices"
	"strings"

	"loket/store/fault"
)

// Inside is what containment needs to know of the children that are there.
type Inside struct {
	Folders bool // it holds a repository folder
}

// CheckAdd says whether the caller may create an object of a type in this
// place; the refusal explains what is allowed (gever.md 2.8, 3.2).
func (s *Settings) CheckAdd(p Place, t *Type, in Inside) error {
	parent := p.Self().Type
	if len(parent.Contains) == 0 {
		return fault.New(fault.MethodNotAllowed, NoContainer, "%s is no container", parent.Name)
	}
	allowed := s.Allowed(p, in)
	if !slices.Contains(allowed, t.Name) {
		e := fault.New(fault.Forbidden, Disallowed, "Disallowed subobject type: %s", t.Name)
		e.Data = map[string]any{"allowed": allowed}
		return e
	}
	if !p.MayAdd(t) {
		return fault.New(fault.Forbidden, CannotCreate, "Cannot create %s", t.Name)
	}
	return nil
}

// Allowed are the types that containment lets in here, whoever asks; sorted.
func (s *Settings) Allowed(p Place, in Inside) []string {
	return s.fitting(p, in, Content{Dossiers: 1, Folders: 1})
}

// fitting are the types of which an object with that many levels in it, itself
// one of them, may come here; sorted.
func (s *Settings) fitting(p Place, in Inside, c Content) []string {
	self := p.Self()
	if p.closed() {
		return []string{}
	}
	out := slices.DeleteFunc(slices.Clone(self.Type.Contains), func(name string) bool {
		switch {
		case name == FolderType:
			return s.FolderDepth > 0 && p.count(FolderType)+c.Folders > s.FolderDepth
		case self.Type.Name == FolderType && in.Folders:
			return true
		case TypeOf(name).Dossierish():
			return p.countOf((*Type).Dossierish)+c.Dossiers-1 > s.DossierDepth && !p.deepDossiers()
		default:
			return false
		}
	})
	slices.Sort(out)
	return out
}

// count is how many objects of a type the place and what is above it are.
func (p Place) count(name string) int {
	return p.countOf(func(t *Type) bool { return t.Name == name })
}

func (p Place) countOf(is func(*Type) bool) (n int) {
	for _, node := range p.Chain {
		if is(node.Type) {
			n++
		}
	}
	return n
}

// deepDossiers tells whether the nearest folder sets no depth for subdossiers.
func (p Place) deepDossiers() bool {
	for _, n := range slices.Backward(p.Chain) {
		if n.Type.Name == FolderType {
			return n.Open
		}
	}
	return false
}

// Reserved tells of ids at the root that belong to the documentation and to
// the portal, whatever their case.
func Reserved(id string) bool {
	id = strings.ToLower(id)
	return id == "documentation" || strings.HasPrefix(id, "documentation.") || strings.HasPrefix(id, "openapi.") ||
		strings.HasPrefix(id, "workflows.") || id == "reference" || id == "portal"
}

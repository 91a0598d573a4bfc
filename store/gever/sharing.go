package gever

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"loket/store/fault"
)

// Principal is somebody who can be given roles: a user by his id, or a group
// as "group:" and its id. No id of a user holds a colon.
type Principal string

const groupPrefix = "group:"

// Everybody is the group of all who have logged in; it is not kept anywhere.
const Everybody = "AuthenticatedUsers"

// GroupPrincipal is the principal of a group.
func GroupPrincipal(id string) Principal { return Principal(groupPrefix + id) }

// Group is the id of a principal that is a group.
func (p Principal) Group() (string, bool) { return strings.CutPrefix(string(p), groupPrefix) }

// Shared are the roles that @sharing gives and takes, with their titles. Those
// of who administers are given by the operator (gever.md 3.7).
var Shared = []struct {
	Role  Role
	Title string
}{
	{Reader, "Lesen"}, {Contributor, "Dossiers hinzufügen"}, {Editor, "Dossiers bearbeiten"}, {Reviewer, "Dossiers abschliessen"},
	{DossierManager, "Dossiers schützen"},
}

// shareable tells whether @sharing gives and takes the role.
func shareable(r Role) bool {
	for _, s := range Shared {
		if s.Role == r {
			return true
		}
	}
	return false
}

// unblockable are the roles that reach everything when they are given at the
// root: who administers is never locked out.
var unblockable = []Role{LimitedAdmin, Administrator, Manager, Impersonator}

// Given says that a role was given at the At-th object of a chain; 0 is the
// root.
type Given struct {
	At   int
	Role Role
}

// intruding are the roles that reach private folders too when they are given
// at the root.
var intruding = []Role{Manager}

// Walls are the places in a chain of objects that take nothing from above; 0
// is none.
type Walls struct {
	Blocked int // takes no roles
	Private int // somebody's own
}

// pass tells whether what was given counts behind the walls.
func (w Walls) pass(g Given) bool {
	root := g.At == 0
	return (g.At >= w.Blocked || root && slices.Contains(unblockable, g.Role)) && (g.At >= w.Private || root && slices.Contains(intruding, g.Role))
}

// InForce are the roles of what was given that count at the end of a chain with
// these walls.
func InForce(given []Given, w Walls) Roles {
	var out Roles
	for _, g := range given {
		if w.pass(g) && !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}

// Sight is how far somebody sees.
type Sight struct {
	Past       bool // no object that takes no roles from above keeps anything from him
	Everything bool // nor does a private folder
}

// SightOf is that of who was given roles.
func SightOf(given []Given) (s Sight) {
	for _, g := range given {
		sees := g.At == 0 && slices.Contains(grants[View], g.Role)
		s.Past = s.Past || sees && slices.Contains(unblockable, g.Role)
		s.Everything = s.Everything || sees && slices.Contains(intruding, g.Role)
	}
	return s
}

// Viewing are the roles that let see an object, as texts.
func Viewing() []string { return textsOf(grants[View]) }

func textsOf(roles []Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

// MayShare tells whether the caller may change who has which role here, also
// where the object is closed. What is private is shared with nobody.
func (p Place) MayShare() bool { return p.Roles.May(Protect) && !p.Private() }

// MayBlock tells whether a type can refuse what is given above it: containers
// can. A task cannot, nor a forwarding, as its own people see it by its own
// values.
func (t *Type) MayBlock() bool {
	return t.Folderish && t.Name != SiteType && !t.Tasklike
}

// SharingChange is the body of a POST to @sharing.
type SharingChange struct {
	Entries []SharingEntry
	Inherit *bool // nil leaves it as it is
}

// SharingEntry are all roles of one principal at the object; what is not among
// them is taken away.
type SharingEntry struct {
	Principal Principal
	Roles     []Role
}

// ReadSharing reads the body of a POST to @sharing. A role may be true or
// false, or as answers have it "acquired" or "global", which change nothing.
func ReadSharing(body map[string]any) (SharingChange, error) {
	var (
		c      SharingChange
		faults []fault.Field
	)
	if v, given := body["inherit"]; given && v != nil {
		inherit, ok := v.(bool)
		if !ok {
			faults = append(faults, FieldFault("inherit", "type", msgType))
		}
		c.Inherit = &inherit
	}
	entries, given := body["entries"].([]any)
	if !given && body["entries"] != nil {
		faults = append(faults, FieldFault("entries", "type", msgType))
	}
	for i, v := range entries {
		entry, bad := readEntry(v)
		if bad != "" {
			faults = append(faults, FieldFault(fmt.Sprintf("entries/%d", i), "constraint", bad))
			continue
		}
		c.Entries = append(c.Entries, entry)
	}
	return c, InputsNotValid(faults)
}

func readEntry(v any) (e SharingEntry, bad string) {
	m, _ := v.(map[string]any)
	id, _ := m["id"].(string)
	kind, _ := m["type"].(string)
	roles, _ := m["roles"].(map[string]any)
	switch {
	case id == "" || roles == nil:
		return e, "An entry needs id, type and roles."
	case kind == "user":
		e.Principal = Principal(id)
	case kind == "group":
		e.Principal = GroupPrincipal(id)
	default:
		return e, "The type of an entry is user or group."
	}
	for _, name := range slices.Sorted(maps.Keys(roles)) {
		if !shareable(Role(name)) {
			return e, fmt.Sprintf("The role %q cannot be given here.", name)
		}
		switch on := roles[name].(type) {
		case bool:
			if on {
				e.Roles = append(e.Roles, Role(name))
			}
		case nil:
		case string:
			if on != "acquired" && on != "global" {
				return e, fmt.Sprintf("The role %q must be true or false.", name)
			}
		default:
			return e, fmt.Sprintf("The role %q must be true or false.", name)
		}
	}
	return e, ""
}

// Matches tells whether one of the texts holds the words of a query, whatever
// their case and marks.
func Matches(query string, texts ...string) bool {
	query = Folded(query)
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(Folded(t), query) })
}

// Folded is a text without case and marks, for comparing names.
func Folded(s string) string { return strings.ToLower(german.Replace(strings.TrimSpace(s))) }

// OwnUser is the user of this admin unit whom a task's responsible names.
func (s *Settings) OwnUser(responsible string) (string, bool) {
	return strings.CutPrefix(responsible, s.AdminUnit+":")
}

const inboxPrefix = "inbox:"

// InboxTitle is what people call an inbox.
const InboxTitle = "Eingangskorb"

// Inbox is the title of the organisational unit whose inbox an actor is.
func (s *Settings) Inbox(actor string) (title string, ok bool) {
	unit, ok := strings.CutPrefix(actor, inboxPrefix)
	for _, t := range s.Terms(orgUnits) {
		if ok && t.Token == unit {
			return t.Title, true
		}
	}
	return "", false
}

// GroupOf is the id of the group whose users act for an actor: of those who
// empty an inbox, or the group itself.
func (s *Settings) GroupOf(actor string) string {
	if _, ok := s.Inbox(actor); ok {
		return strings.TrimPrefix(actor, inboxPrefix) + "_inbox_users"
	}
	return actor
}

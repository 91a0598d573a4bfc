package gever

import (
	"slices"
	"unicode/utf8"

	"loket/store/fault"
)

// The refusals of moving and copying.
const (
	MsgMoveRight     = "You are not allowed to move this object."
	MsgMoveClosed    = "Nothing in a closed dossier or workspace can be moved."
	MsgMoveTrash     = "What is trashed can be neither moved nor copied."
	MsgMoveItself    = "An object cannot be moved or copied into itself."
	MsgMoveTask      = "Documents inside a task cannot be moved."
	MsgMoveArea      = "The object cannot be moved to another area."
	MsgMoveCheckin   = "A checked-out document cannot be moved."
	MsgMoveContainer = "The target does not take this object."
	MsgMoveAdd       = "You are not allowed to add this object to the target."
)

func moveRefused(message string) error { return fault.New(fault.Forbidden, MoveRefused, "%s", message) }

// Target is where an object is to go.
type Target struct {
	Place
	Inside

	Itself bool // the object, or something in it
}

// area is the type of what stands at the root above a place: objects do not
// move from one to another, for their workflows and numbers are others.
func (p Place) area() string {
	if len(p.Chain) < 2 {
		return ""
	}
	return p.Chain[1].Type.Name
}

// passages are the areas that objects may leave, and where to: what arrived in
// an inbox is filed, and so may a template be, and what somebody has begun for
// himself. The way back is closed (gever.md 3.6: out of the repository neither
// to templates nor to private folders).
var passages = map[string][]string{
	InboxContainerType: {InboxType, RootType},
	InboxType:          {InboxContainerType, RootType},
	TemplateFolderType: {RootType},
	PrivateRootType:    {RootType},
}

// leads tells whether objects may move from here to an area.
func (p Place) leads(area string) bool {
	return p.area() == area || slices.Contains(passages[p.area()], area)
}

// inTask tells whether a task or a forwarding stands above.
func (p Place) inTask() bool {
	return slices.ContainsFunc(p.Above().Chain, func(n Node) bool { return n.Type.Tasklike })
}

// CheckMove says whether the caller may move the object from its place to the
// target (gever.md 3.6).
func (s *Settings) CheckMove(from Place, c Content, to Target) error {
	self := from.Self()
	switch {
	case self.Trashed:
		return moveRefused(MsgMoveTrash)
	case !from.Roles.May(Modify):
		return moveRefused(MsgMoveRight)
	case from.closed():
		return moveRefused(MsgMoveClosed)
	case self.Type.Documentish() && from.inTask():
		return moveRefused(MsgMoveTask)
	case c.CheckedOut:
		return moveRefused(MsgMoveCheckin)
	case c.Locked:
		return resourceLocked()
	case to.Itself:
		return moveRefused(MsgMoveItself)
	case !from.leads(to.area()):
		return moveRefused(MsgMoveArea)
	}
	return s.checkArrival(self.Type, c, to)
}

// CheckCopy says whether the caller may copy the object, which he may see, to
// the target.
func (s *Settings) CheckCopy(from Place, c Content, to Target) error {
	switch self := from.Self(); {
	case slices.ContainsFunc(from.Chain, func(n Node) bool { return n.Trashed }):
		return moveRefused(MsgMoveTrash)
	case to.Itself:
		return moveRefused(MsgMoveItself)
	default:
		return s.checkArrival(self.Type, c, to)
	}
}

func (s *Settings) checkArrival(t *Type, c Content, to Target) error {
	if t.Once || !slices.Contains(s.fitting(to.Place, to.Inside, c), t.Name) {
		return moveRefused(MsgMoveContainer)
	}
	if !to.MayAdd(t) {
		return moveRefused(MsgMoveAdd)
	}
	return nil
}

// Sources reads `source` of @move and @copy: one object's name in any of the
// ways of relations, or a list of them.
func Sources(body map[string]any) ([]Ref, error) {
	v := body["source"]
	if v == nil {
		return nil, fault.New(fault.Invalid, BadRequest, "Property 'source' is required")
	}
	many, ok := v.([]any)
	if !ok {
		many = []any{v}
	}
	if len(many) > maxList {
		return nil, InputsNotValid([]fault.Field{FieldFault("source", "maxItems", msgLong)})
	}
	refs := make([]Ref, len(many))
	for i, one := range many {
		if refs[i], ok = RefOf(one); !ok {
			return nil, InputsNotValid([]fault.Field{FieldFault("source", "type", msgType)})
		}
	}
	return refs, nil
}

// CopyTitles names the copy of an object that stands beside it: "Copy of X".
func CopyTitles(t *Type, v Values) {
	for _, name := range []string{"title", "title_de", "title_fr", "title_en"} {
		f, old := t.Field(name), v.Text(name)
		if f == nil || old == "" {
			continue
		}
		title, limit := "Copy of "+old, f.Max
		if limit == 0 {
			limit = maxLine
		}
		if utf8.RuneCountInString(title) > limit {
			title = string([]rune(title)[:limit])
		}
		v[name] = title
	}
}

// TitleOfValues is the title that an object with these values has.
func (s *Settings) TitleOfValues(t *Type, v Values) string {
	d := &Draft{Values: v, Uploads: map[string]*Upload{}}
	s.titles(t, d, nil)
	return d.Title
}

package gever

import "slices"

// Kind is the sort of a field's value (gever.md 2.1).
type Kind uint8

// The kinds.
const (
	Text      Kind = iota // one line
	Lines                 // text of several lines
	Int                   // whole number
	Float                 // number
	Bool                  // true or false
	Date                  // YYYY-MM-DD, from 1900
	DateTime              // a moment, whole seconds, from 1900
	Choice                // token of a vocabulary
	IntChoice             // number of a vocabulary
	Terms                 // list of free words
	Strings               // list of lines
	User                  // id of a user
	Users                 // list of ids of users
	TaskUser              // "<client>:<user>", "inbox:<unit>" or "team:<n>"
	Relation              // objects, written by any of their names; a list
	File                  // bytes with a name
	RichText              // HTML
	Object                // JSON object of its own
	Slots                 // custom properties: {"<slot>": {"<field>": value}}
	Checklist             // {"items": [{"title": "…", "state": "open" or "closed"}]}
	Names                 // localized title: one line, required in each enabled language
)

// OfUsers tells of values that name users.
func (k Kind) OfUsers() bool { return k == User || k == Users || k == TaskUser }

// Permission is what a role may allow.
type Permission uint8

// The permissions; Modify is the zero value, as most fields need no more.
const (
	Modify Permission = iota
	View
	AddRoot       // repository, contact folder, workspace root at the site; inboxes
	AddFolder     // repository folders, and those of templates and of years
	AddContent    // dossiers, documents, tasks, workspaces and what is in them
	EditLifecycle // archival value, retention, custody, classification of dossiers and folders
	EditSubmission
	EditCassation // Manager only
	EditAddendum  // Manager only
	Protect       // who else may read and write a dossier
	Administer    // what others have checked out, written down, and who they are
	AddPrivate    // a private folder of one's own
	Entrust       // a private folder to somebody else
	permissions
)

// Default says what an absent value becomes on creation.
type Default uint8

// The defaults beside a constant.
const (
	Constant Default = iota
	Today
	TodayPlusFive // five days later without weekends
	Caller        // who creates it
)

// Field describes one value of a type.
type Field struct {
	Name       string
	Title      string // for people, German
	Kind       Kind
	Required   bool // null is refused; without a default it must be given
	ReadOnly   bool // computed or set by the system; ignored when written
	OnCreate   bool // may be written on creation only
	Hidden     bool // never shown
	Inherit    bool // absent on creation: the nearest ancestor's value (2.11)
	Max        int  // characters; 0 is the house's maximum
	Vocabulary string
	Default    Default
	Value      any                     // the constant default
	Empty      any                     // how an unset value is shown; nil is null
	EmptyIn    map[Contract]any        // the same in a contract that differs
	Only       Contract                // of this contract alone; "" is of both
	ReadIn     map[Contract]Permission // in such a contract whoever lacks it does not see the key
	Types      []string                // of related objects
	Single     bool                    // at most one related object
	Groups     bool                    // groups may stand among the users, as "group:" and their id
	Write      Permission
}

// maxText is the longest text that is kept, in characters.
const maxText = 100_000

// maxLine is the longest single line.
const maxLine = 1024

// emptyList shows an unset list.
var emptyList = []any{}

func choice(name, title, vocabulary string, value any) Field {
	return Field{Name: name, Title: title, Kind: Choice, Vocabulary: vocabulary, Required: value != nil, Value: value}
}

func inherited(f Field) Field { f.Inherit = true; return f }

func writtenBy(p Permission, fields ...Field) []Field {
	fields = slices.Clone(fields) // some are shared by several types
	for i := range fields {
		fields[i].Write = p
	}
	return fields
}

func required(f Field) Field { f.Required = true; return f }

func text(name, title string) Field  { return Field{Name: name, Title: title, Kind: Text} }
func lines(name, title string) Field { return Field{Name: name, Title: title, Kind: Lines} }
func date(name, title string) Field  { return Field{Name: name, Title: title, Kind: Date} }
func instant(name, title string) Field {
	return Field{Name: name, Title: title, Kind: DateTime}
}
func float(name, title string) Field { return Field{Name: name, Title: title, Kind: Float} }

func flag(name, title string, value bool) Field {
	return Field{Name: name, Title: title, Kind: Bool, Value: value, Required: true}
}

// Unset is how an unset value is shown.
func (f *Field) Unset(c Contract) any {
	if v, ok := f.EmptyIn[c]; ok {
		return v
	}
	return f.Empty
}

// In tells whether a contract knows the field at all.
func (f *Field) In(c Contract) bool { return f.Only == "" || f.Only == c }

// Secret tells whether answers to somebody with these roles leave the key out.
func (f *Field) Secret(c Contract, r Roles) bool {
	p, ok := f.ReadIn[c]
	return ok && !r.May(p)
}

// blank is shown as the empty text where it has no value.
func blank(f Field) Field { f.Empty = ""; return f }

func join(groups ...[]Field) []Field {
	var all []Field
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

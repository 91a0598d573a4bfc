package gever

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Source is where an attribute of objects is found.
type Source uint8

// The sources.
const (
	Gathered Source = iota // from the fields of the type
	Column                 // a column of every object
	FullText               // words of the title, of the description, or of everything
	Derived                // follows from the object's place or type
)

// Form is what the values of an attribute are.
type Form uint8

// The forms.
const (
	Plain   Form = iota
	Day          // YYYY-MM-DD
	Instant      // date and time
	Number       // whole number
	YesNo        // true or false
)

// Attribute is what objects can be found, sorted and counted by.
type Attribute struct {
	Name   string
	Source Source
	Form   Form
	Column string // of a Column; the part of a FullText, "" is all
	People bool   // its values are ids of users
}

// columns are the attributes that every object has, under all the names that
// the running system gives them.
var columns = map[string]Attribute{
	"UID": {Column: "uid"}, "id": {Column: "name"}, "getId": {Column: "name"},
	"@type": {Column: "type"}, "type": {Column: "type"}, "portal_type": {Column: "type"},
	"review_state": {Column: "state"}, "creator": {Column: "creator", People: true}, "Creator": {Column: "creator", People: true},
	"checked_out": {Column: "checked_out_by", People: true},
	"created":     {Column: "created_at", Form: Instant}, "modified": {Column: "modified_at", Form: Instant}, "changed": {Column: "changed_at", Form: Instant},
	"touched": {Column: "touched", Form: Day}, "sequence_number": {Column: "sequence", Form: Number},
	"reference": {Column: "reference"}, "reference_number": {Column: "reference"}, "getObjPositionInParent": {Column: "position", Form: Number},
}

// texts are the attributes that the full text answers.
var fullTexts = map[string]string{"SearchableText": "", "metadata": "", "Title": "title", "title": "title", "sortable_title": "title", "Description": "description", "description": "description"}

// derived follow from the place of an object, or from what it is.
var derived = map[string]Form{"path": Plain, "path_parent": Plain, "is_subdossier": YesNo, "is_folderish": YesNo, "trashed": YesNo, "is_completed": YesNo}

// ofFile are the attributes of a document's file.
var ofFile = map[string]Form{"file_extension": Plain, "filename": Plain, "mimetype": Plain, "filesize": Number}

// again are other names of fields.
var again = map[string]string{"Subject": "keywords", "completed": "date_of_completion"}

var attributes = func() map[string]*Attribute {
	all := map[string]*Attribute{}
	for _, t := range types {
		for i := range t.Fields {
			f := &t.Fields[i]
			form, ok := formOf(f)
			if !ok {
				continue
			}
			if all[f.Name] == nil {
				all[f.Name] = &Attribute{Name: f.Name, Form: form, People: f.Kind == User || f.Kind == Users || f.Kind == TaskUser}
			}
		}
	}
	for name, form := range ofFile {
		all[name] = &Attribute{Name: name, Form: form}
	}
	for name, field := range again {
		all[name] = all[field]
	}
	for name, a := range columns {
		a.Name, a.Source = name, Column
		all[name] = &a
	}
	for name, part := range fullTexts {
		all[name] = &Attribute{Name: name, Source: FullText, Column: part}
	}
	for name, form := range derived {
		all[name] = &Attribute{Name: name, Source: Derived, Form: form}
	}
	return all
}()

// formOf tells the form of a field that is gathered; long text, files and
// relations are not.
func formOf(f *Field) (Form, bool) {
	switch f.Kind {
	case Text, Choice, User, Users, TaskUser, Terms, Strings:
		return Plain, f.Name != "title"
	case Int, IntChoice:
		return Number, true
	case Bool:
		return YesNo, true
	case Date, DateTime:
		return Day, true
	default:
		return 0, false
	}
}

// AttributeOf finds an attribute by name.
func AttributeOf(name string) (*Attribute, error) {
	a := attributes[name]
	if a == nil {
		return nil, BadQuery("Unknown field %q", name)
	}
	return a, nil
}

// AttributeNames are all names that AttributeOf knows, sorted.
func AttributeNames() []string { return slices.Sorted(maps.Keys(attributes)) }

// maxTerm is the longest value that is compared, in characters: an index of
// PostgreSQL holds no longer ones.
const maxTerm = 200

// clip shortens a value to what is compared.
func clip(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxTerm {
			return s[:i]
		}
	}
	return s
}

// numberWidth holds every number that is kept, so that texts sort as numbers.
const numberWidth = 19

// encode writes a number so that texts compare as numbers do.
func encode(n int64) string {
	if n < 0 {
		return fmt.Sprintf("-%0*d", numberWidth, uint64(1<<63)+uint64(n)) //nolint:gosec // the complement, on purpose
	}
	return fmt.Sprintf("0%0*d", numberWidth, n)
}

// decode reads what encode wrote.
func decode(s string) int64 {
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s[1:], 10, 64)
	if err != nil {
		return 0
	}
	if s[0] == '-' {
		n -= 1 << 63
	}
	return int64(n) //nolint:gosec // as it was encoded
}

// Kept is an attribute's value as it is kept; the reverse of Shown.
func (a *Attribute) Kept(value string) string {
	if a.Form == Number && a.Source == Gathered {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return ""
		}
		return encode(n)
	}
	if a.People {
		value = bare(value)
	}
	return clip(value)
}

// bare is a task's responsible without his client, as dossiers have theirs;
// inboxes and teams stay as they are.
func bare(user string) string {
	client, id, found := strings.Cut(user, ":")
	if !found || client == "inbox" || client == "team" {
		return user
	}
	return id
}

// Shown is a kept value as clients write it.
func (a *Attribute) Shown(kept string) string {
	if a.Form == Number && a.Source == Gathered {
		return strconv.FormatInt(decode(kept), 10)
	}
	return kept
}

// TermOf is one value that an object can be found by.
type TermOf struct{ Name, Value string }

// TermsOf gathers what an object can be found by beside its columns: every
// value of its type's fields but long text and relations, and what its file
// is.
func TermsOf(t *Type, values Values) []TermOf {
	seen := map[TermOf]bool{}
	var out []TermOf
	add := func(name, value string) {
		a := attributes[name]
		if value == "" || a == nil {
			return
		}
		if term := (TermOf{name, a.Kept(value)}); term.Value != "" && !seen[term] {
			seen[term] = true
			out = append(out, term)
		}
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if _, ok := formOf(f); !ok || values[f.Name] == nil {
			continue
		}
		list, many := values[f.Name].([]any)
		if !many {
			list = []any{values[f.Name]}
		}
		for _, v := range list {
			add(f.Name, fmt.Sprint(v))
		}
	}
	if f := values.StoredOf(t.File); t.File != "" && f != nil {
		add("file_extension", Extension(f.Name))
		add("filename", f.Name)
		add("mimetype", f.ContentType)
		add("filesize", strconv.FormatInt(f.Size, 10))
	}
	return out
}

// read brings a test into the form in which values are kept, or refuses it.
func (a *Attribute) read(t Test) (Test, error) {
	bad := func(what string) (Test, error) { return t, BadQuery("The value of %q must be %s.", a.Name, what) }
	if t.Any {
		return t, nil
	}
	switch a.Form {
	case Day, Instant:
		if !t.Range {
			from, to, ok := strings.Cut(t.Text, "TO")
			if !ok {
				from, to = t.Text, t.Text
			}
			open := func(s string) string { return strings.TrimSpace(strings.Trim(strings.TrimSpace(s), "*")) }
			t = Test{Range: true, From: open(from), To: open(to)}
		}
		for _, bound := range []string{t.From, t.To} {
			if _, ok := moment(bound, time.UTC, false); bound != "" && !ok {
				return bad("a date like 2016-01-08, a date and time with its zone, or two of them with TO between")
			}
		}
		if a.Form == Day {
			t.From, t.To = t.From[:min(len(t.From), len(time.DateOnly))], t.To[:min(len(t.To), len(time.DateOnly))]
		}
		if t.From == "" && t.To == "" {
			return Test{Any: true}, nil
		}
	case Number:
		for _, s := range []*string{&t.Text, &t.From, &t.To} {
			if *s == "" && (t.Range || s != &t.Text) {
				continue
			}
			n, err := strconv.ParseInt(*s, 10, 64)
			if err != nil || t.Prefix {
				return bad("a whole number")
			}
			if *s = strconv.FormatInt(n, 10); a.Source == Gathered {
				*s = encode(n)
			}
		}
	case YesNo:
		switch strings.ToLower(t.Text) {
		case "true", "1":
			t.Text = "true"
		case "false", "0":
			t.Text = "false"
		default:
			return bad("true or false")
		}
	default:
		if t.Range {
			return bad("a text: it has no ranges")
		}
		if strings.ContainsRune(t.Text, 0) {
			return bad("a text without NUL")
		}
		t.Text = a.Kept(t.Text)
	}
	return t, nil
}

// moment reads a date, as its beginning or its end in the zone, or a date and
// time.
func moment(s string, zone *time.Location, end bool) (time.Time, bool) {
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		if end {
			day = day.AddDate(0, 0, 1).Add(-time.Microsecond) // as finely as moments are kept
		}
		return day, true
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if at, err := time.ParseInLocation(form, s, zone); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// Between gives the bounds of a test on moments; nil is open.
func (t Test) Between(zone *time.Location) (from, to *time.Time) {
	if at, ok := moment(t.From, zone, false); ok {
		from = &at
	}
	if at, ok := moment(t.To, zone, true); ok {
		to = &at
	}
	return from, to
}

// Listing is one of the lists that the running system knows by name: objects
// of some types (gever.md 3.7).
type Listing struct {
	Name  string
	Types []string // nil is every type that can be created
}

// listings are all of them; those of types that this installation does not
// have are empty lists, as they are there without objects.
var listings = []Listing{
	{"contacts", []string{ContactType}},
	{"dispositions", []string{"opengever.disposition.disposition"}},
	{"documents", []string{DocumentType, MailType}},
	{"dossiers", DossierTypes},
	{"dossiertemplates", []string{"opengever.dossier.dossiertemplate"}},
	{"folder_contents", nil},
	{"proposals", []string{"opengever.meeting.proposal"}},
	{"repository_folders", []string{FolderType}},
	{"tasks", []string{TaskType}},
	{"tasktemplate_folders", []string{"opengever.tasktemplates.tasktemplatefolder"}},
	{"tasktemplates", []string{"opengever.tasktemplates.tasktemplate"}},
	{"template_folders", []string{TemplateFolderType}},
	{"todo_lists", []string{TodoListType}},
	{"todos", []string{TodoType}},
	{"workspace_folders", []string{WorkspaceFolderType}},
	{"workspace_meetings", []string{MeetingType}},
	{"workspaces", []string{WorkspaceType}},
}

// Listings are all lists, by name.
func Listings() []Listing { return slices.Clone(listings) }

// ListingOf finds a list by its name.
func ListingOf(name string) (*Listing, error) {
	for i := range listings {
		if listings[i].Name == name {
			return &listings[i], nil
		}
	}
	return nil, BadQuery("Unknown listing %s", name)
}

// Sortable tells of attributes that objects can be put in order by.
func (a *Attribute) Sortable() bool {
	return a.Source != Derived && (a.Source != FullText || a.Column == "title") || a.Name == "path"
}

// Countable tells of attributes whose values can be counted.
func (a *Attribute) Countable() bool {
	return a.Source == Gathered || a.Source == Column && a.Form != Instant || a.Form == YesNo
}

// Measurable tells of attributes that can be reckoned with.
func (a *Attribute) Measurable() bool {
	return a.Form == Number || a.Form == Day || a.Form == Instant
}

// Names tells whether a query asks for an attribute.
func (q *Query) Names(name string) bool {
	if q == nil {
		return false
	}
	return q.By != nil && q.By.Name == name || slices.ContainsFunc(q.Of, func(one *Query) bool { return one.Names(name) })
}

// interfaces are the running system's names of what types are, as clients of
// its navigation send them.
var interfaces = map[string]string{
	"opengever.private.root.IPrivateRoot":                           PrivateRootType,
	"opengever.private.folder.IPrivateFolder":                       PrivateFolderType,
	"opengever.private.dossier.IPrivateDossier":                     PrivateDossierType,
	"opengever.repository.repositoryroot.IRepositoryRoot":           RootType,
	"opengever.repository.interfaces.IRepositoryFolder":             FolderType,
	"opengever.repository.repositoryfolder.IRepositoryFolderSchema": FolderType,
	"opengever.dossier.behaviors.dossier.IDossierMarker":            DossierType,
	"opengever.task.task.ITask":                                     TaskType,
	"opengever.workspace.interfaces.IWorkspaceRoot":                 WorkspaceRootType,
	"opengever.workspace.interfaces.IWorkspace":                     WorkspaceType,
	"opengever.workspace.interfaces.IWorkspaceFolder":               WorkspaceFolderType,
	"opengever.workspace.interfaces.IToDo":                          TodoType,
	"opengever.workspace.interfaces.IToDoList":                      TodoListType,
	"opengever.workspace.interfaces.IWorkspaceMeeting":              MeetingType,
	"opengever.workspace.interfaces.IWorkspaceMeetingAgendaItem":    AgendaItemType,
	"opengever.inbox.container.IInboxContainer":                     InboxContainerType,
	"opengever.inbox.inbox.IInbox":                                  InboxType,
	"opengever.inbox.forwarding.IForwarding":                        ForwardingType,
	"opengever.inbox.yearfolder.IYearFolderSchema":                  YearFolderType,
	"opengever.dossier.templatefolder.interfaces.ITemplateFolder":   TemplateFolderType,
}

// alike are the types that have an interface too.
var alike = map[string][]string{"opengever.dossier.behaviors.dossier.IDossierMarker": {PrivateDossierType}}

// Interfaces gives the types that names of interfaces, or of types, mean;
// otherwise one, when there are no names.
func Interfaces(otherwise string, names ...string) ([]string, error) {
	var out []string
	for _, name := range names {
		switch t := interfaces[name]; {
		case name == "":
		case t != "":
			out = append(append(out, t), alike[name]...)
		case TypeOf(name) != nil && name != SiteType:
			out = append(out, name)
		default:
			return nil, BadQuery("The interface %q could not be looked up.", name)
		}
	}
	if len(out) == 0 {
		out = []string{otherwise}
	}
	return out, nil
}

// Order is how found objects are sorted.
type Order struct {
	By   *Attribute // nil is by relevance: words in the title come first
	Desc bool
}

// SortKeyAt is the SortKey of an object's number where it stands. A document
// that no dossier has, as a template, sorts by the id of the outermost folder
// first (gever.md 2.9): its number has two parts, where one in a dossier has
// three.
func SortKeyAt(document bool, path, number string) string {
	parts := strings.Count(number, " / ")
	if parts == 0 {
		parts = strings.Count(number, "-") // grouped by three
	}
	if document && parts == 1 {
		outermost, _, _ := strings.Cut(path, "/")
		number = outermost + " " + number
	}
	return SortKey(number)
}

// SortKey is a number like "FD 1.10 / 5" in a form in which texts sort as
// people count: each run of digits has eight, in lower case (gever.md 2.9).
func SortKey(number string) string {
	var b strings.Builder
	digits := 0
	pad := func(run string) {
		for range max(0, 8-len(run)) {
			b.WriteByte('0')
		}
		b.WriteString(run)
	}
	lower := strings.ToLower(number)
	for i := range len(lower) {
		if c := lower[i]; c >= '0' && c <= '9' {
			digits++
			continue
		}
		if digits > 0 {
			pad(lower[i-digits : i])
			digits = 0
		}
		b.WriteByte(lower[i])
	}
	if digits > 0 {
		pad(lower[len(lower)-digits:])
	}
	return b.String()
}

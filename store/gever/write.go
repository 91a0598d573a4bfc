package gever

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"loket/store/fault"
)

// Writing is what surrounds a body: who writes, when, and what the store knows.
type Writing struct {
	Now   time.Time
	User  string // the writer
	Roles Roles  // the writer's, at the object (at its parent on creation)
	// KnownUser gives the id of a user by id or login name.
	KnownUser func(idOrLogin string) (string, bool)
	// KnownGroup tells whether there is such a group.
	KnownGroup func(id string) bool
	// Inherited gives the nearest ancestor's value of a field, nil when there
	// is none; on creation only.
	Inherited func(name string) any
}

// Draft is what a body means, before relations are found and files are kept.
type Draft struct {
	Values  Values             // all values of the object after the change; files and relations apart
	Uploads map[string]*Upload // files that came; their fields' values are set by Keep
	Drops   []string           // fields whose file is taken away
	Refs    map[string][]Ref   // relations that were written, by field
	Ignored []string           // keys that had no effect, sorted
	Changed bool               // a value is another than before
	Title   string
}

// steering are keys that are no values.
var steering = map[string]bool{"@type": true, "id": true, "layout": true, "ordering": true}

// Create reads the body of a POST.
func (s *Settings) Create(t *Type, body map[string]any, w Writing) (*Draft, error) {
	d, faults := s.read(t, Values{}, body, w, true)
	given := s.given(t, body, w, true)
	for i := range t.Fields {
		f := &t.Fields[i]
		if given[f.Name] || f.ReadOnly {
			continue
		}
		if v := s.absent(f, w); v != nil {
			d.Values[f.Name] = v
		} else if f.Required && !broken(faults, f.Name) && !(t.Tasklike && f.Name == "responsible_client") {
			faults = append(faults, FieldFault(f.Name, "required", msgRequired))
		}
	}
	faults = append(faults, s.titles(t, d, faults)...)
	if t.Tasklike {
		faults = append(faults, s.client(d, faults)...)
	}
	if err := InputsNotValid(faults); err != nil {
		return nil, err
	}
	managed(t, d, w)
	return d, s.invariants(t, d)
}

// Patch reads the body of a PATCH; only the named keys change.
func (s *Settings) Patch(t *Type, old Values, body map[string]any, w Writing) (*Draft, error) {
	if t.Tasklike {
		for _, name := range []string{"responsible", "responsible_client"} {
			if _, ok := body[name]; ok {
				return nil, fault.New(fault.Invalid, ResponsibleFixed, "change_responsible_not_allowed")
			}
		}
		if v, ok := body["is_private"].(bool); ok && t.Field("is_private") != nil && v != old.Flag("is_private") {
			return nil, fault.New(fault.Invalid, IsPrivateFixed, "change_is_private_not_allowed")
		}
	}
	d, faults := s.read(t, maps.Clone(old), body, w, false)
	faults = append(faults, s.titles(t, d, faults)...)
	if err := InputsNotValid(faults); err != nil {
		return nil, err
	}
	managed(t, d, w)
	d.Changed = !same(old, d.Values) || len(d.Uploads) > 0 || len(d.Drops) > 0
	return d, s.invariants(t, d)
}

// same compares values as they are kept.
func same(a, b Values) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

func broken(faults []fault.Field, name string) bool {
	return slices.ContainsFunc(faults, func(f fault.Field) bool { return f.Pointer == "/"+name })
}

// read reads every key of the body that means something; what is unknown, read
// only or not the writer's is passed over silently (gever.md 1.5).
func (s *Settings) read(t *Type, values Values, body map[string]any, w Writing, creating bool) (*Draft, []fault.Field) {
	d := &Draft{Values: values, Uploads: map[string]*Upload{}, Refs: map[string][]Ref{}}
	r := &reader{s: s, knownUser: w.KnownUser, knownGroup: w.KnownGroup, uploads: d.Uploads, refs: d.Refs}
	given := s.given(t, body, w, creating)
	var faults []fault.Field
	for _, name := range slices.Sorted(maps.Keys(body)) {
		f := t.Field(name)
		switch {
		case name == "layout":
			d.layout(body[name])
			continue
		case name == "title" && t.Localized():
			if f = t.Field(s.Title()); given[f.Name] {
				d.Ignored = append(d.Ignored, name) // title_de wins
				continue
			}
		case steering[name]:
			continue
		case !given[name]:
			d.Ignored = append(d.Ignored, name)
			continue
		}
		v, b := r.read(f, body[name])
		if b != nil {
			faults = append(faults, FieldFault(f.Name, b.rule, b.message))
			continue
		}
		d.put(f, v, body[name])
	}
	return d, faults
}

// Layout is how containers and documents are shown where nobody said
// otherwise.
const Layout = "tabbed_view"

func (d *Draft) layout(v any) {
	switch layout, ok := v.(string); {
	case !ok, layout == "", len(layout) > maxID:
	case layout == Layout:
		delete(d.Values, "layout")
	default:
		d.Values["layout"] = layout
	}
}

// given are the fields that the body names and the writer may write.
func (s *Settings) given(t *Type, body map[string]any, w Writing, creating bool) map[string]bool {
	out := map[string]bool{}
	for name := range body {
		f := t.Field(name)
		if f == nil || !f.In(s.Contract) || f.ReadOnly || (f.OnCreate && !creating) || (f.Write != Modify && !w.Roles.May(f.Write)) {
			continue
		}
		out[name] = true
	}
	return out
}

// put keeps a value; files and relations are kept elsewhere.
func (d *Draft) put(f *Field, v, written any) {
	switch {
	case f.Kind == File:
		if written == nil && d.Values[f.Name] != nil {
			d.Drops = append(d.Drops, f.Name)
			delete(d.Values, f.Name)
		}
	case f.Kind == Relation:
		if written == nil {
			d.Refs[f.Name] = []Ref{}
		}
	case v == nil:
		delete(d.Values, f.Name)
	default:
		d.Values[f.Name] = v
	}
}

// absent is the value of a field that a new object was not given.
func (s *Settings) absent(f *Field, w Writing) any {
	if f.Inherit && w.Inherited != nil {
		if v := w.Inherited(f.Name); v != nil {
			return v
		}
	}
	switch f.Default {
	case Today:
		return s.Today(w.Now)
	case Caller:
		return w.User
	case TodayPlusFive:
		return workdays(w.Now.In(s.Zone), 5).Format(time.DateOnly)
	default:
		if n, ok := f.Value.(int); ok {
			return int64(n)
		}
		return f.Value
	}
}

// workdays goes n days on without counting Saturdays and Sundays.
func workdays(t time.Time, n int) time.Time {
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
			n--
		}
	}
	return t
}

// titles sees that the object has its titles, and couples a document's title
// with the name of its file (gever.md 2.5).
func (s *Settings) titles(t *Type, d *Draft, faults []fault.Field) []fault.Field {
	var out []fault.Field
	switch {
	case t.Localized():
		for _, l := range s.Languages {
			if name := "title_" + l; d.Values.Text(name) == "" && !broken(faults, name) {
				out = append(out, FieldFault(name, "required", msgRequired))
			}
		}
		d.Title = d.Values.Text(s.Title())
	case t.Name == ContactType:
		d.Title = strings.TrimSpace(d.Values.Text("lastname") + " " + d.Values.Text("firstname"))
	case t.Documentish():
		out = s.coupled(t, d, faults)
	case t.Name == SiteType:
		d.Title = s.AdminUnitTitle
	default:
		d.Title = d.Values.Text("title")
	}
	return out
}

func (s *Settings) coupled(t *Type, d *Draft, faults []fault.Field) []fault.Field {
	u, kept := d.Uploads[t.File], d.Values.StoredOf(t.File)
	if d.Values.Text("title") == "" {
		name := ""
		switch {
		case u != nil:
			if name = subject(u); name == "" {
				name = TitleOf(u.Name)
			}
		case kept != nil:
			name = TitleOf(kept.Name)
		}
		if name == "" {
			if broken(faults, "title") || broken(faults, t.File) {
				return nil
			}
			return []fault.Field{FieldFault("title", "required", msgRequired)}
		}
		d.Values["title"] = name
	}
	d.Title = d.Values.Text("title")
	if u != nil {
		u.Name = FileName(d.Title, Extension(u.Name))
	} else if kept != nil {
		if name := FileName(d.Title, Extension(kept.Name)); name != kept.Name {
			renamed := *kept
			renamed.Name = name
			d.Values[t.File] = &renamed
		}
	}
	return nil
}

// client takes the responsible's client from his name where it is not given.
func (s *Settings) client(d *Draft, faults []fault.Field) []fault.Field {
	if broken(faults, "responsible") || broken(faults, "responsible_client") {
		return nil
	}
	client, _, found := strings.Cut(d.Values.Text("responsible"), ":")
	if d.Values.Text("responsible_client") == "" {
		if !found {
			return []fault.Field{FieldFault("responsible_client", "required", msgRequired)}
		}
		if client == "inbox" || client == "team" {
			client = s.AdminUnit
		}
		d.Values["responsible_client"] = client
	}
	return nil
}

// invariants are the rules between values.
func (s *Settings) invariants(t *Type, d *Draft) error {
	if start, end := d.Values.Text("start"), d.Values.Text("end"); t.Field("start") != nil && start != "" && end != "" && start > end {
		return invariant("The start date must be before the end date.")
	}
	if u := d.Uploads[t.File]; t.File != "" && u != nil {
		return s.CheckExtension(t, u.Name)
	}
	slices.Sort(d.Ignored)
	return nil
}

// Strict refuses a body with keys that had no effect (Prefer: handling=strict).
func (d *Draft) Strict() error {
	if len(d.Ignored) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, Ignored, "These keys are unknown, read-only or not yours to write: %s", strings.Join(d.Ignored, ", "))
	for _, name := range d.Ignored {
		e.Fields = append(e.Fields, FieldFault(name, "ignored", "The key has no effect."))
	}
	return e
}

// Retask gives the values of a task after a transition that changes who or
// until when.
func (s *Settings) Retask(t *Type, old Values, body map[string]any, w Writing) (Values, error) {
	if _, ok := body["responsible"]; ok {
		old = maps.Clone(old)
		delete(old, "responsible_client") // it follows from the responsible
	}
	d, faults := s.read(t, maps.Clone(old), body, w, true)
	faults = append(faults, s.client(d, faults)...)
	return d.Values, InputsNotValid(faults)
}

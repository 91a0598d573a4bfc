package konova

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// View is what an entry's document shows besides what was written.
type View struct {
	ID, Identifier string
	CreatedOn      time.Time
	ModifiedOn     time.Time
	Code           func(CodeKey) Code // never fails: a code that is gone shows its id
	Intervention   Summary            // of a compensation
	Compensations  []Summary          // of an intervention, in the order of the register
	Deductions     []DeductionView    // of an intervention or an eco account
}

// DeductionView is a deduction as others show it.
type DeductionView struct {
	ID           string
	EcoAccount   Summary
	Surface      Decimal
	Intervention Summary
}

// Document is an entry rendered: the JSON as GET sends it. Of one with a
// geometry, JSON[:Split] is all up to and without `,"properties":`, and Flat
// holds members that a Feature shows beside the properties (`,"a":1,...`), so
// that a Feature is put together without rendering anything again.
type Document struct {
	JSON  []byte
	Split int
	Flat  []byte
}

const (
	entryHead      = `{"type":"MultiPolygon","coordinates":`
	propertiesHead = `,"properties":`
)

// Render makes an entry's document. Members stand in the page's order, unset
// ones are null, decimals carry a point.
func (e *Entry) Render(v View) Document {
	w := &writer{code: v.Code}
	if e.Kind == Deduction {
		w.raw("{").deduction(v.Deductions[0]).raw("}")
		return Document{JSON: w.b}
	}
	w.b = make([]byte, 0, len(e.Geometry.Text())+2048)
	w.raw(entryHead).raw(string(e.Geometry.Text()))
	split := len(w.b)
	w.raw(propertiesHead).raw("{")
	w.text("id", v.ID).text("identifier", v.Identifier).text("title", e.Title)
	w.text("created_on", v.CreatedOn.UTC().Format(TimeFormat)).text("modified_on", v.ModifiedOn.UTC().Format(TimeFormat))
	switch e.Kind {
	case Intervention:
		w.intervention(e, v)
	case Compensation:
		w.flag("is_cef", e.IsCEF).flag("is_coherence_keeping", e.IsCoherenceKeeping)
		w.key("intervention").summary(v.Intervention)
		w.measures(e)
	case EcoAccount:
		w.decimal("deductable_surface", e.DeductableSurface)
		w.responsible(e)
		w.key("legal").raw("{").optional("agreement_date", e.Legal.AgreementDate).raw("}")
		w.measures(e)
		w.deductions(v.Deductions)
	case EMA:
		w.responsible(e)
		w.measures(e)
	case Deduction: // above
	}
	w.raw("}}")
	return Document{JSON: w.b, Split: split, Flat: e.flat(v)}
}

// writer appends JSON; key and the like put a comma where one is due.
type writer struct {
	b    []byte
	code func(CodeKey) Code
}

func (w *writer) raw(s string) *writer {
	w.b = append(w.b, s...)
	return w
}

// comma stands before everything but the first of an object or list.
func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' && w.b[n-1] != ':' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(name string) *writer {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
	return w
}

func (w *writer) text(name, value string) *writer {
	w.key(name)
	w.b = AppendString(w.b, value)
	return w
}

func (w *writer) optional(name string, value *string) *writer {
	if value == nil {
		return w.key(name).raw("null")
	}
	return w.text(name, *value)
}

func (w *writer) flag(name string, value bool) *writer {
	return w.key(name).raw(strconv.FormatBool(value))
}

func (w *writer) decimal(name string, value *Decimal) *writer {
	if value == nil {
		return w.key(name).raw("null")
	}
	return w.key(name).raw(value.String())
}

func (w *writer) optionalCode(name string, list List, id *int64) *writer {
	w.key(name)
	if id == nil {
		return w.raw("null")
	}
	return w.oneCode(CodeKey{list, *id})
}

func (w *writer) oneCode(key CodeKey) *writer {
	c := w.code(key)
	w.comma()
	w.raw(`{"id":`)
	w.b = strconv.AppendInt(w.b, key.ID, 10)
	return w.text("long_name", c.LongName).optional("short_name", c.ShortName).raw("}")
}

func (w *writer) codes(name string, list List, ids []int64) *writer {
	w.key(name).raw("[")
	for _, id := range ids {
		w.oneCode(CodeKey{list, id})
	}
	return w.raw("]")
}

func (w *writer) summary(s Summary) *writer {
	w.comma()
	return w.raw("{").text("id", s.ID).text("identifier", s.Identifier).text("title", s.Title).raw("}")
}

func (w *writer) deduction(d DeductionView) *writer {
	w.text("id", d.ID).key("eco_account").summary(d.EcoAccount)
	return w.key("surface").raw(d.Surface.String()).key("intervention").summary(d.Intervention)
}

func (w *writer) deductions(all []DeductionView) {
	w.key("deductions").raw("[")
	for _, d := range all {
		w.comma()
		w.raw("{").deduction(d).raw("}")
	}
	w.raw("]")
}

func (w *writer) intervention(e *Entry, v View) {
	w.responsible(e)
	l := &e.Legal
	w.key("legal").raw("{").optional("registration_date", l.RegistrationDate).optional("binding_date", l.BindingDate)
	w.optionalCode("process_type", ProcessTypes, l.ProcessType).codes("laws", Laws, l.Laws).raw("}")
	w.key("compensations").raw("[")
	for _, c := range v.Compensations {
		w.summary(c)
	}
	w.raw("]").key("payments").raw("[")
	for _, p := range e.Payments {
		w.comma()
		w.raw("{").key("amount").raw(p.Amount.String()).optional("due_on", p.DueOn).text("comment", p.Comment).raw("}")
	}
	w.raw("]")
	w.deductions(v.Deductions)
}

func (w *writer) responsible(e *Entry) {
	r := &e.Responsible
	w.key("responsible").raw("{")
	if e.Kind == Intervention {
		w.optionalCode("registration_office", RegistrationOffices, r.RegistrationOffice)
		w.optional("registration_file_number", r.RegistrationFileNumber)
	}
	w.optionalCode("conservation_office", ConservationOffices, r.ConservationOffice)
	w.optional("conservation_file_number", r.ConservationFileNumber)
	w.key("handler").raw("{").optionalCode("type", HandlerTypes, r.HandlerType).optional("detail", r.HandlerDetail).raw("}}")
}

func (w *writer) measures(e *Entry) {
	w.states("before_states", e.BeforeStates)
	w.states("after_states", e.AfterStates)
	w.key("actions").raw("[")
	for _, a := range e.Actions {
		w.comma()
		w.raw("{").codes("action_types", Actions, a.Types).codes("action_details", ActionDetails, a.Details)
		w.decimal("amount", a.Amount).optional("unit", a.Unit).text("comment", a.Comment).raw("}")
	}
	w.raw("]").key("deadlines").raw("[")
	for _, d := range e.Deadlines {
		w.comma()
		w.raw("{").optional("type", d.Type).optional("date", d.Date).text("comment", d.Comment).raw("}")
	}
	w.raw("]")
}

func (w *writer) states(name string, states []State) {
	w.key(name).raw("[")
	for _, s := range states {
		w.comma()
		w.raw("{").optionalCode("biotope", Biotopes, s.Biotope).codes("biotope_details", BiotopeDetails, s.BiotopeDetails)
		w.decimal("surface", s.Surface).raw("}")
	}
	w.raw("]")
}

// flatNames are the members that flat adds.
var flatNames = []string{
	"registration_office_name", "registration_file_number", "conservation_office_name", "conservation_file_number",
	"handler_type_name", "handler_detail", "registration_date", "binding_date", "process_type_name", "law_names",
	"agreement_date", "intervention_id", "intervention_identifier", "after_surface",
}

// flat names nested members beside the properties, because GIS programs see
// objects as text only (apis/konova.md 5). Several names of a list are joined.
func (e *Entry) flat(v View) []byte {
	w := &writer{code: v.Code, b: make([]byte, 0, 512)}
	name := func(as string, list List, id *int64) {
		if id == nil {
			w.key(as).raw("null")
			return
		}
		w.text(as, v.Code(CodeKey{list, *id}).LongName)
	}
	w.raw(" ") // so that the first key gets its comma
	r, l := &e.Responsible, &e.Legal
	if e.Kind == Intervention {
		name("registration_office_name", RegistrationOffices, r.RegistrationOffice)
		w.optional("registration_file_number", r.RegistrationFileNumber)
	}
	if e.Kind != Compensation {
		name("conservation_office_name", ConservationOffices, r.ConservationOffice)
		w.optional("conservation_file_number", r.ConservationFileNumber)
		name("handler_type_name", HandlerTypes, r.HandlerType)
		w.optional("handler_detail", r.HandlerDetail)
	}
	switch e.Kind {
	case Intervention:
		w.optional("registration_date", l.RegistrationDate).optional("binding_date", l.BindingDate)
		name("process_type_name", ProcessTypes, l.ProcessType)
		names := ""
		for i, id := range l.Laws {
			if i > 0 {
				names += "; "
			}
			names += v.Code(CodeKey{Laws, id}).LongName
		}
		w.text("law_names", names)
	case Compensation:
		w.text("intervention_id", v.Intervention.ID).text("intervention_identifier", v.Intervention.Identifier)
	case EcoAccount:
		w.optional("agreement_date", l.AgreementDate)
	case EMA, Deduction:
	}
	if e.Kind != Intervention {
		w.key("after_surface").raw(e.AfterSurface().String())
	}
	return w.b[1:]
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string: only what RFC 8259 asks for is
// escaped, so `&` stays as it is (decision 8).
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

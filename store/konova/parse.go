package konova

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"loket/store/fault"
)

// Bounds of texts and lists, as the document says them.
const (
	maxTitle = 1000
	maxText  = 20_000
	maxItems = 1000
)

// Origin is what a file says about where an entry comes from; only the import
// honours it, an API's client cannot set it.
type Origin struct {
	ID         string // lower case; "" is none
	Identifier string
	CreatedOn  time.Time // zero is none
	ModifiedOn time.Time
}

// Parse reads the body of POST and PUT (apis/konova.md 2.5 to 2.9) and holds
// it against everything that needs no other entry: unknown names, types,
// mandatory members, geometry, texts, numbers, dates. All faults come at once:
// Invalid/BadEntry, or Invalid/BadGeometry when only the geometry is at fault.
//
// The text must be one JSON value. It keeps the geometry's digits; numbers
// become Decimals.
func Parse(kind Kind, body []byte) (Entry, error) {
	e, _, faults := parse(kind, body, &reader{})
	return e, refuse(faults)
}

// ParseImported reads an entry of a file: a body as Parse takes it, or a
// GeoJSON Feature. promote lets a Polygon pass as a MultiPolygon of one
// (decision 22). Duplicate names are refused here, as nobody did before.
func ParseImported(kind Kind, body []byte, promote bool) (Entry, Origin, error) {
	if f := duplicates(body); f != nil {
		return Entry{}, Origin{}, refuse([]fault.Field{*f})
	}
	body, faults := unwrapFeature(kind, body)
	if len(faults) > 0 {
		return Entry{}, Origin{}, refuse(faults)
	}
	e, o, faults := parse(kind, body, &reader{imported: true, promote: promote})
	return e, o, refuse(faults)
}

func refuse(faults []fault.Field) error {
	if len(faults) == 0 {
		return nil
	}
	reason := BadGeometry
	if slices.ContainsFunc(faults, func(f fault.Field) bool { return f.Rule != "geometry" }) {
		reason = BadEntry
	}
	return fault.New(fault.Invalid, reason, "").With(faults...)
}

// reader collects the faults of a body.
type reader struct {
	faults   []fault.Field
	imported bool // flat names of an exported Feature are passed over
	promote  bool // a Polygon passes
}

func (r *reader) fail(at, rule, format string, args ...any) {
	r.faults = append(r.faults, fault.Field{In: fault.InBody, Pointer: at, Rule: rule, Detail: fmt.Sprintf(format, args...)})
}

// object is a JSON object whose members are taken one by one; what is left at
// the end is unknown.
type object struct {
	r       *reader
	at      string
	members map[string]json.RawMessage
}

func (r *reader) object(raw json.RawMessage, at string) object {
	o := object{r: r, at: at}
	if isNull(raw) {
		return o
	}
	if err := json.Unmarshal(raw, &o.members); err != nil {
		r.fail(at, "type", "Hier wird ein Objekt erwartet.")
	}
	return o
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func (o object) take(name string) json.RawMessage {
	raw := o.members[name]
	delete(o.members, name)
	return raw
}

func (o object) pointer(name string) string { return o.at + "/" + name }

// end refuses what nobody took; readOnly members are passed over.
func (o object) end(readOnly ...string) {
	for _, name := range readOnly {
		delete(o.members, name)
	}
	if o.r.imported && o.at == "/properties" {
		for _, name := range flatNames {
			delete(o.members, name)
		}
	}
	unknown := make([]string, 0, len(o.members))
	for name := range o.members {
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		o.r.fail(o.at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), "unknown", "Diesen Namen gibt es hier nicht.")
	}
}

func (o object) text(name string) *string {
	raw := o.take(name)
	if isNull(raw) {
		return nil
	}
	var s string
	switch {
	case raw[0] != '"' || json.Unmarshal(raw, &s) != nil:
		o.r.fail(o.pointer(name), "type", "Hier wird ein Text erwartet.")
	case utf8.RuneCountInString(s) > maxText:
		o.r.fail(o.pointer(name), "maxLength", "Ein Text hat höchstens %d Zeichen.", maxText)
	case strings.ContainsRune(s, 0):
		o.r.fail(o.pointer(name), "pattern", "Das Zeichen U+0000 ist nicht erlaubt.")
	}
	return &s
}

func (o object) textOrEmpty(name string) string {
	if s := o.text(name); s != nil {
		return *s
	}
	return ""
}

func (o object) title() string {
	at, before := o.pointer("title"), len(o.r.faults)
	s := o.text("title")
	switch {
	case len(o.r.faults) > before:
		return ""
	case s == nil:
		o.r.fail(at, "required", "Der Titel ist Pflicht.")
		return ""
	case strings.TrimSpace(*s) == "":
		o.r.fail(at, "minLength", "Der Titel darf nicht leer sein.")
	case utf8.RuneCountInString(*s) > maxTitle:
		o.r.fail(at, "maxLength", "Der Titel hat höchstens %d Zeichen.", maxTitle)
	}
	return *s
}

func (o object) date(name string) *string {
	s := o.text(name)
	if s == nil {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, *s); err != nil || len(*s) != len(time.DateOnly) {
		o.r.fail(o.pointer(name), "format", "Hier wird ein Tag als JJJJ-MM-TT erwartet.")
	}
	return s
}

func (o object) flag(name string) bool {
	raw := o.take(name)
	switch string(raw) {
	case "true":
		return true
	case "", "null", "false":
	default:
		o.r.fail(o.pointer(name), "type", "Hier wird true oder false erwartet.")
	}
	return false
}

func (o object) decimal(name string) *Decimal {
	raw := o.take(name)
	if isNull(raw) {
		return nil
	}
	d, ok := ParseDecimal(string(raw))
	if !ok {
		o.r.fail(o.pointer(name), "number",
			"Hier wird eine Zahl >= 0 erwartet, mit höchstens %d Stellen vor und %d nach dem Komma.", decimalInteger, decimalFraction)
	}
	return &d
}

func (o object) code(name string) *int64 {
	raw := o.take(name)
	if isNull(raw) {
		return nil
	}
	id := o.r.code(raw, o.pointer(name))
	return &id
}

// code reads an id as number or digits (decision 26), or as the object that
// GET shows (decision 19).
func (r *reader) code(raw json.RawMessage, at string) int64 {
	text := string(raw)
	switch raw[0] {
	case '{':
		var c struct {
			ID json.RawMessage `json:"id"`
		}
		if json.Unmarshal(raw, &c) == nil && len(c.ID) > 0 && c.ID[0] != '{' {
			return r.code(c.ID, at+"/id")
		}
		text = ""
	case '"':
		text = strings.Trim(text, `"`)
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 || text[0] == '+' {
		r.fail(at, "code", "Hier wird die Id eines Codes erwartet, als Zahl oder Ziffern.")
	}
	return id
}

func (o object) list(name string, item func(raw json.RawMessage, at string)) {
	raw, at := o.take(name), o.pointer(name)
	if isNull(raw) {
		return
	}
	var items []json.RawMessage
	switch {
	case json.Unmarshal(raw, &items) != nil:
		o.r.fail(at, "type", "Hier wird eine Liste erwartet.")
	case len(items) > maxItems:
		o.r.fail(at, "maxItems", "Hier stehen höchstens %d Angaben.", maxItems)
	default:
		for i, one := range items {
			item(one, at+"/"+strconv.Itoa(i))
		}
	}
}

func (o object) codes(name string) []int64 {
	var ids []int64
	o.list(name, func(raw json.RawMessage, at string) { ids = append(ids, o.r.code(raw, at)) })
	return ids
}

// reference reads a uuid, or the short form that GET shows.
func (o object) reference(name string) string {
	raw, at := o.take(name), o.pointer(name)
	if isNull(raw) {
		o.r.fail(at, "required", "Diese Angabe ist Pflicht.")
		return ""
	}
	var text string
	if raw[0] == '{' {
		var s struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(raw, &s) // an object of another form has no id
		text, at = s.ID, at+"/id"
	} else {
		_ = json.Unmarshal(raw, &text) // no text is no uuid
	}
	id, ok := ParseID(text)
	if !ok {
		o.r.fail(at, "format", "Hier wird eine UUID erwartet.")
	}
	return id
}

// parse reads the body of any kind.
func parse(kind Kind, body []byte, r *reader) (Entry, Origin, []fault.Field) {
	e := Entry{Kind: kind}
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 || trimmed[0] != '{' {
		r.fail("", "type", "Hier wird ein Objekt erwartet.")
		return e, Origin{}, r.faults
	}
	top := r.object(body, "")
	if kind == Deduction {
		e.InterventionID = top.reference("intervention")
		e.EcoAccountID = top.reference("eco_account")
		e.Surface = top.surface()
		o := top.origin(kind)
		top.end()
		return e, o, r.faults
	}
	r.geometry(&e, top)
	raw := top.take("properties")
	if isNull(raw) {
		r.fail("/properties", "required", "Diese Angabe ist Pflicht.")
		top.end()
		return e, Origin{}, r.faults
	}
	o := r.properties(&e, raw)
	top.end()
	return e, o, r.faults
}

func (o object) surface() Decimal {
	at := o.pointer("surface")
	d := o.decimal("surface")
	switch {
	case d == nil:
		o.r.fail(at, "required", "Diese Angabe ist Pflicht.")
		return ""
	case *d != "" && !d.Positive():
		o.r.fail(at, "exclusiveMinimum", "Die Fläche muss größer als 0 sein.")
	}
	return *d
}

func (r *reader) geometry(e *Entry, top object) {
	kind, raw := top.text("type"), top.take("coordinates")
	switch {
	case r.promote && kind != nil && *kind == "Polygon":
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	case kind != nil && *kind != "MultiPolygon":
		r.fail("/type", "enum", "Erlaubt ist nur MultiPolygon; ein Polygon ist als MultiPolygon mit einem Teil zu senden.")
		return
	case kind == nil && !isNull(raw) && string(bytes.Join(bytes.Fields(raw), nil)) != "[]":
		r.fail("/type", "required", "Zu coordinates gehört type MultiPolygon.")
		return
	}
	g, faults := ParseGeometry(raw, "/coordinates")
	e.Geometry = g
	r.faults = append(r.faults, faults...)
}

// properties reads the members of the kind.
func (r *reader) properties(e *Entry, raw json.RawMessage) Origin {
	o := r.object(raw, "/properties")
	if o.members == nil {
		return Origin{}
	}
	e.Title = o.title()
	switch e.Kind {
	case Intervention:
		r.responsible(&e.Responsible, o, true)
		legal := r.object(o.take("legal"), "/properties/legal")
		e.Legal.RegistrationDate, e.Legal.BindingDate = legal.date("registration_date"), legal.date("binding_date")
		e.Legal.ProcessType, e.Legal.Laws = legal.code("process_type"), legal.codes("laws")
		legal.end()
		o.list("payments", func(raw json.RawMessage, at string) { e.Payments = append(e.Payments, r.payment(raw, at)) })
	case Compensation:
		e.IsCEF, e.IsCoherenceKeeping = o.flag("is_cef"), o.flag("is_coherence_keeping")
		e.InterventionID = o.reference("intervention")
	case EcoAccount:
		e.DeductableSurface = o.decimal("deductable_surface")
		r.responsible(&e.Responsible, o, false)
		legal := r.object(o.take("legal"), "/properties/legal")
		e.Legal.AgreementDate = legal.date("agreement_date")
		legal.end()
	case EMA:
		r.responsible(&e.Responsible, o, false)
	case Deduction: // has no properties
	}
	if e.Kind != Intervention {
		r.measures(e, o)
	}
	origin := o.origin(e.Kind)
	o.end("compensations", "deductions")
	if e.Kind == EcoAccount && len(r.faults) == 0 && e.Deductable().Cmp(e.AfterSurface()) > 0 {
		r.fail("/properties/deductable_surface", "maximum",
			"Die abbuchbare Fläche (%s m²) übersteigt die Summe der Zielzustände (%s m²).", e.Deductable(), e.AfterSurface())
	}
	return origin
}

func (r *reader) responsible(to *Responsible, o object, intervention bool) {
	in := r.object(o.take("responsible"), "/properties/responsible")
	if intervention {
		to.RegistrationOffice = in.code("registration_office")
		to.RegistrationFileNumber = in.text("registration_file_number")
	}
	to.ConservationOffice, to.ConservationFileNumber = in.code("conservation_office"), in.text("conservation_file_number")
	handler := r.object(in.take("handler"), "/properties/responsible/handler")
	to.HandlerType, to.HandlerDetail = handler.code("type"), handler.text("detail")
	handler.end()
	in.end()
}

func (r *reader) payment(raw json.RawMessage, at string) Payment {
	o := r.object(raw, at)
	amount := o.decimal("amount")
	p := Payment{DueOn: o.date("due_on"), Comment: o.textOrEmpty("comment")}
	if amount == nil {
		r.fail(at+"/amount", "required", "Der Betrag ist Pflicht.")
	} else {
		p.Amount = *amount
	}
	o.end()
	return p
}

// measures reads what all kinds but the intervention have.
func (r *reader) measures(e *Entry, o object) {
	state := func(to *[]State) func(json.RawMessage, string) {
		return func(raw json.RawMessage, at string) {
			o := r.object(raw, at)
			*to = append(*to, State{Biotope: o.code("biotope"), BiotopeDetails: o.codes("biotope_details"), Surface: o.decimal("surface")})
			o.end()
		}
	}
	o.list("before_states", state(&e.BeforeStates))
	o.list("after_states", state(&e.AfterStates))
	o.list("actions", func(raw json.RawMessage, at string) {
		o := r.object(raw, at)
		e.Actions = append(e.Actions, Action{
			Types: o.codes("action_types"), Details: o.codes("action_details"),
			Amount: o.decimal("amount"), Unit: o.text("unit"), Comment: o.textOrEmpty("comment"),
		})
		o.end()
	})
	o.list("deadlines", func(raw json.RawMessage, at string) {
		o := r.object(raw, at)
		e.Deadlines = append(e.Deadlines, Deadline{Type: o.text("type"), Date: o.date("date"), Comment: o.textOrEmpty("comment")})
		o.end()
	})
}

// origin takes the read-only members. What does not fit is no fault: for a
// client's body they count for nothing.
func (o object) origin(kind Kind) Origin {
	var from Origin
	text := func(name string) (s string) {
		raw := o.take(name)
		if len(raw) > 0 {
			_ = json.Unmarshal(raw, &s) // see above
		}
		return s
	}
	from.ID, _ = ParseID(text("id"))
	if s := text("identifier"); ValidIdentifier(kind, s) {
		from.Identifier = s
	}
	from.CreatedOn, _ = time.Parse(time.RFC3339, text("created_on"))
	from.ModifiedOn, _ = time.Parse(time.RFC3339, text("modified_on"))
	return from
}

// unwrapFeature turns a Feature into the body that Parse takes.
func unwrapFeature(kind Kind, body []byte) ([]byte, []fault.Field) {
	var f struct {
		Type       string          `json:"type"`
		Geometry   json.RawMessage `json:"geometry"`
		Properties json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(body, &f) != nil || f.Type != "Feature" {
		return body, nil // Parse says what is wrong with it
	}
	if !kind.HasGeometry() {
		return f.Properties, nil
	}
	var g struct {
		Type        *string         `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if !isNull(f.Geometry) && json.Unmarshal(f.Geometry, &g) != nil {
		return nil, []fault.Field{{In: fault.InBody, Pointer: "/geometry", Rule: "type", Detail: "Hier wird eine Geometrie erwartet."}}
	}
	out, err := json.Marshal(map[string]any{"type": g.Type, "coordinates": g.Coordinates, "properties": f.Properties})
	if err != nil {
		return nil, []fault.Field{{In: fault.InBody, Rule: "syntax", Detail: "Das ist kein JSON."}}
	}
	return out, nil
}

// duplicates finds a name that stands twice in an object.
func duplicates(body []byte) *fault.Field {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var open []map[string]bool // nil is an array
	key := true
	for {
		t, err := d.Token()
		if err != nil {
			return nil // the end, or no JSON: Parse says so
		}
		top := len(open) - 1
		switch t := t.(type) {
		case json.Delim:
			switch t {
			case '{':
				open, key = append(open, map[string]bool{}), true
			case '[':
				open, key = append(open, nil), false
			default:
				open = open[:top]
				key = top > 0 && open[top-1] != nil
			}
			continue
		case string:
			if key && top >= 0 && open[top] != nil {
				if open[top][t] {
					return &fault.Field{In: fault.InBody, Rule: "duplicate", Detail: fmt.Sprintf("Der Name %q steht zweimal.", t)}
				}
				open[top][t], key = true, false
				continue
			}
		}
		key = top >= 0 && open[top] != nil
	}
}

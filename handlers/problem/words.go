package problem

import (
	"fmt"
	"net/http"
	"strings"

	"loket/store/fault"
)

// statuses is the house's mapping; an API's Entry may say otherwise.
var statuses = map[fault.Kind]int{
	fault.Internal:           http.StatusInternalServerError,
	fault.Invalid:            http.StatusBadRequest,
	fault.Unauthenticated:    http.StatusUnauthorized,
	fault.Forbidden:          http.StatusForbidden,
	fault.NotFound:           http.StatusNotFound,
	fault.MethodNotAllowed:   http.StatusMethodNotAllowed,
	fault.NotAcceptable:      http.StatusNotAcceptable,
	fault.Conflict:           http.StatusConflict,
	fault.Gone:               http.StatusGone,
	fault.LengthRequired:     http.StatusLengthRequired,
	fault.PreconditionFailed: http.StatusPreconditionFailed,
	fault.TooLarge:           http.StatusRequestEntityTooLarge,
	fault.UnsupportedMedia:   http.StatusUnsupportedMediaType,
	fault.Unprocessable:      http.StatusUnprocessableEntity,
	fault.Limited:            http.StatusTooManyRequests,
	fault.Unavailable:        http.StatusServiceUnavailable,
}

// shown is an Entry with every gap filled.
type shown struct {
	Entry
	fallback string // detail when neither the table nor the fault has one
}

// entry puts the API's word over the house's for the reason, and that over
// the house's for the kind.
func (t Table) entry(f *fault.Error) shown {
	w := words[t.language()]
	def, ok := w.reasons[f.Reason]
	if !ok {
		def = w.kinds[f.Kind]
		if def.code == "" {
			def = w.kinds[fault.Internal]
		}
	}
	own := t.Entries[f.Reason]
	s := shown{Entry: Entry{Status: own.Status, Code: own.Code, Title: own.Title, Detail: own.Detail}, fallback: def.detail}
	if s.Status == 0 {
		s.Status = statuses[f.Kind]
	}
	if s.Status == 0 {
		s.Status = http.StatusInternalServerError
	}
	if s.Code == "" {
		s.Code = def.code
		if _, house := w.reasons[f.Reason]; !house && f.Kind != fault.Internal && f.Reason != "" {
			s.Code = string(f.Reason)
		}
	}
	if s.Title == "" {
		s.Title = def.title
	}
	return s
}

func (t Table) language() string {
	if _, ok := words[t.Language]; ok {
		return t.Language
	}
	return "en"
}

// item words one fault of the input.
func (t Table) item(f fault.Field) Item {
	it := Item{Parameter: f.Name}
	name := f.Name
	if f.In == fault.InBody || f.In == "" {
		it.Pointer, it.Parameter = "#"+f.Pointer, ""
		name = label(f.Pointer)
	}
	w := words[t.language()]
	if f.Detail != "" {
		it.Detail = f.Detail
		return it
	}
	if name == "" {
		name = w.body
		if f.In == fault.InQuery {
			name = w.query
		}
	}
	it.Detail = name + " " + w.rule(f) + "."
	return it
}

// label is a pointer for people: "disciplines[0]", "adres.postcode".
func label(pointer string) string {
	if pointer == "" {
		return ""
	}
	var b strings.Builder
	for i, key := range strings.Split(pointer[1:], "/") {
		key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
		switch {
		case i > 0 && key != "" && strings.Trim(key, "0123456789") == "":
			b.WriteString("[" + key + "]")
		case i > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}

// text is code, title and detail of a default.
type text struct{ code, title, detail string }

// language is all that the house says in one language.
type language struct {
	reasons map[fault.Reason]text
	kinds   map[fault.Kind]text
	body    string            // subject of a fault of the whole body
	query   string            // subject of a fault of the whole query
	rules   map[string]string // predicate by rule; %v is the limit
	types   map[string]string // JSON types
	formats map[string]string
	or      string
	other   string // predicate of an unknown rule
	isUp    string // predicate of an enum of one
}

var words = map[string]language{"nl": dutch, "de": german, "en": english}

// rule gives the predicate of a sentence about a field.
func (l language) rule(f fault.Field) string {
	rule := f.Rule
	switch {
	case rule == "unknown" && f.In != fault.InBody && f.In != "":
		rule = "unknownParameter"
	case rule == "duplicate" && f.In != fault.InBody && f.In != "":
		rule = "duplicateParameter"
	case rule == "enum":
		return l.enum(f.Limit)
	case rule == "type" && f.Limit == nil:
		return l.other
	}
	say, ok := l.rules[rule]
	if !ok {
		return l.other
	}
	if !strings.Contains(say, "%v") {
		return say
	}
	if f.Limit == nil {
		return l.other
	}
	return fmt.Sprintf(say, l.limit(rule, f.Limit))
}

func (l language) limit(rule string, limit any) string {
	s := fmt.Sprint(limit)
	switch rule {
	case "type":
		parts := strings.Split(s, ", ")
		for i, p := range parts {
			if known, ok := l.types[p]; ok {
				parts[i] = known
			}
		}
		return l.list(parts)
	case "format":
		if known, ok := l.formats[s]; ok {
			return known
		}
		return `"` + s + `"`
	}
	return s
}

func (l language) enum(limit any) string {
	values, ok := limit.([]any)
	if !ok {
		if texts, isTexts := limit.([]string); isTexts {
			for _, t := range texts {
				values = append(values, t)
			}
		}
	}
	names := make([]string, 0, len(values))
	for _, v := range values {
		if v != nil {
			names = append(names, fmt.Sprint(v))
		}
	}
	switch len(names) {
	case 0:
		return l.other
	case 1:
		return fmt.Sprintf(l.isUp, names[0])
	default:
		return fmt.Sprintf(l.rules["enum"], l.list(names))
	}
}

// list is "a, b of c".
func (l language) list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + l.or + " " + names[len(names)-1]
}

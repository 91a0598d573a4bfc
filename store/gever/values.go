package gever

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"loket/store/fault"
)

// Values are an object's field values as they are kept: plain JSON. An unset
// field is absent.
type Values map[string]any

// Stored is a file that an object holds, as its value keeps it.
type Stored struct {
	Blob        string    `json:"blob"`
	Name        string    `json:"filename"`
	ContentType string    `json:"content-type"`
	Size        int64     `json:"size"`
	SHA256      string    `json:"sha256"`
	ModifiedAt  time.Time `json:"modified"`
}

// StoredOf reads a file's value; nil when there is none.
func (v Values) StoredOf(field string) *Stored {
	switch s := v[field].(type) {
	case *Stored:
		return s
	case map[string]any:
		text, err := json.Marshal(s)
		if err != nil {
			return nil
		}
		out := &Stored{}
		if json.Unmarshal(text, out) != nil {
			return nil
		}
		return out
	default:
		return nil
	}
}

// Text is the value of a field as text; "" when unset.
func (v Values) Text(field string) string {
	s, _ := v[field].(string)
	return s
}

// Users are the ids of the users that a field names; a task's without their
// client.
func (v Values) Users(field string) []string {
	var out []string
	add := func(one any) {
		if s, ok := one.(string); ok && s != "" {
			out = append(out, s[strings.IndexByte(s, ':')+1:])
		}
	}
	if list, ok := v[field].([]any); ok {
		for _, one := range list {
			add(one)
		}
	}
	add(v[field])
	return out
}

// Flag is the value of a field that is true or false.
func (v Values) Flag(field string) bool {
	b, _ := v[field].(bool)
	return b
}

// Upload is a file that came with a request.
type Upload struct {
	Data        []byte
	Name        string
	ContentType string
	Kept        Stored // where its bytes are, once they are kept
	Mail        *Mail  // what it says of itself when it is one
}

// Files decodes the files of a body in place, so that their bytes can be kept
// before the transaction begins. What cannot be decoded stays as it is: Create
// and Patch tell the fault.
func Files(t *Type, body map[string]any) []*Upload {
	var out []*Upload
	for _, name := range t.FileFields() {
		r := &reader{uploads: map[string]*Upload{}}
		if v := body[name]; v != nil {
			if _, b := r.file(t.Field(name), v); b == nil {
				body[name] = r.uploads[name]
				out = append(out, r.uploads[name])
			}
		}
	}
	return out
}

// Ref names another object in one of the ways that clients may use.
type Ref struct{ Kind, Value string }

// The kinds of Ref, as the refusal of one shows them.
const (
	RefUID   = "UID"
	RefIntID = "intid"
	RefPath  = "path"
	RefURL   = "URL"
	RefOGUID = "oguid"
)

// Unresolvable is the fault of a reference that points nowhere.
func (r Ref) Unresolvable(field string) fault.Field {
	return FieldFault(field, "reference", fmt.Sprintf("Could not resolve object for %s=%s", r.Kind, r.Value))
}

// reader reads the values of one body.
type reader struct {
	s          *Settings
	knownUser  func(idOrLogin string) (string, bool)
	knownGroup func(id string) bool
	uploads    map[string]*Upload
	refs       map[string][]Ref
}

// bad is why a value is not taken: rule and message.
type bad struct{ rule, message string }

var (
	wrongType  = &bad{"type", msgType}
	constraint = &bad{"constraint", msgConstraint}
)

// read turns a value of a body into the one that is kept; nil is unset.
func (r *reader) read(f *Field, v any) (any, *bad) {
	if s, ok := v.(string); ok && strings.TrimSpace(s) == "" && f.Kind != File {
		v = nil
		if f.Empty == "" {
			return nil, nil
		}
	}
	if v == nil {
		if f.Required {
			return nil, &bad{"required", msgRequired}
		}
		return nil, nil
	}
	return readers[f.Kind](r, f, v)
}

var readers = map[Kind]func(*reader, *Field, any) (any, *bad){
	Text: (*reader).line, Names: (*reader).line, Lines: (*reader).text,
	Int: (*reader).integer, Float: (*reader).float, Bool: (*reader).bool, Date: (*reader).date, DateTime: (*reader).instant,
	Choice: (*reader).choice, IntChoice: (*reader).intChoice, Terms: (*reader).terms, Strings: (*reader).terms,
	User: (*reader).user, Users: (*reader).users, TaskUser: (*reader).taskUser,
	Relation: (*reader).relation, File: (*reader).file, RichText: (*reader).rich,
	Object: (*reader).object, Slots: (*reader).slots, Checklist: (*reader).checklist,
}

func (r *reader) text(f *Field, v any) (any, *bad) {
	s, ok := v.(string)
	if !ok {
		return nil, wrongType
	}
	limit := f.Max
	switch {
	case limit > 0:
	case f.Kind == Lines || f.Kind == RichText:
		limit = maxText
	default:
		limit = maxLine
	}
	if utf8.RuneCountInString(s) > limit {
		return nil, &bad{"maxLength", msgLong}
	}
	if strings.ContainsRune(s, 0) {
		return nil, constraint
	}
	return s, nil
}

func (r *reader) line(f *Field, v any) (any, *bad) {
	s, b := r.text(f, v)
	if b == nil && strings.ContainsAny(s.(string), "\r\n") { // text gives a string or a fault
		return nil, constraint
	}
	return s, b
}

func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	case float64:
		return int64(n), n == math.Trunc(n) && math.Abs(n) < 1<<53
	case int:
		return int64(n), true
	case int64:
		return n, true
	default:
		return 0, false
	}
}

func (r *reader) integer(_ *Field, v any) (any, *bad) {
	n, ok := whole(v)
	if !ok {
		return nil, wrongType
	}
	return n, nil
}

func (r *reader) float(_ *Field, v any) (any, *bad) {
	switch n := v.(type) {
	case json.Number:
		x, err := n.Float64()
		if err != nil {
			return nil, constraint
		}
		return x, nil
	case float64:
		return n, nil
	default:
		return nil, wrongType
	}
}

func (r *reader) bool(_ *Field, v any) (any, *bad) {
	b, ok := v.(bool)
	if !ok {
		return nil, wrongType
	}
	return b, nil
}

// date takes YYYY-MM-DD; the running system keeps no year before 1900.
func (r *reader) date(_ *Field, v any) (any, *bad) {
	s, ok := v.(string)
	if !ok {
		return nil, wrongType
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return nil, &bad{"format", msgDate}
	}
	if t.Year() < 1900 {
		return nil, tooEarly(t)
	}
	return s, nil
}

func tooEarly(t time.Time) *bad {
	return &bad{"minimum", fmt.Sprintf("year=%d is invalid. Year must be >= 1900.", t.Year())}
}

// KeptInstant is the form of a moment as a value: in UTC, so that texts compare
// as moments do.
const KeptInstant = "2006-01-02T15:04:05-07:00"

// instant takes ISO 8601 in any zone, which is UTC where it says none (gever.md
// 2.1); what is less than a second is dropped.
func (r *reader) instant(_ *Field, v any) (any, *bad) {
	s, ok := v.(string)
	if !ok {
		return nil, wrongType
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		t, err := time.Parse(form, s)
		if err != nil {
			continue
		}
		if t = t.UTC(); t.Year() < 1900 {
			return nil, tooEarly(t)
		} else if t.Year() > 9999 {
			break
		}
		return t.Format(KeptInstant), nil
	}
	return nil, &bad{"format", msgInstant}
}

// token takes a bare value or an object with a token, as answers of the
// running system have it (gever.md 0.1 rule 2).
func token(v any) (string, bool) {
	if m, ok := v.(map[string]any); ok {
		v = m["token"]
	}
	s, ok := v.(string)
	return s, ok
}

func (r *reader) choice(f *Field, v any) (any, *bad) {
	s, ok := token(v)
	if !ok {
		return nil, wrongType
	}
	if !r.s.has(f.Vocabulary, s) {
		return nil, constraint
	}
	return s, nil
}

func (r *reader) intChoice(f *Field, v any) (any, *bad) {
	n, ok := whole(v)
	if !ok {
		s, isText := token(v)
		if !isText {
			return nil, wrongType
		}
		parsed, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, constraint
		}
		n = parsed
	}
	if !r.s.has(f.Vocabulary, strconv.FormatInt(n, 10)) {
		return nil, constraint
	}
	return n, nil
}

// maxList bounds lists of a body.
const maxList = 1000

func list(v any) ([]any, *bad) {
	l, ok := v.([]any)
	if !ok {
		return nil, wrongType
	}
	if len(l) > maxList {
		return nil, &bad{"maxItems", msgLong}
	}
	return l, nil
}

func (r *reader) terms(_ *Field, v any) (any, *bad) {
	l, b := list(v)
	if b != nil {
		return nil, b
	}
	out := []any{}
	for _, one := range l {
		s, ok := token(one)
		if !ok {
			return nil, wrongType
		}
		if s = strings.TrimSpace(s); s == "" || utf8.RuneCountInString(s) > maxLine || strings.ContainsAny(s, "\x00\r\n") {
			return nil, constraint
		}
		if !slices.Contains(out, any(s)) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// user takes a user's id or login name, and where the field takes groups, a
// group's id with or without "group:"; a user goes before a group.
func (r *reader) user(f *Field, v any) (any, *bad) {
	s, ok := token(v)
	if !ok {
		return nil, wrongType
	}
	if id, known := r.knownUser(strings.TrimPrefix(s, r.s.AdminUnit+":")); known {
		return id, nil
	}
	group := GroupPrincipal(strings.TrimPrefix(s, groupPrefix))
	if id, _ := group.Group(); !f.Groups || id == "" || r.knownGroup == nil || !r.knownGroup(id) {
		return nil, constraint
	}
	return string(group), nil
}

func (r *reader) users(f *Field, v any) (any, *bad) {
	l, b := list(v)
	if b != nil {
		return nil, b
	}
	out := []any{}
	for _, one := range l {
		id, b := r.user(f, one)
		if b != nil {
			return nil, b
		}
		out = append(out, id)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

var team = regexp.MustCompile(`^team:[0-9]{1,9}$`)

// taskUser takes "<client>:<user>", "inbox:<unit>" or "team:<n>"; a bare user
// is one of this admin unit.
func (r *reader) taskUser(_ *Field, v any) (any, *bad) {
	s, ok := token(v)
	if !ok {
		return nil, wrongType
	}
	client, user, found := strings.Cut(s, ":")
	switch {
	case !found:
		client, user = r.s.AdminUnit, s
	case team.MatchString(s):
		return s, nil
	case client == "inbox":
		if !r.s.has(orgUnits, user) {
			return nil, constraint
		}
		return s, nil
	}
	id, known := r.knownUser(user)
	if !known || !r.s.has(orgUnits, client) {
		return nil, constraint
	}
	return client + ":" + id, nil
}

var (
	uidForm   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	oguidForm = regexp.MustCompile(`^[A-Za-z0-9_.-]+:[0-9]+$`)
)

// RefOf reads one of an object's names (gever.md 1.6): UID, int id, /path,
// URL, oguid, or an object with @id.
func RefOf(v any) (Ref, bool) {
	if m, ok := v.(map[string]any); ok {
		v = m["@id"]
		if v == nil {
			v = m["UID"]
		}
		if v == nil {
			v = m["token"]
		}
	}
	if n, ok := whole(v); ok {
		return Ref{RefIntID, strconv.FormatInt(n, 10)}, true
	}
	s, ok := v.(string)
	if !ok || s == "" {
		return Ref{}, false
	}
	switch {
	case strings.Contains(s, "://"):
		return Ref{RefURL, s}, true
	case strings.HasPrefix(s, "/"):
		return Ref{RefPath, s}, true
	case uidForm.MatchString(s):
		return Ref{RefUID, s}, true
	case oguidForm.MatchString(s):
		return Ref{RefOGUID, s}, true
	}
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Ref{RefIntID, s}, true
	}
	return Ref{RefUID, s}, true
}

// relation leaves finding the objects to the store.
func (r *reader) relation(f *Field, v any) (any, *bad) {
	l, ok := v.([]any)
	if !ok {
		l = []any{v}
	}
	if len(l) > maxList {
		return nil, &bad{"maxItems", msgLong}
	}
	refs := []Ref{}
	for _, one := range l {
		ref, ok := RefOf(one)
		if !ok {
			return nil, wrongType
		}
		refs = append(refs, ref)
	}
	if f.Single && len(refs) > 1 {
		return nil, constraint
	}
	r.refs[f.Name] = refs
	return nil, nil
}

// maxFileName is the longest name of a file, in characters.
const maxFileName = 255

// file takes the mapping of gever.md 2.1; without `encoding` data is the text
// itself.
func (r *reader) file(f *Field, v any) (any, *bad) {
	if u, decoded := v.(*Upload); decoded {
		mine := *u // a transaction that is tried again finds it as it came
		r.uploads[f.Name] = &mine
		return nil, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, wrongType
	}
	data, ok := m["data"].(string)
	if !ok {
		return nil, wrongType
	}
	u := &Upload{Data: []byte(data)}
	if encoding, given := m["encoding"]; given && encoding != nil {
		if encoding != "base64" {
			return nil, constraint
		}
		decoded, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\n", "", "\r", "").Replace(data))
		if err != nil {
			return nil, &bad{"encoding", "The data is not valid base64."}
		}
		u.Data = decoded
	}
	u.Name, _ = m["filename"].(string)
	u.ContentType, _ = m["content-type"].(string)
	if utf8.RuneCountInString(u.Name) > maxFileName || strings.ContainsAny(u.Name+u.ContentType, "\x00\r\n") {
		return nil, constraint
	}
	u.Name = u.Name[strings.LastIndexAny(u.Name, `/\`)+1:]
	r.uploads[f.Name] = u
	return nil, nil
}

// rich takes HTML as text or as the object that answers have.
func (r *reader) rich(f *Field, v any) (any, *bad) {
	if m, ok := v.(map[string]any); ok {
		v = m["data"]
	}
	return r.text(f, v)
}

// maxObject is the largest object of its own, in bytes of JSON.
const maxObject = 64 << 10

func (r *reader) object(_ *Field, v any) (any, *bad) {
	if _, ok := v.(map[string]any); !ok {
		return nil, wrongType
	}
	if text, err := json.Marshal(v); err != nil || len(text) > maxObject || strings.Contains(string(text), `\u0000`) {
		return nil, &bad{"maxLength", msgLong}
	}
	return v, nil
}

// slots takes custom properties: an object of objects (gever.md 2.1). Which
// fields a slot has is the installation's own; here they are kept as they came.
func (r *reader) slots(f *Field, v any) (any, *bad) {
	kept, b := r.object(f, v)
	if b != nil {
		return nil, b
	}
	for _, slot := range v.(map[string]any) { // object has seen to it
		if _, ok := slot.(map[string]any); !ok {
			return nil, wrongType
		}
	}
	return kept, nil
}

// checklist takes items of which each has a title and is open or closed
// (gever.md 1.6).
func (r *reader) checklist(f *Field, v any) (any, *bad) {
	if _, b := r.object(f, v); b != nil {
		return nil, b
	}
	items, b := list(v.(map[string]any)["items"]) // object has seen to it
	if b != nil {
		return nil, b
	}
	kept := []any{}
	for _, one := range items {
		item, ok := one.(map[string]any)
		title, isText := item["title"].(string)
		switch {
		case !ok || !isText:
			return nil, wrongType
		case strings.TrimSpace(title) == "" || item["state"] != "open" && item["state"] != "closed":
			return nil, constraint
		}
		kept = append(kept, map[string]any{"title": title, "state": item["state"]})
	}
	return map[string]any{"items": kept}, nil
}

package gever

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"loket/store/fault"
)

// ParticipationRoles are what somebody can be in a dossier (gever.md 3.7; the
// terms are those of the running system).
var ParticipationRoles = []Term{
	{"final-drawing", "Schlusszeichnung", "Signature finale", "Final signature"},
	{"participation", "Mitwirkung", "Participation", "Participation"},
	{"regard", "Kenntnisnahme", "Prise de connaissance", "For your information"},
}

// JournalCategories are what an entry by hand can be about.
var JournalCategories = []Term{
	{"conversation", "Gespräch", "Entretien", "Conversation"},
	{"information", "Information", "Information", "Information"},
	{"meeting", "Sitzung", "Séance", "Meeting"},
	{"phone-call", "Telefongespräch", "Appel téléphonique", "Phone call"},
}

// FindTerm finds a term; false when there is none.
func FindTerm(terms []Term, token string) (Term, bool) {
	i := slices.IndexFunc(terms, func(t Term) bool { return t.Token == token })
	if i < 0 {
		return Term{}, false
	}
	return terms[i], true
}

// ContactActor is the contact of an actor "contact:<id>".
func ContactActor(actor string) (id string, ok bool) { return strings.CutPrefix(actor, "contact:") }

// ReadParticipant reads who shall take part.
func ReadParticipant(body map[string]any) (string, error) {
	id, ok := token(body["participant_id"])
	switch {
	case body["participant_id"] == nil, ok && id == "":
		return "", InputsNotValid([]fault.Field{FieldFault("participant_id", "required", msgRequired)})
	case !ok:
		return "", InputsNotValid([]fault.Field{FieldFault("participant_id", "type", msgType)})
	}
	return id, nil
}

// ReadParticipationRoles reads as what somebody shall take part: at least one
// role; sorted, each once.
func ReadParticipationRoles(body map[string]any) ([]string, error) {
	list, ok := body["roles"].([]any)
	if !ok || len(list) == 0 {
		return nil, InputsNotValid([]fault.Field{FieldFault("roles", "required", "A list of roles is required.")})
	}
	var (
		out    []string
		faults []fault.Field
	)
	for _, v := range list {
		role, _ := token(v)
		if _, known := FindTerm(ParticipationRoles, role); !known {
			faults = append(faults, FieldFault("roles", "constraint", fmt.Sprintf("Role '%s' does not exist.", role)))
			continue
		}
		out = append(out, role)
	}
	slices.Sort(out)
	return slices.Compact(out), InputsNotValid(faults)
}

// JournalChange is the body of an entry by hand; what it does not name is nil.
type JournalChange struct {
	Comment   *string
	Category  *string
	At        *time.Time
	Documents []Ref // nil leaves them
}

// ReadJournal reads an entry by hand.
func ReadJournal(body map[string]any, creating bool) (JournalChange, error) {
	var (
		c      JournalChange
		faults []fault.Field
	)
	refuse := func(name, rule, message string) { faults = append(faults, FieldFault(name, rule, message)) }
	if text, ok := body["comment"].(string); ok && strings.TrimSpace(text) != "" {
		c.Comment = &text
		if utf8.RuneCountInString(text) > maxComment || strings.ContainsRune(text, 0) {
			refuse("comment", "constraint", msgConstraint)
		}
	} else if _, given := body["comment"]; given || creating {
		refuse("comment", "required", msgRequired)
	}
	if v, given := body["category"]; given {
		category, ok := token(v)
		if _, known := FindTerm(JournalCategories, category); v != nil && (!ok || !known) {
			refuse("category", "constraint", msgConstraint)
		}
		c.Category = &category
	}
	if text, ok := body["time"].(string); ok {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || at.Year() < 1900 {
			refuse("time", "constraint", msgConstraint)
		}
		c.At = &at
	}
	if list, ok := body["related_documents"].([]any); ok {
		c.Documents = []Ref{}
		for _, v := range list {
			ref, _ := RefOf(v)
			c.Documents = append(c.Documents, ref)
		}
	}
	return c, InputsNotValid(faults)
}

// MayEditEntry tells whether the caller may change an entry by hand in the
// journal.
func (p Place) MayEditEntry(own bool) bool { return p.MayRespond() && (own || p.Roles.Any(managers)) }

// ReadTransfer reads from whom to whom dossiers go.
func ReadTransfer(body map[string]any) (from, to string, recursive bool, err error) {
	var faults []fault.Field
	read := func(name string) string {
		id, ok := token(body[name])
		if !ok || id == "" {
			faults = append(faults, FieldFault(name, "required", msgRequired))
		}
		return id
	}
	from, to = read("old_userid"), read("new_userid")
	if len(faults) == 0 && from == to {
		faults = append(faults, FieldFault("new_userid", "constraint", "The new user must be another than the old one."))
	}
	recursive = true
	if on, given := body["recursive"].(bool); given {
		recursive = on
	}
	return from, to, recursive, InputsNotValid(faults)
}

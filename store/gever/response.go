package gever

import (
	"html"
	"strings"
	"unicode/utf8"

	"loket/store/fault"
)

// The kinds of responses (gever.md 2.6).
const (
	CommentResponse = "comment" // somebody said something
	DefaultResponse = "default" // something happened to a task
)

// What happened to a task beside its transitions.
const (
	SubtaskAdded  = "transition-add-subtask"
	DocumentAdded = "transition-add-document"
)

// ResponseFixed is a response that is no comment: nobody changes it.
const ResponseFixed fault.Reason = "gever_response_fixed"

// FieldChange is a value of a task that a transition changed.
type FieldChange struct {
	Field  string `json:"field_id"`
	Title  string `json:"field_title"`
	Before any    `json:"before"` // text or nil
	After  any    `json:"after"`
}

// ResponseDetails are what a response says beside its text; objects by their
// int ids.
type ResponseDetails struct {
	Changes  []FieldChange `json:"changes,omitempty"`
	Added    []int64       `json:"added,omitempty"`
	Approved []int64       `json:"approved,omitempty"`
	Subtask  int64         `json:"subtask,omitempty"`
}

// Responds tells whether a type has responses.
func (t *Type) Responds() bool { return t.Dossierish() || t.Comments }

// MayRespond tells whether the caller may comment here now: who may add
// something, and a task's own people.
func (p Place) MayRespond() bool {
	return (p.Roles.May(AddContent) || p.Roles.Any([]Role{Issuer, Responsible})) && !p.closed()
}

// MayEditResponse tells whether the caller may change or remove a comment of
// somebody; ResponseFixed for what is no comment.
func (p Place) MayEditResponse(kind string, own bool) error {
	switch {
	case kind != CommentResponse:
		return fault.New(fault.Forbidden, ResponseFixed, "Only comments can be changed.")
	case !p.MayRespond(), !own && !p.Roles.Any(managers):
		return Unauthorized()
	}
	return nil
}

// ReadComment reads the body of a comment.
func ReadComment(body map[string]any) (string, error) {
	text, ok := body["text"].(string)
	switch {
	case body["text"] == nil, ok && strings.TrimSpace(text) == "":
		return "", fault.New(fault.Invalid, BadRequest, "Property 'text' is required")
	case !ok:
		return "", InputsNotValid([]fault.Field{FieldFault("text", "type", msgType)})
	case utf8.RuneCountInString(text) > maxComment:
		return "", InputsNotValid([]fault.Field{FieldFault("text", "maxLength", msgLong)})
	case strings.ContainsRune(text, 0):
		return "", InputsNotValid([]fault.Field{FieldFault("text", "constraint", msgConstraint)})
	}
	return text, nil
}

// Rendered is a plain text as HTML.
func Rendered(text string) string {
	return strings.ReplaceAll(html.EscapeString(strings.ReplaceAll(text, "\r\n", "\n")), "\n", "<br />")
}

// TaskChanges are what a transition changed of a task's values.
func TaskChanges(before, after Values) []FieldChange {
	var out []FieldChange
	for _, name := range []string{"responsible_client", "responsible", "deadline"} {
		if x, y := before[name], after[name]; x != y {
			out = append(out, FieldChange{name, TypeOf(TaskType).Field(name).Title, x, y})
		}
	}
	return out
}

// Approves tells whether a transition of a task says which documents are
// approved: the resolution of one that asks for approval.
func Approves(values Values, t Transition) bool {
	return values.Text("task_type") == "approval" && t.To == TaskResolved && t.From != t.To
}

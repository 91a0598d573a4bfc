package gever

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"loket/handlers/page"
	"loket/handlers/problem"
	"loket/store/fault"
	"loket/store/gever"
)

// form is one of the running system's shapes of an error (gever.md 3.2).
type form uint8

const (
	formA     form = iota // {type, message}
	formB                 // A with translated_message and additional_metadata
	formC                 // {error: {type, message}}
	formToken             // {error, error_description}
)

// shown is how a reason is shown. What is not here has form A, with the type
// of its status.
type shown struct {
	form form
	kind string // "" is that of the status
	text string // "" is the fault's own
}

var shapes = map[fault.Reason]shown{
	fault.BadJSON:          {form: formC, kind: "DeserializationError", text: "No JSON object could be decoded"},
	fault.NoCredential:     {text: "You are not authorized to access this resource."},
	fault.NothingAccepted:  {text: "Only JSON is served here. Send Accept: application/json."},
	gever.Inputs:           {form: formB},
	gever.Invariant:        {form: formB},
	gever.Ignored:          {form: formB},
	gever.MailAsDocument:   {form: formB},
	gever.ExtensionRefused: {form: formB},
	gever.ResponsibleFixed: {form: formB},
	gever.IsPrivateFixed:   {form: formB},
	gever.CannotCreate:     {form: formC, kind: "Forbidden"},
	gever.Disallowed:       {form: formC, kind: "Forbidden"},
	gever.Locked:           {form: formB},
	gever.NotCheckedOut:    {form: formB},
	gever.DeleteRefused:    {form: formB},
	gever.MoveRefused:      {form: formB},
	gever.BadUpload:        {form: formC, kind: "Bad Request"},
	gever.NoReplace:        {form: formC, kind: "Forbidden"},
	gever.TusVersion:       {form: formC, kind: "Precondition Failed"},
	gever.CheckoutRefused:  {form: formB},
	gever.CheckinRefused:   {form: formB},
	gever.CancelRefused:    {form: formB},
	gever.NoTransition:     {form: formC, kind: "Bad Request"},
	gever.QuerySource:      {form: formC, kind: "Bad Request"},
	gever.Preconditions:    {form: formC, kind: "PreconditionsViolated"},
	gever.NoAutoClose:      {form: formC, kind: "AutoCloseTasksNotPossible"},
	gever.NotAlone:         {form: formC, kind: "Bad Request"},
	gever.WorkflowRefused:  {form: formC, kind: "WorkflowException"},
	gever.Changed:          {form: formC, kind: "Precondition Failed"},
	gever.NoCredentials:    {form: formC, kind: "Missing credentials"},
	gever.WrongCredentials: {form: formC, kind: "Invalid credentials"},
	gever.TokenExpired:     {form: formToken, kind: "invalid_token"},
	gever.InvalidRequest:   {form: formToken, kind: "invalid_request"},
	gever.InvalidGrant:     {form: formToken, kind: "invalid_grant"},
	gever.ResponseFixed:    {form: formB},
	gever.QuotaExceeded:    {form: formB},
	gever.NotRenewable:     {form: formC, kind: "Invalid or expired authentication token"},
}

// kinds are the types of form A by status.
var kinds = map[int]string{
	http.StatusBadRequest: "BadRequest", http.StatusUnauthorized: "Unauthorized", http.StatusForbidden: "Forbidden", http.StatusNotFound: "NotFound",
	http.StatusMethodNotAllowed: "MethodNotAllowed", http.StatusNotAcceptable: "NotAcceptable", http.StatusRequestEntityTooLarge: "RequestEntityTooLarge",
	http.StatusUnsupportedMediaType: "UnsupportedMediaType", http.StatusTooManyRequests: "TooManyRequests", http.StatusInternalServerError: "InternalServerError",
}

// table is how GEVER shows failures. A store that does not answer, or could
// not settle a conflict, is a 500 like everything unexpected: the contract
// knows no 503 and no 409.
func table(l languages) problem.Table {
	unexpected := problem.Entry{Status: http.StatusInternalServerError}
	return problem.Table{
		Language: "en", Challenge: `Basic realm="gever", charset="UTF-8"`,
		Render: func(c echo.Context, p problem.Problem) error {
			return render(c, p, l.of(c.Request().Header.Get("Accept-Language")))
		},
		Entries: map[fault.Reason]problem.Entry{
			fault.StoreUnavailable: unexpected, fault.Busy: unexpected, fault.Stale: unexpected, fault.Duplicate: unexpected,
		},
	}
}

// render writes a problem in its shape.
func render(c echo.Context, p problem.Problem, language string) error {
	s := shapes[p.Fault.Reason]
	if s.kind == "" {
		s.kind = kinds[p.Status]
	}
	if s.text == "" {
		s.text = p.Detail
	}
	switch {
	case s.form != formToken && ofOAuth(c.Request().URL.Path, p.Status):
		s = shown{form: formToken, kind: "invalid_request", text: s.text}
	case p.Status == http.StatusNotFound:
		s.text = "Resource not found: " + page.Origin(c.Request().Context()) + c.Request().URL.Path
	case p.Fault.Reason == gever.TusVersion:
		c.Response().Header().Set("Tus-Version", gever.TusResumable)
	case p.Fault.Reason == gever.NoContainer:
		c.Response().Header().Set(echo.HeaderAllow, "DELETE, GET, HEAD, OPTIONS, PATCH")
	case ofType(p.Fault):
		s.text = typeMessage(p.Fault)
	case notAnObject(p.Fault):
		s = shapes[fault.BadJSON]
		s.text = "Malformed body"
	case len(p.Fault.Fields) > 0 && p.Status == http.StatusBadRequest && s.form != formC:
		return c.JSON(p.Status, fieldsBody(p.Fault.Fields, language))
	}
	return c.JSON(p.Status, s.body(p.Fault, language))
}

// oauthStatuses are the refusals that the token endpoint shows in the form of
// RFC 6749 5.2, whatever they are elsewhere.
var oauthStatuses = []int{
	http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
}

// ofOAuth tells whether a refusal of this path has the form of OAuth 2.
func ofOAuth(path string, status int) bool {
	return strings.TrimSuffix(unmarked(strings.TrimPrefix(path, basePath)), "/") == tokenEndpoint && slices.Contains(oauthStatuses, status)
}

func (s shown) body(f *fault.Error, language string) map[string]any {
	switch s.form {
	case formB:
		return map[string]any{
			"type": s.kind, "message": s.text, "translated_message": translate(language, s.text), "additional_metadata": map[string]any{},
		}
	case formC:
		inner := map[string]any{"type": s.kind, "message": s.text}
		if allowed, ok := f.Data["allowed"]; ok {
			inner["additional_metadata"] = map[string]any{"allowed": allowed}
		} else {
			maps.Copy(inner, f.Data)
		}
		return map[string]any{"error": inner}
	case formToken:
		return map[string]any{"error": s.kind, "error_description": s.text}
	default:
		return map[string]any{"type": s.kind, "message": s.text}
	}
}

// ofType tells of a body whose @type the validator refused.
func ofType(f *fault.Error) bool {
	return f.Reason == fault.BadBody && len(f.Fields) > 0 && f.Fields[0].Pointer == "/@type"
}

// notAnObject tells of JSON that is none of the bodies: a list, a text.
func notAnObject(f *fault.Error) bool {
	if f.Reason != fault.BadJSON && f.Reason != fault.BadBody || len(f.Fields) == 0 {
		return false
	}
	rule := f.Fields[0].Rule
	return f.Fields[0].In == fault.InBody && f.Fields[0].Pointer == "" && (rule == "type" || rule == "oneOf" || rule == "anyOf")
}

func typeMessage(f *fault.Error) string {
	if ruleOf(f) == "required" {
		return "Property '@type' is required"
	}
	return "Property '@type' is no type that can be created"
}

func ruleOf(f *fault.Error) string {
	if len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0].Rule
}

// fieldsBody is form B for values that break their fields: `message` is the
// list as the running system's Python prints it.
func fieldsBody(faults []fault.Field, language string) map[string]any {
	list, python := []map[string]any{}, []string{}
	for _, f := range faults {
		name, message := nameOf(f), messageOf(f)
		list = append(list, map[string]any{"field": name, "type": "ValidationError", "translated_message": translate(language, message)})
		python = append(python, "{'field': '"+quoted(name)+"', 'message': u'"+quoted(message)+"', 'error': 'ValidationError'}")
	}
	return map[string]any{
		"type": "BadRequest", "message": "[" + strings.Join(python, ", ") + "]", "translated_message": translate(language, "Inputs not valid"),
		"additional_metadata": map[string]any{"fields": list},
	}
}

var quoted = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace

// nameOf is the field at the top of the body, or the parameter.
func nameOf(f fault.Field) string {
	if f.In != fault.InBody {
		return f.Name
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
}

// messages are those of the rules of JSON Schema, in the running system's
// words.
var messages = map[string]string{
	"required": "Required input is missing.", "type": "Object is of wrong type.", "maxLength": "Value is too long", "maxItems": "Value is too long",
}

func messageOf(f fault.Field) string {
	if f.Detail != "" {
		return f.Detail
	}
	if m, ok := messages[f.Rule]; ok {
		return m
	}
	return "Constraint not satisfied"
}

// translations are what people read, by language; a text without one is
// readable as it is.
var translations = map[string]map[string]string{
	"de": {
		"Inputs not valid":                                 "Eingaben sind ungültig",
		"Required input is missing.":                       "Erforderliche Eingabe fehlt.",
		"Object is of wrong type.":                         "Der Wert hat den falschen Typ.",
		"Constraint not satisfied":                         "Bedingung nicht erfüllt",
		"Value is too long":                                "Der Wert ist zu lang",
		"The key has no effect.":                           "Der Schlüssel hat keine Wirkung.",
		"The date must have the form YYYY-MM-DD.":          "Das Datum muss die Form JJJJ-MM-TT haben.",
		"The date and time must be in ISO 8601.":           "Datum und Zeit müssen in der Form von ISO 8601 sein.",
		"The start date must be before the end date.":      "Das Startdatum muss vor dem Enddatum liegen.",
		"A sibling with the same reference number exists.": "Ein Geschwister mit demselben Aktenzeichen besteht schon.",
		"msg_resource_locked":                              "Das Objekt ist gesperrt.",
		"msg_not_checked_out_by_current_user":              "Das Dokument ist nicht von Ihnen ausgecheckt.",
		gever.MsgDeleteNever:                               "Objekte dieses Typs können nicht gelöscht werden.",
		gever.MsgDeleteRight:                               "Sie dürfen dieses Objekt nicht löschen.",
		gever.MsgDeleteClosed:                              "In einem abgeschlossenen Dossier oder Teamraum kann nichts gelöscht werden.",
		gever.MsgDeleteFilled:                              "Nur ein leeres Objekt kann gelöscht werden.",
		gever.MsgDeleteTrash:                               "Das Objekt muss zuerst in den Papierkorb gelegt werden.",
		gever.MsgDeleteState:                               "Der Teamraum muss zuerst deaktiviert werden.",
		gever.MsgDeleteCheckin:                             "Ein ausgechecktes Dokument kann nicht gelöscht werden.",
		gever.MsgMoveRight:                                 "Sie dürfen dieses Objekt nicht verschieben.",
		gever.MsgMoveClosed:                                "Aus einem abgeschlossenen Dossier oder Teamraum kann nichts verschoben werden.",
		gever.MsgMoveTrash:                                 "Was im Papierkorb liegt, kann weder verschoben noch kopiert werden.",
		gever.MsgMoveItself:                                "Ein Objekt kann nicht in sich selbst verschoben oder kopiert werden.",
		gever.MsgMoveTask:                                  "Dokumente einer Aufgabe können nicht verschoben werden.",
		gever.MsgMoveArea:                                  "Das Objekt kann nicht in einen anderen Bereich verschoben werden.",
		gever.MsgMoveCheckin:                               "Ein ausgechecktes Dokument kann nicht verschoben werden.",
		gever.MsgMoveContainer:                             "Das Ziel nimmt dieses Objekt nicht auf.",
		gever.MsgMoveAdd:                                   "Sie dürfen dieses Objekt am Ziel nicht hinzufügen.",
		"The file is not an e-mail message.":               "Die Datei ist keine E-Mail.",
		"msg_checkout_disallowed":                          "Das Dokument kann nicht ausgecheckt werden.",
		"msg_checkin_disallowed":                           "Das Dokument kann nicht eingecheckt werden.",
		"msg_cancel_checkout_disallowed":                   "Das Auschecken kann nicht verworfen werden.",
		"change_responsible_not_allowed":                   "Der Auftragnehmer kann nur durch Neuzuweisen geändert werden.",
		"Only comments can be changed.":                    "Nur Kommentare können geändert werden.",
		"The dossier is protected: reading and reading_and_writing must be empty first.": "Das Dossier ist geschützt: reading und reading_and_writing müssen zuerst leer sein.",
		"change_is_private_not_allowed": "Ob eine Aufgabe privat ist, kann nicht geändert werden.",
		"The data is not valid base64.": "Die Daten sind kein gültiges Base64.",
		"It is not possible to add E-mails as document, use portal_type ftw.mail.mail instead.": "E-Mails sind keine Dokumente; verwenden Sie den Typ ftw.mail.mail.",
	},
	"fr": {
		"Inputs not valid":           "Les données saisies ne sont pas valides",
		"Required input is missing.": "Une saisie obligatoire manque.",
		"Object is of wrong type.":   "La valeur n'est pas du bon type.",
		"Constraint not satisfied":   "Contrainte non satisfaite",
		"Value is too long":          "La valeur est trop longue",
		"The dossier is protected: reading and reading_and_writing must be empty first.": "Le dossier est protégé : reading et reading_and_writing doivent d'abord être vides.",
		"The key has no effect.":                           "La clé n'a pas d'effet.",
		"The date must have the form YYYY-MM-DD.":          "La date doit avoir la forme AAAA-MM-JJ.",
		"The date and time must be in ISO 8601.":           "La date et l'heure doivent être au format ISO 8601.",
		"The start date must be before the end date.":      "La date de début doit précéder la date de fin.",
		"A sibling with the same reference number exists.": "Un élément voisin porte déjà ce numéro de référence.",
		"msg_resource_locked":                              "L'objet est verrouillé.",
		"msg_not_checked_out_by_current_user":              "Le document n'est pas en cours de modification par vous.",
		"msg_checkout_disallowed":                          "Le document ne peut pas être pris pour modification.",
		"msg_checkin_disallowed":                           "Le document ne peut pas être rendu.",
		"msg_cancel_checkout_disallowed":                   "La modification ne peut pas être annulée.",
		"change_responsible_not_allowed":                   "Le mandataire ne peut être changé que par une nouvelle attribution.",
		"change_is_private_not_allowed":                    "Le caractère privé d'une tâche ne peut pas être changé.",
		"The data is not valid base64.":                    "Les données ne sont pas du base64 valide.",
		"It is not possible to add E-mails as document, use portal_type ftw.mail.mail instead.": "Un e-mail n'est pas un document ; utilisez le type ftw.mail.mail.",
	},
	"en": {
		"msg_resource_locked":                 "Resource is locked.",
		"msg_not_checked_out_by_current_user": "Document not checked-out by current user.",
		"msg_checkout_disallowed":             "Checkout is not allowed.",
		"msg_checkin_disallowed":              "Checkin is not allowed.",
		"msg_cancel_checkout_disallowed":      "Cancel checkout is not allowed.",
		"change_responsible_not_allowed":      "The responsible can only be changed by reassigning.",
		"change_is_private_not_allowed":       "Whether a task is private cannot be changed.",
	},
}

// patterns are translations of texts that name something.
var patterns = []struct {
	text *regexp.Regexp
	in   map[string]string
}{
	{regexp.MustCompile(`^Files with the extension (\S+) are not allowed\.$`), map[string]string{
		"de": "Dateien mit der Endung $1 sind nicht erlaubt.", "fr": "Les fichiers avec l'extension $1 ne sont pas autorisés.",
	}},
	{regexp.MustCompile(`^The quota of the private folder is exceeded: it may hold (\d+) bytes, (\d+) are in use\.$`), map[string]string{
		"de": "Die private Ablage ist voll: sie fasst $1 Bytes, $2 sind belegt.", "fr": "L'espace privé est plein : il contient au plus $1 octets, $2 sont occupés.",
	}},
	{regexp.MustCompile(`(?s)^Could not resolve object for (.*)$`), map[string]string{
		"de": "Es gibt kein Objekt mit $1", "fr": "Il n'y a pas d'objet avec $1",
	}},
	{regexp.MustCompile(`^year=(\d+) is invalid\. Year must be >= 1900\.$`), map[string]string{
		"de": "Das Jahr $1 ist ungültig; es muss mindestens 1900 sein.", "fr": "L'année $1 n'est pas valide ; elle doit être au moins 1900.",
	}},
	{regexp.MustCompile(`(?s)^These keys are unknown, read-only or not yours to write: (.*)$`), map[string]string{
		"de": "Diese Schlüssel sind unbekannt, nur lesbar oder nicht für Sie zu schreiben: $1",
		"fr": "Ces clés sont inconnues, en lecture seule ou pas à vous d'écrire : $1",
	}},
}

func translate(language, text string) string {
	if t, ok := translations[language][text]; ok {
		return t
	}
	for _, p := range patterns {
		if t, ok := p.in[language]; ok && p.text.MatchString(text) {
			return p.text.ReplaceAllString(text, t)
		}
	}
	return text
}

package vemap

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"loket/store/fault"
)

// Recipient is somebody to whom mail of a project may go; he need not be a user.
type Recipient struct {
	ID, ProjectID, Email, Name, Organisation string
}

// NewRecipient is a recipient of a request. Role is of mailing lists only;
// Organisation nil means unsaid (I36).
type NewRecipient struct {
	Email, Name  string
	Organisation *string
	Role         string
}

// DistinctRecipients keeps one of each e-mail address, whatever its case: at
// the place of the first, with the values of the last (4.8).
func DistinctRecipients(rs []NewRecipient) []NewRecipient {
	at := make(map[string]int, len(rs))
	out := make([]NewRecipient, 0, len(rs))
	for _, r := range rs {
		key := FoldEmail(r.Email)
		if i, seen := at[key]; seen {
			out[i] = r
			continue
		}
		at[key] = len(out)
		out = append(out, r)
	}
	return out
}

// Template is a document of EmailBuilder.js with its name.
type Template struct {
	ID, Name string
	Data     map[string]any
}

// The states of a mail, as events show them.
const (
	MailQueued = "queued"
	MailSent   = "sent"
	MailFailed = "failed"
)

// Values are what placeholders stand for, by name.
type Values map[string]string

// BuiltIn are the values that every mail about a closure has (section 5).
func BuiltIn(r NewRecipient, projectName string, c Closure) Values {
	version := ""
	if c.Plan != nil {
		version = c.Plan.Version.String()
	}
	return Values{
		"NAAM_STAKEHOLDER": r.Name, "EMAIL_STAKEHOLDER": r.Email, "PROJECT_NAAM": projectName, "AFSLUITING_NAAM": c.Name,
		"STARTDATUM": c.Start.DMY(), "EINDDATUM": c.End.DMY(), "VKM_VERSIE": version,
	}
}

// Custom reads customData: texts, numbers, and booleans. A key counts as it is
// and, written in camelCase, as the upper snake form of it (I49); the first
// goes before the second.
func Custom(data map[string]any) (Values, error) {
	v := make(Values, 2*len(data))
	exact := make(Values, len(data))
	var fs []fault.Field
	keys := make([]string, 0, len(data))
	for k := range data {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		text, ok := plain(data[k])
		if !ok {
			fs = append(fs, Field("/customData/"+escapePointer(k), "must be a text, a number, or a boolean"))
			continue
		}
		v[upperSnake(k)] = text
		exact[k] = text
	}
	for k, text := range exact {
		v[k] = text
	}
	return v, Invalid(fs...)
}

func plain(x any) (string, bool) {
	switch x := x.(type) {
	case string:
		return x, true
	case bool:
		return strconv.FormatBool(x), true
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return "", false
		}
		return strconv.FormatFloat(x, 'f', -1, 64), true
	case fmt.Stringer: // json.Number
		return x.String(), true
	}
	return "", false
}

func escapePointer(s string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

func upperSnake(s string) string {
	var b strings.Builder
	prev := rune(0)
	for _, r := range s {
		if unicode.IsUpper(r) && (unicode.IsLower(prev) || unicode.IsDigit(prev)) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
		prev = r
	}
	return b.String()
}

// With lays other values over v and gives the result.
func (v Values) With(other Values) Values {
	out := make(Values, len(v)+len(other))
	for k, s := range v {
		out[k] = s
	}
	for k, s := range other {
		out[k] = s
	}
	return out
}

var placeholder = regexp.MustCompile(`\{[A-Z][A-Z0-9_]*\}`)

// expand replaces each placeholder of s once; a value is not looked at again.
// Placeholders without a value stay visible and are noted in unknown.
func (v Values) expand(s string, escape func(string) string, unknown map[string]bool) string {
	return placeholder.ReplaceAllStringFunc(s, func(m string) string {
		name := m[1 : len(m)-1]
		value, ok := v[name]
		if !ok {
			unknown[name] = true
			return m
		}
		return escape(value)
	})
}

func asIs(s string) string { return s }

// Subject fills in a subject; it stays one line whatever the values hold.
func (v Values) Subject(s string) (subject string, unknown []string) {
	missing := make(map[string]bool)
	out := v.expand(s, asIs, missing)
	out = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, out)
	return out, names(missing)
}

func names(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Welcome is the mail to a new tenant's contact person. The password is never
// in it (4.4).
func Welcome(name, tenant string) (subject, text string) {
	return "Welkom bij VEMAP", fmt.Sprintf("Beste %s,\n\nDe omgeving %s is voor u aangemaakt. Meld u aan met uw e-mailadres en het tijdelijke "+
		"wachtwoord dat u apart ontvangt; u kiest dan een eigen wachtwoord. Het tijdelijke wachtwoord geldt zeven dagen.\n", name, tenant)
}

// ResetMail is the mail with a confirmation code.
func ResetMail(name, code string) (subject, text string) {
	return "Code voor een nieuw wachtwoord", fmt.Sprintf("Beste %s,\n\nUw code is %s. Zij geldt een uur.\n\nVroeg u hier niet om? Dan hoeft u niets te doen.\n", name, code)
}

// Code is a confirmation code of six digits, from a number below a million.
func Code(n uint32) string { return fmt.Sprintf("%06d", n%1000000) }

// MailJob is what 35 queued: one e-mail to several recipients.
type MailJob struct {
	ID       string
	Messages []MailMessage
}

// MailMessage is one message of a job.
type MailMessage struct{ ID, Email, MessageID, QueueID string }

// Package vemap holds the rules of VEMAP, the tool in which road authorities
// plan closures: who may do what, sessions and passwords, the forms of times
// and versions, files with versions, templates for e-mail and what a mail says.
//
// It is pure: no database, no HTTP, no clock of its own (now and randomness are
// parameters). It imports the standard library, store/fault, and libraries of
// its field that are pure too: jwt, bluemonday. The contract is
// apis/vemap.md; numbers like 4.3 and I21 in comments are its sections.
package vemap

import (
	"encoding/hex"
	"io"
	"strings"

	"loket/store/fault"
)

// What VEMAP refuses, in words for programs. The wording for people is the
// fault's detail.
const (
	HeaderMissing   fault.Reason = "vemap_header_missing"    // x-user-id or x-user-role is not there
	NotAllowed      fault.Reason = "vemap_not_allowed"       // the role may not do this, or the headers are not the token's
	LoginRefused    fault.Reason = "vemap_login_refused"     // unknown address, wrong or outdated password
	TokenRefused    fault.Reason = "vemap_token_refused"     // no token, one of another kind, run out, or of an ended session
	NotFound        fault.Reason = "vemap_not_found"         // not there, or not his to see
	InvalidInput    fault.Reason = "vemap_invalid_input"     // the body breaks a rule that its schema cannot say
	CodeWrong       fault.Reason = "vemap_code_wrong"        // not the newest confirmation code
	CodeExpired     fault.Reason = "vemap_code_expired"      // the code is older than an hour
	TooManyAttempts fault.Reason = "vemap_too_many_attempts" // login failures or requests for a code
	UserExists      fault.Reason = "vemap_user_exists"       // the e-mail address is in use
	LastOrganiser   fault.Reason = "vemap_last_organisation" // the tenant would lose its last administrator
	LastManager     fault.Reason = "vemap_last_manager"      // a project would lose its last manager
	OwnAccount      fault.Reason = "vemap_own_account"       // nobody deletes himself
	OwnTenant       fault.Reason = "vemap_own_tenant"        // nor the tenant in which he acts
	TemplateExists  fault.Reason = "vemap_template_exists"   // the name is taken within the tenant
	TemplateSize    fault.Reason = "vemap_template_size"     // the document is larger than 256 KiB
	VersionTooLow   fault.Reason = "vemap_version_too_low"   // a version must be higher than the present one
	FileNameTaken   fault.Reason = "vemap_file_name_taken"   // another file of this closure and type has the name
	FinalRefused    fault.Reason = "vemap_final_refused"     // only a stored vkm-plan can be final
	FinalFixed      fault.Reason = "vemap_final_fixed"       // a final file stays as it is
	AddressRefused  fault.Reason = "vemap_address_refused"   // a signed address that was altered or has run out
	AddressSpent    fault.Reason = "vemap_address_spent"     // the bytes of this file are there already
	SizeDiffers     fault.Reason = "vemap_size_differs"      // other than announced
	TypeDiffers     fault.Reason = "vemap_type_differs"      // other than announced
)

// Missing is the fault for an object that is not there, or not for this caller
// ("Project not found"): the two are never told apart (4.2).
func Missing(thing string) *fault.Error {
	return fault.New(fault.NotFound, NotFound, thing+" not found")
}

// Forbidden is the fault for what a role may not do.
func Forbidden() *fault.Error { return fault.New(fault.Forbidden, NotAllowed, "Forbidden") }

// Unauthorized is the fault for a token that does not count.
func Unauthorized() *fault.Error {
	return fault.New(fault.Unauthenticated, TokenRefused, "Unauthorized")
}

// Invalid collects faults of a body; nil when there are none.
func Invalid(fields ...fault.Field) error {
	if len(fields) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, InvalidInput, "Bad request").With(fields...)
}

// Field is one fault of a body at a JSON Pointer.
func Field(pointer, detail string) fault.Field {
	return fault.Field{In: fault.InBody, Pointer: pointer, Rule: "rule", Detail: detail}
}

// Header is one fault of a header.
func Header(name, detail string) fault.Field {
	return fault.Field{In: fault.InHeader, Name: name, Rule: "required", Detail: detail}
}

// The prefixes of identifiers; the page shows each with a hyphen behind it.
const (
	PrefixUser        = "user"
	PrefixTenant      = "tenant"
	PrefixProject     = "proj"
	PrefixClosure     = "closure"
	PrefixFile        = "file"
	PrefixComment     = "comment"
	PrefixRecipient   = "recipient"
	PrefixTemplate    = "tmpl"
	PrefixMailingList = "mailing-list"
	PrefixEmailJob    = "email-job"
	PrefixMail        = "rec"
	PrefixMessage     = "msg"
	PrefixQueued      = "sqs-msg"
	PrefixSession     = "session"
)

// NewID makes an identifier: the prefix, a hyphen, and 12 lower-case hex digits
// read from entropy. It panics when the source fails: without randomness no
// identifier is safe to give out.
func NewID(prefix string, entropy io.Reader) string {
	var b [6]byte
	if _, err := io.ReadFull(entropy, b[:]); err != nil {
		panic("vemap: no entropy: " + err.Error())
	}
	return prefix + "-" + hex.EncodeToString(b[:])
}

// FoldEmail is the form in which addresses are compared: they are one whatever
// their case (4.1).
func FoldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

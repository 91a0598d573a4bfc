package gever

import (
	"fmt"

	"loket/store/fault"
)

// GEVER's own reasons. handlers/gever gives each its status and shape.
const (
	NotAllowed       fault.Reason = "gever_unauthorized"      // no right on an object that is there
	CannotCreate     fault.Reason = "gever_cannot_create"     // no right to add
	Disallowed       fault.Reason = "gever_disallowed_type"   // containment
	NoContainer      fault.Reason = "gever_no_container"      // takes no children at all
	Inputs           fault.Reason = "gever_inputs"            // values break their fields
	Invariant        fault.Reason = "gever_invariant"         // values break a rule between them
	NoType           fault.Reason = "gever_no_type"           // @type is absent or unknown
	BadID            fault.Reason = "gever_bad_id"            // id cannot be used
	Unresolved       fault.Reason = "gever_unresolved"        // a relation points nowhere
	BadRequest       fault.Reason = "gever_bad_request"       // anything else in a body
	Locked           fault.Reason = "gever_locked"            // somebody else's lock
	NotCheckedOut    fault.Reason = "gever_not_checked_out"   // file without own checkout
	CheckoutRefused  fault.Reason = "gever_checkout_refused"  // @checkout
	CheckinRefused   fault.Reason = "gever_checkin_refused"   // @checkin
	CancelRefused    fault.Reason = "gever_cancel_refused"    // @cancelcheckout
	NoTransition     fault.Reason = "gever_no_transition"     // unknown or not open
	QuerySource      fault.Reason = "gever_query_source"      // neither query nor token, or both
	Preconditions    fault.Reason = "gever_preconditions"     // of resolve
	NoAutoClose      fault.Reason = "gever_no_auto_close"     // resolve with a task that no transition ends
	NotAlone         fault.Reason = "gever_not_alone"         // reactivating without the subdossiers
	WorkflowRefused  fault.Reason = "gever_workflow_refused"  // what else stands against a transition
	Changed          fault.Reason = "gever_precondition"      // If-Match
	Ignored          fault.Reason = "gever_ignored"           // handling=strict
	NoCredentials    fault.Reason = "gever_no_credentials"    // @login without login or password, @caslogin without ticket or service
	WrongCredentials fault.Reason = "gever_wrong_credentials" // @login, @caslogin
	CSRFFailed       fault.Reason = "gever_csrf_failed"       // the portal: another site's page may have asked
	TokenExpired     fault.Reason = "gever_token_expired"     // Bearer
	ResponsibleFixed fault.Reason = "gever_responsible_fixed" // PATCH of a task's responsible
	IsPrivateFixed   fault.Reason = "gever_is_private_fixed"  // PATCH of is_private
	MailAsDocument   fault.Reason = "gever_mail_as_document"  // .eml, .msg, .p7m
	ExtensionRefused fault.Reason = "gever_extension"         // blocked
	DeleteRefused    fault.Reason = "gever_delete_refused"    // DELETE
	MoveRefused      fault.Reason = "gever_move_refused"      // @move and @copy
	BadUpload        fault.Reason = "gever_bad_upload"        // headers of an upload in parts
	NoReplace        fault.Reason = "gever_no_replace"        // @tus-replace without own checkout
	TusVersion       fault.Reason = "gever_tus_version"       // Tus-Resumable
	QuotaExceeded    fault.Reason = "gever_quota"             // a private folder would hold too much
)

// The messages of a field, in the words of the running system.
const (
	msgRequired   = "Required input is missing."
	msgType       = "Object is of wrong type."
	msgConstraint = "Constraint not satisfied"
	msgLong       = "Value is too long"
	msgDate       = "The date must have the form YYYY-MM-DD."
	msgInstant    = "The date and time must be in ISO 8601."
)

// FieldFault is one value that its field does not take.
func FieldFault(name, rule, message string) fault.Field {
	return fault.Field{In: fault.InBody, Pointer: "/" + name, Rule: rule, Detail: message}
}

// Unauthorized is for an object that is there and not the caller's.
func Unauthorized() error {
	return fault.New(fault.Unauthenticated, NotAllowed, "You are not authorized to access this resource.")
}

// InputsNotValid gathers the faults of fields; nil when there are none.
func InputsNotValid(fields []fault.Field) error {
	if len(fields) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, Inputs, "Inputs not valid").With(fields...)
}

func invariant(message string, args ...any) error {
	return fault.New(fault.Invalid, Invariant, "%s", fmt.Sprintf(message, args...))
}

// Missing is for a path where nothing is.
func Missing() error { return fault.New(fault.NotFound, fault.Missing, "") }

func mailAsDocument() error {
	return fault.New(fault.Invalid, MailAsDocument, "It is not possible to add E-mails as document, use portal_type ftw.mail.mail instead.")
}

func extensionRefused(extension string) error {
	return fault.New(fault.Invalid, ExtensionRefused, "Files with the extension .%s are not allowed.", extension)
}

// OverQuota refuses what a private folder has no room for. Both are bytes.
func OverQuota(quota, used int64) error {
	return fault.New(fault.Forbidden, QuotaExceeded, "The quota of the private folder is exceeded: it may hold %d bytes, %d are in use.", quota, used)
}

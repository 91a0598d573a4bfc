// Package fault names what can go wrong in the words of the domain, without
// knowing how it is shown. Every room may import it; it imports only the
// standard library.
//
// A rule or a use case returns an *Error; it rises untouched to
// handlers/problem, the one place that turns it into a status and a body.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the sort of failure. The house maps each kind to an HTTP status; an
// API's table may map single reasons elsewhere.
type Kind uint8

// The kinds. Internal is the zero value, so that an error of unknown origin is
// never shown as anything milder.
const (
	Internal Kind = iota
	Invalid
	Unauthenticated
	Forbidden
	NotFound
	MethodNotAllowed
	NotAcceptable
	Conflict
	Gone
	LengthRequired
	PreconditionFailed
	TooLarge
	UnsupportedMedia
	Unprocessable
	Limited
	Unavailable
)

var kindNames = [...]string{
	"internal", "invalid", "unauthenticated", "forbidden", "not found",
	"method not allowed", "not acceptable", "conflict", "gone",
	"length required", "precondition failed", "too large",
	"unsupported media type", "unprocessable", "limited", "unavailable",
}

func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", k)
}

// Reason is a stable word for programs: what exactly was refused. The house's
// own reasons stand below; each API adds its own in store/<api>.
type Reason string

// Reasons raised by the shared parts. An API's table gives each its code and
// its wording.
const (
	BadJSON          Reason = "bad_json"           // not JSON, duplicate keys, trailing data, or no body where one is needed
	BadBody          Reason = "bad_body"           // the body breaks its schema
	BadPath          Reason = "bad_path"           // a path parameter breaks its schema
	BadQuery         Reason = "bad_query"          // a query parameter breaks its schema, or is unknown
	BadHeader        Reason = "bad_header"         // a header breaks its schema
	MediaType        Reason = "media_type"         // the body's Content-Type is not one that the operation takes
	NothingAccepted  Reason = "nothing_accepted"   // Accept leaves nothing that the operation can answer
	NoRoute          Reason = "no_route"           // no such path
	NoMethod         Reason = "no_method"          // the path has no such method
	NoCredential     Reason = "no_credential"      // no, malformed, unknown or revoked credential
	NoGrant          Reason = "no_grant"           // the credential has no access to this API
	RateExceeded     Reason = "rate_exceeded"      // too many requests a second
	TooManyInFlight  Reason = "too_many_in_flight" // too many requests at once
	BodyTooLarge     Reason = "body_too_large"     // more bytes than allowed
	NoLength         Reason = "no_length"          // Content-Length is needed here
	EmptyBody        Reason = "empty_body"         // zero bytes where a file is needed
	BrokenBody       Reason = "broken_body"        // the body ended before its announced length
	Missing          Reason = "missing"            // no such object, or none that the caller may know of
	Duplicate        Reason = "duplicate"          // a unique value is taken
	Stale            Reason = "stale"              // somebody changed the object in between
	Busy             Reason = "busy"               // the store could not serialise the change; trying again may help
	AddressInvalid   Reason = "address_invalid"    // a one-time address that is unknown or has run out
	AddressUsed      Reason = "address_used"       // a one-time address that was used before
	StoreUnavailable Reason = "store_unavailable"  // database or blobs do not answer
	InternalError    Reason = "internal_error"     // everything else; never explained to a client
)

// Where a Field stands.
const (
	InBody   = "body"
	InQuery  = "query"
	InPath   = "path"
	InHeader = "header"
)

// Field is one fault of the input, with its place. Rule and Limit let an API
// word it in its own language; Detail, when set, is the wording.
type Field struct {
	In      string // InBody, InQuery, InPath or InHeader
	Pointer string // in the body: JSON Pointer (RFC 6901) without '#'; "" is the whole body
	Name    string // elsewhere: the parameter's name
	Rule    string // JSON Schema keyword ("required", "enum", "format", ...) or "unknown", "duplicate"
	Limit   any    // the keyword's value: the bound, the list, the name of the format or type
	Detail  string
}

// Error is a failure in the words of the domain.
type Error struct {
	Kind       Kind
	Reason     Reason
	Detail     string         // for people; safe to show
	Fields     []Field        // each fault of the input
	RetryAfter time.Duration  // for Limited and Unavailable; zero means unsaid
	Data       map[string]any // what an API's own body shows besides; safe to show
	cause      error
}

// New makes an Error; detail is a format for people and must hold nothing
// internal.
func New(kind Kind, reason Reason, detail string, args ...any) *Error {
	if len(args) > 0 {
		detail = fmt.Sprintf(detail, args...)
	}
	return &Error{Kind: kind, Reason: reason, Detail: detail}
}

// Wrap makes an Error that keeps its cause for the log; the cause is never
// shown to a client.
func Wrap(cause error, kind Kind, reason Reason, detail string, args ...any) *Error {
	e := New(kind, reason, detail, args...)
	e.cause = cause
	return e
}

// With adds faults of the input and returns e.
func (e *Error) With(fields ...Field) *Error {
	e.Fields = append(e.Fields, fields...)
	return e
}

// Error is for the log: it includes the cause.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + string(e.Reason)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s %s%s: %s]", f.In, f.Pointer, f.Name, f.Rule)
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// From finds the Error in err's chain; an error of any other origin becomes
// Internal with err as its cause. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Wrap(err, Internal, InternalError, "")
}

// KindOf is the kind of a non-nil err; Internal when it is no Error.
func KindOf(err error) Kind {
	if e := From(err); e != nil {
		return e.Kind
	}
	return Internal
}

// ReasonOf is the reason of err; InternalError when it is no Error, "" for nil.
func ReasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	return From(err).Reason
}

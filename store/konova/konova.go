// Package konova holds the rules of the Konova register (the
// Kompensationsverzeichnis): what an entry may say, which geometries are
// taken, what a document looks like, who may do what. It knows no database and
// no HTTP; the clock and randomness are parameters.
//
// It may import store/fault, the standard library, google/uuid and
// paulmach/orb (the pure library of its field). store/konova/konovadb and
// handlers/konova import it.
package konova

import (
	"time"

	"loket/store/fault"
)

// Kind is the sort of an entry, by the name in its path.
type Kind string

// The five kinds of the register (apis/konova.md 2.4).
const (
	Intervention Kind = "intervention"
	Compensation Kind = "compensation"
	EcoAccount   Kind = "ecoaccount"
	EMA          Kind = "ema"
	Deduction    Kind = "deduction"
)

// Kinds are all kinds; GeometryKinds those with a geometry and an identifier.
var (
	Kinds         = []Kind{Intervention, Compensation, EcoAccount, EMA, Deduction}
	GeometryKinds = []Kind{Intervention, Compensation, EcoAccount, EMA}
)

// class is the first part of an identifier (apis/konova.md 3.1).
var class = map[Kind]string{Intervention: "EIV", Compensation: "KOM", EcoAccount: "OEK", EMA: "EMA"}

// HasGeometry tells whether entries of the kind lie somewhere.
func (k Kind) HasGeometry() bool { return class[k] != "" }

// Reasons of this API's own refusals.
const (
	BadEntry           fault.Reason = "bad_entry"           // a rule beyond the schema is broken; Fields name the places
	BadGeometry        fault.Reason = "bad_geometry"        // only the geometry is at fault
	NoGroup            fault.Reason = "no_group"            // the user lacks the group that the action needs
	RemovalNotAllowed  fault.Reason = "removal_not_allowed" // Standard alone may not take users off a share
	AccountOverdrawn   fault.Reason = "account_overdrawn"   // deductions would exceed the account's deductable surface
	AccountInUse       fault.Reason = "account_in_use"      // an account with deductions is not deleted
	PreconditionFailed fault.Reason = "precondition_failed" // If-Match names another state
)

// Summary is the short form of an entry inside another.
type Summary struct {
	ID, Identifier, Title string
}

// TimeFormat is how moments are written: UTC, always three digits and Z
// (apis/konova.md 3.3).
const TimeFormat = "2006-01-02T15:04:05.000Z"

// Entry is what a client writes: everything of one entry but what the register
// itself gives (id, identifier, moments) and what others point at it with. Its
// fields are the union over the kinds; Parse fills those of its kind. Codes
// are ids of the list that their place names.
type Entry struct {
	Kind     Kind     `json:"-"`
	Title    string   `json:"-"`
	Geometry Geometry `json:"-"`

	Responsible Responsible `json:"responsible,omitzero"`
	Legal       Legal       `json:"legal,omitzero"`
	Payments    []Payment   `json:"payments,omitempty"`

	IsCEF              bool `json:"is_cef,omitempty"`
	IsCoherenceKeeping bool `json:"is_coherence_keeping,omitempty"`

	DeductableSurface *Decimal   `json:"deductable_surface,omitempty"`
	BeforeStates      []State    `json:"before_states,omitempty"`
	AfterStates       []State    `json:"after_states,omitempty"`
	Actions           []Action   `json:"actions,omitempty"`
	Deadlines         []Deadline `json:"deadlines,omitempty"`

	// References, by uuid in lower case: of a compensation its intervention,
	// of a deduction both.
	InterventionID string  `json:"-"`
	EcoAccountID   string  `json:"-"`
	Surface        Decimal `json:"-"` // of a deduction, in m²
}

// Responsible says who is in charge; the registration office is an
// intervention's alone.
type Responsible struct {
	RegistrationOffice     *int64  `json:"registration_office,omitempty"`
	RegistrationFileNumber *string `json:"registration_file_number,omitempty"`
	ConservationOffice     *int64  `json:"conservation_office,omitempty"`
	ConservationFileNumber *string `json:"conservation_file_number,omitempty"`
	HandlerType            *int64  `json:"handler_type,omitempty"`
	HandlerDetail          *string `json:"handler_detail,omitempty"`
}

// Legal are an intervention's legal facts, or an eco account's agreement.
// Dates are YYYY-MM-DD.
type Legal struct {
	RegistrationDate *string `json:"registration_date,omitempty"`
	BindingDate      *string `json:"binding_date,omitempty"`
	ProcessType      *int64  `json:"process_type,omitempty"`
	Laws             []int64 `json:"laws,omitempty"`
	AgreementDate    *string `json:"agreement_date,omitempty"`
}

// Payment is money in place of a measure.
type Payment struct {
	Amount  Decimal `json:"amount"`
	DueOn   *string `json:"due_on,omitempty"`
	Comment string  `json:"comment,omitempty"`
}

// State is the state of an area before or after the measures.
type State struct {
	Biotope        *int64   `json:"biotope,omitempty"`
	BiotopeDetails []int64  `json:"biotope_details,omitempty"`
	Surface        *Decimal `json:"surface,omitempty"`
}

// Action is a measure.
type Action struct {
	Types   []int64  `json:"action_types,omitempty"`
	Details []int64  `json:"action_details,omitempty"`
	Amount  *Decimal `json:"amount,omitempty"`
	Unit    *string  `json:"unit,omitempty"`
	Comment string   `json:"comment,omitempty"`
}

// Deadline is a day by which, or since which, something holds.
type Deadline struct {
	Type    *string `json:"type,omitempty"`
	Date    *string `json:"date,omitempty"`
	Comment string  `json:"comment,omitempty"`
}

// AfterSurface is the sum of the surfaces of the after states.
func (e *Entry) AfterSurface() Decimal {
	var all []Decimal
	for _, s := range e.AfterStates {
		if s.Surface != nil {
			all = append(all, *s.Surface)
		}
	}
	return Sum(all...)
}

// Deductable is the surface that deductions may take; nothing said is none
// (decision 31).
func (e *Entry) Deductable() Decimal {
	if e.DeductableSurface == nil {
		return Sum()
	}
	return *e.DeductableSurface
}

// CheckOverdraw refuses deductions of together sum from an account of the
// given deductable surface (decision 31): Conflict/AccountOverdrawn.
func CheckOverdraw(deductable, sum Decimal) error {
	if sum.Cmp(deductable) <= 0 {
		return nil
	}
	return fault.New(fault.Conflict, AccountOverdrawn,
		"Das Ökokonto hat %s m² abbuchbare Fläche; alle Abbuchungen zusammen wären %s m².", deductable, sum)
}

// Moment cuts t to what is shown: UTC, whole milliseconds.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

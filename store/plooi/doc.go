// Package plooi holds the rules of the PLOOI Aanlever-API: the life of a
// document and its versions, the value lists, the policy on who may deliver,
// and the enrichment of what is published. Plain types; the clock is a
// parameter. It imports the standard library, store/fault and text folding
// only; store/plooi/plooidb and handlers/plooi import it. Numbers Dn are those
// of the decision table in apis/plooi.md.
package plooi

import (
	"time"

	"loket/store/fault"
)

// Reasons of this API. The page's names of errors are in handlers/plooi.
const (
	GeenToken         fault.Reason = "geen_token"        // no token at all: 403 (D11)
	TokenOngeldig     fault.Reason = "token_ongeldig"    // a sandbox token that has no token's form
	BeleidGeweigerd   fault.Reason = "beleid_geweigerd"  // the policy denies a delivery (D9)
	NietEigenaar      fault.Reason = "niet_eigenaar"     // another organisation's document, or another publisher (D10)
	IdentifierOnjuist fault.Reason = "identifier_fout"   // no uuid, or metadata without a pid
	PidAnders         fault.Reason = "pid_anders"        // the pid of another document
	ScriptGevonden    fault.Reason = "script"            // <script> in the text (D46)
	BestandstypeFout  fault.Reason = "bestandstype_fout" // neither PDF nor ZIP, or a virus (D18, D52)
)

// SourceLabel and Aanbieder are where deliveries by this API come from.
const (
	SourceLabel = "plooi-api"
	Aanbieder   = "Aanleverloket"
)

// Identifiers of the lists that rules name.
const (
	Kamerstuk     = "https://identifier.overheid.nl/tooi/def/thes/kern/c_056a75e1"
	IsBijlageBij  = "https://identifier.overheid.nl/tooi/def/thes/kern/c_4d1ea9ba"
	HeeftBijlage  = "https://identifier.overheid.nl/tooi/def/thes/kern/c_05f4a5f3"
	RolKamerstuk  = "Publisher KST"
	RolBasis      = "Publisher Basis"
	HandelingCRUD = "crud_document"
)

// MaxGrootte is the most bytes of a file (D19).
const MaxGrootte int64 = 2147483648

// amsterdam is where the days and local times of the page are.
var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic("plooi: " + err.Error())
	}
	return l
}()

// LokaleTijd is the form of a 202: Dutch time without an offset (D26).
func LokaleTijd(t time.Time) string { return t.In(amsterdam).Format("2006-01-02T15:04:05.000000") }

// Dag is the Dutch day of an instant, YYYY-MM-DD.
func Dag(t time.Time) string { return t.In(amsterdam).Format(time.DateOnly) }

// DcnID is the id of a document inside PLOOI (3.1).
func DcnID(documentID string) string { return SourceLabel + "-" + documentID }

func onbekend() error { return fault.New(fault.NotFound, fault.Missing, "") }

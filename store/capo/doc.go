// Package capo holds what CAPO's objects are and which rules they follow:
// toegewezen bijlagen with their review, bestanden, the quickscan and the
// planned date. It is pure: no database, no HTTP; time and actor are
// parameters. It may be imported by store/capo/capodb and handlers/capo and
// imports only the standard library, x/text, store/fault and store/objectid.
//
// Source: the page "CAPO API" (seed) and the decisions of the contract; a
// comment names the clause where a rule comes from.
package capo

import "loket/store/fault"

// The reasons of CAPO's refusals beside the house's own. Each is also the
// `code` that a client sees.
const (
	NietToegewezen     fault.Reason = "niet_toegewezen"
	NietBeoordelaar    fault.Reason = "niet_beoordelaar"
	AlleenNetbeheerder fault.Reason = "alleen_netbeheerder"
	OngeldigeOvergang  fault.Reason = "ongeldige_overgang"
	AlOpgeleverd       fault.Reason = "al_opgeleverd"
	GeenBestand        fault.Reason = "geen_bestand"
	QuickscanAfgerond  fault.Reason = "quickscan_afgerond"
	AlGemeld           fault.Reason = "al_gemeld"
	NietInIntake       fault.Reason = "niet_in_intake"
	BestandsnaamBezet  fault.Reason = "bestandsnaam_bestaat"
)

// inBody is a fault of one member of the body.
func inBody(pointer, rule, detail string) fault.Field {
	return fault.Field{In: fault.InBody, Pointer: pointer, Rule: rule, Detail: detail}
}

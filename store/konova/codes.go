package konova

import (
	"fmt"
	"strconv"

	"loket/store/fault"
)

// List names a code list. Ids are unique within a list only (3.4).
type List string

// The lists that entries use.
const (
	RegistrationOffices List = "registration_office"
	ConservationOffices List = "conservation_office"
	HandlerTypes        List = "handler_type"
	ProcessTypes        List = "process_type"
	Laws                List = "law"
	Biotopes            List = "biotope"
	BiotopeDetails      List = "biotope_detail"
	Actions             List = "action"
	ActionDetails       List = "action_detail"
)

// Lists are all lists with their German names.
var Lists = map[List]string{
	RegistrationOffices: "Zulassungsbehörde",
	ConservationOffices: "Eintragungsstelle",
	HandlerTypes:        "Verursachertyp",
	ProcessTypes:        "Verfahrenstyp",
	Laws:                "Rechtsgrundlage",
	Biotopes:            "Biotoptyp",
	BiotopeDetails:      "Biotopzusatz",
	Actions:             "Maßnahme",
	ActionDetails:       "Maßnahmenzusatz",
}

// CodeKey is a code's place.
type CodeKey struct {
	List List
	ID   int64
}

// Code is one entry of a list.
type Code struct {
	CodeKey
	LongName   string
	ShortName  *string
	Selectable bool // may be written; else it is a heading of the list
	Archived   bool // no longer written, still shown
}

// CodeUse is a code at its place in an entry's body.
type CodeUse struct {
	CodeKey
	Pointer string
}

// Codes lists the codes of an entry with their places, in the order of the
// body.
func (e *Entry) Codes() []CodeUse {
	var out []CodeUse
	one := func(list List, id *int64, ptr string) {
		if id != nil {
			out = append(out, CodeUse{CodeKey{list, *id}, ptr})
		}
	}
	many := func(list List, ids []int64, ptr string) {
		for i, id := range ids {
			out = append(out, CodeUse{CodeKey{list, id}, ptr + "/" + strconv.Itoa(i)})
		}
	}
	r, l := &e.Responsible, &e.Legal
	one(RegistrationOffices, r.RegistrationOffice, "/properties/responsible/registration_office")
	one(ConservationOffices, r.ConservationOffice, "/properties/responsible/conservation_office")
	one(HandlerTypes, r.HandlerType, "/properties/responsible/handler/type")
	one(ProcessTypes, l.ProcessType, "/properties/legal/process_type")
	many(Laws, l.Laws, "/properties/legal/laws")
	for _, side := range []struct {
		name   string
		states []State
	}{{"before_states", e.BeforeStates}, {"after_states", e.AfterStates}} {
		for i, s := range side.states {
			at := fmt.Sprintf("/properties/%s/%d/", side.name, i)
			one(Biotopes, s.Biotope, at+"biotope")
			many(BiotopeDetails, s.BiotopeDetails, at+"biotope_details")
		}
	}
	for i, a := range e.Actions {
		at := fmt.Sprintf("/properties/actions/%d/", i)
		many(Actions, a.Types, at+"action_types")
		many(ActionDetails, a.Details, at+"action_details")
	}
	return out
}

// CheckCodes names each code that may not be written: unknown in its list
// (decision 25), archived, or a heading (3.4).
func (e *Entry) CheckCodes(find func(CodeKey) (Code, bool)) []fault.Field {
	var faults []fault.Field
	for _, use := range e.Codes() {
		c, known := find(use.CodeKey)
		var what string
		switch {
		case !known:
			what = "gibt es nicht"
		case c.Archived:
			what = "ist archiviert"
		case !c.Selectable:
			what = "ist nicht wählbar"
		default:
			continue
		}
		faults = append(faults, fault.Field{
			In: fault.InBody, Pointer: use.Pointer, Rule: "code", Limit: string(use.List),
			Detail: fmt.Sprintf("Der Code %d %s in der Liste %s (%s).", use.ID, what, use.List, Lists[use.List]),
		})
	}
	return faults
}

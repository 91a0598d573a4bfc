package capo

import (
	"fmt"
	"slices"
	"time"

	"loket/store/fault"
)

// Quickscan is the state of one netbeheerder's quickscan in one project; each
// does its own (contract C8).
type Quickscan struct {
	HoofdleidingNodig      bool
	ExtraWerkvoorbereiding bool
	AfgerondOp             *time.Time // of the first mic
}

// Afgerond tells whether the first mic was made.
func (q *Quickscan) Afgerond() bool { return q.AfgerondOp != nil }

// HoofdleidingAanleggen says that a main is needed.
type HoofdleidingAanleggen struct {
	HoofdleidingID string
	ProjectID      string
	OrganisatieID  string
	Disciplines    []Discipline
	Toelichting    string
	AangemaaktOp   time.Time
}

// Mic says whether a netbeheerder joins the combi ("mee in combi").
type Mic struct {
	MicID         string
	ProjectID     string
	OrganisatieID string
	MeeInCombi    bool
	Disciplines   []Discipline
	Reden         string
	AangemaaktOp  time.Time
}

// Handeling is an act of the quickscan.
type Handeling string

// The acts, in the page's order.
const (
	MeldHoofdleiding Handeling = "hoofdleiding-aanleggen"
	MeldActiviteit   Handeling = "activiteit"
	MeldMic          Handeling = "mic"
)

// QuickscanRegel says for one act whether the end of the quickscan closes it
// and whether it can be done once only.
type QuickscanRegel struct {
	Handeling Handeling
	NaAfloop  bool // still possible after the first mic
	Herhaal   bool // possible more than once
}

// QuickscanRegels is the closing order of the page ("De Mee in Combi melding
// is altijd de laatste handeling"); the first two may come in either order.
var QuickscanRegels = []QuickscanRegel{
	{Handeling: MeldHoofdleiding, NaAfloop: false, Herhaal: false},
	{Handeling: MeldActiviteit, NaAfloop: false, Herhaal: true},
	{Handeling: MeldMic, NaAfloop: true, Herhaal: true},
}

// Mag tells whether the organisation may do the act now. Refusals, in this
// order: AlleenNetbeheerder without a product in the project, NietInIntake,
// QuickscanAfgerond, AlGemeld (contract 2.1).
func (q *Quickscan) Mag(h Handeling, p *Project, organisatieID string) error {
	regel := QuickscanRegels[slices.IndexFunc(QuickscanRegels, func(r QuickscanRegel) bool { return r.Handeling == h })]
	switch {
	case len(p.DisciplinesVan(organisatieID)) == 0:
		return fault.New(fault.Forbidden, AlleenNetbeheerder, "De quickscan is voor netbeheerders met een product in het project.")
	case p.Projecttype != Aansluiting:
		return fault.New(fault.Conflict, NietInIntake, "De quickscan hoort bij projecten van type aansluiting; dit project heeft type %s.", p.Projecttype)
	case p.Processtap != Intake:
		return fault.New(fault.Conflict, NietInIntake, "De quickscan hoort bij processtap Intake; het project staat in %s.", p.Processtap)
	case q.Afgerond() && !regel.NaAfloop:
		return fault.New(fault.Conflict, QuickscanAfgerond, "De quickscan is afgerond met de eerste Mee in Combi melding.")
	case h == MeldHoofdleiding && q.HoofdleidingNodig && !regel.Herhaal:
		return fault.New(fault.Conflict, AlGemeld, "Er is al gemeld dat een hoofdleiding nodig is.")
	}
	return nil
}

// Gedaan records the act.
func (q *Quickscan) Gedaan(now time.Time, h Handeling) {
	switch h {
	case MeldHoofdleiding:
		q.HoofdleidingNodig = true
	case MeldActiviteit:
		q.ExtraWerkvoorbereiding = true
	case MeldMic:
		if q.AfgerondOp == nil {
			q.AfgerondOp = &now
		}
	}
}

// Kies checks the disciplines of an act against those of the organisation in
// the project; none given means all of them.
func Kies(gevraagd, eigen []Discipline) ([]Discipline, error) {
	if len(gevraagd) == 0 {
		return eigen, nil
	}
	var fields []fault.Field
	for i, d := range gevraagd {
		if !slices.Contains(eigen, d) {
			fields = append(fields, vreemdeDiscipline(fmt.Sprintf("/disciplines/%d", i), d))
		}
	}
	if fields != nil {
		return nil, fault.New(fault.Invalid, fault.BadBody, "").With(fields...)
	}
	return gevraagd, nil
}

func vreemdeDiscipline(pointer string, d Discipline) fault.Field {
	return inBody(pointer, "enum", fmt.Sprintf("De organisatie heeft in dit project geen product %s.", d))
}

// Controleer checks an activity before it is made: its delivery is today or
// later, its discipline one of the organisation in the project.
func (a *Activiteit) Controleer(now time.Time, eigen []Discipline) error {
	var fields []fault.Field
	if a.Opleverdatum < Vandaag(now) {
		fields = append(fields, inBody("/opleverdatum", "minimum", "De opleverdatum moet vandaag of later zijn."))
	}
	if a.Discipline != "" && !slices.Contains(eigen, a.Discipline) {
		fields = append(fields, vreemdeDiscipline("/discipline", a.Discipline))
	}
	if fields != nil {
		return fault.New(fault.Invalid, fault.BadBody, "").With(fields...)
	}
	return nil
}

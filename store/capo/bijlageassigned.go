package capo

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"loket/store/fault"
)

// maxReden is how long a reason may be, in code points without blanks around it.
const maxReden = 2000

// Status is the state of a toegewezen bijlage (the page's "container").
type Status string

// The states. The page names four; cancelled is decided after the wiki, where
// cancelled containers can be shown on request.
const (
	Assigned  Status = "assigned"
	Uploaded  Status = "uploaded"
	Review    Status = "review"
	Done      Status = "done"
	Cancelled Status = "cancelled"
)

// Statussen lists every Status.
var Statussen = []Status{Assigned, Uploaded, Review, Done, Cancelled}

// Rol is who may take a step.
type Rol string

// The roles in the steps of a toegewezen bijlage.
const (
	Systeem     Rol = "systeem"     // happens by itself: the first file that is uploaded
	Toegewezene Rol = "toegewezene" // the organisation that must deliver
	Beoordelaar Rol = "beoordelaar" // the organisation that reviews
)

// Voorwaarde is what a step asks of the container besides its state.
type Voorwaarde string

// The conditions of steps.
const (
	Altijd       Voorwaarde = ""
	MetReview    Voorwaarde = "requiresReview is true"
	ZonderReview Voorwaarde = "requiresReview is false"
)

// Stap is one row of the state machine.
type Stap struct {
	Van, Naar Status
	Wie       Rol
	Als       Voorwaarde
	Reden     bool // a reason must be given; everywhere else it may not
}

// Stappen is the state machine of a toegewezen bijlage (seed, "Uploaden" and
// "Beoordelen toegewezen bijlage"; contract 2.1). The two steps from assigned
// by hand are there so that an empty container is refused for lack of a file,
// not for its state.
var Stappen = []Stap{
	{Van: Assigned, Naar: Uploaded, Wie: Systeem},
	{Van: Assigned, Naar: Review, Wie: Toegewezene, Als: MetReview},
	{Van: Assigned, Naar: Done, Wie: Toegewezene, Als: ZonderReview},
	{Van: Uploaded, Naar: Review, Wie: Toegewezene, Als: MetReview},
	{Van: Uploaded, Naar: Done, Wie: Toegewezene, Als: ZonderReview},
	{Van: Review, Naar: Done, Wie: Beoordelaar, Als: MetReview},
	{Van: Review, Naar: Uploaded, Wie: Beoordelaar, Als: MetReview, Reden: true},
}

// BijlageAssigned is a toegewezen bijlage: a container for files that one
// organisation must deliver.
type BijlageAssigned struct {
	BijlageAssignedID string
	ProjectID         string
	Documentsoort     string
	OrganisatieID     string
	BeoordelaarID     string // "" when there is no review
	Status            Status
	RequiresReview    bool
	Reden             string // of the last rejection; "" when there is none or it was approved since
	Processtap        Processtap
	Opleverdatum      Datum
	AantalBijlagen    int // files with status uploaded
	AangemaaktOp      time.Time
	GewijzigdOp       time.Time
	OpgeleverdOp      *time.Time
}

// Overgang is a line of the append-only log of a container.
type Overgang struct {
	Tijd          time.Time
	OrganisatieID string
	Van, Naar     Status
	Reden         string
}

// Verlopen tells whether the delivery date has passed without delivery.
func (b *BijlageAssigned) Verlopen(now time.Time) bool {
	return b.Opleverdatum != "" && !b.Gesloten() && b.Opleverdatum < Vandaag(now)
}

// Gesloten tells whether nothing may change any more: delivered or cancelled
// (seed: "Na oplevering zijn er geen wijzigingen meer mogelijk").
func (b *BijlageAssigned) Gesloten() bool { return b.Status == Done || b.Status == Cancelled }

// geslotenFout is the refusal of anything on a closed container or its files.
func (b *BijlageAssigned) geslotenFout() error {
	return fault.New(fault.Conflict, AlOpgeleverd, "De toegewezen bijlage heeft status %s; wijzigen is niet meer mogelijk.", b.Status)
}

// Zet takes one step on behalf of an organisation and returns the log line.
// Refusals, in this order: AlOpgeleverd, OngeldigeOvergang, NietToegewezen or
// NietBeoordelaar, BadBody for a missing or unwanted reden, OngeldigeOvergang
// against requiresReview, GeenBestand (contract 2.1).
func (b *BijlageAssigned) Zet(now time.Time, organisatieID string, naar Status, reden *string) (Overgang, error) {
	if b.Gesloten() {
		return Overgang{}, b.geslotenFout()
	}
	stap, ok := zoekStap(b.Status, naar)
	if !ok {
		return Overgang{}, fault.New(fault.Conflict, OngeldigeOvergang,
			"Van status %s naar %s kan niet; mogelijk is: %s.", b.Status, naar, b.mogelijk())
	}
	if err := b.mag(stap.Wie, organisatieID); err != nil {
		return Overgang{}, err
	}
	tekst, err := redenVan(stap, reden)
	if err != nil {
		return Overgang{}, err
	}
	if !b.voldoet(stap.Als) {
		return Overgang{}, fault.New(fault.Conflict, OngeldigeOvergang,
			"Van status %s naar %s kan niet, want requiresReview is %t; mogelijk is: %s.", b.Status, naar, b.RequiresReview, b.mogelijk())
	}
	if b.AantalBijlagen == 0 {
		return Overgang{}, fault.New(fault.Conflict, GeenBestand, "Onder de toegewezen bijlage is nog geen bestand geupload.")
	}
	return b.ga(now, organisatieID, naar, tekst), nil
}

// BestandErbij counts a file that became uploaded. The first one moves the
// container from assigned to uploaded by itself (contract C2): then moved is
// true and the log line is to be kept.
func (b *BijlageAssigned) BestandErbij(now time.Time, organisatieID string) (o Overgang, moved bool) {
	b.AantalBijlagen++
	if b.Status == Assigned {
		return b.ga(now, organisatieID, Uploaded, ""), true
	}
	b.GewijzigdOp = now
	return Overgang{}, false
}

// Annuleer cancels an open container. Only an import does: no operation of the
// API cancels (contract 2.3).
func (b *BijlageAssigned) Annuleer(now time.Time) Overgang {
	return b.ga(now, "", Cancelled, "")
}

// ga changes the state and what follows from it.
func (b *BijlageAssigned) ga(now time.Time, organisatieID string, naar Status, reden string) Overgang {
	o := Overgang{Tijd: now, OrganisatieID: organisatieID, Van: b.Status, Naar: naar, Reden: reden}
	b.Status, b.GewijzigdOp = naar, now
	switch naar {
	case Done:
		b.Reden, b.OpgeleverdOp = "", &now
	case Uploaded:
		b.Reden = reden
	case Assigned, Review, Cancelled:
	}
	return o
}

func zoekStap(van, naar Status) (Stap, bool) {
	for _, s := range Stappen {
		if s.Van == van && s.Naar == naar && s.Wie != Systeem {
			return s, true
		}
	}
	return Stap{}, false
}

func (b *BijlageAssigned) mag(wie Rol, organisatieID string) error {
	switch {
	case wie == Toegewezene && organisatieID != b.OrganisatieID:
		return fault.New(fault.Forbidden, NietToegewezen, "De bijlage is aan een andere organisatie toegewezen.")
	case wie == Beoordelaar && organisatieID != b.BeoordelaarID:
		return fault.New(fault.Forbidden, NietBeoordelaar, "Alleen de beoordelaar van deze toegewezen bijlage mag goed- of afkeuren.")
	}
	return nil
}

func redenVan(s Stap, reden *string) (string, error) {
	switch {
	case s.Reden && (reden == nil || strings.TrimSpace(*reden) == ""):
		return "", fault.New(fault.Invalid, fault.BadBody, "").With(
			inBody("/reden", "required", "Bij afkeur is een reden verplicht."))
	case !s.Reden && reden != nil:
		return "", fault.New(fault.Invalid, fault.BadBody, "").With(
			inBody("/reden", "unknown", "Een reden hoort alleen bij afkeur (van review naar uploaded)."))
	case reden == nil:
		return "", nil
	case utf8.RuneCountInString(strings.TrimSpace(*reden)) > maxReden:
		return "", fault.New(fault.Invalid, fault.BadBody, "").With(fault.Field{In: fault.InBody, Pointer: "/reden", Rule: "maxLength", Limit: maxReden})
	}
	return strings.TrimSpace(*reden), nil
}

func (b *BijlageAssigned) voldoet(v Voorwaarde) bool {
	switch v {
	case MetReview:
		return b.RequiresReview
	case ZonderReview:
		return !b.RequiresReview
	case Altijd:
	}
	return true
}

// mogelijk lists the steps that the state allows, from the table.
func (b *BijlageAssigned) mogelijk() string {
	var l []string
	for _, s := range Stappen {
		if s.Van == b.Status && s.Wie != Systeem && b.voldoet(s.Als) {
			l = append(l, fmt.Sprintf("%s (%s)", s.Naar, s.Wie))
		}
	}
	if len(l) == 0 {
		return "niets"
	}
	return strings.Join(l, ", ")
}

// Mermaid draws the state machine for the README, from the table.
func Mermaid() string {
	var s strings.Builder
	s.WriteString("stateDiagram-v2\n    [*] --> assigned\n")
	for _, t := range Stappen {
		if t.Van == Assigned && t.Wie != Systeem {
			continue // never met: an assigned container has no file
		}
		label := string(t.Wie)
		if t.Als != Altijd {
			label += ", " + string(t.Als)
		}
		if t.Reden {
			label += ", met reden"
		}
		fmt.Fprintf(&s, "    %s --> %s: %s\n", t.Van, t.Naar, label)
	}
	s.WriteString("    done --> [*]\n    cancelled --> [*]\n")
	return s.String()
}

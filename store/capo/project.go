package capo

import (
	"cmp"
	"slices"
	"time"
)

// Projecttype is the kind of a project; the quickscan belongs to aansluiting.
type Projecttype string

// The kinds of project (the page's tag and the wiki).
const (
	Aansluiting  Projecttype = "aansluiting"
	Hoofdleiding Projecttype = "hoofdleiding"
)

// Projecttypen lists every Projecttype.
var Projecttypen = []Projecttype{Aansluiting, Hoofdleiding}

// Processtap is where a project stands (wiki: filter of the project screen).
type Processtap string

// The process steps; a container belongs to one of the first four.
const (
	Intake           Processtap = "Intake"
	Werkvoorbereid   Processtap = "Werkvoorbereiding"
	InUitvoering     Processtap = "In uitvoering"
	Oplevering       Processtap = "Oplevering"
	Gereed           Processtap = "Gereed"
	Geannuleerd      Processtap = "Geannuleerd"
	Gepauzeerd       Processtap = "Gepauzeerd"
	aantalBijlageTap            = 4
)

// Processtappen lists every Processtap.
var Processtappen = []Processtap{Intake, Werkvoorbereid, InUitvoering, Oplevering, Gereed, Geannuleerd, Gepauzeerd}

// BijlageProcesstappen lists those that a container can belong to.
var BijlageProcesstappen = Processtappen[:aantalBijlageTap]

// Herkomst says where a planned date comes from (wiki).
type Herkomst string

// The origins of a planned date: the customer's wish week, the delivery of
// extra preparation, a planning message, and execution itself.
const (
	HerkomstWens       Herkomst = "W"
	HerkomstOplevering Herkomst = "O"
	HerkomstPlanning   Herkomst = "P"
	HerkomstUitgevoerd Herkomst = "U"
)

// Planning is a planned date of execution.
type Planning struct {
	Datum    Datum
	Herkomst Herkomst
}

// Adres is where the work is.
type Adres struct {
	Straat, Huisnummer, Postcode, Plaats, Gemeente string
}

// Product is one discipline at one object (wiki).
type Product struct {
	Objectadres    string
	Discipline     Discipline
	NetbeheerderID string
}

// Project is a shared piece of work on connections or mains. It comes from
// outside (import, demo data), never from this API.
type Project struct {
	ProjectID             string
	Projecttype           Projecttype
	Projectnaam           string
	Referenties           []string
	TypeAanvraag          string
	TypeWerk              string
	GebiedID              string
	Adres                 Adres
	Labels                []string
	DatumAangevraagd      Datum
	Wensweek              Week
	VastePlanning         *Planning // from a planning message (P) or execution (U); overrules W and O
	OpleverweekWerkmap    Week
	Processtap            Processtap
	Actief                bool
	UitvoerendeAannemerID string
	Producten             []Product
}

// Gepland is the planned date (contract 2.4): a planning message or execution
// overrules; else the last delivery of open extra preparation plus the weeks
// of the combi; else the Monday of the wish week; else nil.
func (p *Project) Gepland(wekenNaWerkvoorbereiding int, activiteiten []Activiteit) *Planning {
	if p.VastePlanning != nil {
		return p.VastePlanning
	}
	var last Datum
	for _, a := range activiteiten {
		if a.Status == ActiviteitOpen {
			last = max(last, a.Opleverdatum)
		}
	}
	switch {
	case last != "":
		return &Planning{Datum: last.Plus(7 * wekenNaWerkvoorbereiding), Herkomst: HerkomstOplevering}
	case p.Wensweek != "":
		return &Planning{Datum: p.Wensweek.Maandag(), Herkomst: HerkomstWens}
	}
	return nil
}

// Verschuiving is by how many days the delivery dates of what is not yet
// delivered move when the planned date goes from one to the other (wiki).
func Verschuiving(van, naar *Planning) int {
	if van == nil || naar == nil {
		return 0
	}
	return van.Datum.Tot(naar.Datum)
}

// DisciplinesVan lists the disciplines in which the organisation is
// netbeheerder of a product, in the order of Disciplines.
func (p *Project) DisciplinesVan(organisatieID string) []Discipline {
	var l []Discipline
	for _, d := range Disciplines {
		if slices.ContainsFunc(p.Producten, func(x Product) bool { return x.Discipline == d && x.NetbeheerderID == organisatieID }) {
			l = append(l, d)
		}
	}
	return l
}

// Gebied is a contract area within the area of a combi.
type Gebied struct {
	GebiedID                 string
	Naam                     string
	Combi                    string // name, as Synfra or Grond'g
	CombiOrganisatieID       string // "" when the combi has no organisation here
	WekenNaWerkvoorbereiding int
	Ondersteund              bool // the API is there only for supported areas (seed)
	Bijlagen                 []GebiedBijlage
}

// GebiedBijlage presets the containers of one documentsoort in an area; it is
// copied into a container when that is made, and later changes do not touch it
// (seed: "per combi gebied vooraf instelbaar").
type GebiedBijlage struct {
	Documentsoort       string
	Processtap          Processtap
	RequiresReview      bool
	BeoordelaarID       string // "" is the combi of the area
	OrganisatieID       string // assigned by default; "" leaves it to the project
	DagenVoorUitvoering *int   // days before the planned date that delivery is due
}

// Beoordelaar is the reviewer of a container of this preset in this area.
func (g *Gebied) Beoordelaar(b GebiedBijlage) string {
	if b.BeoordelaarID != "" {
		return b.BeoordelaarID
	}
	return g.CombiOrganisatieID
}

// Activiteit is something that a netbeheerder does in its quickscan.
type Activiteit struct {
	ActiviteitID  string
	ProjectID     string
	OrganisatieID string
	Type          string
	Status        ActiviteitStatus
	Opleverdatum  Datum
	Discipline    Discipline // "" when not said
	Omschrijving  string
	AangemaaktOp  time.Time
}

// ActiviteitStatus is the state of an activity.
type ActiviteitStatus string

// The states of an activity (wiki: preparation can be finished).
const (
	ActiviteitOpen   ActiviteitStatus = "open"
	ActiviteitGereed ActiviteitStatus = "gereed"
)

// ExtraWerkvoorbereiding is the one type of activity that the page names.
const ExtraWerkvoorbereiding = "Extra werkvoorbereiding"

// Betrokkenen lists the organisations that have a part in the project:
// netbeheerders of its products, the executing contractor, the assigned party
// and the reviewer of each container, and the combi of the area (contract 4).
func (p *Project) Betrokkenen(g *Gebied, containers []BijlageAssigned) []string {
	ids := []string{p.UitvoerendeAannemerID, g.CombiOrganisatieID}
	for _, x := range p.Producten {
		ids = append(ids, x.NetbeheerderID)
	}
	for i := range containers {
		ids = append(ids, containers[i].OrganisatieID, containers[i].BeoordelaarID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// preset finds the area's preset of a documentsoort.
func (g *Gebied) preset(documentsoort string) (GebiedBijlage, bool) {
	i := slices.IndexFunc(g.Bijlagen, func(b GebiedBijlage) bool { return b.Documentsoort == documentsoort })
	if i < 0 {
		return GebiedBijlage{}, false
	}
	return g.Bijlagen[i], true
}

// Container makes a new container from the input, filled up from the preset of
// its documentsoort.
func (g *Gebied) Container(now time.Time, p *Project, in *InvoerBijlage) *BijlageAssigned {
	preset, _ := g.preset(in.Documentsoort)
	b := &BijlageAssigned{
		BijlageAssignedID: in.BijlageAssignedID, ProjectID: p.ProjectID, Documentsoort: in.Documentsoort,
		OrganisatieID: cmp.Or(in.OrganisatieID, preset.OrganisatieID), Status: Assigned, RequiresReview: preset.RequiresReview,
		Processtap: cmp.Or(in.Processtap, preset.Processtap, Intake), Opleverdatum: in.Opleverdatum,
		AangemaaktOp: now, GewijzigdOp: now,
	}
	if in.RequiresReview != nil {
		b.RequiresReview = *in.RequiresReview
	}
	if b.RequiresReview {
		b.BeoordelaarID = cmp.Or(in.BeoordelaarOrganisatieID, g.Beoordelaar(preset))
	}
	if in.Geannuleerd {
		b.Status = Cancelled
	}
	return b
}

// Vervalt is the delivery date that the preset of a documentsoort gives, ""
// when it gives none.
func (g *Gebied) Vervalt(documentsoort string, gepland *Planning) Datum {
	preset, ok := g.preset(documentsoort)
	if !ok || preset.DagenVoorUitvoering == nil || gepland == nil {
		return ""
	}
	return gepland.Datum.Plus(-*preset.DagenVoorUitvoering)
}

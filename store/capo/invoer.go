package capo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"loket/store/fault"
	"loket/store/objectid"
)

// Invoer is what `loket import capo FILE.json` reads: organisations, areas and
// projects with their containers. Projects never come from the API (contract
// 1.4). Every object is known by its id, so that a file can be read again.
type Invoer struct {
	Organisaties []InvoerOrganisatie `json:"organisaties"`
	Gebieden     []InvoerGebied      `json:"gebieden"`
	Projecten    []InvoerProject     `json:"projecten"`
}

// InvoerOrganisatie is an organisation.
type InvoerOrganisatie struct {
	OrganisatieID string       `json:"organisatieId"`
	Naam          string       `json:"naam"`
	Soort         Soort        `json:"soort"`
	Disciplines   []Discipline `json:"disciplines"`
}

// InvoerGebied is a contract area with the presets of its containers.
type InvoerGebied struct {
	GebiedID                 string                `json:"gebiedId"`
	Naam                     string                `json:"naam"`
	Combi                    string                `json:"combi"`
	CombiOrganisatieID       string                `json:"combiOrganisatieId"`
	WekenNaWerkvoorbereiding int                   `json:"wekenNaWerkvoorbereiding"`
	Ondersteund              *bool                 `json:"ondersteund"` // true when absent
	Bijlagen                 []InvoerGebiedBijlage `json:"bijlagen"`
}

// InvoerGebiedBijlage is the preset of one documentsoort.
type InvoerGebiedBijlage struct {
	Documentsoort            string     `json:"documentsoort"`
	Processtap               Processtap `json:"processtap"`
	RequiresReview           bool       `json:"requiresReview"`
	BeoordelaarOrganisatieID string     `json:"beoordelaarOrganisatieId"`
	OrganisatieID            string     `json:"organisatieId"`
	DagenVoorUitvoering      *int       `json:"dagenVoorUitvoering"`
}

// InvoerProject is a project. Without bijlageassigned it gets a container for
// each preset of its area that names an organisation.
type InvoerProject struct {
	ProjectID             string          `json:"projectId"`
	Projecttype           Projecttype     `json:"projecttype"`
	Projectnaam           string          `json:"projectnaam"`
	Referenties           []string        `json:"referenties"`
	TypeAanvraag          string          `json:"typeAanvraag"`
	TypeWerk              string          `json:"typeWerk"`
	GebiedID              string          `json:"gebiedId"`
	Adres                 InvoerAdres     `json:"adres"`
	Labels                []string        `json:"labels"`
	DatumAangevraagd      Datum           `json:"datumAangevraagd"`
	Wensweek              Week            `json:"wensweek"`
	GeplandeUitvoering    *InvoerPlanning `json:"geplandeUitvoering"` // only P or U; W and O follow by rule
	OpleverweekWerkmap    Week            `json:"opleverweekWerkmap"`
	Processtap            Processtap      `json:"processtap"`
	Actief                *bool           `json:"actief"` // true when absent
	UitvoerendeAannemerID string          `json:"uitvoerendeAannemerId"`
	Producten             []InvoerProduct `json:"producten"`
	BijlageAssigned       []InvoerBijlage `json:"bijlageassigned"`
}

// InvoerAdres is where the work is.
type InvoerAdres struct {
	Straat     string `json:"straat"`
	Huisnummer string `json:"huisnummer"`
	Postcode   string `json:"postcode"`
	Plaats     string `json:"plaats"`
	Gemeente   string `json:"gemeente"`
}

// InvoerPlanning is a planning message or an execution.
type InvoerPlanning struct {
	Datum    Datum    `json:"datum"`
	Herkomst Herkomst `json:"herkomst"`
}

// InvoerProduct is one discipline at one object.
type InvoerProduct struct {
	Objectadres    string     `json:"objectadres"`
	Discipline     Discipline `json:"discipline"`
	NetbeheerderID string     `json:"netbeheerderId"`
}

// InvoerBijlage is a container. What is left out comes from the preset of its
// documentsoort in the area. Of a container that exists only geannuleerd takes
// effect: its state is the work of its parties.
type InvoerBijlage struct {
	BijlageAssignedID        string     `json:"bijlageAssignedId"`
	Documentsoort            string     `json:"documentsoort"`
	OrganisatieID            string     `json:"organisatieId"`
	Processtap               Processtap `json:"processtap"`
	RequiresReview           *bool      `json:"requiresReview"`
	BeoordelaarOrganisatieID string     `json:"beoordelaarOrganisatieId"`
	Opleverdatum             Datum      `json:"opleverdatum"`
	Geannuleerd              bool       `json:"geannuleerd"`
}

// LeesInvoer reads and checks a file: JSON, known members only, ids of 24 hex,
// enums, dates and weeks. The error is a BadJSON with the line, or a BadBody
// with every fault and its place.
func LeesInvoer(r io.Reader) (*Invoer, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	var in Invoer
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		line := 1 + bytes.Count(text[:min(offset(err, dec), int64(len(text)))], []byte("\n"))
		return nil, fault.New(fault.Invalid, fault.BadJSON, "line %d: %s", line, strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, fault.BadJSON, "there is more after the end of the object")
	}
	c := &controle{}
	c.invoer(&in)
	if c.fouten != nil {
		return nil, fault.New(fault.Invalid, fault.BadBody, "").With(c.fouten...)
	}
	return &in, nil
}

func offset(err error, dec *json.Decoder) int64 {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return e.Offset
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return e.Offset
	}
	return dec.InputOffset()
}

// controle gathers faults with their place.
type controle struct{ fouten []fault.Field }

func (c *controle) fout(at, format string, args ...any) {
	c.fouten = append(c.fouten, inBody(at, "invoer", fmt.Sprintf(format, args...)))
}

func (c *controle) id(at string, id *string, nodig bool) {
	if *id == "" && !nodig {
		return
	}
	if !objectid.Valid(*id) {
		c.fout(at, "%q is no id of 24 hex digits", *id)
	}
	*id = objectid.Normalize(*id)
}

func (c *controle) tekst(at, s string) {
	if strings.TrimSpace(s) == "" {
		c.fout(at, "is required")
	}
}

func eenVan[T ~string](c *controle, at string, v T, of []T) {
	if !slices.Contains(of, v) {
		c.fout(at, "%q is none of %v", v, of)
	}
}

func (c *controle) datum(at string, d Datum) {
	if d == "" {
		return
	}
	if _, err := ParseDatum(string(d)); err != nil {
		c.fout(at, "%q is no date (YYYY-MM-DD)", d)
	}
}

func (c *controle) week(at string, w Week) {
	if w == "" {
		return
	}
	if _, err := ParseWeek(string(w)); err != nil {
		c.fout(at, "%q is no week (YYYY-Www)", w)
	}
}

// eens refuses an id that stands twice in the file.
func (c *controle) eens(seen map[string]bool, at, id string) {
	if seen[id] {
		c.fout(at, "stands twice in this file")
	}
	seen[id] = true
}

func (c *controle) invoer(in *Invoer) {
	seen := map[string]bool{}
	for i := range in.Organisaties {
		o, at := &in.Organisaties[i], fmt.Sprintf("/organisaties/%d", i)
		c.id(at+"/organisatieId", &o.OrganisatieID, true)
		c.eens(seen, at+"/organisatieId", o.OrganisatieID)
		c.tekst(at+"/naam", o.Naam)
		eenVan(c, at+"/soort", o.Soort, Soorten)
		for j, d := range o.Disciplines {
			eenVan(c, fmt.Sprintf("%s/disciplines/%d", at, j), d, Disciplines)
		}
	}
	for i := range in.Gebieden {
		c.gebied(&in.Gebieden[i], fmt.Sprintf("/gebieden/%d", i))
		c.eens(seen, fmt.Sprintf("/gebieden/%d/gebiedId", i), in.Gebieden[i].GebiedID)
	}
	for i := range in.Projecten {
		at := fmt.Sprintf("/projecten/%d", i)
		c.project(&in.Projecten[i], at)
		c.eens(seen, at+"/projectId", in.Projecten[i].ProjectID)
		for j := range in.Projecten[i].BijlageAssigned {
			b, at := &in.Projecten[i].BijlageAssigned[j], fmt.Sprintf("%s/bijlageassigned/%d", at, j)
			c.bijlage(b, at)
			c.eens(seen, at+"/bijlageAssignedId", b.BijlageAssignedID)
		}
	}
}

func (c *controle) gebied(g *InvoerGebied, at string) {
	c.id(at+"/gebiedId", &g.GebiedID, true)
	c.tekst(at+"/naam", g.Naam)
	c.id(at+"/combiOrganisatieId", &g.CombiOrganisatieID, false)
	if g.WekenNaWerkvoorbereiding < 0 {
		c.fout(at+"/wekenNaWerkvoorbereiding", "is less than 0")
	}
	for j := range g.Bijlagen {
		b, at := &g.Bijlagen[j], fmt.Sprintf("%s/bijlagen/%d", at, j)
		c.tekst(at+"/documentsoort", b.Documentsoort)
		eenVan(c, at+"/processtap", b.Processtap, BijlageProcesstappen)
		c.id(at+"/beoordelaarOrganisatieId", &b.BeoordelaarOrganisatieID, false)
		c.id(at+"/organisatieId", &b.OrganisatieID, false)
		if b.RequiresReview && b.BeoordelaarOrganisatieID == "" && g.CombiOrganisatieID == "" {
			c.fout(at+"/beoordelaarOrganisatieId", "is required: the area has no combi organisation to review")
		}
	}
}

func (c *controle) project(p *InvoerProject, at string) {
	c.id(at+"/projectId", &p.ProjectID, true)
	eenVan(c, at+"/projecttype", p.Projecttype, Projecttypen)
	eenVan(c, at+"/processtap", p.Processtap, Processtappen)
	c.tekst(at+"/typeAanvraag", p.TypeAanvraag)
	c.id(at+"/gebiedId", &p.GebiedID, true)
	c.id(at+"/uitvoerendeAannemerId", &p.UitvoerendeAannemerID, false)
	if p.DatumAangevraagd == "" {
		c.fout(at+"/datumAangevraagd", "is required")
	}
	c.datum(at+"/datumAangevraagd", p.DatumAangevraagd)
	c.week(at+"/wensweek", p.Wensweek)
	c.week(at+"/opleverweekWerkmap", p.OpleverweekWerkmap)
	if g := p.GeplandeUitvoering; g != nil {
		c.datum(at+"/geplandeUitvoering/datum", g.Datum)
		if g.Datum == "" {
			c.fout(at+"/geplandeUitvoering/datum", "is required")
		}
		eenVan(c, at+"/geplandeUitvoering/herkomst", g.Herkomst, []Herkomst{HerkomstPlanning, HerkomstUitgevoerd})
	}
	for j := range p.Producten {
		x, at := &p.Producten[j], fmt.Sprintf("%s/producten/%d", at, j)
		c.tekst(at+"/objectadres", x.Objectadres)
		eenVan(c, at+"/discipline", x.Discipline, Disciplines)
		c.id(at+"/netbeheerderId", &x.NetbeheerderID, true)
	}
}

func (c *controle) bijlage(b *InvoerBijlage, at string) {
	c.id(at+"/bijlageAssignedId", &b.BijlageAssignedID, true)
	c.tekst(at+"/documentsoort", b.Documentsoort)
	c.id(at+"/organisatieId", &b.OrganisatieID, false)
	c.id(at+"/beoordelaarOrganisatieId", &b.BeoordelaarOrganisatieID, false)
	if b.Processtap != "" {
		eenVan(c, at+"/processtap", b.Processtap, BijlageProcesstappen)
	}
	c.datum(at+"/opleverdatum", b.Opleverdatum)
}

// Project is the domain's form of the input.
func (p *InvoerProject) Project() *Project {
	out := &Project{
		ProjectID: p.ProjectID, Projecttype: p.Projecttype, Projectnaam: p.Projectnaam, Referenties: p.Referenties,
		TypeAanvraag: p.TypeAanvraag, TypeWerk: p.TypeWerk, GebiedID: p.GebiedID, Adres: Adres(p.Adres), Labels: p.Labels,
		DatumAangevraagd: p.DatumAangevraagd, Wensweek: p.Wensweek, OpleverweekWerkmap: p.OpleverweekWerkmap,
		Processtap: p.Processtap, Actief: p.Actief == nil || *p.Actief, UitvoerendeAannemerID: p.UitvoerendeAannemerID,
	}
	if g := p.GeplandeUitvoering; g != nil {
		out.VastePlanning = &Planning{Datum: g.Datum, Herkomst: g.Herkomst}
	}
	for _, x := range p.Producten {
		out.Producten = append(out.Producten, Product(x))
	}
	return out
}

// Gebied is the domain's form of the input.
func (g *InvoerGebied) Gebied() *Gebied {
	out := &Gebied{
		GebiedID: g.GebiedID, Naam: g.Naam, Combi: g.Combi, CombiOrganisatieID: g.CombiOrganisatieID,
		WekenNaWerkvoorbereiding: g.WekenNaWerkvoorbereiding, Ondersteund: g.Ondersteund == nil || *g.Ondersteund,
	}
	for _, b := range g.Bijlagen {
		out.Bijlagen = append(out.Bijlagen, GebiedBijlage{
			Documentsoort: b.Documentsoort, Processtap: b.Processtap, RequiresReview: b.RequiresReview,
			BeoordelaarID: b.BeoordelaarOrganisatieID, OrganisatieID: b.OrganisatieID, DagenVoorUitvoering: b.DagenVoorUitvoering,
		})
	}
	return out
}

package capo

import (
	"encoding/json"
	"strconv"
	"time"
)

// projectDocument is a project as CAPO's answers show it (contract 1.3), but
// for the quickscan, which differs per caller and comes last.
type projectDocument struct {
	ProjectID             string            `json:"projectId"`
	Projecttype           Projecttype       `json:"projecttype"`
	Projectnaam           *string           `json:"projectnaam"`
	Referenties           []string          `json:"referenties"`
	TypeAanvraag          string            `json:"typeAanvraag"`
	TypeWerk              string            `json:"typeWerk"`
	Gebied                string            `json:"gebied"`
	Adres                 adresDocument     `json:"adres"`
	Labels                []string          `json:"labels"`
	DatumAangevraagd      Datum             `json:"datumAangevraagd"`
	Wensweek              *Week             `json:"wensweek"`
	GeplandeUitvoering    *planningDocument `json:"geplandeUitvoering"`
	OpleverweekWerkmap    *Week             `json:"opleverweekWerkmap"`
	Processtap            Processtap        `json:"processtap"`
	Actief                bool              `json:"actief"`
	UitvoerendeAannemerID *string           `json:"uitvoerendeAannemerId"`
	Producten             []productDocument `json:"producten"`
}

type adresDocument struct {
	Straat     string `json:"straat"`
	Huisnummer string `json:"huisnummer"`
	Postcode   string `json:"postcode"`
	Plaats     string `json:"plaats"`
	Gemeente   string `json:"gemeente"`
}

type planningDocument struct {
	Datum    Datum    `json:"datum"`
	Herkomst Herkomst `json:"herkomst"`
}

type productDocument struct {
	Objectadres    string     `json:"objectadres"`
	Discipline     Discipline `json:"discipline"`
	NetbeheerderID string     `json:"netbeheerderId"`
}

// Document renders a project once, when it changes, instead of at each
// reading: it is read far more often, and has lists in lists. The columns stay
// the truth; `loket check` renders anew and compares.
func (p *Project) Document(gebied string, gepland *Planning) (string, error) {
	d := projectDocument{
		ProjectID: p.ProjectID, Projecttype: p.Projecttype, Projectnaam: orNull(p.Projectnaam), Referenties: orEmpty(p.Referenties),
		TypeAanvraag: p.TypeAanvraag, TypeWerk: p.TypeWerk, Gebied: gebied, Adres: adresDocument(p.Adres), Labels: orEmpty(p.Labels),
		DatumAangevraagd: p.DatumAangevraagd, Wensweek: orNull(p.Wensweek), GeplandeUitvoering: (*planningDocument)(gepland),
		OpleverweekWerkmap: orNull(p.OpleverweekWerkmap), Processtap: p.Processtap, Actief: p.Actief,
		UitvoerendeAannemerID: orNull(p.UitvoerendeAannemerID), Producten: []productDocument{},
	}
	for _, x := range p.Producten {
		d.Producten = append(d.Producten, productDocument(x))
	}
	text, err := json.Marshal(d)
	return string(text), err
}

// AppendDocument writes a project's document with the caller's quickscan; nil
// is null.
func AppendDocument(b []byte, document string, q *Quickscan) []byte {
	b = append(b, document[:len(document)-1]...)
	b = append(b, `,"quickscan":`...)
	if q == nil {
		return append(b, "null}"...)
	}
	b = strconv.AppendBool(append(b, `{"hoofdleidingNodig":`...), q.HoofdleidingNodig)
	b = strconv.AppendBool(append(b, `,"extraWerkvoorbereiding":`...), q.ExtraWerkvoorbereiding)
	b = strconv.AppendBool(append(b, `,"afgerond":`...), q.Afgerond())
	b = append(b, `,"afgerondOp":`...)
	if q.AfgerondOp == nil {
		return append(b, "null}}"...)
	}
	b = q.AfgerondOp.UTC().AppendFormat(append(b, '"'), InstantLayout)
	return append(b, `"}}`...)
}

// InstantLayout is CAPO's form of a moment, in UTC: RFC 3339 with milliseconds
// (contract 3.4).
const InstantLayout = "2006-01-02T15:04:05.000Z"

// Instant is a moment in CAPO's form.
func Instant(t time.Time) string { return t.UTC().Format(InstantLayout) }

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func orEmpty(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}

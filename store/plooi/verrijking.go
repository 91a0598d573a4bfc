package plooi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Severity is how grave a diagnosis is.
type Severity string

// The severities, from light to grave (3.3).
const (
	OK        Severity = "OK"
	Info      Severity = "INFO"
	Warning   Severity = "WARNING"
	Error     Severity = "ERROR"
	Exception Severity = "EXCEPTION"
)

var zwaarte = []Severity{OK, Info, Warning, Error, Exception}

// Ernstigste is the gravest of the diagnoses; OK when there are none.
func Ernstigste(all []Diagnose) Severity {
	worst := 0
	for _, d := range all {
		worst = max(worst, slices.Index(zwaarte, d.Severity))
	}
	return zwaarte[worst]
}

// Stage is a step of the processing.
type Stage string

// The steps (3.3).
const (
	Unknown  Stage = "UNKNOWN"
	Ingress  Stage = "INGRESS"
	Process  Stage = "PROCESS"
	Delete   Stage = "DELETE"
	Undelete Stage = "UNDELETE"
)

// Diagnose is a remark on a delivery.
type Diagnose struct {
	Code        string   `json:"code"`
	Severity    Severity `json:"severity"`
	Message     string   `json:"message"`
	SourceID    string   `json:"sourceId,omitempty"`
	SourceLabel string   `json:"sourceLabel,omitempty"`
	Target      string   `json:"target,omitempty"`
}

// The remarks that are not on a member of the metadata.
var (
	Ongewijzigd   = Diagnose{Code: "DISCARD", Severity: Info, Message: "De aanlevering is gelijk aan de vorige; er is geen nieuwe versie."}
	ScannerWeg    = Diagnose{Code: "INTEGRATION", Severity: Error, Message: "De virusscanner antwoordt niet; het document wacht en wordt opnieuw aangeboden."}
	ScannerGrens  = Diagnose{Code: "INTEGRATION", Severity: Error, Message: "Het bestand is groter dan de virusscanner aanneemt; het document wacht en wordt niet ongezien gepubliceerd."}
	VirusGevonden = Diagnose{Code: "ERROR", Severity: Error, Message: "De virusscanner heeft iets gevonden; het bestand wordt niet gepubliceerd."}
)

const (
	onbekendeOrganisatie = "https://identifier.overheid.nl/tooi/id/organisatie_onbekend"
	onbekendLabel        = "Onbekend"
)

// Verrijkt is what the processing makes of a version's metadata.
type Verrijkt struct {
	Document  []byte // document with the labels and types of the lists, JSON
	Diagnoses []Diagnose
	Titel     string
	Termen    []Term // what filters ask for
	Tekst     string // what is searched, folded
}

// Term is a value that a filter can ask for.
type Term struct{ Soort, Waarde string }

// The sorts of terms.
const (
	TermPublisher         = "publisher"
	TermVerantwoordelijke = "verantwoordelijke"
	TermDocumentsoort     = "documentsoort"
	TermThema             = "thema"
)

// Verrijk gives the document its canonical labels and types (D37) and says
// what it remarked. It never refuses: what the schema lets in is published.
func Verrijk(l *Lijsten, metadata []byte) (*Verrijkt, error) {
	var root struct{ Document map[string]any }
	dec := json.NewDecoder(bytes.NewReader(metadata))
	dec.UseNumber()
	if err := dec.Decode(&root); err != nil {
		return nil, fmt.Errorf("enrich metadata: %w", err)
	}
	e := &verrijker{l: l, doc: root.Document, out: &Verrijkt{}}
	e.alles()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e.doc); err != nil {
		return nil, fmt.Errorf("enrich metadata: %w", err)
	}
	e.out.Document = bytes.TrimRight(b.Bytes(), "\n")
	e.out.Tekst = Vouw(strings.Join(e.tekst, " "))
	return e.out, nil
}

type verrijker struct {
	l     *Lijsten
	doc   map[string]any
	out   *Verrijkt
	tekst []string
}

func (e *verrijker) zeg(d Diagnose) { e.out.Diagnoses = append(e.out.Diagnoses, d) }

func (e *verrijker) alles() {
	e.titels()
	e.ref("publisher", e.doc["publisher"], e.l.Organisatie, TermPublisher)
	e.organisatie("verantwoordelijke", TermVerantwoordelijke)
	if naam, ok := e.doc["naamOpsteller"].(string); ok {
		e.tekst = append(e.tekst, naam)
	} else {
		e.organisatie("opsteller", "")
	}
	e.ref("language", e.doc["language"], e.uit(Talen), "")
	e.ref("format", e.doc["format"], e.uit(Filetypes), "")
	c, _ := e.doc["classificatiecollectie"].(map[string]any)
	for i, r := range lijst(c["documentsoorten"]) {
		e.ref(fmt.Sprintf("documentsoorten[%d]", i), r, e.uit(Documentsoorten), TermDocumentsoort)
	}
	for i, r := range lijst(c["themas"]) {
		e.ref(fmt.Sprintf("themas[%d]", i), r, e.uit(Toplijst), TermThema)
	}
	for i, h := range lijst(e.doc["documenthandelingen"]) {
		h, _ := h.(map[string]any)
		e.ref(fmt.Sprintf("documenthandelingen[%d].soortHandeling", i), h["soortHandeling"], e.uit(Documenthandelingen), "")
		e.ref(fmt.Sprintf("documenthandelingen[%d].wasAssociatedWith", i), h["wasAssociatedWith"], e.l.Organisatie, "")
	}
	for _, naam := range []string{"omschrijvingen", "onderwerpen", "identifiers"} {
		e.woorden(e.doc[naam])
	}
	for _, naam := range []string{"aggregatiekenmerk", "creatiedatum"} {
		e.woorden([]any{e.doc[naam]})
	}
}

func (e *verrijker) titels() {
	t, _ := e.doc["titelcollectie"].(map[string]any)
	titel, _ := t["officieleTitel"].(string)
	e.out.Titel = zonderNul(titel)
	if strings.TrimSpace(e.out.Titel) == "" {
		e.zeg(Diagnose{Code: "REQUIRED", Severity: Error, Message: "De officiële titel is leeg.", Target: "titelcollectie.officieleTitel"})
	}
	e.tekst = append(e.tekst, e.out.Titel)
	e.woorden(t["verkorteTitels"])
	e.woorden(t["alternatieveTitels"])
}

func (e *verrijker) woorden(v any) {
	for _, w := range lijst(v) {
		if s, ok := w.(string); ok {
			e.tekst = append(e.tekst, s)
		}
	}
}

func lijst(v any) []any {
	all, _ := v.([]any)
	return all
}

func (e *verrijker) uit(soort string) func(string) (Waarde, bool) {
	return func(id string) (Waarde, bool) { return e.l.Waarde(soort, id) }
}

// organisatie is a reference that gets a default when it is absent.
func (e *verrijker) organisatie(naam, term string) {
	if _, ok := e.doc[naam].(map[string]any); ok {
		e.ref(naam, e.doc[naam], e.l.Organisatie, term)
		return
	}
	e.doc[naam] = map[string]any{"id": onbekendeOrganisatie, "label": onbekendLabel}
	e.zeg(Diagnose{Code: "REQUIRED_DEFAULT", Severity: Info, Message: "Niet aangeleverd; ingevuld met " + onbekendLabel + ".", Target: naam})
}

// ref gives a reference the label and type of its list.
func (e *verrijker) ref(target string, v any, zoek func(string) (Waarde, bool), term string) {
	r, ok := v.(map[string]any)
	if !ok {
		return
	}
	id, _ := r["id"].(string)
	label, given := r["label"].(string)
	if term != "" {
		e.out.Termen = append(e.out.Termen, Term{term, id})
	}
	w, ok := zoek(id)
	if !ok { // an opsteller need not be government
		e.tekst = append(e.tekst, label)
		return
	}
	switch {
	case !given:
		e.zeg(Diagnose{Code: "EMPTY_LABEL", Severity: Info, Message: "Zonder label; ingevuld met dat van de waardelijst: " + w.Waarde + ".", SourceID: id, Target: target})
	case label != w.Waarde:
		e.zeg(Diagnose{Code: "DIFF_LABEL", Severity: Info, Message: "Het label wijkt af van dat in de waardelijst: " + w.Waarde + ".", SourceID: id, SourceLabel: label, Target: target})
	}
	r["label"] = w.Waarde
	if w.Type != "" {
		r["type"] = w.Type
	}
	e.tekst = append(e.tekst, w.Waarde)
}

// Record is a published document as everybody sees it (2.1).
type Record struct {
	Document         json.RawMessage `json:"document"`
	PlooiIntern      PlooiIntern     `json:"plooiIntern"`
	Documentrelaties []Relatie       `json:"documentrelaties"`
	Versies          []RecordVersie  `json:"versies"`
}

// PlooiIntern is where a document came from and how it stands.
type PlooiIntern struct {
	DcnID            string   `json:"dcnId"`
	Aanbieder        string   `json:"aanbieder"`
	ExtID            []string `json:"extId"`
	SourceLabel      string   `json:"sourceLabel"`
	Publicatiestatus string   `json:"publicatiestatus"`
}

// The states of publication that are shown.
const (
	StatusGepubliceerd = "gepubliceerd"
	StatusLater        = "latere-publicatie"
)

// Relatie is a relation with another document.
type Relatie struct {
	Relation string `json:"relation"`
	Role     string `json:"role,omitempty"`
	Titel    string `json:"titel,omitempty"`
}

// RecordVersie is a version as it is shown.
type RecordVersie struct {
	Nummer              int             `json:"nummer,omitempty"`
	Oorzaak             Oorzaak         `json:"oorzaak"`
	Reden               string          `json:"redenVerwijderingVervanging,omitempty"`
	Openbaarmaking      string          `json:"openbaarmakingsdatum,omitempty"`
	Wijziging           string          `json:"wijzigingsdatum,omitempty"`
	Mutatie             string          `json:"mutatiedatumtijd"`
	Blokkades           []string        `json:"blokkades,omitempty"`
	Zichtbaarheidsdatum string          `json:"zichtbaarheidsdatumtijd,omitempty"`
	Bestanden           []RecordBestand `json:"bestanden,omitempty"`
}

// RecordBestand is a file of a version as it is shown.
type RecordBestand struct {
	ID           string `json:"id"`
	Gepubliceerd bool   `json:"gepubliceerd"`
	Label        string `json:"label"`
	URL          string `json:"url,omitempty"`
	MimeType     string `json:"mime-type,omitempty"`
	Bestandsnaam string `json:"bestandsnaam,omitempty"`
	Mutatie      string `json:"mutatiedatumtijd"`
	Grootte      int64  `json:"grootte"`
	Hash         string `json:"hash"`
}

// Bestandsnaam is the name of a file that came without one.
const Bestandsnaam = "UNKNOWN.document"

func moment(t time.Time) string { return t.In(amsterdam).Format("2006-01-02T15:04:05.999999999Z07:00") }

// Record is the document as it is shown once version v is published. Hashes of
// metadata are left to sum, so that this package needs no say in how.
func (d *Document) Record(v *Versie, e *Verrijkt, sum func([]byte) string) Record {
	r := Record{
		Document:    e.Document,
		PlooiIntern: PlooiIntern{DcnID: DcnID(d.ID), Aanbieder: Aanbieder, ExtID: []string{d.ID}, SourceLabel: SourceLabel, Publicatiestatus: StatusGepubliceerd},
	}
	for i := range d.Versies {
		if d.Versies[i].Volgnr <= v.Volgnr {
			r.Versies = append(r.Versies, d.toon(&d.Versies[i], sum))
		}
	}
	return r
}

func (d *Document) toon(v *Versie, sum func([]byte) string) RecordVersie {
	r := RecordVersie{
		Nummer: v.Nummer, Oorzaak: v.Oorzaak, Reden: v.Reden, Openbaarmaking: v.Openbaarmaking, Wijziging: v.Wijziging,
		Mutatie: moment(v.Mutatie), Blokkades: v.Blokkades,
	}
	if v.ZichtbaarVanaf != nil {
		r.Zichtbaarheidsdatum = moment(*v.ZichtbaarVanaf)
	}
	id := d.ID + "_" + strconv.Itoa(v.Volgnr)
	if v.NieuweMetadata {
		r.Bestanden = append(r.Bestanden, RecordBestand{
			ID: id + "_metadata", Label: "metadata_v1", MimeType: "application/json", Bestandsnaam: "UNKNOWN.metadata_v1",
			Mutatie: moment(v.Mutatie), Grootte: int64(len(v.Metadata)), Hash: sum(v.Metadata),
		})
	}
	if v.NieuwBestand {
		r.Bestanden = append(r.Bestanden, RecordBestand{
			ID: id, Gepubliceerd: v.Bestand.Type == PDF, Label: "file", URL: d.Pid + "/file", MimeType: v.Bestand.Type,
			Bestandsnaam: Bestandsnaam, Mutatie: moment(v.Mutatie), Grootte: v.Bestand.Grootte, Hash: v.Bestand.SHA256,
		})
	}
	return r
}

// EigenRelatie is the relation that the registration gave; false when none.
func (d *Document) EigenRelatie() (r Relatie, doel string, ok bool) {
	if len(d.Relaties) == 0 {
		return r, "", false
	}
	if err := json.Unmarshal(d.Relaties, &r); err != nil || r.Relation == "" {
		return r, "", false
	}
	r.Relation, r.Role, r.Titel = zonderNul(r.Relation), zonderNul(r.Role), ""
	return r, Doel(r.Relation), true
}

// zonderNul drops U+0000, which JSON can say and PostgreSQL cannot keep. The
// delivered text has it as an escape and stays whole.
func zonderNul(s string) string { return strings.ReplaceAll(s, "\x00", "") }

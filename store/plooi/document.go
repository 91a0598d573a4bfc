package plooi

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"loket/store/fault"
)

// Oorzaak is why a version came about.
type Oorzaak string

// The causes (1.10).
const (
	Aanlevering   Oorzaak = "aanlevering"
	Wijziging     Oorzaak = "wijziging"
	Intrekking    Oorzaak = "intrekking"
	Herpublicatie Oorzaak = "herpublicatie"
)

// RedenIntrekking is the reason of every withdrawal by the API (1.7).
const RedenIntrekking = "Verwijderen van document"

// Keuring is what the virus scanner said of a file.
type Keuring string

// The outcomes. A file that waits or is infected is never published.
const (
	NietGekeurd Keuring = ""       // no scanner was asked for
	Wacht       Keuring = "wacht"  // the scanner was away, or refused the size
	Schoon      Keuring = "schoon" // nothing found
	Besmet      Keuring = "besmet" // something found
)

// Bestand is a delivered file.
type Bestand struct {
	Blob    string // key
	SHA256  string // hex (D51)
	Type    string // what the first bytes say (D17)
	Grootte int64  // bytes
	Keuring Keuring
}

// Versie is one entry of a document's manifest. It has the metadata and file
// that hold from then on; Nieuwe… says which of them came with it.
type Versie struct {
	Volgnr         int // place in the manifest, from 1
	Nummer         int // from 1; 0 of a withdrawal
	Oorzaak        Oorzaak
	Reden          string
	Openbaarmaking string // Dutch day of the first delivery
	Wijziging      string // Dutch day of the change; "" of the first
	Mutatie        time.Time
	Blokkades      []string
	ZichtbaarVanaf *time.Time
	Metadata       []byte
	NieuweMetadata bool
	Bestand        *Bestand
	NieuwBestand   bool
	VerwerktOp     *time.Time
}

// Document is a document with its manifest: the root of every change.
type Document struct {
	ID, Pid      string
	Publisher    string // identifier; never changes
	Relaties     []byte // of the registration; nil when there are none
	AangemaaktOp time.Time
	Versies      []Versie
}

// Registreer makes a document of its first metadata (E1).
func Registreer(now time.Time, id, pid string, m *Metadata) (*Document, error) {
	met, err := m.MetPid(pid)
	if err != nil {
		return nil, err
	}
	return &Document{
		ID: id, Pid: pid, Publisher: m.Publisher, Relaties: m.Relaties, AangemaaktOp: now,
		Versies: []Versie{{
			Volgnr: 1, Nummer: 1, Oorzaak: Aanlevering, Openbaarmaking: Dag(now), Mutatie: now, Metadata: met, NieuweMetadata: true,
		}},
	}, nil
}

// Eigen tells whether the caller acts for the document's publisher.
func (d *Document) Eigen(a Aanroeper) bool { return a.Namens(Code(d.Publisher)) }

// MagWijzigen is the owner check of every change (D10).
func (d *Document) MagWijzigen(a Aanroeper) error {
	if !d.Eigen(a) {
		return geweigerd()
	}
	return nil
}

// Laatste is the version that holds what was delivered last.
func (d *Document) Laatste() *Versie {
	for i := len(d.Versies) - 1; i >= 0; i-- {
		if d.Versies[i].Nummer > 0 {
			return &d.Versies[i]
		}
	}
	return nil
}

// Ingetrokken tells whether the publication is withdrawn. New metadata alone
// does not bring a withdrawn document back (D30).
func (d *Document) Ingetrokken() bool { return d.ingetrokkenOp() > 0 }

// ingetrokkenOp is the place of the withdrawal that holds; 0 when none does.
func (d *Document) ingetrokkenOp() int {
	at := 0
	for _, v := range d.Versies {
		switch {
		case v.Oorzaak == Intrekking:
			at = v.Volgnr
		case v.Oorzaak == Herpublicatie, v.NieuwBestand:
			at = 0
		}
	}
	return at
}

// sindsIntrekking are the versions after the last withdrawal, whether or not
// it still holds.
func (d *Document) sindsIntrekking() []Versie {
	for i := len(d.Versies) - 1; i >= 0; i-- {
		if d.Versies[i].Oorzaak == Intrekking {
			return d.Versies[i+1:]
		}
	}
	return d.Versies
}

// Gepubliceerd is the version that the public sees; nil when none is.
func (d *Document) Gepubliceerd() *Versie {
	all := d.sindsIntrekking()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].VerwerktOp != nil {
			return &all[i]
		}
	}
	return nil
}

// Verborgen tells whether a version is blocked, or visible only later.
func (v *Versie) Verborgen(now time.Time) bool {
	return len(v.Blokkades) > 0 || (v.ZichtbaarVanaf != nil && v.ZichtbaarVanaf.After(now))
}

// TeLezen is the metadata that the caller may read: its own organisation's
// last, another's what is published (D41). NotFound otherwise.
func (d *Document) TeLezen(now time.Time, a Aanroeper) (*Versie, error) {
	if d.Eigen(a) {
		return d.Laatste(), nil
	}
	v := d.Gepubliceerd()
	if d.Ingetrokken() || v == nil || v.Verborgen(now) {
		return nil, onbekend()
	}
	return v, nil
}

// TeDownloaden is the file that the caller may read (E5). NotFound when there
// is none for him: not delivered, blocked, visible later, withdrawn, or found
// infected; for others also when it is not published.
func (d *Document) TeDownloaden(now time.Time, a Aanroeper) (*Versie, error) {
	v := d.Gepubliceerd()
	if d.Eigen(a) {
		v = d.Laatste()
	}
	if d.Ingetrokken() || v == nil || v.Bestand == nil || v.Bestand.Keuring == Besmet || v.Verborgen(now) {
		return nil, onbekend()
	}
	return v, nil
}

// MagBestandLeveren tells whether a first file may come (E4): only version 1
// is there, and it is not processed (D21, D22). NotFound otherwise.
func (d *Document) MagBestandLeveren() error {
	if len(d.Versies) != 1 || d.Versies[0].VerwerktOp != nil {
		return onbekend()
	}
	return nil
}

// LeverBestand gives version 1 its file, or another one (D21).
func (d *Document) LeverBestand(now time.Time, b Bestand) (*Versie, error) {
	if err := d.MagBestandLeveren(); err != nil {
		return nil, err
	}
	v := &d.Versies[0]
	v.Bestand, v.NieuwBestand, v.Mutatie = &b, true, now
	return v, nil
}

// MagBestandVervangen tells whether a file may be replaced (E6): one was
// delivered (D24). NotFound otherwise.
func (d *Document) MagBestandVervangen() error {
	if v := d.Laatste(); v == nil || v.Bestand == nil {
		return onbekend()
	}
	return nil
}

// VervangBestand makes a version with another file; nil when the bytes are
// those of the last (D23). Of a withdrawn document it makes a version in any
// case: that publishes it again (D30).
func (d *Document) VervangBestand(now time.Time, b Bestand) (*Versie, error) {
	if err := d.MagBestandVervangen(); err != nil {
		return nil, err
	}
	last := d.Laatste()
	if last.Bestand.SHA256 == b.SHA256 && last.Bestand.Keuring != Besmet && !d.Ingetrokken() {
		return nil, nil //nolint:nilnil // no version, and no fault
	}
	v := d.volgende(now, Wijziging)
	v.Bestand, v.NieuwBestand = &b, true
	return v, nil
}

// volgende adds a version that holds what the last did. It stays hidden when
// that was: a correction must not show what was blocked.
func (d *Document) volgende(now time.Time, o Oorzaak) *Versie {
	last, nummer := d.Laatste(), 0
	for _, v := range d.Versies {
		nummer = max(nummer, v.Nummer) // a republished version keeps its own
	}
	d.Versies = append(d.Versies, Versie{
		Volgnr: len(d.Versies) + 1, Nummer: nummer + 1, Oorzaak: o,
		Openbaarmaking: d.Versies[0].Openbaarmaking, Wijziging: Dag(now), Mutatie: now,
		Blokkades: slices.Clone(last.Blokkades), ZichtbaarVanaf: last.ZichtbaarVanaf,
		Metadata: last.Metadata, Bestand: last.Bestand,
	})
	return &d.Versies[len(d.Versies)-1]
}

// VervangMetadata is E3. It makes a version, or replaces version 1 as long as
// no file came (D22); nieuw is nil when the content is what it was. Faults, in
// this order: NietEigenaar, IdentifierOnjuist without a pid, PidAnders,
// NietEigenaar for another publisher or a kamerstuk without its role.
func (d *Document) VervangMetadata(now time.Time, a Aanroeper, m *Metadata) (nieuw *Versie, err error) {
	switch {
	case !d.Eigen(a):
		return nil, geweigerd()
	case m.Pid == "":
		return nil, fault.New(fault.Invalid, IdentifierOnjuist, "")
	case m.Pid != d.Pid:
		return nil, fault.New(fault.Conflict, PidAnders, "")
	case m.Publisher != d.Publisher, !a.MagSoorten(m.Documentsoorten):
		return nil, geweigerd()
	}
	last := d.Laatste()
	if Gelijk(last.Metadata, m.Tekst) {
		return nil, nil //nolint:nilnil // no version, and no fault
	}
	if len(d.Versies) == 1 && last.Bestand == nil {
		last.Metadata, last.Mutatie = m.Tekst, now
		return last, nil
	}
	v := d.volgende(now, Wijziging)
	v.Metadata, v.NieuweMetadata = m.Tekst, true
	return v, nil
}

// TrekIn withdraws the publication (E7); NotFound when it is withdrawn.
func (d *Document) TrekIn(now time.Time) error {
	if d.Ingetrokken() {
		return onbekend()
	}
	d.Versies = append(d.Versies, Versie{Volgnr: len(d.Versies) + 1, Oorzaak: Intrekking, Reden: RedenIntrekking, Mutatie: now})
	return nil
}

// Herpubliceer shows a version again: the last when nummer is 0, which only a
// withdrawn document allows. It is an operator's (rank 8), not the API's.
func (d *Document) Herpubliceer(now time.Time, nummer int, reden string) (*Versie, error) {
	if nummer == 0 {
		if !d.Ingetrokken() {
			return nil, fault.New(fault.Conflict, fault.Stale, "Het document is niet ingetrokken.")
		}
		nummer = d.Laatste().Nummer
	}
	i := slices.IndexFunc(d.Versies, func(v Versie) bool { return v.Nummer == nummer && v.Bestand != nil })
	if i < 0 {
		return nil, onbekend()
	}
	v := d.Versies[i]
	v.Volgnr, v.Oorzaak, v.Reden, v.Mutatie, v.Wijziging = len(d.Versies)+1, Herpublicatie, reden, now, Dag(now)
	v.NieuweMetadata, v.NieuwBestand, v.VerwerktOp = false, false, nil
	d.Versies = append(d.Versies, v)
	return &d.Versies[len(d.Versies)-1], nil
}

var blokkade = regexp.MustCompile(`^-?[A-Za-z]+$`)

// Blokkeer adds blocks to what is, or would be, shown; "-naam" takes one away
// (1.10).
func (d *Document) Blokkeer(namen ...string) error {
	for _, naam := range namen {
		if !blokkade.MatchString(naam) {
			return fault.New(fault.Invalid, fault.BadBody, "Een blokkade heeft alleen letters: %s.", naam)
		}
	}
	d.elkeGetoonde(func(v *Versie) {
		for _, naam := range namen {
			plain := strings.TrimPrefix(naam, "-")
			v.Blokkades = slices.DeleteFunc(slices.Clone(v.Blokkades), func(b string) bool { return b == plain })
			if plain == naam {
				v.Blokkades = append(v.Blokkades, naam)
			}
		}
	})
	return nil
}

// StelUit makes the document visible from a moment on; nil is at once.
func (d *Document) StelUit(vanaf *time.Time) {
	d.elkeGetoonde(func(v *Versie) { v.ZichtbaarVanaf = vanaf })
}

// elkeGetoonde are the versions that are shown or may come to be.
func (d *Document) elkeGetoonde(do func(*Versie)) {
	all := d.sindsIntrekking()
	for i := range all {
		do(&all[i])
	}
}

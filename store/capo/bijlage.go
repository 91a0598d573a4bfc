package capo

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"loket/store/fault"
)

// BestandStatus is the state of a file (the page's "bijlage").
type BestandStatus string

// The states of a file: made, and said to be uploaded.
const (
	BestandCreated  BestandStatus = "created"
	BestandUploaded BestandStatus = "uploaded"
)

// The limits of files: 50 MB from the page of the platform's upload screen,
// the lifetimes decided (contract 2.2, 3.2, 3.3).
const (
	MaxGrootte       = 52_428_800 // bytes, inclusive
	MaxBestandsnaam  = 255        // code points
	MinBestandsnaam  = 3
	MaxExtensie      = 10
	BewaarZonderFile = 24 * time.Hour // a file whose address ran out unused is forgotten after this
)

// StandaardContentType is a file's media type when none is given.
const StandaardContentType = "application/octet-stream"

// Bijlage is one file in a toegewezen bijlage.
type Bijlage struct {
	BijlageID     string
	ParentID      string // the bijlageAssignedId
	ProjectID     string
	Bestandsnaam  string
	ContentType   string
	ContentVast   bool  // the content type was given: the upload must carry it
	VerwachteMaat int64 // bytes announced; 0 is not announced
	Omschrijving  string
	Status        BestandStatus
	OrganisatieID string // who made it
	BlobKey       string // "" until the bytes are there
	Grootte       int64
	SHA256        string
	URLGeldigTot  time.Time
	AangemaaktOp  time.Time
	GeuploadOp    *time.Time
}

// NieuweBijlage is what a client gives to make an upload address.
type NieuweBijlage struct {
	Bestandsnaam string
	ContentType  *string
	Grootte      *int64
	Omschrijving string
}

// MaakBijlage makes a file under the container for the organisation, with an
// address that is valid for geldig. Faults: NietToegewezen, AlOpgeleverd; the
// caller has to check the name with Controleer and against the other files.
func (b *BijlageAssigned) MaakBijlage(now time.Time, organisatieID, id string, n NieuweBijlage, geldig time.Duration) (Bijlage, error) {
	if err := b.mag(Toegewezene, organisatieID); err != nil {
		return Bijlage{}, err
	}
	if b.Gesloten() {
		return Bijlage{}, b.geslotenFout()
	}
	f := Bijlage{
		BijlageID: id, ParentID: b.BijlageAssignedID, ProjectID: b.ProjectID,
		Bestandsnaam: norm.NFC.String(n.Bestandsnaam), ContentType: StandaardContentType, Omschrijving: n.Omschrijving,
		Status: BestandCreated, OrganisatieID: organisatieID, URLGeldigTot: now.Add(geldig), AangemaaktOp: now,
	}
	if n.ContentType != nil {
		f.ContentType, f.ContentVast = *n.ContentType, true
	}
	if n.Grootte != nil {
		f.VerwachteMaat = *n.Grootte
	}
	return f, nil
}

// Controleer checks what needs no store: TooLarge for an announced size over
// the limit, BadBody for a file name that the chain cannot carry.
func (n NieuweBijlage) Controleer() error {
	if n.Grootte != nil && *n.Grootte > MaxGrootte {
		return fault.New(fault.TooLarge, fault.BodyTooLarge, "Een bestand is hoogstens %d bytes.", MaxGrootte)
	}
	if detail := bestandsnaamFout(norm.NFC.String(n.Bestandsnaam)); detail != "" {
		return fault.New(fault.Invalid, fault.BadBody, "").With(inBody("/bestandsnaam", "bestandsnaam", detail))
	}
	return nil
}

// NaamBezet is the refusal of a name that is taken.
func NaamBezet(naam string) error {
	return fault.New(fault.Conflict, BestandsnaamBezet, "In deze toegewezen bijlage bestaat al een bestand %q.", naam)
}

// MagOntvangen tells whether bytes with this media type and length may be put
// at the file's address: AlOpgeleverd, BadBody when another media type or
// length was announced.
func (f *Bijlage) MagOntvangen(b *BijlageAssigned, contentType string, lengte int64) error {
	switch {
	case b.Gesloten():
		return b.geslotenFout()
	case f.ContentVast && !zelfdeType(f.ContentType, contentType):
		return fault.New(fault.Invalid, fault.BadBody, "Aangekondigd is Content-Type %s.", f.ContentType)
	case f.VerwachteMaat != 0 && f.VerwachteMaat != lengte:
		return fault.New(fault.Invalid, fault.BadBody, "Aangekondigd zijn %d bytes, het verzoek heeft er %d.", f.VerwachteMaat, lengte)
	}
	return nil
}

// Geupload says that the file is complete. Refusals, in this order:
// NietToegewezen when another organisation made it, AlOpgeleverd,
// OngeldigeOvergang when that was said before, GeenBestand without bytes.
func (f *Bijlage) Geupload(now time.Time, organisatieID string, b *BijlageAssigned) error {
	switch {
	case organisatieID != f.OrganisatieID:
		return fault.New(fault.Forbidden, NietToegewezen, "Het bestand is door een andere organisatie aangemaakt.")
	case b.Gesloten():
		return b.geslotenFout()
	case f.Status != BestandCreated:
		return fault.New(fault.Conflict, OngeldigeOvergang, "Het bestand heeft al status %s.", f.Status)
	case f.BlobKey == "":
		return fault.New(fault.Conflict, GeenBestand, "Er is nog geen bestand ontvangen op de upload-URL.")
	}
	f.Status, f.GeuploadOp = BestandUploaded, &now
	return nil
}

// bestandsnaamFout says what is wrong with a name in NFC, "" for nothing. The
// wiki asks for one extension and hardly any special characters, because files
// travel on to file systems and tablets of all participants; the list of
// characters is decided (contract 3.3).
func bestandsnaamFout(s string) string {
	n := utf8.RuneCountInString(s)
	basis, extensie, _ := strings.Cut(s, ".")
	switch {
	case !utf8.ValidString(s):
		return "De bestandsnaam is geen geldige UTF-8."
	case n < MinBestandsnaam || n > MaxBestandsnaam:
		return "De bestandsnaam moet 3 tot en met 255 tekens lang zijn."
	case strings.Count(s, ".") != 1:
		return "De bestandsnaam moet precies één punt hebben, voor de extensie."
	case strings.ContainsAny(s, `<>:"/\|?*`) || strings.ContainsFunc(s, unicode.IsControl):
		return `De bestandsnaam mag geen van < > : " / \ | ? * en geen stuurtekens bevatten.`
	case basis == "" || basis != strings.TrimSpace(basis):
		return "De naam voor de punt mag niet leeg zijn en niet met een spatie beginnen of eindigen."
	case !geldigeExtensie(extensie):
		return "De extensie moet uit 1 tot en met 10 letters (a-z) of cijfers bestaan."
	case apparaatnaam(basis):
		return "De naam voor de punt is een gereserveerde apparaatnaam."
	}
	return ""
}

func geldigeExtensie(s string) bool {
	if s == "" || len(s) > MaxExtensie {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// apparaatnaam tells whether a base name is one of the devices of Windows.
func apparaatnaam(basis string) bool {
	s := strings.ToUpper(basis)
	switch s {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(s) == 4 && (s[:3] == "COM" || s[:3] == "LPT") && s[3] >= '0' && s[3] <= '9'
}

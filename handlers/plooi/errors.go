package plooi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"loket/handlers/problem"
	"loket/store/fault"
	"loket/store/plooi"
)

// table is how PLOOI shows failures: the errors of 1.9, each of its service.
func table() problem.Table {
	internal := problem.Entry{Status: http.StatusInternalServerError, Title: "Interne fout", Detail: "Er ging iets mis aan onze kant."}
	return problem.Table{
		Language: "nl", Challenge: `Bearer realm="plooi"`, Render: render,
		Entries: map[fault.Reason]problem.Entry{
			// Its page knows neither 409 for these nor 503.
			fault.StoreUnavailable: internal, fault.Busy: internal, fault.Stale: internal, fault.Duplicate: internal,
		},
	}
}

// The addresses of errors, and how their details end.
const (
	beschrijvingen = "https://koop.gitlab.io/plooi/aanleveren/openapi-spec/foutenbeschrijvingen"
	meer           = " Raadpleeg voor meer informatie [de documentatie](https://koop.gitlab.io/plooi/aanleveren/openapi-spec/)."
	meerKaal       = " Raadpleeg voor meer informatie de documentatie."
)

// soort is a documented error.
type soort struct{ fragment, title, detail, message string }

var (
	parsefout     = soort{"parse-fout", "Parsefout", "Het aanleveren of bijwerken is niet gelukt. De aangeleverde gegevens kunnen niet ingelezen worden." + meer, ""}
	validatie     = soort{"validatie-basis-fout-meta", "ValidatieMetadatafout", "De aangeleverde metadata voldoen niet aan het schema." + meer, ""}
	identifier    = soort{"identifier-fout", "Validatiefout", "De meegegeven identifier is niet geldig." + meer, ""}
	sandboxtoken  = soort{"identifier-fout", "identifier-fout", "De meegegeven identifier is niet geldig." + meerKaal, ""}
	bestandstype  = soort{"bestandstype-fout", "Bestandstype-fout", "Het bestand kon niet verwerkt worden." + meer, ""}
	identificatie = soort{
		"identificatie-fout", "Identificatiefout", "Deze handeling is alleen mogelijk voor geautoriseerden." + meerKaal,
		"De identificerende gegevens in dit verzoek ontbreken of zijn onjuist. Geef (andere) identificerende gegevens mee.",
	}
	autorisatie = soort{
		"autorisatie-fout", "Autorisatiefout", "U bent niet geautoriseerd voor deze actie." + meer,
		"Aan de identificerende gegevens in dit verzoek zijn geen privileges tot deze handeling verbonden. Geef andere identificerende gegevens mee.",
	}
	nietGevonden = soort{"niet-gevonden-fout", "Niet-gevonden-fout", "De gevraagde bron kon niet worden gevonden." + meer, ""}
	conflict     = soort{
		"conflict-fout", "Conflictfout", "Deze wijziging bevat aanpassingen op velden die niet mogen worden aangepast." + meer,
		"De wijziging conflicteert met de eerder aangeleverde gegevens. Controleer de Publisher en de PID, deze mogen niet worden gewijzigd.",
	}
	teGroot   = soort{"bestand-te-groot-fout", "BestandTeGrootFout", "Het bestand is te groot om verwerkt te kunnen worden." + meer, ""}
	mediatype = soort{
		"mediatype-fout-docu", "Mediatypefout", "Het formaat van de aangeleverde gegevens wordt niet ondersteund. Gebruik een van de ondersteunde formaten." + meer, "",
	}
	mediatypeMeta = soort{mediatype.fragment, "MediatypeMetadatafout", mediatype.detail, ""}
)

// verkeerdeInhoud stands among the media types, as in the original.
const verkeerdeInhoud = "De inhoud van het bestand wijkt af van de extensie."

// fout is the body of the metadata service and of what stands before both:
// snake_case, without what there is not.
type fout struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail"`
	Instance  string   `json:"instance"`
	Messages  []any    `json:"messages,omitempty"`
	Supported []string `json:"supported_media_types,omitempty"`
}

// foutDocument is the body of the document service: camelCase, with null.
type foutDocument struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail"`
	Instance  string   `json:"instance"`
	Supported []string `json:"supportedMediaTypes"`
}

// dienst is which of the services a path belongs to.
type dienst int

const (
	overig dienst = iota
	metadata
	documenten
)

func dienstVan(path string) dienst {
	switch {
	case strings.HasPrefix(path, v0+"/metadata"):
		return metadata
	case strings.HasPrefix(path, v0+"/documenten/"):
		return documenten
	default:
		return overig
	}
}

// kaal tells whether the original answers without a body (1.8).
func kaal(path string, status int) bool {
	switch path {
	case v0 + "/_zoek", basePath + "/waardelijsten":
		return status == http.StatusBadRequest
	case basePath + "/check_token", basePath + "/policies":
		return status == http.StatusUnauthorized
	default:
		return false
	}
}

// render writes an error as its service does.
func render(c echo.Context, p problem.Problem) error {
	path := c.Request().URL.Path
	if kaal(path, p.Status) {
		return c.NoContent(p.Status)
	}
	s, dienst := soortVan(p, dienstVan(path)), dienstVan(path)
	if s == nil {
		return schrijf(c, p.Status, fout{Type: beschrijvingen + "/index.html", Title: p.Title, Status: p.Status, Detail: p.Detail, Instance: beschrijvingen}, false)
	}
	f := fout{Type: beschrijvingen + "/index.html#" + s.fragment, Title: s.title, Status: p.Status, Detail: s.detail, Instance: beschrijvingen}
	if s.message != "" {
		f.Messages = []any{s.message}
	}
	filter := *s == identificatie || *s == autorisatie || *s == sandboxtoken
	if dienst == documenten && !filter {
		return schrijf(c, p.Status, foutDocument{f.Type, f.Title, f.Status, f.Detail, f.Instance, lijstVan(*s, p)}, false)
	}
	switch *s {
	case parsefout:
		f.Messages = []any{leesfout(p.Fault)}
	case validatie:
		f.Messages = []any{meldingVan(p.Fault.Fields, c.Request().Body)}
	case mediatype, mediatypeMeta:
		f.Supported = lijstVan(*s, p)
	}
	return schrijf(c, p.Status, f, filter)
}

// soortVan is the documented error of a fault; nil when the page has none.
func soortVan(p problem.Problem, d dienst) *soort {
	switch p.Fault.Reason {
	case fault.BadJSON, fault.BadBody, plooi.ScriptGevonden, fault.BrokenBody, fault.EmptyBody, plooi.BestandstypeFout:
		return inhoudsfout(p.Fault, d)
	case plooi.IdentifierOnjuist, fault.BadPath:
		return &identifier
	case plooi.TokenOngeldig:
		return &sandboxtoken
	case fault.NoCredential, plooi.BeleidGeweigerd:
		return &identificatie
	case plooi.GeenToken, plooi.NietEigenaar, fault.NoGrant:
		return &autorisatie
	case fault.Missing, fault.NoRoute:
		return &nietGevonden
	case plooi.PidAnders:
		return &conflict
	case fault.BodyTooLarge:
		return &teGroot
	case fault.MediaType:
		if d == documenten {
			return &mediatype
		}
		return &mediatypeMeta
	default:
		return nil
	}
}

func inhoudsfout(f *fault.Error, d dienst) *soort {
	switch {
	case d == documenten:
		return &bestandstype
	case d == overig:
		return nil
	// A root that is no object is JSON all the same (D8).
	case f.Reason == fault.BadBody, f.Reason == fault.BadJSON && len(f.Fields) == 1 && f.Fields[0].Rule == "type":
		return &validatie
	default:
		return &parsefout
	}
}

// lijstVan is the member that names media types.
func lijstVan(s soort, p problem.Problem) []string {
	switch {
	case s == bestandstype:
		return []string{verkeerdeInhoud}
	case s == mediatype:
		return []string{plooi.PDF, plooi.ZIP}
	case s == mediatypeMeta && strings.HasPrefix(p.Instance, v0+"/metadata"):
		return []string{asJSON, "application/hal+json"} // named, and refused all the same (D16)
	case s == mediatypeMeta:
		return []string{asJSON}
	default:
		return nil
	}
}

// schrijf writes a body; the filter before the services writes its own pretty.
func schrijf(c echo.Context, status int, body any, pretty bool) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if pretty {
		e.SetIndent("", "  ")
	}
	if err := e.Encode(body); err != nil {
		return err
	}
	return c.Blob(status, asJSON, b.Bytes())
}

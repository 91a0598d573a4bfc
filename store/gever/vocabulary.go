package gever

import (
	"slices"
	"strconv"
)

// Term is one value of a vocabulary.
type Term struct{ Token, Title string }

// vocabularies are the choices (gever.md 1.6, 2.4-2.6).
var vocabularies = map[string][]Term{
	"archival_value": {
		{"unchecked", "Nicht geprüft"}, {"prompt", "Anbieten"}, {"archival worthy", "Archivwürdig"},
		{"not archival worthy", "Nicht archivwürdig"}, {"archival worthy with sampling", "Sampling"},
	},
	"classification": {{"unprotected", "Nicht klassifiziert"}, {"confidential", "Vertraulich"}, {"classified", "Geheim"}},
	"privacy_layer":  {{"privacy_layer_no", "Nein"}, {"privacy_layer_yes", "Ja"}},
	"public_trial": {
		{"unchecked", "Nicht geprüft"}, {"public", "Öffentlich"}, {"limited-public", "Eingeschränkt öffentlich"}, {"private", "Nicht öffentlich"},
	},
	"container_type": {{"folder", "Ordner"}, {"box", "Schachtel"}, {"dossier", "Dossier"}},
	"filing_prefix": {
		{"department", "Departement"}, {"directorate", "Direktion"}, {"personal", "Personal"}, {"administration", "Verwaltung"}, {"government", "Regierung"},
	},
	"custody_period":   numbers(0, 30, 100, 150),
	"retention_period": numbers(5, 10, 15, 20, 25),
	"dossier_type":     {{"businesscase", "Geschäftsfall"}},
	"document_type": {
		{"request", "Anfrage"}, {"question", "Frage"}, {"report", "Bericht"}, {"offer", "Offerte"},
		{"protocol", "Protokoll"}, {"contract", "Vertrag"}, {"directive", "Weisung"}, {"regulations", "Reglement"},
	},
	"task_type": {
		{"direct-execution", "Zur direkten Erledigung"}, {"information", "Zur Kenntnisnahme"}, {"approval", "Zur Genehmigung"},
		{"comment", "Zur Stellungnahme"}, {"correction", "Zur Prüfung / Korrektur"}, {"report", "Zum Bericht / Antrag"},
	},
	"message_source": {{"mailin", "Eingang per E-Mail"}, {"upload", "Hochgeladen"}},
	"language":       {{"de", "Deutsch"}, {"fr", "Französisch"}, {"en", "Englisch"}},
}

// orgUnits is the vocabulary that the settings make.
const orgUnits = "org_units"

func numbers(ns ...int) []Term {
	out := make([]Term, len(ns))
	for i, n := range ns {
		out[i] = Term{strconv.Itoa(n), strconv.Itoa(n)}
	}
	return out
}

// Terms are the values of a vocabulary in their order.
func (s *Settings) Terms(name string) []Term {
	if name == orgUnits {
		return []Term{{s.AdminUnit, s.AdminUnitTitle}}
	}
	return vocabularies[name]
}

// has tells whether a vocabulary holds the token.
func (s *Settings) has(vocabulary, token string) bool {
	return slices.ContainsFunc(s.Terms(vocabulary), func(t Term) bool { return t.Token == token })
}

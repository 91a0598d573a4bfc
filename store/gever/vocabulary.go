package gever

import (
	"slices"
	"strconv"
)

// Term is one value of a vocabulary with its title for people: German, and
// French and English where they differ.
type Term struct{ Token, Title, Fr, En string }

// In is the title in a language ("de", "fr", "en").
func (t Term) In(language string) string {
	title := map[string]string{"fr": t.Fr, "en": t.En}[language]
	if title == "" {
		return t.Title
	}
	return title
}

// vocabularies are the choices (gever.md 1.6, 2.4-2.6).
var vocabularies = map[string][]Term{
	"archival_value": {
		{"unchecked", "Nicht geprüft", "Non évalué", "Not assessed"},
		{"prompt", "Anbieten", "À proposer", "Offer"},
		{"archival worthy", "Archivwürdig", "Digne d'archivage", "Archival worthy"},
		{"not archival worthy", "Nicht archivwürdig", "Non digne d'archivage", "Not archival worthy"},
		{"archival worthy with sampling", "Sampling", "Échantillonnage", "Sampling"},
	},
	"classification": {
		{"unprotected", "Nicht klassifiziert", "Non classifié", "Unprotected"},
		{"confidential", "Vertraulich", "Confidentiel", "Confidential"}, //nolint:misspell // French
		{"classified", "Geheim", "Secret", "Classified"},
	},
	"privacy_layer": {{"privacy_layer_no", "Nein", "Non", "No"}, {"privacy_layer_yes", "Ja", "Oui", "Yes"}},
	"public_trial": {
		{"unchecked", "Nicht geprüft", "Non vérifié", "Not assessed"},
		{"public", "Öffentlich", "Public", "Public"},
		{"limited-public", "Eingeschränkt öffentlich", "Public limité", "Limited public"},
		{"private", "Nicht öffentlich", "Non public", "Private"},
	},
	"container_type": {
		{"folder", "Ordner", "Classeur", "Folder"}, {"box", "Schachtel", "Boîte", "Box"}, {"dossier", "Dossier", "Dossier", "Dossier"},
	},
	"filing_prefix": {
		{"department", "Departement", "Département", "Department"}, {"directorate", "Direktion", "Direction", "Directorate"},
		{"personal", "Personal", "Personnel", "Personnel"}, {"administration", "Verwaltung", "Administration", "Administration"},
		{"government", "Regierung", "Gouvernement", "Government"},
	},
	"custody_period":   numbers(0, 30, 100, 150),
	"retention_period": numbers(5, 10, 15, 20, 25),
	"dossier_type":     {{"businesscase", "Geschäftsfall", "Affaire", "Business case"}},
	"document_type": {
		{"request", "Anfrage", "Demande", "Request"}, {"question", "Frage", "Question", "Question"},
		{"report", "Bericht", "Rapport", "Report"}, {"offer", "Offerte", "Offre", "Offer"},
		{"protocol", "Protokoll", "Procès-verbal", "Minutes"}, {"contract", "Vertrag", "Contrat", "Contract"},
		{"directive", "Weisung", "Directive", "Directive"}, {"regulations", "Reglement", "Règlement", "Regulations"},
	},
	"task_type": {
		{"direct-execution", "Zur direkten Erledigung", "Pour exécution directe", "For direct execution"},
		{"information", "Zur Kenntnisnahme", "Pour information", "For your information"},
		{"approval", "Zur Genehmigung", "Pour approbation", "For approval"},
		{"comment", "Zur Stellungnahme", "Pour prise de position", "For comment"},
		{"correction", "Zur Prüfung / Korrektur", "Pour vérification / correction", "For review / correction"},
		{"report", "Zum Bericht / Antrag", "Pour rapport / proposition", "For report / proposal"},
	},
	"sequence_type": {{SequentialTask, "Sequenziell", "Séquentiel", "Sequential"}, {"parallel", "Parallel", "Parallèle", "Parallel"}},
	"message_source": {
		{"mailin", "Eingang per E-Mail", "Reçu par e-mail", "Received by e-mail"}, {"upload", "Hochgeladen", "Téléversé", "Uploaded"},
	},
	"language": {{"de", "Deutsch", "Allemand", "German"}, {"fr", "Französisch", "Français", "French"}, {"en", "Englisch", "Anglais", "English"}},
}

// orgUnits is the vocabulary that the settings make.
const orgUnits = "org_units"

func numbers(ns ...int) []Term {
	out := make([]Term, len(ns))
	for i, n := range ns {
		out[i] = Term{Token: strconv.Itoa(n), Title: strconv.Itoa(n)}
	}
	return out
}

// Terms are the values of a vocabulary in their order.
func (s *Settings) Terms(name string) []Term {
	if name == orgUnits {
		return []Term{{Token: s.AdminUnit, Title: s.AdminUnitTitle}}
	}
	return vocabularies[name]
}

// TermOf is the term of a token; a token that the vocabulary does not hold any
// more is its own title.
func (s *Settings) TermOf(vocabulary, token string) Term {
	all := s.Terms(vocabulary)
	if i := slices.IndexFunc(all, func(t Term) bool { return t.Token == token }); i >= 0 {
		return all[i]
	}
	return Term{Token: token, Title: token}
}

// has tells whether a vocabulary holds the token.
func (s *Settings) has(vocabulary, token string) bool {
	return slices.ContainsFunc(s.Terms(vocabulary), func(t Term) bool { return t.Token == token })
}

package plooi

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"loket/store/fault"
)

// The full text's own bounds: a word's letters (PostgreSQL keeps 2046 bytes)
// and a text's bytes (it keeps 1 MiB of lexemes).
const (
	maxWoord = 100
	maxTekst = 400_000
)

// maxWoorden bounds a search: more words find nothing that fewer do not.
const maxWoorden = 20

// Vouw turns a text into the words that are searched: lower case, without
// diacritics, ß as ss, one space between, letters and digits only. Both
// databases are given this and split it at its spaces, so that they find the
// same.
func Vouw(text string) string {
	var b strings.Builder
	gap, length := false, 0
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			gap = true
			continue
		}
		if gap {
			if b.Len() >= maxTekst {
				break
			}
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap, length = false, 0
		}
		if length++; length > maxWoord {
			continue
		}
		if fold, ok := gevouwd[r]; ok {
			b.WriteString(fold)
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// gevouwd are letters that Unicode does not take apart.
var gevouwd = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'đ': "d", 'Đ': "d", 'ł': "l", 'Ł': "l", 'ı': "i",
}

// Woorden are the different words of a search text.
func Woorden(text string) []string {
	var out []string
	for _, w := range strings.Fields(Vouw(text)) {
		if !slices.Contains(out, w) && len(out) < maxWoorden {
			out = append(out, w)
		}
	}
	return out
}

// Zoekvraag is a search in what is public.
type Zoekvraag struct {
	Zoektekst                string
	Sorteer                  string // "" is by relevance
	Start                    int64
	Aantal                   int
	Termen                   map[string][]string // by sort of term; of each, one of the values
	ID                       string
	MutatieVan, MutatieTot   *time.Time
	OpenbaarVan, OpenbaarTot string // days
	SourceLabel, Aanbieder   string
	ExtID                    string
	Onderwerpen              []string // of another source: no document here has any
}

// sorteer are the orders besides relevance, with their columns.
var sorteer = map[string]string{"timestamp": "mutatie", "wijzigingsdatum": "wijziging", "openbaarmakingsdatum": "openbaarmaking"}

// Controleer refuses an order that there is not.
func (z *Zoekvraag) Controleer() error {
	if z.Sorteer == "" || z.Sorteer == "relevantie" {
		return nil
	}
	if column, _ := z.Volgorde(); column == "" {
		return fault.New(fault.Invalid, fault.BadBody, "").With(fault.Field{In: fault.InBody, Pointer: "/sorteer", Rule: "enum"})
	}
	return nil
}

// Volgorde is the column and direction of the order; "" by relevance.
func (z *Zoekvraag) Volgorde() (column, richting string) {
	naam, richting, ok := strings.Cut(z.Sorteer, " ")
	if !ok || (richting != "asc" && richting != "desc") {
		return "", ""
	}
	return sorteer[naam], richting
}

// VindtNiets tells whether a filter asks for what no delivery by this API is.
func (z *Zoekvraag) VindtNiets() bool {
	other := func(asked, is string) bool { return asked != "" && asked != is }
	return other(z.SourceLabel, SourceLabel) || other(z.Aanbieder, Aanbieder) || len(z.Onderwerpen) > 0
}

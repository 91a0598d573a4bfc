package gever

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The full text's own bounds: a word's letters, an object's words (PostgreSQL
// knows 16,383 places), their bytes (it keeps 1 MiB of them), and how often one
// word is remembered in an object (it keeps 256 places).
const (
	maxWord    = 100
	maxWords   = 16_000
	maxBytes   = 400_000
	maxRepeats = 250
)

// Repeated stands for a word that an object has said too often: it keeps the
// place, so that phrases around it are found, and nobody can ask for it.
const Repeated = "\ue000"

// unfolded are letters that Unicode does not take apart.
var unfolded = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ł': "l", 'ı': "i", 'ð': "d", 'þ': "th"}

// fold is the letter that stands for all that differ in case only. The tables
// of x/text/cases give letters that have been folded another fold (Cherokee).
func fold(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		if unicode.IsLetter(next) { // a mark is among the iotas
			least = min(least, next)
		}
	}
	return unicode.ToLower(least)
}

// Words are the words of a text as they are searched: without case, marks and
// ligatures, ß as ss; letters and digits only. What is kept and what is asked
// for go through it, and neither database does more than compare: so both find
// the same.
func Words(text string) []string {
	var out []string
	var word strings.Builder
	length := 0
	end := func() {
		if length > 0 {
			out = append(out, word.String())
			word.Reset()
			length = 0
		}
	}
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r): // marks, soft hyphens
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			end()
		default:
			if length++; length > maxWord {
				continue
			}
			if r = fold(r); unfolded[r] != "" {
				word.WriteString(unfolded[r])
			} else {
				word.WriteRune(r)
			}
		}
	}
	end()
	return out
}

// Searchable is an object's searchable text, in words.
type Searchable struct{ Title, Description, Rest []string }

// SearchText gathers the words of an object: its title in every language, its
// description, and every other field that holds words, with the names of its
// files, its number and its id.
func SearchText(t *Type, title, description string, values Values, more ...string) Searchable {
	titles, rest := []string{title}, []string{}
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Name == "description" {
			continue
		}
		switch v := values[f.Name]; f.Kind {
		case Names:
			if s, _ := v.(string); s != title {
				titles = append(titles, s)
			}
		case Text, Lines:
			if s, _ := v.(string); f.Name != "title" {
				rest = append(rest, s)
			}
		case RichText:
			s, _ := v.(string)
			rest = append(rest, withoutTags(s))
		case Terms, Strings:
			list, _ := v.([]any)
			for _, one := range list {
				s, _ := one.(string)
				rest = append(rest, s)
			}
		case File:
			if f := values.StoredOf(f.Name); f != nil {
				rest = append(rest, f.Name)
			}
		default: // no words
		}
	}
	b := bounds{words: maxWords, bytes: maxBytes, seen: map[string]int{}}
	return Searchable{
		Title: b.take(strings.Join(titles, "\n")), Description: b.take(description), Rest: b.take(strings.Join(append(rest, more...), "\n")),
	}
}

// withoutTags leaves the text of HTML; what looks like a tag parts words.
func withoutTags(html string) string {
	var b strings.Builder
	inside := false
	for _, r := range html {
		switch {
		case r == '<':
			inside = true
			b.WriteByte(' ')
		case r == '>':
			inside = false
		case !inside:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// bounds are what an object may still say.
type bounds struct {
	words, bytes int
	seen         map[string]int
}

func (b *bounds) take(text string) []string {
	words := Words(text)
	for i, w := range words {
		if b.words--; b.words < 0 || b.bytes < len(w) {
			b.words = 0
			return words[:i]
		}
		b.bytes -= len(w) + 1
		if b.seen[w]++; b.seen[w] > maxRepeats {
			words[i] = Repeated
		}
	}
	return words
}

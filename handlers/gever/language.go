package gever

import (
	"context"
	"slices"

	"golang.org/x/text/language"
)

// known are the languages that titles of values and messages have.
var known = []string{"de", "fr", "en"}

// languages picks one of them for a request.
type languages struct {
	names   []string // what nobody asking for another gets comes first
	matcher language.Matcher
}

func newLanguages(preferred string) languages {
	l := languages{names: append([]string{preferred}, slices.DeleteFunc(slices.Clone(known), func(n string) bool { return n == preferred })...)}
	var tags []language.Tag
	for _, n := range l.names {
		tags = append(tags, language.Make(n))
	}
	l.matcher = language.NewMatcher(tags)
	return l
}

// asked is the language of the request.
func (s *server) asked(ctx context.Context) string {
	if r := requestOf(ctx); r != nil {
		return s.languages.of(r.Header.Get("Accept-Language"))
	}
	return s.languages.names[0]
}

// of reads Accept-Language (RFC 9110 12.5.4).
func (l languages) of(header string) string {
	if header == "" {
		return l.names[0]
	}
	_, i := language.MatchStrings(l.matcher, header)
	return l.names[i]
}

package plooi

import (
	"regexp"
	"strings"

	"loket/store/fault"
)

// uuid is what E2 and E4 to E7 take: any case, braces each optional (1.1).
var uuid = regexp.MustCompile(`^\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?$`)

// DocumentID reads an id of the path in its kept form: no braces, lower case
// (D47). IdentifierOnjuist when it is no uuid.
func DocumentID(s string) (string, error) {
	id, ok := leesUUID(s)
	if !ok {
		return "", fault.New(fault.Invalid, IdentifierOnjuist, "")
	}
	return id, nil
}

func leesUUID(s string) (string, bool) {
	m := uuid.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	return strings.ToLower(m[1]), true
}

// UitDcnID reads plooi-api-<uuid> or the uuid alone (D28); "" when it is
// neither, which no document has.
func UitDcnID(s string) string {
	id, _ := leesUUID(strings.TrimPrefix(s, SourceLabel+"-"))
	return id
}

// Doel is the document that a relation points to: a pid ends in the uuid, or
// the uuid stands alone (D44); "" when it is neither.
func Doel(relation string) string {
	id, _ := leesUUID(laatsteDeel(strings.TrimSuffix(relation, "/")))
	return id
}

// laatsteDeel is the last segment of a path: the code of an organisation.
func laatsteDeel(uri string) string { return uri[strings.LastIndexByte(uri, '/')+1:] }

// Code is the organisation code of an identifier: gm0361.
func Code(publisher string) string { return laatsteDeel(publisher) }

// uriVorm is the validator's own (D38); it holds for texts without blanks.
var uriVorm = regexp.MustCompile(`^(?:[a-zA-Z][a-zA-Z0-9+.-]*:\S*|//\S*)$`)

// URIPatroon is how the original names the form in its messages.
const URIPatroon = `(^[a-zA-Z][a-zA-Z0-9+-.]*:[^\s]*$)|(^//[^\s]*$)`

// IsURI tells whether a text is a URI as metadata has it.
func IsURI(s string) bool { return uriVorm.MatchString(s) }

// IsKenmerk tells whether a text may be one of the identifiers: three
// characters, or a URI.
func IsKenmerk(s string) bool { return len([]rune(s)) >= 3 || IsURI(s) }

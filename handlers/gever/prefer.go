package gever

import (
	"slices"
	"strings"
)

// preferences are what a Prefer header asks for (RFC 7240): a list in one
// header, the first of each name counts, what is unknown is passed over.
type preferences struct {
	returned string // "representation", "minimal", or "" where the client does not say
	strict   bool
	applied  []string
}

func preferencesOf(header *string) preferences {
	var p preferences
	if header == nil {
		return p
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(*header, ",") {
		one, _, _ := strings.Cut(part, ";")
		name, value, _ := strings.Cut(one, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.Trim(strings.TrimSpace(value), `"`)
		if seen[name] {
			continue
		}
		seen[name] = true
		switch name + "=" + value {
		case "return=representation", "return=minimal":
			p.returned = value
		case "handling=strict":
			p.strict = true
		case "handling=lenient":
		default:
			continue
		}
		p.applied = append(p.applied, name+"="+value)
	}
	return p
}

// object tells whether the object is to be the answer, otherwise where the
// client does not say.
func (p preferences) object(otherwise bool) bool {
	if p.returned == "" {
		return otherwise
	}
	return p.returned == "representation"
}

// refuse takes back what was said of the answer.
func (p *preferences) refuse() {
	p.applied = slices.DeleteFunc(slices.Clone(p.applied), func(one string) bool { return strings.HasPrefix(one, "return=") })
}

func (p preferences) header() string { return strings.Join(p.applied, ", ") }

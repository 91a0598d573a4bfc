package validate

import (
	"strconv"
	"strings"
)

// acceptable tells whether an Accept header (RFC 9110 12.5.1) leaves at least
// one of the media types; an empty header, and an operation without a body to
// send, accept everything.
func acceptable(accept string, types []string) bool {
	if accept == "" || accept == "*/*" || len(types) == 0 {
		return true
	}
	for _, t := range types {
		if t == "*/*" || quality(accept, t) > 0 {
			return true
		}
	}
	return false
}

// quality is the weight that the most exact range of accept gives to a type;
// 0 when none holds it. A range that cannot be read is passed over.
func quality(accept, mediaType string) float64 {
	best, q := -1, 0.0
	main, _, _ := strings.Cut(mediaType, "/")
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.TrimSpace(name)
		exact := -1
		switch {
		case strings.EqualFold(name, mediaType):
			exact = 2
		case len(name) == len(main)+2 && strings.HasSuffix(name, "/*") && strings.EqualFold(name[:len(main)], main):
			exact = 1
		case name == "*/*":
			exact = 0
		}
		if exact > best {
			best, q = exact, weight(params)
		}
	}
	return q
}

func weight(params string) float64 {
	for p := range strings.SplitSeq(params, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(k, "q") {
			if q, err := strconv.ParseFloat(v, 64); err == nil {
				return q
			}
		}
	}
	return 1
}

// mediaType cuts the parameters off a Content-Type and lowers its case.
func mediaType(header string) (name, params string) {
	name, params, _ = strings.Cut(header, ";")
	return strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(params)
}

// isJSON takes application/json and every type with the suffix (RFC 6839).
func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// charset is the charset parameter in lower case; "" when there is none.
func charset(params string) string { return strings.ToLower(parameter(params, "charset")) }

// parameter is one of a media type's parameters; "" when there is none.
func parameter(params, name string) string {
	for p := range strings.SplitSeq(params, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(k, name) {
			return strings.Trim(v, `"`)
		}
	}
	return ""
}

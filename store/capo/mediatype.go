package capo

import (
	"maps"
	"mime"
)

// zelfdeType compares media types as RFC 9110 8.3.1 does: type, subtype and
// names of parameters in any case.
func zelfdeType(a, b string) bool {
	ta, pa, ea := mime.ParseMediaType(a)
	tb, pb, eb := mime.ParseMediaType(b)
	return ea == nil && eb == nil && ta == tb && maps.Equal(pa, pb)
}

package validate

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Format tells whether a text has the form that a `format` of a document
// asks for. It must not change anything: it runs on input of strangers.
type Format func(value string) bool

// house are the formats of texts that every document may use. A document with
// any other needs it in mount.API.Formats, or it is refused when it is read:
// kin-openapi would let every value of an unknown format pass.
var house = map[string]Format{
	"date":      isDate,
	"date-time": isDateTime,
	"time":      isTime,
	"uuid":      isUUID,
	"email":     isEmail,
	"uri":       isURI,
	"byte":      isBase64,
	"binary":    func(string) bool { return true },
	"password":  func(string) bool { return true },
}

// numeric are the formats of numbers: the integers' bounds are checked by
// kin-openapi itself, float and double only tell a client what to expect.
var numeric = map[string]bool{"int32": true, "int64": true, "float": true, "double": true}

// isDate takes YYYY-MM-DD of a day that exists.
func isDate(s string) bool {
	if len(s) != len(time.DateOnly) {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDateTime takes RFC 3339 with T, and Z or an offset. RFC 3339 5.6 lets
// the letters be lower case; the Dutch API Design Rules ask for upper case.
func isDateTime(s string) bool {
	if len(s) < len("2006-01-02T15:04:05Z") || s[10] != 'T' {
		return false
	}
	if strings.ContainsRune(s, ',') || strings.HasSuffix(s, "z") || strings.HasSuffix(s, "-00:00") {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}

func isTime(s string) bool {
	if len(s) != len(time.TimeOnly) {
		return false
	}
	_, err := time.Parse(time.TimeOnly, s)
	return err == nil
}

// isUUID takes the form with hyphens of any version, in either case.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return false
			}
		}
	}
	return true
}

// isEmail takes a bare address: no display name, a dot somewhere in the
// domain or a bracketed host left out, 254 bytes at most (RFC 5321 4.5.3).
func isEmail(s string) bool {
	if len(s) > 254 || strings.ContainsAny(s, "<> \t\r\n") {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == ""
}

// isURI takes an absolute URI.
func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && (u.Host != "" || u.Opaque != "" || u.Path != "")
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}

var errFormat = errors.New("the value has another form")

// validators turns the house's formats and the API's own into kin-openapi's.
func validators(own map[string]Format) map[string]openapi3.StringFormatValidator {
	all := maps.Clone(house)
	maps.Copy(all, own)
	out := make(map[string]openapi3.StringFormatValidator, len(all))
	for name, is := range all {
		out[name] = openapi3.NewCallbackValidator(func(value string) error {
			if !is(value) {
				return errFormat
			}
			return nil
		})
	}
	return out
}

// integral gives the plain form of a number that is written with a fraction
// or an exponent but is whole: JSON Schema counts 1.0 and 1e2 as integers, Go
// binds neither into an int.
func integral(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != float64(int64(f)) || f > 1<<53 || f < -(1<<53) {
		return text
	}
	return strconv.FormatInt(int64(f), 10)
}

package konova

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// alphabet of an identifier's last part; the simplest that fits all known
// ones, which hold O and 0, 1 and L (apis/konova.md 3.1).
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// identifierForm takes the unpadded month too, which entries before
// 2022-01-24 have.
var identifierForm = regexp.MustCompile(`^(EIV|KOM|OEK|EMA)-\d{5,6}-[A-Z0-9]{6}$`)

// NewIdentifier draws an identifier of the kind for the month of at, in UTC as
// created_on is shown. The caller tries again when it is taken.
func NewIdentifier(kind Kind, at time.Time, entropy io.Reader) (string, error) {
	at = at.UTC()
	out := fmt.Appendf(nil, "%s-%02d%04d-", class[kind], at.Month(), at.Year())
	var b [1]byte
	for n := 0; n < 6; {
		if _, err := io.ReadFull(entropy, b[:]); err != nil {
			return "", fmt.Errorf("konova: no entropy: %w", err)
		}
		// 252 = 7 * 36: every sign is as likely as the next.
		if b[0] < 252 {
			out = append(out, alphabet[b[0]%36])
			n++
		}
	}
	return string(out), nil
}

// ValidIdentifier tells whether s is an identifier of the kind.
func ValidIdentifier(kind Kind, s string) bool {
	return identifierForm.MatchString(s) && strings.HasPrefix(s, class[kind]+"-")
}

// NewID draws a uuid of version 4, as all ids of the page are.
func NewID(entropy io.Reader) (string, error) {
	id, err := uuid.NewRandomFromReader(entropy)
	if err != nil {
		return "", fmt.Errorf("konova: no entropy: %w", err)
	}
	return id.String(), nil
}

// ParseID gives a uuid in the stored form: lower case with hyphens. It takes
// letters of either case, but no braces, urn or missing hyphens.
func ParseID(s string) (string, bool) {
	if len(s) != 36 {
		return "", false
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return "", false
	}
	return id.String(), true
}

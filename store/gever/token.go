package gever

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"loket/store/fault"
)

// Reasons of refused tokens.
const (
	InvalidRequest fault.Reason = "gever_invalid_request" // of /@@oauth2-token: the form
	InvalidGrant   fault.Reason = "gever_invalid_grant"   // of /@@oauth2-token: the assertion
	NotRenewable   fault.Reason = "gever_not_renewable"   // of /@login-renew
)

// JWTBearer is the one grant that services may use (RFC 7523).
const JWTBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// How long things may last (gever.md 3.1).
const (
	// MaxAssertion is the longest time between iat and exp of an assertion,
	// and its greatest age.
	MaxAssertion = 24 * time.Hour
	// AccessLife is how long the token is good that an assertion gives.
	AccessLife = time.Hour
	// clockSkew is how far a service's clock may be ahead of ours.
	clockSkew = 30 * time.Second
	// SessionLife is how long a session at the portal is good.
	SessionLife = time.Hour
	// TicketLife is how long a ticket of the portal is good.
	TicketLife = time.Minute
)

// ServiceKey lets a service act for a user. Its private half is only in the
// file that the service holds.
type ServiceKey struct {
	ID        string // 32 hexadecimal digits, as ClientID
	ClientID  string
	User      string
	Title     string
	TokenURI  string
	IPRanges  []netip.Prefix // empty: from anywhere
	IssuedAt  time.Time
	RevokedAt *time.Time
}

// KeyFile is what the service holds (gever.md 3.1).
type KeyFile struct {
	KeyID      string `json:"key_id"`
	ClientID   string `json:"client_id"`
	UserID     string `json:"user_id"`
	Issued     string `json:"issued"` // RFC 3339, UTC
	TokenURI   string `json:"token_uri"`
	PrivateKey string `json:"private_key"` // PKCS #1 in PEM
}

// Assertion is what the claims of a service's JWT say; a claim that is absent
// is nil or empty.
type Assertion struct {
	Audience  []string
	Subject   string
	IssuedAt  *time.Time
	ExpiresAt *time.Time
	NotBefore bool // nbf is there
	Scope     bool // scope is there
}

// BadRequestOf is a form that is no request for a token.
func BadRequestOf(detail string, args ...any) error {
	return fault.New(fault.Invalid, InvalidRequest, detail, args...)
}

// BadGrant is an assertion that gives no token.
func BadGrant(detail string, args ...any) error {
	return fault.New(fault.Invalid, InvalidGrant, detail, args...)
}

// Check says whether an assertion with a good signature of this key gives a
// token now; InvalidGrant names what is wrong with it. Whether the key's user
// may be its subject is not asked here.
func (k *ServiceKey) Check(a Assertion, now time.Time) error {
	switch {
	case a.NotBefore:
		return BadGrant("The claim nbf is not supported.")
	case a.Scope:
		return BadGrant("The claim scope is not supported.")
	case !slices.Contains(a.Audience, k.TokenURI):
		return BadGrant("The claim aud must be the token_uri of the service key.")
	case a.Subject == "":
		return BadGrant("The claim sub is missing.")
	case a.IssuedAt == nil:
		return BadGrant("The claim iat is missing.")
	case a.IssuedAt.After(now.Add(clockSkew)):
		return BadGrant("The claim iat lies in the future.")
	case now.Sub(*a.IssuedAt) > MaxAssertion:
		return BadGrant("The claim iat lies more than 24 hours back.")
	case a.ExpiresAt == nil:
		return BadGrant("The claim exp is missing.")
	case !now.Before(*a.ExpiresAt):
		return BadGrant("The assertion has expired.")
	case a.ExpiresAt.Sub(*a.IssuedAt) > MaxAssertion:
		return BadGrant("The claim exp lies more than 24 hours after iat.")
	}
	return nil
}

// From tells whether the key may be used from an address.
func (k *ServiceKey) From(address string) bool {
	if len(k.IPRanges) == 0 {
		return true
	}
	at, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	at = at.Unmap().WithZone("")
	return slices.ContainsFunc(k.IPRanges, func(p netip.Prefix) bool { return p.Contains(at) })
}

// ParseIPRanges reads networks or single addresses with commas between; ""
// are none. Its error names the first that is neither.
func ParseIPRanges(text string) ([]netip.Prefix, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var out []netip.Prefix
	for one := range strings.SplitSeq(text, ",") {
		one = strings.TrimSpace(one)
		if at, err := netip.ParseAddr(one); err == nil {
			out = append(out, netip.PrefixFrom(at.Unmap(), at.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(one)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, BadRequest, "%q is no address and no network (CIDR)", one)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// FormatIPRanges is what ParseIPRanges reads.
func FormatIPRanges(ranges []netip.Prefix) string {
	out := make([]string, len(ranges))
	for i, p := range ranges {
		out[i] = p.String()
	}
	return strings.Join(out, ",")
}

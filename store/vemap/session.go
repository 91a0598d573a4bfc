package vemap

import (
	"time"

	"github.com/golang-jwt/jwt/v5"

	"loket/store/fault"
)

// How long things last (4.1).
const (
	AccessLifetime    = time.Hour
	RefreshLifetime   = 30 * 24 * time.Hour
	ChallengeLifetime = 10 * time.Minute
	TemporaryLifetime = 7 * 24 * time.Hour
	CodeLifetime      = time.Hour
)

// The bounds against guessing (4.1).
const (
	LoginFailures = 5                // of one address within LoginWindow, known or not
	LoginWindow   = 15 * time.Minute // also how long the address stays shut
	CodeRequests  = 5                // of one address within CodeWindow
	CodeWindow    = time.Hour
	CodeTries     = 5 // wrong guesses of one code
)

// TokenKind keeps tokens apart: one kind is never taken for another (I6).
type TokenKind string

// The kinds of token.
const (
	IDToken      TokenKind = "id"
	AccessToken  TokenKind = "access"
	RefreshToken TokenKind = "refresh"
	SessionToken TokenKind = "session" // the Session of a challenge
)

// Claims is what a token says. The tenants stand in an id token only, for
// clients to read; rights are always read from the store.
type Claims struct {
	jwt.RegisteredClaims
	Kind      TokenKind         `json:"kind"`
	SessionID string            `json:"sid,omitempty"`
	Email     string            `json:"email,omitempty"`
	Name      string            `json:"name,omitempty"`
	Tenants   map[string][]Role `json:"tenants,omitempty"`
}

const issuer = "loket/vemap"

// Sign makes an HS256 token of the claims, valid from now for the lifetime.
func Sign(key []byte, c Claims, now time.Time, lifetime time.Duration) (string, error) {
	c.Issuer = issuer
	c.IssuedAt = jwt.NewNumericDate(now)
	c.ExpiresAt = jwt.NewNumericDate(now.Add(lifetime))
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(key)
}

// Verify reads a token of one kind; Unauthenticated when it is anything else:
// another kind, another signature or method, run out, or no token at all.
func Verify(key []byte, token string, kind TokenKind, now time.Time) (Claims, error) {
	var c Claims
	p := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithIssuer(issuer),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	if _, err := p.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return key, nil }); err != nil {
		return Claims{}, fault.Wrap(err, fault.Unauthenticated, TokenRefused, "Unauthorized")
	}
	if c.Kind != kind || c.Subject == "" {
		return Claims{}, Unauthorized()
	}
	return c, nil
}

// TooMany is the fault of an address that has used up its attempts.
func TooMany(wait time.Duration) *fault.Error {
	e := fault.New(fault.Limited, TooManyAttempts, "Too many attempts")
	e.RetryAfter = wait
	return e
}

// RefusedLogin is the one answer to every failed login, whatever failed.
func RefusedLogin() *fault.Error {
	return fault.New(fault.Unauthenticated, LoginRefused, "Incorrect username or password.")
}

package plooidb

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"loket/store/fault"
	"loket/store/plooi"
	"loket/store/settings"
)

// The settings of this room.
const (
	sleutelSetting = "plooi_sleutel" // PEM of the store's own key
	demoSetting    = "plooi_demo"
)

// TokenGeldig is how long a token is good (1.8).
const TokenGeldig = 24 * time.Hour

// sleutels holds the keys once they are read: they never change.
type sleutels struct {
	mu     sync.Mutex
	eigen  *sleutel // that signs
	overig *sleutel // the store's own, beside a configured one
}

type sleutel struct {
	*rsa.PrivateKey

	kid string
}

// claims are what a token says.
type claims struct {
	jwt.RegisteredClaims

	Org    []string `json:"org"`
	Rollen []string `json:"roles"`
}

// Token issues a token for organisation codes and roles; the key is made when
// there is none yet.
func (d *DB) Token(ctx context.Context, codes, rollen []string, geldig time.Duration) (string, error) {
	key, err := d.sleutel(ctx, true)
	if err != nil {
		return "", err
	}
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(d.Now().Add(geldig))}, Org: codes, Rollen: rollen,
	})
	t.Header["kid"] = key.kid
	text, err := t.SignedString(key.PrivateKey)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return text, nil
}

// TokenVoor issues a token for an organisation by its name in the value lists
// (D13). NotFound when no list has it.
func (d *DB) TokenVoor(ctx context.Context, organisatie string, geldig time.Duration, rollen ...string) (string, error) {
	code, ok := d.lijsten.CodeVan(organisatie)
	if !ok {
		return "", fault.New(fault.Invalid, fault.BadQuery, "Geen organisatie heet %s.", organisatie).
			With(fault.Field{In: fault.InQuery, Name: "org", Rule: "enum"})
	}
	return d.Token(ctx, []string{code}, rollen, geldig)
}

// Testtoken is TokenVoor in a store that the demo filled; Missing elsewhere.
func (d *DB) Testtoken(ctx context.Context, organisatie, rol string) (string, error) {
	demo, err := settings.Get(ctx, d.DB, demoSetting)
	if err != nil {
		return "", err
	}
	if demo == "" {
		return "", fault.New(fault.NotFound, fault.Missing, "")
	}
	return d.TokenVoor(ctx, organisatie, TokenGeldig, rol)
}

// Controleer reads a token. Unauthenticated/NoCredential when it is none of
// ours, is not signed with RS256, or has run out.
func (d *DB) Controleer(ctx context.Context, token string) (plooi.Aanroeper, error) {
	if _, err := d.sleutel(ctx, false); err != nil && !isMissing(err) {
		return plooi.Aanroeper{}, err
	}
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return d.openbare(kid)
	}, jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(d.Now))
	if err != nil {
		return plooi.Aanroeper{}, fault.Wrap(err, fault.Unauthenticated, fault.NoCredential, "")
	}
	return plooi.Aanroeper{Org: c.Org, Rollen: c.Rollen}, nil
}

func (d *DB) openbare(kid string) (*rsa.PublicKey, error) {
	for _, s := range d.bekend() {
		if s.kid == kid {
			return &s.PublicKey, nil
		}
	}
	return nil, errors.New("no such key")
}

// bekend are the keys that were read.
func (d *DB) bekend() []*sleutel {
	d.sleutels.mu.Lock()
	defer d.sleutels.mu.Unlock()
	var out []*sleutel
	for _, s := range []*sleutel{d.sleutels.eigen, d.sleutels.overig} {
		if s != nil {
			out = append(out, s)
		}
	}
	return out
}

// JWK is a public key (RFC 7517).
type JWK struct{ Kid, N, E string }

// Sleutels are the public keys of tokens; Missing when none was ever issued.
func (d *DB) Sleutels(ctx context.Context) ([]JWK, error) {
	if _, err := d.sleutel(ctx, false); err != nil {
		return nil, err
	}
	var out []JWK
	for _, s := range d.bekend() {
		out = append(out, JWK{
			Kid: s.kid, N: base64.RawURLEncoding.EncodeToString(s.N.Bytes()), E: base64.RawURLEncoding.EncodeToString(big.NewInt(int64(s.E)).Bytes()),
		})
	}
	return out, nil
}

// sleutel is the key that signs: the configured one, or the store's own. maak
// makes the store's when there is none; else that is Missing. Of two programs
// that make one at once, both get the same.
func (d *DB) sleutel(ctx context.Context, maak bool) (*sleutel, error) {
	d.sleutels.mu.Lock()
	defer d.sleutels.mu.Unlock()
	if d.sleutels.eigen != nil {
		return d.sleutels.eigen, nil
	}
	text, err := settings.Get(ctx, d.DB, sleutelSetting)
	if err != nil {
		return nil, err
	}
	if text == "" && maak && d.Sleutel == "" {
		if text, err = d.maakSleutel(ctx); err != nil {
			return nil, err
		}
	}
	var own *sleutel
	if text != "" {
		if own, err = leesSleutel(text); err != nil {
			return nil, err
		}
	}
	switch {
	case d.Sleutel != "":
		configured, err := leesSleutel(d.Sleutel)
		if err != nil {
			return nil, err
		}
		d.sleutels.eigen, d.sleutels.overig = configured, own
	case own != nil:
		d.sleutels.eigen = own
	default:
		return nil, fault.New(fault.NotFound, fault.Missing, "")
	}
	return d.sleutels.eigen, nil
}

func (d *DB) maakSleutel(ctx context.Context) (string, error) {
	key, err := d.NieuweSleutel()
	if err != nil {
		return "", fmt.Errorf("make the key of tokens: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("write the key of tokens: %w", err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return settings.Once(ctx, d.DB, sleutelSetting, text)
}

// LeesSleutel says whether a text is a key that can sign: an RSA private key in
// PEM (PKCS #8 or PKCS #1) of at least 2048 bits.
func LeesSleutel(text string) error {
	_, err := leesSleutel(text)
	return err
}

const minBits = 2048

func leesSleutel(text string) (*sleutel, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("plooi: the key of tokens is not PEM")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		any8, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("plooi: the key of tokens cannot be read: %w", err)
		}
		var ok bool
		if key, ok = any8.(*rsa.PrivateKey); !ok {
			return nil, errors.New("plooi: the key of tokens is not an RSA key")
		}
	}
	if key.N.BitLen() < minBits {
		return nil, fmt.Errorf("plooi: the key of tokens has %d bits, at least %d are needed", key.N.BitLen(), minBits)
	}
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	return &sleutel{key, hex.EncodeToString(sum[:8])}, nil
}

package geverdb_test

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// TestAssertionOnce: 32 that come at once with the same jti get one token.
func TestAssertionOnce(t *testing.T) {
	b := open(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	key, err := b.CreateServiceKey(t.Context(), geverdb.NewServiceKey{User: john, TokenURI: "https://a/t", Public: &private.PublicKey})
	if err != nil {
		t.Fatal(err)
	}
	now := b.Now()
	assertion, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		ID: "einmal", Issuer: key.ClientID, Subject: john, Audience: []string{"https://a/t"},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
	}).SignedString(private)
	if err != nil {
		t.Fatal(err)
	}
	askedAtOnce(t, gever.InvalidGrant, func() error {
		_, err := b.Grant(t.Context(), assertion, "")
		return err
	})
}

// askedAtOnce asks 32 times at once: one is given a token, the others are
// refused.
func askedAtOnce(t *testing.T, refusal fault.Reason, ask func() error) {
	t.Helper()
	var (
		wg    sync.WaitGroup
		given atomic.Int64
	)
	for range 32 {
		wg.Go(func() {
			switch err := ask(); {
			case err == nil:
				given.Add(1)
			case fault.ReasonOf(err) != refusal:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if given.Load() != 1 {
		t.Errorf("%d tokens", given.Load())
	}
}

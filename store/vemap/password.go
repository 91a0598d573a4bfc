package vemap

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"loket/store/fault"
)

// Bounds of a password's length, in characters (4.1).
const (
	minPassword = 8
	maxPassword = 99
)

// PasswordFaults tells in what a password falls short of the policy: 8 to 99
// characters with a lower-case letter, an upper-case letter, a digit, and a
// symbol. Each fault stands at pointer.
func PasswordFaults(pointer, password string) []fault.Field {
	var lower, upper, digit, symbol bool
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		case unicode.IsPunct(r), unicode.IsSymbol(r):
			symbol = true
		}
	}
	var fs []fault.Field
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		fs = append(fs, Field(pointer, fmt.Sprintf("must have %d to %d characters", minPassword, maxPassword)))
	}
	for _, need := range []struct {
		has  bool
		what string
	}{{lower, "a lower-case letter"}, {upper, "an upper-case letter"}, {digit, "a digit"}, {symbol, "a symbol"}} {
		if !need.has {
			fs = append(fs, Field(pointer, "must contain "+need.what))
		}
	}
	return fs
}

// Hasher turns passwords into argon2id hashes and compares them. It works on
// two at once, because each takes 19 MiB, and lets a bounded number wait.
type Hasher struct {
	memory, passes uint32
	entropy        io.Reader
	working        chan struct{}
	queue          chan struct{}
	dummy          string
}

// NewHasher gives the cost that OWASP names for argon2id: 19 MiB, two passes.
func NewHasher() *Hasher { return newHasher(19*1024, 2) }

// NewCheapHasher is for tests and nothing else: 64 KiB, one pass.
func NewCheapHasher() *Hasher { return newHasher(64, 1) }

func newHasher(memory, passes uint32) *Hasher {
	h := &Hasher{memory: memory, passes: passes, entropy: rand.Reader, working: make(chan struct{}, 2), queue: make(chan struct{}, 66)}
	h.dummy = h.hash("no password has this hash", make([]byte, 16))
	return h
}

// Hash gives the hash in PHC form, with a new salt. Limited when too many wait.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, 16)
	if _, err := io.ReadFull(h.entropy, salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	return h.hash(password, salt), nil
}

// Matches compares a password with a hash. An empty hash (no such user) takes
// the same time and never matches.
func (h *Hasher) Matches(ctx context.Context, hash, password string) (bool, error) {
	release, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	memory, passes, salt, sum, ok := parseHash(hash)
	if !ok {
		return false, fmt.Errorf("a stored password hash cannot be read")
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, 1, uint32(len(sum))) //nolint:gosec // a hash has 32 bytes
	return subtle.ConstantTimeCompare(got, sum) == 1 && known, nil
}

// Fits tells whether a hash was made at this hasher's cost.
func (h *Hasher) Fits(hash string) bool {
	memory, passes, _, _, ok := parseHash(hash)
	return ok && memory == h.memory && passes == h.passes
}

// enter waits for one of the two places; Limited when the queue is full.
func (h *Hasher) enter(ctx context.Context) (func(), error) {
	select {
	case h.queue <- struct{}{}:
	default:
		e := fault.New(fault.Limited, fault.TooManyInFlight, "Too many requests")
		e.RetryAfter = time.Second
		return nil, e
	}
	select {
	case h.working <- struct{}{}:
		return func() { <-h.working; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, ctx.Err()
	}
}

func (h *Hasher) hash(password string, salt []byte) string {
	sum := argon2.IDKey([]byte(password), salt, h.passes, h.memory, 1, 32)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, h.memory, h.passes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

func parseHash(s string) (memory, passes uint32, salt, sum []byte, ok bool) {
	p := strings.Split(s, "$")
	if len(p) != 6 || p[1] != "argon2id" {
		return 0, 0, nil, nil, false
	}
	if n, err := fmt.Sscanf(p[3], "m=%d,t=%d,p=1", &memory, &passes); err != nil || n != 2 {
		return 0, 0, nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(p[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(p[5])
	return memory, passes, salt, sum, err1 == nil && err2 == nil && len(sum) == 32
}

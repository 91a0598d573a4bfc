// Package password hashes passwords with argon2id and compares them, within
// bounds: each hash takes 19 MiB, so two are worked on at once and a bounded
// number waits. A comparison that succeeded is remembered, for clients that
// send their password with every request. It imports x/crypto and store/fault;
// any store may import it.
package password

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/singleflight"

	"loket/store/fault"
)

// The cost that OWASP names for argon2id, and the bounds.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	sumLen  = 32
	saltLen = 16

	atOnce     = 2
	waiting    = 64
	remembered = 4096
)

// Hasher hashes and compares; it is safe for concurrent use.
type Hasher struct {
	working chan struct{}
	queue   chan struct{}
	dummy   string
	key     [32]byte // of what is remembered; new in each process

	same  singleflight.Group // comparisons that run, by digest
	mu    sync.Mutex
	known map[[sha256.Size]byte]struct{}
}

// New makes a Hasher.
func New() *Hasher {
	h := &Hasher{
		working: make(chan struct{}, atOnce), queue: make(chan struct{}, atOnce+waiting),
		known: map[[sha256.Size]byte]struct{}{},
	}
	_, _ = rand.Read(h.key[:]) // never fails (crypto/rand)
	h.dummy = encode(make([]byte, saltLen), make([]byte, sumLen))
	return h
}

// Hash gives the hash of a password in PHC form, with a new salt. Limited
// (TooManyInFlight) when too many wait.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt)
	return encode(salt, argon2.IDKey([]byte(password), salt, passes, memory, 1, sumLen)), nil
}

// Verify compares a password with a hash. An empty hash, of a user who does
// not exist, takes as long and never matches. A pair that matched is known
// from then on, by a keyed digest: it stays true as long as the caller gives
// the same hash, so a changed password ends it at once.
func (h *Hasher) Verify(ctx context.Context, hash, password string) (bool, error) {
	digest := h.digest(hash, password)
	if hash != "" && h.remembers(digest) {
		return true, nil
	}
	// Many requests of one client begin at once: one comparison answers all.
	ok, err, _ := h.same.Do(string(digest[:]), func() (any, error) {
		return h.compare(context.WithoutCancel(ctx), hash, password, digest)
	})
	matches, _ := ok.(bool)
	return matches, err
}

func (h *Hasher) compare(ctx context.Context, hash, password string, digest [sha256.Size]byte) (bool, error) {
	release, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	exists := hash != ""
	if !exists {
		hash = h.dummy
	}
	salt, sum, err := decode(hash)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, 1, sumLen)
	if subtle.ConstantTimeCompare(got, sum) != 1 || !exists {
		return false, nil
	}
	h.remember(digest)
	return true, nil
}

func (h *Hasher) digest(hash, password string) (out [sha256.Size]byte) {
	m := hmac.New(sha256.New, h.key[:])
	m.Write([]byte(hash))
	m.Write([]byte{0})
	m.Write([]byte(password))
	m.Sum(out[:0])
	return out
}

func (h *Hasher) remembers(digest [sha256.Size]byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.known[digest]
	return ok
}

func (h *Hasher) remember(digest [sha256.Size]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.known) >= remembered {
		clear(h.known) // rare, and costs each client one comparison
	}
	h.known[digest] = struct{}{}
}

// enter waits for one of the places; Limited when too many wait already.
func (h *Hasher) enter(ctx context.Context) (release func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		e := fault.New(fault.Limited, fault.TooManyInFlight, "")
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

func encode(salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, memory, passes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

var errForm = errors.New("password: a stored hash cannot be read")

// decode takes only the cost of this package: another would need its own
// bounds.
func decode(s string) (salt, sum []byte, err error) {
	p := strings.Split(s, "$")
	if len(p) != 6 || p[1] != "argon2id" || p[3] != fmt.Sprintf("m=%d,t=%d,p=1", memory, passes) {
		return nil, nil, errForm
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(p[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(p[5])
	if err1 != nil || err2 != nil || len(sum) != sumLen || len(salt) < 8 {
		return nil, nil, errForm
	}
	return salt, sum, nil
}

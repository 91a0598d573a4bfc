package accounts

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"sync"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
)

// maxAge is how long an answer is believed. `loket credential revoke` and a
// second instance are other processes: what they do must count within a
// second, measured from before the store was asked.
const maxAge = time.Second

// maxCached bounds each half of the cache; a full half is emptied, so that
// tokens made up by an attacker never push out the real ones.
const maxCached = 10_000

type cached struct {
	credential Credential
	asked      time.Time
}

// cache remembers answers by the token's SHA-256.
type cache struct {
	lock    sync.RWMutex
	changes uint64 // counts clear, so that an answer from before it is not kept
	valid   map[[32]byte]cached
	refused map[[32]byte]time.Time
}

func (c *cache) clear() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.changes++
	c.valid, c.refused = nil, nil
}

// fresh takes a clock that was set back as a reason to ask again.
func fresh(asked, now time.Time) bool {
	age := now.Sub(asked)
	return age >= 0 && age < maxAge
}

func (c *cache) look(sum [32]byte, now time.Time) (found Credential, valid, refused bool, changes uint64) {
	c.lock.RLock()
	defer c.lock.RUnlock()
	if e, ok := c.valid[sum]; ok && fresh(e.asked, now) {
		return e.credential, true, false, c.changes
	}
	if asked, ok := c.refused[sum]; ok && fresh(asked, now) {
		return Credential{}, false, true, c.changes
	}
	return Credential{}, false, false, c.changes
}

func (c *cache) keep(sum [32]byte, credential Credential, valid bool, asked time.Time, changes uint64) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if changes != c.changes {
		return
	}
	if valid {
		if c.valid == nil || len(c.valid) >= maxCached {
			c.valid = map[[32]byte]cached{}
		}
		c.valid[sum] = cached{credential, asked}
		delete(c.refused, sum)
		return
	}
	if c.refused == nil || len(c.refused) >= maxCached {
		c.refused = map[[32]byte]time.Time{}
	}
	c.refused[sum] = asked
	delete(c.valid, sum)
}

// Authenticate finds the credential of a token; Unauthenticated/NoCredential
// when the token is unknown or revoked. An answer may be up to a second old.
func (s *Store) Authenticate(ctx context.Context, token string) (Credential, error) {
	sum, now := sha256.Sum256([]byte(token)), s.now()
	c, valid, refused, changes := s.cache.look(sum, now)
	if valid {
		return c, nil
	}
	if refused {
		return Credential{}, errNoCredential()
	}
	c, valid, err := s.credentialOf(ctx, sum)
	if err != nil {
		return Credential{}, err
	}
	s.cache.keep(sum, c, valid, now, changes)
	if !valid {
		return Credential{}, errNoCredential()
	}
	return c, nil
}

func errNoCredential() error { return fault.New(fault.Unauthenticated, fault.NoCredential, "") }

// credentialOf asks the store. The index finds the hash of the token, whose
// place an attacker cannot steer; the last word is a comparison in constant
// time.
func (s *Store) credentialOf(ctx context.Context, sum [32]byte) (c Credential, valid bool, err error) {
	hash := hex.EncodeToString(sum[:])
	err = s.db.Read(ctx, func(tx *gorm.DB) error {
		row, err := store.First[credentialRow](tx, "token_sha256 = ?", hash)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if row.RevokedAt.Valid || subtle.ConstantTimeCompare([]byte(row.TokenSHA256), []byte(hash)) != 1 {
			return nil
		}
		organisation, err := store.First[organisationRow](tx, "id = ?", row.OrganisationID)
		if err != nil {
			return err
		}
		var apis []string
		if err := tx.Model(&grantRow{}).Where("credential_id = ?", row.ID).Order("api").Pluck("api", &apis).Error; err != nil {
			return err
		}
		c, valid = row.fromDB(organisation.Name, apis), true
		return nil
	})
	return c, valid, err
}

package konovadb

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/konova"
)

// Token is an access of a user, as `loket credential konova` shows it.
type Token struct {
	ID          int64
	User        string
	Groups      []konova.Group
	CreatedAt   time.Time
	ConfirmedAt *time.Time
	ValidUntil  string // YYYY-MM-DD, the last day in UTC; "" is without end
	RevokedAt   *time.Time
}

// CreateTokenInput asks for a token. The user is made when there is none of
// the name; groups, when given, become the user's.
type CreateTokenInput struct {
	User       string
	Groups     []konova.Group
	Confirmed  bool   // else an administrator confirms it later (apis/konova.md 2.2)
	ValidUntil string // YYYY-MM-DD or ""
	Token      string // only for the demo; else 32 random bytes
}

// CreateToken makes a token and gives its text, which is not kept: only its
// hash is.
func (d *DB) CreateToken(ctx context.Context, in CreateTokenInput) (Token, string, error) {
	if err := in.check(); err != nil {
		return Token{}, "", err
	}
	text := in.Token
	if text == "" {
		var random [32]byte
		if _, err := io.ReadFull(d.Entropy, random[:]); err != nil {
			return Token{}, "", fmt.Errorf("konovadb: no entropy: %w", err)
		}
		text = base64.RawURLEncoding.EncodeToString(random[:])
	}
	var made Token
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		user, err := d.ensureUser(tx, in.User, in.Groups)
		if err != nil {
			return err
		}
		now := d.Now()
		row := tokenRow{UserID: user.ID, TokenSHA256: hash(text), CreatedAt: store.At(now), ValidUntil: store.Date(in.ValidUntil), Version: 1}
		if in.Confirmed {
			row.ConfirmedAt = store.NullAt(&now)
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		made = row.fromDB(user.fromDB())
		return nil
	})
	return made, text, err
}

func (in CreateTokenInput) check() error {
	if strings.TrimSpace(in.User) == "" || len(in.User) > 150 || strings.ContainsAny(in.User, ":\x00\r\n") {
		return fault.New(fault.Invalid, fault.BadBody, "a user name has 1 to 150 characters and no colon")
	}
	for _, g := range in.Groups {
		if !slices.Contains(konova.Groups, g) {
			return fault.New(fault.Invalid, fault.BadBody, "there is no group %q; the groups are %v", string(g), konova.Groups)
		}
	}
	if _, err := time.Parse(time.DateOnly, in.ValidUntil); in.ValidUntil != "" && err != nil {
		return fault.New(fault.Invalid, fault.BadBody, "the end of validity is a day as YYYY-MM-DD")
	}
	return nil
}

// ensureUser finds the user or makes one; groups that are given become his.
func (d *DB) ensureUser(tx *gorm.DB, name string, groups []konova.Group) (*userRow, error) {
	var joined []string
	for _, g := range konova.Groups {
		if slices.Contains(groups, g) {
			joined = append(joined, string(g))
		}
	}
	row, err := store.First[userRow](store.Lock(tx), "name = ?", name)
	switch {
	case fault.KindOf(err) == fault.NotFound && err != nil:
		row = &userRow{Name: name, Groups: strings.Join(joined, ","), CreatedAt: store.At(d.Now()), Version: 1}
		return row, tx.Create(row).Error
	case err != nil:
		return nil, err
	case len(groups) > 0 && row.Groups != strings.Join(joined, ","):
		row.Groups = strings.Join(joined, ",")
		return row, store.Update(tx, row)
	}
	return row, nil
}

func (r tokenRow) fromDB(u konova.User) Token {
	return Token{
		ID: r.ID, User: u.Name, Groups: u.Groups, CreatedAt: r.CreatedAt.Time,
		ConfirmedAt: r.ConfirmedAt.Ptr(), ValidUntil: string(r.ValidUntil), RevokedAt: r.RevokedAt.Ptr(),
	}
}

// ListTokens gives all tokens, oldest first.
func (d *DB) ListTokens(ctx context.Context) ([]Token, error) {
	var out []Token
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		var users []userRow
		var tokens []tokenRow
		if err := tx.Find(&users).Error; err != nil {
			return err
		}
		if err := tx.Order("id").Find(&tokens).Error; err != nil {
			return err
		}
		byID := map[int64]konova.User{}
		for _, u := range users {
			byID[u.ID] = u.fromDB()
		}
		for _, t := range tokens {
			out = append(out, t.fromDB(byID[t.UserID]))
		}
		return nil
	})
	return out, err
}

// ConfirmToken makes a token usable; validUntil (YYYY-MM-DD, or "" for no end)
// becomes its end.
func (d *DB) ConfirmToken(ctx context.Context, id int64, validUntil string) error {
	if err := (CreateTokenInput{User: "x", ValidUntil: validUntil}).check(); err != nil {
		return err
	}
	now := d.Now()
	return d.changeToken(ctx, id, func(t *tokenRow) {
		t.ConfirmedAt, t.ValidUntil = store.NullAt(&now), store.Date(validUntil)
	})
}

// RevokeToken ends a token for good, within a second everywhere.
func (d *DB) RevokeToken(ctx context.Context, id int64) error {
	now := d.Now()
	return d.changeToken(ctx, id, func(t *tokenRow) { t.RevokedAt = store.NullAt(&now) })
}

func (d *DB) changeToken(ctx context.Context, id int64, change func(*tokenRow)) error {
	defer d.tokens.clear()
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		row, err := store.First[tokenRow](store.Lock(tx), "id = ?", id)
		if err != nil {
			return err
		}
		change(row)
		return store.Update(tx, row)
	})
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Access is a token that was presented, and whose it is. It is shared by the
// requests of a second: nobody changes it.
type Access struct {
	TokenID int64
	Client  string // names the token where requests are counted
	User    konova.User
}

// Authenticate finds the user of a token. Unknown, unconfirmed, expired,
// revoked, or another user's: Unauthenticated/NoCredential, all alike. An
// answer may be up to a second old, because the commands that confirm and
// revoke are other processes.
func (d *DB) Authenticate(ctx context.Context, user, token string) (*Access, error) {
	now := d.Now()
	sum := sha256.Sum256([]byte(token))
	found, ok := d.tokens.look(sum, now)
	if !ok {
		var err error
		changes := d.tokens.changed()
		if found, err = d.token(ctx, sum, now); err != nil {
			return nil, err
		}
		d.tokens.keep(sum, found, changes)
	}
	if found.access == nil || subtle.ConstantTimeCompare([]byte(found.access.User.Name), []byte(user)) != 1 {
		return nil, fault.New(fault.Unauthenticated, fault.NoCredential, "")
	}
	return found.access, nil
}

// token asks the store; without an Access there is none. The index finds the
// hash of the token, whose place an attacker cannot steer; the last word is a
// comparison in constant time.
func (d *DB) token(ctx context.Context, sum [32]byte, now time.Time) (knownToken, error) {
	known := knownToken{asked: now}
	text := hex.EncodeToString(sum[:])
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		row, err := store.First[tokenRow](tx, "token_sha256 = ?", text)
		if err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return nil
			}
			return err
		}
		today := store.DateOf(now.UTC())
		usable := row.ConfirmedAt.Valid && !row.RevokedAt.Valid && (row.ValidUntil == "" || row.ValidUntil >= today)
		if !usable || subtle.ConstantTimeCompare([]byte(row.TokenSHA256), []byte(text)) != 1 {
			return nil
		}
		user, err := store.First[userRow](tx, "id = ?", row.UserID)
		if err != nil {
			return err
		}
		known.access = &Access{TokenID: row.ID, Client: API + ":" + strconv.FormatInt(row.ID, 10), User: user.fromDB()}
		return nil
	})
	return known, err
}

type knownToken struct {
	access *Access
	asked  time.Time
}

// maxTokens bounds each half of the cache; a full half is emptied, so that
// tokens made up by an attacker never push out the real ones.
const maxTokens = 10_000

// tokenCache remembers answers for a second by the token's hash.
type tokenCache struct {
	lock           sync.RWMutex
	changes        uint64 // counts clear, so that an answer from before it is not kept
	valid, refused map[[32]byte]knownToken
}

func (c *tokenCache) clear() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.changes++
	c.valid, c.refused = nil, nil
}

func (c *tokenCache) changed() uint64 {
	c.lock.RLock()
	defer c.lock.RUnlock()
	return c.changes
}

func (c *tokenCache) look(sum [32]byte, now time.Time) (knownToken, bool) {
	c.lock.RLock()
	defer c.lock.RUnlock()
	k, ok := c.valid[sum]
	if !ok {
		k, ok = c.refused[sum]
	}
	age := now.Sub(k.asked) // a clock that was set back is a reason to ask again
	return k, ok && age >= 0 && age < time.Second
}

func (c *tokenCache) keep(sum [32]byte, k knownToken, changes uint64) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if changes != c.changes {
		return
	}
	to, other := &c.valid, c.refused
	if k.access == nil {
		to, other = &c.refused, c.valid
	}
	delete(other, sum)
	if *to == nil || len(*to) >= maxTokens {
		*to = map[[32]byte]knownToken{}
	}
	(*to)[sum] = k
}

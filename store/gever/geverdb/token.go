package geverdb

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/settings"
)

// TokenLife is how long a token of Login is good (gever.md 3.1).
const TokenLife = 12 * time.Hour

// keySetting is where the key of the tokens is kept.
const keySetting = "gever.jwt_key"

// claims are those of our own tokens.
type claims struct {
	jwt.RegisteredClaims

	Key string `json:"key,omitempty"` // id of the service key that it was given for
}

// sign makes a token for a user. key is the id of the service key that it
// depends on; "" for a token of @login.
func (d *DB) sign(ctx context.Context, user, key string, life time.Duration) (string, error) {
	secret, err := d.tokenKey(ctx)
	if err != nil {
		return "", err
	}
	now := d.Now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{Key: key, RegisteredClaims: jwt.RegisteredClaims{
		ID: newUID(), Subject: user, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}}).SignedString(secret)
}

// Token tells whose a token of Login or Grant is, for a request from an
// address. It is not good when it has ended (Logout), when its service key was
// revoked or may not be used from there, and when its user is gone.
//
// Faults: TokenExpired, NoCredential.
func (d *DB) Token(ctx context.Context, token, address string) (User, error) {
	c, err := d.claimsOf(ctx, token)
	if err != nil {
		return User{}, err
	}
	if c.Key != "" {
		k, err := d.serviceKey(ctx, "id", c.Key)
		if err != nil {
			return User{}, err
		}
		if k == nil || !k.From(address) {
			return User{}, noCredential()
		}
	}
	return d.holder(ctx, c.Subject)
}

func noCredential() error { return fault.New(fault.Unauthenticated, fault.NoCredential, "") }

// claimsOf reads a token that we signed, and that has neither expired nor
// ended.
func (d *DB) claimsOf(ctx context.Context, token string) (*claims, error) {
	key, err := d.tokenKey(ctx)
	if err != nil {
		return nil, err
	}
	c := &claims{}
	_, err = jwt.ParseWithClaims(token, c, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(d.Now), jwt.WithExpirationRequired())
	if errors.Is(err, jwt.ErrTokenExpired) {
		return nil, fault.New(fault.Unauthenticated, gever.TokenExpired, "Access token expired")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unauthenticated, fault.NoCredential, "")
	}
	ended, err := d.ended.get(d.Now(), c.ID, func() (bool, error) {
		var n int64
		err := d.DB.Reader(ctx).Model(&endedTokenRow{}).Where("id = ?", c.ID).Count(&n).Error
		return n > 0, store.Translate(err)
	})
	if err == nil && ended {
		err = noCredential()
	}
	return c, err
}

// Renew gives another token for the user of one of Login, and says who that is;
// the old one stays good until its own end. NotRenewable for a token of a
// service.
func (d *DB) Renew(ctx context.Context, token string) (string, User, error) {
	c, err := d.claimsOf(ctx, token)
	if err != nil {
		return "", User{}, err
	}
	row, err := d.user(ctx, "id", c.Subject)
	if err != nil {
		return "", User{}, err
	}
	if c.Key != "" || row == nil {
		return "", User{}, fault.New(fault.Unauthenticated, gever.NotRenewable, "The authentication token is invalid.")
	}
	renewed, err := d.sign(ctx, c.Subject, "", TokenLife)
	return renewed, userOf(row), err
}

// Logout ends a token before its time: in this process at once, in others
// within a second.
func (d *DB) Logout(ctx context.Context, token string) error {
	c, err := d.claimsOf(ctx, token)
	if err != nil {
		return err
	}
	defer d.ended.drop(c.ID)
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		now := store.At(d.Now())
		// What has run out needs no mark any more.
		if err := tx.Where("expires_at < ?", now).Delete(&endedTokenRow{}).Error; err != nil {
			return store.Translate(err)
		}
		row := endedTokenRow{ID: c.ID, ExpiresAt: store.At(c.ExpiresAt.Time)}
		return store.Translate(tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
	})
}

// Grant gives an access token for a service's assertion, a JWT signed with its
// key (gever.md 3.1, RFC 7523). The token is good for gever.AccessLife.
//
// InvalidGrant says why there is none; every refusal of an assertion has it.
func (d *DB) Grant(ctx context.Context, assertion, address string) (string, error) {
	var (
		key    *gever.ServiceKey
		public *rsa.PublicKey
		failed error
	)
	c := &assertionClaims{}
	_, err := jwt.ParseWithClaims(assertion, c, func(*jwt.Token) (any, error) {
		key, public, failed = d.signer(ctx, c.Issuer)
		return public, failed
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithoutClaimsValidation())
	switch {
	case failed != nil:
		return "", failed
	case err != nil:
		return "", assertionFault(err)
	}
	if !key.From(address) {
		return "", gever.BadGrant("The service key may not be used from this address.")
	}
	if err := key.Check(c.assertion(), d.Now()); err != nil {
		return "", err
	}
	if err := d.mayActFor(ctx, key, c.Subject); err != nil {
		return "", err
	}
	if err := d.once(ctx, key, c); err != nil {
		return "", err
	}
	d.Log.InfoContext(ctx, "gever token given to a service", "key", key.ID, "user", key.User, "for", c.Subject)
	return d.sign(ctx, c.Subject, key.ID, gever.AccessLife)
}

// assertionClaims are those of a service's JWT; which of them are there
// matters.
type assertionClaims struct {
	jwt.RegisteredClaims

	Scope  any `json:"scope"`
	Scopes any `json:"scopes"`
}

func (c *assertionClaims) assertion() gever.Assertion {
	a := gever.Assertion{Audience: c.Audience, Subject: c.Subject, NotBefore: c.NotBefore != nil, Scope: c.Scope != nil || c.Scopes != nil}
	if c.IssuedAt != nil {
		a.IssuedAt = &c.IssuedAt.Time
	}
	if c.ExpiresAt != nil {
		a.ExpiresAt = &c.ExpiresAt.Time
	}
	return a
}

// assertionFault is why an assertion could not be read.
func assertionFault(err error) error {
	if errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return fault.Wrap(err, fault.Invalid, gever.InvalidGrant, "The assertion must be signed with RS256 and the private key of the service key.")
	}
	return fault.Wrap(err, fault.Invalid, gever.InvalidGrant, "The assertion is no valid JWT.")
}

// signer finds the key of a client that was not revoked.
func (d *DB) signer(ctx context.Context, clientID string) (*gever.ServiceKey, *rsa.PublicKey, error) {
	var row serviceKeyRow
	res := d.DB.Reader(ctx).Where("client_id = ?", clientID).Limit(1).Find(&row)
	if res.Error != nil {
		return nil, nil, store.Translate(res.Error)
	}
	if res.RowsAffected == 0 || row.RevokedAt.Ptr() != nil {
		return nil, nil, gever.BadGrant("There is no service key for the claim iss.")
	}
	key, err := row.key()
	if err != nil {
		return nil, nil, err
	}
	public, err := jwt.ParseRSAPublicKeyFromPEM([]byte(row.PublicKey))
	return key, public, err
}

// mayActFor says whether the key's user may be the subject: himself, or with
// the role Impersonator any other user.
func (d *DB) mayActFor(ctx context.Context, key *gever.ServiceKey, subject string) error {
	for _, id := range []string{key.User, subject} {
		row, err := d.user(ctx, "id", id)
		if err != nil {
			return err
		}
		if row == nil {
			return gever.BadGrant("There is no service key for the claims iss and sub.")
		}
	}
	if subject == key.User {
		return nil
	}
	return d.DB.Read(ctx, func(tx *gorm.DB) error {
		site, err := d.spot(tx, key.User, "")
		if err == nil && !site.roles.Any([]gever.Role{gever.Impersonator}) {
			err = gever.BadGrant("There is no service key for the claims iss and sub: %s is no Impersonator.", key.User)
		}
		return err
	})
}

// once lets an assertion that names itself (jti) give one token only.
func (d *DB) once(ctx context.Context, key *gever.ServiceKey, c *assertionClaims) error {
	if c.ID == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(key.ID + " " + c.ID))
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("expires_at < ?", store.At(d.Now())).Delete(&assertionRow{}).Error; err != nil {
			return store.Translate(err)
		}
		return store.Translate(tx.Create(&assertionRow{ID: hex.EncodeToString(sum[:]), ExpiresAt: store.At(c.ExpiresAt.Time)}).Error)
	})
	if fault.ReasonOf(err) == fault.Duplicate {
		return gever.BadGrant("The assertion was used before.")
	}
	return err
}

// NewServiceKey is what a service key is made of.
type NewServiceKey struct {
	User     string
	Title    string // what it is for
	TokenURI string
	IPRanges string // networks with commas between; "" is anywhere
	Public   *rsa.PublicKey
}

// CreateServiceKey keeps the public half of a service's key. Its private half
// never comes here.
//
// Faults: Missing when there is no such user, BadRequest for IPRanges.
func (d *DB) CreateServiceKey(ctx context.Context, n NewServiceKey) (*gever.ServiceKey, error) {
	ranges, err := gever.ParseIPRanges(n.IPRanges)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(n.Public)
	if err != nil {
		return nil, err
	}
	row := serviceKeyRow{
		ID: newUID(), ClientID: newUID(), UserID: n.User, Title: n.Title, TokenURI: n.TokenURI, IPRanges: gever.FormatIPRanges(ranges),
		PublicKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), CreatedAt: store.At(d.Now()),
	}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if _, err := store.First[userRow](tx, "id = ? AND active", n.User); err != nil {
			return err
		}
		return store.Translate(tx.Create(&row).Error)
	})
	if err != nil {
		return nil, err
	}
	return row.key()
}

// ServiceKeys lists all keys, the revoked too, in the order in which they were
// made.
func (d *DB) ServiceKeys(ctx context.Context) ([]*gever.ServiceKey, error) {
	var rows []serviceKeyRow
	if err := d.DB.Reader(ctx).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]*gever.ServiceKey, len(rows))
	for i := range rows {
		key, err := rows[i].key()
		if err != nil {
			return nil, err
		}
		out[i] = key
	}
	return out, nil
}

// RevokeServiceKey ends a key and every token that it gave, within a second.
// Missing when there is none of this id; revoking twice changes nothing.
func (d *DB) RevokeServiceKey(ctx context.Context, id string) error {
	defer d.keys.drop("id " + id)
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		row, err := store.First[serviceKeyRow](store.Lock(tx), "id = ?", id)
		if err != nil || row.RevokedAt.Ptr() != nil {
			return err
		}
		return store.Translate(tx.Model(row).Where("id = ?", id).Update("revoked_at", store.At(d.Now())).Error)
	})
}

// serviceKey finds a key that was not revoked; nil when there is none.
func (d *DB) serviceKey(ctx context.Context, column, value string) (*gever.ServiceKey, error) {
	return d.keys.get(d.Now(), column+" "+value, func() (*gever.ServiceKey, error) {
		var row serviceKeyRow
		res := d.DB.Reader(ctx).Where(column+" = ? AND revoked_at IS NULL", value).Limit(1).Find(&row)
		if res.Error != nil || res.RowsAffected == 0 {
			return nil, store.Translate(res.Error)
		}
		return row.key()
	})
}

// tokenKey is the store's key; it is made once.
func (d *DB) tokenKey(ctx context.Context) ([]byte, error) {
	d.key.mu.Lock()
	defer d.key.mu.Unlock()
	if d.key.key != nil {
		return d.key.key, nil
	}
	text, err := settings.Get(ctx, d.DB, keySetting)
	if err == nil && text == "" {
		var fresh [32]byte
		_, _ = rand.Read(fresh[:]) // never fails (crypto/rand)
		text, err = settings.Once(ctx, d.DB, keySetting, hex.EncodeToString(fresh[:]))
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	d.key.key = key
	return key, nil
}

// serviceKeyRow is the public half of a service's key.
type serviceKeyRow struct {
	ID        string         `gorm:"primaryKey"`
	ClientID  string         `gorm:"not null;uniqueIndex"`
	UserID    string         `gorm:"not null"`
	Title     string         `gorm:"not null"`
	TokenURI  string         `gorm:"not null"`
	IPRanges  string         `gorm:"not null"` // networks with commas between
	PublicKey string         `gorm:"not null"` // PKIX in PEM
	CreatedAt store.Time     `gorm:"not null;autoCreateTime:false"`
	RevokedAt store.NullTime `gorm:""`
}

func (serviceKeyRow) TableName() string { return "gever_service_keys" }

func (r *serviceKeyRow) key() (*gever.ServiceKey, error) {
	ranges, err := gever.ParseIPRanges(r.IPRanges)
	return &gever.ServiceKey{
		ID: r.ID, ClientID: r.ClientID, User: r.UserID, Title: r.Title, TokenURI: r.TokenURI, IPRanges: ranges,
		IssuedAt: r.CreatedAt.Time, RevokedAt: r.RevokedAt.Ptr(),
	}, err
}

// endedTokenRow marks a token that ended before its time.
type endedTokenRow struct {
	ID        string     `gorm:"primaryKey"`
	ExpiresAt store.Time `gorm:"not null;index"`
}

func (endedTokenRow) TableName() string { return "gever_ended_tokens" }

// assertionRow marks an assertion that has given its token.
type assertionRow struct {
	ID        string     `gorm:"primaryKey"` // SHA-256 of key and jti
	ExpiresAt store.Time `gorm:"not null;index"`
}

func (assertionRow) TableName() string { return "gever_assertions" }

// tokenRows are the rows of this file, for their migration.
func tokenRows() []any { return []any{&serviceKeyRow{}, &endedTokenRow{}, &assertionRow{}} }

package geverdb

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Session is what a browser holds of a session at the portal. Both are
// secrets: neither is kept here, only their hashes.
type Session struct {
	ID   string // of the cookie that scripts cannot read
	CSRF string // what requests of this session repeat in a header
}

// ticketMark begins each ticket (CAS protocol 3.1.1).
const ticketMark = "ST-"

// PortalLogin opens a session at the portal for gever.SessionLife.
//
// Faults: NoCredentials, WrongCredentials.
func (d *DB) PortalLogin(ctx context.Context, login, password string) (Session, User, error) {
	u, err := d.loggedIn(ctx, login, password)
	if err != nil {
		return Session{}, User{}, err
	}
	s := Session{ID: secret(), CSRF: secret()}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("expires_at <= ?", store.At(d.Now())).Delete(&portalSessionRow{}).Error; err != nil {
			return store.Translate(err)
		}
		return store.Translate(tx.Create(&portalSessionRow{
			ID: hashed(s.ID), CSRF: hashed(s.CSRF), UserID: u.ID, ExpiresAt: store.At(d.Now().Add(gever.SessionLife)),
		}).Error)
	})
	return s, u, err
}

// PortalUser tells whose a session is; NoCredential when it is nobody's, has
// ended, or its user is gone.
func (d *DB) PortalUser(ctx context.Context, session string) (User, error) {
	row, err := d.portalSession(ctx, session)
	if err != nil {
		return User{}, err
	}
	return d.holder(ctx, row.UserID)
}

// Ticket gives the user of a session a ticket for a service, good once and for
// gever.TicketLife.
//
// Faults: NoCredential, CSRFFailed when csrf is not the session's.
func (d *DB) Ticket(ctx context.Context, session, csrf, service string) (string, error) {
	row, err := d.portalSession(ctx, session)
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare([]byte(hashed(csrf)), []byte(row.CSRF)) != 1 {
		return "", fault.New(fault.Forbidden, gever.CSRFFailed, "CSRF Failed: X-CSRFToken missing or incorrect.")
	}
	if _, err := d.holder(ctx, row.UserID); err != nil {
		return "", err
	}
	ticket := ticketMark + secret()
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("expires_at <= ?", store.At(d.Now())).Delete(&portalTicketRow{}).Error; err != nil {
			return store.Translate(err)
		}
		return store.Translate(tx.Create(&portalTicketRow{
			ID: hashed(ticket), UserID: row.UserID, Service: service, ExpiresAt: store.At(d.Now().Add(gever.TicketLife)),
		}).Error)
	})
	return ticket, err
}

// CasLogin gives a token as Login does for a ticket. Whatever comes of it, the
// ticket is used then, also with another service than it was given for (CAS
// protocol 2.5.3, INVALID_SERVICE).
//
// Faults: NoCredentials, WrongCredentials.
func (d *DB) CasLogin(ctx context.Context, ticket, service string) (string, error) {
	if ticket == "" || service == "" {
		return "", fault.New(fault.Invalid, gever.NoCredentials, "Ticket and service must be provided in body.")
	}
	refused := fault.New(fault.Unauthenticated, gever.WrongCredentials, "The ticket is not valid for this service.")
	row, err := d.useUp(ctx, ticket)
	if err != nil {
		return "", err
	}
	if row == nil || row.Service != service || !d.Now().Before(row.ExpiresAt.Time) {
		return "", refused
	}
	u, err := d.holder(ctx, row.UserID)
	if err != nil && fault.ReasonOf(err) == fault.NoCredential {
		return "", refused
	}
	if err != nil {
		return "", err
	}
	return d.sign(ctx, u.ID, "", TokenLife)
}

// useUp uses a ticket up; nil when there is none. Of several that come at once,
// one has deleted the row.
func (d *DB) useUp(ctx context.Context, ticket string) (*portalTicketRow, error) {
	var row portalTicketRow
	res := d.DB.Reader(ctx).Where("id = ?", hashed(ticket)).Limit(1).Find(&row)
	if res.Error != nil || res.RowsAffected == 0 { // and no write for what was made up
		return nil, store.Translate(res.Error)
	}
	var taken bool
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		res := tx.Where("id = ?", row.ID).Delete(&portalTicketRow{})
		taken = res.RowsAffected == 1
		return store.Translate(res.Error)
	})
	if err != nil || !taken {
		return nil, err
	}
	return &row, nil
}

// portalSession is the row of a session that has not ended.
func (d *DB) portalSession(ctx context.Context, session string) (*portalSessionRow, error) {
	var row portalSessionRow
	res := d.DB.Reader(ctx).Where("id = ? AND expires_at > ?", hashed(session), store.At(d.Now())).Limit(1).Find(&row)
	if res.Error != nil {
		return nil, store.Translate(res.Error)
	}
	if res.RowsAffected == 0 {
		return nil, noCredential()
	}
	return &row, nil
}

// holder is an active user; NoCredential when there is none of this id.
func (d *DB) holder(ctx context.Context, id string) (User, error) {
	row, err := d.user(ctx, "id", id)
	if err != nil {
		return User{}, err
	}
	if row == nil {
		return User{}, noCredential()
	}
	return userOf(row), nil
}

// secret is 32 random bytes, in the letters of URLs.
func secret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// hashed is what is kept of a secret: it is random, so that no salt is needed
// and nobody finds it by trying.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// portalSessionRow is a session at the portal.
type portalSessionRow struct {
	ID        string     `gorm:"primaryKey"` // SHA-256
	CSRF      string     `gorm:"not null"`   // SHA-256
	UserID    string     `gorm:"not null"`
	ExpiresAt store.Time `gorm:"not null;index"`
}

func (portalSessionRow) TableName() string { return "gever_portal_sessions" }

// portalTicketRow is a ticket that nobody has used yet.
type portalTicketRow struct {
	ID        string     `gorm:"primaryKey"` // SHA-256
	UserID    string     `gorm:"not null"`
	Service   string     `gorm:"not null"`
	ExpiresAt store.Time `gorm:"not null;index"`
}

func (portalTicketRow) TableName() string { return "gever_portal_tickets" }

// portalRows are the rows of this file, for their migration.
func portalRows() []any { return []any{&portalSessionRow{}, &portalTicketRow{}} }

package blobs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
)

// Ticket is a one-time address for one thing: who has its token needs no other
// credential (apis/capo.md 3.2). Only the token's SHA-256 is kept.
type Ticket struct {
	API       string // "capo"; a ticket opens nothing of another API
	Purpose   string // "upload"; nor another purpose
	Subject   string // what it is for, in the API's words: the id of the file
	ExpiresAt time.Time
	UsedAt    *time.Time // nil until redeemed
}

// Tickets gives out one-time addresses.
type Tickets struct {
	db  *store.DB
	now func() time.Time
}

// keepExpired is how long a ticket is kept after it ran out: nobody can use
// it, but who looks for what happened finds it.
const keepExpired = 24 * time.Hour

// tokenLen is 32 random bytes in base64url without padding.
const tokenLen = 43

type ticketRow struct {
	Hash      string     `gorm:"primaryKey"` // SHA-256 of the token, hex
	API       string     `gorm:"not null"`
	Purpose   string     `gorm:"not null"`
	Subject   string     `gorm:"not null"`
	ExpiresAt store.Time `gorm:"not null;index:blob_tickets_expires_at"` // for the sweep
	UsedAt    store.NullTime
}

func (ticketRow) TableName() string { return "blob_tickets" }

// Migrations makes the table of tickets.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "blobs-0001", Up: func(tx *gorm.DB) error {
		return store.CreateTables(tx, &ticketRow0001{})
	}}}
}

type ticketRow0001 struct {
	Hash      string     `gorm:"primaryKey"`
	API       string     `gorm:"not null"`
	Purpose   string     `gorm:"not null"`
	Subject   string     `gorm:"not null"`
	ExpiresAt store.Time `gorm:"not null;index:blob_tickets_expires_at"`
	UsedAt    store.NullTime
}

func (ticketRow0001) TableName() string { return "blob_tickets" }

// NewTickets gives out tickets of the store; now tells when they run out.
func NewTickets(db *store.DB, now func() time.Time) *Tickets { return &Tickets{db: db, now: now} }

// Issue keeps a new ticket in the transaction and tells its token: 43
// characters of base64url, to be shown once. UsedAt is not looked at.
func (t *Tickets) Issue(tx *gorm.DB, k Ticket) (string, error) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	token := base64.RawURLEncoding.EncodeToString(b[:])
	row := ticketRow{Hash: hash(token), API: k.API, Purpose: k.Purpose, Subject: k.Subject, ExpiresAt: store.At(k.ExpiresAt)}
	if err := tx.Create(&row).Error; err != nil {
		return "", store.Translate(err)
	}
	return token, nil
}

// Look tells what a token is for and leaves it usable, so that a body can be
// received before Redeem, and a broken one costs nothing. Faults: Forbidden
// (AddressInvalid) when it is unknown, of another API or purpose, or has run
// out; Conflict (AddressUsed) when it was used.
func (t *Tickets) Look(ctx context.Context, api, purpose, token string) (Ticket, error) {
	row, err := t.find(t.db.Reader(ctx), api, purpose, token)
	if err != nil {
		return Ticket{}, err
	}
	return fromRow(row), nil
}

// Redeem uses the token up, in the transaction of what it is used for: of many
// at once one wins, and when the transaction fails the token stays usable.
// Faults as Look's.
func (t *Tickets) Redeem(tx *gorm.DB, api, purpose, token string) (Ticket, error) {
	row, err := t.find(store.Lock(tx), api, purpose, token)
	if err != nil {
		return Ticket{}, err
	}
	at := t.now()
	row.UsedAt = store.NullAt(&at)
	used := tx.Model(&ticketRow{}).Where("hash = ? AND used_at IS NULL", row.Hash).Update("used_at", row.UsedAt)
	if used.Error != nil {
		return Ticket{}, store.Translate(used.Error)
	}
	if used.RowsAffected != 1 {
		return Ticket{}, addressUsed()
	}
	return fromRow(row), nil
}

func (t *Tickets) find(tx *gorm.DB, api, purpose, token string) (*ticketRow, error) {
	if len(token) != tokenLen {
		return nil, addressInvalid()
	}
	row, err := store.First[ticketRow](tx, "hash = ?", hash(token))
	if fault.ReasonOf(err) == fault.Missing {
		return nil, addressInvalid()
	}
	switch {
	case err != nil:
		return nil, err
	case row.API != api, row.Purpose != purpose, !t.now().Before(row.ExpiresAt.Time):
		return nil, addressInvalid()
	case row.UsedAt.Valid:
		return nil, addressUsed()
	default:
		return row, nil
	}
}

// removeExpired forgets tickets that ran out a day ago.
func (t *Tickets) removeExpired(ctx context.Context) (int, error) {
	var removed int64
	err := t.db.InTx(ctx, func(tx *gorm.DB) error {
		gone := tx.Where("expires_at < ?", store.At(t.now().Add(-keepExpired))).Delete(&ticketRow{})
		removed = gone.RowsAffected
		return gone.Error
	})
	return int(removed), err
}

func fromRow(row *ticketRow) Ticket {
	return Ticket{API: row.API, Purpose: row.Purpose, Subject: row.Subject, ExpiresAt: row.ExpiresAt.Time, UsedAt: row.UsedAt.Ptr()}
}

// hash needs no salt and no slowness: the token has 256 bits of randomness.
func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func addressInvalid() error { return fault.New(fault.Forbidden, fault.AddressInvalid, "") }

func addressUsed() error { return fault.New(fault.Conflict, fault.AddressUsed, "") }

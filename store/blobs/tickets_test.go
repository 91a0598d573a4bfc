package blobs_test

import (
	"encoding/base64"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
	"loket/store/fault"
	"loket/store/storetest"
)

// clock is a clock that stands still until it is told.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) Now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) Advance(d time.Duration) { c.at.Add(int64(d)) }

func openTickets(t *testing.T) (*store.DB, *blobs.Tickets, *clock) {
	t.Helper()
	db, c := storetest.Open(t, blobs.Migrations()), newClock()
	return db, blobs.NewTickets(db, c.Now), c
}

func issue(t *testing.T, db *store.DB, ts *blobs.Tickets, k blobs.Ticket) (token string) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx *gorm.DB) (err error) { token, err = ts.Issue(tx, k); return err })
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func redeem(t *testing.T, db *store.DB, ts *blobs.Tickets, api, purpose, token string) (k blobs.Ticket, err error) {
	t.Helper()
	err = db.InTx(t.Context(), func(tx *gorm.DB) (err error) { k, err = ts.Redeem(tx, api, purpose, token); return err })
	return k, err
}

func wantReason(t *testing.T, err error, kind fault.Kind, reason fault.Reason) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind || fault.ReasonOf(err) != reason {
		t.Errorf("got %v, want %v (%s)", err, kind, reason)
	}
}

func TestTicketOnce(t *testing.T) {
	db, ts, c := openTickets(t)
	k := blobs.Ticket{API: "capo", Purpose: "upload", Subject: "62c7d159eb277e1b79161430", ExpiresAt: c.Now().Add(15 * time.Minute)}
	token := issue(t, db, ts, k)
	if raw, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(raw) != 32 || len(token) != 43 {
		t.Fatalf("token %q: %v", token, err)
	}
	for range 2 { // looking leaves it usable
		if got, err := ts.Look(t.Context(), "capo", "upload", token); err != nil || got != k {
			t.Fatalf("looked at %+v, %v, want %+v", got, err, k)
		}
	}
	got, err := redeem(t, db, ts, "capo", "upload", token)
	if err != nil || got.UsedAt == nil || !got.UsedAt.Equal(c.Now()) || got.Subject != k.Subject {
		t.Fatalf("redeemed %+v, %v", got, err)
	}
	_, err = redeem(t, db, ts, "capo", "upload", token)
	wantReason(t, err, fault.Conflict, fault.AddressUsed)
	_, err = ts.Look(t.Context(), "capo", "upload", token)
	wantReason(t, err, fault.Conflict, fault.AddressUsed)
}

func TestTicketRefused(t *testing.T) {
	db, ts, c := openTickets(t)
	token := issue(t, db, ts, blobs.Ticket{API: "capo", Purpose: "upload", Subject: "x", ExpiresAt: c.Now().Add(15 * time.Minute)})
	for _, r := range []struct{ name, api, purpose, token string }{
		{"unknown", "capo", "upload", "A" + token[1:42] + "_"},
		{"empty", "capo", "upload", ""},
		{"short", "capo", "upload", token[:42]},
		{"long", "capo", "upload", token + "A"},
		{"another API", "vemap", "upload", token},
		{"another purpose", "capo", "download", token},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := ts.Look(t.Context(), r.api, r.purpose, r.token)
			wantReason(t, err, fault.Forbidden, fault.AddressInvalid)
			_, err = redeem(t, db, ts, r.api, r.purpose, r.token)
			wantReason(t, err, fault.Forbidden, fault.AddressInvalid)
		})
	}
	c.Advance(15*time.Minute - time.Microsecond)
	if _, err := ts.Look(t.Context(), "capo", "upload", token); err != nil {
		t.Errorf("just before it runs out: %v", err)
	}
	c.Advance(time.Microsecond)
	_, err := ts.Look(t.Context(), "capo", "upload", token)
	wantReason(t, err, fault.Forbidden, fault.AddressInvalid)
	_, err = redeem(t, db, ts, "capo", "upload", token)
	wantReason(t, err, fault.Forbidden, fault.AddressInvalid)
}

// Only the hash is kept: who reads the database cannot use it.
func TestTicketKeepsNoToken(t *testing.T) {
	db, ts, c := openTickets(t)
	token := issue(t, db, ts, blobs.Ticket{API: "capo", Purpose: "upload", Subject: "x", ExpiresAt: c.Now().Add(time.Hour)})
	var rows []map[string]any
	if err := db.Reader(t.Context()).Table("blob_tickets").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 {
		t.Fatalf("%d rows", len(rows))
	}
	for column, v := range rows[0] {
		if v == token {
			t.Errorf("column %s has the token", column)
		}
	}
}

// A transaction that fails leaves the token usable.
func TestTicketSurvivesFailure(t *testing.T) {
	db, ts, c := openTickets(t)
	token := issue(t, db, ts, blobs.Ticket{API: "capo", Purpose: "upload", Subject: "x", ExpiresAt: c.Now().Add(time.Hour)})
	failed := errors.New("failed")
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if _, err := ts.Redeem(tx, "capo", "upload", token); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if _, err := redeem(t, db, ts, "capo", "upload", token); err != nil {
		t.Error(err)
	}
}

func TestTicketIssueRolledBack(t *testing.T) {
	db, ts, c := openTickets(t)
	var token string
	_ = db.InTx(t.Context(), func(tx *gorm.DB) (err error) {
		token, err = ts.Issue(tx, blobs.Ticket{API: "capo", Purpose: "upload", Subject: "x", ExpiresAt: c.Now().Add(time.Hour)})
		return errors.Join(err, errors.New("failed"))
	})
	_, err := ts.Look(t.Context(), "capo", "upload", token)
	wantReason(t, err, fault.Forbidden, fault.AddressInvalid)
}

// Of 32 at once exactly one wins; the others are told that it was used.
func TestTicketManyAtOnce(t *testing.T) {
	db, ts, c := openTickets(t)
	token := issue(t, db, ts, blobs.Ticket{API: "capo", Purpose: "upload", Subject: "x", ExpiresAt: c.Now().Add(time.Hour)})
	var won, used atomic.Int64
	var start, wait sync.WaitGroup
	start.Add(1)
	for range 32 {
		wait.Go(func() {
			start.Wait()
			switch _, err := redeem(t, db, ts, "capo", "upload", token); {
			case err == nil:
				won.Add(1)
			case fault.ReasonOf(err) == fault.AddressUsed:
				used.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	start.Done()
	wait.Wait()
	if won.Load() != 1 || used.Load() != 31 {
		t.Errorf("%d won, %d were told that it was used", won.Load(), used.Load())
	}
}

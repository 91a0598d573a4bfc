package geverdb_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store/fault"
	"loket/store/gever"
)

// TestTicketOnce: 32 that come at once with the same ticket get one token.
func TestTicketOnce(t *testing.T) {
	b := open(t)
	session, _, err := b.PortalLogin(t.Context(), john, "Demo-Gever-1!")
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		ticket, err := b.Ticket(t.Context(), session.ID, session.CSRF, "https://a/api/gever")
		if err != nil {
			t.Fatal(err)
		}
		askedAtOnce(t, gever.WrongCredentials, func() error {
			_, err := b.CasLogin(t.Context(), ticket, "https://a/api/gever")
			return err
		})
	}
}

// TestPortalUserGone: whoever has left opens nothing with what he still holds.
func TestPortalUserGone(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	session, _, err := b.PortalLogin(ctx, peter, "Demo-Muster-1!")
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := b.Ticket(ctx, session.ID, session.CSRF, "https://a/api/gever")
	if err != nil {
		t.Fatal(err)
	}
	err = b.store.InTx(ctx, func(tx *gorm.DB) error {
		return tx.Table("gever_users").Where("id = ?", peter).Update("active", false).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	b.at.Add(int64(2 * time.Second)) // no cache knows him
	_, err = b.PortalUser(ctx, session.ID)
	refused(t, "session", err, fault.NoCredential)
	_, err = b.Ticket(ctx, session.ID, session.CSRF, "https://a/api/gever")
	refused(t, "ticket", err, fault.NoCredential)
	_, err = b.CasLogin(ctx, ticket, "https://a/api/gever")
	refused(t, "@caslogin", err, gever.WrongCredentials)
	_, _, err = b.PortalLogin(ctx, peter, "Demo-Muster-1!")
	refused(t, "login", err, gever.WrongCredentials)
}

func refused(t *testing.T, what string, err error, reason fault.Reason) {
	t.Helper()
	if fault.ReasonOf(err) != reason {
		t.Errorf("%s: %v, want %s", what, err, reason)
	}
}

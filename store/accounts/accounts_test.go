package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store/fault"
	"loket/store/objectid"
	"loket/store/storetest"
)

// clock is a time that tests move.
type clock struct{ milliseconds atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2022, 7, 8, 6, 40, 25, 0, time.UTC).Add(time.Duration(c.milliseconds.Load()) * time.Millisecond)
}

func (c *clock) advance(d time.Duration) { c.milliseconds.Add(d.Milliseconds()) }

func open(t *testing.T) (*Store, *clock) {
	t.Helper()
	c := &clock{}
	return New(storetest.Open(t, Migrations()), c.now, objectid.New(c.now, rand.Reader)), c
}

func create(t *testing.T, s *Store, in CreateCredentialInput) (Credential, string) {
	t.Helper()
	c, token, err := s.CreateCredential(t.Context(), in)
	if err != nil {
		t.Fatalf("create a credential: %v", err)
	}
	return c, token
}

func wantFault(t *testing.T, err error, kind fault.Kind, reason fault.Reason) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind || fault.ReasonOf(err) != reason {
		t.Errorf("error = %v, want %v/%v", err, kind, reason)
	}
}

func wantRefused(t *testing.T, s *Store, token string) {
	t.Helper()
	_, err := s.Authenticate(t.Context(), token)
	wantFault(t, err, fault.Unauthenticated, fault.NoCredential)
}

func TestDrift(t *testing.T) {
	storetest.Drift(t, Migrations(), &organisationRow{}, &credentialRow{}, &grantRow{})
}

func TestCreateAndAuthenticate(t *testing.T) {
	s, clock := open(t)
	made, token := create(t, s, CreateCredentialInput{Organisation: " Demo Aannemer Een ", Label: "test", APIs: []string{"plooi", "CAPO", "capo"}})
	if raw, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(raw) != 32 {
		t.Errorf("token of %d bytes, %v; want 32 random ones", len(raw), err)
	}
	want := Credential{ID: made.ID, OrganisationID: made.OrganisationID, OrganisationName: "Demo Aannemer Een", Label: "test", APIs: []string{"capo", "plooi"}, CreatedAt: clock.now()}
	if fmt.Sprint(made) != fmt.Sprint(want) || !objectid.Valid(made.ID) {
		t.Errorf("made %+v, want %+v", made, want)
	}
	for range 2 { // from the store, then from the cache
		got, err := s.Authenticate(t.Context(), token)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("Authenticate = %+v, %v; want %+v", got, err, want)
		}
		if !got.Opens("capo") || !got.Opens("plooi") || got.Opens("gever") || got.Opens("") {
			t.Errorf("opens %q", got.APIs)
		}
	}
	for _, wrong := range []string{"", "x", token + "x", strings.ToLower(token), strings.Repeat("x", 1<<16)} {
		wantRefused(t, s, wrong)
	}
	second, other := create(t, s, CreateCredentialInput{Organisation: strings.ToUpper(made.OrganisationID)})
	if second.OrganisationID != made.OrganisationID || second.OrganisationName != want.OrganisationName || other == token {
		t.Errorf("by the organisation's id: %+v", second)
	}
	third, _ := create(t, s, CreateCredentialInput{Organisation: "Demo Aannemer Een"})
	if third.OrganisationID != made.OrganisationID {
		t.Errorf("by the organisation's name: %+v", third)
	}
}

func TestTheTokenIsNotKept(t *testing.T) {
	s, _ := open(t)
	_, token := create(t, s, CreateCredentialInput{Organisation: "Demo", Token: "demo-capo-nb-e"})
	if token != "demo-capo-nb-e" {
		t.Errorf("token %q, want the demo data's", token)
	}
	var rows []map[string]any
	if err := s.db.Reader(t.Context()).Table("credential").Find(&rows).Error; err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	if kept := fmt.Sprint(rows); strings.Contains(kept, token) {
		t.Errorf("the store has the token: %s", kept)
	}
	_, _, err := s.CreateCredential(t.Context(), CreateCredentialInput{Organisation: "Other", Token: token})
	wantFault(t, err, fault.Conflict, fault.Duplicate)
	if strings.Contains(err.Error(), token) {
		t.Errorf("the error has the token: %v", err)
	}
	if list, err := s.Organisations(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("a refused credential left its organisation: %v, %v", list, err)
	}
}

func TestWhatCreateRefuses(t *testing.T) {
	s, _ := open(t)
	for name, in := range map[string]CreateCredentialInput{
		"no organisation": {},
		"a blank one":     {Organisation: "  "},
		"a long name":     {Organisation: strings.Repeat("é", maxName+1)},
		"a line break":    {Organisation: "a\nb"},
		"a long label":    {Organisation: "a", Label: strings.Repeat("x", maxName+1)},
		"no API":          {Organisation: "a", APIs: []string{""}},
		"a strange API":   {Organisation: "a", APIs: []string{"capo,plooi"}},
	} {
		if _, _, err := s.CreateCredential(t.Context(), in); fault.KindOf(err) != fault.Invalid || fault.From(err).Detail == "" {
			t.Errorf("%s: %v, want Invalid with a text", name, err)
		}
	}
	_, _, err := s.CreateCredential(t.Context(), CreateCredentialInput{Organisation: "62c7d159eb277e1b79161430"})
	wantFault(t, err, fault.NotFound, fault.Missing)
	if !strings.Contains(fault.From(err).Detail, "62c7d159eb277e1b79161430") {
		t.Errorf("the fault does not name the id: %v", err)
	}
}

func TestGrantAndRevoke(t *testing.T) {
	s, clock := open(t)
	c, token := create(t, s, CreateCredentialInput{Organisation: "Demo", APIs: []string{"capo"}})
	clock.advance(time.Minute)
	for range 2 { // again changes nothing
		if err := s.Grant(t.Context(), strings.ToUpper(c.ID), "plooi", "capo"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Authenticate(t.Context(), token); err != nil || !slices.Equal(got.APIs, []string{"capo", "plooi"}) {
		t.Errorf("opens %q, %v; want what was granted, at once", got.APIs, err)
	}
	wantFault(t, s.Grant(t.Context(), "62c7d159eb277e1b79161430", "capo"), fault.NotFound, fault.Missing)
	wantFault(t, s.Grant(t.Context(), c.ID), fault.Invalid, fault.BadBody)
	wantFault(t, s.Grant(t.Context(), c.ID, "no/api"), fault.Invalid, fault.BadBody)

	wantFault(t, s.Revoke(t.Context(), "nobody"), fault.NotFound, fault.Missing)
	revoked := clock.now()
	for range 2 { // the first time counts
		if err := s.Revoke(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
		clock.advance(time.Minute)
	}
	wantRefused(t, s, token)
	wantFault(t, s.Grant(t.Context(), c.ID, "gever"), fault.Conflict, fault.Stale)
	list, err := s.ListCredentials(t.Context())
	if err != nil || len(list) != 1 || list[0].RevokedAt == nil || !list[0].RevokedAt.Equal(revoked) {
		t.Errorf("list %+v, %v; want it revoked at %v", list, err, revoked)
	}
}

// The command and a second instance are other processes: their changes count
// within a second.
func TestAnotherProcess(t *testing.T) {
	s, clock := open(t)
	other := New(s.db, clock.now, objectid.New(clock.now, rand.Reader))
	c, token := create(t, s, CreateCredentialInput{Organisation: "Demo"})
	if _, err := s.Authenticate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(other.Grant(t.Context(), c.ID, "capo"), other.Revoke(t.Context(), c.ID)); err != nil {
		t.Fatal(err)
	}
	clock.advance(999 * time.Millisecond)
	if _, err := s.Authenticate(t.Context(), token); err != nil {
		t.Errorf("the cache is not used: %v", err)
	}
	clock.advance(time.Millisecond)
	wantRefused(t, s, token)

	wantRefused(t, s, "demo-token")
	demo, _ := create(t, other, CreateCredentialInput{Organisation: "Demo", Token: "demo-token"})
	wantRefused(t, s, "demo-token")
	clock.advance(time.Second)
	if _, err := s.Authenticate(t.Context(), "demo-token"); err != nil {
		t.Errorf("a new credential is refused after a second: %v", err)
	}
	// A clock that is set back must not make an old answer young.
	if err := other.Revoke(t.Context(), demo.ID); err != nil {
		t.Fatal(err)
	}
	clock.advance(-time.Hour)
	wantRefused(t, s, "demo-token")
}

func TestTheCacheIsBounded(t *testing.T) {
	s, _ := open(t)
	_, token := create(t, s, CreateCredentialInput{Organisation: "Demo"})
	if _, err := s.Authenticate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	var sum [32]byte
	for i := range 3 * maxCached {
		sum[0], sum[1], sum[2] = byte(i), byte(i>>8), byte(i>>16)
		s.cache.keep(sum, Credential{}, false, s.now(), s.cache.changes)
	}
	if n := len(s.cache.refused); n > maxCached {
		t.Errorf("%d refused tokens are remembered", n)
	}
	if len(s.cache.valid) != 1 {
		t.Error("made-up tokens pushed a real one out")
	}
	for i := range 3 * maxCached {
		sum[0], sum[1], sum[2] = byte(i), byte(i>>8), byte(i>>16)
		s.cache.keep(sum, Credential{}, true, s.now(), s.cache.changes)
	}
	if n := len(s.cache.valid); n > maxCached {
		t.Errorf("%d valid tokens are remembered", n)
	}
}

// An answer that was on its way while the credential was revoked is not kept.
func TestAnAnswerOfBeforeIsNotKept(t *testing.T) {
	s, clock := open(t)
	_, _, _, changes := s.cache.look([32]byte{1}, clock.now())
	s.cache.clear()
	s.cache.keep([32]byte{1}, Credential{ID: "old"}, true, clock.now(), changes)
	if _, valid, _, _ := s.cache.look([32]byte{1}, clock.now()); valid {
		t.Error("it was kept")
	}
}

func TestAStoreThatDoesNotAnswerIsNoRefusal(t *testing.T) {
	s, _ := open(t)
	_, token := create(t, s, CreateCredentialInput{Organisation: "Demo"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Authenticate(ctx, token); err == nil || fault.KindOf(err) == fault.Unauthenticated {
		t.Errorf("Authenticate = %v, want the context's end", err)
	}
	if _, err := s.Authenticate(t.Context(), token); err != nil {
		t.Errorf("the failure was remembered: %v", err)
	}
}

func TestEnsureOrganisation(t *testing.T) {
	s, clock := open(t)
	ensure := func(o Organisation) (made Organisation, err error) {
		err = s.db.InTx(t.Context(), func(tx *gorm.DB) (err error) {
			made, err = s.EnsureOrganisation(tx, o)
			return err
		})
		return made, err
	}
	const id = "62c7d159eb277e1b79161430"
	made, err := ensure(Organisation{ID: strings.ToUpper(id), Name: "Een", CreatedAt: clock.now().Add(-time.Hour)})
	if want := (Organisation{id, "Een", clock.now().Add(-time.Hour)}); err != nil || made != want {
		t.Errorf("made %+v, %v; want %+v", made, err, want)
	}
	if again, err := ensure(Organisation{Name: "Een"}); err != nil || again != made {
		t.Errorf("by name %+v, %v; want %+v", again, err, made)
	}
	c, token := create(t, s, CreateCredentialInput{Organisation: id})
	if _, err := s.Authenticate(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	renamed, err := ensure(Organisation{ID: id, Name: "Eén"})
	if err != nil || renamed.Name != "Eén" || renamed.CreatedAt != made.CreatedAt {
		t.Errorf("renamed %+v, %v", renamed, err)
	}
	if got, err := s.Authenticate(t.Context(), token); err != nil || got.OrganisationName != "Eén" || got.ID != c.ID {
		t.Errorf("the credential shows %+v, %v", got, err)
	}
	other, err := ensure(Organisation{Name: "Twee"})
	if err != nil || other.ID == id || !other.CreatedAt.Equal(clock.now()) {
		t.Errorf("another %+v, %v", other, err)
	}
	_, err = ensure(Organisation{ID: id, Name: "Twee"})
	wantFault(t, err, fault.Conflict, fault.Duplicate)
	_, err = ensure(Organisation{ID: "62c7d159eb277e1b79161431", Name: "Twee"})
	wantFault(t, err, fault.Conflict, fault.Duplicate)
	_, err = ensure(Organisation{ID: "een", Name: "Drie"})
	wantFault(t, err, fault.Invalid, fault.BadBody)

	if got, err := s.OrganisationByID(t.Context(), strings.ToUpper(id)); err != nil || got != renamed {
		t.Errorf("OrganisationByID = %+v, %v", got, err)
	}
	_, err = s.OrganisationByID(t.Context(), "62c7d159eb277e1b79161432")
	wantFault(t, err, fault.NotFound, fault.Missing)
	if list, err := s.Organisations(t.Context()); err != nil || !slices.Equal(list, []Organisation{renamed, other}) {
		t.Errorf("Organisations = %+v, %v", list, err)
	}
}

func TestTogether(t *testing.T) {
	s, _ := open(t)
	c, token := create(t, s, CreateCredentialInput{Organisation: "Demo"})
	errs := make([]error, 32)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			_, _, made := s.CreateCredential(t.Context(), CreateCredentialInput{Organisation: "Een en dezelfde"})
			granted := s.Grant(t.Context(), c.ID, fmt.Sprintf("api-%d", i%4))
			_, asked := s.Authenticate(t.Context(), token)
			errs[i] = errors.Join(made, granted, asked)
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if list, err := s.Organisations(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("%d organisations, %v; want one made by 32", len(list), err)
	}
	list, err := s.ListCredentials(t.Context())
	if err != nil || len(list) != 33 || len(list[0].APIs) != 4 {
		t.Errorf("%d credentials, %v", len(list), err)
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	s := New(storetest.Open(b, Migrations()), time.Now, objectid.New(time.Now, rand.Reader))
	_, token, err := s.CreateCredential(b.Context(), CreateCredentialInput{Organisation: "Demo", APIs: []string{"capo"}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Authenticate(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}

package konovadb_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/konova"
	"loket/store/konova/konovadb"
	"loket/store/storetest"
)

// The page's entries in the demo data.
const (
	iv1     = "bd7673cb-aac1-42ba-9521-4e8143a82bb3"
	iv2     = "e4e5197f-fe6c-49f6-93d0-8034d0592c1f"
	iv3     = "97d7cce8-83e9-4043-bc76-317caf983a41"
	account = "3e7acd84-bb67-408d-886e-91004c319f38"
	dedID   = "f784e131-afb7-4e15-ad57-0b2469f5e967"
)

// bench is a store with the demo data and a clock that the test moves.
type bench struct {
	*konovadb.DB

	at         atomic.Int64
	store      *store.DB
	demo, gast konova.User
}

func (b *bench) now() time.Time          { return time.UnixMilli(b.at.Load()).UTC() }
func (b *bench) advance(d time.Duration) { b.at.Add(d.Milliseconds()) }

func open(t testing.TB) *bench {
	t.Helper()
	b := &bench{store: storetest.Open(t, konovadb.Migrations())}
	b.at.Store(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).UnixMilli())
	b.DB = b.another()
	if err := b.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	if b.demo, err = b.UserByName(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	if b.gast, err = b.UserByName(t.Context(), "gast"); err != nil {
		t.Fatal(err)
	}
	return b
}

// another is a second program on the same store.
func (b *bench) another() *konovadb.DB {
	return konovadb.New(konovadb.Deps{DB: b.store, Now: b.now, Entropy: rand.Reader, Log: slog.New(slog.DiscardHandler)})
}

func parse(t testing.TB, kind konova.Kind, body string) konova.Entry {
	t.Helper()
	e, err := konova.Parse(kind, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (b *bench) create(t testing.TB, user konova.User, kind konova.Kind, body string) string {
	t.Helper()
	w, err := b.Create(t.Context(), user, parse(t, kind, body))
	if err != nil {
		t.Fatal(err)
	}
	return w.ID
}

func titled(title string) string { return fmt.Sprintf(`{"properties":{"title":%q}}`, title) }

func deduct(account, intervention, surface string) string {
	return fmt.Sprintf(`{"eco_account":%q,"intervention":%q,"surface":%s}`, account, intervention, surface)
}

// list gives the ids of a piece.
func (b *bench) list(t testing.TB, user konova.User, kind konova.Kind, q konovadb.Query) []string {
	t.Helper()
	ids := []string{}
	if err := b.List(t.Context(), user, kind, q, func(r *konovadb.Row) error {
		ids = append(ids, r.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if q.Bbox == nil {
		b.sameText(t, user, kind, q, ids)
	}
	return ids
}

// sameText holds the two ways to read a piece against each other.
func (b *bench) sameText(t testing.TB, user konova.User, kind konova.Kind, q konovadb.Query, ids []string) {
	t.Helper()
	text, err := b.Text(t.Context(), user, kind, q, nil)
	if err != nil {
		t.Fatal(err)
	}
	var results map[string]json.RawMessage
	if err := json.Unmarshal(slices.Concat([]byte("{"), text.Results, []byte("}")), &results); err != nil {
		t.Fatalf("%v in %s", err, text.Results)
	}
	after, at := b.after(t, user, kind, q), 0
	for _, id := range ids {
		next := bytes.Index(text.Results[at:], []byte(`"`+id+`":{`))
		if results[id] == nil || next < 0 {
			t.Fatalf("%s is not in its place in the text", id)
		}
		at += next
	}
	if len(results) != len(ids) || text.Rows != int64(len(ids)) || text.More != after {
		t.Fatalf("text of %d rows, more %v; the list has %d, more %v", text.Rows, text.More, len(ids), after)
	}
}

// after tells whether anything stands behind a piece.
func (b *bench) after(t testing.TB, user konova.User, kind konova.Kind, q konovadb.Query) bool {
	t.Helper()
	more := false
	if err := b.List(t.Context(), user, kind, konovadb.Query{Offset: q.Offset + q.Limit, Limit: 1}, func(*konovadb.Row) error {
		more = true
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return more
}

// properties of an entry's document.
func (b *bench) properties(t testing.TB, user konova.User, kind konova.Kind, id string) map[string]any {
	t.Helper()
	row, err := b.Get(t.Context(), user, kind, id)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(row.Document.JSON, &doc); err != nil {
		t.Fatal(err)
	}
	if kind == konova.Deduction {
		return doc
	}
	return doc["properties"].(map[string]any)
}

func wantReason(t testing.TB, what string, err error, want fault.Reason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Errorf("%s: %q (%v), want %q", what, got, err, want)
	}
}

// verify holds every document against the rows.
func (b *bench) verify(t testing.TB) {
	t.Helper()
	v, err := b.Verify(t.Context(), false)
	if err != nil || v.Count > 0 || v.Entries == 0 {
		t.Errorf("Verify: %+v, %v", v, err)
	}
}

func TestDemo(t *testing.T) {
	b := open(t)
	all := konovadb.Query{Limit: 100}
	if diff := cmp.Diff([]string{iv3, iv1, iv2}, b.list(t, b.demo, konova.Intervention, all)); diff != "" {
		t.Errorf("by created_on: %s", diff)
	}
	for kind, want := range map[konova.Kind]int{konova.Compensation: 6, konova.EcoAccount: 1, konova.EMA: 0, konova.Deduction: 1} {
		if got := b.list(t, b.demo, kind, all); len(got) != want {
			t.Errorf("%s: %v", kind, got)
		}
	}
	for _, kind := range konova.Kinds {
		if got := b.list(t, b.gast, kind, all); len(got) != 0 {
			t.Errorf("gast sees %s %v", kind, got)
		}
	}
	if got := b.properties(t, b.demo, konova.EcoAccount, account)["deductable_surface"]; got != 10000.0 {
		t.Errorf("deductable_surface %v", got)
	}
	b.verify(t)
}

func TestTokens(t *testing.T) {
	b := open(t)
	auth := func(user, token string, want fault.Reason) {
		t.Helper()
		_, err := b.Authenticate(t.Context(), user, token)
		wantReason(t, user, err, want)
	}
	a, err := b.Authenticate(t.Context(), "demo", "demo-ksp-token")
	if err != nil || a.User.Name != "demo" || !a.User.Has(konova.RegistrationOffice) {
		t.Errorf("demo: %+v, %v", a, err)
	}
	auth("gast", "demo-ksp-token", fault.NoCredential)
	auth("demo", "", fault.NoCredential)

	made, token, err := b.CreateToken(t.Context(), konovadb.CreateTokenInput{User: "neu", Groups: []konova.Group{konova.Standard}})
	if err != nil || len(token) != 43 {
		t.Fatalf("token %q: %v", token, err)
	}
	auth("neu", token, fault.NoCredential) // not confirmed
	if err := b.ConfirmToken(t.Context(), made.ID, "2026-03-03"); err != nil {
		t.Fatal(err)
	}
	auth("neu", token, "")
	b.at.Store(time.Date(2026, 3, 3, 23, 59, 59, 0, time.UTC).UnixMilli())
	auth("neu", token, "")
	b.advance(2 * time.Second)
	auth("neu", token, fault.NoCredential) // its last day is over
	if err := b.ConfirmToken(t.Context(), made.ID, ""); err != nil {
		t.Fatal(err)
	}
	auth("neu", token, "")
	// Another program revokes: known within a second.
	if err := b.another().RevokeToken(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	b.advance(time.Second)
	auth("neu", token, fault.NoCredential)

	for _, bad := range []konovadb.CreateTokenInput{
		{User: ""}, {User: "a:b"}, {User: "a", Groups: []konova.Group{"Admin"}}, {User: "a", ValidUntil: "2026-13-01"},
	} {
		if _, _, err := b.CreateToken(t.Context(), bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	wantReason(t, "confirm nothing", b.ConfirmToken(t.Context(), 999, ""), fault.Missing)
	tokens, err := b.ListTokens(t.Context())
	if err != nil || len(tokens) != 3 || tokens[2].RevokedAt == nil {
		t.Errorf("%+v, %v", tokens, err)
	}
}

func TestCreateReplaceDelete(t *testing.T) {
	b := open(t)
	for _, kind := range konova.GeometryKinds {
		body := titled("Neu")
		if kind == konova.Compensation {
			body = `{"properties":{"title":"Neu","intervention":"` + iv1 + `"}}`
		}
		w, err := b.Create(t.Context(), b.demo, parse(t, kind, body))
		if err != nil {
			t.Fatal(err)
		}
		p := b.properties(t, b.demo, kind, w.ID)
		if p["title"] != "Neu" || p["created_on"] != b.now().Format(konova.TimeFormat) || p["modified_on"] != p["created_on"] || !konova.ValidIdentifier(kind, p["identifier"].(string)) {
			t.Errorf("%s: %v", kind, p)
		}
		if !strings.Contains(p["identifier"].(string), "-032026-") {
			t.Errorf("identifier %v", p["identifier"])
		}
		if _, err := b.Get(t.Context(), b.gast, kind, w.ID); fault.ReasonOf(err) != fault.Missing {
			t.Errorf("%s is seen by another: %v", kind, err)
		}
		b.advance(time.Hour)
		changed := strings.Replace(body, "Neu", "Anders", 1)
		_, err = b.Replace(t.Context(), b.gast, w.ID, parse(t, kind, changed), nil)
		wantReason(t, "replace by another", err, fault.Missing)
		w2, err := b.Replace(t.Context(), b.demo, w.ID, parse(t, kind, changed), func(num, rev int64) bool { return num == w.Num && rev == w.Rev })
		if err != nil || w2.Rev != w.Rev+1 {
			t.Fatalf("%+v, %v", w2, err)
		}
		p = b.properties(t, b.demo, kind, w.ID)
		if p["title"] != "Anders" || p["modified_on"] == p["created_on"] {
			t.Errorf("%s: %v", kind, p)
		}
		_, err = b.Replace(t.Context(), b.demo, w.ID, parse(t, kind, body), func(_, rev int64) bool { return rev == w.Rev })
		wantReason(t, "a stale If-Match", err, konova.PreconditionFailed)
		wantReason(t, "delete by another", b.Delete(t.Context(), b.gast, kind, w.ID, nil), fault.Missing)
		if err := b.Delete(t.Context(), b.demo, kind, w.ID, nil); err != nil {
			t.Fatal(err)
		}
		_, err = b.Get(t.Context(), b.demo, kind, w.ID)
		wantReason(t, "deleted", err, fault.Missing)
		wantReason(t, "deleted twice", b.Delete(t.Context(), b.demo, kind, w.ID, nil), fault.Missing)
		if slices.Contains(b.list(t, b.demo, kind, konovadb.Query{Limit: 100}), w.ID) {
			t.Errorf("%s is deleted and listed", kind)
		}
	}
	b.verify(t)
}

func TestReferences(t *testing.T) {
	b := open(t)
	create := func(user konova.User, kind konova.Kind, body string) []string {
		t.Helper()
		_, err := b.Create(t.Context(), user, parse(t, kind, body))
		var at []string
		for _, f := range fault.From(err).Fields {
			at = append(at, f.Pointer+" "+f.Detail)
		}
		return at
	}
	const text = " Diesen Eintrag gibt es nicht."
	unknown := "00000000-0000-4000-8000-000000000000"
	for _, c := range []struct {
		user konova.User
		kind konova.Kind
		body string
		want []string
	}{
		{b.demo, konova.Compensation, `{"properties":{"title":"T","intervention":"` + unknown + `"}}`, []string{"/properties/intervention" + text}},
		{b.gast, konova.Compensation, `{"properties":{"title":"T","intervention":"` + iv1 + `"}}`, []string{"/properties/intervention" + text}},
		{b.demo, konova.Compensation, `{"properties":{"title":"T","intervention":"` + account + `"}}`, []string{"/properties/intervention" + text}},
		{b.gast, konova.Deduction, deduct(account, iv1, "1"), []string{"/intervention" + text, "/eco_account" + text}},
		{b.demo, konova.Deduction, deduct(unknown, iv1, "1"), []string{"/eco_account" + text}},
		{b.demo, konova.Intervention, `{"properties":{"title":"T","legal":{"laws":[684,1]}}}`, []string{"/properties/legal/laws/1 Der Code 1 gibt es nicht in der Liste law (Rechtsgrundlage)."}},
	} {
		if diff := cmp.Diff(c.want, create(c.user, c.kind, c.body)); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
	}
}

func TestDeductions(t *testing.T) {
	b := open(t)
	acc := b.create(t, b.demo, konova.EcoAccount, `{"properties":{"title":"Konto","deductable_surface":100,"after_states":[{"surface":100}]}}`)
	x := b.create(t, b.demo, konova.Intervention, titled("X"))
	y := b.create(t, b.demo, konova.Intervention, titled("Y"))
	first := b.create(t, b.demo, konova.Deduction, deduct(acc, x, "60"))
	_, err := b.Create(t.Context(), b.demo, parse(t, konova.Deduction, deduct(acc, y, "40.000001")))
	wantReason(t, "overdraw", err, konova.AccountOverdrawn)
	second := b.create(t, b.demo, konova.Deduction, deduct(acc, y, "40.0"))

	deductionsOf := func(kind konova.Kind, id string) []string {
		var ids []string
		for _, d := range b.properties(t, b.demo, kind, id)["deductions"].([]any) {
			ids = append(ids, d.(map[string]any)["id"].(string))
		}
		return ids
	}
	if diff := cmp.Diff([]string{first, second}, deductionsOf(konova.EcoAccount, acc)); diff != "" {
		t.Error(diff)
	}
	replace := func(id, body string) error {
		_, err := b.Replace(t.Context(), b.demo, id, parse(t, konova.Deduction, body), nil)
		return err
	}
	wantReason(t, "raise beyond", replace(first, deduct(acc, x, "60.1")), konova.AccountOverdrawn)
	wantReason(t, "the same again", replace(first, deduct(acc, x, "60")), "")
	wantReason(t, "move to another intervention", replace(first, deduct(acc, y, "50")), "")
	if got := deductionsOf(konova.Intervention, x); len(got) != 0 {
		t.Errorf("X still has %v", got)
	}
	if diff := cmp.Diff([]string{first, second}, deductionsOf(konova.Intervention, y)); diff != "" {
		t.Error(diff)
	}
	wantReason(t, "move to another account", replace(first, deduct(account, y, "50")), "")

	// The account cannot shrink under its deductions, nor go.
	_, err = b.Replace(t.Context(), b.demo, acc, parse(t, konova.EcoAccount, `{"properties":{"title":"Konto","deductable_surface":39.9,"after_states":[{"surface":100}]}}`), nil)
	wantReason(t, "shrink", err, konova.AccountOverdrawn)
	_, err = b.Replace(t.Context(), b.demo, acc, parse(t, konova.EcoAccount, titled("Konto")), nil)
	wantReason(t, "null is 0", err, konova.AccountOverdrawn)
	wantReason(t, "delete an account in use", b.Delete(t.Context(), b.demo, konova.EcoAccount, acc, nil), konova.AccountInUse)
	wantReason(t, "delete a deduction", b.Delete(t.Context(), b.demo, konova.Deduction, second, nil), "")
	wantReason(t, "delete a free account", b.Delete(t.Context(), b.demo, konova.EcoAccount, acc, nil), "")

	// A title goes everywhere that shows it.
	if _, err := b.Replace(t.Context(), b.demo, y, parse(t, konova.Intervention, titled("Y neu")), nil); err != nil {
		t.Fatal(err)
	}
	d := b.properties(t, b.demo, konova.Deduction, first)
	if got := d["intervention"].(map[string]any)["title"]; got != "Y neu" {
		t.Errorf("the deduction shows %v", got)
	}
	b.verify(t)
}

// TestConcurrentDeductions: 32 at once never overdraw (decision 31), on both
// databases.
func TestConcurrentDeductions(t *testing.T) {
	b := open(t)
	acc := b.create(t, b.demo, konova.EcoAccount, `{"properties":{"title":"Konto","deductable_surface":100,"after_states":[{"surface":100}]}}`)
	targets := []string{b.create(t, b.demo, konova.Intervention, titled("X")), b.create(t, b.demo, konova.Intervention, titled("Y"))}
	var made, refused atomic.Int64
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			e := parse(t, konova.Deduction, deduct(acc, targets[i%2], "7.5"))
			for {
				_, err := b.Create(t.Context(), b.demo, e)
				switch reason := fault.ReasonOf(err); {
				case err == nil:
					made.Add(1)
				case reason == konova.AccountOverdrawn:
					refused.Add(1)
				case reason == fault.Busy || reason == fault.Stale:
					continue
				default:
					t.Error(err)
				}
				return
			}
		})
	}
	group.Wait()
	if made.Load() != 13 || refused.Load() != 19 {
		t.Errorf("%d made, %d refused; 13 × 7.5 m² fit into 100 m²", made.Load(), refused.Load())
	}
	if n := len(b.properties(t, b.demo, konova.EcoAccount, acc)["deductions"].([]any)); n != 13 {
		t.Errorf("the account shows %d deductions", n)
	}
	b.verify(t)
}

// TestConcurrentCreates: identifiers and orders stay sound with 32 writers.
func TestConcurrentCreates(t *testing.T) {
	b := open(t)
	var group sync.WaitGroup
	for i := range 32 {
		group.Go(func() {
			for n := range 4 {
				b.advance(time.Millisecond)
				if _, err := b.Create(t.Context(), b.demo, parse(t, konova.EMA, titled(fmt.Sprint(i, n)))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	whole := b.list(t, b.demo, konova.EMA, konovadb.Query{Limit: 1000})
	var pieces []string
	for offset := int64(0); offset < 130; offset += 7 {
		pieces = append(pieces, b.list(t, b.demo, konova.EMA, konovadb.Query{Offset: offset, Limit: 7})...)
	}
	if len(whole) != 128 || !slices.Equal(whole, pieces) {
		t.Errorf("%d whole, %d in pieces", len(whole), len(pieces))
	}
	b.verify(t)
}

func TestDeleteIntervention(t *testing.T) {
	b := open(t)
	if err := b.Delete(t.Context(), b.demo, konova.Intervention, iv3, nil); err != nil {
		t.Fatal(err)
	}
	if got := b.list(t, b.demo, konova.Compensation, konovadb.Query{Limit: 10}); len(got) != 0 {
		t.Errorf("compensations stay: %v", got)
	}
	_, err := b.Get(t.Context(), b.demo, konova.Deduction, dedID)
	wantReason(t, "its deduction", err, fault.Missing)
	if got := b.properties(t, b.demo, konova.EcoAccount, account)["deductions"].([]any); len(got) != 0 {
		t.Errorf("the account still shows %v", got)
	}
	b.create(t, b.demo, konova.Deduction, deduct(account, iv1, "10000")) // all is free again
	b.verify(t)
}

func TestCompensationsInTheirIntervention(t *testing.T) {
	b := open(t)
	k := b.create(t, b.demo, konova.Compensation, `{"properties":{"title":"K","intervention":"`+iv1+`"}}`)
	titles := func(id string) (out []string) {
		for _, c := range b.properties(t, b.demo, konova.Intervention, id)["compensations"].([]any) {
			out = append(out, c.(map[string]any)["title"].(string))
		}
		return out
	}
	before := b.properties(t, b.demo, konova.Intervention, iv1)["modified_on"]
	replace := func(body string) {
		t.Helper()
		if _, err := b.Replace(t.Context(), b.demo, k, parse(t, konova.Compensation, body), nil); err != nil {
			t.Fatal(err)
		}
	}
	replace(`{"properties":{"title":"K2","intervention":"` + iv1 + `"}}`)
	if diff := cmp.Diff([]string{"K2"}, titles(iv1)); diff != "" {
		t.Error(diff)
	}
	replace(`{"properties":{"title":"K2","intervention":"` + iv2 + `"}}`)
	if len(titles(iv1)) != 0 || len(titles(iv2)) != 1 {
		t.Errorf("moved: %v, %v", titles(iv1), titles(iv2))
	}
	if after := b.properties(t, b.demo, konova.Intervention, iv1)["modified_on"]; after != before {
		t.Errorf("modified_on moved from %v to %v (decision 30)", before, after)
	}
	if _, err := b.Replace(t.Context(), b.demo, iv2, parse(t, konova.Intervention, titled("Anders")), nil); err != nil {
		t.Fatal(err)
	}
	if got := b.properties(t, b.demo, konova.Compensation, k)["intervention"].(map[string]any)["title"]; got != "Anders" {
		t.Errorf("the compensation shows %v", got)
	}
	if err := b.Delete(t.Context(), b.demo, konova.Compensation, k, nil); err != nil {
		t.Fatal(err)
	}
	if len(titles(iv2)) != 0 {
		t.Errorf("deleted and shown: %v", titles(iv2))
	}
	b.verify(t)
}

func TestSharing(t *testing.T) {
	b := open(t)
	set := func(user konova.User, id string, names ...string) error {
		return b.SetSharing(t.Context(), user, konova.Intervention, id, names)
	}
	wantReason(t, "unshared", set(b.gast, iv3, "gast"), fault.Missing)
	err := set(b.demo, iv3, "demo", "niemand")
	wantReason(t, "unknown user", err, konova.BadEntry)
	if f := fault.From(err).Fields; len(f) != 1 || f[0].Pointer != "/users/1" {
		t.Errorf("%v", f)
	}
	wantReason(t, "add", set(b.demo, iv3, "demo", "gast"), "")
	names, err := b.Sharing(t.Context(), b.gast, konova.Intervention, iv3)
	if err != nil || !slices.Equal(names, []string{"demo", "gast"}) {
		t.Errorf("%v, %v", names, err)
	}
	// The deduction is seen with its intervention; the compensations are not.
	if _, err := b.Get(t.Context(), b.gast, konova.Deduction, dedID); err != nil {
		t.Error(err)
	}
	if got := b.list(t, b.gast, konova.Compensation, konovadb.Query{Limit: 10}); len(got) != 0 {
		t.Errorf("gast sees %v", got)
	}
	wantReason(t, "Standard removes", set(b.gast, iv3, "gast"), konova.RemovalNotAllowed)
	wantReason(t, "an office removes", set(b.demo, iv3, "demo"), "")
	_, err = b.Get(t.Context(), b.gast, konova.Deduction, dedID)
	wantReason(t, "no longer shared", err, fault.Missing)

	// A new deduction is seen by all who see the intervention.
	wantReason(t, "add again", set(b.demo, iv1, "demo", "gast"), "")
	id := b.create(t, b.demo, konova.Deduction, deduct(account, iv1, "1"))
	if _, err := b.Get(t.Context(), b.gast, konova.Deduction, id); err != nil {
		t.Error(err)
	}
	if _, err := b.Replace(t.Context(), b.demo, id, parse(t, konova.Deduction, deduct(account, iv2, "1")), nil); err != nil {
		t.Fatal(err)
	}
	_, err = b.Get(t.Context(), b.gast, konova.Deduction, id)
	wantReason(t, "moved away", err, fault.Missing)
	if _, err := b.Get(t.Context(), b.demo, konova.Deduction, id); err != nil {
		t.Error(err)
	}
}

func TestCheckResets(t *testing.T) {
	b := open(t)
	checked := func() bool {
		t.Helper()
		ok, err := b.IsChecked(t.Context(), iv1)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	check := func() {
		t.Helper()
		r, err := b.CheckIntervention(t.Context(), b.demo, iv1)
		if err != nil || !r.Success() || !checked() {
			t.Fatalf("%+v, %v, checked %v", r, err, checked())
		}
	}
	_, err := b.CheckIntervention(t.Context(), b.gast, iv1)
	wantReason(t, "without the group", err, konova.NoGroup)
	if r, err := b.CheckIntervention(t.Context(), b.demo, iv3); err != nil || r.Success() || len(r.Compensations) != 6 || len(r.Intervention.Errors) != 0 {
		t.Errorf("the third: %+v, %v", r, err)
	}
	check()
	id := b.create(t, b.demo, konova.Deduction, deduct(account, iv1, "1"))
	if checked() {
		t.Error("a new deduction resets the check")
	}
	check()
	if _, err := b.Replace(t.Context(), b.demo, id, parse(t, konova.Deduction, deduct(account, iv1, "2")), nil); err != nil || checked() {
		t.Errorf("a changed deduction resets the check: %v", err)
	}
	check()
	if err := b.Delete(t.Context(), b.demo, konova.Deduction, id, nil); err != nil || checked() {
		t.Errorf("a deleted deduction resets the check: %v", err)
	}
	check()
	if _, err := b.Replace(t.Context(), b.demo, iv1, parse(t, konova.Intervention, titled("T")), nil); err != nil || checked() {
		t.Errorf("a changed entry must be checked again: %v", err)
	}
}

// generated imports n entries for demo.
func (b *bench) generated(t testing.TB, n int) []string {
	t.Helper()
	var file bytes.Buffer
	if err := konovadb.Generate(&file, n, 7); err != nil {
		t.Fatal(err)
	}
	report, err := b.Import(t.Context(), bytes.NewReader(file.Bytes()), konovadb.ImportOptions{Kind: konova.Intervention, Users: []string{"demo"}})
	if err != nil || report.Added != n || report.Failed != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	return b.list(t, b.demo, konova.Intervention, konovadb.Query{Limit: int64(n) + 10})
}

// TestPagesAfterEveryKindOfChange: anchors never show a page that a plain walk
// over all rows would not, whoever wrote.
func TestPagesAfterEveryKindOfChange(t *testing.T) {
	b := open(t)
	b.generated(t, 300)
	other := b.another()
	same := func(what string) {
		t.Helper()
		whole := b.list(t, b.demo, konova.Intervention, konovadb.Query{Limit: 1000})
		for _, size := range []int64{1, 50} {
			for _, offset := range []int64{0, 1, 63, 64, 65, 127, 128, 200, 299, 303, 304, 400, 100_000} {
				got := b.list(t, b.demo, konova.Intervention, konovadb.Query{Offset: offset, Limit: size})
				from, to := min(int(offset), len(whole)), min(int(offset+size), len(whole))
				if diff := cmp.Diff(whole[from:to], got); diff != "" {
					t.Fatalf("%s, offset %d: %s", what, offset, diff)
				}
			}
		}
		n, err := b.Count(t.Context(), b.demo, konova.Intervention, nil)
		if err != nil || n != int64(len(whole)) {
			t.Fatalf("%s: Count %d, %v; want %d", what, n, err, len(whole))
		}
	}
	same("as imported")
	create := func(db *konovadb.DB, user konova.User) string {
		t.Helper()
		w, err := db.Create(t.Context(), user, parse(t, konova.Intervention, titled("N")))
		if err != nil {
			t.Fatal(err)
		}
		return w.ID
	}
	last := create(b.DB, b.demo)
	same("after an append")
	b.at.Store(time.Date(2023, 1, 1, 1, 0, 0, 0, time.UTC).UnixMilli())
	create(other, b.demo)
	same("after an insert in the middle by another program")
	if err := other.Delete(t.Context(), b.demo, konova.Intervention, iv1, nil); err != nil {
		t.Fatal(err)
	}
	same("after a deletion")
	middle := b.list(t, b.demo, konova.Intervention, konovadb.Query{Offset: 100, Limit: 1})[0]
	if err := other.SetSharing(t.Context(), b.demo, konova.Intervention, middle, []string{"gast"}); err != nil {
		t.Fatal(err)
	}
	same("after an unsharing")
	if err := other.SetSharing(t.Context(), b.gast, konova.Intervention, middle, []string{"gast", "demo"}); err != nil {
		t.Fatal(err)
	}
	same("after a sharing")
	if err := other.Delete(t.Context(), b.demo, konova.Intervention, last, nil); err != nil {
		t.Fatal(err)
	}
	same("after the last went")
	for i := range 70 {
		b.at.Store(time.Date(2027, 1, 1, 0, i, 0, 0, time.UTC).UnixMilli())
		create(b.DB, b.demo)
	}
	same("after more appends than a step")
}

func TestBoxes(t *testing.T) {
	b := open(t)
	ids := b.generated(t, 300)
	box := konova.Bbox{MinLon: 6.5, MinLat: 49.2, MaxLon: 7.5, MaxLat: 50.1}
	var want []string
	for _, id := range ids {
		row, err := b.Get(t.Context(), b.demo, konova.Intervention, id)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Coordinates json.RawMessage }
		if err := json.Unmarshal(row.Document.JSON, &doc); err != nil {
			t.Fatal(err)
		}
		if g, _ := konova.ParseGeometry(doc.Coordinates, ""); g.Intersects(box) {
			want = append(want, id)
		}
	}
	if len(want) < 20 || len(want) > 280 {
		t.Fatalf("%d in the box", len(want))
	}
	if diff := cmp.Diff(want, b.list(t, b.demo, konova.Intervention, konovadb.Query{Limit: 1000, Bbox: &box})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[5:12], b.list(t, b.demo, konova.Intervention, konovadb.Query{Offset: 5, Limit: 7, Bbox: &box})); diff != "" {
		t.Error(diff)
	}
	if got := b.list(t, b.demo, konova.Intervention, konovadb.Query{Offset: 1000, Limit: 7, Bbox: &box}); len(got) != 0 {
		t.Errorf("past the end: %v", got)
	}
	if n, err := b.Count(t.Context(), b.demo, konova.Intervention, &box); err != nil || n != int64(len(want)) {
		t.Errorf("Count %d, %v", n, err)
	}
	around := konova.Bbox{MinLon: 170, MinLat: -90, MaxLon: 8.5, MaxLat: 90}
	if got := b.list(t, b.demo, konova.Intervention, konovadb.Query{Limit: 1000, Bbox: &around}); len(got) != len(ids) {
		t.Errorf("around the world: %d of %d", len(got), len(ids))
	}
	if got := b.list(t, b.demo, konova.Compensation, konovadb.Query{Limit: 10, Bbox: &around}); len(got) != 0 {
		t.Errorf("without geometry: %v", got)
	}
	if got := b.list(t, b.gast, konova.Intervention, konovadb.Query{Limit: 10, Bbox: &around}); len(got) != 0 {
		t.Errorf("unshared: %v", got)
	}
	var exported []string
	for _, bbox := range []*konova.Bbox{nil, &box} {
		exported = nil
		if err := b.Export(t.Context(), b.demo, konova.Intervention, bbox, func(r *konovadb.Row) error {
			exported = append(exported, r.ID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		expected := ids
		if bbox != nil {
			expected = want
		}
		if diff := cmp.Diff(expected, exported); diff != "" {
			t.Error(diff)
		}
	}
	extent, ok, err := b.Extent(t.Context(), b.demo, konova.Intervention)
	if err != nil || !ok || extent.MinLon > 6.5 || extent.MaxLat < 50.5 {
		t.Errorf("%v, %v, %v", extent, ok, err)
	}
	if _, ok, err := b.Extent(t.Context(), b.gast, konova.Intervention); err != nil || ok {
		t.Errorf("gast: %v, %v", ok, err)
	}
}

func TestImport(t *testing.T) {
	b := open(t)
	in := func(file string, o konovadb.ImportOptions) (konovadb.ImportReport, error) {
		o.Users = []string{"demo"}
		if o.Kind == "" {
			o.Kind = konova.EMA
		}
		return b.Import(t.Context(), strings.NewReader(file), o)
	}
	const polygon = `{"type":"Polygon","coordinates":[[[7,50],[7.001,50],[7.001,50.001],[7,50]]]}`
	const mixed = `{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":null,"properties":{"title":"a"}},
		{"type":"Feature","geometry":` + polygon + `,"properties":{"title":"b"}},
		{"type":"Feature","geometry":null,"properties":{"titel":"c"}},
		{"type":"Feature","geometry":null,"properties":{"title":"d","id":"` + account + `"}}]}`
	r, err := in(mixed, konovadb.ImportOptions{})
	if err != nil || r.Read != 4 || r.Failed != 3 || r.Added != 0 || len(r.Errors) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	if r.Errors[0].Index != 2 || !strings.Contains(r.Errors[0].Reason[0], "MultiPolygon") || len(r.Errors[1].Reason) != 2 || r.Errors[2].ID != account {
		t.Errorf("%+v", r.Errors)
	}
	if got := b.list(t, b.demo, konova.EMA, konovadb.Query{Limit: 10}); len(got) != 0 {
		t.Errorf("all or nothing: %v", got)
	}
	var progress []int
	r, err = in(mixed, konovadb.ImportOptions{Partial: true, Promote: true, Progress: func(r konovadb.ImportReport) { progress = append(progress, r.Added) }})
	if err != nil || r.Failed != 2 || r.Added != 2 || len(progress) != 1 {
		t.Errorf("%+v, %v, %v", r, err, progress)
	}
	if got := b.list(t, b.demo, konova.EMA, konovadb.Query{Limit: 10}); len(got) != 2 {
		t.Errorf("partial: %v", got)
	}
	for _, bad := range []string{
		``, `[]`, `{"features":{}}`, `{"features":[{]}`, `{"features":[]`, `{"features":[]} x`,
		`{"crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::25832"}},"features":[]}`,
	} {
		if _, err := in(bad, konovadb.ImportOptions{}); err == nil {
			t.Errorf("%s passes", bad)
		}
	}
	if _, err := in(`{"crs":{"properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"features":[]}`, konovadb.ImportOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := in(`{}`, konovadb.ImportOptions{Kind: konova.Deduction}); err == nil {
		t.Error("deductions are no features")
	}
	if _, err := b.Import(t.Context(), strings.NewReader(`{}`), konovadb.ImportOptions{Kind: konova.EMA, Users: []string{"niemand"}}); err == nil {
		t.Error("an unknown user")
	}
	id := "11111111-1111-4111-8111-111111111111"
	r, err = in(`{"rpp":5,"p":1,"next":null,"results":{"`+id+`":{"properties":{"title":"im Umschlag"}},"11111111-1111-4111-8111-111111111112":{"properties":{"title":"x","id":"`+id+`"}}}}`, konovadb.ImportOptions{Partial: true})
	if err != nil || r.Added != 1 || r.Failed != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if p := b.properties(t, b.demo, konova.EMA, id); p["title"] != "im Umschlag" {
		t.Errorf("%v", p)
	}
	r, err = in(`{"features":[{"type":"Feature","geometry":null,"properties":{"title":"k","intervention":"`+iv1+`"}},{"type":"Feature","geometry":null,"properties":{"title":"k","intervention":"`+id+`"}}]}`, konovadb.ImportOptions{Kind: konova.Compensation, Partial: true})
	if err != nil || r.Added != 1 || r.Failed != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if got := b.properties(t, b.demo, konova.Intervention, iv1)["compensations"].([]any); len(got) != 1 {
		t.Errorf("the intervention shows %v", got)
	}
	r, err = in(`{"features":[{"type":"Feature","properties":{"title":"a","identifier":"EMA-12022-AAAAAA"}},{"type":"Feature","properties":{"title":"a","identifier":"EMA-12022-AAAAAA"}}]}`, konovadb.ImportOptions{Partial: true})
	if err != nil || r.Added != 1 || r.Failed != 1 {
		t.Errorf("an identifier twice: %+v, %v", r, err)
	}
	b.verify(t)
}

// TestImportOfAnExport: what the register gives out, it takes in.
func TestImportOfAnExport(t *testing.T) {
	b := open(t)
	var out bytes.Buffer
	out.WriteString(`{"type":"FeatureCollection","features":[`)
	var before []string
	if err := b.Export(t.Context(), b.demo, konova.Intervention, nil, func(r *konovadb.Row) error {
		if len(before) > 0 {
			out.WriteByte(',')
		}
		before = append(before, r.ID)
		out.Write(konova.AppendFeature(nil, r.ID, r.Document, nil))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	out.WriteString("]}")
	fresh := &bench{store: storetest.Open(t, konovadb.Migrations())}
	fresh.DB = fresh.another()
	codes, _ := konovadb.DemoFile("codes.csv")
	if _, err := fresh.ImportCodes(t.Context(), bytes.NewReader(codes)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := fresh.CreateToken(t.Context(), konovadb.CreateTokenInput{User: "demo"}); err != nil {
		t.Fatal(err)
	}
	r, err := fresh.Import(t.Context(), bytes.NewReader(out.Bytes()), konovadb.ImportOptions{Kind: konova.Intervention, Users: []string{"demo"}})
	if err != nil || r.Added != len(before) {
		t.Fatalf("%+v, %v", r, err)
	}
	user, _ := fresh.UserByName(t.Context(), "demo")
	for _, id := range before {
		want, got := b.properties(t, b.demo, konova.Intervention, id), fresh.properties(t, user, konova.Intervention, id)
		for _, name := range []string{"compensations", "deductions"} {
			delete(want, name)
			delete(got, name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestImportCodes(t *testing.T) {
	b := open(t)
	in := func(file string) (konovadb.CodesReport, error) {
		return b.ImportCodes(t.Context(), strings.NewReader(file))
	}
	want := func(what string, r konovadb.CodesReport, err error, expected konovadb.CodesReport) {
		t.Helper()
		if err != nil || r != expected {
			t.Errorf("%s: %+v, %v; want %+v", what, r, err, expected)
		}
	}
	demo, _ := konovadb.DemoFile("codes.csv")
	r, err := in(string(demo))
	want("again", r, err, konovadb.CodesReport{Unchanged: bytes.Count(demo, []byte("\n")) - 1})
	r, err = in("\ufefflist,id,long_name,short_name,selectable,archived\nlaw,684,\"Bauordnung, neu\",BauO,true,true\nlaw,1,Neu,,,\nlaw,2,Kopf,,false,\n")
	want("csv", r, err, konovadb.CodesReport{Added: 2, Changed: 1, Rendered: 1})
	legal := b.properties(t, b.demo, konova.Intervention, iv1)["legal"].(map[string]any)
	if diff := cmp.Diff([]any{map[string]any{"id": 684.0, "long_name": "Bauordnung, neu", "short_name": "BauO"}}, legal["laws"]); diff != "" {
		t.Error(diff)
	}
	for law, detail := range map[string]string{"684": "ist archiviert", "2": "ist nicht wählbar"} {
		_, err := b.Create(t.Context(), b.demo, parse(t, konova.Intervention, `{"properties":{"title":"T","legal":{"laws":[`+law+`]}}}`))
		if f := fault.From(err); f == nil || len(f.Fields) != 1 || !strings.Contains(f.Fields[0].Detail, detail) {
			t.Errorf("law %s: %v", law, err)
		}
	}
	r, err = in(` [{"list":"law","id":1,"long_name":"Neu","short_name":null},{"list":"law","id":684,"long_name":"Bauordnung von Rheinland-Pfalz","short_name":"LBauO"}]`)
	want("json", r, err, konovadb.CodesReport{Changed: 1, Unchanged: 1, Rendered: 1})
	for _, bad := range []string{
		"", "list,id\nlaw,1\n", "list,id,long_name\nlaw,x,Neu\n", "list,id,long_name\nlaws,1,Neu\n", "list,id,long_name,farbe\nlaw,1,Neu,rot\n",
		"list,id,long_name\nlaw,1\n", "list,id,long_name,archived\nlaw,1,Neu,vielleicht\n", "list,id,long_name\nlaw,-1,Neu\n", "list,id,long_name\nlaw,1, \n",
		`[{"list":"law","id":1,"long_name":"Neu","farbe":"rot"}]`, `[{"list":"law","id":1}]`, `[`, `[{"list":"x","id":1,"long_name":"a"}]`,
	} {
		if _, err := in(bad); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
	b.verify(t)
}

func TestVerifyRepairs(t *testing.T) {
	b := open(t)
	b.generated(t, 250)
	b.verify(t)
	if b.store.Dialect() != "sqlite" && b.store.Dialect() != "postgres" {
		t.Fatal(b.store.Dialect())
	}
	if err := storeExec(t.Context(), b.store, "UPDATE konova_entries SET title = 'von Hand' WHERE id = '"+iv1+"'"); err != nil {
		t.Fatal(err)
	}
	v, err := b.Verify(t.Context(), false)
	if err != nil || v.Entries != 261 || !slices.Equal(v.Wrong, []string{iv1}) {
		t.Errorf("%+v, %v", v, err)
	}
	if v, err := b.Verify(t.Context(), true); err != nil || v.Count != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	b.verify(t)
}

// poor is a source of randomness in which identifiers soon repeat.
type poor struct{ n atomic.Int64 }

func (p *poor) Read(b []byte) (int, error) {
	for i := range b {
		if len(b) > 1 { // a uuid
			_, _ = rand.Read(b)
			break
		}
		n := p.n.Add(1) - 1
		b[i] = byte(n / 6 % 20 % 7) // each draw of six signs is one of seven
	}
	return len(b), nil
}

// TestIdentifiersAreDrawnAgain: a taken one is no fault of the client
// (decision 32), be it in the same file or in the register.
func TestIdentifiersAreDrawnAgain(t *testing.T) {
	b := open(t)
	db := konovadb.New(konovadb.Deps{DB: b.store, Now: b.now, Entropy: &poor{}, Log: slog.New(slog.DiscardHandler)})
	file := `{"features":[` + strings.Repeat(`{"type":"Feature","properties":{"title":"a"}},`, 2) + `{"type":"Feature","properties":{"title":"a"}}]}`
	r, err := db.Import(t.Context(), strings.NewReader(file), konovadb.ImportOptions{Kind: konova.EMA, Users: []string{"demo"}})
	if err != nil || r.Added != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	again := konovadb.New(konovadb.Deps{DB: b.store, Now: b.now, Entropy: &poor{}, Log: slog.New(slog.DiscardHandler)})
	if r, err := again.Import(t.Context(), strings.NewReader(file), konovadb.ImportOptions{Kind: konova.EMA, Users: []string{"demo"}}); err != nil || r.Added != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := again.Create(t.Context(), b.demo, parse(t, konova.EMA, titled("T"))); err != nil {
		t.Error(err)
	}
	// With one identifier in the world, the second entry finds none.
	stuck := konovadb.New(konovadb.Deps{DB: b.store, Now: b.now, Entropy: stuck{}, Log: slog.New(slog.DiscardHandler)})
	if _, err := stuck.Import(t.Context(), strings.NewReader(file), konovadb.ImportOptions{Kind: konova.EMA, Users: []string{"demo"}}); err == nil {
		t.Error("two entries have one identifier")
	}
}

// stuck gives uuids and one sign.
type stuck struct{}

func (stuck) Read(b []byte) (int, error) {
	if len(b) > 1 {
		return rand.Read(b)
	}
	b[0] = 40
	return 1, nil
}

// TestGenerateIsSeeded: the bench reads the same figures every time.
func TestGenerateIsSeeded(t *testing.T) {
	var a, b bytes.Buffer
	if err := konovadb.Generate(&a, 20, 3); err != nil {
		t.Fatal(err)
	}
	_ = konovadb.Generate(&b, 20, 3)
	if !bytes.Equal(a.Bytes(), b.Bytes()) || !json.Valid(a.Bytes()) {
		t.Error("not the same, or no JSON")
	}
	if err := konovadb.Generate(failing{}, 5000, 3); err == nil {
		t.Error("a full disk goes unseen")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func storeExec(ctx context.Context, db *store.DB, statement string) error {
	return db.InTx(ctx, func(tx *gorm.DB) error { return tx.Exec(statement).Error })
}

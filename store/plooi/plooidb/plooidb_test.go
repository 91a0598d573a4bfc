package plooidb_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
	"loket/store/blobs/blobstest"
	"loket/store/fault"
	"loket/store/objectid"
	"loket/store/plooi"
	"loket/store/plooi/plooidb"
	"loket/store/scan"
	"loket/store/settings"
	"loket/store/storetest"
)

const origin = "https://loket.test"

var (
	alkmaar = plooi.Aanroeper{Org: []string{"gm0361"}, Rollen: []string{plooi.RolBasis}}
	kst     = plooi.Aanroeper{Org: []string{"gm0361"}, Rollen: []string{plooi.RolKamerstuk}}
	utrecht = plooi.Aanroeper{Org: []string{"gm0344"}, Rollen: []string{plooi.RolBasis}}
)

// bench is a store with a clock that the test moves.
type bench struct {
	*plooidb.DB

	t     *testing.T
	at    atomic.Int64
	store *store.DB
	disk  *blobs.Disk
	deps  plooidb.Deps
}

var start = time.Date(2026, 3, 2, 10, 0, 0, 123456000, time.UTC)

func (b *bench) now() time.Time          { return time.Unix(0, b.at.Load()).UTC() }
func (b *bench) advance(d time.Duration) { b.at.Add(int64(d)) }

func open(t *testing.T, change ...func(*plooidb.Deps)) *bench {
	t.Helper()
	b := &bench{t: t, store: storetest.Open(t, settings.Migrations(), plooidb.Migrations())}
	b.at.Store(start.UnixNano())
	var err error
	if b.disk, err = blobs.OpenDisk(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	b.deps = plooidb.Deps{
		DB: b.store, Blobs: b.disk, IDs: objectid.New(b.now, rand.Reader), Now: b.now, Log: slog.New(slog.DiscardHandler), NieuweSleutel: sleutel,
	}
	for _, c := range change {
		c(&b.deps)
	}
	b.DB = plooidb.New(b.deps)
	return b
}

// sleutel is one key for all tests: making one takes time.
var sleutel = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

const kern = "https://identifier.overheid.nl/tooi/def/thes/kern/"

func metadata(titel string, more ...string) string {
	extra := ""
	for _, m := range more {
		extra += "," + m
	}
	return `{"document":{"publisher":{"id":"https://identifier.overheid.nl/tooi/id/gemeente/gm0361","label":"gemeente Alkmaar"},"identifiers":[],` +
		`"language":{"id":"http://publications.europa.eu/resource/authority/language/NLD","label":"Nederlands"},"titelcollectie":{"officieleTitel":"` + titel + `"},` +
		`"classificatiecollectie":{"documentsoorten":[{"id":"` + kern + `c_3d782f30"}],"themas":[{"id":"https://identifier.overheid.nl/tooi/def/thes/top/c_391585db"}]},` +
		`"documenthandelingen":[]` + extra + `}}`
}

// registreer makes a document and gives its id and session.
func (b *bench) registreer(titel string, more ...string) (id, sessie string) {
	b.t.Helper()
	r, err := b.Registreer(b.t.Context(), alkmaar, origin, []byte(metadata(titel, more...)))
	if err != nil {
		b.t.Fatal(err)
	}
	return r.Locatie[strings.LastIndexByte(r.Locatie, '/')+1:], r.Sessie
}

func (b *bench) lever(id, sessie, text string, vervang bool) (*plooidb.Ontvangst, error) {
	return b.LeverBestand(b.t.Context(), alkmaar, plooidb.Levering{DocumentID: id, Sessie: sessie, Lengte: int64(len(text)), Bytes: strings.NewReader(text), Vervang: vervang})
}

func (b *bench) moetLeveren(id, sessie, text string, vervang bool) {
	b.t.Helper()
	if _, err := b.lever(id, sessie, text, vervang); err != nil {
		b.t.Fatal(err)
	}
}

// verwerk lets the delay pass and the worker work until nothing is due.
func (b *bench) verwerk() {
	b.t.Helper()
	b.advance(3 * time.Second)
	for {
		n, err := b.Verwerk(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func (b *bench) gepubliceerd(titel string, more ...string) (id, sessie string) {
	b.t.Helper()
	id, sessie = b.registreer(titel, more...)
	b.moetLeveren(id, sessie, "%PDF-1.7 "+titel, false)
	b.verwerk()
	return id, sessie
}

func (b *bench) record(id string) plooi.Record {
	b.t.Helper()
	text, err := b.Publicatie(b.t.Context(), id)
	if err != nil {
		b.t.Fatalf("the record of %s: %v", id, err)
	}
	var r plooi.Record
	if err := json.Unmarshal(text, &r); err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) versies(id string) string {
	b.t.Helper()
	var out []string
	for _, v := range b.record(id).Versies {
		out = append(out, fmt.Sprintf("%d %s", v.Nummer, v.Oorzaak))
	}
	return strings.Join(out, ", ")
}

// blobs counts what is kept.
func (b *bench) blobs() (n int) {
	b.t.Helper()
	if err := b.disk.Walk(b.t.Context(), func(blobs.Info) error { n++; return nil }); err != nil {
		b.t.Fatal(err)
	}
	return n
}

func want(t *testing.T, err error, kind fault.Kind, reason fault.Reason) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind || fault.ReasonOf(err) != reason {
		t.Errorf("fault %v, want %v %s", err, kind, reason)
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// TestSchema freezes what the migrations make.
func TestSchema(t *testing.T) {
	all := append(settings.Migrations(), plooidb.Migrations()...)
	storetest.Drift(t, all, plooidb.Rows()...)
	db := storetest.Open(t, all)
	if db.Dialect() != store.SQLite {
		return // the golden is SQLite's; the drift above is both's
	}
	var tables []string
	err := db.Reader(t.Context()).Raw("SELECT sql FROM sqlite_schema WHERE tbl_name LIKE 'plooi_%' AND tbl_name NOT LIKE 'plooi_zoek_%' AND sql IS NOT NULL ORDER BY tbl_name, type DESC, name").Scan(&tables).Error
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(tables, ";\n") + ";\n"
	const golden = "testdata/schema.sql"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("plooi-0001 makes something else than it did: rows that change need a step of their own\n%s", got)
	}
}

func TestDeliveryFromRegistrationToPublication(t *testing.T) {
	b := open(t)
	id, sessie := b.registreer("Jaarverslag")
	_, err := b.Publicatie(t.Context(), id)
	want(t, err, fault.NotFound, fault.Missing)
	o, err := b.lever(id, sessie, "%PDF-1.7", false)
	if err != nil || o.Sessie != sessie || o.Pid != origin+"/api/plooi/documenten/"+id {
		t.Fatalf("the file: %+v, %v", o, err)
	}
	if n, err := b.Verwerk(t.Context()); n != 0 || err != nil {
		t.Errorf("it is processed before its delay: %d, %v", n, err)
	}
	b.verwerk()
	r := b.record(id)
	if r.PlooiIntern.Publicatiestatus != plooi.StatusGepubliceerd || r.PlooiIntern.DcnID != "plooi-api-"+id || len(r.Versies) != 1 || len(r.Versies[0].Bestanden) != 2 {
		t.Errorf("the record is %+v", r)
	}
	if f := r.Versies[0].Bestanden[1]; !f.Gepubliceerd || f.Grootte != 8 || len(f.Hash) != 64 {
		t.Errorf("its file is %+v", f)
	}
	list, total, err := b.Verwerkingen(t.Context(), alkmaar, sessie, "", 20, 0)
	if err != nil || total != 2 || list[0].Stage != plooi.Ingress || list[1].Stage != plooi.Process {
		t.Errorf("the steps are %+v (%d), %v", list, total, err)
	}
}

// A worker that died between 202 and processing: another takes over when the
// lease ends (kill -9 leaves the claim behind).
func TestProcessingSurvivesTheWorker(t *testing.T) {
	b := open(t)
	id, sessie := b.registreer("Jaarverslag")
	b.moetLeveren(id, sessie, "%PDF-1.7", false)
	b.advance(3 * time.Second)
	dying := b.deps
	ctx, cancel := context.WithCancel(t.Context())
	dying.Blobs = b.disk
	dying.Scanner = scannerFunc(func(context.Context, io.Reader) (scan.Result, error) { cancel(); return scan.Result{}, ctx.Err() })
	if err := b.store.InTx(t.Context(), func(tx *gorm.DB) error { // the file waits, so that the worker asks its scanner
		return tx.Exec("UPDATE plooi_bestanden SET keuring = 'wacht'").Error
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := plooidb.New(dying).Verwerk(ctx); err == nil {
		t.Fatal("the dying worker did its work")
	}
	restarted := plooidb.New(b.deps)
	if n, err := restarted.Verwerk(t.Context()); n != 0 || err != nil {
		t.Errorf("the lease of the dead worker does not hold: %d, %v", n, err)
	}
	b.advance(16 * time.Second)
	if n, err := restarted.Verwerk(t.Context()); n != 1 || err != nil {
		t.Errorf("nobody took over: %d, %v", n, err)
	}
	if got := b.versies(id); got != "1 aanlevering" {
		t.Errorf("versions: %s", got)
	}
}

func TestWorkRunsByItself(t *testing.T) {
	b := open(t, func(d *plooidb.Deps) { d.Vertraging = -1 })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Work(ctx)
	}()
	id, sessie := b.registreer("Jaarverslag")
	b.moetLeveren(id, sessie, "%PDF-1.7", false)
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := b.Publicatie(t.Context(), id); err == nil {
			break
		}
		select {
		case <-deadline:
			t.Fatal("it was not published")
		case <-tick.C:
		}
	}
	cancel()
	<-done
}

func TestVersions(t *testing.T) {
	b := open(t)
	id, _ := b.gepubliceerd("Eerste titel")
	b.advance(24 * time.Hour)
	b.moetLeveren(id, "", "%PDF-1.7 anders", true)
	b.verwerk()
	if got := b.versies(id); got != "1 aanlevering, 2 wijziging" {
		t.Errorf("after another file: %s", got)
	}
	if r := b.record(id); r.Versies[1].Wijziging != "2026-03-03" || r.Versies[1].Openbaarmaking != "2026-03-02" {
		t.Errorf("its days: %+v", r.Versies[1])
	}
	kept := b.blobs()
	b.moetLeveren(id, "", "%PDF-1.7 anders", true)
	b.verwerk()
	if got := b.versies(id); got != "1 aanlevering, 2 wijziging" || b.blobs() != kept {
		t.Errorf("after the same file: %s, %d blobs, had %d", got, b.blobs(), kept)
	}
	pid := fmt.Sprintf(`"pid":%q`, origin+"/api/plooi/documenten/"+id)
	put := func(titel string) *plooidb.Registratie {
		t.Helper()
		r, err := b.VervangMetadata(t.Context(), alkmaar, origin, id, []byte(metadata(titel, pid)))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	put("Tweede titel")
	b.verwerk()
	if got := b.versies(id); got != "1 aanlevering, 2 wijziging, 3 wijziging" {
		t.Errorf("after other metadata: %s", got)
	}
	same := put("Tweede titel")
	b.verwerk()
	list, _, err := b.Verwerkingen(t.Context(), alkmaar, same.Sessie, plooi.Info, 20, 0)
	if err != nil || len(list) != 1 || list[0].Diagnoses[0].Code != "DISCARD" {
		t.Errorf("the same metadata: %+v, %v", list, err)
	}
	if _, err := b.TrekIn(t.Context(), alkmaar, id); err != nil {
		t.Fatal(err)
	}
	_, err = b.Publicatie(t.Context(), id)
	want(t, err, fault.NotFound, fault.Missing)
	_, err = b.TrekIn(t.Context(), alkmaar, id)
	want(t, err, fault.NotFound, fault.Missing)
	put("Derde titel") // does not bring it back (D30)
	b.verwerk()
	_, err = b.Publicatie(t.Context(), id)
	want(t, err, fault.NotFound, fault.Missing)
	b.moetLeveren(id, "", "%PDF-1.7 anders", true) // the same bytes, but it was withdrawn
	b.verwerk()
	if got := b.versies(id); got != "1 aanlevering, 2 wijziging, 3 wijziging, 0 intrekking, 4 wijziging, 5 wijziging" {
		t.Errorf("published again: %s", got)
	}
	if err := b.Herpubliceer(t.Context(), id, 1, "proef"); err != nil {
		t.Fatal(err)
	}
	b.verwerk()
	if r := b.record(id); r.Versies[len(r.Versies)-1].Oorzaak != plooi.Herpublicatie || !strings.Contains(string(r.Document), "Eerste titel") {
		t.Errorf("version 1 again: %s", r.Document)
	}
	want(t, b.Herpubliceer(t.Context(), id, 0, ""), fault.Conflict, fault.Stale)
	want(t, b.Herpubliceer(t.Context(), id, 9, ""), fault.NotFound, fault.Missing)
	b.moetLeveren(id, "", "%PDF-1.7 weer anders", true)
	b.verwerk()
	if r := b.record(id); r.Versies[len(r.Versies)-1].Nummer != 6 {
		t.Errorf("the number after a republication: %+v", r.Versies[len(r.Versies)-1])
	}
}

func TestFileOverwrittenBeforeProcessing(t *testing.T) {
	b := open(t)
	id, sessie := b.registreer("Jaarverslag")
	b.moetLeveren(id, sessie, "%PDF-1.7 een", false)
	b.moetLeveren(id, sessie, "%PDF-1.7 twee", false)
	if n := b.blobs(); n != 1 {
		t.Errorf("%d blobs, want the last", n)
	}
	b.verwerk()
	f, err := b.PublicatieBestand(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Inhoud.Close()
	if text, _ := io.ReadAll(f.Inhoud); string(text) != "%PDF-1.7 twee" {
		t.Errorf("published %s", text)
	}
	if got := b.versies(id); got != "1 aanlevering" {
		t.Errorf("versions: %s", got)
	}
	_, err = b.lever(id, sessie, "%PDF-1.7 drie", false)
	want(t, err, fault.NotFound, fault.Missing)
}

func TestBlockedAndDeferred(t *testing.T) {
	b := open(t)
	id, _ := b.gepubliceerd("Geheim plan")
	zoek := func() string {
		t.Helper()
		g, err := b.ZoekEigen(t.Context(), alkmaar, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := b.ZoekPortaal(t.Context(), plooi.Zoekvraag{Zoektekst: "geheim", Aantal: 20})
		if err != nil {
			t.Fatal(err)
		}
		status := ""
		if len(g.Resultaten) > 0 {
			var r plooi.Record
			if err := json.Unmarshal(g.Resultaten[0], &r); err != nil {
				t.Fatal(err)
			}
			status = r.PlooiIntern.Publicatiestatus
		}
		return fmt.Sprintf("eigen %d %s, portaal %d", g.Totaal, status, p.Totaal)
	}
	if got := zoek(); got != "eigen 1 gepubliceerd, portaal 1" {
		t.Error(got)
	}
	if err := b.Blokkeer(t.Context(), id, "privacy", "privacy"); err != nil {
		t.Fatal(err)
	}
	if got := zoek(); got != "eigen 0 , portaal 0" {
		t.Error("blocked:", got)
	}
	_, err := b.Bestand(t.Context(), alkmaar, id)
	want(t, err, fault.NotFound, fault.Missing)
	if _, err := b.Metadata(t.Context(), alkmaar, id); err != nil {
		t.Errorf("its own organisation reads the metadata: %v", err)
	}
	_, err = b.Metadata(t.Context(), utrecht, id)
	want(t, err, fault.NotFound, fault.Missing)
	b.moetLeveren(id, "", "%PDF-1.7 nieuw", true) // a correction stays blocked
	b.verwerk()
	if got := zoek(); got != "eigen 0 , portaal 0" {
		t.Error("corrected:", got)
	}
	if err := b.Blokkeer(t.Context(), id, "-privacy"); err != nil {
		t.Fatal(err)
	}
	if got := zoek(); got != "eigen 1 gepubliceerd, portaal 1" {
		t.Error("unblocked:", got)
	}
	want(t, b.Blokkeer(t.Context(), id, "a1"), fault.Invalid, fault.BadBody)
	later := b.now().Add(time.Hour)
	if err := b.StelUit(t.Context(), id, &later); err != nil {
		t.Fatal(err)
	}
	if got := zoek(); got != "eigen 1 latere-publicatie, portaal 0" {
		t.Error("deferred:", got)
	}
	_, err = b.Bestand(t.Context(), alkmaar, id)
	want(t, err, fault.NotFound, fault.Missing)
	b.advance(time.Hour)
	if got := zoek(); got != "eigen 1 gepubliceerd, portaal 1" {
		t.Error("in its time:", got)
	}
}

type scannerFunc func(context.Context, io.Reader) (scan.Result, error)

func (f scannerFunc) Scan(ctx context.Context, r io.Reader) (scan.Result, error) { return f(ctx, r) }

func TestScanner(t *testing.T) {
	away := errors.New("away")
	var state atomic.Value
	state.Store("ok")
	b := open(t, func(d *plooidb.Deps) {
		d.Scanner = scannerFunc(func(_ context.Context, r io.Reader) (scan.Result, error) {
			text, err := io.ReadAll(r)
			switch {
			case err != nil:
				return scan.Result{}, err
			case state.Load() == "away":
				return scan.Result{}, away
			case state.Load() == "large":
				return scan.Result{}, scan.ErrTooLarge
			default:
				return scan.Result{Infected: bytes.Contains(text, []byte("VIRUS"))}, nil
			}
		})
	})
	id, sessie := b.registreer("Jaarverslag")
	_, err := b.lever(id, sessie, "%PDF VIRUS", false)
	want(t, err, fault.Invalid, plooi.BestandstypeFout)
	if n := b.blobs(); n != 0 {
		t.Errorf("%d blobs stay of a virus", n)
	}
	steps := func(id string) string {
		t.Helper()
		s, err := b.Status(t.Context(), alkmaar, id)
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := b.Verwerkingen(t.Context(), alkmaar, s.ProcesID, "", 50, 0)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, v := range list {
			out += fmt.Sprintf("%s %s", v.Stage, v.Severity)
			for _, d := range v.Diagnoses {
				if d.Code == "INTEGRATION" || d.Code == "ERROR" {
					out += " " + d.Code
				}
			}
			out += "; "
		}
		return out
	}
	for _, how := range []string{"away", "large"} {
		state.Store(how)
		id, sessie := b.registreer("Jaarverslag " + how)
		b.moetLeveren(id, sessie, "%PDF-1.7 "+how, false)
		b.verwerk()
		b.advance(6 * time.Second)
		b.verwerk() // the second attempt renews the line of the first
		if _, err := b.Publicatie(t.Context(), id); err == nil {
			t.Errorf("%s: published unscanned", how)
		}
		if got := steps(id); got != "INGRESS OK; INGRESS ERROR INTEGRATION; " {
			t.Errorf("%s: %s", how, got)
		}
		state.Store("ok")
		b.advance(10 * time.Minute)
		b.verwerk()
		if got := b.versies(id); got != "1 aanlevering" {
			t.Errorf("%s: versions %s", how, got)
		}
		if got := steps(id); got != "INGRESS OK; INGRESS ERROR INTEGRATION; PROCESS INFO; " {
			t.Errorf("%s: %s", how, got)
		}
	}
	state.Store("away")
	id, sessie = b.registreer("Virus")
	b.moetLeveren(id, sessie, "%PDF-1.7 VIRUS", false)
	state.Store("ok")
	b.verwerk()
	if _, err := b.Publicatie(t.Context(), id); err == nil {
		t.Error("a virus was published")
	}
	if got := steps(id); got != "INGRESS OK; PROCESS ERROR ERROR; " {
		t.Errorf("a virus that was found later: %s", got)
	}
	_, err = b.Bestand(t.Context(), alkmaar, id)
	want(t, err, fault.NotFound, fault.Missing)
}

func TestAbortedUploadLeavesNothing(t *testing.T) {
	b := open(t)
	id, sessie := b.registreer("Jaarverslag")
	broken := io.MultiReader(strings.NewReader("%PDF-1.7"), errReader{})
	_, err := b.LeverBestand(t.Context(), alkmaar, plooidb.Levering{DocumentID: id, Sessie: sessie, Lengte: 100, Bytes: broken})
	want(t, err, fault.Invalid, fault.BrokenBody)
	if n := b.blobs(); n != 0 {
		t.Errorf("%d blobs stay", n)
	}
	full := b.deps
	full.Blobs = blobstest.Full(b.disk, 4)
	_, err = plooidb.New(full).LeverBestand(t.Context(), alkmaar, plooidb.Levering{DocumentID: id, Lengte: -1, Bytes: strings.NewReader("%PDF-1.7")})
	if err == nil || b.blobs() != 0 {
		t.Errorf("a full disk: %v, %d blobs", err, b.blobs())
	}
	small := b.deps
	small.MaxGrootte = 10
	_, err = plooidb.New(small).LeverBestand(t.Context(), alkmaar, plooidb.Levering{DocumentID: id, Lengte: -1, Bytes: strings.NewReader("%PDF-1.7 too long")})
	want(t, err, fault.TooLarge, fault.BodyTooLarge)
	if n := b.blobs(); n != 0 {
		t.Errorf("%d blobs stay", n)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("the client left") }

// Of many who change the document at once, each gets a version of its own.
func TestManyAtOnce(t *testing.T) {
	b := open(t)
	id, _ := b.gepubliceerd("Jaarverslag")
	const n = 32
	var wg sync.WaitGroup
	failures := make([]error, n)
	for i := range n {
		wg.Go(func() {
			for {
				_, err := b.lever(id, "", fmt.Sprintf("%%PDF-1.7 versie %d", i), true)
				if fault.ReasonOf(err) != fault.Busy {
					failures[i] = err
					return
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	b.verwerk()
	r := b.record(id)
	if len(r.Versies) != n+1 {
		t.Fatalf("%d versions, want %d", len(r.Versies), n+1)
	}
	for i, v := range r.Versies {
		if v.Nummer != i+1 {
			t.Errorf("version %d has the number %d", i+1, v.Nummer)
		}
	}
}

func TestFirstFileOnceProcessedOnly(t *testing.T) {
	b := open(t)
	id, _ := b.registreer("Jaarverslag")
	_, err := b.lever(id, "", "%PDF-1.7", true)
	want(t, err, fault.NotFound, fault.Missing) // D24
	if _, err := b.TrekIn(t.Context(), alkmaar, id); err != nil {
		t.Fatal(err)
	}
	_, err = b.lever(id, "", "%PDF-1.7", false)
	want(t, err, fault.NotFound, fault.Missing)
}

func TestSearch(t *testing.T) {
	b := open(t)
	een, _ := b.gepubliceerd("Jaarverslag 2021 Súdwest-Fryslân")
	b.advance(48 * time.Hour)
	twee, _ := b.gepubliceerd("Straße und café", `"omschrijvingen":["Over het jaarverslag van 2021"]`, `"onderwerpen":["Financiën"]`)
	ids := func(z plooi.Zoekvraag) string {
		t.Helper()
		if z.Aantal == 0 {
			z.Aantal = 20
		}
		g, err := b.ZoekPortaal(t.Context(), z)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, text := range g.Resultaten {
			var r plooi.Record
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			if r.PlooiIntern.ExtID[0] == een {
				out += "1"
			} else {
				out += "2"
			}
		}
		return out
	}
	for text, want := range map[string]string{
		"": "21", "jaarverslag": "12", "JAARVERSLAG 2021": "12", "sudwest": "1", "Súdwest-FRYSLÂN": "1", "strasse": "2", "STRASSE cafe": "2", "straße": "2",
		"financien": "2", "jaarverslag financiën": "2", "verslag": "", "jaarversla": "", "gemeente alkmaar": "21", `"; DROP TABLE x --`: "", "!?": "", "overheidsfinanciën": "21",
	} {
		if got := ids(plooi.Zoekvraag{Zoektekst: text}); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	soort, morgen := kern+"c_3d782f30", start.Add(24*time.Hour)
	for name, c := range map[string]struct {
		z    plooi.Zoekvraag
		want string
	}{
		"id":            {plooi.Zoekvraag{ID: een}, "1"},
		"extId":         {plooi.Zoekvraag{ExtID: twee}, "2"},
		"both":          {plooi.Zoekvraag{ID: een, ExtID: twee}, ""},
		"publisher":     {plooi.Zoekvraag{Termen: map[string][]string{plooi.TermPublisher: {"https://identifier.overheid.nl/tooi/id/gemeente/gm0361", "x"}}}, "21"},
		"other":         {plooi.Zoekvraag{Termen: map[string][]string{plooi.TermPublisher: {"https://identifier.overheid.nl/tooi/id/gemeente/gm0344"}}}, ""},
		"documentsoort": {plooi.Zoekvraag{Termen: map[string][]string{plooi.TermDocumentsoort: {soort}}}, "21"},
		"oldest first":  {plooi.Zoekvraag{Sorteer: "timestamp asc"}, "12"},
		"by day":        {plooi.Zoekvraag{Sorteer: "openbaarmakingsdatum desc"}, "21"},
		"from":          {plooi.Zoekvraag{OpenbaarVan: "2026-03-03"}, "2"},
		"until":         {plooi.Zoekvraag{OpenbaarTot: "2026-03-03"}, "1"},
		"changed from":  {plooi.Zoekvraag{MutatieVan: &morgen}, "2"},
		"changed until": {plooi.Zoekvraag{MutatieTot: &morgen}, "1"},
		"source":        {plooi.Zoekvraag{SourceLabel: "plooi-api", Aanbieder: "Aanleverloket"}, "21"},
		"other source":  {plooi.Zoekvraag{SourceLabel: "ronl"}, ""},
		"subject":       {plooi.Zoekvraag{Onderwerpen: []string{"x"}}, ""},
		"page":          {plooi.Zoekvraag{Aantal: 1, Start: 1}, "1"},
	} {
		if got := ids(c.z); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, sorteer := range []string{"timestamp", "timestamp up", "titel asc", "desc"} {
		_, err := b.ZoekPortaal(t.Context(), plooi.Zoekvraag{Sorteer: sorteer})
		want(t, err, fault.Invalid, fault.BadBody)
	}
	if _, err := b.TrekIn(t.Context(), alkmaar, een); err != nil {
		t.Fatal(err)
	}
	if got := ids(plooi.Zoekvraag{Zoektekst: "jaarverslag"}); got != "2" {
		t.Errorf("withdrawn: %q", got)
	}
}

func TestOwnDocumentsAreDescribedInFewQueries(t *testing.T) {
	b := open(t)
	for i := range 30 {
		b.gepubliceerd(fmt.Sprintf("Verslag %d", i))
	}
	g, err := b.ZoekEigen(t.Context(), alkmaar, 0)
	if err != nil || g.Totaal != 30 || len(g.Resultaten) != 25 {
		t.Fatalf("the first: %d of %d, %v", len(g.Resultaten), g.Totaal, err)
	}
	if g, err = b.ZoekEigen(t.Context(), alkmaar, 25); err != nil || len(g.Resultaten) != 5 {
		t.Errorf("the rest: %d, %v", len(g.Resultaten), err)
	}
	if g, err = b.ZoekEigen(t.Context(), utrecht, 0); err != nil || g.Totaal != 0 {
		t.Errorf("another's: %d, %v", g.Totaal, err)
	}
	if g, err = b.ZoekEigen(t.Context(), plooi.Aanroeper{}, 0); err != nil || g.Totaal != 0 {
		t.Errorf("nobody's: %d, %v", g.Totaal, err)
	}
}

func TestKeys(t *testing.T) {
	b := open(t)
	_, err := b.Sleutels(t.Context())
	want(t, err, fault.NotFound, fault.Missing)
	_, err = b.Controleer(t.Context(), "x.y.z")
	want(t, err, fault.Unauthenticated, fault.NoCredential)
	token, err := b.Token(t.Context(), []string{"gm0361"}, []string{plooi.RolBasis}, plooidb.TokenGeldig)
	if err != nil {
		t.Fatal(err)
	}
	again := plooidb.New(b.deps) // after a restart
	a, err := again.Controleer(t.Context(), token)
	if err != nil || !a.Namens("gm0361") {
		t.Errorf("after a restart: %+v, %v", a, err)
	}
	keys, err := again.Sleutels(t.Context())
	if err != nil || len(keys) != 1 {
		t.Errorf("keys: %v, %v", keys, err)
	}
	b.advance(plooidb.TokenGeldig + time.Second)
	_, err = again.Controleer(t.Context(), token)
	want(t, err, fault.Unauthenticated, fault.NoCredential)
	if _, err := b.TokenVoor(t.Context(), "gemeente Alkmaar", time.Hour); err != nil {
		t.Error(err)
	}
	_, err = b.TokenVoor(t.Context(), "gemeente Nergens", time.Hour)
	want(t, err, fault.Invalid, fault.BadQuery)
	for _, text := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if plooidb.LeesSleutel(text) == nil {
			t.Errorf("%q is a key", text)
		}
	}
}

func TestCheckAndReferences(t *testing.T) {
	b := open(t)
	b.gepubliceerd("Jaarverslag")
	var key string
	if err := b.disk.Walk(t.Context(), func(i blobs.Info) error { key = i.Key; return nil }); err != nil {
		t.Fatal(err)
	}
	known, err := b.References(t.Context(), []string{key, "other"})
	if err != nil || !known[key] || known["other"] {
		t.Errorf("references: %v, %v", known, err)
	}
	damage, n, err := b.Check(t.Context(), func(int, int) {})
	if err != nil || n != 1 || len(damage) != 0 {
		t.Errorf("checked %d, %v, %v", n, damage, err)
	}
	if err := b.disk.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if damage, _, err = b.Check(t.Context(), func(int, int) {}); err != nil || len(damage) != 1 {
		t.Errorf("a lost file: %v, %v", damage, err)
	}
}

func TestDemo(t *testing.T) {
	b := open(t)
	if err := b.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	een, bijlage := b.record(plooidb.DemoEen), b.record(plooidb.DemoBijlage)
	if len(een.Documentrelaties) != 1 || een.Documentrelaties[0].Role != plooi.HeeftBijlage || !strings.HasSuffix(een.Documentrelaties[0].Relation, plooidb.DemoBijlage) {
		t.Errorf("the first is related to %+v", een.Documentrelaties)
	}
	if len(bijlage.Documentrelaties) != 1 || bijlage.Documentrelaties[0].Titel == "" || bijlage.Documentrelaties[0].Role != plooi.IsBijlageBij {
		t.Errorf("the bijlage is related to %+v", bijlage.Documentrelaties)
	}
	_, err := b.Publicatie(t.Context(), plooidb.DemoIngetrokken)
	want(t, err, fault.NotFound, fault.Missing)
	if _, err := b.Metadata(t.Context(), alkmaar, plooidb.DemoIngetrokken); err != nil {
		t.Errorf("the withdrawn one: %v", err)
	}
	if _, err := b.Testtoken(t.Context(), "gemeente Alkmaar", plooi.RolBasis); err != nil {
		t.Error(err)
	}
	_, err = open(t).Testtoken(t.Context(), "gemeente Alkmaar", plooi.RolBasis)
	want(t, err, fault.NotFound, fault.Missing)
}

// What JSON can say and PostgreSQL cannot keep neither stops a delivery nor the
// worker.
func TestNulInTexts(t *testing.T) {
	b := open(t)
	text := strings.TrimSuffix(metadata(`Nul \u0000 titel`, `"omschrijvingen":["a\u0000b"]`), "}") + `,"documentrelaties":{"relation":"x\u0000y","role":"\u0000"}}`
	r, err := b.Registreer(t.Context(), alkmaar, origin, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	id := r.Locatie[strings.LastIndexByte(r.Locatie, '/')+1:]
	b.moetLeveren(id, r.Sessie, "%PDF-1.7", false)
	b.verwerk()
	if got := b.record(id).Documentrelaties; len(got) != 1 || got[0].Relation != "xy" {
		t.Errorf("its relation is %+v", got)
	}
	if back, err := b.Metadata(t.Context(), alkmaar, id); err != nil || !strings.Contains(string(back), `Nul \u0000 titel`) {
		t.Errorf("it reads back as %s, %v", back, err)
	}
}

func TestOwnersOnly(t *testing.T) {
	b := open(t)
	id, _ := b.gepubliceerd("Jaarverslag")
	_, err := b.LeverBestand(t.Context(), utrecht, plooidb.Levering{DocumentID: id, Lengte: -1, Bytes: strings.NewReader("%PDF x"), Vervang: true})
	want(t, err, fault.Forbidden, plooi.NietEigenaar)
	_, err = b.TrekIn(t.Context(), utrecht, id)
	want(t, err, fault.Forbidden, plooi.NietEigenaar)
	pid := fmt.Sprintf(`"pid":%q`, origin+"/api/plooi/documenten/"+id)
	_, err = b.VervangMetadata(t.Context(), utrecht, origin, id, []byte(metadata("x", pid)))
	want(t, err, fault.Forbidden, plooi.NietEigenaar)
	_, err = b.Registreer(t.Context(), utrecht, origin, []byte(metadata("x")))
	want(t, err, fault.Unauthenticated, plooi.BeleidGeweigerd)
	kamerstuk := strings.Replace(metadata("x", pid), "c_3d782f30", "c_056a75e1", 1)
	_, err = b.VervangMetadata(t.Context(), alkmaar, origin, id, []byte(kamerstuk))
	want(t, err, fault.Forbidden, plooi.NietEigenaar)
	if _, err := b.VervangMetadata(t.Context(), kst, origin, id, []byte(kamerstuk)); err != nil {
		t.Error(err)
	}
}

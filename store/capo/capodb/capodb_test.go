package capodb_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/blobs/blobstest"
	"loket/store/capo"
	"loket/store/capo/capodb"
	"loket/store/fault"
	"loket/store/objectid"
	"loket/store/storetest"
)

// The demo's parties and objects (demo.json).
const (
	nbE  = "62c7cf00eb277e1b79161001"
	nbG  = "62c7cf00eb277e1b79161002"
	aan1 = "62c7cf00eb277e1b79161011"
	aan2 = "62c7cf00eb277e1b79161012"
	comb = "62c7cf00eb277e1b79161021"
	out  = "62c7cf00eb277e1b79161031"
	p1   = "62c7d0a1eb277e1b79161401"
	p3   = "62c7d0a1eb277e1b79161403"
	a1   = "62c7d159eb277e1b79161430"
	a2   = "62c7d159eb277e1b79161431"
	a3   = "62c7d159eb277e1b79161432"
	a4   = "62c7d159eb277e1b79161433"
	a5   = "62c7d159eb277e1b79161434"
)

// bench is a store with the demo data and a clock that the test moves.
type bench struct {
	*capodb.DB

	at    atomic.Int64
	disk  *blobs.Disk
	store *store.DB
}

func (b *bench) now() time.Time          { return time.Unix(0, b.at.Load()).UTC() }
func (b *bench) advance(d time.Duration) { b.at.Add(int64(d)) }

func open(t *testing.T, wrap ...func(blobs.Blobs) blobs.Blobs) *bench {
	t.Helper()
	b := &bench{store: storetest.Open(t, accounts.Migrations(), blobs.Migrations(), capodb.Migrations())}
	b.at.Store(time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).UnixNano())
	var err error
	if b.disk, err = blobs.OpenDisk(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	var bl blobs.Blobs = b.disk
	ids := objectid.New(b.now, rand.Reader)
	deps := capodb.Deps{
		DB: b.store, Accounts: accounts.New(b.store, b.now, ids), Blobs: bl, Tickets: blobs.NewTickets(b.store, b.now),
		IDs: ids, Now: b.now, Log: slog.New(slog.DiscardHandler),
	}
	b.DB = capodb.New(deps)
	if err := b.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, w := range wrap {
		deps.Blobs = w(bl)
		b.DB = capodb.New(deps)
	}
	return b
}

func reason(t *testing.T, err error, want fault.Reason) {
	t.Helper()
	if got := fault.ReasonOf(err); got != want {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
}

func (b *bench) upload(t *testing.T, token string, content io.Reader, n int64) error {
	t.Helper()
	_, err := b.Ontvang(t.Context(), capodb.Ontvangst{Token: token, ContentType: "application/pdf", Lengte: n, Bytes: content})
	return err
}

// file makes a file of the container and puts its bytes.
func (b *bench) file(t *testing.T, org, project, container, name string) capo.Bijlage {
	t.Helper()
	f, token, err := b.MaakBijlage(t.Context(), org, project, container, capo.NieuweBijlage{Bestandsnaam: name})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.upload(t, token, strings.NewReader("inhoud"), 6); err != nil {
		t.Fatal(err)
	}
	return f
}

func (b *bench) container(t *testing.T, org, project, id string) capodb.BijlageAssignedView {
	t.Helper()
	list, err := b.VanProject(t.Context(), org, project, true)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(v capodb.BijlageAssignedView) bool { return v.BijlageAssignedID == id })
	if i < 0 {
		t.Fatalf("no container %s", id)
	}
	return list[i]
}

func TestDrift(t *testing.T) { capodb.Drift(t) }

// TestDemo holds the demo data to its description.
func TestDemo(t *testing.T) {
	b := open(t)
	for id, want := range map[string]struct {
		project, org, viewer string
		status               capo.Status
		review               bool
		due                  capo.Datum
		files                int
		late                 bool
	}{
		a1:                         {p1, aan1, aan1, capo.Assigned, false, "2029-12-17", 0, false},
		a2:                         {p1, aan1, comb, capo.Assigned, true, "2029-12-17", 0, false},
		a3:                         {p3, nbE, nbE, capo.Assigned, false, "2022-09-01", 0, true},
		a4:                         {p3, aan1, comb, capo.Done, false, "2022-08-15", 1, false},
		a5:                         {p1, aan1, nbG, capo.Cancelled, false, "2029-12-17", 0, false},
		"62c7d159eb277e1b79161435": {p1, aan2, aan2, capo.Assigned, false, "2029-12-17", 0, false},
	} {
		v := b.container(t, want.viewer, want.project, id)
		if v.OrganisatieID != want.org || v.Status != want.status || v.RequiresReview != want.review || v.Opleverdatum != want.due ||
			v.AantalBijlagen != want.files || v.Verlopen(b.now()) != want.late || v.Gebied != "Grond'g Amsterdam" {
			t.Errorf("%s: %+v", id, v)
		}
	}
	if err := b.Demo(t.Context()); err == nil {
		t.Error("the demo is loaded once")
	}
}

// TestReview is S4 and S5 at the store, with the log that proves the review.
func TestReview(t *testing.T) {
	b, ctx := open(t), t.Context()
	step := func(org string, naar capo.Status, reden *string) {
		t.Helper()
		b.advance(time.Minute)
		if _, err := b.ZetStatus(ctx, org, p1, a2, naar, reden); err != nil {
			t.Fatal(err)
		}
	}
	deliver := func(name string) {
		t.Helper()
		f := b.file(t, aan1, p1, a2, name)
		if _, err := b.MeldGeupload(ctx, aan1, p1, f.BijlageID); err != nil {
			t.Fatal(err)
		}
	}
	deliver("een.pdf")
	step(aan1, capo.Review, nil)
	why := "Maatvoering ontbreekt"
	step(comb, capo.Uploaded, &why)
	deliver("twee.pdf")
	if v := b.container(t, comb, p1, a2); v.Reden != why || v.AantalBijlagen != 2 {
		t.Errorf("after rejection: %+v", v)
	}
	step(aan1, capo.Review, nil)
	step(comb, capo.Done, nil)
	log, err := b.Overgangen(ctx, a2)
	if err != nil {
		t.Fatal(err)
	}
	at := capo.Assigned
	want := []capo.Status{capo.Uploaded, capo.Review, capo.Uploaded, capo.Review, capo.Done}
	for i, o := range log {
		if i >= len(want) || o.Van != at || o.Naar != want[i] {
			t.Fatalf("log %+v", log)
		}
		at = o.Naar
	}
	if log[2].Reden != why || log[2].OrganisatieID != comb {
		t.Errorf("the rejection is not proved: %+v", log[2])
	}
}

// TestRaceDone is S24 with 32 at once: one delivers, the others meet 409, and
// the log has one line.
func TestRaceDone(t *testing.T) {
	b := open(t)
	f := b.file(t, aan1, p1, a1, "tekening.pdf")
	if _, err := b.MeldGeupload(t.Context(), aan1, p1, f.BijlageID); err != nil {
		t.Fatal(err)
	}
	ok := atOnce(t, 32, capo.AlOpgeleverd, func(int) error {
		_, err := b.ZetStatus(t.Context(), aan1, p1, a1, capo.Done, nil)
		return err
	})
	if ok != 1 {
		t.Errorf("%d delivered", ok)
	}
	log, err := b.Overgangen(t.Context(), a1)
	if err != nil || len(log) != 2 {
		t.Errorf("log %+v, %v", log, err)
	}
}

// TestRaceFirst: of 32 first files one moves the container, and all count.
func TestRaceFirst(t *testing.T) {
	b := open(t)
	ids := make([]string, 32)
	for i := range ids {
		ids[i] = b.file(t, aan1, p1, a1, fmt.Sprintf("f%d.pdf", i)).BijlageID
	}
	atOnce(t, len(ids), "", func(i int) error {
		_, err := b.MeldGeupload(t.Context(), aan1, p1, ids[i])
		return err
	})
	if v := b.container(t, aan1, p1, a1); v.AantalBijlagen != len(ids) || v.Status != capo.Uploaded {
		t.Errorf("%d files counted, status %s", v.AantalBijlagen, v.Status)
	}
	if log, _ := b.Overgangen(t.Context(), a1); len(log) != 1 {
		t.Errorf("log %+v", log)
	}
}

// TestRaceName: of 32 files of one name in one container there is one.
func TestRaceName(t *testing.T) {
	b := open(t)
	ok := atOnce(t, 32, capo.BestandsnaamBezet, func(int) error {
		_, _, err := b.MaakBijlage(t.Context(), aan1, p1, a1, capo.NieuweBijlage{Bestandsnaam: "zelfde.pdf"})
		return err
	})
	if ok != 1 {
		t.Errorf("%d files of one name", ok)
	}
}

// TestRaceQuickscan: a netbeheerder says once that a main is needed, and
// nothing slips in behind the first mic.
func TestRaceQuickscan(t *testing.T) {
	b, ctx := open(t), t.Context()
	ok := atOnce(t, 32, capo.AlGemeld, func(int) error {
		_, err := b.MeldHoofdleiding(ctx, nbE, p1, nil, "")
		return err
	})
	if ok != 1 {
		t.Errorf("%d said so", ok)
	}
	atOnce(t, 32, "", func(int) error {
		_, err := b.MeldMic(ctx, nbE, p1, true, nil, "")
		return err
	})
	_, err := b.MeldActiviteit(ctx, nbE, p1, capodb.NieuweActiviteit{Type: capo.ExtraWerkvoorbereiding, Opleverdatum: "2030-01-10"})
	reason(t, err, capo.QuickscanAfgerond)
}

// atOnce runs do n times together and counts the successes; every failure must
// have the reason.
func atOnce(t *testing.T, n int, want fault.Reason, do func(i int) error) int {
	t.Helper()
	var ok atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			err := do(i)
			if err == nil {
				ok.Add(1)
			} else if got := fault.ReasonOf(err); got != want {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
	close(start)
	wg.Wait()
	return int(ok.Load())
}

// TestPlanning is S15 and S27: extra preparation moves the planned date, and
// with it what is not yet delivered.
func TestPlanning(t *testing.T) {
	b, ctx := open(t), t.Context()
	f := b.file(t, aan2, p1, "62c7d159eb277e1b79161435", "rapport.pdf")
	if _, err := b.MeldGeupload(ctx, aan2, p1, f.BijlageID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ZetStatus(ctx, aan2, p1, "62c7d159eb277e1b79161435", capo.Done, nil); err != nil {
		t.Fatal(err)
	}
	before, err := b.Project(ctx, nbE, p1)
	if err != nil || !strings.Contains(before.Document, `"geplandeUitvoering":{"datum":"2029-12-31","herkomst":"W"}`) {
		t.Fatalf("%+v, %v", before, err)
	}
	if _, err := b.MeldActiviteit(ctx, nbE, p1, capodb.NieuweActiviteit{Type: capo.ExtraWerkvoorbereiding, Opleverdatum: "2030-01-10"}); err != nil {
		t.Fatal(err)
	}
	after, err := b.Project(ctx, nbE, p1)
	if err != nil || !strings.Contains(after.Document, `"geplandeUitvoering":{"datum":"2030-01-31","herkomst":"O"}`) || !after.Quickscan.ExtraWerkvoorbereiding {
		t.Fatalf("%+v, %v", after, err)
	}
	for id, want := range map[string]capo.Datum{a1: "2030-01-17", a2: "2030-01-17", a5: "2029-12-17", "62c7d159eb277e1b79161435": "2029-12-17"} {
		if v := b.container(t, nbE, p1, id); v.Opleverdatum != want {
			t.Errorf("%s is due %s, want %s", id, v.Opleverdatum, want)
		}
	}
	// An earlier one changes nothing: the last delivery counts.
	if _, err := b.MeldActiviteit(ctx, nbG, p1, capodb.NieuweActiviteit{Type: capo.ExtraWerkvoorbereiding, Opleverdatum: "2030-01-03"}); err != nil {
		t.Fatal(err)
	}
	if v := b.container(t, nbE, p1, a1); v.Opleverdatum != "2030-01-17" {
		t.Errorf("moved to %s", v.Opleverdatum)
	}
}

// TestMagKennen: each way of having a part in a project opens it, no other.
func TestMagKennen(t *testing.T) {
	b, ctx := open(t), t.Context()
	for _, org := range []string{nbE, nbG, aan1, aan2, comb} {
		if _, err := b.Project(ctx, org, p1); err != nil {
			t.Errorf("%s: %v", org, err)
		}
	}
	_, err := b.Project(ctx, out, p1)
	reason(t, err, fault.Missing)
	_, err = b.Project(ctx, nbG, p3)
	reason(t, err, fault.Missing)
	_, err = b.VanProject(ctx, out, p1, false)
	reason(t, err, fault.Missing)
	_, err = b.Bijlagen(ctx, out, p1)
	reason(t, err, fault.Missing)
	_, err = b.Mics(ctx, out, p1)
	reason(t, err, fault.Missing)
	_, _, err = b.MaakBijlage(ctx, out, p1, a1, capo.NieuweBijlage{Bestandsnaam: "a.pdf"})
	reason(t, err, fault.Missing)
	// A container of another project is not there under this one.
	_, err = b.ZetStatus(ctx, aan1, p1, a4, capo.Done, nil)
	reason(t, err, fault.Missing)
	list, total, err := b.Projecten(ctx, nbE, capodb.ProjectFilter{Limit: 2, Offset: 1})
	if err != nil || total != 3 || len(list) != 2 || !strings.Contains(list[0].Document, `"62c7d0a1eb277e1b79161402"`) {
		t.Errorf("%d of %d, %v", len(list), total, err)
	}
}

// TestUpload holds what the address promises (contract 3.2).
func TestUpload(t *testing.T) {
	b, ctx := open(t), t.Context()
	f, token, err := b.MaakBijlage(ctx, aan1, p1, a1, capo.NieuweBijlage{Bestandsnaam: "tekening.pdf"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    capodb.Ontvangst
		want fault.Reason
	}{
		"unknown":    {capodb.Ontvangst{Token: "x", Lengte: 3}, fault.AddressInvalid},
		"no length":  {capodb.Ontvangst{Token: token, Lengte: -1}, fault.NoLength},
		"empty":      {capodb.Ontvangst{Token: token, Lengte: 0}, fault.EmptyBody},
		"too large":  {capodb.Ontvangst{Token: token, Lengte: capo.MaxGrootte + 1}, fault.BodyTooLarge},
		"broken off": {capodb.Ontvangst{Token: token, Lengte: 9, Bytes: io.MultiReader(strings.NewReader("abc"), broken{})}, fault.BrokenBody},
	} {
		_, err := b.Ontvang(ctx, c.o)
		if got := fault.ReasonOf(err); got != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if keys := blobstest.Keys(t, b.disk); len(keys) != 1 { // the demo's own file
		t.Errorf("a refused upload left %v", keys)
	}
	if _, _, err := b.Download(ctx, nbE, p1, f.BijlageID); fault.ReasonOf(err) != fault.Missing {
		t.Errorf("a file that is not uploaded can be had: %v", err)
	}
	if err := b.upload(t, token, strings.NewReader("abc"), 3); err != nil {
		t.Fatal(err)
	}
	reason(t, b.upload(t, token, strings.NewReader("def"), 3), fault.AddressUsed)
	if _, err := b.MeldGeupload(ctx, aan1, p1, f.BijlageID); err != nil {
		t.Fatal(err)
	}
	got, content, err := b.Download(ctx, nbE, p1, f.BijlageID)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if text, _ := io.ReadAll(content); string(text) != "abc" || got.Grootte != 3 {
		t.Errorf("%q, %+v", text, got)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestUploadRace: of 32 uploads to one address one is kept, and its bytes.
func TestUploadRace(t *testing.T) {
	b, ctx := open(t), t.Context()
	f, token, err := b.MaakBijlage(ctx, aan1, p1, a1, capo.NieuweBijlage{Bestandsnaam: "tekening.pdf"})
	if err != nil {
		t.Fatal(err)
	}
	ok := atOnce(t, 32, fault.AddressUsed, func(i int) error {
		return b.upload(t, token, bytes.NewReader(bytes.Repeat([]byte{byte(i)}, 1000)), 1000)
	})
	if ok != 1 {
		t.Errorf("%d uploads kept", ok)
	}
	if keys := blobstest.Keys(t, b.disk); len(keys) != 2 {
		t.Errorf("%d blobs, want the demo's and one", len(keys))
	}
	if _, err := b.MeldGeupload(ctx, aan1, p1, f.BijlageID); err != nil {
		t.Error(err)
	}
	if damage, n, err := b.Check(ctx, func(int, int) {}); err != nil || damage != nil || n != 2 {
		t.Errorf("%v, %d, %v", damage, n, err)
	}
}

// TestUploadFullDisk: a disk that fills up in the middle is our fault, leaves
// nothing, and the address stays good.
func TestUploadFullDisk(t *testing.T) {
	b := open(t, func(inner blobs.Blobs) blobs.Blobs { return blobstest.Full(inner, 2) })
	_, token, err := b.MaakBijlage(t.Context(), aan1, p1, a1, capo.NieuweBijlage{Bestandsnaam: "tekening.pdf"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err = b.upload(t, token, strings.NewReader("abc"), 3)
		if fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("%v", err)
		}
	}
	if keys := blobstest.Keys(t, b.disk); len(keys) != 1 {
		t.Errorf("a full disk left %v", keys)
	}
	if _, err := b.Project(t.Context(), aan1, p1); err != nil {
		t.Errorf("something else was harmed: %v", err)
	}
}

// TestRuim is contract 2.2 and C12: what nobody will see is forgotten, what
// somebody may still use is not.
func TestRuim(t *testing.T) {
	b, ctx := open(t), t.Context()
	if _, _, err := b.MaakBijlage(ctx, aan1, p1, a1, capo.NieuweBijlage{Bestandsnaam: "nooit.pdf"}); err != nil {
		t.Fatal(err)
	}
	b.file(t, aan1, p1, a1, "wacht.pdf") // bytes, not yet said to be uploaded
	f := b.file(t, aan1, p1, a1, "klaar.pdf")
	if _, err := b.MeldGeupload(ctx, aan1, p1, f.BijlageID); err != nil {
		t.Fatal(err)
	}
	b.advance(15*time.Minute + capo.BewaarZonderFile)
	if n, err := b.Ruim(ctx); n != 0 || err != nil {
		t.Errorf("%d removed at the last moment, %v", n, err)
	}
	b.advance(time.Second)
	if n, err := b.Ruim(ctx); n != 1 || err != nil {
		t.Errorf("%d removed, %v; want the file that never came", n, err)
	}
	if _, err := b.ZetStatus(ctx, aan1, p1, a1, capo.Done, nil); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Ruim(ctx); n != 1 || err != nil {
		t.Errorf("%d removed, %v; want the file that missed the delivery", n, err)
	}
	sweeper := blobs.NewSweeper(b.disk, []blobs.Owner{b.DB}, func() time.Time { return time.Now().Add(2 * time.Hour) }, slog.New(slog.DiscardHandler), time.Hour)
	if n, err := sweeper.Once(ctx); n != 1 || err != nil {
		t.Errorf("the sweep removed %d, %v; want the bytes of the dropped file only", n, err)
	}
	if damage, n, err := b.Check(ctx, func(int, int) {}); err != nil || damage != nil || n != 2 {
		t.Errorf("%v, %d, %v", damage, n, err)
	}
}

// TestNaamVrij: a name is free again when the address of a file that never
// came has run out.
func TestNaamVrij(t *testing.T) {
	b, ctx := open(t), t.Context()
	maak := func() error {
		_, _, err := b.MaakBijlage(ctx, aan1, p1, a1, capo.NieuweBijlage{Bestandsnaam: "tekening.pdf"})
		return err
	}
	if err := maak(); err != nil {
		t.Fatal(err)
	}
	reason(t, maak(), capo.BestandsnaamBezet)
	b.advance(15 * time.Minute)
	if err := maak(); err != nil {
		t.Errorf("the name is still taken: %v", err)
	}
}

// TestInvoer: the same file again changes nothing; a changed one changes what
// it says; a wrong one changes nothing and names each fault.
func TestInvoer(t *testing.T) {
	b, ctx := open(t), t.Context()
	neem := func(text string) error {
		in, err := capo.LeesInvoer(strings.NewReader(text))
		if err != nil {
			return err
		}
		return b.Neem(ctx, in, func(int, int) {})
	}
	demo := string(capodb.DemoJSON())
	f := b.file(t, aan1, p1, a1, "tekening.pdf")
	if _, err := b.MeldGeupload(ctx, aan1, p1, f.BijlageID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.MeldHoofdleiding(ctx, nbE, p1, nil, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := b.MeldMic(ctx, nbG, p1, true, nil, ""); err != nil {
		t.Fatal(err)
	}
	scans := func() string {
		e, err1 := b.Project(ctx, nbE, p1)
		g, err2 := b.Project(ctx, nbG, p1)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		return fmt.Sprintf("%+v %+v %v", *e.Quickscan, g.Quickscan.Afgerond(), g.Quickscan.AfgerondOp)
	}
	scan := scans()
	before := b.container(t, aan1, p1, a1)
	if err := neem(demo); err != nil {
		t.Fatal(err)
	}
	if after := b.container(t, aan1, p1, a1); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the same file again changed %+v to %+v", before, after)
	}
	if again := scans(); again != scan {
		t.Errorf("the same file again changed the quickscans %s to %s", scan, again)
	}
	if err := neem(strings.Replace(demo, `"wensweek": "2030-W01"`, `"wensweek": "2030-W02"`, 1)); err != nil {
		t.Fatal(err)
	}
	if v := b.container(t, aan1, p1, a1); v.Opleverdatum != "2029-12-24" || v.Status != capo.Uploaded {
		t.Errorf("a week later: due %s, %s", v.Opleverdatum, v.Status)
	}
	if err := neem(strings.Replace(demo, `"naam": "Grond'g Amsterdam"`, `"naam": "Grond'g Amstelland"`, 1)); err != nil {
		t.Fatal(err)
	}
	if v, err := b.Project(ctx, aan1, p1); err != nil || !strings.Contains(v.Document, "Amstelland") {
		t.Errorf("the area's new name is not shown: %v %v", v.Document, err)
	}
	if damage, _, err := b.Check(ctx, func(int, int) {}); err != nil || damage != nil {
		t.Errorf("%v, %v", damage, err)
	}
	err := neem(`{"projecten":[{"projectId":"62c7d0a1eb277e1b79161499","projecttype":"aansluiting","processtap":"Intake","typeAanvraag":"Aanvraag",
		"datumAangevraagd":"2022-07-08","gebiedId":"62c7cf00eb277e1b79161301","uitvoerendeAannemerId":"62c7cf00eb277e1b79161999",
		"bijlageassigned":[{"bijlageAssignedId":"62c7d159eb277e1b79161499","documentsoort":"Onbekend"}]}]}`)
	if fields := fault.From(err).Fields; len(fields) != 2 || fields[0].Pointer != "/projecten/0/uitvoerendeAannemerId" || fields[1].Pointer != "/projecten/0/bijlageassigned/0/organisatieId" {
		t.Errorf("faults: %+v", fields)
	}
	_, err = b.Project(ctx, comb, "62c7d0a1eb277e1b79161499")
	reason(t, err, fault.Missing)
}

// TestInvoerVolgensGebied: a project without containers gets those that its
// area presets, due as many days before the planned date (contract 2.3).
func TestInvoerVolgensGebied(t *testing.T) {
	b, ctx := open(t), context.Background()
	in, err := capo.LeesInvoer(strings.NewReader(`{
		"gebieden":[{"gebiedId":"62c7cf00eb277e1b79161303","naam":"Proef","combi":"Grond'g","combiOrganisatieId":"` + comb + `","wekenNaWerkvoorbereiding":2,
			"bijlagen":[{"documentsoort":"Tekening","processtap":"Intake","requiresReview":true,"organisatieId":"` + aan2 + `","dagenVoorUitvoering":10},
			            {"documentsoort":"Overig","processtap":"Oplevering"}]}],
		"projecten":[{"projectId":"62c7d0a1eb277e1b79161404","projecttype":"aansluiting","processtap":"Intake","typeAanvraag":"Aanvraag",
			"datumAangevraagd":"2022-07-08","gebiedId":"62c7cf00eb277e1b79161303","wensweek":"2030-W01"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.Neem(ctx, in, func(int, int) {}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := b.VanProject(ctx, aan2, "62c7d0a1eb277e1b79161404", false)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if v := list[0]; v.Opleverdatum != "2029-12-21" || !v.RequiresReview || v.BeoordelaarID != comb || v.Processtap != capo.Intake {
		t.Errorf("%+v", v)
	}
	// The preset changes; the container stays as it was made.
	in.Gebieden[0].Bijlagen[0].RequiresReview = false
	if err := b.Neem(ctx, in, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if v := b.container(t, aan2, "62c7d0a1eb277e1b79161404", list[0].BijlageAssignedID); !v.RequiresReview {
		t.Error("a later preset touched a container")
	}
	// An area that is no longer supported takes its projects out of the API.
	no := false
	in.Gebieden[0].Ondersteund = &no
	if err := b.Neem(ctx, in, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	_, err = b.Project(ctx, aan2, "62c7d0a1eb277e1b79161404")
	reason(t, err, fault.Missing)
}

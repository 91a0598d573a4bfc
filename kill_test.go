package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/capo"
	"loket/store/capo/capodb"
	"loket/store/objectid"
)

// killsVariable is how often TestKill kills; the seed can be set too.
const (
	killsVariable = "LOKET_TEST_KILLS"
	seedVariable  = "LOKET_TEST_SEED"
	killWorkers   = 4
)

// TestKill kills a real process at random points of the page's workflow under
// load. What was answered with success is there after each restart, with its
// bytes; a step without an answer was taken whole or not at all; a container's
// status is where its log ends.
func TestKill(t *testing.T) {
	kills, seed := number(t, killsVariable, 3), uint64(number(t, seedVariable, int(time.Now().UnixNano()%1e9)))
	t.Logf("%s=%d %s=%d", killsVariable, kills, seedVariable, seed)
	k := newKiller(t, mathrand.New(mathrand.NewPCG(seed, 0)), 6+5*kills)
	for i := range kills {
		k.round(t, i)
	}
	k.verifyAll(t)
	t.Logf("%d kills: %d answered steps, %d files compared, %d steps without an answer (%d of them taken)", kills, k.acked.Load(), k.compared, k.open, k.taken)
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s must be a number: %v", name, err)
	}
	return n
}

// item is one container and what is known of it from answers alone.
type item struct {
	project, id string
	review      bool
	status      capo.Status
	maybe       capo.Status       // asked for without an answer; "" for none
	files       map[string]string // name → hash, said to be uploaded
	bytes       map[string]string // id → name of files whose bytes were answered for
	maybeFile   map[string]bool   // names that were said to be uploaded without an answer
	hashes      map[string]string // name → hash of everything ever sent
	rejected    bool
	next        int // number of the next file
	checked     map[string]bool
}

type killer struct {
	rand                  *mathrand.Rand
	data                  string
	items                 []*item
	acked                 atomic.Int64
	compared, open, taken int
}

var killEnv = []string{"LOKET_CAPO_RATE=0", "LOKET_CAPO_IN_FLIGHT=0", "LOKET_LOG_LEVEL=warn"}

// newKiller fills a store with so many projects that work is left for each kill.
func newKiller(t *testing.T, r *mathrand.Rand, projects int) *killer {
	t.Helper()
	k := &killer{rand: r, data: t.TempDir()}
	in := map[string]any{}
	var list []any
	for i := range projects {
		project := fmt.Sprintf("62c7d0a1eb277e1b79%06x", i)
		var containers []any
		for j := range 2 {
			it := &item{
				project: project, id: fmt.Sprintf("62c7d159eb277e1b79%06x", 2*i+j), review: j == 1, status: capo.Assigned,
				files: map[string]string{}, bytes: map[string]string{}, maybeFile: map[string]bool{}, hashes: map[string]string{}, checked: map[string]bool{},
			}
			k.items = append(k.items, it)
			containers = append(containers, map[string]any{
				"bijlageAssignedId": it.id, "documentsoort": "Tekening", "organisatieId": "62c7cf00eb277e1b79161011", "requiresReview": it.review,
			})
		}
		list = append(list, map[string]any{
			"projectId": project, "projecttype": "aansluiting", "processtap": "Intake", "typeAanvraag": "Aanvraag", "datumAangevraagd": "2022-07-08",
			"gebiedId": "62c7cf00eb277e1b79161301", "bijlageassigned": containers,
		})
	}
	in["projecten"] = list
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "capo.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, nil, "--demo", "--data", k.data)
	s.end(t)
	if code, _, errs := loket(t, nil, "import", "capo", file, "--data", k.data); code != 0 {
		t.Fatal(errs)
	}
	return k
}

// round serves, loads, kills after a random number of answers, and looks at
// what the kill left: in the database while nobody serves, and over HTTP.
func (k *killer) round(t *testing.T, n int) {
	t.Helper()
	p := spawn(t, killEnv, "--data", k.data)
	limit := k.acked.Load() + 1 + int64(k.rand.IntN(120))
	dead := make(chan struct{})
	killed := sync.OnceFunc(func() { p.kill(); close(dead) })
	before := k.acked.Load()
	var workers sync.WaitGroup
	for w := range killWorkers {
		seed := mathrand.New(mathrand.NewPCG(k.rand.Uint64(), uint64(w)))
		workers.Go(func() {
			for i := range k.items {
				if i/2%killWorkers != w {
					continue
				}
				for k.items[i].status != capo.Done {
					if !k.step(t.Context(), p.origin, k.items[i], seed) {
						killed() // no answer: the process is gone, or is to go
						return
					}
					if k.acked.Load() >= limit {
						// Not here: the others are in the middle of something.
						go killed()
					}
				}
			}
		})
	}
	workers.Wait()
	killed() // should they have run out of work
	<-dead
	if k.acked.Load() == before && !k.finished() {
		t.Fatalf("round %d: nothing was answered: %s", n, p.log)
	}
	k.logs(t)
	again := spawn(t, killEnv, "--data", k.data)
	for _, it := range k.items {
		k.verify(t, again.origin, it)
	}
	again.kill()
}

func (k *killer) finished() bool {
	for _, it := range k.items {
		if it.status != capo.Done {
			return false
		}
	}
	return true
}

// step takes the next step of a container; false when there was no answer.
func (k *killer) step(ctx context.Context, origin string, it *item, r *mathrand.Rand) bool {
	switch {
	case it.status == capo.Assigned, it.status == capo.Uploaded && (it.next == 0 || it.rejected && it.next < 3 || r.IntN(3) == 0):
		return k.file(ctx, origin, it, r)
	case it.status == capo.Uploaded && it.review:
		return k.zet(ctx, origin, it, capo.Review, bearer, "")
	case it.status == capo.Uploaded:
		return k.zet(ctx, origin, it, capo.Done, bearer, "")
	case !it.rejected:
		it.rejected = true
		return k.zet(ctx, origin, it, capo.Uploaded, "Bearer demo-capo-combi-1", "Maatvoering ontbreekt")
	}
	return k.zet(ctx, origin, it, capo.Done, "Bearer demo-capo-combi-1", "")
}

func (k *killer) zet(ctx context.Context, origin string, it *item, to capo.Status, token, reden string) bool {
	body := `{"status":"` + string(to) + `"}`
	if reden != "" {
		body = `{"status":"` + string(to) + `","reden":"` + reden + `"}`
	}
	it.maybe = to
	code, _, ok := k.ask(ctx, http.MethodPatch, origin+"/api/capo/project/"+it.project+"/bijlageassigned/"+it.id, token, strings.NewReader(body), 0)
	if !ok {
		return false
	}
	it.maybe = ""
	if code == http.StatusOK {
		it.status = to
	}
	return true
}

// file delivers one file by the page's steps 3 to 5.
func (k *killer) file(ctx context.Context, origin string, it *item, r *mathrand.Rand) bool {
	base := origin + "/api/capo/project/" + it.project
	name := fmt.Sprintf("f%d.bin", it.next)
	it.next++
	code, text, ok := k.ask(ctx, http.MethodPost, base+"/bijlageassigned/"+it.id+"/bijlage", bearer, strings.NewReader(`{"bestandsnaam":"`+name+`"}`), 0)
	if !ok || code != http.StatusCreated {
		return ok
	}
	var f struct{ URL, BijlageID string }
	if json.Unmarshal([]byte(text), &f) != nil {
		return false // cut off in the middle
	}
	content := make([]byte, 1+r.IntN(200_000))
	for i := range content {
		content[i] = byte(r.Uint32())
	}
	sum := sha256.Sum256(content)
	it.hashes[name] = hex.EncodeToString(sum[:])
	if code, _, ok = k.ask(ctx, http.MethodPut, f.URL, "", strings.NewReader(string(content)), int64(len(content))); !ok || code != http.StatusOK {
		return ok
	}
	it.bytes[f.BijlageID] = name
	it.maybeFile[name] = true
	if code, _, ok = k.ask(ctx, http.MethodPatch, base+"/bijlage/"+f.BijlageID, bearer, strings.NewReader(`{"status":"uploaded"}`), 0); !ok || code != http.StatusOK {
		return ok
	}
	delete(it.bytes, f.BijlageID)
	delete(it.maybeFile, name)
	it.files[name] = it.hashes[name]
	if it.status == capo.Assigned {
		it.status = capo.Uploaded
	}
	return true
}

// ask sends a request; ok is false when no whole answer came.
func (k *killer) ask(ctx context.Context, method, address, token string, body io.Reader, length int64) (code int, text string, ok bool) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, "", false
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	if length > 0 {
		r.ContentLength = length
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", false
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, "", false
	}
	k.acked.Add(1)
	return res.StatusCode, string(b), true
}

// verify compares the server's view of a container with what was answered, and
// learns from it what became of the step without an answer.
func (k *killer) verify(t *testing.T, origin string, it *item) {
	t.Helper()
	base := origin + "/api/capo/project/" + it.project
	var containers []struct {
		BijlageAssignedID string
		Status            capo.Status
		AantalBijlagen    int
	}
	var files []struct{ BijlageID, ParentID, Bestandsnaam, DownloadURL string }
	for path, into := range map[string]any{"/bijlageassigned": &containers, "/bijlage": &files} {
		code, text := ask(t, http.MethodGet, base+path, bearer, nil)
		if err := json.Unmarshal([]byte(text), into); err != nil || code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, code, text)
		}
	}
	there, ids := map[string]string{}, map[string]bool{}
	for _, f := range files {
		if f.ParentID == it.id {
			there[f.Bestandsnaam], ids[f.BijlageID] = f.DownloadURL, true
		}
	}
	// The first file moves the container by itself, so that too may be unsaid.
	for _, c := range containers {
		if c.BijlageAssignedID != it.id {
			continue
		}
		moved := it.status == capo.Assigned && c.Status == capo.Uploaded && len(there) > 0
		if c.Status != it.status && c.Status != it.maybe && !moved {
			t.Errorf("container %s: answered %s, asked %q, found %s", it.id, it.status, it.maybe, c.Status)
		}
		if it.maybe != "" {
			k.open++
			if c.Status == it.maybe {
				k.taken++
			}
		}
		it.status, it.maybe = c.Status, ""
		if c.AantalBijlagen != len(there) {
			t.Errorf("container %s counts %d files, %d are listed", it.id, c.AantalBijlagen, len(there))
		}
	}
	for name := range it.files {
		if there[name] == "" {
			t.Errorf("container %s: file %s was answered for and is gone", it.id, name)
		}
	}
	for name, address := range there {
		if it.files[name] == "" && !it.maybeFile[name] {
			t.Errorf("container %s: file %s was never said to be uploaded", it.id, name)
		}
		if it.maybeFile[name] {
			k.open++
			k.taken++
		}
		it.files[name] = it.hashes[name]
		k.compare(t, it, name, address)
	}
	k.pending(t, base, it, ids)
	clear(it.maybeFile)
}

func (k *killer) compare(t *testing.T, it *item, name, address string) {
	t.Helper()
	if it.checked[name] {
		return
	}
	it.checked[name] = true
	code, content := ask(t, http.MethodGet, address, bearer, nil)
	sum := sha256.Sum256([]byte(content))
	if code != http.StatusOK || hex.EncodeToString(sum[:]) != it.hashes[name] {
		t.Errorf("container %s: the bytes of %s are not those that were sent (%d, %d bytes)", it.id, name, code, len(content))
	}
	k.compared++
}

// pending finishes files whose bytes were answered for: they must be there.
func (k *killer) pending(t *testing.T, base string, it *item, listed map[string]bool) {
	t.Helper()
	for id, name := range it.bytes {
		if !listed[id] && it.status != capo.Done {
			code, text := ask(t, http.MethodPatch, base+"/bijlage/"+id, bearer, strings.NewReader(`{"status":"uploaded"}`))
			if code != http.StatusOK {
				t.Errorf("container %s: the bytes of %s were answered for, but: %d %s", it.id, name, code, text)
			}
			it.files[name] = it.hashes[name]
			if it.status == capo.Assigned {
				it.status = capo.Uploaded
			}
		}
		delete(it.bytes, id)
	}
}

// logs reads the database that the kill left: each container's log is
// unbroken and ends at its status, and every blob that a row names is whole.
func (k *killer) logs(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(k.data, "loket.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	disk, err := blobs.OpenDisk(filepath.Join(k.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	ids := objectid.New(time.Now, rand.Reader)
	c := capodb.New(capodb.Deps{
		DB: db, Accounts: accounts.New(db, time.Now, ids), Blobs: disk, Tickets: blobs.NewTickets(db, time.Now), IDs: ids, Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	for _, it := range k.items {
		views, err := c.VanProject(ctx, "62c7cf00eb277e1b79161011", it.project, true)
		if err != nil {
			t.Fatal(err)
		}
		log, err := c.Overgangen(ctx, it.id)
		if err != nil {
			t.Fatal(err)
		}
		at := capo.Assigned
		for _, o := range log {
			if o.Van != at {
				t.Errorf("container %s: its log is broken: %+v", it.id, log)
			}
			at = o.Naar
		}
		for _, v := range views {
			if v.BijlageAssignedID == it.id && v.Status != at {
				t.Errorf("container %s is %s, its log ends at %s", it.id, v.Status, at)
			}
		}
	}
	if damage, _, err := c.Check(ctx, func(int, int) {}); err != nil || damage != nil {
		t.Errorf("blobs: %v %v", damage, err)
	}
}

// verifyAll compares every file again, after the sweep of what nobody needs.
func (k *killer) verifyAll(t *testing.T) {
	t.Helper()
	p := spawn(t, killEnv, "--data", k.data)
	for _, it := range k.items {
		clear(it.checked)
		k.verify(t, p.origin, it)
	}
	p.kill()
}

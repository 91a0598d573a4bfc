package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/mail"
	"loket/store/storetest"
)

// sender is a mail.Sender that fails when told to.
type sender struct {
	mu    sync.Mutex
	fail  error
	sent  map[string]int // by Message-ID
	hold  chan struct{}  // when not nil, Send waits for it
	begun chan struct{}
}

func (s *sender) Send(_ context.Context, m mail.Message) error {
	if s.hold != nil {
		s.begun <- struct{}{}
		<-s.hold
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.sent[m.ID]++
	return nil
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

var quiet = slog.New(slog.DiscardHandler)

func open(t *testing.T) (*store.DB, *sender, *clock, *Worker) {
	t.Helper()
	db := storetest.Open(t, Migrations())
	s, c := &sender{sent: map[string]int{}}, &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	return db, s, c, NewWorker(db, s, c.Now, quiet)
}

func message(id string) Mail {
	return Mail{API: "test", Reference: "job", Message: mail.Message{ID: id, To: "a@example.com", Subject: "S", Text: "T", HTML: "<p>T</p>"}}
}

func queue(t *testing.T, db *store.DB, now time.Time, mails ...Mail) {
	t.Helper()
	if err := db.InTx(t.Context(), func(tx *gorm.DB) error { return Add(tx, now, mails...) }); err != nil {
		t.Fatal(err)
	}
}

func once(t *testing.T, w *Worker, want int) {
	t.Helper()
	n, err := w.Once(t.Context())
	if err != nil || n != want {
		t.Fatalf("tried %d (%v), want %d", n, err, want)
	}
}

func progress(t *testing.T, db *store.DB) Progress {
	t.Helper()
	p, err := ProgressOf(db.Reader(t.Context()), "test", []string{"job", "another"})
	if err != nil {
		t.Fatal(err)
	}
	return p["job"]
}

func TestSchema(t *testing.T) { storetest.Drift(t, Migrations(), &row{}) }

func TestNothingIsQueuedWhenTheRestFails(t *testing.T) {
	db, _, c, w := open(t)
	broken := errors.New("the rest fails")
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		if err := Add(tx, c.Now(), message("msg-1")); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	once(t, w, 0)
	queue(t, db, c.Now())
	once(t, w, 0)
}

func TestSentMailKeepsNoContent(t *testing.T) {
	db, s, c, w := open(t)
	queue(t, db, c.Now(), message("msg-1"), message("msg-2"))
	if n, err := Depth(t.Context(), db); n != 2 || err != nil {
		t.Errorf("depth is %d, %v", n, err)
	}
	once(t, w, 2)
	once(t, w, 0)
	if len(s.sent) != 2 || progress(t, db) != (Progress{Sent: 2}) {
		t.Errorf("sent %v, progress %+v", s.sent, progress(t, db))
	}
	var r row
	if err := db.Reader(t.Context()).Where("id = ?", "msg-1").Take(&r).Error; err != nil {
		t.Fatal(err)
	}
	if r.Text != "" || r.HTML != "" || !r.FinishedAt.Valid {
		t.Errorf("a sent mail is still %+v", r)
	}
	if n, err := Depth(t.Context(), db); n != 0 || err != nil {
		t.Errorf("depth is %d, %v", n, err)
	}
}

// TestBackoff: again after 1, 5, and 15 minutes, then failed for good.
func TestBackoff(t *testing.T) {
	db, s, c, w := open(t)
	s.fail = errors.New(strings.Repeat("é", 400))
	queue(t, db, c.Now(), message("msg-1"))
	for _, wait := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
		once(t, w, 1)
		c.advance(wait - time.Second)
		once(t, w, 0)
		c.advance(time.Second)
	}
	if p := progress(t, db); p != (Progress{Queued: 1}) {
		t.Errorf("before the last attempt: %+v", p)
	}
	once(t, w, 1)
	c.advance(24 * time.Hour)
	once(t, w, 0)
	if p := progress(t, db); p != (Progress{Failed: 1}) {
		t.Errorf("after the last attempt: %+v", p)
	}
	queue(t, db, c.Now(), message("msg-2"))
	once(t, w, 1)
	s.fail = nil
	c.advance(time.Minute)
	once(t, w, 1)
	if s.sent["msg-2"] != 1 {
		t.Errorf("sent %v", s.sent)
	}
}

// TestLease: the mails of a worker that died go to another, when its lease has
// run out and not before; what the first one records after that does not count.
func TestLease(t *testing.T) {
	db, s, c, first := open(t)
	second := NewWorker(db, s, c.Now, quiet)
	queue(t, db, c.Now(), message("msg-1"))
	rows, err := first.claim(t.Context()) // and then it dies
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v %v", rows, err)
	}
	once(t, second, 0)
	c.advance(lease)
	once(t, second, 1)
	if err := first.record(t.Context(), rows, []error{errors.New("too late")}); err != nil {
		t.Fatal(err)
	}
	if p := progress(t, db); p != (Progress{Sent: 1}) {
		t.Errorf("progress %+v", p)
	}
}

// TestRunTakesOver: on SQLite the mails of a program that died do not wait.
func TestRunTakesOver(t *testing.T) {
	db, s, c, w := open(t)
	if db.Dialect() != store.SQLite {
		return // there the lease has to run out: TestLease
	}
	queue(t, db, c.Now(), message("msg-1"))
	if rows, err := NewWorker(db, s, c.Now, quiet).claim(t.Context()); err != nil || len(rows) != 1 {
		t.Fatalf("%v %v", rows, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { w.Run(ctx); close(ended) }()
	waitFor(t, func() bool { return progress(t, db).Sent == 1 })
	cancel()
	<-ended
}

func TestWorkersShare(t *testing.T) {
	db, s, c, w := open(t)
	mails := make([]Mail, 100)
	for i := range mails {
		mails[i] = message(fmt.Sprintf("msg-%03d", i))
	}
	queue(t, db, c.Now(), mails...)
	var wg sync.WaitGroup
	for _, w := range []*Worker{w, NewWorker(db, s, c.Now, quiet), NewWorker(db, s, c.Now, quiet)} {
		wg.Go(func() {
			for {
				n, err := w.Once(t.Context())
				if err != nil {
					t.Error(err)
				}
				if n == 0 {
					return
				}
			}
		})
	}
	wg.Wait()
	for id, n := range s.sent {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	if p := progress(t, db); p.Sent != 100 {
		t.Errorf("progress %+v", p)
	}
}

// TestRunFinishesWhatItBegan: after the end of ctx the attempt goes on and its
// outcome is kept.
func TestRunFinishesWhatItBegan(t *testing.T) {
	db, s, c, w := open(t)
	s.hold, s.begun = make(chan struct{}), make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { w.Run(ctx); close(ended) }()
	queue(t, db, c.Now(), message("msg-1"))
	w.Wake()
	<-s.begun
	cancel()
	select {
	case <-ended:
		t.Fatal("it left in the middle of an attempt")
	default:
	}
	close(s.hold)
	<-ended
	if p := progress(t, db); p != (Progress{Sent: 1}) {
		t.Errorf("progress %+v", p)
	}
}

func TestRemove(t *testing.T) {
	db, s, c, w := open(t)
	queue(t, db, c.Now(), message("msg-1"))
	if err := db.InTx(t.Context(), func(tx *gorm.DB) error { return Remove(tx, "test", []string{"job"}) }); err != nil {
		t.Fatal(err)
	}
	once(t, w, 0)
	if len(s.sent) != 0 {
		t.Errorf("sent %v", s.sent)
	}
}

// child is the variable that makes this test program a worker of its own, which
// TestKill kills.
const child = "LOKET_TEST_OUTBOX_CHILD"

func TestMain(m *testing.M) {
	if where := os.Getenv(child); where != "" {
		os.Exit(work(where))
	}
	os.Exit(m.Run())
}

// work sends into a folder, slowly, until somebody kills it.
func work(where string) int {
	path, folder, _ := strings.Cut(where, "|")
	o := store.Options{Path: path, Logger: quiet}
	if strings.HasPrefix(path, "postgres") {
		o = store.Options{URL: path, Logger: quiet}
	}
	db, err := store.Open(context.Background(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, err := mail.Open("", folder, "test@example.com")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	NewWorker(db, s, time.Now, quiet).Run(context.Background())
	return 0
}

// TestKill: of 500 mails queued in one transaction, each is sent although the
// worker is killed again and again; none is lost.
func TestKill(t *testing.T) {
	o := storetest.Options(t, Migrations())
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	const all = 500
	mails := make([]Mail, all)
	for i := range mails {
		mails[i] = message(fmt.Sprintf("msg-%03d", i))
	}
	now := time.Now()
	queue(t, db, now, mails...)
	folder := t.TempDir()
	where := o.Path
	if where == "" {
		where = o.URL
	}
	for kills := range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), child+"="+where+"|"+folder)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitFor(t, func() bool { return len(arrived(t, folder)) >= 60*(kills+1) })
		if err := cmd.Process.Kill(); err != nil { // SIGKILL: nothing is finished, nothing is recorded
			t.Fatal(err)
		}
		_ = cmd.Wait() // "killed"
	}
	if n := len(arrived(t, folder)); n >= all {
		t.Fatalf("all %d were sent before the kills", n)
	}
	// The one who comes after has a clock on which the leases of the dead are over.
	s, err := mail.Open("", folder, "test@example.com")
	if err != nil {
		t.Fatal(err)
	}
	later := NewWorker(db, s, func() time.Time { return now.Add(time.Hour) }, quiet)
	for {
		n, err := later.Once(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if n := len(arrived(t, folder)); n != all {
		t.Errorf("%d of %d arrived", n, all)
	}
	if p := progress(t, db); p != (Progress{Sent: all}) {
		t.Errorf("progress %+v", p)
	}
}

func arrived(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
		<-tick.C
	}
}

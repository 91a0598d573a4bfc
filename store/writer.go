package store

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"
)

// busyStep is how long SQLite itself waits for another process's write; it
// cannot be interrupted there, so the wait is made of such steps.
const busyStep = 200 * time.Millisecond

// busyLimit is how long a transaction waits in all for another process's.
const busyLimit = 5 * time.Second

var errClosed = errors.New("store: the store is closed")

// writer is SQLite's one writing connection with its prepared statements. It
// keeps one *sql.Conn for life, because statements prepared within a sql.Tx
// end with it and those prepared on a pool of one would wait for themselves.
//
// # Group commit
//
// What a commit costs is waiting for the disk, once for however much was
// written. So transactions that queue share one: the first begins, each later
// one is a savepoint in it, and none is told that it succeeded before the
// shared commit has. Who has finished queues for the token again, behind those
// that waited before (a channel serves in order), and commits when its turn
// comes: a lone transaction commits at once, a crowd once a round. One that
// fails takes back its own savepoint only. If SQLite undoes everything (a full
// disk), all of the group fail.
type writer struct {
	pool    *sql.DB
	lasting context.Context // without an end
	token   chan struct{}   // holds one token: who has it owns the fields below
	closed  chan struct{}
	waits   atomic.Int64
	commits atomic.Int64

	link
	group *group // what has begun and is not committed; nil when nothing has
}

// group is the transactions of one commit.
type group struct {
	finished int           // those that wait for the commit
	done     chan struct{} // closed after it
	err      error         // its outcome, to be read after done
}

// maxGroup bounds a group, and so how many answers one failure takes along.
const maxGroup = 64

func newWriter(lasting context.Context, pool *sql.DB, count *atomic.Int64) *writer {
	w := &writer{pool: pool, lasting: lasting, link: link{count: count}, token: make(chan struct{}, 1), closed: make(chan struct{})}
	w.token <- struct{}{}
	return w
}

// begin waits for the connection and for SQLite's write lock, both as long as
// ctx allows.
func (w *writer) begin(ctx context.Context) (*writeTx, error) {
	select {
	case <-w.token:
	default:
		w.waits.Add(1)
		select {
		case <-w.token:
		case <-w.closed:
			return nil, errClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	t := &writeTx{linkTx: linkTx{link: &w.link, lasting: w.lasting}, w: w}
	if err := w.join(ctx, t); err != nil {
		w.token <- struct{}{}
		return nil, err
	}
	return t, nil
}

// join makes t the first of a group, or a savepoint in the open one.
func (w *writer) join(ctx context.Context, t *writeTx) error {
	if w.group == nil {
		if err := w.beginHere(ctx); err != nil {
			return err
		}
		w.group = &group{done: make(chan struct{})}
	} else {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.run(w.lasting, savepointStatement); err != nil {
			return err
		}
		t.savepoint = true
	}
	t.group = w.group
	return nil
}

// commit ends the open group; its outcome is every member's.
func (w *writer) commit() {
	err := w.run(w.lasting, commitStatement)
	if err == nil {
		w.commits.Add(1)
	} else {
		w.undo()
		if !isBusy(err) { // every constraint was checked before: it is the disk
			err = unavailable(err)
		}
	}
	w.end(err)
}

// end tells the members of the open group.
func (w *writer) end(err error) {
	w.group.err = err
	close(w.group.done)
	w.group = nil
}

// undo rolls everything back. SQLite may have done so itself (a full disk); a
// connection that cannot is not used again.
func (w *writer) undo() {
	if w.run(w.lasting, rollbackStatement) != nil {
		w.drop()
	}
}

func (w *writer) beginHere(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.open(ctx, w.pool); err != nil {
		return err
	}
	err := w.run(w.lasting, beginStatement)
	if err == nil || !isBusy(err) {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, busyLimit)
	defer cancel()
	for isBusy(err) && waiting.Err() == nil {
		err = w.run(w.lasting, beginStatement)
	}
	if isBusy(err) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// The texts that frame a transaction; prepared like the rest.
const (
	beginStatement    = "BEGIN IMMEDIATE"
	snapshotStatement = "BEGIN"
	commitStatement   = "COMMIT"
	rollbackStatement = "ROLLBACK"

	savepointStatement = "SAVEPOINT member"
	takeBackStatement  = "ROLLBACK TO member"
	releaseStatement   = "RELEASE member"
)

// close waits for the transaction that runs, commits what has finished, and
// lets none begin.
func (w *writer) close() error {
	<-w.token
	if w.group != nil {
		w.commit()
	}
	close(w.closed)
	w.link.close()
	return w.pool.Close()
}

// writeTx is gorm's connection within a writing transaction.
type writeTx struct {
	linkTx
	w         *writer
	group     *group
	savepoint bool // not the first of its group
}

// Commit finishes the transaction, and returns when the group's commit is on
// the disk. (That there is a Commit makes gorm take a nested transaction as a
// savepoint.)
func (t *writeTx) Commit() error {
	if t.ended {
		return errEnded
	}
	t.ended = true
	w, g := t.w, t.group
	if t.undone != nil { // the function went on after an error that it must return
		w.fail(t.undone)
		w.token <- struct{}{}
		return g.err
	}
	if t.savepoint {
		if err := w.run(w.lasting, releaseStatement); err != nil {
			w.fail(err)
			w.token <- struct{}{}
			return g.err
		}
	}
	if g.finished++; g.finished >= maxGroup {
		w.commit()
	}
	w.token <- struct{}{}
	select {
	case <-g.done:
	case <-w.token:
		if w.group == g {
			w.commit()
		}
		w.token <- struct{}{}
	}
	<-g.done
	return g.err
}

// Rollback undoes the transaction; once it has ended there is nothing to undo.
func (t *writeTx) Rollback() error {
	if t.ended {
		return nil
	}
	t.ended = true
	if t.savepoint {
		t.takeBack()
	} else { // the first, so nobody waits for the group yet
		t.w.undo()
		t.w.end(errEnded)
	}
	t.w.token <- struct{}{}
	return nil
}

func (t *writeTx) takeBack() {
	err := t.w.run(t.lasting, takeBackStatement)
	if err == nil {
		err = t.w.run(t.lasting, releaseStatement)
	}
	if err != nil {
		t.w.fail(err)
	}
}

// fail ends a group whose transaction is gone under it.
func (w *writer) fail(err error) {
	w.undo()
	w.end(unavailable(err))
}

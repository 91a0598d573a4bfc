package geverdb_test

import (
	"slices"
	"sync"
	"testing"

	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// TestSequenceAtOnce: subtasks that are added and closed at once come one
// after the other: never are two open, and no place is taken twice.
func TestSequenceAtOnce(t *testing.T) {
	b := open(t)
	values := func() map[string]any {
		return map[string]any{"title": "x", "issuer": john, "task_type": "report", "responsible": "fd:" + john}
	}
	first := values()
	first["sequence_type"] = gever.SequentialTask
	main := b.make(t, "ordnungssystem/fuehrung/dossier-42", gever.TaskType, first)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		paths []string
	)
	for i := range 24 {
		wg.Go(func() {
			body := values()
			body["@type"], body["position"] = gever.TaskType, int64(i%5)
			made, err := b.Create(t.Context(), john, main, geverdb.Body{Values: body})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			paths = append(paths, made.Path)
			one := paths[i%len(paths)]
			mu.Unlock()
			_, _, err = b.Transition(t.Context(), john, one, "task-transition-open-tested-and-closed", geverdb.Change{})
			if err != nil && fault.ReasonOf(err) != gever.NoTransition {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	v, err := b.Get(t.Context(), john, main, geverdb.Window{Size: 100})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for i, c := range v.Children {
		if c.Position != int64(i) {
			t.Errorf("%s stands at %d, want %d", c.Path, c.Position, i)
		}
		states = append(states, c.State)
	}
	open := slices.Index(states, gever.TaskOpen)
	if len(states) != 24 || open >= 0 && slices.Contains(states[open+1:], gever.TaskOpen) {
		t.Errorf("%v", states)
	}
	for i, s := range states {
		if want := map[bool]string{true: gever.TaskPlanned, false: gever.TaskClosed}[open >= 0 && i > open]; i != open && s != want {
			t.Errorf("%d: %s, want %s", i, s, want)
		}
	}
}

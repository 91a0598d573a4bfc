package gever_test

import (
	"strings"
	"testing"
)

// line makes a sequential task with so many subtasks, and gives its path and
// theirs.
func (r *room) line(n int) (main string, subs []string) {
	r.t.Helper()
	main = r.make(dossier23, taskType, task(object{"title": "Alles", "sequence_type": "sequential"}))
	for i := range n {
		subs = append(subs, r.make(main, taskType, task(object{"title": string(rune('A' + i))})))
	}
	return main, subs
}

func task(more object) object {
	o := object{"title": "Aufgabe", "issuer": john, "task_type": "report", "responsible": "fd:" + john}
	for k, v := range more {
		o[k] = v
	}
	return o
}

// stands are the subtasks of a task in their order, with the last word of their
// states.
func (r *room) stands(main string) string {
	r.t.Helper()
	var out []string
	for _, one := range r.get(main + "?metadata_fields=review_state&metadata_fields=title")["items"].([]any) {
		o := one.(map[string]any)
		if o["@type"] == taskType {
			state := o["review_state"].(string)
			out = append(out, o["title"].(string)+":"+state[strings.LastIndexByte(state, '-')+1:])
		}
	}
	return strings.Join(out, " ")
}

// TestSequentialTasks: subtasks begin planned, and one after the other.
func TestSequentialTasks(t *testing.T) { inBoth(t, testSequentialTasks) }

func testSequentialTasks(t *testing.T, open opener) {
	r := open(t)
	main, subs := r.line(4)
	check := func(want string) {
		t.Helper()
		if got := r.stands(main); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	r.make(main, documentType, object{"title": "Beilage"}) // stands among them, and changes nothing
	check("A:open B:planned C:planned D:planned")
	want(t, r.get(main), object{"sequence_type": "sequential", "has_sequential_successor": false})
	for i, sub := range subs {
		want(t, r.get(sub), object{"has_sequential_successor": i < 3, "sequence_type": nil})
	}
	for i, one := range r.get(main + "?fullobjects")["items"].([]any)[:4] {
		want(t, one.(map[string]any), object{"has_sequential_successor": i < 3})
	}
	r.transition(subs[0], "task-transition-open-in-progress", nil)
	r.transition(subs[0], "task-transition-in-progress-resolved", nil)
	check("A:resolved B:planned C:planned D:planned") // done is not yet closed
	r.transition(subs[0], "task-transition-resolved-tested-and-closed", object{"text": "gut"})
	check("A:closed B:open C:planned D:planned")
	want(t, r.last(subs[1]), object{"transition": "task-transition-planned-open", "text": ""})
	// A rejected one is opened again or skipped; cancelled ones hold the rest up.
	r.transition(subs[1], "task-transition-open-rejected", nil)
	check("A:closed B:rejected C:planned D:planned")
	r.transition(subs[1], "task-transition-rejected-skipped", nil)
	check("A:closed B:skipped C:open D:planned")
	r.transition(subs[2], "task-transition-open-cancelled", nil)
	check("A:closed B:skipped C:cancelled D:planned")
	// What was skipped while it was planned lets nobody pass by.
	r.transition(subs[3], "task-transition-planned-skipped", nil)
	r.transition(subs[2], "task-transition-cancelled-open", nil)
	r.transition(subs[2], "task-transition-open-tested-and-closed", nil)
	check("A:closed B:skipped C:closed D:skipped")
	r.make(main, taskType, task(object{"title": "E"}))
	check("A:closed B:skipped C:closed D:skipped E:open")
	// A closed one that is opened again stops nothing that has begun.
	r.transition(subs[0], "task-transition-tested-and-closed-in-progress", nil)
	r.make(main, taskType, task(object{"title": "F"}))
	check("A:progress B:skipped C:closed D:skipped E:open F:planned")
}

// TestTaskPosition: a new subtask goes where position says, behind what has
// begun; elsewhere the key has no effect.
func TestTaskPosition(t *testing.T) { inBoth(t, testTaskPosition) }

func testTaskPosition(t *testing.T, open opener) {
	r := open(t)
	main, _ := r.line(3)
	for _, c := range []struct {
		position any
		want     string
	}{
		{2, "A:open B:planned N:planned C:planned"},
		{0, "A:open N:planned B:planned C:planned"},
		{-1, "A:open N:planned B:planned C:planned"},
		{99, "A:open B:planned C:planned N:planned"},
		{nil, "A:open B:planned C:planned N:planned"},
	} {
		at := r.make(main, taskType, task(object{"title": "N", "position": c.position}))
		if got := r.stands(main); got != c.want {
			t.Errorf("%v: %s, want %s", c.position, got, c.want)
		}
		r.ask(204, "DELETE", at, nil)
	}
	if p := r.refusedAB(400, "BadRequest", "POST", main, task(object{"position": "vorn"}).of(taskType)); p.fields() != "position" {
		t.Errorf("%+v", p)
	}
	parallel := r.make(dossier23, taskType, task(object{"sequence_type": "parallel"}))
	want(t, r.get(parallel), object{"sequence_type": "parallel"})
	for _, container := range []string{dossier23, parallel} {
		r.make(container, taskType, task(object{"title": "A"}))
		r.make(container, taskType, task(object{"title": "B", "position": 0}))
		if got := r.stands(container); !strings.HasSuffix(got, "A:open B:open") {
			t.Error(got)
		}
		p := r.refusedAB(400, "BadRequest", "POST", container, task(object{"position": 0}).of(taskType), "Prefer", "handling=strict")
		if p.fields() != "position" {
			t.Errorf("%+v", p)
		}
	}
	r.ask(201, "POST", main, task(object{"title": "Z", "position": 1}).of(taskType), "Prefer", "handling=strict")
	if p := r.refusedAB(400, "BadRequest", "POST", dossier23, task(object{"sequence_type": "kreisförmig"}).of(taskType)); p.fields() != "sequence_type" {
		t.Errorf("%+v", p)
	}
	r.patch(parallel, object{"sequence_type": "sequential"}) // only on creation
	want(t, r.get(parallel), object{"sequence_type": "parallel"})
}

// TestSequenceCopied: the copy of a sequence begins at its beginning.
func TestSequenceCopied(t *testing.T) { inBoth(t, testSequenceCopied) }

func testSequenceCopied(t *testing.T, open opener) {
	r := open(t)
	main, subs := r.line(3)
	r.transition(subs[0], "task-transition-open-tested-and-closed", nil)
	r.ask(200, "POST", dossier42+"/@copy", object{"source": strings.TrimPrefix(main, base)})
	if got := r.stands(dossier42 + "/" + r.firstChild(dossier42)); got != "A:open B:planned C:planned" {
		t.Error(got)
	}
}

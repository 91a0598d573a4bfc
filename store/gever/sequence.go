package gever

import "slices"

// SequentialTask is the sequence_type of a task whose subtasks are done one
// after the other (gever.md 2.6).
const SequentialTask = "sequential"

// TaskPlanned is the state of a subtask that waits for those before it.
const TaskPlanned = "task-state-planned"

// PlannedOpen opens it.
var PlannedOpen = taskWorkflow.Transitions[slices.IndexFunc(taskWorkflow.Transitions, func(t Transition) bool {
	return t.From == TaskPlanned && t.To == TaskOpen
})]

// passed are the states of a subtask behind which the next one begins.
var passed = []string{TaskClosed, "task-state-skipped"}

// Sequential tells of a task whose subtasks are done one after the other.
func Sequential(t *Type, v Values) bool {
	return t.Name == TaskType && v.Text("sequence_type") == SequentialTask
}

// PlaceInLine is where a new subtask goes among the others of a sequential
// task, whose states are given in their order: at the wanted place, but behind
// what has begun; the end where none is wanted (nil). It begins planned, or
// open where all before it have passed.
func PlaceInLine(states []string, wanted *int64) (at int, state string) {
	begun := 0
	for i, s := range states {
		if s != TaskPlanned {
			begun = i + 1
		}
	}
	at = len(states)
	if wanted != nil {
		at = int(min(max(*wanted, int64(begun)), int64(len(states))))
	}
	if Passed(states[:at]) {
		return at, TaskOpen
	}
	return at, TaskPlanned
}

// NextInLine is the subtask that begins now; -1 when none does: the first that
// is planned, if all before it have passed.
func NextInLine(states []string) int {
	i := slices.Index(states, TaskPlanned)
	if i > 0 && Passed(states[:i]) {
		return i
	}
	return -1
}

// Passed tells whether the next may begin behind all of these.
func Passed(states []string) bool {
	return !slices.ContainsFunc(states, func(s string) bool { return !slices.Contains(passed, s) })
}

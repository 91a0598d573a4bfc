package gever_test

import (
	"strings"
	"testing"

	"loket/store/gever"
)

func taskStates(words string) []string {
	short := map[string]string{
		"p": gever.TaskPlanned, "o": gever.TaskOpen, "i": "task-state-in-progress", "r": gever.TaskResolved, "c": gever.TaskClosed,
		"s": "task-state-skipped", "x": "task-state-cancelled", "j": "task-state-rejected",
	}
	var out []string
	for _, w := range strings.Fields(words) {
		out = append(out, short[w])
	}
	return out
}

// TestPlaceInLine: a new subtask goes where it is wanted, behind what has
// begun, and opens when everything before it has passed.
func TestPlaceInLine(t *testing.T) {
	for _, c := range []struct {
		states string
		wanted int64 // -100 is none
		at     int
		state  string
	}{
		{"", -100, 0, gever.TaskOpen}, {"", 0, 0, gever.TaskOpen}, {"", 7, 0, gever.TaskOpen},
		{"o", -100, 1, gever.TaskPlanned}, {"o", 0, 1, gever.TaskPlanned}, {"o", -5, 1, gever.TaskPlanned},
		{"o p p", 1, 1, gever.TaskPlanned}, {"o p p", 2, 2, gever.TaskPlanned}, {"o p p", 9, 3, gever.TaskPlanned},
		{"c p", 0, 1, gever.TaskOpen}, {"c s", -100, 2, gever.TaskOpen}, {"c i p", 0, 2, gever.TaskPlanned},
		{"c x", -100, 2, gever.TaskPlanned}, {"j", -100, 1, gever.TaskPlanned}, {"p p", 0, 0, gever.TaskOpen},
	} {
		var wanted *int64
		if c.wanted != -100 {
			wanted = &c.wanted
		}
		if at, state := gever.PlaceInLine(taskStates(c.states), wanted); at != c.at || state != c.state {
			t.Errorf("%q, %d: %d, %s", c.states, c.wanted, at, state)
		}
	}
}

// TestNextInLine: the first planned one begins when all before it have passed.
func TestNextInLine(t *testing.T) {
	for states, want := range map[string]int{
		"": -1, "p": -1, "c": -1, "c p": 1, "s p": 1, "c s p p": 2, "o p": -1, "i p": -1, "r p": -1, "j p": -1, "x p": -1, "c o p": -1, "c p c p": 1,
	} {
		if got := gever.NextInLine(taskStates(states)); got != want {
			t.Errorf("%q: %d, want %d", states, got, want)
		}
	}
}

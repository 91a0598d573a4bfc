package page_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/handlers/page"
)

func TestWindow(t *testing.T) {
	n := func(i int) *int { return &i }
	rows := []int{0, 1, 2, 3, 4}
	for _, c := range []struct {
		limit, offset *int
		otherwise     int
		want          []int
	}{
		{nil, nil, 0, rows},
		{nil, nil, 2, []int{0, 1}},
		{n(2), n(1), 100, []int{1, 2}},
		{n(2), n(4), 100, []int{4}},
		{n(2), n(9), 100, []int{}},
		{nil, n(3), 0, []int{3, 4}},
	} {
		got := page.Cut(rows, page.Of(c.limit, c.offset, c.otherwise))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("Cut: %s", diff)
		}
	}
}

func TestNext(t *testing.T) {
	ctx := page.WithOrigin(t.Context(), "https://loket.example")
	query := url.Values{"status": {"open"}, "offset": {"2"}}
	got := page.Next(ctx, "/api/capo/project", query, page.Window{Limit: 2, Offset: 2}, 5)
	if want := "https://loket.example/api/capo/project?limit=2&offset=4&status=open"; got != want {
		t.Errorf("Next = %q, want %q", got, want)
	}
	if query.Get("offset") != "2" {
		t.Error("Next changed the request's query")
	}
	if got := page.Next(ctx, "/", query, page.Window{Limit: 2, Offset: 3}, 5); got != "" {
		t.Errorf("Next at the end = %q", got)
	}
}

func TestOriginOutsideARequest(t *testing.T) {
	if got := page.Origin(t.Context()); got != "" {
		t.Errorf("Origin = %q", got)
	}
}

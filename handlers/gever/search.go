package gever

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// asked are the parameters of a search by their names. Clients of the running
// system write the type of a value behind its name (`columns:list`,
// `filters.start:record`), which changes nothing here.
type asked map[string][]string

func askedOf(ctx context.Context) asked {
	a := asked{}
	r := requestOf(ctx)
	if r == nil {
		return a
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return a // the validator has refused it
	}
	for _, key := range slices.Sorted(maps.Keys(query)) {
		name, _, _ := strings.Cut(key, ":")
		a[name] = append(a[name], query[key]...)
	}
	return a
}

func (a asked) one(name string) string {
	if v := a[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// yes tells of a parameter that is there and not false.
func (a asked) yes(name string) bool {
	return len(a[name]) > 0 && !falsy(a.one(name))
}

// listed are the values of a parameter that may hold several, with commas.
func (a asked) listed(name string) []string {
	var out []string
	for _, v := range a[name] {
		for one := range strings.SplitSeq(v, ",") {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}

// where is the condition of a field: one of these values. Words are read as
// words.
func where(name string, values []string) (*gever.Query, error) {
	by, err := gever.AttributeOf(name)
	if err != nil {
		return nil, err
	}
	var list []*gever.Query
	for _, v := range values {
		var q *gever.Query
		switch {
		case by.Source == gever.FullText:
			q, err = gever.ParseQuery(v, gever.Grammar{Default: by})
		case strings.HasSuffix(v, "*") && by.Form == gever.Plain && len(v) > 1:
			q, err = gever.Where(by, gever.Test{Text: strings.TrimRight(v, "*"), Prefix: true})
		default:
			q, err = gever.Where(by, gever.Test{Text: v})
		}
		if err != nil {
			return nil, err
		}
		if q == nil {
			return nil, nil // one of them is everything
		}
		list = append(list, q)
	}
	return gever.Either(list...), nil
}

// order reads an attribute to sort by; "" is none.
func order(name string, desc bool) ([]gever.Order, error) {
	if name == "" {
		return nil, nil
	}
	by, err := gever.AttributeOf(name)
	if err != nil {
		return nil, err
	}
	if !by.Sortable() {
		return nil, gever.BadQuery("Objects cannot be sorted by %q.", name)
	}
	return []gever.Order{{By: by, Desc: desc}}, nil
}

// descending reads sort_order.
func (a asked) descending() bool {
	return a.one("sort_order") != "" && a.one("sort_order") != "ascending"
}

// attributesOf finds attributes that fit.
func attributesOf(names []string, fit func(*gever.Attribute) bool, refusal string) ([]*gever.Attribute, error) {
	var out []*gever.Attribute
	for _, name := range names {
		by, err := gever.AttributeOf(name)
		if err != nil {
			return nil, err
		}
		if !fit(by) {
			return nil, gever.BadQuery(refusal, name)
		}
		if !slices.Contains(out, by) {
			out = append(out, by)
		}
	}
	return out, nil
}

// SearchSite searches everything.
func (s *server) SearchSite(ctx context.Context, r api.SearchSiteRequestObject) (api.SearchSiteResponseObject, error) {
	return s.seek(ctx, "", window(r.Params.BStart, r.Params.BSize))
}

// Search searches an object and what is below it.
func (s *server) Search(ctx context.Context, r api.SearchRequestObject) (api.SearchResponseObject, error) {
	return s.seek(ctx, r.Path, window(r.Params.BStart, r.Params.BSize))
}

func (s *server) seek(ctx context.Context, path string, w geverdb.Window) (*answer, error) {
	a := askedOf(ctx)
	in, err := a.search()
	if err != nil {
		return nil, err
	}
	in.Path, in.Window = path, w
	found, err := s.db.Search(ctx, caller(ctx), in)
	if err != nil {
		return nil, err
	}
	shape, items, write := s.shaper(ctx), []any{}, shaper.hit
	if _, full := a["fullobjects"]; full {
		write = shaper.object
		if found.Views, err = s.db.Whole(ctx, caller(ctx), found.Views); err != nil {
			return nil, err
		}
	}
	for _, v := range found.Views {
		entry := write(shape, v)
		shape.extend(entry, v, a["metadata_fields"])
		items = append(items, entry)
	}
	return ok(s.pageOf(ctx, at(path, "@search"), items, found.Total, w))
}

// hit is what a list of what was found shows of an object.
func (s shaper) hit(v *geverdb.View) map[string]any { return s.liveHit(v.Object) }

// at is the path of an object's endpoint.
func at(path, endpoint string) string { return strings.TrimPrefix(path+"/"+endpoint, "/") }

// pageOf is a page of what was found, with its neighbours. What pages and
// sorts is not part of its address.
func (s *server) pageOf(ctx context.Context, endpoint string, items []any, total int64, w geverdb.Window) map[string]any {
	out := map[string]any{"@id": s.own(ctx, endpoint), "items": items, "items_total": total}
	addBatching(ctx, out, address(ctx, endpoint), w, total)
	return out
}

// controls are the parameters of @search that are no conditions.
var controls = []string{"b_start", "b_size", "sort_on", "sort_order", "metadata_fields", "fullobjects"}

// search reads the parameters of @search: every attribute is one.
func (a asked) search() (in geverdb.Sought, err error) {
	conditions := []*gever.Query{}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if slices.Contains(controls, name) || strings.HasSuffix(name, ".range") {
			continue
		}
		values := a[name]
		if base, is := strings.CutSuffix(name, ".query"); is {
			name, values = base, []string{ranged(values, a.one(base+".range"))}
		}
		if name == "trashed" {
			if in.Trashed = a.yes(name); !in.Trashed {
				continue
			}
		}
		if strings.TrimSpace(strings.Join(values, "")) == "" {
			continue
		}
		q, err := where(name, values)
		if err != nil {
			return in, err
		}
		conditions = append(conditions, q)
	}
	in.Query = gever.All(conditions...)
	if in.Sort, err = order(a.one("sort_on"), a.descending()); in.Sort == nil {
		in.Sort = []gever.Order{{}}
	}
	return in, err
}

// ranged writes the values of an index of dates (`modified.query` with
// `modified.range`) as a range.
func ranged(values []string, kind string) string {
	values = append(slices.Clone(values), "", "")
	switch from, to := values[0], values[1]; kind {
	case "min":
		return from + "TO*"
	case "max":
		return "*TO" + from
	case "min:max", "minmax":
		return from + "TO" + to
	default:
		return from
	}
}

// labels are what people call the values of an attribute.
func (s shaper) label(a *gever.Attribute, value string, users map[string]geverdb.User) string {
	switch {
	case a.People:
		return fullname(users, value)
	case a.Column == "type":
		if t := gever.TypeOf(value); t != nil {
			return s.titled(t.Title)
		}
	case a.Column == "state":
		return s.titled(gever.StateTitle(value))
	}
	for _, t := range gever.Types() {
		if f := t.Field(a.Name); f != nil && f.Vocabulary != "" {
			for _, term := range s.Terms(f.Vocabulary) {
				if term.Token == value {
					return term.In(s.asked)
				}
			}
		}
	}
	return value
}

// counts are the facets of an answer.
func (s shaper) counts(asked []*gever.Attribute, found *geverdb.Found) map[string]any {
	out := map[string]any{}
	for _, a := range asked {
		values := map[string]any{}
		for _, c := range found.Facets[a.Name] {
			values[c.Value] = map[string]any{"count": c.Count, "label": s.label(a, c.Value, found.Users)}
		}
		out[a.Name] = values
	}
	return out
}

func spelled(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

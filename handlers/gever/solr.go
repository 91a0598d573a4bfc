package gever

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// SolrSearchSite searches everything.
func (s *server) SolrSearchSite(ctx context.Context, _ api.SolrSearchSiteRequestObject) (api.SolrSearchSiteResponseObject, error) {
	return s.solr(ctx, "", askedOf(ctx))
}

// SolrSearch searches an object and what is below it.
func (s *server) SolrSearch(ctx context.Context, r api.SolrSearchRequestObject) (api.SolrSearchResponseObject, error) {
	return s.solr(ctx, r.Path, askedOf(ctx))
}

// SolrSearchSiteBy is SolrSearchSite with the search in its body.
func (s *server) SolrSearchSiteBy(ctx context.Context, r api.SolrSearchSiteByRequestObject) (api.SolrSearchSiteByResponseObject, error) {
	return s.solr(ctx, "", written(*r.Body))
}

// SolrSearchBy is SolrSearch with the search in its body.
func (s *server) SolrSearchBy(ctx context.Context, r api.SolrSearchByRequestObject) (api.SolrSearchByResponseObject, error) {
	return s.solr(ctx, r.Path, written(*r.Body))
}

// written are the parameters of a body.
func written(body map[string]any) asked {
	a := asked{}
	for name, v := range body {
		list, many := v.([]any)
		if !many {
			list = []any{v}
		}
		for _, one := range list {
			switch one := one.(type) {
			case nil:
			case float64:
				a[name] = append(a[name], strconv.FormatFloat(one, 'f', -1, 64))
			default:
				a[name] = append(a[name], spelled(one))
			}
		}
	}
	return a
}

// number is a whole number of the parameters; the document has bounded it.
func (a asked) number(name string, otherwise int64) int64 {
	n, err := json.Number(a.one(name)).Int64()
	if err != nil {
		return otherwise
	}
	return n
}

// most is how many hits may come with the way to each.
const mostWithWay = 50

func (s *server) solr(ctx context.Context, path string, a asked) (*answer, error) {
	in, err := a.solr()
	if err != nil {
		return nil, err
	}
	in.Path = path
	found, err := s.db.Search(ctx, caller(ctx), in)
	if err != nil {
		return nil, err
	}
	shape, items, fields := s.shaper(ctx), []any{}, a.fields()
	for _, v := range found.Views {
		items = append(items, shape.solrHit(v, fields, a.yes("breadcrumbs")))
	}
	out := map[string]any{
		"@id": s.own(ctx, at(path, "@solrsearch")), "items": items, "items_total": found.Total,
		"rows": in.Size, "start": in.Start, "facet_counts": shape.counts(in.Facets, found),
	}
	if in.Stats != nil {
		out["stats"] = stats(in.Stats, found)
	}
	return ok(out)
}

// fields are the keys of hits.
func (a asked) fields() []string {
	fields := a.listed("fl")
	if len(fields) == 0 {
		return []string{"@id", "@type", "title", "description", "review_state"}
	}
	return fields
}

func (s shaper) solrHit(v *geverdb.View, fields []string, way bool) map[string]any {
	all, out := s.liveHit(v.Object), map[string]any{}
	for _, name := range fields {
		switch value, there := all[name]; {
		case there:
			out[name] = value
		case name == "path":
			out[name] = "/" + v.Path
		case name == "Title":
			out[name] = all["title"]
		case name == "Description":
			out[name] = all["description"]
		default:
			out[name] = s.column(v, name)
		}
	}
	if way {
		out["breadcrumbs"] = s.way(v)
	}
	return out
}

// solr reads the parameters of @solrsearch.
func (a asked) solr() (in geverdb.Sought, err error) {
	in.Window = geverdb.Window{Start: a.number("start", 0), Size: a.number("rows", batch)}
	if a.yes("breadcrumbs") && in.Size > mostWithWay {
		return in, gever.BadQuery("breadcrumbs come with at most %d rows.", mostWithWay)
	}
	in.Depth = int(a.number("depth", 0))
	raw := gever.Grammar{Fields: true}
	if in.Query, err = gever.ParseQuery(a.one("q"), gever.Grammar{}); a.one("q.raw") != "" {
		in.Query, err = gever.ParseQuery(a.one("q.raw"), raw)
	}
	if err != nil {
		return in, err
	}
	for _, text := range a["fq"] {
		q, err := gever.ParseQuery(text, raw)
		if err != nil {
			return in, err
		}
		in.Query = gever.All(in.Query, q)
	}
	in.Trashed = in.Query.Names("trashed")
	if in.Sort, err = a.solrSort(); err != nil {
		return in, err
	}
	if a.yes("facet") {
		if in.Facets, err = attributesOf(a.listed("facet.field"), (*gever.Attribute).Countable, "The values of %q cannot be counted."); err != nil {
			return in, err
		}
	}
	if a.yes("stats") {
		in.Stats, err = attributesOf(a.listed("stats.field"), (*gever.Attribute).Measurable, "There is nothing to reckon with %q.")
	}
	return in, err
}

// solrSort reads "modified desc, title asc".
func (a asked) solrSort() ([]gever.Order, error) {
	var out []gever.Order
	for _, part := range a.listed("sort") {
		name, direction, _ := strings.Cut(part, " ")
		direction = strings.ToLower(strings.TrimSpace(direction))
		if !slices.Contains([]string{"", "asc", "desc"}, direction) {
			return nil, gever.BadQuery("The direction of a sort is asc or desc, not %q.", direction)
		}
		if name == "score" {
			out = append(out, gever.Order{})
			continue
		}
		one, err := order(name, direction == "desc")
		if err != nil {
			return nil, err
		}
		out = append(out, one...)
	}
	if out == nil {
		out = []gever.Order{{}}
	}
	return out, nil
}

func stats(asked []*gever.Attribute, found *geverdb.Found) map[string]any {
	out := map[string]any{}
	for _, a := range asked {
		s := found.Stats[a.Name]
		one := map[string]any{"count": s.Count, "missing": s.Missing, "min": nil, "max": nil}
		if s.Count > 0 {
			one["min"], one["max"] = measure(a, s.Min), measure(a, s.Max)
		}
		if a.Form == gever.Number {
			one["sum"], one["mean"] = s.Sum, float64(s.Sum)/float64(max(s.Count, 1))
		}
		out[a.Name] = one
	}
	return out
}

func measure(a *gever.Attribute, v string) any {
	if a.Form == gever.Number {
		return json.Number(v)
	}
	return v
}

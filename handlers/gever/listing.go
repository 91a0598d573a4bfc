package gever

import (
	"context"
	"maps"
	"slices"
	"strings"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// ListSite lists what is anywhere.
func (s *server) ListSite(ctx context.Context, r api.ListSiteRequestObject) (api.ListSiteResponseObject, error) {
	return s.table(ctx, "", window(r.Params.BStart, r.Params.BSize), r.Params.Depth)
}

// ListObjects lists what is below an object.
func (s *server) ListObjects(ctx context.Context, r api.ListObjectsRequestObject) (api.ListObjectsResponseObject, error) {
	return s.table(ctx, r.Path, window(r.Params.BStart, r.Params.BSize), r.Params.Depth)
}

func (s *server) table(ctx context.Context, path string, w geverdb.Window, depth *int) (*answer, error) {
	a := askedOf(ctx)
	in, err := a.listing()
	if err != nil {
		return nil, err
	}
	in.Path, in.Window = path, w
	if depth != nil {
		in.Depth = *depth
	}
	found, err := s.db.Search(ctx, caller(ctx), in)
	if err != nil {
		return nil, err
	}
	shape, items := s.shaper(ctx), []any{}
	for _, v := range found.Views {
		items = append(items, shape.line(v, a["columns"]))
	}
	out := s.pageOf(ctx, at(path, "@listing"), items, found.Total, w)
	out["b_start"], out["b_size"], out["facets"] = w.Start, w.Size, shape.counts(in.Facets, found)
	return ok(out)
}

// listing reads the parameters of @listing.
func (a asked) listing() (in geverdb.Sought, err error) {
	l, err := gever.ListingOf(a.one("name"))
	if err != nil {
		return in, err
	}
	in.Types, in.Below, in.First = l.Types, true, a["sort_first.portal_type"]
	if in.Query, err = gever.ParseQuery(a.one("search"), gever.Grammar{Beginnings: true}); err != nil {
		return in, err
	}
	for _, key := range slices.Sorted(maps.Keys(a)) {
		name, is := strings.CutPrefix(key, "filters.")
		if !is || strings.Join(a[key], "") == "" {
			continue
		}
		q, err := where(name, a[key])
		if err != nil {
			return in, err
		}
		in.Query, in.Trashed = gever.All(in.Query, q), in.Trashed || name == "trashed"
	}
	if in.Facets, err = attributesOf(a["facets"], (*gever.Attribute).Countable, "The values of %q cannot be counted."); err != nil {
		return in, err
	}
	in.Sort, err = order(a.one("sort_on"), a.descending())
	return in, err
}

// line is a row of a list: the object in short and the columns that were
// asked for.
func (s shaper) line(v *geverdb.View, names []string) map[string]any {
	out := s.liveHit(v.Object)
	for _, name := range names {
		if _, there := out[name]; !there {
			out[name] = s.column(v, name)
		}
	}
	return out
}

// column is one value of a row, in the same form in both contracts: choices
// as their tokens, null where the object has none.
func (s shaper) column(v *geverdb.View, name string) any {
	switch name {
	case "Creator":
		name = "creator"
	case "reference":
		name = "reference_number"
	case "Subject":
		name = "keywords"
	case "completed":
		name = "date_of_completion"
	}
	if compute := tableColumns[name]; compute != nil {
		return compute(s, v)
	}
	if compute := metadata[name]; compute != nil {
		return compute(s, v)
	}
	if f := plain(v.Type, name); f != nil {
		if value, set := v.Values[name]; set {
			return value
		}
		return f.Empty
	}
	return nil
}

// person is the name of somebody whom a field names.
func person(field string) func(shaper, *geverdb.View) any {
	return func(_ shaper, v *geverdb.View) any {
		id := v.Values.Text(field)
		if id == "" {
			return nil
		}
		return fullname(v.Users, id[strings.LastIndexByte(id, ':')+1:])
	}
}

// ofDocuments leaves a key to documents and mails.
func ofDocuments(key string) func(shaper, *geverdb.View) any {
	return func(s shaper, v *geverdb.View) any {
		if !v.Type.Documentish() {
			return nil
		}
		return computed[key](s, v)
	}
}

// tableColumns are the columns that are neither fields nor keys of summaries.
var tableColumns = map[string]func(s shaper, v *geverdb.View) any{
	"type":                 func(s shaper, v *geverdb.View) any { return s.titled(v.Type.Title) },
	"portal_type":          func(_ shaper, v *geverdb.View) any { return v.Type.Name },
	"creator_fullname":     func(_ shaper, v *geverdb.View) any { return fullname(v.Users, v.Creator) },
	"responsible_fullname": person("responsible"),
	"issuer_fullname":      person("issuer"),
	"document_author":      person("document_author"),
	"checked_out_fullname": ofDocuments("checked_out_fullname"),
	"containing_dossier": func(_ shaper, v *geverdb.View) any {
		if d := dossiers(v); len(d) > 0 {
			return d[0].Title
		}
		return nil
	},
	"containing_subdossier": func(_ shaper, v *geverdb.View) any {
		if d := subdossier(v); d != nil {
			return d.Title
		}
		return nil
	},
	"is_completed": func(s shaper, v *geverdb.View) any {
		if v.Type.Workflow.Done == nil {
			return nil
		}
		return computed["is_completed"](s, v)
	},
	"has_sametype_children": func(_ shaper, v *geverdb.View) any {
		return v.Type.Name == gever.FolderType && v.FirstFolder
	},
	"bumblebee_checksum": ofDocuments("bumblebee_checksum"),
	"preview_url":        ofDocuments("preview_url"),
	"pdf_url":            ofDocuments("pdf_url"),
	"thumbnail_url":      ofDocuments("thumbnail_url"),
	"trashed":            ofDocuments("trashed"),
}

// GetSiteListingStats counts what is anywhere.
func (s *server) GetSiteListingStats(ctx context.Context, _ api.GetSiteListingStatsRequestObject) (api.GetSiteListingStatsResponseObject, error) {
	return answered(s.listingStats(ctx, ""))
}

// GetListingStats counts what is below an object, by the lists of @listing.
func (s *server) GetListingStats(ctx context.Context, r api.GetListingStatsRequestObject) (api.GetListingStatsResponseObject, error) {
	return answered(s.listingStats(ctx, r.Path))
}

// answered is a success with a value, or a failure.
func answered(value map[string]any, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return ok(value)
}

func (s *server) listingStats(ctx context.Context, path string) (map[string]any, error) {
	byType, err := gever.AttributeOf("portal_type")
	if err != nil {
		return nil, err
	}
	found, err := s.db.Search(ctx, caller(ctx), geverdb.Sought{Path: path, Below: true, Facets: []*gever.Attribute{byType}})
	if err != nil {
		return nil, err
	}
	of := map[string]int64{}
	for _, c := range found.Facets[byType.Name] {
		of[c.Value] = c.Count
	}
	counts := map[string]any{}
	for _, l := range gever.Listings() {
		n := int64(0)
		for _, t := range l.Types {
			n += of[t]
		}
		if l.Types == nil {
			n = found.Total
		}
		counts[l.Name] = map[string]any{"count": n, "label": l.Name}
	}
	return map[string]any{"@id": address(ctx, path) + "/@listing-stats", "facet_counts": map[string]any{"listing_name": counts}}, nil
}

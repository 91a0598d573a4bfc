package gever

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	api "loket/gen/gever"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// batch is how many entries a list has where the client does not say.
const batch = 25

// listing is how `items` are asked for.
type listing struct {
	geverdb.Window

	fields []string
	full   bool
	items  bool
}

func (s *server) listing(ctx context.Context, p api.GetObjectParams) listing {
	l := listing{Window: window(p.BStart, p.BSize), full: p.Fullobjects != nil, items: p.IncludeItems == nil || !falsy(*p.IncludeItems)}
	if p.MetadataFields != nil {
		l.fields = append(l.fields, *p.MetadataFields...)
	}
	// The running system's own way to write a list; the generated code cannot
	// know it.
	if r := requestOf(ctx); r != nil {
		l.fields = append(l.fields, r.URL.Query()["metadata_fields:list"]...)
	}
	if !l.items {
		l.Size = 0
	}
	return l
}

func falsy(s string) bool {
	switch strings.ToLower(s) {
	case "false", "0", "no", "off":
		return true
	}
	return false
}

func window(start, size *int) geverdb.Window {
	w := geverdb.Window{Size: batch}
	if start != nil {
		w.Start = int64(*start)
	}
	if size != nil {
		w.Size = int64(*size)
	}
	return w
}

// GetSite reads the root.
func (s *server) GetSite(ctx context.Context, r api.GetSiteRequestObject) (api.GetSiteResponseObject, error) {
	return s.get(ctx, "", s.listing(ctx, api.GetObjectParams(r.Params)))
}

// GetObject reads an object.
func (s *server) GetObject(ctx context.Context, r api.GetObjectRequestObject) (api.GetObjectResponseObject, error) {
	return s.get(ctx, r.Path, s.listing(ctx, r.Params))
}

func (s *server) get(ctx context.Context, path string, l listing) (*answer, error) {
	body, tag, err := s.represent(ctx, path, l)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, header: map[string]string{"ETag": tag}, value: body}, nil
}

// represent is the outermost object of an answer.
func (s *server) represent(ctx context.Context, path string, l listing) (map[string]any, string, error) {
	v, err := s.db.Get(ctx, caller(ctx), path, l.Window)
	if err != nil {
		return nil, "", err
	}
	out := s.shaper(ctx).outermost(v)
	if v.Type.Folderish {
		out["@id"] = s.own(ctx, path)
		if err := s.items(ctx, v, l, out); err != nil {
			return nil, "", err
		}
	}
	if names := expanded(ctx); names != nil {
		if out["@components"], err = s.expand(ctx, v, names); err != nil {
			return nil, "", err
		}
	}
	return out, v.ETag(), nil
}

// items adds the children to a container's answer.
func (s *server) items(ctx context.Context, v *geverdb.View, l listing, out map[string]any) error {
	if !l.items {
		return nil
	}
	views, err := s.entries(ctx, v, l)
	if err != nil {
		return err
	}
	shape, items := s.shaper(ctx), []any{}
	for _, c := range views {
		entry := shape.contract.item(shape, c.Object)
		if l.full {
			entry = shape.object(c)
		}
		shape.extend(entry, c, l.fields)
		items = append(items, entry)
	}
	out["items"] = items
	addBatching(ctx, out, address(ctx, v.Path), l.Window, v.Object.Children)
	return nil
}

// entries are the children as views; only whole objects need more queries.
func (s *server) entries(ctx context.Context, v *geverdb.View, l listing) ([]*geverdb.View, error) {
	if l.full {
		return s.db.Full(ctx, v)
	}
	return v.Bare(), nil
}

// own is the address of a container as it was asked for, without what pages
// and sorts (gever.md 3.7, pitfall 15).
func (s *server) own(ctx context.Context, path string) string {
	r := requestOf(ctx)
	if r == nil || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return address(ctx, path)
	}
	return withQuery(address(ctx, path), "", r.URL.RawQuery, "b_start", "b_size", "sort_on", "sort_order")
}

// withQuery puts a query together of first and what is left of raw without the
// named parameters.
func withQuery(to, first, raw string, without ...string) string {
	var parts []string
	if first != "" {
		parts = append(parts, first)
	}
next:
	for part := range strings.SplitSeq(raw, "&") {
		name, _, _ := strings.Cut(part, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = decoded
		}
		for _, w := range without {
			if name == w {
				continue next
			}
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return to
	}
	return to + "?" + strings.Join(parts, "&")
}

// addBatching adds the links between pages to a list, unless everything is on one.
func addBatching(ctx context.Context, list map[string]any, to string, w geverdb.Window, total int64) {
	if w.Size <= 0 || total <= w.Size {
		return
	}
	raw := ""
	if r := requestOf(ctx); r != nil {
		raw = r.URL.RawQuery
	}
	at := func(start int64) string {
		return withQuery(to, "b_start="+strconv.FormatInt(start, 10), raw, "b_start")
	}
	links := map[string]any{"@id": withQuery(to, "", raw), "first": at(0), "last": at((total - 1) / w.Size * w.Size)}
	if w.Start+w.Size < total {
		links["next"] = at(w.Start + w.Size)
	}
	if w.Start > 0 {
		links["prev"] = at(max(w.Start-w.Size, 0))
	}
	list["batching"] = links
}

// CreateInSite makes an object at the root.
func (s *server) CreateInSite(ctx context.Context, r api.CreateInSiteRequestObject) (api.CreateInSiteResponseObject, error) {
	return s.create(ctx, "", *r.Body, r.Params.Prefer)
}

// CreateObject makes an object in a container.
func (s *server) CreateObject(ctx context.Context, r api.CreateObjectRequestObject) (api.CreateObjectResponseObject, error) {
	return s.create(ctx, r.Path, *r.Body, r.Params.Prefer)
}

func (s *server) create(ctx context.Context, container string, body map[string]any, prefer *string) (*answer, error) {
	p := preferencesOf(prefer)
	made, err := s.db.Create(ctx, caller(ctx), container, geverdb.Body{Values: body, Strict: p.strict})
	if err != nil {
		return nil, err
	}
	a := &answer{status: http.StatusCreated, header: map[string]string{
		"Location": address(ctx, made.Path), "ETag": made.ETag, "Preference-Applied": p.header(),
	}}
	_, err = s.written(ctx, a, made.Path, p, s.contract.created)
	return a, err
}

// PatchObject changes the named values of an object.
func (s *server) PatchObject(ctx context.Context, r api.PatchObjectRequestObject) (api.PatchObjectResponseObject, error) {
	p, match := preferencesOf(r.Params.Prefer), ""
	if r.Params.IfMatch != nil {
		match = *r.Params.IfMatch
	}
	tag, err := s.db.Patch(ctx, caller(ctx), r.Path, match, geverdb.Body{Values: *r.Body, Strict: p.strict})
	if err != nil {
		return nil, err
	}
	a := &answer{status: http.StatusNoContent, header: map[string]string{"ETag": tag, "Preference-Applied": p.header()}, bare: true}
	if shown, err := s.written(ctx, a, r.Path, p, false); err != nil || !shown {
		return a, err
	}
	a.status, a.bare = http.StatusOK, false
	return a, nil
}

// PatchPublicTrialStatus changes whether an object is public.
func (s *server) PatchPublicTrialStatus(ctx context.Context, r api.PatchPublicTrialStatusRequestObject) (api.PatchPublicTrialStatusResponseObject, error) {
	tag, err := s.db.PatchPublicTrial(ctx, caller(ctx), r.Path, *r.Body)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusNoContent, header: map[string]string{"ETag": tag}, bare: true}, nil
}

// written puts the object that was made or changed into the answer, where the
// client wants it. Who has just kept it from himself (reading) gets an answer
// without: it is done all the same.
func (s *server) written(ctx context.Context, a *answer, path string, p preferences, otherwise bool) (shown bool, err error) {
	if !p.object(otherwise) {
		return false, nil
	}
	body, _, err := s.represent(ctx, path, listing{Window: geverdb.Window{Size: batch}, items: true})
	if fault.ReasonOf(err) == gever.NotAllowed {
		p.refuse()
		a.header["Preference-Applied"] = p.header()
		return false, nil
	}
	if err == nil {
		a.value, a.header["Content-Location"] = body, address(ctx, path)
	}
	return err == nil, err
}

package gever

import (
	"context"
	"slices"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// component is the answer of an endpoint, as it stands in @components (gever.md
// 3.7).
func (s *server) component(ctx context.Context, v *geverdb.View, name string) (any, error) {
	switch name {
	case "actions":
		return s.shaper(ctx).actions(v), nil
	case "breadcrumbs":
		return map[string]any{"@id": address(ctx, at(v.Path, "@breadcrumbs")), "items": s.shaper(ctx).way(v)}, nil
	case "listing-stats":
		return s.listingStats(ctx, v.Path)
	case "lock":
		return lockToAPI(v.Lock), nil
	case "navigation":
		return s.navigation(ctx, v.Path, asked{})
	case "reference-number":
		return s.referenceNumber(ctx, v.Path)
	case "types":
		return valueOf(s.types(ctx, v.Path))
	default:
		return valueOf(s.workflow(ctx, v.Path))
	}
}

// valueOf is what an answer would show.
func valueOf(a *answer, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.value, nil
}

// expanded are the names in `expand`, with commas or repeated; nil when the
// request does not ask for it at all.
func expanded(ctx context.Context) []string {
	a := askedOf(ctx)
	if _, there := a["expand"]; !there {
		return nil
	}
	return append([]string{}, a.listed("expand")...)
}

// expand gives an object's components, of which the named ones are carried
// out.
func (s *server) expand(ctx context.Context, v *geverdb.View, names []string) (map[string]any, error) {
	out := s.shaper(ctx).components(v)
	for _, name := range expandable {
		if out[name] == nil || !slices.Contains(names, name) {
			continue
		}
		value, err := s.component(ctx, v, name)
		if err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, nil
}

// GetSiteActions is what the caller may do at the root.
func (s *server) GetSiteActions(ctx context.Context, _ api.GetSiteActionsRequestObject) (api.GetSiteActionsResponseObject, error) {
	return s.actions(ctx, "")
}

// GetActions is what the caller may do with an object.
func (s *server) GetActions(ctx context.Context, r api.GetActionsRequestObject) (api.GetActionsResponseObject, error) {
	return s.actions(ctx, r.Path)
}

func (s *server) actions(ctx context.Context, path string) (*answer, error) {
	v, err := s.db.Get(ctx, caller(ctx), path, geverdb.Window{})
	if err != nil {
		return nil, err
	}
	return ok(s.shaper(ctx).actions(v))
}

func (s shaper) actions(v *geverdb.View) map[string]any {
	action := func(may bool, id, title string) []any {
		if !may {
			return []any{}
		}
		return []any{map[string]any{"id": id, "title": title, "icon": ""}}
	}
	free := v.CheckedOutBy == "" && (v.Lock == nil || v.Lock.By == v.Caller)
	return map[string]any{
		"@id":    address(s.ctx, at(v.Path, "@actions")),
		"object": append(action(true, "view", "Anzeigen"), action(v.Place.MayModify(), "edit", "Bearbeiten")...),
		"object_buttons": append(
			action(v.Type.Name == gever.DocumentType && v.Place.MayModify() && free, "checkout", "Auschecken"),
			action(v.CheckedOutBy != "" && v.CheckedOutBy == v.Caller, "checkin", "Einchecken")...),
		"user": action(true, "logout", "Abmelden"),
	}
}

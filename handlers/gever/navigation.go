package gever

import (
	"context"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// GetSiteNavigation is the tree of the first repository.
func (s *server) GetSiteNavigation(ctx context.Context, _ api.GetSiteNavigationRequestObject) (api.GetSiteNavigationResponseObject, error) {
	return answered(s.navigation(ctx, "", askedOf(ctx)))
}

// GetNavigation is the tree in which an object stands.
func (s *server) GetNavigation(ctx context.Context, r api.GetNavigationRequestObject) (api.GetNavigationResponseObject, error) {
	return answered(s.navigation(ctx, r.Path, askedOf(ctx)))
}

func (s *server) navigation(ctx context.Context, path string, a asked) (map[string]any, error) {
	in := geverdb.Tree{Path: path, Context: a.yes("include_context"), States: a["review_state"]}
	var err error
	if in.Root, err = gever.Interfaces(gever.RootType, a.one("root_interface")); err != nil {
		return nil, err
	}
	if in.Content, err = gever.Interfaces(gever.FolderType, a["content_interfaces"]...); err != nil {
		return nil, err
	}
	root, nodes, err := s.db.Navigation(ctx, caller(ctx), in)
	if err != nil {
		return nil, err
	}
	if a.yes("include_root") && root != nil {
		nodes = []*geverdb.Node{{Object: root, Nodes: nodes}}
	}
	return map[string]any{"@id": address(ctx, at(path, "@navigation")), "tree": s.shaper(ctx).nodes(nodes, path)}, nil
}

func (s shaper) nodes(list []*geverdb.Node, current string) []any {
	out := []any{}
	for _, n := range list {
		hit := s.liveHit(n.Object)
		out = append(out, map[string]any{
			"@type": hit["@type"], "active": n.Type.Active(n.State), "current": n.Path == current, "current_tree": geverdb.Within(current, n.Path),
			"description": hit["description"], "dossier_type": orNull(n.Values.Text("dossier_type")), "is_leafnode": hit["is_leafnode"],
			"is_subdossier": hit["is_subdossier"], "nodes": s.nodes(n.Nodes, current), "review_state": n.State, "text": hit["title"],
			"uid": n.UID, "url": hit["@id"],
		})
	}
	return out
}

// GetSiteBreadcrumbs is an empty way.
func (s *server) GetSiteBreadcrumbs(ctx context.Context, _ api.GetSiteBreadcrumbsRequestObject) (api.GetSiteBreadcrumbsResponseObject, error) {
	return answered(s.breadcrumbs(ctx, ""))
}

// GetBreadcrumbs is the way to an object.
func (s *server) GetBreadcrumbs(ctx context.Context, r api.GetBreadcrumbsRequestObject) (api.GetBreadcrumbsResponseObject, error) {
	return answered(s.breadcrumbs(ctx, r.Path))
}

func (s *server) breadcrumbs(ctx context.Context, path string) (map[string]any, error) {
	items := []any{}
	if path != "" {
		v, err := s.db.Get(ctx, caller(ctx), path, geverdb.Window{})
		if err != nil {
			return nil, err
		}
		items = s.shaper(ctx).way(v)
	}
	return map[string]any{"@id": address(ctx, path) + "/@breadcrumbs", "items": items}, nil
}

// way is everything from the site to the object, without the site; documents
// are no part of it (gever.md 3.7).
func (s shaper) way(v *geverdb.View) []any {
	items := []any{}
	for _, o := range append(append([]*geverdb.Object{}, v.Above...), v.Object) {
		if o.Type.Name != gever.SiteType && !o.Type.Documentish() {
			items = append(items, s.liveHit(o))
		}
	}
	return items
}

// GetReferenceNumber is an object's number and its parts.
func (s *server) GetReferenceNumber(ctx context.Context, r api.GetReferenceNumberRequestObject) (api.GetReferenceNumberResponseObject, error) {
	return answered(s.referenceNumber(ctx, r.Path))
}

func (s *server) referenceNumber(ctx context.Context, path string) (map[string]any, error) {
	number, parts, err := s.db.Reference(ctx, caller(ctx), path)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"@id": address(ctx, path) + "/@reference-number", "reference_number": orNull(number), "sortable_reference_number": orNull(gever.SortKeyAt(len(parts.Document) > 0, path, number)),
		"parts": map[string]any{
			"site": parts.Site, "repositoryroot": parts.Root, "repository": parts.Folders, "dossier": parts.Dossiers, "document": parts.Document,
		},
	}, nil
}

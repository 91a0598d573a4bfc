package gever

import (
	"context"
	"net/http"
	"slices"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// component is an endpoint whose answer can stand in @components (gever.md
// 3.7). What has no such endpoint has no such component.
type component struct {
	name  string
	of    func(*gever.Type) bool
	value func(s *server, ctx context.Context, v *geverdb.View) (any, error)
}

// components are all of them but the main dossier, which always stands there.
var components []component

func init() { // it refers to functions that refer to it
	anything := func(*gever.Type) bool { return true }
	objects := func(t *gever.Type) bool { return t.Name != gever.SiteType }
	tasks := func(t *gever.Type) bool { return t.Name == gever.TaskType }
	components = []component{
		{"actions", anything, func(s *server, ctx context.Context, v *geverdb.View) (any, error) {
			return s.shaper(ctx).actions(v), nil
		}},
		{"approvals", (*gever.Type).Documentish, byPath((*server).approvals)},
		{"breadcrumbs", anything, func(s *server, ctx context.Context, v *geverdb.View) (any, error) {
			return map[string]any{"@id": address(ctx, at(v.Path, "@breadcrumbs")), "items": s.shaper(ctx).way(v)}, nil
		}},
		{"listing-stats", anything, byPath((*server).listingStats)},
		{"lock", objects, func(_ *server, _ context.Context, v *geverdb.View) (any, error) { return lockToAPI(v.Lock), nil }},
		{"navigation", anything, func(s *server, ctx context.Context, v *geverdb.View) (any, error) {
			return s.navigation(ctx, v.Path, asked{})
		}},
		{"predecessor", tasks, byPath((*server).predecessor)},
		{"reference-number", objects, byPath((*server).referenceNumber)},
		{"successors", tasks, byPath((*server).successors)},
		{"types", anything, func(s *server, ctx context.Context, v *geverdb.View) (any, error) {
			return valueOf(s.types(ctx, v.Path))
		}},
		{"workflow", objects, func(s *server, ctx context.Context, v *geverdb.View) (any, error) {
			return valueOf(s.workflow(ctx, v.Path))
		}},
	}
}

// byPath is a component that is read by its path.
func byPath(read func(*server, context.Context, string) (map[string]any, error)) func(*server, context.Context, *geverdb.View) (any, error) {
	return func(s *server, ctx context.Context, v *geverdb.View) (any, error) { return read(s, ctx, v.Path) }
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
	for _, c := range components {
		if !c.of(v.Type) || !slices.Contains(names, c.name) {
			continue
		}
		value, err := c.value(s, ctx, v)
		if err != nil {
			return nil, err
		}
		out[c.name] = value
	}
	return out, nil
}

// GetMainDossier is the outermost dossier that the object stands in, or is.
func (s *server) GetMainDossier(ctx context.Context, r api.GetMainDossierRequestObject) (api.GetMainDossierResponseObject, error) {
	v, err := s.db.Get(ctx, caller(ctx), r.Path, geverdb.Window{})
	if err != nil {
		return nil, err
	}
	return ok(s.shaper(ctx).mainDossier(v))
}

// GetApprovals tells by whom and for which task a document was approved.
func (s *server) GetApprovals(ctx context.Context, r api.GetApprovalsRequestObject) (api.GetApprovalsResponseObject, error) {
	return answered(s.approvals(ctx, r.Path))
}

func (s *server) approvals(ctx context.Context, path string) (map[string]any, error) {
	list, err := s.db.Approvals(ctx, caller(ctx), path)
	shape, items := s.shaper(ctx), []any{}
	for _, a := range list {
		items = append(items, map[string]any{
			"approved": shape.instant(a.At), "approver": shape.actor(a.Approver), "task": shape.summaryOrNull(a.Task), "version_id": a.Version,
		})
	}
	return map[string]any{"@id": address(ctx, path) + "/@approvals", "items": items}, err
}

// GetPredecessor is the task that a task goes on with.
func (s *server) GetPredecessor(ctx context.Context, r api.GetPredecessorRequestObject) (api.GetPredecessorResponseObject, error) {
	return answered(s.predecessor(ctx, r.Path))
}

func (s *server) predecessor(ctx context.Context, path string) (map[string]any, error) {
	o, err := s.db.Predecessor(ctx, caller(ctx), path)
	return map[string]any{"@id": address(ctx, path) + "/@predecessor", "item": s.shaper(ctx).summaryOrNull(o)}, err
}

// GetSuccessors are the tasks that go on with a task.
func (s *server) GetSuccessors(ctx context.Context, r api.GetSuccessorsRequestObject) (api.GetSuccessorsResponseObject, error) {
	return answered(s.successors(ctx, r.Path))
}

func (s *server) successors(ctx context.Context, path string) (map[string]any, error) {
	list, err := s.db.Successors(ctx, caller(ctx), path)
	return map[string]any{"@id": address(ctx, path) + "/@successors", "items": s.shaper(ctx).summaries(list)}, err
}

func (a *answer) VisitGetMainDossierResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetApprovalsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetPredecessorResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSuccessorsResponse(w http.ResponseWriter) error { return a.write(w) }

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
		return []any{map[string]any{"id": id, "title": s.titled(title), "icon": ""}}
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

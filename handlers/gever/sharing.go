package gever

import (
	"context"
	"net/http"
	"slices"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// GetSharing tells who has which role at an object.
func (s *server) GetSharing(ctx context.Context, r api.GetSharingRequestObject) (api.GetSharingResponseObject, error) {
	search, w := "", geverdb.Window{Size: everything}
	if r.Params.Search != nil {
		search, w = *r.Params.Search, window(r.Params.BStart, r.Params.BSize)
	}
	found, err := s.db.Sharing(ctx, caller(ctx), r.Path, search, w)
	if err != nil {
		return nil, err
	}
	entries := []any{}
	for _, e := range found.Entries {
		entries = append(entries, sharingEntry(e, found.May))
	}
	out := map[string]any{"available_roles": s.shaper(ctx).availableRoles(), "inherit": !found.Object.Blocked}
	if search == "" {
		out["entries"] = entries
		return ok(out)
	}
	at := address(ctx, r.Path) + "/@sharing"
	out["@id"], out["items"], out["items_total"] = withQuery(at, "", requestOf(ctx).URL.RawQuery, "b_start", "b_size"), entries, found.Total
	addBatching(ctx, out, at, w, found.Total)
	return ok(out)
}

// everything is a window that cuts nothing: who has a role at an object is a
// short list.
const everything = 1 << 30

func (s shaper) availableRoles() []any {
	out := []any{}
	for _, r := range gever.Shared {
		out = append(out, map[string]any{"id": r.Role, "title": s.titled(r.Title)})
	}
	return out
}

func sharingEntry(e geverdb.SharingEntry, may bool) map[string]any {
	roles := map[string]any{}
	for _, r := range gever.Shared {
		switch {
		case slices.Contains(e.Local, r.Role):
			roles[string(r.Role)] = true
		case slices.Contains(e.Acquired, r.Role):
			roles[string(r.Role)] = "acquired"
		default:
			roles[string(r.Role)] = false
		}
	}
	out := map[string]any{"id": e.ID, "title": e.Title, "login": orNull(e.Login), "type": "group", "disabled": !may, "roles": roles}
	if e.User != nil {
		out["type"] = "user"
	}
	return out
}

// Share changes who has which role at an object.
func (s *server) Share(ctx context.Context, r api.ShareRequestObject) (api.ShareResponseObject, error) {
	change, err := gever.ReadSharing(*r.Body)
	if err != nil {
		return nil, err
	}
	if err := s.db.Share(ctx, caller(ctx), r.Path, change); err != nil {
		return nil, err
	}
	return none()
}

// GetAllowedRolesAndPrincipals tells who sees an object.
func (s *server) GetAllowedRolesAndPrincipals(ctx context.Context, r api.GetAllowedRolesAndPrincipalsRequestObject) (api.GetAllowedRolesAndPrincipalsResponseObject, error) {
	roles, principals, err := s.db.Allowed(ctx, caller(ctx), r.Path)
	if err != nil {
		return nil, err
	}
	if principals == nil {
		principals = []gever.Principal{}
	}
	return ok(map[string]any{"@id": address(ctx, r.Path) + "/@allowed-roles-and-principals", "roles": roles, "principals": principals})
}

func (a *answer) VisitGetAllowedRolesAndPrincipalsResponse(w http.ResponseWriter) error {
	return a.write(w)
}

func (a *answer) VisitGetSharingResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitShareResponse(w http.ResponseWriter) error { return a.write(w) }

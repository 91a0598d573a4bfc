package gever

import (
	"context"
	"net/http"

	api "loket/gen/gever"
	"loket/store/gever/geverdb"
)

// GetActor tells who stands behind an id.
func (s *server) GetActor(ctx context.Context, r api.GetActorRequestObject) (api.GetActorResponseObject, error) {
	list, err := s.actors(ctx, []string{r.Actor}, r.Params.FullRepresentation != nil && !falsy(*r.Params.FullRepresentation))
	if err != nil {
		return nil, err
	}
	return ok(list[0])
}

// GetActors tells who stands behind several ids.
func (s *server) GetActors(ctx context.Context, r api.GetActorsRequestObject) (api.GetActorsResponseObject, error) {
	var ids []string
	list, _ := (*r.Body)["actor_ids"].([]any)
	for _, id := range list {
		text, _ := id.(string) // the document wants texts
		ids = append(ids, text)
	}
	full, _ := (*r.Body)["full_representation"].(bool)
	items, err := s.actors(ctx, ids, full)
	if err != nil {
		return nil, err
	}
	return ok(map[string]any{"@id": address(ctx, "@actors"), "items": items})
}

func (s *server) actors(ctx context.Context, ids []string, full bool) ([]any, error) {
	found, err := s.db.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, a := range found {
		shown, err := s.actorOf(ctx, a, full)
		if err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	return out, nil
}

func (s *server) actorOf(ctx context.Context, a geverdb.Actor, full bool) (map[string]any, error) {
	shape, representatives := s.shaper(ctx), []any{}
	for _, id := range a.Representatives {
		representatives = append(representatives, shape.actor(id))
	}
	represents, err := s.represents(ctx, a, full)
	out := shape.actor(a.ID)
	for key, value := range map[string]any{
		"@type": "virtual.ogds.actor", "active": a.Active, "actor_type": a.Kind, "label": a.Label, "portrait_url": nil,
		"representatives": representatives, "represents": represents,
	} {
		out[key] = value
	}
	return out, err
}

// represents is an actor at his source: its address, or all that it knows.
func (s *server) represents(ctx context.Context, a geverdb.Actor, full bool) (any, error) {
	switch {
	case a.Kind == geverdb.ActorUser && full:
		return s.ogdsUser(ctx, a.ID)
	case a.Kind == geverdb.ActorUser:
		return map[string]any{"@id": address(ctx, "@ogds-users/"+a.ID)}, nil
	case a.Kind == geverdb.ActorGroup && full:
		return s.group(ctx, a.ID, geverdb.Window{Size: batch})
	case a.Kind == geverdb.ActorGroup:
		return map[string]any{"@id": address(ctx, "@groups/"+a.ID)}, nil
	}
	return nil, nil
}

// GetUser shows a user's account.
func (s *server) GetUser(ctx context.Context, r api.GetUserRequestObject) (api.GetUserResponseObject, error) {
	a, err := s.db.Account(ctx, caller(ctx), r.User, false)
	if err != nil {
		return nil, err
	}
	at, groups := address(ctx, "@users/"+a.ID), []any{}
	for _, g := range a.Groups {
		groups = append(groups, map[string]any{"id": g.ID, "title": g.Title})
	}
	return ok(map[string]any{
		"@id": at, "id": a.ID, "username": a.Login, "fullname": a.Fullname(), "email": orNull(a.Email), "roles": texts(a.Roles),
		"groups":      map[string]any{"@id": at, "items": groups, "items_total": len(groups)},
		"description": nil, "home_page": nil, "location": nil, "portrait": nil,
	})
}

func texts(list []string) []any {
	out := []any{}
	for _, t := range list {
		out = append(out, t)
	}
	return out
}

// GetOgdsUser shows a user as the directory knows him.
func (s *server) GetOgdsUser(ctx context.Context, r api.GetOgdsUserRequestObject) (api.GetOgdsUserResponseObject, error) {
	shown, err := s.ogdsUser(ctx, r.User)
	if err != nil {
		return nil, err
	}
	return ok(shown)
}

func (s *server) ogdsUser(ctx context.Context, id string) (map[string]any, error) {
	a, err := s.db.Account(ctx, caller(ctx), id, true)
	if err != nil {
		return nil, err
	}
	groups := []any{}
	for _, g := range a.Groups {
		groups = append(groups, map[string]any{
			"@id": address(ctx, "@groups/"+g.ID), "@type": "virtual.ogds.group", "active": true, "groupid": g.ID, "title": g.Title,
		})
	}
	return map[string]any{
		"@id": address(ctx, "@ogds-users/"+a.ID), "@type": "virtual.ogds.user", "active": a.Active, "email": orNull(a.Email),
		"firstname": orNull(a.Firstname), "lastname": orNull(a.Lastname), "fullname": a.Fullname(), "title": a.Label(),
		"userid": a.ID, "username": a.Login, "groups": groups,
	}, nil
}

// GetGroup shows a group with its users.
func (s *server) GetGroup(ctx context.Context, r api.GetGroupRequestObject) (api.GetGroupResponseObject, error) {
	shown, err := s.group(ctx, r.Group, window(r.Params.BStart, r.Params.BSize))
	if err != nil {
		return nil, err
	}
	return ok(shown)
}

func (s *server) group(ctx context.Context, id string, w geverdb.Window) (map[string]any, error) {
	m, err := s.db.Members(ctx, id, w)
	if err != nil {
		return nil, err
	}
	at := address(ctx, "@groups/"+m.ID)
	users := map[string]any{"@id": at, "items": texts(m.Users), "items_total": m.Total}
	addBatching(ctx, users, at, w, m.Total)
	return map[string]any{
		"@id": at, "id": m.ID, "groupname": m.ID, "title": m.Title, "roles": texts(m.Roles), "users": users, "description": nil, "email": nil,
	}, nil
}

func (a *answer) VisitGetActorResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetActorsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetGroupResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetOgdsUserResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetUserResponse(w http.ResponseWriter) error { return a.write(w) }

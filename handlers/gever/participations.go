package gever

import (
	"context"
	"net/http"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// ListParticipations tells who takes part in a dossier.
func (s *server) ListParticipations(ctx context.Context, r api.ListParticipationsRequestObject) (api.ListParticipationsResponseObject, error) {
	w := window(r.Params.BStart, r.Params.BSize)
	list, total, err := s.db.Participations(ctx, caller(ctx), r.Path, w)
	if err != nil {
		return nil, err
	}
	shape, at, items := s.shaper(ctx), address(ctx, r.Path)+"/@participations", []any{}
	for _, p := range list {
		items = append(items, shape.participation(r.Path, p))
	}
	out := map[string]any{"@id": at, "available_roles": shape.terms(gever.ParticipationRoles), "items": items, "items_total": total}
	addBatching(ctx, out, at, w, total)
	return ok(out)
}

func (s shaper) terms(list []gever.Term) []any {
	out := []any{}
	for _, t := range list {
		out = append(out, choice(t.Token, t.In(s.asked)))
	}
	return out
}

func (s shaper) participation(path string, p geverdb.Participation) map[string]any {
	return map[string]any{
		"@id": address(s.ctx, path) + "/@participations/" + p.ID, "participant_id": p.ID, "participant_title": p.Title,
		"participant_actor": s.actor(p.ID), "roles": texts(p.Roles),
	}
}

// GetParticipation shows somebody's part in a dossier.
func (s *server) GetParticipation(ctx context.Context, r api.GetParticipationRequestObject) (api.GetParticipationResponseObject, error) {
	p, err := s.db.Participation(ctx, caller(ctx), r.Path, r.Participant)
	if err != nil {
		return nil, err
	}
	return ok(s.shaper(ctx).participation(r.Path, *p))
}

// AddParticipation lets somebody take part in a dossier.
func (s *server) AddParticipation(ctx context.Context, r api.AddParticipationRequestObject) (api.AddParticipationResponseObject, error) {
	who, err := gever.ReadParticipant(*r.Body)
	if err != nil {
		return nil, err
	}
	roles, err := gever.ReadParticipationRoles(*r.Body)
	if err != nil {
		return nil, err
	}
	if err := s.db.Participate(ctx, caller(ctx), r.Path, who, roles); err != nil {
		return nil, err
	}
	return none()
}

// PatchParticipation gives somebody's part other roles.
func (s *server) PatchParticipation(ctx context.Context, r api.PatchParticipationRequestObject) (api.PatchParticipationResponseObject, error) {
	roles, err := gever.ReadParticipationRoles(*r.Body)
	if err != nil {
		return nil, err
	}
	if err := s.db.ChangeParticipation(ctx, caller(ctx), r.Path, r.Participant, roles); err != nil {
		return nil, err
	}
	return none()
}

// DeleteParticipation ends somebody's part.
func (s *server) DeleteParticipation(ctx context.Context, r api.DeleteParticipationRequestObject) (api.DeleteParticipationResponseObject, error) {
	if err := s.db.ChangeParticipation(ctx, caller(ctx), r.Path, r.Participant, nil); err != nil {
		return nil, err
	}
	return none()
}

// TransferDossier gives what a user is responsible for to another.
func (s *server) TransferDossier(ctx context.Context, r api.TransferDossierRequestObject) (api.TransferDossierResponseObject, error) {
	from, to, recursive, err := gever.ReadTransfer(*r.Body)
	if err != nil {
		return nil, err
	}
	if err := s.db.Transfer(ctx, caller(ctx), r.Path, from, to, recursive); err != nil {
		return nil, err
	}
	return none()
}

func (a *answer) VisitAddParticipationResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitDeleteParticipationResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetParticipationResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListParticipationsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitPatchParticipationResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTransferDossierResponse(w http.ResponseWriter) error { return a.write(w) }

package capo

import (
	"context"

	api "loket/gen/capo"
	"loket/store/capo"
	"loket/store/capo/capodb"
)

func (s *server) CreateHoofdleidingAanleggen(ctx context.Context, r api.CreateHoofdleidingAanleggenRequestObject) (api.CreateHoofdleidingAanleggenResponseObject, error) {
	body := orZero(r.Body) // the page shows no body, so none is needed
	h, err := s.db.MeldHoofdleiding(ctx, caller(ctx), id(r.ProjectID), disciplinesFromAPI(body.Disciplines), orZero(body.Toelichting))
	if err != nil {
		return nil, err
	}
	return api.CreateHoofdleidingAanleggen201JSONResponse{
		Body: hoofdleidingToAPI(*h), Headers: api.CreateHoofdleidingAanleggen201ResponseHeaders{Location: meldingen(h.ProjectID, capo.MeldHoofdleiding)},
	}, nil
}

func (s *server) CreateActiviteit(ctx context.Context, r api.CreateActiviteitRequestObject) (api.CreateActiviteitResponseObject, error) {
	a, err := s.db.MeldActiviteit(ctx, caller(ctx), id(r.ProjectID), capodb.NieuweActiviteit{
		Type: string(r.Body.Type), Opleverdatum: capo.Datum(r.Body.Opleverdatum),
		Discipline: capo.Discipline(orZero(r.Body.Discipline)), Omschrijving: orZero(r.Body.Omschrijving),
	})
	if err != nil {
		return nil, err
	}
	return api.CreateActiviteit201JSONResponse{
		Body: activiteitToAPI(*a), Headers: api.CreateActiviteit201ResponseHeaders{Location: meldingen(a.ProjectID, capo.MeldActiviteit)},
	}, nil
}

func (s *server) CreateMic(ctx context.Context, r api.CreateMicRequestObject) (api.CreateMicResponseObject, error) {
	m, err := s.db.MeldMic(ctx, caller(ctx), id(r.ProjectID), r.Body.MeeInCombi, disciplinesFromAPI(r.Body.Disciplines), orZero(r.Body.Reden))
	if err != nil {
		return nil, err
	}
	return api.CreateMic201JSONResponse{
		Body: micToAPI(*m), Headers: api.CreateMic201ResponseHeaders{Location: meldingen(m.ProjectID, capo.MeldMic)},
	}, nil
}

// meldingen is where an act of the quickscan can be read back: there is no
// address for a single one.
func meldingen(projectID string, h capo.Handeling) string {
	return basePath + "/project/" + projectID + "/" + string(h)
}

func (s *server) ListHoofdleidingAanleggen(ctx context.Context, r api.ListHoofdleidingAanleggenRequestObject) (api.ListHoofdleidingAanleggenResponseObject, error) {
	l, err := s.db.Hoofdleidingen(ctx, caller(ctx), id(r.ProjectID))
	return api.ListHoofdleidingAanleggen200JSONResponse(list(l, hoofdleidingToAPI)), err
}

func (s *server) ListActiviteiten(ctx context.Context, r api.ListActiviteitenRequestObject) (api.ListActiviteitenResponseObject, error) {
	l, err := s.db.Activiteiten(ctx, caller(ctx), id(r.ProjectID))
	return api.ListActiviteiten200JSONResponse(list(l, activiteitToAPI)), err
}

func (s *server) ListMic(ctx context.Context, r api.ListMicRequestObject) (api.ListMicResponseObject, error) {
	l, err := s.db.Mics(ctx, caller(ctx), id(r.ProjectID))
	return api.ListMic200JSONResponse(list(l, micToAPI)), err
}

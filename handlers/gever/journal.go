package gever

import (
	"context"
	"net/http"
	"strconv"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// ListJournal tells what happened in a dossier.
func (s *server) ListJournal(ctx context.Context, r api.ListJournalRequestObject) (api.ListJournalResponseObject, error) {
	w := window(r.Params.BStart, r.Params.BSize)
	list, total, err := s.db.Journal(ctx, caller(ctx), r.Path, w)
	if err != nil {
		return nil, err
	}
	shape, at, items := s.shaper(ctx), address(ctx, r.Path)+"/@journal", []any{}
	for _, e := range list {
		items = append(items, shape.entry(at, e))
	}
	return listed(ctx, at, items, total, w)
}

func (s shaper) entry(at string, e geverdb.Entry) map[string]any {
	out := map[string]any{
		"action": e.Action, "actor": s.actor(e.Actor), "actor_fullname": e.Fullname, "category": nil, "comment": e.Comment,
		"is_editable": e.Editable, "related_documents": s.summaries(e.Documents), "time": s.instant(e.At), "title": e.Title,
	}
	if e.ID != 0 {
		out["@id"] = at + "/" + strconv.FormatInt(e.ID, 10)
	}
	if t, known := gever.FindTerm(gever.JournalCategories, e.Category); known {
		out["category"] = choice(t.Token, t.In(s.asked))
	}
	return out
}

// AddJournalEntry writes an entry by hand.
func (s *server) AddJournalEntry(ctx context.Context, r api.AddJournalEntryRequestObject) (api.AddJournalEntryResponseObject, error) {
	change, err := gever.ReadJournal(*r.Body, true)
	if err != nil {
		return nil, err
	}
	if err := s.db.WriteJournal(ctx, caller(ctx), r.Path, change); err != nil {
		return nil, err
	}
	return none()
}

// PatchJournalEntry changes an entry by hand.
func (s *server) PatchJournalEntry(ctx context.Context, r api.PatchJournalEntryRequestObject) (api.PatchJournalEntryResponseObject, error) {
	change, err := gever.ReadJournal(*r.Body, false)
	if err != nil {
		return nil, err
	}
	if err := s.db.EditJournal(ctx, caller(ctx), r.Path, r.Entry, &change); err != nil {
		return nil, err
	}
	return none()
}

// DeleteJournalEntry removes an entry by hand.
func (s *server) DeleteJournalEntry(ctx context.Context, r api.DeleteJournalEntryRequestObject) (api.DeleteJournalEntryResponseObject, error) {
	if err := s.db.EditJournal(ctx, caller(ctx), r.Path, r.Entry, nil); err != nil {
		return nil, err
	}
	return none()
}

func (a *answer) VisitAddJournalEntryResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitDeleteJournalEntryResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListJournalResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitPatchJournalEntryResponse(w http.ResponseWriter) error { return a.write(w) }

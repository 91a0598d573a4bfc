package gever

import (
	"context"
	"net/http"
	"strconv"
	"time"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// ListResponses lists an object's responses.
func (s *server) ListResponses(ctx context.Context, r api.ListResponsesRequestObject) (api.ListResponsesResponseObject, error) {
	w := window(r.Params.BStart, r.Params.BSize)
	list, total, err := s.db.Responses(ctx, caller(ctx), r.Path, w)
	if err != nil {
		return nil, err
	}
	return listed(ctx, address(ctx, r.Path)+"/@responses", s.shaper(ctx).responses(r.Path, list), total, w)
}

// GetResponse shows one.
func (s *server) GetResponse(ctx context.Context, r api.GetResponseRequestObject) (api.GetResponseResponseObject, error) {
	one, err := s.db.Response(ctx, caller(ctx), r.Path, r.ResponseID)
	if err != nil {
		return nil, err
	}
	return ok(s.shaper(ctx).response(r.Path, *one))
}

// AddResponse adds a comment.
func (s *server) AddResponse(ctx context.Context, r api.AddResponseRequestObject) (api.AddResponseResponseObject, error) {
	text, err := gever.ReadComment(*r.Body)
	if err != nil {
		return nil, err
	}
	id, err := s.db.Respond(ctx, caller(ctx), r.Path, text)
	if err != nil {
		return nil, err
	}
	one, err := s.db.Response(ctx, caller(ctx), r.Path, id)
	if err != nil {
		return nil, err
	}
	return &answer{
		status: http.StatusCreated, header: map[string]string{"Location": responseAddress(ctx, r.Path, id)},
		value: s.shaper(ctx).response(r.Path, *one),
	}, nil
}

// PatchResponse changes a comment.
func (s *server) PatchResponse(ctx context.Context, r api.PatchResponseRequestObject) (api.PatchResponseResponseObject, error) {
	text, err := gever.ReadComment(*r.Body)
	if err != nil {
		return nil, err
	}
	if err := s.db.EditResponse(ctx, caller(ctx), r.Path, r.ResponseID, &text); err != nil {
		return nil, err
	}
	return none()
}

// DeleteResponse removes a comment.
func (s *server) DeleteResponse(ctx context.Context, r api.DeleteResponseRequestObject) (api.DeleteResponseResponseObject, error) {
	if err := s.db.EditResponse(ctx, caller(ctx), r.Path, r.ResponseID, nil); err != nil {
		return nil, err
	}
	return none()
}

func responseAddress(ctx context.Context, path string, id int64) string {
	return address(ctx, path) + "/@responses/" + strconv.FormatInt(id, 10)
}

func (s shaper) responses(path string, list []geverdb.Response) []any {
	out := []any{}
	for _, r := range list {
		out = append(out, s.response(path, r))
	}
	return out
}

// response has the keys of gever.md 2.6.
func (s shaper) response(path string, r geverdb.Response) map[string]any {
	changes := append([]gever.FieldChange{}, r.Changes...)
	for i := range changes {
		changes[i].Title = s.titled(changes[i].Title)
	}
	return map[string]any{
		"@id": responseAddress(s.ctx, path, r.ID), "response_id": r.ID, "response_type": r.Kind,
		"created": s.instant(r.CreatedAt), "creator": choice(r.Creator.ID, r.Creator.Label()),
		"modified": s.instantOrNull(r.ModifiedAt), "modifier": orNull(r.Modifier),
		"text": r.Text, "rendered_text": gever.Rendered(r.Text), "mimetype": "text/plain", "transition": orNull(r.Transition), "changes": changes,
		"related_items": []any{}, "added_objects": s.summaries(r.Added), "approved_documents": s.summaries(r.Approved),
		"subtask": s.summaryOrNull(r.Subtask), "successor_oguid": nil, "additional_data": map[string]any{},
	}
}

func (s shaper) summaryOrNull(o *geverdb.Object) any {
	if o == nil {
		return nil
	}
	return s.summary(o)
}

func (s shaper) instantOrNull(t *time.Time) any {
	if t == nil {
		return nil
	}
	return s.instant(*t)
}

func (a *answer) VisitAddResponseResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitDeleteResponseResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetResponseResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListResponsesResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitPatchResponseResponse(w http.ResponseWriter) error { return a.write(w) }

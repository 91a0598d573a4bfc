package capo

import (
	"context"
	"net/http"
	"strconv"

	api "loket/gen/capo"
	"loket/handlers/auth"
	"loket/handlers/page"
	"loket/store/capo"
	"loket/store/capo/capodb"
)

// projectenLimit is how many projects a list has when nobody says (contract 3.4).
const projectenLimit = 100

func (s *server) ListProjects(ctx context.Context, r api.ListProjectsRequestObject) (api.ListProjectsResponseObject, error) {
	w := page.Of(r.Params.Limit, r.Params.Offset, projectenLimit)
	projecten, total, err := s.db.Projecten(ctx, caller(ctx), capodb.ProjectFilter{
		Processtap: capo.Processtap(orZero(r.Params.Processtap)), Gebied: orZero(r.Params.Gebied),
		Type: capo.Projecttype(orZero(r.Params.Type)), Limit: w.Limit, Offset: w.Offset,
	})
	return projectList{projecten, total}, err
}

func (s *server) GetProject(ctx context.Context, r api.GetProjectRequestObject) (api.GetProjectResponseObject, error) {
	p, err := s.db.Project(ctx, caller(ctx), id(r.ProjectID))
	return project(p), err
}

// project is the answer of one project: its document is sent as it is kept.
type project capodb.ProjectView

// VisitGetProjectResponse writes the answer.
func (p project) VisitGetProjectResponse(w http.ResponseWriter) error {
	text, done := page.Buffer()
	defer done()
	*text = capo.AppendDocument(*text, p.Document, p.Quickscan)
	return writeJSON(w, *text)
}

// projectList is the answer of several.
type projectList struct {
	projecten []capodb.ProjectView
	total     int
}

// VisitListProjectsResponse writes the answer.
func (l projectList) VisitListProjectsResponse(w http.ResponseWriter) error {
	w.Header().Set(page.TotalCount, strconv.Itoa(l.total))
	b, done := page.Buffer()
	defer done()
	text := append(*b, '[')
	for i, p := range l.projecten {
		if i > 0 {
			text = append(text, ',')
		}
		text = capo.AppendDocument(text, p.Document, p.Quickscan)
	}
	*b = append(text, ']')
	return writeJSON(w, *b)
}

func writeJSON(w http.ResponseWriter, text []byte) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(text)
	return err
}

// caller is the organisation that asks.
func caller(ctx context.Context) string { return auth.From(ctx).OrganisationID }

package vemap

import (
	"context"

	api "loket/gen/vemap"
)

func (s *server) GetProjects(ctx context.Context, _ api.GetProjectsRequestObject) (api.GetProjectsResponseObject, error) {
	projects, err := s.db.Projects(ctx, actor(ctx))
	return api.GetProjects200JSONResponse{Status: 200, Message: "Projects fetched successfully", Data: list(projects, projectToAPI)}, err
}

func (s *server) CreateProject(ctx context.Context, r api.CreateProjectRequestObject) (api.CreateProjectResponseObject, error) {
	project, err := s.db.CreateProject(ctx, actor(ctx), newProjectFromAPI(r.Body))
	return api.CreateProject201JSONResponse{Status: 201, Message: "Project created successfully", Data: projectToAPI(project), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) UpdateProject(ctx context.Context, r api.UpdateProjectRequestObject) (api.UpdateProjectResponseObject, error) {
	n, err := s.db.AddManagers(ctx, actor(ctx), r.ProjectID, r.Body.Managers)
	data := api.UpdateProjectData{ProjectID: r.ProjectID, ManagersCount: n, Status: "updated"}
	return api.UpdateProject200JSONResponse{Status: 200, Message: "Project updated successfully", Data: data}, err
}

func (s *server) GetProjectRecipients(ctx context.Context, r api.GetProjectRecipientsRequestObject) (api.GetProjectRecipientsResponseObject, error) {
	recipients, err := s.db.Recipients(ctx, actor(ctx), r.ProjectID)
	data := api.ProjectRecipientsData{Recipients: list(recipients, projectRecipientToAPI)}
	return api.GetProjectRecipients200JSONResponse{Status: 200, Message: "Project recipients fetched successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) CreateProjectRecipients(ctx context.Context, r api.CreateProjectRecipientsRequestObject) (api.CreateProjectRecipientsResponseObject, error) {
	saved, err := s.db.SaveRecipients(ctx, actor(ctx), r.ProjectID, list(r.Body.Recipients, recipientFromAPI))
	data := api.CreateProjectRecipientsData{
		CreatedCount: saved.Created, UpdatedCount: saved.Updated, TotalCount: len(saved.Recipients), Recipients: list(saved.Recipients, recipientToAPI),
	}
	return api.CreateProjectRecipients200JSONResponse{Status: 200, Message: "Recipients created successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) DeleteProjectRecipient(ctx context.Context, r api.DeleteProjectRecipientRequestObject) (api.DeleteProjectRecipientResponseObject, error) {
	err := s.db.DeleteRecipient(ctx, actor(ctx), r.ProjectID, r.RecipientID)
	data := api.DeletedRecipient{RecipientID: r.RecipientID, Status: "deleted"}
	return api.DeleteProjectRecipient200JSONResponse{Status: 200, Message: "Recipient deleted successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

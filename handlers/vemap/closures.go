package vemap

import (
	"context"

	api "loket/gen/vemap"
	"loket/store/vemap"
)

func (s *server) GetClosureReferences(ctx context.Context, r api.GetClosureReferencesRequestObject) (api.GetClosureReferencesResponseObject, error) {
	closures, err := s.db.Closures(ctx, actor(ctx), vemap.GetClosureReferences, r.ProjectID)
	return api.GetClosureReferences200JSONResponse{Status: 200, Message: "Project closure references fetched successfully", Data: list(closures, closureReferenceToAPI)}, err
}

func (s *server) GetClosures(ctx context.Context, r api.GetClosuresRequestObject) (api.GetClosuresResponseObject, error) {
	closures, err := s.db.Closures(ctx, actor(ctx), vemap.GetClosures, r.ProjectID)
	return api.GetClosures200JSONResponse{Status: 200, Message: "Closures fetched successfully", Data: list(closures, closureToAPI)}, err
}

func (s *server) GetClosure(ctx context.Context, r api.GetClosureRequestObject) (api.GetClosureResponseObject, error) {
	closure, err := s.db.Closure(ctx, actor(ctx), r.ClosureID)
	return api.GetClosure200JSONResponse{Status: 200, Message: "Closure fetched successfully", Data: closureToAPI(closure)}, err
}

func (s *server) CreateClosure(ctx context.Context, r api.CreateClosureRequestObject) (api.CreateClosureResponseObject, error) {
	closure, err := s.db.CreateClosure(ctx, actor(ctx), newClosureFromAPI(r.Body))
	return api.CreateClosure201JSONResponse{Status: 201, Message: "Closure created successfully", Data: closureToAPI(closure), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) AddStakeholders(ctx context.Context, r api.AddStakeholdersRequestObject) (api.AddStakeholdersResponseObject, error) {
	added, total, err := s.db.AddStakeholders(ctx, actor(ctx), r.ClosureID, r.Body.Stakeholders)
	data := api.AddStakeholdersData{ClosureID: r.ClosureID, StakeholdersAdded: added, TotalStakeholders: total}
	return api.AddStakeholders200JSONResponse{Status: 200, Message: "Closure stakeholders added successfully", Data: data}, err
}

func (s *server) RemoveStakeholder(ctx context.Context, r api.RemoveStakeholderRequestObject) (api.RemoveStakeholderResponseObject, error) {
	err := s.db.RemoveStakeholder(ctx, actor(ctx), r.ClosureID, r.StakeholderID)
	data := api.RemoveStakeholderData{ClosureID: r.ClosureID, StakeholderID: r.StakeholderID, Status: "removed"}
	return api.RemoveStakeholder200JSONResponse{Status: 200, Message: "Stakeholder removed successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) GetComments(ctx context.Context, r api.GetCommentsRequestObject) (api.GetCommentsResponseObject, error) {
	comments, total, err := s.db.Comments(ctx, actor(ctx), r.ClosureID, commentPageFromAPI(r.Params))
	return api.GetComments200JSONResponse{
		Body:    api.CommentsAnswer{Status: 200, Message: "Comments retrieved successfully", Data: list(comments, commentToAPI), RequestID: requestID(ctx), Timestamp: s.stamp()},
		Headers: api.GetComments200ResponseHeaders{XTotalCount: int(total)},
	}, err
}

func (s *server) CreateComment(ctx context.Context, r api.CreateCommentRequestObject) (api.CreateCommentResponseObject, error) {
	comment, err := s.db.CreateComment(ctx, actor(ctx), r.ClosureID, newCommentFromAPI(r.Body))
	return api.CreateComment201JSONResponse{Status: 201, Message: "Comment created successfully", Data: createdCommentToAPI(comment), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) GetStakeholderClosures(ctx context.Context, r api.GetStakeholderClosuresRequestObject) (api.GetStakeholderClosuresResponseObject, error) {
	closures, err := s.db.StakeholderClosures(ctx, actor(ctx), r.UserID)
	return api.GetStakeholderClosures200JSONResponse{Data: list(closures, stakeholderClosureToAPI)}, err
}

func (s *server) GetEvents(ctx context.Context, r api.GetEventsRequestObject) (api.GetEventsResponseObject, error) {
	events, err := s.db.Events(ctx, actor(ctx), r.ClosureID)
	return api.GetEvents200JSONResponse{Status: 200, Message: "Events fetched successfully", Data: eventsToAPI(events), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

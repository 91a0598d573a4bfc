package vemap

import (
	"context"

	api "loket/gen/vemap"
)

func (s *server) SendMail(ctx context.Context, r api.SendMailRequestObject) (api.SendMailResponseObject, error) {
	job, err := s.db.SendMail(ctx, actor(ctx), newMailFromAPI(r.ClosureID, r.Body))
	return api.SendMail200JSONResponse{Status: 200, Message: "Email queued successfully", Data: mailJobToAPI(job), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) CreateMailRecipients(ctx context.Context, r api.CreateMailRecipientsRequestObject) (api.CreateMailRecipientsResponseObject, error) {
	saved, err := s.db.SaveMailing(ctx, actor(ctx), mailingFromAPI(r))
	return api.CreateMailRecipients201JSONResponse{
		CreatedCount: saved.Created, UpdatedCount: saved.Updated, TotalCount: len(saved.Recipients),
		Recipients: list(saved.Recipients, recipientToAPI), MailingListID: orNull(saved.ListID), AddedToMailingList: saved.AddedToList,
	}, err
}

func (s *server) DeleteMailRecipient(ctx context.Context, r api.DeleteMailRecipientRequestObject) (api.DeleteMailRecipientResponseObject, error) {
	err := s.db.DeleteMailRecipient(ctx, actor(ctx), r.ProjectID, r.ClosureID, r.RecipientID)
	data := api.DeletedRecipient{RecipientID: r.RecipientID, Status: "deleted"}
	return api.DeleteMailRecipient200JSONResponse{Status: 200, Message: "Recipient deleted successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) GetTemplates(ctx context.Context, _ api.GetTemplatesRequestObject) (api.GetTemplatesResponseObject, error) {
	templates, err := s.db.Templates(ctx, actor(ctx))
	return api.GetTemplates200JSONResponse{Status: 200, Message: "Templates fetched successfully", Data: list(templates, templateToAPI), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) CreateTemplate(ctx context.Context, r api.CreateTemplateRequestObject) (api.CreateTemplateResponseObject, error) {
	id, err := s.db.CreateTemplate(ctx, actor(ctx), r.Body.TemplateName, r.Body.TemplateData)
	data := api.CreatedTemplate{TemplateID: id}
	return api.CreateTemplate201JSONResponse{Status: 201, Message: "Template created successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

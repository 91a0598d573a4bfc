package plooi

import (
	"bytes"
	"context"
	"io"

	api "loket/gen/plooi"
	"loket/handlers/page"
)

const asJSON = "application/json"

// CreateMetadata is E1. The body is the text itself: the validator has read it,
// and it is given back as it came.
func (s *server) CreateMetadata(ctx context.Context, r api.CreateMetadataRequestObject) (api.CreateMetadataResponseObject, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	made, err := s.db.Registreer(ctx, caller(ctx), page.Origin(ctx), text)
	if err != nil {
		return nil, err
	}
	return api.CreateMetadata201AsteriskResponse{
		Body: bytes.NewReader(made.Metadata), ContentType: asJSON, ContentLength: int64(len(made.Metadata)),
		Headers: api.CreateMetadata201ResponseHeaders{Location: made.Locatie, XSessionID: made.Sessie},
	}, nil
}

// GetMetadata is E2.
func (s *server) GetMetadata(ctx context.Context, r api.GetMetadataRequestObject) (api.GetMetadataResponseObject, error) {
	text, err := s.db.Metadata(ctx, caller(ctx), r.DocumentID)
	return api.GetMetadata200AsteriskResponse{Body: bytes.NewReader(text), ContentType: asJSON, ContentLength: int64(len(text))}, err
}

// UpdateMetadata is E3.
func (s *server) UpdateMetadata(ctx context.Context, r api.UpdateMetadataRequestObject) (api.UpdateMetadataResponseObject, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	made, err := s.db.VervangMetadata(ctx, caller(ctx), page.Origin(ctx), r.DocumentID, text)
	if err != nil {
		return nil, err
	}
	return api.UpdateMetadata201AsteriskResponse{
		Body: bytes.NewReader(made.Metadata), ContentType: asJSON, ContentLength: int64(len(made.Metadata)),
		Headers: api.UpdateMetadata201ResponseHeaders{Location: made.Locatie, XSessionID: made.Sessie},
	}, nil
}

package plooi

import (
	"context"

	api "loket/gen/plooi"
	"loket/handlers/mount"
	"loket/store/plooi"
	"loket/store/plooi/plooidb"
)

// inline is the Content-Disposition of a file: it came without a name.
const inline = `inline; filename="` + plooi.Bestandsnaam + `"`

// GetDocument is E5.
func (s *server) GetDocument(ctx context.Context, r api.GetDocumentRequestObject) (api.GetDocumentResponseObject, error) {
	b, err := s.db.Bestand(ctx, caller(ctx), r.DocumentID)
	if err != nil {
		return nil, err
	}
	return api.GetDocument200AsteriskResponse{
		Body: b.Inhoud, ContentType: b.Type, ContentLength: b.Grootte, Headers: api.GetDocument200ResponseHeaders{ContentDisposition: inline},
	}, nil
}

// CreateDocument is E4.
func (s *server) CreateDocument(ctx context.Context, r api.CreateDocumentRequestObject) (api.CreateDocumentResponseObject, error) {
	o, err := s.db.LeverBestand(ctx, caller(ctx), plooidb.Levering{
		DocumentID: r.DocumentID, Sessie: orZero(r.Params.XSessionID), Lengte: mount.Length(ctx), Bytes: r.Body,
	})
	if err != nil {
		return nil, err
	}
	return api.CreateDocument202JSONResponse{Body: aangeleverdToAPI(o), Headers: api.CreateDocument202ResponseHeaders{XSessionID: o.Sessie}}, nil
}

// UpdateDocument is E6.
func (s *server) UpdateDocument(ctx context.Context, r api.UpdateDocumentRequestObject) (api.UpdateDocumentResponseObject, error) {
	o, err := s.db.LeverBestand(ctx, caller(ctx), plooidb.Levering{
		DocumentID: r.DocumentID, Sessie: orZero(r.Params.XSessionID), Lengte: mount.Length(ctx), Bytes: r.Body, Vervang: true,
	})
	if err != nil {
		return nil, err
	}
	return api.UpdateDocument202JSONResponse{Body: gewijzigdToAPI(o), Headers: api.UpdateDocument202ResponseHeaders{XSessionID: o.Sessie}}, nil
}

// DeleteDocument is E7.
func (s *server) DeleteDocument(ctx context.Context, r api.DeleteDocumentRequestObject) (api.DeleteDocumentResponseObject, error) {
	sessie, err := s.db.TrekIn(ctx, caller(ctx), r.DocumentID)
	return api.DeleteDocument200Response{Headers: api.DeleteDocument200ResponseHeaders{XSessionID: sessie}}, err
}

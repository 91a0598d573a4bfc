package plooi

import (
	"bytes"
	"context"

	api "loket/gen/plooi"
)

// ZoekEigen is E8.
func (s *server) ZoekEigen(ctx context.Context, r api.ZoekEigenRequestObject) (api.ZoekEigenResponseObject, error) {
	g, err := s.db.ZoekEigen(ctx, caller(ctx), r.Params.Start)
	if err != nil {
		return nil, err
	}
	return api.ZoekEigen200JSONResponse(resultaatToAPI(g, r.Params.Start)), nil
}

// ZoekPortaal searches what is public.
func (s *server) ZoekPortaal(ctx context.Context, r api.ZoekPortaalRequestObject) (api.ZoekPortaalResponseObject, error) {
	g, err := s.db.ZoekPortaal(ctx, zoekvraagFromAPI(r.Body))
	if err != nil {
		return nil, err
	}
	return api.ZoekPortaal200JSONResponse(resultaatToAPI(g, orZero(r.Body.Start))), nil
}

// GetPublicatie is where a pid leads (D1).
func (s *server) GetPublicatie(ctx context.Context, r api.GetPublicatieRequestObject) (api.GetPublicatieResponseObject, error) {
	record, err := s.db.Publicatie(ctx, r.DocumentID)
	return api.GetPublicatie200AsteriskResponse{Body: bytes.NewReader(record), ContentType: asJSON, ContentLength: int64(len(record))}, err
}

// GetPublicatieBestand sends a published file.
func (s *server) GetPublicatieBestand(ctx context.Context, r api.GetPublicatieBestandRequestObject) (api.GetPublicatieBestandResponseObject, error) {
	b, err := s.db.PublicatieBestand(ctx, r.DocumentID)
	if err != nil {
		return nil, err
	}
	return api.GetPublicatieBestand200AsteriskResponse{
		Body: b.Inhoud, ContentType: b.Type, ContentLength: b.Grootte, Headers: api.GetPublicatieBestand200ResponseHeaders{ContentDisposition: inline},
	}, nil
}

// openbaar is what caches may do with a value list (D42).
const openbaar = "public, max-age=86400"

// GetWaardelijst is E9.
func (s *server) GetWaardelijst(_ context.Context, r api.GetWaardelijstRequestObject) (api.GetWaardelijstResponseObject, error) {
	l, _ := s.db.Lijsten().Lijst(r.Params.Soort) // the validator has looked it up
	return api.GetWaardelijst200JSONResponse{Body: lijstToAPI(l), Headers: api.GetWaardelijst200ResponseHeaders{CacheControl: openbaar}}, nil
}

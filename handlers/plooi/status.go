package plooi

import (
	"context"

	api "loket/gen/plooi"
	"loket/store/plooi"
)

// GetProces tells how a process stands (D28).
func (s *server) GetProces(ctx context.Context, r api.GetProcesRequestObject) (api.GetProcesResponseObject, error) {
	p, err := s.db.Proces(ctx, caller(ctx), r.SessionID)
	if err != nil {
		return nil, err
	}
	return api.GetProces200JSONResponse(procesToAPI(p)), nil
}

// ListVerwerkingen lists the steps of a process.
func (s *server) ListVerwerkingen(ctx context.Context, r api.ListVerwerkingenRequestObject) (api.ListVerwerkingenResponseObject, error) {
	size := orZero(r.Params.Size)
	list, total, err := s.db.Verwerkingen(ctx, caller(ctx), r.SessionID, plooi.Severity(orZero(r.Params.Severity)), size, size*orZero(r.Params.Page))
	return api.ListVerwerkingen200JSONResponse{
		Body: verwerkingenToAPI(list), Headers: api.ListVerwerkingen200ResponseHeaders{XTotalCount: total},
	}, err
}

// GetVerwerkingsstatus tells how a document stands.
func (s *server) GetVerwerkingsstatus(ctx context.Context, r api.GetVerwerkingsstatusRequestObject) (api.GetVerwerkingsstatusResponseObject, error) {
	st, err := s.db.Status(ctx, caller(ctx), r.Params.DcnID)
	if err != nil {
		return nil, err
	}
	return api.GetVerwerkingsstatus200JSONResponse(statusToAPI(st)), nil
}

package gever

import (
	"context"
	"net/http"

	api "loket/gen/gever"
	"loket/store/gever/geverdb"
)

// XhrUpload makes a document or mail of a form's file.
func (s *server) XhrUpload(ctx context.Context, r api.XhrUploadRequestObject) (api.XhrUploadResponseObject, error) {
	made, err := s.db.UploadForm(ctx, caller(ctx), r.Path, r.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{status: http.StatusCreated, header: map[string]string{"Location": address(ctx, made.Path), "ETag": made.ETag}}
	a.value, _, err = s.represent(ctx, made.Path, listing{Window: geverdb.Window{}, items: false})
	return a, err
}

package capo

import (
	"context"
	"net/url"

	"github.com/labstack/echo/v4"

	api "loket/gen/capo"
	"loket/store/capo/capodb"
)

func (s *server) ListBijlagen(ctx context.Context, r api.ListBijlagenRequestObject) (api.ListBijlagenResponseObject, error) {
	bijlagen, err := s.db.Bijlagen(ctx, caller(ctx), id(r.ProjectID))
	return api.ListBijlagen200JSONResponse(list(bijlagen, bijlageToAPI(ctx))), err
}

func (s *server) CreateBijlage(ctx context.Context, r api.CreateBijlageRequestObject) (api.CreateBijlageResponseObject, error) {
	f, token, err := s.db.MaakBijlage(ctx, caller(ctx), id(r.ProjectID), id(r.BijlageAssignedID), nieuweBijlageFromAPI(r.Body))
	return api.CreateBijlage201JSONResponse{
		Body:    aangemaaktToAPI(ctx, f, token),
		Headers: api.CreateBijlage201ResponseHeaders{Location: basePath + "/project/" + f.ProjectID + "/bijlage/" + f.BijlageID},
	}, err
}

func (s *server) PatchBijlage(ctx context.Context, r api.PatchBijlageRequestObject) (api.PatchBijlageResponseObject, error) {
	// The document allows one status only, so there is nothing to read in the body.
	f, err := s.db.MeldGeupload(ctx, caller(ctx), id(r.ProjectID), id(r.BijlageID))
	if err != nil {
		return nil, err
	}
	return api.PatchBijlage200JSONResponse(bijlageToAPI(ctx)(*f)), nil
}

func (s *server) DownloadBijlage(ctx context.Context, r api.DownloadBijlageRequestObject) (api.DownloadBijlageResponseObject, error) {
	f, content, err := s.db.Download(ctx, caller(ctx), id(r.ProjectID), id(r.BijlageID))
	if err != nil {
		return nil, err
	}
	return api.DownloadBijlage200AsteriskResponse{
		Body: content, ContentType: f.ContentType, ContentLength: f.Grootte,
		Headers: api.DownloadBijlage200ResponseHeaders{
			ContentDisposition: "attachment; filename*=UTF-8''" + url.PathEscape(f.Bestandsnaam), ETag: `"` + f.SHA256 + `"`,
		},
	}, nil
}

func (s *server) Upload(ctx context.Context, r api.UploadRequestObject) (api.UploadResponseObject, error) {
	sum, err := s.db.Ontvang(ctx, capodb.Ontvangst{Token: r.Token, ContentType: r.ContentType, Lengte: lengthFrom(ctx), Bytes: r.Body})
	return api.Upload200Response{Headers: api.Upload200ResponseHeaders{ETag: `"` + sum + `"`}}, err
}

type lengthKey struct{}

// withLength hands the Content-Length to Upload: the generated request object
// has only type and bytes, and a file's length is checked before they are read.
func withLength(next api.StrictHandlerFunc, operation string) api.StrictHandlerFunc {
	if operation != "Upload" {
		return next
	}
	return func(c echo.Context, request any) (any, error) {
		r := c.Request()
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), lengthKey{}, r.ContentLength)))
		return next(c, request)
	}
}

func lengthFrom(ctx context.Context) int64 {
	if n, ok := ctx.Value(lengthKey{}).(int64); ok {
		return n
	}
	return -1
}

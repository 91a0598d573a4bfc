package capo

import (
	"context"
	"net/url"

	api "loket/gen/capo"
	"loket/handlers/mount"
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
	sum, err := s.db.Ontvang(ctx, capodb.Ontvangst{Token: r.Token, ContentType: r.ContentType, Lengte: mount.Length(ctx), Bytes: r.Body})
	return api.Upload200Response{Headers: api.Upload200ResponseHeaders{ETag: `"` + sum + `"`}}, err
}

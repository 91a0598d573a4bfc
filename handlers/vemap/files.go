package vemap

import (
	"context"
	"net/url"

	api "loket/gen/vemap"
	"loket/store/vemap"
	"loket/store/vemap/vemapdb"
)

func (s *server) GetFiles(ctx context.Context, r api.GetFilesRequestObject) (api.GetFilesResponseObject, error) {
	files, total, err := s.db.Files(ctx, actor(ctx), r.ClosureID, filePageFromAPI(r.Params))
	data := api.FilesData{Files: list(files, fileItemToAPI)}
	return api.GetFiles200JSONResponse{
		Body:    api.FilesAnswer{Status: 200, Message: "File list retrieved successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()},
		Headers: api.GetFiles200ResponseHeaders{XTotalCount: int(total)},
	}, err
}

func (s *server) GetFile(ctx context.Context, r api.GetFileRequestObject) (api.GetFileResponseObject, error) {
	file, link, err := s.db.File(ctx, actor(ctx), r.FileID, actionFromAPI(r.Params.Action))
	data := fileToAPI(file)
	data.PresignedURL = orNull(address(ctx, link))
	return api.GetFile200JSONResponse{Status: 200, Message: "File retrieved successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) CreateFile(ctx context.Context, r api.CreateFileRequestObject) (api.CreateFileResponseObject, error) {
	in, err := newFileFromAPI(r.Body)
	if err != nil {
		return nil, err
	}
	file, link, err := s.db.CreateFile(ctx, actor(ctx), in)
	data := createdFileToAPI(file)
	data.PresignedURL = address(ctx, link)
	return api.CreateFile201JSONResponse{Status: 201, Message: "File uploaded successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) UpdateFile(ctx context.Context, r api.UpdateFileRequestObject) (api.UpdateFileResponseObject, error) {
	file, err := s.db.UpdateFile(ctx, actor(ctx), r.FileID, fileChangeFromAPI(r.Body))
	return api.UpdateFile200JSONResponse{Status: 200, Message: "File updated successfully", Data: updatedFileToAPI(file), RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) DeleteFile(ctx context.Context, r api.DeleteFileRequestObject) (api.DeleteFileResponseObject, error) {
	file, err := s.db.DeleteFile(ctx, actor(ctx), r.FileID)
	data := api.DeletedFile{
		ID: file.ID, Message: "File successfully deleted", FileInfo: api.FileInfo{Name: file.Name, Size: file.Size, Type: api.FileType(file.Type)},
	}
	return api.DeleteFile200JSONResponse{Status: 200, Message: "File deleted successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) Upload(ctx context.Context, r api.UploadRequestObject) (api.UploadResponseObject, error) {
	file, err := s.db.Receive(ctx, vemapdb.Upload{
		FileID: r.FileID, ContentType: r.ContentType, Length: requestOf(ctx).length, Body: r.Body,
		Signed: vemapdb.Signed{Expires: r.Params.Expires, Signature: r.Params.Signature},
	})
	data := api.UploadedObject{ID: file.ID, Size: file.Size, Sha256: file.SHA256}
	return api.Upload200JSONResponse{Status: 200, Message: "File stored successfully", Data: data, RequestID: requestID(ctx), Timestamp: s.stamp()}, err
}

func (s *server) Download(ctx context.Context, r api.DownloadRequestObject) (api.DownloadResponseObject, error) {
	signed := vemapdb.Signed{Action: string(r.Params.Action), Expires: r.Params.Expires, Signature: r.Params.Signature}
	file, body, err := s.db.Fetch(ctx, r.FileID, signed)
	if err != nil {
		return nil, err
	}
	return api.Download200AsteriskResponse{
		Body: body, ContentType: file.FileType, ContentLength: file.Size,
		Headers: api.Download200ResponseHeaders{
			ContentDisposition: vemap.Disposition(signed.Action, file.FileType) + "; filename*=UTF-8''" + url.PathEscape(file.Name), ETag: `"` + file.SHA256 + `"`,
		},
	}, nil
}

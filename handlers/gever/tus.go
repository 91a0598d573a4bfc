package gever

import (
	"context"
	"net/http"
	"strconv"

	api "loket/gen/gever"
	"loket/handlers/mount"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// TusUploadOptions tells what the protocol can do here.
func (s *server) TusUploadOptions(ctx context.Context, r api.TusUploadOptionsRequestObject) (api.TusUploadOptionsResponseObject, error) {
	return s.tusOptions(ctx, r.Path)
}

// TusReplaceOptions tells what the protocol can do here.
func (s *server) TusReplaceOptions(ctx context.Context, r api.TusReplaceOptionsRequestObject) (api.TusReplaceOptionsResponseObject, error) {
	return s.tusOptions(ctx, r.Path)
}

func (s *server) tusOptions(ctx context.Context, path string) (*answer, error) {
	if _, err := s.db.Look(ctx, caller(ctx), path); err != nil {
		return nil, err
	}
	return tusAnswer(http.StatusNoContent, map[string]string{
		"Tus-Version": gever.TusResumable, "Tus-Extension": "creation,expiration", "Tus-Max-Size": strconv.FormatInt(s.settings.MaxUpload, 10),
	})
}

func tusAnswer(status int, header map[string]string) (*answer, error) {
	header["Tus-Resumable"] = gever.TusResumable
	return &answer{status: status, header: header, bare: true}, nil
}

// TusUploadCreate announces a file that will be a new object.
func (s *server) TusUploadCreate(ctx context.Context, r api.TusUploadCreateRequestObject) (api.TusUploadCreateResponseObject, error) {
	n, err := s.announced(r.Params.TusResumable, r.Params.UploadLength, r.Params.UploadMetadata)
	if err != nil {
		return nil, err
	}
	return announcedToAPI(ctx, r.Path+"/@tus-upload/")(s.db.BeginUpload(ctx, caller(ctx), r.Path, n))
}

// TusReplaceCreate announces another file for a document.
func (s *server) TusReplaceCreate(ctx context.Context, r api.TusReplaceCreateRequestObject) (api.TusReplaceCreateResponseObject, error) {
	n, err := s.announced(r.Params.TusResumable, r.Params.UploadLength, r.Params.UploadMetadata)
	if err != nil {
		return nil, err
	}
	return announcedToAPI(ctx, r.Path+"/@tus-replace/")(s.db.BeginReplace(ctx, caller(ctx), r.Path, text(r.Params.LockToken), n))
}

func (s *server) announced(version, length, metadata *string) (gever.NewUpload, error) {
	if err := gever.CheckTus(text(version)); err != nil {
		return gever.NewUpload{}, err
	}
	return s.settings.ReadUpload(text(length), text(metadata))
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func announcedToAPI(ctx context.Context, at string) func(*geverdb.Upload, error) (*answer, error) {
	return func(u *geverdb.Upload, err error) (*answer, error) {
		if err != nil {
			return nil, err
		}
		return tusAnswer(http.StatusCreated, map[string]string{"Location": address(ctx, at+u.ID), "Upload-Expires": expires(u)})
	}
}

func expires(u *geverdb.Upload) string { return u.ExpiresAt.UTC().Format(http.TimeFormat) }

// TusUploadStatus tells how much of a file has come.
func (s *server) TusUploadStatus(ctx context.Context, r api.TusUploadStatusRequestObject) (api.TusUploadStatusResponseObject, error) {
	return s.tusStatus(ctx, r.Params.TusResumable, geverdb.UploadAt{Path: r.Path, ID: r.Upload})
}

// TusReplaceStatus tells how much of a file has come.
func (s *server) TusReplaceStatus(ctx context.Context, r api.TusReplaceStatusRequestObject) (api.TusReplaceStatusResponseObject, error) {
	return s.tusStatus(ctx, r.Params.TusResumable, geverdb.UploadAt{Path: r.Path, ID: r.Upload, Replaces: true})
}

func (s *server) tusStatus(ctx context.Context, version *string, at geverdb.UploadAt) (*answer, error) {
	if err := gever.CheckTus(text(version)); err != nil {
		return nil, err
	}
	u, err := s.db.Upload(ctx, caller(ctx), at)
	if err != nil {
		return nil, err
	}
	return tusAnswer(http.StatusOK, map[string]string{
		"Upload-Length": strconv.FormatInt(u.Length, 10), "Upload-Offset": strconv.FormatInt(u.Offset, 10), "Upload-Expires": expires(u),
		"Cache-Control": "no-store",
	})
}

// TusUploadAppend takes a part of a file; the last makes the object.
func (s *server) TusUploadAppend(ctx context.Context, r api.TusUploadAppendRequestObject) (api.TusUploadAppendResponseObject, error) {
	return s.tusAppend(ctx, r.Params.TusResumable, r.Params.UploadOffset, geverdb.UploadAt{Path: r.Path, ID: r.Upload}, geverdb.Part{Bytes: r.Body})
}

// TusReplaceAppend takes a part of a file; the last replaces the document's.
func (s *server) TusReplaceAppend(ctx context.Context, r api.TusReplaceAppendRequestObject) (api.TusReplaceAppendResponseObject, error) {
	at := geverdb.UploadAt{Path: r.Path, ID: r.Upload, Replaces: true}
	return s.tusAppend(ctx, r.Params.TusResumable, r.Params.UploadOffset, at, geverdb.Part{Bytes: r.Body, Token: text(r.Params.LockToken)})
}

func (s *server) tusAppend(ctx context.Context, version, offset *string, at geverdb.UploadAt, p geverdb.Part) (*answer, error) {
	if err := gever.CheckTus(text(version)); err != nil {
		return nil, err
	}
	var err error
	if p.Offset, err = strconv.ParseInt(text(offset), 10, 64); err != nil || p.Offset < 0 {
		return nil, gever.BadUploadf("Missing or invalid Upload-Offset header")
	}
	p.Length = mount.Length(ctx)
	u, err := s.db.Append(ctx, caller(ctx), at, p)
	if err != nil {
		return nil, err
	}
	header := map[string]string{"Upload-Offset": strconv.FormatInt(u.Offset, 10), "Upload-Expires": expires(u)}
	if u.Path != "" {
		header["Location"] = address(ctx, u.Path)
	}
	return tusAnswer(http.StatusNoContent, header)
}

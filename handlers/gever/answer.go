package gever

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"

	"loket/store/gever"
)

// answer is a success. Objects are maps that the type table fills, so one type
// answers every operation.
type answer struct {
	status int
	header map[string]string
	cookie []*http.Cookie
	value  any
	bare   bool // no body at all
}

func ok(value any) (*answer, error) { return &answer{status: http.StatusOK, value: value}, nil }

func none() (*answer, error) { return &answer{status: http.StatusNoContent, bare: true}, nil }

// write sends JSON as the running system does: sorted by key, indented by two.
func (a *answer) write(w http.ResponseWriter) error {
	h := w.Header()
	for name, value := range a.header {
		if value != "" {
			h.Set(name, value)
		}
	}
	for _, c := range a.cookie {
		http.SetCookie(w, c)
	}
	if a.bare {
		w.WriteHeader(a.status)
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(a.value); err != nil {
		return err
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(a.status)
	_, err := w.Write(text)
	return err
}

// file is the bytes of a document.
type file struct {
	bytes io.ReadSeekCloser
	*gever.Stored
}

func (f *file) write(w http.ResponseWriter) error {
	defer f.bytes.Close()
	h := w.Header()
	h.Set("Content-Type", f.ContentType)
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("ETag", strconv.Quote(f.SHA256))
	w.WriteHeader(http.StatusOK)
	_, err := io.Copy(w, f.bytes)
	return err
}

// The generated code asks each answer to know its operation.

func (a *answer) VisitCancelCheckoutResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitCheckinResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitCheckoutResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitCopyObjectsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitCreateInSiteResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitCreateObjectResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitDeleteObjectResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitDownloadResponse(w http.ResponseWriter) error { return a.write(w) }

func (f *file) VisitDownloadResponse(w http.ResponseWriter) error { return f.write(w) }

func (a *answer) VisitDownloadNamedResponse(w http.ResponseWriter) error { return a.write(w) }

func (f *file) VisitDownloadNamedResponse(w http.ResponseWriter) error { return f.write(w) }

func (a *answer) VisitGetActionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetBreadcrumbsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetBulkTransitionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetHistoryResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetListingStatsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetLockResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetNavigationResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetObjectResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetQuerysourceResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetQuerysourceOfResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetReferenceNumberResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSchemaResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSchemaOfResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSchemaOfSiteResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteActionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteBreadcrumbsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteListingStatsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteNavigationResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteQuerysourceResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteSchemaResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteSourceResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteTypeResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSiteVocabularyResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSourceResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetSourceOfResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetTypeResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetVersionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetVocabularyResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetVocabularyOfResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetWorkflowResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetWorkflowSchemaResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitGetWorkflowSchemasResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListObjectsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListSiteResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListSiteTypesResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListTypesResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitListVersionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitLockResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitLoginResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitMoveObjectsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitPatchObjectResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitRefreshLockResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitPatchPublicTrialStatusResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitRevertResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitSearchResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitSearchSiteResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitSolrSearchResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitSolrSearchByResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitSolrSearchSiteResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitSolrSearchSiteByResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTakeTransitionResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTrashResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusReplaceAppendResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusReplaceCreateResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusReplaceOptionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusReplaceStatusResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusUploadAppendResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusUploadCreateResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusUploadOptionsResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitTusUploadStatusResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitUnlockResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitUntrashResponse(w http.ResponseWriter) error { return a.write(w) }

func (a *answer) VisitXhrUploadResponse(w http.ResponseWriter) error { return a.write(w) }

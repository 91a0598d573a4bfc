package gever

import (
	"context"
	"encoding/json"
	"strconv"

	api "loket/gen/gever"
	"loket/store/gever/geverdb"
)

// Checkout takes a document to edit it.
func (s *server) Checkout(ctx context.Context, r api.CheckoutRequestObject) (api.CheckoutResponseObject, error) {
	return done(s.db.Checkout(ctx, caller(ctx), r.Path))
}

// Checkin gives a document back and makes a version.
func (s *server) Checkin(ctx context.Context, r api.CheckinRequestObject) (api.CheckinResponseObject, error) {
	comment := ""
	if r.Body != nil {
		comment, _ = (*r.Body)["comment"].(string)
	}
	return done(s.db.Checkin(ctx, caller(ctx), r.Path, comment))
}

// CancelCheckout gives a document back as it was.
func (s *server) CancelCheckout(ctx context.Context, r api.CancelCheckoutRequestObject) (api.CancelCheckoutResponseObject, error) {
	return done(s.db.CancelCheckout(ctx, caller(ctx), r.Path))
}

func done(err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return none()
}

// GetLock tells whether an object is locked, and by whom.
func (s *server) GetLock(ctx context.Context, r api.GetLockRequestObject) (api.GetLockResponseObject, error) {
	l, err := s.db.LockOf(ctx, caller(ctx), r.Path)
	if err != nil {
		return nil, err
	}
	return ok(lockToAPI(l))
}

// Lock locks an object.
func (s *server) Lock(ctx context.Context, r api.LockRequestObject) (api.LockResponseObject, error) {
	var body map[string]any
	if r.Body != nil {
		body = *r.Body
	}
	return s.lock(ctx, r.Path, body, s.db.Lock)
}

// RefreshLock renews the caller's lock; without one it makes none.
func (s *server) RefreshLock(ctx context.Context, r api.RefreshLockRequestObject) (api.RefreshLockResponseObject, error) {
	var body map[string]any
	if r.Body != nil {
		body = *r.Body
	}
	return s.lock(ctx, r.Path, body, s.db.RefreshLock)
}

func (*server) lock(
	ctx context.Context, path string, body map[string]any, hold func(context.Context, string, string, int64) (*geverdb.Lock, error),
) (*answer, error) {
	l, err := hold(ctx, caller(ctx), path, wholeOf(body["timeout"]))
	if err != nil {
		return nil, err
	}
	return ok(lockToAPI(l))
}

// wholeOf is a number of a body; 0 when there is none.
func wholeOf(v any) int64 {
	switch n := v.(type) {
	case json.Number:
		i, _ := n.Int64()
		return i
	case float64:
		return int64(n)
	default:
		return 0
	}
}

func lockToAPI(l *geverdb.Lock) map[string]any {
	if l == nil {
		return map[string]any{"locked": false, "stealable": true}
	}
	return map[string]any{
		"locked": true, "stealable": true, "creator": l.By, "name": "plone.locking.stealable", "time": seconds(l.At), "timeout": l.Timeout, "token": l.Token,
	}
}

// Unlock ends the caller's lock.
func (s *server) Unlock(ctx context.Context, r api.UnlockRequestObject) (api.UnlockResponseObject, error) {
	l, err := s.db.Unlock(ctx, caller(ctx), r.Path)
	if err != nil {
		return nil, err
	}
	return ok(lockToAPI(l))
}

// ListVersions lists a document's versions.
func (s *server) ListVersions(ctx context.Context, r api.ListVersionsRequestObject) (api.ListVersionsResponseObject, error) {
	w := window(r.Params.BStart, r.Params.BSize)
	versions, total, may, err := s.db.Versions(ctx, caller(ctx), r.Path, w)
	if err != nil {
		return nil, err
	}
	shape, at, items := s.shaper(ctx), address(ctx, r.Path)+"/@versions", []any{}
	for _, v := range versions {
		items = append(items, map[string]any{
			"@id": at + "/" + strconv.FormatInt(v.Number, 10), "actor": shape.actor(v.Actor), "comments": v.Comments, "may_revert": may,
			"time": shape.instant(v.At), "version": v.Number,
		})
	}
	return listed(ctx, at, items, total, w)
}

// GetVersion is a document with the file of a version.
func (s *server) GetVersion(ctx context.Context, r api.GetVersionRequestObject) (api.GetVersionResponseObject, error) {
	v, err := s.db.VersionView(ctx, caller(ctx), r.Path, int64(r.Version))
	if err != nil {
		return nil, err
	}
	out := s.shaper(ctx).outermost(v)
	out["version"] = strconv.Itoa(r.Version)
	return ok(out)
}

// GetHistory lists transitions and versions.
func (s *server) GetHistory(ctx context.Context, r api.GetHistoryRequestObject) (api.GetHistoryResponseObject, error) {
	o, events, users, err := s.db.History(ctx, caller(ctx), r.Path)
	if err != nil {
		return nil, err
	}
	shape, out := s.shaper(ctx), []any{}
	for _, e := range events {
		out = append(out, shape.event(o, e, users))
	}
	return ok(out)
}

func (s shaper) event(o *geverdb.Object, e geverdb.Event, users map[string]geverdb.User) map[string]any {
	actor := s.actor(e.Actor)
	out := map[string]any{
		"action": orNull(e.Action), "comments": e.Comments, "time": s.instant(e.At), "transition_title": s.titled(e.Title), "type": "workflow",
		"actor": map[string]any{"@id": actor["@id"], "fullname": fullname(users, e.Actor), "id": e.Actor, "username": e.Actor},
	}
	if e.Version == nil {
		out["review_state"], out["state_title"] = e.State, s.titled(o.Type.Workflow.Title(e.State))
		return out
	}
	out["type"], out["version"], out["may_revert"] = "versioning", *e.Version, e.MayRevert
	out["@id"] = address(s.ctx, o.Path) + "/@versions/" + strconv.FormatInt(*e.Version, 10)
	return out
}

// Revert restores the file of a version.
func (s *server) Revert(ctx context.Context, r api.RevertRequestObject) (api.RevertResponseObject, error) {
	message, err := s.db.Revert(ctx, caller(ctx), r.Path, wholeOf((*r.Body)["version"]))
	if err != nil {
		return nil, err
	}
	return ok(map[string]any{"message": message})
}

// Download sends the bytes of a file.
func (s *server) Download(ctx context.Context, r api.DownloadRequestObject) (api.DownloadResponseObject, error) {
	return s.download(ctx, r.Path, r.Field)
}

// DownloadNamed is the same; the name in the address means nothing.
func (s *server) DownloadNamed(ctx context.Context, r api.DownloadNamedRequestObject) (api.DownloadNamedResponseObject, error) {
	return s.download(ctx, r.Path, r.Field)
}

func (s *server) download(ctx context.Context, path, field string) (*file, error) {
	bytes, stored, err := s.db.File(ctx, caller(ctx), path, field)
	if err != nil {
		return nil, err
	}
	return &file{bytes, stored}, nil
}

package vemap

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	api "loket/gen/vemap"
	"loket/handlers/mount"
	"loket/handlers/problem"
	"loket/store/fault"
	"loket/store/vemap"
)

// The challenges of a 401 (apis/vemap.md 6).
const (
	bearerChallenge = `Bearer realm="vemap"`
	basicChallenge  = `Basic realm="vemap", charset="UTF-8"`
)

// table is how VEMAP shows failures: in the envelope of its ordinary answers,
// for the page documents none. What is not here has the words of its fault.
func table(now func() time.Time) problem.Table {
	badRequest := problem.Entry{Title: "Bad request"}
	return problem.Table{
		Language:  "en",
		Challenge: bearerChallenge,
		Entries: map[fault.Reason]problem.Entry{
			fault.BadJSON:          badRequest,
			fault.BadBody:          badRequest,
			fault.BadPath:          badRequest,
			fault.BadQuery:         badRequest,
			fault.BadHeader:        badRequest,
			fault.EmptyBody:        badRequest,
			fault.BrokenBody:       badRequest,
			fault.MediaType:        {Title: "Unsupported media type"},
			fault.NothingAccepted:  {Title: "Not acceptable"},
			fault.NoRoute:          {Title: "Not found"},
			fault.NoMethod:         {Title: "Method not allowed"},
			fault.BodyTooLarge:     {Title: "Request body too large"},
			fault.RateExceeded:     {Title: "Too many requests"},
			fault.TooManyInFlight:  {Title: "Too many requests"},
			fault.StoreUnavailable: {Status: http.StatusInternalServerError, Title: "Internal server error"},
			fault.InternalError:    {Title: "Internal server error"},
		},
		Render: func(c echo.Context, p problem.Problem) error { return render(c, p, now()) },
	}
}

// render writes an error as the page writes its answers. The words are the
// fault's own where it is VEMAP's, else the table's.
func render(c echo.Context, p problem.Problem, now time.Time) error {
	h := c.Response().Header()
	if p.Status == http.StatusUnauthorized && mount.TraceOf(c.Request().Context()).Operation == "login" {
		h.Set(echo.HeaderWWWAuthenticate, basicChallenge)
	}
	message := p.Title
	if strings.HasPrefix(string(p.Fault.Reason), "vemap_") && p.Fault.Detail != "" {
		message = p.Fault.Detail
	}
	out := api.Error{Status: p.Status, Message: message, RequestID: h.Get(echo.HeaderXRequestID), Timestamp: vemap.Seconds(now)}
	if len(p.Errors) > 0 {
		fields := list(p.Errors, fieldToAPI)
		out.Data.Errors = &fields
	}
	return c.JSON(p.Status, out)
}

func fieldToAPI(i problem.Item) api.FieldError {
	field := i.Parameter
	if field == "" {
		field = place(i.Pointer)
	}
	return api.FieldError{Field: field, Message: strings.TrimSuffix(strings.TrimPrefix(i.Detail, field+" "), ".")}
}

// place is a pointer for people: "recipients[0].email"; "body" for all of it.
func place(pointer string) string {
	keys := strings.Split(strings.TrimPrefix(pointer, "#"), "/")[1:]
	if len(keys) == 0 {
		return "body"
	}
	var b strings.Builder
	for i, key := range keys {
		key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
		switch {
		case i > 0 && key != "" && strings.Trim(key, "0123456789") == "":
			b.WriteString("[" + key + "]")
		case i > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}

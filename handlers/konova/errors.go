package konova

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	api "loket/gen/konova"
	"loket/handlers/problem"
	"loket/store/fault"
	"loket/store/konova"
)

// challenge names the own scheme (decision 15); where GIS programs ask, Basic
// stands beside it.
const (
	challenge      = `Ksptoken realm="Konova"`
	basicChallenge = `Basic realm="Konova", charset="UTF-8"`
)

// table is how Konova shows failures: RFC 9457 (decision 37), in German. What
// is not here has the house's wording, status and code.
func table() problem.Table {
	return problem.Table{
		Language: "de", Challenge: challenge,
		Entries: map[fault.Reason]problem.Entry{
			fault.NoCredential:        {Detail: "Ksptoken und Kspuser fehlen oder gelten nicht."},
			fault.Missing:             {Detail: "Diesen Eintrag gibt es nicht, oder er ist nicht freigegeben."},
			fault.Busy:                {Status: http.StatusTooManyRequests},
			fault.StoreUnavailable:    {Status: http.StatusInternalServerError, Code: "interner_fehler", Title: "Interner Fehler", Detail: "Auf unserer Seite ist etwas schiefgegangen."},
			konova.BadEntry:           {Code: "validierung", Title: "Ungültige Eingabe", Detail: "Der Eintrag verletzt eine Regel."},
			konova.BadGeometry:        {Code: "geometrie", Title: "Ungültige Geometrie", Detail: "Die Geometrie verletzt eine Regel."},
			konova.NoGroup:            {Code: "gruppe_fehlt", Title: "Gruppe fehlt"},
			konova.RemovalNotAllowed:  {Code: "entfernen_nicht_erlaubt", Title: "Entfernen nicht erlaubt"},
			konova.AccountOverdrawn:   {Code: "konto_ueberzogen", Title: "Ökokonto überzogen"},
			konova.AccountInUse:       {Code: "konto_in_gebrauch", Title: "Ökokonto in Gebrauch"},
			konova.PreconditionFailed: {Code: "bedingung", Title: "Bedingung nicht erfüllt", Detail: "Der Eintrag ist nicht mehr in dem Stand, den If-Match nennt."},
		},
		Render: func(c echo.Context, p problem.Problem) error {
			if p.Status == http.StatusUnauthorized && forGIS(c.Request()) {
				c.Response().Header().Add(echo.HeaderWWWAuthenticate, basicChallenge)
			}
			return problem.Write(c, p)
		},
	}
}

// patient turns a write that lost against others, time and again, into a
// request to wait: nothing is wrong with it, and no operation but those with a
// rule of their own knows a conflict.
func patient(next api.StrictHandlerFunc, _ string) api.StrictHandlerFunc {
	return func(c echo.Context, request any) (any, error) {
		out, err := next(c, request)
		switch fault.ReasonOf(err) {
		case fault.Busy, fault.Stale, fault.Duplicate:
			late := fault.Wrap(err, fault.Limited, fault.Busy, "")
			late.RetryAfter = time.Second
			return nil, late
		}
		return out, err
	}
}

package mount

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"loket/handlers/auth"
	"loket/store/fault"
)

// `security` is alternatives of which each may ask for several schemes.
func TestIdentify(t *testing.T) {
	answer := func(client string, err error) scheme {
		return scheme{authenticate: func(context.Context, *http.Request, []string) (*auth.Principal, error) {
			if client == "" {
				return nil, err
			}
			return &auth.Principal{Client: client}, err
		}}
	}
	unknown := fault.New(fault.Unauthenticated, fault.NoCredential, "")
	refused := fault.New(fault.Forbidden, fault.NoGrant, "")
	expired := fault.New(fault.Unauthenticated, "expired", "")
	away := fault.New(fault.Unavailable, fault.StoreUnavailable, "")
	for name, c := range map[string]struct {
		ways   [][]scheme
		client string
		want   error
	}{
		"open":                      {nil, "", nil},
		"one":                       {[][]scheme{{answer("a", nil)}}, "a", nil},
		"unknown":                   {[][]scheme{{answer("", unknown)}}, "", unknown},
		"the second of two":         {[][]scheme{{answer("", unknown)}, {answer("b", nil)}}, "b", nil},
		"both needed":               {[][]scheme{{answer("a", nil), answer("b", nil)}}, "a", nil},
		"one of both lacks":         {[][]scheme{{answer("a", nil), answer("", unknown)}}, "a", unknown},
		"optional, none":            {[][]scheme{{answer("", unknown)}, {}}, "", nil},
		"optional first, but given": {[][]scheme{{}, {answer("a", nil)}}, "a", nil},
		"forbidden weighs more":     {[][]scheme{{answer("", unknown)}, {answer("b", refused)}, {answer("", unknown)}}, "b", refused},
		"what is wrong is said":     {[][]scheme{{answer("", unknown)}, {answer("", expired)}, {answer("", unknown)}}, "", expired},
		"the store is away":         {[][]scheme{{answer("", away)}, {answer("b", nil)}}, "", away},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		who, err := identify(r.Context(), r, c.ways)
		client := ""
		if who != nil {
			client = who.Client
		}
		if client != c.client || !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v", name, client, err)
		}
	}
}

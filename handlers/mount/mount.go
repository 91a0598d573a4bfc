// Package mount is what one API hands to the house, and what the house puts
// around each of its operations. It may import the other rooms of handlers
// except docs and the APIs, and store/fault.
package mount

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"loket/handlers/auth"
	"loket/handlers/limit"
	"loket/handlers/problem"
	"loket/handlers/validate"
)

// API is one API, ready to be mounted.
type API struct {
	Name     string // "capo": its place is /api/<Name>
	Title    string // for people
	Summary  string // one sentence for the landing page, in Language
	Language string // of Title, Summary and of the documentation: "nl", "de", "en"

	// Form names the document where an API has several of which an
	// installation serves one; "" is the only one, or the default.
	Form string
	YAML []byte // the document as written
	JSON []byte // the same, rendered once

	WorkflowsYAML []byte // what one does with the API, as Arazzo; nil when there is none
	WorkflowsJSON []byte // the same, rendered once

	Errors  problem.Table
	Schemes map[string]auth.Authenticator // by the name of the security scheme in the document
	Formats map[string]validate.Format    // formats beyond the house's
	Limits  limit.Rates                   // per client

	BodyLimit   int64           // bytes of a JSON body; binary bodies are limited by their use case
	StrictQuery bool            // unknown query parameters are refused
	AnyAccept   bool            // Accept is not looked at: no 406
	AnyJSON     bool            // a body is JSON whatever its Content-Type says
	Rooted      bool            // the document has operations at the base itself: documentation does not redirect from there
	MediaType   string          // of a body that does not name its own; "" refuses such a body (415)
	EitherSlash bool            // every path is taken with a slash at its end too
	Uncounted   map[string]bool // operationIds that no limit counts
	Options     bool            // OPTIONS is answered with 200 on every path, to anybody

	// Headers stand on every answer under the API's place, instead of the
	// house's own of the same name; documentation keeps its policy.
	Headers map[string]string

	Register func(r *Router) // calls the generated RegisterHandlers(r, strict)

	// Demo loads the API's part of the demo data into a store that holds
	// none of it; nil when there is none.
	Demo       func(ctx context.Context) error
	Identities []Identity // whom one can be in the demo, for the landing page
	Hint       string     // what to try first in the demo: a command, with Origin for the server's address
}

// Origin stands in a Hint for the server's address.
const Origin = "{origin}"

// Identity is one line of the demo's table of identities. Its secret is public
// knowledge and opens only a store that holds the demo data.
type Identity struct {
	Name   string // who: a user name or an organisation
	Secret string // token or password
	Note   string // what one can do with it
}

// Base stands before each path of the document.
func (a API) Base() string { return "/api/" + a.Name }

// Document gives the API's document for validation; nothing is parsed yet.
func (a API) Document() *validate.Document {
	return validate.New(validate.Options{
		Base: a.Base(), JSON: a.JSON, YAML: a.YAML, Formats: a.Formats,
		BodyLimit: a.BodyLimit, StrictQuery: a.StrictQuery, AnyAccept: a.AnyAccept, AnyJSON: a.AnyJSON, MediaType: a.MediaType,
	})
}

// Version is info.version of the document, without parsing all of it: it goes
// on every answer (API-Version), before anything else is read.
func (a API) Version() string {
	if v, ok := versionOf(a.JSON); ok {
		return v
	}
	return yamlVersion(string(a.YAML))
}

// yamlVersion looks for version among the lines that stand directly under
// info, or in its braces.
func yamlVersion(text string) string {
	_, text, found := strings.Cut("\n"+text, "\ninfo:")
	if !found {
		return ""
	}
	first, rest, _ := strings.Cut(text, "\n")
	if _, flow, ok := strings.Cut(first, "version:"); ok {
		return plainScalar(flow)
	}
	indent := rest[:len(rest)-len(strings.TrimLeft(rest, " "))]
	for line := range strings.SplitSeq(rest, "\n") {
		if line != "" && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "#") {
			break
		}
		if value, ok := strings.CutPrefix(line, indent+"version:"); ok && indent != "" {
			return plainScalar(value)
		}
	}
	return ""
}

func plainScalar(s string) string {
	s, _, _ = strings.Cut(s, ",")
	s, _, _ = strings.Cut(s, " #")
	return strings.Trim(s, " \"'}\r")
}

func versionOf(text []byte) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return "", false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return "", false
		}
		if key == "info" {
			var info struct{ Version string }
			err = d.Decode(&info)
			return info.Version, err == nil && info.Version != ""
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return "", false
		}
	}
	return "", false
}

// Trace is what a request tells to the log and the metrics when it is over.
// It belongs to one request and is not safe for concurrent use.
type Trace struct {
	API       string // name; "" outside the APIs
	Operation string // operationId; "" when none matched
	Client    string // key of the limits
	Address   string // the client's, as the trusted proxies tell it
}

type traceKey struct{}

// WithTrace puts t into the context; the house does, before anything else.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf is the request's Trace; one that nobody reads when there is none.
func TraceOf(ctx context.Context) *Trace {
	if t, ok := ctx.Value(traceKey{}).(*Trace); ok {
		return t
	}
	return &Trace{}
}

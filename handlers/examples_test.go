package handlers_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"loket/handlers/apitest"
	"loket/handlers/mount"
)

// refused are the operations whose examples a fresh demo store does not answer
// with success, and why. An entry whose example succeeds fails the test.
var refused = map[string]string{
	"capo patch_project__projectId__bijlageassigned__bijlageAssignedId_": "a file must be delivered before",
	"capo patchBijlage":        onlyNow,
	"capo downloadBijlage":     onlyNow,
	"capo upload":              onlyNow,
	"vemap challenge":          onlyNow,
	"vemap resetPassword":      onlyNow,
	"vemap upload":             onlyNow,
	"vemap download":           onlyNow,
	"vemap deleteTenant":       "the demo data have one tenant, that of who asks",
	"konova replaceEcoAccount": "more is deducted from the demo's account than the example leaves in it",
	"konova deleteEcoAccount":  "there are deductions from the demo's only account",
	"konova getEma":            noEMA,
	"konova replaceEma":        noEMA,
	"konova deleteEma":         noEMA,
	"konova getEmaShare":       noEMA,
	"konova replaceEmaShare":   noEMA,
	"plooi createDocument":     onlyNow,
	"plooi getProces":          onlyNow,
	"plooi listVerwerkingen":   onlyNow,
	"plooi updateMetadata":     "a pid begins with the address of the server, which no example can know",
	"gever oauth2Token":        onlyNow,
	"gever portalTicket":       onlyNow,
	"gever casLogin":           onlyNow,
	"gever renewLogin":         noToken,
	"gever logout":             noToken,
	"gever getWorkflowSchemas": "it has no success: a transition belongs into the address",
	"gever checkout":           noFile,
	"gever checkin":            noFile,
	"gever cancelCheckout":     noFile,
	"gever listVersions":       noFile,
	"gever getVersion":         noFile,
	"gever revert":             noFile,
	"gever download":           noFile,
	"gever downloadNamed":      noFile,
	"gever trash":              noFile,
	"gever untrash":            noFile,
	"gever getApprovals":       "the example is a dossier, and documents have approvals",
	"gever getPredecessor":     "the example is a dossier, and tasks have predecessors",
	"gever getSuccessors":      "the example is a dossier, and tasks have successors",
	"gever deleteObject":       "the example is a dossier with documents in it",
	"gever moveObjects":        "the example names a dossier that the page makes first",
	"gever copyObjects":        "the example names a dossier that the page makes first",
	"gever tusUploadCreate":    noTus,
	"gever tusUploadStatus":    noTus,
	"gever tusUploadAppend":    noTus,
	"gever tusReplaceCreate":   noTus,
	"gever tusReplaceStatus":   noTus,
	"gever tusReplaceAppend":   noTus,
	"gever xhrUpload":          "a form needs a boundary, which the example does not write",
}

const (
	onlyNow = "what it needs comes from another operation or by mail, and only now"
	noEMA   = "the demo data have no EMA"
	noTus   = "the protocol's headers come from its clients"
	noToken = "it is about a token, and who tries logs in with a password"
	noFile  = "the example is a dossier, and the demo data have no document with a file"
)

// TestExamplesSucceed sends each operation with the examples of its document,
// as Swagger UI fills them in, to a store with the demo data. Who writes has a
// store to itself.
func TestExamplesSucceed(t *testing.T) {
	if testing.Short() {
		t.Skip("a store for each operation")
	}
	for _, api := range apitest.New(t).APIs {
		document, err := openapi3.NewLoader().LoadFromData(api.JSON)
		if err != nil {
			t.Fatal(err)
		}
		reads := apitest.New(t, apitest.Demo(api.Name))
		for _, path := range document.Paths.InMatchingOrder() {
			item := document.Paths.Value(path)
			for method, operation := range item.Operations() {
				t.Run(api.Name+"/"+operation.OperationID, func(t *testing.T) {
					s := reads
					if method != http.MethodGet {
						s = apitest.New(t, apitest.Demo(api.Name))
					}
					tryExample(t, s, api, method, path, item, operation)
				})
			}
		}
	}
}

func tryExample(t *testing.T, s *apitest.Server, api mount.API, method, path string, item *openapi3.PathItem, o *openapi3.Operation) {
	t.Helper()
	s.Clock.Advance(time.Minute) // no limit of the API is in the way
	r := apitest.Request{Method: method, Header: identity(t, s, api, o.OperationID)}
	query := url.Values{}
	for _, p := range slices.Concat(item.Parameters, o.Parameters) {
		value, ok := parameterExample(p.Value)
		if !ok {
			continue
		}
		switch p.Value.In {
		case openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", url.PathEscape(value))
		case openapi3.ParameterInQuery:
			query.Set(p.Value.Name, value)
		case openapi3.ParameterInHeader:
			if _, ok := r.Header[p.Value.Name]; !ok {
				r.Header[p.Value.Name] = value
			}
		}
	}
	if r.Path = api.Base() + path; len(query) > 0 {
		r.Path += "?" + query.Encode()
	}
	if o.RequestBody != nil {
		r.Body, r.Header["Content-Type"] = bodyExample(t, o.RequestBody.Value)
	}
	got := s.Do(t, r)
	why, known := refused[api.Name+" "+o.OperationID]
	switch {
	case got.Status < 400 && known:
		t.Errorf("%d: succeeds now, though %s", got.Status, why)
	case got.Status >= 400 && !known:
		t.Errorf("%s %s = %d\n%s\n%s", method, r.Path, got.Status, r.Body, got.Body)
	}
}

func parameterExample(p *openapi3.Parameter) (string, bool) {
	example := p.Example
	for _, name := range slices.Sorted(maps.Keys(p.Examples)) {
		example = cmp.Or(example, p.Examples[name].Value.Value)
		break
	}
	switch v := example.(type) {
	case nil:
		return "", false
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = fmt.Sprint(v[i])
		}
		return strings.Join(parts, ","), true
	default:
		return fmt.Sprint(v), true
	}
}

// bodyExample is the example of JSON, of those with a name one called demo or
// else the first; a file where no JSON is asked for.
func bodyExample(t *testing.T, b *openapi3.RequestBody) (body any, contentType string) {
	t.Helper()
	content := b.Content["application/json"]
	if content == nil {
		types := slices.Sorted(maps.Keys(b.Content))
		return []byte("%PDF-1.7 example"), strings.Replace(types[0], "*/*", "application/pdf", 1)
	}
	example := content.Example
	if named := content.Examples; len(named) > 0 {
		name := slices.Sorted(maps.Keys(named))[0]
		if named["demo"] != nil {
			name = "demo"
		}
		example = named[name].Value.Value
	}
	text, err := json.Marshal(example)
	if err != nil {
		t.Fatal(err)
	}
	return text, "application/json"
}

// identity gives the headers of the demo identity that an operation is for; an
// API that has no more to say about it takes the token of its first one.
func identity(t *testing.T, s *apitest.Server, api mount.API, operation string) map[string]string {
	t.Helper()
	basic := func(user, password string) map[string]string {
		return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}
	}
	switch api.Name {
	case "capo":
		if strings.HasPrefix(operation, "create") && operation != "createBijlage" {
			return map[string]string{"Authorization": "Bearer demo-capo-nb-e"}
		}
		return map[string]string{"Authorization": "Bearer demo-capo-aan-1"}
	case "konova":
		return map[string]string{"Ksptoken": "demo-ksp-token", "Kspuser": "demo"}
	case "gever":
		return basic("john.doe", "Demo-Gever-1!")
	case "plooi":
		var token struct {
			Access string `json:"access_token"`
		}
		s.Want(t, http.StatusOK, apitest.Request{Path: "/api/plooi/token/test?org=gemeente%20Alkmaar&role=Publisher%20Basis"}).JSON(t, &token)
		return map[string]string{"Authorization": "Bearer " + token.Access, "X-Access-Token": token.Access}
	}
	if api.Name == "vemap" {
		return vemapIdentity(t, s, operation, basic)
	}
	return map[string]string{"Authorization": "Bearer " + api.Identities[0].Secret}
}

// vemapIdentity logs in as the manager whose id the examples have, or as who may
// manage users and tenants.
func vemapIdentity(t *testing.T, s *apitest.Server, operation string, basic func(user, password string) map[string]string) map[string]string {
	t.Helper()
	who := basic("manager@demo.example", "Demo-Manager-1!")
	header := map[string]string{}
	switch operation {
	case "login":
		return who
	case "createUser", "updateUser", "deleteUser":
		who = basic("organisatie@demo.example", "Demo-Organisatie-1!")
		header = map[string]string{"x-user-id": "user-9f2b14af6385", "x-user-role": "ROLE_ORGANISATION"}
	case "createTenant", "deleteTenant":
		who = basic("admin@demo.example", "Demo-Admin-1!")
		header = map[string]string{"x-user-id": "user-efd47ec660da", "x-user-role": "ROLE_ADMIN"}
	}
	var login struct {
		Data struct {
			AuthenticationResult struct{ AccessToken, RefreshToken string }
		}
	}
	s.Want(t, http.StatusOK, apitest.Request{Method: http.MethodPost, Path: "/api/vemap/v1/authentication/login", Header: who}).JSON(t, &login)
	header["Authorization"] = "Bearer " + login.Data.AuthenticationResult.AccessToken
	if operation == "refresh" {
		header["Authorization"] = "Bearer " + login.Data.AuthenticationResult.RefreshToken
	}
	return header
}

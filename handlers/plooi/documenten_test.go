package plooi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"loket/handlers/apitest"
	"loket/store/fault"
	"loket/store/plooi"
	"loket/store/plooi/plooidb"
	"loket/store/scan"
)

const nergens = "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01"

func TestD11Tokens(t *testing.T) {
	r := open(t)
	for _, header := range []string{"", " ", "Bearer", "Bearer ", "Basic x", "bearer " + r.own} {
		got := r.ask(http.StatusForbidden, http.MethodGet, v0+"/_zoek?start=0", "", nil, "Authorization", header)
		autorisatiefout(t, got)
		if !strings.Contains(string(got.Body), "\n  \"type\"") {
			t.Errorf("the filter's errors are pretty: %s", got.Body)
		}
	}
	autorisatiefout(t, r.file(http.StatusForbidden, http.MethodPost, nergens, "", "%PDF-1.7"))
	other, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"org": []string{"gm0361"}, "exp": r.Clock.Now().Add(time.Hour).Unix()}).SignedString([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"org": []string{"gm0361"}, "exp": r.Clock.Now().Add(time.Hour).Unix()}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"x", "a.b.c", other, unsigned, r.own + "x", r.own[:len(r.own)-8]} {
		got := r.ask(http.StatusUnauthorized, http.MethodGet, v0+"/_zoek?start=0", token, nil)
		identificatiefout(t, got)
		if got.Header.Get("WWW-Authenticate") != `Bearer realm="plooi"` {
			t.Errorf("WWW-Authenticate %s", got.Header.Get("WWW-Authenticate"))
		}
	}
	for method, paths := range map[string][]string{
		http.MethodGet: {
			"/metadata/" + nergens, "/documenten/" + nergens, "/_zoek?start=0", "/processen/x", "/processen/x/verwerkingen", "/verwerkingen/status?dcnId=x",
		},
		http.MethodPost: {"/metadata", "/documenten/" + nergens}, http.MethodPut: {"/metadata/" + nergens, "/documenten/" + nergens},
		http.MethodDelete: {"/documenten/" + nergens},
	} {
		for _, path := range paths {
			identificatiefout(t, r.ask(http.StatusUnauthorized, method, v0+path, "x", nil))
		}
	}
	r.Clock.Advance(24*time.Hour + time.Second)
	identificatiefout(t, r.ask(http.StatusUnauthorized, http.MethodGet, v0+"/_zoek?start=0", r.own, nil))
}

func TestD12SandboxToken(t *testing.T) {
	r := open(t)
	opaque := r.Token(t, "gemeente Alkmaar", "plooi")
	autorisatiefout(t, r.ask(http.StatusForbidden, http.MethodGet, v0+"/_zoek?start=0", "", nil, "Aanlever-Token", opaque)) // off

	r = open(t, func(i *plooidb.Instellingen) { i.AanleverToken = true })
	opaque = r.Token(t, "gemeente Alkmaar", "plooi")
	r.ask(http.StatusOK, http.MethodGet, v0+"/_zoek?start=0", "", nil, "Aanlever-Token", opaque)
	r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", "", metadata(), "Aanlever-Token", opaque)
	fout(t, r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", "", metadata(), "Aanlever-Token", "geen token!"), "identifier-fout", "identifier-fout",
		"De meegegeven identifier is niet geldig. Raadpleeg voor meer informatie de documentatie.", nil)
	identificatiefout(t, r.ask(http.StatusUnauthorized, http.MethodPost, v0+"/metadata", "", metadata(), "Aanlever-Token", "abcdefghijklmnop"))
	autorisatiefout(t, r.ask(http.StatusForbidden, http.MethodPost, v0+"/metadata", "", metadata(), "Aanlever-Token", r.Token(t, "gemeente Alkmaar", "capo")))
	identificatiefout(t, r.ask(http.StatusUnauthorized, http.MethodPost, v0+"/metadata", "", metadata(), "Aanlever-Token", r.Token(t, "Geen overheid", "plooi")))
}

func TestD13TokenIssue(t *testing.T) {
	r := open(t)
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, query(root+"/token/test", "org", "gemeente Alkmaar", "role", "Publisher Basis"), "", nil), false)
	if err := r.db.Demo(t.Context()); err != nil {
		t.Fatal(err)
	}
	claims := func(org string) jwt.MapClaims {
		t.Helper()
		token := r.get(query(root+"/token/test", "org", org, "role", "Publisher KST"), "").Object(t)["access_token"].(string)
		c := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(token, c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	for org, code := range map[string]string{
		"gemeente Alkmaar": "gm0361", "ministerie van Algemene Zaken": "mnre1010", "ministerie van Veiligheid en Justitie": "hv_04795600",
		"provincie Utrecht": "pv26", "gemeente Utrecht": "gm0344", "Utrecht": "gm0344", "ALKMAAR": "gm0361", "openbaar lichaam Saba": "col03",
		"Tweede Kamer der Staten-Generaal": "oorg10002", "waterschap Limburg": "ws0665",
	} {
		c := claims(org)
		if fmt.Sprint(c["org"]) != "["+code+"]" || fmt.Sprint(c["roles"]) != "[Publisher KST]" {
			t.Errorf("%s: %v", org, c)
		}
		if exp, err := c.GetExpirationTime(); err != nil || !exp.Equal(r.Clock.Now().Add(24*time.Hour)) {
			t.Errorf("%s: exp %v, %v", org, exp, err)
		}
	}
	fout(t, r.ask(http.StatusBadRequest, http.MethodGet, query(root+"/token/test", "org", "Nergenshuizen", "role", "x"), "", nil), "", "Ongeldige parameter", "Geen organisatie heet Nergenshuizen.", nil)
	r.ask(http.StatusBadRequest, http.MethodGet, query(root+"/token/test", "org", "gemeente Alkmaar"), "", nil)
	r.ask(http.StatusBadRequest, http.MethodGet, query(root+"/token/test", "role", "x"), "", nil)

	if got := r.ask(http.StatusOK, http.MethodGet, root+"/check_token", "", nil, "X-Access-Token", r.own); len(got.Body) != 0 {
		t.Errorf("check_token: %s", got.Body)
	}
	for _, token := range []string{"", "x"} {
		if got := r.ask(http.StatusUnauthorized, http.MethodGet, root+"/check_token", "", nil, "X-Access-Token", token); len(got.Body) != 0 {
			t.Errorf("check_token: %s", got.Body)
		}
	}
	policy := func(want int, action, code any, soorten any) *apitest.Response {
		t.Helper()
		return r.ask(want, http.MethodPost, root+"/policies", "", object{"action": action, "attributes": object{"organisatie_id": code, "documentsoorten": soorten}}, "X-Access-Token", r.own)
	}
	policy(http.StatusOK, "crud_document", "gm0361", []string{kern + "c_3d782f30"})
	if got := policy(http.StatusUnauthorized, "crud_document", "gm0344", []string{}); len(got.Body) != 0 {
		t.Errorf("denied: %s", got.Body)
	}
	policy(http.StatusUnauthorized, "crud_document", "gm0361", []string{strings.ToUpper(plooi.Kamerstuk)})
	policy(http.StatusOK, "iets_anders", "gm0344", []string{plooi.Kamerstuk})
	policy(http.StatusBadRequest, "crud_document", nil, []string{})
	policy(http.StatusBadRequest, nil, "gm0361", []string{})
	policy(http.StatusBadRequest, "crud_document", "gm0361", nil)
	r.ask(http.StatusUnauthorized, http.MethodPost, root+"/policies", "", object{})

	// The key of a token is published, and outlives the program.
	keys := r.get(root+"/.well-known/jwks.json", "").Object(t)["keys"].([]any)
	parsed, _, err := jwt.NewParser().ParseUnverified(r.own, jwt.MapClaims{})
	if err != nil || len(keys) != 1 || at(keys, 0, "kid") != parsed.Header["kid"] || parsed.Header["alg"] != "RS256" {
		t.Errorf("keys %v, token %v, %v", keys, parsed, err)
	}
	fresh := openDeps(t, func(d *plooidb.Deps) { d.Sleutel = "" })
	nietGevonden(t, fresh.ask(http.StatusNotFound, http.MethodGet, root+"/.well-known/jwks.json", "", nil), false)
}

func TestD17And18FileTypes(t *testing.T) {
	r := open(t)
	for text, soort := range map[string]string{
		"%PDF": pdf, "%PDF-1.7 x": pdf, "PK\x03\x04zip": "application/zip", "PK\x05\x06" + strings.Repeat("\x00", 18): "application/zip", "PK\x07\x08": "application/zip",
	} {
		for _, declared := range []string{pdf, "application/zip"} {
			d := r.registreer(metadata())
			r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, text, "Content-Type", declared)
			got := r.get(v0+"/documenten/"+d.id, r.own)
			if got.Header.Get("Content-Type") != soort || string(got.Body) != text || got.Header.Get("Content-Disposition") != `inline; filename="UNKNOWN.document"` {
				t.Errorf("%q as %s reads back as %s %q", text, declared, got.Header.Get("Content-Type"), got.Body)
			}
		}
	}
	d := r.registreer(metadata())
	for _, text := range []string{"", "%", "%PD", "PK\x03", "GIF89a", "<html>", "pdf%", " %PDF"} {
		bestandstypefout(t, r.file(http.StatusBadRequest, http.MethodPost, d.id, r.own, text))
	}
	// A zip bomb is never opened: its first bytes are all that is looked at.
	r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "PK\x03\x04"+strings.Repeat("\x00", 100_000))
}

func TestOrderOfChecksOnAFile(t *testing.T) {
	r := open(t, func(i *plooidb.Instellingen) { i.MaxGrootte = 100 })
	long := strings.Repeat("x", 101)
	mediatype := func(got *apitest.Response) {
		t.Helper()
		fout(t, got, "mediatype-fout-docu", "Mediatypefout",
			"Het formaat van de aangeleverde gegevens wordt niet ondersteund. Gebruik een van de ondersteunde formaten."+meer,
			object{"supportedMediaTypes": []any{"application/pdf", "application/zip"}})
	}
	tooLarge := func(got *apitest.Response) {
		t.Helper()
		fout(t, got, "bestand-te-groot-fout", "BestandTeGrootFout", "Het bestand is te groot om verwerkt te kunnen worden."+meer, object{"supportedMediaTypes": nil})
	}
	autorisatiefout(t, r.file(http.StatusForbidden, http.MethodPost, "x", "", long, "Content-Type", "text/plain"))
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		mediatype(r.file(http.StatusUnsupportedMediaType, method, "x", r.own, long, "Content-Type", "text/plain"))
		mediatype(r.file(http.StatusUnsupportedMediaType, method, "x", r.own, "", "Content-Type", "text/plain"))
		tooLarge(r.file(http.StatusRequestEntityTooLarge, method, "x", r.own, long))
		identifierfout(t, r.file(http.StatusBadRequest, method, "x", r.own, "xxxxx"), true)
		bestandstypefout(t, r.file(http.StatusBadRequest, method, nergens, r.own, "xxxxx"))
		nietGevonden(t, r.file(http.StatusNotFound, method, nergens, r.own, "%PDF-1.7"), true)
	}
	// Without a Content-Length the limit is found on the way.
	d := r.registreer(metadata())
	got := r.Do(t, apitest.Request{
		Method: http.MethodPost, Path: v0 + "/documenten/" + d.id, Token: r.own, Body: strings.NewReader("%PDF" + long), Length: -1, Header: map[string]string{"Content-Type": pdf},
	})
	if got.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("%d: %s", got.Status, got.Body)
	}
	r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF"+strings.Repeat("x", 96)) // exactly the limit
	identifierfout(t, r.ask(http.StatusBadRequest, http.MethodGet, v0+"/documenten/x", r.own, nil), true)
	identifierfout(t, r.ask(http.StatusBadRequest, http.MethodDelete, v0+"/documenten/x", r.own, nil), true)
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodDelete, v0+"/documenten/"+nergens, r.own, nil), true)
}

// The announced length is refused before a byte of the body is read (D19).
func TestD19EarlyRefusal(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	body := &counting{Reader: strings.NewReader("%PDF")}
	got := r.Do(t, apitest.Request{
		Method: http.MethodPost, Path: v0 + "/documenten/" + d.id, Token: r.own, Body: io.Reader(body), Length: plooi.MaxGrootte + 1, Header: map[string]string{"Content-Type": pdf},
	})
	if got.Status != http.StatusRequestEntityTooLarge || body.n != 0 {
		t.Errorf("%d after %d bytes: %s", got.Status, body.n, got.Body)
	}
}

type counting struct {
	io.Reader

	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func TestD21To24Files(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	nietGevonden(t, r.file(http.StatusNotFound, http.MethodPut, d.id, r.own, "%PDF-1.7"), true) // D24
	// D22: metadata without a file yet is replaced, and the way to a file stays open.
	r.put(http.StatusCreated, d, r.own, with(metadata(), "Tweede", "titelcollectie", "officieleTitel"))
	r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7 een")
	r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7 twee") // D21
	r.verwerk()
	if got := r.versies(d.id); got != "1 aanlevering" {
		t.Errorf("versions: %s", got)
	}
	if got := r.get(d.pid+"/file", ""); string(got.Body) != "%PDF-1.7 twee" {
		t.Errorf("published: %s", got.Body)
	}
	nietGevonden(t, r.file(http.StatusNotFound, http.MethodPost, d.id, r.own, "%PDF-1.7 drie"), true) // D22
	r.file(http.StatusAccepted, http.MethodPut, d.id, r.own, "%PDF-1.7 drie")                         // D23
	r.file(http.StatusAccepted, http.MethodPut, d.id, r.own, "%PDF-1.7 vier")                         // while the former is on its way
	r.file(http.StatusAccepted, http.MethodPut, d.id, r.own, "%PDF-1.7 vier")                         // the same bytes
	r.verwerk()
	if got := r.versies(d.id); got != "1 aanlevering, 2 wijziging, 3 wijziging" {
		t.Errorf("versions: %s", got)
	}
	r.put(http.StatusCreated, d, r.own, with(metadata(), "Derde", "titelcollectie", "officieleTitel"))
	same := with(metadata(), "Derde", "titelcollectie", "officieleTitel")
	body, _ := json.MarshalIndent(with(same, d.pid, "pid"), "", "      ")
	r.ask(http.StatusCreated, http.MethodPut, v0+"/metadata/"+d.id, r.own, string(body)) // the same content in another layout
	r.verwerk()
	if got := r.versies(d.id); got != "1 aanlevering, 2 wijziging, 3 wijziging, 4 wijziging" {
		t.Errorf("versions: %s", got)
	}
}

func TestD25And26Accepted(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	const text = "De aanlevering is ontvangen en wordt gecontroleerd. Voor het raadplegen van de verwerkingsstatus kunt u bij de 'RaadpleegService' een request indienen."
	want := func(key string) object {
		return object{
			"title": "Het document is in behandeling genomen.", "status": 202.0, "detail": text,
			key: "2026-03-02T10:00:00.000000", "document": object{"pid": d.pid},
		}
	}
	if got := r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7"); !equal(got.Object(t), want("openbaarmakingsdatum")) {
		t.Errorf("POST: %s", got.Body)
	}
	if got := r.file(http.StatusAccepted, http.MethodPut, d.id, r.own, "%PDF-1.7 x"); !equal(got.Object(t), want("wijzigingsdatum")) {
		t.Errorf("PUT: %s", got.Body)
	}
}

func TestD27And28Status(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	status := func() object {
		t.Helper()
		return r.get(v0+"/verwerkingen/status?dcnId=plooi-api-"+d.id, r.own).Object(t)
	}
	if s := status(); s["lastStage"] != "UNKNOWN" || s["lastProcesId"] != d.sessie || at(s["extId"], 0) != d.id {
		t.Errorf("registered: %v", s)
	}
	r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7", "X-Session-ID", d.sessie)
	if s := status(); s["lastStage"] != "INGRESS" || s["lastSeverity"] != "OK" {
		t.Errorf("in behandeling: %v", s)
	}
	r.ask(http.StatusNotFound, http.MethodGet, d.pid, "", nil)
	r.verwerk()
	if s := status(); s["lastStage"] != "PROCESS" || s["lastSeverity"] != "INFO" || s["timeUpdated"] == s["timeCreated"] {
		t.Errorf("published: %v", s)
	}
	p := r.get(v0+"/processen/"+d.sessie, r.own).Object(t)
	if p["id"] != d.sessie || p["triggerType"] != "Aanlevering" || p["sourceLabel"] != "plooi-api" || at(p, "procesCounts", "totalCount") != 2.0 ||
		at(p, "procesCounts", "okCount") != 1.0 || at(p, "procesCounts", "infoCount") != 1.0 || at(p, "procesCounts", "documentCount") != 1.0 {
		t.Errorf("the process: %v", p)
	}
	steps := func(query string) *apitest.Response {
		t.Helper()
		return r.get(v0+"/processen/"+d.sessie+"/verwerkingen"+query, r.own)
	}
	if all := steps("").List(t); len(all) != 2 || all[0]["stage"] != "INGRESS" || all[1]["stage"] != "PROCESS" || all[1]["procesId"] != d.sessie {
		t.Errorf("steps: %v", all)
	}
	if got := steps("?severity=INFO"); len(got.List(t)) != 1 || got.Header.Get("X-Total-Count") != "1" {
		t.Errorf("INFO only: %s", got.Body)
	}
	if got := steps("?page=1&size=1"); at(got.List(t)[0], "stage") != "PROCESS" || got.Header.Get("X-Total-Count") != "2" {
		t.Errorf("second page: %s", got.Body)
	}
	// The bare id; another's and nobody's.
	r.get(v0+"/verwerkingen/status?dcnId="+strings.ToUpper(d.id), r.own)
	for _, path := range []string{"/processen/" + d.sessie, "/processen/" + d.sessie + "/verwerkingen", "/verwerkingen/status?dcnId=" + d.id} {
		nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, v0+path, r.foreign, nil), false)
	}
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, v0+"/processen/1234", r.own, nil), false)
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, v0+"/verwerkingen/status?dcnId=x", r.own, nil), false)
	identifierfout(t, r.ask(http.StatusBadRequest, http.MethodGet, v0+"/processen/"+strings.Repeat("x", 101), r.own, nil), false)
	r.ask(http.StatusBadRequest, http.MethodGet, v0+"/processen/x/verwerkingen?page=-1", r.own, nil)
	fout(t, r.ask(http.StatusBadRequest, http.MethodGet, v0+"/verwerkingen/status", r.own, nil), "", "Ongeldige parameter", "Een parameter van het verzoek is onjuist.", nil)
}

func TestD29And30Withdrawal(t *testing.T) {
	r := open(t)
	d := r.publiceer(metadata())
	got := r.ask(http.StatusOK, http.MethodDelete, v0+"/documenten/"+d.id, r.own, nil)
	if len(got.Body) != 0 {
		t.Errorf("the answer is %s", got.Body)
	}
	p := r.get(v0+"/processen/"+got.Header.Get("X-Session-ID"), r.own).Object(t)
	if p["triggerType"] != "Intrekken" {
		t.Errorf("the process: %v", p)
	}
	if s := r.get(v0+"/verwerkingen/status?dcnId="+d.id, r.own).Object(t); s["lastStage"] != "DELETE" {
		t.Errorf("the status: %v", s)
	}
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodDelete, v0+"/documenten/"+d.id, r.own, nil), true)
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, v0+"/documenten/"+d.id, r.own, nil), true)
	if n := r.get(v0+"/_zoek?start=0", r.own).Object(t)["totaal"]; n != 0.0 {
		t.Errorf("%v own documents", n)
	}
	// Metadata alone is kept, and does not bring it back; a file does.
	r.put(http.StatusCreated, d, r.own, with(metadata(), "Zonder naam", "titelcollectie", "officieleTitel"))
	r.verwerk()
	r.ask(http.StatusNotFound, http.MethodGet, d.pid, "", nil)
	r.ask(http.StatusNotFound, http.MethodDelete, v0+"/documenten/"+d.id, r.own, nil)
	if titel := at(r.get(v0+"/metadata/"+d.id, r.own).Object(t), "document", "titelcollectie", "officieleTitel"); titel != "Zonder naam" {
		t.Errorf("E2 gives %v", titel)
	}
	r.file(http.StatusAccepted, http.MethodPut, d.id, r.own, "%PDF-1.7 zonder naam")
	r.verwerk()
	if got := r.versies(d.id); got != "1 aanlevering, <nil> intrekking, 2 wijziging, 3 wijziging" {
		t.Errorf("versions: %s", got)
	}
	// What is on its way when it is withdrawn does not come out.
	r.file(http.StatusAccepted, http.MethodPut, d.id, r.own, "%PDF-1.7 nog een")
	r.ask(http.StatusOK, http.MethodDelete, v0+"/documenten/"+d.id, r.own, nil)
	r.verwerk()
	r.ask(http.StatusNotFound, http.MethodGet, d.pid, "", nil)
	// Only registered: it can be withdrawn, and then gets no file.
	d = r.registreer(metadata())
	r.ask(http.StatusOK, http.MethodDelete, v0+"/documenten/"+d.id, r.own, nil)
	nietGevonden(t, r.file(http.StatusNotFound, http.MethodPost, d.id, r.own, "%PDF-1.7"), true)
}

func TestD31And32OwnDocuments(t *testing.T) {
	r := open(t)
	var ids []string
	for range 27 {
		ids = append(ids, r.publiceer(metadata()).id)
	}
	r.registreer(metadata())
	zoek := func(start int, token string) object {
		t.Helper()
		return r.get(fmt.Sprintf("%s/_zoek?start=%d&publisher=x&pagina=9", v0, start), token).Object(t)
	}
	first := zoek(0, r.own)
	if first["totaal"] != 27.0 || first["start"] != 0.0 || first["aantal"] != 25.0 || at(first["resultaten"], 0, "plooiIntern", "extId", 0) != ids[26] {
		t.Errorf("the first page: totaal %v, start %v, aantal %v", first["totaal"], first["start"], first["aantal"])
	}
	second := zoek(25, r.own)
	if second["aantal"] != 2.0 || at(second["resultaten"], 1, "plooiIntern", "extId", 0) != ids[0] || at(second["resultaten"], 0, "versies", 0, "oorzaak") != "aanlevering" {
		t.Errorf("the second page: %v", second)
	}
	if beyond := zoek(100, r.own); beyond["aantal"] != 0.0 || beyond["totaal"] != 27.0 || beyond["resultaten"] == nil {
		t.Errorf("beyond: %v", beyond)
	}
	if other := zoek(0, r.foreign); other["totaal"] != 0.0 {
		t.Errorf("another's: %v", other)
	}
	for _, query := range []string{"", "?pagina=0", "?start=-1", "?start=x"} {
		if got := r.ask(http.StatusBadRequest, http.MethodGet, v0+"/_zoek"+query, r.own, nil); len(got.Body) != 0 {
			t.Errorf("%q: %s", query, got.Body)
		}
	}
	later := r.Clock.Now().Add(time.Hour)
	if err := r.db.StelUit(t.Context(), ids[0], &later); err != nil {
		t.Fatal(err)
	}
	if status := at(zoek(25, r.own)["resultaten"], 1, "plooiIntern", "publicatiestatus"); status != "latere-publicatie" {
		t.Errorf("deferred: %v", status)
	}
}

func TestPortalSearch(t *testing.T) {
	r := open(t)
	r.publiceer(with(metadata(), "Jaarverslag financiën", "titelcollectie", "officieleTitel"))
	d := r.publiceer(with(metadata(), "Begroting", "titelcollectie", "officieleTitel"))
	zoek := func(body any) object {
		t.Helper()
		return r.ask(http.StatusOK, http.MethodPost, root+"/v1/_zoek", "", body).Object(t)
	}
	if got := zoek(object{}); got["totaal"] != 2.0 || got["aantal"] != 2.0 || at(got["resultaten"], 0, "plooiIntern", "extId", 0) != d.id {
		t.Errorf("everything: %v", got)
	}
	if got := zoek(object{"zoektekst": "JAARVERSLAG financien", "toonNietGepubliceerd": true}); got["totaal"] != 1.0 {
		t.Errorf("by words: %v", got)
	}
	if got := zoek(object{"aantal": 0}); got["totaal"] != 2.0 || got["aantal"] != 0.0 {
		t.Errorf("only the count: %v", got)
	}
	filters := object{
		"publisher": []string{alkmaar}, "verantwoordelijke": []string{}, "id": d.id,
		"classificatiecollectie": object{"documentsoorten": []string{kern + "c_3d782f30"}, "themas": []string{}, "onderwerpRijksoverheid.nl": []string{}},
		"mutatiedatumtijd":       object{"van": "2026-01-01T00:00:00Z", "tot": "2026-12-31T00:00:00Z"},
		"openbaarmakingsdatum":   object{"van": "2026-03-02", "tot": "2026-03-02"},
		"plooiIntern":            object{"sourceLabel": "plooi-api", "aanbieder": "Aanleverloket", "extId": d.id},
	}
	if got := zoek(object{"sorteer": "wijzigingsdatum asc", "start": 0, "aantal": 10, "filters": filters}); got["totaal"] != 1.0 {
		t.Errorf("all filters: %v", got)
	}
	r.ask(http.StatusBadRequest, http.MethodPost, root+"/v1/_zoek", "", object{"sorteer": "titel asc"})
	r.ask(http.StatusBadRequest, http.MethodPost, root+"/v1/_zoek", "", object{"aantal": 1001})
	r.ask(http.StatusBadRequest, http.MethodPost, root+"/v1/_zoek", "", "{")
	r.ask(http.StatusUnsupportedMediaType, http.MethodPost, root+"/v1/_zoek", "", []byte("x"), "Content-Type", "text/plain")
}

func TestD42Headers(t *testing.T) {
	r := open(t)
	d := r.publiceer(metadata())
	for name, got := range map[string]*apitest.Response{
		"201": r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.own, metadata()),
		"200": r.get(v0+"/documenten/"+d.id, r.own),
		"pid": r.get(d.pid, ""),
		"400": r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, "{"),
		"401": r.ask(http.StatusUnauthorized, http.MethodGet, root+"/check_token", "", nil),
		"403": r.ask(http.StatusForbidden, http.MethodGet, v0+"/_zoek?start=0", "", nil),
		"404": r.ask(http.StatusNotFound, http.MethodGet, root+"/nergens", "", nil),
		"405": r.ask(http.StatusMethodNotAllowed, http.MethodDelete, v0+"/metadata", r.own, nil),
	} {
		for header, want := range map[string]string{
			"Api-Version": "1.0.0", "Cache-Control": "no-store", "Content-Language": "nl", "X-Frame-Options": "SAMEORIGIN", "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src self; frame-ancestors self;", "Referrer-Policy": "same-origin",
		} {
			if have := got.Header.Get(header); have != want {
				t.Errorf("%s: %s is %q, want %q", name, header, have, want)
			}
		}
	}
}

func TestD43Sessions(t *testing.T) {
	r := open(t)
	d, other := r.registreer(metadata()), r.registreer(metadata())
	if got := r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7", "X-Session-ID", d.sessie).Header.Get("X-Session-ID"); got != d.sessie {
		t.Errorf("the session of the metadata became %s", got)
	}
	for _, given := range []string{"", "1234", other.sessie} {
		got := r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7", "X-Session-ID", given).Header.Get("X-Session-ID")
		if got == "" || got == given || got == d.sessie {
			t.Errorf("%q: the session is %q", given, got)
		}
		r.get(v0+"/processen/"+got, r.own)
	}
	if p := r.get(v0+"/processen/"+other.sessie, r.own).Object(t); at(p, "procesCounts", "totalCount") != 0.0 {
		t.Errorf("another document's process counts it: %v", p)
	}
}

func TestD47UUIDForms(t *testing.T) {
	r := open(t)
	d := r.publiceer(metadata())
	for _, id := range []string{strings.ToUpper(d.id), "%7B" + d.id + "%7D", "%7B" + d.id, d.id + "%7D"} {
		r.get(v0+"/metadata/"+id, r.own)
		r.get(v0+"/documenten/"+id, r.own)
	}
	for _, id := range []string{d.id + "x", strings.ReplaceAll(d.id, "-", ""), "plooi-api-" + d.id, "%7D" + d.id} {
		identifierfout(t, r.ask(http.StatusBadRequest, http.MethodGet, v0+"/metadata/"+id, r.own, nil), false)
	}
}

func TestD48And49OtherMethods(t *testing.T) {
	r := open(t)
	for _, c := range []struct{ method, path string }{
		{http.MethodPatch, v0 + "/metadata/" + nergens}, {http.MethodGet, v0 + "/metadata"}, {http.MethodDelete, v0 + "/metadata/" + nergens}, {http.MethodPost, v0 + "/_zoek"},
	} {
		got := r.ask(http.StatusMethodNotAllowed, c.method, c.path, r.own, nil)
		fout(t, got, "", "Methode niet toegestaan", "Dit adres kent deze methode niet; de Allow-header noemt de methoden die het kent.", nil)
		if got.Header.Get("Allow") == "" {
			t.Error("no Allow")
		}
	}
	for _, path := range []string{v0, v0 + "/documenten", root + "/actuator/health", v0 + "/documenten/" + nergens + "/x"} {
		nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, path, r.own, nil), strings.HasPrefix(path, v0+"/documenten/"))
	}
	// E11: OPTIONS is everybody's.
	for _, path := range []string{v0 + "/metadata", v0 + "/documenten/" + nergens, root + "/waardelijsten"} {
		if got := r.ask(http.StatusOK, http.MethodOptions, path, "", nil); !strings.Contains(got.Header.Get("Allow"), "OPTIONS, ") || len(got.Body) != 0 {
			t.Errorf("Allow %s", got.Header.Get("Allow"))
		}
	}
	if got := r.ask(http.StatusOK, http.MethodHead, v0+"/_zoek?start=0", r.own, nil); len(got.Body) != 0 {
		t.Errorf("HEAD has a body: %s", got.Body)
	}
}

func TestD50Accept(t *testing.T) {
	r := open(t)
	d := r.publiceer(metadata())
	for path, contentType := range map[string]string{
		v0 + "/metadata/" + d.id: "application/json", v0 + "/documenten/" + d.id: pdf, root + "/documenten/" + d.id: "application/json", root + "/waardelijsten?soort=talen": "application/json",
	} {
		if got := r.ask(http.StatusOK, http.MethodGet, path, r.own, nil, "Accept", "image/png"); got.Header.Get("Content-Type") != contentType {
			t.Errorf("%s is %s", path, got.Header.Get("Content-Type"))
		}
	}
	if got := r.ask(http.StatusNotFound, http.MethodGet, v0+"/documenten/"+nergens, r.own, nil, "Accept", pdf); got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("an error is %s", got.Header.Get("Content-Type"))
	}
}

func TestD51Hash(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7")
	r.verwerk()
	if hash := at(r.get(d.pid, "").Object(t), "versies", 0, "bestanden", 1, "hash"); hash != "86edbaa24831badfa0a8b04bb410141e2ee4182b6d0014493fe262a7a331c20b" {
		t.Errorf("hash %v", hash)
	}
}

type scanner func(text []byte) (scan.Result, error)

func (f scanner) Scan(_ context.Context, r io.Reader) (scan.Result, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return scan.Result{}, err
	}
	return f(text)
}

func TestD52Virus(t *testing.T) {
	away := false
	r := open(t, func(i *plooidb.Instellingen) {
		i.Scanner = scanner(func(text []byte) (scan.Result, error) {
			if away {
				return scan.Result{}, errors.New("away")
			}
			return scan.Result{Infected: bytes.Contains(text, []byte("VIRUS"))}, nil
		})
	})
	d := r.registreer(metadata())
	bestandstypefout(t, r.file(http.StatusBadRequest, http.MethodPost, d.id, r.own, "%PDF VIRUS"))
	away = true
	got := r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7")
	r.verwerk()
	r.ask(http.StatusNotFound, http.MethodGet, d.pid, "", nil)
	list := r.get(v0+"/processen/"+got.Header.Get("X-Session-ID")+"/verwerkingen?severity=ERROR", r.own).List(t)
	if len(list) != 1 || at(list[0], "diagnoses", 0, "code") != "INTEGRATION" {
		t.Errorf("the status while it waits: %v", list)
	}
	away = false
	r.Clock.Advance(time.Minute)
	r.verwerk()
	r.get(d.pid, "")
}

// The demo as demo.md has it, in the house as it is.
func TestDemo(t *testing.T) {
	s := apitest.New(t, apitest.Demo("plooi"))
	get := func(want int, path, token string) *apitest.Response {
		t.Helper()
		return s.Want(t, want, apitest.Request{Path: path, Token: token})
	}
	token := get(http.StatusOK, query(root+"/token/test", "org", "gemeente Alkmaar", "role", "Publisher Basis"), "").Object(t)["access_token"].(string)
	een := get(http.StatusOK, root+"/documenten/5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01", "").Object(t)
	twee := get(http.StatusOK, root+"/documenten/5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b02", "").Object(t)
	get(http.StatusNotFound, root+"/documenten/5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b03", "")
	get(http.StatusOK, v0+"/metadata/5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b03", token)
	if at(twee, "documentrelaties", 0, "relation") != at(een, "document", "pid") || at(een, "documentrelaties", 0, "relation") != at(twee, "document", "pid") {
		t.Errorf("relations %v and %v", een["documentrelaties"], twee["documentrelaties"])
	}
	if file := get(http.StatusOK, root+"/documenten/5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01/file", ""); !bytes.HasPrefix(file.Body, []byte("%PDF-1.4")) || file.Header.Get("Content-Type") != pdf {
		t.Errorf("the file: %v", file.Header)
	}
	if n := get(http.StatusOK, v0+"/_zoek?start=0", token).Object(t)["totaal"]; n != 2.0 {
		t.Errorf("%v own documents", n)
	}
	body, err := json.Marshal(metadata())
	if err != nil {
		t.Fatal(err)
	}
	s.Want(t, http.StatusCreated, apitest.Request{Method: http.MethodPost, Path: v0 + "/metadata", Token: token, Body: string(body)})
}

func TestTooLargeAndTooMany(t *testing.T) {
	r := open(t)
	big := `{"x":"` + strings.Repeat("x", 1<<20) + `"}`
	got := r.ask(http.StatusRequestEntityTooLarge, http.MethodPost, v0+"/metadata", r.own, big)
	fout(t, got, "bestand-te-groot-fout", "BestandTeGrootFout", "Het bestand is te groot om verwerkt te kunnen worden."+meer, nil)
	// No limits unless an administrator sets them (D48).
	for range 100 {
		r.ask(http.StatusOK, http.MethodGet, v0+"/_zoek?start=0", r.own, nil)
	}
	r.Refuse(fault.RateExceeded)
	got = r.ask(http.StatusTooManyRequests, http.MethodGet, v0+"/_zoek?start=0", r.own, nil)
	fout(t, got, "", "Te veel verzoeken", "Er komen te veel verzoeken per seconde; probeer het na de tijd in de Retry-After-header opnieuw.", nil)
	if got.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

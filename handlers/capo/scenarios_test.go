package capo_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/handlers"
	"loket/handlers/apitest"
	"loket/store/blobs/blobstest"
	"loket/store/capo/capodb"
)

// The scenarios are those of contract 5, by their numbers.

func TestS1DeliverWithoutReview(t *testing.T) {
	r := open(t)
	c := r.container(p1, a1, aan1)
	if c["status"] != "assigned" || c["requiresReview"] != false {
		t.Fatalf("A1 is %v", c)
	}
	f := r.make(p1, a1, aan1, "tekening.pdf")
	if f["parentId"] != a1 || f["status"] != "created" || f["methode"] != "PUT" || f["downloadUrl"] != nil || f["grootte"] != nil {
		t.Errorf("made %v", f)
	}
	if list := r.get(p1+"/bijlage", aan1).List(t); len(list) != 0 {
		t.Errorf("a file that is not uploaded is listed: %v", list)
	}
	got := r.put(http.StatusOK, f["url"], "%PDF")
	if got.Header.Get("ETag") == "" || len(got.Body) != 0 {
		t.Errorf("the upload was answered with %v %s", got.Header, got.Body)
	}
	id := f["bijlageId"].(string)
	patched := r.ask(http.StatusOK, http.MethodPatch, p1+"/bijlage/"+id, aan1, map[string]any{"status": "uploaded"}).Object(t)
	if patched["status"] != "uploaded" || patched["grootte"] != 4.0 || patched["geuploadOp"] == nil || patched["url"] != nil {
		t.Errorf("patched %v", patched)
	}
	if c := r.container(p1, a1, aan1); c["status"] != "uploaded" || c["aantalBijlagen"] != 1.0 {
		t.Errorf("A1 is %v", c)
	}
	done := r.status(http.StatusOK, p1, a1, aan1, "done").Object(t)
	if done["status"] != "done" || done["opgeleverdOp"] == nil {
		t.Errorf("A1 is %v", done)
	}
	list := r.get(p1+"/bijlage", aan1).List(t)
	if len(list) != 1 || list[0]["bijlageId"] != id || list[0]["parentId"] != a1 {
		t.Errorf("files: %v", list)
	}
}

func TestS2OwnList(t *testing.T) {
	r := open(t)
	got := r.get(own, aan1)
	if ids(got.List(t), "bijlageAssignedId") != a1+" "+a2+" "+a4 || got.Header.Get("X-Total-Count") != "3" {
		t.Errorf("%s, %s in all", ids(got.List(t), "bijlageAssignedId"), got.Header.Get("X-Total-Count"))
	}
	for query, want := range map[string]string{
		"geannuleerd=true":                  a1 + " " + a2 + " " + a4 + " " + a5,
		"geannuleerd=true&status=cancelled": a5,
		"status=cancelled":                  "",
		"status=done":                       a4,
		"requiresReview=true":               a2,
		"requiresReview=false":              a1 + " " + a4,
		"processtap=Werkvoorbereiding":      a2,
		"documentsoort=Bodemvooronderzoek":  a1 + " " + a4,
		"gebied=Grond%27g%20Amsterdam":      a1 + " " + a2 + " " + a4,
		"gebied=Synfra%20Zuid":              "",
		"limit=1":                           a1,
		"limit=2&offset=1":                  a2 + " " + a4,
		"offset=2":                          a4,
		"offset=9":                          "",
	} {
		if got := ids(r.get(own+"?"+query, aan1).List(t), "bijlageAssignedId"); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if got := r.get(own+"?limit=1", aan1).Header.Get("X-Total-Count"); got != "3" {
		t.Errorf("%s in all", got)
	}
	for query, place := range map[string]string{
		"limit=0": "limit", "limit=1001": "limit", "limit=": "limit", "limit=x": "limit", "offset=-1": "offset", "status=nieuw": "status",
		"requiresReview=ja": "requiresReview", "gebied=%00": "gebied", "gebied=%ff": "gebied", "processtap=Gereed": "processtap", "procestap=Intake": "procestap",
		"limit=0&offset=-1": "limit offset",
	} {
		got := r.refused(http.StatusBadRequest, "ongeldige_parameter", http.MethodGet, own+"?"+query, aan1, nil)
		if places(t, got) != place {
			t.Errorf("%s: faults at %s, want %s", query, places(t, got), place)
		}
	}
	if got := r.get(own, buiten); string(bytes.TrimSpace(got.Body)) != "[]" {
		t.Errorf("who has none gets %s", got.Body)
	}
}

func TestS3SeveralFiles(t *testing.T) {
	r := open(t)
	r.upload(p1, a1, aan1, "een.pdf", "1")
	r.upload(p1, a1, aan1, "twee.pdf", "22")
	r.status(http.StatusOK, p1, a1, aan1, "done")
	list := r.get(p1+"/bijlage", aan1).List(t)
	if ids(list, "bestandsnaam") != "een.pdf twee.pdf" || ids(list, "parentId") != a1+" "+a1 {
		t.Errorf("files: %v", list)
	}
}

func TestS4ReviewApproved(t *testing.T) {
	r := open(t)
	seen := fmt.Sprint(r.container(p1, a2, combi)["status"])
	r.upload(p1, a2, aan1, "tekening.pdf", "x")
	seen += fmt.Sprint(" ", r.container(p1, a2, combi)["status"])
	seen += fmt.Sprint(" ", r.status(http.StatusOK, p1, a2, aan1, "review").Object(t)["status"])
	seen += fmt.Sprint(" ", r.status(http.StatusOK, p1, a2, combi, "done").Object(t)["status"])
	if seen != "assigned uploaded review done" {
		t.Errorf("statuses %s; the page's order is assigned uploaded review done", seen)
	}
}

func TestS5OneRejection(t *testing.T) {
	r := open(t)
	r.upload(p1, a2, aan1, "tekening.pdf", "x")
	r.status(http.StatusOK, p1, a2, aan1, "review")
	got := r.status(http.StatusOK, p1, a2, combi, "uploaded", "Maatvoering ontbreekt").Object(t)
	if got["status"] != "uploaded" || got["reden"] != "Maatvoering ontbreekt" {
		t.Errorf("after rejection: %v", got)
	}
	r.upload(p1, a2, aan1, "tekening-2.pdf", "y")
	r.status(http.StatusOK, p1, a2, aan1, "review")
	got = r.status(http.StatusOK, p1, a2, combi, "done").Object(t)
	if got["status"] != "done" || got["reden"] != nil || got["aantalBijlagen"] != 2.0 {
		t.Errorf("after approval: %v", got)
	}
}

func TestS6RejectWithoutReason(t *testing.T) {
	r := open(t)
	r.upload(p1, a2, aan1, "tekening.pdf", "x")
	r.status(http.StatusOK, p1, a2, aan1, "review")
	for _, reden := range [][]string{nil, {"   "}, {""}, {strings.Repeat("x", 2001)}} {
		got := r.statusRefused(http.StatusBadRequest, "validatie", p1, a2, combi, "uploaded", reden...)
		if places(t, got) != "#/reden" {
			t.Errorf("%q: faults at %s", reden, places(t, got))
		}
	}
	if c := r.container(p1, a2, combi); c["status"] != "review" {
		t.Errorf("status %v", c["status"])
	}
	// A reason that nobody asked for is a mistake that must be seen.
	if got := r.statusRefused(http.StatusBadRequest, "validatie", p1, a2, combi, "done", "prima"); places(t, got) != "#/reden" {
		t.Errorf("faults at %s", places(t, got))
	}
	r.status(http.StatusOK, p1, a2, combi, "uploaded", "  "+strings.Repeat("x", 2000)+"  ")
}

func TestS7DoneWithoutReview(t *testing.T) {
	r := open(t)
	r.upload(p1, a2, aan1, "tekening.pdf", "x")
	r.statusRefused(http.StatusConflict, "ongeldige_overgang", p1, a2, aan1, "done")
}

func TestS8ReviewNotAsked(t *testing.T) {
	r := open(t)
	r.upload(p1, a1, aan1, "tekening.pdf", "x")
	r.statusRefused(http.StatusConflict, "ongeldige_overgang", p1, a1, aan1, "review")
	r.statusRefused(http.StatusConflict, "ongeldige_overgang", p1, a1, aan1, "uploaded")
	if got := r.statusRefused(http.StatusBadRequest, "validatie", p1, a1, aan1, "assigned"); places(t, got) != "#/status" {
		t.Errorf("faults at %s", places(t, got))
	}
}

func TestS9OwnApproval(t *testing.T) {
	r := open(t)
	r.upload(p1, a2, aan1, "tekening.pdf", "x")
	r.status(http.StatusOK, p1, a2, aan1, "review")
	r.statusRefused(http.StatusForbidden, "niet_beoordelaar", p1, a2, aan1, "done")
}

func TestS10Frozen(t *testing.T) {
	r := open(t)
	for _, to := range []string{"uploaded", "review", "done"} {
		r.statusRefused(http.StatusConflict, "al_opgeleverd", p3, a4, aan1, to)
		r.statusRefused(http.StatusConflict, "al_opgeleverd", p1, a5, aan1, to)
	}
	r.refused(http.StatusConflict, "al_opgeleverd", http.MethodPost, files(p3, a4), aan1, map[string]any{"bestandsnaam": "nog.pdf"})
	f := r.get(p3+"/bijlage", aan1).List(t)[0]
	r.refused(http.StatusConflict, "al_opgeleverd", http.MethodPatch, p3+"/bijlage/"+f["bijlageId"].(string), aan1, map[string]any{"status": "uploaded"})
	// What was on its way when the container was delivered is dropped (C12).
	late := r.make(p1, a1, aan1, "te-laat.pdf")
	r.upload(p1, a1, aan1, "op-tijd.pdf", "x")
	r.status(http.StatusOK, p1, a1, aan1, "done")
	got := r.put(http.StatusConflict, late["url"], "x")
	if got.Code() != "al_opgeleverd" {
		t.Errorf("a late upload: %s", got.Body)
	}
	r.refused(http.StatusConflict, "al_opgeleverd", http.MethodPatch, p1+"/bijlage/"+late["bijlageId"].(string), aan1, map[string]any{"status": "uploaded"})
}

func TestS11NothingUploaded(t *testing.T) {
	r := open(t)
	r.statusRefused(http.StatusConflict, "geen_bestand", p1, a1, aan1, "done")
	r.statusRefused(http.StatusConflict, "geen_bestand", p1, a2, aan1, "review")
	f := r.make(p1, a1, aan1, "tekening.pdf")
	r.refused(http.StatusConflict, "geen_bestand", http.MethodPatch, p1+"/bijlage/"+f["bijlageId"].(string), aan1, map[string]any{"status": "uploaded"})
	r.upload(p1, a1, aan1, "ander.pdf", "x")
	id := r.get(p1+"/bijlage", aan1).List(t)[0]["bijlageId"].(string)
	r.refused(http.StatusConflict, "ongeldige_overgang", http.MethodPatch, p1+"/bijlage/"+id, aan1, map[string]any{"status": "uploaded"})
}

func TestS12WrongOrganisation(t *testing.T) {
	r := open(t)
	r.refused(http.StatusForbidden, "niet_toegewezen", http.MethodPost, files(p1, a1), aan2, map[string]any{"bestandsnaam": "x.pdf"})
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodPost, files(p1, a1), buiten, map[string]any{"bestandsnaam": "x.pdf"})
	r.upload(p1, a1, aan1, "tekening.pdf", "x")
	r.statusRefused(http.StatusForbidden, "niet_toegewezen", p1, a1, aan2, "done")
	f := r.make(p1, a1, aan1, "nog.pdf")
	r.refused(http.StatusForbidden, "niet_toegewezen", http.MethodPatch, p1+"/bijlage/"+f["bijlageId"].(string), aan2, map[string]any{"status": "uploaded"})
}

func TestS13UploadAddress(t *testing.T) {
	r := open(t)
	f := r.make(p1, a1, aan1, "een.pdf")
	address := f["url"].(string)
	if got := r.put(http.StatusBadRequest, address, ""); got.Code() != "validatie" {
		t.Errorf("no bytes: %s", got.Body)
	}
	put := func(want int, code string, q apitest.Request) {
		t.Helper()
		q.Method, q.Path = http.MethodPut, address
		if got := r.Do(t, q); got.Status != want || got.Code() != code {
			t.Errorf("%d %s, want %d %s", got.Status, got.Body, want, code)
		}
	}
	put(http.StatusLengthRequired, "lengte_vereist", apitest.Request{Body: io.LimitReader(zeros{}, 10), Length: -1})
	put(http.StatusRequestEntityTooLarge, "te_groot", apitest.Request{Body: io.LimitReader(zeros{}, 52_428_801), Length: 52_428_801})
	put(http.StatusOK, "", apitest.Request{Body: io.LimitReader(zeros{}, 52_428_800), Length: 52_428_800})
	put(http.StatusConflict, "upload_gebruikt", apitest.Request{Body: []byte("x")})
	old := r.make(p1, a1, aan1, "twee.pdf")
	r.Clock.Advance(15 * time.Minute)
	if got := r.put(http.StatusForbidden, old["url"], "x"); got.Code() != "upload_ongeldig" {
		t.Errorf("after 15 minutes: %s", got.Body)
	}
	got := r.put(http.StatusForbidden, "/api/capo/upload/onbekend", "x")
	if got.Code() != "upload_ongeldig" || strings.Contains(string(got.Body), "onbekend") && strings.Contains(string(got.Body), "/upload/onbekend") {
		t.Errorf("unknown: %s", got.Body)
	}
	if strings.Contains(r.LogText(), strings.TrimPrefix(address, "http://"+apitest.Host+"/api/capo/upload/")) {
		t.Error("the address is in the log")
	}
	// A bearer token is of no use here, and does no harm.
	fresh := r.make(p1, a1, aan1, "drie.pdf")
	r.ask(http.StatusOK, http.MethodPut, fresh["url"].(string), "geen-token", []byte("x"))
}

// zeros are bytes without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAnnouncedUpload(t *testing.T) {
	r := open(t)
	maak := func(name string) string {
		t.Helper()
		return r.ask(http.StatusCreated, http.MethodPost, files(p1, a1), aan1,
			map[string]any{"bestandsnaam": name, "contentType": "image/png", "grootte": 3, "omschrijving": "foto"}).Object(t)["url"].(string)
	}
	address := maak("foto.png")
	for _, c := range []struct {
		contentType, body string
		want              int
	}{{"image/jpeg", "abc", 400}, {"image/png", "abcd", 400}, {"", "abc", 400}, {"image/PNG", "abc", 200}} {
		got := r.Do(t, apitest.Request{Method: http.MethodPut, Path: address, Body: []byte(c.body), Header: map[string]string{"Content-Type": c.contentType}})
		if got.Status != c.want {
			t.Errorf("%q, %d bytes: %d %s", c.contentType, len(c.body), got.Status, got.Body)
		}
	}
	r.refused(http.StatusRequestEntityTooLarge, "te_groot", http.MethodPost, files(p1, a1), aan1, map[string]any{"bestandsnaam": "groot.png", "grootte": 52_428_801})
}

func TestS14Names(t *testing.T) {
	r := open(t)
	for _, name := range []string{"a.b.pdf", "zonderpunt", "x?.pdf", strings.Repeat("x", 252) + ".pdf", "CON.pdf", "x", ""} {
		got := r.refused(http.StatusBadRequest, "validatie", http.MethodPost, files(p1, a1), aan1, map[string]any{"bestandsnaam": name})
		if places(t, got) != "#/bestandsnaam" {
			t.Errorf("%q: faults at %s", name, places(t, got))
		}
	}
	r.make(p1, a1, aan1, strings.Repeat("x", 251)+".pdf")
	r.make(p1, a1, aan1, "Kerkstraat 16 - E.pdf")
	r.refused(http.StatusConflict, "bestandsnaam_bestaat", http.MethodPost, files(p1, a1), aan1, map[string]any{"bestandsnaam": "Kerkstraat 16 - E.pdf"})
}

func TestS15QuickscanFull(t *testing.T) {
	r := open(t)
	h := r.ask(http.StatusCreated, http.MethodPost, p1+"/hoofdleiding-aanleggen", nbE, nil)
	if o := h.Object(t); fmt.Sprint(o["disciplines"]) != "[elektriciteit]" || o["toelichting"] != nil || h.Header.Get("Location") != p1+"/hoofdleiding-aanleggen" {
		t.Errorf("%v %v", h.Header, o)
	}
	r.refused(http.StatusConflict, "al_gemeld", http.MethodPost, p1+"/hoofdleiding-aanleggen", nbE, map[string]any{})
	a := r.ask(http.StatusCreated, http.MethodPost, p1+"/activiteit", nbE, map[string]any{"type": "Extra werkvoorbereiding", "opleverdatum": "2030-01-10"}).Object(t)
	if a["status"] != "open" || a["discipline"] != nil || a["opleverdatum"] != "2030-01-10" {
		t.Errorf("%v", a)
	}
	p := r.get(p1, nbE).Object(t)
	if fmt.Sprint(p["geplandeUitvoering"]) != "map[datum:2030-01-31 herkomst:O]" {
		t.Errorf("planned %v", p["geplandeUitvoering"])
	}
	m := r.ask(http.StatusCreated, http.MethodPost, p1+"/mic", nbE, map[string]any{"meeInCombi": true}).Object(t)
	if m["quickscanAfgerond"] != true || m["meeInCombi"] != true {
		t.Errorf("%v", m)
	}
	q := r.get(p1, nbE).Object(t)["quickscan"].(map[string]any)
	if q["afgerond"] != true || q["hoofdleidingNodig"] != true || q["extraWerkvoorbereiding"] != true || q["afgerondOp"] == nil {
		t.Errorf("quickscan %v", q)
	}
	// Each sees its own quickscan; who has no product sees none.
	if q := r.get(p1, nbG).Object(t)["quickscan"].(map[string]any); q["afgerond"] != false {
		t.Errorf("quickscan of another: %v", q)
	}
	if p := r.get(p1, aan1).Object(t); p["quickscan"] != nil {
		t.Errorf("quickscan of a contractor: %v", p["quickscan"])
	}
	for path, id := range map[string]string{"/hoofdleiding-aanleggen": "hoofdleidingId", "/activiteit": "activiteitId", "/mic": "micId"} {
		if list := r.get(p1+path, combi).List(t); len(list) != 1 || list[0][id] == "" {
			t.Errorf("%s: %v", path, list)
		}
	}
}

func TestS16S17QuickscanShort(t *testing.T) {
	r := open(t)
	r.ask(http.StatusCreated, http.MethodPost, p1+"/mic", nbG, map[string]any{"meeInCombi": false, "reden": "geen werk"})
	r.refused(http.StatusConflict, "quickscan_afgerond", http.MethodPost, p1+"/hoofdleiding-aanleggen", nbG, nil)
	r.refused(http.StatusConflict, "quickscan_afgerond", http.MethodPost, p1+"/activiteit", nbG, map[string]any{"type": "Extra werkvoorbereiding", "opleverdatum": "2030-01-10"})
	r.ask(http.StatusCreated, http.MethodPost, p1+"/mic", nbG, map[string]any{"meeInCombi": true})
	r.ask(http.StatusCreated, http.MethodPost, p1+"/hoofdleiding-aanleggen", nbW, map[string]any{"disciplines": []string{"water"}, "toelichting": "DN 100"})
}

func TestS18Who(t *testing.T) {
	r := open(t)
	for _, path := range []string{"/mic", "/hoofdleiding-aanleggen", "/activiteit"} {
		body := map[string]map[string]any{
			"/mic": {"meeInCombi": true}, "/hoofdleiding-aanleggen": {}, "/activiteit": {"type": "Extra werkvoorbereiding", "opleverdatum": "2030-01-10"},
		}[path]
		r.refused(http.StatusForbidden, "alleen_netbeheerder", http.MethodPost, p1+path, aan1, body)
		r.refused(http.StatusForbidden, "alleen_netbeheerder", http.MethodPost, p1+path, combi, body)
		r.refused(http.StatusConflict, "niet_in_intake", http.MethodPost, p3+path, nbE, body)
		r.refused(http.StatusConflict, "niet_in_intake", http.MethodPost, p2+path, nbE, body)
		r.refused(http.StatusNotFound, "niet_gevonden", http.MethodPost, p1+path, buiten, body)
	}
}

func TestS19Bodies(t *testing.T) {
	r := open(t)
	for _, c := range []struct{ path, body, code, places string }{
		{"/mic", `{}`, "validatie", "#/meeInCombi"},
		{"/mic", `{"meeInCombi":"ja"}`, "validatie", "#/meeInCombi"},
		{"/mic", `{"meeInCombi":null}`, "validatie", "#/meeInCombi"},
		{"/mic", `{"MeeInCombi":true}`, "validatie", "#/MeeInCombi #/meeInCombi"},
		{"/mic", `{"meeInCombi":true,"disciplines":[]}`, "validatie", "#/disciplines"},
		{"/mic", `{"meeInCombi":true,"disciplines":["gas","gas"]}`, "validatie", "#/disciplines"},
		{"/mic", `{"meeInCombi":true,"disciplines":["gas","stoom"]}`, "validatie", "#/disciplines/1"},
		{"/mic", `{"meeInCombi":true,"disciplines":["gas"]}`, "validatie", "#/disciplines/0"}, // nb-e has no gas here
		{"/mic", `{"meeInCombi":true,"reden":1,"x":2}`, "validatie", "#/reden #/x"},
		{"/mic", `{`, "ongeldige_json", ""},
		{"/mic", ``, "ongeldige_json", ""},
		{"/mic", `[]`, "ongeldige_json", ""},
		{"/mic", `{"meeInCombi":true} x`, "ongeldige_json", ""},
		{"/mic", `{"meeInCombi":true,"meeInCombi":false}`, "ongeldige_json", "#/meeInCombi"},
		{"/mic", `{"meeInCombi":true,"reden":"a\u0000b"}`, "ongeldige_json", "#/reden"},
		{"/mic", "{\"meeInCombi\":true,\"reden\":\"\xff\"}", "ongeldige_json", "#/reden"},
		{"/activiteit", `{"type":"Iets","opleverdatum":"2030-01-10"}`, "validatie", "#/type"},
		{"/activiteit", `{"type":"Extra werkvoorbereiding"}`, "validatie", "#/opleverdatum"},
		{"/activiteit", `{"type":"Extra werkvoorbereiding","opleverdatum":"2030-02-30"}`, "validatie", "#/opleverdatum"},
		{"/activiteit", `{"type":"Extra werkvoorbereiding","opleverdatum":"2026-03-01"}`, "validatie", "#/opleverdatum"},
		{"/activiteit", `{"type":"Extra werkvoorbereiding","opleverdatum":"2026-03-01","discipline":"gas"}`, "validatie", "#/opleverdatum #/discipline"},
	} {
		r.Clock.Advance(time.Second)
		got := r.Do(t, apitest.Request{Method: http.MethodPost, Path: p1 + c.path, Token: nbE, Body: c.body})
		if got.Status != http.StatusBadRequest || got.Code() != c.code {
			t.Errorf("%s %s: %d %s", c.path, c.body, got.Status, got.Body)
			continue
		}
		if c.code == "validatie" && places(t, got) != c.places {
			t.Errorf("%s %s: faults at %s, want %s", c.path, c.body, places(t, got), c.places)
		}
	}
	got := r.Do(t, apitest.Request{Method: http.MethodPost, Path: p1 + "/mic", Token: nbE, Body: "x", Header: map[string]string{"Content-Type": "text/plain"}})
	if got.Status != http.StatusUnsupportedMediaType || got.Code() != "media_type" {
		t.Errorf("text/plain: %d %s", got.Status, got.Body)
	}
	if list := r.get(p1+"/mic", nbE).List(t); len(list) != 0 {
		t.Errorf("a refused body left %v", list)
	}
	for _, ct := range []string{"application/json; charset=utf-8", "Application/JSON"} {
		r.Clock.Advance(time.Second)
		r.Want(t, http.StatusCreated, apitest.Request{Method: http.MethodPost, Path: p1 + "/mic", Token: nbE, Body: `{"meeInCombi":true}`, Header: map[string]string{"Content-Type": ct}})
	}
	id := r.make(p1, a1, aan1, "merge.pdf")
	r.put(http.StatusOK, id["url"], "x")
	r.Want(t, http.StatusOK, apitest.Request{
		Method: http.MethodPatch, Path: p1 + "/bijlage/" + id["bijlageId"].(string), Token: aan1,
		Body: `{"status":"uploaded"}`, Header: map[string]string{"Content-Type": "application/merge-patch+json"},
	})
}

func TestS20Authentication(t *testing.T) {
	r := open(t)
	for _, header := range []string{"", "Bearer", "Bearer ", "Basic ZGVtbzpkZW1v", "Bearer verkeerd", aan1} {
		r.Clock.Advance(time.Second)
		got := r.Do(t, apitest.Request{Path: own, Header: map[string]string{"Authorization": header}})
		if got.Status != http.StatusUnauthorized || got.Code() != "niet_geauthenticeerd" || got.Header.Get("WWW-Authenticate") != `Bearer realm="capo"` {
			t.Errorf("%q: %d %v %s", header, got.Status, got.Header, got.Body)
		}
	}
	r.refused(http.StatusForbidden, "geen_toegang", http.MethodGet, own, dsp, nil)
	// The same credential opens CAPO once it is granted: one for all APIs.
	list, err := r.Accounts.ListCredentials(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		switch c.OrganisationName {
		case "Demo DSP":
			err = r.Accounts.Grant(t.Context(), c.ID, capodb.API)
		case "Demo Aannemer Een":
			err = r.Accounts.Revoke(t.Context(), c.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r.Clock.Advance(time.Second)
	r.get(own, dsp)
	r.refused(http.StatusUnauthorized, "niet_geauthenticeerd", http.MethodGet, own, aan1, nil)
	if strings.Contains(r.LogText(), "demo-capo") {
		t.Error("a token is in the log")
	}
}

func TestS21Ids(t *testing.T) {
	r := open(t)
	got := r.refused(http.StatusBadRequest, "ongeldig_id", http.MethodGet, "/api/capo/project/xyz/bijlage", aan1, nil)
	if places(t, got) != "projectId" {
		t.Errorf("faults at %s", places(t, got))
	}
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodGet, "/api/capo/project/62c7d0a1eb277e1b791614ff", aan1, nil)
	file := r.get(p3+"/bijlage", aan1).List(t)[0]["bijlageId"].(string)
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodPatch, p1+"/bijlage/"+file, aan1, map[string]any{"status": "uploaded"})
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodGet, p1+"/bijlage/"+file+"/download", aan1, nil)
	r.statusRefused(http.StatusNotFound, "niet_gevonden", p1, a4, aan1, "done")
	p := r.get("/api/capo/project/62C7D0A1EB277E1B79161401", aan1).Object(t)
	if p["projectId"] != "62c7d0a1eb277e1b79161401" {
		t.Errorf("the id comes out as %v", p["projectId"])
	}
	// The form of an id is looked at before the body's media type (contract 2.1).
	bad := r.Do(t, apitest.Request{Method: http.MethodPost, Path: "/api/capo/project/xyz/mic", Token: nbE, Body: "x", Header: map[string]string{"Content-Type": "text/plain"}})
	if bad.Code() != "ongeldig_id" {
		t.Errorf("%s", bad.Body)
	}
	// A path that is not there, and a method that is not, in CAPO's own shape.
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodGet, "/api/capo/nergens", aan1, nil)
	no := r.refused(http.StatusMethodNotAllowed, "methode_niet_toegestaan", http.MethodDelete, p1, aan1, nil)
	if allow := no.Header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "HEAD") {
		t.Errorf("Allow: %q", allow)
	}
}

// TestEveryPath: under every project path a malformed id is 400 and another's
// project is not there.
func TestEveryPath(t *testing.T) {
	r := open(t)
	uploaded := map[string]any{"status": "uploaded"}
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{http.MethodGet, "", nil},
		{http.MethodGet, "/bijlageassigned", nil},
		{http.MethodGet, "/bijlage", nil},
		{http.MethodGet, "/activiteit", nil},
		{http.MethodGet, "/mic", nil},
		{http.MethodGet, "/hoofdleiding-aanleggen", nil},
		{http.MethodPost, "/hoofdleiding-aanleggen", nil},
		{http.MethodPatch, "/bijlage/" + a1, uploaded},
		{http.MethodGet, "/bijlage/" + a1 + "/download", nil},
	} {
		r.refused(http.StatusBadRequest, "ongeldig_id", c.method, "/api/capo/project/xyz"+c.path, nbE, c.body)
		r.refused(http.StatusNotFound, "niet_gevonden", c.method, p1+c.path, buiten, c.body)
	}
}

func TestS22Rate(t *testing.T) {
	r := open(t)
	ask := func(method, path, token string) *apitest.Response {
		return r.Do(t, apitest.Request{Method: method, Path: path, Token: token, Body: `{"status":"done"}`})
	}
	for i := range 30 {
		method, path := http.MethodGet, own
		if i%2 == 1 {
			method, path = http.MethodPatch, p1+"/bijlageassigned/"+a1
		}
		got := ask(method, path, aan1)
		if got.Status == http.StatusTooManyRequests {
			t.Fatalf("request %d of the burst is refused", i+1)
		}
		if got.Header.Get("RateLimit-Limit") != "30" || got.Header.Get("RateLimit-Remaining") != fmt.Sprint(29-i) || got.Header.Get("RateLimit-Policy") != "20;w=1;burst=30" || got.Header.Get("RateLimit-Reset") == "" {
			t.Errorf("request %d: %v", i+1, got.Header)
		}
	}
	got := ask(http.MethodGet, own, aan1)
	if got.Status != http.StatusTooManyRequests || got.Code() != "te_veel_verzoeken" || got.Header.Get("Retry-After") != "1" {
		t.Errorf("the 31st: %d %v %s", got.Status, got.Header, got.Body)
	}
	if other := ask(http.MethodGet, own, aan2); other.Status != http.StatusOK {
		t.Errorf("another client is refused: %d", other.Status)
	}
	r.Clock.Advance(time.Second)
	for i := range 20 {
		if got := ask(http.MethodGet, own, aan1); got.Status != http.StatusOK {
			t.Fatalf("request %d of the next second: %d", i+1, got.Status)
		}
	}
	if got := ask(http.MethodGet, own, aan1); got.Status != http.StatusTooManyRequests {
		t.Errorf("the 21st of the next second: %d", got.Status)
	}
	// Unknown tokens share the bucket of their address; 429 comes before 401.
	for range 30 {
		ask(http.MethodGet, own, "verkeerd")
	}
	if got := ask(http.MethodGet, own, "ook-verkeerd"); got.Status != http.StatusTooManyRequests {
		t.Errorf("guessing tokens costs nothing: %d", got.Status)
	}
}

// TestS23InFlight holds three downloads open: the fourth request is refused
// until one of them ends.
func TestS23InFlight(t *testing.T) {
	gate := &gate{entered: make(chan struct{}), leave: make(chan struct{})}
	r := open(t, apitest.With(func(d *handlers.Deps) { gate.Blobs = d.Blobs; d.Blobs = gate }))
	file := p3 + "/bijlage/" + r.get(p3+"/bijlage", aan1).List(t)[0]["bijlageId"].(string) + "/download"
	gate.closed.Store(true)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { r.Do(t, apitest.Request{Path: file, Token: aan1}) })
		<-gate.entered
	}
	got := r.Do(t, apitest.Request{Path: own, Token: aan1})
	if got.Status != http.StatusTooManyRequests || got.Code() != "te_veel_gelijktijdig" || got.Header.Get("Retry-After") == "" {
		t.Errorf("the fourth: %d %s", got.Status, got.Body)
	}
	if other := r.Do(t, apitest.Request{Path: own, Token: aan2}); other.Status != http.StatusOK {
		t.Errorf("another client: %d", other.Status)
	}
	close(gate.leave)
	wg.Wait()
	if got := r.Do(t, apitest.Request{Path: own, Token: aan1}); got.Status != http.StatusOK {
		t.Errorf("after one ended: %d %s", got.Status, got.Body)
	}
}

func TestS24Race(t *testing.T) {
	r := open(t)
	r.upload(p1, a1, aan1, "tekening.pdf", "x")
	var wg sync.WaitGroup
	answers := make([]int, 2)
	for i := range answers {
		wg.Go(func() {
			answers[i] = r.Do(t, apitest.Request{Method: http.MethodPatch, Path: p1 + "/bijlageassigned/" + a1, Token: aan1, Body: `{"status":"done"}`}).Status
		})
	}
	wg.Wait()
	if answers[0]+answers[1] != http.StatusOK+http.StatusConflict {
		t.Errorf("answers %v, want one 200 and one 409", answers)
	}
}

func TestS26Download(t *testing.T) {
	r := open(t)
	id := r.upload(p1, a1, aan1, "Kerkstraat 16 - é.pdf", "de inhoud")
	path := p1 + "/bijlage/" + id + "/download"
	got := r.get(path, nbE)
	if string(got.Body) != "de inhoud" || got.Header.Get("Content-Disposition") != "attachment; filename*=UTF-8''Kerkstraat%2016%20-%20%C3%A9.pdf" ||
		got.Header.Get("Content-Type") != "application/octet-stream" || got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Content-Length") != "9" {
		t.Errorf("%v %s", got.Header, got.Body)
	}
	head := r.ask(http.StatusOK, http.MethodHead, path, nbE, nil)
	if len(head.Body) != 0 || head.Header.Get("Content-Length") != "9" || head.Header.Get("ETag") != got.Header.Get("ETag") {
		t.Errorf("HEAD: %v %s", head.Header, head.Body)
	}
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodGet, path, buiten, nil)
	f := r.make(p1, a1, aan1, "wacht.pdf")
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodGet, p1+"/bijlage/"+f["bijlageId"].(string)+"/download", aan1, nil)
	url := r.get(p1+"/bijlage", combi).List(t)[0]["downloadUrl"].(string)
	if url != "http://"+apitest.Host+path {
		t.Errorf("downloadUrl %s", url)
	}
}

func TestS27Overdue(t *testing.T) {
	r := open(t)
	if c := r.container(p3, a3, nbE); c["verlopen"] != true {
		t.Errorf("A3 is %v", c)
	}
	r.upload(p3, a3, nbE, "rapport.pdf", "x")
	if c := r.status(http.StatusOK, p3, a3, nbE, "done").Object(t); c["verlopen"] != false {
		t.Errorf("A3 is %v", c)
	}
	r.upload(p1, a6, aan2, "rapport.pdf", "x")
	r.status(http.StatusOK, p1, a6, aan2, "done")
	// From the wish week's Monday, 2029-12-31, by seven days: x is three weeks.
	r.ask(http.StatusCreated, http.MethodPost, p1+"/activiteit", nbE, map[string]any{"type": "Extra werkvoorbereiding", "opleverdatum": "2029-12-17"})
	for id, due := range map[string]string{a1: "2029-12-24", a2: "2029-12-24", a6: "2029-12-17", a5: "2029-12-17"} {
		if c := r.container(p1, id, nbE); c["opleverdatum"] != due {
			t.Errorf("%s is due %v, want %s", id, c["opleverdatum"], due)
		}
	}
}

func TestS28Documentation(t *testing.T) {
	r := open(t)
	doc := r.ask(http.StatusOK, http.MethodGet, "/api/capo/documentation.json", "", nil).Object(t)
	documented := 0
	for path, item := range doc["paths"].(map[string]any) {
		for method, o := range item.(map[string]any) {
			op, ok := o.(map[string]any)
			if !ok || op["operationId"] == nil {
				continue
			}
			if op["x-origin"] == "documented" {
				documented++
			}
			if path == "/project/{projectId}/bijlageassigned/{bijlageAssignedId}" && method == "patch" &&
				(fmt.Sprint(op["tags"]) != "[project type Hoofdleiding]" || op["operationId"] != "patch_project__projectId__bijlageassigned__bijlageAssignedId_") {
				t.Errorf("#5 is not where the page's link leads: %v %v", op["tags"], op["operationId"])
			}
		}
	}
	if doc["openapi"] != "3.0.3" || documented != 9 {
		t.Errorf("OpenAPI %v, %d documented operations", doc["openapi"], documented)
	}
	page := r.ask(http.StatusOK, http.MethodGet, "/api/capo/documentation/", "", nil)
	if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%v", page.Header)
	}
}

func TestProjects(t *testing.T) {
	r := open(t)
	got := r.get("/api/capo/project", nbE)
	if len(got.List(t)) != 3 || got.Header.Get("X-Total-Count") != "3" {
		t.Errorf("%d projects, %s in all", len(got.List(t)), got.Header.Get("X-Total-Count"))
	}
	for query, want := range map[string]string{
		"processtap=Intake": "62c7d0a1eb277e1b79161401", "type=hoofdleiding": "62c7d0a1eb277e1b79161402", "gebied=Synfra%20Zuid": "62c7d0a1eb277e1b79161402",
		"limit=1&offset=2": "62c7d0a1eb277e1b79161403", "processtap=Gereed": "",
	} {
		if got := ids(r.get("/api/capo/project?"+query, nbE).List(t), "projectId"); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if got := r.get("/api/capo/project", buiten); string(bytes.TrimSpace(got.Body)) != "[]" {
		t.Errorf("who has none gets %s", got.Body)
	}
	r.refused(http.StatusBadRequest, "ongeldige_parameter", http.MethodGet, "/api/capo/project?type=iets", nbE, nil)
	r.refused(http.StatusNotFound, "niet_gevonden", http.MethodGet, p1, buiten, nil)
}

// TestBrokenUpload: bytes that end early leave nothing, and the address stays
// good.
func TestBrokenUpload(t *testing.T) {
	r := open(t)
	before := len(blobstest.Keys(t, r.Blobs))
	f := r.make(p1, a1, aan1, "tekening.pdf")
	got := r.Do(t, apitest.Request{Method: http.MethodPut, Path: f["url"].(string), Body: io.MultiReader(strings.NewReader("half"), short{}), Length: 100})
	if got.Status != http.StatusBadRequest {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if keys := blobstest.Keys(t, r.Blobs); len(keys) != before {
		t.Errorf("left %v", keys)
	}
	r.put(http.StatusOK, f["url"], "heel")
}

type short struct{}

func (short) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestFullDisk: a disk that fills up in the middle of an upload is a 500 that
// leaves nothing and harms nothing else.
func TestFullDisk(t *testing.T) {
	full := open(t, apitest.With(func(d *handlers.Deps) { d.Blobs = &afterDemo{Blobs: d.Blobs, full: blobstest.Full(d.Blobs, 10)} }))
	before := len(blobstest.Keys(t, full.Blobs.(*afterDemo).Blobs))
	f := full.make(p1, a1, aan1, "tekening.pdf")
	full.Blobs.(*afterDemo).now.Store(true)
	got := full.put(http.StatusInternalServerError, f["url"], strings.Repeat("x", 1000))
	if got.Code() != "interne_fout" || strings.Contains(string(got.Body), "space") {
		t.Errorf("%s", got.Body)
	}
	if keys := blobstest.Keys(t, full.Blobs.(*afterDemo).Blobs); len(keys) != before {
		t.Errorf("left %v", keys)
	}
	full.get(p1, aan1)
	full.Blobs.(*afterDemo).now.Store(false)
	full.put(http.StatusOK, f["url"], "x")
}

package plooi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/handlers/apitest"
	"loket/openapi"
	"loket/store/plooi"
	"loket/store/plooi/plooidb"
)

// The decisions are those of apis/plooi.md 6.2, by their numbers.

func TestD1Paths(t *testing.T) {
	r := open(t)
	d := r.publiceer(metadata())
	if want := "http://" + apitest.Host + root + "/documenten/" + d.id; d.pid != want {
		t.Errorf("pid %s, want %s", d.pid, want)
	}
	record := r.ask(http.StatusOK, http.MethodGet, d.pid, "", nil).Object(t)
	if at(record, "plooiIntern", "dcnId") != "plooi-api-"+d.id || at(record, "plooiIntern", "publicatiestatus") != "gepubliceerd" ||
		at(record, "document", "publisher", "type") != "overheid:Gemeente" || at(record, "document", "pid") != d.pid {
		t.Errorf("the record is %v", record)
	}
	file := r.ask(http.StatusOK, http.MethodGet, d.pid+"/file", "", nil)
	if string(file.Body) != "%PDF-1.7 "+d.id || file.Header.Get("Content-Type") != pdf || at(record, "versies", 0, "bestanden", 1, "url") != d.pid+"/file" {
		t.Errorf("its file: %v %s", file.Header, file.Body)
	}
	r.ask(http.StatusOK, http.MethodDelete, v0+"/documenten/"+d.id, r.own, nil)
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, d.pid, "", nil), false)
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, d.pid+"/file", "", nil), false)
	identifierfout(t, r.ask(http.StatusBadRequest, http.MethodGet, root+"/documenten/x", "", nil), false)
	identifierfout(t, r.ask(http.StatusBadRequest, http.MethodGet, root+"/documenten/x/file", "", nil), false)

	r = open(t, func(i *plooidb.Instellingen) {
		i.PidPrefix, i.LocatiePrefix = "https://open.overheid.nl/documenten", "https://loket.example/documenten/"
	})
	d = r.registreer(metadata())
	if d.pid != "https://open.overheid.nl/documenten/"+d.id || d.locatie != "https://loket.example/documenten/"+d.id {
		t.Errorf("with prefixes: %+v", d)
	}
}

func TestD2Version(t *testing.T) {
	got := open(t).ask(http.StatusForbidden, http.MethodGet, v0+"/_zoek?start=0", "", nil)
	if v := got.Header.Get("Api-Version"); v != "1.0.0" {
		t.Errorf("Api-Version %s", v)
	}
	for _, text := range []string{"title: PLOOI Aanlever-API v0.3.2-alpha", "version: 1.0.0", "0.9.0-beta", "Release notes"} {
		if !strings.Contains(string(openapi.PLOOI), text) {
			t.Errorf("the document does not say %q", text)
		}
	}
}

func TestD3And4TwoSteps(t *testing.T) {
	r := open(t)
	m := metadata()
	got := r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.own, m)
	body := got.Object(t)
	id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).FindString(fmt.Sprint(at(body, "document", "pid")))
	if id == "" || got.Header.Get("Location") != "http://"+apitest.Host+v0+"/documenten/"+id || got.Header.Get("X-Session-ID") == "" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v: %s", got.Header, got.Body)
	}
	// What was posted comes back in its own order, with the pid as the last member of document.
	posted := `{"document":{"z":1.50,"documenthandelingen":[],"titelcollectie":{"officieleTitel":"<b>é"},"identifiers":["abc"],` +
		`"classificatiecollectie":{"themas":[{"id":"https://identifier.overheid.nl/tooi/def/thes/top/c_391585db"}],"documentsoorten":[{"id":"` + kern + `c_3d782f30"}]},` +
		`"language":{"id":"http://publications.europa.eu/resource/authority/language/NLD"},"publisher":{"id":"` + alkmaar + `"}}}`
	back := string(r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.own, posted).Body)
	for _, want := range []string{"\"z\": 1.50,\n", `"officieleTitel": "<b>é"`, "\n    \"pid\": \"http://loket.test/api/plooi/documenten/"} {
		if !strings.Contains(back, want) {
			t.Errorf("%q is not in %s", want, back)
		}
	}
	if strings.Index(back, `"z"`) > strings.Index(back, `"publisher"`) || strings.Index(back, `"publisher"`) > strings.Index(back, `"pid"`) {
		t.Errorf("another order: %s", back)
	}
	// Every POST makes a document of its own.
	if first, second := r.registreer(m), r.registreer(m); first.id == second.id {
		t.Error("the same metadata made one document")
	}
	r.ask(http.StatusUnsupportedMediaType, http.MethodPost, v0+"/metadata", r.own, []byte("--x"), "Content-Type", "multipart/form-data; boundary=x")
}

func TestD5PidOfTheClientIsReplaced(t *testing.T) {
	r := open(t)
	d := r.registreer(with(metadata(), "https://elders.example/documenten/1", "pid"))
	if !strings.HasPrefix(d.pid, "http://loket.test/") {
		t.Errorf("pid %s", d.pid)
	}
	if pid := at(r.get(v0+"/metadata/"+d.id, r.own).Object(t), "document", "pid"); pid != d.pid {
		t.Errorf("it reads back as %v", pid)
	}
}

func TestD6And7ReplaceMetadata(t *testing.T) {
	r := open(t)
	m := metadata()
	m["documentrelaties"] = object{"relation": "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01", "role": plooi.IsBijlageBij}
	d := r.registreer(m)
	got := r.put(http.StatusCreated, d, r.own, with(metadata(), "Andere titel", "titelcollectie", "officieleTitel"))
	if got.Header.Get("Location") != d.locatie || got.Header.Get("X-Session-ID") == "" || got.Header.Get("X-Session-ID") == d.sessie || at(got.Object(t), "document", "pid") != d.pid {
		t.Errorf("%v: %s", got.Header, got.Body)
	}
	// The relations of the POST stay; a PUT may not bring any.
	read := r.get(v0+"/metadata/"+d.id, r.own).Object(t)
	if at(read, "document", "titelcollectie", "officieleTitel") != "Andere titel" || at(read, "documentrelaties", "role") != plooi.IsBijlageBij {
		t.Errorf("it reads back as %v", read)
	}
	back := r.ask(http.StatusBadRequest, http.MethodPut, v0+"/metadata/"+d.id, r.own, read)
	validatiefout(t, back, "/documentrelaties", "/", "$.documentrelaties: is not defined in the schema and the schema does not allow additional properties")
	r.ask(http.StatusCreated, http.MethodPut, v0+"/metadata/"+d.id, r.own, without(read, "documentrelaties"))
	// An id that is no uuid is unknown here.
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodPut, v0+"/metadata/x", r.own, with(metadata(), d.pid, "pid")), false)
}

func TestD8SchemaBeforePolicy(t *testing.T) {
	r := open(t)
	missing := "is missing but it is required"
	for name, c := range map[string]struct{ body, schema, data, content string }{
		"no document":   {`{}`, "/document", "/", "$.document: " + missing},
		"array":         {`[]`, "/", "/", "$: array found, object expected"},
		"text":          {`"x"`, "/", "/", "$: string found, object expected"},
		"null":          {`null`, "/", "/", "$: null found, object expected"},
		"document null": {`{"document":null}`, "/document", "/document", "$.document: null found, object expected"},
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			validatiefout(t, r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, c.body), c.schema, c.data, c.content)
		})
	}
	r.t = t
	for _, member := range []string{"publisher", "identifiers", "language", "titelcollectie", "classificatiecollectie", "documenthandelingen"} {
		got := r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, without(metadata(), "document", member))
		validatiefout(t, got, "/document/"+member, "/document", "$.document."+member+": "+missing)
	}
	got := r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, without(metadata(), "document", "publisher", "id"))
	validatiefout(t, got, "/document/publisher/id", "/document/publisher", "$.document.publisher.id: "+missing)
	// Another's publisher, and not by the schema: the schema comes first.
	bad := without(with(metadata(), utrecht, "publisher", "id"), "document", "identifiers")
	validatiefout(t, r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, bad), "/document/identifiers", "/document", "$.document.identifiers: "+missing)

	for body, message := range map[string]string{
		"":                              "No content to map due to end-of-input",
		"{":                             "Unexpected character at position 2",
		`{"document":{}} extra`:         "Unexpected text after the JSON at position 17",
		`{"document":{},"document":{}}`: "Duplicate field 'document'",
		"\"\xff\"":                      "Invalid UTF-8 at position 2",
		strings.Repeat("[", 70):         "Document nesting depth exceeds the maximum allowed (64)",
	} {
		got := r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, []byte(body), "Content-Type", "application/json")
		parsefout(t, got, message)
	}
}

func TestD9PolicyOnDelivery(t *testing.T) {
	r := open(t)
	got := r.ask(http.StatusUnauthorized, http.MethodPost, v0+"/metadata", r.foreign, metadata())
	identificatiefout(t, got)
	if got.Header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
	kamerstuk := func() object {
		m := metadata()
		m["document"].(object)["classificatiecollectie"].(object)["documentsoorten"] = []any{object{"id": plooi.Kamerstuk}}
		return m
	}
	identificatiefout(t, r.ask(http.StatusUnauthorized, http.MethodPost, v0+"/metadata", r.own, kamerstuk()))
	r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.kst, kamerstuk())
}

func TestD10Owners(t *testing.T) {
	r := open(t)
	d := r.publiceer(metadata())
	autorisatiefout(t, r.put(http.StatusForbidden, d, r.foreign, metadata()))
	autorisatiefout(t, r.file(http.StatusForbidden, http.MethodPost, d.id, r.foreign, "%PDF-1.7"))
	autorisatiefout(t, r.file(http.StatusForbidden, http.MethodPut, d.id, r.foreign, "%PDF-1.7"))
	autorisatiefout(t, r.ask(http.StatusForbidden, http.MethodDelete, v0+"/documenten/"+d.id, r.foreign, nil))
	// The publisher may not change, not even to one of the token's own.
	both := r.tokenFor("gm0361", "gm0344")
	autorisatiefout(t, r.put(http.StatusForbidden, d, both, with(metadata(), utrecht, "publisher", "id")))
	// A kamerstuk asks for its role on a change too.
	m := metadata()
	m["document"].(object)["classificatiecollectie"].(object)["documentsoorten"] = []any{object{"id": plooi.Kamerstuk}}
	autorisatiefout(t, r.put(http.StatusForbidden, d, r.own, m))
	r.put(http.StatusCreated, d, r.kst, m)
	// The check follows the 404.
	nietGevonden(t, r.file(http.StatusNotFound, http.MethodPut, "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01", r.foreign, "%PDF-1.7"), true)
}

func (r *room) tokenFor(codes ...string) string {
	r.t.Helper()
	token, err := r.db.Token(r.t.Context(), codes, []string{plooi.RolBasis}, plooidb.TokenGeldig)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

func TestPidAndPublisherOnReplacement(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	other := r.registreer(metadata())
	identifierfout(t, r.ask(http.StatusBadRequest, http.MethodPut, v0+"/metadata/"+d.id, r.own, metadata()), false)
	got := r.ask(http.StatusConflict, http.MethodPut, v0+"/metadata/"+d.id, r.own, with(metadata(), other.pid, "pid"))
	fout(t, got, "conflict-fout", "Conflictfout", "Deze wijziging bevat aanpassingen op velden die niet mogen worden aangepast."+meer, object{"messages": []any{
		"De wijziging conflicteert met de eerder aangeleverde gegevens. Controleer de Publisher en de PID, deze mogen niet worden gewijzigd.",
	}})
}

func TestD16MediaTypeOfMetadata(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	body, _ := json.Marshal(metadata())
	for _, contentType := range []string{"application/hal+json", "text/plain", "application/xml"} {
		for method, path := range map[string]string{http.MethodPost: "/metadata", http.MethodPut: "/metadata/" + d.id} {
			got := r.ask(http.StatusUnsupportedMediaType, method, v0+path, r.own, body, "Content-Type", contentType)
			fout(t, got, "mediatype-fout-docu", "MediatypeMetadatafout",
				"Het formaat van de aangeleverde gegevens wordt niet ondersteund. Gebruik een van de ondersteunde formaten."+meer,
				object{"supported_media_types": []any{"application/json", "application/hal+json"}})
		}
	}
	r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.own, body, "Content-Type", "application/json; charset=utf-8")
	// The token comes before the media type.
	r.ask(http.StatusForbidden, http.MethodPost, v0+"/metadata", "", body, "Content-Type", "text/plain")
}

// Every rule of the model (2), with its place and words.
func TestMetadataModel(t *testing.T) {
	r := open(t)
	lijst := "does not have a value in the enumeration"
	extra := "is not defined in the schema and the schema does not allow additional properties"
	uri := "does not match the uri pattern " + plooi.URIPatroon
	handeling := func(change object) object {
		h := object{"soortHandeling": object{"id": kern + "c_dfcee535"}, "atTime": "2022-06-16T09:30:00+02:00", "wasAssociatedWith": object{"id": alkmaar}}
		for k, v := range change {
			h[k] = v
		}
		return with(metadata(), []any{h}, "documenthandelingen")
	}
	soorten := func(v any) object { return with(metadata(), v, "classificatiecollectie", "documentsoorten") }
	for _, c := range []struct {
		name                  string
		m                     object
		schema, data, content string // "" where it is taken
	}{
		{"publisher outside the lists", with(metadata(), "https://identifier.overheid.nl/tooi/id/gemeente/gm9999", "publisher", "id"), "/document/publisher/id", "/document/publisher/id", "$.document.publisher.id: " + lijst},
		{"publisher is a number", with(metadata(), 5, "publisher", "id"), "/document/publisher/id", "/document/publisher/id", "$.document.publisher.id: integer found, string expected"},
		{"publisher with a type", with(metadata(), "x", "publisher", "type"), "/document/publisher/type", "/document/publisher", "$.document.publisher.type: " + extra},
		{"label of two", with(metadata(), "ab", "publisher", "label"), "/document/publisher/label", "/document/publisher/label", "$.document.publisher.label: must be at least 3 characters long"},
		{"verantwoordelijke", with(metadata(), object{"id": "x"}, "verantwoordelijke"), "/document/verantwoordelijke/id", "/document/verantwoordelijke/id", "$.document.verantwoordelijke.id: " + lijst},
		{"opsteller anywhere", with(metadata(), object{"id": "//elders"}, "opsteller"), "", "", ""},
		{"opsteller no uri", with(metadata(), object{"id": "geen uri"}, "opsteller"), "/document/opsteller/id", "/document/opsteller/id", "$.document.opsteller.id: " + uri},
		{"naamOpsteller", with(metadata(), "J", "naamOpsteller"), "", "", ""},
		{"naamOpsteller empty", with(metadata(), "", "naamOpsteller"), "/document/naamOpsteller", "/document/naamOpsteller", "$.document.naamOpsteller: must be at least 1 characters long"},
		{"creatiedatum free", with(metadata(), "december 2021", "creatiedatum"), "", "", ""},
		{"creatiedatum number", with(metadata(), 2021.5, "creatiedatum"), "/document/creatiedatum", "/document/creatiedatum", "$.document.creatiedatum: number found, string expected"},
		{"identifiers", with(metadata(), []any{"abc", "a:", "//", "abc"}, "identifiers"), "", "", ""},
		{"identifier of two", with(metadata(), []any{"abc", "ab"}, "identifiers"), "/document/identifiers/1", "/document/identifiers/1", "$.document.identifiers[1]: must be at least 3 characters long"},
		{"language", with(metadata(), "http://publications.europa.eu/resource/authority/language/XXX", "language", "id"), "/document/language/id", "/document/language/id", "$.document.language.id: " + lijst},
		{"empty title", with(metadata(), "", "titelcollectie", "officieleTitel"), "", "", ""},
		{"no title", without(metadata(), "document", "titelcollectie", "officieleTitel"), "/document/titelcollectie/officieleTitel", "/document/titelcollectie", "$.document.titelcollectie.officieleTitel: is missing but it is required"},
		{"title twice", with(metadata(), []any{"abc", "abc"}, "titelcollectie", "verkorteTitels"), "/document/titelcollectie/verkorteTitels", "/document/titelcollectie/verkorteTitels", "$.document.titelcollectie.verkorteTitels: the items in the array must be unique"},
		{"short title", with(metadata(), []any{"ab"}, "titelcollectie", "alternatieveTitels"), "/document/titelcollectie/alternatieveTitels/0", "/document/titelcollectie/alternatieveTitels/0", "$.document.titelcollectie.alternatieveTitels[0]: must be at least 3 characters long"},
		{"omschrijvingen", with(metadata(), "x", "omschrijvingen"), "/document/omschrijvingen", "/document/omschrijvingen", "$.document.omschrijvingen: string found, array expected"},
		{"no documentsoort", soorten([]any{}), "/document/classificatiecollectie/documentsoorten", "/document/classificatiecollectie/documentsoorten", "$.document.classificatiecollectie.documentsoorten: there must be a minimum of 1 items in the array"},
		{"documentsoort outside", soorten([]any{object{"id": kern + "c_139c6280"}}), "/document/classificatiecollectie/documentsoorten/0/id", "/document/classificatiecollectie/documentsoorten/0/id", "$.document.classificatiecollectie.documentsoorten[0].id: " + lijst},
		{"no thema", with(metadata(), []any{}, "classificatiecollectie", "themas"), "/document/classificatiecollectie/themas", "/document/classificatiecollectie/themas", "$.document.classificatiecollectie.themas: there must be a minimum of 1 items in the array"},
		{"trefwoorden", with(metadata(), []any{"x"}, "classificatiecollectie", "trefwoorden"), "/document/classificatiecollectie/trefwoorden", "/document/classificatiecollectie", "$.document.classificatiecollectie.trefwoorden: " + extra},
		{"informatiecategorieen (D35)", with(metadata(), []any{object{"id": kern + "c_139c6280"}}, "classificatiecollectie", "informatiecategorieen"), "/document/classificatiecollectie/informatiecategorieen", "/document/classificatiecollectie", "$.document.classificatiecollectie.informatiecategorieen: " + extra},
		{"format", with(metadata(), object{"id": "http://publications.europa.eu/resource/authority/file-type/XLSX"}, "format"), "", "", ""},
		{"format outside", with(metadata(), object{"id": "x"}, "format"), "/document/format/id", "/document/format/id", "$.document.format.id: " + lijst},
		{"handeling", handeling(nil), "", "", ""},
		{"handeling outside", handeling(object{"soortHandeling": object{"id": "x"}}), "/document/documenthandelingen/0/soortHandeling/id", "/document/documenthandelingen/0/soortHandeling/id", "$.document.documenthandelingen[0].soortHandeling.id: " + lijst},
		{"atTime without a zone (D39)", handeling(object{"atTime": "2022-06-16T09:30:00"}), "/document/documenthandelingen/0/atTime", "/document/documenthandelingen/0/atTime", "$.document.documenthandelingen[0].atTime: 2022-06-16T09:30:00 is an invalid date-time"},
		{"atTime a day", handeling(object{"atTime": "2022-06-16"}), "/document/documenthandelingen/0/atTime", "/document/documenthandelingen/0/atTime", "$.document.documenthandelingen[0].atTime: 2022-06-16 is an invalid date-time"},
		{"geldigheid turned around", with(metadata(), object{"begindatum": "2022-06-16T00:00:00Z", "einddatum": "2020-06-16T00:00:00Z", "toelichting": 1}, "geldigheid"), "", "", ""},
		{"weblocatie (D38)", with(metadata(), "ftp:x", "weblocatie"), "", "", ""},
		{"weblocatie with a blank", with(metadata(), "http://x y", "weblocatie"), "/document/weblocatie", "/document/weblocatie", "$.document.weblocatie: " + uri},
		{"namespace is no url (D40)", with(metadata(), []any{object{"namespace": "geen url", "velden": []any{object{"key": "abc", "values": nil}}}}, "extraMetadata"), "", "", ""},
		{"values of any sort", with(metadata(), []any{object{"velden": []any{object{"key": "abc", "values": []any{1, "x", nil, []any{1, true}, object{"y": nil}}}, object{"key": "abd", "values": "x"}, object{"key": "abe", "values": true}}}}, "extraMetadata"), "", "", ""},
		{"prefix", with(metadata(), []any{object{"prefix": "x", "velden": []any{object{"key": "abc", "values": 1}}}}, "extraMetadata"), "/document/extraMetadata/0/prefix", "/document/extraMetadata/0", "$.document.extraMetadata[0].prefix: " + extra},
		{"no values", with(metadata(), []any{object{"velden": []any{object{"key": "abc"}}}}, "extraMetadata"), "/document/extraMetadata/0/velden/0/values", "/document/extraMetadata/0/velden/0", "$.document.extraMetadata[0].velden[0].values: is missing but it is required"},
		{"unknown in document (D36)", with(with(metadata(), object{"a": 1}, "isPartOf"), 1, "nogIets"), "", "", ""},
		{"wrong label (D37)", with(metadata(), "gemeente Elders", "publisher", "label"), "", "", ""},
		{"unknown at the root", object{"document": metadata()["document"], "x": 1}, "/x", "/", "$.x: " + extra},
		{"relation of any role (D45)", object{"document": metadata()["document"], "documentrelaties": object{"relation": "x", "role": "y", "z": 1}}, "", "", ""},
		{"relation is a list", object{"document": metadata()["document"], "documentrelaties": []any{}}, "/documentrelaties", "/documentrelaties", "$.documentrelaties: array found, object expected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.t = t
			if c.content == "" {
				r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.own, c.m)
				return
			}
			validatiefout(t, r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, c.m), c.schema, c.data, c.content)
		})
	}
}

// All faults come at once, in one message, and no place or text twice.
func TestAllFaultsAtOnce(t *testing.T) {
	r := open(t)
	m := with(without(metadata(), "document", "identifiers"), 5, "titelcollectie", "officieleTitel")
	m["document"].(object)["classificatiecollectie"].(object)["documentsoorten"] = []any{object{"id": "x", "label": "y"}}
	got := r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, m).Object(t)
	message := at(got, "messages", 0)
	content := strings.Split(at(message, "content").(string), "\n")
	slices.Sort(content)
	want := []string{
		"$.document.classificatiecollectie.documentsoorten[0].id: does not have a value in the enumeration",
		"$.document.classificatiecollectie.documentsoorten[0].label: must be at least 3 characters long",
		"$.document.identifiers: is missing but it is required",
		"$.document.titelcollectie.officieleTitel: integer found, string expected",
	}
	if !slices.Equal(content, want) || len(got["messages"].([]any)) != 1 || len(at(message, "schema_pointers").([]any)) != 4 {
		t.Errorf("the message is %v", message)
	}
	again := r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, m).Object(t)
	if !equal(got, again) {
		t.Error("the faults come in another order")
	}
}

func TestD33And34WhatIsServedIsTaken(t *testing.T) {
	r := open(t)
	soorten := map[string]int{
		"gemeenten": 604, "caribische_openbare_lichamen": 3, "ministeries": 21, "overige_overheidsorganisaties": 4, "provincies": 12, "waterschappen": 33,
		"documentsoorten": 106, "filetypes": 88, "talen": 27, "documenthandelingen": 3, "toplijst": 92,
	}
	for soort, n := range soorten {
		got := r.get(root+"/waardelijsten?soort="+strings.ToUpper(soort), "")
		list := got.List(t)
		if len(list) != n {
			t.Errorf("%s has %d values, want %d", soort, len(list), n)
		}
		if got.Header.Get("Cache-Control") != "public, max-age=86400" {
			t.Errorf("%s: Cache-Control %s", soort, got.Header.Get("Cache-Control"))
		}
		// All values of a list in one delivery where it may repeat; else one delivery each, of a list the first hundred.
		for i, v := range list {
			if len(v) != 2 || v["waarde"] == "" {
				t.Fatalf("%s: %v", soort, v)
			}
			if m := een(soort, v["identifier"]); m != nil && i < 100 {
				r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.tokenVoor(m), m)
			}
		}
		if m := allen(soort, list); m != nil {
			r.ask(http.StatusCreated, http.MethodPost, v0+"/metadata", r.kst, m)
		}
	}
	for _, soort := range []string{"", "onbekend", "toplijsten"} {
		if got := r.ask(http.StatusBadRequest, http.MethodGet, root+"/waardelijsten?soort="+soort, "", nil); len(got.Body) != 0 || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %s %s", soort, got.Header.Get("Cache-Control"), got.Body)
		}
	}
	r.ask(http.StatusBadRequest, http.MethodGet, root+"/waardelijsten", "", nil)
}

// een uses a value where a document has one; nil where it may have many.
func een(soort string, id any) object {
	switch soort {
	case "filetypes":
		return with(metadata(), object{"id": id}, "format")
	case "talen":
		return with(metadata(), id, "language", "id")
	case "gemeenten", "caribische_openbare_lichamen", "ministeries", "overige_overheidsorganisaties", "provincies", "waterschappen":
		return with(metadata(), object{"id": id}, "publisher")
	}
	return nil
}

// allen uses all values at once.
func allen(soort string, list []object) object {
	var refs, handelingen []any
	for _, v := range list {
		ref := object{"id": v["identifier"]}
		refs = append(refs, ref)
		handelingen = append(handelingen, object{"soortHandeling": object{"id": kern + "c_dfcee535"}, "atTime": "2022-06-16T09:30:00Z", "wasAssociatedWith": ref})
	}
	switch soort {
	case "documentsoorten":
		return with(metadata(), refs, "classificatiecollectie", "documentsoorten")
	case "toplijst":
		return with(metadata(), refs, "classificatiecollectie", "themas")
	case "documenthandelingen":
		for i := range handelingen {
			handelingen[i].(object)["soortHandeling"], handelingen[i].(object)["wasAssociatedWith"] = refs[i], object{"id": alkmaar}
		}
		return with(metadata(), handelingen, "documenthandelingen")
	case "filetypes", "talen":
		return nil
	}
	return with(metadata(), handelingen, "documenthandelingen")
}

// tokenVoor is a token of the metadata's publisher.
func (r *room) tokenVoor(m object) string {
	r.t.Helper()
	return r.token(plooi.Code(at(m, "document", "publisher", "id").(string)), plooi.RolBasis)
}

func TestD41ReadByOthers(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	read := func(want int, token string) {
		t.Helper()
		r.ask(want, http.MethodGet, v0+"/metadata/"+d.id, token, nil)
	}
	file := func(want int, token string) {
		t.Helper()
		r.ask(want, http.MethodGet, v0+"/documenten/"+d.id, token, nil)
	}
	read(http.StatusOK, r.own)
	read(http.StatusNotFound, r.foreign)
	file(http.StatusNotFound, r.own)
	r.file(http.StatusAccepted, http.MethodPost, d.id, r.own, "%PDF-1.7")
	file(http.StatusOK, r.own)
	file(http.StatusNotFound, r.foreign)
	r.verwerk()
	read(http.StatusOK, r.foreign)
	file(http.StatusOK, r.foreign)
	// Others see what is published, not what is on its way.
	r.put(http.StatusCreated, d, r.own, with(metadata(), "Nieuwe titel", "titelcollectie", "officieleTitel"))
	if titel := at(r.get(v0+"/metadata/"+d.id, r.foreign).Object(t), "document", "titelcollectie", "officieleTitel"); titel != "Jaarverslag 2021" {
		t.Errorf("others read %v", titel)
	}
	if titel := at(r.get(v0+"/metadata/"+d.id, r.own).Object(t), "document", "titelcollectie", "officieleTitel"); titel != "Nieuwe titel" {
		t.Errorf("its own organisation reads %v", titel)
	}
	r.verwerk()
	// D29: after the withdrawal its own organisation still reads the metadata.
	r.ask(http.StatusOK, http.MethodDelete, v0+"/documenten/"+d.id, r.own, nil)
	read(http.StatusOK, r.own)
	read(http.StatusNotFound, r.foreign)
	file(http.StatusNotFound, r.own)
	identifierfout(t, r.ask(http.StatusBadRequest, http.MethodGet, v0+"/metadata/x", r.own, nil), false)
	nietGevonden(t, r.ask(http.StatusNotFound, http.MethodGet, v0+"/metadata/5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01", r.own, nil), false)
}

func TestD44Relations(t *testing.T) {
	r := open(t)
	hoofd := r.publiceer(metadata())
	bijlage := func(relation string) aangemaakt {
		m := with(metadata(), "Bijlage", "titelcollectie", "officieleTitel")
		m["documentrelaties"] = object{"relation": relation, "role": plooi.IsBijlageBij}
		return r.publiceer(m)
	}
	een, twee := bijlage(hoofd.pid), bijlage(strings.ToUpper(hoofd.id))
	bijlage("https://elders.example/1")
	relaties := r.get(hoofd.pid, "").Object(t)["documentrelaties"]
	if at(relaties, 0, "relation") != een.pid || at(relaties, 1, "relation") != twee.pid || at(relaties, 2) != nil ||
		at(relaties, 0, "role") != plooi.HeeftBijlage || at(relaties, 0, "titel") != "Bijlage" {
		t.Errorf("of the hoofddocument: %v", relaties)
	}
	if rel := r.get(een.pid, "").Object(t)["documentrelaties"]; at(rel, 0, "relation") != hoofd.pid || at(rel, 0, "titel") != "Jaarverslag 2021" {
		t.Errorf("of the bijlage: %v", rel)
	}
	r.ask(http.StatusOK, http.MethodDelete, v0+"/documenten/"+een.id, r.own, nil)
	if rel := r.get(hoofd.pid, "").Object(t)["documentrelaties"]; at(rel, 0, "relation") != twee.pid {
		t.Errorf("after the withdrawal of one: %v", rel)
	}
}

func TestD46Script(t *testing.T) {
	r := open(t)
	d := r.registreer(metadata())
	text := func(s string) string {
		body, _ := json.Marshal(with(with(metadata(), d.pid, "pid"), "X", "titelcollectie", "officieleTitel"))
		return strings.Replace(string(body), `"X"`, `"`+s+`"`, 1)
	}
	for method, path := range map[string]string{http.MethodPost: "/metadata", http.MethodPut: "/metadata/" + d.id} {
		parsefout(t, r.ask(http.StatusBadRequest, method, v0+path, r.own, text("<script>alert()")), "Het aangeleverde bestand kan niet als json ingelezen worden.")
		for _, s := range []string{"<SCRIPT>", "<script src=x>", `\u003cscript>`} {
			r.ask(http.StatusCreated, method, v0+path, r.own, text(s))
		}
	}
	// The schema comes before it, the policy after it.
	got := r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.own, `{"x":"<script>"}`)
	if at(got.Object(t), "title") != "ValidatieMetadatafout" {
		t.Errorf("%s", got.Body)
	}
	r.ask(http.StatusBadRequest, http.MethodPost, v0+"/metadata", r.foreign, text("<script>"))
}

func TestD37Enrichment(t *testing.T) {
	r := open(t)
	m := with(with(metadata(), "gemeente Elders", "publisher", "label"), "", "titelcollectie", "officieleTitel")
	d := r.publiceer(m)
	list := r.get(v0+"/processen/"+d.sessie+"/verwerkingen", r.own).List(t)
	codes := map[string]string{}
	for _, x := range list[1]["diagnoses"].([]any) {
		codes[at(x, "code").(string)+" "+at(x, "target").(string)] = at(x, "severity").(string)
	}
	for code, severity := range map[string]string{
		"DIFF_LABEL publisher": "INFO", "REQUIRED titelcollectie.officieleTitel": "ERROR", "REQUIRED_DEFAULT verantwoordelijke": "INFO", "REQUIRED_DEFAULT opsteller": "INFO",
	} {
		if codes[code] != severity {
			t.Errorf("%s is %q, want %s: %v", code, codes[code], severity, codes)
		}
	}
	document := r.get(d.pid, "").Object(t)["document"]
	if at(document, "publisher", "label") != "gemeente Alkmaar" || at(document, "verantwoordelijke", "label") != "Onbekend" || at(document, "classificatiecollectie", "themas", 0, "type") != "plooi:Topthema" {
		t.Errorf("published as %v", document)
	}
	// What was delivered stays as it was.
	if label := at(r.get(v0+"/metadata/"+d.id, r.own).Object(t), "document", "publisher", "label"); label != "gemeente Elders" {
		t.Errorf("E2 gives %v", label)
	}
	r.Clock.Advance(time.Second)
}

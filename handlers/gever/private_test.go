package gever_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"loket/handlers/apitest"
	"loket/store/blobs"

	rules "loket/store/gever"
)

const (
	privateRootType    = "opengever.private.root"
	privateFolderType  = "opengever.private.folder"
	privateDossierType = "opengever.private.dossier"

	private = base + "/private"
)

// ablage makes the private area, and a user's own folder in it.
func (r *room) ablage(user string) string {
	r.t.Helper()
	if r.do("GET", private, nil).Status == 404 {
		r.make(base, privateRootType, object{"title": "Private Ablage"})
	}
	return r.by(user).make(private, privateFolderType, object{"title": "Ablage"})
}

func (r *room) privateDossier(user string) string {
	r.t.Helper()
	return r.by(user).make(r.ablage(user), privateDossierType, object{"title": "Entwürfe"})
}

// TestTable2_7Private: the fields of the three types.
func TestTable2_7Private(t *testing.T) { inBoth(t, testTable2_7Private) }

func testTable2_7Private(t *testing.T, open opener) {
	r := open(t)
	title := textRow("title", "Ein Dossier")
	title.required, title.takes = true, title.takes[:1]
	private := r.make(base, privateRootType, object{"title": "Zeile"})
	r.ask(200, "GET", private, nil)
	t.Run("folder", func(t *testing.T) {
		r.in(t).rows(t, private, privateFolderType, object{"title": "Ein Dossier"}, []row{
			title, linesRow("description", ""), {name: "userid", initial: john, readOnly: true, takes: []pair{{peter, john}}},
		})
	})
	own := private + "/" + john
	t.Run("dossier", func(t *testing.T) {
		r.in(t).rows(t, own, privateDossierType, object{"title": "Ein Dossier"}, slices.Concat([]row{
			title, linesRow("description", ""), keywordsRow, dateRow("start", "2026-03-02"), dateRow("end", nil),
			{
				name: "responsible", initial: "john.doe", required: true, takes: []pair{{"peter.muster", "peter.muster"}, {object{"token": "john.doe", "title": "x"}, "john.doe"}},
				refuses: []pair{{"niemand", constraint}, {5, wrongType}},
			},
			textRow("external_reference", nil), choiceRow("filing_prefix", nil, "department", "directorate", "personal", "administration", "government"),
			relationRow("relatedDossier", []any{}, "/ordnungssystem/fuehrung/dossier-42", "/ordnungssystem/fuehrung/dossier-23/document-259"),
			textRow("former_reference_number", nil), choiceRow("container_type", nil, "folder", "box", "dossier"), textRow("container_location", nil),
			{name: "number_of_containers", takes: []pair{{3, 3}, {0, 0}}, refuses: []pair{{1.5, wrongType}, {"3", wrongType}}},
			textRow("temporary_former_reference_number", nil), choiceRow("dossier_type", nil, "businesscase"), checklistRow, customRow,
		}, classified(), lifecycle()))
	})
	t.Run("required", func(t *testing.T) {
		r := r.in(t)
		for kind, place := range map[string]string{privateFolderType: private, privateDossierType: own} {
			if p := r.refusedAB(400, "BadRequest", "POST", place, object{}.of(kind)); p.fields() != "title" {
				t.Errorf("%s: %+v", kind, p)
			}
		}
		if p := r.refusedAB(400, "BadRequest", "POST", private, object{"title": "x", "userid": "niemand"}.of(privateFolderType)); p.fields() != "userid" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("start before end", func(t *testing.T) {
		p := r.in(t).refusedAB(400, "BadRequest", "POST", own, object{"title": "x", "start": "2026-01-02", "end": "2026-01-01"}.of(privateDossierType))
		if p.Message != "The start date must be before the end date." {
			t.Errorf("%+v", p)
		}
	})
}

// TestPrivateIDs: one area, one folder of each user, under his id; dossiers of
// all kinds share a sequence; numbers begin with a P.
func TestPrivateIDs(t *testing.T) { inBoth(t, testPrivateIDs) }

func testPrivateIDs(t *testing.T, open opener) {
	r := open(t)
	own := r.ablage(peter)
	want(t, r.get(private), object{"id": "private", "title": "Private Ablage", "items_total": 1})
	want(t, r.get(own), object{"id": peter, "userid": peter, "reference_number": "P FD-peter.muster", "review_state": "folder-state-active"})
	if own != private+"/"+peter {
		t.Errorf("the folder is %s", own)
	}
	for _, c := range []struct {
		r    *room
		at   string
		body object
		id   string
	}{
		{r, base, object{"title": "Zweite"}.of(privateRootType), "private"},
		{r, base, object{"title": "Zweite", "id": "ablage"}.of(privateRootType), "ablage"},
		{r.by(peter), private, object{"title": "Zweite"}.of(privateFolderType), peter},
		{r.by(jane), private, object{"title": "Andere", "id": "schreibtisch"}.of(privateFolderType), "schreibtisch"},
		{r, private, object{"title": "Zweite", "userid": peter}.of(privateFolderType), peter},
	} {
		if p := c.r.refusedAB(400, "BadRequest", "POST", c.at, c.body); !strings.Contains(p.Message, `"`+c.id+`"`) {
			t.Errorf("%v: %+v", c.body, p)
		}
	}
	// Only a Manager makes it for somebody else; from others userid means nothing.
	want(t, r.get(r.by(jane).make(private, privateFolderType, object{"title": "x", "userid": john})), object{"id": jane})
	want(t, r.get(r.make(private, privateFolderType, object{"title": "x", "userid": john, "id": john})), object{"id": john})

	p := r.by(peter)
	dossier := p.make(own, privateDossierType, object{"title": "x"})
	doc := p.make(dossier, documentType, object{"title": "x"})
	sub := p.make(dossier, privateDossierType, object{"title": "x"})
	mail := p.make(sub, mailType, object{"message": textFile("x.eml", "Subject: x\n\n")})
	for path, shows := range map[string]object{
		dossier: {"id": "dossier-24", "sequence_number": 24, "reference_number": "P FD-peter.muster / 1", "is_subdossier": false, "responsible": peter, "review_state": "dossier-state-active"},
		doc:     {"id": "document-261", "reference_number": "P FD-peter.muster / 1 / 261"},
		sub:     {"id": "dossier-25", "reference_number": "P FD-peter.muster / 1.1", "is_subdossier": true},
		mail:    {"reference_number": "P FD-peter.muster / 1.1 / 262"},
	} {
		want(t, p.get(path), shows)
	}
	want(t, p.get(doc)["containing_dossier"].(map[string]any), object{"@id": absolute(dossier)})
	want(t, r.get(r.make(fuehrung, dossierType, object{"title": "x", "responsible": john})), object{"id": "dossier-26", "reference_number": "FD 1 / 1"})
	got := p.get(doc + "/@reference-number")
	want(t, got, object{"reference_number": "P FD-peter.muster / 1 / 261", "sortable_reference_number": "p fd-peter.muster / 00000001 / 00000261"})
	want(t, got["parts"].(map[string]any), object{"site": []any{"P FD-peter.muster"}, "dossier": []any{"1"}, "document": []any{"261"}})

	grouped := open(t, func(s *rules.Settings) { s.GroupedByThree = true })
	inside := grouped.make(grouped.privateDossier(peter), documentType, object{"title": "x"})
	want(t, grouped.get(inside), object{"reference_number": "P FD-peter.muster-1-261"})
}

// TestPrivateRights: a folder and all that is in it is its owner's and the
// Managers'; nobody else is told what there is, nor finds it in any list.
func TestPrivateRights(t *testing.T) { inBoth(t, testPrivateRights) }

func testPrivateRights(t *testing.T, open opener) {
	r := open(t)
	own := r.ablage(peter)
	p := r.by(peter)
	dossier := p.make(own, privateDossierType, object{"title": "Geheimsache"})
	doc := p.make(dossier, documentType, object{"title": "Geheimsache Text", "file": textFile("x.txt", "eins")})
	r.withRole("amt", base, rules.Administrator)
	r.withRole("teil", base, rules.LimitedAdmin)
	r.withRole("anlage", private, rules.Manager)
	r.person("fremd")
	others := []*room{r.by(jane), r.by("amt"), r.by("teil"), r.by("anlage"), r.by("fremd")}
	for _, o := range others {
		for _, path := range []string{own, dossier, doc, own + "/nichts", dossier + "/nichts", private + "/niemand", own + "/@types", doc + "/@@download/file", dossier + "/@search", dossier + "/@listing?name=documents"} {
			o.refusedAB(401, "Unauthorized", "GET", path, nil)
		}
		for _, path := range []string{own, own + "/nichts"} {
			o.refusedAB(401, "Unauthorized", "PATCH", path, object{"title": "x"})
			o.refusedAB(401, "Unauthorized", "DELETE", path, nil)
			o.refusedAB(401, "Unauthorized", "POST", path, object{"title": "x"}.of(privateDossierType))
		}
		for _, path := range []string{base + "/@search?SearchableText=geheimsache", base + "/@search?portal_type=" + privateDossierType, base + "/@listing?name=dossiers&search=geheimsache", base + "/@solrsearch?q=geheimsache"} {
			if total := o.ask(200, "GET", path, nil).Object(t)["items_total"]; !same(total, 0) {
				t.Errorf("%s finds %v by %s", o.user, total, path)
			}
		}
	}
	for _, o := range others[:3] { // who sees the dossier into which he would copy
		for _, source := range []string{doc, own + "/nichts"} {
			if p := o.refusedAB(400, "BadRequest", "POST", dossier23+"/@copy", object{"source": strings.TrimPrefix(source, base)}); p.fields() != "source" {
				t.Errorf("%+v", p)
			}
		}
	}
	for _, o := range others[:4] {
		want(t, o.get(private), object{"items_total": 0, "items": []any{}})
		tree := o.get(private + "/@navigation?root_interface=opengever.private.root.IPrivateRoot&content_interfaces=opengever.private.folder.IPrivateFolder&content_interfaces=opengever.private.dossier.IPrivateDossier")
		if !same(tree["tree"], []any{}) {
			t.Errorf("%s: %v", o.user, tree["tree"])
		}
	}
	for _, o := range []*room{r, p} { // a Manager and the owner
		want(t, o.get(private), object{"items_total": 1})
		want(t, o.get(doc), object{"title": "Geheimsache Text"})
		for _, path := range []string{base + "/@search?SearchableText=geheimsache", base + "/@solrsearch?q=geheimsache", private + "/@search?SearchableText=geheimsache"} {
			want(t, o.get(path), object{"items_total": 2})
		}
		want(t, o.get(base+"/@listing?name=dossiers&search=geheimsache"), object{"items_total": 1})
		tree := o.get(doc + "/@navigation?root_interface=opengever.private.root.IPrivateRoot&content_interfaces=opengever.private.folder.IPrivateFolder&content_interfaces=opengever.dossier.behaviors.dossier.IDossierMarker")
		if list := tree["tree"].([]any); len(list) != 1 || len(list[0].(map[string]any)["nodes"].([]any)) != 1 {
			t.Errorf("%v", tree["tree"])
		}
		if got := titles(o.get(doc + "/@breadcrumbs")["items"]); !strings.Contains(got, "Private Ablage") || !strings.Contains(got, "Geheimsache") {
			t.Errorf("breadcrumbs: %s", got)
		}
		o.refusedAB(404, "NotFound", "GET", dossier+"/nichts", nil)
	}
	r.refusedAB(404, "NotFound", "GET", private+"/niemand", nil)
	r.by(jane).refusedAB(404, "NotFound", "GET", private+"/"+jane, nil) // her own, which she may make

	// Who may read everything finds what he finds elsewhere, and what is his.
	own2 := r.ablage(jane)
	mine := r.by(jane).make(own2, privateDossierType, object{"title": "Geheimsache von Jane"})
	want(t, r.by(jane).get(base+"/@search?SearchableText=geheimsache"), object{"items_total": 1})
	want(t, p.get(base+"/@search?SearchableText=geheimsache"), object{"items_total": 2})
	want(t, r.get(base+"/@search?SearchableText=geheimsache"), object{"items_total": 3})
	want(t, r.by(jane).get(private), object{"items_total": 1})
	if got := r.by(jane).get(private)["items"].([]any)[0].(map[string]any)["@id"]; got != absolute(own2) {
		t.Errorf("%v", got)
	}
	for _, o := range []*room{p, r.by(jane)} { // folders beside one's own are nobody's neighbours
		want(t, o.get(private+"/"+o.user), object{"next_item": object{}, "previous_item": object{}})
	}
	want(t, r.get(own)["next_item"].(map[string]any), object{"@id": absolute(own2)})
	p.refusedAB(401, "Unauthorized", "GET", mine, nil)
	p.patch(doc, object{"title": "Anders"})
	if p := p.refusedAB(400, "BadRequest", "PATCH", doc, object{"relatedItems": strings.TrimPrefix(mine, base)}); p.fields() != "relatedItems" {
		t.Errorf("%+v", p)
	}

	// It is shared with nobody, and what somebody else gives counts for nothing.
	for _, o := range []*room{r, p} {
		for _, path := range []string{own, dossier} {
			o.refusedAB(401, "Unauthorized", "POST", path+"/@sharing", object{"entries": []any{entry("user", jane, "Reader")}})
			o.refusedAB(401, "Unauthorized", "POST", path+"/@sharing", object{"inherit": true})
		}
	}
	r.share(private, object{"entries": []any{entry("group", "AuthenticatedUsers", "Reader", "Editor")}})
	r.by(jane).refusedAB(401, "Unauthorized", "GET", doc, nil)
	r.by("fremd").ask(200, "GET", private, nil)
	r.by("fremd").make(private, privateFolderType, object{"title": "Auch ich"})
	list := p.get(doc + "/@allowed-roles-and-principals")
	if got := words(list["principals"]); got != "john.doe peter.muster" {
		t.Errorf("who may see it: %s", got)
	}
}

// TestPrivateWorkflow: the owner does with his dossiers what editors, reviewers
// and administrators do elsewhere; what he deletes he trashes first.
func TestPrivateWorkflow(t *testing.T) { inBoth(t, testPrivateWorkflow) }

func testPrivateWorkflow(t *testing.T, open opener) {
	r := open(t)
	dossier := r.privateDossier(peter)
	p := r.by(peter)
	sub := p.make(dossier, privateDossierType, object{"title": "Teil", "archival_value": "prompt"})
	want(t, p.get(sub), object{"archival_value": "prompt"})
	doc := p.make(sub, documentType, object{"title": "x"})
	for _, step := range []string{"resolve", "reactivate", "deactivate", "activate"} {
		p.transition(dossier, "dossier-transition-"+step, nil)
		state := map[string]string{"resolve": "resolved", "deactivate": "inactive"}[step]
		if state == "" {
			state = "active"
		}
		for _, path := range []string{dossier, sub} {
			want(t, p.get(path), object{"review_state": "dossier-state-" + state})
		}
		if state != "active" {
			p.refusedC(403, "Forbidden", "POST", sub, object{"title": "x"}.of(documentType))
			p.refusedAB(401, "Unauthorized", "PATCH", doc, object{"title": "x"})
		}
	}
	p.refusedC(400, "Bad Request", "POST", dossier+"/@workflow/dossier-transition-offer", nil)
	p.transition(doc, "document-transition-finalize", nil)
	p.transition(doc, "document-transition-reopen", nil)
	p.ask(201, "POST", dossier+"/@responses", object{"text": "Notiz"})
	if got := titles(p.get(dossier)["items"]); got != "Teil" {
		t.Errorf("%s", got)
	}

	p.refusedRule(rules.MsgDeleteFilled, "DELETE", sub, nil)
	p.refusedRule(rules.MsgDeleteTrash, "DELETE", doc, nil)
	p.ask(204, "POST", doc+"/@trash", nil)
	p.ask(204, "DELETE", doc, nil)
	p.ask(204, "DELETE", sub, nil)
	p.ask(204, "DELETE", dossier, nil)
	for _, o := range []*room{r, p} {
		o.refusedRule(rules.MsgDeleteNever, "DELETE", private+"/"+peter, nil)
	}
	r.refusedRule(rules.MsgDeleteFilled, "DELETE", private, nil)
	want(t, p.get(p.make(private+"/"+peter, privateDossierType, object{"title": "x"})), object{"reference_number": "P FD-peter.muster / 2"})
}

// TestPrivateMoves: documents leave the private area and none enters it; the
// folders themselves stay where they are.
func TestPrivateMoves(t *testing.T) { inBoth(t, testPrivateMoves) }

func testPrivateMoves(t *testing.T, open opener) {
	r := open(t)
	dossier := r.privateDossier(peter)
	p := r.by(peter)
	own := private + "/" + peter
	refused := func(r *room, message, endpoint, target, source string) {
		t.Helper()
		r.refusedRule(message, "POST", target+"/"+endpoint, object{"source": strings.TrimPrefix(source, base)})
	}
	doc := p.make(dossier, documentType, object{"title": "Text", "file": textFile("x.txt", "eins")})
	number := fmt.Sprint(p.get(doc)["sequence_number"])
	p.refusedAB(401, "Unauthorized", "POST", private+"/"+jane+"/@move", object{"source": strings.TrimPrefix(doc, base)})
	for _, source := range []string{document, dossier42, fuehrung} {
		refused(r, rules.MsgMoveArea, "@move", dossier, source)
	}
	for endpoint, message := range map[string]string{"@move": rules.MsgMoveContainer, "@copy": rules.MsgMoveContainer} {
		refused(r, message, endpoint, fuehrung, dossier) // a private dossier is none of a folder
		refused(r, message, endpoint, private, dossier)
	}
	refused(r, rules.MsgMoveContainer, "@copy", private, own)
	refused(r, rules.MsgMoveItself, "@copy", private, private)
	refused(r, rules.MsgMoveContainer, "@copy", dossier, dossier42)

	// What was begun at home is filed.
	filed := p.move("@move", dossier23, strings.TrimPrefix(doc, base))[0]
	want(t, r.by(jane).get(filed), object{"title": "Text", "reference_number": nil}) // dossier-23 never had a number
	filed = p.move("@move", dossier21, strings.TrimPrefix(filed, base))[0]
	want(t, p.get(filed), object{"reference_number": "FD 2.1 / 1 / " + number})
	if p.download(filed) != "eins" {
		t.Errorf("%q", p.download(filed))
	}
	p.leads(301, "GET", doc, filed)
	refused(p, rules.MsgMoveArea, "@move", dossier, filed)
	// A copy of what one may read may come.
	copied := p.move("@copy", dossier, strings.TrimPrefix(filed, base))[0]
	want(t, p.get(copied), object{"title": "Text", "creator": object{"@id": absolute(base + "/@actors/" + peter), "identifier": peter}})
	r.by(jane).refusedAB(401, "Unauthorized", "GET", copied, nil)

	// Within the area: with everything in it, and a number of its new place.
	other := p.make(own, privateDossierType, object{"title": "Anderes"})
	moved := p.move("@move", other, strings.TrimPrefix(dossier, base))[0]
	want(t, p.get(moved), object{"reference_number": "P FD-peter.muster / 2.1", "former_reference_number": "P FD-peter.muster / 1", "is_subdossier": true})
	r.ablage(jane)
	to := r.move("@move", private+"/"+jane, strings.TrimPrefix(moved, base))[0]
	want(t, r.by(jane).get(to), object{"reference_number": "P FD-jane.leser / 1", "former_reference_number": "P FD-peter.muster / 2.1"})
	p.refusedAB(401, "Unauthorized", "GET", to, nil)
	p.refusedAB(404, "NotFound", "GET", moved, nil)
}

// quota is a room in which a private folder holds 100 bytes.
func quota(t *testing.T, open opener) *room {
	t.Helper()
	return open(t, func(s *rules.Settings) { s.PrivateQuota = 100 })
}

func bytesFile(n int) object { return textFile("x.txt", strings.Repeat("x", n)) }

// blobs are how many there are.
func (r *room) blobs() (n int) {
	r.t.Helper()
	if err := r.db.Blobs.Walk(r.t.Context(), func(blobs.Info) error { n++; return nil }); err != nil {
		r.t.Fatal(err)
	}
	return n
}

// full fails unless the answer refuses what a private folder has no room for,
// with so many bytes in use.
func (r *room) full(got *apitest.Response, used int) {
	r.t.Helper()
	var p problem
	got.JSON(r.t, &p)
	text := fmt.Sprintf("The quota of the private folder is exceeded: it may hold 100 bytes, %d are in use.", used)
	if got.Status != 403 || p.Type != "Forbidden" || p.Message != text || p.Metadata == nil || p.fields() != "" {
		r.t.Errorf("%d %s, want %q", got.Status, got.Body, text)
	}
}

// roomLeft is how many bytes still find room: 0 to 100.
func (r *room) roomLeft(dossier string) int {
	r.t.Helper()
	low, high := 0, 101
	for low+1 < high {
		n := (low + high) / 2
		if r.tus("POST", dossier+"/@tus-upload", nil, "Upload-Length", strconv.Itoa(n), "Upload-Metadata", metadata("filename", "x.bin")).Status == 201 {
			low = n
		} else {
			high = n
		}
	}
	return low
}

// TestQuota: every way in which bytes come into a private folder is refused
// when they find no room, and leaves nothing behind; what goes makes room.
func TestQuota(t *testing.T) { inBoth(t, testQuota) }

func testQuota(t *testing.T, open opener) {
	r := quota(t, open)
	dossier := r.privateDossier(peter)
	p := r.by(peter)
	doc := p.make(dossier, documentType, object{"title": "Sechzig", "file": bytesFile(60)})
	small := p.make(dossier, documentType, object{"title": "Zehn", "file": bytesFile(10)})
	empty := p.make(dossier, documentType, object{"title": "Leer"})
	elsewhere := p.make(dossier23, documentType, object{"title": "Gross", "file": bytesFile(50)})
	if left := p.roomLeft(dossier); left != 30 {
		t.Fatalf("%d bytes are left of 100", left)
	}
	had := r.blobs()
	other := object{"title": "x", "file": bytesFile(31)}
	for name, way := range map[string]func() *apitest.Response{
		"POST":         func() *apitest.Response { return p.do("POST", dossier, other.of(documentType)) },
		"POST Manager": func() *apitest.Response { return r.do("POST", dossier, other.of(documentType)) },
		"POST two files": func() *apitest.Response {
			return p.do("POST", dossier, object{"title": "x", "file": bytesFile(20), "archival_file": bytesFile(11)}.of(documentType))
		},
		"POST mail": func() *apitest.Response {
			return p.do("POST", dossier, object{"message": textFile("x.eml", "Subject: x\n\n"+strings.Repeat("x", 30))}.of(mailType))
		},
		"PATCH archival_file": func() *apitest.Response { return p.do("PATCH", small, object{"archival_file": bytesFile(31)}) },
		"@xhr-upload":         func() *apitest.Response { return p.form(dossier+"/@xhr-upload", "file/x.txt", strings.Repeat("x", 31)) },
		"@tus-upload": func() *apitest.Response {
			return p.tus("POST", dossier+"/@tus-upload", nil, "Upload-Length", "31", "Upload-Metadata", metadata("filename", "x.txt"))
		},
		"@tus-replace": func() *apitest.Response {
			return p.tus("POST", empty+"/@tus-replace", nil, "Upload-Length", "31", "Upload-Metadata", metadata("filename", "x.txt"))
		},
		"@copy within": func() *apitest.Response {
			return p.do("POST", dossier+"/@copy", object{"source": strings.TrimPrefix(doc, base)})
		},
		"@copy into": func() *apitest.Response {
			return p.do("POST", dossier+"/@copy", object{"source": strings.TrimPrefix(elsewhere, base)})
		},
		"@copy dossier": func() *apitest.Response {
			return p.do("POST", private+"/"+peter+"/@copy", object{"source": strings.TrimPrefix(dossier, base)})
		},
		"@copy several": func() *apitest.Response {
			source := strings.TrimPrefix(small, base)
			return p.do("POST", dossier+"/@copy", object{"source": []any{source, strings.TrimPrefix(doc, base)}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := p.get(dossier)["items_total"]
			got := way()
			r, p := r.in(t), p.in(t)
			// The second of several comes after the first.
			r.full(got, map[bool]int{true: 80, false: 70}[name == "@copy several"])
			want(t, p.get(dossier), object{"items_total": before})
			if left := p.roomLeft(dossier); left != 30 {
				t.Errorf("%d bytes are left of 30", left)
			}
			if now := r.blobs(); now != had {
				t.Errorf("%d blobs of %d", now, had)
			}
		})
	}
	t.Run("checkout", func(t *testing.T) {
		// The file of before stays, for it may come back.
		p, r := p.in(t), r.in(t)
		p.ask(204, "POST", doc+"/@checkout", nil)
		r.full(p.do("PATCH", doc, object{"file": bytesFile(31)}), 70)
		p.patch(doc, object{"file": bytesFile(30)})
		r.full(p.do("PATCH", doc, object{"file": bytesFile(31)}), 100)
		p.patch(doc, object{"file": bytesFile(20)}) // in its place
		r.full(p.tus("POST", doc+"/@tus-replace", nil, "Upload-Length", "31", "Upload-Metadata", metadata("filename", "x.txt")), 90)
		at := p.announce(doc+"/@tus-replace", 30, "filename", "x.txt")
		p.sent(at, 0, strings.Repeat("y", 30))
		if left := p.roomLeft(dossier); left != 0 {
			t.Errorf("%d bytes are left", left)
		}
		p.ask(204, "POST", doc+"/@cancelcheckout", nil)
		if left := p.roomLeft(dossier); left != 30 {
			t.Errorf("%d bytes are left", left)
		}
	})
	t.Run("versions", func(t *testing.T) {
		// They count as long as they are kept; coming back to one adds nothing.
		p, r := p.in(t), r.in(t)
		p.ask(204, "POST", small+"/@checkout", nil)
		p.patch(small, object{"file": bytesFile(30)})
		p.ask(204, "POST", small+"/@checkin", object{"comment": "Dreissig"})
		p.ask(200, "PATCH", small+"/@history", object{"version": 0})
		want(t, p.get(small)["file"].(map[string]any), object{"size": 10})
		p.ask(204, "POST", small+"/@checkout", nil)
		r.full(p.do("PATCH", small, object{"file": bytesFile(1)}), 100)
		p.ask(204, "POST", small+"/@cancelcheckout", nil)
		p.patch(small, object{"title": "Zwanzig"}) // needs no room
	})
	t.Run("trash", func(t *testing.T) {
		// What is in the trash counts, and finds its room when it comes back.
		p, r := p.in(t), r.in(t)
		p.ask(204, "POST", small+"/@trash", nil)
		r.full(p.do("POST", dossier, object{"title": "x", "file": bytesFile(1)}.of(documentType)), 100)
		p.ask(204, "POST", small+"/@untrash", nil)
		p.ask(204, "POST", small+"/@trash", nil)
		p.ask(204, "DELETE", small, nil) // with its versions
		if left := p.roomLeft(dossier); left != 40 {
			t.Errorf("%d bytes are left of 40", left)
		}
		p.make(dossier, documentType, object{"title": "Vierzig", "file": bytesFile(40)})
	})
	t.Run("move", func(t *testing.T) {
		p, r := p.in(t), r.in(t)
		other := p.make(private+"/"+peter, privateDossierType, object{"title": "Anderes"})
		inside := p.move("@move", other, strings.TrimPrefix(doc, base))[0] // the same folder
		janes := r.privateDossier(jane)
		r.by(jane).make(janes, documentType, object{"title": "x", "file": bytesFile(41)})
		r.full(r.do("POST", janes+"/@move", object{"source": strings.TrimPrefix(inside, base)}), 41)
		r.full(r.do("POST", private+"/"+jane+"/@move", object{"source": strings.TrimPrefix(other, base)}), 41)
		want(t, p.get(inside)["file"].(map[string]any), object{"size": 60})
		if left := r.by(jane).roomLeft(janes); left != 59 {
			t.Errorf("%d bytes are left of 59", left)
		}
		p.move("@move", dossier23, strings.TrimPrefix(inside, base)) // out of the area
		if left := p.roomLeft(dossier); left != 60 {
			t.Errorf("%d bytes are left of 60", left)
		}
		// A dossier takes its bytes along.
		r.move("@move", private+"/"+jane, strings.TrimPrefix(dossier, base))
		if left := r.by(jane).roomLeft(janes); left != 19 {
			t.Errorf("%d bytes are left of 19", left)
		}
		if left := p.roomLeft(other); left != 100 {
			t.Errorf("%d bytes are left of 100", left)
		}
	})
}

// TestQuotaLowered: what is above a quota that was lowered stays readable, is
// changed and made smaller; nothing is added.
func TestQuotaLowered(t *testing.T) { inBoth(t, testQuotaLowered) }

func testQuotaLowered(t *testing.T, open opener) {
	r := open(t)
	dossier := r.privateDossier(peter)
	p := r.by(peter)
	doc := p.make(dossier, documentType, object{"title": "x", "archival_file": bytesFile(300)})
	r.db.Settings.PrivateQuota = 100
	p.patch(doc, object{"archival_file": bytesFile(200)})
	r.full(p.do("PATCH", doc, object{"archival_file": bytesFile(201)}), 200)
	r.full(p.do("POST", dossier, object{"title": "x", "file": bytesFile(1)}.of(documentType)), 200)
	p.make(dossier, documentType, object{"title": "Ohne Datei"})
	p.patch(doc, object{"title": "Anders", "archival_file": nil})
	if left := p.roomLeft(dossier); left != 100 {
		t.Errorf("%d bytes are left of 100", left)
	}
}

// TestQuotaAtTheEnd: room that was there when a file was announced may be gone
// when its last bytes come; then the upload goes with all its parts.
func TestQuotaAtTheEnd(t *testing.T) { inBoth(t, testQuotaAtTheEnd) }

func testQuotaAtTheEnd(t *testing.T, open opener) {
	r := quota(t, open)
	dossier := r.privateDossier(peter)
	p := r.by(peter)
	for _, parts := range []int{1, 2} {
		at := p.announce(dossier+"/@tus-upload", 60, "filename", "x.txt")
		if parts == 2 {
			p.sent(at, 0, strings.Repeat("x", 20))
		}
		doc := p.make(dossier, documentType, object{"title": "x", "file": bytesFile(41)})
		from := 20 * (parts - 1)
		r.full(p.tus("PATCH", at, []byte(strings.Repeat("x", 60-from)), "Content-Type", octets, "Upload-Offset", strconv.Itoa(from)), 41)
		if got := p.tus("HEAD", at, nil); got.Status != 404 {
			t.Errorf("the upload is still there: %d", got.Status)
		}
		if n := r.blobs(); n != 1 {
			t.Errorf("%d blobs of one document", n)
		}
		p.ask(204, "POST", doc+"/@trash", nil)
		p.ask(204, "DELETE", doc, nil)
		if _, err := r.db.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := r.db.Blobs.Walk(t.Context(), func(i blobs.Info) error { return r.db.Blobs.Delete(t.Context(), i.Key) })
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestQuotaParallel: 32 at once on the last bytes, in every way in: as many get
// in as find room, and not one more.
func TestQuotaParallel(t *testing.T) { inBoth(t, testQuotaParallel) }

func testQuotaParallel(t *testing.T, open opener) {
	r := quota(t, open)
	dossier := r.privateDossier(peter)
	p := r.by(peter)
	source := p.make(dossier23, documentType, object{"title": "Zehn", "file": bytesFile(10)})
	dossiers := []string{dossier, p.make(private+"/"+peter, privateDossierType, object{"title": "Anderes"})}
	const n = 32
	var uploads [n]string
	for i := 3; i < n; i += 4 {
		uploads[i] = p.announce(dossiers[i/4%2]+"/@tus-upload", 10, "filename", "x.txt")
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for i := range n {
		wg.Go(func() {
			var got *apitest.Response
			at := dossiers[i/4%2]
			switch i % 4 {
			case 0:
				got = p.do("POST", at, object{"title": "x", "file": bytesFile(10)}.of(documentType))
			case 1:
				got = p.form(at+"/@xhr-upload", "file/x.txt", strings.Repeat("x", 10))
			case 2:
				got = p.do("POST", at+"/@copy", object{"source": strings.TrimPrefix(source, base)})
			default:
				got = p.tus("PATCH", uploads[i], []byte(strings.Repeat("x", 10)), "Content-Type", octets, "Upload-Offset", "0")
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case got.Status < 300:
				in++
			case got.Status != 403:
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	wg.Wait()
	if in != 10 {
		t.Errorf("%d of 10 bytes found room in 100", in)
	}
	total := 0
	for _, d := range dossiers {
		total += int(p.get(d)["items_total"].(float64))
	}
	if total != 10 {
		t.Errorf("%d documents", total)
	}
}

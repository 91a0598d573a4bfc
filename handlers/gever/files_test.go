package gever_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"loket/handlers/apitest"
)

func TestFiles(t *testing.T) { inBoth(t, testFiles) }

func testFiles(t *testing.T, open opener) {
	r := open(t)
	content := "Bärengraben \x00\xff"
	path := r.make(dossier23, documentType, object{
		"title": "Sanierung Bärengraben 2016",
		"file":  object{"data": base64.StdEncoding.EncodeToString([]byte(content)), "encoding": "base64", "filename": "alt.TXT", "content-type": "text/plain; charset=utf-8"},
	})
	got := r.get(path)
	file, _ := got["file"].(map[string]any)
	want(t, file, object{
		"filename": "Sanierung Baerengraben 2016.txt", "size": len(content), "content-type": "text/plain; charset=utf-8",
		"download": "http://" + apitest.Host + path + "/@@download/file",
	})
	want(t, got, object{"digitally_available": true, "file_extension": ".txt", "current_version_id": 0, "is_folderish": false})
	if sum, _ := got["bumblebee_checksum"].(string); len(sum) != 64 {
		t.Errorf("checksum %q", sum)
	}
	for _, address := range []string{file["download"].(string), file["download"].(string) + "/irgendein%20Name.txt"} {
		d := r.ask(200, "GET", address, nil, "Accept", "")
		if string(d.Body) != content || d.Header.Get("Content-Type") != "text/plain; charset=utf-8" ||
			d.Header.Get("Content-Disposition") != `attachment; filename="Sanierung Baerengraben 2016.txt"` {
			t.Errorf("%v %q", d.Header, d.Body)
		}
	}
	// The title is the file's name, where there is none; and renames it.
	path = r.make(dossier23, documentType, object{"file": textFile("Mein Text.md", "roh")})
	want(t, r.get(path), object{"title": "Mein Text"})
	r.patch(path, object{"title": "Größe: a/b"})
	want(t, r.get(path)["file"].(map[string]any), object{"filename": "Groesse- a-b.md"})
	if d := r.ask(200, "GET", path+"/@@download/file", nil); string(d.Body) != "roh" {
		t.Errorf("%q", d.Body)
	}
	for _, bad := range []string{document + "/@@download/file", document + "/@@download/title", dossier23 + "/@@download/file", document + "/@@download", document + "/@@download/file/x.txt"} {
		r.refusedAB(404, "NotFound", "GET", bad, nil, "Accept", "")
	}
	p := r.refusedAB(400, "BadRequest", "POST", dossier23, object{}.of(documentType))
	if p.fields() != "title" {
		t.Errorf("%+v", p)
	}
	for name, message := range map[string]string{
		"x.eml": "E-Mails sind keine Dokumente", "x.MSG": "E-Mails sind keine Dokumente", "x.p7m": "E-Mails sind keine Dokumente", "x.exe": "Dateien mit der Endung .exe", "x.BAT": "Dateien mit der Endung .bat",
	} {
		p := r.refusedAB(400, "BadRequest", "POST", dossier23, object{"file": textFile(name, "x")}.of(documentType))
		if !strings.HasPrefix(p.Translated, message) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	for _, bad := range []object{{"data": "!!!", "encoding": "base64"}, {"data": "x", "encoding": "rot13"}, {"filename": "x.txt"}} {
		if p := r.refusedAB(400, "BadRequest", "POST", dossier23, object{"title": "x", "file": bad}.of(documentType)); p.fields() != "file" {
			t.Errorf("%v: %+v", bad, p)
		}
	}
	mail := r.make(dossier23, "ftw.mail.mail", object{"message": textFile("x.eml", "Subject: =?utf-8?q?Gr=C3=B6sse?=\r\nFrom: a@example.org\r\n\r\nHallo")})
	want(t, r.get(mail), object{"title": "Grösse", "review_state": "mail-state-active", "attachments": []any{}, "id": "document-263"})
	r.refusedAB(400, "BadRequest", "POST", dossier23, object{"title": "x"}.of("ftw.mail.mail"))
}

// TestCheckout is the order that the contract intends: checkout, lock, replace
// the file, unlock, checkin (3.4).
func TestCheckout(t *testing.T) { inBoth(t, testCheckout) }

func testCheckout(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	path := r.make(dossier23, documentType, object{"title": "Text", "file": textFile("x.txt", "eins")})
	download := func() string { return string(r.ask(200, "GET", path+"/@@download/file", nil).Body) }
	refused := r.refusedAB(403, "Forbidden", "PATCH", path, object{"file": textFile("x.txt", "zwei")}, "Accept-Language", "en")
	if refused.Message != "msg_not_checked_out_by_current_user" || refused.Translated != "Document not checked-out by current user." {
		t.Errorf("%+v", refused)
	}
	r.patch(path, object{"description": "geht"}) // pitfall 2
	if m := r.refusedAB(403, "Forbidden", "POST", path+"/@checkin", object{}); m.Message != "msg_checkin_disallowed" {
		t.Errorf("%+v", m)
	}
	if m := r.refusedAB(403, "Forbidden", "POST", path+"/@cancelcheckout", nil); m.Message != "msg_cancel_checkout_disallowed" {
		t.Errorf("%+v", m)
	}
	r.ask(204, "POST", path+"/@checkout", nil)
	want(t, r.get(path), object{"checked_out": "john.doe", "checked_out_fullname": "Doe John"})
	if m := p.refusedAB(403, "Forbidden", "POST", path+"/@checkout", nil); m.Message != "msg_checkout_disallowed" {
		t.Errorf("%+v", m)
	}
	p.refusedAB(403, "Forbidden", "PATCH", path, object{"file": textFile("x.txt", "zwei")})
	p.refusedAB(403, "Forbidden", "POST", path+"/@checkin", nil)
	lock := r.ask(200, "POST", path+"/@lock", object{}).Object(t)
	want(t, lock, object{"locked": true, "creator": "john.doe", "name": "plone.locking.stealable", "stealable": true, "timeout": 600})
	want(t, r.get(path), object{"is_locked": true})
	if m := p.refusedAB(403, "Forbidden", "PATCH", path, object{"title": "x"}); m.Message != "msg_resource_locked" || m.Translated != "Das Objekt ist gesperrt." {
		t.Errorf("%+v", m) // pitfall 3: not 423
	}
	for _, endpoint := range []string{"/@lock", "/@refresh-lock"} {
		p.refusedAB(403, "Forbidden", "POST", path+endpoint, object{"timeout": 10})
	}
	want(t, p.ask(200, "POST", path+"/@unlock", object{}).Object(t), object{"locked": true, "creator": "john.doe"})
	refreshed := r.ask(200, "POST", path+"/@refresh-lock", object{"timeout": 30}).Object(t)
	want(t, refreshed, object{"timeout": 30, "token": lock["token"]})
	r.patch(path, object{"file": textFile("y.txt", "zwei")})
	want(t, r.ask(200, "POST", path+"/@unlock", object{"lock_type": "plone.locking.stealable"}).Object(t), object{"locked": false, "stealable": true})
	want(t, r.get(path), object{"is_locked": false})
	r.ask(200, "POST", path+"/@lock", object{"timeout": 30})
	r.Clock.Advance(31e9) // a lock ends by itself
	want(t, r.get(path), object{"is_locked": false})
	// Where there is none, there is nothing to renew.
	if got := r.ask(200, "POST", path+"/@refresh-lock", object{"timeout": 30}).Object(t); !same(got, object{"locked": false, "stealable": true}) {
		t.Errorf("%v", got)
	}
	want(t, r.get(path), object{"is_locked": false})

	want(t, r.get(path+"/@versions"), object{"items": []any{}, "items_total": 0})
	r.ask(204, "POST", path+"/@checkin", object{"comment": "Zwei"})
	want(t, r.get(path), object{"checked_out": nil, "current_version_id": 1})
	versions := r.get(path + "/@versions")
	want(t, versions, object{"items_total": 2})
	items := versions["items"].([]any)
	want(t, items[0].(map[string]any), object{"version": 1, "comments": "Zwei", "may_revert": true})
	want(t, items[1].(map[string]any), object{"version": 0, "comments": ""})
	paged := r.get(path + "/@versions?b_start=1&b_size=1")
	want(t, paged["items"].([]any)[0].(map[string]any), object{"version": 0})
	if paged["batching"] == nil {
		t.Error("no batching")
	}
	want(t, r.get(path + "/@versions/0")["file"].(map[string]any), object{"size": 4})
	want(t, r.get(path+"/@versions/0"), object{"version": "0", "current_version_id": 1})
	r.refusedAB(404, "NotFound", "GET", path+"/@versions/2", nil)

	// Cancelling brings the file back as it was; a Manager may for others.
	p.ask(204, "POST", path+"/@checkout", nil)
	p.patch(path, object{"file": textFile("z.txt", "drei")})
	if download() != "drei" {
		t.Error("the editor's file is not there")
	}
	r.refusedAB(403, "Forbidden", "PATCH", path+"/@history", object{"version": 0})
	r.ask(204, "POST", path+"/@cancelcheckout", nil)
	if got := download(); got != "zwei" {
		t.Errorf("after cancelling: %q", got)
	}
	// Reverting restores the file, not the title, and makes a version.
	r.patch(path, object{"title": "Anders"})
	if got := r.ask(200, "PATCH", path+"/@history", object{"version": 0}).Object(t); got["message"] != "Anders has been reverted to revision 0." {
		t.Errorf("%v", got)
	}
	if got := download(); got != "eins" {
		t.Errorf("after reverting: %q", got)
	}
	want(t, r.get(path), object{"title": "Anders", "current_version_id": 2})
	history := r.ask(200, "GET", path+"/@history", nil).List(t)
	kinds := []string{}
	for _, e := range history {
		kinds = append(kinds, fmt.Sprint(e["type"]))
	}
	if got := strings.Join(kinds, " "); got != "versioning versioning versioning workflow" && got != "versioning versioning workflow versioning" {
		t.Errorf("history: %s", got)
	}
	r.by(jane).refusedAB(401, "Unauthorized", "PATCH", path+"/@history", object{"version": 0})
	r.refusedAB(404, "NotFound", "PATCH", path+"/@history", object{"version": 9})
	for _, endpoint := range []string{"@checkout", "@checkin", "@cancelcheckout"} {
		r.refusedAB(404, "NotFound", "POST", dossier23+"/"+endpoint, nil) // not of this type
	}
	r.refusedAB(404, "NotFound", "GET", dossier23+"/@versions", nil)
	r.ask(200, "GET", dossier23+"/@history", nil)
}

// TestItems: batching, metadata_fields, fullobjects, include_items (3.7).
func TestItems(t *testing.T) { inBoth(t, testItems) }

func testItems(t *testing.T, open opener) {
	r := open(t)
	path := r.make(fuehrung, dossierType, dossier())
	for i := range 30 {
		r.make(path, documentType, object{"title": fmt.Sprintf("D%02d", i), "file": textFile("x.txt", "x")})
	}
	address := "http://" + apitest.Host + path
	first := r.get(path)
	if len(first["items"].([]any)) != 25 {
		t.Errorf("%d items", len(first["items"].([]any)))
	}
	want(t, first, object{"@id": address, "items_total": 30, "batching": object{
		"@id": address, "first": address + "?b_start=0", "last": address + "?b_start=25", "next": address + "?b_start=25",
	}})
	page := r.get(path + "?b_size=10&b_start=10&metadata_fields=UID&x=1")
	if got := titles(page["items"]); !strings.HasPrefix(got, "D10, ") || !strings.HasSuffix(got, ", D19") {
		t.Error(got)
	}
	want(t, page, object{"@id": address + "?metadata_fields=UID&x=1", "batching": object{
		"@id":   address + "?b_size=10&b_start=10&metadata_fields=UID&x=1",
		"first": address + "?b_start=0&b_size=10&metadata_fields=UID&x=1", "last": address + "?b_start=20&b_size=10&metadata_fields=UID&x=1",
		"next": address + "?b_start=20&b_size=10&metadata_fields=UID&x=1", "prev": address + "?b_start=0&b_size=10&metadata_fields=UID&x=1",
	}})
	if got := r.get(path + "?b_start=1000"); len(got["items"].([]any)) != 0 {
		t.Errorf("%v", got["items"])
	}
	if _, there := r.get(path + "?include_items=false")["items"]; there {
		t.Error("include_items=false has items")
	}
	one := r.get(path + "?b_size=1&metadata_fields=created&metadata_fields:list=filename&metadata_fields:list=filesize&metadata_fields=checked_out&metadata_fields=is_leafnode&metadata_fields=nichts&metadata_fields=document_date")["items"].([]any)[0].(map[string]any)
	want(t, one, object{"filename": "D00.txt", "filesize": 1, "checked_out": "", "is_leafnode": nil, "nichts": nil, "document_date": "2026-03-02", "title": "D00"})
	all := r.get(path + "?b_size=1&metadata_fields=_all")["items"].([]any)[0].(map[string]any)
	want(t, all, object{"mimetype": "text/plain", "review_state": "document-state-draft", "review_state_label": "Entwurf", "file_extension": ".txt", "reference_number": "FD 1 / 1 / 261"})
	full := r.get(path + "?fullobjects&b_size=2")["items"].([]any)
	whole := r.get(path + "/document-262")
	delete(whole, "@context")
	if len(full) != 2 || !same(r.asPage(full[1]), whole) {
		t.Errorf("fullobjects: %v\nwant %v", full[1], whole)
	}
	want(t, r.asPage(r.get(fuehrung + "?fullobjects=1")["items"].([]any)[0]), object{"@type": dossierType, "items_total": 2, "responsible": "john.doe"})
	want(t, r.get(base + "?fullobjects=1")["items"].([]any)[0].(map[string]any), object{"@type": rootType, "title_de": "Ordnungssystem"})

	// Children take another place (1.5).
	order := func(ordering object) string {
		r.t.Helper()
		r.patch(path, object{"ordering": ordering})
		return titles(r.get(path + "?b_size=5")["items"])
	}
	for _, c := range []struct {
		ordering object
		want     string
	}{
		{object{"obj_id": "document-265", "delta": "top"}, "D04, D00, D01, D02, D03"},
		{object{"obj_id": "document-265", "delta": 2}, "D00, D01, D04, D02, D03"},
		{object{"obj_id": "document-265", "delta": -1}, "D00, D04, D01, D02, D03"},
		{object{"obj_id": "document-261", "delta": "bottom"}, "D04, D01, D02, D03, D05"},
		{object{"obj_id": "document-265", "delta": 1, "subset_ids": []any{"document-265", "document-263"}}, "D01, D02, D04, D03, D05"},
	} {
		if got := order(c.ordering); got != c.want {
			t.Errorf("%v: %s, want %s", c.ordering, got, c.want)
		}
	}
	r.refusedAB(400, "BadRequest", "PATCH", path, object{"ordering": object{"obj_id": "nichts", "delta": "top"}})
	r.refusedAB(400, "BadRequest", "PATCH", path, object{"ordering": object{"obj_id": "document-261", "delta": 1, "subset_ids": []any{"document-265", "document-262"}}})
	want(t, r.get(path + "?b_size=1&b_start=29")["items"].([]any)[0].(map[string]any), object{"title": "D00"})
	r.patch(path+"/document-261", object{"layout": "overview"})
	want(t, r.get(path+"/document-261"), object{"layout": "overview"})
}

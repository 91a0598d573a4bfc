package gever_test

import (
	"testing"

	rules "loket/store/gever"
)

const (
	workspaceRootType   = "opengever.workspace.root"
	workspaceType       = "opengever.workspace.workspace"
	workspaceFolderType = "opengever.workspace.folder"
	contactFolderType   = "opengever.contact.contactfolder"
)

// workspace makes a workspace with a folder in it.
func (r *room) workspace() (workspace, folder string) {
	r.t.Helper()
	root := r.make(base, workspaceRootType, object{"title": "Teamräume"})
	workspace = r.make(root, workspaceType, object{"title": "Teamraum"})
	return workspace, r.make(workspace, workspaceFolderType, object{"title": "Ordner"})
}

// refusedRule asks for something that a rule forbids: 403 in form B.
func (r *room) refusedRule(message, method, path string, body any) {
	r.t.Helper()
	if p := r.refusedAB(403, "Forbidden", method, path, body, "Accept-Language", "en"); p.Message != message || p.Metadata == nil {
		r.t.Errorf("%s %s by %s: %q, want %q", method, path, r.user, p.Message, message)
	}
}

// titles are those of a container's items.
func (r *room) titles(path string) []string {
	r.t.Helper()
	out := []string{}
	for _, item := range r.get(path)["items"].([]any) {
		out = append(out, item.(map[string]any)["title"].(string))
	}
	return out
}

// TestDelete is the table of gever.md 3.6.
func TestDelete(t *testing.T) { inBoth(t, testDelete) }

func testDelete(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	r.refusedRule(rules.MsgDeleteNever, "DELETE", base+"/ordnungssystem", nil)
	r.refusedRule(rules.MsgDeleteFilled, "DELETE", fuehrung, nil)
	r.refusedRule(rules.MsgDeleteFilled, "DELETE", dossier23, nil)
	p.refusedRule(rules.MsgDeleteRight, "DELETE", dossier23, nil)
	p.refusedRule(rules.MsgDeleteRight, "DELETE", document, nil)
	r.ask(405, "DELETE", base, nil)
	r.refusedAB(404, "NotFound", "DELETE", fuehrung+"/nichts", nil)

	// Documents, mails and tasks by a Manager, tasks with what is in them.
	r.ask(204, "DELETE", document, nil)
	r.refusedAB(404, "NotFound", "GET", document, nil)
	want(t, r.get(dossier23), object{"items_total": 1})
	if got := r.titles(dossier23); !same(got, []string{"Ein weiteres Dokument"}) {
		t.Errorf("left: %v", got)
	}
	inTask := r.make(task1, documentType, object{"title": "Beilage", "file": textFile("x.txt", "x")})
	r.ask(204, "DELETE", task1, nil)
	r.refusedAB(404, "NotFound", "GET", inTask, nil)

	// Trashed children count; without them the dossier goes, its number stays
	// reserved.
	empty := r.make(fuehrung, dossierType, dossier())
	child := r.make(empty, documentType, object{"title": "x"})
	number := r.get(empty)["reference_number"]
	r.ask(204, "POST", child+"/@trash", nil)
	want(t, r.get(empty), object{"items_total": 0})
	r.refusedRule(rules.MsgDeleteFilled, "DELETE", empty, nil)
	r.ask(204, "DELETE", child, nil)
	r.ask(204, "DELETE", empty, nil)
	if again := r.get(r.make(fuehrung, dossierType, dossier()))["reference_number"]; again == number {
		t.Errorf("the number %v was given again", number)
	}

	// A folder, empty; its parent is a leaf again.
	folder := r.make(rechnungen, folderType, object{"title": "Unten"})
	r.refusedC(403, "Forbidden", "POST", rechnungen, dossier().of(dossierType))
	r.ask(204, "DELETE", folder, nil)
	want(t, r.get(rechnungen), object{"is_leafnode": true})
	r.make(rechnungen, dossierType, dossier())

	// What is closed, locked by another or checked out stays.
	r.refusedRule(rules.MsgDeleteClosed, "DELETE", r.closedDocument(), nil)
	locked := r.make(dossier23, documentType, object{"title": "x"})
	p.ask(200, "POST", locked+"/@lock", object{})
	r.refusedRule("msg_resource_locked", "DELETE", locked, nil)
	p.ask(200, "POST", locked+"/@unlock", object{})
	p.ask(204, "POST", locked+"/@checkout", nil)
	r.refusedRule(rules.MsgDeleteCheckin, "DELETE", locked, nil)
	p.ask(204, "POST", locked+"/@cancelcheckout", nil)
	r.ask(204, "DELETE", locked, nil)

	// Whoever may not see it is not told a rule.
	r.by("").refusedAB(401, "Unauthorized", "DELETE", dossier23, nil)
}

// closedDocument is a document in a resolved dossier.
func (r *room) closedDocument() string {
	r.t.Helper()
	closed := r.make(fuehrung, dossierType, dossier())
	doc := r.make(closed, documentType, object{"title": "x"})
	r.ask(200, "POST", closed+"/@workflow/dossier-transition-resolve", object{})
	return doc
}

// TestDeleteInWorkspace: its content goes by way of the trash, itself when it
// is inactive, with everything in it.
func TestDeleteInWorkspace(t *testing.T) { inBoth(t, testDeleteInWorkspace) }

func testDeleteInWorkspace(t *testing.T, open opener) {
	r := open(t)
	workspace, folder := r.workspace()
	doc := r.make(folder, documentType, object{"title": "x", "file": textFile("x.txt", "x")})
	r.user2("im.teamraum", workspace)
	member := r.by("im.teamraum")
	member.refusedRule(rules.MsgDeleteTrash, "DELETE", doc, nil)
	member.ask(204, "POST", doc+"/@trash", nil)
	member.ask(204, "DELETE", doc, nil)
	want(t, r.get(folder), object{"items_total": 0})
	member.refusedRule(rules.MsgDeleteRight, "DELETE", workspace, nil)
	r.refusedRule(rules.MsgDeleteState, "DELETE", workspace, nil)
	r.ask(200, "POST", workspace+"/@workflow/opengever_workspace--TRANSITION--deactivate--active_inactive", object{})
	r.refusedRule(rules.MsgDeleteClosed, "DELETE", folder, nil)
	r.ask(204, "DELETE", workspace, nil)
	r.refusedAB(404, "NotFound", "GET", folder, nil)
	want(t, r.get(base+"/workspaces"), object{"items_total": 0})
	r.ask(204, "DELETE", base+"/workspaces", nil)

	contacts := r.make(base, "opengever.contact.contactfolder", object{"title": "Kontakte"})
	meier := r.make(contacts, "opengever.contact.contact", object{"lastname": "Meier", "firstname": "Anna"})
	r.by(peter).ask(204, "DELETE", meier, nil)
	r.ask(204, "DELETE", contacts, nil)
}

// TestTrash: what is trashed vanishes from lists and stays at its address
// (pitfall 20), and comes back to its place.
func TestTrash(t *testing.T) { inBoth(t, testTrash) }

func testTrash(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	d := r.make(fuehrung, dossierType, dossier())
	var docs []string
	for _, title := range []string{"a", "b", "c", "d"} {
		docs = append(docs, r.make(d, documentType, object{"title": title}))
	}
	b, c := docs[1], docs[2]
	want(t, r.get(b), object{"trashed": false})
	tag := r.ask(200, "GET", b, nil).Header.Get("ETag")
	p.ask(204, "POST", b+"/@trash", nil)
	want(t, r.get(b), object{"trashed": true, "next_item": object{}, "previous_item": object{}})
	if now := r.ask(200, "GET", b, nil).Header.Get("ETag"); now == tag {
		t.Error("the ETag stayed")
	}
	shown := func(titles ...string) {
		t.Helper()
		if got := r.titles(d); !same(got, titles) {
			t.Errorf("items: %v, want %v", got, titles)
		}
		want(t, r.get(d), object{"items_total": len(titles)})
	}
	shown("a", "c", "d")
	if got := r.get(docs[0])["next_item"].(map[string]any)["title"]; got != "c" {
		t.Errorf("behind a comes %v", got)
	}
	for path, message := range map[string]string{b: "Already trashed", d: "Object is not trashable", fuehrung: "Object is not trashable", task1: "Object is not trashable"} {
		if e := r.refusedAB(400, "BadRequest", "POST", path+"/@trash", nil); e.Message != message {
			t.Errorf("%s: %q", path, e.Message)
		}
	}
	p.ask(200, "POST", c+"/@lock", object{})
	if e := p.refusedAB(400, "BadRequest", "POST", c+"/@trash", nil); e.Message != "Cannot trash a locked document" {
		t.Errorf("%+v", e)
	}
	p.ask(200, "POST", c+"/@unlock", object{})
	p.ask(204, "POST", c+"/@checkout", nil)
	if e := r.refusedAB(400, "BadRequest", "POST", c+"/@trash", nil); e.Message != "Cannot trash a checked-out document" {
		t.Errorf("%+v", e)
	}
	p.ask(204, "POST", c+"/@checkin", object{})
	r.by(jane).refusedAB(401, "Unauthorized", "POST", c+"/@trash", nil)
	r.by(jane).refusedAB(401, "Unauthorized", "POST", b+"/@untrash", nil)
	r.refusedAB(401, "Unauthorized", "POST", r.closedDocument()+"/@trash", nil)

	r.refusedAB(404, "NotFound", "POST", d+"/nichts/@trash", nil)
	r.refusedAB(404, "NotFound", "POST", d+"/nichts/@untrash", nil)

	// Nothing changes in the trash, and its place is not counted when others
	// are ordered.
	r.refusedAB(401, "Unauthorized", "PATCH", b, object{"title": "x"})
	r.refusedAB(403, "Forbidden", "POST", b+"/@checkout", nil)
	r.patch(d, object{"ordering": object{"obj_id": "document-" + docs[3][len(docs[3])-3:], "delta": "top"}})
	shown("d", "a", "c")
	r.refusedAB(400, "BadRequest", "PATCH", d, object{"ordering": object{"obj_id": b[len(d)+1:], "delta": "top"}})
	p.ask(204, "POST", b+"/@untrash", nil)
	shown("d", "b", "a", "c")
	want(t, r.get(b), object{"trashed": false, "getObjPositionInParent": 1})
	p.ask(204, "POST", b+"/@untrash", nil) // already out
	shown("d", "b", "a", "c")
	if e := r.refusedAB(400, "BadRequest", "POST", d+"/@untrash", nil); e.Message != "Object is not trashable" {
		t.Errorf("%+v", e)
	}
	// A dossier is resolved without a look at what is trashed.
	late := r.make(d, documentType, object{"title": "spät", "document_date": "2099-01-01"})
	r.ask(204, "POST", late+"/@trash", nil)
	r.ask(200, "POST", d+"/@workflow/dossier-transition-resolve", object{})
	if end := r.get(d)["end"]; end == "2099-01-01" {
		t.Error("a trashed document gave the dossier its end")
	}
	r.refusedAB(401, "Unauthorized", "POST", late+"/@untrash", nil)
}

// TestTrashFolder: a folder takes along what is in it, and what was trashed
// before it stays trashed when it comes back.
func TestTrashFolder(t *testing.T) { inBoth(t, testTrashFolder) }

func testTrashFolder(t *testing.T, open opener) {
	r := open(t)
	workspace, folder := r.workspace()
	inner := r.make(folder, workspaceFolderType, object{"title": "innen"})
	doc := r.make(inner, documentType, object{"title": "Text"})
	before := r.make(inner, documentType, object{"title": "vorher"})
	r.ask(204, "POST", before+"/@trash", nil)
	r.ask(204, "POST", folder+"/@trash", nil)
	for _, path := range []string{folder, inner, doc, before} {
		want(t, r.get(path), object{"trashed": true})
	}
	want(t, r.get(workspace), object{"items_total": 0})
	want(t, r.get(inner), object{"items_total": 0, "items": []any{}})
	r.refusedC(403, "Forbidden", "POST", inner, object{"title": "x"}.of(documentType))
	if e := r.refusedAB(400, "BadRequest", "POST", doc+"/@untrash", nil); e.Message != "Cannot untrash an object whose parent is trashed" {
		t.Errorf("%+v", e)
	}
	r.ask(204, "POST", folder+"/@untrash", nil)
	want(t, r.get(workspace), object{"items_total": 1})
	want(t, r.get(doc), object{"trashed": false})
	want(t, r.get(before), object{"trashed": true})
	if got := r.titles(inner); !same(got, []string{"Text"}) {
		t.Errorf("%v", got)
	}
	r.ask(204, "POST", before+"/@untrash", nil)
	if got := r.titles(inner); !same(got, []string{"Text", "vorher"}) {
		t.Errorf("%v", got)
	}
	// What is deleted there leaves no gap behind.
	for _, title := range []string{"drei", "vier"} {
		r.make(inner, documentType, object{"title": title})
	}
	r.ask(204, "POST", folder+"/@trash", nil)
	r.ask(204, "DELETE", doc, nil)
	r.ask(204, "POST", folder+"/@untrash", nil)
	if got := r.titles(inner); !same(got, []string{"vorher", "drei", "vier"}) {
		t.Errorf("%v", got)
	}
	if got := r.titles(inner + "?b_size=1&b_start=2"); !same(got, []string{"vier"}) {
		t.Errorf("%v", got)
	}
}

package gever_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"loket/handlers/apitest"

	rules "loket/store/gever"
)

// TestTable2_1 is how each kind of value is read and written, where the tables
// of the types do not show it.
func TestTable2_1(t *testing.T) { inBoth(t, testTable2_1) }

func testTable2_1(t *testing.T, open opener) {
	r := open(t)
	other := r.get(fuehrung + "/dossier-42")
	for name, reference := range map[string]any{
		"UID": other["UID"], "int id": strings.TrimPrefix(other["oguid"].(string), "fd:"), "path": "/ordnungssystem/fuehrung/dossier-42", "URL": other["@id"],
		"oguid": other["oguid"], "@id": object{"@id": other["@id"]}, "list": []any{other["UID"]},
	} {
		t.Run("relation."+name, func(t *testing.T) {
			r := r.in(t)
			r.patch(dossier23, object{"relatedDossier": nil})
			r.patch(dossier23, object{"relatedDossier": reference})
			if got := titles(r.get(dossier23)["relatedDossier"]); got != "Dossier 42" {
				t.Errorf("%v: %s", reference, got)
			}
		})
	}
	for name, c := range map[string]struct {
		reference any
		message   string
	}{
		"UID": {strings.Repeat("f", 32), "UID=" + strings.Repeat("f", 32)}, "int id": {999999, "intid=999999"}, "path": {"/nichts", "path=/nichts"},
		"URL": {"http://" + apitest.Host + base + "/nichts", "URL=http://" + apitest.Host + base + "/nichts"}, "oguid": {"fd:999999", "oguid=fd:999999"}, "foreign oguid": {"xx:1", "oguid=xx:1"},
	} {
		t.Run("relation.unresolved."+name, func(t *testing.T) {
			p := r.in(t).refusedAB(400, "BadRequest", "PATCH", dossier23, object{"relatedDossier": c.reference})
			if p.fields() != "relatedDossier" || !strings.Contains(p.Message, "Could not resolve object for "+c.message) {
				t.Errorf("%+v", p)
			}
		})
	}
	t.Run("datetime", func(t *testing.T) {
		got := r.in(t).get(dossier23 + "?include_items=false")
		instant := "2016-01-08T09:51:40+01:00" // the page's, in the installation's zone
		if r.live {
			instant = "2016-01-08T08:51:40+00:00"
		}
		want(t, got, object{"created": instant})
	})
	t.Run("file.null", func(t *testing.T) { want(t, r.in(t).get(document), object{"file": nil}) })
	t.Run("actor", func(t *testing.T) {
		want(t, r.in(t).get(document), object{"creator": object{"@id": "http://" + apitest.Host + base + "/@actors/john.doe", "identifier": "john.doe"}})
	})
}

// minimal are the bodies of types that a title does not make.
var minimal = map[string]object{
	dossierType: dossier(), mailType: {"message": textFile("x.eml", "Subject: x\n\n")}, folderType: {"title_de": "x"}, rootType: {"title_de": "x"},
	taskType:             {"title": "x", "issuer": "john.doe", "task_type": "information", "responsible": "fd:peter.muster"},
	rules.ForwardingType: {"title": "x", "issuer": "john.doe", "responsible": "fd:peter.muster"},
	rules.ContactType:    {"lastname": "x", "firstname": "y"},
}

// bodyOf makes an object of a type.
func bodyOf(kind string) object {
	if b, ok := minimal[kind]; ok {
		return b.of(kind)
	}
	return object{"title": "x"}.of(kind)
}

// inNew makes objects in each other and gives the path of the innermost.
func inNew(place string, kinds ...string) func(*room) string {
	return func(r *room) string {
		r.t.Helper()
		path := place
		for _, kind := range kinds {
			path = r.make(path, kind, bodyOf(kind))
		}
		return path
	}
}

// TestTable2_8 is the containment matrix: whatever is not allowed is refused,
// with what is; whatever is allowed is made.
func TestTable2_8(t *testing.T) { inBoth(t, testTable2_8) }

func testTable2_8(t *testing.T, open opener) {
	inDossier := []string{dossierType, documentType, mailType, taskType}
	inWorkspace := []string{documentType, mailType, rules.TodoType, rules.TodoListType, workspaceFolderType, rules.MeetingType}
	inInbox := []string{documentType, rules.ForwardingType, mailType, rules.YearFolderType}
	shared := open(t)
	for name, c := range map[string]struct {
		place   func(r *room) string
		allowed []string
	}{
		"site": {func(*room) string { return base }, []string{
			contactFolderType, rules.TemplateFolderType, rootType, rules.InboxType, rules.InboxContainerType, workspaceRootType, privateRootType,
		}},
		"repositoryroot": {func(*room) string { return base + "/ordnungssystem" }, []string{folderType}},
		"repositoryfolder": {func(r *room) string {
			return r.make(base+"/ordnungssystem", folderType, object{"title": "x"})
		}, []string{dossierType, folderType}},
		"repositoryfolder with subfolder": {func(*room) string { return base + "/ordnungssystem/finanzen" }, []string{folderType}},
		"repositoryfolder at the depth":   {func(r *room) string { return r.make(rechnungen, folderType, object{"title": "x"}) }, []string{dossierType}},
		"dossier active":                  {func(*room) string { return dossier23 }, inDossier},
		"subdossier":                      {func(r *room) string { return r.make(dossier23, dossierType, dossier()) }, inDossier[1:]},
		"dossier resolved":                {func(*room) string { return dossier22 }, nil},
		"dossier inactive": {func(r *room) string {
			path := r.make(fuehrung, dossierType, dossier())
			r.transition(path, "dossier-transition-deactivate", nil)
			return path
		}, nil},
		"task":             {func(*room) string { return task1 }, inDossier[1:]},
		"contactfolder":    {inNew(base, contactFolderType), []string{rules.ContactType}},
		"workspace.root":   {inNew(base, workspaceRootType), []string{workspaceType}},
		"workspace":        {inNew(base, workspaceRootType, workspaceType), inWorkspace},
		"workspace.folder": {inNew(base, workspaceRootType, workspaceType, workspaceFolderType), []string{documentType, mailType, workspaceFolderType}},
		"workspace inactive": {func(r *room) string {
			path := inNew(base, workspaceRootType, workspaceType)(r)
			r.transition(path, "opengever_workspace--TRANSITION--deactivate--active_inactive", nil)
			return path
		}, nil},
		"todolist":                  {inNew(base, workspaceRootType, workspaceType, rules.TodoListType), []string{rules.TodoType}},
		"meeting":                   {inNew(base, workspaceRootType, workspaceType, rules.MeetingType), []string{rules.AgendaItemType}},
		"inbox.container":           {inNew(base, rules.InboxContainerType), []string{rules.InboxType}},
		"inbox":                     {inNew(base, rules.InboxContainerType, rules.InboxType), inInbox},
		"inbox at the site":         {inNew(base, rules.InboxType), inInbox},
		"forwarding":                {inNew(base, rules.InboxType, rules.ForwardingType), []string{documentType, mailType}},
		"yearfolder":                {inNew(base, rules.InboxType, rules.YearFolderType), []string{rules.ForwardingType}},
		"templatefolder":            {inNew(base, rules.TemplateFolderType), []string{documentType, rules.TemplateFolderType}},
		"templatefolder in another": {inNew(base, rules.TemplateFolderType, rules.TemplateFolderType), []string{documentType, rules.TemplateFolderType}},
		"private.root":              {inNew(base, privateRootType), []string{privateFolderType}},
		"private.folder":            {inNew(base, privateRootType, privateFolderType), []string{privateDossierType}},
		"private.dossier":           {inNew(base, privateRootType, privateFolderType, privateDossierType), []string{privateDossierType, documentType, mailType}},
		"private.subdossier":        {inNew(base, privateRootType, privateFolderType, privateDossierType, privateDossierType), []string{documentType, mailType}},
	} {
		t.Run(name, func(t *testing.T) {
			r := shared.in(t)
			if name == "site" || strings.HasPrefix(name, "private") { // there is one private area
				r = open(t)
			}
			path := c.place(r)
			var last []string // a folder changes what else is allowed
			for _, kind := range rules.Types() {
				if slices.Contains(c.allowed, kind.Name) {
					last = append(last, kind.Name)
					continue
				}
				message, inner := r.refusedC(403, "Forbidden", "POST", path, bodyOf(kind.Name))
				metadata, _ := inner["additional_metadata"].(map[string]any)
				listed := strings.Fields(words(metadata["allowed"]))
				if message != "Disallowed subobject type: "+kind.Name || !same(listed, slices.Sorted(slices.Values(c.allowed))) && len(c.allowed)+len(listed) > 0 {
					t.Errorf("%s: %s, allowed %v", kind.Name, message, listed)
				}
			}
			slices.Sort(last) // dossiers before folders
			for _, kind := range last {
				r.ask(201, "POST", path, bodyOf(kind))
			}
		})
	}
	for name, place := range map[string]func(*room) string{
		"document": func(*room) string { return document }, "mail": inNew(dossier23, mailType), "contact": inNew(base, contactFolderType, rules.ContactType),
		"todo":              inNew(base, workspaceRootType, workspaceType, rules.TodoType),
		"meetingagendaitem": inNew(base, workspaceRootType, workspaceType, rules.MeetingType, rules.AgendaItemType),
	} {
		t.Run(name, func(t *testing.T) {
			r := shared.in(t)
			if got := r.ask(405, "POST", place(r), bodyOf(documentType)); got.Header.Get("Allow") != "DELETE, GET, HEAD, OPTIONS, PATCH" {
				t.Errorf("Allow %q", got.Header.Get("Allow"))
			}
		})
	}
	for depth, deepest := range map[int]int{0: 5, 1: 1, 2: 2} {
		r := open(t, func(s *rules.Settings) { s.FolderDepth, s.DossierDepth = depth, depth })
		t.Run(fmt.Sprintf("maximum_repository_depth %d", depth), func(t *testing.T) {
			r, path := r.in(t), base+"/ordnungssystem"
			for range deepest {
				path = r.make(path, folderType, object{"title": "x"})
			}
			if depth > 0 {
				r.refusedC(403, "Forbidden", "POST", path, bodyOf(folderType))
			}
		})
		t.Run(fmt.Sprintf("maximum_dossier_depth %d", depth), func(t *testing.T) {
			r, path := r.in(t), dossier23
			for range depth {
				path = r.make(path, dossierType, dossier())
			}
			r.refusedC(403, "Forbidden", "POST", path, bodyOf(dossierType))
			r.patch(fuehrung, object{"respect_max_subdossier_depth_restriction": false})
			r.make(path, dossierType, dossier())
		})
	}
}

// TestTable2_9 is how ids, sequence numbers and reference numbers are given.
// The rows are a story: the sequences go on from one to the next.
func TestTable2_9(t *testing.T) { inBoth(t, testTable2_9) }

func testTable2_9(t *testing.T, open opener) {
	shared := open(t)
	file := object{"message": textFile("x.eml", "Subject: x\n\n")}
	task := object{"title": "x", "issuer": "john.doe", "task_type": "information", "responsible": "fd:peter.muster"}
	type made struct{ values, shows object }
	titled, team, inbox := object{"title": "x"}, inNew(base, workspaceRootType, workspaceType)(shared), base+"/eingangskoerbe/eingangskorb-fd"
	for _, c := range []struct {
		name, container, kind string // no container: a root of its own
		made                  []made
	}{
		{"dossier-N", fuehrung, dossierType, []made{{dossier(), object{"id": "dossier-24", "sequence_number": 24}}, {dossier(), object{"id": "dossier-25", "sequence_number": 25}}}},
		{"explicit id", fuehrung, dossierType, []made{{dossier(object{"id": "Eigene.Id_1"}), object{"id": "Eigene.Id_1", "sequence_number": 26}}, {dossier(), object{"id": "dossier-27"}}}},
		{"taken number", fuehrung, dossierType, []made{{dossier(object{"id": "dossier-29"}), object{"sequence_number": 28}}, {dossier(), object{"id": "dossier-30", "sequence_number": 30}}}},
		{"document-N", dossier23, documentType, []made{{object{"title": "x"}, object{"id": "document-261", "sequence_number": 261}}}},
		{"mail shares it", dossier23, mailType, []made{{file, object{"id": "document-262", "sequence_number": 262}}}},
		{"task-N", dossier23, taskType, []made{{task, object{"id": "task-2", "sequence_number": 2}}}},
		{"todo-N", team, rules.TodoType, []made{{titled, object{"id": "todo-1", "sequence_number": 1}}, {titled, object{"id": "todo-2", "sequence_number": 2}}}},
		{"todolist-N", team, rules.TodoListType, []made{{titled, object{"id": "todolist-1", "sequence_number": 1}}}},
		{"todo-N in a list", team + "/todolist-1", rules.TodoType, []made{{titled, object{"id": "todo-3", "sequence_number": 3}}}},
		{"meeting-N", team, rules.MeetingType, []made{{titled, object{"id": "meeting-1", "sequence_number": 1}}}},
		{"agenda item", team + "/meeting-1", rules.AgendaItemType, []made{{object{"title": "Begrüßung"}, object{"id": "begruessung"}}, {object{"title": "Begrüßung"}, object{"id": "begruessung-1"}}}},
		{"folder-N", team, workspaceFolderType, []made{{titled, object{"id": "folder-1", "sequence_number": 1}}}},
		{"workspace-N", base + "/workspaces", workspaceType, []made{{titled, object{"id": "workspace-2", "sequence_number": 2}}}},
		{"document of a workspace", team, documentType, []made{{titled, object{"id": "document-263", "sequence_number": 263, "reference_number": nil}}}},
		{"inbox.container", base, rules.InboxContainerType, []made{{object{"title": "Eingangskörbe"}, object{"id": "eingangskoerbe"}}}},
		{"inbox", base + "/eingangskoerbe", rules.InboxType, []made{{object{"title": "Eingangskorb FD"}, object{"id": "eingangskorb-fd"}}}},
		{"forwarding-N", inbox, rules.ForwardingType, []made{{bodyOf(rules.ForwardingType), object{"id": "forwarding-1", "sequence_number": 1}}}},
		{"yearfolder", inbox, rules.YearFolderType, []made{{object{"title": "2026"}, object{"id": "2026"}}}},
		{"document of an inbox", inbox, documentType, []made{{titled, object{"id": "document-264", "reference_number": "FD / 264", "containing_dossier": nil, "containing_subdossier": ""}}}},
		{"document of a forwarding", inbox + "/forwarding-1", documentType, []made{{titled, object{"reference_number": "FD / 265", "containing_dossier": nil}}}},
		{"templatefolder", base, rules.TemplateFolderType, []made{{titled, object{"id": "opengever-dossier-templatefolder"}}, {titled, object{"id": "opengever-dossier-templatefolder-1"}}}},
		{"document of a templatefolder", base + "/opengever-dossier-templatefolder", documentType, []made{{titled, object{"reference_number": "FD / 266", "containing_dossier": nil}}}},
		{"slug", "", folderType, []made{{object{"title": "Größe & Übersicht"}, object{"id": "groesse-uebersicht"}}}},
		{"slug taken", "", folderType, []made{{object{"title": "Führung"}, object{"id": "fuehrung"}}, {object{"title": "Führung"}, object{"id": "fuehrung-1"}}, {object{"title": "Führung"}, object{"id": "fuehrung-2"}}}},
		{"slug reserved", base, rootType, []made{{object{"title": "Documentation"}, object{"id": "documentation-1"}}, {object{"title": "reference"}, object{"id": "reference-1"}}}},
		{"reference.dossier", rechnungen, dossierType, []made{{dossier(), object{"reference_number": "FD 2.1 / 3"}}, {dossier(), object{"reference_number": "FD 2.1 / 4"}}}},
		{"reference.subdossier", dossier21, dossierType, []made{{dossier(), object{"reference_number": "FD 2.1 / 1.1"}}, {dossier(), object{"reference_number": "FD 2.1 / 1.2"}}}},
		{"reference.document", dossier21, documentType, []made{{object{"title": "x"}, object{"reference_number": "FD 2.1 / 1 / 267"}}}},
		{"reference.document of a task", task1, documentType, []made{{object{"title": "x"}, object{"reference_number": "FD 2.1 / 1 / 268"}}}},
		{"reference.below dossier-23", dossier23, documentType, []made{{object{"title": "x"}, object{"reference_number": nil}}}},
		{"reference.folder", rechnungen, folderType, []made{{object{"title": "x"}, object{"reference_number": "FD 2.1.1"}}, {object{"title": "y"}, object{"reference_number": "FD 2.1.2"}}}},
		{"prefix.first", "", folderType, []made{{object{"title": "x"}, object{"reference_number": "FD 1"}}}},
		{"prefix.after a gap", "", folderType, []made{{object{"title": "x", "reference_number_prefix": "9"}, object{"reference_number": "FD 9"}}, {object{"title": "y"}, object{"reference_number_prefix": "10"}}}},
		{"prefix.letters", "", folderType, []made{{object{"title": "x", "reference_number_prefix": "A9b"}, object{"reference_number": "FD A9b"}}, {object{"title": "y"}, object{"reference_number_prefix": "A10b"}}}},
		{"prefix.lower", "", folderType, []made{{object{"title": "x", "reference_number_prefix": "7"}, nil}, {object{"title": "y", "reference_number_prefix": "5"}, nil}, {object{"title": "z"}, object{"reference_number_prefix": "8"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := shared.in(t)
			if c.container == "" {
				c.container = r.make(base, rootType, object{"title": c.name})
			}
			for _, m := range c.made {
				want(t, r.get(r.make(c.container, c.kind, m.values)), m.shows)
			}
		})
	}
	root := base + "/ordnungssystem"
	t.Run("prefix.reserved", func(t *testing.T) {
		r := shared.in(t)
		r.patch(fuehrung, object{"reference_number_prefix": "7"})
		if p := r.refusedAB(400, "BadRequest", "POST", root, object{"title": "x", "reference_number_prefix": "1"}.of(folderType)); p.fields() != "reference_number" {
			t.Errorf("%+v", p)
		}
		r.patch(fuehrung, object{"reference_number_prefix": "1"}) // its own still
	})
	t.Run("prefix.no digits", func(t *testing.T) {
		r := shared.in(t)
		r.make(root, folderType, object{"title": "x", "reference_number_prefix": "A"})
		if p := r.refusedAB(400, "BadRequest", "POST", root, object{"title": "y"}.of(folderType)); p.fields() != "reference_number_prefix" {
			t.Errorf("%+v", p)
		}
	})
	for path, sortable := range map[string]string{ // template-folder content gets the folder's id before the site
		"/opengever-dossier-templatefolder/document-266":     "opengever-dossier-templatefolder fd / 00000266",
		"/eingangskoerbe/eingangskorb-fd/document-264":       "eingangskoerbe fd / 00000264",
		"/ordnungssystem/finanzen/rechnungswesen/dossier-21": "fd 00000002.00000001 / 00000001",
	} {
		t.Run("sortable"+path, func(t *testing.T) {
			want(t, shared.in(t).get(base+path+"/@reference-number"), object{"sortable_reference_number": sortable})
		})
	}
	t.Run("prefix.first", func(t *testing.T) {
		for first, wanted := range map[string]string{"0": "FD 0 1 2", "10": "FD 10 11 12", "A1": "FD A1 A2 A3"} {
			r := open(t, func(s *rules.Settings) { s.FirstPrefix = first })
			at := r.make(base, rootType, object{"title": "Zweites"})
			numbers := "FD"
			for range 3 {
				number, _ := r.get(r.make(at, folderType, object{"title": "x"}))["reference_number"].(string)
				numbers += strings.TrimPrefix(number, "FD")
			}
			if numbers != wanted {
				t.Errorf("%s: %s, want %s", first, numbers, wanted)
			}
		}
	})
	t.Run("grouped_by_three.example", func(t *testing.T) {
		r := open(t, func(s *rules.Settings) {
			s.FolderDepth, s.GroupedByThree, s.FirstPrefix, s.Abbreviation = 0, true, "0", "Client1"
		})
		path := r.make(base, rootType, object{"title": "Zweites"})
		for _, part := range strings.Split("01012343", "") {
			path = r.make(path, folderType, object{"title": "x", "reference_number_prefix": part})
		}
		main := r.make(path, dossierType, dossier())
		sub := r.make(main, dossierType, dossier())
		doc := r.make(sub, documentType, object{"title": "x"})
		want(t, r.get(doc+"/@reference-number"), object{
			"reference_number": "Client1 010.123.43-1.1-261", "sortable_reference_number": "client00000001 00000010.00000123.00000043-00000001.00000001-00000261",
		})
		want(t, r.get(sub), object{"reference_number": "Client1 010.123.43-1.1"})
		want(t, r.get(path), object{"reference_number": "Client1 010.123.43"})
	})
	t.Run("grouped_by_three", func(t *testing.T) {
		r := open(t, func(s *rules.Settings) { s.FolderDepth, s.GroupedByThree = 0, true })
		path := rechnungen
		for range 3 {
			path = r.make(path, folderType, object{"title": "x"})
		}
		doc := r.make(r.make(path, dossierType, dossier()), documentType, object{"title": "x"})
		want(t, r.get(doc), object{"reference_number": "FD 211.11-1-261"})
		r.patch(rechnungen+"/x", object{"reference_number_prefix": "7"})
		want(t, r.get(doc), object{"reference_number": "FD 217.11-1-261"})
		template := r.make(r.make(base, rules.TemplateFolderType, object{"title": "x"}), documentType, object{"title": "x"})
		want(t, r.get(template), object{"reference_number": "FD-262"})
		want(t, r.get(template+"/@reference-number"), object{"sortable_reference_number": "opengever-dossier-templatefolder fd-00000262"})
	})
	t.Run("oguid", func(t *testing.T) {
		got, _ := shared.in(t).get(dossier23)["oguid"].(string)
		if unit, id, _ := strings.Cut(got, ":"); unit != "fd" || id == "" {
			t.Errorf("oguid %q", got)
		}
	})
}

// flows is the table of workflows: what a type begins in, and every transition
// that the REST API takes, from > to.
var flows = map[string]struct {
	initial, names string // names stands before those of transitions
	ways           []string
}{
	rules.ContactFolderType: {initial: "contactfolder-state-active"}, rules.ContactType: {initial: "contact-state-active"},
	rules.WorkspaceRootType: {initial: "opengever_workspace_root--STATUS--active"}, rules.WorkspaceFolderType: {initial: "opengever_workspace_folder--STATUS--active"},
	rules.WorkspaceType: {"opengever_workspace--STATUS--active", "opengever_workspace--TRANSITION--", []string{
		"deactivate--active_inactive: active > inactive", "reactivate--inactive_active: inactive > active",
	}},
	rules.TodoType: {"opengever_workspace_todo--STATUS--active", "opengever_workspace_todo--TRANSITION--", []string{
		"complete--active_completed: active > completed", "open--completed_active: completed > active",
	}},
	rules.TodoListType: {initial: "opengever_workspace_todolist--STATUS--active"}, rules.MeetingType: {initial: "opengever_workspace_meeting--STATUS--active"},
	rules.AgendaItemType:     {initial: "opengever_workspace_meeting_agenda_item--STATUS--active"},
	rules.InboxContainerType: {initial: "inbox-state-default"}, rules.InboxType: {initial: "inbox-state-default"}, rules.YearFolderType: {initial: "inbox-state-default"},
	rules.TemplateFolderType: {initial: "templatefolder-state-active"},
	rules.ForwardingType: {"forwarding-state-open", "forwarding-transition-", []string{
		"close: open > closed", "refuse: open > refused", "reassign: open > open", "reassign-refused: refused > open",
	}},
	rules.RootType:   {initial: "repositoryroot-state-active"},
	rules.FolderType: {"repositoryfolder-state-active", "repositoryfolder-transition-", []string{"inactivate: active > inactive", "activate: inactive > active"}},
	rules.DossierType: {"dossier-state-active", "dossier-transition-", []string{
		"resolve: active > resolved", "deactivate: active > inactive", "activate: inactive > active", "reactivate: resolved > active",
	}},
	rules.DocumentType: {"document-state-draft", "document-transition-", []string{
		"finalize: draft > final", "reopen: final > draft", "remove: draft > removed", "restore: removed > draft", "initialize: shadow > draft",
		"draft-signing: draft > signing", "final-signing: final > signing", "signing-final: signing > final", "signing-signed: signing > signed", "signed-draft: signed > draft",
	}},
	privateRootType: {initial: "repositoryroot-state-active"}, privateFolderType: {initial: "folder-state-active"},
	privateDossierType: {"dossier-state-active", "dossier-transition-", []string{
		"resolve: active > resolved", "deactivate: active > inactive", "activate: inactive > active", "reactivate: resolved > active",
	}},
	rules.MailType: {"mail-state-active", "mail-transition-", []string{"remove: active > removed", "restore: removed > active"}},
	rules.TaskType: {"task-state-open", "task-transition-", []string{
		"open-in-progress: open > in-progress", "open-resolved: open > resolved", "open-tested-and-closed: open > tested-and-closed", "open-rejected: open > rejected",
		"open-cancelled: open > cancelled", "open-planned: open > planned",
		"in-progress-resolved: in-progress > resolved", "in-progress-tested-and-closed: in-progress > tested-and-closed", "in-progress-cancelled: in-progress > cancelled",
		"resolved-tested-and-closed: resolved > tested-and-closed", "resolved-in-progress: resolved > in-progress",
		"rejected-open: rejected > open", "rejected-skipped: rejected > skipped", "cancelled-open: cancelled > open", "planned-open: planned > open",
		"planned-skipped: planned > skipped", "skipped-open: skipped > open", "tested-and-closed-in-progress: tested-and-closed > in-progress",
		"reassign: open > open", "reassign: in-progress > in-progress", "modify-deadline: open > open", "modify-deadline: in-progress > in-progress",
		"delegate: open > open", "delegate: in-progress > in-progress",
	}},
}

// step is one row of flows.
type step struct{ name, from, to string }

func stepsOf(kind string) []step {
	f, out := flows[kind], []step(nil)
	state := f.initial[:strings.LastIndexByte(f.initial, '-')+1]
	for _, w := range f.ways {
		name, way, _ := strings.Cut(w, ": ")
		from, to, _ := strings.Cut(way, " > ")
		out = append(out, step{f.names + name, state + from, state + to})
	}
	return out
}

// wayTo is the shortest way from the initial state; false when there is none.
func wayTo(steps []step, from, to string) ([]step, bool) {
	ways, reached := map[string][]step{from: nil}, []string{from}
	for i := 0; i < len(reached); i++ {
		for _, s := range steps {
			if _, seen := ways[s.to]; s.from == reached[i] && !seen {
				ways[s.to] = append(slices.Clone(ways[s.from]), s)
				reached = append(reached, s.to)
			}
		}
	}
	way, ok := ways[to]
	return way, ok
}

// TestTable2_10: the table in the code has exactly these rows, and a Manager
// takes each of them by request.
func TestTable2_10(t *testing.T) { inBoth(t, testTable2_10) }

func testTable2_10(t *testing.T, open opener) {
	extra := map[string]object{
		"reassign": {"responsible": "fd:jane.leser"}, "reassign-refused": {"responsible": "fd:jane.leser"}, "modify-deadline": {"new_deadline": "2030-01-01"}, "delegate": {"responsible": "fd:jane.leser"},
	}
	r := open(t)
	containers := map[string]string{
		rules.FolderType: base + "/ordnungssystem", rules.DossierType: fuehrung, rules.DocumentType: dossier23, rules.MailType: dossier23, rules.TaskType: dossier23,
	}
	team := inNew(base, workspaceRootType, workspaceType)(r)
	containers[rules.WorkspaceType], containers[rules.TodoType], containers[rules.ForwardingType] = base+"/workspaces", team, inNew(base, rules.InboxType)(r)
	containers[privateDossierType] = inNew(base, privateRootType, privateFolderType)(r)
	for _, kind := range rules.Types() {
		if _, there := flows[kind.Name]; !there {
			t.Errorf("%s has no row", kind.Name)
		}
	}
	for kind, f := range flows {
		var table, coded []string
		for _, s := range stepsOf(kind) {
			table = append(table, s.name+": "+s.from+" > "+s.to)
		}
		for _, w := range rules.TypeOf(kind).Workflow.Transitions {
			coded = append(coded, w.Name+": "+w.From+" > "+w.To)
		}
		compare(t, kind, coded, table)
		if got := rules.TypeOf(kind).Workflow.Initial; got != f.initial {
			t.Errorf("%s begins in %s", kind, got)
		}
		for _, s := range stepsOf(kind) {
			t.Run(s.name+" "+s.from, func(t *testing.T) {
				r := r.in(t)
				way, reachable := wayTo(stepsOf(kind), f.initial, s.from)
				if !reachable {
					if s.from != "document-state-shadow" { // such documents come from other systems
						t.Errorf("no way leads to %s", s.from)
					}
					return
				}
				path := r.make(containers[kind], kind, bodyOf(kind))
				for _, before := range way {
					r.transition(path, before.name, nil)
				}
				got := r.transition(path, s.name, extra[strings.TrimPrefix(s.name, f.names)])
				want(t, got, object{"action": s.name, "actor": john, "review_state": s.to})
				if r.state(path) != s.to {
					t.Errorf("it is in %s", r.state(path))
				}
			})
		}
	}
	for _, name := range []string{"offer", "archive", "offered-to-resolved", "offered-to-inactive"} {
		t.Run("dossier-transition-"+name, func(t *testing.T) {
			r.in(t).refusedC(400, "Bad Request", "POST", dossier21+"/@workflow/dossier-transition-"+name, nil)
		})
	}
}

// TestTable2_11: five fields come from the nearest object above that has them,
// else from the constant; what was taken is kept.
func TestTable2_11(t *testing.T) { inBoth(t, testTable2_11) }

func testTable2_11(t *testing.T, open opener) {
	r := open(t)
	for name, c := range map[string]struct{ constant, above, later any }{
		"classification": {"unprotected", "confidential", "classified"}, "privacy_layer": {"privacy_layer_no", "privacy_layer_yes", "privacy_layer_no"},
		"archival_value": {"unchecked", "prompt", "archival worthy"}, "retention_period": {5, 25, 10}, "custody_period": {30, 150, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			folder := r.make(base+"/ordnungssystem", folderType, object{"title": name})
			want(t, r.get(folder), object{name: c.constant})
			r.patch(folder, object{name: c.above})
			dossier1 := r.make(folder, dossierType, dossier())
			sub := r.make(dossier1, dossierType, dossier())
			given := r.make(folder, dossierType, dossier(object{name: c.later}))
			r.patch(folder, object{name: c.later})
			want(t, r.get(dossier1), object{name: c.above})
			want(t, r.get(sub), object{name: c.above})
			want(t, r.get(given), object{name: c.later})
			if name == "classification" || name == "privacy_layer" { // documents have these two
				want(t, r.get(r.make(dossier1, documentType, object{"title": "x"})), object{name: c.above})
				task := r.make(dossier1, taskType, object{"title": "x", "issuer": "john.doe", "task_type": "information", "responsible": "fd:peter.muster"})
				want(t, r.get(r.make(task, documentType, object{"title": "x"})), object{name: c.above}) // a task has none: its dossier's
			}
			want(t, r.get(r.make(r.make(base+"/ordnungssystem", folderType, object{"title": "x", name: c.above}), folderType, object{"title": "y"})), object{name: c.above})
		})
	}
	t.Run("public_trial", func(t *testing.T) { // not inherited
		r := r.in(t)
		r.patch(fuehrung, object{"public_trial": "private"})
		want(t, r.get(r.make(fuehrung, dossierType, dossier())), object{"public_trial": "unchecked"})
	})
}

// TestTable3_1: who may come in, and how.
func TestTable3_1(t *testing.T) { inBoth(t, testTable3_1) }

func testTable3_1(t *testing.T, open opener) {
	r := open(t)
	token, _ := r.Want(t, 200, apitest.Request{Method: "POST", Path: base + "/@login", Body: object{"login": john, "password": passwords[john]}}).Object(t)["token"].(string)
	unauthorized := object{"type": "Unauthorized", "message": "You are not authorized to access this resource."}
	for name, c := range map[string]struct {
		status        int
		authorization string
		body          object
	}{
		"basic": {200, as(john), nil}, "basic.wrong": {401, "Basic " + base64.StdEncoding.EncodeToString([]byte("john.doe:falsch")), unauthorized},
		"bearer": {200, "Bearer " + token, nil}, "bearer.wrong": {401, "Bearer " + token[:len(token)-4], unauthorized}, "none": {401, "", unauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.in(t).ask(c.status, "GET", dossier23, nil, "Authorization", c.authorization)
			if c.body != nil && (!same(got.Object(t), c.body) || got.Header.Get("WWW-Authenticate") == "" || got.Header.Get("Location") != "") {
				t.Errorf("%v %s", got.Header, got.Body)
			}
		})
	}
	for name, c := range map[string]struct {
		status int
		body   object
		answer object
	}{
		"@login.missing": {400, object{"login": john}, object{"error": object{"type": "Missing credentials", "message": "Login and password must be provided in body."}}},
		"@login.wrong":   {401, object{"login": john, "password": "x"}, object{"error": object{"type": "Invalid credentials", "message": "Wrong login and/or password."}}},
		"@login.cookie":  {200, object{"login": john, "password": passwords[john], "set_cookie": true}, object{"userid": john, "fullname": "Doe John"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := r.Want(t, c.status, apitest.Request{Method: "POST", Path: base + "/@login", Body: c.body}); !same(got.Object(t), c.answer) {
				t.Errorf("%s", got.Body)
			}
		})
	}
	t.Run("insufficient", func(t *testing.T) { // known, but not allowed
		if got := r.in(t).by(jane).ask(401, "PATCH", dossier23, object{"title": "x"}); !same(got.Object(t), unauthorized) {
			t.Errorf("%s", got.Body)
		}
	})
	t.Run("expired", func(t *testing.T) {
		r := r.in(t)
		r.Clock.Advance(13 * 3600e9)
		if got := r.ask(401, "GET", dossier23, nil, "Authorization", "Bearer "+token); !same(got.Object(t), object{"error": "invalid_token", "error_description": "Access token expired"}) {
			t.Errorf("%s", got.Body)
		}
	})
}

// TestTable3_2: each error in its shape, whole.
func TestTable3_2(t *testing.T) { inBoth(t, testTable3_2) }

func testTable3_2(t *testing.T, open opener) {
	r := open(t)
	a := func(kind, message string) object { return object{"type": kind, "message": message} }
	b := func(kind, message, translated string) object {
		return object{"type": kind, "message": message, "translated_message": translated, "additional_metadata": object{}}
	}
	c := func(kind, message string) object { return object{"error": a(kind, message)} }
	field := b("BadRequest", "[{'field': 'title', 'message': u'Required input is missing.', 'error': 'ValidationError'}]", "Eingaben sind ungültig")
	field["additional_metadata"] = object{"fields": []any{object{"field": "title", "type": "ValidationError", "translated_message": "Erforderliche Eingabe fehlt."}}}
	choice := b("BadRequest", "[{'field': 'archival_value', 'message': u'Constraint not satisfied', 'error': 'ValidationError'}]", "Eingaben sind ungültig")
	choice["additional_metadata"] = object{"fields": []any{object{"field": "archival_value", "type": "ValidationError", "translated_message": "Bedingung nicht erfüllt"}}}
	disallowed := c("Forbidden", "Disallowed subobject type: "+documentType)
	disallowed["error"].(object)["additional_metadata"] = object{"allowed": []any{dossierType, folderType}}
	r.ask(200, "POST", dossier23+"/document-260/@lock", nil)
	url := "http://" + apitest.Host
	for name, e := range map[string]struct {
		status       int
		user         string
		method, path string
		body         any
		answer       object
	}{
		"400 B fields":          {400, john, "PATCH", dossier23, object{"title": nil}, field},
		"400 B choice":          {400, john, "PATCH", dossier23, object{"archival_value": "x"}, choice},
		"400 B invariant":       {400, john, "PATCH", dossier23, object{"end": "1999-01-01"}, b("BadRequest", "The start date must be before the end date.", "Das Startdatum muss vor dem Enddatum liegen.")},
		"400 A @type":           {400, john, "POST", fuehrung, object{"title": "x"}, a("BadRequest", "Property '@type' is required")},
		"400 A unknown @type":   {400, john, "POST", fuehrung, object{"@type": "x"}, a("BadRequest", "Property '@type' is no type that can be created")},
		"400 C PATCH no JSON":   {400, john, "PATCH", dossier23, []byte("{"), c("DeserializationError", "No JSON object could be decoded")},
		"400 C PATCH array":     {400, john, "PATCH", dossier23, []byte("[]"), c("DeserializationError", "Malformed body")},
		"400 C POST no JSON":    {400, john, "POST", dossier23, []byte("x"), c("DeserializationError", "No JSON object could be decoded")},
		"400 C POST array":      {400, john, "POST", dossier23, []byte("[1]"), c("DeserializationError", "Malformed body")},
		"400 C transition":      {400, john, "POST", dossier22 + "/@workflow/x", nil, c("Bad Request", "Invalid transition 'x'.\nValid transitions are:\ndossier-transition-reactivate")},
		"401 A":                 {401, jane, "PATCH", dossier23, object{"title": "x"}, a("Unauthorized", "You are not authorized to access this resource.")},
		"403 C no add right":    {403, jane, "POST", fuehrung, dossier().of(dossierType), c("Forbidden", "Cannot create "+dossierType)},
		"403 C containment":     {403, john, "POST", fuehrung, object{"title": "x"}.of(documentType), disallowed},
		"403 B locked":          {403, peter, "PATCH", dossier23 + "/document-260", object{"title": "x"}, b("Forbidden", "msg_resource_locked", "Das Objekt ist gesperrt.")},
		"403 B not checked out": {403, john, "PATCH", document, object{"file": textFile("x.txt", "x")}, b("Forbidden", "msg_not_checked_out_by_current_user", "Das Dokument ist nicht von Ihnen ausgecheckt.")},
		"404 A path":            {404, john, "GET", fuehrung + "/nichts", nil, a("NotFound", "Resource not found: "+url+fuehrung+"/nichts")},
		"404 A endpoint":        {404, john, "GET", fuehrung + "/@nichts", nil, a("NotFound", "Resource not found: "+url+fuehrung+"/@nichts")},
		"404 A not of the type": {404, john, "POST", dossier23 + "/@checkout", nil, a("NotFound", "Resource not found: "+url+dossier23+"/@checkout")},
	} {
		t.Run(name, func(t *testing.T) {
			if got := r.in(t).by(e.user).ask(e.status, e.method, e.path, e.body); !same(got.Object(t), e.answer) {
				t.Errorf("%s\nwant %v", got.Body, e.answer)
			}
		})
	}
	for name, e := range map[string][2]string{"405 endpoint": {dossier23 + "/@checkout", "OPTIONS, POST"}, "405 path": {base + "/@types", "GET, HEAD, OPTIONS"}} {
		t.Run(name, func(t *testing.T) {
			if got := r.in(t).ask(405, "PUT", e[0], nil); got.Header.Get("Allow") != e[1] {
				t.Errorf("Allow %q", got.Header.Get("Allow"))
			}
		})
	}
	t.Run("never a traceback", func(t *testing.T) {
		if got := r.in(t).ask(404, "GET", fuehrung+"/nichts", nil); strings.Contains(string(got.Body), "traceback") {
			t.Errorf("%s", got.Body)
		}
	})
}

// TestTable3_3: a file goes in as base64 and comes out as bytes.
func TestTable3_3(t *testing.T) { inBoth(t, testTable3_3) }

func testTable3_3(t *testing.T, open opener) {
	r := open(t)
	content := "Bär\x00\xff"
	path := r.make(dossier23, documentType, object{"file": object{"data": base64.StdEncoding.EncodeToString([]byte(content)), "encoding": "base64", "filename": "Grösse.bin", "content-type": "image/png"}})
	for name, address := range map[string]string{"@@download/file": path + "/@@download/file", "@@download/file/name": path + "/@@download/file/irgend%20ein%20Name.bin"} {
		t.Run(name, func(t *testing.T) {
			for _, accept := range []string{"", "*/*", "image/png"} {
				got := r.in(t).ask(200, "GET", address, nil, "Accept", accept)
				if string(got.Body) != content || got.Header.Get("Content-Type") != "image/png" || got.Header.Get("Content-Disposition") != "attachment; filename=Groesse.bin" {
					t.Errorf("%q: %v %q", accept, got.Header, got.Body)
				}
			}
		})
	}
	for name, address := range map[string]string{"no file": document + "/@@download/file", "no file field": path + "/@@download/title", "no document": dossier23 + "/@@download/file"} {
		t.Run("@@download."+name, func(t *testing.T) { r.in(t).refusedAB(404, "NotFound", "GET", address, nil) })
	}
	t.Run("@@download.not allowed", func(t *testing.T) {
		r := r.in(t)
		r.withRole("nur.finanzen", rechnungen, rules.Reader)
		r.by("nur.finanzen").refusedAB(401, "Unauthorized", "GET", path+"/@@download/file", nil)
	})
}

// TestTable3_4: checkout, locks, versions and history, whole answers.
func TestTable3_4(t *testing.T) { inBoth(t, testTable3_4) }

func testTable3_4(t *testing.T, open opener) {
	r := open(t)
	path := r.make(dossier23, documentType, object{"title": "Text", "file": textFile("x.txt", "eins")})
	at := "http://" + apitest.Host + path
	keys := func(t *testing.T, v any, names string) map[string]any {
		t.Helper()
		m, _ := v.(map[string]any)
		compare(t, "keys", slices.Collect(maps.Keys(m)), strings.Fields(names))
		return m
	}
	rows := []struct {
		name string
		run  func(t *testing.T, r *room)
	}{
		{"@checkin.disallowed", func(t *testing.T, r *room) {
			if p := r.refusedAB(403, "Forbidden", "POST", path+"/@checkin", nil); p.Message != "msg_checkin_disallowed" {
				t.Errorf("%+v", p)
			}
		}},
		{"@cancelcheckout.disallowed", func(t *testing.T, r *room) {
			if p := r.refusedAB(403, "Forbidden", "POST", path+"/@cancelcheckout", nil); p.Message != "msg_cancel_checkout_disallowed" {
				t.Errorf("%+v", p)
			}
		}},
		{"@versions.none", func(t *testing.T, r *room) {
			if got := r.get(path + "/@versions"); !same(got, object{"@id": at + "/@versions", "items": []any{}, "items_total": 0}) {
				t.Errorf("%v", got)
			}
		}},
		{"@checkout", func(t *testing.T, r *room) {
			if got := r.ask(204, "POST", path+"/@checkout", nil); len(got.Body) != 0 {
				t.Errorf("%q", got.Body)
			}
			want(t, r.get(path), object{"checked_out": john, "checked_out_fullname": "Doe John"})
			want(t, r.get(dossier23 + "?metadata_fields=checked_out&b_start=2")["items"].([]any)[0].(map[string]any), object{"checked_out": john})
		}},
		{"@checkout.disallowed", func(t *testing.T, r *room) {
			for _, user := range []string{john, peter, jane} {
				if p := r.by(user).refusedAB(403, "Forbidden", "POST", path+"/@checkout", nil); p.Message != "msg_checkout_disallowed" {
					t.Errorf("%s: %+v", user, p)
				}
			}
		}},
		{"@lock", func(t *testing.T, r *room) {
			lock := keys(t, r.ask(200, "POST", path+"/@lock", nil).Object(t), "creator locked name stealable time timeout token")
			want(t, lock, object{"creator": john, "locked": true, "name": "plone.locking.stealable", "stealable": true, "timeout": 600})
			if !same(r.get(path+"/@lock"), lock) {
				t.Error("GET @lock differs")
			}
		}},
		{"@refresh-lock", func(t *testing.T, r *room) {
			before := r.get(path + "/@lock")
			got := r.ask(200, "POST", path+"/@refresh-lock", object{"timeout": 60}).Object(t)
			want(t, got, object{"token": before["token"], "timeout": 60})
			if got["time"] == before["time"] {
				t.Error("it was not refreshed")
			}
		}},
		{"@unlock.other's", func(t *testing.T, r *room) {
			want(t, r.by(peter).ask(200, "POST", path+"/@unlock", object{}).Object(t), object{"locked": true, "creator": john})
		}},
		{"@unlock", func(t *testing.T, r *room) {
			for range 2 {
				if got := r.ask(200, "POST", path+"/@unlock", nil).Object(t); !same(got, object{"locked": false, "stealable": true}) {
					t.Errorf("%v", got)
				}
			}
		}},
		{"@checkin", func(t *testing.T, r *room) {
			r.patch(path, object{"file": textFile("x.txt", "zwei")})
			if got := r.ask(204, "POST", path+"/@checkin", object{"comment": "Zweite"}); len(got.Body) != 0 {
				t.Errorf("%q", got.Body)
			}
			want(t, r.get(path), object{"checked_out": nil, "current_version_id": 1})
		}},
		{"@versions", func(t *testing.T, r *room) {
			items := keys(t, r.get(path+"/@versions"), "@id items items_total")["items"].([]any)
			for i, comments := range []string{"Zweite", ""} {
				one := keys(t, items[i], "@id actor comments may_revert time version")
				want(t, one, object{
					"@id": fmt.Sprintf("%s/@versions/%d", at, 1-i), "comments": comments, "may_revert": true, "version": 1 - i,
					"actor": object{"@id": "http://" + apitest.Host + base + "/@actors/john.doe", "identifier": john},
				})
			}
		}},
		{"@versions/n", func(t *testing.T, r *room) {
			want(t, r.get(path+"/@versions/0"), object{"version": "0", "current_version_id": 1, "title": "Text"})
			want(t, r.get(path + "/@versions/0")["file"].(map[string]any), object{"size": 4})
			r.refusedAB(404, "NotFound", "GET", path+"/@versions/7", nil)
		}},
		{"@history", func(t *testing.T, r *room) {
			list := r.ask(200, "GET", path+"/@history", nil).List(t)
			if len(list) != 3 {
				t.Fatalf("%v", list)
			}
			newest := keys(t, list[0], "@id action actor comments may_revert time transition_title type version")
			keys(t, newest["actor"], "@id fullname id username")
			want(t, newest, object{"type": "versioning", "version": 1, "comments": "Zweite"})
		}},
		{"@history.PATCH", func(t *testing.T, r *room) {
			r.patch(path, object{"title": "Anders"})
			if got := r.ask(200, "PATCH", path+"/@history", object{"version": 0}).Object(t); !same(got, object{"message": "Anders has been reverted to revision 0."}) {
				t.Errorf("%v", got)
			}
			want(t, r.get(path), object{"title": "Anders", "current_version_id": 2})
			if got := string(r.ask(200, "GET", path+"/@@download/file", nil).Body); got != "eins" {
				t.Errorf("the file is %q", got)
			}
		}},
		{"@cancelcheckout", func(t *testing.T, r *room) {
			r.ask(204, "POST", path+"/@checkout", nil)
			r.patch(path, object{"file": textFile("x.txt", "drei")})
			r.ask(204, "POST", path+"/@cancelcheckout", nil)
			if got := string(r.ask(200, "GET", path+"/@@download/file", nil).Body); got != "eins" {
				t.Errorf("the file is %q", got)
			}
		}},
	}
	for _, c := range rows { // one after the other: they are a story
		if !t.Run(c.name, func(t *testing.T) { c.run(t, r.in(t)) }) {
			return
		}
	}
}

// TestTable3_5: where an object stands, and what stands against a step.
func TestTable3_5(t *testing.T) { inBoth(t, testTable3_5) }

func testTable3_5(t *testing.T, open opener) {
	r := open(t)
	compare(t, "keys", slices.Collect(maps.Keys(r.get(dossier21+"/@workflow"))), []string{"@id", "history", "transitions"})
	compare(t, "keys of a step", slices.Collect(maps.Keys(r.get(dossier21 + "/@workflow")["history"].([]any)[0].(map[string]any))), strings.Fields("action actor comments review_state time title"))
	task := object{"title": "x", "issuer": "john.doe", "task_type": "information", "responsible": "fd:peter.muster"}
	for name, c := range map[string]struct {
		before   func(r *room, path string)
		body     object
		errors   string // "" resolves
		notTasks bool
		after    func(r *room, path string)
	}{
		"resolve.end from start": {nil, object{}, "", false, func(r *room, path string) { want(r.t, r.get(path), object{"end": "2026-03-02"}) }},
		"resolve.end from documents": {func(r *room, path string) {
			r.make(path, documentType, object{"title": "x", "document_date": "2031-05-05"})
		}, nil, "", false, func(r *room, path string) { want(r.t, r.get(path), object{"end": "2031-05-05"}) }},
		"resolve.end from subdossiers": {func(r *room, path string) {
			r.make(path, dossierType, dossier(object{"end": "2032-05-05"}))
		}, nil, "", false, func(r *room, path string) { want(r.t, r.get(path), object{"end": "2032-05-05"}) }},
		"resolve.end too early": {func(r *room, path string) {
			r.patch(path, object{"end": "2026-03-03"})
			r.make(path, documentType, object{"title": "x", "document_date": "2031-05-05"})
		}, nil, "the dossier Ein Dossier has an invalid end date", false, nil},
		"resolve.checked out": {func(r *room, path string) {
			r.ask(204, "POST", r.make(path, documentType, object{"title": "x"})+"/@checkout", nil)
		}, nil, "not all documents are checked in", false, nil},
		"resolve.open task":        {func(r *room, path string) { r.make(path, taskType, task) }, nil, "not all tasks are closed", true, nil},
		"resolve.task below":       {func(r *room, path string) { r.make(r.make(path, dossierType, dossier()), taskType, task) }, nil, "not all tasks are closed", true, nil},
		"resolve.auto_close_tasks": {func(r *room, path string) { r.make(path, taskType, task) }, object{"auto_close_tasks": true}, "", false, nil},
		"resolve.loose documents are allowed": {func(r *room, path string) {
			r.make(path, dossierType, dossier())
			r.make(path, documentType, object{"title": "x"})
		}, nil, "", false, nil},
		"resolve.recursive": {func(r *room, path string) { r.make(path, dossierType, dossier(object{"id": "unten"})) }, nil, "", false, func(r *room, path string) {
			if s := r.state(path + "/unten"); s != "dossier-state-resolved" {
				r.t.Errorf("the subdossier is in %s", s)
			}
			r.transition(path, "dossier-transition-reactivate", nil)
			if s := r.state(path + "/unten"); s != "dossier-state-active" {
				r.t.Errorf("after reactivating it is in %s", s)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			path := r.make(fuehrung, dossierType, dossier())
			if c.before != nil {
				c.before(r, path)
			}
			if c.errors == "" {
				got := r.transition(path, "dossier-transition-resolve", c.body)
				compare(t, "keys", slices.Collect(maps.Keys(got)), strings.Fields("action actor comments review_state time title"))
			} else {
				_, inner := r.refusedC(400, "PreconditionsViolated", "POST", path+"/@workflow/dossier-transition-resolve", c.body)
				want(t, inner, object{"errors": []any{c.errors}, "has_not_closed_tasks": c.notTasks})
			}
			if c.after != nil {
				c.after(r, path)
			}
		})
	}
	for state, ended := range map[string]string{"": "cancelled", "open-in-progress": "tested-and-closed", "open-resolved": "tested-and-closed"} {
		t.Run("auto_close_tasks."+state, func(t *testing.T) {
			r := r.in(t)
			path := r.make(fuehrung, dossierType, dossier())
			one := r.make(path, taskType, task)
			if state != "" {
				r.transition(one, "task-transition-"+state, nil)
			}
			r.transition(path, "dossier-transition-resolve", object{"auto_close_tasks": true})
			if s := r.state(one); s != "task-state-"+ended {
				t.Errorf("the task is in %s", s)
			}
		})
	}
}

// TestTable3_7: paging and columns, types and values.
func TestTable3_7(t *testing.T) {
	r := open(t)
	path := r.make(fuehrung, dossierType, dossier())
	for i := range 26 {
		r.make(path, documentType, object{"title": fmt.Sprintf("D%02d", i)})
	}
	at := "http://" + apitest.Host + path
	for name, c := range map[string]struct {
		query    string
		first    string
		n        int
		batching any
	}{
		"default":        {"", "D00", 25, object{"@id": at, "first": at + "?b_start=0", "last": at + "?b_start=25", "next": at + "?b_start=25"}},
		"b_start":        {"?b_start=25", "D25", 1, object{"@id": at + "?b_start=25", "first": at + "?b_start=0", "last": at + "?b_start=25", "prev": at + "?b_start=0"}},
		"b_size":         {"?b_size=10&x=y", "D00", 10, object{"@id": at + "?b_size=10&x=y", "first": at + "?b_start=0&b_size=10&x=y", "last": at + "?b_start=20&b_size=10&x=y", "next": at + "?b_start=10&b_size=10&x=y"}},
		"b_size.all":     {"?b_size=26", "D00", 26, nil},
		"behind the end": {"?b_start=100&b_size=26", "", 0, nil},
	} {
		t.Run("batching."+name, func(t *testing.T) {
			got := r.in(t).get(path + c.query)
			items := got["items"].([]any)
			if len(items) != c.n || c.n > 0 && items[0].(map[string]any)["title"] != c.first || !same(got["batching"], c.batching) {
				t.Errorf("%d items, %v", len(items), got["batching"])
			}
			want(t, got, object{"items_total": 26})
			if id := got["@id"].(string); strings.Contains(id, "b_s") {
				t.Errorf("@id %s", id)
			}
		})
	}
	for _, query := range []string{"b_start=-1", "b_size=-1", "b_size=x", "b_size=100000"} {
		t.Run("batching."+query, func(t *testing.T) {
			if p := r.in(t).refusedAB(400, "BadRequest", "GET", path+"?"+query, nil); p.fields() != strings.SplitN(query, "=", 2)[0] {
				t.Errorf("%+v", p)
			}
		})
	}
	for name, c := range map[string]struct{ query, keys string }{
		"none": {"", ""}, "one": {"&metadata_fields=created", "created"}, "repeated": {"&metadata_fields=created&metadata_fields=filename", "created filename"},
		":list": {"&metadata_fields:list=UID&metadata_fields:list=nichts", "UID nichts"},
	} {
		t.Run("metadata_fields."+name, func(t *testing.T) {
			one := r.in(t).get(path + "?b_size=1" + c.query)["items"].([]any)[0].(map[string]any)
			compare(t, "keys", slices.Collect(maps.Keys(one)), strings.Fields("@id @type description title "+c.keys))
		})
	}
	for field, value := range map[string]any{
		"creator": john, "review_state": "document-state-draft", "review_state_label": "Entwurf", "is_locked": false, "filename": nil, "filesize": nil, "mimetype": nil,
		"dossier_type": nil, "reference_number": "FD 1 / 1 / 261", "checked_out": "", "is_leafnode": nil, "is_subdossier": nil,
	} {
		t.Run("metadata_fields="+field, func(t *testing.T) {
			want(t, r.in(t).get(path + "?b_size=1&metadata_fields=" + field)["items"].([]any)[0].(map[string]any), object{field: value})
		})
	}
	t.Run("fullobjects", func(t *testing.T) {
		r := r.in(t)
		for _, query := range []string{"?fullobjects", "?fullobjects=1", "?fullobjects=true"} {
			whole := r.get(path + "/document-261")
			delete(whole, "@context")
			if got := r.get(path + query)["items"].([]any)[0]; !same(got, whole) {
				t.Errorf("%s: %v", query, got)
			}
		}
	})
	t.Run("fullobjects of @search", func(t *testing.T) {
		r := r.in(t)
		got := r.get(base + "/@search?fullobjects&sort_on=path&b_size=40&metadata_fields=getId")
		items := got["items"].([]any)
		for _, one := range items {
			entry := one.(map[string]any)
			whole := r.ask(200, "GET", strings.TrimPrefix(entry["@id"].(string), "http://"+apitest.Host)+"?include_items=false", nil).Object(r.t)
			whole["@id"], whole["getId"] = entry["@id"], nil
			delete(whole, "@context")
			if delete(entry, "items"); !same(entry, whole) {
				t.Errorf("%v\nwant %v", entry, whole)
			}
		}
		if want(t, got, object{"items_total": len(items)}); len(items) < 30 {
			t.Errorf("only %d", len(items))
		}
	})
	t.Run("include_items", func(t *testing.T) {
		r := r.in(t)
		if _, there := r.get(path + "?include_items=false")["items"]; there {
			t.Error("items are there")
		}
		want(t, r.get(path+"?include_items=false"), object{"items_total": 26})
		if _, there := r.get(path + "?include_items=true")["items"]; !there {
			t.Error("items are not there")
		}
	})
	for _, kind := range rules.Types() {
		t.Run("@types/"+kind.Name, func(t *testing.T) {
			schema := r.in(t).get(fuehrung + "/@types/" + kind.Name)
			compare(t, "keys", slices.Collect(maps.Keys(schema)), strings.Fields("fieldsets properties required title type"))
			properties := schema["properties"].(map[string]any)
			for i := range kind.Fields {
				f := &kind.Fields[i]
				property, _ := properties[f.Name].(map[string]any)
				if property["title"] != f.Title || property["type"] == nil {
					t.Errorf("%s: %v", f.Name, property)
				}
				if f.Vocabulary == "" {
					continue
				}
				source := property["vocabulary"].(map[string]any)["@id"].(string)
				tokens := []string{}
				for _, one := range r.get(source)["items"].([]any) {
					tokens = append(tokens, one.(map[string]any)["token"].(string))
				}
				settings := rules.DefaultSettings()
				for j, term := range settings.Terms(f.Vocabulary) {
					if j >= len(tokens) || tokens[j] != term.Token {
						t.Errorf("%s: %v", f.Name, tokens)
						break
					}
				}
			}
		})
	}
}

// TestTable1_2 are the headers of requests that steer an answer.
func TestTable1_2(t *testing.T) {
	r := open(t)
	for language, text := range map[string]string{"": "Eingaben sind ungültig", "de-CH,de;q=0.9": "Eingaben sind ungültig", "en": "Inputs not valid", "it, en;q=0.5": "Inputs not valid"} {
		t.Run("Accept-Language "+language, func(t *testing.T) {
			if p := r.in(t).refusedAB(http.StatusBadRequest, "BadRequest", "PATCH", dossier23, object{"title": nil}, "Accept-Language", language); p.Translated != text {
				t.Errorf("%s", p.Translated)
			}
		})
	}
	for prefer, c := range map[string]struct {
		post, patch int
		null        bool
	}{"": {201, 204, true}, "return=minimal": {201, 204, true}, "return=representation": {201, 200, false}, "handling=lenient, return=representation": {201, 200, false}, "RETURN=representation": {201, 200, false}} {
		t.Run("Prefer "+prefer, func(t *testing.T) {
			r := r.in(t)
			got := r.ask(c.post, "POST", fuehrung, dossier().of(dossierType), "Prefer", prefer)
			if (string(got.Body) == "null") != c.null {
				t.Errorf("POST: %s", got.Body)
			}
			got = r.ask(c.patch, "PATCH", dossier23, object{"title": "Anders"}, "Prefer", prefer)
			if !c.null && got.Object(t)["title"] != "Anders" || c.null && len(got.Body) > 0 {
				t.Errorf("PATCH: %s", got.Body)
			}
		})
	}
}

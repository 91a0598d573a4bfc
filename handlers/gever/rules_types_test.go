package gever_test

import (
	"fmt"
	"strings"
	"testing"

	"loket/handlers/apitest"

	rules "loket/store/gever"
)

const deactivate = "opengever_workspace--TRANSITION--deactivate--active_inactive"

// deleting is a row of gever.md 3.6: an object in places, and what stands
// against deleting it for who may edit it and for a Manager; "" is nothing.
type deleting struct {
	in              []string // above it, innermost last; none: it stands at the site
	kind            string
	editor, manager string
	trashable       bool
}

// TestTable3_6 is who may delete the types of gever.md 2.7, and when: as it is,
// in the trash where it goes there, and with something in it.
func TestTable3_6(t *testing.T) { inBoth(t, testTable3_6) }

func testTable3_6(t *testing.T, open opener) {
	team := []string{workspaceRootType, workspaceType}
	first := rules.MsgDeleteTrash
	shared := open(t)
	for name, c := range map[string]deleting{
		"todo":                         {append(team, rules.TodoListType), rules.TodoType, first, first, true},
		"todolist":                     {team, rules.TodoListType, first, first, true},
		"meeting":                      {team, rules.MeetingType, first, first, true},
		"meetingagendaitem":            {append(team, rules.MeetingType), rules.AgendaItemType, first, first, true},
		"workspace.folder":             {team, workspaceFolderType, first, first, true},
		"document of a workspace":      {team, documentType, first, first, true},
		"mail of a workspace":          {team, mailType, first, first, true},
		"workspace":                    {team[:1], workspaceType, rules.MsgDeleteRight, rules.MsgDeleteState, false},
		"workspace.root":               {nil, workspaceRootType, rules.MsgDeleteRight, "", false},
		"contactfolder":                {nil, contactFolderType, rules.MsgDeleteRight, "", false},
		"contact":                      {[]string{contactFolderType}, rules.ContactType, "", "", false},
		"inbox.container":              {nil, rules.InboxContainerType, rules.MsgDeleteRight, "", false},
		"inbox":                        {[]string{rules.InboxContainerType}, rules.InboxType, rules.MsgDeleteRight, "", false},
		"yearfolder":                   {[]string{rules.InboxType}, rules.YearFolderType, rules.MsgDeleteRight, "", false},
		"forwarding":                   {[]string{rules.InboxType}, rules.ForwardingType, rules.MsgDeleteRight, "", false},
		"document of an inbox":         {[]string{rules.InboxType}, documentType, rules.MsgDeleteRight, "", true},
		"templatefolder":               {nil, rules.TemplateFolderType, rules.MsgDeleteRight, "", false},
		"templatefolder in another":    {[]string{rules.TemplateFolderType}, rules.TemplateFolderType, rules.MsgDeleteRight, "", false},
		"document of a templatefolder": {[]string{rules.TemplateFolderType}, documentType, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := shared.in(t)
			container := inNew(base, c.in...)(r)
			path := r.make(container, c.kind, bodyOf(c.kind))
			r.user2("nur.hier", path)
			for who, message := range map[*room]string{r.by("nur.hier"): c.editor, r: c.manager} {
				if message != "" {
					who.refusedRule(message, "DELETE", path, nil)
				}
			}
			if c.trashable {
				r.by("nur.hier").ask(204, "POST", path+"/@trash", nil)
				if p := r.refusedAB(400, "BadRequest", "POST", path+"/@trash", nil); p.Message != "Already trashed" {
					t.Errorf("%+v", p)
				}
				want(t, r.get(path), object{"trashed": true})
				r.ask(204, "POST", path+"/@untrash", nil)
				want(t, r.get(path), object{"trashed": false})
				r.ask(204, "POST", path+"/@trash", nil)
			} else if p := r.refusedAB(400, "BadRequest", "POST", path+"/@trash", nil); p.Message != "Object is not trashable" {
				t.Errorf("%+v", p)
			}
			who := r
			if c.editor == "" || c.editor == first {
				who = r.by("nur.hier")
			}
			if c.manager == rules.MsgDeleteState {
				r.transition(path, deactivate, nil)
			}
			who.ask(204, "DELETE", path, nil)
			r.refusedAB(404, "NotFound", "GET", path, nil)
			if container != base {
				want(t, r.get(container), object{"items_total": 0})
			}
		})
	}
	for name, kinds := range map[string][]string{ // what must be empty, with something in it
		"filled contactfolder": {contactFolderType, rules.ContactType}, "filled inbox.container": {rules.InboxContainerType, rules.InboxType},
		"filled inbox": {rules.InboxType, documentType}, "filled templatefolder": {rules.TemplateFolderType, documentType}, "filled workspace.root": {workspaceRootType, workspaceType},
	} {
		t.Run(name, func(t *testing.T) {
			r := shared.in(t)
			path := inNew(base, kinds...)(r)
			r.refusedRule(rules.MsgDeleteFilled, "DELETE", path[:strings.LastIndexByte(path, '/')], nil)
		})
	}
	t.Run("list with to-dos", func(t *testing.T) { // what is in it goes with it
		r := shared.in(t)
		todo := inNew(base, append(team, rules.TodoListType, rules.TodoType)...)(r)
		list := todo[:strings.LastIndexByte(todo, '/')]
		r.ask(204, "POST", list+"/@trash", nil)
		want(t, r.get(todo), object{"trashed": true})
		r.refusedAB(400, "BadRequest", "POST", todo+"/@untrash", nil)
		r.ask(204, "DELETE", list, nil)
		r.refusedAB(404, "NotFound", "GET", todo, nil)
	})
	t.Run("inactive workspace", func(t *testing.T) {
		r := shared.in(t)
		todo := inNew(base, append(team, rules.TodoType)...)(r)
		workspace := todo[:strings.LastIndexByte(todo, '/')]
		r.transition(workspace, deactivate, nil)
		r.refusedAB(401, "Unauthorized", "POST", todo+"/@trash", nil)
		r.refusedAB(401, "Unauthorized", "PATCH", todo, object{"title": "y"})
		r.refusedC(400, "Bad Request", "POST", todo+"/@workflow/opengever_workspace_todo--TRANSITION--complete--active_completed", nil)
		r.refusedC(403, "Forbidden", "POST", workspace, bodyOf(rules.TodoType))
		r.transition(workspace, "opengever_workspace--TRANSITION--reactivate--inactive_active", nil)
		r.patch(todo, object{"title": "y"})
	})
}

// TestMoveTypes: where objects of these types may go, and where not.
func TestMoveTypes(t *testing.T) { inBoth(t, testMoveTypes) }

func testMoveTypes(t *testing.T, open opener) {
	shared := open(t)
	inbox, templates, team := []string{rules.InboxType}, []string{rules.TemplateFolderType}, []string{workspaceRootType, workspaceType}
	for name, c := range map[string]struct {
		from    []string // the last one is what moves
		to      []string // none: a dossier
		refused string
		number  string // before the document's own
	}{
		"document, inbox to dossier":                 {append(inbox, documentType), nil, "", "FD 2.1 / 1 / "},
		"mail, inbox to dossier":                     {append(inbox, mailType), nil, "", "FD 2.1 / 1 / "},
		"document, inbox in a container to dossier":  {[]string{rules.InboxContainerType, rules.InboxType, documentType}, nil, "", "FD 2.1 / 1 / "},
		"document, template to dossier":              {append(templates, documentType), nil, "", "FD 2.1 / 1 / "},
		"document, template to template":             {append(templates, documentType), append(templates, rules.TemplateFolderType), "", "FD / "},
		"document, forwarding to dossier":            {append(inbox, rules.ForwardingType, documentType), nil, rules.MsgMoveTask, ""},
		"document, inbox to inbox of a container":    {append(inbox, documentType), []string{rules.InboxContainerType, rules.InboxType}, "", "FD / "},
		"document, inbox to forwarding":              {append(inbox, documentType), append(inbox, rules.ForwardingType), "", "FD / "},
		"forwarding, inbox to yearfolder":            {append(inbox, rules.ForwardingType), append(inbox, rules.YearFolderType), "", ""},
		"forwarding, inbox to dossier":               {append(inbox, rules.ForwardingType), nil, rules.MsgMoveContainer, ""},
		"document, dossier to inbox":                 {nil, inbox, rules.MsgMoveArea, ""},
		"document, dossier to template":              {nil, templates, rules.MsgMoveArea, ""},
		"document, dossier to workspace":             {nil, team, rules.MsgMoveArea, ""},
		"document, workspace to dossier":             {append(team, documentType), nil, rules.MsgMoveArea, ""},
		"document, inbox to template":                {append(inbox, documentType), templates, rules.MsgMoveArea, ""},
		"document, template to inbox":                {append(templates, documentType), inbox, rules.MsgMoveArea, ""},
		"document, inbox to workspace":               {append(inbox, documentType), team, rules.MsgMoveArea, ""},
		"todo, workspace to list":                    {append(team, rules.TodoType), append(team, rules.TodoListType), "", ""},
		"todo, list to workspace":                    {append(team, rules.TodoListType, rules.TodoType), team, "", ""},
		"todo, workspace to meeting":                 {append(team, rules.TodoType), append(team, rules.MeetingType), rules.MsgMoveContainer, ""},
		"meetingagendaitem, meeting to another":      {append(team, rules.MeetingType, rules.AgendaItemType), append(team, rules.MeetingType), "", ""},
		"meeting, workspace to folder":               {append(team, rules.MeetingType), append(team, workspaceFolderType), rules.MsgMoveContainer, ""},
		"templatefolder, site to another":            {templates, templates, "", ""},
		"templatefolder to itself":                   {templates, append(templates, rules.TemplateFolderType), "", ""},
		"inbox, container to another":                {[]string{rules.InboxContainerType, rules.InboxType}, []string{rules.InboxContainerType}, "", ""},
		"inbox, site to container":                   {inbox, []string{rules.InboxContainerType}, "", ""},
		"workspace.folder, workspace to its sibling": {append(team, workspaceFolderType), append(team, workspaceFolderType), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := shared.in(t)
			source, target := document, dossier21
			if c.from != nil {
				source = inNew(base, c.from...)(r)
			}
			if c.to != nil {
				target = inNew(base, c.to...)(r)
			}
			if c.refused != "" {
				r.refusedRule(c.refused, "POST", target+"/@move", object{"source": absolute(source)})
				return
			}
			before := r.get(source)
			moved := r.move("@move", target, absolute(source))[0]
			got := r.get(moved)
			want(t, got, object{"UID": before["UID"], "review_state": before["review_state"]})
			want(t, got["parent"].(map[string]any), object{"@id": "http://" + apitest.Host + target})
			if c.number != "" {
				want(t, got, object{"reference_number": fmt.Sprint(c.number, got["sequence_number"])})
			}
			r.leads(301, "GET", source, moved)
		})
	}
}

// TestCopyTypes: copies of these types are new ones with numbers of their own.
func TestCopyTypes(t *testing.T) { inBoth(t, testCopyTypes) }

func testCopyTypes(t *testing.T, open opener) {
	r := open(t)
	todo := inNew(base, workspaceRootType, workspaceType, rules.TodoListType, rules.TodoType)(r)
	list := todo[:strings.LastIndexByte(todo, '/')]
	team := list[:strings.LastIndexByte(list, '/')]
	r.transition(todo, "opengever_workspace_todo--TRANSITION--complete--active_completed", nil)
	copied := r.move("@copy", team, absolute(list))[0]
	want(t, r.get(copied), object{"id": "todolist-2", "title": "Copy of x", "sequence_number": 2})
	want(t, r.get(copied+"/todo-2"), object{"title": "x", "review_state": "opengever_workspace_todo--STATUS--active", "is_completed": false})
	template := inNew(base, rules.TemplateFolderType, documentType)(r)
	want(t, r.get(r.move("@copy", dossier21, absolute(template))[0]), object{"reference_number": "FD 2.1 / 1 / 262", "review_state": "document-state-draft"})
	r.refusedRule(rules.MsgMoveContainer, "POST", dossier21+"/@copy", object{"source": absolute(todo)})
}

// TestForwardings: a forwarding is its issuer's and its responsible's, and
// keeps what happened to it.
func TestForwardings(t *testing.T) { inBoth(t, testForwardings) }

func testForwardings(t *testing.T, open opener) {
	r := open(t)
	inbox := inNew(base, rules.InboxContainerType, rules.InboxType)(r)
	r.withRole("nichts.sonst", dossier42, rules.Reader)
	responsible := r.by("nichts.sonst")
	other := r.make(inbox, rules.ForwardingType, bodyOf(rules.ForwardingType))
	path := r.make(inbox, rules.ForwardingType, object{"title": "Anfrage", "issuer": john, "responsible": "nichts.sonst", "text": "<p>Bitte</p>"})
	doc := r.make(path, documentType, object{"title": "Brief"})
	want(t, responsible.get(path), object{"is_current_user_responsible": true, "responsible": "fd:nichts.sonst", "responsible_client": "fd", "is_completed": false})
	responsible.get(doc)
	responsible.refusedAB(401, "Unauthorized", "GET", other, nil)
	responsible.refusedAB(401, "Unauthorized", "GET", inbox, nil)
	if got := sorted(responsible.items(base + "/@search?SearchableText=a*")); got != "Anfrage" {
		t.Errorf("found %s", got)
	}
	if got := transitions(responsible.get(path + "/@workflow")); got != "forwarding-transition-close forwarding-transition-reassign forwarding-transition-refuse" {
		t.Errorf("open %s", got)
	}
	for name, body := range map[string]object{"responsible": {"responsible": "fd:jane.leser"}, "responsible_client": {"responsible_client": "fd"}} {
		t.Run(name+".patch", func(t *testing.T) {
			if p := r.in(t).refusedAB(400, "BadRequest", "PATCH", path, body); p.Message != "change_responsible_not_allowed" {
				t.Errorf("%+v", p)
			}
		})
	}
	r.patch(path, object{"is_private": true, "title": "Anfrage A"}) // not its field
	responsible.comment(path, "Das ist nicht für uns.")
	responsible.transition(path, "forwarding-transition-refuse", object{"text": "Falsches Amt"})
	r.refusedAB(401, "Unauthorized", "PATCH", path, object{"title": "x"})
	responsible.refusedC(400, "Bad Request", "POST", path+"/@workflow/forwarding-transition-reassign-refused", object{"responsible": "fd:jane.leser"})
	if p := r.refusedAB(400, "BadRequest", "POST", path+"/@workflow/forwarding-transition-reassign-refused", object{}); p.fields() != "responsible" {
		t.Errorf("%+v", p)
	}
	r.transition(path, "forwarding-transition-reassign-refused", object{"responsible": "fd:jane.leser"})
	responsible.refusedAB(401, "Unauthorized", "GET", path, nil)
	r.by(jane).transition(path, "forwarding-transition-close", nil)
	want(t, r.get(path), object{"is_completed": true, "review_state": "forwarding-state-closed", "responsible": "fd:jane.leser"})
	last := r.last(path)
	want(t, last, object{"transition": "forwarding-transition-close", "response_type": "default"})
	if n := len(r.get(path)["responses"].([]any)); n != 5 { // a document, a comment, three transitions
		t.Errorf("%d responses", n)
	}
	// Nobody but those who may everywhere else add in an inbox.
	for _, kind := range []string{documentType, rules.ForwardingType, rules.YearFolderType} {
		responsible.refusedAB(401, "Unauthorized", "POST", inbox, bodyOf(kind))
	}
}

// TestAddTypes: who may add each of the types.
func TestAddTypes(t *testing.T) { inBoth(t, testAddTypes) }

func testAddTypes(t *testing.T, open opener) {
	content := []rules.Role{rules.Contributor, rules.Editor, rules.LimitedAdmin, rules.Administrator, rules.Manager}
	administrators := []rules.Role{rules.Administrator, rules.Manager}
	manager := []rules.Role{rules.Manager}
	team := []string{workspaceRootType, workspaceType}
	r := open(t)
	for kind, c := range map[string]struct {
		in  []string
		may []rules.Role
	}{
		contactFolderType: {nil, manager}, rules.ContactType: {[]string{contactFolderType}, content},
		workspaceRootType: {nil, manager}, workspaceType: {team[:1], content}, workspaceFolderType: {team, content},
		rules.TodoType: {team, content}, rules.TodoListType: {team, content}, rules.MeetingType: {team, content},
		rules.AgendaItemType: {append(team, rules.MeetingType), content}, rules.InboxContainerType: {nil, manager}, rules.InboxType: {[]string{rules.InboxContainerType}, manager},
		rules.ForwardingType: {[]string{rules.InboxType}, content}, rules.YearFolderType: {[]string{rules.InboxType}, administrators},
		rules.TemplateFolderType: {nil, administrators},
	} {
		t.Run(kind, func(t *testing.T) {
			r := r.in(t)
			r.addedBy(inNew(base, c.in...)(r), bodyOf(kind), c.may...)
		})
	}
}

// TestWorkspaceKeys: what a workspace says of the caller (gever.md 2.7).
func TestWorkspaceKeys(t *testing.T) { inBoth(t, testWorkspaceKeys) }

func testWorkspaceKeys(t *testing.T, open opener) {
	r := open(t)
	team := inNew(base, workspaceRootType, workspaceType)(r)
	r.withRole("gast", team, rules.Reader)
	r.withRole("mitglied", team, rules.Contributor)
	r.withRole("leitung", team, rules.Administrator)
	for _, hide := range []bool{false, true} {
		r.patch(team, object{"hide_members_for_guests": hide})
		for user, c := range map[string]struct{ members, participants bool }{
			"gast": {!hide, false}, "mitglied": {true, false}, "leitung": {true, true}, john: {true, true},
		} {
			want(t, r.by(user).get(team), object{"can_access_members": c.members, "can_manage_participants": c.participants})
		}
	}
	email, _ := r.get(team)["email"].(string)
	oguid, _ := r.get(team)["oguid"].(string)
	if email != strings.TrimPrefix(oguid, "fd:")+"@fd.example.org" {
		t.Errorf("email %q of %q", email, oguid)
	}
	// Documents of a workspace have a workflow of their own.
	doc := r.make(team, documentType, object{"title": "x"})
	r.transition(doc, "opengever_workspace_document--TRANSITION--finalize--active_final", nil)
	r.refusedAB(401, "Unauthorized", "PATCH", doc, object{"title": "y"})
	r.transition(doc, "opengever_workspace_document--TRANSITION--reopen--final_active", nil)
	r.patch(doc, object{"title": "y"})
	// A to-do is spoken of, and stays open to changes when it is done.
	todo := r.make(team, rules.TodoType, object{"title": "x"})
	r.by("mitglied").comment(todo, "Wer?")
	r.transition(todo, "opengever_workspace_todo--TRANSITION--complete--active_completed", nil)
	want(t, r.get(todo), object{"is_completed": true})
	r.patch(todo, object{"title": "y"})
	if n := len(r.get(todo)["responses"].([]any)); n != 1 {
		t.Errorf("%d responses", n)
	}
	r.refusedAB(404, "NotFound", "GET", team+"/@responses", nil)
	// Only containers end what is given above them.
	r.share(team, object{"inherit": false})
	r.refusedAB(400, "BadRequest", "POST", todo+"/@sharing", object{"inherit": false})
}

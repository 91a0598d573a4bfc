package gever_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"loket/handlers/apitest"

	rules "loket/store/gever"
)

// Rows of kinds that only the types of gever.md 2.7 have.

func principalRow(name string) row {
	return row{
		name: name, takes: []pair{{"jane.leser", "jane.leser"}, {object{"token": "peter.muster", "title": "x"}, "peter.muster"}},
		refuses: []pair{{"niemand", constraint}, {5, wrongType}},
	}
}

func instantRow(name string) row {
	is := func(instant string) func(*testing.T, any) {
		return func(t *testing.T, shown any) { t.Helper(); sameInstant(t, shown, instant) }
	}
	r := row{name: name, refuses: []pair{
		{"1899-12-31T23:00:00Z", "year=1899 is invalid. Year must be >= 1900."}, {"2026-02-30T10:00:00Z", isoInstant}, {"2026-02-28", isoInstant}, {"bald", isoInstant}, {5, wrongType},
	}}
	for _, instant := range []string{"2026-03-02T10:30:00Z", "2026-03-02T10:30:00+01:00", "2026-07-02T10:30:00Z"} {
		r.takes = append(r.takes, pair{instant, is(instant)})
	}
	// Less than a second is dropped; without a zone it is UTC.
	r.takes = append(r.takes, pair{"2026-03-02T10:30:00.75Z", is("2026-03-02T10:30:00Z")}, pair{"2026-03-02T10:30:00", is("2026-03-02T10:30:00Z")}, pair{"2026-03-02T10:30", is("2026-03-02T10:30:00Z")})
	return r
}

const isoInstant = "The date and time must be in ISO 8601."

func fileRow(name string) row {
	return row{
		name: name, refuses: []pair{{"x", wrongType}, {object{"filename": "x"}, wrongType}},
		takes: []pair{{textFile("x.png", "bild"), func(t *testing.T, shown any) {
			t.Helper()
			file, _ := shown.(map[string]any)
			want(t, file, object{"filename": "x.png", "size": 4, "content-type": "text/plain"})
			if download, _ := file["download"].(string); !strings.HasSuffix(download, "/@@download/"+name) {
				t.Errorf("download %q", download)
			}
		}}},
	}
}

func objectRow(name string) row {
	return row{name: name, takes: []pair{{object{"links": "x"}, object{"links": "x"}}}, refuses: []pair{{"x", wrongType}}}
}

func named255(name string) row {
	r := textRow(name, "x")
	r.required, r.takes, r.refuses = true, r.takes[:1], append(r.refuses[:2:2], pair{strings.Repeat("x", 256), tooLong})
	return r
}

func titleRow() row {
	r := textRow("title", "Zeile")
	r.required, r.takes = true, r.takes[:1]
	return r
}

// ofType is a row of gever.md 2.7: where the type stands, and its fields.
type ofType struct {
	in      []string // types above it, below the site
	minimal object
	rows    []row
	extras  object // computed keys of the smallest object
}

func textRows(names string) []row {
	var out []row
	for _, name := range strings.Fields(names) {
		out = append(out, textRow(name, nil))
	}
	return out
}

var local, localRows = object{"title_de": "Zeile"}, append(localized(), linesRow("description", ""))

// table2_7 is the table but for mails (TestTable2_5) and what is not there:
// the templates of dossiers, tasks and proposals, and private folders.
func table2_7() map[string]ofType {
	zeile := object{"title": "Zeile"}
	toLists := []string{workspaceRootType, workspaceType}
	forwarded := textRow("title", "Zeile")
	forwarded.required, forwarded.takes, forwarded.refuses = true, forwarded.takes[:1], append(forwarded.refuses[:2:2], pair{strings.Repeat("x", 257), tooLong})
	unit := textRow("responsible_org_unit", nil)
	unit.refuses = append(unit.refuses[:2:2], pair{strings.Repeat("x", 31), tooLong})
	return map[string]ofType{
		contactFolderType: {nil, local, localRows, object{"review_state": "contactfolder-state-active"}},
		rules.ContactType: {[]string{contactFolderType}, object{"lastname": "x", "firstname": "x"}, slices.Concat(
			[]row{named255("lastname"), named255("firstname"), linesRow("description", ""), fileRow("picture")},
			textRows("salutation academic_title company department function email email2 url phone_office phone_fax phone_mobile phone_home address1 address2 zip_code city country"),
		), object{"title": "x x", "id": "x-x", "is_folderish": false}},
		workspaceRootType: {nil, local, localRows, object{"id": "workspaces"}},
		workspaceType: {[]string{workspaceRootType}, zeile, slices.Concat(
			[]row{titleRow(), linesRow("description", ""), principalRow("responsible"), flagRow("hide_members_for_guests", false), flagRow("restrict_downloading_documents", false)},
			[]row{objectRow("meeting_template_header"), objectRow("meeting_template_footer"), fileRow("workspace_logo")},
			textRows("external_reference gever_url videoconferencing_url"),
		), object{"can_manage_participants": true, "can_access_members": true}},
		workspaceFolderType: {toLists, zeile, []row{titleRow(), linesRow("description", "")}, object{"trashed": false}},
		rules.TodoType: {
			toLists, zeile,
			[]row{titleRow(), linesRow("text", nil), principalRow("responsible"), dateRow("deadline", nil)},
			object{"is_completed": false, "responses": []any{}, "trashed": false, "is_folderish": false},
		},
		rules.TodoListType: {toLists, zeile, []row{titleRow()}, object{"is_folderish": true, "items": []any{}, "trashed": false}},
		rules.MeetingType: {
			toLists, zeile, []row{
				titleRow(), principalRow("responsible"), instantRow("start"), instantRow("end"), textRow("location", nil), textRow("videoconferencing_url", nil),
				principalRow("chair"), principalRow("secretary"), usersRow("attendees"),
				{
					name: "guests", initial: []any{}, unset: []any{}, takes: []pair{{[]any{"Franz Meier", "Anna"}, []any{"Franz Meier", "Anna"}}, {[]any{}, []any{}}},
					refuses: []pair{{"x", wrongType}, {[]any{5}, wrongType}, {[]any{""}, constraint}},
				},
			}, object{"is_folderish": true, "trashed": false},
		},
		rules.AgendaItemType: {
			append(slices.Clone(toLists), rules.MeetingType), zeile, []row{
				titleRow(), linesRow("text", nil), linesRow("decision", nil),
				relationRow("relatedItems", []any{}, "/ordnungssystem/fuehrung/dossier-23/document-259", "/ordnungssystem/fuehrung/dossier-42"),
				{name: "related_todo_list", refuses: []pair{{true, wrongType}, {"/ordnungssystem/fuehrung", "Could not resolve object for path=/ordnungssystem/fuehrung"}, {[]any{"/a", "/b"}, constraint}}},
			}, object{"is_folderish": false, "trashed": false},
		},
		rules.InboxContainerType: {nil, local, localRows, object{"review_state": "inbox-state-default"}},
		rules.InboxType:          {[]string{rules.InboxContainerType}, local, append(slices.Clone(localRows), textRow("inbox_group", nil), unit), nil},
		rules.ForwardingType: {[]string{rules.InboxType}, object{"title": "Zeile", "issuer": "john.doe", "responsible": "fd:peter.muster"}, []row{
			forwarded, {name: "issuer", initial: "john.doe", required: true, takes: []pair{{"peter.muster", "peter.muster"}}, refuses: []pair{{"niemand", constraint}}},
			{name: "responsible", initial: "fd:peter.muster", readOnly: true}, {name: "responsible_client", initial: "fd", readOnly: true},
			usersRow("informed_principals"), dateRow("deadline", nil), dateRow("date_of_completion", nil), textRow("predecessor", nil),
			{name: "text", takes: []pair{{"<p>a</p>", object{"data": "<p>a</p>", "content-type": "text/html", "encoding": "utf8"}}}, refuses: []pair{{5, wrongType}}},
			relationRow("relatedItems", []any{}, "/ordnungssystem/fuehrung/dossier-23/document-259", "/ordnungssystem/fuehrung/dossier-42"),
		}, object{"is_completed": false, "is_current_user_responsible": false, "responses": []any{}}},
		rules.YearFolderType:     {[]string{rules.InboxType}, local, localRows, nil},
		rules.TemplateFolderType: {nil, local, localRows, object{"id": "opengever-dossier-templatefolder"}},
	}
}

// TestTable2_7: every field of the types, what it shows at first, takes and
// refuses.
func TestTable2_7(t *testing.T) { inBoth(t, testTable2_7) }

func testTable2_7(t *testing.T, open opener) {
	shared := open(t)
	for kind, c := range table2_7() {
		t.Run(kind, func(t *testing.T) {
			r := shared.in(t)
			container := inNew(base, c.in...)(r)
			r.rows(t, container, kind, c.minimal, c.rows)
			got := r.get(r.make(container, kind, c.minimal))
			want(t, got, c.extras.without("id"))
			if id, _ := c.extras["id"].(string); !strings.HasPrefix(got["id"].(string), id) { // others have it already
				t.Errorf("id %v", got["id"])
			}
			for name := range c.minimal {
				body := c.minimal.without(name)
				if p := r.refusedAB(400, "BadRequest", "POST", container, body.of(kind)); p.fields() != name {
					t.Errorf("without %s: %+v", name, p)
				}
			}
		})
	}
}

// without is the object without a key.
func (o object) without(key string) object {
	out := object{}
	for k, v := range o {
		if k != key {
			out[k] = v
		}
	}
	return out
}

// TestTable2_7Live are the keys and forms of the running system.
func TestTable2_7Live(t *testing.T) {
	r := openLive(t)
	team := inNew(base, workspaceRootType, workspaceType)(r)
	john := object{"token": "john.doe", "title": "Doe John (john.doe)"}
	actor := object{"@id": "http://" + apitest.Host + base + "/@actors/john.doe", "identifier": "john.doe"}
	list := r.make(team, rules.TodoListType, object{"title": "Liste"})
	meeting := r.make(team, rules.MeetingType, object{
		"title": "Sitzung", "start": "2026-03-02T10:30:00+01:00", "attendees": []any{"john.doe"}, "guests": []any{"Anna"}, "chair": john, "secretary": "john.doe", "responsible": "john.doe",
	})
	item := r.make(meeting, rules.AgendaItemType, object{"title": "Eins", "related_todo_list": absolute(list)})
	todo := r.make(list, rules.TodoType, object{"title": "Todo", "responsible": john})
	for path, c := range map[string]struct {
		keys   string
		values object
	}{
		todo: {
			`@components @id @type UID allow_discussion changed created creator deadline id is_completed is_folderish layout modified next_item oguid parent previous_item
			relative_path responses responsible responsible_actor responsible_fullname review_state sequence_number text title trashed version`,
			object{"responsible": john, "responsible_actor": actor, "responsible_fullname": "Doe John", "review_state": "opengever_workspace_todo--STATUS--active"},
		},
		meeting: {
			`@components @id @type UID allow_discussion attendees chair changed created creator end guests id is_folderish items items_total layout location modified
			next_item oguid parent previous_item relative_path responsible responsible_actor responsible_fullname review_state secretary sequence_number start title
			trashed version videoconferencing_url`,
			object{"start": "2026-03-02T09:30:00+00:00", "end": nil, "attendees": []any{john}, "guests": []any{"Anna"}, "chair": john, "secretary": john},
		},
		item: {
			`@components @id @type UID allow_discussion changed created creator decision id is_folderish layout modified next_item oguid parent previous_item relatedItems
			related_todo_list relative_path review_state text title trashed version`,
			object{"relatedItems": []any{}, "related_todo_list": r.raw(todo)["parent"]},
		},
	} {
		got := r.raw(path)
		if keys := strings.Join(strings.Fields(c.keys), " "); keysOf(got) != keys {
			t.Errorf("%s: keys %s, want %s", path, keysOf(got), keys)
		}
		want(t, got, c.values)
	}
	r.patch(item, object{"related_todo_list": nil})
	want(t, r.raw(item), object{"related_todo_list": nil})
}

// TestMeetings: start comes before end, also where they are written in other
// zones.
func TestMeetings(t *testing.T) { inBoth(t, testMeetings) }

func testMeetings(t *testing.T, open opener) {
	r := open(t)
	team := inNew(base, workspaceRootType, workspaceType)(r)
	with := func(start, end string) object { return object{"title": "x", "start": start, "end": end} }
	for name, times := range map[string][2]string{
		"after": {"2026-03-02T10:00:00Z", "2026-03-02T09:59:59Z"}, "after in another zone": {"2026-03-02T10:00:00Z", "2026-03-02T10:30:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			p := r.in(t).refusedAB(400, "BadRequest", "POST", team, with(times[0], times[1]).of(rules.MeetingType))
			if p.Message != "The start date must be before the end date." {
				t.Errorf("%+v", p)
			}
		})
	}
	for _, times := range [][2]string{{"2026-03-02T10:00:00+01:00", "2026-03-02T09:30:00Z"}, {"2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z"}} {
		r.make(team, rules.MeetingType, with(times[0], times[1]))
	}
	late := r.make(team, rules.MeetingType, object{"title": "Spät", "start": "2026-03-05T22:00:00Z"})
	early := r.make(team, rules.MeetingType, object{"title": "Früh", "start": "2026-03-05T08:00:00Z"})
	for query, wanted := range map[string]string{
		"filters.start:record=2026-03-05":                                      "Früh, Spät",
		"filters.start:record=2026-03-01TO2026-03-05":                          "Früh, Spät, x, x",
		"filters.start:record=2026-03-03TO*":                                   "Früh, Spät",
		"filters.start:record=*TO2026-03-04":                                   "x, x",
		"filters.start:record=2026-03-01TO2026-03-05&filters.title:record=sp*": "Spät",
	} {
		if got := sorted(r.items(team + "/@listing?name=workspace_meetings&" + query)); got != wanted {
			t.Errorf("%s lists %s, want %s", query, got, wanted)
		}
	}
	if got := r.items(team + "/@listing?name=workspace_meetings&sort_on=start&sort_order=descending&filters.start:record=2026-03-05"); got != "Spät, Früh" {
		t.Errorf("sorted: %s", got)
	}
	row := r.get(team + "/@listing?name=workspace_meetings&columns:list=start&filters.title:record=sp*")["items"].([]any)[0].(map[string]any)
	sameInstant(t, row["start"], "2026-03-05T22:00:00Z")
	r.ask(204, "POST", late+"/@trash", nil)
	r.ask(204, "POST", early+"/@trash", nil)
	if got := r.items(team + "/@listing?name=workspace_meetings&filters.start:record=2026-03-05"); got != "" {
		t.Errorf("trashed: %s", got)
	}
	if _, err := time.Parse(time.RFC3339, r.get(late)["start"].(string)); err != nil {
		t.Error(err)
	}
}

// TestListingsOfTypes: each new listing shows its type, to those who see it.
func TestListingsOfTypes(t *testing.T) { inBoth(t, testListingsOfTypes) }

func testListingsOfTypes(t *testing.T, open opener) {
	r := open(t)
	team := inNew(base, workspaceRootType, workspaceType)(r)
	list := r.make(team, rules.TodoListType, object{"title": "Liste"})
	done := r.make(list, rules.TodoType, object{"title": "Erledigt", "text": "Fahrplan", "responsible": "peter.muster"})
	r.transition(done, "opengever_workspace_todo--TRANSITION--complete--active_completed", nil)
	r.make(team, rules.TodoType, object{"title": "Offen"})
	meeting := r.make(team, rules.MeetingType, object{"title": "Sitzung", "location": "Saal"})
	r.make(meeting, rules.AgendaItemType, object{"title": "Traktandum", "decision": "Angenommen"})
	templates := r.make(base, rules.TemplateFolderType, object{"title": "Vorlagen"})
	r.make(templates, rules.TemplateFolderType, object{"title": "Untervorlagen"})
	r.user2("im.team", team)
	r.user2("woanders", dossier23)
	member := r.by("im.team")
	for path, wanted := range map[string]string{
		"/@listing?name=todos": "Erledigt, Offen",
		"/@listing?name=todos&filters.responsible:record=" + peter:                                  "Erledigt",
		"/@listing?name=todos&filters.review_state:record=opengever_workspace_todo--STATUS--active": "Offen",
		"/@listing?name=todos&filters.is_completed:record:boolean=true":                             "Erledigt",
		"/@listing?name=todos&filters.is_completed:record:boolean=false":                            "Offen",
		"/@listing?name=todo_lists":                     "Liste",
		"/@listing?name=workspace_meetings":             "Sitzung",
		"/@search?SearchableText=fahrplan":              "Erledigt",
		"/@search?SearchableText=angenommen":            "Traktandum",
		"/@search?SearchableText=saal":                  "Sitzung",
		"/@search?portal_type=opengever.workspace.todo": "Erledigt, Offen",
		"/@solrsearch?q=saal&fl=title":                  "Sitzung",
		"/@listing?name=workspaces":                     "x",
	} {
		for _, who := range []*room{r, member} {
			if got := sorted(who.items(base + path)); got != wanted {
				t.Errorf("%s for %s lists %s, want %s", path, who.user, got, wanted)
			}
		}
		if got := r.by("woanders").items(base + path); got != "" {
			t.Errorf("%s for somebody else lists %s", path, got)
		}
	}
	if got := sorted(r.items(base + "/@listing?name=template_folders")); got != "Untervorlagen, Vorlagen" {
		t.Errorf("template_folders: %s", got)
	}
	if got := member.items(base + "/@listing?name=template_folders"); got != "" {
		t.Errorf("template_folders for a member: %s", got)
	}
	rows := r.get(base + "/@listing?name=todos&sort_on=title&columns:list=is_completed&columns:list=responsible_fullname")["items"].([]any)
	want(t, rows[0].(map[string]any), object{"title": "Erledigt", "is_completed": true, "responsible_fullname": "Muster Peter"})
	want(t, rows[1].(map[string]any), object{"title": "Offen", "is_completed": false, "responsible_fullname": nil})
	counts := r.get(base + "/@listing-stats")["facet_counts"].(map[string]any)["listing_name"].(map[string]any)
	for name, n := range map[string]int{"todos": 2, "todo_lists": 1, "workspace_meetings": 1, "workspaces": 1, "template_folders": 2} {
		want(t, counts[name].(map[string]any), object{"count": n})
	}
	for query, wanted := range map[string]string{
		"root_interface=opengever.workspace.interfaces.IWorkspace&content_interfaces=opengever.workspace.interfaces.IToDoList&include_root=true":  "x*(Liste!*)",
		"root_interface=opengever.workspace.root&content_interfaces=opengever.workspace.workspace&content_interfaces=opengever.workspace.meeting": "x*(Sitzung)",
	} {
		var got struct{ Tree []node }
		r.ask(200, "GET", list+"/@navigation?"+query, nil).JSON(t, &got)
		if drawn(got.Tree) != wanted {
			t.Errorf("%s\n%s, want\n%s", query, drawn(got.Tree), wanted)
		}
	}
	if way := titles(r.get(done + "/@breadcrumbs")["items"]); way != "x, x, Liste, Erledigt" {
		t.Errorf("the way: %s", way)
	}
}

// TestVocabulariesOfTypes: each new type is told of with its fields, and where
// the values of its people are.
func TestVocabulariesOfTypes(t *testing.T) { inBoth(t, testVocabulariesOfTypes) }

func testVocabulariesOfTypes(t *testing.T, open opener) {
	r := open(t)
	for kind, c := range table2_7() {
		container := base
		if len(c.in) > 0 {
			container = inNew(base, c.in...)(r)
		}
		schema := r.get(container + "/@schema/" + kind)
		properties := schema["properties"].(map[string]any)
		want(t, schema, object{"title": rules.TypeOf(kind).Title})
		for _, row := range c.rows {
			if _, there := properties[row.name]; !there && row.name != "title" {
				t.Errorf("%s has no %s", kind, row.name)
			}
		}
		if !same(schema, r.get(container+"/@types/"+kind)) {
			t.Errorf("%s: @types and @schema differ", kind)
		}
	}
	team := inNew(base, workspaceRootType, workspaceType)(r)
	meeting := r.get(team + "/@schema/" + rules.MeetingType)["properties"].(map[string]any)
	want(t, meeting["start"].(map[string]any), object{"type": "string", "format": "date-time", "widget": "datetime"})
	want(t, meeting["guests"].(map[string]any), object{"type": "array", "items": object{"type": "string"}})
	source := meeting["chair"].(map[string]any)["querysource"].(map[string]any)["@id"].(string)
	want(t, r.get(source+"?query=muster"), object{"items_total": 1})
	inbox := inNew(base, rules.InboxType)(r)
	want(t, r.get(inbox+"/@vocabularies/"+rules.ForwardingType+"/responsible_client"), object{"items": []any{object{"token": "fd", "title": "Finanzdirektion"}}, "items_total": 1})
	want(t, r.get(inbox+"/@sources/"+rules.ForwardingType+"/responsible_client"), object{"items_total": 1})
}

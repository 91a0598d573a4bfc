package gever

// The types of workspaces.
const (
	TodoType       = "opengever.workspace.todo"
	TodoListType   = "opengever.workspace.todolist"
	MeetingType    = "opengever.workspace.meeting"
	AgendaItemType = "opengever.workspace.meetingagendaitem"
)

// ofWorkspaces are the computed keys of what is in a workspace.
var ofWorkspaces = append([]string{"changed", "creator", "sequence_number", "trashed"}, common...)

// workspaceTypes are the workspaces with what is in them (gever.md 2.7). The
// published descriptions name only the titles of todos, lists, meetings and
// items of agendas; their other fields are those of the running system, of
// which none is required here (decided).
var workspaceTypes = []*Type{
	{
		Name: WorkspaceRootType, Title: "Teamraum-Wurzel", Folderish: true, Add: AddRoot, Workflow: fixed("opengever_workspace_root--STATUS--active"), FixedID: "workspaces",
		Fields:   join(titles, []Field{blank(lines("description", "Beschreibung"))}),
		Computed: common, Contains: []string{WorkspaceType},
	},
	{
		Name: WorkspaceType, Title: "Teamraum", Folderish: true, Add: AddContent, Workflow: workspaceWorkflow, Sequence: "workspace",
		Fields: join(
			[]Field{
				required(text("title", "Titel")),
				blank(lines("description", "Beschreibung")),
				{Name: "responsible", Title: "Besitzer", Kind: User},
			},
			texts("external_reference", "Externe Referenz", "gever_url", "GEVER-URL", "videoconferencing_url", "Videokonferenz-URL"),
			[]Field{
				flag("hide_members_for_guests", "Beteiligte vor Gästen verbergen", false),
				flag("restrict_downloading_documents", "Herunterladen einschränken", false),
				{Name: "meeting_template_header", Title: "Kopfzeile der Protokolle", Kind: Object},
				{Name: "meeting_template_footer", Title: "Fusszeile der Protokolle", Kind: Object},
				{Name: "workspace_logo", Title: "Logo", Kind: File},
			}),
		Computed: append([]string{"can_access_members", "can_manage_participants", "changed", "creator", "email", "sequence_number"}, common...),
		Contains: []string{DocumentType, MailType, TodoType, TodoListType, WorkspaceFolderType, MeetingType},
	},
	{
		Name: WorkspaceFolderType, Title: "Ordner", Folderish: true, Add: AddContent, Workflow: fixed("opengever_workspace_folder--STATUS--active"), Sequence: "folder", Trash: true,
		Fields:   []Field{required(text("title", "Titel")), blank(lines("description", "Beschreibung"))},
		Computed: ofWorkspaces,
		Contains: []string{DocumentType, MailType, WorkspaceFolderType},
	},
	{
		Name: TodoType, Title: "To-do", Add: AddContent, Workflow: todoWorkflow, Sequence: "todo", Trash: true, Comments: true,
		Fields: []Field{
			required(text("title", "Titel")), lines("text", "Beschreibung"),
			{Name: "responsible", Title: "Verantwortlich", Kind: User}, date("deadline", "Zu erledigen bis"),
		},
		Computed: append([]string{"is_completed", "responses"}, ofWorkspaces...),
	},
	{
		Name: TodoListType, Title: "To-do-Liste", Folderish: true, Add: AddContent, Workflow: fixed("opengever_workspace_todolist--STATUS--active"), Sequence: "todolist", Trash: true,
		Fields:   []Field{required(text("title", "Titel"))},
		Computed: ofWorkspaces, Contains: []string{TodoType},
	},
	{
		Name: MeetingType, Title: "Sitzung", Folderish: true, Add: AddContent, Workflow: fixed("opengever_workspace_meeting--STATUS--active"), Sequence: "meeting", Trash: true,
		Fields: []Field{
			required(text("title", "Titel")),
			{Name: "responsible", Title: "Organisation", Kind: User},
			instant("start", "Beginn"), instant("end", "Ende"),
			text("location", "Ort"), text("videoconferencing_url", "Videokonferenz-URL"),
			{Name: "chair", Title: "Vorsitz", Kind: User}, {Name: "secretary", Title: "Protokollführung", Kind: User},
			{Name: "attendees", Title: "Teilnehmende", Kind: Users, Empty: emptyList},
			{Name: "guests", Title: "Gäste", Kind: Strings, Empty: emptyList},
		},
		Computed: ofWorkspaces, Contains: []string{AgendaItemType},
	},
	{
		Name: AgendaItemType, Title: "Traktandum", Add: AddContent, Workflow: fixed("opengever_workspace_meeting_agenda_item--STATUS--active"), Trash: true,
		Fields: []Field{
			required(text("title", "Titel")), lines("text", "Text"), lines("decision", "Beschluss"),
			{Name: "relatedItems", Title: "Verwandte Dokumente", Kind: Relation, Types: []string{DocumentType, MailType}, Empty: emptyList},
			{Name: "related_todo_list", Title: "To-do-Liste", Kind: Relation, Types: []string{TodoListType}, Single: true},
		},
		Computed: append([]string{"changed", "creator", "trashed"}, common...),
	},
}

package gever

// The types of inboxes and of templates.
const (
	InboxContainerType = "opengever.inbox.container"
	InboxType          = "opengever.inbox.inbox"
	ForwardingType     = "opengever.inbox.forwarding"
	YearFolderType     = "opengever.inbox.yearfolder"
	TemplateFolderType = "opengever.dossier.templatefolder"
)

// inboxTypes are where what arrives waits for its dossier (gever.md 2.7). A
// forwarding is a task without a type: somebody is asked to take what is in it.
// Decided: it has those of the task's fields that say who, until when and what.
var inboxTypes = []*Type{
	{
		Name: InboxContainerType, Title: "Eingangskörbe", Folderish: true, Add: AddRoot, Workflow: fixed("inbox-state-default"),
		Fields:   join(titles, []Field{blank(lines("description", "Beschreibung"))}),
		Computed: common, Contains: []string{InboxType},
	},
	{
		Name: InboxType, Title: "Eingangskorb", Folderish: true, Add: AddRoot, Workflow: fixed("inbox-state-default"), Numbers: true,
		Fields: join(titles, []Field{
			blank(lines("description", "Beschreibung")),
			text("inbox_group", "Gruppe des Eingangskorbs"),
			{Name: "responsible_org_unit", Title: "Federführendes Amt", Kind: Text, Max: 30},
		}),
		Computed: common, Contains: []string{DocumentType, ForwardingType, MailType, YearFolderType},
	},
	{
		Name: ForwardingType, Title: "Weiterleitung", Folderish: true, Add: AddContent, Workflow: forwardingWorkflow, Sequence: "forwarding", Tasklike: true, Comments: true,
		Fields: []Field{
			{Name: "title", Title: "Titel", Kind: Text, Required: true, Max: 256},
			{Name: "issuer", Title: "Auftraggeber", Kind: User, Required: true},
			{Name: "responsible_client", Title: "Mandant des Auftragnehmers", Kind: Choice, Vocabulary: orgUnits, Required: true},
			{Name: "responsible", Title: "Auftragnehmer", Kind: TaskUser, Required: true},
			{Name: "informed_principals", Title: "Informierte Personen", Kind: Users, Empty: emptyList},
			date("deadline", "Zu erledigen bis"), date("date_of_completion", "Erledigt am"),
			{Name: "text", Title: "Text", Kind: RichText},
			{Name: "relatedItems", Title: "Verwandte Dokumente", Kind: Relation, Types: []string{DocumentType, MailType}, Empty: emptyList},
			text("predecessor", "Vorgänger"),
		},
		Computed: append([]string{
			"changed", "creator", "is_completed", "is_current_user_responsible", "responses", "responsible_admin_unit_url", "sequence_number",
		}, common...),
		Contains: []string{DocumentType, MailType},
	},
	{
		Name: YearFolderType, Title: "Jahresordner", Folderish: true, Add: AddFolder, Workflow: fixed("inbox-state-default"),
		Fields:   join(titles, []Field{blank(lines("description", "Beschreibung"))}),
		Computed: common, Contains: []string{ForwardingType},
	},
}

// templateTypes are where documents lie from which others are made. Templates
// of dossiers, tasks and proposals are not there.
var templateTypes = []*Type{
	{
		Name: TemplateFolderType, Title: "Vorlagenordner", Folderish: true, Add: AddFolder, Workflow: fixed("templatefolder-state-active"), FixedID: "opengever-dossier-templatefolder",
		Numbers:  true,
		Fields:   join(titles, []Field{blank(lines("description", "Beschreibung"))}),
		Computed: common, Contains: []string{DocumentType, TemplateFolderType},
	},
}

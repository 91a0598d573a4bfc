package gever

import (
	"maps"
	"slices"
	"strings"
)

// The types' names, as @type shows them.
const (
	SiteType            = "Plone Site"
	RootType            = "opengever.repository.repositoryroot"
	FolderType          = "opengever.repository.repositoryfolder"
	DossierType         = "opengever.dossier.businesscasedossier"
	DocumentType        = "opengever.document.document"
	MailType            = "ftw.mail.mail"
	TaskType            = "opengever.task.task"
	ContactFolderType   = "opengever.contact.contactfolder"
	ContactType         = "opengever.contact.contact"
	WorkspaceRootType   = "opengever.workspace.root"
	WorkspaceType       = "opengever.workspace.workspace"
	WorkspaceFolderType = "opengever.workspace.folder"
	PrivateRootType     = "opengever.private.root"
	PrivateFolderType   = "opengever.private.folder"
	PrivateDossierType  = "opengever.private.dossier"
)

// Type describes one type of object: everything that differs between types is
// here and nowhere in code.
type Type struct {
	Name      string
	Title     string // for people, German
	Folderish bool
	Fields    []Field
	Computed  []string              // keys of answers that are no fields, beside those of every object
	Only      map[Contract][]string // the same of one contract alone
	Contains  []string              // types that may be created in it
	Add       Permission
	Workflow  *Workflow
	Sequence  string   // site-wide sequence: its ids are "<Sequence>-<n>"; "" makes the id of the title
	IDFields  []string // of which the id is made, in turn; empty: the title
	FixedID   string   // the id, when every one is called the same
	File      string   // the field that holds the document's file; "" has none
	Tasklike  bool     // its issuer and its responsible have roles there, and it keeps what happened to it
	Comments  bool     // it has responses
	Trash     bool     // it goes to the trash before it is deleted
	Numbers   bool     // documents in it have a number, though no dossier has them
	Dossier   bool     // a dossier of some kind
	Owner     string   // the field that names whose it is: nobody else sees it, nor what is in it; "" has none
	Once      bool     // its id is what FixedID or IDFields say and no other, so that there is one; it is neither moved nor copied

	byName map[string]*Field
	named  map[Contract][]string
}

// Field finds a field by name; nil when there is none.
func (t *Type) Field(name string) *Field { return t.byName[name] }

// FileFields are the fields that hold files.
func (t *Type) FileFields() []string {
	var out []string
	for i := range t.Fields {
		if t.Fields[i].Kind == File {
			out = append(out, t.Fields[i].Name)
		}
	}
	return out
}

// Dossierish tells of dossiers.
func (t *Type) Dossierish() bool { return t.Dossier }

// Private tells of what only its owner sees, with what is in it.
func (t *Type) Private() bool { return t.Owner != "" }

// Documentish tells of documents and mails.
func (t *Type) Documentish() bool { return t.File != "" }

// Tasks are the names of the types that are Tasklike.
func Tasks() []string {
	var out []string
	for _, t := range types {
		if t.Tasklike {
			out = append(out, t.Name)
		}
	}
	return out
}

// Localized tells of types whose title is kept in several languages.
func (t *Type) Localized() bool { return t.byName["title_de"] != nil }

// Parts that several types share.
var (
	titles = []Field{
		{Name: "title_de", Title: "Titel (deutsch)", Kind: Names},
		{Name: "title_fr", Title: "Titel (französisch)", Kind: Names},
		{Name: "title_en", Title: "Titel (englisch)", Kind: Names},
	}
	validity = []Field{date("valid_from", "Gültig ab"), date("valid_until", "Gültig bis")}

	classification = []Field{
		inherited(choice("classification", "Klassifikation", "classification", "unprotected")),
		inherited(choice("privacy_layer", "Datenschutzstufe", "privacy_layer", "privacy_layer_no")),
	}
	publicTrial = []Field{
		choice("public_trial", "Öffentlichkeitsstatus", "public_trial", "unchecked"),
		lines("public_trial_statement", "Begründung zum Öffentlichkeitsstatus"),
	}
	lifecycle = join(
		writtenBy(EditLifecycle,
			inherited(Field{Name: "retention_period", Title: "Aufbewahrungsdauer (Jahre)", Kind: IntChoice, Vocabulary: "retention_period", Required: true, Value: 5}),
			lines("retention_period_annotation", "Kommentar zur Aufbewahrungsdauer"),
			inherited(choice("archival_value", "Archivwürdigkeit", "archival_value", "unchecked")),
			lines("archival_value_annotation", "Kommentar zur Archivwürdigkeit"),
			inherited(Field{Name: "custody_period", Title: "Archivische Schutzfrist (Jahre)", Kind: IntChoice, Vocabulary: "custody_period", Required: true, Value: 30}),
		),
		writtenBy(EditCassation, Field{Name: "date_of_cassation", Title: "Kassationsdatum", Kind: Date, ReadIn: map[Contract]Permission{LiveContract: EditCassation}}),
		writtenBy(EditSubmission, date("date_of_submission", "Ablieferungsdatum")),
	)
	dossierBegin = []Field{
		required(text("title", "Titel")),
		blank(lines("description", "Beschreibung")),
		{Name: "keywords", Title: "Schlagwörter", Kind: Terms, Empty: emptyList},
		{Name: "start", Title: "Beginn", Kind: Date, Default: Today}, date("end", "Ende"),
	}
	dossierRest = join(
		[]Field{
			text("external_reference", "Externe Referenz"),
			choice("filing_prefix", "Ablage-Präfix", "filing_prefix", nil),
			text("former_reference_number", "Früheres Aktenzeichen"),
			choice("container_type", "Behältnis-Art", "container_type", nil),
			text("container_location", "Behältnis-Standort"),
			{Name: "number_of_containers", Title: "Anzahl Behältnisse", Kind: Int},
			text("temporary_former_reference_number", "Vorübergehendes früheres Aktenzeichen"),
			choice("dossier_type", "Dossiertyp", "dossier_type", nil),
			{Name: "checklist", Title: "Checkliste", Kind: Checklist},
			{Name: "custom_properties", Title: "Benutzerdefinierte Felder", Kind: Slots},
		},
		writtenBy(EditLifecycle, classification...), publicTrial, lifecycle)
	documentFields = join(
		[]Field{{Name: "description", Title: "Beschreibung", Kind: Lines, EmptyIn: map[Contract]any{LiveContract: ""}}, {Name: "keywords", Title: "Schlagwörter", Kind: Terms, Empty: emptyList}},
		classification, publicTrial,
		[]Field{
			{Name: "relatedItems", Title: "Verwandte Dokumente", Kind: Relation, Types: []string{DocumentType, MailType}, Empty: emptyList},
			text("foreign_reference", "Fremdzeichen"),
			{Name: "document_date", Title: "Dokumentdatum", Kind: Date, Default: Today},
			date("receipt_date", "Eingangsdatum"), date("delivery_date", "Ausgangsdatum"),
			choice("document_type", "Dokumenttyp", "document_type", nil),
			text("document_author", "Autor"),
			flag("preserved_as_paper", "In Papierform aufbewahrt", true),
			{Name: "archival_file", Title: "Archivdatei", Kind: File},
			{Name: "archival_file_state", Title: "Status der Archivdatei", Kind: Int},
			blank(text("gever_url", "GEVER-URL")),
			{Name: "custom_properties", Title: "Benutzerdefinierte Felder", Kind: Slots},
			{Name: "digitally_available", Title: "Digital verfügbar", Kind: Bool, ReadOnly: true},
			{Name: "thumbnail", Title: "Vorschaubild", Kind: Text, ReadOnly: true},
			{Name: "preview", Title: "Vorschau", Kind: Text, ReadOnly: true},
		})
)

// Keys of answers that are computed. common stand on everything but the site
// and the dossier, whose keys are the page's (gever.md 0.1 rules 3 and 4).
var (
	common = []string{
		"allow_discussion", "layout", "next_item", "previous_item", "is_folderish",
	}
	ofDocument = append([]string{
		"back_references_relatedItems", "bumblebee_checksum", "thumbnail_url", "preview_url", "pdf_url", "changeNote", "changed",
		"checked_out", "checked_out_fullname", "checkout_collaborators", "is_collaborative_checkout", "containing_dossier",
		"containing_subdossier", "containing_subdossier_url", "creator", "current_version_id", "file_extension", "file_mtime",
		"getObjPositionInParent", "is_locked", "is_shadow_document", "reference_number", "sequence_number", "teamraum_connect_links",
		"trashed", "version", "workspace_document_urls",
	}, common...)
)

// everywhere are the keys of every object but the site, by contract.
var everywhere = map[Contract][]string{
	PageContract: {"@id", "@type", "UID", "created", "id", "modified", "oguid", "parent", "relative_path", "review_state", "title"},
	LiveContract: {"@components", "@id", "@type", "UID", "created", "id", "modified", "oguid", "parent", "relative_path", "review_state", "version"},
}

// ofResponsible are the keys of what somebody is responsible for.
var ofResponsible = map[Contract][]string{LiveContract: {"responsible_actor", "responsible_fullname"}}

// ofSite are the keys of the site.
var ofSite = map[Contract][]string{
	PageContract: {"@id", "@type", "description", "id", "is_folderish", "items", "items_total", "title"},
	LiveContract: {"@components", "@id", "@type", "description", "id", "is_folderish", "items", "items_total", "title"},
}

// InContainers are the keys of every container.
var InContainers = []string{"items", "items_total"}

// types is the table (gever.md 2.2-2.7).
var types = slices.Concat(filingTypes, workspaceTypes, inboxTypes, templateTypes, privateTypes)

// filingTypes are the repository with what is filed in it, the contacts, and
// the site.
var filingTypes = []*Type{
	{
		Name: SiteType, Title: "GEVER", Folderish: true, Workflow: fixed("site"),
		Fields:   []Field{blank(lines("description", "Beschreibung"))},
		Contains: []string{RootType, ContactFolderType, WorkspaceRootType, InboxContainerType, InboxType, TemplateFolderType, PrivateRootType},
	},
	{
		Name: RootType, Title: "Ordnungssystem", Folderish: true, Add: AddRoot, Workflow: fixed("repositoryroot-state-active"),
		Fields: join(titles, validity, []Field{text("version", "Version")},
			writtenBy(EditAddendum, text("reference_number_addendum", "Zusatz zum Aktenzeichen"))),
		Computed: common, Contains: []string{FolderType},
	},
	{
		Name: FolderType, Title: "Ordnungsposition", Folderish: true, Add: AddFolder, Workflow: folderWorkflow,
		Fields: join(titles, []Field{blank(lines("description", "Beschreibung"))}, validity,
			[]Field{
				text("location", "Standort"), text("referenced_activity", "Leistung"), text("former_reference", "Früheres Zeichen"),
				flag("allow_add_businesscase_dossier", "Geschäftsdossiers erlauben", true),
				flag("respect_max_subdossier_depth_restriction", "Maximale Dossiertiefe einhalten", true),
			},
			writtenBy(EditLifecycle, classification...), publicTrial, lifecycle,
			[]Field{
				{Name: "reference_number_prefix", Title: "Präfix des Aktenzeichens", Kind: Text, Max: maxPrefix},
				{Name: "addable_dossier_templates", Title: "Erlaubte Dossiervorlagen", Kind: Relation, Empty: emptyList},
				{Name: "responsible_org_unit", Title: "Federführendes Amt", Kind: Text, Max: 30},
			}),
		Computed: append([]string{"changed", "is_leafnode", "reference_number", "blocked_local_roles"}, common...),
		Contains: []string{FolderType, DossierType},
	},
	{
		Name: DossierType, Title: "Geschäftsdossier", Folderish: true, Add: AddContent, Workflow: dossierWorkflow, Sequence: "dossier", Dossier: true,
		Fields: join(
			dossierBegin,
			[]Field{
				{Name: "comments", Title: "Kommentar", Kind: Lines, Only: PageContract},
				{Name: "responsible", Title: "Federführung", Kind: User, Required: true},
				{Name: "relatedDossier", Title: "Verwandte Dossiers", Kind: Relation, Types: []string{DossierType}, EmptyIn: map[Contract]any{LiveContract: emptyList}},
			},
			dossierRest,
			writtenBy(Protect,
				flag("extend_local_roles", "Berechtigungen erweitern", false),
				Field{Name: "reading", Title: "Lesen", Kind: Users, Groups: true, Empty: emptyList},
				Field{Name: "reading_and_writing", Title: "Lesen und Bearbeiten", Kind: Users, Groups: true, Empty: emptyList},
				Field{Name: "dossier_manager", Title: "Dossierverantwortliche Person", Kind: User, Groups: true},
			)),
		Computed: []string{"changed", "is_subdossier", "reference_number", "sequence_number", "touched"},
		Only: map[Contract][]string{LiveContract: append([]string{
			"back_references_relatedDossier", "blocked_local_roles", "email", "has_pending_jobs", "is_protected", "responses",
		}, common...)},
		Contains: []string{DossierType, DocumentType, MailType, TaskType},
	},
	{
		Name: DocumentType, Title: "Dokument", Add: AddContent, Workflow: documentWorkflow, Sequence: "document", File: "file",
		Fields:   join([]Field{text("title", "Titel"), {Name: "file", Title: "Datei", Kind: File}}, documentFields),
		Computed: ofDocument,
	},
	{
		Name: MailType, Title: "E-Mail", Add: AddContent, Workflow: mailWorkflow, Sequence: "document", File: "message",
		Fields: join([]Field{
			text("title", "Titel"),
			{Name: "message", Title: "Nachricht", Kind: File, Required: true},
			{Name: "original_message", Title: "Originalnachricht", Kind: File},
			choice("message_source", "Herkunft", "message_source", nil),
		}, documentFields),
		Computed: append([]string{"attachments"}, ofDocument...),
	},
	{
		Name: TaskType, Title: "Aufgabe", Folderish: true, Add: AddContent, Workflow: taskWorkflow, Sequence: "task", Tasklike: true, Comments: true,
		Fields: []Field{
			{Name: "title", Title: "Titel", Kind: Text, Required: true, Max: 256},
			{Name: "issuer", Title: "Auftraggeber", Kind: User, Required: true},
			{Name: "task_type", Title: "Auftragstyp", Kind: Choice, Vocabulary: "task_type", Required: true},
			{Name: "responsible_client", Title: "Mandant des Auftragnehmers", Kind: Choice, Vocabulary: orgUnits, Required: true},
			{Name: "responsible", Title: "Auftragnehmer", Kind: TaskUser, Required: true},
			{Name: "informed_principals", Title: "Informierte Personen", Kind: Users, Empty: emptyList},
			flag("is_private", "Private Aufgabe", false),
			flag("revoke_permissions", "Berechtigungen nach Abschluss entziehen", true),
			{Name: "deadline", Title: "Zu erledigen bis", Kind: Date, Required: true, Default: TodayPlusFive},
			date("date_of_completion", "Erledigt am"), date("expectedStartOfWork", "Beginn der Arbeit"),
			{Name: "text", Title: "Text", Kind: RichText},
			{Name: "relatedItems", Title: "Verwandte Dokumente", Kind: Relation, Types: []string{DocumentType, MailType}, Empty: emptyList},
			float("expectedDuration", "Erwarteter Aufwand (Stunden)"), float("expectedCost", "Erwartete Kosten"),
			float("effectiveDuration", "Effektiver Aufwand (Stunden)"), float("effectiveCost", "Effektive Kosten"),
			text("predecessor", "Vorgänger"),
			{Name: "position", Title: "Position", Kind: Int, OnCreate: true, Hidden: true},
			{Name: "sequence_type", Title: "Ablauf", Kind: Choice, Vocabulary: "sequence_type", OnCreate: true},
		},
		Computed: append([]string{
			"changed", "containing_dossier", "creator", "has_remote_predecessor", "has_sequential_successor", "is_completed",
			"is_current_user_responsible", "is_remote_task", "responses", "responsible_admin_unit_url", "sequence_number",
		}, common...),
		Contains: []string{TaskType, DocumentType, MailType},
	},
	{
		Name: ContactFolderType, Title: "Kontakteordner", Folderish: true, Add: AddRoot, Workflow: fixed("contactfolder-state-active"),
		Fields:   join(titles, []Field{blank(lines("description", "Beschreibung"))}),
		Computed: common, Contains: []string{ContactType},
	},
	{
		Name: ContactType, Title: "Kontakt", Add: AddContent, Workflow: fixed("contact-state-active"), IDFields: []string{"lastname", "firstname"},
		Fields: join(
			[]Field{
				{Name: "lastname", Title: "Nachname", Kind: Text, Required: true, Max: 255},
				{Name: "firstname", Title: "Vorname", Kind: Text, Required: true, Max: 255},
				blank(lines("description", "Beschreibung")),
			},
			texts("salutation", "Anrede", "academic_title", "Titel", "company", "Firma", "department", "Abteilung", "function", "Funktion",
				"email", "E-Mail", "email2", "E-Mail 2", "url", "URL", "phone_office", "Telefon Geschäft", "phone_fax", "Fax", "phone_mobile", "Mobile",
				"phone_home", "Telefon privat", "address1", "Adresse 1", "address2", "Adresse 2", "zip_code", "PLZ", "city", "Ort", "country", "Land"),
			[]Field{{Name: "picture", Title: "Bild", Kind: File}}),
		Computed: append([]string{"title"}, common...),
	},
}

// texts makes lines of pairs of name and title.
func texts(pairs ...string) []Field {
	out := make([]Field, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, text(pairs[i], pairs[i+1]))
	}
	return out
}

var typesByName = func() map[string]*Type {
	all := make(map[string]*Type, len(types))
	for _, t := range types {
		t.Fields = slices.Clone(t.Fields)
		t.byName = make(map[string]*Field, len(t.Fields))
		for i := range t.Fields {
			t.byName[t.Fields[i].Name] = &t.Fields[i]
		}
		t.named = t.names()
		all[t.Name] = t
	}
	return all
}()

// DossierTypes are the names of all kinds of dossiers.
var DossierTypes = namesOf((*Type).Dossierish)

// PrivateTypes are the names of what only its owner sees.
var PrivateTypes = namesOf((*Type).Private)

func namesOf(is func(*Type) bool) []string {
	var out []string
	for _, t := range types {
		if is(t) {
			out = append(out, t.Name)
		}
	}
	return out
}

// TypeOf finds a type by its name; nil when there is none.
func TypeOf(name string) *Type { return typesByName[name] }

// Types are all types that can be created, by name.
func Types() []*Type {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(typesByName)), func(n string) bool { return n == SiteType })
	out := make([]*Type, len(names))
	for i, n := range names {
		out[i] = typesByName[n]
	}
	return out
}

// Keys are the keys of an object's answers in a contract, sorted, without those
// that depend on the request (@context, batching, the page's @components).
func (t *Type) Keys(c Contract, languages []string) []string {
	if t.Name == SiteType {
		return ofSite[c]
	}
	keys := slices.Concat(everywhere[c], t.Computed, t.Only[c])
	if t.byName["responsible"] != nil {
		keys = append(keys, ofResponsible[c]...)
	}
	if t.Folderish {
		keys = append(keys, InContainers...)
	}
	for i := range t.Fields {
		if f := &t.Fields[i]; f.In(c) && t.shows(f, languages) {
			keys = append(keys, f.Name)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Named are the fields whose users answers in a contract call by their names.
func (t *Type) Named(c Contract) []string { return t.named[c] }

func (t *Type) names() map[Contract][]string {
	out := map[Contract][]string{}
	for i := range t.Fields {
		switch f := &t.Fields[i]; {
		case f.Name == "document_author":
			out[PageContract], out[LiveContract] = append(out[PageContract], f.Name), append(out[LiveContract], f.Name)
		case f.Kind == User, f.Kind == Users, f.Kind == TaskUser:
			out[LiveContract] = append(out[LiveContract], f.Name)
		}
	}
	return out
}

// shows tells whether a field stands in answers: only enabled languages are
// serialized, but every one may be written.
func (t *Type) shows(f *Field, languages []string) bool {
	return !f.Hidden && (f.Kind != Names || slices.Contains(languages, strings.TrimPrefix(f.Name, "title_")))
}

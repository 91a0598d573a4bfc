package gever

import (
	"slices"
	"strings"
)

// Transition is one line of a workflow: (from, name, to, who).
type Transition struct {
	Name  string
	Title string // for people, German
	From  string
	To    string
	Who   []Role
	// Fields are what its request may carry (gever.md 3.5); without a required
	// one the transition is refused.
	Fields []Field
}

// Workflow is a table of states and transitions (gever.md 2.10).
type Workflow struct {
	ID          string // its name in the running system; "" where there are no transitions
	Initial     string
	States      []string
	Transitions []Transition
	// Closed are the states in which nothing in the object, nor below it, may
	// be added or changed.
	Closed []string
	// Frozen are the states in which the object itself may not be changed.
	Frozen []string
	// Done are the states in which there is nothing left to do; nil where that
	// means nothing.
	Done []string
}

// fixed is a workflow of one state.
func fixed(state string) *Workflow { return &Workflow{Initial: state, States: []string{state}} }

// Who may take a transition. Issuer and Responsible are not given by anybody:
// they follow from the task.
var (
	managers  = []Role{Administrator, Manager}
	reviewers = []Role{Reviewer, Administrator, Manager}
	editors   = []Role{Editor, Administrator, Manager}
	owners    = []Role{Owner, Manager}
	handling  = []Role{Responsible, Editor, Administrator, Manager}
	ordering  = []Role{Issuer, Editor, Administrator, Manager}
	both      = []Role{Issuer, Responsible, Editor, Administrator, Manager}
)

var folderWorkflow = &Workflow{
	ID:      "opengever_repository_workflow",
	Initial: "repositoryfolder-state-active",
	States:  []string{"repositoryfolder-state-active", "repositoryfolder-state-inactive"},
	Transitions: []Transition{
		{Name: "repositoryfolder-transition-inactivate", Title: "Deaktivieren", From: "repositoryfolder-state-active", To: "repositoryfolder-state-inactive", Who: managers, Fields: remark},
		{Name: "repositoryfolder-transition-activate", Title: "Aktivieren", From: "repositoryfolder-state-inactive", To: "repositoryfolder-state-active", Who: managers, Fields: remark},
	},
}

// maxComment is the longest comment of a transition, in characters.
const maxComment = 10_000

// What the requests of transitions may carry. A task's text is its comment.
var (
	comment = Field{Name: "comment", Title: "Kommentar", Kind: Lines, Max: maxComment}
	answer  = Field{Name: "text", Title: "Antwort", Kind: Lines, Max: maxComment}

	remark       = []Field{comment}
	ofResolve    = []Field{comment, {Name: "auto_close_tasks", Title: "Offene Aufgaben mit dem Dossier schliessen", Kind: Bool}}
	ofReactivate = []Field{comment, {Name: "include_children", Title: "Mit den Subdossiers; etwas anderes gibt es nicht", Kind: Bool}}
	ofTask       = []Field{answer, comment}
	ofResolution = []Field{{Name: "approved_documents", Title: "Genehmigte Dokumente", Kind: Relation}, answer, comment}
	ofDeadline   = []Field{{Name: "new_deadline", Title: "Neue Frist", Kind: Date, Required: true}, answer, comment}
	ofReassign   = []Field{
		{Name: "responsible", Title: "Neuer Auftragnehmer", Kind: TaskUser, Required: true},
		{Name: "responsible_client", Title: "Mandant des Auftragnehmers", Kind: Choice, Vocabulary: orgUnits}, answer, comment,
	}
	ofDelegate = []Field{
		{Name: "responsible", Title: "Auftragnehmer der Unteraufgabe", Kind: TaskUser, Required: true},
		{Name: "responsible_client", Title: "Mandant des Auftragnehmers", Kind: Choice, Vocabulary: orgUnits},
		{Name: "title", Title: "Titel der Unteraufgabe", Kind: Text, Max: 256},
		date("deadline", "Zu erledigen bis"), answer, comment,
	}
)

// Names that rules speak of.
const (
	DossierActive      = "dossier-state-active"
	DossierResolved    = "dossier-state-resolved"
	ResolveDossier     = "dossier-transition-resolve"
	ReactivateDossier  = "dossier-transition-reactivate"
	DeactivateDossier  = "dossier-transition-deactivate"
	ActivateDossier    = "dossier-transition-activate"
	FolderInactive     = "repositoryfolder-state-inactive"
	TaskOpen           = "task-state-open"
	TaskResolved       = "task-state-resolved"
	TaskClosed         = "task-state-tested-and-closed"
	ReassignTask       = "task-transition-reassign"
	ModifyTaskDeadline = "task-transition-modify-deadline"
	DelegateTask       = "task-transition-delegate"
	DocumentRemoved    = "document-state-removed"
	MailRemoved        = "mail-state-removed"
	WorkspaceInactive  = "opengever_workspace--STATUS--inactive"
	TodoCompleted      = "opengever_workspace_todo--STATUS--completed"
	ForwardingOpen     = "forwarding-state-open"
	ReassignForwarding = "forwarding-transition-reassign"
	ReassignRefused    = "forwarding-transition-reassign-refused"
)

// dossierWorkflow leaves out what archiving does (offer, archive and back): it
// exists, but no request may take it (gever.md 2.10, pitfall 21).
var dossierWorkflow = &Workflow{
	ID:      "opengever_dossier_workflow",
	Initial: DossierActive,
	States:  []string{DossierActive, DossierResolved, "dossier-state-inactive", "dossier-state-offered", "dossier-state-archived"},
	Closed:  []string{DossierResolved, "dossier-state-inactive", "dossier-state-offered", "dossier-state-archived"},
	Transitions: []Transition{
		{Name: ResolveDossier, Title: "Abschliessen", From: DossierActive, To: DossierResolved, Who: reviewers, Fields: ofResolve},
		{Name: DeactivateDossier, Title: "Stornieren", From: DossierActive, To: "dossier-state-inactive", Who: reviewers, Fields: remark},
		{Name: ActivateDossier, Title: "Aktivieren", From: "dossier-state-inactive", To: DossierActive, Who: managers, Fields: remark},
		{Name: ReactivateDossier, Title: "Wiedereröffnen", From: DossierResolved, To: DossierActive, Who: managers, Fields: ofReactivate},
	},
}

// privateDossierWorkflow is the same for dossiers in private folders, whose
// owner takes every transition. Decided.
var privateDossierWorkflow = func() *Workflow {
	w := *dossierWorkflow
	w.ID, w.Transitions = "opengever_private_dossier_workflow", slices.Clone(w.Transitions)
	for i := range w.Transitions {
		t := &w.Transitions[i]
		t.Who = append(slices.Clone(t.Who), Owner)
	}
	return &w
}()

// documentWorkflow has signing too. Decided: an editor sends a document to be
// signed and takes it back; that it is signed, and that a signed one is opened
// again, is said by a Manager, who stands for the service that signs.
var documentWorkflow = &Workflow{
	ID:      "opengever_document_workflow",
	Initial: "document-state-draft",
	States:  []string{"document-state-draft", "document-state-final", DocumentRemoved, "document-state-shadow", "document-state-signing", "document-state-signed"},
	Frozen:  []string{"document-state-final", DocumentRemoved, "document-state-signing", "document-state-signed"},
	Transitions: []Transition{
		{Name: "document-transition-finalize", Title: "Abschliessen", From: "document-state-draft", To: "document-state-final", Who: editors, Fields: remark},
		{Name: "document-transition-reopen", Title: "Wiedereröffnen", From: "document-state-final", To: "document-state-draft", Who: reviewers, Fields: remark},
		{Name: "document-transition-remove", Title: "Entfernen", From: "document-state-draft", To: DocumentRemoved, Who: managers, Fields: remark},
		{Name: "document-transition-restore", Title: "Wiederherstellen", From: DocumentRemoved, To: "document-state-draft", Who: managers, Fields: remark},
		{Name: "document-transition-initialize", Title: "Initialisieren", From: "document-state-shadow", To: "document-state-draft", Who: editors, Fields: remark},
		{Name: "document-transition-draft-signing", Title: "Zur Signatur senden", From: "document-state-draft", To: "document-state-signing", Who: editors, Fields: remark},
		{Name: "document-transition-final-signing", Title: "Zur Signatur senden", From: "document-state-final", To: "document-state-signing", Who: editors, Fields: remark},
		{Name: "document-transition-signing-final", Title: "Signatur abbrechen", From: "document-state-signing", To: "document-state-final", Who: editors, Fields: remark},
		{Name: "document-transition-signing-signed", Title: "Signieren", From: "document-state-signing", To: "document-state-signed", Who: []Role{Manager}, Fields: remark},
		{Name: "document-transition-signed-draft", Title: "Wiedereröffnen", From: "document-state-signed", To: "document-state-draft", Who: []Role{Manager}, Fields: remark},
	},
}

var workspaceDocumentWorkflow = &Workflow{
	ID:      "opengever_workspace_document",
	Initial: "opengever_workspace_document--STATUS--active",
	States:  []string{"opengever_workspace_document--STATUS--active", "opengever_workspace_document--STATUS--final"},
	Frozen:  []string{"opengever_workspace_document--STATUS--final"},
	Transitions: []Transition{
		{Name: "opengever_workspace_document--TRANSITION--finalize--active_final", Title: "Abschliessen", From: "opengever_workspace_document--STATUS--active", To: "opengever_workspace_document--STATUS--final", Who: editors, Fields: remark},
		{Name: "opengever_workspace_document--TRANSITION--reopen--final_active", Title: "Wiedereröffnen", From: "opengever_workspace_document--STATUS--final", To: "opengever_workspace_document--STATUS--active", Who: editors, Fields: remark},
	},
}

var mailWorkflow = &Workflow{
	ID:      "opengever_mail_workflow",
	Initial: "mail-state-active",
	States:  []string{"mail-state-active", MailRemoved},
	Frozen:  []string{MailRemoved},
	Transitions: []Transition{
		{Name: "mail-transition-remove", Title: "Entfernen", From: "mail-state-active", To: MailRemoved, Who: managers, Fields: remark},
		{Name: "mail-transition-restore", Title: "Wiederherstellen", From: MailRemoved, To: "mail-state-active", Who: managers, Fields: remark},
	},
}

var workspaceWorkflow = &Workflow{
	ID:      "opengever_workspace",
	Initial: "opengever_workspace--STATUS--active",
	States:  []string{"opengever_workspace--STATUS--active", WorkspaceInactive},
	Closed:  []string{WorkspaceInactive},
	Transitions: []Transition{
		{Name: "opengever_workspace--TRANSITION--deactivate--active_inactive", Title: "Deaktivieren", From: "opengever_workspace--STATUS--active", To: WorkspaceInactive, Who: managers, Fields: remark},
		{Name: "opengever_workspace--TRANSITION--reactivate--inactive_active", Title: "Reaktivieren", From: WorkspaceInactive, To: "opengever_workspace--STATUS--active", Who: managers, Fields: remark},
	},
}

// taskStates are the words in the names of the task's states and transitions.
var taskWorkflow = taskTable()

func taskTable() *Workflow {
	titles := map[string]string{
		"open": "Wiedereröffnen", "in-progress": "In Arbeit nehmen", "resolved": "Erledigen", "tested-and-closed": "Abschliessen",
		"rejected": "Ablehnen", "cancelled": "Abbrechen", "planned": "Planen", "skipped": "Überspringen",
	}
	w := &Workflow{ID: "opengever_task_workflow", Initial: TaskOpen, Done: []string{TaskResolved, TaskClosed}}
	for _, state := range []string{"open", "in-progress", "resolved", "tested-and-closed", "rejected", "cancelled", "planned", "skipped"} {
		w.States = append(w.States, "task-state-"+state)
		if state != "open" {
			w.Frozen = append(w.Frozen, "task-state-"+state)
		}
	}
	for _, l := range []struct {
		from, to string
		who      []Role
	}{
		{"open", "in-progress", handling}, {"open", "resolved", handling}, {"open", "tested-and-closed", both}, {"open", "rejected", handling},
		{"open", "cancelled", ordering}, {"open", "planned", managers},
		{"in-progress", "resolved", handling}, {"in-progress", "tested-and-closed", both}, {"in-progress", "cancelled", ordering},
		{"resolved", "tested-and-closed", ordering}, {"resolved", "in-progress", ordering},
		{"rejected", "open", ordering}, {"rejected", "skipped", ordering},
		{"cancelled", "open", ordering},
		{"planned", "open", ordering}, {"planned", "skipped", ordering},
		{"skipped", "open", ordering},
		{"tested-and-closed", "in-progress", managers},
	} {
		w.Transitions = append(w.Transitions, Transition{
			Name: "task-transition-" + l.from + "-" + l.to, Title: titles[l.to], From: "task-state-" + l.from, To: "task-state-" + l.to, Who: l.who, Fields: ofTask,
		})
	}
	for i := range w.Transitions {
		if t := &w.Transitions[i]; t.To == TaskResolved {
			t.Fields = ofResolution
		}
	}
	for _, state := range []string{"task-state-open", "task-state-in-progress"} {
		w.Transitions = append(w.Transitions,
			Transition{Name: ReassignTask, Title: "Neu zuweisen", From: state, To: state, Who: both, Fields: ofReassign},
			Transition{Name: ModifyTaskDeadline, Title: "Frist ändern", From: state, To: state, Who: ordering, Fields: ofDeadline},
			Transition{Name: DelegateTask, Title: "Delegieren", From: state, To: state, Who: both, Fields: ofDelegate})
	}
	return w
}

// todoWorkflow leaves a completed to-do open to changes.
var todoWorkflow = &Workflow{
	ID:      "opengever_workspace_todo",
	Initial: "opengever_workspace_todo--STATUS--active",
	States:  []string{"opengever_workspace_todo--STATUS--active", TodoCompleted},
	Done:    []string{TodoCompleted},
	Transitions: []Transition{
		{Name: "opengever_workspace_todo--TRANSITION--complete--active_completed", Title: "Erledigen", From: "opengever_workspace_todo--STATUS--active", To: TodoCompleted, Who: editors, Fields: remark},
		{Name: "opengever_workspace_todo--TRANSITION--open--completed_active", Title: "Wiedereröffnen", From: TodoCompleted, To: "opengever_workspace_todo--STATUS--active", Who: editors, Fields: remark},
	},
}

// forwardingWorkflow leaves out what makes a task or a dossier of a forwarding
// (accept, assign to a dossier): a client moves its documents and closes it.
// Decided: a closed forwarding stays where it is until it is moved to a year.
var forwardingWorkflow = &Workflow{
	ID:      "opengever_forwarding_workflow",
	Initial: ForwardingOpen,
	States:  []string{ForwardingOpen, "forwarding-state-refused", "forwarding-state-closed"},
	Frozen:  []string{"forwarding-state-refused", "forwarding-state-closed"},
	Done:    []string{"forwarding-state-closed"},
	Transitions: []Transition{
		{Name: "forwarding-transition-close", Title: "Abschliessen", From: ForwardingOpen, To: "forwarding-state-closed", Who: both, Fields: ofTask},
		{Name: ReassignForwarding, Title: "Neu zuweisen", From: ForwardingOpen, To: ForwardingOpen, Who: both, Fields: ofReassign},
		{Name: ReassignRefused, Title: "Neu zuweisen", From: "forwarding-state-refused", To: ForwardingOpen, Who: ordering, Fields: ofReassign},
		{Name: "forwarding-transition-refuse", Title: "Ablehnen", From: ForwardingOpen, To: "forwarding-state-refused", Who: handling, Fields: ofTask},
	},
}

// Flow is the workflow of an object of this type in its place: documents of a
// workspace have one of their own.
func (t *Type) Flow(inWorkspace bool) *Workflow {
	if t.Name == DocumentType && inWorkspace {
		return workspaceDocumentWorkflow
	}
	return t.Workflow
}

// Open are the transitions that somebody with these roles may take now, by
// name.
func (w *Workflow) Open(state string, roles Roles) []Transition {
	var out []Transition
	for _, t := range w.Transitions {
		if t.From == state && roles.Any(t.Who) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b Transition) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Done are the states of all types in which there is nothing left to do.
func Done() []string {
	var out []string
	for _, t := range types {
		out = append(out, t.Workflow.Done...)
	}
	return out
}

// Active tells whether an object in this state is in use: neither closed nor
// put aside.
func (t *Type) Active(state string) bool {
	return !slices.Contains(t.Workflow.Closed, state) && !slices.Contains(t.Workflow.Frozen, state) && state != FolderInactive
}

// Title is what people call a state.
func (*Workflow) Title(state string) string { return StateTitle(state) }

// StateTitle is the same of any workflow's state.
func StateTitle(state string) string {
	if title, ok := stateTitles[state[strings.LastIndexByte(state, '-')+1:]]; ok {
		return title
	}
	return state
}

var stateTitles = map[string]string{
	"active": "Aktiv", "inactive": "Inaktiv", "resolved": "Erledigt", "offered": "Angeboten", "archived": "Archiviert", "draft": "Entwurf",
	"final": "Abgeschlossen", "removed": "Entfernt", "shadow": "Schatten", "signing": "In Signatur", "signed": "Signiert", "open": "Offen",
	"progress": "In Arbeit", "closed": "Abgeschlossen", "rejected": "Abgelehnt", "cancelled": "Abgebrochen", "planned": "Geplant", "skipped": "Übersprungen",
	"completed": "Erledigt", "refused": "Abgelehnt", "default": "Standard",
}

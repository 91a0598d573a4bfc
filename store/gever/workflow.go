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
	// Needs are fields of the request that it takes; the transition is refused
	// without them.
	Needs []string
}

// Workflow is a table of states and transitions (gever.md 2.10).
type Workflow struct {
	Initial     string
	States      []string
	Transitions []Transition
	// Closed are the states in which nothing in the object, nor below it, may
	// be added or changed.
	Closed []string
	// Frozen are the states in which the object itself may not be changed.
	Frozen []string
}

// fixed is a workflow of one state.
func fixed(state string) *Workflow { return &Workflow{Initial: state, States: []string{state}} }

// Who may take a transition. Issuer and Responsible are not given by anybody:
// they follow from the task.
var (
	managers  = []Role{Administrator, Manager}
	reviewers = []Role{Reviewer, Administrator, Manager}
	editors   = []Role{Editor, Administrator, Manager}
	handling  = []Role{Responsible, Editor, Administrator, Manager}
	ordering  = []Role{Issuer, Editor, Administrator, Manager}
	both      = []Role{Issuer, Responsible, Editor, Administrator, Manager}
)

var folderWorkflow = &Workflow{
	Initial: "repositoryfolder-state-active",
	States:  []string{"repositoryfolder-state-active", "repositoryfolder-state-inactive"},
	Transitions: []Transition{
		{Name: "repositoryfolder-transition-inactivate", Title: "Deaktivieren", From: "repositoryfolder-state-active", To: "repositoryfolder-state-inactive", Who: managers},
		{Name: "repositoryfolder-transition-activate", Title: "Aktivieren", From: "repositoryfolder-state-inactive", To: "repositoryfolder-state-active", Who: managers},
	},
}

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
	TaskClosed         = "task-state-tested-and-closed"
	ReassignTask       = "task-transition-reassign"
	ModifyTaskDeadline = "task-transition-modify-deadline"
	DocumentRemoved    = "document-state-removed"
	MailRemoved        = "mail-state-removed"
)

// dossierWorkflow leaves out what archiving does (offer, archive and back): it
// exists, but no request may take it (gever.md 2.10, pitfall 21).
var dossierWorkflow = &Workflow{
	Initial: DossierActive,
	States:  []string{DossierActive, DossierResolved, "dossier-state-inactive", "dossier-state-offered", "dossier-state-archived"},
	Closed:  []string{DossierResolved, "dossier-state-inactive", "dossier-state-offered", "dossier-state-archived"},
	Transitions: []Transition{
		{Name: ResolveDossier, Title: "Abschliessen", From: DossierActive, To: DossierResolved, Who: reviewers},
		{Name: DeactivateDossier, Title: "Stornieren", From: DossierActive, To: "dossier-state-inactive", Who: reviewers},
		{Name: ActivateDossier, Title: "Aktivieren", From: "dossier-state-inactive", To: DossierActive, Who: managers},
		{Name: ReactivateDossier, Title: "Wiedereröffnen", From: DossierResolved, To: DossierActive, Who: managers},
	},
}

// documentWorkflow has no signing: its transitions belong to a service that
// signs, and there is none here.
var documentWorkflow = &Workflow{
	Initial: "document-state-draft",
	States:  []string{"document-state-draft", "document-state-final", DocumentRemoved, "document-state-shadow", "document-state-signing", "document-state-signed"},
	Frozen:  []string{"document-state-final", DocumentRemoved, "document-state-signing", "document-state-signed"},
	Transitions: []Transition{
		{Name: "document-transition-finalize", Title: "Abschliessen", From: "document-state-draft", To: "document-state-final", Who: editors},
		{Name: "document-transition-reopen", Title: "Wiedereröffnen", From: "document-state-final", To: "document-state-draft", Who: reviewers},
		{Name: "document-transition-remove", Title: "Entfernen", From: "document-state-draft", To: DocumentRemoved, Who: managers},
		{Name: "document-transition-restore", Title: "Wiederherstellen", From: DocumentRemoved, To: "document-state-draft", Who: managers},
		{Name: "document-transition-initialize", Title: "Initialisieren", From: "document-state-shadow", To: "document-state-draft", Who: editors},
	},
}

var workspaceDocumentWorkflow = &Workflow{
	Initial: "opengever_workspace_document--STATUS--active",
	States:  []string{"opengever_workspace_document--STATUS--active", "opengever_workspace_document--STATUS--final"},
	Frozen:  []string{"opengever_workspace_document--STATUS--final"},
	Transitions: []Transition{
		{Name: "opengever_workspace_document--TRANSITION--finalize--active_final", Title: "Abschliessen", From: "opengever_workspace_document--STATUS--active", To: "opengever_workspace_document--STATUS--final", Who: editors},
		{Name: "opengever_workspace_document--TRANSITION--reopen--final_active", Title: "Wiedereröffnen", From: "opengever_workspace_document--STATUS--final", To: "opengever_workspace_document--STATUS--active", Who: editors},
	},
}

var mailWorkflow = &Workflow{
	Initial: "mail-state-active",
	States:  []string{"mail-state-active", MailRemoved},
	Frozen:  []string{MailRemoved},
	Transitions: []Transition{
		{Name: "mail-transition-remove", Title: "Entfernen", From: "mail-state-active", To: MailRemoved, Who: managers},
		{Name: "mail-transition-restore", Title: "Wiederherstellen", From: MailRemoved, To: "mail-state-active", Who: managers},
	},
}

var workspaceWorkflow = &Workflow{
	Initial: "opengever_workspace--STATUS--active",
	States:  []string{"opengever_workspace--STATUS--active", "opengever_workspace--STATUS--inactive"},
	Closed:  []string{"opengever_workspace--STATUS--inactive"},
	Transitions: []Transition{
		{Name: "opengever_workspace--TRANSITION--deactivate--active_inactive", Title: "Deaktivieren", From: "opengever_workspace--STATUS--active", To: "opengever_workspace--STATUS--inactive", Who: managers},
		{Name: "opengever_workspace--TRANSITION--reactivate--inactive_active", Title: "Reaktivieren", From: "opengever_workspace--STATUS--inactive", To: "opengever_workspace--STATUS--active", Who: managers},
	},
}

// taskStates are the words in the names of the task's states and transitions.
var taskWorkflow = taskTable()

func taskTable() *Workflow {
	titles := map[string]string{
		"open": "Wiedereröffnen", "in-progress": "In Arbeit nehmen", "resolved": "Erledigen", "tested-and-closed": "Abschliessen",
		"rejected": "Ablehnen", "cancelled": "Abbrechen", "planned": "Planen", "skipped": "Überspringen",
	}
	w := &Workflow{Initial: TaskOpen}
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
			Name: "task-transition-" + l.from + "-" + l.to, Title: titles[l.to], From: "task-state-" + l.from, To: "task-state-" + l.to, Who: l.who,
		})
	}
	for _, state := range []string{"task-state-open", "task-state-in-progress"} {
		w.Transitions = append(w.Transitions,
			Transition{Name: ReassignTask, Title: "Neu zuweisen", From: state, To: state, Who: both, Needs: []string{"responsible"}},
			Transition{Name: ModifyTaskDeadline, Title: "Frist ändern", From: state, To: state, Who: ordering, Needs: []string{"new_deadline"}})
	}
	return w
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

// Title is what people call a state.
func (w *Workflow) Title(state string) string {
	if title, ok := stateTitles[state[strings.LastIndexByte(state, '-')+1:]]; ok {
		return title
	}
	return state
}

var stateTitles = map[string]string{
	"active": "Aktiv", "inactive": "Inaktiv", "resolved": "Erledigt", "offered": "Angeboten", "archived": "Archiviert", "draft": "Entwurf",
	"final": "Abgeschlossen", "removed": "Entfernt", "shadow": "Schatten", "signing": "In Signatur", "signed": "Signiert", "open": "Offen",
	"progress": "In Arbeit", "closed": "Abgeschlossen", "rejected": "Abgelehnt", "cancelled": "Abgebrochen", "planned": "Geplant", "skipped": "Übersprungen",
}

package geverdb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// Step is one line of an object's history.
type Step struct {
	Action   string // "" is the creation
	Actor    string
	Comments string
	State    string
	Title    string
	At       time.Time
}

// Flow is where an object stands in its workflow.
type Flow struct {
	Object  *Object
	History []Step             // oldest first
	Open    []gever.Transition // what the caller may do now
}

// Workflow reads an object's state, how it came there and where it may go.
func (d *DB) Workflow(ctx context.Context, user, path string) (*Flow, error) {
	var f *Flow
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, o, err := d.seen(tx, user, path)
		if err != nil {
			return err
		}
		f = &Flow{Object: o, Open: s.open()}
		f.History, err = history(tx, o.IntID)
		return err
	})
	return f, err
}

// open are the transitions that the caller may take here now.
func (s *spot) open() []gever.Transition { return s.place().Open() }

// TransitionFields is what the request of a transition may carry. NoTransition
// when it is not open to the caller now; an empty name is NoTransition too.
func (d *DB) TransitionFields(ctx context.Context, user, path, name string) ([]gever.Field, error) {
	var fields []gever.Field
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		if name == "" {
			return fault.New(fault.Invalid, gever.NoTransition, "Missing transition")
		}
		t, err := choose(s.open(), name)
		fields = t.Fields
		return err
	})
	return fields, err
}

// Bulk are the transitions that the caller may take now on the object itself
// or on the children of a window, each once, in the order of workflow, state
// and name.
func (d *DB) Bulk(ctx context.Context, user, path string, w Window) ([]Way, error) {
	var out []Way
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		places, err := d.placesIn(tx, s, w)
		if err != nil {
			return err
		}
		for _, p := range append(places, s.place()) {
			for _, t := range p.Open() {
				out = append(out, Way{Workflow: p.Flow().ID, Transition: t})
			}
		}
		return nil
	})
	slices.SortFunc(out, Way.compare)
	return slices.CompactFunc(out, func(a, b Way) bool { return a.compare(b) == 0 }), err
}

// Way is a transition of a workflow.
type Way struct {
	Workflow string
	gever.Transition
}

func (w Way) compare(o Way) int {
	return cmp.Or(strings.Compare(w.Workflow, o.Workflow), strings.Compare(w.From, o.From), strings.Compare(w.Name, o.Name))
}

// placesIn are the places of a window's children that the caller may see.
func (d *DB) placesIn(tx *gorm.DB, s *spot, w Window) ([]gever.Place, error) {
	o, err := objectOf(s.self(), d.Now())
	if err != nil {
		return nil, err
	}
	children, err := d.shown(tx, &View{Object: o, Caller: s.user, sight: s.sight}, w)
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(children))
	for i, c := range children {
		paths[i] = c.Path
	}
	found, err := d.spots(tx, s.user, paths...)
	var out []gever.Place
	for _, path := range paths {
		if child := found[path]; child != nil && child.place().MayView() {
			out = append(out, child.place())
		}
	}
	return out, err
}

func history(tx *gorm.DB, id int64) ([]Step, error) {
	var rows []historyRow
	if err := tx.Where("object_id = ?", id).Order("id").Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]Step, len(rows))
	for i, r := range rows {
		out[i] = Step{Action: r.Action, Actor: r.Actor, Comments: r.Comments, State: r.State, Title: r.Title, At: r.At.Time}
	}
	return out, nil
}

// Change is what comes with a transition.
type Change struct {
	Comment         string
	IncludeChildren *bool
	AutoCloseTasks  bool
	Fields          map[string]any // of the transition itself
}

// Transition takes a transition. NoTransition lists those that are open;
// Preconditions says what stands against resolving a dossier.
func (d *DB) Transition(ctx context.Context, user, path, name string, c Change) (Step, *gever.Type, error) {
	var done Step
	var kind *gever.Type
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		s, err := d.locked(tx, user, path)
		if err != nil {
			return err
		}
		kind = s.kind()
		t, err := choose(s.open(), name)
		if err != nil {
			return err
		}
		if done, err = d.take(tx, s, t, c); err != nil {
			return err
		}
		return d.goOn(tx, s)
	})
	return done, kind, err
}

// choose finds a transition among those that are open; NoTransition names them
// when it is not.
func choose(open []gever.Transition, name string) (gever.Transition, error) {
	names := make([]string, len(open))
	for i, t := range open {
		if t.Name == name {
			return t, nil
		}
		names[i] = t.Name
	}
	return gever.Transition{}, fault.New(fault.Invalid, gever.NoTransition, "Invalid transition '%s'.\nValid transitions are:\n%s", name, strings.Join(names, "\n"))
}

func (d *DB) take(tx *gorm.DB, s *spot, t gever.Transition, c Change) (Step, error) {
	switch t.Name {
	case gever.ResolveDossier:
		return d.resolveDossier(tx, s, t, c)
	case gever.ReactivateDossier:
		if c.IncludeChildren != nil && !*c.IncludeChildren {
			return Step{}, fault.New(fault.Invalid, gever.NotAlone, "Dossiers are always reactivated with their subdossiers.")
		}
		return d.spread(tx, s, t, c)
	case gever.DeactivateDossier, gever.ActivateDossier:
		return d.spread(tx, s, t, c)
	case gever.ReassignTask, gever.ModifyTaskDeadline, gever.ReassignForwarding, gever.ReassignRefused:
		return d.changeTask(tx, s, t, c)
	case gever.DelegateTask:
		return d.delegateTask(tx, s, t, c)
	}
	if s.self().CheckedOutBy != "" {
		return Step{}, fault.New(fault.Invalid, gever.WorkflowRefused, "The document is checked out by %s.", s.self().CheckedOutBy)
	}
	details, err := d.approved(tx, s, t, c)
	if err != nil {
		return Step{}, err
	}
	if err := d.keepApprovals(tx, s.user, s.self().ID, details.Approved); err != nil {
		return Step{}, err
	}
	return d.moveWith(tx, s.user, s.self(), t, c.Comment, details)
}

// move brings one object into the transition's state.
func (d *DB) move(tx *gorm.DB, user string, row *objectRow, t gever.Transition, comment string) (Step, error) {
	return d.moveWith(tx, user, row, t, comment, gever.ResponseDetails{})
}

// moveWith is move; a task keeps what happened as a response.
func (d *DB) moveWith(tx *gorm.DB, user string, row *objectRow, t gever.Transition, comment string, details gever.ResponseDetails) (Step, error) {
	now := store.At(d.Now())
	row.State, row.ModifiedAt, row.Touched = t.To, now, d.Settings.Today(now.Time)
	row.Revision++
	if err := store.Update(tx, row); err != nil {
		return Step{}, err
	}
	entry := historyRow{ObjectID: row.ID, Action: t.Name, Actor: user, Comments: comment, State: t.To, Title: t.Title, At: now}
	if err := tx.Create(&entry).Error; err != nil {
		return Step{}, store.Translate(err)
	}
	if gever.TypeOf(row.Type).Tasklike {
		if err := d.happened(tx, row.ID, user, t.Name, comment, details); err != nil {
			return Step{}, err
		}
	}
	return Step{Action: t.Name, Actor: user, Comments: comment, State: t.To, Title: t.Title, At: now.Time}, nil
}

// belowPath finds everything below a path in the order of paths, which both
// databases keep by bytes: '0' is the byte behind '/'. Its parameters are
// path+"/" and path+"0".
const belowPath = "path > ? AND path < ?"

// below reads everything below an object, of some types, but what is trashed.
func below(tx *gorm.DB, path string, types ...string) ([]objectRow, error) {
	var rows []objectRow
	err := store.Lock(tx).Where(belowPath+" AND "+untrashed+" AND type IN ?", path+"/", path+"0", types).Order("id").Find(&rows).Error
	return rows, store.Translate(err)
}

// spread takes a transition for a dossier and for its subdossiers that stand in
// the same state.
func (d *DB) spread(tx *gorm.DB, s *spot, t gever.Transition, c Change) (Step, error) {
	subs, err := below(tx, s.self().Path, gever.DossierTypes...)
	if err != nil {
		return Step{}, err
	}
	for i := range subs {
		if subs[i].State == t.From {
			if _, err := d.move(tx, s.user, &subs[i], t, c.Comment); err != nil {
				return Step{}, err
			}
		}
	}
	return d.move(tx, s.user, s.self(), t, c.Comment)
}

// resolveDossier closes a dossier and its subdossiers (gever.md 3.5): no
// document is checked out, no task is open (unless they are to be closed with
// it), and an unset end becomes the latest date of what is in it.
func (d *DB) resolveDossier(tx *gorm.DB, s *spot, t gever.Transition, c Change) (Step, error) {
	rows, err := below(tx, s.self().Path, append([]string{gever.DocumentType, gever.MailType, gever.TaskType}, gever.DossierTypes...)...)
	if err != nil {
		return Step{}, err
	}
	all := append([]objectRow{*s.self()}, rows...)
	ends, err := d.latest(all)
	if err != nil {
		return Step{}, err
	}
	if err := d.closable(all, ends, c.AutoCloseTasks); err != nil {
		return Step{}, err
	}
	if err := autoClosable(all); err != nil {
		return Step{}, err
	}
	if err := d.closeTasks(tx, s.user, all); err != nil {
		return Step{}, err
	}
	for i := range rows {
		if rows[i].dossierish() && rows[i].State == gever.DossierActive {
			if err := d.end(&rows[i], ends[rows[i].ID]); err != nil {
				return Step{}, err
			}
			if _, err := d.move(tx, s.user, &rows[i], t, c.Comment); err != nil {
				return Step{}, err
			}
		}
	}
	if err := d.end(s.self(), ends[s.self().ID]); err != nil {
		return Step{}, err
	}
	return d.move(tx, s.user, s.self(), t, c.Comment)
}

// closed tells of tasks that need nothing any more.
func closed(state string) bool {
	switch state {
	case gever.TaskClosed, "task-state-cancelled", "task-state-rejected", "task-state-skipped":
		return true
	}
	return false
}

// closable says what stands against resolving; all[0] is the dossier itself.
func (d *DB) closable(all []objectRow, ends map[int64]string, auto bool) error {
	var problems []string
	open := false
	for i := range all {
		r := &all[i]
		if r.CheckedOutBy != "" {
			problems = append(problems, "not all documents are checked in")
		}
		if r.dossierish() && r.State == gever.DossierActive {
			late, err := endsEarly(r, ends[r.ID])
			if err != nil {
				return err
			}
			if late {
				problems = append(problems, fmt.Sprintf("the dossier %s has an invalid end date", r.Title))
			}
		}
		open = open || r.Type == gever.TaskType && !closed(r.State)
	}
	if open && !auto {
		problems = append(problems, "not all tasks are closed")
	}
	if d.Settings.StrictFiling && loose(all) {
		problems = append(problems, "not all documents and tasks are stored in subdossiers")
	}
	if len(problems) == 0 {
		return nil
	}
	slices.Sort(problems)
	problems = slices.Compact(problems)
	e := fault.New(fault.Invalid, gever.Preconditions, "%s", strings.Join(problems, "; "))
	e.Data = map[string]any{"errors": problems, "has_not_closed_tasks": open && !auto}
	return e
}

// endsEarly tells of a dossier that was given an end before what is in it.
func endsEarly(r *objectRow, latest string) (bool, error) {
	v, err := valuesOf(r.Fields)
	end := v.Text("end")
	return end != "" && end < latest, err
}

// loose tells whether a dossier with subdossiers holds documents or tasks of
// its own.
func loose(all []objectRow) bool {
	subdossiers, own := false, false
	for i := range all[1:] {
		r := &all[1+i]
		if r.ParentID != all[0].ID {
			continue
		}
		if r.dossierish() {
			subdossiers = true
		} else {
			own = true
		}
	}
	return subdossiers && own
}

// ending are the transitions that end tasks with their dossier (gever.md 3.5),
// by state: what was not begun is cancelled, the rest is closed.
var ending = map[string]gever.Transition{
	gever.TaskOpen:           {Name: "task-transition-open-cancelled", Title: "Abbrechen", To: "task-state-cancelled"},
	"task-state-in-progress": {Name: "task-transition-in-progress-tested-and-closed", Title: "Abschliessen", To: gever.TaskClosed},
	"task-state-resolved":    {Name: "task-transition-resolved-tested-and-closed", Title: "Abschliessen", To: gever.TaskClosed},
}

// autoClosable refuses when a task is open that no transition ends: a planned
// one.
func autoClosable(all []objectRow) error {
	for i := range all {
		if r := &all[i]; r.Type == gever.TaskType && !closed(r.State) && ending[r.State].Name == "" {
			return fault.New(fault.Invalid, gever.NoAutoClose, "The task %s cannot be closed with the dossier: it is in the state %s.", r.Title, r.State)
		}
	}
	return nil
}

// closeTasks ends tasks with their dossier.
func (d *DB) closeTasks(tx *gorm.DB, user string, all []objectRow) error {
	for i := range all {
		r := &all[i]
		if r.Type != gever.TaskType || closed(r.State) {
			continue
		}
		if _, err := d.move(tx, user, r, ending[r.State], ""); err != nil {
			return err
		}
	}
	return nil
}

// latest is, for each dossier, the latest of its start and the dates of the
// documents and subdossiers in it.
func (d *DB) latest(all []objectRow) (map[int64]string, error) {
	out := map[int64]string{}
	for i := range all {
		v, err := valuesOf(all[i].Fields)
		if err != nil {
			return nil, err
		}
		date := v.Text("document_date")
		if all[i].dossierish() {
			date = max(v.Text("start"), v.Text("end"))
		}
		for j := range all {
			if all[j].dossierish() && (i == j || strings.HasPrefix(all[i].Path, all[j].Path+"/")) {
				out[all[j].ID] = max(out[all[j].ID], date)
			}
		}
	}
	return out, nil
}

// end sets a dossier's end where it has none.
func (d *DB) end(row *objectRow, date string) error {
	v, err := valuesOf(row.Fields)
	if err != nil {
		return err
	}
	if v.Text("end") == "" && date != "" {
		v["end"] = date
		row.Fields = textOf(v)
	}
	return nil
}

// changeTask changes what only a transition may, and takes it (gever.md 2.6).
func (d *DB) changeTask(tx *gorm.DB, s *spot, t gever.Transition, c Change) (Step, error) {
	var failed error
	body := map[string]any{}
	for from, to := range map[string]string{"responsible": "responsible", "responsible_client": "responsible_client", "new_deadline": "deadline"} {
		if v, ok := c.Fields[from]; ok && v != nil {
			body[to] = v
		}
	}
	if err := complete(t, c); err != nil {
		return Step{}, err
	}
	values, err := d.Settings.Retask(s.kind(), s.mine(), body, d.writing(tx, s, &failed))
	if failed != nil {
		return Step{}, failed
	}
	if err != nil {
		return Step{}, err
	}
	s.self().Fields = textOf(values)
	s.self().ChangedAt = store.At(d.Now())
	return d.moveWith(tx, s.user, s.self(), t, c.Comment, gever.ResponseDetails{Changes: gever.TaskChanges(s.mine(), values)})
}

// complete refuses a request without what the transition needs.
func complete(t gever.Transition, c Change) error {
	var faults []fault.Field
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Required && c.Fields[f.Name] == nil {
			faults = append(faults, gever.FieldFault(f.Name, "required", "Required input is missing."))
		}
	}
	return gever.InputsNotValid(faults)
}

// delegateTask gives a part of a task to somebody as a subtask; the task keeps
// its state. Decided: the subtask is the caller's (its issuer), of the same
// kind and privacy, until the same day and with the same title where nothing
// else is said, and the right to delegate is the right to make it.
func (d *DB) delegateTask(tx *gorm.DB, s *spot, t gever.Transition, c Change) (Step, error) {
	if err := complete(t, c); err != nil {
		return Step{}, err
	}
	mine := s.mine()
	body := map[string]any{
		"title": mine["title"], "issuer": s.user, "task_type": mine["task_type"], "is_private": mine.Flag("is_private"), "deadline": mine["deadline"],
	}
	for _, name := range []string{"title", "responsible", "responsible_client", "deadline", "text"} {
		if v := c.Fields[name]; v != nil {
			body[name] = v
		}
	}
	sub := *s
	sub.roles = append(slices.Clone(s.roles), gever.Contributor)
	if _, err := d.createAt(tx, &sub, gever.TypeOf(gever.TaskType), Body{Values: body}); err != nil {
		return Step{}, err
	}
	row, err := store.First[objectRow](tx, "id = ?", s.self().ID) // it has one child more
	if err != nil {
		return Step{}, err
	}
	return d.move(tx, s.user, row, t, c.Comment)
}

// Reverted says what happened, in the words of the running system.
func reverted(title string, version int64) string {
	return fmt.Sprintf("%s has been reverted to revision %d.", title, version)
}

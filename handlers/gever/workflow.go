package gever

import (
	"context"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// GetWorkflow tells an object's state and where it may go.
func (s *server) GetWorkflow(ctx context.Context, r api.GetWorkflowRequestObject) (api.GetWorkflowResponseObject, error) {
	f, err := s.db.Workflow(ctx, caller(ctx), r.Path)
	if err != nil {
		return nil, err
	}
	shape, at := s.shaper(ctx), address(ctx, r.Path)+"/@workflow"
	history, transitions := []any{}, []any{}
	for _, step := range f.History {
		history = append(history, shape.step(f.Object.Type, step))
	}
	for _, t := range f.Open {
		transitions = append(transitions, map[string]any{"@id": at + "/" + t.Name, "title": t.Title})
	}
	return ok(map[string]any{"@id": at, "history": history, "transitions": transitions})
}

// step is a line of a workflow's history; its title is that of the state.
func (s shaper) step(t *gever.Type, step geverdb.Step) map[string]any {
	return map[string]any{
		"action": orNull(step.Action), "actor": step.Actor, "comments": step.Comments, "review_state": step.State,
		"time": s.instant(step.At), "title": t.Workflow.Title(step.State),
	}
}

// TakeTransition changes an object's state.
func (s *server) TakeTransition(ctx context.Context, r api.TakeTransitionRequestObject) (api.TakeTransitionResponseObject, error) {
	step, t, err := s.db.Transition(ctx, caller(ctx), r.Path, r.Transition, changeFromAPI(r.Body))
	if err != nil {
		return nil, err
	}
	return ok(s.shaper(ctx).step(t, step))
}

func changeFromAPI(body *api.TakeTransitionJSONRequestBody) geverdb.Change {
	if body == nil {
		return geverdb.Change{}
	}
	c := geverdb.Change{Fields: *body}
	if c.Comment, _ = c.Fields["comment"].(string); c.Comment == "" {
		c.Comment, _ = c.Fields["text"].(string)
	}
	if b, is := c.Fields["include_children"].(bool); is {
		c.IncludeChildren = &b
	}
	c.AutoCloseTasks, _ = c.Fields["auto_close_tasks"].(bool)
	return c
}

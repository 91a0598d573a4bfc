package gever

import (
	"context"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// GetWorkflow tells an object's state and where it may go.
func (s *server) GetWorkflow(ctx context.Context, r api.GetWorkflowRequestObject) (api.GetWorkflowResponseObject, error) {
	return s.workflow(ctx, r.Path)
}

func (s *server) workflow(ctx context.Context, path string) (*answer, error) {
	f, err := s.db.Workflow(ctx, caller(ctx), path)
	if err != nil {
		return nil, err
	}
	shape, at := s.shaper(ctx), address(ctx, path)+"/@workflow"
	history, transitions := []any{}, []any{}
	for _, step := range f.History {
		history = append(history, shape.step(f.Object.Type, step))
	}
	for _, t := range f.Open {
		transitions = append(transitions, map[string]any{"@id": at + "/" + t.Name, "title": shape.titled(t.Title)})
	}
	return ok(map[string]any{"@id": at, "history": history, "transitions": transitions})
}

// step is a line of a workflow's history; its title is that of the state.
func (s shaper) step(t *gever.Type, step geverdb.Step) map[string]any {
	return map[string]any{
		"action": orNull(step.Action), "actor": step.Actor, "comments": step.Comments, "review_state": step.State,
		"time": s.instant(step.At), "title": s.titled(t.Workflow.Title(step.State)),
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

// GetWorkflowSchemas asks for the transition.
func (s *server) GetWorkflowSchemas(ctx context.Context, r api.GetWorkflowSchemasRequestObject) (api.GetWorkflowSchemasResponseObject, error) {
	_, err := s.db.TransitionFields(ctx, caller(ctx), r.Path, "")
	return nil, err
}

// GetWorkflowSchema is what a transition's request may carry.
func (s *server) GetWorkflowSchema(ctx context.Context, r api.GetWorkflowSchemaRequestObject) (api.GetWorkflowSchemaResponseObject, error) {
	fields, err := s.db.TransitionFields(ctx, caller(ctx), r.Path, r.Transition)
	if err != nil {
		return nil, err
	}
	return ok(s.jsonSchema(fields, s.sources(ctx, r.Path, "")))
}

// GetBulkTransitions lists the transitions for an object and its children.
func (s *server) GetBulkTransitions(ctx context.Context, r api.GetBulkTransitionsRequestObject) (api.GetBulkTransitionsResponseObject, error) {
	ways, err := s.db.Bulk(ctx, caller(ctx), r.Path, window(r.Params.BStart, r.Params.BSize))
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, w := range ways {
		list = append(list, map[string]any{
			"source_state_id": w.From, "target_state_id": w.To, "transition_id": w.Name, "workflow_id": w.Workflow,
		})
	}
	return ok(map[string]any{"@id": address(ctx, r.Path) + "/@workflow-bulk-transition", "transitions": list})
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

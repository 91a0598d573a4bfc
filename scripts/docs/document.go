package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"loket/handlers/mount"
)

// pair is a member of a JSON object.
type pair[T any] struct {
	Key   string
	Value T
}

// ordered is a JSON object whose members keep their order: they are written in
// the order in which a reader wants them.
type ordered[T any] []pair[T]

func (o *ordered[T]) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var p pair[T]
		var ok bool
		if p.Key, ok = key.(string); !ok {
			return fmt.Errorf("%v is not the name of a member", key)
		}
		if err := d.Decode(&p.Value); err != nil {
			return fmt.Errorf("%s: %w", p.Key, err)
		}
		*o = append(*o, p)
	}
	return nil
}

func (o ordered[T]) get(key string) (T, bool) {
	for _, p := range o {
		if p.Key == key {
			return p.Value, true
		}
	}
	var none T
	return none, false
}

// The part of Arazzo 1.0.1 that openapi/workflows uses, with the extensions
// x-security and x-operation of Redocly Respect.
type (
	workflow struct {
		WorkflowID, Summary, Description string
		Inputs                           struct{ Properties ordered[input] }
		Steps                            []step
		Outputs                          ordered[string]
	}
	input struct {
		Type, Description string
		Default           string
	}
	step struct {
		StepID, Description, OperationID string
		XOperation                       *struct{ URL, Method string } `json:"x-operation"`
		XSecurity                        []security                    `json:"x-security"`
		Parameters                       []parameter
		RequestBody                      *struct {
			ContentType string
			Payload     json.RawMessage
		}
		SuccessCriteria []criterion
		OnFailure       []struct {
			Type                   string
			RetryAfter, RetryLimit int
		}
		Outputs ordered[string]
	}
	security struct {
		SchemeName string
		Scheme     *scheme
		Values     map[string]string
	}
	scheme    struct{ Type, Scheme, In, Name string }
	parameter struct {
		Name, In string
		Value    any
	}
	criterion struct{ Context, Condition, Type string }
)

// operation is one of the OpenAPI document.
type operation struct {
	Method, Path string
	OperationID  string
	Summary      string
	Origin       string `json:"x-origin"`
	Reason       string `json:"x-origin-reason"`
	RequestBody  json.RawMessage
	Responses    map[string]json.RawMessage
}

// document is all that one API says of itself.
type document struct {
	api        mount.API
	workflows  []workflow
	operations []operation
	schemes    map[string]scheme
	raw        map[string]any // the OpenAPI document, for references
}

var methods = []string{"get", "put", "post", "patch", "delete"}

func load(api mount.API) (*document, error) {
	d := &document{api: api}
	var arazzo struct{ Workflows []workflow }
	if len(api.WorkflowsJSON) > 0 {
		if err := json.Unmarshal(api.WorkflowsJSON, &arazzo); err != nil {
			return nil, fmt.Errorf("workflows: %w", err)
		}
	}
	d.workflows = arazzo.Workflows
	var openapi struct {
		Paths      ordered[ordered[json.RawMessage]]
		Components struct{ SecuritySchemes map[string]scheme }
	}
	if err := errors.Join(json.Unmarshal(api.JSON, &openapi), json.Unmarshal(api.JSON, &d.raw)); err != nil {
		return nil, err
	}
	d.schemes = openapi.Components.SecuritySchemes
	for _, p := range openapi.Paths {
		for _, m := range p.Value {
			if !slices.Contains(methods, m.Key) {
				continue
			}
			o := operation{Method: strings.ToUpper(m.Key), Path: p.Key}
			if err := json.Unmarshal(m.Value, &o); err != nil {
				return nil, fmt.Errorf("%s %s: %w", o.Method, o.Path, err)
			}
			d.operations = append(d.operations, o)
		}
	}
	return d, nil
}

func (d *document) operation(id string) (*operation, error) {
	for i := range d.operations {
		if d.operations[i].OperationID == id {
			return &d.operations[i], nil
		}
	}
	return nil, fmt.Errorf("there is no operation %q", id)
}

// answersJSON tells whether the answer of an operation with a status is JSON.
func (d *document) answersJSON(o *operation, status string) (bool, error) {
	text, ok := o.Responses[status]
	if !ok {
		return false, fmt.Errorf("%s does not declare status %s", o.OperationID, status)
	}
	var answer struct {
		Ref     string `json:"$ref"`
		Content map[string]any
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return false, err
	}
	if answer.Ref != "" {
		content, _ := d.raw["components"].(map[string]any)
		for _, key := range strings.Split(strings.TrimPrefix(answer.Ref, "#/components/"), "/") {
			if content, ok = content[key].(map[string]any); !ok {
				return false, fmt.Errorf("%s leads nowhere", answer.Ref)
			}
		}
		answer.Content, _ = content["content"].(map[string]any)
	}
	for kind := range answer.Content {
		if strings.HasSuffix(kind, "json") {
			return true, nil
		}
	}
	return len(answer.Content) == 0, nil
}

//go:build clients

// Command journey makes a dossier with a document and a task, as the running
// system answers: with the object, in which each choice has its title. Its
// client was made by oapi-codegen from the live document.
package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	client "clients/gever-live"
	"clients/walk"
)

func main() { walk.Main("gever-live", journey) }

func journey(ctx context.Context, url string, doer *walk.Doer) (string, error) {
	c, err := client.NewClientWithResponses(url, client.WithHTTPClient(doer),
		client.WithRequestEditorFn(walk.Basic("john.doe", "Demo-Gever-1!"))) // public: an identity of the demo data
	if err != nil {
		return "", err
	}
	path, err := makeDossier(ctx, c, url)
	if err != nil {
		return "", fmt.Errorf("make a dossier: %w", err)
	}
	if err := makeTask(ctx, c, path); err != nil {
		return "", fmt.Errorf("make a task: %w", err)
	}
	return "a dossier and its task made, and read from the answers", changed(ctx, c, path)
}

// makeDossier gives the path of what the answer of POST shows.
func makeDossier(ctx context.Context, c *client.ClientWithResponses, url string) (string, error) {
	title := "Vom Go-Client"
	dossier := client.DossierCreate{Type: "opengever.dossier.businesscasedossier", Title: &title}
	if err := dossier.Responsible.FromPrincipalInput0("john.doe"); err != nil {
		return "", err
	}
	var body client.ObjectCreate
	if err := body.FromDossierCreate(dossier); err != nil {
		return "", err
	}
	made, err := create(ctx, c, "ordnungssystem/fuehrung", body)
	if err != nil {
		return "", err
	}
	d, err := made.AsDossier()
	if err != nil {
		return "", err
	}
	if d.Title != title || d.CustodyPeriod.Token != "30" || d.Classification.Title != "Nicht klassifiziert" || d.ContainerType != nil {
		return "", fmt.Errorf("%q, %v, %v, %v", d.Title, d.CustodyPeriod, d.Classification, d.ContainerType)
	}
	if d.Responsible.Title != "Doe John (john.doe)" || d.Parent.Title != "1. Führung" || !strings.HasPrefix(d.Oguid, "fd:") {
		return "", fmt.Errorf("%v, in %q, %s", d.Responsible, d.Parent.Title, d.Oguid)
	}
	return strings.TrimPrefix(d.AtID, url+"/"), nil
}

// create makes an object and gives what the answer holds.
func create(ctx context.Context, c *client.ClientWithResponses, container string, body client.ObjectCreate) (client.Object, error) {
	made, err := c.CreateObjectWithResponse(ctx, container, nil, body)
	if err != nil {
		return client.Object{}, err
	}
	if made.JSON201 == nil {
		return client.Object{}, walk.Unexpected(made.StatusCode())
	}
	return made.JSON201.AsObject()
}

func makeTask(ctx context.Context, c *client.ClientWithResponses, path string) error {
	title := "Bitte prüfen"
	task := client.TaskCreate{Type: "opengever.task.task", Title: &title}
	if err := task.Issuer.FromPrincipalInput0("john.doe"); err != nil {
		return err
	}
	if err := task.TaskType.FromTaskTypeChoiceInput0("report"); err != nil {
		return err
	}
	if err := task.Responsible.FromPrincipalInput0("fd:peter.muster"); err != nil {
		return err
	}
	var body client.ObjectCreate
	if err := body.FromTaskCreate(task); err != nil {
		return err
	}
	made, err := create(ctx, c, path, body)
	if err != nil {
		return err
	}
	t, err := made.AsTask()
	if err != nil {
		return err
	}
	if t.TaskType.Token != "report" || t.Responsible.Token != "fd:peter.muster" || t.IsCompleted || t.Parent.IsSubdossier == nil {
		return fmt.Errorf("%v, %v, %v", t.TaskType, t.Responsible, t.Parent)
	}
	return nil
}

// changed writes a choice as it is read, and gets the object back.
func changed(ctx context.Context, c *client.ClientWithResponses, path string) error {
	var choice client.ClassificationChoiceInput
	if err := choice.FromTokenInput(client.TokenInput{Token: "confidential"}); err != nil {
		return err
	}
	var body client.ObjectPatch
	if err := body.FromDossierPatch(client.DossierPatch{Classification: &choice}); err != nil {
		return err
	}
	prefer := "return=representation"
	got, err := c.PatchObjectWithResponse(ctx, path, &client.PatchObjectParams{Prefer: &prefer}, body)
	if err != nil {
		return err
	}
	if got.StatusCode() != http.StatusOK || got.JSON200 == nil {
		return walk.Unexpected(got.StatusCode())
	}
	d, err := got.JSON200.AsDossier()
	if err != nil {
		return err
	}
	if d.Classification.Title != "Vertraulich" {
		return fmt.Errorf("classification %v", d.Classification)
	}
	return nil
}

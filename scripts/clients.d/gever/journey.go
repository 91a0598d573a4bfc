//go:build clients

// Command journey makes a dossier with a document, renames it and reads it
// back, with a client that oapi-codegen made from the served document: one
// that escapes the slashes of a path.
package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	client "clients/gever"
	"clients/walk"
)

const folder = "ordnungssystem/fuehrung"

func main() { walk.Main("gever", journey) }

func journey(ctx context.Context, url string, doer *walk.Doer) (string, error) {
	c, err := client.NewClientWithResponses(url, client.WithHTTPClient(doer),
		client.WithRequestEditorFn(walk.Basic("john.doe", "Demo-Gever-1!"))) // public: an identity of the demo data
	if err != nil {
		return "", err
	}
	path, err := create(ctx, c, url, folder, dossier)
	if err != nil {
		return "", fmt.Errorf("create a dossier: %w", err)
	}
	title := "Vom Go-Client umbenannt"
	var patch client.ObjectPatch
	if err := patch.FromDossierPatch(client.DossierPatch{Title: &title}); err != nil {
		return "", err
	}
	changed, err := c.PatchObjectWithResponse(ctx, path, nil, patch)
	if err != nil {
		return "", err
	}
	if changed.StatusCode() != http.StatusNoContent {
		return "", walk.Unexpected(changed.StatusCode())
	}
	if err := readBack(ctx, c, path, title); err != nil {
		return "", fmt.Errorf("read back: %w", err)
	}
	return "a dossier with a document made, renamed and read back", document(ctx, c, url, path)
}

func dossier(body *client.ObjectCreate) error {
	d := client.DossierCreate{Type: "opengever.dossier.businesscasedossier", Title: text("Vom Go-Client")}
	who := "john.doe"
	if err := d.Responsible.FromPrincipalInput0(who); err != nil {
		return err
	}
	return body.FromDossierCreate(d)
}

func text(s string) *string { return &s }

// create makes an object and gives its path.
func create(ctx context.Context, c *client.ClientWithResponses, base, container string, fill func(*client.ObjectCreate) error) (string, error) {
	var body client.ObjectCreate
	if err := fill(&body); err != nil {
		return "", err
	}
	made, err := c.CreateObjectWithResponse(ctx, container, nil, body)
	if err != nil {
		return "", err
	}
	if made.StatusCode() != http.StatusCreated || string(made.Body) != "null" {
		return "", walk.Unexpected(made.StatusCode())
	}
	return strings.TrimPrefix(made.HTTPResponse.Header.Get("Location"), base+"/"), nil
}

func readBack(ctx context.Context, c *client.ClientWithResponses, path, title string) error {
	r, err := c.GetObjectWithResponse(ctx, path, nil)
	if err != nil {
		return err
	}
	if r.JSON200 == nil {
		return walk.Unexpected(r.StatusCode())
	}
	d, err := r.JSON200.AsDossier()
	if err != nil {
		return err
	}
	if d.Title != title || d.CustodyPeriod != 30 || d.Parent.Title != "Führung" {
		return fmt.Errorf("%q, custody period %d, in %q", d.Title, d.CustodyPeriod, d.Parent.Title)
	}
	return nil
}

// document adds a file to the dossier and downloads it.
func document(ctx context.Context, c *client.ClientWithResponses, base, path string) error {
	path, err := create(ctx, c, base, path, func(body *client.ObjectCreate) error {
		return body.FromDocumentCreate(client.DocumentCreate{
			Type: "opengever.document.document",
			File: &client.FileInput{Data: base64.StdEncoding.EncodeToString([]byte("Inhalt")), Encoding: text("base64"), Filename: text("Notiz.txt")},
		})
	})
	if err != nil {
		return fmt.Errorf("create a document: %w", err)
	}
	got, err := c.DownloadWithResponse(ctx, path, "file")
	if err != nil {
		return err
	}
	if string(got.Body) != "Inhalt" {
		return fmt.Errorf("download: %w", walk.Unexpected(got.StatusCode()))
	}
	return nil
}

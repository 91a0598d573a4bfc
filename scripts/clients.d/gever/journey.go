//go:build clients

// Command journey makes a dossier with a document, renames it and reads it
// back, with a client that oapi-codegen made from the served document: one
// that escapes the slashes of a path. scripts/clients compiles it beside that
// client; its argument is the address of the API.
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	client "clients/gever"
)

const folder = "ordnungssystem/fuehrung"

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gever, Go client:", err)
		os.Exit(1)
	}
	fmt.Println("gever, Go client: a dossier with a document made, renamed and read back")
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: journey URL")
	}
	c, err := client.NewClientWithResponses(args[0], client.WithRequestEditorFn(
		func(_ context.Context, req *http.Request) error {
			req.SetBasicAuth("john.doe", "Demo-Gever-1!") // public: an identity of the demo data
			return nil
		}))
	if err != nil {
		return err
	}
	path, err := create(ctx, c, args[0], folder, dossier)
	if err != nil {
		return fmt.Errorf("create a dossier: %w", err)
	}
	title := "Vom Go-Client umbenannt"
	var patch client.ObjectPatch
	if err := patch.FromDossierPatch(client.DossierPatch{Title: &title}); err != nil {
		return err
	}
	changed, err := c.PatchObjectWithResponse(ctx, path, nil, patch)
	if err != nil {
		return err
	}
	if changed.StatusCode() != http.StatusNoContent {
		return refused(changed.StatusCode(), changed.Body)
	}
	if err := readBack(ctx, c, path, title); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	return document(ctx, c, args[0], path)
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
		return "", refused(made.StatusCode(), made.Body)
	}
	return strings.TrimPrefix(made.HTTPResponse.Header.Get("Location"), base+"/"), nil
}

func readBack(ctx context.Context, c *client.ClientWithResponses, path, title string) error {
	r, err := c.GetObjectWithResponse(ctx, path, nil)
	if err != nil {
		return err
	}
	if r.JSON200 == nil {
		return refused(r.StatusCode(), r.Body)
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
		return fmt.Errorf("download: %w", refused(got.StatusCode(), got.Body))
	}
	return nil
}

func refused(status int, body []byte) error { return fmt.Errorf("status %d: %s", status, body) }

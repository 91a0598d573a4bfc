//go:build clients

// Command journey delivers a file through CAPO's whole workflow with a client
// that oapi-codegen made from the served document.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	client "clients/capo"
	"clients/walk"
)

const (
	token     = "demo-capo-aan-1" // public: an identity of the demo data
	project   = "62c7d0a1eb277e1b79161401"
	container = "62c7d159eb277e1b79161430"
)

func main() { walk.Main("capo", journey) }

func journey(ctx context.Context, url string, doer *walk.Doer) (string, error) {
	c, err := client.NewClientWithResponses(url, client.WithHTTPClient(doer),
		client.WithRequestEditorFn(walk.Header("Authorization", "Bearer "+token)))
	if err != nil {
		return "", err
	}
	content := bytes.Repeat([]byte("%PDF-1.7 tekening\n"), 4000)

	if err := find(ctx, c); err != nil {
		return "", fmt.Errorf("find the container: %w", err)
	}
	file, err := deliver(ctx, c, doer, content)
	if err != nil {
		return "", err
	}
	if err := finish(ctx, c); err != nil {
		return "", fmt.Errorf("status done: %w", err)
	}
	return "delivered and read back", readBack(ctx, c, file, content)
}

// find asks for the caller's containers and looks for the one to deliver.
func find(ctx context.Context, c *client.ClientWithResponses) error {
	status := client.BijlageAssignedStatus("assigned")
	r, err := c.ListBijlageAssignedWithResponse(ctx, &client.ListBijlageAssignedParams{Status: &status})
	if err != nil {
		return err
	}
	if r.JSON200 == nil {
		return walk.Unexpected(r.StatusCode())
	}
	for _, a := range *r.JSON200 {
		if a.BijlageAssignedId == container {
			return nil
		}
	}
	return fmt.Errorf("%s is not among the %d assigned ones", container, len(*r.JSON200))
}

// deliver makes the upload address, sends the bytes there and reports them.
func deliver(ctx context.Context, c *client.ClientWithResponses, doer *walk.Doer, content []byte) (string, error) {
	contentType, size := "application/pdf", int64(len(content))
	made, err := c.CreateBijlageWithResponse(ctx, project, container, client.BijlageNieuw{
		Bestandsnaam: "tekening.pdf", ContentType: &contentType, Grootte: &size,
	})
	if err != nil {
		return "", err
	}
	if made.JSON201 == nil {
		return "", fmt.Errorf("make the upload address: %w", walk.Unexpected(made.StatusCode()))
	}
	if made.JSON201.ParentId != container {
		return "", fmt.Errorf("parentId is %s", made.JSON201.ParentId)
	}
	if err := doer.Put(ctx, made.JSON201.Url, contentType, content); err != nil {
		return "", fmt.Errorf("upload: %w", err)
	}
	id := made.JSON201.BijlageId
	reported, err := c.PatchBijlageWithResponse(ctx, project, id, client.BijlageWijziging{Status: "uploaded"})
	if err != nil {
		return "", err
	}
	if reported.JSON200 == nil || reported.JSON200.Status != "uploaded" {
		return "", fmt.Errorf("status uploaded: %w", walk.Unexpected(reported.StatusCode()))
	}
	return id, nil
}

func finish(ctx context.Context, c *client.ClientWithResponses) error {
	r, err := c.PatchProjectProjectIdBijlageassignedBijlageAssignedIdWithResponse(ctx, project, container,
		client.BijlageAssignedWijziging{Status: "done"})
	if err != nil {
		return err
	}
	if r.JSON200 == nil || r.JSON200.Status != "done" || r.JSON200.OpgeleverdOp == nil {
		return walk.Unexpected(r.StatusCode())
	}
	return nil
}

// readBack finds the file in the project's list and compares its bytes.
func readBack(ctx context.Context, c *client.ClientWithResponses, file string, content []byte) error {
	list, err := c.ListBijlagenWithResponse(ctx, project)
	if err != nil {
		return err
	}
	if list.JSON200 == nil || len(*list.JSON200) != 1 || (*list.JSON200)[0].BijlageId != file {
		return fmt.Errorf("list of files: %w", walk.Unexpected(list.StatusCode()))
	}
	got, err := c.DownloadBijlageWithResponse(ctx, project, file)
	if err != nil {
		return err
	}
	if got.StatusCode() != http.StatusOK || !bytes.Equal(got.Body, content) {
		return fmt.Errorf("download: %d with %d bytes, want 200 with the %d sent", got.StatusCode(), len(got.Body), len(content))
	}
	if t := got.HTTPResponse.Header.Get("Content-Type"); t != "application/pdf" {
		return fmt.Errorf("download: Content-Type is %q", t)
	}
	return nil
}

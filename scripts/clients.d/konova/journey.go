//go:build clients

// Command journey pages through Konova's register, adds an intervention, pays
// for it from an eco account and removes it again, with a client that
// oapi-codegen made from the served document.
package main

import (
	"context"
	"errors"
	"fmt"

	client "clients/konova"
	"clients/walk"
)

// Public: an identity and an account of the demo data.
const (
	user    = "demo"
	token   = "demo-ksp-token"
	account = "3e7acd84-bb67-408d-886e-91004c319f38"
)

func main() { walk.Main("konova", journey) }

func journey(ctx context.Context, url string, doer *walk.Doer) (string, error) {
	c, err := client.NewClientWithResponses(url, client.WithHTTPClient(doer),
		client.WithRequestEditorFn(walk.Header("Kspuser", user, "Ksptoken", token)))
	if err != nil {
		return "", err
	}
	if err := page(ctx, c); err != nil {
		return "", fmt.Errorf("page through: %w", err)
	}
	id, err := create(ctx, c)
	if err != nil {
		return "", fmt.Errorf("create: %w", err)
	}
	if err := pay(ctx, c, id); err != nil {
		return "", fmt.Errorf("deduct: %w", err)
	}
	gone, err := c.DeleteInterventionWithResponse(ctx, id, nil)
	if err != nil {
		return "", err
	}
	if gone.JSON200 == nil || !gone.JSON200.Success {
		return "", walk.Unexpected(gone.StatusCode())
	}
	return "paged, written, paid for and removed", nil
}

// page reads one entry at a time until next is null.
func page(ctx context.Context, c *client.ClientWithResponses) error {
	seen := 0
	for p := int32(1); ; p++ {
		rpp := int32(1)
		r, err := c.ListInterventionsWithResponse(ctx, &client.ListInterventionsParams{Rpp: &rpp, P: &p})
		if err != nil {
			return err
		}
		if r.JSON200 == nil {
			return walk.Unexpected(r.StatusCode())
		}
		for id, e := range r.JSON200.Results {
			if id != e.Properties.Id.String() || len(e.Coordinates) != 1 {
				return fmt.Errorf("entry %s: %+v", id, e)
			}
			seen++
		}
		if r.JSON200.Next == nil {
			break
		}
	}
	if seen < 3 {
		return fmt.Errorf("%d entries seen", seen)
	}
	return nil
}

func create(ctx context.Context, c *client.ClientWithResponses) (client.Id, error) {
	var id client.Id
	r, err := c.CreateInterventionWithResponse(ctx, client.InterventionInput{
		Properties: client.InterventionInputProperties{Title: "Von einem Go-Client"},
	})
	if err != nil {
		return id, err
	}
	if r.JSON201 == nil {
		return id, walk.Unexpected(r.StatusCode())
	}
	one, err := c.GetInterventionWithResponse(ctx, r.JSON201.Id, nil)
	if err != nil {
		return id, err
	}
	if one.JSON200 == nil || one.JSON200.Results[r.JSON201.Id.String()].Properties.Title != "Von einem Go-Client" {
		return id, walk.Unexpected(one.StatusCode())
	}
	return r.JSON201.Id, nil
}

// pay takes from the account what it has, and is refused more.
func pay(ctx context.Context, c *client.ClientWithResponses, intervention client.Id) error {
	deduct := func(surface float32) (*client.CreateDeductionResponse, error) {
		body := client.DeductionInput{Surface: surface}
		if err := errors.Join(body.Intervention.FromReferenceInput0(intervention), reference(&body.EcoAccount, account)); err != nil {
			return nil, err
		}
		return c.CreateDeductionWithResponse(ctx, body)
	}
	r, err := deduct(9000)
	if err != nil {
		return err
	}
	if r.JSON201 == nil {
		return walk.Unexpected(r.StatusCode())
	}
	if r, err = deduct(1); err != nil {
		return err
	}
	if r.ApplicationproblemJSON409 == nil || r.ApplicationproblemJSON409.Code == nil || *r.ApplicationproblemJSON409.Code != "konto_ueberzogen" {
		return walk.Unexpected(r.StatusCode())
	}
	return nil
}

func reference(to *client.ReferenceInput, id string) error {
	return to.UnmarshalJSON([]byte(`"` + id + `"`))
}

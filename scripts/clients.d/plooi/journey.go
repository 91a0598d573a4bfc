//go:build clients

// Command journey delivers, changes and withdraws a document with a client that
// oapi-codegen made from the served document.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	client "clients/plooi"
	"clients/walk"
)

const (
	organisation = "gemeente Alkmaar" // the demo gives a token to any
	identifier   = "https://identifier.overheid.nl/tooi/id/gemeente/gm0361"
)

func main() { walk.Main("plooi", journey) }

// supplier is who delivers for a municipality.
type supplier struct {
	*client.ClientWithResponses

	token string
}

func journey(ctx context.Context, url string, doer *walk.Doer) (string, error) {
	s := &supplier{}
	c, err := client.NewClientWithResponses(url, client.WithHTTPClient(doer), client.WithRequestEditorFn(
		func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+s.token)
			return nil
		}))
	if err != nil {
		return "", err
	}
	s.ClientWithResponses = c
	if err := s.login(ctx); err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	id, session, err := s.register(ctx)
	if err != nil {
		return "", fmt.Errorf("metadata: %w", err)
	}
	if err := s.deliver(ctx, id, session); err != nil {
		return "", fmt.Errorf("file: %w", err)
	}
	if err := s.change(ctx, id); err != nil {
		return "", fmt.Errorf("change: %w", err)
	}
	return "delivered, published, changed, withdrawn", s.withdraw(ctx, id)
}

func (s *supplier) login(ctx context.Context) error {
	r, err := s.GetTesttokenWithResponse(ctx, &client.GetTesttokenParams{Org: organisation, Role: "Publisher Basis"})
	if err != nil {
		return err
	}
	if r.JSON200 == nil {
		return walk.Unexpected(r.StatusCode())
	}
	s.token = r.JSON200.AccessToken
	return nil
}

func metadata(title string) client.Document {
	return client.Document{
		Publisher: client.RefOrganisatie{Id: identifier}, Identifiers: []string{}, Documenthandelingen: []client.Documenthandeling{},
		Language:       client.RefTaal{Id: "http://publications.europa.eu/resource/authority/language/NLD"},
		Titelcollectie: client.Titelcollectie{OfficieleTitel: title},
		Classificatiecollectie: client.Classificatiecollectie{
			Documentsoorten: []client.RefDocumentsoort{{Id: "https://identifier.overheid.nl/tooi/def/thes/kern/c_3d782f30"}},
			Themas:          []client.RefThema{{Id: "https://identifier.overheid.nl/tooi/def/thes/top/c_391585db"}},
		},
	}
}

func (s *supplier) register(ctx context.Context) (id, session string, err error) {
	wrong := metadata("Jaarverslag")
	wrong.Publisher.Id = "https://identifier.overheid.nl/tooi/id/gemeente/gm9999"
	r, err := s.CreateMetadataWithResponse(ctx, client.Metadata{Document: wrong})
	if err != nil {
		return "", "", err
	}
	if r.JSON400 == nil || r.JSON400.Title != "ValidatieMetadatafout" {
		return "", "", fmt.Errorf("a publisher outside the lists is %w", walk.Unexpected(r.StatusCode()))
	}
	if r, err = s.CreateMetadataWithResponse(ctx, client.Metadata{Document: metadata("Jaarverslag")}); err != nil {
		return "", "", err
	}
	if r.JSON201 == nil || r.JSON201.Document.Pid == nil {
		return "", "", walk.Unexpected(r.StatusCode())
	}
	pid := *r.JSON201.Document.Pid
	return pid[strings.LastIndexByte(pid, '/')+1:], r.HTTPResponse.Header.Get("X-Session-ID"), nil
}

func (s *supplier) deliver(ctx context.Context, id, session string) error {
	content := bytes.Repeat([]byte("%PDF-1.7 jaarverslag\n"), 4000)
	r, err := s.CreateDocumentWithBodyWithResponse(ctx, id, &client.CreateDocumentParams{XSessionID: &session}, "application/pdf", bytes.NewReader(content))
	if err != nil {
		return err
	}
	if r.JSON202 == nil {
		return walk.Unexpected(r.StatusCode())
	}
	if err := s.processed(ctx, session); err != nil {
		return err
	}
	file, err := s.GetPublicatieBestandWithResponse(ctx, id)
	if err != nil {
		return err
	}
	if !bytes.Equal(file.Body, content) {
		return fmt.Errorf("published %d bytes, sent %d", len(file.Body), len(content))
	}
	return nil
}

// processed waits until the process has done its last step.
func (s *supplier) processed(ctx context.Context, session string) error {
	for {
		r, err := s.ListVerwerkingenWithResponse(ctx, session, &client.ListVerwerkingenParams{})
		if err != nil {
			return err
		}
		if r.JSON200 == nil {
			return walk.Unexpected(r.StatusCode())
		}
		for _, v := range *r.JSON200 {
			if v.Stage == "PROCESS" {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (s *supplier) change(ctx context.Context, id string) error {
	m, err := s.GetMetadataWithResponse(ctx, id)
	if err != nil {
		return err
	}
	if m.JSON200 == nil {
		return walk.Unexpected(m.StatusCode())
	}
	d := m.JSON200.Document
	d.Titelcollectie.OfficieleTitel = "Jaarverslag, verbeterd"
	r, err := s.UpdateMetadataWithResponse(ctx, id, client.MetadataMetPid{Document: d})
	if err != nil {
		return err
	}
	if r.JSON201 == nil {
		return walk.Unexpected(r.StatusCode())
	}
	if err := s.processed(ctx, r.HTTPResponse.Header.Get("X-Session-ID")); err != nil {
		return err
	}
	p, err := s.GetPublicatieWithResponse(ctx, id)
	if err != nil {
		return err
	}
	if p.JSON200 == nil || len(p.JSON200.Versies) != 2 {
		return walk.Unexpected(p.StatusCode())
	}
	return nil
}

func (s *supplier) withdraw(ctx context.Context, id string) error {
	r, err := s.DeleteDocumentWithResponse(ctx, id)
	if err != nil {
		return err
	}
	if r.StatusCode() != http.StatusOK {
		return walk.Unexpected(r.StatusCode())
	}
	p, err := s.GetPublicatieWithResponse(ctx, id)
	if err != nil {
		return err
	}
	if p.JSON404 == nil || p.JSON404.Title != "Niet-gevonden-fout" {
		return fmt.Errorf("withdrawn, and still %w", walk.Unexpected(p.StatusCode()))
	}
	return nil
}

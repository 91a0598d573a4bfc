//go:build clients

// Command journey sets up a project in VEMAP with a client that oapi-codegen
// made from the served document: it logs in, makes a closure, delivers a plan,
// comments on it, and sends mail.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	client "clients/vemap"
	"clients/walk"
)

func main() { walk.Main("vemap", journey) }

// session is what a login gave.
type session struct{ token, user, tenant string }

func journey(ctx context.Context, url string, doer *walk.Doer) (string, error) {
	s, err := login(ctx, url, doer)
	if err != nil {
		return "", fmt.Errorf("log in: %w", err)
	}
	c, err := client.NewClientWithResponses(url, client.WithHTTPClient(doer),
		client.WithRequestEditorFn(walk.Header("Authorization", "Bearer "+s.token)))
	if err != nil {
		return "", err
	}
	project, closure, err := s.closure(ctx, c)
	if err != nil {
		return "", fmt.Errorf("make a closure: %w", err)
	}
	if err := s.plan(ctx, c, doer, project, closure); err != nil {
		return "", fmt.Errorf("deliver a plan: %w", err)
	}
	return "logged in, delivered a plan, and queued mail", s.mail(ctx, c, closure)
}

func login(ctx context.Context, url string, doer *walk.Doer) (session, error) {
	c, err := client.NewClientWithResponses(url, client.WithHTTPClient(doer),
		client.WithRequestEditorFn(walk.Basic("manager@demo.example", "Demo-Manager-1!")))
	if err != nil {
		return session{}, err
	}
	r, err := c.LoginWithResponse(ctx)
	if err != nil {
		return session{}, err
	}
	if r.JSON200 == nil {
		return session{}, walk.Unexpected(r.StatusCode())
	}
	s := session{token: r.JSON200.Data.AuthenticationResult.AccessToken}
	for tenant := range r.JSON200.Data.Tenants {
		s.tenant = tenant
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(s.token, ".")[1])
	if err != nil {
		return session{}, err
	}
	var claims struct{ Sub string }
	err = json.Unmarshal(payload, &claims)
	s.user = claims.Sub
	return s, err
}

const role = "ROLE_MANAGER"

func (s session) closure(ctx context.Context, c *client.ClientWithResponses) (project, closure string, err error) {
	p, err := c.CreateProjectWithResponse(ctx, s.tenant, &client.CreateProjectParams{XUserId: s.user, XUserRole: role}, client.CreateProjectInput{
		Name: "Journey", Description: "Een project", ContractingAuthority: "Rijkswaterstaat", RoadNumbers: "A1", StartDate: "01-15-2024", EndDate: "12-31-2024",
		TenantId: s.tenant, CreatedByUserId: s.user, Managers: []client.ManagerInput{{Id: s.user}}, PhaseNumber: "1",
	})
	if err != nil {
		return "", "", err
	}
	if p.JSON201 == nil {
		return "", "", walk.Unexpected(p.StatusCode())
	}
	project = p.JSON201.Data.ProjectId
	r, err := c.CreateClosureWithResponse(ctx, s.tenant, &client.CreateClosureParams{XUserId: s.user, XUserRole: role}, client.CreateClosureInput{
		ProjectId: project, ClosureName: "Nachtafsluiting", ClosureType: "nacht", StartDate: "01-15-2024", EndDate: "01-20-2024",
	})
	if err != nil {
		return "", "", err
	}
	if r.JSON201 == nil {
		return "", "", walk.Unexpected(r.StatusCode())
	}
	return project, r.JSON201.Data.Id, nil
}

// plan announces a plan, brings its bytes to the address that comes back, and
// comments on it.
func (s session) plan(ctx context.Context, c *client.ClientWithResponses, doer *walk.Doer, project, closure string) error {
	content := []byte("%PDF-1.7 plan")
	f, err := c.CreateFileWithResponse(ctx, s.tenant, &client.CreateFileParams{XUserId: s.user, XUserRole: role}, client.CreateFileInput{
		Name: "plan.pdf", Type: "vkm-plan", FileType: "application/pdf", ProjectId: project, ClosureId: closure, Size: int64(len(content)),
	})
	if err != nil {
		return err
	}
	if f.JSON201 == nil {
		return walk.Unexpected(f.StatusCode())
	}
	if err := doer.Put(ctx, f.JSON201.Data.PresignedUrl, "application/pdf", content); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	m, err := c.CreateCommentWithResponse(ctx, s.tenant, closure, &client.CreateCommentParams{XUserId: s.user, XUserRole: role}, client.CreateCommentInput{
		VkmPlanId: f.JSON201.Data.Id, Version: "1.0", Message: "Ziet er goed uit", ProjectId: project,
	})
	if err != nil {
		return err
	}
	if m.JSON201 == nil {
		return walk.Unexpected(m.StatusCode())
	}
	return nil
}

func (s session) mail(ctx context.Context, c *client.ClientWithResponses, closure string) error {
	t, err := c.GetTemplatesWithResponse(ctx, s.tenant, &client.GetTemplatesParams{XUserId: s.user, XUserRole: role})
	if err != nil {
		return err
	}
	if t.JSON200 == nil || len(t.JSON200.Data) == 0 {
		return walk.Unexpected(t.StatusCode())
	}
	m, err := c.SendMailWithResponse(ctx, s.tenant, closure, &client.SendMailParams{XUserId: s.user, XUserRole: role}, client.SendMailInput{
		Recipients: []client.MailRecipientInput{{Email: "john@example.com", Name: "John Doe"}}, TemplateId: t.JSON200.Data[0].Id, Subject: "Plan beschikbaar",
	})
	if err != nil {
		return err
	}
	if m.JSON200 == nil || m.JSON200.Data.MicroserviceData.TotalRecipients != 1 {
		return walk.Unexpected(m.StatusCode())
	}
	return nil
}

package vemapdb

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/vemap"
)

// demoTime is when everything in the demo data happened: the page's own moment.
// Only the temporary password counts from the moment of loading.
var demoTime = time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)

// demoHashes are the passwords below as argon2id hashes, so that loading the
// demo does not compute them each time. Their salts are as public as they are.
var demoHashes = map[string]string{
	"Demo-Admin-1!":       "$argon2id$v=19$m=19456,t=2,p=1$pjacno9kLZbsztOmauyR7Q$jXdZ79VULGTCvJrhVe+jC/tGtO81JlwVuAOiSnOPsmk",
	"Demo-Organisatie-1!": "$argon2id$v=19$m=19456,t=2,p=1$zFVgzX1+6JaOCs6Pz3iBmA$8Tm+QMoANls+tVLBKRW7ReyJ0dy3FB23sRn6IhcOFlw",
	"Demo-Manager-1!":     "$argon2id$v=19$m=19456,t=2,p=1$oryr+DstxCsmbtg9dFGrMw$miHz9Fl9NRGoxptFtpGr68//xV5ls1WRBU1mz4k5EGc",
	"Demo-Stakeholder-1!": "$argon2id$v=19$m=19456,t=2,p=1$rzj5gA8b2tyUvdjG3pGuig$eEvHAV9Ug5W3OqtkeB2oLq2aIfR/WO/Gh/wXfNkK2mk",
	"Demo-Lezer-1!":       "$argon2id$v=19$m=19456,t=2,p=1$zpe0fPCh/k8pHJP6kD5VMw$MvzPES7Pk1E51rs+eD1uKP3ByvIoGn+QhLa0PLxXEAw",
	"Demo-Tijdelijk-1!":   "$argon2id$v=19$m=19456,t=2,p=1$4Kmcui1GumvcAGTvIi4j2g$C0YvrCx989O7PjdmjPBUh1ivsCalAhCFmGmu58vI/e8",
}

// DemoUser is a user of the demo data.
type DemoUser struct {
	Email, Name, Password, Note string
	Role                        vemap.Role
	Temporary                   bool
}

// DemoUsers are public knowledge: they exist only in a store that the demo
// filled.
var DemoUsers = []DemoUser{
	{Email: "admin@demo.example", Name: "Demo Admin", Password: "Demo-Admin-1!", Role: vemap.RoleAdmin, Note: "beheert het platform (ROLE_ADMIN)"},
	{Email: "organisatie@demo.example", Name: "Demo Organisatie", Password: "Demo-Organisatie-1!", Role: vemap.RoleOrganisation, Note: "beheert de tenant (ROLE_ORGANISATION)"},
	{Email: "manager@demo.example", Name: "Demo Manager", Password: "Demo-Manager-1!", Role: vemap.RoleManager, Note: "manager van Project Alpha (ROLE_MANAGER)"},
	{Email: "stakeholder@demo.example", Name: "Demo Stakeholder", Password: "Demo-Stakeholder-1!", Role: vemap.RoleStakeholder, Note: "stakeholder van Nachtafsluiting A1 (ROLE_STAKEHOLDER)"},
	{Email: "lezer@demo.example", Name: "Demo Lezer", Password: "Demo-Lezer-1!", Role: vemap.RoleUser, Note: "leest mee (ROLE_USER)"},
	{Email: "nieuw@demo.example", Name: "Demo Nieuw", Password: "Demo-Tijdelijk-1!", Role: vemap.RoleStakeholder, Temporary: true, Note: "tijdelijk wachtwoord: krijgt de challenge (ROLE_STAKEHOLDER)"},
}

// demoEntropy gives the same identifiers in each store that is filled, so that
// answers can be compared. Nothing secret is made of it: keys and passwords
// have other sources.
type demoEntropy struct {
	n   byte
	sum []byte
}

func (e *demoEntropy) Read(p []byte) (int, error) {
	for i := range p {
		if len(e.sum) == 0 {
			s := sha256.Sum256([]byte{'d', 'e', 'm', 'o', e.n})
			e.n++
			e.sum = s[:]
		}
		p[i], e.sum = e.sum[0], e.sum[1:]
	}
	return len(p), nil
}

// Demo fills an empty store with the demo data, through the use cases
// themselves, so that it obeys every rule.
func (d *DB) Demo(ctx context.Context) error {
	demo := *d
	demo.Now = func() time.Time { return demoTime }
	demo.Entropy = &demoEntropy{}
	actors, err := demo.demoUsers(ctx, d.Now())
	if err != nil {
		return err
	}
	return demo.demoProject(ctx, actors)
}

func (d *DB) demoUsers(ctx context.Context, loaded time.Time) (map[vemap.Role]vemap.Actor, error) {
	actors := make(map[vemap.Role]vemap.Actor)
	for _, u := range DemoUsers {
		added, err := d.addUserWith(ctx, demoHashes[u.Password], AddUser{Email: u.Email, Name: u.Name, Company: "Demo Verkeer", Role: u.Role, Tenant: "Demo Verkeer", Password: u.Password})
		if err != nil {
			return nil, err
		}
		if u.Temporary {
			if err := d.makeTemporary(ctx, added.UserID, loaded); err != nil {
				return nil, err
			}
			continue
		}
		actors[u.Role] = vemap.Actor{UserID: added.UserID, Name: u.Name, Email: u.Email, TenantID: added.TenantID, Role: u.Role}
	}
	return actors, nil
}

// makeTemporary makes a user's password one that must be changed.
func (d *DB) makeTemporary(ctx context.Context, userID string, since time.Time) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		u, err := store.First[userRow](tx, "id = ?", userID)
		if err != nil {
			return err
		}
		u.Temporary, u.PasswordAt = true, store.At(since)
		return store.Update(tx, u)
	})
}

const (
	demoPlan    = "%PDF-1.4\n% Verkeersmaatregelenplan Nachtafsluiting A1, demo\n%%EOF\n"
	demoSupport = "Omleidingsroute Nachtafsluiting A1 (demo): volg U12 via de A9.\n"
)

func (d *DB) demoProject(ctx context.Context, actors map[vemap.Role]vemap.Actor) error {
	m, stakeholder := actors[vemap.RoleManager], actors[vemap.RoleStakeholder]
	p, err := d.CreateProject(ctx, m, vemap.NewProject{
		Name: "Project Alpha", Description: "Project beschrijving", ContractingAuthority: "Rijkswaterstaat", RoadNumbers: "A1, A2",
		PhaseNumber: "1", Start: "01-15-2024", End: "12-31-2024", TenantID: m.TenantID, CreatedBy: m.UserID, Managers: []string{m.UserID},
	})
	if err != nil {
		return err
	}
	c, err := d.CreateClosure(ctx, m, vemap.NewClosure{
		ProjectID: p.ID, Name: "Nachtafsluiting A1", Description: "Nachtafsluiting voor onderhoudswerkzaamheden", Type: "nacht", Status: vemap.StatusOpen,
		RoadSegment: "A1 km 10-15", Start: "01-15-2024", End: "01-20-2024", Stakeholders: []string{stakeholder.UserID},
	})
	if err != nil {
		return err
	}
	plan, err := d.demoFile(ctx, m, c, vemap.NewFile{Name: "VKM_Plan_A1.pdf", Type: vemap.TypePlan, FileType: "application/pdf", Status: vemap.StatusActive}, demoPlan)
	if err != nil {
		return err
	}
	if _, err := d.demoFile(ctx, m, c, vemap.NewFile{Name: "omleiding.txt", Type: vemap.TypeSupport, FileType: "text/plain", Status: vemap.StatusActive}, demoSupport); err != nil {
		return err
	}
	for i, comment := range []struct {
		by      vemap.Actor
		message string
	}{{stakeholder, "Kan de omleiding ook via de N203?"}, {m, "Die is in dezelfde week afgesloten; de omleiding blijft de A9."}} {
		d.Now = func() time.Time { return demoTime.Add(time.Duration(i+1) * time.Hour) }
		n := vemap.NewComment{PlanID: plan.ID, Version: plan.Version.String(), Message: comment.message, ProjectID: p.ID}
		if _, err := d.CreateComment(ctx, comment.by, c.ID, n); err != nil {
			return err
		}
	}
	return d.demoMail(ctx, m, p, c)
}

// demoFile announces a file and brings its bytes.
func (d *DB) demoFile(ctx context.Context, a vemap.Actor, c vemap.Closure, n vemap.NewFile, content string) (vemap.File, error) {
	n.ProjectID, n.ClosureID, n.Size, n.Current = c.ProjectID, c.ID, int64(len(content)), true
	f, _, err := d.CreateFile(ctx, a, n)
	if err != nil {
		return vemap.File{}, err
	}
	at := vemap.Address{Method: "PUT", FileID: f.ID, Type: f.FileType, Size: f.Size, Expires: d.Now().Add(vemap.AddressLifetime)}
	return d.Receive(ctx, Upload{
		FileID: f.ID, ContentType: f.FileType, Length: f.Size, Body: strings.NewReader(content),
		Signed: Signed{Expires: strconv.FormatInt(at.Expires.Unix(), 10), Signature: at.Signature(d.keys.address)},
	})
}

func (d *DB) demoMail(ctx context.Context, m vemap.Actor, p vemap.Project, c vemap.Closure) error {
	template := "closure_notification"
	_, err := d.CreateTemplate(ctx, m, template, map[string]any{
		"root": map[string]any{"type": "EmailLayout", "data": map[string]any{
			"backdropColor": "#FFFFFF", "canvasColor": "#FFFFFF", "textColor": "#000000", "fontFamily": "Arial", "childrenIds": []any{"block-1"},
		}},
		"block-1": map[string]any{"type": "Text", "data": map[string]any{
			"style": map[string]any{"fontSize": 14}, "props": map[string]any{"text": "Beste {NAAM_STAKEHOLDER}, uw VKM is beschikbaar."},
		}},
	})
	if err != nil {
		return err
	}
	subject, message := "Nieuwe closure beschikbaar", "Er is een nieuwe closure beschikbaar voor review."
	_, err = d.SaveMailing(ctx, m, MailingRequest{
		ProjectID: p.ID, ClosureID: c.ID, Template: &template, Subject: &subject, Message: &message,
		Recipients: []vemap.NewRecipient{
			{Email: "john@demo.example", Name: "John Doe", Role: "stakeholder"}, {Email: "jane@demo.example", Name: "Jane Smith", Role: "reviewer"},
		},
	})
	return err
}

package vemapdb

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/mail"
	"loket/store/outbox"
	"loket/store/vemap"
)

// CreateTemplate keeps a document of EmailBuilder.js under a name that is new
// within the tenant (Conflict); see vemap.CheckTemplate for what it must be.
func (d *DB) CreateTemplate(ctx context.Context, a vemap.Actor, name string, data map[string]any) (string, error) {
	if err := vemap.CheckTemplate("/templateData", data); err != nil {
		return "", err
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	r := templateRow{ID: d.id(vemap.PrefixTemplate), TenantID: a.TenantID, Name: name, Data: string(raw), CreatedBy: a.UserID, CreatedAt: store.At(d.Now())}
	err = d.DB.InTx(ctx, func(tx *gorm.DB) error {
		return taken(tx.Create(&r).Error, fault.New(fault.Conflict, vemap.TemplateExists, "Template already exists"))
	})
	return r.ID, err
}

// NewMail is what operation 35 asks.
type NewMail struct {
	ClosureID, TemplateID, Subject string
	Recipients                     []vemap.NewRecipient
	Custom                         map[string]any
}

// SendMail queues one message per distinct recipient, in one transaction with
// the event (4.8). NotFound for a closure or template out of reach, Invalid for
// custom data other than texts, numbers, and booleans.
func (d *DB) SendMail(ctx context.Context, a vemap.Actor, n NewMail) (vemap.MailJob, error) {
	custom, err := vemap.Custom(n.Custom)
	if err != nil {
		return vemap.MailJob{}, err
	}
	recipients := vemap.DistinctRecipients(n.Recipients)
	now := d.Now()
	var out vemap.MailJob
	var unknown []string
	err = d.inTx(ctx, func(tx *gorm.DB) error {
		c, err := closure(tx, a, vemap.SendMail, n.ClosureID)
		if err != nil {
			return err
		}
		if c, err = filled(tx, c); err != nil {
			return err
		}
		p, err := store.First[projectRow](tx, "id = ?", c.ProjectID)
		if err != nil {
			return err
		}
		r, err := store.First[templateRow](tx, "id = ? AND tenant_id = ?", n.TemplateID, a.TenantID)
		if err != nil {
			return missing(err, "Template")
		}
		t, err := r.fromDB()
		if err != nil {
			return err
		}
		var mails []outbox.Mail
		out, mails, unknown = d.compose(n, t, c, p.Name, recipients, custom, now)
		job := mailJobRow{ID: out.ID, ClosureID: c.ID, TemplateID: t.ID, TemplateName: t.Name, Subject: n.Subject, CreatedBy: a.UserID, CreatedAt: store.At(now)}
		if err := tx.Create(&job).Error; err != nil {
			return err
		}
		rs := make([]mailRow, len(out.Messages))
		for i, m := range out.Messages {
			rs[i] = mailRow{ID: m.ID, JobID: job.ID, Email: m.Email, Name: recipients[i].Name, MessageID: m.MessageID, QueueID: m.QueueID}
		}
		if err := tx.CreateInBatches(rs, 50).Error; err != nil {
			return err
		}
		return d.queue(tx, mails...)
	})
	if err == nil && len(unknown) > 0 {
		d.Log.WarnContext(ctx, "template has placeholders without a value", slog.String("template", n.TemplateID), slog.Any("placeholders", unknown))
	}
	return out, err
}

// compose makes the job and fills in the template for each recipient.
func (d *DB) compose(n NewMail, t vemap.Template, c vemap.Closure, project string, rs []vemap.NewRecipient, custom vemap.Values, now time.Time) (vemap.MailJob, []outbox.Mail, []string) {
	job := vemap.MailJob{ID: d.id(vemap.PrefixEmailJob), Messages: make([]vemap.MailMessage, len(rs))}
	mails := make([]outbox.Mail, len(rs))
	var unknown []string
	for i, r := range rs {
		values := vemap.BuiltIn(r, project, c).With(custom)
		rendered := vemap.Render(t.Data, values)
		subject, inSubject := values.Subject(n.Subject)
		unknown = slices.Concat(rendered.Unknown, inSubject) // the same for each recipient
		m := vemap.MailMessage{ID: d.id(vemap.PrefixMail), Email: r.Email, MessageID: d.id(vemap.PrefixMessage), QueueID: d.id(vemap.PrefixQueued)}
		job.Messages[i] = m
		mails[i] = outbox.Mail{API: API, Reference: job.ID, Message: mail.Message{
			ID: m.MessageID, To: r.Email, ToName: r.Name, Subject: subject, Text: rendered.Text, HTML: rendered.HTML, QueuedAt: now,
		}}
	}
	return job, mails, unknown
}

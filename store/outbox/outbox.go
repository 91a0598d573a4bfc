// Package outbox sends mail that a business transaction decided on: the rows
// are written in that transaction, so that a mail goes exactly when the rest of
// it holds, and a worker sends them afterwards. Use cases of any API
// (store/x/xdb) write rows; main runs the worker. It imports store, store/fault
// (through store) and store/mail.
//
// Each mail is sent at least once: a worker that dies, or a connection that
// breaks after the last byte, leaves nobody knowing, and the mail goes again
// with the same Message-ID.
package outbox

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/mail"
)

// The states of a mail.
const (
	queued = "queued"
	sent   = "sent"
	failed = "failed"
)

// Mail is a message with what its API knows it by.
type Mail struct {
	API       string // "vemap"
	Reference string // the API's own: what the mail belongs to
	Message   mail.Message
}

type row struct {
	ID         string     `gorm:"primaryKey"`
	API        string     `gorm:"not null;index:idx_outbox_reference,priority:1"`
	Reference  string     `gorm:"not null;index:idx_outbox_reference,priority:2"`
	Recipient  string     `gorm:"not null"`
	Name       string     `gorm:"not null"`
	Subject    string     `gorm:"not null"`
	Text       string     `gorm:"not null"`
	HTML       string     `gorm:"not null"`
	State      string     `gorm:"not null;index:idx_outbox_due,priority:1"`
	Attempts   int64      `gorm:"not null"`
	DueAt      store.Time `gorm:"not null;index:idx_outbox_due,priority:2"`
	Lease      string     `gorm:"not null"` // of the worker that has it; "" is nobody
	Failure    string     `gorm:"not null"` // of the last attempt, for the operator
	QueuedAt   store.Time `gorm:"not null"`
	FinishedAt store.NullTime
}

func (row) TableName() string { return "outbox_mails" }

// Migrations make the table. outbox-0001 holds a struct of its own, so that it
// stays as it is when the row changes.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "outbox-0001", Up: func(tx *gorm.DB) error { return store.CreateTables(tx, &row0001{}) }}}
}

type row0001 struct {
	ID         string     `gorm:"primaryKey"`
	API        string     `gorm:"not null;index:idx_outbox_reference,priority:1"`
	Reference  string     `gorm:"not null;index:idx_outbox_reference,priority:2"`
	Recipient  string     `gorm:"not null"`
	Name       string     `gorm:"not null"`
	Subject    string     `gorm:"not null"`
	Text       string     `gorm:"not null"`
	HTML       string     `gorm:"not null"`
	State      string     `gorm:"not null;index:idx_outbox_due,priority:1"`
	Attempts   int64      `gorm:"not null"`
	DueAt      store.Time `gorm:"not null;index:idx_outbox_due,priority:2"`
	Lease      string     `gorm:"not null"`
	Failure    string     `gorm:"not null"`
	QueuedAt   store.Time `gorm:"not null"`
	FinishedAt store.NullTime
}

func (row0001) TableName() string { return "outbox_mails" }

// batch is how many rows go into one statement.
const batch = 50

// Add queues mails in the caller's transaction. Their message ids must be new.
func Add(tx *gorm.DB, now time.Time, mails ...Mail) error {
	if len(mails) == 0 {
		return nil
	}
	rows := make([]row, len(mails))
	for i, m := range mails {
		rows[i] = row{
			ID: m.Message.ID, API: m.API, Reference: m.Reference, Recipient: m.Message.To, Name: m.Message.ToName,
			Subject: m.Message.Subject, Text: m.Message.Text, HTML: m.Message.HTML,
			State: queued, DueAt: store.At(now), QueuedAt: store.At(now),
		}
	}
	if err := tx.CreateInBatches(rows, batch).Error; err != nil {
		return fmt.Errorf("outbox: queue mail: %w", store.Translate(err))
	}
	return nil
}

// Progress counts the mails of one reference by state.
type Progress struct{ Queued, Sent, Failed int }

// ProgressOf tells how far the mails of the references are, in one query; a
// reference without mails is not in the answer.
func ProgressOf(tx *gorm.DB, api string, references []string) (map[string]Progress, error) {
	var counts []struct {
		Reference, State string
		N                int
	}
	if len(references) == 0 {
		return map[string]Progress{}, nil
	}
	err := tx.Model(&row{}).Select("reference, state, count(*) AS n").
		Where("api = ? AND reference IN ?", api, references).Group("reference, state").Scan(&counts).Error
	if err != nil {
		return nil, fmt.Errorf("outbox: progress: %w", store.Translate(err))
	}
	out := make(map[string]Progress, len(references))
	for _, c := range counts {
		p := out[c.Reference]
		switch c.State {
		case queued:
			p.Queued = c.N
		case sent:
			p.Sent = c.N
		case failed:
			p.Failed = c.N
		}
		out[c.Reference] = p
	}
	return out, nil
}

// Remove forgets the mails of the references, sent or not. One that a worker
// has in hand may still go.
func Remove(tx *gorm.DB, api string, references []string) error {
	if len(references) == 0 {
		return nil
	}
	if err := tx.Where("api = ? AND reference IN ?", api, references).Delete(&row{}).Error; err != nil {
		return fmt.Errorf("outbox: remove mail: %w", store.Translate(err))
	}
	return nil
}

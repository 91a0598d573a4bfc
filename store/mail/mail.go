// Package mail hands single messages to the world: over SMTP, or as *.eml
// files in a folder for those who have no server (and for the demo). It imports
// the mail library and nothing of Loket; store/outbox calls it, and main opens
// it. Queueing, retries, and what a mail says are not its business.
package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is one mail to one recipient.
type Message struct {
	ID       string // left part of the Message-ID; the same at each attempt
	To       string // address without display name
	ToName   string // may be empty
	Subject  string // one line
	Text     string
	HTML     string // may be empty
	QueuedAt time.Time
}

// Sender sends a message. nil means that it was taken over; an error means
// that it was not, or that nobody knows: sending it again is right, with the
// same Message-ID, by which a receiver tells that it is one.
//
// It is safe for concurrent use. The end of ctx ends the attempt.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Open makes the sender that the configuration asks for: SMTP when url is
// given, else the folder. from is the sender's address, with or without a
// display name.
func Open(url, folder, from string) (Sender, error) {
	sender, err := ParseFrom(from)
	if err != nil {
		return nil, err
	}
	if url == "" {
		return NewFolder(folder, sender)
	}
	o, err := ParseURL(url)
	if err != nil {
		return nil, err
	}
	o.From = sender
	return NewSMTP(o)
}

// ParseFrom reads the address mail is sent from.
func ParseFrom(from string) (netmail.Address, error) {
	a, err := netmail.ParseAddress(from)
	if err != nil {
		return netmail.Address{}, fmt.Errorf("mail: the sender %q is not an e-mail address", from)
	}
	return *a, nil
}

// message builds the mail: plain text, and HTML beside it when there is one.
func message(m Message, from netmail.Address) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	msg.FromMailAddress(&from)
	msg.ToMailAddress(&netmail.Address{Name: m.ToName, Address: m.To})
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.QueuedAt)
	msg.SetMessageIDWithValue(m.ID + "@" + domain(from))
	// RFC 3834: no out-of-office answers, please.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	if len(msg.GetTo()) != 1 || len(msg.GetFrom()) != 1 {
		return nil, errors.New("mail: an address cannot be written")
	}
	return msg, nil
}

func domain(from netmail.Address) string {
	_, d, _ := strings.Cut(from.Address, "@")
	return d
}

// Write writes the message as it would be sent.
func Write(w io.Writer, m Message, from netmail.Address) error {
	msg, err := message(m, from)
	if err != nil {
		return err
	}
	if _, err := msg.WriteTo(w); err != nil {
		return fmt.Errorf("mail: write message: %w", err)
	}
	return nil
}

package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// TLS says how a connection is protected.
type TLS string

// The ways. Required is the default: a server that does not offer STARTTLS gets
// neither mail nor password.
const (
	Required      TLS = "required"      // STARTTLS or nothing
	Opportunistic TLS = "opportunistic" // STARTTLS when offered
	Off           TLS = "off"           // plain text; for a server on the same machine
	Implicit      TLS = "implicit"      // TLS from the first byte (smtps)
)

// sendTimeout bounds one attempt as a whole.
const sendTimeout = 30 * time.Second

// SMTPOptions say which server, and how.
type SMTPOptions struct {
	Host               string
	Port               int
	Username, Password string // both empty: no authentication
	TLS                TLS
	TLSConfig          *tls.Config // nil: the system's roots
	From               netmail.Address
}

// ParseURL reads smtp://user:password@host:587?tls=required|opportunistic|off
// and smtps://user:password@host:465. Its errors do not show the password.
func ParseURL(raw string) (SMTPOptions, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return SMTPOptions{}, errors.New("mail: the address of the SMTP server cannot be read")
	}
	o := SMTPOptions{Host: u.Hostname(), Username: u.User.Username(), TLS: TLS(u.Query().Get("tls"))}
	o.Password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
		o.Port = 587
	case "smtps":
		o.Port = 465
		if o.TLS != "" {
			return SMTPOptions{}, errors.New("mail: smtps takes no ?tls=")
		}
		o.TLS = Implicit
	default:
		return SMTPOptions{}, fmt.Errorf("mail: the address of the SMTP server starts with %q, not with smtp or smtps", u.Scheme)
	}
	switch o.TLS {
	case "":
		o.TLS = Required
	case Required, Opportunistic, Off, Implicit:
	default:
		return SMTPOptions{}, errors.New("mail: ?tls= must be required, opportunistic, or off")
	}
	if o.Host == "" {
		return SMTPOptions{}, errors.New("mail: the address of the SMTP server has no host")
	}
	if p := u.Port(); p != "" {
		if o.Port, err = strconv.Atoi(p); err != nil || o.Port < 1 || o.Port > 65535 {
			return SMTPOptions{}, errors.New("mail: the port of the SMTP server is not one")
		}
	}
	return o, nil
}

// SMTP sends over one connection per message.
type SMTP struct {
	options SMTPOptions
	client  []gomail.Option
}

// NewSMTP checks the options; it does not connect.
func NewSMTP(o SMTPOptions) (*SMTP, error) {
	s := &SMTP{options: o, client: []gomail.Option{gomail.WithPort(o.Port), gomail.WithTimeout(sendTimeout)}}
	switch o.TLS {
	case Required:
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Opportunistic:
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case Off:
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.NoTLS))
	case Implicit:
		s.client = append(s.client, gomail.WithSSL())
	default:
		return nil, fmt.Errorf("mail: TLS %q is not known", o.TLS)
	}
	if o.TLSConfig != nil {
		s.client = append(s.client, gomail.WithTLSConfig(o.TLSConfig))
	}
	if o.Username != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if o.TLS == Off {
			auth = gomail.SMTPAuthPlainNoEnc // asked for in so many words by tls=off
		}
		s.client = append(s.client, gomail.WithSMTPAuth(auth), gomail.WithUsername(o.Username), gomail.WithPassword(o.Password))
	}
	if _, err := gomail.NewClient(o.Host, s.client...); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return s, nil
}

// Send connects, hands over one message, and goes. When the server has taken
// the message (250 after DATA), what happens to the farewell does not matter.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := message(m, s.options.From)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.options.Host, s.client...)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, msg); err != nil && !msg.IsDelivered() {
		return fmt.Errorf("mail: send by %s: %w", net.JoinHostPort(s.options.Host, strconv.Itoa(s.options.Port)), err)
	}
	return nil
}

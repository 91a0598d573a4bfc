package mail_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"loket/store/mail"
)

// server is a real SMTP server that refuses at one stage, or breaks off.
type server struct {
	mu       sync.Mutex
	refuse   string // "mail", "rcpt", "data", "end", or "cut" in the middle of the bytes
	password string // "" asks for none
	got      []letter
}

type letter struct{ from, to, body string }

type session struct {
	s    *server
	conn *smtp.Conn
	auth bool
	letter
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{s: s, conn: c, auth: s.password == ""}, nil
}

func (s *server) stage(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse == name {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not now"}
	}
	return nil
}

func (c *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "loket" || password != c.s.password {
			return errors.New("no")
		}
		c.auth = true
		return nil
	}), nil
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if !c.auth {
		return smtp.ErrAuthRequired
	}
	c.from = from
	return c.s.stage("mail")
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	return c.s.stage("rcpt")
}

func (c *session) Data(r io.Reader) error {
	if err := c.s.stage("data"); err != nil {
		return err
	}
	if c.s.stage("cut") != nil {
		_, _ = io.CopyN(io.Discard, r, 10)
		return c.conn.Close()
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.body = string(b)
	c.s.mu.Lock()
	c.s.got = append(c.s.got, c.letter)
	c.s.mu.Unlock()
	// The message is kept, but who sent it never hears so.
	if c.s.stage("end") != nil {
		return c.conn.Close()
	}
	return nil
}

func (c *session) Reset()        {}
func (c *session) Logout() error { return nil }

func (s *server) letters() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter(nil), s.got...)
}

// start serves on a loopback port, with STARTTLS when asked.
func start(t *testing.T, s *server, withTLS bool) (port int, client *tls.Config) {
	t.Helper()
	srv := smtp.NewServer(s)
	srv.Domain, srv.AllowInsecureAuth = "localhost", true
	srv.ReadTimeout, srv.WriteTimeout = 5*time.Second, 5*time.Second
	srv.ErrorLog = quiet{}
	if withTLS {
		srv.TLSConfig, client = certificates(t)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }() // ends with Close
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().(*net.TCPAddr).Port, client
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

var from = netmail.Address{Name: "Loket", Address: "noreply@loket.example"}

var hello = mail.Message{
	ID: "msg-0123456789ab", To: "jané@example.com", ToName: "Jané \"de\" Smith", Subject: "Afsluiting A1: één nacht", Text: "Beste Jané,\n.\nDag", HTML: "<p>Beste Jané</p>",
	QueuedAt: time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC),
}

func sender(t *testing.T, o mail.SMTPOptions) mail.Sender {
	t.Helper()
	o.Host, o.From = "127.0.0.1", from
	s, err := mail.NewSMTP(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plainMessage() mail.Message {
	m := hello
	m.To = "jane@example.com"
	return m
}

func TestSMTPWithSTARTTLSAndPassword(t *testing.T) {
	s := &server{password: "geheim"}
	port, trust := start(t, s, true)
	o := mail.SMTPOptions{Port: port, TLS: mail.Required, TLSConfig: trust, Username: "loket", Password: "geheim"}
	if err := sender(t, o).Send(t.Context(), plainMessage()); err != nil {
		t.Fatal(err)
	}
	got := s.letters()
	if len(got) != 1 || got[0].from != from.Address || got[0].to != "jane@example.com" {
		t.Fatalf("got %+v", got)
	}
	m, err := netmail.ReadMessage(strings.NewReader(got[0].body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Message-Id": "<msg-0123456789ab@loket.example>", "Auto-Submitted": "auto-generated", "Date": "Mon, 15 Jan 2024 10:30:00 +0000"} {
		if is := m.Header.Get(name); is != want {
			t.Errorf("%s is %q, want %q", name, is, want)
		}
	}
	o.Password = "fout"
	if err := sender(t, o).Send(t.Context(), plainMessage()); err == nil {
		t.Error("a wrong password sends")
	}
}

func TestTLSNotOffered(t *testing.T) {
	s := &server{password: "geheim"}
	port, _ := start(t, s, false)
	o := mail.SMTPOptions{Port: port, TLS: mail.Required, Username: "loket", Password: "geheim"}
	if err := sender(t, o).Send(t.Context(), plainMessage()); err == nil || len(s.letters()) != 0 {
		t.Errorf("without STARTTLS the mail went in clear: %v", err)
	}
	o.TLS = mail.Off
	if err := sender(t, o).Send(t.Context(), plainMessage()); err != nil {
		t.Errorf("tls=off: %v", err)
	}
}

func TestCertificateOfNobody(t *testing.T) {
	s := &server{}
	port, _ := start(t, s, true)
	if err := sender(t, mail.SMTPOptions{Port: port, TLS: mail.Required}).Send(t.Context(), plainMessage()); err == nil {
		t.Error("a certificate that nobody vouches for is trusted")
	}
}

func TestRefusedAtEachStage(t *testing.T) {
	for _, stage := range []string{"mail", "rcpt", "data", "cut", "end"} {
		t.Run(stage, func(t *testing.T) {
			s := &server{refuse: stage}
			port, _ := start(t, s, false)
			err := sender(t, mail.SMTPOptions{Port: port, TLS: mail.Off}).Send(t.Context(), plainMessage())
			if err == nil {
				t.Error("it says that it was sent")
			}
			if kept := len(s.letters()); kept != 0 && stage != "end" {
				t.Errorf("the server kept %d", kept)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		if err := sender(t, mail.SMTPOptions{Port: 1, TLS: mail.Off}).Send(t.Context(), plainMessage()); err == nil {
			t.Error("it says that it was sent")
		}
	})
	t.Run("ended", func(t *testing.T) {
		s := &server{}
		port, _ := start(t, s, false)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := sender(t, mail.SMTPOptions{Port: port, TLS: mail.Off}).Send(ctx, plainMessage()); err == nil {
			t.Error("it says that it was sent")
		}
	})
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	f, err := mail.Open("", dir, "Loket <noreply@loket.example>")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // sending again replaces
		if err := f.Send(t.Context(), hello); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "msg-0123456789ab.eml" {
		t.Fatalf("%v %v", entries, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Message-ID: <msg-0123456789ab@loket.example>", "text/plain", "text/html", "multipart/alternative"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the mail lacks %q:\n%s", want, raw)
		}
	}
	escape := hello
	escape.ID = "../msg"
	if err := f.Send(t.Context(), escape); err == nil {
		t.Error("an id leads out of the folder")
	}
	line := hello
	line.Subject = "een\r\nBcc: iedereen@example.com"
	if err := f.Send(t.Context(), line); err == nil {
		if raw, _ := os.ReadFile(filepath.Join(dir, entries[0].Name())); strings.Contains(string(raw), "\nBcc:") {
			t.Error("a subject brings headers in")
		}
	}
}

func TestParseURL(t *testing.T) {
	o, err := mail.ParseURL("smtp://loket:p%40ss@mail.example.nl")
	if err != nil || o.Host != "mail.example.nl" || o.Port != 587 || o.TLS != mail.Required || o.Password != "p@ss" {
		t.Errorf("%+v %v", o, err)
	}
	if o, err := mail.ParseURL("smtps://mail.example.nl"); err != nil || o.Port != 465 || o.TLS != mail.Implicit {
		t.Errorf("%+v %v", o, err)
	}
	for _, bad := range []string{"http://x", "smtp://", "smtp://x?tls=maybe", "smtps://x?tls=off", "smtp://x:0", "smtp://loket:geheim@x:99999", "%"} {
		if _, err := mail.ParseURL(bad); err == nil {
			t.Errorf("%s is taken", bad)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
	if _, err := mail.Open("smtp://x", "", "geen adres"); err == nil {
		t.Error("a sender that is none is taken")
	}
}

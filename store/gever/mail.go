package gever

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-message"
	"golang.org/x/text/encoding/htmlindex"
)

// Mail is what a mail says of itself.
type Mail struct {
	Subject     string       // one line; "" when it has none
	From        string       // "Anna Meier <anna@example.org>"; "" when it names nobody
	Date        time.Time    // when it was sent; zero when it does not say
	Attachments []Attachment // in their order
}

// Attachment is a part of a mail that is a file.
type Attachment struct {
	Position    int    `json:"position"` // among all parts, the mail itself is 0
	Filename    string `json:"filename"`
	ContentType string `json:"content-type"`
	Size        int64  `json:"size"` // bytes, decoded
}

// A mail with more parts, or parts within parts, is read up to there.
const (
	maxParts      = 1000
	maxPartLevels = 20
)

// HoldsMail tells whether a file is a mail in the form of the internet: those
// of Outlook and signed ones are kept as they are.
func HoldsMail(t *Type, filename string) bool {
	e := Extension(filename)
	return t.Name == MailType && e != ".msg" && e != ".p7m"
}

// ReadMail reads a mail as it comes and holds nothing of it. A mail whose body
// is broken is read as far as it is sound; Invariant for bytes that are no
// mail at all.
func ReadMail(r io.Reader) (*Mail, error) {
	body := bufio.NewReader(r)
	for _, prefix := range []string{"\xef\xbb\xbf", "From "} {
		if begin, _ := body.Peek(len(prefix)); string(begin) != prefix { // too few bytes are no prefix
			continue
		}
		if prefix == "From " { // the line that a mailbox puts before each mail
			_, _ = body.ReadString('\n')
		} else {
			_, _ = body.Discard(len(prefix))
		}
	}
	entity, err := message.Read(body)
	if entity == nil || (err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)) || entity.Header.Len() == 0 {
		return nil, invariant("The file is not an e-mail message.")
	}
	m := &Mail{Subject: oneLine(decoded(entity.Header.Get("Subject"))), From: sender(entity.Header.Get("From"))}
	if at, err := mail.ParseDate(entity.Header.Get("Date")); err == nil {
		m.Date = at
	}
	position := 0
	// What stops the walk is a broken body, or too many parts: the mail is kept
	// with what was found.
	_ = entity.Walk(func(levels []int, part *message.Entity, err error) error {
		if part == nil || len(levels) > maxPartLevels || position > maxParts {
			return errors.Join(err, errTooMany)
		}
		if a, is := attachment(part, position); is {
			m.Attachments = append(m.Attachments, a)
		}
		position++
		return nil
	})
	return m, nil
}

var errTooMany = errors.New("gever: a mail with too many parts")

// attachment reads a part that is a file: one that says so, that has a name,
// or that is a mail itself.
func attachment(part *message.Entity, position int) (Attachment, bool) {
	a := Attachment{Position: position, ContentType: "application/octet-stream"}
	kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err == nil || errors.Is(err, mime.ErrInvalidMediaParameter) {
		a.ContentType = kind
	}
	placed, named, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition")) // a broken one names nothing
	a.Filename = named["filename"]
	if a.Filename == "" {
		a.Filename = params["name"]
	}
	a.Filename = oneLine(decoded(a.Filename))
	a.Filename = a.Filename[strings.LastIndexAny(a.Filename, `/\`)+1:]
	nested := a.ContentType == "message/rfc822"
	if strings.HasPrefix(a.ContentType, "multipart/") || (a.Filename == "" && placed != "attachment" && !nested) {
		return a, false
	}
	count := &counter{from: part.Body}
	if a.Filename == "" && nested {
		if inner, _ := message.Read(count); inner != nil { // a broken one has no name of its own
			a.Filename = FileName(oneLine(decoded(inner.Header.Get("Subject"))), ".eml")
		}
	}
	if a.Filename == "" {
		a.Filename = "attachment-" + strconv.Itoa(position)
	}
	_, _ = io.Copy(io.Discard, count) // a broken part is as long as it is sound
	a.Size = count.n
	return a, true
}

type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

// words decodes headers in every charset that browsers know.
var words = &mime.WordDecoder{CharsetReader: func(charset string, r io.Reader) (io.Reader, error) {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil, err
	}
	return e.NewDecoder().Reader(r), nil
}}

// decoded is a header as people read it; as it came when it cannot be decoded.
func decoded(header string) string {
	s, err := words.DecodeHeader(header)
	if err != nil {
		s = header
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// oneLine is a text without breaks and control characters, as long as a line
// may be.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return string(runes[:min(len(runes), maxLine)])
}

func sender(header string) string {
	parser := mail.AddressParser{WordDecoder: words}
	list, err := parser.ParseList(header)
	if err != nil || len(list) == 0 {
		return oneLine(decoded(header))
	}
	if list[0].Name == "" {
		return oneLine(list[0].Address)
	}
	return oneLine(list[0].Name + " <" + list[0].Address + ">")
}

// Fill gives a mail's new object what it says of itself, where the client says
// nothing: its dates and its author (as the running system does).
func (s *Settings) Fill(body map[string]any, m *Mail) {
	set := func(name string, value string) {
		if _, given := body[name]; !given && value != "" {
			body[name] = value
		}
	}
	set("document_author", m.From)
	if at := m.Date.In(s.Zone); at.Year() >= 1900 && at.Year() <= 9999 {
		date := at.Format(time.DateOnly)
		set("document_date", date)
		set("receipt_date", date)
	}
}

// subject is the title that a mail gives itself; "" for anything else.
func subject(u *Upload) string {
	if u.Mail == nil {
		return ""
	}
	return u.Mail.Subject
}

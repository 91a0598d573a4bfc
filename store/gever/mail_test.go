package gever_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"loket/store/fault"
	"loket/store/gever"
)

// crlf writes a mail's lines as they travel.
func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

func TestReadMail(t *testing.T) {
	type attached = []gever.Attachment
	nested := crlf("Content-Type: multipart/mixed; boundary=i", "", "--i", "Content-Type: text/plain; name=innen.txt", "", "x", "--i--")
	for name, c := range map[string]struct {
		mail string
		want gever.Mail
	}{
		"plain": {
			crlf("Subject: Hallo", "From: Anna Meier <anna@example.org>", "Date: Mon, 2 Mar 2026 23:30:00 +0000", "", "Text"),
			gever.Mail{Subject: "Hallo", From: "Anna Meier <anna@example.org>", Date: time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)},
		},
		"charsets": {
			crlf("Subject: =?iso-8859-1?q?Gr=F6sse?= =?windows-1252?b?IJMxlA==?=", "From: =?utf-8?q?J=C3=BCrg?= <j@example.org>, B <b@example.org>", "", ""),
			gever.Mail{Subject: "Grösse “1”", From: "Jürg <j@example.org>"},
		},
		"nothing said":      {crlf("X-Mailer: x", "", "Text"), gever.Mail{}},
		"mailbox and marks": {crlf("From anna@example.org Mon Mar  2 10:00:00 2026", "Subject: a", "\tb  c", "From: anna@example.org", "Date: gestern", "", ""), gever.Mail{Subject: "a b c", From: "anna@example.org"}},
		"byte order mark":   {"\xef\xbb\xbf" + crlf("Subject: x", "", ""), gever.Mail{Subject: "x"}},
		"no address":        {crlf("Subject: =?x-unbekannt?q?=41?=", "From: der Absender", "", ""), gever.Mail{Subject: "=?x-unbekannt?q?=41?=", From: "der Absender"}},
		"attachments": {
			crlf("Subject: x", `Content-Type: multipart/mixed; boundary="b"`, "", "Vorspann", "--b",
				"Content-Type: multipart/alternative; boundary=c", "", "--c", "Content-Type: text/plain", "", "Text", "--c", "Content-Type: text/html", "", "<p>", "--c--",
				"--b", "Content-Type: application/pdf; name=anders.pdf", "Content-Disposition: attachment; filename=\"=?utf-8?q?Pl=C3=A4ne.pdf?=\"", "Content-Transfer-Encoding: base64", "", "MDEyMzQ1", "Njc4OQ==",
				"--b", "Content-Type: image/png; name=\"C:\\bild.png\"", "Content-Disposition: inline", "", "png",
				"--b", "Content-Type: text/plain; charset=iso-8859-1", "Content-Disposition: attachment; filename*=utf-8''%C3%A4.txt", "Content-Transfer-Encoding: quoted-printable", "", "=E4=", "x",
				"--b", "Content-Type: message/rfc822", "", "Subject: Innen: a/b", "", "Text",
				"--b", "Content-Disposition: attachment", "", "ohne Namen", "--b--"),
			gever.Mail{Subject: "x", Attachments: attached{
				{4, "Pläne.pdf", "application/pdf", 10}, {5, "bild.png", "image/png", 3}, {6, "ä.txt", "text/plain", 2},
				{7, "Innen- a-b.eml", "message/rfc822", 27}, {8, "attachment-8", "application/octet-stream", 10},
			}},
		},
		"a file itself":    {crlf("Subject: x", "Content-Type: application/pdf; name=x.pdf", "", "pdf"), gever.Mail{Subject: "x", Attachments: attached{{0, "x.pdf", "application/pdf", 5}}}},
		"parts in parts":   {crlf("Subject: x", "Content-Type: multipart/mixed; boundary=o", "", "--o") + nested + crlf("--o--"), gever.Mail{Subject: "x", Attachments: attached{{2, "innen.txt", "text/plain", 1}}}},
		"broken base64":    {crlf("Subject: x", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename=a", "", "MDEy!!!!", "--b", "Content-Disposition: attachment; filename=c", "", "c", "--b--"), gever.Mail{Subject: "x", Attachments: attached{{1, "a", "application/octet-stream", 3}, {2, "c", "application/octet-stream", 1}}}},
		"cut off":          {"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nabc", gever.Mail{Subject: "x", Attachments: attached{{1, "a", "application/octet-stream", 3}}}},
		"no boundary":      {crlf("Subject: x", "Content-Type: multipart/mixed", "", "--b", "", "x"), gever.Mail{Subject: "x"}},
		"unknown encoding": {crlf("Subject: x", "Content-Type: application/pdf; name=x.pdf", "Content-Transfer-Encoding: rot13", "", "cqs"), gever.Mail{Subject: "x", Attachments: attached{{0, "x.pdf", "application/pdf", 5}}}},
	} {
		got, err := gever.ReadMail(strings.NewReader(c.mail))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !got.Date.Equal(c.want.Date) {
			t.Errorf("%s: sent at %v", name, got.Date)
		}
		got.Date = c.want.Date
		if fmt.Sprintf("%+v", *got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", name, *got, c.want)
		}
	}
	for _, text := range []string{"", "Hallo", "\x00\x01\x02", crlf("Hallo", "", "x"), crlf("", "Subject: x"), "\xd0\xcf\x11\xe0"} {
		if m, err := gever.ReadMail(strings.NewReader(text)); fault.ReasonOf(err) != gever.Invariant {
			t.Errorf("%q is read as %+v, %v", text, m, err)
		}
	}
}

// TestReadMailBounded: parts within parts, and too many of them, end the
// reading and not the program.
func TestReadMailBounded(t *testing.T) {
	var deep strings.Builder
	deep.WriteString("Subject: x\r\n")
	for i := range 5000 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	if m, err := gever.ReadMail(strings.NewReader(deep.String())); err != nil || len(m.Attachments) != 0 {
		t.Errorf("%+v %v", m, err)
	}
	many := "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n", 5000) + "--b--"
	if m, err := gever.ReadMail(strings.NewReader(many)); err != nil || len(m.Attachments) != 1000 {
		t.Errorf("%d attachments, %v", len(m.Attachments), err)
	}
}

func FuzzReadMail(f *testing.F) {
	f.Add("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := gever.ReadMail(strings.NewReader(text))
		if (m == nil) != (err != nil) {
			t.Errorf("%+v and %v", m, err)
		}
	})
}

package gever

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
)

// subject is the title that a mail gives itself; "" for anything else.
func subject(t *Type, u *Upload) string {
	if t.Name != MailType || Extension(u.Name) == ".msg" {
		return ""
	}
	m, err := mail.ReadMessage(bytes.NewReader(u.Data))
	if err != nil {
		return ""
	}
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return ""
	}
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return string(runes[:min(len(runes), maxLine)])
}

package gever_test

import (
	"strings"
	"testing"
)

const letter = "Subject: =?utf-8?q?Pl=C3=A4ne?=\r\nFrom: Anna Meier <anna@example.org>\r\nDate: Mon, 2 Mar 2026 23:30:00 +0000\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nText\r\n" +
	"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=Plan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nMDEyMw==\r\n--b--\r\n"

// TestMails: e-mail files become mails with what they say of themselves, by
// each way that they come.
func TestMails(t *testing.T) { inBoth(t, testMails) }

func testMails(t *testing.T, open opener) {
	r := open(t)
	uploaded := r.announce(dossier23+"/@tus-upload", len(letter), "filename", "Post.eml")
	ways := map[string]string{
		"POST": r.make(dossier23, mailType, object{"message": textFile("x.eml", letter)}),
		"tus":  r.sent(uploaded, 0, letter),
		"form": strings.TrimPrefix(r.form(dossier23+"/@xhr-upload", "file/Post.EML", letter).Header.Get("Location"), absolute("")),
	}
	said := object{
		"@type": mailType, "title": "Pläne", "document_author": "Anna Meier <anna@example.org>", "document_date": "2026-03-03", "receipt_date": "2026-03-03",
		"attachments": []any{object{"position": 2, "filename": "Plan.pdf", "content-type": "application/pdf", "size": 4}},
	}
	for way, path := range ways {
		got := r.get(path)
		want(t, got, said)
		want(t, got["message"].(map[string]any), object{"filename": "Plaene.eml", "content-type": map[bool]string{true: "text/plain", false: "message/rfc822"}[way == "POST"], "size": len(letter)})
		if body := r.ask(200, "GET", path+"/@@download/message", nil, "Accept", "").Body; string(body) != letter {
			t.Errorf("%s: %q", way, body)
		}
	}
	// A copy has them too; what is written goes before what is read.
	want(t, r.get(r.move("@copy", dossier21, absolute(ways["tus"]))[0]), said)
	own := r.make(dossier23, mailType, object{"message": textFile("x.eml", letter), "title": "Mein Titel", "document_date": "2020-01-01", "receipt_date": nil, "document_author": john})
	want(t, r.get(own), object{"title": "Mein Titel", "document_date": "2020-01-01", "receipt_date": nil, "document_author": "Doe John"})

	// Of Outlook's files and signed ones only the name is read.
	for _, name := range []string{"Brief.msg", "Brief.p7m"} {
		want(t, r.get(r.make(dossier23, mailType, object{"message": textFile(name, "\xd0\xcf\x11\xe0")})), object{"title": "Brief", "attachments": []any{}})
	}
	// What is no mail at all is refused; one with a broken body is kept.
	total := r.get(dossier23)["items_total"]
	e := r.refusedAB(400, "BadRequest", "POST", dossier23, object{"message": textFile("x.eml", "kein Brief")}.of(mailType))
	if e.Message != "The file is not an e-mail message." || e.Translated != "Die Datei ist keine E-Mail." {
		t.Errorf("%+v", e)
	}
	if got := r.form(dossier23+"/@xhr-upload", "file/x.eml", "kein Brief"); got.Status != 400 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	at := r.announce(dossier23+"/@tus-upload", 3, "filename", "x.eml")
	if got := r.tus("PATCH", at, []byte("abc"), "Upload-Offset", "0"); got.Status != 400 || r.offset(at) != 3 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	want(t, r.get(dossier23), object{"items_total": total})
	cut := letter[:strings.Index(letter, "MDEy")+4]
	want(t, r.get(r.make(dossier23, mailType, object{"message": textFile("x.eml", cut)})), object{
		"title": "Pläne", "attachments": []any{object{"position": 2, "filename": "Plan.pdf", "content-type": "application/pdf", "size": 3}},
	})
}

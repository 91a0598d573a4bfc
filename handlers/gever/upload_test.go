package gever_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
	"time"

	"loket/handlers/apitest"
	rules "loket/store/gever"
)

const octets = "application/offset+octet-stream"

// metadata is an Upload-Metadata header of keys and values.
func metadata(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(out, ",")
}

// tus is a request of the protocol.
func (r *room) tus(method, path string, body any, header ...string) *apitest.Response {
	r.t.Helper()
	header = append([]string{"Tus-Resumable", "1.0.0", "Accept", ""}, header...)
	if method == "PATCH" {
		header = append([]string{"Content-Type", octets}, header...)
	}
	return r.do(method, path, body, header...)
}

// announce begins an upload and gives the address of its parts.
func (r *room) announce(endpoint string, length int, pairs ...string) string {
	r.t.Helper()
	got := r.tus("POST", endpoint, nil, "Upload-Length", strconv.Itoa(length), "Upload-Metadata", metadata(pairs...))
	expires, err := http.ParseTime(got.Header.Get("Upload-Expires"))
	if got.Status != 201 || got.Header.Get("Tus-Resumable") != "1.0.0" || err != nil || expires.Sub(r.Clock.Now()) < 23*time.Hour {
		r.t.Fatalf("announced: %d %s %v", got.Status, got.Body, got.Header)
	}
	at := strings.TrimPrefix(got.Header.Get("Location"), "http://"+apitest.Host)
	if !strings.HasPrefix(at, endpoint+"/") || len(at) != len(endpoint)+33 {
		r.t.Errorf("the upload's address is %s", at)
	}
	return at
}

// sent sends bytes and gives where the answer leads.
func (r *room) sent(at string, offset int, content string, header ...string) string {
	r.t.Helper()
	got := r.tus("PATCH", at, []byte(content), append([]string{"Upload-Offset", strconv.Itoa(offset)}, header...)...)
	if got.Status != 204 || got.Header.Get("Upload-Offset") != strconv.Itoa(offset+len(content)) || got.Header.Get("Tus-Resumable") != "1.0.0" {
		r.t.Fatalf("sent: %d %s %v", got.Status, got.Body, got.Header)
	}
	return strings.TrimPrefix(got.Header.Get("Location"), "http://"+apitest.Host)
}

// offset is what HEAD tells.
func (r *room) offset(at string) int {
	r.t.Helper()
	got := r.tus("HEAD", at, nil)
	n, err := strconv.Atoi(got.Header.Get("Upload-Offset"))
	if got.Status != 200 || err != nil || got.Header.Get("Cache-Control") != "no-store" || got.Header.Get("Upload-Length") == "" {
		r.t.Fatalf("HEAD: %d %s %v", got.Status, got.Body, got.Header)
	}
	return n
}

// download is a document's file.
func (r *room) download(path string) string {
	r.t.Helper()
	return string(r.ask(200, "GET", path+"/@@download/file", nil, "Accept", "").Body)
}

// refusedTus asks for something that is refused in form C, with one of the
// protocol's own words.
func (r *room) refusedTus(status int, kind, message, method, path string, body any, header ...string) {
	r.t.Helper()
	got := r.tus(method, path, body, header...)
	inner, _ := got.Object(r.t)["error"].(map[string]any)
	if got.Status != status || inner["type"] != kind || !strings.HasPrefix(fmt.Sprint(inner["message"]), message) {
		r.t.Errorf("%s %s: %d %s, want %d %s: %s", method, path, got.Status, got.Body, status, kind, message)
	}
}

// TestTusUpload: announced, sent in parts, asked for in between, and made.
func TestTusUpload(t *testing.T) { inBoth(t, testTusUpload) }

func testTusUpload(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	endpoint := dossier23 + "/@tus-upload"
	options := r.tus("OPTIONS", endpoint, nil)
	for name, value := range map[string]string{"Tus-Version": "1.0.0", "Tus-Extension": "creation,expiration", "Tus-Max-Size": "2147483648", "Tus-Resumable": "1.0.0"} {
		if options.Status != 204 || options.Header.Get(name) != value {
			t.Errorf("OPTIONS %d: %s is %q", options.Status, name, options.Header.Get(name))
		}
	}
	at := p.announce(endpoint, 10, "filename", "Grösse.TXT", "content-type", "image/png", "@type", documentType, "document_date", "2020-02-29", "was", "immer")
	if p.offset(at) != 0 || p.sent(at, 0, "0123") != "" || p.offset(at) != 4 || p.sent(at, 4, "") != "" {
		t.Error("the offset is not that of what was sent")
	}
	want(t, r.get(dossier23), object{"items_total": 2})
	doc := p.sent(at, 4, "456789")
	got := r.get(doc)
	want(t, got, object{"title": "Grösse", "document_date": "2020-02-29", "creator": object{"@id": absolute(base + "/@actors/" + peter), "identifier": peter}})
	want(t, got["file"].(map[string]any), object{"content-type": "text/plain", "filename": "Groesse.txt", "size": 10})
	if r.download(doc) != "0123456789" || len(fmt.Sprint(got["bumblebee_checksum"])) != 64 {
		t.Errorf("%q", r.download(doc))
	}
	// The answer was lost: it is told once more, and nothing is made again.
	if p.offset(at) != 10 || p.sent(at, 10, "") != doc {
		t.Error("the end is not told again")
	}
	want(t, r.get(dossier23), object{"items_total": 3})

	// Nothing at all is a file too, and a type is told by the name.
	empty := p.announce(endpoint, 0, "filename", "leer.pdf")
	want(t, r.get(p.sent(empty, 0, "")), object{"title": "leer", "@type": documentType})
	mail := p.announce(endpoint, 21, "filename", "Post.eml", "@type", documentType)
	want(t, r.get(p.sent(mail, 0, "Subject: Hallo\r\n\r\nDu!")), object{"@type": mailType, "message_source": "upload"})

	// Trash, delete, move meanwhile.
	moving := r.make(fuehrung, dossierType, dossier())
	at = p.announce(moving+"/@tus-upload", 4, "filename", "x.txt")
	p.sent(at, 0, "ab")
	moved := r.move("@move", rechnungen, absolute(moving))[0]
	there := moved + strings.TrimPrefix(at, moving)
	if got := p.tus("PATCH", at, []byte("cd"), "Upload-Offset", "2"); got.Status != 308 || got.Header.Get("Location") != absolute(there) {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	if got := p.tus("HEAD", at, nil); got.Status != 301 || got.Header.Get("Location") != absolute(there) {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	if doc := p.sent(there, 2, "cd"); r.download(doc) != "abcd" {
		t.Errorf("%s", doc)
	}
}

// TestTusRefused: each fault of the protocol, of rights and of time.
func TestTusRefused(t *testing.T) { inBoth(t, testTusRefused) }

func testTusRefused(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	endpoint := dossier23 + "/@tus-upload"
	name := metadata("filename", "x.txt")
	for _, version := range []string{"", "0.2.2"} {
		r.refusedTus(412, "Precondition Failed", "Unsupported version", "POST", endpoint, nil, "Tus-Resumable", version, "Upload-Length", "1", "Upload-Metadata", name)
	}
	for _, length := range []string{"", "-1", "viel", "1.5"} {
		r.refusedTus(400, "Bad Request", "Missing or invalid Upload-Length header", "POST", endpoint, nil, "Upload-Length", length, "Upload-Metadata", name)
	}
	for _, meta := range []string{
		"", "filename !!!", metadata("filename", "a\r\nb"), metadata("filename", " "), name + "," + metadata("@type", "nichts"), name + "," + metadata("@type", dossierType),
	} {
		r.refusedTus(400, "Bad Request", "Invalid Upload-Metadata header", "POST", endpoint, nil, "Upload-Length", "1", "Upload-Metadata", meta)
	}
	r.refusedAB(413, "RequestEntityTooLarge", "POST", endpoint, nil, "Tus-Resumable", "1.0.0", "Upload-Length", "99999999999", "Upload-Metadata", name)
	for file, message := range map[string]string{"x.exe": "Files with the extension .exe", "x.p7m": "It is not possible to add E-mails"} {
		if e := r.refusedAB(400, "BadRequest", "POST", endpoint, nil, "Tus-Resumable", "1.0.0", "Upload-Length", "1", "Upload-Metadata", metadata("filename", file)); !strings.HasPrefix(e.Message, message) {
			t.Errorf("%+v", e)
		}
	}
	if e := r.refusedAB(400, "BadRequest", "POST", endpoint, nil, "Tus-Resumable", "1.0.0", "Upload-Length", "1", "Upload-Metadata", metadata("filename", "x.txt", "document_date", "gestern")); e.fields() != "document_date" {
		t.Errorf("%+v", e)
	}
	create := []string{"Tus-Resumable", "1.0.0", "Upload-Length", "4", "Upload-Metadata", name}
	r.refusedC(403, "Forbidden", "POST", fuehrung+"/@tus-upload", nil, create...)
	r.by(jane).refusedC(403, "Forbidden", "POST", endpoint, nil, create...)
	for _, path := range []string{document + "/@tus-upload", fuehrung + "/nichts/@tus-upload", fuehrung + "/nichts/@tus-replace", dossier23 + "/@tus-replace"} {
		r.refusedAB(404, "NotFound", "POST", path, nil, create...)
	}
	for _, endpoint := range []string{"/@tus-upload", "/@tus-replace"} {
		r.refusedAB(404, "NotFound", "OPTIONS", fuehrung+"/nichts"+endpoint, nil)
	}

	at := p.announce(endpoint, 4, "filename", "x.txt")
	for _, other := range []string{endpoint + "/" + strings.Repeat("0", 32), dossier21 + "/@tus-upload/" + at[len(at)-32:], dossier23 + "/@tus-replace/" + at[len(at)-32:]} {
		for _, method := range []string{"HEAD", "PATCH"} {
			if got := p.tus(method, other, []byte("x"), "Upload-Offset", "0"); got.Status != 404 {
				t.Errorf("%s %s: %d", method, other, got.Status)
			}
		}
	}
	if got := r.tus("HEAD", at, nil); got.Status != 404 {
		t.Errorf("another user's upload: %d", got.Status)
	}
	for _, offset := range []string{"", "x", "-1", "1", "5"} {
		p.refusedTus(400, "Bad Request", "Missing or invalid Upload-Offset header", "PATCH", at, []byte("abcd"), "Upload-Offset", offset)
	}
	for _, one := range []string{at, dossier23 + "/@tus-replace/x"} {
		p.refusedTus(412, "Precondition Failed", "Unsupported version", "PATCH", one, []byte("x"), "Upload-Offset", "0", "Tus-Resumable", "")
		if got := p.tus("HEAD", one, nil, "Tus-Resumable", "2"); got.Status != 412 || got.Header.Get("Tus-Version") != "1.0.0" {
			t.Errorf("%d %v", got.Status, got.Header)
		}
	}
	r.refusedTus(412, "Precondition Failed", "Unsupported version", "POST", document+"/@tus-replace", nil, "Tus-Resumable", "2")
	if got := p.tus("PATCH", at, []byte("abcd"), "Upload-Offset", "0", "Content-Type", "text/plain"); got.Status != 415 {
		t.Errorf("another type: %d %s", got.Status, got.Body)
	}
	p.refusedTus(400, "Bad Request", "More bytes", "PATCH", at, []byte("abcde"), "Upload-Offset", "0")
	if got := p.offset(at); got != 0 {
		t.Errorf("a body that is too long by its own word left %d bytes", got)
	}
	// Without a length it is seen when it comes; what belongs to the file stays.
	p.Clock.Advance(1e9)
	got := p.Do(t, apitest.Request{Method: "PATCH", Path: at, Body: io.MultiReader(strings.NewReader("ab"), strings.NewReader("cde")), Length: -1, Header: map[string]string{
		"Authorization": as(peter), "Content-Type": octets, "Tus-Resumable": "1.0.0", "Upload-Offset": "0",
	}})
	if got.Status != 400 || p.offset(at) != 4 {
		t.Errorf("%d %s, offset %d", got.Status, got.Body, p.offset(at))
	}
	// The dossier is closed before the end: refused, and the bytes stay.
	r.ask(200, "POST", dossier23+"/@workflow/dossier-transition-resolve", object{})
	p.refusedTus(403, "Forbidden", "Disallowed subobject type", "PATCH", at, []byte{}, "Upload-Offset", "4")
	r.ask(200, "POST", dossier23+"/@workflow/dossier-transition-reactivate", object{})
	if doc := p.sent(at, 4, ""); r.download(doc) != "abcd" {
		t.Errorf("%s", doc)
	}

	// It runs out a day after its last part, and the sweep removes it.
	late := p.announce(endpoint, 4, "filename", "x.txt")
	r.Clock.Advance(20 * time.Hour)
	p.sent(late, 0, "ab")
	r.Clock.Advance(20 * time.Hour)
	if p.offset(late) != 2 {
		t.Error("it ran out early")
	}
	r.Clock.Advance(5 * time.Hour)
	if got := p.tus("HEAD", late, nil); got.Status != 404 {
		t.Errorf("after it ran out: %d", got.Status)
	}
	if n, err := r.db.Sweep(t.Context()); err != nil || n != 2 {
		t.Errorf("%d swept, %v", n, err)
	}
}

// broken gives some bytes and then fails as a connection does.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("connection reset by peer")
	}
	return n, err
}

// TestTusBroken: what came before the connection broke is there, and the
// client goes on behind it; a file of several parts is put together.
func TestTusBroken(t *testing.T) { inBoth(t, testTusBroken) }

func testTusBroken(t *testing.T, open opener) {
	r := open(t)
	content := strings.Repeat("0123456789abcdef", 20<<16) // 20 MB, more than two parts of one request
	at := r.announce(dossier23+"/@tus-upload", len(content), "filename", "x.bin")
	send := func(from, to int) {
		got := r.Do(t, apitest.Request{Method: "PATCH", Path: at, Body: broken{strings.NewReader(content[from:to])}, Length: int64(len(content) - from), Header: map[string]string{
			"Authorization": as(john), "Content-Type": octets, "Tus-Resumable": "1.0.0", "Upload-Offset": strconv.Itoa(from),
		}})
		if got.Status != 400 {
			t.Errorf("a broken body: %d %s", got.Status, got.Body)
		}
		if n := r.offset(at); n != to {
			t.Fatalf("%d bytes are safe of the %d that came", n, to)
		}
	}
	send(0, 1)
	send(1, 17<<20)
	send(17<<20, 17<<20)
	doc := r.sent(at, 17<<20, content[17<<20:])
	if r.download(doc) != content {
		t.Error("the file is another")
	}
}

// TestTusReplace: another file for a document (gever.md 3.3).
func TestTusReplace(t *testing.T) { inBoth(t, testTusReplace) }

func testTusReplace(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	doc := r.make(dossier23, documentType, object{"title": "Brief", "file": textFile("x.txt", "eins")})
	endpoint := doc + "/@tus-replace"
	if got := p.tus("OPTIONS", endpoint, nil); got.Status != 204 {
		t.Errorf("%d", got.Status)
	}
	create := []string{"Upload-Length", "4", "Upload-Metadata", metadata("filename", "y.md")}
	p.refusedTus(403, "Forbidden", "Document not checked out.", "POST", endpoint, nil, create...)
	r.ask(204, "POST", doc+"/@checkout", nil)
	p.refusedTus(403, "Forbidden", "Document not checked out.", "POST", endpoint, nil, create...)
	if got := r.by(jane).tus("POST", endpoint, nil, create...); got.Status != 401 {
		t.Errorf("%d", got.Status)
	}
	p.refusedTus(400, "Bad Request", "Missing or invalid Upload-Length", "POST", endpoint, nil)
	if got := r.tus("POST", endpoint, nil, "Upload-Length", "99999999999", "Upload-Metadata", metadata("filename", "y.md")); got.Status != 413 {
		t.Errorf("%d", got.Status)
	}
	if got := r.tus("POST", endpoint, nil, "Upload-Length", "4", "Upload-Metadata", metadata("filename", "y.exe")); got.Status != 400 {
		t.Errorf("%d", got.Status)
	}
	token := fmt.Sprint(r.ask(200, "POST", doc+"/@lock", object{}).Object(t)["token"])
	for _, wrong := range []string{"", "x"} {
		if got := r.tus("POST", endpoint, nil, append(create, "Lock-Token", wrong)...); got.Status != 403 || !strings.Contains(string(got.Body), "msg_resource_locked") {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	}
	got := r.tus("POST", endpoint, nil, append(create, "Lock-Token", token)...)
	at := strings.TrimPrefix(got.Header.Get("Location"), "http://"+apitest.Host)
	if r.offset(at) != 0 || r.sent(at, 0, "zw") != "" {
		t.Error("not begun")
	}
	if got := r.tus("PATCH", at, []byte("ei"), "Upload-Offset", "2"); got.Status != 403 {
		t.Errorf("the end without the lock's token: %d", got.Status)
	}
	if to := r.sent(at, 4, "", "Lock-Token", token); to != doc {
		t.Errorf("leads to %s", to)
	}
	if r.download(doc) != "zwei" {
		t.Errorf("%q", r.download(doc))
	}
	want(t, r.get(doc), object{"title": "Brief"})
	want(t, r.get(doc)["file"].(map[string]any), object{"filename": "Brief.md", "content-type": "text/markdown"})
	r.ask(200, "POST", doc+"/@unlock", object{})
	r.ask(204, "POST", doc+"/@checkin", object{})

	// Checked in before the end: too late.
	r.ask(204, "POST", doc+"/@checkout", nil)
	at = r.announce(endpoint, 4, "filename", "y.md")
	r.ask(204, "POST", doc+"/@checkin", object{})
	r.refusedTus(403, "Forbidden", "Document not checked out.", "PATCH", at, []byte("drei"), "Upload-Offset", "0")
	if r.download(doc) != "zwei" {
		t.Errorf("%q", r.download(doc))
	}

	// A document without a file takes one from whoever may change it.
	at = p.announce(document+"/@tus-replace", 4, "filename", "y.pdf")
	p.sent(at, 0, "eins")
	want(t, r.get(document)["file"].(map[string]any), object{"filename": "Ein Dokument.pdf", "content-type": "application/pdf"})
	mail := r.make(dossier23, mailType, object{"message": textFile("x.eml", "Subject: x\r\n\r\nx")})
	if got := r.tus("POST", mail+"/@tus-replace", nil, create...); got.Status != 404 {
		t.Errorf("%d", got.Status)
	}
}

// form sends a multipart form of pairs; a name with a '/' is a file's field
// and its name.
func (r *room) form(path string, pairs ...string) *apitest.Response {
	r.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		field, filename, isFile := strings.Cut(pairs[i], "/")
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", field)}}
		if isFile {
			header.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q; filename=%q", field, filename))
			header.Set("Content-Type", "image/png")
		}
		part, err := w.CreatePart(header)
		if err == nil {
			_, err = io.WriteString(part, pairs[i+1])
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
	return r.do("POST", path, b.Bytes(), "Content-Type", w.FormDataContentType())
}

// TestXHRUpload: a file of a form.
func TestXHRUpload(t *testing.T) { inBoth(t, testXHRUpload) }

func testXHRUpload(t *testing.T, open opener) {
	r := open(t)
	p := r.by(peter)
	endpoint := dossier23 + "/@xhr-upload"
	got := p.form(endpoint, "file/Brief.txt", "Inhalt")
	if got.Status != 201 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	doc := got.Object(t)
	want(t, doc, object{"title": "Brief", "@type": documentType, "@id": got.Header.Get("Location")})
	want(t, doc["file"].(map[string]any), object{"content-type": "text/plain", "filename": "Brief.txt", "size": 6})
	if r.download(fmt.Sprint(doc["@id"])) != "Inhalt" {
		t.Error("the file is another")
	}
	want(t, p.form(endpoint, "file/x.txt", "1", "title", "Mein Titel", "was", "immer").Object(t), object{"title": "Mein Titel"})
	want(t, p.form(endpoint, "title", "Vorher", "file/x.txt", "1", "file/y.md", "22").Object(t)["file"].(map[string]any), object{"filename": "Vorher.md", "size": 2})
	want(t, p.form(endpoint, "file/x.EML", "Subject: Post\r\n\r\nx").Object(t), object{"@type": mailType})

	for _, pairs := range [][]string{{"title", "x"}, {"file", "ohne Namen"}, {}} {
		if got := p.form(endpoint, pairs...); got.Status != 400 || got.Object(t)["message"] != `Property "file" is required` {
			t.Errorf("%v: %d %s", pairs, got.Status, got.Body)
		}
	}
	for _, name := range []string{"file/x.exe", "file/x.p7m"} {
		if got := p.form(endpoint, name, "x"); got.Status != 400 {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	if got := p.form(endpoint, "file/x.txt", "x", "title", strings.Repeat("x", 2000)); got.Status != 400 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	for path, status := range map[string]int{fuehrung + "/nichts": 404, document: 404, fuehrung: 403} {
		if got := r.form(path+"/@xhr-upload", "file/x.txt", "x"); got.Status != status {
			t.Errorf("%s: %d %s", path, got.Status, got.Body)
		}
	}
	if got := r.form(fuehrung + "/nichts/@xhr-upload"); got.Status != 404 {
		t.Errorf("%d", got.Status)
	}
	if got := r.do("POST", endpoint, []byte("--x\r\n"), "Content-Type", "multipart/form-data; boundary=x"); got.Status != 400 {
		t.Errorf("a broken form: %d %s", got.Status, got.Body)
	}
	if got := r.do("POST", endpoint, []byte("x"), "Content-Type", "multipart/form-data"); got.Status != 415 {
		t.Errorf("a form without its boundary: %d %s", got.Status, got.Body)
	}
	small := open(t, func(s *rules.Settings) { s.MaxUpload = 10 })
	if got := small.form(endpoint, "file/x.txt", "12345678901"); got.Status != 413 {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	want(t, small.get(dossier23), object{"items_total": 2})
}

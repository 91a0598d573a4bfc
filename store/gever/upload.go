package gever

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loket/store/fault"
)

// TusResumable is the version of the protocol for uploads in parts
// (https://tus.io/protocols/resumable-upload).
const TusResumable = "1.0.0"

// CheckTus refuses other versions of the protocol, and none.
func CheckTus(version string) error {
	if version != TusResumable {
		return fault.New(fault.PreconditionFailed, TusVersion, "Unsupported version")
	}
	return nil
}

// BadUploadf is a fault of an upload's headers or length.
func BadUploadf(format string, args ...any) error {
	return fault.New(fault.Invalid, BadUpload, format, args...)
}

// NewUpload is what a client announces of a file that it will send in parts.
type NewUpload struct {
	Length       int64 // bytes
	Filename     string
	Type         string // @type of the new object; "" is told by the name
	DocumentDate string // "" is none
}

// ReadUpload reads Upload-Length and Upload-Metadata of a creation: pairs of a
// key and its value in base64. Keys that mean nothing here are passed over.
func (s *Settings) ReadUpload(length, metadata string) (NewUpload, error) {
	var u NewUpload
	n, err := strconv.ParseInt(length, 10, 64)
	if err != nil || n < 0 {
		return u, BadUploadf("Missing or invalid Upload-Length header")
	}
	if n > s.MaxUpload {
		return u, fault.New(fault.TooLarge, fault.BodyTooLarge, "at most %d bytes", s.MaxUpload)
	}
	u.Length = n
	for pair := range strings.SplitSeq(metadata, ",") {
		key, coded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
		if err != nil || !utf8.Valid(value) || strings.ContainsAny(string(value), "\x00\r\n") {
			return u, BadUploadf("Invalid Upload-Metadata header: %s", key)
		}
		switch key {
		case "filename":
			u.Filename = string(value[strings.LastIndexAny(string(value), `/\`)+1:])
		case "@type":
			u.Type = string(value)
		case "document_date":
			u.DocumentDate = string(value)
		}
	}
	if TitleOf(u.Filename) == "" || utf8.RuneCountInString(u.Filename) > maxFileName {
		return u, BadUploadf("Invalid Upload-Metadata header: filename")
	}
	return u, nil
}

// mailExtensions are those of files that become mails.
var mailExtensions = []string{".eml", ".msg"}

// TypeOfUpload is what a streamed file becomes: e-mail files become mails,
// whatever type of document was asked for (gever.md 3.3). Nil where the type
// that was asked for is none, or has no file.
func TypeOfUpload(asked, filename string) *Type {
	if asked == "" || asked == DocumentType {
		asked = DocumentType
		if slices.Contains(mailExtensions, Extension(filename)) {
			asked = MailType
		}
	}
	if t := TypeOf(asked); t != nil && t.Documentish() {
		return t
	}
	return nil
}

// CheckReplace says whether the caller, who may change the document, may
// replace its file now: one that he has checked out, or that has none yet
// (gever.md 3.3). token is the Lock-Token that he sends, lock that of the lock
// which holds.
func CheckReplace(hasFile, mine bool, lock, token string) error {
	if hasFile && !mine {
		return fault.New(fault.Forbidden, NoReplace, "Document not checked out.")
	}
	if lock != "" && lock != token {
		return resourceLocked()
	}
	return nil
}

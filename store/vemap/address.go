package vemap

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"loket/store/fault"
)

// How long signed addresses last (section 6); a logo's as long as the access
// token that comes with it (4.1).
const (
	AddressLifetime = 15 * time.Minute
	LogoLifetime    = AccessLifetime
)

// What a download does with the bytes.
const (
	ActionView     = "view"
	ActionDownload = "download"
)

// Address is what a signed address binds: nothing of it can be altered.
type Address struct {
	Method  string // PUT or GET
	FileID  string
	Type    string // media type of the bytes
	Size    int64
	Action  string // of a GET: ActionView or ActionDownload
	Expires time.Time
}

// Signature is the HMAC-SHA256 of the address, base64url.
func (a Address) Signature(key []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(strings.Join([]string{"loket/vemap address", a.Method, a.FileID, a.Type,
		strconv.FormatInt(a.Size, 10), a.Action, strconv.FormatInt(a.Expires.Unix(), 10)}, "\n")))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// Check refuses an altered or expired address (Forbidden).
func (a Address) Check(key []byte, signature string, now time.Time) error {
	if !hmac.Equal([]byte(a.Signature(key)), []byte(signature)) || !now.Before(a.Expires) {
		return fault.New(fault.Forbidden, AddressRefused, "This address is not valid, or no longer")
	}
	return nil
}

// Disposition tells how a browser shall treat a file: shown only on request,
// and only what cannot carry script (section 6: svg is always an attachment).
func Disposition(action, fileType string) string {
	switch fileType {
	case "application/pdf", "image/png", "image/jpeg":
		if action == ActionView {
			return "inline"
		}
	}
	return "attachment"
}

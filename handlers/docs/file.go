package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// file is bytes that never change while the program runs, with a strong ETag
// and a packed form that is made once, when it is first asked for.
type file struct {
	contentType []string
	plain       func() variant
	packed      func() variant
	etag        func() string
}

// variant is one form of the bytes with its headers.
type variant struct {
	body   []byte
	etag   string
	length []string
	tag    []string
	coding []string // nil when not packed
}

func newVariant(body []byte, etag string, coding []string) variant {
	return variant{body: body, etag: etag, coding: coding, length: []string{strconv.Itoa(len(body))}, tag: []string{etag}}
}

func newFile(text []byte, contentType string) *file {
	f := &file{contentType: []string{contentType}}
	f.etag = sync.OnceValue(func() string { return hash(text) })
	f.plain = sync.OnceValue(func() variant { return newVariant(text, `"`+f.etag()+`"`, nil) })
	f.packed = sync.OnceValue(func() variant {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(text) // a Buffer takes everything
		_ = w.Close()
		return newVariant(b.Bytes(), `"`+f.etag()+`-gzip"`, gzipCoding)
	})
	return f
}

// packedFile is for bytes that come packed.
func packedFile(packed []byte, contentType string) (*file, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("docs: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("docs: %w", err)
	}
	f := newFile(text, contentType)
	f.packed = sync.OnceValue(func() variant { return newVariant(packed, `"`+f.etag()+`-gzip"`, gzipCoding) })
	return f, nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// choose gives the packed form to those who take it.
func (f *file) choose(r *http.Request) variant {
	if accepts(r.Header.Get("Accept-Encoding"), "gzip") {
		return f.packed()
	}
	return f.plain()
}

var (
	anyone     = []string{"*"}
	revalidate = []string{"public, no-cache"}
	byEncoding = []string{"Accept-Encoding"}
	gzipCoding = []string{"gzip"}
	exposed    = []string{"ETag, API-Version, X-Request-Id"}
)

// serve lets the client keep the bytes but ask each time whether they are
// still right: 304 when they are.
func (f *file) serve(c echo.Context) error {
	c.Response().Header()["Cache-Control"] = revalidate
	return f.send(c)
}

// send answers with the bytes, or 304; any origin may read them.
func (f *file) send(c echo.Context) error {
	v := f.choose(c.Request())
	h := c.Response().Header()
	h["Etag"], h["Vary"] = v.tag, byEncoding
	h["Access-Control-Allow-Origin"], h["Access-Control-Expose-Headers"] = anyone, exposed
	if matches(c.Request().Header.Get("If-None-Match"), v.etag) {
		c.Response().WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Type"], h["Content-Length"] = f.contentType, v.length
	if v.coding != nil {
		h["Content-Encoding"] = v.coding
	}
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := c.Response().Write(v.body)
	return err
}

// matches compares weakly, as If-None-Match asks (RFC 9110 13.1.2).
func matches(header, etag string) bool {
	if header == "" {
		return false
	}
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}

// assets are read and unpacked once, when documentation is first asked for.
var assets = sync.OnceValue(func() map[string]*file {
	out := map[string]*file{}
	for _, v := range views {
		for _, name := range v.assets {
			f, err := readAsset(name)
			if err != nil {
				panic("docs: an embedded asset is missing: " + err.Error())
			}
			out[name] = f
		}
	}
	return out
})

// version stands in the addresses of the assets.
var version = sync.OnceValue(func() string {
	var all bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(assets())) {
		all.WriteString(assets()[name].etag())
	}
	return hash(all.Bytes())[:12]
})

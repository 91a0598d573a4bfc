package konova

import (
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"strings"

	"loket/store/konova/konovadb"
)

// crs84 is the reference system of every GeoJSON answer.
const crs84 = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"

// answer is a rendered success: the bytes that the store keeps, put together.
// Generated response types would decode and encode them again.
type answer struct {
	form   form
	etag   string
	known  bool      // the client has it: 304
	parts  [3][]byte // the body, when it is at hand
	stream func(w io.Writer) error
	done   func() // gives the buffers back
}

// contentTypes are the headers' values, shared by all answers.
var contentTypes = [...][]string{envelope: mediaTypes[envelope : envelope+1], geoJSON: mediaTypes[geoJSON : geoJSON+1], sequence: mediaTypes[sequence:]}

func (a answer) write(w http.ResponseWriter) error {
	if a.done != nil {
		defer a.done()
	}
	h := w.Header()
	h.Add("Vary", "Accept")
	if a.etag != "" {
		h.Set("ETag", a.etag)
	}
	if a.known {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Type"] = contentTypes[a.form]
	if a.form != envelope {
		h.Set("Content-Crs", crs84)
	}
	if a.stream == nil {
		n := 0
		for _, p := range a.parts {
			n += len(p)
		}
		h.Set("Content-Length", strconv.Itoa(n))
	}
	w.WriteHeader(http.StatusOK)
	for _, p := range a.parts {
		if _, err := w.Write(p); err != nil {
			return err
		}
	}
	if a.stream != nil {
		return a.stream(w)
	}
	return nil
}

// entryTag is the ETag of one entry: its document's number and state. Forms
// have tags of their own (RFC 9110 8.8.3).
func entryTag(num, rev int64, f form) string {
	var space [48]byte
	tag := append(strconv.AppendInt(append(space[:0], '"'), num, 10), '-')
	tag = strconv.AppendInt(tag, rev, 10)
	if f == geoJSON {
		tag = append(tag, "-g"...)
	}
	return string(append(tag, '"'))
}

// matches tells whether an If-None-Match header names the tag; weakly, as RFC
// 9110 13.1.2 asks.
func matches(header *string, tag string) bool {
	if header == nil || tag == "" {
		return false
	}
	for one := range strings.SplitSeq(*header, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// ifMatch is the condition of a write; nil when there is none. Either form's
// tag will do: both name the same state. Weak tags never match (13.1.1).
func ifMatch(header *string) konovadb.Match {
	if header == nil {
		return nil
	}
	return func(num, rev int64) bool {
		for one := range strings.SplitSeq(*header, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || one == entryTag(num, rev, envelope) || one == entryTag(num, rev, geoJSON) {
				return true
			}
		}
		return false
	}
}

// listTag sums up the states of what a page shows, and where it stands.
type listTag struct{ sum uint64 }

func newListTag(parts ...string) listTag {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = io.WriteString(h, p+"\x00") // a hash never fails
	}
	return listTag{h.Sum64()}
}

// add mixes in a number; the multiplier is FNV's prime, the shifts spread its
// upper bits.
func (t *listTag) add(n int64) {
	t.sum ^= uint64(n) //nolint:gosec // bits, not a quantity
	t.sum *= 1099511628211
	t.sum ^= t.sum >> 29
}

func (t *listTag) String() string { return `W/"` + strconv.FormatUint(t.sum, 36) + `"` }

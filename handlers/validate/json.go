package validate

import (
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"loket/store/fault"
)

// maxDepth is how deep arrays and objects may nest. No document here goes
// beyond ten; a deeper body can only be meant to exhaust the stack.
const maxDepth = 64

// What a text can have wrong as JSON: the Rule of the Field that decode gives.
const (
	ruleSyntax    = "syntax"    // Limit: the byte at which it stops being JSON, from 1
	ruleTrailing  = "trailing"  // something stands behind the value; Limit: the byte, from 1
	ruleDuplicate = "duplicate" // Limit: the key that stands twice
	ruleDepth     = "depth"     // Limit: maxDepth
	ruleUTF8      = "utf8"      // Limit: the byte, from 1
	ruleNUL       = "nul"       // U+0000, which PostgreSQL cannot keep; Limit: the byte, from 1
)

// decode reads one JSON value (RFC 8259) and nothing else. It is stricter than
// encoding/json, which lets duplicate keys pass (the last wins), replaces
// broken UTF-8 and lone surrogates, lets U+0000 pass, and knows no limit of depth that fits us.
// Numbers become json.Number, so that no digit is lost before binding.
func decode(text []byte) (any, *fault.Field) {
	d := decoder{text: text}
	d.space()
	v, ok := d.value(0)
	if !ok {
		return nil, d.fault
	}
	d.space()
	if d.at < len(d.text) {
		d.fail(ruleTrailing, d.at+1)
		return nil, d.fault
	}
	return v, nil
}

type decoder struct {
	text  []byte
	at    int
	path  []string // keys and indexes down to the value, for the pointer of a fault
	fault *fault.Field
}

func (d *decoder) fail(rule string, limit any) bool {
	if d.fault == nil {
		d.fault = &fault.Field{In: fault.InBody, Pointer: pointer(d.path), Rule: rule, Limit: limit}
	}
	return false
}

func (d *decoder) syntax() (any, bool) { return nil, d.fail(ruleSyntax, d.at+1) }

func (d *decoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) value(depth int) (any, bool) {
	if d.at >= len(d.text) {
		return d.syntax()
	}
	switch c := d.text[d.at]; c {
	case '{', '[':
		if depth == maxDepth {
			return nil, d.fail(ruleDepth, maxDepth)
		}
		if c == '{' {
			return d.object(depth)
		}
		return d.array(depth)
	case '"':
		return d.string()
	case 't':
		return d.word("true", true)
	case 'f':
		return d.word("false", false)
	case 'n':
		return d.word("null", nil)
	default:
		return d.number()
	}
}

func (d *decoder) word(word string, v any) (any, bool) {
	for i := range len(word) {
		if d.at >= len(d.text) || d.text[d.at] != word[i] {
			return d.syntax()
		}
		d.at++
	}
	return v, true
}

func (d *decoder) object(depth int) (any, bool) {
	d.at++
	out := make(map[string]any, 8)
	for d.space(); d.at < len(d.text) && d.text[d.at] != '}'; {
		if d.text[d.at] != '"' {
			return d.syntax()
		}
		k, ok := d.string()
		if !ok {
			return nil, false
		}
		key, _ := k.(string)
		d.path = append(d.path, key)
		if _, twice := out[key]; twice {
			return nil, d.fail(ruleDuplicate, key)
		}
		if d.space(); d.at >= len(d.text) || d.text[d.at] != ':' {
			return d.syntax()
		}
		d.at++
		d.space()
		v, ok := d.value(depth + 1)
		if !ok {
			return nil, false
		}
		out[key] = v
		d.path = d.path[:len(d.path)-1]
		if !d.comma('}') {
			return d.syntax()
		}
	}
	if d.at >= len(d.text) {
		return d.syntax()
	}
	d.at++
	return out, true
}

func (d *decoder) array(depth int) (any, bool) {
	d.at++
	out := []any{}
	for d.space(); d.at < len(d.text) && d.text[d.at] != ']'; {
		d.path = append(d.path, strconv.Itoa(len(out)))
		v, ok := d.value(depth + 1)
		if !ok {
			return nil, false
		}
		out = append(out, v)
		d.path = d.path[:len(d.path)-1]
		if !d.comma(']') {
			return d.syntax()
		}
	}
	if d.at >= len(d.text) {
		return d.syntax()
	}
	d.at++
	return out, true
}

// comma goes past a comma to the next member, or stops at the closing sign; a
// comma just before the closing sign is refused.
func (d *decoder) comma(closing byte) bool {
	d.space()
	if d.at < len(d.text) && d.text[d.at] == ',' {
		d.at++
		d.space()
		return d.at < len(d.text) && d.text[d.at] != closing
	}
	return d.at < len(d.text) && d.text[d.at] == closing
}

// string reads a text; one without escapes is copied once, as it stands.
func (d *decoder) string() (any, bool) {
	d.at++
	start, plain := d.at, true
	for d.at < len(d.text) {
		switch c := d.text[d.at]; {
		case c == '"':
			raw := d.text[start:d.at]
			if plain && !utf8.Valid(raw) {
				return nil, d.fail(ruleUTF8, start+1)
			}
			d.at++
			if plain {
				return string(raw), true
			}
			return d.unescape(raw, start)
		case c < ' ':
			return d.syntax()
		case c == '\\':
			plain = false
			d.at += 2
		default:
			d.at++
		}
	}
	d.at = len(d.text)
	return d.syntax()
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (d *decoder) unescape(raw []byte, start int) (any, bool) {
	if !utf8.Valid(raw) {
		return nil, d.fail(ruleUTF8, start+1)
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		if c, ok := escapes[raw[i+1]]; ok {
			out = append(out, c)
			i += 2
			continue
		}
		r, ok := hex4(raw, i)
		if !ok {
			return nil, d.fail(ruleSyntax, start+i+1)
		}
		if r == 0 {
			return nil, d.fail(ruleNUL, start+i+1)
		}
		i += 6
		if utf16.IsSurrogate(r) {
			low, ok := hex4(raw, i)
			if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
				return nil, d.fail(ruleUTF8, start+i-5)
			}
			i += 6
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), true
}

// hex4 reads \uXXXX at i.
func hex4(raw []byte, i int) (rune, bool) {
	if i+6 > len(raw) || raw[i] != '\\' || raw[i+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(raw[i+2:i+6]), 16, 32)
	return rune(n), err == nil //nolint:gosec // four hex digits
}

// number takes exactly the grammar of RFC 8259 section 6.
func (d *decoder) number() (any, bool) {
	start := d.at
	d.skip('-')
	switch {
	case d.skip('0'):
	case d.digits():
	default:
		return d.syntax()
	}
	if d.skip('.') && !d.digits() {
		return d.syntax()
	}
	if d.skip('e') || d.skip('E') {
		_ = d.skip('+') || d.skip('-')
		if !d.digits() {
			return d.syntax()
		}
	}
	return json.Number(integral(string(d.text[start:d.at]))), true
}

func (d *decoder) skip(c byte) bool {
	if d.at < len(d.text) && d.text[d.at] == c {
		d.at++
		return true
	}
	return false
}

func (d *decoder) digits() bool {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at > start
}

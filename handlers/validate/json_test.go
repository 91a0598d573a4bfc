package validate

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What decode takes, encoding/json takes too, with the same value; what
// encoding/json refuses, decode refuses.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, `"a\u00e9\ud83d\ude00\n"`, `-0.5e+10`, `01`, `1.`, `.5`, `1e`, `+1`, `--1`, `nul`, `true`, `[1,]`, `{"a":1,}`,
		`{"a":1,"a":2}`, `{"a" 1}`, `{"a":}`, `[,]`, `"\x"`, `"\u12"`, "\"\t\"", `"\`, `"`, ` 1 `, `1 2`, "\"\xff\"", `"\ud800"`, `[[[]]]`, `{"":{"":[]}}`, ``, `[1 2]`, `{"a":1 "b":2}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, bad := decode(text)
		if bad != nil {
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatalf("decode took %q, encoding/json says %v", text, err)
		}
		if diff := cmp.Diff(plain(want), plain(got)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	})
}

// plain compares numbers by value: decode writes 1e0 as 1.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
		return v
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
		return v
	default:
		return v
	}
}

func TestDecodeTakesWhatIsSound(t *testing.T) {
	for _, s := range []string{`{}`, ` [ 1 , 2.50 , -3e-2 , "x\"\\\/\b\f\n\r\t" , null , true , false , {"a":{"b":[]}} ] `, `"\ud83d\ude00"`, `0`, `-0`} {
		if _, bad := decode([]byte(s)); bad != nil {
			t.Errorf("%s: %+v", s, bad)
		}
	}
}

func TestFormats(t *testing.T) {
	for format, values := range map[string]map[string]bool{
		"date":      {"2024-02-29": true, "2023-02-29": false, "2024-1-01": false, "": false},
		"date-time": {"2026-01-01T10:00:00Z": true, "2026-01-01T10:00:00.123+02:00": true, "2026-01-01t10:00:00Z": false, "2026-01-01T10:00:00": false, "2026-01-01T10:00:00-00:00": false, "2026-01-01T10:00:00,5Z": false, "2026-01-01T25:00:00Z": false},
		"time":      {"23:59:59": true, "24:00:00": false},
		"uuid":      {"6ba7b810-9dad-11d1-80b4-00c04fd430c8": true, "6BA7B810-9DAD-11D1-80B4-00C04FD430C8": true, "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}": false, "6ba7b8109dad11d180b400c04fd430c8": false},
		"email":     {"a@example.com": true, "A <a@example.com>": false, "a@": false, "": false},
		"uri":       {"https://example.com/x": true, "urn:a:b": true, "/x": false, "x y": false},
		"byte":      {"aGVsbG8=": true, "aGVsbG8": false, "%": false},
	} {
		for value, want := range values {
			if got := house[format](value); got != want {
				t.Errorf("%s %q = %v", format, value, got)
			}
		}
	}
}

// No text may make the decoder slow: brackets, quotes and escapes by the
// hundred thousand are read in one go. One that went back would not end here.
func TestDecodeIsLinear(t *testing.T) {
	for _, text := range []string{`"` + string(bytes.Repeat([]byte(`\n`), 1<<19)) + `"`, `[` + string(bytes.Repeat([]byte(`1,`), 1<<19)) + `1]`} {
		if _, bad := decode([]byte(text)); bad != nil {
			t.Errorf("%+v", bad)
		}
	}
}

func TestAcceptable(t *testing.T) {
	types := []string{"application/json"}
	for accept, want := range map[string]bool{
		"": true, "*/*": true, "application/json": true, "APPLICATION/JSON; q=0.1": true, "application/*": true,
		"text/html": false, "application/json;q=0": false, "application/json;q=0, */*": false, "text/html, */*;q=0.1": true, "application/problem+json": false, "nonsense": false,
	} {
		if got := acceptable(accept, types); got != want {
			t.Errorf("%q = %v", accept, got)
		}
	}
}

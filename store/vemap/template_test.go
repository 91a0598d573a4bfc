package vemap

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"loket/store/fault"
)

func doc(t *testing.T, s string) map[string]any {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal([]byte(s), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// layout is a document with one block of a kind under its root.
func layout(t *testing.T, kind, data string) map[string]any {
	t.Helper()
	return doc(t, fmt.Sprintf(`{"root":{"type":"EmailLayout","data":{"childrenIds":["b"]}},"b":{"type":%q,"data":%s}}`, kind, data))
}

func TestCheckTemplate(t *testing.T) {
	deep := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"root":{"type":"EmailLayout","data":{"childrenIds":["b1"]}}`)
		for i := 1; i < n; i++ {
			fmt.Fprintf(&b, `,"b%d":{"type":"Container","data":{"props":{"childrenIds":["b%d"]}}}`, i, i+1)
		}
		fmt.Fprintf(&b, `,"b%d":{"type":"Text","data":{}}}`, n)
		return b.String()
	}
	wide := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"root":{"type":"EmailLayout","data":{}}`)
		for i := range n - 1 {
			fmt.Fprintf(&b, `,"b%d":{"type":"Text","data":{}}`, i)
		}
		return b.String() + "}"
	}
	for name, c := range map[string]struct{ doc, want string }{
		"least":             {`{"root":{"type":"EmailLayout","data":{}}}`, ""},
		"null children":     {`{"root":{"type":"EmailLayout","data":{"childrenIds":null}}}`, ""},
		"unknown props":     {`{"root":{"type":"EmailLayout","data":{"eigen":{"a":[1]}}}}`, ""},
		"columns":           {`{"root":{"type":"EmailLayout","data":{"childrenIds":["c"]}},"c":{"type":"ColumnsContainer","data":{"props":{"columns":[{"childrenIds":["a"]},{"childrenIds":[]},{}]}}},"a":{"type":"Divider","data":{}}}`, ""},
		"nobody's block":    {`{"root":{"type":"EmailLayout","data":{}},"los":{"type":"Spacer","data":{}}}`, ""},
		"deep enough":       {deep(19), ""},
		"too deep":          {deep(20), "/t/b20"},
		"blocks enough":     {wide(500), ""},
		"too many blocks":   {wide(501), "/t"},
		"no root":           {`{"a":{"type":"Text","data":{}}}`, "/t/root"},
		"root of a type":    {`{"root":{"type":"Container","data":{}}}`, "/t/root"},
		"unknown type":      {`{"root":{"type":"EmailLayout","data":{}},"a/b":{"type":"Script","data":{}}}`, "/t/a~1b"},
		"no data":           {`{"root":{"type":"EmailLayout","data":{}},"a":{"type":"Text"}}`, "/t/a"},
		"no block":          {`{"root":{"type":"EmailLayout","data":{}},"a":5}`, "/t/a"},
		"second layout":     {`{"root":{"type":"EmailLayout","data":{}},"a":{"type":"EmailLayout","data":{}}}`, "/t/a"},
		"long font":         {`{"root":{"type":"EmailLayout","data":{"fontFamily":"` + strings.Repeat("x", 101) + `"}}}`, "/t/root"},
		"long font of text": {`{"root":{"type":"EmailLayout","data":{}},"a":{"type":"Text","data":{"style":{"fontFamily":"` + strings.Repeat("x", 101) + `"}}}}`, "/t/a"},
		"child unknown":     {`{"root":{"type":"EmailLayout","data":{"childrenIds":["weg"]}}}`, "/t/root"},
		"child twice":       {`{"root":{"type":"EmailLayout","data":{"childrenIds":["a","a"]}},"a":{"type":"Text","data":{}}}`, "/t/root"},
		"root as child":     {`{"root":{"type":"EmailLayout","data":{"childrenIds":["root"]}}}`, "/t/root"},
		"cycle":             {`{"root":{"type":"EmailLayout","data":{"childrenIds":["a"]}},"a":{"type":"Container","data":{"props":{"childrenIds":["a"]}}}}`, "/t/a"},
		"children no list":  {`{"root":{"type":"EmailLayout","data":{"childrenIds":"a"}}}`, "/t/root"},
		"children no texts": {`{"root":{"type":"EmailLayout","data":{"childrenIds":[1]}}}`, "/t/root"},
		"column no object":  {`{"root":{"type":"EmailLayout","data":{"childrenIds":["c"]}},"c":{"type":"ColumnsContainer","data":{"props":{"columns":[1]}}}}`, "/t/c"},
		"column no texts":   {`{"root":{"type":"EmailLayout","data":{"childrenIds":["c"]}},"c":{"type":"ColumnsContainer","data":{"props":{"columns":[{"childrenIds":[1]}]}}}}`, "/t/c"},
	} {
		if got := places(CheckTemplate("/t", doc(t, c.doc))); got != c.want {
			t.Errorf("%s: faults at %q, want %q", name, got, c.want)
		}
	}
	big := layout(t, "Text", `{"props":{"text":"`+strings.Repeat("x", maxTemplate)+`"}}`)
	if err := CheckTemplate("/t", big); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("%v", err)
	}
}

func TestRender(t *testing.T) {
	values := Values{"NAAM": "<b>{EVIL}</b> & Co", "URL": "javascript:alert(1)", "LINK": "https://example.nl/?a=1&b=2", "EVIL": "evil"}
	for name, c := range map[string]struct {
		kind, data string
		has        []string // in the HTML
		hasNot     []string
		text       string
	}{
		"text":           {"Text", `{"props":{"text":"Dag {NAAM},\n<i>x</i> {ONBEKEND} {geen}"}}`, []string{"Dag &lt;b&gt;{EVIL}&lt;/b&gt; &amp; Co,<br>&lt;i&gt;x&lt;/i&gt; {ONBEKEND} {geen}"}, []string{"<b>", "<i>"}, "Dag <b>{EVIL}</b> & Co,\n<i>x</i> {ONBEKEND} {geen}\n"},
		"markdown":       {"Text", `{"props":{"text":"**vet** *schuin* {NAAM} *","markdown":true}}`, []string{"<strong>vet</strong>", "<em>schuin</em>"}, []string{"<b>"}, "**vet** *schuin* <b>{EVIL}</b> & Co *\n"},
		"heading":        {"Heading", `{"props":{"text":"Kop","level":"h1"}}`, []string{"<h1 ", ">Kop</h1>"}, nil, "Kop\n"},
		"odd heading":    {"Heading", `{"props":{"text":"Kop","level":"script"}}`, []string{"<h2 "}, []string{"<script"}, "Kop\n"},
		"button":         {"Button", `{"props":{"text":"Ga {NAAM}","url":"{LINK}","size":"large","buttonStyle":"pill","fullWidth":true}}`, []string{`href="https://example.nl/?a=1&amp;b=2"`, "16px 32px", "border-radius:64px", "display:block"}, []string{"<b>"}, "Ga <b>{EVIL}</b> & Co: https://example.nl/?a=1&b=2\n"},
		"plain button":   {"Button", `{"props":{"text":"Ga","url":"mailto:a@example.nl"}}`, []string{"12px 20px", "border-radius:4px", "#999999", "mailto:a@example.nl"}, nil, "Ga: mailto:a@example.nl\n"},
		"script button":  {"Button", `{"props":{"text":"Ga","url":"{URL}"}}`, []string{`href=""`}, []string{"javascript"}, "Ga:\n"},
		"image":          {"Image", `{"props":{"url":"https://example.nl/a.png","alt":"\"x\" {NAAM}","linkHref":"data:text/html,x"}}`, []string{`src="https://example.nl/a.png"`, "&#34;x&#34; &lt;b&gt;"}, []string{"data:", "<a "}, "\"x\" <b>{EVIL}</b> & Co\n"},
		"linked image":   {"Image", `{"props":{"url":"//example.nl/a.png","linkHref":"https://example.nl"}}`, []string{`<a href="https://example.nl">`, `src=""`}, nil, "\n"},
		"avatar":         {"Avatar", `{"props":{"imageUrl":"https://example.nl/a.png","shape":"circle","size":32}}`, []string{"border-radius:50%", `width="32"`}, nil, "\n"},
		"divider":        {"Divider", `{"props":{"lineColor":"#112233","lineHeight":3}}`, []string{"border-top-color:#112233", "3px"}, nil, "----------\n"},
		"spacer":         {"Spacer", `{"props":{"height":40}}`, []string{"height:40px"}, nil, "\n"},
		"huge spacer":    {"Spacer", `{"props":{"height":1e9}}`, []string{"height:16px"}, nil, "\n"},
		"html":           {"Html", `{"props":{"contents":"<p onclick=\"x()\">Dag {NAAM}</p><script>alert(1)</script><a href=\"{URL}\">x</a>"}}`, []string{"<p>Dag &lt;b&gt;{EVIL}&lt;/b&gt; &amp; Co</p>"}, []string{"script", "onclick", "javascript", "<b>"}, "Dag <b>{EVIL}</b> & Cox\n"},
		"style":          {"Text", `{"style":{"color":"#FF0000","backgroundColor":"red;x:url(y)","fontSize":18,"fontFamily":"MODERN_SERIF","fontWeight":"bold","textAlign":"center","padding":{"top":4,"left":-1}},"props":{"text":"x"}}`, []string{"color:#FF0000", "font-size:18px", "Charter", "font-weight:bold", "text-align:center", "padding-top:4px"}, []string{"url(", "padding-left"}, "x\n"},
		"odd style":      {"Text", `{"style":{"color":"\"><script>","fontFamily":"Arial\"><script>","fontWeight":"x","textAlign":"x","fontSize":"14"},"props":{"text":"x"}}`, nil, []string{"script", "font-weight", "font-size"}, "x\n"},
		"odd everything": {"Text", `{"style":5,"props":[]}`, []string{"<div style=\"\"></div>"}, nil, "\n"},
	} {
		r := Render(layout(t, c.kind, c.data), values)
		for _, want := range c.has {
			if !strings.Contains(r.HTML, want) {
				t.Errorf("%s: the HTML lacks %q:\n%s", name, want, r.HTML)
			}
		}
		_, body, _ := strings.Cut(r.HTML, "<body")
		for _, no := range c.hasNot {
			if strings.Contains(body, no) {
				t.Errorf("%s: the HTML has %q:\n%s", name, no, r.HTML)
			}
		}
		if r.Text != c.text {
			t.Errorf("%s: the text is %q, want %q", name, r.Text, c.text)
		}
	}
	r := Render(layout(t, "Text", `{"props":{"text":"{B} {A} {B}"}}`), nil)
	if strings.Join(r.Unknown, " ") != "A B" {
		t.Errorf("unknown are %v", r.Unknown)
	}
	r = Render(doc(t, `{"root":{"type":"EmailLayout","data":{"backdropColor":"#101010","canvasColor":"x","textColor":"#202020","borderColor":"#303030","borderRadius":8,"fontFamily":"Arial","childrenIds":["c","d"]}},
		"c":{"type":"ColumnsContainer","data":{"props":{"contentAlignment":"top","columns":[{"childrenIds":["x"]},{"childrenIds":["y"]}]}}},
		"d":{"type":"Container","data":{"props":{"childrenIds":["z"]}}},
		"x":{"type":"Text","data":{"props":{"text":"een"}}},"y":{"type":"Text","data":{"props":{"text":"twee"}}},"z":{"type":"Text","data":{"props":{"text":"drie"}}}}`), nil)
	if r.Text != "een\n\ntwee\n\ndrie\n" {
		t.Errorf("%q", r.Text)
	}
	for _, want := range []string{"background-color:#101010", "background-color:#FFFFFF", "color:#202020", "1px solid #303030", "border-radius:8px", "font-family:Arial", "vertical-align:top"} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("the HTML lacks %q:\n%s", want, r.HTML)
		}
	}
}

// TestRenderNeverLeaks: whatever text and values are, no markup of theirs gets
// through, and no value is filled in again.
func TestRenderNeverLeaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[<>&"'{}A-Z*:/ ]{0,20}`).Draw(t, "value")
		kind := rapid.SampledFrom([]string{"Text", "Heading", "Button"}).Draw(t, "kind")
		d := map[string]any{
			"root": map[string]any{"type": "EmailLayout", "data": map[string]any{"childrenIds": []any{"b"}}},
			"b":    map[string]any{"type": kind, "data": map[string]any{"props": map[string]any{"text": "a {X} b", "markdown": true, "url": "https://example.nl/{X}"}}},
		}
		r := Render(d, Values{"X": value, "Y": "SECOND"})
		_, body, _ := strings.Cut(r.HTML, "<body")
		for _, tag := range []string{"<A", "<>", "<B", "SECOND", `" A`} {
			if strings.Contains(body, tag) {
				t.Fatalf("%q leaks as %q:\n%s", value, tag, body)
			}
		}
		if kind != "Button" && !strings.Contains(r.Text, "a "+value+" b") {
			t.Fatalf("%q is not in the text %q", value, r.Text)
		}
	})
}

func TestValues(t *testing.T) {
	v, err := Custom(map[string]any{"projectName": "Alpha", "CLOSURE_NAME": "exact", "closureName": "camel", "aantal": float64(5), "deel": 0.1, "ja": true, "km2Weg": "x"})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"PROJECT_NAME": "Alpha", "CLOSURE_NAME": "exact", "AANTAL": "5", "DEEL": "0.1", "JA": "true", "KM2_WEG": "x"} {
		if v[name] != want {
			t.Errorf("%s is %q, want %q", name, v[name], want)
		}
	}
	if _, err := Custom(map[string]any{"a/b": nil, "c": []any{}, "d": "ok"}); places(err) != "/customData/a~1b /customData/c" {
		t.Errorf("%v", err)
	}
	b := BuiltIn(NewRecipient{Email: "a@b.nl", Name: "N"}, "P", Closure{Name: "C", Start: "2024-01-15", End: "2024-01-20", Plan: &File{Version: 11}})
	for name, want := range map[string]string{"NAAM_STAKEHOLDER": "N", "EMAIL_STAKEHOLDER": "a@b.nl", "PROJECT_NAAM": "P", "AFSLUITING_NAAM": "C", "STARTDATUM": "15-01-2024", "EINDDATUM": "20-01-2024", "VKM_VERSIE": "1.1"} {
		if b[name] != want {
			t.Errorf("%s is %q, want %q", name, b[name], want)
		}
	}
	if v := BuiltIn(NewRecipient{}, "", Closure{})["VKM_VERSIE"]; v != "" {
		t.Errorf("without a plan: %q", v)
	}
	subject, unknown := b.With(Values{"PROJECT_NAAM": "eigen\r\nBcc: x"}).Subject("{PROJECT_NAAM} {WEG}")
	if subject != "eigen  Bcc: x {WEG}" || len(unknown) != 1 {
		t.Errorf("%q %v", subject, unknown)
	}
}

func TestDistinctRecipients(t *testing.T) {
	got := DistinctRecipients([]NewRecipient{{Email: "A@b.nl", Name: "eerst"}, {Email: "c@d.nl"}, {Email: "a@B.nl", Name: "laatst"}})
	if len(got) != 2 || got[0].Name != "laatst" || got[1].Email != "c@d.nl" {
		t.Errorf("%+v", got)
	}
}

func TestOwnMails(t *testing.T) {
	if _, body := Welcome("N", "T"); !strings.Contains(body, "N") || !strings.Contains(body, "T") {
		t.Error(body)
	}
	if _, body := ResetMail("N", Code(7)); !strings.Contains(body, "000007") {
		t.Error(body)
	}
}

package vemap

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// Rendered is a mail made of a template for one recipient.
type Rendered struct {
	HTML, Text string
	Unknown    []string // placeholders without a value; they stay visible
}

// Render fills in a checked template. Texts are escaped, Html blocks are
// sanitised after filling in, addresses are http, https, or mailto or left out;
// a value is never looked at for placeholders again (section 5).
func Render(doc map[string]any, values Values) Rendered {
	r := renderer{doc: doc, values: values, unknown: make(map[string]bool)}
	_, layout := blockOf(doc, rootBlock)
	s := css{}
	s.colour("background-color", text(layout, "backdropColor"), "#F5F5F5")
	s.add("margin:0;padding:32px 0")
	inner := css{}
	inner.colour("background-color", text(layout, "canvasColor"), "#FFFFFF")
	inner.colour("color", text(layout, "textColor"), "#262626")
	inner.font(text(layout, "fontFamily"))
	if c := text(layout, "borderColor"); isColour(c) {
		inner.add("border:1px solid " + c)
	}
	inner.pixels("border-radius", layout["borderRadius"])
	inner.add("max-width:600px;margin:0 auto")
	r.html.WriteString(`<!DOCTYPE html><html lang="nl"><head><meta charset="utf-8"></head><body style="` + s.String() + `"><div style="` + inner.String() + `">`)
	r.children(rootBlock)
	r.html.WriteString("</div></body></html>\n")
	return Rendered{HTML: r.html.String(), Text: strings.TrimSpace(r.text.String()) + "\n", Unknown: names(r.unknown)}
}

type renderer struct {
	doc     map[string]any
	values  Values
	unknown map[string]bool
	html    strings.Builder
	text    strings.Builder
}

func (r *renderer) children(id string) {
	ids, _ := childrenOf(r.doc, id)
	for _, child := range ids {
		r.block(child)
	}
}

func (r *renderer) block(id string) {
	kind, data := blockOf(r.doc, id)
	p, s := props(data), blockStyle(style(kind, data))
	switch kind {
	case blockText:
		r.paragraph("div", s, text(p, "text"), p["markdown"] == true)
	case blockHeading:
		level := text(p, "level")
		if level != "h1" && level != "h3" {
			level = "h2"
		}
		r.paragraph(level, s, text(p, "text"), false)
	case blockButton:
		r.button(s, p)
	case blockHTML:
		r.contents(s, text(p, "contents"))
	case blockImage:
		r.image(s, p)
	case blockAvatar:
		r.avatar(s, p)
	case blockDivider:
		line := css{}
		line.colour("border-top-color", text(p, "lineColor"), "#EEEEEE")
		fmt.Fprintf(&r.html, `<div style="%s"><hr style="border:0;border-top-style:solid;border-top-width:%dpx;%s"></div>`, s, pixels(p["lineHeight"], 1, 50), line)
		r.text.WriteString("----------\n\n")
	case blockSpacer:
		fmt.Fprintf(&r.html, `<div style="height:%dpx"></div>`, pixels(p["height"], 16, 1000))
	case blockContainer:
		r.html.WriteString(`<div style="` + s.String() + `">`)
		r.children(id)
		r.html.WriteString("</div>")
	case blockColumns:
		r.columns(s, p)
	}
}

func (r *renderer) columns(s css, p map[string]any) {
	fmt.Fprintf(&r.html, `<div style="%s"><table role="presentation" width="100%%" cellpadding="0" cellspacing="0"><tr>`, s)
	columns, _ := p["columns"].([]any)
	for _, c := range columns {
		m, _ := c.(map[string]any)
		ids, _ := texts(m["childrenIds"])
		r.html.WriteString(`<td style="vertical-align:` + vertical(text(p, "contentAlignment")) + `">`)
		for _, id := range ids {
			r.block(id)
		}
		r.html.WriteString("</td>")
	}
	r.html.WriteString("</tr></table></div>")
}

func (r *renderer) paragraph(tag string, s css, raw string, markdown bool) {
	body := html.EscapeString(raw)
	if markdown {
		body = emphasis(body)
	}
	body = r.values.expand(body, html.EscapeString, r.unknown)
	body = strings.ReplaceAll(body, "\n", "<br>")
	fmt.Fprintf(&r.html, `<%s style="%s">%s</%s>`, tag, s, body, tag)
	r.text.WriteString(r.values.expand(raw, asIs, r.unknown) + "\n\n")
}

var (
	bold   = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
	italic = regexp.MustCompile(`\*([^*\n]+)\*`)
)

// emphasis is what of Markdown a text block may use: bold and italic. It sees
// escaped text only, and never a value.
func emphasis(escaped string) string {
	return italic.ReplaceAllString(bold.ReplaceAllString(escaped, "<strong>$1</strong>"), "<em>$1</em>")
}

func (r *renderer) button(s css, p map[string]any) {
	label := r.values.expand(text(p, "text"), asIs, r.unknown)
	link := r.address(text(p, "url"))
	b := css{}
	b.colour("color", text(p, "buttonTextColor"), "#FFFFFF")
	b.colour("background-color", text(p, "buttonBackgroundColor"), "#999999")
	b.add("text-decoration:none;font-weight:bold")
	b.add("padding:" + choose(text(p, "size"), map[string]string{"x-small": "4px 8px", "small": "8px 12px", "large": "16px 32px"}, "12px 20px"))
	b.add("border-radius:" + choose(text(p, "buttonStyle"), map[string]string{"rectangle": "0", "pill": "64px"}, "4px"))
	if p["fullWidth"] == true {
		b.add("display:block")
	} else {
		b.add("display:inline-block")
	}
	fmt.Fprintf(&r.html, `<div style="%s"><a href="%s" style="%s">%s</a></div>`, s, html.EscapeString(link), b, html.EscapeString(label))
	r.text.WriteString(strings.TrimSpace(label+": "+link) + "\n\n")
}

func (r *renderer) image(s css, p map[string]any) {
	alt := r.values.expand(text(p, "alt"), asIs, r.unknown)
	img := fmt.Sprintf(`<img src="%s" alt="%s" style="max-width:100%%">`, html.EscapeString(r.address(text(p, "url"))), html.EscapeString(alt))
	if link := r.address(text(p, "linkHref")); link != "" {
		img = fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(link), img)
	}
	fmt.Fprintf(&r.html, `<div style="%s">%s</div>`, s, img)
	if alt != "" {
		r.text.WriteString(alt + "\n\n")
	}
}

func (r *renderer) avatar(s css, p map[string]any) {
	radius := choose(text(p, "shape"), map[string]string{"circle": "50%", "rounded": "8px"}, "0")
	size := pixels(p["size"], 64, 600)
	fmt.Fprintf(&r.html, `<div style="%s"><img src="%s" alt="%s" width="%d" height="%d" style="border-radius:%s"></div>`,
		s, html.EscapeString(r.address(text(p, "imageUrl"))), html.EscapeString(text(p, "alt")), size, size, radius)
}

// contents fills in first and sanitises then, so that a value inside an
// attribute cannot bring script either.
func (r *renderer) contents(s css, raw string) {
	filled := r.values.expand(raw, html.EscapeString, r.unknown)
	fmt.Fprintf(&r.html, `<div style="%s">%s</div>`, s, richPolicy.Sanitize(filled))
	r.text.WriteString(strings.TrimSpace(html.UnescapeString(plainPolicy.Sanitize(filled))) + "\n\n")
}

var (
	richPolicy = func() *bluemonday.Policy {
		p := bluemonday.UGCPolicy()
		p.AllowURLSchemes("http", "https", "mailto")
		return p
	}()
	plainPolicy = bluemonday.StrictPolicy()
)

// address fills in an address and gives it back when its scheme is http, https,
// or mailto; else "".
func (r *renderer) address(raw string) string {
	filled := strings.TrimSpace(r.values.expand(raw, asIs, r.unknown))
	u, err := url.Parse(filled)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "mailto":
		return filled
	}
	return ""
}

// css is a style attribute; whatever comes from a template is checked before it
// goes in, so nothing has to be escaped.
type css []string

func (s css) String() string { return strings.Join(s, ";") }

func (s *css) add(rule string) { *s = append(*s, rule) }

func (s *css) colour(name, value, otherwise string) {
	if !isColour(value) {
		value = otherwise
	}
	if value != "" {
		s.add(name + ":" + value)
	}
}

func (s *css) pixels(name string, x any) {
	if n, ok := x.(float64); ok && n >= 0 && n <= 1000 {
		s.add(name + ":" + strconv.Itoa(int(n)) + "px")
	}
}

var fonts = map[string]string{
	"MODERN_SANS":    `'Helvetica Neue',Arial,sans-serif`,
	"BOOK_SANS":      `Optima,Candara,sans-serif`,
	"ORGANIC_SANS":   `Seravek,Calibri,sans-serif`,
	"GEOMETRIC_SANS": `Avenir,Montserrat,sans-serif`,
	"HEAVY_SANS":     `Bahnschrift,'DIN Alternate',sans-serif`,
	"ROUNDED_SANS":   `ui-rounded,Quicksand,sans-serif`,
	"MODERN_SERIF":   `Charter,Cambria,serif`,
	"BOOK_SERIF":     `'Iowan Old Style',Georgia,serif`,
	"MONOSPACE":      `'Nimbus Mono PS','Courier New',monospace`,
}

var fontName = regexp.MustCompile(`^[A-Za-z0-9 ,-]+$`)

func (s *css) font(family string) {
	switch known, ok := fonts[family]; {
	case ok:
		s.add("font-family:" + known)
	case fontName.MatchString(family):
		s.add("font-family:" + family)
	}
}

func blockStyle(m map[string]any) css {
	s := css{}
	s.colour("color", text(m, "color"), "")
	s.colour("background-color", text(m, "backgroundColor"), "")
	s.pixels("font-size", m["fontSize"])
	s.font(text(m, "fontFamily"))
	if w := text(m, "fontWeight"); w == "bold" || w == "normal" {
		s.add("font-weight:" + w)
	}
	if a := text(m, "textAlign"); a == "left" || a == "center" || a == "right" {
		s.add("text-align:" + a)
	}
	if p, ok := m["padding"].(map[string]any); ok {
		for _, side := range []string{"top", "right", "bottom", "left"} {
			s.pixels("padding-"+side, p[side])
		}
	}
	return s
}

var colour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

func isColour(s string) bool { return colour.MatchString(s) }

func pixels(x any, otherwise, most int) int {
	if n, ok := x.(float64); ok && n >= 0 && n <= float64(most) {
		return int(n)
	}
	return otherwise
}

func vertical(s string) string {
	switch s {
	case "top", "bottom":
		return s
	}
	return "middle"
}

// choose is what a template's word stands for; otherwise for one that is
// unknown or absent.
func choose(word string, known map[string]string, otherwise string) string {
	if s, ok := known[word]; ok {
		return s
	}
	return otherwise
}

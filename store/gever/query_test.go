package gever_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"loket/store/gever"
)

// shown writes a query with all its brackets.
func shown(q *gever.Query) string {
	if q == nil {
		return "all"
	}
	var parts []string
	for _, one := range q.Of {
		parts = append(parts, shown(one))
	}
	switch q.Op {
	case gever.None:
		return "none"
	case gever.Not:
		return "-" + parts[0]
	case gever.Leaf:
		text := q.Text
		switch {
		case q.Any:
			text = "*"
		case q.Range:
			text = q.From + ".." + q.To
		case q.Prefix:
			text += "*"
		}
		if q.By != nil {
			text = q.By.Name + "=" + text
		}
		return text
	case gever.Or:
		return "(" + strings.Join(parts, " | ") + ")"
	default:
		return "(" + strings.Join(parts, " & ") + ")"
	}
}

// TestParseQuery holds the grammar: what each text means, with and without
// fields.
func TestParseQuery(t *testing.T) {
	for _, c := range []struct{ text, plain, fields string }{
		{"", "all", "all"}, {"  ", "all", "all"}, {"*", "all", "all"}, {"*:*", "all", "all"}, {"a", "a", "a"},
		{"a b", "(a & b)", "(a & b)"}, {"a AND b", "(a & b)", "(a & b)"}, {"a && b", "(a & b)", "(a & b)"}, {"+a +b", "(a & b)", "(a & b)"},
		{"a OR b c", "(a | (b & c))", "(a | (b & c))"}, {"a || b", "(a | b)", "(a | b)"}, {"(a OR b) c", "((a | b) & c)", "((a | b) & c)"},
		{"NOT a", "-a", "-a"}, {"-a b", "(-a & b)", "(-a & b)"}, {"!a", "-a", "-a"}, {"NOT NOT a", "--a", "--a"}, {"-(a OR b)", "-(a | b)", "-(a | b)"},
		{"a - b", "(a & b)", "(a & b)"}, {"- !", "none", "none"}, {"a -- b", "(a & b)", "(a & b)"}, {"ORDER ANDERS NOTIZ", "(ORDER & ANDERS & NOTIZ)", "(ORDER & ANDERS & NOTIZ)"},
		{`"a b" c`, "(a b & c)", "(a b & c)"}, {`"a b"*`, "a b*", "a b*"}, {`"a \" b"`, `a " b`, `a " b`}, {"wort*", "wort*", "wort*"},
		{"a OR *", "all", "all"}, {"a *", "a", "a"}, {"()", "all", "all"}, {"a()", "a", "a"},
		{"title:a", "title:a", "title=a"}, {"title:(a OR b)", "(title: & (a | b))", "(title=a | title=b)"}, {`Title:"a b" c`, "(Title: & a b & c)", "(Title=a b & c)"},
		{"responsible:*", "responsible:*", "responsible=*"}, {"start:[2016-01-01 TO *]", "(start:[2016-01-01 & TO)", "start=2016-01-01.."},
		{"portal_type:x*", "portal_type:x*", "portal_type=x*"}, {`id:a\:b`, `id:a\:b`, "id=a:b"}, {"-id:a", "-id:a", "-id=a"},
		{"start:2016-01-01TO2016-02-01", "start:2016-01-01TO2016-02-01", "start=2016-01-01..2016-02-01"}, {"created:*TO*", "created:*TO*", "created=*"},
		{"modified:[* TO 2016-01-01T00:00:00Z]", "", "modified=..2016-01-01T00:00:00Z"}, {"is_subdossier:1", "", "is_subdossier=true"},
		{"is_subdossier:(false OR True)", "", "(is_subdossier=false | is_subdossier=true)"}, {"sequence_number:[007 TO 9]", "", "sequence_number=7..9"},
		{"responsible:\"fd:john.doe\" OR responsible:\"inbox:fd\"", "", "(responsible=john.doe | responsible=inbox:fd)"},
	} {
		for _, fields := range []bool{false, true} {
			want := c.plain
			if fields {
				want = c.fields
			}
			if want == "" {
				continue
			}
			q, err := gever.ParseQuery(c.text, gever.Grammar{Fields: fields})
			if err != nil {
				t.Errorf("%s: %v", c.text, err)
			} else if got := shown(q); got != want {
				t.Errorf("%s (fields %v) is %s, want %s", c.text, fields, got, want)
			}
		}
	}
	if q, err := gever.ParseQuery(`ab c* "d e"`, gever.Grammar{Beginnings: true}); err != nil || shown(q) != "(ab* & c* & d e)" {
		t.Errorf("beginnings: %s, %v", shown(q), err)
	}
}

// TestParseAnything: no text breaks the parser, and what it reads is bounded.
func TestParseAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune(`ab "()[]{}*+-!:\&|ORANDTO1ß `))).Draw(t, "text")
		q, err := gever.ParseQuery(text, gever.Grammar{Fields: rapid.Bool().Draw(t, "fields")})
		if err == nil {
			words, rest := q.Split()
			if words != nil && !words.Textual() {
				t.Errorf("%s is no text", shown(words))
			}
			_ = shown(rest)
		}
	})
}

// TestWords: what is kept and what is asked for become the same words.
func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Straße STRASSE": "strasse strasse", "Bärengraben": "barengraben", "ﬁn ½": "fin 1 2", "a_b.c-d": "a b c d", "Œuvre Æon Øl": "oeuvre aeon ol",
		"ΣΊΣΥΦΟΣ σίσυφος": "σισυφοσ σισυφοσ", "so\u00adft": "soft", "\ue000\ue001x": "x", "": "", "½": "1 2", "ẞß": "ssss", "Ꭰ ꭰ": "ꭰ ꭰ", "１２": "12", "№ 5": "no 5",
	} {
		if got := strings.Join(gever.Words(text), " "); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		words := gever.Words(rapid.String().Draw(t, "text"))
		if again := gever.Words(strings.Join(words, " ")); !slices.Equal(words, again) {
			t.Errorf("%q, again %q", words, again)
		}
	})
}

// TestSortKey: the contract's own example (gever.md 2.9), and numbers in the
// order in which people count.
func TestSortKey(t *testing.T) {
	if got := gever.SortKey("Client1 1.1 / 1 / 14"); got != "client00000001 00000001.00000001 / 00000001 / 00000014" {
		t.Error(got)
	}
	numbers := []string{"FD", "FD 1", "FD 1 / 2", "FD 1 / 10", "FD 2", "FD 10", "FD 123456789"}
	for _, c := range []struct {
		document           bool
		path, number, want string
	}{
		{true, "vorlagen/document-4", "FD / 4", "vorlagen fd / 00000004"}, {true, "vorlagen/document-4", "Amt 1 / 4", "vorlagen amt 00000001 / 00000004"},
		{true, "vorlagen/document-4", "FD-4", "vorlagen fd-00000004"}, {true, "o/f/dossier-1/document-4", "FD 1 / 1 / 4", "fd 00000001 / 00000001 / 00000004"},
		{true, "o/f/dossier-1/document-4", "FD 1-1-4", "fd 00000001-00000001-00000004"}, {false, "o/f/dossier-1", "FD 1 / 1", "fd 00000001 / 00000001"},
		{true, "team/document-4", "", ""},
	} {
		if got := gever.SortKeyAt(c.document, c.path, c.number); got != c.want {
			t.Errorf("%s at %s sorts as %q, want %q", c.number, c.path, got, c.want)
		}
	}
	if !slices.IsSortedFunc(numbers, func(a, b string) int { return strings.Compare(gever.SortKey(a), gever.SortKey(b)) }) {
		t.Error("the keys do not sort")
	}
}

// TestKeptNumbers: numbers that are kept as text compare as numbers, and come
// back as they were.
func TestKeptNumbers(t *testing.T) {
	size, err := gever.AttributeOf("filesize")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		x, y := size.Kept(fmt.Sprint(a)), size.Kept(fmt.Sprint(b))
		if (a < b) != (x < y) || size.Shown(x) != fmt.Sprint(a) {
			t.Errorf("%d is kept as %s, %d as %s", a, x, b, y)
		}
	})
}

// TestAttributes: every field that holds a value to compare can be asked for,
// by its own name.
func TestAttributes(t *testing.T) {
	for _, kind := range gever.Types() {
		for i := range kind.Fields {
			f := &kind.Fields[i]
			_, err := gever.AttributeOf(f.Name)
			switch f.Kind {
			case gever.Choice, gever.IntChoice, gever.Date, gever.User, gever.Users, gever.TaskUser, gever.Terms, gever.Bool, gever.Int, gever.Text:
				if err != nil {
					t.Errorf("%s.%s cannot be asked for", kind.Name, f.Name)
				}
			default:
			}
		}
	}
}

package gever

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"loket/store/fault"
)

// Op is what a part of a query does.
type Op uint8

// The parts of queries.
const (
	And  Op = iota // all of its parts
	Or             // one of its parts
	Not            // not its part
	Leaf           // a condition on one field
	None           // nothing: words were asked for, and none are there
)

// Query is what somebody searches: a tree of conditions. Nil finds everything.
type Query struct {
	Op   Op
	Of   []*Query
	By   *Attribute // of a leaf; nil is the full text
	Test            // of a leaf
}

// Test is a leaf's condition.
type Test struct {
	Text   string // the value as it was written
	Prefix bool   // values that begin so
	Any    bool   // any value at all
	Range  bool   // between From and To, both included; "" is open
	From   string
	To     string
}

// The bounds of a query: more conditions or deeper ones mean nothing to people
// and cost much.
const (
	maxLeaves = 100
	maxDepth  = 20
	maxQuery  = 4000 // characters
)

// Grammar says which language a query is in.
type Grammar struct {
	// Fields lets `field:value`, `field:(a OR b)` and `field:[a TO b]` stand
	// for conditions on fields; without, a colon parts words.
	Fields bool
	// Beginnings takes each bare word as the beginning of one.
	Beginnings bool
	// Default is the field of what names none; nil is the full text.
	Default *Attribute
}

// BadQuery is the refusal of a query.
func BadQuery(format string, args ...any) error {
	return fault.New(fault.Invalid, BadRequest, format, args...)
}

// ParseQuery reads a query: words, of which all must be there; "quoted words"
// in their order; OR and AND between and NOT, - or ! before them; brackets;
// beginn* for words that begin so. A word with signs inside is the same as its
// parts in quotes. Nothing, * and *:* ask for everything.
func ParseQuery(text string, g Grammar) (*Query, error) {
	if utf8.RuneCountInString(text) > maxQuery {
		return nil, BadQuery("The query is longer than %d characters.", maxQuery)
	}
	p := &parser{Grammar: g, text: []rune(text)}
	q, err := p.either(g.Default, 0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.at < len(p.text) {
		return nil, BadQuery("The query has a closing bracket without an opening one at character %d.", p.at+1)
	}
	return q, nil
}

type parser struct {
	Grammar

	text   []rune
	at     int
	leaves int
}

func (p *parser) skip() {
	for p.at < len(p.text) && unicode.IsSpace(p.text[p.at]) {
		p.at++
	}
}

func (p *parser) next() rune {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// word takes an operator when it stands here as a word of its own.
func (p *parser) word(operators ...string) bool {
	p.skip()
	for _, o := range operators {
		end := p.at + len(o)
		if end > len(p.text) || string(p.text[p.at:end]) != o {
			continue
		}
		alone := end == len(p.text) || unicode.IsSpace(p.text[end])
		switch o {
		case "AND", "OR", "NOT":
			if !alone && p.text[end] != '(' && p.text[end] != '"' {
				continue
			}
		case "-", "!", "+": // a dash between words is none
			if alone {
				continue
			}
		}
		p.at = end
		return true
	}
	return false
}

func joined(op Op, a, b *Query) *Query {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	q := &Query{Op: op}
	for _, one := range []*Query{a, b} {
		if one.Op == op {
			q.Of = append(q.Of, one.Of...)
		} else {
			q.Of = append(q.Of, one)
		}
	}
	return q
}

func (p *parser) either(by *Attribute, depth int) (*Query, error) {
	if depth > maxDepth {
		return nil, BadQuery("The query has more than %d brackets in each other.", maxDepth)
	}
	all := false // one of the sides asks for everything
	q, err := p.both(by, depth)
	for err == nil && p.word("OR", "||") {
		var other *Query
		all = all || q == nil
		if other, err = p.both(by, depth); err == nil {
			all = all || other == nil
			q = joined(Or, q, other)
		}
	}
	if all {
		q = nil
	}
	return q, err
}

// both reads what stands side by side. Signs between words are passed over;
// where there is nothing else, nothing is found.
func (p *parser) both(by *Attribute, depth int) (*Query, error) {
	var q, signs *Query
	for {
		p.word("AND", "&&")
		before := p.at
		if p.skip(); p.at == len(p.text) || p.next() == ')' || p.word("OR", "||") {
			p.at = before
			if q == nil {
				q = signs
			}
			return q, nil
		}
		switch one, err := p.one(by, depth); {
		case err != nil:
			return nil, err
		case one != nil && one.Op == None:
			signs = one
		default:
			q = joined(And, q, one)
		}
	}
}

func (p *parser) one(by *Attribute, depth int) (*Query, error) {
	if p.word("NOT", "-", "!") {
		if p.skip(); p.at == len(p.text) || p.next() == ')' {
			return nil, BadQuery("The query ends after a NOT.")
		}
		q, err := p.one(by, depth+1)
		if err != nil || depth > maxDepth {
			return q, err
		}
		if q == nil || q.Op == None {
			return &Query{Op: None}, nil
		}
		return &Query{Op: Not, Of: []*Query{q}}, nil
	}
	p.word("+") // what must be there must be anyway
	switch p.next() {
	case '(':
		return p.brackets(by, depth)
	case '"':
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		return p.leaf(by, Test{Text: text, Prefix: p.star()})
	case '[', '{':
		if p.Fields {
			return p.between(by)
		}
	}
	return p.term(by, depth)
}

func (p *parser) star() bool {
	if p.next() == '*' {
		p.at++
		return true
	}
	return false
}

func (p *parser) brackets(by *Attribute, depth int) (*Query, error) {
	open := p.at + 1
	p.at++
	q, err := p.either(by, depth+1)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.next() != ')' {
		return nil, BadQuery("The bracket at character %d of the query is never closed.", open)
	}
	p.at++
	return q, nil
}

func (p *parser) quoted() (string, error) {
	open := p.at + 1
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch r := p.text[p.at]; {
		case r == '\\' && p.at+1 < len(p.text):
			p.at++
			b.WriteRune(p.text[p.at])
		case r == '"':
			p.at++
			return b.String(), nil
		default:
			b.WriteRune(r)
		}
	}
	return "", BadQuery("The quote at character %d of the query is never closed.", open)
}

// between reads [a TO b]; {a TO b}, without its ends, is refused.
func (p *parser) between(by *Attribute) (*Query, error) {
	end := p.at
	for end < len(p.text) && p.text[end] != ']' && p.text[end] != '}' {
		end++
	}
	inside := string(p.text[min(p.at+1, end):end])
	from, to, ok := strings.Cut(inside, " TO ")
	if p.text[p.at] == '{' || end == len(p.text) || p.text[end] == '}' || !ok {
		return nil, BadQuery("A range of the query must have the form field:[from TO to].")
	}
	p.at = end + 1
	bound := func(s string) string {
		if s = strings.Trim(strings.TrimSpace(s), `"`); s == "*" {
			return ""
		}
		return s
	}
	return p.leaf(by, Test{Range: true, From: bound(from), To: bound(to)})
}

// term reads a bare word, or a field with what it asks for.
func (p *parser) term(by *Attribute, depth int) (*Query, error) {
	var b strings.Builder
	for ; p.at < len(p.text); p.at++ {
		r := p.text[p.at]
		if r == '\\' && p.Fields && p.at+1 < len(p.text) {
			p.at++
			b.WriteRune(p.text[p.at])
			continue
		}
		if r == ':' && p.Fields && by == p.Default {
			if b.String() == "*" {
				b.Reset()
				continue // *:* is *
			}
			field, err := AttributeOf(b.String())
			if err != nil {
				return nil, err
			}
			p.at++
			return p.one(field, depth+1)
		}
		if unicode.IsSpace(r) || r == '(' || r == ')' || r == '"' {
			break
		}
		b.WriteRune(r)
	}
	text := b.String()
	if text == "" || text == "*" || text == "*:*" {
		return p.any(by)
	}
	word := strings.TrimRight(text, "*")
	return p.leaf(by, Test{Text: word, Prefix: word != text || p.Beginnings})
}

// any is a lone *: everything, or whatever has the field.
func (p *parser) any(by *Attribute) (*Query, error) {
	if by == p.Default || by == nil {
		return nil, nil
	}
	return p.leaf(by, Test{Any: true})
}

func (p *parser) leaf(by *Attribute, t Test) (*Query, error) {
	if p.leaves++; p.leaves > maxLeaves {
		return nil, BadQuery("The query has more than %d conditions.", maxLeaves)
	}
	return Where(by, t)
}

// Where is one condition.
func Where(by *Attribute, t Test) (*Query, error) {
	if by != nil && by.Source != FullText {
		t, err := by.read(t)
		if err != nil {
			return nil, err
		}
		return &Query{Op: Leaf, By: by, Test: t}, nil
	}
	switch {
	case t.Range:
		return nil, BadQuery("Text has no ranges.")
	case t.Any:
		return nil, nil
	case len(Words(t.Text)) == 0:
		return &Query{Op: None}, nil
	}
	return &Query{Op: Leaf, By: by, Test: t}, nil
}

// All joins queries: each must hold.
func All(queries ...*Query) *Query {
	var q *Query
	for _, one := range queries {
		if one != nil {
			q = joined(And, q, one)
		}
	}
	return q
}

// Either joins queries: one must hold; nil without any.
func Either(queries ...*Query) *Query {
	var q *Query
	for _, one := range queries {
		q = joined(Or, q, one)
	}
	return q
}

// Textual tells of a query that the full text can answer by itself.
func (q *Query) Textual() bool {
	switch {
	case q == nil, q.Op == None, q.Op == Not:
		return false
	case q.Op == Leaf:
		return q.By == nil || q.By.Source == FullText
	}
	positive := false
	for _, one := range q.Of {
		if q.Op == And && one.Op == Not && one.Of[0].Textual() {
			continue
		}
		if !one.Textual() {
			return false
		}
		positive = true
	}
	return positive
}

// Split parts a query into what the full text answers and the rest; both must
// hold.
func (q *Query) Split() (text, rest *Query) {
	if q.Textual() {
		return q, nil
	}
	if q == nil || q.Op != And {
		return nil, q
	}
	for _, one := range q.Of {
		if one.Textual() {
			text = All(text, one)
		} else {
			rest = All(rest, one)
		}
	}
	return text, rest
}

// Beginning tells of a query that asks for beginnings of words.
func (q *Query) Beginning() bool {
	return q.Prefix || slices.ContainsFunc(q.Of, (*Query).Beginning)
}

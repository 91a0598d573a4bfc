package vemap

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"loket/store/fault"
)

// Bounds of a template (section 5).
const (
	maxBlocks   = 500
	maxDepth    = 20
	maxTemplate = 256 << 10 // bytes of its JSON
	maxFont     = 100       // characters of a fontFamily (I48)
)

// The types of block.
const (
	blockLayout    = "EmailLayout"
	blockAvatar    = "Avatar"
	blockButton    = "Button"
	blockColumns   = "ColumnsContainer"
	blockContainer = "Container"
	blockDivider   = "Divider"
	blockHeading   = "Heading"
	blockHTML      = "Html"
	blockImage     = "Image"
	blockSpacer    = "Spacer"
	blockText      = "Text"
)

var blockTypes = []string{blockLayout, blockAvatar, blockButton, blockColumns, blockContainer, blockDivider,
	blockHeading, blockHTML, blockImage, blockSpacer, blockText}

const rootBlock = "root"

// CheckTemplate applies section 5 to a document of EmailBuilder.js: a root of
// type EmailLayout, known types, children that exist, no cycle, no block in two
// places, bounded in number and depth (Invalid, each fault at its block under
// pointer), and in size (TooLarge). Properties that it does not know are kept.
func CheckTemplate(pointer string, doc map[string]any) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, InvalidInput, "Bad request").With(Field(pointer, "must be JSON"))
	}
	if len(raw) > maxTemplate {
		return fault.New(fault.TooLarge, TemplateSize, "A template has at most 262144 bytes")
	}
	c := templateCheck{doc: doc, pointer: pointer, seen: make(map[string]bool)}
	c.blocks()
	if len(c.faults) == 0 {
		c.walk(rootBlock, 1)
	}
	return Invalid(c.faults...)
}

type templateCheck struct {
	doc     map[string]any
	pointer string
	seen    map[string]bool
	faults  []fault.Field
}

func (c *templateCheck) fault(block, detail string) {
	at := c.pointer
	if block != "" {
		at += "/" + escapePointer(block)
	}
	c.faults = append(c.faults, Field(at, detail))
}

func (c *templateCheck) blocks() {
	if len(c.doc) > maxBlocks {
		c.fault("", "must have at most "+strconv.Itoa(maxBlocks)+" blocks")
		return
	}
	if kind, _ := blockOf(c.doc, rootBlock); kind != blockLayout {
		c.fault(rootBlock, "must be a block of type EmailLayout")
	}
	for _, id := range sortedKeys(c.doc) {
		kind, data := blockOf(c.doc, id)
		switch {
		case !slices.Contains(blockTypes, kind):
			c.fault(id, "has no known type")
		case data == nil:
			c.fault(id, "must have data")
		case kind == blockLayout && id != rootBlock:
			c.fault(id, "only root is an EmailLayout")
		case utf8.RuneCountInString(text(style(kind, data), "fontFamily")) > maxFont:
			c.fault(id, "has a fontFamily of more than "+strconv.Itoa(maxFont)+" characters")
		}
	}
}

// walk goes down from a block. A block that is met twice is in two places or in
// a cycle; both end here, so the walk ends.
func (c *templateCheck) walk(id string, depth int) {
	c.seen[id] = true
	if depth > maxDepth {
		c.fault(id, "lies deeper than "+strconv.Itoa(maxDepth))
		return
	}
	children, ok := childrenOf(c.doc, id)
	if !ok {
		c.fault(id, "must name its children in a list of texts")
		return
	}
	for _, child := range children {
		switch _, there := c.doc[child]; {
		case !there:
			c.fault(id, "names a child that is not there")
		case c.seen[child]:
			c.fault(id, "names a child that stands elsewhere already")
		default:
			c.walk(child, depth+1)
		}
	}
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// blockOf is a block's type and data; "" and nil when it has none.
func blockOf(doc map[string]any, id string) (kind string, data map[string]any) {
	b, _ := doc[id].(map[string]any)
	data, _ = b["data"].(map[string]any)
	return text(b, "type"), data
}

// childrenOf lists the ids of a block's children, in order: of the layout in
// its data, of a container in its props, of columns in each column. false when
// they are not lists of texts.
func childrenOf(doc map[string]any, id string) ([]string, bool) {
	kind, data := blockOf(doc, id)
	switch kind {
	case blockLayout:
		return texts(data["childrenIds"])
	case blockContainer:
		return texts(props(data)["childrenIds"])
	case blockColumns:
		columns, _ := props(data)["columns"].([]any)
		var all []string
		for _, column := range columns {
			m, ok := column.(map[string]any)
			if !ok {
				return nil, false
			}
			ids, ok := texts(m["childrenIds"])
			if !ok {
				return nil, false
			}
			all = append(all, ids...)
		}
		return all, true
	}
	return nil, true
}

// style is where a block has its style: the layout flat in its data.
func style(kind string, data map[string]any) map[string]any {
	if kind == blockLayout {
		return data
	}
	m, _ := data["style"].(map[string]any)
	return m
}

func props(data map[string]any) map[string]any {
	m, _ := data["props"].(map[string]any)
	return m
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// texts reads a list of texts; null or absent is an empty list.
func texts(x any) ([]string, bool) {
	if x == nil {
		return nil, true
	}
	list, ok := x.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, e := range list {
		if out[i], ok = e.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

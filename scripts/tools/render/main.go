// Command render writes an OpenAPI document in YAML as JSON: the same content,
// keys in the order of the YAML, no white space between them.
//
//	render IN.yaml OUT.json
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: render IN.yaml OUT.json")
	}
	in, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(in, &doc); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return fmt.Errorf("%s: not one YAML document", args[0])
	}
	var out bytes.Buffer
	if err := write(&out, doc.Content[0]); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	out.WriteByte('\n')
	return os.WriteFile(args[1], out.Bytes(), 0o644) //nolint:gosec // a public document
}

// write appends a node. Anchors are refused: the served YAML must read like the
// JSON, and not every reader of OpenAPI follows them.
func write(out *bytes.Buffer, n *yaml.Node) error {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		return fmt.Errorf("line %d: anchors and aliases are not used here", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return writeObject(out, n)
	case yaml.SequenceNode:
		return writeArray(out, n)
	case yaml.ScalarNode:
		return writeScalar(out, n)
	default:
		return fmt.Errorf("line %d: unexpected kind of node", n.Line)
	}
}

func writeObject(out *bytes.Buffer, n *yaml.Node) error {
	seen := make(map[string]bool, len(n.Content)/2)
	out.WriteByte('{')
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if seen[key] {
			return fmt.Errorf("line %d: key %q stands here twice", n.Content[i].Line, key)
		}
		seen[key] = true
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeValue(out, key); err != nil {
			return err
		}
		out.WriteByte(':')
		if err := write(out, n.Content[i+1]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

func writeArray(out *bytes.Buffer, n *yaml.Node) error {
	out.WriteByte('[')
	for i, item := range n.Content {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := write(out, item); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

func writeScalar(out *bytes.Buffer, n *yaml.Node) error {
	switch n.Tag {
	case "!!str":
		return writeValue(out, n.Value)
	case "!!null", "!!bool", "!!int", "!!float":
		var v any
		if err := n.Decode(&v); err != nil {
			return err
		}
		return writeValue(out, v)
	default:
		// An unquoted date is a timestamp in YAML and a text in JSON: readers would differ.
		return fmt.Errorf("line %d: %q is a %s; put it between quotes", n.Line, n.Value, n.Tag)
	}
}

func writeValue(out *bytes.Buffer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // Encode ends with a newline
	return nil
}

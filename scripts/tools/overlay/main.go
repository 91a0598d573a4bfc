// Command overlay applies a hand-written overlay (OpenAPI Overlay 1.0.0) to a
// document: another form of the same API, of which only the differences are
// written. An action that finds nothing fails: the document has moved away
// from under it.
//
//	overlay DOCUMENT.yaml OVERLAY.yaml OUT.yaml
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/speakeasy-api/openapi/overlay"
	"gopkg.in/yaml.v3"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "overlay:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: overlay DOCUMENT.yaml OVERLAY.yaml OUT.yaml")
	}
	in, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(in, &doc); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	actions, err := overlay.Parse(args[1])
	if err != nil {
		return err
	}
	if err := actions.Validate(); err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	warnings, err := actions.ApplyToStrict(&doc)
	if err == nil && len(warnings) > 0 {
		err = fmt.Errorf("%v", warnings)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", args[1], err)
	}
	out := bytes.NewBufferString("# Made by scripts/generate from " + args[0] + " and " + args[1] + ". Do not edit.\n")
	e := yaml.NewEncoder(out)
	e.SetIndent(2)
	if err := e.Encode(&doc); err != nil {
		return err
	}
	return os.WriteFile(args[2], out.Bytes(), 0o644) //nolint:gosec // a public document
}

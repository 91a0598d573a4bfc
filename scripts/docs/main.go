// Command docs keeps the generated parts of openapi/<api>.md: the identities of
// the demo, each workflow of openapi/workflows as curl commands, and what of the
// contract is documented and what decided. Everything outside the markers is
// written by hand. Nothing imports it.
//
//	go run ./scripts/docs                    writes the parts anew
//	go run ./scripts/docs --check            fails when one is not what it would write
//	go run ./scripts/docs --prove URL API…   executes the commands as they stand in the
//	                                         files, against a Loket with demo data
//	                                         (bash, curl, jq)
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"loket/handlers"
	"loket/handlers/mount"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func run(ctx context.Context, args []string) error {
	apis := handlers.APIs(handlers.Deps{}) // only what they say of themselves is read
	switch {
	case len(args) == 0:
		return each(apis, write)
	case len(args) == 1 && args[0] == "--check":
		return each(apis, check)
	case len(args) > 2 && args[0] == "--prove":
		for _, name := range args[2:] {
			if err := proveNamed(ctx, apis, name, args[1]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	default:
		return errors.New("usage: docs [--check | --prove URL API…]")
	}
}

// each does all APIs and tells of every failure.
func each(apis []mount.API, do func(mount.API) error) error {
	var failed []error
	for _, api := range apis {
		if err := do(api); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", api.Name, err))
		}
	}
	return errors.Join(failed...)
}

func file(api mount.API) string { return filepath.Join("openapi", api.Name+".md") }

func write(api mount.API) error {
	old, now, err := render(api)
	if err != nil || old == now {
		return err
	}
	return os.WriteFile(file(api), []byte(now), 0o644) //nolint:gosec // a public document
}

func check(api mount.API) error {
	old, now, err := render(api)
	if err == nil && old != now {
		err = fmt.Errorf("%s is not what the documents say; run make docs", file(api))
	}
	return err
}

// render gives the file as it is and as it should be.
func render(api mount.API) (old, now string, err error) {
	text, err := os.ReadFile(file(api))
	if err != nil {
		return "", "", err
	}
	d, err := load(api)
	if err != nil {
		return "", "", err
	}
	parts, err := d.parts()
	if err != nil {
		return "", "", err
	}
	now = string(text)
	for name, part := range parts {
		if now, err = replace(now, name, part); err != nil {
			return "", "", fmt.Errorf("%s: %w", file(api), err)
		}
	}
	return string(text), now, nil
}

// replace puts a part between its markers, <!-- name --> and <!-- /name -->.
func replace(text, name, part string) (string, error) {
	before, _, after, err := cut(text, name)
	if err != nil {
		return "", err
	}
	return before + "\n" + strings.TrimSpace(part) + "\n" + after, nil
}

// cut gives what stands between the markers of a part, and what stands around,
// markers included.
func cut(text, name string) (before, inside, after string, err error) {
	open, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	if strings.Count(text, open) != 1 || strings.Count(text, end) != 1 {
		return "", "", "", fmt.Errorf("the markers %s and %s must stand there once each", strings.TrimSpace(open), end)
	}
	before, rest, _ := strings.Cut(text, open)
	inside, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", "", "", fmt.Errorf("%s stands before %s", end, strings.TrimSpace(open))
	}
	return before + open, inside, end + after, nil
}

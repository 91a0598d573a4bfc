package main

import (
	"context"
	_ "embed" // the preamble
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"loket/handlers/mount"
)

// preamble is bash in which curl keeps the last answer, and expect holds it
// against what a step says.
//
//go:embed preamble.sh
var preamble string

func proveNamed(ctx context.Context, apis []mount.API, name, origin string) error {
	i := slices.IndexFunc(apis, func(a mount.API) bool { return a.Name == name })
	if i < 0 {
		return errors.New("there is no such API")
	}
	return prove(ctx, apis[i], origin)
}

// prove executes the blocks of an API's file, in order, in one shell: what
// stands in the file, not what would be rendered now. Behind the block of a
// step stands what the workflow expects of its answer.
func prove(ctx context.Context, api mount.API, origin string) error {
	if err := check(api); err != nil {
		return err
	}
	text, err := os.ReadFile(file(api))
	if err != nil {
		return err
	}
	_, part, _, err := cut(string(text), "workflows")
	if err != nil {
		return err
	}
	d, err := load(api)
	if err != nil {
		return err
	}
	script, steps, err := d.script(blocks(part))
	if err != nil {
		return err
	}
	if err := execute(ctx, strings.ReplaceAll(script, defaultOrigin, origin), steps); err != nil {
		return fmt.Errorf("the commands of %s: %w", file(api), err)
	}
	fmt.Printf("docs: %s: %d steps, each with the answer that the workflow expects\n", file(api), steps)
	return nil
}

// execute runs a script in a folder of its own; each of its steps must have
// been proved.
func execute(ctx context.Context, script string, steps int) error {
	dir, err := os.MkdirTemp("", "docs")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var wrong strings.Builder
	bash := exec.CommandContext(ctx, "bash", "-c", preamble+script) //nolint:gosec // our own text
	bash.Dir, bash.Stderr = dir, &wrong
	out, err := bash.Output()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, wrong.String())
	}
	if done := strings.Count(string(out), "\nproved: "); done != steps || steps == 0 {
		return fmt.Errorf("%d of %d steps were proved", done, steps)
	}
	return nil
}

// script puts the blocks of a file and the expectations of its workflows
// together.
func (d *document) script(blocks []string) (script string, steps int, err error) {
	next := func() string {
		if len(blocks) == 0 {
			err = errors.New("there are too few blocks of commands")
			return ""
		}
		b := blocks[0]
		blocks = blocks[1:]
		return b
	}
	var b strings.Builder
	b.WriteString(next())
	for i := range d.workflows {
		f, err := d.flow(i)
		if err != nil {
			return "", 0, err
		}
		if f.inputs != "" {
			b.WriteString(next())
		}
		for _, c := range f.steps {
			steps++
			b.WriteString(next())
			fmt.Fprintf(&b, "expect %s %s\n", d.workflows[i].WorkflowID+"/"+c.id, c.status)
			for _, k := range c.checks {
				source := `"$proof/body"`
				program := k.jq
				flag := "-e"
				if k.header != "" {
					flag, source = "-eR", `<(header `+k.header+`)`
				}
				fmt.Fprintf(&b, "%s %s >/dev/null || wrong %s\n", jq(flag, program, k.vars), source, single(program))
			}
			fmt.Fprintf(&b, "printf '\\nproved: %%s\\n' %s\n", c.id)
		}
	}
	if err == nil && len(blocks) > 0 {
		err = fmt.Errorf("%d blocks of commands belong to no step", len(blocks))
	}
	return b.String(), steps, err
}

// blocks are the shell commands of a text in Markdown.
func blocks(text string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(text, "```sh\n")
		if !ok {
			return out
		}
		block, after, _ := strings.Cut(rest, "```")
		out = append(out, block)
		text = after
	}
}

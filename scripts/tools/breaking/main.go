// Command breaking compares each openapi/*.yaml of the working tree with that of
// the last tag, by oasdiff, and fails on a breaking change that CHANGELOG.md does
// not name. scripts/breaking runs it, from the folder of the repository:
//
//	breaking OASDIFF
//
// OASDIFF is the program. A change is named by a line under *Unreleased* that
// holds the word BREAKING, the API, the operation, and oasdiff's rule:
//
//   - BREAKING capo GET /project api-path-removed-without-deprecation: why.
//
// A change that belongs to no operation is named without one; a document that is
// gone by `BREAKING capo document-removed`. Where there is no tag nothing is
// compared; the command says so and succeeds.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// change is one finding of oasdiff.
type change struct {
	API       string `json:"-"`
	Rule      string `json:"id"`
	Text      string `json:"text"`
	Level     int    `json:"level"` // 3 is an error, 2 a warning: it may break some clients
	Operation string `json:"operation"`
	Path      string `json:"path"`
}

const breaks = 3

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: breaking OASDIFF")
		os.Exit(2)
	}
	ok, err := run(os.Args[1], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "breaking:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func run(oasdiff string, out io.Writer) (bool, error) {
	tag, err := lastTag()
	if err != nil {
		return false, err
	}
	if tag == "" {
		shallow, err := git("rev-parse", "--is-shallow-repository")
		if err != nil {
			return false, err
		}
		fmt.Fprintln(out, "breaking: there is no tag to compare with; nothing was compared")
		if strings.TrimSpace(shallow) == "true" {
			fmt.Fprintln(out, "breaking: this clone is shallow, the tags may be elsewhere: git fetch --tags --unshallow")
		}
		return true, nil
	}
	all, documents, err := changes(oasdiff, tag)
	if err != nil {
		return false, err
	}
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return false, err
	}
	return judge(out, tag, documents, all, unreleased(string(text))), nil
}

// judge tells every change and whether all that break are named.
func judge(out io.Writer, tag string, documents int, all []change, lines []string) bool {
	ok := true
	for _, c := range all {
		verdict := "may break clients"
		switch {
		case c.Level >= breaks && c.named(lines):
			verdict = "breaks clients, and CHANGELOG names it"
		case c.Level >= breaks:
			verdict, ok = "BREAKS CLIENTS and CHANGELOG does not name it", false
		}
		fmt.Fprintf(out, "%s: %s: %s\n", c, c.Text, verdict)
	}
	fmt.Fprintf(out, "breaking: %d documents compared with %s, %d changes of note\n", documents, tag, len(all))
	if !ok {
		fmt.Fprintln(out, "breaking: take the change back, or name it under Unreleased in CHANGELOG.md: - BREAKING, what stands before the first colon above, and why")
	}
	return ok
}

// String is what a line of CHANGELOG names a change by.
func (c change) String() string { return strings.Join(c.words(), " ") }

func (c change) words() []string {
	words := []string{c.API}
	if c.Path != "" {
		words = append(words, c.Operation, c.Path)
	}
	return append(words, c.Rule)
}

// named looks for a line with BREAKING and then the words of the change, in a row.
func (c change) named(lines []string) bool {
	want := " " + strings.Join(append([]string{"BREAKING"}, c.words()...), " ") + " "
	for _, line := range lines {
		plain := strings.NewReplacer("`", "", ": ", " ", ". ", " ").Replace(line + " ")
		if strings.Contains(" "+strings.Join(strings.Fields(plain), " ")+" ", want) {
			return true
		}
	}
	return false
}

// unreleased are the lines of CHANGELOG's section of that name.
func unreleased(text string) []string {
	var lines []string
	in := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "## ") {
			in = strings.Contains(line, "Unreleased")
			continue
		}
		if in {
			lines = append(lines, line)
		}
	}
	return lines
}

// changes compares the documents of the tag with those that are here.
func changes(oasdiff, tag string) (all []change, documents int, err error) {
	names, err := git("ls-tree", "--name-only", tag, "openapi/")
	if err != nil {
		return nil, 0, err
	}
	work, err := os.MkdirTemp("", "breaking")
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	for _, name := range strings.Fields(names) {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		documents++
		api := strings.TrimSuffix(filepath.Base(name), ".yaml")
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			all = append(all, change{API: api, Rule: "document-removed", Text: "the document is gone", Level: breaks})
			continue
		}
		text, err := git("show", tag+":"+name)
		if err != nil {
			return nil, 0, err
		}
		old := filepath.Join(work, filepath.Base(name))
		if err := os.WriteFile(old, []byte(text), 0o600); err != nil {
			return nil, 0, err
		}
		found, err := compare(oasdiff, api, old, name)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, found...)
	}
	return all, documents, nil
}

func compare(oasdiff, api, old, now string) ([]change, error) {
	text, err := output(exec.Command(oasdiff, "breaking", "--format", "json", old, now))
	if err != nil {
		return nil, err
	}
	var found []change
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return nil, fmt.Errorf("oasdiff on %s: %w", now, err)
	}
	for i := range found {
		found[i].API = api
	}
	return slices.CompactFunc(found, func(a, b change) bool { return a.String() == b.String() && a.Text == b.Text }), nil
}

// lastTag is the last one that this commit comes from; "" when there is none.
func lastTag() (string, error) {
	tags, err := git("tag", "--merged", "HEAD")
	if err != nil || strings.TrimSpace(tags) == "" {
		return "", err
	}
	tag, err := git("describe", "--tags", "--abbrev=0")
	return strings.TrimSpace(tag), err
}

func git(args ...string) (string, error) { return output(exec.Command("git", args...)) }

func output(c *exec.Cmd) (string, error) {
	var out, faults bytes.Buffer
	c.Stdout, c.Stderr = &out, &faults
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(c.Args, " "), err, strings.TrimSpace(faults.String()))
	}
	return out.String(), nil
}

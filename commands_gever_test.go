package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/store/gever"
)

// TestGEVERUserAdd: the first Manager of an empty store is made by a command;
// what is missing is said in one line.
func TestGEVERUserAdd(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	add := func(password string, args ...string) (int, string) {
		var out, err bytes.Buffer
		code := run(t.Context(), append([]string{"user", "add", "gever", "--data", data}, args...), nil, streams{in: strings.NewReader(password), out: &out, err: &err})
		return code, out.String() + err.String()
	}
	for _, c := range []struct {
		password string
		args     []string
		code     int
		text     string
	}{
		{"Lang-Genug-1!\n", []string{"--id", "chef", "--role", "Manager", "--lastname", "Chef"}, 0, "chef is [Manager] at /"},
		{"Noch-Besser-2!", []string{"--id", "chef", "--role", "Manager,Editor"}, 0, "chef is [Manager Editor] at /"},
		{"kurz", []string{"--id", "x", "--role", "Manager"}, 2, "at least 8 characters"},
		{"Lang-Genug-1!", []string{"--role", "Manager"}, 2, "--id is needed"},
		{"Lang-Genug-1!", []string{"--id", "x", "--role", "König"}, 2, "--role must be of"},
		{"Lang-Genug-1!", []string{"--id", "x", "--role", "Reader", "--path", "/nichts"}, 1, ""},
	} {
		if code, text := add(c.password, c.args...); code != c.code || !strings.Contains(text, c.text) || strings.Contains(text, "Lang-Genug") {
			t.Errorf("%v: %d %s", c.args, code, text)
		}
	}
}

// TestGEVERGroupAdd: groups are made of users that are there.
func TestGEVERGroupAdd(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, c := range []struct {
		args []string
		code int
		text string
	}{
		{[]string{"user", "add", "gever", "--id", "chef", "--role", "Manager"}, 0, "chef"},
		{[]string{"group", "add", "gever", "--id", "fd_users", "--title", "Alle", "--member", "chef"}, 0, "fd_users has 1 members and is [] at /"},
		{[]string{"group", "add", "gever", "--id", "fd_users", "--role", "Reader,Editor"}, 0, "fd_users has 0 members and is [Reader Editor] at /"},
		{[]string{"group", "add", "gever", "--id", "AuthenticatedUsers"}, 2, "is taken"},
		{[]string{"group", "add", "gever"}, 2, "--id is needed"},
		{[]string{"group", "add", "gever", "--id", "x", "--role", "König"}, 2, "--role must be of"},
		{[]string{"group", "add", "gever", "--id", "x", "--member", "niemand"}, 1, "no such"},
		{[]string{"group", "add", "gever", "--id", "x", "--role", "Reader", "--path", "nichts"}, 1, "no such"},
	} {
		var out, err bytes.Buffer
		code := run(t.Context(), append(c.args, "--data", data), nil, streams{in: strings.NewReader("Lang-Genug-1!"), out: &out, err: &err})
		if text := out.String() + err.String(); code != c.code || !strings.Contains(text, c.text) {
			t.Errorf("%v: %d %s", c.args, code, text)
		}
	}
}

// TestGEVERReadme: the diagram is that of the tables.
func TestGEVERReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := "<!-- gever-states -->\n```mermaid\n" + gever.Mermaid() + "```\n<!-- /gever-states -->"; !strings.Contains(string(text), want) {
		t.Errorf("README's diagram is out of date; it should be\n%s", want)
	}
}

// TestGEVERSettings: what cannot be used is named at the start.
func TestGEVERSettings(t *testing.T) {
	for setting, want := range map[string]string{
		"LOKET_GEVER_FIRST_PREFIX=A": "LOKET_GEVER_FIRST_PREFIX must", "LOKET_GEVER_FIRST_PREFIX=1 2": "LOKET_GEVER_FIRST_PREFIX must", "LOKET_GEVER_REFERENCE=dots": "LOKET_GEVER_REFERENCE must", "LOKET_GEVER_TIMEZONE=Mars": "LOKET_GEVER_TIMEZONE must", "LOKET_GEVER_FOLDER_DEPTH=-1": "LOKET_GEVER_FOLDER_DEPTH must",
		"LOKET_GEVER_MAX_UPLOAD=0": "LOKET_GEVER_MAX_UPLOAD must", "LOKET_GEVER_PRIVATE_QUOTA=-1": "LOKET_GEVER_PRIVATE_QUOTA must",
	} {
		code, _, errs := loket(t, []string{setting}, "serve", "--addr", "127.0.0.1:0", "--data", t.TempDir())
		if code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: %d %s", setting, code, errs)
		}
	}
}

// TestGEVERContract: page and live are taken, another word is refused in one
// line.
func TestGEVERContract(t *testing.T) {
	for value, want := range map[string]gever.Contract{"": gever.PageContract, "page": gever.PageContract, "live": gever.LiveContract, "neu": ""} {
		environ := []string{"LOKET_GEVER_CONTRACT=" + value}
		if value == "" {
			environ = nil
		}
		c, err := Load(environ)
		if err != nil {
			t.Fatal(err)
		}
		switch err := c.Validate(); {
		case want == "":
			if err == nil || !strings.Contains(err.Error(), "LOKET_GEVER_CONTRACT must be page or live") {
				t.Errorf("%q: %v", value, err)
			}
		case err != nil || c.GEVER.settings().Contract != want:
			t.Errorf("%q: %v, %q", value, err, c.GEVER.settings().Contract)
		}
	}
}

package main

import (
	"io"
	"strings"
	"testing"
)

func TestNamed(t *testing.T) {
	removed := change{API: "capo", Rule: "api-path-removed-without-deprecation", Level: breaks, Operation: "GET", Path: "/project"}
	header := func(lines ...string) string {
		return "# Changelog\n\n## [Unreleased]\n\n### Changed\n\n" + strings.Join(lines, "\n") + "\n\n## [1.0.0]\n\n- BREAKING capo GET /old api-path-removed-without-deprecation: long ago.\n"
	}
	for name, c := range map[string]struct {
		change change
		text   string
		ok     bool
	}{
		"not named":             {removed, header("- Something else."), false},
		"named":                 {removed, header("- BREAKING capo GET /project api-path-removed-without-deprecation: nobody reads it."), true},
		"named as code":         {removed, header("- BREAKING capo `GET /project` `api-path-removed-without-deprecation`: nobody reads it."), true},
		"another API":           {removed, header("- BREAKING gever GET /project api-path-removed-without-deprecation: …"), false},
		"another operation":     {removed, header("- BREAKING capo GET /project/{projectId} api-path-removed-without-deprecation: …"), false},
		"another method":        {removed, header("- BREAKING capo PUT /project api-path-removed-without-deprecation: …"), false},
		"another rule":          {removed, header("- BREAKING capo GET /project response-property-removed: …"), false},
		"without the word":      {removed, header("- capo GET /project api-path-removed-without-deprecation"), false},
		"released long ago":     {change{API: "capo", Rule: removed.Rule, Level: breaks, Operation: "GET", Path: "/old"}, header(), false},
		"of no operation":       {change{API: "capo", Rule: "document-removed", Level: breaks}, header("- BREAKING capo document-removed: it has moved."), true},
		"a warning":             {change{API: "capo", Rule: "x", Level: breaks - 1, Operation: "GET", Path: "/project"}, header(), true},
		"a longer rule's start": {change{API: "capo", Rule: "document", Level: breaks}, header("- BREAKING capo document-removed: it has moved."), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := judge(io.Discard, "v1.0.0", 1, []change{c.change}, unreleased(c.text)); got != c.ok {
				t.Errorf("got %v", got)
			}
		})
	}
}

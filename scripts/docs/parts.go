package main

import (
	"fmt"
	"strings"
)

// words of the generated parts, by the language of the API.
type words struct {
	who, secret, what   string // identities
	answer, within      string // workflows
	documented, decided string // operations
}

var languages = map[string]words{
	"nl": {"wie", "token of wachtwoord", "wat", "Antwoord", "een object met", "Gedocumenteerd: deze operaties staan op de pagina.", "Besloten, met de reden:"},
	"de": {"wer", "Token oder Passwort", "was", "Antwort", "ein Objekt mit", "Dokumentiert: diese Operationen stehen auf der Seite.", "Entschieden, mit dem Grund:"},
	"en": {"who", "token or password", "what", "Answer", "an object with", "Documented: these operations are on the page.", "Decided, with the reason:"},
}

// parts are the generated parts by the names of their markers.
func (d *document) parts() (map[string]string, error) {
	w, ok := languages[d.api.Language]
	if !ok {
		return nil, fmt.Errorf("no words in %q", d.api.Language)
	}
	workflows, err := d.workflowsPart(w)
	if err != nil {
		return nil, err
	}
	return map[string]string{"identities": d.identitiesPart(w), "workflows": workflows, "origin": d.originPart(w)}, nil
}

func (d *document) identitiesPart(w words) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s | %s |\n|---|---|---|\n", w.who, w.secret, w.what)
	for _, i := range d.api.Identities {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", i.Name, i.Secret, i.Note)
	}
	return b.String()
}

// originPart lists the operations that are documented, then those that are
// decided under their reasons.
func (d *document) originPart(w words) string {
	var b strings.Builder
	var reasons []string
	decided := map[string][]string{}
	documented := 0
	for _, o := range d.operations {
		line := fmt.Sprintf("- `%s %s`: %s\n", o.Method, o.Path, o.Summary)
		if o.Origin == "documented" {
			if documented++; documented == 1 {
				fmt.Fprintf(&b, "%s\n\n", w.documented)
			}
			b.WriteString(line)
			continue
		}
		if _, ok := decided[o.Reason]; !ok {
			reasons = append(reasons, o.Reason)
		}
		decided[o.Reason] = append(decided[o.Reason], line)
	}
	if len(reasons) > 0 {
		fmt.Fprintf(&b, "\n%s\n", w.decided)
	}
	for _, reason := range reasons {
		fmt.Fprintf(&b, "\n%s\n\n%s", reason, strings.Join(decided[reason], ""))
	}
	return b.String()
}

func (d *document) workflowsPart(w words) (string, error) {
	var b strings.Builder
	if len(d.workflows) > 0 {
		fmt.Fprintf(&b, "```sh\nbase=%s%s\n```\n", defaultOrigin, d.api.Base())
	}
	for i := range d.workflows {
		flow, err := d.flow(i)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.workflows[i].WorkflowID, err)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", flow.summary, flow.description)
		if flow.inputs != "" {
			fmt.Fprintf(&b, "\n```sh\n%s```\n", flow.inputs)
		}
		for n, s := range flow.steps {
			fmt.Fprintf(&b, "\n%d. %s\n\n```sh\n%s```\n\n%s: %s\n", n+1, s.description, s.commands, w.answer, strings.Join(s.expected(w), ", "))
		}
	}
	return b.String(), nil
}

package gever

import (
	"fmt"
	"strings"
)

// Mermaid draws the workflows of dossiers, documents and tasks for the README,
// from their tables; in parentheses who may.
func Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, name := range []string{DossierType, DocumentType, TaskType} {
		w := TypeOf(name).Workflow
		label := name[strings.LastIndexByte(name, '.')+1:]
		if name == DossierType {
			label = "dossier"
		}
		fmt.Fprintf(&b, "    state %s {\n        [*] --> %s\n", label, short(label, w.Initial))
		for _, t := range w.Transitions {
			roles := make([]string, len(t.Who))
			for i, r := range t.Who {
				roles[i] = string(r)
			}
			fmt.Fprintf(&b, "        %s --> %s : %s (%s)\n", short(label, t.From), short(label, t.To), t.Name[strings.Index(t.Name, "-transition-")+len("-transition-"):], strings.Join(roles, ", "))
		}
		b.WriteString("    }\n")
	}
	return b.String()
}

// short is a state's name within its diagram, as Mermaid takes it.
func short(label, state string) string {
	return label + "_" + strings.ReplaceAll(strings.TrimPrefix(state, label+"-state-"), "-", "_")
}

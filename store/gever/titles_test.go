package gever

import (
	"slices"
	"testing"
)

// shownTitles are all titles that the tables hold.
func shownTitles() []string {
	out := []string{"Standard", "Erstellt", "Anzeigen", "Bearbeiten", "Auschecken", "Einchecken", "Abmelden", InboxTitle}
	fields := func(list []Field) {
		for i := range list {
			out = append(out, list[i].Title)
		}
	}
	flows := []*Workflow{workspaceDocumentWorkflow}
	for _, t := range types {
		out = append(out, t.Title)
		fields(t.Fields)
		flows = append(flows, t.Workflow)
	}
	for _, w := range flows {
		for _, state := range w.States {
			out = append(out, StateTitle(state))
		}
		for _, t := range w.Transitions {
			out = append(out, t.Title)
			fields(t.Fields)
		}
	}
	for _, r := range Shared {
		out = append(out, r.Title)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestTitles: none is missing in any language, and the catalogue holds nothing
// that nobody shows.
func TestTitles(t *testing.T) {
	all := shownTitles()
	plain := []string{"site"} // a state without a name for people
	for _, title := range all {
		c, ok := catalogue[title]
		if (!ok || c.fr == "" || c.en == "") && !slices.Contains(plain, title) {
			t.Errorf("%q has no title in French or English", title)
		}
		if Titled("de", title) != title || ok && (Titled("fr", title) != c.fr || Titled("en", title) != c.en) {
			t.Errorf("%q is not what the catalogue says", title)
		}
	}
	for title := range catalogue {
		if !slices.Contains(all, title) {
			t.Errorf("nobody shows %q", title)
		}
	}
	if got := Titled("fr", "Ein Dossier"); got != "Ein Dossier" {
		t.Error(got)
	}
}

// TestTermTitles: every value has a title in every language, but numbers, which are
// the same in all.
func TestTermTitles(t *testing.T) {
	all := map[string][]Term{"participation roles": ParticipationRoles, "journal categories": JournalCategories}
	for name, terms := range vocabularies {
		all[name] = terms
	}
	for name, terms := range all {
		for _, term := range terms {
			number := term.Token == term.Title
			if term.Title == "" || !number && (term.Fr == "" || term.En == "") {
				t.Errorf("%s %q: %+v", name, term.Token, term)
			}
			if term.In("fr") == "" || term.In("en") == "" || term.In("de") != term.Title {
				t.Errorf("%s %q", name, term.Token)
			}
		}
	}
}

package gever_test

import (
	"strings"
	"testing"
)

// TestTitlesByLanguage: Accept-Language picks the titles of types, fields,
// states, transitions, roles and values wherever an endpoint shows them; German
// is what nobody asking for another gets.
func TestTitlesByLanguage(t *testing.T) { inBoth(t, testTitlesByLanguage) }

//nolint:misspell // French
func testTitlesByLanguage(t *testing.T, open opener) {
	r := open(t)
	r.transition(dossier42, "dossier-transition-resolve", nil)
	task := r.make(dossier23, taskType, task(object{"title": "x"}))
	r.transition(task, "task-transition-modify-deadline", object{"new_deadline": "2027-01-01"})
	first := func(list any, key string) any { return list.([]any)[0].(map[string]any)[key] }
	for _, c := range []struct {
		name, path string
		pick       func(any) any
		titles     string // de|fr|en
	}{
		{"@types", fuehrung + "/@types", func(v any) any {
			for _, one := range v.([]any) {
				if o := one.(map[string]any); strings.HasSuffix(o["@id"].(string), dossierType) {
					return o["title"]
				}
			}
			return nil
		}, "Geschäftsdossier|Dossier d'affaires|Business case dossier"},
		{"@types/{type}", fuehrung + "/@types/" + dossierType, func(v any) any { return at(v, "title") }, "Geschäftsdossier|Dossier d'affaires|Business case dossier"},
		{"@schema.fieldset", dossier23 + "/@schema", func(v any) any { return first(at(v, "fieldsets"), "title") }, "Standard|Standard|Default"},
		{"@schema.field", dossier23 + "/@schema", func(v any) any { return at(v, "properties", "responsible", "title") }, "Federführung|Responsable|Responsible"},
		{"@schema.values", dossier23 + "/@schema", func(v any) any { return at(v, "properties", "classification", "enumNames").([]any)[0] }, "Nicht klassifiziert|Non classifié|Unprotected"},
		{"@vocabularies", dossier23 + "/@vocabularies/classification", func(v any) any { return first(at(v, "items"), "title") }, "Nicht klassifiziert|Non classifié|Unprotected"},
		{"@querysources", dossier23 + "/@querysources/" + taskType + "/responsible?query=inbox", func(v any) any { return first(at(v, "items"), "title") }, "Eingangskorb Finanzdirektion|Corbeille d'entrée Finanzdirektion|Inbox Finanzdirektion"},
		{"@workflow.transition", dossier42 + "/@workflow", func(v any) any { return first(at(v, "transitions"), "title") }, "Wiedereröffnen|Rouvrir|Reopen"},
		{"@workflow.state", dossier42 + "/@workflow", func(v any) any { l := at(v, "history").([]any); return l[len(l)-1].(map[string]any)["title"] }, "Erledigt|Réglé|Resolved"},
		{"@workflow-schema", dossier23 + "/@workflow-schema/dossier-transition-resolve", func(v any) any { return at(v, "properties", "comment", "title") }, "Kommentar|Commentaire|Comment"},
		{"@history.transition", dossier42 + "/@history", func(v any) any { return first(v, "transition_title") }, "Abschliessen|Clore|Close"},
		{"@history.state", dossier42 + "/@history", func(v any) any { return first(v, "state_title") }, "Erledigt|Réglé|Resolved"},
		{"review_state_label", fuehrung + "?metadata_fields=review_state_label", func(v any) any { return first(at(v, "items"), "review_state_label") }, "Aktiv|Actif|Active"},
		{"@listing.type", fuehrung + "/@listing?name=dossiers&columns=type", func(v any) any { return first(at(v, "items"), "type") }, "Geschäftsdossier|Dossier d'affaires|Business case dossier"},
		{"@listing.facets", fuehrung + "/@listing?name=dossiers&facets=review_state", func(v any) any { return at(v, "facets", "review_state", "dossier-state-resolved", "label") }, "Erledigt|Réglé|Resolved"},
		{"@solrsearch.facets", base + "/@solrsearch?facet=true&facet.field=classification", func(v any) any { return at(v, "facet_counts", "classification", "unprotected", "label") }, "Nicht klassifiziert|Non classifié|Unprotected"},
		{"@sharing", dossier23 + "/@sharing", func(v any) any { return first(at(v, "available_roles"), "title") }, "Lesen|Lire|Read"},
		{"@participations", dossier23 + "/@participations", func(v any) any { return first(at(v, "available_roles"), "title") }, "Schlusszeichnung|Signature finale|Final signature"},
		{"@actions", dossier23 + "/@actions", func(v any) any { return first(at(v, "object"), "title") }, "Anzeigen|Afficher|View"},
		{"@responses", task + "/@responses", func(v any) any { return first(first(at(v, "items"), "changes"), "field_title") }, "Zu erledigen bis|À régler jusqu'au|Deadline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			titles := strings.Split(c.titles, "|")
			for header, want := range map[string]string{"": titles[0], "de-CH": titles[0], "fr-CH, de;q=0.5": titles[1], "en": titles[2], "it": titles[0]} {
				var got any
				r.ask(200, "GET", c.path, nil, "Accept-Language", header).JSON(t, &got)
				if c.pick(got) != want {
					t.Errorf("%s: %v, want %s", header, c.pick(got), want)
				}
			}
		})
	}
}

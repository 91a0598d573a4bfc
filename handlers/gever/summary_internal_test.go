package gever

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// TestSummaries holds the keys of a summary (gever.md 0.1 rule 6, 1.7) against
// what each contract makes of an object: in items and hits, and elsewhere.
func TestSummaries(t *testing.T) {
	type object = map[string]any
	docx := gever.Values{"file": &gever.Stored{Name: "Vertrag.DOCX"}}
	for name, c := range map[string]struct {
		o             geverdb.Object
		page          object
		item, summary object // live, beside @id and @type
	}{
		"site": {
			geverdb.Object{Type: gever.TypeOf(gever.SiteType), UID: "1", State: "site"},
			object{"title": "Finanzdirektion", "description": nil},
			object{"title": "Finanzdirektion", "description": "", "is_leafnode": nil},
			object{"title": "Finanzdirektion", "description": "", "is_leafnode": nil},
		},
		"root": {
			geverdb.Object{Type: gever.TypeOf(gever.RootType), UID: "2", State: "s", Title: "System", Values: gever.Values{"title_de": "System", "title_fr": "Système"}},
			object{"title": "System", "description": nil},
			object{"title": "Système", "description": "", "UID": "2", "review_state": "s", "is_leafnode": nil},
			object{"title": "Système", "description": "", "UID": "2", "review_state": "s", "is_leafnode": nil},
		},
		"folder": {
			geverdb.Object{
				Type: gever.TypeOf(gever.FolderType), UID: "3", State: "s", Title: "Verträge", Description: "Alle", Reference: "FD ZZ 1.1", FirstFolder: true,
				Values: gever.Values{"title_en": "Contracts"},
			},
			object{"title": "Verträge", "description": "Alle"},
			object{"title": "1.1. Verträge", "description": "Alle", "UID": "3", "review_state": "s", "is_leafnode": false}, // en is not enabled
			object{"title": "1.1. Verträge", "description": "Alle", "UID": "3", "review_state": "s", "is_leafnode": false},
		},
		"subdossier": {
			geverdb.Object{Type: gever.TypeOf(gever.DossierType), UID: "4", State: "s", Title: "Sub", Subdossier: true, Reference: "FD 1 / 1.1", Values: gever.Values{"dossier_type": "businesscase"}},
			object{"title": "Sub", "description": nil},
			object{"title": "Sub", "description": "", "UID": "4", "review_state": "s", "is_leafnode": nil, "is_subdossier": true},
			object{"title": "Sub", "description": "", "UID": "4", "review_state": "s", "is_leafnode": nil, "is_subdossier": true, "dossier_type": "businesscase"},
		},
		"document": {
			geverdb.Object{Type: gever.TypeOf(gever.DocumentType), UID: "5", State: "s", Title: "Vertrag", CheckedOutBy: "john.doe", Values: docx},
			object{"title": "Vertrag", "description": nil},
			object{"title": "Vertrag", "description": "", "UID": "5", "review_state": "s", "is_leafnode": nil, "checked_out": "john.doe", "file_extension": ".docx"},
			object{"title": "Vertrag", "description": "", "UID": "5", "review_state": "s", "is_leafnode": nil, "checked_out": nil, "file_extension": ".docx"},
		},
		"mail": {
			geverdb.Object{Type: gever.TypeOf(gever.MailType), UID: "6", State: "s", Title: "Mail"},
			object{"title": "Mail", "description": nil},
			object{"title": "Mail", "description": "", "UID": "6", "review_state": "s", "is_leafnode": nil, "checked_out": "", "file_extension": nil},
			object{"title": "Mail", "description": "", "UID": "6", "review_state": "s", "is_leafnode": nil, "checked_out": nil, "file_extension": nil},
		},
		"task": {
			geverdb.Object{Type: gever.TypeOf(gever.TaskType), UID: "7", State: "s", Title: "Aufgabe"},
			object{"title": "Aufgabe", "description": nil},
			object{"title": "Aufgabe", "description": "", "UID": "7", "review_state": "s", "is_leafnode": nil},
			object{"title": "Aufgabe", "description": "", "UID": "7", "review_state": "s", "is_leafnode": nil},
		},
	} {
		t.Run(name, func(t *testing.T) {
			set := gever.DefaultSettings()
			set.Languages = []string{"de", "fr"}
			shape := func(c gever.Contract, language string) shaper {
				return shaper{context.Background(), &set, contracts[c], nil, language, language}
			}
			c.o.Path = "a/b"
			for _, form := range []struct {
				got, want object
			}{
				{shape(gever.PageContract, "de").summary(&c.o), c.page},
				{shape(gever.LiveContract, "fr").liveHit(&c.o), c.item},
				{shape(gever.LiveContract, "fr").summary(&c.o), c.summary},
			} {
				delete(form.got, "@id")
				form.want["@type"] = c.o.Type.Name
				if diff := cmp.Diff(form.want, form.got); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

package gever_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"loket/handlers/apitest"

	rules "loket/store/gever"
)

const host = "http://" + apitest.Host

// items are the titles of an answer's entries, in their order.
func (r *room) items(path string) string {
	r.t.Helper()
	return named(r.get(path)["items"])
}

var folderNumber = regexp.MustCompile(`(^|, )[0-9.]+\. `)

// named are titles without the numbers of folders, which the live contract puts
// before them.
func named(v any) string { return folderNumber.ReplaceAllString(titles(v), "$1") }

func sorted(list string) string {
	parts := strings.Split(list, ", ")
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// entry is the first entry of an answer.
func (r *room) entry(path string) map[string]any {
	r.t.Helper()
	list, _ := r.get(path)["items"].([]any)
	if len(list) == 0 {
		r.t.Fatalf("%s finds nothing", path)
	}
	return list[0].(map[string]any)
}

// TestSearch drives @search (gever.md 3.7): scope, words, conditions, order,
// pages, keys of hits (0.1 rule 10) in both contracts.
func TestSearch(t *testing.T) {
	for _, contract := range rules.Contracts {
		t.Run(string(contract), func(t *testing.T) {
			r := open(t, func(s *rules.Settings) { s.Contract = contract })
			folder := map[rules.Contract]string{rules.PageContract: "Führung", rules.LiveContract: "1. Führung"}[contract]
			hit := r.entry(base + "/@search?SearchableText=geschaftsdossier")
			if got := keysOf(hit); got != "@id @type UID description is_leafnode is_subdossier review_state title" {
				t.Errorf("a dossier has the keys %s", got)
			}
			want(t, hit, object{"@id": host + dossier23, "UID": "66395be6595b4db29a3282749ed50302", "review_state": "dossier-state-active", "is_subdossier": false, "is_leafnode": nil})
			if got := keysOf(r.entry(base + "/@search?SearchableText=weiteres")); got != "@id @type UID checked_out description file_extension is_leafnode review_state title" {
				t.Errorf("a document has the keys %s", got)
			}
			want(t, r.entry(base+"/@search?Title=führung"), object{"title": folder, "is_leafnode": true})
			for path, wanted := range map[string]string{
				base + "/@search?SearchableText=dokument":                                                    "Ein Dokument, Ein weiteres Dokument",
				base + "/@search?SearchableText=dokument+NOT+weiteres":                                       "Ein Dokument",
				base + "/@search?SearchableText=%22ein+dokument%22":                                          "Ein Dokument",
				base + "/@search?SearchableText=weit*":                                                       "Ein weiteres Dokument",
				base + "/@search?Title=jahres*&Description=":                                                 "Jahresrechnung, Jahresrechnung 2015, Jahresrechnung prüfen",
				base + "/@search?Description=dokument":                                                       "",
				base + "/@search?portal_type=" + taskType:                                                    "Jahresrechnung prüfen",
				base + "/@search?portal_type:list=" + taskType + "&portal_type:list=" + dossierType:          "Dossier 42, Ein Geschäftsdossier, Jahresrechnung, Jahresrechnung 2015, Jahresrechnung prüfen",
				base + "/@search?path=/ordnungssystem/fuehrung/dossier-23&portal_type=" + documentType:       "Ein Dokument, Ein weiteres Dokument",
				base + "/@search?path=" + url.QueryEscape(host+dossier42):                                    "Dossier 42",
				base + "/@search?reference=" + url.QueryEscape("FD 2.1 / 1"):                                 "Jahresrechnung",
				base + "/@search?reference=" + url.QueryEscape("FD 2.1 / *"):                                 "Jahresrechnung, Jahresrechnung 2015",
				base + "/@search?modified=2016-01-19":                                                        "Ein Geschäftsdossier",
				base + "/@search?modified=2016-01-10TO*":                                                     "Ein Geschäftsdossier",
				base + "/@search?modified.query:record:date=2016-01-10&modified.range:record=min":            "Ein Geschäftsdossier",
				base + "/@search?modified.query=2016-01-10&modified.query=2016-01-20&modified.range=min:max": "Ein Geschäftsdossier",
				base + "/@search?modified.query=2016-01-01&modified.range=max":                               "",
				base + "/@search?review_state=dossier-state-resolved":                                        "Jahresrechnung 2015",
				base + "/@search?trashed=true":                                                               "",
				base + "/@search?trashed=false&SearchableText=weiteres":                                      "Ein weiteres Dokument",
				dossier21 + "/@search":                                                                       "Jahresrechnung, Jahresrechnung prüfen",
				dossier23 + "/@search?SearchableText=jahresrechnung":                                         "",
				base + "/@search?portal_type=" + dossierType + "&sort_on=title":                              "Dossier 42, Ein Geschäftsdossier, Jahresrechnung, Jahresrechnung 2015",
			} {
				got := r.items(path)
				if !strings.Contains(path, "sort_on") {
					got = sorted(got)
				}
				if got != wanted {
					t.Errorf("%s finds %s, want %s", path, got, wanted)
				}
			}
			if got := r.items(base + "/@search?portal_type=" + dossierType + "&sort_on=title&sort_order=reverse"); got != "Jahresrechnung 2015, Jahresrechnung, Ein Geschäftsdossier, Dossier 42" {
				t.Errorf("in reverse: %s", got)
			}
			// What has the words in its title comes first, and else the latest.
			r.ask(201, "POST", dossier23, object{"title": "Neu", "description": "Erwähnt das Dokument"}.of(documentType))
			if got := r.items(base + "/@search?SearchableText=dokument"); got != "Ein weiteres Dokument, Ein Dokument, Neu" {
				t.Errorf("by relevance: %s", got)
			}
			want(t, r.entry(base+"/@search?SearchableText=neu&metadata_fields=created&metadata_fields:list=reference_number"), object{"reference_number": nil})
		})
	}
}

// TestSearchPages: pages name their neighbours, and the address of a search
// leaves out what pages and sorts.
func TestSearchPages(t *testing.T) { inBoth(t, testSearchPages) }

func testSearchPages(t *testing.T, open opener) {
	r := open(t)
	page := r.get(base + "/@search?portal_type=" + dossierType + "&b_size=2&b_start=2&sort_on=title")
	if got := named(page["items"]); got != "Jahresrechnung, Jahresrechnung 2015" {
		t.Error(got)
	}
	want(t, page, object{"items_total": 4, "@id": host + base + "/@search?portal_type=" + dossierType})
	to := host + base + "/@search?b_start="
	rest := "&portal_type=" + dossierType + "&b_size=2&sort_on=title"
	want(t, page, object{"batching": object{
		"@id":   host + base + "/@search?portal_type=" + dossierType + "&b_size=2&b_start=2&sort_on=title",
		"first": to + "0" + rest, "last": to + "2" + rest, "prev": to + "0" + rest,
	}})
	if _, there := r.get(dossier23 + "/@search")["batching"]; there {
		t.Error("a single page has neighbours")
	}
}

// TestFindingRefusals: what a search cannot mean is said, with its name.
func TestFindingRefusals(t *testing.T) { inBoth(t, testFindingRefusals) }

func testFindingRefusals(t *testing.T, open opener) {
	r := open(t)
	for path, message := range map[string]string{
		"/@search?nichts=x":                              `Unknown field "nichts"`,
		"/@search?sort_on=nichts":                        `Unknown field "nichts"`,
		"/@search?sort_on=is_subdossier":                 `Objects cannot be sorted by "is_subdossier".`,
		"/@search?SearchableText=%22offen":               "The quote at character 1 of the query is never closed.",
		"/@search?SearchableText=(offen":                 "The bracket at character 1 of the query is never closed.",
		"/@search?SearchableText=zu)":                    "The query has a closing bracket without an opening one at character 3.",
		"/@search?modified=gestern":                      `The value of "modified" must be a date like 2016-01-08, a date and time with its zone, or two of them with TO between.`,
		"/@search?sequence_number=x":                     `The value of "sequence_number" must be a whole number.`,
		"/@search?is_subdossier=vielleicht":              `The value of "is_subdossier" must be true or false.`,
		"/@listing?name=nichts":                          "Unknown listing nichts",
		"/@listing?name=documents&filters.nichts=x":      `Unknown field "nichts"`,
		"/@listing?name=documents&facets=nichts":         `Unknown field "nichts"`,
		"/@listing?name=documents&facets=title":          `The values of "title" cannot be counted.`,
		"/@listing?name=documents&sort_on=nichts":        `Unknown field "nichts"`,
		"/@listing?name=documents&search=(":              "The bracket at character 1 of the query is never closed.",
		"/@solrsearch?q=(":                               "The bracket at character 1 of the query is never closed.",
		"/@solrsearch?q.raw=nichts:x":                    `Unknown field "nichts"`,
		"/@solrsearch?q.raw=start:%7B2016-01-01+TO+*%7D": "A range of the query must have the form field:[from TO to].",
		"/@solrsearch?q.raw=title:%5Ba+TO+b%5D":          "Text has no ranges.",
		"/@solrsearch?q.raw=NOT":                         "The query ends after a NOT.",
		"/@solrsearch?fq=nichts:x":                       `Unknown field "nichts"`,
		"/@solrsearch?sort=title+hinauf":                 `The direction of a sort is asc or desc, not "hinauf".`,
		"/@solrsearch?sort=nichts+asc":                   `Unknown field "nichts"`,
		"/@solrsearch?breadcrumbs=1&rows=51":             "breadcrumbs come with at most 50 rows.",
		"/@solrsearch?facet=true&facet.field=created":    `The values of "created" cannot be counted.`,
		"/@solrsearch?stats=true&stats.field=title":      `There is nothing to reckon with "title".`,
		"/@solrsearch?q=" + strings.Repeat("(", 30):      "The query has more than 20 brackets in each other.",
		"/@solrsearch?q=" + strings.Repeat("x+", 101):    "The query has more than 100 conditions.",
		"/@navigation?root_interface=nichts":             `The interface "nichts" could not be looked up.`,
		"/@navigation?content_interfaces=nichts":         `The interface "nichts" could not be looked up.`,
	} {
		for _, place := range []string{base, dossier23} {
			if p := r.refusedAB(400, "BadRequest", "GET", place+path, nil); p.Message != message {
				t.Errorf("%s: %s", path, p.Message)
			}
		}
	}
	// What the document forbids.
	for path, field := range map[string]string{
		"/@search?b_size=0": "b_size", "/@search?sort_order=quer": "sort_order", "/@listing": "name", "/@listing?name=tasks&depth=-2": "depth",
		"/@solrsearch?rows=1001": "rows", "/@navigation?include_root=" + strings.Repeat("x", 20): "include_root",
	} {
		for _, place := range []string{base, dossier23} {
			if p := r.refusedAB(400, "BadRequest", "GET", place+path, nil); p.fields() != field {
				t.Errorf("%s: %s", path, p.fields())
			}
		}
	}
	for _, place := range []string{base, dossier23} {
		r.refusedAB(400, "BadRequest", "POST", place+"/@solrsearch", object{"rows": -1})
		r.refusedAB(400, "BadRequest", "POST", place+"/@solrsearch", object{"fq": "nichts:x"})
	}
	for _, endpoint := range []string{"search", "listing?name=tasks", "solrsearch", "navigation", "breadcrumbs", "listing-stats", "actions", "reference-number", "lock"} {
		r.refusedAB(404, "NotFound", "GET", base+"/ordnungssystem/nichts/@"+endpoint, nil)
	}
	r.refusedAB(404, "NotFound", "POST", base+"/ordnungssystem/nichts/@solrsearch", object{})
}

// TestFindingReach: nobody finds, counts or meets on the way what he may not
// read; at the root everybody may look for what is his.
func TestFindingReach(t *testing.T) { inBoth(t, testFindingReach) }

func testFindingReach(t *testing.T, open opener) {
	r := open(t)
	r.user2("nur.hier", dossier23)
	here := r.by("nur.hier")
	for path, wanted := range map[string]string{
		"/@search":                          "Ein Dokument, Ein Geschäftsdossier, Ein weiteres Dokument",
		"/@search?SearchableText=jahres*":   "",
		"/@listing?name=dossiers":           "Ein Geschäftsdossier",
		"/@listing?name=folder_contents":    "Ein Dokument, Ein Geschäftsdossier, Ein weiteres Dokument",
		"/@solrsearch?q.raw=UID:*":          "Ein Dokument, Ein Geschäftsdossier, Ein weiteres Dokument",
		"/@solrsearch?q.raw=NOT+title:ein":  "",
		"/@search?path=/ordnungssystem":     "Ein Dokument, Ein Geschäftsdossier, Ein weiteres Dokument",
		"/@search?responsible=peter.muster": "",
	} {
		got := here.get(base + path)
		if sorted(named(got["items"])) != wanted {
			t.Errorf("%s finds %s, want %s", path, named(got["items"]), wanted)
		}
		if n := len(got["items"].([]any)); !same(got["items_total"], n) {
			t.Errorf("%s counts %v, shows %d", path, got["items_total"], n)
		}
	}
	facets := here.get(base + "/@listing?name=folder_contents&facets=portal_type&facets=creator")["facets"]
	if !same(facets, object{
		"portal_type": object{dossierType: object{"count": 1, "label": "Geschäftsdossier"}, documentType: object{"count": 2, "label": "Dokument"}},
		"creator":     object{"john.doe": object{"count": 3, "label": "Doe John"}},
	}) {
		t.Errorf("facets: %v", facets)
	}
	if got := here.get(base + "/@navigation"); len(got["tree"].([]any)) != 0 {
		t.Errorf("the tree of a repository that is not his: %v", got["tree"])
	}
	for _, endpoint := range []string{"search", "listing?name=tasks", "solrsearch", "navigation", "breadcrumbs", "listing-stats", "actions", "reference-number", "lock"} {
		here.refusedAB(401, "Unauthorized", "GET", fuehrung+"/@"+endpoint, nil)
	}
}

// TestListing drives @listing: every name, columns, filters, facets, order,
// depth, pages.
func TestListing(t *testing.T) { inBoth(t, testListing) }

func testListing(t *testing.T, open opener) {
	r := open(t)
	sub := r.make(dossier23, dossierType, dossier(object{"title": "Unterdossier", "start": "2025-03-01", "end": "2025-03-31", "keywords": []string{"Rot", "Blau"}}))
	doc := r.make(sub, documentType, object{"title": "Vertrag", "file": textFile("v.txt", "Inhalt"), "document_author": peter, "document_type": "contract", "keywords": []string{"Rot"}})
	contacts := r.make(base, "opengever.contact.contactfolder", object{"title": "Kontakte"})
	r.make(contacts, "opengever.contact.contact", object{"lastname": "Meier", "firstname": "Franz", "email": "franz@meier.example"})
	rooms := r.make(base, "opengever.workspace.root", object{"title": "Teamräume"})
	team := r.make(rooms, "opengever.workspace.workspace", object{"title": "Team"})
	r.make(team, "opengever.workspace.folder", object{"title": "Ablage"})
	for name, wanted := range map[string]string{
		"contacts": "Meier Franz", "dispositions": "", "documents": "Ein Dokument, Ein weiteres Dokument, Vertrag", "dossiertemplates": "",
		"dossiers": "Dossier 42, Ein Geschäftsdossier, Jahresrechnung, Jahresrechnung 2015, Unterdossier", "proposals": "",
		"repository_folders": "Finanzen, Führung, Rechnungswesen", "tasks": "Jahresrechnung prüfen", "tasktemplate_folders": "", "tasktemplates": "",
		"template_folders": "", "todo_lists": "", "todos": "", "workspace_folders": "Ablage", "workspace_meetings": "", "workspaces": "Team",
	} {
		got := r.get(base + "/@listing?name=" + name)
		if sorted(named(got["items"])) != wanted {
			t.Errorf("%s lists %s, want %s", name, named(got["items"]), wanted)
		}
		want(t, got, object{"b_start": 0, "b_size": 25, "facets": object{}})
	}
	if n := len(rules.Listings()); n != 17 {
		t.Errorf("%d lists", n)
	}
	for query, wanted := range map[string]string{
		"name=folder_contents":                                                                    "Ein Dokument, Ein weiteres Dokument, Unterdossier, Vertrag", // not itself
		"name=folder_contents&depth=1":                                                            "Ein Dokument, Ein weiteres Dokument, Unterdossier",
		"name=folder_contents&depth=-1":                                                           "Ein Dokument, Ein weiteres Dokument, Unterdossier, Vertrag",
		"name=documents&search=vert":                                                              "Vertrag",
		"name=documents&search=ein+dok":                                                           "Ein Dokument, Ein weiteres Dokument",
		"name=dossiers&filters.start:record=2025-01-01TO2025-12-31":                               "Unterdossier",
		"name=dossiers&filters.start:record=2025-03-01":                                           "Unterdossier",
		"name=dossiers&filters.end:record=*TO2025-03-30":                                          "",
		"name=dossiers&filters.end:record=2025-03-31TO*":                                          "Unterdossier",
		"name=folder_contents&filters.keywords:record:list=Rot&filters.keywords:record:list=Blau": "Unterdossier, Vertrag",
		"name=folder_contents&filters.keywords:record:list=Blau&filters.review_state:record:list=document-state-draft": "",
		"name=documents&filters.creator:record=john.doe&filters.file_extension:record=.txt":                            "Vertrag",
		"name=folder_contents&filters.is_subdossier:record:boolean=true":                                               "Unterdossier",
		"name=folder_contents&filters.trashed:record:boolean=true":                                                     "",
		"name=documents&filters.created:record=2026-01-01TO2099-12-31":                                                 "Vertrag",
		"name=documents&filters.title:record=weiteres":                                                                 "Ein weiteres Dokument",
		"name=documents&filters.document_type:record:list=contract&filters.document_type:record:list=report":           "Vertrag",
		"name=documents&filters.document_type:record=":                                                                 "Ein Dokument, Ein weiteres Dokument, Vertrag",
		"name=documents&filters.filesize:record:int=6":                                                                 "Vertrag",
	} {
		if got := sorted(r.items(dossier23 + "/@listing?" + query)); got != wanted {
			t.Errorf("%s lists %s, want %s", query, got, wanted)
		}
	}
	// The latest change first, unless it is sorted.
	for query, wanted := range map[string]string{
		"name=folder_contents":                                       "Vertrag, Unterdossier, Ein weiteres Dokument, Ein Dokument",
		"name=folder_contents&sort_on=title":                         "Ein Dokument, Ein weiteres Dokument, Unterdossier, Vertrag",
		"name=folder_contents&sort_on=modified&sort_order=ascending": "Ein Dokument, Ein weiteres Dokument, Unterdossier, Vertrag",
		"name=folder_contents&sort_on=sequence_number&sort_order=descending&sort_first.portal_type:record:list=" + dossierType: "Unterdossier, Vertrag, Ein weiteres Dokument, Ein Dokument",
		"name=folder_contents&sort_on=title&b_start=1&b_size=2":                                                                "Ein weiteres Dokument, Unterdossier",
	} {
		if got := r.items(dossier23 + "/@listing?" + query); got != wanted {
			t.Errorf("%s lists %s, want %s", query, got, wanted)
		}
	}
	columns := "created creator creator_fullname containing_dossier containing_subdossier document_author document_type keywords filename filesize mimetype reference_number reference " +
		"sequence_number checked_out_fullname review_state_label is_locked type trashed nichts responsible relative_path bumblebee_checksum"
	line := r.entry(sub + "/@listing?name=documents&columns:list=" + strings.ReplaceAll(columns, " ", "&columns=") + "&columns:list=UID")
	want(t, line, object{
		"@id": host + doc, "creator": john, "creator_fullname": "Doe John", "containing_dossier": "Ein Geschäftsdossier", "containing_subdossier": "Unterdossier",
		"document_author": "Muster Peter", "document_type": "contract", "keywords": []string{"Rot"}, "filename": "Vertrag.txt", "filesize": 6, "mimetype": "text/plain",
		"reference_number": nil, "reference": nil, "checked_out_fullname": nil, "review_state_label": "Entwurf", "is_locked": false, "type": "Dokument", "trashed": false,
		"nichts": nil, "responsible": nil, "file_extension": ".txt", "is_leafnode": nil, "relative_path": strings.TrimPrefix(doc, base+"/"),
	})
	want(t, r.entry(dossier21+"/@listing?name=tasks&columns=responsible_fullname&columns=issuer_fullname&columns=is_completed&columns=deadline&columns=task_type&columns=completed"), object{
		"responsible_fullname": "Muster Peter", "issuer_fullname": "Doe John", "is_completed": false, "deadline": "2016-01-15", "task_type": "direct-execution", "completed": nil,
	})
	facets := r.get(dossier23 + "/@listing?name=folder_contents&b_size=1&facets:list=keywords&facets:list=document_type&facets:list=is_subdossier&facets=review_state")["facets"]
	if !same(facets, object{
		"keywords":      object{"Rot": object{"count": 2, "label": "Rot"}, "Blau": object{"count": 1, "label": "Blau"}},
		"document_type": object{"contract": object{"count": 1, "label": "Vertrag"}},
		"is_subdossier": object{"true": object{"count": 1, "label": "true"}, "false": object{"count": 3, "label": "false"}},
		"review_state":  object{"document-state-draft": object{"count": 3, "label": "Entwurf"}, "dossier-state-active": object{"count": 1, "label": "Aktiv"}},
	}) {
		t.Errorf("facets: %v", facets)
	}
	counts := r.get(dossier23 + "/@listing-stats")["facet_counts"].(map[string]any)["listing_name"].(map[string]any)
	want(t, counts, object{"documents": object{"count": 3, "label": "documents"}, "dossiers": object{"count": 1, "label": "dossiers"}, "folder_contents": object{"count": 4, "label": "folder_contents"}, "tasks": object{"count": 0, "label": "tasks"}})
	counts = r.get(base + "/@listing-stats")["facet_counts"].(map[string]any)["listing_name"].(map[string]any)
	want(t, counts, object{"repository_folders": object{"count": 3, "label": "repository_folders"}})
}

// TestSolrSearch drives @solrsearch by GET and by POST.
func TestSolrSearch(t *testing.T) { inBoth(t, testSolrSearch) }

func testSolrSearch(t *testing.T, open opener) {
	r := open(t)
	r.make(dossier23, documentType, object{"title": "Vertrag", "file": textFile("v.txt", "Inhalt"), "document_date": "2025-03-01"})
	if got := keysOf(r.entry(base + "/@solrsearch?q=vertrag")); got != "@id @type description review_state title" {
		t.Errorf("a hit has the keys %s", got)
	}
	q := url.QueryEscape
	for query, wanted := range map[string]string{
		"q=jahresrechnung": "Jahresrechnung, Jahresrechnung 2015, Jahresrechnung prüfen", "q=2015+OR+vertrag": "Jahresrechnung 2015, Vertrag",
		"q=title:vertrag":                           "", // q knows no fields
		"q.raw=title:vertrag":                       "Vertrag",
		"q.raw=" + q("Title:(vertrag OR weiteres)"): "Ein weiteres Dokument, Vertrag",
		"q=*&fq=" + q("portal_type:("+documentType+" OR "+taskType+")") + "&fq:list=" + q("-title:vertrag"):                              "Ein Dokument, Ein weiteres Dokument, Jahresrechnung prüfen",
		"q=*:*&fq=" + q("document_date:[2025-01-01 TO *]"):                                                                               "Vertrag",
		"q.raw=" + q("*:*") + "&fq=path_parent:/ordnungssystem/fuehrung&fq=" + q("portal_type:"+documentType+" AND filesize:[1 TO 100]"): "Vertrag",
		"fq=UID:66395be6595b4db29a3282749ed50302":                                                                                        "Ein Geschäftsdossier",
		"depth=2&fq=" + q("is_folderish:true"):                                                                                           "Finanzen, Führung, Ordnungssystem",
		"fq=trashed:true":                                                                                                                "",
		"q=vertrag&fq=" + q("NOT trashed:true"):                                                                                          "Vertrag",
	} {
		if got := sorted(r.items(base + "/@solrsearch?" + query)); got != wanted {
			t.Errorf("%s finds %s, want %s", query, got, wanted)
		}
	}
	for query, wanted := range map[string]string{
		"fq=portal_type:" + dossierType + "&sort=" + q("title desc"):                 "Jahresrechnung 2015, Jahresrechnung, Ein Geschäftsdossier, Dossier 42",
		"fq=portal_type:" + dossierType + "&sort=" + q("responsible asc, title asc"): "Dossier 42, Ein Geschäftsdossier, Jahresrechnung, Jahresrechnung 2015",
		"fq=portal_type:" + dossierType + "&sort=title&start=1&rows=2":               "Ein Geschäftsdossier, Jahresrechnung",
		"q=jahresrechnung&sort=" + q("score desc"):                                   "Jahresrechnung 2015, Jahresrechnung prüfen, Jahresrechnung",
		"q=jahresrechnung&rows=0":                                                    "",
	} {
		if got := r.items(base + "/@solrsearch?" + query); got != wanted {
			t.Errorf("%s finds %s, want %s", query, got, wanted)
		}
	}
	answer := r.get(fuehrung + "/@solrsearch?q=vertrag&fl=UID,filename,filesize,created,path,Title,Description,responsible&breadcrumbs=true&facet=true&facet.field=review_state&stats=true&stats.field=filesize&stats.field=document_date")
	want(t, answer, object{
		"items_total": 1, "rows": 25, "start": 0, "facet_counts": object{"review_state": object{"document-state-draft": object{"count": 1, "label": "Entwurf"}}},
		"stats": object{
			"filesize":      object{"count": 1, "missing": 0, "min": 6, "max": 6, "sum": 6, "mean": 6},
			"document_date": object{"count": 1, "missing": 0, "min": "2025-03-01", "max": "2025-03-01"},
		},
	})
	hit := answer["items"].([]any)[0].(map[string]any)
	want(t, hit, object{"filename": "Vertrag.txt", "filesize": 6, "Title": "Vertrag", "Description": map[bool]any{false: nil, true: ""}[r.live], "responsible": nil})
	if got := named(hit["breadcrumbs"]); got != "Ordnungssystem, Führung, Ein Geschäftsdossier" {
		t.Errorf("the way: %s", got)
	}
	none := r.get(base + "/@solrsearch?q=nichtsdavon&facet=true&facet.field=review_state&stats=1&stats.field=filesize")
	want(t, none, object{"items": []any{}, "items_total": 0, "facet_counts": object{"review_state": object{}}, "stats": object{"filesize": object{"count": 0, "missing": 0, "min": nil, "max": nil, "sum": 0, "mean": 0}}})
	for _, place := range []string{base, dossier23} {
		got := r.ask(200, "POST", place+"/@solrsearch", object{
			"q": "vertrag", "fq": []string{"portal_type:" + documentType, "-filesize:[7 TO *]"}, "fl": []string{"title", "filesize"}, "sort": "title asc", "rows": 5, "start": 0, "facet": true,
			"facet.field": "portal_type", "stats": "true", "stats.field": []string{"filesize"}, "depth": -1, "breadcrumbs": false,
		}).Object(t)
		want(t, got, object{"items": []any{object{"title": "Vertrag", "filesize": 6}}, "items_total": 1, "rows": 5, "@id": host + place + "/@solrsearch"})
	}
	want(t, r.ask(200, "POST", base+"/@solrsearch", object{"q.raw": "title:vertrag"}).Object(t), object{"items_total": 1})
}

type node struct {
	Type        string `json:"@type"`
	Text, URL   string
	Active      bool
	Current     bool
	CurrentTree bool   `json:"current_tree"`
	ReviewState string `json:"review_state"`
	Nodes       []node
}

func drawn(nodes []node) string {
	var out []string
	for _, n := range nodes {
		s := folderNumber.ReplaceAllString(n.Text, "")
		if n.Current {
			s += "!"
		}
		if n.CurrentTree {
			s += "*"
		}
		if len(n.Nodes) > 0 {
			s += "(" + drawn(n.Nodes) + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// TestNavigation drives the tree: what stands in it, its root, the way to the
// object.
func TestNavigation(t *testing.T) { inBoth(t, testNavigation) }

func testNavigation(t *testing.T, open opener) {
	r := open(t)
	team := r.make(r.make(base, "opengever.workspace.root", object{"title": "Teamräume"}), "opengever.workspace.workspace", object{"title": "Team"})
	r.make(team, "opengever.workspace.folder", object{"title": "Ablage"})
	tree := func(path string) string {
		t.Helper()
		var got struct{ Tree []node }
		r.ask(200, "GET", path, nil).JSON(t, &got)
		return drawn(got.Tree)
	}
	dossiers := "content_interfaces=opengever.dossier.behaviors.dossier.IDossierMarker"
	for path, wanted := range map[string]string{
		base + "/@navigation":                           "Führung Finanzen(Rechnungswesen)",
		base + "/ordnungssystem/@navigation":            "Führung Finanzen(Rechnungswesen)",
		rechnungen + "/@navigation":                     "Führung Finanzen*(Rechnungswesen!*)",
		dossier23 + "/@navigation":                      "Führung* Finanzen(Rechnungswesen)",
		dossier23 + "/@navigation?include_root=1":       "Ordnungssystem*(Führung* Finanzen(Rechnungswesen))",
		document + "/@navigation?include_context=true":  "Führung*(Ein Geschäftsdossier*(Ein Dokument!*)) Finanzen(Rechnungswesen)",
		dossier23 + "/@navigation?include_context=true": "Führung*(Ein Geschäftsdossier!*) Finanzen(Rechnungswesen)",
		dossier23 + "/@navigation?" + dossiers:          "Ein Geschäftsdossier!* Dossier 42 Jahresrechnung Jahresrechnung 2015",
		base + "/@navigation?content_interfaces=" + dossierType + "&content_interfaces:list=" + folderType:                                                                  "Führung(Ein Geschäftsdossier Dossier 42) Finanzen(Rechnungswesen(Jahresrechnung Jahresrechnung 2015))",
		base + "/@navigation?review_state=repositoryfolder-state-inactive":                                                                                                  "",
		team + "/@navigation?root_interface=opengever.workspace.interfaces.IWorkspace&content_interfaces=opengever.workspace.interfaces.IWorkspaceFolder&include_root=true": "Team!*(Ablage)",
		base + "/@navigation?root_interface=opengever.contact.contactfolder":                                                                                                "",
		team + "/@navigation": "Führung Finanzen(Rechnungswesen)",
	} {
		if got := tree(path); got != wanted {
			t.Errorf("%s\n%s, want\n%s", path, got, wanted)
		}
	}
	r.ask(200, "POST", base+"/ordnungssystem/finanzen/@workflow/repositoryfolder-transition-inactivate", nil)
	var got struct{ Tree []node }
	r.ask(200, "GET", base+"/@navigation?review_state:list=repositoryfolder-state-inactive", nil).JSON(t, &got)
	if len(got.Tree) != 1 || got.Tree[0].Active || got.Tree[0].URL != host+base+"/ordnungssystem/finanzen" {
		t.Errorf("inactive: %v", got.Tree)
	}
	// Who sees only a part below sees that part.
	r.user2("nur.unten", rechnungen)
	var part struct{ Tree []node }
	r.by("nur.unten").ask(200, "GET", rechnungen+"/@navigation", nil).JSON(t, &part)
	if drawn(part.Tree) != "Rechnungswesen!*" {
		t.Errorf("a part: %s", drawn(part.Tree))
	}
}

// TestWay drives @breadcrumbs and @reference-number.
func TestWay(t *testing.T) { inBoth(t, testWay) }

func testWay(t *testing.T, open opener) {
	r := open(t)
	for path, wanted := range map[string]string{
		base: "", base + "/ordnungssystem": "Ordnungssystem", dossier21: "Ordnungssystem, Finanzen, Rechnungswesen, Jahresrechnung",
		document: "Ordnungssystem, Führung, Ein Geschäftsdossier", task1: "Ordnungssystem, Finanzen, Rechnungswesen, Jahresrechnung, Jahresrechnung prüfen",
	} {
		got := r.get(path + "/@breadcrumbs")
		if named(got["items"]) != wanted {
			t.Errorf("the way to %s: %s", path, named(got["items"]))
		}
		want(t, got, object{"@id": host + path + "/@breadcrumbs"})
	}
	if got := keysOf(r.entry(fuehrung + "/@breadcrumbs")); got != "@id @type UID description is_leafnode review_state title" {
		t.Errorf("the keys of a step: %s", got)
	}
	root := r.make(base, rootType, object{"title": "Zweites", "reference_number_addendum": "ZZ"})
	folder := r.make(root, folderType, object{"title": "Zehn", "reference_number_prefix": "10"})
	doc := r.make(r.make(folder, dossierType, dossier()), documentType, object{"title": "x"})
	want(t, r.get(doc+"/@reference-number"), object{
		"@id": host + doc + "/@reference-number", "reference_number": "FD ZZ 10 / 1 / 261", "sortable_reference_number": "fd zz 00000010 / 00000001 / 00000261",
		"parts": object{"site": []string{"FD"}, "repositoryroot": []string{"ZZ"}, "repository": []string{"10"}, "dossier": []string{"1"}, "document": []string{"261"}},
	})
	want(t, r.get(rechnungen+"/@reference-number"), object{
		"reference_number": "FD 2.1", "parts": object{"site": []string{"FD"}, "repositoryroot": []string{""}, "repository": []string{"2", "1"}, "dossier": []any{}, "document": []any{}},
	})
	empty := object{"site": []any{}, "repositoryroot": []any{}, "repository": []any{}, "dossier": []any{}, "document": []any{}}
	want(t, r.get(dossier23+"/@reference-number"), object{"reference_number": nil, "sortable_reference_number": nil, "parts": empty})
}

// TestExpand: @components stand in an answer when they are asked for (always in
// the running system's contract); what is not named is an address that
// answers, what is named is that answer.
func TestExpand(t *testing.T) { inBoth(t, testExpand) }

func testExpand(t *testing.T, open opener) {
	r := open(t)
	if _, there := r.get(dossier23)["@components"]; there != r.live {
		t.Errorf("components that nobody asked for: %v", there)
	}
	sub := r.make(dossier23, dossierType, dossier(object{"title": "Unterdossier"}))
	everywhere, objects := []string{"actions", "breadcrumbs", "listing-stats", "navigation", "types"}, []string{"lock", "reference-number", "workflow"}
	for path, names := range map[string][]string{
		base: everywhere, fuehrung: append(everywhere, objects...), sub: append(everywhere, objects...),
		document: append(append(everywhere, objects...), "approvals"), task1: append(append(everywhere, objects...), "predecessor", "successors"),
	} {
		closed := r.get(path + "?expand=")["@components"].(map[string]any)
		if got, wanted := keysOf(closed), sorted(strings.Join(append(names, "main-dossier"), ", ")); got != strings.ReplaceAll(wanted, ", ", " ") {
			t.Errorf("%s has %s, want %s", path, got, wanted)
		}
		every := r.get(path + "?expand=" + strings.Join(names[:2], ",") + "&expand=" + strings.Join(names[2:], ",") + ",nichts,main-dossier")["@components"].(map[string]any)
		for _, name := range append(names, "main-dossier") {
			t.Run(strings.TrimPrefix(path, base)+" "+name, func(t *testing.T) {
				at := path + "/@" + name
				var alone any
				if name != "main-dossier" || path != base {
					r.ask(200, "GET", at, nil).JSON(t, &alone)
				}
				one := r.get(path + "?expand=" + name)["@components"].(map[string]any)
				if !same(one[name], alone) || !same(every[name], alone) {
					t.Errorf("%s expanded: %v\nalone: %v", at, one[name], alone)
				}
				for _, other := range names {
					if other != name && !same(one[other], object{"@id": host + path + "/@" + other}) {
						t.Errorf("%s: %v", other, one[other])
					}
				}
				if closed := closed[name]; name != "main-dossier" && !same(closed, object{"@id": host + at}) {
					t.Errorf("%s: %v", at, closed)
				} else if name == "main-dossier" && !same(closed, alone) {
					t.Errorf("the main dossier is always a value: %v", closed)
				}
			})
		}
	}
	// What an endpoint does not belong to has none.
	for _, path := range []string{task1 + "/@approvals", fuehrung + "/@approvals", document + "/@predecessor", dossier23 + "/@successors", dossier23 + "/nichts/@main-dossier"} {
		r.refusedAB(404, "NotFound", "GET", path, nil)
	}
	main := func(path string) any {
		return r.get(path + "?expand=breadcrumbs")["@components"].(map[string]any)["main-dossier"]
	}
	want(t, main(sub).(map[string]any), object{"title": "Ein Geschäftsdossier", "@id": host + dossier23})
	want(t, main(dossier23).(map[string]any), object{"title": "Ein Geschäftsdossier"})
	if main(fuehrung) != nil {
		t.Errorf("the main dossier of a folder: %v", main(fuehrung))
	}
}

// TestTasksInLine: predecessor and successors are what tasks say of each other,
// as far as the caller may see it.
func TestTasksInLine(t *testing.T) { inBoth(t, testTasksInLine) }

func testTasksInLine(t *testing.T, open opener) {
	r := open(t)
	r.person("anna")
	task := func(in, title string, predecessor any) string {
		return r.make(in, taskType, object{
			"title": title, "issuer": john, "task_type": "report", "responsible": "fd:" + peter, "predecessor": predecessor,
		})
	}
	hidden := r.make(fuehrung, dossierType, dossier())
	first := task(dossier23, "Erste", nil)
	oguid := r.get(first)["oguid"]
	second, third, secret := task(dossier23, "Zweite", oguid), task(dossier42, "Dritte", oguid), task(hidden, "Geheim", oguid)
	r.share(hidden, object{"inherit": false})
	titles := func(r *room, path string) string {
		var out []string
		for _, one := range r.get(path + "/@successors")["items"].([]any) {
			out = append(out, one.(map[string]any)["title"].(string))
		}
		return strings.Join(out, " ")
	}
	for user, wanted := range map[string]string{john: "Zweite Dritte Geheim", peter: "Zweite Dritte Geheim", jane: "Zweite Dritte"} {
		if got := titles(r.by(user), first); got != wanted {
			t.Errorf("%s: %s, want %s", user, got, wanted)
		}
	}
	for _, path := range []string{second, third, secret} {
		got := r.get(path + "/@predecessor")
		want(t, got, object{"@id": host + path + "/@predecessor"})
		want(t, got["item"].(map[string]any), object{"@id": host + first, "title": "Erste"})
		if titles(r, path) != "" {
			t.Errorf("%s has successors", path)
		}
	}
	from := task(dossier23, "Nach der geheimen", r.get(secret)["oguid"])
	if got := r.by(jane).get(from + "/@predecessor")["item"]; got != nil {
		t.Errorf("a predecessor that jane may not see: %v", got)
	}
	for name, predecessor := range map[string]any{
		"none": nil, "another unit": "zz:4", "nothing there": "fd:999999", "no task": r.get(dossier23)["oguid"], "no oguid": "irgendwas",
	} {
		if got := r.get(task(dossier23, name, predecessor) + "/@predecessor")["item"]; got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	r.by("anna").refusedAB(401, "Unauthorized", "GET", first+"/@successors", nil)
	r.by("anna").refusedAB(401, "Unauthorized", "GET", first+"/@predecessor", nil)
}

// TestActions: what may be done, to whom.
func TestActions(t *testing.T) { inBoth(t, testActions) }

func testActions(t *testing.T, open opener) {
	r := open(t)
	ids := func(r *room, path, kind string) string {
		var out []string
		list, _ := r.get(path + "/@actions")[kind].([]any)
		for _, one := range list {
			out = append(out, fmt.Sprint(one.(map[string]any)["id"]))
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ user, path, kind, want string }{
		{john, document, "object", "view edit"}, {jane, document, "object", "view"}, {john, dossier22, "object", "view"},
		{john, document, "object_buttons", "checkout"}, {jane, document, "object_buttons", ""}, {john, base, "user", "logout"},
	} {
		if got := ids(r.by(c.user), c.path, c.kind); got != c.want {
			t.Errorf("%s at %s: %s, want %s", c.user, c.path, got, c.want)
		}
	}
	r.ask(204, "POST", document+"/@checkout", nil)
	if got := ids(r, document, "object_buttons") + "," + ids(r.by(peter), document, "object_buttons"); got != "checkin," {
		t.Errorf("checked out: %s", got)
	}
	want(t, r.get(document+"/@lock"), object{"locked": false, "stealable": true})
	r.ask(200, "POST", document+"/@lock", nil)
	want(t, r.by(peter).get(document+"/@lock"), object{"locked": true, "creator": john})
}

// TestFindingFollows: what is moved is found at its new place with its new
// number, what is copied is found too, what lies in the trash only where
// somebody asks for it, and what is deleted nowhere.
func TestFindingFollows(t *testing.T) { inBoth(t, testFindingFollows) }

func testFindingFollows(t *testing.T, open opener) {
	r := open(t)
	d := r.make(fuehrung, dossierType, object{"title": "Zwetschgenernte", "responsible": "john.doe"})
	r.make(d, documentType, object{"title": "Zwetschgenliste"})
	const words = "/@search?SearchableText=zwetschgen*&sort_on=sortable_title"
	r.move("@move", rechnungen, absolute(d))
	for place, found := range map[string]string{fuehrung: "", rechnungen: "Zwetschgenernte, Zwetschgenliste", base: "Zwetschgenernte, Zwetschgenliste"} {
		if got := r.items(place + words); got != found {
			t.Errorf("after the move, %s finds %q, want %q", place, got, found)
		}
	}
	hit := r.entry(rechnungen + words + "&metadata_fields=reference_number")
	if number, _ := hit["reference_number"].(string); !strings.HasPrefix(number, "FD 2.1 / ") {
		t.Errorf("the hit has the number %q", number)
	}
	r.move("@copy", fuehrung, absolute(rechnungen)+strings.TrimPrefix(d, fuehrung))
	if got := r.items(fuehrung + words); got != "Zwetschgenernte, Zwetschgenliste" {
		t.Errorf("the copy is found as %q", got)
	}
	document := strings.TrimPrefix(fmt.Sprint(r.entry(fuehrung + words + "&portal_type=" + documentType)["@id"]), host)
	r.ask(204, "POST", document+"/@trash", nil)
	for query, found := range map[string]string{"": "Zwetschgenernte", "&trashed=true": "Zwetschgenliste"} {
		if got := r.items(fuehrung + words + query); got != found {
			t.Errorf("with the trash, %q finds %q, want %q", query, got, found)
		}
	}
	if got := r.items(fuehrung + "/@listing?name=documents&search=zwetschgen"); got != "" {
		t.Errorf("the listing shows %q out of the trash", got)
	}
	r.ask(204, "DELETE", document, nil)
	if got := r.items(fuehrung + words + "&trashed=true"); got != "" {
		t.Errorf("what was deleted is found: %q", got)
	}
	if damage, _, err := r.db.Check(t.Context(), nil); err != nil || len(damage) > 0 {
		t.Errorf("check: %v, %v", damage, err)
	}
}

package gever_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"loket/handlers/apitest"

	rules "loket/store/gever"
)

// The tests of this file and of tables_more_test.go follow the tables of gever.md,
// a subtest for each row.

const (
	mailType = "ftw.mail.mail"

	required   = "Required input is missing."
	wrongType  = "Object is of wrong type."
	constraint = "Constraint not satisfied"
	tooLong    = "Value is too long"
	wrongDate  = "The date must have the form YYYY-MM-DD."
)

// in is the same room for a subtest.
func (r *room) in(t testing.TB) *room {
	other := *r
	other.t = t
	return &other
}

// pair is a value as it is written, and as it is then shown or why it is not
// taken.
type pair struct{ written, then any }

// row is one field of a table.
type row struct {
	name     string
	initial  any    // what a new object shows that was given nothing
	required bool   // null is refused
	readOnly bool   // written, it is passed over
	hidden   bool   // never shown
	unset    any    // what null becomes
	takes    []pair // values and what they show
	refuses  []pair // values and the message
}

// Rows of one kind.

func dateRow(name string, initial any) row {
	return row{
		name: name, initial: initial, takes: []pair{{"2026-02-28", "2026-02-28"}, {"1900-01-01", "1900-01-01"}},
		refuses: []pair{{"1899-12-31", "year=1899 is invalid. Year must be >= 1900."}, {"2026-02-30", wrongDate}, {"28.02.2026", wrongDate}, {5, wrongType}},
	}
}

func textRow(name string, initial any) row {
	return row{name: name, initial: initial, unset: initial, takes: []pair{{"Grösse", "Grösse"}, {"", initial}}, refuses: []pair{{5, wrongType}, {"a\nb", constraint}, {strings.Repeat("x", 1025), tooLong}}}
}

func linesRow(name string, initial any) row {
	return row{name: name, initial: initial, unset: initial, takes: []pair{{"a\nb", "a\nb"}}, refuses: []pair{{[]any{}, wrongType}}}
}

func flagRow(name string, initial bool) row {
	return row{name: name, initial: initial, required: true, takes: []pair{{!initial, !initial}, {initial, initial}}, refuses: []pair{{"true", wrongType}, {1, wrongType}}}
}

func choiceRow(name string, initial any, tokens ...string) row {
	r := row{name: name, initial: initial, required: initial != nil, refuses: []pair{{"nichts", constraint}, {5, wrongType}}}
	for _, token := range tokens {
		r.takes = append(r.takes, pair{token, token})
	}
	r.takes = append(r.takes, pair{object{"token": tokens[0], "title": "x"}, tokens[0]})
	return r
}

func yearsRow(name string, initial int, years ...int) row {
	r := row{name: name, initial: initial, required: true, refuses: []pair{{7, constraint}, {"x", constraint}, {true, wrongType}}}
	for _, n := range years {
		r.takes = append(r.takes, pair{n, n}, pair{fmt.Sprint(n), n}, pair{object{"token": fmt.Sprint(n)}, n})
	}
	return r
}

func numberRow(name string) row {
	return row{name: name, takes: []pair{{1.5, 1.5}, {2, 2}}, refuses: []pair{{"1", wrongType}}}
}

func relationRow(name string, initial any, to, not string) row {
	r := row{name: name, initial: initial, unset: initial, refuses: []pair{{true, wrongType}, {"/nichts", "Could not resolve object for path=/nichts"}}}
	if not != "" {
		r.refuses = append(r.refuses, pair{not, "Could not resolve object for path=" + not})
	}
	r.takes = []pair{{to, func(t *testing.T, shown any) {
		list, _ := shown.([]any)
		if len(list) != 1 {
			t.Fatalf("%v", shown)
		}
		if _, live := list[0].(map[string]any)["UID"]; !live {
			fourKeys(t, list[0])
		}
		if id := list[0].(map[string]any)["@id"]; id != "http://"+apitest.Host+base+to {
			t.Errorf("@id %v", id)
		}
	}}}
	return r
}

func usersRow(name string) row {
	return row{
		name: name, initial: []any{}, unset: []any{},
		takes:   []pair{{[]any{"jane.leser", object{"token": "peter.muster"}}, []any{"jane.leser", "peter.muster"}}, {[]any{}, []any{}}},
		refuses: []pair{{[]any{"niemand"}, constraint}, {"jane.leser", wrongType}},
	}
}

var keywordsRow = row{
	name: "keywords", initial: []any{}, unset: []any{},
	takes:   []pair{{[]any{"a", object{"token": "b"}, "a"}, []any{"a", "b"}}, {[]any{}, []any{}}},
	refuses: []pair{{"x", wrongType}, {[]any{5}, wrongType}, {[]any{""}, constraint}},
}

var customRow = row{
	name: "custom_properties", takes: []pair{{object{"default": object{"ort": "Bern", "jahre": 5}}, object{"default": object{"ort": "Bern", "jahre": 5}}}},
	refuses: []pair{{"x", wrongType}, {object{"ort": "Bern"}, wrongType}},
}

var checklistRow = row{
	name: "checklist", takes: []pair{{object{"items": []any{object{"title": "x", "state": "open"}, object{"title": "y", "state": "closed"}}}, object{"items": []any{object{"title": "x", "state": "open"}, object{"title": "y", "state": "closed"}}}}},
	refuses: []pair{{"x", wrongType}, {object{}, wrongType}, {object{"items": []any{"x"}}, wrongType}, {object{"items": []any{object{"title": "x", "state": "bald"}}}, constraint}},
}

func localized() []row {
	title := textRow("title_de", "Zeile")
	title.required, title.takes = true, title.takes[:1]
	other := row{name: "title_fr", hidden: true, takes: []pair{{"Français", nil}}, refuses: []pair{{5, wrongType}}}
	another := other
	another.name = "title_en"
	// Page mode: title is the preferred language's (gever.md 0.1 rule 5).
	return []row{title, other, another, {name: "title", initial: "Zeile", takes: []pair{{"Größe", "Größe"}}}}
}

// classified are the rows that folders, dossiers and documents share (1.6).
func classified() []row {
	return []row{
		choiceRow("classification", "unprotected", "unprotected", "confidential", "classified"),
		choiceRow("privacy_layer", "privacy_layer_no", "privacy_layer_no", "privacy_layer_yes"),
		choiceRow("public_trial", "unchecked", "unchecked", "public", "limited-public", "private"),
		linesRow("public_trial_statement", nil),
	}
}

func lifecycle() []row {
	return []row{
		yearsRow("retention_period", 5, 5, 10, 15, 20, 25), linesRow("retention_period_annotation", nil),
		choiceRow("archival_value", "unchecked", "unchecked", "prompt", "archival worthy", "not archival worthy", "archival worthy with sampling"),
		linesRow("archival_value_annotation", nil), yearsRow("custody_period", 30, 0, 30, 100, 150),
		dateRow("date_of_cassation", nil), dateRow("date_of_submission", nil),
	}
}

// rowsOf runs rows on a new object of a type, in both contracts: those that the
// contract has.
func rowsOf(t *testing.T, container, kind string, minimal object, rows ...row) {
	inBoth(t, func(t *testing.T, open opener) { open(t).rows(t, container, kind, minimal, rows) })
}

func (r *room) rows(t *testing.T, container, kind string, minimal object, rows []row) {
	path := r.make(container, kind, minimal)
	fresh, seen := r.get(path), map[string]bool{}
	for _, c := range rows {
		seen[c.name] = true
		if f := rules.TypeOf(kind).Field(c.name); f != nil && !f.In(r.db.Settings.Contract) {
			continue
		}
		t.Run(c.name, func(t *testing.T) { r.in(t).row(t, path, fresh, c) })
	}
	t.Run("complete", func(t *testing.T) { // no field of the type lacks its row
		for _, f := range rules.TypeOf(kind).Fields {
			if !seen[f.Name] {
				t.Errorf("%s has no row", f.Name)
			}
		}
	})
}

func (r *room) row(t *testing.T, path string, fresh map[string]any, c row) {
	t.Helper()
	if shown, there := fresh[c.name]; there == c.hidden || !same(shown, c.initial) {
		t.Errorf("at first it shows %v (%v), want %v", shown, there, c.initial)
	}
	for _, p := range c.takes {
		r.patch(path, object{c.name: p.written})
		shown := r.get(path)[c.name]
		if check, ok := p.then.(func(*testing.T, any)); ok {
			check(t, shown)
		} else if !c.readOnly && !same(shown, p.then) || c.readOnly && !same(shown, c.initial) {
			t.Errorf("%v shows %v, want %v", p.written, shown, p.then)
		}
	}
	before := r.get(path)
	refuses := c.refuses
	if c.required {
		refuses = append(slices.Clone(refuses), pair{nil, required})
	}
	for _, p := range refuses {
		got := r.refusedAB(400, "BadRequest", "PATCH", path, object{c.name: p.written})
		if got.fields() != c.name || !strings.Contains(got.Message, fmt.Sprintf("'message': u'%s'", p.then)) {
			t.Errorf("%v: %+v, want %q", p.written, got, p.then)
		}
	}
	if !same(before, r.get(path)) {
		t.Error("a refused value changed something")
	}
	if !c.required && !c.readOnly && c.name != "title" {
		r.patch(path, object{c.name: nil})
		if shown := r.get(path)[c.name]; !same(shown, c.unset) {
			t.Errorf("null shows %v, want %v", shown, c.unset)
		}
	}
}

func TestTable2_2(t *testing.T) {
	rowsOf(t, base, rootType, object{"title_de": "Zeile"}, append(localized(),
		dateRow("valid_from", nil), dateRow("valid_until", nil), textRow("version", nil), textRow("reference_number_addendum", nil))...)
	r := open(t)
	t.Run("keys", func(t *testing.T) {
		got := r.in(t).get(r.make(base, rootType, object{"title_de": "Zweites Ordnungssystem"}))
		compare(t, "keys", slices.Collect(maps.Keys(got)), strings.Fields("@context @id @type UID allow_discussion created id is_folderish items items_total layout "+
			"modified next_item oguid parent previous_item reference_number_addendum relative_path review_state title title_de valid_from valid_until version"))
		want(t, got, object{"id": "zweites-ordnungssystem", "is_folderish": true, "allow_discussion": false, "review_state": "repositoryroot-state-active"})
	})
	t.Run("add", func(t *testing.T) { r.in(t).addedBy(base, object{"title_de": "x"}.of(rootType), rules.Manager) })
	t.Run("reference_number_addendum.manager", func(t *testing.T) {
		r := r.in(t)
		r.withRole("amt", base, rules.Administrator)
		r.by("amt").patch(base+"/ordnungssystem", object{"reference_number_addendum": "ZZ", "version": "2"})
		want(t, r.get(base+"/ordnungssystem"), object{"reference_number_addendum": nil, "version": "2"})
	})
	t.Run("title.required", func(t *testing.T) {
		if p := r.in(t).refusedAB(400, "BadRequest", "POST", base, object{"title_fr": "x"}.of(rootType)); p.fields() != "title_de" {
			t.Errorf("%+v", p)
		}
	})
}

// addedBy fails unless exactly users with these roles may POST this body.
func (r *room) addedBy(container string, body object, may ...rules.Role) {
	r.t.Helper()
	for _, role := range rules.AllRoles {
		id := "rolle." + strings.ToLower(string(role))
		r.withRole(id, base, role)
		u := r.by(id)
		if !slices.Contains(may, role) {
			if message, _ := u.refusedC(403, "Forbidden", "POST", container, body); message != fmt.Sprintf("Cannot create %s", body["@type"]) {
				r.t.Errorf("%s: %s", role, message)
			}
			continue
		}
		u.ask(201, "POST", container, body)
	}
}

func TestTable2_3(t *testing.T) {
	prefix := row{name: "reference_number_prefix", initial: "3", takes: []pair{{"5", "5"}, {"5a", "5a"}}, refuses: []pair{{strings.Repeat("1", 33), tooLong}}, unset: "6a"}
	unit := textRow("responsible_org_unit", nil)
	unit.refuses = append(unit.refuses[:2:2], pair{strings.Repeat("x", 31), tooLong})
	rowsOf(t, base+"/ordnungssystem", folderType, object{"title_de": "Zeile"}, slices.Concat(localized(), []row{
		linesRow("description", ""), dateRow("valid_from", nil), dateRow("valid_until", nil),
		textRow("location", nil), textRow("referenced_activity", nil), textRow("former_reference", nil),
		flagRow("allow_add_businesscase_dossier", true), flagRow("respect_max_subdossier_depth_restriction", true),
		relationRow("addable_dossier_templates", []any{}, "/ordnungssystem/fuehrung/dossier-23", ""), unit, prefix,
	}, classified(), lifecycle())...)
	r := open(t)
	root := base + "/ordnungssystem"
	t.Run("title.required", func(t *testing.T) {
		p := r.in(t).refusedAB(400, "BadRequest", "POST", root, object{}.of(folderType))
		if p.fields() != "title_de" || p.Message != "[{'field': 'title_de', 'message': u'Required input is missing.', 'error': 'ValidationError'}]" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("reference_number_prefix.clash", func(t *testing.T) {
		if p := r.in(t).refusedAB(400, "BadRequest", "POST", root, object{"title": "x", "reference_number_prefix": "2"}.of(folderType)); p.fields() != "reference_number" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("allow_add_businesscase_dossier.not checked by POST", func(t *testing.T) {
		r := r.in(t)
		r.patch(fuehrung, object{"allow_add_businesscase_dossier": false})
		r.make(fuehrung, dossierType, dossier())
	})
	t.Run("changed", func(t *testing.T) {
		r := r.in(t)
		before := r.get(fuehrung)
		r.Clock.Advance(60e9)
		r.patch(fuehrung, object{"location": "Keller", "changed": "2001-01-01T00:00:00Z"})
		if after := r.get(fuehrung); after["changed"] == before["changed"] || strings.HasPrefix(after["changed"].(string), "2001") {
			t.Errorf("changed %v", after["changed"])
		}
	})
	t.Run("extras", func(t *testing.T) {
		want(t, r.in(t).get(rechnungen), object{"is_leafnode": true, "reference_number": "FD 2.1", "blocked_local_roles": false, "relative_path": "ordnungssystem/finanzen/rechnungswesen"})
	})
	t.Run("add", func(t *testing.T) {
		r.in(t).addedBy(root, object{"title_de": "x"}.of(folderType), rules.Administrator, rules.Manager)
	})
	t.Run("add.LimitedAdmin patches", func(t *testing.T) {
		r := r.in(t)
		r.withRole("begrenzt", base, rules.LimitedAdmin)
		r.by("begrenzt").patch(fuehrung, object{"location": "Dach"})
	})
	t.Run("add.inactive", func(t *testing.T) {
		r := r.in(t)
		path := r.make(root, folderType, object{"title_de": "Alt"})
		r.transition(path, "repositoryfolder-transition-inactivate", nil)
		r.refusedC(403, "Forbidden", "POST", path, object{"title_de": "x"}.of(folderType))
		r.refusedC(403, "Forbidden", "POST", path, dossier().of(dossierType))
	})
	t.Run("mixing", func(t *testing.T) { // the first child decides is_leafnode
		r := r.in(t)
		path := r.make(root, folderType, object{"title_de": "Gemischt"})
		r.make(path, dossierType, dossier())
		r.make(path, folderType, object{"title_de": "x"})
		want(t, r.get(path), object{"is_leafnode": true})
		r.refusedC(403, "Forbidden", "POST", path, dossier().of(dossierType))
	})
}

func TestTable2_4(t *testing.T) {
	title := textRow("title", "Ein Dossier")
	title.required, title.takes = true, title.takes[:1]
	rowsOf(t, fuehrung, dossierType, dossier(), slices.Concat([]row{
		title, linesRow("description", ""), keywordsRow, dateRow("start", "2026-03-02"), dateRow("end", nil), linesRow("comments", nil),
		{
			name: "responsible", initial: "john.doe", required: true,
			takes:   []pair{{"peter.muster", "peter.muster"}, {object{"token": "jane.leser", "title": "x"}, "jane.leser"}},
			refuses: []pair{{"niemand", constraint}, {5, wrongType}},
		},
		textRow("external_reference", nil), choiceRow("filing_prefix", nil, "department", "directorate", "personal", "administration", "government"),
		relationRow("relatedDossier", nil, "/ordnungssystem/fuehrung/dossier-42", "/ordnungssystem/fuehrung/dossier-23/document-259"),
		textRow("former_reference_number", nil), choiceRow("container_type", nil, "folder", "box", "dossier"), textRow("container_location", nil),
		{name: "number_of_containers", takes: []pair{{3, 3}, {0, 0}}, refuses: []pair{{1.5, wrongType}, {"3", wrongType}}},
		textRow("temporary_former_reference_number", nil), choiceRow("dossier_type", nil, "businesscase"), checklistRow, customRow,
		flagRow("extend_local_roles", false), usersRow("reading"), usersRow("reading_and_writing"),
		{name: "dossier_manager", takes: []pair{{"jane.leser", "jane.leser"}}, refuses: []pair{{"niemand", constraint}}},
	}, classified(), lifecycle())...)
	r := open(t)
	t.Run("required", func(t *testing.T) {
		if p := r.in(t).refusedAB(400, "BadRequest", "POST", fuehrung, object{}.of(dossierType)); p.fields() != "responsible title" && p.fields() != "title responsible" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("start before end", func(t *testing.T) {
		r := r.in(t)
		body := dossier(object{"start": "2026-01-02", "end": "2026-01-01"}).of(dossierType)
		for _, got := range []problem{r.refusedAB(400, "BadRequest", "POST", fuehrung, body), r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{"end": "2015-01-01"})} {
			if got.Message != "The start date must be before the end date." || got.Metadata == nil || got.fields() != "" {
				t.Errorf("%+v", got)
			}
		}
		r.make(fuehrung, dossierType, dossier(object{"start": "2026-01-01", "end": "2026-01-01"}))
	})
	for _, name := range []string{"UID", "created", "modified", "changed", "touched", "review_state", "reference_number", "sequence_number", "is_subdossier", "oguid", "items", "parent", "participations"} {
		t.Run(name+".read only", func(t *testing.T) {
			r := r.in(t)
			before := r.get(dossier23)
			r.patch(dossier23, object{name: "x"})
			if !same(before, r.get(dossier23)) {
				t.Error("it was written")
			}
		})
	}
	t.Run("keys of 1.6", func(t *testing.T) {
		got := r.in(t).by(jane).get(dossier23)
		for _, key := range strings.Fields("@context @id @type UID archival_value archival_value_annotation classification comments container_location container_type created " +
			"custody_period date_of_cassation date_of_submission description end filing_prefix former_reference_number items keywords modified number_of_containers parent " +
			"privacy_layer public_trial public_trial_statement reference_number relatedDossier responsible retention_period retention_period_annotation review_state start " +
			"temporary_former_reference_number title id oguid sequence_number is_subdossier relative_path items_total") {
			if _, there := got[key]; !there {
				t.Errorf("there is no %s", key)
			}
		}
	})
	t.Run("add", func(t *testing.T) {
		r.in(t).addedBy(fuehrung, dossier().of(dossierType), rules.Contributor, rules.Editor, rules.LimitedAdmin, rules.Administrator, rules.Manager)
	})
	t.Run("closed", func(t *testing.T) {
		r := r.in(t)
		for _, state := range []string{"resolve", "deactivate"} {
			path := r.make(fuehrung, dossierType, dossier())
			r.transition(path, "dossier-transition-"+state, nil)
			r.refusedC(403, "Forbidden", "POST", path, object{"title": "x"}.of(documentType))
			r.refusedAB(401, "Unauthorized", "PATCH", path, object{"title": "x"})
		}
	})
	t.Run("lifecycle.permission", func(t *testing.T) {
		r := r.in(t)
		for role, writes := range map[rules.Role]string{
			rules.Editor: "", rules.LimitedAdmin: "archival_value", rules.Administrator: "archival_value date_of_submission", rules.Manager: "archival_value date_of_cassation date_of_submission",
		} {
			path := r.make(fuehrung, dossierType, dossier())
			id := "leben." + strings.ToLower(string(role))
			r.withRole(id, base, role)
			r.by(id).patch(path, object{"archival_value": "prompt", "date_of_submission": "2030-01-01", "date_of_cassation": "2030-01-01", "title": "geht"})
			got := r.get(path)
			for key, written := range map[string]string{"archival_value": "prompt", "date_of_submission": "2030-01-01", "date_of_cassation": "2030-01-01"} {
				if (got[key] == written) != strings.Contains(writes, key) {
					t.Errorf("%s: %s is %v", role, key, got[key])
				}
			}
			want(t, got, object{"title": "geht"})
		}
	})
}

func TestTable2_5(t *testing.T) {
	name := textRow("title", "Ein Text")
	name.takes, name.unset = name.takes[:1], nil
	name.required = true // without a file
	statement := "Could not resolve object for path=/ordnungssystem/fuehrung/dossier-23"
	related := relationRow("relatedItems", []any{}, "/ordnungssystem/fuehrung/dossier-23/document-260", "")
	related.refuses = append(related.refuses, pair{"/ordnungssystem/fuehrung/dossier-23", statement})
	rowsOf(t, dossier23, documentType, object{"title": "Ein Text"}, slices.Concat([]row{
		name, linesRow("description", nil), keywordsRow, related, textRow("foreign_reference", nil), dateRow("document_date", "2026-03-02"),
		dateRow("receipt_date", nil), dateRow("delivery_date", nil),
		choiceRow("document_type", nil, "request", "question", "report", "offer", "protocol", "contract", "directive", "regulations"),
		{name: "document_author", takes: []pair{{"Hans Muster", "Hans Muster"}, {"peter.muster", "Muster Peter"}}, refuses: []pair{{5, wrongType}}},
		flagRow("preserved_as_paper", true),
		{name: "digitally_available", initial: false, readOnly: true, takes: []pair{{true, false}}},
		{name: "archival_file_state", takes: []pair{{3, 3}}, refuses: []pair{{"x", wrongType}}},
		textRow("gever_url", ""), customRow,
		{name: "thumbnail", readOnly: true, takes: []pair{{"x", nil}}}, {name: "preview", readOnly: true, takes: []pair{{"x", nil}}},
		{name: "archival_file", takes: []pair{{textFile("a.pdf", "x"), func(t *testing.T, shown any) {
			file, _ := shown.(map[string]any)
			want(t, file, object{"filename": "a.pdf", "size": 1})
		}}}, refuses: []pair{{"x", wrongType}}},
		{name: "file", readOnly: true}, // but in a checkout: see below
	}, classified())...)
	r := open(t)
	for name, c := range map[string]struct{ body, shows object }{
		"file.title":            {object{"file": textFile("Mein Text.md", "x")}, object{"title": "Mein Text", "digitally_available": true, "file_extension": ".md"}},
		"title.filename":        {object{"title": "Sanierung Bärengraben 2016", "file": textFile("x.txt", "x")}, object{"file_extension": ".txt"}},
		"classification.parent": {object{"title": "x"}, object{"classification": "confidential", "public_trial": "unchecked"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			r.patch(dossier23, object{"classification": "confidential", "public_trial": "public"})
			got := r.get(r.make(dossier23, documentType, c.body))
			want(t, got, c.shows)
			if name == "title.filename" {
				want(t, got["file"].(map[string]any), object{"filename": "Sanierung Baerengraben 2016.txt"})
			}
		})
	}
	for name, c := range map[string]struct {
		file object
		want object
	}{
		"file.base64":              {object{"data": "QsOkcg==", "encoding": "base64", "filename": "a.txt"}, object{"size": 4, "filename": "a.txt", "content-type": "text/plain"}},
		"file.raw":                 {object{"data": "Bär", "filename": "a.txt"}, object{"size": 4, "content-type": "text/plain"}},
		"file.contentType":         {object{"data": "x", "filename": "a.txt", "content-type": "text/x-eigen; charset=utf-8"}, object{"content-type": "text/x-eigen; charset=utf-8"}},
		"file.contentType by name": {object{"data": "x", "filename": "a.PDF", "content-type": "nicht\tgültig"}, object{"content-type": "application/pdf", "filename": "a.pdf"}},
		"file.contentType unknown": {object{"data": "x", "filename": "a"}, object{"content-type": "application/octet-stream"}},
		"file.path":                {object{"data": "x", "filename": `C:\temp\b.txt`}, object{"filename": "b.txt"}},
		"file.empty":               {object{"data": "", "filename": "leer.txt"}, object{"size": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			path := r.make(dossier23, documentType, object{"file": c.file})
			got, _ := r.get(path)["file"].(map[string]any)
			want(t, got, c.want)
			compare(t, "keys", slices.Collect(maps.Keys(got)), []string{"content-type", "download", "filename", "size"})
			if got["download"] != "http://"+apitest.Host+path+"/@@download/file" {
				t.Errorf("download %v", got["download"])
			}
		})
	}
	for name, file := range map[string]any{"file.eml": textFile("x.eml", "x"), "file.msg": textFile("x.MSG", "x"), "file.p7m": textFile("x.p7m", "x"), "file.exe": textFile("x.EXE", "x")} {
		t.Run(name, func(t *testing.T) {
			p := r.in(t).refusedAB(400, "BadRequest", "POST", dossier23, object{"title": "x", "file": file}.of(documentType))
			if p.Metadata == nil || p.fields() != "" || p.Translated == "" {
				t.Errorf("%+v", p)
			}
		})
	}
	for name, file := range map[string]any{"file.bad base64": object{"data": "!", "encoding": "base64"}, "file.encoding": object{"data": "x", "encoding": "rot13"}, "file.text": "x", "file.no data": object{"filename": "x.txt"}} {
		t.Run(name, func(t *testing.T) {
			if p := r.in(t).refusedAB(400, "BadRequest", "POST", dossier23, object{"title": "x", "file": file}.of(documentType)); p.fields() != "file" {
				t.Errorf("%+v", p)
			}
		})
	}
	t.Run("title or file", func(t *testing.T) {
		if p := r.in(t).refusedAB(400, "BadRequest", "POST", dossier23, object{}.of(documentType)); p.fields() != "title" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("file.checkout", func(t *testing.T) {
		r := r.in(t)
		if p := r.refusedAB(403, "Forbidden", "PATCH", document, object{"file": textFile("a.txt", "x")}); p.Message != "msg_not_checked_out_by_current_user" {
			t.Errorf("%+v", p)
		}
		r.ask(204, "POST", document+"/@checkout", nil)
		r.patch(document, object{"file": textFile("a.txt", "x")})
		want(t, r.get(document)["file"].(map[string]any), object{"filename": "Ein Dokument.txt"})
		r.patch(document, object{"file": textFile("Neuer Name.md", "x"), "title": ""})
		want(t, r.get(document), object{"title": "Neuer Name"})
		r.patch(document, object{"file": nil, "title": "Ohne Datei"})
		want(t, r.get(document), object{"file": nil, "digitally_available": false})
	})
	t.Run("keys", func(t *testing.T) {
		got := r.in(t).get(document)
		for _, key := range strings.Fields("UID allow_discussion back_references_relatedItems bumblebee_checksum thumbnail_url preview_url pdf_url changeNote changed checked_out " +
			"checked_out_fullname checkout_collaborators is_collaborative_checkout containing_dossier containing_subdossier containing_subdossier_url created creator " +
			"current_version_id file_extension file_mtime getObjPositionInParent id is_folderish is_locked is_shadow_document layout modified next_item previous_item oguid " +
			"parent reference_number relative_path review_state sequence_number teamraum_connect_links trashed version workspace_document_urls") {
			if _, there := got[key]; !there {
				t.Errorf("there is no %s", key)
			}
		}
		for _, key := range []string{"items", "items_total"} {
			if _, there := got[key]; there {
				t.Errorf("a document has %s", key)
			}
		}
		want(t, got, object{"is_folderish": false, "version": "current", "trashed": false})
	})
}

func TestTable2_6(t *testing.T) {
	minimal := object{"title": "Prüfen", "issuer": "john.doe", "task_type": "approval", "responsible": "fd:peter.muster"}
	title := textRow("title", "Prüfen")
	title.required, title.takes = true, title.takes[:1]
	title.refuses = append(title.refuses[:2:2], pair{strings.Repeat("x", 257), tooLong})
	types := choiceRow("task_type", "approval", "direct-execution", "information", "approval", "comment", "correction", "report")
	deadline := dateRow("deadline", "2026-03-09") // Monday, 2 March, and five days without a weekend
	deadline.required = true
	rowsOf(t, dossier23, taskType, minimal,
		title, row{
			name: "issuer", initial: "john.doe", required: true, takes: []pair{{"peter.muster", "peter.muster"}, {object{"token": "john.doe"}, "john.doe"}},
			refuses: []pair{{"niemand", constraint}},
		},
		types, row{name: "responsible", initial: "fd:peter.muster", readOnly: true}, row{name: "responsible_client", initial: "fd", readOnly: true},
		usersRow("informed_principals"), row{name: "is_private", initial: false, required: true, takes: []pair{{false, false}}, refuses: []pair{{"x", wrongType}}}, flagRow("revoke_permissions", true), deadline,
		dateRow("date_of_completion", nil), dateRow("expectedStartOfWork", nil),
		row{name: "text", takes: []pair{
			{"<p>a</p>", object{"data": "<p>a</p>", "content-type": "text/html", "encoding": "utf8"}},
			{object{"data": "<p>b</p>", "content-type": "text/html", "encoding": "utf8"}, object{"data": "<p>b</p>", "content-type": "text/html", "encoding": "utf8"}},
		}, refuses: []pair{{5, wrongType}}},
		relationRow("relatedItems", []any{}, "/ordnungssystem/fuehrung/dossier-23/document-260", "/ordnungssystem/fuehrung/dossier-42"),
		numberRow("expectedDuration"), numberRow("expectedCost"), numberRow("effectiveDuration"), numberRow("effectiveCost"),
		textRow("predecessor", nil), row{name: "position", hidden: true, readOnly: true, takes: []pair{{1, nil}}},
		row{name: "sequence_type", readOnly: true, initial: nil})
	r := open(t)
	with := func(more object) object {
		out := maps.Clone(minimal)
		maps.Copy(out, more)
		return out
	}
	for name, c := range map[string]struct {
		more          object
		shown, client string
	}{
		"responsible.client:user": {object{"responsible": "fd:jane.leser"}, "fd:jane.leser", "fd"},
		"responsible.token":       {object{"responsible": object{"token": "fd:jane.leser", "title": "x"}}, "fd:jane.leser", "fd"},
		"responsible.inbox":       {object{"responsible": "inbox:fd"}, "inbox:fd", "fd"},
		"responsible.team":        {object{"responsible": "team:1"}, "team:1", "fd"},
		"responsible_client":      {object{"responsible": "jane.leser", "responsible_client": "fd"}, "fd:jane.leser", "fd"},
		"position":                {object{"position": 3}, "fd:peter.muster", "fd"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, r.in(t).get(r.make(dossier23, taskType, with(c.more))), object{"responsible": c.shown, "responsible_client": c.client})
		})
	}
	for _, name := range []string{"title", "issuer", "task_type", "responsible"} {
		t.Run(name+".required", func(t *testing.T) {
			body := with(object{})
			delete(body, name)
			if p := r.in(t).refusedAB(400, "BadRequest", "POST", dossier23, body.of(taskType)); p.fields() != name {
				t.Errorf("%+v", p)
			}
		})
	}
	for name, body := range map[string]object{
		"responsible.patch": {"responsible": "fd:jane.leser"}, "responsible_client.patch": {"responsible_client": "fd"}, "is_private.patch": {"is_private": true},
	} {
		t.Run(name, func(t *testing.T) {
			code := "change_responsible_not_allowed"
			if name == "is_private.patch" {
				code = "change_is_private_not_allowed"
			}
			if p := r.in(t).refusedAB(400, "BadRequest", "PATCH", task1, body); p.Message != code {
				t.Errorf("%+v", p)
			}
		})
	}
	t.Run("keys", func(t *testing.T) {
		got := r.in(t).by(peter).get(task1)
		want(t, got, object{
			"sequence_type": nil, "is_completed": false, "is_remote_task": false, "has_remote_predecessor": false, "has_sequential_successor": false,
			"is_current_user_responsible": true, "responses": []any{}, "creator": object{"@id": "http://" + apitest.Host + base + "/@actors/john.doe", "identifier": "john.doe"},
		})
		want(t, got["containing_dossier"].(map[string]any), object{"title": "Jahresrechnung"})
	})
	t.Run("state open", func(t *testing.T) {
		r := r.in(t)
		r.transition(task1, "task-transition-open-in-progress", nil)
		r.refusedAB(401, "Unauthorized", "PATCH", task1, object{"title": "x"})
	})
}

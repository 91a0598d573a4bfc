package gever_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	api "loket/gen/gever"
	"loket/handlers/apitest"
	rules "loket/store/gever"
)

// The running system's form, row by row (gever.md 0, 1.6, 1.7, 2.1-2.6, 3.2).

const origin = "http://" + apitest.Host

// titled is a choice as answers have it.
func titled(token, title string) object { return object{"token": token, "title": title} }

// keysOf are the keys of an object, sorted.
func keysOf(v any) string {
	m, _ := v.(map[string]any)
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

// raw reads an object as it comes.
func (r *room) raw(path string, header ...string) map[string]any {
	r.t.Helper()
	return r.ask(200, "GET", path, nil, header...).Object(r.t)
}

// at follows keys into an object.
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

// TestLiveRows are the rows of section 0's right-hand column.
func TestLiveRows(t *testing.T) {
	r := openLive(t)
	// Seven weeks on, summer time in the installation's zone: UTC stays UTC.
	r.Clock.Advance(7 * 7 * 24 * 3600e9)
	created := r.ask(201, "POST", fuehrung, dossier(object{"keywords": []any{"eins", "zwei"}}).of(dossierType))
	path := strings.TrimPrefix(created.Header.Get("Location"), origin)
	got := created.Object(t)
	patched := func(status int, prefer string) string {
		t.Helper()
		return string(r.ask(status, "PATCH", path, object{"title": "Anders"}, "Prefer", prefer).Body)
	}
	posted := func(prefer string) string {
		t.Helper()
		return string(r.ask(201, "POST", fuehrung, dossier().of(dossierType), "Prefer", prefer).Body)
	}
	written := func(value any) any {
		t.Helper()
		r.patch(path, object{"retention_period": value})
		return r.raw(path)["retention_period"]
	}
	for name, row := range map[string]struct{ got, want any }{
		"POST 201 body":                  {got, r.raw(path)},
		"POST 201 body, minimal":         {posted("return=minimal"), "null"},
		"POST 201 body, representation":  {strings.Contains(posted("handling=strict, return=representation"), `"@id"`), true},
		"PATCH response":                 {patched(204, ""), ""},
		"PATCH response, minimal":        {patched(204, "return=minimal"), ""},
		"PATCH response, representation": {strings.Contains(patched(200, "return=representation"), `"title": "Anders"`), true},
		"choice values":                  {got["archival_value"], titled("unchecked", "Nicht geprüft")},
		"choice values, int":             {got["custody_period"], titled("30", "30")},
		"choice values, unset":           {got["container_type"], nil},
		"choice values, written bare":    {written(10), titled("10", "10")},
		"choice values, written whole":   {written(titled("15", "egal")), titled("15", "15")},
		"responsible":                    {got["responsible"], titled("john.doe", "Doe John (john.doe)")},
		"responsible_actor":              {got["responsible_actor"], object{"@id": origin + base + "/@actors/john.doe", "identifier": "john.doe"}},
		"responsible_fullname":           {got["responsible_fullname"], "Doe John"},
		"@context":                       {strings.Contains(keysOf(got), "@context"), false},
		"created":                        {strings.HasPrefix(got["created"].(string), "2026-04-20T09:00:0"), true},
		"created, zone":                  {strings.HasSuffix(got["created"].(string), "+00:00"), true},
		"modified":                       {got["modified"], got["created"]},
		"comments":                       {strings.Contains(keysOf(got), "comments"), false},
		"responses":                      {got["responses"], []any{}},
		"oguid":                          {strings.HasPrefix(got["oguid"].(string), "fd:"), true},
		"item summary keys":              {keysOf(at(r.raw(dossier23), "items").([]any)[0]), "@id @type UID checked_out description file_extension is_leafnode review_state title"},
		"relatedDossier empty":           {got["relatedDossier"], []any{}},
		"reference_number":               {got["reference_number"], "FD 1 / 1"},
		"keywords":                       {got["keywords"], []any{titled("eins", "eins"), titled("zwei", "zwei")}},
		"DELETE":                         {r.do("DELETE", r.make(fuehrung, dossierType, dossier()), nil).Status, 204},
		"DELETE, generally forbidden":    {r.by(peter).do("DELETE", document, nil).Status, 403},
	} {
		t.Run(name, func(t *testing.T) {
			if !same(row.got, row.want) {
				t.Errorf("%v, want %v", row.got, row.want)
			}
		})
	}
	if string(r.ask(200, "GET", base+"/documentation.json", nil).Body) != string(api.LiveDocumentation) {
		t.Error("documentation.json is not that of the live contract")
	}
	// The workflows are about the page's answers.
	r.ask(404, "GET", base+"/workflows.yaml", nil)
	open(t).ask(200, "GET", base+"/workflows.yaml", nil)
}

// TestLiveAttributes are the rows of 1.6: each attribute of the dossier as it
// is read, and as it is written and read again; and nothing else is there.
func TestLiveAttributes(t *testing.T) {
	r := openLive(t)
	before := r.raw(dossier23)
	at23 := origin + dossier23
	unset := object{
		"@id": at23, "@type": dossierType, "UID": "66395be6595b4db29a3282749ed50302", "archival_value": titled("not archival worthy", "Nicht archivwürdig"),
		"archival_value_annotation": nil, "classification": titled("unprotected", "Nicht klassifiziert"), "container_location": nil, "container_type": nil,
		"created": "2016-01-08T08:51:40+00:00", "custody_period": titled("30", "30"), "date_of_cassation": nil, "date_of_submission": nil, "description": "",
		"end": nil, "filing_prefix": nil, "former_reference_number": nil, "keywords": []any{}, "modified": "2016-01-19T10:15:22+00:00", "number_of_containers": nil,
		"privacy_layer": titled("privacy_layer_no", "Nein"), "public_trial": titled("unchecked", "Nicht geprüft"), "public_trial_statement": nil,
		"reference_number": nil, // data, not mode (0.1 rule 8)
		"relatedDossier":   []any{}, "responsible": titled("john.doe", "Doe John (john.doe)"), "retention_period": titled("5", "5"), "retention_period_annotation": nil,
		"review_state": "dossier-state-active", "start": "2016-01-08", "temporary_former_reference_number": nil, "title": "Ein Geschäftsdossier",
		// Live additions.
		"allow_discussion": false, "back_references_relatedDossier": []any{}, "blocked_local_roles": false, "changed": "2016-01-19T10:15:22+00:00", "checklist": nil,
		"custom_properties": nil, "dossier_manager": nil, "dossier_type": nil, "extend_local_roles": false, "external_reference": nil, "has_pending_jobs": false,
		"id": "dossier-23", "is_folderish": true, "is_protected": false, "is_subdossier": false, "layout": "tabbed_view", "reading": []any{},
		"reading_and_writing": []any{}, "relative_path": strings.TrimPrefix(dossier23, base+"/"), "responses": r.raw(dossier23 + "/@responses")["items"],
		"responsible_actor":    object{"@id": origin + base + "/@actors/john.doe", "identifier": "john.doe"},
		"responsible_fullname": "Doe John", "sequence_number": 23, "touched": "2016-01-19", "version": "current", "items_total": 2, "previous_item": object{},
		"next_item": object{"@id": origin + fuehrung + "/dossier-42", "@type": dossierType, "description": "", "title": "Dossier 42"},
	}
	want(t, before, unset)
	intid := strings.TrimPrefix(before["oguid"].(string), "fd:")
	if before["email"] != intid+"@fd.example.org" {
		t.Errorf("email %v, oguid %v", before["email"], before["oguid"])
	}
	keys := append(slices.Collect(maps.Keys(unset)), "@components", "email", "items", "oguid", "parent")
	slices.Sort(keys)
	if diff := cmp.Diff(strings.Join(keys, " "), keysOf(before)); diff != "" {
		t.Errorf("keys (-want +got): %s", diff)
	}
	if got := keysOf(before["@components"]); got != "actions breadcrumbs listing-stats lock main-dossier navigation reference-number types workflow" {
		t.Errorf("@components: %s", got)
	}
	want(t, at(before, "@components", "lock").(map[string]any), object{"@id": at23 + "/@lock"})
	want(t, at(before, "@components", "main-dossier").(map[string]any), object{"@id": at23, "dossier_type": nil})

	for _, c := range []struct {
		name           string
		written, shown any
	}{
		{"archival_value", titled("prompt", "egal"), titled("prompt", "Anbieten")},
		{"archival_value", "archival worthy with sampling", titled("archival worthy with sampling", "Sampling")},
		{"archival_value_annotation", "Weil", "Weil"},
		{"classification", "classified", titled("classified", "Geheim")},
		{"container_location", "Keller", "Keller"},
		{"container_type", titled("box", "Schachtel"), titled("box", "Schachtel")},
		{"container_type", nil, nil},
		{"custody_period", titled("150", "150"), titled("150", "150")},
		{"custody_period", 100, titled("100", "100")},
		{"custody_period", "0", titled("0", "0")},
		{"date_of_cassation", "2040-01-01", "2040-01-01"},
		{"date_of_submission", "2041-01-01", "2041-01-01"},
		{"description", "Mehr\ndazu", "Mehr\ndazu"},
		{"description", nil, ""},
		{"end", "2030-12-31", "2030-12-31"},
		{"filing_prefix", "government", titled("government", "Regierung")},
		{"former_reference_number", "FD 9", "FD 9"},
		{"keywords", []any{titled("Alt", "Alt"), "Neu"}, []any{titled("Alt", "Alt"), titled("Neu", "Neu")}},
		{"keywords", []any{}, []any{}},
		{"number_of_containers", 3, 3},
		{"privacy_layer", "privacy_layer_yes", titled("privacy_layer_yes", "Ja")},
		{"public_trial", "limited-public", titled("limited-public", "Eingeschränkt öffentlich")},
		{"public_trial_statement", "Grund", "Grund"},
		{"responsible", titled("peter.muster", "egal"), titled("peter.muster", "Muster Peter (peter.muster)")},
		{"retention_period", titled("25", "25"), titled("25", "25")},
		{"retention_period_annotation", "Weil", "Weil"},
		{"start", "2016-01-09", "2016-01-09"},
		{"temporary_former_reference_number", "T 1", "T 1"},
		{"title", "Anders", "Anders"},
		{"checklist", object{"items": []any{object{"title": "x", "state": "closed"}}}, object{"items": []any{object{"title": "x", "state": "closed"}}}},
		{"custom_properties", object{"default": object{"f": titled("a", "A")}}, object{"default": object{"f": titled("a", "A")}}},
		{"dossier_manager", "peter.muster", titled("peter.muster", "Muster Peter (peter.muster)")},
		{"dossier_type", "businesscase", titled("businesscase", "Geschäftsfall")},
		{"extend_local_roles", true, true},
		{"external_reference", "X-1", "X-1"},
		{"reading", []any{"jane.leser"}, []any{titled("jane.leser", "Leser Jane (jane.leser)")}},
		{"reading_and_writing", []any{titled("peter.muster", "egal")}, []any{titled("peter.muster", "Muster Peter (peter.muster)")}},
	} {
		r.patch(dossier23, object{c.name: c.written})
		want(t, r.raw(dossier23), object{c.name: c.shown})
	}
	want(t, r.raw(dossier23), object{"is_protected": true, "responsible_fullname": "Muster Peter"})
	// `comments` is a field no more; the key has no effect.
	r.patch(dossier23, object{"comments": "weg"})
	if p := r.refusedAB(400, "BadRequest", "PATCH", dossier23, object{"comments": "weg"}, "Prefer", "handling=strict"); p.fields() != "comments" {
		t.Errorf("%+v", p)
	}
	if _, there := at(r.raw(dossier23+"/@schema"), "properties").(map[string]any)["comments"]; there {
		t.Error("the schema knows comments")
	}
	// Relations, in both directions.
	r.patch(dossier23, object{"relatedDossier": object{"@id": origin + fuehrung + "/dossier-42"}})
	related := object{
		"@id": origin + fuehrung + "/dossier-42", "@type": dossierType, "description": "", "dossier_type": nil, "is_leafnode": nil, "is_subdossier": false,
		"review_state": "dossier-state-active", "title": "Dossier 42",
	}
	want(t, at(r.raw(dossier23), "relatedDossier").([]any)[0].(map[string]any), related)
	sub := r.make(dossier23, dossierType, dossier())
	r.patch(fuehrung+"/dossier-42", object{"relatedDossier": "/" + strings.TrimPrefix(sub, base+"/")})
	want(t, at(r.raw(fuehrung+"/dossier-42"), "relatedDossier").([]any)[0].(map[string]any), object{"is_subdossier": true})
	if got := titles(r.raw(fuehrung + "/dossier-42")["back_references_relatedDossier"]); got != "Anders" {
		t.Errorf("back_references_relatedDossier: %s", got)
	}
	// date_of_cassation is the Manager's, to read and to write.
	if _, there := r.by(peter).raw(dossier23)["date_of_cassation"]; there {
		t.Error("an Editor sees date_of_cassation")
	}
	if got := at(r.by(peter).raw(fuehrung+"?metadata_fields=date_of_cassation"), "items").([]any)[0].(map[string]any); got["date_of_cassation"] != nil {
		t.Errorf("an Editor sees date_of_cassation in items: %v", got)
	}
	if _, there := r.by(peter).raw(fuehrung)["date_of_cassation"]; there {
		t.Error("an Editor sees the folder's date_of_cassation")
	}
	want(t, at(r.raw(fuehrung+"?metadata_fields=date_of_cassation"), "items").([]any)[0].(map[string]any), object{"date_of_cassation": "2040-01-01"})
}

// TestLiveSummaries are the rows of 1.7: by type, in items, as parent, in
// relations, and with metadata_fields.
func TestLiveSummaries(t *testing.T) {
	r := openLive(t)
	const (
		always    = "@id @type UID description is_leafnode review_state title"
		ofHit     = "@id @type UID checked_out description file_extension is_leafnode review_state title"
		ofDossier = "@id @type UID description is_leafnode is_subdossier review_state title"
		ofParent  = "@id @type UID description dossier_type is_leafnode is_subdossier review_state title"
	)
	// The number stands before the title, so it is one word.
	if p := r.refusedAB(400, "BadRequest", "POST", base+"/ordnungssystem", object{"title_de": "x", "reference_number_prefix": "1 A"}.of(folderType)); p.fields() != "reference_number_prefix" {
		t.Errorf("%+v", p)
	}
	sub := r.make(dossier23, dossierType, dossier(object{"dossier_type": "businesscase", "description": "Unten"}))
	docx := r.make(sub, documentType, object{"title": "Vertrag", "file": textFile("x.docx", "x")})
	mail := r.make(sub, "ftw.mail.mail", object{"message": textFile("x.eml", "Subject: Hallo\n\n")})
	r.ask(204, "POST", docx+"/@checkout", nil)
	r.patch(mail, object{"relatedItems": []any{"/" + strings.TrimPrefix(docx, base+"/")}})
	item := func(path string, i int) any { return r.raw(path)["items"].([]any)[i] }
	for name, c := range map[string]struct {
		got    any
		keys   string
		values object
	}{
		"root in the site":     {item(base, 0), always, object{"title": "Ordnungssystem", "is_leafnode": nil, "review_state": "repositoryroot-state-active", "description": ""}},
		"folder in the root":   {item(base+"/ordnungssystem", 1), always, object{"title": "2. Finanzen", "is_leafnode": false}},
		"folder in a folder":   {item(base+"/ordnungssystem/finanzen", 0), always, object{"title": "2.1. Rechnungswesen", "is_leafnode": true}},
		"dossier in a folder":  {item(fuehrung, 0), ofDossier, object{"title": "Ein Geschäftsdossier", "is_subdossier": false, "is_leafnode": nil}},
		"dossier in a dossier": {item(dossier23, 2), ofDossier, object{"is_subdossier": true, "description": "Unten"}},
		"document":             {item(sub, 0), ofHit, object{"checked_out": "john.doe", "file_extension": ".docx", "review_state": "document-state-draft"}},
		"mail":                 {item(sub, 1), ofHit, object{"checked_out": "", "file_extension": ".eml", "review_state": "mail-state-active"}},
		"task":                 {item(dossier21, 0), always, object{"title": "Jahresrechnung prüfen"}},
		"site as parent":       {r.raw(base + "/ordnungssystem")["parent"], "@id @type description is_leafnode title", object{"title": "Finanzdirektion", "@type": "Plone Site", "@id": origin + base}},
		"folder as parent":     {r.raw(dossier21)["parent"], always, object{"title": "2.1. Rechnungswesen"}},
		"dossier as parent":    {r.raw(docx)["parent"], ofParent, object{"dossier_type": "businesscase", "is_subdossier": true}},
		"containing_dossier":   {r.raw(docx)["containing_dossier"], ofParent, object{"dossier_type": nil, "title": "Ein Geschäftsdossier"}},
		"main-dossier":         {at(r.raw(docx), "@components", "main-dossier"), ofParent, object{"title": "Ein Geschäftsdossier"}},
		"relation":             {at(r.raw(mail), "relatedItems").([]any)[0], ofHit, object{"checked_out": nil, "file_extension": ".docx"}},
		"back reference":       {at(r.raw(docx), "back_references_relatedItems").([]any)[0], ofHit, object{"checked_out": nil, "title": "Hallo"}},
		"neighbour":            {r.raw(fuehrung)["next_item"], "@id @type description title", object{"title": "2. Finanzen", "description": ""}},
	} {
		if got := keysOf(c.got); got != c.keys {
			t.Errorf("%s: keys %s, want %s", name, got, c.keys)
		}
		want(t, c.got.(map[string]any), c.values)
	}
	if got := r.raw(docx); got["checked_out"] != "john.doe" || got["checked_out_fullname"] != "Doe John" {
		t.Errorf("checked_out %v", got["checked_out"])
	}
	fields := []string{"created", "creator", "modified", "changed", "filename", "filesize", "mimetype", "dossier_type", "review_state_label", "reference_number", "is_locked", "responsible", "retention_period", "nichts"}
	got := at(r.raw(sub+"?metadata_fields="+strings.Join(fields, "&metadata_fields=")), "items").([]any)[0].(map[string]any)
	want(t, got, object{
		"creator": "john.doe", "filename": "Vertrag.docx", "filesize": 1, "mimetype": "text/plain", "dossier_type": nil, "review_state_label": "Entwurf",
		"reference_number": nil, "is_locked": false, "responsible": nil, "retention_period": nil, "nichts": nil, "modified": got["created"],
	})
	if created := got["created"].(string); !strings.HasSuffix(created, "+00:00") {
		t.Errorf("created %s", created)
	}
	want(t, at(r.raw(dossier23+"?metadata_fields:list=dossier_type&metadata_fields:list=responsible&metadata_fields:list=retention_period"), "items").([]any)[2].(map[string]any),
		object{"dossier_type": "businesscase", "responsible": "john.doe", "retention_period": 5})
}

// TestLiveTypes are the tables of 2.2, 2.3, 2.5 and 2.6: what each type shows,
// complete, and what its fields say when nothing was written.
func TestLiveTypes(t *testing.T) {
	r := openLive(t)
	doc := r.make(dossier21, documentType, object{"title": "Notiz", "file": textFile("x.txt", "test")})
	task := r.make(dossier21, taskType, object{
		"title": "Prüfen", "issuer": "john.doe", "task_type": titled("approval", "egal"), "responsible": titled("fd:peter.muster", "egal"), "text": "<p>Bitte</p>",
		"informed_principals": []any{"jane.leser"},
	})
	name := func(id, full string) object { return titled(id, full+" ("+id+")") }
	for path, c := range map[string]struct {
		keys   string
		values object
	}{
		base + "/ordnungssystem": {
			`@components @id @type UID allow_discussion created id is_folderish items items_total layout modified next_item oguid parent previous_item
			reference_number_addendum relative_path review_state title_de valid_from valid_until version`,
			object{"@type": rootType, "title_de": "Ordnungssystem", "version": nil, "allow_discussion": false, "reference_number_addendum": nil},
		},
		fuehrung: {
			`@components @id @type UID addable_dossier_templates allow_add_businesscase_dossier allow_discussion archival_value archival_value_annotation
			blocked_local_roles changed classification created custody_period date_of_cassation date_of_submission description former_reference id is_folderish
			is_leafnode items items_total layout location modified next_item oguid parent previous_item privacy_layer public_trial public_trial_statement
			reference_number reference_number_prefix referenced_activity relative_path respect_max_subdossier_depth_restriction responsible_org_unit
			retention_period retention_period_annotation review_state title_de valid_from valid_until version`,
			object{
				"reference_number": "FD 1", "reference_number_prefix": "1", "is_leafnode": true, "retention_period": titled("5", "5"), "custody_period": titled("30", "30"),
				"classification": titled("unprotected", "Nicht klassifiziert"), "description": "", "addable_dossier_templates": []any{}, "allow_add_businesscase_dossier": true,
				"version": "current", "blocked_local_roles": false, "archival_value": titled("unchecked", "Nicht geprüft"), "location": nil,
			},
		},
		doc: {
			`@components @id @type UID allow_discussion archival_file archival_file_state back_references_relatedItems bumblebee_checksum changeNote changed
			checked_out checked_out_fullname checkout_collaborators classification containing_dossier containing_subdossier containing_subdossier_url created
			creator current_version_id custom_properties delivery_date description digitally_available document_author document_date document_type file
			file_extension file_mtime foreign_reference getObjPositionInParent gever_url id is_collaborative_checkout is_folderish is_locked is_shadow_document
			keywords layout modified next_item oguid parent pdf_url preserved_as_paper preview preview_url previous_item privacy_layer public_trial
			public_trial_statement receipt_date reference_number relatedItems relative_path review_state sequence_number teamraum_connect_links thumbnail
			thumbnail_url title trashed version workspace_document_urls`,
			object{
				"description": "", "document_type": nil, "keywords": []any{}, "classification": titled("unprotected", "Nicht klassifiziert"), "gever_url": "",
				"creator": object{"@id": origin + base + "/@actors/john.doe", "identifier": "john.doe"}, "checked_out": nil, "current_version_id": 0, "is_folderish": false,
				"file": object{
					"content-type": "text/plain", "download": origin + doc + "/@@download/file", "filename": "Notiz.txt", "size": 4,
				},
				"file_extension": ".txt", "document_date": "2026-03-02", "version": "current", "trashed": false, "reference_number": "FD 2.1 / 1 / 261",
				"teamraum_connect_links": object{"gever_document": []any{}, "workspace_documents": []any{}}, "previous_item": object{
					"@id": origin + task1, "@type": taskType, "description": "", "title": "Jahresrechnung prüfen",
				},
			},
		},
		task: {
			`@components @id @type UID allow_discussion changed containing_dossier created creator date_of_completion deadline effectiveCost effectiveDuration
			expectedCost expectedDuration expectedStartOfWork has_remote_predecessor has_sequential_successor id informed_principals is_completed
			is_current_user_responsible is_folderish is_private is_remote_task issuer items items_total layout modified next_item oguid parent predecessor
			previous_item relatedItems relative_path responses responsible responsible_actor responsible_admin_unit_url responsible_client responsible_fullname
			review_state revoke_permissions sequence_number sequence_type task_type text title version`,
			object{
				"issuer": name("john.doe", "Doe John"), "task_type": titled("approval", "Zur Genehmigung"), "responsible_client": titled("fd", "Finanzdirektion"),
				"responsible":          titled("fd:peter.muster", "Finanzdirektion: Muster Peter (peter.muster)"),
				"responsible_actor":    object{"@id": origin + base + "/@actors/peter.muster", "identifier": "peter.muster"},
				"responsible_fullname": "Muster Peter", "informed_principals": []any{name("jane.leser", "Leser Jane")}, "is_private": false, "revoke_permissions": true,
				"text": object{"data": "<p>Bitte</p>", "content-type": "text/html", "encoding": "utf8"}, "relatedItems": []any{}, "responses": []any{}, "sequence_type": nil,
				"is_completed": false, "is_remote_task": false, "has_remote_predecessor": false, "has_sequential_successor": false, "deadline": "2026-03-09",
				"is_current_user_responsible": false, "predecessor": nil, "version": "current",
			},
		},
	} {
		got := r.raw(path)
		if diff := cmp.Diff(strings.Join(strings.Fields(c.keys), " "), keysOf(got)); diff != "" {
			t.Errorf("%s: keys (-want +got): %s", path, diff)
		}
		want(t, got, c.values)
	}
	// Inboxes and teams are actors of their own.
	for responsible, c := range map[string]struct{ title, actor, full string }{
		"inbox:fd": {"Eingangskorb: Finanzdirektion", "inbox:fd", "Eingangskorb: Finanzdirektion"}, "team:1": {"team:1", "team:1", "team:1"}, "fd:john.doe": {"Finanzdirektion: Doe John (john.doe)", "john.doe", "Doe John"},
	} {
		path := r.make(dossier21, taskType, object{"title": "x", "issuer": "john.doe", "task_type": "report", "responsible": responsible})
		want(t, r.raw(path), object{
			"responsible": titled(responsible, c.title), "responsible_fullname": c.full,
			"responsible_actor": object{"@id": origin + base + "/@actors/" + c.actor, "identifier": c.actor},
		})
	}
	// A version is the document with its number; whole items have their own
	// @components.
	r.ask(204, "POST", doc+"/@checkout", nil)
	r.ask(204, "POST", doc+"/@checkin", object{})
	want(t, r.raw(doc+"/@versions/0"), object{"version": "0", "current_version_id": 1, "classification": titled("unprotected", "Nicht klassifiziert")})
	whole := at(r.raw(dossier21+"?fullobjects=1"), "items").([]any)
	want(t, whole[0].(map[string]any), object{"@type": taskType, "task_type": titled("direct-execution", "Zur direkten Erledigung"), "version": "current"})
	if !strings.Contains(keysOf(whole[1]), "@components") {
		t.Errorf("%v", whole[1])
	}
}

// TestLiveLanguages: Accept-Language picks the titles of values and of
// objects, and what people read of a refusal.
func TestLiveLanguages(t *testing.T) {
	r := openLive(t, func(s *rules.Settings) { s.Languages = []string{"de", "fr"} })
	path := r.make(base+"/ordnungssystem", folderType, object{"title_de": "Bildung", "title_fr": "Formation", "title_en": "Education"})
	dossier := r.make(path, dossierType, dossier(object{"classification": "classified"}))
	for header, c := range map[string]struct{ classification, folder, inputs string }{
		"":                             {"Geheim", "3. Bildung", "Eingaben sind ungültig"},
		"de":                           {"Geheim", "3. Bildung", "Eingaben sind ungültig"},
		"fr":                           {"Secret", "3. Formation", "Les données saisies ne sont pas valides"},
		"fr-CH, de;q=0.5":              {"Secret", "3. Formation", "Les données saisies ne sont pas valides"},
		"fr;q=0.1, en;q=0.9":           {"Classified", "3. Bildung", "Inputs not valid"}, // title_en is not enabled
		"it, de-CH;q=0.8":              {"Geheim", "3. Bildung", "Eingaben sind ungültig"},
		"it":                           {"Geheim", "3. Bildung", "Eingaben sind ungültig"},
		"not a language at all,,;q=x ": {"Geheim", "3. Bildung", "Eingaben sind ungültig"},
	} {
		got := r.raw(dossier, "Accept-Language", header)
		want(t, got, object{"classification": titled("classified", c.classification)})
		want(t, got["parent"].(map[string]any), object{"title": c.folder})
		want(t, at(r.raw(base+"/ordnungssystem", "Accept-Language", header), "items").([]any)[2].(map[string]any), object{"title": c.folder})
		want(t, r.raw(dossier+"/@vocabularies/classification?b_start=2", "Accept-Language", header), object{"items": []any{titled("classified", c.classification)}})
		if p := r.refusedAB(400, "BadRequest", "PATCH", dossier, object{"title": nil}, "Accept-Language", header); p.Translated != c.inputs {
			t.Errorf("%q: %s", header, p.Translated)
		}
	}
	// The whole object has the titles of the enabled languages, and no other.
	if got := keysOf(r.raw(path)); !strings.Contains(got, " title_de title_fr ") || strings.Contains(got, " title ") || strings.Contains(got, "title_en") {
		t.Errorf("keys %s", got)
	}
}

// TestLiveErrors are the rows of 3.2: the three shapes with all their keys.
func TestLiveErrors(t *testing.T) {
	r := openLive(t)
	p := r.by(peter)
	doc := r.make(dossier23, documentType, object{"title": "x", "file": textFile("x.txt", "x")})
	r.ask(200, "POST", doc+"/@lock", nil)
	for _, c := range []struct {
		name         string
		r            *room
		status       int
		method, path string
		body         any
		want         object
	}{
		{"field validation", r, 400, "POST", base + "/ordnungssystem", object{"description": "x"}.of(folderType), object{
			"type": "BadRequest", "message": "[{'field': 'title_de', 'message': u'Required input is missing.', 'error': 'ValidationError'}]",
			"translated_message":  "Inputs not valid",
			"additional_metadata": object{"fields": []any{object{"field": "title_de", "type": "ValidationError", "translated_message": "Required input is missing."}}},
		}},
		{"not in the vocabulary", r, 400, "PATCH", dossier23, object{"classification": titled("x", "X")}, object{
			"type": "BadRequest", "message": "[{'field': 'classification', 'message': u'Constraint not satisfied', 'error': 'ValidationError'}]",
			"translated_message":  "Inputs not valid",
			"additional_metadata": object{"fields": []any{object{"field": "classification", "type": "ValidationError", "translated_message": "Constraint not satisfied"}}},
		}},
		{"no type", r, 400, "POST", fuehrung, object{"title": "x"}, object{"type": "BadRequest", "message": "Property '@type' is required"}},
		{"invariant", r, 400, "PATCH", dossier23, object{"start": "2030-01-01", "end": "2029-01-01"}, object{
			"type": "BadRequest", "message": "The start date must be before the end date.", "translated_message": "The start date must be before the end date.", "additional_metadata": object{},
		}},
		{"mail as file", r, 400, "POST", dossier23, object{"file": textFile("x.msg", "x")}.of(documentType), object{
			"type": "BadRequest", "message": "It is not possible to add E-mails as document, use portal_type ftw.mail.mail instead.",
			"translated_message": "It is not possible to add E-mails as document, use portal_type ftw.mail.mail instead.", "additional_metadata": object{},
		}},
		{"no JSON", r, 400, "PATCH", dossier23, []byte("{"), object{"error": object{"type": "DeserializationError", "message": "No JSON object could be decoded"}}},
		{"a list", r, 400, "PATCH", dossier23, []byte("[]"), object{"error": object{"type": "DeserializationError", "message": "Malformed body"}}},
		{"transition", r, 400, "POST", document + "/@workflow/nichts", nil, object{"error": object{
			"type":    "Bad Request",
			"message": "Invalid transition 'nichts'.\nValid transitions are:\ndocument-transition-draft-signing\ndocument-transition-finalize\ndocument-transition-remove",
		}}},
		{"not signed in", r, 401, "GET", dossier23, nil, object{"type": "Unauthorized", "message": "You are not authorized to access this resource."}},
		{"not allowed", r.by(jane), 401, "PATCH", dossier23, object{"title": "x"}, object{"type": "Unauthorized", "message": "You are not authorized to access this resource."}},
		{"may not add", r.by(jane), 403, "POST", fuehrung, dossier().of(dossierType), object{"error": object{"type": "Forbidden", "message": "Cannot create " + dossierType}}},
		{"locked", p, 403, "PATCH", doc, object{"title": "x"}, object{
			"type": "Forbidden", "message": "msg_resource_locked", "translated_message": "Resource is locked.", "additional_metadata": object{},
		}},
		{"not checked out", r, 403, "PATCH", doc, object{"file": textFile("x.txt", "y")}, object{
			"type": "Forbidden", "message": "msg_not_checked_out_by_current_user", "translated_message": "Document not checked-out by current user.", "additional_metadata": object{},
		}},
		{"unknown path", r, 404, "GET", base + "/nichts", nil, object{"type": "NotFound", "message": "Resource not found: " + origin + base + "/nichts"}},
	} {
		header := []string{"Accept-Language", "en"}
		if c.name == "not signed in" {
			header = append(header, "Authorization", "")
		}
		got := c.r.ask(c.status, c.method, c.path, c.body, header...).Object(t)
		if !same(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// What names something is translated too; message stays.
	for language, c := range map[string]struct{ year, related, file string }{
		"de": {"Das Jahr 1800 ist ungültig; es muss mindestens 1900 sein.", "Es gibt kein Objekt mit path=/nichts", "Dateien mit der Endung .exe sind nicht erlaubt."},
		"fr": {"L'année 1800 n'est pas valide ; elle doit être au moins 1900.", "Il n'y a pas d'objet avec path=/nichts", "Les fichiers avec l'extension .exe ne sont pas autorisés."},
		"en": {"year=1800 is invalid. Year must be >= 1900.", "Could not resolve object for path=/nichts", "Files with the extension .exe are not allowed."},
	} {
		for text, body := range map[string]object{c.year: {"start": "1800-01-01"}, c.related: {"relatedDossier": "/nichts"}} {
			got := r.refusedAB(400, "BadRequest", "PATCH", dossier23, body, "Accept-Language", language)
			if got.Metadata.Fields[0].Translated != text {
				t.Errorf("%s: %+v", language, got.Metadata.Fields)
			}
		}
		got := r.refusedAB(400, "BadRequest", "POST", dossier23, object{"file": textFile("x.exe", "x")}.of(documentType), "Accept-Language", language)
		if got.Translated != c.file || got.Message != "Files with the extension .exe are not allowed." {
			t.Errorf("%s: %+v", language, got)
		}
	}
	_, inner := r.refusedC(403, "Forbidden", "POST", base+"/ordnungssystem", dossier().of(dossierType))
	if inner["message"] != "Disallowed subobject type: "+dossierType {
		t.Errorf("%v", inner)
	}
	_, inner = r.refusedC(400, "PreconditionsViolated", "POST", dossier21+"/@workflow/dossier-transition-resolve", nil)
	if got := keysOf(inner); got != "errors has_not_closed_tasks message type" {
		t.Errorf("keys %s", got)
	}
}

// TestLiveRoundTrip: what GET gives can be sent back (pitfall 16); nothing
// changes by it.
func TestLiveRoundTrip(t *testing.T) {
	r := openLive(t)
	r.patch(dossier23, object{
		"keywords": []any{"a"}, "relatedDossier": []any{"/ordnungssystem/fuehrung/dossier-42"}, "reading": []any{"jane.leser"}, "dossier_manager": "peter.muster",
		"container_type": "box", "checklist": object{"items": []any{object{"title": "x", "state": "open"}}}, "end": "2030-01-01", "number_of_containers": 2,
	})
	r.patch(document, object{"keywords": []any{"b"}, "document_type": "report", "relatedItems": []any{"/ordnungssystem/fuehrung/dossier-23/document-260"}})
	for _, path := range []string{base + "/ordnungssystem", fuehrung, dossier23, document} {
		before := r.raw(path)
		sent := maps.Clone(before)
		delete(sent, "file") // needs a checkout, whatever it holds
		r.patch(path, sent)
		if diff := cmp.Diff(before, r.raw(path)); diff != "" {
			t.Errorf("%s (-before +after): %s", path, diff)
		}
	}
}

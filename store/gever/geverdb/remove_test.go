package geverdb_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// TestDeleteLeavesNoRows: with an object goes every row that names it, in
// whatever table; but for the numbers that it was given.
func TestDeleteLeavesNoRows(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	no, comment := false, "x"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	values := map[string]any{"title": "x", "responsible": john}
	container := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, values)
	moved, err := b.Move(ctx, john, container, ref(b.make(t, "ordnungssystem/fuehrung", gever.DossierType, values)))
	must(err)
	dossier := moved[0].To
	document := b.make(t, dossier, gever.DocumentType, map[string]any{
		"title": "x", "file": map[string]any{"data": "eA==", "encoding": "base64", "filename": "x.txt"}, "relatedItems": []any{"/" + dossier23 + "/document-259"},
	})
	task := b.make(t, dossier, gever.TaskType, map[string]any{"title": "x", "issuer": john, "task_type": "information", "responsible": "fd:" + john})
	must(b.Checkout(ctx, john, document))
	must(b.Checkin(ctx, john, document, ""))
	must(b.Share(ctx, john, dossier, gever.SharingChange{
		Inherit: &no, Entries: []gever.SharingEntry{{Principal: "jane.leser", Roles: []gever.Role{gever.Reader}}},
	}))
	must(b.Participate(ctx, john, dossier, "jane.leser", []string{"regard"}))
	must(b.WriteJournal(ctx, john, dossier, gever.JournalChange{Comment: &comment}))
	_, err = b.Respond(ctx, john, task, "x")
	must(err)
	_, err = b.BeginUpload(ctx, john, dossier, gever.NewUpload{Length: 3, Filename: "x.bin"})
	must(err)
	doomed := []string{document, task, dossier}
	ids := make([]int64, len(doomed))
	for i, path := range doomed {
		v, err := b.Get(ctx, john, path, geverdb.Window{})
		must(err)
		ids[i] = v.IntID
	}
	// rows are those of a table that name one of them.
	rows := func(row any) (table string, n int64) {
		s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
		must(err)
		var columns []string
		for _, column := range s.DBNames {
			if column == "object_id" || column == "result_id" || s.Table == "gever_relations" && strings.HasSuffix(column, "_id") {
				columns = append(columns, column+" IN @ids")
			}
		}
		if s.Table == "gever_references" || len(columns) == 0 {
			return s.Table, 0
		}
		must(b.store.Read(ctx, func(tx *gorm.DB) error {
			return tx.Table(s.Table).Where(strings.Join(columns, " OR "), map[string]any{"ids": ids}).Count(&n).Error
		}))
		return s.Table, n
	}
	var before []string
	for _, row := range geverdb.Rows() {
		if table, n := rows(row); n > 0 {
			before = append(before, table)
		}
	}
	slices.Sort(before)
	if got := strings.Join(before, " "); got != "gever_history gever_journal gever_local_roles gever_needed_blobs gever_participations "+
		"gever_redirects gever_relations gever_responses gever_sorting gever_terms gever_uploads gever_versions" {
		t.Errorf("the objects have rows in %s", got)
	}
	for _, path := range doomed {
		must(b.Delete(ctx, john, path))
	}
	for _, row := range geverdb.Rows() {
		if table, n := rows(row); n > 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	b.sound(t)
}

package geverdb_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

const peter = "peter.muster"

// own makes a private folder and a dossier in it.
func (b *bench) own(t testing.TB, user string) string {
	t.Helper()
	if _, err := b.Look(t.Context(), john, "private"); err != nil {
		b.make(t, "", gever.PrivateRootType, map[string]any{"title": "Privat"})
	}
	return b.make(t, b.make(t, "private", gever.PrivateFolderType, map[string]any{"title": "x", "userid": user}), gever.PrivateDossierType, map[string]any{"title": "x"})
}

func fileOf(n int) *gever.Upload {
	return &gever.Upload{Name: "x.txt", Data: []byte(strings.Repeat("x", n))}
}

// TestQuotaAtOnce: 32 that bring bytes at once, and others that take some away
// and move dossiers between two folders, never leave more in one than it may
// hold, and nothing that was refused stays.
func TestQuotaAtOnce(t *testing.T) {
	b := open(t)
	b.Settings.PrivateQuota = 100
	mine, other := b.own(t, peter), b.own(t, "jane.leser")
	ctx := t.Context()
	var wg sync.WaitGroup
	var in atomic.Int64
	refused := func(err error) {
		if err != nil && fault.ReasonOf(err) != gever.QuotaExceeded {
			t.Error(err)
		}
	}
	for i := range 32 {
		wg.Go(func() {
			at := []string{mine, other}[i%2]
			if i%8 == 7 { // from one folder into the other, by who sees both
				doc, err := b.Create(ctx, john, at, geverdb.Body{Values: map[string]any{"@type": gever.DocumentType, "title": "x", "file": fileOf(7)}})
				if err != nil {
					refused(err)
					return
				}
				_, err = b.Move(ctx, john, []string{other, mine}[i/8%2], []gever.Ref{{Kind: gever.RefPath, Value: "/" + doc.Path}})
				refused(err)
				return
			}
			_, err := b.Create(ctx, john, at, geverdb.Body{Values: map[string]any{"@type": gever.DocumentType, "title": "x", "file": fileOf(10)}})
			if refused(err); err == nil {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	total := int64(0)
	for _, at := range []string{mine, other} {
		n := int64(0)
		v, err := b.Get(ctx, john, at, geverdb.Window{Size: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range v.Children {
			n += c.Values.StoredOf("file").Size
		}
		if n > 100 {
			t.Errorf("%s holds %d bytes of 100", at, n)
		}
		total += int64(len(v.Children))
	}
	if all, needed := b.keys(t); int64(len(all)) != total || int64(needed) != total || in.Load() == 0 {
		t.Errorf("%d blobs, %d needed, of %d documents", len(all), needed, total)
	}
	b.sound(t)
}

// TestQuotaIsIndexed: what a folder holds is told by an index alone, of its
// rows and no others.
func TestQuotaIsIndexed(t *testing.T) {
	b := open(t)
	b.Settings.PrivateQuota = 1 << 20
	dossier := b.own(t, peter)
	count := func() int {
		return b.queries(t, func() {
			_, err := b.BeginUpload(t.Context(), peter, dossier, gever.NewUpload{Length: 5, Filename: "x.txt"})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	few := count()
	for range 40 {
		b.make(t, dossier, gever.DocumentType, map[string]any{"title": "x", "file": fileOf(3)})
	}
	if many := count(); many != few {
		t.Errorf("%d queries with 40 documents, %d without", many, few)
	}
	var plan []string
	err := b.store.InTx(t.Context(), func(tx *gorm.DB) error {
		explain := "EXPLAIN "
		if b.store.Dialect() == store.SQLite {
			explain = "EXPLAIN QUERY PLAN "
		} else if err := tx.Exec("SET LOCAL enable_seqscan = off").Error; err != nil {
			return err
		}
		rows, err := tx.Raw(explain + "SELECT sum(size) FROM gever_needed_blobs WHERE holder = 7 AND holder <> 0").Rows()
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // it was only read
		columns, err := rows.Columns()
		for rows.Next() && err == nil {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = &values[i]
			}
			err = rows.Scan(values...)
			plan = append(plan, fmt.Sprint(values[len(values)-1]))
		}
		return err
	})
	if text := strings.Join(plan, "\n"); err != nil || !strings.Contains(text, "gever_needed_blobs_holder") {
		t.Errorf("%v: %s", err, text)
	}
}

// TestQuotaChecked: bytes that count elsewhere than they stand are found.
func TestQuotaChecked(t *testing.T) {
	b := open(t)
	dossier := b.own(t, peter)
	doc := b.make(t, dossier, gever.DocumentType, map[string]any{"title": "x", "file": fileOf(3)})
	filed := b.make(t, "ordnungssystem/fuehrung/dossier-23", gever.DocumentType, map[string]any{"title": "x", "file": fileOf(3)})
	b.sound(t)
	set := func(path string, holder int64) {
		t.Helper()
		err := b.store.InTx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE gever_needed_blobs SET holder = ? WHERE object_id = (SELECT id FROM gever_objects WHERE path = ?)", holder, path).Error
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(doc, 0)
	set(filed, 7)
	damage, _, err := b.Check(t.Context(), func(int, int) {})
	if err != nil || len(damage) != 2 || !strings.Contains(damage[0]+damage[1], doc) || !strings.Contains(damage[0]+damage[1], filed) {
		t.Errorf("%v %v", damage, err)
	}
}

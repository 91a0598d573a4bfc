package geverdb_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store/fault"
	"loket/store/gever"
	"loket/store/gever/geverdb"
	"loket/store/settings"
	"loket/store/storetest"
)

func ref(path string) []gever.Ref { return []gever.Ref{{Kind: gever.RefPath, Value: "/" + path}} }

// sound fails when `loket check` would tell of something.
func (b *bench) sound(t *testing.T) {
	t.Helper()
	damage, _, err := b.Check(t.Context(), func(int, int) {})
	if err != nil || len(damage) > 0 {
		t.Errorf("the tree is broken: %v %v", damage, err)
	}
}

// calm are the refusals that a race may end in.
func calm(t *testing.T, err error) {
	allowed := []fault.Reason{fault.Missing, gever.MoveRefused, gever.Disallowed, gever.Inputs}
	if err != nil && !slices.Contains(allowed, fault.ReasonOf(err)) {
		t.Error(err)
	}
}

// TestMoveWhileAdding: 32 at once add documents and subdossiers to a dossier
// that is being moved to and fro, and copied; none is lost, none ends up beside
// the tree.
func TestMoveWhileAdding(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	values := map[string]any{"title": "x", "responsible": john}
	folders := []string{"ordnungssystem/fuehrung", "ordnungssystem/finanzen/rechnungswesen"}
	dossier := b.make(t, folders[0], gever.DossierType, values)
	sub := b.make(t, dossier, gever.DossierType, values)
	name := strings.TrimPrefix(dossier, folders[0])
	inner := strings.TrimPrefix(sub, dossier)
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for i := range 32 {
		wg.Go(func() {
			if i%4 == 0 {
				for j := range 4 {
					_, err := b.Move(ctx, john, folders[(i/4+j+1)%2], ref(folders[(i/4+j)%2]+name))
					calm(t, err)
				}
				return
			}
			if i == 1 {
				_, err := b.Copy(ctx, john, folders[0], ref(folders[0]+name))
				calm(t, err)
				return
			}
			for j := range 4 {
				_, err := b.Create(ctx, john, folders[j%2]+name+inner, geverdb.Body{Values: map[string]any{"@type": gever.DocumentType, "title": "x"}})
				calm(t, err)
				if err == nil {
					mu.Lock()
					made++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	b.sound(t)
	at := folders[0] + name
	if to, moved, err := b.Redirect(ctx, john, at); err != nil {
		t.Fatal(err)
	} else if moved {
		at = to
	}
	v, err := b.Get(ctx, john, at+inner, geverdb.Window{Size: 200})
	if err != nil || int(v.Object.Children) != made || len(v.Children) != made {
		t.Fatalf("%d documents of %d, %v", len(v.Children), made, err)
	}
	for _, c := range v.Children {
		if !strings.HasPrefix(c.Reference, v.Reference+" / ") {
			t.Errorf("%s stands in %s", c.Reference, v.Reference)
		}
	}
}

// TestMovesCross: folders are moved into each other and into what is below
// them, 32 at once; no circle comes about, and every one stays in the tree.
func TestMovesCross(t *testing.T) {
	b := open(t)
	b.Settings.FolderDepth = 0
	ctx := t.Context()
	var uids []string
	for i := range 6 {
		path := b.make(t, "ordnungssystem", gever.FolderType, map[string]any{"title": fmt.Sprintf("Ordner %d", i)})
		v, err := b.Get(ctx, john, path, geverdb.Window{})
		if err != nil {
			t.Fatal(err)
		}
		uids = append(uids, v.UID)
		b.make(t, path, gever.FolderType, map[string]any{"title": "innen"})
	}
	where := func(uid string) string {
		path, err := b.PathOf(ctx, uid)
		if err != nil {
			t.Error(err)
		}
		return path
	}
	var wg sync.WaitGroup
	for i := range 32 {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		wg.Go(func() {
			for range 4 {
				source, target := uids[r.IntN(len(uids))], uids[r.IntN(len(uids))]
				to := where(target)
				if r.IntN(3) == 0 {
					to = "ordnungssystem"
				}
				_, err := b.Move(ctx, john, to, []gever.Ref{{Kind: gever.RefUID, Value: source}})
				calm(t, err)
			}
		})
	}
	wg.Wait()
	b.sound(t)
	numbers := map[string]bool{}
	for _, uid := range uids {
		path := where(uid)
		v, err := b.Get(ctx, john, path, geverdb.Window{Size: 50})
		if err != nil || !strings.HasPrefix(path, "ordnungssystem/") {
			t.Fatalf("%s at %q: %v", uid, path, err)
		}
		if numbers[v.Reference] {
			t.Errorf("the number %s stands twice", v.Reference)
		}
		numbers[v.Reference] = true
		for _, c := range v.Children {
			if !strings.HasPrefix(c.Reference, v.Reference+".") {
				t.Errorf("%s stands in %s", c.Reference, v.Reference)
			}
		}
	}
}

// TestTrashWhileAdding: what comes into a folder that is being trashed is
// trashed with it or refused.
func TestTrashWhileAdding(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	root := b.make(t, "", gever.WorkspaceRootType, map[string]any{"title": "Teamräume"})
	workspace := b.make(t, root, gever.WorkspaceType, map[string]any{"title": "x"})
	folder := b.make(t, workspace, gever.WorkspaceFolderType, map[string]any{"title": "x"})
	inner := b.make(t, folder, gever.WorkspaceFolderType, map[string]any{"title": "x"})
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			var err error
			switch i % 4 {
			case 0:
				err = b.Trash(ctx, john, folder)
			case 1:
				err = b.Untrash(ctx, john, folder)
			default:
				_, err = b.Create(ctx, john, inner, geverdb.Body{Values: map[string]any{"@type": gever.DocumentType, "title": "x"}})
			}
			if err != nil && fault.ReasonOf(err) != gever.BadRequest && fault.ReasonOf(err) != gever.Disallowed {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.sound(t)
	if err := b.Trash(ctx, john, folder); err != nil && fault.ReasonOf(err) != gever.BadRequest {
		t.Fatal(err)
	}
	b.sound(t)
	v, err := b.Get(ctx, john, inner, geverdb.Window{Size: 50})
	if err != nil || !v.Trashed || len(v.Children) != 0 || v.Object.Children != 0 {
		t.Errorf("%+v, %v", v, err)
	}
	if err := b.Delete(ctx, john, folder); err != nil {
		t.Fatal(err)
	}
	b.sound(t)
}

// TestDeleteLeavesNothing: bytes that a copy shares are needed until both are
// gone.
func TestDeleteLeavesNothing(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	dossier := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "x", "responsible": john})
	doc := b.make(t, dossier, gever.DocumentType, map[string]any{"file": map[string]any{"data": "Inhalt", "filename": "x.txt"}})
	copied, err := b.Copy(ctx, john, "ordnungssystem/fuehrung/dossier-23", ref(doc))
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.Get(ctx, john, doc, geverdb.Window{})
	if err != nil {
		t.Fatal(err)
	}
	key := v.Values.StoredOf("file").Blob
	needed := func() bool {
		held, err := b.References(ctx, []string{key})
		if err != nil {
			t.Fatal(err)
		}
		return held[key]
	}
	if err := b.Delete(ctx, john, doc); err != nil || !needed() {
		t.Errorf("the copy's bytes are nobody's: %v", err)
	}
	if _, n, err := b.Check(ctx, func(int, int) {}); err != nil || n != 1 {
		t.Errorf("%d files, %v", n, err)
	}
	if err := b.Delete(ctx, john, copied[0].To); err != nil || needed() {
		t.Errorf("the bytes are still somebody's: %v", err)
	}
	b.sound(t)
}

// TestRenumberWhileAdding: what comes into a folder whose number changes has
// the new one.
func TestRenumberWhileAdding(t *testing.T) {
	b := open(t)
	ctx := t.Context()
	dossier := b.make(t, "ordnungssystem/fuehrung", gever.DossierType, map[string]any{"title": "x", "responsible": john})
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			var err error
			if i%4 == 0 {
				_, err = b.Patch(ctx, john, "ordnungssystem/fuehrung", "", geverdb.Body{Values: map[string]any{"reference_number_prefix": fmt.Sprint(10 + i)}})
			} else {
				_, err = b.Create(ctx, john, dossier, geverdb.Body{Values: map[string]any{"@type": gever.DocumentType, "title": "x"}})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	v, err := b.Get(ctx, john, dossier, geverdb.Window{Size: 50})
	if err != nil || len(v.Children) != 24 {
		t.Fatalf("%d documents, %v", len(v.Children), err)
	}
	for _, c := range v.Children {
		if !strings.HasPrefix(c.Reference, v.Reference+" / ") {
			t.Errorf("%s stands in %s", c.Reference, v.Reference)
		}
	}
}

// TestFilesOfBefore: what an object needed before gever-0012 it needs after it.
func TestFilesOfBefore(t *testing.T) {
	all := geverdb.Migrations()
	db := storetest.Open(t, settings.Migrations(), all[:1])
	err := db.InTx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO gever_blobs (blob_key, object_id) VALUES ('k', 1)").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), append(settings.Migrations(), all...)); err != nil {
		t.Fatal(err)
	}
	d := geverdb.New(geverdb.Deps{DB: db, Now: time.Now, Log: slog.New(slog.DiscardHandler), Settings: gever.DefaultSettings()})
	if held, err := d.References(t.Context(), []string{"k"}); err != nil || !held["k"] {
		t.Errorf("%v %v", held, err)
	}
	if v, err := d.Look(t.Context(), john, ""); fault.ReasonOf(err) != gever.NotAllowed {
		t.Errorf("%+v %v", v, err)
	}
}

package geverdb

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Tree is which part of the tree is shown, and from where.
type Tree struct {
	Path    string
	Root    []string // types of which the nearest above the path is the root
	Content []string // types of the nodes
	States  []string // of the nodes; none is all
	Context bool     // the object itself and what is above it are nodes too
}

// Node is an object in a tree.
type Node struct {
	*Object

	Nodes []*Node
}

// Within tells whether a path is that of an object or below it.
func Within(path, of string) bool {
	return path == of || of == "" || strings.HasPrefix(path, of+"/")
}

// Navigation reads the tree in which an object stands, as far as the caller may
// see it: a node whose parent he may not see stands with the next above. Where
// the object is in no root, the first root is taken; nil when there is none.
// Only the nodes are read, whatever else is in the tree: as many queries for
// any number of them.
func (d *DB) Navigation(ctx context.Context, user string, in Tree) (root *Object, nodes []*Node, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		s := &spot{}
		if in.Path != "" {
			if s, err = d.visible(tx, user, in.Path); err != nil {
				return err
			}
		}
		r, err := reachOf(tx, user)
		if err != nil {
			return err
		}
		if root, err = d.rootOf(tx, s, r, in.Root); err != nil || root == nil {
			return err
		}
		list, err := d.nodes(tx, r, root.Path, in)
		if err != nil {
			return err
		}
		nodes = grow(list)
		return nil
	})
	return root, nodes, err
}

func (d *DB) rootOf(tx *gorm.DB, s *spot, r *reach, types []string) (*Object, error) {
	for i := range slices.Backward(s.chain) {
		if slices.Contains(types, s.chain[i].Type) {
			return objectOf(&s.chain[i], d.Now())
		}
	}
	where := both(part{"o.type IN ?", []any{types}}, r.readable())
	var rows []objectRow
	if err := tx.Table("gever_objects o").Where(where.sql, where.args...).Order("o.parent_id, o.position").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, store.Translate(err)
	}
	return objectOf(&rows[0], d.Now())
}

func (d *DB) nodes(tx *gorm.DB, r *reach, root string, in Tree) ([]*Object, error) {
	where := both(part{"o.type IN ?", []any{in.Content}}, beneath(root), r.readable(), part{sql: "NOT " + isTrashed})
	if len(in.States) > 0 {
		where = both(where, part{"o.state IN ?", []any{in.States}})
	}
	source := "gever_objects o"
	if tx.Name() == store.SQLite {
		source += " INDEXED BY " + byType
	}
	var rows []objectRow
	if err := tx.Raw("SELECT o.* FROM "+source+" WHERE "+where.sql, where.args...).Scan(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	if in.Context && Within(in.Path, root) && in.Path != root {
		where := both(part{"o.path IN ?", []any{prefixes(in.Path)}}, beneath(root), r.readable())
		var way []objectRow
		if err := tx.Table("gever_objects o").Where(where.sql, where.args...).Find(&way).Error; err != nil {
			return nil, store.Translate(err)
		}
		for i := range way {
			if !slices.ContainsFunc(rows, func(r objectRow) bool { return r.ID == way[i].ID }) {
				rows = append(rows, way[i])
			}
		}
	}
	list, err := d.objects(rows)
	if err != nil {
		return nil, err
	}
	return list, placed(tx, list)
}

// grow puts objects into each other by their paths, in the order of folders.
func grow(list []*Object) []*Node {
	slices.SortFunc(list, func(a, b *Object) int {
		return cmp.Or(
			cmp.Compare(strings.Count(a.Path, "/"), strings.Count(b.Path, "/")),
			cmp.Compare(parentPath(a.Path), parentPath(b.Path)), cmp.Compare(a.Position, b.Position),
		)
	})
	var top []*Node
	at := map[string]*Node{}
	for _, o := range list {
		n := &Node{Object: o}
		above := prefixes(o.Path)
		var parent *Node
		for _, p := range slices.Backward(above[:len(above)-1]) {
			if parent = at[p]; parent != nil {
				break
			}
		}
		if at[o.Path] = n; parent == nil {
			top = append(top, n)
		} else {
			parent.Nodes = append(parent.Nodes, n)
		}
	}
	return top
}

// Parts are those of a reference number, outermost first.
type Parts struct{ Site, Root, Folders, Dossiers, Document []string }

// Reference reads an object's number and its parts; "" and none when it has no
// number.
func (d *DB) Reference(ctx context.Context, user, path string) (string, Parts, error) {
	parts, number := Parts{[]string{}, []string{}, []string{}, []string{}, []string{}}, ""
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		s, err := d.visible(tx, user, path)
		if err != nil {
			return err
		}
		if number = s.self().Reference; number == "" {
			return nil
		}
		parts.Site = append(parts.Site, d.Settings.Abbreviation)
		for i := range s.chain {
			switch t := gever.TypeOf(s.chain[i].Type); {
			case t.Name == gever.RootType:
				parts.Root = append(parts.Root, s.values[i].Text("reference_number_addendum"))
			case t.Private():
				parts.Site = []string{s.chain[i].Reference}
			case t.Name == gever.FolderType:
				parts.Folders = append(parts.Folders, s.chain[i].Part)
			case t.Dossierish():
				parts.Dossiers = append(parts.Dossiers, s.chain[i].Part)
			case t.Documentish():
				parts.Document = append(parts.Document, s.chain[i].Part)
			}
		}
		return nil
	})
	return number, parts, err
}

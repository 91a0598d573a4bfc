package geverdb

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// Sought is what is looked for: objects at and below a place that the caller
// may read.
type Sought struct {
	Path    string // of the place
	Below   bool   // leaves the place itself out
	Depth   int    // levels below the place; 0 is all
	Types   []string
	Query   *gever.Query
	Trashed bool          // does not leave trashed objects out
	Sort    []gever.Order // none is the latest change first
	First   []string      // types that come before all others
	Window
	Facets []*gever.Attribute
	Stats  []*gever.Attribute
}

// Found is a page of what was found.
type Found struct {
	Views  []*View
	Total  int64
	Facets map[string][]Count
	Stats  map[string]Stat
	Users  map[string]User // those whom the page and the facets name
}

// Count is how many of what was found have a value.
type Count struct {
	Value string
	Count int64
}

// Stat sums an attribute up over what was found; Min and Max are as they are
// shown, Sum is of numbers only.
type Stat struct {
	Count, Missing int64
	Min, Max       string
	Sum            int64
}

// Search finds objects: as many queries for any number of them, but one for
// each facet. Missing and Unauthorized are of the place; everybody may search
// from the root, where he finds what is his to read.
func (d *DB) Search(ctx context.Context, user string, in Sought) (*Found, error) {
	found := &Found{}
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		if in.Path != "" {
			if _, err := d.visible(tx, user, in.Path); err != nil {
				return err
			}
		}
		s, err := d.finder(tx, user, in)
		if err != nil {
			return err
		}
		ids, err := s.page(found)
		if err != nil {
			return err
		}
		if found.Views, err = d.hits(tx, user, ids); err != nil {
			return err
		}
		if err := s.sums(found); err != nil {
			return err
		}
		found.Users, err = d.usersOf(tx, found.people(in.Facets))
		for _, v := range found.Views {
			v.Users = found.Users
		}
		return err
	})
	return found, err
}

// people are the users whom the answer names.
func (f *Found) people(facets []*gever.Attribute) []string {
	var ids []string
	for _, v := range f.Views {
		ids = append(ids, v.Creator, v.CheckedOutBy)
		for _, name := range []string{"responsible", "issuer", "document_author"} {
			id := v.Values.Text(name)
			ids = append(ids, id[strings.LastIndexByte(id, ':')+1:])
		}
	}
	for _, a := range facets {
		for _, c := range f.Facets[a.Name] {
			if a.People {
				ids = append(ids, c.Value)
			}
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// hits reads the objects of a page, in the order of their ids' list, with what
// is above them: two queries.
func (d *DB) hits(tx *gorm.DB, user string, ids []int64) ([]*View, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []objectRow
	if err := tx.Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, store.Translate(err)
	}
	own := map[int64]*Object{}
	var paths []string
	for i := range rows {
		o, err := objectOf(&rows[i], d.Now())
		if err != nil {
			return nil, err
		}
		own[o.IntID] = o
		above := prefixes(o.Path)
		paths = append(paths, above[:len(above)-1]...)
	}
	slices.Sort(paths)
	var above []objectRow
	if err := tx.Where("path IN ?", slices.Compact(paths)).Find(&above).Error; err != nil {
		return nil, store.Translate(err)
	}
	byPath := map[string]*Object{}
	for i := range above {
		o, err := objectOf(&above[i], d.Now())
		if err != nil {
			return nil, err
		}
		byPath[o.Path] = o
	}
	for _, o := range byPath {
		if parent := byPath[parentPath(o.Path)]; parent != nil && o.Path != "" {
			o.stands(parent.Type)
		}
	}
	var views []*View
	for _, id := range ids {
		if o := own[id]; o != nil {
			views = append(views, hit(o, user, byPath))
		}
	}
	return views, nil
}

func hit(o *Object, user string, byPath map[string]*Object) *View {
	v := &View{Object: o, Caller: user}
	steps := prefixes(o.Path)
	for _, p := range steps[:len(steps)-1] {
		if a := byPath[p]; a != nil {
			v.Above = append(v.Above, a)
			v.Place.Chain = append(v.Place.Chain, gever.Node{Type: a.Type, State: a.State, Trashed: a.Trashed})
		}
	}
	v.Place.Chain = append(v.Place.Chain, gever.Node{Type: o.Type, State: o.State, Trashed: o.Trashed})
	if p := v.Parent(); p != nil {
		o.stands(p.Type)
	}
	return v
}

// finder is a search with all its conditions.
type finder struct {
	tx     *gorm.DB
	in     Sought
	zone   *time.Location
	text   *gever.Query // what the full text answers
	where  part         // everything else
	scope  part         // of these, where it is looked for
	narrow bool         // few objects are there
	marks  [][]string   // of which an object has one of each list
	walls  []wall       // private folders
	exact  bool         // nothing but marks, walls and hidden keeps anything out
	hidden []part       // queries of what nobody, or not the user, sees in lists
}

// few is up to how many candidates are simply gone through; above it, an index
// in the order of the answer is followed until the page is full. Both give the
// same.
const few = 2000

func (d *DB) finder(tx *gorm.DB, user string, in Sought) (*finder, error) {
	r, err := reachOf(tx, user)
	if err != nil {
		return nil, err
	}
	f := &finder{tx: tx, in: in, zone: d.Settings.Zone, scope: under(in.Path)}
	if in.Below {
		f.scope = beneath(in.Path)
	}
	var rest *gever.Query
	f.text, rest = in.Query.Split()
	conditions := []part{f.scope, {sql: "o.id <> " + strconv.FormatInt(siteID, 10)}, r.readable()}
	if in.Types != nil {
		conditions = append(conditions, part{"o.type IN ?", []any{append([]string{""}, in.Types...)}})
	}
	if !in.Trashed {
		conditions = append(conditions, part{sql: "NOT " + isTrashed})
	}
	if in.Depth > 0 {
		most := in.Depth - 1
		if in.Path != "" {
			most += strings.Count(in.Path, "/") + 1
		}
		conditions = append(conditions, part{"length(o.path) - length(replace(o.path, '/', '')) <= ?", []any{most}})
	}
	if rest != nil {
		conditions = append(conditions, f.condition(rest))
	}
	f.where = both(conditions...)
	f.mark(r, rest != nil)
	if f.sqlite() && f.text == nil && f.scope.sql != "" {
		n, err := f.atMost(part{"SELECT 1 FROM gever_objects o WHERE " + f.scope.sql, f.scope.args})
		if err != nil {
			return nil, err
		}
		f.narrow = n <= few
	}
	return f, nil
}

// wall are marks: what has the first is found only when it has another too.
type wall struct {
	behind string
	but    []string
}

// maxMarks is how many places of a user the full text is asked for.
const maxMarks = 64

// mark gathers what the index's own words can say of the conditions.
func (f *finder) mark(r *reach, rest bool) {
	f.exact = !rest && f.in.Depth <= 0 && !r.tasks && (len(r.all) == 0 || slices.Contains(r.all, ""))
	if f.in.Path != "" {
		f.marks = append(f.marks, []string{placeMark(f.in.Path)})
		if f.in.Below {
			f.hidden = append(f.hidden, part{"SELECT o.id FROM gever_objects o WHERE o.path = ?", []any{f.in.Path}})
		}
	}
	if !r.everywhere() && !r.tasks {
		f.either(r.sees, placeMark)
	}
	if r.kept {
		f.hidden = append(f.hidden, r.secret(gever.Viewing()))
	}
	f.exact = f.exact && len(r.own) <= maxMarks
	for _, root := range r.private {
		w := wall{placeMark(root), []string{typeMark(gever.PrivateRootType)}}
		for _, own := range r.own {
			w.but = append(w.but, placeMark(own))
		}
		f.walls = append(f.walls, w)
	}
	if len(r.private) > 0 && len(r.all) > 0 {
		mine := r.unwalled(r.ownAll)
		f.hidden = append(f.hidden, part{"SELECT o.id FROM gever_objects o WHERE o.state IN " + removedStates + " AND NOT (" + mine.sql + ")", mine.args})
	}
	if f.in.Types != nil {
		f.either(f.in.Types, typeMark)
	}
	if len(r.all) == 0 {
		f.hidden = append(f.hidden, part{sql: "SELECT o.id FROM gever_objects o WHERE o.state IN " + removedStates})
	}
	if !f.in.Trashed {
		f.hidden = append(f.hidden, part{sql: "SELECT o.id FROM gever_objects o WHERE " + isTrashed})
	}
}

func (f *finder) either(list []string, mark func(string) string) {
	if len(list) == 0 || len(list) > maxMarks {
		f.exact = false
		return
	}
	marks := make([]string, len(list))
	for i, one := range list {
		marks[i] = mark(one)
	}
	f.marks = append(f.marks, marks)
}

func (f *finder) sqlite() bool { return f.tx.Name() == store.SQLite }

// atMost counts rows, though not far.
func (f *finder) atMost(p part) (n int64, err error) {
	err = f.tx.Raw("SELECT count(*) FROM ("+p.sql+" LIMIT "+strconv.Itoa(few+1)+") x", p.args...).Scan(&n).Error
	return n, store.Translate(err)
}

// page counts everything and finds the ids of the page. By relevance, what has
// the words in its title comes first: then the answer is two lists one behind
// the other, each with the latest change first.
func (f *finder) page(found *Found) ([]int64, error) {
	total, err := f.count(f.text)
	if found.Total = total; err != nil || f.in.Size <= 0 || f.in.Start >= total {
		return nil, err
	}
	titles := inTitle(f.text)
	if len(f.in.Sort) == 0 || f.in.Sort[0].By != nil || titles == nil {
		return f.ids(f.text, total, f.in.Start, f.in.Size)
	}
	ids, err := f.ids(titles, total, f.in.Start, f.in.Size)
	left := f.in.Size - int64(len(ids))
	first := f.in.Start + int64(len(ids))
	if err != nil || left == 0 || first >= total {
		return ids, err
	}
	if len(ids) == 0 && f.in.Start > 0 { // the page begins behind them
		if first, err = f.count(titles); err != nil {
			return nil, err
		}
	}
	more, err := f.ids(gever.All(f.text, &gever.Query{Op: gever.Not, Of: []*gever.Query{titles}}), total, max(0, f.in.Start-first), left)
	return append(ids, more...), err
}

// inTitle asks of titles what a query asks of the whole text; nil when it asks
// nothing of that.
func inTitle(q *gever.Query) *gever.Query {
	if q == nil {
		return nil
	}
	title, err := gever.AttributeOf("Title")
	if err != nil {
		return nil
	}
	var walk func(*gever.Query) *gever.Query
	walk = func(q *gever.Query) *gever.Query {
		c := *q
		if c.Op == gever.Leaf && (c.By == nil || c.By.Column == "") {
			c.By = title
		}
		c.Of = nil
		for _, one := range q.Of {
			if q.Op != gever.Not {
				one = walk(one)
			}
			c.Of = append(c.Of, one)
		}
		return &c
	}
	return walk(q)
}

// from is where the candidates come from, with the conditions of that source.
func (f *finder) from(text *gever.Query, hint string) (string, part) {
	switch {
	case text == nil && f.sqlite() && hint != "":
		return "gever_objects o INDEXED BY " + hint, f.where
	case text == nil:
		return "gever_objects o", f.where
	case f.sqlite():
		return "gever_text CROSS JOIN gever_objects o ON o.id = gever_text.rowid", both(part{"gever_text MATCH ?", []any{f.match(text)}}, f.where)
	default:
		return "gever_objects o", both(f.words(f.tsquery(text)), f.where)
	}
}

// The indexes that SQLite is told to follow: without knowing the values it
// cannot tell a narrow place from a wide one.
const (
	byPath     = "idx_gever_objects_path"
	byType     = "gever_objects_listed"
	byModified = "gever_objects_modified"
)

func (f *finder) hint() string {
	switch {
	case f.narrow:
		return byPath
	case f.in.Types != nil:
		return byType
	default:
		return byModified
	}
}

// count counts what there is. Where that is much, the full text counts by
// itself, if it can say all conditions, and what is kept out is counted off.
func (f *finder) count(text *gever.Query) (n int64, err error) {
	if f.exact && text != nil {
		words := part{"SELECT rowid AS id FROM gever_text WHERE gever_text MATCH ?", []any{f.match(text)}}
		if !f.sqlite() {
			words = part{"SELECT object_id AS id FROM gever_text WHERE words @@ ?::tsquery", []any{f.tsquery(text)}}
		}
		if n, err = f.atMost(words); err != nil || n == 0 {
			return n, err
		}
		if n > few {
			return f.countWords(words)
		}
	}
	source, where := f.from(text, f.hint())
	err = f.tx.Raw("SELECT count(*) FROM "+source+" WHERE "+where.sql, where.args...).Scan(&n).Error
	return n, store.Translate(err)
}

// countWords counts all words but what is hidden; mostly nothing is, and then
// the words are gone through once.
func (f *finder) countWords(words part) (n int64, err error) {
	q, args := "SELECT (SELECT count(*) FROM ("+words.sql+") x)", slices.Clone(words.args)
	if len(f.hidden) > 0 {
		var queries []string
		var values []any
		for _, h := range f.hidden {
			queries, values = append(queries, h.sql), append(values, h.args...)
		}
		hidden := strings.Join(queries, " UNION ")
		q += " - CASE WHEN EXISTS (" + hidden + ") THEN (SELECT count(*) FROM (" + words.sql + ") x WHERE +x.id IN (" + hidden + ")) ELSE 0 END"
		args = slices.Concat(args, values, words.args, values)
	}
	err = f.tx.Raw(q, args...).Scan(&n).Error
	return n, store.Translate(err)
}

// ids finds a window of a list of at most total.
func (f *finder) ids(text *gever.Query, total, start, size int64) (ids []int64, err error) {
	order, join := f.order()
	source, where := f.from(text, f.hint())
	if total > few && f.sqlite() {
		// Follow the order, and ask of each whether it is one.
		if index, ok := ordered[strings.TrimSuffix(strings.ReplaceAll(order.sql, " DESC", ""), ", o.id")]; ok && len(order.args) == 0 {
			source, where = index, f.where
			if text != nil {
				found, err := f.probed(text, total, start+size)
				if err != nil {
					return nil, err
				}
				where = both(f.where, found)
			}
			if join != "" {
				order.sql, join = strings.ReplaceAll(order.sql, "o.id", "s.object_id"), ""
			}
		}
	}
	args := slices.Concat(where.args, order.args, []any{size, start})
	err = f.tx.Raw("SELECT o.id FROM "+source+join+" WHERE "+where.sql+" ORDER BY "+order.sql+" LIMIT ? OFFSET ?", args...).Scan(&ids).Error
	return ids, store.Translate(err)
}

// ordered are the orders that an index of SQLite has, each by how it is
// followed.
var ordered = map[string]string{
	"o.modified_at": "gever_objects o INDEXED BY " + byModified,
	"o.created_at":  "gever_objects o INDEXED BY gever_objects_created",
	"s.title":       "gever_sorting s INDEXED BY idx_gever_sorting_title CROSS JOIN gever_objects o ON o.id = s.object_id",
	"s.reference":   "gever_sorting s INDEXED BY idx_gever_sorting_reference CROSS JOIN gever_objects o ON o.id = s.object_id",
}

func (f *finder) order() (part, string) {
	var parts []string
	var out part
	join, end := "", " DESC"
	if len(f.in.First) > 0 {
		parts, out.args = append(parts, "CASE WHEN o.type IN ? THEN 0 ELSE 1 END"), append(out.args, f.in.First)
	}
	for _, o := range f.in.Sort {
		if o.By == nil {
			parts, end = append(parts, "o.modified_at DESC"), " DESC"
			continue
		}
		key := "o." + o.By.Column
		switch {
		case o.By.Source == gever.FullText:
			key, join = "s.title", " JOIN gever_sorting s ON s.object_id = o.id"
		case o.By.Column == "reference":
			key, join = "s.reference", " JOIN gever_sorting s ON s.object_id = o.id"
		case o.By.Source == gever.Derived:
			key = "o.path"
		case o.By.Source == gever.Gathered:
			key = "COALESCE((SELECT min(t.value) FROM gever_terms t WHERE t.object_id = o.id AND t.name = ?), '')"
			out.args = append(out.args, o.By.Name)
		}
		if end = ""; o.Desc {
			end = " DESC"
		}
		parts = append(parts, key+end)
	}
	if len(f.in.Sort) == 0 {
		parts = append(parts, "o.modified_at DESC")
	}
	out.sql = strings.Join(append(parts, "o.id"+end), ", ")
	return out, join
}

// sums counts the facets and statistics.
func (f *finder) sums(found *Found) error {
	found.Facets, found.Stats = map[string][]Count{}, map[string]Stat{}
	source, where := f.from(f.text, f.hint())
	for _, a := range f.in.Facets {
		counts := []Count{}
		key := value(a)
		q := "SELECT " + key.sql + " AS value, count(*) AS count FROM " + source + " WHERE " + where.sql + " GROUP BY 1 ORDER BY 2 DESC, 1"
		args := slices.Concat(key.args, where.args)
		if a.Source == gever.Gathered {
			q = "SELECT t.value, count(*) AS count FROM gever_terms t WHERE t.name = ? AND t.object_id IN (SELECT o.id FROM " + source + " WHERE " + where.sql +
				") GROUP BY 1 ORDER BY 2 DESC, 1"
			args = append([]any{a.Name}, where.args...)
		}
		if err := f.tx.Raw(q, args...).Scan(&counts).Error; err != nil {
			return store.Translate(err)
		}
		for i := range counts {
			counts[i].Value = a.Shown(counts[i].Value)
		}
		found.Facets[a.Name] = slices.DeleteFunc(counts, func(c Count) bool { return c.Value == "" })
	}
	for _, a := range f.in.Stats {
		s, err := f.stat(a, source, where)
		if err != nil {
			return err
		}
		s.Missing = found.Total - s.Count
		found.Stats[a.Name] = s
	}
	return nil
}

func (f *finder) stat(a *gever.Attribute, source string, where part) (Stat, error) {
	key := "CAST(o." + a.Column + " AS text)"
	q, args := "FROM "+source+" WHERE "+where.sql, where.args
	number := "CAST(0 AS bigint)"
	if a.Source == gever.Gathered {
		key = "t.value"
		q = "FROM gever_terms t WHERE t.name = ? AND t.object_id IN (SELECT o.id " + q + ")"
		args = append([]any{a.Name}, args...)
	}
	if a.Form == gever.Number {
		number = "CAST(" + key + " AS bigint)"
		key = "CAST(" + key + " AS text)"
		if a.Source == gever.Column {
			number, key = "o."+a.Column, "o."+a.Column
		}
	}
	var s struct {
		N        int64
		Min, Max *string
		Sum      *int64
	}
	err := f.tx.Raw("SELECT count(*) AS n, CAST(min("+key+") AS text) AS min, CAST(max("+key+") AS text) AS max, CAST(sum("+number+") AS bigint) AS sum "+q, args...).Scan(&s).Error
	if err != nil || s.N == 0 {
		return Stat{}, store.Translate(err)
	}
	return Stat{Count: s.N, Min: a.Shown(*s.Min), Max: a.Shown(*s.Max), Sum: *s.Sum}, nil
}

// value is an attribute of an object as a query gives it.
func value(a *gever.Attribute) part {
	if a.Source != gever.Derived {
		return part{sql: "CAST(o." + a.Column + " AS text)"}
	}
	p := flag(a.Name)
	return part{"CASE WHEN " + p.sql + " THEN 'true' ELSE 'false' END", p.args}
}

// flag is the condition of an attribute that is true or false.
func flag(name string) part {
	switch name {
	case "is_subdossier":
		return part{"(o.type IN ? AND EXISTS (SELECT 1 FROM gever_objects p WHERE p.id = o.parent_id AND p.type IN ?))", []any{gever.DossierTypes, gever.DossierTypes}}
	case "is_folderish":
		var names []string
		for _, t := range gever.Types() {
			if t.Folderish {
				names = append(names, t.Name)
			}
		}
		return part{"o.type IN ?", []any{names}}
	case "is_completed":
		return part{"o.state IN ?", []any{gever.Done()}}
	default:
		return part{sql: isTrashed}
	}
}

// condition is a query's condition on o.
func (f *finder) condition(q *gever.Query) part {
	switch q.Op {
	case gever.None:
		return part{sql: "FALSE"}
	case gever.Not:
		p := f.condition(q.Of[0])
		return part{"NOT (" + p.sql + ")", p.args}
	case gever.Leaf:
		return f.leaf(q)
	case gever.Or:
		list := make([]part, len(q.Of))
		for i, one := range q.Of {
			list[i] = f.condition(one)
		}
		return either(list)
	default:
		list := make([]part, len(q.Of))
		for i, one := range q.Of {
			list[i] = f.condition(one)
		}
		p := both(list...)
		return part{"(" + p.sql + ")", p.args}
	}
}

func (f *finder) leaf(q *gever.Query) part {
	if q.Textual() {
		if f.sqlite() {
			return f.words(match(q))
		}
		return f.words(tsquery(q))
	}
	switch a := q.By; {
	case a.Source == gever.Gathered:
		test := q.Test
		if a.Form == gever.Day && test.To != "" {
			test.To += last // the moments of that day too, which some fields keep
		}
		p := compared("t.value", test)
		return part{"o.id IN (SELECT t.object_id FROM gever_terms t WHERE t.name = ? AND " + p.sql + ")", append([]any{a.Name}, p.args...)}
	case a.Source == gever.Derived && a.Form == gever.Plain:
		path, _ := pathOf(q.Text)
		if path == "" {
			return part{sql: "TRUE"}
		}
		return under(path)
	case a.Source == gever.Derived:
		p := flag(a.Name)
		if q.Text == "false" {
			p.sql = "NOT " + p.sql
		}
		return part{"(" + p.sql + ")", p.args}
	case a.Form == gever.Instant:
		from, to := q.Between(f.zone)
		var p part
		if from != nil {
			p = part{"o." + a.Column + " >= ?", []any{store.At(*from)}}
		}
		if to != nil {
			p = both(p, part{"o." + a.Column + " <= ?", []any{store.At(*to)}})
		}
		if p.sql == "" {
			p.sql = "TRUE"
		}
		return part{"(" + p.sql + ")", p.args}
	case a.Form == gever.Number:
		return f.numbers(a, q.Test)
	default:
		return compared("o."+a.Column, q.Test)
	}
}

// numbers holds a column of numbers against a test.
func (f *finder) numbers(a *gever.Attribute, t gever.Test) part {
	p := part{sql: "o." + a.Column + " <> 0"}
	switch {
	case t.Any:
	case !t.Range:
		p = part{"o." + a.Column + " = ?", []any{number(t.Text)}}
	default:
		p = part{}
		if t.From != "" {
			p = part{"o." + a.Column + " >= ?", []any{number(t.From)}}
		}
		if t.To != "" {
			p = both(p, part{"o." + a.Column + " <= ?", []any{number(t.To)}})
		}
		if p.sql == "" {
			p.sql = "TRUE"
		}
	}
	return part{"(" + p.sql + ")", p.args}
}

// last is behind every text that begins in the same way, in bytes.
const last = "\U0010ffff"

// compared holds a column of texts against a test.
func compared(column string, t gever.Test) part {
	switch {
	case t.Any:
		return part{sql: column + " <> ''"}
	case t.Range && t.From == "":
		return part{"(" + column + " <= ? AND " + column + " <> '')", []any{t.To}}
	case t.Range && t.To == "":
		return part{column + " >= ?", []any{t.From}}
	case t.Range:
		return part{"(" + column + " >= ? AND " + column + " <= ?)", []any{t.From, t.To}}
	case t.Prefix:
		return part{"(" + column + " >= ? AND " + column + " < ?)", []any{t.Text, t.Text + last}}
	default:
		return part{column + " = ?", []any{t.Text}}
	}
}

// words is the condition that the full text finds an object.
func (f *finder) words(query string) part {
	if f.sqlite() {
		return part{"o.id IN (SELECT rowid FROM gever_text WHERE gever_text MATCH ?)", []any{query}}
	}
	return part{"o.id IN (SELECT x.object_id FROM gever_text x WHERE x.words @@ ?::tsquery)", []any{query}}
}

// match and tsquery are a query with the marks.
func (f *finder) match(q *gever.Query) string {
	text := match(q)
	for _, list := range f.marks {
		text += ` AND ("` + strings.Join(list, `" OR "`) + `")`
	}
	for _, w := range f.walls {
		text = "(" + text + `) NOT ("` + w.behind + `" NOT ("` + strings.Join(w.but, `" OR "`) + `"))`
	}
	return text
}

func (f *finder) tsquery(q *gever.Query) string {
	text := tsquery(q)
	for _, list := range f.marks {
		text += " & ('" + strings.Join(list, "' | '") + "')"
	}
	for _, w := range f.walls {
		text += " & !('" + w.behind + "' & !('" + strings.Join(w.but, "' | '") + "'))"
	}
	return text
}

// probes is up to how many objects are asked one by one whether they have the
// words: about as long takes it to gather ten thousands that have them.
const probes = 500

// probed is words for objects in the order of the answer, of which as many are
// looked at until `until` have the words.
func (f *finder) probed(q *gever.Query, total, until int64) (part, error) {
	var highest int64 // about how many objects there are
	if err := f.tx.Raw("SELECT max(id) FROM gever_objects").Scan(&highest).Error; err != nil {
		return part{}, store.Translate(err)
	}
	if until*highest/total > probes || q.Beginning() {
		return f.words(f.match(q)), nil
	}
	return part{"EXISTS (SELECT 1 FROM gever_text WHERE gever_text MATCH ? AND gever_text.rowid = o.id)", []any{match(q)}}, nil
}

// match writes a textual query for FTS5. Words are letters and digits, so
// quoting them is enough.
func match(q *gever.Query) string {
	switch q.Op {
	case gever.Leaf:
		text := `"` + strings.Join(gever.Words(q.Text), " ") + `"`
		if q.Prefix {
			text += " *"
		}
		if q.By != nil && q.By.Column != "" {
			text = q.By.Column + " : " + text
		}
		return "(" + text + ")"
	case gever.Or:
		return "(" + strings.Join(each(q.Of, match), " OR ") + ")"
	default:
		must, mustNot := parted(q)
		text := "(" + strings.Join(each(must, match), " AND ") + ")"
		if len(mustNot) > 0 {
			text = "(" + text + " NOT (" + strings.Join(each(mustNot, match), " OR ") + "))"
		}
		return text
	}
}

// weights are the parts of the text for PostgreSQL, as vector gives them.
var weights = map[string]string{"title": "A", "description": "B"}

// tsquery writes the same for PostgreSQL.
func tsquery(q *gever.Query) string {
	switch q.Op {
	case gever.Leaf:
		weight := ""
		if q.By != nil {
			weight = weights[q.By.Column]
		}
		words := gever.Words(q.Text)
		for i, w := range words {
			label := weight
			if q.Prefix && i == len(words)-1 {
				label = "*" + weight
			}
			if words[i] = "'" + w + "'"; label != "" {
				words[i] += ":" + label
			}
		}
		return "(" + strings.Join(words, " <-> ") + ")"
	case gever.Or:
		return "(" + strings.Join(each(q.Of, tsquery), " | ") + ")"
	default:
		must, mustNot := parted(q)
		text := strings.Join(each(must, tsquery), " & ")
		for _, one := range mustNot {
			text += " & !" + tsquery(one)
		}
		return "(" + text + ")"
	}
}

// parted tells what must be there from what must not.
func parted(q *gever.Query) (must, mustNot []*gever.Query) {
	for _, one := range q.Of {
		if one.Op == gever.Not {
			mustNot = append(mustNot, one.Of[0])
		} else {
			must = append(must, one)
		}
	}
	return must, mustNot
}

func each(list []*gever.Query, write func(*gever.Query) string) []string {
	out := make([]string, len(list))
	for i, q := range list {
		out[i] = write(q)
	}
	return out
}

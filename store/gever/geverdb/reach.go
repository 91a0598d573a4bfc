package geverdb

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// part is a piece of SQL with its values; o is the object in question.
type part struct {
	sql  string
	args []any
}

// both and either join conditions; either splits them in halves, as SQLite
// takes expressions only to some depth.
func both(parts ...part) part {
	var out part
	for _, p := range parts {
		if p.sql == "" {
			continue
		}
		if out.sql != "" {
			out.sql += " AND "
		}
		out.sql += p.sql
		out.args = append(out.args, p.args...)
	}
	return out
}

func either(parts []part) part {
	switch n := len(parts); n {
	case 0:
		return part{sql: "FALSE"}
	case 1:
		return parts[0]
	default:
		a, b := either(parts[:n/2]), either(parts[n/2:])
		return part{"(" + a.sql + " OR " + b.sql + ")", slices.Concat(a.args, b.args)}
	}
}

// under is the object at a path and everything below it: a stretch of the
// index of paths, without neighbours whose names go on with what comes before
// a slash ("x-1" beside "x").
func under(path string) part {
	if path == "" {
		return part{}
	}
	return part{"(o.path >= ? AND o.path < ? AND (o.path = ? OR o.path > ?))", []any{path, path + "0", path, path + "/"}}
}

// beneath is the same without the object itself.
func beneath(path string) part {
	if path == "" {
		return part{}
	}
	return part{"(o.path > ? AND o.path < ?)", []any{path + "/", path + "0"}}
}

func underAny(paths []string) part {
	list := make([]part, len(paths))
	for i, p := range paths {
		if p == "" {
			return part{}
		}
		list[i] = under(p)
	}
	return either(list)
}

// isTrashed is the condition on objects that lie in the trash.
const isTrashed = "o.trashed"

// reach is what a user may read, as conditions of a query. It says of each
// object what Place.MayView says of it.
type reach struct {
	user  string
	sees  []string // paths where a role lets him read
	all   []string // paths where he sees removed documents too
	tasks bool     // tasks are his: he reads them and what is in them
	kept  bool     // something takes no roles from above, and gives him none to read

	private []string // roots of private folders, of which he reads only his own
	own     []string // places in those where a role lets him read
	ownAll  []string // places in those where he sees removed documents too
}

// reachOf reads a user's places: as many queries for any number of them.
func reachOf(tx *gorm.DB, user string) (*reach, error) {
	var rows []struct{ Path, Role string }
	err := tx.Table("gever_local_roles r").Joins("JOIN gever_objects o ON o.id = r.object_id").
		Where(mine, user, string(everybody.Principal), user).
		Select("o.path, r.role").Order("o.path").Scan(&rows).Error
	if err != nil {
		return nil, store.Translate(err)
	}
	r := &reach{user: user}
	var atRoot []gever.Given
	for _, row := range rows {
		roles := gever.Roles{gever.Role(row.Role)}
		if roles.May(gever.View) {
			r.sees = outermost(r.sees, row.Path)
		}
		if roles.SeesRemoved() {
			r.all = outermost(r.all, row.Path)
		}
		if row.Path == "" {
			atRoot = append(atRoot, gever.Given{Role: roles[0]})
		}
	}
	sight := gever.SightOf(atRoot)
	if !sight.Everything {
		if err := tx.Table("gever_objects o").Where("o.type = ?", gever.PrivateRootType).Pluck("o.path", &r.private).Error; err != nil {
			return nil, store.Translate(err)
		}
		for _, row := range rows {
			in := slices.ContainsFunc(r.private, func(root string) bool { return strings.HasPrefix(row.Path, root+"/") })
			roles := gever.Roles{gever.Role(row.Role)}
			if in && roles.May(gever.View) {
				r.own = outermost(r.own, row.Path)
			}
			if in && roles.SeesRemoved() {
				r.ownAll = outermost(r.ownAll, row.Path)
			}
		}
	}
	var one []int64
	if !sight.Past {
		if err := keptFrom(tx, user).Limit(1).Pluck("id", &one).Error; err != nil {
			return nil, store.Translate(err)
		}
		r.kept = len(one) > 0
	}
	if r.everywhere() && !r.kept {
		return r, nil
	}
	one = nil
	err = tx.Raw("SELECT t.object_id FROM gever_terms t JOIN gever_objects o ON o.id = t.object_id WHERE "+ownTask+" LIMIT 1", user).Scan(&one).Error
	r.tasks = len(one) > 0
	return r, store.Translate(err)
}

// ownTask finds tasks and forwardings that a user gave or has to do.
var ownTask = "t.name IN ('issuer', 'responsible') AND t.value = ? AND o.type IN ('" + strings.Join(gever.Tasks(), "', '") + "')"

// outermost adds a path to those that are not below each other; they come in
// their order.
func outermost(paths []string, path string) []string {
	for _, p := range paths {
		if p == "" || p == path || strings.HasPrefix(path, p+"/") {
			return paths
		}
	}
	return append(paths, path)
}

// everywhere tells of a user who reads at the root, so everything but perhaps
// what was removed.
func (r *reach) everywhere() bool { return slices.Contains(r.sees, "") }

// readable is the condition on what the user may read.
func (r *reach) readable() part {
	seen := underAny(r.sees)
	if r.kept {
		seen = both(seen, r.outside(gever.Viewing()))
	}
	if seen.sql != "" && r.tasks {
		seen = either([]part{seen, {`o.id IN (
WITH RECURSIVE mine(id) AS (
SELECT t.object_id FROM gever_terms t JOIN gever_objects o ON o.id = t.object_id WHERE ` + ownTask + `
UNION SELECT c.id FROM gever_objects c JOIN mine ON c.parent_id = mine.id
) SELECT id FROM mine)`, []any{r.user}}})
	}
	return both(seen, r.unwalled(r.own), r.notRemoved())
}

// unwalled is the condition on what stands in no private folder but in these
// places.
func (r *reach) unwalled(own []string) part {
	var outside []part
	for _, root := range r.private {
		in := beneath(root)
		outside = append(outside, part{"NOT " + in.sql, in.args})
	}
	if len(outside) == 0 || len(own) == 0 {
		return both(outside...)
	}
	return either([]part{both(outside...), underAny(own)})
}

// outside is the condition on what no object keeps from a user's roles of these
// above it.
func (r *reach) outside(roles []string) part {
	p := r.secret(roles)
	return part{"o.id NOT IN (" + p.sql + ")", p.args}
}

// secret is the query for what objects keep from these roles of a user: those
// that are Blocked and give him none of them, and what is in them, as far as
// none is given there again.
func (r *reach) secret(roles []string) part {
	const without = " NOT IN (SELECT object_id FROM gever_local_roles WHERE role IN ? AND " + mine + ")"
	given := []any{roles, r.user, string(everybody.Principal), r.user}
	return part{`SELECT k.id FROM (
WITH RECURSIVE kept(id) AS (
SELECT b.id FROM gever_objects b WHERE b.blocked AND b.id` + without + `
UNION SELECT c.id FROM gever_objects c JOIN kept ON c.parent_id = kept.id WHERE c.id` + without + `
) SELECT id FROM kept) k`, slices.Concat(given, given)}
}

// notRemoved is the condition on removed documents.
func (r *reach) notRemoved() part {
	restorable := underAny(r.all)
	if restorable.sql != "" && len(r.all) > 0 {
		restorable = both(restorable, r.outside(gever.SeeingRemoved()))
	}
	if restorable = both(restorable, r.unwalled(r.ownAll)); restorable.sql == "" {
		return part{} // who administers everything is kept out nowhere
	}
	return either([]part{{sql: "o.state NOT IN " + removedStates}, restorable})
}

// removedStates are written out: an index holds exactly these.
var removedStates = "('" + strings.Join(gever.Removed, "', '") + "')"

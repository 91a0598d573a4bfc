package konovadb

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/konova"
)

// Row is an entry as a list shows it. Its bytes are valid until the next row.
type Row struct {
	ID       string
	Num, Rev int64 // together they name a state of the document
	Document konova.Document
}

// set takes what the store keeps: the document behind its key, as it stands in
// `results`.
func (r *Row) set(kept, flat []byte, split int) {
	r.ID = string(kept[1 : keyLength-2])
	r.Document = konova.Document{JSON: kept[keyLength:], Split: split, Flat: flat}
}

// keyed is a document as the store keeps it: `"<id>":{...}`.
func keyed(id string, document []byte) []byte {
	out := make([]byte, 0, keyLength+len(document))
	return append(append(append(append(out, '"'), id...), '"', ':'), document...)
}

// keyLength is that of `"<uuid>":`.
const keyLength = 39

// Query asks for a piece of a user's list, in the order of created_on, then id.
type Query struct {
	Offset int64
	Limit  int64
	Bbox   *konova.Bbox // entries without geometry never match
}

// rowQuery reads a piece of an order row by row. The generation comes with each
// row, from the state that the row is of.
const rowQuery = `SELECT coalesce((SELECT generation FROM konova_orders WHERE user_id = ? AND kind = ?), 0), d.num, d.rev, d.split, d.document, d.flat
		FROM konova_shares s JOIN konova_documents d ON d.num = s.entry_num
		WHERE s.user_id = ? AND s.kind = ? AND s.hidden = 0 AND (s.created_ms, s.entry_id) >= (?, ?)
		ORDER BY s.created_ms, s.entry_id LIMIT ? + 0 OFFSET ? + 0`

// List calls visit for each row of the piece. The number of queries does not
// depend on where the piece lies, nor on its length; each piece is one state.
func (d *DB) List(ctx context.Context, user konova.User, kind konova.Kind, q Query, visit func(*Row) error) error {
	if q.Bbox != nil {
		return d.listInBox(ctx, user, kind, q, visit)
	}
	k := orderKey{user.ID, kind}
	for {
		s, err := d.locate(ctx, k, q.Offset)
		if err != nil {
			return err
		}
		if s.beyond {
			return nil
		}
		moved, err := d.readPage(ctx, k, s, q.Limit, visit)
		if err != nil || !moved {
			return err
		}
		d.forget(k, s.generation)
	}
}

// readPage tells whether the order has moved since the start was found; then
// nothing was visited.
func (d *DB) readPage(ctx context.Context, k orderKey, s start, limit int64, visit func(*Row) error) (moved bool, err error) {
	kind := string(k.kind)
	// A page is short and found by its key. Watching the context would cost a
	// goroutine in database/sql and one in the driver.
	rows, err := d.DB.Query(context.WithoutCancel(ctx), rowQuery, k.user, kind, k.user, kind, s.from.ms, s.from.id, limit, s.skip)
	if err != nil {
		return false, store.Translate(err)
	}
	defer func() { _ = rows.Close() }()
	var (
		row        Row
		generation int64
		document   sql.RawBytes
		flat       sql.RawBytes
		split      int
		into       = []any{&generation, &row.Num, &row.Rev, &split, &document, &flat}
		seen       bool
	)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return false, store.Translate(err)
		}
		if !seen && s.generation >= 0 && generation != s.generation {
			return true, nil
		}
		seen = true
		row.set(document, flat, split)
		if err := visit(&row); err != nil {
			return false, err
		}
	}
	if err := rows.Err(); err != nil {
		return false, store.Translate(err)
	}
	if seen || s.generation < 0 {
		return false, nil
	}
	return d.moved(ctx, k, s.generation)
}

// moved asks for the generation when no row could tell it.
func (d *DB) moved(ctx context.Context, k orderKey, generation int64) (bool, error) {
	var now int64
	err := d.DB.Reader(ctx).Raw("SELECT coalesce(max(generation), 0) FROM konova_orders WHERE user_id = ? AND kind = ?",
		k.user, string(k.kind)).Scan(&now).Error
	return now != generation, store.Translate(err)
}

// Count is how many entries List can visit, over all pieces.
func (d *DB) Count(ctx context.Context, user konova.User, kind konova.Kind, bbox *konova.Bbox) (n int64, err error) {
	if bbox == nil {
		return d.count(ctx, orderKey{user.ID, kind})
	}
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		n = 0
		return d.eachInBox(tx, user, kind, *bbox, func(int64) error { n++; return nil })
	})
	return n, err
}

// boxQuery finds the entries whose boxes meet the given one, from the index
// of boxes, and then those of them that the user sees, in order. The geometry
// comes along only where the boxes alone do not decide.
func boxQuery(user int64, kind konova.Kind, b konova.Bbox) (string, []any) {
	meets, inside := "min_lon <= ? AND max_lon >= ?", "min_lon >= ? AND max_lon <= ?"
	insideLon := []any{b.MinLon, b.MaxLon}
	if b.MinLon > b.MaxLon { // across the antimeridian
		meets, inside = "(min_lon <= ? OR max_lon >= ?)", "(max_lon <= ? OR min_lon >= ?)"
		insideLon = []any{b.MaxLon, b.MinLon}
	}
	args := append(insideLon, b.MinLat, b.MaxLat, string(kind), b.MaxLon, b.MinLon, b.MaxLat, b.MinLat, user)
	return `WITH hit AS MATERIALIZED (SELECT num, CASE WHEN ` + inside + ` AND min_lat >= ? AND max_lat <= ? THEN 1 ELSE 0 END AS inside
			FROM konova_entries WHERE kind = ? AND ` + meets + ` AND min_lat <= ? AND max_lat >= ? AND min_lon IS NOT NULL AND deleted_on IS NULL)
		SELECT hit.num, CASE WHEN hit.inside = 1 THEN '' ELSE (SELECT coordinates FROM konova_entries e WHERE e.num = hit.num) END
		FROM hit CROSS JOIN konova_shares s WHERE s.entry_num = hit.num AND s.user_id = ? AND s.hidden = 0
		ORDER BY s.created_ms, s.entry_id`, args
}

// eachInBox calls visit for each entry that the user sees and the box meets,
// in order. What the boxes leave open the geometry decides.
func (d *DB) eachInBox(tx *gorm.DB, user konova.User, kind konova.Kind, b konova.Bbox, visit func(num int64) error) error {
	query, args := boxQuery(user.ID, kind, b)
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var num int64
	var coordinates sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&num, &coordinates); err != nil {
			return err
		}
		if len(coordinates) > 0 {
			g, err := konova.KnownGeometry(coordinates)
			if err != nil {
				return err
			}
			if !g.Intersects(b) {
				continue
			}
		}
		if err := visit(num); err != nil {
			return err
		}
	}
	return rows.Err()
}

// errEnough ends a search.
var errEnough = errors.New("enough")

// batch is how many documents are read by one query where their numbers are
// known.
const batch = 100

func (d *DB) listInBox(ctx context.Context, user konova.User, kind konova.Kind, q Query, visit func(*Row) error) error {
	return d.DB.Read(ctx, func(tx *gorm.DB) error {
		var nums []int64
		seen := int64(0)
		err := d.eachInBox(tx, user, kind, *q.Bbox, func(num int64) error {
			if seen++; seen > q.Offset {
				nums = append(nums, num)
			}
			if int64(len(nums)) == q.Limit {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		for len(nums) > 0 {
			n := min(batch, len(nums))
			if err := documents(tx, nums[:n], visit); err != nil {
				return err
			}
			nums = nums[n:]
		}
		return nil
	})
}

// documents visits the entries of nums in their order.
func documents(tx *gorm.DB, nums []int64, visit func(*Row) error) error {
	var found []struct {
		Num, Rev       int64
		Split          int
		Document, Flat []byte
	}
	err := tx.Model(&documentRow{}).Where("num IN ?", nums).Find(&found).Error
	if err != nil {
		return err
	}
	byNum := make(map[int64]int, len(found))
	for i := range found {
		byNum[found[i].Num] = i
	}
	for _, num := range nums {
		i, ok := byNum[num]
		if !ok {
			continue
		}
		f := &found[i]
		row := Row{Num: f.Num, Rev: f.Rev}
		row.set(f.Document, f.Flat, f.Split)
		if err := visit(&row); err != nil {
			return err
		}
	}
	return nil
}

const oneQuery = `SELECT d.num, d.rev, d.split, d.document, d.flat
	FROM konova_entries e JOIN konova_shares s ON s.entry_num = e.num AND s.user_id = ? AND s.hidden = 0
	JOIN konova_documents d ON d.num = e.num WHERE e.id = ? AND s.kind = ?`

// Get gives one entry; NotFound/Missing when there is none, it was deleted, or
// it is not shared with the user. id is in the stored form.
func (d *DB) Get(ctx context.Context, user konova.User, kind konova.Kind, id string) (*Row, error) {
	row := &Row{}
	var split int
	var document, flat []byte
	err := d.DB.Row(ctx, oneQuery, []any{user.ID, id, string(kind)}, &row.Num, &row.Rev, &split, &document, &flat)
	if err != nil {
		return nil, err
	}
	row.set(document, flat, split)
	return row, nil
}

// Export visits everything that the user sees of a kind, in order, in constant
// memory. A slow reader holds no transaction open: each batch is a state of
// its own, and what is appended meanwhile is visited too.
func (d *DB) Export(ctx context.Context, user konova.User, kind konova.Kind, bbox *konova.Bbox, visit func(*Row) error) error {
	if bbox != nil {
		return d.exportInBox(ctx, user, kind, *bbox, visit)
	}
	k, from, skip := orderKey{user.ID, kind}, first, int64(0)
	for {
		n := int64(0)
		last := ""
		_, err := d.readPage(ctx, k, start{from: from, skip: skip, generation: -1}, batch, func(r *Row) error {
			n, last = n+1, r.ID
			return visit(r)
		})
		if err != nil || n < batch {
			return err
		}
		if from, err = d.placeOf(ctx, last); err != nil {
			return err
		}
		skip = 1
	}
}

// placeOf finds an entry's key; it may have been deleted meanwhile.
func (d *DB) placeOf(ctx context.Context, id string) (place, error) {
	row, err := store.First[entryRow](d.DB.Reader(ctx).Select("num", "created_on"), "id = ?", id)
	if err != nil {
		return place{}, err
	}
	return place{row.CreatedOn.UnixMilli(), id}, nil
}

func (d *DB) exportInBox(ctx context.Context, user konova.User, kind konova.Kind, b konova.Bbox, visit func(*Row) error) error {
	var nums []int64 // 8 bytes each: a million entries are 8 MB
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		nums = nil
		return d.eachInBox(tx, user, kind, b, func(num int64) error { nums = append(nums, num); return nil })
	})
	for len(nums) > 0 && err == nil {
		n := min(batch, len(nums))
		err = store.Translate(documents(d.DB.Reader(ctx), nums[:n], visit))
		nums = nums[n:]
	}
	return err
}

// Extent is the box around everything that the user sees of a kind; false when
// nothing of it lies anywhere.
func (d *DB) Extent(ctx context.Context, user konova.User, kind konova.Kind) (konova.Bbox, bool, error) {
	var b [4]*float64
	err := d.DB.Reader(ctx).Raw(`SELECT min(e.min_lon), min(e.min_lat), max(e.max_lon), max(e.max_lat)
		FROM konova_shares s JOIN konova_entries e ON e.num = s.entry_num
		WHERE s.user_id = ? AND s.kind = ? AND s.hidden = 0 AND e.min_lon IS NOT NULL`, user.ID, string(kind)).
		Row().Scan(&b[0], &b[1], &b[2], &b[3])
	if err != nil || b[0] == nil {
		return konova.Bbox{}, false, store.Translate(err)
	}
	return konova.Bbox{MinLon: *b[0], MinLat: *b[1], MaxLon: *b[2], MaxLat: *b[3]}, true, nil
}

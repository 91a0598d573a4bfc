package konovadb

import (
	"context"
	"database/sql"
	"errors"

	"loket/store"
	"loket/store/konova"
)

// Text is a piece of a list as it stands in `results`: the hottest road reads
// no more columns than it sends.
type Text struct {
	Results []byte // appended: `"id":{...},"id":{...}`
	States  uint64 // sums up the states of the documents in it
	Rows    int64
	More    bool // something stands behind it
}

// LargePage is how many bytes of a page are put together in memory; ErrLarge
// says that a page has more, of huge geometries, and is to be streamed.
const LargePage = 4 << 20

// ErrLarge is a page of more than LargePage bytes.
var ErrLarge = errors.New("konovadb: the page is too large to be put together")

// textQuery is rowQuery with all but the document in one number; deepQuery
// also tells the generation.
const (
	textQuery = `SELECT d.num * 4294967296 + d.rev, d.document` + textFrom
	deepQuery = `SELECT d.num * 4294967296 + d.rev, d.document, coalesce((SELECT generation FROM konova_orders WHERE user_id = ? AND kind = ?), 0)` + textFrom
	textFrom  = `
		FROM konova_shares s JOIN konova_documents d ON d.num = s.entry_num
		WHERE s.user_id = ? AND s.kind = ? AND s.hidden = 0 AND (s.created_ms, s.entry_id) >= (?, ?)
		ORDER BY s.created_ms, s.entry_id LIMIT ? + 0 OFFSET ? + 0`
)

// Text appends a piece of a user's list to b; the query has no box. What it
// gives, List would visit.
func (d *DB) Text(ctx context.Context, user konova.User, kind konova.Kind, q Query, b []byte) (Text, error) {
	k := orderKey{user.ID, kind}
	for {
		s, err := d.locate(ctx, k, q.Offset)
		if err != nil || s.beyond {
			return Text{Results: b}, err
		}
		t, moved, err := d.readText(ctx, k, s, q.Limit, b)
		if err != nil || !moved {
			return t, err
		}
		d.forget(k, s.generation)
	}
}

// readText tells whether the order has moved since the start was found.
func (d *DB) readText(ctx context.Context, k orderKey, s start, limit int64, b []byte) (t Text, moved bool, err error) {
	t.Results = b
	query, args := textQuery, []any{k.user, string(k.kind), s.from.ms, s.from.id, limit + 1, s.skip}
	if s.generation >= 0 {
		query, args = deepQuery, append([]any{k.user, string(k.kind)}, args...)
	}
	err = d.DB.Rows(ctx, query, args, func(rows store.Rows) error {
		moved, err = t.read(rows, s.generation, limit)
		return err
	})
	if err == nil && !moved && t.Rows == 0 && s.generation >= 0 {
		moved, err = d.moved(ctx, k, s.generation)
	}
	return t, moved, err
}

func (t *Text) read(rows store.Rows, generation, limit int64) (moved bool, err error) {
	var state, now int64
	var document sql.RawBytes
	into := []any{&state, &document, &now}
	if generation < 0 {
		into, now = into[:2], generation
	}
	for rows.Next() {
		if t.Rows == limit {
			t.More = true
			return false, nil
		}
		if err := rows.Scan(into...); err != nil {
			return false, err
		}
		if now != generation {
			return true, nil
		}
		if t.Rows++; t.Rows > 1 {
			t.Results = append(t.Results, ',')
		}
		if t.Results = append(t.Results, document...); len(t.Results) > LargePage {
			return false, ErrLarge
		}
		t.States = t.States*1099511628211 ^ uint64(state) //nolint:gosec // bits, not a quantity
	}
	return false, nil
}

// stateQuery asks the share for the kind: the entry itself need not be read.
const stateQuery = `SELECT d.num, d.rev, d.document
	FROM konova_entries e JOIN konova_shares s ON s.entry_num = e.num AND s.user_id = ? AND s.hidden = 0
	JOIN konova_documents d ON d.num = e.num WHERE e.id = ? AND s.kind = ?`

// GetText is Get for the envelope: the row has no more of the document than
// its JSON, which stands behind its key in Kept.
func (d *DB) GetText(ctx context.Context, user konova.User, kind konova.Kind, id string) (num, rev int64, kept []byte, err error) {
	var text owned
	err = d.DB.Row(ctx, stateQuery, []any{user.ID, id, string(kind)}, &num, &rev, &text)
	return num, rev, text, err
}

// owned takes the driver's bytes as they are: both drivers make them for one
// row and forget them, and database/sql would copy them.
type owned []byte

// Scan is for database/sql.
func (o *owned) Scan(v any) error {
	*o, _ = v.([]byte) // the column is bytes and never null
	return nil
}

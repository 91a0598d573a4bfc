package konovadb

import (
	"context"
	"database/sql"

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

// textQuery is rowQuery with all but the document in one number.
const textQuery = `SELECT d.num * 4294967296 + d.rev, d.document
		FROM konova_shares s JOIN konova_documents d ON d.num = s.entry_num
		WHERE s.user_id = ? AND s.kind = ? AND s.hidden = 0 AND (s.created_ms, s.entry_id) >= (?, ?)
		ORDER BY s.created_ms, s.entry_id LIMIT ? OFFSET ?`

// Text appends a piece of a user's list to b.
func (d *DB) Text(ctx context.Context, user konova.User, kind konova.Kind, q Query, b []byte) (Text, error) {
	k := orderKey{user.ID, kind}
	s, err := d.locate(ctx, k, q.Offset)
	if err != nil || s.beyond {
		return Text{Results: b}, err
	}
	rows, err := d.DB.Query(context.WithoutCancel(ctx), textQuery, k.user, string(kind), s.from.ms, s.from.id, q.Limit+1, s.skip)
	if err != nil {
		return Text{}, store.Translate(err)
	}
	defer func() { _ = rows.Close() }()
	t := Text{Results: b}
	var state int64
	var document sql.RawBytes
	into := []any{&state, &document}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return Text{}, store.Translate(err)
		}
		if t.Rows == q.Limit {
			t.More = true
			break
		}
		if t.Rows++; t.Rows > 1 {
			t.Results = append(t.Results, ',')
		}
		t.Results = append(t.Results, document...)
		t.States = t.States*1099511628211 ^ uint64(state)
	}
	return t, store.Translate(rows.Err())
}

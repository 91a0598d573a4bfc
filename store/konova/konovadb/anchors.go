package konovadb

import (
	"context"
	"math"
	"sync"

	"loket/store"
	"loket/store/konova"
)

// step is the distance of anchors in rows: at most so many keys are passed
// over before a page begins. maxOrders bounds the memory: an order of 100,000
// entries has 1,600 anchors of about 70 bytes.
const (
	step      = 64
	maxOrders = 256
)

// place is a key of an order.
type place struct {
	ms int64
	id string
}

// first stands before every key.
var first = place{ms: math.MinInt64}

type orderKey struct {
	user int64
	kind konova.Kind
}

// order holds the key of every step-th entry of one user's list, as of a
// generation. Appends leave it true; it grows when a page beyond it is asked.
type order struct {
	lock       sync.Mutex
	generation int64
	anchors    []place
}

type anchorCache struct {
	lock   sync.Mutex
	orders map[orderKey]*order
}

func (c *anchorCache) get(k orderKey) *order {
	c.lock.Lock()
	defer c.lock.Unlock()
	if o := c.orders[k]; o != nil {
		return o
	}
	if c.orders == nil {
		c.orders = map[orderKey]*order{}
	}
	if len(c.orders) >= maxOrders {
		for some := range c.orders { // any one: the hot ones come back
			delete(c.orders, some)
			break
		}
	}
	o := &order{generation: -1}
	c.orders[k] = o
	return o
}

// start is where a page begins: rows to pass over from a key on, as of a
// generation; -1 holds under any.
type start struct {
	from       place
	skip       int64
	generation int64
	beyond     bool // nothing stands there
}

// locate finds the start of a page at offset. Near the beginning nothing needs
// to be known.
func (d *DB) locate(ctx context.Context, k orderKey, offset int64) (start, error) {
	if offset < step {
		return start{from: first, skip: offset, generation: -1}, nil
	}
	o := d.anchors.get(k)
	o.lock.Lock()
	defer o.lock.Unlock()
	if int64(len(o.anchors)) <= offset/step {
		if err := d.extend(ctx, k, o); err != nil {
			return start{}, err
		}
	}
	if int64(len(o.anchors)) <= offset/step {
		return start{beyond: true, generation: o.generation}, nil
	}
	return start{from: o.anchors[offset/step], skip: offset % step, generation: o.generation}, nil
}

// forget drops the anchors of an order whose generation has passed.
func (d *DB) forget(k orderKey, generation int64) {
	o := d.anchors.get(k)
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.generation == generation {
		o.generation, o.anchors = -1, nil
	}
}

// count is how many entries the order has: whole steps are known, the rest is
// counted.
func (d *DB) count(ctx context.Context, k orderKey) (int64, error) {
	o := d.anchors.get(k)
	o.lock.Lock()
	defer o.lock.Unlock()
	if err := d.extend(ctx, k, o); err != nil {
		return 0, err
	}
	if len(o.anchors) == 0 {
		return 0, nil
	}
	last := o.anchors[len(o.anchors)-1]
	var rest int64
	err := d.DB.Reader(ctx).Raw(`SELECT count(*) FROM konova_shares
		WHERE user_id = ? AND kind = ? AND hidden = 0 AND (created_ms, entry_id) >= (?, ?)`,
		k.user, string(k.kind), last.ms, last.id).Scan(&rest).Error
	return int64(len(o.anchors)-1)*step + rest, store.Translate(err)
}

// extend reads the anchors after the last known one; all anew when the
// generation has moved. The caller holds the order's lock.
func (d *DB) extend(ctx context.Context, k orderKey, o *order) error {
	for {
		from := first
		if n := len(o.anchors); n > 0 {
			from = o.anchors[n-1]
		}
		generation, found, err := d.readAnchors(ctx, k, from)
		switch {
		case err != nil:
			return err
		case generation == o.generation || len(o.anchors) == 0:
			if len(o.anchors) > 0 {
				o.anchors = o.anchors[:len(o.anchors)-1] // it is found again
			}
			o.generation, o.anchors = generation, append(o.anchors, found...)
			return nil
		}
		o.generation, o.anchors = -1, nil
	}
}

// readAnchors gives the generation, and from a key on every step-th key, in
// one statement and so of one state.
func (d *DB) readAnchors(ctx context.Context, k orderKey, from place) (generation int64, found []place, err error) {
	rows, err := d.DB.Reader(ctx).Raw(`SELECT g.generation, a.created_ms, a.entry_id
		FROM (SELECT coalesce(max(generation), 0) AS generation FROM konova_orders WHERE user_id = ? AND kind = ?) g
		LEFT JOIN (SELECT created_ms, entry_id, row_number() OVER (ORDER BY created_ms, entry_id) - 1 AS n FROM konova_shares
			WHERE user_id = ? AND kind = ? AND hidden = 0 AND (created_ms, entry_id) >= (?, ?)) a ON a.n % ? = 0
		ORDER BY a.created_ms, a.entry_id`,
		k.user, string(k.kind), k.user, string(k.kind), from.ms, from.id, step).Rows()
	if err != nil {
		return 0, nil, store.Translate(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var ms *int64
		var id *string
		if err := rows.Scan(&generation, &ms, &id); err != nil {
			return 0, nil, store.Translate(err)
		}
		if ms != nil {
			found = append(found, place{*ms, *id})
		}
	}
	return generation, found, store.Translate(rows.Err())
}

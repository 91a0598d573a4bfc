package geverdb

import (
	"context"

	"loket/store/gever"
)

// Rows are the row structs, for the drift test.
func Rows() []any { return append(rows(), &sortingRow{}, &termRow{}) }

// PathOf tells where an object is now.
func (d *DB) PathOf(ctx context.Context, uid string) (string, error) {
	row, err := d.find(d.DB.Reader(ctx), gever.Ref{Kind: gever.RefUID, Value: uid})
	if err != nil {
		return "", err
	}
	return row.Path, nil
}

// Hiding is hiding, for its test.
type Hiding = hiding

// At and Next are its methods.
func (h hiding) At(n int64) int64 { return h.at(n) }

func (h hiding) Next(position, step int64) int64 { return h.next(position, step) }

// CreateIndex and Reindex are run by hand in tests.
var (
	CreateIndex = createIndex
	Reindex     = reindex
)

package geverdb

// Rows are the row structs, for the drift test.
func Rows() []any { return append(rows(), &sortingRow{}, &termRow{}) }

// CreateIndex and Reindex are run by hand in tests.
var (
	CreateIndex = createIndex
	Reindex     = reindex
)

package geverdb

// Rows are the row structs, for the drift test.
func Rows() []any { return rows() }

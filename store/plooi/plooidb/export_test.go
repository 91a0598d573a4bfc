package plooidb

// Rows are the rows of today, for the drift test.
func Rows() []any { return rows() }

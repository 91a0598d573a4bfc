package geverdb

// Rows are the row structs, for the drift test.
func Rows() []any { return rows() }

// Hiding is hiding, for its test.
type Hiding = hiding

// At and Next are its methods.
func (h hiding) At(n int64) int64 { return h.at(n) }

func (h hiding) Next(position, step int64) int64 { return h.next(position, step) }

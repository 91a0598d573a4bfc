// Package scan asks a virus scanner about a file. It imports the standard
// library only; the use cases of any API (store/x/xdb) may import it, and main
// to open one.
package scan

import (
	"context"
	"errors"
	"io"
)

// Result is what a scanner says of a file.
type Result struct {
	Infected bool
	Name     string // of what was found, for the operator
}

// ErrTooLarge says that the scanner takes no file of this size.
var ErrTooLarge = errors.New("scan: the file is larger than the scanner takes")

// Scanner looks for viruses. A Scanner is safe for concurrent use.
type Scanner interface {
	// Scan reads r to its end. ErrTooLarge when the scanner refuses the size;
	// any other error means that it did not answer, and another attempt may.
	Scan(ctx context.Context, r io.Reader) (Result, error)
}

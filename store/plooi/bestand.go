package plooi

import (
	"bytes"

	"loket/store/fault"
)

// The types of files.
const (
	PDF = "application/pdf"
	ZIP = "application/zip"
)

// Soort tells a file's type by its first four bytes; nothing else is looked at
// (1.5). BestandstypeFout when it is neither, also of fewer bytes (D18).
func Soort(kop []byte) (string, error) {
	switch {
	case bytes.HasPrefix(kop, []byte("%PDF")):
		return PDF, nil
	case len(kop) >= 4 && kop[0] == 'P' && kop[1] == 'K' && (kop[2] == 3 && kop[3] == 4 || kop[2] == 5 && kop[3] == 6 || kop[2] == 7 && kop[3] == 8):
		return ZIP, nil
	default:
		return "", fault.New(fault.Invalid, BestandstypeFout, "")
	}
}

package vemap

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"loket/store/fault"
)

// Bounds of a password's length, in characters (4.1).
const (
	minPassword = 8
	maxPassword = 99
)

// PasswordFaults tells in what a password falls short of the policy: 8 to 99
// characters with a lower-case letter, an upper-case letter, a digit, and a
// symbol. Each fault stands at pointer.
func PasswordFaults(pointer, password string) []fault.Field {
	var lower, upper, digit, symbol bool
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		case unicode.IsPunct(r), unicode.IsSymbol(r):
			symbol = true
		}
	}
	var fs []fault.Field
	if n := utf8.RuneCountInString(password); n < minPassword || n > maxPassword {
		fs = append(fs, Field(pointer, fmt.Sprintf("must have %d to %d characters", minPassword, maxPassword)))
	}
	for _, need := range []struct {
		has  bool
		what string
	}{{lower, "a lower-case letter"}, {upper, "an upper-case letter"}, {digit, "a digit"}, {symbol, "a symbol"}} {
		if !need.has {
			fs = append(fs, Field(pointer, "must contain "+need.what))
		}
	}
	return fs
}

package konova

import (
	"encoding/json"
	"math/big"
	"strings"
)

// Decimal is an exact number that is not negative, in plain digits with a
// decimal point: "1.0", "0.25". Amounts and surfaces are decimals and not
// float64, so that sums of deductions are exact and no digit of the input is
// lost. The zero value is no number; ParseDecimal and Sum make them.
type Decimal string

// The most digits that a Decimal may have on each side of its point: a
// float64 of any sensible surface fits, and 1e400 cannot fill the memory.
const (
	decimalInteger  = 15
	decimalFraction = 20
)

// ParseDecimal reads a JSON number ("1", "1.50", "1e3"); false when it is none,
// negative or has too many digits.
func ParseDecimal(text string) (Decimal, bool) {
	if !validNumber(text) || (strings.HasPrefix(text, "-") && strings.Trim(text, "-0.eE+") != "") {
		return "", false
	}
	mantissa, exponent, ok := splitExponent(strings.TrimPrefix(text, "-"))
	if !ok {
		return "", false
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	switch {
	case exponent > 0:
		fraction += strings.Repeat("0", max(0, exponent-len(fraction)))
		whole, fraction = whole+fraction[:exponent], fraction[exponent:]
	case exponent < 0:
		whole = strings.Repeat("0", max(0, -exponent-len(whole))) + whole
		cut := len(whole) + exponent
		whole, fraction = whole[:cut], whole[cut:]+fraction
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if len(whole) > decimalInteger || len(fraction) > decimalFraction {
		return "", false
	}
	return plain(whole, fraction), true
}

func plain(whole, fraction string) Decimal {
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		fraction = "0"
	}
	return Decimal(whole + "." + fraction)
}

func validNumber(text string) bool {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	return text != "" && (text[0] == '-' || digit(text[0])) && digit(text[len(text)-1]) && json.Valid([]byte(text))
}

// splitExponent takes small exponents only: a larger one is out of range
// whatever the digits, but for zero, which nobody writes so.
func splitExponent(text string) (mantissa string, exponent int, ok bool) {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return text, 0, true
	}
	digits, negative := text[i+1:], false
	switch digits[0] {
	case '-':
		digits, negative = digits[1:], true
	case '+':
		digits = digits[1:]
	}
	for _, c := range digits {
		exponent = exponent*10 + int(c-'0')
		if exponent > 100 {
			return "", 0, false
		}
	}
	if negative {
		exponent = -exponent
	}
	return text[:i], exponent, true
}

// scaled is the number times 10^decimalFraction, exact.
func (d Decimal) scaled() *big.Int {
	whole, fraction, _ := strings.Cut(string(d), ".")
	n, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", max(0, decimalFraction-len(fraction))), 10)
	if !ok {
		return new(big.Int) // the zero Decimal
	}
	return n
}

// Cmp compares: -1, 0 or 1.
func (d Decimal) Cmp(other Decimal) int { return d.scaled().Cmp(other.scaled()) }

// Positive tells whether the number is above zero.
func (d Decimal) Positive() bool { return d.scaled().Sign() > 0 }

// String is the number with a point; "0.0" for the zero Decimal.
func (d Decimal) String() string {
	if d == "" {
		return "0.0"
	}
	return string(d)
}

// Sum adds exactly; without summands it is 0.0.
func Sum(all ...Decimal) Decimal {
	total := new(big.Int)
	for _, d := range all {
		total.Add(total, d.scaled())
	}
	digits := total.String()
	if len(digits) <= decimalFraction {
		digits = strings.Repeat("0", decimalFraction+1-len(digits)) + digits
	}
	cut := len(digits) - decimalFraction
	return plain(strings.TrimLeft(digits[:cut], "0"), strings.TrimRight(digits[cut:], "0"))
}

package konova_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"loket/store/konova"
)

func TestParseDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1.0", "1.0": "1.0", "1.50": "1.5", "0": "0.0", "-0": "0.0", "-0.0": "0.0", "100.0": "100.0", "0.25": "0.25",
		"1e3": "1000.0", "1E+2": "100.0", "12.5e1": "125.0", "12.5e-1": "1.25", "5e-3": "0.005", "0.30000000000000004": "0.30000000000000004",
		"999999999999999": "999999999999999.0", "00": "", "1000000000000000": "", "1e400": "", "1e99999999999": "", "-1": "", "-0.1": "",
		"NaN": "", "": "", "abc": "", `"1"`: "", "1.": "", ".5": "", "+1": "", "0x1": "", "1 ": "", "0.000000000000000000001": "",
	} {
		got, ok := konova.ParseDecimal(in)
		if string(got) != want || ok != (want != "") {
			t.Errorf("ParseDecimal(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestSumIsExact(t *testing.T) {
	if got := konova.Sum("0.1", "0.2"); got != "0.3" {
		t.Errorf("0.1 + 0.2 = %s", got)
	}
	if got := konova.Sum(); got != "0.0" {
		t.Errorf("the empty sum is %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		want := new(big.Rat)
		var all []konova.Decimal
		for range rapid.IntRange(0, 8).Draw(t, "n") {
			text := rapid.StringMatching(`(0|[1-9][0-9]{0,13})(\.[0-9]{1,15})?`).Draw(t, "number")
			d, ok := konova.ParseDecimal(text)
			if !ok || !json.Valid([]byte(d)) {
				t.Fatalf("ParseDecimal(%q) = %q, %v", text, d, ok)
			}
			r, _ := new(big.Rat).SetString(text)
			want.Add(want, r)
			all = append(all, d)
		}
		got, _ := new(big.Rat).SetString(string(konova.Sum(all...)))
		if got.Cmp(want) != 0 {
			t.Fatalf("sum of %v = %s, want %s", all, got, want)
		}
	})
}

func TestCheckOverdraw(t *testing.T) {
	if err := konova.CheckOverdraw("0.3", konova.Sum("0.1", "0.2")); err != nil {
		t.Errorf("an account is used up to the last: %v", err)
	}
	if err := konova.CheckOverdraw("0.3", konova.Sum("0.1", "0.20000000000000001")); err == nil {
		t.Error("an account is overdrawn by a hair")
	}
}

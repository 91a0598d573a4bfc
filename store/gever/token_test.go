package gever_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"loket/store/gever"
)

// TestAssertionTimes: the edges of iat and exp, to the second.
func TestAssertionTimes(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	key := gever.ServiceKey{TokenURI: "https://a/t"}
	for _, c := range []struct {
		iat, exp time.Duration
		word     string // "" is good
	}{
		{0, time.Second, ""}, {0, 24 * time.Hour, ""}, {-24 * time.Hour, time.Second, "24 hours after"}, {-24*time.Hour + time.Second, time.Second, ""},
		{30 * time.Second, time.Hour, ""}, {31 * time.Second, time.Hour, "future"}, {-24*time.Hour - time.Second, time.Hour, "24 hours back"},
		{0, 0, "expired"}, {0, -time.Second, "expired"}, {0, 24*time.Hour + time.Second, "24 hours after"},
	} {
		iat, exp := now.Add(c.iat), now.Add(c.exp)
		err := key.Check(gever.Assertion{Audience: []string{"https://a/t"}, Subject: "x", IssuedAt: &iat, ExpiresAt: &exp}, now)
		if c.word == "" && err != nil || c.word != "" && (err == nil || !strings.Contains(err.Error(), c.word)) {
			t.Errorf("iat %v, exp %v: %v, want %q", c.iat, c.exp, err, c.word)
		}
	}
}

func TestIPRanges(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " ": "", "10.1.2.3": "10.1.2.3/32", "10.1.2.3/8, ::1": "10.0.0.0/8,::1/128", "::ffff:10.0.0.1": "10.0.0.1/32",
	} {
		got, err := gever.ParseIPRanges(text)
		if err != nil || gever.FormatIPRanges(got) != want {
			t.Errorf("%q: %v %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "10.0.0.1,", "10.0.0.0/33", "10.0.0.0-10.0.0.9"} {
		if got, err := gever.ParseIPRanges(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	ranges, _ := gever.ParseIPRanges("10.0.0.0/8,2001:db8::/32")
	key := gever.ServiceKey{IPRanges: ranges}
	for address, want := range map[string]bool{"10.255.0.1": true, "11.0.0.1": false, "::ffff:10.0.0.1": true, "2001:db8::1": true, "2001:db9::1": false, "": false, "nichts": false} {
		if key.From(address) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	if open := (&gever.ServiceKey{}); !open.From("nichts") {
		t.Error("a key without networks is good from anywhere")
	}
	if !slices.Contains(gever.OperatorRoles, gever.Impersonator) || gever.Roles([]gever.Role{gever.Impersonator}).May(gever.View) {
		t.Error("Impersonator can be given, and alone opens nothing")
	}
}

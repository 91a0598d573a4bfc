package blobs_test

import (
	"strings"
	"testing"

	"loket/store/blobs"
)

func TestCheck(t *testing.T) {
	b := openDisk(t)
	info, err := b.Put(t.Context(), strings.NewReader("inhoud"), 0)
	if err != nil {
		t.Fatal(err)
	}
	gone := strings.Repeat("0", len(info.Key))
	calls := 0
	damage, n, err := blobs.Check(t.Context(), b, []blobs.Kept{
		{Name: "as kept", Key: info.Key, Size: 6, SHA256: info.SHA256},
		{Name: "by its key", Key: info.Key, Size: -1},
		{Name: "other size", Key: info.Key, Size: 7, SHA256: info.SHA256},
		{Name: "other bytes", Key: info.Key, Size: 6, SHA256: strings.Repeat("0", 64)},
		{Name: "gone", Key: gone, Size: -1},
	}, func(done, total int) {
		if calls++; done != calls || total != 5 {
			t.Errorf("progress %d of %d", done, total)
		}
	})
	if err != nil || n != 5 || calls != 5 || len(damage) != 3 {
		t.Fatalf("%q, %d, %v", damage, n, err)
	}
	for i, want := range []string{"other size: has 6 bytes, 7 came in", "other bytes: its bytes changed", "gone: "} {
		if !strings.HasPrefix(damage[i], want) {
			t.Errorf("%q, want %q", damage[i], want)
		}
	}
}

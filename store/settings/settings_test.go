package settings_test

import (
	"sync"
	"testing"

	"loket/store/settings"
	"loket/store/storetest"
)

func TestSettings(t *testing.T) {
	db, ctx := storetest.Open(t, settings.Migrations()), t.Context()
	if v, err := settings.Get(ctx, db, "demo"); v != "" || err != nil {
		t.Fatalf("never set: %q, %v", v, err)
	}
	for _, v := range []string{"a", "b"} {
		if err := settings.Put(ctx, db, "demo", v); err != nil {
			t.Fatal(err)
		}
		if got, err := settings.Get(ctx, db, "demo"); got != v || err != nil {
			t.Errorf("%q, %v; want %q", got, err, v)
		}
	}
}

func TestOnceGivesAllTheSame(t *testing.T) {
	db, ctx := storetest.Open(t, settings.Migrations()), t.Context()
	got := make([]string, 32)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			v, err := settings.Once(ctx, db, "key", string(rune('a'+i)))
			if err != nil {
				t.Error(err)
			}
			got[i] = v
		})
	}
	wg.Wait()
	for _, v := range got {
		if v == "" || v != got[0] {
			t.Fatalf("%q: each must get the first", got)
		}
	}
}

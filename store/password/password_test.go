package password_test

import (
	"context"
	"sync"
	"testing"

	"loket/store/fault"
	"loket/store/password"
)

func TestHashAndVerify(t *testing.T) {
	h, ctx := password.New(), t.Context()
	hash, err := h.Hash(ctx, "Demo-Gever-1!")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := h.Hash(ctx, "Demo-Gever-1!"); again == hash {
		t.Error("two hashes of one password are the same: no salt")
	}
	for _, c := range []struct {
		hash, password string
		want           bool
	}{{hash, "Demo-Gever-1!", true}, {hash, "Demo-Gever-1!", true}, {hash, "demo-gever-1!", false}, {"", "Demo-Gever-1!", false}, {"", "", false}} {
		if got, err := h.Verify(ctx, c.hash, c.password); got != c.want || err != nil {
			t.Errorf("%q: %v, %v", c.password, got, err)
		}
	}
	for _, broken := range []string{"x", "$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA", hash + "x"} {
		if ok, err := h.Verify(ctx, broken, "x"); ok || err == nil {
			t.Errorf("%q: %v, %v", broken, ok, err)
		}
	}
}

// TestBound: what is more than two at work and 64 waiting is refused, not
// queued for ever; nobody is refused wrongly and nobody waits after the end of
// his context.
func TestBound(t *testing.T) {
	h := password.New()
	var wg sync.WaitGroup
	var mu sync.Mutex
	kinds := map[fault.Kind]int{}
	ctx, cancel := context.WithCancel(t.Context())
	for i := range 200 {
		wg.Go(func() {
			_, err := h.Verify(ctx, "", "x")
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				kinds[fault.NotFound]++ // answered
			} else if ctx.Err() == nil || fault.KindOf(err) == fault.Limited {
				kinds[fault.KindOf(err)]++
			}
			if i == 199 {
				cancel()
			}
		})
	}
	wg.Wait()
	cancel()
	if kinds[fault.Internal] > 0 {
		t.Errorf("%v", kinds)
	}
}

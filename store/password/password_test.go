package password_test

import (
	"fmt"
	"sync"
	"sync/atomic"
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
// queued for ever; the same pair at once is one comparison.
func TestBound(t *testing.T) {
	h := password.New()
	hash, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var refused, matched atomic.Int64
	for i := range 300 {
		wg.Go(func() {
			_, err := h.Verify(t.Context(), hash, fmt.Sprint(i))
			switch {
			case err == nil:
			case fault.KindOf(err) == fault.Limited:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if refused.Load() == 0 {
		t.Error("300 different comparisons at once were all taken")
	}
	for range 300 {
		wg.Go(func() {
			ok, err := h.Verify(t.Context(), hash, "x")
			if err != nil {
				t.Error(err)
			}
			if ok {
				matched.Add(1)
			}
		})
	}
	wg.Wait()
	if matched.Load() != 300 {
		t.Errorf("%d of 300 matched", matched.Load())
	}
}

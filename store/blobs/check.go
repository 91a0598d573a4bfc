package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Kept is what a row says of the blob that it refers to.
type Kept struct {
	Name   string // of the row, for people: "capo: file 62c7…"
	Key    string
	Size   int64  // bytes; negative is not said
	SHA256 string // hex; "" is what the key tells
}

// Check reads the bytes of each blob and compares them with what was kept when
// they came in. It returns a line for each that is damaged or gone, and how
// many were read; err is the end of ctx. progress hears of each.
func Check(ctx context.Context, b Blobs, kept []Kept, progress func(done, total int)) (damage []string, checked int, err error) {
	for i, k := range kept {
		if wrong := k.damaged(ctx, b); wrong != "" {
			damage = append(damage, k.Name+": "+wrong)
		}
		progress(i+1, len(kept))
		if err := ctx.Err(); err != nil {
			return damage, i + 1, err
		}
	}
	return damage, len(kept), nil
}

func (k Kept) damaged(ctx context.Context, b Blobs) string {
	content, _, err := b.Open(ctx, k.Key)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = content.Close() }() // it was only read
	h := sha256.New()
	n, err := io.Copy(h, content)
	want := k.SHA256
	if want == "" && validKey(k.Key) {
		want = sumOf(k.Key)
	}
	switch {
	case err != nil:
		return err.Error()
	case k.Size >= 0 && n != k.Size:
		return fmt.Sprintf("has %d bytes, %d came in", n, k.Size)
	case hex.EncodeToString(h.Sum(nil)) != want:
		return "its bytes changed"
	}
	return ""
}

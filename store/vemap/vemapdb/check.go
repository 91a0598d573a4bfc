package vemapdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"loket/store"
)

// Check reads every stored file and names those whose bytes are not what came
// in. progress hears of each.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rs []fileRow
	err = d.DB.Reader(ctx).Select("id, blob_key, sha256, size").Where("stored AND deleted_at IS NULL").Order("id").Find(&rs).Error
	if err != nil {
		return nil, 0, store.Translate(err)
	}
	for i, r := range rs {
		if wrong := d.damaged(ctx, r); wrong != "" {
			damage = append(damage, fmt.Sprintf("vemap: file %s: %s", r.ID, wrong))
		}
		progress(i+1, len(rs))
		if err := ctx.Err(); err != nil {
			return damage, i + 1, err
		}
	}
	return damage, len(rs), nil
}

func (d *DB) damaged(ctx context.Context, r fileRow) string {
	content, _, err := d.Blobs.Open(ctx, value(r.BlobKey))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = content.Close() }() // it was only read
	h := sha256.New()
	n, err := io.Copy(h, content)
	switch {
	case err != nil:
		return err.Error()
	case n != r.Size:
		return fmt.Sprintf("has %d bytes, %d came in", n, r.Size)
	case hex.EncodeToString(h.Sum(nil)) != r.SHA256:
		return "its bytes changed"
	}
	return ""
}

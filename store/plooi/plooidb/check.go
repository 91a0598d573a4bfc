package plooidb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"loket/store"
)

// Check reads the bytes of every file and compares them with the hash that was
// kept when they came in. It returns a line for each that is damaged or gone,
// and how many were read.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rows []bestandRow
	if err := d.DB.Reader(ctx).Order("blob_key").Find(&rows).Error; err != nil {
		return nil, 0, store.Translate(err)
	}
	for i := range rows {
		if wrong := d.damaged(ctx, &rows[i]); wrong != "" {
			damage = append(damage, fmt.Sprintf("plooi: file %s: %s", rows[i].BlobKey, wrong))
		}
		progress(i+1, len(rows))
		if err := ctx.Err(); err != nil {
			return damage, i + 1, err
		}
	}
	return damage, len(rows), nil
}

func (d *DB) damaged(ctx context.Context, r *bestandRow) string {
	content, _, err := d.Blobs.Open(ctx, r.BlobKey)
	if err != nil {
		return err.Error()
	}
	defer content.Close()
	h := sha256.New()
	n, err := io.Copy(h, content)
	switch {
	case err != nil:
		return err.Error()
	case n != r.Grootte:
		return fmt.Sprintf("has %d bytes, %d came in", n, r.Grootte)
	case hex.EncodeToString(h.Sum(nil)) != r.SHA256:
		return "its bytes changed"
	}
	return ""
}

package geverdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"gorm.io/gorm"

	"loket/store"
)

// Check compares each container's figures with its children, then reads the
// bytes of every file, the versions' too, and compares them with the hash that
// their key carries. It returns a line for each that differs, is damaged or
// gone, and how many files were read.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rows []blobRow
	err = d.DB.Read(ctx, func(tx *gorm.DB) (err error) {
		if damage, err = miscounted(tx); err != nil {
			return err
		}
		return store.Translate(tx.Order("blob_key").Find(&rows).Error)
	})
	if err != nil {
		return nil, 0, err
	}
	for i, r := range rows {
		if wrong := d.damaged(ctx, r.BlobKey); wrong != "" {
			damage = append(damage, fmt.Sprintf("gever: file of object %d: %s", r.ObjectID, wrong))
		}
		progress(i+1, len(rows))
		if err := ctx.Err(); err != nil {
			return damage, i + 1, err
		}
	}
	return damage, len(rows), nil
}

// miscounted finds containers whose children are not as many as they say, or
// have gaps in their positions.
func miscounted(tx *gorm.DB) (wrong []string, err error) {
	var paths []string
	err = tx.Raw(`SELECT p.path FROM gever_objects p
LEFT JOIN (SELECT parent_id, count(*) AS n, max(position) AS last FROM gever_objects GROUP BY parent_id) c ON c.parent_id = p.id
WHERE p.children <> COALESCE(c.n, 0) OR COALESCE(c.n, 0) <> COALESCE(c.last + 1, 0) ORDER BY p.path`).Scan(&paths).Error
	for _, p := range paths {
		wrong = append(wrong, fmt.Sprintf("gever: the children of /%s are not as it says", p))
	}
	return wrong, store.Translate(err)
}

func (d *DB) damaged(ctx context.Context, key string) string {
	content, _, err := d.Blobs.Open(ctx, key)
	if err != nil {
		return err.Error()
	}
	defer content.Close()
	h := sha256.New()
	if _, err := io.Copy(h, content); err != nil {
		return err.Error()
	}
	if !strings.HasSuffix(key, hex.EncodeToString(h.Sum(nil))) {
		return "its bytes changed"
	}
	return ""
}

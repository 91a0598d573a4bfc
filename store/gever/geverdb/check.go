package geverdb

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
)

// Check compares each container's figures with its children, the index with its
// objects and what private folders hold with what is in them, then reads the
// bytes of every file, the versions' too, and compares them with the hash that
// their key carries. It returns a line for each that differs, is damaged or
// gone, and how many files were read.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rows []blobRow
	var parts []partRow
	err = d.DB.Read(ctx, func(tx *gorm.DB) (err error) {
		if damage, err = miscounted(tx); err != nil {
			return err
		}
		held, err := misheld(tx)
		if damage = append(damage, held...); err != nil {
			return err
		}
		wrong, err := unindexed(tx)
		if damage = append(damage, wrong...); err != nil {
			return err
		}
		if err := tx.Order("upload_id, begin").Find(&parts).Error; err != nil {
			return store.Translate(err)
		}
		// Copies share their bytes.
		return store.Translate(tx.Select("blob_key", "min(object_id) AS object_id").Group("blob_key").Order("blob_key").Find(&rows).Error)
	})
	if err != nil {
		return nil, 0, err
	}
	var kept []blobs.Kept
	for _, r := range rows {
		kept = append(kept, blobs.Kept{Name: fmt.Sprintf("gever: file of object %d", r.ObjectID), Key: r.BlobKey, Size: -1})
	}
	for _, p := range parts {
		kept = append(kept, blobs.Kept{Name: fmt.Sprintf("gever: part %d of upload %s", p.Begin, p.UploadID), Key: p.BlobKey, Size: p.Size})
	}
	damaged, checked, err := blobs.Check(ctx, d.Blobs, kept, progress)
	return append(damage, damaged...), checked, err
}

// miscounted finds containers whose children are not as many as they say, or
// have gaps in their positions, and objects whose path is not that of their
// parent.
func miscounted(tx *gorm.DB) (wrong []string, err error) {
	var paths []string
	err = tx.Raw(`SELECT p.path FROM gever_objects p
LEFT JOIN (SELECT parent_id, count(*) AS n, max(position) AS last FROM gever_objects WHERE NOT trashed GROUP BY parent_id) c ON c.parent_id = p.id
WHERE p.children <> COALESCE(c.n, 0) OR COALESCE(c.n, 0) <> COALESCE(c.last + 1, 0) ORDER BY p.path`).Scan(&paths).Error
	for _, p := range paths {
		wrong = append(wrong, fmt.Sprintf("gever: the children of /%s are not as it says", p))
	}
	if err != nil {
		return wrong, store.Translate(err)
	}
	paths = nil
	err = tx.Raw(`SELECT o.path FROM gever_objects o LEFT JOIN gever_objects p ON p.id = o.parent_id
WHERE o.id <> ? AND (p.id IS NULL OR o.path <> CASE p.path WHEN '' THEN o.name ELSE p.path || '/' || o.name END) ORDER BY o.path`, siteID).Scan(&paths).Error
	for _, p := range paths {
		wrong = append(wrong, fmt.Sprintf("gever: /%s does not stand where its path says", p))
	}
	return wrong, store.Translate(err)
}

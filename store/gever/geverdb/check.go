package geverdb

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
)

// Check compares each container's figures with its children and the index with
// its objects, then reads the
// bytes of every file, the versions' too, and compares them with the hash that
// their key carries. It returns a line for each that differs, is damaged or
// gone, and how many files were read.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rows []blobRow
	err = d.DB.Read(ctx, func(tx *gorm.DB) (err error) {
		if damage, err = miscounted(tx); err != nil {
			return err
		}
		wrong, err := unindexed(tx)
		if damage = append(damage, wrong...); err != nil {
			return err
		}
		return store.Translate(tx.Order("blob_key").Find(&rows).Error)
	})
	if err != nil {
		return nil, 0, err
	}
	kept := make([]blobs.Kept, len(rows))
	for i, r := range rows {
		kept[i] = blobs.Kept{Name: fmt.Sprintf("gever: file of object %d", r.ObjectID), Key: r.BlobKey, Size: -1}
	}
	damaged, checked, err := blobs.Check(ctx, d.Blobs, kept, progress)
	return append(damage, damaged...), checked, err
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

package plooidb

import (
	"context"

	"loket/store"
	"loket/store/blobs"
)

// Check reads the bytes of every file and compares them with the hash that was
// kept when they came in. It returns a line for each that is damaged or gone,
// and how many were read.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rows []bestandRow
	if err := d.DB.Reader(ctx).Order("blob_key").Find(&rows).Error; err != nil {
		return nil, 0, store.Translate(err)
	}
	kept := make([]blobs.Kept, len(rows))
	for i, r := range rows {
		kept[i] = blobs.Kept{Name: "plooi: file " + r.BlobKey, Key: r.BlobKey, Size: r.Grootte, SHA256: r.SHA256}
	}
	return blobs.Check(ctx, d.Blobs, kept, progress)
}

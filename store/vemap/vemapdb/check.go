package vemapdb

import (
	"context"

	"loket/store"
	"loket/store/blobs"
)

// Check reads every stored file and names those whose bytes are not what came
// in. progress hears of each.
func (d *DB) Check(ctx context.Context, progress func(done, total int)) (damage []string, checked int, err error) {
	var rs []fileRow
	err = d.DB.Reader(ctx).Select("id, blob_key, sha256, size").Where("stored AND deleted_at IS NULL").Order("id").Find(&rs).Error
	if err != nil {
		return nil, 0, store.Translate(err)
	}
	kept := make([]blobs.Kept, len(rs))
	for i, r := range rs {
		kept[i] = blobs.Kept{Name: "vemap: file " + r.ID, Key: value(r.BlobKey), Size: r.Size, SHA256: r.SHA256}
	}
	return blobs.Check(ctx, d.Blobs, kept, progress)
}

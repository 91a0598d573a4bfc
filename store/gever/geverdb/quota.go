package geverdb

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/gever"
)

// # Quotas
//
// What a private folder holds is the sum of its rows of gever_needed_blobs, one
// for each object that needs some bytes: as its file, as the one of before a
// checkout, or as a version's. An index holds nothing but these rows. So what
// lies in the trash counts until it is deleted, a version as long as it is
// kept, and bytes that copies share count for each.
//
// Whoever brings bytes in holds the folder's row (locked, held), and counts
// after those before him.

// addQuotas adds what quotas need to know of bytes.
func addQuotas(tx *gorm.DB) error {
	for _, column := range []string{"Holder", "Size"} {
		if err := tx.Migrator().AddColumn(&blobRowQuota{}, column); err != nil {
			return err
		}
	}
	return tx.Exec("CREATE INDEX gever_needed_blobs_holder ON gever_needed_blobs (holder, size) WHERE holder <> 0").Error
}

type blobRowQuota struct {
	Holder int64 `gorm:"not null;default:0"`
	Size   int64 `gorm:"not null;default:0"`
}

func (blobRowQuota) TableName() string { return "gever_needed_blobs" }

// holder is the private folder in which the place is; 0 when there is none.
func (s *spot) holder() int64 {
	if i := s.walls().Private; i > 0 {
		return s.chain[i].ID
	}
	return 0
}

// used is how many bytes a private folder holds.
func used(tx *gorm.DB, holder int64) (n int64, err error) {
	err = tx.Raw("SELECT CAST(COALESCE(sum(size), 0) AS bigint) FROM gever_needed_blobs WHERE holder = ? AND holder <> 0", holder).Scan(&n).Error
	return n, store.Translate(err)
}

// afford runs what changes which bytes are needed at a place, or at what moves
// there. QuotaExceeded when it brings a private folder more than this may hold;
// what brings nothing more may always be done.
func (d *DB) afford(tx *gorm.DB, s *spot, change func() error) error {
	holder, quota := s.holder(), d.Settings.PrivateQuota
	if holder == 0 || quota == 0 {
		return change()
	}
	before, err := used(tx, holder)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	after, err := used(tx, holder)
	if err == nil && after > max(before, quota) {
		err = gever.OverQuota(quota, before)
	}
	return err
}

// fits refuses bytes that are announced and will not find room: in their place
// less is given up.
func (d *DB) fits(tx *gorm.DB, s *spot, announced, less int64) error {
	holder, quota := s.holder(), d.Settings.PrivateQuota
	if holder == 0 || quota == 0 {
		return nil
	}
	n, err := used(tx, holder)
	if err == nil && announced > less && n-less+announced > quota {
		err = gever.OverQuota(quota, n)
	}
	return err
}

// rehold counts the bytes of an object that has moved, and of what is in it,
// where it is now.
func (d *DB) rehold(tx *gorm.DB, from, into *spot) error {
	if from.holder() == into.holder() {
		return nil
	}
	return d.afford(tx, into, func() error {
		// In two steps: PostgreSQL would else go through all bytes there are.
		var ids []int64
		if err := from.tree(tx).Pluck("id", &ids).Error; err != nil {
			return store.Translate(err)
		}
		for list := range slices.Chunk(ids, 500) {
			if err := tx.Model(&blobRow{}).Where("object_id IN ?", list).Update("holder", into.holder()).Error; err != nil {
				return store.Translate(err)
			}
		}
		return nil
	})
}

// giveUp forgets an upload for which there is no room in a private folder, with
// its parts.
func (d *DB) giveUp(ctx context.Context, row *uploadRow, parts []partRow, refused error) {
	if fault.ReasonOf(refused) != gever.QuotaExceeded {
		return
	}
	var keys []string
	err := d.DB.InTx(context.WithoutCancel(ctx), func(tx *gorm.DB) error {
		keys = nil
		gone := tx.Where("id = ? AND result_id = 0", row.ID).Delete(&uploadRow{})
		if gone.Error != nil || gone.RowsAffected == 0 { // another request was luckier
			return store.Translate(gone.Error)
		}
		for _, p := range parts {
			keys = append(keys, p.BlobKey)
		}
		return store.Translate(tx.Where("upload_id = ?", row.ID).Delete(&partRow{}).Error)
	})
	if err != nil {
		d.Log.WarnContext(ctx, "upload left for the sweep", "upload", row.ID, "error", err)
		return
	}
	d.dropBlobs(ctx, keys)
}

// misheld finds objects whose bytes do not count in the private folder in which
// they stand, or count in another.
func misheld(tx *gorm.DB) (wrong []string, err error) {
	var paths []string
	err = tx.Raw(`SELECT DISTINCT o.path FROM gever_needed_blobs b JOIN gever_objects o ON o.id = b.object_id
LEFT JOIN gever_objects f ON f.type IN ? AND o.path > f.path || '/' AND o.path < f.path || '0'
WHERE b.holder <> COALESCE(f.id, 0) ORDER BY o.path`, gever.PrivateTypes).Scan(&paths).Error
	for _, p := range paths {
		wrong = append(wrong, fmt.Sprintf("gever: the bytes of /%s count elsewhere than where it stands", p))
	}
	return wrong, store.Translate(err)
}

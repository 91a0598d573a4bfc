package blobs

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"loket/store/fault"
)

// Copied is what Copy did.
type Copied struct {
	Blobs   int   // copied
	Bytes   int64 // of those
	Present int   // were there already
	Damaged int   // were left out, because their bytes are not the ones their key tells of
}

// Target can be given blobs under keys that they have elsewhere: Disk and S3.
type Target interface {
	Blobs
	put(ctx context.Context, r io.Reader, limit int64, name namer) (Info, error)
}

// Copy copies every blob under its own key, for a backup while the program
// serves, or to move from disk to S3. Copy the database first: what it refers
// to is then all there, but for files deleted in between. Blobs that are there
// already are not read again, so a Copy that was stopped can be repeated.
// Damaged ones are counted, and the first is named in an error, after all
// others were copied.
func Copy(ctx context.Context, from Blobs, to Target) (Copied, error) {
	var c Copied
	var damage error
	err := from.Walk(ctx, func(info Info) error {
		err := c.copy(ctx, from, to, info)
		if fault.ReasonOf(err) == damaged {
			c.Damaged++
			if damage == nil {
				damage = err
			}
			return nil
		}
		return err
	})
	if err == nil {
		err = damage
	}
	return c, err
}

// damaged never reaches a client: only Copy raises it.
const damaged fault.Reason = "blob_damaged"

func (c *Copied) copy(ctx context.Context, from Blobs, to Target, info Info) error {
	if r, there, err := to.Open(ctx, info.Key); err == nil {
		_ = r.Close()
		if there.Size == info.Size {
			c.Present++
			return nil
		}
	}
	r, _, err := from.Open(ctx, info.Key)
	if fault.KindOf(err) == fault.NotFound {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	put, err := to.put(ctx, r, 0, keep(info.Key))
	if err != nil {
		return fmt.Errorf("copy blob %s: %w", info.Key, err)
	}
	c.Blobs++
	c.Bytes += put.Size
	return nil
}

// keep names a content by a key that it has already.
func keep(key string) namer {
	return func(sum []byte) (string, error) {
		if hex.EncodeToString(sum) != sumOf(key) {
			return "", fault.New(fault.Internal, damaged, "the blob %s is damaged", key)
		}
		return key, nil
	}
}

// Package blobs keeps the bytes of files, on disk or in S3, and the one-time
// addresses by which they come in and go out. It imports store, store/fault
// and the S3 client; the use cases of every API (store/x/xdb) may import it.
//
// A blob is written once and never changed. Who needs one keeps its key in a
// row of his own, in the transaction that follows Put: a blob without a row is
// an orphan and goes with the next sweep, a row without a blob cannot be.
package blobs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"loket/store/fault"
)

// Info tells of one blob.
type Info struct {
	Key        string // see Put; opaque to everybody else
	Size       int64  // bytes
	SHA256     string // of the bytes, 64 lower-case hex digits
	ModifiedAt time.Time
}

// Blobs keeps bytes under keys of its own. It is safe for concurrent use.
type Blobs interface {
	// Put streams r to its end with little memory and answers when the bytes
	// are safe against a power cut. Each Put makes a new blob, also of the
	// same bytes; none at all make an empty blob. limit is in bytes, zero or
	// less is no limit.
	//
	// Faults: TooLarge (BodyTooLarge) above the limit; Invalid (BrokenBody)
	// when r fails or ctx is cancelled, with that error as its cause;
	// Unavailable (StoreUnavailable) when the bytes cannot be kept: a full
	// disk, S3 away. An r that fails with a fault or with
	// *http.MaxBytesError decides itself. Whatever failed, nothing stays and
	// no reader ever sees a part.
	Put(ctx context.Context, r io.Reader, limit int64) (Info, error)
	// Open reads a blob from any place of it; the caller closes it. ctx ends
	// the reading too. NotFound (Missing) when there is none.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)
	// Delete forgets a blob; who has it open reads on, on disk. That there is
	// none is no error.
	Delete(ctx context.Context, key string) error
	// Walk tells of every blob, in the order of keys, until fn fails; that
	// error is returned as it is. Blobs that come or go meanwhile may be told
	// or not.
	Walk(ctx context.Context, fn func(Info) error) error
	// Ping tells whether blobs can be written; Unavailable when not.
	Ping(ctx context.Context) error
}

// Open takes blobs from S3 when url is given (see OpenS3), else from the
// folder dir.
func Open(ctx context.Context, url, dir string) (Blobs, error) {
	if url != "" {
		return OpenS3(ctx, url)
	}
	return OpenDisk(dir)
}

// A key is 16 random bytes and the SHA-256 of the content, all in lower-case
// hex, because some file systems know no case: 96 characters. The random part
// comes first, so that blobs spread over the folders; the hash tells a damaged
// blob without asking a database.
const (
	randomLen = 32
	keyLen    = randomLen + 2*sha256.Size
)

// namer gives the key of a content by its hash, or says why it must not be
// kept.
type namer func(sum []byte) (key string, err error)

func newKey(sum []byte) (string, error) {
	var b [randomLen / 2]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:]) + hex.EncodeToString(sum), nil
}

// validKey keeps everything but our own keys away from paths and addresses.
func validKey(key string) bool {
	if len(key) != keyLen {
		return false
	}
	for i := range len(key) {
		if c := key[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// sumOf is the hash that a valid key carries.
func sumOf(key string) string { return key[randomLen:] }

func missing() error { return fault.New(fault.NotFound, fault.Missing, "") }

// unavailable is a fault of ours, not of the client.
func unavailable(err error, doing string) error {
	return fault.Wrap(fmt.Errorf("blobs: %s: %w", doing, err), fault.Unavailable, fault.StoreUnavailable, "")
}

// broken is a fault of who sends the bytes.
func broken(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Wrap(err, fault.TooLarge, fault.BodyTooLarge, "at most %d bytes", tooLarge.Limit)
	}
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	return fault.Wrap(err, fault.Invalid, fault.BrokenBody, "")
}

// gone words the end of a context: cancelled is a client that hung up, a
// deadline is ours.
func gone(ctx context.Context) error {
	err := context.Cause(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return unavailable(err, "copying")
	}
	return broken(err)
}

// bufferSize is what one transfer takes of memory.
const bufferSize = 128 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// transfer streams r to w and tells size and hash. It reads on for one byte
// above the limit, to see it broken. ctx is looked at between reads; a read
// that hangs is ended by who owns the connection.
func transfer(ctx context.Context, w io.Writer, r io.Reader, limit int64) (size int64, sum []byte, err error) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	hash := sha256.New()
	for {
		if ctx.Err() != nil {
			return 0, nil, gone(ctx)
		}
		n, readErr := r.Read(buf[:])
		size += int64(n)
		if limit > 0 && size > limit {
			return 0, nil, fault.New(fault.TooLarge, fault.BodyTooLarge, "at most %d bytes", limit)
		}
		hash.Write(buf[:n])
		if _, err := w.Write(buf[:n]); err != nil {
			return 0, nil, unavailable(err, "writing")
		}
		if readErr == io.EOF { // io.Reader's contract is EOF itself; a wrapped one is a broken body
			return size, hash.Sum(nil), nil
		}
		if readErr != nil {
			return 0, nil, broken(readErr)
		}
	}
}

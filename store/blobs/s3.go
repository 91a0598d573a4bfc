package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 keeps blobs as objects of one bucket, each under its key.
//
// Put first writes the bytes to a nameless local file, then sends them as one
// object. S3 wants to know the size before the first byte: the other way,
// parts of at least 5 MiB held in memory, costs that much for each upload at
// once, and leaves parts behind, invisible and paid for, when the program
// dies. This way neither a body too large nor a broken one reaches S3 at all,
// the hash stands in the object's metadata from the first moment, and an
// object appears whole or not.
type S3 struct {
	client *minio.Client
	bucket string
	prefix string // "" or with a slash at its end
	spool  string // folder of the local files; "" is the system's
}

// tidyTime is how long removing a failed object may take, after the request
// that wanted it has ended.
const tidyTime = 10 * time.Second

// OpenS3 keeps blobs in a bucket that exists:
//
//	s3://KEY:SECRET@host:port/bucket?region=eu-west-1&secure=false&spool=/var/tmp
//
// KEY and SECRET are percent-encoded where needed; behind the bucket may stand
// a prefix (/bucket/loket). secure=false speaks plain HTTP, else TLS. region
// is asked from the server when left out. spool is a folder for uploads on
// their way; the system's for temporary files when left out. No error shows
// the secret.
func OpenS3(ctx context.Context, address string) (*S3, error) {
	s, o, err := parseS3(address)
	if err != nil {
		return nil, err
	}
	s.client, err = minio.New(s.host, o)
	if err != nil {
		return nil, fmt.Errorf("blobs: S3 at %s: %w", s.host, err)
	}
	found, err := s.client.BucketExists(ctx, s.bucket)
	if err != nil {
		return nil, fmt.Errorf("blobs: bucket %s at %s cannot be reached (secure=%t): %w", s.bucket, s.host, o.Secure, err)
	}
	if !found {
		return nil, fmt.Errorf("blobs: there is no bucket %s at %s; make it first", s.bucket, s.host)
	}
	return &s.S3, nil
}

type s3Place struct {
	S3
	host string
}

func parseS3(address string) (*s3Place, *minio.Options, error) {
	u, err := url.Parse(address)
	if err != nil { // its text would repeat the secret
		return nil, nil, errors.New("blobs: the address of S3 has the form s3://KEY:SECRET@host:port/bucket?region=…&secure=true, KEY and SECRET percent-encoded")
	}
	secret, found := u.User.Password()
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if u.Scheme != "s3" || u.Host == "" || bucket == "" || !found {
		return nil, nil, errors.New("blobs: the address of S3 has the form s3://KEY:SECRET@host:port/bucket?region=…&secure=true; a part of it is missing")
	}
	if prefix != "" {
		prefix += "/"
	}
	q := u.Query()
	for name := range q {
		if name != "region" && name != "secure" && name != "spool" {
			return nil, nil, fmt.Errorf("blobs: the address of S3 knows region, secure and spool, not %q", name)
		}
	}
	secure := q.Get("secure")
	if secure != "" && secure != "true" && secure != "false" {
		return nil, nil, fmt.Errorf("blobs: secure in the address of S3 is true or false, not %q", secure)
	}
	p := &s3Place{host: u.Host, S3: S3{bucket: bucket, prefix: prefix, spool: q.Get("spool")}}
	return p, &minio.Options{
		Creds:      credentials.NewStaticV4(u.User.Username(), secret, ""),
		Secure:     secure != "false",
		Region:     q.Get("region"),
		MaxRetries: 3, // ten, the default, keep a request waiting for a minute
	}, nil
}

// Put spools, then sends; see Blobs and S3.
func (s *S3) Put(ctx context.Context, r io.Reader, limit int64) (Info, error) {
	return s.put(ctx, r, limit, newKey)
}

func (s *S3) put(ctx context.Context, r io.Reader, limit int64, name namer) (Info, error) {
	f, err := spoolFile(s.spool)
	if err != nil {
		return Info{}, unavailable(err, "making a file")
	}
	defer func() { _ = f.Close() }()
	size, sum, err := transfer(ctx, f, r, limit)
	if err != nil {
		return Info{}, err
	}
	key, err := name(sum)
	if err != nil {
		return Info{}, err
	}
	info, err := s.send(ctx, key, f, size)
	if err != nil {
		s.tidy(ctx, key)
		if ctx.Err() != nil {
			return Info{}, gone(ctx)
		}
		return Info{}, err
	}
	return info, nil
}

// spoolFile has no name any more when it is returned, so nothing stays of it,
// whatever happens to the program.
func spoolFile(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "loket-upload-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// send asks for the object afterwards: only S3 knows when it was made.
func (s *S3) send(ctx context.Context, key string, f *os.File, size int64) (Info, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Info{}, unavailable(err, "reading back")
	}
	_, err := s.client.PutObject(ctx, s.bucket, s.prefix+key, f, size, minio.PutObjectOptions{
		ContentType:      "application/octet-stream",
		UserMetadata:     map[string]string{"sha256": sumOf(key)},
		DisableMultipart: true,
		// Without TLS the body is signed in chunks, and the library then sends
		// an empty one without its length.
		DisableContentSha256: size == 0,
	})
	if err != nil {
		return Info{}, unavailable(err, "sending to S3")
	}
	return s.stat(ctx, key)
}

// tidy removes an object whose sending failed for us, but perhaps not for S3.
// What it cannot remove is an orphan for the sweep.
func (s *S3) tidy(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	_ = s.Delete(ctx, key)
}

func (s *S3) stat(ctx context.Context, key string) (Info, error) {
	o, err := s.client.StatObject(ctx, s.bucket, s.prefix+key, minio.StatObjectOptions{})
	if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
		return Info{}, missing()
	}
	if err != nil {
		return Info{}, unavailable(err, "asking S3")
	}
	return Info{Key: key, Size: o.Size, SHA256: sumOf(key), ModifiedAt: o.LastModified.UTC()}, nil
}

// Open reads a blob; see Blobs. Seeking costs nothing until the next read,
// which asks S3 for the bytes from there on.
func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if !validKey(key) {
		return nil, Info{}, missing()
	}
	info, err := s.stat(ctx, key)
	if err != nil {
		return nil, Info{}, err
	}
	return &s3Reader{ctx: ctx, s: s, name: s.prefix + key, size: info.Size}, info, nil
}

// Delete forgets a blob; see Blobs.
func (s *S3) Delete(ctx context.Context, key string) error {
	if !validKey(key) {
		return nil
	}
	err := s.client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).StatusCode != http.StatusNotFound {
		return unavailable(err, "deleting from S3")
	}
	return nil
}

// Walk tells of every blob; see Blobs. Objects that are not ours are passed
// over.
func (s *S3) Walk(ctx context.Context, fn func(Info) error) error {
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if o.Err != nil {
			return unavailable(o.Err, "listing S3")
		}
		key := strings.TrimPrefix(o.Key, s.prefix)
		if !validKey(key) {
			continue
		}
		if err := fn(Info{Key: key, Size: o.Size, SHA256: sumOf(key), ModifiedAt: o.LastModified.UTC()}); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// Ping asks for the bucket and makes a spool file.
func (s *S3) Ping(ctx context.Context) error {
	found, err := s.client.BucketExists(ctx, s.bucket)
	if err == nil && !found {
		err = errors.New("the bucket is gone")
	}
	if err != nil {
		return unavailable(err, "asking S3")
	}
	f, err := spoolFile(s.spool)
	if err != nil {
		return unavailable(err, "making a file")
	}
	_ = f.Close()
	return nil
}

// s3Reader reads an object from any place. The library's own reader does the
// same with a goroutine and two requests for each; a download needs one.
type s3Reader struct {
	ctx  context.Context // of Open, as io.Reader has no place for one
	s    *S3
	name string
	size int64
	at   int64
	body io.ReadCloser // from at on; nil before the first read and after Seek
}

func (r *s3Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.at >= r.size {
		return 0, io.EOF
	}
	if r.body == nil {
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
	n, err := r.body.Read(p)
	r.at += int64(n)
	switch {
	case err == nil || n > 0:
		return n, nil
	case errors.Is(err, io.EOF): // before the size that was promised
		return 0, unavailable(io.ErrUnexpectedEOF, "reading from S3")
	default:
		return 0, unavailable(err, "reading from S3")
	}
}

func (r *s3Reader) fetch() error {
	o := minio.GetObjectOptions{}
	if r.at > 0 {
		if err := o.SetRange(r.at, 0); err != nil { // to the end
			return unavailable(err, "reading from S3")
		}
	}
	core := minio.Core{Client: r.s.client}
	body, _, _, err := core.GetObject(r.ctx, r.s.bucket, r.name, o)
	if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
		return missing()
	}
	if err != nil {
		return unavailable(err, "reading from S3")
	}
	r.body = body
	return nil
}

// Seek moves to a place within the blob or at its end; see io.Seeker.
func (r *s3Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	case io.SeekStart:
	default:
		return 0, errors.New("blobs: unknown whence")
	}
	if offset < 0 {
		return 0, errors.New("blobs: seek before the start")
	}
	if offset != r.at {
		r.drop()
		r.at = offset
	}
	return offset, nil
}

func (r *s3Reader) drop() {
	if r.body != nil {
		_ = r.body.Close() // closing an answer early is no failure
		r.body = nil
	}
}

// Close ends the reading.
func (r *s3Reader) Close() error {
	r.drop()
	r.size = 0
	return nil
}

// Package vemapdb keeps VEMAP's objects and runs its use cases: one exported
// method is one transaction, in which the rules of package vemap decide. It may
// be imported by handlers/vemap and by the commands that add users or load the
// demo.
//
// What a role may see is part of every query (visible.go), never a filter
// afterwards. The root that a use case locks: the tenant for its users,
// projects, and who takes part in them; the closure for its files, comments,
// and lists. So "the last administrator", "the next version" and "one current"
// hold on PostgreSQL as they do on SQLite.
package vemapdb

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
	"loket/store/outbox"
	"loket/store/password"
	"loket/store/settings"
	"loket/store/vemap"
)

// API is the name under which VEMAP's mail is queued.
const API = "vemap"

// Deps is what the use cases need from the house.
type Deps struct {
	DB      *store.DB
	Blobs   blobs.Blobs
	Now     func() time.Time
	Entropy io.Reader        // of identifiers and codes; safe for concurrent use
	Hasher  *password.Hasher // nil: one of its own
	Log     *slog.Logger
	// Key signs tokens and addresses; at least 32 bytes. Empty: one is made once
	// and kept in the store.
	Key string
	// Wake tells the outbox worker that there is mail; may be nil.
	Wake func()
}

// DB runs VEMAP's use cases.
type DB struct {
	Deps
	keys *keyring
}

// New makes the use cases over the house's store. Without a configured key the
// store's own is found, or made, when the first use case needs it.
func New(d Deps) *DB {
	if d.Hasher == nil {
		d.Hasher = password.New()
	}
	if d.Wake == nil {
		d.Wake = func() {}
	}
	db := &DB{Deps: d, keys: &keyring{}}
	if d.Key != "" {
		db.keys.fill(d.Key)
	}
	return db
}

// minKey is the length of a configured key that is long enough, in bytes.
const minKey = 32

// CheckKey refuses a configured key that is too short to sign with; "" stands
// for the store's own.
func CheckKey(key string) error {
	if key != "" && len(key) < minKey {
		return fmt.Errorf("the key must have at least %d bytes; `openssl rand -hex 32` makes one", minKey)
	}
	return nil
}

// keyring holds a key for each purpose, derived from one, so that a signature of
// one kind is never one of another.
type keyring struct {
	mu                   sync.Mutex
	filled               bool
	token, address, code []byte
}

func (k *keyring) fill(key string) {
	k.token, k.address, k.code = derive(key, "tokens"), derive(key, "addresses"), derive(key, "codes")
	k.filled = true
}

func derive(key, purpose string) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte("loket/vemap " + purpose))
	return m.Sum(nil)
}

// keySetting is the name of the key that the store made for itself.
const keySetting = "vemap-key"

// ready sees to it that there are keys. A use case that signs or verifies calls
// it before its transaction.
func (d *DB) ready(ctx context.Context) error {
	d.keys.mu.Lock()
	defer d.keys.mu.Unlock()
	if d.keys.filled {
		return nil
	}
	fresh := make([]byte, minKey)
	if _, err := rand.Read(fresh); err != nil { // never of Entropy: the demo's can be foretold
		return fmt.Errorf("vemap: make a key: %w", err)
	}
	kept, err := settings.Get(ctx, d.DB, keySetting)
	if err == nil && kept == "" {
		kept, err = settings.Once(ctx, d.DB, keySetting, hex.EncodeToString(fresh))
	}
	if err != nil {
		return err
	}
	d.keys.fill(kept)
	return nil
}

func (d *DB) id(prefix string) string { return vemap.NewID(prefix, d.Entropy) }

// queue adds mail to the transaction; the worker hears of it after the commit,
// from inTx.
func (d *DB) queue(tx *gorm.DB, mails ...outbox.Mail) error {
	return outbox.Add(tx, d.Now(), mails...)
}

// inTx is a writing transaction after which the worker looks for mail.
func (d *DB) inTx(ctx context.Context, fn func(tx *gorm.DB) error) error {
	if err := d.DB.InTx(ctx, fn); err != nil {
		return err
	}
	d.Wake()
	return nil
}

// lockTenant locks the acting tenant: what concerns its users, projects, and
// who takes part in them happens one after another.
func lockTenant(tx *gorm.DB, id string) error {
	_, err := store.First[tenantRow](store.Lock(tx), "id = ?", id)
	return missing(err, "Tenant")
}

// dropBlobs removes bytes that no row names any more. It goes on when the
// client has left; what it cannot remove, the sweep will (apis/vemap.md 4.4).
func (d *DB) dropBlobs(ctx context.Context, keys ...string) {
	for _, key := range keys {
		if err := d.Blobs.Delete(context.WithoutCancel(ctx), key); err != nil {
			d.Log.WarnContext(ctx, "blob left for the sweep", slog.String("key", key), slog.Any("error", err))
		}
	}
}

// References tells the sweep which blobs files name.
func (d *DB) References(ctx context.Context, keys []string) (map[string]bool, error) {
	var found []string
	if err := d.DB.Reader(ctx).Model(&fileRow{}).Where("blob_key IN ?", keys).Pluck("blob_key", &found).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make(map[string]bool, len(found))
	for _, k := range found {
		out[k] = true
	}
	return out, nil
}

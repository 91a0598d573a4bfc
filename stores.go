package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	"loket/handlers"
	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/capo/capodb"
	"loket/store/objectid"
)

// migrations are the steps of every room, in the order in which they are
// needed.
func migrations() []store.Migration {
	return handlers.Migrations()
}

// stores are the opened rooms of the store that all APIs share.
type stores struct {
	db       *store.DB
	accounts *accounts.Store
	blobs    blobs.Blobs
	tickets  *blobs.Tickets
	ids      *objectid.Generator
	log      *slog.Logger
}

// capo is CAPO's own store, for the commands.
func (s *stores) capo() *capodb.DB {
	return capodb.New(capodb.Deps{
		DB: s.db, Accounts: s.accounts, Blobs: s.blobs, Tickets: s.tickets, IDs: s.ids, Now: time.Now, Log: s.log,
	})
}

// openStores opens database and blobs and brings the database to today's form.
func openStores(ctx context.Context, c *Config, log *slog.Logger) (*stores, error) {
	if err := c.prepareData(); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Options{Path: c.databasePath(), URL: c.DatabaseURL, Sync: c.SQLiteSync, Logger: log})
	if err != nil {
		return nil, err
	}
	s, err := c.stores(ctx, db, log)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (c *Config) stores(ctx context.Context, db *store.DB, log *slog.Logger) (*stores, error) {
	if err := db.Migrate(ctx, migrations()); err != nil {
		return nil, err
	}
	b, err := blobs.Open(ctx, c.BlobsURL, filepath.Join(c.Data, "blobs"))
	if err != nil {
		return nil, err
	}
	ids := objectid.New(time.Now, rand.Reader)
	return &stores{
		db: db, accounts: accounts.New(db, time.Now, ids), blobs: b, tickets: blobs.NewTickets(db, time.Now), ids: ids, log: log,
	}, nil
}

// withStores runs a command over the store; a server may be using it too.
func withStores(ctx context.Context, c call, do func(*stores) error) error {
	log := newLogger(c.config, c.err)
	s, err := openStores(ctx, c.config, log)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.db.Close())
}

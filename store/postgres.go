package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
)

// postgresWriters bounds the writing connections; more wait in Go.
const postgresWriters = 16

// openPostgres makes a pool that writes and one that cannot. pgx prepares each
// statement once per connection by itself.
func openPostgres(ctx context.Context, o Options) (*DB, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// pgx's text blanks the password, yet may show the rest of the address.
		return nil, errors.New("store: the database address cannot be read; it must be like postgres://user:password@host:5432/name")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	set := func(c *pgx.ConnConfig, name, value string) {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = value
		}
	}
	set(config, "application_name", "loket")
	config.RuntimeParams["timezone"] = "UTC"
	reading := config.Copy()
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	set(config, "lock_timeout", "5000") // milliseconds, as SQLite's busyLimit
	// A program that dies without closing must not keep its locks.
	set(config, "idle_in_transaction_session_timeout", "60000")

	db := &DB{dialect: Postgres}
	config.Tracer, reading.Tracer = counter{&db.statements}, counter{&db.statements}
	db.readers, db.writers = stdlib.OpenDB(*reading), stdlib.OpenDB(*config)
	db.readers.SetMaxOpenConns(o.Readers)
	db.readers.SetMaxIdleConns(o.Readers)
	db.writers.SetMaxOpenConns(postgresWriters)
	db.writers.SetMaxIdleConns(postgresWriters)
	db.readers.SetConnMaxIdleTime(5 * time.Minute)
	db.writers.SetConnMaxIdleTime(5 * time.Minute)
	if err := db.reach(ctx, config); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := db.open(o, postgresDialector{postgresTypes{postgres.Dialector{Config: &postgres.Config{Conn: db.readers}}}}); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// reach makes a first connection, and says in one line why there is none.
func (db *DB) reach(ctx context.Context, config *pgx.ConnConfig) error {
	err := db.writers.PingContext(ctx)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return fmt.Errorf("store: PostgreSQL at %s:%d refuses: %s (%s)", config.Host, config.Port, e.Message, e.Code)
	}
	if e, ok := errors.AsType[*net.OpError](err); ok {
		err = e // without the account and the list of attempts around it
	}
	return fmt.Errorf("store: PostgreSQL at %s:%d cannot be reached: %w", config.Host, config.Port, err)
}

// counter counts statements.
type counter struct{ statements *atomic.Int64 }

// TraceQueryStart is for pgx.
func (c counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements.Add(1)
	return ctx
}

// TraceQueryEnd is for pgx.
func (counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

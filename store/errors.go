package store

import (
	"context"
	"database/sql"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"loket/store/fault"
)

// Translate turns what a database says into a fault, and leaves alone what is
// a fault already, the end of a context, and what only a mistake of the
// program can bring about (a broken CHECK or NOT NULL, bad SQL): that is an
// internal error.
//
//	gorm.ErrRecordNotFound, sql.ErrNoRows   NotFound/Missing
//	a unique value is taken         Conflict/Duplicate
//	a foreign key points nowhere    Conflict/Stale: what it points at went in between, or is still pointed at
//	busy, deadlock, serialisation   Conflict/Busy
//	the database does not answer    Unavailable/StoreUnavailable
//	text that PostgreSQL refuses    Invalid/BadBody (U+0000)
//
// gorm's own TranslateError knows the C driver of SQLite only.
func Translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, sql.ErrNoRows) {
		return fault.Wrap(err, fault.NotFound, fault.Missing, "")
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return translateSQLite(err, e.Code())
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return translatePostgres(err, e.Code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return unavailable(err)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return unavailable(err)
	}
	return err
}

func translateSQLite(err error, code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return fault.Wrap(err, fault.Conflict, fault.Duplicate, "")
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fault.Wrap(err, fault.Conflict, fault.Stale, "")
	}
	switch code & 0xff { // the primary code; the rest says where
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return busy(err)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM:
		return unavailable(err)
	}
	return err
}

func translatePostgres(err error, code string) error {
	switch code {
	case "23505":
		return fault.Wrap(err, fault.Conflict, fault.Duplicate, "")
	case "23503", "23001":
		return fault.Wrap(err, fault.Conflict, fault.Stale, "")
	case "40001", "40P01", "55P03": // serialisation, deadlock, lock_timeout
		return busy(err)
	case "22021":
		return fault.Wrap(err, fault.Invalid, fault.BadBody, "a text holds a character that cannot be kept")
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "58": // connection, resources, shutdown, input/output
		return unavailable(err)
	}
	return err
}

func busy(err error) error {
	return fault.Wrap(err, fault.Conflict, fault.Busy, "")
}

func unavailable(err error) error {
	return fault.Wrap(err, fault.Unavailable, fault.StoreUnavailable, "")
}

// mayRetry tells whether a new attempt of the whole transaction can succeed.
// A lock that was waited for in vain (55P03) is not tried again: the wait was
// the attempt.
func mayRetry(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_BUSY
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01"
	}
	return false
}

func isBusy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

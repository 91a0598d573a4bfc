package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// Rows is an open list that one reads through, as in sql.Rows.
type Rows interface {
	Next() bool
	Scan(to ...any) error
	Err() error
}

// direct is a statement as SQLite's driver gives it. database/sql puts a
// counted connection, four locks, a goroutine's worth of bookkeeping and a copy
// of all bytes around it: as much again as finding a row by its key costs. It
// is used with its link in hand, so nobody else is on the connection.
type direct interface {
	driver.StmtQueryContext
	driver.StmtExecContext
	Close() error
}

// directly runs fn with the driver's statement of query. A panic goes around
// Raw, which would close the connection under its link.
func (l *link) directly(ctx context.Context, query string, fn func(direct) error) error {
	l.count.Add(1)
	var panicked any
	err := l.conn.Raw(func(conn any) error {
		defer func() { panicked = recover() }()
		s := l.directs[query]
		if s == nil {
			var err error
			if s, err = l.prepareDirect(ctx, conn, query); err != nil {
				return err
			}
		}
		err := fn(s)
		if errors.Is(err, driver.ErrBadConn) {
			err = fmt.Errorf("store: %v", err) //nolint:errorlint // the words alone: Raw would close the connection
		}
		return err
	})
	if panicked != nil {
		panic(panicked)
	}
	return err
}

func (l *link) prepareDirect(ctx context.Context, conn any, query string) (direct, error) {
	preparer, ok := conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("store: %T prepares no statements", conn)
	}
	made, err := preparer.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s, ok := made.(direct)
	if !ok {
		return nil, errors.Join(fmt.Errorf("store: %T runs no statements", made), made.Close())
	}
	remember(l.directs, query, s)
	return s, nil
}

// closeDirects must go before the connection does.
func (l *link) closeDirects() {
	_ = l.conn.Raw(func(any) error {
		for _, s := range l.directs {
			_ = s.Close()
		}
		return nil
	})
	l.directs = nil
}

// row reads one row; sql.ErrNoRows when there is none.
func (l *link) row(ctx context.Context, query string, args, to []any) error {
	return l.rows(ctx, query, args, func(rows Rows) error {
		if !rows.Next() {
			if err := rows.Err(); err != nil {
				return err
			}
			return sql.ErrNoRows
		}
		return rows.Scan(to...)
	})
}

func (l *link) rows(ctx context.Context, query string, args []any, each func(Rows) error) error {
	return l.directly(ctx, query, func(s direct) (err error) {
		values, err := l.bind(args)
		if err != nil {
			return err
		}
		opened, err := s.QueryContext(ctx, values)
		clear(values)
		if err != nil {
			return err
		}
		rows := directRows{rows: opened, values: l.room(len(opened.Columns()))}
		defer func() {
			clear(rows.values)
			if closed := opened.Close(); err == nil {
				err = closed // it says again what Next said
			}
		}()
		if err = each(&rows); err == nil {
			err = rows.Err()
		}
		return err
	})
}

func (l *link) exec(ctx context.Context, query string, args []any) (driver.Result, error) {
	var result driver.Result
	err := l.directly(ctx, query, func(s direct) error {
		values, err := l.bind(args)
		if err == nil {
			result, err = s.ExecContext(ctx, values)
			clear(values)
		}
		return err
	})
	return result, err
}

// bind gives arguments in the driver's few types. The slice is the link's, for
// one statement.
func (l *link) bind(args []any) ([]driver.NamedValue, error) {
	l.bound = l.bound[:0]
	for i, a := range args {
		v, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, fmt.Errorf("store: value %d: %w", i+1, err)
		}
		l.bound = append(l.bound, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return l.bound, nil
}

// room gives room for a row of n columns, the link's, for one statement.
func (l *link) room(n int) []driver.Value {
	if cap(l.found) < n {
		l.found = make([]driver.Value, n)
	}
	return l.found[:n]
}

// directRows are the rows of one statement.
type directRows struct {
	rows   driver.Rows
	values []driver.Value
	err    error
}

// Next goes to the next row.
func (r *directRows) Next() bool {
	if r.err != nil {
		return false
	}
	err := r.rows.Next(r.values)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return err == nil
}

// Err is what ended Next before the last row.
func (r *directRows) Err() error { return r.err }

// Scan reads the row into pointers.
func (r *directRows) Scan(to ...any) error {
	if len(to) != len(r.values) {
		return fmt.Errorf("store: %d columns cannot be read into %d places", len(r.values), len(to))
	}
	for i, v := range r.values {
		if err := assign(to[i], v); err != nil {
			return fmt.Errorf("store: column %d: %w", i+1, err)
		}
	}
	return nil
}

// assign puts a value of the driver where to points. Bytes are not copied: the
// driver makes them for one row and forgets them.
func assign(to any, v driver.Value) error {
	switch to := to.(type) {
	case sql.Scanner:
		return to.Scan(v)
	case *string:
		switch v := v.(type) {
		case string:
			*to = v
			return nil
		case []byte:
			*to = string(v)
			return nil
		}
	case *[]byte:
		return assignBytes(to, v)
	case *sql.RawBytes:
		return assignBytes((*[]byte)(to), v)
	case *int64:
		if n, ok := v.(int64); ok {
			*to = n
			return nil
		}
	case *int:
		if n, ok := v.(int64); ok {
			*to = int(n)
			return nil
		}
	case *bool:
		if n, ok := v.(int64); ok { // SQLite knows no booleans
			*to = n != 0
			return nil
		}
	case *float64:
		switch v := v.(type) {
		case float64:
			*to = v
			return nil
		case int64:
			*to = float64(v)
			return nil
		}
	}
	return assignOther(reflect.ValueOf(to), v)
}

func assignBytes(to *[]byte, v driver.Value) error {
	switch v := v.(type) {
	case nil:
		*to = nil
	case []byte:
		*to = v
	case string:
		*to = []byte(v)
	default:
		return fmt.Errorf("cannot read %T into bytes", v)
	}
	return nil
}

// assignOther is for pointers to pointers (NULL is nil) and named types.
func assignOther(to reflect.Value, v driver.Value) error {
	if to.Kind() == reflect.Pointer && !to.IsNil() {
		place := to.Elem()
		if place.Kind() == reflect.Pointer {
			if v == nil {
				place.SetZero()
				return nil
			}
			place.Set(reflect.New(place.Type().Elem()))
			return assign(place.Interface(), v)
		}
		if plain, ok := plainOf[place.Kind()]; ok && place.Type() != plain {
			return assign(place.Addr().Convert(reflect.PointerTo(plain)).Interface(), v)
		}
	}
	return fmt.Errorf("cannot read %T into %s", v, to.Type())
}

// plainOf are the types that assign knows, by kind.
var plainOf = map[reflect.Kind]reflect.Type{
	reflect.String: reflect.TypeFor[string](), reflect.Int64: reflect.TypeFor[int64](), reflect.Int: reflect.TypeFor[int](),
	reflect.Bool: reflect.TypeFor[bool](), reflect.Float64: reflect.TypeFor[float64](),
}

package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"loket/store"
)

// oldTemplate is the age at which a template is no more in use by a test run.
const oldTemplate = 12 * time.Hour

// templateLock is the server-wide advisory lock under which templates are made.
const templateLock = 0x6c6f6b7470

var (
	serverLock sync.Mutex
	server     *sql.DB               // to the database of the given address; open until the test program ends
	madeFor    = map[string]string{} // templates by key
)

// postgresDatabase makes a database of the test's own out of the migrated
// template, and gives its address.
func postgresDatabase(t testing.TB, address string, ms []store.Migration) string {
	t.Helper()
	template := postgresTemplate(t, address, ms)
	name := "loket_test_" + word()
	exec(t, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if _, err := server.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return withDatabase(t, address, name)
}

// postgresTemplate finds or makes the migrated database. Its name has the time
// it was made, the migrations and the build of the test program: a migration
// that is edited while it is written must not meet the template of before.
// Test programs of several packages run at once and share the server, so it is
// made under a lock and renamed when whole.
func postgresTemplate(t testing.TB, address string, ms []store.Migration) string {
	t.Helper()
	serverLock.Lock()
	defer serverLock.Unlock()
	k := key(ms) + build(t)
	if name := madeFor[k]; name != "" {
		return name
	}
	if server == nil {
		db, err := sql.Open("pgx", address)
		if err != nil {
			t.Fatalf("LOKET_TEST_POSTGRES: %v", err)
		}
		db.SetMaxOpenConns(4)
		server = db
	}
	lock, err := server.Conn(t.Context())
	if err != nil {
		t.Fatalf("LOKET_TEST_POSTGRES: %v", err)
	}
	defer func() { _ = lock.Close() }()
	if _, err := lock.ExecContext(t.Context(), "SELECT pg_advisory_lock($1)", int64(templateLock)); err != nil {
		t.Fatalf("lock the templates: %v", err)
	}
	defer func() {
		_, _ = lock.ExecContext(context.WithoutCancel(t.Context()), "SELECT pg_advisory_unlock($1)", int64(templateLock))
	}()
	name := existingTemplate(t, k)
	if name == "" {
		name = fmt.Sprintf("loket_template_%d_%s", time.Now().Unix(), k)
		raw := "loket_raw_" + word()
		exec(t, "CREATE DATABASE "+raw+" TEMPLATE template0")
		migrate(t, store.Options{URL: withDatabase(t, address, raw), Readers: 1}, ms)
		exec(t, "ALTER DATABASE "+raw+" RENAME TO "+name)
	}
	madeFor[k] = name
	return name
}

// existingTemplate is another test program's template for k; old ones are
// dropped in passing.
func existingTemplate(t testing.TB, k string) string {
	t.Helper()
	rows, err := server.QueryContext(t.Context(), `SELECT datname FROM pg_database WHERE datname LIKE 'loket\_template\_%'`)
	if err != nil {
		t.Fatalf("list the templates: %v", err)
	}
	defer func() { _ = rows.Close() }()
	found, old := "", []string{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatalf("list the templates: %v", err)
		}
		made, hash, _ := strings.Cut(strings.TrimPrefix(name, "loket_template_"), "_")
		at, err := strconv.ParseInt(made, 10, 64)
		switch {
		case err != nil || time.Since(time.Unix(at, 0)) > oldTemplate:
			old = append(old, name)
		case hash == k:
			found = name
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("list the templates: %v", err)
	}
	for _, name := range old {
		exec(t, `DROP DATABASE IF EXISTS "`+name+`" WITH (FORCE)`)
	}
	return found
}

func exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := server.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// build tells one build of the test program from another.
func build(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatalf("find the test program: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatalf("find the test program: %v", err)
	}
	return strconv.FormatInt(info.ModTime().UnixNano(), 36) + "x" + strconv.FormatInt(info.Size(), 36)
}

func word() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func withDatabase(t testing.TB, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("LOKET_TEST_POSTGRES is not an address like postgres://user@host:port/name")
	}
	u.Path = "/" + name
	return u.String()
}

package vemapdb_test

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/blobs"
	"loket/store/fault"
	"loket/store/outbox"
	"loket/store/password"
	"loket/store/settings"
	"loket/store/storetest"
	"loket/store/vemap"
	"loket/store/vemap/vemapdb"
)

var update = flag.Bool("update", false, "rewrite the goldens")

func migrations() []store.Migration {
	return slices.Concat(settings.Migrations(), outbox.Migrations(), vemapdb.Migrations())
}

// bench is a store with one tenant and its users.
type bench struct {
	*vemapdb.DB
	admin, organisation, manager, stakeholder vemap.Actor
}

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func open(t *testing.T) *bench {
	t.Helper()
	disk, err := blobs.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{DB: vemapdb.New(vemapdb.Deps{
		DB: storetest.Open(t, migrations()), Blobs: disk, Now: func() time.Time { return start }, Entropy: rand.Reader,
		Hasher: hasher, Log: slog.New(slog.DiscardHandler),
	})}
	b.admin = b.add(t, "admin", vemap.RoleAdmin)
	b.organisation = b.add(t, "organisatie", vemap.RoleOrganisation)
	b.manager = b.add(t, "manager", vemap.RoleManager)
	b.stakeholder = b.add(t, "stakeholder", vemap.RoleStakeholder)
	return b
}

const secret = "Lang-Genoeg-1!"

// hasher is shared: it remembers what it has compared.
var hasher = password.New()

func (b *bench) add(t *testing.T, name string, role vemap.Role) vemap.Actor {
	t.Helper()
	u, err := b.AddUser(t.Context(), vemapdb.AddUser{Email: name + "@example.nl", Name: name, Company: "Bedrijf", Role: role, Tenant: "Tenant", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	return vemap.Actor{UserID: u.UserID, Name: name, Email: name + "@example.nl", TenantID: u.TenantID, Role: role}
}

func (b *bench) project(t *testing.T, managers ...string) vemap.Project {
	t.Helper()
	a := b.organisation
	p, err := b.CreateProject(t.Context(), a, vemap.NewProject{
		Name: "P", Description: "D", ContractingAuthority: "R", RoadNumbers: "A1", PhaseNumber: "1", Start: "01-15-2024", End: "12-31-2024",
		TenantID: a.TenantID, CreatedBy: a.UserID, Managers: managers,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bench) closure(t *testing.T, p vemap.Project, stakeholders ...string) vemap.Closure {
	t.Helper()
	c, err := b.CreateClosure(t.Context(), b.organisation, vemap.NewClosure{
		ProjectID: p.ID, Name: "C", Type: "nacht", Start: "01-15-2024", End: "01-20-2024", Stakeholders: stakeholders,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// atOnce runs n of fn at the same time and gives the errors.
func atOnce(n int, fn func(i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errs
}

func TestSchema(t *testing.T) {
	storetest.Drift(t, migrations(), vemapdb.Rows()...)
	db := storetest.Open(t, migrations())
	if db.Dialect() != store.SQLite {
		return // the golden is SQLite's; the drift above is both's
	}
	var tables []string
	if err := db.Reader(t.Context()).Raw("SELECT sql FROM sqlite_schema WHERE tbl_name LIKE 'vemap_%' AND sql IS NOT NULL ORDER BY tbl_name, type DESC, name").Scan(&tables).Error; err != nil {
		t.Fatal(err)
	}
	got := strings.Join(tables, ";\n") + ";\n"
	const golden = "testdata/schema.sql"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("vemap-0001 makes something else than it did: rows that change need a step of their own\n%s", got)
	}
}

// TestKeyIsMadeOnce: tokens of one program are known to another on the same
// store, and all who ask at once get the same key.
func TestKeyIsMadeOnce(t *testing.T) {
	b := open(t)
	others := make([]*vemapdb.DB, 8)
	for i := range others {
		others[i] = vemapdb.New(b.Deps)
	}
	tokens := make([]string, len(others))
	for i, err := range atOnce(len(others), func(i int) error {
		l, err := others[i].Login(context.WithoutCancel(t.Context()), "manager@example.nl", secret)
		tokens[i] = l.AccessToken
		return err
	}) {
		if err != nil {
			t.Fatal(i, err)
		}
	}
	for i, token := range tokens {
		if _, err := others[(i+1)%len(others)].Account(t.Context(), token); err != nil {
			t.Errorf("the token of %d: %v", i, err)
		}
	}
	if vemapdb.CheckKey("kort") == nil || vemapdb.CheckKey(strings.Repeat("k", 32)) != nil || vemapdb.CheckKey("") != nil {
		t.Error("CheckKey takes a short key, or refuses a long one")
	}
}

// TestOneUserPerAddress: of 32 at once with one address, one comes in.
func TestOneUserPerAddress(t *testing.T) {
	b := open(t)
	made := 0
	for _, err := range atOnce(32, func(i int) error {
		email := "Dubbel@example.nl"
		if i%2 == 0 {
			email = strings.ToLower(email)
		}
		_, err := b.CreateUser(t.Context(), b.organisation, vemapdb.NewUser{Email: email, Name: "D", Company: "B", Role: vemap.RoleManager, Password: secret})
		return err
	}) {
		switch {
		case err == nil:
			made++
		case fault.ReasonOf(err) != vemap.UserExists:
			t.Errorf("%v", err)
		}
	}
	if made != 1 {
		t.Errorf("%d came in", made)
	}
}

// TestVersionsInOrder: 32 plans announced at once get 32 versions in a row, and
// one of them is current.
func TestVersionsInOrder(t *testing.T) {
	b := open(t)
	p := b.project(t, b.manager.UserID)
	c := b.closure(t, p)
	for _, err := range atOnce(32, func(int) error {
		_, _, err := b.CreateFile(t.Context(), b.manager, vemap.NewFile{
			Name: "plan.pdf", Type: vemap.TypePlan, FileType: "application/pdf", ProjectID: p.ID, ClosureID: c.ID, Size: 1, Current: true,
		})
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	e, err := b.Events(t.Context(), b.manager, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var versions []int
	for _, f := range e.Files {
		versions = append(versions, int(f.Version))
	}
	slices.Sort(versions)
	if len(versions) != 32 || versions[0] != 10 || versions[31] != 41 || len(slices.Compact(versions)) != 32 {
		t.Errorf("versions are %v", versions)
	}
	if _, total, err := b.Files(t.Context(), b.manager, c.ID, vemapdb.FilePage{Limit: 50}); total != 1 || err != nil {
		t.Errorf("%d are current, %v", total, err)
	}
}

// TestLastOneStays: of two administrators who remove each other at once one
// stays, and so does one of a project's managers.
func TestLastOneStays(t *testing.T) {
	b := open(t)
	second := b.add(t, "tweede", vemap.RoleOrganisation)
	pair := []vemap.Actor{b.organisation, second}
	gone := 0
	for _, err := range atOnce(2, func(i int) error { return b.DeleteUser(t.Context(), pair[i], pair[1-i].UserID) }) {
		if err == nil {
			gone++
		}
	}
	if gone != 1 {
		t.Errorf("%d administrators went", gone)
	}

	b = open(t)
	other := b.add(t, "andere", vemap.RoleManager)
	b.project(t, b.manager.UserID, other.UserID)
	stakeholder := vemap.RoleStakeholder
	ended := 0
	for _, err := range atOnce(2, func(i int) error {
		_, err := b.UpdateUser(t.Context(), b.organisation, []string{b.manager.UserID, other.UserID}[i], vemap.UserChange{Role: &stakeholder})
		return err
	}) {
		switch {
		case err == nil:
			ended++
		case fault.ReasonOf(err) != vemap.LastManager:
			t.Error(err)
		}
	}
	if ended != 1 {
		t.Errorf("%d managers ended", ended)
	}
}

// TestUploadOnce: of 16 who bring the bytes at once, one does; no blob of the
// others stays.
func TestUploadOnce(t *testing.T) {
	b := open(t)
	p := b.project(t, b.manager.UserID)
	c := b.closure(t, p)
	f, link, err := b.CreateFile(t.Context(), b.manager, vemap.NewFile{
		Name: "a.pdf", Type: vemap.TypeSupport, FileType: "application/pdf", ProjectID: p.ID, ClosureID: c.ID, Size: 5, Current: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	stored := 0
	for _, err := range atOnce(16, func(int) error {
		_, err := b.Receive(t.Context(), vemapdb.Upload{
			FileID: f.ID, ContentType: "application/pdf", Length: 5, Body: strings.NewReader("bytes"), Signed: signed(t, link),
		})
		return err
	}) {
		switch {
		case err == nil:
			stored++
		case fault.ReasonOf(err) != vemap.AddressSpent:
			t.Error(err)
		}
	}
	kept := 0
	if err := b.Blobs.Walk(t.Context(), func(i blobs.Info) error {
		kept++
		used, err := b.References(t.Context(), []string{i.Key, "weg"})
		if err == nil && (!used[i.Key] || used["weg"]) {
			t.Errorf("references are %v", used)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if stored != 1 || kept != 1 {
		t.Errorf("%d stored, %d blobs kept", stored, kept)
	}
	damage, checked, err := b.Check(t.Context(), func(int, int) {})
	if len(damage) != 0 || checked != 1 || err != nil {
		t.Errorf("check says %v, %d, %v", damage, checked, err)
	}
}

func signed(t *testing.T, l *vemapdb.Link) vemapdb.Signed {
	t.Helper()
	var s vemapdb.Signed
	_, query, _ := strings.Cut(l.Path, "?")
	for _, pair := range strings.Split(query, "&") {
		k, v, _ := strings.Cut(pair, "=")
		switch k {
		case "expires":
			s.Expires = v
		case "signature":
			s.Signature = v
		case "action":
			s.Action = v
		}
	}
	return s
}

// TestGuessingAtOnce: 32 wrong passwords at once are no more than a handful of
// answers; the rest learns that the address is shut.
func TestGuessingAtOnce(t *testing.T) {
	b := open(t)
	refused := 0
	for _, err := range atOnce(32, func(int) error { _, err := b.Login(t.Context(), "manager@example.nl", "fout"); return err }) {
		switch fault.ReasonOf(err) {
		case vemap.LoginRefused:
			refused++
		case vemap.TooManyAttempts:
		default:
			t.Error(err)
		}
	}
	if refused > vemap.LoginFailures {
		t.Errorf("%d wrong passwords were compared", refused)
	}
	if _, err := b.Login(t.Context(), "manager@example.nl", secret); fault.ReasonOf(err) != vemap.TooManyAttempts {
		t.Errorf("the right one: %v", err)
	}
}

// TestFiveHundred: 500 recipients are queued in one transaction, or none is.
func TestFiveHundred(t *testing.T) {
	b := open(t)
	c := b.closure(t, b.project(t, b.manager.UserID))
	tmpl, err := b.CreateTemplate(t.Context(), b.manager, "t", map[string]any{"root": map[string]any{"type": "EmailLayout", "data": map[string]any{}}})
	if err != nil {
		t.Fatal(err)
	}
	n := vemapdb.NewMail{ClosureID: c.ID, TemplateID: tmpl, Subject: "S"}
	for i := range 500 {
		n.Recipients = append(n.Recipients, vemap.NewRecipient{Email: fmt.Sprintf("%d@example.nl", i), Name: "N"})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.SendMail(ended, b.manager, n); err == nil {
		t.Error("a request that has ended queues mail")
	}
	depth := func() int64 {
		n, err := outbox.Depth(t.Context(), b.Deps.DB)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if got := depth(); got != 0 {
		t.Errorf("%d are queued", got)
	}
	job, err := b.SendMail(t.Context(), b.manager, n)
	if err != nil || len(job.Messages) != 500 {
		t.Fatalf("%d messages, %v", len(job.Messages), err)
	}
	if got := depth(); got != 500 {
		t.Errorf("%d are queued", got)
	}
}

// queries counts what fn asks of the database.
func (b *bench) queries(t *testing.T, fn func() error) int64 {
	t.Helper()
	var n atomic.Int64
	count := func(*gorm.DB) { n.Add(1) }
	db := b.Deps.DB.Reader(t.Context())
	name := fmt.Sprintf("count %p", fn)
	for _, err := range []error{
		db.Callback().Query().After("gorm:query").Register(name, count),
		db.Callback().Row().After("gorm:row").Register(name, count),
		db.Callback().Raw().After("gorm:raw").Register(name, count),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	err := fn()
	for _, e := range []error{db.Callback().Query().Remove(name), db.Callback().Row().Remove(name), db.Callback().Raw().Remove(name)} {
		if e != nil {
			t.Fatal(e)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return n.Load()
}

// TestListsAskTheSame: a list of 1,000 closures takes as many queries as one of
// one; so do the other lists that put objects together.
func TestListsAskTheSame(t *testing.T) {
	b := open(t)
	p := b.project(t, b.manager.UserID)
	one := b.closure(t, p, b.stakeholder.UserID)
	if _, _, err := b.CreateFile(t.Context(), b.manager, vemap.NewFile{
		Name: "a.pdf", Type: vemap.TypePlan, FileType: "application/pdf", ProjectID: p.ID, ClosureID: one.ID, Size: 5, Current: true,
	}); err != nil {
		t.Fatal(err)
	}
	lists := map[string]func() error{
		"closures": func() error { _, err := b.Closures(t.Context(), b.manager, vemap.GetClosures, p.ID); return err },
		"references": func() error {
			_, err := b.Closures(t.Context(), b.manager, vemap.GetClosureReferences, p.ID)
			return err
		},
		"projects": func() error { _, err := b.Projects(t.Context(), b.manager); return err },
		"tenants":  func() error { _, err := b.Tenants(t.Context(), b.admin); return err },
		"users":    func() error { _, err := b.Users(t.Context(), b.admin); return err },
		"stakeholder": func() error {
			_, err := b.StakeholderClosures(t.Context(), b.stakeholder, b.stakeholder.UserID)
			return err
		},
	}
	before := map[string]int64{}
	for name, list := range lists {
		before[name] = b.queries(t, list)
	}
	b.many(t, one.ID, 1000)
	for range 20 {
		b.project(t, b.manager.UserID)
	}
	for name, list := range lists {
		if after := b.queries(t, list); after != before[name] || after == 0 {
			t.Errorf("%s: %d queries for one, %d for many", name, before[name], after)
		}
	}
	cs, err := b.Closures(t.Context(), b.manager, vemap.GetClosures, p.ID)
	if err != nil || len(cs) != 1001 {
		t.Fatalf("%d closures, %v", len(cs), err)
	}
	for _, c := range cs {
		if len(c.Stakeholders) != 1 || c.Plan == nil || c.FileCount != 1 {
			t.Fatalf("%+v", c)
		}
	}
}

// many copies a closure with its stakeholder and plan, in the database.
func (b *bench) many(t *testing.T, id string, n int) {
	t.Helper()
	err := b.Deps.DB.InTx(t.Context(), func(tx *gorm.DB) error {
		for i := range n {
			fresh := fmt.Sprintf("closure-%012x", i)
			for _, statement := range []string{
				`INSERT INTO vemap_closures (id, tenant_id, project_id, name, description, type, status, road_segment, start_date, end_date, melvin, spin, created_by, created_by_name, created_at, updated_at)
					SELECT @new, tenant_id, project_id, name, description, type, status, road_segment, start_date, end_date, melvin, spin, created_by, created_by_name, created_at, updated_at FROM vemap_closures WHERE id = @old`,
				`INSERT INTO vemap_stakeholders (closure_id, user_id, user_name, created_by, created_by_name, created_at)
					SELECT @new, user_id, user_name, created_by, created_by_name, created_at FROM vemap_stakeholders WHERE closure_id = @old`,
				`INSERT INTO vemap_files (id, tenant_id, project_id, closure_id, name, type, file_type, category, status, path, size, number, stored, current, archived, sha256, tags, created_by, created_by_name, created_at, updated_by, updated_at, version)
					SELECT @file, tenant_id, project_id, @new, name, type, file_type, category, status, path, size, number, stored, current, archived, sha256, tags, created_by, created_by_name, created_at, updated_by, updated_at, version FROM vemap_files WHERE closure_id = @old`,
			} {
				if err := tx.Exec(statement, map[string]any{"new": fresh, "old": id, "file": "file-" + fresh}).Error; err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSweep(t *testing.T) {
	b := open(t)
	if _, err := b.Login(t.Context(), "manager@example.nl", secret); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Login(t.Context(), "manager@example.nl", "fout"); err == nil {
		t.Fatal("a wrong password comes in")
	}
	if err := b.ForgotPassword(t.Context(), "manager@example.nl"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateUser(t.Context(), b.organisation, vemapdb.NewUser{Email: "n@example.nl", Name: "N", Company: "B", Role: vemap.RoleManager, Password: secret}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Login(t.Context(), "n@example.nl", secret); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
	later := b.Deps
	later.Now = func() time.Time { return start.Add(31 * 24 * time.Hour) }
	if n, err := vemapdb.New(later).Sweep(t.Context()); n != 5 || err != nil {
		t.Errorf("swept %d, %v", n, err)
	}
}

// TestDemo: the demo data are those of the contract, the same in each store.
func TestDemo(t *testing.T) {
	load := func() *vemapdb.DB {
		b := open(t)
		d := b.Deps
		d.DB = storetest.Open(t, migrations())
		db := vemapdb.New(d)
		if used, err := db.Used(t.Context()); used || err != nil {
			t.Fatalf("used: %v, %v", used, err)
		}
		if err := db.Demo(t.Context()); err != nil {
			t.Fatal(err)
		}
		if used, err := db.Used(t.Context()); !used || err != nil {
			t.Fatalf("used: %v, %v", used, err)
		}
		return db
	}
	one, two := load(), load()
	for _, u := range vemapdb.DemoUsers {
		a, err1 := one.Login(t.Context(), u.Email, u.Password)
		b, err2 := two.Login(t.Context(), u.Email, u.Password)
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: %v, %v", u.Email, err1, err2)
		}
		if u.Temporary {
			if a.Session == "" {
				t.Errorf("%s meets no challenge", u.Email)
			}
			continue
		}
		for tenant, roles := range a.Tenants {
			if !slices.Equal(roles, []vemap.Role{u.Role}) || !slices.Equal(b.Tenants[tenant], roles) {
				t.Errorf("%s is %v in %s, and %v in another store", u.Email, roles, tenant, b.Tenants)
			}
		}
	}
}

package vemap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"

	"loket/store/fault"
)

var now = time.Date(2024, 1, 15, 10, 30, 45, 123456000, time.UTC)

// reasonOf is the reason of err, "" for nil.
func reasonOf(err error) fault.Reason { return fault.ReasonOf(err) }

func TestIDs(t *testing.T) {
	if got := NewID(PrefixMailingList, bytes.NewReader([]byte{0, 1, 2, 0xab, 0xcd, 0xef})); got != "mailing-list-000102abcdef" {
		t.Error(got)
	}
	defer func() {
		if recover() == nil {
			t.Error("an id is made without entropy")
		}
	}()
	NewID(PrefixUser, bytes.NewReader(nil))
}

func TestTimeForms(t *testing.T) {
	amsterdam := now.In(time.FixedZone("", 3600))
	d := Date("2024-03-04")
	for _, c := range []struct{ name, got, want string }{
		{"seconds", Seconds(amsterdam), "2024-01-15T10:30:45Z"},
		{"micros", Micros(amsterdam), "2024-01-15T10:30:45.123456Z"},
		{"micros of whole seconds", Micros(now.Truncate(time.Second)), "2024-01-15T10:30:45.000000Z"},
		{"space", Space(amsterdam), "2024-01-15 10:30:45"},
		{"mdy", d.MDY(), "03-04-2024"},
		{"dmy", d.DMY(), "04-03-2024"},
		{"midnight", d.Midnight(), "2024-03-04T00:00:00Z"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", c.name, c.got, c.want)
		}
	}
	for _, c := range []struct {
		name string
		is   func(string) bool
		yes  string
		no   []string
	}{
		{"seconds", IsSeconds, "2024-01-15T10:30:00Z", []string{"2024-01-15T10:30:00.5Z", "2024-01-15 10:30:00", "2024-01-15T10:30:00+01:00"}},
		{"micros", IsMicros, "2024-01-15T10:30:45.123456Z", []string{"2024-01-15T10:30:45Z", "2024-01-15T10:30:45.123Z"}},
		{"space", IsSpace, "2024-01-15 10:30:45", []string{"2024-01-15T10:30:45Z", "2024-01-15"}},
		{"mdy", IsMDY, "12-31-2024", []string{"31-12-2024", "2024-12-31", "02-30-2024", "1-5-2024"}},
		{"midnight", IsMidnight, "2024-01-15T00:00:00Z", []string{"2024-01-15T00:00:01Z", "2024-01-15"}},
	} {
		if !c.is(c.yes) {
			t.Errorf("%s refuses %q", c.name, c.yes)
		}
		for _, no := range c.no {
			if c.is(no) {
				t.Errorf("%s takes %q", c.name, no)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 36500).Draw(t, "day"))
		d, ok := ParseMDY(day.Format("01-02-2006"))
		if !ok || d.MDY() != day.Format("01-02-2006") || string(d) != day.Format("2006-01-02") {
			t.Fatalf("%v becomes %q", day, d)
		}
	})
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Version
		ok   bool
	}{
		{"1", 10, true}, {"1.0", 10, true}, {"1.10", 11, true}, {"11e-1", 11, true}, {"0.1", 1, true}, {"9999.9", 99999, true},
		{"0", 0, false}, {"-1", -10, false}, {"1.05", 0, false}, {"10000", 100000, false}, {"1e99", 0, false}, {"x", 0, false},
	} {
		v, ok := ParseVersion(json.Number(c.in))
		if ok != c.ok || ok && v != c.want {
			t.Errorf("%s is %d, %v", c.in, v, ok)
		}
	}
	v := Version(19) + 1
	raw, err := json.Marshal(map[string]any{"version": v.Number()})
	if err != nil || v.String() != "2.0" || v.Label() != "v2.0" || string(raw) != `{"version":2.0}` {
		t.Errorf("%s %s %s %v", v, v.Label(), raw, err)
	}
	if _, err := GivenVersion("/version", "1.05"); reasonOf(err) != InvalidInput {
		t.Error(err)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KB", 1024000: "1000.0 KB", 2621440: "2.5 MB", 1048575: "1.0 MB", 1 << 30: "1.0 GB", 1 << 40: "1.0 TB", 5 << 50: "5120.0 TB",
	} {
		if got := Size(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestPasswordPolicy(t *testing.T) {
	for password, faults := range map[string]int{
		"Goed-Genoeg1": 0, "Kort-1a": 1, "": 5, "geenhoofdletter-1": 1, "GEENKLEINELETTER-1": 1, "GeenCijfer-!": 1, "GeenTeken1": 1,
		"Spatie telt niet1": 1, strings.Repeat("a", 96) + "A1-": 0, strings.Repeat("a", 97) + "A1-": 1, "Éénÿ-12345": 0,
	} {
		if got := PasswordFaults("/password", password); len(got) != faults {
			t.Errorf("%q has %v", password, got)
		}
	}
}

func TestTokens(t *testing.T) {
	key := []byte("a key")
	claims := Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: "user-1", ID: "jti-1"}, Kind: AccessToken, SessionID: "session-1"}
	token, err := Sign(key, claims, now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Verify(key, token, AccessToken, now.Add(time.Hour-2*time.Second)); err != nil || c.Subject != "user-1" || c.SessionID != "session-1" {
		t.Errorf("%+v %v", c, err)
	}
	none := jwt.NewWithClaims(jwt.SigningMethodNone, claims)
	unsigned, err := none.SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	stranger := claims
	stranger.Issuer, stranger.ExpiresAt = "somebody", jwt.NewNumericDate(now.Add(time.Hour))
	foreign, err := jwt.NewWithClaims(jwt.SigningMethodHS256, stranger).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	eternal := claims
	eternal.Issuer = issuer
	endless, err := jwt.NewWithClaims(jwt.SigningMethodHS256, eternal).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	longer, err := jwt.NewWithClaims(jwt.SigningMethodHS512, eternal).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	nobody, err := Sign(key, Claims{Kind: AccessToken}, now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token string
		kind  TokenKind
		at    time.Time
	}{
		"run out": {token, AccessToken, now.Add(time.Hour)}, "another kind": {token, RefreshToken, now}, "altered": {token + "x", AccessToken, now},
		"unsigned": {unsigned, AccessToken, now}, "another issuer": {foreign, AccessToken, now}, "without an end": {endless, AccessToken, now},
		"another method": {longer, AccessToken, now}, "of nobody": {nobody, AccessToken, now}, "none": {"", AccessToken, now},
	} {
		if _, err := Verify(key, c.token, c.kind, c.at); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Verify([]byte("another key"), token, AccessToken, now); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("another key: %v", err)
	}
}

func TestAddress(t *testing.T) {
	key := []byte("a key")
	a := Address{Method: "PUT", FileID: "file-1", Type: "image/png", Size: 10, Action: "", Expires: now.Add(AddressLifetime)}
	s := a.Signature(key)
	if err := a.Check(key, s, now); err != nil {
		t.Error(err)
	}
	if err := a.Check(key, s, a.Expires); reasonOf(err) != AddressRefused {
		t.Errorf("run out: %v", err)
	}
	for name, b := range map[string]Address{
		"method": {"GET", a.FileID, a.Type, a.Size, a.Action, a.Expires}, "file": {a.Method, "file-2", a.Type, a.Size, a.Action, a.Expires},
		"type": {a.Method, a.FileID, "image/jpeg", a.Size, a.Action, a.Expires}, "size": {a.Method, a.FileID, a.Type, 11, a.Action, a.Expires},
		"action": {a.Method, a.FileID, a.Type, a.Size, "view", a.Expires}, "expiry": {a.Method, a.FileID, a.Type, a.Size, a.Action, a.Expires.Add(time.Second)},
	} {
		if err := b.Check(key, s, now); reasonOf(err) != AddressRefused {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for _, c := range []struct{ action, kind, want string }{
		{ActionView, "application/pdf", "inline"}, {ActionView, "image/png", "inline"}, {ActionView, "image/jpeg", "inline"},
		{ActionView, "image/svg+xml", "attachment"}, {ActionView, "text/html", "attachment"}, {ActionDownload, "application/pdf", "attachment"},
	} {
		if got := Disposition(c.action, c.kind); got != c.want {
			t.Errorf("%s of %s is %s", c.action, c.kind, got)
		}
	}
}

func TestAct(t *testing.T) {
	manager := Account{UserID: "user-1", Name: "N", Tenants: map[string][]Role{"t1": {RoleManager, RoleUser}}}
	admin := Account{UserID: "user-2", Tenants: map[string][]Role{"t1": {RoleAdmin}, "t2": {RoleUser}}}
	for _, c := range []struct {
		name       string
		a          Account
		tenant, id string
		role       Role
		want       fault.Reason
	}{
		{"own role", manager, "t1", "user-1", RoleManager, ""},
		{"second role", manager, "t1", "user-1", RoleUser, ""},
		{"no id", manager, "t1", "", RoleManager, InvalidInput},
		{"no role", manager, "t1", "user-1", "", InvalidInput},
		{"another's id", manager, "t1", "user-2", RoleManager, NotAllowed},
		{"another's role", manager, "t1", "user-1", RoleAdmin, NotAllowed},
		{"another tenant", manager, "t2", "user-1", RoleManager, NotAllowed},
		{"administrator anywhere", admin, "t9", "user-2", RoleAdmin, ""},
		{"but only as such", admin, "t9", "user-2", RoleManager, NotAllowed},
		{"in each tenant its own role", admin, "t2", "user-2", RoleUser, ""},
	} {
		a, err := c.a.Act(c.tenant, c.id, c.role)
		if reasonOf(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil && (a.TenantID != c.tenant || a.Role != c.role || a.UserID != c.id) {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
}

// TestRights walks operations × roles: what the table forbids is Forbidden, and
// nobody but ROLE_ADMIN reaches beyond his tenant.
func TestRights(t *testing.T) {
	seen := map[int]bool{}
	for _, row := range Rights {
		if seen[row.Number] || row.Number < 7 || row.Number > 39 {
			t.Errorf("number %d", row.Number)
		}
		seen[row.Number] = true
		for i, role := range Roles {
			a := Actor{Role: role}
			if a.Reach(row.Operation) != row.Reach[i] {
				t.Errorf("%s of %s", row.Operation, role)
			}
			if got := reasonOf(a.May(row.Operation)); (got == NotAllowed) != (row.Reach[i] == ReachNone) {
				t.Errorf("%s of %s: %s", row.Operation, role, got)
			}
			if row.Reach[i] == ReachPlatform && role != RoleAdmin {
				t.Errorf("%s reaches every tenant with %s", role, row.Operation)
			}
		}
		if !strings.Contains(Matrix(), fmt.Sprintf("| %d | %s |", row.Number, row.Operation)) {
			t.Errorf("the matrix lacks %s", row.Operation)
		}
	}
	if len(seen) != 33 {
		t.Errorf("%d operations", len(seen))
	}
	if ReachOf("unknown", RoleAdmin) != ReachNone {
		t.Error("an unknown operation is allowed")
	}
	for _, role := range Roles {
		if got := role.Assignable(); got != (role != RoleUser) {
			t.Errorf("%s is assignable: %v", role, got)
		}
		if got, want := role.CanManage(), role == RoleAdmin || role == RoleOrganisation || role == RoleManager; got != want {
			t.Errorf("%s can manage: %v", role, got)
		}
	}
	if Role("ROLE_BAAS").Assignable() {
		t.Error("an unknown role is assignable")
	}
}

func ptr[T any](v T) *T { return &v }

// TestMayChange walks actor × role of the other × kind of change.
func TestMayChange(t *testing.T) {
	own, other := "user-1", "user-2"
	changes := map[string]UserChange{
		"name": {Name: ptr("n")}, "phone": {Phone: PhoneChange{Set: true}}, "company": {Company: ptr("c")}, "email": {Email: ptr("e")},
		"role": {Role: ptr(RoleManager)}, "admin": {Role: ptr(RoleAdmin)},
	}
	for _, role := range Roles {
		a := Actor{UserID: own, Role: role}
		for _, theirs := range Roles {
			for _, id := range []string{own, other} {
				for name, c := range changes {
					var want bool
					switch role {
					case RoleAdmin:
						want = true
					case RoleOrganisation:
						want = theirs != RoleAdmin && name != "admin"
					default:
						want = id == own && (name == "name" || name == "phone")
					}
					if got := a.MayChange(&User{ID: id, Role: theirs}, c) == nil; got != want {
						t.Errorf("%s changes %s of %s (%s): %v, want %v", role, name, id, theirs, got, want)
					}
				}
			}
		}
	}
	u := User{Name: "a", Email: "b", Company: "c", Phone: ptr("d"), Role: RoleManager}
	if u.Change(UserChange{Name: ptr("x"), Role: ptr(RoleManager)}, now) {
		t.Error("the same role counts as another")
	}
	if !u.Change(UserChange{Role: ptr(RoleStakeholder), Phone: PhoneChange{Set: true}}, now) || u.Phone != nil || u.Name != "x" || !u.UpdatedAt.Equal(now) {
		t.Errorf("%+v", u)
	}
	for _, c := range []struct {
		role  Role
		user  User
		want  fault.Reason
		about string
	}{
		{RoleAdmin, User{ID: other, Role: RoleAdmin}, "", "another administrator"},
		{RoleAdmin, User{ID: own, Role: RoleAdmin}, OwnAccount, "himself"},
		{RoleOrganisation, User{ID: other, Role: RoleAdmin}, NotAllowed, "a platform administrator"},
		{RoleOrganisation, User{ID: other, Role: RoleManager}, "", "a manager"},
	} {
		if got := reasonOf((Actor{UserID: own, Role: c.role}).MayRemove(c.user)); got != c.want {
			t.Errorf("%s removes %s: %s", c.role, c.about, got)
		}
	}
	if reasonOf(KeepsOrganiser(User{Role: RoleOrganisation}, 0)) != LastOrganiser || KeepsOrganiser(User{Role: RoleManager}, 0) != nil || KeepsOrganiser(User{Role: RoleOrganisation}, 1) != nil {
		t.Error("KeepsOrganiser")
	}
	if reasonOf(KeepsManagers([]string{"p"})) != LastManager || KeepsManagers(nil) != nil {
		t.Error("KeepsManagers")
	}
}

func places(err error) string {
	var out []string
	if f := fault.From(err); f != nil {
		for _, field := range f.Fields {
			out = append(out, field.Pointer)
		}
	}
	return strings.Join(out, " ")
}

func TestNewProject(t *testing.T) {
	roles := map[string]Role{"m": RoleManager, "o": RoleOrganisation, "s": RoleStakeholder}
	base := NewProject{Start: "01-15-2024", End: "01-15-2024", TenantID: "t", CreatedBy: "m", Managers: []string{"m", "o"}}
	manager := Actor{UserID: "m", TenantID: "t", Role: RoleManager}
	for _, c := range []struct {
		change func(*NewProject)
		want   string
	}{
		{func(*NewProject) {}, ""},
		{func(n *NewProject) { n.End = "01-14-2024" }, "/end_date"},
		{func(n *NewProject) { n.Start, n.End = "15-01-2024", "x" }, "/start_date /end_date"},
		{func(n *NewProject) { n.TenantID, n.CreatedBy = "x", "x" }, "/tenant_id /created_by_user_id"},
		{func(n *NewProject) { n.Managers = []string{"m", "s", "x"} }, "/managers/1/id /managers/2/id"},
		{func(n *NewProject) { n.Managers = []string{"o"} }, "/managers"},
	} {
		n := base
		c.change(&n)
		if _, _, err := n.Check(manager, roles); places(err) != c.want {
			t.Errorf("faults at %q, want %q", places(err), c.want)
		}
	}
	base.Managers, base.CreatedBy = []string{"m"}, "o"
	if start, _, err := base.Check(Actor{UserID: "o", TenantID: "t", Role: RoleOrganisation}, roles); err != nil || start != "2024-01-15" {
		t.Errorf("%s %v", start, err)
	}
	if got := places(CheckManagers([]string{"s"}, roles)); got != "/managers/0" {
		t.Error(got)
	}
}

func TestNewClosure(t *testing.T) {
	users := map[string]Role{"u": RoleUser}
	for _, c := range []struct {
		start, end  string
		stakeholder string
		want        string
	}{
		{"01-15-2024", "12-31-2024", "u", ""},
		{"01-14-2024", "01-15-2025", "u", "/startDate /endDate"},
		{"02-02-2024", "02-01-2024", "u", "/endDate"},
		{"2024-02-02", "02-03-2024", "x", "/startDate /stakeholders/0"},
	} {
		n := NewClosure{Start: c.start, End: c.end, Stakeholders: []string{c.stakeholder}}
		if _, _, err := n.Check("2024-01-15", "2024-12-31", users); places(err) != c.want {
			t.Errorf("%+v: faults at %q", c, places(err))
		}
	}
	if got := places(CheckStakeholders([]string{"u", "x"}, users)); got != "/stakeholders/1" {
		t.Error(got)
	}
	if got := Distinct([]string{"a", "b", "a"}); len(got) != 2 {
		t.Error(got)
	}
}

// TestFileStates walks status × type × bytes × wanted status of a change.
func TestFileStates(t *testing.T) {
	statuses := []string{StatusConcept, StatusPending, StatusActive, StatusFinal, StatusArchived}
	for _, from := range statuses {
		for _, kind := range []string{TypeSupport, TypePlan, TypeLogo} {
			for _, stored := range []bool{false, true} {
				for _, to := range statuses {
					f := File{Status: from, Type: kind, Stored: stored, Archived: from == StatusArchived}
					err := f.Change(FileChange{Status: &to}, Actor{UserID: "u"}, now)
					var want fault.Reason
					switch {
					case from == StatusFinal:
						want = FinalFixed
					case to == StatusFinal && (kind != TypePlan || !stored):
						want = FinalRefused
					}
					if reasonOf(err) != want {
						t.Errorf("%s %s (stored %v) to %s: %v, want %q", from, kind, stored, to, err, want)
					}
					if err == nil && (f.Status != to || f.Archived != (to == StatusArchived) || f.UpdatedBy != "u") {
						t.Errorf("%s to %s gives %+v", from, to, f)
					}
				}
			}
		}
		for _, role := range Roles {
			f := File{Status: from}
			administrator := role == RoleAdmin || role == RoleOrganisation
			if got, want := f.MayDelete(Actor{Role: role}) == nil, from != StatusFinal || administrator; got != want {
				t.Errorf("%s deletes a %s file: %v", role, from, got)
			}
		}
		f := File{Status: from}
		if err := f.Receive("k", "s", now); err != nil || f.Status == StatusPending || !f.Stored {
			t.Errorf("%s after its bytes: %+v %v", from, f, err)
		}
		if err := f.Receive("k", "s", now); reasonOf(err) != AddressSpent {
			t.Errorf("%s twice: %v", from, err)
		}
	}
	f := File{Name: "a.pdf", Path: "/files/sub/a.pdf"}
	f.Rename("b.pdf")
	if f.Path != "/files/sub/b.pdf" {
		t.Error(f.Path)
	}
}

func TestAnnounce(t *testing.T) {
	closure := Closure{ID: "c", ProjectID: "p"}
	present := []File{{Version: 10}, {Version: 19}}
	for _, c := range []struct {
		name     string
		n        NewFile
		siblings []File
		version  Version
		want     fault.Reason
	}{
		{"first", NewFile{ProjectID: "p", Current: true}, nil, 10, ""},
		{"next", NewFile{ProjectID: "p", Current: true}, present, 20, ""},
		{"given", NewFile{ProjectID: "p", Current: true, Version: ptr(Version(35))}, present, 35, ""},
		{"the same", NewFile{ProjectID: "p", Current: true, Version: ptr(Version(19))}, present, 0, VersionTooLow},
		{"after the last", NewFile{ProjectID: "p", Current: true}, []File{{Version: LastVersion}}, 0, VersionTooLow},
		{"lower", NewFile{ProjectID: "p", Current: true, Version: ptr(Version(1))}, present, 0, VersionTooLow},
		{"not current", NewFile{ProjectID: "p", Version: ptr(Version(35))}, present, 35, ""},
		{"not current, no version", NewFile{ProjectID: "p"}, present, 0, InvalidInput},
		{"another project", NewFile{ProjectID: "x", Current: true}, present, 0, InvalidInput},
		{"final", NewFile{ProjectID: "p", Current: true, Status: StatusFinal}, nil, 0, FinalRefused},
	} {
		c.n.Name, c.n.FileType = "a.png", "image/png"
		f, err := c.n.Announce(closure, c.siblings, Actor{UserID: "u", TenantID: "t"}, now)
		if reasonOf(err) != c.want || err == nil && (f.Version != c.version || f.Category != "image" || f.Path != "/files/a.png" || f.Status != StatusConcept || f.CreatedBy != "u" || f.UpdatedBy != "u") {
			t.Errorf("%s: %+v %v", c.name, f, err)
		}
	}
	plan, other := File{ClosureID: "c", Type: TypePlan, Name: "a"}, File{ClosureID: "c", Type: TypePlan, Name: "b"}
	if !plan.SameFile(other) {
		t.Error("two plans of a closure are versions of one")
	}
	plan.Type, other.Type = TypeSupport, TypeSupport
	if plan.SameFile(other) {
		t.Error("two names are two files")
	}
	for name, want := range map[string]bool{"a.pdf": true, "één nacht.pdf": true, "": false, ".": false, "..": false, "a/b": false, `a\b`: false, "a\nb": false, strings.Repeat("é", 255): true, strings.Repeat("e", 256): false, "\xff": false} {
		if ValidFileName(name) != want {
			t.Errorf("%q is a file name: %v", name, !want)
		}
	}
}

func TestAccept(t *testing.T) {
	f := File{FileType: "application/pdf", Size: 10}
	for _, c := range []struct {
		kind   string
		length int64
		want   fault.Reason
	}{
		{"application/pdf", 10, ""}, {"Application/PDF; charset=binary", -1, ""}, {"text/plain", 10, TypeDiffers}, {"", 10, TypeDiffers},
		{"application/pdf", 9, SizeDiffers}, {"application/pdf", MaxFile + 1, fault.BodyTooLarge},
	} {
		if got := reasonOf(f.Accept(c.kind, c.length)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	f.Stored = true
	if got := reasonOf(f.Accept("application/pdf", 10)); got != AddressSpent {
		t.Error(got)
	}
}

func TestNewComment(t *testing.T) {
	closure := Closure{ID: "c", ProjectID: "p"}
	plan := File{ID: "f", ClosureID: "c", Type: TypePlan, Version: 11}
	for _, c := range []struct {
		n    NewComment
		plan *File
		want string
	}{
		{NewComment{Version: "1.1", ProjectID: "p"}, &plan, ""},
		{NewComment{Version: "1.0", ProjectID: "x"}, &plan, "/version /projectId"},
		{NewComment{Version: "1.1", ProjectID: "p"}, nil, "/vkmPlanId"},
		{NewComment{Version: "1.1", ProjectID: "p"}, &File{ClosureID: "x", Type: TypePlan, Version: 11}, "/vkmPlanId"},
		{NewComment{Version: "1.1", ProjectID: "p"}, &File{ClosureID: "c", Type: TypeSupport, Version: 11}, "/vkmPlanId"},
	} {
		if got := places(c.n.Check(closure, c.plan)); got != c.want {
			t.Errorf("%+v: faults at %q, want %q", c.n, got, c.want)
		}
	}
}

func TestLogo(t *testing.T) {
	for l, want := range map[Logo]int{
		{FileName: "a.png", FileType: "image/png", Size: MaxLogo}: 0, {FileName: "a/b", FileType: "image/gif", Size: MaxLogo + 1}: 3, {FileName: "a", FileType: "image/webp"}: 1,
	} {
		if got := l.Faults("/logoMetadata"); len(got) != want {
			t.Errorf("%+v has %v", l, got)
		}
	}
	f := Logo{FileName: "a.png", FileType: "image/png", Size: 5}.AnnounceLogo("t", Actor{UserID: "u"}, now)
	if f.Status != StatusPending || f.Type != TypeLogo || f.Version != FirstVersion || f.ClosureID != "" {
		t.Errorf("%+v", f)
	}
}

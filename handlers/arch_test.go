package handlers_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The arrows between the rooms, and the habits that no compiler keeps
// (architecture section 2 in CONTRIBUTING). Each finding names the file, the
// rule and its reason.

// source is one parsed file of the product.
type source struct {
	name    string // path from the root of the repository
	dir     string // its folder, "" for the root
	test    bool   // a test, or a package that only tests import
	file    *ast.File
	fset    *token.FileSet
	imports []string
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.fset.Position(n.Pos()).Line)
}

// testRooms are packages that only tests import.
var testRooms = []string{"handlers/apitest", "store/storetest", "store/blobs/blobstest"}

func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "bin", "data", "scripts"}, d.Name())):
			return fs.SkipDir // scripts are programs of their own
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		s := source{name: name, dir: path.Dir(name), fset: token.NewFileSet()}
		if s.dir == "." {
			s.dir = ""
		}
		s.test = strings.HasSuffix(name, "_test.go") || slices.Contains(testRooms, s.dir)
		if s.file, err = parser.ParseFile(s.fset, filepath.Join("..", name), nil, parser.SkipObjectResolution); err != nil {
			return err
		}
		for _, i := range s.file.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, p)
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// apis are the APIs by their generated packages.
func apis(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("../gen")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// room is what a folder is in the picture: "main", "openapi", "gen/*",
// "handlers", "handlers/*" (shared), "handlers/api", "store", "store/*"
// (shared), "store/api", "store/api/db"; and whose.
func room(dir string, apis []string) (kind, api string) {
	parts := strings.Split(dir, "/")
	switch {
	case dir == "":
		return "main", ""
	case len(parts) == 1:
		return dir, ""
	case parts[0] == "gen":
		return "gen/*", parts[1]
	case !slices.Contains(apis, parts[1]):
		return parts[0] + "/*", ""
	case parts[0] == "store" && len(parts) > 2:
		return "store/api/db", parts[1]
	default:
		return parts[0] + "/api", parts[1]
	}
}

// mayImport holds, per room, the rooms of this module that it may import. The
// api of an importing and an imported room must be the same one.
var mayImport = map[string][]string{
	"main":         {"main", "openapi", "handlers", "handlers/*", "store", "store/*", "store/api", "store/api/db"},
	"openapi":      {},
	"gen/*":        {},
	"handlers":     {"openapi", "handlers/*", "handlers/api", "store", "store/*", "store/api", "store/api/db"},
	"handlers/*":   {"openapi", "handlers/*", "store/*"},
	"handlers/api": {"openapi", "gen/*", "handlers/*", "store/*", "store/api", "store/api/db"},
	"store":        {"store/*"},
	"store/*":      {"store", "store/*"},
	"store/api":    {"store/*"},
	"store/api/db": {"store", "store/*", "store/api", "store/api/db"},
}

// narrow names, for single rooms, the shared rooms of the store that they may
// import: the pure ones stay pure.
var narrow = map[string][]string{
	"handlers/problem":  {"store/fault"},
	"handlers/validate": {"store/fault"},
	"handlers/mount":    {"store/fault"},
	"handlers/limit":    {"store/fault"},
	"handlers/docs":     {"store/fault"},
	"handlers/page":     {},
	"handlers/auth":     {"store/fault", "store/accounts"},
	"store":             {"store/fault"},
	"store/fault":       {},
	"store/objectid":    {},
	"store/api":         {"store/fault", "store/objectid"},
}

// pure are the libraries that a room of rules may use.
var pure = []string{"github.com/google/uuid", "github.com/paulmach/orb", "github.com/microcosm-cc/bluemonday", "github.com/golang-jwt/jwt/v5", "github.com/emersion/go-message", "golang.org/x/"}

func TestArrows(t *testing.T) {
	names := apis(t)
	for _, s := range sources(t) {
		kind, api := room(s.dir, names)
		for _, imported := range s.imports {
			if why := forbidden(s, kind, api, imported, names); why != "" {
				t.Errorf("%s imports %s: %s", s.name, imported, why)
			}
		}
	}
}

func forbidden(s source, kind, api, imported string, names []string) string {
	inner, ours := strings.CutPrefix(imported, "loket/")
	if !ours {
		return foreign(s, kind, imported)
	}
	target, other := room(inner, names)
	if api != "" && other != "" && api != other {
		return "nothing of one API imports anything of another"
	}
	if s.test { // a test may stand outside its room, but not in another API's
		return ""
	}
	if slices.Contains(testRooms, inner) {
		return "only tests import this package"
	}
	if !slices.Contains(mayImport[kind], target) {
		return fmt.Sprintf("the arrows of %s lead to %v", kind, mayImport[kind])
	}
	for _, key := range []string{s.dir, kind} {
		if allowed, ok := narrow[key]; ok && strings.HasPrefix(target, "store") && target != "store/api" && target != "store/api/db" && !slices.Contains(allowed, inner) {
			return fmt.Sprintf("of the store, %s may import only %v", key, allowed)
		}
	}
	return ""
}

// foreign judges libraries.
func foreign(s source, kind, imported string) string {
	orm, web := strings.HasPrefix(imported, "gorm.io/"), strings.HasPrefix(imported, "github.com/labstack/echo")
	library := strings.Contains(strings.Split(imported, "/")[0], ".")
	switch {
	case s.test:
		return ""
	case orm && strings.HasPrefix(kind, "handlers"):
		return "no gorm in handlers: a use case of the store does it"
	case web && strings.HasPrefix(kind, "store"):
		return "the store knows nothing of HTTP"
	case library && kind == "store/api" && !slices.ContainsFunc(pure, func(p string) bool { return strings.HasPrefix(imported, p) }):
		return "rules use the standard library and pure libraries of their field"
	case library && (s.dir == "store/fault" || s.dir == "handlers/page"):
		return "this room has the standard library only"
	default:
		return ""
	}
}

// selector gives "pkg.Name" for a use of another package's name.
func selector(n ast.Node) string {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return x.Name + "." + sel.Sel.Name
}

func TestWorldIsGivenNotTaken(t *testing.T) {
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch use := selector(n); {
			case (use == "context.Background" || use == "context.TODO") && s.dir != "":
				t.Errorf("%s: %s: a request's context goes all the way down; only main makes one", s.at(n), use)
			case (use == "os.Getenv" || use == "os.LookupEnv") && s.name != "config.go":
				t.Errorf("%s: %s: settings are read in config.go only", s.at(n), use)
			case use == "os.Environ" && s.name != "config.go" && s.name != "main.go":
				t.Errorf("%s: %s: settings are read in config.go only", s.at(n), use)
			case use == "time.Now" && s.dir != "":
				t.Errorf("%s: time.Now: the clock is given, so that tests can move it", s.at(n))
			}
			return true
		})
	}
}

// good are the statuses that a handler may name: successes and redirects.
var good = []string{
	"StatusOK", "StatusCreated", "StatusAccepted", "StatusNoContent", "StatusPartialContent",
	"StatusMovedPermanently", "StatusFound", "StatusSeeOther", "StatusNotModified", "StatusTemporaryRedirect", "StatusPermanentRedirect", "StatusText",
}

func TestFailuresAreNamedInOnePlace(t *testing.T) {
	names := apis(t)
	for _, s := range sources(t) {
		if kind, _ := room(s.dir, names); kind != "handlers/api" || s.test || path.Base(s.name) == "errors.go" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if use := selector(n); strings.HasPrefix(use, "http.Status") && !slices.Contains(good, strings.TrimPrefix(use, "http.")) {
				t.Errorf("%s: %s: an error rises untouched; its status stands in errors.go", s.at(n), use)
			}
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.INT {
				if v, err := strconv.Atoi(lit.Value); err == nil && v >= 400 && v < 600 && http.StatusText(v) != "" {
					t.Errorf("%s: %d looks like a status: an error rises untouched; its status stands in errors.go", s.at(n), v)
				}
			}
			return true
		})
	}
}

// Handlers convert, call one use case, convert back.
func TestHandlersAreShort(t *testing.T) {
	const longest, middle = 25, 10
	names := apis(t)
	lengths := map[string][]int{}
	for _, s := range sources(t) {
		kind, api := room(s.dir, names)
		if kind != "handlers/api" || s.test {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil || !isHandler(f) {
				continue
			}
			n := s.fset.Position(f.Body.Rbrace).Line - s.fset.Position(f.Body.Lbrace).Line - 1
			lengths[api] = append(lengths[api], n)
			if n > longest {
				t.Errorf("%s: handler %s has %d lines, at most %d: conversions go to convert.go, rules to the store", s.at(f), f.Name.Name, n, longest)
			}
		}
	}
	for api, all := range lengths {
		slices.Sort(all)
		if m := all[len(all)/2]; m > middle {
			t.Errorf("handlers of %s: the median has %d lines, at most %d", api, m, middle)
		}
	}
}

// isHandler knows the methods of the strict server by their last parameter.
func isHandler(f *ast.FuncDecl) bool {
	if f.Recv == nil || f.Type.Params.NumFields() != 2 {
		return false
	}
	last, ok := f.Type.Params.List[len(f.Type.Params.List)-1].Type.(*ast.SelectorExpr)
	return ok && strings.HasSuffix(last.Sel.Name, "RequestObject")
}

// The checks above say nothing when they look at nothing.
func TestArchitectureChecksSeeTheTree(t *testing.T) {
	names, seen := apis(t), map[string]int{}
	for _, s := range sources(t) {
		kind, _ := room(s.dir, names)
		seen[kind]++
	}
	for kind := range mayImport {
		if seen[kind] == 0 {
			t.Errorf("no file is of the room %s", kind)
		}
	}
	for _, c := range []struct{ dir, imported, why string }{
		{"handlers/capo", "loket/gen/vemap", "another"},
		{"handlers/capo", "gorm.io/gorm", "gorm"},
		{"store/capo", "loket/store", "arrows"},
		{"store/capo", "loket/store/blobs", "only"},
		{"store/capo/capodb", "loket/gen/capo", "arrows"},
		{"store/capo/capodb", "github.com/labstack/echo/v4", "HTTP"},
		{"store/fault", "github.com/google/uuid", "standard"},
		{"handlers/validate", "loket/store/accounts", "only"},
		{"handlers/mount", "loket/handlers/apitest", "tests"},
		{"", "loket/gen/capo", "arrows"},
	} {
		kind, api := room(c.dir, []string{"capo", "vemap"})
		if got := forbidden(source{dir: c.dir}, kind, api, c.imported, []string{"capo", "vemap"}); !strings.Contains(got, c.why) {
			t.Errorf("%s → %s: %q", c.dir, c.imported, got)
		}
	}
}

package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"loket/store/fault"
	"loket/store/konova"
	"loket/store/konova/konovadb"
)

// konovaCommands are those of Konova's administrators: tokens, code lists and
// the takeover of another register.
func konovaCommands() []command {
	return []command{
		{"credential konova create", "--user NAME [--group NAME,...] [--valid-until YYYY-MM-DD] [--confirm]", "make a Ksptoken of a Kspuser and print it, once; the user is made when new", konovaCreate},
		{"credential konova list", "", "list the tokens of Konova's users", konovaList},
		{"credential konova confirm", "ID [--valid-until YYYY-MM-DD]", "let a token be used, to the end of that day", konovaConfirm},
		{"credential konova revoke", "ID", "end a token", konovaRevoke},
		{"import konova-codes", "FILE.csv|FILE.json", "bring code lists to what the file says", importKonovaCodes},
		{"import konova", "FILE.geojson --user NAME,... [--kind KIND] [--promote-polygons] [--partial]", "take in entries of a FeatureCollection, or of the page's own map", importKonova},
	}
}

// defineKonova adds the flags of Konova's commands.
func defineKonova(words string, c call) {
	switch words {
	case "credential konova create":
		c.flags.String("user", "", "")
		c.flags.String("group", string(konova.Standard), "")
		c.flags.String("valid-until", "", "")
		c.flags.Bool("confirm", false, "")
	case "check":
		c.flags.Bool("repair", false, "")
	case "credential konova confirm":
		c.flags.String("valid-until", "", "")
	case "import konova":
		c.flags.String("user", "", "")
		c.flags.String("kind", string(konova.Intervention), "")
		c.flags.Bool("promote-polygons", false, "")
		c.flags.Bool("partial", false, "")
	}
}

// konova is Konova's own store, for the commands.
func (s *stores) konova() *konovadb.DB {
	return konovadb.New(konovadb.Deps{DB: s.db, Now: time.Now, Entropy: rand.Reader, Log: s.log})
}

func names(list string) []string {
	var out []string
	for n := range strings.SplitSeq(list, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

func konovaCreate(ctx context.Context, c call) error {
	if c.flag("user") == "" {
		return usagef("--user is needed: the Kspuser that the token belongs to; one that is not known is made")
	}
	in := konovadb.CreateTokenInput{User: c.flag("user"), ValidUntil: c.flag("valid-until"), Confirmed: c.flag("confirm") == "true"}
	for _, g := range names(c.flag("group")) {
		in.Groups = append(in.Groups, konova.Group(g))
	}
	return withStores(ctx, c, func(s *stores) error {
		made, token, err := s.konova().CreateToken(ctx, in)
		if err != nil {
			return plain(err)
		}
		state := "it can be used once it is confirmed: loket credential konova confirm " + strconv.FormatInt(made.ID, 10)
		if made.ConfirmedAt != nil {
			state = "it can be used"
		}
		fmt.Fprintf(c.err, "token %d of %s (%s): %s\nIt is shown this once:\n", made.ID, made.User, groupsOf(made), state)
		fmt.Fprintln(c.out, token)
		return nil
	})
}

func groupsOf(t konovadb.Token) string {
	out := make([]string, len(t.Groups))
	for i, g := range t.Groups {
		out[i] = string(g)
	}
	return strings.Join(out, ",")
}

func konovaList(ctx context.Context, c call) error {
	return withStores(ctx, c, func(s *stores) error {
		list, err := s.konova().ListTokens(ctx)
		if err != nil {
			return plain(err)
		}
		day := func(t *time.Time) string {
			if t == nil {
				return "-"
			}
			return t.UTC().Format(time.RFC3339)
		}
		t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "ID\tKSPUSER\tGROUPS\tMADE\tCONFIRMED\tVALID UNTIL\tREVOKED")
		for _, x := range list {
			end := x.ValidUntil
			if end == "" {
				end = "-"
			}
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.User, groupsOf(x), day(&x.CreatedAt), day(x.ConfirmedAt), end, day(x.RevokedAt))
		}
		return t.Flush()
	})
}

// tokenID is the first word of a command, a token's number.
func (c call) tokenID(form string) (int64, error) {
	if err := c.want(1, form); err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(c.args[0], 10, 64)
	if err != nil {
		return 0, usagef("%q is no number of a token; `loket credential konova list` shows them", c.args[0])
	}
	return id, nil
}

func konovaConfirm(ctx context.Context, c call) error {
	id, err := c.tokenID("credential konova confirm ID [--valid-until YYYY-MM-DD]")
	if err != nil {
		return err
	}
	return withStores(ctx, c, func(s *stores) error { return plain(s.konova().ConfirmToken(ctx, id, c.flag("valid-until"))) })
}

func konovaRevoke(ctx context.Context, c call) error {
	id, err := c.tokenID("credential konova revoke ID")
	if err != nil {
		return err
	}
	return withStores(ctx, c, func(s *stores) error { return plain(s.konova().RevokeToken(ctx, id)) })
}

func importKonovaCodes(ctx context.Context, c call) error {
	if err := c.want(1, "import konova-codes FILE.csv|FILE.json"); err != nil {
		return err
	}
	f, err := os.Open(c.args[0])
	if err != nil {
		return usagef("%s cannot be read (%v)", c.args[0], reason(err))
	}
	defer f.Close()
	return withStores(ctx, c, func(s *stores) error {
		r, err := s.konova().ImportCodes(ctx, f)
		if err != nil {
			return fmt.Errorf("%s: %w; nothing was taken in", c.args[0], plain(err))
		}
		fmt.Fprintf(c.out, "%d codes are new, %d changed, %d were as in the file; %d entries that show a changed one were renewed\n", r.Added, r.Changed, r.Unchanged, r.Rendered)
		return nil
	})
}

func importKonova(ctx context.Context, c call) error {
	if err := c.want(1, "import konova FILE.geojson --user NAME,..."); err != nil {
		return err
	}
	kind, users := konova.Kind(c.flag("kind")), names(c.flag("user"))
	if !slices.Contains(konova.GeometryKinds, kind) {
		return usagef("--kind is one of %v", konova.GeometryKinds)
	}
	if len(users) == 0 {
		return usagef("--user is needed: who sees the entries (loket credential konova create makes users)")
	}
	f, err := os.Open(c.args[0])
	if err != nil {
		return usagef("%s cannot be read (%v)", c.args[0], reason(err))
	}
	defer f.Close()
	return withStores(ctx, c, func(s *stores) error {
		p := newProgress(c.err, "entries read")
		report, err := s.konova().Import(ctx, f, konovadb.ImportOptions{
			Kind: kind, Users: users, Promote: c.flag("promote-polygons") == "true", Partial: c.flag("partial") == "true",
			Progress: func(r konovadb.ImportReport) { p.count(r.Read) },
		})
		p.end()
		if err != nil {
			return fmt.Errorf("%s: %w; nothing was taken in", c.args[0], importError(err))
		}
		return c.reportKonova(report)
	})
}

// importError is a refusal in one line: of a user that is not there, mostly.
func importError(err error) error {
	if f := fault.From(err); len(f.Fields) > 0 {
		return fmt.Errorf("%s: %s", f.Fields[0].Pointer, f.Fields[0].Detail)
	}
	return plain(err)
}

// reportKonova prints what became of a file: each faulty entry with its
// reasons, then the sum. Faulty ones are a failure unless --partial was asked.
func (c call) reportKonova(r konovadb.ImportReport) error {
	for _, e := range r.Errors {
		fmt.Fprintf(c.out, "entry %d %s\n", e.Index, e.ID)
		for _, reason := range e.Reason {
			fmt.Fprintf(c.out, "  %s\n", reason)
		}
	}
	if more := r.Failed - len(r.Errors); more > 0 {
		fmt.Fprintf(c.out, "and %d more\n", more)
	}
	if r.Failed > 0 && r.Added == 0 {
		return fmt.Errorf("%d of %d entries are faulty; nothing was taken in", r.Failed, r.Read)
	}
	fmt.Fprintf(c.out, "%d of %d entries were taken in\n", r.Added, r.Read)
	return nil
}

// checkKonova renders the register anew and compares (`loket check`); with
// --repair it writes what differed.
func (s *stores) checkKonova(ctx context.Context, c call) error {
	repair := c.flag("repair") == "true"
	v, err := s.konova().Verify(ctx, repair)
	if err != nil {
		return plain(err)
	}
	for _, id := range v.Wrong {
		fmt.Fprintf(c.out, "konova %s: the document is not what its rows say\n", id)
	}
	if v.Count > 0 && !repair {
		return fmt.Errorf("%d of %d documents of Konova differ; loket check --repair renders them", v.Count, v.Entries)
	}
	fmt.Fprintf(c.out, "%d documents of Konova are as their rows say\n", v.Entries)
	return nil
}

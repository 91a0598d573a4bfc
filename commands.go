package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"loket/handlers"
	"loket/store/accounts"
	"loket/store/capo"
	"loket/store/fault"
)

// command is one word of the command line, with the words behind it.
type command struct {
	words string // "credential create"
	args  string // what stands behind, for the help
	text  string
	run   func(ctx context.Context, c call) error
}

// call is one use of a command.
type call struct {
	streams

	flags  *flag.FlagSet
	config *Config
	args   []string
	env    []string
}

func commands() []command {
	return slices.Concat([]command{
		{"serve", "[--addr HOST:PORT] [--data DIR] [--demo] [--challenge-http-200]", "serve the APIs", serve},
		{"credential create", "--organisation NAME|ID [--label TEXT] [--api NAME,...]", "make a credential and print its token, once", credentialCreate},
		{"credential list", "", "list credentials", credentialList},
		{"credential grant", "ID API...", "open more APIs to a credential", credentialGrant},
		{"credential revoke", "ID", "end a credential", credentialRevoke},
		{"import capo", "FILE.json", "take in organisations, areas and projects of CAPO", importCAPO},
		{"backup", "FILE.tar", "write a consistent copy of database and blobs, also while serving", backup},
		{"check", "[--repair]", "compare the store with its blobs and with what it shows, and report what is damaged", check},
		{"version", "", "print the version", version},
	}, konovaCommands(), vemapCommands(), plooiCommands(), geverCommands())
}

// dispatch finds the command by its words; flags may stand anywhere behind.
func dispatch(ctx context.Context, args, environ []string, s streams) error {
	if len(args) == 0 || slices.Contains([]string{"help", "--help", "-h"}, args[0]) {
		help(s.out)
		return nil
	}
	for _, c := range commands() {
		words := strings.Fields(c.words)
		if len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return start(ctx, c, args[len(words):], environ, s)
		}
	}
	return usagef("%q is no command; `loket help` lists them", strings.Join(args[:min(2, len(args))], " "))
}

// start reads settings and flags, and runs the command.
func start(ctx context.Context, c command, args, environ []string, s streams) error {
	config, err := Load(environ)
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet(c.words, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&config.Data, "data", config.Data, "")
	cl := call{streams: s, flags: flags, config: &config, env: environ}
	define(c.words, cl)
	cl.args, err = parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(s.out, "loket %s %s\n  %s\n", c.words, c.args, c.text)
		return nil
	}
	if err != nil {
		return usagef("%v; the form is: loket %s %s", err, c.words, c.args)
	}
	if err := config.Validate(); err != nil {
		return err
	}
	return c.run(ctx, cl)
}

// define adds the flags that a command has besides --data.
func define(words string, c call) {
	switch words {
	case "serve":
		c.flags.StringVar(&c.config.Addr, "addr", c.config.Addr, "")
		c.flags.BoolVar(&c.config.Demo, "demo", c.config.Demo, "")
		c.flags.BoolVar(&c.config.DemoAnywhere, "demo-anywhere", c.config.DemoAnywhere, "")
		c.flags.BoolVar(&c.config.VEMAP.ChallengeHTTP200, "challenge-http-200", c.config.VEMAP.ChallengeHTTP200, "")
	case "credential create":
		c.flags.String("organisation", "", "")
		c.flags.String("label", "", "")
		c.flags.String("api", "", "")
	default:
		defineKonova(words, c)
		defineVEMAP(words, c)
		definePLOOI(words, c)
		defineGEVER(words, c)
	}
}

// parse takes flags before and behind the other words.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func (c call) want(n int, form string) error {
	if len(c.args) < n {
		return usagef("the form is: loket %s", form)
	}
	return nil
}

func (c call) flag(name string) string { return c.flags.Lookup(name).Value.String() }

func help(w io.Writer) {
	fmt.Fprint(w, "Loket serves documented public-sector APIs as real, stateful systems.\n\nCommands:\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(t, "  loket %s %s\t%s\n", c.words, c.args, c.text)
	}
	_ = t.Flush()
	fmt.Fprint(w, "\nVariables (a flag wins over its variable):\n")
	for _, v := range variables() {
		text := v.Text
		if v.Default != "" {
			text += " (default " + v.Default + ")"
		}
		fmt.Fprintf(t, "  %s\t%s\n", v.Name, text)
	}
	_ = t.Flush()
}

func version(_ context.Context, c call) error {
	v := "(built without module information)"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = info.Main.Version + " " + info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value
			}
		}
	}
	fmt.Fprintln(c.out, "loket", v)
	return nil
}

func credentialCreate(ctx context.Context, c call) error {
	if c.flag("organisation") == "" {
		return usagef("--organisation is needed: the name or the id of an organisation; one that is not known is made")
	}
	var apis []string
	if list := c.flag("api"); list != "" {
		apis = strings.Split(list, ",")
	}
	if err := knownAPIs(apis); err != nil {
		return err
	}
	return withStores(ctx, c, func(s *stores) error {
		cred, token, err := s.accounts.CreateCredential(ctx, accounts.CreateCredentialInput{
			Organisation: c.flag("organisation"), Label: c.flag("label"), APIs: apis,
		})
		if err != nil {
			return plain(err)
		}
		fmt.Fprintf(c.err, "credential %s of %s (organisation %s) opens: %s\nIts token is shown this once:\n", cred.ID, cred.OrganisationName, cred.OrganisationID, orNone(cred.APIs))
		fmt.Fprintln(c.out, token)
		return nil
	})
}

func orNone(l []string) string {
	if len(l) == 0 {
		return "nothing yet (loket credential grant)"
	}
	return strings.Join(l, ", ")
}

// knownAPIs refuses names that no API has, which would be grants of nothing.
func knownAPIs(names []string) error {
	known := handlers.Names()
	for _, n := range names {
		if !slices.Contains(known, n) {
			return usagef("%q is no API; there is: %s", n, strings.Join(known, ", "))
		}
	}
	return nil
}

func credentialList(ctx context.Context, c call) error {
	return withStores(ctx, c, func(s *stores) error {
		list, err := s.accounts.ListCredentials(ctx)
		if err != nil {
			return plain(err)
		}
		t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "ID\tORGANISATION\tLABEL\tAPIS\tMADE\tREVOKED")
		for _, x := range list {
			revoked := "-"
			if x.RevokedAt != nil {
				revoked = x.RevokedAt.UTC().Format(time.RFC3339)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, x.OrganisationName, x.Label, strings.Join(x.APIs, ","), x.CreatedAt.UTC().Format(time.RFC3339), revoked)
		}
		return t.Flush()
	})
}

func credentialGrant(ctx context.Context, c call) error {
	if err := c.want(2, "credential grant ID API..."); err != nil {
		return err
	}
	if err := knownAPIs(c.args[1:]); err != nil {
		return err
	}
	return withStores(ctx, c, func(s *stores) error { return plain(s.accounts.Grant(ctx, c.args[0], c.args[1:]...)) })
}

func credentialRevoke(ctx context.Context, c call) error {
	if err := c.want(1, "credential revoke ID"); err != nil {
		return err
	}
	return withStores(ctx, c, func(s *stores) error { return plain(s.accounts.Revoke(ctx, c.args[0])) })
}

func importCAPO(ctx context.Context, c call) error {
	if err := c.want(1, "import capo FILE.json"); err != nil {
		return err
	}
	f, err := os.Open(c.args[0])
	if err != nil {
		return usagef("%s cannot be read (%v)", c.args[0], reason(err))
	}
	defer f.Close()
	in, err := capo.LeesInvoer(f)
	if err != nil {
		return importFault(c.args[0], err)
	}
	return withStores(ctx, c, func(s *stores) error {
		progress := newProgress(c.err, "projects")
		if err := s.capo().Neem(ctx, in, progress.show); err != nil {
			return importFault(c.args[0], err)
		}
		progress.end()
		fmt.Fprintf(c.out, "%d organisations, %d areas and %d projects are in the store\n", len(in.Organisaties), len(in.Gebieden), len(in.Projecten))
		return nil
	})
}

// importFault lists every fault of a file with its place.
func importFault(file string, err error) error {
	f := fault.From(err)
	if f.Kind != fault.Invalid {
		return plain(err)
	}
	if len(f.Fields) == 0 {
		return fmt.Errorf("%s: %s; nothing was taken in", file, f.Detail)
	}
	lines := make([]string, len(f.Fields))
	for i, x := range f.Fields {
		lines[i] = fmt.Sprintf("  %s: %s", x.Pointer, x.Detail)
	}
	return fmt.Errorf("%s has %d faults; nothing was taken in:\n%s", file, len(lines), strings.Join(lines, "\n"))
}

// plain is a fault in words for the operator, who may see its cause.
func plain(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	switch {
	case f.Detail != "":
		return errors.New(f.Detail)
	case f.Reason == fault.Missing:
		return errors.New("there is no such object")
	}
	return f
}

// progress shows how far long work is, at most ten times a second.
type progress struct {
	w    io.Writer
	what string
	last time.Time
	any  bool
}

func newProgress(w io.Writer, what string) *progress { return &progress{w: w, what: what} }

func (p *progress) show(done, total int) {
	if now := time.Now(); now.Sub(p.last) > 100*time.Millisecond || done == total {
		p.last, p.any = now, true
		fmt.Fprintf(p.w, "\r%d of %d %s", done, total, p.what)
	}
}

// count shows how far work of unknown length is, in the same way.
func (p *progress) count(done int) {
	if now := time.Now(); now.Sub(p.last) > 100*time.Millisecond {
		p.last, p.any = now, true
		fmt.Fprintf(p.w, "\r%d %s", done, p.what)
	}
}

func (p *progress) end() {
	if p.any {
		fmt.Fprintln(p.w)
	}
}

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"loket/store/plooi"
	"loket/store/plooi/plooidb"
)

// plooiCommands are those of PLOOI's administrators: tokens, and what the
// original did inside (blocks, publication later, republication).
func plooiCommands() []command {
	return []command{
		{"credential plooi", "--organisation NAME,... [--role NAME,...] [--valid DURATION]", "make a token for organisations of the value lists and print it", plooiToken},
		{"plooi block", "ID WORD...", "hide a document, for reasons of one word each", plooiBlock},
		{"plooi unblock", "ID WORD...", "take those reasons away", plooiUnblock},
		{"plooi defer", "ID YYYY-MM-DDThh:mm:ssZ|now", "show a document from that moment on", plooiDefer},
		{"plooi republish", "ID [--version NUMBER] [--reason TEXT]", "show a withdrawn document, or one of its versions, again", plooiRepublish},
	}
}

// definePLOOI adds the flags of PLOOI's commands.
func definePLOOI(words string, c call) {
	switch words {
	case "credential plooi":
		c.flags.String("organisation", "", "")
		c.flags.String("role", plooi.RolBasis, "")
		c.flags.Duration("valid", plooidb.TokenGeldig, "")
	case "plooi republish":
		c.flags.Int("version", 0, "")
		c.flags.String("reason", "", "")
	}
}

// plooi is PLOOI's own store, for the commands.
func (s *stores) plooi(c *Config) (*plooidb.DB, error) {
	set, err := c.PLOOI.settings(c.Addr)
	if err != nil {
		return nil, err
	}
	return plooidb.New(plooidb.Deps{DB: s.db, Blobs: s.blobs, IDs: s.ids, Now: time.Now, Log: s.log, Instellingen: set}), nil
}

// withPLOOI runs a command over PLOOI's documents.
func withPLOOI(ctx context.Context, c call, do func(*plooidb.DB) error) error {
	return withStores(ctx, c, func(s *stores) error {
		db, err := s.plooi(c.config)
		if err != nil {
			return err
		}
		return plain(do(db))
	})
}

func plooiToken(ctx context.Context, c call) error {
	valid, err := time.ParseDuration(c.flag("valid"))
	if err != nil || valid <= 0 {
		return usagef("--valid must be a time such as 24h")
	}
	organisations := names(c.flag("organisation"))
	if len(organisations) == 0 {
		return usagef("--organisation must name an organisation as in the value lists, such as \"gemeente Alkmaar\"")
	}
	return withPLOOI(ctx, c, func(db *plooidb.DB) error {
		var codes []string
		for _, name := range organisations {
			code, ok := db.Lijsten().CodeVan(name)
			if !ok {
				return usagef("no organisation of the value lists is called %q", name)
			}
			codes = append(codes, code)
		}
		token, err := db.Token(ctx, codes, names(c.flag("role")), valid)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.out, token)
		fmt.Fprintf(c.err, "for %s, good for %v; send it as Authorization: Bearer\n", strings.Join(codes, ", "), valid)
		return nil
	})
}

// document is the first word behind a command.
func (c call) document(n int, form string) (string, error) {
	if err := c.want(n, form); err != nil {
		return "", err
	}
	id, err := plooi.DocumentID(c.args[0])
	if err != nil {
		return "", usagef("%q is no id of a document, which is a uuid", c.args[0])
	}
	return id, nil
}

func plooiBlock(ctx context.Context, c call) error {
	id, err := c.document(2, "plooi block ID WORD...")
	if err != nil {
		return err
	}
	return withPLOOI(ctx, c, func(db *plooidb.DB) error { return db.Blokkeer(ctx, id, c.args[1:]...) })
}

func plooiUnblock(ctx context.Context, c call) error {
	id, err := c.document(2, "plooi unblock ID WORD...")
	if err != nil {
		return err
	}
	words := make([]string, len(c.args)-1)
	for i, w := range c.args[1:] {
		words[i] = "-" + w
	}
	return withPLOOI(ctx, c, func(db *plooidb.DB) error { return db.Blokkeer(ctx, id, words...) })
}

func plooiDefer(ctx context.Context, c call) error {
	id, err := c.document(2, "plooi defer ID YYYY-MM-DDThh:mm:ssZ|now")
	if err != nil {
		return err
	}
	var from *time.Time
	if c.args[1] != "now" {
		t, err := time.Parse(time.RFC3339, c.args[1])
		if err != nil {
			return usagef("%q is no moment: write it as 2026-12-01T09:00:00+01:00, or now", c.args[1])
		}
		from = &t
	}
	return withPLOOI(ctx, c, func(db *plooidb.DB) error { return db.StelUit(ctx, id, from) })
}

func plooiRepublish(ctx context.Context, c call) error {
	id, err := c.document(1, "plooi republish ID [--version NUMBER] [--reason TEXT]")
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(c.flag("version"))
	if err != nil || version < 0 {
		return usagef("--version must be a version's number")
	}
	return withPLOOI(ctx, c, func(db *plooidb.DB) error { return db.Herpubliceer(ctx, id, version, c.flag("reason")) })
}

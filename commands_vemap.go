package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"loket/store/fault"
	"loket/store/mail"
	"loket/store/vemap"
	"loket/store/vemap/vemapdb"
)

// vemapCommands are those of VEMAP's operator.
func vemapCommands() []command {
	return []command{
		{"user add vemap", "--email ADDRESS --name NAME --tenant NAME|ID [--role ROLE] [--company NAME]", "make a user, the first administrator too; the password is read from the terminal or standard input", vemapUserAdd},
	}
}

// defineVEMAP adds the flags of VEMAP's commands.
func defineVEMAP(words string, c call) {
	if words != "user add vemap" {
		return
	}
	for _, name := range []string{"email", "name", "tenant", "company"} {
		c.flags.String(name, "", "")
	}
	c.flags.String("role", string(vemap.RoleAdmin), "")
}

// vemap is VEMAP's own store, for the commands.
func (s *stores) vemap() *vemapdb.DB {
	return vemapdb.New(vemapdb.Deps{DB: s.db, Blobs: s.blobs, Now: time.Now, Entropy: rand.Reader, Log: s.log})
}

func vemapUserAdd(ctx context.Context, c call) error {
	in := vemapdb.AddUser{
		Email: c.flag("email"), Name: c.flag("name"), Tenant: c.flag("tenant"), Company: c.flag("company"), Role: vemap.Role(c.flag("role")),
	}
	if _, err := mail.ParseFrom(in.Email); err != nil || strings.ContainsAny(in.Email, "<> ") {
		return usagef("--email is needed: the address with which the user logs in")
	}
	if in.Name == "" || in.Tenant == "" {
		return usagef("--name and --tenant are needed; a tenant that is not known is made")
	}
	if !slices.Contains(vemap.Roles, in.Role) {
		return usagef("--role must be one of %v", vemap.Roles)
	}
	if in.Company == "" {
		in.Company = in.Tenant
	}
	password, err := readPassword(c, "Password of "+in.Email+": ")
	if err != nil {
		return err
	}
	in.Password = password
	return withStores(ctx, c, func(s *stores) error {
		added, err := s.vemap().AddUser(ctx, in)
		if f := fault.From(err); f != nil && len(f.Fields) > 0 {
			return usagef("the password %s", f.Fields[0].Detail)
		}
		if err != nil {
			return plain(err)
		}
		made := ""
		if added.NewTenant {
			made = " (made now)"
		}
		fmt.Fprintf(c.out, "%s is %s in tenant %s%s as user %s\n", in.Email, in.Role, added.TenantID, made, added.UserID)
		return nil
	})
}

// readPassword asks at a terminal, without showing what is typed, and else
// takes the first line of standard input. A password is never an argument:
// other users of the machine can see those.
func readPassword(c call, prompt string) (string, error) {
	if f, ok := c.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(c.err, prompt)
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(c.err)
		return string(typed), err
	}
	line, err := bufio.NewReader(c.in).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

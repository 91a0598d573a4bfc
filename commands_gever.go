package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// geverCommands are those of GEVER's operator.
func geverCommands() []command {
	return append([]command{
		{"user add gever", "--id ID --role ROLE[,ROLE] [--path PATH] [--firstname NAME] [--lastname NAME] [--email ADDRESS]", "make a user, the first Manager too, or give one another password and more roles; the password is read from the terminal or standard input", geverUserAdd},
		{"group add gever", "--id ID [--title TEXT] [--member ID[,ID]] [--role ROLE[,ROLE]] [--path PATH]", "make a group of users, or give one another title, other members and more roles", geverGroupAdd},
	}, geverKeyCommands()...)
}

// defineGEVER adds the flags of GEVER's commands.
func defineGEVER(words string, c call) {
	defineGEVERKey(words, c)
	for _, name := range map[string][]string{
		"user add gever":  {"id", "role", "path", "firstname", "lastname", "email"},
		"group add gever": {"id", "role", "path", "title", "member"},
	}[words] {
		c.flags.String(name, "", "")
	}
}

// gever is GEVER's own store, for the commands.
func (s *stores) gever(c *Config) *geverdb.DB {
	return geverdb.New(geverdb.Deps{DB: s.db, Blobs: s.blobs, Now: time.Now, Log: s.log, Settings: c.GEVER.settings()})
}

// minGEVERPassword is the shortest password in characters: Basic sends it with
// every request, so guessing it is cheap to try.
const minGEVERPassword = 8

func geverUserAdd(ctx context.Context, c call) error {
	user := geverdb.NewUser{
		User: geverdb.User{ID: c.flag("id"), Login: c.flag("id"), Firstname: c.flag("firstname"), Lastname: c.flag("lastname"), Email: c.flag("email")},
		Path: strings.Trim(c.flag("path"), "/"),
	}
	if !gever.ValidID(user.ID) {
		return usagef("--id is needed: the name with which the user logs in, of letters, digits, dots, hyphens and underscores")
	}
	var err error
	if user.Roles, err = geverRoles(c.flag("role")); err != nil {
		return err
	}
	password, err := readPassword(c, "Password of "+user.ID+": ")
	if err != nil {
		return err
	}
	if utf8.RuneCountInString(password) < minGEVERPassword {
		return usagef("the password must have at least %d characters", minGEVERPassword)
	}
	user.Password = password
	return withStores(ctx, c, func(s *stores) error {
		if err := s.gever(c.config).CreateUser(ctx, user); err != nil {
			return plain(err)
		}
		fmt.Fprintf(c.out, "%s is %v at /%s\n", user.ID, user.Roles, user.Path)
		return nil
	})
}

// geverRoles reads the names of roles with commas between.
func geverRoles(text string) ([]gever.Role, error) {
	var out []gever.Role
	for name := range strings.SplitSeq(text, ",") {
		if role := gever.Role(name); !slices.Contains(gever.OperatorRoles, role) {
			return nil, usagef("--role must be of %v, with commas between", gever.OperatorRoles)
		}
		out = append(out, gever.Role(name))
	}
	return out, nil
}

func geverGroupAdd(ctx context.Context, c call) error {
	group := geverdb.NewGroup{Group: geverdb.Group{ID: c.flag("id"), Title: c.flag("title")}, Path: strings.Trim(c.flag("path"), "/")}
	if !gever.ValidID(group.ID) || group.ID == gever.Everybody {
		return usagef("--id is needed: the name of the group, of letters, digits, dots, hyphens and underscores; %s is taken", gever.Everybody)
	}
	if list := c.flag("member"); list != "" {
		group.Members = strings.Split(list, ",")
	}
	if list := c.flag("role"); list != "" {
		var err error
		if group.Roles, err = geverRoles(list); err != nil {
			return err
		}
	}
	return withStores(ctx, c, func(s *stores) error {
		if err := s.gever(c.config).CreateGroup(ctx, group); err != nil {
			return plain(err)
		}
		fmt.Fprintf(c.out, "%s has %d members and is %v at /%s\n", group.ID, len(group.Members), group.Roles, group.Path)
		return nil
	})
}

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
	}, geverKeyCommands()...)
}

// defineGEVER adds the flags of GEVER's commands.
func defineGEVER(words string, c call) {
	defineGEVERKey(words, c)
	if words != "user add gever" {
		return
	}
	for _, name := range []string{"id", "role", "path", "firstname", "lastname", "email"} {
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
	for name := range strings.SplitSeq(c.flag("role"), ",") {
		if role := gever.Role(name); !slices.Contains(gever.OperatorRoles, role) {
			return usagef("--role must be of %v, with commas between", gever.OperatorRoles)
		}
		user.Roles = append(user.Roles, gever.Role(name))
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

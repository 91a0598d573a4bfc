package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// geverKeyCommands are those of the keys with which services log in.
func geverKeyCommands() []command {
	return []command{
		{"credential gever create", "--user ID [--title TEXT] [--url ORIGIN] [--ip-range NET[,NET]]", "make a service key for a user of GEVER and print its file, with the private key, once", geverKeyCreate},
		{"credential gever list", "", "list service keys", geverKeyList},
		{"credential gever revoke", "KEY_ID", "end a service key and all tokens that it gave", geverKeyRevoke},
	}
}

// defineGEVERKey adds the flags of these commands.
func defineGEVERKey(words string, c call) {
	if words == "credential gever create" {
		for _, name := range []string{"user", "title", "url", "ip-range"} {
			c.flags.String(name, "", "")
		}
	}
}

// serviceKeyBits is the length of a service's RSA key.
const serviceKeyBits = 3072

func geverKeyCreate(ctx context.Context, c call) error {
	if c.flag("user") == "" {
		return usagef("--user is needed: the id of the user as whom the service acts")
	}
	tokenURI, err := geverTokenURI(c)
	if err != nil {
		return err
	}
	return withStores(ctx, c, func(s *stores) error {
		private, err := rsa.GenerateKey(rand.Reader, serviceKeyBits)
		if err != nil {
			return err
		}
		key, err := s.gever(c.config).CreateServiceKey(ctx, geverdb.NewServiceKey{
			User: c.flag("user"), Title: c.flag("title"), TokenURI: tokenURI, IPRanges: c.flag("ip-range"), Public: &private.PublicKey,
		})
		if err != nil {
			return plain(err)
		}
		fmt.Fprintf(c.err, "service key %s of %s, for %s\nIts file is shown this once; who has it is %s:\n", key.ID, key.User, key.TokenURI, key.User)
		return printKeyFile(c, key, private)
	})
}

// geverTokenURI is the address of the token endpoint, which a service's
// assertion must name: at --url, or at LOKET_PUBLIC_URL.
func geverTokenURI(c call) (string, error) {
	origin := strings.TrimRight(c.flag("url"), "/")
	if origin == "" {
		origin = strings.TrimRight(c.config.PublicURL, "/")
	}
	if origin == "" {
		return "", usagef("--url is needed, as LOKET_PUBLIC_URL is not set: the origin under which services reach Loket, https://host")
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return "", usagef("--url must be an origin: https://host or http://host:port")
	}
	return origin + "/api/" + geverdb.API + "/@@oauth2-token", nil
}

func printKeyFile(c call, key *gever.ServiceKey, private *rsa.PrivateKey) error {
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(gever.KeyFile{
		KeyID: key.ID, ClientID: key.ClientID, UserID: key.User, Issued: key.IssuedAt.UTC().Format(time.RFC3339), TokenURI: key.TokenURI,
		PrivateKey: string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)})),
	})
}

func geverKeyList(ctx context.Context, c call) error {
	return withStores(ctx, c, func(s *stores) error {
		keys, err := s.gever(c.config).ServiceKeys(ctx)
		if err != nil {
			return plain(err)
		}
		t := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "KEY_ID\tUSER\tTITLE\tFROM\tISSUED\tREVOKED")
		for _, k := range keys {
			revoked, from := "-", "anywhere"
			if k.RevokedAt != nil {
				revoked = k.RevokedAt.UTC().Format(time.RFC3339)
			}
			if len(k.IPRanges) > 0 {
				from = gever.FormatIPRanges(k.IPRanges)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.User, k.Title, from, k.IssuedAt.UTC().Format(time.RFC3339), revoked)
		}
		return t.Flush()
	})
}

func geverKeyRevoke(ctx context.Context, c call) error {
	if err := c.want(1, "credential gever revoke KEY_ID"); err != nil {
		return err
	}
	return withStores(ctx, c, func(s *stores) error { return plain(s.gever(c.config).RevokeServiceKey(ctx, c.args[0])) })
}

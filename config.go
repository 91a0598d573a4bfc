package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"loket/store/mail"
	"loket/store/vemap/vemapdb"
)

// prefix stands before the name of every variable.
const prefix = "LOKET_"

// Config is all that can be set. Each field has a variable (its tag, after
// LOKET_), a default and a text; README and `loket help` list them from here.
type Config struct {
	Addr         string `env:"ADDR" envDefault:"127.0.0.1:8080" text:"address to listen on, host:port; port 0 takes a free one"`
	Data         string `env:"DATA" envDefault:"./data" text:"folder of the embedded defaults: loket.db, blobs/, mail/"`
	Demo         bool   `env:"DEMO" envDefault:"false" text:"load the demo data into an empty store and print its identities"`
	DemoAnywhere bool   `env:"DEMO_ANYWHERE" envDefault:"false" text:"allow a store with demo data at an address that is not loopback"`

	DatabaseURL string `env:"DATABASE_URL" secret:"true" text:"PostgreSQL instead of SQLite, postgres://user:password@host:port/name"`
	BlobsURL    string `env:"BLOBS_URL" secret:"true" text:"S3 instead of the folder blobs/, s3://key:secret@host:port/bucket"`
	RedisURL    string `env:"REDIS_URL" secret:"true" text:"Redis for the limits of several instances, redis://user:password@host:port/number"`
	SQLiteSync  string `env:"SQLITE_SYNC" envDefault:"full" text:"full: an answered write survives power loss; normal: faster, it may not"`

	SMTPURL  string `env:"SMTP_URL" secret:"true" text:"server that sends mail, smtp://user:password@host:587 (STARTTLS; ?tls=opportunistic or ?tls=off) or smtps://host:465; default: mail/*.eml in the data folder"`
	MailFrom string `env:"MAIL_FROM" envDefault:"Loket <loket@localhost>" text:"sender of mail, with or without a name"`

	PublicURL      string   `env:"PUBLIC_URL" text:"origin in addresses that are handed out, https://host; default: what the request says"`
	TrustedProxies []string `env:"TRUSTED_PROXIES" text:"comma-separated networks (CIDR) whose X-Forwarded-For, -Proto and -Host count"`
	CORSOrigins    []string `env:"CORS_ORIGINS" text:"comma-separated origins whose pages may call the APIs; documentation is open to all"`

	LogFormat      string        `env:"LOG_FORMAT" envDefault:"text" text:"text or json, to standard error"`
	LogLevel       slog.Level    `env:"LOG_LEVEL" envDefault:"info" text:"debug, info, warn or error; a request is info"`
	MetricsAddr    string        `env:"METRICS_ADDR" text:"address of GET /metrics (Prometheus); none when empty"`
	CheckResponses bool          `env:"CHECK_RESPONSES" envDefault:"false" text:"compare each answer with the document; log and count what differs"`
	ReadTimeout    time.Duration `env:"READ_TIMEOUT" envDefault:"15m" text:"longest time for one request to come in, files included"`
	DrainTimeout   time.Duration `env:"DRAIN_TIMEOUT" envDefault:"30s" text:"how long requests may go on after SIGTERM"`
	DrainDelay     time.Duration `env:"DRAIN_DELAY" envDefault:"0s" text:"how long /readyz says 503 before the listener closes, for a load balancer to notice"`

	SecurityContact string `env:"SECURITY_CONTACT" text:"mailto: or https: address in /.well-known/security.txt; 404 when empty"`

	DocumentationRate  float64 `env:"DOCUMENTATION_RATE" envDefault:"50" text:"requests a second of one address to documentation and unknown paths; 0 is no limit"`
	DocumentationBurst int     `env:"DOCUMENTATION_BURST" envDefault:"300" text:"such requests that may come at once"`

	CAPO  CAPOConfig  `envPrefix:"CAPO_"`
	VEMAP VEMAPConfig `envPrefix:"VEMAP_"`

	Konova KonovaConfig `envPrefix:"KONOVA_"`
	GEVER  GEVERConfig  `envPrefix:"GEVER_"`
	PLOOI  PLOOIConfig  `envPrefix:"PLOOI_"`
}

// CAPOConfig is what can be set for CAPO; the figures of the limits are the
// page's.
type CAPOConfig struct {
	Rate        float64       `env:"RATE" envDefault:"20" text:"CAPO: requests a second of one client, on average; 0 is no limit"`
	Burst       int           `env:"BURST" envDefault:"30" text:"CAPO: requests that may come at once"`
	InFlight    int           `env:"IN_FLIGHT" envDefault:"3" text:"CAPO: requests of one client at the same time; 0 is no limit"`
	UploadValid time.Duration `env:"UPLOAD_VALID" envDefault:"15m" text:"CAPO: how long an upload address is good"`
}

// VEMAPConfig is what can be set for VEMAP.
type VEMAPConfig struct {
	Key              string  `env:"KEY" secret:"true" text:"VEMAP: what signs tokens and addresses, at least 32 bytes; default: made once and kept in the store"`
	Rate             float64 `env:"RATE" envDefault:"50" text:"VEMAP: requests a second of one user, on average; 0 is no limit"`
	Burst            int     `env:"BURST" envDefault:"100" text:"VEMAP: requests that may come at once"`
	InFlight         int     `env:"IN_FLIGHT" envDefault:"0" text:"VEMAP: requests of one user at the same time; 0 is no limit"`
	ChallengeHTTP200 bool    `env:"CHALLENGE_HTTP_200" envDefault:"false" text:"VEMAP: HTTP status 200 where its page has 302 without Location; the body says 302 all the same"`
}

// KonovaConfig is what can be set for Konova. Its page names no limits.
type KonovaConfig struct {
	RPP      int     `env:"RPP" envDefault:"5" text:"Konova: results of a page where the client says nothing"`
	MaxRPP   int     `env:"MAX_RPP" envDefault:"1000" text:"Konova: results of a page at most; following next still gets all"`
	Rate     float64 `env:"RATE" envDefault:"50" text:"Konova: requests a second of one token, on average; 0 is no limit"`
	Burst    int     `env:"BURST" envDefault:"100" text:"Konova: requests that may come at once"`
	InFlight int     `env:"IN_FLIGHT" envDefault:"20" text:"Konova: requests of one token at the same time; 0 is no limit"`
}

// variable is one setting, as README and help show it.
type variable struct {
	Name, Default, Text string
	Secret              bool
}

// variables lists every setting in the order of Config.
func variables() []variable { return variablesOf(reflect.TypeFor[Config](), prefix) }

func variablesOf(t reflect.Type, before string) (list []variable) {
	for f := range t.Fields() {
		if p, ok := f.Tag.Lookup("envPrefix"); ok {
			list = append(list, variablesOf(f.Type, before+p)...)
			continue
		}
		list = append(list, variable{
			Name: before + f.Tag.Get("env"), Default: f.Tag.Get("envDefault"), Text: f.Tag.Get("text"), Secret: f.Tag.Get("secret") == "true",
		})
	}
	return list
}

// Load reads the variables of environ ("NAME=value"). An error is a usageError
// that names each variable and what it takes.
func Load(environ []string) (Config, error) {
	var c Config
	err := env.ParseWithOptions(&c, env.Options{Prefix: prefix, Environment: env.ToMap(environ)})
	var all env.AggregateError
	if errors.As(err, &all) {
		var lines []string
		for _, e := range all.Errors {
			lines = append(lines, explain(e))
		}
		return c, usagef("%s", strings.Join(lines, "; "))
	}
	if err != nil {
		return c, usagef("%v", err)
	}
	return c, nil
}

// explain says which variable is wrong, instead of which field.
func explain(err error) string {
	var p env.ParseError
	if !errors.As(err, &p) {
		return err.Error()
	}
	name, form := fieldName(reflect.TypeFor[Config](), prefix, p.Name), map[string]string{
		"bool": "true or false", "int": "a whole number", "float64": "a number",
		"time.Duration": "a time such as 30s or 15m", "slog.Level": "debug, info, warn or error",
	}[p.Type.String()]
	return fmt.Sprintf("%s must be %s", name, form)
}

func fieldName(t reflect.Type, before, field string) string {
	for f := range t.Fields() {
		if p, ok := f.Tag.Lookup("envPrefix"); ok {
			if name := fieldName(f.Type, before+p, field); name != "" {
				return name
			}
			continue
		}
		if f.Name == field {
			return before + f.Tag.Get("env")
		}
	}
	return ""
}

// unknown lists variables with our prefix that nobody reads: most likely
// misspelt. It is no error, for some platforms set such names by themselves.
func unknown(environ []string) (names []string) {
	known := variables()
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, prefix+"TEST_") &&
			!slices.ContainsFunc(known, func(v variable) bool { return v.Name == name }) {
			names = append(names, name)
		}
	}
	return names
}

// Validate says in one line what is wrong with the settings and what to do.
func (c *Config) Validate() error {
	for _, check := range []struct {
		ok   bool
		text string
	}{
		{validAddr(c.Addr), "--addr (LOKET_ADDR) must be host:port, as 127.0.0.1:8080"},
		{c.MetricsAddr == "" || validAddr(c.MetricsAddr), "LOKET_METRICS_ADDR must be host:port, as 127.0.0.1:9090"},
		{c.Data != "" || (c.DatabaseURL != "" && c.BlobsURL != ""), "--data (LOKET_DATA) must name a folder"},
		{c.DatabaseURL == "" || hasScheme(c.DatabaseURL, "postgres", "postgresql"), "LOKET_DATABASE_URL must be postgres://user:password@host:port/name"},
		{c.BlobsURL == "" || hasScheme(c.BlobsURL, "s3"), "LOKET_BLOBS_URL must be s3://key:secret@host:port/bucket"},
		{c.RedisURL == "" || hasScheme(c.RedisURL, "redis", "rediss"), "LOKET_REDIS_URL must be redis://user:password@host:port/number"},
		{vemapdb.CheckKey(c.VEMAP.Key) == nil, "LOKET_VEMAP_KEY must have at least 32 bytes: `openssl rand -hex 32` makes one"},
		{validMail(c), "LOKET_SMTP_URL must be smtp://user:password@host:port or smtps://…, and LOKET_MAIL_FROM an e-mail address"},
		{c.SQLiteSync == "full" || c.SQLiteSync == "normal", "LOKET_SQLITE_SYNC must be full or normal"},
		{c.LogFormat == "text" || c.LogFormat == "json", "LOKET_LOG_FORMAT must be text or json"},
		{c.PublicURL == "" || validOrigin(c.PublicURL), "LOKET_PUBLIC_URL must be an origin, as https://loket.example.nl, without a path"},
		{!slices.ContainsFunc(c.CORSOrigins, func(o string) bool { return !validOrigin(o) }), "LOKET_CORS_ORIGINS must be origins, as https://app.example.nl, with commas between"},
		{!slices.ContainsFunc(c.TrustedProxies, func(n string) bool { _, err := netip.ParsePrefix(n); return err != nil }), "LOKET_TRUSTED_PROXIES must be networks, as 10.0.0.0/8, with commas between"},
		{c.SecurityContact == "" || hasScheme(c.SecurityContact, "mailto", "https"), "LOKET_SECURITY_CONTACT must be mailto:somebody@example.nl or https://…"},
		{c.ReadTimeout > 0, "LOKET_READ_TIMEOUT must be more than 0"},
		{c.DrainTimeout > 0, "LOKET_DRAIN_TIMEOUT must be more than 0"},
		{c.DrainDelay >= 0, "LOKET_DRAIN_DELAY must not be less than 0"},
		{c.CAPO.Rate >= 0 && c.CAPO.Burst >= 0 && c.CAPO.InFlight >= 0, "LOKET_CAPO_RATE, _BURST and _IN_FLIGHT must not be less than 0"},
		{c.CAPO.Rate == 0 || c.CAPO.Burst >= 1, "LOKET_CAPO_BURST must be at least 1 when LOKET_CAPO_RATE limits"},
		{c.DocumentationRate >= 0 && c.DocumentationBurst >= 1, "LOKET_DOCUMENTATION_RATE must not be less than 0, and _BURST at least 1"},
		{c.GEVER.wrong() == "", c.GEVER.wrong()},
		{c.GEVER.Rate >= 0 && c.GEVER.Burst >= 0 && c.GEVER.InFlight >= 0, "LOKET_GEVER_RATE, _BURST and _IN_FLIGHT must not be less than 0"},
		{c.GEVER.Rate == 0 || c.GEVER.Burst >= 1, "LOKET_GEVER_BURST must be at least 1 when LOKET_GEVER_RATE limits"},
		{c.VEMAP.Rate >= 0 && c.VEMAP.Burst >= 0 && c.VEMAP.InFlight >= 0, "LOKET_VEMAP_RATE, _BURST and _IN_FLIGHT must not be less than 0"},
		{c.VEMAP.Rate == 0 || c.VEMAP.Burst >= 1, "LOKET_VEMAP_BURST must be at least 1 when LOKET_VEMAP_RATE limits"},
		{c.Konova.RPP >= 1 && c.Konova.MaxRPP >= c.Konova.RPP, "LOKET_KONOVA_RPP must be at least 1, and _MAX_RPP not less than it"},
		{c.Konova.Rate >= 0 && c.Konova.Burst >= 0 && c.Konova.InFlight >= 0, "LOKET_KONOVA_RATE, _BURST and _IN_FLIGHT must not be less than 0"},
		{c.Konova.Rate == 0 || c.Konova.Burst >= 1, "LOKET_KONOVA_BURST must be at least 1 when LOKET_KONOVA_RATE limits"},
		{c.PLOOI.sound(), "LOKET_PLOOI_MAX_FILE must be more than 0, LOKET_PLOOI_DELAY, _RATE, _BURST and _IN_FLIGHT not less than 0, and _BURST at least 1 when _RATE limits"},
		{c.CAPO.UploadValid > 0, "LOKET_CAPO_UPLOAD_VALID must be more than 0"},
	} {
		if !check.ok {
			return usagef("%s", check.text)
		}
	}
	return nil
}

func validAddr(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = net.LookupPort("tcp", port)
	return err == nil
}

func hasScheme(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	return err == nil && slices.Contains(schemes, u.Scheme) && (u.Host != "" || u.Opaque != "")
}

func validMail(c *Config) bool {
	_, err := mail.ParseFrom(c.MailFrom)
	if c.SMTPURL != "" && err == nil {
		_, err = mail.ParseURL(c.SMTPURL)
	}
	return err == nil
}

func validOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.User == nil
}

// loopback tells whether only programs on this machine reach the address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// databasePath is the SQLite file.
func (c *Config) databasePath() string { return filepath.Join(c.Data, "loket.db") }

// LogValue is the settings for the log, without secrets.
func (c *Config) LogValue() slog.Value {
	hide := func(s string) string {
		if u, err := url.Parse(s); err == nil && s != "" {
			return u.Scheme + "://" + u.Host + u.Path
		}
		return ""
	}
	return slog.GroupValue(
		slog.String("addr", c.Addr), slog.String("data", c.Data), slog.Bool("demo", c.Demo),
		slog.String("database", hide(c.DatabaseURL)), slog.String("blobs", hide(c.BlobsURL)), slog.String("redis", hide(c.RedisURL)), slog.String("smtp", hide(c.SMTPURL)),
		slog.String("public_url", c.PublicURL), slog.String("metrics", c.MetricsAddr),
	)
}

// prepareData makes the data folder and finds out now whether it can be
// written, instead of at the first upload.
func (c *Config) prepareData() error {
	if c.DatabaseURL != "" && c.BlobsURL != "" {
		return nil
	}
	if err := os.MkdirAll(c.Data, 0o750); err != nil {
		return usagef("the data folder %s cannot be made (%v): choose another with --data, or make it writable", c.Data, reason(err))
	}
	f, err := os.CreateTemp(c.Data, ".write-*")
	if err != nil {
		return usagef("the data folder %s cannot be written (%v): choose another with --data, or make it writable", c.Data, reason(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// reason is the innermost text of a file error, without the path again.
func reason(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

package handlers

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

//go:embed static
var static embed.FS

var landing = template.Must(template.ParseFS(static, "static/landing.html"))

// landingPolicy: one stylesheet and one picture of our own, nothing else.
const landingPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages registers what stands beside the APIs.
func (h *house) pages(e *echo.Echo) {
	both := func(path string, handler echo.HandlerFunc) {
		e.GET(path, handler)
		e.HEAD(path, handler)
	}
	both("/", h.landing)
	both("/healthz", h.healthz)
	both("/readyz", h.readyz)
	both("/.well-known/security.txt", h.securityText)
	both("/loket.css", h.static("loket.css", "text/css; charset=utf-8"))
	both("/favicon.svg", h.static("favicon.svg", "image/svg+xml"))
	// Browsers ask for it by themselves; they take any picture there.
	both("/favicon.ico", h.static("favicon.svg", "image/svg+xml"))
}

func (h *house) static(name, contentType string) echo.HandlerFunc {
	text, err := static.ReadFile("static/" + name)
	if err != nil {
		panic("handlers: an embedded file is missing: " + err.Error())
	}
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "public, max-age=3600")
		return h.send(c, text, contentType)
	}
}

// send answers 200; HEAD gets the headers only.
func (h *house) send(c echo.Context, text []byte, contentType string) error {
	c.Response().Header().Set(echo.HeaderContentLength, strconv.Itoa(len(text)))
	if c.Request().Method == http.MethodHead {
		c.Response().Header().Set(echo.HeaderContentType, contentType)
		c.Response().WriteHeader(http.StatusOK)
		return nil
	}
	return c.Blob(http.StatusOK, contentType, text)
}

// line is one API on the landing page.
type line struct {
	Name, Title, Summary, Language, Version, Base string
	Available, Workflows                          bool
	Identities                                    []identity
}

type identity struct{ Name, Secret, Note string }

func (h *house) landing(c echo.Context) error {
	lines := make([]line, 0, len(h.APIs))
	for _, a := range h.APIs {
		m := h.apis[a.Name]
		l := line{
			Name: a.Name, Title: a.Title, Summary: a.Summary, Language: a.Language, Version: m.version[0], Base: a.Base(),
			Available: !h.Health.Draining() && !h.Health.Failing(a.Name), Workflows: len(a.WorkflowsYAML) > 0,
		}
		if h.Config.Demo {
			for _, i := range a.Identities {
				l.Identities = append(l.Identities, identity(i))
			}
		}
		lines = append(lines, l)
	}
	var b bytes.Buffer
	if err := landing.Execute(&b, map[string]any{"APIs": lines, "Demo": h.Config.Demo}); err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Content-Security-Policy", landingPolicy)
	header.Set("Cache-Control", "no-cache")
	return h.send(c, b.Bytes(), "text/html; charset=utf-8")
}

// securityValid is how far ahead Expires lies; RFC 9116 2.5.5 recommends less
// than a year.
const securityValid = 180 * 24 * time.Hour

// securityText is RFC 9116; without a contact there is none, rather than an
// invented one.
func (h *house) securityText(c echo.Context) error {
	contact := h.Config.SecurityContact
	if contact == "" {
		return notFound()
	}
	if !strings.Contains(contact, ":") {
		contact = "mailto:" + contact
	}
	expires := h.Clock().UTC().Truncate(24 * time.Hour).Add(securityValid)
	text := fmt.Sprintf("Contact: %s\nExpires: %s\nPreferred-Languages: nl, de, en\n", contact, expires.Format(time.RFC3339))
	if h.Config.PublicURL != "" {
		text += "Canonical: " + strings.TrimSuffix(h.Config.PublicURL, "/") + "/.well-known/security.txt\n"
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return h.send(c, []byte(text), "text/plain; charset=utf-8")
}

package handlers

import (
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"

	"github.com/labstack/echo/v4"
)

// origins finds out under which origin a client reaches Loket, and from which
// address it comes. What a proxy says counts only when the proxy is trusted.
type origins struct {
	public  string
	tls     bool // the public origin is https
	trusted []netip.Prefix
	last    *atomic.Pointer[named]
}

// named keeps the last origin: nearly all requests have the same.
type named struct{ scheme, host, origin string }

func newOrigins(c Config) origins {
	public := strings.TrimSuffix(c.PublicURL, "/")
	return origins{public: public, tls: strings.HasPrefix(public, "https://"), trusted: c.TrustedProxies, last: &atomic.Pointer[named]{}}
}

// of is scheme, host and port for addresses in answers.
func (o origins) of(r *http.Request) string {
	if o.public != "" {
		return o.public
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if o.trusts(r.RemoteAddr) {
		if p := first(r.Header.Get(echo.HeaderXForwardedProto)); p == "http" || p == "https" {
			scheme = p
		}
		if given := first(r.Header.Get("X-Forwarded-Host")); given != "" {
			host = given
		}
	}
	if n := o.last.Load(); n != nil && n.host == host && n.scheme == scheme {
		return n.origin
	}
	n := &named{scheme: scheme, host: host, origin: scheme + "://" + host}
	o.last.Store(n)
	return n.origin
}

func first(list string) string {
	one, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(one)
}

func (o origins) trusts(remote string) bool {
	if len(o.trusted) == 0 {
		return false
	}
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, p := range o.trusted {
		if p.Contains(at.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// extractor gives the client's address: the connection's, or where that is a
// trusted proxy the nearest one in X-Forwarded-For that is not.
func (o origins) extractor() echo.IPExtractor {
	return func(r *http.Request) string {
		addr := r.RemoteAddr
		if at, err := netip.ParseAddrPort(addr); err == nil && !o.trusts(addr) {
			return host(addr, at)
		}
		chain := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
		for i := len(chain) - 1; i >= 0; i-- {
			at, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
			if err != nil {
				break
			}
			if !o.trusts(netip.AddrPortFrom(at, 1).String()) {
				return at.Unmap().String()
			}
		}
		if at, err := netip.ParseAddrPort(addr); err == nil {
			return host(addr, at)
		}
		return addr
	}
}

// host cuts the port off without making a new text where it can.
func host(addr string, at netip.AddrPort) string {
	if at.Addr().Is4() {
		return addr[:strings.LastIndexByte(addr, ':')]
	}
	return at.Addr().Unmap().WithZone("").String()
}

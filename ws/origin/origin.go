// Package origin decides which web pages may open a socket (RFC 6455 section 10.2).
//
// The token is the main protection: the server uses no cookies, so a foreign page has no credential to misuse.
package origin

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// List has the origins whose pages may connect, besides those of the host that is asked. The zero value has none.
type List struct {
	any, null bool
	exact     map[string]bool // scheme://host:port
	suffixes  []origin        // host begins with the dot that stood after the asterisk
}

type origin struct {
	scheme, host, port string
}

func (o origin) String() string { return o.scheme + "://" + o.host + ":" + o.port }

// Parse reads a list in which each entry is a scheme and a host with an optional port, such as https://board.example.com or
// https://*.example.com, or "null", or "*" for any page.
func Parse(list []string) (List, error) {
	o := List{exact: make(map[string]bool)}
	for _, entry := range list {
		switch entry {
		case "*":
			o.any = true
			continue
		case "null":
			o.null = true
			continue
		}
		at, ok := parseOrigin(entry)
		host, wild := strings.CutPrefix(at.host, "*")
		if !ok || strings.Contains(host, "*") || wild && !strings.HasPrefix(host, ".") {
			return o, fmt.Errorf("%q is no origin: write it like https://board.example.com or https://*.example.com",
				entry)
		}
		if wild {
			o.suffixes = append(o.suffixes, origin{at.scheme, host, at.port})
		} else {
			o.exact[at.String()] = true
		}
	}
	return o, nil
}

// parseOrigin reads a serialised origin (RFC 6454 section 6.2), and nothing that holds more than that.
func parseOrigin(s string) (origin, bool) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" ||
		u.ForceQuery || strings.HasSuffix(s, "#") {
		return origin{}, false
	}
	port := u.Port()
	switch u.Scheme {
	case "http":
		port = orElse(port, "80")
	case "https":
		port = orElse(port, "443")
	default:
		return origin{}, false
	}
	host := strings.ToLower(u.Hostname())
	return origin{u.Scheme, host, port}, host != ""
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Allow reports whether a request may connect. One without an Origin may: it comes from a native display, since browsers always
// send the header. A page of the node's own host may, whatever its scheme, because a proxy may have ended TLS.
func (o List) Allow(r *http.Request) bool {
	values := r.Header["Origin"]
	if len(values) == 0 || o.any {
		return true
	}
	if len(values) > 1 {
		return false
	}
	if values[0] == "null" {
		return o.null
	}
	from, ok := parseOrigin(values[0])
	if !ok {
		return false
	}
	if self, ok := parseOrigin(from.scheme + "://" + r.Host); ok && self == from || o.exact[from.String()] {
		return true
	}
	for _, s := range o.suffixes {
		if s.scheme == from.scheme && s.port == from.port &&
			strings.HasSuffix(from.host, s.host) && len(from.host) > len(s.host) {
			return true
		}
	}
	return false
}

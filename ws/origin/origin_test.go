package origin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOrigins(t *testing.T) {
	t.Parallel()
	list := []string{"https://app.example.com", "https://*.kitchen.example", "http://localhost:5173", "http://*.lan:8000"}
	listed, err := Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	null, err := Parse([]string{"null"})
	if err != nil {
		t.Fatal(err)
	}
	everybody, err := Parse([]string{"*"})
	if err != nil {
		t.Fatal(err)
	}
	none := "no Origin header"
	for _, c := range []struct {
		origins List
		host    string
		origin  string
		allowed bool
	}{
		{listed, "board.test", none, true},
		{listed, "board.test", "https://board.test", true},
		{listed, "board.test", "http://BOARD.test", true},
		{listed, "board.test:443", "https://board.test", true},
		{listed, "board.test:8080", "http://board.test:8080", true},
		{listed, "board.test:8080", "http://board.test:8081", false},
		{listed, "board.test:8080", "http://board.test", false},
		{listed, "[::1]:8080", "http://[::1]:8080", true},
		{listed, "board.test", "https://evil.example", false},
		{listed, "board.test", "https://board.test.evil.example", false},
		{listed, "board.test", "https://evilboard.test", false},
		{listed, "board.test", "https://board.test@evil.example", false},
		{listed, "board.test", "null", false},
		{listed, "board.test", "", false},
		{listed, "board.test", "board.test", false},
		{listed, "board.test", "file://board.test", false},
		{listed, "board.test", "https://board.test/", false},
		{listed, "board.test", "https://app.example.com", true},
		{listed, "board.test", "https://APP.example.com", true},
		{listed, "board.test", "https://app.example.com:443", true},
		{listed, "board.test", "http://app.example.com", false},
		{listed, "board.test", "https://app.example.com:8443", false},
		{listed, "board.test", "https://app.example.com.evil", false},
		{listed, "board.test", "https://other.example.com", false},
		{listed, "board.test", "https://a.kitchen.example", true},
		{listed, "board.test", "https://a.b.kitchen.example", true},
		{listed, "board.test", "https://kitchen.example", false},
		{listed, "board.test", "https://.kitchen.example", false},
		{listed, "board.test", "https://evilkitchen.example", false},
		{listed, "board.test", "https://a.kitchen.example.evil", false},
		{listed, "board.test", "http://a.kitchen.example", false},
		{listed, "board.test", "http://localhost:5173", true},
		{listed, "board.test", "http://localhost", false},
		{listed, "board.test", "http://pi.lan:8000", true},
		{null, "board.test", "null", true},
		{null, "board.test", "https://evil.example", false},
		{everybody, "board.test", "https://evil.example", true},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = c.host
		if c.origin != none {
			r.Header.Set("Origin", c.origin)
		}
		if got := c.origins.Allow(r); got != c.allowed {
			t.Errorf("a page of %q at host %q: allowed %v, want %v", c.origin, c.host, got, c.allowed)
		}
	}

	two := httptest.NewRequest("GET", "/", nil)
	two.Header["Origin"] = []string{"https://app.example.com", "https://evil.example"}
	if listed.Allow(two) {
		t.Error("two Origin headers were let in")
	}
	for _, bad := range []string{"", "example.com", "https://", "https://a.example/path", "ftp://a.example", "https://*",
		"https://a.*.example", "https://*a.example", "https://**.example"} {
		if _, err := Parse([]string{bad}); err == nil {
			t.Errorf("the allowed origin %q was taken", bad)
		}
	}
}

func FuzzOrigin(f *testing.F) {
	for _, seed := range [][3]string{
		{"https://*.example.com", "board.test", "https://a.example.com"}, {"https://board.example.com:8443", "board.test:8080", "http://board.test:8080"},
		{"null", "board.test", "null"}, {"*", "", ""}, {"http://[::1]:80", "[::1]", "http://[::1]"}, {"https://*.b", "b", "https://a.b@evil"},
		{"https://board.test", "board.test", "https://board.test.evil"}, {"https://x", "x", "https://x/"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, allowed, host, from string) {
		o, err := Parse([]string{allowed})
		if err != nil {
			return
		}
		r := &http.Request{Host: host, Header: http.Header{"Origin": {from}}}
		if !o.Allow(r) || o.any || from == "null" && o.null {
			return
		}
		// Every accepted origin is in the list, or is the host itself.
		scheme, rest, ok := strings.Cut(strings.ToLower(from), "://")
		if !ok || scheme != "http" && scheme != "https" || strings.ContainsAny(rest, "@/?#") {
			t.Fatalf("a page of %q was let in", from)
		}
		bare := func(host string) string {
			if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
				host = host[:at]
			}
			return strings.Trim(host, "[]")
		}
		_, entry, _ := strings.Cut(strings.ToLower(allowed), "://")
		page, listed := bare(rest), bare(entry)
		if suffix, wild := strings.CutPrefix(listed, "*"); page != bare(strings.ToLower(host)) && page != listed &&
			!(wild && strings.HasSuffix(page, suffix)) {
			t.Errorf("a page of %q was let in at %q, where %q is allowed", from, host, allowed)
		}
	})
}

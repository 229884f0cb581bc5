package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

func TestMetricsAreOnAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n, admin := startMeasured(t, onDatabase(url)...)
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/trace/0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"} {
		if status, _ := n.get(t, path); status != http.StatusNotFound {
			t.Errorf("the displays' address answers %s with %d", path, status)
		}
	}
	for path, want := range map[string]string{"/": "/metrics", "/debug/pprof/": "heap", "/debug/pprof/goroutine?debug=1": "goroutine profile"} {
		if status, body := get(t, admin+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s answers %d %s", path, status, body)
		}
	}
	if status, body := get(t, admin+"/debug/pprof/cmdline"); status != http.StatusNotFound || strings.Contains(body, "serve") {
		t.Errorf("the command line is shown: %s", body)
	}
	// A page of the web whose name leads here.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "evil.example"
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, _ = io.Copy(io.Discard, response.Body); response.StatusCode != http.StatusForbidden {
		t.Errorf("a page of the web is answered %s", response.Status)
	}
}

func TestMetricsAddressIsClosedToForeignPages(t *testing.T) {
	t.Parallel()
	_, admin := startMeasured(t, onDatabase(dbtest.New(t))...)
	for _, c := range []struct {
		path, header, value string
		want                int
	}{
		{"/metrics", "", "", 200},
		{"/metrics", "Origin", "https://evil.example", 403},
		{"/debug/pprof/profile?seconds=1", "Sec-Fetch-Site", "cross-site", 403},
		{"/debug/pprof/profile?seconds=1", "Referer", "https://evil.example/page", 403},
		{"/metrics", "Host", "evil.example", 403},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Close = true
		if c.header == "Host" {
			request.Host = c.value
		} else if c.header != "" {
			request.Header.Set(c.header, c.value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != c.want {
			t.Errorf("%s with %s %q answers %s, want %d", c.path, c.header, c.value, response.Status, c.want)
		}
	}
}

func TestMetricsAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	// Where the default is taken, by this or by somebody else, a node serves displays without.
	if taken, err := net.Listen("tcp", defaultMetricsListen); err == nil {
		defer taken.Close()
	}
	n := startServe(t, append(onDatabase(url), "KITCHEN_METRICS_LISTEN=")...)
	if !strings.Contains(n.stderr.String(), "metrics are not served") {
		t.Errorf("nothing is said:\n%s", n.stderr)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	_, errs, code := kitchen(t, onDatabase(url), "serve", "--listen", "127.0.0.1:0", "--metrics-listen", busy.Addr().String())
	if code != 1 || !strings.Contains(errs, "metrics: "+busy.Addr().String()+" is in use") || !strings.Contains(errs, "listen elsewhere with --metrics-listen") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if n := startServe(t, append(onDatabase(url), "KITCHEN_METRICS_LISTEN=off")...); strings.Contains(n.stderr.String(), "metrics") {
		t.Errorf("metrics, where they are off:\n%s", n.stderr)
	}
}

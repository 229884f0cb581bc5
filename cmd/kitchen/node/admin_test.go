package node

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"kitchen/db"
)

// The address for who runs the node answers nothing that a page of another origin asks for.
func TestMetricsAddressAnswersNoForeignPage(t *testing.T) {
	const profile, mozilla = "/debug/pprof/profile?seconds=60", "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0"
	asked := noForeignPage(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, c := range []struct {
		name   string
		path   string
		header map[string]string
		want   int
	}{
		{"curl", "/metrics", nil, 200},
		{"the address bar", "/metrics", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a link", "/metrics", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"its own page", "/metrics", map[string]string{"Origin": "http://127.0.0.1:18080", "Sec-Fetch-Site": "same-origin"}, 200},
		{"fetch of another page", "/metrics", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page of another port", "/metrics", map[string]string{"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-site"}, 403},
		{"a file", "/metrics", map[string]string{"Origin": "null"}, 403},
		{"an image", "/metrics", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		{"a frame", "/metrics", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		{"an image of an old browser", "/metrics", map[string]string{"Referer": "https://evil.example/page", "User-Agent": mozilla}, 403},
		{"a profile by curl", profile, map[string]string{"User-Agent": "curl/8.5.0"}, 200},
		{"a profile by go tool pprof", profile, map[string]string{"User-Agent": "Go-http-client/1.1"}, 200},
		{"a profile from the address bar", profile, map[string]string{"User-Agent": mozilla, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a profile from its own page", profile, map[string]string{"User-Agent": mozilla, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a profile from its own page, without TLS", profile, map[string]string{"User-Agent": mozilla, "Referer": "http://127.0.0.1:18080/debug/pprof/"}, 200},
		{"a profile as an image", profile, map[string]string{"User-Agent": mozilla, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		{"a profile as an image that says nothing", profile, map[string]string{"User-Agent": mozilla}, 403},
		{"a profile as an image that says nothing, nor what it is", profile, map[string]string{"Accept": "image/avif,image/webp,*/*;q=0.8"}, 403},
		{"a profile by a link", profile, map[string]string{"User-Agent": mozilla, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403},
		{"a trace by a link", "/debug/pprof/trace?seconds=60", map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:18080"+c.path, nil)
		for name, value := range c.header {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		asked.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.want)
		}
	}
}

// Many requests for metrics that cannot be collected do not fill the disk with lines of the log.
func TestMetricsThatFailDoNotFloodTheLog(t *testing.T) {
	var text strings.Builder
	n := &Node{log: NewLog(&text, "text", slog.LevelInfo), metrics: NewMetrics()}
	n.metrics.Registry.MustRegister(brokenCollector{prometheus.NewDesc("kitchen_broken", "Never to be had.", nil, nil)})
	routes := n.adminRoutes()
	for range 500 {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if w.Code != http.StatusInternalServerError {
			t.Fatalf("answered %d", w.Code)
		}
	}
	if lines := strings.Count(text.String(), "\n"); lines == 0 || lines > 100 || !strings.Contains(text.String(), "cannot be counted") {
		t.Errorf("%d lines for 500 requests:\n%.500s", lines, text.String())
	}
}

type brokenCollector struct{ of *prometheus.Desc }

func (b brokenCollector) Describe(to chan<- *prometheus.Desc) { to <- b.of }
func (b brokenCollector) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.NewInvalidMetric(b.of, errors.New("cannot be counted"))
}

// Whatever is logged as an error, the address of the database is not in it.
func TestLogHoldsNoAddressOfTheDatabase(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		_, err := db.Open(t.Context(), "postgres://somebody:s3cret@127.0.0.1:1/somewhere?connect_timeout=1")
		if err == nil {
			t.Fatal("opened")
		}
		var text strings.Builder
		NewLog(&text, format, slog.LevelInfo).Warn("the database is away", "err", err, "restaurant", "r")
		for _, part := range []string{"127.0.0.1", "somebody", "s3cret", "somewhere"} {
			if strings.Contains(text.String(), part) {
				t.Errorf("%s: %q is in %s", format, part, text.String())
			}
		}
		if !strings.Contains(text.String(), "the database is away") || !strings.Contains(text.String(), "refused") {
			t.Errorf("%s: %s", format, text.String())
		}
	}
}

func TestBrowsersAreToldToStayWithTLSWhereConfigured(t *testing.T) {
	for during, want := range map[time.Duration]string{0: "", 8760 * time.Hour: "max-age=31536000"} {
		w := httptest.NewRecorder()
		strictTransport(during, http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got := w.Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("%v: %q", during, got)
		}
	}
}

// There are never so many connections that the process could open no more files.
func TestConnectionsLeaveRoomForOtherFiles(t *testing.T) {
	files := openFiles()
	for _, l := range []Limits{{}, {Connections: 1 << 30}} {
		if n := l.connections(10_000_000); files > 0 && n > max(files-otherFiles, files/2) {
			t.Errorf("%d connections of %d files", n, files)
		}
	}
	if n := (&Limits{Connections: 16}).connections(10_000); n != 16 {
		t.Errorf("%d connections, want 16", n)
	}
}

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
	asked := noForeignPage(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	for _, c := range []struct {
		name   string
		header map[string]string
		want   int
	}{
		{"curl", nil, 200},
		{"the address bar", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a link", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"its own page", map[string]string{"Origin": "http://127.0.0.1:18080", "Sec-Fetch-Site": "same-origin"}, 200},
		{"fetch of another page", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page of another port", map[string]string{"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-site"}, 403},
		{"a file", map[string]string{"Origin": "null"}, 403},
		{"an image", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		{"a frame", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:18080/metrics", nil)
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

// Whoever asks for metrics that cannot be collected does not fill the disk with lines of the log.
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

package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v4"

	"kitchen/cmd/kitchen/node"
	"kitchen/db/dbtest"
)

// adminURL is the address of a running node for whoever runs it, which only its log tells.
func (s *served) adminURL(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`msg=metrics address=(http://[^/]+)/metrics`).FindStringSubmatch(s.stderr.String())
	if found == nil {
		t.Fatalf("the log does not say where metrics are:\n%s", s.stderr)
	}
	return found[1]
}

// startMeasured is startServe, with the address of its metrics.
func startMeasured(t *testing.T, env ...string) (*served, string) {
	t.Helper()
	s := startServe(t, env...)
	return s, s.adminURL(t)
}

// get asks an address without keeping a connection.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	return (&served{url: url}).get(t, "")
}

// scrape reads metrics as Prometheus does.
func scrape(t *testing.T, admin string) map[string]*dto.MetricFamily {
	t.Helper()
	status, text := get(t, admin+"/metrics")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v\n%s", status, err, text)
	}
	return families
}

// value is that of a counter or gauge with a label of this value, or without labels.
func value(t *testing.T, families map[string]*dto.MetricFamily, name, label string) float64 {
	t.Helper()
	for _, m := range families[name].GetMetric() {
		if len(m.GetLabel()) > 0 && m.GetLabel()[0].GetValue() != label {
			continue
		}
		return m.GetCounter().GetValue() + m.GetGauge().GetValue()
	}
	if families[name] == nil {
		t.Errorf("there is no %s", name)
	}
	return 0
}

func TestMetricsAgreeWithWhatDisplaysSee(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n, admin := startMeasured(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	var displays []*frames
	for range 3 {
		d := open(t, n, h, h.token(t))
		d.next()
		displays = append(displays, d)
	}
	if code := open(t, n, h, "junk").closed(); code != 4001 {
		t.Fatal(code)
	}
	n.get(t, "/ws/kitchen/7/")

	const orders = 40
	var slowest, sum time.Duration
	for range orders {
		began := time.Now()
		id := string(h.order(t, "secret sauce"))
		for _, d := range displays {
			if m := d.next(); m["type"] != "order_created" || m["order"].(fields)["id"] != id {
				t.Fatal(m)
			}
		}
		took := time.Since(began)
		slowest, sum = max(slowest, took), sum+took
	}
	began := time.Now()
	execute(t, h, `update orders set status = 'ready'`)
	for _, d := range displays {
		for range orders {
			if m := d.next(); m["type"] != "order_status_changed" {
				t.Fatal(m)
			}
		}
	}
	slowest = max(slowest, time.Since(began))
	execute(t, h, `update orders set notes = 'x' where order_number = 1`)
	execute(t, h, `delete from orders where order_number = 2`)
	bytes := 0
	for _, d := range displays {
		d.next()
		d.next()
		for _, text := range d.all {
			if !strings.Contains(text, `"type":"heartbeat"`) && !strings.Contains(text, `"type":"screens"`) && !strings.Contains(text, "initial_queue") {
				bytes += len(text)
			}
		}
	}
	_ = displays[0].conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second))
	displays[0].closed()

	var m map[string]*dto.MetricFamily
	await := time.Now().Add(patience)
	for m = scrape(t, admin); value(t, m, "kitchen_displays", "") != 2 || value(t, m, "kitchen_notification_queue_usage_ratio", "") < 0 ||
		m["kitchen_displays_left_total"] == nil; m = scrape(t, admin) {
		if time.Now().After(await) {
			t.Fatalf("%v displays", value(t, m, "kitchen_displays", ""))
		}
	}
	for _, want := range []struct {
		name, label string
		value       float64
	}{
		{"kitchen_displays_joined_total", "", 3},
		{"kitchen_displays_left_total", "0", 1},
		{"kitchen_displays_refused_total", "4001", 1},
		{"kitchen_displays_refused_total", "404", 1},
		{"kitchen_events_total", "order_created", orders},
		{"kitchen_events_total", "order_status_changed", orders},
		{"kitchen_events_total", "order_updated", 1},
		{"kitchen_events_total", "order_deleted", 1},
		{"kitchen_messages_sent_total", "event", 3 * (2*orders + 2)},
		{"kitchen_messages_sent_total", "initial_queue", 3},
		{"kitchen_watched_restaurants", "", 1},
		{"kitchen_live", "", 1},
		{"kitchen_triggers_wrong", "", 0},
		{"kitchen_repairs_total", "", 0},
		{"kitchen_displays_behind_total", "", 0},
		{"kitchen_queue_messages", "", 0},
		{"kitchen_listener_sessions_total", "", 1},
	} {
		if got := value(t, m, want.name, want.label); got != want.value {
			t.Errorf("%s{%s} is %v, want %v", want.name, want.label, got, want.value)
		}
	}
	if sent := value(t, m, "kitchen_sent_bytes_total", "event"); sent < float64(bytes) || sent > float64(bytes)*1.1 {
		t.Errorf("%v bytes of events were counted, and displays got %d, frames not counted", sent, bytes)
	}
	// From the commit to the display, as those who wait see it, is more than from the commit to the socket; and that is
	// more than from the notification.
	mean := func(name string) (float64, uint64) {
		s := m[name].GetMetric()[0].GetHistogram()
		return s.GetSampleSum() / float64(max(s.GetSampleCount(), 1)), s.GetSampleCount()
	}
	commit, commits := mean("kitchen_commit_to_send_seconds")
	heard, hints := mean("kitchen_notification_to_send_seconds")
	if commits != 2*orders+1 || hints != 2*orders+2 || heard <= 0 || commit < heard/2 || commit > slowest.Seconds() {
		t.Errorf("%d commits of %.4f s, %d notifications of %.4f s; the slowest display waited %s", commits, commit, hints, heard, slowest)
	}
	// These two are means of different changes, on a machine that does other things: it is their unit that is tested.
	if heard > 10*sum.Seconds()/orders {
		t.Errorf("a notification took %.4f s on average to be sent, and displays waited %.4f s in all", heard, sum.Seconds()/orders)
	}
	if took, reads := mean("kitchen_hydration_seconds"); reads == 0 || took <= 0 {
		t.Errorf("%d reads, of %v s", reads, took)
	}
	for name, family := range m {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				for _, secret := range []string{string(h.restaurant), string(h.user), "ana", "sauce"} {
					if strings.Contains(label.GetValue(), secret) {
						t.Errorf("%s{%s=%q} says who", name, label.GetName(), label.GetValue())
					}
				}
			}
		}
		if len(family.GetMetric()) > 12 && !strings.HasPrefix(name, "go_") {
			t.Errorf("%s has %d series", name, len(family.GetMetric()))
		}
	}
}

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
	if code != 1 || !strings.Contains(errs, "metrics: "+busy.Addr().String()+" is in use") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if n := startServe(t, append(onDatabase(url), "KITCHEN_METRICS_LISTEN=off")...); strings.Contains(n.stderr.String(), "metrics") {
		t.Errorf("metrics, where they are off:\n%s", n.stderr)
	}
}

// What the dashboard and the alerts ask for is there, and every metric of ours is asked for by one of them.
func TestDashboardAndAlertsAskForMetricsThatAre(t *testing.T) {
	t.Parallel()
	_, admin := startMeasured(t, onDatabase(dbtest.New(t))...)
	metrics := node.NewMetrics()
	metrics.Refused(4001)
	metrics.Left(0)
	var are []string
	both := scrape(t, admin)
	own, err := metrics.Registry.Gather() // those with labels show up with their first value
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range own {
		both[f.GetName()] = f
	}
	for name, family := range both {
		are = append(are, name)
		if family.GetType() == dto.MetricType_HISTOGRAM {
			are = append(are, name+"_bucket", name+"_sum", name+"_count")
		}
	}

	var expressions []string
	text, err := os.ReadFile("monitoring/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("the panel %q asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	if text, err = os.ReadFile("monitoring/alerts.yaml"); err != nil {
		t.Fatal(err)
	}
	var alerts struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &alerts); err != nil {
		t.Fatal(err)
	}
	for _, rule := range alerts.Groups[0].Rules {
		if rule.Alert == "" || rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
			t.Errorf("an alert that does not say what it is: %+v", rule)
		}
		expressions = append(expressions, rule.Expr)
	}
	if len(expressions) < 30 {
		t.Fatalf("only %d expressions were found", len(expressions))
	}
	asked := map[string]bool{}
	for _, e := range expressions {
		for _, name := range regexp.MustCompile(`\b(kitchen|go|process)_[a-z_]+\b`).FindAllString(e, -1) {
			asked[name] = true
			asked[strings.TrimSuffix(name, "_bucket")] = true
			if !slices.Contains(are, name) {
				t.Errorf("%s asks for %s, which there is not", e, name)
			}
		}
	}
	for name := range both {
		if strings.HasPrefix(name, "kitchen_") && name != "kitchen_build_info" && !asked[name] {
			t.Errorf("neither the dashboard nor an alert asks for %s", name)
		}
	}
}

package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"kitchen/db/dbtest"
)

// adminURL is a running node's address for operators, which only its log contains.
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
		t.Fatalf("a display with a token that is none is closed with %d, want 4001", code)
	}
	n.get(t, "/ws/kitchen/7/")

	const orders = 40
	var slowest, sum time.Duration
	for range orders {
		began := time.Now()
		id := string(h.order(t, "secret sauce"))
		for _, d := range displays {
			if m := d.next(); m["type"] != "order_created" || m["order"].(fields)["id"] != id {
				t.Fatalf("a display got %v, want order_created of %s", m, id)
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
				t.Fatalf("a display got %v, want order_status_changed", m)
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
	await := time.Now().Add(waitLimit)
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
		{"kitchen_displays_refused_total", "4029", 0},
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
	toSend, hints := mean("kitchen_notification_to_send_seconds")
	if commits != 2*orders+1 || hints != 2*orders+2 || toSend <= 0 || commit < toSend/2 || commit > slowest.Seconds() {
		t.Errorf("%d commits of %.4f s, %d notifications of %.4f s; the slowest display waited %s", commits, commit, hints, toSend, slowest)
	}
	// These two are means of different changes, on a machine that does other things: it is their unit that is tested.
	if toSend > 10*sum.Seconds()/orders {
		t.Errorf("a notification took %.4f s on average to be sent, and displays waited %.4f s in all", toSend, sum.Seconds()/orders)
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

package node

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"kitchen/db/order"
	"kitchen/notifier"
	"kitchen/ws"
)

// metrics counts what a node does. It is the meter of the notifier and of the displays' server, which know nothing of
// Prometheus. No label ever holds a restaurant, a user or an order: those that there are have a few values each.
type metrics struct {
	Registry *prometheus.Registry

	joined    prometheus.Counter
	refused   *prometheus.CounterVec
	left      *prometheus.CounterVec
	sent      []prometheus.Counter // by ws's kinds
	sentBytes []prometheus.Counter
	behind    prometheus.Counter
	dropped   prometheus.Counter

	received prometheus.Counter
	sessions prometheus.Counter
	repairs  prometheus.Counter
	events   map[string]prometheus.Counter
	changed  prometheus.Observer
	notified prometheus.Observer
	canary   prometheus.Observer
	asked    map[notifier.ReadKind]prometheus.Observer
	took     map[notifier.ReadKind]prometheus.Observer
	failed   map[notifier.ReadKind]prometheus.Counter
	usage    prometheus.Gauge
	alarms   map[string]prometheus.Counter
}

func NewMetrics() *metrics {
	m := &metrics{Registry: prometheus.NewRegistry()}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "kitchen", Name: name, Help: help})
		m.Registry.MustRegister(c)
		return c
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "kitchen", Name: name, Help: help}, labels)
		m.Registry.MustRegister(c)
		return c
	}
	histograms := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "kitchen", Name: name, Help: help, Buckets: buckets}, labels)
		m.Registry.MustRegister(h)
		return h
	}

	m.joined = counter("displays_joined_total", "Displays that were accepted.")
	m.refused = counters("displays_refused_total", "Displays that were not accepted, by the HTTP status or close code that they were refused with.", "code")
	for _, code := range []string{"403", "404", "426", "503", "1013", "4001", "4003", "4029"} {
		m.refused.WithLabelValues(code) // 0 from the start, so that a rate knows of the first
	}
	m.left = counters("displays_left_total", "Displays that were accepted and are gone, by the close code they were sent; 0 where they left by themselves.", "code")
	sent := counters("messages_sent_total", "Messages that sockets of displays have taken whole, by kind.", "kind")
	sentBytes := counters("sent_bytes_total", "Bytes of those messages, WebSocket frames included.", "kind")
	for _, kind := range ws.MessageKinds() {
		m.sent = append(m.sent, sent.WithLabelValues(kind))
		m.sentBytes = append(m.sentBytes, sentBytes.WithLabelValues(kind))
	}
	m.behind = counter("displays_behind_total", "Times that a display's queue was full, so that it gets a fresh queue of orders instead of events.")
	m.dropped = counter("events_dropped_total", "Events that such displays did not get.")

	m.received = counter("notifications_total", "Notifications of watched restaurants that the listener received.")
	m.sessions = counter("listener_sessions_total", "Sessions of the connection that listens; every one but the first is a reconnect.")
	m.repairs = counter("repairs_total", "Queues in which the periodic check found a change that nobody had announced. Should stay 0.")
	events := counters("events_total", "Events that were sent to displays, by type; each counts once, however many displays got it.", "type")
	m.events = map[string]prometheus.Counter{}
	for _, kind := range []string{"order_created", "order_updated", "order_status_changed", "order_deleted"} {
		m.events[kind] = events.WithLabelValues(kind)
	}
	m.changed = histograms("commit_to_send_seconds",
		"From the change, which is the start of the writer's transaction by the database's clock (orders.updated_at), until the event was given to the displays' sockets.",
		latencies()).WithLabelValues()
	m.notified = histograms("notification_to_send_seconds",
		"From receiving the notification until the event was passed to the sockets of the displays.", latencies()).WithLabelValues()
	m.canary = histograms("canary_round_trip_seconds",
		"From sending a notification of the node's own, through the pool as a writer would, until its listener received it.", latencies()).WithLabelValues()
	asked := histograms("hydration_batch_size", "Orders, or whole queues, that one read asked for.",
		[]float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}, "read")
	took := histograms("hydration_seconds", "How long one read of orders, or of whole queues, took.", latencies(), "read")
	failed := counters("hydration_errors_total", "Reads that failed; they are made again.", "read")
	m.asked, m.took, m.failed = map[notifier.ReadKind]prometheus.Observer{}, map[notifier.ReadKind]prometheus.Observer{}, map[notifier.ReadKind]prometheus.Counter{}
	for _, kind := range []notifier.ReadKind{notifier.ReadOrders, notifier.ReadQueues} {
		m.asked[kind] = asked.WithLabelValues(string(kind))
		m.took[kind] = took.WithLabelValues(string(kind))
		m.failed[kind] = failed.WithLabelValues(string(kind))
	}
	m.usage = prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "kitchen", Name: "notification_queue_usage_ratio",
		Help: "How full the database server's notification queue is, from 0 to 1. At 0.75 the triggers fall silent."})
	alarms := counters("alarms_total", "Alarms that began about orders that nobody has seen, in all restaurants, while this node looked out, by reason.", "reason")
	m.alarms = map[string]prometheus.Counter{}
	for _, reason := range order.AlarmReasons() {
		m.alarms[reason] = alarms.WithLabelValues(reason)
	}
	build := BuildInfo()
	m.Registry.MustRegister(m.usage, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "kitchen", Name: "build_info", Help: "1, and what this program was built from.",
			ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Revision, "go": build.Go}},
			func() float64 { return 1 }))
	return m
}

// latencies are buckets in seconds, from what one read costs to what a cook calls an outage.
func latencies() []float64 {
	return []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
}

// watch adds what is looked up when somebody asks.
func (m *metrics) watch(n *Node) {
	gauge := func(name, help string, read func() float64) {
		m.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "kitchen", Name: name, Help: help}, read))
	}
	gauge("displays", "Displays on this node, handshakes in progress included.",
		func() float64 { return float64(n.displays.Displays()) })
	gauge("watched_restaurants", "Restaurants that this node watches: those with a display, or with one a short time ago.",
		func() float64 { return float64(n.notifier.Watched()) })
	gauge("live", "1 while notifications of the database reach this node, else 0.", func() float64 {
		if n.notifier.Live() {
			return 1
		}
		return 0
	})
	gauge("triggers_wrong", "Triggers that announce changes and are missing or not enabled always.",
		func() float64 { return float64(n.notifier.WrongTriggers()) })
	for _, reason := range order.AlarmReasons() {
		m.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "kitchen", Name: "alarms",
			Help:        "Restaurants for which an alarm is on about orders that nobody has seen, by reason, as this node knows: every node says the same.",
			ConstLabels: prometheus.Labels{"reason": reason}}, func() float64 { return float64(n.notifier.Alarms()[reason]) }))
	}
	m.Registry.MustRegister(newWaiting(n.displays))
}

// waiting is what waits to be written to displays: several figures of one look at them.
type waiting struct {
	server                           *ws.Server
	messages, bytes, longest, behind *prometheus.Desc
}

func newWaiting(s *ws.Server) *waiting {
	describe := func(name, help string) *prometheus.Desc { return prometheus.NewDesc("kitchen_"+name, help, nil, nil) }
	return &waiting{
		server:   s,
		messages: describe("queue_messages", "Messages that wait to be written to displays."),
		bytes:    describe("queue_bytes", "Bytes of the events and answers that wait to be written to displays."),
		longest:  describe("queue_longest_messages", "Messages that wait for the display for which most do."),
		behind:   describe("displays_behind", "Displays that miss events now and have yet to get a fresh queue of orders."),
	}
}

func (w *waiting) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(w, to) }

func (w *waiting) Collect(to chan<- prometheus.Metric) {
	now := w.server.Waiting()
	for desc, value := range map[*prometheus.Desc]int{w.messages: now.Messages, w.bytes: now.Bytes, w.longest: now.Longest, w.behind: now.Behind} {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value))
	}
}

// The meter of ws.

func (m *metrics) Joined()          { m.joined.Inc() }
func (m *metrics) Refused(code int) { m.refused.WithLabelValues(strconv.Itoa(code)).Inc() }
func (m *metrics) Left(code int)    { m.left.WithLabelValues(strconv.Itoa(code)).Inc() }
func (m *metrics) Sent(kind, bytes int) {
	m.sent[kind].Inc()
	m.sentBytes[kind].Add(float64(bytes))
}
func (m *metrics) FellBehind(events int) {
	m.behind.Inc()
	m.dropped.Add(float64(events))
}

// The meter of the notifier.

func (m *metrics) Notified()  { m.received.Inc() }
func (m *metrics) Listening() { m.sessions.Inc() }
func (m *metrics) Repaired()  { m.repairs.Inc() }

func (m *metrics) EventSent(e notifier.SentEvent) {
	if c := m.events[e.Event]; c != nil {
		c.Inc()
	}
	if e.Notified.IsZero() {
		return // what was missed in an outage is old, and says nothing of how fast this is
	}
	m.notified.Observe(e.Sent.Sub(e.Notified).Seconds())
	if !e.Changed.IsZero() {
		m.changed.Observe(max(e.Sent.Sub(e.Changed), 0).Seconds()) // the clocks agree within half a round trip
	}
}

// Alarm counts an alarm that begins.
func (m *metrics) Alarm(a order.Alarm) {
	if c := m.alarms[a.Reason]; c != nil && a.Type == order.AlarmBegins {
		c.Inc()
	}
}

func (m *metrics) Canary(took time.Duration) { m.canary.Observe(took.Seconds()) }
func (m *metrics) QueueUsage(usage float64)  { m.usage.Set(usage) }

func (m *metrics) Read(kind notifier.ReadKind, asked int, took time.Duration, err error) {
	m.asked[kind].Observe(float64(asked))
	m.took[kind].Observe(took.Seconds())
	if err != nil {
		m.failed[kind].Inc()
	}
}

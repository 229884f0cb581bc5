package notifier

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"kitchen/db"
	"kitchen/db/order"
)

const someOrder = `"order_id":"0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"`

func TestNotificationsNameTheirWriter(t *testing.T) {
	for payload, want := range map[string]origin{
		`{"type":"order_created",` + someOrder + `,"version":1,"by":"till-3"}`:                            {"till-3", 1, false},
		`{"type":"order_status_changed",` + someOrder + `,"status":"ready","version":12,"by":"a\"b\\c"}`:  {`a"b\c`, 12, false},
		`{"type":"order_deleted",` + someOrder + `,"version":3,"by":"psql"}`:                              {"psql", 3, true},
		`{"type":"order_updated",` + someOrder + `,"version":3}`:                                          {},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":""}`:                                  {"", 3, false},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":"x","more":1}`:                        {},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":7}`:                                   {},
		`{"type":"order_updated",` + someOrder + `,"version":"3","by":"x"}`:                               {},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":"`:                                    {},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":"}`:                                   {},
		`{"by":"x",` + someOrder + `}`:                                                                    {},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":"a\u001b[2Jb\nc\u202ed"}`:             {"a\ufffd[2Jb\ufffdc\ufffdd", 3, false},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":"` + "\xff\x1b" + `é"}`:               {"\ufffd\ufffdé", 3, false},
		`{"type":"order_updated",` + someOrder + `,"version":3,"by":"` + strings.Repeat("é", 7000) + `"}`: {strings.Repeat("é", maxBy), 3, false},
		``: {},
	} {
		if got := originOf(payload); got != want {
			t.Errorf("%.200s: %+v, want %+v", payload, got, want)
		}
	}
}

// A writer is named for the version that it made, and for no other: who was faster than our reading would be blamed for what
// came after.
func TestWriterIsNamedForItsOwnChangeAlone(t *testing.T) {
	is := &order.Order{Version: 3}
	for w, want := range map[origin][2]bool{
		{"a", 3, false}: {true, false},
		{"a", 2, false}: {false, false},
		{"a", 3, true}:  {false, true},
		{}:              {false, false},
	} {
		if got := [2]bool{w.made(is), w.made(nil)}; got != want {
			t.Errorf("%+v: %v, want %v", w, got, want)
		}
	}
}

// Of several writers of one event the last is named, also where a read failed between them; and the event is as old as the
// first notification.
func TestLastWriterOfAnEventIsNamed(t *testing.T) {
	r := newReader(nil, slog.New(slog.DiscardHandler), noMeter{}, time.Second)
	k := newKitchen("a", &Notifier{reader: r})
	k.schedule.loaded = true
	orders := func(d *dirty) int { return len(d.orders) }
	r.markOrder(k, "1", origin{"first", 2, false})
	first := k.schedule.dirty.orders["1"].at
	r.markOrder(k, "1", origin{"second", 3, false})
	if c := k.schedule.dirty.orders["1"]; c.by != "second" || c.at != first {
		t.Errorf("marked twice, an order has %+v, want the writer of the second and the time of the first", c)
	}
	jobs := r.takeJobs(&r.orders, maxOrdersRead, orders)
	r.markOrder(k, "1", origin{"third", 4, false})
	r.finish(jobs[0], true, false)
	if c := k.schedule.dirty.orders["1"]; c.by != "third" || c.at != first {
		t.Errorf("marked during a read that failed, an order has %+v, want the last writer and the first time", c)
	}
	jobs = r.takeJobs(&r.orders, maxOrdersRead, orders)
	r.finish(jobs[0], true, false)
	if c := k.schedule.dirty.orders["1"]; c.by != "third" {
		t.Errorf("a read that failed has forgotten who wrote: %+v", c)
	}
	r.markOrder(k, "1", origin{})
	if c := k.schedule.dirty.orders["1"]; c.by != "" {
		t.Errorf("the last writer gave no name, and %q is named", c.by)
	}

	ear := &docs{}
	k.subscriptions = []*Subscription{{kitchen: k, to: ear}}
	k.notifier.cfg.Meter = noMeter{}
	k.notifier.log = slog.New(slog.DiscardHandler)
	for _, c := range []struct {
		said origin
		is   *order.Order
		want string
	}{
		{origin{"a", 1, false}, &order.Order{ID: "o", Version: 1, Status: order.Pending}, `"by":"a"}`},
		{origin{"b", 2, false}, &order.Order{ID: "o", Version: 2, Status: order.Ready}, `"version":2,"updated_at":"0001-01-01T00:00:00Z","by":"b"}`},
		{origin{"c", 3, false}, &order.Order{ID: "o", Version: 4, Status: order.Pending}, `"version":4,"updated_at":"0001-01-01T00:00:00Z"}`},
		{origin{db.NodeName, 5, false}, &order.Order{ID: "o", Version: 5, Status: order.Ready}, `"version":5,"updated_at":"0001-01-01T00:00:00Z"}`},
		{origin{"d", 5, true}, nil, `{"type":"order_deleted","order_id":"o","by":"d"}`},
	} {
		found := map[db.OrderKey]*order.Order{}
		if c.is != nil {
			found[db.OrderKey{Restaurant: k.id, Order: "o"}] = c.is
		}
		k.applyOrders(map[order.OrderID]hinted{"o": {time.Now(), c.said}}, found, time.Now())
		if last := ear.last(); !strings.HasSuffix(last, c.want) {
			t.Errorf("%+v: %s, want …%s", c.said, last, c.want)
		}
	}
	by := []string{}
	for _, p := range k.trace.events {
		by = append(by, p.By)
	}
	if !slices.Equal(by, []string{"a", "b", "", db.NodeName, "d"}) {
		t.Errorf("the trace names %q", by)
	}
}

// Whatever a notification says, what is shown of it is short, and nothing that a screen could stumble over.
func FuzzOrigin(f *testing.F) {
	for _, by := range []string{"till-3", `a\"b\\c`, "\x00\x1b[31m", "\u202e", strings.Repeat("é", 100), "\xff\xfe", `\ud800`, " "} {
		f.Add(`{"type":"order_updated",` + someOrder + `,"version":3,"by":"` + by + `"}`)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		w := originOf(payload)
		if !utf8.ValidString(w.by) || utf8.RuneCountInString(w.by) > maxBy {
			t.Errorf("%q: %q", payload, w.by)
		}
		for _, r := range w.by {
			if !unicode.IsPrint(r) && r != unicode.ReplacementChar {
				t.Errorf("%q: %q", payload, w.by)
			}
		}
		var is struct {
			By string `json:"by"`
		}
		if w.by != "" && json.Unmarshal([]byte(payload), &is) == nil && presentable(is.By) != w.by {
			t.Errorf("%q: by %q, and as JSON %q", payload, w.by, is.By)
		}
	})
}

func BenchmarkOrigin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		originOf(`{"type":"order_status_changed",` + someOrder + `,"status":"ready","version":3,"by":"till-3"}`)
	}
}

// docs is a subscriber that keeps the documents of events.
type docs struct{ all []string }

func (d *docs) Deliver(m order.Message) {
	if m.Kind == order.Event {
		d.all = append(d.all, string(m.Document))
	}
}
func (d *docs) last() string { return d.all[len(d.all)-1] }

package notifier_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/notifier"
)

// tally is a meter that remembers.
type tally struct {
	mu       sync.Mutex
	notified int
	reads    map[notifier.ReadKind]int
	failed   int
	sent     []notifier.SentEvent
	canaries int
	sessions int
	repairs  int
	usages   int
}

func (m *tally) note(f func()) { m.mu.Lock(); defer m.mu.Unlock(); f() }

func (m *tally) Notified()                      { m.note(func() { m.notified++ }) }
func (m *tally) EventSent(p notifier.SentEvent) { m.note(func() { m.sent = append(m.sent, p) }) }
func (m *tally) Canary(time.Duration)           { m.note(func() { m.canaries++ }) }
func (m *tally) Listening()                     { m.note(func() { m.sessions++ }) }
func (m *tally) Repaired()                      { m.note(func() { m.repairs++ }) }
func (m *tally) QueueUsage(float64)             { m.note(func() { m.usages++ }) }
func (m *tally) Read(kind notifier.ReadKind, asked int, _ time.Duration, err error) {
	m.note(func() {
		if m.reads == nil {
			m.reads = map[notifier.ReadKind]int{}
		}
		if err != nil {
			m.failed++
		}
		m.reads[kind] += asked
	})
}

// await polls: what is counted, nothing else signals.
func (m *tally) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		m.mu.Lock()
		done := ok()
		m.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s: %+v", what, m)
		}
	}
}

func TestMeterCountsWhatHappens(t *testing.T) {
	t.Parallel()
	m := &tally{}
	k := start(t, dbtest.New(t), notifier.Config{Meter: m, CheckEvery: 50 * time.Millisecond, GaugeEvery: 20 * time.Millisecond,
		CanaryEvery: 20 * time.Millisecond})
	r := k.restaurant()
	s, _ := k.watch(r)
	before := time.Now()
	first := k.order(r)
	k.converges(s)
	k.exec(`update orders set status = 'ready'`)
	k.converges(s)
	k.exec(`delete from orders`)
	k.converges(s)
	m.await(t, "three notifications, three events, reads, canaries and looks at the queue", func() bool {
		return m.notified == 3 && len(m.sent) == 3 && m.reads[notifier.ReadOrders] == 3 && m.reads[notifier.ReadQueues] > 0 &&
			m.canaries > 2 && m.usages > 2 && m.sessions == 1 && m.repairs == 0 && m.failed == 0
	})
	var events []string
	for _, p := range m.sent {
		events = append(events, p.Event)
		if string(p.Order) != first || string(p.Restaurant) != r {
			t.Errorf("of another order: %+v", p)
		}
		if p.Notified.Before(before) || p.Read.Before(p.Notified) || p.Sent.Before(p.Read) {
			t.Errorf("not in order: notified %s, read %s, sent %s", p.Notified, p.Read, p.Sent)
		}
		if p.Event != "order_deleted" && (p.Changed.Before(before.Add(-50*time.Millisecond)) || p.Changed.After(p.Sent)) {
			t.Errorf("changed at %s, sent at %s", p.Changed, p.Sent)
		}
	}
	if want := []string{"order_created", "order_status_changed", "order_deleted"}; !slices.Equal(events, want) {
		t.Errorf("sent %v", events)
	}
	if m.sent[1].Version != 2 || m.sent[1].Status != order.Ready {
		t.Errorf("the second: %+v", m.sent[1])
	}

	queues := m.reads[notifier.ReadQueues]
	k.exec(endListener)
	m.await(t, "a second session, and its first read", func() bool { return m.sessions == 2 && m.reads[notifier.ReadQueues] > queues })
	k.converges(s)
	k.exec(`set kitchen.notify = off; insert into orders (restaurant_id) values ('` + r + `'); reset kitchen.notify`)
	m.await(t, "a repair", func() bool { return m.repairs == 1 && len(m.sent) == 4 })
	if p := m.sent[3]; !p.Notified.IsZero() || p.Event != "order_created" {
		t.Errorf("a change that nobody announced: %+v", p)
	}
	k.exec(`alter view kitchen.order_rows rename to rows_away`)
	k.exec(`select pg_notify('kitchen_' || $1::text, '')`, r)
	m.await(t, "reads that fail", func() bool { return m.failed > 0 })
	k.exec(`alter view kitchen.rows_away rename to order_rows`)
	k.converges(s)
}

func TestTraceRemembersTheLastChangesOfAnOrder(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	s, _ := k.watch(r)
	one := k.order(r)
	k.converges(s)
	if other := k.n.Trace("00000000-0000-4000-8000-000000000000"); other != nil {
		t.Errorf("of an order that is not: %+v", other)
	}
	if watched, live := k.n.Watches(restaurantID(r)); !watched || !live {
		t.Errorf("watched %v, live %v", watched, live)
	}
	if watched, _ := k.n.Watches(restaurantID(k.restaurant())); watched {
		t.Error("a restaurant that nobody looks at is watched")
	}
	// Others do not push it out at once, but do in the end: the memory is bounded.
	for range 5 {
		k.order(r)
	}
	k.exec(`update orders set status = 'preparing' where id = $1`, one)
	k.converges(s)
	got := k.n.Trace(order.OrderID(one))
	if len(got) != 2 || got[0].Event != "order_created" || got[1].Event != "order_status_changed" || got[1].Version != 2 {
		t.Errorf("remembered: %+v", got)
	}
	for range 70 {
		k.order(r)
		k.converges(s)
	}
	if got := k.n.Trace(order.OrderID(one)); len(got) != 0 {
		t.Errorf("after 70 others: %+v", got)
	}
}

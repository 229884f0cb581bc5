package demo

import (
	"math"
	"slices"
	"sync"
	"time"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/order"
	"kitchen/db/rush"
)

// meter measures the time from a commit to the display. A change counts as shown when the display gets the version that it made,
// or a later one, because a node may send two quick changes as one. The display may get a change before the writer's COMMIT returns.
type meter struct {
	mu       sync.Mutex
	orders   map[order.OrderID]*progress
	taken    []time.Duration // of the last changes, at most keep
	next     int             // the oldest of taken, once it is full
	missing  int             // changes that were not shown yet
	received int             // events about orders
	shown    chan struct{}   // has a token when missing became 0
}

// progress says which changes of one order the display has shown.
type progress struct {
	waiting []rush.Change // committed and not shown, oldest first
	version int64         // the latest that was shown
	at      time.Time     // when it was shown
}

// keep is how many measurements are kept, so that a demo that is left running does not grow.
const keep = 100_000

func newMeter() *meter {
	return &meter{orders: map[order.OrderID]*progress{}, shown: make(chan struct{}, 1)}
}

// committed is called by the writer after each commit.
func (m *meter) committed(c rush.Change) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.order(c.Order)
	if c.Version <= p.version {
		m.take(p.at.Sub(c.At))
		return
	}
	p.waiting = append(p.waiting, c)
	m.missing++
}

// receive is called by the display with each message.
func (m *meter) receive(msg terminal.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch msg.Type {
	case "initial_queue":
		for _, o := range msg.Orders {
			m.show(o.ID, o.Version, msg.At)
		}
	case "order_created", "order_updated":
		m.received++
		if msg.Order != nil {
			m.show(msg.Order.ID, msg.Order.Version, msg.At)
		}
	case "order_status_changed":
		m.received++
		m.show(msg.OrderID, msg.Version, msg.At)
	case "order_deleted":
		m.received++
		m.show(msg.OrderID, math.MaxInt64, msg.At)
	}
}

func (m *meter) show(id order.OrderID, version int64, at time.Time) {
	p := m.order(id)
	if version <= p.version {
		return
	}
	p.version, p.at = version, at
	for len(p.waiting) > 0 && p.waiting[0].Version <= version {
		m.take(at.Sub(p.waiting[0].At))
		p.waiting = p.waiting[1:]
		m.missing--
	}
	if m.missing == 0 {
		select {
		case m.shown <- struct{}{}:
		default:
		}
	}
}

func (m *meter) order(id order.OrderID) *progress {
	p := m.orders[id]
	if p == nil {
		p = &progress{}
		m.orders[id] = p
	}
	return p
}

func (m *meter) take(d time.Duration) {
	d = max(d, 0)
	if len(m.taken) < keep {
		m.taken = append(m.taken, d)
		return
	}
	m.taken[m.next] = d
	m.next = (m.next + 1) % keep
}

// wait returns when every change was shown, or timeout has passed.
func (m *meter) wait(timeout time.Duration) {
	deadline := time.After(timeout)
	for {
		m.mu.Lock()
		missing := m.missing
		m.mu.Unlock()
		if missing == 0 {
			return
		}
		select {
		case <-m.shown:
		case <-deadline:
			return
		}
	}
}

// figures are the results of a meter.
type figures struct {
	received, missing int
	p50, p99          time.Duration
}

func (m *meter) figures() figures {
	m.mu.Lock()
	defer m.mu.Unlock()
	sorted := slices.Sorted(slices.Values(m.taken))
	return figures{received: m.received, missing: m.missing, p50: percentile(sorted, 0.50), p99: percentile(sorted, 0.99)}
}

// percentile returns the percentile by nearest rank; 0 where there are no values.
func percentile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(share*float64(len(sorted)) + 0.999999)
	return sorted[min(max(rank, 1), len(sorted))-1]
}

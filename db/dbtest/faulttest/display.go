package faulttest

import (
	"fmt"
	"sync"
	"time"

	"kitchen/db/order"
)

// Shown is an order as a display shows it. Doc is the document without version, status and updated_at, because an
// order_status_changed does not replace the rest.
type Shown struct {
	Version int64
	Status  string
	Doc     string
}

// observation records when a display received a version of an order. Without an id, the whole queue was replaced.
type observation struct {
	at      time.Time
	id      string
	version int64
	status  string
}

type liveChange struct {
	at   time.Time
	live bool
}

// Display builds a queue from messages as a client does, and records what no display may ever receive. One goroutine may feed it
// while others read it. Messages go into an inbox with the time of their arrival, and another goroutine processes them: so neither
// the sender nor the recorded times wait for that work.
type Display struct {
	Name   string
	Tenant *Tenant

	inbox inbox

	mu           sync.Mutex
	changed      chan struct{} // closed and made anew with every message
	now          time.Time     // when the arrival came that is being processed
	lastChange   time.Time     // when the last arrival came that changed what is shown
	connected    bool          // has had a snapshot since it joined
	queue        map[string]Shown
	versions     map[string]int64 // the newest seen since the last initial_queue
	live         bool
	observations []observation
	liveChanges  []liveChange
	wrong        []string
	snapshots    int
	events       int
	noHistory    bool
}

// remembered is how many versions of closed orders a display without history keeps.
const remembered = 100

// NewDisplay makes a display of a tenant that has received nothing and is not live.
func NewDisplay(name string, tenant *Tenant) *Display {
	return &Display{Name: name, Tenant: tenant, changed: make(chan struct{})}
}

// KeepNoHistory keeps the memory of a long test small. Then only queues, the order of versions and tenants can be checked, and not
// when a change arrived.
func (d *Display) KeepNoHistory() { d.mu.Lock(); d.noHistory = true; d.mu.Unlock() }

func (d *Display) foldLive(live bool) {
	if live != d.live {
		d.live, d.lastChange = live, d.now
		if !d.noHistory {
			d.liveChanges = append(d.liveChanges, liveChange{d.now, live})
		}
	}
	d.signal()
}

func (d *Display) signal() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// fold processes one arrival.
func (d *Display) fold(l arrival) {
	var m *message
	if l.doc != nil {
		m = d.Tenant.open(l.doc) // before the lock, so that readers do not wait for it
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = l.at
	switch {
	case l.left:
		d.connected = false
		d.foldLive(false)
	case m == nil:
		d.foldLive(l.live)
	default:
		d.apply(m, l.doc)
	}
}

func (d *Display) apply(m *message, doc []byte) {
	for _, wrong := range m.wrong {
		d.fault("%s: %s", wrong, doc)
	}
	switch m.Type {
	case "":
		return
	case "initial_queue":
		d.connected, d.snapshots = true, d.snapshots+1
		d.queue, d.versions = make(map[string]Shown, len(m.orders)), make(map[string]int64, len(m.orders))
		d.note(observation{})
		for _, o := range m.orders {
			d.put(o)
		}
		d.lastChange = d.now
		d.foldLive(m.Live)
		return
	case "heartbeat":
		d.foldLive(m.Live)
		return
	case "ack", "error", "recent_orders", "authenticated", "screens", "alarm", "alarm_over":
		return
	}
	if !d.connected {
		d.fault("%s before a snapshot", m.Type)
		return
	}
	d.events++
	d.lastChange = d.now
	switch m.Type {
	case "order_created", "order_updated":
		for _, o := range m.orders {
			d.put(o)
		}
	case "order_status_changed":
		o, known := d.queue[m.OrderID]
		if !known {
			d.fault("status of an order that is not shown: %s", doc)
		}
		d.newer(m.OrderID, m.Version, m.Status)
		o.Version, o.Status = m.Version, m.Status
		d.show(m.OrderID, o)
	case "order_deleted":
		delete(d.queue, m.OrderID)
		d.note(observation{id: m.OrderID, version: 1 << 62})
	default:
		d.fault("unknown message: %s", doc)
	}
	d.signal()
}

func (d *Display) put(o sent) {
	d.newer(o.id, o.Version, o.Status)
	d.show(o.id, o.Shown)
}

func (d *Display) show(id string, o Shown) {
	if order.Status(o.Status).Open() {
		d.queue[id] = o
	} else {
		delete(d.queue, id)
	}
}

func (d *Display) newer(id string, version int64, status string) {
	// An order that no trigger has seen, as logical replication brings it, has version 0.
	if before, known := d.versions[id]; known && version <= before {
		d.fault("order %s went from version %d to %d", id, d.versions[id], version)
	}
	d.versions[id] = version
	if d.noHistory && len(d.versions) > len(d.queue)+remembered {
		for id := range d.versions {
			if _, shown := d.queue[id]; !shown {
				delete(d.versions, id)
			}
		}
		d.versions[id] = version
	}
	d.note(observation{id: id, version: version, status: status})
}

func (d *Display) note(s observation) {
	if !d.noHistory {
		s.at = d.now
		d.observations = append(d.observations, s)
	}
}

func (d *Display) fault(format string, args ...any) {
	if len(d.wrong) < 20 {
		d.wrong = append(d.wrong, d.Name+" "+fmt.Sprintf(format, args...))
	}
}

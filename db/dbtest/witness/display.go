package witness

import (
	"fmt"
	"sync"
	"time"

	"kitchen/db"
)

// Shown is an order as a display shows it. Doc is all of it but version, status and updated_at, which an
// order_status_changed does not bring.
type Shown struct {
	Version int64
	Status  string
	Doc     string
}

// sight is when a display saw a version of an order; or, without an order, that all it had was replaced or one was deleted.
type sight struct {
	at      time.Time
	id      string
	version int64
	status  string
}

type liveness struct {
	at   time.Time
	live bool
}

// Display folds messages as a client does, and checks what no display may ever see. It may be told by one goroutine and
// looked at by others. What it is told goes into an inbox, with the time, and is folded by a goroutine that ends when the
// inbox is empty: who tells it, and when it is said to have heard, do not wait for what folding costs this process.
type Display struct {
	Name   string
	Tenant *Tenant

	inbox inbox

	mu         sync.Mutex
	changed    chan struct{} // closed and made anew with every message
	now        time.Time     // when what is being folded came
	settled    time.Time     // when the last message came that changed anything
	connected  bool          // has had a snapshot since it joined
	queue      map[string]Shown
	versions   map[string]int64 // the newest seen since the last initial_queue
	live       bool
	sights     []sight
	lives      []liveness
	wrong      []string
	snapshots  int
	events     int
	forgetting bool
}

// remembered is of how many orders that have left the queue a display that forgets still knows the version.
const remembered = 100

// NewDisplay makes a display of a tenant, which has seen nothing and is not live.
func NewDisplay(name string, tenant *Tenant) *Display {
	return &Display{Name: name, Tenant: tenant, changed: make(chan struct{})}
}

// Forget makes a display remember no history, for tests that run long: then [Verdict] checks queues, order and tenants, and
// not when things were seen.
func (d *Display) Forget() { d.mu.Lock(); d.forgetting = true; d.mu.Unlock() }

func (d *Display) setLive(live bool) {
	if live != d.live {
		d.live, d.settled = live, d.now
		if !d.forgetting {
			d.lives = append(d.lives, liveness{d.now, live})
		}
	}
	d.signal()
}

func (d *Display) signal() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// fold takes in what came at a time.
func (d *Display) fold(l letter) {
	var m *message
	if l.doc != nil {
		m = d.Tenant.open(l.doc) // not under the lock: those who look on may
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = l.at
	switch {
	case l.left:
		d.connected = false
		d.setLive(false)
	case m == nil:
		d.setLive(l.live)
	default:
		d.hear(m, l.doc)
	}
}

func (d *Display) hear(m *message, doc []byte) {
	for _, wrong := range m.wrong {
		d.fault("%s: %s", wrong, doc)
	}
	switch m.Type {
	case "":
		return
	case "initial_queue":
		d.connected, d.snapshots = true, d.snapshots+1
		d.queue, d.versions = make(map[string]Shown, len(m.orders)), make(map[string]int64, len(m.orders))
		d.note(sight{})
		for _, o := range m.orders {
			d.put(o)
		}
		d.settled = d.now
		d.setLive(m.Live)
		return
	case "heartbeat":
		d.setLive(m.Live)
		return
	case "ack", "error", "recent_orders", "authenticated", "screens", "alarm", "alarm_over":
		return
	}
	if !d.connected {
		d.fault("%s before a snapshot", m.Type)
		return
	}
	d.events++
	d.settled = d.now
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
		d.note(sight{id: m.OrderID, version: 1 << 62})
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
	if db.Status(o.Status).Open() {
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
	if d.forgetting && len(d.versions) > len(d.queue)+remembered {
		for id := range d.versions {
			if _, shown := d.queue[id]; !shown {
				delete(d.versions, id)
			}
		}
		d.versions[id] = version
	}
	d.note(sight{id: id, version: version, status: status})
}

func (d *Display) note(s sight) {
	if !d.forgetting {
		s.at = d.now
		d.sights = append(d.sights, s)
	}
}

func (d *Display) fault(format string, args ...any) {
	if len(d.wrong) < 20 {
		d.wrong = append(d.wrong, d.Name+" "+fmt.Sprintf(format, args...))
	}
}

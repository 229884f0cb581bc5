package notifier

import (
	"context"
	"log/slog"
	"time"

	"kitchen/db/order"
)

// SentEvent is an event about an order that was sent to the displays of this node.
type SentEvent struct {
	Restaurant order.RestaurantID
	Sequence   uint64 // of its message, by which the displays' side remembers whom it reached
	Order      order.OrderID
	Event      string // the message's type
	Status     order.Status
	Version    int64     // 0 where the order is gone
	By         string    // who made it, as the writer's application_name says; empty where that is not known
	Changed    time.Time // orders.updated_at, the start of the writer's transaction, by this machine's clock; zero where it is not known
	Notified   time.Time // zero where no notification came: the read had another reason
	Read       time.Time
	Sent       time.Time // when it had been handed to the subscribers
}

// maxTraced is how many events a kitchen remembers.
const maxTraced = 64

// trace remembers the last events of a kitchen. It grows with the events, so that an idle restaurant takes no memory.
type trace struct {
	events []SentEvent
	next   int // index of the oldest, which the next one overwrites once there are maxTraced
}

func (t *trace) add(e SentEvent) {
	if len(t.events) < maxTraced {
		t.events = append(t.events, e)
		return
	}
	t.events[t.next] = e
	t.next = (t.next + 1) % maxTraced
}

// record remembers an event that was delivered to the subscribers. The caller holds seq.
func (k *kitchen) record(c change, at timings, sequence uint64) {
	e := SentEvent{Restaurant: k.id, Sequence: sequence, Order: c.order, Notified: at.notified, Read: at.read, Sent: time.Now()}
	switch m := c.message.(type) {
	case *orderMessage:
		e.Event = m.Type
	case *statusMessage:
		e.Event = m.Type
	case *deletedMessage:
		e.Event = m.Type
	}
	if at.origin.made(c.is) {
		e.By = at.origin.by
	}
	if c.is != nil {
		e.Status, e.Version = c.is.Status, c.is.Version
		e.Changed = c.is.UpdatedAt.Add(-time.Duration(k.notifier.clock.Load()))
	}
	k.trace.add(e)
	if len(k.subscriptions) > 0 {
		k.notifier.cfg.Meter.EventSent(e)
	}
	if log := k.notifier.log; log.Enabled(context.Background(), slog.LevelDebug) {
		log.Debug("sent", "restaurant", k.id, "order", c.order, "event", e.Event, "status", e.Status, "version", e.Version, "by", e.By,
			"changed", e.Changed, "notified", e.Notified, "read", e.Read, "sent", e.Sent)
	}
}

// Trace returns what this node remembers of the events of an order, the oldest first: nothing where no display of its
// restaurant is connected here, or was within the last half minute.
func (n *Notifier) Trace(id order.OrderID) (events []SentEvent) {
	for _, k := range n.watched() {
		k.seq.Lock()
		for i := range k.trace.events {
			if e := k.trace.events[(k.trace.next+i)%len(k.trace.events)]; e.Order == id {
				events = append(events, e)
			}
		}
		k.seq.Unlock()
	}
	return events
}

// Omits returns how many open orders are left out of what displays of an open order's restaurant show, where it is one of them,
// and else 0. Its id, restaurant, number and time say which it is.
func (n *Notifier) Omits(o *order.Order) int {
	n.mu.Lock()
	k := n.kitchens[o.RestaurantID]
	n.mu.Unlock()
	if k == nil {
		return 0
	}
	k.seq.Lock()
	defer k.seq.Unlock()
	if !k.sent.omits(o) {
		return 0
	}
	return k.sent.omitted
}

// timings says when the change behind an event was noticed and read, and who made it according to the notification.
type timings struct {
	notified time.Time // zero where no notification came
	origin   origin    // nothing where the notification named no order
	read     time.Time
}

// of returns the timings of one order, for which there may have been a notification of its own.
func (t timings) of(hints map[order.OrderID]hinted, id order.OrderID) timings {
	if h, named := hints[id]; named {
		t.notified, t.origin = h.at, h.origin
	}
	return t
}

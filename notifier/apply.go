package notifier

import (
	"slices"
	"time"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/listen"
)

// change is what has to be sent of an order. is is nil where the order is gone.
type change struct {
	message any
	order   order.OrderID
	is      *order.Order
}

// sign says in the message who made the change.
func (c change) sign(by string) {
	switch m := c.message.(type) {
	case *orderMessage:
		m.By = by
	case *statusMessage:
		m.By = by
	case *deletedMessage:
		m.By = by
	}
}

// send sends a change to all subscribers, as an event. The caller holds seq.
func (k *kitchen) send(c change, at timings) {
	if at.origin.made(c.is) && at.origin.by != db.NodeName { // that a display asked for it says nothing to a cook
		c.sign(at.origin.by)
	}
	sequence := k.notifier.events.Add(1)
	if len(k.subscriptions) > 0 {
		m := k.message(order.Event, encode(c.message))
		m.Sequence = sequence
		k.deliver(m)
	}
	k.record(c, at, sequence)
}

// resend sends the whole queue, which replaces what displays have. The caller holds seq.
func (k *kitchen) resend() { k.deliver(k.message(order.Replacement, k.queueDocument())) }

// applyOrders compares orders that may have changed, as they were just read, with what was sent, and sends the differences. It
// reports whether the whole queue has to be read: because a difference cannot be sent as an event, or because the place of an
// order that left is for one of those that are omitted.
func (k *kitchen) applyOrders(hints map[order.OrderID]hinted, found map[db.OrderKey]*order.Order, read time.Time) (again bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	now := func(id order.OrderID) *order.Order { return found[db.OrderKey{Restaurant: k.id, Order: id}] }
	for _, id := range inOrder(hints, now) {
		is := now(id)
		open := is != nil && is.Status.Open()
		switch {
		case open && k.sent.omits(is):
			continue
		case !open && k.sent.omitted > 0:
			again = true
		}
		if open && is.Unsettled(k.sent.restaurant.ReadyWhen) {
			k.reader.markUnsettled(k.id, id)
		}
		message, resend := k.sent.compare(id, is)
		if resend {
			again = true
			continue
		}
		if message != nil {
			k.send(change{message, id, is}, timings{notified: hints[id].at, origin: hints[id].origin, read: read})
		}
		k.sent.set(id, is)
	}
	if k.sent.cut() {
		k.resend()
	}
	k.failing = false
	k.updateLive()
	return again
}

// inOrder is the ids of orders oldest first, as they would stand in the queue. Orders that are gone come first.
func inOrder(hints map[order.OrderID]hinted, now func(order.OrderID) *order.Order) []order.OrderID {
	ids := make([]order.OrderID, 0, len(hints))
	for id := range hints {
		ids = append(ids, id)
	}
	if len(ids) < 2 {
		return ids
	}
	slices.SortFunc(ids, func(a, b order.OrderID) int {
		x, y := now(a), now(b)
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return -1
		case y == nil:
			return 1
		}
		return order.OldestFirst(x, y)
	})
	return ids
}

// applyQueue compares a whole queue, just read, with what was sent, and sends the differences, or where those cannot be
// events, the queue. elsewhere has the orders that were sent and are not in the queue, as they are now; one that is in
// neither does not exist. listening is the generation in which the read was begun. It reports whether anything differed.
func (k *kitchen) applyQueue(q *db.Queue, elsewhere map[db.OrderKey]*order.Order, listening *listen.Generation, at timings,
	hints map[order.OrderID]hinted) (differed bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	now, changes, resend := k.compareQueue(q, elsewhere)
	first := !k.sent.loaded
	if !first && !resend {
		for _, c := range changes {
			k.send(c, at.of(hints, c.order))
		}
		for _, was := range k.sent.orders {
			if now[was.ID] == nil {
				k.sent.depart(was.ID, was, elsewhere[db.OrderKey{Restaurant: k.id, Order: was.ID}])
			}
		}
	} else {
		k.sent.departed = nil
	}
	recounted := k.sent.omitted != q.Omitted
	k.sent.restaurant, k.sent.orders, k.sent.omitted, k.sent.loaded = q.Restaurant, now, q.Omitted, true
	resend = k.sent.cut() || resend && !first
	wasLive := k.live
	k.listening, k.failing = listening, false
	k.updateLive()
	switch {
	case resend:
		k.resend()
	case recounted && k.live == wasLive:
		k.deliver(k.message(order.State, nil))
	}
	return !first && (resend || len(changes) > 0)
}

// compareQueue is what the queue is now, and what has to be sent of it.
func (k *kitchen) compareQueue(q *db.Queue, elsewhere map[db.OrderKey]*order.Order) (
	now map[order.OrderID]*order.Order, changes []change, resend bool,
) {
	now = make(map[order.OrderID]*order.Order, len(q.Orders))
	resend = q.Restaurant != k.sent.restaurant
	compare := func(id order.OrderID, is *order.Order) {
		message, back := k.sent.compare(id, is)
		resend = resend || back
		if message != nil {
			changes = append(changes, change{message, id, is})
		}
	}
	for i := range q.Orders {
		o := &q.Orders[i]
		now[o.ID] = o
		if o.Unsettled(q.Restaurant.ReadyWhen) {
			k.reader.markUnsettled(k.id, o.ID)
		}
		compare(o.ID, o)
	}
	for _, was := range k.sent.oldestFirst() {
		if now[was.ID] != nil {
			continue
		}
		is := elsewhere[db.OrderKey{Restaurant: k.id, Order: was.ID}]
		switch {
		case is == nil || !is.Status.Open():
		case q.Omitted > 0 && order.OldestFirst(is, &q.Orders[0]) < 0:
			resend = true // it is one of those that are omitted now
			continue
		default:
			now[is.ID] = is // it came back between the two reads
		}
		compare(was.ID, is)
	}
	return now, changes, resend
}

// missing returns the orders that were sent and are not in q.
func (k *kitchen) missing(q *db.Queue) []order.OrderID {
	k.seq.Lock()
	defer k.seq.Unlock()
	in := make(map[order.OrderID]bool, len(q.Orders))
	for i := range q.Orders {
		in[q.Orders[i].ID] = true
	}
	var missing []order.OrderID
	for id := range k.sent.orders {
		if !in[id] {
			missing = append(missing, id)
		}
	}
	return missing
}

// queueWithoutRestaurant is the queue of a restaurant that does not exist any more: it has no orders, and is called what it was.
func (k *kitchen) queueWithoutRestaurant() *db.Queue {
	k.seq.Lock()
	defer k.seq.Unlock()
	return &db.Queue{Restaurant: k.sent.restaurant}
}

// recount takes another number of omitted orders, where that is all that differs from what was sent.
func (k *kitchen) recount(is db.Fingerprint) (was bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	sent := k.sent.fingerprint()
	sent.Omitted = is.Omitted
	if sent != is {
		return false
	}
	if k.sent.omitted != is.Omitted {
		k.sent.omitted = is.Omitted
		k.deliver(k.message(order.State, nil))
	}
	return true
}

// fingerprint is that of the queue as sent. ok is false where there is nothing to compare with.
func (k *kitchen) fingerprint() (f db.Fingerprint, ok bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	return k.sent.fingerprint(), k.sent.loaded
}

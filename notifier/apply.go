package notifier

import (
	"slices"
	"time"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/listen"
)

// change is a difference of one order that has to be sent, and its message.
type change struct {
	message any
	order   order.OrderID
	is      *order.Order // nil where the order is gone
}

// setBy puts the writer of the change into the message.
func (c change) setBy(by string) {
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
	if at.origin.made(c.is) && at.origin.by != db.NodeName { // a node writes for displays, and its name tells a cook nothing
		c.setBy(at.origin.by)
	}
	sequence := k.notifier.events.Add(1)
	if len(k.subscriptions) > 0 { // of boards
		m := k.message(order.Event, encode(c.message))
		m.Sequence = sequence
		k.deliver(m)
	}
	k.record(c, at, sequence)
}

// resend sends the whole queue, which replaces what displays have. The caller holds seq.
func (k *kitchen) resend() { k.deliver(k.message(order.Replacement, k.queueDocument())) }

// applyOrders compares orders that may have changed, as they were just read, with what was sent, and sends the differences. It
// reports whether the whole queue has to be read, for one of two reasons: a difference cannot be sent as an event, or an order
// left the queue while others are omitted, and the newest of them has to take its place.
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
		k.correctStatus(is, k.sent.restaurant)
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
	if k.sent.trim() {
		k.resend()
	}
	k.failing = false
	k.updateLive()
	k.updatePickup()
	return again
}

// inOrder returns the ids of orders oldest first, as in the queue. Orders that are gone come before them.
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

// queueRead is a whole queue as it was read.
type queueRead struct {
	queue     *db.Queue
	elsewhere map[db.OrderKey]*order.Order // orders that were sent and are not in the queue; one that is missing here, too, does not exist
	listening *listen.Generation           // in which the read was begun, or nil
}

// applyQueue compares a queue that was just read with what was sent, and sends the differences: as events, or as a whole queue
// where events cannot express them. It returns what differed.
//
// The first read sends nothing: those who wait for a snapshot are answered next. Then the queue is taken as sent, cut to its
// bound, and the kitchen is live if the generation of the read goes on. A new number of
// omitted orders goes out by itself, if no other message has brought it.
func (k *kitchen) applyQueue(read queueRead, at timings, hints map[order.OrderID]hinted) (differed differences) {
	k.seq.Lock()
	defer k.seq.Unlock()
	c := k.compareQueue(read.queue, read.elsewhere)
	first := !k.sent.loaded
	if first || c.resend {
		k.sent.departed = nil // a whole queue replaces what displays know
	} else {
		for _, change := range c.changes {
			k.send(change, at.of(hints, change.order))
		}
		for _, was := range k.sent.orders {
			if c.orders[was.ID] == nil {
				k.sent.depart(was.ID, was, read.elsewhere[db.OrderKey{Restaurant: k.id, Order: was.ID}])
			}
		}
	}

	recounted, wasLive := k.sent.omitted != read.queue.Omitted, k.live
	k.sent.restaurant, k.sent.orders, k.sent.omitted, k.sent.loaded = read.queue.Restaurant, c.orders, read.queue.Omitted, true
	trimmed := k.sent.trim()
	k.listening, k.failing = read.listening, false
	k.updateLive()

	resend := trimmed || c.resend && !first
	switch {
	case resend:
		k.resend()
	case recounted && k.live == wasLive: // else updateLive has just sent the number
		k.deliver(k.message(order.State, nil))
	}
	k.updateScreens()
	k.updatePickup()
	if !first {
		differed.whole = c.resend
		for _, change := range c.changes {
			differed.orders = append(differed.orders, change.order)
		}
	}
	return differed
}

// differences are the differences between a queue that was read and the sent one.
type differences struct {
	orders []order.OrderID
	whole  bool // also in something that no event can express
}

// comparison is the result of comparing a queue that was read with the sent one.
type comparison struct {
	orders  map[order.OrderID]*order.Order // the queue as it is now
	changes []change                       // to send
	resend  bool                           // the changes cannot be sent as events
}

func (k *kitchen) compareQueue(q *db.Queue, elsewhere map[db.OrderKey]*order.Order) comparison {
	c := comparison{orders: make(map[order.OrderID]*order.Order, len(q.Orders)), resend: !q.Restaurant.SameForBoards(k.sent.restaurant)}
	compare := func(id order.OrderID, is *order.Order) {
		k.correctStatus(is, q.Restaurant)
		message, resend := k.sent.compare(id, is)
		c.resend = c.resend || resend
		if message != nil {
			c.changes = append(c.changes, change{message, id, is})
		}
	}
	for i := range q.Orders {
		o := &q.Orders[i]
		c.orders[o.ID] = o
		compare(o.ID, o)
	}
	for _, was := range k.sent.oldestFirst() {
		if c.orders[was.ID] != nil {
			continue
		}
		is := elsewhere[db.OrderKey{Restaurant: k.id, Order: was.ID}]
		switch {
		case is == nil || !is.Status.Open(): // it left the queue
		case q.Omitted > 0 && order.OldestFirst(is, &q.Orders[0]) < 0:
			c.resend = true // it is one of those that are omitted now
			continue
		default:
			c.orders[is.ID] = is // it came back between the two reads
		}
		compare(was.ID, is)
	}
	return c
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

// queueWithoutRestaurant is the queue of a restaurant that does not exist any more: it has no orders, and its last name.
func (k *kitchen) queueWithoutRestaurant() *db.Queue {
	k.seq.Lock()
	defer k.seq.Unlock()
	return &db.Queue{Restaurant: k.sent.restaurant}
}

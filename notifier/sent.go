package notifier

import (
	"slices"

	"kitchen/db"
	"kitchen/db/order"
)

// sentQueue is a restaurant's queue as displays show it once they have applied every message. The kitchen's seq guards it.
type sentQueue struct {
	loaded     bool // the queue has been read at least once
	restaurant order.Restaurant
	orders     map[order.OrderID]*order.Order
	omitted    int        // older open orders that are not among them
	departed   []departed // the last few orders that left the queue
}

// departed remembers the last version sent of an order that left the queue, so that an older one is not sent as new.
type departed struct {
	id      order.OrderID
	version int64
}

// maxDeparted is enough for what a kitchen completes between the commits that a failover loses and the return of the database.
const maxDeparted = 32

// compare is [difference] for an order of this queue, with regard to those that departed and those that are omitted.
func (q *sentQueue) compare(id order.OrderID, is *order.Order) (message any, resend bool) {
	was := q.orders[id]
	if was == nil && is != nil && is.Status.Open() {
		for _, d := range q.departed {
			if d.id == id && is.Version <= d.version {
				return nil, true
			}
		}
	}
	message, resend = difference(was, is)
	if created, ok := message.(*orderMessage); ok && was == nil && q.omits(is) {
		created.Type = "order_updated" // it was omitted, and takes the place of one that left: not new to the kitchen
	}
	return message, resend
}

// set records an order as it is now, or nil where it does not exist.
func (q *sentQueue) set(id order.OrderID, is *order.Order) {
	if is != nil && is.Status.Open() {
		q.orders[id] = is
		return
	}
	if was := q.orders[id]; was != nil {
		delete(q.orders, id)
		q.depart(id, was, is)
	}
}

// depart records that an order left the queue, and at which version.
func (q *sentQueue) depart(id order.OrderID, was, is *order.Order) {
	version := was.Version
	if is != nil {
		version = is.Version
	}
	q.departed = slices.DeleteFunc(q.departed, func(d departed) bool { return d.id == id })
	if len(q.departed) == maxDeparted {
		q.departed = slices.Delete(q.departed, 0, 1)
	}
	q.departed = append(q.departed, departed{id, version})
}

// omits reports whether an open order is one of those that this queue leaves out: they are older than all that are in it.
func (q *sentQueue) omits(o *order.Order) bool {
	if q.omitted == 0 || q.orders[o.ID] != nil {
		return false
	}
	for _, other := range q.orders {
		if order.OldestFirst(other, o) < 0 {
			return false
		}
	}
	return true
}

// trim leaves out the oldest orders beyond what a queue may hold. It reports whether there were any.
func (q *sentQueue) trim() bool {
	more := len(q.orders) - db.MaxQueue
	if more <= 0 {
		return false
	}
	for _, o := range q.oldestFirst()[:more] {
		delete(q.orders, o.ID)
	}
	q.omitted += more
	return true
}

// oldestFirst returns the orders of the queue in their order.
func (q *sentQueue) oldestFirst() []*order.Order {
	all := make([]*order.Order, 0, len(q.orders))
	for _, o := range q.orders {
		all = append(all, o)
	}
	slices.SortFunc(all, order.OldestFirst)
	return all
}

// fingerprint is what [db.DB.Fingerprints] should find.
func (q *sentQueue) fingerprint() db.Fingerprint {
	f := db.Fingerprint{Restaurant: q.restaurant, Orders: len(q.orders), Omitted: q.omitted}
	for _, o := range q.orders {
		f.Stamp ^= o.Stamp
	}
	return f
}

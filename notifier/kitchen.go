package notifier

import (
	"slices"
	"sync"
	"time"

	"kitchen/db"
	"kitchen/db/order"
)

// kitchen keeps the queue of a watched restaurant as it was sent to its subscribers, and decides the order of everything that
// they get: it is the restaurant's sequencer.
type kitchen struct {
	// Static after construction.
	id       db.RestaurantID
	notifier *Notifier
	reader   *reader

	// Guarded by notifier.mu.
	subscribers int
	timer       *time.Timer // the last that was started for this kitchen: of impatience first, of lingering later

	// What is to be read; guarded by reader.mu.
	marks marks

	// seq is the sequencer's lock: whoever compares and tells holds it. No I/O is done under it.
	seq           sync.Mutex
	subscriptions []*Subscription
	loaded        bool // the queue has been read at least once
	restaurant    db.Restaurant
	orders        map[db.OrderID]*db.Order // the told queue
	gone          []tombstone              // orders that left it, the last few
	heardSince    uint64                   // the generation of the listener during which the whole queue was read, 0 for none
	failing       bool                     // the last read failed
	live          bool                     // as the subscribers were told
	sequence      uint64                   // of the last event
	trace         trace
}

// tombstone remembers the last version told of an order that left the queue, so that an older one is not told as new.
type tombstone struct {
	id      db.OrderID
	version int64
}

// maxTombstones is enough for what a kitchen completes between a failover's lost commits and its return.
const maxTombstones = 32

func newKitchen(id db.RestaurantID, n *Notifier) *kitchen {
	return &kitchen{id: id, notifier: n, reader: n.reader, orders: make(map[db.OrderID]*db.Order)}
}

func (k *kitchen) add(s *Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.subscriptions = append(k.subscriptions, s)
	s.to.Deliver(k.message(order.State, nil))
}

func (k *kitchen) remove(s *Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.subscriptions = slices.DeleteFunc(k.subscriptions, func(other *Subscription) bool { return other == s })
}

// deliver gives a message to every subscriber. It and message are called with seq held.
func (k *kitchen) deliver(m order.Message) {
	for _, s := range k.subscriptions {
		s.to.Deliver(m)
	}
}

func (k *kitchen) message(kind order.MessageKind, doc []byte) order.Message {
	return order.Message{Kind: kind, Document: doc, Live: k.live}
}

// applyQueue compares a whole queue, just read, with what was told. lost are the orders that were told and are not in
// it, as they are now; those that are in neither do not exist. heard is the generation in which the read was begun.
// It reports whether anything differed.
func (k *kitchen) applyQueue(q *db.Queue, lost map[db.OrderID]*db.Order, heard uint64, at seen) (differed bool) {
	k.seq.Lock()
	defer k.seq.Unlock()

	anew := k.loaded && q.Restaurant != k.restaurant
	now := make(map[db.OrderID]*db.Order, len(q.Orders))
	var tell []news
	for i := range q.Orders {
		o := &q.Orders[i]
		now[o.ID] = o
		message, back := k.difference(o.ID, o)
		anew = anew || back
		if message != nil {
			tell = append(tell, news{message, o.ID, o})
		}
	}
	for _, id := range k.ids() {
		if now[id] != nil {
			continue
		}
		o := lost[id]
		if o != nil && o.Status.Open() {
			now[id] = o // it came back between the two reads
		}
		message, back := k.difference(id, o)
		anew = anew || back
		if message != nil {
			tell = append(tell, news{message, id, o})
		}
	}

	if first := !k.loaded; first || anew {
		k.restaurant, k.orders, k.loaded = q.Restaurant, now, true
		k.gone = nil
		k.setLive(heard, false)
		if !first {
			k.deliver(k.message(order.Replacement, k.queueDocument()))
		}
		return !first
	}
	for _, n := range tell {
		k.tell(n, at.of(n.order))
	}
	for id, was := range k.orders {
		if now[id] == nil {
			k.bury(id, was, lost[id])
		}
	}
	k.orders = now
	k.setLive(heard, false)
	return len(tell) > 0
}

// applyOrder compares one order, just read, with what was told; is is nil where it does not exist. It reports false
// where that cannot be told as an event: then the whole queue has to be read.
func (k *kitchen) applyOrder(id db.OrderID, is *db.Order, at seen) bool {
	message, back := k.difference(id, is)
	if back {
		return false
	}
	if message != nil {
		k.tell(news{message, id, is}, at)
	}
	was := k.orders[id]
	switch {
	case is != nil && is.Status.Open():
		k.orders[id] = is
	case was != nil:
		delete(k.orders, id)
		k.bury(id, was, is)
	}
	return true
}

// difference is the package's function of that name, for this kitchen, with its tombstones.
func (k *kitchen) difference(id db.OrderID, is *db.Order) (message any, back bool) {
	was := k.orders[id]
	if was == nil && is != nil && is.Status.Open() {
		for _, t := range k.gone {
			if t.id == id && is.Version <= t.version {
				return nil, true
			}
		}
	}
	return difference(was, is)
}

func (k *kitchen) bury(id db.OrderID, was, is *db.Order) {
	version := was.Version
	if is != nil {
		version = is.Version
	}
	k.gone = slices.DeleteFunc(k.gone, func(t tombstone) bool { return t.id == id })
	if len(k.gone) == maxTombstones {
		k.gone = slices.Delete(k.gone, 0, 1)
	}
	k.gone = append(k.gone, tombstone{id, version})
}

// news is what is to be told of an order. is is nil where the order is gone.
type news struct {
	message any
	order   db.OrderID
	is      *db.Order
}

// sign says in the message who made the change.
func (n news) sign(by string) {
	switch m := n.message.(type) {
	case *orderMessage:
		m.By = by
	case *statusMessage:
		m.By = by
	case *deletedMessage:
		m.By = by
	}
}

func (k *kitchen) tell(n news, at seen) {
	if at.word.speaksOf(n.is) && at.word.by != db.NodeName { // that a display asked for it tells a cook nothing
		n.sign(at.word.by)
	}
	k.sequence = k.notifier.events.Add(1)
	if len(k.subscriptions) > 0 {
		m := k.message(order.Event, encode(n.message))
		m.Sequence = k.sequence
		k.deliver(m)
	}
	k.record(n, at)
}

// snapshot answers the subscribers that wait for one. The queue has been read before.
func (k *kitchen) snapshot(waiting []*Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.answer(waiting, k.message(order.Snapshot, k.queueDocument()))
}

func (k *kitchen) unavailable(waiting []*Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.answer(waiting, k.message(order.Unavailable, nil))
}

func (k *kitchen) answer(waiting []*Subscription, m order.Message) {
	for _, s := range waiting {
		if slices.Contains(k.subscriptions, s) {
			s.to.Deliver(m)
		}
	}
}

func (k *kitchen) wasLoaded() bool {
	k.seq.Lock()
	defer k.seq.Unlock()
	return k.loaded
}

func (k *kitchen) queueDocument() []byte {
	m := queueMessage{Type: "initial_queue", RestaurantID: k.id, Restaurant: k.restaurant,
		ServerTime: time.Now().UTC(), Live: k.live, Orders: make([]*db.Order, 0, len(k.orders))}
	for _, o := range k.orders {
		m.Orders = append(m.Orders, o)
	}
	slices.SortFunc(m.Orders, order.OldestFirst)
	return encode(&m)
}

// setLive tells the subscribers whether this kitchen is live, where that changed. It is while the listener is still in the
// generation in which the whole queue was read, and reads succeed.
func (k *kitchen) setLive(heard uint64, failing bool) {
	k.heardSince, k.failing = heard, failing
	live := heard != 0 && heard == k.notifier.listener.generation() && !failing
	if live == k.live {
		return
	}
	k.live = live
	k.deliver(k.message(order.State, nil))
}

// fail says that the queue could not be read: nothing changes on any screen, but what they show may be old.
func (k *kitchen) fail() {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.setLive(k.heardSince, true)
}

// checkLive looks again whether the kitchen is live, after the listener's generation changed.
func (k *kitchen) checkLive() {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.setLive(k.heardSince, k.failing)
}

// ids returns the orders of the told queue, oldest first, so that events come in the same order every time.
func (k *kitchen) ids() []db.OrderID {
	all := make([]*db.Order, 0, len(k.orders))
	for _, o := range k.orders {
		all = append(all, o)
	}
	slices.SortFunc(all, order.OldestFirst)
	ids := make([]db.OrderID, len(all))
	for i, o := range all {
		ids[i] = o.ID
	}
	return ids
}

// fingerprint is what [db.DB.Fingerprints] should find. ok is false where there is nothing to compare with.
func (k *kitchen) fingerprint() (f db.Fingerprint, ok bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	f.Restaurant, f.Orders = k.restaurant, len(k.orders)
	for _, o := range k.orders {
		f.Stamp ^= o.Stamp
	}
	return f, k.loaded
}

// withoutRestaurant is the queue of a restaurant that does not exist any more.
func (k *kitchen) withoutRestaurant() *db.Queue {
	k.seq.Lock()
	defer k.seq.Unlock()
	return &db.Queue{Restaurant: k.restaurant}
}

// missing returns the orders of the told queue that are not in q.
func (k *kitchen) missing(q *db.Queue) []db.OrderID {
	k.seq.Lock()
	defer k.seq.Unlock()
	in := make(map[db.OrderID]bool, len(q.Orders))
	for i := range q.Orders {
		in[q.Orders[i].ID] = true
	}
	var missing []db.OrderID
	for id := range k.orders {
		if !in[id] {
			missing = append(missing, id)
		}
	}
	return missing
}

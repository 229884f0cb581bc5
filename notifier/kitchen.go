package notifier

import (
	"slices"
	"sync"
	"time"

	"kitchen/db/order"
	"kitchen/notifier/listen"
)

// kitchen keeps the queue of a watched restaurant as it was sent to its subscribers, and decides the order of everything that
// they get: it is the restaurant's sequencer.
type kitchen struct {
	// Static after construction.
	id       order.RestaurantID
	notifier *Notifier
	reader   *reader

	// Guarded by notifier.mu.
	subscribers   int
	unwatchTimer  *time.Timer // since the last subscriber left, or nil
	listenTimeout *time.Timer // since the first one came, or nil

	schedule schedule // guarded by reader.mu

	// seq is the sequencer's lock: whoever compares and sends holds it. The database is not asked under it. Subscribers are
	// called under it, and may write to sockets, but wait for none.
	seq           sync.Mutex
	subscriptions []*Subscription
	sent          sentQueue
	listening     *listen.Generation // in which the whole queue was read, or nil
	failing       bool               // the last read failed, or is late
	live          bool               // as sent
	trace         trace
}

func newKitchen(id order.RestaurantID, n *Notifier) *kitchen {
	return &kitchen{id: id, notifier: n, reader: n.reader, sent: sentQueue{orders: make(map[order.OrderID]*order.Order)}}
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

// message, deliver, answer and updateLive are called with seq held.

func (k *kitchen) message(kind order.MessageKind, doc []byte) order.Message {
	return order.Message{Kind: kind, Document: doc, Live: k.live, Omitted: k.sent.omitted}
}

func (k *kitchen) deliver(m order.Message) {
	for _, s := range k.subscriptions {
		s.to.Deliver(m)
	}
}

// answer delivers a message to those of the subscribers that waited for one who are still there.
func (k *kitchen) answer(waiting []*Subscription, m order.Message) {
	for _, s := range waiting {
		if slices.Contains(k.subscriptions, s) {
			s.to.Deliver(m)
		}
	}
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

func (k *kitchen) wasLoaded() bool {
	k.seq.Lock()
	defer k.seq.Unlock()
	return k.sent.loaded
}

func (k *kitchen) queueDocument() []byte {
	return encode(&queueMessage{Type: "initial_queue", Protocol: protocol, RestaurantID: k.id, Restaurant: k.sent.restaurant,
		ServerTime: time.Now().UTC(), Live: k.live, Omitted: k.sent.omitted, Orders: k.sent.oldestFirst()})
}

// updateLive says whether the kitchen is live, where that changed. It is live in the generation in which its whole queue was
// read, for as long as reads succeed.
func (k *kitchen) updateLive() {
	live := k.listening.GoesOn() && !k.failing
	if live == k.live {
		return
	}
	k.live = live
	k.deliver(k.message(order.State, nil))
}

// fail says that the queue could not be read: nothing changes on any screen, but what they show may be old.
func (k *kitchen) fail() { k.failIf(func() bool { return true }) }

func (k *kitchen) failIf(still func() bool) {
	k.seq.Lock()
	defer k.seq.Unlock()
	if still() {
		k.failing = true
		k.updateLive()
	}
}

// checkLive looks again whether the kitchen is live, after a generation has ended.
func (k *kitchen) checkLive() {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.updateLive()
}

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

	// seq is the lock of the sequencer, held while differences are found and sent, and so what puts messages in order. The database
	// is not asked while it is held. Subscribers are called, and wait for nothing.
	seq           sync.Mutex
	subscriptions []*Subscription // of boards
	pickup        pickup          // of pick-up screens
	sent          sentQueue
	listening     *listen.Generation // in which the whole queue was read, or nil
	failing       bool               // the last read failed, or is late
	live          bool               // as sent
	trace         trace
	screens       screens
	alarms        []alarm // as sent
}

func newKitchen(id order.RestaurantID, n *Notifier) *kitchen {
	return &kitchen{id: id, notifier: n, reader: n.reader, sent: sentQueue{orders: make(map[order.OrderID]*order.Order)}}
}

func (k *kitchen) add(s *Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	if s.pickup {
		k.pickup.subscriptions = append(k.pickup.subscriptions, s)
		s.to.Deliver(k.pickupMessage(order.State, nil))
		return
	}
	k.subscriptions = append(k.subscriptions, s)
	s.to.Deliver(k.message(order.State, nil))
	if k.screens.sent != nil {
		s.to.Deliver(k.message(order.ScreensMessage, k.screens.sent))
	}
}

func (k *kitchen) remove(s *Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	is := func(other *Subscription) bool { return other == s }
	k.subscriptions = slices.DeleteFunc(k.subscriptions, is)
	k.pickup.subscriptions = slices.DeleteFunc(k.pickup.subscriptions, is)
	if len(k.pickup.subscriptions) == 0 {
		k.updatePickup() // which ends its timer
	}
	if len(k.subscriptions) == 0 {
		k.screens = screens{}
	}
}

// message, deliver, answer and updateLive are called with seq held.

func (k *kitchen) message(kind order.MessageKind, doc []byte) order.Message {
	return order.Message{Kind: kind, Document: doc, Live: k.live, Omitted: k.sent.omitted, Stations: k.sent.restaurant.Stations}
}

// deliver delivers a message to the boards' subscribers.
func (k *kitchen) deliver(m order.Message) {
	for _, s := range k.subscriptions {
		s.to.Deliver(m)
	}
}

// answer delivers what message makes to those subscribers, of boards or of pick-up screens, that waited for it and have not left. It
// makes nothing where there are none.
func (k *kitchen) answer(waiting, of []*Subscription, message func() order.Message) {
	var made *order.Message
	for _, s := range waiting {
		if !slices.Contains(of, s) {
			continue
		}
		if made == nil {
			m := message()
			made = &m
		}
		s.to.Deliver(*made)
	}
}

// snapshot sends the queue to the subscribers that wait for it. The queue was read before.
func (k *kitchen) snapshot(waiting []*Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.answer(waiting, k.subscriptions, func() order.Message { return k.message(order.Snapshot, k.queueDocument()) })
	k.answer(waiting, k.pickup.subscriptions, func() order.Message {
		k.updatePickup()
		return k.pickupMessage(order.Snapshot, k.pickupDocument())
	})
}

// unavailable answers the subscribers that wait for a snapshot: there is none.
func (k *kitchen) unavailable(waiting []*Subscription) {
	k.seq.Lock()
	defer k.seq.Unlock()
	k.answer(waiting, k.subscriptions, func() order.Message { return k.message(order.Unavailable, nil) })
	k.answer(waiting, k.pickup.subscriptions, func() order.Message { return k.pickupMessage(order.Unavailable, nil) })
}

func (k *kitchen) wasLoaded() bool {
	k.seq.Lock()
	defer k.seq.Unlock()
	return k.sent.loaded
}

func (k *kitchen) queueDocument() []byte {
	return encode(&queueMessage{Type: "initial_queue", Protocol: protocol, RestaurantID: k.id, Restaurant: k.sent.restaurant,
		ServerTime: time.Now().UTC(), Live: k.live, Omitted: k.sent.omitted, Alarms: k.alarmsOn(), Orders: k.sent.oldestFirst()})
}

// updateLive sends whether the kitchen is live, if that has changed. It is live while the generation goes on in which its whole
// queue was read, and its reads succeed.
func (k *kitchen) updateLive() {
	live := k.listening.GoesOn() && !k.failing
	if live == k.live {
		return
	}
	k.live = live
	k.deliver(k.message(order.State, nil))
	k.deliverPickup(k.pickupMessage(order.State, nil))
}

// fail records that a read failed. Nothing changes on any screen, but displays learn that what they show may be old.
func (k *kitchen) fail() { k.failIf(func() bool { return true }) }

// failIf is fail, unless still, which is called with seq held, returns false.
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

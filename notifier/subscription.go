package notifier

import "kitchen/db/order"

// Subscriber takes the messages of a restaurant, in order, from one goroutine at a time. It must not block, and must not call
// its [Subscription].
type Subscriber interface {
	Deliver(m order.Message)
}

// Subscription delivers the messages of a restaurant until it is ended.
type Subscription struct {
	kitchen *kitchen
	to      Subscriber
	pickup  bool // for pick-up screens

	// Guarded by reader.mu.
	waiting bool // for a snapshot
	ended   bool
}

// Refresh asks for a snapshot. It returns at once; requests made before the answer are answered together.
func (s *Subscription) Refresh() { s.kitchen.reader.refresh(s, !s.kitchen.notifier.Live()) }

// Show replaces the record of what the subscriber's displays show. It returns at once.
func (s *Subscription) Show(screens order.Screens) {
	if !s.pickup { // pick-up screens count as no screen of the kitchen
		s.kitchen.notifier.presence.set(s, screens)
	}
}

// Unsubscribe ends the subscription: after it returned, nothing more is delivered. It may be called once.
func (s *Subscription) Unsubscribe() {
	s.kitchen.remove(s)
	s.kitchen.reader.cancel(s)
	s.kitchen.notifier.presence.set(s, order.Screens{})
	s.kitchen.notifier.unsubscribed(s.kitchen)
}

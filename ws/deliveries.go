package ws

import (
	"time"

	"kitchen/db/order"
)

const (
	deliveriesKept = 64          // events of a restaurant
	displaysNamed  = 8           // displays of an event
	groupKept      = time.Minute // how long a group without displays keeps its deliveries
)

// Delivery describes which displays of this node an event was queued for.
type Delivery struct {
	Reached  int      // displays that it was queued for
	Displays []uint64 // the numbers of the first of them
	Behind   int      // displays that miss it, and get a new snapshot once they have read what waits
}

// deliveries remembers the last deliveriesKept events of a restaurant. It takes no memory before the first one.
type deliveries struct {
	kept []numbered
	next int // index of the oldest, which the next one overwrites once kept is full
}

type numbered struct {
	sequence uint64
	Delivery
}

func (l *deliveries) add(sequence uint64, d Delivery) {
	if len(l.kept) < deliveriesKept {
		l.kept = append(l.kept, numbered{sequence, d})
		return
	}
	l.kept[l.next] = numbered{sequence, d}
	l.next = (l.next + 1) % deliveriesKept
}

func (l *deliveries) find(sequence uint64) Delivery {
	for _, n := range l.kept {
		if n.sequence == sequence {
			return n.Delivery
		}
	}
	return Delivery{}
}

// Delivery looks up an event by its sequence number. The result is empty if the event is too old to be remembered, or if no
// display of the restaurant was connected to this node within the last minute.
func (s *Server) Delivery(restaurant order.RestaurantID, sequence uint64) Delivery {
	s.mu.Lock()
	g := s.groups[restaurant]
	s.mu.Unlock()
	if g == nil {
		return Delivery{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.deliveries.find(sequence)
}

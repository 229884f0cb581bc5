package ws

import (
	"time"

	"kitchen/db/order"
)

const (
	deliveriesKept = 64          // events of a restaurant
	displaysNamed  = 8           // displays of an event
	groupKept      = time.Minute // a group after its last display left, for what it remembers
)

// Delivery is what became of an event on this node.
type Delivery struct {
	Reached  int      // displays that it was given to
	Displays []uint64 // the first of them
	Behind   int      // displays that miss it, and get a fresh queue when they have read what waits
}

// deliveries remembers the last events of a restaurant. It grows with what happens.
type deliveries struct {
	kept []numbered
	next int // where the next goes, once all places are taken
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

// Delivery returns what became of an event, by the number that its message had: nothing where no display of its restaurant
// is connected here, or was within the last minute, and where it is too long ago to be remembered.
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

package notifier

import (
	"time"

	"kitchen/db"
)

// Meter is told what a [Notifier] does, for whoever counts it. Its methods are called where events pass, from many
// goroutines and under locks: they must return at once.
type Meter interface {
	// Heard is told of every notification of a watched restaurant.
	Heard()
	// Read is told of every read that changed orders or whole queues were asked for in: how many, and how long it took.
	Read(kind ReadKind, asked int, took time.Duration, err error)
	// Told is told of every event that was handed to displays, and of how long ago its change and its notification were.
	Told(Passage)
	// Canary is told how long a canary took, from before its commit until it was heard.
	Canary(took time.Duration)
	// Listening is told of every session that hears; the first is no reconnect.
	Listening()
	// Repaired is told of every queue in which the periodic check found a change that nobody had announced.
	Repaired()
	// QueueUsage is told how full the server's notification queue is, from 0 to 1.
	QueueUsage(usage float64)
}

// ReadKind is what a read asks for.
type ReadKind string

// The kinds of reads.
const (
	ReadOrders ReadKind = "orders"
	ReadQueues ReadKind = "queues"
)

// silent counts nothing.
type silent struct{}

func (silent) Heard()                                   {}
func (silent) Read(ReadKind, int, time.Duration, error) {}
func (silent) Told(Passage)                             {}
func (silent) Canary(time.Duration)                     {}
func (silent) Listening()                               {}
func (silent) Repaired()                                {}
func (silent) QueueUsage(float64)                       {}

// Watched is how many restaurants are watched now.
func (n *Notifier) Watched() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.kitchens)
}

// WrongTriggers is how many of the triggers that announce changes were missing or not enabled always at the last look.
func (n *Notifier) WrongTriggers() int {
	if wrong := n.wrongTriggers.Load(); wrong != nil {
		return len(*wrong)
	}
	return 0
}

// seen are the times at which what led to an event was seen.
type seen struct {
	heard time.Time           // the notification; zero where there was none
	word  word                // what it said; nothing where it named no order
	read  time.Time           // the rows
	each  map[db.OrderID]clue // of notifications that named an order, by order
}

// of is what led to an event of one order.
func (s seen) of(id db.OrderID) seen {
	if c, named := s.each[id]; named {
		s.heard, s.word = c.heard, c.word
	}
	return s
}

// Passage is the way of one change to the displays of this node.
type Passage struct {
	Restaurant db.RestaurantID
	Sequence   uint64 // of its message, by which the displays' side remembers whom it reached
	Order      db.OrderID
	Event      string // the message's type
	Status     db.Status
	Version    int64     // 0 where the order is gone
	By         string    // who made it, as the writer's application_name says; empty where that is not known
	Changed    time.Time // orders.updated_at, the start of the writer's transaction, by this machine's clock; zero where it is not known
	Heard      time.Time // zero where no notification came: the read had another reason
	Read       time.Time
	Told       time.Time // when it had been handed to the subscribers
}

package notifier

import (
	"time"

	"kitchen/db/order"
)

// SentEvent is one change of an order on its way to the displays of this node.
type SentEvent struct {
	Restaurant order.RestaurantID
	Sequence   uint64 // of its message, by which the displays' side remembers whom it reached
	Order      order.OrderID
	Event      string // the message's type
	Status     order.Status
	Version    int64     // 0 where the order is gone
	By         string    // who made it, as the writer's application_name says; empty where that is not known
	Changed    time.Time // orders.updated_at, the start of the writer's transaction, by this machine's clock; zero where it is not known
	Notified   time.Time // zero where no notification came: the read had another reason
	Read       time.Time
	Sent       time.Time // when it had been handed to the subscribers
}

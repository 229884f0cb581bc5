package notifier

import (
	"time"

	"kitchen/db/order"
)

// timings says when the change behind an event was noticed and read, and who made it according to the notification.
type timings struct {
	notified time.Time // zero where no notification came
	origin   origin    // nothing where the notification named no order
	read     time.Time
}

// of returns the timings of one order, for which there may have been a notification of its own.
func (t timings) of(hints map[order.OrderID]hinted, id order.OrderID) timings {
	if h, named := hints[id]; named {
		t.notified, t.origin = h.at, h.origin
	}
	return t
}

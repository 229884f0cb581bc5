package notifier

import (
	"time"

	"kitchen/db/order"
)

// timings is when what led to an event was noticed, and who is said to have caused it.
type timings struct {
	notified time.Time // zero where no notification came
	origin   origin    // nothing where the notification named no order
	read     time.Time
}

// of is the timings of one order, of which notifications may have said more than of the whole queue.
func (t timings) of(hints map[order.OrderID]hinted, id order.OrderID) timings {
	if h, named := hints[id]; named {
		t.notified, t.origin = h.at, h.origin
	}
	return t
}

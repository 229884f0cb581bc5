package notifier

import (
	"time"

	"kitchen/db/order"
)

// dirty is what has to be read of a kitchen. What is marked twice is read once: notifications coalesce.
type dirty struct {
	orders  map[order.OrderID]hinted // orders that may have changed; nil while the whole queue has to be read anyhow
	queue   bool                     // anything may have changed: the whole queue has to be read
	hinted  time.Time                // when a notification first marked the queue; zero if none did
	repair  bool                     // the periodic check marked the queue: it found a change that was not announced
	waiting []*Subscription          // those that wait for a snapshot
}

// hinted is what notifications said of an order.
type hinted struct {
	at time.Time // of the first of them
	origin
}

func (d *dirty) markOrder(id order.OrderID, h hinted) {
	if d.queue {
		return
	}
	if d.orders == nil {
		d.orders = make(map[order.OrderID]hinted, 1)
	}
	if earlier, again := d.orders[id]; again {
		h.at = earlier.at
	}
	d.orders[id] = h
	if len(d.orders) > maxDirtyOrders {
		d.queue, d.orders, d.hinted = true, nil, h.at
	}
}

// putBack adds what could not be read to what was marked meanwhile.
func (d *dirty) putBack(taken dirty) {
	d.queue = d.queue || taken.queue
	d.repair = d.repair || taken.repair
	if !taken.hinted.IsZero() {
		d.hinted = taken.hinted
	}
	for id, h := range taken.orders {
		if d.orders == nil {
			d.orders = make(map[order.OrderID]hinted, len(taken.orders))
		}
		if later, again := d.orders[id]; again {
			h.origin = later.origin
		}
		d.orders[id] = h
	}
	for _, s := range taken.waiting {
		if !s.ended {
			d.waiting = append(d.waiting, s)
		}
	}
}

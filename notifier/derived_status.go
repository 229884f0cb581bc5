package notifier

import (
	"context"

	"kitchen/db/order"
)

// maxStale limits how many orders wait for their derived status. One more is left out, and found again when it is read the next time.
const maxStale = 256

// staleStatus names an order whose status is not the one that follows from its lines.
type staleStatus struct {
	restaurant order.RestaurantID
	order      order.OrderID
}

// correctStatus has an order whose status is stale, as it was just read, set to the status that follows from its lines. Until then displays
// do not show it as ready, because a line of it waits.
func (k *kitchen) correctStatus(o *order.Order, restaurant order.Restaurant) {
	if o == nil || !o.StatusIsStale(restaurant.ReadyWhen) {
		return
	}
	k.reader.markStale(k.id, o.ID)
	if o.Status == order.Ready {
		o.Status = order.Preparing
	}
}

// markStale passes an order with a stale status, which was just read, to setDerivedStatuses. Such orders are left by two transactions that
// did not see each other, and by a locked row. It does not block.
func (r *reader) markStale(restaurant order.RestaurantID, id order.OrderID) {
	select {
	case r.stale <- staleStatus{restaurant, id}:
	default:
	}
}

// setDerivedStatuses sets orders to the status that follows from their lines (kitchen.set_derived_status), until ctx ends. Each is a change like any
// other, and announced. It tries once each time that an order is read: a transaction that holds a lock will change the order, and it is
// read again.
func (r *reader) setDerivedStatuses(ctx context.Context) {
	failed := false
	for {
		var s staleStatus
		select {
		case <-ctx.Done():
			return
		case s = <-r.stale:
		}
		setting, cancel := deadline(ctx)
		err := r.db.SetDerivedStatus(setting, s.restaurant, s.order)
		cancel()
		if err != nil && ctx.Err() == nil && !failed { // said once, until it succeeds
			r.log.Warn("an order could not be set to the status that follows from its lines", "restaurant", s.restaurant, "err", err)
		}
		failed = err != nil
	}
}

package notifier

import (
	"context"

	"kitchen/db/order"
)

// maxUnsettled limits how many orders wait to be settled. One more is left out, and found again when it is read the next time.
const maxUnsettled = 256

// unsettled is an order whose status does not follow from its lines.
type unsettled struct {
	restaurant order.RestaurantID
	order      order.OrderID
}

// markUnsettled passes an unsettled order, which was just read, to settle. Such orders are left by two transactions that did not see
// each other, and by a locked row. It does not block.
func (r *reader) markUnsettled(restaurant order.RestaurantID, id order.OrderID) {
	select {
	case r.unsettled <- unsettled{restaurant, id}:
	default:
	}
}

// settle sets orders to the status that follows from their lines (kitchen.settle_orders), until ctx ends. Each is a change like any
// other, and announced. It tries once each time that an order is read: a transaction that holds a lock will change the order, and it is
// read again.
func (r *reader) settle(ctx context.Context) {
	failed := false
	for {
		var u unsettled
		select {
		case <-ctx.Done():
			return
		case u = <-r.unsettled:
		}
		settling, cancel := deadline(ctx)
		err := r.db.Settle(settling, u.restaurant, u.order)
		cancel()
		if err != nil && ctx.Err() == nil && !failed { // said once, until it succeeds
			r.log.Warn("an order could not be set to the status that follows from its lines", "restaurant", u.restaurant, "err", err)
		}
		failed = err != nil
	}
}

package notifier

import (
	"context"

	"kitchen/db/order"
)

// maxUnsettled orders wait to be settled at most. One that finds no room is found again when it is read the next time.
const maxUnsettled = 256

// unsettled is an order whose status is not what its lines say.
type unsettled struct {
	restaurant order.RestaurantID
	order      order.OrderID
}

// markUnsettled has an order settled that was just read: two transactions did not see each other, or a lock was in the way. It
// does not block.
func (r *reader) markUnsettled(restaurant order.RestaurantID, id order.OrderID) {
	select {
	case r.unsettled <- unsettled{restaurant, id}:
	default:
	}
}

// settle has the database give orders the status that follows from their lines, until ctx ends. Each is a change like any other, and
// announced. It is tried once for each time that an order is read: who is in the way changes the order, and it is read again.
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
			r.log.Warn("an order could not be given the status that its lines have", "restaurant", u.restaurant, "err", err)
		}
		failed = err != nil
	}
}

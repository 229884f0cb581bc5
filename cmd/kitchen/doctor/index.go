package doctor

import "context"

func (x *examination) checkIndex(ctx context.Context) {
	f, err := x.pool.QueueIndex(ctx)
	const create = "create index concurrently orders_queue on orders (restaurant_id, created_at) where status in ('pending', 'preparing', 'ready')"
	switch {
	case err != nil:
		x.failed("index", err)
	case !f.There:
		x.add("index", warning, "orders_queue, by which a kitchen's open orders are found, is missing: every read goes through all orders", create)
	case !f.Valid:
		x.add("index", warning, "orders_queue is not valid, as after a create index concurrently that failed: every read goes through all orders",
			"reindex index concurrently orders_queue")
	case !f.Used:
		x.add("index", warning, "orders_queue is there, but the planner does not read open orders by it: it is another index than the migrations made, or the table's statistics are old",
			"analyze orders; drop index concurrently orders_queue; "+create)
	default:
		x.add("index", Fine, "open orders are found by orders_queue", "")
	}
}

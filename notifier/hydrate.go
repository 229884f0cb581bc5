package notifier

import (
	"context"
	"slices"
	"time"

	"kitchen/db"
	"kitchen/db/order"
)

func (r *reader) readOrders(ctx context.Context, jobs []job) (failed []job, err error) {
	var keys []db.OrderKey
	for _, j := range jobs {
		for id := range j.dirty.orders {
			keys = append(keys, db.OrderKey{Restaurant: j.kitchen.id, Order: id})
		}
	}
	began := time.Now()
	found, err := r.lookUp(ctx, keys)
	now := time.Now()
	r.meter.Read(ReadOrders, len(keys), now.Sub(began), err)
	if err != nil {
		return jobs, err
	}
	r.answered(jobs)
	for _, j := range jobs {
		if again := j.kitchen.applyOrders(j.dirty.orders, found, now); again {
			r.markQueue(j.kitchen)
		}
	}
	return nil, nil
}

// lookUp reads orders in one round trip. It finds an order only under the restaurant for which it was asked.
func (r *reader) lookUp(ctx context.Context, keys []db.OrderKey) (map[db.OrderKey]*order.Order, error) {
	ctx, cancel := deadline(ctx)
	defer cancel()
	read, err := r.db.Orders(ctx, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[db.OrderKey]*order.Order, len(read))
	for i := range read {
		o := &read[i]
		found[db.OrderKey{Restaurant: o.RestaurantID, Order: o.ID}] = o
	}
	return found, nil
}

// readQueues reads whole queues, and then the orders that were sent and are in none of them, to find out what became of those. So an
// empty result, whatever its cause, clears no screen by itself. The second reads take maxOrdersRead orders at a time, each with a
// deadline of its own; an error there fails the kitchens that are left, and none of those before.
func (r *reader) readQueues(ctx context.Context, jobs []job) (failed []job, err error) {
	queues, err := r.askQueues(ctx, jobs)
	if err != nil {
		return jobs, err
	}
	now := time.Now()
	for len(jobs) > 0 {
		var keys []db.OrderKey
		n := 0
		for ; n < len(jobs) && len(keys) < maxOrdersRead; n++ {
			k := jobs[n].kitchen
			if queues[k.id] == nil {
				queues[k.id] = k.queueWithoutRestaurant()
			}
			for _, id := range k.missing(queues[k.id]) {
				keys = append(keys, db.OrderKey{Restaurant: k.id, Order: id})
			}
		}
		elsewhere := map[db.OrderKey]*order.Order{}
		for chunk := range slices.Chunk(keys, maxOrdersRead) {
			found, err := r.lookUp(ctx, chunk)
			if err != nil {
				return jobs, err
			}
			for key, o := range found {
				elsewhere[key] = o
			}
		}
		r.answered(jobs[:n])
		for _, j := range jobs[:n] {
			r.applyQueue(j, queues[j.kitchen.id], elsewhere, now)
		}
		jobs = jobs[n:]
	}
	return nil, nil
}

func (r *reader) askQueues(ctx context.Context, jobs []job) (map[order.RestaurantID]*db.Queue, error) {
	ids := make([]order.RestaurantID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.kitchen.id
	}
	ctx, cancel := deadline(ctx)
	defer cancel()
	began := time.Now()
	queues, err := r.db.Queues(ctx, ids)
	r.meter.Read(ReadQueues, len(ids), time.Since(began), err)
	return queues, err
}

func (r *reader) applyQueue(j job, q *db.Queue, elsewhere map[db.OrderKey]*order.Order, read time.Time) {
	is := j.kitchen.applyQueue(queueRead{q, elsewhere, j.listening}, timings{notified: j.dirty.hinted, read: read}, j.dirty.orders)
	if j.dirty.repair && j.dirty.hinted.IsZero() && len(j.dirty.orders) == 0 && (is.whole || len(is.orders) > 0) {
		r.suspect(j.kitchen, is)
	}
}

// suspect counts what the periodic check found as a repair, unless its notifications came during the read or arrive within DeafAfter: on a
// busy server or node a change can be read before its notification arrives.
func (r *reader) suspect(k *kitchen, is differences) {
	r.mu.Lock()
	defer r.mu.Unlock()
	during := &k.schedule.dirty
	is.orders = slices.DeleteFunc(is.orders, func(id order.OrderID) bool { _, hinted := during.orders[id]; return hinted })
	if !during.hinted.IsZero() || len(is.orders) == 0 && !is.whole {
		return
	}
	if earlier := k.schedule.unannounced; earlier != nil {
		earlier.orders, earlier.whole = append(earlier.orders, is.orders...), earlier.whole || is.whole
		return
	}
	k.schedule.unannounced = &is
	time.AfterFunc(r.deafAfter, func() {
		r.mu.Lock()
		silent := k.schedule.unannounced == &is
		if silent {
			k.schedule.unannounced = nil
		}
		r.mu.Unlock()
		if silent {
			r.meter.Repaired()
			r.log.Warn("the periodic check found a change that nobody announced", "restaurant", k.id)
		}
	})
}

// announced records that a notification named an order, or, where id is empty, the whole queue. The caller holds mu.
func (s *schedule) announced(id order.OrderID) {
	is := s.unannounced
	if is == nil {
		return
	}
	is.orders = slices.DeleteFunc(is.orders, func(other order.OrderID) bool { return other == id })
	if id == "" || len(is.orders) == 0 && !is.whole {
		s.unannounced = nil
	}
}

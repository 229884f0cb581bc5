package notifier

import (
	"context"
	"slices"
	"time"

	"kitchen/db"
	"kitchen/db/order"
)

func (r *reader) readOrders(ctx context.Context, jobs []job) error {
	var keys []db.OrderKey
	for _, j := range jobs {
		for id := range j.marks.orders {
			keys = append(keys, db.OrderKey{Restaurant: j.kitchen.id, Order: id})
		}
	}
	began := time.Now()
	read, err := r.db.Orders(ctx, keys)
	now := time.Now()
	r.meter.Read(ReadOrders, len(keys), now.Sub(began), err)
	if err != nil {
		return err
	}
	// An order is taken as that of the restaurant in whose name it was read, and as no other's.
	found := make(map[db.OrderKey]*db.Order, len(read))
	for i := range read {
		o := &read[i]
		found[db.OrderKey{Restaurant: o.RestaurantID, Order: o.ID}] = o
	}
	for _, j := range jobs {
		r.compareOrders(j, found, now)
	}
	return nil
}

func (r *reader) compareOrders(j job, found map[db.OrderKey]*db.Order, read time.Time) {
	k := j.kitchen
	k.seq.Lock()
	defer k.seq.Unlock()
	// Oldest first, then by id: as they would stand in the queue. Orders that are gone come first.
	ids := make([]db.OrderID, 0, len(j.marks.orders))
	for id := range j.marks.orders {
		ids = append(ids, id)
	}
	now := func(id db.OrderID) *db.Order { return found[db.OrderKey{Restaurant: k.id, Order: id}] }
	if len(ids) > 1 {
		slices.SortFunc(ids, func(a, b db.OrderID) int {
			x, y := now(a), now(b)
			switch {
			case x == nil && y == nil:
				return 0
			case x == nil:
				return -1
			case y == nil:
				return 1
			}
			return order.OldestFirst(x, y)
		})
	}
	for _, id := range ids {
		if !k.applyOrder(id, now(id), seen{read: read, each: j.marks.orders}.of(id)) {
			r.markQueue(k)
		}
	}
	k.setLive(k.heardSince, false)
}

func (r *reader) readQueues(ctx context.Context, jobs []job) error {
	ids := make([]db.RestaurantID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.kitchen.id
	}
	began := time.Now()
	queues, err := r.db.Queues(ctx, ids)
	now := time.Now()
	r.meter.Read(ReadQueues, len(ids), now.Sub(began), err)
	if err != nil {
		return err
	}
	// What is not in a queue any more is looked up by its id, to know what became of it; and an empty read, however it
	// came about, clears no screen by itself.
	var keys []db.OrderKey
	for _, j := range jobs {
		q := queues[j.kitchen.id]
		if q == nil {
			q = j.kitchen.withoutRestaurant()
			queues[j.kitchen.id] = q
		}
		for _, id := range j.kitchen.missing(q) {
			keys = append(keys, db.OrderKey{Restaurant: j.kitchen.id, Order: id})
		}
	}
	lost := make(map[db.RestaurantID]map[db.OrderID]*db.Order)
	for chunk := range slices.Chunk(keys, maxOrdersRead) {
		read, err := r.db.Orders(ctx, chunk)
		if err != nil {
			return err
		}
		for i := range read {
			o := &read[i]
			if lost[o.RestaurantID] == nil {
				lost[o.RestaurantID] = make(map[db.OrderID]*db.Order)
			}
			lost[o.RestaurantID][o.ID] = o
		}
	}
	for _, j := range jobs {
		differed := j.kitchen.applyQueue(queues[j.kitchen.id], lost[j.kitchen.id], j.marks.heard, seen{heard: j.marks.hinted, read: now, each: j.marks.orders})
		if differed && j.marks.repairs && j.marks.hinted.IsZero() && len(j.marks.orders) == 0 {
			r.meter.Repaired()
			r.log.Warn("the periodic check found a change that nobody announced", "restaurant", j.kitchen.id)
		}
	}
	return nil
}

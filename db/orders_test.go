package db_test

import (
	"testing"

	"kitchen/db"
	"kitchen/db/order"
)

// An order is read with what its restaurant's stations cook, as they were when its queue was read: stations that come, go, and are
// only in one of the restaurants that are asked for together. A queue has them at once, whatever was known before.
func TestOrdersSayWhatStationsCookInEveryRestaurant(t *testing.T) {
	t.Parallel()
	f := open(t)
	with, bare := f.restaurant(), f.restaurant()
	key := func(r order.RestaurantID) db.OrderKey {
		k := db.OrderKey{Restaurant: r, Order: f.order(r)}
		f.exec(`insert into order_items (order_id, name) values ($1, 'Soup')`, k.Order)
		return k
	}
	one, other := key(with), key(bare)
	gone := db.OrderKey{Restaurant: bare, Order: order.OrderID(f.id(`select gen_random_uuid()::text`))}
	cooked := func(want int, keys ...db.OrderKey) {
		t.Helper()
		queues, err := f.db.Queues(t.Context(), []order.RestaurantID{with, bare}) // as a kitchen reads when stations come or go
		if err != nil || len(queues) != 2 || len(queues[with].Orders) != 1 || len(queues[bare].Orders) != 1 {
			t.Fatal(queues, err)
		}
		if at := queues[with].Orders[0].Items[0].Stations; len(at) != want {
			t.Errorf("in the queue, the order is cooked at %v, want %d stations", at, want)
		}
		if at := queues[bare].Orders[0].Items[0].Stations; len(at) != 0 {
			t.Errorf("in the queue, an order of a restaurant without stations is cooked at %v", at)
		}
		orders, err := f.db.Orders(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, o := range orders {
			switch {
			case len(o.Items) != 1:
				t.Errorf("order %s has %d lines, want 1", o.ID, len(o.Items))
			case o.ID == other.Order && len(o.Items[0].Stations) != 0:
				t.Errorf("an order of a restaurant without stations is cooked at %v", o.Items[0].Stations)
			case o.ID == one.Order && len(o.Items[0].Stations) != want:
				t.Errorf("the order is cooked at %v, want %d stations", o.Items[0].Stations, want)
			}
			found++
		}
		asked := 0
		for _, k := range keys {
			if k != gone {
				asked++
			}
		}
		if found != asked {
			t.Errorf("%d orders found, want %d", found, asked)
		}
		if fp := f.queue(with).Fingerprint(); len(keys) == 1 && keys[0] == one && orders[0].Stamp != fp.Stamp {
			t.Errorf("stamp %d, in the queue's fingerprint %d", orders[0].Stamp, fp.Stamp)
		}
	}
	cooked(0, one)
	cooked(0, one, other, gone)
	f.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, with)
	cooked(1, one, other, gone) // not known to have stations
	cooked(1, one, other, gone)
	cooked(1, one)
	f.exec(`delete from kitchen.stations`)
	cooked(0, one)
	cooked(0, one, other, gone)
	f.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, with)
	cooked(1, one)
	cooked(1, other)
	cooked(1, gone)
}

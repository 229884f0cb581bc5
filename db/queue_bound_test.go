package db_test

import (
	"testing"

	"kitchen/db"
	"kitchen/db/order"
)

// A restaurant with more open orders than a kitchen can have in mind has forgotten the others: the newest are its queue.
func TestQueueIsTheNewestOrdersAndSaysHowManyItOmits(t *testing.T) {
	t.Parallel()
	f := open(t)
	r, beside := f.restaurant(), f.restaurant()
	f.order(beside)
	read := func() (*db.Queue, db.Fingerprint) {
		t.Helper()
		queues, err := f.db.Queues(t.Context(), []order.RestaurantID{r, beside})
		if err != nil {
			t.Fatal(err)
		}
		if other := queues[beside]; len(other.Orders) != 1 || other.Omitted != 0 {
			t.Errorf("the restaurant beside has %d orders and omits %d", len(other.Orders), other.Omitted)
		}
		prints, err := f.db.Fingerprints(t.Context(), []order.RestaurantID{r})
		if err != nil || len(prints) != 1 {
			t.Fatal(prints, err)
		}
		return queues[r], prints[0]
	}
	for _, c := range []struct {
		add                             string // at one time, as an import does: then the numbers decide
		orders, omitted, oldest, newest int
	}{
		{`generate_series(1, 499)`, 499, 0, 1, 499},
		{`generate_series(500, 500)`, 500, 0, 1, 500},
		{`generate_series(501, 501)`, 500, 1, 2, 501},
		{`generate_series(502, 1300)`, 500, 800, 801, 1300},
	} {
		f.exec(`insert into orders (restaurant_id, order_number, created_at) select $1, n, '2026-01-02 12:00' from `+c.add+` n`, string(r))
		q, print := read()
		if len(q.Orders) != c.orders || q.Omitted != c.omitted {
			t.Fatalf("%s: %d orders, %d omitted, want %d and %d", c.add, len(q.Orders), q.Omitted, c.orders, c.omitted)
		}
		if oldest, newest := int(q.Orders[0].Number), int(q.Orders[c.orders-1].Number); oldest != c.oldest || newest != c.newest {
			t.Errorf("%s: #%d to #%d, want #%d to #%d", c.add, oldest, newest, c.oldest, c.newest)
		}
		if print != q.Fingerprint() {
			t.Errorf("%s: the fingerprint is %+v, that of the queue %+v", c.add, print, q.Fingerprint())
		}
	}
	late := f.order(r)
	if q, _ := read(); q.Orders[499].ID != late || q.Omitted != 801 {
		t.Errorf("the newest order is #%d, and %d are omitted", q.Orders[499].Number, q.Omitted)
	}
}

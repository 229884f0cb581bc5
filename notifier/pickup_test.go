package notifier

import (
	"context"
	"testing"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// A timer that waits for the time of an order would keep the whole queue of a restaurant that nobody watches any more: for days, and once
// more each time that a screen comes and goes.
func TestPickupScreenThatLeavesTakesItsTimerAlong(t *testing.T) {
	url := dbtest.New(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	n, err := New(Config{DB: d, ListenURL: url})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = n.Run(ctx) }()
	defer func() { stop(); <-done }()
	var id order.RestaurantID
	if err := dbtest.Pool(t, url).QueryRow(t.Context(), `
		with r as (insert into restaurants (name) values ('Test') returning id),
		     o as (insert into orders (restaurant_id, order_type, promised_at) select id, 'takeaway', now() + interval '3 days' from r)
		select id::text from r`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	s, other := n.SubscribePickup(id, nobody{}), n.SubscribePickup(id, nobody{})
	k := s.kitchen
	waits := func() bool {
		k.seq.Lock()
		defer k.seq.Unlock()
		return k.pickup.due != nil
	}
	s.Refresh()
	eventually(t, "a timer waits for the order", waits)
	s.Unsubscribe()
	if !waits() {
		t.Error("the other screen has no timer any more")
	}
	other.Unsubscribe()
	if waits() {
		t.Error("nobody is there, and a timer waits for the order")
	}
}

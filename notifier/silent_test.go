package notifier_test

import (
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/notifier"
)

func TestPeriodicCheckFindsWhatNobodyAnnounced(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{CheckEvery: 100 * time.Millisecond})
	r := k.restaurant()
	order := k.order(r)
	gone := k.order(r)
	k.exec(`insert into order_items (order_id, name) values ($1, 'Soup')`, order)
	s, _ := k.watch(r)

	k.exec(`set kitchen.notify = off; delete from orders where id = '` + gone + `'; insert into orders (restaurant_id) values ('` + r + `'); reset kitchen.notify`)
	k.converges(s)
	if s.queues() > 1 {
		t.Errorf("changes with kitchen.notify off have versions, and are events: %v", s.said())
	}

	// Without triggers even the version stays. Only PostgreSQL's own columns of the row show the change.
	n := s.count()
	k.exec(`begin; alter table order_items disable trigger all; update order_items set quantity = 7; alter table order_items enable trigger all; commit`)
	kind, doc := s.next(n)
	if kind != "initial_queue" {
		t.Errorf("other content under the same version must be a fresh queue, got %s", kind)
	}
	contains(t, doc, `"quantity":7`)
	k.converges(s)

	n = s.count()
	k.exec(`insert into kitchen.settings (restaurant_id, late_after, start_before) select id, '20 minutes', '90 minutes' from restaurants`)
	kind, doc = s.next(n)
	if kind != "initial_queue" {
		t.Errorf("other settings of the restaurant must be a fresh queue, got %s", kind)
	}
	contains(t, doc, `"late_after_s":1200`)
	contains(t, doc, `"start_before_s":5400`)
}

func TestSilentAndMendedTriggersAreFoundSoon(t *testing.T) {
	t.Parallel()
	server := dbtest.New(t)
	pool := dbtest.Pool(t, server)
	if _, err := pool.Exec(t.Context(), `alter table orders disable trigger kitchen_watch_insert`); err != nil {
		t.Fatal(err)
	}
	k := start(t, server, notifier.Config{CheckEvery: time.Hour})
	r := k.restaurant()
	k.order(r)
	s := newScreen(t, r)
	k.n.Subscribe(restaurantID(r), s).Refresh()
	s.until("a queue that is not live", func() bool { return len(s.queue) == 1 && !s.live })
	k.exec(`alter table orders enable always trigger kitchen_watch_insert`)
	k.converges(s)
	k.order(r)
	k.converges(s)
	k.exec(`alter table orders disable trigger kitchen_watch_insert`) // long before the periodic check, too
	s.until("not live", func() bool { return !s.live })
}

func TestOlderVersionIsNeverAnEvent(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	order, done := k.order(r), k.order(r)
	s, _ := k.watch(r)
	k.exec(`update orders set notes = 'two' where id = $1`, order)
	k.exec(`update orders set status = 'completed' where id = $1`, done)
	k.converges(s)

	back := func(id, set string) {
		t.Helper()
		n := s.count()
		k.exec(`begin; alter table orders disable trigger all; update orders set ` + set + ` where id = '` + id + `';
			alter table orders enable always trigger "~orders_complete_update"; alter table orders enable trigger all; commit;
			select pg_notify('kitchen_` + r + `', '{"order_id":"` + id + `"}')`)
		if kind, doc := s.next(n); kind != "initial_queue" {
			t.Errorf("%s: got %s", set, doc)
		}
		k.converges(s)
	}
	back(done, `status = 'ready', completed_at = null, kitchen_changes = 1`) // which had left the queue
	back(order, `notes = 'one', kitchen_changes = 1`)
	back(order, `notes = 'another one'`)
}

package notifier_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/notifier"
)

func TestEveryChangeIsSentAsItsEvent(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	item := k.id(`insert into menu_items (restaurant_id, name) values ($1, 'Soup') returning id::text`, r)
	option := k.id(`insert into modifier_options (restaurant_id, name) values ($1, 'No onion') returning id::text`, r)
	table := k.id(`insert into tables (restaurant_id, label) values ($1, 'T4') returning id::text`, r)
	user := k.id(`insert into users (restaurant_id, username, name) values ($1, 'ana', 'Ana') returning id::text`, r)
	s, _ := k.watch(r)

	var order string
	step := func(kind string, change func(), parts ...string) {
		t.Helper()
		n := s.count()
		change()
		got, doc := s.next(n)
		if got != kind {
			t.Errorf("got %s, want %s: %s", got, kind, doc)
		}
		contains(t, doc, parts...)
		k.converges(s)
		if s.count() != n+1 {
			t.Errorf("%s came with more: %v", kind, s.said())
		}
	}
	exec := func(sql string, args ...any) func() { return func() { t.Helper(); k.exec(sql, args...) } }

	step("order_created", func() {
		order = k.id(`
			with o as (insert into orders (restaurant_id, table_id, created_by, customer_name, notes, allergy_note, promised_at)
			           values ($1, $2, $3, 'Zoë', 'fast', 'nuts', '2026-05-01 12:00+02') returning id),
			     i as (insert into order_items (restaurant_id, order_id, menu_item_id, quantity, notes)
			           select $1, id, $4, 2, 'hot' from o returning id),
			     m as (insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id)
			           select $1, id, $5 from i)
			select id::text from o`, r, table, user, item, option)
	}, `"status":"pending"`, `"order_number":1`, `"order_type":"dine_in"`, `"priority":0`, `"label":"T4"`, `"name":"Ana"`,
		`"customer_name":"Zoë"`, `"notes":"fast"`, `"allergy_note":"nuts"`, `"promised_at":"2026-05-01T10:00:00Z"`,
		`"recalled":false`, `"version":1`, `"menu_item":{"id":"`+item+`","name":"Soup"},"quantity":2,"notes":"hot"`,
		`"modifier_option":{"id":"`+option+`","name":"No onion"},"quantity":1`)
	step("order_status_changed", exec(`update orders set status = 'preparing'`),
		`{"type":"order_status_changed","order_id":"`+order+`","status":"preparing","version":2,"updated_at":"2`)
	step("order_updated", exec(`update orders set notes = 'no hurry'`), `"notes":"no hurry"`, `"version":3`)
	step("order_updated", exec(`update orders set status = 'ready', priority = 1`), `"status":"ready"`, `"priority":1`)
	step("order_updated", exec(`insert into order_items (order_id, menu_item_id) values ($1, $2)`, order, item), `"version":5`)
	step("order_updated", exec(`update order_item_modifiers set quantity = 2`), `"quantity":2,"kind":null}]`)
	step("order_updated", exec(`delete from order_items where notes = ''`), `"version":7`)
	step("order_status_changed", exec(`update orders set status = 'completed'`), `"status":"completed"`)
	step("order_updated", exec(`update orders set status = 'ready'`), `"recalled":true`, `"status":"ready"`)
	step("order_status_changed", exec(`update orders set status = 'cancelled'`), `"status":"cancelled"`)
	step("order_updated", exec(`update orders set status = 'pending'`), `"recalled":true`)
	step("order_deleted", exec(`delete from orders`), `{"type":"order_deleted","order_id":"`+order+`"}`)
	step("order_created", func() { order = k.order(r) })
	other := k.restaurant()
	s2, _ := k.watch(other)
	step("order_deleted", exec(`update orders set restaurant_id = $1`, other))
	kind, _ := s2.next(1)
	if kind != "order_created" {
		t.Errorf("the new restaurant was sent %s", kind)
	}
	k.converges(s2)
}

func TestBulkChangesArriveAsEvents(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	s, _ := k.watch(r)
	k.exec(`insert into orders (restaurant_id) select $1 from generate_series(1, 300)`, r)
	k.converges(s)
	k.exec(`update orders set status = 'completed' where order_number % 3 = 0`)
	k.converges(s)
	k.exec(`truncate orders cascade`)
	k.converges(s)
	said := s.said()
	for kind, want := range map[string]int{"initial_queue": 1, "order_created": 300, "order_status_changed": 100, "order_deleted": 200} {
		got := 0
		for _, what := range said {
			if what == kind {
				got++
			}
		}
		if got != want {
			t.Errorf("%d × %s, want %d", got, kind, want)
		}
	}
}

func TestNothingHappensForWhatNoKitchenSees(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{CheckEvery: 20 * time.Millisecond})
	k.exec(`alter table orders add price numeric`)
	r := k.restaurant()
	k.order(r)
	s, _ := k.watch(r)
	n := s.count()
	k.exec(`update orders set price = 5`)
	k.exec(`update orders set updated_at = now() + interval '1 hour'`)
	// What comes next proves that nothing came before, through the periodic check's re-reads, too.
	order := k.order(r)
	k.converges(s)
	k.exec(`delete from orders where id = $1`, order)
	k.converges(s)
	if said := s.said(); s.count() != n+2 {
		t.Errorf("sent: %v", said)
	}
}

// LISTEN first, read second: what is committed before LISTEN took effect is announced to nobody, so a read that was made
// earlier does not count.
func TestQueueIsReadAfterListen(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	p := faulttest.NewProxy(t, url)
	k := start(t, url, notifier.Config{ListenURL: p.URL})
	k.watch(k.restaurant()) // the listener is at work
	r := k.restaurant()
	gate := p.Hold("kitchen_" + r)
	s := newScreen(t, r)
	k.n.Subscribe(restaurantID(r), s).Refresh()
	s.until("a queue for those who cannot wait", func() bool { return s.queue != nil })
	k.order(r)
	gate.Release()
	k.converges(s)
}

func TestNothingFallsBetweenJoinAndWrite(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	k.watch(k.restaurant()) // the listener is at work
	var mu sync.Mutex
	var screens []*screen
	var all sync.WaitGroup
	turns := make(chan struct{}, 4)
	for range 100 {
		r := k.restaurant()
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			var both sync.WaitGroup
			both.Go(func() { k.order(r); k.order(r); k.order(r) })
			both.Go(func() {
				s, _ := k.watch(r)
				mu.Lock()
				defer mu.Unlock()
				screens = append(screens, s)
			})
			both.Wait()
		})
	}
	all.Wait()
	for _, s := range screens {
		k.converges(s)
	}
}

func TestLaterJoinersGetSnapshotThenEvents(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				k.order(r)
				k.exec(`update orders set status = 'completed' where order_number = $1`, i-20)
			}
		}
	})
	var screens []*screen
	for range 30 {
		s, _ := k.watch(r)
		screens = append(screens, s)
		s.until("some events", func() bool { return len(s.docs) > 5 })
	}
	close(stop)
	writing.Wait()
	for _, s := range screens {
		k.converges(s)
	}
}

func TestSubscriptionThatEndedDeliversNothing(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	stays, _ := k.watch(r)
	goes, subscription := k.watch(r)
	subscription.Unsubscribe()
	n := goes.count()
	for i := range 20 {
		k.exec(`insert into orders (restaurant_id, notes) values ($1, $2)`, r, fmt.Sprint(i))
	}
	k.converges(stays)
	if goes.count() != n {
		t.Errorf("sent after leaving: %v", goes.said())
	}
}

func TestRestaurantThatIsStillWatchedIsJoinedWithoutReading(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{UnwatchAfter: time.Hour})
	r := k.restaurant()
	_, subscription := k.watch(r)
	subscription.Unsubscribe()
	order := k.order(r)
	s := newScreen(t, r)
	subscription = k.n.Subscribe(restaurantID(r), s)
	subscription.Refresh()
	s.until("the queue with what came meanwhile", func() bool { _, ok := s.queue[order]; return ok })
	if said := s.said(); said[0] != "live" {
		t.Errorf("a restaurant that is still watched is live at once: %v", said)
	}
}

func TestRestaurantIsWatchedAgainAfterItWasNot(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{UnwatchAfter: time.Nanosecond})
	r := k.restaurant()
	for range 20 {
		s, subscription := k.watch(r)
		k.order(r)
		k.converges(s)
		subscription.Unsubscribe()
	}
}

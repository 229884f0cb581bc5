package notifier_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/notifier"
)

// forgotten makes open orders as an import does that leaves the status out.
func (k *kitchenTest) forgotten(restaurant string, n int) {
	k.t.Helper()
	k.exec(`insert into orders (restaurant_id, order_number, created_at) select $1, n, '2026-01-02 12:00' from generate_series(1, $2::int) n`, restaurant, n)
}

func (k *kitchenTest) omits(s *screen, n int) {
	k.t.Helper()
	k.converges(s)
	s.until(fmt.Sprintf("%d omitted orders", n), func() bool { return s.omitted == n && s.live })
}

// A restaurant that has forgotten to complete its orders sees the newest, is live, and sees whatever is new.
func TestQueueOfForgottenOrdersIsBoundedAndLive(t *testing.T) {
	t.Parallel()
	meter := &tally{}
	k := start(t, dbtest.New(t), notifier.Config{CheckEvery: 20 * time.Millisecond, Meter: meter})
	r := k.restaurant()
	k.forgotten(r, db.MaxQueue+200)
	s, _ := k.watch(r)
	k.omits(s, 200)

	n := s.count()
	id := k.order(r)
	if kind, doc := s.next(n); kind != "order_created" || !strings.Contains(doc, id) {
		t.Errorf("a new order is %s", doc)
	}
	if kind, doc := s.next(n + 1); kind != "initial_queue" || !strings.Contains(doc, id) || !strings.Contains(doc, `"omitted":201`) {
		t.Errorf("the oldest gives way by %.200s", doc)
	}
	k.omits(s, 201)

	n = s.count()
	k.exec(`update orders set status = 'completed' where id = $1`, id)
	if kind, doc := s.next(n); kind != "order_status_changed" {
		t.Errorf("an order that left is %s", doc)
	}
	if kind, doc := s.next(n + 1); kind != "order_updated" || !strings.Contains(doc, `"order_number":201,`) {
		t.Errorf("the one that takes its place is %s, and must not be new to the kitchen", doc)
	}
	k.omits(s, 200)

	n = s.count()
	k.exec(`update orders set notes = 'nobody sees it' where order_number = 7`)
	k.exec(`update orders set status = 'completed' where order_number = 8`)
	k.omits(s, 199)
	if n != s.count() {
		t.Errorf("orders that are omitted changed, and displays were sent %v", s.said()[n:])
	}
	late, _ := k.watch(r)
	k.omits(late, 199)

	k.exec(`update orders set status = 'completed' where order_number <= 690`)
	k.omits(s, 0)
	if len(k.queue(r)) != 10 {
		t.Errorf("%d orders are left", len(k.queue(r)))
	}
	k.order(r)
	k.omits(s, 0)
	k.omits(late, 0)
	meter.await(t, "looks at the queue", func() bool { return meter.reads[notifier.ReadQueues] > 0 })
	if meter.repairs > 0 {
		t.Errorf("%d changes were said to be announced by nobody", meter.repairs)
	}
}

// What many restaurants complete at once leaves their displays, however many reads it takes to know what became of it.
func TestOrdersThatAreCompletedAtOnceLeaveTheDisplays(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	var screens []*screen
	for range 4 {
		r := k.restaurant()
		k.forgotten(r, db.MaxQueue+1)
		s, _ := k.watch(r)
		screens = append(screens, s)
	}
	k.exec(`update orders set status = 'completed'`)
	for _, s := range screens {
		k.omits(s, 0)
		if len(s.queue) != 0 {
			t.Errorf("%d orders are still shown", len(s.queue))
		}
	}
}

// A forged notification may name an order by a key that no order has.
func TestHintsWithKeysOfAnotherTypeHurtNobody(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	mine, theirs := k.restaurant(), k.restaurant()
	s, _ := k.watch(mine)
	other, _ := k.watch(theirs)
	for _, key := range []string{"7", "ord_01HZX", strings.Repeat("9", 40), "-"} {
		k.exec(`select pg_notify('kitchen_'||$1, json_build_object('type', 'order_updated', 'order_id', $2::text)::text)`, mine, key)
		k.order(theirs)
	}
	k.order(mine)
	k.converges(s)
	k.converges(other)
	for _, s := range []*screen{s, other} {
		if said := s.said(); slices.Contains(said[2:], "deaf") {
			t.Errorf("a display was not live: %v", said)
		}
	}
}

// Users are looked up again from time to time. A server that misses their changes acts on them late, and shows no wrong orders.
func TestMissingAnnouncementsOfUsersDoNotMakeDisplaysDeaf(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	if _, err := dbtest.Pool(t, url).Exec(t.Context(), `drop function kitchen.watch_users() cascade`); err != nil {
		t.Fatal(err)
	}
	k := start(t, url, notifier.Config{})
	k.watch(k.restaurant()) // which waits for a live queue
	for k.n.WrongTriggers() == 0 {
		k.order(k.restaurant())
	}
	if !k.n.Live() {
		t.Error("not live because changes of users are not announced")
	}
}

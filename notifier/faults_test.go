package notifier_test

import (
	"context"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/dbtest/witness"
	"kitchen/db/local"
	"kitchen/notifier"
)

func restaurantID(r string) db.RestaurantID { return db.RestaurantID(r) }

const endListener = `

	select pg_terminate_backend(pid) from pg_stat_activity
	 where application_name = 'kitchen-listener' and datname = current_database()`

func TestMissedChangesArriveAsEventsWhenTheListenerIsKilled(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	for range 10 {
		k.order(r)
	}
	s, _ := k.watch(r)
	for round := range 10 {
		n := len(s.said())
		k.exec(endListener)
		k.exec(`update orders set status = 'ready' where order_number = $1`, round+1)
		k.exec(`delete from orders where order_number = $1`, round)
		k.order(r)
		k.exec(`insert into order_items (order_id, name) select id, 'Late' from orders where order_number = $1`, round+5)
		s.until("live again", func() bool { return s.live && slices.Contains(s.log[n:], "deaf") })
		k.converges(s)
	}
	if s.queues() > 1 {
		t.Errorf("missed changes are events, not a new queue: %v", s.said())
	}
}

func TestPostgresRestartsAndDisplaysFollow(t *testing.T) {
	t.Parallel()
	server := dbtest.Cluster(t, nil)
	k := start(t, server.URL(), notifier.Config{})
	r := k.restaurant()
	k.order(r)
	s, _ := k.watch(r)
	for _, mode := range []local.Mode{local.Fast, local.Immediate, local.Killed} {
		if err := server.Halt(mode); err != nil {
			t.Fatal(err)
		}
		s.until("deaf", func() bool { return !s.live })
		late := newScreen(t, r)
		subscription := k.n.Subscribe(restaurantID(r), late)
		subscription.Refresh()
		late.until("the last known queue, not live", func() bool { return late.queue != nil && !late.live })
		unknown := uuid.NewString()
		other := newScreen(t, unknown)
		otherSubscription := k.n.Subscribe(restaurantID(unknown), other)
		otherSubscription.Refresh()
		other.until("a refusal, as nothing is known", func() bool { return other.refused > 0 })
		otherSubscription.Unsubscribe()
		if err := server.Restart(t.Context(), local.Fast); err != nil {
			t.Fatal(err)
		}
		k.pool.Reset()
		k.order(r)
		k.converges(s)
		k.converges(late)
		subscription.Unsubscribe()
	}
}

// k2 is the id of another restaurant, which need not exist.
func k2(r string) string { return r[:35] + map[bool]string{true: "1", false: "0"}[r[35] == '0'] }

// A change that waits to be read, while the database is away, does not keep those who join from the queue as it was.
func TestDisplayJoinsWhileAReadFails(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	r := k.restaurant()
	order := k.order(r)
	s, _ := k.watch(r)
	k.exec(`alter table order_items rename to away`)
	k.exec(`select pg_notify('kitchen_'||$1, '{"type":"queue_changed"}')`, r)
	s.until("deaf", func() bool { return !s.live })
	late := newScreen(t, r)
	k.n.Subscribe(restaurantID(r), late).Refresh()
	late.until("the last known queue, not live", func() bool { _, ok := late.queue[order]; return ok && !late.live })
	k.exec(`alter table away rename to order_items`)
	k.order(r)
	k.converges(s)
	k.converges(late)
}

func TestStartsWhileTheListenerCannotConnect(t *testing.T) {
	t.Parallel()
	server := dbtest.New(t)
	p := witness.NewProxy(t, server)
	p.Refuse.Store(true)
	k := start(t, server, notifier.Config{ListenURL: p.URL})
	r := k.restaurant()
	order := k.order(r)
	s := newScreen(t, r)
	subscription := k.n.Subscribe(restaurantID(r), s)
	subscription.Refresh()
	s.until("a queue that is not live", func() bool { _, ok := s.queue[order]; return ok && !s.live })
	k.order(r) // heard by nobody
	p.Refuse.Store(false)
	k.converges(s)
}

func TestHalfOpenListenerIsFoundOut(t *testing.T) {
	t.Parallel()
	server := dbtest.New(t)
	p := witness.NewProxy(t, server)
	k := start(t, server, notifier.Config{ListenURL: p.URL, CanaryEvery: 50 * time.Millisecond, DeafAfter: time.Second})
	r := k.restaurant()
	s, _ := k.watch(r)
	p.Hole.Store(true)
	k.order(r)
	s.until("deaf, though nothing failed", func() bool { return !s.live })
	p.Hole.Store(false)
	k.converges(s)
}

func TestBlockedWritesAreNoDeafness(t *testing.T) {
	t.Parallel()
	var logged safeBuffer
	server := dbtest.Cluster(t, map[string]string{
		"synchronous_commit": "on", "wal_level": "replica", "max_wal_senders": "2"})
	k := start(t, server.URL(), notifier.Config{CanaryEvery: 20 * time.Millisecond, DeafAfter: time.Second,
		Log: slog.New(slog.NewTextHandler(&logged, nil))})
	r, second := k.restaurant(), k.restaurant()
	k.exec(`insert into restaurants (name) values ('Third')`)
	s, _ := k.watch(r)
	// With a synchronous standby that does not exist, a commit hangs, and has the lock of all notifying commits.
	k.exec(`alter system set synchronous_standby_names = 'nobody'`)
	k.exec(`select pg_reload_conf()`)
	// Whoever commits before the server's processes have all read it does not hang.
	var hanging sync.WaitGroup
	unblocked, stop := context.WithCancel(t.Context())
	defer stop()
	hanging.Go(func() {
		for unblocked.Err() == nil {
			k.order(r)
		}
	})
	logged.await(t, "writes are blocked")
	stop()
	late := newScreen(t, second)
	k.n.Subscribe(restaurantID(second), late).Refresh() // a restaurant that cannot be listened to yet
	late.until("an answer before writes go on", func() bool { return late.queue != nil })
	// Also one that left at once, and came back.
	third := k.id(`select id::text from restaurants where name = 'Third'`)
	k.n.Subscribe(restaurantID(third), newScreen(t, third)).Unsubscribe()
	back := newScreen(t, third)
	k.n.Subscribe(restaurantID(third), back).Refresh()
	back.until("an answer for who came back", func() bool { return back.queue != nil })
	if said := s.said(); !k.n.Live() || slices.Contains(said[1:], "deaf") { // the first is how every subscription begins
		t.Errorf("blocked writes were taken for deafness: %v", s.said())
	}
	k.exec(`alter system reset synchronous_standby_names`)
	k.exec(`select pg_reload_conf()`)
	hanging.Wait()
	k.order(r)
	k.converges(s)
	k.converges(late)
	logged.await(t, "not blocked any more")
	if strings.Contains(logged.String(), "connecting again") {
		t.Errorf("the listener connected again:\n%s", logged.String())
	}
}

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
		t.Errorf("silenced changes have versions, and are events: %v", s.said())
	}

	// Behind the triggers' back even the version stays. Only what PostgreSQL keeps of each row tells.
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

	back := func(id, set, changes string) {
		t.Helper()
		n := s.count()
		k.exec(`begin; alter table orders disable trigger all; update orders set ` + set + ` where id = '` + id + `';
			delete from kitchen.order_changes where order_id = '` + id + `' and ` + changes + `;
			alter table orders enable always trigger orders_complete_update; alter table orders enable trigger all; commit;
			select pg_notify('kitchen_` + r + `', '{"order_id":"` + id + `"}')`)
		if kind, doc := s.next(n); kind != "initial_queue" {
			t.Errorf("%s: got %s", set, doc)
		}
		k.converges(s)
	}
	back(done, `status = 'ready', completed_at = null`, `seq > 1`) // which had left the queue
	back(order, `notes = 'one'`, `seq > 2`)
	back(order, `notes = 'another one'`, `false`)
}

func TestForgedNotificationsDoNoHarm(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	mine, theirs := k.restaurant(), k.restaurant()
	s, _ := k.watch(mine)
	foreign := k.order(theirs)
	n := s.count()
	for _, payload := range []string{
		`{"type":"order_created","order_id":"` + foreign + `","version":1}`, `{"order_id":"` + k2(foreign) + `"}`,
		``, `junk`, `{"order_id":7}`, `[]`, `null`, `{"order_id":"' or true"}`, strings.Repeat("x", 7999), `{"type":"queue_changed"}`,
	} {
		k.exec(`select pg_notify('kitchen_'||$1, $2)`, mine, payload)
	}
	for range 500 {
		k.exec(`select pg_notify('kitchen_'||$1, json_build_object('order_id', gen_random_uuid())::text)`, mine)
	}
	k.order(mine)
	k.converges(s)
	if s.count() != n+1 {
		t.Errorf("told: %v", s.said())
	}
}

// Whoever sees the listener's statements in pg_stat_activity knows the name of its control channel.
func TestForgedCanariesDoNoHarm(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	control := ""
	for deadline := time.Now().Add(patience); control == "" && time.Now().Before(deadline); { // nothing signals it
		control = k.id(`
			select coalesce(max(split_part(query, '"', 2)), '') from pg_stat_activity
			 where datname = current_database() and query like 'listen "kitchen\_node%'`)
	}
	if control == "" {
		t.Fatal("the control channel is not known")
	}
	s, _ := k.watch(k.restaurant())
	for range 20 {
		for _, payload := range []string{"", "junk", "{}", strings.Repeat("x", 7999)} {
			k.exec(`select pg_notify($1, $2)`, control, payload)
		}
	}
	k.order(s.restaurant)
	k.converges(s)
	if slices.Contains(s.said()[2:], "deaf") {
		t.Errorf("forged canaries were taken for deafness: %v", s.said())
	}
}

func TestMessagesNameTheirRestaurantsOrdersOnly(t *testing.T) {
	t.Parallel()
	k := start(t, dbtest.New(t), notifier.Config{})
	var screens []*screen
	for range 5 {
		s, _ := k.watch(k.restaurant()) // a screen fails the test where it is told another restaurant's order
		screens = append(screens, s)
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 40 {
				r, other := screens[(w+i)%5].restaurant, screens[(w+i+1)%5].restaurant
				order := k.order(r)
				k.exec(`update orders set status = 'preparing' where id = $1`, order)
				k.exec(`update orders set restaurant_id = $2 where id = $1`, order, other)
			}
		})
	}
	writers.Wait()
	for _, s := range screens {
		k.converges(s)
	}
}

func TestErrorChangesNothingOnAnyScreen(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	owner := dbtest.Pool(t, url)
	ctx := context.Background()
	role := "node_" + strings.ToLower(strings.ReplaceAll(t.Name(), "/", "_")) + time.Now().Format("150405.000000")[7:]
	if _, err := owner.Exec(ctx, forReading(role)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = owner.Exec(ctx, `reassign owned by `+role+` to current_user; drop owned by `+role+`; drop role `+role)
	})
	k := start(t, asRole(t, url, role), notifier.Config{})
	k.pool = owner
	r := k.restaurant()
	for range 5 {
		k.order(r)
	}
	s, _ := k.watch(r)
	before := k.queue(r)

	// Row-level security without a policy makes a plain read answer with no rows, and no error.
	k.exec(`alter table orders enable row level security; alter table orders force row level security`)
	k.exec(`select pg_notify('kitchen_'||$1, '{"type":"queue_changed"}')`, r)
	s.until("deaf", func() bool { return !s.live })
	if !maps.Equal(s.queue, before) {
		t.Errorf("the screen changed: %v", s.said())
	}
	k.exec(`alter table orders disable row level security`)
	k.converges(s)
}

func asRole(t *testing.T, address, role string) string {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	q := u.Query()
	q.Set("user", role)
	u.RawQuery = q.Encode()
	return u.String()
}

func TestListenerRefusesAPooler(t *testing.T) {
	t.Parallel()
	var logged safeBuffer
	address := dbtest.New(t)
	p := witness.NewProxy(t, address)
	p.OtherPID.Store(true)
	k := start(t, address, notifier.Config{ListenURL: p.URL, Log: slog.New(slog.NewTextHandler(&logged, nil))})
	logged.await(t, "pooler")
	if k.n.Live() {
		t.Error("live through a pooler")
	}
}

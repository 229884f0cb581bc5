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

	"kitchen/db/dbtest"
	"kitchen/db/dbtest/faulttest"
	"kitchen/db/local"
	"kitchen/db/order"
	"kitchen/notifier"
)

func restaurantID(r string) order.RestaurantID { return order.RestaurantID(r) }

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
	p := faulttest.NewProxy(t, server)
	p.Refuse.Store(true)
	k := start(t, server, notifier.Config{ListenURL: p.URL})
	r := k.restaurant()
	order := k.order(r)
	s := newScreen(t, r)
	subscription := k.n.Subscribe(restaurantID(r), s)
	subscription.Refresh()
	s.until("a queue that is not live", func() bool { _, ok := s.queue[order]; return ok && !s.live })
	k.order(r) // its notification reaches nobody
	p.Refuse.Store(false)
	k.converges(s)
}

func TestHalfOpenListenerIsFoundOut(t *testing.T) {
	t.Parallel()
	server := dbtest.New(t)
	p := faulttest.NewProxy(t, server)
	k := start(t, server, notifier.Config{ListenURL: p.URL, CanaryEvery: 50 * time.Millisecond, DeafAfter: time.Second})
	r := k.restaurant()
	s, _ := k.watch(r)
	p.Blackhole.Store(true)
	k.order(r)
	s.until("deaf, though nothing failed", func() bool { return !s.live })
	p.Blackhole.Store(false)
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
	// A commit before all of the server's processes have read the setting does not hang.
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
	p := faulttest.NewProxy(t, address)
	p.OtherPID.Store(true)
	k := start(t, address, notifier.Config{ListenURL: p.URL, Log: slog.New(slog.NewTextHandler(&logged, nil))})
	logged.await(t, "pooler")
	if k.n.Live() {
		t.Error("live through a pooler")
	}
}

package notifier_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/notifier"
)

// While commits hang no LISTEN is answered. The first display of a restaurant that joins, leaves and comes back gets its queue soon
// all the same, which says that it is not live.
func TestDisplayThatComesBackWhileCommitsHangIsAnswered(t *testing.T) {
	t.Parallel()
	server := dbtest.Cluster(t, map[string]string{"wal_level": "replica", "synchronous_commit": "on"})
	logged := &safeBuffer{}
	k := start(t, server.URL(), notifier.Config{Log: slog.New(slog.NewTextHandler(logged, nil)), CanaryEvery: 100 * time.Millisecond})
	k.watch(k.restaurant())
	r := k.restaurant()
	k.order(r)
	other, stop, ended := k.restaurant(), make(chan struct{}), make(chan struct{})
	for _, sql := range []string{`alter system set synchronous_standby_names = 'nobody'`, `select pg_reload_conf()`} {
		k.exec(sql)
	}
	go func() { // a writer: once the setting holds, its commit keeps the lock of all that notify
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := k.pool.Exec(context.Background(), `insert into orders (restaurant_id) values ($1)`, other); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	defer func() {
		for _, sql := range []string{`alter system reset synchronous_standby_names`, `select pg_reload_conf()`} {
			k.exec(sql)
		}
		close(stop)
		<-ended
	}()
	logged.await(t, "writes are blocked")

	first := k.n.Subscribe(order.RestaurantID(r), newScreen(t, r))
	first.Refresh()
	first.Unsubscribe()
	began := time.Now()
	s := newScreen(t, r)
	again := k.n.Subscribe(order.RestaurantID(r), s)
	again.Refresh()
	s.until("a queue", func() bool { return s.queue != nil })
	if took := time.Since(began); len(s.queue) != 1 || s.live || took > 5*time.Second {
		t.Errorf("after %v it has %d orders, live: %v", took, len(s.queue), s.live)
	}
}

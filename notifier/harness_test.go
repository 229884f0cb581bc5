package notifier_test

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/notifier"
)

// kitchenTest is a notifier at work on a database of its own.
type kitchenTest struct {
	t    *testing.T
	url  string
	pool *pgxpool.Pool
	db   *db.DB
	n    *notifier.Notifier
	stop func()
}

// never is a period that no test reaches.
const never = 24 * time.Hour

func start(t *testing.T, url string, cfg notifier.Config) *kitchenTest {
	t.Helper()
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.ListenURL == "" {
		cfg.ListenURL = url
	}
	if cfg.CheckEvery == 0 {
		cfg.CheckEvery = never // recovery must not rest on the periodic check, unless it is what is tested
	}
	cfg.DB = d
	n, err := notifier.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := n.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	stop := sync.OnceFunc(func() { cancel(); <-done; d.Close() })
	t.Cleanup(stop)
	return &kitchenTest{t: t, url: url, pool: dbtest.Pool(t, url), db: d, n: n, stop: stop}
}

// exec runs one statement, or several without arguments, as one transaction.
func (k *kitchenTest) exec(sql string, args ...any) {
	k.t.Helper()
	if _, err := k.pool.Exec(context.Background(), sql, args...); err != nil {
		k.t.Fatalf("%s: %v", sql, err)
	}
}

func (k *kitchenTest) id(sql string, args ...any) (id string) {
	k.t.Helper()
	if err := k.pool.QueryRow(context.Background(), sql, args...).Scan(&id); err != nil {
		k.t.Fatalf("%s: %v", sql, err)
	}
	return id
}

func (k *kitchenTest) restaurant() string {
	k.t.Helper()
	return k.id(`insert into restaurants (name) values ('Test') returning id::text`)
}

func (k *kitchenTest) order(restaurant string) string {
	k.t.Helper()
	return k.id(`insert into orders (restaurant_id) values ($1) returning id::text`, restaurant)
}

// watch joins a restaurant and waits for its queue, live.
func (k *kitchenTest) watch(restaurant string) (*screen, *notifier.Subscription) {
	k.t.Helper()
	s := newScreen(k.t, restaurant)
	subscription := k.n.Subscribe(order.RestaurantID(restaurant), s)
	subscription.Refresh()
	s.until("a live queue", func() bool { return s.queue != nil && s.live })
	return s, subscription
}

// queue is the truth: the restaurant's open orders as the database has them now.
func (k *kitchenTest) queue(restaurant string) map[string]shown {
	k.t.Helper()
	queues, err := k.db.Queues(context.Background(), []order.RestaurantID{order.RestaurantID(restaurant)})
	if err != nil {
		k.t.Fatal(err)
	}
	truth := map[string]shown{}
	for _, o := range queues[order.RestaurantID(restaurant)].Orders {
		var fields map[string]any
		_ = json.Unmarshal(o.AppendJSON(nil), &fields)
		truth[string(o.ID)] = toShown(fields)
	}
	return truth
}

// converges waits until the screen shows what the database holds.
func (k *kitchenTest) converges(s *screen) {
	k.t.Helper()
	truth := k.queue(s.restaurant)
	s.until("the database's queue", func() bool { return s.live && maps.Equal(s.queue, truth) })
}

func contains(t *testing.T, doc string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(doc, p) {
			t.Errorf("%s lacks %s", doc, p)
		}
	}
}

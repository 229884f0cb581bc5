package rush

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db/dbtest"
	"kitchen/db/order"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// evening runs a rush until it has made so many changes.
func evening(t *testing.T, r *Rush, changes int) []Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	var seen []Change
	_, err := r.Run(ctx, Config{Rate: 6000, Log: slog.New(slog.DiscardHandler), Committed: func(c Change) {
		seen = append(seen, c)
		if len(seen) == changes {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < changes {
		t.Fatalf("%d changes in four minutes, want %d", len(seen), changes)
	}
	return seen
}

func open(t *testing.T, url string, id order.RestaurantID) *Rush {
	t.Helper()
	r, err := Open(t.Context(), url, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func one[T any](t *testing.T, pool *pgxpool.Pool, sql string, args ...any) (v T) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestEveryChangeIsReportedWithTheVersionItMade(t *testing.T) {
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	r := open(t, url, "")
	latest, created := map[order.OrderID]int64{}, 0
	for _, c := range evening(t, r, 600) {
		if c.Version != latest[c.Order]+1 || c.Created != (c.Version == 1) {
			t.Fatalf("after version %d of an order, %d was reported (created: %v)", latest[c.Order], c.Version, c.Created)
		}
		latest[c.Order] = c.Version
		if c.Created {
			created++
		}
	}
	for id, version := range latest {
		if v := one[int64](t, pool, `select version from kitchen.order_versions where order_id = $1`, string(id)); v != version {
			t.Errorf("order %s is in version %d, %d was reported", id, v, version)
		}
	}
	if n := one[int](t, pool, `select count(*) from orders`); n != created || n != r.totals.Orders {
		t.Errorf("%d orders in the database, %d reported, %d counted", n, created, r.totals.Orders)
	}
}

func TestOrdersAreBelievable(t *testing.T) {
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	evening(t, open(t, url, ""), 1500)
	for what, sql := range map[string]string{
		"a dine-in order has a table and a waiter": `select count(*) from orders
			where order_type = 'dine_in' and (table_id is null or created_by is null)`,
		"others have a customer and a promise": `select count(*) from orders
			where order_type <> 'dine_in' and (customer_name = '' or promised_at < created_at + interval '10 minutes')`,
		"an order has lines": `select count(*) from orders o
			where not exists (select from order_items i where i.order_id = o.id)`,
		"lines come from the menu": `select count(*) from order_items where menu_item_id is null`,
	} {
		if n := one[int](t, pool, sql); n != 0 {
			t.Errorf("%s: not so %d times", what, n)
		}
	}
	for what, sql := range map[string]string{
		"types":        `select count(distinct order_type) from orders where order_type in ('dine_in', 'takeaway', 'delivery') having count(distinct order_type) = 3`,
		"completed":    `select count(*) from orders where status = 'completed'`,
		"cancelled":    `select count(*) from orders where status = 'cancelled'`,
		"modifiers":    `select count(*) from order_item_modifiers`,
		"line notes":   `select count(*) from order_items where notes <> ''`,
		"allergies":    `select count(*) from orders where allergy_note <> ''`,
		"rushed":       `select count(*) from orders where notes like '%RUSH'`,
		"kitchen name": `select count(*) from order_items where name = '4 Formaggi'`,
	} {
		var n int
		if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil || n == 0 {
			t.Errorf("%s: none (%v)", what, err)
		}
	}
}

func TestDemoRestaurantIsMadeOnceAndCompleted(t *testing.T) {
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	open(t, url, "")
	if _, err := pool.Exec(t.Context(), `delete from menu_items where name = 'Calzone'`); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `update restaurants set name = 'Mine now'`); err != nil {
		t.Fatal(err)
	}
	r := open(t, url, "")
	if r.Restaurant().Name != "Mine now" || r.Restaurant().ID != DemoID {
		t.Errorf("restaurant is %+v", r.Restaurant())
	}
	if n := one[int](t, pool, `select count(*) from menu_items`); n != len(demoContent().menu) {
		t.Errorf("%d dishes on the menu, want %d", n, len(demoContent().menu))
	}
	if role := one[string](t, pool, `select role from users where id = $1`, string(r.Restaurant().Display)); role != "kitchen" {
		t.Errorf("the display's user is a %s", role)
	}
}

func TestOnlyOwnOrdersAreTouched(t *testing.T) {
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	mine := one[string](t, pool, `insert into restaurants (name) values ('no menu, no users') returning id::text`)
	id := one[string](t, pool, `insert into orders (restaurant_id, notes) values ($1, 'real') returning id::text`, mine)

	r := open(t, url, order.RestaurantID(mine))
	evening(t, r, 100)
	if n, err := r.ServeLeftovers(t.Context()); err != nil || n != 0 {
		t.Fatalf("outside of the demo restaurant, %d leftovers were served (%v)", n, err)
	}
	if _, err := r.ServeOwn(t.Context()); err != nil {
		t.Fatal(err)
	}
	open := one[string](t, pool, `select string_agg(o.id::text || ' ' || v.version, ',') from orders o join kitchen.order_versions v on v.order_id = o.id
		where status in ('pending', 'preparing', 'ready')`)
	if open != id+" 1" {
		t.Errorf("open orders at the end: %s; want the real one alone, in version 1: %s", open, id)
	}
}

func TestLeftoversOfTheDemoAreServed(t *testing.T) {
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	r := open(t, url, "")
	one[string](t, pool, `insert into orders (restaurant_id) values ($1) returning id::text`, string(DemoID))
	if n, err := r.ServeLeftovers(t.Context()); err != nil || n != 1 {
		t.Errorf("%d leftovers (%v), want 1", n, err)
	}
}

func TestUnknownRestaurant(t *testing.T) {
	_, err := Open(t.Context(), dbtest.New(t), "00000000-0000-4000-8000-000000000000")
	if !errors.Is(err, order.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// The server process of the rush is killed three times while it writes: it goes on, and every change that it reported is in the database.
func TestRushSurvivesTheLossOfItsConnection(t *testing.T) {
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	r := open(t, url, "")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	reported, kills := map[order.OrderID]int64{}, 0
	_, err := r.Run(ctx, Config{Rate: 6000, Log: slog.New(slog.DiscardHandler), Committed: func(c Change) {
		reported[c.Order] = c.Version
		if len(reported)%20 == 0 && c.Created && kills < 3 {
			kills++
			one[int](t, pool, `select count(pg_terminate_backend(pid)) from pg_stat_activity
				where application_name = 'kitchen-rush' and datname = current_database()`)
		}
		if kills == 3 && len(reported) == 100 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if kills != 3 || len(reported) < 100 {
		t.Fatalf("%d kills, %d orders", kills, len(reported))
	}
	for id, version := range reported {
		if v := one[int64](t, pool, `select version from kitchen.order_versions where order_id = $1`, string(id)); v < version {
			t.Errorf("order %s is in version %d, %d was reported", id, v, version)
		}
	}
}

//go:build compat

package attach_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach"
	"kitchen/db/dbtest"
)

// The server's notification queue, filled for real: PostgreSQL 17 and later can be given a small one. `make compat` runs this on those.
func TestWritersOfAnAttachedHostGoOnWhileTheNotificationQueueIsFull(t *testing.T) {
	url := dbtest.Cluster(t, map[string]string{"max_notify_queue_pages": "64", "max_connections": "40"}).URL()
	pool := dbtest.Pool(t, url+"&pool_max_conns=12")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.PgConn().Exec(t.Context(), `drop schema if exists kitchen cascade; drop schema public cascade; create schema public; `+dbtest.Script(t, "testdata/django.sql")).ReadAll(); err != nil {
		t.Fatal(err)
	}
	if done, err := attach.Up(t.Context(), conn, mapping(t, "django")); err != nil || !done {
		t.Fatal(done, err)
	}
	usage := func() (u float64) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), `select pg_notification_queue_usage()`).Scan(&u); err != nil {
			t.Fatal(err)
		}
		return u
	}
	// A session that listens and is idle in a transaction keeps everything in the queue.
	for _, sql := range []string{`listen anything`, `begin; select 1`} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	write := func() {
		t.Helper()
		var writers sync.WaitGroup
		for range 8 {
			writers.Go(func() {
				for range 60 {
					if _, err := pool.Exec(t.Context(), `
						begin;
						with o as (insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
						           select 1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1 + n % 2 from generate_series(1, 40) n returning id)
						insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) select 1, 1, '', 1, o.id from o;
						update accounts_user set is_active = not is_active where id = 3;
						update restaurants_restaurant set name = name where id = 1;
						commit`); err != nil {
						t.Errorf("a writer's transaction failed: %v", err)
						return
					}
				}
			})
		}
		writers.Wait()
	}
	write()
	if u := usage(); u < 0.74 || u > 0.85 {
		t.Errorf("the writers filled %.2f of the queue: they should stop announcing at 0.75", u)
	}
	for full := false; !full; {
		_, err := pool.Exec(t.Context(), `select pg_notify('other', repeat('x', 7000))`)
		var pg *pgconn.PgError
		if full = errors.As(err, &pg) && strings.Contains(pg.Message, "too many notifications"); err != nil && !full {
			t.Fatal(err)
		}
	}
	write()
	if _, err := pool.Exec(t.Context(), `truncate orders_orderitemmodifier`); err != nil {
		t.Error(err)
	}
	if u := usage(); u < 0.95 {
		t.Errorf("the queue is %.2f full, and nobody has read it", u)
	}
}

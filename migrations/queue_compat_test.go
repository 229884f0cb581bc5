//go:build compat

package migrations_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/dbtest"
)

// The server's notification queue, filled for real: PostgreSQL 17 and later can be given a small one, older ones have 8 GB.
// `make compat` runs this on those.
func TestWritersGoOnWhileTheNotificationQueueIsFull(t *testing.T) {
	url := dbtest.Cluster(t, map[string]string{"max_notify_queue_pages": "64", "max_connections": "40"}).URL()
	pool := dbtest.Pool(t, url+"&pool_max_conns=12")
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	usage := func() (u float64) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), `select pg_notification_queue_usage()`).Scan(&u); err != nil {
			t.Fatal(err)
		}
		return u
	}
	do(`insert into restaurants (name) select 'r' || n from generate_series(1, 8) n`)
	do(`insert into users (restaurant_id, username) select id, name from restaurants`)

	// A session that listens and is idle in a transaction keeps everything in the queue.
	laggard := dbtest.Conn(t, url)
	if _, err := laggard.Exec(t.Context(), `listen anything`); err != nil {
		t.Fatal(err)
	}
	if _, err := laggard.Exec(t.Context(), `begin; select 1`); err != nil {
		t.Fatal(err)
	}

	write := func() {
		t.Helper()
		var writers sync.WaitGroup
		for w := range 8 {
			writers.Go(func() {
				for range 25 {
					_, err := pool.Exec(t.Context(), fmt.Sprintf(`
						begin;
						with r as (select id from restaurants where name = 'r%[1]d'),
						     o as (insert into orders (restaurant_id) select id from r returning id, restaurant_id)
						insert into order_items (restaurant_id, order_id, name) select restaurant_id, id, 'Soup' from o, generate_series(1, 3);
						update orders set status = 'preparing' where status = 'pending' and restaurant_id = (select id from restaurants where name = 'r%[1]d');
						insert into orders (restaurant_id) select id from restaurants, generate_series(1, 7) where name = 'r%[1]d';
						delete from orders where status = 'pending' and restaurant_id = (select id from restaurants where name = 'r%[1]d');
						update users set is_active = not is_active where username = 'r%[1]d';
						commit`, w+1))
					if err != nil {
						t.Errorf("a writer's transaction failed: %v", err)
						return
					}
				}
			})
		}
		writers.Wait()
	}

	// The writers themselves fill it as far as they may, and go on: some 50 notifications a transaction, 10,000 in all.
	write()
	write()
	if u := usage(); u < 0.74 || u > 0.85 {
		t.Errorf("the writers filled %.2f of the queue: they should stop announcing at 0.75", u)
	}

	// Somebody else fills the rest of it.
	for full := false; !full; {
		_, err := pool.Exec(t.Context(), `select pg_notify('other', repeat('x', 7000))`)
		var pg *pgconn.PgError
		switch full = errors.As(err, &pg) && strings.Contains(pg.Message, "too many notifications"); {
		case err != nil && !full:
			t.Fatal(err)
		}
	}
	write()
	do(`truncate order_items cascade`)
	if u := usage(); u < 0.95 {
		t.Errorf("the queue is %.2f full, and nobody has read it", u)
	}

	// The laggard reads on; nobody asks for the gauge but the triggers, which is enough for the queue to heal.
	if _, err := laggard.Exec(t.Context(), `rollback`); err != nil {
		t.Fatal(err)
	}
	if err := laggard.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	ear := dbtest.Conn(t, url)
	var r1 string
	if err := ear.QueryRow(t.Context(), `select id::text from restaurants where name = 'r1'`).Scan(&r1); err != nil {
		t.Fatal(err)
	}
	if _, err := ear.Exec(t.Context(), `listen "kitchen_`+r1+`"`); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		do(`insert into orders (restaurant_id) values ($1)`, r1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		n, err := ear.WaitForNotification(ctx)
		cancel()
		if err == nil && strings.Contains(n.Payload, "order_created") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("orders are not announced again: %v", err)
		}
	}
	if u := usage(); u > 0.1 {
		t.Errorf("the queue is still %.2f full", u)
	}
}

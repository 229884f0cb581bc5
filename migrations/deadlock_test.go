package migrations_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/dbtest"
)

// session is a connection of a writer.
type session struct {
	*testing.T
	conn *pgx.Conn
}

func (h *house) session() session {
	h.Helper()
	conn := dbtest.Conn(h, h.url)
	return session{h.T, conn}
}

func (s session) exec(sql string, args ...any) {
	s.Helper()
	if _, err := s.conn.Exec(s.Context(), sql, args...); err != nil {
		s.Fatalf("%s: %v", sql, err)
	}
}

// began is how long a statement took.
func (s session) took(sql string, args ...any) time.Duration {
	s.Helper()
	began := time.Now()
	s.exec(sql, args...)
	return time.Since(began)
}

// An order that is left open in psql holds the count of its restaurant. Others wait for it less than a second, get numbers of
// their own, and no two are equal in the end.
func TestOpenTransactionDelaysNobodyByMoreThanASecond(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, other, import_ := h.session(), h.session(), h.session()
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	holder.exec(`begin`)
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	if took := import_.took(`insert into orders (restaurant_id, created_at) values ($1, now() - interval '3 days')`, h.a); took > 700*time.Millisecond {
		t.Errorf("an order of another day took %s", took)
	}
	if took := import_.took(`insert into orders (restaurant_id) values ($1)`, h.b); took > 700*time.Millisecond {
		t.Errorf("an order of another restaurant took %s", took)
	}
	if took := other.took(`insert into orders (restaurant_id, order_number) values ($1, 20231)`, h.a); took > 700*time.Millisecond {
		t.Errorf("an order with a number of its own took %s", took)
	}
	for range 2 {
		if took := other.took(`insert into orders (restaurant_id) values ($1)`, h.a); took < 500*time.Millisecond || took > 1500*time.Millisecond { // noisy machines
			t.Errorf("an order took %s", took)
		}
	}
	// Many in one transaction wait once.
	if took := other.took(`insert into orders (restaurant_id) select $1 from generate_series(1, 20)`, h.a); took > 1500*time.Millisecond {
		t.Errorf("20 orders took %s", took)
	}
	holder.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	holder.exec(`commit`)
	other.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	got := h.one(`select count(*) || ' ' || count(distinct (business_day, order_number)) || ' ' || max(order_number) filter (where order_number < 9000)
		from orders where restaurant_id = $1`, h.a)
	if got != "28 28 4" {
		t.Errorf("orders, different numbers, highest of the count: %s", got)
	}
}

// An order, then its lines, is what every ORM does, while others change lines by themselves. Nothing of ours makes a deadlock of it.
func TestOrderThenLinesNeverDeadlocks(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into orders (id, restaurant_id) values ($A, $A), ($B, $B);; insert into order_items (id, order_id, name) values ($A, $A, 'x'), ($B, $B, 'y')`); err != nil {
		t.Fatal(err)
	}
	one, two := h.session(), h.session()
	one.exec(`begin`)
	one.exec(`update orders set notes = 'one' where id = $1`, h.a)
	two.exec(`begin`)
	two.exec(`update order_items set notes = 'two' where id = $1`, h.a) // must not wait for the order
	done := make(chan error, 1)
	go func() {
		_, err := one.conn.Exec(context.Background(), `update order_items set quantity = 2 where id = $1`, h.a)
		done <- err
	}()
	two.exec(`commit`)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	one.exec(`commit`)
	if got := h.one(`select version::text from kitchen.order_versions where order_id = $1`, h.a); got != "4" {
		t.Errorf("version %s after four transactions", got)
	}
	// Two restaurants, from both ends.
	one.exec(`begin`)
	two.exec(`begin`)
	one.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	two.exec(`insert into orders (restaurant_id) values ($1)`, h.b)
	go func() {
		_, err := one.conn.Exec(context.Background(), `insert into orders (restaurant_id) values ($1)`, h.b)
		done <- err
	}()
	two.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	one.exec(`commit`)
	two.exec(`commit`)
}

// Sixteen writers of everything, in any order, over the same few orders. What waits for a row that another writer named may be a
// deadlock of the writers' own: each writes its rows in the order of their ids, so that there is none.
func TestSixteenWritersOfEverythingNeverDeadlock(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`insert into restaurants (name) select 'r' || n from generate_series(1, 20) n;; insert into orders (restaurant_id) select id from restaurants;;
		insert into order_items (order_id, name) select id, 'x' from orders, generate_series(1, 3)`); err != nil {
		t.Fatal(err)
	}
	statements := []string{
		`insert into orders (restaurant_id) select id from (select id from restaurants order by random() limit 7) r`,
		`insert into orders (restaurant_id) select id from restaurants order by id desc`,
		`insert into order_items (order_id, name) select id, 'y' from (select id from orders order by random() limit 5) o`,
		`update orders set notes = random()::text where id = (select id from orders order by random() limit 1)`,
		`update order_items set quantity = quantity + 1 where id = (select id from order_items order by random() limit 1)`,
		`update order_items set notes = 'z' where id in (select id from order_items where order_id = (select id from orders order by random() limit 1) order by id for update)`,
	}
	var writers sync.WaitGroup
	for i := range 16 {
		s, rng := h.session(), rand.New(rand.NewPCG(uint64(i), 17))
		writers.Go(func() {
			for range 12 {
				_, err := s.conn.Exec(t.Context(), statements[rng.IntN(len(statements))])
				var pg *pgconn.PgError
				if errors.As(err, &pg) && pg.Code == "40P01" {
					t.Errorf("a deadlock: %s", pg.Detail)
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if got := h.one(`select count(*)::text from (select from orders group by restaurant_id, business_day, order_number having count(*) > 1) x`); got != "0" {
		t.Errorf("%s numbers were given twice", got)
	}
}

// Somebody who holds a lock on a table of the kitchen's own delays a writer for a moment, once a transaction, and refuses nothing.
func TestWriterNeverWaitsForTheKitchen(t *testing.T) {
	t.Parallel()
	h := open(t)
	holder, writer := h.session(), h.session()
	writer.exec(`insert into orders (restaurant_id, order_number) values ($1, 1)`, h.a) // plans are made
	holder.exec(`begin`)
	holder.exec(`lock table kitchen.order_changes in access exclusive mode`)
	if took := writer.took(`insert into orders (restaurant_id, order_number) values ($1, 2)`, h.a); took > time.Second {
		t.Errorf("an order took %s", took)
	}
	if took := writer.took(`with o as (select id from orders where restaurant_id = $1) insert into order_items (order_id, name) select id, 'x' from o`, h.a); took > time.Second {
		t.Errorf("lines took %s", took)
	}
	if took := writer.took(`update orders set status = 'ready' where restaurant_id = $1`, h.a); took > time.Second {
		t.Errorf("a status took %s", took)
	}
	holder.exec(`rollback`)
	if got := h.one(`select count(*) || ' ' || (select count(*) from order_items) from orders where status = 'ready'`); got != "2 2" {
		t.Errorf("orders and lines: %s", got)
	}
	h.received()
	writer.exec(`update orders set status = 'preparing' where order_number = 2`)
	if got := h.received(); fmt.Sprint(got) != "[A order_status_changed preparing]" {
		t.Errorf("afterwards: %v", got)
	}
}

package attach_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach"
	"kitchen/db/dbtest"
)

// A SERIALIZABLE transaction is announced as any other, without what others may write being read: placed, moved, gone, by one
// transaction or by several, an order or its lines, in bulk.
func TestASerializableTransactionIsAnnounced(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"read committed", "serializable"} {
		t.Run(isolation, func(t *testing.T) {
			h := fixture(t, "django")
			found, err := attach.FindTemplate("django")
			if err != nil {
				t.Fatal(err)
			}
			const carts = "\n  left join accounts_user u on u.id = o.created_by_id"
			h.up(parse(t, "django.sql", strings.Replace(found.Text, carts, carts+"\n where o.status <> 'cart'", 1)))
			h.exec(`set default_transaction_isolation = '` + isolation + `'`)
			const order = `insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id) `
			const line = `insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) `
			const modifier = `insert into orders_orderitemmodifier (id, quantity, modifier_option_id, order_item_id) `
			for _, s := range []struct {
				write string
				want  []string
			}{
				{order + `values (100, 1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1)`, []string{"1 order_created 100"}},
				{`begin;; ` + order + `values (101, 1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1);; ` + line + `values (101, 1, 1, '', 1, 101), (102, 1, 1, '', 1, 101);; ` +
					modifier + `values (101, 1, 1, 101);; update orders_order set total = 7, notes = 'x' where id = 101;; commit`, []string{"1 order_created 101"}},
				{line + `values (103, 1, 1, '', 1, 100)`, []string{"1 order_updated 100"}},
				{modifier + `values (103, 1, 1, 103)`, []string{"1 order_updated 100"}},
				{`update orders_order set status = 'preparing' where id = 100`, []string{"1 order_updated 100"}},
				{`begin;; update orders_order set status = 'ready' where id = 100;; update orders_order set notes = 'x' where id = 100;; update orders_orderitem set notes = 'y' where id = 103;; commit`, []string{"1 order_updated 100"}},
				{`update orders_order set total = 8 where id = 100;; update orders_order set notes = notes;; update orders_orderitem set quantity = quantity`, nil},
				{`begin;; savepoint a;; update orders_order set notes = 'z' where id = 100;; rollback to a;; commit`, nil},
				{`update orders_orderitem set quantity = 4 where id = 103;; delete from orders_orderitemmodifier where id = 103;; delete from orders_orderitem where id = 103`,
					[]string{"1 order_updated 100", "1 order_updated 100", "1 order_updated 100"}},
				{`update orders_order set restaurant_id = 2 where id = 100`, []string{"1 order_deleted 100", "2 order_created 100"}},
				{`update orders_order set restaurant_id = 3 - restaurant_id where id in (100, 101)`,
					[]string{"1 order_created 100", "1 order_deleted 101", "2 order_created 101", "2 order_deleted 100"}},
				{`begin;; delete from orders_orderitemmodifier where order_item_id in (101, 102);; delete from orders_orderitem where order_id = 101;; delete from orders_order where id in (100, 101);; commit`,
					[]string{"1 order_deleted 100", "2 order_deleted 101", "2 order_updated 101"}},
				{order + `values (110, 1, 'dine_in', 'cart', 0, '', '', 1, now(), now(), 1);; ` + line + `values (110, 1, 1, '', 1, 110);; update orders_order set notes = 'x' where id = 110`, nil},
				{`update orders_order set status = 'pending' where id = 110`, []string{"1 order_created 110"}},
				{`update orders_order set status = 'cart' where id = 110`, []string{"1 order_deleted 110"}},
				{`begin;; ` + order + `select n, 1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 2 from generate_series(200, 202) n;; commit`,
					[]string{"2 order_created 200", "2 order_created 201", "2 order_created 202"}},
				{order + `select n, 1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1 + n % 10 / 9 from generate_series(300, 380) n`,
					[]string{"1 queue_changed", "2 order_created 309", "2 order_created 319", "2 order_created 329", "2 order_created 339", "2 order_created 349", "2 order_created 359", "2 order_created 369", "2 order_created 379"}},
				{`update tables_table set number = 'T9' where id = 1`, []string{"1 queue_changed"}},
				{`update accounts_user set is_active = false where id = 1`, []string{"users user_changed 1"}},
				{`set kitchen.notify = off;; update orders_order set notes = 'silent' where id = 110;; set kitchen.notify = on`, nil},
			} {
				h.exec(s.write)
				h.expect(s.write, s.want...)
			}
			if got := h.one(`select coalesce(string_agg(source || ' ' || message, '; '), '') from kitchen.trigger_errors`); got != "" {
				t.Error(got)
			}
			if got := h.one(`select string_agg(v.order_id || ' ' || v.version, ', ' order by v.order_id) from kitchen.order_versions v where v.order_id between 100 and 110`); got != "100 11, 101 3, 110 2" {
				t.Errorf("versions %s", got)
			}
		})
	}
}

// SERIALIZABLE writers of different orders never fail because of each other's triggers, also where their restaurants have stations: each
// of these pairs commits on the host's tables alone, too.
func TestSerializableWritersOfAHostDoNotMeetInTheTriggers(t *testing.T) {
	t.Parallel()
	const order = `insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		values (1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), $1)`
	for name, stations := range map[string]string{"without stations": ""} {
		h := attachedDjango(t)
		h.exec(stations)
		for _, w := range []struct{ what, write string }{ // updates first: on a full page of the table they write to its indexes, too
			{"notes", `update orders_order set notes = notes || 'x' where id = $1`},
			{"a status", `update orders_order set status = case status when 'ready' then 'preparing' else 'ready' end where id = $1`},
			{"lines", `update orders_orderitem set quantity = quantity + 1 where id = $1`},
			{"orders", order},
			{"and lines", `with o as (` + order + ` returning id) insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) select 1, 1, '', $1, id from o`},
			{"many orders", `insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
				select n, 'dine_in', 'pending', 0, '', '', 1, now(), now(), $1::bigint from generate_series(1, 60) n`},
		} {
			one, two := h.connect(), h.connect()
			for range 2 {
				do := func(conn *pgx.Conn, sql string, args ...any) {
					t.Helper()
					if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
						t.Errorf("%s, %s: %v", name, w.what, err)
					}
				}
				for _, conn := range []*pgx.Conn{one, two} {
					do(conn, `set enable_seqscan = off`) // a sequential scan of the writer's own would read all orders
					do(conn, `begin isolation level serializable`)
				}
				do(one, w.write, 1)
				do(two, w.write, 2)
				do(one, w.write, 1)
				do(two, w.write, 2)
				do(one, `commit`)
				do(two, `commit`)
			}
		}
		if got := h.one(`select coalesce(string_agg(source || ' ' || message, '; '), '') from kitchen.trigger_errors`); got != "" {
			t.Error(got)
		}
	}
}

// BenchmarkSerializableWriters reports how many of a thousand SERIALIZABLE transactions of 8 writers, each of an order of its own, PostgreSQL
// fails: on the host's tables alone, where its own indexes and foreign keys make some fail, and with the generated triggers.
func BenchmarkSerializableWriters(b *testing.B) {
	cluster := dbtest.Cluster(b, map[string]string{"max_connections": "60"})
	conn, err := pgx.Connect(b.Context(), cluster.URL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	exec := func(sql string) {
		b.Helper()
		if _, err := conn.PgConn().Exec(b.Context(), sql).ReadAll(); err != nil {
			b.Fatalf("%.200s: %v", sql, err)
		}
	}
	exec(`drop schema public cascade; create schema public; drop schema if exists kitchen cascade`)
	exec(dbtest.Script(b, "testdata/django.sql"))
	exec(`insert into restaurants_restaurant (id, name, timezone, is_active, created_at) select n, 'r' || n, 'UTC', true, now() from generate_series(3, 20) n;
		insert into menu_menuitem (name, price, is_available, restaurant_id) select 'Soup', 1, true, id from restaurants_restaurant;
		insert into orders_order (id, order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		select n, n, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1 + n % 20 from generate_series(10000, 10999) n;
		insert into orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) select n, 1, 1, '', 1, n from generate_series(10000, 10999) n;
		select setval(pg_get_serial_sequence(t, 'id'), 20000) from unnest(array['orders_order', 'orders_orderitem', 'orders_orderitemmodifier']) t;
		analyze`)
	found, err := attach.FindTemplate("django")
	if err != nil {
		b.Fatal(err)
	}
	m, err := attach.Parse("django.sql", []byte(found.Text))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := attach.Up(b.Context(), conn, m); err != nil {
		b.Fatal(err)
	}
	sides := map[bool]string{}
	for _, t := range []string{"orders_order", "orders_orderitem", "orders_orderitemmodifier"} {
		for _, e := range []string{"insert", "update", "delete"} {
			sides[true] += fmt.Sprintf("alter table %s enable always trigger kitchen_watch_%s;", t, e)
			sides[false] += fmt.Sprintf("alter table %s disable trigger kitchen_watch_%s;", t, e)
		}
	}
	const order = `insert into orders_order (order_number, order_type, status, priority, customer_name, notes, total, created_at, updated_at, restaurant_id)
		values (1, 'dine_in', 'pending', 0, '', '', 1, now(), now(), 1 + $1 % 20)`
	const line = `insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id)`
	writes := []struct {
		name string
		sql  []string
	}{
		{"order", []string{order}},
		{"order with lines", []string{`with o as (` + order + ` returning id) ` + line + ` select 1, 1, '', 1, o.id from o, generate_series(1, 3)`}},
		{"order, then lines", []string{order, line + ` select 1, 1, '', 1, currval(pg_get_serial_sequence('orders_order', 'id')) from (values ($1::int)) v`}},
		{"status", []string{`update orders_order set status = case status when 'ready' then 'preparing' else 'ready' end where id = 10000 + $1`}},
		{"notes", []string{`update orders_order set notes = notes || 'x' where id = 10000 + $1`}},
		{"a line more", []string{line + ` values (1, 1, '', 1, 10000 + $1)`}},
		{"quantity", []string{`update orders_orderitem set quantity = quantity + 1 where id = 10000 + $1`}},
		{"payment", []string{`update orders_order set total = total + 1 where id = 10000 + $1`}},
		{"everything", nil},
	}
	const writers, commits = 8, 200
	run := func(sql func() []string) float64 {
		var failed atomic.Int64
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				conn, err := pgx.Connect(b.Context(), cluster.URL())
				if err != nil {
					b.Error(err)
					return
				}
				defer conn.Close(context.Background())
				for i := range commits {
					err := pgx.BeginTxFunc(b.Context(), conn, pgx.TxOptions{IsoLevel: pgx.Serializable}, func(tx pgx.Tx) error {
						for _, s := range sql() {
							if _, err := tx.Exec(b.Context(), s, i*writers%1000+w); err != nil {
								return err
							}
						}
						return nil
					})
					if e := (*pgconn.PgError)(nil); errors.As(err, &e) && e.Code == "40001" {
						failed.Add(1)
					} else if err != nil {
						b.Errorf("%T %v %+v", err, err, e)
						return
					}
				}
			})
		}
		all.Wait()
		return float64(failed.Load()) * 1000 / (writers * commits)
	}
	for i, w := range writes {
		b.Run(w.name, func(b *testing.B) {
			pick := func() []string { return w.sql }
			if w.sql == nil {
				pick = func() []string { return writes[rand.IntN(i)].sql }
			}
			var bare, ours float64
			for b.Loop() {
				exec(sides[false])
				bare += run(pick)
				exec(sides[true])
				ours += run(pick)
			}
			b.ReportMetric(bare/float64(b.N), "failed-of-1000-bare")
			b.ReportMetric(ours/float64(b.N), "failed-of-1000")
			b.ReportMetric(0, "ns/op")
		})
	}
}

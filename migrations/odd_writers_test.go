package migrations_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// A role that may insert and nothing else writes orders, lines and modifiers.
func TestRoleThatMayOnlyInsertWritesOrders(t *testing.T) {
	t.Parallel()
	h := open(t)
	role := "till_" + strings.ReplaceAll(h.a, "-", "")
	t.Cleanup(func() { _, _ = h.pool.Exec(context.Background(), `drop owned by `+role+`; drop role `+role) })
	if err := h.do(`create role ` + role + `;; grant insert on orders, order_items, order_item_modifiers to ` + role + `;; set role ` + role + `;;
		insert into orders (id, restaurant_id, table_id, created_by) values ($A, $A, $TABLE, $USER);;
		insert into order_items (id, order_id, menu_item_id) values ($A, $A, $ITEM);;
		insert into order_item_modifiers (order_item_id, modifier_option_id) values ($A, $OPTION);;
		insert into orders (restaurant_id, order_number) values ($A, 9100)`); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(h.received(), ", "); got != "A order_created, A order_updated, A order_updated, A order_created" {
		t.Errorf("received %s", got)
	}
}

// Whatever table is emptied, the next order is written, numbered and announced; and a number that is there is not given again.
func TestOrdersGoOnAfterAnyTableIsEmptied(t *testing.T) {
	t.Parallel()
	h := open(t)
	for _, table := range strings.Fields(h.one(`
		select string_agg(c.oid::regclass::text, ' ') from pg_class c where c.relkind = 'r'
		   and (c.relnamespace = 'public'::regnamespace or c.relnamespace = 'kitchen'::regnamespace) and c.relname not in ('restaurants', 'goose_db_version')`)) {
		if err := h.do(`insert into orders (restaurant_id) values ($A);; insert into order_items (order_id, name) select id, 'x' from orders;; truncate ` + table + ` cascade`); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		h.received()
		if err := h.do(`insert into orders (restaurant_id) values ($A)`); err != nil {
			t.Errorf("after %s: %v", table, err)
		}
		if got := strings.Join(h.received(), ", "); got != "A order_created" {
			t.Errorf("after %s received %q", table, got)
		}
		h.distinct()
	}
}

// Tidying puts rows together that writers add to meanwhile: no change is lost, and nobody waits or fails.
func TestTidyingBesideWritersLosesNoChange(t *testing.T) {
	t.Parallel()
	h := open(t)
	if err := h.do(`
		insert into orders (restaurant_id) select $A from generate_series(1, 40);; update orders set notes = '1';; update orders set notes = '2';;
		update kitchen.order_changes set changed_at = changed_at - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for w := range 3 {
		s := h.session()
		all.Go(func() {
			for i := range 10 {
				if _, err := s.conn.Exec(t.Context(), `update orders set notes = $1 where order_number % 3 = $2`, fmt.Sprint(w, i, "a"), w); err != nil {
					t.Error(err)
				}
			}
		})
	}
	tidier := h.session()
	all.Go(func() {
		for range 20 {
			if _, err := tidier.conn.Exec(t.Context(), `select kitchen.tidy_order_changes(7)`); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	if got := h.one(`select count(*) || ' ' || min(version) || ' ' || max(version) from kitchen.order_versions`); got != "40 13 13" {
		t.Errorf("orders, and their versions: %s", got)
	}
}

// PostgreSQL prepares no transaction that notifies. One that is silent may be: it holds up nobody for more than a second.
func TestPreparedTransactionsHoldUpNobody(t *testing.T) {
	t.Parallel()
	h := &house{T: t, url: dbtest.Cluster(t, map[string]string{"max_prepared_transactions": "2"}).URL()}
	h.fill()
	h.listen()
	if err := h.do(`begin; insert into orders (restaurant_id) values ($A); prepare transaction 'loud'`); err == nil || !strings.Contains(err.Error(), "0A000") {
		t.Errorf("a transaction that notifies: %v", err)
	}
	if err := h.do(`set kitchen.notify = off; begin; insert into orders (restaurant_id) values ($A); insert into orders (restaurant_id, order_number) values ($A, 5); prepare transaction 'silent'`); err != nil {
		t.Fatal(err)
	}
	other := h.session()
	if took := other.took(`insert into orders (restaurant_id) values ($1)`, h.a); took > 1500*time.Millisecond {
		t.Errorf("an order took %s", took)
	}
	if err := h.do(`commit prepared 'silent'`); err != nil {
		t.Fatal(err)
	}
	other.exec(`insert into orders (restaurant_id) values ($1)`, h.a)
	h.distinct()
}

// Many unnumbered orders in one statement read a few rows each, whatever the planner believes of the tables: a session keeps the
// plan of its first row.
func TestBulkInsertReadsAFewRowsForEachOrder(t *testing.T) {
	t.Parallel()
	const many = 3000
	for name, before := range map[string]string{
		"without statistics":       ``,
		"analysed while empty":     `analyze orders, restaurants, kitchen.order_numbers, kitchen.order_changes`,
		"planned while empty":      `begin; insert into orders (restaurant_id) values ($A); rollback`,
		"statistics of other days": `set kitchen.notify = off; insert into orders (restaurant_id, order_number, created_at) select $A, n, now() - interval '9 days' from generate_series(1, 3000) n; analyze orders; delete from orders; insert into orders (restaurant_id, order_number, created_at) select $A, n, now() - interval '30 days' from generate_series(1, 3000) n`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			if err := h.do(strings.ReplaceAll(before, "; ", ";; ") + `;; begin;; insert into orders (restaurant_id) values ($A);; insert into orders (restaurant_id) select $A from generate_series(1, 3000);;
				create table read as select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables;; commit`); err != nil {
				t.Fatal(err)
			}
			if got := h.one(`select coalesce(string_agg(relname || ' ' || rows, ', '), '') from read where rows > $1`, 12*many); got != "" {
				t.Errorf("rows read of tables: %s", got)
			}
			if got := h.one(`select count(distinct order_number) || '' from orders where created_at > now() - interval '1 day'`); got != fmt.Sprint(many+1) {
				t.Errorf("different numbers: %s", got)
			}
		})
	}
}

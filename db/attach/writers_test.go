package attach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/attach"
)

func TestAWriterGoesOnWhenAViewBreaks(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	h.up(parse(t, "django.sql", strings.Replace(found.Text, `left join accounts_user u on u.id = o.created_by_id;`,
		`left join accounts_user u on u.id = o.created_by_id where 100 / (o.priority - 13) < 1000;`, 1)))
	h.exec(`update orders_order set priority = 13 where id = 1;; update orders_order set notes = 'x' where id = 1`)
	h.expect("the kitchen that knows the order is told to look, and then says what is wrong", "1 queue_changed", "1 queue_changed")
	if e := h.one(`select string_agg(source || ' ' || sqlstate || ' ' || message, '; ') from kitchen.trigger_errors`); e != "public.orders_order 22012 division by zero" {
		t.Errorf("trigger_errors has %q, want one row", e)
	}
	h.exec(`update orders_order set priority = 0 where id = 1`)
	h.expect("once it is mended", "1 order_updated 1")
}

func TestAWriterGoesOnWhenWhatTheTriggersReadIsGone(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	h.exec(`update orders_order set notes = 'x' where id = 1`)
	h.received()
	h.exec(`alter table tables_table rename to desks; drop view kitchen.orders cascade`)
	h.exec(`update orders_order set notes = 'y' where id = 1;; update orders_orderitem set quantity = 3 where order_id = 1;; delete from orders_orderitemmodifier;; delete from orders_orderitem;; delete from orders_order`)
	h.expect("what the host's row alone says, and the restaurants whose orders are known", "1 order_updated 1", "1 order_updated 1",
		"1 queue_changed", "1 queue_changed", "1 queue_changed", "2 queue_changed", "2 queue_changed", "2 queue_changed")
	if n := h.one(`select count(*) || ' ' || min(sqlstate) from kitchen.trigger_errors`); n != "3 42P01" {
		t.Errorf("trigger_errors has %s, want one a table", n)
	}
}

// Somebody holds a lock on our tables: writers go on, silent, and the doctor and the server's log say why.
func TestAWriterDoesNotWaitForOurTables(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	blocker := h.connect()
	for _, c := range []struct{ locked, noted string }{
		{"kitchen.order_changes, kitchen.trigger_errors", ""}, // nothing can be noted either, and nobody waits for that
		{"kitchen.order_changes", "public.orders_order 55P03 canceling statement due to lock timeout"},
	} {
		if _, err := blocker.Exec(t.Context(), `begin; lock table `+c.locked+` in access exclusive mode`); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		h.exec(`begin`)
		for i := range 40 {
			h.exec(fmt.Sprintf(`update orders_order set priority = %d where id = 1`, i+1))
		}
		h.exec(`commit`)
		if took := time.Since(began); took > time.Second {
			t.Errorf("40 statements took %s while %s was locked", took, c.locked)
		}
		if _, err := blocker.Exec(t.Context(), `rollback`); err != nil {
			t.Fatal(err)
		}
		h.expect("silent")
		if noted := h.one(`select coalesce(string_agg(source || ' ' || sqlstate || ' ' || message, '; '), '') from kitchen.trigger_errors`); noted != c.noted {
			t.Errorf("%s locked: trigger_errors has %q, want %q", c.locked, noted, c.noted)
		}
		h.exec(`update orders_order set priority = 0 where id = 1`)
		h.expect("after the lock", "1 order_updated 1")
	}
	if p := h.one(`select priority::text from orders_order where id = 1`); p != "0" {
		t.Errorf("priority %s", p)
	}
	report, err := attach.Installed(t.Context(), h.conn)
	if err != nil || report.Worst() != attach.Warning || !strings.Contains(text(report), "another session held a lock on a table of the schema kitchen") {
		t.Errorf("%v, and the doctor says:\n%s", err, text(report))
	}
	for _, f := range report {
		if sql := f.Mend[strings.LastIndex(f.Mend, ": ")+1:]; f.Level == attach.Warning {
			h.exec(sql)
		}
	}
}

// A version never falls, so an order that is over is remembered; one that was deleted is forgotten after a day.
func TestTidyKeepsVersionsAndForgetsWhatWasDeleted(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	h.exec(`update orders_order set priority = 1;; update orders_order set priority = 2;; update orders_order set status = 'served' where id = 2;;
		update kitchen.order_changes set changed_at = changed_at - interval '1 hour'`)
	before := h.one(`select string_agg(order_id || ':' || version, ' ' order by order_id) from kitchen.order_versions`)
	h.exec(`select kitchen.tidy_order_changes(100)`)
	if after := h.one(`select string_agg(order_id || ':' || version, ' ' order by order_id) from kitchen.order_versions`); after != before || after != "1:2 2:3 3:2" {
		t.Errorf("versions %s, after tidying %s", before, after)
	}
	if n := h.one(`select count(*)::text from kitchen.order_changes`); n != "3" {
		t.Errorf("%s rows, want one an order", n)
	}
	h.exec(`delete from orders_orderitemmodifier where id = 2; delete from orders_orderitem where order_id = 2; delete from orders_order where id = 2;;
		update kitchen.order_changes set changed_at = changed_at - interval '2 days'; update kitchen.tidied set upto = upto - interval '2 days', swept_on = swept_on - 2;
		select kitchen.tidy_order_changes(100)`)
	if left := h.one(`select string_agg(order_id || ':' || version, ' ' order by order_id) from kitchen.order_versions`); left != "1:2 3:2" {
		t.Errorf("%s are remembered, want those that are there, with their versions", left)
	}
}

// Where a key of a view is put together and no index serves it, a look-up reads a whole table, and no more: PostgreSQL holds such a plan for
// so dear that it would compile it anew for each writer.
func TestAMissingIndexIsNoReasonToCompile(t *testing.T) {
	t.Parallel()
	h := bare(t, read(t, "testdata/two-tables.sql"))
	h.up(parse(t, "two-tables.sql", read(t, "testdata/two-tables-mapping.sql")))
	took := func(jit string) time.Duration {
		h.exec(`set jit = ` + jit)
		var all []time.Duration
		for range 7 {
			began := time.Now()
			h.exec(`update dinein set tbl = tbl + 1 where id = 1`)
			all = append(all, time.Since(began))
		}
		slices.Sort(all)
		return all[3]
	}
	if on, off := took("on"), took("off"); on > 10*off+20*time.Millisecond {
		t.Errorf("a write took %v, and %v without compilation", on, off)
	}
}

// Orders of two tables, keys put together out of two columns, statuses by number: not a system that has a template.
func TestTwoTablesOfOrdersInOneView(t *testing.T) {
	t.Parallel()
	h := bare(t, read(t, "testdata/two-tables.sql"))
	m := parse(t, "two-tables.sql", read(t, "testdata/two-tables-mapping.sql"))
	report := h.check(m)
	if report.Worst() == attach.Wrong {
		t.Fatalf("refused:\n%s", text(report))
	}
	named := 0
	for _, f := range report {
		if index, ok := strings.CutPrefix(f.Mend, "create index concurrently"); ok {
			h.exec("create index" + index)
			named++
		}
	}
	if again := text(h.check(m)); named < 4 || strings.Contains(again, "create index") {
		t.Errorf("%d indexes were named, and with them:\n%s", named, again)
	}
	h.up(m)
	const venue = "00000000-0000-4000-8000-000000000001 "
	for _, c := range []struct {
		sql  string
		want []string
	}{
		{`update dinein set state = 1 - state where id = 1`, []string{venue + "order_updated d-1"}},
		{`update entries set extras = '{mild}' where kind = 'd' and parent = '1'`, []string{venue + "order_updated d-1"}},
		{`update online set phase = 'out' where ref = 'W11'`, []string{venue + "order_updated o-W11"}},
		{`insert into online (ref, venue, phase) values ('W9', '00000000-0000-4000-8000-000000000001', 'in')`, []string{venue + "order_created o-W9"}},
		{`delete from dinein where id = 1`, []string{venue + "order_deleted d-1"}},
		{`update venues set title = 'Z' where id = '00000000-0000-4000-8000-000000000001'`, []string{venue + "queue_changed"}},
		{`update online set customer = customer`, nil},
	} {
		h.exec(c.sql)
		h.expect(c.sql, c.want...)
	}
}

// A dump may bring along the ids of another cluster's transactions: a row of long ago with the id of this one is not this one's.
func TestARestoredTransactionIDIsAnotherTransaction(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	h.exec(`begin; insert into kitchen.order_changes (order_id, restaurant_id, xact, changed_at) values (1, 2, pg_current_xact_id()::text::bigint, now() - interval '1 day');
		update orders_order set notes = 'x' where id = 1; commit`)
	h.expect("an order that was elsewhere before the dump", "1 order_created 1", "2 order_deleted 1")
}

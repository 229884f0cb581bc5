package migrations_test

import (
	"sync"
	"testing"
)

// Transactions that cook several orders, each in an order of its own, and tills that hold an order while a cook is at it: nobody
// is the victim of a deadlock about what it did not write itself, and in the end the orders have the status of their lines.
func TestCookingNeverDeadlocks(t *testing.T) {
	t.Parallel()
	const (
		grill = `select kitchen.set_lines($1, (select id from kitchen.stations where name = 'Grill'), 'ready')`
		bar   = `select kitchen.set_lines($1, (select id from kitchen.stations where name = 'Bar'), 'ready')`
		fire  = `select kitchen.fire_course((select restaurant_id from orders where id = $1), $1, 2)`
		till  = `update orders set notes = notes || '.' where id = $1`
		lines = `update order_items set notes = coalesce(notes, '') || '.' where order_id = $1 and name = 'drinks'`
	)
	for name, c := range map[string]struct{ one, other [2]string }{
		"two cooks of two orders":     {[2]string{grill, grill}, [2]string{bar, bar}},
		"a till, and one who fires":   {[2]string{till, lines}, [2]string{fire, fire}},
		"a till that cooks, and one":  {[2]string{till, grill}, [2]string{bar, till}},
		"a till writes order, lines":  {[2]string{till, lines}, [2]string{grill, fire}},
		"cooks and a till, crosswise": {[2]string{grill, till}, [2]string{till, bar}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.stations()
			a, b := h.order("meat", "drinks", "*fried"), h.order("meat", "drinks", "*fried")
			for range 3 {
				one, other := h.session(), h.session()
				for _, s := range []session{one, other} {
					s.exec(`set deadlock_timeout = '3s'`) // 1 s by default: a busy machine may end our waits of 0.2 s that late
					s.exec(`begin`)
				}
				one.exec(c.one[0], a)
				other.exec(c.other[0], b)
				var both sync.WaitGroup
				for s, second := range map[session][2]string{one: {c.one[1], b}, other: {c.other[1], a}} {
					both.Go(func() {
						if _, err := s.conn.Exec(t.Context(), second[0], second[1]); err != nil {
							t.Errorf("%s: %v", second[0], err)
						}
						if _, err := s.conn.Exec(t.Context(), `commit`); err != nil {
							t.Error(err)
						}
					})
				}
				both.Wait()
			}
			if err := h.do(`select kitchen.set_derived_status(array(select id from orders)::kitchen.order_key[])`); err != nil {
				t.Fatal(err)
			}
			if left := h.one(`select count(*)::text from kitchen.derived_status(array(select id from orders)::kitchen.order_key[]) n where n.status is not null`); left != "0" {
				t.Errorf("%s orders are not where their lines are", left)
			}
		})
	}
}

// TRUNCATE leaves nothing behind of what the kitchen keeps of orders and their lines.
func TestTruncatedOrdersLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	kept := func() string {
		return h.one(`select (select count(*) from kitchen.order_changes) || ' changes, ' || (select count(*) from kitchen.line_changes where line_id is not null) || ' of lines, ' ||
			(select count(*) from kitchen.line_changes) || ' of stations'`)
	}
	id := h.order("meat", "drinks")
	if err := h.bump(id, "Grill", "ready"); err != nil {
		t.Fatal(err)
	}
	h.received()
	if err := h.do(`truncate order_items cascade`); err != nil {
		t.Fatal(err)
	}
	if got := h.one(`select count(*)::text from kitchen.line_changes where line_id is not null`); got != "0" {
		t.Errorf("lines that are gone left %s states", got)
	}
	if err := h.do(`truncate orders cascade`); err != nil {
		t.Fatal(err)
	}
	if got := kept(); got != "0 changes, 0 of lines, 0 of stations" {
		t.Errorf("orders that are gone left %s", got)
	}
	again := h.one(`insert into orders (id, restaurant_id) values ($1, $2) returning id::text`, id, h.a)
	if version := h.one(`select version::text from kitchen.order_versions where order_id = $1::uuid`, again); version != "1" {
		t.Errorf("an order of the same id begins with version %s", version)
	}
	if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
		t.Error(caught)
	}
}

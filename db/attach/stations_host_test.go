package attach_test

import (
	"strings"
	"testing"

	"kitchen/db/attach"
)

// withCourses is the Django example with courses that can be held, and the mapping to it.
func withCourses(t *testing.T) (h *host, text string) {
	t.Helper()
	h = fixture(t, "django")
	h.exec(`alter table orders_orderitem add course smallint not null default 1, add held boolean not null default false;
		insert into menu_category (id, name, restaurant_id) values (3, 'Drinks', 1); insert into menu_menuitem (id, name, price, is_available, category_id, restaurant_id) values (3, 'Beer', 3, true, 3, 1)`)
	found, err := attach.FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	text = strings.Replace(found.Text, "1 as course, false as held", "i.course, i.held", 1) + `
		create function kitchen.fire(id bigint, course int) returns void language sql as $$
		  update orders_orderitem i set held = false where i.order_id = $1 and i.course = $2 $$;`
	return h, text
}

// On another program's tables stations are what they are on ours: one announcement a transaction, and a status that follows from
// the lines, in the host's words.
func TestStationsOfAnotherProgramsOrders(t *testing.T) {
	t.Parallel()
	h, text := withCourses(t)
	h.up(parse(t, "django.sql", text))
	h.exec(`insert into kitchen.stations (restaurant_id, name) values (1, 'Oven'), (1, 'Bar');;
		insert into kitchen.routes (restaurant_id, station_id, category) select 1, id, case name when 'Oven' then 'Pizza' else 'Drinks' end from kitchen.stations`)
	if received := strings.Join(h.received(), ", "); received != "1 queue_changed, 1 queue_changed" {
		t.Errorf("stations and routes: received %s", received)
	}
	bump := func(station, status string) string {
		return `select kitchen.set_lines(1, (select id from kitchen.stations where name = '` + station + `'), '` + status + `')`
	}
	const item = `insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id, course, held) values `
	for _, c := range []struct{ sql, status, waiting, received string }{
		{bump("Oven", "preparing"), "preparing", "Oven 1", "1 order_updated 1"},
		{bump("Oven", "preparing"), "preparing", "Oven 1", ""},
		{item + `(1, 3, '', 3, 1, 1, false)`, "preparing", "Bar 1, Oven 1", "1 order_updated 1"},
		{bump("Bar", "ready"), "preparing", "Oven 1", "1 order_updated 1"},
		{bump("Oven", "ready"), "ready", "", "1 order_updated 1"},
		{item + `(1, 3, '', 1, 1, 2, true)`, "ready", "", "1 order_updated 1"},
		{`select kitchen.fire_course(1, 1, 2)`, "preparing", "Oven 1", "1 order_updated 1"},
		{bump("Oven", "ready"), "ready", "", "1 order_updated 1"},
		{`update orders_orderitem set quantity = 3 where menu_item_id = 3`, "preparing", "Bar 1", "1 order_updated 1"},
		{`delete from orders_orderitem where menu_item_id = 3`, "ready", "", "1 order_updated 1"},
		{`insert into orders_orderitemmodifier (quantity, modifier_option_id, order_item_id) select 1, 1, min(id) from orders_orderitem where order_id = 1`, "preparing", "Oven 1", "1 order_updated 1"},
		{bump("Oven", "ready"), "ready", "", "1 order_updated 1"},
		{`update menu_modifieroption set name = 'without basil' where id = 1`, "ready", "", "1 queue_changed"},
		{`update orders_order set status = 'preparing' where id = 1`, "preparing", "Oven 2", "1 order_updated 1"},
		{`update orders_order set status = 'confirmed' where id = 1`, "confirmed", "Oven 2", "1 order_updated 1"},
		{`update orders_order set status = 'served' where id = 1`, "served", "", "1 order_updated 1"},
		{`update orders_order set total = 3 where id = 1`, "served", "", ""},
		{`insert into kitchen.routes (restaurant_id, station_id, menu_item_id) select 1, id, '1' from kitchen.stations where name = 'Bar'`, "served", "", "1 queue_changed"},
		{`update orders_orderitem set notes = 'x' where order_id = 2`, "served", "", "2 order_updated 2"},
	} {
		h.exec(c.sql)
		status := h.one(`select status from orders_order where id = 1`)
		waiting := h.one(`select coalesce(string_agg(w.name || ' ' || w.lines, ', ' order by w.name), '') from kitchen.waiting(1) w`)
		received := strings.Join(h.received(), ", ")
		if status != c.status || waiting != c.waiting || received != c.received {
			t.Errorf("after %s: %s, waiting for %q, received %q; want %s, %q, %q", c.sql, status, waiting, received, c.status, c.waiting, c.received)
		}
	}
	if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
		t.Error(caught)
	}

	// Another mapping takes the place of this one; stations, routes and states stay, and nobody is told of orders.
	states := h.one(`select string_agg(s::text, ';' order by s::text) from kitchen.line_states s`)
	changed := parse(t, "django.sql", strings.Replace(text, `'' as allergy_note`, `'none' as allergy_note`, 1))
	if done, err := attach.Up(t.Context(), h.conn, changed); !done || err != nil {
		t.Fatalf("up with another mapping: %v, %v", done, err)
	}
	if after := h.one(`select string_agg(s::text, ';' order by s::text) from kitchen.line_states s`); after != states {
		t.Errorf("states after another mapping: %s, want %s", after, states)
	}
	if routes := h.one(`select count(*)::text from kitchen.routes r join kitchen.stations s on s.id = r.station_id`); routes != "3" {
		t.Errorf("%s routes after another mapping, want 3", routes)
	}
}

// A host may leave a quantity empty: it is one of the dish, and more of it is cooked anew.
func TestLinesWithoutAQuantityAreCooked(t *testing.T) {
	t.Parallel()
	h, text := withCourses(t)
	h.exec(`alter table orders_orderitem alter quantity drop not null`)
	h.up(parse(t, "django.sql", text))
	h.exec(`insert into kitchen.stations (restaurant_id, name) values (1, 'Oven');; insert into kitchen.routes (restaurant_id, station_id) select 1, id from kitchen.stations;;
		update orders_orderitem set quantity = null where order_id = 1`)
	for _, c := range []struct{ sql, want string }{
		{`select kitchen.set_lines(1, (select id from kitchen.stations), 'ready')`, "ready"},
		{`update orders_orderitem set quantity = 2 where order_id = 1`, "preparing"},
		{`update orders_orderitem set quantity = null where order_id = 1`, "ready"},
		{`update orders_order set status = 'preparing' where id = 1`, "preparing"},
		{`update orders_order set status = 'ready' where id = 1`, "ready"},
		{`insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) values (null, 3, '', 1, 1)`, "preparing"},
	} {
		h.exec(c.sql)
		if got := h.one(`select status from kitchen.orders where id = 1`); got != c.want {
			t.Errorf("after %s: %s, want %s", c.sql, got, c.want)
		}
	}
	if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
		t.Error(caught)
	}
}

// TRUNCATE leaves nothing behind of what the kitchen keeps: the keys come again, and what has them is new.
func TestTruncatedOrdersOfAHostLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	h, text := withCourses(t)
	h.up(parse(t, "django.sql", text))
	h.exec(`insert into kitchen.stations (restaurant_id, name) values (1, 'Oven');; insert into kitchen.routes (restaurant_id, station_id) select 1, id from kitchen.stations`)
	put := many(1, 1, "1") + `; ` + line(1, 1)
	h.exec(`truncate orders_order cascade;; ` + put + `;; select kitchen.set_lines(1, (select id from kitchen.stations), 'ready')`)
	stands := func() string {
		return h.one(`select v.version || ' ' || o.status || ' ' || coalesce((select string_agg(w.name || w.lines, ',') from kitchen.waiting(1) w), '')
			from kitchen.orders o join kitchen.order_versions v on v.order_id = o.id where o.id = 1`)
	}
	if got := stands(); got != "2 ready " {
		t.Fatalf("the order is %q", got)
	}
	h.exec(`truncate orders_order cascade;; ` + put)
	if got := stands(); got != "1 pending Oven1" {
		t.Errorf("another order of the same key is %q", got)
	}
	h.exec(`truncate orders_orderitem cascade`)
	if got := h.one(`select count(*)::text from kitchen.line_changes where line_id is not null`); got != "0" {
		t.Errorf("lines that are gone left %s states", got)
	}
	if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
		t.Error(caught)
	}
}

// Without kitchen.set_status displays only show: routes decide where a line is shown, and nobody can move it.
func TestStationsWithoutSetStatusOnlyShow(t *testing.T) {
	t.Parallel()
	h, text := withCourses(t)
	h.up(parse(t, "django.sql", text[:strings.Index(text, "create function kitchen.set_status")]))
	h.exec(`insert into kitchen.stations (restaurant_id, name) values (1, 'Oven')`)
	h.exec(`update orders_order set status = 'ready' where id = 1;; insert into orders_orderitem (quantity, unit_price, notes, menu_item_id, order_id) values (1, 3, '', 3, 1)`)
	if status := h.one(`select status from orders_order where id = 1`); status != "ready" {
		t.Errorf("the kitchen made it %s", status)
	}
	err := h.try(`select kitchen.set_lines(1, null, 'ready')`)
	if err == nil || !strings.Contains(err.Error(), "42883") {
		t.Errorf("lines were moved: %v", err)
	}
	if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
		t.Error(caught)
	}
}

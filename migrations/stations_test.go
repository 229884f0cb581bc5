package migrations_test

import (
	"slices"
	"strings"
	"testing"
)

// stations gives the restaurant A a grill, a fryer, a bar and a pass, a menu by category, and routes for what is grilled, fried and drunk.
func (h *house) stations() {
	h.Helper()
	if err := h.do(`
		insert into kitchen.stations (restaurant_id, name, kind, position) values ($A, 'Grill', 'prep', 1), ($A, 'Fryer', 'prep', 2), ($A, 'Bar', 'prep', 3), ($A, 'Pass', 'expo', 4);;
		insert into kitchen.routes (restaurant_id, station_id, category)
		select $A, id, case name when 'Grill' then 'meat' when 'Fryer' then 'fried' else 'drinks' end from kitchen.stations where kind = 'prep'`); err != nil {
		h.Fatal(err)
	}
	h.received()
}

// order places an order of A with a line for each category, and returns its id. A category that begins with * is held.
func (h *house) order(categories ...string) (id string) {
	h.Helper()
	return h.one(`
		with o as (insert into orders (restaurant_id) values ($1) returning id),
		     i as (insert into order_items (restaurant_id, order_id, name, category, held, course)
		           select $1, o.id, c, ltrim(c, '*'), c like '*%', 2 from o, unnest($2::text[]) c)
		select id::text from o`, h.a, categories)
}

// lines is where each line of an order goes and stands: "meat Grill:pending, fried Fryer:ready".
func (h *house) lines(order string) string {
	h.Helper()
	return h.one(`
		select coalesce(string_agg(l.name || coalesce(' ' || s.all, ''), ', ' order by l.position), '')
		  from kitchen.lines l join kitchen.orders o on o.id = l.order_id
		 cross join lateral (
		       select string_agg(coalesce(t.name, '-') || ':' || s.status || case when s.changed then '!' else '' end, '+' order by t.position) as all
		         from kitchen.line_stations(o.restaurant_id, o.id, o.order_type, l.id, l.menu_item_id::text, l.category, l.quantity, l.notes) s
		         left join kitchen.stations t on t.id = s.station_id) s
		 where o.id = $1::uuid`, order)
}

func (h *house) status(order string) string {
	h.Helper()
	return h.one(`select status from orders where id = $1`, order)
}

// bump sets the lines of a station, and returns what went wrong.
func (h *house) bump(order, station, status string) error {
	h.Helper()
	_, err := h.pool.Exec(h.Context(), `select kitchen.set_lines($1, (select id from kitchen.stations where name = nullif($2, '-') and restaurant_id = $4), $3)`,
		order, station, status, h.a)
	return err
}

// A story of one order in each: what is done, what the order then is, and where its lines stand.
func TestReadyFollowsFromTheLines(t *testing.T) {
	t.Parallel()
	type step struct{ do, status, lines string }
	bump := func(station, status string) string {
		return `select kitchen.set_lines(o.id, (select id from kitchen.stations where name = '` + station + `'), '` + status + `') from orders o`
	}
	for _, c := range []struct {
		name  string
		lines []string
		steps []step
	}{
		{"the last line makes it ready", []string{"meat", "fried"}, []step{
			{bump("Grill", "preparing"), "preparing", "meat Grill:preparing, fried Fryer:pending"},
			{bump("Grill", "ready"), "preparing", "meat Grill:ready, fried Fryer:pending"},
			{bump("Fryer", "ready"), "ready", "meat Grill:ready, fried Fryer:ready"},
			{bump("Grill", "preparing"), "preparing", "meat Grill:preparing, fried Fryer:ready"},
			{bump("Grill", "ready"), "ready", "meat Grill:ready, fried Fryer:ready"},
		}},
		{"one line, at once", []string{"meat"}, []step{{bump("Grill", "ready"), "ready", "meat Grill:ready"}}},
		{"no station", []string{"odd", "meat"}, []step{
			{bump("Grill", "ready"), "preparing", "odd -:pending, meat Grill:ready"},
			{bump("nowhere", "ready"), "ready", "odd -:ready, meat Grill:ready"},
		}},
		{"a line is added", []string{"meat"}, []step{
			{bump("Grill", "ready"), "ready", "meat Grill:ready"},
			{`insert into order_items (order_id, name, category) select id, 'beer', 'drinks' from orders`, "preparing", "meat Grill:ready, beer Bar:pending"},
			{`delete from order_items where name = 'beer'`, "ready", "meat Grill:ready"},
			{`insert into order_items (order_id, name, category, held) select id, 'cake', 'fried', true from orders`, "ready", "meat Grill:ready, cake Fryer:pending"},
		}},
		{"a line is changed", []string{"meat", "fried"}, []step{
			{bump("Grill", "ready") + `;;` + bump("Fryer", "ready"), "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update order_items set quantity = 2 where name = 'meat'`, "preparing", "meat Grill:pending!, fried Fryer:ready"},
			{bump("Grill", "preparing"), "preparing", "meat Grill:preparing, fried Fryer:ready"},
			{bump("Grill", "ready"), "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update order_items set quantity = 1 where name = 'meat'`, "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update order_items set notes = 'no salt' where name = 'fried'`, "preparing", "meat Grill:ready, fried Fryer:pending!"},
			{`delete from order_items where name = 'fried'`, "ready", "meat Grill:ready"},
		}},
		{"a modifier comes to a line", []string{"meat", "fried"}, []step{
			{`insert into order_item_modifiers (order_item_id, name) select id, 'no nuts' from order_items where name = 'fried';;` + bump("Grill", "ready") + `;;` + bump("Fryer", "ready"),
				"ready", "meat Grill:ready, fried Fryer:ready"},
			{`insert into order_item_modifiers (order_item_id, name, kind) select id, 'no nuts', 'allergy' from order_items where name = 'meat'`,
				"preparing", "meat Grill:pending!, fried Fryer:ready"},
			{bump("Grill", "ready"), "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update order_item_modifiers set position = position + 1, quantity = 1.000`, "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update order_item_modifiers set quantity = 2 where kind is null`, "preparing", "meat Grill:ready, fried Fryer:pending!"},
			{`delete from order_item_modifiers where kind is null`, "preparing", "meat Grill:ready, fried Fryer:pending!"},
			{bump("Fryer", "preparing") + `;;` + bump("Fryer", "ready"), "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update order_item_modifiers set order_item_id = (select id from order_items where name = 'fried')`, "preparing", "meat Grill:pending!, fried Fryer:pending!"},
			{`update orders set status = 'ready'`, "ready", "meat Grill:ready, fried Fryer:ready"},
			{`begin; update orders set notes = 'x'; insert into order_item_modifiers (order_item_id, name) select id, 'rare' from order_items where name = 'meat'; commit`,
				"preparing", "meat Grill:pending!, fried Fryer:ready"},
		}},
		{"a course is held, and fired", []string{"meat", "*fried"}, []step{
			{bump("Grill", "ready"), "ready", "meat Grill:ready, *fried Fryer:pending"},
			{`select kitchen.fire_course($A, id, 1) from orders`, "ready", "meat Grill:ready, *fried Fryer:pending"},
			{`select kitchen.fire_course($A, id, 2) from orders`, "preparing", "meat Grill:ready, *fried Fryer:pending"},
			{bump("Fryer", "ready"), "ready", "meat Grill:ready, *fried Fryer:ready"},
		}},
		{"what the till says goes", []string{"meat", "fried"}, []step{
			{`update orders set status = 'preparing'`, "preparing", "meat Grill:preparing, fried Fryer:preparing"},
			{`update orders set status = 'ready'`, "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update orders set status = 'preparing'`, "preparing", "meat Grill:preparing, fried Fryer:preparing"},
			{bump("Grill", "ready"), "preparing", "meat Grill:ready, fried Fryer:preparing"},
			{`update orders set status = 'pending'`, "pending", "meat Grill:pending, fried Fryer:pending"},
			{`update orders set status = 'completed'`, "completed", "meat Grill:ready, fried Fryer:ready"},
			{`update orders set status = 'ready'`, "ready", "meat Grill:ready, fried Fryer:ready"},
			{`update orders set status = 'cancelled'`, "cancelled", "meat Grill:ready, fried Fryer:ready"},
		}},
		{"the pass decides", []string{"meat"}, []step{
			{`insert into kitchen.settings (restaurant_id, ready_when) values ($A, 'expo')`, "pending", "meat Grill:pending"},
			{bump("Grill", "ready"), "preparing", "meat Grill:ready"},
			{`update orders set status = 'ready'`, "ready", "meat Grill:ready"},
			{`update orders set status = 'preparing'`, "preparing", "meat Grill:ready"},
			{`update orders set status = 'ready'`, "ready", "meat Grill:ready"},
			{`insert into order_items (order_id, name, category) select id, 'beer', 'drinks' from orders`, "preparing", "meat Grill:ready, beer Bar:pending"},
		}},
		{"the grill is broken", []string{"meat", "fried"}, []step{
			{bump("Fryer", "ready"), "preparing", "meat Grill:pending, fried Fryer:ready"},
			{`update kitchen.routes set station_id = (select id from kitchen.stations where name = 'Fryer') where category = 'meat'`, "preparing", "meat Fryer:pending, fried Fryer:ready"},
			{bump("Fryer", "ready"), "ready", "meat Fryer:ready, fried Fryer:ready"},
			{`update kitchen.routes set station_id = (select id from kitchen.stations where name = 'Grill') where category = 'meat'`, "ready", "meat Grill:ready, fried Fryer:ready"},
			{`delete from kitchen.stations where name = 'Grill'`, "ready", "meat -:ready, fried Fryer:ready"},
		}},
		{"the last that waits needs no cooking", []string{"meat", "drinks"}, []step{
			{bump("Grill", "ready"), "preparing", "meat Grill:ready, drinks Bar:pending"},
			{`update kitchen.routes set station_id = null where category = 'drinks'`, "ready", "meat Grill:ready, drinks"},
		}},
		{"nothing to cook", []string{"drinks"}, []step{
			{`update kitchen.routes set station_id = null where category = 'drinks'`, "pending", "drinks"},
			{`insert into order_items (order_id, name, category) select id, 'water', 'drinks' from orders`, "pending", "drinks, water"},
			{`update orders set status = 'ready'`, "ready", "drinks, water"},
		}},
		{"an import of orders that are over", []string{"meat"}, []step{
			{`delete from orders;; begin; insert into orders (restaurant_id, status) values ($A, 'ready'); insert into order_items (order_id, name, category) select id, 'egg', 'meat' from orders; commit`,
				"ready", "egg Grill:ready"},
			{`insert into order_items (order_id, name, category) select id, 'beer', 'drinks' from orders`, "preparing", "egg Grill:ready, beer Bar:pending"},
		}},
		{"the order is to be delivered", []string{"meat"}, []step{
			{`insert into kitchen.routes (restaurant_id, station_id, category, order_type) select $A, id, 'meat', 'delivery' from kitchen.stations where name = 'Fryer'`, "pending", "meat Grill:pending"},
			{bump("Grill", "ready"), "ready", "meat Grill:ready"},
			{`update orders set order_type = 'delivery'`, "preparing", "meat Fryer:pending"},
			{`update orders set order_type = 'takeaway'`, "ready", "meat Grill:ready"},
		}},
		{"many stations for one line", []string{"meat"}, []step{
			{`insert into kitchen.routes (restaurant_id, station_id, category) select $A, id, 'meat' from kitchen.stations where name = 'Fryer'`, "pending", "meat Grill:pending+Fryer:pending"},
			{bump("Grill", "ready"), "preparing", "meat Grill:ready+Fryer:pending"},
			{bump("Fryer", "ready"), "ready", "meat Grill:ready+Fryer:ready"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.stations()
			h.order(c.lines...)
			h.received()
			for _, s := range c.steps {
				if err := h.do(s.do); err != nil {
					t.Fatal(err)
				}
				id := h.one(`select id::text from orders`)
				if status, lines := h.status(id), h.lines(id); status != s.status || lines != s.lines {
					t.Errorf("after %s: %s, %s; want %s, %s", s.do, status, lines, s.status, s.lines)
				}
			}
			if caught := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
				t.Error(caught)
			}
		})
	}
}

// One event a transaction, whatever follows from it, and a version that rises by one.
func TestLinesAreAnnouncedOnce(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat")
	h.received()
	for i, c := range []struct{ sql, want string }{
		{`select kitchen.set_lines(o.id, s.id, 'preparing') from orders o, kitchen.stations s where s.name = 'Grill'`, "A order_updated"},
		{`select kitchen.set_lines(o.id, s.id, 'preparing') from orders o, kitchen.stations s where s.name = 'Grill'`, ""},
		{`select kitchen.set_lines(o.id, s.id, 'ready') from orders o, kitchen.stations s where s.name = 'Grill'`, "A order_updated"},
		{`insert into order_items (order_id, name) select id, 'egg' from orders`, "A order_updated"},
		{`update orders set status = 'ready'`, "A order_status_changed ready"},
		{`insert into kitchen.line_changes (order_id, line_id, status) select order_id, id, 'pending' from order_items where name = 'egg'`, "A order_updated"},
		{`begin; select kitchen.set_lines(o.id, s.id, 'pending') from orders o, kitchen.stations s where s.name = 'Grill'; rollback`, ""},
		{`update kitchen.routes set category = 'steak' where category = 'meat'`, "A queue_changed"},
		{`update kitchen.stations set name = 'Plancha' where name = 'Grill'`, "A queue_changed"},
		{`insert into kitchen.stations (restaurant_id, name) values ($B, 'Grill')`, "B queue_changed"},
		{`truncate kitchen.routes`, "A queue_changed B queue_changed"},
	} {
		before := h.one(`select version::text from kitchen.order_versions where order_id = $1`, id)
		if err := h.do(c.sql); err != nil {
			t.Fatal(err)
		}
		received := h.received()
		slices.Sort(received)
		if got := strings.Join(received, " "); got != c.want {
			t.Errorf("step %d, %s: received %q, want %q", i, c.sql, got, c.want)
		}
		after := h.one(`select version::text from kitchen.order_versions where order_id = $1`, id)
		if rose := after != before; rose != strings.Contains(c.want, "A order") {
			t.Errorf("step %d, %s: version %s, before %s", i, c.sql, after, before)
		}
	}
}

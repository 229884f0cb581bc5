package migrations_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
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
	h.heard()
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

func TestTheMostSpecificRoutesDecide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, routes, want string }{
		{"category", ``, "Soup Grill"},
		{"no route", `delete from kitchen.routes`, "Soup -"},
		{"an item before its category", `insert into kitchen.routes (restaurant_id, station_id, menu_item_id) select $A, id, $ITEM from kitchen.stations where name = 'Bar'`, "Soup Bar"},
		{"a category before anything", `insert into kitchen.routes (restaurant_id, station_id) select $A, id from kitchen.stations where name = 'Bar'`, "Soup Grill"},
		{"anything, where nothing else is", `delete from kitchen.routes;; insert into kitchen.routes (restaurant_id, station_id) select $A, id from kitchen.stations where name = 'Bar'`, "Soup Bar"},
		{"with an order type before without", `insert into kitchen.routes (restaurant_id, station_id, category, order_type) select $A, id, 'meat', 'dine_in' from kitchen.stations where name = 'Fryer'`, "Soup Fryer"},
		{"another order type", `insert into kitchen.routes (restaurant_id, station_id, category, order_type) select $A, id, 'meat', 'delivery' from kitchen.stations where name = 'Fryer'`, "Soup Grill"},
		{"an item before an order type of its category", `
			insert into kitchen.routes (restaurant_id, station_id, category, order_type) select $A, id, 'meat', 'dine_in' from kitchen.stations where name = 'Fryer';;
			insert into kitchen.routes (restaurant_id, station_id, menu_item_id) select $A, id, $ITEM from kitchen.stations where name = 'Bar'`, "Soup Bar"},
		{"several stations", `insert into kitchen.routes (restaurant_id, station_id, category) select $A, id, 'meat' from kitchen.stations where name in ('Fryer', 'Bar')`, "Soup Bar+Fryer+Grill"},
		{"nothing is cooked", `insert into kitchen.routes (restaurant_id, menu_item_id) values ($A, $ITEM)`, "Soup"},
		{"cooked, and not cooked", `insert into kitchen.routes (restaurant_id, category) values ($A, 'meat')`, "Soup Grill"},
		{"the station is gone", `delete from kitchen.stations where name = 'Grill'`, "Soup -"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			h.stations()
			if err := h.do(`update menu_items set category = 'meat';; insert into orders (restaurant_id) values ($A);;
				insert into order_items (order_id, menu_item_id) select id, $ITEM from orders;; ` + c.routes); err != nil {
				t.Fatal(err)
			}
			if got := h.one(`
				select l.name || coalesce(' ' || (select string_agg(coalesce(s.name, '-'), '+' order by s.name)
				  from kitchen.route_line(o.restaurant_id, l.menu_item_id::text, l.category, o.order_type) r left join kitchen.stations s on s.id = r.station_id), '')
				  from kitchen.lines l join kitchen.orders o on o.id = l.order_id`); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStationsRefuseWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat", "*fried")
	if err := h.do(`insert into kitchen.stations (restaurant_id, name) values ($B, 'Oven');; insert into menu_items (restaurant_id, name) values ($B, 'Pizza')`); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		`insert into kitchen.stations (restaurant_id, name) values ($A, 'GRILL')`:                                                                          "stations_name_key",
		`insert into kitchen.stations (restaurant_id, name) values ($A, ' ')`:                                                                              "stations_name_not_blank",
		`insert into kitchen.stations (restaurant_id, name, kind) values ($A, 'X', 'oven')`:                                                                "stations_kind_known",
		`update kitchen.stations set restaurant_id = $B where name = 'Grill'`:                                                                              `station "Grill" cannot move to another restaurant`,
		`update kitchen.stations set kind = 'expo' where name = 'Grill'`:                                                                                   `station "Grill" cannot become a pass`,
		`insert into kitchen.routes (restaurant_id, station_id) select $A, id from kitchen.stations where name = 'Oven'`:                                   "does not exist in restaurant",
		`insert into kitchen.routes (restaurant_id, station_id) select $A, id from kitchen.stations where name = 'Pass'`:                                   `station "Pass" is a pass`,
		`insert into kitchen.routes (restaurant_id, menu_item_id) select $A, id from menu_items where name = 'Pizza'`:                                      "menu item",
		`update kitchen.routes set restaurant_id = $B`:                                                                                                     "cannot move to another restaurant",
		`insert into kitchen.routes (restaurant_id, station_id, category) select $A, id, 'meat' from kitchen.stations where name = 'Grill'`:                "routes_once",
		`select kitchen.set_lines('` + id + `', null, 'done')`:                                                                                             "a line is pending, preparing or ready, not 'done'",
		`select kitchen.set_lines('` + id + `', null, 'ready', reason => 'cold')`:                                                                          "a reason says why",
		`select kitchen.set_lines('` + id + `', null, 'pending', reason => repeat('é', 101))`:                                                              "at most 100 characters",
		`select kitchen.set_lines('` + id + `', null, null)`:                                                                                               "not null",
		`select kitchen.set_lines(gen_random_uuid(), null, 'ready')`:                                                                                       "the order is not there",
		`select kitchen.set_lines('` + id + `', id, 'ready', restaurant => $B) from kitchen.stations where name = 'Grill'`:                                 "the order is not there",
		`select kitchen.set_lines('` + id + `', id, 'ready') from kitchen.stations where name = 'Oven'`:                                                    "is none of this restaurant",
		`select kitchen.set_lines('` + id + `', id, 'ready') from kitchen.stations where name = 'Pass'`:                                                    `station "Pass" is a pass`,
		`select kitchen.set_lines('` + id + `', id, 'ready') from kitchen.stations where name = 'Bar'`:                                                     "nothing to cook at this station",
		`select kitchen.set_lines('` + id + `', id, 'ready', array(select id from order_items)) from kitchen.stations where name = 'Grill'`:                "is not cooked at this station",
		`select kitchen.set_lines('` + id + `', id, 'ready', array(select i.id from order_items i where held)) from kitchen.stations where name = 'Fryer'`: "a held line is not cooked yet",
		`select kitchen.set_lines('` + id + `', id, 'ready', seen => 'preparing') from kitchen.stations where name = 'Grill'`:                              "somebody else has moved these lines",
		`select kitchen.fire_course($B, '` + id + `', 1)`:                                                                                                  "the order is not there",
		`begin; update orders set status = 'cancelled'; select kitchen.set_lines('` + id + `', id, 'ready') from kitchen.stations where name = 'Grill'`:    "the order is cancelled",
	} {
		if err := h.do(sql); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", sql, err, want)
		}
	}
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
			h.heard()
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
	h.heard()
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
		heard := h.heard()
		slices.Sort(heard)
		if got := strings.Join(heard, " "); got != c.want {
			t.Errorf("step %d, %s: heard %q, want %q", i, c.sql, got, c.want)
		}
		after := h.one(`select version::text from kitchen.order_versions where order_id = $1`, id)
		if rose := after != before; rose != strings.Contains(c.want, "A order") {
			t.Errorf("step %d, %s: version %s, before %s", i, c.sql, after, before)
		}
	}
}

// The states that anybody may read are those that count: at each station of a line one, whoever said so, as of the line that there is now.
func TestStatesOfLinesAreTheirTrueOnes(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat", "fried", "bottle")
	for i, c := range []struct{ sql, want string }{
		{`select 1`, ""},
		{`select kitchen.set_lines(o.id, s.id, 'preparing') from orders o, kitchen.stations s where s.name = 'Grill'`, "meat Grill preparing"},
		{`update orders set status = 'ready'`, "bottle ready, fried Fryer ready, meat Grill ready"},
		{`select kitchen.set_lines(o.id, s.id, 'pending') from orders o, kitchen.stations s where s.name = 'Fryer'`,
			"bottle ready, fried Fryer pending, meat Grill ready"},
		{`update order_items set quantity = 2 where name = 'meat'`, "bottle ready, fried Fryer pending, meat Grill pending"},
		{`delete from kitchen.stations where name = 'Grill'`, "bottle ready, fried Fryer pending, meat pending"},
	} {
		if err := h.do(c.sql); err != nil {
			t.Fatal(err)
		}
		got := h.one(`
			select coalesce(string_agg(concat_ws(' ', i.name, s.name, l.status), ', ' order by i.name, s.name), '')
			  from kitchen.line_states l join order_items i on i.id = l.line_id left join kitchen.stations s on s.id = l.station_id
			 where l.order_id = $1 and l.changed_at is not null and l.by is not null`, id)
		if got != c.want {
			t.Errorf("step %d, %s: %q, want %q", i, c.sql, got, c.want)
		}
	}
}

// A line that is deleted takes its states along, and so does an order.
func TestStatesGoWithTheirLines(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat", "fried")
	for _, station := range []string{"Grill", "Fryer"} {
		if err := h.bump(id, station, "ready"); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.one(`select count(*)::text from kitchen.line_states`); n != "2" {
		t.Errorf("%s states, want 2", n)
	}
	if err := h.do(`delete from order_items where name = 'meat'`); err != nil {
		t.Fatal(err)
	}
	if n := h.one(`select count(*)::text from kitchen.line_states`); n != "1" {
		t.Errorf("%s states after a line was deleted, want 1", n)
	}
	if err := h.do(`delete from orders`); err != nil {
		t.Fatal(err)
	}
	if n := h.one(`select count(*)::text from kitchen.line_changes`); n != "0" {
		t.Errorf("%s rows after the order was deleted, want none", n)
	}
}

// Two stations at one order, at once, 50 times, with a till that changes it and its lines: nobody fails, nothing is lost, and
// who comes last makes it ready.
func TestStationsAtOneOrderTakeTurns(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	grill, fryer, till := h.session(), h.session(), h.session()
	stations := map[string]string{}
	for _, name := range []string{"Grill", "Fryer"} {
		stations[name] = h.one(`select id::text from kitchen.stations where name = $1`, name)
	}
	for round := range 50 {
		id := h.order("meat", "meat", "fried")
		h.heard()
		var all sync.WaitGroup
		start := make(chan struct{})
		at := func(s session, sql string, args ...any) {
			all.Go(func() {
				<-start
				if _, err := s.conn.Exec(t.Context(), sql, args...); err != nil {
					t.Errorf("round %d, %s: %v", round, sql, err)
				}
			})
		}
		at(grill, `select kitchen.set_lines($1, $2, 'ready', seen => 'pending')`, id, stations["Grill"])
		at(fryer, `select kitchen.set_lines($1, $2, 'ready', seen => 'pending')`, id, stations["Fryer"])
		at(till, `update orders set notes = 'x' where id = $1`, id)
		close(start)
		all.Wait()
		if status, lines := h.status(id), h.lines(id); status != "ready" || lines != "meat Grill:ready, meat Grill:ready, fried Fryer:ready" {
			t.Fatalf("round %d: %s, %s", round, status, lines)
		}
		if heard := h.heard(); len(heard) != 3 {
			t.Errorf("round %d: heard %q, want an event for each of three", round, heard)
		}
	}
}

// A till that takes the order's row and then its lines, while a station takes the lines and then the row: neither waits for the other
// for long, and neither is the victim of a deadlock.
func TestStationsAndTillsDoNotDeadlock(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat", "fried")
	grill, till := h.session(), h.session()
	till.exec(`begin`)
	till.exec(`update orders set notes = 'x' where id = $1`, id)
	bumped := make(chan error, 1)
	go func() {
		_, err := grill.conn.Exec(t.Context(), `select kitchen.set_lines($1, (select id from kitchen.stations where name = 'Grill'), 'ready')`, id)
		bumped <- err
	}()
	for h.one(`select count(*)::text from pg_stat_activity where wait_event_type = 'Lock' and query like '%set_lines%' and pid <> pg_backend_pid()`) == "0" {
	}
	till.exec(`insert into order_items (order_id, name, category) values ($1, 'egg', 'meat')`, id)
	till.exec(`update orders set status = 'ready' where id = $1`, id)
	till.exec(`commit`)
	if err := <-bumped; err != nil {
		t.Fatal(err)
	}
	// The till has said that all is ready, egg included; the grill has bumped its own before that.
	if status, lines := h.status(id), h.lines(id); status != "ready" || lines != "meat Grill:ready, fried Fryer:ready, egg Grill:ready" {
		t.Errorf("%s, %s", status, lines)
	}
}

// A writer of lines needs no right on anything of the kitchen's, with stations or without.
func TestWritersOfLinesNeedNoRightsOnStations(t *testing.T) {
	t.Parallel()
	h := open(t)
	writer := h.owned()
	h.stations()
	id := h.order("meat")
	if err := h.bump(id, "Grill", "ready"); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`insert into order_items (order_id, name, category) select id, 'beer', 'drinks' from orders`,
		`update orders set status = 'ready'`, `update order_items set quantity = 3`, `delete from order_items where name = 'beer'`,
	} {
		if _, err := writer.Exec(t.Context(), sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if status, lines := h.status(id), h.lines(id); status != "preparing" || lines != "meat Grill:pending!" {
		t.Errorf("%s, %s; %s", status, lines, h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`))
	}
}

// An error in what follows from a line never fails the writer.
func TestWritersNeverFailBecauseOfStations(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.stations()
	id := h.order("meat")
	if err := h.bump(id, "Grill", "ready"); err != nil {
		t.Fatal(err)
	}
	if err := h.do(`
		create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$;
		create trigger broken before insert on kitchen.line_changes for each row execute function broken()`); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`update orders set status = 'preparing'`, `insert into order_items (order_id, name) select id, 'egg' from orders`, `delete from order_items`} {
		if err := h.do(sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if caught := h.one(`select coalesce(string_agg(message, '; '), '') from kitchen.trigger_errors`); !strings.Contains(caught, "broken") {
		t.Errorf("noted: %q", caught)
	}
	_, err := h.pool.Exec(context.WithoutCancel(t.Context()), `select kitchen.set_lines($1, null, 'ready')`, id)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "P0002" {
		t.Errorf("bumping an order without lines: %v", err)
	}
}

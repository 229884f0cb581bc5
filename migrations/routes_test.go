package migrations_test

import (
	"strings"
	"testing"
)

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

package main

import (
	"sync"
	"testing"

	"kitchen/db/dbtest"
)

// Two stations on two nodes cook one order: neither conflicts with the other, both see it become ready, and nobody calls it ready before.
func TestStationsOnTwoNodesMakeAnOrderReady(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	station := func(name string, at int) string {
		return h.ask(t, `insert into kitchen.stations (restaurant_id, name, position) values ($1, $2, $3) returning id::text`, h.restaurant, name, at)
	}
	grill, bar := station("Grill", 1), station("Bar", 2)
	execute(t, h, `insert into kitchen.routes (restaurant_id, station_id, category) values ($1, $2, 'meat'), ($1, $3, 'drinks')`, h.restaurant, grill, bar)
	first, second := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	one, two := open(t, first, h, h.token(t)), open(t, second, h, h.token(t))
	for _, d := range []*frames{one, two} {
		r, _ := d.next()["restaurant"].(fields)
		if all, _ := r["stations"].([]any); len(all) != 2 || all[0].(fields)["name"] != "Grill" || r["ready_when"] != "stations" {
			t.Errorf("restaurant: %v", r)
		}
	}
	for range 5 {
		order := h.ask(t, `
			with o as (insert into orders (restaurant_id) values ($1) returning id),
			     i as (insert into order_items (restaurant_id, order_id, name, category, held, course)
			           select $1, o.id, c.name, c.name, c.held, 2 from o, (values ('meat', false), ('drinks', false), ('meat', true)) c (name, held))
			select id::text from o`, h.restaurant)
		if e := one.ask(fields{"type": "update_status", "order_id": order, "status": "ready", "request_id": 1}); e["code"] != "not_ready" || len(e["waiting"].([]any)) != 2 {
			t.Errorf("ready, with lines to cook: %v", e)
		}
		var both sync.WaitGroup
		for d, station := range map[*frames]string{one: grill, two: bar} {
			both.Go(func() {
				if a := d.ask(fields{"type": "update_lines", "order_id": order, "status": "ready", "station": station, "from": "pending", "request_id": 2}); a["type"] != "ack" {
					t.Errorf("a station that ticks its lines off is answered %v, want ack", a)
				}
			})
		}
		both.Wait()
		until := func(status string) {
			t.Helper()
			for _, d := range []*frames{one, two} {
				for m := range d.history() {
					o, _ := m["order"].(fields)
					if m["order_id"] == order && m["status"] == status || o["id"] == order && o["status"] == status {
						break
					}
				}
			}
		}
		if got := h.ask(t, `select status from orders where id = $1`, order); got != "ready" {
			t.Errorf("the order is %s", got)
		}
		if a := one.ask(fields{"type": "update_lines", "order_id": order, "status": "pending", "station": grill, "from": "ready", "reason": "cold", "request_id": 6}); a["status"] != "preparing" {
			t.Errorf("made again: %v", a)
		}
		for m := range two.history() {
			o, _ := m["order"].(fields)
			if o["id"] != order || o["status"] != "preparing" {
				continue
			}
			first, _ := o["items"].([]any)[0].(fields)["stations"].([]any)[0].(fields)
			if first["reason"] == "cold" {
				break
			}
		}
		if a := one.ask(fields{"type": "update_lines", "order_id": order, "status": "ready", "station": grill, "from": "pending", "request_id": 7}); a["status"] != "ready" {
			t.Errorf("made again, and ready: %v", a)
		}
		if a := two.ask(fields{"type": "fire", "order_id": order, "course": 2, "request_id": 3}); a["type"] != "ack" || a["status"] != "preparing" {
			t.Errorf("fire: %v", a)
		}
		if a := two.ask(fields{"type": "update_status", "order_id": order, "status": "completed", "force": true, "request_id": 4}); a["status"] != "completed" {
			t.Errorf("force: %v", a)
		}
		until("completed")
	}
	foreign := other.ask(t, `insert into orders (restaurant_id) values ($1) returning id::text`, other.restaurant)
	for _, m := range []fields{
		{"type": "update_lines", "order_id": foreign, "status": "ready", "station": nil, "request_id": 5},
		{"type": "fire", "order_id": foreign, "course": 1, "request_id": 6},
	} {
		if e := one.ask(m); e["code"] != "order_not_found" {
			t.Errorf("a foreign order answers %v", e)
		}
	}
}

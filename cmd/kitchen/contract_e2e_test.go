package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"kitchen/db/dbtest"
)

func TestDisplayGetsItsQueueThenEveryChange(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	h.order(t, "first")
	h.order(t, "second")
	one, two := open(t, n, h, h.token(t)), open(t, n, h, h.token(t))
	for _, d := range []*frames{one, two} {
		q := d.next()
		r, _ := q["restaurant"].(fields)
		orders, _ := q["orders"].([]any)
		if q["type"] != "initial_queue" || q["restaurant_id"] != string(h.restaurant) || q["live"] != true || q["server_time"] == nil ||
			r["name"] != "House of ana" || r["timezone"] != "UTC" || r["warn_after_s"] != 300.0 || r["late_after_s"] != 600.0 ||
			r["recall_window_s"] != 3600.0 || r["start_before_s"] != 3600.0 || len(orders) != 2 || orders[0].(fields)["notes"] != "first" {
			t.Errorf("first message: %v", q)
		}
	}
	order := string(h.order(t, "third"))
	both := func(want fields) {
		t.Helper()
		for _, d := range []*frames{one, two} {
			got := d.next()
			for k, v := range want {
				if got[k] != v {
					t.Errorf("got %v, want %v", got, want)
				}
			}
		}
	}
	both(fields{"type": "order_created"})
	execute(t, h, `update orders set status = 'preparing' where id = $1`, order)
	both(fields{"type": "order_status_changed", "order_id": order, "status": "preparing", "version": 2.0})
	execute(t, h, `insert into order_items (order_id, name) values ($1, 'Soup')`, order)
	both(fields{"type": "order_updated"})
	// A display's update reaches the other, and itself; the ack says how it went.
	one.send(fields{"type": "update_status", "order_id": order, "status": "ready", "version": 3, "request_id": "r1"})
	if got := two.next(); got["type"] != "order_status_changed" || got["status"] != "ready" || got["version"] != 4.0 {
		t.Errorf("the other display received %v", got)
	}
	var kinds []string
	for range 2 {
		m := one.next()
		kinds = append(kinds, m["type"].(string))
		if m["type"] == "ack" && (m["request_id"] != "r1" || m["order_id"] != order || m["status"] != "ready" || m["version"] != 4.0) {
			t.Errorf("ack: %v", m)
		}
	}
	if slices.Sort(kinds); !slices.Equal(kinds, []string{"ack", "order_status_changed"}) {
		t.Errorf("the display that asked received %v", kinds)
	}
	execute(t, h, `delete from orders where id = $1`, order)
	both(fields{"type": "order_deleted", "order_id": order})
}

func TestDisplayNeverSeesAnotherRestaurant(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	a, b := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	const mark = "CANARY"
	of := func(h house, i int) string { return fmt.Sprintf("%s-%s-%d", mark, h.username, i) }
	displays := map[string]*frames{"ana": open(t, n, a, a.token(t)), "bea": open(t, n, b, b.token(t))}
	for _, d := range displays {
		d.next()
	}
	for i := range 20 {
		for _, h := range []house{a, b} {
			id := h.order(t, of(h, i))
			execute(t, h, `insert into order_items (order_id, name, notes) values ($1, 'x', $2)`, id, of(h, i))
			execute(t, h, `select pg_notify('kitchen_'||$1, json_build_object('order_id', $2::text)::text)`, a.restaurant, id) // forged for one half
		}
	}
	// Neither can touch, or learn about, an order of the other.
	theirs := b.ask(t, `select id::text from orders where notes like '%bea%' limit 1`)
	if e := displays["ana"].ask(fields{"type": "update_status", "order_id": theirs, "status": "ready", "request_id": 1}); e["code"] != "order_not_found" {
		t.Errorf("a foreign order answers %v", e)
	}
	for _, h := range []house{a, b} {
		d := displays[h.username]
		h.order(t, "last")
		for m := d.next(); ; m = d.next() {
			if o, _ := m["order"].(fields); o["notes"] == "last" {
				break
			}
		}
		for _, text := range d.all {
			rest := strings.ReplaceAll(text, mark+"-"+h.username, "")
			if strings.Contains(rest, mark) || h.username == "ana" && strings.Contains(rest, string(b.restaurant)) {
				t.Errorf("%s was sent %s", h.username, text)
			}
		}
		if !strings.Contains(strings.Join(d.all, ""), of(h, 19)) {
			t.Errorf("%s was not sent its own", h.username)
		}
	}
}

func TestOrderThatLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	id := string(h.order(t, ""))
	d := open(t, n, h, h.token(t))
	d.next()
	if a := d.ask(fields{"type": "list_recent"}); a["type"] != "recent_orders" || len(a["orders"].([]any)) != 0 {
		t.Errorf("nothing left yet: %v", a)
	}
	d.send(fields{"type": "update_status", "order_id": id, "status": "completed"}) // no request_id, no ack
	if m := d.next(); m["type"] != "order_status_changed" || m["status"] != "completed" {
		t.Errorf("completing: %v", m)
	}
	recent := d.ask(fields{"type": "list_recent"})["orders"].([]any)
	if len(recent) != 1 || recent[0].(fields)["id"] != id || recent[0].(fields)["status"] != "completed" {
		t.Errorf("the recall list: %v", recent)
	}
	d.send(fields{"type": "update_status", "order_id": id, "status": "ready"})
	m := d.next()
	if o, _ := m["order"].(fields); m["type"] != "order_updated" || o["recalled"] != true || o["status"] != "ready" {
		t.Errorf("recalling: %v", m)
	}
	execute(t, h, `update orders set status = 'cancelled'`)
	if m := d.next(); m["type"] != "order_status_changed" || m["status"] != "cancelled" {
		t.Errorf("cancelling: %v", m)
	}
}

func TestConcurrentBumpsOfOneOrderMoveItOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	one, two := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	displays := []*frames{open(t, one, h, h.token(t)), open(t, two, h, h.token(t))}
	for _, d := range displays {
		d.next()
	}
	for range 15 {
		id := string(h.order(t, ""))
		answers := make([]fields, 2)
		var cooks sync.WaitGroup
		for i, d := range displays {
			cooks.Go(func() {
				answers[i] = d.ask(fields{"type": "update_status", "order_id": id, "status": []string{"preparing", "ready"}[i], "version": 1, "request_id": 1})
			})
		}
		cooks.Wait()
		kinds := []string{answers[0]["type"].(string), answers[1]["type"].(string)}
		if slices.Sort(kinds); !slices.Equal(kinds, []string{"ack", "error"}) {
			t.Errorf("answers: %v", answers)
		}
		if v := h.ask(t, `select version::text from kitchen.order_versions where order_id = $1`, id); v != "2" {
			t.Errorf("version %s", v)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

// guests is a pick-up screen under test: every byte that it was ever sent.
type guests struct {
	t     *testing.T
	conn  *websocket.Conn
	bytes []byte
}

func openPickup(t *testing.T, s *served, h house, token string) *guests {
	t.Helper()
	address := "ws" + strings.TrimPrefix(s.url, "http") + "/ws/pickup/" + string(h.restaurant)
	conn, _, err := websocket.DefaultDialer.Dial(address, http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &guests{t: t, conn: conn}
}

// until reads until a queue says this: "41 takeaway ready Zoë, 42 delivery preparing".
func (g *guests) until(want string) {
	g.t.Helper()
	is := "nothing"
	_ = g.conn.SetReadDeadline(time.Now().Add(waitLimit))
	for is != want {
		_, text, err := g.conn.ReadMessage()
		if err != nil {
			g.t.Fatalf("%v: it shows %q, want %q", err, is, want)
		}
		if p, err := theProtocol(); err != nil || validate(p.pickup, text) != nil {
			g.t.Errorf("not what ws/asyncapi.yaml says: %v\n%s", err, text)
		}
		g.bytes = append(g.bytes, text...)
		var m struct {
			Type       string `json:"type"`
			Restaurant struct {
				Name string `json:"name"`
			} `json:"restaurant"`
			ServerTime time.Time `json:"server_time"`
			Live       bool      `json:"live"`
			Orders     []struct {
				Number int    `json:"number"`
				Type   string `json:"order_type"`
				Status string `json:"status"`
				Name   string `json:"name"`
			} `json:"orders"`
		}
		if err := json.Unmarshal(text, &m); err != nil {
			g.t.Fatal(err)
		}
		if m.Type == "heartbeat" {
			continue
		}
		if m.Type != "pickup_queue" || !strings.HasPrefix(m.Restaurant.Name, "House of") || time.Since(m.ServerTime).Abs() > time.Minute {
			g.t.Fatalf("%s", text)
		}
		var shown []string
		for _, o := range m.Orders {
			shown = append(shown, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", o.Number, o.Type, o.Status, o.Name)))
		}
		is = strings.Join(shown, ", ")
	}
}

// Every text column holds a secret, and orders change in every way: not one byte of a secret arrives at a pick-up screen, not even
// after every message that a stranger may send over its socket.
func TestPickupSocketCarriesNumbersAndNothingElse(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	execute(t, h, `update users set role = 'screen', name = 'SECRET user'`)
	run := func(sql string, args ...any) {
		t.Helper()
		execute(t, h, sql, append([]any{string(h.restaurant)}, args...)...)
	}
	run(`insert into tables (restaurant_id, label) values ($1::text::uuid, 'SECRET table')`)
	run(`insert into menu_items (restaurant_id, name, kitchen_name, category) values ($1::text::uuid, 'SECRET item', 'SECRET name', 'SECRET category')`)
	run(`insert into modifier_options (restaurant_id, name, kind) values ($1::text::uuid, 'SECRET option', 'allergy')`)
	run(`insert into kitchen.stations (restaurant_id, name) values ($1::text::uuid, 'SECRET station')`)
	run(`insert into kitchen.settings (restaurant_id, pickup_names) values ($1::text::uuid, true)`)
	n := startServe(t, onDatabase(url)...)
	screen := openPickup(t, n, h, h.token(t))
	screen.until("")
	run(`with o as (insert into orders (restaurant_id, order_number, order_type, table_id, created_by, customer_name, notes, allergy_note, promised_at, external_id, priority)
			select $1::text::uuid, 7, 'takeaway', t.id, u.id, 'Zoë SECRET', 'SECRET note', 'SECRET allergy', now(), 'SECRET external', 9 from tables t, users u returning id),
		i as (insert into order_items (restaurant_id, order_id, menu_item_id, name, quantity, notes, course)
			select $1::text::uuid, o.id, m.id, 'SECRET line', 13.125, 'SECRET line note', 3 from o, menu_items m returning id)
		insert into order_item_modifiers (restaurant_id, order_item_id, modifier_option_id, name, kind)
			select $1::text::uuid, i.id, m.id, 'SECRET modifier', 'allergy' from i, modifier_options m`)
	screen.until("7 takeaway preparing Zoë")
	for _, ask := range []string{`{"type":"list_recent"}`, `{"type":"update_status","order_id":"%s","status":"ready","request_id":1}`,
		`{"type":"update_lines","order_id":"%s","status":"ready","station":null}`, `{"type":"fire","order_id":"%s","course":3}`, `{"type":"show"}`,
		`{"type":"seen","orders":[{"order_id":"%s","version":1}],"how":"painted"}`} {
		id := h.ask(t, `select id::text from orders`)
		_ = screen.conn.WriteMessage(websocket.TextMessage, []byte(strings.ReplaceAll(ask, "%s", id)))
		_ = screen.conn.SetReadDeadline(time.Now().Add(waitLimit))
		for {
			_, text, err := screen.conn.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			screen.bytes = append(screen.bytes, strings.ReplaceAll(string(text), `"`+id+`"`, `"what it sent"`)...)
			if strings.Contains(string(text), `"type":"error"`) {
				if !strings.Contains(string(text), `"code":"forbidden"`) {
					t.Errorf("%s: %s", ask, text)
				}
				break
			}
		}
	}
	run(`update order_items set notes = 'SECRET again' where restaurant_id = $1::text::uuid`)
	run(`update orders set status = 'ready', notes = 'SECRET still' where restaurant_id = $1::text::uuid`)
	run(`update orders set status = 'ready' where restaurant_id = $1::text::uuid`)
	screen.until("7 takeaway ready Zoë")
	run(`update restaurants set name = 'House of all' where id = $1::text::uuid`)
	run(`update orders set status = 'completed' where restaurant_id = $1::text::uuid`)
	screen.until("")
	all := string(screen.bytes)
	for _, secret := range append([]string{"SECRET", "13.125", "allergy", "items", "table", "notes"}, h.ids(t)...) {
		if strings.Contains(all, secret) {
			t.Errorf("%q came over the socket: %s", secret, all)
		}
	}
}

// ids are those of every row that belongs to the restaurant's orders.
func (h house) ids(t *testing.T) []string {
	t.Helper()
	return strings.Fields(h.ask(t, `select string_agg(id::text, ' ') from (select id from orders union all select id from order_items
		union all select id from order_item_modifiers union all select id from tables union all select id from menu_items union all select id from users) all_ids`))
}

// Which orders are shown, and for how long, is the restaurant's setting; two nodes show the same, and a change arrives at both.
func TestPickupScreensOfTwoNodesShowWhatTheRestaurantWants(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "rob")
	execute(t, h, `update users set role = 'screen'`)
	run := func(sql string) { t.Helper(); execute(t, h, sql, string(h.restaurant)) }
	one, two := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	screens := []*guests{openPickup(t, one, h, h.token(t)), openPickup(t, two, h, h.token(t))}
	foreign := openPickup(t, one, other, other.token(t))
	foreign.until("")
	both := func(want string) {
		t.Helper()
		for _, s := range screens {
			s.until(want)
		}
	}
	both("")
	run(`insert into orders (restaurant_id, order_number, order_type, status, customer_name, promised_at, created_at) values
		($1::text::uuid, 1, 'takeaway', 'pending', 'Al', null, now() - interval '4 min'), ($1::text::uuid, 2, 'dine_in', 'preparing', 'Bo', null, now() - interval '3 min'),
		($1::text::uuid, 3, 'delivery', 'preparing', 'Cy', null, now() - interval '2 min'), ($1::text::uuid, 4, 'takeaway', 'pending', 'Di', now() + interval '3 hours', now() - interval '1 min')`)
	both("1 takeaway preparing, 3 delivery preparing")
	run(`update orders set status = 'ready' where order_number = 3 and restaurant_id = $1::text::uuid`)
	both("1 takeaway preparing, 3 delivery ready")
	run(`insert into kitchen.settings (restaurant_id, pickup_types, pickup_names) values ($1::text::uuid, '{dine_in,takeaway}', true)`)
	both("1 takeaway preparing Al, 2 dine_in preparing Bo")
	run(`update kitchen.settings set pickup_types = '{delivery,takeaway}', pickup_names = false, start_before = '4 hours' where restaurant_id = $1::text::uuid`)
	both("1 takeaway preparing, 4 takeaway preparing, 3 delivery ready")
	// A ready order goes by itself.
	run(`update kitchen.settings set pickup_ready_for = extract(epoch from now() - (select max(v.changed_at) from kitchen.order_versions v
		join orders o on o.id = v.order_id where o.order_number = 3))::int * interval '1 second' + interval '2 seconds' where restaurant_id = $1::text::uuid`)
	both("1 takeaway preparing, 4 takeaway preparing")
	run(`update kitchen.settings set pickup_types = '{}' where restaurant_id = $1::text::uuid`)
	both("")
	run(`delete from kitchen.settings where restaurant_id = $1::text::uuid`)
	run(`update orders set status = 'cancelled' where order_number = 1 and restaurant_id = $1::text::uuid`)
	both("3 delivery ready")
	if slices.ContainsFunc([]string{"Al", "House of ana"}, func(s string) bool { return strings.Contains(string(foreign.bytes), s) }) {
		t.Error("another restaurant's screen received a queue")
	}
}

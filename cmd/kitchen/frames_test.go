package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

// The contract, from outside: the program, real sockets, plain SQL.

// frames is a display that keeps every byte it is sent.
type frames struct {
	t          *testing.T
	conn       *websocket.Conn
	restaurant order.RestaurantID
	all        []string
}

type fields = map[string]any

func open(t *testing.T, n *served, h house, token string) *frames {
	t.Helper()
	return &frames{t: t, conn: connect(t, n.socket(h.restaurant), token).Conn, restaurant: h.restaurant}
}

// next returns the next message about orders: heartbeats, screens and alarms come when they come.
func (f *frames) next() fields {
	f.t.Helper()
	for deadline := time.Now().Add(waitLimit); ; {
		switch m := f.any(); m["type"] {
		case "heartbeat", "screens", "alarm", "alarm_over":
		default:
			return m
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("nothing but heartbeats after %d messages", len(f.all))
		}
	}
}

func (f *frames) any() fields {
	f.t.Helper()
	_ = f.conn.SetReadDeadline(time.Now().Add(waitLimit))
	_, text, err := f.conn.ReadMessage()
	if err != nil {
		f.t.Fatalf("after %d messages: %v", len(f.all), err)
	}
	f.all = append(f.all, string(text))
	var m fields
	if err := json.Unmarshal(text, &m); err != nil {
		f.t.Fatalf("%s: %v", text, err)
	}
	checkTold(f.t, text)
	// In every test: no display receives anything of another restaurant.
	for _, found := range regexp.MustCompile(`"restaurant_id":"([^"]*)"`).FindAllSubmatch(text, -1) {
		if string(found[1]) != string(f.restaurant) {
			f.t.Errorf("a display of %s was sent %s", f.restaurant, text)
		}
	}
	return m
}

func (f *frames) send(m fields) {
	f.t.Helper()
	if err := f.conn.WriteJSON(m); err != nil {
		f.t.Fatal(err)
	}
}

// ask sends a message and returns the answer to it; events may come between.
func (f *frames) ask(m fields) fields {
	f.t.Helper()
	f.send(m)
	for {
		switch a := f.next(); a["type"] {
		case "ack", "error", "recent_orders", "authenticated":
			checkAsked(f.t, m, a)
			return a
		}
	}
}

// closed reads until the socket is closed and returns the code.
func (f *frames) closed() int {
	f.t.Helper()
	_ = f.conn.SetReadDeadline(time.Now().Add(waitLimit))
	for {
		_, _, err := f.conn.ReadMessage()
		var c *websocket.CloseError
		if errors.As(err, &c) {
			return c.Code
		}
		if err != nil {
			f.t.Fatalf("not closed properly: %v", err)
		}
	}
}

// history is every message from the first on, those that are still to come included.
func (f *frames) history() func(func(fields) bool) {
	return func(yield func(fields) bool) {
		for i := 0; ; i++ {
			if i == len(f.all) {
				f.any()
			}
			var m fields
			_ = json.Unmarshal([]byte(f.all[i]), &m)
			if !yield(m) {
				return
			}
		}
	}
}

// fold is a queue as a display keeps it: version and status by order. It fails where an order goes back to an older version.
func fold(t *testing.T, queue map[string]string, m fields) map[string]string {
	t.Helper()
	put := func(o fields) {
		if s := o["status"].(string); order.Status(s).Open() {
			queue[o["id"].(string)] = fmt.Sprint(o["version"], " ", s)
		} else {
			delete(queue, o["id"].(string))
		}
	}
	switch m["type"] {
	case "initial_queue":
		queue = map[string]string{}
		for _, o := range m["orders"].([]any) {
			put(o.(fields))
		}
	case "order_created", "order_updated":
		put(m["order"].(fields))
	case "order_status_changed":
		put(fields{"id": m["order_id"], "status": m["status"], "version": m["version"]})
	case "order_deleted":
		delete(queue, m["order_id"].(string))
	}
	return queue
}

func execute(t *testing.T, h house, sql string, args ...any) {
	t.Helper()
	if _, err := h.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

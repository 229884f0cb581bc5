package ws

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

func TestEveryErrorCode(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.Times.Store = 50 * time.Millisecond
		r.Limits.MessageBurst = 1000 // this test is about everything else
	})
	var answer atomic.Pointer[error]
	k.store.set(func(s *fakeStore) {
		s.update = func(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			err := answer.Load()
			if err == nil {
				return order.StatusResult{Status: u.Status, Version: 8}, nil
			}
			if *err == context.DeadlineExceeded {
				<-ctx.Done()
				return order.StatusResult{}, ctx.Err()
			}
			return order.StatusResult{}, *err
		}
		s.recent = func(context.Context, order.RestaurantID) ([]order.Order, error) { return nil, errAway }
		s.lines = func(ctx context.Context, u order.LinesUpdate) (order.StatusResult, error) {
			return s.update(ctx, order.StatusUpdate{})
		}
		s.fire = func(ctx context.Context, _ order.RestaurantID, _ order.OrderID, _ int32) (order.StatusResult, error) {
			return s.update(ctx, order.StatusUpdate{})
		}
	})
	c := k.join()
	look := k.dial(bistro, k.token(viewer))
	look.want("initial_queue")

	update := func(rest string) string {
		return `{"type":"update_status","request_id":"r","order_id":"` + string(soup) + `",` + rest + `}`
	}
	lines := func(rest string) string {
		return `{"type":"update_lines","request_id":"r","order_id":"` + string(soup) + `",` + rest + `}`
	}
	fire := func(rest string) string {
		return `{"type":"fire","request_id":"r","order_id":"` + string(soup) + `",` + rest + `}`
	}
	for _, e := range []struct {
		name, send string
		store      error
		code       string
		id, order  bool // are named in the error
	}{
		{"no JSON", `hello`, nil, "invalid_message", false, false},
		{"nothing", ``, nil, "invalid_message", false, false},
		{"a list", `[]`, nil, "invalid_message", false, false},
		{"null", `null`, nil, "invalid_message", false, false},
		{"a string", `"update_status"`, nil, "invalid_message", false, false},
		{"two documents", `{"type":"list_recent"}{"type":"list_recent"}`, nil, "invalid_message", false, false},
		{"no type", `{"request_id":"r"}`, nil, "invalid_message", true, false},
		{"type in capitals", `{"TYPE":"list_recent","request_id":"r"}`, nil, "invalid_message", true, false},
		{"type a number", `{"type":1,"request_id":"r"}`, nil, "invalid_message", true, false},
		{"type null", `{"type":null}`, nil, "invalid_message", false, false},
		{"request_id a list", `{"type":"list_recent","request_id":[]}`, nil, "invalid_message", false, false},
		{"request_id true", `{"type":"list_recent","request_id":true}`, nil, "invalid_message", false, false},
		{"request_id too long", `{"type":"list_recent","request_id":"` + strings.Repeat("r", 129) + `"}`, nil,
			"invalid_message", false, false},
		{"no order_id", `{"type":"update_status","status":"ready","request_id":"r"}`, nil, "invalid_message", true, false},
		{"order_id a number", `{"type":"update_status","status":"ready","order_id":7}`, nil, "invalid_message", false, false},
		{"order_id null", `{"type":"update_status","status":"ready","order_id":null}`, nil, "invalid_message", false, false},
		{"no status", update(`"x":1`), nil, "invalid_message", true, true},
		{"status a number", update(`"status":1`), nil, "invalid_message", true, true},
		{"version a string", update(`"status":"ready","version":"1"`), nil, "invalid_message", true, true},
		{"version a fraction", update(`"status":"ready","version":1.5`), nil, "invalid_message", true, true},
		{"version enormous", update(`"status":"ready","version":99999999999999999999`), nil, "invalid_message", true, true},
		{"no token", `{"type":"authenticate","request_id":"r"}`, nil, "invalid_message", true, false},
		{"token a number", `{"type":"authenticate","token":1}`, nil, "invalid_message", false, false},
		{"unknown type", `{"type":"cancel_everything","request_id":"r"}`, nil, "unknown_type", true, false},
		{"unknown status", update(`"status":"burnt"`), nil, "invalid_status", true, true},
		{"a capital in the status", update(`"status":"Ready"`), nil, "invalid_status", true, true},
		{"cancelled", update(`"status":"cancelled"`), order.ErrNotAllowed, "not_allowed", true, true},
		{"a refused move", update(`"status":"ready"`), fmt.Errorf("update: %w", order.ErrNotAllowed), "not_allowed", true, true},
		{"no such order", update(`"status":"ready"`), fmt.Errorf("update: %w", order.ErrNotFound), "order_not_found", true, true},
		{"a conflict", update(`"status":"ready","version":3`),
			fmt.Errorf("update: %w", &order.ConflictError{StatusResult: order.StatusResult{Status: "completed", Version: 9}}), "conflict", true, true},
		{"the database away", update(`"status":"ready"`), errAway, "unavailable", true, true},
		{"the database slow", update(`"status":"ready"`), context.DeadlineExceeded, "unavailable", true, true},
		{"what the host refuses", update(`"status":"ready"`), fmt.Errorf("update: %w", &order.RefusedError{Reason: "the program that takes the orders refuses it: start it first"}), "not_allowed", true, true},
		{"not ready", update(`"status":"ready"`), fmt.Errorf("update: %w", &order.NotReadyError{Waiting: []order.Waiting{{Name: "Grill", Lines: 2}}}), "not_ready", true, true},
		{"force a number", update(`"status":"ready","force":1`), nil, "invalid_message", true, true},
		{"lines of no order", `{"type":"update_lines","request_id":"r","status":"ready","station":null}`, nil, "invalid_message", true, false},
		{"lines without a status", lines(`"station":null`), nil, "invalid_message", true, true},
		{"lines of no station", lines(`"status":"ready"`), nil, "invalid_message", true, true},
		{"a station by its name", lines(`"status":"ready","station":"Grill"`), nil, "invalid_message", true, true},
		{"a station by its number", lines(`"status":"ready","station":1`), nil, "invalid_message", true, true},
		{"completed lines", lines(`"status":"completed","station":null`), nil, "invalid_status", true, true},
		{"lines seen completed", lines(`"status":"ready","station":null,"from":"completed"`), nil, "invalid_status", true, true},
		{"lines seen as a number", lines(`"status":"ready","station":null,"from":1`), nil, "invalid_message", true, true},
		{"no lines", lines(`"status":"ready","station":null,"lines":[]`), nil, "invalid_message", true, true},
		{"lines that are none", lines(`"status":"ready","station":null,"lines":["soup"]`), nil, "invalid_message", true, true},
		{"lines that are numbers", lines(`"status":"ready","station":null,"lines":[1]`), nil, "invalid_message", true, true},
		{"one line, not a list", lines(`"status":"ready","station":null,"lines":"soup"`), nil, "invalid_message", true, true},
		{"lines for a reason, and ready", lines(`"status":"ready","station":null,"reason":"cold"`), nil, "invalid_message", true, true},
		{"lines for a long reason", lines(`"status":"pending","station":null,"reason":"` + strings.Repeat("é", 101) + `"`), nil, "invalid_message", true, true},
		{"lines for a number", lines(`"status":"pending","station":null,"reason":1`), nil, "invalid_message", true, true},
		{"lines without kitchen.set_lines", lines(`"status":"ready","station":null`), order.ErrNotAllowed, "not_allowed", true, true},
		{"lines of another restaurant", lines(`"status":"ready","station":null`), order.ErrNotFound, "order_not_found", true, true},
		{"lines that are held", lines(`"status":"ready","station":null`), &order.RefusedError{Reason: "a held line is not cooked yet"}, "not_allowed", true, true},
		{"lines that have moved", lines(`"status":"ready","station":null,"from":"pending"`),
			&order.ConflictError{StatusResult: order.StatusResult{Status: "completed", Version: 9}}, "conflict", true, true},
		{"lines, the database away", lines(`"status":"ready","station":null`), errAway, "unavailable", true, true},
		{"lines, the database slow", lines(`"status":"ready","station":null`), context.DeadlineExceeded, "unavailable", true, true},
		{"no course", fire(`"x":1`), nil, "invalid_message", true, true},
		{"a course by its name", fire(`"course":"dessert"`), nil, "invalid_message", true, true},
		{"half a course", fire(`"course":1.5`), nil, "invalid_message", true, true},
		{"fire without kitchen.fire", fire(`"course":2`), order.ErrNotAllowed, "not_allowed", true, true},
		{"recent, the database away", `{"type":"list_recent","request_id":"r"}`, nil, "unavailable", true, false},
	} {
		t.Run(e.name, func(t *testing.T) {
			answer.Store(nil)
			if e.store != nil {
				answer.Store(&e.store)
			}
			c.send(e.send)
			m := c.wantError(e.code)
			if got := string(m.RequestID) == `"r"`; got != e.id {
				t.Errorf("request_id %s", m.RequestID)
			}
			if got := m.OrderID == soup; got != e.order {
				t.Errorf("order_id %q", m.OrderID)
			}
			if e.code == "conflict" != (m.Version != nil && *m.Version == 9 && m.Status == "completed") {
				t.Errorf("status %q, version %v", m.Status, m.Version)
			}
			if want := map[bool]string{true: `[{"station":null,"name":"Grill","lines":2}]`}[e.code == "not_ready"]; string(m.Waiting) != want {
				t.Errorf("waiting for %s, want %s", m.Waiting, want)
			}
			if strings.Contains(m.Message, errAway.Error()) {
				t.Errorf("the error tells of the inside: %q", m.Message)
			}
		})
	}

	for _, what := range []string{update(`"status":"ready"`), lines(`"status":"ready","station":null`), fire(`"course":1`)} {
		look.send(what)
		look.wantError("forbidden")
	}
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"list_recent"}`)); err != nil {
		t.Fatal(err)
	}
	c.wantError("invalid_message")

	// No error closed the socket.
	answer.Store(nil)
	c.send(update(`"status":"ready","version":7,"colour":"blue"`))
	m := c.want("ack")
	if string(m.RequestID) != `"r"` || m.OrderID != soup || m.Status != "ready" || m.Version == nil || *m.Version != 8 {
		t.Errorf("ack %+v", m)
	}
}

// Ids are whatever the node sent as ids, so text that cannot be one of this database's is an order that the restaurant does not have:
// the answer is that of any other missing order, it names the order as the display did, and the store is not asked.
func TestAnOrderWhoseIdCannotBeOneIsNotFound(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.MessageBurst = 1000 })
	c := k.join()
	look := k.dial(bistro, k.token(viewer))
	look.want("initial_queue")
	long := strings.Repeat("7", 129)
	for id, named := range map[string]string{`7`: "7", ``: "", `soup`: "soup", `{` + string(soup) + `}`: `{` + string(soup) + `}`, `é\u0000`: "é\x00", long: ""} {
		for _, message := range []string{
			`{"type":"update_status","request_id":1,"order_id":"` + id + `","status":"ready"}`,
			`{"type":"update_lines","request_id":1,"order_id":"` + id + `","status":"ready","station":null}`,
			`{"type":"fire","request_id":1,"order_id":"` + id + `","course":1}`,
		} {
			c.send(message)
			if m := c.wantError("order_not_found"); string(m.OrderID) != named || string(m.RequestID) != "1" {
				t.Errorf("%s: %+v", message, m)
			}
			look.send(message)
			look.wantError("forbidden")
		}
	}
}
